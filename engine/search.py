"""From a query to hits: encode, ask the index, keep one hit a design, name the classes.

Knows the index only by the ``Index`` protocol of ``engine.plan``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine import locarno
from engine.design import Hit
from engine.encoder import Encoder
from engine.errors import IndexMismatch, QueryError
from engine.plan import AnyOf, EncoderCard, Filter, Index, Nearest, Scored, SearchPlan, Vector
from engine.query import Query
from engine.rank import best_per_group, ordered, view_scores

IMAGE = "image"  # the named vector of every collection
# A design has about five figures and they rank close together: this many points hold k designs.
FIGURES_PER_DESIGN = 5
SHOWN = (
    "design_id", "figure", "title", "office", "locarno_class", "locarno_subclass", "file",
    "published", "holder", "view", "label",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Searcher:
    """An encoder and the index it fills; refuses a pair that does not fit.

    ``encoder`` may be None while only stored designs are asked about (``--like``).
    Raises: IndexMismatch.
    """

    index: Index
    encoder: Encoder | None = None

    def __post_init__(self) -> None:
        if self.encoder is not None:
            check_card(self.index.card, self.encoder.card)

    def search(
        self,
        query: Query,
        *,
        limit: int = 10,
        per: Literal["design", "figure"] = "design",
        min_score: float | None = None,
        exact: bool = False,
        thumbnails: bool = False,
    ) -> list[Hit]:
        """The nearest designs (best figure each) or figures, best first.

        Args:
            query: what to be like and unlike, and the filters every hit obeys.
            limit: hits, at most.
            per: one hit a design, or every figure on its own.
            min_score: cosine under which a hit is left out.
            exact: scan everything the filter leaves instead of using an approximate index.
            thumbnails: bring each hit's small picture along.

        Raises: QueryError for a design number that is not in the collection.
        """
        if limit < 1:
            raise QueryError(f"--limit must be at least 1, got {limit}.")
        where = query.filters.filter()
        vectors, weights, own = self._vectors(query)
        if own:
            where = Filter(where.must, (*where.must_not, AnyOf("design_id", own)))
        keys = (*SHOWN, "thumbnail") if thumbnails else SHOWN
        asked = _Asked(where, limit, per, min_score, exact, keys)
        if len(vectors) == 1:
            found = self._nearest(vectors[0], asked)
        else:
            found = self._views(vectors, weights, asked)
        return [hit(point, rank) for rank, point in enumerate(found, start=1)]

    def _vectors(self, query: Query) -> tuple[Vector, list[float], tuple[str, ...]]:
        """Unit rows of the query's parts, their weights, and the stored designs among them."""
        rows: list[Vector] = []
        weights: list[float] = []
        if query.drawings:
            if self.encoder is None:
                raise QueryError("A drawing needs an encoder to be searched with.")
            rows.append(self.encoder.encode_drawings(view.picture for view in query.drawings))
            weights += [view.weight for view in query.drawings]
        for number, weight in query.designs:
            stored = design_vectors(self.index, number)
            rows.append(stored)
            # A design counts as much as one drawing, however many figures it has.
            weights += [weight / len(stored)] * len(stored)
        return np.concatenate(rows), weights, tuple(number for number, _ in query.designs)

    def _nearest(self, vector: Vector, asked: _Asked) -> list[Scored]:
        """One vector: ask for more figures until there are enough designs, or no more figures."""
        wanted = asked.limit if asked.per == "figure" else asked.limit * FIGURES_PER_DESIGN
        while True:
            plan = SearchPlan(
                Nearest(IMAGE, vector), wanted, asked.where,
                exact=asked.exact, min_score=asked.min_score, with_payload=asked.keys,
            )  # fmt: skip
            points = self.index.search(plan)
            kept = best_per_group(points, design_key) if asked.per == "design" else points
            if len(kept) >= asked.limit or len(points) < wanted:
                return kept[: asked.limit]
            wanted *= 4

    def _views(self, vectors: Vector, weights: list[float], asked: _Asked) -> list[Scored]:
        """Several views: candidates near any of them, scored by the mean of best pairs."""
        liked = [i for i, weight in enumerate(weights) if weight > 0]
        unliked = [i for i, weight in enumerate(weights) if weight < 0]
        candidates: dict[str, Scored] = {}
        for i in liked:
            plan = SearchPlan(
                Nearest(IMAGE, vectors[i]), max(100, asked.limit * FIGURES_PER_DESIGN * 4),
                asked.where, exact=asked.exact, with_payload=asked.keys, with_vectors=(IMAGE,),
            )  # fmt: skip
            candidates.update((point.id, point) for point in self.index.search(plan))
        if not candidates:
            return []
        if asked.per == "design":
            # The other figures of the same designs may match the other views.
            numbers = tuple(sorted({str(p.payload["design_id"]) for p in candidates.values()}))
            where = Filter((*asked.where.must, AnyOf("design_id", numbers)), asked.where.must_not)
            for point in self.index.scroll(where, keys=asked.keys, vectors=(IMAGE,)):
                candidates[point.id] = point
        points = [candidates[id] for id in sorted(candidates)]
        rows = np.stack([np.asarray(point.vectors[IMAGE]) for point in points])
        groups = [design_key(p) if asked.per == "design" else p.id for p in points]
        scored = view_scores(
            vectors[liked] @ rows.T, groups, [weights[i] for i in liked],
            vectors[unliked] @ rows.T, [-weights[i] for i in unliked],
        )  # fmt: skip
        found = ordered(
            Scored(points[best].id, score, points[best].payload) for score, best in scored.values()
        )
        if asked.min_score is not None:
            found = [point for point in found if point.score >= asked.min_score]
        return found[: asked.limit]


@dataclass(frozen=True, slots=True)
class _Asked:
    where: Filter
    limit: int
    per: str
    min_score: float | None
    exact: bool
    keys: tuple[str, ...]


def design_vectors(index: Index, number: str) -> Vector:
    """Unit rows of every figure of a stored design, (figures, dim). Raises: QueryError."""
    where = Filter((AnyOf("design_id", (number,)),))
    rows = [np.asarray(p.vectors[IMAGE]) for p in index.scroll(where, keys=(), vectors=(IMAGE,))]
    if not rows:
        raise QueryError(
            f"Design '{number}' is not in the collection. "
            "List what is there with: engine status --designs"
        )
    return np.stack(rows)


def design_key(point: Scored) -> tuple[str, str]:
    """What makes two figures the same design: the office and its number."""
    return str(point.payload.get("office", "")), str(point.payload["design_id"])


def hit(point: Scored, rank: int, stages: Sequence[tuple[str, float]] = ()) -> Hit:
    """A stored figure as a hit, with its class named."""
    payload: Mapping[str, Any] = point.payload
    known = {
        key: str(payload.get(key) or "")
        for key in (*SHOWN, "thumbnail")
        if key in Hit.__dataclass_fields__
    }
    code = known["locarno_subclass"] or known["locarno_class"]
    return Hit(
        rank=rank, score=point.score, id=point.id,
        class_name=_heading(code), stages=tuple(stages), **known,
    )  # fmt: skip


def _heading(code: str) -> str:
    """A stored code's heading; "" where no edition here knows it: one odd record ends no search."""
    try:
        return locarno.heading(code) if code else ""
    except locarno.UnknownCode:
        return ""


def check_card(stored: EncoderCard, current: EncoderCard) -> None:
    """Refuse an encoder that did not make the collection. Raises: IndexMismatch, with the way out."""
    if stored == current:
        return
    if stored.name != current.name:
        what = (
            f"holds {stored.name} vectors ({stored.dimension}); "
            f"this encoder is {current.name} ({current.dimension})"
        )
    elif stored.preprocessing != current.preprocessing:
        what = f"was made with another preprocessing of {current.name}"
    else:
        what = (
            f"was made by revision {stored.revision} of {stored.name}; "
            f"this one is revision {current.revision}"
        )
    raise IndexMismatch(
        f"The collection {what}. Re-ingest with --recreate, or name the encoder that made it "
        f"with --model {stored.name}."
    )

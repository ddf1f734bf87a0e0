"""Search by drawings and words together: each stage ranks, fusion joins, MaxSim reranks.

========== =========================================== ==========================================
stage      asks with                                   in the collection's
========== =========================================== ==========================================
image      each drawing; liked and unliked designs     ``image`` vectors
meaning    what the encoder reads out of the drawings  ``text`` vectors (means of descriptions)
text       the words, as one sentence vector           ``text`` vectors
words      the words themselves (BM25)                 ``bm25`` terms
rerank     the words, against each description         ``descriptions``, of what the others found
========== =========================================== ==========================================

All of it is one :class:`SearchPlan`: every stage is a prefetch that carries the filter, and the
rerank is one more, and then all rank what the others find. Weights belong to the fusion by ranks; its
score says nothing beyond the order, so ``explain`` takes it apart. Knows no backend.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from engine import text
from engine.design import Hit
from engine.encoder import Encoder
from engine.errors import QueryError, UsageError
from engine.plan import (
    AnyOf,
    DistributionBased,
    Filter,
    HasId,
    Index,
    Nearest,
    ReciprocalRank,
    Recommend,
    Scored,
    SearchPlan,
    SparseVector,
    Vector,
    unit_rows,
)
from engine.query import Query
from engine.rank import best_per_group, maximal_marginal_relevance
from engine.search import (
    FIGURES_PER_DESIGN,
    IMAGE,
    SHOWN,
    Searcher,
    check_card,
    design_key,
    design_vectors,
    hit,
)

TEXT, DESCRIPTIONS, BM25 = "text", "descriptions", "bm25"
DEPTH = 200  # figures a stage brings: about forty designs
RERANKED = 100  # of what these find together, at least, put in order by the rerank
# What each stage weighs in the fusion, before the searcher's own weights: of what was tried on 68 and
# on 500 real designs these did best for both subclass and class (benchmarks/hybrid.py found).
WEIGHTS = {"image": 0.5, "like": 0.5, "meaning": 0.5, "text": 1.0, "words": 0.5, "rerank": 1.0}
# A counter-example pushes half as hard as an example pulls, as in Qdrant's recommendations.
PUSH = 0.5
# Diversity chooses from this many times the hits that are shown.
POOL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Which stages take part, and how their rankings are fused.

    Attributes:
        image, meaning, text, words, rerank: the stages of the module's table; one that the query
            gives nothing to ask with is left out.
        fusion: "rrf" adds 1 / (k + rank); "dbsf" adds scores, normalised stage by stage.
        k: damping of "rrf", in ranks.
    """

    image: bool = True
    meaning: bool = False
    text: bool = True
    words: bool = True
    rerank: bool = True
    fusion: Literal["rrf", "dbsf"] = "rrf"
    k: int = 60

    @classmethod
    def without(cls, names: Sequence[str]) -> Stages:
        """The usual stages but these. Raises: UsageError for a name that no stage has."""
        known = ("image", "meaning", "text", "words", "rerank")
        for name in names:
            if name not in known:
                raise UsageError(f"There is no stage '{name}'. Stages: {', '.join(known)}.")
        switched: dict[str, Any] = dict.fromkeys(names, False)
        return cls(**switched)


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One ranking of a hybrid search, by name, with its weight in the fusion."""

    name: str
    ranking: Nearest | Recommend
    weight: float = 1.0
    reranks: bool = False


def search(
    index: Index,
    query: Query,
    encoder: Encoder | None = None,
    *,
    stages: Stages | None = None,
    limit: int = 10,
    per: Literal["design", "figure"] = "design",
    min_score: float | None = None,
    exact: bool = False,
    thumbnails: bool = False,
    explain: bool = False,
    diversity: float = 0.0,
) -> list[Hit]:
    """The designs (best figure each) or figures that answer drawings and words best, best first.

    A query of drawings and designs alone, with neither ``explain`` nor ``diversity``, is answered
    by :class:`engine.search.Searcher`: its scores are cosines.

    Args:
        index: the collection; words need one whose designs were described.
        query: what to be like and unlike, and the filters every hit obeys.
        encoder: the collection's; None when the query holds no drawing.
        stages: which stages take part.
        limit: hits, at most.
        per: one hit a design, or every figure on its own.
        min_score: cosine under which a hit is left out; only where a single stage ranks.
        exact: scan instead of an approximate index.
        thumbnails: bring each hit's small picture along.
        explain: fill ``Hit.stages``: for each stage its own score, "… rank", and under "rrf"
            "… adds", which sum to the hit's score.
        diversity: 0 is relevance alone, towards 1 hits are ever more unlike each other (MMR).

    Raises: QueryError for a query that no chosen stage can use; IndexMismatch for an encoder that
        did not make the collection, or words asked of one without descriptions.
    """
    stages = stages or Stages()
    if limit < 1:
        raise QueryError(f"--limit must be at least 1, got {limit}.")
    if not 0 <= diversity < 1:
        raise QueryError(f"Diversity lies from 0 up to, not including, 1; got {diversity:g}.")
    if encoder is not None:
        check_card(index.card, encoder.card)
    plain = stages.image and not (query.texts or stages.meaning or explain or diversity)
    if plain:
        return Searcher(index, encoder).search(
            query, limit=limit, per=per, min_score=min_score, exact=exact, thumbnails=thumbnails
        )
    asked = ranking_stages(index, query, encoder, stages)
    if min_score is not None and len(asked) > 1:
        raise QueryError(
            "A fused score is no cosine, so --min-score has no meaning here. Leave it away, or "
            "switch all stages but one off."
        )
    own = tuple(number for number, _ in query.designs)
    where = query.filters.filter()
    if own:
        where = Filter(where.must, (*where.must_not, AnyOf("design_id", own)))
    pool = limit * POOL if diversity else limit
    keys = (*SHOWN, "thumbnail") if thumbnails else SHOWN
    wanted = pool if per == "figure" else pool * FIGURES_PER_DESIGN
    while True:
        depth = max(DEPTH, wanted)
        plan = replace(
            search_plan(
                index, asked, stages, where, depth, exact=exact, candidates=max(RERANKED, wanted)
            ),
            limit=wanted, min_score=min_score, with_payload=keys,
            with_vectors=(IMAGE,) if diversity else (),
        )  # fmt: skip
        points = index.search(plan)
        kept = best_per_group(points, design_key) if per == "design" else points
        if len(kept) >= pool or len(points) < wanted:
            break
        wanted *= 4
    kept = _diverse(kept[:pool], limit, diversity) if diversity else kept[:limit]
    reasons = _explained(index, asked, stages, plan, kept) if explain else [()] * len(kept)
    return [
        hit(point, rank, why)
        for rank, (point, why) in enumerate(zip(kept, reasons, strict=True), start=1)
    ]


def ranking_stages(
    index: Index, query: Query, encoder: Encoder | None, stages: Stages
) -> list[Stage]:
    """The rankings that a query asks for, drawings and words encoded.

    Raises: QueryError when nothing is left to rank by.
    """
    made: list[Stage] = []
    liked = [view for view in query.drawings if view.weight > 0]
    unliked = [view for view in query.drawings if view.weight < 0]
    like = liked or any(weight > 0 for _, weight in query.designs)
    unlike = unliked or any(weight < 0 for _, weight in query.designs)
    if unlike and not like:
        raise QueryError(
            "A drawing or design to be unlike needs one to be like: words alone lie in another "
            "space. Add one, or say in words what to leave out."
        )
    rows = meant = None
    if query.drawings:
        if encoder is None:
            raise QueryError("A drawing needs an encoder to be searched with.")
        squares = [encoder.prepare(view.picture) for view in (*liked, *unliked)]
        encoded = encoder.encode_all(squares)
        rows, meant = encoded.image, encoded.text
    if stages.image:
        made += _image_stages(index, query, rows)
    if stages.meaning and liked and meant is not None:
        away = _mean(meant[len(liked) :], [view.weight for view in unliked])
        row = _pushed(_mean(meant[: len(liked)], [view.weight for view in liked]), away)
        weight = WEIGHTS["meaning"] * _level(view.weight for view in liked)
        made.append(Stage("meaning", Nearest(TEXT, row), weight))
        if stages.rerank and not query.texts:
            made.append(Stage("rerank", Nearest(DESCRIPTIONS, row[None]), weight, reranks=True))
    made += _text_stages(query, stages)
    if all(stage.reranks for stage in made):
        raise QueryError(
            "Nothing in the query can be ranked by the stages that are on. "
            "Give a drawing, or a word made of letters, or switch more stages on."
        )
    return sorted(made, key=lambda stage: stage.reranks)


def search_plan(
    index: Index,
    asked: Sequence[Stage],
    stages: Stages,
    where: Filter,
    depth: int,
    *,
    exact: bool = False,
    candidates: int = DEPTH,
) -> SearchPlan:
    """One plan for all stages: each a prefetch with the filter, fused; or the only one itself.

    With a rerank, the index is asked here what the other stages find, and the plan ranks those
    candidates alone, by every stage. (Prefetches nested in the rerank's would do the same in one
    request, but the embedded engine takes several times as long for it.)

    Args:
        index: asked only where something reranks.
        asked: at least one stage that is no rerank.
        stages: says how to fuse.
        where: filter of every prefetch.
        depth: figures each stage brings.
        exact: scan instead of an approximate index.
        candidates: figures that a rerank puts in order.
    """
    finding = [stage for stage in asked if not stage.reranks]
    plan = _fused(finding, where, stages, depth, exact)
    if len(finding) == len(asked):
        return plan
    found = index.search(replace(plan, with_payload=(), limit=candidates))
    among = HasId(tuple(point.id for point in found))
    return _fused(asked, Filter((*where.must, among), where.must_not), stages, depth, exact)


def _fused(
    asked: Sequence[Stage], where: Filter, stages: Stages, depth: int, exact: bool
) -> SearchPlan:
    parts = tuple(SearchPlan(stage.ranking, depth, where, exact=exact) for stage in asked)
    if len(parts) == 1:
        return parts[0]
    fusion: ReciprocalRank | DistributionBased = DistributionBased()
    if stages.fusion == "rrf":
        fusion = ReciprocalRank(stages.k, tuple(stage.weight for stage in asked))
    return SearchPlan(fusion, depth, prefetches=parts, exact=exact)


def _image_stages(index: Index, query: Query, rows: Vector | None) -> list[Stage]:
    """One stage a drawing to be like, and one for all designs to be like.

    ``rows`` are of the query's drawings, those to be like first.
    """
    liked = [view.weight for view in query.drawings if view.weight > 0]
    unliked = [-view.weight for view in query.drawings if view.weight < 0]
    counter = [] if rows is None else list(rows[len(liked) :])
    for number, weight in query.designs:
        if weight < 0:
            counter.append(_mean(stored := design_vectors(index, number), [1.0] * len(stored)))
            unliked.append(-weight)
    away = _mean(np.stack(counter), unliked) if counter else 0.0
    made = []
    for i, (row, weight) in enumerate(zip(() if rows is None else rows, liked, strict=False)):
        name = "image" if len(liked) == 1 else f"image {i + 1}"
        # Several views are one design: together they weigh what one of them would.
        share = WEIGHTS["image"] * weight / len(liked)
        made.append(Stage(name, Nearest(IMAGE, _pushed(row, away)), share))
    examples = [(number, weight) for number, weight in query.designs if weight > 0]
    if examples:
        positive = tuple(np.concatenate([design_vectors(index, number) for number, _ in examples]))
        ranking = Recommend(IMAGE, positive, tuple(counter))
        level = _level(weight for _, weight in examples)
        made.append(Stage("like", ranking, WEIGHTS["like"] * level))
    return made


def _text_stages(query: Query, stages: Stages) -> list[Stage]:
    """The words as a sentence vector, as terms, and against each description."""
    liked = [(words, weight) for words, weight in query.texts if weight > 0]
    unliked = [(words, -weight) for words, weight in query.texts if weight < 0]
    if unliked and not liked:
        raise QueryError("Words to leave out need words to look for. Add --text WORDS, or + WORDS.")
    made: list[Stage] = []
    weight = _level(weight for _, weight in liked)
    if liked and (stages.text or stages.rerank):
        rows = text.load().encode([words for words, _ in (*liked, *unliked)])
        away = _mean(rows[len(liked) :], [each for _, each in unliked])
        rows = rows[: len(liked)]
        if stages.text:
            row = _pushed(_mean(rows, [each for _, each in liked]), away)
            made.append(Stage("text", Nearest(TEXT, row), WEIGHTS["text"] * weight))
        if stages.rerank:
            tokens = np.stack([_pushed(row, away) for row in rows])
            share = WEIGHTS["rerank"] * weight
            made.append(Stage("rerank", Nearest(DESCRIPTIONS, tokens), share, reranks=True))
    if stages.words:
        terms: dict[int, float] = {}
        for words, each in liked:
            vector = text.query_terms(words)
            for term, count in zip(vector.indices, vector.values, strict=True):
                terms[term] = terms.get(term, 0.0) + each * count
        if terms:
            numbers = tuple(sorted(terms))
            sparse = SparseVector(numbers, tuple(terms[number] for number in numbers))
            made.append(Stage("words", Nearest(BM25, sparse), WEIGHTS["words"] * weight))
    return made


def _mean(rows: Vector, weights: Sequence[float]) -> Vector:
    """The mean of rows by the size of their weights, as a unit row (dim,); zeros of no rows."""
    shares = np.abs(np.asarray(weights, dtype=np.float32))
    row: Vector = unit_rows(shares @ rows)[0]
    return row


def _pushed(row: Vector, away: Vector | float) -> Vector:
    """A unit row pushed away from another; zeros push nowhere."""
    pushed: Vector = unit_rows(row - PUSH * away)[0]
    return pushed


def _level(weights: Iterable[float]) -> float:
    """What the parts of one kind weigh together: their mean, however many they are; 0 of none."""
    every = list(weights)
    return sum(every) / len(every) if every else 0.0


def _diverse(points: list[Scored], limit: int, diversity: float) -> list[Scored]:
    """The points to show, chosen by maximal marginal relevance over their image vectors."""
    if not points:
        return []
    scores = np.array([point.score for point in points])
    spread = np.ptp(scores)
    # Fused scores are tiny and close: stretched to 0 … 1 they weigh like cosines.
    relevance = (scores - scores.min()) / spread if spread > 0 else np.ones_like(scores)
    rows = np.stack([np.asarray(point.vectors[IMAGE]) for point in points])
    # Drawings are all somewhat alike: what they share is taken off, so that differences show.
    rows = unit_rows(rows - rows.mean(axis=0))
    chosen = maximal_marginal_relevance(relevance.tolist(), rows, limit, 1 - diversity)
    return [points[i] for i in chosen]


def _explained(
    index: Index, asked: Sequence[Stage], stages: Stages, plan: SearchPlan, hits: Sequence[Scored]
) -> list[tuple[tuple[str, float], ...]]:
    """For each hit, what each stage gave it; a stage that did not bring it says nothing."""
    reasons: list[list[tuple[str, float]]] = [[] for _ in hits]
    for stage, part in zip(asked, plan.prefetches or (plan,), strict=True):
        ranked = index.search(replace(part, with_payload=(), with_vectors=()))
        places = {point.id: (rank, point.score) for rank, point in enumerate(ranked, start=1)}
        for why, point in zip(reasons, hits, strict=True):
            if point.id in places:
                rank, score = places[point.id]
                why += [(stage.name, score), (f"{stage.name} rank", float(rank))]
                if plan.prefetches and stages.fusion == "rrf":
                    why.append((f"{stage.name} adds", stage.weight / (stages.k + rank)))
    return [tuple(why) for why in reasons]

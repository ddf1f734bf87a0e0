"""What a collection holds of each figure: named vectors and indexed payload keys, and what fits it.

A collection records its schema when it is made. Points, filters and plans are checked against it
before a backend sees them, so that embedded and served collections refuse the same things in the
same words, and a batch is either stored or left alone. Knows no backend.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from engine.errors import IndexMismatch, UsageError
from engine.plan import (
    AnyOf,
    Between,
    EncoderCard,
    Filter,
    Nearest,
    Point,
    Ranking,
    ReciprocalRank,
    Recommend,
    SearchPlan,
    SparseVector,
    Vector,
)
from engine.text import DIMENSION as TEXT_DIMENSION

# Raised whenever a collection made before must be read or searched differently; `UPGRADES` then
# holds the step from the version before.
VERSION = 2

IMAGE = "image"  # dense, one row a figure
TEXT = "text"  # dense, one row a figure's caption
DESCRIPTIONS = "descriptions"  # several rows a figure, compared by MaxSim
BM25 = "bm25"  # sparse, IDF applied by the store

IndexKind = Literal["keyword", "datetime"]

# Every payload key that may be filtered or counted by. Made before the first point, because a
# server links its graph along these keys while it builds it.
INDEXES: Mapping[str, IndexKind] = {
    "office": "keyword",
    "design_id": "keyword",
    "figure": "keyword",
    "locarno_class": "keyword",
    "locarno_subclass": "keyword",
    "path": "keyword",  # every class and subclass: any level is one condition
    "holder": "keyword",
    "sha256": "keyword",
    "view": "keyword",
    "label": "keyword",
    "has_broken_lines": "keyword",  # "yes" or "no"
    "filed": "datetime",
    "published": "datetime",
}

# Float32 rows normalised by anybody lie within 1e-6 of 1; half-precision encoders within 1e-3.
UNIT_TOLERANCE = 1e-3

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The named vectors and payload indexes of a collection.

    Attributes:
        vectors: dense vectors, name → dimension; unit rows, compared by cosine.
        sparse: names of sparse vectors; the store multiplies each query term by its IDF.
        multi: several unit rows a point, name → dimension; MaxSim, on disk, scanned, no graph.
        indexes: payload keys that may be filtered by, and as what.
        quantized: dense vectors are searched as 8-bit integers first, then rescored.
        version: of the schema and the payload's layout.
    """

    vectors: Mapping[str, int]
    sparse: tuple[str, ...] = ()
    multi: Mapping[str, int] = field(default_factory=dict)
    indexes: Mapping[str, IndexKind] = field(default_factory=lambda: dict(INDEXES))
    quantized: bool = False
    version: int = VERSION

    @classmethod
    def for_card(cls, card: EncoderCard, *, text: bool = False, quantized: bool = False) -> Schema:
        """The schema of what an encoder makes, with or without texts beside the pictures.

        Texts are encoded by ``engine.text``; an encoder with a text side of its own shares its space.
        """
        if not text:
            return cls(vectors={IMAGE: card.dimension}, quantized=quantized)
        size = card.text_dimension or TEXT_DIMENSION
        return cls(
            vectors={IMAGE: card.dimension, TEXT: size},
            sparse=(BM25,),
            multi={DESCRIPTIONS: size},
            quantized=quantized,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all vectors."""
        return (*self.vectors, *self.sparse, *self.multi)

    def record(self) -> dict[str, Any]:
        """The same as JSON values, for the collection to remember."""
        return {
            "version": self.version,
            "vectors": dict(self.vectors),
            "sparse": list(self.sparse),
            "multi": dict(self.multi),
            "indexes": dict(self.indexes),
            "quantized": self.quantized,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Schema:
        """Read `record` back, of this version or brought up to it step by step.

        Raises: IndexMismatch for a version that this one cannot read; KeyError, ValueError or
            another error of its parts if damaged.
        """
        made = _whole(record["version"])
        if made > VERSION or made < min(UPGRADES):
            age = "a newer" if made > VERSION else "an older"
            raise IndexMismatch(
                f"The collection was made by {age} version of this program (schema {made}; this "
                f"one reads {min(UPGRADES)} to {VERSION}). Use that version, or re-ingest with "
                "--recreate."
            )
        for version in range(made, VERSION):
            record = {**UPGRADES[version](record), "version": version + 1}
        return cls(
            vectors={str(name): _whole(size) for name, size in record["vectors"].items()},
            sparse=tuple(record["sparse"]),
            multi={str(name): _whole(size) for name, size in record["multi"].items()},
            indexes=dict(record["indexes"]),
            quantized=bool(record["quantized"]),
            version=_whole(record["version"]),
        )

    def check_points(self, points: Iterable[Point]) -> None:
        """Refuse points that a backend would refuse half-way, or store and never find.

        Raises: IndexMismatch for vectors, UsageError for ids and payload; both name the point.
        """
        for point in points:
            _check_id(point.id)
            if not point.vectors:
                raise IndexMismatch(f"Point {point.id} has no vector. Give at least one.")
            for name, vector in point.vectors.items():
                self._check_vector(f"Point {point.id}", name, vector)
            self.check_payload(point.id, point.payload)

    def check_payload(self, id: str, payload: Mapping[str, Any]) -> None:
        """Refuse what is no JSON, and values an index would pass over. Raises: UsageError."""
        try:
            json.dumps(payload, allow_nan=False, ensure_ascii=False).encode()
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"Point {id}: the payload cannot be stored as JSON: {error}."
            ) from None
        for key, kind in self.indexes.items():
            value = payload.get(key)
            for item in value if isinstance(value, list | tuple) else [value]:
                fits = isinstance(item, str) and (kind == "keyword" or _DATE.fullmatch(item))
                if item is not None and not fits:
                    wanted = "a text" if kind == "keyword" else "a date, 2024-05-31 (RFC 3339)"
                    raise UsageError(f"Point {id}: payload '{key}' must be {wanted}, got {item!r}.")

    def check_filter(self, where: Filter) -> None:
        """Refuse conditions on keys without a fitting index. Raises: UsageError."""
        for condition in (*where.must, *where.must_not):
            if isinstance(condition, AnyOf):
                self.check_key(condition.key, "keyword")
            elif isinstance(condition, Between):
                self.check_key(condition.key, "datetime")
                if condition.since is None and condition.until is None:
                    raise UsageError(f"A range over '{condition.key}' needs a date on one side.")
            else:
                for id in condition.ids:
                    _check_id(id)

    def check_key(self, key: str, kind: IndexKind) -> None:
        """Refuse a key that has no index of this kind. Raises: UsageError."""
        if self.indexes.get(key) != kind:
            known = ", ".join(name for name, k in self.indexes.items() if k == kind)
            raise UsageError(
                f"Payload key '{key}' has no {kind} index in this collection. Keys that do: {known}."
            )

    def check_plan(self, plan: SearchPlan) -> None:
        """Refuse what no backend can answer, or what backends would answer differently.

        Raises: IndexMismatch for vectors the collection does not hold, UsageError for the rest.
        """
        for where in dict.fromkeys(_filters(plan)):  # stages mostly share one
            self.check_filter(where)
        self._check_stage(plan)
        self.check_names(plan.with_vectors)

    def check_names(self, names: Iterable[str]) -> None:
        """Refuse names of vectors the collection does not hold. Raises: IndexMismatch."""
        for name in names:
            self._check_name("The plan", name)

    def _check_stage(self, plan: SearchPlan) -> None:
        if plan.limit < 1 or plan.offset < 0:
            raise UsageError(
                f"A plan needs limit ≥ 1 and offset ≥ 0, got {plan.limit}, {plan.offset}."
            )
        self._check_ranking(plan.query, len(plan.prefetches))
        for prefetch in plan.prefetches:
            if prefetch.offset:
                raise UsageError("A prefetch cannot skip points: its offset must be 0.")
            if isinstance(prefetch.query, ReciprocalRank) and prefetch.query.weights is not None:
                raise UsageError("Weights of a fusion count only in the outermost stage of a plan.")
            self._check_stage(prefetch)

    def _check_ranking(self, ranking: Ranking, prefetches: int) -> None:
        match ranking:
            case Nearest(using, vector):
                self._check_vector("The query", using, vector)
            case Recommend(using, positive, negative):
                if using not in self.vectors:
                    self._check_name("The query", using)
                    raise UsageError(f"Examples need a dense vector; '{using}' is none.")
                if not positive:
                    raise UsageError("Counter-examples alone rank nothing: give an example too.")
                for example in (*positive, *negative):
                    self._check_vector("An example", using, example)
            case _:
                if not prefetches:
                    raise UsageError("A fusion needs prefetches to fuse.")
                if isinstance(ranking, ReciprocalRank):
                    _check_reciprocal_rank(ranking, prefetches)

    def _check_name(self, what: str, name: str) -> None:
        if name not in self.names:
            raise IndexMismatch(
                f"{what}: the collection holds no vectors named '{name}', only "
                f"{', '.join(self.names)}. "
                "Re-ingest with --recreate to have them."
            )

    def _check_vector(self, what: str, name: str, vector: Vector | SparseVector) -> None:
        self._check_name(what, name)
        if isinstance(vector, SparseVector) != (name in self.sparse):
            kind = "sparse" if name in self.sparse else "dense"
            raise IndexMismatch(f"{what}: '{name}' is a {kind} vector in this collection.")
        if isinstance(vector, SparseVector):
            _check_sparse(what, name, vector)
            return
        rows = np.asarray(vector)
        multi = name in self.multi
        size = self.multi[name] if multi else self.vectors[name]
        if rows.ndim != (2 if multi else 1) or rows.shape[-1] != size or not rows.size:
            wanted = f"(rows, {size})" if multi else f"({size},)"
            raise IndexMismatch(
                f"{what}: '{name}' has shape {rows.shape}; this collection holds {wanted}. "
                "Another encoder made it: name that one with --model, or re-ingest with --recreate."
            )
        norms = np.linalg.norm(np.atleast_2d(rows).astype(np.float64), axis=1)
        if not np.all(np.abs(norms - 1) <= UNIT_TOLERANCE):  # NaN and infinity fail this too
            worst = norms[np.argmax(np.abs(norms - 1))]
            raise IndexMismatch(f"{what}: '{name}' must be unit rows; one has length {worst:.4g}.")


def _filters(plan: SearchPlan) -> Iterator[Filter]:
    yield plan.filter
    for prefetch in plan.prefetches:
        yield from _filters(prefetch)


def _with_labels(record: Mapping[str, Any]) -> dict[str, Any]:
    """1 → 2: figures are found by their label and by whether they have broken lines."""
    added: dict[str, IndexKind] = {"label": "keyword", "has_broken_lines": "keyword"}
    # A collection made with a choice of indexes keeps its choice.
    whole = set(record["indexes"]) >= set(INDEXES) - set(added)
    return {**record, "indexes": {**record["indexes"], **(added if whole else {})}}


# By version, the step to the next. A step changes the record only; the store makes the indexes that
# are new in it, and writes the record when they are there, so that a step cut short is made again.
UPGRADES: Mapping[int, Callable[[Mapping[str, Any]], dict[str, Any]]] = {1: _with_labels}


def _check_id(id: str) -> None:
    """Ids are UUIDs as ``str`` writes them, so that their order is the same on every backend."""
    if not _UUID.fullmatch(id):
        raise UsageError(
            f"'{id}' is no point id. Ids are lower-case UUIDs (engine.design.figure_id)."
        )


def _check_sparse(what: str, name: str, vector: SparseVector) -> None:
    indices: Sequence[int] = vector.indices
    if len(indices) != len(vector.values) or len(set(indices)) != len(indices):
        raise IndexMismatch(f"{what}: '{name}' needs one value for each of its distinct indices.")
    if not np.all(np.isfinite(vector.values)) or any(not 0 <= i < 2**32 for i in indices):
        raise IndexMismatch(f"{what}: '{name}' needs finite values and 32-bit indices.")


def _check_reciprocal_rank(ranking: ReciprocalRank, prefetches: int) -> None:
    if ranking.k < 1:
        raise UsageError(f"Reciprocal rank fusion needs k ≥ 1, got {ranking.k}.")
    if ranking.weights is not None:
        if len(ranking.weights) != prefetches:
            raise UsageError(
                f"{len(ranking.weights)} weights for {prefetches} prefetches: give one each."
            )
        if not all(0 < weight < float("inf") for weight in ranking.weights):
            raise UsageError(f"Weights of a fusion must be positive, got {ranking.weights}.")


def _whole(value: Any) -> int:
    """A whole number of JSON as it is: 1e999 is read as infinity there. Raises: ValueError."""
    if type(value) is not int:
        raise ValueError(f"{value!r} is no whole number")
    return value

"""What is asked of a store, in our own words: conditions, prefetches, fusion, and the store itself.

A plan is made of plain frozen dataclasses; two short translators in ``qdrant`` turn it into the
types of the embedded engine and of a server's client. Nothing here imports either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The payload's ``key`` holds at least one of ``values`` (exact keywords)."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The date under ``key`` is on or after ``since`` and strictly before ``until``."""

    key: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class HasId:
    """The point is one of ``ids``."""

    ids: tuple[str, ...]


Condition = AnyOf | Between | HasId


@dataclass(frozen=True, slots=True)
class Filter:
    """Every condition of ``must`` holds and none of ``must_not``."""

    must: tuple[Condition, ...] = ()
    must_not: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.must or self.must_not)


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Indices and weights of a sparse vector, such as BM25 terms."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """Rank by similarity to one vector of the collection's ``using``.

    ``vector``: (dim,) for a dense vector, (tokens, dim) for a multivector (MaxSim), or sparse.
    """

    using: str
    vector: Vector | SparseVector


@dataclass(frozen=True, slots=True, eq=False)
class Recommend:
    """Rank by likeness to examples and unlikeness to counter-examples, all (dim,) unit rows."""

    using: str
    positive: tuple[Vector, ...]
    negative: tuple[Vector, ...] = ()


@dataclass(frozen=True, slots=True)
class ReciprocalRank:
    """Fuse the prefetches by Σ weight / (k + rank), rank from 1; k is always explicit."""

    k: int = 60
    weights: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class DistributionBased:
    """Fuse the prefetches by scores normalised to mean ± 3 standard deviations."""


Ranking = Nearest | Recommend | ReciprocalRank | DistributionBased


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """One query to a store.

    Attributes:
        query: how the points are ranked; a fusion needs ``prefetches``.
        limit: points returned, at most.
        filter: every returned point obeys it (and every prefetch carries it on its own).
        prefetches: nested plans whose results the query ranks or fuses.
        exact: scan instead of an approximate index.
        min_score: points under it are left out, or None.
        with_payload: keys of the payload to return; None for all, () for none.
        with_vectors: names of the vectors to return with each point.
        offset: points left out from the top.
    """

    query: Ranking
    limit: int
    filter: Filter = Filter()
    prefetches: tuple[SearchPlan, ...] = ()
    exact: bool = False
    min_score: float | None = None
    with_payload: tuple[str, ...] | None = None
    with_vectors: tuple[str, ...] = ()
    offset: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """What a store holds of one figure: its id, its named vectors, its payload."""

    id: str
    vectors: Mapping[str, Vector | SparseVector]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A point that a plan returned; best first, equal scores by id."""

    id: str
    score: float
    payload: Mapping[str, Any] = field(default_factory=dict)
    vectors: Mapping[str, Vector | SparseVector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """Which encoder made a collection's vectors; search refuses any other.

    ``preprocessing`` is a hash of everything between the file and the network's input.
    """

    name: str
    revision: str
    dimension: int
    preprocessing: str
    text_dimension: int = 0


class Index(Protocol):
    """A collection in a store, embedded or served: the one contract that search and ingest use."""

    @property
    def card(self) -> EncoderCard:
        """The encoder that made the vectors."""

    def upsert(self, points: Sequence[Point]) -> None:
        """Store points, overwriting equal ids; returns once they are durable."""

    def search(self, plan: SearchPlan) -> list[Scored]:
        """The plan's points, best first, equal scores by id."""

    def retrieve(
        self, ids: Sequence[str], *, payload: bool = True, vectors: Sequence[str] = ()
    ) -> list[Scored]:
        """The points of these ids that exist, in the order asked, with score 0."""

    def scroll(
        self, where: Filter = Filter(), *, keys: Sequence[str] | None = None,
        vectors: Sequence[str] = (), batch: int = 1000,
    ) -> Iterator[Scored]:  # fmt: skip
        """Every point that obeys the filter, by id, streamed."""

    def count(self, where: Filter = Filter()) -> int:
        """How many points obey the filter, exactly."""

    def facet(self, key: str, where: Filter = Filter(), limit: int = 1000) -> dict[str, int]:
        """How many points hold each value of an indexed key."""

    def set_payload(self, id: str, payload: Mapping[str, Any]) -> None:
        """Merge keys into one point's payload."""

    def delete(self, where: Filter) -> int:
        """Delete what obeys the filter; returns how many points went."""

    def close(self) -> None:
        """Flush and let go of the store."""


def unit_rows(rows: npt.ArrayLike) -> Vector:
    """L2-normalise rows: (n, dim) → (n, dim) float32; a zero row stays zero."""
    matrix = np.atleast_2d(np.asarray(rows, dtype=np.float32))
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(norms > 0, norms, 1), dtype=np.float32)


def classes_filter(
    *,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    holders: Iterable[str] = (),
    offices: Iterable[str] = (),
    since: date | None = None,
    before: date | None = None,
    exclude_designs: Iterable[str] = (),
    broken_lines: bool | None = None,
) -> Filter:
    """The filter of a search: Locarno codes of any level, holders, dates, designs to leave out.

    ``include`` and ``exclude`` hold codes such as "06" or "06-01"; a class covers its subclasses,
    because each point's ``path`` holds both. Codes are taken as they are: parse them first.
    """
    must: list[Condition] = []
    must_not: list[Condition] = []
    for conditions, key, values in (
        (must, "path", tuple(include)),
        (must_not, "path", tuple(exclude)),
        (must, "holder", tuple(holders)),
        (must, "office", tuple(offices)),
        (must_not, "design_id", tuple(exclude_designs)),
    ):
        if values:
            conditions.append(AnyOf(key, values))
    if broken_lines is not None:
        must.append(AnyOf("has_broken_lines", ("yes" if broken_lines else "no",)))
    if since is not None or before is not None:
        must.append(Between("published", since, before))
    return Filter(tuple(must), tuple(must_not))

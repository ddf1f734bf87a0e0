"""A store of collections, and a collection of figures: the contract that both backends keep.

`open_store` chooses the backend from one word. What is here is shared: a collection checks points
and plans against its schema, breaks ties, and fuses with weights; a backend only stores, finds and
counts (`qdrant.edge` in this process, `qdrant.server` over the network).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self, TypeVar

from engine.errors import IndexMismatch, UsageError
from engine.plan import (
    EncoderCard,
    Filter,
    HasId,
    Nearest,
    Point,
    ReciprocalRank,
    Scored,
    SearchPlan,
    SparseVector,
)
from engine.rank import ordered, reciprocal_rank_fusion
from qdrant.plan import EVERYTHING, prepared
from qdrant.schema import IMAGE, Schema

MEMORY = ":memory:"  # the location of a store that lives and dies with the process

# A collection's name with one of these is what is going to take its place, and what had it before.
NEXT = ".next"
PREVIOUS = ".previous"
BEYOND = 8  # points asked for past the limit, to see whether it falls between equal scores

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend does beyond the contract; asking for what it does not raises UsageError.

    Attributes:
        backend: "edge", "server" or "memory".
        durable: what was acknowledged outlives the process.
        shared: several processes may hold one collection at once.
        approximate: plans that are not ``exact`` may be answered from a graph (HNSW).
        quantized: collections may be searched as 8-bit integers (`Schema.quantized`).
    """

    backend: str
    durable: bool
    shared: bool
    approximate: bool
    quantized: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """How new collections lie on a cluster; the embedded store knows only the default.

    Attributes:
        shards: parts that nodes share out; None leaves it to the server. A self-hosted cluster
            cannot change it later: give a multiple of the nodes it may grow to.
        replicas: copies of each shard, on different nodes.
        acknowledged: copies that must hold a write before it counts as stored.
    """

    shards: int | None = None
    replicas: int = 1
    acknowledged: int = 1


class Collection(ABC):
    """The figures of one collection; keeps ``engine.plan.Index``. Close it, or use ``with``.

    Vectors are unit rows; scores of nearest searches are cosines. Every method raises
    IndexUnavailable when the backend cannot answer.
    """

    # Points written in one request: 128 rows of 1,280 numbers are 3 MB of JSON, and a server likes
    # less than 5 MB.
    BATCH = 128

    def __init__(self, name: str, card: EncoderCard, schema: Schema) -> None:
        self.name = name
        self.schema = schema
        self._card = card

    @property
    def card(self) -> EncoderCard:
        """The encoder that made the vectors."""
        return self._card

    def upsert(self, points: Sequence[Point]) -> None:
        """Store points, overwriting equal ids; returns once they are durable.

        All points are checked before the first is written. Of equal ids, the last counts.

        Raises: IndexMismatch for vectors that do not fit, UsageError for ids or payload.
        """
        self.schema.check_points(points)
        last = {point.id: point for point in points}
        for batch in batched(last.values(), self.BATCH):
            self._upsert(batch)

    def search(self, plan: SearchPlan) -> list[Scored]:
        """The plan's points, best first, equal scores by id; so are those cut off at the limit.

        Inside a prefetch, equal scores keep the backend's order.

        Raises: IndexMismatch for vectors the collection does not hold, UsageError for plans that
            cannot be answered, such as a filter on a key without an index.
        """
        self.schema.check_plan(plan)
        plan = prepared(plan)
        if isinstance(plan.query, ReciprocalRank) and plan.query.weights is not None:
            return self._filled(self._weighted(plan, plan.query), plan)
        end = plan.offset + plan.limit
        asked = end + BEYOND
        points = ordered(self._query(replace(plan, limit=asked, offset=0)))
        if not cut_between(points, asked, end):
            return points[plan.offset : end]
        return self._filled(self._ranking(plan, 4 * asked), plan)

    def _weighted(self, plan: SearchPlan, fusion: ReciprocalRank) -> list[tuple[Any, float]]:
        """Fuse here: Qdrant's own weights mean 1 / (rank / weight + k), which k = 60 levels out."""
        rankings = [[id for id, _ in self._ranking(stage)] for stage in plan.prefetches]
        least = plan.min_score if plan.min_score is not None else 0.0
        fused = reciprocal_rank_fusion(rankings, fusion.k, fusion.weights)
        kept = [(id, score) for id, score in fused if score >= least]
        return kept[plan.offset : plan.offset + plan.limit]

    def _ranking(self, plan: SearchPlan, asked: int = 0) -> list[tuple[Any, float]]:
        """Ids (see `_rank`) and scores of a prepared plan, equal scores by id, so at the limit too.

        ``asked`` points are asked for at first, and more while the limit falls between equal scores.
        """
        end = plan.offset + plan.limit
        # Few words give few different scores: asking for more at once is cheaper than asking again.
        sparse = isinstance(plan.query, Nearest) and isinstance(plan.query.vector, SparseVector)
        asked = asked or (4 * end if sparse else end) + BEYOND
        while True:
            bare = replace(plan, limit=asked, offset=0, with_payload=(), with_vectors=())
            ranked = self._rank(bare, end)
            if ranked is not None:
                return ranked[plan.offset :]
            asked *= 4

    def _filled(self, ranked: Sequence[tuple[Any, float]], plan: SearchPlan) -> list[Scored]:
        """A ranking with the payload and vectors that the plan asks for."""
        points = [Scored(self._id(key), score) for key, score in ranked]
        if not plan.with_vectors and plan.with_payload is not None and not plan.with_payload:
            return points
        ids = [point.id for point in points]
        stored = {p.id: p for p in self._retrieve(ids, plan.with_payload, plan.with_vectors)}
        return [
            Scored(point.id, point.score, found.payload, found.vectors)
            for point in points
            if (found := stored.get(point.id)) is not None
        ]

    def retrieve(
        self, ids: Sequence[str], *, payload: bool = True, vectors: Sequence[str] = ()
    ) -> list[Scored]:
        """The points of these ids that exist, in the order asked, with score 0."""
        self.schema.check_filter(Filter((HasId(tuple(ids)),)))
        self.schema.check_names(vectors)
        stored = {
            point.id: point
            for batch in batched(dict.fromkeys(ids), self.BATCH)
            for point in self._retrieve(batch, None if payload else (), vectors)
        }
        return [stored[id] for id in ids if id in stored]

    def scroll(
        self,
        where: Filter = EVERYTHING,
        *,
        keys: Sequence[str] | None = None,
        vectors: Sequence[str] = (),
        batch: int = 1000,
    ) -> Iterator[Scored]:
        """Every point that obeys the filter, by id, ``batch`` points read at a time.

        Points stored or deleted meanwhile may be in it or not; no other is left out or doubled.
        """
        self.schema.check_filter(where)
        self.schema.check_names(vectors)
        return self._pages(where, keys, vectors, batch)

    def _pages(
        self, where: Filter, keys: Sequence[str] | None, vectors: Sequence[str], batch: int
    ) -> Iterator[Scored]:
        start: str | None = None
        while True:
            points, start = self._page(where, start, batch, keys, vectors)
            yield from points
            if start is None:
                return

    def count(self, where: Filter = EVERYTHING) -> int:
        """How many points obey the filter, exactly."""
        self.schema.check_filter(where)
        return self._count(where)

    def facet(self, key: str, where: Filter = EVERYTHING, limit: int = 1000) -> dict[str, int]:
        """How many points hold each value of a keyword key; most first, equal counts by value."""
        self.schema.check_key(key, "keyword")
        self.schema.check_filter(where)
        hits = self._facet(key, where, limit)
        return dict(sorted(hits.items(), key=lambda hit: (-hit[1], hit[0])))

    def set_payload(self, id: str, payload: Mapping[str, Any]) -> None:
        """Merge keys into one point's payload. Raises: UsageError if there is no such point."""
        self.schema.check_payload(id, payload)
        if not self.retrieve([id], payload=False):
            raise UsageError(f"Collection '{self.name}' has no point {id}.")
        self._set_payload(id, payload)

    def delete(self, where: Filter) -> int:
        """Delete what obeys the filter (everything obeys an empty one); returns how many went."""
        found = self.count(where)
        if found:
            self._delete(where)
        return found

    def announce(self, what: str) -> None:  # noqa: B027  (a shared store has nothing to say)
        """Say what holds the collection, to whoever finds it in use; nothing where it is shared."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Flush and let go of the store; closing again does nothing."""

    @abstractmethod
    def _upsert(self, points: Sequence[Point]) -> None:
        """Store checked points of distinct ids, durably."""

    @abstractmethod
    def _query(self, plan: SearchPlan) -> list[Scored]:
        """The points of a prepared plan, best first."""

    def _rank(self, plan: SearchPlan, end: int) -> list[tuple[Any, float]] | None:
        """The first ``end`` ids and scores of a bare plan: best first, equal scores by id.

        Instead of an id there may be what is quicker to sort and to count, in the same order;
        `_id` makes an id of it. None where the plan's limit leaves out equal scores.
        """
        points = ordered(self._query(plan))
        if cut_between(points, plan.limit, end):
            return None
        return [(point.id, point.score) for point in points[:end]]

    def _id(self, key: Any) -> str:
        """The id that a key of `_rank` stands for."""
        return str(key)

    @abstractmethod
    def _retrieve(
        self, ids: Sequence[str], keys: Sequence[str] | None, vectors: Sequence[str]
    ) -> list[Scored]:
        """The points of distinct ids that exist, in any order."""

    @abstractmethod
    def _page(
        self,
        where: Filter,
        start: str | None,
        limit: int,
        keys: Sequence[str] | None,
        vectors: Sequence[str],
    ) -> tuple[list[Scored], str | None]:
        """Points by id from ``start`` on, and where the next page starts."""

    @abstractmethod
    def _count(self, where: Filter) -> int: ...

    @abstractmethod
    def _facet(self, key: str, where: Filter, limit: int) -> dict[str, int]: ...

    @abstractmethod
    def _set_payload(self, id: str, payload: Mapping[str, Any]) -> None: ...

    @abstractmethod
    def _delete(self, where: Filter) -> None: ...


class Store(ABC):
    """Collections by name, in one place. Close it, or use ``with``; its collections close apart.

    Attributes:
        location: the folder, the address, or ":memory:".
    """

    location: str

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """What this backend does beyond the contract."""

    @abstractmethod
    def collections(self) -> list[str]:
        """Names of the collections, in order. Raises: IndexUnavailable."""

    def exists(self, name: str) -> bool:
        """Whether there is a collection of this name. Raises: IndexUnavailable."""
        return check_name(name) in self.collections()

    @abstractmethod
    def open(self, name: str) -> Collection:
        """Open a collection.

        Raises: IndexUnavailable if it is not there, damaged, or held by another process;
            IndexMismatch if another version of this program made it.
        """

    def create(self, name: str, card: EncoderCard, schema: Schema) -> Collection:
        """Make an empty collection that records its encoder and schema, and open it.

        Raises: UsageError if it exists already, or for a schema the backend cannot honour.
        """
        if schema.vectors.get(IMAGE) != card.dimension:
            raise UsageError(
                f"Encoder {card.name} makes vectors of {card.dimension}; the schema's '{IMAGE}' "
                f"holds {schema.vectors.get(IMAGE)}. Make it with Schema.for_card."
            )
        if schema.quantized and not self.capabilities.quantized:
            raise UsageError(
                f"The store at {self.location} does not quantise vectors: it scans them exactly. "
                "Leave the option away, or use a Qdrant server."
            )
        if self.exists(name):
            raise UsageError(
                f"Collection '{name}' exists already in {self.location}. "
                "Open it, or replace it with --recreate."
            )
        return self._create(name, card, schema)

    def open_or_create(self, name: str, card: EncoderCard, *, text: bool = False) -> Collection:
        """Open a collection that this encoder made, or make it, with or without texts.

        Raises: IndexMismatch if another encoder made it; and what `open` and `create` raise.
        """
        from engine.search import check_card

        if not self.exists(name):
            return self.create(name, card, Schema.for_card(card, text=text))
        collection = self.open(name)
        try:
            check_card(collection.card, card)
        except IndexMismatch:
            collection.close()
            raise
        return collection

    @abstractmethod
    def _create(self, name: str, card: EncoderCard, schema: Schema) -> Collection:
        """Make a collection whose name is free and whose schema fits the backend."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Delete a collection and all its points, damaged or not; nothing if there is none.

        What was built to replace it, and what it replaced, goes with it. Raises: IndexUnavailable.
        """

    def beside(self, name: str) -> str:
        """The name under which a replacement of a collection is built, to be put in by `swap`."""
        return check_name(name) + NEXT

    @abstractmethod
    def swap(self, name: str, *, back: bool = False) -> None:
        """Put what was built beside a collection in its place, in one step.

        What had the name is kept as ``name.previous``; ``back`` puts that in its place again, and
        keeps what had the name as ``name.next``. Whoever has the collection open on a server goes
        on with the one it opened.

        Raises: IndexUnavailable if there is nothing to put there, or the collection is in use.
        """

    def prune(self, name: str) -> bool:
        """Delete what a collection replaced; returns whether there was anything."""
        kept = self.exists(check_name(name) + PREVIOUS)
        self.drop(name + PREVIOUS)
        return kept

    @abstractmethod
    def close(self) -> None:
        """Let go of connections; closing again does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def cut_between(points: Sequence[Any], asked: int, end: int) -> bool:
    """Whether more than ``asked`` points, best first, may score as the one at ``end`` does."""
    return len(points) == asked and bool(points[end - 1].score == points[-1].score)


def open_store(location: str | Path, api_key: str = "", layout: Layout | None = None) -> Store:
    """The store at a location.

    ``http://…`` or ``https://…`` is a Qdrant server; ``:memory:`` is qdrant-client's own double of
    one, for tests; anything else is a folder, made when its first collection is. Only servers are
    connected to, and only when first asked something.

    Args:
        location: folder or address; an address without a port means port 6333.
        api_key: sent to a server, and to nobody else.
        layout: of the collections that are made on a server.

    Raises: UsageError for a layout that the store cannot honour.
    """
    word = str(location)
    if word.startswith(("http://", "https://")) or word == MEMORY:
        from qdrant.server import ServerStore

        return ServerStore(word, api_key, layout or Layout())
    if layout not in (None, Layout()):
        raise UsageError(
            f"The store {location} is a folder: it has one shard and no replicas. Leave the options "
            "away, or use a Qdrant server."
        )
    from qdrant.edge import EdgeStore

    return EdgeStore(Path(location))


def check_name(name: str) -> str:
    """The name of a collection, if it is one on every backend. Raises: UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' cannot name a collection. Use up to 64 letters, digits, '-', '_' and '.', "
            "a letter or digit first."
        )
    return name


def parted(name: str) -> tuple[str, str]:
    """A name as the collection it belongs to and "", NEXT or PREVIOUS. Raises: UsageError."""
    check_name(name)
    for part in (NEXT, PREVIOUS):
        if name.endswith(part) and name != part:
            return name.removesuffix(part), part
    return name, ""


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most ``size`` items, in order (itertools has it from Python 3.12 on)."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch

"""The embedded store: a folder of collections, each one qdrant-edge shard in this process.

    STORE/
      designs.lock              who has the collection open
      designs/
        collection.json         encoder, schema, and which shard holds the points
        shard-4f0c19a2b7d3/     the engine's own files

        next.json               the same of a shard that is going to take its place, if any
        previous.json           and of the one it replaced

``collection.json`` is the pointer: it is replaced as a whole (`os.replace`), so a collection
rebuilt in another shard folder, by another encoder even, takes the old one's place in one step.
A shard that no record names is a remainder, and is removed by the next swap.

Searches scan what the filter leaves, exactly: payload indexes first, then every row. That is the
right engine up to some 500,000 figures; `qdrant.graph` builds a graph for more. One process at a
time holds a collection. The engine keeps Python's interpreter lock while it works, so threads take
turns.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import uuid
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from engine.errors import EngineError, IndexMismatch, IndexUnavailable, UsageError
from engine.plan import EncoderCard, Filter, Point, Scored, SearchPlan, SparseVector
from qdrant.lock import FileLock
from qdrant.plan import Graph, edge_filter, edge_query, edge_vector, selected, vectors_of
from qdrant.schema import VERSION, IndexKind, Schema
from qdrant.store import NEXT, PREVIOUS, Capabilities, Collection, Store, cut_between, parted

RECORD = "collection.json"
RECORDS = {"": RECORD, NEXT: "next.json", PREVIOUS: "previous.json"}
SHARD = "shard-"
_REPAIR = (
    "If its files are damaged, put a backup back (engine restore BACKUP --replace), or re-ingest "
    "with --recreate."
)
# Kilobytes of vectors in a segment before a graph is built: never. Building one holds the
# interpreter lock for minutes, and exact search needs none.
NO_GRAPH = 10**9
GRAPH_KB = 1_000  # where a graph is asked for
# The engine writes through memory maps of sparse files: on a full disk that ends the process
# (SIGBUS) instead of raising. So this much must be free beyond a few times the batch itself: the
# log's next file and a vector chunk, 32 MiB each.
RESERVE_BYTES = 64 << 20
BATCH_COPIES = 4  # log, vectors or payload, indexes, and one to spare


class EdgeStore(Store):
    """Collections in a folder; the folder need not exist before the first is made."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"The store {folder} is a file. Give a folder, or a server's address.")
        self.folder = folder
        self.location = str(folder)

    @property
    def capabilities(self) -> Capabilities:
        """What this backend does beyond the contract."""
        return Capabilities("edge", durable=True, shared=False, approximate=False, quantized=False)

    def collections(self) -> list[str]:
        """Names of the collections, in order."""
        return sorted(path.parent.name for path in self.folder.glob(f"*/{RECORD}"))

    def exists(self, name: str) -> bool:
        """Whether there is a collection of this name, or one beside it."""
        return self.record(name).is_file()

    def open(self, name: str) -> EdgeCollection:
        """Open a collection; see `Store.open`."""
        self._check_exists(name)
        lock = self._lock(name)
        try:
            self._check_exists(name)  # it may have been dropped while we waited
            return EdgeCollection(name, self.record(name), lock)
        except BaseException:
            lock.release()
            raise

    def _create(self, name: str, card: EncoderCard, schema: Schema) -> EdgeCollection:
        lock = self._lock(name)
        try:
            record = self.record(name)
            home = record.parent
            _refuse_strangers(home)
            if not parted(name)[1]:
                _remove_remains(home)
            shard = new_shard()
            with _reported(f"Collection '{name}' in {self.folder} cannot be made"):
                home.mkdir(exist_ok=True)
                check_space(home, 0)
                made = edge.EdgeShard.create(str(home / shard), config(schema))
                for key, kind in schema.indexes.items():
                    made.update(edge.UpdateOperation.create_field_index(key, _index(kind)))
                made.flush()
                made.close()
                # Written last: until now the folder is no collection.
                write_record(record, Record(shard, card, schema))
            return EdgeCollection(name, record, lock)
        except BaseException:
            lock.release()
            raise

    def drop(self, name: str) -> None:
        """Delete a collection, damaged or not. Raises: IndexUnavailable if it is in use."""
        if not self.exists(name):
            return
        base, part = parted(name)
        with ExitStack() as held:
            for other in [part] if part else RECORDS:
                held.callback(self._lock(base + other).release)
            record = self.record(name)
            shard = _shard_of(record)
            record.unlink(missing_ok=True)  # from here on it is no collection
            if not part:
                _remove_remains(record.parent, all_records=True)
                with suppress(OSError):  # somebody else's files keep the folder
                    record.parent.rmdir()
            elif shard and shard not in _named(record.parent):
                shutil.rmtree(record.parent / shard, ignore_errors=True)

    def swap(self, name: str, *, back: bool = False) -> None:
        """Put what was built beside a collection in its place; see `Store.swap`.

        Interrupted at any point, it leaves one of the two in place, and may be asked again.
        """
        with self.held(name):
            self.exchange(name, back=back)

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Keep everybody from a collection and what is beside it. Raises: IndexUnavailable."""
        base, _ = parted(name)
        with ExitStack() as held:
            for part in RECORDS:
                held.callback(self._lock(base + part).release)
            yield

    def exchange(self, name: str, *, back: bool = False) -> None:
        """`swap`, of a collection that is held."""
        base, _ = parted(name)
        taken, left = (PREVIOUS, NEXT) if back else (NEXT, PREVIOUS)
        self._check_exists(base + taken)
        read_record(self.record(base + taken))  # a damaged one never takes the place
        record = self.record(base)
        with _reported(f"Collection '{name}' in {self.folder} cannot be replaced"):
            if record.exists():
                _put(self.record(base + left), record.read_bytes())
            self.record(base + taken).replace(record)
            _sync(record.parent)
        _remove_remains(record.parent)

    def close(self) -> None:
        """Nothing: collections hold what there is to hold."""

    def _lock(self, name: str) -> FileLock:
        lock = FileLock(self.folder / f"{name}.lock")
        return lock.acquire(f"Collection '{name}' in {self.folder}")

    def record(self, name: str) -> Path:
        """The file that says what a collection is."""
        base, part = parted(name)
        return self.folder / base / RECORDS[part]

    def _check_exists(self, name: str) -> None:
        if not self.exists(name):
            known = ", ".join(self.collections())
            raise IndexUnavailable(
                f"There is no collection '{name}' in {self.folder}"
                + (f", only {known}." if known else ": the store is empty.")
                + " Make it with: engine ingest FOLDER"
            )


class EdgeCollection(Collection):
    """One shard, held by this process until it is closed."""

    # A flush takes about 20 ms whatever its size, so fewer of them; 1,000 rows of 1,280 are 5 MB.
    BATCH = 1000

    def __init__(self, name: str, path: Path, lock: FileLock) -> None:
        record = read_record(path)
        super().__init__(name, record.card, record.schema)
        self._home = path.parent
        self._lock = lock
        self.graph = record.graph
        with self._reported("cannot be opened"):
            self._open_shard: edge.EdgeShard | None = edge.EdgeShard.load(
                str(self._home / record.shard), config(self.schema, self.graph)
            )
            self._upgrade(path, record)

    def _upgrade(self, path: Path, record: Record) -> None:
        """Bring the shard to this version's schema; the record is replaced when that is done."""
        if record.made == VERSION:
            return
        for key in record.missing:
            self._shard.update(
                edge.UpdateOperation.create_field_index(key, _index(self.schema.indexes[key]))
            )
        self._shard.flush()
        write_record(path, replace(record, made=VERSION, missing=()))

    @property
    def _shard(self) -> Any:
        if self._open_shard is None:
            raise IndexUnavailable(f"Collection '{self.name}' is closed. Open it again.")
        return self._open_shard

    def close(self) -> None:
        """Flush and let go of the folder; closing again does nothing."""
        shard, self._open_shard = self._open_shard, None
        if shard is None:
            return
        try:
            with self._reported("cannot be closed"):
                shard.flush()
                shard.close()
        finally:
            self._lock.release()

    def announce(self, what: str) -> None:
        """Say what holds the collection, to whoever finds it in use."""
        self._lock.announce(what)

    def _reported(self, what: str) -> Any:
        return _reported(f"Collection '{self.name}' in {self._home.parent} {what}")

    def _update(self, operation: Any, size: int = 0) -> None:
        """Apply one operation and bring it to the disk: acknowledged means durable."""
        check_space(self._home, size)
        with self._reported("cannot be written"):
            self._shard.update(operation)
            self._shard.flush()

    def _upsert(self, points: Sequence[Point]) -> None:
        made = [
            edge.Point(
                point.id,
                {name: edge_vector(vector) for name, vector in point.vectors.items()},
                dict(point.payload),
            )
            for point in points
        ]
        self._update(edge.UpdateOperation.upsert_points(made), sum(map(_size, points)))

    def _query(self, plan: SearchPlan) -> list[Scored]:
        with self._reported("cannot be searched"):
            return [_scored(found) for found in self._shard.query(edge_query(plan, self.graph))]

    def _rank(self, plan: SearchPlan, end: int) -> list[tuple[Any, float]] | None:
        # Ids as numbers sort as their texts do, and sooner; texts are made of those that stay.
        with self._reported("cannot be searched"):
            found = self._shard.query(edge_query(plan, self.graph))
            if cut_between(found, plan.limit, end):
                return None
            losses = [-point.score for point in found]
            kept = bisect_right(losses, losses[end - 1]) if len(found) > end else len(found)
            ranked = sorted(zip(losses, [point.id.int for point in found[:kept]], strict=False))
        return [(number, -loss) for loss, number in ranked[:end]]

    def _id(self, key: int) -> str:
        return str(uuid.UUID(int=key))

    def _retrieve(
        self, ids: Sequence[str], keys: Sequence[str] | None, vectors: Sequence[str]
    ) -> list[Scored]:
        with self._reported("cannot be read"):
            found = self._shard.retrieve(list(ids), selected(keys), selected(vectors))
            return [_scored(record) for record in found]

    def _page(
        self,
        where: Filter,
        start: str | None,
        limit: int,
        keys: Sequence[str] | None,
        vectors: Sequence[str],
    ) -> tuple[list[Scored], str | None]:
        request = edge.ScrollRequest(
            offset=start,
            limit=limit,
            filter=edge_filter(where),
            with_payload=selected(keys),
            with_vector=selected(vectors),
        )
        with self._reported("cannot be read"):
            found, following = self._shard.scroll(request)
        return [_scored(record) for record in found], following and str(following)

    def _count(self, where: Filter) -> int:
        with self._reported("cannot be counted"):
            return int(self._shard.count(edge.CountRequest(exact=True, filter=edge_filter(where))))

    def _facet(self, key: str, where: Filter, limit: int) -> dict[str, int]:
        request = edge.FacetRequest(key, limit=limit, exact=True, filter=edge_filter(where))
        with self._reported("cannot be counted"):
            return {str(hit.value): int(hit.count) for hit in self._shard.facet(request)}

    def _set_payload(self, id: str, payload: Mapping[str, Any]) -> None:
        self._update(edge.UpdateOperation.set_payload([id], dict(payload)))

    def _delete(self, where: Filter) -> None:
        everything = edge.Filter()
        self._update(edge.UpdateOperation.delete_points_by_filter(edge_filter(where) or everything))


# ── the record of a collection ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in a collection's record.

    Attributes:
        shard: name of the folder of the engine's files.
        card: the encoder that made the vectors.
        schema: as this version has it.
        graph: how the shard's graph was built; None where every search scans.
        made: the version of the schema that the shard has, still.
        missing: keys of indexes that the shard lacks, still.
    """

    shard: str
    card: EncoderCard
    schema: Schema
    graph: Graph | None = None
    made: int = VERSION
    missing: tuple[str, ...] = ()


def read_record(path: Path) -> Record:
    """Raises: IndexUnavailable if it is damaged, IndexMismatch if another version wrote it."""
    try:
        record = json.loads(path.read_text("utf-8"))
        shard = str(record["shard"])
        if not shard.startswith(SHARD) or Path(shard).name != shard:
            raise ValueError(f"'{shard}' names no shard")
        card = EncoderCard(**record["card"])
        schema = Schema.from_record(record["schema"])
        graph = record.get("graph")
        return Record(
            shard,
            card,
            schema,
            Graph(**graph) if graph else None,
            int(record["schema"]["version"]),
            tuple(key for key in schema.indexes if key not in record["schema"]["indexes"]),
        )
    except IndexMismatch:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexUnavailable(
            f"{path} cannot be read ({type(error).__name__}: {error}). {_REPAIR}"
        ) from error


def write_record(path: Path, record: Record) -> None:
    """Replace the record in one step, on the disk before this returns."""
    said = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "shard": record.shard,
        "card": asdict(record.card),
        "schema": record.schema.record(),
        "graph": asdict(record.graph) if record.graph else None,
    }
    _put(path, json.dumps(said, indent=2).encode())


def _put(path: Path, content: bytes) -> None:
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """A new name is durable once its folder is."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def new_shard() -> str:
    """A name for a shard that no other has."""
    return f"{SHARD}{secrets.token_hex(6)}"


def _shard_of(record: Path) -> str:
    """The shard that a record names, or "" for one that cannot be read."""
    try:
        shard = str(json.loads(record.read_text("utf-8"))["shard"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return shard if shard.startswith(SHARD) and Path(shard).name == shard else ""


def _named(home: Path) -> set[str]:
    """The shards that a collection's records name."""
    return {_shard_of(home / name) for name in RECORDS.values()}


def _refuse_strangers(home: Path) -> None:
    """A folder of somebody else's files never becomes a collection, and is never cleared."""
    found = sorted(path.name for path in home.iterdir()) if home.exists() else []
    strangers = [name for name in found if not name.startswith((SHARD, *RECORDS.values()))]
    if strangers:
        raise UsageError(
            f"{home} holds other files ({', '.join(strangers[:3])}). "
            "Choose another --collection or --store."
        )


def _remove_remains(home: Path, *, all_records: bool = False) -> None:
    """Remove the shards that no record names, and records half written; or every record too."""
    kept = set() if all_records else _named(home)
    for path in home.iterdir() if home.exists() else ():
        if path.is_dir() and path.name.startswith(SHARD):
            if path.name not in kept:
                shutil.rmtree(path)
        elif path.name.startswith(tuple(RECORDS.values())) and (
            all_records or path.name not in RECORDS.values()
        ):
            path.unlink()


# ── the engine's types and errors ────────────────────────────────────────────────────────────────


def config(schema: Schema, graph: Graph | None = None, *, build: bool = False) -> Any:
    """The engine's configuration of a shard; ``build`` lets `optimize` build the graph."""
    quantized = edge.ScalarQuantizationConfig(type=edge.ScalarType.Int8)
    links = (
        edge.HnswIndexConfig(graph.links, graph.width, full_scan_threshold=10_000)
        if graph
        else None
    )
    vectors = {
        name: edge.EdgeVectorParams(
            size,
            edge.Distance.Cosine,
            hnsw_config=links,
            quantization_config=quantized if graph and graph.quantized else None,
        )
        for name, size in schema.vectors.items()
    }
    for name, size in schema.multi.items():
        vectors[name] = edge.EdgeVectorParams(
            size,
            edge.Distance.Cosine,
            multivector_config=edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim),
            hnsw_config=edge.HnswIndexConfig(0, 1, full_scan_threshold=10_000),  # never a graph
            memory=edge.Memory.Cold,  # on disk: read only to put a few candidates in order
        )
    return edge.EdgeConfig(
        vectors=vectors,
        sparse_vectors={
            name: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf) for name in schema.sparse
        },
        optimizers=edge.EdgeOptimizersConfig(
            indexing_threshold=GRAPH_KB if build else NO_GRAPH,
            default_segment_number=1 if build else None,
        ),
        wal_enabled=True,
    )


def _index(kind: IndexKind) -> Any:
    return edge.KeywordIndexParams() if kind == "keyword" else edge.DatetimeIndexParams()


def _scored(found: Any) -> Scored:
    return Scored(
        str(found.id),
        getattr(found, "score", 0.0),
        found.payload or {},
        vectors_of(found.vector),
    )


def _size(point: Point) -> int:
    """About how many bytes a point takes."""
    vectors = sum(
        8 * len(v.values) if isinstance(v, SparseVector) else v.nbytes
        for v in point.vectors.values()
    )
    return vectors + sum(len(text) for text in point.payload.values() if isinstance(text, str))


def check_space(home: Path, size: int) -> None:
    """Raises: IndexUnavailable before the engine would run into a full disk."""
    needed = RESERVE_BYTES + BATCH_COPIES * size
    free = shutil.disk_usage(home).free
    if free < needed:
        raise IndexUnavailable(
            f"The disk of {home} is full: {free >> 20} MiB free, {needed >> 20} MiB needed to "
            "write safely. What was stored before is intact. Free some space and run it again."
        )


@contextmanager
def _reported(what: str) -> Iterator[None]:
    """Say what the engine could not do. It raises plain Exception, and panics beside it."""
    try:
        yield
    except EngineError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise  # Ctrl-C and the like
        if "os error 28" in str(error) or getattr(error, "errno", None) == errno.ENOSPC:
            raise IndexUnavailable(f"{what}: the disk is full. Free some space.") from error
        raise IndexUnavailable(f"{what}: {error}. {_REPAIR}") from error

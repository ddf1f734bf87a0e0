"""The embedded store: a folder of collections, each one qdrant-edge shard in this process.

    STORE/
      designs.lock              who has the collection open
      designs/
        collection.json         encoder, schema, and which shard holds the points
        shard-4f0c19a2b7d3/     the engine's own files

``collection.json`` is the pointer: it is replaced as a whole (`os.replace`), so a collection
rebuilt in another shard folder, by another encoder even, takes the old one's place in one step.

Searches scan what the filter leaves, exactly: payload indexes first, then every row. That is the
right engine up to some 500,000 figures; beyond, use a server. One process at a time holds a
collection. The engine keeps Python's interpreter lock while it works, so threads take turns.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from engine.errors import EngineError, IndexMismatch, IndexUnavailable, UsageError
from engine.plan import EncoderCard, Filter, Point, Scored, SearchPlan, SparseVector
from qdrant.lock import FileLock
from qdrant.plan import edge_filter, edge_query, edge_vector, selected, vectors_of
from qdrant.schema import IndexKind, Schema
from qdrant.store import Capabilities, Collection, Store, check_name

RECORD = "collection.json"
SHARD = "shard-"
_REPAIR = "If its files are damaged, restore the folder from a copy, or re-ingest with --recreate."
# Kilobytes of vectors in a segment before a graph is built: never. Building one holds the
# interpreter lock for minutes, and exact search needs none.
NO_GRAPH = 10**9
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

    def open(self, name: str) -> EdgeCollection:
        """Open a collection; see `Store.open`."""
        self._check_exists(name)
        lock = self._lock(name)
        try:
            self._check_exists(name)  # it may have been dropped while we waited
            return EdgeCollection(name, self.folder / name, lock)
        except BaseException:
            lock.release()
            raise

    def _create(self, name: str, card: EncoderCard, schema: Schema) -> EdgeCollection:
        lock = self._lock(name)
        try:
            home = self.folder / name
            _refuse_strangers(home)
            _remove_remains(home)
            shard = f"{SHARD}{secrets.token_hex(6)}"
            with _reported(f"Collection '{name}' in {self.folder} cannot be made"):
                home.mkdir(exist_ok=True)
                _check_space(home, 0)
                made = edge.EdgeShard.create(str(home / shard), _config(schema))
                for key, kind in schema.indexes.items():
                    made.update(edge.UpdateOperation.create_field_index(key, _index(kind)))
                made.flush()
                made.close()
                # Written last: until now the folder is no collection.
                _write_record(home / RECORD, shard, card, schema)
            return EdgeCollection(name, home, lock)
        except BaseException:
            lock.release()
            raise

    def drop(self, name: str) -> None:
        """Delete a collection, damaged or not. Raises: IndexUnavailable if it is in use."""
        if not self.exists(name):
            return
        lock = self._lock(name)
        try:
            home = self.folder / name
            (home / RECORD).unlink(missing_ok=True)  # from here on it is no collection
            _remove_remains(home)
            with suppress(OSError):  # somebody else's files keep the folder
                home.rmdir()
        finally:
            lock.release()

    def close(self) -> None:
        """Nothing: collections hold what there is to hold."""

    def _lock(self, name: str) -> FileLock:
        lock = FileLock(self.folder / f"{name}.lock")
        return lock.acquire(f"Collection '{name}' in {self.folder}")

    def _check_exists(self, name: str) -> None:
        if not (self.folder / check_name(name) / RECORD).is_file():
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

    def __init__(self, name: str, home: Path, lock: FileLock) -> None:
        record = _read_record(home / RECORD)
        super().__init__(name, record.card, record.schema)
        self._home = home
        self._lock = lock
        with self._reported("cannot be opened"):
            self._open_shard: edge.EdgeShard | None = edge.EdgeShard.load(
                str(home / record.shard), _config(self.schema)
            )

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
        _check_space(self._home, size)
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
            return [_scored(found) for found in self._shard.query(edge_query(plan))]

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
class _Record:
    shard: str
    card: EncoderCard
    schema: Schema


def _read_record(path: Path) -> _Record:
    """Raises: IndexUnavailable if it is damaged, IndexMismatch if another version wrote it."""
    try:
        record = json.loads(path.read_text("utf-8"))
        shard = str(record["shard"])
        if not shard.startswith(SHARD) or Path(shard).name != shard:
            raise ValueError(f"'{shard}' names no shard")
        card = EncoderCard(**record["card"])
        return _Record(shard, card, Schema.from_record(record["schema"]))
    except IndexMismatch:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexUnavailable(
            f"{path} cannot be read ({type(error).__name__}: {error}). {_REPAIR}"
        ) from error


def _write_record(path: Path, shard: str, card: EncoderCard, schema: Schema) -> None:
    """Replace the record in one step, on the disk before this returns."""
    record = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "shard": shard,
        "card": asdict(card),
        "schema": schema.record(),
    }
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(record, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    if os.name == "posix":  # the new name is durable once its folder is
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _refuse_strangers(home: Path) -> None:
    """A folder of somebody else's files never becomes a collection, and is never cleared."""
    found = sorted(path.name for path in home.iterdir()) if home.exists() else []
    strangers = [name for name in found if not name.startswith((SHARD, RECORD))]
    if strangers:
        raise UsageError(
            f"{home} holds other files ({', '.join(strangers[:3])}). "
            "Choose another --collection or --store."
        )


def _remove_remains(home: Path) -> None:
    """Remove what only a record makes worth keeping: shards, and records half written."""
    for path in home.iterdir() if home.exists() else ():
        if path.is_dir() and path.name.startswith(SHARD):
            shutil.rmtree(path)
        elif path.name.startswith(RECORD):
            path.unlink()


# ── the engine's types and errors ────────────────────────────────────────────────────────────────


def _config(schema: Schema) -> Any:
    vectors = {
        name: edge.EdgeVectorParams(size, edge.Distance.Cosine)
        for name, size in schema.vectors.items()
    }
    for name, size in schema.multi.items():
        vectors[name] = edge.EdgeVectorParams(
            size,
            edge.Distance.Cosine,
            multivector_config=edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim),
            memory=edge.Memory.Cold,  # on disk: read only to put a few candidates in order
        )
    return edge.EdgeConfig(
        vectors=vectors,
        sparse_vectors={
            name: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf) for name in schema.sparse
        },
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=NO_GRAPH),
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


def _check_space(home: Path, size: int) -> None:
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

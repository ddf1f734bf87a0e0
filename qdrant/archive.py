"""A collection in plain files: points as Parquet, and a manifest with counts and checksums.

    ARCHIVE/
      manifest.json             encoder, schema, and of every shard: points, bytes, sha256
      points-00000.parquet      id, payload (JSON), one column a named vector

Backups are archives, and so is what machines that only encode hand to one that stores: every store
can be filled from one, whatever engine or version it was read from. A shard counts once the
manifest names it, and the manifest is replaced as a whole, so an archive is whole at any moment and
a writer that was stopped goes on behind its last shard. Nothing in it is ever executed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import IndexMismatch, SourceError, UsageError
from engine.plan import EncoderCard, Point, SparseVector, Vector
from qdrant.schema import Schema

MANIFEST = "manifest.json"
FORMAT = 1
SHARD_POINTS = 10_000  # 20 MB of 512 numbers a row, and about as much of thumbnails
READ_POINTS = 1_000

_SHARD = re.compile(r"[a-z0-9-]{1,80}\.parquet")


@dataclass(frozen=True, slots=True)
class Shard:
    """One file of points, and how to tell that it is whole."""

    file: str
    points: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Archive:
    """A folder of points that can be read as a collection can. Made by :meth:`open`.

    Attributes:
        folder: where it lies.
        card: the encoder that made the vectors.
        schema: the named vectors and indexes.
        shards: its files, in order.
        complete: the writer said that nothing is to follow.
    """

    folder: Path
    card: EncoderCard
    schema: Schema
    shards: tuple[Shard, ...] = ()
    complete: bool = False

    @classmethod
    def open(cls, folder: Path) -> Archive:
        """Read the manifest. Raises: SourceError if it is missing or damaged."""
        path = folder / MANIFEST
        try:
            record = json.loads(path.read_text("utf-8"))
            if record["format"] != FORMAT:
                raise SourceError(
                    f"{path} has format {record['format']}; this version reads {FORMAT}. "
                    "Use the version of this program that wrote it."
                )
            shards = tuple(Shard(**shard) for shard in record["shards"])
            for shard in shards:
                if not _SHARD.fullmatch(shard.file):
                    raise ValueError(f"'{shard.file}' names no shard")
                if not isinstance(shard.points, int) or not isinstance(shard.sha256, str):
                    raise ValueError(f"shard '{shard.file}' has no count or checksum")
            return cls(
                folder,
                EncoderCard(**record["card"]),
                Schema.from_record(record["schema"]),
                shards,
                record["complete"] is True,
            )
        except FileNotFoundError:
            raise SourceError(
                f"{folder} is no archive: it has no {MANIFEST}. Write one with engine backup or "
                "engine encode."
            ) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SourceError(
                f"{path} cannot be read ({type(error).__name__}: {error}). Take another backup, or "
                "encode again."
            ) from error

    def count(self) -> int:
        """How many points the shards hold."""
        return sum(shard.points for shard in self.shards)

    def verify(self) -> None:
        """Compare every file with the manifest. Raises: SourceError, naming the first that differs."""
        for shard in self.shards:
            path = self.folder / shard.file
            if not path.is_file():
                raise SourceError(f"{path} is missing. Copy the archive again, or use another.")
            if path.stat().st_size != shard.bytes or _digest(path) != shard.sha256:
                raise SourceError(
                    f"{path} is not what was written: its checksum differs. Copy the archive "
                    "again, or use another."
                )

    def scroll(self, *, vectors: Sequence[str] = ()) -> Iterator[Point]:
        """Every point, in the order written, with the named vectors.

        Raises: SourceError for a shard that cannot be read or holds what the manifest does not say.
        """
        import pyarrow.parquet

        for shard in self.shards:
            path = self.folder / shard.file
            read = 0
            try:
                with pyarrow.parquet.ParquetFile(path) as file:
                    columns = ["id", "payload", *(f"vector.{name}" for name in vectors)]
                    for batch in file.iter_batches(READ_POINTS, columns=columns):
                        for point in _points(batch, self.schema, vectors):
                            yield point
                            read += 1
            except (OSError, ValueError, KeyError, TypeError, pyarrow.ArrowException) as error:
                raise SourceError(
                    f"{path} cannot be read ({error}). Copy the archive again, or use another."
                ) from error
            if read != shard.points:
                raise SourceError(
                    f"{path} holds {read:,} points; the manifest says {shard.points:,}. Copy the "
                    "archive again, or use another."
                )


@dataclass(slots=True)
class ArchiveWriter:
    """Appends points to an archive, a shard at a time; what a ended writer left is gone on with.

    Attributes:
        archive: what is written so far.
        name: of the shards; writers that share no folder may share it.
    """

    archive: Archive
    name: str = "points"
    waiting: list[Point] = field(default_factory=list)

    @classmethod
    def open(
        cls, folder: Path, card: EncoderCard, schema: Schema, *, name: str = "points"
    ) -> ArchiveWriter:
        """Begin an archive, or go on with one of the same encoder and schema.

        Raises: IndexMismatch if another encoder made it, UsageError for a folder of other files,
            SourceError if it cannot be written.
        """
        if (folder / MANIFEST).exists():
            archive = Archive.open(folder)
            if archive.card != card or archive.schema != schema:
                raise IndexMismatch(
                    f"The archive {folder} holds vectors of {archive.card.name} "
                    f"({archive.card.dimension}); these are of {card.name} ({card.dimension}). "
                    "Give another folder."
                )
            if archive.complete:
                raise UsageError(f"The archive {folder} is complete. Give another folder.")
        else:
            if folder.exists() and any(folder.iterdir()):
                raise UsageError(f"{folder} holds other files. Give an empty or a new folder.")
            with _writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
            archive = Archive(folder, card, schema)
            _write_manifest(archive)
        return cls(archive, name)

    def add(self, points: Iterable[Point]) -> None:
        """Append points; each full shard is on the disk before the next begins.

        Raises: SourceError if the disk is full; what was written before counts.
        """
        for point in points:
            self.waiting.append(point)
            if len(self.waiting) >= SHARD_POINTS:
                self.flush()

    def flush(self) -> None:
        """Write what waits, as a shard of its own."""
        if not self.waiting:
            return
        import pyarrow
        import pyarrow.parquet

        points, self.waiting = self.waiting, []
        archive = self.archive
        file = f"{self.name}-{len(archive.shards):05}.parquet"
        path = archive.folder / file
        new = path.with_name(file + ".new")
        with _writing(archive.folder, new):
            pyarrow.parquet.write_table(_table(points, archive.schema), new, compression="zstd")
            with new.open("rb") as written:
                os.fsync(written.fileno())
            shard = Shard(file, len(points), new.stat().st_size, _digest(new))
            new.replace(path)
        self._record((*archive.shards, shard), complete=False)

    def finish(self) -> Archive:
        """Write what waits and say that nothing is to follow."""
        self.flush()
        self._record(self.archive.shards, complete=True)
        return self.archive

    def _record(self, shards: tuple[Shard, ...], *, complete: bool) -> None:
        old = self.archive
        self.archive = Archive(old.folder, old.card, old.schema, shards, complete)
        _write_manifest(self.archive)


def _write_manifest(archive: Archive) -> None:
    """Replace the manifest in one step, on the disk before this returns."""
    record = {
        "format": FORMAT,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "points": archive.count(),
        "complete": archive.complete,
        "card": asdict(archive.card),
        "schema": archive.schema.record(),
        "shards": [asdict(shard) for shard in archive.shards],
    }
    new = archive.folder / (MANIFEST + ".new")
    with _writing(archive.folder, new):
        with new.open("w", encoding="utf-8") as file:
            json.dump(record, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(archive.folder / MANIFEST)


@contextmanager
def _writing(folder: Path, new: Path | None = None) -> Iterator[None]:
    """Name a disk that is full or may not be written, and leave no half file. Raises: SourceError."""
    try:
        yield
    except OSError as error:
        if new is not None:
            with suppress(OSError):
                new.unlink(missing_ok=True)
        full = error.errno == errno.ENOSPC
        raise SourceError(
            f"The archive {folder} cannot be written: {'the disk is full' if full else error}. "
            f"{'Free some space' if full else 'See to it'}, or give another folder."
        ) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ── points as columns ────────────────────────────────────────────────────────────────────────────


def _types(schema: Schema) -> dict[str, Any]:
    import pyarrow as pa

    # Not of a fixed size: pyarrow before 26 neither writes nor reads such where a row is missing.
    row = pa.list_(pa.float32())
    sparse = pa.struct([("indices", pa.list_(pa.uint32())), ("values", pa.list_(pa.float32()))])
    return {
        **dict.fromkeys(schema.vectors, row),
        **dict.fromkeys(schema.sparse, sparse),
        **dict.fromkeys(schema.multi, pa.list_(row)),
    }


def _table(points: Sequence[Point], schema: Schema) -> Any:
    import pyarrow as pa

    columns: dict[str, Any] = {
        "id": pa.array([point.id for point in points], pa.string()),
        "payload": pa.array(
            [json.dumps(dict(point.payload), ensure_ascii=False) for point in points], pa.string()
        ),
    }
    for name, kind in _types(schema).items():
        values = [_value(point.vectors.get(name)) for point in points]
        columns[f"vector.{name}"] = pa.array(values, kind)
    return pa.table(columns)


def _value(vector: Vector | SparseVector | None) -> Any:
    if vector is None:
        return None
    if isinstance(vector, SparseVector):
        return {"indices": list(vector.indices), "values": list(vector.values)}
    return list(vector) if vector.ndim == 2 else vector


def _points(batch: Any, schema: Schema, names: Sequence[str]) -> Iterator[Point]:
    ids = batch.column("id").to_pylist()
    payloads = batch.column("payload").to_pylist()
    columns = {name: _column(batch.column(f"vector.{name}"), name, schema) for name in names}
    for i, (id, payload) in enumerate(zip(ids, payloads, strict=True)):
        vectors = {name: rows[i] for name, rows in columns.items()}
        held: Mapping[str, Any] = {name: row for name, row in vectors.items() if row is not None}
        yield Point(id, held, json.loads(payload))


def _column(column: Any, name: str, schema: Schema) -> list[Any]:
    if name in schema.sparse:
        return [
            value and SparseVector(tuple(value["indices"]), tuple(value["values"]))
            for value in column.to_pylist()
        ]
    if name in schema.multi:
        return [
            None if rows is None else np.asarray(rows, np.float32).reshape(-1, schema.multi[name])
            for rows in column.to_pylist()
        ]
    import pyarrow.compute

    size = schema.vectors[name]
    lengths = pyarrow.compute.list_value_length(column).drop_null()
    if set(lengths.unique().to_pylist()) - {size}:
        raise ValueError(f"a row of '{name}' is not of {size} numbers")
    rows = iter(np.asarray(column.flatten(), dtype=np.float32).reshape(-1, size))
    return [next(rows) if valid else None for valid in column.is_valid().to_pylist()]

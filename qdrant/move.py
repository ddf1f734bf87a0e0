"""Copy collections: between stores, into archives and back; and words from one index to the next.

Copies keep ids, payloads and vectors as they are. A copy that was stopped is gone on with by making
it again: what the target holds with the same payload is passed over. A copy ends with a check: the
counts, and a sample of points drawn while reading, vectors and payloads compared. Knows no backend.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.errors import IndexMismatch, SourceError
from engine.plan import EncoderCard, Filter, HasId, Point, Scored, SparseVector, Vector
from qdrant.archive import Archive, ArchiveWriter
from qdrant.schema import BM25, DESCRIPTIONS, TEXT, Schema
from qdrant.store import Collection, Store, batched

BATCH = 512  # points read, compared and handed to a writer together
WORKERS = 4  # requests in flight to a server: its uploads stop gaining there
SAMPLE = 200  # points compared whole at the end
TOLERANCE = 1e-5  # of a vector's numbers: each store normalises rows once more

Progress = Callable[[int, "int | None", str], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did; ``read`` = ``written`` + ``unchanged``.

    Attributes:
        read: points of the source.
        written: points the target did not hold, or held otherwise.
        unchanged: points it held already.
        deleted: points of the target that the source does not have.
        compared: points whose vectors and payload were read back and found equal.
    """

    read: int
    written: int
    unchanged: int
    deleted: int
    compared: int


class Source(Protocol):
    """What can be copied: a collection or an archive."""

    @property
    def schema(self) -> Schema:
        """Its named vectors."""

    def scroll(self, *, vectors: Sequence[str] = ()) -> Iterator[Scored | Point]:
        """Every point."""


def copy(
    source: Source,
    target: Collection,
    *,
    workers: int = 1,
    sample: int = SAMPLE,
    progress: Progress | None = None,
    total: int | None = None,
) -> Copied:
    """Store every point of the source in the target, and check that it is there.

    Args:
        source: a collection, or an archive.
        target: a collection of the same vectors.
        workers: writes in flight at once; more than one for servers only.
        sample: points compared whole at the end, chosen evenly and always alike.
        progress: called with (points read, total, what is being done).
        total: points of the source, where known.

    Raises: IndexMismatch when the check fails; what the stores raise.
    """
    chosen = _Sample(sample)
    empty = target.count() == 0
    read = written = 0
    writing: deque[Future[None]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for batch in batched(source.scroll(vectors=source.schema.names), BATCH):
            points = [Point(point.id, point.vectors, point.payload) for point in batch]
            chosen.offer(points)
            read += len(points)
            new = points if empty else _changed(points, target)
            written += len(new)
            if new:
                writing.append(pool.submit(target.upsert, new))
            while len(writing) >= 2 * workers:
                writing.popleft().result()
            if progress:
                progress(read, total, "Copying")
        for future in writing:
            future.result()
    compare(chosen.points, target)
    return Copied(read, written, read - written, 0, len(chosen.points))


def _changed(points: Sequence[Point], target: Collection) -> list[Point]:
    stored = {found.id: found.payload for found in target.retrieve([p.id for p in points])}
    return [point for point in points if stored.get(point.id) != dict(point.payload)]


def compare(points: Sequence[Point], target: Collection) -> None:
    """Read points back and compare them whole. Raises: IndexMismatch, naming the first that differs."""
    for batch in batched(points, BATCH):
        ids = [point.id for point in batch]
        stored = {p.id: p for p in target.retrieve(ids, vectors=target.schema.names)}
        for point in batch:
            found = stored.get(point.id)
            what = (
                "is missing"
                if found is None
                else "has another payload"
                if dict(found.payload) != dict(point.payload)
                else _differing(point.vectors, found.vectors)
            )
            if what:
                raise IndexMismatch(
                    f"The copy in '{target.name}' is not the original: point {point.id} {what}. "
                    "Copy again; if it stays so, drop the copy and begin anew."
                )


def _differing(
    given: Mapping[str, Vector | SparseVector], found: Mapping[str, Vector | SparseVector]
) -> str:
    if given.keys() != found.keys():
        return f"has the vectors {sorted(found)}, not {sorted(given)}"
    for name, vector in given.items():
        other = found[name]
        if isinstance(vector, SparseVector) and isinstance(other, SparseVector):
            one, two = _terms(vector), _terms(other)
            same = one.keys() == two.keys() and np.allclose(
                [one[i] for i in one], [two[i] for i in one], atol=TOLERANCE
            )
        else:
            rows, others = np.asarray(vector), np.asarray(other)
            same = rows.shape == others.shape and np.allclose(rows, others, atol=TOLERANCE)
        if not same:
            return f"has another vector '{name}'"
    return ""


def _terms(vector: SparseVector) -> dict[int, float]:
    return dict(zip(vector.indices, vector.values, strict=True))


@dataclass(slots=True)
class _Sample:
    """Points drawn evenly from a stream of unknown length (Vitter's algorithm R)."""

    size: int
    points: list[Point] = field(default_factory=list)
    met: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(0))

    def offer(self, points: Iterable[Point]) -> None:
        for point in points:
            self.met += 1
            if len(self.points) < self.size:
                self.points.append(point)
            elif (place := self.rng.randrange(self.met)) < self.size:
                self.points[place] = point


# ── between stores ───────────────────────────────────────────────────────────────────────────────


def transfer(
    source: Collection,
    store: Store,
    name: str,
    *,
    quantized: bool | None = None,
    delete: bool = False,
    progress: Progress | None = None,
) -> Copied:
    """Bring a store's collection to what another collection holds; make it if it is not there.

    Args:
        source: what is copied.
        store: where to.
        name: of the collection there.
        quantized: search it as 8-bit integers first; None keeps what the source does, where it can.
        delete: delete what the source does not have.
        progress: called with (points read, total, what is being done).

    Raises: IndexMismatch if the collection there is of another encoder or layout, or holds points
        that the source does not have and ``delete`` is not given.
    """
    able = store.capabilities.quantized
    wanted = (source.schema.quantized and able) if quantized is None else quantized
    total = source.count()
    with _target(store, name, source.card, replace(source.schema, quantized=wanted)) as target:
        workers = WORKERS if store.capabilities.shared else 1
        copied = copy(source, target, workers=workers, progress=progress, total=total)
        if delete and target.count() > copied.read:
            copied = replace(copied, deleted=_delete_others(source, target))
        _check_count(target, copied.read)
    return copied


def _target(store: Store, name: str, card: EncoderCard, schema: Schema) -> Collection:
    if not store.exists(name):
        return store.create(name, card, schema)
    target = store.open(name)
    if target.card == card and set(target.schema.names) == set(schema.names):
        return target
    there = target.card
    target.close()
    raise IndexMismatch(
        f"Collection '{name}' in {store.location} holds {there.name} vectors ({there.dimension}), "
        f"the source {card.name} ({card.dimension}). Choose another name for the copy, or drop it."
    )


def _check_count(target: Collection, wanted: int) -> None:
    held = target.count()
    if held != wanted:
        raise IndexMismatch(
            f"Collection '{target.name}' holds {held:,} points after the copy, the source {wanted:,}."
            + (" Copy with --delete to remove the others." if held > wanted else " Copy again.")
        )


def _delete_others(source: Collection, target: Collection) -> int:
    deleted = 0
    for batch in batched(target.scroll(keys=()), BATCH):
        ids = [point.id for point in batch]
        there = {point.id for point in source.retrieve(ids, payload=False)}
        others = tuple(id for id in ids if id not in there)
        if others:
            deleted += target.delete(Filter((HasId(others),)))
    return deleted


# ── backups ──────────────────────────────────────────────────────────────────────────────────────


def backup(source: Collection, folder: Path, *, progress: Progress | None = None) -> Archive:
    """Write a collection as a new archive, and read the files back against their checksums.

    Raises: UsageError for a folder that is not empty; IndexMismatch if the collection changed
        meanwhile: a backup is of one moment.
    """
    total = source.count()
    writer = ArchiveWriter.open(folder, source.card, source.schema)
    if writer.archive.shards:
        raise SourceError(f"{folder} holds an unfinished archive. Remove it, or give a new folder.")
    done = 0
    for batch in batched(source.scroll(vectors=source.schema.names), BATCH):
        writer.add(Point(point.id, point.vectors, point.payload) for point in batch)
        done += len(batch)
        if progress:
            progress(done, total, "Writing")
    writer.flush()
    if not (writer.archive.count() == source.count() == total):
        raise IndexMismatch(
            f"Collection '{source.name}' changed while it was read ({total:,} points, then "
            f"{source.count():,}). Remove {folder} and take the backup while nothing is stored."
        )
    archive = writer.finish()
    archive.verify()
    return archive


def restore(
    folder: Path,
    store: Store,
    name: str,
    *,
    replace_existing: bool = False,
    quantized: bool | None = None,
    progress: Progress | None = None,
) -> Copied:
    """Make a collection from a backup: built beside, checked, and then put in place in one step.

    A restore that was stopped is gone on with. What had the name is kept until it is pruned.

    Raises: SourceError for files that are not what was written; IndexMismatch if the collection is
        there and ``replace_existing`` is not given.
    """
    archive = Archive.open(folder)
    if not archive.complete:
        raise SourceError(f"The archive {folder} is not finished. Finish it, or use another.")
    archive.verify()
    if store.exists(name) and not replace_existing:
        raise IndexMismatch(
            f"Collection '{name}' is there already in {store.location}. Restore it under another "
            "name, or replace it with --replace."
        )
    copied = load(archive, store, store.beside(name), quantized=quantized, progress=progress)
    store.swap(name)
    return copied


def load(
    archive: Archive,
    store: Store,
    name: str,
    *,
    quantized: bool | None = None,
    progress: Progress | None = None,
) -> Copied:
    """Store an archive's points in a collection of the same encoder; make it if it is not there."""
    able = store.capabilities.quantized
    wanted = (archive.schema.quantized and able) if quantized is None else quantized
    with _target(store, name, archive.card, replace(archive.schema, quantized=wanted)) as target:
        workers = WORKERS if store.capabilities.shared else 1
        return copy(archive, target, workers=workers, progress=progress, total=archive.count())


# ── to another encoder ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of the figures of a collection that was encoded anew.

    Attributes:
        described: figures whose descriptions were carried over.
        undescribed: figures whose descriptions do not fit the new encoder's text space.
        missing: ids of figures that the new collection does not hold.
    """

    described: int
    undescribed: int
    missing: tuple[str, ...]


def carry_words(old: Collection, new: Collection) -> Carried:
    """Give the figures of a new collection the descriptions that the old one has of them.

    Words do not depend on the encoder, and may have cost money. Vectors of descriptions are copied
    where the spaces are alike in size, else they are left out, and counted.
    """
    spoken = (TEXT, BM25, DESCRIPTIONS)
    alike = set(spoken) <= set(new.schema.names) and old.schema.multi == new.schema.multi
    names = tuple(name for name in spoken if name in old.schema.names)
    described = undescribed = 0
    missing: list[str] = []
    for batch in batched(old.scroll(vectors=names), BATCH):
        ids = [point.id for point in batch]
        there = {p.id: p for p in new.retrieve(ids, vectors=new.schema.names)}
        missing += [id for id in ids if id not in there]
        told: list[Point] = []
        for point in batch:
            found = there.get(point.id)
            words = _words(point.payload)
            if found is None or not words or _words(found.payload) == words:
                continue
            if not alike:
                undescribed += 1
                continue
            told.append(
                Point(point.id, {**found.vectors, **point.vectors}, {**found.payload, **words})
            )
        if told:
            new.upsert(told)
            described += len(told)
    return Carried(described, undescribed, tuple(missing))


def _words(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key: payload[key] for key in ("descriptions", "described_by") if key in payload}

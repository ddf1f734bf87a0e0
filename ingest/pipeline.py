"""Read → figures → encode → upsert, in one pass: streamed, resumable, and stopped by no bad file.

Threads decode while the encoder runs; what waits is bounded, so memory does not grow with the
collection. A batch is durable before the next begins: a killed ingest is resumed by running it
again, since every figure's id is the same for ever and unchanged ones are passed over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.design import Design, Figure
from engine.encoder import Encoded, Encoder
from engine.errors import ImageError, IndexUnavailable
from engine.evaluate import Labels
from engine.plan import Index, Point, SparseVector, Vector
from ingest.describe import DescribeError, DescriberAway, Describing, Goods, Subject
from ingest.figures import Prepared, figures, prepare
from ingest.sources import Problem, read

BATCH = 64  # figures encoded and stored together; a design is not parted unless it has many more
LONGEST = 4 * BATCH
WAITING = 3 * BATCH  # figures decoded ahead of the encoder, at most
WORKERS = 2

Progress = Callable[[int, "int | None", str], None]
Vectors = Mapping[str, Vector | SparseVector]


class ToPoint(Protocol):
    """How a figure becomes a point of the store; ``qdrant.points.point`` is one."""

    def __call__(
        self, design: Design, figure: Figure, vectors: Vectors, *, thumbnail: str = ""
    ) -> Point:
        """The figure's id, its vectors and its payload."""


@dataclass(slots=True)
class Summary:
    """What an ingest did; ``read`` = ``indexed`` + ``unchanged`` + ``skipped`` always.

    Attributes:
        read: figures met, readable or not.
        indexed: figures stored, new or changed.
        unchanged: figures that were there already, the same.
        skipped: figures left out; ``errors`` names each file and the reason.
        warnings: remarks about figures that were stored nevertheless.
        interrupted: stopped by Ctrl-C after the batch in hand was stored.
    """

    read: int = 0
    indexed: int = 0
    unchanged: int = 0
    skipped: int = 0
    errors: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    interrupted: bool = False

    def record(self) -> dict[str, Any]:
        """As JSON: {"read", "indexed", "unchanged", "skipped", "errors": [{"file", "reason"}], …}."""
        return asdict(self)

    def leave_out(self, file: str, reason: str, figures: int = 1) -> None:
        """Count figures that could not be read; 0 makes it a remark."""
        self.read += figures
        self.skipped += figures
        (self.errors if figures else self.warnings).append({"file": file, "reason": reason})


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    design: Design
    figure: Figure
    prepared: Future[Prepared]


def ingest(
    paths: Iterable[Path],
    index: Index,
    encoder: Encoder,
    to_point: ToPoint,
    *,
    source: str = "auto",
    describing: Describing | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Store every figure at the paths that is new or changed.

    Args:
        paths: an office's files and folders.
        index: a collection made for this encoder.
        encoder: from pixels to unit rows.
        to_point: how a figure becomes a point.
        source: kind of all paths, or "auto".
        describing: who writes descriptions, or None for a collection without text.
        progress: called with (figures done, None, what is being done).

    Raises: SourceError when a path holds nothing readable, IndexUnavailable when the store fails:
        what was stored before stays.
    """
    summary = Summary()
    writer = _Writer(index, encoder, to_point, describing, summary)
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            for batch in _batches(_jobs(paths, source, encoder, pool, writer)):
                writer.store(batch)
                if progress:
                    progress(summary.read, None, "Ingesting")
    except KeyboardInterrupt:
        # Every batch is stored whole or not at all, so there is nothing to undo.
        summary.interrupted = True
        settled = summary.indexed + summary.unchanged + summary.skipped
        summary.read = settled
    except IndexUnavailable as error:
        raise type(error)(
            f"{error} {summary.indexed:,} figures were stored before; run the same command again."
        ) from error
    return summary


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Drawings encoded without a store: what evaluation measures.

    Attributes:
        embeddings: (n, dim) float32 unit rows.
        labels: of each row.
        problems: what could not be read.
    """

    embeddings: Vector
    labels: Labels
    problems: tuple[Problem, ...]


def encode_only(
    paths: Iterable[Path], encoder: Encoder, *, source: str = "auto",
    progress: Progress | None = None,
) -> Gallery:  # fmt: skip
    """Encode every figure at the paths as :func:`ingest` would, and keep the rows.

    ``labels.sources`` names the path that each figure came from by its last part.
    """
    rows: list[Vector] = []
    problems: list[Problem] = []
    ids: list[str] = []
    numbers: list[str] = []
    codes: list[str] = []
    homes: list[str] = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for path in paths:
            summary = Summary()
            writer = _Writer(None, encoder, None, None, summary)
            for batch in _batches(_jobs([path], source, encoder, pool, writer)):
                ready = writer.ready(batch)
                if not ready:
                    continue
                rows.append(encoder.encode([square.square for _, square in ready]))
                for job, _ in ready:
                    page = f"#{job.figure.page}" if job.figure.page else ""
                    ids.append(f"{job.figure.file}{page}")
                    numbers.append(f"{job.design.office}:{job.design.id}")
                    codes.append(job.design.locarno[0] if job.design.locarno else "")
                    homes.append(path.name or str(path))
                if progress:
                    progress(len(ids), None, "Encoding")
            problems += [Problem(e["file"], e["reason"]) for e in summary.errors]
    embeddings = np.concatenate(rows) if rows else np.empty((0, encoder.card.dimension), np.float32)
    labels = Labels(
        ids=tuple(ids),
        design_ids=tuple(numbers),
        subclasses=tuple(code if "-" in code else "" for code in codes),
        classes=tuple(code[:2] for code in codes),
        sources=tuple(homes),
    )
    return Gallery(embeddings, labels, tuple(problems))


def survey(paths: Iterable[Path], source: str = "auto") -> dict[str, Any]:
    """What an ingest would read, without encoding or storing: counts, and what is wrong."""
    summary = Summary()
    designs: set[tuple[str, str]] = set()
    classed = 0
    examples: list[dict[str, str]] = []
    for item in read(paths, source):
        if isinstance(item, Problem):
            summary.leave_out(item.file, item.reason, item.figures)
            continue
        designs.add((item.office, item.id))
        classed += bool(item.locarno)
        if len(examples) < 5:
            examples.append({
                "design_id": item.id, "title": item.title, "locarno": ", ".join(item.locarno),
                "figures": str(len(item.figures)),
            })  # fmt: skip
        for figure in figures(item):
            if isinstance(figure, tuple):
                summary.leave_out(figure[0].file, figure[1])
            else:
                summary.read += 1
    return {
        "read": summary.read, "designs": len(designs), "with_class": classed,
        "skipped": summary.skipped, "errors": summary.errors, "warnings": summary.warnings,
        "examples": examples,
    }  # fmt: skip


def _jobs(
    paths: Iterable[Path], source: str, encoder: Encoder, pool: ThreadPoolExecutor, writer: _Writer
) -> Iterator[_Job]:
    """Figures in order, decoded ahead in threads; what is unchanged never reaches a thread."""
    waiting: deque[_Job] = deque()
    keep = writer.wants_pictures
    for design, figure in writer.changed(_figures(paths, source, writer.summary)):
        future = pool.submit(prepare, figure, encoder, keep_picture=keep)
        waiting.append(_Job(design, figure, future))
        if len(waiting) >= WAITING:
            yield waiting.popleft()
    yield from waiting


def _figures(
    paths: Iterable[Path], source: str, summary: Summary
) -> Iterator[tuple[Design, Figure]]:
    for item in read(paths, source):
        if isinstance(item, Problem):
            summary.leave_out(item.file, item.reason, item.figures)
            continue
        bare = replace(item, figures=())  # so that waiting figures do not hold each other's files
        for figure in figures(item):
            if isinstance(figure, tuple):
                summary.leave_out(figure[0].file, figure[1])
            else:
                summary.read += 1
                yield bare, figure


def _batches(jobs: Iterable[_Job]) -> Iterator[list[_Job]]:
    """Batches that end where a design ends, unless it has very many figures."""
    batch: list[_Job] = []
    for job in jobs:
        parted = bool(batch) and batch[-1].design is not job.design
        if (len(batch) >= BATCH and parted) or len(batch) >= LONGEST:
            yield batch
            batch = []
        batch.append(job)
    if batch:
        yield batch


@dataclass(eq=False)
class _Writer:
    """Passes over what is stored already, encodes the rest and stores it."""

    index: Index | None
    encoder: Encoder
    to_point: ToPoint | None
    describing: Describing | None
    summary: Summary
    empty: bool = False

    def __post_init__(self) -> None:
        self.empty = self.index is None or self.index.count() == 0

    @property
    def wants_pictures(self) -> bool:
        """Whether a describer is going to look at the drawings."""
        describer = self.describing.describer if self.describing else None
        return bool(getattr(describer, "sees", False))

    @cached_property
    def goods(self) -> Goods:
        """Names of goods in the encoder's text space, for describing what a drawing is like."""
        assert self.describing is not None
        return Goods.load(self.describing.words)

    def changed(self, found: Iterable[tuple[Design, Figure]]) -> Iterator[tuple[Design, Figure]]:
        """What is not stored yet just so; payloads that alone differ are mended on the way."""
        if self.empty or self.index is None or self.to_point is None:
            yield from found
            return
        for chunk in _chunks(found, BATCH):
            points = [self.to_point(design, figure, {}) for design, figure in chunk]
            stored = {
                point.id: point.payload for point in self.index.retrieve([p.id for p in points])
            }
            for (design, figure), point in zip(chunk, points, strict=True):
                old = stored.get(point.id)
                if (
                    old is None
                    or not _same(old, point.payload, ("sha256", "page", "turn", "box"))
                    or (self.describing is not None and "descriptions" not in old)
                ):
                    yield design, figure
                elif _same(old, point.payload, point.payload):
                    self.summary.unchanged += 1
                else:
                    self.index.set_payload(point.id, point.payload)
                    self.summary.indexed += 1

    def ready(self, batch: list[_Job]) -> list[tuple[_Job, Prepared]]:
        """The figures of a batch that could be decoded; the others are counted and named."""
        found = []
        for job in batch:
            try:
                found.append((job, job.prepared.result()))
            except ImageError as error:
                self.summary.skipped += 1
                self.summary.errors.append({"file": job.figure.file, "reason": str(error)})
        return found

    def store(self, batch: list[_Job]) -> None:
        """Encode and store a batch; returns once it is durable."""
        assert self.index is not None and self.to_point is not None
        ready = self.ready(batch)
        if not ready:
            return
        encoded = self.encoder.encode_all([prepared.square for _, prepared in ready])
        extras = self._descriptions(ready, encoded)
        points: dict[str, Point] = {}
        for (job, prepared), row in zip(ready, encoded.image, strict=True):
            vectors, payload = extras.get(id(job.design), ({}, {}))
            made = self.to_point(
                job.design, job.figure, {"image": row, **vectors}, thumbnail=prepared.thumbnail
            )
            if made.id in points:
                reason = (
                    f"figure {job.figure.number} of {job.design.id} comes twice: the later stays"
                )
                self.summary.warnings.append({"file": job.figure.file, "reason": reason})
            points[made.id] = replace(made, payload={**made.payload, **payload})
        self.index.upsert(list(points.values()))
        self.summary.indexed += len(ready)

    def _descriptions(
        self, ready: list[tuple[_Job, Prepared]], encoded: Encoded
    ) -> dict[int, tuple[Vectors, Mapping[str, Any]]]:
        """Vectors and payload that describing adds to the figures of each design."""
        found: dict[int, tuple[Vectors, Mapping[str, Any]]] = {}
        start = 0
        for _, group in groupby(ready, key=lambda item: id(item[0].design)):
            if self.describing is None:
                break
            members = list(group)
            rows = None if encoded.text is None else encoded.text[start : start + len(members)]
            start += len(members)
            design = replace(members[0][0].design, figures=tuple(job.figure for job, _ in members))
            pictures = [p.picture for _, p in members if p.picture is not None]
            terms = self.goods.nearest(rows, design.locarno) if rows is not None else ()
            try:
                found[id(members[0][0].design)] = self.describing.of(
                    Subject.of(design, pictures, terms)
                )
            except DescribeError as error:
                self.summary.warnings.append(
                    {"file": design.id, "reason": f"stored without descriptions: {error}"}
                )
                if isinstance(error, DescriberAway):
                    self.describing = None  # asking for the next design makes no sense
        return found


def _same(old: Mapping[str, Any], new: Mapping[str, Any], keys: Iterable[str]) -> bool:
    return all(old.get(key) == new.get(key) for key in keys)


def _chunks(
    items: Iterable[tuple[Design, Figure]], size: int
) -> Iterator[list[tuple[Design, Figure]]]:
    chunk: list[tuple[Design, Figure]] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk

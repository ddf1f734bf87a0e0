"""Read → figures → encode → upsert, in one pass: streamed, resumable, and stopped by no bad file.

Threads decode while the encoder runs, and the encoder works on a batch while the one before is
stored. What waits is bounded, so memory does not grow with the collection. A killed ingest is
resumed by running it again: every figure's id is the same for ever, what was stored is passed over,
and at most the two batches in hand are done once more.
"""

from __future__ import annotations

import signal
import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from engine import drawing
from engine.design import Citation, Design, Figure
from engine.encoder import Encoded, Encoder
from engine.errors import ImageError, IndexUnavailable, UsageError
from engine.evaluate import Labels
from engine.plan import Index, Point, SparseVector, Vector
from ingest.describe import DescribeError, DescriberAway, Describing, Goods, Subject
from ingest.figures import Prepared, figures, prepare
from ingest.sheets import Parting, Sheet, Splitter, Told
from ingest.sources import Problem, parts, read

IMAGE = "image"  # the named vector of every collection
BATCH = 64  # figures encoded and stored together; a design is not parted unless it has many more
LONGEST = 4 * BATCH
AHEAD = BATCH  # figures decoded ahead of the encoder, at most
AHEAD_BYTES = 64 * 2**20  # of their files
LOOKED_UP = 16  # figures looked up in the store together
WORKERS = 2
# Of these the stored value stays where a source (or an option) no longer gives one.
KEPT = frozenset({"thumbnail", "image_url", "version", "has_broken_lines"})

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
        interrupted: stopped by Ctrl-C, after what was in hand was stored.
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

    @property
    def settled(self) -> int:
        """Figures that are done with, one way or another."""
        return self.indexed + self.unchanged + self.skipped

    def refuse(self, file: str, reason: str) -> None:
        """Count a figure that was read and cannot be stored."""
        self.skipped += 1
        self.errors.append({"file": file, "reason": reason})

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
    splitter: Splitter | None = None,
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
        splitter: parts sheets into their figures, and looks for broken lines in them; None stores
            every picture as one figure, as it is.
        progress: called with (figures done, None, what is being done).

    Raises: SourceError when a path holds nothing readable, IndexUnavailable when the store fails:
        what was stored before stays.
    """
    summary = Summary()
    writer = _Writer(index, encoder, to_point, describing, summary)
    try:
        with _Interrupt() as interrupt, ThreadPoolExecutor(WORKERS) as pool:
            sheets = takewhile(lambda _: not interrupt.asked, _sheets(paths, source, summary))
            needs = ("descriptions",) if describing else ()
            parting = Parting(splitter, writer.filled, pool, needs)
            found = _figures(sheets, parting, summary)
            jobs = _jobs(found, pool, writer, dashes=splitter is not None)
            for ready, encoded in _encoded(jobs, writer):
                writer.store(ready, encoded)
                if progress:
                    progress(summary.settled, None, "Ingesting")
            summary.interrupted = interrupt.asked
    except IndexUnavailable as error:
        raise type(error)(f"{error} {_so_far(summary)}") from error
    if summary.interrupted:
        summary.read = summary.settled  # what was met when Ctrl-C came, and let go
    return summary


def _so_far(summary: Summary) -> str:
    return (
        f"Until then {summary.indexed:,} figures were indexed, {summary.unchanged:,} were unchanged "
        f"and {summary.skipped:,} skipped; run the same command again to go on."
    )


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
    splitter: Splitter | None = None, progress: Progress | None = None,
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
            found = _figures(
                _sheets([path], source, summary), Parting(splitter, None, pool), summary
            )
            for ready, encoded in _encoded(_jobs(found, pool, writer), writer):
                rows.append(encoded.image)
                for job, _ in ready:
                    page = f"#{job.figure.page}" if job.figure.page else ""
                    part = f"#{job.figure.number}" if job.figure.sheet else ""
                    ids.append(f"{job.figure.file}{page}{part}")
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
    """What an ingest would read, without encoding or storing: as what, counts, and what is wrong."""
    paths = list(paths)
    kinds = Counter(kind for path in paths for kind, _ in parts(path, source))
    summary = Summary()
    designs: set[tuple[str, str]] = set()
    classed = 0
    examples: list[dict[str, str]] = []
    for item in read(paths, source):
        if isinstance(item, Problem):
            summary.leave_out(item.file, item.reason, item.figures)
            continue
        whole = 0
        for figure in figures(item):
            if isinstance(figure, tuple):
                summary.leave_out(figure[0].file, figure[1])
                continue
            try:
                drawing.pages(figure.content, name=figure.file)  # that it opens; no decoding
            except ImageError as error:
                summary.leave_out(figure.file, str(error))
            else:
                summary.read += 1
                whole += 1
        if not whole:
            continue
        classed += bool(item.locarno) and (item.office, item.id) not in designs
        designs.add((item.office, item.id))
        if len(examples) < 5:
            examples.append(
                {
                    "design_id": item.id,
                    "title": item.title,
                    "locarno": ", ".join(item.locarno),
                    "figures": str(whole),
                }
            )
    return {
        "read": summary.read, "designs": len(designs), "with_class": classed,
        "skipped": summary.skipped, "errors": summary.errors, "warnings": summary.warnings,
        "examples": examples, "sources": dict(kinds),
    }  # fmt: skip


class _Interrupt:
    """Ctrl-C as a wish: what is in hand is finished first. A second one stops at once."""

    asked = False

    def __enter__(self) -> _Interrupt:
        # Only the main thread gets signals, and a caller's own handler is left alone.
        self._mine = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._mine:
            signal.signal(signal.SIGINT, self._ask)
        return self

    def _ask(self, *_: object) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __exit__(self, *_: object) -> None:
        if self._mine:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _jobs(
    found: Iterable[tuple[Design, Figure]],
    pool: ThreadPoolExecutor,
    writer: _Writer,
    *,
    dashes: bool = False,
) -> Iterator[_Job]:
    """Figures in order, decoded ahead in threads; what is unchanged never reaches a thread."""
    waiting: deque[tuple[_Job, int]] = deque()
    size = 0
    for design, figure in writer.changed(found):
        future = pool.submit(
            prepare, figure, writer.encoder, keep_picture=writer.wants_pictures, dashes=dashes
        )
        # Once decoded the file is not needed: only what a point says of the figure is kept.
        job = _Job(design, replace(figure, content=b""), future)
        waiting.append((job, len(figure.content)))
        size += len(figure.content)
        while len(waiting) > AHEAD or size > AHEAD_BYTES:
            job, freed = waiting.popleft()
            size -= freed
            yield job
    yield from (job for job, _ in waiting)


def _encoded(
    jobs: Iterable[_Job], writer: _Writer
) -> Iterator[tuple[list[tuple[_Job, Prepared]], Encoded]]:
    """Batches with their rows; while the caller stores one, the next is encoded."""
    before = None
    with ThreadPoolExecutor(1) as alone:
        for batch in _batches(jobs):
            ready = writer.ready(batch)
            if not ready:
                continue
            squares = [prepared.square for _, prepared in ready]
            begun = ready, alone.submit(writer.encoder.encode_all, squares)
            if before:
                yield before[0], before[1].result()
            before = begun
        if before:
            yield before[0], before[1].result()


def _sheets(paths: Iterable[Path], source: str, summary: Summary) -> Iterator[Sheet]:
    for item in read(paths, source):
        if isinstance(item, Problem):
            summary.leave_out(item.file, item.reason, item.figures)
            continue
        bare = replace(item, figures=())  # so that waiting figures do not hold each other's files
        told = Told.of(item)
        for place, figure in enumerate(figures(item)):
            if isinstance(figure, tuple):
                summary.leave_out(figure[0].file, figure[1])
            else:
                yield Sheet(bare, figure, told, place)


def _figures(
    sheets: Iterable[Sheet], parting: Parting, summary: Summary
) -> Iterator[tuple[Design, Figure]]:
    for sheet, found, reason in parting.figures(sheets):
        if reason:
            remark = f"stored whole, as one figure: {reason}"
            summary.leave_out(sheet.figure.file, remark, figures=0)
        for figure in found:
            summary.read += 1
            yield sheet.design, figure


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
    owned: frozenset[str] = frozenset()
    # Of every figure of this ingest, 64 bits of its id and of its content: some 100 bytes each.
    seen: dict[int, int] = field(default_factory=dict)
    mended: list[tuple[Point, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.empty = self.index is None or self.index.count() == 0
        if self.to_point is not None:
            full = self.to_point(_FULL, _FULL.figures[0], {}, thumbnail="-")
            self.owned = frozenset(full.payload) - KEPT

    @property
    def filled(self) -> Index | None:
        """The collection, if there is anything in it."""
        return None if self.empty else self.index

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
        if self.index is None or self.to_point is None:
            yield from found
            return
        for chunk in _chunks(found, LOOKED_UP):
            points = [self.to_point(design, figure, {}) for design, figure in chunk]
            stored: dict[str, Mapping[str, Any]] = {}
            if not self.empty:
                known = self.index.retrieve([point.id for point in points])
                stored = {point.id: point.payload for point in known}
            for (design, figure), point in zip(chunk, points, strict=True):
                old = stored.get(point.id)
                again = self._met(point.id, figure)
                if again == "same":
                    self.summary.unchanged += 1
                elif (
                    again == "other"
                    or old is None
                    or not _same(old, point.payload, ("sha256", "page", "turn", "box", "split_by"))
                    or (self.describing is not None and "descriptions" not in old)
                ):
                    if again == "other":
                        self._store_mended()  # the later stays, so the earlier must come before
                        reason = (
                            f"figure {figure.number} of design {design.id} comes twice with "
                            "different contents: the later stays"
                        )
                        self.summary.leave_out(figure.file, reason, figures=0)
                    yield design, figure
                else:
                    self._mend(point, old, figure)
        self._store_mended()

    def _met(self, id: str, figure: Figure) -> Literal["", "same", "other"]:
        """Whether this ingest has had the figure before, with the same content or another."""
        key = uuid.UUID(id).int >> 64
        content = hash((figure.sha256, figure.page, figure.box))
        before = self.seen.get(key)
        self.seen[key] = content
        return "" if before is None else "same" if before == content else "other"

    def _mend(self, point: Point, old: Mapping[str, Any], figure: Figure) -> None:
        """Keep the vectors of a figure whose picture is the same, and store what is new about it."""
        assert self.index is not None
        keys = self.owned | (point.payload.keys() & KEPT)
        changed = {
            key: point.payload.get(key) for key in keys if old.get(key) != point.payload.get(key)
        }
        if not changed:
            self.summary.unchanged += 1
            return
        if "descriptions" in old:  # it has vectors besides, which only the store can keep together
            self.index.set_payload(point.id, changed)
            self.summary.indexed += 1
            return
        payload = {key: value for key, value in {**old, **changed}.items() if value is not None}
        self.mended.append((Point(point.id, {}, payload), figure.file))
        if len(self.mended) == BATCH:
            self._store_mended()

    def _store_mended(self) -> None:
        """Store changed payloads many at a time: each write waits for the disk."""
        mended, self.mended = self.mended, []
        if not mended or self.index is None:
            return
        ids = [point.id for point, _ in mended]
        rows = self.index.retrieve(ids, payload=False, vectors=(IMAGE,))
        vectors = {point.id: point.vectors for point in rows}
        self._upsert([(replace(p, vectors=vectors[p.id]), file) for p, file in mended])

    def ready(self, batch: list[_Job]) -> list[tuple[_Job, Prepared]]:
        """The figures of a batch that could be decoded; the others are counted and named."""
        found = []
        for job in batch:
            try:
                found.append((job, job.prepared.result()))
            except ImageError as error:
                self.summary.refuse(job.figure.file, str(error))
        return found

    def store(self, ready: list[tuple[_Job, Prepared]], encoded: Encoded) -> None:
        """Store an encoded batch; returns once it is durable."""
        assert self.index is not None and self.to_point is not None
        extras = self._descriptions(ready, encoded)
        points: dict[str, tuple[Point, str]] = {}
        for (job, prepared), row in zip(ready, encoded.image, strict=True):
            if not row.any():
                self.summary.refuse(job.figure.file, "the encoder sees nothing in this drawing")
                continue
            vectors, payload = extras.get(id(job.design), ({}, {}))
            broken = (
                bool(job.figure.broken_lines) or prepared.broken_lines
            )  # the text's word counts
            made = self.to_point(
                job.design, replace(job.figure, broken_lines=broken), {IMAGE: row, **vectors},
                thumbnail=prepared.thumbnail,
            )  # fmt: skip
            made = replace(made, payload={**made.payload, **payload})
            self.summary.indexed += made.id in points  # the same figure once more: the later stays
            points[made.id] = made, job.figure.file
        self._upsert(list(points.values()))

    def _upsert(self, points: list[tuple[Point, str]]) -> None:
        """Store points; if the store refuses some as unfit, the others are stored."""
        assert self.index is not None
        try:
            self.index.upsert([point for point, _ in points])
            self.summary.indexed += len(points)
        except UsageError as error:
            if len(points) == 1:
                self.summary.refuse(points[0][1], str(error))
                return
            for single in points:
                self._upsert([single])

    def _descriptions(
        self, ready: list[tuple[_Job, Prepared]], encoded: Encoded
    ) -> dict[int, tuple[Vectors, Mapping[str, Any]]]:
        """Vectors and payload that describing adds to the figures of each design."""
        if self.describing is None:
            return {}
        subjects: list[Subject] = []
        keys: list[int] = []
        start = 0
        for key, group in groupby(ready, key=lambda item: id(item[0].design)):
            members = list(group)
            rows = None if encoded.text is None else encoded.text[start : start + len(members)]
            start += len(members)
            design = replace(members[0][0].design, figures=tuple(job.figure for job, _ in members))
            pictures = [p.picture for _, p in members if p.picture is not None]
            terms = self.goods.nearest(rows, design.locarno) if rows is not None else ()
            subjects.append(Subject.of(design, pictures, terms))
            keys.append(key)
        found: dict[int, tuple[Vectors, Mapping[str, Any]]] = {}
        for key, subject, gained in zip(
            keys, subjects, self.describing.of_all(subjects), strict=False
        ):
            if isinstance(gained, DescribeError):
                reason = f"stored without descriptions: {gained}"
                self.summary.warnings.append({"file": subject.id, "reason": reason})
                if isinstance(gained, DescriberAway):
                    self.describing = None  # asking for the next design makes no sense
            else:
                found[key] = gained
        return found


# Every field filled: its point shows which keys of a payload are a source's to give or to take away.
_FULL = Design(
    id="-", office="-", title="-", locarno=("06-01",), locarno_edition="-", filed=date.min,
    published=date.min, holder="-", description="-", related=("-",), citations=(Citation(design_id="-"),),
    figures=(
        Figure(
            number="-", file="-", content=b"-", view="-", page=1, turn=90, box=(0, 0, 1, 1), label="-",
            sheet="-", parts=1, confidence=1.0, split_by="-", erase=((0, 0, 1, 1),),
        ),
    ),
)  # fmt: skip


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

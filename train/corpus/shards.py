"""A corpus on disk: Parquet shards that Hugging Face ``datasets`` loads, written in parallel.

Every corpus has the same columns. A shard holds the pictures of a fixed run of designs and appears
under its name only when it is whole, so a build that was stopped, by kill -9 too, goes on where it
was; the same seed gives the same bytes, whatever the number of workers. Knows of designs only that
they are numbered and can be turned into rows.
"""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from engine.errors import SourceError, UsageError

DESIGNS_PER_SHARD = 32
MANIFEST = "corpus.json"
VERSION = 2  # raise when the same seed no longer gives the same pictures
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One picture of a corpus.

    Attributes:
        image: the encoded picture, grey PNG or an office's TIFF.
        design_id: what the other views of the design share.
        view: "front", "perspective", "sheet 3", …
        locarno_class: "06", or "" where unknown.
        locarno_subclass: "06-01", or "" where unknown.
        title: what it is called, or "".
        split: "train", "validation" or "test"; equal for all pictures of a design.
        source: the corpus or file it is from.
        licence: SPDX name, or "public domain".
        attribution: whom the licence asks to name, or "".
    """

    image: bytes
    design_id: str
    view: str = ""
    locarno_class: str = ""
    locarno_subclass: str = ""
    title: str = ""
    split: str = "train"
    source: str = ""
    licence: str = ""
    attribution: str = ""


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of a corpus is kept apart: shares of its designs, by a hash of their ids.

    Raises: UsageError where the shares leave nothing to train on.
    """

    validation: float = 0.05
    test: float = 0.05

    def __post_init__(self) -> None:
        if not (self.validation >= 0 and self.test >= 0 and self.validation + self.test < 1):
            raise UsageError(
                f"Shares of {self.validation} for validation and {self.test} for testing leave "
                "nothing to train on. Both are from 0, and below 1 together."
            )

    def split(self, design_id: str) -> str:
        """The split a design belongs to: the same on every machine, for ever."""
        digest = hashlib.blake2b(design_id.encode(), digest_size=8).digest()
        place = int.from_bytes(digest) / 2**64
        if place < self.test:
            return "test"
        return "validation" if place < self.test + self.validation else "train"


def png(picture: Any) -> bytes:
    """A (h, w) uint8 array or a Pillow image as grey PNG bytes; the same picture, the same bytes."""
    from PIL import Image

    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=7)
    return stream.getvalue()


Maker = Callable[[int], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: shards, of them, pictures written in this run, and items skipped."""

    done: int
    shards: int
    pictures: int
    skipped: int


def write(
    out: Path,
    make: Maker,
    designs: int,
    recipe: dict[str, object],
    *,
    workers: int = 1,
    report: Callable[[Progress], None] | None = None,
) -> Progress:
    """Write a corpus of designs 0 … ``designs`` − 1, or what of it is not written yet.

    Args:
        out: folder of the corpus; made where missing.
        make: design number → its rows, empty where the design is of no use. Must be picklable.
        recipe: what decides the pictures (kind, seed, size): kept beside the shards, and compared.
        workers: processes.
        report: called after every shard.

    Raises: UsageError where the folder holds a corpus of another recipe; SourceError where it
        cannot be written.
    """
    recipe = {"version": VERSION, "per_shard": DESIGNS_PER_SHARD, **recipe}
    _claim(out, recipe)
    total = -(-designs // DESIGNS_PER_SHARD)
    jobs = []
    for shard in range(total):
        numbers = range(shard * DESIGNS_PER_SHARD, min((shard + 1) * DESIGNS_PER_SHARD, designs))
        path = out / f"{shard:05d}-{len(numbers):02d}.parquet"
        if not path.exists():
            jobs.append((make, path, numbers))
    done, pictures, skipped = total - len(jobs), 0, 0
    state = Progress(done, total, 0, 0)
    for wrote, missed in _run(jobs, workers):
        done, pictures, skipped = done + 1, pictures + wrote, skipped + missed
        state = Progress(done, total, pictures, skipped)
        if report:
            report(state)
    # A last shard that was short when fewer designs were asked for is superseded by the full one.
    for shard in range(total):
        same = sorted(out.glob(f"{shard:05d}-*.parquet"))
        for old in same[:-1]:
            old.unlink()
    return state


def write_stream(
    out: Path,
    designs: Iterable[list[Row]],
    recipe: dict[str, object],
    *,
    report: Callable[[Progress], None] | None = None,
) -> Progress:
    """Write a corpus of designs that come one after the other, as from a file read through.

    A build that was stopped reads again from the start, and writes only the shards that are
    missing. ``Progress.shards`` is what is done so far: nobody knows how many will come.

    Args:
        out, recipe, report: as in :func:`write`.
        designs: the rows of each design, in an order that does not change.

    Raises: UsageError where the folder holds a corpus of another recipe; SourceError where it
        cannot be written.
    """
    _claim(out, {"version": VERSION, "per_shard": DESIGNS_PER_SHARD, **recipe})
    pictures, skipped, done = 0, 0, 0
    state = Progress(0, 0, 0, 0)
    coming = iter(designs)
    while batch := list(islice(coming, DESIGNS_PER_SHARD)):
        path = out / f"{done:05d}-{len(batch):02d}.parquet"
        if not path.exists():
            rows = [row for found in batch for row in found]
            save(rows, path)
            pictures += len(rows)
            skipped += sum(not found for found in batch)
        for old in out.glob(f"{done:05d}-*.parquet"):
            if old != path:
                old.unlink()
        done += 1
        state = Progress(done, done, pictures, skipped)
        if report:
            report(state)
    return state


def _run(jobs: list[Any], workers: int) -> Iterator[tuple[int, int]]:
    if workers <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield _write_shard(job)
        return
    # Spawned, not forked: a fork beside running threads can hang, and Python 3.12 warns of it.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        waiting = {pool.submit(_write_shard, job) for job in jobs}
        try:
            while waiting:
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        except BrokenProcessPool as error:
            raise SourceError(
                "A worker was killed, perhaps for want of memory. Shards already written are kept: "
                "run the same command again, with fewer --workers."
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _write_shard(job: tuple[Maker, Path, range]) -> tuple[int, int]:
    make, path, numbers = job
    rows: list[Row] = []
    skipped = 0
    for number in numbers:
        found = list(make(number))
        rows += found
        skipped += not found
    save(rows, path)
    return len(rows), skipped


def save(rows: list[Row], path: Path) -> None:
    """Write one shard, whole or not at all. Raises: SourceError where the disk refuses."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    strings = [name for name in Row.__dataclass_fields__ if name != "image"]
    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    features: dict[str, dict[str, str]] = {"image": {"_type": "Image"}}
    features |= {name: {"dtype": "string", "_type": "Value"} for name in strings}
    schema = pa.schema(
        [("image", picture), *((name, pa.string()) for name in strings)],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )
    columns = {
        "image": [{"bytes": row.image, "path": None} for row in rows],
        **{name: [getattr(row, name) for row in rows] for name in strings},
    }
    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        pq.write_table(pa.table(columns, schema=schema), partial, compression="zstd")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise SourceError(
            f"Cannot write {path} ({error}). Free some space or name another folder with --out; "
            "shards already written are kept, and the same command goes on from them."
        ) from error


def _claim(out: Path, recipe: dict[str, object]) -> None:
    """Note the recipe in the folder, or check that the one noted there is the same."""
    note = out / MANIFEST
    text = json.dumps(recipe, indent=1, sort_keys=True) + "\n"
    try:
        out.mkdir(parents=True, exist_ok=True)
        if note.exists():
            before = json.loads(note.read_text("utf-8"))
            if before != json.loads(text):
                raise UsageError(
                    f"{out} holds another corpus ({before}), not {json.loads(text)}. "
                    "Name another folder with --out, or delete this one."
                )
        else:
            partial = note.with_suffix(".partial")
            partial.write_text(text, "utf-8")
            partial.replace(note)
        for stale in out.glob("*.partial"):
            stale.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise SourceError(f"Cannot use {out} as a corpus folder ({error}).") from error


def load(*folders: Path, split: str | None = None) -> Any:
    """A corpus, or several as one, as a ``datasets.Dataset``.

    Args:
        split: only the rows of this split.

    Raises: SourceError where a folder holds no shards; MissingExtra without ``datasets``.
    """
    try:
        import datasets
    except ModuleNotFoundError as error:
        from engine.errors import MissingExtra

        raise MissingExtra("datasets", "train") from error
    files: list[str] = []
    for folder in folders:
        found = sorted(str(path) for path in folder.glob("*.parquet"))
        if not found:
            raise SourceError(
                f"{folder} holds no corpus (no .parquet files). Build one: engine corpus build."
            )
        files += found
    return datasets.load_dataset(
        "parquet",
        data_files=files,
        split="train",
        filters=[("split", "==", split)] if split else None,
    )


def rows(folder: Path) -> Iterator[Row]:
    """The rows of a corpus (or of one shard) in order, without ``datasets``."""
    import pyarrow.parquet as pq

    for path in sorted(folder.glob("*.parquet")) if folder.is_dir() else [folder]:
        for record in pq.read_table(path).to_pylist():
            record["image"] = record["image"]["bytes"]
            yield Row(**record)


def as_record(row: Row) -> dict[str, object]:
    """The row as plain values."""
    return asdict(row)

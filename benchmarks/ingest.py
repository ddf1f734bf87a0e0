"""How fast ingest is beside the encoder alone, and whether its memory grows with the collection.

    python -m benchmarks.ingest                 # 1,000 and 10,000 synthetic sheets, JSON and a table
    python -m benchmarks.ingest --sizes 500 2000
    python -m benchmarks.ingest --folder DIR    # the same drawings for both, from a folder

"Encoder alone" is what search does with the same files and nothing else: read, decode, crop, network
(``Encoder.encode``), decoding in two threads beside it; no tables, thumbnails, checks or store.
Each measurement runs in a process of its own, whose peak memory is read at its end. Of that, "own"
is what the process allocated; the rest are files that it has mapped, its libraries and the store
that it fills: the system counts them as long as it has no other use for the memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.machine import machine
from engine import drawing, encoder
from ingest import pipeline
from ingest.describe import Describing
from ingest.language import describer
from ingest.sources import Problem, read
from qdrant import open_store
from qdrant.points import point
from qdrant.schema import Schema

SHEET = (1000, 1400)  # px: about the sheets of us-design-sheets at 300 dpi, header cut off
FIGURES = 7  # a design
SHEETS = 500  # different pictures; more figures than that share them, under numbers of their own


def synthetic(folder: Path, count: int) -> None:
    """A table of ``count`` figures over 1-bit G4 sheets of random lines and ellipses."""
    folder.mkdir(parents=True)
    for i in range(min(count, SHEETS)):
        rng = np.random.default_rng(i)
        sheet = Image.new("1", SHEET, 1)
        pen = ImageDraw.Draw(sheet)
        for _ in range(60):
            x, y = rng.integers(50, SHEET[0] - 50), rng.integers(50, SHEET[1] - 50)
            w, h = rng.integers(5, 300, 2)
            if rng.random() < 0.5:
                pen.line((x, y, x + w, y + h), fill=0, width=3)
            else:
                pen.ellipse((x, y, x + w, y + h), outline=0, width=3)
        sheet.save(folder / f"{i:06}.tif", compression="group4")
    with (folder / "metadata.jsonl").open("w") as table:
        for i in range(count):
            row = {"file_name": f"{i % SHEETS:06}.tif", "design_id": f"B{i // FIGURES:06}",
                   "sheet": i % FIGURES + 1, "title": f"Thing {i // FIGURES}", "locarno": "06-01"}  # fmt: skip
            table.write(json.dumps(row) + "\n")


def alone(folder: Path) -> int:
    """Encode every file of a folder; returns how many."""
    model = encoder.load()

    def squares() -> Iterator[Any]:
        with ThreadPoolExecutor(2) as pool:
            waiting: deque[Any] = deque()
            for item in read([folder]):
                if isinstance(item, Problem):
                    continue
                for figure in item.figures:
                    waiting.append(
                        pool.submit(lambda f: model.prepare(drawing.decode(f.content)), figure)
                    )
                    if len(waiting) > pipeline.AHEAD:
                        yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    done, batch = 0, []
    for square in squares():
        batch.append(square)
        if len(batch) == pipeline.BATCH:
            done += len(model.encode(batch))
            batch = []
    return done + (len(model.encode(batch)) if batch else 0)


def ingest(folder: Path, *, describing: Describing | None = None) -> int:
    """Ingest a folder into a fresh embedded store; returns how many figures were indexed."""
    model = encoder.load()
    schema = Schema.for_card(model.card, text=describing is not None)
    with (
        tempfile.TemporaryDirectory() as place,
        open_store(place) as store,
        store.create("b", model.card, schema) as index,
    ):
        return pipeline.ingest([folder], index, model, point, describing=describing).indexed


def described(folder: Path) -> int:
    """The same with offline descriptions of every design."""
    return ingest(folder, describing=Describing(describer("offline", model="", api_key=""), None))


RUNS = {"alone": alone, "ingest": ingest, "described": described}


class OwnMemory(threading.Thread):
    """Watches what this process has allocated itself; ``peak_mb`` is 0 where nothing tells (Linux does)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0.0

    def run(self) -> None:
        """Look four times a second, until the process ends."""
        status = Path("/proc/self/status")
        while status.exists():
            for line in status.read_text().splitlines():
                if line.startswith("RssAnon:"):
                    self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)
            time.sleep(0.25)


def measured(what: str, folder: Path) -> dict[str, float]:
    """Run one of the two in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest", "--run", what, "--folder", str(folder)],
        check=True, capture_output=True, text=True,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    return json.loads(done.stdout)


def main() -> None:
    """Measure, print JSON, then a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--run", choices=list(RUNS))
    chosen = parser.parse_args()
    if chosen.run:
        own = OwnMemory()
        own.start()
        started, cpu = time.perf_counter(), time.process_time()
        done = RUNS[chosen.run](chosen.folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({
            "figures": done, "seconds": time.perf_counter() - started,
            "cpu": time.process_time() - cpu, "peak_mb": peak, "own_mb": own.peak_mb,
        }))  # fmt: skip
        return
    found = []
    place = Path(tempfile.mkdtemp())
    try:
        for size in [None] if chosen.folder else chosen.sizes:
            folder = chosen.folder or place / str(size)
            if size:
                synthetic(folder, size)
            for what in RUNS:
                result = measured(what, folder)
                found.append(
                    {"what": what, **result, "per_s": result["figures"] / result["seconds"]}
                )
            if size:
                shutil.rmtree(folder)
    finally:
        shutil.rmtree(place)
    print(json.dumps({"machine": machine(), "runs": found}))
    print(f"{'':9} {'figures':>8} {'per s':>8} {'cpu ms':>8} {'peak MB':>8} {'own MB':>8}")
    for run in found:
        print(f"{run['what']:9} {run['figures']:8} {run['per_s']:8.1f} "
              f"{1000 * run['cpu'] / run['figures']:8.2f} {run['peak_mb']:8.0f} {run['own_mb']:8.0f}")  # fmt: skip
    for run in found:
        if run["what"] == "alone":
            first = run
            continue
        print(f"{run['figures']} figures: {run['what']} at {run['per_s'] / first['per_s']:.2f} of the "
              f"encoder alone ({first['cpu'] / run['cpu']:.2f} by processor time)")  # fmt: skip


if __name__ == "__main__":
    main()

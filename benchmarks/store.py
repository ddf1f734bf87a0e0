"""Time the embedded store: opening, exact queries under a class filter, storing, memory.

    python benchmarks/store.py                          5,000 and 100,000 figures of 1,280 numbers
    python benchmarks/store.py --figures 100000 --dimension 256 512 1280

Rows are random unit rows; classes are spread as in a real register, where the largest class holds
a tenth of the figures, and queries ask for that one too. A table goes to stderr, JSON to stdout.
Each case runs in processes of its own, so that memory and cold opening are its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.machine import machine
from engine.plan import AnyOf, EncoderCard, Filter, Nearest, Point, SearchPlan, unit_rows
from qdrant.schema import Schema
from qdrant.store import open_store

COLUMNS = (
    "figures", "dimension", "import_ms", "open_ms", "largest_class_points", "largest_class_p50_ms",
    "largest_class_p95_ms", "average_class_p50_ms", "subclass_p50_ms", "no_filter_p50_ms",
    "upsert_per_s", "search_rss_mb", "search_own_mb", "disk_mb",
)  # fmt: skip
LIMIT = 50  # ten designs of about five figures
SHOWN = ("design_id", "figure", "title", "locarno_class", "locarno_subclass", "file")
# Shares of the 32 classes: Zipf's law, flattened so that the first has a tenth.
SHARES = (lambda w: w / w.sum())(1 / (np.arange(32) + 6.0))


def main() -> None:
    """Run every case and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--figures", type=int, nargs="+", default=[5_000, 100_000])
    parser.add_argument("--dimension", type=int, nargs="+", default=[1280])
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--part", choices=["fill", "ask"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        part = fill if options.part == "fill" else ask
        print(
            json.dumps(
                part(options.store, options.figures[0], options.dimension[0], options.queries)
            )
        )
        return
    cases = []
    line(COLUMNS)
    for dimension in options.dimension:
        for figures in options.figures:
            cases.append(measure(figures, dimension, options.queries))
            line(cases[-1][name] for name in COLUMNS)
    print(json.dumps({"machine": machine(), "cases": cases}, indent=2))


def measure(figures: int, dimension: int, queries: int) -> dict[str, Any]:
    """Fill a store in one process and ask it in another."""
    case: dict[str, Any] = {"figures": figures, "dimension": dimension}
    with tempfile.TemporaryDirectory() as folder:
        for part in ("fill", "ask"):
            command = [
                sys.executable, __file__, "--part", part, "--store", folder,
                "--figures", str(figures), "--dimension", str(dimension), "--queries", str(queries),
            ]  # fmt: skip
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            case.update(json.loads(done.stdout))
        case["disk_mb"] = (
            sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*")) // 2**20
        )
    return case


def fill(folder: Path, figures: int, dimension: int, _: int) -> dict[str, Any]:
    """Store random figures, 1,000 at a time as an ingest would."""
    card = EncoderCard("random", "1", dimension, "none")
    rng = np.random.default_rng(0)
    storing = 0.0
    with open_store(folder) as store, store.create("designs", card, Schema.for_card(card)) as made:
        for start in range(0, figures, 1000):
            points = figures_of(rng, start, min(1000, figures - start), dimension)
            began = time.perf_counter()
            made.upsert(points)
            storing += time.perf_counter() - began
    return {"upsert_per_s": round(figures / storing), "fill_peak_mb": peak_mb()}


def ask(folder: Path, figures: int, dimension: int, queries: int) -> dict[str, Any]:
    """Open the store and search it, exactly."""
    before = peak_mb()
    began = time.perf_counter()
    store = open_store(folder)  # loads the engine
    loaded = time.perf_counter()
    collection = store.open("designs")
    opened = time.perf_counter()
    rng = np.random.default_rng(1)
    rare = int(np.argmin(np.abs(SHARES - 1 / 32)))  # a class of average size
    filters = {
        "largest_class": where("path", "01"),
        "average_class": where("path", f"{rare + 1:02}"),
        "subclass": where("path", "01-03"),
        "no_filter": Filter(),
    }
    result: dict[str, Any] = {
        "import_ms": round((loaded - began) * 1e3, 1),
        "open_ms": round((opened - loaded) * 1e3, 1),
    }
    for name, condition in filters.items():
        took = []
        for row in unit_rows(rng.normal(size=(queries, dimension))):
            plan = SearchPlan(
                Nearest("image", row), LIMIT, condition, exact=True, with_payload=SHOWN
            )
            began = time.perf_counter()
            hits = collection.search(plan)
            took.append((time.perf_counter() - began) * 1e3)
        assert len(hits) == min(LIMIT, collection.count(condition))
        result[f"{name}_points"] = collection.count(condition)
        result[f"{name}_first_ms"] = round(took[0], 2)
        result[f"{name}_p50_ms"] = round(float(np.percentile(took, 50)), 2)
        result[f"{name}_p95_ms"] = round(float(np.percentile(took, 95)), 2)
    result |= {"search_rss_mb": peak_mb() - before, "search_own_mb": own_mb()}
    collection.close()
    return result


def where(key: str, value: str) -> Filter:
    """Points that hold one value."""
    return Filter((AnyOf(key, (value,)),))


def figures_of(rng: np.random.Generator, start: int, count: int, dimension: int) -> list[Point]:
    """Random figures with the payload of a grant, five a design."""
    rows = unit_rows(rng.normal(size=(count, dimension)))
    classes = rng.choice(32, size=count, p=SHARES) + 1
    subclasses = rng.integers(1, 8, size=count)
    points = []
    for i, (row, main, sub) in enumerate(zip(rows, classes, subclasses, strict=True), start):
        code = f"{main:02}-{sub:02}"
        payload = {
            "office": "US",
            "design_id": f"USD{i // 5:07}",
            "figure": str(i % 5 + 1),
            "title": "Combined chair and table",
            "locarno_class": code[:2],
            "locarno_subclass": code,
            "path": [code[:2], code],
            "filed": f"20{i % 20:02}-{i % 12 + 1:02}-{i % 28 + 1:02}",
            "published": f"20{i % 20 + 1:02}-{i % 12 + 1:02}-{i % 28 + 1:02}",
            "holder": f"Holder {i % 5000}",
            "view": "front elevational view",
            "file": f"I20200101.tar!USD{i // 5:07}.ZIP!D{i % 5:05}.TIF",
            "sha256": f"{i:064x}",
            "version": 1,
        }
        points.append(Point(str(uuid.uuid5(uuid.NAMESPACE_OID, str(i))), {"image": row}, payload))
    return points


def peak_mb() -> int:
    """Peak resident memory of this process."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(kilobytes // (2**20 if sys.platform == "darwin" else 2**10))


def own_mb() -> int | None:
    """Resident memory that is not the system's cache of the store's files; Linux tells it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return int(lines["RssAnon"].split()[0]) // 2**10


def line(values: Iterable[object]) -> None:
    """One line of the table, on stderr."""
    cells = (f"{value:>{len(name)}}" for name, value in zip(COLUMNS, values, strict=True))
    print(" | ".join(cells), file=sys.stderr)


if __name__ == "__main__":
    main()

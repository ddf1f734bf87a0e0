"""Cold search: from process start to printed result, against a store of made-up designs.

    python benchmarks/cold.py --designs 5000 --runs 7

Random unit rows stand for the designs, since only their number matters here; the query is a real
drawing through the shipped encoder. Prints JSON with --json. Aim: a second on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.machine import machine, named


def fill(store: Path, designs: int) -> None:
    """Store designs with one figure each, spread over the 32 classes."""
    from engine import encoder, locarno
    from engine.design import Design, Figure
    from engine.plan import unit_rows
    from qdrant import open_store
    from qdrant.points import point

    card = encoder.card()
    assert card is not None
    rows = unit_rows(np.random.default_rng(0).normal(size=(designs, card.dimension)))
    codes = [code for main in locarno.classes() for code in locarno.subclasses(main)]
    with open_store(store) as opened, opened.open_or_create("designs", card, text=True) as index:
        for start in range(0, designs, 500):
            index.upsert([
                point(
                    Design(id=f"D{i}", office="US", title=f"Design {i}", locarno=(codes[i % len(codes)],)),
                    Figure(number="1", file=f"D{i}.png", content=b""),
                    {"image": rows[i]},
                )
                for i in range(start, min(start + 500, designs))
            ])  # fmt: skip


def main() -> None:
    """Fill a store, search it in fresh processes, print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--designs", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store, drawing = Path(folder) / "store", Path(folder) / "query.png"
        picture = Image.new("L", (400, 300), 255)
        ImageDraw.Draw(picture).rectangle((80, 60, 300, 220), outline=0, width=3)
        picture.save(drawing)
        fill(store, asked.designs)
        search = ["search", str(drawing), "--class", "06", "--store", str(store)]
        # As on a user's machine, where the first run leaves compiled modules for the next.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        found = {}
        for name, words in (("search", search), ("help", ["--help"])):
            times = []
            for _ in range(asked.runs + 1):
                started = time.perf_counter()
                subprocess.run(
                    [str(Path(sys.executable).with_name("engine")), *words],
                    check=True, stdout=subprocess.DEVNULL, env=environment,
                )  # fmt: skip
                times.append(time.perf_counter() - started)
            found[name] = {
                "first_s": round(times[0], 3),
                "min_s": round(min(times[1:]), 3),
                "median_s": round(statistics.median(times[1:]), 3),
            }
    result = {
        "machine": machine(), "designs": asked.designs, **found,
    }  # fmt: skip
    if asked.json:
        print(json.dumps(result, indent=2))
        return
    print(f"{asked.designs:,} designs; seconds, process start to end; {named()}")
    for name in found:
        row = found[name]
        print(
            f"  engine {name:<7} median {row['median_s']:.2f}  min {row['min_s']:.2f}  first {row['first_s']:.2f}"
        )


if __name__ == "__main__":
    main()

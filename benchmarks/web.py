"""Load the page as a group of searchers would: 20 at once, 100,000 figures, 5,000 requests.

    python benchmarks/web.py
    python benchmarks/web.py --figures 20000 --searchers 10 --requests 500

The store is that of ``benchmarks/store.py``: random unit rows of the shipped encoder's dimension. The
server is a real ``engine serve`` in a process of its own. Every searcher uploads a drawing, half
of them under a class filter, and asks again as soon as the answer is there; one in ten requests is
the page itself. The server keeps no answers, so each is worked out anew. A searcher who thinks for ``--think`` seconds between two requests
is nearer to a person. A table goes to stderr, JSON to stdout.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.machine import machine
from benchmarks.store import figures_of
from engine import encoder as encoders
from engine import locarno
from qdrant.schema import Schema
from qdrant.store import open_store

ROOT = Path(__file__).parent.parent
DRAWINGS = 300


def main() -> None:
    """Fill a store, serve it, load it, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--figures", type=int, default=100_000)
    parser.add_argument("--searchers", type=int, default=20)
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--think", type=float, default=0.0, help="seconds between two requests")
    parser.add_argument("--store", type=Path, help="folder of the store; filled if it is not there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = str(options.store or temporary)
        if not Path(folder, "designs").exists():
            fill(Path(folder), options.figures)
        command = [
            sys.executable, str(ROOT / "cli.py"), "serve", "--store", folder, "--port", "0",
        ]  # fmt: skip
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            address = server.stderr.readline().split()[1]
            try:
                found = load(address, server.pid, options)
            finally:
                server.terminate()
    print(
        json.dumps(
            {"machine": machine(), "asked": {**vars(options), "store": ""}, **found}, indent=2
        )
    )


def fill(folder: Path, figures: int) -> None:
    """Random figures, as ``benchmarks/store.py`` makes them, under the shipped encoder's card."""
    card = encoders.card()
    assert card is not None
    rng = np.random.default_rng(0)
    with open_store(folder) as store, store.create("designs", card, Schema.for_card(card)) as made:
        for start in range(0, figures, 1000):
            points = figures_of(rng, start, min(1000, figures - start), card.dimension)
            made.upsert([replace(point, payload=named(point.payload)) for point in points])


def named(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload under a subclass that there is, for the page to name."""
    main, sub = payload["locarno_class"], int(payload["locarno_subclass"][3:])
    there = locarno.subclasses(main)
    code = there[sub % len(there)]
    return {**payload, "locarno_subclass": code, "path": [main, code]}


def load(address: str, process: int, options: argparse.Namespace) -> dict[str, Any]:
    """Ask from many threads until all requests are answered; memory is read all along."""
    took: dict[str, list[float]] = {"search": [], "page": []}
    failed: list[str] = []
    memory: list[tuple[int, int]] = []
    lock = threading.Lock()
    left = iter(range(options.requests))
    # Drawn beforehand: the searchers share the server's cores.
    drawings = [picture(np.random.default_rng(seed)) for seed in range(DRAWINGS)]

    def searcher(seed: int) -> None:
        rng = np.random.default_rng(seed)
        with httpx.Client(base_url=address, timeout=60) as client:
            while True:
                with lock:
                    number = next(left, None)
                    if number is not None and number % 100 == 0:
                        memory.append((number, resident_mb(process)))
                if number is None:
                    return
                drawing = drawings[rng.integers(len(drawings))]
                fields = {"class": f"{rng.integers(1, 33):02}"} if rng.random() < 0.5 else {}
                began = time.perf_counter()
                try:
                    if number % 10 == 9:
                        answer, kind = client.get("/"), "page"
                    else:
                        files = {"drawing": ("a.png", drawing)}
                        kind = "search"
                        answer = client.post(
                            "/search", files=files, data=fields, headers={"hx-request": "true"}
                        )
                    fine = answer.status_code == 200 and (kind == "page" or "hit-24" in answer.text)
                    said = "" if fine else f"{answer.status_code}: {answer.text[:200]}"
                except httpx.HTTPError as error:
                    said, kind = repr(error), "search"
                spent = time.perf_counter() - began
                with lock:
                    took[kind].append(spent)
                    if said:
                        failed.append(said)
                time.sleep(options.think)

    began = time.perf_counter()
    threads = [threading.Thread(target=searcher, args=(seed,)) for seed in range(options.searchers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - began
    memory.append((options.requests, resident_mb(process)))
    result: dict[str, Any] = {
        "errors": len(failed), "first_error": failed[:1],
        "requests_per_s": round(options.requests / spent, 1), "memory_mb": memory,
    }  # fmt: skip
    for kind, times in took.items():
        for share in (50, 95, 99):
            result[f"{kind}_p{share}_ms"] = round(float(np.percentile(times, share)) * 1e3)
    line = " | ".join(f"{name} {result[name]}" for name in result if name != "memory_mb")
    print(f"{line} | memory {memory[1:2]} … {memory[-1:]}", file=sys.stderr)
    return result


def picture(rng: np.random.Generator) -> bytes:
    """A drawing of a few lines that nobody has sent before, about 10 kB."""
    drawn = Image.new("L", (640, 640), 255)
    pen = ImageDraw.Draw(drawn)
    for _ in range(25):
        ends = rng.integers(20, 620, 4).tolist()
        if rng.random() < 0.5:
            pen.line(ends, fill=0, width=2)
        else:
            pen.ellipse(
                [min(ends[0], ends[2]), min(ends[1], ends[3]), max(ends[0], ends[2]) + 1,
                 max(ends[1], ends[3]) + 1], outline=0, width=2,
            )  # fmt: skip
    stream = io.BytesIO()
    drawn.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def resident_mb(process: int) -> int:
    """Memory of a process that is not the system's cache of its files; Linux tells it."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    held = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(held["RssAnon"].split()[0]) // 2**10


if __name__ == "__main__":
    main()

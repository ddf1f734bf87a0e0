"""Every benchmark that needs nothing but this project, one after the other.

    python -m benchmarks                        # hours: the sizes that the docs quote
    python -m benchmarks --quick                # minutes: small sizes, to see that all run
    python -m benchmarks cold store --out DIR   # some of them

Writes DIR/NAME.json and DIR/NAME.txt (the table) of each, and DIR/summary.md, which names the machine.
A benchmark that fails is named and does not stop the others; the exit code is then 1. Those that need
drawings or trained models are asked for by themselves: split, quality, explain, `hybrid found`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import machine, named

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Benchmark:
    """A benchmark: what it tells, and its words at full and at small size."""

    tells: str
    words: str = ""
    quick: str = ""


BENCHMARKS = {
    "cold": Benchmark(
        "cold search, process start to printed table", "--json", "--json --designs 200 --runs 2"
    ),
    "ingest": Benchmark("ingest beside the encoder alone; memory", "", "--sizes 50"),
    "store": Benchmark(
        "exact search of 100,000 and 1,000,000 figures: latency, storing, memory, disk",
        "--dimension 512 --figures 100000 1000000 --queries 60",
        "--dimension 64 --figures 2000 --queries 10",
    ),
    "peers": Benchmark(
        "filtered search beside numpy, faiss, LanceDB and Qdrant's local mode: recall, ratios",
        "",
        "--figures 2000 --dimension 64 --queries 10 --peers engine numpy",
    ),
    "hybrid": Benchmark(
        "each stage of a search by words and drawing", "time", "time --figures 1000 --times 3"
    ),
    "web": Benchmark("the page under load", "", "--figures 1000 --searchers 2 --requests 20"),
    "train": Benchmark("training throughput", "", "--steps 2 --size 64 --designs 4"),
}


def main() -> int:
    """Run what is asked; returns 1 if one failed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0],
        epilog="; ".join(f"{name}: {one.tells}" for name, one in BENCHMARKS.items()),
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="small sizes; figures mean nothing")
    parser.add_argument("--out", type=Path, default=Path("runs/benchmarks"))
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(
            f"no benchmark is called {', '.join(sorted(unknown))}: {', '.join(BENCHMARKS)}"
        )
    asked.out.mkdir(parents=True, exist_ok=True)
    summary = [f"# Benchmarks\n\n{named()}{'; small sizes' if asked.quick else ''}\n"]
    failed = []
    for name in asked.names or BENCHMARKS:
        one = BENCHMARKS[name]
        words = (one.quick if asked.quick else one.words).split()
        said = " ".join(["python -m", f"benchmarks.{name}", *words])
        print(f"── {said}", file=sys.stderr, flush=True)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", *words],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        took = time.monotonic() - began
        found = parsed(done.stdout) if done.returncode == 0 else None
        table = done.stderr + tail(done.stdout)
        (asked.out / f"{name}.txt").write_text(table, "utf-8")
        if found is None:
            failed.append(name)
        else:
            kept = {"command": said, "seconds": round(took, 1), "machine": machine(), **found}
            (asked.out / f"{name}.json").write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
        outcome = "FAILED" if found is None else "ok"
        summary.append(f"## {name}: {one.tells}\n\n`{said}`, {took:.0f} s, {outcome}\n")
        summary.append(f"```\n{table.strip()[-6000:]}\n```\n")
        (asked.out / "summary.md").write_text("\n".join(summary), "utf-8")
        print(f"── {name}: {outcome} ({took:.0f} s)", file=sys.stderr, flush=True)
    print(asked.out / "summary.md")
    if failed:
        print(f"failed: {', '.join(failed)}; their last words are in {asked.out}", file=sys.stderr)
    return 1 if failed else 0


def parsed(said: str) -> dict[str, object] | None:
    """The JSON object that a benchmark's output begins with, or None."""
    try:
        found, _ = json.JSONDecoder().raw_decode(said.lstrip())
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def tail(said: str) -> str:
    """What a benchmark prints after its JSON."""
    try:
        _, end = json.JSONDecoder().raw_decode(said.lstrip())
    except ValueError:
        return said
    return said.lstrip()[end:]


if __name__ == "__main__":
    sys.exit(main())

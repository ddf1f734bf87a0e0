"""How fast training goes: pictures a second through the whole step, and the memory it takes.

    python -m benchmarks.train                    # the shipped network at its own size
    python -m benchmarks.train --steps 4 --size 96 --designs 8

Made-up designs stand for real ones: a step costs the same. Reading, augmenting, both passes and the
weights' update are in; the first two steps, which load and warm up, are not. A table goes to stderr,
JSON to stdout.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import machine, named

ROOT = Path(__file__).parent.parent
VIEWS = 2
WARM = 2  # steps
CONFIG = """
out = "{out}"
[model]
size = {size}
[[corpus]]
path = "{corpus}"
[batch]
designs = {designs}
views = 2
[optimiser]
steps = {steps}
warmup = 1
[watch]
every = 1000000
[export]
name = "throughput"
size = {size}
dim = 8
"""


def main() -> None:
    """Build a corpus, train a few steps in a process of its own, print the rates."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--size", type=int, default=224, help="pixels a side")
    parser.add_argument("--designs", type=int, default=32, help="a batch, two views each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), options)
    print(json.dumps({"machine": machine(), "asked": vars(options), **found}, indent=2))
    print(
        f"{found['pictures_per_s']:.1f} pictures a second, {found['peak_mb']} MB at the most; {named()}",
        file=sys.stderr,
    )


def measured(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Rates of one run, from the times that its own log has of each step."""
    corpus, out, config = folder / "corpus", folder / "run", folder / "run.toml"
    run("cli", "corpus", "build", "procedural", "--out", corpus, "--designs", 2 * options.designs)
    steps = options.steps + WARM
    config.write_text(
        CONFIG.format(
            out=out, corpus=corpus, size=options.size, designs=options.designs, steps=steps
        ),
        "utf-8",
    )
    began = time.perf_counter()
    run("train", config)
    whole = time.perf_counter() - began
    lines = map(json.loads, (out / "log.jsonl").read_text("utf-8").splitlines())
    seconds = {line["step"]: line["seconds"] for line in lines if "loss" in line}
    took = seconds[steps] - seconds[WARM]
    return {
        "pictures_per_s": round(options.steps * options.designs * VIEWS / took, 1),
        "step_s": round(took / options.steps, 3),
        "whole_run_s": round(whole, 1),  # starting, measuring and exporting too
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def run(module: str, *words: object) -> None:
    """Run one of the project's modules; what it says goes to stderr."""
    subprocess.run(
        [sys.executable, "-m", module, *map(str, words)], check=True, cwd=ROOT, stdout=sys.stderr
    )


if __name__ == "__main__":
    main()

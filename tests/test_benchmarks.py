"""The one entry to the benchmarks: what it runs, what it writes, and what it says of a failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS, parsed
from benchmarks.machine import machine, named

ROOT = Path(__file__).parent.parent


def run(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], cwd=ROOT, env={**os.environ, **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_machine_is_named() -> None:
    found = machine()
    assert found["processor"] and found["processor"] in named()
    assert found["cores"] >= 1
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    told = Path("/proc/meminfo")
    if told.exists():
        kib = int(told.read_text().split("MemTotal:")[1].split()[0])
        assert found["memory_gib"] == pytest.approx(kib / 2**20, abs=0.5)


def test_each_benchmark_is_a_module_and_others_are_refused() -> None:
    for name in BENCHMARKS:
        assert (ROOT / "benchmarks" / f"{name}.py").is_file()
    assert "no benchmark is called speed" in run("speed").stderr


def test_a_benchmark_leaves_json_and_a_table(tmp_path: Path) -> None:
    done = run("store", "--quick", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "store.json").read_text())
    assert found["machine"] == machine()
    assert [case["figures"] for case in found["cases"]] == [2000]
    assert "largest_class_p50_ms" in (tmp_path / "store.txt").read_text()
    summary = (tmp_path / "summary.md").read_text()
    assert named() in summary and "small sizes" in summary


def test_a_benchmark_that_fails_is_named_and_the_next_one_runs(tmp_path: Path) -> None:
    broken = tmp_path / "qdrant_edge.py"  # what the store benchmark needs, and cannot have
    broken.write_text("raise ImportError('not here')")
    out = tmp_path / "out"
    done = run("store", "store", "--quick", "--out", out, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("store: FAILED") == 2
    assert "not here" in (out / "store.txt").read_text()
    assert not (out / "store.json").exists()


def test_json_is_found_before_a_table() -> None:
    assert parsed('{"a": 1}\n  a table {') == {"a": 1}
    assert parsed("no json") is None

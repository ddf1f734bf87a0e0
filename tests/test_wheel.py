"""The built wheel, in an environment that has nothing else, far from the source tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_wheel_installs_alone_and_runs_the_demo(tmp_path: Path) -> None:
    """Proves: the wheel holds all that the demo needs, models and tables too, and names what it depends on."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed: pip install uv")
    # Not from the working tree, which may hold what git does not: from what is committed.
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "-q", ROOT, source], check=True)
    subprocess.run([uv, "build", "-q", "--wheel", "-o", tmp_path, source], check=True)
    wheel = next(tmp_path.glob("*.whl"))
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {
        f"{room}/py.typed" for room in ("commands", "engine", "ingest", "train", "qdrant")
    } <= held
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
    environment |= {"VIRTUAL_ENV": str(tmp_path / "env"), "XDG_DATA_HOME": str(tmp_path / "home")}
    kept = {
        key: value for key, value in os.environ.items() if key.startswith(("UV_", "PIP_", "SSL"))
    }
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run([uv, "venv", "-q", "--python", python, tmp_path / "env"], check=True)
    subprocess.run([uv, "pip", "install", "-q", wheel], env=environment | kept, check=True)
    away = tmp_path / "away"
    away.mkdir()
    engine = tmp_path / "env" / "bin" / "engine"

    def run(*words: str) -> str:
        done = subprocess.run(
            [engine, *words], cwd=away, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    installed = subprocess.run(
        [uv, "pip", "freeze"], env=environment | kept, capture_output=True, text=True, check=True
    ).stdout.lower()
    assert "torch" not in installed and "qdrant-edge-py==0.9.0" in installed
    assert "engine search" in run("demo", "--quiet")
    status = run("status", "--json", "--store", "engine-demo/store", "-c", "demo")
    assert json.loads(status)["figures"] > 0
    run("backup", "kept", "--store", "engine-demo/store", "-c", "demo", "--quiet")
    run("restore", "kept", "--store", "new", "-c", "demo", "--quiet")
    run("graph", "--store", "new", "-c", "demo")  # a process of its own, without the source tree
    assert not (away / "engine").exists()

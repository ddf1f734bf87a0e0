"""One direction of imports, and no work at import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("engine", "ingest", "train", "qdrant")
HOUSE = {*ROOMS, "commands", "cli"}
HEAVY = ("torch", "qdrant_client", "datasets", "transformers", "open_clip", "timm", "pandas")


def imported(path: Path) -> set[str]:
    """Top-level names of everything a module imports, at any depth of nesting."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_engine(room: str) -> None:
    allowed = {room} if room == "engine" else {room, "engine"}
    for path in (ROOT / room).rglob("*.py"):
        strangers = imported(path) & HOUSE - allowed
        assert not strangers, f"{path.relative_to(ROOT)} imports {strangers}"


def test_commands_wire_the_rooms_and_the_command_line_lists_them() -> None:
    for path in (ROOT / "commands").rglob("*.py"):
        assert "cli" not in imported(path), f"{path.relative_to(ROOT)} imports cli"
    assert imported(ROOT / "cli.py") & HOUSE == {"commands", "engine"}


def loaded_after(code: str) -> set[str]:
    """Top-level modules loaded once a fresh interpreter has run the code."""
    script = f"{code}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module", ["cli", "engine.search", "engine.encoder", "ingest.pipeline", "qdrant", "qdrant.edge"]
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert not loaded_after(f"import {module}") & set(HEAVY)


def test_the_command_line_starts_light() -> None:
    assert not loaded_after("import cli") & {"numpy", "onnxruntime", "PIL", "lxml", "jinja2"}

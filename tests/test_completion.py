"""Shell completion, as a shell asks for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose ``bin`` holds ``engine``, as an installed package puts it there."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "engine"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from cli import app\napp(prog_name='engine')\n"
    )
    program.chmod(0o755)
    return tmp_path


def run(home: Path, *words: str | Path, **variables: str) -> str:
    environment = {"HOME": str(home), "PATH": f"{home / 'bin'}:{os.environ['PATH']}", **variables}
    done = subprocess.run(
        words, env=environment, cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("engine se", {"search", "serve"}),
        ("engine alert r", {"remove", "run"}),
        ("engine search --bef", {"--before"}),
    ],
)
def test_the_program_answers_what_may_come_next(home: Path, typed: str, expected: set[str]) -> None:
    said = run(
        home, "engine",
        _ENGINE_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(typed.count(" ")),
    )  # fmt: skip
    assert set(said.split()) == expected


def test_bash_completes_once_it_is_installed(home: Path) -> None:
    """Proves: what --install-completion writes is what a new shell reads and uses."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    run(home, bash, "--norc", "-c", "engine --install-completion; exit $?")  # it asks who calls
    script = (
        "source ~/.bashrc; complete -p engine; COMP_WORDS=(engine rei); COMP_CWORD=1; "
        '_engine_completion engine; echo "[${COMPREPLY[*]}]"'
    )
    said = run(home, bash, "--norc", "-c", script)
    assert "_engine_completion engine" in said
    assert said.splitlines()[-1] == "[reindex]"

"""What commands say: results to stdout; notes, progress and questions to stderr; an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import typer

from engine.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

# Exit codes beside those of the errors (engine.errors).
NO_HITS, PARTIAL_INGEST, INTERRUPTED = 3, 5, 130


def show(as_json: bool, text: RenderableType, data: Any) -> None:
    """Print one of the two on stdout."""
    if as_json:
        show_json(data)
    else:
        stdout().print(text)


def show_json(data: Any, *, indent: int | None = 2) -> None:
    """Print data on stdout, at once; without an indent on one line."""
    print(json.dumps(data, ensure_ascii=False, indent=indent), flush=True)  # noqa: T201


def stdout() -> Console:
    """Stdout, as wide as the terminal is."""
    return _console(sys.stdout)


def note(text: str) -> None:
    """Say something beside the result."""
    print(text, file=sys.stderr)  # noqa: T201


def confirm(question: str, yes: bool) -> None:
    """Ask on a terminal; off one, refuse without --yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Give --yes to do it without being asked.")
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)


@contextmanager
def progress(quiet: bool) -> Iterator[Any]:
    """A function (done, total or None, what) that draws a bar on a terminal's stderr; else None."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=_console(sys.stderr), transient=True) as bar:
        task = bar.add_task("Starting", total=None, rate="")

        def show(done: int, total: int | None, what: str) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:.0f}/s" if speed else ""
            bar.update(task, completed=done, total=total, description=what, rate=rate)

        yield show


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, soft_wrap=False)

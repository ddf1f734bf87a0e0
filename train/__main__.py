"""``accelerate launch -m train CONFIG``: one run, shown live; errors are one line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.errors import EngineError

LINES_EVERY = 50  # steps between two lines where there is no terminal


def main(arguments: list[str]) -> int:
    """Train by the config named; returns the exit code. A run that was stopped goes on."""
    console = Console(stderr=True)
    if len(arguments) != 1 or arguments[0].startswith("-"):
        console.print("Usage: accelerate launch -m train CONFIG.toml", markup=False)
        return 2
    try:
        from train.config import read

        config = read(Path(arguments[0]))
        from train.loop import Run

        run = Run(config)
        with Progress(
            TextColumn("{task.fields[loss]}"), BarColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(), console=console, disable=not run.accelerator.is_main_process,
        ) as progress:  # fmt: skip
            task = progress.add_task(
                "train", total=config.optimiser.steps, completed=run.state.step, loss="starting"
            )

            def show(line: dict[str, Any]) -> None:
                if "loss" in line:
                    progress.update(task, completed=line["step"], loss=f"loss {line['loss']:.3f}")
                if "loss" not in line or (
                    not console.is_terminal and line["step"] % LINES_EVERY == 0
                ):
                    progress.console.print(_line(line), markup=False, highlight=False)

            run.train(show)
    except EngineError as error:
        console.print(f"Error: {error}", style="red", markup=False)
        return error.exit_code
    except KeyboardInterrupt:
        console.print("Stopped. The same command goes on from the last checkpoint.")
        return 130
    return 0


def _line(line: dict[str, Any]) -> str:
    flat = {**line, **line.get("held_out", {})}
    shown = [
        f"{name} {value:.4f}" if isinstance(value, float) else f"{name} {value}"
        for name, value in flat.items() if not isinstance(value, dict)
    ]  # fmt: skip
    return "  ".join(shown)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``accelerate launch -m train CONFIG``: one run, shown live; errors are one line."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from engine.errors import EngineError


def main(arguments: list[str]) -> int:
    """Train by the config named; returns the exit code. A run that was stopped goes on."""
    console = Console(stderr=True)
    if len(arguments) != 1 or arguments[0].startswith("-"):
        console.print("Usage: accelerate launch -m train CONFIG.toml", markup=False)
        return 2
    try:
        from train import run

        run(Path(arguments[0]))
    except EngineError as error:
        console.print(f"Error: {error}", style="red", markup=False)
        return error.exit_code
    except KeyboardInterrupt:
        console.print("Stopped. The same command goes on from the last checkpoint.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

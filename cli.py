"""The command line: a table of contents. Each command is one line here and a function in ``commands``.

``cli`` and ``commands`` alone read the environment, write to the terminal and exit. Data goes to
stdout; progress, warnings and errors go to stderr. Flag > environment ``ENGINE_*`` > ``engine.toml``
here > ``~/.config/design-search-engine/config.toml``. Exit codes: 0 ok, 1 an error of ours, 2 usage,
3 no hits, 4 store unreachable, 5 partial ingest, 6 collection and encoder do not fit.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from commands import (
    APP_FOLDER,
    VERSION,
    alerts,
    console,
    demo,
    fill,
    find,
    keep,
    learn,
    move,
    serve,
)
from engine.errors import EngineError, UsageError


class _Commands(TyperGroup):
    """Turns errors raised on purpose into one clear message and the exit code they carry."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except EngineError as error:
            _fail(str(error), error.exit_code)
        except KeyboardInterrupt:
            _fail(
                "Stopped. What was stored stays; run the same command again to go on.",
                console.INTERRUPTED,
            )
        except BrokenPipeError:  # the reader, such as head, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Find registered designs that look like a drawing. Everything runs on your machine.",
)


@app.callback()
def configure(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True)
    ] = False,
) -> None:
    """Read the configuration files: every option of every command may be set in them."""
    if version:
        print(VERSION)  # noqa: T201
        raise typer.Exit
    settings = _settings()
    if settings:
        ctx.default_map = _defaults(ctx.command, settings)
    # No arguments: Typer prints the help by itself.


# --- the commands, in the order of the help, each with its example -------------------------------


def _add(name: str, command: Callable[..., None], example: str, *, to: typer.Typer = app) -> None:
    to.command(name, epilog=f"Example: {example}" if example else None)(command)


# Filling a collection, and hearing of what arrives.
_add("ingest", fill.ingest, "engine ingest weekly/I20210105.tar drawings/ --store ./designs")
_add("describe", fill.describe, "engine describe http://localhost:11434/v1 --describe-model llava")
_add("watch", fill.watch, "engine watch /mnt/office --every 60 --alert-html reports/")
alert = typer.Typer(no_args_is_help=True, help="Keep searches; hear once of each new filing.")
app.add_typer(alert, name="alert")
_add("add", alerts.add, "engine alert add chair.png --class 06 --min-score 0.6", to=alert)
_add("list", alerts.show, "", to=alert)
_add("remove", alerts.remove, "engine alert remove chair", to=alert)
_add("run", alerts.run, "engine alert run --html reports/ --json", to=alert)

# Finding.
_add("classify", find.classify, "engine classify drawing.png")
_add(
    "search", find.search,
    "engine search chair.png --class 06-01 --before 2021-01-01 --html hits.html",
)  # fmt: skip
_add("explain", find.explain, "engine explain chair.png USD0906631 --out why.png")

# Looking after a collection.
_add("status", keep.status, "engine status --designs --json")
_add("delete", keep.delete, "engine delete USD0906631 USD0908286")
_add("duplicates", keep.duplicates, "engine duplicates --class 06-01 --json")

# Moving a collection, and making it elsewhere.
_add("push", move.push, "engine push --to https://qdrant.example.org --shards 6 --replicas 2")
_add("pull", move.pull, "engine pull --from http://localhost:6333 --store ./designs")
_add("backup", move.backup, "engine backup backups/2024-06-01")
_add("restore", move.restore, "engine restore backups/2024-06-01 --replace")
_add("load", move.load, "engine load encoded-1 encoded-2 --store http://localhost:6333")
_add("encode", move.encode, "engine encode weekly/ --out part-1 --part 1/4")

# A larger collection, another encoder.
_add("plan", keep.plan, "engine plan --designs 20e6 --views 5")
_add("reindex", keep.reindex, "engine reindex drawings/ weekly/ --model vit-design")
_add("graph", keep.graph, "engine graph --int8")

# Measuring and looking.
_add(
    "eval", learn.evaluate,
    "engine eval drawings/ --write-run hits.run, or engine eval --run hits.run --qrels basket.qrels",
)  # fmt: skip
_add("figures", fill.figures, "engine figures sheet.tif --html figures.html")
_add("locarno", find.locarno, "engine locarno 06-01, or engine locarno folding chair")
_add("doctor", keep.doctor, "engine doctor --store http://127.0.0.1:6333")
_add("demo", demo.demo, "engine demo, or engine demo my-drawings/")

# Serving.
_add("serve", serve.serve, "engine serve --port 8000 --store ./designs")
_add("mcp", serve.mcp, "engine mcp --store ./designs --folder ./drawings")
_add("study", serve.study, "engine study queries/ --against designs-b --votes votes.jsonl")

# Training.
_add("train", learn.train, "engine train train/configs/lite0.toml")
corpus = typer.Typer(no_args_is_help=True, help="Build labelled drawings to train with.")
app.add_typer(corpus, name="corpus")
_add(
    "build", learn.build_corpus,
    "engine corpus build procedural --out corpora/procedural --designs 3000", to=corpus,
)  # fmt: skip


# --- below: settings, and the end of a failed run --------------------------------------------------


def _settings() -> dict[str, Any]:
    """The configuration files, the nearer one winning. Raises: UsageError for a broken one."""
    merged: dict[str, Any] = {}
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    for path in (Path(base) / APP_FOLDER / "config.toml", Path("engine.toml")):
        if path.is_file():
            import tomllib

            try:
                merged |= tomllib.loads(path.read_text("utf-8"))
            except (OSError, ValueError) as error:
                raise UsageError(
                    f"{path} is not valid TOML ({error}). Mend or remove it."
                ) from None
    return {key.replace("-", "_"): value for key, value in merged.items()}


def _defaults(group: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as defaults of every command of a group, and of the groups within it."""
    common = {key: value for key, value in settings.items() if not isinstance(value, dict)}
    told = {name: common | settings.get(name, {}) for name in group.commands}
    return {
        name: _defaults(group.commands[name], own)
        if hasattr(group.commands[name], "commands")
        else own
        for name, own in told.items()
    }


def _fail(message: str, code: int) -> NoReturn:
    console.note(f"error: {message}")
    raise typer.Exit(code)


if __name__ == "__main__":
    app()

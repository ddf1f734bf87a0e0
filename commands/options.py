"""The options that commands share."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands import APP_FOLDER, stores


def day(text: str) -> date:
    """A date as an option takes it. Raises: BadParameter."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no date. Write it as 2021-06-30.") from None


# --- where ----------------------------------------------------------------------------------------

Store = Annotated[
    str,
    typer.Option(
        "--store", envvar="ENGINE_STORE", metavar="DIR_OR_URL", default_factory=stores.default,
        show_default="~/.local/share/" + APP_FOLDER,
        help="Folder of the embedded store, or URL of a Qdrant server.",
    ),
]  # fmt: skip
Collection = Annotated[
    str, typer.Option("--collection", "-c", envvar="ENGINE_COLLECTION", help="Collection.")
]
Key = Annotated[
    str, typer.Option("--api-key", envvar="ENGINE_API_KEY", help="API key of the server.")
]
Quantize = Annotated[
    bool | None,
    typer.Option("--int8/--full", help="On a server: search 8-bit integers first, or full rows."),
]

# --- with what ------------------------------------------------------------------------------------

Model = Annotated[
    str,
    typer.Option(
        "--model", "-m", envvar="ENGINE_MODEL", metavar="NAME", show_default="the shipped encoder",
        help="Shipped name, model folder, open_clip:NAME/WEIGHTS, timm:NAME or st:NAME.",
    ),
]  # fmt: skip
Device = Annotated[str, typer.Option("--device", envvar="ENGINE_DEVICE", help="auto, cpu or cuda.")]

# --- of files -------------------------------------------------------------------------------------

Source = Annotated[
    str,
    typer.Option(
        "--source", metavar="KIND",
        help="auto, uspto, hague, euipo, deeppatent2, impact, metadata, webdataset, huggingface, "
        "pdf or folder.",
    ),
]  # fmt: skip
Split = Annotated[
    bool,
    typer.Option("--split/--no-split", help="Part sheets into their figures, or keep them whole."),
]

# --- of designs -----------------------------------------------------------------------------------

Class = Annotated[
    list[str] | None,
    typer.Option("--class", metavar="CODE", help="Locarno class or subclass: 06, 06-01. Repeat."),
]
NotClass = Annotated[
    list[str] | None, typer.Option("--not-class", metavar="CODE", help="Leave a class out.")
]
Before = Annotated[
    date | None,
    typer.Option(
        "--before", parser=day, metavar="YYYY-MM-DD", help="Published strictly earlier."
    ),
]  # fmt: skip
After = Annotated[
    date | None,
    typer.Option(
        "--after", parser=day, metavar="YYYY-MM-DD", help="Published that day or later."
    ),
]  # fmt: skip
Holder = Annotated[list[str] | None, typer.Option("--holder", help="Holder, exact name. Repeat.")]
ExcludeDesign = Annotated[
    list[str] | None,
    typer.Option("--exclude-design", metavar="DESIGN_ID", help="Leave a design out. Repeat."),
]

# --- of the output --------------------------------------------------------------------------------

Originals = Annotated[
    list[Path] | None,
    typer.Option(
        "--drawings", metavar="DIR", help="Where ingested files lie now, if they moved. Repeat."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]

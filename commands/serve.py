"""Serve a collection: to a browser, to an assistant, and to the judges of two systems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import VERSION, console, options, stores
from engine.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from engine.plan import Index

PageKey = Annotated[
    str,
    typer.Option(
        "--page-key", envvar="ENGINE_PAGE_KEY", metavar="KEY",
        help="Key that whoever uses the page must show; needed beyond this machine.",
    ),
]  # fmt: skip
Port = Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
AllowHost = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="A further name by which the page is reached. Repeat."),
]


def serve(
    store: options.Store,
    port: Port = 8000,
    host: Host = "127.0.0.1",
    page_key: PageKey = "",
    allow_host: AllowHost = None,
    drawings: options.Originals = None,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
) -> None:
    """Serve the page and its API: search, compare, judge and export in a browser."""
    with _web():
        from engine.web import app as page
        from engine.web.safety import access
    allowed = access(host, page_key, tuple(allow_host or ()))
    with stores.desk(store, api_key, collection, model, device, drawings) as desk:
        _listen(page.create_app(desk, allowed), host, port, "the page", [desk.index])


def mcp(
    store: options.Store,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder whose drawings assistants may name.")
    ] = None,
    drawings: options.Originals = None,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
) -> None:
    """Serve an assistant on stdin and stdout (Model Context Protocol): search, classify, look."""
    with _web():
        from engine.web import assistant
    with stores.desk(store, api_key, collection, model, device, drawings) as desk:
        _announce([desk.index], "an assistant's server (engine mcp)")
        assistant.server(desk, folder).run()


def study(
    store: options.Store,
    questions: Annotated[
        list[Path] | None, typer.Argument(help="Drawings to ask about, or folders of them.")
    ] = None,
    votes: Annotated[Path, typer.Option(help="File of the votes; a study goes on.")] = Path(
        "votes.jsonl"
    ),
    report: Annotated[bool, typer.Option("--report", help="Count the votes and stop.")] = False,
    against: Annotated[
        str, typer.Option(metavar="COLLECTION", help="Collection of the other system.")
    ] = "",
    against_store: Annotated[
        str, typer.Option(metavar="DIR_OR_URL", help="Its store, where it is another.")
    ] = "",
    against_model: Annotated[
        str, typer.Option(metavar="NAME", help="Its encoder, where it is another.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, max=50, help="Hits a side.")] = 10,
    port: Port = 8000,
    host: Host = "127.0.0.1",
    page_key: PageKey = "",
    allow_host: AllowHost = None,
    drawings: options.Originals = None,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
) -> None:
    """Let people compare two systems side by side, blind; count their preferences."""
    from engine import terminal
    from engine.web import votes as counting

    if report:
        console.show(as_json, *terminal.tally(counting.tally(counting.read(votes))))
        return
    if not against and not against_store:
        raise UsageError("Name the other system with --against COLLECTION, or --against-store.")
    with _web():
        from engine.web import app as page
        from engine.web.safety import access
        from engine.web.study import Study, System
    from engine.query import View
    from ingest.sources import files

    allowed = access(host, page_key, tuple(allow_host or ()))
    asked = [View.read(file) for file in files.pictures(questions or ())]
    other = (against_store or store, api_key, against or collection, against_model or model, device)
    with (
        stores.desk(store, api_key, collection, model, device, drawings) as a,
        stores.desk(*other, drawings) as b,
    ):
        names = (
            f"{store}/{collection} ({a.index.card.name})",
            f"{other[0]}/{other[2]} ({b.index.card.name})",
        )
        made = Study((System(names[0], a), System(names[1], b)), asked, votes, limit)
        served = page.create_study(made, allowed, VERSION)
        _listen(served, host, port, "a study", [a.index, b.index])
    found = counting.read(votes)
    if found:
        console.show(as_json, *terminal.tally(counting.tally(found)))


@contextmanager
def _web() -> Iterator[None]:
    """Say which extra holds what the page needs."""
    try:
        yield
    except ImportError as error:
        raise MissingExtra(error.name or "fastapi", "web") from error


def _listen(application: Any, host: str, port: int, what: str, indexes: list[Index]) -> None:
    """Serve until somebody stops it; tell whoever finds the collections in use."""
    from engine.web import listen

    def listening(address: str) -> None:
        _announce(indexes, f"{what} at {address}")
        console.note(f"Open {address} (Ctrl-C stops it)")

    listen.serve(application, host, port, listening)


def _announce(indexes: list[Index], what: str) -> None:
    """Say what holds the collections, to whoever finds them in use; a server's say nothing."""
    for index in indexes:
        announce = getattr(index, "announce", None)
        if announce:
            announce(what)

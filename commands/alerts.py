"""Keep searches, and report what arrives that matches them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands import VERSION, console, options, stores

if TYPE_CHECKING:
    from engine.alerts import Alerts, News
    from engine.encoder import Encoder
    from engine.plan import Index


def add(
    drawings: Annotated[list[Path], typer.Argument(help="Drawings of the design to guard.")],
    store: options.Store,
    min_score: Annotated[
        float,
        typer.Option(help="Cosine from which a filing is reported; engine search shows some."),
    ],
    name: Annotated[str, typer.Option(help="Name of the alert; else the first drawing's.")] = "",
    classes: options.Class = None,
    not_classes: options.NotClass = None,
    after: options.After = None,
    holder: options.Holder = None,
    exclude_design: options.ExcludeDesign = None,
    past: Annotated[
        bool, typer.Option("--past", help="Report what is in the collection already, too.")
    ] = False,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
) -> None:
    """Keep a search: every filing stored from now on that matches is reported once."""
    import re

    from engine import alerts, terminal
    from engine import encoder as encoders
    from engine.query import Filters, View
    from engine.search import Searcher
    from qdrant import open_store

    for drawing in drawings:
        View.read(drawing)
    alert = alerts.Alert(
        name=name or re.sub(r"[^\w.-]+", "-", drawings[0].stem)[:64],
        drawings=tuple((drawing.name, drawing.read_bytes()) for drawing in drawings),
        filters=Filters(
            classes=tuple(classes or ()), not_classes=tuple(not_classes or ()), since=after,
            holders=tuple(holder or ()), exclude_designs=tuple(exclude_design or ()),
        ),
        min_score=min_score,
    )  # fmt: skip
    book = _book(store, collection)
    there = []
    with open_store(store, api_key) as opened:
        if not past and opened.exists(collection):
            with opened.open(collection) as index:
                there = alerts.matching(alert, Searcher(index, encoders.load(model, device=device)))
    book.add(alert)
    book.mark(alert, there)
    told = alert.record() | {"known": len(there)}
    console.show(as_json, terminal.alerts([told]), told)
    console.note(f"{len(there):,} designs that match are there already and will not be reported.")


def show(
    store: options.Store, collection: options.Collection = "designs", as_json: options.Json = False
) -> None:
    """List the alerts of a collection."""
    from engine import terminal

    told = [alert.record() for alert in _book(store, collection).all()]
    console.show(as_json, terminal.alerts(told), told)


def remove(
    name: Annotated[str, typer.Argument(help="Name of the alert.")],
    store: options.Store,
    collection: options.Collection = "designs",
) -> None:
    """Forget an alert."""
    _book(store, collection).remove(name)
    console.note(f"Alert '{name}' is removed.")


def run(
    store: options.Store,
    html: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a report of each alert that fires.")
    ] = None,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
) -> None:
    """Report what matches the alerts and was not reported yet, whoever stored it."""
    from engine import encoder as encoders

    encoder = encoders.load(model, device=device)
    with stores.opened(store, api_key, collection) as index:
        found = fired(store, collection, index, encoder)
    if as_json:
        console.show_json([news.record() for news in found])
    report(found, store, collection, html, quiet=as_json)
    if not found:
        if not as_json:
            console.show(False, "Nothing new.", None)
        raise typer.Exit(console.NO_HITS)


def fired(store: str, collection: str, index: Index, encoder: Encoder) -> list[News]:
    """What the alerts have to report; nothing is loaded where there are none."""
    book = _book(store, collection)
    if not book.path.exists():
        return []
    from engine import alerts

    return alerts.news(book, index, encoder, collection=collection, version=VERSION)


def report(
    found: list[News], store: str, collection: str, html: Path | None, *, quiet: bool
) -> None:
    """Show news (unless ``quiet``: the caller has), write the reports, and only then mark them."""
    from engine import terminal

    book = _book(store, collection)
    for news in found:
        if html is not None:
            console.note(f"Report: {news.write_html(html)}")
        if not quiet:
            console.show(False, terminal.news(news.alert.record(), news.hits), None)
        book.mark(news.alert, news.hits)


def _book(store: str, collection: str) -> Alerts:
    from engine import alerts

    return alerts.Alerts(stores.home(store) / alerts.FILE, stores.place(store, collection))

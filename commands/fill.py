"""Fill a collection: read what an office publishes, describe it, watch for more, part sheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import alerts, console, options, stores
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.alerts import News
    from ingest.describe import Describing

DescribeModel = Annotated[
    str, typer.Option(envvar="ENGINE_DESCRIBE_MODEL", metavar="NAME", help="Model of the endpoint.")
]
DescribeKey = Annotated[
    str, typer.Option(envvar="ENGINE_DESCRIBE_KEY", metavar="KEY", help="API key of the endpoint.")
]
ImageUrl = Annotated[
    str, typer.Option(metavar="URL", help="Where figures are served, for the Qdrant web UI.")
]
AlertHtml = Annotated[
    Path | None,
    typer.Option("--alert-html", metavar="DIR", help="Write a report of each alert that fires."),
]


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders of an office.")],
    store: options.Store,
    collection: options.Collection = "designs",
    source: options.Source = "auto",
    split: options.Split = True,
    recreate: Annotated[
        bool, typer.Option("--recreate", help="Drop the collection first and make it anew.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read; store nothing.")
    ] = False,
    describe: Annotated[
        str,
        typer.Option(metavar="WHO", help="Describe designs: offline, an endpoint, local:MODEL."),
    ] = "",
    describe_model: DescribeModel = "",
    describe_key: DescribeKey = "",
    image_url: ImageUrl = "",
    alert_html: AlertHtml = None,
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Read designs, encode their figures and store them; run again to add what is new."""
    from functools import partial

    from engine import encoder as encoders
    from engine import terminal
    from ingest import pipeline
    from ingest.sheets import Splitter
    from qdrant import open_store, points

    if dry_run:
        found = pipeline.survey(paths, source)
        console.show(as_json, terminal.survey(found), found)
        return
    encoder = encoders.load(model, device=device)
    writer = _describing(describe, describe_model, describe_key, store) if describe else None
    with open_store(store, api_key) as opened:
        if recreate:
            opened.drop(collection)
        with (
            opened.open_or_create(collection, encoder.card, text=True) as index,
            console.progress(quiet) as progress,
        ):
            summary = pipeline.ingest(
                paths, index, encoder, partial(points.point, image_url=image_url),
                source=source, describing=writer, splitter=Splitter() if split else None,
                progress=progress,
            )  # fmt: skip
            fired = alerts.fired(store, collection, index, encoder)
    told = summary.record() | {"alerts": [news.record() for news in fired]}
    console.show(as_json, terminal.ingest_summary(told), told)
    alerts.report(fired, store, collection, alert_html, quiet=as_json)
    if summary.interrupted:
        raise typer.Exit(console.INTERRUPTED)
    if summary.errors:
        raise typer.Exit(console.PARTIAL_INGEST)


def describe(
    store: options.Store,
    describer: Annotated[
        str, typer.Argument(help="offline, the address of an endpoint, or local:MODEL.")
    ] = "offline",
    describe_model: DescribeModel = "",
    describe_key: DescribeKey = "",
    classes: options.Class = None,
    every: Annotated[
        bool, typer.Option("--every", help="Also designs that somebody else described.")
    ] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only designs without descriptions (the default).")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count designs and tokens; ask nobody.")
    ] = False,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write descriptions of the designs in a collection, for search by words."""
    from dataclasses import asdict

    from engine import encoder as encoders
    from engine.query import Filters
    from ingest import describe
    from ingest.language import Endpoint, estimate

    if every and missing:
        raise UsageError("--every and --missing exclude each other.")
    writer = _describing(describer, describe_model, describe_key, store)
    where = Filters(classes=tuple(classes or ())).filter()
    with stores.opened(store, api_key, collection) as index:
        if dry_run:
            waiting = describe.subjects(index, writer.describer.name, where=where, every=every)
            if isinstance(writer.describer, Endpoint):
                guess = asdict(estimate(waiting, writer.describer))
            else:
                guess = {"designs": sum(1 for _ in waiting)}
            words = ", ".join(f"{name}: {value}" for name, value in guess.items())
            console.show(as_json, words, guess)
            return
        encoder = encoders.load(model) if index.card.text_dimension else None
        with console.progress(quiet) as progress:
            outcome = describe.complete(
                index, writer, encoder, where=where, every=every,
                progress=(lambda done, total: progress(done, total, "Describing")) if progress else None,
            )  # fmt: skip
    text = f"{outcome.described:,} designs described, {outcome.skipped:,} had descriptions."
    text += "".join(f"\n{number}: {reason}" for number, reason in outcome.failed)
    if outcome.untried:
        text += f"\n{outcome.untried:,} designs were not tried; run the same command again."
    console.show(as_json, text, asdict(outcome))
    if outcome.failed or outcome.untried:
        raise typer.Exit(console.PARTIAL_INGEST)


def watch(
    folder: Annotated[Path, typer.Argument(help="Folder that files arrive in.")],
    store: options.Store,
    collection: options.Collection = "designs",
    source: options.Source = "auto",
    split: options.Split = True,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between looks.")] = 30.0,
    settle: Annotated[
        float, typer.Option(min=0, help="Seconds a file must not change to count as whole.")
    ] = 5.0,
    once: Annotated[
        bool, typer.Option("--once", help="Read what is there and stop, as for cron.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Look at everything again, also what was read.")
    ] = False,
    image_url: ImageUrl = "",
    alert_html: AlertHtml = None,
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Ingest what arrives in a folder, once it is whole, and report the alerts; --json gives lines."""
    from functools import partial

    from engine import encoder as encoders
    from engine import terminal
    from ingest import pipeline, watch
    from ingest.sheets import Splitter
    from qdrant import open_store, points

    encoder = encoders.load(model, device=device)
    ledger = watch.Ledger(
        stores.home(store) / watch.FILE, f"{stores.place(store, collection)}|{folder.resolve()}"
    )
    if again:
        ledger.forget()

    fired: list[News] = []

    def read(unit: watch.Unit) -> dict[str, Any]:
        # Opened for each arrival, so that others may search in between.
        with (
            open_store(store, api_key) as opened,
            opened.open_or_create(collection, encoder.card, text=True) as index,
            console.progress(quiet) as progress,
        ):
            summary = pipeline.ingest(
                unit.paths, index, encoder, partial(points.point, image_url=image_url),
                source=source, splitter=Splitter() if split else None, progress=progress,
            )  # fmt: skip
            if summary.interrupted:
                raise KeyboardInterrupt
            fired[:] = alerts.fired(store, collection, index, encoder)
        return summary.record() | {"alerts": [news.record() for news in fired]}

    if not once:
        console.note(f"Watching {folder} (Ctrl-C stops it)")
    failed = False
    for outcome in watch.watch(
        watch.Arrivals(folder, ledger, settle), read, every=every, once=once
    ):
        told = dict(watch.record(outcome))
        failed = failed or "error" in told or bool(told.get("errors"))
        if as_json:
            console.show_json(told, indent=None)
        else:
            console.show(False, terminal.arrival(told), None)
        alerts.report(fired, store, collection, alert_html, quiet=as_json)
        fired.clear()
    if failed:
        raise typer.Exit(console.PARTIAL_INGEST)


def figures(
    sheets: Annotated[list[Path], typer.Argument(help="Pictures of drawing sheets.")],
    html: Annotated[Path | None, typer.Option(help="Write the sheets with figures boxed.")] = None,
    turn: Annotated[int, typer.Option(help="Turn the sheets first: 90, 180, 270 clockwise.")] = 0,
    numerals: Annotated[
        bool, typer.Option("--numerals", help="Set reference numerals apart too (needs OCR).")
    ] = False,
    read: Annotated[
        bool, typer.Option("--read/--no-read", help="Read the labels, where OCR is installed.")
    ] = True,
    as_json: options.Json = False,
) -> None:
    """Show how sheets part into figures: labels, boxes, turns, and how sure each is."""
    from engine import terminal
    from ingest import overlay
    from ingest.labels import reader

    if turn not in (0, 90, 180, 270):
        raise UsageError(f"--turn is 0, 90, 180 or 270, not {turn}.")
    reads = reader() if read else None
    seen = [
        page for path in sheets for page in overlay.look(path, reads, turn=turn, numerals=numerals)
    ]
    rows = overlay.rows(seen)
    if html:
        html.write_text(overlay.page(seen), encoding="utf-8")
        console.note(f"Wrote {html}.")
    if read and reads is None:
        console.note("Labels were found and not read: install the 'ocr' extra to read them.")
    console.show(as_json, terminal.sheets(rows), rows)


def _describing(who: str, model: str, key: str, store: str) -> Describing:
    """A describer with its cache; says so when it is going to send anything away."""
    from ingest.describe import Cache, Describing
    from ingest.language import describer

    made = describer(who, model=model, api_key=key)
    notice = getattr(made, "notice", "")
    if notice:
        console.note(notice)
    return Describing(
        made, None if who == "offline" else Cache(stores.home(store) / "descriptions.sqlite")
    )

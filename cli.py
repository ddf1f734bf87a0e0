"""The command line: parse, wire the rooms together, print.

The only module that reads the environment, writes to the terminal and exits. Data goes to stdout;
progress, warnings and errors go to stderr. Flag > environment ``ENGINE_*`` > ``engine.toml`` here >
``~/.config/design-search-engine/config.toml``. Exit codes: 0 ok, 1 an error of ours, 2 usage,
3 no hits, 4 store unreachable, 5 partial ingest, 6 collection and encoder do not fit.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer
from typer.core import TyperGroup

from engine.errors import EngineError, UsageError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from engine.alerts import Alerts, News
    from engine.design import Design, Hit
    from engine.encoder import Encoder
    from engine.plan import Index
    from engine.query import Query, View
    from engine.web.desk import Desk
    from ingest.describe import Describing
    from qdrant.move import Copied
    from qdrant.store import Collection, Layout, Store

VERSION = "0.1.0"
APP_FOLDER = "design-search-engine"
NO_HITS, PARTIAL_INGEST, INTERRUPTED = 3, 5, 130


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
                "Stopped. What was stored stays; run the same command again to go on.", INTERRUPTED
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

# --- options that commands share ----------------------------------------------------------------


def _default_store() -> str:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(base) / APP_FOLDER)


StoreOption = Annotated[
    str,
    typer.Option(
        "--store", envvar="ENGINE_STORE", metavar="DIR_OR_URL", default_factory=_default_store,
        show_default="~/.local/share/" + APP_FOLDER,
        help="Folder of the embedded store, or URL of a Qdrant server.",
    ),
]  # fmt: skip
CollectionOption = Annotated[
    str, typer.Option("--collection", "-c", envvar="ENGINE_COLLECTION", help="Collection.")
]
KeyOption = Annotated[
    str, typer.Option("--api-key", envvar="ENGINE_API_KEY", help="API key of the server.")
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model", "-m", envvar="ENGINE_MODEL", metavar="NAME", show_default="the shipped encoder",
        help="Shipped name, model folder, open_clip:NAME/WEIGHTS, timm:NAME or st:NAME.",
    ),
]  # fmt: skip
DeviceOption = Annotated[
    str, typer.Option("--device", envvar="ENGINE_DEVICE", help="auto, cpu or cuda.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
DescribeModelOption = Annotated[
    str, typer.Option(envvar="ENGINE_DESCRIBE_MODEL", metavar="NAME", help="Model of the endpoint.")
]
DescribeKeyOption = Annotated[
    str, typer.Option(envvar="ENGINE_DESCRIBE_KEY", metavar="KEY", help="API key of the endpoint.")
]
ClassOption = Annotated[
    list[str] | None,
    typer.Option("--class", metavar="CODE", help="Locarno class or subclass: 06, 06-01. Repeat."),
]
AlertHtmlOption = Annotated[
    Path | None,
    typer.Option("--alert-html", metavar="DIR", help="Write a report of each alert that fires."),
]
SplitOption = Annotated[
    bool,
    typer.Option("--split/--no-split", help="Part sheets into their figures, or keep them whole."),
]
SourceOption = Annotated[
    str,
    typer.Option(
        "--source", metavar="KIND",
        help="auto, uspto, hague, euipo, deeppatent2, impact, metadata, webdataset, huggingface, "
        "pdf or folder.",
    ),
]  # fmt: skip


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no date. Write it as 2021-06-30.") from None


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


# --- the collection -----------------------------------------------------------------------------


@app.command(epilog="Example: engine ingest weekly/I20210105.tar drawings/ --store ./designs")
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders of an office.")],
    store: StoreOption,
    collection: CollectionOption = "designs",
    source: SourceOption = "auto",
    split: SplitOption = True,
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
    describe_model: DescribeModelOption = "",
    describe_key: DescribeKeyOption = "",
    image_url: Annotated[
        str, typer.Option(metavar="URL", help="Where figures are served, for the Qdrant web UI.")
    ] = "",
    alert_html: AlertHtmlOption = None,
    api_key: KeyOption = "",
    model: ModelOption = "",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
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
        _print(as_json, terminal.survey(found), found)
        return
    encoder = encoders.load(model, device=device)
    writer = _describing(describe, describe_model, describe_key, store) if describe else None
    with open_store(store, api_key) as opened:
        if recreate:
            opened.drop(collection)
        with (
            opened.open_or_create(collection, encoder.card, text=True) as index,
            _progress(quiet) as progress,
        ):
            summary = pipeline.ingest(
                paths, index, encoder, partial(points.point, image_url=image_url),
                source=source, describing=writer, splitter=Splitter() if split else None,
                progress=progress,
            )  # fmt: skip
            fired = _alerted(store, collection, index, encoder)
    told = summary.record() | {"alerts": [news.record() for news in fired]}
    _print(as_json, terminal.ingest_summary(told), told)
    _report_alerts(fired, store, collection, alert_html, quiet=as_json)
    if summary.interrupted:
        raise typer.Exit(INTERRUPTED)
    if summary.errors:
        raise typer.Exit(PARTIAL_INGEST)


@app.command(
    "describe", epilog="Example: engine describe http://localhost:11434/v1 --describe-model llava"
)
def describe_command(
    store: StoreOption,
    describer: Annotated[
        str, typer.Argument(help="offline, the address of an endpoint, or local:MODEL.")
    ] = "offline",
    describe_model: DescribeModelOption = "",
    describe_key: DescribeKeyOption = "",
    classes: ClassOption = None,
    every: Annotated[
        bool, typer.Option("--every", help="Also designs that somebody else described.")
    ] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only designs without descriptions (the default).")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count designs and tokens; ask nobody.")
    ] = False,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    model: ModelOption = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
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
    with _opened(store, api_key, collection) as index:
        if dry_run:
            waiting = describe.subjects(index, writer.describer.name, where=where, every=every)
            guess: dict[str, Any] = {"designs": 0}
            if isinstance(writer.describer, Endpoint):
                guess = asdict(estimate(waiting, writer.describer))
            else:
                guess["designs"] = sum(1 for _ in waiting)
            _print(as_json, ", ".join(f"{name}: {value}" for name, value in guess.items()), guess)
            return
        encoder = encoders.load(model) if index.card.text_dimension else None
        with _progress(quiet) as progress:
            outcome = describe.complete(
                index, writer, encoder, where=where, every=every,
                progress=(lambda done, total: progress(done, total, "Describing")) if progress else None,
            )  # fmt: skip
    text = f"{outcome.described:,} designs described, {outcome.skipped:,} had descriptions."
    text += "".join(f"\n{number}: {reason}" for number, reason in outcome.failed)
    if outcome.untried:
        text += f"\n{outcome.untried:,} designs were not tried; run the same command again."
    _print(as_json, text, asdict(outcome))
    if outcome.failed or outcome.untried:
        raise typer.Exit(PARTIAL_INGEST)


@app.command(epilog="Example: engine watch /mnt/office --every 60 --alert-html reports/")
def watch(
    folder: Annotated[Path, typer.Argument(help="Folder that files arrive in.")],
    store: StoreOption,
    collection: CollectionOption = "designs",
    source: SourceOption = "auto",
    split: SplitOption = True,
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
    image_url: Annotated[
        str, typer.Option(metavar="URL", help="Where figures are served, for the Qdrant web UI.")
    ] = "",
    alert_html: AlertHtmlOption = None,
    api_key: KeyOption = "",
    model: ModelOption = "",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
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
        _home(store) / watch.FILE, f"{_place(store, collection)}|{folder.resolve()}"
    )
    if again:
        ledger.forget()

    fired: list[News] = []

    def read(unit: watch.Unit) -> dict[str, Any]:
        # Opened for each arrival, so that others may search in between.
        with (
            open_store(store, api_key) as opened,
            opened.open_or_create(collection, encoder.card, text=True) as index,
            _progress(quiet) as progress,
        ):
            summary = pipeline.ingest(
                unit.paths, index, encoder, partial(points.point, image_url=image_url),
                source=source, splitter=Splitter() if split else None, progress=progress,
            )  # fmt: skip
            if summary.interrupted:
                raise KeyboardInterrupt
            fired[:] = _alerted(store, collection, index, encoder)
        return summary.record() | {"alerts": [news.record() for news in fired]}

    if not once:
        _note(f"Watching {folder} (Ctrl-C stops it)")
    failed = False
    for outcome in watch.watch(
        watch.Arrivals(folder, ledger, settle), read, every=every, once=once
    ):
        told = dict(watch.record(outcome))
        failed = failed or "error" in told or bool(told.get("errors"))
        if as_json:
            print(json.dumps(told, ensure_ascii=False), flush=True)  # noqa: T201
        else:
            _print(False, terminal.arrival(told), None)
        _report_alerts(fired, store, collection, alert_html, quiet=as_json)
        fired.clear()
    if failed:
        raise typer.Exit(PARTIAL_INGEST)


alert_app = typer.Typer(no_args_is_help=True, help="Keep searches; hear once of each new filing.")
app.add_typer(alert_app, name="alert")


@alert_app.command("add", epilog="Example: engine alert add chair.png --class 06 --min-score 0.6")
def add_alert(
    drawings: Annotated[list[Path], typer.Argument(help="Drawings of the design to guard.")],
    store: StoreOption,
    min_score: Annotated[
        float,
        typer.Option(help="Cosine from which a filing is reported; engine search shows some."),
    ],
    name: Annotated[str, typer.Option(help="Name of the alert; else the first drawing's.")] = "",
    classes: ClassOption = None,
    not_classes: Annotated[
        list[str] | None, typer.Option("--not-class", metavar="CODE", help="Leave a class out.")
    ] = None,
    after: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="YYYY-MM-DD", help="Published that day or later."),
    ] = None,
    holder: Annotated[list[str] | None, typer.Option(help="Holder, exact name. Repeat.")] = None,
    exclude_design: Annotated[
        list[str] | None, typer.Option(metavar="DESIGN_ID", help="Leave a design out. Repeat.")
    ] = None,
    past: Annotated[
        bool, typer.Option("--past", help="Report what is in the collection already, too.")
    ] = False,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    model: ModelOption = "",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
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
    book = _alerts(store, collection)
    there = []
    with open_store(store, api_key) as opened:
        if not past and opened.exists(collection):
            with opened.open(collection) as index:
                there = alerts.matching(alert, Searcher(index, encoders.load(model, device=device)))
    book.add(alert)
    book.mark(alert, there)
    told = alert.record() | {"known": len(there)}
    _print(as_json, terminal.alerts([told]), told)
    _note(f"{len(there):,} designs that match are there already and will not be reported.")


@alert_app.command("list")
def list_alerts(
    store: StoreOption, collection: CollectionOption = "designs", as_json: JsonOption = False
) -> None:
    """List the alerts of a collection."""
    from engine import terminal

    told = [alert.record() for alert in _alerts(store, collection).all()]
    _print(as_json, terminal.alerts(told), told)


@alert_app.command("remove", epilog="Example: engine alert remove chair")
def remove_alert(
    name: Annotated[str, typer.Argument(help="Name of the alert.")],
    store: StoreOption,
    collection: CollectionOption = "designs",
) -> None:
    """Forget an alert."""
    _alerts(store, collection).remove(name)
    _note(f"Alert '{name}' is removed.")


@alert_app.command("run", epilog="Example: engine alert run --html reports/ --json")
def run_alerts(
    store: StoreOption,
    html: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a report of each alert that fires.")
    ] = None,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    model: ModelOption = "",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Report what matches the alerts and was not reported yet, whoever stored it."""
    from engine import encoder as encoders

    encoder = encoders.load(model, device=device)
    with _opened(store, api_key, collection) as index:
        found = _alerted(store, collection, index, encoder)
    if as_json:
        _json([news.record() for news in found])
    _report_alerts(found, store, collection, html, quiet=as_json)
    if not found:
        if not as_json:
            _print(False, "Nothing new.", None)
        raise typer.Exit(NO_HITS)


# --- searching ----------------------------------------------------------------------------------


@app.command(epilog="Example: engine classify drawing.png")
def classify(
    drawings: Annotated[list[Path], typer.Argument(help="Drawings of one design.")],
    store: StoreOption,
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, help="Suggestions shown.")] = 5,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    model: ModelOption = "",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Suggest Locarno subclasses for a drawing, from the designs that are most like it."""
    from engine import encoder as encoders
    from engine import terminal
    from engine.classify import suggest
    from engine.query import View

    pictures = [View.read(path).picture for path in drawings]
    encoder = encoders.load(model, device=device)
    with _opened(store, api_key, collection) as index:
        found = suggest(index, encoder, pictures, limit=limit)
    _print(as_json, *terminal.suggestions(found))


@app.command(
    epilog="Example: engine search chair.png --class 06-01 --before 2021-01-01 --html hits.html"
)
def search(
    store: StoreOption,
    drawings: Annotated[
        list[Path] | None, typer.Argument(help="Drawings of the design; several are several views.")
    ] = None,
    classes: ClassOption = None,
    not_classes: Annotated[
        list[str] | None, typer.Option("--not-class", metavar="CODE", help="Leave a class out.")
    ] = None,
    like: Annotated[
        list[str] | None, typer.Option(metavar="DESIGN_ID", help="Like this stored design.")
    ] = None,
    unlike: Annotated[
        list[str] | None, typer.Option(metavar="DESIGN_ID", help="Unlike this stored design.")
    ] = None,
    negative: Annotated[
        list[Path] | None, typer.Option("--not", metavar="DRAWING", help="Unlike this drawing.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option("--text", "-t", metavar="WORDS", help="Words to be like.")
    ] = None,
    not_text: Annotated[
        list[str] | None, typer.Option(metavar="WORDS", help="Words to be unlike.")
    ] = None,
    expression: Annotated[
        str,
        typer.Option(
            "--query", metavar="EXPR", help="All in one: '2:folding chair + side.png - swivel'."
        ),
    ] = "",
    before: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="YYYY-MM-DD", help="Published strictly earlier."),
    ] = None,
    after: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="YYYY-MM-DD", help="Published that day or later."),
    ] = None,
    holder: Annotated[list[str] | None, typer.Option(help="Holder, exact name. Repeat.")] = None,
    broken_lines: Annotated[
        bool | None,
        typer.Option(
            "--broken-lines/--solid-lines", help="Only figures with broken lines, or not."
        ),
    ] = None,
    exclude_design: Annotated[
        list[str] | None, typer.Option(metavar="DESIGN_ID", help="Leave a design out. Repeat.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, help="Hits shown.")] = 10,
    per: Annotated[
        str, typer.Option(metavar="design|figure", help="One hit a design, or every figure.")
    ] = "design",
    min_score: Annotated[
        float | None, typer.Option(help="Leave out hits under this cosine.")
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Scan all; no approximate index.")] = False,
    diversity: Annotated[
        float, typer.Option(min=0, max=0.99, help="Make hits unlike each other, 0 … 0.99 (MMR).")
    ] = 0.0,
    off: Annotated[
        list[str] | None,
        typer.Option(metavar="STAGE", help="Switch off: image, text, words, rerank. Repeat."),
    ] = None,
    explain_score: Annotated[
        bool, typer.Option("--explain-score", help="Show what each stage gave to each hit.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write a one-file report.")] = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV on stdout.")] = False,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    model: ModelOption = "",
    device: DeviceOption = "auto",
) -> None:
    """Find the designs nearest to a drawing, under filters; show scores and class names."""
    from engine import encoder as encoders
    from engine.query import Filters, Query, View

    if per not in ("design", "figure"):
        raise UsageError(f"--per is design or figure, not '{per}'.")
    automatic = classes == ["auto"]
    said = None
    if expression:
        from engine import expression as expressions

        said = expressions.read(expressions.parse(expression))
    query = Query(
        drawings=(
            *(said.drawings if said else ()),
            *(View.read(path) for path in drawings or ()),
            *(View.read(path, -1) for path in negative or ()),
        ),
        designs=(
            *(said.designs if said else ()),
            *((name, 1.0) for name in like or ()),
            *((name, -1.0) for name in unlike or ()),
        ),
        texts=(
            *(said.texts if said else ()),
            *((words, 1.0) for words in text or ()),
            *((words, -1.0) for words in not_text or ()),
        ),
        filters=Filters(
            classes=() if automatic else tuple(classes or ()),
            not_classes=tuple(not_classes or ()),
            since=after, before=before, holders=tuple(holder or ()),
            exclude_designs=tuple(exclude_design or ()), broken_lines=broken_lines,
        ),
    )  # fmt: skip
    encoder = encoders.load(model, device=device) if query.drawings else None
    with _opened(store, api_key, collection) as index:
        if automatic:
            query = _classified(query, index, encoder)
        hits = _hits(
            query, index, encoder, limit=limit, per=per, min_score=min_score, exact=exact,
            thumbnails=html is not None, explain=explain_score, diversity=diversity,
            off=tuple(off or ()),
        )  # fmt: skip
        if html is not None:
            from engine import report

            manifest = report.manifest(query, index, collection, VERSION)
            report.write_html(html, hits, query, manifest)
            _note(f"Report: {html}")
    if as_json:
        from engine import report

        _json(report.rows(hits))
    elif as_csv:
        from engine import report

        report.write_csv(sys.stdout, hits)
        _note(report.CSV_WARNING)
    else:
        from engine import terminal

        shown = terminal.hits(hits, query.filters.words(), _console(sys.stdout).width)
        _print(False, shown, None)
    if not hits:
        raise typer.Exit(NO_HITS)


# --- looking after a collection -------------------------------------------------------------------


@app.command(epilog="Example: engine status --designs --json")
def status(
    store: StoreOption,
    collection: CollectionOption = "designs",
    designs: Annotated[bool, typer.Option("--designs", help="List every design.")] = False,
    api_key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Count figures and designs by class, or list the designs of a collection."""
    from engine import terminal

    with _opened(store, api_key, collection) as index:
        if designs:
            _print(as_json, *terminal.designs(index))
        else:
            _print(as_json, *terminal.status(index, collection, store))


@app.command(epilog="Example: engine delete USD0906631 USD0908286")
def delete(
    store: StoreOption,
    designs: Annotated[
        list[str] | None, typer.Argument(metavar="DESIGN_ID", help="Designs to delete.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Delete the whole collection instead.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; keep it.")] = False,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Delete designs with all their figures, or a whole collection."""
    from engine.plan import AnyOf, Filter
    from qdrant import open_store

    if bool(designs) == everything:
        raise UsageError("Name the designs to delete, or give --all for the whole collection.")
    where = Filter((AnyOf("design_id", tuple(designs or ())),)) if designs else Filter()
    with _opened(store, api_key, collection) as index:
        figures = index.count(where)
        what = f"{figures:,} figures of {', '.join(designs)}" if designs else (
            f"collection '{collection}' with {figures:,} figures"
        )  # fmt: skip
        if not dry_run and figures:
            _confirm(f"Delete {what} from {store}?", yes)
            if designs:
                index.delete(where)
    if everything and not dry_run:
        with open_store(store, api_key) as opened:
            opened.drop(collection)
    gone = 0 if dry_run else figures
    _print(as_json, f"{'Would delete' if dry_run else 'Deleted'} {what}.", {"deleted": gone})
    if not figures:
        raise typer.Exit(NO_HITS)


@app.command(epilog="Example: engine duplicates --class 06-01 --json")
def duplicates(
    store: StoreOption,
    classes: ClassOption = None,
    exact_only: Annotated[
        bool, typer.Option("--exact-only", help="Only drawings of the same content.")
    ] = False,
    views: Annotated[
        bool, typer.Option("--views", help="Also views of one design that look alike.")
    ] = False,
    max_bits: Annotated[
        int | None, typer.Option(help="Bits of 64 by which hashes of near drawings may differ.")
    ] = None,
    min_score: Annotated[
        float | None, typer.Option(help="Cosine that near drawings have at least.")
    ] = None,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Report drawings that are stored twice, exactly or nearly, and families of designs."""
    from engine import terminal
    from engine.query import Filters
    from ingest import duplicates as doubles

    with _opened(store, api_key, collection) as index, _progress(quiet) as progress:
        found = doubles.find(
            index, where=Filters(classes=tuple(classes or ())).filter(), near=not exact_only,
            views=views, bits=doubles.BITS if max_bits is None else max_bits,
            alike=doubles.ALIKE if min_score is None else min_score, progress=progress,
        ).record()  # fmt: skip
    _print(as_json, terminal.duplicates(found), found)
    if not (found["groups"] or found["families"]):
        raise typer.Exit(NO_HITS)


# --- moving, keeping, replacing a collection ------------------------------------------------------

AsOption = Annotated[str, typer.Option("--as", metavar="NAME", help="Its name there.")]
QuantizeOption = Annotated[
    bool | None,
    typer.Option("--int8/--full", help="On a server: search 8-bit integers first, or full rows."),
]
DeleteOption = Annotated[
    bool, typer.Option("--delete", help="Delete there what is not here any more.")
]


@app.command(epilog="Example: engine push --to https://qdrant.example.org --shards 6 --replicas 2")
def push(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Server, or another folder.")],
    store: StoreOption,
    collection: CollectionOption = "designs",
    name: AsOption = "",
    api_key: KeyOption = "",
    int8: QuantizeOption = None,
    shards: Annotated[int | None, typer.Option(min=1, help="Parts on a cluster, for ever.")] = None,
    replicas: Annotated[int, typer.Option(min=1, help="Copies of each part.")] = 1,
    delete: DeleteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Copy a collection to a server, with its ids, and check it; run again to go on."""
    from qdrant.store import Layout

    layout = Layout(shards, replicas, min(replicas, 2))
    _transfer(
        (store, ""), (to, api_key), collection, name, layout=layout, int8=int8, delete=delete,
        as_json=as_json, quiet=quiet,
    )  # fmt: skip


@app.command(epilog="Example: engine pull --from http://localhost:6333 --store ./designs")
def pull(
    origin: Annotated[str, typer.Option("--from", metavar="URL", help="Server, or a folder.")],
    store: StoreOption,
    collection: CollectionOption = "designs",
    name: AsOption = "",
    api_key: KeyOption = "",
    delete: DeleteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Copy a collection from a server into a folder, with its ids, and check it."""
    _transfer(
        (origin, api_key), (store, ""), collection, name, delete=delete, as_json=as_json,
        quiet=quiet,
    )  # fmt: skip


@app.command(epilog="Example: engine backup backups/2024-06-01")
def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the backup.")],
    store: StoreOption,
    collection: CollectionOption = "designs",
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="A server's own snapshot of one node instead.")
    ] = False,
    api_key: KeyOption = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write a collection to files with counts and checksums, for any store and version."""
    from qdrant import move

    if snapshot:
        from qdrant import open_store
        from qdrant.server import ServerStore

        with open_store(store, api_key) as opened:
            if not isinstance(opened, ServerStore):
                raise UsageError("Only servers take snapshots. Leave --snapshot away.")
            path = opened.snapshot(collection, folder)
        _print(as_json, f"Snapshot: {path}", {"snapshot": str(path)})
        return
    with _opened(store, api_key, collection) as index, _progress(quiet) as progress:
        made = move.backup(index, folder, progress=progress)
    size = sum(shard.bytes for shard in made.shards)
    text = f"{made.count():,} figures in {len(made.shards)} files ({size / 1e6:,.0f} MB), verified."
    _print(as_json, text, {"points": made.count(), "bytes": size, "files": len(made.shards)})


@app.command(epilog="Example: engine restore backups/2024-06-01 --replace")
def restore(
    folder: Annotated[Path, typer.Argument(help="A backup, or a server's snapshot file.")],
    store: StoreOption,
    collection: CollectionOption = "designs",
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what is there.")
    ] = False,
    int8: QuantizeOption = None,
    api_key: KeyOption = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a collection from a backup: built beside, checked, then put in place in one step."""
    from qdrant import move, open_store

    with open_store(store, api_key) as opened, _progress(quiet) as progress:
        if folder.is_file():
            from qdrant.server import ServerStore

            if not isinstance(opened, ServerStore):
                raise UsageError(f"{folder} is a file: only a server restores its snapshots.")
            count = opened.recover(collection, folder)
            _print(as_json, f"{count:,} figures restored.", {"points": count})
            return
        done = move.restore(
            folder, opened, collection, replace_existing=replace, quantized=int8, progress=progress
        )
    _print_copied(as_json, "Restored", done)


@app.command(epilog="Example: engine load encoded-1 encoded-2 --store http://localhost:6333")
def load(
    folders: Annotated[list[Path], typer.Argument(help="What engine encode or backup wrote.")],
    store: StoreOption,
    collection: CollectionOption = "designs",
    int8: QuantizeOption = None,
    api_key: KeyOption = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Store encoded figures from files, several requests at a time; run again to go on."""
    from dataclasses import asdict

    from qdrant import move, open_store
    from qdrant.archive import Archive

    archives = [Archive.open(folder) for folder in folders]
    for archive in archives:
        archive.verify()
    done = []
    with open_store(store, api_key) as opened, _progress(quiet) as progress:
        for archive in archives:
            copied = move.load(archive, opened, collection, quantized=int8, progress=progress)
            done.append(asdict(copied))
    total = {key: sum(one[key] for one in done) for key in done[0]}
    _print_copied(as_json, "Loaded", move.Copied(**total))


@app.command(epilog="Example: engine encode weekly/ --out part-1 --part 1/4")
def encode(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders of an office.")],
    out: Annotated[Path, typer.Option(help="Folder of the encoded figures; runs go on in it.")],
    part: Annotated[
        str, typer.Option(metavar="I/N", help="Encode the I-th of N parts; others do the rest.")
    ] = "",
    source: SourceOption = "auto",
    split: SplitOption = True,
    model: ModelOption = "",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Encode designs to Parquet files for engine load: on several machines, GPUs or processes.

    Under accelerate launch each process takes its own part, device and folder OUT/part-I.
    """
    from engine import encoder as encoders
    from engine import terminal
    from ingest import pipeline
    from ingest.sheets import Splitter
    from qdrant.archive import ArchiveWriter
    from qdrant.encoding import Part
    from qdrant.schema import Schema

    number, of = _part(part)
    if not part and of > 1:
        out = out / f"part-{number + 1}"
        device = f"cuda:{os.environ['LOCAL_RANK']}" if device == "cuda" else device
    encoder = encoders.load(model, device=device)
    writer = ArchiveWriter.open(out, encoder.card, Schema.for_card(encoder.card, text=True))
    index = Part(writer, number, of)
    with _progress(quiet) as progress:
        summary = pipeline.ingest(
            paths, index, encoder, index.to_point, source=source,
            splitter=Splitter() if split else None, progress=progress,
        )  # fmt: skip
    if summary.interrupted:
        index.close()
        raise typer.Exit(INTERRUPTED)
    archive = index.finish()
    record = summary.record() | {"points": archive.count(), "files": len(archive.shards)}
    _print(as_json, terminal.ingest_summary(summary.record()), record)
    _note(f"{archive.count():,} figures in {out}. Store them with: engine load {out}")
    if summary.errors:
        raise typer.Exit(PARTIAL_INGEST)


@app.command("plan", epilog="Example: engine plan --designs 20e6 --views 5")
def plan_command(
    designs: Annotated[float, typer.Option(min=1, help="Designs of the register: 20e6.")],
    views: Annotated[float, typer.Option(min=0.1, help="Figures of a design.")] = 5,
    dimension: Annotated[int, typer.Option(min=1, help="Numbers of an encoder's row.")] = 512,
    text: Annotated[bool, typer.Option("--text", help="With descriptions.")] = False,
    thumbnails: Annotated[bool, typer.Option(help="Kept in the store.")] = True,
    int8: Annotated[bool, typer.Option("--int8/--full", help="8-bit rows in memory.")] = True,
    replicas: Annotated[int, typer.Option(min=1, help="Copies of everything.")] = 2,
    node_gib: Annotated[float, typer.Option(min=1, help="Memory of a node, GiB.")] = 64,
    cores: Annotated[int, typer.Option(min=1, help="Cores of a node.")] = 16,
    gpus: Annotated[int, typer.Option(min=0, help="GPUs that encode.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Work out memory, disk, nodes and hours for a register (docs/scale.md has the arithmetic)."""
    from dataclasses import asdict

    from qdrant import capacity

    found = capacity.plan(
        capacity.Demand(
            designs=designs, views=views, dimension=dimension, text=text, thumbnails=thumbnails,
            quantized=int8, replicas=replicas, node_gib=node_gib, cores=cores, gpus=gpus,
        )
    )  # fmt: skip
    lines = capacity.told(found)
    wide = max(len(name) for name, _ in lines)
    text_lines = "\n".join(f"{name:<{wide}}  {value:>14}" for name, value in lines)
    _print(as_json, text_lines, asdict(found))


@app.command(epilog="Example: engine reindex drawings/ weekly/ --model vit-design")
def reindex(
    store: StoreOption,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="The files and folders that were ingested.")
    ] = None,
    model: ModelOption = "",
    source: SourceOption = "auto",
    split: SplitOption = True,
    missing: Annotated[
        bool, typer.Option("--allow-missing", help="Let figures go that the paths do not hold.")
    ] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Delete what was replaced.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Put back what was replaced.")] = False,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Encode a collection anew with another model, beside the old one, and swap them in one step.

    Search goes on meanwhile. A run that was stopped is gone on with by running it again.
    """
    from qdrant import open_store

    if sum((bool(paths), prune, back)) != 1:
        raise UsageError("Give either the paths to encode, or --back, or --prune.")
    with open_store(store, api_key) as opened:
        if back:
            opened.swap(collection, back=True)
            _print(as_json, f"'{collection}' is what it was before.", {"back": True})
        elif prune:
            gone = opened.prune(collection)
            _print(as_json, "Deleted." if gone else "There was nothing.", {"pruned": gone})
        else:
            _reindex(
                opened,
                collection,
                paths or [],
                model,
                device,
                source,
                split,
                missing,
                as_json,
                quiet,
            )


@app.command(epilog="Example: engine graph --int8")
def graph(
    store: StoreOption,
    int8: Annotated[
        bool, typer.Option("--int8", help="Search 8-bit integers first, then full rows.")
    ] = False,
    links: Annotated[int, typer.Option(min=4, max=128, help="Links of each figure.")] = 16,
    reach: Annotated[int, typer.Option(min=10, help="Candidates followed in a search.")] = 256,
    collection: CollectionOption = "designs",
    as_json: JsonOption = False,
) -> None:
    """Build a graph over an embedded collection, for quicker search of very many figures.

    It takes minutes for 100,000 figures, in a process of its own, and is swapped in when whole.
    """
    from qdrant import open_store
    from qdrant.plan import Graph

    with open_store(store) as opened:
        if opened.capabilities.backend != "edge":
            raise UsageError("A server builds its graph by itself: give the folder of a store.")
        from qdrant import graph as graphs
        from qdrant.edge import EdgeStore

        assert isinstance(opened, EdgeStore)
        graphs.build(opened, collection, Graph(links=links, reach=reach, quantized=int8))
    text = "The graph is in place. Undo: engine reindex --back; free the space: reindex --prune."
    _print(as_json, text, {"links": links, "reach": reach, "int8": int8})


# --- measuring and looking ----------------------------------------------------------------------


@app.command(
    "eval", epilog="Example: engine eval drawings/ weekly/ --json --run hits.run --qrels hits.qrels"
)
def evaluate(
    paths: Annotated[list[Path], typer.Argument(help="Labelled folders or office files.")],
    source: SourceOption = "auto",
    split: SplitOption = False,
    run: Annotated[Path | None, typer.Option(help="Write the rankings, TREC format.")] = None,
    qrels: Annotated[Path | None, typer.Option(help="Write the judgements, TREC format.")] = None,
    model: ModelOption = "",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure an encoder on labelled drawings: every file is a query against all others."""
    from engine import encoder as encoders
    from engine import evaluate as measures
    from engine import terminal, trec
    from ingest import pipeline
    from ingest.sheets import Splitter

    encoder = encoders.load(model, device=device)
    splitter = Splitter() if split else None
    with _progress(quiet) as report:
        gallery = pipeline.encode_only(
            paths, encoder, source=source, splitter=splitter, progress=report
        )
    for problem in gallery.problems[: terminal.MANY]:
        _note(f"Left out {problem.file}: {problem.reason}")
    if len(gallery.problems) > terminal.MANY:
        _note(f"… and {len(gallery.problems) - terminal.MANY:,} more files were left out.")
    result = measures.evaluate(gallery.embeddings, gallery.labels, model=encoder.card.name)
    if run or qrels:
        trec.write(gallery.embeddings, gallery.labels, run=run, qrels=qrels)
    _print(as_json, terminal.evaluation(result, _console(sys.stdout).width), result)


@app.command("figures", epilog="Example: engine figures sheet.tif --html figures.html")
def figures_command(
    sheets: Annotated[list[Path], typer.Argument(help="Pictures of drawing sheets.")],
    html: Annotated[Path | None, typer.Option(help="Write the sheets with figures boxed.")] = None,
    turn: Annotated[int, typer.Option(help="Turn the sheets first: 90, 180, 270 clockwise.")] = 0,
    numerals: Annotated[
        bool, typer.Option("--numerals", help="Set reference numerals apart too (needs OCR).")
    ] = False,
    read: Annotated[
        bool, typer.Option("--read/--no-read", help="Read the labels, where OCR is installed.")
    ] = True,
    as_json: JsonOption = False,
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
        _note(f"Wrote {html}.")
    if read and reads is None:
        _note("Labels were found and not read: install the 'ocr' extra to read them.")
    _print(as_json, terminal.sheets(rows), rows)


@app.command("locarno", epilog="Example: engine locarno 06-01, or engine locarno folding chair")
def locarno_command(
    words: Annotated[list[str] | None, typer.Argument(help="A code, or words to find.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, help="Subclasses found.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Look up a Locarno class, or find the classes of a product."""
    from engine import terminal

    text, found = terminal.classes(" ".join(words or ()), limit)
    _print(as_json, text, found)
    if not found:
        raise typer.Exit(NO_HITS)


@app.command(epilog="Example: engine doctor --store http://127.0.0.1:6333")
def doctor(
    store: StoreOption,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    model: ModelOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say what is installed, where the data lies, which encoder is used, and whether they fit."""
    from engine import checkup, terminal
    from qdrant import open_store

    checks = [*checkup.installation(VERSION), *checkup.encoder(model)]
    checks += checkup.store(lambda: open_store(store, api_key), store, collection, model)
    _print(as_json, *terminal.checks(checks))
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


@app.command(epilog="Example: engine demo, or engine demo my-drawings/")
def demo(
    folder: Annotated[
        Path | None, typer.Argument(help="Your own drawings instead of made ones.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where drawings, store and report go.")] = Path(
        "engine-demo"
    ),
    quiet: QuietOption = False,
) -> None:
    """Draw a small register of designs, ingest it, search it with an unseen view, show the hits."""
    from engine import encoder as encoders
    from engine import report, terminal
    from engine.query import Filters, Query, View
    from engine.search import Searcher
    from ingest import pipeline
    from qdrant import open_store, points
    from train.corpus.demo import own_questions, write_register

    console = _console(sys.stdout)
    if folder is None:
        _note("Drawing a small register of made-up designs …")
        questions, source = write_register(out), out / "register"
    else:
        questions, source = own_questions(folder), folder
    encoder = encoders.load()
    with open_store(out / "store") as opened:
        opened.drop("demo")
        with opened.open_or_create("demo", encoder.card, text=True) as index:
            with _progress(quiet) as progress:
                summary = pipeline.ingest([source], index, encoder, points.point, progress=progress)
            console.print(terminal.ingest_summary(summary.record()))
            for question in questions:
                classes = (question.locarno[:2],) if question.locarno else ()
                query = Query(
                    drawings=(View.read(question.drawing),), filters=Filters(classes=classes)
                )
                hits = Searcher(index, encoder).search(query, limit=5, thumbnails=True)
                name = f"\n{question.drawing} ({question.title or 'your drawing'})"
                console.print(name, style="bold", markup=False)
                console.print(terminal.hits(hits, query.filters.words(), console.width))
                page = out / f"{question.drawing.stem}.html"
                report.write_html(page, hits, query, report.manifest(query, index, "demo", VERSION))
    console.print(f"\nReports, drawings and the store are in {out}/. Search on with:", markup=False)
    asked = questions[0]
    narrowed = f" --class {asked.locarno[:2]}" if asked.locarno else ""
    console.print(
        f"  engine search {asked.drawing} --store {out / 'store'} -c demo{narrowed}",
        markup=False, soft_wrap=True,
    )  # fmt: skip


# --- the page -----------------------------------------------------------------------------------

PageKeyOption = Annotated[
    str,
    typer.Option(
        "--page-key", envvar="ENGINE_PAGE_KEY", metavar="KEY",
        help="Key that whoever uses the page must show; needed beyond this machine.",
    ),
]  # fmt: skip
PortOption = Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port.")]
HostOption = Annotated[str, typer.Option(help="Address to listen on.")]
AllowHostOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="A further name by which the page is reached. Repeat."),
]
DrawingsOption = Annotated[
    list[Path] | None,
    typer.Option(metavar="DIR", help="Where ingested files lie now, if they moved. Repeat."),
]


@app.command(epilog="Example: engine serve --port 8000 --store ./designs")
def serve(
    store: StoreOption,
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
    page_key: PageKeyOption = "",
    allow_host: AllowHostOption = None,
    drawings: DrawingsOption = None,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    model: ModelOption = "",
    device: DeviceOption = "auto",
) -> None:
    """Serve the page and its API: search, compare, judge and export in a browser."""
    with _web():
        from engine.web import app as page
        from engine.web.safety import access
    allowed = access(host, page_key, tuple(allow_host or ()))
    with _desk(store, api_key, collection, model, device, drawings) as desk:
        _listen(page.create_app(desk, allowed), host, port, "the page", [desk.index])


@app.command("mcp", epilog="Example: engine mcp --store ./designs --folder ./drawings")
def mcp_command(
    store: StoreOption,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder whose drawings assistants may name.")
    ] = None,
    drawings: DrawingsOption = None,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    model: ModelOption = "",
    device: DeviceOption = "auto",
) -> None:
    """Serve an assistant on stdin and stdout (Model Context Protocol): search, classify, look."""
    with _web():
        from engine.web import assistant
    with _desk(store, api_key, collection, model, device, drawings) as desk:
        _announce([desk.index], "an assistant's server (engine mcp)")
        assistant.server(desk, folder).run()


@app.command(epilog="Example: engine study queries/ --against designs-b --votes votes.jsonl")
def study(
    store: StoreOption,
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
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
    page_key: PageKeyOption = "",
    allow_host: AllowHostOption = None,
    drawings: DrawingsOption = None,
    collection: CollectionOption = "designs",
    api_key: KeyOption = "",
    model: ModelOption = "",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Let people compare two systems side by side, blind; count their preferences."""
    from engine import terminal
    from engine.web import votes as counting

    if report:
        _print(as_json, *terminal.tally(counting.tally(counting.read(votes))))
        return
    if not against and not against_store:
        raise UsageError("Name the other system with --against COLLECTION, or --against-store.")
    with _web():
        from engine.web import app as page
        from engine.web.safety import access
        from engine.web.study import Study, System
    allowed = access(host, page_key, tuple(allow_host or ()))
    asked = _pictures(questions or [])
    other = (against_store or store, api_key, against or collection, against_model or model, device)
    with (
        _desk(store, api_key, collection, model, device, drawings) as a,
        _desk(*other, drawings) as b,
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
        _print(as_json, *terminal.tally(counting.tally(found)))


# --- training -----------------------------------------------------------------------------------

corpora = typer.Typer(no_args_is_help=True, help="Build labelled drawings to train with.")
app.add_typer(corpora, name="corpus")


@app.command(epilog="Example: engine train train/configs/lite0.toml")
def train(
    config: Annotated[Path, typer.Argument(help="TOML file of the run.")],
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew instead of going on from a checkpoint.")
    ] = False,
) -> None:
    """Train an encoder; a run that was stopped goes on. On several GPUs: accelerate launch -m train."""
    from engine.errors import MissingExtra

    try:
        from train.loop import run
    except ImportError as error:
        raise MissingExtra(error.name or "torch", "train") from error
    _note(f"The run is in {run(config, resume=not fresh)}.")


@corpora.command(
    "build",
    epilog="Example: engine corpus build procedural --out corpora/procedural --designs 3000",
)
def build_corpus(
    kind: Annotated[
        str,
        typer.Argument(
            help="procedural, meshes, clipart, real, deeppatent; office, deeppatent2 or impact."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the corpus; a stopped build goes on.")],
    designs: Annotated[int | None, typer.Option(min=1, help="Designs.")] = None,
    views: Annotated[int | None, typer.Option(min=1, help="Drawings of each design.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same corpus.")] = 0,
    size: Annotated[int, typer.Option(min=32, help="Side of the pictures, px.")] = 320,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    source: Annotated[
        Path | None, typer.Option(help="Folder of the meshes, vector or real drawings.")
    ] = None,
    grants: Annotated[
        Path | None,
        typer.Option(help="Office files with the classes and titles of published drawings."),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="CSV beside a folder of meshes: file,locarno,title.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Write a contact sheet of the corpus.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Draw a corpus as Parquet shards that Hugging Face datasets load."""
    from train.corpus import build

    known = _classes(grants) if grants else None
    with _progress(quiet) as progress:
        report = (lambda p: progress(p.done, p.shards, "Drawing shards")) if progress else None
        if kind in build.OFFICE_KINDS:
            read = _office_designs(source, "auto" if kind == "office" else kind)
            name = source.name if source else ""
            done = build.build_office(
                kind, out, islice(read, designs), source=name, known=known, report=report
            )
        else:
            done = build.build(
                kind, out, designs=designs, views=views, seed=seed, size=size, workers=workers,
                source=source, mapping=mapping, known=known, report=report,
            )  # fmt: skip
    if sheet is not None:
        build.show(out, sheet)
        _note(f"Contact sheet: {sheet}")
    skipped = f", {done.skipped:,} designs skipped" if done.skipped else ""
    _print(False, f"{done.pictures:,} drawings written to {out}{skipped}", None)


def _office_designs(source: Path | None, kind: str) -> Iterator[Design]:
    """The designs of office files; what cannot be read is named on the way."""
    from ingest import sources

    if source is None:
        raise UsageError("Name the files or the folder to read: --source FOLDER.")
    for item in sources.read([source], kind):
        if isinstance(item, sources.Problem):
            _note(f"{item.file}: {item.reason}")
        else:
            yield item


def _classes(grants: Path) -> dict[str, tuple[str, str]]:
    """Locarno code and title by number, from office files."""
    found = _office_designs(grants, "auto")
    return {d.id: (d.locarno[0] if d.locarno else "", d.title) for d in found}


# --- below: reading settings and writing to the terminal ------------------------------------------


@contextmanager
def _opened(store: str, api_key: str, collection: str) -> Iterator[Collection]:
    """The collection, open; closed at the end."""
    from qdrant import open_store

    with open_store(store, api_key) as opened, opened.open(collection) as index:
        yield index


def _part(words: str) -> tuple[int, int]:
    """A part, from 0, and how many there are: as told, or as accelerate's launcher says."""
    if not words:
        return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    number, _, of = words.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise UsageError(f"'{words}' is no part. Write the second of four as 2/4.")
    return int(number) - 1, int(of)


def _transfer(
    origin: tuple[str, str], goal: tuple[str, str], collection: str, name: str, *,
    layout: Layout | None = None, int8: bool | None = None, delete: bool, as_json: bool,
    quiet: bool,
) -> None:  # fmt: skip
    """Copy a collection from one store, and key, to another, and say what was done."""
    from qdrant import move, open_store

    with (
        open_store(*origin) as here,
        here.open(collection) as index,
        open_store(*goal, layout) as there,
        _progress(quiet) as progress,
    ):
        done = move.transfer(
            index, there, name or collection, quantized=int8, delete=delete, progress=progress
        )
    _print_copied(as_json, "Copied", done)


def _print_copied(as_json: bool, verb: str, done: Copied) -> None:
    from dataclasses import asdict

    deleted = f", {done.deleted:,} deleted" if done.deleted else ""
    text = (
        f"{verb} {done.written:,} figures, {done.unchanged:,} were there{deleted}. "
        f"Counts agree; {done.compared:,} figures compared whole."
    )
    _print(as_json, text, asdict(done))


def _reindex(
    store: Store, name: str, paths: list[Path], model: str, device: str, source: str,
    split: bool, missing: bool, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Ingest beside the collection, carry its descriptions over, and swap."""
    from engine import encoder as encoders
    from ingest import pipeline
    from ingest.sheets import Splitter
    from qdrant import move, points

    encoder = encoders.load(model, device=device)
    with store.open(name) as old:
        if old.card == encoder.card:
            raise UsageError(
                f"'{name}' is of {encoder.card.name} already. Name another --model, or add new "
                "figures with engine ingest."
            )
    beside = store.beside(name)
    with store.open_or_create(beside, encoder.card, text=True) as new:
        with _progress(quiet) as progress:
            summary = pipeline.ingest(
                paths, new, encoder, points.point, source=source,
                splitter=Splitter() if split else None, progress=progress,
            )  # fmt: skip
        if summary.interrupted:
            raise typer.Exit(INTERRUPTED)
        with store.open(name) as old:
            carried = move.carry_words(old, new)
        if carried.missing and not missing:
            raise UsageError(
                f"{len(carried.missing):,} figures of '{name}' were not read from these paths. "
                f"Name their paths too, or let them go with --allow-missing. '{name}' is as it was; "
                "what was encoded is kept for the next run."
            )
        count = new.count()
    store.swap(name)
    text = (
        f"'{name}' now holds {count:,} figures of {encoder.card.name}; {carried.described:,} kept "
        "their descriptions. Undo: engine reindex --back; free the space: engine reindex --prune."
    )
    if carried.undescribed:
        text += f" {carried.undescribed:,} need describing anew: engine describe."
    record = {
        "points": count, "described": carried.described, "undescribed": carried.undescribed,
        "missing": len(carried.missing), "ingest": summary.record(),
    }  # fmt: skip
    _print(as_json, text, record)


@contextmanager
def _desk(
    store: str, api_key: str, collection: str, model: str, device: str, drawings: list[Path] | None
) -> Iterator[Desk]:
    """What page and assistants ask: the collection, open, with its encoder; closed at the end."""
    from engine import encoder as encoders
    from engine.web.desk import Desk
    from ingest.originals import Originals

    encoder = encoders.load(model, device=device)
    with _opened(store, api_key, collection) as index:
        yield Desk(
            index, encoder, collection=collection, version=VERSION,
            originals=Originals(drawings or ()),
        )  # fmt: skip


@contextmanager
def _web() -> Iterator[None]:
    """Say which extra holds what the page needs."""
    from engine.errors import MissingExtra

    try:
        yield
    except ImportError as error:
        raise MissingExtra(error.name or "fastapi", "web") from error


def _listen(application: Any, host: str, port: int, what: str, indexes: list[Index]) -> None:
    """Serve until somebody stops it; tell whoever finds the collections in use."""
    import socket

    import uvicorn

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            f"{host}, port {port} cannot be listened on ({error.strerror}). "
            "Choose another --port or --host."
        ) from None
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{listening.getsockname()[1]}/"
    _announce(indexes, f"{what} at {address}")
    config = uvicorn.Config(
        application, log_level="warning", access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=3,
    )  # fmt: skip
    _note(f"Open {address} (Ctrl-C stops it)")
    with suppress(KeyboardInterrupt), listening:
        uvicorn.Server(config).run(sockets=[listening])


def _announce(indexes: list[Index], what: str) -> None:
    """Say what holds the collections, to whoever finds them in use; a server's say nothing."""
    for index in indexes:
        announce = getattr(index, "announce", None)
        if announce:
            announce(what)


def _pictures(paths: list[Path]) -> list[View]:
    """The drawings of files and folders, decoded."""
    from engine.query import View
    from ingest.sources.files import is_picture

    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else []
        found += [file for file in inside if file.is_file() and is_picture(file)] or [path]
    return [View.read(file) for file in found]


def _hits(
    query: Query, index: Index, encoder: Encoder | None, *, explain: bool, diversity: float,
    off: tuple[str, ...], per: str, **options: Any,
) -> list[Hit]:  # fmt: skip
    """Search by drawings alone, or by stages where words or their options are asked for."""
    unit: Literal["design", "figure"] = "design" if per == "design" else "figure"
    if not (query.texts or explain or diversity or off):
        from engine.search import Searcher

        return Searcher(index, encoder).search(query, per=unit, **options)
    from dataclasses import replace

    from engine import hybrid

    known = ("image", "meaning", "text", "words", "rerank")
    for stage in off:
        if stage not in known:
            raise UsageError(f"There is no stage '{stage}'. Stages: {', '.join(known)}.")
    switched: dict[str, Any] = dict.fromkeys(off, False)
    return hybrid.search(
        index, query, encoder, stages=replace(hybrid.Stages(), **switched), per=unit,
        explain=explain, diversity=diversity, **options,
    )  # fmt: skip


def _classified(query: Query, index: Index, encoder: Encoder | None) -> Query:
    """The query under the classes that its drawings suggest; says which."""
    from dataclasses import replace

    from engine import classify, locarno

    pictures = [view.picture for view in query.drawings if view.weight > 0]
    if encoder is None or not pictures:
        raise UsageError("--class auto needs a drawing to suggest classes from.")
    codes = classify.choose(classify.suggest(index, encoder, pictures, limit=8))
    _note("Classes suggested: " + ", ".join(locarno.label(code) for code in codes))
    return replace(query, filters=replace(query.filters, classes=codes))


def _describing(who: str, model: str, key: str, store: str) -> Describing:
    """A describer with its cache; says so when it is going to send anything away."""
    from ingest.describe import Cache, Describing
    from ingest.language import describer

    made = describer(who, model=model, api_key=key)
    notice = getattr(made, "notice", "")
    if notice:
        _note(notice)
    return Describing(
        made, None if who == "offline" else Cache(_home(store) / "descriptions.sqlite")
    )


def _home(store: str) -> Path:
    """Where what belongs to a store lies: beside it, or in the user's own folder for a server's."""
    return Path(_default_store()) if "://" in store else Path(store)


def _place(store: str, collection: str) -> str:
    """The same words for the same collection, from wherever it is named."""
    return f"{store.rstrip('/') if '://' in store else Path(store).resolve()}|{collection}"


def _alerts(store: str, collection: str) -> Alerts:
    from engine import alerts

    return alerts.Alerts(_home(store) / alerts.FILE, _place(store, collection))


def _alerted(store: str, collection: str, index: Index, encoder: Encoder) -> list[News]:
    """What the alerts have to report; nothing is loaded where there are none."""
    book = _alerts(store, collection)
    if not book.path.exists():
        return []
    from engine import alerts

    return alerts.news(book, index, encoder, collection=collection, version=VERSION)


def _report_alerts(
    found: list[News], store: str, collection: str, html: Path | None, *, quiet: bool
) -> None:
    """Show news (unless ``quiet``: the caller has), write the reports, and only then mark them."""
    from engine import terminal

    book = _alerts(store, collection)
    for news in found:
        if html is not None:
            _note(f"Report: {news.write_html(html)}")
        if not quiet:
            _print(False, terminal.news(news.alert.record(), news.hits), None)
        book.mark(news.alert, news.hits)


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


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    """A function progress(done, total or None, what), drawn as a bar on a terminal's stderr."""
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


def _console(stream: Any) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, soft_wrap=False)


def _print(as_json: bool, text: RenderableType, data: Any) -> None:
    """Print one of the two on stdout."""
    if as_json:
        _json(data)
    else:
        _console(sys.stdout).print(text)


def _json(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))  # noqa: T201


def _note(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


def _confirm(question: str, yes: bool) -> None:
    """Ask on a terminal; off one, refuse without --yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Give --yes to do it without being asked.")
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)


def _fail(message: str, code: int) -> NoReturn:
    _note(f"error: {message}")
    raise typer.Exit(code)


if __name__ == "__main__":
    app()

"""Find: designs like a drawing, the classes of a drawing, the classes of a product."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands import VERSION, console, options, stores
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.design import Hit
    from engine.encoder import Encoder
    from engine.plan import Index
    from engine.query import Query


def search(
    store: options.Store,
    drawings: Annotated[
        list[Path] | None, typer.Argument(help="Drawings of the design; several are several views.")
    ] = None,
    classes: options.Class = None,
    not_classes: options.NotClass = None,
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
    before: options.Before = None,
    after: options.After = None,
    holder: options.Holder = None,
    broken_lines: Annotated[
        bool | None,
        typer.Option(
            "--broken-lines/--solid-lines", help="Only figures with broken lines, or not."
        ),
    ] = None,
    exclude_design: options.ExcludeDesign = None,
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
    why: Annotated[
        int, typer.Option(min=0, metavar="N", help="Draw in the report why the first N match.")
    ] = 0,
    originals: options.Originals = None,
    as_json: options.Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV on stdout.")] = False,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
) -> None:
    """Find the designs nearest to a drawing, under filters; show scores and class names."""
    from engine import encoder as encoders
    from engine import hybrid, report
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
    if why and html is None:
        raise UsageError("--why draws into a report: name one with --html FILE.")
    encoder = encoders.load(model, device=device) if query.drawings else None
    with stores.opened(store, api_key, collection) as index:
        if automatic:
            query = _classified(query, index, encoder)
        hits = hybrid.search(
            index, query, encoder, stages=hybrid.Stages.without(off or ()), limit=limit,
            per="figure" if per == "figure" else "design", min_score=min_score, exact=exact,
            thumbnails=html is not None, explain=explain_score, diversity=diversity,
        )  # fmt: skip
        if html is not None:
            manifest = report.manifest(query, index, collection, VERSION)
            reasons = _reasons(query, hits[:why], index, encoder, originals) if why else {}
            report.write_html(html, hits, query, manifest, reasons)
            console.note(f"Report: {html}")
    if as_json:
        console.show_json(report.rows(hits))
    elif as_csv:
        report.write_csv(sys.stdout, hits)
        console.note(report.CSV_WARNING)
    else:
        from engine import terminal

        shown = terminal.hits(hits, query.filters.words(), console.stdout().width)
        console.show(False, shown, None)
    if not hits:
        raise typer.Exit(console.NO_HITS)


def classify(
    drawings: Annotated[list[Path], typer.Argument(help="Drawings of one design.")],
    store: options.Store,
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, help="Suggestions shown.")] = 5,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
) -> None:
    """Suggest Locarno subclasses for a drawing, from the designs that are most like it."""
    from engine import encoder as encoders
    from engine import terminal
    from engine.classify import suggest
    from engine.query import View

    pictures = [View.read(path).picture for path in drawings]
    encoder = encoders.load(model, device=device)
    with stores.opened(store, api_key, collection) as index:
        found = suggest(index, encoder, pictures, limit=limit)
    console.show(as_json, *terminal.suggestions(found))


def locarno(
    words: Annotated[list[str] | None, typer.Argument(help="A code, or words to find.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, help="Subclasses found.")] = 10,
    as_json: options.Json = False,
) -> None:
    """Look up a Locarno class, or find the classes of a product."""
    from engine import terminal

    text, found = terminal.classes(" ".join(words or ()), limit)
    console.show(as_json, text, found)
    if not found:
        raise typer.Exit(console.NO_HITS)


def explain(
    drawing: Annotated[Path, typer.Argument(help="The query's drawing.")],
    design: Annotated[str, typer.Argument(metavar="DESIGN_ID", help="A stored design.")],
    store: options.Store,
    out: Annotated[Path, typer.Option(metavar="PNG", help="Where the picture goes.")] = Path(
        "why.png"
    ),
    figure: Annotated[str, typer.Option(help="Its figure, by label; else the most like.")] = "",
    originals: options.Originals = None,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
) -> None:
    """Draw why a design matches a drawing: each stroke in the colour of what it gave."""
    from engine.explain import draw, png
    from engine.explain import explain as reasoned
    from engine.query import View

    picture = View.read(drawing).picture
    with stores.desk(store, api_key, collection, model, device, originals) as desk:
        id = desk.figure(picture, design, figure)
        theirs = desk.drawing(id)
        if theirs is None:
            raise UsageError(
                f"No picture of design {design} is at hand. Say where its files lie: --drawings DIR"
            )
        found = reasoned(desk.encoder, picture, theirs)
        shown = desk.name(id)
    try:
        out.write_bytes(png(draw(found, (drawing.name, shown))))
    except OSError as error:
        raise UsageError(f"{out} cannot be written ({error.strerror}).") from None
    said = {
        "design_id": design, "figure": shown, "cosine": round(found.cosine, 6),
        "method": found.method, "picture": str(out),
        "keep": {"ours": found.ours.keep.tolist(), "theirs": found.theirs.keep.tolist()},
    }  # fmt: skip
    words = f"{shown}: cosine {found.cosine:.3f}, explained by {found.method}. Picture: {out}"
    console.show(as_json, words, said)


def _reasons(
    query: Query, hits: list[Hit], index: Index, encoder: Encoder | None,
    originals: list[Path] | None,
) -> dict[str, str]:  # fmt: skip
    """Pictures of why hits match. Raises: UsageError without a drawing."""
    from engine.web.desk import Desk
    from ingest.originals import Originals

    if encoder is None:
        raise UsageError("--why needs a drawing in the query.")
    return Desk(index, encoder, originals=Originals(originals or ())).reasons(
        query, hits, len(hits)
    )  # fmt: skip


def _classified(query: Query, index: Index, encoder: Encoder | None) -> Query:
    """The query under the classes that its drawings suggest; says which."""
    from dataclasses import replace

    from engine import classify, locarno

    pictures = [view.picture for view in query.drawings if view.weight > 0]
    if encoder is None or not pictures:
        raise UsageError("--class auto needs a drawing to suggest classes from.")
    codes = classify.choose(classify.suggest(index, encoder, pictures, limit=8))
    console.note("Classes suggested: " + ", ".join(locarno.label(code) for code in codes))
    return replace(query, filters=replace(query.filters, classes=codes))

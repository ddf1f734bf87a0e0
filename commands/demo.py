"""The whole engine in one command, on drawings made up for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands import VERSION, console, options


def demo(
    folder: Annotated[
        Path | None, typer.Argument(help="Your own drawings instead of made ones.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where drawings, store and report go.")] = Path(
        "engine-demo"
    ),
    quiet: options.Quiet = False,
) -> None:
    """Draw a small register of designs, ingest it, search it with an unseen view, show the hits."""
    from engine import encoder as encoders
    from engine import report, terminal
    from engine.query import Filters, Query, View
    from engine.search import Searcher
    from ingest import pipeline
    from qdrant import open_store, points
    from train.corpus.demo import own_questions, write_register

    screen = console.stdout()
    if folder is None:
        console.note("Drawing a small register of made-up designs …")
        questions, source = write_register(out), out / "register"
    else:
        questions, source = own_questions(folder), folder
    encoder = encoders.load()
    with open_store(out / "store") as opened:
        opened.drop("demo")
        with opened.open_or_create("demo", encoder.card, text=True) as index:
            with console.progress(quiet) as progress:
                summary = pipeline.ingest([source], index, encoder, points.point, progress=progress)
            screen.print(terminal.ingest_summary(summary.record()))
            for question in questions:
                classes = (question.locarno[:2],) if question.locarno else ()
                query = Query(
                    drawings=(View.read(question.drawing),), filters=Filters(classes=classes)
                )
                hits = Searcher(index, encoder).search(query, limit=5, thumbnails=True)
                name = f"\n{question.drawing} ({question.title or 'your drawing'})"
                screen.print(name, style="bold", markup=False)
                screen.print(terminal.hits(hits, query.filters.words(), screen.width))
                page = out / f"{question.drawing.stem}.html"
                report.write_html(page, hits, query, report.manifest(query, index, "demo", VERSION))
    screen.print(f"\nReports, drawings and the store are in {out}/. Search on with:", markup=False)
    asked = questions[0]
    narrowed = f" --class {asked.locarno[:2]}" if asked.locarno else ""
    screen.print(
        f"  engine search {asked.drawing} --store {out / 'store'} -c demo{narrowed}",
        markup=False, soft_wrap=True,
    )  # fmt: skip

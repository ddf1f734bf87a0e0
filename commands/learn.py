"""Train encoders: corpora to learn from, training, measuring."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands import console, options
from engine.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from engine.design import Design


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
    quiet: options.Quiet = False,
) -> None:
    """Draw a corpus as Parquet shards that Hugging Face datasets load."""
    from train.corpus import build

    known = _classes(grants) if grants else None
    with console.progress(quiet) as progress:
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
        console.note(f"Contact sheet: {sheet}")
    skipped = f", {done.skipped:,} designs skipped" if done.skipped else ""
    console.show(False, f"{done.pictures:,} drawings written to {out}{skipped}", None)


def train(
    config: Annotated[Path, typer.Argument(help="TOML file of the run.")],
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew instead of going on from a checkpoint.")
    ] = False,
) -> None:
    """Train an encoder, or its explainer; a stopped run goes on. Several GPUs: accelerate launch -m train."""
    import train as training

    try:
        folder = training.run(config, resume=not fresh)
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "torch", "train") from error
    console.note(f"The run is in {folder}.")


def evaluate(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Labelled folders or office files.")
    ] = None,
    source: options.Source = "auto",
    split: options.Split = False,
    qrels: Annotated[
        Path | None,
        typer.Option(help="TREC qrels that say what is relevant, in place of classes."),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="TREC run to measure by --qrels, in place of folders.")
    ] = None,
    min_grade: Annotated[
        int, typer.Option(min=1, help="Grade of the qrels from which a hit counts as relevant.")
    ] = 1,
    write_run: Annotated[Path | None, typer.Option(help="Write the rankings, TREC format.")] = None,
    write_qrels: Annotated[
        Path | None, typer.Option(help="Write what the classes judge, TREC format.")
    ] = None,
    model: options.Model = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure an encoder on labelled drawings, every file against all others; or a run, by qrels."""
    from engine import terminal, trec

    if qrels and write_qrels:
        raise UsageError("--qrels is read, and --write-qrels writes what classes say: give one.")
    if run:
        if paths or write_run or write_qrels:
            raise UsageError(
                "--run measures a run that is made already. To measure folders and write their "
                "rankings, give --write-run (and --write-qrels)."
            )
        if not qrels:
            raise UsageError("A run does not say what is relevant: give the judgements, --qrels.")
        result = trec.evaluate_run(run, qrels, least=min_grade)
        console.show(as_json, terminal.judged(result), result)
        return
    if not paths:
        raise UsageError("Name folders of labelled drawings, or a run with --run.")
    from engine import encoder as encoders
    from engine import evaluate as measures
    from ingest import pipeline
    from ingest.sheets import Splitter

    encoder = encoders.load(model, device=device)
    splitter = Splitter() if split else None
    with console.progress(quiet) as report:
        gallery = pipeline.encode_only(
            paths, encoder, source=source, splitter=splitter, progress=report
        )
    for problem in gallery.problems[: terminal.MANY]:
        console.note(f"Left out {problem.file}: {problem.reason}")
    if len(gallery.problems) > terminal.MANY:
        console.note(f"… and {len(gallery.problems) - terminal.MANY:,} more files were left out.")
    embeddings, labels, name = gallery.embeddings, gallery.labels, encoder.card.name
    if qrels:
        result = trec.evaluate_designs(
            embeddings, labels, qrels, model=name, least=min_grade, run=write_run
        )
        console.show(as_json, terminal.judged(result), result)
        return
    result = measures.evaluate(embeddings, labels, model=name)
    if write_run or write_qrels:
        trec.write(embeddings, labels, run=write_run, qrels=write_qrels)
    console.show(as_json, terminal.evaluation(result, console.stdout().width), result)


def _office_designs(source: Path | None, kind: str) -> Iterator[Design]:
    """The designs of office files; what cannot be read is named on the way."""
    from ingest import sources

    if source is None:
        raise UsageError("Name the files or the folder to read: --source FOLDER.")
    for item in sources.read([source], kind):
        if isinstance(item, sources.Problem):
            console.note(f"{item.file}: {item.reason}")
        else:
            yield item


def _classes(grants: Path) -> dict[str, tuple[str, str]]:
    """Locarno code and title by number, from office files."""
    found = _office_designs(grants, "auto")
    return {d.id: (d.locarno[0] if d.locarno else "", d.title) for d in found}

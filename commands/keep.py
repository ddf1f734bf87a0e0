"""Look after a collection: count, delete, find doubles, check, plan, encode anew, speed up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands import VERSION, console, options, stores
from engine.errors import UsageError

if TYPE_CHECKING:
    from qdrant.store import Store


def status(
    store: options.Store,
    collection: options.Collection = "designs",
    designs: Annotated[bool, typer.Option("--designs", help="List every design.")] = False,
    api_key: options.Key = "",
    as_json: options.Json = False,
) -> None:
    """Count figures and designs by class, or list the designs of a collection."""
    from engine import terminal

    with stores.opened(store, api_key, collection) as index:
        if designs:
            console.show(as_json, *terminal.designs(index))
        else:
            console.show(as_json, *terminal.status(index, collection, store))


def delete(
    store: options.Store,
    designs: Annotated[
        list[str] | None, typer.Argument(metavar="DESIGN_ID", help="Designs to delete.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Delete the whole collection instead.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; keep it.")] = False,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    as_json: options.Json = False,
) -> None:
    """Delete designs with all their figures, or a whole collection."""
    from engine.plan import AnyOf, Filter
    from qdrant import open_store

    if bool(designs) == everything:
        raise UsageError("Name the designs to delete, or give --all for the whole collection.")
    where = Filter((AnyOf("design_id", tuple(designs or ())),)) if designs else Filter()
    with stores.opened(store, api_key, collection) as index:
        figures = index.count(where)
        what = f"{figures:,} figures of {', '.join(designs)}" if designs else (
            f"collection '{collection}' with {figures:,} figures"
        )  # fmt: skip
        if not dry_run and figures:
            console.confirm(f"Delete {what} from {store}?", yes)
            if designs:
                index.delete(where)
    if everything and not dry_run:
        with open_store(store, api_key) as opened:
            opened.drop(collection)
    gone = 0 if dry_run else figures
    console.show(as_json, f"{'Would delete' if dry_run else 'Deleted'} {what}.", {"deleted": gone})
    if not figures:
        raise typer.Exit(console.NO_HITS)


def duplicates(
    store: options.Store,
    classes: options.Class = None,
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
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Report drawings that are stored twice, exactly or nearly, and families of designs."""
    from engine import terminal
    from engine.query import Filters
    from ingest import duplicates as doubles

    with stores.opened(store, api_key, collection) as index, console.progress(quiet) as progress:
        found = doubles.find(
            index, where=Filters(classes=tuple(classes or ())).filter(), near=not exact_only,
            views=views, bits=doubles.BITS if max_bits is None else max_bits,
            alike=doubles.ALIKE if min_score is None else min_score, progress=progress,
        ).record()  # fmt: skip
    console.show(as_json, terminal.duplicates(found), found)
    if not (found["groups"] or found["families"]):
        raise typer.Exit(console.NO_HITS)


def doctor(
    store: options.Store,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    model: options.Model = "",
    as_json: options.Json = False,
) -> None:
    """Say what is installed, where the data lies, which encoder is used, and whether they fit."""
    from engine import checkup, terminal
    from qdrant import open_store

    checks = [*checkup.installation(VERSION), *checkup.encoder(model)]
    checks += checkup.store(lambda: open_store(store, api_key), store, collection, model)
    console.show(as_json, *terminal.checks(checks))
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def plan(
    designs: Annotated[float, typer.Option(min=1, help="Designs of the register: 20e6.")],
    views: Annotated[float, typer.Option(min=0.1, help="Figures of a design.")] = 5,
    dimension: Annotated[int, typer.Option(min=1, help="Numbers of an encoder's row.")] = 768,
    text: Annotated[bool, typer.Option("--text", help="With descriptions.")] = False,
    thumbnails: Annotated[bool, typer.Option(help="Kept in the store.")] = True,
    int8: Annotated[bool, typer.Option("--int8/--full", help="8-bit rows in memory.")] = True,
    replicas: Annotated[int, typer.Option(min=1, help="Copies of everything.")] = 2,
    node_gib: Annotated[float, typer.Option(min=1, help="Memory of a node, GiB.")] = 64,
    cores: Annotated[int, typer.Option(min=1, help="Cores of a node.")] = 16,
    gpus: Annotated[int, typer.Option(min=0, help="GPUs that encode.")] = 0,
    as_json: options.Json = False,
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
    console.show(as_json, text_lines, asdict(found))


def reindex(
    store: options.Store,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="The files and folders that were ingested.")
    ] = None,
    model: options.Model = "",
    source: options.Source = "auto",
    split: options.Split = True,
    missing: Annotated[
        bool, typer.Option("--allow-missing", help="Let figures go that the paths do not hold.")
    ] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Delete what was replaced.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Put back what was replaced.")] = False,
    collection: options.Collection = "designs",
    api_key: options.Key = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
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
            console.show(as_json, f"'{collection}' is what it was before.", {"back": True})
        elif prune:
            gone = opened.prune(collection)
            console.show(as_json, "Deleted." if gone else "There was nothing.", {"pruned": gone})
        else:
            _reindex(
                opened, collection, paths or [], model, device, source, split, missing, as_json,
                quiet,
            )  # fmt: skip


def graph(
    store: options.Store,
    int8: Annotated[
        bool, typer.Option("--int8", help="Search 8-bit integers first, then full rows.")
    ] = False,
    links: Annotated[int, typer.Option(min=4, max=128, help="Links of each figure.")] = 16,
    reach: Annotated[int, typer.Option(min=10, help="Candidates followed in a search.")] = 256,
    collection: options.Collection = "designs",
    as_json: options.Json = False,
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
    console.show(as_json, text, {"links": links, "reach": reach, "int8": int8})


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
        with console.progress(quiet) as progress:
            summary = pipeline.ingest(
                paths, new, encoder, points.point, source=source,
                splitter=Splitter() if split else None, progress=progress,
            )  # fmt: skip
        if summary.interrupted:
            raise typer.Exit(console.INTERRUPTED)
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
    console.show(as_json, text, record)

"""Move figures between stores and files: copies, backups, and encoding apart from storing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands import console, options, stores
from engine.errors import UsageError

if TYPE_CHECKING:
    from qdrant.move import Copied
    from qdrant.store import Layout

As = Annotated[str, typer.Option("--as", metavar="NAME", help="Its name there.")]
Delete = Annotated[bool, typer.Option("--delete", help="Delete there what is not here any more.")]


def push(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Server, or another folder.")],
    store: options.Store,
    collection: options.Collection = "designs",
    name: As = "",
    api_key: options.Key = "",
    int8: options.Quantize = None,
    shards: Annotated[int | None, typer.Option(min=1, help="Parts on a cluster, for ever.")] = None,
    replicas: Annotated[int, typer.Option(min=1, help="Copies of each part.")] = 1,
    delete: Delete = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Copy a collection to a server, with its ids, and check it; run again to go on."""
    from qdrant.store import Layout

    layout = Layout(shards, replicas, min(replicas, 2))
    _transfer(
        (store, ""), (to, api_key), collection, name, layout=layout, int8=int8, delete=delete,
        as_json=as_json, quiet=quiet,
    )  # fmt: skip


def pull(
    origin: Annotated[str, typer.Option("--from", metavar="URL", help="Server, or a folder.")],
    store: options.Store,
    collection: options.Collection = "designs",
    name: As = "",
    api_key: options.Key = "",
    delete: Delete = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Copy a collection from a server into a folder, with its ids, and check it."""
    _transfer(
        (origin, api_key), (store, ""), collection, name, delete=delete, as_json=as_json,
        quiet=quiet,
    )  # fmt: skip


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the backup.")],
    store: options.Store,
    collection: options.Collection = "designs",
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="A server's own snapshot of one node instead.")
    ] = False,
    api_key: options.Key = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
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
        console.show(as_json, f"Snapshot: {path}", {"snapshot": str(path)})
        return
    with stores.opened(store, api_key, collection) as index, console.progress(quiet) as progress:
        made = move.backup(index, folder, progress=progress)
    size = sum(shard.bytes for shard in made.shards)
    text = f"{made.count():,} figures in {len(made.shards)} files ({size / 1e6:,.0f} MB), verified."
    console.show(as_json, text, {"points": made.count(), "bytes": size, "files": len(made.shards)})


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup, or a server's snapshot file.")],
    store: options.Store,
    collection: options.Collection = "designs",
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what is there.")
    ] = False,
    int8: options.Quantize = None,
    api_key: options.Key = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Make a collection from a backup: built beside, checked, then put in place in one step."""
    from qdrant import move, open_store

    with open_store(store, api_key) as opened, console.progress(quiet) as progress:
        if folder.is_file():
            from qdrant.server import ServerStore

            if not isinstance(opened, ServerStore):
                raise UsageError(f"{folder} is a file: only a server restores its snapshots.")
            count = opened.recover(collection, folder)
            console.show(as_json, f"{count:,} figures restored.", {"points": count})
            return
        done = move.restore(
            folder, opened, collection, replace_existing=replace, quantized=int8, progress=progress
        )
    _show_copied(as_json, "Restored", done)


def encode(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders of an office.")],
    out: Annotated[Path, typer.Option(help="Folder of the encoded figures; runs go on in it.")],
    part: Annotated[
        str, typer.Option(metavar="I/N", help="Encode the I-th of N parts; others do the rest.")
    ] = "",
    source: options.Source = "auto",
    split: options.Split = True,
    model: options.Model = "",
    device: options.Device = "auto",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
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
    with console.progress(quiet) as progress:
        summary = pipeline.ingest(
            paths, index, encoder, index.to_point, source=source,
            splitter=Splitter() if split else None, progress=progress,
        )  # fmt: skip
    if summary.interrupted:
        index.close()
        raise typer.Exit(console.INTERRUPTED)
    archive = index.finish()
    record = summary.record() | {"points": archive.count(), "files": len(archive.shards)}
    console.show(as_json, terminal.ingest_summary(summary.record()), record)
    console.note(f"{archive.count():,} figures in {out}. Store them with: engine load {out}")
    if summary.errors:
        raise typer.Exit(console.PARTIAL_INGEST)


def load(
    folders: Annotated[list[Path], typer.Argument(help="What engine encode or backup wrote.")],
    store: options.Store,
    collection: options.Collection = "designs",
    int8: options.Quantize = None,
    api_key: options.Key = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Store encoded figures from files, several requests at a time; run again to go on."""
    from dataclasses import asdict

    from qdrant import move, open_store
    from qdrant.archive import Archive

    archives = [Archive.open(folder) for folder in folders]
    for archive in archives:
        archive.verify()
    done = []
    with open_store(store, api_key) as opened, console.progress(quiet) as progress:
        for archive in archives:
            copied = move.load(archive, opened, collection, quantized=int8, progress=progress)
            done.append(asdict(copied))
    total = {key: sum(one[key] for one in done) for key in done[0]}
    _show_copied(as_json, "Loaded", move.Copied(**total))


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
        console.progress(quiet) as progress,
    ):
        done = move.transfer(
            index, there, name or collection, quantized=int8, delete=delete, progress=progress
        )
    _show_copied(as_json, "Copied", done)


def _show_copied(as_json: bool, verb: str, done: Copied) -> None:
    from dataclasses import asdict

    deleted = f", {done.deleted:,} deleted" if done.deleted else ""
    text = (
        f"{verb} {done.written:,} figures, {done.unchanged:,} were there{deleted}. "
        f"Counts agree; {done.compared:,} figures compared whole."
    )
    console.show(as_json, text, asdict(done))


def _part(words: str) -> tuple[int, int]:
    """A part, from 0, and how many there are: as told, or as accelerate's launcher says."""
    if not words:
        return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    number, _, of = words.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise UsageError(f"'{words}' is no part. Write the second of four as 2/4.")
    return int(number) - 1, int(of)

"""Build a corpus of one kind, go on with one that was stopped, and show what is in it."""

from __future__ import annotations

import io
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from engine.design import Design
from engine.errors import SourceError, UsageError
from train.corpus import meshes, procedural
from train.corpus.drawing import (
    VIEWS,
    draw,
    font,
    random_camera,
    random_style,
    scene,
    sheet_style,
)
from train.corpus.procedural import Model
from train.corpus.shards import (
    Maker,
    Progress,
    Row,
    Shares,
    png,
    rows,
    write,
    write_stream,
)

SIZE_PX = 320
MIN_INK_PX = 60  # fewer grey or black pixels: a sheet of paper from its edge, nothing to learn from
INK_BELOW = 216
KINDS = ("procedural", "meshes", "clipart", "real", "deeppatent")
OFFICE_KINDS = ("office", "deeppatent2", "impact")  # see build_office
SIDE_PX = 600  # longest side of the ink in corpora of whole offices: sharper than any encoder sees


def build(
    kind: str,
    out: Path,
    *,
    designs: int | None = None,
    views: int | None = None,
    seed: int = 0,
    size: int = SIZE_PX,
    workers: int = 1,
    source: Path | None = None,
    mapping: Path | None = None,
    known: Mapping[str, tuple[str, str]] | None = None,
    shares: Shares | None = None,
    report: Callable[[Progress], None] | None = None,
) -> Progress:
    """Build a corpus, or go on with one that was stopped; the same call gives the same bytes.

    Args:
        kind: "procedural"; "meshes" of Sweet Home 3D or of a folder; "clipart", named vector
            drawings; "real", drawings listed in a ``metadata.jsonl``; "deeppatent", that set.
        out: its folder; Parquet shards and ``corpus.json`` are written there.
        designs: how many; 1,000 procedural designs, or all that the source has.
        views: drawings of each design (7, 14 of a mesh, 3 of a vector drawing); of real drawings
            all there are.
        seed: of every lot that is drawn.
        size: side of the pictures, px; real drawings keep their own.
        workers: processes.
        source: folder of the meshes, vector or real drawings; where Debian puts the first two
            if None.
        mapping: CSV beside a folder of meshes (``file,locarno,title``).
        known: Locarno code and title by a patent's number, for DeepPatent, which has none.
        shares: of designs that are kept apart for validation and for testing.
        report: called after every shard.

    Raises: UsageError for an unknown kind, or a folder that holds another corpus; SourceError
        where a source cannot be read or the corpus not written; MissingExtra where drawing needs
        a package that is not installed.
    """
    shares = shares or Shares()
    recipe: dict[str, object] = {"kind": kind, "seed": seed, "size": size, **asdict(shares)}
    make: Maker
    if kind == "procedural":
        views = views or 7
        available = designs or 1000
        make = partial(_procedural, seed=seed, views=views, size=size, shares=shares)
    elif kind == "meshes":
        views = views or 14
        if mapping is not None:
            found = meshes.listed(source or mapping.parent, mapping)
        else:
            found = meshes.libraries(source or meshes.SWEET_HOME)
        available = len(found)
        recipe["source"] = sorted({entry.licence for entry in found})
        make = partial(
            _mesh, sources=tuple(found), seed=seed, views=views, size=size, shares=shares
        )
    elif kind == "clipart":
        from train.corpus import clipart

        views = views or 3
        items = clipart.collect(source)
        available = len(items)
        recipe["source"] = sorted({item.source for item in items})
        make = partial(
            clipart.draw_item, items=tuple(items), seed=seed, views=views, size=size, shares=shares
        )
    elif kind == "real":
        from train.corpus import real

        if source is None:
            raise UsageError(
                "Real drawings need their folder: engine corpus build real --source FOLDER, "
                "where FOLDER has a metadata.jsonl."
            )
        listed = real.designs(source)
        available = len(listed)
        recipe |= {"source": source.name, "size": 0}
        make = partial(real.design_rows, designs=tuple(listed), views=views, shares=shares)
    elif kind == "deeppatent":
        from train.corpus import published, real

        if source is None:
            raise UsageError("Name the folder of DeepPatent: --source FOLDER.")
        listed = published.deeppatent(source, known)
        available = len(listed)
        recipe |= {"source": source.name, "size": SIDE_PX, "joined": bool(known)}
        make = partial(
            real.design_rows, designs=tuple(listed), views=views, shares=shares, side=SIDE_PX
        )
    else:
        raise UsageError(
            f"No corpus of kind '{kind}'. There are: {', '.join((*KINDS, *OFFICE_KINDS))}."
        )
    recipe["views"] = views
    number = available if designs is None else min(designs, available)
    return write(out, make, number, recipe, workers=workers, report=report)


def build_office(
    kind: str,
    out: Path,
    designs: Iterable[Design],
    *,
    source: str,
    known: Mapping[str, tuple[str, str]] | None = None,
    shares: Shares | None = None,
    report: Callable[[Progress], None] | None = None,
) -> Progress:
    """Build a corpus of designs that somebody else reads, as :mod:`ingest.sources` does.

    Pictures are cropped to their ink, at most ``SIDE_PX`` on a side.

    Args:
        kind: "impact" takes the split that its folders name; "deeppatent2" and "office" split by
            the hash of a design's number.
        out: folder of the corpus.
        designs: in an order that does not change.
        source: name of what is read, kept in each row.
        known: Locarno code and title by a design's number, where the designs have none.

    Raises: as :func:`train.corpus.shards.write_stream`.
    """
    from train.corpus import published, real

    shares = shares or Shares()
    known = known or {}

    def rows_of(design: Design) -> list[Row]:
        code, title = known.get(design.id, ("", ""))
        if code and not design.locarno:
            design = replace(design, locarno=(code,))
        if title and not design.title:
            design = replace(design, title=title)
        return list(
            real.office_rows(
                [design], source=source, shares=shares, side=SIDE_PX,
                licence="public domain" if design.office == "US" else "unknown",
                split=published.split_of if kind == "impact" else lambda _: "",
            )
        )  # fmt: skip

    recipe: dict[str, object] = {
        "kind": kind, "source": source, "size": SIDE_PX, "joined": bool(known), **asdict(shares)
    }  # fmt: skip
    return write_stream(out, map(rows_of, designs), recipe, report=report)


def draw_model(
    model: Model,
    views: int,
    seed: int,
    size: int,
    source: str,
    shares: Shares,
) -> list[Row]:
    """Draw a design from ``views`` sides: perspective, the six others in any order, then free ones.

    One draughtsman draws seven views, then another takes over; label, noise and turn change from
    sheet to sheet. A view with next to no ink is left out.
    """
    rng = np.random.default_rng([seed, zlib.crc32(model.id.encode())])
    try:
        stage = scene(model.parts)
    except ValueError:
        return []
    others = [VIEWS[1:][k] for k in rng.permutation(len(VIEWS) - 1)]
    names = [VIEWS[0], *others[: max(0, views - 2)], *["free"] * (views - 1)][:views]
    style = random_style(rng)
    found = []
    for figure, name in enumerate(names, 1):
        if figure > 1 and figure % len(VIEWS) == 1:
            style = random_style(rng)
        picture = draw(
            stage,
            random_camera(name, rng),
            sheet_style(style, figure, rng),
            size=size,
            seed=int(rng.integers(2**31)),
        )
        if (picture < INK_BELOW).sum() < MIN_INK_PX:
            continue
        found.append(
            Row(
                image=png(picture),
                design_id=model.id,
                view=name,
                locarno_class=model.locarno[:2],
                locarno_subclass=model.locarno,
                title=model.title,
                split=shares.split(model.group or model.id),
                source=source,
                licence=model.licence,
                attribution=model.attribution,
            )
        )
    return found


def _procedural(number: int, *, seed: int, views: int, size: int, shares: Shares) -> list[Row]:
    model = procedural.model(number, seed)
    return draw_model(model, views, seed, size, "procedural", shares)


def _mesh(
    number: int,
    *,
    sources: tuple[meshes.Source, ...],
    seed: int,
    views: int,
    size: int,
    shares: Shares,
) -> list[Row]:
    try:
        model = meshes.load(sources[number])
    except SourceError:
        return []  # counted as skipped
    return draw_model(model, views, seed, size, "meshes", shares)


def contact_sheet(
    pictures: Iterable[Row], *, columns: int = 7, designs: int = 12, cell: int = 170
) -> bytes:
    """One PNG of many rows: a line for each design, with its class and title over its views.

    Args:
        columns: views of a design at most.
        designs: lines.
        cell: side of each small picture, px.
    """
    lines: dict[str, list[Row]] = {}
    for row in pictures:
        if row.design_id not in lines and len(lines) == designs:
            break
        lines.setdefault(row.design_id, []).append(row)
    head = 16
    sheet = Image.new("L", (columns * cell, max(1, len(lines)) * (cell + head)), 255)
    pen = ImageDraw.Draw(sheet)
    for k, views in enumerate(lines.values()):
        top = k * (cell + head)
        code = views[0].locarno_subclass or views[0].locarno_class or "-"
        pen.text((4, top), _plain(f"{code}  {views[0].title or views[0].design_id}"), 0, font(12))
        for j, row in enumerate(views[:columns]):
            with Image.open(io.BytesIO(row.image)) as image:
                small = image.convert("L")
            small.thumbnail((cell - 6, cell - 6), Image.Resampling.BOX)
            sheet.paste(small, (j * cell, top + head))
    return png(sheet)


def _plain(text: str) -> str:
    """The letters that Pillow's own typeface has: accents dropped, dashes short, others "?"."""
    short = text.replace("–", "-").replace("—", "-").replace("×", "x")
    letters = unicodedata.normalize("NFKD", short)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return bare.encode("ascii", "replace").decode()


def show(folder: Path, out: Path, *, columns: int = 7, designs: int = 12) -> None:
    """Write the contact sheet of a corpus, of designs spread over its shards, to ``out``."""

    def spread() -> Iterable[Row]:
        shards = sorted(folder.glob("*.parquet"))
        step = max(1, len(shards) // designs)
        for shard in shards[::step]:
            first: list[Row] = []
            for row in rows(shard):
                if first and row.design_id != first[0].design_id:
                    if len(shards) >= designs:
                        break
                    first = []
                first.append(row)
                yield row

    out.write_bytes(contact_sheet(spread(), columns=columns, designs=designs))

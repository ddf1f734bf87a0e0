"""Build a corpus of one kind, and show what is in it on a contact sheet."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from engine.errors import UsageError
from train.corpus import procedural
from train.corpus.drawing import VIEWS, draw, random_camera, random_style, scene, sheet_style
from train.corpus.procedural import Model
from train.corpus.shards import Progress, Row, png, rows, split_of, write

SIZE_PX = 320
KINDS = ("procedural",)


def draw_model(model: Model, views: int, seed: int, size: int, source: str) -> list[Row]:
    """Draw a design from ``views`` sides: the canonical seven first come, the rest free.

    One draughtsman draws all the views of a design; label, noise and turn change by sheet.
    """
    rng = np.random.default_rng([seed, zlib.crc32(model.id.encode())])
    try:
        stage = scene(model.parts)
    except ValueError:
        return []
    style = random_style(rng)
    names = list(VIEWS[:1]) + [VIEWS[1:][k] for k in rng.permutation(len(VIEWS) - 1)]
    names = [*names[: views - 1], "free"] if views <= len(names) else [*names, *["free"] * (views - len(names))]
    found = []
    for figure, name in enumerate(names, 1):
        picture = draw(
            stage,
            random_camera(name, rng),
            sheet_style(style, figure, rng),
            size=size,
            seed=int(rng.integers(2**31)),
        )
        if (picture < 216).sum() < 60:
            continue  # a sheet of paper from the side: nothing to learn from
        found.append(
            Row(
                image=png(picture),
                design_id=model.id,
                view=name,
                locarno_class=model.locarno[:2],
                locarno_subclass=model.locarno,
                title=model.title,
                split=split_of(model.group or model.id),
                source=source,
                licence=model.licence,
                attribution=model.attribution,
            )
        )
    return found


def _procedural(number: int, *, seed: int, views: int, size: int) -> list[Row]:
    return draw_model(procedural.model(number, seed), views, seed, size, "procedural")


def build(
    kind: str,
    out: Path,
    *,
    designs: int = 1000,
    views: int = 7,
    seed: int = 0,
    size: int = SIZE_PX,
    workers: int = 1,
    report: Callable[[Progress], None] | None = None,
) -> Progress:
    """Build or go on building a corpus; see :func:`train.corpus.shards.write`."""
    if kind not in KINDS:
        raise UsageError(f"No corpus of kind '{kind}'. There are: {', '.join(KINDS)}.")
    make = partial(_procedural, seed=seed, views=views, size=size)
    recipe: dict[str, object] = {"kind": kind, "seed": seed, "views": views, "size": size}
    return write(out, make, designs, recipe, workers=workers, report=report)


def contact_sheet(
    pictures: Iterable[Row], columns: int = 7, cell: int = 170, limit: int = 56
) -> bytes:
    """One PNG of many rows: a line for each design with its views side by side."""
    import io

    from PIL import Image, ImageDraw

    from train.corpus.drawing import _font

    designs: dict[str, list[Row]] = {}
    for row in pictures:
        if row.design_id not in designs and len(designs) * columns >= limit:
            break
        designs.setdefault(row.design_id, []).append(row)
    lines: Sequence[list[Row]] = list(designs.values())
    sheet = Image.new("L", (columns * cell, max(1, len(lines)) * (cell + 16)), 255)
    pen = ImageDraw.Draw(sheet)
    for k, views in enumerate(lines):
        top = k * (cell + 16)
        pen.text((4, top), f"{views[0].locarno_subclass or '–'}  {views[0].title or views[0].design_id}", 0, _font(12))
        for j, row in enumerate(views[:columns]):
            with Image.open(io.BytesIO(row.image)) as image:
                small = image.convert("L")
            small.thumbnail((cell - 6, cell - 6), Image.Resampling.BOX)
            sheet.paste(small, (j * cell, top + 16))
    return png(sheet)


def show(folder: Path, out: Path, **options: int) -> None:
    """Write the contact sheet of a corpus to ``out``."""
    out.write_bytes(contact_sheet(rows(folder), **options))

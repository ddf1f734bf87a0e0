"""A design's files → figures ready to encode: decoded, turned upright, cropped, with a thumbnail.

A multi-page TIFF gives one picture a page; ``ingest.sheets`` parts those that hold several figures
into boxes, and what is prepared here is one box.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine import drawing
from engine.design import Design, Figure
from engine.encoder import Encoder, Squares
from engine.errors import ImageError
from ingest.strokes import has_broken_lines

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL_PX = 160
MAX_PAGES = 500  # of one file; what comes after is named, not lost in silence


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A figure as the encoder takes it.

    Attributes:
        square: (size, size) uint8.
        thumbnail: a PNG of :data:`THUMBNAIL_PX` as a ``data:`` URL.
        broken_lines: whether dashed lines are seen in it.
        picture: the upright crop, kept only where it is asked for.
    """

    square: Squares
    thumbnail: str
    broken_lines: bool
    picture: Image | None = None


def figures(design: Design) -> Iterator[Figure | tuple[Figure, str]]:
    """The figures of a design's files; with a reason beside one whose file cannot be opened."""
    for figure in design.figures:
        if _one_page(figure.content):
            yield figure
            continue
        try:
            count = drawing.pages(figure.content, name=figure.file)
        except ImageError as error:
            yield figure, str(error)
            continue
        if count == 1:
            yield figure
            continue
        for page in range(min(count, MAX_PAGES)):
            yield replace(figure, number=f"{figure.number}.{page + 1}", page=page)
        if count > MAX_PAGES:
            yield figure, f"{figure.file} has {count:,} pages; the first {MAX_PAGES} were read."


def _one_page(content: bytes) -> bool:
    """Whether a file needs no counting of pages: no TIFF, or one whose first page is its last.

    Reads the header only (TIFF 6.0, section 2); opening each file just to count costs a fifth of
    encoding it. Whether the file is sound is for the decoder to say.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(content[:4])
    if order is None:
        return content[:3] not in (b"II+", b"MM\0")  # BigTIFF has another header
    try:
        (first,) = struct.unpack_from(f"{order}L", content, 4)
        (entries,) = struct.unpack_from(f"{order}H", content, first)
        (following,) = struct.unpack_from(f"{order}L", content, first + 2 + 12 * entries)
    except struct.error:
        return True
    return bool(following == 0)


def prepare(
    figure: Figure, encoder: Encoder, *, keep_picture: bool = False, dashes: bool = True
) -> Prepared:
    """Decode and crop a figure; threads may do this side by side.

    ``dashes`` looks for broken lines, which costs a fifth of the encoder's time.

    Raises: ImageError for a damaged file or a blank page.
    """
    page = drawing.decode(figure.content, page=figure.page, turn=figure.turn, name=figure.file)
    drawing.erase(page, figure.erase)  # labels, and what other figures have in the box
    box = figure.box or drawing.ink_box(page)
    if box is None:
        raise ImageError(f"{figure.file} is blank: no ink was found on the page.")
    crop = page.crop(box) if dashes or keep_picture else None
    png = base64.b64encode(drawing.thumbnail(page, THUMBNAIL_PX, box=box)).decode("ascii")
    return Prepared(
        encoder.prepare(page, box),
        f"data:image/png;base64,{png}",
        crop is not None and dashes and has_broken_lines(crop),
        crop if keep_picture else None,
    )

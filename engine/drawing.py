"""From the bytes of a picture file to the square of grey pixels an encoder sees, and back.

The only decoder of the project: ingest, search, training and explanation all see a drawing through
these functions, so what is indexed and what is asked are prepared alike. Drawings are ``"L"``
images: 0 is ink, 255 is paper. Knows nothing of encoders, figures on a sheet, or stores.
"""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import ImageError

MAX_PIXELS = 150_000_000  # a 600 dpi A2 scan is 139 million; a bomb declares more
MAX_SIDE_PX = 60_000
PAPER = 255
INK_BELOW = (
    216  # a 1 px line survives averaging over 3 px (170); a lone dark pixel over 3×3 (227) not
)
GREYS = 16  # of a thumbnail
FORMATS = ("PNG", "TIFF", "JPEG", "GIF", "BMP", "WEBP", "PPM", "JPEG2000")
VERSION = 1  # raise when any pixel an encoder sees changes: collections record it

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Transform:
    """Where the pixels of a prepared square lie on the picture it was made from.

    ``box`` is the crop on the upright page (left, top, right, bottom, px); the square of ``side``
    page pixels around its centre was scaled to ``size`` pixels.
    """

    box: Box
    side: float
    size: int

    def to_page(self, x: float, y: float) -> tuple[float, float]:
        """Square coordinates (px, 0 … size) → page coordinates (px)."""
        left, top, right, bottom = self.box
        scale = self.side / self.size
        return (
            (left + right - self.side) / 2 + x * scale,
            (top + bottom - self.side) / 2 + y * scale,
        )

    def from_page(self, x: float, y: float) -> tuple[float, float]:
        """Page coordinates (px) → square coordinates (px); the inverse of :meth:`to_page`."""
        left, top, right, bottom = self.box
        scale = self.size / self.side
        return (
            (x - (left + right - self.side) / 2) * scale,
            (y - (top + bottom - self.side) / 2) * scale,
        )


def decode(
    content: bytes,
    *,
    page: int = 0,
    turn: int = 0,
    name: str = "image",
    max_pixels: int = MAX_PIXELS,
) -> Image.Image:
    """Decode one page of a picture file to an upright grey drawing on white paper.

    Takes 1-, 8- and 16-bit, palette, CMYK and transparent pictures, multi-page TIFF, and turns by
    EXIF orientation first, then by ``turn`` degrees clockwise (a multiple of 90). Pictures of more
    than ``max_pixels`` are refused by their header, before anything is decoded.

    Raises: ImageError when the bytes are no picture, are damaged, are too large, or lack the page.
    """
    if not content:
        raise ImageError(f"{name} is empty (0 bytes). Check the file and ingest it again.")
    try:
        with warnings.catch_warnings():
            # Damaged metadata beside sound pixels is common in office scans, and no reason to stop.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(image.size, name, max_pixels)
                if page:
                    image.seek(page)
                    _check_size(image.size, name, max_pixels)
                image.load()
                grey = _grey(ImageOps.exif_transpose(image))
    except ImageError:
        raise
    except EOFError as error:
        raise ImageError(f"{name} has no page {page + 1}. Pages count from 1.") from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{name} is not a picture in a known format ({', '.join(FORMATS)})."
        ) from error
    except Image.DecompressionBombError as error:
        raise ImageError(
            _too_large(name, "more pixels than are safe to decode", max_pixels)
        ) from error
    except (OSError, SyntaxError, ValueError, TypeError, MemoryError, IndexError, KeyError,
            OverflowError, AttributeError, ZeroDivisionError, RuntimeError) as error:  # fmt: skip
        # Pillow's plugins raise all of these on hostile or truncated input.
        raise ImageError(f"{name} is damaged and cannot be decoded ({error}).") from error
    if turn % 360:
        grey = grey.rotate(-turn, expand=True, fillcolor=PAPER)
    return grey


def pages(content: bytes, *, name: str = "image") -> int:
    """Pages of a picture file, without decoding them. Raises: ImageError as :func:`decode`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    except Exception as error:
        raise ImageError(f"{name} is damaged and cannot be decoded ({error}).") from error


def ink_box(drawing: Image.Image) -> Box | None:
    """The box (left, top, right, bottom, px) around the ink, or None on blank paper.

    Averages before it looks, so that a lone speck of dust on a scan does not count as ink.
    """
    factor = max(1, round(max(drawing.size) / 1000))
    small = drawing.reduce(factor) if factor > 1 else drawing
    found = small.point(_ink_table(), "1").getbbox()
    if found is None:
        return None
    left, top, right, bottom = (edge * factor for edge in found)
    return left, top, min(right, drawing.width), min(bottom, drawing.height)


def square(
    drawing: Image.Image, size: int, *, box: Box | None = None, margin: float = 0.04
) -> tuple[Image.Image, Transform]:
    """Crop to the ink, pad to a square, scale to ``size`` px: what every encoder sees.

    Thin lines are kept because scaling down averages over the whole area of each new pixel.

    Args:
        drawing: an upright grey drawing.
        size: side of the result, px.
        box: the crop on the page; the ink's box when None.
        margin: paper left around the crop, as a share of its longer side.

    Returns: the (size, size) grey square, and the transform back to the page.
    Raises: ImageError on blank paper.
    """
    box = box or ink_box(drawing)
    if box is None:
        raise ImageError("The drawing is blank: no ink was found on the page.")
    left, top, right, bottom = box
    side = max(right - left, bottom - top) * (1 + 2 * margin)
    transform = Transform(box, side, size)
    # Crop first, then scale, then paste: the padding is never resampled, and large pages stay cheap.
    scale = size / side
    width = max(1, round((right - left) * scale))
    height = max(1, round((bottom - top) * scale))
    small = drawing.resize(
        (width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC, box=box
    )
    canvas = Image.new("L", (size, size), PAPER)
    canvas.paste(small, ((size - width) // 2, (size - height) // 2))
    return canvas, transform


def erase(drawing: Image.Image, boxes: Iterable[Sequence[int]]) -> None:
    """Make paper of boxes (left, top, right, bottom) of the drawing, in place."""
    for left, top, right, bottom in boxes:
        drawing.paste(PAPER, (left, top, right, bottom))


def thumbnail(drawing: Image.Image, size: int = 256, *, box: Box | None = None) -> bytes:
    """A small grey PNG of the drawing cropped to its ink, for reports and the Qdrant web UI."""
    small, _ = square(drawing, size, box=box)
    # 16 even greys are plenty for line work, and make the file a third as large. Choosing the
    # greys by the picture, or searching for repeats beyond runs of one value, takes several times
    # as long and saves nothing.
    small = small.point(_grey_table())
    small.putpalette([grey for shade in range(GREYS) for grey in (shade * 255 // (GREYS - 1),) * 3])
    stream = io.BytesIO()
    small.save(stream, "PNG", compress_level=6, compress_type=zlib.Z_RLE)
    return stream.getvalue()


def _check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels or max(size) > MAX_SIDE_PX:
        raise ImageError(_too_large(name, f"{width:,} × {height:,} px", max_pixels))


def _too_large(name: str, what: str, max_pixels: int) -> str:
    return (
        f"{name} is too large to decode safely ({what}; the limit is {max_pixels:,} px). "
        "Scale it down, or crop it to the drawing."
    )


def _grey(image: Image.Image) -> Image.Image:
    """Any mode → "L" on white paper."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=np.float64)
        if not np.isfinite(values).all():
            raise ImageError("The picture holds values that are no numbers.")
        # 16-bit files fill their range; the few 32-bit ones are scaled by their own maximum.
        top = 65535.0 if values.max(initial=0) > 255 else 255.0
        top = max(top, float(values.max(initial=0)))
        return Image.fromarray((values.clip(0, None) * (255.0 / top)).round().astype(np.uint8), "L")
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (PAPER, PAPER, PAPER, 255))
        paper.alpha_composite(layer)
        return paper.convert("L")
    return image.convert("L")


@lru_cache(maxsize=1)
def _grey_table() -> list[int]:
    return [round(value * (GREYS - 1) / 255) for value in range(256)]


@lru_cache(maxsize=1)
def _ink_table() -> list[int]:
    return [255 if value < INK_BELOW else 0 for value in range(256)]

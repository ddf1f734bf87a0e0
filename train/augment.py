"""What may befall a drawing between the draughtsman and the search: scans, crops, pens, sheets.

Works on grey pictures, 0 ink and 255 paper, with Pillow and numpy; all chance comes from the
generator handed in. Only :func:`view` knows what comes in which order; the strength of each step is
its own constant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from engine import drawing
from engine.errors import ImageError
from train.config import Augment

Square = npt.NDArray[np.uint8]
Random = np.random.Generator

PAPER = 255
WORKING = 1.35  # side of the square that is worked on, of the side wanted: room to crop
TILT_DEGREES = 12.0
SMALLEST_CROP = 0.65  # of a side
STRETCH = 0.15  # of a crop's height against its width


def view(pictures: Sequence[Image.Image], size: int, chance: Augment, rng: Random) -> Square:
    """One training picture of a design: figures laid out as a sheet, and what befalls it.

    Args:
        pictures: upright grey figures of one design, one at least.
        size: side of the result, px.
        chance: probability of each step.
        rng: all chance comes from it.
        rng: all chance there is.

    Returns: (size, size) uint8.
    """
    side = round(size * WORKING)
    squares = [_square(picture, side) for picture in pictures]
    image = sheet(squares, side, rng) if len(squares) > 1 else squares[0]
    if rng.random() < chance.label:
        image = label(image, rng)
    if rng.random() < chance.line:
        image = line(image, rng)
    if rng.random() < chance.dash:
        image = dash(image, rng)
    if rng.random() < chance.flip:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < chance.turn:
        image = turn(image, rng)
    if rng.random() < chance.tilt:
        image = image.rotate(
            rng.uniform(-TILT_DEGREES, TILT_DEGREES), Image.Resampling.BILINEAR, fillcolor=PAPER
        )
    box = crop(image.width, rng) if rng.random() < chance.crop else None
    made = np.asarray(image.resize((size, size), Image.Resampling.BOX, box=box)).copy()
    if rng.random() < chance.noise:
        made = noise(made, rng)
    if rng.random() < chance.erase:
        made = erase(made, rng)
    if rng.random() < chance.grid:
        made = grid(made, rng)
    return made


def sheet(squares: Sequence[Image.Image], side: int, rng: Random) -> Image.Image:
    """Two to four figures of one design on one sheet, each with its number, none overlapping."""
    columns = 1 if len(squares) == 2 and rng.random() < 0.7 else 2
    lines = -(-len(squares) // columns)
    cell = side // max(columns, lines)
    page = Image.new("L", (side, side), PAPER)
    left, top = (side - columns * cell) // 2, (side - lines * cell) // 2
    for number, square in enumerate(squares):
        own = max(8, round(cell * rng.uniform(0.7, 1.0)))
        line, column = divmod(number, columns)
        in_line = min(columns, len(squares) - line * columns)
        x = left + round((columns - in_line) * cell / 2) + column * cell + (cell - own) // 2
        y = top + line * cell + (cell - own) // 2
        page.paste(square.resize((own, own), Image.Resampling.BOX), (x, y))
    return page


def label(image: Image.Image, rng: Random) -> Image.Image:
    """A "FIG. 3" in the paper below the drawing, where there is room."""
    box = ImageChops.invert(image).getbbox() or (0, 0, *image.size)
    size = round(image.width * rng.uniform(0.04, 0.08))
    text = f"{('FIG. ', 'Fig. ', 'FIG.')[rng.integers(3)]}{rng.integers(1, 10)}"
    made = image.copy()
    y = min(box[3] + 2, image.height - size - 1)
    x = round(rng.uniform(0.1, 0.6) * image.width)
    ImageDraw.Draw(made).text((x, y), text, fill=0, font=ImageFont.load_default(size))
    return made


def line(image: Image.Image, rng: Random) -> Image.Image:
    """Thicker lines (the least of 3 × 3 px), or thinner and paler ones."""
    if rng.random() < 0.6:
        return image.filter(ImageFilter.MinFilter(3))
    pale = image.filter(ImageFilter.MaxFilter(3))
    return Image.blend(image, pale, rng.uniform(0.3, 0.7))


def dash(image: Image.Image, rng: Random) -> Image.Image:
    """Lines broken in one direction, as the unclaimed surroundings are drawn."""
    pixels = np.asarray(image).copy()
    period = int(rng.integers(6, 14))
    place = np.arange(len(pixels)) + int(rng.integers(period))
    gap = (place[:, None] + place[None, :]) % period < period // 3
    pixels[gap] = PAPER
    return Image.fromarray(pixels)


def turn(image: Image.Image, rng: Random) -> Image.Image:
    """A quarter, half or three-quarter turn, as sheets are filed."""
    kinds = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
    return image.transpose(kinds[rng.integers(len(kinds))])


def crop(side: int, rng: Random) -> tuple[float, float, float, float]:
    """A box (left, top, right, bottom) on a square of ``side`` px, a little wider or higher."""
    width = side * rng.uniform(SMALLEST_CROP, 1)
    height = min(float(side), width * rng.uniform(1 - STRETCH, 1 + STRETCH))
    left, top = rng.uniform(0, side - width), rng.uniform(0, side - height)
    return left, top, left + width, top + height


def noise(square: Square, rng: Random) -> Square:
    """A scan's: specks, or a wave of grey over all."""
    if rng.random() < 0.5:
        specks = rng.random(square.shape) < rng.uniform(0.001, 0.01)
        return np.where(specks, np.uint8(PAPER) - square, square).astype(np.uint8)
    grey = square + rng.normal(0, rng.uniform(4, 16), square.shape)
    return grey.clip(0, PAPER).astype(np.uint8)


def erase(square: Square, rng: Random) -> Square:
    """A rectangle of 1 to 10 % of the area becomes paper (Zhong et al., AAAI 2020)."""
    side = len(square)
    area = rng.uniform(0.01, 0.1) * side * side
    ratio = rng.uniform(0.5, 2)
    height, width = (
        min(side, max(1, round(float(s)))) for s in ((area * ratio) ** 0.5, (area / ratio) ** 0.5)
    )
    top, left = rng.integers(0, side - height + 1), rng.integers(0, side - width + 1)
    made = square.copy()
    made[top : top + height, left : left + width] = PAPER
    return made


def grid(square: Square, rng: Random) -> Square:
    """A grid of small squares becomes paper (GridMask; Chen et al. 2020)."""
    side = len(square)
    period = int(rng.integers(max(4, side // 8), max(6, side // 3)))
    hole = max(1, round(period * 0.4))
    rows, columns = (
        (np.arange(side) + int(rng.integers(period))) % period < hole for _ in range(2)
    )
    made = square.copy()
    made[rows[:, None] & columns[None, :]] = PAPER
    return made


def _square(picture: Image.Image, side: int) -> Image.Image:
    try:
        return drawing.square(picture, side)[0]
    except ImageError:  # blank paper: a corpus of thousands may hold one
        return Image.new("L", (side, side), PAPER)

"""Why two drawings match: which strokes of each the encoder needs to find the other.

An encoder that was given an explainer (:mod:`train.diffmask`) answers in one run of its network a
drawing: ``explain.onnx`` in its model folder takes pixels (n, 3, size, size) and the unit rows
(n, dimension) that they are compared with, and gives how surely each cell of the picture must stay
(n, grid, grid), 0 … 1. For any other encoder, pieces of a drawing are covered one after the other:
what costs most of the cosine mattered most (occlusion; Zeiler and Fergus 2014).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from engine import drawing
from engine.encoder import EXPLAINER, Encoder, ModelFolder, Squares, file_sha256, onnx_session
from engine.errors import ModelError
from engine.plan import Vector

Grid = npt.NDArray[np.float32]
PIECES = 12  # a side, where pieces are covered
LEARNED, COVERED = "learned mask", "occlusion"


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two drawings that are compared.

    Attributes:
        picture: upright and grey.
        keep: (grid, grid), 0 … 1: how much each cell of its square made the match.
        box: the figure on the picture; the ink's box when None.
    """

    picture: Image.Image
    keep: Grid
    box: drawing.Box | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Why:
    """Two drawings, the cosine of their rows, and how it was explained."""

    ours: Side
    theirs: Side
    cosine: float
    method: str


def explain(
    encoder: Encoder,
    ours: Image.Image,
    theirs: Image.Image,
    *,
    box: drawing.Box | None = None,
) -> Why:
    """Which strokes make two upright grey drawings match.

    Args:
        encoder: with an explainer in its model folder, or without.
        ours: the query.
        theirs: the stored figure; ``box`` is where it lies on that picture.

    Raises: ImageError on blank paper; ModelError where the explainer is damaged.
    """
    squares = np.stack([encoder.prepare(ours), encoder.prepare(theirs, box)])
    rows = encoder.encode(squares)
    others = rows[::-1]
    if encoder.folder is not None and EXPLAINER in ModelFolder.read(encoder.folder).sha256:
        session = _explainer(encoder.folder)
        fed = {"pixels": encoder.preprocessing.pixels(squares), "compared": others}
        keep, method = session.run(["keep"], fed)[0], LEARNED
    else:
        pairs = zip(squares, others, strict=True)
        keep, method = np.stack([occlusion(encoder, one, row) for one, row in pairs]), COVERED
    return Why(
        Side(ours, keep[0]), Side(theirs, keep[1], box), float(rows[0] @ rows[1]), method
    )  # fmt: skip


def occlusion(encoder: Encoder, square: Squares, row: Vector, pieces: int = PIECES) -> Grid:
    """(pieces, pieces): what covering each piece with paper costs of the cosine, the most = 1.

    A piece is covered together with a border of half its side. Blank pieces cost nothing.
    """
    size = len(square)
    edges = np.linspace(0, size, pieces + 1).round().astype(int)
    border = size // pieces // 2
    covered, places = [square], []
    for i in range(pieces):
        for j in range(pieces):
            piece = square[edges[i] : edges[i + 1], edges[j] : edges[j + 1]]
            if piece.min() < drawing.INK_BELOW:
                one = square.copy()
                top, left = max(edges[i] - border, 0), max(edges[j] - border, 0)
                one[top : edges[i + 1] + border, left : edges[j + 1] + border] = drawing.PAPER
                covered.append(one)
                places.append((i, j))
    cosines = encoder.encode(covered) @ row
    lost = np.zeros((pieces, pieces), dtype=np.float32)
    for place, cosine in zip(places, cosines[1:], strict=True):
        lost[place] = max(cosines[0] - cosine, 0)
    return np.asarray(lost / max(float(lost.max()), 1e-6), dtype=np.float32)


@lru_cache(maxsize=2)
def _explainer(folder: Path) -> Any:
    path, said = folder / EXPLAINER, ModelFolder.read(folder).sha256[EXPLAINER]
    if not path.is_file() or file_sha256(path) != said:
        raise ModelError(
            f"{path} is missing or not the file that the model folder describes. Install the model "
            "again, or train its explainer anew (docs/explain.md)."
        )
    return onnx_session(path)


# --- as a picture ---------------------------------------------------------------------------------

PANE_PX, GAP_PX, HEAD_PX, FOOT_PX = 640, 24, 56, 64
INK, SOFT, RULE, PAPER = (31, 41, 55), (107, 114, 128), (229, 231, 235), (255, 255, 255)
# From strokes that did not matter to those that made the match: lightness falls all the way, so
# that it reads in grey and to eyes that see no red.
RAMP = np.array(
    [(196, 203, 212), (150, 160, 190), (214, 150, 60), (214, 88, 30), (160, 16, 24)], np.float32
)
TINT = np.array((255, 214, 150), np.float32)  # paper behind what mattered


def draw(why: Why, names: tuple[str, str] = ("Query", "Hit")) -> Image.Image:
    """Both drawings side by side, each stroke in the colour of what it gave to the match."""
    width, height = 2 * PANE_PX + 3 * GAP_PX, PANE_PX + HEAD_PX + FOOT_PX
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    for place, (side, name) in enumerate(zip((why.ours, why.theirs), names, strict=True)):
        left = GAP_PX + place * (PANE_PX + GAP_PX)
        sheet.paste(coloured(side), (left, HEAD_PX))
        pen.rectangle((left, HEAD_PX, left + PANE_PX - 1, HEAD_PX + PANE_PX - 1), outline=RULE)
        pen.text((left, HEAD_PX - 14), _fitted(name, 22), INK, _font(22), anchor="ls")
    _legend(pen, (GAP_PX, HEAD_PX + PANE_PX + 20))
    said = f"cosine {why.cosine:.2f} · {why.method}"
    pen.text((width - GAP_PX, HEAD_PX + PANE_PX + 38), said, SOFT, _font(18), anchor="rs")
    return sheet


def png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def coloured(side: Side, size: int = PANE_PX) -> Image.Image:
    """One drawing, cropped as the encoder sees it, its strokes coloured by what they gave."""
    square, _ = drawing.square(side.picture, size, box=side.box)
    grey = np.asarray(square, dtype=np.float32)[:, :, None] / drawing.PAPER
    heat = Image.fromarray(side.keep).resize((size, size), Image.Resampling.BICUBIC)
    share = np.clip(np.asarray(heat, dtype=np.float32), 0, 1)
    steps = share * (len(RAMP) - 1)
    below = np.minimum(steps.astype(int), len(RAMP) - 2)
    part = (steps - below)[:, :, None]
    stroke = RAMP[below] * (1 - part) + RAMP[below + 1] * part
    paper = 255 + (TINT - 255) * (0.55 * share[:, :, None])
    # Thin lines become pale when a drawing is made small: give them their colour in full.
    dark = np.clip((1 - grey) * 2.2, 0, 1)
    return Image.fromarray((stroke * dark + paper * (1 - dark)).round().astype(np.uint8), "RGB")


def _legend(pen: ImageDraw.ImageDraw, at: tuple[int, int]) -> None:
    left, top = at
    pen.text((left, top + 18), "gave nothing", SOFT, _font(18), anchor="ls")
    left += int(pen.textlength("gave nothing", _font(18))) + 12
    for i in range(160):
        place = i / 159 * (len(RAMP) - 1)
        low = min(int(place), len(RAMP) - 2)
        colour = RAMP[low] + (RAMP[low + 1] - RAMP[low]) * (place - low)
        pen.line((left + i, top + 4, left + i, top + 20), fill=tuple(int(c) for c in colour))
    pen.text((left + 172, top + 18), "made the match", SOFT, _font(18), anchor="ls")


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _fitted(text: str, size: int) -> str:
    """As much of a text as fits over a pane."""
    font, room = _font(size), PANE_PX
    while text and font.getlength(text) > room:
        text = text[:-2].rstrip("… ") + "…"
    return text

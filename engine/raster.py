"""A page as ink on a small raster, and its connected pieces, with numpy alone.

What splitting, label finding and tinting look at. Knows nothing of labels or figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

Ink = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Boxes = npt.NDArray[np.int64]  # (n, 4): left, top, right, bottom

SIDE_PX = 1200  # of the raster's longer side, about: letters are 8 … 50 px high, lines 1 … 2
# Averaged over a cell of the raster; keeps a line of 1 px under up to threefold reduction.
INK_BELOW = 216


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """A page reduced by a whole factor; ``ink[y, x]`` is true where a cell holds ink; ``size`` is the page's, px."""

    ink: Ink
    factor: int
    size: tuple[int, int]

    @classmethod
    def of(cls, page: Image.Image) -> Raster:
        """Reduce a grey page (0 ink, 255 paper) to about :data:`SIDE_PX`."""
        factor = max(1, round(max(page.size) / SIDE_PX))
        small = page.reduce(factor) if factor > 1 else page
        # A line of 1 px on a page reduced k-fold darkens its cell by 255 / k.
        below = max(INK_BELOW, 255 - 200 // factor) if factor > 1 else INK_BELOW
        return cls(np.asarray(small.point(_table(below), "L")) > 0, factor, page.size)

    def to_page(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """A box of cells in pixels of the page."""
        left, top, right, bottom = (edge * self.factor for edge in box)
        return left, top, min(right, self.size[0]), min(bottom, self.size[1])


@lru_cache(maxsize=16)
def _table(below: int) -> list[int]:
    return [255 if value < below else 0 for value in range(256)]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Connected pieces of ink, as runs of a raster.

    Attributes:
        boxes: (n, 4) of each piece.
        areas: (n,) ink cells.
        rows, starts, ends: (r,) of each run; ``ends`` is one past the last cell.
        of: (r,) the piece each run belongs to.
    """

    boxes: Boxes
    areas: Ints
    rows: Ints
    starts: Ints
    ends: Ints
    of: Ints

    def __len__(self) -> int:
        return len(self.areas)

    def mask(self, chosen: npt.NDArray[np.bool_], shape: tuple[int, int]) -> Ink:
        """The ink of the chosen pieces, as a raster of the given shape."""
        steps = np.zeros((shape[0], shape[1] + 1), np.int8)
        runs = chosen[self.of]
        steps[self.rows[runs], self.starts[runs]] = 1
        steps[self.rows[runs], self.ends[runs]] -= 1
        return np.cumsum(steps, axis=1, dtype=np.int8)[:, :-1] > 0

    def labels(self, ink: Ink) -> Ints:
        """Over the raster that the pieces are of: 0 where no ink is, else 1 + the piece."""
        made = np.zeros(ink.shape, np.int64)
        made[ink] = np.repeat(self.of + 1, self.ends - self.starts)  # runs lie in the same order
        return made


def pieces(ink: Ink, *, diagonal: bool = True) -> Pieces:
    """Connected pieces of ink, in the order of their first run.

    Args:
        ink: (height, width).
        diagonal: diagonal neighbours are connected. Of paper they are not, where they are of ink:
            else it would leak through a slanting line.
    """
    height, width = ink.shape
    edges = np.zeros((height, width + 2), np.int8)
    edges[:, 1:-1] = ink
    steps = np.diff(edges, axis=1).ravel()
    wide = width + 1
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    rows, starts, ends = starts // wide, starts % wide, ends % wide
    # In keys that grow along rows, the runs of the next row that touch a run are a slice.
    step = width + 2
    from_, to = ("left", "right") if diagonal else ("right", "left")
    first = np.searchsorted(rows * step + ends, (rows + 1) * step + starts, from_)  # type: ignore[call-overload]
    last = np.searchsorted(rows * step + starts, (rows + 1) * step + ends, to)  # type: ignore[call-overload]
    of = connected(len(rows), *slices(first, last))
    count = int(of.max(initial=-1)) + 1
    boxes = np.empty((count, 4), np.int64)
    boxes[:, :2] = np.iinfo(np.int64).max
    boxes[:, 2:] = -1
    np.minimum.at(boxes[:, 0], of, starts)
    np.minimum.at(boxes[:, 1], of, rows)
    np.maximum.at(boxes[:, 2], of, ends)
    np.maximum.at(boxes[:, 3], of, rows + 1)
    areas = np.bincount(of, ends - starts, count).astype(np.int64)
    return Pieces(boxes, areas, rows, starts, ends, of)


def slices(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """All pairs (i, j) with ``first[i] <= j < last[i]``."""
    counts = np.maximum(last - first, 0)
    owner = np.repeat(np.arange(len(first)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, np.repeat(first, counts) + within


def connected(count: int, a: Ints, b: Ints) -> Ints:
    """The group of each of ``count`` things, from 0, where ``a[i]`` and ``b[i]`` are neighbours.

    Every thing follows its least neighbour, and paths are halved until nothing moves.
    """
    parent = np.arange(count)
    while len(a):
        root_a, root_b = parent[a], parent[b]
        low, high = np.minimum(root_a, root_b), np.maximum(root_a, root_b)
        apart = low != high
        if not apart.any():
            break
        a, b = a[apart], b[apart]
        np.minimum.at(parent, high[apart], low[apart])
        while True:
            above = parent[parent]
            if np.array_equal(above, parent):
                break
            parent = above
    return np.unique(parent, return_inverse=True)[1].astype(np.int64)


def reduced(ink: Ink, factor: int) -> Ink:
    """The raster reduced by a whole factor: a cell holds ink where any of its cells does."""
    height, width = (-side % factor for side in ink.shape)
    padded = np.pad(ink, ((0, height), (0, width)))
    rows, columns = padded.shape[0] // factor, padded.shape[1] // factor
    cells = padded.reshape(rows, factor, columns, factor)
    return np.asarray(cells.any(axis=(1, 3)))


def grown(ink: Ink) -> Ink:
    """Ink and its eight neighbours."""
    wide = ink.copy()
    wide[:, 1:] |= ink[:, :-1]
    wide[:, :-1] |= ink[:, 1:]
    tall = wide.copy()
    tall[1:] |= wide[:-1]
    tall[:-1] |= wide[1:]
    return tall

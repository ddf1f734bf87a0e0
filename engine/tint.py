"""Closed bodies of a line drawing filled with greys, so that a network tells figure from ground.

An encoder's first weights are of photographs, where a thing is darker or lighter than what lies
behind it all over, not at its edges alone. In a line drawing inside and outside are the same white
paper. Here what lines enclose is made grey, each region by its size; the lines stay. [ours]
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.drawing import PAPER
from engine.raster import Ink, grown, pieces

Square = npt.NDArray[np.uint8]

INK_BELOW = 235  # a line of 1 px is still a wall when a sheet is made twelve times smaller
DARKEST, LIGHTEST = 80, 200  # greys of a region of no size, and of one that is the whole body
DENSE = 90  # grey of what lies between lines too near each other to leave a region
SPREAD_PX = 2  # how far a region's grey reaches into the lines around it


def tint(square: Square) -> Square:
    """Fill what the lines of a drawing enclose: (side, side) uint8 → the same, 0 ink, 255 paper.

    Bodies are what cannot be reached from the edge of the square going up, down, left and right
    over paper, gaps of two pixels in a line being closed. They fall into regions between lines; the
    grey of one grows with the root of its share of all bodies. Grey multiplies what was drawn, so
    lines stay as dark as they were. A drawing of open lines comes back as it was.
    """
    ink = np.pad(square < INK_BELOW, 2)  # with paper around it, the outside is one piece: the first
    free = ~grown(ink)
    outside = grown(pieces(free, diagonal=False).labels(free) == 1)
    inside: Ink = ~outside & free
    regions = pieces(inside, diagonal=False)
    shares = regions.areas / max(int((~outside).sum()), 1)
    greys = np.array([0, *DARKEST + (LIGHTEST - DARKEST) * np.sqrt(shares)], dtype=np.uint8)
    shade = greys[regions.labels(inside)]
    for _ in range(SPREAD_PX):
        shade = _lightest(shade)
    shade[shade == 0] = DENSE
    shade[outside] = PAPER
    return (square.astype(np.uint16) * shade[2:-2, 2:-2] // PAPER).astype(np.uint8)


def _lightest(greys: Square) -> Square:
    """Of each pixel and its neighbours; the outermost ring of pixels is paper and left alone."""
    tall = greys.copy()
    np.maximum(tall[1:-1], np.maximum(greys[:-2], greys[2:]), out=tall[1:-1])
    made = tall.copy()
    np.maximum(made[:, 1:-1], np.maximum(tall[:, :-2], tall[:, 2:]), out=made[:, 1:-1])
    return made

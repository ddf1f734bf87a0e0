"""Whether a drawing has broken lines: dashes of like length that follow each other, evenly spaced.

Broken lines show surroundings that are not claimed (37 CFR 1.152(c), Hague 7th schedule). Works on
the pieces of a small raster, with numpy alone. Scans so coarse that solid lines fall into pieces look
broken to it as they do to the eye.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.raster import Pieces, Raster, pieces, slices

LENGTH = (4.0, 60.0)  # of a dash, in cells of the raster
THICK = 1.6  # standard deviation across a dash, in cells, at most
LEAN = np.cos(np.radians(20))  # of a dash against the line through its neighbours
ALIKE = 0.7  # shorter over longer of two neighbouring dashes, at least
MAX_GAP = 1.5  # between dashes, in their mean length
EVEN = 0.75  # smaller over larger of the gaps on both sides of a dash, at least
MAX_PIECES = 4000
INNER = 16  # dashes between two others that make a drawing one with broken lines

Floats = npt.NDArray[np.float64]


def has_broken_lines(picture: Image.Image) -> bool:
    """Whether a grey drawing (0 ink, 255 paper) shows dashed lines."""
    return inner_dashes(pieces(Raster.of(picture).ink)) >= INNER


def inner_dashes(whole: Pieces) -> int:
    """How many dashes have a like one on either side, in line and evenly spaced."""
    x, y, along, lean = _dashes(whole)
    order = np.argsort(x)[:MAX_PIECES]
    x, y, along, lean = x[order], y[order], along[order], lean[order]
    reach = along * (1 + MAX_GAP)
    first = np.searchsorted(x, x - reach, "left")
    last = np.searchsorted(x, x + reach, "right")
    a, b = slices(first, last)
    dx, dy = x[b] - x[a], y[b] - y[a]
    far = np.hypot(dx, dy)
    gap = far - (along[a] + along[b]) / 2
    ux, uy = np.cos(lean), np.sin(lean)
    ahead = dx * ux[a] + dy * uy[a] > 0
    steady = (a != b) & (far > 0)
    steady &= np.minimum(along[a], along[b]) >= ALIKE * np.maximum(along[a], along[b])
    steady &= (gap >= 1) & (gap <= MAX_GAP * (along[a] + along[b]) / 2)
    steady &= np.abs(dx * ux[a] + dy * uy[a]) >= LEAN * far
    steady &= np.abs(dx * ux[b] + dy * uy[b]) >= LEAN * far
    a, b, gap = a[steady], b[steady], gap[steady]
    ahead = ahead[steady]
    before = np.full(len(x), np.inf)
    after = np.full(len(x), np.inf)
    np.minimum.at(after, a[ahead], gap[ahead])
    np.minimum.at(before, a[~ahead], gap[~ahead])
    both = np.isfinite(before) & np.isfinite(after)
    smaller, larger = np.minimum(before, after)[both], np.maximum(before, after)[both]
    return int((smaller + 1 >= EVEN * (larger + 1)).sum())


def _dashes(whole: Pieces) -> tuple[Floats, Floats, Floats, Floats]:
    """Centre (x, y), length and direction of the pieces that are short straight strokes."""
    longest = (whole.boxes[:, 2:] - whole.boxes[:, :2]).max(axis=1, initial=0)
    small = (longest >= LENGTH[0]) & (longest <= LENGTH[1])
    runs = small[whole.of]
    of = np.cumsum(small)[whole.of[runs]] - 1
    count = int(small.sum())
    y = whole.rows[runs].astype(np.float64)
    start, end = whole.starts[runs].astype(np.float64), whole.ends[runs].astype(np.float64)
    cells = end - start
    middle = (start + end - 1) / 2

    def total(values: Floats) -> Floats:
        return np.bincount(of, values, count).astype(np.float64)

    n = np.maximum(total(cells), 1)
    mx, my = total(cells * middle) / n, total(cells * y) / n
    xx = total(cells * (middle**2 + (cells**2 - 1) / 12)) / n - mx**2
    yy = total(cells * y**2) / n - my**2
    xy = total(cells * middle * y) / n - mx * my
    spread = np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    wide, narrow = (xx + yy) / 2 + spread, np.maximum((xx + yy) / 2 - spread, 0)
    lean = np.arctan2(2 * xy, xx - yy) / 2
    along, across = np.sqrt(12 * wide + 1), np.sqrt(narrow)
    stroke = (across <= THICK) & (along >= LENGTH[0]) & (along >= 3 * across + 2)
    return mx[stroke], my[stroke], along[stroke], lean[stroke]

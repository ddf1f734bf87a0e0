"""A sheet → its figures: labels and furniture set apart, the other ink grouped, one box a figure.

One figure is one piece, however many parts its ink is in (dashed lines, exploded views), because the
labels say how many figures there are: parts join to their nearest neighbours, shortest gap first,
until each label has one group. A sheet that gives no ground for parting stays whole, and says why.
The page itself is never altered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.raster import Boxes, Ink, Ints, Pieces, Raster, connected, pieces, reduced, slices
from ingest import labels
from ingest.labels import Box, Reader, Word

VERSION = 1  # raise when sheets are parted otherwise: what was stored is then split anew

MAX_FIGURES = 60  # on a sheet; one with more stays whole
CLUMP = (4, 2, 1)  # cells of the raster whose ink is one clump, coarsest first
MAX_CLUMPS = 400
MAX_POINTS = 1500  # that distances are measured between
EXTRA = 12  # groups tried beyond one a label
LEAST_PX = 8  # of a figure's longer side, in cells of the raster; less is dust

BLACK = 0.9  # share of ink
GREY = 0.25  # share of neither ink nor paper
TEXT_LINES = 8
HEADER_SHARE = 0.04  # of the page's height
HEADER_LETTERS = 20  # at least
HEADER_GAP = 8  # white below a header, in cells

Distances = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Part:
    """A figure of a sheet.

    Attributes:
        box: left, top, right, bottom on the page as it was given, px.
        turn: degrees clockwise that set the figure upright from there.
        label: the figure's number as its label says ("3", "2A"), or "".
        label_box: where the label stands, or None.
        confidence: 0 … 1 that this is one whole figure and this its label.
        erase: what lies in the box and belongs to labels, furniture or other figures.
    """

    box: Box
    turn: int = 0
    label: str = ""
    label_box: Box | None = None
    confidence: float = 0.0
    erase: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was found on a sheet.

    Attributes:
        parts: its figures in reading order, as the upright sheet is read.
        furniture: boxes of what belongs to no figure: headers, sheet numbers.
        whole: why the sheet was not parted though it seems to ask for it, or "".
    """

    parts: tuple[Part, ...]
    furniture: tuple[Box, ...] = ()
    whole: str = ""


def split(
    page: Image.Image,
    *,
    reader: Reader | None = None,
    expected: int | None = None,
    numerals: bool = False,
) -> Sheet:
    """Find the figures of a page.

    Args:
        page: grey, 0 ink, 255 paper.
        reader: reads the labels; without one they are found and not read.
        expected: figures on this sheet, where the office says so.
        numerals: set reference numerals apart too (they can be told only with a reader).
    """
    raster = Raster.of(page)
    ink = raster.ink
    if not ink.any():
        return Sheet(())
    reason = _no_drawing(page, ink)
    if reason:
        return Sheet((_whole(ink, raster),), (), reason)
    found = labels.find(page, raster, reader, numerals=numerals)
    if not found.labels and _is_text(found.texts, ink):
        return Sheet((_whole(ink, raster),), (), "it is a page of text")
    furniture = [_header(ink), *(found.numerals if numerals else ()), *found.sheet_numbers]
    apart = [box for box in furniture if box is not None]
    rest = ink.copy()
    for left, top, right, bottom in (*(_wider(word.box) for word in found.labels), *apart):
        rest[top:bottom, left:right] = False
    words = found.labels
    if not rest.any():
        return Sheet((_whole(ink, raster),), (), "there is nothing but text on it")
    parts: list[Part] = []
    reason = ""
    if len(words) > MAX_FIGURES:
        reason = f"it has {len(words)} labels, more than {MAX_FIGURES}"
    elif len(words) > 1 and expected == 1:
        reason = f"it has {len(words)} labels, and the office counts one figure"
    elif len(words) > 1:
        parts, reason = _parted(rest, words, raster)
    if not parts:
        one = words[0] if len(words) == 1 else None
        parts = [_part(_bounds(rest), one, raster, one.score if one else 0.5)]
    boxes = tuple(raster.to_page(box) for box in apart)
    taken = [*boxes, *(raster.to_page(_wider(word.box)) for word in words)]
    parts = [
        replace(part, erase=(*part.erase, *(box for box in taken if _meet(box, part.box))))
        for part in parts
    ]
    return Sheet(tuple(_in_order(parts, page.size)), boxes, reason)


def _wider(box: Box) -> Box:
    """A cell more on each side."""
    return max(box[0] - 1, 0), max(box[1] - 1, 0), box[2] + 1, box[3] + 1


def _meet(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


# --- pages that are no drawing sheet, and furniture ---------------------------------------------


def _no_drawing(page: Image.Image, ink: Ink) -> str:
    """Why a page is no sheet of line drawings, or ""."""
    if _grey_share(page) > GREY:
        return "it is a photograph or a shaded rendering"
    if ink.mean() > BLACK:
        return "it is black nearly all over"
    return ""


def _grey_share(page: Image.Image) -> float:
    """Share of the page that is neither ink nor paper."""
    counts = np.array(page.histogram())
    return float(counts[48:208].sum() / max(counts.sum(), 1))


def _is_text(texts: Sequence[Word], ink: Ink) -> bool:
    """Whether lines of running text hold most of the ink."""
    if len(texts) < TEXT_LINES:
        return False
    held = sum(
        int(ink[top:bottom, left:right].sum())
        for left, top, right, bottom in (word.box for word in texts)
    )
    return bool(held > 0.5 * ink.sum())


def _header(ink: Ink) -> Box | None:
    """The line "U.S. Patent … Sheet 2 of 7 …" along the top of a page, if there is one.

    A band of letters across at least half of the page with white below.
    """
    height, width = ink.shape
    rows = np.flatnonzero(ink.any(axis=1))
    gaps = np.flatnonzero(np.diff(rows) > HEADER_GAP)
    if not len(gaps):
        return None
    top, bottom = int(rows[0]), int(rows[gaps[0]]) + 1
    band = ink[top:bottom]
    columns = np.flatnonzero(band.any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    sides = pieces(band).boxes
    longest = (sides[:, 2:] - sides[:, :2]).max()
    letters = (2.5 * (sides[:, 3] - sides[:, 1]) >= bottom - top).sum()
    line = bottom - top <= HEADER_SHARE * height and longest <= 1.2 * (bottom - top)
    if line and letters >= HEADER_LETTERS and right - left >= width / 2:
        return left, top, right, bottom
    return None


# --- grouping -----------------------------------------------------------------------------------


def _parted(ink: Ink, words: Sequence[Word], raster: Raster) -> tuple[list[Part], str]:
    """One part a label, or the reason why not."""
    reason = f"it has {len(words)} labels, and its ink does not part into as many figures"
    for cell in CLUMP:
        whole = pieces(reduced(ink, cell))
        if len(whole) > MAX_CLUMPS and cell != CLUMP[0]:
            break
        if len(whole) < len(words):
            continue
        clumps = _Clumps.of(whole, cell)
        owner = clumps.owners(words)
        parts = [clumps.part(owner, i, word, ink, raster) for i, word in enumerate(words)]
        if all(max(_size(clumps.box(owner == i))) >= LEAST_PX for i in range(len(words))):
            return parts, ""
    return [], reason


def _size(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


@dataclass(frozen=True, slots=True, eq=False)
class _Clumps:
    """Clumps of ink, and how far they are from each other, in cells of the raster.

    Attributes:
        boxes: (n, 4).
        points: (p, 2) x and y of cells of the clumps, sorted by clump.
        starts: (n,) where each clump's points begin.
        gaps: (n, n) between the nearest points of two clumps.
        whole: their runs, on a raster ``cell`` times as coarse.
    """

    boxes: Boxes
    points: npt.NDArray[np.float32]
    starts: Ints
    gaps: Distances
    whole: Pieces
    cell: int

    @classmethod
    def of(cls, whole: Pieces, cell: int) -> _Clumps:
        """Measure the clumps of a reduced raster; very many are joined to blocks before."""
        coarse = 1
        while True:
            of, x, y = _outline(whole, coarse)
            if len(of) <= MAX_POINTS:
                break
            coarse *= 2
        points = np.stack([x, y], axis=1).astype(np.float32) * cell
        starts = np.searchsorted(of, np.arange(len(whole)))
        squares = (points**2).sum(axis=1)
        apart = squares[:, None] + squares[None, :] - 2 * points @ points.T
        apart = np.minimum.reduceat(np.minimum.reduceat(apart, starts, axis=0), starts, axis=1)
        gaps = np.sqrt(np.maximum(apart, 0))
        return cls(whole.boxes * cell, points, starts, gaps, whole, cell)

    def owners(self, words: Sequence[Word]) -> Ints:
        """Which label each clump belongs to: the forest with the least sum of gaps, one label a tree.

        Clumps are joined by their shortest gaps down to some number of groups, each label takes one
        group so that the sum of distances is least, and what is left joins its neighbours. The
        number of groups that makes labels and gaps together shortest is taken.
        """
        a, b, gap = _spanning_tree(self.gaps)
        away = np.stack([self._distance(word.box) for word in words])
        best: tuple[float, Ints] | None = None
        for groups in range(len(words), min(len(self.boxes), len(words) + EXTRA) + 1):
            kept = len(self.boxes) - groups
            group = connected(len(self.boxes), a[:kept], b[:kept])
            reach = np.stack(
                [
                    np.minimum.reduceat(
                        row[np.argsort(group, kind="stable")],
                        np.searchsorted(np.sort(group), np.arange(groups)),
                    )
                    for row in away
                ]
            )
            taken = assign(reach)
            owner = np.full(groups, -1)
            owner[taken] = np.arange(len(words))
            cost = float(reach[np.arange(len(words)), taken].sum() + gap[:kept].sum())
            for i in range(kept, len(gap)):  # the rest of the tree, never joining two labels
                left, right = owner[group[a[i]]], owner[group[b[i]]]
                if left >= 0 and right >= 0:
                    continue
                one, other = group[a[i]], group[b[i]]
                group = np.where(group == other, one, group)
                owner[one] = max(left, right)
                cost += float(gap[i])
            if best is None or cost < best[0] - 1e-6:
                best = cost, owner[group]
        assert best is not None
        return best[1]

    def _distance(self, box: Box) -> Distances:
        """From a box to the nearest point of each clump, (n,)."""
        left, top, right, bottom = box
        x, y = self.points.T
        dx = np.maximum(np.maximum(left - x, x - right), 0)
        dy = np.maximum(np.maximum(top - y, y - bottom), 0)
        return np.minimum.reduceat(np.hypot(dx, dy), self.starts).astype(np.float32)

    def box(self, chosen: npt.NDArray[np.bool_]) -> Box:
        """The box around some clumps."""
        left, top = self.boxes[chosen, :2].min(axis=0).tolist()
        right, bottom = self.boxes[chosen, 2:].max(axis=0).tolist()
        return left, top, right, bottom

    def part(self, owner: Ints, i: int, word: Word, ink: Ink, raster: Raster) -> Part:
        """A label's figure. It is sure as far as it is nearer to itself than to other figures."""
        mine = owner == i
        inside = self.gaps[np.ix_(mine, mine)].copy()
        widest = _spanning_tree(inside)[2].max(initial=0.0)
        outside = float(self.gaps[np.ix_(mine, ~mine)].min())
        own, others = self._distance(word.box)[mine].min(), self._distance(word.box)[~mine].min()
        apart = (outside + 1) / (outside + widest + 2)
        near = (others + 1) / (own + others + 2)
        score = word.score * min(1.0, 2 * min(apart, near))
        rough = self.box(mine)
        strangers = self._runs(~mine, rough)
        own_ink = ink.copy()
        for left, top, right, bottom in strangers:
            own_ink[top:bottom, left:right] = False
        left, top, right, bottom = rough
        inner = _bounds(own_ink[top:bottom, left:right])
        box = (inner[0] + left, inner[1] + top, inner[2] + left, inner[3] + top)
        part = _part(box, word, raster, score)
        hidden = (raster.to_page(strip) for strip in strangers if _meet(strip, box))
        return replace(part, erase=tuple(hidden))

    def _runs(self, chosen: npt.NDArray[np.bool_], inside: Box) -> list[Box]:
        """Strips that cover the ink of some clumps inside a box."""
        left, top, right, bottom = (edge / self.cell for edge in inside)
        whole = self.whole
        runs = np.flatnonzero(
            chosen[whole.of] & (whole.rows + 1 > top) & (whole.rows < bottom)
            & (whole.ends > left) & (whole.starts < right)
        )  # fmt: skip
        rows, starts, ends = whole.rows[runs], whole.starts[runs], whole.ends[runs]
        strips = np.stack([starts, rows, ends, rows + 1], axis=1) * self.cell
        return [(int(a), int(b), int(c), int(d)) for a, b, c, d in strips]


def _outline(whole: Pieces, coarse: int) -> tuple[Ints, Ints, Ints]:
    """Clump, x and y of the clumps' edge cells on a grid ``coarse`` times as wide, by clump."""
    spans = np.maximum(whole.ends - whole.starts, 1)
    run, x = slices(whole.starts, whole.starts + spans)
    y, of = whole.rows[run], whole.of[run]
    height, width = int(whole.boxes[:, 3].max()) + 2, int(whole.boxes[:, 2].max()) + 2
    grid = np.zeros((height + 1, width + 1), np.bool_)
    grid[y + 1, x + 1] = True
    inner = grid[y, x + 1] & grid[y + 2, x + 1] & grid[y + 1, x] & grid[y + 1, x + 2]
    x, y, of = x[~inner], y[~inner], of[~inner]
    x, y = x // coarse, y // coarse
    key = np.unique((of * (height + 1) + y) * (width + 1) + x)
    of, rest = np.divmod(key, (height + 1) * (width + 1))
    y, x = np.divmod(rest, width + 1)
    return of, x * coarse, y * coarse


def _spanning_tree(gaps: Distances) -> tuple[Ints, Ints, Distances]:
    """Edges (a, b, gap) of the tree with the least sum of gaps, shortest first (Prim)."""
    count = len(gaps)
    ends = np.zeros((2, max(count - 1, 0)), np.int64)
    length = np.zeros(max(count - 1, 0), np.float32)
    nearest, via = gaps[0].copy(), np.zeros(count, np.int64)
    inside = np.zeros(count, np.bool_)
    inside[0] = True
    for i in range(count - 1):
        new = int(np.where(inside, np.inf, nearest).argmin())
        ends[:, i], length[i] = (via[new], new), nearest[new]
        inside[new] = True
        closer = gaps[new] < nearest
        via[closer] = new
        nearest = np.minimum(nearest, gaps[new])
    order = np.argsort(length, kind="stable")
    return ends[0, order], ends[1, order], length[order]


def assign(cost: Distances) -> Ints:
    """The column of each row, all different, so that the sum of costs is least (Hungarian method).

    ``cost`` is (n, m) with n <= m. After E. Lawler, Combinatorial Optimization, 1976: rows enter one
    by one, each along the shortest augmenting path under the potentials ``u`` and ``v``.
    """
    n, m = cost.shape
    u, v = np.zeros(n + 1), np.zeros(m + 1)
    row_of = np.zeros(m + 1, np.int64)  # 0 is none; rows and columns count from 1
    for row in range(1, n + 1):
        row_of[0] = row
        column = 0
        least = np.full(m + 1, np.inf)
        before = np.zeros(m + 1, np.int64)
        used = np.zeros(m + 1, np.bool_)
        while row_of[column]:
            used[column] = True
            current = row_of[column]
            slack = cost[current - 1] - u[current] - v[1:]
            better = ~used[1:] & (slack < least[1:])
            least[1:][better] = slack[better]
            before[1:][better] = column
            free = np.where(used[1:], np.inf, least[1:])
            step = free.min()
            u[row_of[used]] += step
            v[used] -= step
            least[1:][~used[1:]] -= step
            column = int(free.argmin()) + 1
        while column:
            row_of[column] = row_of[before[column]]
            column = int(before[column])
    found = np.zeros(n, np.int64)
    for column in range(1, m + 1):
        if row_of[column]:
            found[row_of[column] - 1] = column - 1
    return found


# --- parts on the page --------------------------------------------------------------------------


def _whole(ink: Ink, raster: Raster) -> Part:
    return _part(_bounds(ink), None, raster, 0.0)


def _bounds(ink: Ink) -> Box:
    """The box around the ink."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _part(box: Box, word: Word | None, raster: Raster, confidence: float) -> Part:
    """A part with its boxes in pixels of the page."""
    return Part(
        box=raster.to_page(box),
        turn=word.turn % 360 if word else 0,
        label=word.text if word else "",
        label_box=raster.to_page(word.box) if word else None,
        confidence=round(float(confidence), 3),
    )


def _in_order(parts: Sequence[Part], size: tuple[int, int]) -> list[Part]:
    """By row, then from the left, as the upright sheet is read; rows overlap by half or more."""
    turn = parts[0].turn if len({part.turn for part in parts}) == 1 else 0
    left = sorted(parts, key=lambda part: turned(part.box, size, turn)[1])
    ordered: list[Part] = []
    while left:
        _, top, _, bottom = turned(left[0].box, size, turn)
        row = [p for p in left if turned(p.box, size, turn)[1] < (top + bottom) / 2]
        ordered += sorted(row, key=lambda part: turned(part.box, size, turn)[0])
        left = [part for part in left if part not in row]
    return ordered


def turned(box: Box, size: tuple[int, int], turn: int) -> Box:
    """Where a box of a page of (width, height) lies once the page is turned clockwise."""
    left, top, right, bottom = box
    width, height = size
    for _ in range(turn // 90 % 4):
        left, top, right, bottom = height - bottom, left, height - top, right
        width, height = height, width
    return left, top, right, bottom

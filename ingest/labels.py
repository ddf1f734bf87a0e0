"""The labels of a sheet's figures ("FIG. 3"): found as small words apart from other ink, then read.

Finding needs numpy alone. Reading needs a text recogniser: the one that the ``ocr`` extra installs
runs in the ONNX Runtime that searching needs anyway; without it a light check of the letters' shape
tells labels from other small ink, and their numbers stay unread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.raster import Boxes, Ink, Ints, Raster, connected, grown, pieces, slices

Box = tuple[int, int, int, int]

HEIGHT = (7, 64)  # of a label's letters, in cells of the raster
ASPECT = (1.8, 9.0)  # of a label's box along its line
GAP = 1.1  # between letters, in heights of the taller
MARGIN = 0.35  # of white around a label, in its heights
FILL = (0.04, 0.65)  # ink in a label's box
STRAY = 0.02  # ink that may lie on each side of a label within the margin; one side may have more
MAX_GLYPHS = 12
LONGEST = 4  # a word whose letters touch, in heights
MAX_WORDS = 400  # looked at on a sheet
ONE_SIZE = 1.3  # by which labels of a sheet differ in height, at most
EDGE = 0.06  # of the page, where sheet numbers stand
FOLLOWS = 4.0  # heights behind "FIG." that its number may stand in
MAX_READ = 120  # of the words on a sheet: reading costs some 2 ms each
SURE = 0.6  # of a reading that counts
CERTAIN = 0.9  # of a reading that need not be tried the other way up
SHAPE_SCORE = 0.5  # of a label that was not read
OVERTURNED = 0.6
SHAPE_ASPECT = (2.2, 5.5)
LEAST_HEIGHT = 10  # of a label that is told by its shape, in cells
NUMERAL_ASPECT = 0.3
MAX_PIECES = 3000  # small pieces chained on a sheet; a stippled page has more


@dataclass(frozen=True, slots=True)
class Word:
    """Something small in a line.

    Attributes:
        box: left, top, right, bottom on the raster.
        turn: degrees clockwise that set it upright.
        text: as read, or "".
        score: how sure the reading, 0 … 1.
    """

    box: Box
    turn: int
    text: str = ""
    score: float = 0.0

    @property
    def height(self) -> int:
        """Of its line, in cells."""
        left, top, right, bottom = self.box
        return right - left if self.turn % 180 else bottom - top


def words(ink: Ink, aspect: float = ASPECT[0]) -> tuple[list[Word], list[Word]]:
    """Small runs of letter-sized pieces in a line, with white around them; and lines of text.

    ``turn`` is 0 or 90 here: which of the two ways up is for the reader to say. ``aspect`` is the
    least ratio of a word's length to its height.
    """
    found: list[Word] = []
    texts: list[Word] = []
    # Letters drawn by a plotter are in parts, so ink grows first; labels that this joins to their
    # figure are found in the ink as it is.
    for whole, grew in ((pieces(grown(ink)), 1), (pieces(ink), 0)):
        longest = (whole.boxes[:, 2:] - whole.boxes[:, :2]).max(axis=1, initial=0)
        # Dots are no letters, and a full stop is bridged.
        letters = np.flatnonzero((longest >= HEIGHT[0] - 2) & (longest <= LONGEST * HEIGHT[1]))
        boxes = whole.boxes[letters[np.argsort(-longest[letters], kind="stable")][:MAX_PIECES]]
        for turn in (0, 90):
            turned = boxes[:, [1, 0, 3, 2]] if turn else boxes
            short, long = _lines(turned, ink.T if turn else ink, turn, grew, aspect)
            found += (word for word in short if not any(_alike(word, other) for other in found))
            texts += () if grew else long
    return found[:MAX_WORDS], texts


def _lines(
    boxes: Boxes, ink: Ink, turn: int, grew: int, aspect: float
) -> tuple[list[Word], list[Word]]:
    """Words and lines of text along x; the raster is transposed for those along y."""
    boxes = boxes[boxes[:, 3] - boxes[:, 1] <= HEIGHT[1] + 2 * grew]
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    group = _chained(boxes)
    order = np.argsort(group, kind="stable")
    short, long = [], []
    for members in np.split(boxes[order], np.flatnonzero(np.diff(group[order])) + 1):
        if not len(members):
            continue
        left, top = (members[:, :2].min(axis=0) + grew).tolist()
        right, bottom = (members[:, 2:].max(axis=0) - grew).tolist()
        height, width = bottom - top, right - left
        box = (left, top, right, bottom) if not turn else (top, left, bottom, right)
        if not HEIGHT[0] <= height <= HEIGHT[1]:
            continue
        if len(members) > MAX_GLYPHS:
            long += [Word(box, turn)] if width > ASPECT[1] * height else []
            continue
        if not aspect <= width / height <= ASPECT[1]:
            continue
        # A figure may come close on one side.
        near = _crowded(ink, (left, top, right, bottom), max(2, round(MARGIN * height)))
        if near <= 1 and FILL[0] <= ink[top:bottom, left:right].mean() <= FILL[1]:
            short.append(Word(box, turn))
    return short, long


def _crowded(ink: Ink, box: Box, margin: int) -> int:
    """On how many sides of a box ink comes nearer than a margin, 0 … 4."""
    left, top, right, bottom = box
    sides = (
        ink[max(top - margin, 0) : top, left:right],
        ink[bottom : bottom + margin, left:right],
        ink[top:bottom, max(left - margin, 0) : left],
        ink[top:bottom, right : right + margin],
    )
    return sum(bool(side.size and side.mean() > STRAY) for side in sides)


def _alike(a: Word, b: Word) -> bool:
    """Whether two words are one: of one turn, their boxes for the most part shared."""
    (l0, t0, r0, b0), (left, top, right, bottom) = a.box, b.box
    shared = max(min(r0, right) - max(l0, left), 0) * max(min(b0, bottom) - max(t0, top), 0)
    both = (r0 - l0) * (b0 - t0) + (right - left) * (bottom - top) - shared
    return a.turn == b.turn and shared > 0.7 * both


def _chained(boxes: Boxes) -> Ints:
    """Groups of boxes that follow each other along a line: overlapping in height, close by.

    ``boxes`` come sorted by their left edge.
    """
    left, top, right, bottom = boxes.T
    height = bottom - top
    # Sorted by their left edge, what may follow a box is a slice.
    first = np.arange(1, len(boxes) + 1)
    last = np.searchsorted(left, right + int(GAP * HEIGHT[1]), "right")
    a, b = slices(first, last)
    taller = np.maximum(height[a], height[b])
    overlap = np.minimum(bottom[a], bottom[b]) - np.maximum(top[a], top[b])
    gap = left[b] - right[a]
    near = (gap <= GAP * taller) & (gap >= -taller // 2) & (taller >= HEIGHT[0])
    near &= overlap >= 0.6 * np.minimum(height[a], height[b])
    return connected(len(boxes), a[near], b[near])


LABEL = re.compile(
    r"f[il1|!t]?[gq9c](?:ure|\.)?[-—_ .,:]*(?P<number>[0-9oilsz|]{1,3}[a-z]?)\W*", re.IGNORECASE
)
BARE = re.compile(r"fig(?:ure)?[.,:]?", re.IGNORECASE)
NUMERAL = re.compile(r"\d{1,3}[a-z]?'?")
SHEET = re.compile(r"\d{1,3}/\d{1,3}|sheet\s*\d{1,3}\s*of\s*\d{1,3}", re.IGNORECASE)
ALIKE = str.maketrans("oOiIlLsSzZ|", "00111155221")
LETTERS = "/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-—,: |'()"
LINE_PX = 48  # height the recogniser reads at
BATCH = 8


def number(text: str) -> str:
    """The figure's number in a label's text ("Fig. 3a" is "3A"), or "" where it is no label."""
    match = LABEL.fullmatch(text.strip())
    if match is None:
        return ""
    found = match["number"]
    ending = len(found) > 1 and found[-1].isalpha() and found[-1] not in "oOiIlLsSzZ"
    letter = found[-1].upper() if ending else ""
    digits = (found[:-1] if letter else found).translate(ALIKE)
    return f"{int(digits)}{letter}" if digits.isdigit() and int(digits) else ""


class Reader:
    """Reads lines of text: PP-OCR's recogniser (Apache-2.0), as the ``ocr`` extra brings it."""

    def __init__(self, model: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # ingest reads several sheets side by side
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        known = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        alphabet = ["", *known, " "]  # CTC's blank comes first
        self._kept = [0, *(i for i, letter in enumerate(alphabet) if letter and letter in LETTERS)]
        self._letters = [alphabet[i] for i in self._kept]

    def read(self, lines: Sequence[Image.Image]) -> list[tuple[str, float]]:
        """The text of upright grey lines, each with the mean probability of its letters."""
        shapes = [_line(line) for line in lines]
        order = sorted(range(len(lines)), key=lambda i: shapes[i].shape[1])
        found = [("", 0.0)] * len(lines)
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            width = shapes[chosen[-1]].shape[1]
            batch = np.zeros((len(chosen), 3, LINE_PX, width), np.float32)
            for row, i in enumerate(chosen):
                batch[row, :, :, : shapes[i].shape[1]] = shapes[i]
            name = self._session.get_inputs()[0].name
            scores = self._session.run(None, {name: batch})[0][:, :, self._kept]
            for i, steps in zip(chosen, scores, strict=True):
                found[i] = self._decoded(steps)
        return found

    def _decoded(self, steps: npt.NDArray[np.float32]) -> tuple[str, float]:
        """Greedy CTC: repeated letters are one, blanks are none."""
        best = steps.argmax(axis=1)
        kept = (best != 0) & (np.diff(best, prepend=0) != 0)
        text = "".join(self._letters[i] for i in best[kept])
        return text, float(steps.max(axis=1)[kept].mean()) if text else 0.0


def _line(line: Image.Image) -> npt.NDArray[np.float32]:
    """As the recogniser takes it: (48, width), ink −1, paper 1."""
    width = max(LINE_PX, min(640, round(line.width * LINE_PX / line.height)))
    scaled = line.resize((width, LINE_PX), Image.Resampling.BILINEAR)
    return np.asarray(scaled, np.float32) / 127.5 - 1


@lru_cache(maxsize=1)
def reader() -> Reader | None:
    """The recogniser of the ``ocr`` extra, or None where that is not installed."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        return None
    found = sorted((Path(spec.origin).parent / "models").glob("*rec*.onnx"))
    return Reader(found[0]) if found else None


@dataclass(frozen=True, slots=True)
class Found:
    """The small words of a sheet, by what they are.

    Attributes:
        labels: of figures; ``text`` is the number, "" where it was not read.
        numerals: boxes of reference numerals.
        sheet_numbers: boxes of "2/7" and "Sheet 2 of 7".
        texts: lines of running text.
    """

    labels: tuple[Word, ...]
    numerals: tuple[Box, ...] = ()
    sheet_numbers: tuple[Box, ...] = ()
    texts: tuple[Word, ...] = ()


def find(
    page: Image.Image, raster: Raster, reader: Reader | None, *, numerals: bool = False
) -> Found:
    """Find the labels of a page, and read them where there is a reader."""
    seen, texts = words(raster.ink, NUMERAL_ASPECT if numerals else ASPECT[0])
    if reader is None:
        alike = _of_one_kind([w for w in (shaped(raster.ink, word) for word in seen) if w])
        return Found(tuple(alike), texts=tuple(texts))
    likely = [word for word in seen if shaped(raster.ink, word)][:MAX_READ]
    read = _read(page, raster, reader, likely)
    heights = [word.height for word in read if number(word.text) and word.score >= SURE]
    height = len(raster.ink)
    others = [
        word
        for word in seen
        if word not in likely and (numerals or _hopeful(raster.ink, word))
        # Labels of a sheet are of one size; beside them only sheet numbers count, at its edges.
        and (
            numerals or not heights
            or min(heights) / ONE_SIZE <= word.height <= max(heights) * ONE_SIZE
            or not EDGE * height <= word.box[1] <= (1 - EDGE) * height
        )
    ]  # fmt: skip
    read += _read(page, raster, reader, others[: MAX_READ - len(likely)])
    alone = [word for word in read if BARE.fullmatch(word.text) and word.score >= SURE]
    read += _read_as(page, raster, reader, [_longer(word, raster.ink) for word in alone])
    marked = [replace(word, text=number(word.text)) for word in read]
    chosen: list[Word] = []
    for word in sorted(marked, key=lambda word: -word.score):
        if word.text and word.score >= SURE and not any(_shared(word, w) for w in chosen):
            chosen.append(word)
    others = [word for word in read if not any(_shared(word, w) for w in chosen)]
    return Found(
        labels=tuple(chosen),
        numerals=tuple(w.box for w in others if w.score >= SURE and NUMERAL.fullmatch(w.text)),
        sheet_numbers=tuple(w.box for w in others if w.score >= SURE and SHEET.fullmatch(w.text)),
        texts=tuple(texts),
    )


def _longer(word: Word, ink: Ink) -> Word:
    """A word that says "FIG." alone with what follows it: some leave a wide gap before the number."""
    left, top, right, bottom = word.box
    more = round(FOLLOWS * word.height)
    ends = {
        0: (left, top, right + more, bottom), 90: (left, top - more, right, bottom),
        180: (left - more, top, right, bottom), 270: (left, top, right, bottom + more),
    }  # fmt: skip
    left, top, right, bottom = ends[word.turn % 360]
    left, top = max(left, 0), max(top, 0)
    inside = ink[top:bottom, left:right]
    rows, columns = _rows(inside), _rows(inside.T)
    first, last = (int(columns[0]), int(rows[0])), (int(columns[-1]) + 1, int(rows[-1]) + 1)
    return replace(word, box=(left + first[0], top + first[1], left + last[0], top + last[1]))


def _read(page: Image.Image, raster: Raster, reader: Reader, seen: list[Word]) -> list[Word]:
    """Each word the way up that reads better; the second is tried where the first says no label."""
    first = _read_as(page, raster, reader, seen)
    unsure = [i for i, word in enumerate(first) if not number(word.text) or word.score < CERTAIN]
    turned = [replace(seen[i], turn=seen[i].turn + 180) for i in unsure]
    for i, word in zip(unsure, _read_as(page, raster, reader, turned), strict=True):
        first[i] = max(first[i], word, key=lambda w: (bool(number(w.text)), w.score))
    return first


def _read_as(page: Image.Image, raster: Raster, reader: Reader, seen: list[Word]) -> list[Word]:
    texts = reader.read([_crop(page, word, raster.factor) for word in seen])
    return [
        replace(word, text=text, score=round(score, 3))
        for word, (text, score) in zip(seen, texts, strict=True)
    ]


def _crop(page: Image.Image, word: Word, factor: int) -> Image.Image:
    """A word from the page, upright, with a little paper around."""
    pad = max(2, word.height // 4)
    left, top, right, bottom = word.box
    made = page.crop(
        (
            max(left - pad, 0) * factor,
            max(top - pad, 0) * factor,
            min((right + pad) * factor, page.width),
            min((bottom + pad) * factor, page.height),
        )
    )
    return made.rotate(-word.turn, expand=True) if word.turn else made


# --- without a reader: the shape of "FIG. n" ----------------------------------------------------


def shaped(ink: Ink, word: Word) -> Word | None:
    """The word, the way up that its first letter stands, if its strokes are like a label's.

    A line through the middle of "FIG. 3" crosses five strokes or so, dashes and hatching far fewer
    or far more. Its letters are tall and stand apart; where they touch, more strokes must cross.
    """
    line = _upright(ink, word)
    height, width = line.shape
    crossings = _crossings(line)
    edges = np.flatnonzero(np.diff(np.r_[0, line.any(axis=0).astype(np.int8), 0]))
    spans = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    crowded = _crowded(ink, word.box, height)
    letters = sum(
        end - start <= 1.1 * height and bool(np.ptp(_rows(line[:, start:end])) >= 0.6 * height)
        for start, end in spans
    )
    if (
        height < LEAST_HEIGHT
        or not SHAPE_ASPECT[0] <= width / height <= SHAPE_ASPECT[1]
        or not 5 <= crossings[1] <= max(crossings) <= 12
        or sum(crossings) < (8 if letters else 12)
        or len(spans) > 8
        or crowded > 2
    ):
        return None
    # F is heavy above and on the left; upside down its line ends with it. Sheets are rarely so.
    overturned = letters >= 2 and _f_like(line[::-1, ::-1]) - _f_like(line) > OVERTURNED
    score = SHAPE_SCORE - 0.1 * (letters < 2) - 0.1 * crowded
    return replace(word, turn=word.turn + 180 * overturned, score=score)


def _hopeful(ink: Ink, word: Word) -> bool:
    """Whether a word is worth reading: it crosses a few strokes at least."""
    line = _upright(ink, word)
    return len(line) > HEIGHT[0] and sum(_crossings(line)) >= 6


def _upright(ink: Ink, word: Word) -> Ink:
    left, top, right, bottom = word.box
    line = ink[top:bottom, left:right]
    return np.rot90(line, -1) if word.turn else line


def _crossings(line: Ink) -> list[int]:
    """Strokes that lines at a fifth, about half and four fifths of the height cross."""
    rows = line[[int(len(line) * part) for part in (0.2, 0.42, 0.5, 0.58, 0.8)]].astype(np.int8)
    counts = (np.diff(rows, axis=1, prepend=0) == 1).sum(axis=1).tolist()
    return [counts[0], max(counts[1:4]), counts[4]]


def _rows(line: Ink) -> Ints:
    return np.flatnonzero(line.any(axis=1))


def _f_like(line: Ink) -> float:
    """How much heavier the first letter is above and on the left than below and on the right."""
    width = max(2, int(0.6 * len(line)))
    letter = line[:, :width].astype(np.float64)
    above, below = letter[: len(letter) // 2].sum(), letter[-(len(letter) // 2) :].sum()
    left, right = letter[:, : width // 2].sum(), letter[:, -(width // 2) :].sum()
    return float((above - below + left - right) / max(letter.sum(), 1.0))


def _of_one_kind(found: list[Word]) -> list[Word]:
    """The largest group that is alike in turn and height: a sheet's labels are of one typeface."""
    for axis in (0, 90):  # they are all one way up, too: the way of most
        turns = [word.turn for word in found if word.turn % 180 == axis]
        most = max((axis, axis + 180), key=turns.count)
        found = [replace(w, turn=most) if w.turn % 180 == axis else w for w in found]
    kinds = [
        [w for w in found if w.turn == word.turn and 0.8 <= w.height / word.height <= 1.25]
        for word in found
    ]
    best = max(kinds, key=lambda kind: sum(word.score for word in kind), default=[])
    chosen: list[Word] = []
    for word in best:
        if not any(_shared(word, other) for other in chosen):
            chosen.append(word)
    return chosen


def _shared(a: Word, b: Word) -> bool:
    """Whether two words have cells in common."""
    return min(a.box[2], b.box[2]) > max(a.box[0], b.box[0]) and min(a.box[3], b.box[3]) > max(
        a.box[1], b.box[1]
    )

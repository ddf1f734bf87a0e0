"""Patent PDFs: the pages that are sheets of drawings; pages of text are left out.

A page is text when lines of letters hold most of the ink of any part of it; or, where the file has a
text layer, when that holds more than a sheet ever carries. Sheets are rendered to
PNG at :data:`DPI`. What is known of the design is the file's name (``ingest.sources.names``), so one
file is one design: ``USD0907292.pdf``, ``lamp.pdf``.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.design import Design, Figure
from engine.errors import MissingExtra, SourceError
from ingest.sources import Problem, assembled
from ingest.sources.files import MAX_FILE, check_plain, places, plain
from ingest.sources.names import named

if TYPE_CHECKING:
    import numpy.typing as npt

DPI = 200
LOOK_DPI = 120  # enough to tell text from drawing
MAX_PAGES = 2000
MAX_PIXELS = 40_000_000  # an A2 sheet at 200 dpi has 15 million
WORDY = 900  # characters; sheets carry a header, labels and reference numerals
INK_BELOW = 216  # a line of 1 px keeps this much grey when a page is rendered small
LETTERS = (0.004, 0.018)  # height of a line of text, as a share of the page's
STRIPS = 8  # that a page is looked at in
BETWEEN = 0.25  # of a line's ink: rows with less part one line from the next
PIECES = 4  # of ink side by side in a line, at least
LINES = 10  # of them, and they hold
SHARE = 0.6  # of the ink: a text page


def matches(path: Path) -> bool:
    """Whether the path is named like a PDF file."""
    return path.suffix.lower() == ".pdf"


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a file, or of every file below a folder; a bad file is a problem, not an end."""
    found = (file for _, files in places(path) for file in files) if path.is_dir() else [path]
    for file in filter(matches, found):
        try:
            yield from _design(file)
        except SourceError as error:
            yield Problem(plain(str(file)), str(error))


def sheet(file: Path, place: str) -> bytes:
    """A page as it was read, by what a figure's file says after "!": "page 3".

    Raises: SourceError when it is not there.
    """
    document = _opened(file)
    try:
        page = document[int(place.removeprefix("page ")) - 1]
        try:
            return _png(page)
        finally:
            page.close()
    except (ValueError, IndexError, RuntimeError) as error:
        raise SourceError(f"{file} has no {place} ({error})") from error
    finally:
        document.close()


def _design(file: Path) -> Iterator[Design | Problem]:
    document = _opened(file)
    try:
        name = named([Path(plain(file.name))])[0]
        whole = file.stem if name.figure not in ("1", "S1") else name.design_id
        design = Design(id=plain(whole), office=name.office)
        sheets = 0
        for item in assembled(design, _sheets(document, plain(str(file)))):
            sheets += isinstance(item, Design)
            yield item
        if not sheets:
            yield Problem(plain(str(file)), "has no page with a drawing: all its pages are text")
    finally:
        document.close()


def _opened(file: Path) -> Any:
    """The document. Raises: SourceError when it is locked, damaged or too large."""
    try:
        import pypdfium2
    except ImportError:
        raise SourceError(str(MissingExtra("pypdfium2", "pdf"))) from None
    if check_plain(file) > MAX_FILE:
        raise SourceError(f"is larger than {MAX_FILE >> 20} MB: split it")
    try:
        return pypdfium2.PdfDocument(file)
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror or error})") from error
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise SourceError("is locked with a password: save it without one") from error
        raise SourceError(f"is not a sound PDF file ({error})") from error


def _sheets(document: Any, where: str) -> Iterator[Figure | Problem]:
    sheets = 0
    for page in range(min(len(document), MAX_PAGES)):
        label = f"{where}!page {page + 1}"
        try:
            opened = document[page]
            try:
                if not _is_sheet(opened):
                    continue
                content = _png(opened)
            finally:
                opened.close()
        except Exception as error:  # a damaged page; pdfium and its wrapper raise without a base
            yield Problem(label, f"cannot be rendered ({error})")
            continue
        sheets += 1
        yield Figure(number=f"S{sheets}", file=label, content=content)
    if len(document) > MAX_PAGES:
        left = len(document) - MAX_PAGES
        yield Problem(
            where, f"has {len(document):,} pages; the first {MAX_PAGES:,} were read", left
        )


def _is_sheet(page: Any) -> bool:
    text = page.get_textpage()
    try:
        if text.count_chars() > WORDY:
            return False
    finally:
        text.close()
    look = np.asarray(_rendered(page, LOOK_DPI))
    return bool((look < INK_BELOW).any()) and not is_text(look)


def is_text(page: npt.NDArray[np.uint8]) -> bool:
    """Whether a grey page, (height, width) at about :data:`LOOK_DPI`, is mostly lines of letters.

    It is looked at in upright strips, narrow enough that a scan a little askew keeps its lines. Two
    strips suffice: the front page of a patent has a column of text beside a drawing, which one of
    the sheets repeats.
    """
    ink = page < INK_BELOW
    strips = np.array_split(ink, STRIPS, axis=1)
    return sum(map(_lines, strips)) >= 2


def _lines(ink: npt.NDArray[np.bool_]) -> bool:
    rows = ink.sum(axis=1)
    if not rows.any():
        return False
    # Between set lines only the tails of letters stand.
    starts, ends = _runs(rows > BETWEEN * np.quantile(rows[rows > 0], 0.9))
    heights = (ends - starts) / ink.shape[0]
    low = np.flatnonzero((heights >= LETTERS[0]) & (heights <= LETTERS[1]))
    # Strokes of a drawing are one piece, or a few, from side to side; letters are many.
    pieces = (len(_runs(np.asarray(ink[starts[i] : ends[i]].any(axis=0)))[0]) for i in low)
    lines = [i for i, count in zip(low, pieces, strict=True) if count >= PIECES]
    held = sum(int(rows[starts[i] : ends[i]].sum()) for i in lines)
    return len(lines) >= LINES and held > SHARE * int(rows.sum())


def _runs(there: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where runs of true begin, and where they end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.astype(np.int8), [0]))))
    return edges[::2], edges[1::2]


def _png(page: Any) -> bytes:
    stream = io.BytesIO()
    _rendered(page, DPI).save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def _rendered(page: Any, dpi: int) -> Any:
    """The page as a grey picture; pages of absurd size are rendered smaller."""
    width, height = page.get_size()
    scale = min(dpi / 72, math.sqrt(MAX_PIXELS / max(1.0, width * height)))
    return page.render(scale=scale, grayscale=True).to_pil().convert("L")

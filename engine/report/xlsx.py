"""The report as an Excel workbook: hits with their drawings, the query, and how the search was made.

Every text is a text: codes such as 06-01 do not become dates, and what a title holds is never run as
a formula. Needs openpyxl (the ``web`` extra).
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from typing import Any

from engine.design import Hit
from engine.errors import MissingExtra
from engine.query import Query
from engine.report import Manifest, Remark, about

PICTURE_PX = 110
ROW_PT = 88.0  # a picture of 110 px and a little air, in points
HEADINGS = (
    ("#", 5), ("Drawing", 17), ("Score", 9), ("Design", 15), ("Figure", 8), ("Title", 34),
    ("Class", 9), ("Class name", 38), ("Published", 12), ("Holder", 28), ("View", 24), ("Office", 8),
    ("File", 44),
)  # fmt: skip
REMARK_HEADINGS = (("Judgement", 13), ("Note", 44), ("Search", 22))
# Characters that XML 1.0 cannot hold.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
MAX_CELL = 32_767  # characters that Excel takes


def xlsx(
    hits: Sequence[Hit],
    query: Query | None,
    manifest: Manifest,
    remarks: Sequence[Remark] = (),
) -> bytes:
    """The workbook's bytes: a sheet of hits, a sheet of the search.

    Args:
        hits: best first; their thumbnails are the pictures.
        query: what was asked; None for hits kept by hand.
        manifest: how the search was made.
        remarks: one a hit, where somebody judged them.

    Raises: MissingExtra without openpyxl.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise MissingExtra("openpyxl", "web") from error

    book = Workbook()
    book.properties.title = "Design search"
    book.properties.created = manifest.made.replace(tzinfo=None)
    _write_hits(book.active, hits, remarks)
    _write_search(book.create_sheet("Search"), query, manifest)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write_hits(sheet: Any, hits: Sequence[Hit], remarks: Sequence[Remark]) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    sheet.title = "Hits"
    stages = list(dict.fromkeys(name for hit in hits for name, _ in hit.stages))
    headings = [*HEADINGS, *(REMARK_HEADINGS if remarks else ()), *((name, 14) for name in stages)]
    for column, (name, width) in enumerate(headings, start=1):
        _head(sheet.cell(1, column), name)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, hit in enumerate(hits, start=2):
        values: list[str | int | float | None] = [
            hit.rank, "", round(hit.score, 6), hit.design_id, hit.figure, hit.title,
            hit.locarno_subclass or hit.locarno_class, hit.class_name, hit.published, hit.holder,
            hit.view, hit.office, hit.file,
        ]  # fmt: skip
        if remarks:
            remark = remarks[row - 2]
            values += [remark.judgement, remark.note, remark.topic]
        given = dict(hit.stages)
        values += [given.get(name) for name in stages]
        for column, value in enumerate(values, start=1):
            _fill(sheet.cell(row, column), value)
            sheet.cell(row, column).alignment = Alignment(vertical="center", wrap_text=True)
        sheet.row_dimensions[row].height = ROW_PT
        _draw(sheet, f"B{row}", hit.thumbnail)
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{len(hits) + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _write_search(sheet: Any, query: Query | None, manifest: Manifest) -> None:
    from openpyxl.styles import Alignment

    from engine import report

    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = 90
    row = 1
    for name, value in about(manifest, query):
        _head(sheet.cell(row, 1), name)
        _fill(sheet.cell(row, 2), value)
        sheet.cell(row, 2).alignment = Alignment(vertical="top", wrap_text=True)
        row += 1
    for view in query.drawings if query else ():
        _head(sheet.cell(row, 1), f"Query drawing {view.name}")
        sheet.row_dimensions[row].height = ROW_PT
        _draw(sheet, f"B{row}", report.picture(view.picture))
        row += 1


def _head(cell: Any, text: str) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    _fill(cell, text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="E6EEF4")
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def _fill(cell: Any, value: str | int | float | None) -> None:
    """Write a value; a text as a text, whatever it looks like."""
    if isinstance(value, str):
        cell.value = _UNWRITABLE.sub("\ufffd", value)[:MAX_CELL]
        cell.data_type = "s"  # openpyxl takes "=1+1" for a formula otherwise
        cell.number_format = "@"
    else:
        cell.value = value


def _draw(sheet: Any, anchor: str, url: str) -> None:
    """Set a picture, a PNG as a data: URL, into a cell; nothing for anything else."""
    from openpyxl.drawing.image import Image

    kind, _, encoded = url.partition(",")
    if kind != "data:image/png;base64":
        return
    picture = Image(io.BytesIO(base64.b64decode(encoded)))
    scale = PICTURE_PX / max(picture.width, picture.height, 1)
    picture.width, picture.height = picture.width * scale, picture.height * scale
    sheet.add_image(picture, anchor)

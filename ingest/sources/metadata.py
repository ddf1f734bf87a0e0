"""A folder with ``metadata.jsonl``, ``.csv`` or ``.parquet``: one row a picture (imagefolder).

``file_name`` names the picture below the folder; Parquet may hold the picture itself in ``image``
(as Hugging Face ``datasets`` writes it). What else is known stands in :data:`COLUMNS`; columns of
other names are ignored. Rows of a design need not be neighbours.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from engine import locarno
from engine.design import Design, Figure
from engine.errors import EngineError, SourceError
from ingest.sources import Problem
from ingest.sources.folder import content_of

NAMES = ("metadata.jsonl", "metadata.csv", "metadata.parquet")
SUFFIXES = frozenset({".jsonl", ".csv", ".parquet"})
MAX_LINE = 2**20  # characters

# Our word → the names a column may have; the first that is there and not empty counts.
COLUMNS: dict[str, tuple[str, ...]] = {
    "file": ("file_name", "file", "filename", "image_path"),
    "design": ("design_id", "id", "patent_id", "registration_number", "number"),
    "office": ("office", "country"),
    "title": ("title", "product", "indication"),
    "locarno": ("locarno", "locarno_subclass", "locarno_class", "class"),
    "edition": ("locarno_edition", "edition"),
    "filed": ("filed", "filing_date", "date_filed"),
    "published": ("published", "publication_date", "grant_date", "date"),
    "holder": ("holder", "owner", "applicant", "assignee"),
    "figure": ("figure", "figure_number", "fig"),
    "sheet": ("sheet",),
    "view": ("view", "caption", "perspective"),
    "description": ("description",),
}


def matches(path: Path) -> bool:
    """Whether the path is such a file, or a folder that holds one."""
    return _table(path) is not None


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of the table; neighbouring rows of one design come as one."""
    table = _table(path)
    if table is None:
        raise SourceError(f"{path} has none of {', '.join(NAMES)}.")
    rows = (
        item if isinstance(item, Problem) else (_design(item[1], table.parent), *item)
        for item in _rows(table)
    )
    for key, group in groupby(rows, key=_group):
        if key is None:
            yield from (item for item in group if isinstance(item, Problem))
            continue
        figures: list[Figure] = []
        design: Design | None = None
        for item in group:
            if isinstance(item, Problem):
                continue
            made, line, row = item
            if isinstance(made, Problem):
                yield made
                continue
            if design is None:
                design, remarks = _classes(made, row, f"{table}:{line}")
                yield from remarks
            figure = _figure(row, table.parent, f"{table}:{line}")
            if isinstance(figure, Problem):
                yield figure
            else:
                figures.append(figure)
        if design is not None and figures:
            yield replace(design, figures=tuple(figures))


def _table(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() in SUFFIXES else None
    return next((path / name for name in NAMES if (path / name).is_file()), None)


def _group(item: Any) -> tuple[str, str] | None:
    if isinstance(item, Problem):
        return None
    design = item[0]
    return (design.office, design.id)


def _rows(table: Path) -> Iterator[tuple[int, Mapping[str, Any]] | Problem]:
    """Line numbers and rows of a table, streamed; a bad line is a problem, not an end."""
    try:
        if table.suffix.lower() == ".parquet":
            yield from _parquet(table)
        elif table.suffix.lower() == ".csv":
            with table.open(encoding="utf-8-sig", newline="") as stream:
                for line, row in enumerate(csv.DictReader(stream), start=2):
                    yield line, {str(k).strip(): v for k, v in row.items() if k}
        else:
            with table.open(encoding="utf-8-sig", errors="replace") as stream:
                for line, text in enumerate(_lines(stream), start=1):
                    if text.strip():
                        yield _json(text, line, table)
    except (OSError, csv.Error, UnicodeError) as error:
        yield Problem(str(table), f"cannot be read further ({error})")


def _lines(stream: Any) -> Iterator[str]:
    """Lines of bounded length: a longer one comes as its beginning, which no parser will accept."""
    while text := stream.readline(MAX_LINE):
        yield text
        while text and not text.endswith("\n"):
            text = stream.readline(MAX_LINE)


def _json(text: str, line: int, table: Path) -> tuple[int, Mapping[str, Any]] | Problem:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Problem(f"{table}:{line}", f"the line is not JSON ({error})")
    if not isinstance(row, dict):
        return Problem(f"{table}:{line}", "the line is not a JSON object")
    return line, row


def _parquet(table: Path) -> Iterator[tuple[int, Mapping[str, Any]] | Problem]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        line = 0
        with pq.ParquetFile(table) as opened:
            for batch in opened.iter_batches(batch_size=64):
                for row in batch.to_pylist():
                    line += 1
                    yield line, row
    except pa.ArrowException as error:
        yield Problem(str(table), f"is not a sound Parquet file ({error})")


def _value(row: Mapping[str, Any], word: str) -> str:
    for name in COLUMNS[word]:
        value = row.get(name)
        if value is not None and str(value).strip() and str(value) != "nan":
            if isinstance(value, datetime | date):
                return value.isoformat()[:10]
            return str(value).strip()
    return ""


def _design(row: Mapping[str, Any], folder: Path) -> Design:
    """The design of a row, its classes and figures still to come."""
    number = _value(row, "design") or Path(_value(row, "file")).stem
    office = _value(row, "office").upper()
    if not office and number.upper().startswith("USD"):
        office = "US"
    return Design(
        id=number, office=office, title=_value(row, "title"), holder=_value(row, "holder"),
        locarno_edition=_value(row, "edition"), filed=_day(_value(row, "filed")),
        published=_day(_value(row, "published")), description=_value(row, "description"),
    )  # fmt: skip


def _classes(
    design: Design, row: Mapping[str, Any], where: str
) -> tuple[Design, tuple[Problem, ...]]:
    """The design with its Locarno codes; a code that does not exist is left out and said."""
    text = _value(row, "locarno")
    if not text:
        return design, ()
    try:
        return replace(design, locarno=tuple(locarno.parse(text))), ()
    except EngineError as error:
        remark = f"class left out of design {design.id}: {error}"
        return design, (Problem(where, remark, figures=0),)


def _figure(row: Mapping[str, Any], folder: Path, where: str) -> Figure | Problem:
    image = row.get("image")
    name = _value(row, "file")
    if isinstance(image, Mapping) and isinstance(image.get("bytes"), bytes):
        name = name or str(image.get("path") or where)
        content: bytes | Problem = image["bytes"]
        file = f"{where}!{name}"
    elif not name:
        return Problem(where, "the row names no file (file_name)")
    else:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            return Problem(where, f"{name} leads out of the folder")
        if not path.is_file():
            return Problem(str(path), f"the file is missing ({where} names it)")
        content, file = content_of(path), str(path)
    if isinstance(content, Problem):
        return content
    sheet = _value(row, "sheet")
    number = _value(row, "figure") or (f"S{sheet}" if sheet else Path(name).stem)
    return Figure(number=number, file=file, content=content, view=_value(row, "view"))


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%Y/%m/%d"):
        try:
            return datetime.strptime(text[:10], form).date()
        except ValueError:
            continue
    return None

"""IMPACT (Shomee et al., NeurIPS 2024): US design patents, one row a patent, with captions.

``2021.csv`` beside the sheets of the year as TIFF in folders below it and, where they were fetched
too, the grants' XML files. A grant's XML says more than the row, so it is read where it is there;
the row then adds its caption.

===================  ==================================================================================
``Design``           column
===================  ==================================================================================
``id``, office       ``id``: ``D0938909`` → ``USD938909``, US
``title``            ``title``
``published``        the date in the file names, ``USD0938909-20211221-D00001.TIF``; else ``date``
``locarno``          ``locarno``, or the XML's; never ``class``, which is the USPC
``description``      the XML's, then ``fig_desc`` and ``caption``
``figures``          ``file_names``, a list as Python writes it; ``D00000`` repeats a sheet: left out
===================  ==================================================================================
"""

from __future__ import annotations

import ast
import csv
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from engine.design import Design
from engine.errors import SourceError
from ingest.sources import Problem, documents, metadata, uspto
from ingest.sources.files import Below, check_plain, content_of, plain, start_of

FIELDS = ("id", "file_names")
MAX_HEADER = 64 * 1024  # bytes
_DAY = re.compile(r"-(\d{8})-")
_XML = re.compile(r"-D\d+\.\w+$", re.IGNORECASE)


def matches(path: Path) -> bool:
    """Whether the path is such a CSV file, or a folder that holds one."""
    if path.is_dir():
        return any(map(_is_year, path.glob("*.csv")))
    return path.suffix.lower() == ".csv" and _is_year(path)


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a file, of the files of a folder, or of every one below it."""
    tables = sorted(filter(_is_year, path.rglob("*.csv"))) or [path]
    for table in tables:
        try:
            check_plain(table)
            yield from _designs(table)
        except SourceError as error:
            yield Problem(plain(str(table)), str(error))
        except (OSError, csv.Error) as error:
            yield Problem(plain(str(table)), f"cannot be read further ({error})")


def _is_year(table: Path) -> bool:
    header = start_of(table, MAX_HEADER).partition(b"\n")[0].decode("utf-8-sig", "replace")
    columns = {column.strip("\"' \r\n").lower() for column in header.split(",")}
    return columns >= set(FIELDS)


def _designs(table: Path) -> Iterator[Design | Problem]:
    root, below = table.parent, Below(table.parent)
    csv.field_size_limit(min(sys.maxsize, 2**24))  # a patent of 600 sheets lists 20,000 characters
    with table.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        reader = csv.DictReader(stream, restkey="")
        for values in reader:
            where = plain(f"{table}:{reader.line_num}")
            row = {str(key).strip().lower(): value or "" for key, value in values.items() if key}
            names = _names(row.get("file_names", ""))
            if not row.get("id") or not names:
                missing = "id" if not row.get("id") else "file_names"
                yield Problem(where, f"the row has no {missing}")
                continue
            xml = _grant(names[0], below)
            if xml is not None:
                yield from _told(xml, row, where, below)
            else:
                yield from metadata.designs(_rows(row, names, where, below), root)


def _names(text: str) -> list[str]:
    """The files of a row: a list as Python writes it, or parted by commas."""
    try:
        names = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        names = text.strip("[] ").split(",")
    if not isinstance(names, list | tuple):
        names = [names]
    listed = [str(name).strip(" '\"") for name in names]
    sheets = [name for name in listed if not uspto.FRONT_PAGE.search(name)]
    return list(filter(None, sheets or listed))


def _rows(
    row: Mapping[str, str], names: list[str], where: str, below: Below
) -> Iterator[metadata.Row]:
    """One row a sheet, in the words of a table."""
    for name in names:
        found = below.find(name)
        day = _DAY.search(name)
        yield metadata.Row(
            where,
            {
                "design_id": uspto.design_number(row["id"]),
                "office": "US",
                "title": row.get("title"),
                "locarno": row.get("locarno"),
                "published": day[1] if day else row.get("date"),
                "description": _said(row),
                "file_name": str(found.relative_to(below.root)) if found else name,
                "sheet": _sheet(name),
            },
        )


def _sheet(name: str) -> str:
    number = uspto.SHEET.search(name)
    return str(int(number[1])) if number else ""


def _said(row: Mapping[str, str]) -> str:
    return "\n".join(filter(None, (row.get(key, "").strip() for key in ("fig_desc", "caption"))))


def _grant(name: str, below: Below) -> Path | None:
    """The grant's XML: named as its sheets are, without the number of the sheet."""
    stem = _XML.sub("", PurePosixPath(name).name)
    return next(filter(None, (below.find(f"{stem}{suffix}") for suffix in (".XML", ".xml"))), None)


def _told(
    xml: Path, row: Mapping[str, str], where: str, below: Below
) -> Iterator[Design | Problem]:
    """The design as its grant tells it, with the row's caption."""
    beside = documents.Beside(
        {}, lambda name: plain(str(below.find(name) or xml.parent / name)), below
    )
    try:
        for item in uspto.grant(documents.parse(content_of(xml)), plain(str(xml)), beside):
            if isinstance(item, Design):
                said = "\n".join(filter(None, (item.description, _said(row))))
                item = replace(item, description=said)
            yield item
    except SourceError as error:
        yield Problem(plain(str(xml)), f"{error} ({where} names it)")

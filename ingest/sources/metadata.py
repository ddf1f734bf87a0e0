"""A folder with ``metadata.jsonl``, ``.csv`` or ``.parquet``: one row a picture (imagefolder).

``file_name`` names the picture below the folder; Parquet may hold the picture itself in ``image``
(as Hugging Face ``datasets`` writes it). What else is known stands in :data:`COLUMNS`; columns of
other names are ignored. Rows of a design need not be neighbours: they are gathered in a temporary
SQLite file, so memory holds neither the table nor its pictures.
"""

from __future__ import annotations

import codecs
import csv
import json
import logging
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

from engine import locarno
from engine.design import Design, Figure
from engine.errors import EngineError, SourceError
from ingest.sources import Problem, assembled
from ingest.sources.files import check_plain, content_of, places, plain
from ingest.sources.names import Name, named, office_of

NAMES = ("metadata.jsonl", "metadata.csv", "metadata.parquet")
SUFFIXES = frozenset({".jsonl", ".csv", ".parquet"})
MAX_LINE = 2**20  # characters
SAMPLE = 64 * 1024  # bytes looked at to tell how a CSV file is written

# Our word → the names a column may have, in any case; the first that is not empty counts.
COLUMNS: dict[str, tuple[str, ...]] = {
    "file": ("file_name", "file", "filename", "image_path", "path"),
    "design": ("design_id", "id", "patent_id", "registration_number", "number"),
    "office": ("office", "country"),
    "title": ("title", "product", "indication", "product_indication"),
    "locarno": ("locarno", "locarno_subclass", "locarno_class", "locarno_code", "class"),
    "edition": ("locarno_edition", "edition"),
    "filed": ("filed", "filing_date", "date_filed", "application_date"),
    "published": ("published", "publication_date", "grant_date", "registration_date", "date"),
    "holder": ("holder", "owner", "assignee", "applicant"),
    "figure": ("figure", "figure_number", "fig"),
    "sheet": ("sheet",),
    "view": ("view", "caption", "perspective"),
    "description": ("description",),
    "box": ("box",),
}
KNOWN = frozenset(name for names in COLUMNS.values() for name in names) | {"image"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands ("metadata.csv:7"), its values, and the picture if it is inside.

    ``file`` is how the owner would write where such a picture is; "" makes it from the row's place.
    """

    where: str
    values: Mapping[str, Any]
    picture: bytes | None = None
    file: str = ""


def matches(path: Path) -> bool:
    """Whether the path is such a file, or a folder that holds one."""
    return _table(path) is not None


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a table, of a folder's table, or of every table below a folder."""
    table = _table(path)
    if table is not None:
        yield from _designs(table)
        return
    tables = (_table(place) for place, _ in places(path, leave=matches)) if path.is_dir() else ()
    empty = True
    for table in filter(None, tables):
        empty = False
        yield from _designs(table)
    if empty:
        raise SourceError(f"{path} has none of {', '.join(NAMES)}.")


def _table(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() in SUFFIXES else None
    return next((path / name for name in NAMES if (path / name).is_file()), None)


# ── a table's rows ───────────────────────────────────────────────────────────────────────────────


def _rows(table: Path) -> Iterator[Row | Problem]:
    """The rows of a table, streamed; a bad one is a problem, not an end."""
    try:
        check_plain(table)
    except SourceError as error:
        yield Problem(plain(str(table)), str(error))
        return
    read = {".parquet": _parquet, ".csv": _csv}.get(table.suffix.lower(), _jsonl)
    try:
        yield from read(table)
    except (OSError, UnicodeError) as error:
        yield Problem(plain(str(table)), f"cannot be read further ({error})")


def _jsonl(table: Path) -> Iterator[Row | Problem]:
    with table.open(encoding="utf-8-sig", errors="replace") as stream:
        for line, text in enumerate(_lines(stream), start=1):
            where = plain(f"{table}:{line}")
            if not text.strip():
                continue
            try:
                values = json.loads(text)
            except (ValueError, RecursionError) as error:
                yield Problem(where, f"the line is not JSON ({plain(str(error))})")
                continue
            if isinstance(values, dict):
                yield Row(where, _lowered(values))
            else:
                yield Problem(where, "the line is not a JSON object")


def _lines(stream: TextIO) -> Iterator[str]:
    """Lines of bounded length: a longer one comes as its beginning, which no parser will accept."""
    while text := stream.readline(MAX_LINE):
        yield text
        while text and not text.endswith("\n"):
            text = stream.readline(MAX_LINE)


def _csv(table: Path) -> Iterator[Row | Problem]:
    encoding = _encoding(table)
    with table.open(encoding=encoding, errors="replace", newline="") as stream:
        header = stream.readline(MAX_LINE)
        # Spreadsheets of half of Europe write ";" and call it comma-separated.
        delimiter = max(",;\t|", key=header.count)
        stream.seek(0)
        reader = csv.DictReader(stream, delimiter=delimiter, restkey="")
        while True:
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Problem(plain(f"{table}:{reader.line_num}"), f"the line is no CSV ({error})")
                continue
            yield Row(plain(f"{table}:{reader.line_num}"), _lowered(values))


def _encoding(table: Path) -> str:
    """UTF-8 or UTF-16 where the file is either, else the one of old spreadsheets."""
    with table.open("rb") as stream:
        start = stream.read(2)
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := stream.read(SAMPLE):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _parquet(table: Path) -> Iterator[Row | Problem]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        line = 0
        with pq.ParquetFile(table) as opened:
            columns = [name for name in opened.schema_arrow.names if name.lower() in KNOWN]
            for batch in opened.iter_batches(batch_size=64, columns=columns):
                for values in batch.to_pylist():
                    line += 1
                    image = values.pop("image", None)
                    inside = image if isinstance(image, dict) else {}
                    if isinstance(image, str) or inside.get("path"):
                        values.setdefault("file_name", inside.get("path", image))
                    picture = inside.get("bytes")
                    yield Row(
                        plain(f"{table}:{line}"),
                        _lowered(values),
                        picture if isinstance(picture, bytes) else None,
                    )
    except (pa.ArrowException, OSError, ValueError) as error:
        yield Problem(plain(str(table)), f"is not a sound Parquet file ({plain(str(error))})")


def _lowered(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key).strip().lower(): value for key, value in values.items() if key}


# ── rows → designs ───────────────────────────────────────────────────────────────────────────────


def _designs(table: Path) -> Iterator[Design | Problem]:
    return designs(_rows(table), table.parent)


def designs(rows: Iterable[Row | Problem], root: Path) -> Iterator[Design | Problem]:
    """The designs of a table's rows; files are named below ``root``.

    Rows of one design may come in any order, but those with their pictures inside come together
    only as neighbours. What is a problem already is passed on.
    """
    with closing(_Gathered()) as gathered:
        unknown: set[str] = set()
        for item in rows:
            if isinstance(item, Problem):
                yield item
                continue
            unknown |= item.values.keys() - KNOWN
            name, number = _value(item, "file"), _value(item, "design")
            if not name and item.picture is None:
                yield Problem(item.where, "the row names no file (file_name)")
                continue
            guess = _guess(name or item.where.rpartition(":")[2])
            number = number or guess.design_id
            office = _value(item, "office").upper() or office_of(number)
            if item.picture is None:
                gathered.add(office, number, item)
            else:  # a picture inside the table is not kept till the end: neighbours come together
                yield from gathered.neighbour(root, office, number, item)
        yield from gathered.flush(root)
        if unknown:
            log.debug("%s: columns ignored: %s", root, ", ".join(sorted(unknown)))
        yield from gathered.designs(root)


class _Gathered:
    """Rows by design, in the order in which each design first came; kept on disk, not in memory."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("")  # a temporary file, gone when it is closed
        self._rows.execute("CREATE TABLE row (office TEXT, design TEXT, place TEXT, picked TEXT)")
        self._pending: list[Row] = []
        self._key = ("", "")

    def close(self) -> None:
        self._rows.close()

    def add(self, office: str, design: str, row: Row) -> None:
        """Keep a row until all are read. Raises: SourceError on a full disk."""
        known = {key: _text(value) for key, value in row.values.items() if key in KNOWN}
        try:
            self._rows.execute(
                "INSERT INTO row VALUES (?, ?, ?, ?)",
                (office, design, row.where, json.dumps(known)),
            )
        except sqlite3.Error as error:
            raise SourceError(
                f"{row.where}: rows cannot be kept in the temporary folder ({error}). Free some "
                "space there, or set TMPDIR to another folder."
            ) from error

    def designs(self, root: Path) -> Iterator[Design | Problem]:
        """The designs of the rows that were kept."""
        self._rows.execute("CREATE INDEX by_design ON row (office, design)")
        found = self._rows.execute(
            "SELECT row.office, row.design, place, picked FROM row JOIN (SELECT office, design,"
            " MIN(rowid) AS first FROM row GROUP BY office, design) AS begun"
            " ON row.office = begun.office AND row.design = begun.design"
            " ORDER BY begun.first, row.rowid"
        )
        for (office, design), group in groupby(found, key=lambda row: (row[0], row[1])):
            rows = [Row(where, json.loads(values)) for _, _, where, values in group]
            yield from _design(root, office, design, rows)

    def neighbour(
        self, root: Path, office: str, design: str, row: Row
    ) -> Iterator[Design | Problem]:
        """Gather rows with pictures inside while they belong together and are few."""
        held = sum(len(kept.picture or b"") for kept in self._pending)
        if self._pending and (self._key != (office, design) or held > HELD_INSIDE):
            yield from self.flush(root)
        self._key = (office, design)
        self._pending.append(row)

    def flush(self, root: Path) -> Iterator[Design | Problem]:
        """The design of the neighbours gathered so far."""
        rows, self._pending = self._pending, []
        if rows:
            yield from _design(root, *self._key, rows)


HELD_INSIDE = 64 * 2**20  # bytes


def _design(root: Path, office: str, number: str, rows: list[Row]) -> Iterator[Design | Problem]:
    """One design of its rows: each field from the first row that knows it."""

    def first(word: str) -> str:
        return next(filter(None, (_value(row, word) for row in rows)), "")

    codes, remarks = _codes(rows)
    for where, reason in remarks:
        yield Problem(where, f"class left out of design {number}: {reason}", figures=0)
    edition = first("edition") or next(
        filter(None, (locarno.parse_edition(text) for _, text in _classes(rows[0]))), ""
    )
    design = Design(
        id=number, office=office, title=first("title"), holder=first("holder"), locarno=codes,
        locarno_edition=edition, filed=_day(first("filed")), published=_day(first("published")),
        description="\n".join(
            filter(None, dict.fromkeys(_value(row, "description") for row in rows))
        ),
    )  # fmt: skip
    yield from assembled(design, _figures(root, rows))


def _codes(rows: Iterable[Row]) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    """The rows' Locarno codes, and what was wrong with the others; subclasses before bare classes."""
    codes: dict[str, None] = {}
    wrong: dict[str, tuple[str, str]] = {}
    for row in rows:
        for _, text in _classes(row):
            try:
                codes |= dict.fromkeys(locarno.parse(text))
            except EngineError as error:
                wrong.setdefault(text, (row.where, str(error)))
                codes |= dict.fromkeys(_those_known(text))
    # A column of classes beside one of subclasses says nothing new.
    more = {code[:2] for code in codes if "-" in code}
    return tuple(code for code in codes if code not in more), list(wrong.values())


def _classes(row: Row) -> Iterator[tuple[str, str]]:
    names = ((name, _text(row.values.get(name))) for name in COLUMNS["locarno"])
    return ((name, text) for name, text in names if text)


def _those_known(text: str) -> Iterator[str]:
    for part in re.split(r"[;,|]", text):
        try:
            yield locarno.parse_code(part)
        except EngineError:
            continue


def _figures(root: Path, rows: list[Row]) -> Iterator[Figure | Problem]:
    labels = [_label(row) for row in rows]
    for row, (number, view, given) in zip(rows, labels, strict=True):
        name = _value(row, "file") or row.where.rpartition(":")[2]
        if not given and sum(number == other for other, _, _ in labels) > 1:
            number = name  # two files that would be the same figure are told apart by their names
        view = _value(row, "view") or view
        if row.picture is not None:
            file = row.file or f"{row.where}!{name}"
            yield Figure(number=number, file=file, content=row.picture, view=view, box=_box(row))
            continue
        try:
            file, content = _content(root, name)
        except SourceError as error:
            yield Problem(plain(str(root / name)), f"{error} ({row.where} names it)")
            continue
        yield Figure(number=number, file=file, content=content, view=view, box=_box(row))


def _box(row: Row) -> tuple[int, int, int, int] | None:
    """left, top, right, bottom in pixels of the upright page; None where it is no such thing."""
    edges = re.findall(r"\d+", _value(row, "box"))
    if len(edges) != 4:
        return None
    left, top, right, bottom = map(int, edges)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _label(row: Row) -> tuple[str, str, bool]:
    """Number and view of a row's figure, and whether the row itself says the number."""
    number, sheet = _value(row, "figure"), _value(row, "sheet").removesuffix(".0")
    if number or sheet:
        return number.removesuffix(".0") or f"S{sheet}", "", True
    guess = _guess(_value(row, "file") or row.where.rpartition(":")[2])
    return guess.figure, guess.view, False


def _guess(name: str) -> Name:
    return named([PurePosixPath(PurePosixPath(name.replace("\\", "/")).name)])[0]


def _content(root: Path, name: str) -> tuple[str, bytes]:
    """A picture's path and bytes. Raises: SourceError."""
    try:
        path = root / name
        if not path.exists():
            path = root / name.replace("\\", "/")
        if not path.resolve().is_relative_to(root.resolve()):
            raise SourceError("leads out of the folder: refused")
    except (
        OSError,
        ValueError,
        RuntimeError,
    ) as error:  # a name no file can have; a link to itself
        raise SourceError(f"is no name of a file ({error})") from error
    return plain(str(path)), content_of(path)


def _value(row: Row, word: str) -> str:
    return next(filter(None, (_text(row.values.get(name)) for name in COLUMNS[word])), "")


def _text(value: Any) -> str:
    """A cell as text; "" for nothing, for what is no number, and for values inside values."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, list | tuple):
        return "; ".join(filter(None, map(_text, value)))
    if isinstance(value, dict | bytes):
        return ""
    text = plain(str(value)).strip()
    return "" if text.lower() == "nan" else text


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%Y/%m/%d"):
        try:
            return datetime.strptime(text[:10], form).date()
        except ValueError:
            continue
    return None

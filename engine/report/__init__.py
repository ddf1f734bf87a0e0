"""What leaves a search for a file: rows for JSON and CSV, and a report of one HTML file.

The HTML holds everything inside itself, pictures included, and asks the network for nothing: an
unfiled design stays on the machine. Knows hits, queries and the index's card; prints nothing.
"""

from __future__ import annotations

import base64
import csv
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

from engine.design import Hit
from engine.errors import UsageError
from engine.plan import EncoderCard, Index
from engine.query import Query

NOTICE = "Search aid, not legal advice."
QUERY_PX = 400  # side of the query's pictures in the report
CSV_WARNING = (
    "Opened in a spreadsheet, Locarno codes become dates (06-01 is the first of June): "
    "import the columns locarno_class and locarno_subclass as text."
)
# What a spreadsheet would run as a formula (OWASP, CSV injection); titles and holders are not ours.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "rank", "score", "design_id", "figure", "title", "locarno_class", "locarno_subclass",
    "class_name", "file", "published", "holder", "view", "office",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was asked of what, so that a search can be repeated and shown to have been made.

    Attributes:
        drawings: (name, weight, sha256 of the file) of each drawing of the query.
        designs: (number, weight) of each stored design in the query.
        texts: (words, weight) of each text in the query.
        filters: in words, one phrase each.
        encoder: what made the collection's vectors.
        collection: its name.
        figures: how many it held.
        made: local time with its offset from UTC.
        version: of this program.
        notice: what the report is not.
    """

    drawings: tuple[tuple[str, float, str], ...]
    designs: tuple[tuple[str, float], ...]
    texts: tuple[tuple[str, float], ...]
    filters: tuple[str, ...]
    encoder: EncoderCard
    collection: str
    figures: int
    made: datetime
    version: str
    notice: str = NOTICE


def manifest(query: Query, index: Index, collection: str, version: str) -> Manifest:
    """The manifest of a search made now."""
    return Manifest(
        drawings=tuple((view.name, view.weight, view.sha256) for view in query.drawings),
        designs=query.designs,
        texts=query.texts,
        filters=tuple(query.filters.words()),
        encoder=index.card,
        collection=collection,
        figures=index.count(),
        made=now(),
        version=version,
    )


def now() -> datetime:
    """Local time with its offset from UTC, to the second."""
    return datetime.now().astimezone().replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody says of a hit: "relevant", "background", "noise" or "", for which search."""

    judgement: str = ""
    note: str = ""
    topic: str = ""


def about(manifest: Manifest, query: Query | None) -> list[tuple[str, str]]:
    """The manifest for a reader: (heading, text), in the order of a report."""
    card = manifest.encoder
    lines = [("Search made", manifest.made.isoformat(sep=" "))]
    lines += [
        ("Query drawing", f"{name or 'drawing'} ({_counts(weight)}); sha256 {sha256 or 'unknown'}")
        for name, weight, sha256 in manifest.drawings
    ]
    lines += [("Query design", f"{name} ({_counts(weight)})") for name, weight in manifest.designs]
    lines += [("Query words", f"{words} ({_counts(weight)})") for words, weight in manifest.texts]
    lines += [
        ("Filters", "; ".join(manifest.filters) or "none"),
        *([("Cut-off date", cut_off(query))] if query else []),
        ("Collection", f"{manifest.collection}, {manifest.figures:,} drawings"),
        (
            "Encoder",
            f"{card.name}, revision {card.revision}, {card.dimension} dimensions, "
            f"preprocessing {card.preprocessing}",
        ),
        ("Program", f"design-search-engine {manifest.version}"),
        ("Notice", manifest.notice),
    ]
    return lines


def cut_off(query: Query | None) -> str:
    """The legal cut-off date of a search in words."""
    before = query.filters.before if query else None
    return f"{before}: only designs published strictly earlier" if before else "none"


def rows(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """The hits as ``--json`` prints them: the keys of ``COLUMNS``, scores to six decimals."""
    return [
        {column: getattr(hit, column) for column in COLUMNS} | {"score": round(hit.score, 6)}
        for hit in hits
    ]


def write_csv(stream: TextIO, hits: Sequence[Hit]) -> None:
    """The hits as CSV with a header (RFC 4180, lines end in LF).

    A text that a spreadsheet would run as a formula gets an apostrophe before it. Codes stay as they
    are, so that programs read them; whoever writes for people shows them ``CSV_WARNING``.
    """
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: inert(value) for key, value in row.items()} for row in rows(hits))


def write_html(
    path: Path,
    hits: Sequence[Hit],
    query: Query,
    manifest: Manifest,
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write the report: query, hits with pictures, class names and scores, and the manifest.

    The file appears whole or not at all. Pictures of hits that are not data: URLs are left out.
    Raises: UsageError for a file that cannot be written.
    """
    text = html(hits, query, manifest, reasons=reasons)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise UsageError(
            f"The report {path} cannot be written ({error.strerror}). "
            "Name a file in a folder that exists and may be written."
        ) from error


def html(
    hits: Sequence[Hit],
    query: Query | None,
    manifest: Manifest,
    remarks: Sequence[Remark] = (),
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The report as one text. Every text from an office or a file name is escaped.

    Args:
        query: None for hits kept by hand.
        remarks: one a hit, where somebody judged them.
        reasons: pictures (data: URLs) of why hits match, by the hit's id (``Desk.reasons``).
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    template = environment.get_template("template.html.j2")
    return template.render(
        hits=hits,
        remarks=remarks,
        reasons=reasons,
        queries=[(view, picture(view.picture)) for view in (query.drawings if query else ())],
        manifest=manifest,
        kept=query is None,
        cut_off=cut_off(query),
    )


def picture(drawn: Any) -> str:
    """A drawing as a data: URL, cropped to its ink."""
    from engine import drawing

    encoded = base64.b64encode(drawing.thumbnail(drawn, QUERY_PX)).decode("ascii")
    return f"data:image/png;base64,{encoded}"


def _counts(weight: float) -> str:
    kind = "unlike" if weight < 0 else "like"
    return kind if abs(weight) == 1 else f"{kind} × {abs(weight):g}"


def inert(value: Any) -> Any:
    """A cell of CSV that no spreadsheet runs as a formula."""
    if not isinstance(value, str):
        return value
    # Python's writer leaves a lone carriage return unquoted, and readers then end the line there.
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if value.startswith(FORMULA_STARTS) else text

"""Real drawings in a corpus: folders with a ``metadata.jsonl``, and designs of any office source.

The pictures are kept as they are; their encoder's own preparation crops and scales them. The split
goes by a hash of the design's number, so a design stays on its side in every corpus and on every
machine. What the drawings' terms are is the caller's to say: office drawings of the US are as a
rule free of copyright, of other offices often not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.design import Design
from engine.errors import SourceError
from train.corpus.shards import Row, Shares

LISTING = "metadata.jsonl"


@dataclass(frozen=True, slots=True)
class Listed:
    """A design of a folder: its number, what is known of it, and its (file, view) pictures."""

    id: str
    locarno: str
    title: str
    files: tuple[tuple[str, str], ...]
    source: str
    licence: str


def designs(folder: Path, *, licence: str = "") -> list[Listed]:
    """The designs that the ``metadata.jsonl`` of a folder lists, by number.

    A line is a JSON object with ``file_name`` and ``design_id``; ``locarno`` ("06-01") or
    ``locarno_class`` ("06"), ``title``, ``sheet`` or ``view``, and ``licence`` where known. Where
    ``design_id`` is missing, each file is a design.

    Raises: SourceError where there is no such file, or a line cannot be read.
    """
    listing = folder / LISTING
    try:
        lines = listing.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"Cannot read {listing} ({error}). It lists a picture a line: "
            '{"file_name": "1.png", "design_id": "USD1", "locarno": "06-01", "title": "Chair"}.'
        ) from error
    records: dict[str, list[dict[str, Any]]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            file = record["file_name"]
        except (ValueError, KeyError, TypeError) as error:
            raise SourceError(
                f"{listing}, line {number}, is no JSON object with a file_name ({error!r})."
            ) from error
        records.setdefault(str(record.get("design_id") or Path(file).stem), []).append(record)
    return [_listed(key, found, folder, licence) for key, found in sorted(records.items())]


def _listed(key: str, records: list[dict[str, Any]], folder: Path, licence: str) -> Listed:
    def known(*names: str) -> str:
        values = (record.get(name) for name in names for record in records)
        return next((str(value) for value in values if value), "")

    files = tuple(
        (str(folder / record["file_name"]), record.get("view") or _sheet(record.get("sheet")))
        for record in records
    )
    terms = known("licence", "license") or licence or "unknown"
    return Listed(key, known("locarno", "locarno_class"), known("title"), files, folder.name, terms)


def _sheet(number: object) -> str:
    return f"sheet {number}" if number is not None else ""


def design_rows(
    number: int,
    *,
    designs: tuple[Listed, ...],
    views: int | None = None,
    shares: Shares,
) -> list[Row]:
    """The rows of one listed design, its first ``views`` pictures or all of them.

    Raises: SourceError where a picture is missing.
    """
    design = designs[number]
    found = []
    for file, view in design.files[:views]:
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise SourceError(f"{file} is listed but cannot be read ({error}).") from error
        found.append(
            _row(content, design.id, view, design.locarno, design.title, shares,
                 source=design.source, licence=design.licence)
        )  # fmt: skip
    return found


def office_rows(
    designs: Iterable[Design],
    *,
    source: str,
    licence: str = "public domain",
    shares: Shares | None = None,
) -> Iterator[Row]:
    """The rows of designs as any ingest source yields them, figure by figure."""
    shares = shares or Shares()
    for design in designs:
        code = design.locarno[0] if design.locarno else ""
        for figure in design.figures:
            yield _row(
                figure.content, design.id, figure.view or f"figure {figure.number}", code,
                design.title, shares, source=source, licence=licence,
            )  # fmt: skip


def _row(
    content: bytes, design_id: str, view: str, code: str, title: str, shares: Shares,
    *, source: str, licence: str,
) -> Row:  # fmt: skip
    return Row(
        image=content,
        design_id=design_id,
        view=view,
        locarno_class=code[:2],
        locarno_subclass=code if len(code) == 5 else "",
        title=title,
        split=shares.split(design_id),
        source=source,
        licence=licence,
    )

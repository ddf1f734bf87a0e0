"""Real drawings in a corpus: folders with a ``metadata.jsonl``, and designs of any office source.

The pictures are kept as they are; their encoder's own preparation crops and scales them. The split
goes by a hash of the design's number, so a design stays on its side in every corpus and on every
machine. What the drawings' terms are is the caller's to say: office drawings of the US are as a
rule free of copyright, of other offices often not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from engine import drawing
from engine.design import Design
from engine.errors import ImageError, SourceError
from train.corpus.shards import SPLITS, Row, Shares, png

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
    split: str = ""  # as its publisher split it; by a hash of the number where empty


def designs(folder: Path, *, licence: str = "") -> list[Listed]:
    """The designs that the ``metadata.jsonl`` of a folder lists, by number.

    A line is a JSON object with ``file_name`` and ``design_id``; ``locarno`` ("06-01") or
    ``locarno_class`` ("06"), ``title``, ``sheet`` or ``view``, ``split`` and ``licence`` where
    known. Where ``design_id`` is missing, each file is a design.

    Raises: SourceError where there is no such file, a line cannot be read, or one design is in
        two splits or in one that does not exist.
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
    splits = sorted({str(record.get("split") or "") for record in records})
    if len(splits) > 1 or splits[0] not in ("", *SPLITS):
        raise SourceError(
            f"{folder / LISTING}: the design {key} has the splits {splits}; all its lines must have "
            f"the same one of {', '.join(SPLITS)}, or none."
        )
    return Listed(
        key, known("locarno", "locarno_class"), known("title"), files, folder.name, terms, splits[0]
    )


def _sheet(number: object) -> str:
    return f"sheet {number}" if number is not None else ""


def design_rows(
    number: int,
    *,
    designs: tuple[Listed, ...],
    views: int | None = None,
    shares: Shares,
    side: int = 0,
) -> list[Row]:
    """The rows of one listed design, its first ``views`` pictures or all of them.

    Args:
        side: pictures are cropped to their ink and made no larger, px; 0 keeps the file's bytes.

    Raises: SourceError where a picture is missing.
    """
    design = designs[number]
    found = []
    for file, view in design.files[:views]:
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise SourceError(f"{file} is listed but cannot be read ({error}).") from error
        if side:
            try:
                content = reduced(content, side, name=file)
            except ImageError:
                continue  # one damaged picture is no reason to lose a set of 350,000
        found.append(
            _row(content, design.id, view, design.locarno, design.title,
                 design.split or shares.split(design.id),
                 source=design.source, licence=design.licence)
        )  # fmt: skip
    return found


def office_rows(
    designs: Iterable[Design],
    *,
    source: str,
    licence: str = "public domain",
    shares: Shares | None = None,
    split: Callable[[Design], str] = lambda design: "",
    side: int = 0,
) -> Iterator[Row]:
    """The rows of designs as any ingest source yields them, figure by figure.

    A figure that is a box on its sheet is cut out, one that lies on its side is turned upright;
    others keep their bytes unless ``side`` (as in :func:`design_rows`) is given. What cannot be
    decoded then is left out.

    Args:
        split: the publisher's split of a design, or "" for one by the hash of its number.
    """
    shares = shares or Shares()
    for design in designs:
        code = design.locarno[0] if design.locarno else ""
        part = split(design) or shares.split(design.id)
        for figure in design.figures:
            content = figure.content
            if side or figure.box or figure.turn or figure.page:
                try:
                    content = reduced(
                        content, side, name=figure.file, box=figure.box, turn=figure.turn,
                        page=figure.page,
                    )  # fmt: skip
                except ImageError:
                    continue
            yield _row(
                content, design.id, figure.view or f"figure {figure.number}", code,
                design.title, part, source=source, licence=licence,
            )  # fmt: skip


def reduced(
    content: bytes, side: int, *, name: str = "", box: drawing.Box | None = None, turn: int = 0,
    page: int = 0,
) -> bytes:  # fmt: skip
    """A grey PNG of the drawing: upright, cropped to ``box`` and its ink, ``side`` px at most.

    Args:
        side: longest side; 0 keeps the scale, and the paper around the ink.

    Raises: ImageError where the picture cannot be decoded.
    """
    image = drawing.decode(content, name=name or "image", turn=turn, page=page)
    if box is not None:
        image = image.crop(box)
    if side:
        ink = drawing.ink_box(image) or (0, 0, *image.size)
        scale = min(1.0, side / max(ink[2] - ink[0], ink[3] - ink[1]))
        wide, high = (max(1, round((ink[k + 2] - ink[k]) * scale)) for k in (0, 1))
        image = image.resize((wide, high), Image.Resampling.BOX, box=ink)
    return png(image)


def _row(
    content: bytes, design_id: str, view: str, code: str, title: str, split: str, *, source: str, licence: str,
) -> Row:  # fmt: skip
    return Row(
        image=content,
        design_id=design_id,
        view=view,
        locarno_class=code[:2],
        locarno_subclass=code if len(code) == 5 else "",
        title=title,
        split=split,
        source=source,
        licence=licence,
    )

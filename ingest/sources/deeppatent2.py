"""DeepPatent2 (Ajayi et al., Scientific Data 2023): a year of US design figures, JSON and PNG.

``2019/design2019.json`` is one array of figures; ``2019/Segmented…/`` holds the figures cut out,
``2019/Original…/`` the sheets they were cut from. Rows of a patent come together by ``patentID``.

===================  ==================================================================================
``Design``           field
===================  ==================================================================================
``id``, office       ``patentID``: ``USD0836880-20190101`` → ``USD836880``, US
``title``            ``object_title``, else ``object``
``published``        ``patentdate``, else the date in ``patentID``
``locarno``          ``classification_locarno``; never ``classification_national``, which is the USPC
``description``      the captions, a line each
figure ``number``    ``figid``
figure ``view``      ``aspect``
figure ``file``      ``subfigure_file``; where only the sheet is there, ``figure_file`` and the box
                     ``x_figure``, ``y_figure``, ``w_figure``, ``h_figure``
===================  ==================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.design import Design
from engine.errors import SourceError
from ingest.sources import Problem, jsons, metadata
from ingest.sources.files import Below, plain
from ingest.sources.uspto import design_number

FIELDS = ('"patentID"', '"figure_file"')
_PATENT = re.compile(r"US(?P<number>[A-Z]*\d+)(?:-(?P<day>\d{8}))?", re.IGNORECASE)


def matches(path: Path) -> bool:
    """Whether the path is such a JSON file, or a folder that holds one."""
    if path.is_dir():
        return any(map(_is_year, path.glob("design*.json")))
    return path.suffix.lower() == ".json" and _is_year(path)


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a year's file, of the years of a folder, or of every one below it."""
    found = sorted(file for file in path.rglob("*.json") if _is_year(file)) or [path]
    for file in found:
        yield from metadata.designs(_rows(file), file.parent)


def _is_year(file: Path) -> bool:
    begun = jsons.begins(file)
    return all(field in begun for field in FIELDS)


def _rows(file: Path) -> Iterator[metadata.Row | Problem]:
    where, below = plain(str(file)), Below(file.parent)
    try:
        for count, figure in enumerate(jsons.objects(file), start=1):
            if isinstance(figure, SourceError):
                yield Problem(f"{where}:{count}", str(figure))
            elif not figure.get("patentID"):
                yield Problem(f"{where}:{count}", "the figure has no patentID")
            else:
                yield metadata.Row(f"{where}:{count}", _values(figure, below, file.parent))
    except SourceError as error:
        yield Problem(where, str(error))


def _values(figure: Mapping[str, Any], below: Below, root: Path) -> dict[str, Any]:
    patent = _PATENT.match(str(figure["patentID"]))
    day = patent["day"] if patent else None
    return {
        "design_id": design_number(patent["number"]) if patent else figure["patentID"],
        "office": "US",
        "title": figure.get("object_title") or figure.get("object"),
        "published": figure.get("patentdate") or day,
        "locarno": figure.get("classification_locarno"),
        "description": figure.get("caption"),
        "view": figure.get("aspect"),
        "figure": figure.get("figid"),
        **_picture(figure, below, root),
    }


def _picture(figure: Mapping[str, Any], below: Below, root: Path) -> dict[str, Any]:
    """The file of a figure: its own, else the sheet with the figure's box on it."""
    own, sheet = str(figure.get("subfigure_file") or ""), str(figure.get("figure_file") or "")
    if own and (found := below.find(own)):
        return {"file_name": str(found.relative_to(root))}
    if sheet and (found := below.find(sheet)):
        return {"file_name": str(found.relative_to(root)), "box": _box(figure)}
    return {"file_name": own or sheet}  # whoever reads it says that it is missing


def _box(figure: Mapping[str, Any]) -> str:
    try:
        x, y, w, h = (int(figure[f"{side}_figure"]) for side in "xywh")
    except (KeyError, TypeError, ValueError):
        return ""
    return f"{x},{y},{x + w},{y + h}" if min(x, y) >= 0 else ""

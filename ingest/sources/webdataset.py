"""WebDataset tars: files that share a name up to the first dot are one sample.

``000017.png`` + ``000017.json`` is a figure and what is known of it; the JSON has the columns of a
table (``ingest.sources.metadata``). ``.txt`` is its caption, ``.cls`` its class if that is a Locarno
code. ``000017.front.png`` and ``000017.top.png`` are two views of one sample. Read in one pass: the
members of a sample, and for good grouping the samples of a design, are neighbours in the tar.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from engine import locarno
from engine.design import Design
from engine.errors import EngineError, SourceError
from ingest.sources import Problem, archive, metadata
from ingest.sources.files import is_picture, places, plain

PEEKED = 16  # members looked at to tell what a tar is
TOLD = ("json", "txt", "cls")
MAX_SAMPLE = 256 * 2**20  # bytes of the files of one sample


def matches(path: Path) -> bool:
    """Whether the path is a tar whose first files are a picture and what is said of it."""
    if not archive.is_tar(path) or not path.is_file():
        return False
    said: set[str] = set()
    shown: set[str] = set()
    try:
        for name, _ in islice(archive.tar_members(path), PEEKED):
            if name.lower().endswith((".zip", ".xml")):
                return False
            key, kind = _parts(name)
            if is_picture(Path(name)):
                shown.add(key)
            elif kind in TOLD:
                said.add(key)
            if said & shown:
                return True
    except SourceError:
        return bool(said & shown)
    return False


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a tar, or of every tar below a folder; a bad tar is a problem, not an end."""
    found = (file for _, files in places(path) for file in files) if path.is_dir() else [path]
    for tar in filter(archive.is_tar, found):
        yield from metadata.designs(_rows(tar), tar.parent)


def _rows(tar: Path) -> Iterator[metadata.Row | Problem]:
    where = plain(str(tar))
    key, files, size = "", dict[str, bytes](), 0
    try:
        for name, content in archive.tar_members(tar):
            name = plain(name)
            if isinstance(content, SourceError):
                yield Problem(f"{where}!{name}", str(content))
                continue
            if PurePosixPath(name).name.startswith("."):
                continue
            if _parts(name)[0] != key:
                yield from _sample(where, key, files)
                key, files, size = _parts(name)[0], {}, 0
            size += len(content)
            if size > MAX_SAMPLE:
                yield Problem(f"{where}!{name}", f"its sample has over {MAX_SAMPLE >> 20} MB")
            else:
                files[name] = content
        yield from _sample(where, key, files)
    except SourceError as error:
        yield from _sample(where, key, files)  # what was whole before the damage
        yield Problem(where, str(error))


def _sample(where: str, key: str, files: Mapping[str, bytes]) -> Iterator[metadata.Row | Problem]:
    pictures = {name: content for name, content in files.items() if is_picture(Path(name))}
    values: dict[str, Any] = {}
    for name, content in files.items():
        kind = _parts(name)[1]
        if kind not in TOLD:
            continue
        text = content.decode("utf-8", "replace").strip()
        if kind == "json":
            told = _json(text)
            if told is None:
                yield Problem(f"{where}!{name}", "is not a JSON object", figures=0)
            values = (told or {}) | values
        elif kind == "cls":
            values.setdefault("locarno", _code(text))
        else:
            values.setdefault("description", text)
    if files and not pictures:
        yield Problem(f"{where}!{key}", "the sample has no picture")
    for name, content in pictures.items():
        view = _parts(name)[1].rpartition(".")[0]
        row = values | {"file_name": name}
        if view:
            row |= {"view": values.get("view") or view}
        if not any(values.get(column) for column in ("figure", "fig", "figure_number", "sheet")):
            row |= _numbered(key, view, values)
        yield metadata.Row(f"{where}:{name}", row, content, file=f"{where}!{name}")


def _numbered(key: str, view: str, values: Mapping[str, Any]) -> dict[str, str]:
    """A figure number that no other sample of the same design has, wherever it stands."""
    if any(values.get(name) for name in metadata.COLUMNS["design"]):
        short = PurePosixPath(key).name
        return {"figure": f"{short} {view}" if view else short}
    return {"design_id": key, "figure": view or "1"}


def _parts(name: str) -> tuple[str, str]:
    """The key of a member and its extension: "a/17.front.png" → "a/17", "front.png"."""
    path = PurePosixPath(name)
    stem, _, kind = path.name.partition(".")
    return str(path.with_name(stem)) if stem else name, kind.lower()


def _json(text: str) -> dict[str, Any] | None:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    return {str(key).strip().lower(): value for key, value in values.items()}


def _code(text: str) -> str:
    """The class, if it is a Locarno code; the number of a label says nothing without its list."""
    try:
        return locarno.parse_code(text) if "-" in text or "." in text else ""
    except EngineError:
        return ""

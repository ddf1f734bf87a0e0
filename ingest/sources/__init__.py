"""Office files → designs, streamed: one design's files are in memory at a time.

Each kind of source is a module with two functions: ``matches(path)`` says whether a file (or, for
the kinds in :data:`OWNERS`, a folder) is of its kind, and ``read(path)`` yields designs, and a
:class:`Problem` for whatever could not be read. No source ever writes to disk, and none stops
because one file is bad.

A folder may hold several kinds: :func:`parts` walks it and gives each piece to its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from engine import locarno
from engine.design import Design, Figure
from engine.errors import EngineError, SourceError, UsageError
from ingest.sources.files import places, plain

# A file is of the first kind that says it is; what others leave is Red Book by its name, or a picture.
KINDS = (
    "deeppatent2", "impact", "huggingface", "metadata", "webdataset", "hague", "euipo", "pdf",
    "uspto", "folder",
)  # fmt: skip
OWNERS = ("deeppatent2", "impact", "huggingface", "metadata")  # these speak for all below a folder
HELD = 64 * 2**20  # bytes of pictures held for one design; one with more comes in several pieces


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, said so that its owner can mend it.

    ``figures`` is how many figures are lost by it: 0 for a remark about a design that is kept.
    """

    file: str
    reason: str
    figures: int = 1


def detect(path: Path) -> str:
    """The kind of source at a path; of a mixed folder, the first. Raises: SourceError."""
    return next(parts(path))[0]


def read(paths: Iterable[Path], kind: str = "auto") -> Iterator[Design | Problem]:
    """Every design at the paths, in order; all paths are looked at before the first is read.

    Args:
        paths: files and folders.
        kind: one of :data:`KINDS` for all of them, or "auto".

    Raises: UsageError for an unknown kind; SourceError when a path holds nothing readable.
    """
    if kind != "auto" and kind not in KINDS:
        raise UsageError(f"There is no source '{kind}'. Known: auto, {', '.join(KINDS)}.")
    paths = list(paths)
    for path in paths:
        next(parts(path, kind))
    return _read(paths, kind)


def parts(path: Path, kind: str = "auto") -> Iterator[tuple[str, Path]]:
    """The sources at a path, each with its kind; the pictures that no other claims come last.

    Raises: SourceError when there is nothing to read.
    """
    if not path.exists():
        raise SourceError(f"{path} does not exist. Check the path.")
    if kind != "auto":
        yield kind, path
        return
    nothing = True
    for found in _walked(path) if path.is_dir() else _file(path):
        nothing = False
        yield found
    if nothing:
        raise SourceError(
            f"{path} holds no drawings that can be read. Give a folder of pictures, a folder with "
            "metadata.jsonl, .csv or .parquet, or files of an office (.tar, .zip, .xml, .json, .pdf)."
        )


def assembled(design: Design, figures: Iterable[Figure | Problem]) -> Iterator[Design | Problem]:
    """The design with its figures, in several pieces where they are too large to hold at once."""
    held: list[Figure] = []
    size = 0
    for figure in figures:
        if isinstance(figure, Problem):
            yield figure
            continue
        if held and size + len(figure.content) > HELD:
            yield replace(design, figures=tuple(held))
            held, size = [], 0
        held.append(figure)
        size += len(figure.content)
    if held:
        yield replace(design, figures=tuple(held))


def classes(texts: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """An office's Locarno codes as ours, each once, and what is wrong with the others, or ""."""
    codes: list[str] = []
    wrong: dict[str, None] = {}
    for text in texts:
        try:
            codes.append(locarno.parse_code(text))
        except EngineError as error:
            wrong.setdefault(str(error))
    return tuple(dict.fromkeys(codes)), "; ".join(wrong)


def _read(paths: list[Path], kind: str) -> Iterator[Design | Problem]:
    for path in paths:
        nothing = True
        for name, place in parts(path, kind):
            source = _source(name)
            # Of a folder of several kinds, the pictures that no other source speaks for.
            loose = name == "folder" and kind == "auto" and place.is_dir()
            try:
                for item in source.loose(place) if loose else source.read(place):
                    nothing = False
                    yield item
            except SourceError as error:
                nothing = False
                yield Problem(plain(str(place)), str(error))
        if nothing:
            yield Problem(plain(str(path)), "no design was found in it", figures=0)


def _walked(root: Path) -> Iterator[tuple[str, Path]]:
    claims = _source("folder").Claims()
    loose = False
    for place, files in places(root, leave=owned):
        kind = owner(place)
        if kind:
            yield kind, place
            continue
        for file in files:
            yield from (
                (kind, path) for kind, path in _file(file) if kind not in ("folder", *OWNERS)
            )
        loose = bool(claims.free(place, files)) or loose
    if loose:
        yield "folder", root


def owner(place: Path) -> str:
    """The kind of source that speaks for a folder and all below it, or ""."""
    return next((kind for kind in OWNERS if _source(kind).matches(place)), "")


def owned(place: Path) -> bool:
    """Whether a source speaks for the folder and all below it."""
    return bool(owner(place))


def _file(path: Path) -> Iterator[tuple[str, Path]]:
    kind = next((kind for kind in KINDS if _source(kind).matches(path)), None)
    if kind:
        yield kind, path


def _source(name: str) -> Any:
    return import_module(f"ingest.sources.{name}")

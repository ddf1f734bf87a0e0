"""A folder of pictures without metadata: numbers come from file names, or from sub-folders.

======================================  =============================  ==========
file                                    design                         figure
======================================  =============================  ==========
``USD0906631-20210105-D00002.TIF``      ``USD906631`` (office US)      ``S2``
``USD528368-S001.tif``                  ``USD528368`` (office US)      ``S1``
``chairs/x-17/front.png``               ``chairs/x-17``                ``front``
``x-17.png``                            ``x-17``                       ``1``
======================================  =============================  ==========
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from engine.design import Design, Figure
from ingest.sources import Problem

PICTURES = frozenset(
    {".png", ".tif", ".tiff", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".pbm", ".pgm", ".jp2"}
)
MAX_FILE = 256 * 2**20  # bytes
GRANT = re.compile(r"^(?:US)?D0*(\d{5,8})(?:S\d?)?(?:-\d{8})?-[DS]0*(\d+)$", re.IGNORECASE)


def matches(path: Path) -> bool:
    """Whether the path is a picture, or a folder with one somewhere below."""
    if path.is_file():
        return path.suffix.lower() in PICTURES
    return next(walk(path), None) is not None


def walk(folder: Path, suffixes: frozenset[str] = PICTURES) -> Iterator[Path]:
    """Files with these suffixes below a folder, in order of names, without following links."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if Path(name).suffix.lower() in suffixes and not name.startswith("."):
                yield Path(place) / name


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a picture or a folder of pictures; neighbouring files of one number together."""
    root = path if path.is_dir() else path.parent
    files = walk(path) if path.is_dir() else iter([path])
    named = ((*_numbers(file, root), file) for file in files)
    for (office, number), group in groupby(named, key=lambda item: item[:2]):
        figures = []
        for _, _, figure, file in group:
            if figure == "S0":
                continue  # the front page's drawing, which a sheet repeats
            content = content_of(file)
            if isinstance(content, Problem):
                yield content
            else:
                figures.append(Figure(number=figure, file=str(file), content=content))
        if figures:
            yield Design(id=number, office=office, figures=tuple(figures))


def content_of(file: Path) -> bytes | Problem:
    """A file's bytes, or why they cannot be had."""
    try:
        size = file.stat().st_size
        if size > MAX_FILE:
            return Problem(str(file), f"{size / 2**20:,.0f} MB; the limit is {MAX_FILE >> 20} MB")
        return file.read_bytes()
    except OSError as error:
        return Problem(str(file), f"cannot be read ({error.strerror or error})")


def _numbers(file: Path, root: Path) -> tuple[str, str, str]:
    """Office, design number and figure number of a file."""
    grant = GRANT.match(file.stem)
    if grant:
        return "US", f"USD{grant[1]}", f"S{int(grant[2])}"
    inside = file.parent.relative_to(root).as_posix()
    return ("", file.stem, "1") if inside == "." else ("", inside, file.stem)

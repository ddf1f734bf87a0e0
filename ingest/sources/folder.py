"""A folder of pictures without metadata: all that is known of a design is what files are called.

``ingest.sources.names`` tells how.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from engine.design import Design, Figure
from engine.errors import SourceError
from ingest.sources import Problem, assembled, euipo, hague, owned, uspto
from ingest.sources.files import content_of, is_picture, places, plain
from ingest.sources.names import FRONT_PAGE, named

_NUMBER = re.compile(r"\d{5}")
Places = Iterable[tuple[Path, list[Path]]]


def matches(path: Path) -> bool:
    """Whether the path is a picture."""
    return is_picture(path)


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a picture, or of every picture below a folder."""
    root = path if path.is_dir() else path.parent
    return _designs(root, places(path) if path.is_dir() else [(root, [path])])


def loose(path: Path) -> Iterator[Design | Problem]:
    """Designs of the pictures below a folder that no table and no office's document speaks for."""
    return _designs(
        path,
        (
            (place, unspoken(place, files))
            for place, files in places(path, leave=owned)
            if not owned(place)
        ),
    )


def unspoken(place: Path, files: list[Path]) -> list[Path]:
    """The pictures of a folder that neither a grant's XML nor a document that names them claims."""
    pictures = [file for file in files if is_picture(file)]
    if not pictures or uspto.speaks_for(files):
        return []
    words = hague.words_of(files) | euipo.words_of(files)
    above = [file for file in place.parent.iterdir() if file.suffix.lower() in (".xml", ".json")]
    words |= hague.words_of(above) | euipo.words_of(above)
    if not words:
        return pictures
    return [file for file in pictures if not words.intersection(_called(file))]


def _called(file: Path) -> set[str]:
    """What a document may call a picture: its name, or a register's number that it or its folder has.

    A number has five digits or more: words such as "images" or "chair" stand in every document.
    """
    numbers = (file.parent.name, file.stem, file.stem.split("_")[0], file.stem.split(".")[0])
    return {file.name, *(number for number in numbers if _NUMBER.search(number))}


def _designs(root: Path, found: Places) -> Iterator[Design | Problem]:
    for _, files in found:
        pictures = [file for file in files if is_picture(file)]
        inside = [Path(plain(str(file.relative_to(root)))) for file in pictures]
        both = sorted(
            zip(named(inside), pictures, strict=True),
            key=lambda item: (item[0].office, item[0].design_id, item[1]),
        )
        for (office, number), group in groupby(
            both, key=lambda item: (item[0].office, item[0].design_id)
        ):
            members = list(group)
            if len(members) > 1:
                members = [item for item in members if item[0].figure != FRONT_PAGE]
            figures = (_figure(name.figure, name.view, file) for name, file in members)
            yield from assembled(Design(id=number, office=office), figures)


def _figure(number: str, view: str, file: Path) -> Figure | Problem:
    try:
        content = content_of(file)
    except SourceError as error:
        return Problem(plain(str(file)), str(error))
    return Figure(number=number, file=plain(str(file)), content=content, view=view)

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
    claims = Claims()
    return _designs(
        path,
        (
            (place, claims.free(place, files))
            for place, files in places(path, leave=owned)
            if not owned(place)
        ),
    )


class Claims:
    """Tells, folder by folder from the top, which pictures no document speaks for.

    A grant's XML speaks for all pictures beside it; documents of other offices for those that they
    name, beside them or in a folder beside them.
    """

    def __init__(self) -> None:
        self._words: dict[Path, set[str]] = {}  # of the documents in the folders above the last

    def free(self, place: Path, files: list[Path]) -> list[Path]:
        """The pictures of a folder that are nobody's."""
        words = hague.words_of(files) | euipo.words_of(files)
        self._words = {above: w for above, w in self._words.items() if above in place.parents}
        named = words | self._words.get(place.parent, set())
        if words:
            self._words[place] = words
        pictures = [file for file in files if is_picture(file)]
        if not pictures or uspto.speaks_for(files):
            return []
        return [file for file in pictures if not named.intersection(_called(file))]


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

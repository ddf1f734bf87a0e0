"""A folder of pictures without metadata: all that is known of a design is what files are called.

``ingest.sources.names`` tells how.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from engine.design import Design, Figure
from engine.errors import SourceError
from ingest.sources import Problem, assembled, metadata, uspto
from ingest.sources.files import content_of, is_picture, places, plain
from ingest.sources.names import FRONT_PAGE, named

Places = Iterable[tuple[Path, list[Path]]]


def matches(path: Path) -> bool:
    """Whether the path is a picture."""
    return is_picture(path)


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a picture, or of every picture below a folder."""
    root = path if path.is_dir() else path.parent
    return _designs(root, places(path) if path.is_dir() else [(root, [path])])


def loose(path: Path) -> Iterator[Design | Problem]:
    """Designs of the pictures below a folder that neither metadata nor a grant's XML speaks for."""
    return _designs(
        path,
        (
            (place, files)
            for place, files in places(path, leave=metadata.matches)
            if not metadata.matches(place) and not uspto.speaks_for(files)
        ),
    )


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

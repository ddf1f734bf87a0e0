"""Find again the file that a stored figure was read from, to show it larger than its thumbnail.

Paths come from the collection, never from whoever asks, and what is found is given out only when it
has the sha256 that was recorded at ingest: so no other file can be read through a collection.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.errors import SourceError
from ingest.sources import pdf
from ingest.sources.archive import MAX_MEMBER, is_tar, open_zip, zip_member
from ingest.sources.files import content_of

TARS = 16  # archives whose lists of members are remembered


class Originals:
    """The bytes of a figure's file by the figure's payload, or None where it is not at hand.

    Args:
        folders: where to look too, for files that were moved after the ingest or that were named
            relative to another folder.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self.folders = tuple(folders)

    def __call__(self, payload: Mapping[str, Any]) -> bytes | None:
        """The file's content, if it is still what was ingested."""
        name, *members = str(payload.get("file", "")).split("!")
        if not name:
            return None
        for path in self._places(Path(name)):
            try:
                content = _content(path, members)
            except (SourceError, OSError, KeyError):
                continue
            if hashlib.sha256(content).hexdigest() == payload.get("sha256"):
                return content
        return None

    def _places(self, path: Path) -> Iterator[Path]:
        yield path
        for folder in self.folders:
            if not path.is_absolute():
                yield folder / path
            yield folder / path.name


def _content(path: Path, members: list[str]) -> bytes:
    """A file's bytes, or those of a member of an archive in an archive."""
    if not members:
        return content_of(path)
    if pdf.matches(path):
        return pdf.sheet(path, members[0])
    if is_tar(path):
        content = _tar_member(path, members[0])
        members = members[1:]
    else:
        with open_zip(path) as opened:
            content = zip_member(opened, opened.getinfo(members[0]))
        members = members[1:]
    for member in members:
        with open_zip(content) as opened:
            content = zip_member(opened, opened.getinfo(member))
    return content


def _tar_member(path: Path, member: str) -> bytes:
    start, size = _tar_index(path, path.stat().st_mtime_ns)[member]
    if size > MAX_MEMBER:
        raise SourceError(f"{path}!{member} is too large")
    with path.open("rb") as stream:
        stream.seek(start)
        return stream.read(size)


@lru_cache(maxsize=TARS)
def _tar_index(path: Path, _: int) -> dict[str, tuple[int, int]]:
    """Where each member of a tar lies: first byte and length. A packed tar has no such places."""
    try:
        with tarfile.open(path, "r:") as opened:
            return {item.name: (item.offset_data, item.size) for item in opened if item.isreg()}
    except tarfile.TarError as error:
        raise SourceError(f"{path} is no plain tar ({error})") from error

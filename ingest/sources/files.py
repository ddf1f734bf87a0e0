"""Folders and files as every source reads them: in a fixed order, within bounds, without links."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from engine.errors import SourceError

PICTURES = frozenset(
    {".png", ".tif", ".tiff", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".pbm", ".pgm", ".jp2"}
)
MAX_FILE = 256 * 2**20  # bytes of a picture; an uncompressed 600 dpi A3 scan in grey has 70 million


def is_picture(file: Path) -> bool:
    """Whether the name is one of a picture that the decoder may know."""
    return file.suffix.lower() in PICTURES


def pictures(paths: Iterable[Path]) -> list[Path]:
    """The pictures among files and in folders, by name; a path that holds none is given as it is."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else []
        found += [file for file in inside if file.is_file() and is_picture(file)] or [path]
    return found


def places(
    root: Path, leave: Callable[[Path], bool] = lambda _: False
) -> Iterator[tuple[Path, list[Path]]]:
    """Every folder from ``root`` down with its files, by name; hidden ones and links left out.

    Args:
        root: the folder to begin with.
        leave: of a folder it holds true for, the files are given but no folder below is entered.
    """
    for name, folders, files in os.walk(root):
        place = Path(name)
        folders[:] = (
            [] if leave(place) else sorted(inner for inner in folders if not inner.startswith("."))
        )
        yield place, [place / file for file in sorted(files) if not file.startswith(".")]


class Below:
    """Finds files that a table or document names by their names alone, in folders below one.

    Holds the folders, never the files: a year of drawings has a million of them in a few folders.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[Path, None] = {}
        self._named: dict[str, Path] = {}
        self._last = root

    def find(self, name: str) -> Path | None:
        """The file, where it is named or in the first folder, by name, that has it; else None."""
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or "\0" in name or ".." in parts or parts[0] == "/":
            return None
        for folder in self._likely(parts[-1]):
            for inner in dict.fromkeys((Path(*parts), Path(parts[-1]))):
                try:
                    if (folder / inner).is_file():
                        self._last = folder
                        return folder / inner
                except OSError:  # a name no file can have
                    return None
        return None

    def _likely(self, name: str) -> Iterator[Path]:
        """The folders, those first that a file of this name is likely to be in."""
        yield from (self.root, self._last)
        if not self._folders:
            walked = (Path(place) for place, _, _ in os.walk(self.root))
            self._folders = dict.fromkeys(sorted(walked))
            self._named = {folder.name: folder for folder in self._folders}
        stem = PurePosixPath(name).stem
        while stem:  # USD0907292-20210105-D00001.TIF is often in a folder USD0907292-20210105
            if stem in self._named:
                yield self._named[stem]
            stem = stem.rpartition("-")[0]
        yield from self._folders


def check_plain(file: Path) -> int:
    """The size of a plain file. Raises: SourceError when it is missing or none: a pipe never ends."""
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceError("the file is missing") from error
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        raise SourceError(
            f"cannot be read ({getattr(error, 'strerror', None) or error})"
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise SourceError("is no plain file")
    return found.st_size


def start_of(file: Path, size: int = 4096) -> bytes:
    """How a file begins; b"" where it cannot be read."""
    try:
        check_plain(file)
        with file.open("rb") as stream:
            return stream.read(size)
    except (SourceError, OSError):
        return b""


def content_of(file: Path) -> bytes:
    """A file's bytes. Raises: SourceError when it is missing, no plain file, or too large."""
    size = check_plain(file)
    if size > MAX_FILE:
        raise SourceError(f"has {size / 2**20:,.0f} MB; the limit is {MAX_FILE >> 20} MB")
    try:
        return file.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror or error})") from error


def plain(text: str) -> str:
    """The text without what cannot be written as UTF-8: halves of pairs, undecodable file names."""
    return text.encode("utf-8", "replace").decode("utf-8")

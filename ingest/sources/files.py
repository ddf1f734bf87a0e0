"""Folders and files as every source reads them: in a fixed order, within bounds, without links."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import SourceError

PICTURES = frozenset(
    {".png", ".tif", ".tiff", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".pbm", ".pgm", ".jp2"}
)
MAX_FILE = 256 * 2**20  # bytes of a picture; an uncompressed 600 dpi A3 scan in grey has 70 million


def is_picture(file: Path) -> bool:
    """Whether the name is one of a picture that the decoder may know."""
    return file.suffix.lower() in PICTURES


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


def content_of(file: Path) -> bytes:
    """A file's bytes. Raises: SourceError when it is missing, no plain file, or too large."""
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):  # a named pipe would wait for ever
            raise SourceError("is no plain file")
        if found.st_size > MAX_FILE:
            raise SourceError(
                f"has {found.st_size / 2**20:,.0f} MB; the limit is {MAX_FILE >> 20} MB"
            )
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceError("the file is missing") from error
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        raise SourceError(
            f"cannot be read ({getattr(error, 'strerror', None) or error})"
        ) from error


def plain(text: str) -> str:
    """The text without what cannot be written as UTF-8: halves of pairs, undecodable file names."""
    return text.encode("utf-8", "replace").decode("utf-8")

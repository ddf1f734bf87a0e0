"""Members of tar and ZIP files, in memory, within bounds.

Nothing is ever extracted to disk, so a member's name cannot lead anywhere; what an archive can still
do is lie about sizes, which the limits answer.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from engine.errors import SourceError
from ingest.sources.files import check_plain

MAX_MEMBER = 256 * 2**20  # bytes of one member, unpacked; a weekly ZIP of one design is under 20 MB
MAX_MEMBERS = 200_000
# Unpacked to packed. Sheets are packed already and hardly shrink; a page of zeros reaches 1,000.
MAX_RATIO = 200
RATIO_MATTERS = 16 * 2**20  # bytes under which a high ratio harms nobody


def is_tar(path: Path) -> bool:
    """Whether the name is one of a tar file."""
    return path.name.lower().endswith((".tar", ".tar.gz", ".tgz"))


def tar_members(path: Path) -> Iterator[tuple[str, bytes | SourceError]]:
    """Names and contents of the files in a tar, read in one pass; a member too large is an error.

    Raises: SourceError when the tar is damaged, after the members before the damage.
    """
    check_plain(path)
    try:
        with tarfile.open(path, "r|*") as packed:
            count = 0
            while (member := packed.next()) is not None:
                packed.members.clear()  # type: ignore[attr-defined]  # it remembers every one
                count += 1
                if count > MAX_MEMBERS:
                    raise SourceError(f"holds more than {MAX_MEMBERS:,} files: the rest is refused")
                stream = packed.extractfile(member) if member.isreg() else None
                if stream is None:
                    continue
                try:
                    _check(member.size, 0)
                except SourceError as error:
                    yield member.name, error
                    continue
                content = stream.read()
                if len(content) < member.size:
                    raise SourceError("is cut off: download it again")
                yield member.name, content
    except SourceError:
        raise
    except Exception as error:  # tarfile, zlib, bz2 and lzma raise errors without a common base
        raise SourceError(f"is damaged and was read only in part ({error})") from error


def open_zip(content: bytes | Path) -> zipfile.ZipFile:
    """A ZIP opened for reading. Raises: SourceError when it is none or too full."""
    if isinstance(content, Path):
        check_plain(content)
    try:
        source: IO[bytes] | Path = io.BytesIO(content) if isinstance(content, bytes) else content
        opened = zipfile.ZipFile(source)
    except Exception as error:  # as for tars; zipfile adds struct.error and UnicodeDecodeError
        raise SourceError(f"is not a sound ZIP file ({error})") from error
    if len(opened.filelist) > MAX_MEMBERS:
        opened.close()
        raise SourceError(f"holds more than {MAX_MEMBERS:,} files: refused")
    if not all(info.filename for info in opened.filelist):  # which zipfile itself trips over
        opened.close()
        raise SourceError("holds a file without a name: refused")
    return opened


def zip_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """One member's content. Raises: SourceError when it is damaged, locked or a bomb."""
    _check(info.file_size, info.compress_size)
    try:
        with opened.open(info) as stream:
            # The header may lie: never read past what it says.
            content = stream.read(info.file_size + 1)
    except RuntimeError as error:
        raise SourceError(f"cannot be unpacked ({error})") from error  # a password is wanted
    except Exception as error:
        raise SourceError(f"is damaged in its archive ({error})") from error
    if len(content) != info.file_size:
        raise SourceError("is not as large as its archive says: refused")
    return content


def zip_stream(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """One member as a stream, of any length, for a reader that keeps its own limit.

    Raises: SourceError when it is locked or a bomb; reading it raises whatever zipfile does.
    """
    _check_ratio(info.file_size, info.compress_size)
    try:
        return opened.open(info)
    except Exception as error:
        raise SourceError(f"cannot be unpacked ({error})") from error


def _check(size: int, packed: int) -> None:
    if size > MAX_MEMBER:
        raise SourceError(f"unpacks to {size / 2**20:,.0f} MB; the limit is {MAX_MEMBER >> 20} MB")
    _check_ratio(size, packed)


def _check_ratio(size: int, packed: int) -> None:
    if packed and size > RATIO_MATTERS and size / packed > MAX_RATIO:
        raise SourceError(f"unpacks to {size / packed:,.0f} times its size: refused as a bomb")

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

MAX_MEMBER = 256 * 2**20  # bytes of one member, unpacked; a weekly ZIP of one design is under 20 MB
MAX_MEMBERS = 200_000
MAX_RATIO = 1_000  # packed to unpacked; a blank 1-bit sheet reaches about 300
RATIO_MATTERS = 16 * 2**20  # bytes under which a high ratio harms nobody


def is_tar(path: Path) -> bool:
    """Whether the name is one of a tar file."""
    return path.name.lower().endswith((".tar", ".tar.gz", ".tgz"))


def tar_members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in a tar, read in one pass. Raises: SourceError."""
    try:
        with tarfile.open(path, "r|*") as packed:
            for count, member in enumerate(packed):
                if count >= MAX_MEMBERS:
                    raise SourceError(f"{path} holds more than {MAX_MEMBERS:,} files: refused.")
                stream = packed.extractfile(member) if member.isfile() else None
                if stream is not None:
                    _check(member.size, 0, f"{path}!{member.name}")
                    yield member.name, stream.read(MAX_MEMBER)
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise SourceError(f"{path} is damaged and was read only in part ({error}).") from error


def open_zip(content: bytes | Path, name: str) -> zipfile.ZipFile:
    """A ZIP opened for reading. Raises: SourceError when it is none or too full."""
    try:
        source: IO[bytes] | Path = io.BytesIO(content) if isinstance(content, bytes) else content
        opened = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SourceError(f"{name} is not a sound ZIP file ({error}).") from error
    if len(opened.filelist) > MAX_MEMBERS:
        raise SourceError(f"{name} holds more than {MAX_MEMBERS:,} files: refused.")
    return opened


def zip_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    """One member's content. Raises: SourceError when it is damaged, locked or a bomb."""
    _check(info.file_size, info.compress_size, name)
    try:
        with opened.open(info) as stream:
            # The header may lie: never read past the limit, whatever it says.
            content = stream.read(min(MAX_MEMBER, info.file_size) + 1)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, ValueError,
            NotImplementedError) as error:  # fmt: skip
        raise SourceError(f"{name} cannot be unpacked ({error}).") from error
    except Exception as error:  # zlib.error and lzma.LZMAError share no public base
        raise SourceError(f"{name} is damaged ({error}).") from error
    if len(content) > info.file_size:
        raise SourceError(f"{name} is larger than its archive says: refused.")
    return content


def _check(size: int, packed: int, name: str) -> None:
    if size > MAX_MEMBER:
        raise SourceError(
            f"{name} unpacks to {size / 2**20:,.0f} MB; the limit is {MAX_MEMBER // 2**20} MB."
        )
    if packed and size > RATIO_MATTERS and size / packed > MAX_RATIO:
        raise SourceError(
            f"{name} unpacks to {size / packed:,.0f} times its size: refused as a bomb."
        )

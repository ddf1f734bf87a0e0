"""Office files → designs, streamed: one design's files are in memory at a time.

Each kind of source is a module with two functions: ``matches(path)`` says whether a path looks like
its kind, ``read(path)`` yields designs, and a :class:`Problem` for whatever could not be read. No
source ever writes to disk, and none stops because one file is bad.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from engine.design import Design
from engine.errors import SourceError, UsageError

# In the order of detection: the first that matches reads the path.
KINDS = ("metadata", "uspto", "folder")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, said so that its owner can mend it.

    ``figures`` is how many figures are lost by it: 0 for a remark about a design that is kept.
    """

    file: str
    reason: str
    figures: int = 1


def detect(path: Path) -> str:
    """The kind of source at a path. Raises: SourceError when there is nothing to read."""
    if not path.exists():
        raise SourceError(f"{path} does not exist. Check the path.")
    for kind in KINDS:
        if import_module(f"ingest.sources.{kind}").matches(path):
            return kind
    raise SourceError(
        f"{path} holds no drawings that can be read. Give a folder of pictures, a folder with "
        "metadata.jsonl, .csv or .parquet, or USPTO files (.tar, .zip, .xml)."
    )


def read(paths: Iterable[Path], kind: str = "auto") -> Iterator[Design | Problem]:
    """Every design at the paths, in order.

    Args:
        paths: files and folders.
        kind: one of :data:`KINDS` for all of them, or "auto".

    Raises: UsageError for an unknown kind; SourceError when a path holds nothing readable.
    """
    if kind != "auto" and kind not in KINDS:
        raise UsageError(f"There is no source '{kind}'. Known: auto, {', '.join(KINDS)}.")
    chosen = [(path, detect(path) if kind == "auto" else kind) for path in paths]
    for path, name in chosen:
        if not path.exists():
            raise SourceError(f"{path} does not exist. Check the path.")
        yield from import_module(f"ingest.sources.{name}").read(path)

"""The objects of a JSON file, one at a time, whatever their arrangement; never the whole file.

An array of objects, objects one after another (lines or not), or one object: each way gives the
objects. A register's year of figures is a single array of some 200 MB.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.errors import SourceError
from ingest.sources.files import check_plain, start_of

MAX_OBJECT = 16 * 2**20  # characters of one object
STEP = 2**20  # characters read at once
_BETWEEN = " \t\r\n,"
_DECODER = json.JSONDecoder()


def objects(path: Path) -> Iterator[dict[str, Any] | SourceError]:
    """The objects of a file in order; what is no object among them is an error, not an end.

    Raises: SourceError when the file cannot be opened, or is not JSON from some place on.
    """
    check_plain(path)
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            yield from _objects(stream)
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror or error})") from error


def _objects(stream: Any) -> Iterator[dict[str, Any] | SourceError]:
    held, at, count, ended = "", 0, 0, False
    opened = array = False  # whether the file has begun, and whether as an array of all
    while True:
        at = _past(held, at)
        if not opened and at < len(held):
            opened = True
            array = held.startswith("[", at)
            at = _past(held, at + array)
        if held.startswith("]", at):
            return
        try:
            # A short number or word may go on in what is not read yet; an object ends by itself.
            if at == len(held) or not (held[at] in '{["' or ended):
                raise ValueError("more is needed")
            value, at = _DECODER.raw_decode(held, at)
        except RecursionError as error:
            raise SourceError(f"object {count + 1} is nested too deeply: refused") from error
        except ValueError as error:
            held, at = held[at:], 0
            if len(held) > MAX_OBJECT:
                raise SourceError(f"object {count + 1} is too large: refused") from error
            more = stream.read(max(STEP, len(held)))
            held += more
            if more:
                continue
            if not held and not array:
                return
            if not held:
                raise SourceError(f"is cut off after {count:,} objects") from error
            if ended:
                raise SourceError(f"is not JSON after {count:,} objects ({error})") from error
            ended = True
            continue
        count += 1
        if isinstance(value, dict):
            yield value
        else:
            yield SourceError(f"entry {count} is no object but {type(value).__name__}")


def _past(text: str, at: int) -> int:
    """Where what stands between objects ends."""
    while at < len(text) and text[at] in _BETWEEN:
        at += 1
    return at


def begins(path: Path) -> str:
    """How the file begins, or "" where it cannot be read."""
    return start_of(path).decode("utf-8", "replace")

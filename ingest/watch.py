"""A folder that is looked at again and again; what has arrived whole is read, once.

Polling, so that it works on network folders too. Something has arrived whole when two looks, some
seconds apart, find the same files with the same sizes and dates, and none is named as a download
that still runs. What was read is remembered with that look, so a restart goes on where it stopped
and a file that was replaced is read again. One that cannot be read is reported once and passed over
until it changes; a store that is away is waited for.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import EngineError, IndexUnavailable, SourceError
from ingest import sources
from ingest.sources.archive import is_tar
from ingest.sources.files import is_picture, plain
from ingest.sources.folder import Claims
from ingest.sources.names import FRONT_PAGE, named

FILE = "watch.sqlite"
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp")
WAIT_S = 30  # for another process that writes
LOOSE = "."  # the unit of a folder's own pictures and documents
ALONE = frozenset({".zip", ".pdf", ".csv", ".jsonl", ".parquet", ".arrow"})  # and tars

_TABLE = """CREATE TABLE IF NOT EXISTS done (place TEXT, unit TEXT, files INTEGER, bytes INTEGER,
newest INTEGER, outcome TEXT, PRIMARY KEY (place, unit))"""


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen of a unit from outside: how many files, bytes in all, the newest's time (ns)."""

    files: int
    bytes: int
    newest: int


@dataclass(frozen=True, slots=True)
class Unit:
    """What is read together: an archive, a folder, or the loose files side by side.

    Attributes:
        name: relative to the folder; "." for the loose files.
        paths: what is handed to the sources.
        look: what was seen of it.
    """

    name: str
    paths: tuple[Path, ...]
    look: Look


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a unit: the reader's answer, or why there is none.

    ``again``: it will be tried again, since the fault is not its own.
    """

    unit: Unit
    answer: Any = None
    reason: str = ""
    again: bool = False


class Ledger:
    """What was read of a folder, in a file that others may share.

    Args:
        path: of the file; made when it is first written.
        place: folder and collection, in whatever words stay the same.
    """

    def __init__(self, path: Path, place: str) -> None:
        self.path = path
        self.place = place

    def looks(self) -> dict[str, Look]:
        """Each unit that is done with, as it looked then."""
        with closing(self._open()) as base:
            rows = base.execute(
                "SELECT unit, files, bytes, newest FROM done WHERE place = ?", (self.place,)
            )
            return {unit: Look(*look) for unit, *look in rows}

    def note(self, unit: Unit, outcome: str) -> None:
        """Remember that a unit, looking as it does, is done with."""
        look = unit.look
        with closing(self._open()) as base, base:
            base.execute(
                "INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?, ?)",
                (self.place, unit.name, look.files, look.bytes, look.newest, outcome),
            )

    def forget(self) -> None:
        """Forget all, so that everything is read again."""
        with closing(self._open()) as base, base:
            base.execute("DELETE FROM done WHERE place = ?", (self.place,))

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            base = sqlite3.connect(self.path, timeout=WAIT_S)
            try:
                base.execute(_TABLE)
            except sqlite3.Error:
                base.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise EngineError(
                f"{self.path} cannot be used to remember what was read ({error}). "
                "Mend or move the file away."
            ) from error
        return base


@dataclass(slots=True)
class Arrivals:
    """Tells what has arrived whole since the ledger was written.

    Attributes:
        folder: that is watched.
        ledger: what is done with.
        settle: seconds that a unit must look the same.
        clock: seconds that only grow.
    """

    folder: Path
    ledger: Ledger
    settle: float
    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, tuple[Look, float]] = field(default_factory=dict)

    def look(self) -> tuple[list[Unit], int]:
        """The units that are whole and not done with, by name; and how many still arrive."""
        done, now = self.ledger.looks(), self.clock()
        ready: list[Unit] = []
        waiting = 0
        seen: dict[str, tuple[Look, float]] = {}
        for unit, finished in units(self.folder):
            if done.get(unit.name) == unit.look:
                continue
            before, since = self._seen.get(unit.name, (None, now))
            since = since if before == unit.look else now
            seen[unit.name] = unit.look, since
            if finished and before == unit.look and now - since >= self.settle:
                ready.append(unit)
            else:
                waiting += 1
        self._seen = seen
        return ready, waiting


def watch(
    arrivals: Arrivals,
    reader: Callable[[Unit], Any],
    *,
    every: float,
    once: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Outcome]:
    """Read what arrives, for ever, or until what is there has been read.

    Args:
        arrivals: the folder.
        reader: reads a unit; what it raises is the unit's fault, except IndexUnavailable.
        every: seconds between looks.
        once: stop when a look finds nothing that is ready or still arrives unchanged.
        sleep: waits.

    Raises: SourceError when the folder is not there.
    """
    if not arrivals.folder.is_dir():
        raise SourceError(f"{arrivals.folder} is no folder. Check the path.")
    looks, said = 0, ""
    while True:
        ready, waiting = arrivals.look()
        looks += 1
        away = False
        for unit in ready:
            outcome = _read(unit, reader)
            if not outcome.again:
                arrivals.ledger.note(unit, outcome.reason or "read")
            if not outcome.again or outcome.reason != said:  # a store that is away is named once
                yield outcome
            said = outcome.reason if outcome.again else ""
            if outcome.again:
                away = True
                break
        # The first look of all can only remember; what changes still then is for another time.
        if once and (away or not waiting or (looks > 1 and not ready)):
            return
        sleep(arrivals.settle + 0.01 if once else every)


def _read(unit: Unit, reader: Callable[[Unit], Any]) -> Outcome:
    try:
        return Outcome(unit, reader(unit))
    except IndexUnavailable as error:
        return Outcome(unit, reason=str(error), again=True)
    except EngineError as error:
        return Outcome(unit, reason=str(error))
    except Exception as error:  # a fault of ours must not stop what arrives after it
        return Outcome(unit, reason=f"{type(error).__name__}: {error}")


def units(root: Path) -> Iterator[tuple[Unit, bool]]:
    """What a folder holds, each with whether its names say that it is finished."""
    if sources.owned(root):
        yield _unit(LOOSE, (root,), list(_below(root)))
        return
    loose: list[Path] = []
    try:
        entries = sorted(root.iterdir())
    except OSError:  # a network folder that is away comes back
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            files = list(_below(entry))
            if files:
                yield _unit(plain(entry.name), (entry,), files)
        elif entry.suffix.lower() in ALONE or is_tar(entry):
            yield _unit(plain(entry.name), (entry,), [entry])
        elif is_picture(entry) or entry.suffix.lower() in (".xml", ".json"):
            loose.append(entry)
    paths = _loose(root, loose)
    if paths:
        yield _unit(LOOSE, paths, loose)


def _loose(root: Path, files: list[Path]) -> tuple[Path, ...]:
    """Documents, and the pictures that none of them names; a front page only where it is alone."""
    documents = [file for file in files if not is_picture(file)]
    free = Claims().free(root, files)
    called = named([Path(plain(file.name)) for file in free])
    several = {name.design_id for name in called if name.figure != FRONT_PAGE}
    shown = (
        file
        for file, name in zip(free, called, strict=True)
        if name.figure != FRONT_PAGE or name.design_id not in several
    )
    return (*(file for file in documents if _is_source(file)), *shown)


def _is_source(file: Path) -> bool:
    try:
        sources.detect(file)
    except SourceError:
        return False
    return True


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [inner for inner in folders if not inner.startswith(".")]
        yield from (Path(place, file) for file in files if not file.startswith("."))


def _unit(name: str, paths: tuple[Path, ...], files: list[Path]) -> tuple[Unit, bool]:
    size = newest = count = 0
    for file in files:
        try:
            found = file.stat()
        except OSError:  # gone meanwhile
            continue
        count += 1
        size += found.st_size
        newest = max(newest, found.st_mtime_ns)
    finished = not any(file.name.lower().endswith(UNFINISHED) for file in files)
    return Unit(name, paths, Look(count, size, newest)), finished


def record(outcome: Outcome) -> Mapping[str, Any]:
    """As JSON: the unit, and what became of it."""
    told: dict[str, Any] = {"unit": outcome.unit.name}
    if outcome.reason:
        return told | {"error": outcome.reason, "again": outcome.again}
    return told | dict(outcome.answer or {})

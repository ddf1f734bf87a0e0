"""Saved searches: what is asked again of every new filing, and what was reported already.

An alert is a query (drawings and filters) with a least score. Whatever matches when it is added
counts as known; a design that matches later is reported once, whoever stored it. Reported means
shown: a design is marked only after its report was given out, so a crash repeats a report rather
than loses one. Alerts lie in one SQLite file beside the store, drawings included.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from engine import drawing, report
from engine.design import Hit
from engine.encoder import Encoder
from engine.errors import EngineError, QueryError, UsageError
from engine.plan import Index
from engine.query import Filters, Query, View
from engine.search import Searcher

FILE = "alerts.sqlite"
FIRST_ASKED = 100  # hits; more are asked for while all of them match
WAIT_S = 30  # for another process that writes
_NAME = re.compile(r"[\w.-]{1,64}")

_TABLES = """
CREATE TABLE IF NOT EXISTS alert (
    place TEXT, name TEXT, filters TEXT, min_score REAL, PRIMARY KEY (place, name));
CREATE TABLE IF NOT EXISTS drawing (
    place TEXT, alert TEXT, position INTEGER, name TEXT, content BLOB);
CREATE TABLE IF NOT EXISTS known (
    place TEXT, alert TEXT, office TEXT, design TEXT, PRIMARY KEY (place, alert, office, design));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A saved search.

    Attributes:
        name: how its owner calls it.
        drawings: (file name, content) of each view of the design that is guarded.
        filters: what a filing must obey to be reported.
        min_score: cosine from which a filing is reported.
    """

    name: str
    drawings: tuple[tuple[str, bytes], ...]
    filters: Filters = field(default_factory=Filters)
    min_score: float

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not self.name.strip("."):
            raise UsageError(
                f"'{self.name}' cannot name an alert. Use letters, digits, '-', '_' and '.'."
            )
        if not self.drawings:
            raise QueryError(f"Alert '{self.name}' has no drawing. Give one to be guarded.")
        if not -1 <= self.min_score <= 1:
            raise UsageError(f"--min-score is a cosine, −1 … 1, not {self.min_score}.")

    def query(self) -> Query:
        """What is asked. Raises: ImageError for a drawing that cannot be decoded."""
        views = tuple(
            View(drawing.decode(content, name=name), 1.0, name, hashlib.sha256(content).hexdigest())
            for name, content in self.drawings
        )
        return Query(drawings=views, filters=self.filters)

    def record(self) -> dict[str, Any]:
        """As JSON, without the drawings' contents."""
        return {
            "name": self.name,
            "drawings": [name for name, _ in self.drawings],
            "filters": self.filters.words(),
            "min_score": self.min_score,
        }


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """New filings that match an alert, and the manifest of the search that found them."""

    alert: Alert
    query: Query
    hits: tuple[Hit, ...]
    manifest: report.Manifest

    def record(self) -> dict[str, Any]:
        """As JSON: the alert, its new hits, and the manifest."""
        told = asdict(self.manifest)
        told["made"] = self.manifest.made.isoformat()
        return self.alert.record() | {"hits": report.rows(self.hits), "manifest": told}

    def write_html(self, folder: Path) -> Path:
        """Write a report of one file into a folder, named by alert and time; older ones stay."""
        when = self.manifest.made.strftime("%Y-%m-%dT%H%M%S")
        path = folder / f"{self.alert.name}-{when}.html"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{folder} cannot be made ({error.strerror}). Name another."
            ) from error
        count = 1
        while path.exists():  # two in one second
            count += 1
            path = folder / f"{self.alert.name}-{when}-{count}.html"
        report.write_html(path, self.hits, self.query, self.manifest)
        return path


class Alerts:
    """The alerts of one collection, in a file that alerts of others may share.

    Args:
        path: of the file; made when it is first written.
        place: the collection: store and name, in whatever words stay the same.

    Raises: EngineError when the file is no file of alerts.
    """

    def __init__(self, path: Path, place: str) -> None:
        self.path = path
        self.place = place

    def add(self, alert: Alert) -> None:
        """Keep an alert. Raises: UsageError if there is one of that name."""
        with self._base() as base:
            try:
                base.execute(
                    "INSERT INTO alert VALUES (?, ?, ?, ?)",
                    (self.place, alert.name, _filters(alert.filters), alert.min_score),
                )
            except sqlite3.IntegrityError:
                raise UsageError(
                    f"There is an alert '{alert.name}' already. Give another --name, or remove "
                    f"it with: engine alert remove {alert.name}"
                ) from None
            base.executemany(
                "INSERT INTO drawing VALUES (?, ?, ?, ?, ?)",
                [(self.place, alert.name, i, *each) for i, each in enumerate(alert.drawings)],
            )

    def remove(self, name: str) -> None:
        """Forget an alert and what it reported. Raises: UsageError if there is none."""
        with self._base() as base:
            gone = base.execute(
                "DELETE FROM alert WHERE place = ? AND name = ?", (self.place, name)
            )
            if not gone.rowcount:
                known = ", ".join(alert.name for alert in self.all()) or "none"
                raise UsageError(f"There is no alert '{name}'. Alerts here: {known}.")
            for table in ("drawing", "known"):
                base.execute(
                    f"DELETE FROM {table} WHERE place = ? AND alert = ?", (self.place, name)
                )

    def all(self) -> list[Alert]:
        """The alerts, by name."""
        if not self.path.exists():
            return []
        with self._base() as base:
            rows = base.execute(
                "SELECT name, filters, min_score FROM alert WHERE place = ? ORDER BY name",
                (self.place,),
            ).fetchall()
            return [
                Alert(
                    name=name, drawings=tuple(self._drawings(base, name)),
                    filters=_read_filters(filters), min_score=min_score,
                )
                for name, filters, min_score in rows
            ]  # fmt: skip

    def known(self, alert: Alert) -> set[tuple[str, str]]:
        """Office and number of the designs that were there before, or were reported."""
        with self._base() as base:
            rows = base.execute(
                "SELECT office, design FROM known WHERE place = ? AND alert = ?",
                (self.place, alert.name),
            )
            return {(office, design) for office, design in rows}

    def mark(self, alert: Alert, hits: Iterable[Hit]) -> None:
        """Remember that designs were reported, or need not be."""
        with self._base() as base:
            base.executemany(
                "INSERT OR IGNORE INTO known VALUES (?, ?, ?, ?)",
                [(self.place, alert.name, hit.office, hit.design_id) for hit in hits],
            )

    def _drawings(self, base: sqlite3.Connection, name: str) -> list[tuple[str, bytes]]:
        rows = base.execute(
            "SELECT name, content FROM drawing WHERE place = ? AND alert = ? ORDER BY position",
            (self.place, name),
        )
        return [(file, bytes(content)) for file, content in rows]

    def _base(self) -> _Base:
        return _Base(self.path)


def matching(alert: Alert, searcher: Searcher, *, thumbnails: bool = False) -> list[Hit]:
    """Every design of the collection that the alert is about, best first."""
    query, asked = alert.query(), FIRST_ASKED
    while True:
        hits = searcher.search(
            query, limit=asked, min_score=alert.min_score, exact=True, thumbnails=thumbnails
        )
        if len(hits) < asked:
            return hits
        asked *= 10


def news(
    alerts: Alerts, index: Index, encoder: Encoder, *, collection: str, version: str
) -> list[News]:
    """What each alert has to report now; marks nothing. Alerts without news are left out.

    Raises: IndexMismatch when another encoder made the collection.
    """
    searcher = Searcher(index, encoder)
    found = []
    for alert in alerts.all():
        known = alerts.known(alert)
        hits = [
            hit
            for hit in matching(alert, searcher, thumbnails=True)
            if (hit.office, hit.design_id) not in known
        ]
        if hits:
            query = alert.query()
            manifest = report.manifest(query, index, collection, version)
            found.append(News(alert, query, _ranked(hits), manifest))
    return found


def _ranked(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))


def _filters(filters: Filters) -> str:
    told = asdict(filters)
    for name in ("since", "before"):
        told[name] = told[name].isoformat() if told[name] else None
    return json.dumps(told)


def _read_filters(text: str) -> Filters:
    told = json.loads(text)
    for name, value in told.items():
        if isinstance(value, list):
            told[name] = tuple(value)
        elif name in ("since", "before") and value:
            told[name] = date.fromisoformat(value)
    return Filters(**told)


class _Base:
    """The file, open for one transaction; closed at its end."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._open = sqlite3.connect(self.path, timeout=WAIT_S)
            try:
                self._open.executescript(_TABLES)
            except sqlite3.Error:
                self._open.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise EngineError(
                f"{self.path} cannot be used for alerts ({error}). Mend or move the file away."
            ) from error
        return self._open

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._open.commit()
        else:
            self._open.rollback()
        self._open.close()

"""A searcher's question: drawings and designs to be like or unlike, under filters.

Knows nothing of encoders or stores; ``engine.search`` answers it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine import locarno
from engine.errors import QueryError
from engine.plan import Filter, classes_filter

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What every hit must obey.

    Attributes:
        classes, not_classes: Locarno codes of either level, any spelling.
        since: published on this day or later.
        before: published strictly earlier: the legal cut-off of a search for prior designs.
        holders, offices: exact names; any of them.
        exclude_designs: design numbers to leave out.
        broken_lines: only figures with broken lines, or only those without.
    """

    classes: tuple[str, ...] = ()
    not_classes: tuple[str, ...] = ()
    since: date | None = None
    before: date | None = None
    holders: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    exclude_designs: tuple[str, ...] = ()
    broken_lines: bool | None = None

    def __post_init__(self) -> None:
        for name in ("classes", "not_classes"):
            codes = tuple(dict.fromkeys(locarno.parse_code(code) for code in getattr(self, name)))
            object.__setattr__(self, name, codes)
        if self.since and self.before and self.since >= self.before:
            raise QueryError(
                f"Nothing is published on or after {self.since} and before {self.before}. "
                "--after must be earlier than --before."
            )

    def filter(self) -> Filter:
        """The same in the store's words."""
        return classes_filter(
            include=self.classes,
            exclude=self.not_classes,
            holders=self.holders,
            offices=self.offices,
            since=self.since,
            before=self.before,
            exclude_designs=self.exclude_designs,
            broken_lines=self.broken_lines,
        )

    def words(self) -> list[str]:
        """The same for a reader: one short phrase a filter, class names beside codes."""
        phrases = []
        if self.classes:
            phrases.append("class " + " or ".join(locarno.label(code) for code in self.classes))
        if self.not_classes:
            names = " or ".join(locarno.label(code) for code in self.not_classes)
            phrases.append(f"not class {names}")
        if self.since:
            phrases.append(f"published on or after {self.since}")
        if self.before:
            phrases.append(f"published before {self.before}")
        if self.holders:
            phrases.append("held by " + " or ".join(self.holders))
        if self.offices:
            phrases.append("registered at " + " or ".join(self.offices))
        if self.exclude_designs:
            phrases.append("without " + ", ".join(self.exclude_designs))
        if self.broken_lines is not None:
            phrases.append("with broken lines" if self.broken_lines else "without broken lines")
        return phrases


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One drawing of a query and how much it counts.

    Attributes:
        picture: upright grey drawing.
        weight: positive for like, negative for unlike.
        name: what the searcher calls it: its file name.
        sha256: of the file, for the report's manifest.
    """

    picture: Image
    weight: float = 1.0
    name: str = ""
    sha256: str = ""

    @classmethod
    def read(cls, path: Path, weight: float = 1.0) -> View:
        """Decode a picture file, its first page. Raises: QueryError, ImageError."""
        from engine import drawing

        try:
            content = path.read_bytes()
        except OSError as error:
            raise QueryError(
                f"{path} cannot be read ({error.strerror}). Check the path."
            ) from error
        picture = drawing.decode(content, name=str(path))
        return cls(picture, weight, path.name, hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Query:
    """Drawings, designs and words to be like (positive weights) or unlike (negative weights).

    Several positive drawings are several views of one unknown design. ``designs`` are numbers of
    stored designs with their weights, ``texts`` are words with theirs.

    Raises: QueryError when there is nothing to be like.
    """

    drawings: tuple[View, ...] = ()
    designs: tuple[tuple[str, float], ...] = ()
    texts: tuple[tuple[str, float], ...] = ()
    filters: Filters = Filters()

    def __post_init__(self) -> None:
        weights = [view.weight for view in self.drawings]
        weights += [weight for _, weight in (*self.designs, *self.texts)]
        if not any(weight > 0 for weight in weights):
            raise QueryError(
                "The query has nothing to look for. Give a drawing, --text WORDS, or --like DESIGN_ID."
            )

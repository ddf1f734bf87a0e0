"""A design's sheets → its figures: each sheet parted, each figure with its label, view and place.

A sheet that holds one figure keeps its number ("S3"); the figures of one that holds several are
"S3-1", "S3-2" in reading order, so that a figure's id depends on the sheet alone and not on whether
labels could be read. What a store knows of a sheet already need not be parted again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

from engine import drawing
from engine.design import Design, Figure, figure_id
from engine.errors import ImageError
from engine.plan import Filter, HasId, Index
from ingest import labels, split
from ingest.views import mentions_broken_lines, views

AHEAD = 16  # sheets looked up in the store together, and parted ahead

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What the office says of a design's figures.

    Attributes:
        views: by label, in their order.
        single: each sheet holds one figure.
        broken_lines: the description speaks of them.
    """

    views: Mapping[str, str]
    single: bool
    broken_lines: bool

    @classmethod
    def of(cls, design: Design) -> Told:
        """Read the description of the drawings."""
        named = views(design.description)
        single = len(named) == len(design.figures) > 0
        return cls(named, single, mentions_broken_lines(design.description))

    def complete(self, figure: Figure, place: int) -> Figure:
        """The figure with its label, checked by the text, and with the view that the text names.

        ``place`` is that of its sheet in the design, from 0.
        """
        label = figure.label if not self.views or figure.label in self.views else ""
        if not label and self.single:
            label = list(self.views)[place]
        view = self.views.get(label) or figure.view if label else figure.view
        return replace(figure, label=label, view=view, broken_lines=self.broken_lines or None)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A picture that a source gave, with its design and what the office says.

    ``design`` comes without its figures, so that waiting sheets do not hold each other's files;
    ``place`` counts its pictures from 0.
    """

    design: Design
    figure: Figure
    told: Told
    place: int

    def id(self, number: str) -> str:
        """Of the figure with this number."""
        return figure_id(self.design.office, self.design.id, number)


@dataclass(frozen=True)
class Splitter:
    """Parts sheets; ``read`` false leaves labels unread even where they could be."""

    read: bool = True

    @cached_property
    def reader(self) -> labels.Reader | None:
        """What reads labels, or None."""
        return labels.reader() if self.read else None

    def name(self, sheet: Figure) -> str:
        """What parts this sheet: the version, how labels are read, and the sheet's own turn."""
        return f"{split.VERSION}{'+ocr' if self.reader else ''}@{sheet.turn}"

    def figures(self, sheet: Figure, *, single: bool = False) -> tuple[list[Figure], str]:
        """The figures of a sheet, and why it stays whole though it seems to hold several, or "".

        A file that cannot be decoded stays whole too: whoever prepares it says what is wrong.
        """
        if sheet.box is not None:  # its source tells where the figure is
            return [sheet], ""
        try:
            page = drawing.decode(sheet.content, page=sheet.page, turn=sheet.turn, name=sheet.file)
        except ImageError:
            return [sheet], ""
        found = split.split(page, reader=self.reader, expected=1 if single else None)
        parts = found.parts
        if found.whole or not parts:
            return [replace(sheet, parts=1, split_by=self.name(sheet))], found.whole
        return [
            self._figure(sheet, part, k if len(parts) > 1 else 0, len(parts), page.size)
            for k, part in enumerate(parts, start=1)
        ], ""

    def _figure(
        self, sheet: Figure, part: split.Part, k: int, parts: int, size: tuple[int, int]
    ) -> Figure:
        whole = not part.erase and not part.turn and parts == 1
        return replace(
            sheet,
            number=f"{sheet.number}-{k}" if k else sheet.number,
            sheet=sheet.number if k else "",
            turn=(sheet.turn + part.turn) % 360,
            box=None if whole else split.turned(part.box, size, part.turn),
            label=part.label,
            confidence=part.confidence,
            parts=parts,
            split_by=self.name(sheet),
            erase=tuple(split.turned(box, size, part.turn) for box in part.erase),
        )

    def known(self, sheet: Figure, stored: Mapping[str, Payload]) -> list[Figure]:
        """The sheet's figures where a store holds all of them as this would make them, or none.

        ``stored`` holds payloads by the figure's number.
        """
        count = max((int(payload.get("parts") or 0) for payload in stored.values()), default=0)
        numbers = _numbers(sheet.number, count)
        same = {
            "sha256": sheet.sha256, "page": sheet.page, "split_by": self.name(sheet), "parts": count,
        }  # fmt: skip
        payloads = [stored.get(number, {}) for number in numbers]
        if not count or any(p.get(key) != same[key] for p in payloads for key in same):
            return []
        return [
            replace(
                sheet, number=number, turn=int(payload["turn"]), parts=count,
                box=tuple(payload["box"]) if payload.get("box") else None,
                label=payload.get("label", ""), sheet=payload.get("sheet", ""),
                confidence=payload.get("confidence"), split_by=payload["split_by"],
                erase=tuple(tuple(box) for box in payload.get("erase", ())),
            )
            for number, payload in zip(numbers, payloads, strict=True)
        ]  # fmt: skip


def _numbers(sheet: str, parts: int) -> list[str]:
    """Of the figures of a sheet."""
    return [sheet] if parts <= 1 else [f"{sheet}-{k}" for k in range(1, parts + 1)]


@dataclass(frozen=True, slots=True, eq=False)
class Parting:
    """Sheets → figures beside a store: in order, in threads, and only what the store does not know.

    Attributes:
        splitter: None leaves every sheet whole.
        index: what is stored already; None where nothing is.
        pool: the threads.
        needs: what payloads must hold besides, or the figures are going to be encoded again.
    """

    splitter: Splitter | None
    index: Index | None
    pool: ThreadPoolExecutor
    needs: tuple[str, ...] = ()

    def figures(self, sheets: Iterable[Sheet]) -> Iterator[tuple[Sheet, list[Figure], str]]:
        """Each sheet with its figures, and why it stays whole though it asks for parting, or "".

        Figures that the store holds of a sheet and that it has no more are deleted.
        """
        sheets = iter(sheets)
        waiting: deque[tuple[Sheet, Mapping[str, Payload], _Parts]] = deque()
        while chunk := list(islice(sheets, AHEAD)):
            before = len(waiting)
            for sheet, stored in zip(chunk, self._stored(chunk), strict=True):
                waiting.append((sheet, stored, self._begun(sheet, stored)))
            for _ in range(before):
                yield self._done(*waiting.popleft())
        while waiting:
            yield self._done(*waiting.popleft())

    def _begun(self, sheet: Sheet, stored: Mapping[str, Payload]) -> _Parts:
        if self.splitter is None:
            return [sheet.figure], ""
        known = self.splitter.known(sheet.figure, stored)
        complete = all(key in stored[figure.number] for figure in known for key in self.needs)
        if known and complete:
            return known, ""
        return self.pool.submit(self.splitter.figures, sheet.figure, single=sheet.told.single)

    def _done(
        self, sheet: Sheet, stored: Mapping[str, Payload], parts: _Parts
    ) -> tuple[Sheet, list[Figure], str]:
        found, reason = parts.result() if isinstance(parts, Future) else parts
        found = [sheet.told.complete(figure, sheet.place) for figure in found]
        gone = stored.keys() - {figure.number for figure in found}
        if gone and self.index is not None:
            self.index.delete(Filter((HasId(tuple(sorted(map(sheet.id, gone)))),)))
        return sheet, found, reason

    def _stored(self, sheets: list[Sheet]) -> list[dict[str, Payload]]:
        """For each sheet the payloads of what is stored of it, by the figure's number."""
        if self.index is None:
            return [{} for _ in sheets]
        wanted = [
            (sheet.id(number), sheet.figure.number, number)
            for sheet in sheets
            for number in (sheet.figure.number, f"{sheet.figure.number}-1")
        ]
        found = self._payloads(wanted)
        more = [
            (sheet.id(number), sheet.figure.number, number)
            for sheet in sheets
            if (first := found.get(sheet.id(f"{sheet.figure.number}-1")))
            for number in _numbers(sheet.figure.number, int(first.get("parts") or 0))[1:]
        ]
        found |= self._payloads(more)
        return [
            {str(p["figure"]): p for id, name, _ in [*wanted, *more] if name == sheet.figure.number
             and (p := found.get(id)) and p["design_id"] == sheet.design.id}
            for sheet in sheets
        ]  # fmt: skip

    def _payloads(self, wanted: list[tuple[str, str, str]]) -> dict[str, Payload]:
        """Stored payloads by id: the sheet's own, or of a part of that very sheet."""
        if not wanted or self.index is None:
            return {}
        sheet_of = {id: "" if number == name else name for id, name, number in wanted}
        points = self.index.retrieve([id for id, _, _ in wanted])
        return {p.id: p.payload for p in points if p.payload.get("sheet", "") == sheet_of[p.id]}


_Parts = tuple[list[Figure], str] | Future[tuple[list[Figure], str]]

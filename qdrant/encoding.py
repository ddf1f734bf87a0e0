"""What an ingest writes to where there is no store: figures of one of several encoders, to files.

Several processes or machines read the same sources, each encodes its part, and one stores what they
wrote (`qdrant.move.load`). A figure belongs to the part that its id says, whatever the source; the
others' figures look to the ingest like figures that are stored already, so they are neither decoded
nor encoded.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from engine.design import Design, Figure
from engine.errors import UsageError
from engine.plan import EncoderCard, Filter, Point, Scored, SearchPlan, SparseVector, Vector
from qdrant.archive import Archive, ArchiveWriter
from qdrant.points import point

EVERYTHING = Filter()
# Of what is written already, all but these is remembered: a kilobyte a figure.
FORGOTTEN = ("thumbnail",)


@dataclass(slots=True)
class Part:
    """One part of several, as an ingest takes a collection; keeps what of ``Index`` it uses.

    Attributes:
        writer: the archive that is written.
        number, of: the part, from 0, and how many there are.
    """

    writer: ArchiveWriter
    number: int = 0
    of: int = 1
    written: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.number < self.of:
            raise UsageError(f"There is no part {self.number + 1} of {self.of}.")
        for found in self.writer.archive.scroll():
            self.written[found.id] = _remembered(found.payload)

    @property
    def card(self) -> EncoderCard:
        """The encoder that makes the vectors."""
        return self.writer.archive.card

    def to_point(
        self,
        design: Design,
        figure: Figure,
        vectors: Mapping[str, Vector | SparseVector],
        *,
        thumbnail: str = "",
    ) -> Point:
        """`qdrant.points.point`, remembering what the ingest is going to ask about."""
        made = point(design, figure, vectors, thumbnail=thumbnail)
        if not vectors and not self._mine(made.id):
            self.asked[made.id] = made.payload
        return made

    def count(self, where: Filter = EVERYTHING) -> int:
        """Never nothing, so that the ingest asks what there is."""
        return len(self.written) + self.of

    def retrieve(
        self, ids: Sequence[str], *, payload: bool = True, vectors: Sequence[str] = ()
    ) -> list[Scored]:
        """What is written, and what others write: that is taken to be just as it is read."""
        known = {id: self.written.get(id) or self.asked.pop(id, None) for id in ids}
        return [Scored(id, 0.0, held) for id, held in known.items() if held is not None]

    def upsert(self, points: Sequence[Point]) -> None:
        """Append figures. Raises: UsageError for one that is there otherwise already."""
        self.writer.archive.schema.check_points(points)
        for made in points:
            if made.id in self.written:
                self._changed(made.payload)
            self.written[made.id] = _remembered(made.payload)
        self.writer.add(points)

    def scroll(
        self,
        where: Filter = EVERYTHING,
        *,
        keys: Sequence[str] | None = None,
        vectors: Sequence[str] = (),
        batch: int = 1000,
    ) -> Iterator[Scored]:
        """Nothing: what is written cannot be searched."""
        return iter(())

    def set_payload(self, id: str, payload: Mapping[str, Any]) -> None:
        """Raises: UsageError, always: what is written is never changed."""
        self._changed(payload)

    def finish(self) -> Archive:
        """Write what waits, and say that the part is whole."""
        return self.writer.finish()

    def search(self, plan: SearchPlan) -> list[Scored]:
        """Raises: UsageError."""
        raise UsageError("Files cannot be searched. Store them with engine load.")

    def facet(self, key: str, where: Filter = EVERYTHING, limit: int = 1000) -> dict[str, int]:
        """Raises: UsageError."""
        raise UsageError("Files cannot be searched. Store them with engine load.")

    def delete(self, where: Filter) -> int:
        """Raises: UsageError."""
        raise UsageError("Files are not deleted from. Encode into a new folder.")

    def close(self) -> None:
        """Write what waits; the part may be gone on with."""
        self.writer.flush()

    def _mine(self, id: str) -> bool:
        return uuid.UUID(id).int % self.of == self.number

    def _changed(self, payload: Mapping[str, Any]) -> NoReturn:
        raise UsageError(
            f"{payload.get('file', 'A figure')} has changed since it was encoded into "
            f"{self.writer.archive.folder}. Encode into a new folder."
        )


def _remembered(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in payload.items() if key not in FORGOTTEN}

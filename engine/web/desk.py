"""What the page, its API and assistants ask of one collection, in one place.

A desk holds an index and the encoder that fills it, and answers: search, suggest classes, show a
design, show a figure, count classes and holders. It keeps nothing of what it is asked. Knows nothing
of HTTP, and of a store only the ``Index`` protocol; what else it needs is handed to it as functions.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from PIL import Image

from engine import classify, drawing, explain, hybrid, locarno, report
from engine.design import Hit
from engine.encoder import Encoder
from engine.errors import EngineError, ImageError, IndexMismatch, QueryError
from engine.plan import AnyOf, Filter, Index, Scored
from engine.query import Query
from engine.search import check_card, design_key

SIZES_PX = (480, 1600)  # of figures: on a card, and to look at closely
FACTS_S = 60.0  # how long counts are taken for true
HOLDERS = 50_000
MAX_FIGURES = 200  # of one design shown
REASONS = 5  # hits explained in a report

# The bytes of a figure's own file, by its payload; None where they are not at hand.
Originals = Callable[[Mapping[str, Any]], bytes | None]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure of a design as a picture to be shown."""

    id: str
    number: str
    view: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a query is answered, as the command line's options of the same names."""

    limit: int = 24
    per: Literal["design", "figure"] = "design"
    min_score: float | None = None
    exact: bool = False
    diversity: float = 0.0
    off: tuple[str, ...] = ()
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits, the figures of their designs by (office, number), and how long that took."""

    hits: list[Hit]
    figures: dict[tuple[str, str], tuple[Shown, ...]]
    took_s: float

    def of(self, hit: Hit) -> tuple[Shown, ...]:
        """The figures of a hit's design."""
        return self.figures.get((hit.office, hit.design_id), ())

    @property
    def fused(self) -> bool:
        """Whether scores come from a fusion: then they are no cosines, and only order counts."""
        return any(name.endswith(" adds") for hit in self.hits for name, _ in hit.stages)


@dataclass(frozen=True, slots=True)
class Class:
    """A class or subclass that the collection holds, with its figures counted."""

    code: str
    heading: str
    count: int
    subclasses: tuple[Class, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that a collection knows of a design.

    ``classes`` are labels, "06-01 Seats"; ``citations`` are (number, category).
    """

    design_id: str
    office: str
    title: str
    classes: tuple[str, ...]
    locarno_edition: str
    filed: str
    published: str
    holder: str
    description: str
    descriptions: tuple[str, ...]
    citations: tuple[tuple[str, str], ...]
    related: tuple[str, ...]
    figures: tuple[Shown, ...]
    files: tuple[str, ...]


@dataclass(slots=True)
class _Kept(Generic[T]):
    """A value that is made again once it is older than `FACTS_S`."""

    make: Callable[[], T]
    made: float = -FACTS_S
    value: T | None = None
    lock: Lock = field(default_factory=Lock)

    def get(self) -> T:
        with self.lock:
            if self.value is None or time.monotonic() - self.made >= FACTS_S:
                self.value, self.made = self.make(), time.monotonic()
            return self.value


class Desk:
    """One collection and the encoder that made it. Threads may share it.

    Args:
        index: the collection.
        encoder: of its vectors.
        collection: its name.
        version: of this program, for manifests.
        originals: finds the files that figures were read from; small stored pictures stand in.

    Raises: IndexMismatch when the encoder did not make the collection.
    """

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        *,
        collection: str = "designs",
        version: str = "",
        originals: Originals | None = None,
    ) -> None:
        check_card(index.card, encoder.card)
        self.index = index
        self.encoder = encoder
        self.collection = collection
        self.version = version
        self.originals = originals
        self.words = _has_words(index)
        self._calibration: classify.Calibration | None = None
        self._calibrating = Lock()
        self._tree = _Kept(self._count_classes)
        self._holders = _Kept(lambda: index.facet("holder", limit=HOLDERS))
        self._offices = _Kept(lambda: index.facet("office"))
        self._figures = _Kept(index.count)
        # 256 pictures of 1,600 px are some 30 MB.
        self._rendered = lru_cache(maxsize=256)(self._render)

    # --- asking -------------------------------------------------------------------------------

    def search(self, query: Query, options: Options) -> Answer:
        """The hits of a query, with small pictures left out, and all figures of their designs.

        Raises: EngineError, as ``engine.hybrid.search`` does.
        """
        began = time.perf_counter()
        hits = hybrid.search(
            self.index, query, self.encoder, stages=hybrid.Stages.without(options.off),
            limit=options.limit, per=options.per, min_score=options.min_score,
            exact=options.exact, diversity=options.diversity,
            # A fused score says nothing by itself, so it is always taken apart.
            explain=options.explain or bool(query.texts),
        )  # fmt: skip
        figures = self.figures(tuple(dict.fromkeys(hit.design_id for hit in hits)))
        return Answer(hits, figures, time.perf_counter() - began)

    def suggest(self, pictures: Sequence[Image.Image], limit: int = 8) -> list[classify.Suggestion]:
        """Subclasses for a design, the most probable first. Raises: EngineError."""
        with self._calibrating:  # a hundred searches, once
            self._calibration = self._calibration or classify.calibrate(self.index)
        return classify.suggest(
            self.index, self.encoder, pictures, limit=limit, calibration=self._calibration
        )

    def manifest(self, query: Query) -> report.Manifest:
        """What was asked of what, now."""
        return report.manifest(query, self.index, self.collection, self.version)

    def with_thumbnails(self, hits: Sequence[Hit]) -> list[Hit]:
        """The hits with their small pictures, for reports."""
        from dataclasses import replace

        stored = {p.id: p.payload for p in self.index.retrieve([hit.id for hit in hits])}
        return [
            replace(hit, thumbnail=str(stored.get(hit.id, {}).get("thumbnail", ""))) for hit in hits
        ]

    # --- looking ------------------------------------------------------------------------------

    def figures(self, numbers: Sequence[str]) -> dict[tuple[str, str], tuple[Shown, ...]]:
        """The figures of designs, in the order of their labels, by (office, number)."""
        if not numbers:
            return {}
        found: dict[tuple[str, str], list[Shown]] = {}
        keys = ("office", "design_id", "figure", "label", "view")
        where = Filter((AnyOf("design_id", tuple(numbers)),))
        for point in self.index.scroll(where, keys=keys):
            found.setdefault(design_key(point), []).append(_shown(point))
        return {key: tuple(sorted(of, key=_in_order)[:MAX_FIGURES]) for key, of in found.items()}

    def design(self, number: str, office: str = "") -> Record | None:
        """All that is known of a design, or None where the collection has none of that number."""
        where = [AnyOf("design_id", (number,))]
        if office:
            where.append(AnyOf("office", (office,)))
        points = list(self.index.scroll(Filter(tuple(where))))
        if not points:
            return None
        first = points[0].payload
        own = [p for p in points if p.payload.get("office", "") == first.get("office", "")]
        own.sort(key=lambda point: _in_order(_shown(point)))
        codes = list(dict.fromkeys(str(code) for p in own for code in p.payload.get("path", ())))
        told = [str(text) for p in own for text in p.payload.get("descriptions", ())]
        cited = [c for p in own[:1] for c in p.payload.get("citations", ())]
        return Record(
            design_id=number,
            office=str(first.get("office", "")),
            title=str(first.get("title", "")),
            classes=tuple(_label(code) for code in codes if not _has_finer(code, codes)),
            locarno_edition=str(first.get("locarno_edition", "")),
            filed=str(first.get("filed", "")),
            published=str(first.get("published", "")),
            holder=str(first.get("holder", "")),
            description=str(first.get("description", "")),
            descriptions=tuple(dict.fromkeys(told)),
            citations=tuple((str(c["design_id"]), str(c.get("category", ""))) for c in cited),
            related=tuple(str(number) for number in first.get("related", ())),
            figures=tuple(_shown(point) for point in own[:MAX_FIGURES]),
            files=tuple(dict.fromkeys(str(p.payload.get("file", "")) for p in own)),
        )

    def picture(self, id: str, size: int = SIZES_PX[0]) -> bytes | None:
        """A figure as a PNG of at most ``size`` px: from its own file where that is at hand.

        None where there is no such figure, or nothing to show of it. ``size`` is of `SIZES_PX`.
        """
        return self._rendered(id, size)

    def thumbnail(self, id: str) -> bytes | None:
        """The small picture that the store keeps of a figure, or None."""
        found = self.index.retrieve([id])
        return _from_data_url(str(found[0].payload.get("thumbnail", ""))) if found else None

    def drawing(self, id: str) -> Image.Image | None:
        """A stored figure as a drawing, to be compared with a query's; None as for `picture`."""
        content = self.picture(id, SIZES_PX[-1])
        return drawing.decode(content, name=f"figure {id}") if content else None

    def why(
        self, ours: Image.Image, id: str, side: Literal["both", "ours", "theirs"] = "both"
    ) -> bytes | None:
        """A PNG of a drawing and a stored figure with the strokes that made them match, or of one.

        None where there is no picture of the figure. Raises: ImageError on blank paper.
        """
        theirs = self.drawing(id)
        if theirs is None:
            return None
        found = explain.explain(self.encoder, ours, theirs)
        if side != "both":
            return explain.png(explain.coloured(getattr(found, side), SIZES_PX[0] * 2))
        return explain.png(explain.draw(found, ("Query", self.name(id))))

    def name(self, id: str) -> str:
        """What a reader calls a figure: "USD0906631, figure 2"."""
        payload = self.index.retrieve([id])[0].payload
        figure = str(payload.get("figure", ""))
        return f"{payload['design_id']}{f', figure {figure}' if figure else ''}"

    def reasons(self, query: Query, hits: Sequence[Hit], limit: int = REASONS) -> dict[str, str]:
        """Pictures (data: URLs) of why the first hits match, by their ids.

        Each beside the view of the query that is most like it; none without a drawing in the query.
        """
        views = [view for view in query.drawings if view.weight > 0]
        if not views:
            return {}
        rows = self.encoder.encode_drawings(view.picture for view in views)
        stored = self.index.retrieve([hit.id for hit in hits[:limit]], vectors=("image",))
        found = {}
        for point in stored:
            nearest = int(np.argmax(rows @ np.asarray(point.vectors["image"])))
            picture = self.why(views[nearest].picture, point.id)
            if picture is not None:
                encoded = base64.b64encode(_fewer_colours(picture)).decode("ascii")
                found[point.id] = f"data:image/png;base64,{encoded}"
        return found

    def figure(self, picture: Image.Image, number: str, label: str = "") -> str:
        """The id of a design's figure: the one of that label, or the one most like a drawing.

        Raises: QueryError where the collection has none such.
        """
        row = self.encoder.encode_drawings([picture])[0]
        where = Filter((AnyOf("design_id", (number,)),))
        points = self.index.scroll(where, keys=("figure",), vectors=("image",))
        scores = {
            point.id: float(np.asarray(point.vectors["image"]) @ row)
            for point in points
            if not label or str(point.payload.get("figure", "")) == label
        }
        if not scores:
            raise QueryError(
                f"Design '{number}' {f'has no figure {label}' if label else 'is not'} in the "
                "collection. List what is there with: engine status --designs"
            )
        return max(scores, key=lambda id: scores[id])

    def _render(self, id: str, size: int) -> bytes | None:
        found = self.index.retrieve([id])
        if not found:
            return None
        payload = found[0].payload
        content = self.originals(payload) if self.originals else None
        if content is not None:
            try:
                page = drawing.decode(
                    content, page=int(payload.get("page", 0)), turn=int(payload.get("turn", 0))
                )
                drawing.erase(page, payload.get("erase", ()))  # as at ingest
                stored = payload.get("box")
                box = (stored[0], stored[1], stored[2], stored[3]) if stored else None
                box = box or drawing.ink_box(page)
                if box is not None:
                    return fitted(page.crop(box), size)
            except ImageError:
                pass  # the file is not what it was; the small picture still is
        return _from_data_url(str(payload.get("thumbnail", "")))

    # --- counting -----------------------------------------------------------------------------

    def classes(self) -> tuple[Class, ...]:
        """The classes that the collection holds, each with its subclasses."""
        return self._tree.get()

    def holders(self, part: str, limit: int = 12) -> list[tuple[str, int]]:
        """Holders whose name holds these letters, the larger first, with their figures counted."""
        letters = part.casefold().strip()
        found = [(n, count) for n, count in self._holders.get().items() if letters in n.casefold()]
        return found[:limit]

    def offices(self) -> dict[str, int]:
        """Offices with their figures counted, the larger first."""
        return self._offices.get()

    def count(self) -> int:
        """Figures in the collection."""
        return self._figures.get()

    def _count_classes(self) -> tuple[Class, ...]:
        counts = self.index.facet("path")
        return tuple(
            Class(code, _heading(code), counts[code], tuple(
                Class(sub, _heading(sub), counts[sub])
                for sub in sorted(counts) if sub.startswith(f"{code}-")
            ))
            for code in sorted(counts) if "-" not in code
        )  # fmt: skip


def _has_words(index: Index) -> bool:
    """Whether the collection can be asked by words: whether it holds vectors of texts."""
    try:
        next(iter(index.scroll(keys=(), vectors=(hybrid.TEXT,), batch=1)), None)
    except IndexMismatch:
        return False
    return True


def fitted(page: Image.Image, size: int) -> bytes:
    """A grey PNG whose longer side is at most ``size`` px; thin lines survive the averaging."""
    scale = size / max(page.size)
    if scale < 1:
        small = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
        page = page.resize(small, Image.Resampling.BOX)
    stream = io.BytesIO()
    page.quantize(16).save(stream, "PNG", compress_level=6)
    return stream.getvalue()


def _fewer_colours(picture: bytes) -> bytes:
    """A PNG of 256 colours, a quarter as large: a report holds several."""
    method, plain = Image.Quantize.FASTOCTREE, Image.Dither.NONE
    with Image.open(io.BytesIO(picture)) as image:
        return explain.png(image.convert("RGB").quantize(256, method=method, dither=plain))


def _from_data_url(url: str) -> bytes | None:
    kind, comma, encoded = url.partition(",")
    if kind != "data:image/png;base64" or not comma:
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None


def _shown(point: Scored) -> Shown:
    payload = point.payload
    number = payload.get("label") or payload.get("figure", "")
    return Shown(point.id, str(number), str(payload.get("view", "")))


def _in_order(shown: Shown) -> tuple[list[tuple[int, str]], str]:
    """Figure 2 before figure 10."""
    parts = re.findall(r"\d+|\D+", shown.number)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], shown.id


def _has_finer(code: str, codes: Sequence[str]) -> bool:
    return any(other.startswith(f"{code}-") for other in codes)


def _heading(code: str) -> str:
    try:
        return locarno.heading(code)
    except EngineError:
        return ""


def _label(code: str) -> str:
    return f"{code} {_heading(code)}".strip()

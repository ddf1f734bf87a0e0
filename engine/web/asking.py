"""From a form to a query: what page and API take, bounded and checked.

Drawings come as files of the form and are decoded in memory: nothing of a request is ever written,
and no name or text of it is taken for a path or an address. Page and API share the form, so that
they can ask for the same.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Annotated, Literal

from fastapi import File, Form, UploadFile
from pydantic import StringConstraints
from starlette.formparsers import MultiPartParser

from engine import drawing
from engine.errors import QueryError
from engine.query import Filters, Query, View
from engine.web.desk import Options
from engine.web.safety import MAX_BODY

MAX_VIEWS = 8  # drawings of one query
MAX_FILE = 24 * 2**20  # bytes of one drawing
MAX_PIXELS = 40_000_000  # of one drawing: A4 at 600 dpi has 35 million
MAX_WEIGHT = 100.0
MAX_HITS = 200
MAX_ITEMS = 300  # classes, holders or numbers in one form

# Starlette writes uploads beyond this to a temporary file; none may be as large, so none is written.
MultiPartParser.spool_max_size = MAX_BODY + 1

Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
AUTO = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A form, read.

    Attributes:
        drawings, designs, texts, filters: as ``engine.query.Query`` has them.
        options: how to answer.
        topic: what the searcher calls this search.
        automatic: classes are to be suggested by the drawings.
    """

    drawings: tuple[View, ...]
    designs: tuple[tuple[str, float], ...]
    texts: tuple[tuple[str, float], ...]
    filters: Filters
    options: Options
    topic: str = ""
    automatic: bool = False

    def query(self) -> Query:
        """What is asked. Raises: QueryError for nothing to look for."""
        weights = [view.weight for view in self.drawings]
        weights += [weight for _, weight in (*self.designs, *self.texts)]
        if not any(weight > 0 for weight in weights):
            raise QueryError(
                "There is nothing to look for yet. Give a drawing, some words, or a design to be like."
            )
        return Query(
            drawings=self.drawings, designs=self.designs, texts=self.texts, filters=self.filters
        )


def asked(
    drawing: Annotated[
        list[UploadFile] | None,
        File(description=f"Drawings of one design, its views; at most {MAX_VIEWS}."),
    ] = None,
    drawing_weight: Annotated[
        list[float] | None, Form(description="Weight of each drawing; below 0 is unlike.")
    ] = None,
    text: Annotated[list[Text] | None, Form(description="Words to be like.")] = None,
    text_weight: Annotated[
        list[float] | None, Form(description="Weight of each text; below 0 is unlike.")
    ] = None,
    like: Annotated[
        list[Code] | None, Form(description="Numbers of stored designs to be like.")
    ] = None,
    unlike: Annotated[
        list[Code] | None, Form(description="Numbers of stored designs to be unlike.")
    ] = None,
    classes: Annotated[
        list[Code] | None,
        Form(alias="class", description="Locarno classes or subclasses; auto suggests them."),
    ] = None,
    not_class: Annotated[list[Code] | None, Form(description="Classes to leave out.")] = None,
    holder: Annotated[list[Line] | None, Form(description="Holders, exact names.")] = None,
    office: Annotated[list[Code] | None, Form(description="Offices, WIPO ST.3 codes.")] = None,
    after: Annotated[date | None, Form(description="Published on this day or later.")] = None,
    before: Annotated[date | None, Form(description="Published strictly earlier.")] = None,
    exclude: Annotated[
        list[Code] | None, Form(description="Numbers of designs to leave out.")
    ] = None,
    broken_lines: Annotated[
        Literal["yes", "no"] | None,
        Form(description="Only figures with broken lines, or only those without."),
    ] = None,
    limit: Annotated[int, Form(ge=1, le=MAX_HITS, description="Hits, at most.")] = 24,
    per: Annotated[
        Literal["design", "figure"], Form(description="One hit a design, or every figure.")
    ] = "design",
    min_score: Annotated[
        float | None, Form(ge=-1, le=1, description="Cosine under which a hit is left out.")
    ] = None,
    exact: Annotated[bool, Form(description="Scan all; no approximate index.")] = False,
    diversity: Annotated[
        float, Form(ge=0, le=0.99, description="Make hits unlike each other (MMR).")
    ] = 0.0,
    off: Annotated[
        list[Literal["image", "text", "words", "rerank"]] | None,
        Form(description="Stages to switch off."),
    ] = None,
    explain: Annotated[bool, Form(description="What each stage gave to each hit.")] = False,
    topic: Annotated[Line, Form(description="What you call this search.")] = "",
) -> Asked:
    """Read the form. Raises: QueryError, ImageError, UnknownCode; what to do is in the message."""
    codes = _given(classes)
    automatic = AUTO in codes
    return Asked(
        drawings=tuple(views(drawing, drawing_weight)),
        designs=(
            *((number, 1.0) for number in _given(like)),
            *((number, -1.0) for number in _given(unlike)),
        ),
        texts=tuple(
            (words, _weight(weight))
            for words, weight in zip_longest(text or (), (text_weight or ())[: len(text or ())])
            if words
        ),
        filters=Filters(
            classes=() if automatic else codes,
            not_classes=_given(not_class),
            since=after, before=before, holders=_given(holder), offices=_given(office),
            exclude_designs=_given(exclude),
            broken_lines={"yes": True, "no": False, None: None}[broken_lines],
        ),
        options=Options(
            limit=limit, per=per, min_score=min_score, exact=exact, diversity=diversity,
            off=tuple(off or ()), explain=explain,
        ),
        topic=topic,
        automatic=automatic,
    )  # fmt: skip


def views(
    files: Sequence[UploadFile] | None, weights: Sequence[float] | None = None
) -> Iterator[View]:
    """The uploaded drawings, decoded; parts of the form that hold no file are left out.

    Raises: QueryError for too many or too large ones, ImageError for what is no picture.
    """
    sent = [file for file in files or () if file.filename or file.size]
    if len(sent) > MAX_VIEWS:
        raise QueryError(f"{len(sent)} drawings are too many: one design has {MAX_VIEWS} at most.")
    for file, weight in zip_longest(sent, (weights or ())[: len(sent)]):
        yield view(file, _weight(weight))


def view(file: UploadFile, weight: float = 1.0) -> View:
    """An uploaded drawing, decoded. Raises: QueryError, ImageError."""
    name = shortened(file.filename or "drawing")
    content = file.file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise QueryError(f"{name} is larger than {MAX_FILE >> 20} MiB. Scale it down, or crop it.")
    picture = drawing.decode(content, name=name, max_pixels=MAX_PIXELS)
    return View(picture, weight, name, hashlib.sha256(content).hexdigest())


def shortened(name: str) -> str:
    """A file's name as a person may see it: without folders, of a bearable length."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:80] or "drawing"


def _given(values: Sequence[str] | None) -> tuple[str, ...]:
    """Values of a form's field, each once; empty ones are of fields that nobody filled in."""
    found = tuple(dict.fromkeys(value for value in values or () if value))
    if len(found) > MAX_ITEMS:
        raise QueryError(
            f"{len(found)} values in one field are too many; the limit is {MAX_ITEMS}."
        )
    return found


def _weight(given: float | None) -> float:
    weight = 1.0 if given is None else given
    if not math.isfinite(weight) or not 0 < abs(weight) <= MAX_WEIGHT:
        raise QueryError(f"A weight lies between 0 and {MAX_WEIGHT:g}, or below 0 for unlike.")
    return weight

"""The compact form of a query: ``"2:folding chair" + side.png - swivel``.

Parts are joined by ``+`` (like) and ``-`` (unlike) standing between spaces, so that ``t-shirt`` and
``front-view.png`` need no quotes. A part is

======================  ===========================================================================
``side.png``            a drawing: anything that ends like a picture file
``design:USD0906631``   a design of the collection
``folding chair``       words; quotes keep ``+``, ``-`` and spaces as they are
======================  ===========================================================================

and may begin with its weight, ``2:`` or ``0.5:`` (1 where none is given). Several drawings are
several views of one design. Parsing reads no file; :func:`read` does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.errors import QueryError
from engine.query import Filters, Query, View

Kind = Literal["drawing", "design", "text"]
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".bmp", ".webp", ".jp2")
MAX_WEIGHT = 100.0
_CLOSING = {'"': '"', "'": "'", "“": "”", "„": "“", "«": "»"}
_WEIGHT = re.compile(r"([0-9]*[.,]?[0-9]+)\s*:")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to be like (weight above 0) or unlike (below 0)."""

    kind: Kind
    value: str
    weight: float = 1.0


def parse(expression: str) -> tuple[Part, ...]:
    """The parts of an expression, in order.

    Raises: QueryError that points at the character where the expression stops making sense.
    """
    parts: list[Part] = []
    at = 0
    while not parts or at < len(expression):
        sign, begin = _sign(expression, at, needed=bool(parts))
        value, weight, end = _part(expression, begin)
        parts.append(_made(expression, begin, value, sign * weight))
        at = _skip(expression, end)
    return tuple(parts)


def read(parts: tuple[Part, ...], filters: Filters | None = None) -> Query:
    """The query that parts make; decodes their drawings. Raises: QueryError, ImageError."""
    return Query(
        drawings=tuple(
            View.read(Path(part.value).expanduser(), part.weight)
            for part in parts
            if part.kind == "drawing"
        ),
        designs=tuple((part.value, part.weight) for part in parts if part.kind == "design"),
        texts=tuple((part.value, part.weight) for part in parts if part.kind == "text"),
        filters=filters or Filters(),
    )


def _sign(expression: str, at: int, *, needed: bool) -> tuple[float, int]:
    """The sign that begins here (only the first part may do without), and where its part begins."""
    at = _skip(expression, at)
    if not _is_sign(expression, at):
        if at == len(expression):
            raise _wrong(expression, 0, "the query is empty")
        if needed:
            raise _wrong(expression, at, "a + or - between spaces is missing")
        return 1.0, at
    begin = _skip(expression, at + 1)
    if begin == len(expression):
        raise _wrong(expression, at, "nothing follows this sign")
    if _is_sign(expression, begin):
        raise _wrong(expression, begin, "two signs in a row")
    return (-1.0 if expression[at] == "-" else 1.0), begin


def _part(expression: str, at: int) -> tuple[str, float, int]:
    """The value and weight of the part that begins here, and where it ends."""
    weight, at = _weight(expression, at)
    if at < len(expression) and expression[at] in _CLOSING:
        closing = _CLOSING[expression[at]]
        end = expression.find(closing, at + 1)
        if end < 0:
            raise _wrong(expression, at, f"this quote is never closed by {closing}")
        inner = expression[at + 1 : end]
        if weight is None:
            weight, skipped = _weight(inner, 0)
            inner = inner[skipped:]
        at = end + 1
        if at < len(expression) and not expression[at].isspace():
            raise _wrong(expression, at, "a space is missing after the quote")
        return inner.strip(), 1.0 if weight is None else weight, at
    end = at
    while end < len(expression) and not _is_sign(expression, end):
        if expression[end] in '"“„«' and expression[end - 1 : end].isspace():
            raise _wrong(expression, end, "a + or - between spaces is missing before the quote")
        end += 1
    return expression[at:end].strip(), 1.0 if weight is None else weight, end


def _is_sign(expression: str, at: int) -> bool:
    """Whether a + or - stands here between spaces (or at an end)."""
    around = expression[max(0, at - 1) : at] + expression[at + 1 : at + 2]
    return expression[at : at + 1] in ("+", "-") and (not around or around.isspace())


def _weight(text: str, at: int) -> tuple[float | None, int]:
    found = _WEIGHT.match(text, at)
    if not found:
        return None, at
    return float(found[1].replace(",", ".")), _skip(text, found.end())


def _made(expression: str, at: int, value: str, weight: float) -> Part:
    if not value:
        raise _wrong(expression, at, "there is nothing to look for here")
    if not 0 < abs(weight) <= MAX_WEIGHT:
        raise _wrong(
            expression, at, f"a weight lies above 0 and up to {MAX_WEIGHT:g}; - makes it unlike"
        )
    kind, colon, name = value.partition(":")
    if colon and kind.strip().casefold() == "design":
        if not name.strip():
            raise _wrong(expression, at, "the design's number is missing")
        return Part("design", name.strip(), weight)
    if value.casefold().endswith(PICTURES):
        return Part("drawing", value, weight)
    return Part("text", value, weight)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _wrong(expression: str, at: int, what: str) -> QueryError:
    return QueryError(
        f"The query cannot be read at character {at + 1}: {what}.\n"
        f"  {' '.join(expression.splitlines())}\n  {' ' * at}^\n"
        'Write it as: "2:folding chair" + side.png - swivel'
    )

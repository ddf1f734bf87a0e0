"""What each figure shows, from the office's description of the drawings.

"FIG. 1 is a front perspective view of a chair; FIGS. 2 and 3 are side views thereof." says
``{"1": "front perspective view", "2": "side views", "3": "side views"}``.
"""

from __future__ import annotations

import re
from itertools import chain

MAX_VIEW = 80  # characters; a longer "view" is a sentence that the grammar below did not fit
MAX_RANGE = 200  # figures in "FIGS. 1-9"

_ONE = r"\d{1,3}(?:\s?[A-Za-z](?![A-Za-z]))?"
_LABELS = rf"{_ONE}(?:\s*(?:,\s*and|,|and|&|-|–|to|through)\s*{_ONE})*"
_STATEMENT = re.compile(
    rf"(?:FIGS?(?:URES?)?\.?[\s-]*(?P<labels>{_LABELS})|(?:the|a)?\s*(?:sole|only|single)?\s*FIGURE)"
    r"\s*,?\s+(?:is|are|shows?|depicts?|illustrates?)\s+(?:an?\s+|the\s+)?(?P<clause>.*)",
    re.IGNORECASE | re.DOTALL,
)
# A statement begins a paragraph, or follows the end of another one.
_BEGIN = re.compile(
    r"(?:\n|[.;]\s*(?:and,?\s*)?)(?=\s*(?:FIGS?(?:URE)?S?\b|the\s+figure\s+is))", re.I
)
_END = re.compile(
    r"\bof\b|\bthereof\b|\bshow|\bin which\b|\bwherein\b|\bwith\b|\baccording\b|\billustrat|\bfor\b"
    r"|\btaken\b|\bbeing\b|[.;:(\n]|,\s+(?:the|which|this|a|an)\b",
    re.IGNORECASE,
)
_VIEW = re.compile(r"\b(?:views?|elevations?|perspectives?|sections?|isometric|plan)\b", re.I)


def views(description: str) -> dict[str, str]:
    """Figure labels in their order, each with its view, or "" where the text names none."""
    found: dict[str, str] = {}
    for statement in _BEGIN.split("\n" + description):
        match = _STATEMENT.match(statement.strip())
        if match is None:
            continue
        clause = " ".join(_END.split(match["clause"], maxsplit=1)[0].split()).strip(" ,")
        told = _VIEW.search(clause) and len(clause) <= MAX_VIEW and " " in clause
        view = clause if told else ""  # "view" alone says nothing
        for label in _labels(match["labels"] or "1"):
            found.setdefault(label, view)
    return found


_BROKEN = re.compile(
    r"\b(?:broken|dashed|dotted|phantom|ghost|(?:dash(?:ed)?|dot(?:ted)?)(?:[\s-]+(?:dash(?:ed)?|dot(?:ted)?)){1,3})"
    r"(?:[\s-]+(?:and|or)[\s-]+\w+)?[\s-]*lin(?:es?|ing)\b",
    re.IGNORECASE,
)
_NONE = re.compile(r"\b(?:no|without(?:\s+any)?|free\s+of)\s+$", re.IGNORECASE)


def mentions_broken_lines(description: str) -> bool:
    """Whether a description speaks of lines that show what is not claimed (37 CFR 1.152)."""
    return any(
        not _NONE.search(description[: match.start()]) for match in _BROKEN.finditer(description)
    )


def _labels(text: str) -> list[str]:
    """The labels of a list: "1-3 and 5A" is 1, 2, 3, 5A."""
    parts = re.split(r"\s*(?:,\s*and|,|and|&)\s*", text)
    return list(chain.from_iterable(_range(part) for part in parts if part))


def _range(text: str) -> list[str]:
    ends = [re.sub(r"\s", "", end).upper() for end in re.split(r"\s*(?:-|–|to|through)\s*", text)]
    if len(ends) == 2 and ends[0].isdigit() and ends[1].isdigit():
        first, last = int(ends[0]), int(ends[1])
        if first <= last < first + MAX_RANGE:
            return [str(number) for number in range(first, last + 1)]
    return ends

"""The Locarno Classification: parse its codes, name them, walk from class to subclass, find by word.

32 classes ("06") and their subclasses ("06-01"), headings in the wording of editions 13 to 15, from
the table ``locarno.tsv`` beside this file, read on first use. Its ``verified`` column says which
headings were checked; ``terms`` are everyday words for what a subclass holds [ours], so that
``find`` knows a chair from its seat. Codes of older editions stay valid and name their successors.

Source: WIPO, International Classification for Industrial Designs (Locarno Agreement, 1968).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from engine.errors import EngineError

Status = Literal["current", "vacant", "legacy"]

TABLE = Path(__file__).with_name("locarno.tsv")
MISCELLANEOUS = "99"  # the subclass that any class may have

_PREFIX = (
    r"(?:\(\s*51\s*\)\s*)?(?:int\w*\.?\s*)?(?:loc(?:arno)?\b\.?\s*(?:\(\s*(?P<edition>\d{1,2})\s*\))?)?"
    r"\s*(?:(?:sub)?cl(?:ass)?(?:es)?\b\.?)?\s*:?\s*"
)
_CODE = re.compile(
    _PREFIX + r"(?:(?P<main>\d{1,2})(?:\s*[-./‐–—−]\s*(?P<sub>\d{1,2}))?|(?P<joined>\d{3,4}))$",
    re.IGNORECASE | re.ASCII,
)
_EDITION = re.compile(r"\bloc(?:arno)?\.?\s*\(\s*(\d{1,2})\s*\)", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*[,;|&\n]\s*|\s+and\s+")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"\d{{4}}[-./]\d{{1,2}}(?:[-./]\d{{1,2}})?\b|\d{{1,2}}[-./]\d{{1,2}}[-./]\d{{2,4}}\b"
    rf"|\d{{1,4}}[-./ ]+{_MONTH}\b|{_MONTH}[-./ ]+\d",
    re.IGNORECASE,
)


class UnknownCode(EngineError):
    """A text that is no Locarno code, or a code that no edition holds."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A class or subclass.

    Attributes:
        code: "06" or "06-01".
        heading: of the classification, without the class it stands under.
        status: in use; vacant, never used since; or legacy, replaced by ``successors``.
        successors: codes that replaced a legacy one.
        verified: the heading's wording was checked.
        terms: everyday names of goods in it.
    """

    code: str
    heading: str
    status: Status = "current"
    successors: tuple[str, ...] = ()
    verified: bool = True
    terms: tuple[str, ...] = ()


# --- codes --------------------------------------------------------------------------------------


def parse_code(text: str) -> str:
    """The code that a text means: "06" or "06-01".

    Takes 0604, 604, 06-04, 06.04, 6/4, "LOC (13) Cl. 06-04", "Class 6", 06; case and spaces do not
    matter. Raises: UnknownCode, also for a date that a spreadsheet made of a code.
    """
    stripped = str(text).strip()
    if _DATE.match(stripped):
        raise UnknownCode(
            f"'{stripped}' is a date: a spreadsheet turned a Locarno code such as 06-01 into it, and "
            "the code cannot be told from it. Format the column as text and type the codes again."
        )
    match = _CODE.match(stripped)
    if match is None:
        raise UnknownCode(
            f"'{stripped}' is no Locarno code. Write a class as 06 or a subclass as 06-01, "
            "or find one by a word: engine locarno chair"
        )
    main, sub = match["main"], match["sub"]
    if match["joined"]:
        main, sub = match["joined"][:-2], match["joined"][-2:]
    code = f"{int(main):02d}" if sub is None else f"{int(main):02d}-{int(sub):02d}"
    return entry(code).code


def parse(text: str) -> tuple[str, ...]:
    """The codes of a list, in its order, each once: "LOC (10) Cl. 21-01, 21-02".

    An empty text has none. Raises: UnknownCode.
    """
    parts = [part for part in _SEPARATOR.split(text.strip()) if part]
    return tuple(dict.fromkeys(parse_code(part) for part in parts))


def parse_edition(text: str) -> str:
    """The edition that a text names, "13" of "LOC (13) Cl. 06-04", or ""."""
    match = _EDITION.search(text)
    return match[1] if match else ""


def class_of(code: str) -> str:
    """The class of a code: "06" of "06-01" and of "06". Raises: UnknownCode."""
    return entry(code).code[:2]


def path(code: str) -> tuple[str, ...]:
    """The code's levels, coarse to fine: ("06", "06-01"), or ("06",). Raises: UnknownCode."""
    known = entry(code).code
    return (known,) if len(known) == 2 else (known[:2], known)


def distance(a: str, b: str) -> int:
    """0 for the same code, 1 within one class, 2 across classes. Raises: UnknownCode."""
    if class_of(a) != class_of(b):
        return 2
    return int(entry(a) != entry(b))


# --- names --------------------------------------------------------------------------------------


def entry(code: str) -> Entry:
    """The entry of a code as ``parse_code`` writes it; any class may have a miscellaneous "-99".

    Raises: UnknownCode.
    """
    table = _table()
    if code in table:
        return table[code]
    main, _, sub = code.partition("-")
    if main not in table:
        raise UnknownCode(
            f"There is no Locarno class '{main}': they run from 01 to 32. "
            "List them with: engine locarno"
        )
    if sub == MISCELLANEOUS:
        return Entry(code, "Miscellaneous")
    held = ", ".join(subclasses(main))
    raise UnknownCode(
        f"There is no Locarno subclass '{code}'. Class {label(main)} has {held}. "
        f"See what they hold with: engine locarno {main}"
    )


def heading(code: str) -> str:
    """The heading of a class or subclass. Raises: UnknownCode."""
    return entry(code).heading


def label(code: str) -> str:
    """Code and heading, "06-01 Seats". Raises: UnknownCode."""
    return f"{code} {heading(code)}"


def status(code: str) -> Status:
    """Whether a code is in use. Raises: UnknownCode."""
    return entry(code).status


def successors(code: str) -> tuple[str, ...]:
    """What replaced a legacy code; empty for others. Raises: UnknownCode."""
    return entry(code).successors


@cache
def classes() -> tuple[str, ...]:
    """The 32 classes, in order."""
    return tuple(code for code in _table() if len(code) == 2)


def subclasses(code: str) -> tuple[str, ...]:
    """The subclasses of a class (or of a subclass's class), vacant and legacy ones too, in order.

    Raises: UnknownCode.
    """
    start = class_of(code) + "-"
    return tuple(code for code in _table() if code.startswith(start))


# --- words --------------------------------------------------------------------------------------

# What a match is worth [ours]: a term as a whole, its last word ("chair" in "rocking chair"), any
# other word of it, a word of the heading, the beginning of a word.
_WHOLE, _HEAD, _TERM_WORD, _HEADING_WORD, _BEGINNING = 4.0, 1.5, 1.0, 2.0, 0.5
_NOISE = frozenset(
    {"a", "an", "and", "or", "the", "of", "for", "to", "in", "on", "with", "by", "other", "similar",
     "articles", "not", "elsewhere", "included", "specified", "thereof", "therefor"}
)  # fmt: skip


def find(text: str) -> tuple[str, ...]:
    """Codes in use whose heading or terms hold the words, best first; a code finds itself.

    Codes that match more of the words come first, then better matches, then lower codes; words are
    compared without accents, case and plural.
    """
    if any(character.isdigit() for character in text):
        try:
            return (parse_code(text),)
        except UnknownCode:
            pass
    asked = _words(text)
    scored = []
    for code, (terms, head) in _vocabulary().items():
        marks = [_match(word, terms, head) for word in asked]
        found = sum(mark > 0 for mark in marks)
        whole = _WHOLE * len(asked) * (tuple(asked) in terms)
        if found:
            scored.append((-found, -(sum(marks) + whole), code))
    return tuple(code for _, _, code in sorted(scored))


def _match(word: str, terms: tuple[tuple[str, ...], ...], head: tuple[str, ...]) -> float:
    """How well one word of a question fits an entry: its best term and its heading together."""
    best = 0.0
    for term in terms:
        if term == (word,):
            best = max(best, _WHOLE)
        elif term[-1] == word:
            best = max(best, _HEAD)
        elif word in term:
            best = max(best, _TERM_WORD)
    if word in head:
        best += _HEADING_WORD
    elif not best and len(word) > 2:
        every = (*head, *(part for term in terms for part in term))
        best = _BEGINNING * any(part.startswith(word) for part in every)
    return best


def _words(text: str) -> list[str]:
    """Singular, lower-case words without accents, noise left out."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "")).encode("ascii", "ignore").decode()
    return [
        _singular(word) for word in re.findall(r"[a-z0-9]+", plain.lower()) if word not in _NOISE
    ]


def _singular(word: str) -> str:
    """A rough singular: boxes and box, knives and knife need only become the same."""
    for ending, rest in (("ies", "y"), ("ives", "ife"), ("elves", "elf"), ("shes", "sh"),
                         ("ches", "ch"), ("xes", "x"), ("sses", "ss"), ("ss", "ss"), ("us", "us"),
                         ("s", "")):  # fmt: skip
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + rest
    return word


# --- the table, read once -----------------------------------------------------------------------


@cache
def _table() -> dict[str, Entry]:
    """Every entry by code, in the order of codes."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:]]
    found: dict[str, Entry] = {}
    for code, name, state, after, verified, terms in rows:
        known: Status = (
            "legacy" if state == "legacy" else "vacant" if state == "vacant" else "current"
        )
        found[code] = Entry(code, name, known, _split(after), verified == "1", _split(terms))
    return found


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()


@cache
def _vocabulary() -> dict[str, tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]]:
    """The words of each code in use: its terms and its heading; none of the miscellaneous ones."""
    return {
        code: (
            tuple(tuple(_words(term)) or (term,) for term in entry.terms),
            tuple(_words(entry.heading)),
        )
        for code, entry in _table().items()
        if entry.status == "current" and not code.endswith("-" + MISCELLANEOUS)
    }

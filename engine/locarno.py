"""The Locarno Classification: parse its codes, name them, walk from class to subclass, find by word.

32 classes ("06") and their subclasses ("06-01"), headings in the wording of editions 13 to 15, from
the table ``locarno.tsv`` beside this file, read on first use. Its ``verified`` column says which
headings were checked; ``terms`` are everyday words for what a subclass holds [ours], no word in two
subclasses, so that ``find`` knows a chair from its seat. Codes of older editions stay valid and name
their successors; so do the marks of offices for what has no class.

Source: WIPO, International Classification for Industrial Designs (Locarno Agreement, 1968).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from engine.errors import EngineError

Status = Literal["current", "vacant", "legacy"]

TABLE = Path(__file__).with_name("locarno.tsv")
# What offices write where there is no class, as a class (99-00) or as a subclass of any (06-99).
MARKS = {"77": "Unclassified", "99": "Miscellaneous"}

_PREFIX = (
    r"(?:\(\s*51\s*\)\s*)?(?:int\w*\.?\s*)?(?:loc(?:arno)?\b\.?\s*(?:\(\s*(?P<edition>\d{1,2})\s*\))?)?"
    r"\s*(?:(?:sub)?cl(?:ass)?(?:es)?\b\.?)?\s*:?\s*"
)
_CODE = re.compile(
    _PREFIX + r"(?:(?P<main>\d{1,2})(?:\s*[-./‐–—−]\s*(?P<sub>\d{1,2}))?|(?P<joined>\d{3,4}))$",
    re.IGNORECASE | re.ASCII,
)
_EDITION = re.compile(r"\bloc(?:arno)?\.?\s*\(\s*(\d{1,2})\s*\)", re.IGNORECASE)
_SEPARATOR = re.compile(r"(\s*[,;|&\n]\s*|\s+and\s+)")
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
        since, until: first and last edition that holds it, where known, or None.
        verified: the heading's wording was checked.
        terms: everyday names of goods in it.
    """

    code: str
    heading: str
    status: Status = "current"
    successors: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
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

    After a comma, two digits are one more subclass of the class before, as WIPO recommends to
    offices: "Cl. 8-05, 08; 11-01" is 08-05, 08-08 and 11-01. An empty text has none.
    Raises: UnknownCode.
    """
    codes: list[str] = []
    mark = ""
    for part in _SEPARATOR.split(text.strip()):
        if _SEPARATOR.fullmatch(part):
            mark = part.strip()
        elif part:
            before = codes[-1] if codes and mark == "," else ""
            shared = "-" in before and len(part) == 2 and part.isdecimal()
            codes.append(parse_code(f"{before[:2]}-{part}" if shared else part))
    return tuple(dict.fromkeys(codes))


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
    """The entry of a code as ``parse_code`` writes it; any class may have the subclasses of ``MARKS``.

    Raises: UnknownCode.
    """
    table = _table()
    if code in table:
        return table[code]
    main, _, sub = code.partition("-")
    if main in MARKS and sub in ("", "00", *MARKS):
        return Entry(code, MARKS[main], "legacy")
    if main not in table:
        raise UnknownCode(
            f"There is no Locarno class '{main}': they run from 01 to 32. "
            "List them with: engine locarno"
        )
    if sub in MARKS:
        return Entry(code, MARKS[sub])
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

# Words that tell nothing: of headings, and of titles that call any thing a device [ours].
_NOISE = frozenset(
    {"a", "an", "and", "or", "the", "of", "for", "to", "in", "on", "with", "by", "other", "similar",
     "article", "not", "elsewhere", "included", "specified", "thereof", "therefor", "apparatus",
     "assembly", "component", "design", "device", "equipment", "implement", "part", "product", "set",
     "system", "unit"}
)  # fmt: skip
_BEGINNING = 0.5  # of a word that only begins with the asked one [ours]
_REST = 0.05  # of an entry's further matches against its best one [ours]


def find(text: str) -> tuple[str, ...]:
    """Codes in use whose heading or terms are like the words, best first; a code finds itself.

    The asked words are compared with each term and each phrase of a heading by the cosine of their
    words, rare ones weighing more (inverse document frequency). An entry counts for its best phrase
    and a little for the others; equal ones go by code, subclasses first. Accents, case and plural do
    not matter. The last word gets no more weight: parts are filed with their whole, so that a "razor
    handle" is a razor.
    """
    if any(character.isdigit() for character in text):
        try:
            return (parse_code(text),)
        except UnknownCode:
            pass
    asked = _asked(text)
    scored = []
    for code, phrases in _vocabulary().phrases.items():
        alike = [sum(asked.get(word, 0.0) * weight for word, weight in p.items()) for p in phrases]
        if any(alike):
            score = max(alike) + _REST * (sum(alike) - max(alike))
            scored.append((-round(score, 9), -len(code), code))
    return tuple(code for _, _, code in sorted(scored))


def _asked(text: str) -> dict[str, float]:
    """The words asked for and what each weighs; an unknown one stands for those it begins."""
    rarity = _vocabulary().rarity
    weights: dict[str, float] = {}
    for word in _words(text):
        if word in rarity:
            weights[word] = rarity[word]
        elif len(word) > 2:
            weights |= {
                longer: _BEGINNING * rarity[longer]
                for longer in rarity
                if longer.startswith(word) and longer not in weights
            }
    return weights


def _words(text: str) -> list[str]:
    """Singular, lower-case words without accents, noise left out."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "")).encode("ascii", "ignore").decode()
    words = (_singular(word) for word in re.findall(r"[a-z0-9]+", plain.lower()))
    return [word for word in words if word not in _NOISE]


def _singular(word: str) -> str:
    """A rough singular: boxes and box, knives and knife need only become the same."""
    for ending, rest in (("ies", "y"), ("ives", "ife"), ("elves", "elf"), ("shes", "sh"),
                         ("ches", "ch"), ("xes", "x"), ("sses", "ss"), ("ss", "ss"), ("us", "us"),
                         ("s", "")):  # fmt: skip
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + rest
    return word


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """How rare each word is, and each entry's phrases as unit vectors of weighted words."""

    rarity: dict[str, float]
    phrases: dict[str, list[dict[str, float]]]


@cache
def _vocabulary() -> _Vocabulary:
    """The words of the codes in use; none of the miscellaneous ones."""
    phrases = {
        code: [
            words
            for phrase in (*entry.terms, *re.split(r"[,()]| and ", entry.heading))
            if (words := _words(phrase))
        ]
        for code, entry in _table().items()
        if entry.status == "current" and code[3:] not in MARKS
    }
    held = Counter(word for of in phrases.values() for word in {w for words in of for w in words})
    rarity = {word: math.log(1 + len(phrases) / count) for word, count in held.items()}
    return _Vocabulary(
        rarity, {code: [_unit(words, rarity) for words in of] for code, of in phrases.items()}
    )


def _unit(words: list[str], rarity: dict[str, float]) -> dict[str, float]:
    weights = {word: rarity[word] for word in words}
    length = math.sqrt(sum(weight**2 for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()}


# --- the table, read once -----------------------------------------------------------------------


@cache
def _table() -> dict[str, Entry]:
    """Every entry by code, in the order of codes."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:]]
    found: dict[str, Entry] = {}
    for code, name, state, after, since, until, verified, terms in rows:
        known: Status = (
            "legacy" if state == "legacy" else "vacant" if state == "vacant" else "current"
        )
        found[code] = Entry(
            code, name, known, _split(after), int(since) if since else None,
            int(until) if until else None, verified == "1", _split(terms),
        )  # fmt: skip
    return found


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()

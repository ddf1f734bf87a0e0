"""Descriptions of designs: short texts of what a drawing shows, written down for search.

A *describer* turns a :class:`Subject` (what the register says, and the drawings) into texts.
:class:`Offline`, here, needs no language model: it takes title, figure descriptions, Locarno
headings and terms of goods, and the terms the encoder finds nearest to the drawings.
``ingest.language`` has the describers that ask a language model.

Texts from files and from models are data: they are cleaned and cut, and can only ever become
entries of the payload's ``descriptions``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from engine import drawing, locarno, text
from engine.encoder import Encoder
from engine.errors import EngineError
from engine.plan import Filter, Index, Point, SparseVector, Vector, unit_rows

if TYPE_CHECKING:
    from PIL.Image import Image

    from engine.design import Design

PROMPT_VERSION = 1  # raise when the instructions or the record change: cached answers then lapse
MAX_TEXTS = 28  # twenty descriptions and eight names
MAX_CHARACTERS = 200  # of one text
PICTURES = 4  # drawings of a design that a model is shown
EVERYTHING = Filter()

Additions = tuple[dict[str, Vector | SparseVector], dict[str, Any]]


class DescribeError(EngineError):
    """A design that could not be described; it stays searchable by its drawings."""


class DescriberAway(DescribeError):
    """A describer that answers nobody: asking for the next design makes no sense."""

    exit_code = 4


# --- what is described ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """What a describer is told of one design.

    Attributes:
        id: for messages.
        title, description: as the office has them, or "".
        codes: Locarno subclasses or classes.
        views: what the figures show ("front elevational view").
        terms: names of goods that the encoder finds nearest to the drawings, best first.
        pictures: upright grey drawings; a few are enough.
    """

    id: str
    title: str = ""
    description: str = ""
    codes: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    pictures: tuple[Image, ...] = ()

    @classmethod
    def of(
        cls, design: Design, pictures: Sequence[Image] = (), terms: Sequence[str] = ()
    ) -> Subject:
        """A design as its file has it."""
        return cls(
            id=design.id,
            title=design.title,
            description=design.description,
            codes=design.locarno,
            views=tuple(dict.fromkeys(figure.view for figure in design.figures if figure.view)),
            terms=tuple(terms),
            pictures=tuple(pictures[:PICTURES]),
        )

    def record(self) -> dict[str, Any]:
        """The words of it, as JSON values, cut to lengths that no honest file exceeds."""
        return {
            "title": tidy(self.title, 300),
            "locarno": [label(code) for code in self.codes[:8]],
            "figures": tidy(self.description, 2000),
            "views": [tidy(view, 100) for view in self.views[:8]],
            "similar_goods": [tidy(term, 60) for term in self.terms[:12]],
        }

    def key(self, describer: str) -> str:
        """A hash of all that an answer depends on: the cache's key."""
        made = hashlib.sha256(json.dumps([PROMPT_VERSION, describer, self.record()]).encode())
        for picture in self.pictures:
            made.update(repr(picture.size).encode() + picture.tobytes())
        return made.hexdigest()


class Describer(Protocol):
    """Turns a subject into texts."""

    @property
    def name(self) -> str:
        """Kind and model, "openai:gpt-x": part of the cache's key and of the payload."""

    @property
    def sees(self) -> bool:
        """Whether it looks at the pictures; without, they need not be kept for it."""

    def describe(self, subject: Subject) -> tuple[str, ...]:
        """Clean texts, the most telling first. Raises: DescribeError. Threads may share it."""


def label(code: str) -> str:
    """Code and heading; the bare code where no edition knows it."""
    try:
        return locarno.label(code)
    except locarno.UnknownCode:
        return code


def tidy(words: str, length: int = MAX_CHARACTERS) -> str:
    """One line of plain characters, cut at a word where it is too long."""
    plain = "".join(
        character if unicodedata.category(character)[0] != "C" else " "
        for character in unicodedata.normalize("NFC", words[: 4 * length])
    )
    line = " ".join(plain.split())
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0] if " " in line[:length] else line[:length]


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Tidy texts, each once whatever its case, empty ones left out, at most MAX_TEXTS."""
    found: dict[str, str] = {}
    for words in map(tidy, texts):
        if any(character.isalnum() for character in words):
            found.setdefault(words.casefold(), words)
    return tuple(found.values())[:MAX_TEXTS]


# --- without a language model --------------------------------------------------------------------

# "FIG. 1 is a perspective view of a folding chair, showing my new design;" names a folding chair.
_OBJECT = re.compile(
    r"\bview (?:thereof )?of (?:an? |the |my )?(?P<object>[^,;.:()]{3,80}?)"
    r"(?= (?:show|embody|illustrat|in accordance|according|of FIG|of the (?:present|invention|design)|found|shown|with|wherein|in (?:a|an|its|the) )|[,;.:()]|$)",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"^(?:thereof|same|(?:the |my |our )?(?:new |ornamental |claimed )*(?:(?:design|embodiment|boundar)\w*\b.*|article|product|device)|fig\b.*)$",
    re.IGNORECASE,
)
_ORNAMENTAL = re.compile(r"^(?:the )?ornamental design (?:for|of) (?:an? |the )?", re.IGNORECASE)
TERMS_SHOWN = 5
LIKE_TITLE = 0.45  # cosine over which a term of goods says the same as a title [ours]


@dataclass(frozen=True)
class Offline:
    """Descriptions out of the register's own words, the Locarno Classification and the encoder."""

    words: text.TextEncoder = field(default_factory=text.load, repr=False)

    @property
    def name(self) -> str:
        """Its name, with a version that changes as its texts do."""
        return "offline-1"

    @property
    def sees(self) -> bool:
        """It does not: the encoder names goods for it."""
        return False

    def describe(self, subject: Subject) -> tuple[str, ...]:
        """Title, objects named by the figures' descriptions, goods, headings.

        Raises: DescribeError when nothing at all is known of the design.
        """
        title = _named(subject)
        objects = [
            found["object"]
            for found in _OBJECT.finditer(subject.description)
            if not _EMPTY.match(found["object"])
        ]
        texts = distinct(
            [title, *objects[:4], *self._goods(title, subject), *headings(subject.codes)]
        )
        if not texts:
            raise DescribeError(
                f"{subject.id} has neither title nor class, and its encoder names no goods: there "
                "is nothing to describe it by. Add a title or class, or name a language model."
            )
        return texts

    def _goods(self, title: str, subject: Subject) -> list[str]:
        """Terms of the design's subclasses that are like its title, and those like its drawings."""
        terms, rows = self.goods.among(subject.codes)
        if not title.strip() or not terms:
            return [*subject.terms[:TERMS_SHOWN]]
        likeness = rows @ self.words.remembered([title])[0]
        order = np.argsort(-likeness, kind="stable")[:TERMS_SHOWN]
        like = [terms[i] for i in order if likeness[i] > LIKE_TITLE]
        return [*like, *subject.terms[: TERMS_SHOWN - 2]]

    def expect(self, subjects: Iterable[Subject]) -> None:
        """Encode the titles of what is going to be described: together takes a third as long."""
        self.words.remembered([title for subject in subjects if (title := _named(subject)).strip()])

    @cached_property
    def goods(self) -> Goods:
        """The terms of goods, encoded on first use."""
        return Goods.load(self.words)


def _named(subject: Subject) -> str:
    """What a title names: "The ornamental design for a chair" names a chair."""
    return _ORNAMENTAL.sub("", subject.title)


def headings(codes: Iterable[str]) -> list[str]:
    """Headings of subclasses, then of their classes; unknown and miscellaneous ones left out."""
    codes = [code for code in codes if not set(code.split("-")) & set(locarno.MARKS)]
    found = []
    for code in dict.fromkeys([*codes, *(code[:2] for code in codes)]):
        try:
            found.append(locarno.heading(code))
        except locarno.UnknownCode:
            continue
    return found


@dataclass(frozen=True, eq=False)
class Goods:
    """The Locarno Classification's terms of goods as rows of the text space.

    Attributes:
        terms: each name once.
        codes: the subclasses that hold it.
        words: encodes terms when they are first asked for, a class at a time.
    """

    terms: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    words: text.TextEncoder = field(repr=False)
    _among: dict[frozenset[str], tuple[tuple[str, ...], Vector]] = field(
        default_factory=dict, repr=False
    )

    @classmethod
    @lru_cache(maxsize=2)
    def load(cls, words: text.TextEncoder) -> Goods:
        """All terms of the latest edition."""
        held: dict[str, list[str]] = {}
        for main in locarno.classes():
            for code in locarno.subclasses(main):
                for term in locarno.entry(code).terms:
                    held.setdefault(term, []).append(code)
        return cls(tuple(held), tuple(map(tuple, held.values())), words)

    @cached_property
    def table(self) -> Vector:
        """Every term's unit row (terms, dim); a second or two, once a process."""
        return self.words.remembered(self.terms)

    def among(self, codes: Iterable[str]) -> tuple[tuple[str, ...], Vector]:
        """The terms of these classes and subclasses, and their rows (terms, dim)."""
        wanted = frozenset(codes)
        if wanted not in self._among:
            places = [
                place
                for place, held in enumerate(self.codes)
                if any(code in wanted or code[:2] in wanted for code in held)
            ]
            terms = tuple(self.terms[i] for i in places)
            self._among[wanted] = terms, self.words.remembered(terms)
        return self._among[wanted]

    def nearest(self, meanings: Vector, codes: Iterable[str] = (), k: int = 5) -> tuple[str, ...]:
        """The terms nearest to a design's drawings, best first.

        Args:
            meanings: (figures, dim) unit rows, the encoder's ``text`` output.
            codes: classes and subclasses to choose among; all where they hold no term.
            k: terms, at most.
        """
        terms, rows = self.among(codes)
        if not terms:
            terms, rows = self.terms, self.table
        likeness = rows @ unit_rows(meanings.mean(axis=0))[0]
        return tuple(terms[i] for i in np.argsort(-likeness, kind="stable")[:k])


# --- from texts to what a point holds ------------------------------------------------------------


class Cache:
    """Texts already written, on disk, by a hash of all they depend on. Threads may share it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("CREATE TABLE IF NOT EXISTS texts (key TEXT PRIMARY KEY, json TEXT)")
        except sqlite3.DatabaseError as error:
            self._base.close()
            raise DescribeError(
                f"{path} is no cache of descriptions ({error}). Delete it, or name another."
            ) from error

    def get(self, key: str) -> tuple[str, ...] | None:
        """The texts of a key, or None."""
        with self._lock:
            row = self._base.execute("SELECT json FROM texts WHERE key = ?", (key,)).fetchone()
        return tuple(json.loads(row[0])) if row else None

    def put(self, key: str, texts: Sequence[str]) -> None:
        """Keep the texts of a key.

        Raises: DescriberAway where they cannot be kept: to ask on would pay for what is then lost.
        """
        value = json.dumps(list(texts), ensure_ascii=False)
        try:
            with self._lock:
                self._base.execute("INSERT OR REPLACE INTO texts VALUES (?, ?)", (key, value))
        except sqlite3.Error as error:
            raise DescriberAway(
                f"Descriptions cannot be kept in {self._path} ({error}). Free some space, then run "
                "the same command again."
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()


@dataclass(frozen=True)
class Describing:
    """A describer with its cache, and the way from its texts to a point's vectors and payload."""

    describer: Describer
    cache: Cache | None = None
    words: text.TextEncoder = field(default_factory=text.load, repr=False)

    def texts(self, subject: Subject) -> tuple[str, ...]:
        """The texts of a subject, from the cache where they are. Raises: DescribeError."""
        key = subject.key(self.describer.name) if self.cache else ""
        found = self.cache.get(key) if self.cache else None
        if found is None:
            found = distinct(self.describer.describe(subject))
            if not found:
                raise DescribeError(f"{self.describer.name} wrote nothing of {subject.id}.")
            if self.cache:
                self.cache.put(key, found)
        return found

    def additions(self, title: str, texts: Sequence[str]) -> Additions:
        """What each figure of a design gains: named vectors, and payload.

        ``descriptions`` holds a row a text, ``text`` their mean, ``bm25`` the terms of title and
        texts together.
        """
        rows = self.words.remembered(texts)
        vectors: dict[str, Vector | SparseVector] = {
            "text": unit_rows(rows.mean(axis=0))[0],
            "descriptions": rows,
            "bm25": text.document_terms("\n".join([title, *texts])),
        }
        return vectors, {"descriptions": list(texts), "described_by": self.describer.name}

    def of(self, subject: Subject) -> Additions:
        """Texts and what becomes of them, in one step. Raises: DescribeError."""
        return self.additions(subject.title, self.texts(subject))

    def of_all(self, subjects: Sequence[Subject]) -> list[Additions | DescribeError]:
        """As :meth:`of` for each, in order; what there is to encode is encoded together.

        What comes after a DescriberAway is left out.
        """
        if isinstance(self.describer, Offline):
            self.describer.expect(subjects)
        told: list[tuple[str, ...] | DescribeError] = []
        for subject in subjects:
            try:
                told.append(self.texts(subject))
            except DescribeError as error:
                told.append(error)
                if isinstance(error, DescriberAway):
                    break
        self.expect(told)
        return [
            texts if isinstance(texts, DescribeError) else self.additions(subject.title, texts)
            for subject, texts in zip(subjects, told, strict=False)
        ]

    def expect(self, told: Iterable[Sequence[str] | DescribeError]) -> None:
        """Encode together the texts of several designs, whose additions are asked for next."""
        self.words.remembered(
            [words for texts in told if not isinstance(texts, DescribeError) for words in texts]
        )


# --- a whole collection --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What describing a collection came to.

    Attributes:
        described: designs that now have descriptions.
        skipped: designs that had them already.
        failed: design ids, each with the reason.
        untried: designs left when the describer went away.
    """

    described: int = 0
    skipped: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    untried: int = 0


@dataclass(slots=True)
class _Entry:
    ids: list[str]
    described: bool = True


def complete(
    index: Index,
    describing: Describing,
    encoder: Encoder | None = None,
    *,
    where: Filter = EVERYTHING,
    every: bool = False,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Describe the designs of a collection that lack descriptions; stop and run again as you like.

    Drawings are taken from the stored thumbnails, so no source file is needed.

    Args:
        index: a collection that holds texts.
        describing: who describes, with a cache or without.
        encoder: of the collection; names goods for the drawings where it has a text side.
        where: only designs with a figure that obeys this.
        every: describe again those that have descriptions by somebody else.
        workers: designs asked about at once.
        progress: called with (designs done, designs in all).
    """
    waiting, skipped = _waiting(index, describing.describer.name, where, every)
    goods = None
    if encoder is not None and encoder.card.text_dimension:
        goods = Goods.load(describing.words)
    described, failed, left = 0, [], len(waiting)
    entries = iter(waiting.items())
    with ThreadPoolExecutor(workers) as pool:
        while batch := list(islice(entries, 4 * workers)):
            stored = [index.retrieve(entry.ids, vectors=("image",)) for _, entry in batch]
            subjects = [
                _stored_subject(number, [p.payload for p in points], encoder, goods)
                for (number, _), points in zip(batch, stored, strict=True)
            ]
            away = ""
            gained: list[Point] = []
            told = list(pool.map(_tried(describing), subjects))
            describing.expect(told)
            for subject, points, texts in zip(subjects, stored, told, strict=True):
                if isinstance(texts, DescribeError):
                    failed.append((subject.id, str(texts)))
                    away = away or (str(texts) if isinstance(texts, DescriberAway) else "")
                    continue
                vectors, payload = describing.additions(subject.title, texts)
                gained += [
                    Point(p.id, {**p.vectors, **vectors}, {**p.payload, **payload}) for p in points
                ]
                described += 1
            index.upsert(gained)
            left -= len(batch)
            if progress:
                progress(len(waiting) - left, len(waiting))
            if away:
                break
    return Outcome(described, skipped, tuple(failed), left)


def subjects(
    index: Index, name: str, *, where: Filter = EVERYTHING, every: bool = False
) -> Iterator[Subject]:
    """The subjects that :func:`complete` would describe, for an estimate beforehand."""
    for number, entry in _waiting(index, name, where, every)[0].items():
        found = index.retrieve(entry.ids)
        yield _stored_subject(number, [point.payload for point in found], None, None)


def _waiting(
    index: Index, name: str, where: Filter, every: bool
) -> tuple[dict[tuple[str, str], _Entry], int]:
    """Designs to describe, with the ids of their figures; and how many need none."""
    designs: dict[tuple[str, str], _Entry] = {}
    for point in index.scroll(where, keys=("office", "design_id", "described_by")):
        by = str(point.payload.get("described_by") or "")
        key = (str(point.payload.get("office", "")), str(point.payload["design_id"]))
        entry = designs.setdefault(key, _Entry([]))
        entry.ids.append(point.id)
        entry.described &= by == name if every else bool(by)
    waiting = {key: entry for key, entry in designs.items() if not entry.described}
    return waiting, len(designs) - len(waiting)


def _tried(describing: Describing) -> Callable[[Subject], tuple[str, ...] | DescribeError]:
    def tried(subject: Subject) -> tuple[str, ...] | DescribeError:
        try:
            return describing.texts(subject)
        except DescribeError as error:
            return error

    return tried


def _stored_subject(
    key: tuple[str, str],
    payloads: Sequence[Any],
    encoder: Encoder | None,
    goods: Goods | None,
) -> Subject:
    """A stored design as a subject; its thumbnails are its pictures."""
    first = payloads[0] if payloads else {}
    pictures = [
        picture for payload in payloads[:PICTURES] if (picture := _thumbnail(payload)) is not None
    ]
    codes = tuple(dict.fromkeys(str(code) for code in first.get("path", ())))
    fine = tuple(code for code in codes if "-" in code) or codes
    terms: tuple[str, ...] = ()
    if encoder is not None and goods is not None and pictures:
        meanings = encoder.encode_all([encoder.prepare(picture) for picture in pictures]).text
        terms = goods.nearest(meanings, fine) if meanings is not None else ()
    return Subject(
        id=key[1],
        title=str(first.get("title", "")),
        description=str(first.get("description", "")),
        codes=fine,
        views=tuple(dict.fromkeys(str(p["view"]) for p in payloads if p.get("view"))),
        terms=terms,
        pictures=tuple(pictures),
    )


def _thumbnail(payload: Any) -> Image | None:
    """The small picture that a payload holds as a data: URL, if it does and it is one."""
    address = str(payload.get("thumbnail") or "")
    if not address.startswith("data:image/"):
        return None
    try:
        content = base64.b64decode(address.partition(",")[2], validate=True)
        picture = drawing.decode(content, name="thumbnail")
        return picture if drawing.ink_box(picture) else None
    except (ValueError, EngineError):
        return None

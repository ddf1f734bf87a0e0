"""A registered design and its figures, in the offices' words (INID codes of WIPO ST.80).

Knows nothing of files' formats, of encoders or of stores: sources make these, ``qdrant.points``
stores them, search returns them as hits.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import date

# Point ids are UUIDv5 in this namespace, so reading the same file again overwrites, never doubles.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/design-search-engine/figure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One picture of a design, as its file holds it (55).

    Attributes:
        number: label of the figure within its design ("1", "2A"); "S3" is sheet 3, not split.
        file: where it was read, as a user would write it; members of archives after "!".
        content: the encoded picture (TIFF, PNG, …), not decoded yet.
        page: page of a multi-page file, from 0.
        view: what the office says it shows ("front elevational view"), or "".
        turn: degrees clockwise that set the sheet upright: 0, 90, 180 or 270.
        sha256: hex digest of ``content``; made when left empty.
        box: left, top, right, bottom in pixels of the upright page, or None for the whole page.
        label: what the label beside it says ("3", "2A"), or "" where it was not read.
        sheet: the sheet it was parted from ("S3"), or "" where the file holds one figure.
        parts: figures on that sheet; 0 where nobody looked.
        confidence: 0 … 1 that the box holds one whole figure with its own label.
        split_by: what parted the sheet, so that the same need not do it again.
        broken_lines: whether it has dashed lines (surroundings not claimed); None where unknown.
        erase: boxes on the upright page that belong to labels and to other figures.
    """

    number: str
    file: str
    content: bytes = field(repr=False, compare=False)
    page: int = 0
    view: str = ""
    turn: int = 0
    sha256: str = ""
    box: tuple[int, int, int, int] | None = None
    label: str = ""
    sheet: str = ""
    parts: int = 0
    confidence: float | None = None
    split_by: str = ""
    broken_lines: bool | None = None
    erase: tuple[tuple[int, int, int, int], ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.sha256:
            object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A document that the office or the applicant cited against the design (56)."""

    design_id: str
    category: str = ""  # "cited by examiner", "cited by applicant"
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A registration: number, product, classes, dates, holder, figures.

    Attributes:
        id: registration number as the office writes it (11), "USD0906631".
        office: WIPO ST.3 code of the office ("US", "EM", "WO"), or "" where unknown.
        title: indication of the product (54).
        locarno: subclass codes "06-01" or class codes "06" (51), the main one first; may be empty.
        locarno_edition: edition of the classification the codes are from, or "".
        filed: date of application (22).
        published: date of publication or grant (45).
        holder: (73).
        figures: (55), in the office's order.
        citations: (56).
        description: description of the figures, as the office gives it, or "".
        related: numbers of earlier filings of the same design (reissue, continuation, division).
    """

    id: str
    office: str = ""
    title: str = ""
    locarno: tuple[str, ...] = ()
    locarno_edition: str = ""
    filed: date | None = None
    published: date | None = None
    holder: str = ""
    figures: tuple[Figure, ...] = ()
    citations: tuple[Citation, ...] = ()
    description: str = ""
    related: tuple[str, ...] = ()


def figure_id(office: str, design_id: str, number: str) -> str:
    """UUIDv5 of a figure: the same figure has the same id in every store, for ever."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join((office, design_id, number))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer of a search: the figure that matched, with its design.

    ``score`` is the cosine of query and figure unless a later stage (fusion, rerank) replaced it;
    ``stages`` holds what each stage gave. ``rank`` counts from 1.
    """

    rank: int
    score: float
    id: str
    design_id: str
    figure: str
    title: str = ""
    office: str = ""
    locarno_class: str = ""
    locarno_subclass: str = ""
    class_name: str = ""
    file: str = ""
    published: str = ""
    holder: str = ""
    view: str = ""
    label: str = ""
    thumbnail: str = field(default="", repr=False)
    stages: tuple[tuple[str, float], ...] = ()

"""USPTO grants in Red Book layout: weekly tars, their ZIPs, or the same unpacked.

``I20210105.tar`` → ``I20210105/DESIGN/USD0907292-20210105.ZIP`` → one XML (``us-patent-grant``) and
its TIFF sheets. Weekly text files that concatenate XML documents are split at ``<?xml``.

========================  ============================================================================
``Design``                XML
========================  ============================================================================
``id``                    publication-reference doc-number, "D0907292" → ``USD907292``
``locarno``, edition      classification-locarno (never classification-national, which is the USPC)
``title``                 invention-title
``filed``, ``published``  application-reference date, publication-reference date
``holder``                assignees, else applicants: organisation, or first and last name
``figures``               drawings/figure/img; ``D00000`` repeats a sheet on the front page: left out
``description``           description-of-drawings
``citations``             us-citation with its category
``related``               parent-grant-document of continuations, divisions and reissues
========================  ============================================================================

A sheet marked ``orientation="landscape"`` is stored with its text running upwards: it is turned by
90° clockwise to stand upright. Utility patents in the same file are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine.design import Citation, Design, Figure
from engine.errors import SourceError
from ingest import views
from ingest.sources import Problem, assembled, classes, documents
from ingest.sources.documents import Beside
from ingest.sources.files import plain, start_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

FRONT_PAGE = re.compile(r"-D0+\.\w+$", re.IGNORECASE)
SHEET = re.compile(r"-D0*(\d+)\.\w+$", re.IGNORECASE)


def matches(path: Path) -> bool:
    """Whether the path is named like a Red Book file."""
    return documents.matches(path)


def speaks_for(files: Iterable[Path]) -> bool:
    """Whether a grant's XML is among a folder's files, so that the pictures there are its sheets."""
    documents = (file for file in files if file.suffix.lower() == ".xml")
    return any(b"us-patent-grant" in start_of(file) for file in documents)


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a file, or of every file below a folder; a bad file is a problem, not an end."""
    return documents.read(path, grant)


def grant(root: Element, where: str, beside: Beside) -> Iterator[Design | Problem]:
    """One document: a design with its figures; nothing for another kind of patent."""
    if root.tag != "us-patent-grant":
        return
    reference = root.find(".//application-reference")
    if reference is not None and reference.get("appl-type", "design") != "design":
        return
    number = _text(root, ".//publication-reference//doc-number")
    if not number:
        raise SourceError("the XML has no publication number: it is not a whole grant")
    office = _text(root, ".//publication-reference//country") or "US"
    codes, edition, remark = _locarno(root)
    if remark:
        yield Problem(where, f"class left out: {remark}", figures=0)
    described = _description(root)
    design = Design(
        id=design_number(number, office),
        office=office,
        title=_text(root, ".//invention-title"),
        locarno=codes,
        locarno_edition=edition,
        filed=_day(_text(root, ".//application-reference//date")),
        published=_day(_text(root, ".//publication-reference//date")),
        holder=_holder(root),
        citations=tuple(_citations(root)),
        description=described,
        related=tuple(_related(root)),
    )
    yield from assembled(design, _figures(root, described, where, beside))


def design_number(number: str, office: str = "US") -> str:
    """A number as one word: "D0907292" and "D907292" → "USD907292", utility "9925677" → "US9925677".

    The office pads numbers with zeros in some places and not in others; without them a citation and
    the grant it cites are one word.
    """
    match = re.fullmatch(r"([A-Z]*)0*(\d+)", number.strip().upper())
    return f"{office}{match[1]}{match[2]}" if match else f"{office}{number.strip()}"


def _text(root: Element, path: str) -> str:
    found = root.find(path)
    return _words(found) if found is not None else ""


def _words(element: Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _day(text: str) -> date | None:
    try:
        # The office writes day 00 where only the month is known.
        return date(int(text[:4]), int(text[4:6]), max(1, int(text[6:8])))
    except ValueError:
        return None


def _locarno(root: Element) -> tuple[tuple[str, ...], str, str]:
    """Codes, edition, and what was wrong with them."""
    edition = _text(root, "./us-bibliographic-data-grant/classification-locarno/edition")
    texts = [
        _words(found)
        for tag in ("main-classification", "further-classification")
        for found in root.iterfind(f"./us-bibliographic-data-grant/classification-locarno/{tag}")
    ]
    codes, wrong = classes(texts)
    return codes, edition, wrong


def _holder(root: Element) -> str:
    """The first assignee, else applicant, else (before 2012) inventor."""
    for path in ("assignees/assignee", "us-applicants/us-applicant", "applicants/applicant",
                 "inventors/inventor"):  # fmt: skip
        for party in root.iterfind(f"./us-bibliographic-data-grant//{path}"):
            name = _text(party, ".//orgname") or " ".join(
                filter(None, (_text(party, ".//first-name"), _text(party, ".//last-name")))
            )
            if name:
                return name
    return ""


def _citations(root: Element) -> Iterator[Citation]:
    for cited in (
        *root.iterfind(".//us-references-cited/us-citation"),
        *root.iterfind(".//references-cited/citation"),  # to 2012
    ):
        number = _text(cited, ".//document-id/doc-number")
        country = _text(cited, ".//document-id/country")
        if number:
            name = design_number(number) if country == "US" else f"{country}{number}"
            yield Citation(design_id=name, category=_text(cited, "category"), country=country)


def _related(root: Element) -> Iterator[str]:
    """Grants that this one continues, divides or reissues; each once, the nearest first."""
    numbers = (
        design_number(_words(found))
        for found in root.iterfind(".//us-related-documents//parent-grant-document//doc-number")
    )
    yield from dict.fromkeys(numbers)


def _description(root: Element) -> str:
    lines = (_words(line) for line in root.iterfind(".//description-of-drawings/p"))
    return "\n".join(line for line in lines if line)


def _figures(
    root: Element, described: str, where: str, beside: Beside
) -> Iterator[Figure | Problem]:
    """The sheets that the XML names. Those it names in vain are problems, together if all are."""
    named = [
        (img.get("file", ""), img.get("orientation", ""))
        for img in root.iterfind("./drawings/figure/img")
    ]
    sheets = [sheet for sheet in named if not FRONT_PAGE.search(sheet[0])] or named
    if not sheets:
        yield Problem(where, "the grant names no drawings")
        return
    shown = list(views.views(described).values())
    missing: list[str] = []
    for index, (file, orientation) in enumerate(sheets, start=1):
        label = beside.label(plain(file) or f"drawing {index}")
        try:
            content = beside.fetch(file)
        except SourceError as error:
            yield Problem(label, str(error))
            continue
        if content is None:
            missing.append(label)
            continue
        number = SHEET.search(file)
        yield Figure(
            number=f"S{int(number[1] if number else index)}",
            file=label,
            content=content,
            turn=90 if orientation == "landscape" else 0,
            # With one figure a sheet, the descriptions tell the view of each sheet.
            view=shown[index - 1] if len(shown) == len(sheets) else "",
        )
    if len(missing) == len(sheets):
        yield Problem(where, "none of the drawings it names is there", figures=len(missing))
    else:
        yield from (Problem(label, f"is missing, though {where} names it") for label in missing)

"""WIPO ST.96 XML: Hague registrations, and national offices that publish in the same standard.

``<dgn:DesignApplication>`` (or any root of the ST.96 ``Design`` namespace) → ``DesignBag`` →
``Design``, with pictures as files beside the XML, in a folder below it, or in the same archive.
Elements are known by their names without prefix, so that every version of the standard reads alike.

=========================  ===========================================================================
``Design``                 element, below ``Design``, else below the application; the first that is
=========================  ===========================================================================
``id``                     ``RegistrationNumber`` of the design; else the application's
                           ``InternationalRegistrationNumber``, ``RegistrationNumber`` or
                           ``ApplicationNumberText`` + ``-`` + ``DesignIdentifier``: ``DM/081655-1``
``office``                 ``WO`` with an international number, else ``RegistrationOfficeCode``,
                           ``IPOfficeCode``
``title``                  ``IndicationProductText``, ``ProductIndicationText``, ``DesignTitleText``, …
                           (English where there are several)
``locarno``, edition       ``LocarnoClassification/LocarnoClass`` (and ``LocarnoSubclass``),
                           ``LocarnoClassificationEdition``
``filed``, ``published``   ``ApplicationDate``, ``DesignApplicationDate``; ``PublicationDate``, else
                           the date of registration
``holder``                 ``Holder``, else ``Applicant``: organisation, or first and last name
``description``            ``DesignDescriptionText``
``related``                ``EarlierDesign/DesignRegistrationIdentifier``
``figures``                ``ViewBag/View``: ``FileName``, ``ViewIdentifier``, ``Caption``; without
                           views the files of ``DesignRepresentationSheet``
=========================  ===========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine.design import Design, Figure
from engine.errors import SourceError
from ingest.sources import Problem, assembled, classes, documents
from ingest.sources.documents import Beside
from ingest.sources.files import plain

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MARK = b"ST96/Design"  # of the namespace http://www.wipo.int/standards/XMLSchema/ST96/Design

TITLES = (
    "IndicationProductText", "ProductIndicationText", "IndicationProductTermText", "ProductTitleText",
    "DesignTitleText", "DesignTitle", "IndicationProduct",
)  # fmt: skip
NUMBERS = ("InternationalRegistrationNumber", "RegistrationNumber", "DesignRegistrationIdentifier",
           "ApplicationNumberText", "DesignApplicationIdentifier")  # fmt: skip
OFFICES = ("RegistrationOfficeCode", "ReceivingOfficeCode", "IPOfficeCode")
FILED = ("ApplicationDate", "DesignApplicationDate", "FilingDate")
PUBLISHED = ("PublicationDate", "InternationalRegistrationDate", "RegistrationDate",
             "DesignRegistrationDate")  # fmt: skip
PARTIES = ("Holder", "Applicant")
NAMES = ("OrganizationStandardName", "OrganizationName", "EntityName", "PersonFullName")
CAPTIONS = ("Caption", "ViewTitleText", "ViewTitle", "LegendText", "ViewLegendText")


def matches(path: Path) -> bool:
    """Whether the path is XML of this standard, or an archive whose first XML is."""
    return documents.matches(path) and MARK in documents.begins(path)


def words_of(files: Iterable[Path]) -> set[str]:
    """The words of the documents among files, names of pictures with them."""
    return documents.words_of(files, ".xml", MARK)


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a file, or of every file below a folder; a bad file is a problem, not an end."""
    return documents.read(path, designs)


def designs(root: Element, where: str, beside: Beside) -> Iterator[Design | Problem]:
    """The designs of one document; nothing for a document of another standard."""
    if MARK.decode() not in str(root.tag) and not any(
        MARK.decode() in str(space) for space in root.nsmap.values()
    ):
        return
    registrations = [
        element for element in root.iter("{*}DesignApplication", "{*}HagueRegistration")
    ] or [root]
    for registration in registrations:
        members = [e for e in registration.iter("{*}Design") if e.find("{*}Design") is None]
        if not members:
            yield Problem(where, "the registration names no designs")
        for place, member in enumerate(members, start=1):
            try:
                yield from _design(registration, member, place, where, beside)
            except SourceError as error:
                yield Problem(where, str(error))


def _design(
    registration: Element, member: Element, place: int, where: str, beside: Beside
) -> Iterator[Design | Problem]:
    international = _first(registration, ("InternationalRegistrationNumber",), apart=True)
    number = _first(member, ("RegistrationNumber", "DesignRegistrationIdentifier"))
    if not number:
        whole = _first(registration, NUMBERS, apart=True)
        if not whole:
            raise SourceError("the registration has no number: it is not whole")
        number = f"{whole}-{_first(member, ('DesignIdentifier', 'DesignReference')) or place}"
    codes, wrong = classes(_codes(member) or _codes(registration))
    if wrong:
        yield Problem(where, f"class left out of design {number}: {wrong}", figures=0)
    design = Design(
        id=number,
        office="WO" if international else _first(registration, OFFICES, apart=True),
        title=_both(member, registration, TITLES),
        locarno=codes,
        locarno_edition=_both(member, registration, ("LocarnoClassificationEdition",)),
        filed=_day(_both(member, registration, FILED)),
        published=next(filter(None, (_day(_both(member, registration, (name,)))
                                     for name in PUBLISHED)), None),
        holder=_holder(member) or _holder(registration),
        description=_both(member, registration, ("DesignDescriptionText", "DescriptionText")),
        related=tuple(_related(member)),
    )  # fmt: skip
    yield from assembled(design, _figures(member, number, where, beside))


def _figures(
    member: Element, number: str, where: str, beside: Beside
) -> Iterator[Figure | Problem]:
    """The views that the XML names. Those it names in vain are problems, together if all are."""
    views = list(member.iter("{*}View")) or list(member.iter("{*}DesignRepresentationSheet"))
    named = [(view, _first(view, ("FileName",))) for view in views]
    named = [(view, file) for view, file in named if file]
    if not named:
        yield Problem(where, f"design {number} names no drawings")
        return
    labels = [_first(view, ("ViewIdentifier", "ViewNumber", "SequenceNumber")) for view, _ in named]
    if len(set(labels)) < len(labels):
        labels = [str(i) for i in range(1, len(named) + 1)]
    missing = []
    for label, (view, file) in zip(labels, named, strict=True):
        place = beside.label(plain(file))
        try:
            content = beside.fetch(file)
        except SourceError as error:
            yield Problem(place, str(error))
            continue
        if content is None:
            missing.append(place)
            continue
        yield Figure(
            number=label or "1", file=place, content=content, view=_first(view, CAPTIONS).lower()
        )
    if len(missing) == len(named):
        reason = f"none of the drawings it names for design {number} is there"
        yield Problem(where, reason, figures=len(missing))
    else:
        yield from (Problem(place, f"is missing, though {where} names it") for place in missing)


def _codes(element: Element) -> list[str]:
    """Locarno codes as the document writes them, the design's own before its application's."""
    found = []
    for classification in element.iter("{*}LocarnoClassification"):
        if _foreign(classification, element):
            continue
        main = _first(classification, ("LocarnoClass", "LocarnoClassNumber"))
        sub = _first(classification, ("LocarnoSubclass", "LocarnoSubClass"))
        code = f"{main}-{sub}" if main and sub and sub.isdecimal() else sub or main
        found.append(code or _words(classification))
    return list(filter(None, found))


def _holder(element: Element) -> str:
    for party in PARTIES:
        for found in element.iter(f"{{*}}{party}"):
            if _foreign(found, element):
                continue
            people = (_first(found, ("FirstName",)), _first(found, ("LastName",)))
            name = _first(found, NAMES) or " ".join(filter(None, people))
            if name:
                return name
    return ""


def _related(member: Element) -> Iterator[str]:
    for earlier in member.iter("{*}EarlierDesign"):
        number = _first(earlier, ("DesignRegistrationIdentifier", "RegistrationNumber"))
        if number:
            yield number


def _both(member: Element, registration: Element, names: Iterable[str]) -> str:
    return _first(member, names) or _first(registration, names, apart=True)


def _first(element: Element, names: Iterable[str], *, apart: bool = False) -> str:
    """The first text of these names, in English where it is in several languages.

    ``apart``: what stands inside a design of the element says nothing of the element.
    """
    for name in names:
        texts = [
            (found, text)
            for found in element.iter(f"{{*}}{name}")
            if not (apart and _foreign(found, element)) and _own(found, element)
            and (text := _words(found))
        ]  # fmt: skip
        if texts:
            english = (text for found, text in texts if _language(found).startswith("en"))
            return next(english, texts[0][1])
    return ""


def _foreign(found: Element, element: Element) -> bool:
    """Whether what was found belongs to a design within the element."""
    return any(
        str(above.tag).endswith("}Design")
        for above in found.iterancestors()
        if above is not element
    ) and not str(element.tag).endswith("}Design")


def _own(found: Element, element: Element) -> bool:
    """Whether it is not about an earlier design, which has numbers and dates of its own."""
    return str(element.tag).endswith("}EarlierDesign") or not any(
        str(above.tag).endswith(("}EarlierDesign", "}Priority")) for above in found.iterancestors()
    )


def _language(element: Element) -> str:
    return next(
        (str(v).lower() for k, v in element.attrib.items() if str(k).endswith("languageCode")), ""
    )


def _words(element: Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _day(text: str) -> date | None:
    """2021-01-05, 20210105, also with a time or an offset after it."""
    for digits in (text[:10].replace("-", ""), text[:8]):
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
        except ValueError:
            continue
    return None

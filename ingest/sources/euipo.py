"""EUIPO registered designs as JSON: answers of the office's design search, and DesignView's records.

A file holds one design, an application with its ``designs``, an answer with a page of ``designs``,
or any of these one after another or in an array. Pictures lie beside the file or below it, named in
``views``, or else by the design's number: ``002345678-0001_1.jpg``, ``002345678-0001/1.jpg``.

=========================  ===========================================================================
``Design``                 field; what a design lacks is taken from its application
=========================  ===========================================================================
``id``                     ``designNumber``, ``registrationNumber``; else ``applicationNumber`` with
                           the design's place, as the office numbers them: ``002345678-0001``
``office``                 ``officeCode``, ``office`` as ST.3 code; else EM
``title``                  ``productIndications`` (``language``, ``terms``; English first),
                           ``indicationOfProduct``
``locarno``, edition       ``locarnoClasses`` (``06.04``), ``locarnoClassification``;
                           ``locarnoEdition``
``filed``, ``published``   ``applicationDate``; the first ``publications/publicationDate``, else
                           ``publicationDate``, ``registrationDate``
``holder``                 ``holders``, ``owners``, ``applicants``: ``name``; ``applicantName``
``description``            ``description``
``related``                ``earlierDesigns``, ``parentDesigns``: ``designNumber``
``figures``                ``views``: ``fileName`` (``file``, ``imageFile``), ``viewNumber``
                           (``number``, ``sequence``), ``viewType`` (``description``)
=========================  ===========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from engine.design import Design, Figure
from engine.errors import SourceError
from ingest.sources import Problem, assembled, classes, documents, jsons
from ingest.sources.files import PICTURES, Below, content_of, is_picture, places, plain

MARKS = ('"designNumber"', '"locarnoClasses"', '"productIndications"', '"indicationOfProduct"')
MAX_VIEWS = 99  # the office takes 7 views a design
NUMBERS = ("designNumber", "registrationNumber", "identifier")


def matches(path: Path) -> bool:
    """Whether the path is such a JSON file."""
    return path.suffix.lower() == ".json" and _marked(jsons.begins(path))


def words_of(files: Iterable[Path]) -> set[str]:
    """The words of the files of this kind among some: names of pictures and numbers with them."""
    return documents.words_of([file for file in files if matches(file)], ".json", b'"')


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a file, or of every file below a folder; a bad file is a problem, not an end."""
    found = (file for _, files in places(path) for file in files) if path.is_dir() else [path]
    for file in found:
        if file.suffix.lower() != ".json":
            continue
        where, below = plain(str(file)), Below(file.parent)
        try:
            for count, record in enumerate(jsons.objects(file), start=1):
                if isinstance(record, SourceError):
                    yield Problem(f"{where}:{count}", str(record))
                    continue
                for told in _told(record):
                    try:
                        yield from _design(told, f"{where}:{count}", below)
                    except SourceError as error:
                        yield Problem(f"{where}:{count}", str(error))
        except SourceError as error:
            yield Problem(where, str(error))


def _marked(text: str) -> bool:
    return any(mark in text for mark in MARKS)


def _told(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The designs of a record, each with what its application says of all of them."""
    inner = _listed(record.get("designs"))
    if not inner:
        yield dict(record)
        return
    shared = {key: value for key, value in record.items() if key not in ("designs", *NUMBERS)}
    for place, design in enumerate(inner, start=1):
        told = shared | {key: value for key, value in design.items() if value not in (None, "", [])}
        told.setdefault("place", place)
        yield told


def _design(told: Mapping[str, Any], where: str, below: Below) -> Iterator[Design | Problem]:
    number = _first(told, *NUMBERS)
    if not number and _first(told, "applicationNumber"):
        number = f"{_first(told, 'applicationNumber')}-{int(told.get('place', 1)):04d}"
    if not number:
        raise SourceError("the record has no designNumber: it is no design")
    codes, wrong = classes(_codes(told))
    if wrong:
        yield Problem(where, f"class left out of design {number}: {wrong}", figures=0)
    design = Design(
        id=number,
        office=_office(told),
        title=_title(told),
        locarno=codes,
        locarno_edition=_first(told, "locarnoEdition", "locarnoVersion"),
        filed=_day(_first(told, "applicationDate", "filingDate")),
        published=_published(told),
        holder=_holder(told),
        description=_text(told.get("description")),
        related=tuple(_related(told)),
    )
    yield from assembled(design, _figures(told, number, where, below))


def _figures(
    told: Mapping[str, Any], number: str, where: str, below: Below
) -> Iterator[Figure | Problem]:
    """The views of a design: those it names, else the pictures that carry its number."""
    views = [(v, _first(v, "fileName", "file", "imageFile")) for v in _listed(told.get("views"))]
    named = [(view, file) for view, file in views if file]
    if not named:
        pictures = list(_numbered(number, below))
        if not pictures:
            yield Problem(where, f"design {number} names no drawings, and none carries its number")
        for label, file in pictures:
            yield _figure(label, "", file)
        return
    labels = [_first(view, "viewNumber", "number", "sequence") for view, _ in named]
    if not all(labels) or len(set(labels)) < len(labels):
        labels = [str(place) for place in range(1, len(named) + 1)]
    for label, (view, name) in zip(labels, named, strict=True):
        found = below.find(name)
        if found is None:
            place = plain(str(below.root / name))
            yield Problem(place, f"the file is missing ({where} names it)")
        else:
            yield _figure(label, _first(view, "viewType", "description").lower(), found)


def _figure(label: str, view: str, file: Path) -> Figure | Problem:
    try:
        content = content_of(file)
    except SourceError as error:
        return Problem(plain(str(file)), str(error))
    return Figure(number=label, file=plain(str(file)), content=content, view=view)


def _numbered(number: str, below: Below) -> Iterator[tuple[str, Path]]:
    """Pictures named after a design: in a folder of its number, or with the view after it."""
    folder = below.root / number
    if re.fullmatch(r"[\w.-]+", number) and folder.is_dir():
        pictures = sorted(file for file in folder.iterdir() if is_picture(file))
        yield from (
            (file.stem.removeprefix(number).strip("_.- ") or "1", file) for file in pictures
        )
        return
    for view in range(1, MAX_VIEWS + 1):
        names = (f"{number}{mark}{view}{end}" for mark in "_.-" for end in sorted(PICTURES))
        found = next(filter(None, map(_beside(below), names)), None)
        if found is None:
            break
        yield str(view), found
    else:
        return
    if view == 1:
        single = (f"{number}{end}" for end in sorted(PICTURES))
        yield from (("1", file) for file in filter(None, map(_beside(below), single)))


def _beside(below: Below) -> Any:
    def find(name: str) -> Path | None:
        file = below.root / name
        return file if file.is_file() else None

    return find


# ── fields ───────────────────────────────────────────────────────────────────────────────────────


def _office(told: Mapping[str, Any]) -> str:
    code = _first(told, "officeCode", "office").upper()
    return code if re.fullmatch(r"[A-Z]{2}", code) else "EM"


def _title(told: Mapping[str, Any]) -> str:
    """The product in English, else in the first language there is."""
    indications = _listed(told.get("productIndications"))
    english = [i for i in indications if _text(i.get("language")).lower() == "en"]
    for indication in (*english, *indications):
        terms = indication.get("terms") or indication.get("term") or indication.get("text")
        title = "; ".join(map(_text, terms)) if isinstance(terms, list) else _text(terms)
        if title:
            return title
    given = told.get("indicationOfProduct") or told.get("productIndications")
    if isinstance(given, list):
        return "; ".join(filter(None, map(_text, given)))
    return _text(given)


def _codes(told: Mapping[str, Any]) -> list[str]:
    given = told.get("locarnoClasses") or told.get("locarnoClassification") or []
    codes = []
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, dict):
            main, sub = _first(item, "class", "classCode"), _first(item, "subclass", "subClass")
            codes.append(_first(item, "code") or (f"{main}-{sub}" if sub else main))
        else:
            codes += re.split(r"[;,]\s*", _text(item))
    return list(filter(None, codes))


def _published(told: Mapping[str, Any]) -> date | None:
    days = [_day(_first(p, "publicationDate", "date")) for p in _listed(told.get("publications"))]
    given = [_day(_first(told, name)) for name in ("publicationDate", "registrationDate")]
    known = sorted(day for day in days if day)
    return known[0] if known else next(filter(None, given), None)


def _holder(told: Mapping[str, Any]) -> str:
    for key in ("holders", "owners", "applicants"):
        for party in _listed(told.get(key)):
            name = _first(party, "name", "organizationName", "fullName")
            if name:
                return name
    return _first(told, "holderName", "ownerName", "applicantName")


def _related(told: Mapping[str, Any]) -> Iterator[str]:
    for key in ("earlierDesigns", "parentDesigns"):
        for earlier in _listed(told.get(key)):
            number = _first(earlier, *NUMBERS)
            if number:
                yield number


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _first(record: Mapping[str, Any], *names: str) -> str:
    return next(filter(None, (_text(record.get(name)) for name in names)), "")


def _text(value: Any) -> str:
    return plain(str(value)).strip() if isinstance(value, str | int) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None

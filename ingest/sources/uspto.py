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

import os
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from engine import locarno
from engine.design import Citation, Design, Figure
from engine.errors import EngineError, SourceError
from ingest.sources import Problem, archive
from ingest.sources.folder import content_of, walk

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_XML = 32 * 2**20  # bytes of one grant; the largest real design grants are under 1 MB
LOOKED_AT = 2_000  # files of a folder that are looked at to tell what it is
OFFICIAL = frozenset({".tar", ".tgz", ".gz", ".zip", ".xml"})

Fetch = Callable[[str], "bytes | Problem | None"]


def matches(path: Path) -> bool:
    """Whether the path is a Red Book file, or a folder that holds some."""
    if path.is_file():
        return archive.is_tar(path) or path.suffix.lower() in (".zip", ".xml")
    found = walk(path, OFFICIAL)
    return any(_ours(file) for _, file in zip(range(LOOKED_AT), found, strict=False))


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a file, or of every file below a folder; a bad file is a problem, not an end."""
    files = filter(_ours, walk(path, OFFICIAL)) if path.is_dir() else iter([path])
    for file in files:
        try:
            if archive.is_tar(file):
                yield from _tar(file)
            elif file.suffix.lower() == ".zip":
                yield from _zip(file, str(file))
            else:
                yield from _loose(file)
        except SourceError as error:
            yield Problem(str(file), str(error))


def _ours(file: Path) -> bool:
    return archive.is_tar(file) or file.suffix.lower() in (".zip", ".xml")


def _tar(path: Path) -> Iterator[Design | Problem]:
    """A weekly file: ZIPs of single grants, or their files side by side in one folder each."""
    place = ""
    loose: dict[str, bytes] = {}
    for name, content in archive.tar_members(path):
        where = f"{path}!{name}"
        if name.lower().endswith(".zip"):
            yield from _archived(content, where)
            continue
        parent = str(PurePosixPath(name).parent)
        if parent != place:
            yield from _together(loose, f"{path}!{place}")
            place, loose = parent, {}
        loose[PurePosixPath(name).name] = content
    yield from _together(loose, f"{path}!{place}")


def _archived(content: bytes, where: str) -> Iterator[Design | Problem]:
    """A ZIP within an archive: if it is bad, the others are still read."""
    try:
        yield from _zip(content, where)
    except SourceError as error:
        yield Problem(where, str(error))


def _together(files: dict[str, bytes], where: str) -> Iterator[Design | Problem]:
    """The grants among a folder's files."""
    by_upper = {name.upper(): content for name, content in files.items()}

    def fetch(name: str) -> bytes | None:
        return by_upper.get(name.upper())

    for name in sorted(files):
        if name.lower().endswith(".xml"):
            yield from _documents(files[name], f"{where}/{name}", fetch, where)


def _zip(content: bytes | Path, where: str) -> Iterator[Design | Problem]:
    with archive.open_zip(content, where) as opened:
        infos = {PurePosixPath(i.filename).name.upper(): i for i in opened.infolist()}
        for name in sorted(infos):
            info = infos[name]
            inner = f"{where}!{info.filename}"
            if name.endswith(".ZIP"):
                yield from _archived(archive.zip_member(opened, info, inner), inner)
            elif name.endswith(".XML"):
                xml = archive.zip_member(opened, info, inner)
                yield from _documents(xml, inner, _fetcher(opened, infos, where), where)


def _fetcher(opened: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo], where: str) -> Fetch:
    def fetch(name: str) -> bytes | Problem | None:
        info = infos.get(name.upper())
        if info is None:
            return None
        try:
            return archive.zip_member(opened, info, f"{where}!{info.filename}")
        except SourceError as error:
            return Problem(f"{where}!{info.filename}", str(error))

    return fetch


def _loose(path: Path) -> Iterator[Design | Problem]:
    """An XML file with its sheets beside it; a weekly text file is read document by document."""
    beside = {entry.name.upper(): Path(entry.path) for entry in os.scandir(path.parent)}

    def fetch(name: str) -> bytes | Problem | None:
        file = beside.get(name.upper())
        return content_of(file) if file is not None else None

    with path.open("rb") as stream:
        document: list[bytes] = []
        size = 0
        for line in iter(lambda: stream.readline(2**20), b""):
            if line.lstrip().startswith(b"<?xml") and size:
                yield from _grant(b"".join(document), str(path), fetch, str(path.parent))
                document, size = [], 0
            size += len(line)
            if size > MAX_XML:
                raise SourceError(
                    f"{path} holds an XML document of over {MAX_XML >> 20} MB: refused."
                )
            document.append(line)
        yield from _grant(b"".join(document), str(path), fetch, str(path.parent))


def _documents(xml: bytes, where: str, fetch: Fetch, home: str) -> Iterator[Design | Problem]:
    for part in re.split(rb"(?=<\?xml )", xml):
        if part.strip():
            yield from _grant(part, where, fetch, home)


def _grant(xml: bytes, where: str, fetch: Fetch, home: str) -> Iterator[Design | Problem]:
    """One document: a design with its figures, nothing for another kind of patent, or a problem."""
    if not xml.strip():
        return
    try:
        root = parse(xml, where)
        if root.tag != "us-patent-grant":
            return
        reference = root.find(".//application-reference")
        if reference is not None and reference.get("appl-type", "design") != "design":
            return
        number = _text(root, ".//publication-reference//doc-number")
        if not number:
            raise SourceError("no publication number: not a whole grant")
    except SourceError as error:
        yield Problem(where, str(error))
        return
    codes, edition, remark = _locarno(root)
    if remark:
        yield Problem(where, f"class left out: {remark}", figures=0)
    figures: list[Figure] = []
    for figure in _figures(root, where, fetch, home):
        if isinstance(figure, Problem):
            yield figure
        else:
            figures.append(figure)
    if not figures:
        yield Problem(where, "the grant names no drawing that is there", figures=0)
        return
    yield Design(
        id=design_number(number),
        office=_text(root, ".//publication-reference//country") or "US",
        title=_text(root, ".//invention-title"),
        locarno=codes,
        locarno_edition=edition,
        filed=_day(_text(root, ".//application-reference//date")),
        published=_day(_text(root, ".//publication-reference//date")),
        holder=_holder(root),
        figures=tuple(figures),
        citations=tuple(_citations(root)),
        description=_description(root),
        related=tuple(
            dict.fromkeys(
                design_number(found.text or "")
                for found in root.iterfind(
                    ".//us-related-documents//parent-grant-document//doc-number"
                )
            )
        ),
    )


def parse(xml: bytes, where: str) -> Element:
    """The root of a document, parsed without entities, DTDs or network. Raises: SourceError."""
    from lxml import etree

    if len(xml) > MAX_XML:
        raise SourceError(f"{where} is over {MAX_XML >> 20} MB: refused.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"the XML is damaged ({error})") from error
    dtd: Any = root.getroottree().docinfo.internalDTD
    if dtd is not None and next(iter(dtd.iterentities()), None) is not None:
        raise SourceError("the XML declares entities: refused, since they can hide anything")
    return root


def design_number(number: str) -> str:
    """A US number as one word: "D0907292" and "D907292" → "USD907292"; utility "9925677" → "US9925677"."""
    match = re.fullmatch(r"([A-Z]*)0*(\d+)", number.strip().upper())
    return f"US{match[1]}{match[2]}" if match else f"US{number.strip()}"


def _text(root: Element, path: str) -> str:
    found = root.find(path)
    return " ".join("".join(map(str, found.itertext())).split()) if found is not None else ""


def _day(text: str) -> date | None:
    try:
        # The office writes day 00 where only the month is known.
        return date(int(text[:4]), int(text[4:6]), max(1, int(text[6:8])))
    except ValueError:
        return None


def _locarno(root: Element) -> tuple[tuple[str, ...], str, str]:
    """Codes, edition, and what was wrong with them."""
    edition = _text(root, ".//us-bibliographic-data-grant/classification-locarno/edition")
    texts = [
        " ".join(map(str, found.itertext())).strip()
        for tag in ("main-classification", "further-classification")
        for found in root.iterfind(f".//us-bibliographic-data-grant/classification-locarno/{tag}")
    ]
    codes: list[str] = []
    wrong = []
    for text in texts:
        try:
            codes.append(locarno.parse_code(text))
        except EngineError as error:
            wrong.append(str(error))
    return tuple(dict.fromkeys(codes)), edition, "; ".join(wrong)


def _holder(root: Element) -> str:
    for path in (".//assignees/assignee", ".//us-parties/us-applicants/us-applicant"):
        for party in root.iterfind(path):
            name = _text(party, ".//orgname") or " ".join(
                filter(None, (_text(party, ".//first-name"), _text(party, ".//last-name")))
            )
            if name:
                return name
    return ""


def _citations(root: Element) -> Iterator[Citation]:
    for cited in root.iterfind(".//us-references-cited/us-citation"):
        number = _text(cited, ".//document-id/doc-number")
        country = _text(cited, ".//document-id/country")
        if number:
            name = design_number(number) if country == "US" else f"{country}{number}"
            yield Citation(design_id=name, category=_text(cited, "category"), country=country)


def _description(root: Element) -> str:
    lines = (
        " ".join("".join(map(str, p.itertext())).split())
        for p in root.iterfind(".//description-of-drawings/p")
    )
    return "\n".join(line for line in lines if line)


def _figures(root: Element, where: str, fetch: Fetch, home: str) -> Iterator[Figure | Problem]:
    sheets: list[Any] = [
        (img.get("file", ""), img.get("orientation", ""))
        for img in root.iterfind(".//drawings/figure/img")
    ]
    views = _views(root)
    wanted = [sheet for sheet in sheets if not re.search(r"-D0+\.\w+$", sheet[0])]
    for index, (file, orientation) in enumerate(wanted or sheets, start=1):
        content = fetch(PurePosixPath(file).name) if file else None
        if content is None:
            yield Problem(
                f"{home}!{file or 'drawing without a name'}", f"missing: {where} names it"
            )
        elif isinstance(content, Problem):
            yield content
        else:
            number = re.search(r"-D0*(\d+)\.\w+$", file)
            yield Figure(
                number=f"S{number[1] if number else index}",
                file=f"{home}!{PurePosixPath(file).name}",
                content=content,
                turn=90 if orientation == "landscape" else 0,
                # With one figure a sheet, the descriptions tell the view of each sheet.
                view=views[index - 1] if len(views) == len(wanted) else "",
            )


def _views(root: Element) -> list[str]:
    """The described view of each figure, in order: "FIG. 2 is a bottom view thereof" → "bottom view"."""
    found = []
    for line in _description(root).splitlines():
        match = re.match(
            r"FIGS?\.?\s*\w+\s+(?:is|shows|are)\s+(?:an?|the)?\s*(.*)", line, re.IGNORECASE
        )
        if match:
            view = re.match(r"[\w\s,-]*?\b(?:views?|elevation)\b", match[1])
            found.append(view[0].strip() if view else "")
    return found

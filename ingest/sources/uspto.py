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
import zipfile
from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from engine import locarno
from engine.design import Citation, Design, Figure
from engine.errors import EngineError, SourceError
from ingest import views
from ingest.sources import Problem, archive, assembled
from ingest.sources.files import content_of, is_picture, places, plain

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_XML = 32 * 2**20  # bytes of one grant; the largest real design grants are under 1 MB
MAX_TOGETHER = 512 * 2**20  # bytes of one design's files in an archive
MAX_DEPTH = 2  # archives within archives
PEEK = 4096  # bytes in which the root element of a grant begins
FRONT_PAGE = re.compile(r"-D0+\.\w+$", re.IGNORECASE)
SHEET = re.compile(r"-D0*(\d+)\.\w+$", re.IGNORECASE)
_DECLARATION = re.compile(rb"(?=<\?xml\s)")


@dataclass(frozen=True, slots=True)
class Beside:
    """The files that lie beside an XML document.

    Attributes:
        files: by name, in capitals: functions that give the content or raise SourceError.
        label: function from a file's name to how its owner would write where it is.
    """

    files: Mapping[str, Callable[[], bytes]]
    label: Callable[[str], str]

    def fetch(self, name: str) -> bytes | None:
        """A file's content, or None when there is none. Raises: SourceError."""
        found = self.files.get(PurePosixPath(name).name.upper())
        return found() if found else None


def matches(path: Path) -> bool:
    """Whether the path is named like a Red Book file."""
    return archive.is_tar(path) or path.suffix.lower() in (".zip", ".xml")


def speaks_for(files: Iterable[Path]) -> bool:
    """Whether a grant's XML is among a folder's files, so that the pictures there are its sheets."""
    return any(file.suffix.lower() == ".xml" and _is_grant(file) for file in files)


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a file, or of every file below a folder; a bad file is a problem, not an end."""
    found = (file for _, files in places(path) for file in files) if path.is_dir() else [path]
    for file in filter(matches, found):
        try:
            if archive.is_tar(file):
                yield from _tar(file)
            elif file.suffix.lower() == ".zip":
                yield from _zip(file, plain(str(file)), 1)
            else:
                yield from _loose(file)
        except SourceError as error:
            yield Problem(plain(str(file)), str(error))


def _is_grant(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return b"us-patent-grant" in stream.read(PEEK)
    except OSError:
        return False


# ── archives ─────────────────────────────────────────────────────────────────────────────────────


def _tar(path: Path) -> Iterator[Design | Problem]:
    """A weekly file: ZIPs of single grants, or their files side by side in one folder each."""
    where = plain(str(path))
    together: dict[str, bytes] = {}
    place, held = "", 0
    damage: SourceError | None = None
    members = archive.tar_members(path)
    while True:
        try:
            name, content = next(members)
        except StopIteration:
            break
        except SourceError as error:
            damage = error  # what was whole before the damage is still read
            break
        name = plain(name)
        if isinstance(content, SourceError):
            yield Problem(f"{where}!{name}", str(content))
            continue
        if name.lower().endswith(".zip"):
            yield from _zip_within(content, f"{where}!{name}", 1)
            continue
        parent = str(PurePosixPath(name).parent)
        if parent != place:
            yield from _folder(together, f"{where}!{place}")
            together, place, held = {}, parent, 0
        if not _wanted(name):
            continue
        held += len(content)
        if held > MAX_TOGETHER:
            yield Problem(
                f"{where}!{name}", f"its folder has over {MAX_TOGETHER >> 20} MB: refused"
            )
            continue
        together[PurePosixPath(name).name] = content
    yield from _folder(together, f"{where}!{place}")
    if damage is not None:
        raise damage


def _folder(files: dict[str, bytes], where: str) -> Iterator[Design | Problem]:
    """The grants among the files of one folder of a tar."""

    def reader(content: bytes) -> Callable[[], bytes]:
        return lambda: content

    documents = [name for name in sorted(files) if name.lower().endswith(".xml")]
    if files and not documents:
        yield Problem(where, "no XML tells what these drawings are", figures=len(files))
    beside = Beside(
        {name.upper(): reader(content) for name, content in files.items()},
        lambda name: f"{where}/{name}",
    )
    for name in documents:
        yield from _grants([files[name]], f"{where}/{name}", beside)


def _zip(content: bytes | Path, where: str, depth: int) -> Iterator[Design | Problem]:
    """The grants in a ZIP, and in the ZIPs within it. Raises: SourceError when it is no ZIP."""
    with archive.open_zip(content) as opened:
        infos = [info for info in opened.infolist() if not info.is_dir()]

        def reader(info: zipfile.ZipInfo) -> Callable[[], bytes]:
            return lambda: archive.zip_member(opened, info)

        anywhere: dict[str, Callable[[], bytes]] = {}
        folders: defaultdict[PurePosixPath, dict[str, Callable[[], bytes]]] = defaultdict(dict)
        for info in infos:
            path = PurePosixPath(info.filename)
            folders[path.parent][path.name.upper()] = anywhere[path.name.upper()] = reader(info)
        documents = 0
        for info in sorted(infos, key=lambda info: info.filename):
            path = PurePosixPath(info.filename)
            inner = f"{where}!{plain(info.filename)}"
            kind = path.suffix.lower()
            documents += kind in (".xml", ".zip")
            try:
                if kind == ".zip":
                    if depth == MAX_DEPTH:
                        raise SourceError("is an archive too deep within others: refused")
                    inside = archive.zip_member(opened, info)
                    yield from _zip_within(inside, inner, depth + 1)
                elif kind == ".xml":
                    home = plain(str(path.parent)).strip(".")
                    beside = Beside(
                        ChainMap(folders[path.parent], anywhere),
                        lambda name, home=home: f"{where}!{home}{'/' * bool(home)}{name}",  # type: ignore[misc]
                    )
                    with archive.zip_stream(opened, info) as stream:
                        yield from _grants(_documents(stream), inner, beside)
            except SourceError as error:
                yield Problem(inner, str(error))
        pictures = sum(is_picture(Path(info.filename)) for info in infos)
        if not documents:
            yield Problem(where, "no XML tells what its files are", figures=max(1, pictures))


def _zip_within(content: bytes, where: str, depth: int) -> Iterator[Design | Problem]:
    """A ZIP within an archive: if it is bad, the others are still read."""
    try:
        yield from _zip(content, where, depth)
    except SourceError as error:
        yield Problem(where, str(error))


def _wanted(name: str) -> bool:
    return name.lower().endswith(".xml") or is_picture(Path(name))


# ── XML ──────────────────────────────────────────────────────────────────────────────────────────


def _loose(path: Path) -> Iterator[Design | Problem]:
    """An XML file with its sheets beside it; a weekly text file is read document by document."""

    def reader(file: Path) -> Callable[[], bytes]:
        return lambda: content_of(file)

    home = path.parent
    beside = Beside(
        {file.name.upper(): reader(file) for file in home.iterdir() if is_picture(file)},
        lambda name: plain(str(home / name)),
    )
    try:
        stream = path.open("rb")
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror or error})") from error
    with stream:
        yield from _grants(_documents(stream), plain(str(path)), beside)


def _documents(stream: IO[bytes]) -> Iterator[bytes | SourceError]:
    """The XML documents of a stream, one at a time; one that is too long is an error, not held."""
    held: list[bytes] = []
    size = 0

    def document() -> bytes | SourceError:
        if size > MAX_XML:
            return SourceError(f"an XML document has over {MAX_XML >> 20} MB: refused")
        return b"".join(held)

    while True:
        try:
            line = stream.readline(2**20)
        except Exception as error:  # the file's, zipfile's and zlib's have no common base
            yield SourceError(f"cannot be read further ({error})")
            return
        if not line:
            break
        for count, part in enumerate(_split(line)):
            if (count or _DECLARATION.match(part)) and size:
                yield document()
                held, size = [], 0
            size += len(part)
            if size <= MAX_XML:
                held.append(part)
            else:
                held.clear()
    if size:
        yield document()


def _split(line: bytes) -> list[bytes]:
    return _DECLARATION.split(line) if b"<?xml" in line else [line]


def _grants(
    documents: Iterable[bytes | SourceError], where: str, beside: Beside
) -> Iterator[Design | Problem]:
    for xml in documents:
        try:
            if isinstance(xml, SourceError):
                raise xml
            if xml.strip():
                yield from _grant(parse(xml), where, beside)
        except SourceError as error:
            yield Problem(where, str(error))


def parse(xml: bytes) -> Element:
    """The root of a document, parsed without entities, DTDs or network. Raises: SourceError."""
    from lxml import etree

    if len(xml) > MAX_XML:
        raise SourceError(f"an XML document has over {MAX_XML >> 20} MB: refused")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError(f"the XML is damaged ({plain(str(error))})") from error
    dtd: Any = root.getroottree().docinfo.internalDTD
    for entity in dtd.iterentities() if dtd is not None else ():
        # An unparsed entity has a notation for content; old grants declare their pictures so.
        if entity.orig is not None or entity.content is None:
            raise SourceError("the XML declares entities: refused, since they can hide anything")
    return root


def _grant(root: Element, where: str, beside: Beside) -> Iterator[Design | Problem]:
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
    codes: list[str] = []
    wrong = []
    for text in texts:
        try:
            codes.append(locarno.parse_code(text))
        except EngineError as error:
            wrong.append(str(error))
    return tuple(dict.fromkeys(codes)), edition, "; ".join(wrong)


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

"""XML documents with their pictures beside them: loose, in ZIPs, in tars, and concatenated.

Offices publish so: USPTO Red Book weeks and WIPO ST.96 deliveries. What a document says of a design
is for the module of its office; here it is found, parsed safely, and given the files beside it.
Weekly text files that concatenate XML documents are split at ``<?xml``.
"""

from __future__ import annotations

import re
import zipfile
from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from engine.design import Design
from engine.errors import SourceError
from ingest.sources import Problem, archive
from ingest.sources.files import (
    Below,
    check_plain,
    content_of,
    is_picture,
    places,
    plain,
    start_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_XML = 32 * 2**20  # bytes of one document; the largest real design grants are under 1 MB
MAX_TOGETHER = 512 * 2**20  # bytes of one design's files in an archive
MAX_DEPTH = 2  # archives within archives
PEEK = 4096  # bytes in which the root element of a document begins
PEEKED = 16  # members of an archive looked at to tell whose it is
_BREAKS = re.compile(rb"[\s\"'<>/\\,:]+")
_DECLARATION = re.compile(rb"(?=<\?xml\s)")


@dataclass(frozen=True, slots=True)
class Beside:
    """The files that lie beside an XML document.

    Attributes:
        files: by name, in capitals: functions that give the content or raise SourceError.
        label: function from a file's name to how its owner would write where it is.
        below: finds files that a loose document names in folders below its own.
    """

    files: Mapping[str, Callable[[], bytes]]
    label: Callable[[str], str]
    below: Below | None = None

    def fetch(self, name: str) -> bytes | None:
        """A file's content, or None when there is none. Raises: SourceError."""
        found = self.files.get(PurePosixPath(name.replace("\\", "/")).name.upper())
        if found:
            return found()
        file = self.below.find(name) if self.below else None
        return content_of(file) if file else None


# What an office's module makes of one document: nothing, if the document is not of its kind.
Designs = Callable[["Element", str, Beside], Iterator[Design | Problem]]


def matches(path: Path) -> bool:
    """Whether the path is named like an XML file or an archive of them."""
    return archive.is_tar(path) or path.suffix.lower() in (".zip", ".xml")


def begins(path: Path) -> bytes:
    """How the first XML document of a file or archive begins; b"" where none can be seen."""
    try:
        if archive.is_tar(path):
            for name, content in islice(archive.tar_members(path), PEEKED):
                if isinstance(content, bytes) and (found := _begins(name, content)):
                    return found
            return b""
        if path.suffix.lower() == ".zip":
            return _first(path)
    except SourceError:
        return b""
    return start_of(path, PEEK)


def read(path: Path, designs: Designs) -> Iterator[Design | Problem]:
    """Designs of a file, or of every file below a folder; a bad file is a problem, not an end."""
    found = (file for _, files in places(path) for file in files) if path.is_dir() else [path]
    for file in filter(matches, found):
        try:
            if archive.is_tar(file):
                yield from _tar(file, designs)
            elif file.suffix.lower() == ".zip":
                yield from _zip(file, plain(str(file)), 1, designs)
            else:
                yield from _loose(file, designs)
        except SourceError as error:
            yield Problem(plain(str(file)), str(error))


def words_of(files: Iterable[Path], suffix: str, mark: bytes) -> set[str]:
    """The words of those files of a kind that begin with a mark: the names that they may give."""
    words: set[str] = set()
    for file in files:
        if file.suffix.lower() != suffix:
            continue
        if mark in start_of(file, PEEK):
            text = start_of(file, MAX_XML)
            words |= {word.decode("utf-8", "replace") for word in _BREAKS.split(text)}
    return words - {""}


def _begins(name: str, content: bytes) -> bytes:
    if name.lower().endswith(".xml"):
        return content[:PEEK]
    return _first(content) if name.lower().endswith(".zip") else b""


def _first(content: bytes | Path) -> bytes:
    """How the first XML document in a ZIP begins, or in the first ZIPs within it."""
    with archive.open_zip(content) as opened:
        infos = [info for info in opened.infolist() if not info.is_dir()]
        for info in infos:
            if info.filename.lower().endswith(".xml"):
                with archive.zip_stream(opened, info) as stream:
                    try:
                        return stream.read(PEEK)
                    except Exception as error:  # zipfile's and zlib's have no common base
                        raise SourceError(f"is damaged in its archive ({error})") from error
        if isinstance(content, Path):  # no deeper: the archives that are read are two deep
            for info in infos[:PEEKED]:
                if info.filename.lower().endswith(".zip") and (
                    found := _first(archive.zip_member(opened, info))
                ):
                    return found
    return b""


# ── archives ─────────────────────────────────────────────────────────────────────────────────────


def _tar(path: Path, designs: Designs) -> Iterator[Design | Problem]:
    """A weekly file: ZIPs of single designs, or their files side by side in one folder each."""
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
            yield from _zip_within(content, f"{where}!{name}", 1, designs)
            continue
        parent = str(PurePosixPath(name).parent)
        if parent != place:
            yield from _folder(together, f"{where}!{place}", designs)
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
    yield from _folder(together, f"{where}!{place}", designs)
    if damage is not None:
        raise damage


def _folder(files: dict[str, bytes], where: str, designs: Designs) -> Iterator[Design | Problem]:
    """The designs among the files of one folder of a tar."""

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
        yield from _designs([files[name]], f"{where}/{name}", beside, designs)


def _zip(
    content: bytes | Path, where: str, depth: int, designs: Designs
) -> Iterator[Design | Problem]:
    """The designs in a ZIP, and in the ZIPs within it. Raises: SourceError when it is no ZIP."""
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
                    yield from _zip_within(inside, inner, depth + 1, designs)
                elif kind == ".xml":
                    home = plain(str(path.parent)).strip(".")
                    beside = Beside(
                        ChainMap(folders[path.parent], anywhere),
                        lambda name, home=home: f"{where}!{home}{'/' * bool(home)}{name}",  # type: ignore[misc]
                    )
                    with archive.zip_stream(opened, info) as stream:
                        yield from _designs(_documents(stream), inner, beside, designs)
            except SourceError as error:
                yield Problem(inner, str(error))
        pictures = sum(is_picture(Path(info.filename)) for info in infos)
        if not documents:
            yield Problem(where, "no XML tells what its files are", figures=max(1, pictures))


def _zip_within(
    content: bytes, where: str, depth: int, designs: Designs
) -> Iterator[Design | Problem]:
    """A ZIP within an archive: if it is bad, the others are still read."""
    try:
        yield from _zip(content, where, depth, designs)
    except SourceError as error:
        yield Problem(where, str(error))


def _wanted(name: str) -> bool:
    return name.lower().endswith(".xml") or is_picture(Path(name))


# ── XML ──────────────────────────────────────────────────────────────────────────────────────────


def _loose(path: Path, designs: Designs) -> Iterator[Design | Problem]:
    """An XML file with its sheets beside it; a weekly text file is read document by document."""

    def reader(file: Path) -> Callable[[], bytes]:
        return lambda: content_of(file)

    home = path.parent
    beside = Beside(
        {file.name.upper(): reader(file) for file in home.iterdir() if is_picture(file)},
        lambda name: plain(str(home / name)),
        Below(home),
    )
    check_plain(path)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror or error})") from error
    with stream:
        yield from _designs(_documents(stream), plain(str(path)), beside, designs)


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


def _designs(
    documents: Iterable[bytes | SourceError], where: str, beside: Beside, designs: Designs
) -> Iterator[Design | Problem]:
    for xml in documents:
        try:
            if isinstance(xml, SourceError):
                raise xml
            if xml.strip():
                yield from designs(parse(xml), where, beside)
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

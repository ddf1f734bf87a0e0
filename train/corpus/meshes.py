"""Designs out of mesh files: Sweet Home 3D furniture libraries, and any folder of OBJ, STL or GLB.

A library is a ``.sh3f`` file (a zip whose catalogue names each model, its size and its turn); four
libraries of the Debian package ``sweethome3d-furniture`` have licences that a shipped encoder may
learn from, and those are read: CC0, CC-BY 3.0 and CC-BY 3.0 US. Author and model are kept beside
each drawing. A folder has a CSV file beside its meshes: ``file,locarno,title`` and, if wanted,
``licence,attribution``. Models of one name stay on one side of a split: libraries repeat them.
"""

from __future__ import annotations

import csv
import re
import struct
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.errors import MissingExtra, SourceError
from train.corpus import lexicon
from train.corpus.drawing import Part
from train.corpus.mesh import Doubles, Mesh, flatten, triangulate, weld
from train.corpus.procedural import Model

SWEET_HOME = Path("/usr/share/sweethome3d/furniture")  # where Debian puts the libraries
LICENCES = {
    "Scopia": "CC-BY-3.0",
    "BlendSwap-CC-0": "CC0-1.0",
    "BlendSwap-CC-BY": "CC-BY-3.0",
    "KatorLegaz": "CC-BY-3.0-US",
}
CATALOGUE = "PluginFurnitureCatalog.properties"
SUFFIXES = (".obj", ".stl", ".glb")
MAX_FACES = 30_000  # more are joined on a grid finer than a pixel
GRID = 450  # cells along the longest side of that grid
MAX_FACES_READ = 400_000  # a tree with all its leaves: no drawing comes of it

# What the libraries call things where our lexicon would say something else, or nothing. Names that
# are people, animals, plants or marks on the ground have no entry, and are left out.
NAMES: tuple[tuple[str, str], ...] = (
    (r"plug\b|dimmer|rj45", "13-03"),
    (r"window blind", "06-10"),
    (r"^(?!glass door cabinet|shower).*\b(window|door)\b", "25-02"),
    (r"entry bell", "10-06"),
    (r"induction cooker", "07-02"),
    (r"apple i(book|mac)", "14-02"),
    (r"concept sedan|chevrolet|ford focus|peugeot|renault|seat leon|beetle|smart car|suv", "12-08"),
    (r"yamaha", "12-11"),
    (r"(little|wood) bank$", "06-01"),  # benches: the French "banc"
    (r"living room", "06-01"),
    (r"captain's bed|iron bed|child bed", "06-02"),
    (r"pool lounge|class seat", "06-01"),
    (
        r"low(er)? .*cabinet|upper .*cabinet|high cabinet|drawers cabinet|glass door cabinet",
        "06-04",
    ),
    (r"hose reel", "23-01"),
    (r"letters box|mailbox", "08-99"),
    (r"table tennis bat|table tennis", "21-02"),
    (r"car model|toy train|biplane", "21-01"),
    (r"^tape$", "19-02"),
    (r"^(tool|kitchen tools)$", "07-04"),
    (r"shower head and faucet", "23-06"),
    (r"folded clothes|hanging clothes", "02-02"),
    (r"christmas tree", "11-05"),
    (r"escalator|elevator$", "12-05"),
    (r"iron railing|pedestrian railing", "25-02"),
    (r"oriental rug|round carpet", "06-11"),
    (r"air conditioning", "23-04"),
    (r"hood$", "23-04"),
    (r"japanese lantern|stone lantern|porch light|outdoor lamp", "26-05"),
    (r"^cap$", "02-03"),
    (r"frame chambord|frame hôi an", "06-07"),
    (r"trunck", "03-01"),
    (r"flipper", "21-01"),
    (r"grinder", "31-00"),
    (r"mp3", "14-01"),
    (r"screen$", "14-02"),
    (r"tatami", "06-11"),
    (r"child hut", "21-03"),
    (r"diving board", "21-02"),
    (r"fitness tower", "21-02"),
    (r"stone grill device", "07-02"),
)
LEFT_OUT = re.compile(
    r"\barrow|parking|crossing|hedge|plant\b|flower|tree\b|pine|maple|palm|acacia|bamboo|bonsai|bush|"
    r"cactus|cypress|ficus|orchid|poplar|tulip|yucca|lily|spathi|succulent|blossom|copper beech|"
    r"rock$|rocks|cat$|dog$|bulldog|horse$|deer|rabbit|chicken$|male|female|snowman|swimming pool|"
    r"bill \d|wood logs|sidewalk|rails"
)
KEPT = re.compile(
    r"hot dog|clothes horse|rocking horse|christmas tree|flower box|plant box|roasted chicken|mannequin"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A mesh that can be loaded: where it is, and what is known of it.

    Attributes:
        file: a mesh file, or the library that holds it.
        member: its name within the library, or "".
        turn: nine numbers of a 3 × 3 matrix, rows first, on the file's own axes (y up); or ().
        size: width, depth and height it has in truth, or ().
    """

    id: str
    file: str
    member: str = ""
    locarno: str
    title: str
    licence: str
    attribution: str
    turn: tuple[float, ...] = ()
    size: tuple[float, ...] = ()


def subclass_of_name(name: str) -> str:
    """The Locarno subclass of a library's model by its name, or "" where it is to be left out."""
    plain = name.lower().strip()
    if LEFT_OUT.search(plain) and not KEPT.search(plain):
        return ""
    if "mannequin" in plain:
        return "20-02"
    for pattern, code in NAMES:
        if re.search(pattern, plain):
            return code
    return lexicon.subclass(plain)


def library(path: Path, licence: str = "") -> list[Source]:
    """The models of a ``.sh3f`` library that have a Locarno subclass, in the catalogue's order.

    Raises: SourceError where the file is no library, or its licence is not known.
    """
    licence = licence or LICENCES.get(path.stem, "")
    if not licence:
        raise SourceError(
            f"{path} is a library whose licence is not known here ({', '.join(LICENCES)} are). "
            "Read its LICENSE.TXT; models under other terms must not train a shipped encoder."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(CATALOGUE).decode("latin-1")
            members = set(archive.namelist())
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path} is no Sweet Home 3D library ({error}).") from error
    found = []
    for number, entry in sorted(_catalogue(text).items()):
        name, member = entry.get("name", ""), entry.get("model", "").lstrip("/")
        code = subclass_of_name(name)
        if not code or member not in members:
            continue
        creator = entry.get("creator", path.stem)
        found.append(
            Source(
                id=f"{path.stem.lower()}-{number:03d}",
                file=str(path),
                member=member,
                locarno=code,
                title=name,
                licence=licence,
                attribution=f"{name} by {creator}, {path.stem} library of Sweet Home 3D",
                turn=_numbers(entry.get("modelRotation", ""), 9),
                size=_numbers(
                    " ".join(entry.get(side, "") for side in ("width", "depth", "height")), 3
                ),
            )
        )
    return found


def libraries(folder: Path = SWEET_HOME) -> list[Source]:
    """The models of every library in a folder whose licence allows training on it.

    Raises: SourceError where there is none.
    """
    found = [
        source
        for stem in sorted(LICENCES)
        if (path := folder / f"{stem}.sh3f").exists()
        for source in library(path)
    ]
    if not found:
        raise SourceError(
            f"No Sweet Home 3D libraries in {folder}. Debian: apt-get install "
            "sweethome3d-furniture; elsewhere, unpack the .sh3f files of that package there."
        )
    return found


def listed(folder: Path, mapping: Path) -> list[Source]:
    """The mesh files that a CSV names: ``file,locarno,title[,licence,attribution]``.

    ``file`` is below ``folder``. An empty ``locarno`` is read from the title.

    Raises: SourceError where the CSV or a mesh is missing, or a column is.
    """
    try:
        with mapping.open(encoding="utf-8-sig", newline="") as table:
            records = list(csv.DictReader(table))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"Cannot read the mapping {mapping} ({error}).") from error
    found = []
    for line, record in enumerate(records, 2):
        if not {"file", "locarno", "title"} <= record.keys():
            raise SourceError(
                f"{mapping} needs the columns file, locarno and title; it has "
                f"{', '.join(str(name) for name in record)}."
            )
        path = folder / (record["file"] or "")
        if path.suffix.lower() not in SUFFIXES or not path.is_file():
            raise SourceError(
                f"{mapping}, line {line}: {path} is no mesh file ({', '.join(SUFFIXES)})."
            )
        title = record["title"] or ""
        found.append(
            Source(
                id=f"mesh-{Path(record['file']).with_suffix('').as_posix()}",
                file=str(path),
                locarno=record["locarno"] or lexicon.subclass(title),
                title=title,
                licence=record.get("licence") or "unknown",
                attribution=record.get("attribution") or "",
            )
        )
    return found


def load(source: Source) -> Model:
    """Read the mesh and stand it upright, front toward −y.

    Raises: SourceError where the file is damaged, empty or too large to draw.
    """
    path = Path(source.file)
    try:
        if source.member:
            with zipfile.ZipFile(path) as archive:
                content = archive.read(source.member)
            suffix = Path(source.member).suffix.lower()
        else:
            content, suffix = path.read_bytes(), path.suffix.lower()
        meshes = read(content, suffix)
    except (OSError, KeyError, zipfile.BadZipFile, ValueError, IndexError, struct.error) as error:
        raise SourceError(f"{source.member or path} is damaged ({error}).") from error
    total = sum(len(mesh.faces) for mesh in meshes)
    if not total or total > MAX_FACES_READ:
        raise SourceError(
            f"{source.member or path} has {total:,} faces; 1 to {MAX_FACES_READ:,} can be drawn."
        )
    parts = _upright(meshes, source)
    name = re.sub(r"\s*\d+$", "", source.title.lower())
    return Model(
        id=source.id,
        locarno=source.locarno,
        title=source.title,
        parts=tuple(Part(mesh, closed=False) for mesh in parts),
        group=f"mesh {name}" if name else "",
        licence=source.licence,
        attribution=source.attribution,
    )


def _upright(meshes: Sequence[Mesh], source: Source) -> list[Mesh]:
    """From the file's axes (y up, front toward z) to ours, at its true proportions."""
    turn = np.array(source.turn or np.eye(3).ravel()).reshape(3, 3)
    ours = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]) @ turn
    if not source.member and not source.file.lower().endswith((".obj", ".glb")):
        ours = np.eye(3)  # STL files have z up already
    moved = [mesh.vertices.astype(np.float64) @ ours.T for mesh in meshes]
    everything = np.concatenate(moved)
    if not np.isfinite(everything).all():
        raise SourceError(f"{source.member or source.file} has coordinates that are no numbers.")
    extent = np.ptp(everything, axis=0)
    stretch = np.ones(3)
    if source.size and (extent > 1e-9).all() and min(source.size) > 0:
        stretch = np.asarray(source.size) / extent
    longest = float((extent * stretch).max())
    faces = sum(len(mesh.faces) for mesh in meshes)
    tolerance = longest / GRID if faces > MAX_FACES else longest * 1e-5
    found = []
    for points, mesh in zip(moved, meshes, strict=True):
        part = weld(Mesh((points * stretch).astype(np.float32), mesh.faces), tolerance)
        if len(part.faces):
            # Many exporters write each face twice, once for each side.
            _, first = np.unique(np.sort(part.faces, axis=1), axis=0, return_index=True)
            found.append(Mesh(part.vertices, part.faces[np.sort(first)]))
    if not found:
        raise SourceError(f"{source.member or source.file} has no face with an area.")
    return found


# Files


def read(content: bytes, suffix: str) -> list[Mesh]:
    """The meshes in a file's bytes, one a group. Raises: ValueError where it cannot be read."""
    if suffix == ".obj":
        return read_obj(content)
    if suffix == ".stl":
        return [read_stl(content)]
    if suffix == ".glb":
        return _read_glb(content)
    raise ValueError(f"{suffix or 'no suffix'} is not one of {', '.join(SUFFIXES)}")


def read_obj(content: bytes) -> list[Mesh]:
    """Wavefront OBJ: vertices, faces of any number of corners, groups; the rest is passed over.

    Faces that name vertices which do not exist, and lines that are cut off, are left out.
    """
    vertices: list[tuple[float, float, float]] = []
    groups: dict[bytes, list[list[int]]] = {}
    faces = groups.setdefault(b"", [])
    for line in content.replace(b"\\\n", b" ").replace(b"\\\r\n", b" ").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == b"v":
            try:
                vertices.append((float(words[1]), float(words[2]), float(words[3])))
            except (IndexError, ValueError):
                vertices.append((0.0, 0.0, 0.0))  # keep the count: faces name vertices by number
        elif words[0] == b"f" and len(words) > 3:
            try:
                corners = [int(word.split(b"/", 1)[0]) for word in words[1:]]
            except ValueError:
                continue
            faces.append([i - 1 if i > 0 else len(vertices) + i for i in corners])
        elif words[0] in (b"g", b"o"):
            faces = groups.setdefault(b" ".join(words[1:]), [])
    points = np.array(vertices, dtype=np.float64).reshape(-1, 3)
    found = []
    for polygons in groups.values():
        triangles = _triangles(points, polygons)
        if len(triangles):
            used, inverse = np.unique(triangles, return_inverse=True)
            found.append(
                Mesh(points[used].astype(np.float32), inverse.reshape(-1, 3).astype(np.int32))
            )
    return found


def _triangles(points: Doubles, polygons: Iterable[list[int]]) -> np.ndarray:
    found: list[tuple[int, int, int]] = []
    for corners in polygons:
        if min(corners) < 0 or max(corners) >= len(points):
            continue
        if len(corners) <= 4 or len(corners) > 100:
            found += [(corners[0], b, c) for b, c in pairwise(corners[1:])]
        else:
            for a, b, c in triangulate(flatten(points[corners])):
                found.append((corners[a], corners[b], corners[c]))
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def read_stl(content: bytes) -> Mesh:
    """STL, binary or text. Raises: ValueError where it is neither."""
    if len(content) >= 84:
        (count,) = struct.unpack("<I", content[80:84])
        if len(content) >= 84 + 50 * count and count:
            record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("pad", "<u2")])
            corners = np.frombuffer(content, record, count, 84)["corners"].reshape(-1, 3)
            return Mesh(corners.astype(np.float32), _in_threes(3 * count))
    numbers = re.findall(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)", content)
    if not numbers or len(numbers) % 3:
        raise ValueError("no binary STL, and no text with three vertices a facet")
    return Mesh(np.array(numbers, dtype=np.float64).astype(np.float32), _in_threes(len(numbers)))


def _in_threes(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.int32).reshape(-1, 3)


def _read_glb(content: bytes) -> list[Mesh]:
    import io

    try:
        import trimesh
    except ModuleNotFoundError as error:
        raise MissingExtra("trimesh", "meshes") from error
    stage = trimesh.load(io.BytesIO(content), file_type="glb", force="scene")
    return [
        Mesh(np.asarray(mesh.vertices, np.float32), np.asarray(mesh.faces, np.int32))
        for mesh in stage.dump()
        if hasattr(mesh, "faces")
    ]


def _catalogue(text: str) -> dict[int, dict[str, str]]:
    entries: dict[int, dict[str, str]] = {}
    for key, number, value in re.findall(r"^(\w+)#(\d+)=(.*)$", text, re.MULTILINE):
        plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), value)
        entries.setdefault(int(number), {})[key] = plain.strip()
    return entries


def _numbers(text: str, count: int) -> tuple[float, ...]:
    try:
        values = tuple(float(word) for word in text.split())
    except ValueError:
        return ()
    return values if len(values) == count else ()

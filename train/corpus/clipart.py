"""Named vector drawings made into outline drawings: free clip art, and icons of things.

Words are what these give: "armchair", "wine glass", drawn by many hands. Two kinds of source:

- Open Clip Art as Debian packs it (``apt-get install openclipart-svg``): public domain, a title
  and keywords in each file. Flags, stars, buttons and logos are left out.
- Icon sets of the npm registry whose licence allows it. Unpack those wanted below one folder and
  name it as the source; none is needed::

      npm pack lucide-static @tabler/icons @phosphor-icons/core iconoir @mdi/svg bootstrap-icons
      for f in *.tgz; do mkdir -p ${f%.tgz} && tar xzf $f -C ${f%.tgz}; done

  Only icons whose name our lexicon knows as a product are taken.

Filled regions become their edges; strokes that are lines already stay. Rasterising needs
``resvg_py`` (the ``meshes`` extra).
"""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from engine.errors import MissingExtra, SourceError
from train.corpus import lexicon
from train.corpus.drawing import PAPER, Picture, finished, random_style, sheet_style
from train.corpus.shards import Row, Shares, png

OPENCLIPART = Path("/usr/share/openclipart/svg")
RASTER_PX = 640  # edges are found at this size, then averaged down
MAX_ASPECT = 4  # longer than wide, or wider than long
MAX_BYTES = 400_000  # larger files are posters of thousands of paths
EDGE = 48  # difference of two colours that is an edge, of 255 in any channel
DARK = 110  # below this in its darkest channel a pixel is ink, of 255
THIN_PX = 9  # dark bands no wider than this on the raster are lines, not regions
NO_THING = frozenset(
    ("14-04", "18-03", "32-01", "32-02")
)  # letters and logos: messages, not products
LEAST_INK, MOST_INK = 0.003, 0.25  # share of pixels; less is blank, more is a texture or a photo

SKIP = re.compile(
    r"(^|/)(signs_and_symbols/(flags|map|weather|led|hazard|money)|shapes|buttons|logos|special|"
    r"geography|computer/(buttons|diagrams|folders|icons)|people/(smilies|stickmen|bodypart)|"
    r"recreation/games/cards|recreation/religion|animals/dinosaurs|unsorted/duplicates|"
    r"transportation/(roadsigns|aiga))"
)
NOISE = re.compile(
    r"\b(flag|logo|icon|button|star|map|symbol|emblem|iconset|svg|notes?|blueprint|hole|theme|submission|sibmission|advertising|background|border|pattern|clipart|clip art|"
    r"banner|smiley|emoticon|cartoon|silhouette|sign language|zodiac|coat of arms|architetto)s?\b"
)


@dataclass(frozen=True, slots=True)
class Pack:
    """An icon set: where its drawings lie, and on which terms.

    ``stroke`` sets are drawn with lines, whose width we choose; of the others the edges are taken.
    """

    licence: str
    folder: str
    stroke: bool
    suffix: str = ""


PACKS = {
    "lucide-static": Pack("ISC", "icons", True),
    "@tabler/icons": Pack("MIT", "icons/outline", True),
    "iconoir": Pack("MIT", "icons/regular", True),
    "@phosphor-icons/core": Pack("MIT", "assets/fill", False, "-fill"),
    "@mdi/svg": Pack("Apache-2.0", "svg", False),
    "bootstrap-icons": Pack("MIT", "icons", False, "-fill"),
}
# Words that make an icon a message about a thing, not a picture of it.
STATE = """
off on plus minus check x cancel remove add alert edit up down left right outline variant arrow
slash lock lock-open unlocked search clock heart star question exclamation dollar share cog sync
pause play stop percent discount scroll broken bolt code exclamatory restore export import
download upload marker multiple group box circle square dashed dotted network wireless
connection refresh
"""
# Words that make it a sign of software: "git fork", "app window".
SOFTWARE = """
user git source app antenna cell hdd database world chart brand social currency math letter mood
weather signal cloud web html css file files data api bluetooth wifi nfc select cursor text
format view page folder google microsoft apple amazon account human gender emoji sim
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A vector drawing with its name."""

    id: str
    path: str
    title: str
    locarno: str
    source: str
    licence: str
    attribution: str = ""
    stroke: bool = False


def collect(source: Path | None = None, openclipart: Path = OPENCLIPART) -> list[Item]:
    """All named drawings of Open Clip Art, where installed, and of the icon sets below ``source``.

    Raises: SourceError where there are none at all.
    """
    found = [*_openclipart(openclipart)] if openclipart.is_dir() else []
    if source is not None:
        for package in sorted(source.rglob("package.json")):
            found += _icons(package)
    if not found:
        raise SourceError(
            f"No vector drawings: neither {openclipart} (Debian: apt-get install openclipart-svg) "
            f"nor an icon set below {source} ({', '.join(PACKS)}; see docs/corpora.md)."
        )
    return found


def _openclipart(folder: Path) -> Iterator[Item]:
    seen: set[tuple[str, int]] = set()
    for path in sorted(folder.rglob("*.svg")):
        place = path.relative_to(folder).as_posix()
        if SKIP.search(place) or not 400 < path.stat().st_size < MAX_BYTES:
            continue
        content = path.read_bytes()
        fingerprint = (path.stem, zlib.crc32(content))
        if fingerprint in seen:
            continue
        seen.add(fingerprint)
        title, keywords, creator = _described(content)
        title = clean_title(title)
        if NOISE.search(title.lower()):
            continue
        code, title = lexicon.subclass_of_words(title, keywords)
        if not code or code in NO_THING:
            continue
        yield Item(
            id=f"openclipart/{place.removesuffix('.svg')}",
            path=str(path),
            title=title,
            locarno=code,
            source="openclipart",
            licence="public domain",
            attribution=creator,
        )


def _described(content: bytes) -> tuple[str, list[str], str]:
    """Title, keywords and creator from a file's RDF metadata; empty where it has none."""
    dc = "{http://purl.org/dc/elements/1.1/}"
    rdf = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError:
        return "", [], ""
    title = next((node.text or "" for node in root.iter(f"{dc}title")), "")
    keywords = [node.text or "" for node in root.iter(f"{rdf}li")]
    creator = next(
        (t.text or "" for node in root.iter(f"{dc}creator") for t in node.iter(f"{dc}title")), ""
    )
    return title, keywords, creator.strip()


def clean_title(title: str) -> str:
    """A title in an office's manner, or "" where it is none: numbers, file names, one letter."""
    words = re.sub(r"[_\-/]+", " ", re.sub(r"\(.*?\)|\.svg$", "", title))
    words = re.sub(
        r"\b(bw|b&w|clip ?art|v?\d+[a-z]?|remix|version|simple|lumen desig)\b",
        " ",
        words,
        flags=re.I,
    )
    words = " ".join(words.split()).strip(" .,;:!#'\"")
    if not re.search(r"[A-Za-z]{3}", words) or len(words) > 60 or len(words.split()) > 7:
        return ""
    return words[0].upper() + words[1:].lower()


def _icons(package: Path) -> Iterator[Item]:
    try:
        name = json.loads(package.read_text("utf-8")).get("name", "")
    except (OSError, ValueError):
        return
    pack = PACKS.get(name)
    if pack is None:
        return
    words = _tags(package.parent, name)
    states, software = frozenset(STATE.split()), frozenset(SOFTWARE.split())
    for path in sorted((package.parent / pack.folder).glob(f"*{pack.suffix}.svg")):
        stem = path.stem.removesuffix(pack.suffix) if pack.suffix else path.stem
        pieces = stem.split("-")
        if any(piece in states or any(c.isdigit() for c in piece) for piece in pieces[1:]):
            continue
        if len(pieces) > 1 and software & set(pieces):
            continue
        title = clean_title(stem)
        code = lexicon.subclass(title, loose=0) if title else ""
        if not code or code in NO_THING:
            continue
        alias = next((w for w in words.get(stem, ()) if lexicon.subclass(w) == code), "")
        if alias and alias.lower() != title.lower():
            title = f"{title}, {alias.replace('-', ' ').lower()}"
        yield Item(
            id=f"{name.strip('@').split('/')[0]}/{stem}",
            path=str(path),
            title=title,
            locarno=code,
            source=name,
            licence=pack.licence,
            attribution=name,
            stroke=pack.stroke,
        )


def _tags(folder: Path, name: str) -> dict[str, list[str]]:
    """Other names of the icons of a set, where it has them."""
    try:
        if name == "lucide-static":
            tags = json.loads((folder / "tags.json").read_text("utf-8"))
            return {str(icon): [str(word) for word in found] for icon, found in tags.items()}
        if name == "@mdi/svg":
            entries = json.loads((folder / "meta.json").read_text("utf-8"))
            return {entry["name"]: entry["aliases"] for entry in entries}
    except (OSError, ValueError, KeyError, AttributeError):
        return {}
    return {}


def draw_item(
    number: int,
    *,
    items: tuple[Item, ...],
    seed: int,
    views: int,
    size: int,
    shares: Shares,
) -> list[Row]:
    """``views`` outline drawings of one item: plain first, then turned a little, in other pens."""
    item = items[number]
    rng = np.random.default_rng([seed, zlib.crc32(item.id.encode())])
    found = []
    for k in range(views):
        style = random_style(rng)
        tilt = 0.0 if k == 0 else float(rng.uniform(-14, 14))
        width = float(rng.uniform(0.1, 0.28))
        mirrored = k > 0 and bool(rng.random() < 0.5)
        try:
            raster = rasterise(item, RASTER_PX, stroke=width)
        except ValueError:
            return []
        lines = outlines(raster)
        ink = float((lines < 128).mean())
        if not LEAST_INK < ink < MOST_INK:
            return []
        lines = _posed(lines, tilt, mirrored, style.pen, size, style.margin, style.ink)
        style = replace(sheet_style(style, k + 1, rng), shade="none")
        found.append(
            Row(
                image=png(finished(lines, style, rng)),
                design_id=item.id,
                view="drawing",
                locarno_class=item.locarno[:2],
                locarno_subclass=item.locarno,
                title=item.title,
                split=shares.split(f"clipart {item.title.lower().split(',')[0]}"),
                source=item.source,
                licence=item.licence,
                attribution=item.attribution,
            )
        )
    return found


def rasterise(item: Item, size: int, stroke: float = 0.2) -> npt.NDArray[np.uint8]:
    """(h, w, 3) on white, cropped to what is drawn, the longer side about ``size`` px.

    Args:
        stroke: width of the lines of a stroke set, in units of its 24 × 24 grid.

    Raises: ValueError where it cannot be drawn; MissingExtra without resvg_py.
    """
    try:
        import resvg_py
    except ModuleNotFoundError as error:
        raise MissingExtra("resvg_py", "meshes") from error
    text = Path(item.path).read_text("utf-8", errors="replace")
    if item.stroke:
        text = re.sub(r'stroke-width="[\d.]+"', f'stroke-width="{stroke:.2f}"', text)
    wide, high = _extent(text)
    if not 1 / MAX_ASPECT < wide / high < MAX_ASPECT:
        raise ValueError("a drawing this long and narrow is a border or a ruler")

    def at(side: int) -> Image.Image:
        along, up = (side, None) if wide >= high else (None, side)
        content = bytes(
            resvg_py.svg_to_bytes(
                svg_string=text,
                background="#ffffff",
                skip_system_fonts=True,
                dpi=96,
                width=along,
                height=up,
            )
        )
        with Image.open(io.BytesIO(content)) as image:
            return image.convert("RGB")

    image = at(size)
    box = _used(image)
    if box is None:
        raise ValueError("a blank drawing")
    used = max(box[2] - box[0], box[3] - box[1]) / size
    if used < 0.75:
        # Much clip art stands in the corner of a page: draw that corner as large as the others.
        image = at(round(size / max(used, 0.2)))
        box = _used(image) or box
    return np.asarray(image.crop(box))


def _used(image: Image.Image) -> tuple[int, int, int, int] | None:
    """The box around all that is not paper."""
    return image.convert("L").point([0 if value > 245 else 255 for value in range(256)]).getbbox()


def _extent(text: str) -> tuple[float, float]:
    """Width and height that the file declares; equal where it declares none."""
    head = text[:20_000]
    box = re.search(
        r'viewBox="\s*[\d.eE+-]+[\s,]+[\d.eE+-]+[\s,]+([\d.eE+-]+)[\s,]+([\d.eE+-]+)', head
    )
    if box:
        return max(float(box[1]), 1e-3), max(float(box[2]), 1e-3)
    opening = re.search(r"<svg\b[^>]*>", head, re.S)
    sides = [
        re.search(rf'\b{name}="([\d.]+)', opening[0] if opening else "")
        for name in ("width", "height")
    ]
    wide, high = (float(side[1]) if side else 1.0 for side in sides)
    return max(wide, 1e-3), max(high, 1e-3)


def outlines(raster: npt.NDArray[np.uint8]) -> Picture:
    """(h, w, 3) colours → (h, w) lines: edges between regions, and strokes that are lines already.

    An edge is one pixel wide where the difference across it is greatest; a dark band no wider than
    ``THIN_PX`` stays one line, not the two edges of it.
    """
    dark = raster.min(axis=2) < DARK
    broad = grown(~grown(~dark, THIN_PX // 2), THIN_PX // 2)
    thin = dark & ~broad
    near = grown(thin, 3)

    colours = np.pad(raster.astype(np.int16), ((1, 1), (1, 1), (0, 0)), constant_values=255)
    across = np.abs(colours[1:-1, 2:] - colours[1:-1, :-2]).max(axis=2)
    along = np.abs(colours[2:, 1:-1] - colours[:-2, 1:-1]).max(axis=2)
    strength = np.maximum(across, along)
    padded = np.pad(strength, 1)
    crest = np.where(
        across >= along,
        (strength >= padded[1:-1, :-2]) & (strength > padded[1:-1, 2:]),
        (strength >= padded[:-2, 1:-1]) & (strength > padded[2:, 1:-1]),
    )
    edge = crest & (strength > EDGE) & ~near
    return np.where(thin | edge, np.uint8(0), np.uint8(PAPER)).astype(np.uint8)


def grown(mask: npt.NDArray[np.bool_], reach: int) -> npt.NDArray[np.bool_]:
    """The mask with every set cell spread over the square of ``reach`` cells around it."""
    for axis in (0, 1):
        padded = np.pad(mask, [(reach, reach) if axis == k else (0, 0) for k in (0, 1)])
        length = mask.shape[axis]
        mask = np.zeros_like(mask)
        for shift in range(2 * reach + 1):
            mask |= (
                padded[shift : shift + length] if axis == 0 else padded[:, shift : shift + length]
            )
    return mask


def _posed(
    lines: Picture, tilt: float, mirrored: bool, pen: float, size: int, margin: float, ink: int
) -> Picture:
    """Crop to the ink, tilt, thicken to the pen, and fit into a (size, size) sheet."""
    image = Image.fromarray(lines)
    if mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if tilt:
        image = image.rotate(tilt, Image.Resampling.NEAREST, expand=True, fillcolor=PAPER)
    box = image.point([255 if value < 128 else 0 for value in range(256)]).getbbox()
    image = image.crop(box)
    room = size * (1 - 2 * margin)
    scale = room / max(image.size)
    if scale < 1 and pen / scale >= 1.8:
        # One pixel of the raster averages to less than the pen: thicken before scaling down.
        image = image.filter(ImageFilter.MinFilter(3))
    small = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))),
        Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC,
    )
    if ink:
        small = small.point(
            [min(PAPER, value + ink * (PAPER - value) // PAPER) for value in range(256)]
        )
    sheet = Image.new("L", (size, size), PAPER)
    sheet.paste(small, ((size - small.width) // 2, (size - small.height) // 2))
    return np.asarray(sheet)

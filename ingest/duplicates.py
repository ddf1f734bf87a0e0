"""Drawings that a collection holds twice, and designs that belong to one family. Nothing is deleted.

*Exact*: the same bytes (sha256, page and crop). *Near*: pictures that differ as scans of one drawing
do: their perceptual hashes are a few bits apart and their embeddings agree, or their embeddings are
all but equal. No threshold fits every encoder and register: both are options, and both values are
reported with each pair. *Family*: the office's file says that one registration reissues, continues
or divides another; designs whose drawings are alike are linked by citation too.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations, islice, pairwise
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from engine import drawing
from engine.errors import ImageError, UsageError
from engine.plan import Filter, Index, Nearest, SearchPlan, Vector

IMAGE = "image"  # the named vector of every collection
KEYS = ("office", "design_id", "figure", "file", "sha256", "page", "box", "thumbnail", "related",
        "citations")  # fmt: skip
HASH_SIDE = 32  # px that a picture is scaled to before its frequencies are taken
KEPT = 8  # lowest frequencies each way: 64 bits
# Measured with the shipped encoder: see docs/sources.md.
BITS = 10  # of 64 that may differ
ALIKE = 0.65  # cosine that embeddings of such a pair must have
EQUAL = 0.985  # cosine that is enough by itself
# Figures of which all pairs are compared here (some 20 minutes on one core); of more, each is asked of the
# store's own index.
SCANNED = 200_000
BLOCK = 2048  # rows compared with as many at once
NEIGHBOURS = 16  # asked of the store for each figure
BATCH = 256  # figures whose vectors are held at once
CROWD = 200  # pairs kept of one figure in a bucket: a form that thousands share is one group anyway

ONES = np.array([i.bit_count() for i in range(256)], dtype=np.uint8)  # of every byte

Key = tuple[str, str]  # office and number
T = TypeVar("T", bound=Hashable)
Progress = Callable[[int, "int | None", str], None]


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure of the collection, as a report names it."""

    id: str
    office: str
    design_id: str
    figure: str
    file: str


@dataclass(frozen=True, slots=True)
class Link:
    """What the office's file says of two designs: ``later`` "continues" or "cites" ``earlier``."""

    later: str
    how: Literal["continues", "cites"]
    earlier: str


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that are alike.

    Attributes:
        kind: "exact" if all have the same content, else "near".
        figures: by office, number and figure.
        score: the least cosine of the pairs that joined them, 1 for the same content.
        bits: the most bits by which the hashes of such a pair differ, of 64.
        links: what the office says of these designs among each other.
    """

    kind: Literal["exact", "near"]
    figures: tuple[Shown, ...]
    score: float
    bits: int
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """Designs linked by the office's files; numbers that the collection lacks are named too."""

    designs: tuple[str, ...]
    missing: tuple[str, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """All that :func:`find` found, and of how many figures.

    ``views`` counts the pairs of views of one design that look alike and were left out.
    """

    figures: int
    groups: tuple[Group, ...]
    families: tuple[Family, ...]
    views: int = 0

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def find(
    index: Index,
    *,
    where: Filter | None = None,
    near: bool = True,
    views: bool = False,
    bits: int = BITS,
    alike: float = ALIKE,
    equal: float = EQUAL,
    progress: Progress | None = None,
) -> Found:
    """Every group of figures that are alike, and every family, among those that obey the filter.

    Args:
        index: a collection; only read.
        where: which figures are compared with each other.
        near: look for near duplicates too, not only exact ones.
        views: also pairs within one design: its left and right side often look alike.
        bits: by which hashes of near duplicates may differ, of 64.
        alike: cosine of such a pair, at least.
        equal: cosine from which a pair is near whatever its hashes say; above 1 leaves this out,
            which is the slow part.
        progress: called with (figures compared, of how many, what is being done).

    Raises: UsageError for thresholds that cannot be meant.
    """
    if not 0 <= bits < 64 or not -1 <= alike <= 1:
        raise UsageError("Bits are 0 … 63 of 64, and a cosine is −1 … 1.")
    where = where or Filter()
    register = _Register.read(index, where)
    joined: Joined[str] = Joined()
    worth: dict[tuple[str, str], tuple[float, int]] = {}
    for ids in register.contents.values():
        for other in ids[1:]:
            joined.join(ids[0], other)
            worth[ids[0], other] = 1.0, 0
    own: set[tuple[str, str]] = set()
    if near:
        pairs = _near(index, register, where, bits, alike, equal, progress)
        for one, other, cosine, differ in pairs:
            if not views and register.key(one) == register.key(other):
                own.add((one, other))
                continue
            joined.join(one, other)
            worth[one, other] = cosine, differ
    least: dict[str, tuple[float, int]] = {}  # of each group
    for (one, _), (cosine, differ) in worth.items():
        score, most = least.get(joined.top(one), (1.0, 0))
        least[joined.top(one)] = min(score, cosine), max(most, differ)
    groups = [
        _group(register, members, *least[joined.top(members[0])]) for members in joined.groups()
    ]
    groups.sort(key=lambda g: (g.kind, -g.score, g.figures[0].design_id, g.figures[0].figure))
    return Found(len(register.shown), tuple(groups), tuple(_families(register)), len(own))


class Joined(Generic[T]):
    """Sets that grow together as pairs of their members are joined (union–find)."""

    def __init__(self) -> None:
        self._above: dict[T, T] = {}

    def top(self, item: T) -> T:
        """The member that stands for an item's set."""
        self._above.setdefault(item, item)
        while self._above[item] != item:
            self._above[item] = self._above[self._above[item]]
            item = self._above[item]
        return item

    def join(self, one: T, other: T) -> None:
        """Make the sets of both one."""
        self._above[self.top(one)] = self.top(other)

    def groups(self) -> list[list[T]]:
        """The sets, each in the order in which its members first came."""
        found: defaultdict[T, list[T]] = defaultdict(list)
        for item in list(self._above):
            found[self.top(item)].append(item)
        return list(found.values())


def perceptual_hash(picture: Any) -> int:
    """64 bits of a grey picture's coarse look: which of its lowest frequencies exceed their median.

    The picture is scaled to 32 × 32 and the 8 × 8 lowest frequencies of its discrete cosine transform
    are kept (Zauner 2010); bit 0 is the constant's. Scaling and rescanning change few of them.
    """
    from PIL import Image

    small = picture.convert("L").resize((HASH_SIDE, HASH_SIDE), Image.Resampling.BOX)
    waves = _waves()
    low = (waves @ np.asarray(small, dtype=np.float64) @ waves.T).ravel()
    bits = low > np.median(low)
    return int(np.packbits(bits, bitorder="little").view(np.uint64)[0])


def apart(one: int, other: int) -> int:
    """Bits by which two hashes differ."""
    return (one ^ other).bit_count()


def _waves() -> npt.NDArray[np.float64]:
    """(KEPT, HASH_SIDE): the first rows of the DCT-II."""
    step = (np.arange(HASH_SIDE) + 0.5) * np.pi / HASH_SIDE
    return np.asarray(np.cos(np.outer(np.arange(KEPT), step)))


# ── what the collection holds ────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Register:
    """The figures without their vectors: some 500 bytes each."""

    shown: dict[str, Shown] = field(default_factory=dict)
    hashes: dict[str, int] = field(default_factory=dict)
    contents: defaultdict[tuple[Any, ...], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )
    content_of: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    related: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    cited: dict[Key, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, index: Index, where: Filter) -> _Register:
        made = cls()
        for point in index.scroll(where, keys=KEYS):
            made._add(point.id, point.payload)
        return made

    def _add(self, id: str, payload: Mapping[str, Any]) -> None:
        key = str(payload.get("office", "")), str(payload.get("design_id", ""))
        self.shown[id] = Shown(
            id, *key, str(payload.get("figure", "")), str(payload.get("file", ""))
        )
        if payload.get("sha256"):
            content = (payload["sha256"], payload.get("page", 0), str(payload.get("box") or ""))
            self.contents[content].append(id)
            self.content_of[id] = content
        picture = _thumbnail(str(payload.get("thumbnail", "")))
        if picture is not None:
            self.hashes[id] = perceptual_hash(picture)
        self.related[key] = tuple(map(str, payload.get("related") or ()))
        cited = payload.get("citations") or ()
        self.cited[key] = frozenset(str(citation.get("design_id")) for citation in cited)

    def key(self, id: str) -> Key:
        return self.shown[id].office, self.shown[id].design_id


def _thumbnail(url: str) -> Any:
    """The picture of a data: URL, or None where there is none."""
    head, _, code = url.partition("base64,")
    if not head.startswith("data:image/"):
        return None
    try:
        return drawing.decode(base64.b64decode(code, validate=True), name="thumbnail")
    except (ImageError, binascii.Error):
        return None


# ── pairs ────────────────────────────────────────────────────────────────────────────────────────


def _near(
    index: Index, register: _Register, where: Filter, bits: int, alike: float, equal: float,
    progress: Progress | None,
) -> Iterator[tuple[str, str, float, int]]:  # fmt: skip
    """Pairs that are near but not of the same content, with cosine and bits."""
    same = register.content_of

    def new(one: str, other: str) -> bool:
        return one not in same or same.get(one) != same.get(other)

    close = [pair for pair in _close(register.hashes, bits) if new(*pair)]
    for one, other, cosine in _cosines(index, close):
        if cosine >= alike:
            yield one, other, cosine, apart(register.hashes[one], register.hashes[other])
    if equal > 1:
        return
    alike_by = _compared if len(register.shown) <= SCANNED else _asked
    for one, other, cosine in alike_by(index, register, where, equal, progress):
        if new(one, other):
            hashes = register.hashes.get(one), register.hashes.get(other)
            differ = apart(*hashes) if None not in hashes else 64  # type: ignore[arg-type]
            yield one, other, cosine, differ


def _compared(
    index: Index, register: _Register, where: Filter, equal: float, progress: Progress | None
) -> Iterator[tuple[str, str, float]]:
    """Pairs of at least this cosine: every row with every other, block by block from a file."""
    ids: list[str] = []
    with tempfile.TemporaryFile() as file:
        for point in index.scroll(where, keys=(), vectors=(IMAGE,)):
            if point.id in register.shown:
                ids.append(point.id)
                file.write(np.asarray(point.vectors[IMAGE], dtype=np.float32).tobytes())
        if not ids:
            return
        file.flush()
        rows = np.memmap(file, np.float32, "r", shape=(len(ids), index.card.dimension))
        for start in range(0, len(ids), BLOCK):
            block = np.asarray(rows[start : start + BLOCK])
            for below in range(start, len(ids), BLOCK):
                cosines = block @ np.asarray(rows[below : below + BLOCK]).T
                for i, j in zip(*np.nonzero(cosines >= equal), strict=True):
                    if start + i < below + j:
                        one, other = sorted((ids[start + i], ids[below + j]))
                        yield one, other, min(1.0, float(cosines[i, j]))
            if progress:
                progress(min(start + BLOCK, len(ids)), len(ids), "Comparing")
        del rows


def _asked(
    index: Index, register: _Register, where: Filter, equal: float, progress: Progress | None
) -> Iterator[tuple[str, str, float]]:
    """The same from the store's own search: each figure's nearest, where all pairs are too many."""
    done = 0
    for batch in _batches(sorted(register.shown), BATCH):
        for point in index.retrieve(batch, payload=False, vectors=(IMAGE,)):
            vector = np.asarray(point.vectors[IMAGE])
            plan = SearchPlan(
                Nearest(IMAGE, vector), NEIGHBOURS, where, min_score=equal, with_payload=()
            )
            for hit in index.search(plan):
                if hit.id > point.id and hit.id in register.shown:
                    yield point.id, hit.id, min(1.0, hit.score)
        done += len(batch)
        if progress:
            progress(done, len(register.shown), "Comparing")


def _close(hashes: Mapping[str, int], bits: int) -> Iterator[tuple[str, str]]:
    """Pairs whose hashes differ by at most ``bits``.

    Cut into ``bits + 1`` bands, two such hashes agree in one band at least; so only figures that
    share a band are compared.
    """
    edges = np.linspace(0, 64, bits + 2).astype(int).tolist()
    seen: set[tuple[str, str]] = set()
    for low, high in pairwise(edges):
        shared: defaultdict[int, list[str]] = defaultdict(list)
        for id, code in hashes.items():
            shared[code >> low & (1 << high - low) - 1].append(id)
        for ids in shared.values():
            for pair in _within(ids, hashes, bits):
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _within(ids: Sequence[str], hashes: Mapping[str, int], bits: int) -> Iterator[tuple[str, str]]:
    """Pairs of a bucket that are close: all of them at once, in rows."""
    if len(ids) < 2:
        return
    codes = np.array([hashes[id] for id in ids], dtype=np.uint64)
    for i in range(len(ids) - 1):
        differ = ONES[(codes[i + 1 :] ^ codes[i]).view(np.uint8).reshape(-1, 8)].sum(axis=1)
        for j in np.flatnonzero(differ <= bits)[:CROWD]:
            one, other = ids[i], ids[i + 1 + int(j)]
            yield (one, other) if one < other else (other, one)


def _cosines(index: Index, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, float]]:
    for batch in _batches(pairs, BATCH):
        ids = sorted({id for pair in batch for id in pair})
        points = index.retrieve(ids, payload=False, vectors=(IMAGE,))
        vectors: dict[str, Vector] = {p.id: np.asarray(p.vectors[IMAGE]) for p in points}
        for one, other in batch:
            if one in vectors and other in vectors:
                yield one, other, min(1.0, float(vectors[one] @ vectors[other]))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


# ── groups and families ──────────────────────────────────────────────────────────────────────────


def _group(register: _Register, members: Sequence[str], score: float, differ: int) -> Group:
    figures = sorted(
        (register.shown[id] for id in members), key=lambda f: (f.office, f.design_id, f.figure)
    )
    contents = {register.content_of.get(id) for id in members}
    return Group(
        "exact" if len(contents) == 1 and None not in contents else "near",
        tuple(figures), round(score, 6), differ,
        tuple(_links(register, sorted({register.key(id) for id in members}))),
    )  # fmt: skip


def _links(register: _Register, keys: Sequence[Key]) -> Iterator[Link]:
    """What the office says of some designs among each other."""
    for one, other in combinations(keys, 2):
        for later, earlier in ((one, other), (other, one)):
            if earlier[1] in register.related.get(later, ()):
                yield Link(later[1], "continues", earlier[1])
            elif earlier[1] in register.cited.get(later, frozenset()):
                yield Link(later[1], "cites", earlier[1])


def _families(register: _Register) -> Iterator[Family]:
    """Designs of one family, also where they have only a number in common that is not here."""
    joined: Joined[Key] = Joined()
    links: defaultdict[Key, list[Link]] = defaultdict(list)
    for key, numbers in register.related.items():
        for number in numbers:
            joined.join(key, (key[0], number))  # numbers mean something within their office alone
            links[key].append(Link(key[1], "continues", number))
    for members in joined.groups():
        here = sorted(key for key in members if key in register.related)
        missing = sorted(number for office, number in members if (office, number) not in here)
        if len(here) > 1:
            yield Family(
                tuple(number for _, number in here), tuple(missing),
                tuple(link for key in here for link in links[key]),
            )  # fmt: skip

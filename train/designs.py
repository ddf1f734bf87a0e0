"""The designs a run learns from: their pictures in memory, and what is known of each.

Reads folders of Parquet shards (:mod:`train.corpus`) and folders of pictures with a
``metadata.jsonl``. Pictures stay encoded until they are drawn, so a corpus of a hundred thousand
fits in memory. Knows nothing of batches, augmentation or losses.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine import drawing, locarno
from engine.encoder import Squares
from engine.errors import ImageError, SourceError, UsageError
from train.config import Corpus

Ints = npt.NDArray[np.int64]
UNKNOWN = -1
CLASS, SUBCLASS, DESIGN = 0, 1, 2  # columns of the labels
LARGE_PX = 600  # longer sides are scaled down once: decoding a 300 dpi sheet costs 30 ms


@dataclass(frozen=True, slots=True, eq=False)
class Designs:
    """n designs of one or more corpora.

    Attributes:
        ids: of the designs.
        figures: encoded pictures of each design; one at least.
        titles: "" where there is none.
        labels: (n, 3) int64 class, subclass, design; −1 unknown. Class and subclass index
            ``classes`` and ``subclasses``.
        corpus: (n,) which corpus each is from.
        classes: Locarno codes that occur, sorted.
        subclasses: all Locarno subclasses of those classes, and any others that occur, sorted.
    """

    ids: tuple[str, ...]
    figures: tuple[tuple[bytes, ...], ...]
    titles: tuple[str, ...]
    labels: Ints
    corpus: Ints
    classes: tuple[str, ...]
    subclasses: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def parents(self) -> Ints:
        """(subclasses,) index of each subclass's class."""
        return np.array([self.classes.index(code[:2]) for code in self.subclasses], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    picture: bytes
    design: str
    title: str
    code: str  # "06-01", "06" or ""


def held_out(design_id: str, share: float) -> bool:
    """Whether a design is kept from training: by a hash of its id, the same everywhere, for ever."""
    return int(hashlib.sha256(design_id.encode()).hexdigest(), 16) % 100 < share * 100


def load(corpora: Sequence[Corpus]) -> Designs:
    """The designs to train on.

    Raises: SourceError for a folder that is no corpus; UsageError where nothing is left to train
        on, or all known classes are one.
    """
    return _designs(
        [
            (number, figure)
            for number, corpus in enumerate(corpora)
            for figure in _figures(corpus)
            if not held_out(figure.design, corpus.held_out)
        ],
        ", ".join(corpus.path for corpus in corpora),
    )


def load_held_out(corpora: Sequence[Corpus]) -> Designs | None:
    """The designs that ``load`` leaves out, or None where no corpus holds any out."""
    kept = [
        (number, figure)
        for number, corpus in enumerate(corpora)
        for figure in _figures(corpus)
        if corpus.held_out and held_out(figure.design, corpus.held_out)
    ]
    return _designs(kept, "the held-out share", one_class=True) if kept else None


def _designs(figures: list[tuple[int, _Figure]], where: str, *, one_class: bool = False) -> Designs:
    groups: dict[tuple[int, str], list[_Figure]] = {}
    for number, figure in figures:
        groups.setdefault((number, figure.design), []).append(figure)
    if len(groups) < 2:
        raise UsageError(f"{where}: {len(groups)} designs are too few to tell apart.")
    codes = [max((figure.code for figure in group), key=len) for group in groups.values()]
    classes = sorted({code[:2] for code in codes if code})
    subclasses = sorted(
        {code for code in codes if len(code) > 2}
        | {code for kind in classes for code in _known_subclasses(kind)}
    )
    if len(classes) == 1 and not one_class:
        raise UsageError(
            f"{where}: all {len(groups)} designs are of class {classes[0]}, so no class can be "
            "learned. Add a corpus with other classes."
        )
    labels = np.full((len(groups), 3), UNKNOWN, dtype=np.int64)
    labels[:, DESIGN] = np.arange(len(groups))
    for row, code in enumerate(codes):
        if code:
            labels[row, CLASS] = classes.index(code[:2])
        if len(code) > 2:
            labels[row, SUBCLASS] = subclasses.index(code)
    return Designs(
        tuple(design for _, design in groups),
        tuple(tuple(figure.picture for figure in group) for group in groups.values()),
        tuple(max((f.title for f in group), key=len) for group in groups.values()),
        labels,
        np.array([number for number, _ in groups], dtype=np.int64),
        tuple(classes),
        tuple(subclasses),
    )


def _known_subclasses(kind: str) -> tuple[str, ...]:
    try:
        return locarno.subclasses(kind)
    except locarno.UnknownCode:
        return ()


def _figures(corpus: Corpus) -> Iterator[_Figure]:
    folder = Path(corpus.path)
    if (folder / "metadata.jsonl").is_file():
        yield from _folder(folder)
    elif any(folder.glob("*.parquet")):
        yield from _shards(folder, corpus.split)
    else:
        raise SourceError(
            f"{folder} holds no corpus: neither .parquet shards nor a metadata.jsonl. Build one "
            "with engine corpus build, or name another folder in the config."
        )


def _shards(folder: Path, split: str) -> Iterator[_Figure]:
    from train.corpus.shards import rows

    for row in rows(folder):
        if not split or row.split == split:
            yield _Figure(
                picture=row.image, design=row.design_id, title=row.title or "",
                code=row.locarno_subclass or row.locarno_class or "",
            )  # fmt: skip


def _folder(folder: Path) -> Iterator[_Figure]:
    try:
        lines = (folder / "metadata.jsonl").read_text("utf-8").splitlines()
        records = [json.loads(line) for line in lines if line.strip()]
        for record in records:
            yield _Figure(
                picture=_reduced((folder / record["file_name"]).read_bytes(), record["file_name"]),
                design=record.get("design_id") or record["file_name"],
                title=record.get("title") or "",
                code=record.get("locarno") or record.get("locarno_class") or "",
            )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{folder}/metadata.jsonl cannot be used ({error!r}).") from error


def picture(content: bytes) -> Image.Image:
    """A stored picture as a drawing; blank where it cannot be decoded: one ends no run."""
    try:
        return drawing.decode(content)
    except ImageError:
        return Image.new("L", (64, 64), drawing.PAPER)


def squares(pictures: Sequence[bytes], size: int) -> Squares:
    """Stored pictures as (n, size, size) uint8, drawn as the encoder sees them; blank ones stay so."""
    made = []
    for content in pictures:
        try:
            made.append(np.asarray(drawing.square(picture(content), size)[0]))
        except ImageError:
            made.append(np.full((size, size), drawing.PAPER, dtype=np.uint8))
    return np.stack(made)


def _reduced(picture: bytes, name: str) -> bytes:
    """A large picture cropped to its ink and scaled down; others as they are."""
    image = drawing.decode(picture, name=name)
    if max(image.size) <= LARGE_PX:
        return picture
    box = drawing.ink_box(image)
    if box is None:
        return picture
    scale = min(1.0, LARGE_PX / max(box[2] - box[0], box[3] - box[1]))
    size = tuple(max(1, round((box[i + 2] - box[i]) * scale)) for i in (0, 1))
    stream = io.BytesIO()
    image.resize((size[0], size[1]), Image.Resampling.BOX, box=box).save(
        stream, "PNG", compress_level=1
    )
    return stream.getvalue()

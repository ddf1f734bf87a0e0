"""Corpora read into designs: both layouts, labels, splits, what is held out."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.errors import SourceError, UsageError
from train import designs
from train.config import Corpus
from train.corpus.shards import Row, png, save


def picture(size: int = 40) -> Image.Image:
    made = Image.new("L", (size, size), 255)
    ImageDraw.Draw(made).rectangle((size // 4, size // 4, size // 2, size // 2), outline=0, width=3)
    return made


def shards(folder: Path, *known: tuple[str, str, str]) -> Corpus:
    """Designs as (id, code, split), two figures each."""
    folder.mkdir()
    rows = [
        Row(image=png(picture()), design_id=name, locarno_class=code[:2],
            locarno_subclass=code if len(code) > 2 else "", title=f"Title {name}", split=split)
        for name, code, split in known for _ in range(2)
    ]  # fmt: skip
    save(rows, folder / "00000.parquet")
    return Corpus(path=str(folder))


def notes(folder: Path, *lines: dict[str, Any], size: int = 40) -> Corpus:
    folder.mkdir()
    for line in lines:
        picture(size).save(folder / line["file_name"])
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return Corpus(path=str(folder))


def test_shards_and_folders_become_designs(tmp_path: Path) -> None:
    one = shards(tmp_path / "a", ("A", "06-01", "train"), ("B", "26", "train"), ("C", "", "train"))
    other = notes(
        tmp_path / "b",
        {"file_name": "1.png", "design_id": "A", "locarno": "06-03", "title": "Other"},
        {"file_name": "2.png", "design_id": "A", "locarno": "06-03", "title": ""},
    )
    found = designs.load([one, other])
    # The same id in two corpora is two designs.
    assert found.ids == ("A", "B", "C", "A")
    assert [len(figures) for figures in found.figures] == [2, 2, 2, 2]
    assert found.titles == ("Title A", "Title B", "Title C", "Other")
    assert found.corpus.tolist() == [0, 0, 0, 1]
    assert found.classes == ("06", "26")
    codes = [
        tuple(names[row] if row >= 0 else "" for row, names in
              zip(labels[:2], (found.classes, found.subclasses), strict=True))
        for labels in found.labels.tolist()
    ]  # fmt: skip
    assert codes == [("06", "06-01"), ("26", ""), ("", ""), ("06", "06-03")]
    assert found.labels[:, 2].tolist() == [0, 1, 2, 3]
    assert {"06-01", "06-13", "26-05"} <= set(found.subclasses)
    for code, parent in zip(found.subclasses, found.parents, strict=True):
        assert found.classes[parent] == code[:2]


def test_a_split_and_the_held_out_leave_each_other_alone(tmp_path: Path) -> None:
    known = [(f"D{i}", ("06-01", "26-05")[i % 2], ("train", "test")[i % 3 == 0]) for i in range(90)]
    corpus = shards(tmp_path / "a", *known)
    only = Corpus(path=corpus.path, split="train", held_out=0.3)
    kept, watched = designs.load([only]), designs.load_held_out([only])
    assert watched is not None
    assert not set(kept.ids) & set(watched.ids)
    assert set(kept.ids) | set(watched.ids) == {
        name for name, _, split in known if split == "train"
    }
    assert 0.15 < len(watched) / 60 < 0.45
    assert designs.load_held_out([corpus]) is None


def test_large_pictures_are_scaled_down_once(tmp_path: Path) -> None:
    line = {"file_name": "1.png", "design_id": "A", "locarno": "06-01"}
    corpus = notes(
        tmp_path / "a", line, line | {"file_name": "2.png", "design_id": "B", "locarno": "26-05"},
        size=4000,
    )  # fmt: skip
    found = designs.load([corpus])
    with Image.open(io.BytesIO(found.figures[0][0])) as small:
        assert max(small.size) == designs.LARGE_PX
        assert (np.asarray(small) < 128).any()


def test_squares_are_the_encoders_and_a_bad_picture_is_blank() -> None:
    from engine import drawing

    sound, blank = png(picture()), png(Image.new("L", (30, 20), 255))
    made = designs.squares([sound, b"no picture", blank], 32)
    assert made.shape == (3, 32, 32) and made.dtype == np.uint8
    assert (made[0] == np.asarray(drawing.square(picture(), 32)[0])).all() and made[0].min() < 128
    assert (made[1:] == drawing.PAPER).all()


def test_what_is_no_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"neither \.parquet shards nor a metadata\.jsonl"):
        designs.load([Corpus(path=str(tmp_path))])
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "gone.png"}')
    with pytest.raises(SourceError, match=r"metadata\.jsonl cannot be used"):
        designs.load([Corpus(path=str(tmp_path))])
    one = shards(tmp_path / "one", ("A", "06-01", "train"), ("B", "06-03", "train"))
    with pytest.raises(UsageError, match="all 2 designs are of class 06"):
        designs.load([one])
    with pytest.raises(UsageError, match="0 designs are too few"):
        designs.load([Corpus(path=one.path, split="validation")])

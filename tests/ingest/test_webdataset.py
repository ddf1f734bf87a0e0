"""WebDataset tars: samples by key, JSON beside pictures, shuffled and damaged ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.design import Design, figure_id
from ingest import pipeline
from ingest.sources import Problem, detect, read, webdataset
from qdrant.points import point


def split(items) -> tuple[list[Design], list[Problem]]:
    items = list(items)
    return [i for i in items if isinstance(i, Design)], [i for i in items if isinstance(i, Problem)]


def shard(make, rows: list[dict], folder: str = "") -> bytes:
    files: dict[str, bytes] = {}
    for i, row in enumerate(rows):
        files[f"{folder}{i:06}.png"] = make.picture(i)
        files[f"{folder}{i:06}.json"] = json.dumps(row).encode()
    return make.tarred(files)


ROWS = [
    {"design_id": "A", "title": "Chair", "locarno": "06.01", "view": "front"},
    {"design_id": "A", "title": "Chair", "locarno": "06.01", "view": "top"},
    {"Design_ID": "B", "office": "em", "published": "2021-01-05"},
]


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz"])
def test_samples_become_designs(tmp_path: Path, make, name: str) -> None:
    content = shard(make, ROWS, "train/")
    if name != "a.tar":
        import gzip

        content = gzip.compress(content)
    make.write(tmp_path, {name: content})
    assert detect(tmp_path / name) == "webdataset"
    (chair, other), problems = split(read([tmp_path]))
    assert not problems
    assert (chair.id, chair.title, chair.locarno) == ("A", "Chair", ("06-01",))
    assert [(f.number, f.view) for f in chair.figures] == [("000000", "front"), ("000001", "top")]
    assert chair.figures[0].file == f"{tmp_path / name}!train/000000.png"
    assert chair.figures[1].content == make.picture(1)
    assert (other.id, other.office, str(other.published)) == ("B", "EM", "2021-01-05")


def test_views_captions_and_classes_of_a_sample(tmp_path: Path, make) -> None:
    files = {
        "17.front.png": make.picture(1), "17.top.jpg": make.picture(2, "JPEG"),
        "17.txt": b"A chair of oak.", "17.cls": b"06-01",
        "18.png": make.picture(3), "18.cls": b"4",
    }  # fmt: skip
    make.write(tmp_path, {"a.tar": make.tarred(files)})
    (first, second), problems = split(read([tmp_path / "a.tar"]))
    assert not problems
    assert (first.id, first.description, first.locarno) == ("17", "A chair of oak.", ("06-01",))
    assert [(f.number, f.view) for f in first.figures] == [("front", "front"), ("top", "top")]
    assert (second.id, second.locarno) == ("18", ())


def test_samples_of_a_design_that_stand_apart_lose_nothing(
    tmp_path: Path, make, index, encoder
) -> None:
    rows = [{"design_id": "AB"[i % 2]} for i in range(6)]
    make.write(tmp_path, {"a.tar": shard(make, rows)})
    summary = pipeline.ingest([tmp_path], index, encoder, point)
    assert (summary.indexed, summary.warnings) == (6, [])
    assert index.facet("design_id") == {"A": 3, "B": 3}


def test_what_is_wrong_is_named_and_the_rest_is_read(tmp_path: Path, make) -> None:
    files = {
        "1.png": make.picture(1), "1.json": b"[1]", "2.json": b"{}", "3.png": make.picture(3),
        "3.json": b'{"design_id": "C"}', "._3.png": b"x",
    }  # fmt: skip
    whole = make.tarred(files)
    make.write(tmp_path, {"a.tar": whole})
    found, problems = split(read([tmp_path / "a.tar"]))
    assert [d.id for d in found] == ["1", "C"]
    assert [(p.reason, p.figures) for p in problems] == [
        ("is not a JSON object", 0), ("the sample has no picture", 1),
    ]  # fmt: skip
    cut = whole[: whole.index(b'{"design_id": "C"}') - 600]
    make.write(tmp_path, {"a.tar": cut})
    found, problems = split(read([tmp_path / "a.tar"], "webdataset"))
    assert "1" in [d.id for d in found]
    assert any("damaged" in p.reason or "cut off" in p.reason for p in problems)


def test_a_sample_too_large_is_refused(tmp_path: Path, make, monkeypatch) -> None:
    monkeypatch.setattr(webdataset, "MAX_SAMPLE", 1000)
    files = {"1.png": make.picture(1), "1.bin": bytes(2000), "2.png": make.picture(2)}
    make.write(tmp_path, {"a.tar": make.tarred(files)})
    found, problems = split(read([tmp_path], "webdataset"))
    assert [d.id for d in found] == ["1", "2"]
    assert ["its sample has" in p.reason for p in problems] == [True]


def test_a_weekly_tar_is_none(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"I20210105.tar": make.weekly(1)})
    assert detect(tmp_path / "I20210105.tar") == "uspto"


def test_ingested_end_to_end_twice(tmp_path: Path, make, open_index, encoder) -> None:
    make.write(tmp_path / "in", {"a.tar": shard(make, ROWS)})
    first = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (first.read, first.indexed) == (3, 3)
    index = open_index()
    again = pipeline.ingest([tmp_path / "in"], index, encoder, point)
    assert (again.read, again.unchanged) == (3, 3)
    assert index.retrieve([figure_id("", "A", "000001")])[0].payload["view"] == "top"

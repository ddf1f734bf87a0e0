"""Hugging Face datasets as the package itself saves them, and shards as the hub holds them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.design import Design, figure_id
from ingest import pipeline
from ingest.sources import Problem, detect, read
from qdrant.points import point

datasets = pytest.importorskip("datasets", reason="comes with the extra 'train'")


@pytest.fixture(autouse=True)
def no_bars():
    datasets.disable_progress_bars()


def dataset(make, rows: list[dict], **columns):
    """Rows with pictures inside: {"path": name or None, "bytes": …}, as the package holds them."""
    table = [
        {"image": {"path": f"{i:04}.png", "bytes": make.picture(i)}} | row
        for i, row in enumerate(rows)
    ]
    features = {"image": datasets.Image(), **columns}
    for key in rows[0]:
        features.setdefault(key, datasets.Value("string"))
    return datasets.Dataset.from_list(table, features=datasets.Features(features))


def split(items) -> tuple[dict[str, Design], list[Problem]]:
    items = list(items)
    return {i.id: i for i in items if isinstance(i, Design)}, [
        i for i in items if isinstance(i, Problem)
    ]


ROWS = [
    {"design_id": "A", "title": "Chair", "locarno": "06.01"},
    {"design_id": "A", "title": "Chair", "locarno": "06.01"},
    {"design_id": "B", "title": "Lamp", "locarno": "26-05"},
]


def test_a_saved_dataset(tmp_path: Path, make) -> None:
    dataset(make, ROWS).save_to_disk(tmp_path / "saved")
    assert detect(tmp_path / "saved") == "huggingface"
    found, problems = split(read([tmp_path]))
    assert not problems
    chair, lamp = found["A"], found["B"]
    assert (chair.title, chair.locarno, lamp.locarno) == ("Chair", ("06-01",), ("26-05",))
    assert [f.content for f in chair.figures] == [make.picture(0), make.picture(1)]
    assert lamp.figures[0].file.endswith("data-00000-of-00001.arrow:3!0002.png")


def test_splits_and_classes(tmp_path: Path, make) -> None:
    label = datasets.ClassLabel(names=["06-01", "26-05"])
    kind = datasets.ClassLabel(names=["chair", "lamp"])
    rows = [{"label": 1, "kind": 1}, {"label": 0, "kind": 0}]
    both = datasets.DatasetDict({
        name: dataset(make, rows, label=label, kind=kind) for name in ("train", "test")
    })  # fmt: skip
    bare = both.map(lambda row: row).cast_column("image", datasets.Image(decode=False))
    nameless = bare.map(lambda row: {"image": {"path": None, "bytes": row["image"]["bytes"]}})
    nameless.cast_column("image", datasets.Image()).save_to_disk(tmp_path / "saved")
    found, problems = split(read([tmp_path / "saved"]))
    assert not problems
    assert set(found) == {f"{name}-00000-{row}" for name in ("train", "test") for row in (0, 1)}, (
        "splits are told apart"
    )
    assert (found["train-00000-0"].locarno, found["train-00000-0"].title) == (("26-05",), "lamp")
    assert (found["test-00000-1"].locarno, found["test-00000-1"].title) == (("06-01",), "chair")


@pytest.mark.parametrize("folder", ["", "data/"])
def test_shards_of_the_hub(tmp_path: Path, make, folder: str) -> None:
    (tmp_path / folder).mkdir(exist_ok=True)
    whole = dataset(make, ROWS)
    for i in range(2):
        shard = whole.shard(2, i, contiguous=True)
        shard.to_parquet(tmp_path / f"{folder}train-{i:05}-of-00002.parquet")
    (tmp_path / "README.md").write_text("---\nlicense: cc0-1.0\n---\n")
    assert detect(tmp_path) == "huggingface"
    found, problems = split(read([tmp_path]))
    assert not problems
    assert {d.id: len(d.figures) for d in found.values()} == {"A": 2, "B": 1}


def test_rows_of_a_design_that_stand_apart_lose_nothing(
    tmp_path: Path, make, index, encoder
) -> None:
    dataset(make, [{"design_id": "AB"[i % 2]} for i in range(6)]).save_to_disk(tmp_path / "saved")
    summary = pipeline.ingest([tmp_path], index, encoder, point)
    assert (summary.indexed, summary.warnings) == (6, [])
    assert index.facet("design_id") == {"A": 3, "B": 3}


def test_pictures_by_their_paths_and_other_names(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"data/pictures/oak.png": make.picture(1)})
    rows = {"drawing": [{"bytes": None, "path": "pictures/oak.png"},
                        {"bytes": None, "path": "../../etc/passwd"}], "title": ["Oak", "Gone"]}  # fmt: skip
    told = {"info": {"features": {"drawing": {"_type": "Image"}, "title": {"_type": "Value"}}}}
    table = pa.table(rows).replace_schema_metadata({"huggingface": json.dumps(told)})
    pq.write_table(table, tmp_path / "data/train-00000-of-00001.parquet")
    found, problems = split(read([tmp_path]))
    assert found["oak"].title == "Oak"
    assert found["oak"].figures[0].content == make.picture(1)
    assert len(problems) == 1
    assert "leads out" in problems[0].reason


def test_a_damaged_shard_is_named_and_the_others_are_read(tmp_path: Path, make) -> None:
    home = tmp_path / "saved"
    dataset(make, ROWS).save_to_disk(home, num_shards=3)
    shards = sorted(home.glob("*.arrow"))
    shards[1].write_bytes(shards[1].read_bytes()[:300])
    shards[2].unlink()
    found, problems = split(read([tmp_path]))
    assert {d.id: len(d.figures) for d in found.values()} == {"A": 1}
    assert [Path(p.file).name for p in problems] == [shards[1].name, shards[2].name]


def test_ingested_end_to_end_twice(tmp_path: Path, make, open_index, encoder) -> None:
    dataset(make, ROWS).save_to_disk(tmp_path / "in")
    first = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (first.read, first.indexed) == (3, 3)
    index = open_index()
    again = pipeline.ingest([tmp_path / "in"], index, encoder, point)
    assert (again.read, again.unchanged) == (3, 3)
    assert index.retrieve([figure_id("", "B", "00000-2")])[0].payload["title"] == "Lamp"


def test_a_corpus_of_ours_is_read_design_by_design(tmp_path: Path) -> None:
    build = pytest.importorskip("train.corpus.build")
    build.build("procedural", tmp_path / "corpus", designs=3, views=2, seed=1, size=64, workers=1)
    designs, problems = split(read([tmp_path / "corpus"]))
    assert not problems
    assert len(designs) == 3
    assert [len(design.figures) for design in designs.values()] == [2, 2, 2]
    assert all(design.title and design.locarno for design in designs.values())

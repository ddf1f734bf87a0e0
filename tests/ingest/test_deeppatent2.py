"""DeepPatent2 as it is laid out on disk: a year's JSON array, figures cut out, and their sheets."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.design import Design, figure_id
from engine.errors import SourceError
from ingest import pipeline
from ingest.sheets import Splitter
from ingest.sources import Problem, detect, jsons, read
from qdrant.points import point


def record(number: int, patent: str = "USD0836880-20190101", **more) -> dict:
    """A figure with the fields of table 4 of the paper."""
    sheet = f"{patent}-D{number:05}"
    return {
        "id": number, "patentID": patent, "patentdate": "2019-01-01", "figid": str(number),
        "caption": f"FIG. {number} is a front view of a pet treat;", "object": "pet treat",
        "aspect": "front view", "figure_file": f"{sheet}.png",
        "subfigure_file": f"{sheet}_{number}.png", "object_title": "Pet treat",
        "classification_national": "D 1127", "x_figure": 10, "y_figure": 20, "w_figure": 60,
        "h_figure": 50, "W_label": 0.04, "H_label": 0.05, "L_label": 0.11, "T_label": 0.2, **more,
    }  # fmt: skip


def year(make, folder: Path, records: list[dict]) -> Path:
    make.write(folder / "2019", {"design2019.json": json.dumps(records)})
    for seed, item in enumerate(records):
        make.write(folder / "2019/Segmented", {item["subfigure_file"]: make.picture(seed)})
    return folder


def split(items) -> tuple[dict[str, Design], list[Problem]]:
    items = list(items)
    return {i.id: i for i in items if isinstance(i, Design)}, [
        i for i in items if isinstance(i, Problem)
    ]


def test_a_year_gives_designs_with_their_figures(tmp_path: Path, make) -> None:
    other = "USD0836881-20190108"
    rows = [record(1), record(1, other, classification_locarno="06-01", aspect=None), record(2)]
    found, problems = split(read([year(make, tmp_path, rows)]))
    assert not problems
    treat = found["USD836880"]
    assert (treat.office, treat.title, treat.published) == ("US", "Pet treat", date(2019, 1, 1))
    assert treat.locarno == (), "the national class is no Locarno class"
    assert treat.description.splitlines() == [
        "FIG. 1 is a front view of a pet treat;", "FIG. 2 is a front view of a pet treat;",
    ]  # fmt: skip
    assert [(f.number, f.view, f.box) for f in treat.figures] == [
        ("1", "front view", None), ("2", "front view", None),
    ]  # fmt: skip
    assert [f.content for f in treat.figures] == [make.picture(0), make.picture(2)]
    assert found["USD836881"].locarno == ("06-01",)
    assert detect(tmp_path / "2019") == detect(tmp_path / "2019/design2019.json") == "deeppatent2"


def test_without_the_cut_figure_its_place_on_the_sheet_counts(
    tmp_path: Path, make, index, encoder
) -> None:
    rows = [record(1)]
    make.write(tmp_path, {"design2019.json": json.dumps(rows)})
    make.write(tmp_path / "Original", {rows[0]["figure_file"]: make.picture(5)})
    found, problems = split(read([tmp_path], "deeppatent2"))
    assert not problems
    assert [f.box for f in found["USD836880"].figures] == [(10, 20, 70, 70)]
    pipeline.ingest([tmp_path], index, encoder, point, splitter=Splitter(read=False))
    assert index.count() == 1, "the box is not parted again"
    (stored,) = index.retrieve([figure_id("US", "USD836880", "1")], vectors=("image",))
    cut = Image.open(io.BytesIO(make.picture(5))).convert("L")
    expected = encoder.encode(np.stack([encoder.prepare(cut, (10, 20, 70, 70))]))
    assert np.allclose(stored.vectors["image"], expected[0], atol=1e-6)
    assert stored.payload["box"] == [10, 20, 70, 70]


def test_what_is_wrong_is_named_and_the_rest_is_read(tmp_path: Path, make) -> None:
    year(make, tmp_path, [record(1), record(2)])
    file = tmp_path / "2019/design2019.json"
    (tmp_path / "2019/Segmented" / record(2)["subfigure_file"]).unlink()
    text = file.read_text()
    file.write_text(text[:-1] + ', 7, {"figid": "9"}, {"patentID": "USD1"')  # cut off
    found, problems = split(read([tmp_path]))
    assert [f.number for f in found["USD836880"].figures] == ["1"]
    reasons = [p.reason for p in problems]
    assert len(reasons) == 4
    assert any("missing" in r and "design2019.json:2 names it" in r for r in reasons)
    assert any("no object but int" in r for r in reasons)
    assert any("no patentID" in r for r in reasons)
    assert any("is not JSON after 4 objects" in r for r in reasons)


def test_ingested_end_to_end_twice(tmp_path: Path, make, open_index, encoder) -> None:
    year(make, tmp_path / "in", [record(1), record(2)])
    summary = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (summary.indexed, summary.skipped) == (2, 0)
    again = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (again.unchanged, again.indexed) == (2, 0)


@pytest.mark.parametrize(
    "arranged",
    [json.dumps, lambda rows: json.dumps(rows, indent=2), lambda rows: "\n".join(map(json.dumps, rows)),
     lambda rows: "".join(map(json.dumps, rows)), lambda rows: "\ufeff" + json.dumps(rows) + "\n"],
)  # fmt: skip
@pytest.mark.parametrize("step", [1, 7, 2**20])
def test_objects_of_any_arrangement(tmp_path: Path, monkeypatch, arranged, step: int) -> None:
    monkeypatch.setattr(jsons, "STEP", step)
    rows = [{"a": i, "b": "x,]}{[" * i, "c": [1.5, {"d": None}]} for i in range(5)]
    (tmp_path / "a.json").write_text(arranged(rows), "utf-8")
    assert list(jsons.objects(tmp_path / "a.json")) == rows


@pytest.mark.parametrize("text", ["", "[]", "  [ ] ", "[,]"])
def test_no_objects(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    assert list(jsons.objects(tmp_path / "a.json")) == []


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a": ' * 100_000, "nonsense", '{"a": 1', "[1, 2"]
)
def test_hostile_json_is_an_error_not_a_crash(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(SourceError):
        for item in jsons.objects(tmp_path / "a.json"):
            assert isinstance(item, SourceError)


def test_an_object_too_large_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(jsons, "MAX_OBJECT", 2**20)
    (tmp_path / "a.json").write_text('[{"a": 1}, {"a": "' + "x" * 2**22 + '"}]')
    found = jsons.objects(tmp_path / "a.json")
    assert next(found) == {"a": 1}
    with pytest.raises(SourceError, match="object 2 is too large"):
        next(found)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    import tracemalloc

    def peak(count: int) -> int:
        path = tmp_path / f"{count}.json"
        with path.open("w") as stream:
            stream.write("[")
            for i in range(count):
                stream.write(("," if i else "") + json.dumps(record(i)))
            stream.write("]")
        tracemalloc.start()
        assert sum(1 for _ in jsons.objects(path)) == count
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    assert peak(20_000) < 1.5 * peak(4_000)

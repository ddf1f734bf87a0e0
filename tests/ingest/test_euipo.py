"""EUIPO's JSON: single designs, applications of several, pages of an answer; pictures beside."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from engine.design import Design
from ingest import pipeline
from ingest.sources import Problem, detect, read
from qdrant.points import point


def record(number: str = "002345678-0001", views: int = 2, **more) -> dict:
    """A design as the office's design search answers."""
    return {
        "designNumber": number, "applicationNumber": number[:9], "status": "REGISTERED",
        "locarnoClasses": ["06.04"], "locarnoEdition": "13",
        "productIndications": [
            {"language": "de", "terms": ["Regale"]},
            {"language": "en", "terms": ["Shelves", "Racks"]},
        ],
        "applicants": [{"identifier": "100234", "name": "ARTEMIDE S.p.A."}],
        "applicationDate": "2020-11-02", "registrationDate": "2020-11-03",
        "publications": [{"publicationDate": "2021-01-08"}, {"publicationDate": "2020-12-01"}],
        "views": [
            {"viewNumber": i, "fileName": f"{number}_{i}.jpg", "viewType": "FRONT"}
            for i in range(1, views + 1)
        ],
        **more,
    }  # fmt: skip


def split(items) -> tuple[dict[str, Design], list[Problem]]:
    items = list(items)
    return {i.id: i for i in items if isinstance(i, Design)}, [
        i for i in items if isinstance(i, Problem)
    ]


def shown(make, *names: str) -> dict[str, bytes]:
    return {name: make.picture(i, "JPEG") for i, name in enumerate(names)}


def test_a_design_and_its_views(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"a.json": json.dumps(record()),
                          **shown(make, "002345678-0001_1.jpg", "002345678-0001_2.jpg")})  # fmt: skip
    assert detect(tmp_path) == "euipo"
    found, problems = split(read([tmp_path]))
    assert not problems
    (shelf,) = found.values()
    assert (shelf.id, shelf.office) == ("002345678-0001", "EM")
    assert (shelf.title, shelf.holder) == ("Shelves; Racks", "ARTEMIDE S.p.A.")
    assert (shelf.locarno, shelf.locarno_edition) == (("06-04",), "13")
    assert (shelf.filed, shelf.published) == (date(2020, 11, 2), date(2020, 12, 1))
    assert [(f.number, f.view) for f in shelf.figures] == [("1", "front"), ("2", "front")]
    assert shelf.figures[1].content == make.picture(1, "JPEG")


def test_several_designs_of_an_application(tmp_path: Path, make) -> None:
    application = {
        "applicationNumber": "002345678", "applicationDate": "2020-11-02",
        "owners": [{"name": "Artek"}], "locarnoClassification": "06.01",
        "designs": [
            {"indicationOfProduct": "Chair", "views": [{"fileName": "x.png"}]},
            {"designNumber": "002345678-0007", "indicationOfProduct": ["Stool", "Bench"],
             "locarnoClasses": [{"class": "06", "subclass": "05"}], "description": "Of oak."},
        ],
    }  # fmt: skip
    make.write(tmp_path, {"a.json": json.dumps(application), "x.png": make.picture(1),
                          "002345678-0007/front.png": make.picture(2)})  # fmt: skip
    found, problems = split(read([tmp_path]))
    assert not problems
    chair, stool = found["002345678-0001"], found["002345678-0007"]
    assert (chair.title, chair.locarno, chair.holder) == ("Chair", ("06-01",), "Artek")
    assert (stool.title, stool.locarno, stool.filed) == (
        "Stool; Bench", ("06-05",), date(2020, 11, 2),
    )  # fmt: skip
    assert stool.description == "Of oak."
    assert [f.number for f in stool.figures] == ["front"]


@pytest.mark.parametrize(
    "names",
    [("002345678-0001_1.jpg", "002345678-0001_2.jpg"), ("002345678-0001.1.jpg", "002345678-0001.2.jpg"),
     ("002345678-0001/1.jpg", "002345678-0001/2.jpg"),
     ("002345678-0001/002345678-0001_1.jpg", "002345678-0001/002345678-0001_2.jpg")],
)  # fmt: skip
def test_views_found_by_the_number(tmp_path: Path, make, names: tuple[str, str]) -> None:
    make.write(tmp_path, {"a.json": json.dumps(record(views=0)), **shown(make, *names)})
    found, problems = split(read([tmp_path]))
    assert not problems
    assert set(found) == {"002345678-0001"}, "none of the pictures is also read as a loose one"
    assert [f.number for f in found["002345678-0001"].figures] == ["1", "2"]


def test_pages_of_an_answer_and_records_of_other_offices(
    tmp_path: Path, make, index, encoder
) -> None:
    page = {"designs": [record(views=1), record("002345678-0002", 1)], "totalElements": 2}
    other = record(views=1, officeCode="CH")
    text = json.dumps(page) + "\n" + json.dumps(other)
    make.write(tmp_path, {"a.json": text, "002345678-0001_1.jpg": make.picture(1),
                          "002345678-0002_1.jpg": make.picture(2)})  # fmt: skip
    summary = pipeline.ingest([tmp_path], index, encoder, point)
    assert (summary.indexed, summary.errors) == (3, [])
    assert index.facet("office") == {"EM": 2, "CH": 1}
    assert index.facet("design_id") == {"002345678-0001": 2, "002345678-0002": 1}


def test_what_is_wrong_is_named_and_the_rest_is_read(tmp_path: Path, make) -> None:
    records = [
        record(), record("002345678-0002", locarnoClasses=["66.66"]), record("002345678-0003", 0),
        {"productIndications": []}, 5, record("002345678-0004") | {"views": [{"fileName": "../../x.jpg"}]},
    ]  # fmt: skip
    make.write(tmp_path, {"a.json": json.dumps(records),
                          **shown(make, "002345678-0001_2.jpg", "002345678-0002_1.jpg",
                                  "002345678-0002_2.jpg")})  # fmt: skip
    found, problems = split(read([tmp_path]))
    assert {number: len(d.figures) for number, d in found.items()} == {
        "002345678-0001": 1, "002345678-0002": 2,
    }  # fmt: skip
    reasons = [p.reason for p in problems]
    assert len(reasons) == 6
    for part in ("missing (", "class left out", "names no drawings", "no designNumber",
                 "no object but int"):  # fmt: skip
        assert any(part in reason for reason in reasons), part
    assert sum(p.figures == 0 for p in problems) == 1


def test_other_json_is_left_alone(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"package.json": '{"name": "x"}', "oak.png": make.picture(1)})
    found, problems = split(read([tmp_path]))
    assert set(found) == {"oak"}
    assert not problems


def test_ingested_end_to_end_twice(tmp_path: Path, make, open_index, encoder) -> None:
    make.write(tmp_path / "in", {"a.json": json.dumps([record()]),
                                 **shown(make, "002345678-0001_1.jpg", "002345678-0001_2.jpg")})  # fmt: skip
    first = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (first.read, first.indexed) == (2, 2)
    again = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (again.read, again.unchanged) == (2, 2)

"""IMPACT as it is published: a year's CSV, folders of TIFF sheets, and grants' XML where fetched."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

from engine.design import Design
from ingest import pipeline
from ingest.sources import Problem, detect, read
from qdrant.points import point

COLUMNS = ("", "title", "id", "class", "file_names", "class_single", "label", "caption", "filepath")


def table(*rows: dict) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def row(number: str, sheets: int, day: str = "20211221", **more) -> dict:
    names = [f"US{number}-{day}-D{i:05}.TIF" for i in range(sheets + 1)]
    return {
        "": "7", "title": "Wall charger", "id": number, "class": "D13108", "file_names": str(names),
        "class_single": "D13108", "label": "432", "caption": " A square wall charger.",
        "filepath": f"2021_train/{names[0]}", **more,
    }  # fmt: skip


def sheets(make, folder: Path, number: str, count: int, day: str = "20211221") -> None:
    for i in range(count + 1):
        name = f"US{number}-{day}-D{i:05}.TIF"
        make.write(folder, {name: make.picture(int(number[1:]) % 1000 + i, "TIFF")})


def split(items) -> tuple[dict[str, Design], list[Problem]]:
    items = list(items)
    return {i.id: i for i in items if isinstance(i, Design)}, [
        i for i in items if isinstance(i, Problem)
    ]


def test_a_row_is_a_design_with_its_sheets(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"2021.csv": table(row("D0938909", 2), row("D0925930", 1))})
    sheets(make, tmp_path / "2021_train", "D0938909", 2)
    sheets(make, tmp_path / "2021_train/deep/USD0925930-20211221", "D0925930", 1)
    assert detect(tmp_path) == detect(tmp_path / "2021.csv") == "impact"
    found, problems = split(read([tmp_path]))
    assert not problems
    charger = found["USD938909"]
    assert (charger.office, charger.title, charger.locarno) == ("US", "Wall charger", ())
    assert charger.published == date(2021, 12, 21)
    assert charger.description == "A square wall charger."
    assert [f.number for f in charger.figures] == ["S1", "S2"], "D00000 repeats a sheet"
    assert charger.figures[1].content == make.picture(911, "TIFF")
    assert len(found["USD925930"].figures) == 1


def test_the_grant_says_more_than_the_row(tmp_path: Path, make) -> None:
    day = "20210105"
    make.write(tmp_path, {
        "2021.csv": table(row("D0907292", 2, day)),
        "xml/USD0907292-20210105.XML": make.grant("D0907292", sheets=2, landscape=(2,)),
    })  # fmt: skip
    sheets(make, tmp_path / "tiff", "D0907292", 2, day)
    found, problems = split(read([tmp_path]))
    assert not problems
    chair = found["USD907292"]
    assert (chair.locarno, chair.holder, chair.related) == (("06-01",), "Ray Eames", ("USD845543",))
    assert [(f.number, f.turn, f.view) for f in chair.figures] == [
        ("S1", 0, "front view"), ("S2", 90, "rear view"),
    ]  # fmt: skip
    assert chair.description.endswith("a chair;\nA square wall charger.")
    assert chair.figures[0].file == str(tmp_path / "tiff/USD0907292-20210105-D00001.TIF")


def test_what_is_missing_is_named(tmp_path: Path, make) -> None:
    rows = [row("D0938909", 2), row("D0925930", 1, file_names="[]"), row("", 1)]
    broken = row("D0911683", 1, file_names="USD0911683-20211221-D00001.TIF, ../climbs.TIF")
    make.write(tmp_path, {"2021.csv": table(*rows, broken)})
    sheets(make, tmp_path / "2021_train", "D0938909", 1)
    sheets(make, tmp_path, "D0911683", 1)
    found, problems = split(read([tmp_path]))
    assert {d.id: len(d.figures) for d in found.values()} == {"USD938909": 1, "USD911683": 1}
    reasons = sorted(p.reason for p in problems)
    assert len(reasons) == 4
    assert sum("missing" in r and "2021.csv:2" in r for r in reasons) == 1
    assert sum("no file_names" in r for r in reasons) == 1
    assert sum("no id" in r for r in reasons) == 1
    assert sum("leads out" in r for r in reasons) == 1


def test_ingested_end_to_end_twice(tmp_path: Path, make, open_index, encoder) -> None:
    make.write(tmp_path / "in", {"2021.csv": table(row("D0938909", 3))})
    sheets(make, tmp_path / "in/2021_train", "D0938909", 3)
    first = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (first.read, first.indexed) == (3, 3)
    again = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (again.read, again.unchanged) == (3, 3)
    said = pipeline.survey([tmp_path / "in"])
    assert (said["designs"], said["read"], said["skipped"]) == (1, 3, 0)

"""Rows in JSON lines, CSV and Parquet; whatever a row says wrong is named and costs nothing else."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.design import Design
from engine.errors import EngineError
from ingest.sources import Problem, metadata, read

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def split(items) -> tuple[dict[str, Design], list[Problem]]:
    items = list(items)
    found = [item for item in items if isinstance(item, Design)]
    assert len({d.id for d in found}) == len(found), "one design, one item"
    return {d.id: d for d in found}, [item for item in items if isinstance(item, Problem)]


def lines(*rows: dict) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_every_column_is_understood(tmp_path: Path, make) -> None:
    row = {
        "file_name": "in/a.png", "design_id": "USD528368", "sheet": 3, "title": "Chair",
        "locarno": "0601; 7.1", "locarno_edition": "8", "filed": "2019-05-01",
        "published": "20200630", "holder": "Eames", "view": "front view",
        "description": "FIG. 1 is", "unheard": {"of": 1},
    }  # fmt: skip
    make.write(tmp_path, {"metadata.jsonl": lines(row), "in/a.png": make.picture(1)})
    found, problems = split(read([tmp_path]))
    assert not problems
    design = found["USD528368"]
    (figure,) = design.figures
    assert (design.office, design.title, design.holder) == ("US", "Chair", "Eames")
    assert (design.locarno, design.locarno_edition) == (("06-01", "07-01"), "8")
    assert (design.filed, design.published) == (date(2019, 5, 1), date(2020, 6, 30))
    assert (figure.number, figure.view) == ("S3", "front view")
    assert figure.file == str(tmp_path / "in/a.png")
    assert figure.content == make.picture(1)


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ({"locarno_subclass": "06-01", "locarno_class": "06"}, ("06-01",)),
        ({"locarno_class": 6}, ("06",)),
        ({"locarno_class": None}, ()),
        ({"LOCARNO": "LOC (13) Cl. 06-04"}, ("06-04",)),
        ({"locarno": ["06-01", "25-02"]}, ("06-01", "25-02")),
        ({"class": float("nan")}, ()),
    ],
)
def test_locarno_columns(tmp_path: Path, make, row: dict, codes: tuple[str, ...]) -> None:
    make.write(tmp_path, {
        "metadata.jsonl": lines({"file_name": "a.png", **row}), "a.png": make.picture(1),
    })  # fmt: skip
    found, problems = split(read([tmp_path]))
    assert found["a"].locarno == codes
    assert not problems


@pytest.mark.parametrize(
    ("code", "kept"),
    [("06-99-3", ()), ("45-01", ()), ("2021-06-01", ()), ("06-01; 77-12", ("06-01",))],
)
def test_a_code_that_does_not_exist_costs_only_itself(tmp_path: Path, make, code, kept) -> None:
    make.write(tmp_path, {
        "metadata.jsonl": lines({"file_name": "a.png", "locarno": code}), "a.png": make.picture(1),
    })  # fmt: skip
    found, problems = split(read([tmp_path]))
    assert found["a"].locarno == kept
    (problem,) = problems
    assert problem.figures == 0, "nothing is lost"
    assert "class left out" in problem.reason
    assert problem.file.endswith("metadata.jsonl:1")


def test_rows_of_a_design_need_not_be_neighbours(tmp_path: Path, make) -> None:
    rows = [
        {"file_name": f"{d}{s}.png", "design_id": d, "sheet": s, "title": t}
        for s, t in ((2, ""), (1, "Lamp"), (3, "Other"))
        for d in ("B", "A")
    ]
    pictures = {row["file_name"]: make.picture(i) for i, row in enumerate(rows)}
    make.write(tmp_path, {"metadata.jsonl": lines(*rows), **pictures})
    found, problems = split(read([tmp_path]))
    assert not problems
    assert list(found) == ["B", "A"], "in the order in which they first came"
    assert [f.number for f in found["A"].figures] == ["S2", "S1", "S3"]
    assert found["A"].title == "Lamp"


def test_one_number_in_two_offices_is_two_designs(tmp_path: Path, make) -> None:
    rows = [
        {"file_name": "a.png", "design_id": "7", "office": office} for office in ("us", "EM", "US")
    ]
    make.write(tmp_path, {"metadata.jsonl": lines(*rows), "a.png": make.picture(1)})
    items = [item for item in read([tmp_path]) if isinstance(item, Design)]
    assert [(d.office, len(d.figures)) for d in items] == [("US", 2), ("EM", 1)]


def test_figures_without_a_number_are_told_apart_by_their_files(tmp_path: Path, make) -> None:
    rows = [
        {"file_name": n, "design_id": "A"}
        for n in ("a/x.png", "b/x.png", "USD5-S2.png", "y-fig3.png")
    ]
    pictures = {row["file_name"]: make.picture(i) for i, row in enumerate(rows)}
    make.write(tmp_path, {"metadata.jsonl": lines(*rows), **pictures})
    found, _ = split(read([tmp_path]))
    assert [f.number for f in found["A"].figures] == ["a/x.png", "b/x.png", "USD5-S2.png", "3"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_as_spreadsheets_write_it(tmp_path: Path, make, delimiter: str, encoding: str) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerows([
        ["File_Name", " Design_ID ", "Title", "Locarno", "Owner"],
        ["a.png", "USD1", 'Stühle, "zwei"\nZeilen', "06-01", "Café; Söhne"],
    ])  # fmt: skip
    make.write(tmp_path, {
        "metadata.csv": stream.getvalue().encode(encoding), "a.png": make.picture(1),
    })  # fmt: skip
    found, problems = split(read([tmp_path]))
    assert not problems
    design = found["USD1"]
    assert design.title == 'Stühle, "zwei"\nZeilen'
    assert (design.holder, design.locarno) == ("Café; Söhne", ("06-01",))


def test_parquet_with_and_without_pictures_inside(tmp_path: Path, make) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    make.write(tmp_path, {"out/a.png": make.picture(1), "in/x.txt": ""})
    pq.write_table(
        pa.table({"file_name": ["a.png"], "design_id": ["A"], "published": [date(2020, 1, 2)]}),
        tmp_path / "out/metadata.parquet",
    )
    inside = [{"bytes": make.picture(i), "path": f"{i}.png"} for i in range(3)]
    pq.write_table(
        pa.table({"image": inside, "design_id": ["B", "B", "C"], "sheet": [1, 2, 1]}),
        tmp_path / "in/metadata.parquet",
    )
    found, problems = split(read([tmp_path]))
    assert not problems
    assert found["A"].published == date(2020, 1, 2)
    assert [f.number for f in found["B"].figures] == ["S1", "S2"]
    assert found["C"].figures[0].content == make.picture(2)
    assert found["C"].figures[0].file.endswith("metadata.parquet:3!2.png")


def test_bad_rows_are_named_and_the_good_are_read(tmp_path: Path, make) -> None:
    text = "\n".join([
        '{"file_name": "a.png"}', "{not JSON", "[1, 2]", '"text"', '{"design_id": "B"}',
        '{"file_name": "gone.png"}', '{"file_name": "../secret.png"}', '{"file_name": "/etc/passwd"}',
        '{"file_name": "nul\\u0000.png"}', json.dumps({"file_name": "n" * 5000}), "[" * 100_000,
        '{"file_name": "a.png", "design_id": "\\ud800"}', "", '{"file_name": "b.png"}',
    ])  # fmt: skip
    inside = make.write(
        tmp_path / "set",
        {"metadata.jsonl": text, "a.png": make.picture(1), "b.png": make.picture(2)},
    )
    make.write(tmp_path, {"secret.png": make.picture(3)})
    found, problems = split(read([inside]))
    assert set(found) == {"a", "?", "b"}
    assert len(problems) == 10
    assert all(p.figures == 1 for p in problems)
    said = " ".join(f"{p.file} {p.reason}" for p in problems)
    for word in ("metadata.jsonl:2", "not JSON", "not a JSON object", "names no file", "missing",
                 "leads out of the folder"):  # fmt: skip
        assert word in said
    said.encode()


def test_a_line_without_end_is_not_held(tmp_path: Path, make) -> None:
    vast = b'{"title": "' + b"x" * (3 * metadata.MAX_LINE) + b'"}\n'
    make.write(tmp_path, {
        "metadata.jsonl": vast + b'{"file_name": "a.png"}\n', "a.png": make.picture(1),
    })  # fmt: skip
    found, problems = split(read([tmp_path]))
    assert set(found) == {"a"}
    assert len(problems) == 1


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.text()),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)  # fmt: skip
columns = st.sampled_from([*sorted(metadata.KNOWN), "other", ""])


@quick
@given(st.lists(st.dictionaries(columns, cells, max_size=6), max_size=8))
def test_any_rows_end_in_designs_or_problems(tmp_path: Path, make, rows: list[dict]) -> None:
    make.write(tmp_path, {"metadata.jsonl": lines(*rows), "a.png": make.picture(1)})
    items = list(metadata.read(tmp_path / "metadata.jsonl"))
    figures = sum(len(i.figures) if isinstance(i, Design) else i.figures for i in items)
    assert figures == len(rows), "every row is a figure or a problem"


@quick
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["", "x", "y"])), min_size=1, max_size=12
    )
)
def test_grouping_keeps_every_row_once(tmp_path: Path, make, rows) -> None:
    table = lines(*({"file_name": "a.png", "design_id": d, "title": t, "figure": str(i)}
                    for i, (d, t) in enumerate(rows)))  # fmt: skip
    make.write(tmp_path, {"metadata.jsonl": table, "a.png": make.picture(1)})
    found, problems = split(metadata.read(tmp_path))
    assert not problems
    for design_id in "ABC":  # the oracle: a plain loop
        mine = [(str(i), t) for i, (d, t) in enumerate(rows) if d == design_id]
        if mine:
            assert [f.number for f in found[design_id].figures] == [i for i, _ in mine]
            assert found[design_id].title == next((t for _, t in mine if t), "")
        else:
            assert design_id not in found


@quick
@given(
    st.binary(max_size=400), st.sampled_from(["metadata.jsonl", "metadata.csv", "metadata.parquet"])
)
def test_random_bytes_never_crash(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    try:
        for item in metadata.read(tmp_path / name):
            assert isinstance(item, Design | Problem)
    except EngineError:
        pass


@quick
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_damaged_parquet_never_crashes(tmp_path: Path, place: int, value: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "metadata.parquet"
    pq.write_table(pa.table({"file_name": ["a.png", "b.png"], "sheet": [1, 2]}), path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = value
    path.write_bytes(content)
    for item in metadata.read(path):
        assert isinstance(item, Design | Problem)

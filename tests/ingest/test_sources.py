"""Which source reads what, and what file names say."""

from __future__ import annotations

import io
import os
from pathlib import Path, PurePath

import pytest
from rich.console import Console

from engine import terminal
from engine.design import Design, Figure
from engine.errors import SourceError, UsageError
from ingest.pipeline import survey
from ingest.sources import HELD, Problem, assembled, detect, parts, read
from ingest.sources.files import pictures
from ingest.sources.names import Name, named, office_of


def designs(*paths: Path, kind: str = "auto") -> dict[str, Design]:
    items = list(read(paths, kind))
    assert not [item for item in items if isinstance(item, Problem)], items
    return {item.id: item for item in items}


def problems(*paths: Path, kind: str = "auto") -> list[Problem]:
    return [item for item in read(paths, kind) if isinstance(item, Problem)]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["USD0906631-20210105-D00002.TIF"], [Name("USD906631", "S2", "US")]),
        (["USD0906631-20210105-D00000.TIF"], [Name("USD906631", "S0", "US")]),
        (["USD528368-S001.tif"], [Name("USD528368", "S1", "US")]),
        (["D528368-S012.tif"], [Name("USD528368", "S12", "US")]),
        (["USD0534331.png"], [Name("USD534331", "S1", "US")]),
        (["lamp-fig2a.png", "lamp_sheet3.png"], [Name("lamp", "2A"), Name("lamp", "S3")]),
        (["lamp FIG. 4.png"], [Name("lamp", "4")]),
        (["lamp-front_perspective.png"],
         [Name("lamp", "front perspective", view="front perspective view")]),
        (["x-17/1.png", "x-17/fig02.png"], [Name("x-17", "1"), Name("x-17", "2")]),
        (["a/x-17/top.png"], [Name("a/x-17", "top", view="top view")]),
        (["chairs/oak.png", "chairs/1.png"], [Name("chairs/oak", "1"), Name("chairs/1", "1")]),
        (["heap/0001.png", "heap/0950.png"], [Name("heap/0001", "1"), Name("heap/0950", "1")]),
        (["oak.png", "oak.tif"], [Name("oak", "oak.png"), Name("oak", "oak.tif")]),
        (["model-s3.png"], [Name("model-s3", "1")]),
        ([], []),
    ],
)  # fmt: skip
def test_file_names_say_design_and_figure(files: list[str], expected: list[Name]) -> None:
    assert named([PurePath(file) for file in files]) == expected


@pytest.mark.parametrize(
    ("number", "office"),
    [("USD906631", "US"), ("usd0906631", "US"), ("DM/081655", "WO"), ("002345678-0001", "EM"),
     ("chair", ""), ("US9925677", ""), ("", "")],
)  # fmt: skip
def test_numbers_tell_their_office(number: str, office: str) -> None:
    assert office_of(number) == office


def test_a_folder_of_pictures(tmp_path: Path, make) -> None:
    make.write(tmp_path, {
        "USD0906631-20210105-D00000.TIF": make.picture(0, "TIFF"),
        "USD0906631-20210105-D00001.TIF": make.picture(1, "TIFF"),
        "USD0906631-20210105-D00002.TIF": make.picture(2, "TIFF"),
        "lamp-front.png": make.picture(3), "lamp-fig1.png": make.picture(4),
        "inner/deep/1.png": make.picture(5), "inner/deep/2.jpg": make.picture(6, "JPEG"),
        "notes.txt": "no drawing", ".hidden.png": make.picture(7), ".cache/1.png": make.picture(8),
    })  # fmt: skip
    found = designs(tmp_path)
    assert {number: [f.number for f in design.figures] for number, design in found.items()} == {
        "USD906631": ["S1", "S2"],  # D00000 repeats a sheet
        "lamp": ["1", "front"],
        "inner/deep": ["1", "2"],
    }
    assert found["USD906631"].office == "US"
    assert found["lamp"].figures[1].view == "front view"
    assert found["lamp"].figures[0].content == make.picture(4)
    assert found["lamp"].figures[0].file == str(tmp_path / "lamp-fig1.png")


def test_the_front_page_is_read_where_it_is_all_there_is(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"USD0906631-20210105-D00000.TIF": make.picture(0, "TIFF")})
    assert [f.number for f in designs(tmp_path)["USD906631"].figures] == ["S0"]


def test_a_mixed_folder_goes_to_several_sources(tmp_path: Path, make) -> None:
    make.write(tmp_path, {
        "week/I20210105.tar": make.weekly(1),
        "sheets/metadata.jsonl": '{"file_name": "in/a.png", "design_id": "A"}',
        "sheets/in/a.png": make.picture(1),
        "unpacked/USD0907292-20210105.XML": make.grant(sheets=1),
        "unpacked/USD0907292-20210105-D00001.TIF": make.picture(2, "TIFF"),
        "notes/info.xml": "<annotation>not a grant</annotation>",
        "notes/chair.png": make.picture(3),
        "lamp.png": make.picture(4),
    })  # fmt: skip
    assert sorted((kind, path.name) for kind, path in parts(tmp_path)) == [
        ("folder", tmp_path.name), ("metadata", "sheets"), ("uspto", "I20210105.tar"),
        ("uspto", "USD0907292-20210105.XML"), ("uspto", "info.xml"),
    ]  # fmt: skip
    assert set(designs(tmp_path)) == {"A", "USD900000", "USD907292", "notes/chair", "lamp"}


def test_a_named_source_overrides(tmp_path: Path, make) -> None:
    make.write(tmp_path, {
        "one/metadata.jsonl": '{"file_name": "oak.png", "design_id": "A"}',
        "one/oak.png": make.picture(1),
        "two/metadata.csv": "file_name,design_id\nelm.png,B\n",
        "two/elm.png": make.picture(2),
    })  # fmt: skip
    assert set(designs(tmp_path, kind="folder")) == {"one/oak", "two/elm"}
    assert set(designs(tmp_path, kind="metadata")) == {"A", "B"}
    assert set(designs(tmp_path / "one", kind="metadata")) == {"A"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.png", "folder"), ("a.TIF", "folder"), ("a.tar", "uspto"), ("a.tar.gz", "uspto"),
     ("a.ZIP", "uspto"), ("a.xml", "uspto"), ("any.jsonl", "metadata"), ("a.csv", "metadata"),
     ("a.parquet", "metadata")],
)  # fmt: skip
def test_files_are_detected_by_name(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).touch()
    assert detect(tmp_path / name) == kind


def test_a_dry_run_says_as_what_it_would_read(tmp_path: Path, make) -> None:
    make.write(tmp_path, {
        "w/I20210105.tar": make.weekly(2), "w/I20210112.tar": make.weekly(1),
        "t/metadata.jsonl": '{"file_name": "a.png", "design_id": "A"}', "t/a.png": make.picture(1),
        "lamp.png": make.picture(2),
    })  # fmt: skip
    found = survey([tmp_path])
    assert found["sources"] == {"uspto": 2, "metadata": 1, "folder": 1}
    assert (found["designs"], found["read"]) == (4, 8)
    console = Console(width=100, file=io.StringIO())
    console.print(terminal.survey(found))
    assert "Read as: metadata (1), uspto (2), folder (1)" in console.file.getvalue()


def test_nothing_to_read_is_said_before_anything_is_read(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"good/oak.png": make.picture(1), "text.txt": "x"})
    (tmp_path / "empty" / "inner").mkdir(parents=True)
    for bad in (tmp_path / "empty", tmp_path / "text.txt"):
        with pytest.raises(SourceError, match="holds no drawings"):
            read([tmp_path / "good", bad])
        with pytest.raises(SourceError, match=str(bad)):
            detect(bad)
    with pytest.raises(SourceError, match="does not exist"):
        read([tmp_path / "good", tmp_path / "gone"])
    with pytest.raises(UsageError, match="no source 'hague-2'"):
        read([tmp_path / "good"], "hague-2")


def test_files_that_cannot_be_opened_are_named(tmp_path: Path, make) -> None:
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    make.write(tmp_path, {"oak.png": make.picture(1)})
    found = {Path(p.file).name: p.reason for p in problems(tmp_path)}
    assert set(found) == {"loop.png", "gone.png", "pipe.png"}
    assert "missing" in found["gone.png"]
    assert "no plain file" in found["pipe.png"]


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "vast.png").open("wb") as stream:
        stream.truncate(300 * 2**20)  # sparse
    (problem,) = problems(tmp_path)
    assert "300 MB" in problem.reason


def test_a_large_design_comes_in_pieces() -> None:
    content = bytes(HELD // 2 + 1)
    figures = [Figure(number=str(i), file="f", content=content, sha256="x") for i in range(3)]
    pieces = list(assembled(Design(id="A"), [*figures, Problem("g", "bad")]))
    assert [len(p.figures) for p in pieces if isinstance(p, Design)] == [1, 1, 1]
    assert [p for p in pieces if isinstance(p, Problem)] == [Problem("g", "bad")]


def test_undecodable_names_can_be_printed(tmp_path: Path, make) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/oak-\xff.png")).write_bytes(make.picture(1))
    (design,) = designs(tmp_path).values()
    (design.id + design.figures[0].file).encode()


def test_pictures_of_files_and_folders_come_by_name(tmp_path: Path) -> None:
    for name in ("b/2.png", "b/1.TIF", "b/notes.txt", "b/in/3.jpg", "a.png", "empty/x.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.touch()
    asked = ("a.png", "b", "empty", "missing.png")
    expected = ("a.png", "b/1.TIF", "b/2.png", "b/in/3.jpg", "empty", "missing.png")
    assert pictures(tmp_path / name for name in asked) == [tmp_path / name for name in expected]

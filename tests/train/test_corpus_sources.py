"""Meshes, clip art, real drawings and names: files that the tests write, read into corpora."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from cli import app
from engine.design import Design, Figure
from engine.errors import SourceError
from train.corpus import clipart, lexicon, meshes, real, shards
from train.corpus import mesh as solids
from train.corpus.build import build
from train.corpus.demo import write_register
from train.corpus.drawing import PAPER
from train.corpus.shards import Shares

# Names


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Chair", "06-01"),
        ("Chairs", "06-01"),
        ("Bottle opener with bottle-shaped handle", "07-06"),
        ("Set of knives", "07-03"),
        ("Portion of a shoe", "02-04"),
        ("Coffee table", "06-03"),
        ("Table", "06-03"),
        ("Table with chair", "06-03"),
        ("Case for glasses", "03-01"),
        ("Sofa, modern", "06-01"),
        ("office_chair", "06-01"),
        ("Toy chair", "21-01"),
        ("Dog bowl", "30-03"),
        ("Shelves", "06-04"),
        ("Zorgblat", ""),
        ("", ""),
        ("Chair zorgblat thingumy", ""),  # two unknown words: what the thing is, they say
    ],
)
def test_the_head_of_a_name_decides(title: str, code: str) -> None:
    assert lexicon.subclass(title) == code


def test_no_loose_words_when_asked() -> None:
    assert lexicon.subclass("Chair 2") == "06-01"
    assert lexicon.subclass("Chair zorgblat") == "06-01"
    assert lexicon.subclass("Chair zorgblat", loose=0) == ""


@pytest.mark.parametrize(
    ("many", "one"),
    [("chairs", "chair"), ("knives", "knife"), ("shelves", "shelf"), ("brushes", "brush"),
     ("berries", "berry"), ("boxes", "box"), ("glass", "glass"), ("scissors", "scissors")],
)  # fmt: skip
def test_plurals(many: str, one: str) -> None:
    assert lexicon.singular(many) == one


def test_keywords_decide_only_when_they_agree() -> None:
    assert lexicon.subclass_of_words("Zorgblat", ["chairs", "wood"]) == ("06-01", "Chairs")
    assert lexicon.subclass_of_words("Zorgblat", ["chair", "lamp"]) == ("", "")
    assert lexicon.subclass_of_words("Teapot", ["chair"]) == ("07-01", "Teapot")


def test_every_noun_of_the_lexicon_finds_itself() -> None:
    from engine import locarno

    for noun, code in lexicon.lexicon().items():
        assert code == "--" or locarno.parse(code), noun
        assert lexicon.singular(noun.split()[-1]) == noun.split()[-1], noun


# Meshes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A long bar (x), low, written as OBJ and GLB (y up) and STL (z up), and their list."""
    where = tmp_path / "models"
    (where / "sub").mkdir(parents=True)
    z_up = trimesh.creation.box((4, 2, 1))
    y_up = z_up.copy()
    y_up.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, [1, 0, 0]))
    y_up.export(where / "bench.obj")
    y_up.export(where / "sub" / "table.glb")
    z_up.export(where / "text.stl", file_type="stl_ascii")
    z_up.export(where / "binary.stl")
    with (where / "mapping.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["file", "locarno", "title", "licence", "attribution"])
        writer.writerow(["bench.obj", "06-01", "Bench", "CC-BY-4.0", "by A. Maker"])
        writer.writerow(["sub/table.glb", "", "Garden table", "", ""])
        writer.writerow(["text.stl", "", "Zorgblat", "CC0-1.0", ""])
        writer.writerow(["binary.stl", "08-05", "Tool", "CC0-1.0", ""])
    return where


def test_every_format_stands_upright_at_its_proportions(folder: Path) -> None:
    found = meshes.listed(folder, folder / "mapping.csv")
    assert [(s.locarno, s.title, s.licence, s.attribution) for s in found] == [
        ("06-01", "Bench", "CC-BY-4.0", "by A. Maker"),
        ("06-03", "Garden table", "unknown", ""),
        ("", "Zorgblat", "CC0-1.0", ""),
        ("08-05", "Tool", "CC0-1.0", ""),
    ]
    assert [s.id for s in found][:2] == ["mesh-bench", "mesh-sub/table"]
    for source in found:
        (part,) = meshes.load(source).parts
        low, high = part.mesh.bounds()
        np.testing.assert_allclose(high - low, [4, 2, 1], rtol=1e-5, err_msg=source.id)
        assert len(part.mesh.vertices) == 8  # corners joined, so that edges are found
        assert part.mesh.volume() == pytest.approx(8, rel=1e-4)


def test_a_corpus_of_meshes_by_the_command(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    call = ["corpus", "build", "meshes", "--out", str(out), "--source", str(folder), "--mapping",
            str(folder / "mapping.csv"), "--views", "3", "--size", "64", "--quiet"]  # fmt: skip
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    rows = list(shards.rows(out))
    assert len(rows) == 12
    assert {row.design_id for row in rows} == {
        "mesh-bench", "mesh-sub/table", "mesh-text", "mesh-binary",
    }  # fmt: skip
    bench = next(row for row in rows if row.design_id == "mesh-bench")
    assert (bench.licence, bench.attribution, bench.source) == (
        "CC-BY-4.0",
        "by A. Maker",
        "meshes",
    )
    assert json.loads((out / "corpus.json").read_text())["source"] == [
        "CC-BY-4.0", "CC0-1.0", "unknown",
    ]  # fmt: skip


def test_a_damaged_mesh_is_skipped_and_counted(folder: Path, tmp_path: Path) -> None:
    (folder / "binary.stl").write_bytes(b"no mesh at all")
    (folder / "text.stl").write_bytes(b"solid x\nendsolid x\n")
    done = build("meshes", tmp_path / "corpus", source=folder, mapping=folder / "mapping.csv",
                 views=2, size=64)  # fmt: skip
    assert (done.skipped, done.pictures) == (2, 4)


def test_obj_polygons_negative_numbers_and_groups() -> None:
    text = b"""
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
v 2 0.5 0
g square
f 1/1/1 2/2/1 3/3/1 4/4/1
g arrow
f -4 -1 -3
f 1 2
f 1 2 99
f a b c
"""
    square, arrow = meshes.read_obj(text)
    assert (len(square.faces), square.area()) == (2, pytest.approx(1))
    assert (len(arrow.faces), arrow.area()) == (1, pytest.approx(0.5))


def test_obj_of_a_concave_polygon_has_its_area() -> None:
    corners = [(0, 0), (3, 0), (3, 1), (1, 1), (1, 2), (0, 2)]
    text = "".join(f"v {x} {y} 0\n" for x, y in corners) + "f 1 2 3 4 5 6\n"
    (made,) = meshes.read_obj(text.encode())
    assert made.area() == pytest.approx(4)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["name", "title"], ["a", "b"]], "needs the columns file, locarno and title"),
        ([["file", "locarno", "title"], ["gone.obj", "", ""]], "line 2: .*gone.obj is no mesh"),
        ([["file", "locarno", "title"], ["mapping.csv", "", ""]], "is no mesh file"),
    ],
)
def test_a_list_that_is_wrong_says_where(folder: Path, rows: list[list[str]], says: str) -> None:
    with (folder / "mapping.csv").open("w", newline="") as table:
        csv.writer(table).writerows(rows)
    with pytest.raises(SourceError, match=says):
        meshes.listed(folder, folder / "mapping.csv")


def test_a_missing_list_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Cannot read the mapping"):
        meshes.listed(tmp_path, tmp_path / "mapping.csv")


def test_a_library_is_read_by_its_catalogue(tmp_path: Path) -> None:
    """A .sh3f as Sweet Home 3D writes it: sizes, a turn, names, one left out."""
    obj = trimesh.creation.box((1, 1, 1)).export(file_type="obj")
    catalogue = "\n".join(
        f"{key}#{number}={value}"
        for number, entry in enumerate(
            [
                {"name": "Dining table", "model": "/m/t.obj", "creator": "B. Maker",
                 "width": "200", "depth": "100", "height": "75"},
                {"name": "Chaise \\u00e9l\\u00e9gante chair", "model": "/m/t.obj", "width": "1",
                 "depth": "2", "height": "4", "modelRotation": "0 0 1 0 1 0 -1 0 0"},
                {"name": "Maple tree", "model": "/m/t.obj"},
                {"name": "Chair", "model": "/m/missing.obj"},
            ],
            1,
        )
        for key, value in entry.items()
    )  # fmt: skip
    path = tmp_path / "KatorLegaz.sh3f"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("PluginFurnitureCatalog.properties", catalogue)
        archive.writestr("m/t.obj", obj)
    table, chair = meshes.libraries(tmp_path)
    assert (table.title, table.locarno, table.licence) == ("Dining table", "06-03", "CC-BY-3.0-US")
    assert table.attribution == "Dining table by B. Maker, KatorLegaz library of Sweet Home 3D"
    assert chair.title == "Chaise élégante chair"
    for source, size in ((table, [200, 100, 75]), (chair, [1, 2, 4])):
        (part,) = meshes.load(source).parts
        np.testing.assert_allclose(np.ptp(part.mesh.vertices, axis=0), size, rtol=1e-5)
    with pytest.raises(SourceError, match="licence is not known"):
        meshes.library(path.rename(tmp_path / "Trees.sh3f"))


def test_far_too_many_faces_are_refused(tmp_path: Path) -> None:
    body = trimesh.creation.icosphere(subdivisions=3)
    (tmp_path / "ball.stl").write_bytes(body.export(file_type="stl"))
    source = meshes.Source(id="b", file=str(tmp_path / "ball.stl"), locarno="", title="",
                           licence="", attribution="")  # fmt: skip
    assert len(meshes.load(source).parts[0].mesh.faces) == 1280
    limit, meshes.MAX_FACES_READ = meshes.MAX_FACES_READ, 1000
    try:
        with pytest.raises(SourceError, match="1,280 faces; 1 to 1,000"):
            meshes.load(source)
    finally:
        meshes.MAX_FACES_READ = limit


# Clip art

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><work>
<dc:title>{title}</dc:title><dc:creator><agent><dc:title>C. Artist</dc:title></agent></dc:creator>
<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject></work></rdf:RDF></metadata>
<rect x="20" y="20" width="60" height="60" fill="#4488cc"/>
<path d="M10 90 L90 90" stroke="black" stroke-width="1"/></svg>"""


def svg(title: str, *words: str) -> str:
    return SVG.format(title=title, words="".join(f"<rdf:li>{word}</rdf:li>" for word in words))


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    where = tmp_path / "svg"
    for name, text in {
        "household/a.svg": svg("armchair_02"),
        "household/b.svg": svg("1234", "teapot", "kitchen"),
        "household/c.svg": svg("Flag of a chair"),
        "household/d.svg": svg("Zorgblat", "unheard"),
        "shapes/e.svg": svg("Chair"),
        "unsorted/f.svg": "<svg><not closed" + " " * 400,
    }.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text)
    return where


def test_named_things_are_taken_and_signs_left(vectors: Path) -> None:
    chair, teapot = clipart.collect(None, vectors)
    assert (chair.title, chair.locarno, chair.id) == (
        "Armchair", "06-01", "openclipart/household/a",
    )  # fmt: skip
    assert (teapot.title, teapot.locarno, teapot.attribution) == ("Teapot", "07-01", "C. Artist")


def test_icon_sets_are_taken_by_their_licence_and_name(tmp_path: Path) -> None:
    line = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" stroke="black" stroke-width="2" fill="none"><path d="M4 4h16v16H4z"/></svg>'
    for package, known in (("lucide-static", True), ("made-up-icons", False)):
        icons = tmp_path / package / "icons"
        icons.mkdir(parents=True)
        (tmp_path / package / "package.json").write_text(json.dumps({"name": package}))
        for name in ("armchair", "lamp-desk", "lamp-off", "git-fork", "zorgblat", "letter-a"):
            (icons / f"{name}.svg").write_text(line)
        assert known == (package in clipart.PACKS)
    items = clipart.collect(tmp_path, tmp_path / "none")
    assert {item.source for item in items} == {"lucide-static"}
    assert {item.id for item in items} == {"lucide-static/armchair", "lucide-static/lamp-desk"}
    assert {item.licence for item in items} == {"ISC"}
    # A stroke set is drawn with the pen we say: four sides of 16 of 24 units.
    thin, broad = (clipart.rasterise(items[0], 240, stroke=w).min(2) < 128 for w in (0.2, 0.8))
    assert broad.sum() / thin.sum() == pytest.approx(4, rel=0.2)


def test_no_vector_drawings_say_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="apt-get install openclipart-svg"):
        clipart.collect(None, tmp_path / "none")


def test_regions_become_their_edges_and_lines_stay_lines() -> None:
    image = Image.new("RGB", (200, 200), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((50, 50, 149, 149), fill=(60, 120, 200))
    pen.line((0, 20, 199, 20), fill="black", width=3)
    lines = clipart.outlines(np.asarray(image))
    assert set(np.unique(lines)) == {0, PAPER}
    square = lines[40:]
    column = square[60] == 0
    assert column.sum() == 2  # left and right side, one pixel each
    at = np.flatnonzero(column)
    assert abs(at[0] - 49.5) <= 1 and abs(at[1] - 149.5) <= 1
    assert (lines[60:140, 60:140] == PAPER).all()  # hollow
    assert (lines[:40, 100] == 0).sum() == 3  # the line is one line, as wide as before


def test_drawings_of_an_item_repeat_and_fill_their_sheet(vectors: Path) -> None:
    items = tuple(clipart.collect(None, vectors))
    made = [clipart.draw_item(0, items=items, seed=2, views=4, size=96, shares=Shares())
            for _ in range(2)]  # fmt: skip
    assert made[0] == made[1]
    assert len(made[0]) == 4
    assert len({row.image for row in made[0]}) == 4
    for row in made[0]:
        with Image.open(io.BytesIO(row.image)) as image:
            dark = np.asarray(image) < 216
        assert 0.003 < dark.mean() < 0.25
        assert np.ptp(np.nonzero(dark), axis=1).max() > 0.7 * 96
        assert (row.licence, row.attribution) == ("public domain", "C. Artist")


def test_blank_and_long_drawings_are_skipped(tmp_path: Path) -> None:
    blank = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} 10"></svg>'
    for wide in (10, 100):
        (tmp_path / "x.svg").write_text(blank.format(wide))
        item = clipart.Item(id="x", path=str(tmp_path / "x.svg"), title="Chair", locarno="06-01",
                            source="made", licence="CC0-1.0")  # fmt: skip
        assert clipart.draw_item(0, items=(item,), seed=0, views=1, size=64, shares=Shares()) == []


@pytest.mark.parametrize(
    ("raw", "clean"),
    [("armchair_bw", "Armchair"), ("Tea-Pot (remix)", "Tea pot"), ("007", ""), ("x", ""),
     ("a b c d e f g h i", ""), ("Wine glass.svg", "Wine glass")],
)  # fmt: skip
def test_titles_are_cleaned(raw: str, clean: str) -> None:
    assert clipart.clean_title(raw) == clean


# Real drawings


def tiff(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (30, 20), shade).save(stream, "TIFF")
    return stream.getvalue()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    where = tmp_path / "office"
    (where / "pages").mkdir(parents=True)
    lines = []
    for number in range(6):
        for sheet in (1, 2, 3):
            name = f"pages/D{number}-{sheet}.tif"
            (where / name).write_bytes(tiff(number * 10 + sheet))
            lines.append({"file_name": name, "design_id": f"D{number}", "sheet": sheet,
                          "locarno": "06-01" if number else "", "locarno_class": "06",
                          "title": f"Chair {number}", "licence": "public domain"})  # fmt: skip
    text = "\n".join(json.dumps(line) for line in lines)
    (where / "metadata.jsonl").write_text(text + "\n\n", "utf-8")
    return where


def test_real_drawings_are_kept_byte_for_byte(office: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    call = ["corpus", "build", "real", "--out", str(out), "--source", str(office), "--quiet"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    rows = list(shards.rows(out))
    assert [row.image for row in rows] == [
        (office / f"pages/D{n}-{s}.tif").read_bytes() for n in range(6) for s in (1, 2, 3)
    ]
    assert [row.view for row in rows[:3]] == ["sheet 1", "sheet 2", "sheet 3"]
    assert (rows[0].locarno_class, rows[0].locarno_subclass) == ("06", "")
    assert (rows[3].locarno_class, rows[3].locarno_subclass) == ("06", "06-01")
    assert {row.licence for row in rows} == {"public domain"}
    for row in rows:
        assert row.split == Shares().split(row.design_id)
    assert shards.load(out)[3]["image"].getpixel((0, 0)) == 11


def test_the_first_views_only_when_asked(office: Path, tmp_path: Path) -> None:
    done = build("real", tmp_path / "corpus", source=office, views=2, designs=4)
    assert done.pictures == 8


def test_a_split_does_not_depend_on_which_corpus_a_design_is_in(office: Path) -> None:
    shares = Shares(0.3, 0.3)
    listed = tuple(real.designs(office))
    by_list = {
        row.design_id: row.split
        for n in range(6) for row in real.design_rows(n, designs=listed, shares=shares)
    }  # fmt: skip
    offered = [
        Design(id=f"D{n}", locarno=("06-01",), figures=(Figure(number=1, file="x", content=tiff(n)),))
        for n in range(6)
    ]  # fmt: skip
    rows = list(real.office_rows(offered, source="office", shares=shares))
    assert {row.design_id: row.split for row in rows} == by_list
    assert len(set(by_list.values())) > 1
    assert rows[2].image == tiff(2) and rows[2].view == "figure 1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"design_id": "D1"}', "line 1, is no JSON object with a file_name"),
        ('{"file_name": "a.png"}\n[1, 2]', "line 2"),
        ("{broken", "line 1"),
    ],
)
def test_a_listing_that_is_wrong_says_where(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "metadata.jsonl").write_text(text)
    with pytest.raises(SourceError, match=says):
        real.designs(tmp_path)


def test_missing_listings_and_pictures_say_so(office: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="It lists a picture a line"):
        real.designs(tmp_path)
    (office / "pages/D3-2.tif").unlink()
    with pytest.raises(SourceError, match=r"D3-2\.tif is listed but cannot be read"):
        build("real", tmp_path / "corpus", source=office)


@pytest.mark.data
def test_real_office_drawings_make_a_corpus(real_drawings: Path, tmp_path: Path) -> None:
    done = build("real", tmp_path / "corpus", source=real_drawings / "us-design-sheets", designs=5)
    assert done.pictures >= 5
    for row in shards.rows(tmp_path / "corpus"):
        with Image.open(io.BytesIO(row.image)) as image:
            assert min(image.size) > 100


# The demonstration


def test_a_demonstration_asks_about_views_the_register_does_not_hold(tmp_path: Path) -> None:
    asked = write_register(tmp_path, designs=4, questions=2, seed=1)
    lines = (tmp_path / "register" / "metadata.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert len(records) == 4 * 5
    held = {(tmp_path / "register" / r["file_name"]).read_bytes() for r in records}
    assert len(asked) == 2
    assert len({question.locarno for question in asked}) == 2
    for question in asked:
        assert question.drawing.read_bytes() not in held
        same = [r for r in records if r["design_id"] == question.design_id]
        assert {(r["title"], r["locarno"]) for r in same} == {(question.title, question.locarno)}


def test_solids_of_meshes_are_drawn_like_our_own() -> None:
    """A box read from a file and one made here are the same drawing."""
    from train.corpus.drawing import Camera, Part, draw, scene

    own = solids.box(4, 2, 1)
    text = "".join(f"v {x} {z} {-y}\n" for x, y, z in own.vertices.tolist()) + "".join(
        f"f {a + 1} {b + 1} {c + 1}\n" for a, b, c in own.faces.tolist()
    )
    (read,) = meshes.read_obj(text.encode())
    source = meshes.Source(id="b", file="b.obj", locarno="", title="", licence="", attribution="")
    (upright,) = meshes._upright([read], source)
    first = draw(scene([Part(own)]), Camera(30, 20), size=96)
    second = draw(scene([Part(upright, closed=False)]), Camera(30, 20), size=96)
    np.testing.assert_array_equal(first, second)

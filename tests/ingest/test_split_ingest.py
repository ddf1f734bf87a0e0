"""Ingest of sheets with several figures: what is stored, what stays the same, what goes."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from engine import drawing
from engine.design import figure_id
from engine.plan import AnyOf, Filter
from engine.query import Filters, Query, View
from engine.search import Searcher
from engine.web.desk import Desk
from ingest import labels, pipeline, split
from ingest.originals import Originals
from ingest.sheets import Splitter
from qdrant.points import point

SIZE = (1000, 1300)
BOXES = ((100, 60, 900, 440), (100, 680, 900, 1080))
UNREAD = Splitter(read=False)


def sheet(count: int = 2, seed: int = 0, first: int = 1, turn: int = 0) -> bytes:
    """A sheet of one or two figures with labels below, as a TIFF."""
    page = Image.new("1", SIZE, 1)
    pen = ImageDraw.Draw(page)
    rng = np.random.default_rng(seed)
    for place in range(count):
        left, top, right, bottom = BOXES[place]
        pen.rectangle((left, top, right - 1, bottom - 1), outline=0, width=3)
        for x in rng.integers(left + 20, right - 20, 3):
            pen.line((int(x), top, int(rng.integers(left, right)), bottom - 1), 0, 3)
        font = ImageFont.load_default(38)
        pen.text((440, bottom + 40), f"FIG. {first + place}", 0, font)
    stream = io.BytesIO()
    page.rotate(turn, expand=True).save(stream, "TIFF", compression="group4")
    return stream.getvalue()


def folder(path: Path, make, sheets: dict[str, bytes], **columns: str) -> Path:
    """A table of one design with these sheets."""
    rows = (
        {"file_name": name, "design_id": "D1", "sheet": k, "locarno": "06-01", **columns}
        for k, name in enumerate(sheets, start=1)
    )
    table = "".join(json.dumps(row) + "\n" for row in rows)
    return make.write(path, {"metadata.jsonl": table, **sheets})


def run(path: Path, index, encoder, splitter: Splitter | None = UNREAD, **options):
    found = pipeline.ingest([path], index, encoder, point, splitter=splitter, **options)
    assert found.read == found.indexed + found.unchanged + found.skipped
    return found


def numbers(index) -> list[str]:
    return sorted(p.payload["figure"] for p in index.scroll())


def test_figures_of_a_sheet_are_stored_one_by_one(tmp_path: Path, make, index, encoder) -> None:
    path = folder(tmp_path / "in", make, {"a.tif": sheet(2), "b.tif": sheet(1, 1, 3)})
    found = run(path, index, encoder)
    assert (found.read, found.indexed) == (3, 3)
    stored = {p.payload["figure"]: p for p in index.scroll(vectors=("image",))}
    assert sorted(stored) == ["S1-1", "S1-2", "S2"]
    for number, box, content in (("S1-1", BOXES[0], sheet(2)), ("S1-2", BOXES[1], sheet(2))):
        payload = stored[number].payload
        assert stored[number].id == figure_id("", "D1", number)
        assert payload["sheet"] == "S1" and payload["parts"] == 2 and payload["confidence"] > 0.3
        assert np.abs(np.subtract(payload["box"], box)).max() <= 8
        page = drawing.decode(content)  # the oracle: the box where it was drawn
        row = encoder.encode_all([encoder.prepare(page, tuple(payload["box"]))]).image[0]
        assert np.allclose(stored[number].vectors["image"], row, atol=1e-6)
    assert "sheet" not in stored["S2"].payload


def test_figures_are_shown_without_what_belongs_to_others(
    tmp_path: Path, make, index, encoder
) -> None:
    """Two slanted bars side by side: each box holds ink of the other."""
    page = Image.new("1", (1240, 1300), 1)
    pen = ImageDraw.Draw(page)
    for shift in (0, 260):
        pen.line((150 + shift, 1000, 650 + shift, 150), 0, 9)
    for word, at in (("FIG. 1", (120, 1040)), ("FIG. 2", (420, 1040))):
        pen.text(at, word, 0, ImageFont.load_default(38))
    stream = io.BytesIO()
    page.save(stream, "TIFF", compression="group4")
    path = folder(tmp_path / "in", make, {"a.tif": stream.getvalue()})
    assert run(path, index, encoder).indexed == 2
    desk = Desk(index, encoder, originals=Originals())
    for stored in index.scroll():
        left, top, right, bottom = stored.payload["box"]
        assert stored.payload["erase"]
        shown = desk.picture(stored.id, 1600)
        assert shown is not None
        with Image.open(io.BytesIO(shown)) as opened:
            assert opened.size == (right - left, bottom - top), "the file, not the thumbnail"
            ink = np.asarray(opened.convert("L")) < 128
        # A bar is one run of ink a row, some 10 px wide; another bar would be a second.
        starts = np.diff(np.pad(ink, ((0, 0), (1, 0))).astype(int), axis=1) == 1
        assert starts.sum(axis=1).max() == 1
        assert starts.sum() > 0.98 * len(ink)
    # What is stored is known again, so nothing changes; another title keeps it too.
    assert run(path, index, encoder).unchanged == 2
    before = {p.id: p.payload["erase"] for p in index.scroll()}
    folder(path, make, {"a.tif": stream.getvalue()}, title="Stool")
    assert run(path, index, encoder).indexed == 2
    assert {p.id: p.payload["erase"] for p in index.scroll()} == before


def test_running_again_parts_and_encodes_nothing(
    tmp_path: Path, make, open_index, encoder, monkeypatch
) -> None:
    path = folder(tmp_path / "in", make, {f"{k}.tif": sheet(1 + k % 2, k) for k in range(20)})
    assert run(path, open_index(), encoder).indexed == 30

    def never(*_, **__):
        raise AssertionError("done again")

    monkeypatch.setattr(split, "split", never)
    again = run(path, open_index(), replace(encoder, tower=never))
    assert (again.read, again.unchanged) == (30, 30)


def test_a_half_stored_sheet_is_completed(tmp_path: Path, make, open_index, encoder) -> None:
    path = folder(tmp_path / "in", make, {"a.tif": sheet(2), "b.tif": sheet(2, 5, 3)})
    index = open_index()
    run(path, index, encoder)
    before = {p.id: p.payload for p in index.scroll()}
    assert index.delete(Filter((AnyOf("figure", ("S1-2",)),))) == 1
    found = run(path, index, encoder)
    assert (found.read, found.indexed, found.unchanged) == (4, 1, 3)
    assert {p.id: p.payload for p in index.scroll()} == before


def test_what_a_sheet_no_longer_holds_is_deleted(tmp_path: Path, make, open_index, encoder) -> None:
    index = open_index()
    path = folder(tmp_path / "in", make, {"a.tif": sheet(2), "b.tif": sheet(1, 1)})
    run(path, index, encoder)
    assert numbers(index) == ["S1-1", "S1-2", "S2"]
    run(path, index, encoder, splitter=None)
    assert numbers(index) == ["S1", "S2"]
    run(path, index, encoder)
    assert numbers(index) == ["S1-1", "S1-2", "S2"]
    folder(path, make, {"a.tif": sheet(1, 7), "b.tif": sheet(2, 8)})
    run(path, index, encoder)
    assert numbers(index) == ["S1", "S2-1", "S2-2"]
    assert run(path, index, encoder).unchanged == 3


def test_a_figure_that_only_sounds_like_a_part_is_left_alone(
    tmp_path: Path, make, index, encoder
) -> None:
    rows = ({"file_name": f"{n}.tif", "design_id": "D1", "figure": n} for n in ("1", "1-1"))
    table = "".join(json.dumps(row) + "\n" for row in rows)
    files = {"1.tif": sheet(1), "1-1.tif": sheet(1, 4)}
    path = make.write(tmp_path / "in", {"metadata.jsonl": table, **files})
    for _ in range(2):
        run(path, index, encoder)
        assert numbers(index) == ["1", "1-1"]


def test_a_new_title_does_not_part_or_encode_again(
    tmp_path: Path, make, open_index, encoder, monkeypatch
) -> None:
    index = open_index()
    path = folder(tmp_path / "in", make, {"a.tif": sheet(2)}, title="Chair")
    run(path, index, encoder)
    rows = {p.id: p.vectors["image"] for p in index.scroll(vectors=("image",))}
    folder(path, make, {"a.tif": sheet(2)}, title="Stool")
    monkeypatch.setattr(split, "split", None)
    assert run(path, index, encoder).indexed == 2
    for stored in index.scroll(vectors=("image",)):
        assert stored.payload["title"] == "Stool"
        assert stored.payload["parts"] == 2
        assert np.array_equal(stored.vectors["image"], rows[stored.id])


@pytest.mark.skipif(labels.reader() is None, reason="the ocr extra is not installed")
def test_labels_bring_their_views(tmp_path: Path, make, index, encoder) -> None:
    """Grants name views by label; the second figure of a sheet gets the view of its own label."""
    described = (
        "".join(
            f'<p id="p{k}" num="{k}"><figref idref="DRAWINGS">FIG. {k}</figref> is a {view} view of a '
            "chair;</p>"
            for k, view in enumerate(("front", "rear", "top"), start=1)
        )
        + "<p>The broken lines show surroundings that form no part of the design.</p>"
    )
    files = make.grant_files(sheets=2, described=described, landscape=(2,))
    stem = next(iter(files)).rpartition("/")[0]
    files[f"{stem}/{stem}-D00001.TIF"] = sheet(2)
    files[f"{stem}/{stem}-D00002.TIF"] = sheet(1, 3, first=3, turn=90)
    make.write(tmp_path / "in", files)
    found = run(tmp_path / "in", index, encoder, Splitter())
    assert (found.read, found.indexed) == (3, 3)
    stored = {p.payload["figure"]: p.payload for p in index.scroll()}
    assert {n: (p["label"], p["view"], p["turn"]) for n, p in stored.items()} == {
        "S1-1": ("1", "front view", 0),
        "S1-2": ("2", "rear view", 0),
        "S2": ("3", "top view", 90),
    }
    assert {p["has_broken_lines"] for p in stored.values()} == {"yes"}
    assert run(tmp_path / "in", index, encoder, Splitter()).unchanged == 3
    shown = drawing.decode(sheet(2)).crop(tuple(stored["S1-2"]["box"]))
    hits = Searcher(index, encoder).search(Query(drawings=(View(shown),)), per="figure", limit=1)
    assert (hits[0].figure, hits[0].label) == ("S1-2", "2"), "the figure, not the sheet"


def test_figures_can_be_filtered_by_broken_lines(tmp_path: Path, make, index, encoder) -> None:
    dashed = Image.new("L", (600, 600), 255)
    pen = ImageDraw.Draw(dashed)
    for x in range(50, 550, 24):
        for y in (50, 548):
            pen.rectangle((x, y, x + 13, y + 2), fill=0)
            pen.rectangle((y, x, y + 2, x + 13), fill=0)
    stream = io.BytesIO()
    dashed.save(stream, "PNG")
    path = make.write(tmp_path / "in", {"dashed.png": stream.getvalue(), "b.tif": sheet(1)})
    run(path, index, encoder)
    for wanted, file in ((True, "dashed.png"), (False, "b.tif")):
        where = Filters(broken_lines=wanted).filter()
        (only,) = index.scroll(where)
        assert only.payload["file"].endswith(file)


def test_sheets_that_stay_whole_are_named(tmp_path: Path, make, index, encoder) -> None:
    y, x = np.mgrid[0:600, 0:500]
    shaded = Image.fromarray((128 + 60 * np.sin(x / 50) * np.cos(y / 70)).astype(np.uint8))
    stream = io.BytesIO()
    shaded.save(stream, "PNG")
    path = make.write(tmp_path / "in", {"photo.png": stream.getvalue(), "b.tif": sheet(1)})
    found = run(path, index, encoder)
    assert (found.read, found.indexed, found.skipped) == (2, 2, 0)
    (remark,) = found.warnings
    assert remark["file"].endswith("photo.png") and "photograph" in remark["reason"]


def test_encode_only_gives_each_figure_a_row(tmp_path: Path, make, encoder) -> None:
    path = folder(tmp_path / "in", make, {"a.tif": sheet(2), "b.tif": sheet(1, 1)})
    gallery = pipeline.encode_only([path], encoder, splitter=UNREAD)
    assert len(gallery.embeddings) == 3
    assert [id.rpartition("#")[2] for id in gallery.labels.ids][:2] == ["S1-1", "S1-2"]
    assert set(gallery.labels.design_ids) == {":D1"}

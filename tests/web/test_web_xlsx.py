"""The workbook: what a cell holds is what was found, and nothing in it runs."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta, timezone

import pytest
from PIL import Image

from engine.design import Hit
from engine.plan import EncoderCard
from engine.query import Filters, Query, View
from engine.report import Manifest, Remark
from engine.report.xlsx import xlsx

load_workbook = pytest.importorskip("openpyxl", reason="openpyxl is not installed").load_workbook

CARD = EncoderCard("lite0-design", "3", 256, "0123456789ab")
DOT = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="  # fmt: skip
MANIFEST = Manifest(
    drawings=(("mine.png", 1.0, "ab" * 32),), designs=(("USD1", -0.5),), texts=(("a lamp", 2.0),),
    filters=("class 06-01 Seats",), encoder=CARD, collection="designs", figures=1234,
    made=datetime(2026, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2))), version="0.1.0",
)  # fmt: skip
HITS = [
    Hit(rank=1, score=0.93456789, id="1", design_id="USD0000001", figure="2A", title="=1+1",
        locarno_class="06", locarno_subclass="06-01", class_name="Seats", published="2021-01-05",
        holder="+Acme\x07 \ud800", thumbnail=DOT, stages=(("image", 0.9), ("words rank", 3.0))),
    Hit(rank=2, score=-0.25, id="2", design_id="0012", figure="1", title="@SUM(A1)",
        locarno_class="07", thumbnail="https://example.org/x.png", stages=(("image", 0.1),)),
]  # fmt: skip
QUERY = Query(
    drawings=(View(Image.linear_gradient("L"), 1.0, "mine.png", "ab" * 32),),
    filters=Filters(before=date(2021, 6, 30)),
)


def test_cells_hold_texts_and_numbers_as_they_are() -> None:
    sheet = load_workbook(io.BytesIO(xlsx(HITS, QUERY, MANIFEST)))["Hits"]
    heads = [cell.value for cell in sheet[1]]
    first, second = ({h: c for h, c in zip(heads, row, strict=True)} for row in sheet.iter_rows(2))
    assert (first["#"].value, first["Score"].value) == (1, 0.934568)
    assert (first["Class"].value, first["Class"].data_type, first["Class"].number_format) == (
        "06-01", "s", "@",
    )  # fmt: skip
    assert second["Design"].value == "0012"  # no number
    for cell in (first["Title"], second["Title"], first["Holder"]):
        assert cell.data_type == "s"  # no formula
    assert first["Holder"].value == "+Acme\ufffd \ufffd"
    assert (first["image"].value, first["words rank"].value) == (0.9, 3)
    assert second["words rank"].value is None
    assert len(sheet._images) == 1  # the other picture lies elsewhere: nothing is fetched
    assert sheet._images[0].anchor._from.row == 1 and sheet.freeze_panes == "D2"


def test_the_search_is_told_with_its_cut_off_date_and_drawings() -> None:
    sheet = load_workbook(io.BytesIO(xlsx(HITS, QUERY, MANIFEST)))["Search"]
    told = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert told["Cut-off date"] == "2021-06-30: only designs published strictly earlier"
    assert told["Query design"] == "USD1 (unlike × 0.5)"
    assert told["Query words"] == "a lamp (like × 2)"
    assert "ab" * 32 in told["Query drawing"]
    assert told["Search made"] == "2026-03-04 05:06:00+02:00"
    assert told["Encoder"].startswith("lite0-design, revision 3") and "1,234" in told["Collection"]
    assert len(sheet._images) == 1


def test_remarks_have_columns_of_their_own() -> None:
    remarks = [Remark("relevant", "=cmd|' /C calc'!A0", "case 7"), Remark()]
    book = load_workbook(io.BytesIO(xlsx(HITS, None, MANIFEST, remarks)))
    heads = [cell.value for cell in book["Hits"][1]]
    row = dict(zip(heads, book["Hits"][2], strict=True))
    assert (row["Judgement"].value, row["Search"].value) == ("relevant", "case 7")
    assert row["Note"].data_type == "s"
    assert "Cut-off date" not in [cell.value for cell in book["Search"]["A"]]

"""The report: whole, self-contained, escaped; CSV and JSON rows; the manifest."""

from __future__ import annotations

import base64
import csv
import io
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html as parser
from PIL import Image

from engine import drawing, report
from engine.design import Hit
from engine.errors import UsageError
from engine.plan import EncoderCard
from engine.query import Filters, Query, View

CARD = EncoderCard("lite0-design", "3", 256, "0123456789ab")
DOT = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="  # fmt: skip
HOSTILE = "<script>alert('x')</script> \"quoted\" & {{ 7 * 7 }}"


class Shelf:
    """What a manifest asks of an index: its card and its size."""

    card = CARD

    def count(self) -> int:
        return 1234


def hit(rank: int = 1, **fields: Any) -> Hit:
    known: dict[str, Any] = {
        "id": f"id-{rank}", "design_id": f"USD{rank:07d}", "figure": "2", "title": "Chair",
        "office": "US", "locarno_class": "06", "locarno_subclass": "06-01", "class_name": "Seats",
        "file": "week/USD1.TIF", "published": "2021-01-05", "holder": "Acme Inc.",
        "view": "front view", "thumbnail": DOT,
    }  # fmt: skip
    return Hit(rank=rank, score=1 - rank / 10, **(known | fields))


@pytest.fixture
def query(line_drawing: Callable[..., Image.Image]) -> Query:
    return Query(
        drawings=(
            View(line_drawing("box"), 1.0, "mine.png", "ab" * 32),
            View(line_drawing("circle"), -0.5, "not this.png", "cd" * 32),
        ),
        designs=(("USD0000009", 1.0),),
        texts=(("folding chair", 0.5), ("a lamp", -1.0)),
        filters=Filters(classes=("06-01", "0702"), before=date(2021, 6, 30)),
    )


def page(hits: list[Hit], query: Query) -> Any:
    return parser.fromstring(report.html(hits, query, report.manifest(query, Shelf(), "d", "1.2")))  # type: ignore[arg-type]


def test_rows_are_the_json_contract() -> None:
    (row,) = report.rows([hit(3)])
    contract = {"rank", "score", "design_id", "figure", "title", "locarno_class",
                "locarno_subclass", "class_name", "file"}  # fmt: skip
    assert contract <= set(row)
    assert set(row) - contract == {"published", "holder", "view", "office"}
    assert (row["rank"], row["score"], row["class_name"]) == (3, 0.7, "Seats")


def test_csv_comes_back_as_it_went() -> None:
    title = 'Chair, "folding",\nwith arms'
    stream = io.StringIO()
    report.write_csv(stream, [hit(1, title=title), hit(2)])
    read = list(csv.DictReader(io.StringIO(stream.getvalue())))
    expected = [{k: str(v) for k, v in row.items()} for row in report.rows([hit(1, title=title), hit(2)])]  # fmt: skip
    assert read == expected
    assert "\r" not in stream.getvalue()


def test_csv_of_nothing_is_a_header() -> None:
    stream = io.StringIO()
    report.write_csv(stream, [])
    assert stream.getvalue() == ",".join(report.COLUMNS) + "\n"


@pytest.mark.parametrize("start", report.FORMULA_STARTS)
def test_csv_runs_no_formula(start: str) -> None:
    stream = io.StringIO()
    report.write_csv(stream, [replace(hit(1, title=start + "cmd|'/c calc'!A1"), score=-0.25)])
    (row,) = csv.DictReader(io.StringIO(stream.getvalue()))
    assert row["title"] == f"'{start}cmd|'/c calc'!A1".replace("\r", "\n")
    assert row["score"] == "-0.25"  # a number stays a number


def test_manifest_says_what_was_asked_of_what(query: Query) -> None:
    made = report.manifest(query, Shelf(), "designs", "1.2")  # type: ignore[arg-type]
    assert made.drawings == (("mine.png", 1.0, "ab" * 32), ("not this.png", -0.5, "cd" * 32))
    assert made.designs == (("USD0000009", 1.0),)
    assert made.texts == (("folding chair", 0.5), ("a lamp", -1.0))
    assert made.filters == tuple(query.filters.words())
    assert any("06-01 Seats" in words for words in made.filters)
    assert (made.encoder, made.collection, made.figures) == (CARD, "designs", 1234)
    assert made.made.utcoffset() is not None
    assert abs(datetime.now().astimezone() - made.made) < timedelta(seconds=5)
    assert made.notice == "Search aid, not legal advice."


def test_report_shows_every_hit_with_class_score_and_picture(query: Query) -> None:
    hits = [hit(1), hit(2, locarno_subclass="", class_name="Furnishing", stages=(("text", 0.25),)),
            hit(3, title="", locarno_class="", locarno_subclass="", class_name="", holder="",
                published="", view="", thumbnail="")]  # fmt: skip
    cards = page(hits, query).xpath("//li[@class='hit']")
    texts = [" ".join(" ".join(card.itertext()).split()) for card in cards]
    assert len(cards) == 3
    assert texts[0].startswith("1 0.900 Chair 06-01 Seats Design USD0000001 (US) Figure 2, front")
    assert "Published 2021-01-05 Holder Acme Inc. File week/USD1.TIF" in texts[0]
    assert "06 Furnishing" in texts[1]
    assert "text 0.250" in texts[1]
    assert "no picture stored" in texts[2]
    assert "Untitled no class known" in texts[2]
    assert "Holder" not in texts[2]
    assert [card.xpath(".//img/@src") for card in cards] == [[DOT], [DOT], []]
    assert [card.xpath(".//i/@style") for card in cards] == [
        ["width:90.0%"], ["width:80.0%"], ["width:70.0%"],
    ]  # fmt: skip


def test_report_shows_the_query_and_the_manifest(query: Query) -> None:
    whole = page([hit()], query)
    figures = whole.xpath("//figure")
    captions = [" ".join(f.xpath("./figcaption")[0].text_content().split()) for f in figures]
    assert captions == ["like mine.png", "unlike × 0.5 not this.png", "like this stored design",
                        "like × 0.5 these words", "unlike these words"]  # fmt: skip
    assert [f.get("class") for f in figures] == [
        None, "against", "number", "words", "words against",
    ]  # fmt: skip
    assert figures[3].xpath(".//q")[0].text_content() == "folding chair"
    first = figures[0].xpath(".//img/@src")[0]
    assert first.startswith("data:image/png;base64,")
    picture = drawing.decode(base64.b64decode(first.partition(",")[2]))
    assert picture.size == (report.QUERY_PX, report.QUERY_PX)
    assert drawing.ink_box(picture) is not None
    text = " ".join(whole.text_content().split())
    for expected in ("Query wordsfolding chair (like × 0.5)", "Query wordsa lamp (unlike)",
                     "sha256 " + "ab" * 32, "1,234 drawings", "lite0-design, revision 3, 256 dim",
                     "published before 2021-06-30", "06-01 Seats or 07-02 Cooking appliances",
                     "Search aid, not legal advice.", "design-search-engine 1.2"):  # fmt: skip
        assert expected in text


def test_no_hits_and_no_filter_are_said(line_drawing: Callable[..., Image.Image]) -> None:
    text = page([], Query(drawings=(View(line_drawing("star")),))).text_content()
    assert "Nothing was found" in text
    assert "no filter" in text


def test_texts_of_offices_are_text(query: Query) -> None:
    hits = [
        hit(1, title=HOSTILE, holder=HOSTILE, file=HOSTILE, design_id=HOSTILE, figure=HOSTILE,
            view=HOSTILE, class_name=HOSTILE, stages=((HOSTILE, 0.1),))
    ]  # fmt: skip
    named = Query(
        drawings=(View(query.drawings[0].picture, 1.0, HOSTILE, "00"),),
        designs=((HOSTILE, 1.0),),
        texts=((HOSTILE, 1.0),),
    )
    whole = page(hits, named)
    assert whole.xpath("//script") == []
    assert not any(name.startswith("on") for tag in whole.iter() for name in tag.keys())  # noqa: SIM118
    assert whole.xpath("//h3")[0].text_content() == HOSTILE
    assert HOSTILE in whole.xpath("//li//img/@alt")[0]


def test_report_asks_the_network_for_nothing(query: Query) -> None:
    hits = [hit(1, thumbnail="https://example.com/x.png"), hit(2, thumbnail="javascript:alert(1)")]
    whole = page(hits, query)
    policy = whole.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert all(source.startswith("data:image/") for source in whole.xpath("//@src"))
    assert whole.xpath("//@href") == []
    assert whole.xpath("//link | //iframe | //script | //object | //base") == []
    text = report.html(hits, query, report.manifest(query, Shelf(), "d", "1"))  # type: ignore[arg-type]
    assert not re.search(r"url\(|@import|https?://", text)


def test_scores_out_of_range_keep_the_bar_in_its_frame(query: Query) -> None:
    hits = [replace(hit(1), score=1.7), replace(hit(2), score=-0.3)]
    assert page(hits, query).xpath("//i/@style") == ["width:100.0%", "width:0.0%"]


def test_file_is_written_whole_or_not_at_all(tmp_path: Path, query: Query) -> None:
    made = report.manifest(query, Shelf(), "d", "1")  # type: ignore[arg-type]
    target = tmp_path / "hits.html"
    target.write_text("older", "utf-8")
    report.write_html(target, [hit()], query, made)
    assert target.read_text("utf-8") == report.html([hit()], query, made)
    assert [path.name for path in tmp_path.iterdir()] == ["hits.html"]
    with pytest.raises(UsageError, match=r"no-such.*cannot be written"):
        report.write_html(tmp_path / "no-such" / "hits.html", [hit()], query, made)
    folder = tmp_path / "folder.html"
    folder.mkdir()
    with pytest.raises(UsageError, match=r"folder\.html"):
        report.write_html(folder, [hit()], query, made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.html", "hits.html"]


def test_import_is_light() -> None:
    script = "import engine.report, sys; print('jinja2' in sys.modules, 'PIL.Image' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"], done.stderr

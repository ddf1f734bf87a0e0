"""Saved searches: each new filing that matches is reported once, by whatever way it came."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import cli
from engine import alerts, report
from engine.alerts import Alert, Alerts
from engine.design import Design, Figure
from engine.errors import EngineError, QueryError, UsageError
from engine.query import Filters
from engine.search import Searcher
from ingest import pipeline
from qdrant.points import point


def alert(make, seed: int = 1, *, min_score: float = 0.9, name: str = "chair", **filters) -> Alert:
    drawings = ((f"{name}.png", make.picture(seed)),)
    return Alert(
        name=name, drawings=drawings, filters=Filters(**filters), min_score=min_score
    )  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> Alerts:
    return Alerts(tmp_path / "home" / alerts.FILE, "store|designs")


def fired(book: Alerts, index, encoder) -> dict[str, list[str]]:
    """What is reported now, and marked as a report would be."""
    found = alerts.news(book, index, encoder, collection="designs", version="0")
    for news in found:
        book.mark(news.alert, news.hits)
    return {news.alert.name: [hit.design_id for hit in news.hits] for news in found}


def filed(folder: Path, make, name: str, *seeds: int, locarno: str = "06-01") -> Path:
    rows = [{"file_name": f"{s}.png", "design_id": name, "figure": str(s), "locarno": locarno}
            for s in seeds]  # fmt: skip
    files = {f"{seed}.png": make.picture(seed) for seed in seeds}
    table = "".join(json.dumps(row) + "\n" for row in rows)
    return make.write(folder / name, {"metadata.jsonl": table, **files})


def test_an_alert_fires_once_across_two_ingests(
    tmp_path: Path, make, book, open_index, encoder
) -> None:
    book.add(alert(make, 1))
    index = open_index()
    pipeline.ingest([filed(tmp_path, make, "OTHER", 5)], index, encoder, point)
    assert fired(book, index, encoder) == {}
    first = filed(tmp_path, make, "NEW", 1, 2)
    pipeline.ingest([first], index, encoder, point)
    assert fired(book, index, encoder) == {"chair": ["NEW"]}
    again = open_index()
    pipeline.ingest([first, filed(tmp_path, make, "NEWER", 1)], again, encoder, point)
    assert fired(book, again, encoder) == {"chair": ["NEWER"]}
    assert fired(book, again, encoder) == {}


def test_what_is_not_marked_is_reported_again(tmp_path: Path, make, book, index, encoder) -> None:
    book.add(alert(make, 1))
    pipeline.ingest([filed(tmp_path, make, "NEW", 1)], index, encoder, point)
    for _ in range(2):  # nobody has seen the first report
        (news,) = alerts.news(book, index, encoder, collection="designs", version="0")
        assert [hit.design_id for hit in news.hits] == ["NEW"]


def test_classes_and_scores_bound_an_alert(tmp_path: Path, make, book, index, encoder) -> None:
    seen = [filed(tmp_path, make, "SEAT", 1), filed(tmp_path, make, "LAMP", 1, locarno="26-05"),
            filed(tmp_path, make, "OTHER", 7)]  # fmt: skip
    pipeline.ingest(seen, index, encoder, point)
    one, other = encoder.encode_drawings(
        view.picture for s in (1, 7) for view in alert(make, s).query().drawings
    )
    cosine = float(np.dot(one, other))
    book.add(alert(make, name="lamps", classes=("26",)))
    book.add(alert(make, name="seats", not_classes=("26-05",)))
    book.add(alert(make, name="wide", min_score=cosine - 0.01, classes=("06",)))
    book.add(alert(make, name="narrow", min_score=cosine + 0.01, classes=("06",)))
    assert fired(book, index, encoder) == {
        "lamps": ["LAMP"], "narrow": ["SEAT"], "seats": ["SEAT"], "wide": ["SEAT", "OTHER"],
    }  # fmt: skip


def test_all_that_matches_is_reported_however_much_it_is(
    make, book, index, encoder, monkeypatch
) -> None:
    monkeypatch.setattr(alerts, "FIRST_ASKED", 3)
    guarded = alert(make, 1)
    (row,) = encoder.encode_drawings([guarded.query().drawings[0].picture])
    points = []
    for i in range(40):
        figure = Figure(number="1", file="a.png", content=b"")
        design = Design(id=f"D{i:02}", office=("US", "EM")[i % 2], figures=(figure,))
        points.append(point(design, figure, {"image": row}))
    index.upsert(points)
    hits = alerts.matching(guarded, Searcher(index, encoder))
    assert {hit.design_id for hit in hits} == {f"D{i:02}" for i in range(40)}


def test_one_number_in_two_offices_is_two_filings(make, book, index, encoder) -> None:
    guarded = alert(make, 1)
    (row,) = encoder.encode_drawings([guarded.query().drawings[0].picture])
    figure = Figure(number="1", file="a.png", content=b"")
    book.add(guarded)
    for office in ("US", "EM"):
        index.upsert([point(Design(id="7", office=office), figure, {"image": row})])
        assert fired(book, index, encoder) == {"chair": ["7"]}
    assert fired(book, index, encoder) == {}


def test_alerts_are_kept_whole(tmp_path: Path, make, book) -> None:
    filters = {"classes": ("06.01",), "not_classes": ("6-02",), "since": date(2021, 1, 5),
               "holders": ("Eames",), "exclude_designs": ("A", "B")}  # fmt: skip
    book.add(alert(make, **filters))
    book.add(alert(make, 2, name="lamp"))
    other = Alerts(book.path, "store|others")
    other.add(alert(make, 3))
    assert book.all() == [alert(make, **filters), alert(make, 2, name="lamp")]
    assert [each.drawings[0][1] for each in other.all()] == [make.picture(3)]
    book.remove("chair")
    assert [each.name for each in book.all()] == ["lamp"]
    assert [each.name for each in other.all()] == ["chair"], "another collection's"


def test_what_cannot_be_kept_is_refused(tmp_path: Path, make, book) -> None:
    book.add(alert(make))
    with pytest.raises(UsageError, match="already"):
        book.add(alert(make))
    assert len(book.all()[0].drawings) == 1
    with pytest.raises(UsageError, match=r"no alert 'lamp'.*chair"):
        book.remove("lamp")
    for name in ("../x", "", "a b", ".."):
        with pytest.raises(UsageError, match="cannot name"):
            alert(make, name=name)
    with pytest.raises(UsageError, match="cosine"):
        alert(make, min_score=2)
    with pytest.raises(QueryError, match="no drawing"):
        Alert(name="a", drawings=(), min_score=0.5)
    (tmp_path / "bad.sqlite").write_bytes(b"no base at all, however long it goes on" * 99)
    with pytest.raises(EngineError, match="cannot be used for alerts"):
        Alerts(tmp_path / "bad.sqlite", "x").all()


def test_removing_forgets_what_was_reported(tmp_path: Path, make, book, index, encoder) -> None:
    book.add(alert(make))
    pipeline.ingest([filed(tmp_path, make, "NEW", 1)], index, encoder, point)
    assert fired(book, index, encoder) == {"chair": ["NEW"]}
    book.remove("chair")
    book.add(alert(make))
    assert fired(book, index, encoder) == {"chair": ["NEW"]}
    with sqlite3.connect(book.path) as base:
        assert base.execute("SELECT count(*) FROM drawing").fetchone() == (1,)
    base.close()


def test_a_report_holds_everything(tmp_path: Path, make, book, index, encoder) -> None:
    book.add(alert(make, 1, classes=("06",)))
    pipeline.ingest([filed(tmp_path, make, "NEW", 1)], index, encoder, point)
    (news,) = alerts.news(book, index, encoder, collection="designs", version="9")
    told = json.loads(json.dumps(news.record()))
    assert told["hits"][0]["design_id"] == "NEW"
    assert told["manifest"]["notice"] == report.NOTICE
    assert told["manifest"]["figures"] == 1
    assert (told["name"], told["min_score"]) == ("chair", 0.9)
    pages = [news.write_html(tmp_path / "reports") for _ in range(2)]
    assert len(set(pages)) == 2, "an older report stays"
    text = pages[0].read_text("utf-8")
    assert "NEW" in text
    assert report.NOTICE in text
    assert text.count("data:image/png;base64,") == 2, "the query's drawing and the filing's"


# ── the commands ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def run(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("ENGINE_STORE", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)

    def invoke(*words: object, code: int = 0):
        done = CliRunner().invoke(cli.app, [*map(str, words)])
        assert done.exit_code == code, (words, done.output)
        return done

    return invoke


def test_commands_from_adding_to_removing(tmp_path: Path, make, run) -> None:
    make.write(tmp_path, {"chair.png": make.picture(1, size=(300, 200))})
    old, new = (filed(tmp_path, make, name, 9) for name in ("OLD", "NEW"))
    for folder in (old, new):
        (folder / "9.png").write_bytes(make.picture(1, size=(300, 200)))
    run("ingest", old)
    added = json.loads(run("alert", "add", "chair.png", "--min-score", 0.9, "--class", "06", "--json").stdout)  # fmt: skip
    assert (added["name"], added["known"]) == ("chair", 1)
    assert "already" in run("alert", "add", "chair.png", "--min-score", 0.9, code=2).stderr
    run("alert", "run", code=3)
    told = json.loads(run("ingest", new, "--json", "--alert-html", tmp_path / "html").stdout)
    (news,) = told["alerts"]
    assert [hit["design_id"] for hit in news["hits"]] == ["NEW"]
    assert len(list((tmp_path / "html").glob("chair-*.html"))) == 1
    assert json.loads(run("ingest", new, "--json").stdout)["alerts"] == []
    run("alert", "add", "chair.png", "--name", "past", "--past", "--min-score", 0.9)
    text = run("alert", "run").stdout
    assert "Alert past: 2 new filings like chair.png" in text
    assert report.NOTICE in text
    assert json.loads(run("alert", "run", "--json", code=3).stdout) == []
    assert [each["name"] for each in json.loads(run("alert", "list", "--json").stdout)] == [
        "chair", "past",
    ]  # fmt: skip
    run("alert", "remove", "chair")
    assert "past" in run("alert", "list").stdout
    assert "no alert 'chair'" in run("alert", "remove", "chair", code=2).stderr


def test_an_alert_may_come_before_the_collection(tmp_path: Path, make, run) -> None:
    (tmp_path / "engine.toml").write_text('collection = "mine"\n[alert.add]\nmin_score = 0.9\n')
    make.write(tmp_path, {"chair.png": make.picture(1, size=(300, 200)), "none.png": "no picture"})
    run("alert", "add", "chair.png")
    assert "not a picture" in run("alert", "add", "none.png", code=1).stderr
    told = json.loads(run("ingest", "chair.png", "--json").stdout)
    assert [news["name"] for news in told["alerts"]] == ["chair"]
    assert json.loads(run("alert", "list", "--collection", "designs", "--json").stdout) == []

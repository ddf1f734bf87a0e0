"""A watched folder: what arrives is read once it is whole, and nothing stops the watch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from engine.errors import EngineError, IndexUnavailable, SourceError
from ingest import pipeline, watch
from ingest.sources import Problem
from ingest.watch import Arrivals, Ledger, Look, Outcome
from qdrant.points import point


class Time:
    """A clock that only sleeping moves; what is to happen meanwhile happens then."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events: list = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if not self.events:
            raise StopIteration
        event = self.events.pop(0)
        if event:
            event()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def arrivals(inbox: Path, clock=None, settle: float = 5) -> Arrivals:
    ledger = Ledger(inbox.parent / "home" / watch.FILE, "designs")
    return Arrivals(inbox, ledger, settle, clock or Time())


def names(units: tuple[list[watch.Unit], int]) -> list[str]:
    return [unit.name for unit in units[0]]


def test_what_is_still_written_is_waited_for(inbox: Path, make) -> None:
    clock = Time()
    seen = arrivals(inbox, clock)
    make.write(inbox, {"a.zip": b"123"})
    assert seen.look() == ([], 1)
    clock.now = 4
    assert seen.look() == ([], 1), "not long enough the same"
    clock.now = 6
    make.write(inbox, {"a.zip": b"123456"})
    assert seen.look() == ([], 1), "it grew"
    clock.now = 12
    assert names(seen.look()) == ["a.zip"]
    (unit,), waiting = seen.look()
    assert (unit.look.files, unit.look.bytes, waiting) == (1, 6, 0)


@pytest.mark.parametrize("name", ["a.zip.part", "a.tar.crdownload", ".a.zip.Xy1", "in/b.png.tmp"])
def test_downloads_under_way_are_known_by_their_names(inbox: Path, make, name: str) -> None:
    clock = Time()
    seen = arrivals(inbox, clock)
    make.write(inbox, {name: b"123", "in/a.png": make.picture(1)} if "/" in name else {name: b"1"})
    seen.look()
    clock.now = 60
    assert names(seen.look()) == []


def test_units_of_a_folder(inbox: Path, make) -> None:
    make.write(inbox, {
        "I20210105.tar": make.weekly(1), "lamp.pdf": b"%PDF", "table.csv": "file_name\n",
        "week/a/1.png": make.picture(1), "week/.hidden": b"x", "empty/.keep": b"",
        "USD0907292-20210105.XML": make.grant(sheets=1), "notes.txt": "x", "other.json": "{}",
        "USD0907292-20210105-D00001.TIF": make.picture(2, "TIFF"),
    })  # fmt: skip
    found = {unit.name: unit for unit, _ in watch.units(inbox)}
    assert set(found) == {"I20210105.tar", "lamp.pdf", "table.csv", "week", watch.LOOSE}
    assert found["week"].look.files == 1
    loose = found[watch.LOOSE]
    assert [path.name for path in loose.paths] == ["USD0907292-20210105.XML"]
    assert loose.look.files == 3, "the sheets, and the JSON that nobody reads, are looked at too"


def test_loose_pictures_and_their_front_page(inbox: Path, make) -> None:
    files = ("USD0906631-20210105-D00000.TIF", "USD0906631-20210105-D00001.TIF",
             "USD0906632-20210105-D00000.TIF", "oak.png")  # fmt: skip
    make.write(inbox, {name: make.picture(i, "TIFF") for i, name in enumerate(files)})
    ((unit, _),) = watch.units(inbox)
    assert [path.name for path in unit.paths] == list(files[1:])


def test_a_folder_with_a_table_is_one_unit(inbox: Path, make) -> None:
    make.write(inbox, {"metadata.jsonl": '{"file_name": "a/b.png"}', "a/b.png": make.picture(1)})
    ((unit, _),) = watch.units(inbox)
    assert (unit.name, unit.paths, unit.look.files) == (watch.LOOSE, (inbox,), 2)


def reading(inbox: Path, reader, events=(), **options) -> list[Outcome]:
    clock = Time()
    clock.events = list(events)
    outcomes: list[Outcome] = []
    seen = arrivals(inbox, clock)
    try:
        for outcome in watch.watch(seen, reader, every=10, sleep=clock.sleep, **options):
            outcomes.append(outcome)
    except RuntimeError:  # the clock stopped
        pass
    return outcomes


def test_what_arrives_is_read_once_and_again_when_it_changes(inbox: Path, make) -> None:
    make.write(inbox, {"a.zip": b"1"})
    read: list[str] = []

    def reader(unit: watch.Unit) -> dict:
        read.append(unit.name)
        return {}

    events = [None, lambda: make.write(inbox, {"b.zip": b"2"}), None, None,
              lambda: make.write(inbox, {"a.zip": b"33"}), None, None]  # fmt: skip
    reading(inbox, reader, events)
    assert read == ["a.zip", "b.zip", "a.zip"]
    reading(inbox, reader, [None, None])
    assert read == ["a.zip", "b.zip", "a.zip"], "a restart remembers"
    arrivals(inbox).ledger.forget()
    reading(inbox, reader, [None, None])
    assert read[3:] == ["a.zip", "b.zip"]


def test_one_bad_file_stops_nothing(inbox: Path, make) -> None:
    make.write(inbox, {f"{name}.zip": name.encode() for name in "abcd"})

    def reader(unit: watch.Unit) -> dict:
        if unit.name == "a.zip":
            raise SourceError("is damaged")
        if unit.name == "b.zip":
            raise ZeroDivisionError("a fault of ours")
        return {"read": 1}

    outcomes = reading(inbox, reader, [None, None, None])
    assert [(o.unit.name, o.reason, o.again) for o in outcomes] == [
        ("a.zip", "is damaged", False), ("b.zip", "ZeroDivisionError: a fault of ours", False),
        ("c.zip", "", False), ("d.zip", "", False),
    ]  # fmt: skip
    assert watch.record(outcomes[0]) == {"unit": "a.zip", "error": "is damaged", "again": False}
    assert watch.record(outcomes[2]) == {"unit": "c.zip", "read": 1}


def test_a_store_that_is_away_is_waited_for(inbox: Path, make) -> None:
    make.write(inbox, {"a.zip": b"1", "b.zip": b"2"})
    away = [True, True]

    def reader(unit: watch.Unit) -> dict:
        if away and away.pop():
            raise IndexUnavailable("held by another process")
        return {}

    outcomes = reading(inbox, reader, [None] * 5)
    assert not away, "it was tried twice in vain"
    assert [(o.unit.name, o.again) for o in outcomes] == [
        ("a.zip", True), ("a.zip", False), ("b.zip", False),
    ]  # fmt: skip


def test_a_stopped_read_is_done_again(inbox: Path, make) -> None:
    make.write(inbox, {"a.zip": b"1"})

    def stopped(unit: watch.Unit) -> dict:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reading(inbox, stopped, [None, None])
    assert [o.unit.name for o in reading(inbox, lambda unit: {}, [None, None])] == ["a.zip"]


def test_a_folder_that_goes_away_comes_back(inbox: Path, make) -> None:
    make.write(inbox, {"a.zip": b"1"})
    gone = inbox.with_name("gone")
    events = [lambda: inbox.rename(gone), lambda: gone.rename(inbox), None, None]
    assert [o.unit.name for o in reading(inbox, lambda unit: {}, events)] == ["a.zip"]
    with pytest.raises(SourceError, match="is no folder"):
        list(watch.watch(arrivals(inbox / "nowhere"), lambda unit: {}, every=1))


def test_once_reads_what_is_there_and_ends(inbox: Path, make) -> None:
    assert reading(inbox, lambda unit: {}, once=True) == []
    make.write(inbox, {"a.zip": b"1", "b.zip.part": b"2"})
    outcomes = reading(inbox, lambda unit: {}, [None, None, None], once=True)
    assert [o.unit.name for o in outcomes] == ["a.zip"]


def test_a_damaged_ledger_is_named(inbox: Path) -> None:
    ledger = inbox.parent / "home" / watch.FILE
    ledger.parent.mkdir()
    ledger.write_bytes(b"no base at all, however long it goes on" * 99)
    with pytest.raises(EngineError, match="cannot be used to remember"):
        arrivals(inbox).look()


def test_the_next_weekly_file_adds_what_is_new_and_replaces_what_changed(
    tmp_path: Path, make, open_index, encoder
) -> None:
    grants = {
        number: make.zipped(make.grant_files(number, seed=seed))
        for seed, number in enumerate(("D0900001", "D0900002"), start=1)
    }
    week = make.tarred({f"W/DESIGN/US{n}.ZIP": content for n, content in grants.items()})
    one = make.write(tmp_path / "1", {"I1.tar": week})
    first = pipeline.ingest([one], open_index(), encoder, point)
    assert (first.indexed, first.unchanged) == (4, 0)
    # The second is unchanged; the first comes corrected: title and drawings.
    corrected = make.grant_files("D0900001", seed=7, title="Stool")
    same = make.grant_files("D0900002", seed=2)
    two = make.tarred({
        "W/1.ZIP": make.zipped(corrected), "W/2.ZIP": make.zipped(same),
        "W/3.ZIP": make.zipped(make.grant_files("D0900003", seed=9)),
    })  # fmt: skip
    index = open_index()
    path = make.write(tmp_path / "2", {"I2.tar": two})
    encoded: list[int] = []

    def watched(pixels):
        encoded.append(len(pixels))
        return encoder.tower(pixels)

    second = pipeline.ingest([path], index, replace(encoder, tower=watched), point)
    assert (second.read, second.indexed, second.errors) == (6, 6, [])
    assert sum(encoded) == 4, "the second grant lies in another file now, which is only noted"
    assert index.count() == 6
    titles = {p.payload["design_id"]: p.payload["title"] for p in index.scroll()}
    assert titles == {"USD900001": "Stool", "USD900002": "Chair", "USD900003": "Chair"}
    third = pipeline.ingest([path], index, encoder, point)
    assert (third.indexed, third.unchanged) == (0, 6)


def test_the_command_ingests_resumes_and_reports(tmp_path: Path, inbox, make, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("ENGINE_STORE", str(tmp_path / "store"))
    drawing = make.picture(1, size=(300, 200))
    make.write(tmp_path, {"chair.png": drawing})
    make.write(inbox, {"week.tar": make.weekly(2), "bad.zip": "no archive", "notes.txt": "x"})

    def run(*words: object, code: int):
        done = CliRunner().invoke(cli.app, [*map(str, words)])
        assert done.exit_code == code, done.output
        return done.stdout

    run("alert", "add", tmp_path / "chair.png", "--min-score", 0.95, code=0)
    once = ("watch", inbox, "--once", "--settle", 0.05, "--json")
    lines = [json.loads(line) for line in run(*once, code=5).splitlines()]
    assert [line["unit"] for line in lines] == ["bad.zip", "week.tar"]
    assert "not a sound ZIP" in lines[0]["errors"][0]["reason"]
    assert (lines[1]["indexed"], lines[1]["alerts"]) == (4, [])
    assert run(*once, code=0) == "", "nothing twice, not even the bad one"
    make.write(inbox, {"new/lamp.png": drawing})
    (line,) = (json.loads(line) for line in run(*once, code=0).splitlines())
    assert [news["name"] for news in line["alerts"]] == ["chair"]
    make.write(inbox, {"new/oak.png": make.picture(3, size=(300, 200))})
    text = run("watch", inbox, "--once", "--settle", 0.05, code=0)
    assert "2 read = 1 indexed + 1 unchanged" in text
    assert "Alert" not in text, "lamp was reported before"


def test_looks_and_problems_are_plain_values() -> None:
    assert Look(1, 2, 3) == Look(1, 2, 3)
    assert Problem("a", "b").figures == 1

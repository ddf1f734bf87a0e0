"""Studies and assistants: blind sides, counted votes, tools over the real protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import random
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import SourceError, UsageError
from engine.query import View
from engine.web import votes
from engine.web.desk import Desk
from engine.web.study import Study, System
from engine.web.votes import Vote

ROOT = Path(__file__).parent.parent.parent
VOTE = Vote(
    who="ann", question="q", name="q.png", a="new", b="old", left="a", winner="a", seconds=3.0,
    at="2026-01-01T00:00:00+00:00",
)  # fmt: skip


def apart(talk: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run to its end in a thread of its own: the browser's loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(talk())).result(60)


def cast(*winners: str, left: str = "a") -> list[Vote]:
    return [
        replace(VOTE, question=f"q{i}", winner=winner, left=left)  # type: ignore[arg-type]
        for i, winner in enumerate(winners)
    ]


def test_the_sign_test_counts_every_split() -> None:
    """Against all 2ⁿ sequences of a fair coin."""
    for wins, losses in ((0, 0), (1, 0), (5, 1), (3, 3), (2, 8)):
        count = wins + losses
        uneven = abs(wins - losses)
        extreme = sum(
            abs(count - 2 * bin(tosses).count("1")) >= uneven for tosses in range(2**count)
        )
        assert votes.sign_test(wins, losses) == pytest.approx(extreme / 2**count)


def test_wilson_solves_its_equation() -> None:
    """Its ends are the shares whose own normal interval just reaches what was seen."""
    for wins, count in ((0, 10), (3, 10), (8, 9), (50, 100)):
        for end in votes.wilson(wins, count):
            if 0 < end < 1:
                gap = abs(wins / count - end)
                assert gap == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / count))
    assert votes.wilson(0, 0) == (0, 1)


def test_a_tally_of_votes() -> None:
    found = votes.tally(cast("a", "a", "a", "b", "tie"))
    assert (found.wins_a, found.wins_b, found.ties, found.questions) == (3, 1, 1, 5)
    assert found.share == 0.75 and found.left == 0.75
    assert found.preference == pytest.approx((3 - 1) / 5)
    assert found.interval[0] <= found.preference <= found.interval[1]
    # Votes on one question are no more evidence than that question.
    same = [replace(vote, question="one", who=str(i)) for i, vote in enumerate(cast("a", "a", "b"))]
    assert votes.tally(same).interval == pytest.approx((1 / 3, 1 / 3))
    assert votes.tally(same).p == 1
    with pytest.raises(UsageError, match="no votes"):
        votes.tally([])
    with pytest.raises(UsageError, match="several pairs"):
        votes.tally([VOTE, replace(VOTE, a="third")])


def test_the_interval_covers_the_truth() -> None:
    """Of 200 studies whose true preference is 0.2, the 95 % interval holds it in most."""
    rng = random.Random(1)
    held = 0
    for _ in range(200):
        winners = rng.choices(["a", "b", "tie"], [0.5, 0.3, 0.2], k=60)
        low, high = votes.tally(cast(*winners), resamples=400).interval
        held += low <= 0.2 <= high
    assert 180 <= held <= 200


def test_votes_are_lines_that_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    assert votes.read(path) == []
    for vote in (VOTE, replace(VOTE, who="Zoë", winner="tie")):
        votes.append(path, vote)
    assert votes.read(path) == [VOTE, replace(VOTE, who="Zoë", winner="tie")]
    path.write_text(path.read_text("utf-8") + '{"who": "x"}\n', "utf-8")
    with pytest.raises(SourceError, match="line 3"):
        votes.read(path)


@pytest.fixture
def study(desk: Desk, register: Path, tmp_path: Path) -> Study:
    questions = [View.read(path) for path in sorted((register / "queries").glob("*.png"))]
    systems = (System("zebra", desk), System("quagga", desk))
    return Study(systems, [*questions, questions[0]], tmp_path / "votes.jsonl", shown=4)


def test_sides_are_a_fair_coin_that_stays(study: Study) -> None:
    assert len(study.questions) == 3  # the same drawing twice counts once
    sides = [study.left(f"person {i}", 0) for i in range(1000)]
    assert 430 < sides.count("a") < 570
    assert sides == [study.left(f"person {i}", 0) for i in range(1000)]


def test_a_study_in_a_browser_is_blind_and_goes_on(
    browser: Any, study: Study, serving: Any
) -> None:
    from engine.web.app import create_study

    with serving(create_study(study)) as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        page.fill("input[name=who]", "Ann <b>")
        page.click("button.main")
        page.wait_for_selector("text=Drawing 1 of 3")
        lists = page.locator(".side")
        assert lists.count() == 2 and lists.nth(0).locator("li").count() == 4
        assert "zebra" not in page.content() and "quagga" not in page.content()
        page.keyboard.press("ArrowLeft")
        page.wait_for_selector("text=Drawing 2 of 3")
        page.click("[value=tie]")
        page.wait_for_selector("text=Drawing 3 of 3")
        page.reload()  # nothing is asked twice
        page.click("[value=right]")
        page.wait_for_selector("text=Thank you")
        context.close()
    cast_ = votes.read(study.path)
    assert [vote.name for vote in cast_] == [view.name for view in study.questions]
    assert cast_[0].winner == cast_[0].left and cast_[1].winner == "tie"
    assert cast_[2].winner not in ("tie", cast_[2].left)
    again = Study((System("zebra", study.systems["a"].desk),) * 2, study.questions, study.path)
    assert again.next("Ann <b>") is None and again.next("Bob") == 0


def test_an_assistant_searches_classifies_and_looks(
    desk: Desk, question: Path, tmp_path: Path
) -> None:
    mcp = pytest.importorskip("mcp", reason="mcp is not installed")
    from engine.web import assistant

    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/chair.png").write_bytes(question.read_bytes())
    (tmp_path / "secret.png").write_bytes(question.read_bytes())
    design = question.stem.split("-")[1]
    encoded = base64.b64encode(question.read_bytes()).decode()

    async def talk() -> None:
        async with mcp.Client(assistant.server(desk, tmp_path / "shared")) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert tools == {"search", "get_design", "classify", "show_figure"}
            for given in ({"drawing_base64": encoded}, {"drawing_file": "chair.png"}):
                answer = await client.call_tool("search", {**given, "limit": 3})
                hits = answer.structured_content["hits"]
                assert hits[0]["design_id"] == design and len(hits) == 3
            found = await client.call_tool("classify", {"drawing_file": "chair.png"})
            assert found.structured_content["result"][0]["probability"] > 0
            record = (
                await client.call_tool("get_design", {"design_id": design})
            ).structured_content
            shown = await client.call_tool("show_figure", {"figure_id": record["figures"][0]["id"]})
            assert shown.content[0].type == "image"
            for name in ("../secret.png", str(tmp_path / "secret.png"), "/etc/passwd", "none.png"):
                refused = await client.call_tool("search", {"drawing_file": name})
                assert refused.is_error and "no drawing" in refused.content[0].text
            for tool, wrong in (
                ("search", {}), ("get_design", {"design_id": "NONE"}),
                ("search", {"drawing_base64": "%%"}), ("classify", {"drawing_base64": "AAAA"}),
            ):  # fmt: skip
                assert (await client.call_tool(tool, wrong)).is_error

    apart(talk)


def test_engine_mcp_speaks_on_stdin_and_stdout(
    tmp_path: Path, encoder: Any, register: Path
) -> None:
    mcp = pytest.importorskip("mcp", reason="mcp is not installed")
    from functools import partial

    from ingest import pipeline
    from qdrant import open_store, points

    with (
        open_store(tmp_path / "store") as store,
        store.open_or_create("designs", encoder.card) as made,
    ):
        pipeline.ingest([register / "queries"], made, encoder, partial(points.point))
    started = mcp.StdioServerParameters(
        command=sys.executable,
        args=[str(ROOT / "cli.py"), "mcp", "--store", str(tmp_path / "store")],
    )

    async def talk() -> None:
        async with mcp.Client(started) as client:
            answer = await client.call_tool("get_design", {"design_id": "none"})
            assert answer.is_error
            assert len((await client.list_tools()).tools) == 4

    apart(talk)


def test_engine_study_reports(tmp_path: Path) -> None:
    import subprocess

    path = tmp_path / "votes.jsonl"
    for vote in cast("a", "a", "b"):
        votes.append(path, vote)
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "study", "--report", "--votes", str(path), "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["wins_a"] == 2

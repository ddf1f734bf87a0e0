"""The whole pass on a real embedded store: counts that add up, resuming, and what cannot stop it."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine import drawing
from engine.design import Design, Figure, figure_id
from engine.encoder import Encoded
from engine.errors import ImageError, IndexUnavailable, SourceError
from ingest import pipeline
from ingest.figures import figures, prepare
from qdrant.points import point

ROOT = Path(__file__).parents[2]


def run(paths, index, encoder, **options) -> pipeline.Summary:
    summary = pipeline.ingest(paths, index, encoder, point, **options)
    assert summary.read == summary.indexed + summary.unchanged + summary.skipped
    assert sum(1 for _ in summary.errors) <= summary.skipped
    return summary


def counts(summary: pipeline.Summary) -> tuple[int, int, int, int]:
    return summary.read, summary.indexed, summary.unchanged, summary.skipped


def rows(*items: dict) -> str:
    return "".join(json.dumps(item) + "\n" for item in items)


def test_what_a_stored_figure_holds(tmp_path: Path, make, index, encoder) -> None:
    path = make.write(tmp_path / "in", make.grant_files(landscape=(2,)))
    assert counts(run([path], index, encoder)) == (2, 2, 0, 0)
    first, second = (
        index.retrieve([figure_id("US", "USD907292", number)], vectors=("image",))[0]
        for number in ("S1", "S2")
    )
    assert first.payload["locarno_subclass"] == "06-01"
    assert first.payload["path"] == ["06", "06-01"]
    assert first.payload["title"] == "Chair"
    assert first.payload["view"] == "front view"
    assert first.payload["published"] == "2021-01-05"
    assert second.payload["turn"] == 90
    head, _, code = first.payload["thumbnail"].partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(code))) as small:
        assert max(small.size) == 160
    for stored, seed, turn in ((first, 1, 0), (second, 2, 90)):  # the oracle: no pipeline
        page = drawing.decode(make.picture(seed, "TIFF"), turn=turn)
        assert np.allclose(stored.vectors["image"], encoder.encode_drawings([page])[0], atol=1e-6)


def test_running_again_encodes_nothing(tmp_path: Path, make, open_index, encoder) -> None:
    make.write(tmp_path / "in", {"w.tar": make.weekly(4), "oak.png": make.picture(9)})
    assert counts(run([tmp_path / "in"], open_index(), encoder)) == (9, 9, 0, 0)

    def never(pixels):
        raise AssertionError("encoded again")

    lazy = replace(encoder, tower=never)
    again = open_index()
    assert counts(run([tmp_path / "in"], again, lazy)) == (9, 0, 9, 0)
    assert again.count() == 9


def test_a_changed_picture_is_encoded_and_a_changed_title_is_not(
    tmp_path: Path, make, open_index, encoder
) -> None:
    def table(title: str, holder: str) -> str:
        return rows(*({"file_name": f"{i}.png", "design_id": "A", "figure": str(i), "title": title,
                       "holder": holder, "locarno": "06-01"} for i in range(3)))  # fmt: skip

    pictures = {f"{i}.png": make.picture(i) for i in range(3)}
    make.write(tmp_path / "in", {"metadata.jsonl": table("Chair", "Eames"), **pictures})
    run([tmp_path / "in"], open_index(), encoder)
    make.write(tmp_path / "in", {"metadata.jsonl": table("Stool", ""), "1.png": make.picture(50)})
    encoded = []

    def watched(pixels):
        encoded.append(len(pixels))
        return encoder.tower(pixels)

    index = open_index()
    before = {p.id: p for p in index.scroll(vectors=("image",))}
    assert counts(run([tmp_path / "in"], index, replace(encoder, tower=watched))) == (3, 3, 0, 0)
    assert sum(encoded) == 1
    after = {p.id: p for p in index.scroll(vectors=("image",))}
    assert before.keys() == after.keys()
    for id, stored in after.items():
        assert stored.payload["title"] == "Stool"
        assert "holder" not in stored.payload, "what the source takes back is gone"
        assert stored.payload["thumbnail"]
        same = np.allclose(stored.vectors["image"], before[id].vectors["image"])
        assert same is (stored.payload["figure"] != "1")
    assert counts(run([tmp_path / "in"], index, encoder)) == (3, 0, 3, 0)


def test_bad_files_are_named_and_end_nothing(tmp_path: Path, make, index, encoder) -> None:
    good, tiff = make.picture(1), make.picture(2, "TIFF")
    header = bytearray(make.picture(3))
    header[16:24] = (30_000).to_bytes(4, "big") * 2  # IHDR: width and height,
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")  # and its checksum
    blank, black = io.BytesIO(), io.BytesIO()
    Image.new("L", (50, 50), 255).save(blank, "PNG")
    Image.new("L", (50, 50), 0).save(black, "PNG")
    bad = {
        "cut.png": good[: len(good) // 2], "cut.tif": tiff[: len(tiff) // 2], "bomb.png": bytes(header),
        "text.png": "no picture", "empty.png": "", "blank.png": blank.getvalue(),
        "noise.tif": b"II*\0" + bytes(range(200)),
    }  # fmt: skip
    make.write(
        tmp_path / "in", {**bad, "oak.png": good, "elm.tif": tiff, "black.png": black.getvalue()}
    )
    summary = run([tmp_path / "in"], index, encoder)
    assert counts(summary) == (10, 3, 0, 7)
    named = {Path(e["file"]).name: e["reason"] for e in summary.errors}
    assert set(named) == set(bad)
    assert "blank" in named["blank.png"]
    assert "900000000 pixels" in named["bomb.png"] or "too large" in named["bomb.png"]
    assert index.count() == 3


def test_every_page_of_a_tiff_is_a_figure(tmp_path: Path, make, index, encoder) -> None:
    pages = [Image.open(io.BytesIO(make.picture(i))) for i in range(3)]
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    make.write(tmp_path / "in", {"oak.tif": stream.getvalue()})
    assert counts(run([tmp_path / "in"], index, encoder)) == (3, 3, 0, 0)
    for page in range(3):
        (stored,) = index.retrieve([figure_id("", "oak", f"1.{page + 1}")], vectors=("image",))
        expected = encoder.encode_drawings([drawing.decode(make.picture(page))])[0]
        assert np.allclose(stored.vectors["image"], expected, atol=1e-6)
    assert counts(run([tmp_path / "in"], index, encoder)) == (3, 0, 3, 0)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("big", [False, True])
def test_pages_are_counted_without_decoding(make, count: int, big: bool) -> None:
    pages = [Image.open(io.BytesIO(make.picture(i))) for i in range(count)]
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:], big_tiff=big)
    figure = Figure(number="1", file="f.tif", content=stream.getvalue())
    found = [f for f in figures(Design(id="A", figures=(figure,))) if isinstance(f, Figure)]
    assert [f.page for f in found] == list(range(count)), "as many as were saved"


def test_a_tiff_of_too_many_pages_says_so(make, monkeypatch) -> None:
    from ingest import figures as module

    monkeypatch.setattr(module, "MAX_PAGES", 2)
    pages = [Image.open(io.BytesIO(make.picture(i))) for i in range(3)]
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    figure = Figure(number="1", file="f.tif", content=stream.getvalue())
    found = list(figures(Design(id="A", figures=(figure,))))
    assert [f.number for f in found if isinstance(f, Figure)] == ["1.1", "1.2"]
    assert [f[1] for f in found if isinstance(f, tuple)] == [
        "f.tif has 3 pages; the first 2 were read."
    ]


def test_one_number_in_two_offices_is_two_designs(tmp_path: Path, make, index, encoder) -> None:
    table = rows(*({"file_name": "a.png", "design_id": "7", "office": o} for o in ("US", "EM")))
    make.write(tmp_path / "in", {"metadata.jsonl": table, "a.png": make.picture(1)})
    assert counts(run([tmp_path / "in"], index, encoder)) == (2, 2, 0, 0)
    assert index.facet("office") == {"US": 1, "EM": 1}


@pytest.mark.parametrize("between", [0, 200])
def test_a_figure_twice_with_different_contents_is_said_and_the_later_stays(
    tmp_path: Path, make, open_index, encoder, between: int
) -> None:
    items = [("x.png", "1"), *((f"{i}.png", f"n{i}") for i in range(between)), ("y.png", "1")]
    table = rows(*({"file_name": f, "design_id": "A", "figure": n} for f, n in items))
    pictures = {name: make.picture(i) for i, (name, _) in enumerate(items)}
    make.write(tmp_path / "in", {"metadata.jsonl": table, **pictures})
    for _ in range(2):  # the second time, one of the two differs from what is stored
        index = open_index()
        summary = run([tmp_path / "in"], index, encoder)
        assert summary.read == between + 2
        assert [w["reason"].split(":")[0] for w in summary.warnings] == [
            "figure 1 of design A comes twice with different contents"
        ]
        assert index.count() == between + 1
        (stored,) = index.retrieve([figure_id("", "A", "1")])
        assert stored.payload["file"].endswith("y.png")


def test_the_same_content_under_two_numbers_is_kept_twice(
    tmp_path: Path, make, index, encoder
) -> None:
    make.write(tmp_path / "in", {"oak.png": make.picture(1), "elm.png": make.picture(1)})
    assert counts(run([tmp_path / "in"], index, encoder)) == (2, 2, 0, 0)
    assert counts(run([tmp_path / "in", tmp_path / "in"], index, encoder)) == (4, 0, 4, 0)
    assert index.count() == 2


def test_an_unknown_class_costs_only_itself(tmp_path: Path, make, index, encoder) -> None:
    table = rows({"file_name": "a.png", "design_id": "A", "locarno": "45-01"})
    make.write(tmp_path / "in", {"metadata.jsonl": table, "a.png": make.picture(1)})
    summary = run([tmp_path / "in"], index, encoder)
    assert counts(summary) == (1, 1, 0, 0)
    assert "class left out" in summary.warnings[0]["reason"]
    assert not summary.errors


def test_a_point_the_store_refuses_does_not_take_others_with_it(
    tmp_path: Path, make, index, encoder
) -> None:
    make.write(tmp_path / "in", {f"{name}.png": make.picture(i) for i, name in enumerate("abc")})

    def odd(design, figure, vectors, **options):
        made = point(design, figure, vectors, **options)
        wrong = {"holder": 7} if design.id == "b" else {}  # a keyword must be a text
        return replace(made, payload={**made.payload, **wrong})

    summary = pipeline.ingest([tmp_path / "in"], index, encoder, odd)
    assert counts(summary) == (3, 2, 0, 1)
    assert summary.errors[0]["file"].endswith("b.png")
    assert index.count() == 2


def test_a_drawing_the_encoder_cannot_see_is_named(tmp_path: Path, make, index, encoder) -> None:
    make.write(tmp_path / "in", {"a.png": make.picture(1), "b.png": make.picture(2)})
    blind = replace(encoder, tower=lambda pixels: (encoder.tower(pixels)[0] * [[0], [1]], None))
    summary = run([tmp_path / "in"], index, blind)
    assert counts(summary) == (2, 1, 0, 1)
    assert "sees nothing" in summary.errors[0]["reason"]


def test_a_store_that_fails_says_how_far_it_came(tmp_path: Path, make, index, encoder) -> None:
    make.write(tmp_path / "in", {f"{i}.png": make.picture(i) for i in range(150)})

    def failing(done: int, _: object, __: str) -> None:
        index.close()  # as if its disk were gone

    with pytest.raises(IndexUnavailable, match=r"closed.*64 figures were indexed.*run the same"):
        run([tmp_path / "in"], index, encoder, progress=failing)


def test_progress_counts_up_to_what_was_read(tmp_path: Path, make, index, encoder) -> None:
    make.write(tmp_path / "in", {f"{i}.png": make.picture(i) for i in range(100)})
    seen = []
    run([tmp_path / "in"], index, encoder, progress=lambda done, total, what: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 100


def test_ctrl_c_finishes_what_is_in_hand(tmp_path: Path, make, open_index, encoder) -> None:
    make.write(tmp_path / "in", {f"{i:03}.png": make.picture(i) for i in range(400)})
    index = open_index()
    before = signal.getsignal(signal.SIGINT)
    stopped = run(
        [tmp_path / "in"], index, encoder,
        progress=lambda done, *_: signal.raise_signal(signal.SIGINT) if done == 64 else None,
    )  # fmt: skip
    assert stopped.interrupted
    assert 64 <= stopped.indexed < 400
    assert index.count() == stopped.indexed
    assert signal.getsignal(signal.SIGINT) is before
    rest = run([tmp_path / "in"], index, encoder)
    assert (rest.unchanged, rest.indexed) == (stopped.indexed, 400 - stopped.indexed)
    assert index.count() == 400


def test_a_second_ctrl_c_stops_at_once(tmp_path: Path, make, index, encoder) -> None:
    make.write(tmp_path / "in", {f"{i:03}.png": make.picture(i) for i in range(200)})

    def twice(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run([tmp_path / "in"], index, encoder, progress=twice)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


KILLED = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("builders", {conftest!r})
builders = importlib.util.module_from_spec(spec)
spec.loader.exec_module(builders)
from engine.plan import EncoderCard
from ingest import pipeline
from qdrant import open_store
from qdrant.points import point
from qdrant.schema import Schema
encoder = builders.small_encoder()
store = open_store({store!r})
index = (store.open("designs") if store.exists("designs")
         else store.create("designs", encoder.card, Schema.for_card(encoder.card)))
say = lambda done, *_: print(done, flush=True)
summary = pipeline.ingest([Path({source!r})], index, encoder, point, progress=say)
print("count", index.count(), summary.read, summary.indexed, summary.unchanged, flush=True)
index.close()
"""


def test_killed_in_the_middle_it_resumes(tmp_path: Path, make) -> None:
    """kill -9 at random moments; then every figure is there once, and none is encoded twice over."""
    total = 300
    make.write(tmp_path / "in", {f"{i:03}.png": make.picture(i) for i in range(total)})
    code = KILLED.format(
        conftest=str(Path(__file__).with_name("conftest.py")), store=str(tmp_path / "store"),
        source=str(tmp_path / "in"),
    )  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    chance = random.Random(3)
    acknowledged = 0
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        assert process.stdout
        line = process.stdout.readline()  # at least one batch is durable
        time.sleep(chance.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        said = [line, *process.stdout.read().splitlines()]
        process.stdout.close()
        process.wait()
        acknowledged = max([acknowledged, *(int(s) for s in said if s.strip().isdigit())])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment,
        check=True,
    )  # fmt: skip
    count, read, indexed, unchanged = map(int, done.stdout.split("count")[1].split())
    assert (count, read) == (total, total)
    assert indexed + unchanged == total
    assert unchanged >= acknowledged > 0, "what was acknowledged was there"


def test_encode_only_gives_the_rows_that_ingest_stores(
    tmp_path: Path, make, index, encoder
) -> None:
    make.write(tmp_path / "in", {"w.tar": make.weekly(2), "bad.png": "x"})
    gallery = pipeline.encode_only([tmp_path / "in"], encoder)
    run([tmp_path / "in"], index, encoder)
    stored = {p.payload["file"]: p.vectors["image"] for p in index.scroll(vectors=("image",))}
    assert len(gallery.labels.ids) == len(stored) == 4
    for file, row in zip(gallery.labels.ids, gallery.embeddings, strict=True):
        assert np.allclose(row, stored[file], atol=1e-6)
    assert gallery.labels.classes == ("06",) * 4
    assert gallery.labels.design_ids == ("US:USD900000",) * 2 + ("US:USD900001",) * 2
    assert [p.file.endswith("bad.png") for p in gallery.problems] == [True]


def test_a_survey_stores_nothing(tmp_path: Path, make) -> None:
    make.write(tmp_path / "in", {"w.tar": make.weekly(2), "bad.png": "x"})
    found = pipeline.survey([tmp_path / "in"])
    assert (found["read"], found["designs"], found["with_class"], found["skipped"]) == (5, 2, 2, 1)
    assert found["examples"][0] == {
        "design_id": "USD900000", "title": "Chair", "locarno": "06-01", "figures": "2",
    }  # fmt: skip


def test_a_path_that_holds_nothing_is_refused_first(tmp_path: Path, make, index, encoder) -> None:
    make.write(tmp_path / "in", {"oak.png": make.picture(1)})
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="holds no drawings"):
        run([tmp_path / "in", tmp_path / "empty"], index, encoder)
    assert index.count() == 0


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_mutated_pictures_never_crash(make, encoder, data) -> None:
    kind = data.draw(st.sampled_from(["PNG", "TIFF", "JPEG", "GIF", "BMP", "WEBP"]))
    content = bytearray(make.picture(1, kind))
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    figure = Figure(number="1", file=f"a.{kind}", content=bytes(content))
    for found in figures(Design(id="A", figures=(figure,))):
        if isinstance(found, Figure):
            try:
                assert isinstance(encoder.encode_all([prepare(found, encoder).square]), Encoded)
            except ImageError as error:
                assert str(error)


@pytest.mark.data
def test_the_real_grants_are_all_stored(real_drawings: Path, index, encoder) -> None:
    summary = run([real_drawings / "uspto-grants"], index, encoder)
    assert counts(summary) == (52, 52, 0, 0)
    assert index.count() == 52
    assert index.facet("design_id")["USD910058"] == 9
    assert index.facet("locarno_subclass")["12-16"] == 12  # 3 + 2 + 7 sheets


def test_the_address_of_a_figure_is_its_own(tmp_path: Path, make, index, encoder) -> None:
    make.write(tmp_path / "in", {"oak.png": make.picture(1)})
    addressed = partial(point, image_url="http://127.0.0.1:8000/figures/")
    pipeline.ingest([tmp_path / "in"], index, encoder, addressed)
    (stored,) = index.scroll()
    assert stored.payload["image_url"] == f"http://127.0.0.1:8000/figures/{stored.id}.png"
    run([tmp_path / "in"], index, encoder)
    (stored,) = index.scroll()
    assert "image_url" in stored.payload, "not given this time, and still true"

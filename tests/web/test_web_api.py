"""The API: the same answers as the library's, hostile uploads, and what its OpenAPI promises."""

from __future__ import annotations

import io
import json
import socket
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import explain
from engine.query import Filters, Query, View
from engine.search import Searcher
from engine.web.desk import Desk

BAD = {400, 413, 422}


def asked(send: Any, question: Path, **fields: Any) -> Any:
    return send.post("/api/search", files={"drawing": question.read_bytes()}, data=fields)


def test_search_answers_as_the_library_does(send: Any, desk: Desk, question: Path) -> None:
    expected = Searcher(desk.index, desk.encoder).search(
        Query(drawings=(View.read(question),), filters=Filters(before=None)), limit=7
    )
    answer = asked(send, question, limit=7).json()
    assert [(h["design_id"], h["figure"]) for h in answer["hits"]] == [
        (hit.design_id, hit.figure) for hit in expected
    ]
    assert [h["score"] for h in answer["hits"]] == [round(hit.score, 6) for hit in expected]
    assert all(len(h["figures"]) == 5 for h in answer["hits"])
    assert not answer["fused"]


def test_filters_hold_for_every_hit(send: Any, desk: Desk, question: Path) -> None:
    code = desk.classes()[1].code
    found = asked(send, question, **{"class": code, "limit": 50}).json()
    assert found["hits"] and {h["locarno_class"] for h in found["hits"]} == {code}
    every = asked(send, question, limit=50).json()["hits"]
    assert len(every) == 12
    days = sorted(h["published"] for h in every)
    earlier = asked(send, question, before=days[5], limit=50).json()["hits"]
    assert sorted(h["published"] for h in earlier) == days[:5]  # strictly earlier
    later = asked(send, question, after=days[5], limit=50).json()["hits"]
    assert sorted(h["published"] for h in later) == days[5:]
    left = asked(send, question, exclude=every[0]["design_id"], limit=50).json()["hits"]
    assert {h["design_id"] for h in every} - {h["design_id"] for h in left} == {
        every[0]["design_id"]
    }


def test_a_match_is_explained_as_the_library_does(send: Any, desk: Desk, question: Path) -> None:
    hit = asked(send, question, limit=1).json()["hits"][0]
    seen = {}
    for side in ("both", "ours", "theirs"):
        answer = send.post(
            f"/api/explain?figure={hit['id']}&side={side}",
            files={"drawing": question.read_bytes()},
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/png"
        seen[side] = Image.open(io.BytesIO(answer.content))
    theirs = desk.drawing(hit["id"])
    assert theirs is not None
    why = explain.explain(desk.encoder, View.read(question).picture, theirs)
    expected = explain.coloured(why.theirs, seen["theirs"].width)
    assert seen["theirs"].tobytes() == expected.tobytes()
    assert seen["both"].width > 2 * explain.PANE_PX
    assert seen["ours"].tobytes() != seen["theirs"].tobytes()


def test_what_cannot_be_explained_is_said(send: Any, question: Path) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    sent = {"drawing": question.read_bytes()}
    assert send.post(f"/api/explain?figure={nobody}", files=sent).status_code == 404
    assert send.post("/api/explain?figure=../../etc/passwd", files=sent).status_code == 422
    assert (
        send.post(f"/api/explain?figure={nobody}", files={"drawing": b"no picture"}).status_code
        in BAD
    )


def test_the_report_says_why_the_first_hits_match(send: Any, question: Path) -> None:
    answer = send.post("/report/html", files={"drawing": question.read_bytes()})
    assert answer.status_code == 200
    assert answer.text.count("with the strokes that made them match") == 5


def test_several_views_and_counter_examples(send: Any, desk: Desk, question: Path) -> None:
    one = View.read(question)
    mirrored = Image.open(question).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    stream = io.BytesIO()
    mirrored.save(stream, "PNG")
    files = [
        ("drawing", ("a.png", question.read_bytes())),
        ("drawing", ("b.png", stream.getvalue())),
    ]
    answer = send.post("/api/search", files=files, data={"drawing_weight": ["2", "-0.5"]}).json()
    views = (View(one.picture, 2.0), View(mirrored.convert("L"), -0.5))
    expected = Searcher(desk.index, desk.encoder).search(Query(drawings=views), limit=24)
    assert [h["design_id"] for h in answer["hits"]] == [hit.design_id for hit in expected]
    assert answer["hits"][0]["score"] == round(expected[0].score, 6)


def test_words_are_fused_and_taken_apart(send: Any) -> None:
    answer = send.post(
        "/api/search", data={"text": ["chair", ""], "text_weight": ["1", "-1"]}
    ).json()
    assert answer["fused"]
    for hit in answer["hits"]:
        added = sum(value for name, value in hit["stages"].items() if name.endswith(" adds"))
        assert added == pytest.approx(hit["score"], abs=1e-6)


def test_like_and_unlike_leave_the_named_design_out(send: Any) -> None:
    found = send.post("/api/search", data={"like": "DM000001", "unlike": "DM000003"}).json()["hits"]
    numbers = {hit["design_id"] for hit in found}
    assert len(found) == 10 and not numbers & {"DM000001", "DM000003"}


def test_classify_gives_probabilities(send: Any, question: Path) -> None:
    found = send.post("/api/classify", files={"drawing": question.read_bytes()}).json()
    chances = [item["probability"] for item in found]
    assert chances == sorted(chances, reverse=True) and 0 < sum(chances) <= 1 + 1e-9
    automatic = asked(send, question, **{"class": "auto"}).json()
    assert set(automatic["classes"]) <= {item["code"] for item in found}


def test_a_design_with_all_its_figures(send: Any, register: Path) -> None:
    record = send.get("/api/designs/DM000003").json()
    rows = [
        json.loads(line) for line in (register / "register/metadata.jsonl").read_text().splitlines()
    ]
    own = [row for row in rows if row["design_id"] == "DM000003"]
    assert [figure["figure"] for figure in record["figures"]] == ["1", "2", "3", "4", "5"]
    assert [figure["view"] for figure in record["figures"]] == [row["view"] for row in own]
    assert (record["title"], record["holder"]) == (own[0]["title"], own[0]["holder"])
    assert send.get("/api/designs/NONE").status_code == 404


def test_pictures_come_from_the_files_they_were_read_from(send: Any, register: Path) -> None:
    from engine import drawing

    figure = send.get("/api/designs/DM000003").json()["figures"][0]
    answer = send.get(figure["picture"])
    assert answer.headers["content-type"] == "image/png"
    shown = Image.open(io.BytesIO(answer.content))
    page = drawing.decode((register / "register/DM000003-perspective.png").read_bytes())
    left, top, right, bottom = drawing.ink_box(page) or (0, 0, 0, 0)
    assert shown.size == (right - left, bottom - top)  # smaller than 480 px: as it is
    ours = np.asarray(page.crop((left, top, right, bottom)), dtype=int)
    assert np.abs(np.asarray(shown.convert("L"), dtype=int) - ours).max() <= 40  # sixteen greys
    small = Image.open(io.BytesIO(send.get(figure["thumbnail"]).content))
    assert small.size == (160, 160)


def test_a_changed_file_is_not_shown(desk: Desk, register: Path) -> None:
    """A path of the collection leads to no other content than what was ingested."""
    from ingest.originals import Originals

    figure = desk.design("DM000004")
    assert figure is not None
    payload = dict(desk.index.retrieve([figure.figures[0].id])[0].payload)
    find = Originals()
    assert find(payload) == Path(payload["file"]).read_bytes()
    assert find(payload | {"file": "/etc/passwd"}) is None
    assert find(payload | {"file": str(register / "register/DM000005-front.png")}) is None
    moved = payload | {"file": "elsewhere/" + Path(payload["file"]).name}
    assert find(moved) is None
    assert Originals([register / "register"])(moved) == find(payload)


def test_counts_and_holders(send: Any, register: Path) -> None:
    rows = [
        json.loads(line) for line in (register / "register/metadata.jsonl").read_text().splitlines()
    ]
    counted = {item["code"]: item["figures"] for item in send.get("/api/classes").json()}
    expected: dict[str, int] = {}
    for row in rows:
        expected[row["locarno"][:2]] = expected.get(row["locarno"][:2], 0) + 1
    assert counted == expected
    held = send.get("/api/holders", params={"q": "birch"}).json()
    assert held == [
        {"holder": "Birch Works", "figures": sum(r["holder"] == "Birch Works" for r in rows)}
    ]
    assert send.get("/api/status").json()["figures"] == 60


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"text": " "}, {"text": "chair", "class": "99-98"}, {"text": "chair", "class": "6 June"},
        {"text": "chair", "before": "yesterday"}, {"text": "chair", "limit": "0"},
        {"text": "chair", "limit": "1e9"}, {"text": "chair", "text_weight": "nan"},
        {"text": "chair", "text_weight": "-1"}, {"text": "x" * 5000}, {"like": "NO-SUCH"},
        {"text": "chair", "after": "2021-01-01", "before": "2020-01-01"},
        {"text": "chair", "min_score": "inf"}, {"text": "chair", "diversity": "1"},
        {"unlike": "DM000001"}, {"text": "chair", "class": "auto"},
        {"text": "chair", "holder": [str(i) for i in range(400)]},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_said(send: Any, fields: dict[str, Any]) -> None:
    answer = send.post("/api/search", data=fields)
    assert answer.status_code == 422
    assert len(answer.json()["detail"]) > 10


def hostile() -> list[bytes]:
    """A hundred files that are no drawing, or hardly one: cut, flipped, bombs, other formats."""
    stream = io.BytesIO()
    Image.effect_mandelbrot((200, 150), (-2, -1, 1, 1), 20).save(stream, "PNG")
    good = stream.getvalue()
    stream = io.BytesIO()
    Image.new("1", (300, 200), 1).save(stream, "TIFF", compression="group4")
    tiff = stream.getvalue()
    stream = io.BytesIO()
    Image.effect_noise((90, 90), 60).convert("RGB").save(stream, "JPEG")
    jpeg = stream.getvalue()

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    def png_of(width: int, height: int, body: bytes) -> bytes:
        head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(body))
            + chunk(b"IEND", b"")
        )  # fmt: skip

    files = [
        b"", b"\0", b"GIF89a", b"BM", b"II*\0", b"MM\0*", b"%PDF-1.7\n%%EOF", b"<svg onload=alert(1)/>",
        b"<script>alert(1)</script>", b"PK\x03\x04" + bytes(80), b"RIFF\xff\xff\xff\xffWEBPVP8L",
        png_of(30_000, 30_000, b""), png_of(65_500, 600, b""), png_of(6000, 6000, bytes(6001 * 6000)),
        png_of(0, 0, b""), png_of(5, 5, b""), png_of(1, 2**31 - 1, b""), bytes(3_000_000),
        png_of(40, 40, (b"\0" + b"\xff" * 40) * 40),
    ]  # fmt: skip
    files += [
        whole[: len(whole) * part // 9] for whole in (good, tiff, jpeg) for part in range(1, 9)
    ]
    rng = np.random.default_rng(5)
    while len(files) < 100:
        whole = bytearray((good, tiff, jpeg)[len(files) % 3])
        for place in rng.integers(0, len(whole), 12):
            whole[place] = int(rng.integers(0, 256))
        files.append(bytes(whole))
    return files


def test_a_hundred_hostile_uploads_leave_it_answering(
    send: Any, question: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = hostile()
    assert len(files) == 100
    seen = []
    for content in files:
        answer = send.post("/api/search", files={"drawing": ("../../etc/x.png", content)})
        seen.append(answer.status_code)
        assert answer.status_code in {200, *BAD}, content[:40]
        if answer.status_code != 200:
            assert "Traceback" not in answer.text and answer.json()["detail"]
    assert sum(status != 200 for status in seen) > 50
    assert list(tmp_path.iterdir()) == []  # no upload was ever written
    assert asked(send, question, limit=1).json()["hits"][0]["rank"] == 1


def test_uploads_are_bounded(send: Any, question: Path) -> None:
    from engine.web import asking, safety

    large = {"drawing": bytes(asking.MAX_FILE + 1)}
    assert "MiB" in send.post("/api/search", files=large).json()["detail"]
    many = [("drawing", ("a.png", question.read_bytes()))] * (asking.MAX_VIEWS + 1)
    assert send.post("/api/search", files=many).status_code == 422

    def without_length() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="drawing"; filename="a"\r\n\r\n'
        for _ in range(safety.MAX_BODY // 2**20 + 1):
            yield bytes(2**20)

    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = send.post("/api/search", content=without_length(), headers=kind)
    assert answer.status_code == 413
    # A length that is announced and too long is refused before anything is sent.
    with socket.create_connection((send.base_url.host, send.base_url.port), timeout=10) as line:
        line.sendall(
            b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n"
        )
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_no_path_of_a_request_reaches_the_disk(send: Any) -> None:
    for path in (
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fdesk.py", "/figures/../../x.png",
        "/figures/%2e%2e%2fetc%2fpasswd.png", "/thumbs/x.png", "/designs/..%2f..%2fetc%2fpasswd",
        "/static//etc/passwd", "/report/..%2fhtml",
    ):  # fmt: skip
        answer = send.get(path)
        assert answer.status_code in {404, 405, 422}, path
        assert "root:" not in answer.text and "import " not in answer.text


@pytest.mark.filterwarnings("default")
def test_openapi_is_kept(address: str) -> None:
    """Schemathesis: made-up requests get only what the OpenAPI announces, and never a 500."""
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    from hypothesis import HealthCheck, Phase, given, settings

    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {operation.path for operation in operations} >= {"/api/search", "/api/classify"}
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=12, deadline=None, phases=[Phase.generate], derandomize=True,
            database=None, suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def holds(case: Any) -> None:
            answer = case.call()
            case.validate_response(
                answer,
                checks=[
                    schemathesis.checks.not_a_server_error,
                    *_checks(schemathesis),
                ],
            )

        holds()


def _checks(schemathesis: Any) -> list[Any]:
    from schemathesis.specs.openapi import checks

    return [
        checks.status_code_conformance, checks.content_type_conformance,
        checks.response_schema_conformance,
    ]  # fmt: skip

"""The client's side of a server: what is asked, in which order, and what happens when it fails.

The answers come from a small HTTP server here; that a real Qdrant agrees is what the contract
tests show where QDRANT_TEST_URL names one.
"""

from __future__ import annotations

import json
import re
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from engine.errors import IndexMismatch, IndexUnavailable
from engine.plan import AnyOf, EncoderCard, Filter, Nearest, Point, SearchPlan
from qdrant import server
from qdrant.schema import INDEXES, Schema
from qdrant.store import BEYOND, open_store

CARD = EncoderCard("test-encoder", "1", 4, "abc123", text_dimension=2)
ROW = np.eye(4, dtype=np.float32)[0]
POINT = Point("00000000-0000-0000-0000-000000000001", {"image": ROW}, {"design_id": "D1"})


def plain(path: str) -> str:
    return re.sub(r"--[0-9a-f]{6}", "", path)


@dataclass
class Answers:
    """A Qdrant of one collection: remembers requests, fails when told to."""

    url: str = ""
    version: str = "1.19.1"
    metadata: dict[str, Any] | None = None
    exists: bool = False
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def paths(self) -> list[str]:
        """What was asked, without the part of a collection's name that is drawn by lot."""
        return [f"{method} {plain(path)}" for method, path, _ in self.asked]

    def body(self, path: str) -> dict[str, Any]:
        return next(body for _, asked, body in self.asked if plain(asked).split("?")[0] == path)

    def result(self, method: str, path: str, body: dict[str, Any]) -> Any:
        path = path.split("?")[0]
        if path == "/collections":
            return {"collections": [{"name": "designs"}] if self.exists else []}
        if path == "/aliases":
            return {"aliases": []}
        if path == "/collections/aliases":
            return True
        if path.startswith("/collections/designs--") and path.count("/") == 2:
            self.exists, self.metadata = True, body.get("metadata")
            return True
        if path == "/collections/designs" and method == "GET":
            return {
                "status": "green",
                "optimizer_status": "ok",
                "segments_count": 1,
                "config": {
                    "params": {},
                    "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
                    "optimizer_config": {
                        "deleted_threshold": 0.2,
                        "vacuum_min_vector_number": 1000,
                        "default_segment_number": 0,
                        "flush_interval_sec": 5,
                    },
                    "metadata": self.metadata,
                },
                "payload_schema": {
                    key: {"data_type": kind, "points": 0}
                    for key, kind in INDEXES.items()
                    if key != "holder"
                },
            }
        if path.endswith("/points/query"):
            return {"points": []}
        if path.endswith("/points/count"):
            return {"count": 3}
        return {"operation_id": 1, "status": "completed"}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    monkeypatch.setattr(server, "BACKOFF_S", 0.01)
    told = Answers()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "{}")
            told.asked.append((self.command, self.path, body))
            told.keys.append(self.headers.get("api-key"))
            told.times.append(time.monotonic())
            code, headers = told.failures.pop(0) if told.failures else (200, {})
            if code != 200:
                said: Any = {"status": {"error": "no such luck"}, "time": 0.0}
            elif self.path == "/":
                said = {"title": "qdrant", "version": told.version}
            else:
                result = told.result(self.command, self.path, body)
                said = {"result": result, "status": "ok", "time": 0.0}
            payload = json.dumps(said).encode()
            self.send_response(code)
            for name, value in {**headers, "Content-Length": str(len(payload))}.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_PUT = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        told.url = f"http://127.0.0.1:{httpd.server_address[1]}"
        yield told
        httpd.shutdown()
        thread.join()


def test_indexes_are_made_before_data_and_writes_are_waited_for(answers: Answers) -> None:
    schema = Schema.for_card(CARD, text=True, quantized=True)
    with (
        open_store(answers.url, "secret") as store,
        store.create("designs", CARD, schema) as collection,
    ):
        collection.upsert([POINT])
        collection.delete(Filter((AnyOf("office", ("US",)),)))
    assert set(answers.keys) == {"secret"}
    paths = answers.paths()
    made = paths.index("PUT /collections/designs?timeout=60")
    indexes = [i for i, path in enumerate(paths) if "/index" in path]
    named = paths.index("POST /collections/aliases?timeout=60")
    data = paths.index("PUT /collections/designs/points?wait=true")
    # What is cut short before it has a name is no collection.
    assert made < min(indexes) and max(indexes) < named < data and len(indexes) == len(INDEXES)
    assert "POST /collections/designs/points/delete?wait=true" in paths
    body = answers.body("/collections/designs")
    assert body["vectors"]["image"]["size"] == 4
    assert body["vectors"]["image"]["quantization_config"]["scalar"]["type"] == "int8"
    assert body["vectors"]["descriptions"]["hnsw_config"] == {"m": 0}
    assert body["vectors"]["descriptions"]["on_disk"] is True
    assert body["vectors"]["descriptions"]["multivector_config"] == {"comparator": "max_sim"}
    assert body["sparse_vectors"] == {"bm25": {"modifier": "idf"}}
    assert body["strict_mode_config"]["unindexed_filtering_retrieve"] is False
    assert body["metadata"]["engine"]["card"] == asdict(CARD)
    asked = [body for _, path, body in answers.asked if "/index" in path]
    assert {a["field_name"]: a["field_schema"] for a in asked} == INDEXES


def test_opening_reads_the_record_and_finishes_the_indexes(answers: Answers) -> None:
    schema = Schema.for_card(CARD)
    answers.exists = True
    answers.metadata = {"engine": {"card": asdict(CARD), "schema": schema.record()}}
    with open_store(answers.url) as store, store.open("designs") as collection:
        assert collection.card == CARD
        assert collection.schema == schema
    assert answers.body("/collections/designs/index") == {
        "field_name": "holder",
        "field_schema": "keyword",
    }


def test_how_a_search_is_asked(answers: Answers) -> None:
    schema = Schema.for_card(CARD, quantized=True)
    where = Filter((AnyOf("path", ("06",)), AnyOf("holder", ("A",))))
    with open_store(answers.url) as store, store.create("designs", CARD, schema) as collection:
        collection.search(SearchPlan(Nearest("image", ROW), 5, where, with_payload=("file",)))
    body = answers.body("/collections/designs/points/query")
    assert body["limit"] == 5 + BEYOND  # some more, to see a tie at the cut
    assert body["using"] == "image"
    assert body["with_payload"] == ["file"]
    assert body["with_vector"] is False
    # Two keys at once: the graph must look further. Quantised: choose twice as many, rescore.
    assert body["params"]["acorn"]["enable"] is True
    assert body["params"]["quantization"] == {
        "rescore": True,
        "oversampling": 2.0,
    }


def test_a_collection_of_somebody_elses_is_refused(answers: Answers) -> None:
    answers.exists = True
    with open_store(answers.url) as store, pytest.raises(IndexMismatch, match="records no encoder"):
        store.open("designs")


def test_an_old_server_is_refused(answers: Answers) -> None:
    answers.version = "1.15.4"
    with (
        open_store(answers.url) as store,
        pytest.raises(IndexUnavailable, match=r"1\.15\.4; collections need 1\.16"),
    ):
        store.create("designs", CARD, Schema.for_card(CARD))


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_server_is_asked_again(answers: Answers, code: int) -> None:
    answers.failures = [(code, {}), (code, {})]
    with open_store(answers.url) as store:
        assert store.collections() == []
    assert answers.paths() == ["GET /collections"] * 3 + ["GET /aliases"]


def test_a_server_that_stays_busy_is_named(answers: Answers) -> None:
    answers.failures = [(503, {})] * 99
    with (
        open_store(answers.url) as store,
        pytest.raises(IndexUnavailable, match=rf"{answers.url} could not list.*503.*no such luck"),
    ):
        store.collections()
    assert len(answers.asked) == server.RETRIES + 1


def test_a_server_says_how_long_to_wait(answers: Answers) -> None:
    answers.failures = [(429, {"Retry-After": "1"})]
    with open_store(answers.url) as store:
        store.collections()
    assert answers.times[1] - answers.times[0] >= 1
    answers.failures = [(429, {"Retry-After": "3600"})]
    with open_store(answers.url) as store, pytest.raises(IndexUnavailable, match="too busy"):
        store.collections()


@pytest.mark.parametrize(
    ("code", "words"), [(401, "ENGINE_API_KEY"), (403, "ENGINE_API_KEY"), (400, "answered 400")]
)
def test_a_refusal_is_not_asked_again(answers: Answers, code: int, words: str) -> None:
    answers.failures = [(code, {})]
    with open_store(answers.url) as store, pytest.raises(IndexUnavailable, match=words):
        store.collections()
    assert len(answers.asked) == 1


def test_a_server_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BACKOFF_S", 0.001)
    with (
        open_store("http://127.0.0.1:1") as store,
        pytest.raises(IndexUnavailable, match=r"127\.0\.0\.1:1 .*cannot be reached.*compose"),
    ):
        store.collections()


def test_a_key_is_quiet_on_this_machine_and_loud_on_a_network() -> None:
    open_store("http://127.0.0.1:6333", "secret").close()  # warnings are errors here
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        open_store("http://qdrant.example:6333", "secret").close()
    assert any("insecure" in str(warning.message) for warning in said)


def test_something_else_than_qdrant_is_said_so(answers: Answers) -> None:
    answers.result = lambda *_: "hello"  # type: ignore[method-assign]
    with (
        open_store(answers.url) as store,
        pytest.raises(IndexUnavailable, match="no Qdrant server"),
    ):
        store.collections()

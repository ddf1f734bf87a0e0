"""A store of every kind, and a small collection of made-up figures whose answers can be worked out."""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.plan import EncoderCard, Point, SparseVector, unit_rows
from qdrant.schema import Schema
from qdrant.store import Collection, Store, open_store

CARD = EncoderCard("test-encoder", "1", 16, "abc123", text_dimension=8)
SERVER = os.environ.get("QDRANT_TEST_URL")
BACKENDS = ["memory", "edge"]
if SERVER:
    BACKENDS.append("server")
LOST = (  # a server's own words
    "Service internal error: Failed to apply operation to at least one `Active` replica. "
    "Consistency of this update is not guaranteed. Please retry."
)
CLASSES = ["06-01", "06-04", "07-01", "09-01", "26-05"]


@pytest.fixture(scope="session")
def card() -> EncoderCard:
    return CARD


@pytest.fixture(scope="session")
def schema() -> Schema:
    return Schema.for_card(CARD, text=True)


@pytest.fixture(scope="session")
def points() -> list[Point]:
    """A hundred figures: every key filled for most, left out for some, in no order of ids."""
    rng = np.random.default_rng(6)
    first = date(2019, 12, 20)
    made = []
    for i in range(100):
        codes = [CLASSES[i % 5]] + ([CLASSES[(i + 2) % 5]] if i % 7 == 0 else [])
        payload = {
            "office": ["US", "EM", "WO"][i % 3],
            "design_id": f"D{i // 4:04}",
            "figure": str(i % 4 + 1),
            "locarno_class": codes[0][:2],
            "locarno_subclass": codes[0],
            "path": sorted({level for code in codes for level in (code[:2], code)}),
            "sha256": f"{i:064x}",
            "number": i,
        }
        if i % 4:
            payload["published"] = (first + timedelta(days=i % 25)).isoformat()
        if i % 5:
            payload["holder"] = f"Holder {i % 6}"
        vectors = {
            "image": unit_rows(rng.normal(size=16))[0],
            "text": unit_rows(rng.normal(size=8))[0],
            "bm25": SparseVector((i % 3, 10 + i % 11), (1 + i / 70, 0.5 + i / 200)),
            "descriptions": unit_rows(rng.normal(size=(1 + i % 3, 8))),
        }
        id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"figure {i}"))
        made.append(Point(id, vectors, payload))
    return made


def opened(kind: str, folder: Path) -> Store:
    if kind == "server":
        return open_store(str(SERVER), os.environ.get("QDRANT_TEST_API_KEY", ""))
    return open_store(":memory:" if kind == "memory" else folder)


@pytest.fixture(scope="module", params=BACKENDS)
def filled(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    schema: Schema,
    points: list[Point],
) -> Iterator[Collection]:
    """The hundred figures in a collection; for tests that only read."""
    yield from _collection(request.param, tmp_path_factory.mktemp("store"), schema, points)


@pytest.fixture(params=BACKENDS)
def fresh(
    request: pytest.FixtureRequest, tmp_path: Path, schema: Schema, points: list[Point]
) -> Iterator[Collection]:
    """The same in a collection of the test's own; for tests that write."""
    yield from _collection(request.param, tmp_path, schema, points)


@pytest.fixture(params=BACKENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, or a server that may hold other things."""
    with opened(request.param, tmp_path / "store") as made:
        yield made


def _collection(
    kind: str, folder: Path, schema: Schema, points: list[Point]
) -> Iterator[Collection]:
    name = f"test-{uuid.uuid4().hex[:12]}"
    with opened(kind, folder) as store:
        with store.create(name, CARD, schema) as collection:
            collection.upsert(points)
            yield collection
        store.drop(name)


# ── a server over real HTTP ──────────────────────────────────────────────────────────────────────


class ReplicaLost(Exception):
    """A write that too few copies took."""


class Double:
    """Qdrant's REST interface over the client's in-memory double: real requests, real sockets.

    ``troubles`` are answers given instead, one a request; ``asked`` is what was asked. While
    ``replica_lost``, points reach some copies and then the write is refused, as a cluster does that
    wants more copies of a write than are left (write_consistency_factor); reads are answered.
    """

    def __init__(self) -> None:
        from qdrant_client import QdrantClient

        self.client = QdrantClient(":memory:")
        self.lock = threading.Lock()
        self.asked: list[tuple[str, str]] = []
        self.troubles: deque[tuple[int, dict[str, str]]] = deque()
        self.replica_lost = False
        self.url = ""

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Any:
        from qdrant_client import models

        ask = self.client
        parts = path.partition("?")[0].strip("/").split("/")
        match method, *parts:
            case ["GET", ""]:
                return {"title": "qdrant", "version": "1.19.1"}
            case ["GET", "collections"]:
                return ask.get_collections()
            case ["GET", "aliases"]:
                return ask.get_aliases()
            case ["POST", "collections", "aliases"]:
                change = models.ChangeAliasesOperation(**body)
                return ask.update_collection_aliases(change.actions)
            case ["PUT", "collections", name]:
                made = models.CreateCollection(**body)
                return ask.create_collection(
                    name, made.vectors, made.sparse_vectors, metadata=made.metadata
                )
            case ["GET", "collections", name]:
                return ask.get_collection(name)
            case ["PATCH", "collections", name]:
                return ask.update_collection(name, metadata=body["metadata"])
            case ["DELETE", "collections", name]:
                return ask.delete_collection(name)
            case ["PUT", "collections", name, "index"]:
                return {"operation_id": 1, "status": "completed"}
            case ["PUT", "collections", name, "points"]:
                points = models.PointsList(**body).points
                if self.replica_lost:
                    ask.upsert(name, points[: len(points) // 2])
                    raise ReplicaLost
                return ask.upsert(name, points)
            case ["POST", "collections", name, "points"]:
                wanted = models.PointRequest(**body)
                return ask.retrieve(
                    name, wanted.ids, wanted.with_payload or False, wanted.with_vector or False
                )
            case ["POST", "collections", name, "points", "scroll"]:
                page = models.ScrollRequest(**body)
                found, following = ask.scroll(
                    name, page.filter, page.limit or 10, None, page.offset,
                    page.with_payload or False, page.with_vector or False,
                )  # fmt: skip
                return {"points": found, "next_page_offset": following}
            case ["POST", "collections", name, "points", "query"]:
                asked = models.QueryRequest(**body)
                return ask.query_points(
                    name, asked.query, asked.using, asked.prefetch, asked.filter,
                    limit=asked.limit or 10, score_threshold=asked.score_threshold,
                    with_payload=asked.with_payload or False,
                    with_vectors=asked.with_vector or False,
                )  # fmt: skip
            case ["POST", "collections", name, "points", "count"]:
                return ask.count(name, models.CountRequest(**body).filter)
            case ["POST", "collections", name, "points", "delete"]:
                return ask.delete(name, models.FilterSelector(**body))
        raise LookupError(f"{method} {path} is not in this double")


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


@pytest.fixture
def double() -> Iterator[Double]:
    """A server with Qdrant's interface on a real port of this machine."""
    told = Double()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "{}")
            told.asked.append((self.command, self.path))
            code, headers = told.troubles.popleft() if told.troubles else (200, {})
            said: Any = {"status": {"error": "a trouble of the test"}, "time": 0.0}
            if code == 200:
                try:
                    with told.lock:
                        result = _plain(told.answer(self.command, self.path, body))
                    bare = self.path == "/"
                    said = result if bare else {"result": result, "status": "ok", "time": 0.0}
                except ReplicaLost:
                    code, said["status"]["error"] = 500, LOST
            payload = json.dumps(said).encode()
            self.send_response(code)
            sent = {"Content-Type": "application/json", "Content-Length": str(len(payload))}
            for name, value in {**sent, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = respond

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        told.url = f"http://127.0.0.1:{httpd.server_address[1]}"
        yield told
        httpd.shutdown()
        thread.join()


@pytest.fixture
def place(tmp_path: Path, double: Double) -> Iterator[Callable[[str], Store]]:
    """A function that opens a store by its kind: memory, edge, http (the double), server."""
    with ExitStack() as held:

        def made(kind: str) -> Store:
            if kind == "http":
                return held.enter_context(open_store(double.url))
            return held.enter_context(opened(kind, tmp_path / kind))

        yield made

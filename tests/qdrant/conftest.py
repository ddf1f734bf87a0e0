"""A store of every kind, and a small collection of made-up figures whose answers can be worked out."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

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

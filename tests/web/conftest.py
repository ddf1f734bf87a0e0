"""A real collection, a real encoder and a real server for the page."""

from __future__ import annotations

import importlib.util
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine import encoder as encoders
from engine.web.desk import Desk
from engine.web.safety import Access
from ingest import describe, pipeline
from ingest.originals import Originals
from qdrant import open_store, points
from qdrant.store import Collection

NEEDED = ("fastapi", "uvicorn", "httpx", "multipart", "openpyxl")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
if MISSING:
    pytest.skip(f"the web extra is not installed: {MISSING}", allow_module_level=True)

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve made designs of five drawings each; the title of the second tries to run a script."""
    from train.corpus.demo import write_register

    folder = tmp_path_factory.mktemp("register")
    write_register(folder, designs=12)
    table = folder / "register" / "metadata.jsonl"
    rows = [json.loads(line) for line in table.read_text("utf-8").splitlines()]
    for row in rows:
        if row["design_id"] == "DM000002":
            row |= {"title": HOSTILE, "holder": f"{HOSTILE} & Sons"}
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


@pytest.fixture(scope="session")
def question(register: Path) -> Path:
    """A drawing to ask about, of a design in the register."""
    return min((register / "queries").glob("*.png"))


@pytest.fixture(scope="session")
def encoder() -> encoders.Encoder:
    return encoders.load(threads=1)


@pytest.fixture(scope="session")
def index(
    register: Path, encoder: encoders.Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Collection]:
    """The register in an embedded store, described offline."""
    store = open_store(tmp_path_factory.mktemp("store"))
    with store.open_or_create("designs", encoder.card, text=True) as made:
        summary = pipeline.ingest(
            [register / "register"], made, encoder, partial(points.point),
            describing=describe.Describing(describe.Offline(), None),
        )  # fmt: skip
        assert summary.record()["indexed"] == 60
        yield made


@pytest.fixture(scope="session")
def desk(index: Collection, encoder: encoders.Encoder) -> Desk:
    return Desk(index, encoder, version="1.2.3", originals=Originals())


@contextmanager
def served(application: Any) -> Iterator[str]:
    """The application on a port of this machine, in a thread; its address."""
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application, log_level="error", access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.fixture(scope="session")
def serving() -> Callable[[Any], AbstractContextManager[str]]:
    """A function that serves an application for a while: see `served`."""
    return served


@pytest.fixture(scope="session")
def address(desk: Desk) -> Iterator[str]:
    """The page of the register, served without a key."""
    from engine.web.app import create_app

    with served(create_app(desk, Access())) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real browser; skips where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def send(address: str) -> Iterator[Any]:
    """An HTTP client of the page that is no browser."""
    import httpx

    with httpx.Client(base_url=address, timeout=60) as client:
        yield client

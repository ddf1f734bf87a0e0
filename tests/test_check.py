"""The audit of the locked dependencies, by the real ``uv audit`` of a server that speaks OSV."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import socket
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
Audit = Callable[..., tuple[int, str]]

pytestmark = pytest.mark.skipif(
    not (os.environ.get("UV") or shutil.which("uv")), reason="uv is not installed"
)


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> Audit:
    monkeypatch.chdir(ROOT)
    found: Audit = runpy.run_path(str(ROOT / "tests" / "check.py"))["audit"]
    return found


@contextmanager
def knowing(holes: dict[str, dict[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    """An OSV server that knows these holes, by package; its address and what it was asked."""
    asked: list[Any] = []

    class Osv(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            asked.extend(queries)
            self.say({"results": [
                {"vulns": [{"id": hole["id"], "modified": hole["modified"]}]}
                if (hole := holes.get(query["package"]["name"])) else {}
                for query in queries
            ]})  # fmt: skip

        def do_GET(self) -> None:
            id = self.path.rpartition("/")[2]
            self.say(next(hole for hole in holes.values() if hole["id"] == id))

        def say(self, told: dict[str, Any]) -> None:
            content = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Osv) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
        server.shutdown()
        thread.join()


def hole(id: str, name: str, *events: dict[str, str]) -> dict[str, Any]:
    """A record of OSV's schema (https://ossf.github.io/osv-schema/)."""
    then = "2099-01-01T00:00:00Z"
    return {
        "schema_version": "1.6.0", "id": id, "summary": "made up", "modified": then,
        "published": then, "aliases": ["CVE-2099-0001"],
        "affected": [{"package": {"ecosystem": "PyPI", "name": name}, "ranges": [
            {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, *events]}]}],
    }  # fmt: skip


def locked() -> set[tuple[str, str]]:
    """What uv.lock holds, without our own; some in several versions, by the Python they are for."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    return {(p["name"], p["version"]) for p in packages if "registry" in p["source"]}


def test_a_known_hole_fails_with_its_id_and_the_version_that_mends_it(audit: Audit) -> None:
    holes = {
        "pillow": hole("PYSEC-2099-1", "pillow", {"fixed": "999.1"}),
        "lxml": hole("PYSEC-2099-2", "lxml"),
    }
    with knowing(holes) as (address, asked):
        code, words = audit("--service-url", address)
    assert code == 1
    versions = dict(locked())
    assert words.splitlines() == [
        f"lxml {versions['lxml']}: PYSEC-2099-2, CVE-2099-0001 (made up); no version mends it yet",
        f"pillow {versions['pillow']}: PYSEC-2099-1, CVE-2099-0001 (made up); fixed in 999.1",
    ]
    # Everything that is locked was asked about, by its locked version.
    assert {(query["package"]["name"], query["version"]) for query in asked} == locked()


def test_without_holes_all_is_well(audit: Audit) -> None:
    with knowing({}) as (address, asked):
        assert audit("--service-url", address) == (
            0, f"ok: no known vulnerability in {len(asked)} locked packages"
        )  # fmt: skip
    assert len(asked) == len(locked())


def test_nobody_to_ask_is_said_and_no_failure(audit: Audit) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    code, words = audit("--service-url", f"http://127.0.0.1:{port}/")
    assert code == 0 and words.startswith("skipped: nothing was audited")
    assert str(port) in words


def test_who_does_not_answer_is_not_waited_for(audit: Audit) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        code, words = audit("--service-url", f"http://127.0.0.1:{port}/", limit_s=3)
    assert (code, words) == (0, "skipped: no answer within 3 s")

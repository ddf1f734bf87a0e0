"""What survives: kill -9 in every stage of a copy and a swap, servers that fail, clocks that jump.

Each test names what it proves. Processes are real and killed; servers are real sockets, with a
real proxy between where a connection has to break. (Ingest killed, the lock between processes, a
full disk and damaged files: ``test_embedded.py``. Refused and busy answers: ``test_served.py``.)
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import IndexUnavailable, SourceError
from engine.plan import AnyOf, EncoderCard, Filter, Nearest, Point, SearchPlan, unit_rows
from qdrant import edge, move, server
from qdrant.archive import Archive
from qdrant.edge import EdgeStore
from qdrant.schema import INDEXES, Schema
from qdrant.store import Collection, Store, open_store

ROOT = Path(__file__).parents[2]
CARD = EncoderCard("test-encoder", "1", 8, "abc123")
SCHEMA = Schema(vectors={"image": 8}, indexes={"path": "keyword", "design_id": "keyword"})


def rows(start: int, stop: int) -> list[Point]:
    """Points whose vectors can be worked out again from their number."""
    return [
        Point(
            f"00000000-0000-0000-0000-{i:012}",
            {"image": unit_rows(np.random.default_rng(i).normal(size=8))[0]},
            {"design_id": f"D{i}", "path": ["06", "06-01"]},
        )
        for i in range(start, stop)
    ]


def same(found: Collection, points: list[Point]) -> None:
    stored = {p.id: p for p in found.scroll(vectors=("image",))}
    assert stored.keys() == {point.id for point in points}
    for point in points:
        assert stored[point.id].payload == point.payload
        np.testing.assert_allclose(
            stored[point.id].vectors["image"], point.vectors["image"], atol=1e-6
        )


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A store with one closed collection, "designs", of four hundred points."""
    folder = tmp_path / "store"
    with EdgeStore(folder).create("designs", CARD, SCHEMA) as collection:
        collection.upsert(rows(0, 400))
    return folder


@pytest.fixture
def child() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A function that runs code in another process, ended with the test."""
    running = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def killed(process: subprocess.Popen[str], line: str) -> None:
    """Kill -9 as soon as the process has said a line."""
    assert process.stdout and process.stderr
    for said in process.stdout:
        if said.strip() == line:
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert process.returncode == -signal.SIGKILL
            return
    raise AssertionError(process.stderr.read())


# ── kill -9 ──────────────────────────────────────────────────────────────────────────────────────

PUSH = """
import sys, time
from qdrant import move
from qdrant.store import open_store
from pathlib import Path
move.BATCH = 20
def slowly(done, total, what):
    print(done, flush=True)
    time.sleep(0.02)
with open_store(Path(sys.argv[1])) as here, here.open("designs") as index:
    goal = sys.argv[2]
    with open_store(goal) as there:
        move.transfer(index, there, "designs", progress=slowly)
print("ended", flush=True)
"""


@pytest.mark.parametrize("kind", ["edge", "http"])
def test_a_killed_push_is_gone_on_with_and_loses_nothing(
    made: Path, tmp_path: Path, double: Any, child: Callable[..., Any], kind: str
) -> None:
    """Proves: what was stored before kill -9 is not stored again, and the end is the original."""
    goal = double.url if kind == "http" else tmp_path / "goal"
    killed(child(PUSH, made, goal), "200")
    with open_store(made) as here, here.open("designs") as index, open_store(goal) as there:
        done = move.transfer(index, there, "designs")
        assert done.read == 400
        assert done.unchanged >= 100  # what is in flight at the kill may have been lost
        with there.open("designs") as copied:
            same(copied, rows(0, 400))


def test_a_killed_push_to_a_server_before_it_had_its_name_leaves_no_collection(
    made: Path, double: Any, child: Callable[..., Any]
) -> None:
    """Proves: a creation cut short is nobody's collection, and the next one succeeds."""
    code = PUSH.replace(
        "with open_store(Path",
        "import os, signal\nfrom qdrant.server import ServerStore\n"
        "ServerStore._alias = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\nwith open_store(Path",
    )
    process = child(code, made, double.url)
    process.wait()
    assert process.returncode == -signal.SIGKILL
    with open_store(made) as here, here.open("designs") as index, open_store(double.url) as there:
        assert not there.exists("designs")
        move.transfer(index, there, "designs")
        with there.open("designs") as copied:
            same(copied, rows(0, 400))


BACKUP = """
import sys, os, signal
from pathlib import Path
from qdrant import archive, move
from qdrant.edge import EdgeStore
archive.SHARD_POINTS = 50
move.BATCH = 50
def report(done, total, what):
    print(done, flush=True)
    if done == 200:
        os.kill(os.getpid(), signal.SIGKILL)
with EdgeStore(Path(sys.argv[1])).open("designs") as index:
    move.backup(index, Path(sys.argv[2]), progress=report)
"""


def test_a_killed_backup_is_never_taken_for_a_whole_one(
    made: Path, tmp_path: Path, child: Callable[..., Any]
) -> None:
    """Proves: an unfinished archive says so, is not restored, and holds only whole shards."""
    child(BACKUP, made, tmp_path / "backup").wait()
    archive = Archive.open(tmp_path / "backup")
    assert not archive.complete and archive.count() == 200
    archive.verify()
    with open_store(tmp_path / "new") as store, pytest.raises(SourceError, match="not finished"):
        move.restore(tmp_path / "backup", store, "designs")


SWAP = """
import sys, os, signal, shutil
from pathlib import Path
from qdrant import edge
step = int(sys.argv[2])
met = 0
def stop(real):
    def stopping(*arguments, **options):
        global met
        met += 1
        if met == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    return stopping
os.fsync = stop(os.fsync)
Path.replace = stop(Path.replace)
shutil.rmtree = stop(shutil.rmtree)
edge.EdgeStore(Path(sys.argv[1])).swap("designs")
print("ended", flush=True)
"""


def test_a_swap_killed_at_any_step_leaves_one_of_the_two(
    tmp_path: Path, child: Callable[..., Any]
) -> None:
    """Proves: there is no moment at which the name has no collection, or half of one."""
    store = EdgeStore(tmp_path)
    for name, first in (("designs", 0), ("designs.next", 100)):
        with store.create(name, CARD, SCHEMA) as collection:
            collection.upsert(rows(first, first + 10))
    store.swap("designs")  # so that there is a previous one, to be removed
    ends = 0
    for step in range(1, 12):
        if not store.exists("designs.next"):
            with store.create("designs.next", CARD, SCHEMA) as collection:
                collection.upsert(rows(100 * step + 100, 100 * step + 110))
        with store.open("designs") as before, store.open("designs.next") as beside:
            allowed = [{p.id for p in c.scroll()} for c in (before, beside)]
        process = child(SWAP, tmp_path, step)
        process.wait()
        ends += process.returncode == 0
        with store.open("designs") as now:
            assert {p.id for p in now.scroll()} in allowed
    assert 0 < ends < 11  # some were killed, and at last there was no step left to kill at


def test_a_killed_graph_building_leaves_the_collection(
    made: Path, child: Callable[..., Any]
) -> None:
    """Proves: the graph is built in a copy; what ends the building ends the copy only."""
    code = """
import sys, os, signal
from pathlib import Path
import qdrant.graph as graph
graph.write_record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
graph._build(graph.EdgeStore(Path(sys.argv[1])), "designs", graph.Graph())
"""
    process = child(code, made)
    process.wait()
    assert process.returncode == -signal.SIGKILL
    with EdgeStore(made).open("designs") as collection:
        assert collection.graph is None
        same(collection, rows(0, 400))


# ── an interrupted upgrade ───────────────────────────────────────────────────────────────────────


def test_an_upgrade_cut_short_is_made_at_the_next_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves: a collection of the schema before is brought up to this one, however often it stops."""
    old = {key: kind for key, kind in INDEXES.items() if key not in ("label", "has_broken_lines")}
    store = EdgeStore(tmp_path)
    labelled = [replace(p, payload={**p.payload, "label": "FIG. 1"}) for p in rows(0, 20)]
    with store.create("designs", CARD, replace(SCHEMA, indexes=old)) as collection:
        collection.upsert(labelled)
    path = tmp_path / "designs" / "collection.json"
    record = json.loads(path.read_text())
    record["schema"]["version"] = 1
    del record["graph"]  # as that version wrote it
    path.write_text(json.dumps(record))

    def cut(*_: object) -> None:
        raise OSError("the plug was pulled")

    monkeypatch.setattr(edge, "write_record", cut)
    with pytest.raises(IndexUnavailable, match="plug"):
        store.open("designs")
    assert json.loads(path.read_text())["schema"]["version"] == 1
    monkeypatch.undo()
    for _ in range(2):
        with store.open("designs") as collection:
            assert collection.schema.indexes == INDEXES
            assert collection.facet("label") == {"FIG. 1": 20}
            assert collection.count(Filter((AnyOf("label", ("FIG. 1",)),))) == 20
    assert json.loads(path.read_text())["schema"]["version"] == 2


def test_a_served_collection_of_the_schema_before_is_upgraded(double: Any) -> None:
    """Proves: on a server too, the record is replaced after the indexes are made."""
    with open_store(double.url) as store:
        store.create("designs", CARD, Schema.for_card(CARD)).close()
        place = next(c.name for c in double.client.get_collections().collections)
        metadata = double.client.get_collection(place).config.metadata
        metadata["engine"]["schema"]["version"] = 1
        for key in ("label", "has_broken_lines"):
            del metadata["engine"]["schema"]["indexes"][key]
        double.client.update_collection(place, metadata=metadata)
        double.asked.clear()
        with store.open("designs") as collection:
            assert collection.schema == Schema.for_card(CARD)
        written = [i for i, (method, _) in enumerate(double.asked) if method == "PATCH"]
        indexes = [i for i, (_, path) in enumerate(double.asked) if "/index" in path]
        assert len(written) == 1 and max(indexes) < written[0]
        double.asked.clear()
        store.open("designs").close()
        assert not any(method == "PATCH" for method, _ in double.asked)


# ── a server that fails ──────────────────────────────────────────────────────────────────────────


class Proxy:
    """A TCP proxy that can break connections, refuse them, and be slow."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.down = False
        self.cut_after: int | None = None  # bytes of answers, then the connection breaks
        self.pause_s = 0.0
        self.accepted = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            self.accepted += 1
            if self.down:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.target))
            self._open += [near, far]
            threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source: socket.socket, goal: socket.socket, answers: bool) -> None:
        try:
            while piece := source.recv(1 << 16):
                if answers:
                    time.sleep(self.pause_s)
                    if self.cut_after is not None:
                        self.cut_after -= len(piece)
                        if self.cut_after < 0:
                            self.cut_after = None
                            break
                goal.sendall(piece)
        except OSError:
            pass
        for end in (source, goal):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def break_all(self) -> None:
        """The server dies: open connections break, new ones are refused."""
        self.down = True
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.break_all()
        self._listening.close()
        for end in self._open:
            end.close()


@pytest.fixture
def proxy(double: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    monkeypatch.setattr(server, "BACKOFF_S", 0.05)
    between = Proxy(int(double.url.rpartition(":")[2]))
    yield between
    between.close()


@pytest.fixture
def behind(proxy: Proxy, made: Path) -> Iterator[tuple[Proxy, Store, Collection]]:
    with open_store(made) as here, here.open("designs") as index, open_store(proxy.url) as there:
        yield proxy, there, index


def test_a_server_that_dies_and_comes_back_is_waited_for(behind: Any) -> None:
    """Proves: a push outlives a server that is away for a moment, and stores everything once."""
    proxy, there, index = behind

    def report(done: int, total: int | None, what: str) -> None:
        if not proxy.down and done >= 128 and not back.is_alive() and not back.finished.is_set():
            proxy.break_all()
            back.start()

    def up() -> None:
        proxy.down = False

    back = threading.Timer(0.3, up)
    move_batch, move.BATCH = move.BATCH, 64
    try:
        done = move.transfer(index, there, "designs", progress=report)
    finally:
        move.BATCH = move_batch
        back.join()
    assert done.written == 400
    with there.open("designs") as copied:
        same(copied, rows(0, 400))


def test_a_server_that_stays_away_is_said_so_and_the_push_gone_on_with(behind: Any) -> None:
    """Proves: the error names the address, nothing acknowledged is lost, and a second run ends it."""
    proxy, there, index = behind
    with there.create("designs", CARD, SCHEMA) as half:
        half.upsert(rows(0, 100))
        proxy.break_all()
        with pytest.raises(IndexUnavailable, match=rf"{proxy.url} .*cannot be reached"):
            half.upsert(rows(100, 200))
    proxy.down = False
    done = move.transfer(index, there, "designs")
    assert (done.unchanged, done.written) == (100, 300)


def test_an_answer_cut_in_the_middle_is_asked_for_again(behind: Any) -> None:
    """Proves: half an answer is no answer."""
    proxy, there, index = behind
    move.transfer(index, there, "designs")
    with there.open("designs") as copied:
        proxy.cut_after = 1500  # the first page of a scroll is much longer
        same(copied, rows(0, 400))
    assert proxy.cut_after is None


def test_a_slow_server_is_waited_for_but_not_for_ever(
    behind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves: slowness within the time limit is borne, and beyond it is named, and not repeated."""
    proxy, there, index = behind
    move.transfer(index, there, "designs")
    monkeypatch.setattr(server, "TIMEOUT_S", 1)
    with open_store(proxy.url) as store, store.open("designs") as copied:
        proxy.pause_s = 0.2
        assert copied.count() == 400
        proxy.pause_s = 3.0
        began = time.monotonic()
        with pytest.raises(IndexUnavailable, match="no answer within 1 s"):
            copied.count()
        assert time.monotonic() - began < 2.5
        proxy.pause_s = 0


def test_a_busy_server_is_obeyed_in_the_middle_of_a_push(
    double: Any, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves: 429 with Retry-After, and 503, slow a push down and lose nothing."""
    monkeypatch.setattr(server, "BACKOFF_S", 0.01)
    monkeypatch.setattr(move, "BATCH", 50)
    with open_store(made) as here, here.open("designs") as index, open_store(double.url) as there:
        there.create("designs", CARD, SCHEMA).close()

        def report(done: int, total: int | None, what: str) -> None:
            if done == 100:
                double.troubles.extend([(429, {"Retry-After": "1"}), (503, {}), (429, {})])

        began = time.monotonic()
        done = move.transfer(index, there, "designs", progress=report)
        assert time.monotonic() - began >= 1
        assert done.written == 400 and not double.troubles
        with there.open("designs") as copied:
            same(copied, rows(0, 400))


def test_a_lost_replica_refuses_writes_and_loses_none_that_was_acknowledged(
    behind: Any, double: Any
) -> None:
    """Proves: searches go on without the replica, refused writes are named, and a second push ends it."""
    _proxy, there, index = behind
    with there.create("designs", CARD, SCHEMA) as half:
        half.upsert(rows(0, 100))
        double.replica_lost = True
        with pytest.raises(IndexUnavailable, match=r"failed with 500 .*replica.*try again later"):
            half.upsert(rows(100, 200))
        for point in rows(0, 100)[::20]:
            plan = SearchPlan(Nearest("image", point.vectors["image"]), 1)
            assert half.search(plan)[0].id == point.id
        stored = {point.id for point in half.scroll()}
        assert stored >= {point.id for point in rows(0, 100)}  # a refused write may be half there
        assert stored <= {point.id for point in rows(0, 200)}
    with pytest.raises(IndexUnavailable, match="replica"):
        move.transfer(index, there, "designs")
    double.replica_lost = False
    done = move.transfer(index, there, "designs")
    assert done.read == 400 and done.unchanged >= 100
    with there.open("designs") as copied:
        same(copied, rows(0, 400))


def test_a_replica_that_comes_back_soon_is_waited_for(behind: Any, double: Any) -> None:
    """Proves: a push outlives the moment in which a cluster finds out that a node is away."""
    _proxy, there, index = behind
    there.create("designs", CARD, SCHEMA).close()
    refused = []

    def back() -> None:
        refused.append(sum(path.split("?")[0].endswith("/points") for _, path in double.asked))
        double.replica_lost = False

    double.replica_lost = True
    timer = threading.Timer(0.2, back)
    timer.start()
    assert move.transfer(index, there, "designs").written == 400
    timer.join()
    assert refused[0] >= 1  # it was tried while the replica was away
    with there.open("designs") as copied:
        same(copied, rows(0, 400))


# ── clocks ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("jump_s", [-10 * 365 * 86400, 10 * 365 * 86400])
def test_a_clock_that_jumps_changes_nothing(
    made: Path, child: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, jump_s: int
) -> None:
    """Proves: order, resuming and waiting for a lock hang on no wall clock."""
    jumped = time.time() + jump_s
    for path in [*made.rglob("*"), made]:
        os.utime(path, (jumped, jumped))
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump_s)
    with EdgeStore(made).open("designs") as collection:
        collection.upsert(rows(390, 410))
        same(collection, rows(0, 410))
        began = time.monotonic()
        with pytest.raises(IndexUnavailable, match="open already"):
            EdgeStore(made).open("designs")
        assert 2 < time.monotonic() - began < 10
    goal = made.parent / "goal"
    with EdgeStore(made).open("designs") as index, open_store(goal) as there:
        assert move.transfer(index, there, "designs").written == 410


# ── damage ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("file", ["collection.json", "open-1"])
def test_damage_names_the_backup_and_the_backup_mends_it(made: Path, file: str) -> None:
    """Proves: a damaged pointer or log is refused with the way out, and the way out leads out."""
    store = EdgeStore(made)
    with store.open("designs") as index:
        move.backup(index, made.parent / "backup")
    path = next((made / "designs").rglob(file))
    path.write_bytes(b"x" * 4096)
    with pytest.raises(IndexUnavailable, match="engine restore BACKUP --replace"):
        store.open("designs")
    move.restore(made.parent / "backup", store, "designs", replace_existing=True)
    with store.open("designs") as collection:
        same(collection, rows(0, 400))
        assert (
            len(collection.search(SearchPlan(Nearest("image", rows(1, 2)[0].vectors["image"]), 5)))
            == 5
        )

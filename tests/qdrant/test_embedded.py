"""The embedded store as processes meet it: locks, kill -9, damage, a full disk, foreign files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.errors import IndexMismatch, IndexUnavailable, SourceError, UsageError
from engine.plan import EncoderCard, Nearest, Point, SearchPlan, unit_rows
from qdrant import edge, lock, move
from qdrant.edge import EdgeStore
from qdrant.schema import VERSION, Schema
from qdrant.store import open_store

ROOT = Path(__file__).parents[2]
CARD = EncoderCard("test-encoder", "1", 8, "abc123")
# Two indexes instead of eleven: each is some files to make, and these tests make many stores.
SCHEMA = Schema(vectors={"image": 8}, indexes={"path": "keyword", "design_id": "keyword"})


def rows(start: int, stop: int) -> list[Point]:
    """Points whose vectors can be worked out again from their number."""
    return [
        Point(
            str(uuid.UUID(int=i)),
            {"image": unit_rows(np.random.default_rng(i).normal(size=8))[0]},
            {"design_id": f"D{i}", "path": ["06", "06-01"]},
        )
        for i in range(start, stop)
    ]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A store with one closed collection, "designs", of fifty points."""
    folder = tmp_path / "store"
    with EdgeStore(folder).create("designs", CARD, SCHEMA) as collection:
        collection.upsert(rows(1, 51))
    return folder


@pytest.fixture
def child() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A function that runs code in another process, ended with the test."""
    running = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_a_collection_is_a_folder_with_its_record(made: Path) -> None:
    record = json.loads((made / "designs" / "collection.json").read_text())
    assert record["card"] == {
        "name": "test-encoder",
        "revision": "1",
        "dimension": 8,
        "preprocessing": "abc123",
        "text_dimension": 0,
    }
    assert record["schema"]["vectors"] == {"image": 8}
    assert record["schema"]["indexes"] == SCHEMA.indexes
    assert record["schema"]["version"] == VERSION
    assert record["created"].endswith("+00:00")
    assert (made / "designs" / record["shard"] / "segments").is_dir()


def test_a_store_that_is_not_there_is_empty(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "nowhere"))
    assert store.collections() == []
    assert not store.exists("designs")
    with pytest.raises(IndexUnavailable, match="engine ingest"):
        store.open("designs")
    assert not (tmp_path / "nowhere").exists()  # asking makes nothing
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        open_store(tmp_path / "file")


# ── one process at a time ────────────────────────────────────────────────────────────────────────

HOLD = """
import sys, time
from pathlib import Path
from qdrant.edge import EdgeStore
with EdgeStore(Path(sys.argv[1])).open("designs") as collection:
    print(collection.count(), flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_another_process_is_named(
    made: Path, child: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = child(HOLD, made, 60)
    assert holder.stdout and holder.stdout.readline().strip() == "50"
    monkeypatch.setattr(lock, "WAIT_S", 0.2)
    store = EdgeStore(made)
    for ask in (store.open, store.drop):
        with pytest.raises(IndexUnavailable, match=rf"process {holder.pid}\b.*Qdrant server"):
            ask("designs")
    assert store.exists("designs")  # looking is free
    holder.kill()
    holder.wait()
    with store.open("designs") as collection:  # its lock died with it
        assert collection.count() == 50


def test_a_short_holder_is_waited_for(
    made: Path, child: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = child(HOLD, made, 0.5)
    assert holder.stdout and holder.stdout.readline()
    monkeypatch.setattr(lock, "WAIT_S", 30)
    with EdgeStore(made).open("designs") as collection:
        assert collection.count() == 50


def test_twice_in_one_process_is_said_so(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT_S", 0)
    store = EdgeStore(made)
    with (
        store.open("designs"),
        pytest.raises(IndexUnavailable, match="open already in this process"),
    ):
        store.open("designs")


def test_a_closed_collection_says_so(made: Path) -> None:
    collection = EdgeStore(made).open("designs")
    collection.close()
    collection.close()
    for ask in (collection.count, lambda: collection.upsert(rows(1, 2))):
        with pytest.raises(IndexUnavailable, match="closed"):
            ask()


# ── nothing acknowledged is lost ─────────────────────────────────────────────────────────────────

INGEST = """
import sys
import numpy as np, uuid
from pathlib import Path
from engine.plan import Point, unit_rows
from qdrant.edge import EdgeStore
with EdgeStore(Path(sys.argv[1])).open("designs") as collection:
    for start in range(51, 10**6, 20):
        collection.upsert([
            Point(
                str(uuid.UUID(int=i)),
                {"image": unit_rows(np.random.default_rng(i).normal(size=8))[0]},
                {"design_id": f"D{i}", "path": ["06", "06-01"]},
            )
            for i in range(start, start + 20)
        ])
        print(start + 19, flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_what_was_acknowledged_outlives_the_process(
    made: Path, child: Callable[..., subprocess.Popen[str]], how: signal.Signals
) -> None:
    ingest = child(INGEST, made)
    assert ingest.stdout
    for _ in range(12):
        acknowledged = int(ingest.stdout.readline())
    ingest.send_signal(how)  # in the middle of a later batch
    acknowledged = max([acknowledged, *map(int, ingest.stdout.read().split())])
    ingest.wait()
    assert ingest.returncode != 0
    with EdgeStore(made).open("designs") as collection:
        wanted = rows(1, acknowledged + 1)
        found = collection.retrieve([point.id for point in wanted], vectors=("image",))
        assert [point.id for point in found] == [point.id for point in wanted]
        for stored, given in zip(found, wanted, strict=True):
            assert stored.payload == given.payload
            np.testing.assert_allclose(stored.vectors["image"], given.vectors["image"], atol=1e-6)
        assert acknowledged <= collection.count() <= acknowledged + 20
        assert collection.count() == sum(1 for _ in collection.scroll())
        collection.upsert(rows(1, acknowledged + 41))  # ingesting again overwrites and goes on
        assert collection.count() == acknowledged + 40


# ── damage ───────────────────────────────────────────────────────────────────────────────────────


def shard_file(folder: Path, name: str) -> Path:
    return next((folder / "designs").rglob(name))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "record cut": lambda f: (f / "designs/collection.json").write_text('{"card": {"na'),
    "record empty": lambda f: (f / "designs/collection.json").write_text(""),
    "record without card": lambda f: (f / "designs/collection.json").write_text("{}"),
    "record of another shape": lambda f: (f / "designs/collection.json").write_text("[1]"),
    "record binary": lambda f: (f / "designs/collection.json").write_bytes(b"\xff\xfe\x00"),
    "record leads away": lambda f: edit(f, shard="../../elsewhere"),
    "shard gone": lambda f: edit(f, shard="shard-000000000000"),
    "segment cut": lambda f: shard_file(f, "segment.json").write_text('{"ver'),
    "log overwritten": lambda f: shard_file(f, "open-1").write_bytes(b"x" * 4096),
    # The engine panics over this one instead of raising.
    "status cut": lambda f: shard_file(f, "status.dat").write_bytes(b""),
}


def edit(folder: Path, **changes: object) -> None:
    path = folder / "designs" / "collection.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_reported_and_can_be_dropped(
    made: Path, damage: Callable[[Path], object]
) -> None:
    damage(made)
    store = EdgeStore(made)
    for _ in range(2):  # the lock is let go each time
        with pytest.raises(IndexUnavailable, match=r"designs.*--recreate"):
            store.open("designs")
    store.drop("designs")
    assert store.collections() == []
    assert not (made / "designs").exists()


@pytest.mark.parametrize(("version", "age"), [(99, "newer"), (0, "older")])
def test_another_version_is_refused(made: Path, version: int, age: str) -> None:
    record = json.loads((made / "designs" / "collection.json").read_text())
    edit(made, schema={**record["schema"], "version": version})
    with pytest.raises(IndexMismatch, match=f"{age} version"):
        EdgeStore(made).open("designs")


def test_a_record_of_other_vectors_is_refused(made: Path) -> None:
    record = json.loads((made / "designs" / "collection.json").read_text())
    edit(made, schema={**record["schema"], "vectors": {"image": 16}})
    with pytest.raises(IndexUnavailable, match="cannot be opened"):
        EdgeStore(made).open("designs")


def test_the_record_is_the_pointer(made: Path) -> None:
    """A collection rebuilt beside the old one takes its place when the record is replaced."""
    store = EdgeStore(made)
    other = EncoderCard("other-encoder", "2", 4, "def456")
    with store.create("next", other, Schema.for_card(other)) as collection:
        collection.upsert([Point(str(uuid.UUID(int=1)), {"image": unit_rows([1, 0, 0, 0])[0]}, {})])
    new = json.loads((made / "next" / "collection.json").read_text())
    (made / "next" / new["shard"]).rename(made / "designs" / new["shard"])
    (made / "next" / "collection.json").replace(made / "designs" / "collection.json")
    with store.open("designs") as collection:
        assert collection.card == other
        assert collection.count() == 1


def test_an_unfinished_creation_is_no_collection(made: Path) -> None:
    (made / "designs" / "collection.json").rename(made / "designs" / "collection.json.new")
    store = EdgeStore(made)
    assert store.collections() == []
    with store.create("designs", CARD, SCHEMA) as collection:
        assert collection.count() == 0
    assert len(list((made / "designs").glob("shard-*"))) == 1  # what was left over is gone


def test_other_peoples_files_are_left_alone(made: Path) -> None:
    drawings = made / "drawings"
    drawings.mkdir()
    (drawings / "chair.png").write_bytes(b"a drawing")
    store = EdgeStore(made)
    assert store.collections() == ["designs"]
    with pytest.raises(UsageError, match=r"chair\.png"):
        store.create("drawings", CARD, SCHEMA)
    (made / "designs" / "notes.txt").write_text("mine")
    store.drop("designs")
    assert (drawings / "chair.png").read_bytes() == b"a drawing"
    assert (made / "designs" / "notes.txt").read_text() == "mine"
    assert not list((made / "designs").glob("shard-*"))


# ── a full disk ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 224 MiB, where one may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=224m", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    """Without the check the engine's memory maps end the process here with a bus error."""
    big = EncoderCard("big", "1", 4096, "x")
    rng = np.random.default_rng(0)
    stored = 0
    with EdgeStore(small_disk).create("designs", big, Schema.for_card(big)) as collection:
        with pytest.raises(IndexUnavailable, match=r"full.*Free some space"):
            while stored < 100_000:
                batch = unit_rows(rng.normal(size=(128, 4096)))
                collection.upsert(
                    [
                        Point(str(uuid.UUID(int=stored + i)), {"image": r}, {})
                        for i, r in enumerate(batch)
                    ]
                )
                stored += 128
        assert stored
        assert collection.count() == stored
    with EdgeStore(small_disk).open("designs") as collection:
        assert collection.count() == stored
        assert len(collection.search(SearchPlan(Nearest("image", batch[0]), 5))) == 5
        subprocess.run(["mount", "-o", "remount,size=480m", str(small_disk)], check=True)
        collection.upsert([Point(str(uuid.UUID(int=10**6)), {"image": batch[0]}, {})])
        assert collection.count() == stored + 1


def test_a_backup_onto_a_full_disk_is_never_taken_for_a_whole_one(
    small_disk: Path, tmp_path: Path
) -> None:
    """Proves: the error says what to do, the collection is untouched, and with space it is finished."""
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    wide = EncoderCard("wide", "1", 4096, "x")
    rng = np.random.default_rng(0)
    made = [
        Point(str(uuid.UUID(int=i + 1)), {"image": row}, {})
        for i, row in enumerate(unit_rows(rng.normal(size=(600, 4096))))  # 9.8 MB
    ]
    with EdgeStore(tmp_path / "store").create("designs", wide, Schema.for_card(wide)) as index:
        index.upsert(made)
        with pytest.raises(SourceError, match=rf"{small_disk}.*full.*Free some space"):
            move.backup(index, small_disk / "backup")
        assert not list(small_disk.rglob("*.new"))  # half a file would keep the space
        with EdgeStore(tmp_path / "new") as other, pytest.raises(SourceError, match="not finished"):
            move.restore(small_disk / "backup", other, "designs")
        assert index.count() == 600
        subprocess.run(["mount", "-o", "remount,size=32m", str(small_disk)], check=True)
        assert move.backup(index, small_disk / "backup").count() == 600
    with EdgeStore(tmp_path / "new") as other:
        move.restore(small_disk / "backup", other, "designs")
        with other.open("designs") as restored:
            assert restored.count() == 600


def test_space_is_checked_before_anything_is_written(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EdgeStore(made).open("designs") as collection:
        monkeypatch.setattr(edge, "RESERVE_BYTES", 1 << 60)
        with pytest.raises(IndexUnavailable, match="full"):
            collection.upsert(rows(51, 60))
        assert collection.count() == 50


# ── lightness ────────────────────────────────────────────────────────────────────────────────────

USE = """
import sys
import numpy as np, uuid
from engine.plan import AnyOf, EncoderCard, Filter, Nearest, Point, SearchPlan
from qdrant.schema import VERSION, Schema
from qdrant.store import open_store
card = EncoderCard("e", "1", 4, "p")
row = np.eye(4, dtype=np.float32)[0]
with open_store(sys.argv[1]) as store, store.create("c", card, Schema.for_card(card)) as made:
    made.upsert([Point(str(uuid.UUID(int=1)), {"image": row}, {"path": ["06"]})])
    where = Filter((AnyOf("path", ("06",)),))
    assert len(made.search(SearchPlan(Nearest("image", row), 3, where))) == 1
    assert made.facet("path") == {"06": 1} and made.delete(where) == 1
print(*sorted(name for name in sys.modules if "." not in name))
"""


def test_the_embedded_path_never_loads_the_client(
    tmp_path: Path, child: Callable[..., subprocess.Popen[str]]
) -> None:
    done = child(USE, tmp_path)
    out, err = done.communicate()
    assert done.returncode == 0, err
    loaded = set(out.split())
    assert "qdrant_edge" in loaded
    assert not loaded & {"qdrant_client", "httpx", "grpc", "pydantic", "torch", "pandas"}


def test_lock_files_name_processes(tmp_path: Path) -> None:
    held = lock.FileLock(tmp_path / "a" / "x.lock").acquire("It")
    assert (tmp_path / "a" / "x.lock").read_text() == str(os.getpid())
    held.release()
    held.release()
    lock.FileLock(tmp_path / "a" / "x.lock").acquire("It", wait_s=0).release()
    with pytest.raises(IndexUnavailable, match="cannot be opened"):
        (tmp_path / "file").touch()
        lock.FileLock(tmp_path / "file" / "x.lock").acquire("It")

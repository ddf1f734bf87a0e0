"""Moving, keeping and replacing a collection, as a user does it: real commands on real stores."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from qdrant.store import open_store

ROOT = Path(__file__).parent.parent
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight designs with two drawings each, ingested into "store" by the small shipped encoder."""
    folder = tmp_path_factory.mktemp("home")
    drawings = folder / "drawings"
    drawings.mkdir()
    lines = []
    for design in range(8):
        for view in range(2):
            rng = np.random.default_rng(10 * design + view)
            picture = Image.new("L", (200, 160), 255)
            pen = ImageDraw.Draw(picture)
            for _ in range(5):
                pen.line(rng.integers(15, 145, 4).tolist(), fill=0, width=3)
            picture.save(drawings / f"D{design}-{view}.png")
            lines.append(
                {"design_id": f"D{design}", "locarno": "06-01", "title": "Chair",
                 "file": f"D{design}-{view}.png", "figure": str(view + 1)}
            )  # fmt: skip
    (drawings / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


@pytest.fixture(scope="module")
def engine(home: Path) -> Run:
    """Run ``engine …`` in a process of its own, in the home."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ENGINE_")}
    settings = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home),
                "PYTHONPATH": str(ROOT), "COLUMNS": "120", "NO_COLOR": "1"}  # fmt: skip

    def run(*words: object, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *map(str, words)], env=kept | settings | more,
            cwd=home, capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done

    run("ingest", "drawings", "--store", "store", "--no-split")
    return run


def held(folder: Path, name: str = "designs") -> dict[str, Any]:
    """Everything a collection holds."""
    with open_store(folder) as store, store.open(name) as found:
        return {p.id: (p.payload, p.vectors["image"]) for p in found.scroll(vectors=("image",))}


def same(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert one.keys() == two.keys() and len(one) == 16
    for id, (payload, row) in one.items():
        assert payload == two[id][0]
        np.testing.assert_allclose(row, two[id][1], atol=1e-5)


def test_push_and_pull(engine: Run, home: Path) -> None:
    done = json.loads(engine("push", "--store", "store", "--to", "other", "--json").stdout)
    assert done == {"read": 16, "written": 16, "unchanged": 0, "deleted": 0, "compared": 16}
    same(held(home / "store"), held(home / "other"))
    again = engine("pull", "--from", "other", "--store", "third", "--as", "mine")
    assert "Copied 16 figures" in again.stdout and "Counts agree" in again.stdout
    same(held(home / "store"), held(home / "third", "mine"))
    refused = engine("push", "--store", "store", "--to", "x", "--shards", 6, code=2)
    assert "one shard and no replicas" in refused.stderr


def test_backup_and_restore(engine: Run, home: Path) -> None:
    made = json.loads(engine("backup", "kept", "--store", "store", "--json").stdout)
    assert made["points"] == 16 and made["files"] == 1
    engine("restore", "kept", "--store", "restored")
    same(held(home / "store"), held(home / "restored"))
    assert "--replace" in engine("restore", "kept", "--store", "restored", code=6).stderr
    engine("delete", "--all", "--yes", "--store", "restored")
    engine("restore", "kept", "--store", "restored", "--replace")
    assert "Only servers" in engine("backup", "s", "--snapshot", "--store", "store", code=2).stderr


def test_parts_encoded_apart_are_what_an_ingest_stores(engine: Run, home: Path) -> None:
    sizes = []
    for part in (1, 2, 3):
        words = ("encode", "drawings", "--no-split", "--out", f"part-{part}", "--json")
        made = json.loads(engine(*words, "--part", f"{part}/3").stdout)
        assert made["indexed"] == made["points"] and made["read"] == 16
        sizes.append(made["points"])
    assert sum(sizes) == 16 and max(sizes) < 16
    launched = engine(
        "encode", "drawings", "--no-split", "--out", "launched", "--json", RANK="1", WORLD_SIZE="3"
    )
    assert json.loads(launched.stdout)["points"] == sizes[1]
    assert (home / "launched" / "part-2" / "manifest.json").is_file()
    engine("load", "part-1", "part-2", "part-3", "--store", "loaded")
    same(held(home / "store"), held(home / "loaded"))
    again = engine("load", "part-2", "--store", "loaded", "--json")
    assert json.loads(again.stdout)["unchanged"] == sizes[1]
    assert "no part" in engine("encode", "drawings", "--out", "x", "--part", "4/3", code=2).stderr


def test_reindex_with_another_model(engine: Run, home: Path) -> None:
    engine("push", "--store", "store", "--to", "moved")
    engine("describe", "--store", "moved")
    described = held(home / "moved")
    assert all(payload["descriptions"] for payload, _ in described.values())
    words = ("reindex", "drawings", "--no-split", "--store", "moved", "--model", "lite0-imagenet")
    (home / "drawings" / "D0-0.png").rename(home / "away.png")
    assert "were not read" in engine(*words, code=2).stderr
    with open_store(home / "moved") as store, store.open("designs") as found:
        assert found.card.name == "lite0-design"  # as it was
    (home / "away.png").rename(home / "drawings" / "D0-0.png")
    done = json.loads(engine(*words, "--json").stdout)
    assert done["points"] == 16 and done["ingest"]["unchanged"] == 15  # gone on with
    with open_store(home / "moved") as store, store.open("designs") as found:
        assert found.card.name == "lite0-imagenet" and found.count() == 16
    now = held(home / "moved")
    for id, (payload, _) in described.items():
        assert done["undescribed"] == 16 or now[id][0]["descriptions"] == payload["descriptions"]
    engine("search", "drawings/D1-0.png", "--store", "moved", "--model", "lite0-imagenet")
    engine("reindex", "--back", "--store", "moved")
    same(described, held(home / "moved"))
    engine("reindex", "--back", "--store", "moved", code=4)
    assert "already" in engine(*words[:-1], "lite0-design", code=2).stderr


def test_a_plan(engine: Run) -> None:
    shown = engine("plan", "--designs", "20e6", "--views", "5").stdout
    assert "100,000,000" in shown and "cluster" in shown
    found = json.loads(engine("plan", "--designs", "20e6", "--views", "5", "--json").stdout)
    assert found["rows"] == 307_200_000_000


def test_a_graph(engine: Run) -> None:
    engine("push", "--store", "store", "--to", "graphed")
    assert "in place" in engine("graph", "--store", "graphed", "--int8").stdout
    assert "D1" in engine("search", "drawings/D1-0.png", "--store", "graphed").stdout
    assert "by itself" in engine("graph", "--store", ":memory:", code=2).stderr


def test_a_killed_reindex_is_gone_on_with(engine: Run, home: Path) -> None:
    """Proves: kill -9 while encoding, or right before the swap, leaves the old collection whole."""
    engine("push", "--store", "store", "--to", "killed")
    words = ["reindex", "drawings", "--no-split", "--store", "killed", "--model", "lite0-imagenet"]
    after_first_batch = (
        "from qdrant.store import Collection\nreal = Collection.upsert\n"
        "def upsert(self, points):\n    real(self, points[:5]); os.kill(os.getpid(), signal.SIGKILL)\n"
        "Collection.upsert = upsert"
    )
    at_the_swap = (
        "from qdrant.edge import EdgeStore\n"
        "EdgeStore.exchange = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)"
    )
    for stage in (after_first_batch, at_the_swap):
        code = f"import os, signal\n{stage}\nimport cli\ncli.app({words!r})"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(home)}
        done = subprocess.run([sys.executable, "-c", code], cwd=home, env=environment, check=False)
        assert done.returncode == -signal.SIGKILL
        with open_store(home / "killed") as store, store.open("designs") as found:
            assert found.card.name == "lite0-design"
        same(held(home / "store"), held(home / "killed"))
    done = json.loads(engine(*words, "--json").stdout)
    assert done["points"] == done["ingest"]["unchanged"] == 16  # nothing is encoded twice
    with open_store(home / "killed") as store, store.open("designs") as found:
        assert found.card.name == "lite0-imagenet" and found.count() == 16

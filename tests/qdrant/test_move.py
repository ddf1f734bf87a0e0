"""Copies: the same points elsewhere, whole, and gone on with after a stop.

What was given to the first store is the oracle of the last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

from engine.errors import IndexMismatch, IndexUnavailable, SourceError, UsageError
from engine.plan import EncoderCard, Filter, HasId, Nearest, Point, SearchPlan, SparseVector
from qdrant import graph, move
from qdrant.archive import Archive, ArchiveWriter
from qdrant.edge import EdgeStore
from qdrant.plan import Graph
from qdrant.schema import Schema
from qdrant.store import Collection, Layout, Store, open_store

PAIRS = [("edge", "memory"), ("memory", "edge"), ("edge", "http"), ("http", "edge")]
Place = Callable[[str], Store]


def same(found: Collection, points: list[Point]) -> None:
    """The collection holds exactly these points: ids, payloads, every number."""
    stored = {p.id: p for p in found.scroll(vectors=found.schema.names)}
    assert stored.keys() == {point.id for point in points}
    for point in points:
        assert stored[point.id].payload == point.payload
        assert stored[point.id].vectors.keys() == point.vectors.keys()
        for name, vector in point.vectors.items():
            other = stored[point.id].vectors[name]
            if isinstance(vector, SparseVector):
                assert isinstance(other, SparseVector)
                assert dict(zip(other.indices, other.values, strict=True)) == pytest.approx(
                    dict(zip(vector.indices, vector.values, strict=True))
                )
            else:
                np.testing.assert_allclose(other, vector, atol=1e-6)


@pytest.fixture
def some(points: list[Point]) -> list[Point]:
    """A hundred points; every third has a picture's vector only."""
    bare = {p.id: {"image": p.vectors["image"]} for p in points[::3]}
    return [Point(p.id, bare.get(p.id, p.vectors), p.payload) for p in points]


@pytest.fixture
def source(tmp_path: Path, schema: Schema, card: EncoderCard, some: list[Point]) -> Iterator[Any]:
    with EdgeStore(tmp_path / "source").create("designs", card, schema) as collection:
        collection.upsert(some)
        yield collection


@pytest.mark.parametrize(("here", "there"), PAIRS)
def test_a_copy_is_the_original(
    place: Place, here: str, there: str, card: EncoderCard, schema: Schema, some: list[Point]
) -> None:
    with place(here).create("designs", card, schema) as original:
        original.upsert(some)
        goal = place(there)
        done = move.transfer(original, goal, "copy")
        assert (done.read, done.written, done.unchanged, done.compared) == (100, 100, 0, 100)
        with goal.open("copy") as copied:
            assert copied.card == card
            same(copied, some)


def test_a_copy_is_gone_on_with(source: Collection, place: Place, some: list[Point]) -> None:
    goal = place("memory")
    with goal.create("designs", source.card, source.schema) as half:
        half.upsert(some[:40])
        half.set_payload(some[0].id, {"holder": "Somebody else"})
    done = move.transfer(source, goal, "designs")
    assert (done.read, done.written, done.unchanged) == (100, 61, 39)
    with goal.open("designs") as copied:
        same(copied, some)


def test_what_is_gone_is_deleted_only_where_asked(
    source: Collection, place: Place, some: list[Point]
) -> None:
    goal = place("memory")
    move.transfer(source, goal, "designs")
    source.delete(Filter((HasId((some[3].id, some[4].id)),)))
    with pytest.raises(IndexMismatch, match=r"100 points after the copy, the source 98.*--delete"):
        move.transfer(source, goal, "designs")
    assert move.transfer(source, goal, "designs", delete=True).deleted == 2
    with goal.open("designs") as copied:
        same(copied, some[:3] + some[5:])


def test_a_copy_into_another_encoders_collection_is_refused(
    source: Collection, place: Place
) -> None:
    goal = place("memory")
    other = replace(source.card, name="other")
    goal.create("designs", other, source.schema).close()
    with pytest.raises(IndexMismatch, match="holds other vectors"):
        move.transfer(source, goal, "designs")


class Forgetful:
    """A collection that loses or changes one point: what the check at the end is for."""

    def __init__(self, kept: Collection, change: Callable[[Point], Point | None]) -> None:
        self.kept, self.change = kept, change

    def upsert(self, points: list[Point]) -> None:
        changed = [self.change(point) for point in points]
        self.kept.upsert([point for point in changed if point is not None])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kept, name)


@pytest.mark.parametrize("what", ["missing", "another payload", "another vector 'image'"])
def test_a_copy_that_is_not_the_original_is_noticed(
    source: Collection, place: Place, some: list[Point], what: str
) -> None:
    def changed(point: Point) -> Point | None:
        if point.id != some[7].id:
            return point
        if what == "missing":
            return None
        if what == "another payload":
            return replace(point, payload={**point.payload, "title": "?"})
        turned = np.roll(point.vectors["image"], 1)
        return replace(point, vectors={**point.vectors, "image": turned})

    with place("memory").create("designs", source.card, source.schema) as kept:
        target: Any = Forgetful(kept, changed)
        with pytest.raises(IndexMismatch, match=rf"{some[7].id} .*{what}"):
            move.copy(source, target)


# ── archives ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["edge", "memory", "http"])
def test_a_backup_is_restored(
    source: Collection, place: Place, tmp_path: Path, some: list[Point], kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("qdrant.archive.SHARD_POINTS", 30)
    made = move.backup(source, tmp_path / "backup")
    assert [shard.points for shard in made.shards] == [30, 30, 30, 10]
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    assert manifest["points"] == 100 and manifest["complete"] is True
    goal = place(kind)
    assert move.restore(tmp_path / "backup", goal, "again").compared == 100
    with goal.open("again") as copied:
        assert (copied.card, copied.schema) == (source.card, source.schema)
        same(copied, some)
    with pytest.raises(IndexMismatch, match="--replace"):
        move.restore(tmp_path / "backup", goal, "again")
    with goal.open("again") as copied:
        copied.delete(Filter())
    move.restore(tmp_path / "backup", goal, "again", replace_existing=True)
    with goal.open("again") as copied:
        same(copied, some)
    assert goal.prune("again") and not goal.prune("again")


def test_the_shards_are_plain_parquet(
    source: Collection, tmp_path: Path, some: list[Point]
) -> None:
    made = move.backup(source, tmp_path / "backup")
    table = pyarrow.parquet.read_table(made.folder / made.shards[0].file)
    row = {p.id: p for p in some}[table["id"][5].as_py()]
    np.testing.assert_allclose(table["vector.image"][5].as_py(), row.vectors["image"], atol=1e-6)
    assert json.loads(table["payload"][5].as_py()) == row.payload


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte": (lambda f: _flip(f / "points-00000.parquet"), "checksum differs"),
    "cut": (lambda f: (f / "points-00000.parquet").write_bytes(b"PAR1"), "checksum differs"),
    "gone": (lambda f: (f / "points-00000.parquet").unlink(), "is missing"),
    "manifest cut": (lambda f: (f / "manifest.json").write_text("{"), "cannot be read"),
    "manifest gone": (lambda f: (f / "manifest.json").unlink(), "no archive"),
    "of the future": (lambda f: _edit(f, format=9), "format 9"),
    "leads away": (
        lambda f: _edit(f, shards=[{"file": "../x", "points": 1, "bytes": 1, "sha256": ""}]),
        "names no shard",
    ),
    "unfinished": (lambda f: _edit(f, complete=False), "not finished"),
}


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _edit(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(("damage", "words"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_backup_is_refused_before_anything_is_replaced(
    source: Collection, tmp_path: Path, place: Place, damage: Any, words: str
) -> None:
    move.backup(source, tmp_path / "backup")
    damage(tmp_path / "backup")
    goal = place("memory")
    with pytest.raises(SourceError, match=words):
        move.restore(tmp_path / "backup", goal, "designs")
    assert goal.collections() == []


def test_an_archive_is_gone_on_with(
    tmp_path: Path, card: EncoderCard, schema: Schema, some: list[Point],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("qdrant.archive.SHARD_POINTS", 16)
    ArchiveWriter.open(tmp_path / "a", card, schema).add(some[:40])  # and the process ends
    writer = ArchiveWriter.open(tmp_path / "a", card, schema)
    assert writer.archive.count() == 32
    writer.add(some[32:])
    archive = writer.finish()
    archive.verify()
    assert [point.id for point in Archive.open(tmp_path / "a").scroll()] == [p.id for p in some]
    with pytest.raises(UsageError, match="complete"):
        ArchiveWriter.open(tmp_path / "a", card, schema)
    with pytest.raises(IndexMismatch, match="these are of another"):
        ArchiveWriter.open(tmp_path / "a", replace(card, name="another"), schema)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.txt").write_text("x")
    with pytest.raises(UsageError, match="other files"):
        ArchiveWriter.open(tmp_path / "b", card, schema)


# ── replacing ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["edge", "memory", "http"])
def test_what_is_built_beside_takes_the_place_in_one_step(
    place: Place, card: EncoderCard, schema: Schema, some: list[Point], kind: str
) -> None:
    store = place(kind)
    other = EncoderCard("other", "2", 4, "def")
    with store.create("designs", card, schema) as old:
        old.upsert(some)
    one = Point(some[0].id, {"image": np.eye(4, dtype=np.float32)[0]}, {})
    with store.create(store.beside("designs"), other, Schema.for_card(other)) as new:
        new.upsert([one])
    assert store.collections() == ["designs"]  # what is beside is nobody's to list
    store.swap("designs")
    with store.open("designs") as now:
        assert now.card == other
        same(now, [one])
    with pytest.raises(IndexUnavailable, match=r"designs\.next"):
        store.swap("designs")
    store.swap("designs", back=True)
    with store.open("designs") as now:
        same(now, some)
    store.swap("designs")  # and forth
    assert store.prune("designs")
    with pytest.raises(IndexUnavailable, match=r"designs\.previous"):
        store.swap("designs", back=True)
    store.drop("designs")
    assert store.collections() == []


def test_whoever_has_a_served_collection_open_keeps_what_it_opened(
    place: Place, card: EncoderCard, schema: Schema, some: list[Point]
) -> None:
    """Vectors of two encoders are never compared, though both have the same dimension."""
    store = place("http")
    with store.create("designs", card, schema) as old:
        old.upsert(some[:9])
        store.create(store.beside("designs"), replace(card, revision="2"), schema).close()
        store.swap("designs")
        assert old.count() == 9
        row = np.asarray(some[0].vectors["image"])
        assert old.search(SearchPlan(Nearest("image", row), 1))[0].id == some[0].id
    with store.open("designs") as new:
        assert new.card.revision == "2" and new.count() == 0


def test_a_replaced_shard_leaves_no_files(tmp_path: Path, card: EncoderCard) -> None:
    store = EdgeStore(tmp_path)
    schema = Schema(vectors={"image": 16}, indexes={})
    store.create("designs", card, schema).close()
    for _ in range(3):
        store.create("designs.next", card, schema).close()
        store.swap("designs")
    assert len(list((tmp_path / "designs").glob("shard-*"))) == 2  # this one and the last
    store.prune("designs")
    assert len(list((tmp_path / "designs").glob("shard-*"))) == 1
    store.drop("designs")
    assert not (tmp_path / "designs").exists()


def test_descriptions_are_carried_to_another_encoder(
    place: Place, card: EncoderCard, schema: Schema, some: list[Point]
) -> None:
    store = place("memory")
    words = {"descriptions": ["a folding chair"], "described_by": "a person"}
    told = [Point(p.id, p.vectors, {**p.payload, **words}) for p in some[:50]] + some[50:60]
    with (
        store.create("designs", card, schema) as old,
        store.create("other", replace(card, name="other"), schema) as new,
    ):
        old.upsert(told)
        turned = [
            Point(p.id, {"image": np.roll(p.vectors["image"], 3)}, p.payload) for p in some[5:60]
        ]
        new.upsert(turned)
        done = move.carry_words(old, new)
        assert done.described == 45 and done.undescribed == 0
        assert set(done.missing) == {p.id for p in some[:5]}
        vectors = {p.id: p.vectors for p in told}
        same(
            new,
            [
                Point(
                    p.id,
                    {**vectors[p.id], **p.vectors} if i < 45 else p.vectors,
                    {**p.payload, **words} if i < 45 else p.payload,
                )
                for i, p in enumerate(turned)
            ],
        )
        assert move.carry_words(old, new).described == 0  # again changes nothing


# ── a graph, and layouts ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("quantized", [False, True])
def test_a_graph_finds_what_a_scan_finds(
    tmp_path: Path, card: EncoderCard, quantized: bool
) -> None:
    store = EdgeStore(tmp_path)
    rng = np.random.default_rng(5)
    # Clusters, as drawings make; 1,500 rows of 256 are above the size that a graph is built at.
    centres = rng.normal(size=(30, 256))
    rows = (centres[np.arange(1500) % 30] + 0.7 * rng.normal(size=(1500, 256))).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = [f"00000000-0000-0000-0000-{i:012}" for i in range(1500)]
    wide = replace(card, dimension=256)
    schema = Schema(vectors={"image": 256}, indexes={"path": "keyword"})
    with store.create("designs", wide, schema) as made:
        made.upsert(
            [Point(ids[i], {"image": rows[i]}, {"path": [f"{i % 3:02}"]}) for i in range(1500)]
        )
    graph.build(store, "designs", Graph(quantized=quantized))
    found = []
    with store.open("designs") as made:
        assert made.graph == Graph(quantized=quantized)
        assert made._shard.info().indexed_vectors_count == 1500
        assert made.count() == 1500
        for row in rows[:40]:
            exact = {ids[i] for i in np.argsort(-(rows @ row))[:10]}
            hits = made.search(SearchPlan(Nearest("image", row), 10))
            found.append(len({p.id for p in hits} & exact) / 10)
        made.upsert([Point(ids[0], {"image": rows[1]}, {})])  # and it can be stored to
    assert np.mean(found) >= 0.95
    with store.open("designs") as made:
        assert made.count() == 1500
    store.swap("designs", back=True)
    with store.open("designs") as made:
        assert made.graph is None


def test_a_graph_that_cannot_be_built_leaves_all_as_it_was(
    tmp_path: Path, card: EncoderCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EdgeStore(tmp_path)
    schema = Schema(vectors={"image": 16}, indexes={})
    with (
        store.create("designs", card, schema),
        pytest.raises(IndexUnavailable, match=r"in use.*as it was"),
    ):
        graph.build(store, "designs", Graph())
    assert len(list((tmp_path / "designs").glob("shard-*"))) == 1


def test_a_layout_needs_a_cluster(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one shard and no replicas"):
        open_store(tmp_path, layout=Layout(shards=6))

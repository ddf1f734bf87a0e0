"""Hybrid search on real stores: fusion and rerank against plain loops, alike on both backends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import hybrid, text
from engine.design import figure_id
from engine.encoder import Encoder, Preprocessing
from engine.errors import IndexMismatch, QueryError, UsageError
from engine.hybrid import Stages
from engine.plan import EncoderCard, HasId, Point, SparseVector, Vector, unit_rows
from engine.query import Filters, Query, View
from qdrant.schema import Schema
from qdrant.store import Collection, open_store

SIDE = 8
GOODS = {
    "D1": ("06-01", ["folding chair", "camping chair with armrests", "seat"]),
    "D2": ("06-01", ["office chair", "swivel chair with castors", "seat"]),
    "D3": ("26-05", ["desk lamp", "reading light with a bent arm"]),
    "D4": ("12-08", ["car", "vehicle body"]),
    "D5": ("07-01", ["cup", "coffee mug with a handle"]),
    "D6": ("06-01", ["bar stool", "stool with a foot ring"]),
}


def tower(pixels: Vector) -> tuple[Vector, Vector]:
    """An encoder that can be worked out by hand: the mean grey of each patch, and the same again.

    Its text space is the sentence encoder's: patches pick among the sentences of the goods.
    """
    n = len(pixels)
    patches = pixels[:, 0].reshape(n, 4, SIDE // 4, 4, SIDE // 4).mean(axis=(2, 4)).reshape(n, 16)
    rows = 1 - patches
    sentences = text.load().encode([words[0] for _, words in GOODS.values()])
    return rows, rows[:, : len(sentences)] @ sentences


CARD = EncoderCard("patches", "1", 16, Preprocessing(SIDE).digest, text_dimension=384)
ENCODER = Encoder(CARD, Preprocessing(SIDE), tower)


def drawing(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    ink = np.where(rng.random((32, 32)) < 0.5, 0, 255).astype(np.uint8)
    ink[[0, -1], :] = ink[:, [0, -1]] = 0  # the ink fills the page, so nothing is cropped
    return Image.fromarray(ink, "L")


def points() -> list[Point]:
    """Three figures a design; the words are the same for each, as descriptions are."""
    made = []
    for d, (number, (code, words)) in enumerate(GOODS.items()):
        rows = text.load().encode(words)
        for f in range(3):
            vectors: dict[str, Vector | SparseVector] = {
                "image": ENCODER.encode_drawings([drawing(10 * d + f)])[0],
                "text": unit_rows(rows.mean(axis=0))[0],
                "descriptions": rows,
                "bm25": text.document_terms(". ".join(words)),
            }
            payload = {
                "office": "US", "design_id": number, "figure": str(f + 1), "title": words[0],
                "locarno_class": code[:2], "locarno_subclass": code, "path": [code[:2], code],
                "published": date(2020, 1, 1 + d).isoformat(),
            }  # fmt: skip
            made.append(Point(figure_id("US", number, str(f + 1)), vectors, payload))
    return made


def collection(kind: str, folder: Path) -> Iterator[Collection]:
    with (
        open_store(":memory:" if kind == "memory" else folder) as store,
        store.create("designs", CARD, Schema.for_card(CARD, text=True)) as made,
    ):
        made.upsert(points())
        yield made


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    yield from collection("edge", tmp_path_factory.mktemp("edge"))


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    yield from collection("memory", tmp_path_factory.mktemp("memory"))


@pytest.fixture(params=["edge", "memory"])
def index(request: pytest.FixtureRequest) -> Collection:
    found: Collection = request.getfixturevalue(request.param)
    return found


def asks(*words: str, drawings: Sequence[tuple[int, float]] = (), **filters: object) -> Query:
    return Query(
        drawings=tuple(View(drawing(seed), weight) for seed, weight in drawings),
        texts=tuple((one.lstrip("-"), -1.0 if one.startswith("-") else 1.0) for one in words),
        filters=Filters(**filters),  # type: ignore[arg-type]
    )


def ids(hits: Sequence[object]) -> list[str]:
    return [hit.design_id for hit in hits]  # type: ignore[attr-defined]


def test_fusion_by_plain_loops(index: Collection) -> None:
    """Every stage ranked by dot products here, fused by Σ weight / (60 + rank)."""
    query = asks("chair with a handle", drawings=[(41, 2.0)])
    stored = sorted(points(), key=lambda point: point.id)
    words = text.load().encode(["chair with a handle"])[0]
    image = ENCODER.encode_drawings([drawing(41)])[0]
    terms = text.query_terms("chair with a handle")
    held = [
        dict(zip(p.vectors["bm25"].indices, p.vectors["bm25"].values, strict=True)) for p in stored
    ]  # type: ignore[union-attr]

    def idf(term: int) -> float:
        n = sum(term in one for one in held)
        return math.log(1 + (len(held) - n + 0.5) / (n + 0.5))

    scores = {
        "image": [(float(p.vectors["image"] @ image)) for p in stored],  # type: ignore[operator]
        "text": [float(p.vectors["text"] @ words) for p in stored],  # type: ignore[operator]
        "words": [sum(idf(t) * one.get(t, 0) for t in terms.indices) for one in held],
        "rerank": [float((p.vectors["descriptions"] @ words).max()) for p in stored],  # type: ignore[operator]
    }
    expected = dict.fromkeys((p.id for p in stored), 0.0)
    for name, weight in (("image", 2 * 0.5), ("text", 1.0), ("words", 0.5), ("rerank", 1.0)):
        ranked = sorted(
            ((-round(s, 5), p.id) for s, p in zip(scores[name], stored, strict=True)
             if name != "words" or s > 0)
        )  # fmt: skip
        for rank, (_, id) in enumerate(ranked, start=1):
            expected[id] += weight / (60 + rank)
    hits = hybrid.search(index, query, ENCODER, limit=18, per="figure", explain=True)
    assert {hit.id: hit.score for hit in hits} == pytest.approx(expected, abs=1e-6)
    for hit in hits:
        stages = dict(hit.stages)
        assert sum(v for k, v in stages.items() if k.endswith(" adds")) == pytest.approx(hit.score)
        i = [p.id for p in stored].index(hit.id)
        for name in ("image", "text", "rerank"):
            assert stages[name] == pytest.approx(scores[name][i], abs=1e-4)


@pytest.mark.parametrize("fusion", ["rrf", "dbsf"])
def test_both_backends_give_the_same_hits(
    edge: Collection, memory: Collection, fusion: str
) -> None:
    for query in (asks("light", "lamp", drawings=[(3, 1)]), asks("seat", "-swivel"), asks("mug")):
        stages = Stages(fusion=fusion)  # type: ignore[arg-type]
        one, other = (
            hybrid.search(index, query, ENCODER, stages=stages, per="figure", limit=18)
            for index in (edge, memory)
        )
        assert [hit.id for hit in one] == [hit.id for hit in other]
        assert [h.score for h in one] == pytest.approx([h.score for h in other], abs=1e-5)


def test_words_find_what_they_mean(index: Collection) -> None:
    assert ids(hybrid.search(index, asks("automobile"), limit=1)) == ["D4"]
    assert ids(hybrid.search(index, asks("folding chairs"), limit=2)) == ["D1", "D2"]
    everything = hybrid.search(index, asks("chair"), limit=10)
    assert sorted(ids(everything)) == sorted(GOODS)
    assert [hit.rank for hit in everything] == list(range(1, 7))


def test_stages_are_switched_off_by_name() -> None:
    assert Stages.without(()) == Stages()
    assert Stages.without(("words", "rerank", "words")) == Stages(words=False, rerank=False)
    for name in ("magic", "fusion", "k"):
        with pytest.raises(UsageError, match=name):
            Stages.without((name,))


def test_words_to_leave_out_push_away(index: Collection) -> None:
    only = Stages(words=False, rerank=False)
    plain = hybrid.search(index, asks("chair with armrests"), stages=only, limit=6)
    away = hybrid.search(index, asks("chair with armrests", "-folding"), stages=only, limit=6)
    scores = [dict(zip(ids(hits), (h.score for h in hits), strict=True)) for hits in (plain, away)]
    assert scores[0]["D1"] > scores[0]["D2"]
    assert scores[0]["D1"] - scores[1]["D1"] > scores[0]["D2"] - scores[1]["D2"]


def test_the_filter_holds_in_every_stage(index: Collection) -> None:
    query = asks("lamp", drawings=[(30, 1)], classes=("06",), before=date(2020, 1, 6))
    assert set(ids(hybrid.search(index, query, ENCODER))) == {"D1", "D2"}
    where = query.filters.filter()
    asked = hybrid.ranking_stages(index, query, ENCODER, Stages())
    parts = hybrid.search_plan(index, asked, Stages(), where, 9).prefetches
    assert len(parts) == 4
    for part in parts:
        assert set(where.must) < set(part.filter.must)
        (candidates,) = (c.ids for c in part.filter.must if isinstance(c, HasId))
        assert len(candidates) == 6  # the three figures of each of two designs
    asked = hybrid.ranking_stages(index, query, ENCODER, Stages(rerank=False))
    parts = hybrid.search_plan(index, asked, Stages(), where, 9).prefetches
    assert [part.filter for part in parts] == [where] * 3


@pytest.mark.parametrize("left", ["image", "text", "words", "rerank"])
def test_every_stage_can_be_switched_off(index: Collection, left: str) -> None:
    stages = Stages(
        **{name: False for name in ("image", "text", "words", "rerank") if name != left}
    )  # type: ignore[arg-type]
    query = asks("chair", drawings=[(20, 1)])
    if left == "rerank":
        with pytest.raises(QueryError, match="switch more stages on"):
            hybrid.search(index, query, ENCODER, stages=stages)
        return
    hits = hybrid.search(index, query, ENCODER, stages=stages, explain=True, limit=3)
    assert {name.split()[0] for hit in hits for name, _ in hit.stages} == {left}
    # A single stage is not fused: the score is its own.
    assert all(dict(hit.stages)[left] == pytest.approx(hit.score) for hit in hits)


def test_drawings_alone_keep_their_cosines(index: Collection) -> None:
    hits = hybrid.search(index, asks(drawings=[(31, 1)]), ENCODER, min_score=0.5)
    assert hits[0].design_id == "D4"
    assert hits[0].score == pytest.approx(1, abs=1e-5)
    assert hits[0].stages == ()


def test_drawings_find_descriptions(index: Collection) -> None:
    """The tower's text rows lie among the goods' sentences, so meaning and rerank rank them."""
    stages = Stages(image=False, meaning=True)
    query = asks(drawings=[(1, 1)])
    hits = hybrid.search(index, query, ENCODER, stages=stages, explain=True, limit=6)
    row = ENCODER.encode_all([ENCODER.prepare(drawing(1))]).text
    assert row is not None
    best = {
        number: float((text.load().encode(words) @ row[0]).max())
        for number, (_, words) in GOODS.items()
    }
    for hit in hits:
        assert dict(hit.stages)["rerank"] == pytest.approx(best[hit.design_id], abs=1e-4)


def test_feedback(index: Collection) -> None:
    query = Query(designs=(("D3", 1.0), ("D5", -1.0)), texts=(("light", 1.0),))
    hits = hybrid.search(index, query, explain=True)
    assert not {"D3", "D5"} & set(ids(hits))
    rows = {
        n: np.stack([p.vectors["image"] for p in points() if p.payload["design_id"] == n])
        for n in GOODS
    }  # type: ignore[misc]
    wanted = unit_rows(2 * rows["D3"].mean(axis=0) - unit_rows(rows["D5"].mean(axis=0))[0])[0]
    for hit in hits:
        expected = rows[hit.design_id][int(hit.figure) - 1] @ wanted
        assert dict(hit.stages)["like"] == pytest.approx(float(expected), abs=1e-5)


def test_several_views_weigh_as_one_drawing(index: Collection) -> None:
    query = asks("lamp", drawings=[(20, 1.0), (21, 3.0)])
    weights = {
        s.name: s.weight for s in hybrid.ranking_stages(index, query, ENCODER, Stages(rerank=False))
    }
    assert weights == {"image 1": 0.25, "image 2": 0.75, "text": 1.0, "words": 0.5}


@pytest.mark.parametrize("diversity", [0.1, 0.5, 0.9])
def test_diverse_hits_by_plain_loops(index: Collection, diversity: float) -> None:
    """Greedy choice among the four times four best: relevance less likeness to what is chosen."""
    query = asks("chair", drawings=[(0, 1)])
    pool = hybrid.search(index, query, ENCODER, limit=16, per="figure")
    stored = index.retrieve([hit.id for hit in pool], vectors=("image",))
    rows = np.stack([np.asarray(point.vectors["image"]) for point in stored])
    rows = unit_rows(rows - rows.mean(axis=0))
    low, high = pool[-1].score, pool[0].score
    chosen: list[int] = []
    while len(chosen) < 4:
        values = {
            i: (1 - diversity) * (hit.score - low) / (high - low)
            - diversity * max((float(rows[i] @ rows[j]) for j in chosen), default=0.0)
            for i, hit in enumerate(pool)
            if i not in chosen
        }
        chosen.append(max(values, key=lambda i: (values[i], -i)))
    hits = hybrid.search(index, query, ENCODER, limit=4, per="figure", diversity=diversity)
    assert [hit.id for hit in hits] == [pool[i].id for i in chosen]
    if diversity == 0.9:
        assert chosen != [0, 1, 2, 3]


def test_refusals(index: Collection, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="needs an encoder"):
        hybrid.search(index, asks("lamp", drawings=[(1, 1)]))
    with pytest.raises(QueryError, match="needs one to be like"):
        hybrid.search(index, asks("lamp", drawings=[(1, -1)]), ENCODER)
    with pytest.raises(QueryError, match="no cosine"):
        hybrid.search(index, asks("lamp"), min_score=0.3)
    with pytest.raises(QueryError, match="need words to look for"):
        hybrid.search(index, asks("-lamp", drawings=[(1, 1)]), ENCODER)
    with pytest.raises(QueryError, match="made of letters"):
        hybrid.search(index, asks("?!"), stages=Stages(text=False, rerank=False))
    with pytest.raises(QueryError, match="at least 1"):
        hybrid.search(index, asks("lamp"), limit=0)
    with pytest.raises(QueryError, match="Diversity"):
        hybrid.search(index, asks("lamp"), diversity=1.5)
    with (
        open_store(tmp_path) as store,
        store.create("bare", CARD, Schema.for_card(CARD)) as bare,
        pytest.raises(IndexMismatch, match="'text'"),
    ):
        hybrid.search(bare, asks("lamp"))


def test_a_filter_that_leaves_nothing(index: Collection) -> None:
    query = asks("lamp", drawings=[(1, 1)], classes=("01",))
    assert hybrid.search(index, query, ENCODER, explain=True, diversity=0.5) == []

"""Search on a real embedded store: grouping, refilling, several views, filters, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.design import Design, Figure
from engine.encoder import Encoder, Preprocessing
from engine.errors import IndexMismatch, QueryError
from engine.plan import EncoderCard, Index, Scored, Vector, unit_rows
from engine.query import Filters, Query, View
from engine.search import Searcher, design_vectors, hit
from qdrant import open_store
from qdrant.points import point
from qdrant.schema import Schema

DIMENSION = 16
CARD = EncoderCard("test", "1", DIMENSION, Preprocessing(4).digest)


def tower(pixels: Vector) -> tuple[Vector, None]:
    """The pixels themselves: a row is the drawing at 4 × 4, so likeness can be done by hand."""
    return 1 - pixels[:, 0].reshape(len(pixels), -1), None


ENCODER = Encoder(CARD, Preprocessing(4, margin=0), tower)


def corner(*cells: int) -> Image.Image:
    """A 4 × 4 picture with ink in the corners and in these cells, so the crop is the whole."""
    picture = Image.new("L", (40, 40), 255)
    pen = ImageDraw.Draw(picture)
    for cell in {0, 15, *cells}:
        x, y = cell % 4 * 10, cell // 4 * 10
        pen.rectangle((x, y, x + 9, y + 9), fill=0)
    return picture


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with open_store(tmp_path) as store, store.create("t", CARD, Schema.for_card(CARD)) as made:
        yield made


def add(index: Index, number: str, *cells: tuple[int, ...], **known: object) -> None:
    """A design with one figure for each tuple of inked cells."""
    rows = ENCODER.encode_drawings([corner(*figure) for figure in cells])
    for place, row in enumerate(rows, start=1):
        design = Design(id=number, office="US", **known)  # type: ignore[arg-type]
        figure = Figure(number=str(place), file=f"{number}-{place}.png", content=b"x")
        index.upsert([point(design, figure, {"image": row})])


def ask(*cells: tuple[int, ...], **options: object) -> Query:
    return Query(drawings=tuple(View(corner(*one)) for one in cells), **options)  # type: ignore[arg-type]


def test_one_hit_a_design_is_its_best_figure(index: Index) -> None:
    add(index, "A", (1,), (1, 2), (9,))
    add(index, "B", (1, 3), (10,))
    hits = Searcher(index, ENCODER).search(ask((1, 2)))
    assert [(hit.design_id, hit.figure) for hit in hits] == [("A", "2"), ("B", "1")]
    assert hits[0].score == pytest.approx(1, abs=1e-5)
    # cells 0, 15, 1, 2 against 0, 15, 1, 3: three of four in common
    assert hits[1].score == pytest.approx(3 / 4, abs=1e-5)


def test_per_figure_keeps_all(index: Index) -> None:
    add(index, "A", (1,), (1, 2), (9,))
    hits = Searcher(index, ENCODER).search(ask((1, 2)), per="figure")
    assert [hit.figure for hit in hits] == ["2", "1", "3"]
    assert [hit.rank for hit in hits] == [1, 2, 3]


def test_a_design_of_very_many_figures_hides_nobody(index: Index) -> None:
    row = ENCODER.encode_drawings([corner(1, 2)])[0]
    many = Design(id="MANY", office="US")
    index.upsert([
        point(many, Figure(number=str(i), file="m.png", content=b"x"), {"image": row})
        for i in range(300)
    ])  # fmt: skip
    add(index, "OTHER", (9, 10))
    hits = Searcher(index, ENCODER).search(ask((1, 2)), limit=2)
    assert [hit.design_id for hit in hits] == ["MANY", "OTHER"]


def test_several_views_prefer_the_design_that_has_them_all(index: Index) -> None:
    add(index, "FRONT", (1, 2))
    add(index, "BOTH", (1, 2, 5), (8, 9, 5))
    hits = Searcher(index, ENCODER).search(ask((1, 2), (8, 9)))
    assert [hit.design_id for hit in hits] == ["BOTH", "FRONT"]
    # each view has four cells in common with five: 4 / sqrt(4 · 5)
    assert hits[0].score == pytest.approx(4 / np.sqrt(20), abs=1e-5)


def test_counter_examples_push_down(index: Index) -> None:
    add(index, "X", (1, 2))
    add(index, "Y", (1, 9))
    searcher = Searcher(index, ENCODER)
    like, unlike = View(corner(1)), View(corner(2), -1)
    assert searcher.search(Query(drawings=(like, unlike)))[0].design_id == "Y"
    alone = searcher.search(Query(drawings=(like,)))
    assert [hit.score for hit in alone] == pytest.approx([3 / np.sqrt(12)] * 2, abs=1e-5)


def test_like_a_stored_design(index: Index) -> None:
    add(index, "A", (1, 2), (8, 9))
    add(index, "NEAR", (1, 2, 3), (8, 9, 10))
    add(index, "FAR", (5, 6))
    hits = Searcher(index).search(Query(designs=(("A", 1.0),)))
    assert [hit.design_id for hit in hits] == ["NEAR", "FAR"]
    assert design_vectors(index, "A").shape == (2, DIMENSION)
    with pytest.raises(QueryError, match="NOBODY"):
        Searcher(index).search(Query(designs=(("NOBODY", 1.0),)))


def test_filters_and_cut_off(index: Index) -> None:
    add(index, "OLD", (1,), locarno=("06-01",), published=date(2019, 5, 1), holder="Ash")
    add(index, "NEW", (1, 2), locarno=("06-03",), published=date(2021, 5, 1), holder="Elm")
    add(index, "BARE", (1, 3))
    searcher = Searcher(index, ENCODER)

    def found(**filters: object) -> set[str]:
        query = ask((1,), filters=Filters(**filters))  # type: ignore[arg-type]
        return {hit.design_id for hit in searcher.search(query)}

    assert found() == {"OLD", "NEW", "BARE"}
    assert found(classes=("6",)) == {"OLD", "NEW"}
    assert found(classes=("06.03",)) == {"NEW"}
    assert found(not_classes=("0601",)) == {"NEW", "BARE"}
    assert found(before=date(2021, 5, 1)) == {"OLD"}
    assert found(since=date(2021, 5, 1)) == {"NEW"}
    assert found(holders=("Ash", "Elm")) == {"OLD", "NEW"}
    assert found(exclude_designs=("OLD",)) == {"NEW", "BARE"}
    hits = searcher.search(ask((1,)), min_score=0.99)
    assert [(hit.design_id, hit.class_name) for hit in hits] == [("OLD", "Seats")]


def test_filters_in_words() -> None:
    words = Filters(classes=("0601",), before=date(2021, 1, 1), holders=("Ash",)).words()
    assert words == ["class 06-01 Seats", "published before 2021-01-01", "held by Ash"]
    with pytest.raises(QueryError, match="earlier"):
        Filters(since=date(2021, 1, 2), before=date(2021, 1, 1))


def test_what_is_no_query_is_refused(index: Index) -> None:
    with pytest.raises(QueryError, match="nothing to look for"):
        Query()
    with pytest.raises(QueryError, match="nothing to look for"):
        Query(drawings=(View(corner(1), -1),))
    with pytest.raises(QueryError, match="encoder"):
        Searcher(index).search(ask((1,)))
    with pytest.raises(QueryError, match="at least 1"):
        Searcher(index, ENCODER).search(ask((1,)), limit=0)


def test_an_empty_collection_has_no_hits(index: Index) -> None:
    assert Searcher(index, ENCODER).search(ask((1,))) == []
    assert Searcher(index, ENCODER).search(ask((1,), (2,))) == []


def test_another_encoder_is_refused(index: Index) -> None:
    other = Encoder(EncoderCard("other", "1", 8, "0"), Preprocessing(4), tower)
    with pytest.raises(IndexMismatch, match="holds test vectors"):
        Searcher(index, other)


def test_grouped_search_equals_plain_loops(index: Index) -> None:
    random = np.random.default_rng(3)
    rows = unit_rows(random.normal(size=(400, DIMENSION)))
    names = [f"D{i % 37:02d}" for i in range(400)]
    index.upsert([
        point(Design(id=name, office="US"), Figure(number=str(i), file="f", content=b"x"),
              {"image": row})
        for i, (name, row) in enumerate(zip(names, rows, strict=True))
    ])  # fmt: skip
    query = rows[5] + 0.3 * rows[77]
    encoder = Encoder(CARD, Preprocessing(4, margin=0), lambda pixels: (query[None], None))
    hits = Searcher(index, encoder).search(ask((1,)), limit=20)
    cosine = rows @ (query / np.linalg.norm(query))
    best = {name: max(cosine[i] for i in range(400) if names[i] == name) for name in set(names)}
    expected = sorted(best, key=lambda name: -best[name])[:20]
    assert [hit.design_id for hit in hits] == expected
    assert [hit.score for hit in hits] == pytest.approx([best[n] for n in expected], abs=1e-5)


@pytest.mark.parametrize(
    ("code", "named"),
    [("06-01", "Seats"), ("06-77", "Unclassified"), ("40-01", ""), ("oddity", "")],
)
def test_a_stored_code_that_nobody_knows_ends_no_search(code: str, named: str) -> None:
    payload = {"design_id": "A", "figure": "1", "locarno_subclass": code}
    assert hit(Scored("x", 0.5, payload), 1).class_name == named

"""What is kept of a figure, and what a schema says of itself."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import numpy as np
import pytest

from engine.design import Citation, Design, Figure, figure_id
from engine.errors import IndexMismatch
from engine.plan import EncoderCard, Filter, Nearest, Recommend, SearchPlan, classes_filter
from qdrant.plan import both, mean_example, prepared
from qdrant.points import class_path, point
from qdrant.schema import VERSION, Schema
from qdrant.store import open_store

FIGURE = Figure(
    number="2A", file="grant.zip!fig.tif", content=b"ink", page=1, view="front view", turn=90,
    box=(1, 2, 30, 40),
)  # fmt: skip
DESIGN = Design(
    id="USD0906631",
    office="US",
    title="Chair",
    locarno=("06-01", "09-03", "12"),
    locarno_edition="13",
    filed=date(2019, 3, 1),
    published=date(2021, 1, 5),
    holder="Somebody, Inc.",
    figures=(FIGURE,),
    citations=(Citation(design_id="USD0000001", category="cited by examiner", country="US"),),
    description="FIG. 2A is a front view.",
    related=("USD0800000",),
)
ROW = np.eye(4, dtype=np.float32)[0]
CARD = EncoderCard("e", "1", 4, "p")


def test_a_figure_as_a_point() -> None:
    made = point(
        DESIGN, FIGURE, {"image": ROW}, image_url="http://x/figures/", thumbnail="data:image/png,x"
    )
    assert made.id == figure_id("US", "USD0906631", "2A")
    assert made.payload == {
        "office": "US",
        "design_id": "USD0906631",
        "figure": "2A",
        "title": "Chair",
        "locarno_class": "06",
        "locarno_subclass": "06-01",
        "path": ["06", "06-01", "09", "09-03", "12"],
        "locarno_edition": "13",
        "filed": "2019-03-01",
        "published": "2021-01-05",
        "holder": "Somebody, Inc.",
        "view": "front view",
        "description": "FIG. 2A is a front view.",
        "citations": [
            {"design_id": "USD0000001", "category": "cited by examiner", "country": "US"}
        ],
        "related": ["USD0800000"],
        "file": "grant.zip!fig.tif",
        "page": 1,
        "box": [1, 2, 30, 40],
        "turn": 90,
        "sha256": hashlib.sha256(b"ink").hexdigest(),
        "image_url": f"http://x/figures/{made.id}.png",
        "thumbnail": "data:image/png,x",
        "version": VERSION,
    }
    json.dumps(made.payload)


def test_what_is_not_known_is_left_out() -> None:
    figure = Figure(number="1", file="a.png", content=b"x")
    made = point(Design(id="a"), figure, {"image": ROW})
    assert made.payload == {
        "design_id": "a",
        "figure": "1",
        "file": "a.png",
        "page": 0,
        "turn": 0,
        "sha256": figure.sha256,
        "version": VERSION,
    }


def test_a_class_without_subclass() -> None:
    payload = point(Design(id="a", locarno=("32",)), FIGURE, {"image": ROW}).payload
    assert payload["locarno_class"] == "32"
    assert "locarno_subclass" not in payload
    assert payload["path"] == ["32"]
    assert class_path(("06-01", "06-04", "06")) == ["06", "06-01", "06-04"]
    assert class_path(()) == []


@pytest.mark.parametrize("location", [":memory:", "folder"])
def test_there_and_back(location: str, tmp_path: object) -> None:
    """A design stored is found under its class and dates, and becomes a hit again."""
    from engine.search import hit

    place = location if location == ":memory:" else f"{tmp_path}/store"
    with (
        open_store(place) as store,
        store.create("designs", CARD, Schema.for_card(CARD)) as collection,
    ):
        collection.upsert([point(DESIGN, FIGURE, {"image": ROW})])
        for where, found in (
            (classes_filter(include=["09"]), 1),
            (classes_filter(include=["09-03"], exclude=["06-02"]), 1),
            (classes_filter(exclude=["12"]), 0),
            (classes_filter(since=date(2021, 1, 5), holders=["Somebody, Inc."]), 1),
            (classes_filter(before=date(2021, 1, 5)), 0),  # strictly earlier
            (classes_filter(before=date(2021, 1, 6), offices=["US"]), 1),
            (classes_filter(exclude_designs=["USD0906631"]), 0),
        ):
            assert collection.count(where) == found
        shown = hit(collection.search(SearchPlan(Nearest("image", ROW), 1))[0], 1)
    assert (shown.design_id, shown.figure, shown.office) == ("USD0906631", "2A", "US")
    assert (shown.title, shown.holder, shown.view) == ("Chair", "Somebody, Inc.", "front view")
    assert (shown.published, shown.file) == ("2021-01-05", "grant.zip!fig.tif")
    assert (shown.locarno_class, shown.locarno_subclass) == ("06", "06-01")
    assert shown.score == pytest.approx(1)


def test_a_schema_is_read_back() -> None:
    card = EncoderCard("e", "1", 4, "p", text_dimension=512)
    for schema in (Schema.for_card(card), Schema.for_card(card, text=True, quantized=True)):
        assert Schema.from_record(json.loads(json.dumps(schema.record()))) == schema
    assert schema.names == ("image", "text", "bm25", "descriptions")
    assert schema.multi == {"descriptions": 512}
    with pytest.raises(IndexMismatch, match="newer version"):
        Schema.from_record({**schema.record(), "version": VERSION + 1})
    assert Schema.for_card(CARD, text=True).vectors == {"image": 4, "text": 384}


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 2.5, "2", True, None])
def test_a_record_with_numbers_that_are_none_is_damaged(value: object) -> None:
    record = Schema(vectors={"image": 4}).record()
    for damaged in ({**record, "version": value}, {**record, "vectors": {"image": value}}):
        with pytest.raises(ValueError, match="no whole number"):
            Schema.from_record(damaged)


def test_the_mean_example_is_twice_the_liked_less_the_unliked() -> None:
    eye = np.eye(4, dtype=np.float32)
    row = mean_example(Recommend("image", (eye[0], eye[1]), (eye[2],)))
    # 2 · (½, ½, 0, 0) − (0, 0, 1, 0) = (1, 1, −1, 0), of length √3
    np.testing.assert_allclose(row, np.array([1, 1, -1, 0]) / 3**0.5, atol=1e-6)
    assert row.dtype == np.float32


def test_a_prepared_plan_is_prepared_once() -> None:
    inner = SearchPlan(Nearest("image", ROW), 3, classes_filter(include=["06"]))
    plan = prepared(
        SearchPlan(
            Recommend("image", (ROW,)), 2, classes_filter(offices=["US"]), prefetches=(inner,)
        )
    )
    assert isinstance(plan.query, Nearest)
    wanted = classes_filter(offices=["US"], include=["06"])
    assert set(plan.prefetches[0].filter.must) == set(wanted.must)
    again = prepared(plan)
    assert again.filter == plan.filter
    assert again.prefetches[0].filter == plan.prefetches[0].filter
    assert both(Filter(), Filter()) == Filter()

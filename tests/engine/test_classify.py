"""Class suggestions: votes by hand, calibration on designs whose answers are known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine import classify
from engine.classify import Calibration, Suggestion, calibration_error, choose, probabilities
from engine.design import figure_id
from engine.encoder import Encoder, Preprocessing
from engine.errors import IndexMismatch, QueryError
from engine.plan import EncoderCard, Filter, Point, Vector, unit_rows
from qdrant.schema import Schema
from qdrant.store import Collection, open_store

CODES = ("06-01", "26-05", "07-01")
CARD = EncoderCard("axis", "1", 8, Preprocessing(8).digest)


def tower(pixels: Vector) -> tuple[Vector, None]:
    """The grey of each column: a drawing says by its columns where it lies."""
    return pixels[:, 0].mean(axis=1) + 1, None


ENCODER = Encoder(CARD, Preprocessing(8), tower)


def picture(columns: list[int]) -> Image.Image:
    """Eight columns of the given ink (0 to 8 dark pixels each) in a frame the crop cannot cut."""
    grey = np.full((8, 8), 255, np.uint8)
    for column, ink in enumerate(columns):
        grey[:ink, column] = 0
    return Image.fromarray(np.kron(grey, np.ones((16, 16), np.uint8)), "L")


def collection(folder: Path, noise: float, designs: int = 60) -> Iterator[Collection]:
    """Designs of three subclasses around three centres; noise mixes them up."""
    rng = np.random.default_rng(3)
    centres = unit_rows(rng.normal(size=(3, 8)))
    made = []
    for d in range(designs):
        code = CODES[d % 3]
        for f in range(3):
            row = unit_rows(centres[d % 3] + noise * rng.normal(size=8))[0]
            payload = {
                "office": "US", "design_id": f"D{d}", "figure": str(f), "locarno_subclass": code,
                "locarno_class": code[:2], "path": [code[:2], code],
            }  # fmt: skip
            made.append(Point(figure_id("US", f"D{d}", str(f)), {"image": row}, payload))
    with (
        open_store(folder) as store,
        store.create("designs", CARD, Schema.for_card(CARD)) as index,
    ):
        index.upsert(made)
        yield index


@pytest.fixture
def clean(tmp_path: Path) -> Iterator[Collection]:
    yield from collection(tmp_path / "clean", 0.1)


@pytest.fixture
def noisy(tmp_path: Path) -> Iterator[Collection]:
    yield from collection(tmp_path / "noisy", 0.9)


def test_votes_by_hand() -> None:
    prior = {"06-01": 0.75, "26-05": 0.25}
    votes = [("26-05", 0.9), ("06-01", 0.8), ("26-05", 0.8)]
    found = probabilities(votes, prior, Calibration(scale=0.1, share=0.2))
    e = math.exp(-1)
    assert found["26-05"] == pytest.approx(0.2 * 0.25 + 0.8 * (1 + e) / (1 + 2 * e))
    assert found["06-01"] == pytest.approx(0.2 * 0.75 + 0.8 * e / (1 + 2 * e))
    assert probabilities([], prior, Calibration(0.1, 0.2)) == prior


@given(
    st.lists(st.tuples(st.sampled_from(CODES), st.floats(-1, 1)), max_size=30),
    st.sampled_from(classify.SCALES),
    st.sampled_from(classify.SHARES),
)
def test_probabilities_sum_to_one(
    votes: list[tuple[str, float]], scale: float, share: float
) -> None:
    found = probabilities(votes, {"06-01": 0.5, "12-08": 0.5}, Calibration(scale, share))
    assert sum(found.values()) == pytest.approx(1)
    assert all(0 <= probability <= 1 for probability in found.values())


def test_calibration_error_by_hand() -> None:
    answers = [(0.95, True), (0.91, False), (0.55, True), (0.52, True), (1.0, True)]
    # bin 0.9-1: |2.86 - 2|; bin 0.5-0.6: |1.07 - 2|
    assert calibration_error(answers) == pytest.approx((0.86 + 0.93) / 5)
    assert math.isnan(calibration_error([]))


def test_a_clean_collection_is_sure_and_right(clean: Collection) -> None:
    fit = classify.calibrate(clean)
    assert (fit.right, fit.designs) == (1.0, 60)
    assert fit.error < 0.05


def test_a_noisy_collection_is_not_overconfident(noisy: Collection) -> None:
    fit = classify.calibrate(noisy)
    assert 0.4 < fit.right < 0.95
    sure = Calibration(0.005, 0.02)
    others = [
        (probabilities(classify._votes(_others(noisy, p)), dict.fromkeys(CODES, 1 / 3), sure), p)
        for p in classify._classified(noisy)
    ]
    first = [
        (max(found.values()), max(found, key=lambda c: found[c]) == p.payload["locarno_subclass"])
        for found, p in others
    ]
    # Fitted probabilities are honest where those of the nearest neighbour alone are not.
    assert fit.error < 0.15 < calibration_error(first)


def _others(index: Collection, point: object) -> list[object]:
    from engine.plan import AnyOf

    own = Filter(must_not=(AnyOf("design_id", (point.payload["design_id"],)),))  # type: ignore[attr-defined]
    return classify._neighbours(index, point.vectors["image"], own)  # type: ignore[attr-defined,return-value]


def test_suggestions(tmp_path: Path) -> None:
    drawings = {"06-01": [8, 1, 1, 1, 1, 1, 1, 8], "26-05": [1, 1, 1, 8, 8, 1, 1, 1]}
    with (
        open_store(tmp_path) as store,
        store.create("designs", CARD, Schema.for_card(CARD)) as index,
    ):
        for n in range(6):
            code, columns = list(drawings.items())[n % 2]
            columns = [max(1, ink - (n // 2) * (i == 3)) for i, ink in enumerate(columns)]
            row = ENCODER.encode_drawings([picture(columns)])[0]
            payload = {
                "office": "US",
                "design_id": f"D{n}",
                "figure": "1",
                "locarno_subclass": code,
            }
            index.upsert([Point(figure_id("US", f"D{n}", "1"), {"image": row}, payload)])
        unclassified = {"office": "US", "design_id": "X", "figure": "1"}
        row = ENCODER.encode_drawings([picture(drawings["26-05"])])[0]
        index.upsert([Point(figure_id("US", "X", "1"), {"image": row}, unclassified)])
        found = classify.suggest(index, ENCODER, [picture(drawings["26-05"])])
        assert [one.code for one in found] == ["26-05", "06-01"]
        assert found[0].name.startswith("Lamps")
        assert found[0].designs[0] == "D1"
        assert sum(one.probability for one in found) == pytest.approx(1)
        both = classify.suggest(index, ENCODER, [picture(c) for c in drawings.values()])
        assert both[0].probability < found[0].probability
        assert len(classify.suggest(index, ENCODER, [picture(drawings["06-01"])], limit=1)) == 1
        with pytest.raises(QueryError, match="no drawing"):
            classify.suggest(index, ENCODER, [])
        other = Encoder(EncoderCard("other", "1", 8, ""), Preprocessing(8), tower)
        with pytest.raises(IndexMismatch):
            classify.suggest(index, other, [picture(drawings["06-01"])])


def test_a_collection_without_classes(tmp_path: Path) -> None:
    with (
        open_store(tmp_path) as store,
        store.create("designs", CARD, Schema.for_card(CARD)) as index,
        pytest.raises(QueryError, match="nothing to learn"),
    ):
        classify.suggest(index, ENCODER, [picture([1] * 8)])


@pytest.mark.parametrize(
    ("mass", "expected"),
    [(0.5, ("a",)), (0.6, ("a",)), (0.7, ("a", "b")), (0.9, ("a", "b")), (0.99, ("a", "b", "c"))],
)
def test_choose(mass: float, expected: tuple[str, ...]) -> None:
    given_ = [Suggestion("a", "", 0.6), Suggestion("b", "", 0.3), Suggestion("c", "", 0.05)]
    assert choose(given_, mass) == expected

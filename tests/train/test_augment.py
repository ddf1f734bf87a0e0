"""What befalls a drawing: each step does what it says, and the same seed gives the same picture."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from train import augment
from train.config import Augment

NOTHING = Augment(**{item.name: 0.0 for item in fields(Augment)})
STEPS = [item.name for item in fields(Augment) if item.name != "sheet"]


def drawing(size: int = 160) -> Image.Image:
    """A flag on its pole: like none of its own mirror images or turns."""
    picture = Image.new("L", (size, size), 255)
    pen = ImageDraw.Draw(picture)
    pen.line((40, 20, 40, 140), fill=0, width=3)
    pen.rectangle((40, 20, 120, 60), outline=0, width=3)
    return picture


def seen(seed: int = 0, pictures: Any = None, **chance: float) -> Any:
    given = {item.name: 0.0 for item in fields(Augment)} | chance
    rng = np.random.default_rng(seed)
    return augment.view(pictures or [drawing()], 96, Augment(**given), rng)


def ink(square: Any) -> int:
    return int((np.asarray(square) < 128).sum())


def test_nothing_done_is_the_plain_square() -> None:
    from engine import drawing as drawings

    side = round(96 * augment.WORKING)
    expected = drawings.square(drawing(), side)[0].resize((96, 96), Image.Resampling.BOX)
    np.testing.assert_array_equal(seen(), np.asarray(expected))


@pytest.mark.parametrize("step", STEPS)
def test_each_step_changes_the_picture_and_repeats_by_seed(step: str) -> None:
    plain = seen()
    found = [seen(seed, **{step: 1.0}) for seed in range(4)]
    assert any(not np.array_equal(one, plain) for one in found)
    for seed, one in enumerate(found):
        assert one.shape == (96, 96)
        assert one.dtype == np.uint8
        assert one.flags.writeable
        np.testing.assert_array_equal(one, seen(seed, **{step: 1.0}))


def test_flip_and_turn_move_pixels_alone() -> None:
    square = np.asarray(drawing())
    flipped = seen(flip=1.0)
    np.testing.assert_array_equal(flipped, seen()[:, ::-1])
    turns = [np.rot90(square, k) for k in (1, 2, 3)]
    met = set()
    for seed in range(20):
        found = np.asarray(augment.turn(drawing(), np.random.default_rng(seed)))
        met |= {k for k, one in enumerate(turns, 1) if np.array_equal(one, found)}
    assert met == {1, 2, 3}


def test_crops_lie_on_the_square() -> None:
    widths = []
    for seed in range(200):
        left, top, right, bottom = augment.crop(100, np.random.default_rng(seed))
        assert 0 <= left < right <= 100 + 1e-9
        assert 0 <= top < bottom <= 100 + 1e-9
        widths.append(right - left)
        assert 0.84 <= (bottom - top) / (right - left) <= 1.16
    assert min(widths) < 70
    assert max(widths) > 95


@pytest.mark.parametrize("step", ["erase", "grid", "dash"])
def test_what_is_taken_away_becomes_paper(step: str) -> None:
    square = np.zeros((60, 60), np.uint8)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        act = getattr(augment, step)
        found = np.asarray(
            act(Image.fromarray(square), rng) if step == "dash" else act(square, rng)
        )
        assert set(np.unique(found)) == {0, 255}
        share = (found == 255).mean()
        # 1 … 10 % erased; (2/5)² of the grid's cells; under a third of the diagonals.
        low, high = {"erase": (0.005, 0.12), "grid": (0.05, 0.3), "dash": (0.15, 0.35)}[step]
        assert low <= share <= high, (seed, share)
    assert not square.any()


def test_lines_get_thicker_or_paler() -> None:
    before = drawing()
    after = [augment.line(before, np.random.default_rng(seed)) for seed in range(20)]
    darkness = [float(255 * 160**2 - np.asarray(one, dtype=np.float64).sum()) for one in after]
    plain = float(255 * 160**2 - np.asarray(before, dtype=np.float64).sum())
    assert any(one > plain for one in darkness)
    assert any(one < plain for one in darkness)
    assert all(one > 0 for one in darkness)


def test_noise_leaves_the_drawing_legible() -> None:
    square = np.asarray(drawing())
    for seed in range(10):
        found = augment.noise(square, np.random.default_rng(seed))
        assert ((found < 128) == (square < 128)).mean() > 0.98


@pytest.mark.parametrize("figures", [2, 3, 4])
def test_a_sheet_holds_every_figure(figures: int) -> None:
    square = Image.new("L", (100, 100), 0)  # all ink: the areas add up only without overlap
    for seed in range(20):
        page = augment.sheet([square] * figures, 200, np.random.default_rng(seed))
        assert page.size == (200, 200)
        cell = 100
        share = ink(page) / (figures * cell * cell)
        assert 0.69**2 <= share <= 1.0


def test_a_view_of_several_figures_shows_them_smaller() -> None:
    one, several = seen(), seen(pictures=[drawing()] * 4)
    assert several.shape == one.shape
    assert not np.array_equal(one, several)
    quarter = several[:48, :48]
    assert 0 < ink(quarter) < ink(one)


def test_blank_paper_stays_paper() -> None:
    assert (seen(pictures=[Image.new("L", (50, 50), 255)]) == 255).all()
    assert NOTHING.flip == 0

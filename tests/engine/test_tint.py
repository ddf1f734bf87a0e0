"""What is enclosed becomes grey: against SciPy's labels, and what a draughtsman would expect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.tint import DARKEST, DENSE, INK_BELOW, LIGHTEST, tint

ndimage = pytest.importorskip("scipy.ndimage")
EIGHT = np.ones((3, 3), bool)


def drawn(size: int = 96, seed: int = 0) -> Any:
    """Random outlines, open and closed, thin and broad, light and dark, on paper."""
    rng = np.random.default_rng(seed)
    picture = Image.new("L", (size, size), 255)
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.integers(1, 7)):
        left, top = rng.integers(0, size - 24, 2)
        width, height = rng.integers(8, 24, 2)
        box = (int(left), int(top), int(left + width), int(top + height))
        grey, broad = int(rng.integers(0, 230)), int(rng.integers(1, 4))
        match rng.integers(3):
            case 0:
                pen.ellipse(box, outline=grey, width=broad)
            case 1:
                pen.rectangle(box, outline=grey, width=broad)
            case _:
                pen.arc(box, 20, int(rng.integers(200, 380)), fill=grey, width=broad)
    return np.asarray(picture)


def by_scipy(square: Any) -> Any:
    """The definition again, by another library's labels and morphology, region by region."""
    ink = np.pad(square < INK_BELOW, 8)
    walls = ndimage.binary_dilation(ink, EIGHT)
    labels, _ = ndimage.label(~walls)
    outside = ndimage.binary_dilation(labels == labels[0, 0], EIGHT)
    inside = ~outside & ~walls
    labels, count = ndimage.label(inside)
    shade = np.zeros(ink.shape)
    for region in range(1, count + 1):
        share = (labels == region).sum() / (~outside).sum()
        shade[labels == region] = int(DARKEST + (LIGHTEST - DARKEST) * share**0.5)
    shade = ndimage.grey_dilation(shade, (5, 5))
    shade[shade == 0] = DENSE
    shade[outside] = 255
    return square.astype(int) * shade[8:-8, 8:-8].astype(int) // 255


@pytest.mark.parametrize("seed", range(20))
def test_regions_and_greys_are_those_of_scipy(seed: int) -> None:
    square = drawn(seed=seed)
    found = tint(square)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, by_scipy(square))
    assert (found <= square).all(), "nothing becomes lighter"


def test_random_dots_of_every_density() -> None:
    rng = np.random.default_rng(3)
    for share in (0.02, 0.1, 0.3, 0.6, 0.95, 1.0):
        square = np.where(rng.random((40, 40)) < share, 0, 255).astype(np.uint8)
        np.testing.assert_array_equal(tint(square), by_scipy(square))


def test_turns_and_mirrors_of_a_drawing_are_tinted_alike() -> None:
    square = drawn(seed=4)
    for change in (np.fliplr, np.flipud, np.rot90):
        np.testing.assert_array_equal(tint(change(square)), change(tint(square)))


def test_a_ring_is_filled_and_a_bow_is_not() -> None:
    def ring(gap: int) -> Any:
        square = np.full((64, 64), 255, np.uint8)
        square[16:48, 16:48] = 0
        square[18:46, 18:46] = 255
        square[16:18, 30 : 30 + gap] = 255
        return square

    for gap, filled in ((0, True), (2, True), (3, False)):
        found = tint(ring(gap))
        assert (found[32, 32] < 255) == filled, f"a gap of {gap} px"
        assert found[0, 0] == 255
    np.testing.assert_array_equal(tint(ring(3)), ring(3))


def test_the_larger_region_is_the_lighter() -> None:
    square = np.full((64, 64), 255, np.uint8)
    square[8:56, 8:56] = 0
    square[10:54, 10:54] = 255
    square[10:54, 20:22] = 0
    found = tint(square)
    assert DARKEST <= found[30, 15] < found[30, 40] < LIGHTEST


@pytest.mark.parametrize("grey", [0, 255])
def test_blank_and_black_squares_stay(grey: int) -> None:
    square = np.full((32, 32), grey, np.uint8)
    np.testing.assert_array_equal(tint(square), square)

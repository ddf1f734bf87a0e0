"""Connected pieces of ink, against plain loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.raster import connected, grown, pieces, reduced

Box = tuple[int, int, int, int]


def flooded(ink: np.ndarray, diagonal: bool) -> list[tuple[Box, int]]:
    """Connected pieces by flood fill, cell by cell."""
    left = {(int(y), int(x)) for y, x in np.argwhere(ink)}
    found = []
    while left:
        todo, cells = [left.pop()], []
        while todo:
            y, x = todo.pop()
            cells.append((y, x))
            for cell in itertools.product((y - 1, y, y + 1), (x - 1, x, x + 1)):
                if cell in left and (diagonal or y == cell[0] or x == cell[1]):
                    left.remove(cell)
                    todo.append(cell)
        ys, xs = zip(*cells, strict=True)
        found.append(((min(xs), min(ys), max(xs) + 1, max(ys) + 1), len(cells)))
    return sorted(found)


@pytest.mark.parametrize("diagonal", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_pieces_are_those_of_a_flood_fill(seed: int, diagonal: bool) -> None:
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 40, 2)
    ink = rng.random(shape) < rng.choice([0.1, 0.35, 0.5, 0.9])
    whole = pieces(ink, diagonal=diagonal)
    found = sorted(
        (tuple(map(int, box)), int(area))
        for box, area in zip(whole.boxes, whole.areas, strict=True)
    )
    assert found == flooded(ink, diagonal)
    assert np.array_equal(whole.mask(np.ones(len(whole), bool), ink.shape), ink)
    labelled = whole.labels(ink)
    assert np.array_equal(labelled > 0, ink)
    for piece in range(len(whole)):
        alone = np.arange(len(whole)) == piece
        assert np.array_equal(labelled == piece + 1, whole.mask(alone, ink.shape))


@pytest.mark.parametrize("seed", range(8))
def test_growing_and_reducing_are_what_plain_loops_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ink = rng.random(rng.integers(1, 30, 2)) < 0.15
    height, width = ink.shape
    padded = np.pad(ink, 1)
    plain = [[padded[y : y + 3, x : x + 3].any() for x in range(width)] for y in range(height)]
    assert np.array_equal(grown(ink), np.array(plain))
    for factor in (1, 2, 3, 5):
        plain = [
            [ink[y : y + factor, x : x + factor].any() for x in range(0, width, factor)]
            for y in range(0, height, factor)
        ]
        assert np.array_equal(reduced(ink, factor), np.array(plain))


@pytest.mark.parametrize("seed", range(8))
def test_connected_groups_are_those_of_plain_merging(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count, edges = 30, int(rng.integers(0, 40))
    a, b = rng.integers(0, count, (2, edges))
    groups = [{i} for i in range(count)]
    for x, y in zip(a, b, strict=True):
        one = next(g for g in groups if x in g)
        other = next(g for g in groups if y in g)
        if one is not other:
            groups.remove(other)
            one |= other
    found = connected(count, a, b)
    assert sorted(map(sorted, groups)) == sorted(
        sorted(np.flatnonzero(found == k).tolist()) for k in set(found.tolist())
    )

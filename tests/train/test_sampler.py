"""Batches by step: shares, views, kin, tail, and going on where one was."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from engine.errors import UsageError
from train.sampler import Sampler, Source, quotas


def corpus(*designs: tuple[int, int]) -> Any:
    """(n, 2) of designs given as (subclass, figures)."""
    return np.array(designs, dtype=np.int64)


MANY = corpus(*[(number % 7 - 1, 1 + number % 6) for number in range(60)])


def sampler(known: Any = MANY, **change: Any) -> Sampler:
    given: dict[str, Any] = {"designs": 8, "seed": 3}
    sources = change.pop("sources", [Source(1, 2, 0.5)])
    where = change.pop("corpus", np.zeros(len(known), np.int64))
    return Sampler(known[:, 0], known[:, 1], where, sources, **given | change)


def test_a_batch_is_designs_times_views() -> None:
    made = sampler()
    assert made.pictures == 16
    for step in range(30):
        batch = made.batch(step)
        counted = Counter(one.design for one in batch)
        assert len(counted) == 8
        assert set(counted.values()) == {2}


def test_views_share_no_figure_while_there_are_others() -> None:
    seen = Counter()
    for step in range(60):
        batch = sampler().batch(step)
        for one, other in zip(batch[::2], batch[1::2], strict=True):
            figures = one.figures + other.figures
            assert one.design == other.design
            there = int(MANY[one.design, 1])
            assert max(figures) < there
            assert len(set(figures)) == len(figures) or there == 1
            assert len(figures) <= max(there, 2)
            seen[len(one.figures)] += 1
    assert set(seen) == {1, 2, 3, 4}
    assert seen[1] > seen[2] > seen[3]


def test_a_batch_depends_on_seed_and_step_alone() -> None:
    one, other = sampler(), sampler()
    assert [one.batch(step) for step in (5, 0, 9)] == [other.batch(step) for step in (5, 0, 9)]
    assert one.batch(0) != one.batch(1)
    assert one.batch(0) != sampler(seed=4).batch(0)


def test_going_on_is_as_never_having_stopped() -> None:
    whole = iter(sampler())
    expected = [next(whole) for _ in range(6)]
    stopped = sampler()
    first = [batch for batch, _ in zip(stopped, range(3), strict=False)][:3]
    state = {"seed": 3, "step": 3}
    again = sampler(seed=99)
    again.load_state_dict(state)
    second = iter(again)
    assert first + [next(second) for _ in range(3)] == expected
    assert again.state_dict() == {"seed": 3, "step": 6}


def test_corpora_take_part_by_weight() -> None:
    both = np.concatenate([MANY, MANY])
    where = np.repeat([0, 1], len(MANY))
    made = sampler(both, corpus=where, sources=[Source(3, 2), Source(1, 1)], designs=10)
    # 7.5 and 2.5: equal remainders, the first one gets it
    assert made.quotas == [8, 2]
    assert made.pictures == 18
    for step in range(5):
        drawn = [where[one.design] for one in made.batch(step)]
        assert drawn == [0] * 16 + [1] * 2


@pytest.mark.parametrize(
    ("weights", "total", "expected"),
    [([11, 8, 10], 29, [11, 8, 10]), ([1, 1, 1], 10, [4, 3, 3]), ([0, 1], 5, [0, 5]),
     ([0.6, 0.25, 0.15], 3, [2, 1, 0])],
)  # fmt: skip
def test_quotas(weights: list[float], total: int, expected: list[int]) -> None:
    assert quotas(weights, total) == expected


def test_kin_brings_pairs_of_one_subclass() -> None:
    known = corpus(*[(number, 2) for number in range(40) for _ in range(2)])

    def pairs(kin: float) -> float:
        found = 0
        for step in range(50):
            designs = {one.design for one in sampler(known, kin=kin).batch(step)}
            counted = Counter(design // 2 for design in designs)
            found += sum(number == 2 for number in counted.values())
        return found / 50

    assert pairs(1.0) == 4  # of 8 designs, all
    assert 2 <= pairs(0.5) < 3
    # By chance: 28 pairs of designs, each of one subclass with probability 1/79.
    assert pairs(0.0) == pytest.approx(28 / 79, abs=0.25)


def test_tail_evens_out_subclasses() -> None:
    known = corpus(*[(0, 1)] * 90, *[(1, 1)] * 10)

    def share(tail: float) -> float:
        made = sampler(known, designs=2, tail=tail, sources=[Source(1, 1)])
        drawn = [known[one.design, 0] for step in range(500) for one in made.batch(step)]
        return float(np.mean(drawn))

    assert share(0.0) == pytest.approx(0.1, abs=0.03)
    # Equal at the first draw, a little less at the second, which cannot be the same design.
    assert share(1.0) == pytest.approx(0.5, abs=0.05)


def test_too_few_designs_are_named() -> None:
    with pytest.raises(UsageError, match="has 2 designs, but its share of a batch is 8"):
        sampler(corpus((0, 3), (1, 3)))
    with pytest.raises(UsageError, match="weight 0"):
        sampler(sources=[Source(0, 2)])

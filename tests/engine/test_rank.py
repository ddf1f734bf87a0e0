"""Ranking as arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan import Scored, classes_filter, unit_rows
from engine.rank import (
    best_per_group,
    maximal_marginal_relevance,
    ordered,
    reciprocal_rank_fusion,
    view_scores,
)


def test_rrf_is_arithmetic() -> None:
    fused = reciprocal_rank_fusion([["a", "b", "c"], ["c", "a"]], k=60)
    assert fused == [
        ("a", 1 / 61 + 1 / 62),
        ("c", 1 / 63 + 1 / 61),
        ("b", 1 / 62),
    ]


def test_rrf_weights_and_ties() -> None:
    assert reciprocal_rank_fusion([["b"], ["a"]], k=1) == [("a", 0.5), ("b", 0.5)]
    assert reciprocal_rank_fusion([["b"], ["a"]], k=1, weights=[2, 1]) == [("b", 1.0), ("a", 0.5)]
    with pytest.raises(ValueError, match="at least 1"):
        reciprocal_rank_fusion([], k=0)
    with pytest.raises(ValueError):
        reciprocal_rank_fusion([["a"]], weights=[1, 2])


def test_best_per_group_keeps_the_first() -> None:
    assert best_per_group(["a1", "b1", "a2", "c1", "b2"], lambda item: item[0]) == [
        "a1",
        "b1",
        "c1",
    ]


def test_views_score_is_the_mean_of_each_views_best_figure() -> None:
    similarities = np.array([[0.9, 0.1, 0.6], [0.2, 0.8, 0.6]], dtype=np.float32)
    scored = view_scores(similarities, ["x", "x", "y"], [1, 1])
    assert scored["x"] == (pytest.approx((0.9 + 0.8) / 2), 0)  # figure 0 has the higher mean
    assert scored["y"] == (pytest.approx(0.6), 2)


def test_counter_examples_lower_the_score() -> None:
    likes = np.array([[0.9, 0.7]], dtype=np.float32)
    against = np.array([[0.8, 0.0]], dtype=np.float32)
    scored = view_scores(likes, ["x", "y"], [2], against, [1])
    assert scored["x"][0] == pytest.approx(0.9 - 0.5 * 0.8)
    assert scored["y"][0] == pytest.approx(0.7)


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_view_scores_equal_plain_loops(views: int, figures: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    similarities = random.uniform(-1, 1, (views, figures)).astype(np.float32)
    groups = list(random.integers(0, 3, figures))
    weights = list(random.uniform(0.1, 2, views))
    scored = view_scores(similarities, groups, weights)
    for group in set(groups):
        total = 0.0
        for view in range(views):
            best = max(similarities[view, i] for i in range(figures) if groups[i] == group)
            total += weights[view] * float(best)
        assert scored[group][0] == pytest.approx(total / sum(weights), abs=1e-6)


def test_mmr_prefers_the_unlike() -> None:
    vectors = unit_rows([[1, 0], [0.99, 0.1], [0, 1]])
    scores = [0.9, 0.89, 0.5]
    assert maximal_marginal_relevance(scores, vectors, 3, trade=1.0) == [0, 1, 2]
    assert maximal_marginal_relevance(scores, vectors, 2, trade=0.5) == [0, 2]


def test_order_breaks_ties_by_id() -> None:
    points = [Scored("b", 0.5), Scored("c", 0.7), Scored("a", 0.5)]
    assert [point.id for point in ordered(points)] == ["c", "a", "b"]


def test_unit_rows_leave_zero_rows_alone() -> None:
    rows = unit_rows([[3.0, 4.0], [0.0, 0.0]])
    assert rows.dtype == np.float32
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0.0, 0.0]]


def test_an_empty_filter_is_false() -> None:
    assert not classes_filter()
    assert classes_filter(include=["06"])

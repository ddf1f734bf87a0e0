"""Ranking beyond one vector search: one hit a design, fusion, multi-view scores, diversity.

Plain functions over ids and score matrices; knows nothing of stores or encoders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from engine.plan import Scored, Vector

T = TypeVar("T")
Id = TypeVar("Id", str, int)


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[Id]], k: int = 60, weights: Sequence[float] | None = None
) -> list[tuple[Id, float]]:
    """Sum weight / (k + rank) over the rankings, rank from 1 (Cormack et al., SIGIR 2009).

    Args:
        rankings: ids, best first; lengths may differ.
        k: damping, in ranks.
        weights: one a ranking; all 1 when None.

    Returns: (id, score), best first; equal scores by id, so runs repeat.
    Raises: ValueError if k < 1, or if weights and rankings differ in number.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    weights = [1.0] * len(rankings) if weights is None else weights
    scores: dict[Id, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def best_per_group(items: Iterable[T], group: Callable[[T], object]) -> list[T]:
    """The first item of each group, in order: of a ranking, the best figure of each design."""
    seen: set[object] = set()
    kept = []
    for item in items:
        key = group(item)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def view_scores(
    similarities: Vector,
    groups: Sequence[object],
    weights: Sequence[float],
    penalties: Vector | None = None,
    penalty_weights: Sequence[float] = (),
) -> dict[object, tuple[float, int]]:
    """Score designs against a query of several views: the mean of each view's best figure.

    A design that matches the front in one figure and the side in another beats one whose single
    figure is somewhat like both [ours].

    Args:
        similarities: (views, figures) cosine of every view of the query and every figure.
        groups: the design of each figure, (figures,).
        weights: of the views, positive.
        penalties: (counter-examples, figures) cosine to drawings the answer must not be like.
        penalty_weights: of the counter-examples, positive.

    Returns: for each design its score and the index of its best figure.
    """
    members: dict[object, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    share = np.asarray(weights, dtype=np.float64) / np.sum(weights)
    scored: dict[object, tuple[float, int]] = {}
    for group, columns in members.items():
        block = similarities[:, columns]
        score = float(share @ block.max(axis=1))
        if penalties is not None and len(penalty_weights):
            against = np.asarray(penalty_weights, dtype=np.float64) / np.sum(weights)
            score -= float(against @ penalties[:, columns].max(axis=1))
        scored[group] = (score, columns[int((share @ block).argmax())])
    return scored


def maximal_marginal_relevance(
    scores: Sequence[float], vectors: Vector, k: int, trade: float = 0.7
) -> list[int]:
    """Choose k items that are relevant and unlike each other (Carbonell & Goldstein, SIGIR 1998).

    Args:
        scores: relevance of each item, on the scale of a cosine.
        vectors: (n, dim) unit rows of the items.
        k: items chosen, at most.
        trade: 1 is relevance alone, 0 is diversity alone.

    Returns: indices in the order chosen; ties to the lower index.
    """
    left = list(range(len(scores)))
    nearest = np.full(len(scores), -1.0)
    chosen: list[int] = []
    while left and len(chosen) < k:
        values = [trade * scores[i] - (1 - trade) * (nearest[i] if chosen else 0.0) for i in left]
        pick = left.pop(int(np.argmax(values)))
        chosen.append(pick)
        nearest = np.maximum(nearest, vectors @ vectors[pick])
    return chosen


def ordered(points: Iterable[Scored]) -> list[Scored]:
    """Best first; equal scores by id."""
    return sorted(points, key=lambda point: (-point.score, point.id))

"""Which pictures make a batch: designs with several views each, out of several corpora.

A batch depends on the seed and the step alone, so a run that goes on at step n draws what it would
have drawn, and every process of a run knows the whole batch. Knows of designs only their labels and how many
figures each has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import UsageError

UNKNOWN = -1
ON_SHEET = (2, 3, 4)  # figures on a composed sheet, and how often each number occurs
ON_SHEET_SHARES = (0.53, 0.21, 0.26)
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture of a batch: a design, and which figures of it: one, or several for a sheet."""

    design: int
    figures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """How one corpus takes part.

    Attributes:
        weight: share of the batch's designs, relative to the others; 0 takes no part.
        views: pictures of each design.
        sheet: probability that a picture is a sheet of 2 to 4 figures of the design.
    """

    weight: float
    views: int
    sheet: float = 0.0


class Sampler:
    """Batches by step, without end.

    Args:
        subclass: (n,) int64 of each design, −1 unknown.
        figures: (n,) number of figures of each design.
        corpus: (n,) number of the source of each design.
        sources: the corpora.
        designs: different designs in a batch; the sources' shares of them are the same every step.
        kin: share of a batch's designs that are drawn two by two from one subclass.
        tail: a design of a subclass with n designs is drawn ∝ n^−tail; those of no known subclass
            as if theirs were of average size.
        seed: of the run.

    Raises: UsageError where a corpus has fewer designs than its share of a batch.
    """

    def __init__(
        self,
        subclass: Ints,
        figures: Ints,
        corpus: Ints,
        sources: Sequence[Source],
        *,
        designs: int,
        kin: float = 0.0,
        tail: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.sources, self.seed, self.step = tuple(sources), seed, 0
        self._figures = figures
        self.quotas = quotas([source.weight for source in sources], designs)
        self._pools = [
            _Pool(np.flatnonzero(corpus == number), subclass, kin, tail)
            for number in range(len(sources))
        ]
        for number, (quota, pool) in enumerate(zip(self.quotas, self._pools, strict=True)):
            if quota > len(pool.designs):
                raise UsageError(
                    f"Corpus {number} has {len(pool.designs)} designs, but its share of a batch is "
                    f"{quota}. Lower batch.designs or its weight, or add designs."
                )

    @property
    def pictures(self) -> int:
        """In a batch; the same every step."""
        return sum(q * source.views for q, source in zip(self.quotas, self.sources, strict=True))

    def batch(self, step: int) -> list[Drawn]:
        """The pictures of a step, those of one design together."""
        rng = np.random.default_rng([self.seed, step])
        drawn: list[Drawn] = []
        for quota, source, pool in zip(self.quotas, self.sources, self._pools, strict=True):
            for design in pool.draw(quota, rng):
                drawn += _deal(design, int(self._figures[design]), source, rng)
        return drawn

    def __iter__(self) -> Iterator[list[Drawn]]:
        while True:
            batch = self.batch(self.step)
            self.step += 1
            yield batch

    def state_dict(self) -> dict[str, Any]:
        """All that iteration needs to go on."""
        return {"seed": self.seed, "step": self.step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.seed, self.step = int(state["seed"]), int(state["step"])


def quotas(weights: Sequence[float], total: int) -> list[int]:
    """Split a whole number by weights, by largest remainders; equal ones in order.

    Raises: UsageError where no weight is above 0.
    """
    summed = sum(weights)
    if summed <= 0:
        raise UsageError("Every corpus has weight 0: give one of them more.")
    exact = [total * weight / summed for weight in weights]
    made = [int(share) for share in exact]
    order = sorted(range(len(made)), key=lambda i: (made[i] - exact[i], i))
    for number in order[: total - sum(made)]:
        made[number] += 1
    return made


class _Pool:
    """The designs of one corpus, and how likely each is drawn."""

    def __init__(self, designs: Ints, subclass: Ints, kin: float, tail: float) -> None:
        self.designs, self.subclass, self.kin = designs, subclass[designs], kin
        known = self.subclass != UNKNOWN
        weights = np.ones(len(designs))
        if known.any():
            _, group, sizes = np.unique(
                self.subclass[known], return_inverse=True, return_counts=True
            )
            by_size = sizes[group] ** -float(tail)
            weights[known] = by_size / by_size.mean()
        self.chances: Floats = weights / weights.sum() if len(weights) else weights

    def draw(self, number: int, rng: np.random.Generator) -> list[int]:
        """Different designs; of a share ``kin`` of them, each second is of its neighbour's subclass."""
        chosen: list[int] = []
        free = np.ones(len(self.chances), dtype=bool)
        for place in range(number):
            allowed = free
            paired = place % 2 == 1 and place < round(self.kin * number / 2) * 2
            if paired and self.subclass[chosen[-1]] != UNKNOWN:
                kin = free & (self.subclass == self.subclass[chosen[-1]])
                allowed = kin if kin.any() else free
            chances = np.where(allowed, self.chances, 0)
            chosen.append(int(rng.choice(len(chances), p=chances / chances.sum())))
            free[chosen[-1]] = False
        return [int(self.designs[place]) for place in chosen]


def _deal(design: int, figures: int, source: Source, rng: np.random.Generator) -> list[Drawn]:
    """The pictures of one design: no figure twice while there are others left."""
    left = rng.permutation(figures).tolist()
    made = []
    for view in range(source.views):
        wanted = 1
        if rng.random() < source.sheet:
            wanted = int(rng.choice(ON_SHEET, p=ON_SHEET_SHARES))
        to_come = source.views - view - 1
        wanted = max(1, min(wanted, len(left) - to_come))
        left = left or rng.permutation(figures).tolist()
        made.append(Drawn(design, tuple(left[:wanted])))
        left = left[wanted:]
    return made

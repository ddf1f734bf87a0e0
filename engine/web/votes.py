"""Votes between two systems, and what they prove.

One vote is one person's answer to one question, "which list is better?", given blind. Votes are lines
of a file, so a study can be stopped, gone on with, and counted again. Several people answer the same
questions, so intervals come from drawing whole questions anew, not single votes.
"""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from engine.errors import SourceError, UsageError

Winner = Literal["a", "b", "tie"]
RESAMPLES = 10_000
WORTH = {"a": 1.0, "b": -1.0, "tie": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """Who preferred which system for which question.

    Attributes:
        question: what tells the question from others: the sha256 of its drawing.
        name: of the drawing.
        left: which system stood on the left.
        winner: the preferred one, or "tie".
        seconds: from showing to answering.
        at: local time, ISO 8601.
    """

    who: str
    question: str
    name: str
    a: str
    b: str
    left: Literal["a", "b"]
    winner: Winner
    seconds: float
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What votes come to.

    Attributes:
        wins_a, wins_b, ties: votes.
        share: of ``a`` among the votes that prefer one; NaN without any.
        wilson: 95 % interval of the share (Wilson, 1927), as if votes were independent.
        preference: mean over questions of the mean vote (+1 for a, −1 for b, 0 for a tie).
        interval: 95 % of the preference, bootstrap over questions.
        p: two-sided sign test over questions: would as many prefer one of two equal systems?
        left: share of the votes that prefer the left list; far from ½, places decided, not lists.
    """

    a: str
    b: str
    people: int
    questions: int
    votes: int
    wins_a: int
    wins_b: int
    ties: int
    share: float
    wilson: tuple[float, float]
    preference: float
    interval: tuple[float, float]
    p: float
    left: float


def read(path: Path) -> list[Vote]:
    """The votes of a file; none of a file that is not there. Raises: SourceError."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}). Name a file of votes.") from error
    votes = []
    for number, line in enumerate(lines, start=1):
        try:
            vote = Vote(**json.loads(line))
            if vote.winner not in WORTH or vote.left not in ("a", "b"):
                raise ValueError("no such winner")
        except (ValueError, TypeError) as error:
            raise SourceError(f"{path}, line {number} is no vote ({error}).") from None
        votes.append(vote)
    return votes


def append(path: Path, vote: Vote) -> None:
    """Add a vote, on the disk before this returns. Raises: UsageError."""
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(vote), ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}). Name a file in a folder that exists."
        ) from error


def tally(votes: Sequence[Vote], *, resamples: int = RESAMPLES, seed: int = 0) -> Tally:
    """Count votes of one pair of systems. Raises: UsageError for none, or of several pairs."""
    pairs = {(vote.a, vote.b) for vote in votes}
    if len(pairs) != 1:
        raise UsageError(
            "There are no votes yet." if not pairs
            else "The votes are of several pairs of systems. Keep one file of votes a study."
        )  # fmt: skip
    ((a, b),) = pairs
    wins = {winner: sum(vote.winner == winner for vote in votes) for winner in WORTH}
    decided = wins["a"] + wins["b"]
    means = np.array(list(_by_question(votes).values()))
    rng = np.random.default_rng(seed)
    drawn = means[rng.integers(0, len(means), (resamples, len(means)))].mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    left = sum(vote.winner == vote.left for vote in votes)
    return Tally(
        a=a, b=b, people=len({vote.who for vote in votes}), questions=len(means),
        votes=len(votes), wins_a=wins["a"], wins_b=wins["b"], ties=wins["tie"],
        share=wins["a"] / decided if decided else math.nan, wilson=wilson(wins["a"], decided),
        preference=float(means.mean()), interval=(float(low), float(high)),
        p=sign_test(int((means > 0).sum()), int((means < 0).sum())),
        left=left / decided if decided else math.nan,
    )  # fmt: skip


def wilson(wins: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """Interval of a share, ``wins`` of ``count`` (Wilson, 1927); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    share = wins / count
    centre = share + z**2 / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    scale = 1 + z**2 / count
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def sign_test(wins: int, losses: int) -> float:
    """Two-sided exact sign test: the chance of a split as uneven by tosses of a coin."""
    count = wins + losses
    tail = sum(math.comb(count, k) for k in range(min(wins, losses) + 1)) / (1 << count)
    return min(1.0, 2 * tail)


def _by_question(votes: Iterable[Vote]) -> dict[str, float]:
    held: dict[str, list[float]] = defaultdict(list)
    for vote in votes:
        held[vote.question].append(WORTH[vote.winner])
    return {question: sum(worth) / len(worth) for question, worth in sorted(held.items())}

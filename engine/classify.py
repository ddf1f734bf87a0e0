"""Suggest Locarno subclasses for a drawing, from the classes of the stored designs nearest to it.

Every neighbouring design votes for its subclass, the more the nearer it is; a little of the
collection's own distribution is mixed in, so that nothing is impossible. How fast votes fall with
distance, and how much is mixed in, is fitted on the collection itself, each design asked about
without its own figures: then 0.7 means right in seven of ten.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
from PIL.Image import Image

from engine import locarno
from engine.encoder import Encoder
from engine.errors import QueryError
from engine.plan import AnyOf, Filter, Index, Nearest, Scored, SearchPlan, Vector
from engine.rank import best_per_group
from engine.search import IMAGE, check_card, design_key

NEIGHBOURS = 100  # figures looked at: some twenty to thirty designs
SAMPLE = 100  # designs that a calibration asks about
KEYS = ("office", "design_id", "locarno_subclass")
# What a calibration chooses among: cosines by which a vote falls to 1/e, and shares of the prior.
SCALES = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.2)
SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7)
LEAST = 1e-6  # probability of a subclass the collection does not hold: only for the fit's logarithm

Votes = list[tuple[str, float]]  # subclass and cosine of the nearest designs, nearest first


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A subclass with its probability, and the stored designs that speak for it, nearest first."""

    code: str
    name: str
    probability: float
    designs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """How votes become probabilities, and how well that went on the collection itself.

    Attributes:
        scale: difference of cosine by which a vote falls to 1/e.
        share: of the collection's distribution of classes in the result.
        right: share of the sampled designs whose first suggestion is their subclass.
        error: mean gap between probability and share right, over ten bins (expected calibration
            error of the first suggestion).
        designs: sampled.
    """

    scale: float
    share: float
    right: float = math.nan
    error: float = math.nan
    designs: int = 0


def suggest(
    index: Index,
    encoder: Encoder,
    pictures: Sequence[Image],
    *,
    limit: int = 5,
    calibration: Calibration | None = None,
) -> list[Suggestion]:
    """Subclasses of a design, the most probable first, by its drawings.

    Args:
        index: a collection whose designs have classes.
        encoder: the collection's.
        pictures: upright grey drawings; several are views of one design.
        limit: suggestions, at most.
        calibration: made by :func:`calibrate`; that is done first when None, which takes a hundred
            searches.

    Raises: IndexMismatch for another encoder; QueryError when no stored design has a subclass;
        ImageError for a blank drawing.
    """
    check_card(index.card, encoder.card)
    if not pictures:
        raise QueryError("There is no drawing to classify. Give at least one.")
    prior = _prior(index)
    calibration = calibration or calibrate(index)
    evidence: dict[str, dict[str, None]] = {}
    found: dict[str, float] = {}
    for row in encoder.encode_drawings(pictures):
        points = _neighbours(index, row)
        for point in points:
            code = str(point.payload["locarno_subclass"])
            evidence.setdefault(code, {})[str(point.payload["design_id"])] = None
        for code, probability in probabilities(_votes(points), prior, calibration).items():
            found[code] = found.get(code, 0.0) + probability / len(pictures)
    order = sorted(found, key=lambda code: (-found[code], code))
    return [
        Suggestion(code, _name(code), found[code], tuple(evidence.get(code, ()))[:3])
        for code in order[:limit]
    ]


def choose(suggestions: Sequence[Suggestion], mass: float = 0.9) -> tuple[str, ...]:
    """The fewest subclasses that hold the right one with this probability: a filter's classes.

    All of them where they do not reach it.
    """
    chosen: list[str] = []
    total = 0.0
    for suggestion in suggestions:
        chosen.append(suggestion.code)
        total += suggestion.probability
        if total >= mass - 1e-9:
            break
    return tuple(chosen)


def calibrate(index: Index, sample: int = SAMPLE) -> Calibration:
    """Fit scale and share on stored designs, each asked about by one figure, its own design out.

    The fit with the least mean logarithmic loss wins. Figures come in the order of their ids,
    which are hashes: a random sample, and the same every time.

    Raises: QueryError when fewer than two designs have a subclass.
    """
    prior = _prior(index)
    asked: list[tuple[str, Votes]] = []
    for figure in islice(_classified(index), sample):
        own = Filter(must_not=(AnyOf("design_id", (str(figure.payload["design_id"]),)),))
        points = _neighbours(index, np.asarray(figure.vectors[IMAGE]), own)
        asked.append((str(figure.payload["locarno_subclass"]), _votes(points)))
    if len(asked) < 2:
        raise QueryError(
            "The collection has fewer than two designs with a Locarno subclass: there is nothing "
            "to learn classes from. Ingest classified designs first."
        )

    def loss(fit: Calibration) -> float:
        given = (probabilities(votes, prior, fit).get(true, 0.0) for true, votes in asked)
        return -sum(math.log(max(probability, LEAST)) for probability in given)

    best = min((Calibration(*pair) for pair in product(SCALES, SHARES)), key=loss)
    first: list[tuple[float, bool]] = []
    for true, votes in asked:
        found = probabilities(votes, prior, best)
        code = max(found, key=lambda code: (found[code], code))
        first.append((found[code], code == true))
    right = sum(hit for _, hit in first) / len(first)
    return Calibration(best.scale, best.share, right, calibration_error(first), len(first))


def probabilities(
    votes: Votes, prior: Mapping[str, float], calibration: Calibration
) -> dict[str, float]:
    """Probability of each subclass; they sum to 1.

    Args:
        votes: subclass and cosine of each neighbouring design, best first.
        prior: share of each subclass in the collection, summing to 1.
        calibration: scale of the votes and share of the prior.
    """
    found = {code: calibration.share * share for code, share in prior.items()}
    if not votes:
        return dict(prior)
    nearest = max(cosine for _, cosine in votes)
    weights = [math.exp((cosine - nearest) / calibration.scale) for _, cosine in votes]
    for (code, _), weight in zip(votes, weights, strict=True):
        gained = (1 - calibration.share) * weight / sum(weights)
        found[code] = found.get(code, 0.0) + gained
    return found


def calibration_error(answers: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: gap of mean probability and share right, weighted by bin size.

    Args:
        answers: probability given, and whether it was right.
        bins: of equal width over 0 … 1.
    """
    held: dict[int, list[tuple[float, bool]]] = {}
    for probability, hit in answers:
        held.setdefault(min(int(probability * bins), bins - 1), []).append((probability, hit))
    gaps = (abs(sum(p for p, _ in bin) - sum(hit for _, hit in bin)) for bin in held.values())
    return sum(gaps) / len(answers) if answers else math.nan


def _classified(index: Index) -> Iterator[Scored]:
    """One figure of each design that has a subclass, with its image vector, by id."""
    seen = set()
    for point in index.scroll(keys=KEYS, vectors=(IMAGE,), batch=2 * SAMPLE):
        if point.payload.get("locarno_subclass") and design_key(point) not in seen:
            seen.add(design_key(point))
            yield point


def _neighbours(index: Index, row: Vector, where: Filter | None = None) -> list[Scored]:
    """The nearest figure of each of the designs nearest to a row that have a subclass."""
    plan = SearchPlan(Nearest(IMAGE, row), NEIGHBOURS, where or Filter(), with_payload=KEYS)
    points = best_per_group(index.search(plan), design_key)
    return [point for point in points if point.payload.get("locarno_subclass")]


def _votes(points: Sequence[Scored]) -> Votes:
    return [(str(point.payload["locarno_subclass"]), point.score) for point in points]


def _prior(index: Index) -> dict[str, float]:
    counts = index.facet("locarno_subclass")
    total = sum(counts.values())
    if not total:
        raise QueryError(
            "No design of the collection has a Locarno subclass: there is nothing to learn classes "
            "from. Ingest classified designs first."
        )
    return {code: count / total for code, count in counts.items()}


def _name(code: str) -> str:
    try:
        return locarno.heading(code)
    except locarno.UnknownCode:
        return ""

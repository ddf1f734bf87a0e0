"""How well embeddings retrieve: every drawing is a query against all others, under three protocols.

- ``same-design``: relevant are the other files of the query's design; the query's file is out.
- ``subclass``, ``class``: relevant are files of *other* designs in the same Locarno subclass or
  class; the whole design of the query is out.

Rankings are complete, best first, equal scores by id, so that runs repeat. A query with nothing
relevant does not count. Knows nothing of files or encoders: takes unit rows and labels, needs numpy
alone. ``engine.trec`` writes rankings down, and measures those of any other system.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.locarno import MARKS
from engine.plan import Vector

Protocol = Literal["same-design", "subclass", "class"]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PROTOCOLS: tuple[Protocol, ...] = ("same-design", "subclass", "class")
CUTS = (1, 5, 10)  # of hit@k
DEPTH = 10  # of MRR and nDCG, in ranks
# Graded gains of nDCG: what a hit is to the query, from nothing to the same design.
NONE, CLASS, SUBCLASS, DESIGN = 0, 1, 2, 3
HEAD_SHARE = 0.5  # of the designs: the head classes are the largest that hold so many [ours]
RESAMPLES = 1000  # of the bootstrap
BLOCK = 1_000_000  # scores held at once: about 60 MB with all that is made of them


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known of each drawing; all of one length, "" for unknown.

    Attributes:
        ids: of the files, unique.
        design_ids: a file without one is a design of its own.
        subclasses, classes: Locarno codes, "06-01" and "06"; offices' marks for what has no class
            (77, 99-00) count as unknown.
        sources: the folder or file that each was read from.
    """

    ids: tuple[str, ...]
    design_ids: tuple[str, ...]
    subclasses: tuple[str, ...]
    classes: tuple[str, ...]
    sources: tuple[str, ...]

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, name)) for name in self.__slots__}
        if len(lengths) > 1:
            raise ValueError(f"labels differ in length: {sorted(lengths)}")
        if len(set(self.ids)) < len(self.ids):
            raise ValueError("ids of files must be unique")


@dataclass(frozen=True, slots=True, eq=False)
class PerQuery:
    """Measures of each query that counts, in the order of ids.

    Attributes:
        queries: (q,) index of the query in the labels.
        designs: (q,) which queries are of one design, from 0.
        average_precision, ndcg, h_ap: (q,) in 0..1.
        first: (q,) rank of the first relevant file, from 1.
    """

    queries: Ints
    designs: Ints
    average_precision: Floats
    first: Ints
    ndcg: Floats
    h_ap: Floats


def evaluate(embeddings: Vector, labels: Labels, *, model: str = "") -> dict[str, Any]:
    """Measure embeddings under every protocol, as a whole and by source.

    Args:
        embeddings: (n, dim) unit rows.
        labels: of the n rows.
        model: name of what made them.

    Returns: {"model", "gallery": n, "protocols": {protocol: measures}}. The measures: "queries",
        "map" (as scikit-learn's average_precision_score, over the whole ranking), "map_macro" (mean
        over designs of their mean AP), "hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10" (gains 3 for
        the same design, 2 subclass, 1 class), "map_ci" (95 % bootstrap over designs), for the
        protocol "class" also "h_ap"; for the protocols "subclass" and "class" also "map_head" and
        "map_tail" (mean over the head and over the tail classes of their mean AP); and "by_source":
        all but these for the queries of each source that has any, against the whole gallery.
    Raises: ValueError where embeddings and labels differ in number.
    """
    sources = np.array(labels.sources, dtype=object)
    protocols: dict[str, Any] = {}
    for protocol, found in measure(embeddings, labels).items():
        protocols[protocol] = summary(found, protocol)
        if protocol != "same-design":
            codes = labels.subclasses if protocol == "subclass" else labels.classes
            protocols[protocol] |= _head_and_tail(found, codes, labels.design_ids)
        protocols[protocol]["by_source"] = {
            source: summary(_of(found, sources[found.queries] == source), protocol)
            for source in sorted(set(sources[found.queries]))
        }
    return {"model": model, "gallery": len(labels.ids), "protocols": protocols}


def summary(found: PerQuery, protocol: Protocol = "same-design") -> dict[str, Any]:
    """The means of ``evaluate``; zeros where no query counts."""
    count = len(found.queries)
    made: dict[str, Any] = {
        "queries": count,
        "map": _mean(found.average_precision),
        "map_macro": _mean(_design_means(found.average_precision, found.designs)),
    }
    for cut in CUTS:
        made[f"hit@{cut}"] = _mean(found.first <= cut)
    made[f"mrr@{DEPTH}"] = _mean(np.where(found.first <= DEPTH, 1 / found.first, 0))
    made[f"ndcg@{DEPTH}"] = _mean(found.ndcg)
    made["map_ci"] = list(bootstrap(found.average_precision, found.designs))
    if protocol == "class":
        made["h_ap"] = _mean(found.h_ap)
    return made


def _head_and_tail(
    found: PerQuery, codes: Sequence[str], designs: Sequence[str]
) -> dict[str, float]:
    """Mean AP of the common and of the rare classes, each class counting the same; 0 for none."""
    # A file without a design is one by itself.
    owned = {
        (code, design or i) for i, (code, design) in enumerate(zip(codes, designs, strict=True))
    }
    sizes = Counter(code for code, _ in owned if _known(code))
    head: set[str] = set()
    held = 0
    for code in sorted(sizes, key=lambda code: (-sizes[code], code)):
        if held >= HEAD_SHARE * sizes.total():
            break
        head.add(code)
        held += sizes[code]
    by_code: dict[str, list[float]] = defaultdict(list)
    for query, precision in zip(found.queries, found.average_precision, strict=True):
        by_code[codes[query]].append(float(precision))
    means = {code: float(np.mean(values)) for code, values in by_code.items()}
    return {
        "map_head": _mean(np.array([mean for code, mean in means.items() if code in head])),
        "map_tail": _mean(np.array([mean for code, mean in means.items() if code not in head])),
    }


def measure(embeddings: Vector, labels: Labels) -> dict[Protocol, PerQuery]:
    """The measures of each query under each protocol; memory does not grow with the gallery's square.

    Raises: ValueError where embeddings and labels differ in number.
    """
    found: dict[Protocol, list[tuple[Ints, Ints, Floats, Ints, Floats, Floats]]] = {
        protocol: [] for protocol in PROTOCOLS
    }
    gallery = _Gallery.of(embeddings, labels)
    for rows, order, _ in gallery.rankings():
        gains = gallery.gains(rows, order)
        own_file = order == rows[:, None]
        for protocol in PROTOCOLS:
            kept, relevant = _judged(protocol, gains, own_file)
            counts = relevant.any(axis=1)
            if not counts.any():
                continue
            kept, relevant, graded = kept[counts], relevant[counts], gains[counts]
            ranks = np.cumsum(kept, axis=1, dtype=np.int64)
            hierarchical = (
                _hierarchical_ap(np.where(kept, graded, NONE), ranks)
                if protocol == "class" else np.zeros(len(kept))
            )  # fmt: skip
            found[protocol].append((
                gallery.by_id[rows[counts]], gallery.designs[rows[counts]],
                _average_precisions(relevant, ranks), _first(relevant, ranks),
                _ndcg(np.where(kept, graded, NONE), ranks), hierarchical,
            ))  # fmt: skip
    return {protocol: _joined(blocks) for protocol, blocks in found.items()}


# --- one ranking --------------------------------------------------------------------------------


def average_precision(relevant: Sequence[bool] | Bools) -> float:
    """Mean over the relevant ranks of the precision down to them; 0 where nothing is relevant.

    Args:
        relevant: of the whole ranking, best first.
    """
    judged = np.asarray(relevant, dtype=bool)[None]
    if not judged.any():
        return 0.0
    return float(_average_precisions(judged, np.arange(1, judged.size + 1)[None])[0])


def _average_precisions(relevant: Bools, ranks: Ints) -> Floats:
    """(queries,) of (queries, n) judgements and ranks; each row holds something relevant."""
    row, column = np.nonzero(relevant)
    precision = np.cumsum(relevant, axis=1)[row, column] / ranks[row, column]
    total = np.bincount(row, weights=precision, minlength=len(relevant))
    return np.asarray(total / relevant.sum(axis=1))


def _first(relevant: Bools, ranks: Ints) -> Ints:
    """(queries,) rank of the first relevant file."""
    return np.asarray(ranks[np.arange(len(ranks)), relevant.argmax(axis=1)])


def _ndcg(gains: Ints, ranks: Ints) -> Floats:
    """(queries,) Σ gain / log2(1 + rank) of the first ranks, over the same of the best ranking.

    ``gains`` are 0 for files out of the gallery (Järvelin & Kekäläinen, TOIS 2002).
    """
    row, column = np.nonzero((gains > 0) & (ranks <= DEPTH))
    worth = gains[row, column] / np.log2(1 + ranks[row, column])
    got = np.bincount(row, weights=worth, minlength=len(gains))
    best = -np.sort(-gains, axis=1)[:, :DEPTH]
    ideal = best @ (1 / np.log2(1 + np.arange(1, best.shape[1] + 1)))
    return np.asarray(got / ideal)


def _hierarchical_ap(gains: Ints, ranks: Ints) -> Floats:
    """(queries,) H-AP with the own design out: hits of the subclass weigh twice those of the class.

    H-AP = Σ_k H-rank(k) / rank(k) / Σ_k rel(k) over the relevant k, where H-rank(k) = rel(k) + the
    sum over relevant j before k of min(rel(j), rel(k)); rel = level / number of files on that level
    (Ramzi et al., ECCV 2022, α = 1).
    """
    fine, coarse = gains == SUBCLASS, gains == CLASS
    fine_weight = 2.0 / np.maximum(fine.sum(axis=1), 1)
    coarse_weight = 1.0 / np.maximum(coarse.sum(axis=1), 1)
    fine_seen, coarse_seen = np.cumsum(fine, axis=1), np.cumsum(coarse, axis=1)
    total = np.zeros(len(gains))
    for level, weight in ((fine, fine_weight), (coarse, coarse_weight)):
        row, column = np.nonzero(level)
        # Both counts include k itself, whose min with itself is rel(k).
        height = fine_seen[row, column] * np.minimum(weight, fine_weight)[row]
        height += coarse_seen[row, column] * np.minimum(weight, coarse_weight)[row]
        total += np.bincount(row, weights=height / ranks[row, column], minlength=len(gains))
    return np.asarray(total / (2.0 * fine.any(axis=1) + 1.0 * coarse.any(axis=1)))


def _judged(protocol: Protocol, gains: Ints, own_file: Bools) -> tuple[Bools, Bools]:
    """Which files of the rankings are in the gallery, and which of them are relevant."""
    if protocol == "same-design":
        kept = ~own_file
        return kept, kept & (gains == DESIGN)
    kept = gains != DESIGN
    return kept, kept & (gains >= (SUBCLASS if protocol == "subclass" else CLASS))


# --- certainty ----------------------------------------------------------------------------------


def bootstrap(values: Floats, designs: npt.NDArray[Any], *, seed: int = 0) -> tuple[float, float]:
    """95 % interval of the mean of the values, designs drawn with replacement.

    Drawing designs, not queries, because the files of one design succeed and fail together.
    """
    if not len(values):
        return 0.0, 0.0
    _, codes = np.unique(designs, return_inverse=True)
    sums, counts = np.bincount(codes, weights=values), np.bincount(codes)
    rng = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        drawn = rng.integers(len(sums), size=len(sums))
        means[i] = sums[drawn].sum() / counts[drawn].sum()
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def paired_test(
    a: PerQuery, b: PerQuery, *, resamples: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """Whether two systems differ in mAP on the same queries: a permutation test over designs.

    Under the null the two systems' results for a design could as well be swapped: the signs of the
    designs' differences are flipped at random (Smucker et al., CIKM 2007).

    Returns: mAP of a minus mAP of b, and the two-sided p-value.
    Raises: ValueError where the queries differ.
    """
    if not np.array_equal(a.queries, b.queries) or not np.array_equal(a.designs, b.designs):
        raise ValueError("the two systems answered different queries")
    gained = a.average_precision - b.average_precision
    return permutation_test(gained, a.designs, resamples=resamples, seed=seed)


def permutation_test(
    gained: Floats, designs: npt.NDArray[Any], *, resamples: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """Mean of the queries' differences and its two-sided p-value, signs flipped by design."""
    if not len(gained):
        return 0.0, 1.0
    _, codes = np.unique(designs, return_inverse=True)
    differences = np.bincount(codes, weights=gained)
    observed = abs(differences.sum())
    rng = np.random.default_rng(seed)
    extreme = 0
    for _ in range(resamples):
        flipped = np.where(rng.random(len(differences)) < 0.5, -differences, differences)
        # A hair of tolerance: the same sum in another order must count as equal.
        extreme += abs(flipped.sum()) >= observed - 1e-12
    return float(differences.sum() / len(gained)), (1 + extreme) / (1 + resamples)


# --- rankings -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """What one query found of its gallery, best first, as indices in the labels.

    Attributes:
        query: the file that asked.
        files: (n,) those in its gallery.
        scores: (n,) their cosines.
        gains: (n,) what each is to the query, NONE to DESIGN.
        relevant: (n,) whether it counts as found.
    """

    query: int
    files: Ints
    scores: Vector
    gains: Ints
    relevant: Bools


def rankings(embeddings: Vector, labels: Labels, protocol: Protocol) -> Iterator[Ranking]:
    """The rankings that ``measure`` measures, of the queries that count, in the order of ids.

    Raises: ValueError where embeddings and labels differ in number.
    """
    gallery = _Gallery.of(embeddings, labels)
    for rows, order, scores in gallery.rankings():
        gains = gallery.gains(rows, order)
        kept, relevant = _judged(protocol, gains, order == rows[:, None])
        for i in np.nonzero(relevant.any(axis=1))[0]:
            own = kept[i]
            yield Ranking(
                int(gallery.by_id[rows[i]]), gallery.by_id[order[i][own]], scores[i][own],
                gains[i][own], relevant[i][own],
            )  # fmt: skip


# --- the gallery, ranked in blocks of queries -----------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Gallery:
    """Embeddings and labels as numbers, in the order of ids: a stable sort then breaks ties by id."""

    embeddings: Vector
    by_id: Ints  # (n,) index in the caller's order
    designs: Ints  # (n,) codes; equal codes, equal labels
    subclasses: Ints  # (n,) codes, -1 for unknown
    classes: Ints

    @classmethod
    def of(cls, embeddings: Vector, labels: Labels) -> _Gallery:
        if embeddings.ndim != 2 or len(embeddings) != len(labels.ids):
            raise ValueError(
                f"embeddings of shape {embeddings.shape} do not fit {len(labels.ids)} labels"
            )
        by_id = np.array(sorted(range(len(labels.ids)), key=labels.ids.__getitem__), dtype=np.int64)

        def codes(values: Iterable[str], unknown: Callable[[int], int]) -> Ints:
            held = [*values]
            known = {value: code for code, value in enumerate(sorted({*held} - {""}))}
            numbers = [known[held[i]] if held[i] else unknown(int(i)) for i in by_id]
            return np.array(numbers, dtype=np.int64)

        return cls(
            np.ascontiguousarray(embeddings[by_id], dtype=np.float32),
            by_id,
            codes(labels.design_ids, lambda i: len(labels.ids) + i),
            codes(map(_known, labels.subclasses), lambda _: -1),
            codes(map(_known, labels.classes), lambda _: -1),
        )

    def rankings(self) -> Iterator[tuple[Ints, Ints, Vector]]:
        """Blocks of queries: rows (b,), files best first (b, n), their scores (b, n)."""
        count = len(self.embeddings)
        step = max(1, BLOCK // max(count, 1))
        for start in range(0, count, step):
            rows = np.arange(start, min(start + step, count))
            scores = self.embeddings[rows] @ self.embeddings.T
            order = np.argsort(-scores, axis=1, kind="stable")
            yield rows, order, np.take_along_axis(scores, order, axis=1)

    def gains(self, rows: Ints, order: Ints) -> Ints:
        """(b, n) what each ranked file is to its query, NONE to DESIGN."""
        made = np.zeros(order.shape, dtype=np.int64)
        for labels, gain in ((self.classes, CLASS), (self.subclasses, SUBCLASS)):
            own = labels[rows][:, None]
            made[(labels[order] == own) & (own >= 0)] = gain
        made[self.designs[order] == self.designs[rows][:, None]] = DESIGN
        return made


def _known(code: str) -> str:
    """The code, or "" for one that stands for no class."""
    return "" if code[:2] in MARKS else code


def _joined(blocks: list[tuple[Ints, Ints, Floats, Ints, Floats, Floats]]) -> PerQuery:
    if not blocks:
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
        return PerQuery(none, none, nothing, none, nothing, nothing)
    queries, designs, precisions, first, ndcg, h_ap = zip(*blocks, strict=True)
    return PerQuery(
        np.concatenate(queries), np.concatenate(designs), np.concatenate(precisions),
        np.concatenate(first), np.concatenate(ndcg), np.concatenate(h_ap),
    )  # fmt: skip


def _of(found: PerQuery, chosen: Bools) -> PerQuery:
    return PerQuery(
        found.queries[chosen], found.designs[chosen], found.average_precision[chosen],
        found.first[chosen], found.ndcg[chosen], found.h_ap[chosen],
    )  # fmt: skip


def _design_means(values: Floats, designs: Ints) -> Floats:
    _, codes = np.unique(designs, return_inverse=True)
    return np.asarray(np.bincount(codes, weights=values) / np.maximum(np.bincount(codes), 1))


def _mean(values: npt.NDArray[Any]) -> float:
    return float(values.mean()) if len(values) else 0.0

"""Measures against plain loops, scikit-learn and arithmetic by hand."""

from __future__ import annotations

import itertools
import math
import statistics
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import evaluate as measures
from engine.evaluate import Labels, PerQuery, average_precision, evaluate, paired_test
from engine.plan import unit_rows


def made(seed: int = 0, designs: int = 12, noise: float = 0.9) -> tuple[Any, Labels]:
    """Unit rows around a centre a design, with subclasses, classes and two sources."""
    rng = np.random.default_rng(seed)
    rows, ids, owners, subclasses, classes, sources = [], [], [], [], [], []
    for design in range(designs):
        main, sub = f"{design % 4 + 1:02d}", f"{design % 8 // 4 + 1:02d}"
        centre = rng.normal(size=6)
        for file in range(int(rng.integers(1, 5))):
            rows.append(centre + noise * rng.normal(size=6))
            ids.append(f"{rng.integers(1000):03d}-{design}-{file}")
            owners.append(f"D{design}")
            unknown = design == designs - 1
            classes.append("" if unknown else main)
            subclasses.append("" if unknown or design == 2 else f"{main}-{sub}")
            sources.append("a" if design % 2 else "b")
    labels = Labels(*(tuple(v) for v in (ids, owners, subclasses, classes, sources)))
    return unit_rows(np.array(rows, dtype=np.float32)), labels


def looped(embeddings: Any, labels: Labels, protocol: str) -> dict[str, dict[str, float]]:
    """Every measure of every query, one by one, as the definitions read."""
    answer = {}
    scores = embeddings @ embeddings.T
    n = len(labels.ids)
    for q in range(n):

        def gain(d: int, q: int = q) -> int:
            if labels.design_ids[d] == labels.design_ids[q]:
                return 3
            if labels.subclasses[d] and labels.subclasses[d] == labels.subclasses[q]:
                return 2
            return int(bool(labels.classes[d]) and labels.classes[d] == labels.classes[q])

        gallery = [d for d in range(n) if (d != q if protocol == "same-design" else gain(d) < 3)]
        gallery.sort(key=lambda d: (-scores[q, d], labels.ids[d]))
        least = {"same-design": 3, "subclass": 2, "class": 1}[protocol]
        relevant = [gain(d) >= least for d in gallery]
        if not any(relevant):
            continue
        precisions = [sum(relevant[: i + 1]) / (i + 1) for i, r in enumerate(relevant) if r]
        first = relevant.index(True) + 1
        gains = [gain(d) for d in gallery]
        dcg = sum(g / math.log2(i + 2) for i, g in enumerate(gains[:10]))
        ideal = sum(g / math.log2(i + 2) for i, g in enumerate(sorted(gains)[::-1][:10]))
        rel = [g / gains.count(g) if g else 0.0 for g in gains]
        h_ap = sum(
            sum(min(rel[j], rel[k]) for j in range(k + 1)) / (k + 1)
            for k in range(len(rel)) if rel[k]
        ) / sum(rel)  # fmt: skip
        answer[labels.ids[q]] = {
            "map": statistics.fmean(precisions), "first": first, "ndcg@10": dcg / ideal,
            "mrr@10": 1 / first if first <= 10 else 0.0, "h_ap": h_ap,
        }  # fmt: skip
    return answer


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("protocol", measures.PROTOCOLS)
def test_every_measure_is_what_plain_loops_say(seed: int, protocol: str) -> None:
    embeddings, labels = made(seed)
    expected = looped(embeddings, labels, protocol)
    got = evaluate(embeddings, labels, model="m")
    assert got["model"] == "m"
    assert got["gallery"] == len(labels.ids)
    whole = got["protocols"][protocol]
    owner = dict(zip(labels.ids, labels.design_ids, strict=True))
    folder = dict(zip(labels.ids, labels.sources, strict=True))
    parts = [("", whole), *whole["by_source"].items()]
    assert {name for name, _ in parts} == {"", "a", "b"}
    for source, found in parts:
        some = {id: m for id, m in expected.items() if source in ("", folder[id])}
        assert found["queries"] == len(some)
        for key in ("map", "mrr@10", "ndcg@10", *(["h_ap"] if protocol == "class" else [])):
            assert found[key] == pytest.approx(statistics.fmean(m[key] for m in some.values())), key
        for k in (1, 5, 10):
            share = statistics.fmean(m["first"] <= k for m in some.values())
            assert found[f"hit@{k}"] == pytest.approx(share)
        by_design: dict[str, list[float]] = {}
        for id, m in some.items():
            by_design.setdefault(owner[id], []).append(m["map"])
        macro = statistics.fmean(statistics.fmean(values) for values in by_design.values())
        assert found["map_macro"] == pytest.approx(macro)
        assert found["map_ci"][0] <= found["map"] <= found["map_ci"][1]


def test_the_shape_is_the_contract() -> None:
    found = evaluate(*made())
    keys = {"queries", "map", "map_macro", "hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10",
            "map_ci"}  # fmt: skip
    assert set(found) == {"model", "gallery", "protocols"}
    assert list(found["protocols"]) == ["same-design", "subclass", "class"]
    for protocol, whole in found["protocols"].items():
        wanted = keys | ({"h_ap"} if protocol == "class" else set())
        extra = set() if protocol == "same-design" else {"map_head", "map_tail"}
        assert set(whole) == wanted | extra | {"by_source"}
        assert all(set(part) == wanted for part in whole["by_source"].values())


def test_average_precision_is_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn: the train extra")
    rng = np.random.default_rng(1)
    for _ in range(50):
        relevant = rng.random(40) < 0.2
        relevant[rng.integers(40)] = True
        expected = metrics.average_precision_score(relevant, -np.arange(40))
        assert average_precision(relevant) == pytest.approx(expected, abs=1e-12)


def test_map_and_ndcg_are_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn: the train extra")
    embeddings, labels = made(5)
    scores = (embeddings @ embeddings.T).astype(np.float64)
    owners, classes = np.array(labels.design_ids), np.array(labels.classes)
    subclasses = np.array(labels.subclasses)
    precisions, ndcgs = [], []
    for q in range(len(owners)):
        others = owners != owners[q]
        same = (classes == classes[q]) & (classes[q] != "")
        finer = (subclasses == subclasses[q]) & (subclasses[q] != "")
        if same[others].any():
            precisions.append(metrics.average_precision_score(same[others], scores[q][others]))
            gains = same[others].astype(float) + finer[others]
            ndcgs.append(metrics.ndcg_score(gains[None], scores[q][others][None], k=10))
    found = evaluate(embeddings, labels)["protocols"]["class"]
    assert found["map"] == pytest.approx(statistics.fmean(precisions), abs=1e-9)
    assert found["ndcg@10"] == pytest.approx(statistics.fmean(ndcgs), abs=1e-9)


def test_by_hand() -> None:
    # On a line of angles: a1 0°, a2 30°, b1 10°, c1 200°. Query a1 ranks b1 before a2, c1.
    angles = np.radians([0, 30, 10, 200])
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    labels = Labels(
        ("a1", "a2", "b1", "c1"), ("A", "A", "B", "C"), ("06-01", "06-01", "06-01", "06-02"),
        ("06", "06", "06", "06"), ("s",) * 4,
    )  # fmt: skip
    found = evaluate(embeddings, labels)["protocols"]
    # a1: b1, a2 (rank 2), c1. a2: b1 (20°), a1 (30°): rank 2 too.
    assert found["same-design"]["queries"] == 2
    assert found["same-design"]["map"] == found["same-design"]["mrr@10"] == pytest.approx(0.5)
    assert (found["same-design"]["hit@1"], found["same-design"]["hit@5"]) == (0, 1)
    # gains b1 2, a 3, c1 1 against the best order 3, 2, 1.
    got = 2 + 3 / math.log2(3) + 1 / 2
    assert found["same-design"]["ndcg@10"] == pytest.approx(got / (3 + 2 / math.log2(3) + 1 / 2))
    # class, a1 without A: b1 then c1, both relevant. c1 has a2 170°, a1 160°, b1 170°... all relevant.
    assert found["class"]["queries"] == 4
    assert found["class"]["map"] == pytest.approx(1)
    assert found["subclass"]["queries"] == 3  # c1 is alone in 06-02
    # h_ap of a1: rel b1 2, c1 1; (2/1 + (1 + 1)/2) / 3 = 1.
    assert found["class"]["h_ap"] == pytest.approx(1)


@pytest.mark.parametrize("protocol", ["subclass", "class"])
def test_head_classes_hold_half_of_the_designs(protocol: str) -> None:
    embeddings, labels = made(2, designs=15)
    codes = labels.subclasses if protocol == "subclass" else labels.classes
    precision = {id: m["map"] for id, m in looped(embeddings, labels, protocol).items()}
    holders: dict[str, set[str]] = {}
    for code, design in zip(codes, labels.design_ids, strict=True):
        if code:
            holders.setdefault(code, set()).add(design)
    ranked = sorted(holders, key=lambda code: (-len(holders[code]), code))
    total = sum(len(held) for held in holders.values())
    head = [
        code for place, code in enumerate(ranked)
        if sum(len(holders[c]) for c in ranked[:place]) * 2 < total
    ]  # fmt: skip
    means = {
        code: statistics.fmean(values)
        for code in holders
        if (values := [precision[id] for id, own in zip(labels.ids, codes, strict=True)
                       if own == code and id in precision])
    }  # fmt: skip
    found = evaluate(embeddings, labels)["protocols"][protocol]
    assert 0 < len(head) < len(means)
    assert found["map_head"] == pytest.approx(
        statistics.fmean(means[c] for c in means if c in head)
    )
    rare = [means[code] for code in means if code not in head]
    assert found["map_tail"] == pytest.approx(statistics.fmean(rare))


def test_what_has_no_class_is_alike_to_nothing() -> None:
    embeddings = unit_rows(np.eye(4, dtype=np.float32) + 0.1)
    labels = Labels(
        tuple("abcd"), tuple("ABCD"), ("99-00", "99-00", "06-01", "06-01"), ("99", "99", "06", "06"),
        ("s",) * 4,
    )  # fmt: skip
    found = measures.measure(embeddings, labels)
    assert list(found["class"].queries) == list(found["subclass"].queries) == [2, 3]


def test_equal_scores_go_by_id() -> None:
    embeddings = unit_rows(np.ones((4, 3), dtype=np.float32))
    labels = Labels(("q", "b", "a", "c"), ("Q", "B", "Q", "C"), ("",) * 4, ("",) * 4, ("",) * 4)
    first = measures.measure(embeddings, labels)["same-design"]
    # Query a ranks b, c, q: its design at 3; query q ranks a first.
    assert dict(zip((labels.ids[i] for i in first.queries), first.first, strict=True)) == {
        "a": 3,
        "q": 1,
    }


def test_files_without_a_design_are_designs_of_their_own() -> None:
    embeddings = unit_rows(np.eye(3, dtype=np.float32))
    labels = Labels(("x", "y", "z"), ("", "", ""), ("",) * 3, ("06", "06", ""), ("s",) * 3)
    found = evaluate(embeddings, labels)["protocols"]
    assert found["same-design"]["queries"] == 0
    assert found["same-design"]["map"] == 0.0
    assert found["same-design"]["by_source"] == {}
    assert found["class"]["queries"] == 2


def test_an_empty_gallery_has_no_queries() -> None:
    none: tuple[str, ...] = ()
    found = evaluate(np.zeros((0, 4), dtype=np.float32), Labels(none, none, none, none, none))
    assert found["gallery"] == 0
    assert all(part["queries"] == 0 for part in found["protocols"].values())


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        Labels(("a",), ("A", "B"), ("",), ("",), ("",))
    with pytest.raises(ValueError, match="unique"):
        Labels(("a", "a"), ("A", "B"), ("", ""), ("", ""), ("", ""))
    with pytest.raises(ValueError, match="do not fit 1"):
        evaluate(np.zeros((2, 3), dtype=np.float32), Labels(("a",), ("A",), ("",), ("",), ("",)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_neither_blocks_nor_the_order_of_files_matter(seed: int, random: Any) -> None:
    embeddings, labels = made(seed, designs=6)
    whole = evaluate(embeddings, labels)
    places = list(range(len(labels.ids)))
    random.shuffle(places)
    shuffled = Labels(
        *(tuple(getattr(labels, name)[i] for i in places) for name in Labels.__slots__)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures, "BLOCK", 1)
        single = evaluate(embeddings[places], shuffled)
    for protocol in measures.PROTOCOLS:
        for key, value in whole["protocols"][protocol].items():
            if key not in ("by_source", "map_ci"):
                assert single["protocols"][protocol][key] == pytest.approx(value), key


def test_memory_stays_flat() -> None:
    rng = np.random.default_rng(0)
    n = 4000
    embeddings = unit_rows(rng.normal(size=(n, 32)).astype(np.float32))
    labels = Labels(
        tuple(f"{i:05d}" for i in range(n)), tuple(f"D{i // 5}" for i in range(n)),
        tuple(f"{i // 5 % 30:02d}-01" for i in range(n)),
        tuple(f"{i // 5 % 30:02d}" for i in range(n)), ("s",) * n,
    )  # fmt: skip
    tracemalloc.start()
    evaluate(embeddings, labels)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200e6  # the whole matrix of orders and gains would take 500 MB


# --- certainty ----------------------------------------------------------------------------------


def per_query(values: list[float], designs: list[int]) -> PerQuery:
    count = len(values)
    ones, zeros = np.ones(count, dtype=np.int64), np.zeros(count)
    return PerQuery(
        np.arange(count), np.array(designs, dtype=np.int64), np.array(values), ones, zeros, zeros
    )


def test_bootstrap_draws_designs_not_queries() -> None:
    # Two designs of 100 alike queries each: draws are AA, AB, BA, BB, so the ends are the designs.
    values, designs = np.repeat([0.2, 0.8], 100), np.repeat([0, 1], 100)
    assert measures.bootstrap(values, designs) == (pytest.approx(0.2), pytest.approx(0.8))
    # Many designs of one query: the interval of the mean by the central limit theorem.
    values = np.random.default_rng(0).random(400)
    low, high = measures.bootstrap(values, np.arange(400))
    half = 1.96 * values.std() / math.sqrt(400)
    assert low == pytest.approx(values.mean() - half, abs=half / 5)
    assert high == pytest.approx(values.mean() + half, abs=half / 5)
    assert measures.bootstrap(values, np.arange(400)) == (low, high)  # seeded


def test_paired_test_is_the_exact_permutation_test() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.random(16), rng.random(16) * 0.9
    designs = np.repeat(np.arange(8), 2)
    differences = [sum((a - b)[designs == d]) for d in range(8)]
    flips = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in itertools.product((1, -1), repeat=8)
    ]
    exact = statistics.fmean(f >= abs(sum(differences)) - 1e-12 for f in flips)
    gap, p = paired_test(per_query(list(a), list(designs)), per_query(list(b), list(designs)))
    assert gap == pytest.approx(a.mean() - b.mean())
    assert p == pytest.approx(exact, abs=0.02)


def test_paired_test_of_equals_and_of_strangers() -> None:
    one = per_query([0.1, 0.5, 0.9], [0, 1, 2])
    assert paired_test(one, one) == (0.0, 1.0)
    with pytest.raises(ValueError, match="different queries"):
        paired_test(one, per_query([0.1, 0.5], [0, 1]))

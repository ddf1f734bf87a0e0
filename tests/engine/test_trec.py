"""TREC files: against trec_eval's figures, arithmetic by hand and plain loops."""

from __future__ import annotations

import hashlib
import itertools
import math
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import trec
from engine.errors import SourceError, UsageError
from engine.evaluate import PROTOCOLS, Labels, Protocol, average_precision, evaluate
from engine.plan import unit_rows


def made(seed: int = 0, designs: int = 12, noise: float = 0.9) -> tuple[Any, Labels]:
    """Unit rows around a centre a design: two to four files each, in six subclasses of three classes."""
    rng = np.random.default_rng(seed)
    rows, ids, owners, subclasses = [], [], [], []
    for design in range(designs):
        centre = rng.normal(size=6)
        for file in range(int(rng.integers(2, 5))):
            rows.append(centre + noise * rng.normal(size=6))
            ids.append(f"{rng.integers(1000):03d}-{design}-{file}")
            owners.append(f"US:D{design}")
            subclasses.append(f"0{design % 3 + 1}-0{design % 6 // 3 + 1}")
    labels = Labels(
        tuple(ids), tuple(owners), tuple(subclasses), tuple(code[:2] for code in subclasses),
        ("s",) * len(ids),
    )  # fmt: skip
    return unit_rows(np.array(rows, dtype=np.float32)), labels


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


# --- measures -----------------------------------------------------------------------------------


def sample(folder: Path) -> tuple[Path, Path]:
    """A run and qrels of four topics that hashes made, with grades from -1 to 2."""
    run, qrels = [], []
    for topic, number in itertools.product(("alpha", "beta", "gamma", "delta"), range(30)):
        dice = hashlib.sha256(f"{topic} D{number:02d}".encode()).digest()
        if dice[1] % 4:
            run.append(f"{topic} Q0 D{number:02d} 0 {int.from_bytes(dice[2:5], 'big')} x\n")
        if dice[5] % 3 == 0:
            qrels.append(f"{topic} 0 D{number:02d} {dice[6] % 4 - 1}\n")
    return written(folder / "x.run", "".join(run)), written(folder / "x.qrels", "".join(qrels))


# What trec_eval says of the sample (pytrec-eval-terrier 0.5.11; map, ndcg_cut_10, success_1, _5, _10,
# recall_10, _100, at relevance_level 1 and 2). recip_rank is not cut at ten there, so by hand: the
# first relevant ranks are 1, 14, 7, 1, and at level 2 they are 14, 14, none, 2.
TREC_EVAL = {
    1: (0.214208, 0.182170, 0.5, 0.5, 0.75, 0.226190, 0.627976, (1 + 0 + 1 / 7 + 1) / 4),
    2: (0.090165, 0.182170, 0.0, 0.25, 0.25, 0.083333, 0.583333, (1 / 2) / 4),
}
MEASURES = ("map", "ndcg@10", "hit@1", "hit@5", "hit@10", "recall@10", "recall@100", "mrr@10")


@pytest.mark.parametrize("least", [1, 2])
def test_a_run_measures_as_trec_eval_says(tmp_path: Path, least: int) -> None:
    run, qrels = sample(tmp_path)
    found = trec.evaluate_run(run, qrels, least=least)
    assert (found["topics"], found["nothing_relevant"], found["not_judged"]) == (4, 0, 0)
    assert (found["top_hits"], found["top_unjudged"]) == (40, 8 + 8 + 8 + 7)
    for name, expected in zip(MEASURES, TREC_EVAL[least], strict=True):
        assert found[name] == pytest.approx(expected, abs=1e-6), name
        low, high = found[f"{name}_ci"]
        assert low <= found[name] <= high


def test_measures_by_hand() -> None:
    judged = {"q": {"a": 2, "b": 1, "c": 0, "d": 2}, "empty": {"a": 0}}
    found = trec.measure({"q": ["x", "a", "c", "b"], "other": ["a"]}, judged)
    # a at 2, b at 4, d nowhere.
    assert found["map"] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert found["ndcg@10"] == pytest.approx(
        (2 / math.log2(3) + 1 / math.log2(5)) / (2 + 2 / math.log2(3) + 1 / 2)
    )
    assert (found["hit@1"], found["hit@5"], found["mrr@10"]) == (0, 1, 0.5)
    assert found["recall@10"] == pytest.approx(2 / 3)
    assert (found["top_hits"], found["top_unjudged"]) == (4, 1)
    assert (found["topics"], found["nothing_relevant"], found["not_judged"]) == (1, 1, 1)
    # From grade 2 on b is not relevant; nDCG asks for grades and stays.
    strict = trec.measure({"q": ["x", "a", "c", "b"]}, judged, least=2)
    assert strict["map"] == pytest.approx(1 / 2 / 2)
    assert strict["ndcg@10"] == found["ndcg@10"]
    with pytest.raises(ValueError, match="least"):
        trec.measure({}, judged, least=0)


def test_intervals_draw_groups() -> None:
    # 20 topics found at once, 20 not at all: as two groups, the ends are the groups themselves.
    topics = [f"t{i:02d}" for i in range(40)]
    judged = {topic: {"a": 1} for topic in topics}
    ranked = {topic: ["a"] if i < 20 else ["b"] for i, topic in enumerate(topics)}
    groups = {topic: "good" if i < 20 else "bad" for i, topic in enumerate(topics)}
    assert trec.measure(ranked, judged, groups=groups)["hit@1_ci"] == [0, 1]
    low, high = trec.measure(ranked, judged)["hit@1_ci"]
    half = 1.96 * 0.5 / math.sqrt(40)
    assert (low, high) == (pytest.approx(0.5 - half, abs=0.04), pytest.approx(0.5 + half, abs=0.04))


# --- judgements of designs ----------------------------------------------------------------------


def test_designs_are_ranked_by_the_mean_of_each_views_best_file(tmp_path: Path) -> None:
    # Angles, A asks with 0° and 90°. B: 10° and 60° → (cos 10 + cos 30) / 2 = .925;
    # C: 45° → (cos 45 + cos 45) / 2 = .707; D: 0° alone → (1 + 0) / 2 = .5.
    angles = np.radians([0, 90, 10, 60, 45, 0])
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    labels = Labels(
        ("x/a 1.tif", "x/a2.tif", "x/b1.tif", "x/b2.tif", "x/c.tif", "pile!d.tif"),
        ("US:A", "US:A", "US:B", "US:B", "US:C", ""), ("",) * 6, ("",) * 6, ("x",) * 6,
    )  # fmt: skip
    qrels, run = tmp_path / "x.qrels", tmp_path / "x.run"
    # By number, by name (white space encoded), by id; A itself is judged and does not count, E is
    # not there, and d.tif, a design of its own, goes by its id.
    written(qrels, "A 0 C 2\nA 0 A 2\nA 0 B 0\na%201.tif 0 pile!d.tif 1\nx/a2.tif 0 C 1\nA 0 E 1\n")
    found = trec.evaluate_designs(embeddings, labels, qrels, model="m m", run=run)
    assert [line.split()[:5] for line in run.read_text("utf-8").splitlines()] == [
        ["A", "Q0", "B", "1", "0.925417"], ["A", "Q0", "C", "2", "0.707107"],
        ["A", "Q0", "pile!d.tif", "3", "0.500000"],
        ["a%201.tif", "Q0", "pile!d.tif", "1", "1.000000"],
        ["a%201.tif", "Q0", "B", "2", "0.984808"], ["a%201.tif", "Q0", "C", "3", "0.707107"],
        # 90°: 60° of B, 45° of C, 0° of d.
        ["x/a2.tif", "Q0", "B", "1", "0.866025"], ["x/a2.tif", "Q0", "C", "2", "0.707107"],
        ["x/a2.tif", "Q0", "pile!d.tif", "3", "0.000000"],
    ]  # fmt: skip
    assert (found["gallery"], found["absent"], found["topics"]) == (4, 1, 3)
    # A: C at 2 of {C, E}; the first file: d at 1; the second: C at 2.
    assert found["map"] == pytest.approx((1 / 2 / 2 + 1 + 1 / 2) / 3)
    assert (found["top_hits"], found["top_unjudged"]) == (9, 1 + 2 + 2)
    # All three topics are of one design: whatever is drawn, the mean is the same.
    assert found["map_ci"] == [pytest.approx(found["map"])] * 2


def test_the_written_run_measures_alike(tmp_path: Path) -> None:
    embeddings, labels = made(4)
    qrels, run = tmp_path / "x.qrels", tmp_path / "x.run"
    rng = np.random.default_rng(1)
    judged = [f"D{a} 0 D{b} {rng.integers(3)}\n" for a in range(12) for b in range(12)
              if a != b and rng.random() < 0.4]  # fmt: skip
    written(qrels, "".join(judged))
    found = trec.evaluate_designs(embeddings, labels, qrels, run=run)
    again = trec.evaluate_run(run, qrels)
    assert found["topics"] == 12 and found["absent"] == 0 and 0 < found["map"] < 1
    for key in found.keys() - {"model", "gallery", "absent"}:
        assert found[key] == again[key], key


@pytest.mark.parametrize(
    ("text", "message"),
    [("D1 0 D2 1\n\nD99 0 D1 1\n", r"x\.qrels, line 3: topic D99 names no design"),
     ("same.tif 0 D2 1\n", r"line 1: topic same.tif names files of several designs \(D0, D1\)"),
     ("D1 0 D2 0\n", "judges nothing as relevant"), ("D1 0 D1 1\n", "judges nothing as relevant"),
     ("", "judges nothing as relevant")],
)  # fmt: skip
def test_topics_that_cannot_be_asked_are_named(tmp_path: Path, text: str, message: str) -> None:
    embeddings = np.eye(3, dtype=np.float32)
    labels = Labels(
        ("a/same.tif", "b/same.tif", "c"), ("US:D0", "US:D1", "US:D2"), ("",) * 3, ("",) * 3,
        ("s",) * 3,
    )  # fmt: skip
    with pytest.raises(SourceError, match=message):
        trec.evaluate_designs(embeddings, labels, written(tmp_path / "x.qrels", text))


# --- the files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_trec_files_give_the_same_map(tmp_path: Path, protocol: Protocol) -> None:
    embeddings, labels = made(7)
    # Two identical drawings with different names, and a name with a space and a percent sign.
    embeddings[1] = embeddings[0]
    labels = Labels(
        ("a %b.tif", *labels.ids[1:]), labels.design_ids, labels.subclasses, labels.classes,
        labels.sources,
    )  # fmt: skip
    run, qrels = tmp_path / "x.run", tmp_path / "x.qrels"
    trec.write(embeddings, labels, run=run, qrels=qrels, protocol=protocol)
    judged: dict[str, dict[str, int]] = {}
    for line in qrels.read_text("utf-8").splitlines():
        query, iteration, file, gain = line.split(" ")
        assert iteration == "0"
        judged.setdefault(query, {})[file] = int(gain)
    assert {gain for of in judged.values() for gain in of.values()} <= {
        "same-design": {3}, "subclass": {2}, "class": {1, 2},
    }[protocol]  # fmt: skip
    ranked: dict[str, list[tuple[float, str]]] = {}
    for line in run.read_text("utf-8").splitlines():
        query, q0, file, rank, score, _ = line.split(" ")
        assert (q0, int(rank)) == ("Q0", len(ranked.setdefault(query, [])) + 1)
        ranked[query].append((float(score), file))
    assert set(ranked) == set(judged)
    assert any("a%20%25b.tif" in of for of in judged.values())
    precisions = []
    for query, files in ranked.items():
        scores = [score for score, _ in files]
        assert all(a > b for a, b in itertools.pairwise(scores))
        assert query not in [file for _, file in files]
        precisions.append(average_precision([file in judged[query] for _, file in files]))
    expected = evaluate(embeddings, labels)["protocols"][protocol]["map"]
    assert statistics.fmean(precisions) == pytest.approx(expected)


def test_trec_files_come_back(tmp_path: Path) -> None:
    embeddings, labels = made(7)
    run, qrels = tmp_path / "x.run", tmp_path / "x.qrels"
    trec.write(embeddings, labels, run=run, qrels=qrels, protocol="class")
    ranked, judged = trec.read_run(run), trec.read_qrels(qrels)
    scores = embeddings @ embeddings.T
    place = {id: i for i, id in enumerate(labels.ids)}
    assert set(ranked) == set(judged) == set(labels.ids)  # each class has four designs
    for query, files in ranked.items():
        q = place[query]
        others = [i for i in labels.ids if labels.design_ids[place[i]] != labels.design_ids[q]]
        assert files == sorted(others, key=lambda id, q=q: (-scores[q, place[id]], id))
        assert judged[query] == {
            id: 1 + (labels.subclasses[place[id]] == labels.subclasses[q] != "")
            for id in others if labels.classes[place[id]] == labels.classes[q]
        }  # fmt: skip


def test_a_run_is_ranked_by_score_not_by_line_or_rank(tmp_path: Path) -> None:
    run = tmp_path / "x.run"
    run.write_text("q Q0 low 1 0.1 t\n\nq Q0 b 2 0.9 t\nq Q0 a 9 0.9 t\n", "utf-8")
    assert trec.read_run(run) == {"q": ["a", "b", "low"]}


def test_compare_by_hand(tmp_path: Path) -> None:
    def run(name: str, **files: str) -> Path:
        path = tmp_path / name
        lines = [f"{query} Q0 {file} {rank} {1 / rank:.6f} t\n" for query, names in files.items()
                 for rank, file in enumerate(names, start=1)]  # fmt: skip
        path.write_text("".join(lines), "utf-8")
        return path

    qrels = tmp_path / "qrels"
    qrels.write_text("p 0 x 3\np 0 y 1\nq 0 x 2\nq 0 z 0\nr 0 x 1\ns 0 z 0\n", "utf-8")
    # p: x, y at 1, 3 = (1 + 2/3) / 2; q: x at 2; r: x first. s judges nothing relevant.
    a = run("a", p="xzy", q="zx", r="x", s="z")
    # p: y at 1, x not ranked = 1/2; q: x at 1; r is not answered.
    b = run("b", p="yz", q="x")
    found = trec.compare(a, b, qrels)
    assert found["queries"] == 3
    assert found["map_a"] == pytest.approx((5 / 6 + 1 / 2 + 1) / 3)
    assert found["map_b"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert found["difference"] == pytest.approx(found["map_a"] - found["map_b"])
    # |1/3 - 1/2 + 1| = 5/6 is reached by ±(5/6), ±(7/6), ±(11/6) of the 8 sums: 6 of 8.
    assert found["p"] == pytest.approx(0.75, abs=0.02)
    assert trec.compare(a, a, qrels)["p"] == 1
    # One design: only all signs together may flip, which any sum survives.
    assert trec.compare(a, b, qrels, designs=dict.fromkeys("pqr", "D"))["p"] == 1
    with pytest.raises(SourceError, match="cannot be read"):
        trec.compare(a, tmp_path / "none", qrels)


@pytest.mark.parametrize(
    ("text", "message"),
    [("q Q0 a 1 0.9\n", r"line 1 has 5 columns.*runs have 6"),
     ("q Q0 a 1 high t\n", "line 1: the score 'high'"), ("q Q0 a 1 nan t\n", "'nan' is no number"),
     ("q Q0 a 1 0.9 t\nq Q0 a 2 0.8 t\n", "line 2.*a twice")],
)  # fmt: skip
def test_a_broken_run_is_named_by_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.run").write_text(text, "utf-8")
    with pytest.raises(SourceError, match=message):
        trec.read_run(tmp_path / "x.run")


@pytest.mark.parametrize(
    ("text", "message"),
    [("q 0 a 1\n\nq Q0 a 1 0.9 t\n", r"line 3 has 6 columns.*qrels have 4"),
     ("q 0 a 1\nq 0 b 1.5\n", "line 2: the grade '1.5' is no whole number"),
     ("q 0 a 1\np 0 a 1\nq 0 a 2\n", "line 3: topic q judges a twice")],
)  # fmt: skip
def test_broken_qrels_are_named_by_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        trec.read_qrels(written(tmp_path / "x.qrels", text))


def test_files_of_other_systems_are_read(tmp_path: Path) -> None:
    # A byte order mark, Windows' line ends, tabs.
    (tmp_path / "x").write_bytes("\ufeffq\t0\tä\t1\r\n".encode())
    assert trec.read_qrels(tmp_path / "x") == {"q": {"ä": 1}}


def test_topics_missing_from_the_run_are_named(tmp_path: Path) -> None:
    qrels = written(tmp_path / "x.qrels", "p 0 a 0\nq 0 a 0\nr 0 a 1\nq 0 b 1\ns 0 a 1\n")
    run = written(tmp_path / "x.run", "r Q0 a 1 0.9 t\n")
    with pytest.raises(SourceError, match=r"qrels, line 2: topic q is judged.*nor 1 more of 3"):
        trec.evaluate_run(run, qrels)
    # p has nothing relevant, so nobody misses it.
    run = written(tmp_path / "x.run", "".join(f"{t} Q0 a 1 0.9 t\n" for t in "qrs"))
    assert trec.evaluate_run(run, qrels)["topics"] == 3


def test_trec_run_is_cut_at_its_depth(tmp_path: Path) -> None:
    embeddings, labels = made()
    trec.write(embeddings, labels, run=tmp_path / "x.run", depth=3)
    ranks = [line.split()[3] for line in (tmp_path / "x.run").read_text("utf-8").splitlines()]
    assert set(ranks) == {"1", "2", "3"}
    assert not (tmp_path / "x.qrels").exists()


def test_scores_fall_strictly() -> None:
    falling = trec.strictly_falling(np.array([0.5, 0.5, 0.5, 0.4999995, 0.1, -0.2, -0.2]))
    assert falling == pytest.approx([0.5, 0.499999, 0.499998, 0.499997, 0.1, -0.2, -0.200001])


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no-such.*x\.run"):
        trec.write(*made(), run=tmp_path / "no-such" / "x.run")

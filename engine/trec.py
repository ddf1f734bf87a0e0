"""TREC files: runs and qrels, written, read and measured (https://trec.nist.gov/data/qrels_eng/).

A run ranks documents for topics, "topic Q0 document rank score tag"; qrels judge them, "topic 0
document grade". So what people judged on the page measures any system, ours or somebody else's.
Documents of the page's files are design numbers, those of ``write`` are files. Knows nothing of
encoders: takes unit rows and labels.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from engine import rank
from engine.errors import SourceError, UsageError
from engine.evaluate import (
    CUTS,
    Floats,
    Labels,
    Protocol,
    average_precision,
    bootstrap,
    permutation_test,
    rankings,
)
from engine.plan import Vector

TOP = 10  # ranks: of MRR and nDCG, and where unjudged hits are counted
RECALLED = (10, 100)  # ranks, of recall@k
KEPT = 1000  # ranks of a query in a written run, as TREC's tracks do

Run = dict[str, list[str]]  # documents of each topic, best first
Qrels = dict[str, dict[str, int]]  # grade of each topic's documents


# --- measuring by judgements --------------------------------------------------------------------


def evaluate_run(run: Path, qrels: Path, *, least: int = 1) -> dict[str, Any]:
    """Measure a run that some system made.

    Args:
        run, qrels: the files.
        least: grade from which a document counts as relevant to the binary measures.

    Returns: {"run", "qrels", "least"} and what ``measure`` returns.
    Raises: SourceError for a file that cannot be read, a line that is none, a topic with something
        relevant that the run leaves out, and where no topic has anything relevant.
    """
    ranked, judged = read_run(run), read_qrels(qrels)
    counted = _counted(judged, least, qrels)
    missing = [topic for topic in counted if topic not in ranked]
    if missing:
        raise SourceError(
            f"{qrels}, line {_line_of(qrels, missing[0])}: topic {missing[0]} is judged, but {run} "
            f"does not answer it (nor {len(missing) - 1} more of {len(counted)} topics). Topics must "
            "be named alike in both files. Leave those out of the qrels that were not asked."
        )
    named = {"run": str(run), "qrels": str(qrels), "least": least}
    return named | measure(ranked, judged, least=least)


def evaluate_designs(
    embeddings: Vector,
    labels: Labels,
    qrels: Path,
    *,
    model: str = "",
    least: int = 1,
    run: Path | None = None,
) -> dict[str, Any]:
    """Measure embeddings by judgements of designs, which take the place of the labels' classes.

    A topic names what is asked: a design by its number, then all its files are views of one query
    (each other design scores the mean over the views of its best file, as a search does), or one
    file by its id or its name. The design that asks is out of the gallery, judged or not.

    Args:
        embeddings: (n, dim) unit rows.
        labels: of the n rows; an office before a colon is no part of a design's number.
        qrels: the judgements; documents are design numbers.
        model: name of what made the embeddings.
        least: grade from which a design counts as relevant to the binary measures.
        run: file to write the rankings to, `KEPT` designs a topic at most.

    Returns: {"model", "qrels", "least", "gallery": designs, "absent": relevant designs that the
        gallery does not hold and nothing can find} and what ``measure`` returns, intervals drawn
        over the designs that ask.
    Raises: SourceError as ``evaluate_run``, and for a topic that names nothing, or files of
        several designs; UsageError where the run cannot be written.
    """
    numbers = np.array([token(_number_of(labels, i)) for i in range(len(labels.ids))], dtype=object)
    named = _names(labels, numbers)
    judged = read_qrels(qrels)
    ranked: Run = {}
    askers: dict[str, str] = {}
    with ExitStack() as stack:
        file = stack.enter_context(_written(run)) if run else None
        for topic in _counted(judged, least, qrels):
            rows = _asking(topic, named, numbers, qrels)
            askers[topic] = str(numbers[rows[0]])
            judged[topic].pop(askers[topic], None)
            others = np.flatnonzero(numbers != askers[topic])
            similar = (embeddings[rows] @ embeddings.T)[:, others]
            scores = rank.view_scores(similar, [*numbers[others]], [1.0] * len(rows))
            best = sorted((-score, str(design)) for design, (score, _) in scores.items())
            ranked[topic] = [design for _, design in best]
            if file:
                found = np.array([-score for score, _ in best[:KEPT]])
                file.writelines(lines(topic, ranked[topic][:KEPT], found, model or "engine"))
    gallery = set(numbers)
    absent = {
        (topic, design)
        for topic in _counted(judged, least, qrels)
        for design, grade in judged[topic].items()
        if grade >= least and design not in gallery
    }
    return {
        "model": model, "qrels": str(qrels), "least": least,
        "gallery": len(gallery), "absent": len(absent),
    } | measure(ranked, judged, least=least, groups=askers)  # fmt: skip


def measure(
    ranked: Mapping[str, Sequence[str]],
    judged: Mapping[str, Mapping[str, int]],
    *,
    least: int = 1,
    groups: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The means over the topics that have something relevant; what nobody judged is not relevant.

    nDCG takes grades above 0 as gains, over the best order of all that is judged; the others ask
    only whether a document has the grade ``least``. AP and recall are over all that is relevant,
    ranked or not. So trec_eval reads the same files (its -l is ``least``), but for equal scores.

    Args:
        ranked: documents of each topic, best first, each once; a topic without any finds nothing.
        judged: grades.
        least: grade from which a document counts as relevant, 1 or more.
        groups: topics of one group are drawn together by the bootstrap; without it each by itself.

    Returns: {"topics", then "map", "ndcg@10", "mrr@10", "hit@1", "hit@5", "hit@10", "recall@10",
        "recall@100", each with its 95 % bootstrap interval as "map_ci" and so on; "top_hits": hits
        among the first ten of the topics, "top_unjudged": those of them that nobody judged;
        "nothing_relevant": judged topics left out; "not_judged": ranked topics left out}.
    Raises: ValueError for ``least`` under 1.
    """
    if least < 1:
        raise ValueError(f"least must be 1 or more, not {least}: 0 is not relevant")
    topics = sorted(t for t, grades in judged.items() if max(grades.values(), default=0) >= least)
    found = [_topic(ranked.get(topic, ()), judged[topic], least) for topic in topics]
    owners = np.array([groups[t] if groups else t for t in topics], dtype=str)
    made: dict[str, Any] = {"topics": len(topics)}
    for name in _topic((), {}, least):
        values = np.array([of[name] for of in found])
        made[name] = float(values.mean()) if len(values) else 0.0
        made[f"{name}_ci"] = list(bootstrap(values, owners))
    top = [(topic, file) for topic in topics for file in ranked.get(topic, ())[:TOP]]
    return made | {
        "top_hits": len(top),
        "top_unjudged": sum(file not in judged[topic] for topic, file in top),
        "nothing_relevant": len(judged) - len(topics),
        "not_judged": len(ranked.keys() - judged.keys()),
    }


def _topic(ranked: Sequence[str], grades: Mapping[str, int], least: int) -> dict[str, float]:
    """The measures of one topic."""
    relevant = {file for file, grade in grades.items() if grade >= least}
    first = next((i for i, file in enumerate(ranked, start=1) if file in relevant), math.inf)
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    ideal = _discounted(best)
    return {
        "map": _precision(ranked, relevant),
        f"ndcg@{TOP}": _discounted([grades.get(f, 0) for f in ranked]) / ideal if ideal else 0.0,
        f"mrr@{TOP}": 1 / first if first <= TOP else 0.0,
        **{f"hit@{cut}": float(first <= cut) for cut in CUTS},
        **{f"recall@{cut}": len(relevant.intersection(ranked[:cut])) / max(len(relevant), 1)
           for cut in RECALLED},
    }  # fmt: skip


def _discounted(grades: Sequence[int]) -> float:
    """Σ gain / log2(1 + rank) of the first ranks; grades below 0 are no gain."""
    return sum(max(g, 0) / math.log2(1 + i) for i, g in enumerate(grades[:TOP], start=1))


def _precision(ranked: Sequence[str], relevant: set[str]) -> float:
    """AP of a ranking that may be cut: over all that is relevant, not over what was retrieved."""
    found = [file in relevant for file in ranked]
    return average_precision(found) * sum(found) / max(len(relevant), 1)


def _counted(judged: Qrels, least: int, qrels: Path) -> list[str]:
    """Topics that have something relevant. Raises: SourceError for none."""
    counted = sorted(t for t, grades in judged.items() if max(grades.values(), default=0) >= least)
    if not counted:
        raise SourceError(
            f"{qrels} judges nothing as relevant (grade {least} or above), so nothing can be "
            "measured. Judge some hits as relevant, or lower the grade that counts."
        )
    return counted


def _number_of(labels: Labels, file: int) -> str:
    """The number of a file's design, without the office; its id where it has none."""
    design = labels.design_ids[file]
    return design.partition(":")[2] or design or labels.ids[file]


def _names(labels: Labels, numbers: npt.NDArray[Any]) -> dict[str, list[int]]:
    """What a topic may be called → files: numbers of designs, then ids, then names without folder."""
    by_number, by_id, by_name = (defaultdict[str, list[int]](list) for _ in range(3))
    for i, id in enumerate(labels.ids):
        by_number[numbers[i]].append(i)
        by_id[token(id)].append(i)
        by_name[token(re.split(r"[/\\!]", id)[-1])].append(i)
    return {**by_name, **by_id, **by_number}


def _asking(
    topic: str, named: Mapping[str, list[int]], numbers: npt.NDArray[Any], qrels: Path
) -> list[int]:
    """The files that a topic names, all of one design. Raises: SourceError."""
    rows = named.get(topic, [])
    designs = sorted({str(numbers[row]) for row in rows})
    if len(designs) == 1:
        return rows
    if designs:
        problem = f"names files of several designs ({designs[0]}, {designs[1]})"
    else:
        problem = "names no design and no file that was read"
    raise SourceError(
        f"{qrels}, line {_line_of(qrels, topic)}: topic {topic} {problem}. Name a search after the "
        "number of the design or the file that asks; to measure a run of other searches give --run."
    )


# --- comparing ----------------------------------------------------------------------------------


def compare(
    run_a: Path,
    run_b: Path,
    qrels: Path,
    *,
    designs: Mapping[str, str] | None = None,
    resamples: int = 10_000,
    seed: int = 0,
) -> dict[str, float]:
    """Which of two TREC runs is better on the same judgements, and whether by more than chance.

    AP is divided by all files judged relevant, ranked or not; a judged query that a run leaves out
    has 0 there. ``designs`` names the design of each query, whose queries then are permuted as one
    (see ``engine.evaluate.paired_test``); without it each query is its own.

    Returns: {"queries", "map_a", "map_b", "difference" (a minus b), "p"}.
    Raises: SourceError for a file that cannot be read.
    """
    first, second = read_run(run_a), read_run(run_b)
    judged = {
        query: relevant
        for query, files in sorted(read_qrels(qrels).items())
        if (relevant := {file for file, gain in files.items() if gain > 0})
    }
    precisions = [
        np.array([_precision(run.get(query, ()), files) for query, files in judged.items()])
        for run in (first, second)
    ]
    owners = np.array([designs[query] if designs else query for query in judged], dtype=str)
    difference, p = permutation_test(
        precisions[0] - precisions[1], owners, resamples=resamples, seed=seed
    )
    means = [float(values.mean()) if judged else 0.0 for values in precisions]
    return {
        "queries": len(judged), "map_a": means[0], "map_b": means[1], "difference": difference,
        "p": p,
    }  # fmt: skip


# --- writing ------------------------------------------------------------------------------------


def write(
    embeddings: Vector,
    labels: Labels,
    *,
    run: Path | None = None,
    qrels: Path | None = None,
    protocol: Protocol = "same-design",
    depth: int = KEPT,
) -> None:
    """Write rankings and judgements in TREC format, one protocol, for trec_eval and its kin.

    The run leaves out what the protocol takes from the query's gallery. Its scores fall strictly,
    since trec_eval orders equal scores by name; they may differ from the cosine in the sixth
    decimal. The qrels hold the relevant files with their gain (3 design, 2 subclass, 1 class).
    White space and % in ids are percent-encoded. ``run`` and ``qrels`` are the files to write, None
    for not; ``depth`` is how many files a query has in the run, at most.

    Raises: UsageError for a file that cannot be written.
    """
    names = [token(id) for id in labels.ids]
    with ExitStack() as stack:
        run_file = stack.enter_context(_written(run)) if run else None
        qrels_file = stack.enter_context(_written(qrels)) if qrels else None
        for found in rankings(embeddings, labels, protocol):
            query = names[found.query]
            if run_file:
                files = [names[file] for file in found.files[:depth]]
                run_file.writelines(lines(query, files, found.scores[:depth], protocol))
            if qrels_file:
                qrels_file.writelines(
                    f"{query} 0 {names[found.files[i]]} {found.gains[i]}\n"
                    for i in np.flatnonzero(found.relevant)
                )


def lines(topic: str, ranked: Sequence[str], scores: npt.NDArray[Any], tag: str) -> Iterator[str]:
    """The lines of a run for one topic; names as ``token`` makes them, best first."""
    for place, (name, score) in enumerate(
        zip(ranked, strictly_falling(scores), strict=True), start=1
    ):
        yield f"{topic} Q0 {name} {place} {score:.6f} {token(tag)}\n"


def strictly_falling(scores: npt.NDArray[Any]) -> Floats:
    """Scores, best first, rounded to 1e-6 and pushed down so that each is under the one before."""
    steps = np.round(scores.astype(np.float64) * 1e6).astype(np.int64)
    place = np.arange(len(steps))
    return np.asarray((np.minimum.accumulate(steps + place) - place) / 1e6)


def token(text: str) -> str:
    """A name as TREC files hold it: white space and % percent-encoded."""
    return "".join(
        "".join(f"%{byte:02X}" for byte in letter.encode())
        if letter.isspace() or letter == "%" else letter
        for letter in text
    )  # fmt: skip


def _written(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}). Name a file in a folder that exists."
        ) from error


# --- reading ------------------------------------------------------------------------------------


def read_run(path: Path) -> Run:
    """The rankings of a run: {topic: documents, best first}; by score, equal ones by name.

    The rank column is not trusted, as trec_eval does not trust it. Raises: SourceError.
    """
    scored: dict[str, dict[str, float]] = defaultdict(dict)
    for number, (topic, _, file, _, score, _) in _lines(path, 6):
        if file in scored[topic]:
            raise SourceError(f"{path}, line {number}: topic {topic} ranks {file} twice.")
        try:
            value = float(score)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise SourceError(f"{path}, line {number}: the score '{score}' is no number.")
        scored[topic][file] = value
    return {
        topic: sorted(files, key=lambda file: (-files[file], file))
        for topic, files in scored.items()
    }


def read_qrels(path: Path) -> Qrels:
    """The judgements of qrels: {topic: {document: grade}}. Raises: SourceError."""
    judged: Qrels = defaultdict(dict)
    for number, (topic, _, file, grade) in _lines(path, 4):
        if file in judged[topic]:
            raise SourceError(f"{path}, line {number}: topic {topic} judges {file} twice.")
        try:
            judged[topic][file] = int(grade)
        except ValueError:
            raise SourceError(
                f"{path}, line {number}: the grade '{grade}' is no whole number."
            ) from None
    return dict(judged)


def _lines(path: Path, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines of a TREC file, split at white space; empty ones left out."""
    kind = "runs" if columns == 6 else "qrels"
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}). Name a TREC file ({kind}).") from error
    for number, line in enumerate(text.split("\n"), start=1):
        fields = line.split()
        if fields and len(fields) != columns:
            raise SourceError(
                f"{path}, line {number} has {len(fields)} columns; TREC {kind} have {columns}: "
                f"'{line.strip()[:120]}'"
            )
        if fields:
            yield number, fields


def _line_of(path: Path, topic: str) -> int:
    """The first line that judges a topic."""
    return next(number for number, fields in _lines(path, 4) if fields[0] == topic)

"""Methods × losses × backbones compared: same data, same budget, same seeds, same measure.

    python benchmarks/quality.py compare CONFIG --out runs/quality --seeds 3 --minutes 30
    python benchmarks/quality.py report CONFIG --out runs/quality
    python benchmarks/quality.py split corpora/deeppatent2 --model runs/deeppatent2/encoder
    python benchmarks/quality.py deeppatent --source DEEPPATENT --model runs/deeppatent/encoder

``compare`` trains each method on each backbone by ``train.loop`` with the config's corpora, batches
and augmentation, and measures the last (averaged) weights' trunk features on the designs that the
config holds out: nothing is chosen on them. Each cell (method, backbone, seed) has its folder; a
finished one is not run again, a stopped one goes on from its checkpoint. It ends as ``report``,
which writes ``quality.json``, ``quality.md`` and the figures ``hits.png`` (query | ours | baseline;
black frames: same class, red: another) and ``tsne.png``. Intervals are 95 % over designs, tests are
paired permutations over designs, both on each query's mean over the seeds. A table goes to stdout.

``split`` measures an encoder on the test split of a corpus, under every protocol. ``deeppatent`` is
that set's own measure: its lists of queries and database, same-patent relevance.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL.Image import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.machine import machine
from engine import drawing, evaluate
from engine.errors import CheckpointError, UsageError
from train import config as configs
from train.designs import CLASS, SUBCLASS, Designs, load_held_out, squares

# What each method says of [loss]; the rest is the config's. The first trains nothing.
FIRST = "first weights"
ALONE: dict[str, Any] = {"text": 0.0, "coarse": 0.0, "balance": "none"}
HIERARCHICAL: dict[str, Any] = {**ALONE, "kind": "hierarchical"}
METHODS: dict[str, dict[str, Any]] = {
    FIRST: {},
    "infonce": {**ALONE, "kind": "infonce", "level": "design"},
    "supcon": {**ALONE, "kind": "supcon", "level": "subclass"},
    "triplet": {**ALONE, "kind": "triplet", "level": "design", "margin": 0.1},
    "arcface": {**ALONE, "kind": "arcface", "level": "design", "margin": 28.6},
    "himulcone": {**ALONE, "kind": "himulcone"},
    "hierarchical": HIERARCHICAL,
    "hierarchical+text": {**HIERARCHICAL, "text": 1.0},
    "hierarchical+coarse": {**HIERARCHICAL, "coarse": 0.5},
    "hierarchical+text+coarse": {**HIERARCHICAL, "text": 1.0, "coarse": 0.5},
    "hierarchical+text+coarse, effective": {
        **HIERARCHICAL, "text": 1.0, "coarse": 0.5, "balance": "effective",
    },
    "hierarchical+text+coarse, adjust": {
        **HIERARCHICAL, "text": 1.0, "coarse": 0.5, "balance": "adjust",
    },
    "words": {**ALONE, "kind": "none", "text": 1.0, "coarse": 0.5},
}  # fmt: skip
OURS, BASELINE = "hierarchical+text+coarse", "infonce"
CELL, ARRAYS, SHOWN = "cell.json", "cell.npz", ("same-design", "subclass", "class")
POINTS = 2000  # embeddings in the t-SNE plot, as in the published one
BLACK, RED = "black", "#d00000"


# --- one cell


def cell(
    config: configs.Config, method: str, backbone: str, seed: int, out: Path
) -> configs.Config:
    """The config of a cell: only losses, tower, seed and folder differ from the base."""
    tower, _, init = backbone.partition("@")
    same = tower == config.model.tower
    return replace(
        config,
        out=str(out / "cells" / _name(method, backbone, seed)),
        seed=seed,
        model=replace(
            config.model, tower=tower, init=init or (config.model.init if same else "pretrained")
        ),
        loss=replace(config.loss, **METHODS[method]),
        export=replace(config.export, name=""),
    )


def _name(method: str, backbone: str, seed: int) -> str:
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in f"{method}--{backbone}")
    return f"{plain}--{seed}"


def run_cell(config: configs.Config, method: str, backbone: str) -> dict[str, Any]:
    """Train and measure a cell, or read what an earlier run measured.

    Raises: CheckpointError where the folder holds a cell of another config.
    """
    from train import loop

    folder = Path(config.out)
    mark = fingerprint(config, method)
    if (folder / CELL).exists():
        found: dict[str, Any] = json.loads((folder / CELL).read_text("utf-8"))
        if found["fingerprint"] != mark:
            raise CheckpointError(
                f"{folder} was measured with another config or budget. Name another folder with "
                "--out, or delete that one."
            )
        return found
    begun = folder / "fingerprint"
    if begun.exists() and begun.read_text("utf-8") != mark:
        raise CheckpointError(f"{folder} was begun with another config or budget. Delete it.")
    folder.mkdir(parents=True, exist_ok=True)
    begun.write_text(mark, "utf-8")
    run = loop.Run(config)
    held = run.held
    if held is None:
        raise UsageError("The config holds no designs out: set held_out of a [[corpus]].")
    if method != FIRST:
        run.train(until=config.optimiser.steps)
    drawn = squares(
        [figure for figures in held.figures for figure in figures],
        config.watch.size or config.model.size,
    )
    features = loop.encode(run.average, drawn)
    rows = features / np.linalg.norm(features, axis=1, keepdims=True)
    labels = labels_of(held)
    arrays: dict[str, Any] = {"rows": rows.astype(np.float16)}
    for protocol, measured in evaluate.measure(rows, labels).items():
        for name in measured.__dataclass_fields__:
            arrays[f"{protocol}/{name}"] = getattr(measured, name)
    found = {
        "method": method, "backbone": backbone, "seed": config.seed, "fingerprint": mark,
        "steps": run.state.step, "seconds": round(run.state.seconds, 1),
        "parameters": sum(w.numel() for w in run.average.trunk.parameters()),
        **evaluate.evaluate(rows, labels, model=method),
    }  # fmt: skip
    _write(folder / ARRAYS, arrays)
    _write(folder / CELL, found)
    (folder / loop.CHECKPOINT).unlink(missing_ok=True)  # a tenth of a gigabyte that nobody reads
    (folder / loop.BEST).unlink(missing_ok=True)
    return found


def fingerprint(config: configs.Config, method: str) -> str:
    """Of all that decides a cell, but for where it lies."""
    said = {**configs.describe(config), "out": "", "method": method}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]


def labels_of(held: Designs) -> evaluate.Labels:
    """What is known of each held-out drawing, in the order of the figures."""
    rows = [row for row, figures in enumerate(held.figures) for _ in figures]

    def codes(level: int, names: Sequence[str]) -> tuple[str, ...]:
        known = held.labels[:, level]
        return tuple("" if known[row] < 0 else names[known[row]] for row in rows)

    return evaluate.Labels(
        tuple(str(i) for i in range(len(rows))), tuple(held.ids[row] for row in rows),
        codes(SUBCLASS, held.subclasses), codes(CLASS, held.classes),
        tuple(str(held.corpus[row]) for row in rows),
    )  # fmt: skip


def _write(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all, so that a finished cell is a finished cell."""
    partial = path.with_name(f".partial-{path.name}")
    if path.suffix == ".npz":
        np.savez_compressed(partial, **content)
    else:
        partial.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    partial.replace(path)


# --- what comes of the cells


def over_seeds(cells: Sequence[Path], protocol: evaluate.Protocol) -> evaluate.PerQuery:
    """Each query's measures, their mean over the seeds; ranks stay those of the first seed."""
    read = []
    for folder in cells:
        with np.load(folder / ARRAYS) as arrays:
            read.append({
                name: arrays[f"{protocol}/{name}"]
                for name in evaluate.PerQuery.__dataclass_fields__
            })  # fmt: skip
    means = {
        name: np.mean([one[name] for one in read], axis=0)
        for name in ("average_precision", "ndcg", "h_ap")
    }
    return evaluate.PerQuery(**{**read[0], **means})


def table(out: Path, baseline: str = BASELINE) -> list[dict[str, Any]]:
    """One record a method and backbone, with intervals and the paired test against the baseline.

    The baseline of a backbone is that method on that backbone.
    """
    groups: dict[tuple[str, str], list[tuple[int, Path, dict[str, Any]]]] = {}
    for path in sorted((out / "cells").glob(f"*/{CELL}")):
        found = json.loads(path.read_text("utf-8"))
        key = (found["backbone"], found["method"])
        groups.setdefault(key, []).append((found["seed"], path.parent, found))
    order = list(METHODS)
    records = []
    for (backbone, method), cells in sorted(
        groups.items(), key=lambda item: (item[0][0], order.index(item[0][1]))
    ):
        cells.sort(key=lambda one: one[0])
        against = groups.get((backbone, baseline))
        record: dict[str, Any] = {
            "method": method, "backbone": backbone, "seeds": [seed for seed, _, _ in cells],
            "steps": [found["steps"] for _, _, found in cells],
            "seconds": [found["seconds"] for _, _, found in cells],
            "parameters": cells[0][2]["parameters"],
        }  # fmt: skip
        for protocol in evaluate.PROTOCOLS:
            mean = over_seeds([folder for _, folder, _ in cells], protocol)
            each = [found["protocols"][protocol] for _, _, found in cells]
            said: dict[str, Any] = {
                "queries": len(mean.queries),
                "map_by_seed": [one["map"] for one in each],
                "map_ci": list(evaluate.bootstrap(mean.average_precision, mean.designs)),
                **{name: float(np.mean([one[name] for one in each])) for name in each[0]
                   if isinstance(each[0][name], float)},
            }  # fmt: skip
            if against is not None and method != baseline:
                other = over_seeds([folder for _, folder, _ in against], protocol)
                gained, p = evaluate.paired_test(mean, other)
                said |= {"gained": gained, "p": p}
            record[protocol] = said
        records.append(record)
    return records


def markdown(records: Sequence[dict[str, Any]], baseline: str = BASELINE) -> str:
    """The records as a Markdown table; gains with p < .05 are bold."""

    def number(value: float) -> str:
        return f"{value:.3f}".replace("0.", ".", 1)

    def score(said: dict[str, Any]) -> str:
        low, high = said["map_ci"]
        return f"{number(said['map'])} ({number(low)}–{number(high)})"

    def gain(said: dict[str, Any]) -> str:
        if "gained" not in said:
            return ""
        sign = "+" if said["gained"] >= 0 else "−"
        size = f"{sign}{number(abs(said['gained']))}"
        text = f"**{size}**" if said["p"] < 0.05 else size
        return f"{text} (p {said['p']:.3f})".replace("p 0.", "p .")

    lines = [
        f"| method | backbone | seeds | steps | same-design mAP | against {baseline} | hit@1 | "
        f"subclass mAP | class mAP | against {baseline} | head | tail |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in records:
        same, sub, kind = (one[protocol] for protocol in SHOWN)
        lines.append(
            f"| {one['method']} | {one['backbone']} | {len(one['seeds'])} | "
            f"{round(float(np.mean(one['steps'])))} | {score(same)} | {gain(same)} | "
            f"{number(same['hit@1'])} | {score(sub)} | {score(kind)} | {gain(kind)} | "
            f"{number(kind['map_head'])} | {number(kind['map_tail'])} |"
        )
    return "\n".join(lines) + "\n"


def report(out: Path, held: Designs, baseline: str, ours: str) -> str:
    """Write JSON, Markdown and figures of what is finished; returns the table."""
    records = table(out, baseline)
    if not records:
        raise UsageError(f"{out} has no finished cells. Run compare first.")
    _write(out / "quality.json", {"machine": machine(), "baseline": baseline, "records": records})
    text = markdown(records, baseline)
    (out / "quality.md").write_text(text, "utf-8")
    done = {(one["method"], one["backbone"]): one["seeds"][0] for one in records}
    backbone = next((b for m, b in done if m == ours and (baseline, b) in done), None)
    if backbone is not None:
        rows = [
            _rows(out / "cells" / _name(method, backbone, done[method, backbone]))
            for method in (ours, baseline)
        ]
        names = (ours, baseline)
        figure_hits(out / "hits.png", held, rows[0], rows[1], names)
        figure_tsne(out / "tsne.png", held, rows[0], rows[1], names)
    return text


def _rows(folder: Path) -> Any:
    with np.load(folder / ARRAYS) as arrays:
        return arrays["rows"].astype(np.float32)


def class_hits(rows: Any, labels: evaluate.Labels, query: int, count: int) -> list[int]:
    """The nearest figures of other designs that have a class, best first, one of each design."""
    scores = rows @ rows[query]
    found: list[int] = []
    seen = {labels.design_ids[query]}
    for row in np.argsort(-scores, kind="stable").tolist():
        if labels.design_ids[row] in seen or not labels.classes[row]:
            continue
        seen.add(labels.design_ids[row])
        found.append(row)
        if len(found) == count:
            break
    return found


def some_queries(labels: evaluate.Labels, count: int) -> list[int]:
    """First figures of designs of different classes, those with others of their class first."""
    first: dict[str, int] = {}
    sizes: dict[str, set[str]] = {}
    for row, (code, design) in enumerate(zip(labels.classes, labels.design_ids, strict=True)):
        if code:
            first.setdefault(code, row)
            sizes.setdefault(code, set()).add(design)
    chosen = sorted(first, key=lambda code: (len(sizes[code]) < 2, code))[:count]
    return [first[code] for code in sorted(chosen)]


def figure_hits(
    path: Path, held: Designs, ours: Any, baseline: Any, names: Sequence[str],
    *, queries: int = 6, hits: int = 4,
) -> None:  # fmt: skip
    """Query | ours | baseline, one row a query: black frames for its class, red for another."""
    plt = _pyplot()
    labels = labels_of(held)
    figures = [figure for group in held.figures for figure in group]
    asked = some_queries(labels, queries)
    if not asked:
        return
    canvas, axes = plt.subplots(
        len(asked), 1 + 2 * hits, figsize=(1.3 * (1 + 2 * hits), 1.45 * len(asked)), squeeze=False
    )
    for line, query in zip(axes, asked, strict=True):
        shown = [(query, "#888888")]
        for rows in (ours, baseline):
            found = class_hits(rows, labels, query, hits)
            shown += [
                (row, BLACK if labels.classes[row] == labels.classes[query] else RED)
                for row in found
            ]
            shown += [(-1, "white")] * (hits - len(found))
        for cell_, (row, colour) in zip(line, shown, strict=True):
            cell_.set_xticks([])
            cell_.set_yticks([])
            for edge in cell_.spines.values():
                edge.set(color=colour, linewidth=2.5)
            if row >= 0:
                cell_.imshow(squares([figures[row]], 160)[0], cmap="gray", vmin=0, vmax=255)
        line[0].set_ylabel(f"class {labels.classes[query]}", fontsize=8)
    axes[0, 0].set_title("query", fontsize=9)
    axes[0, 1].set_title(names[0], fontsize=9, loc="left")
    axes[0, 1 + hits].set_title(names[1], fontsize=9, loc="left")
    canvas.tight_layout()
    canvas.savefig(path, dpi=110)
    plt.close(canvas)


def figure_tsne(
    path: Path, held: Designs, ours: Any, baseline: Any, names: Sequence[str], *, seed: int = 0
) -> None:
    """Embeddings of both laid out by t-SNE and coloured by class, the ten largest classes named."""
    plt = _pyplot()
    from sklearn.manifold import TSNE

    codes = np.array(labels_of(held).classes)
    known = np.flatnonzero(codes != "")
    if len(known) < 5:
        return
    chosen = np.sort(np.random.default_rng(seed).permutation(known)[:POINTS])
    values, counts = np.unique(codes[chosen], return_counts=True)
    largest = values[np.argsort(-counts, kind="stable")][:10]
    canvas, axes = plt.subplots(1, 2, figsize=(11, 5))
    for cell_, rows, name in zip(axes, (ours, baseline), names, strict=True):
        flat = TSNE(
            perplexity=min(30, (len(chosen) - 1) / 3), metric="cosine", init="random",
            random_state=seed,
        ).fit_transform(rows[chosen])  # fmt: skip
        other = ~np.isin(codes[chosen], largest)
        cell_.scatter(*flat[other].T, s=5, color="#cccccc")
        for number, code in enumerate(largest):
            own = codes[chosen] == code
            cell_.scatter(*flat[own].T, s=7, color=plt.get_cmap("tab10")(number), label=code)
        cell_.set(xticks=[], yticks=[], title=name)
    axes[1].legend(title="class", fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    canvas.tight_layout()
    canvas.savefig(path, dpi=110)
    plt.close(canvas)


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    return plt


# --- an encoder on published sets


def split_of_corpus(corpus: Path, model: str, split: str = "test") -> dict[str, Any]:
    """Every drawing of a corpus's split against all others of it, as ``engine.evaluate`` measures.

    Raises: UsageError where the corpus has no such drawings; as ``engine.encoder.load``.
    """
    from engine import encoder as encoders
    from train.corpus import shards

    encoder = encoders.load(model)
    known: list[tuple[str, str, str, str]] = []

    def drawings() -> Iterator[Image]:
        for row in shards.rows(corpus):
            if row.split == split:
                known.append((row.design_id, row.locarno_subclass, row.locarno_class, row.source))
                yield drawing.decode(row.image, name=f"{row.design_id}, {row.view}")

    rows = encoder.encode_drawings(drawings())
    if not known:
        raise UsageError(f"{corpus} has no drawings of the split '{split}'.")
    designs, subclasses, classes, sources = (tuple(column) for column in zip(*known, strict=True))
    labels = evaluate.Labels(
        tuple(map(str, range(len(known)))), designs, subclasses, classes, sources
    )
    return {"split": split, **evaluate.evaluate(rows, labels, model=model)}


def deeppatent(source: Path, model: str, split: str = "test") -> dict[str, Any]:
    """Queries against the database of DeepPatent's lists: relevant is the same patent.

    Raises: as ``train.corpus.published.protocol`` and ``engine.encoder.load``.
    """
    from engine import encoder as encoders
    from train.corpus import published

    encoder = encoders.load(model)
    queries, database = published.protocol(source, split)
    asked, searched = (
        encoder.encode_drawings(
            drawing.decode(published.picture(source, entry).read_bytes(), name=entry.path)
            for entry in entries
        )
        for entries in (queries, database)
    )
    patents = np.array([entry.patent for entry in database])
    precision, first = [], []
    for row, entry in zip(asked, queries, strict=True):
        relevant = (patents == entry.patent)[np.argsort(-(searched @ row), kind="stable")]
        precision.append(evaluate.average_precision(relevant))
        first.append(int(relevant.argmax()) + 1 if relevant.any() else len(patents) + 1)
    _, designs = np.unique([entry.patent for entry in queries], return_inverse=True)
    values, ranks = np.array(precision), np.array(first)
    return {
        "model": model, "split": split, "queries": len(queries), "database": len(database),
        "map": float(values.mean()), "map_ci": list(evaluate.bootstrap(values, designs)),
        **{f"hit@{cut}": float((ranks <= cut).mean()) for cut in evaluate.CUTS},
    }  # fmt: skip


# --- the command


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    compare = commands.add_parser("compare", help="train, measure and report")
    compare.add_argument("config", type=Path, help="TOML of the data and the budget")
    compare.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    compare.add_argument(
        "--backbones", nargs="+", metavar="TOWER[@INIT]",
        help="as model.tower, with its first weights; the config's alone if left out",
    )  # fmt: skip
    compare.add_argument("--seeds", type=int, default=3, help="runs of each, seeds from 0")
    compare.add_argument(
        "--minutes", type=float, help="of training a cell, instead of the config's"
    )
    compare.add_argument("--steps", type=int, help="of training a cell, instead of the config's")
    told = commands.add_parser("report", help="table and figures of what is finished")
    told.add_argument("config", type=Path)
    for one in (compare, told):
        one.add_argument("--out", type=Path, default=Path("runs/quality"))
        one.add_argument("--baseline", choices=list(METHODS), default=BASELINE)
        one.add_argument("--ours", choices=list(METHODS), default=OURS)
    own = commands.add_parser("deeppatent", help="DeepPatent's queries against its database")
    own.add_argument("--source", type=Path, required=True)
    own.add_argument("--model", default="", help="name or folder of an encoder")
    own.add_argument("--split", choices=["validation", "test"], default="test")
    part = commands.add_parser("split", help="an encoder on a split of a corpus")
    part.add_argument("corpus", type=Path)
    part.add_argument("--split", default="test")
    part.add_argument("--model", default="", help="name or folder of an encoder")
    given = parser.parse_args(arguments)

    if given.command == "split":
        found = split_of_corpus(given.corpus, given.model, given.split)
        print(json.dumps({"machine": machine(), **found}, indent=1))
        return
    if given.command == "deeppatent":
        found = deeppatent(given.source, given.model, given.split)
        print(json.dumps({"machine": machine(), **found}, indent=1))
        return
    config = configs.read(given.config)
    if given.command == "compare":
        limits = config.optimiser
        if given.steps:
            limits = replace(limits, steps=given.steps)
        if given.minutes:
            limits = replace(limits, minutes=given.minutes)
        config = replace(config, optimiser=limits)
        cells = [
            (method, backbone, seed)
            for seed in range(given.seeds)  # whole comparisons first, then their repetitions
            for backbone in given.backbones or [config.model.tower]
            for method in given.methods
        ]
        for count, (method, backbone, seed) in enumerate(cells, 1):
            found = run_cell(cell(config, method, backbone, seed, given.out), method, backbone)
            said = found["protocols"]
            print(
                f"{count}/{len(cells)} {method}, {backbone}, seed {seed}: "
                + ", ".join(f"{name} {said[name]['map']:.3f}" for name in SHOWN)
                + f" ({found['steps']} steps, {found['seconds']:.0f} s)",
                file=sys.stderr,
            )
    held = load_held_out(config.corpus)
    if held is None:
        raise UsageError("The config holds no designs out: set held_out of a [[corpus]].")
    print(report(given.out, held, given.baseline, given.ours))


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()

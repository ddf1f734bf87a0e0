"""Hybrid search measured: what each stage finds on real drawings, and what it costs.

    python benchmarks/hybrid.py found DRAWINGS...        mAP with intervals, stage by stage
    python benchmarks/hybrid.py time --figures 100000    ms of each stage, embedded store

``found`` takes folders of drawings with a ``metadata.jsonl`` (design_id, title, locarno or
locarno_class). Every drawing is a query against all others; its words are its design's title, as a
searcher would type it. The gallery's descriptions are the offline ones. Relevant are other designs
of the same subclass or class (the query's own design is left out), or the other files of the same
design; the last says little of words, since all files of a design share them. A table goes to
stderr, JSON to stdout.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.machine import machine
from engine import classify, drawing, hybrid, text
from engine import encoder as encoders
from engine.design import figure_id
from engine.errors import ImageError
from engine.evaluate import average_precision, bootstrap
from engine.hybrid import DESCRIPTIONS, TEXT, Stage, Stages
from engine.plan import AnyOf, EncoderCard, Filter, Index, Nearest, Point, unit_rows
from engine.query import Query, View
from ingest.describe import DescribeError, Describing, Goods, Offline, Subject
from qdrant.schema import Schema
from qdrant.store import open_store

OFF = Stages(image=False, text=False, words=False, rerank=False)
SYSTEMS: dict[str, Stages] = {
    "image": replace(OFF, image=True),
    "meaning": replace(OFF, meaning=True),
    "image + meaning": replace(OFF, image=True, meaning=True),
    "image + meaning, reranked": replace(OFF, image=True, meaning=True, rerank=True),
    "text": replace(OFF, text=True),
    "words": replace(OFF, words=True),
    "text + words": replace(OFF, text=True, words=True),
    "image + text": replace(OFF, image=True, text=True),
    "image + words": replace(OFF, image=True, words=True),
    "image + text + words": replace(OFF, image=True, text=True, words=True),
    "image + text, reranked": replace(OFF, image=True, text=True, rerank=True),
    "all": Stages(),
    "all, with meaning": Stages(meaning=True),
    "all, dbsf": Stages(fusion="dbsf"),
    "all, k = 10": Stages(k=10),
    "all, k = 200": Stages(k=200),
}


# --- what is found -------------------------------------------------------------------------------


def read(folders: list[Path]) -> Iterator[dict[str, Any]]:
    """Rows of the folders' metadata, each with its drawing."""
    for folder in folders:
        for line in (folder / "metadata.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            path = folder / row["file_name"]
            code = row.get("locarno") or row.get("locarno_class") or ""
            yield {
                "id": figure_id("US", row["design_id"], row["file_name"]),
                "design": row["design_id"], "title": row.get("title") or "", "code": code,
                "picture": drawing.decode(path.read_bytes(), name=str(path)),
                "subclass": code if "-" in code else "", "class": code[:2],
            }  # fmt: skip


def fill(index: Any, rows: list[dict[str, Any]], encoder: encoders.Encoder) -> dict[str, Any]:
    """Store the drawings with their offline descriptions; returns the seconds of each part."""
    begin = time.perf_counter()
    kept = []
    squares = []
    for row in rows:
        try:
            squares.append(encoder.prepare(row["picture"]))
            kept.append(row)
        except ImageError:
            continue
    rows[:] = kept
    prepared = time.perf_counter()
    encoded = encoder.encode_all(squares)
    seconds = {
        "prepare": prepared - begin,
        "encode": time.perf_counter() - prepared,
    }
    describing = Describing(Offline())
    goods = Goods.load(describing.words)
    begin = time.perf_counter()
    designs: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        designs.setdefault(row["design"], []).append(i)
    points = []
    for number, members in designs.items():
        first = rows[members[0]]
        codes = (first["code"],) if first["code"] else ()
        terms: tuple[str, ...] = ()
        if encoded.text is not None:
            terms = goods.nearest(encoded.text[members], codes)
        subject = Subject(id=number, title=first["title"], codes=codes, terms=terms)
        try:
            vectors, payload = describing.of(subject)
        except DescribeError as error:  # neither title nor class
            print(f"{number}: {error}", file=sys.stderr)
            vectors, payload = {}, {}
        for i in members:
            known = {"office": "US", "design_id": number, "figure": str(i), "title": first["title"]}
            if first["code"]:
                known |= {
                    "locarno_subclass": rows[i]["subclass"],
                    "locarno_class": rows[i]["class"],
                }
            known = {key: value for key, value in known.items() if value}
            points.append(Point(rows[i]["id"], {"image": encoded.image[i], **vectors}, {**known, **payload}))  # fmt: skip
    seconds["describe"] = time.perf_counter() - begin
    begin = time.perf_counter()
    index.upsert(points)
    seconds["store"] = time.perf_counter() - begin
    return seconds


def rankings(
    index: Index, rows: list[dict[str, Any]], encoder: encoders.Encoder, stages: Stages
) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each drawing whose design has a title, and all other drawings, best first."""
    for row in rows:
        if not text.terms(row["title"]):
            continue
        seen = stages.image or stages.meaning
        query = Query(
            drawings=(View(row["picture"]),) if seen else (), texts=((row["title"], 1.0),)
        )
        hits = hybrid.search(index, query, encoder, stages=stages, limit=len(rows), per="figure")
        yield row, [hit.id for hit in hits]


def found(options: argparse.Namespace) -> dict[str, Any]:
    """Mean average precision of every system under every protocol, with 95 % intervals."""
    encoder = encoders.load(options.model)
    once = _Remembered(encoder)
    rows = list(read(options.drawings))
    report: dict[str, Any] = {"model": encoder.card.name, "systems": {}}
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder)) as store,
        store.create("designs", encoder.card, schema(encoder.card)) as index,
    ):
        report["seconds"] = fill(index, rows, once.encoder)
        report["drawings"] = len(rows)
        if any(row["subclass"] for row in rows):
            fit = classify.calibrate(index)
            report["classify"] = {name: getattr(fit, name) for name in fit.__slots__}
        by_id = {row["id"]: row for row in rows}
        for name, stages in SYSTEMS.items():
            if stages.meaning and not encoder.card.text_dimension:
                continue
            if options.systems and name not in options.systems:
                continue
            begin = time.perf_counter()
            scores: dict[str, list[tuple[str, float]]] = {}
            for row, ids in rankings(index, rows, once.encoder, stages):
                for protocol, score in judged(row, [by_id[id] for id in ids], rows):
                    scores.setdefault(protocol, []).append((row["design"], score))
            report["systems"][name] = {
                protocol: summary(pairs) for protocol, pairs in scores.items()
            }
            show(name, report["systems"][name], time.perf_counter() - begin)
    return report


def judged(
    row: dict[str, Any], ranked: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> Iterator[tuple[str, float]]:
    """Average precision of one ranking under each protocol that has something relevant.

    What a sparse stage did not rank comes last, in the order of the files.
    """
    seen = {other["id"] for other in ranked}
    full = [*ranked, *(other for other in rows if other["id"] not in seen)]
    same = [other["design"] == row["design"] for other in full if other["id"] != row["id"]]
    if any(same):
        yield "same-design", average_precision(same)
    for level in ("subclass", "class"):
        relevant = [
            other[level] == row[level] for other in full if other["design"] != row["design"]
        ]
        if row[level] and any(relevant):
            yield level, average_precision(relevant)


def summary(pairs: list[tuple[str, float]]) -> dict[str, Any]:
    """Mean and interval; designs are drawn, not drawings."""
    values = np.array([score for _, score in pairs])
    _, designs = np.unique([design for design, _ in pairs], return_inverse=True)
    low, high = bootstrap(values, designs)
    return {"map": float(values.mean()), "low": low, "high": high, "queries": len(values)}


def show(name: str, protocols: dict[str, Any], seconds: float) -> None:
    """One line of the table."""
    cells = [
        f"{protocol} {m['map']:.3f} [{m['low']:.3f}, {m['high']:.3f}] n={m['queries']}"
        for protocol, m in protocols.items()
    ]
    print(f"{name:26} {'  '.join(cells)}  ({seconds:.0f} s)", file=sys.stderr)


class _Remembered:
    """An encoder that encodes each drawing once, for many systems ask with the same drawings."""

    def __init__(self, encoder: encoders.Encoder) -> None:
        self.rows: dict[bytes, Any] = {}
        self.tower = encoder.tower
        self.encoder = replace(encoder, tower=self.remembered)

    def remembered(self, pixels: Any) -> Any:
        """Rows of pixels, from memory where they were seen before."""
        keys = [
            one.tobytes()[:: max(1, one.nbytes // 4096)] + one.mean().tobytes() for one in pixels
        ]
        if not all(key in self.rows for key in keys):
            image, meant = self.tower(pixels)
            for i, key in enumerate(keys):
                self.rows[key] = (image[i], None if meant is None else meant[i])
        images, texts = zip(*(self.rows[key] for key in keys), strict=True)
        return np.stack(images), None if texts[0] is None else np.stack(texts)


# --- what it costs -------------------------------------------------------------------------------


def schema(card: EncoderCard) -> Schema:
    """Pictures and texts, whether or not the encoder has a text side of its own."""
    return Schema.for_card(replace(card, text_dimension=text.DIMENSION), text=True)


def timed(call: Callable[[], Any], times: int) -> float:
    """Median of a call, ms, after one that does not count."""
    call()
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return round(float(np.median(seconds)) * 1000, 2)


def costs(options: argparse.Namespace) -> dict[str, Any]:
    """Ms by stage at a number of figures, five a design, twelve texts each."""
    rng = np.random.default_rng(0)
    words = text.load()
    goods = Goods.load(words)
    card = EncoderCard("random", "1", options.dimension, "")
    folder = options.store or Path(tempfile.mkdtemp(prefix="hybrid-"))
    with open_store(folder) as store:
        if not store.exists("designs"):
            with store.create("designs", card, schema(card)) as index:
                stock(index, options.figures, goods, rng)
        with store.open("designs") as index:
            report = ask(index, options, goods, words, rng)
    if not options.store:
        shutil.rmtree(folder)
    return report


def stock(index: Any, figures: int, goods: Goods, rng: np.random.Generator) -> None:
    """Random pictures under real goods' words."""
    dimension = index.schema.vectors["image"]
    for start in range(0, figures, 5_000):
        points = []
        for d in range(start // 5, min(start + 5_000, figures) // 5):
            chosen = rng.choice(len(goods.terms), 12, replace=False)
            rows = goods.table[chosen]
            texts = [goods.terms[i] for i in chosen]
            code = goods.codes[chosen[0]][0]
            vectors = {
                TEXT: unit_rows(rows.mean(axis=0))[0], DESCRIPTIONS: rows,
                "bm25": text.document_terms(" ".join(texts)),
            }  # fmt: skip
            for f in range(5):
                row = unit_rows(rng.normal(size=dimension))[0]
                payload = {
                    "office": "US", "design_id": f"D{d}", "figure": str(f), "title": texts[0],
                    "locarno_class": code[:2], "locarno_subclass": code, "path": [code[:2], code],
                }  # fmt: skip
                id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{d} {f}"))
                points.append(Point(id, {"image": row, **vectors}, payload))
        index.upsert(points)
        print(f"stored {start + len(points):,}", file=sys.stderr)


def ask(
    index: Any, options: argparse.Namespace, goods: Goods, words: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """Time each stage and the whole, under the largest class and under none."""
    counts = index.facet("locarno_class")
    largest = max(counts, key=lambda code: counts[code])
    image = unit_rows(rng.normal(size=index.schema.vectors["image"]))[0]
    phrase = "folding chair with armrests"
    row = words.encode([phrase])[0]
    stages = [
        Stage("image", Nearest("image", image)),
        Stage("text", Nearest(TEXT, row)),
        Stage("words", Nearest("bm25", text.query_terms(phrase))),
        Stage("rerank", Nearest(DESCRIPTIONS, row[None]), reranks=True),
    ]
    report: dict[str, Any] = {
        "figures": index.count(), "filtered_figures": counts[largest], "class": largest,
        "encode_text_ms": timed(lambda: words.encode([phrase]), 50),
    }  # fmt: skip
    for name, where in (
        ("class", Filter((AnyOf("path", (largest,)),))),
        ("no_filter", Filter()),
    ):
        ms = {}
        for asked in [*([stage] for stage in stages[:3]), stages[:3], stages]:
            label = " + ".join(stage.name for stage in asked)
            ms[label] = timed(partial(answer, index, asked, where), options.times)
        report[f"{name}_ms"] = ms
    return report


def answer(index: Any, asked: list[Stage], where: Filter) -> list[Any]:
    """Ten designs' worth of figures, as a search asks for them."""
    plan = hybrid.search_plan(
        index, asked, Stages(), where, hybrid.DEPTH, candidates=hybrid.RERANKED
    )
    found: list[Any] = index.search(replace(plan, limit=50, with_payload=hybrid.SHOWN))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("found")
    part.add_argument("drawings", type=Path, nargs="+")
    part.add_argument("--model", default="")
    part.add_argument("--systems", nargs="*", choices=SYSTEMS)
    part.set_defaults(run=found)
    part = parts.add_parser("time")
    part.add_argument("--figures", type=int, default=100_000)
    part.add_argument("--dimension", type=int, default=512)
    part.add_argument("--times", type=int, default=20)
    part.add_argument("--store", type=Path, help="keep the made store here, and use it again")
    part.set_defaults(run=costs)
    options = parser.parse_args()
    print(json.dumps({"machine": machine(), **options.run(options)}, indent=2))


if __name__ == "__main__":
    main()

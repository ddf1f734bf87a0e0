"""Filtered search side by side with what one would otherwise pick: recall@10, latency, memory.

    pip install faiss-cpu lancedb          (dependency group "bench")
    python benchmarks/peers.py                             100,000 figures of 512 numbers
    python benchmarks/peers.py --figures 20000 --peers engine numpy

Every peer stores the same figures and answers the same queries for the ten nearest, without a
filter, in the largest class (8.7 % of the figures), in an average one (3 %) and in one subclass
(1 %). Each runs in a process of its own, on one thread, and is told to give the payload of its hits
too. Recall is against numpy in float64. Rows are clustered, as drawings are: a graph does badly on
rows of pure noise, which nobody stores. A peer that is not installed is left out, and named.

- engine: the embedded store, as it comes: payload indexes, then an exact scan.
- engine-graph: the same after `engine graph`.
- numpy: all in memory, a mask, one product. No store at all.
- faiss-after: what clip-retrieval does: an HNSW index, the 10·k nearest, and the filter after.
- faiss-ids: faiss with an IDSelector, the filter worked out before: the best that faiss can do.
- qdrant-local: qdrant-client's own local mode, on disk.
- lancedb: an IVF_PQ index with refinement, scalar indexes, the filter before.

JSON on stdout, a table on stderr.
"""

# ruff: noqa: E402  (threads are counted when numpy is imported)
from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

for threads in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "LANCE_CPU_THREADS",
):
    os.environ.setdefault(threads, "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.machine import machine
from benchmarks.store import SHARES, own_mb, peak_mb
from engine.plan import AnyOf, EncoderCard, Filter, Nearest, Point, SearchPlan

K = 10
PARTITIONS = 256  # of LanceDB's index
NEEDS = {
    "faiss-after": "faiss",
    "faiss-ids": "faiss",
    "qdrant-local": "qdrant_client",
    "lancedb": "lancedb",
}
PEERS = ("engine", "engine-graph", "numpy", *NEEDS)
FILTERS = {"no_filter": "", "largest_class": "01", "average_class": "09", "subclass": "01-03"}
Search = Callable[[np.ndarray, str], list[int]]


def main() -> None:
    """Run every peer that is installed and print what it did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--figures", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--one", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        figures = Figures(options.figures, options.dimension, options.queries)
        print(json.dumps(measure(options.one, figures)))
        return
    results: dict[str, Any] = {}
    for peer in options.peers:
        if peer in NEEDS and importlib.util.find_spec(NEEDS[peer]) is None:
            print(f"{peer}: {NEEDS[peer]} is not installed", file=sys.stderr)
            continue
        command = [
            sys.executable, __file__, "--one", peer, "--figures", str(options.figures),
            "--dimension", str(options.dimension), "--queries", str(options.queries),
        ]  # fmt: skip
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            print(f"{peer}: ended with {done.returncode}", file=sys.stderr)
            continue
        results[peer] = json.loads(done.stdout.splitlines()[-1])
        show(peer, results[peer])
    about = {
        "machine": machine(),
        **{k: v for k, v in vars(options).items() if k not in ("one", "peers")},
    }
    print(json.dumps({**about, "ratios": ratios(results), "peers": results}, indent=2))


class Figures:
    """Rows, classes and queries that every peer is given alike."""

    def __init__(self, count: int, dimension: int, queries: int) -> None:
        rng = np.random.default_rng(3)
        kinds = rng.normal(size=(max(64, count // 50), dimension)).astype(np.float32)
        self.rows = unit(kinds[rng.integers(len(kinds), size=count)], rng)
        asked = rng.integers(count, size=queries)
        self.queries = unit(self.rows[asked], rng, 0.5)
        main = rng.choice(32, size=count, p=SHARES) + 1
        sub = rng.integers(1, 8, size=count)
        self.classes = np.array([f"{m:02}" for m in main])
        self.subclasses = np.array([f"{m:02}-{s:02}" for m, s in zip(main, sub, strict=True)])

    def mask(self, code: str) -> np.ndarray:
        """Which figures obey a class, a subclass, or no filter."""
        if not code:
            return np.ones(len(self.rows), dtype=bool)
        return (self.subclasses if "-" in code else self.classes) == code

    def payload(self, i: int) -> dict[str, Any]:
        """What is shown of a hit."""
        return {
            "design_id": f"USD{i // 5:07}", "figure": str(i % 5 + 1), "title": "Combined chair and table",
            "path": [str(self.classes[i]), str(self.subclasses[i])], "number": i,
        }  # fmt: skip

    def exact(self, code: str) -> list[set[int]]:
        """The ten nearest of each query, in float64."""
        places = np.flatnonzero(self.mask(code))
        found = []
        for query in self.queries:
            scores = self.rows[places].astype(np.float64) @ query.astype(np.float64)
            found.append({int(i) for i in places[np.argsort(-scores)[:K]]})
        return found


def unit(rows: np.ndarray, rng: np.random.Generator, spread: float = 0.8) -> np.ndarray:
    """Rows with noise about them, of length 1."""
    noise = rng.normal(size=rows.shape).astype(np.float32)
    scale = np.linalg.norm(rows, axis=1, keepdims=True) / np.linalg.norm(
        noise, axis=1, keepdims=True
    )
    moved = rows + spread * scale * noise
    return (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)


def measure(peer: str, figures: Figures) -> dict[str, Any]:
    """Store, then ask: seconds, milliseconds, recall and memory of one peer."""
    truth = {name: figures.exact(code) for name, code in FILTERS.items()}
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        before = own_mb() or 0
        search = MAKERS[peer](figures, Path(folder))
        result: dict[str, Any] = {"store_s": round(time.perf_counter() - began, 1)}
        for name, code in FILTERS.items():
            took, recall = [], []
            search(figures.queries[0], code)  # once to warm up
            for query, wanted in zip(figures.queries, truth[name], strict=True):
                began = time.perf_counter()
                found = search(query, code)
                took.append((time.perf_counter() - began) * 1e3)
                recall.append(len(wanted & set(found)) / len(wanted))
            result[name] = {
                "recall": round(float(np.mean(recall)), 4),
                "p50_ms": round(float(np.percentile(took, 50)), 2),
                "p95_ms": round(float(np.percentile(took, 95)), 2),
            }
        result |= {"own_mb": (own_mb() or 0) - before, "peak_mb": peak_mb()}
        result["disk_mb"] = sum(p.stat().st_blocks * 512 for p in Path(folder).rglob("*")) >> 20
    return result


def _engine(figures: Figures, folder: Path, graph: bool = False) -> Search:
    from qdrant.edge import EdgeStore
    from qdrant.schema import Schema

    dimension = figures.rows.shape[1]
    card = EncoderCard("made", "1", dimension, "none")
    schema = Schema(vectors={"image": dimension}, indexes={"path": "keyword"})
    store = EdgeStore(folder)
    with store.create("designs", card, schema) as made:
        for start in range(0, len(figures.rows), 1000):
            made.upsert(
                [
                    Point(name(i), {"image": row}, figures.payload(i))
                    for i, row in enumerate(figures.rows[start : start + 1000], start)
                ]
            )
    if graph:
        from qdrant.graph import build
        from qdrant.plan import Graph

        build(store, "designs", Graph())
    collection = store.open("designs")

    def search(query: np.ndarray, code: str) -> list[int]:
        where = Filter((AnyOf("path", (code,)),)) if code else Filter()
        return [
            int(p.payload["number"])
            for p in collection.search(SearchPlan(Nearest("image", query), K, where))
        ]

    return search


def _numpy(figures: Figures, _: Path) -> Search:
    masks = {code: np.flatnonzero(figures.mask(code)) for code in FILTERS.values() if code}
    rows = {code: figures.rows[places] for code, places in masks.items()}  # filtered once, before

    def search(query: np.ndarray, code: str) -> list[int]:
        scores = rows.get(code, figures.rows) @ query
        best = np.argpartition(-scores, K)[:K]
        best = best[np.argsort(-scores[best])]
        found = masks[code][best] if code else best
        return [int(figures.payload(int(i))["number"]) for i in found]

    return search


def _faiss(figures: Figures, _: Path, before: bool = False) -> Search:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexHNSWFlat(figures.rows.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 200
    index.hnsw.efSearch = 256
    index.add(figures.rows)
    masks = {code: figures.mask(code) for code in FILTERS.values()}
    chosen = {
        code: faiss.SearchParametersHNSW(
            sel=faiss.IDSelectorBatch(np.flatnonzero(mask).astype(np.int64)), efSearch=256
        )
        for code, mask in masks.items()
    }

    def after(query: np.ndarray, code: str) -> list[int]:
        _, found = index.search(query[None], 10 * K if code else K)
        kept = [int(i) for i in found[0] if i >= 0 and masks[code][i]][:K]
        return [int(figures.payload(i)["number"]) for i in kept]

    def selected(query: np.ndarray, code: str) -> list[int]:
        _, found = index.search(query[None], K, params=chosen[code] if code else None)
        return [int(figures.payload(int(i))["number"]) for i in found[0] if i >= 0]

    return selected if before else after


def _qdrant_local(figures: Figures, folder: Path) -> Search:
    import warnings

    from qdrant_client import QdrantClient, models

    warnings.simplefilter("ignore")  # it says itself that it is not made for so many points
    client = QdrantClient(path=str(folder))
    size = figures.rows.shape[1]
    client.create_collection(
        "designs", models.VectorParams(size=size, distance=models.Distance.COSINE)
    )
    for start in range(0, len(figures.rows), 1000):
        part = range(start, min(start + 1000, len(figures.rows)))
        points = [
            models.PointStruct(id=i, vector=figures.rows[i].tolist(), payload=figures.payload(i))
            for i in part
        ]
        client.upsert("designs", points)

    def search(query: np.ndarray, code: str) -> list[int]:
        where = models.Filter(
            must=[models.FieldCondition(key="path", match=models.MatchValue(value=code))]
        )
        found = client.query_points(
            "designs", query.tolist(), query_filter=where if code else None, limit=K
        )
        return [int((point.payload or {})["number"]) for point in found.points]

    return search


def _lancedb(figures: Figures, folder: Path) -> Search:
    import lancedb
    import pyarrow as pa

    size = figures.rows.shape[1]
    table = pa.table(
        {
            "number": pa.array(range(len(figures.rows)), pa.int64()),
            "class": pa.array(figures.classes.tolist()),
            "subclass": pa.array(figures.subclasses.tolist()),
            "title": pa.array(["Combined chair and table"] * len(figures.rows)),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(figures.rows.ravel()), size),
        }
    )
    made = lancedb.connect(folder).create_table("designs", table)
    made.create_index(
        "dot", vector_column_name="vector", num_partitions=PARTITIONS, num_sub_vectors=size // 8
    )
    made.create_scalar_index("class", index_type="BITMAP")
    made.create_scalar_index("subclass", index_type="BITMAP")

    def search(query: np.ndarray, code: str) -> list[int]:
        # Under a filter too few of the partitions' figures are left: it is told to look in all.
        asked = made.search(query).distance_type("dot").nprobes(PARTITIONS if code else 32)
        asked = asked.refine_factor(10).limit(K)
        if code:
            asked = asked.where(
                f"{'subclass' if '-' in code else 'class'} = '{code}'", prefilter=True
            )
        return [
            int(row["number"]) for row in asked.select(["number", "title", "_distance"]).to_list()
        ]

    return search


MAKERS: dict[str, Callable[[Figures, Path], Search]] = {
    "engine": _engine,
    "engine-graph": lambda figures, folder: _engine(figures, folder, graph=True),
    "numpy": _numpy,
    "faiss-after": _faiss,
    "faiss-ids": lambda figures, folder: _faiss(figures, folder, before=True),
    "qdrant-local": _qdrant_local,
    "lancedb": _lancedb,
}


def name(i: int) -> str:
    """The id of a figure."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(i)))


def ratios(results: dict[str, Any]) -> dict[str, dict[str, float]]:
    """By how much each peer's p50 is longer than the engine's; under 1, the peer is quicker."""
    if "engine" not in results:
        return {}
    return {
        peer: {f: round(found[f]["p50_ms"] / results["engine"][f]["p50_ms"], 2) for f in FILTERS}
        for peer, found in results.items()
        if peer != "engine"
    }


def show(peer: str, result: dict[str, Any]) -> None:
    """One line of the table, on stderr."""
    cells = [f"{peer:>13}", f"{result['store_s']:>7.1f} s", f"{result['own_mb']:>6} MB"]
    for name_ in FILTERS:
        cell = result[name_]
        cells.append(f"{name_}: {cell['recall']:.3f} {cell['p50_ms']:.2f}/{cell['p95_ms']:.2f} ms")
    print(" | ".join(cells), file=sys.stderr)


if __name__ == "__main__":
    main()

"""Build a graph (HNSW) over an embedded collection, for more figures than a scan is quick for.

An explicit step, in a process of its own: the engine holds Python's interpreter lock for as long as
it builds, minutes for 100,000 figures. The shard is copied, the graph built in the copy, and the
copy put in place in one step; whatever ends the building leaves the collection as it was. Figures
stored later are scanned beside the graph until it is built again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

from engine.errors import IndexUnavailable
from qdrant.edge import EdgeStore, check_space, config, new_shard, read_record, write_record
from qdrant.plan import Graph
from qdrant.store import NEXT


def build(store: EdgeStore, name: str, graph: Graph) -> None:
    """Give a collection a graph; what it had is kept as ``name.previous`` until it is pruned.

    Raises: IndexUnavailable if the collection is in use, the disk too small, or the building ended.
    """
    command = [sys.executable, "-m", "qdrant.graph", str(store.folder.resolve()), name]
    root = Path(__file__).parent.parent  # where "qdrant" is found, installed or not
    done = subprocess.run(
        [*command, json.dumps(asdict(graph))], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        why = said[-1] if said else f"the process ended with {done.returncode}"
        raise IndexUnavailable(
            f"The graph of '{name}' in {store.folder} could not be built: {why} "
            "The collection is as it was."
        )


def _build(store: EdgeStore, name: str, graph: Graph) -> None:
    import qdrant_edge as edge

    with store.held(name):
        record = read_record(store.record(name))
        home = store.record(name).parent
        old = home / record.shard
        check_space(home, sum(path.stat().st_size for path in old.rglob("*")) // 2)
        new = home / new_shard()
        shutil.copytree(old, new)
        shard = edge.EdgeShard.load(str(new), config(record.schema, graph, build=True))
        held = shard.count(edge.CountRequest(exact=True))
        shard.optimize()
        if shard.count(edge.CountRequest(exact=True)) != held:
            raise IndexUnavailable("points were lost while building: look at the disk.")
        shard.flush()
        shard.close()
        write_record(store.record(name + NEXT), replace(record, shard=new.name, graph=graph))
        store.exchange(name)


if __name__ == "__main__":
    try:
        _build(EdgeStore(Path(sys.argv[1])), sys.argv[2], Graph(**json.loads(sys.argv[3])))
    except Exception as error:
        sys.exit(f"{error}")

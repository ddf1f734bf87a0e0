"""What a register of a given size needs: memory, disk, shards, nodes, hours. Arithmetic only.

Each constant says where it comes from: *measured* on this project's benchmarks (docs/scale.md has
the machine), *Qdrant* for its documentation's rule, *chosen* or *assumed* where nobody measured. Nothing here
asks a store.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.errors import UsageError

FLOAT_BYTES = 4
LINKS = 16  # of the graph (m), Qdrant's default; twice as many on its lowest level
LINK_BYTES = 4
GRAPH_SHARE = 1.1  # levels above the lowest, and what compresses badly: chosen
PAYLOAD_BYTES = 800  # on disk, with its indexes, without thumbnail: measured at 1,000,000
THUMBNAIL_BYTES = 3_400  # a data: URL of 160 px: measured, mean of 60 real sheets
INDEX_BYTES = 1_300  # in memory, ids and thirteen payload indexes: measured, 100,000 to 1,000,000
TEXT_NUMBERS = 384  # of a caption's row
DESCRIPTION_ROWS = 4  # of 384 numbers, on disk
BM25_BYTES = 500  # some 60 terms

EDGE_LIMIT = 500_000  # figures that an embedded scan is quick for
EDGE_STORED_S = 1_000  # figures a second, 1,000,000 of 512 numbers, two busy cores: measured
SERVER_STORED_S = 1_500  # a node, four requests at a time: chosen below what Qdrant publishes
GRAPH_BUILT_S = 600  # figures a second and core into a graph: measured (100,000 in 119–394 s)
ENCODED_S = {"cpu": 30.0, "gpu": 1_500.0}  # figures a second: a core, measured; a GPU, assumed

HEADROOM = 1.3  # memory and disk beyond the sum: chosen
DISK_COPIES = 2.0  # a segment is rewritten beside itself: Qdrant
NODE_SHARDS = 2  # a node, so that a cluster can grow to twice its nodes: chosen
SHARD_POINTS = 25_000_000  # more make restarts and copies slow: chosen
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be stored, and on what.

    Attributes:
        designs, views: of the register; figures are their product.
        dimension: numbers a figure's row.
        text: descriptions and captions too.
        thumbnails: kept in the payload.
        quantized: 8-bit integers in memory, full rows on disk.
        replicas: copies of everything.
        node_gib: memory of a node.
        cores: of a node, for encoding and building.
        gpus: that encode; 0 for the cores.
    """

    designs: float
    views: float = 5
    dimension: int = 768
    text: bool = False
    thumbnails: bool = True
    quantized: bool = True
    replicas: int = 2
    node_gib: float = 64
    cores: int = 16
    gpus: int = 0

    @property
    def figures(self) -> int:
        """How many points."""
        return round(self.designs * self.views)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a demand needs; bytes are of one copy unless said otherwise.

    Attributes:
        figures: points.
        store: "folder", "server" or "cluster".
        rows, integers, links, keys, payload, words: bytes of float rows, of their 8-bit copies, of
            the graph, of ids and payload indexes, of payload with thumbnails, of texts' vectors.
        memory, disk: bytes of all copies together, with headroom.
        nodes, shards: of a cluster; 1 where there is none.
        encoding_h, storing_h, building_h: hours, each on its own.
    """

    figures: int
    store: str
    rows: int
    integers: int
    links: int
    keys: int
    payload: int
    words: int
    memory: int
    disk: int
    nodes: int
    shards: int
    encoding_h: float
    storing_h: float
    building_h: float


def plan(demand: Demand) -> Plan:
    """Work out what a demand needs. Raises: UsageError for one that cannot be meant."""
    if demand.figures < 1 or demand.dimension < 1 or demand.node_gib < 1 or demand.cores < 1:
        raise UsageError(
            "A plan needs designs, views, a dimension and nodes with memory and cores."
        )
    if demand.replicas < 1:
        raise UsageError("There is at least one copy: --replicas 1.")
    n = demand.figures
    rows = n * demand.dimension * FLOAT_BYTES
    links = round(n * 2 * LINKS * LINK_BYTES * GRAPH_SHARE)
    keys = n * INDEX_BYTES
    payload = n * (PAYLOAD_BYTES + (THUMBNAIL_BYTES if demand.thumbnails else 0))
    text_rows = n * TEXT_NUMBERS * FLOAT_BYTES if demand.text else 0
    told = n * (DESCRIPTION_ROWS * TEXT_NUMBERS * FLOAT_BYTES + BM25_BYTES) if demand.text else 0
    integers = (rows + text_rows) // FLOAT_BYTES if demand.quantized else 0
    folder = n <= EDGE_LIMIT
    if folder:
        # The system keeps the rows in memory as long as there is some; the process has little.
        memory, copies = rows + text_rows + keys, 1
        links, integers = 0, 0
    else:
        copies = demand.replicas
        searched = integers if demand.quantized else rows + text_rows
        sparse = n * BM25_BYTES if demand.text else 0
        memory = searched + links * (2 if demand.text else 1) + keys + sparse
    disk = rows + integers + links + keys + payload + text_rows + told
    memory_all = round(memory * copies * HEADROOM)
    disk_all = round(disk * copies * HEADROOM * (1 if folder else DISK_COPIES))
    nodes = 1 if folder else max(math.ceil(memory_all / (demand.node_gib * GIB)), copies)
    if nodes == 2:
        nodes = 3  # two cannot agree on anything once one is gone
    shards = 1 if nodes == 1 else max(NODE_SHARDS * nodes, _up(n / SHARD_POINTS, nodes))
    workers = demand.gpus * ENCODED_S["gpu"] or demand.cores * ENCODED_S["cpu"]
    stored = EDGE_STORED_S if folder else SERVER_STORED_S * nodes
    built = GRAPH_BUILT_S * demand.cores * nodes
    return Plan(
        figures=n,
        store="folder" if folder else "server" if nodes == 1 else "cluster",
        rows=rows,
        integers=integers,
        links=links,
        keys=keys,
        payload=payload,
        words=text_rows + told,
        memory=memory_all,
        disk=disk_all,
        nodes=nodes,
        shards=shards,
        encoding_h=n / workers / 3600,
        storing_h=n * copies / stored / 3600,
        building_h=0.0 if folder else n * copies / built / 3600,
    )


def _up(number: float, step: int) -> int:
    """The next multiple of a step."""
    return math.ceil(number / step) * step


def told(found: Plan) -> list[tuple[str, str]]:
    """A plan as lines of a table: what, and how much."""

    def size(number: int) -> str:
        return f"{number / GIB:,.1f} GiB"

    def hours(number: float) -> str:
        return f"{number * 60:,.0f} min" if number < 2 else f"{number:,.1f} h"

    return [
        ("figures", f"{found.figures:,}"),
        ("store", found.store),
        ("nodes", f"{found.nodes}"),
        ("shards", f"{found.shards}"),
        ("memory, all nodes", size(found.memory)),
        ("disk, all nodes", size(found.disk)),
        ("rows, one copy", size(found.rows)),
        ("8-bit rows", size(found.integers)),
        ("graph", size(found.links)),
        ("ids and indexes", size(found.keys)),
        ("payload", size(found.payload)),
        ("texts", size(found.words)),
        ("encoding", hours(found.encoding_h)),
        ("storing", hours(found.storing_h)),
        ("building the graph", hours(found.building_h)),
    ]

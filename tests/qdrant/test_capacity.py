"""Plans against arithmetic done by hand, and against what a store really takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import UsageError
from engine.plan import EncoderCard, Point, unit_rows
from qdrant import capacity
from qdrant.capacity import Demand, plan
from qdrant.edge import EdgeStore
from qdrant.schema import Schema


def test_a_hundred_million_figures_by_hand() -> None:
    found = plan(Demand(designs=20e6, views=5, dimension=512, replicas=2, node_gib=64, cores=16))
    assert found.figures == 100_000_000
    assert found.rows == 100_000_000 * 512 * 4 == 204_800_000_000
    assert found.integers == 51_200_000_000
    assert found.links == 14_080_000_000  # 32 links of 4 bytes, and a tenth
    assert found.keys == 130_000_000_000
    # (51.2 + 14.08 + 130) GB, two copies, 1.3 of it
    assert found.memory == pytest.approx(507.728e9)
    assert found.nodes == 8  # of 68.7 GB
    assert found.shards == 16
    assert found.store == "cluster"
    # 100 million, 16 cores, 30 a second each
    assert found.encoding_h == pytest.approx(100e6 / 480 / 3600)


def test_a_small_register_is_a_folder() -> None:
    found = plan(Demand(designs=20_000, views=5))
    assert (found.store, found.nodes, found.shards, found.links) == ("folder", 1, 1, 0)
    assert plan(Demand(designs=100_001, views=5)).store != "folder"


def test_more_never_needs_less() -> None:
    base = Demand(designs=1e6)
    for more in (
        {"designs": 2e6}, {"views": 7}, {"dimension": 1280}, {"text": True}, {"replicas": 3},
        {"quantized": False},
    ):  # fmt: skip
        one, two = plan(base), plan(replace(base, **more))
        assert two.memory > one.memory, more
        assert two.disk > one.disk or "quantized" in more
        assert two.nodes >= one.nodes


def test_two_nodes_are_never_planned() -> None:
    for designs in (2e5, 1e6, 5e6, 2e7):
        found = plan(Demand(designs=designs))
        assert found.nodes != 2
        assert found.shards % found.nodes == 0


@pytest.mark.parametrize("wrong", [{"designs": 0}, {"replicas": 0}, {"cores": 0}])
def test_what_cannot_be_meant_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        plan(replace(Demand(designs=10), **wrong))


def test_the_disk_is_of_the_right_size(tmp_path: Path) -> None:
    """5,000 real figures take within a factor of two of what is worked out for their rows."""
    card = EncoderCard("made", "1", 512, "x")
    rows = unit_rows(np.random.default_rng(0).normal(size=(5000, 512)))
    with EdgeStore(tmp_path).create("designs", card, Schema.for_card(card)) as made:
        made.upsert(
            [
                Point(
                    f"00000000-0000-0000-0000-{i:012}",
                    {"image": row},
                    {"design_id": f"USD{i}", "title": "x" * capacity.PAYLOAD_BYTES},
                )
                for i, row in enumerate(rows)
            ]
        )
    taken = sum(path.stat().st_blocks * 512 for path in tmp_path.rglob("*"))
    planned = plan(Demand(designs=5000, views=1, thumbnails=False)).disk
    assert planned / 2 < taken < planned * 2

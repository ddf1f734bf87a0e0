"""Every new kind of source against damaged bytes, and against the growth of what it reads."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.design import Design
from engine.errors import EngineError, SourceError
from ingest.sources import Problem, read

SPACE = "http://www.wipo.int/standards/XMLSchema/ST96/Design"


def arrow(rows: dict[str, list]) -> bytes:
    table = pa.table(rows)
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()


def good(make) -> dict[str, dict[str, bytes]]:
    """A sound example of each kind: its own file first, then what lies beside it."""
    picture = make.picture(1)
    pdf = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(pdf, "PDF")
    hague = (
        f'<?xml version="1.0"?><DesignApplication xmlns="{SPACE}"><RegistrationNumber>7'
        "</RegistrationNumber><Design><LocarnoClass>06-01</LocarnoClass><View><FileName>a.png"
        "</FileName></View></Design></DesignApplication>"
    )
    euipo = {"designNumber": "1-1", "locarnoClasses": ["06.01"], "views": [{"fileName": "a.png"}]}
    deep = [{"patentID": "USD1-20190101", "figure_file": "s.png", "subfigure_file": "a.png",
             "figid": 1, "x_figure": 1}]  # fmt: skip
    samples = {"1.png": picture, "1.json": b'{"design_id": "A", "locarno": "06-01"}'}
    rows = {"image": [{"bytes": picture, "path": "a.png"}], "design_id": ["A"]}
    return {
        "hague": {"a.xml": hague.encode(), "a.png": picture},
        "euipo": {"a.json": json.dumps(euipo).encode(), "a.png": picture},
        "deeppatent2": {"design1.json": json.dumps(deep).encode(), "a.png": picture},
        "impact": {"a.csv": b"id,title,file_names\nD01,Chair,\"['a.png', 'b.png']\"\n", "a.png": picture},
        "webdataset": {"a.tar": make.tarred(samples)},
        "huggingface": {"a.arrow": arrow(rows)},
        "pdf": {"a.pdf": pdf.getvalue()},
    }  # fmt: skip


KINDS = ("hague", "euipo", "deeppatent2", "impact", "webdataset", "huggingface", "pdf")


@pytest.mark.parametrize("kind", KINDS)
def test_the_sound_examples_are_read(tmp_path: Path, make, kind: str) -> None:
    files = good(make)[kind]
    make.write(tmp_path, files)
    found = list(read([tmp_path / next(iter(files))], kind))
    assert any(isinstance(item, Design) for item in found), found


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_mutated_files_never_crash(tmp_path: Path, make, kind: str, data) -> None:
    files = good(make)[kind]
    name = next(iter(files))
    mutated = bytearray(files[name])
    for _ in range(data.draw(st.integers(1, 6))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del mutated[data.draw(st.integers(0, len(mutated))) :]
    make.write(tmp_path, files | {name: bytes(mutated)})
    for source in (kind, "auto"):
        try:
            for item in read([tmp_path], source):
                assert isinstance(item, Design | Problem)
                if isinstance(item, Design):
                    json.dumps([item.id, item.title, item.description]).encode("ascii")
        except EngineError:
            continue


def test_pipes_are_not_waited_for(tmp_path: Path, make) -> None:
    names = ("a.xml", "d.tar", "e.zip", "f.pdf", "g.arrow", "train-00000-of-00001.parquet", "j.png")
    for name in names:
        os.mkfifo(tmp_path / name)
        found = [item for item in read([tmp_path / name]) if isinstance(item, Problem)]
        assert "is no plain file" in [item.reason for item in found], name
    for name in ("a.xml", "b.json", "design2.json", "d.tar", "e.zip", "f.pdf", "j.png"):
        os.mkfifo(make.write(tmp_path / "in", {"oak.png": make.picture(1)}) / name)
    found = list(read([tmp_path / "in"]))
    assert [item.id for item in found if isinstance(item, Design)] == ["oak"]
    assert {item.reason for item in found if isinstance(item, Problem)} == {"is no plain file"}
    for name in ("b.json", "c.csv", "h.jsonl", "i.parquet"):  # nothing tells what they are
        os.mkfifo(tmp_path / name)
        with pytest.raises(SourceError, match="holds no drawings"):
            read([tmp_path / name])


def peak(items: Callable[[], Iterator[object]]) -> int:
    """Bytes of Python's memory held at most while all items are taken and let go."""
    tracemalloc.start()
    for _ in items():
        pass
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held


@pytest.mark.parametrize("kind", ["webdataset", "huggingface"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, make, kind: str) -> None:
    pictures = [make.picture(i, size=(600, 400)) + bytes(50_000) for i in range(8)]

    def written(count: int) -> Path:
        numbers = [f"D{i:05}" for i in range(count)]
        if kind == "webdataset":
            files = {f"{n}.png": pictures[i % 8] for i, n in enumerate(numbers)}
            files |= {f"{n}.json": json.dumps({"design_id": n}).encode() for n in numbers}
            name, content = f"{count}.tar", make.tarred(dict(sorted(files.items())))
        else:
            images = [{"bytes": pictures[i % 8], "path": f"{n}.png"} for i, n in enumerate(numbers)]
            name, content = f"{count}.arrow", arrow({"image": images, "design_id": numbers})
        return make.write(tmp_path, {name: content}) / name

    few, many = written(150), written(900)
    peak(lambda: read([few], kind))  # what is imported and cached at first
    assert peak(lambda: read([many], kind)) < 1.3 * peak(lambda: read([few], kind)) + 10**6

"""Damaged, cut and hostile input to every parser: it is read, or refused by an error of ours.

A target is a parser with some true inputs; a fuzzer changes them a little (bits, cuts, doublings,
inserted words that parsers care about, two inputs joined) and calls the parser. Anything but a
result or an EngineError is a finding, and so is a call that takes very long. Short in every run;
``python -m pytest -m slow tests/fuzz`` gives each target ten minutes (FUZZ_MINUTES), and prints the
seed, so that a finding can be had again with FUZZ_SEED.
"""

from __future__ import annotations

import io
import json
import os
import random
import tarfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import Image

from engine import drawing, expression, locarno
from engine.encoder import ModelFolder
from engine.errors import EngineError
from engine.plan import EncoderCard
from ingest.sources import read
from qdrant.archive import Archive, ArchiveWriter
from qdrant.edge import EdgeStore, read_record
from qdrant.schema import Schema

SHORT = 150  # inputs a target
SLOWEST_S = 20.0  # for one small input
LONGEST = 1 << 20
CARD = EncoderCard("made", "1", 4, "x")
WORDS = (
    b"\x00", b"\xff\xfe", b"]]>", b"<!ENTITY a SYSTEM 'file:///etc/passwd'>", b"&a;", b"../../x",
    b"-1", b"1e999", b"NaN", b"{", b"[[[[[[[[", b'"', b"\r\n", b"4294967296", b"\xf0\x9f\x98\x80",
)  # fmt: skip
Parser = Callable[[bytes, Path], object]


def picture(kind: str) -> bytes:
    drawn = Image.new("L", (40, 30), 255)
    drawn.paste(0, (10, 10, 20, 14))
    stream = io.BytesIO()
    drawn.save(stream, kind)
    return stream.getvalue()


GRANT = (
    b'<?xml version="1.0"?><us-patent-grant><us-bibliographic-data-grant><publication-reference>'
    b"<document-id><country>US</country><doc-number>D0907292</doc-number><kind>S1</kind>"
    b"<date>20210105</date></document-id></publication-reference><classification-locarno>"
    b"<edition>13</edition><main-classification>0601</main-classification></classification-locarno>"
    b"<invention-title>Chair</invention-title></us-bibliographic-data-grant><drawings><figure "
    b'id="F1" num="1"><img file="a.png"/></figure></drawings></us-patent-grant>'
)
ROW = {"design_id": "D1", "file": "a.png", "locarno": "06-01", "title": "Chair", "box": "1,1,20,20"}


def _zip(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return stream.getvalue()


def _tar(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as made:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def _parquet() -> bytes:
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({key: [value] for key, value in ROW.items()}), stream)
    return stream.getvalue()


def source(name: str) -> Parser:
    """Read a folder of this file and a drawing as a source."""

    def parse(content: bytes, folder: Path) -> object:
        (folder / name).write_bytes(content)
        (folder / "a.png").write_bytes(picture("PNG"))
        return list(read([folder]))

    return parse


def _manifest() -> bytes:
    record = {
        "format": 1, "complete": True, "card": {**_card()}, "schema": Schema.for_card(CARD).record(),
        "shards": [{"file": "points-00000.parquet", "points": 1, "bytes": 9, "sha256": "0" * 64}],
    }  # fmt: skip
    return json.dumps(record).encode()


def _card() -> dict[str, object]:
    return {"name": "made", "revision": "1", "dimension": 4, "preprocessing": "x"}


def _archive(content: bytes, folder: Path) -> object:
    (folder / "manifest.json").write_bytes(content)
    archive = Archive.open(folder)
    archive.verify()
    return list(archive.scroll(vectors=("image",)))


def _shard(content: bytes, folder: Path) -> object:
    ArchiveWriter.open(folder, CARD, Schema.for_card(CARD)).finish()
    (folder / "points-00000.parquet").write_bytes(content)
    said = json.loads((folder / "manifest.json").read_text())
    said["shards"] = [{"file": "points-00000.parquet", "points": 1, "bytes": 1, "sha256": "0"}]
    (folder / "manifest.json").write_text(json.dumps(said))
    return list(Archive.open(folder).scroll(vectors=("image",)))


def _points() -> bytes:
    vector = pa.FixedSizeListArray.from_arrays(pa.array([1.0, 0, 0, 0], pa.float32()), 4)
    stream = io.BytesIO()
    table = pa.table({"id": ["a"], "payload": ['{"design_id": "D1"}'], "vector.image": vector})
    pyarrow.parquet.write_table(table, stream)
    return stream.getvalue()


def _record(content: bytes, folder: Path) -> object:
    (folder / "designs").mkdir(exist_ok=True)
    (folder / "designs" / "collection.json").write_bytes(content)
    read_record(folder / "designs" / "collection.json")
    return EdgeStore(folder).collections()


def _collection() -> bytes:
    said = {"shard": "shard-1", "card": _card(), "schema": Schema.for_card(CARD).record()}
    return json.dumps(said).encode()


def _model(content: bytes, folder: Path) -> object:
    (folder / "encoder.json").write_bytes(content)
    return ModelFolder.read(folder)


def _decode(content: bytes, _: Path) -> object:
    return [drawing.decode(content, page=page) for page in range(drawing.pages(content))][:1]


MODEL = (Path(__file__).parents[2] / "engine/models/lite0-design/encoder.json").read_bytes()

TARGETS: dict[str, tuple[Parser, tuple[bytes, ...]]] = {
    "locarno": (
        lambda c, _: locarno.parse(c.decode("utf-8", "replace")),
        (b"06-01", b"LOC (13) Cl. 06-01, 26-05", b"0601"),
    ),
    "locarno words": (
        lambda c, _: locarno.find(c.decode("utf-8", "replace")), (b"folding chair", b"lamps")
    ),
    "expression": (
        lambda c, _: expression.parse(c.decode("utf-8", "replace")),
        (b"2:folding chair + side.png - swivel", b"like:USD1 - 0.5:'a b'"),
    ),
    "picture": (_decode, tuple(picture(kind) for kind in ("PNG", "TIFF", "GIF", "JPEG", "BMP"))),
    "metadata.jsonl": (source("metadata.jsonl"), (json.dumps(ROW).encode(),)),
    "metadata.csv": (
        source("metadata.csv"), ((",".join(ROW) + "\n" + "D1,a.png,06-01,Chair,\"1,1,2,2\"").encode(),)
    ),
    "metadata.parquet": (source("metadata.parquet"), (_parquet(),)),
    "grant.xml": (source("grant.xml"), (GRANT,)),
    "weekly.zip": (source("weekly.zip"), (_zip({"US.xml": GRANT, "a.png": picture("PNG")}),)),
    "weekly.tar": (source("weekly.tar"), (_tar({"US.xml": GRANT, "a.png": picture("PNG")}),)),
    "samples.tar": (
        source("samples.tar"),
        (_tar({"0.png": picture("PNG"), "0.json": json.dumps(ROW).encode()}),),
    ),
    "designs.json": (
        source("designs.json"),
        (b'{"designs": [{"designNumber": "001-1", "productIndications": []}]}',),
    ),
    "archive": (_archive, (_manifest(),)),
    "archive shard": (_shard, (_points(),)),
    "collection record": (_record, (_collection(),)),
    "model folder": (_model, (MODEL,)),
}  # fmt: skip


def changed(seeds: tuple[bytes, ...], luck: random.Random) -> bytes:
    """A true input, changed in one to six places."""
    content = bytearray(luck.choice(seeds))
    for _ in range(luck.randint(1, 6)):
        at = luck.randrange(len(content) + 1)
        match luck.randrange(7):
            case 0 if content:
                content[at % len(content)] ^= 1 << luck.randrange(8)
            case 1:
                content[at : at + luck.randint(1, 16)] = b""
            case 2:
                content[at:at] = luck.choice(WORDS)
            case 3:
                content[at:at] = content[at : at + luck.randint(1, 64)] * luck.randint(1, 50)
            case 4:
                content[at:] = luck.choice(seeds)[at:]
            case 5:
                content[at : at + 4] = luck.randbytes(4)
            case _:
                content = content[:at] if luck.random() < 0.2 else content
    return bytes(content[:LONGEST])


def fuzz(target: str, luck: random.Random, folder: Path, going: Callable[[int], bool]) -> int:
    """Call a target with changed inputs for as long as it is said; returns how many."""
    parse, seeds = TARGETS[target]
    count = 0
    while going(count):
        content = changed(seeds, luck)
        place = folder / str(count)
        place.mkdir()
        began = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pictures' own, which no parser of ours makes
            try:
                parse(content, place)
            except EngineError as error:
                assert str(error), "an error says what happened"
            except Exception as error:
                pytest.fail(f"{target}: {type(error).__name__}: {error}\ninput: {content[:2000]!r}")
        took = time.monotonic() - began
        assert took < SLOWEST_S, f"{target} took {took:.0f} s for {content[:2000]!r}"
        for path in sorted(place.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        place.rmdir()
        count += 1
    return count


@pytest.mark.parametrize("target", TARGETS)
def test_true_input_is_read(target: str, tmp_path: Path) -> None:
    """The fuzzers begin from what the parsers take, or they would test one error message."""
    parse, seeds = TARGETS[target]
    for i, seed in enumerate(seeds):
        (tmp_path / str(i)).mkdir()
        if target == "archive":  # its shard is not there
            with pytest.raises(EngineError, match="missing"):
                parse(seed, tmp_path / str(i))
        else:
            parse(seed, tmp_path / str(i))


@pytest.mark.parametrize("target", TARGETS)
def test_changed_input_is_read_or_refused(target: str, tmp_path: Path) -> None:
    seed = int(os.environ.get("FUZZ_SEED", "1"))
    assert fuzz(target, random.Random(seed), tmp_path, lambda n: n < SHORT) == SHORT


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("target", TARGETS)
def test_changed_input_for_long(target: str, tmp_path: Path) -> None:
    seed = int(os.environ.get("FUZZ_SEED", str(time.time_ns() % 10**9)))
    end = time.monotonic() + 60 * float(os.environ.get("FUZZ_MINUTES", "10"))
    print(f"{target}: seed {seed}")
    count = fuzz(target, random.Random(seed), tmp_path, lambda _: time.monotonic() < end)
    print(f"{target}: {count:,} inputs, no finding")
    assert count

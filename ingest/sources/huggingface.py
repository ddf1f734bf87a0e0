"""Hugging Face datasets on disk: ``save_to_disk`` folders (Arrow), and Parquet shards of the hub.

A ``save_to_disk`` folder holds ``state.json`` and Arrow streams; one of several splits holds
``dataset_dict.json`` and a folder a split. A copy of a hub repository holds shards such as
``data/train-00000-of-00002.parquet``, a corpus of ours such as ``00000-32.parquet``. All are read through pyarrow, a batch at a time; the package
``datasets`` is not needed.

Columns are those of a table (``ingest.sources.metadata``). The picture is the column that the
features call an Image (bytes inside, or a path), else ``image``. A ClassLabel becomes its name: the
class where that is a Locarno code, else the title where no other column gives one. A row that names
no design is a design of its own, called by its file or by its split, shard and row; give a table with
``design_id`` and ``figure`` where these may change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from engine import locarno
from engine.design import Design
from engine.errors import EngineError, SourceError
from ingest.sources import Problem, metadata
from ingest.sources.files import Below, check_plain, places, plain

BATCH = 64  # rows held at once
# The hub's shards, and those that ``engine corpus build`` writes.
_SHARD = re.compile(r"(?:.+-\d{5}-of-\d{5}|\d{5}-\d+)\.parquet")


@dataclass(frozen=True, slots=True)
class Features:
    """What a dataset says of its columns: which is the picture, and the names of classes."""

    picture: str = "image"
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def matches(path: Path) -> bool:
    """Whether the path is a folder of such a dataset, or one of its Arrow files."""
    if path.is_dir():
        saved = (path / "state.json").is_file() and (path / "dataset_info.json").is_file()
        return saved or (path / "dataset_dict.json").is_file() or any(
            _SHARD.fullmatch(file.name) for inner in (path, path / "data")
            for file in inner.glob("*.parquet")
        )  # fmt: skip
    return path.suffix.lower() == ".arrow" or bool(_SHARD.fullmatch(path.name))


def read(path: Path) -> Iterator[Design | Problem]:
    """Designs of a file, of a dataset's folder, or of every dataset below a folder."""
    found = False
    for file in _shards(path) if path.is_dir() else [path]:
        found = True
        yield from metadata.designs(_rows(file), file.parent)
    if not found:
        raise SourceError(f"{path} holds no Arrow or Parquet shards of a dataset.")


def _shards(root: Path) -> Iterator[Path]:
    """The shards below a folder; caches of mapped datasets are none."""
    for place, files in places(root):
        state = place / "state.json"
        if state.is_file():
            yield from (place / name for name in _state(state))
        else:
            yield from (file for file in files if _SHARD.fullmatch(file.name))


def _state(file: Path) -> list[str]:
    """The Arrow files that a saved dataset is made of, in order; [] where none can be told."""
    try:
        listed = json.loads(file.read_text("utf-8"))["_data_files"]
        names = [str(entry["filename"]) for entry in listed]
    except (OSError, ValueError, KeyError, TypeError):
        return sorted(arrow.name for arrow in file.parent.glob("*.arrow"))
    return [name for name in names if PurePosixPath(name).name == name]


def _named_after(file: Path) -> str:
    """Split and shard, the same from wherever the dataset is read: "train-00000"."""
    if (file.parent.parent / "dataset_dict.json").is_file():
        return f"{file.parent.name}-{file.stem.removeprefix('data-').partition('-of-')[0]}"
    return file.stem.removeprefix("data-").partition("-of-")[0]


def _rows(file: Path) -> Iterator[metadata.Row | Problem]:
    import pyarrow as pa

    where, below, line = plain(str(file)), Below(file.parent), 0
    shard = _named_after(file)
    try:
        check_plain(file)
        for schema, batch in _batches(file):
            features = _features(schema)
            for values in batch.to_pylist():
                line += 1
                yield _row(values, features, f"{where}:{line}", f"{shard}-{line - 1}", below)
    except SourceError as error:
        yield Problem(where, str(error))
    except (pa.ArrowException, OSError, ValueError) as error:
        yield Problem(where, f"is not a sound shard of a dataset ({plain(str(error))})")


def _batches(file: Path) -> Iterator[tuple[Any, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.suffix.lower() == ".parquet":
        with pq.ParquetFile(file) as opened:
            for batch in opened.iter_batches(batch_size=BATCH):
                yield opened.schema_arrow, batch
        return
    with pa.memory_map(str(file)) as source:
        try:
            stream = pa.ipc.open_stream(source)
            batches = iter(stream)
        except pa.ArrowInvalid:
            stream = pa.ipc.open_file(source)
            batches = (stream.get_batch(i) for i in range(stream.num_record_batches))
        for batch in batches:
            for start in range(0, batch.num_rows, BATCH):
                yield stream.schema, batch.slice(start, BATCH)


def _features(schema: Any) -> Features:
    """Pictures and classes as ``datasets`` records them in the schema."""
    try:
        told = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return Features()
    kinds = {name: kind for name, kind in told.items() if isinstance(kind, dict)}
    pictures = [name for name, kind in kinds.items() if kind.get("_type") == "Image"]
    labels = {
        name: tuple(map(str, kind.get("names") or ()))
        for name, kind in kinds.items()
        if kind.get("_type") == "ClassLabel"
    }
    return Features(pictures[0] if pictures else "image", labels)


def _row(
    values: dict[str, Any], features: Features, where: str, number: str, below: Below
) -> metadata.Row:
    image = values.pop(features.picture, None)
    inside = image if isinstance(image, dict) else {"path": image}
    content, path = inside.get("bytes"), inside.get("path")
    row = {str(key).strip().lower(): value for key, value in values.items()}
    for name, names in features.labels.items():
        row |= _named(row, name.strip().lower(), names)
    if not isinstance(content, bytes):
        found = below.find(path) if isinstance(path, str) else None
        named = {"file_name": str(found.relative_to(below.root)) if found else path}
        return metadata.Row(where, (named if path else {}) | row)
    called = PurePosixPath(path).name if isinstance(path, str) and path else number
    row.setdefault("file_name", called)
    if not any(row.get(key) for key in metadata.COLUMNS["design"]):
        row["design_id"] = "" if isinstance(path, str) and path else number
    elif not any(row.get(key) for key in (*metadata.COLUMNS["figure"], "sheet")):
        row["figure"] = number  # of its own, wherever the other rows of the design stand
    return metadata.Row(where, row, content, file=f"{where}!{called}")


def _named(row: Mapping[str, Any], name: str, names: tuple[str, ...]) -> dict[str, Any]:
    """A class by its name instead of its number, in the column that it belongs to."""
    label = row.get(name)
    if not isinstance(label, int) or not 0 <= label < len(names):
        return {}
    text = names[label]
    if name in metadata.KNOWN:
        return {name: text}
    try:
        found = {"locarno": locarno.parse_code(text)}
    except EngineError:
        found = {"title": text}
    known = metadata.COLUMNS["locarno" if "locarno" in found else "title"]
    return {} if any(row.get(column) for column in known) else found

"""Published sets of patent drawings, with the splits that their authors made.

- **DeepPatent** (Kucer et al., WACV 2022): ``patent_data/I20180102/USD…/USD…-D00001.png``, and lists
  of lines "path number". A patent belongs to the list that names it: ``train_patent_trn.txt``,
  ``train_patent_val.txt`` (or ``val_query_…`` and ``val_db_…``), ``test_query_patent.txt`` and
  ``test_db_patent.txt``. No classes: join them from the grants.
- **IMPACT** (Shomee et al., NeurIPS 2024): folders ``2021_train`` and ``2021_val`` (or ``_test``)
  name the split in the path of each sheet.
- **DeepPatent2** (Ajayi et al., Scientific Data 2023): no published split for retrieval was found, so
  a hash of the patent's number decides, the same on every machine.

Reads DeepPatent itself; designs of the other two come from whoever reads offices' files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.design import Design
from engine.errors import SourceError
from train.corpus.real import Listed

# Of each split the lists, those that settle it alone first. Lists that are missing add nothing.
LISTS = {
    "train": ("train_patent_trn.txt",),
    "validation": ("train_patent_val.txt", "val_query_patent.txt", "val_db_patent.txt"),
    "test": ("test_query_patent.txt", "test_db_patent.txt"),
}
LICENCE = "public domain"  # drawings of US patents, as both sets' authors say of them
_NUMBER = re.compile(r"US(?P<kind>[A-Z]+)0*(?P<number>\d+)(?:-\d{8})?", re.IGNORECASE)
_SPLIT = re.compile(r"(?:^|[/_-])(train|val|validation|test)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list: the picture's path below the root, and the patent's number in the list."""

    path: str
    patent: str


def deeppatent(folder: Path, known: Mapping[str, tuple[str, str]] | None = None) -> list[Listed]:
    """The patents that the lists of DeepPatent name, by number.

    Args:
        folder: holds the lists, or has them in ``data``; the pictures are in it or in
            ``patent_data``.
        known: Locarno code and title of a patent by its number, "USD806613".

    Raises: SourceError where a list is missing or wrong, or one patent is in two splits.
    """
    root = _pictures(folder)
    files: dict[str, dict[str, None]] = {}
    splits: dict[str, str] = {}
    for split, names in LISTS.items():
        found = [entry for name in names for entry in _entries(folder, name)]
        if split == "train" and not found:
            raise SourceError(
                f"{folder} has no {LISTS['train'][0]}: the lists of DeepPatent belong beside its "
                "patent_data, or in a folder data there. They are in the set's repository."
            )
        for entry in found:
            patent = number(entry.path)
            if splits.setdefault(patent, split) != split:
                raise SourceError(
                    f"{patent} is in the lists for {splits[patent]} and for {split}: a design must "
                    "stay on one side. Take the lists as they were published."
                )
            files.setdefault(patent, {})[entry.path] = None
    known = known or {}
    return [
        Listed(
            patent, *known.get(patent, ("", "")),
            tuple((str(root / path), _view(path)) for path in sorted(paths)),
            "deeppatent", LICENCE, splits[patent],
        )
        for patent, paths in sorted(files.items())
    ]  # fmt: skip


def protocol(folder: Path, split: str = "test") -> tuple[list[Entry], list[Entry]]:
    """Queries and database of DeepPatent's own measure: relevant is what has the same number.

    Raises: SourceError where a list is missing or wrong.
    """
    short = {"validation": "val", "test": "test"}[split]
    names = (f"{short}_query_patent.txt", f"{short}_db_patent.txt")
    queries, database = (_entries(folder, name) for name in names)
    for name, entries in zip(names, (queries, database), strict=True):
        if not entries:
            raise SourceError(f"{folder} has no {name}, which says what is asked and searched.")
    return queries, database


def picture(folder: Path, entry: Entry) -> Path:
    """Where the picture of an entry lies."""
    return _pictures(folder) / entry.path


def number(path: str) -> str:
    """The patent's number as ingest writes it: "I20180102/USD0806613-20180102/…" → "USD806613".

    Raises: SourceError where the path has none.
    """
    found = _NUMBER.match(PurePosixPath(path).name)
    if found is None:
        raise SourceError(f"'{path}' in a list does not begin with a patent's number (USD…).")
    return f"US{found['kind'].upper()}{found['number']}"


def split_of(design: Design) -> str:
    """The split that the folders of a design's files name, or "" where they name none or two."""
    named = {_folder_split(figure.file) for figure in design.figures}
    return named.pop() if len(named) == 1 else ""


def _folder_split(file: str) -> str:
    for folder in reversed(PurePosixPath(file.replace("\\", "/")).parts[:-1]):
        found = _SPLIT.search(folder)
        if found:
            word = found[1].lower()
            return "validation" if word.startswith("val") else word
    return ""


def _view(path: str) -> str:
    sheet = re.search(r"-D(\d+)\.\w+$", path)
    return f"sheet {int(sheet[1])}" if sheet else ""


def _pictures(folder: Path) -> Path:
    return folder / "patent_data" if (folder / "patent_data").is_dir() else folder


def _entries(folder: Path, name: str) -> list[Entry]:
    """The lines of a list; none where there is no such file."""
    file = next((f for f in (folder / name, folder / "data" / name) if f.is_file()), None)
    if file is None:
        return []
    found = []
    try:
        for count, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if not line.strip():
                continue
            path, _, patent = line.strip().rpartition(" ")
            if not path or not patent.isdigit():
                raise SourceError(f"{file}, line {count}: '{line[:80]}' is not 'path number'.")
            found.append(Entry(path, patent))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"Cannot read {file} ({error}).") from error
    return found

"""What ``engine doctor`` looks at: packages, encoder, store, and whether they fit."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import encoder as encoders
from engine.errors import EngineError
from engine.search import check_card

# What each extra brings, named by the package whose absence a user would notice first.
EXTRAS = {"train": "torch", "describe": "openai", "meshes": "trimesh"}
BASE = ("qdrant-edge-py", "qdrant-client", "onnxruntime", "pillow", "numpy")


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; an ``optional`` thing that is not ``present`` is no fault."""

    name: str
    ok: bool
    found: str
    optional: bool = False
    present: bool = True


def installation(version: str) -> list[Check]:
    """The program, Python, the packages of the base install and of the extras."""
    found = [
        Check(
            "program",
            True,
            f"design-search-engine {version}, Python {sys.version.split()[0]}, "
            f"{platform.system()} {platform.machine()}",
        )
    ]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in BASE]
    found.append(Check("packages", True, ", ".join(versions)))
    for extra, package in EXTRAS.items():
        try:
            have = importlib.metadata.version(package)
            found.append(Check(f"extra '{extra}'", True, f"{package} {have}", optional=True))
        except importlib.metadata.PackageNotFoundError:
            found.append(
                Check(
                    f"extra '{extra}'", True, f"not installed (uv sync --extra {extra})",
                    optional=True, present=False,
                )
            )  # fmt: skip
    return found


def encoder(name: str) -> list[Check]:
    """The encoder in use, loaded for real; and the shipped ones beside it."""
    try:
        loaded = encoders.load(name)
    except EngineError as error:
        return [Check("encoder", False, str(error))]
    card = loaded.card
    return [
        Check(
            "encoder",
            True,
            f"{card.name}, revision {card.revision}, {card.dimension} numbers a drawing, "
            f"{loaded.preprocessing.size} px, licence {loaded.licence}",
        ),
        Check("shipped encoders", True, ", ".join(encoders.shipped())),
    ]


def store(open_store: Callable[[], Any], location: str, collection: str, model: str) -> list[Check]:
    """Whether the store answers, what it holds, and whether the encoder fits the collection."""
    try:
        with open_store() as opened:
            names = opened.collections()
            found = [Check("store", True, f"{location}: {', '.join(names) or 'no collection yet'}")]
            if collection in names:
                with opened.open(collection) as index:
                    found.append(
                        Check("collection", True, f"{collection}: {index.count():,} figures")
                    )
                    current = encoders.card(model)
                    if current is not None:
                        check_card(index.card, current)
                        found.append(Check("fit", True, f"{collection} was made by {current.name}"))
            return found
    except EngineError as error:
        return [Check("store", False, f"{location}: {error}")]

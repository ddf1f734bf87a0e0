"""Where stores are, what lies beside them, and a collection of one, open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from commands import APP_FOLDER, VERSION

if TYPE_CHECKING:
    from engine.web.desk import Desk
    from qdrant.store import Collection


def default() -> str:
    """The store where none is named: in the user's own folder."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(base) / APP_FOLDER)


def home(store: str) -> Path:
    """Where what belongs to a store lies: beside it, or in the user's own folder for a server's."""
    return Path(default()) if "://" in store else Path(store)


def place(store: str, collection: str) -> str:
    """The same words for the same collection, from wherever it is named."""
    return f"{store.rstrip('/') if '://' in store else Path(store).resolve()}|{collection}"


@contextmanager
def opened(store: str, api_key: str, collection: str) -> Iterator[Collection]:
    """The collection, open; closed at the end."""
    from qdrant import open_store

    with open_store(store, api_key) as opened, opened.open(collection) as index:
        yield index


@contextmanager
def desk(
    store: str, api_key: str, collection: str, model: str, device: str, drawings: list[Path] | None
) -> Iterator[Desk]:
    """What page and assistants ask: the collection, open, with its encoder; closed at the end."""
    from engine import encoder as encoders
    from engine.web.desk import Desk
    from ingest.originals import Originals

    encoder = encoders.load(model, device=device)
    with opened(store, api_key, collection) as index:
        yield Desk(
            index, encoder, collection=collection, version=VERSION,
            originals=Originals(drawings or ()),
        )  # fmt: skip

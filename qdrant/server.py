"""Collections on a Qdrant server or cluster, through qdrant-client; and its in-memory double.

A collection's encoder and schema are kept in the server's own collection metadata (Qdrant 1.16 and
later). Its name is an alias of the server's ``NAME--1f3a9c`` collection, so that another, built
beside it, can take its place in one step. Importing this module costs two seconds: only `qdrant.store.open_store` does, for addresses.
"""

from __future__ import annotations

import hashlib
import secrets
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import httpx
import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from engine.errors import IndexMismatch, IndexUnavailable, UsageError
from engine.plan import EncoderCard, Filter, Point, Scored, SearchPlan
from qdrant.plan import client_filter, client_query, client_vector, selected, vectors_of
from qdrant.schema import VERSION, IndexKind, Schema
from qdrant.store import (
    MEMORY,
    NEXT,
    PREVIOUS,
    Capabilities,
    Collection,
    Layout,
    Store,
    check_name,
    parted,
)

TIMEOUT_S = 60  # an upsert that waits for a busy server takes longer than the client's own 5 s
RETRIES = 4  # after the first try
BACKOFF_S = 0.25  # doubled at each retry: 3.75 s in all before a server counts as away
MAX_WAIT_S = 30  # a server that asks to wait longer than this is not waited for
PORT = 6333  # of an address without one, as the client has it
OLDEST = (1, 16)  # the first server with collection metadata
METADATA = "engine"  # our key in it
DEFAULT = Layout()
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

T = TypeVar("T")


class ServerStore(Store):
    """Collections on one server, or in this process's memory for ":memory:".

    Nothing is connected to before the first question.
    """

    def __init__(self, location: str, api_key: str = "", layout: Layout = DEFAULT) -> None:
        self.location = location
        self.layout = layout
        self._key = api_key
        self._memory = location == MEMORY
        with warnings.catch_warnings():
            if urlsplit(location).hostname in LOOPBACK:
                # A key over plain http is no secret on a network; here it does not leave the machine.
                warnings.filterwarnings("ignore", message="Api key is used with an insecure")
            self._client = (
                QdrantClient(MEMORY)
                if self._memory
                else QdrantClient(
                    url=location,
                    api_key=api_key or None,
                    timeout=TIMEOUT_S,
                    check_compatibility=False,
                )
            )
        self._server = Server(self._client, location)

    @property
    def capabilities(self) -> Capabilities:
        """What this backend does beyond the contract."""
        if self._memory:
            return Capabilities(
                "memory", durable=False, shared=False, approximate=False, quantized=False
            )
        return Capabilities("server", durable=True, shared=True, approximate=True, quantized=True)

    def collections(self) -> list[str]:
        """Names of the collections, in order; whoever made them."""
        return sorted(name for name in self._places() if not name.endswith((NEXT, PREVIOUS)))

    def exists(self, name: str) -> bool:
        """Whether there is a collection of this name, or one beside it."""
        return check_name(name) in self._places()

    def _places(self) -> dict[str, str]:
        """Every name under which a collection may be asked for, and the server's own name of it."""
        found = self._server.ask("list collections", self._client.get_collections).collections
        aliases = self._server.ask("list aliases", self._client.get_aliases).aliases
        named = {alias.alias_name: alias.collection_name for alias in aliases}
        own = {c.name: c.name for c in found if c.name not in named.values()}
        return own | named

    def open(self, name: str) -> ServerCollection:
        """Open a collection; see `Store.open`. Raises: IndexMismatch if it is not one of ours."""
        place = self._place(name)
        info = self._server.ask("open", self._client.get_collection, place)
        record = (info.config.metadata or {}).get(METADATA)
        if record is None:
            self._server.check_version()
            raise IndexMismatch(
                f"Collection '{name}' on {self.location} was not made by this program: it records "
                "no encoder. Choose another --collection, or re-ingest with --recreate."
            )
        try:
            card, schema = EncoderCard(**record["card"]), Schema.from_record(record["schema"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise IndexMismatch(
                f"What collection '{name}' on {self.location} records of its encoder and schema is "
                f"damaged ({error}). Restore a backup: engine restore BACKUP --replace."
            ) from error
        self._make_indexes(place, schema, made=info.payload_schema)
        if record["schema"]["version"] != VERSION:  # once what it lacked is there
            self._server.ask(
                "upgrade",
                self._client.update_collection,
                place,
                metadata={METADATA: {**record, "schema": schema.record()}},
            )
        return ServerCollection(name, card, schema, self._server, place)

    def _create(self, name: str, card: EncoderCard, schema: Schema) -> ServerCollection:
        self._server.check_version()
        record = {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "card": asdict(card),
            "schema": schema.record(),
        }
        place = f"{name}--{secrets.token_hex(3)}"
        self._server.ask(
            "create",
            self._client.create_collection,
            place,
            vectors_config=_dense(schema),
            sparse_vectors_config={
                sparse: models.SparseVectorParams(modifier=models.Modifier.IDF)
                for sparse in schema.sparse
            },
            # Other programs on the same server are held to the indexes too.
            strict_mode_config=models.StrictModeConfig(
                enabled=True, unindexed_filtering_retrieve=False, unindexed_filtering_update=False
            ),
            metadata={METADATA: record},
            shard_number=self.layout.shards,
            replication_factor=self.layout.replicas,
            write_consistency_factor=self.layout.acknowledged,
            timeout=TIMEOUT_S,
        )
        self._make_indexes(place, schema, made={})
        self._alias({name: place})  # from here on it is a collection
        return ServerCollection(name, card, schema, self._server, place)

    def _alias(self, places: Mapping[str, str | None]) -> None:
        """Point names at collections, or at nothing, all at once."""
        changes: list[models.AliasOperations] = []
        for name, place in places.items():
            gone = models.DeleteAlias(alias_name=name)
            changes.append(models.DeleteAliasOperation(delete_alias=gone))
            if place is not None:
                made = models.CreateAlias(alias_name=name, collection_name=place)
                changes.append(models.CreateAliasOperation(create_alias=made))
        self._server.ask(
            "name collections", self._client.update_collection_aliases, changes, timeout=TIMEOUT_S
        )

    def _make_indexes(self, name: str, schema: Schema, made: Mapping[str, Any]) -> None:
        """Make what is missing, so that a creation cut short is finished by the next opening."""
        if self._memory:
            return  # the double has none and needs none
        for key, kind in schema.indexes.items():
            if key not in made:
                self._server.ask(
                    "create index",
                    self._client.create_payload_index,
                    name,
                    field_name=key,
                    field_schema=_index(kind),
                    wait=True,
                )

    def drop(self, name: str) -> None:
        """Delete a collection, what was to replace it and what it replaced, with all points."""
        base, part = parted(name)
        places = self._places()
        gone = [name] if part else [base, base + NEXT, base + PREVIOUS]
        kept = {place for other, place in places.items() if other not in gone}
        for place in dict.fromkeys(places[other] for other in gone if other in places):
            if place not in kept:
                self._server.ask("drop", self._client.delete_collection, place, timeout=TIMEOUT_S)

    def swap(self, name: str, *, back: bool = False) -> None:
        """Put what was built beside a collection in its place; see `Store.swap`."""
        taken, left = (PREVIOUS, NEXT) if back else (NEXT, PREVIOUS)
        new = self._place(name + taken)
        places = self._places()
        old = places.get(name)
        if old == name:
            raise UsageError(
                f"'{name}' on {self.location} is a collection under its own name, which cannot be "
                f"swapped in one step. Copy it (engine push --to {self.location} --as NAME), and "
                "work with the copy."
            )
        forgotten = places.get(name + left)
        self._alias({name: new, name + taken: None, name + left: old})
        if forgotten and forgotten not in (old, new):
            self._server.ask("drop", self._client.delete_collection, forgotten, timeout=TIMEOUT_S)

    def snapshot(self, name: str, folder: Path) -> Path:
        """Let the server take its own snapshot of a collection, and fetch the file.

        Faster to restore than a backup: vectors, graph and all. It is of one node's part of the
        collection, and for the same or the next minor version of the server.

        Raises: IndexUnavailable, also when the file is not what the server wrote.
        """
        place = self._place(name)
        taken = self._server.ask("take a snapshot", self._client.create_snapshot, place)
        if taken is None:
            raise IndexUnavailable(f"Qdrant at {self.location} took no snapshot. Look at its log.")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}-{taken.name}"
        digest = hashlib.sha256()
        address = f"/collections/{place}/snapshots/{taken.name}"
        with self._http() as http, path.open("wb") as file:
            try:
                with http.stream("GET", address) as answer:
                    answer.raise_for_status()
                    for piece in answer.iter_bytes(1 << 20):
                        digest.update(piece)
                        file.write(piece)
            except httpx.HTTPError as error:
                raise IndexUnavailable(
                    f"The snapshot {taken.name} of {self.location} cannot be fetched ({error})."
                ) from error
        if taken.checksum and taken.checksum != digest.hexdigest():
            raise IndexUnavailable(
                f"{path} is not what {self.location} wrote: its checksum differs. Fetch it again."
            )
        return path

    def recover(self, name: str, path: Path) -> int:
        """Make a collection of this name from a snapshot's file; returns how many points it has.

        Raises: UsageError if there is one, IndexUnavailable if the server refuses the file.
        """
        if self.exists(name):
            raise UsageError(
                f"Collection '{name}' exists already on {self.location}. Drop it, or name another."
            )
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
        place = f"{name}--{secrets.token_hex(3)}"
        with self._http() as http, path.open("rb") as file:
            try:
                answer = http.post(
                    f"/collections/{place}/snapshots/upload",
                    params={"priority": "snapshot", "checksum": checksum, "wait": "true"},
                    files={"snapshot": (path.name, file)},
                )
                answer.raise_for_status()
            except httpx.HTTPError as error:
                raise IndexUnavailable(
                    f"{self.location} does not take the snapshot {path} ({error}). It must be of "
                    "this minor version of Qdrant, or the one before."
                ) from error
        self._alias({name: place})
        with self.open(name) as made:
            return made.count()

    def _http(self) -> httpx.Client:
        """For what the client does not do: files, whose transfer takes as long as it takes."""
        headers = {"api-key": self._key} if self._key else {}
        address = urlsplit(self.location)
        base = self.location if address.port else f"{self.location.rstrip('/')}:{PORT}"
        return httpx.Client(base_url=base, headers=headers, timeout=httpx.Timeout(None))

    def close(self) -> None:
        """Let go of connections; closing again does nothing."""
        self._client.close()

    def _place(self, name: str) -> str:
        """The server's own name of a collection. Raises: IndexUnavailable if there is none."""
        place = self._places().get(check_name(name))
        if place is None:
            known = ", ".join(self.collections())
            raise IndexUnavailable(
                f"There is no collection '{name}' on {self.location}"
                + (f", only {known}." if known else ": it holds none.")
                + f" Make it with: engine ingest FOLDER --store {self.location}"
            )
        return place


class Server:
    """One server as its client reaches it: asks again where that helps, and says why it failed."""

    def __init__(self, client: QdrantClient, location: str) -> None:
        self.client = client
        self.location = location

    def ask(self, what: str, call: Callable[..., T], *args: Any, **options: Any) -> T:
        """Call the client; again, with growing pauses, if the server is busy or away.

        Everything asked here may be asked twice: points are stored by id, deleted by filter.

        Raises: IndexUnavailable, naming the address and what to do.
        """
        for attempt in range(RETRIES + 1):
            try:
                return call(*args, **options)
            except (UnexpectedResponse, ResponseHandlingException, ResourceExhaustedResponse) as e:
                pause = _pause(e, BACKOFF_S * 2**attempt)
                if pause is None or attempt == RETRIES:
                    raise IndexUnavailable(
                        f"Qdrant at {self.location} could not {what}: {_explained(e)}"
                    ) from e
                time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def check_version(self) -> None:
        """Refuse a server too old to remember what a collection holds. Raises: IndexUnavailable."""
        version = self.ask("tell its version", self.client.info).version
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise IndexUnavailable(
                f"Qdrant at {self.location} is version {version}; collections need "
                f"{OLDEST[0]}.{OLDEST[1]} or later. Update the server (qdrant/compose.yaml pins one)."
            )


class ServerCollection(Collection):
    """One collection on a server; closing it leaves the store's connection open."""

    def __init__(
        self, name: str, card: EncoderCard, schema: Schema, server: Server, place: str
    ) -> None:
        super().__init__(name, card, schema)
        # Not the alias: whoever has it open goes on with the vectors its encoder was checked for,
        # when another collection takes the name.
        self._place = place
        self._server = server
        self._client = server.client

    def close(self) -> None:
        """Nothing: every write was waited for."""

    def _upsert(self, points: Sequence[Point]) -> None:
        made = [
            models.PointStruct(
                id=point.id,
                vector={name: client_vector(vector) for name, vector in point.vectors.items()},
                payload=dict(point.payload),
            )
            for point in points
        ]
        self._server.ask("store points", self._client.upsert, self._place, made, wait=True)

    def _query(self, plan: SearchPlan) -> list[Scored]:
        query = client_query(plan, None if self._server.location == MEMORY else self.schema)
        found = self._server.ask("search", self._client.query_points, self._place, **query)
        return [_scored(point) for point in found.points]

    def _retrieve(
        self, ids: Sequence[str], keys: Sequence[str] | None, vectors: Sequence[str]
    ) -> list[Scored]:
        found = self._server.ask(
            "read points",
            self._client.retrieve,
            self._place,
            list(ids),
            with_payload=selected(keys),
            with_vectors=selected(vectors),
        )
        return [_scored(record) for record in found]

    def _page(
        self,
        where: Filter,
        start: str | None,
        limit: int,
        keys: Sequence[str] | None,
        vectors: Sequence[str],
    ) -> tuple[list[Scored], str | None]:
        found, following = self._server.ask(
            "read points",
            self._client.scroll,
            self._place,
            scroll_filter=client_filter(where),
            limit=limit,
            offset=start,
            with_payload=selected(keys),
            with_vectors=selected(vectors),
        )
        return [_scored(record) for record in found], str(following) if following else None

    def _count(self, where: Filter) -> int:
        found = self._server.ask(
            "count", self._client.count, self._place, client_filter(where), exact=True
        )
        return found.count

    def _facet(self, key: str, where: Filter, limit: int) -> dict[str, int]:
        found = self._server.ask(
            "count",
            self._client.facet,
            self._place,
            key,
            facet_filter=client_filter(where),
            limit=limit,
            exact=True,
        )
        return {str(hit.value): hit.count for hit in found.hits}

    def _set_payload(self, id: str, payload: Mapping[str, Any]) -> None:
        self._server.ask(
            "store payload",
            self._client.set_payload,
            self._place,
            payload=dict(payload),
            points=[id],
            wait=True,
        )

    def _delete(self, where: Filter) -> None:
        selector = models.FilterSelector(filter=client_filter(where) or models.Filter())
        self._server.ask("delete points", self._client.delete, self._place, selector, wait=True)


def _dense(schema: Schema) -> dict[str, models.VectorParams]:
    quantized = models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
    )
    vectors = {
        name: models.VectorParams(
            size=size,
            distance=models.Distance.COSINE,
            quantization_config=quantized if schema.quantized else None,
        )
        for name, size in schema.vectors.items()
    }
    for name, size in schema.multi.items():
        vectors[name] = models.VectorParams(
            size=size,
            distance=models.Distance.COSINE,
            multivector_config=models.MultiVectorConfig(
                comparator=models.MultiVectorComparator.MAX_SIM
            ),
            on_disk=True,  # read only to put a few candidates in order
            hnsw_config=models.HnswConfigDiff(m=0),
        )
    return vectors


def _index(kind: IndexKind) -> models.PayloadSchemaType:
    return (
        models.PayloadSchemaType.KEYWORD if kind == "keyword" else models.PayloadSchemaType.DATETIME
    )


def _scored(found: models.ScoredPoint | models.Record) -> Scored:
    return Scored(
        str(found.id),
        # A server's scores are float32 already. The double works in float64, where equal vectors
        # score apart by a last digit, and equal scores would not be ordered by id.
        float(np.float32(getattr(found, "score", 0.0))),
        found.payload or {},
        vectors_of(cast("dict[str, Any] | None", found.vector)),
    )


def _pause(error: Exception, backoff: float) -> float | None:
    """Seconds to wait before asking again, or None where asking again cannot help."""
    if isinstance(error, ResourceExhaustedResponse):
        return error.retry_after_s if error.retry_after_s <= MAX_WAIT_S else None
    if isinstance(error, UnexpectedResponse):
        code = error.status_code or 0
        return backoff if code == 429 or code >= 500 else None
    if isinstance(error, ResponseHandlingException):
        lost = isinstance(error.source, httpx.TransportError)
        slow = isinstance(error.source, httpx.TimeoutException)
        return backoff if lost and not slow else None
    return None


def _explained(error: Exception) -> str:
    """What went wrong and what to do, in a sentence or two."""
    if isinstance(error, ResourceExhaustedResponse):
        return f"it is too busy ({error}). Try again later."
    if isinstance(error, UnexpectedResponse):
        said = error.content.decode("utf-8", "replace")[:300]
        match error.status_code:
            case 401 | 403:
                return f"it refuses the key ({said}). Set ENGINE_API_KEY to the server's API key."
            case 404:
                return f"not found ({said}). Has somebody deleted the collection?"
            case code if code is not None and code >= 500:
                return f"it failed with {code} ({said}). Look at its log, or try again later."
            case code:
                return f"it answered {code} ({said})."
    source = getattr(error, "source", error)
    if isinstance(source, httpx.TimeoutException):
        return f"no answer within {TIMEOUT_S} s. Try again when it is less busy."
    if isinstance(source, httpx.TransportError):
        return (
            f"it cannot be reached ({source}). Is it running (docker compose -f "
            "qdrant/compose.yaml up -d), and is --store its address?"
        )
    return f"what answers there is no Qdrant server ({type(source).__name__}). Check --store."

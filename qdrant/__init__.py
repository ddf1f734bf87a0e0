"""Where vectors live: an embedded Qdrant shard, or a Qdrant server or cluster."""

from qdrant.store import open_store

__all__ = ["open_store"]

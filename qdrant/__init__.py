"""Where vectors live: an embedded Qdrant shard, or a Qdrant server or cluster."""

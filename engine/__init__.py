"""What a search means: designs, queries, encoders, ranking, evaluation, reports.

Knows nothing of files in office formats (``ingest``), of training (``train``) or of where vectors
live (``qdrant``); those import this package, never the other way round.
"""

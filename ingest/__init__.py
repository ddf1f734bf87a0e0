"""From an office's files to figures in a collection."""

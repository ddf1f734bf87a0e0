"""The errors this project raises on purpose, as one tree.

::

    EngineError                 anything below; the command line turns it into a message
    ├── UsageError              an option or value that cannot be meant                (exit 2)
    ├── UnknownCode             no code of the Locarno Classification (engine.locarno) (exit 2)
    ├── ImageError              a file that is no drawing we can decode
    ├── SourceError             an office file, folder or archive that cannot be read
    ├── QueryError              a query that says nothing or contradicts itself
    ├── IndexMismatch           collection and encoder (or schema) do not fit          (exit 6)
    ├── IndexUnavailable        the store cannot be reached, or somebody else holds it (exit 4)
    ├── ModelError              an encoder that cannot be found, loaded or trusted
    ├── CheckpointError         a training checkpoint that cannot be resumed
    ├── Diverged                a loss or gradient that is no number
    └── MissingExtra            a package of an optional extra is not installed

Every message says what happened, where, and what to do next. Library code raises; only ``cli``
and ``commands`` print and exit.
"""

from __future__ import annotations


class EngineError(Exception):
    """Base of every error raised on purpose; ``exit_code`` is what the command line exits with."""

    exit_code = 1


class UsageError(EngineError):
    """An option or value that cannot be meant."""

    exit_code = 2


class ImageError(EngineError):
    """A file that is no drawing we can decode."""


class SourceError(EngineError):
    """An office file, folder or archive that cannot be read."""


class QueryError(EngineError):
    """A query that says nothing or contradicts itself."""

    exit_code = 2


class IndexMismatch(EngineError):
    """A collection that does not fit the encoder or the schema in use."""

    exit_code = 6


class IndexUnavailable(EngineError):
    """A store that cannot be reached, or that another process holds."""

    exit_code = 4


class ModelError(EngineError):
    """An encoder that cannot be found, loaded or trusted."""


class CheckpointError(EngineError):
    """A training checkpoint that cannot be resumed."""


class Diverged(EngineError):
    """A loss or gradient that is no number."""


class MissingExtra(EngineError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed. It comes with the '{extra}' extra: "
            f"uv sync --extra {extra}, or pip install 'design-search-engine[{extra}]'."
        )

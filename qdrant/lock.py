"""One process at a time: a lock file that names its holder and dies with it.

The embedded engine has no lock of its own that can be relied on, and no way to share.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import BinaryIO, Self

from engine.errors import IndexUnavailable

# How long a command waits for the one before it; a search holds a collection well under a second.
WAIT_S = 3.0
POLL_S = 0.05
NOTICE_BYTES = 200  # of the holder's number and what it says of itself

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> None:
        # Windows locks bytes and hides them from readers: take one far behind the holder's number.
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """An exclusive lock on a file, held until `release` or the end of the process, kill -9 too.

    The file stays: deleting it would let two processes lock two files of one name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def acquire(self, what: str, wait_s: float | None = None) -> Self:
        """Lock, waiting a little for another holder.

        Args:
            what: what is locked, for the message ("Collection 'designs' in ./store").
            wait_s: seconds to wait; `WAIT_S` when None.

        Raises: IndexUnavailable, naming the holder's process id and the way out.
        """
        deadline = time.monotonic() + (WAIT_S if wait_s is None else wait_s)
        file = self._open(what)
        while True:
            try:
                _try_lock(file)
                break
            except OSError as error:
                if time.monotonic() < deadline:
                    time.sleep(POLL_S)
                    continue
                holder = _holder(file)
                file.close()
                if isinstance(error, BlockingIOError | PermissionError):
                    raise IndexUnavailable(_in_use(what, *holder)) from None
                raise IndexUnavailable(
                    f"{what} cannot be locked ({error}). The embedded store needs a file system "
                    "with locks: use a local folder, or a Qdrant server."
                ) from error
        self._file = file
        self.announce("")
        return self

    def announce(self, what: str) -> None:
        """Say what holds the lock, to whoever waits for it: "the page at http://…".

        Does nothing if not held.
        """
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(f"{os.getpid()} {what}".rstrip().encode()[:NOTICE_BYTES])
            self._file.flush()

    def _open(self, what: str) -> BinaryIO:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Neither truncated nor closed here: the holder's number is read from it.
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            return os.fdopen(descriptor, "r+b")
        except OSError as error:
            raise IndexUnavailable(
                f"{what} cannot be opened: {error.strerror}: {self.path}. The embedded store "
                "writes even while it reads: give a folder you may write to."
            ) from error

    def release(self) -> None:
        """Unlock; does nothing if not held."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _holder(file: BinaryIO) -> tuple[int | None, str]:
    """Process id of the holder, and what it says of itself."""
    file.seek(0)
    number, _, said = file.read(NOTICE_BYTES).decode("utf-8", "replace").partition(" ")
    return (int(number), said.strip()) if number.isdecimal() else (None, "")


def _in_use(what: str, holder: int | None, said: str) -> str:
    if holder == os.getpid():
        return f"{what} is open already in this process. Close it first."
    if said:
        return (
            f"{what} is in use by {said} (process {holder}). The embedded store serves one process "
            f"at a time: work there, or stop it and run this again. A Qdrant server (--store "
            "http://…) serves many at once."
        )
    who = f"process {holder}" if holder else "another process"
    return (
        f"{what} is in use by {who}. The embedded store serves one process at a time: wait for it "
        "to end, or keep the collection on a Qdrant server (--store http://…)."
    )

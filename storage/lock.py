"""Lets one process deliver from a database, or make its posts: an operating system's lock on a file beside it.

The lock goes with the process, however it ends. Reading and ingesting need no lock.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import LockedError, StorageError

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]


@contextmanager
def hold_lock(database: Path, work: str = "delivers from", ending: str = ".lock") -> Iterator[None]:
    """Hold the right to deliver from `database`; raise LockedError when another process has it.

    Other work has a lock of its own: `ending` names its file, `work` is what the error says of who holds it.
    """
    if fcntl is None:
        raise StorageError("This system has no file locks: this needs Linux, macOS or another POSIX system.")
    # Resolved, so that two names of one database share one lock. The file stays: deleting it would race.
    path = Path(f"{resolve(database)}{ending}")
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except (FileNotFoundError, NotADirectoryError):
        raise StorageError(f"The folder {path.parent} does not exist: create it, or choose another place.") from None
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}): check its permissions.") from error
    try:
        _lock(handle, path, database, work)
        yield
    finally:
        os.close(handle)


def resolve(path: Path) -> Path:
    """Return a path without links; StorageError when they lead nowhere. It blocks."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # the latter up to Python 3.12
        raise StorageError(f"{path} cannot be found: it is a link that leads to itself.") from None


def _lock(handle: int, path: Path, database: Path, work: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise LockedError(
            f"Another process (pid {holder}) already {work} {database}. Stop it first, "
            "or give this one a database of its own."
        ) from error
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}): look at the disk.") from error

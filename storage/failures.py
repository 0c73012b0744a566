"""Turns what SQLite raises into our errors, each saying what is wrong with which file and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import CorruptError, LockedError, RejectedError, StorageError

# What a value causes that SQLite or its binding cannot take: the fault of the data, not of the file.
REJECTED = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
    TypeError,
    ValueError,
)

_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_READ_ONLY = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise StorageError or one of its kinds in place of any SQLite error about the database at `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise RejectedError(f"{path} cannot hold this: {error}.") from error


def translate(error: sqlite3.Error, path: Path) -> StorageError:
    """Choose our error for one of SQLite's, by its primary result code (sqlite.org/rescode.html)."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _CORRUPT:
        return CorruptError(
            f"{path} is damaged or not a database ({error}). Nothing was changed; restore a backup, "
            "or move the file away to start anew."
        )
    if code in _BUSY:
        return LockedError(
            f"{path} is locked: another program has been using it for too long. Wait or stop it, then try again."
        )
    if code == sqlite3.SQLITE_FULL:
        return StorageError(f"No space left for {path}: free some disk space, then try again.")
    if code in _READ_ONLY:
        return StorageError(f"{path} cannot be opened for writing ({error}): check the path and its permissions.")
    if isinstance(error, REJECTED):
        return RejectedError(f"{path} cannot hold this: {error}.")
    return StorageError(f"{path}: {error}.")

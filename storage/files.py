"""Keeps what the last scan saw of each file, so that the next one reads only what changed."""

from __future__ import annotations

from collections.abc import Sequence

import aiosqlite

from storage.models import FileRecord
from storage.sqlite import Database

_PUT = """
INSERT INTO files (path, size, mtime_ns, inode, scanned_ns, outcome) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET
    size = excluded.size, mtime_ns = excluded.mtime_ns, inode = excluded.inode,
    scanned_ns = excluded.scanned_ns, outcome = excluded.outcome
"""


class Files:
    """The files facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[int, str, dict[str, FileRecord]] = (-1, "", {})  # version, prefix, what was listed

    async def list(self, prefix: str = "") -> dict[str, FileRecord]:
        """Return the records of all paths that begin with `prefix`, by path; what has not changed is not read again."""
        version = await self._database.get_version()
        if self._known[:2] != (version, prefix):
            self._known = (version, prefix, await self._read(prefix))
        return dict(self._known[2])

    async def _read(self, prefix: str) -> dict[str, FileRecord]:
        start = _encode(prefix)
        rows = await self._database.fetch(
            # No byte of a path is FF: that is in no UTF-8.
            "SELECT path, size, mtime_ns, inode, scanned_ns, outcome FROM files WHERE path >= ? AND path < ?",
            (start, start + b"\xff"),
        )
        records = [
            FileRecord(path.decode("utf-8", "surrogatepass"), size, mtime_ns, inode % (1 << 64), scanned_ns, outcome)
            for path, size, mtime_ns, inode, scanned_ns, outcome in rows
        ]
        return {record.path: record for record in records}

    async def put(self, files: Sequence[FileRecord]) -> None:
        """Record many files in one transaction, each in place of what was known of its path."""
        async with self._database.transaction() as writer:
            await write_files(writer, files)


async def write_files(writer: aiosqlite.Connection, files: Sequence[FileRecord]) -> None:
    """Record files in the caller's transaction."""
    rows = [(_encode(f.path), f.size, f.mtime_ns, _sign(f.inode), f.scanned_ns, f.outcome) for f in files]
    await writer.executemany(_PUT, rows)


def _sign(inode: int) -> int:
    """Fit an unsigned 64-bit number into SQLite's signed one."""
    return inode - (1 << 64) if inode >= 1 << 63 else inode


def _encode(path: str) -> bytes:
    """Encode a path; one that is not UTF-8 on disk holds lone surrogates in Python."""
    return path.encode("utf-8", "surrogatepass")

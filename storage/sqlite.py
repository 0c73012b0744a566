"""One database file as one writing and a few reading connections; what is written and read is for others.

Readers never wait for the writer (write-ahead log). Every wait is bounded, and every error is one of ours.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import aiosqlite

from storage.backup import keep_old
from storage.cancelling import cancel_later, outlast
from storage.errors import SlowError, StorageError
from storage.failures import translated
from storage.gathering import Gathering
from storage.index import level
from storage.indexing import has_waiting, index_some
from storage.migrate import check_file, find_migrations, get_version, migrate

T = TypeVar("T")

BUSY_SECONDS = 5.0
READERS = max(2, os.cpu_count() or 1)
_STRIKE_SECONDS = 0.05
CACHE_KIB = 64 * 1024  # over all connections together

# FULL, not NORMAL: "sending" has to be on the disk before a message goes out, or a power cut would double it.
_PRAGMAS = f"""
PRAGMA foreign_keys = ON;
PRAGMA synchronous = FULL;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -{CACHE_KIB // (READERS + 1)};
PRAGMA journal_size_limit = {64 * 1024 * 1024};
"""


class _Connection(aiosqlite.Connection):
    """A connection whose thread can be given a whole piece of work, for one journey there and back."""

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await self._execute(lambda: work(self._conn))  # type: ignore[no-untyped-call]
        return result

    def break_off(self) -> None:
        self._conn.interrupt()


class _Write(Generic[T]):
    """Some writing as one transaction, taken back if nobody wants it any more by the time it is to be committed."""

    def __init__(self, work: Callable[[sqlite3.Connection], T]) -> None:
        self._work = work
        self.is_wanted = True
        self.results: list[T] = []  # one, once it is committed

    def __call__(self, connection: sqlite3.Connection) -> T:
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = self._work(connection)
            if not self.is_wanted:
                raise asyncio.CancelledError
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
        self.results.append(result)
        return result


class Database:
    """An open, migrated database; made by `open`, to be closed by its owner."""

    def __init__(self, path: Path, writer: _Connection, readers: Sequence[_Connection]) -> None:
        self.path = path
        self._writer = writer
        self._readers = readers
        self._idle: asyncio.LifoQueue[_Connection] = asyncio.LifoQueue()
        for reader in readers:
            self._idle.put_nowait(reader)
        self._writing = asyncio.Lock()
        self._gathering = Gathering(path, self.write)

    @classmethod
    async def open(cls, path: Path, busy_seconds: float = BUSY_SECONDS, *, keeps_old: bool = True) -> Self:
        """Check, create and migrate the file at `path`; raise StorageError or one of its kinds.

        `keeps_old`: a copy of an older one is kept beside it before it is migrated.
        """
        migrations = find_migrations()
        await asyncio.to_thread(check_file, path, len(migrations), busy_seconds)
        connections: list[_Connection] = []
        try:
            with translated(path):
                connections.append(await _connect(path, busy_seconds))
                if keeps_old:
                    await keep_old(path, await get_version(connections[0]), len(migrations))
                await migrate(connections[0], migrations)
                await _index_waiting(connections[0])
                await _set_wal(connections[0], busy_seconds)
                for _ in range(READERS):
                    connections.append(await _connect(path, busy_seconds))
                    await connections[-1].execute_fetchall("PRAGMA query_only = ON")
        except BaseException:
            await _close(connections)
            raise
        return cls(path, connections[0], connections[1:])

    async def close(self) -> None:
        """Close every connection; the last one to go tidies the write-ahead log away."""
        await _close([*self._readers, self._writer])

    async def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Run one query on a reading connection and return all its rows, as tuples; wait while all are in use."""
        reader = await self._idle.get()
        try:
            with translated(self.path):
                return list(await reader.execute_fetchall(sql, parameters))
        finally:
            self._idle.put_nowait(reader)

    async def fetch_as(self, make: Callable[[Sequence[Any]], T], sql: str, parameters: Sequence[Any] = ()) -> list[T]:
        """Do the same and return what `make` makes of each row, in the connection's thread: for many rows at once."""
        reader = await self._idle.get()
        try:
            with translated(self.path):
                return await reader.run(lambda connection: [make(row) for row in connection.execute(sql, parameters)])
        finally:
            self._idle.put_nowait(reader)

    async def run(self, work: Callable[[sqlite3.Connection], T], seconds: float) -> T:
        """Do some reading in a thread, with a connection that nobody else uses meanwhile, and return its result.

        All of it sees one moment of the database. Raise SlowError when it is not done after so many seconds; what it
        is at is then broken off.
        """
        reader = await self._idle.get()
        clock = _Clock(reader, seconds)
        try:
            with translated(self.path):
                return await reader.run(partial(_read_one_moment, work))
        except asyncio.CancelledError:
            reader.break_off()
            raise
        except StorageError as error:
            if clock.is_over:
                raise SlowError(f"A question to {self.path} took longer than {seconds:g} s.") from error
            raise
        finally:
            clock.stop()
            self._idle.put_nowait(reader)

    async def get_version(self) -> int:
        """Return a number that changes with every commit of anyone else, our own writing connection included.

        It is one connection's count (sqlite.org/pragma.html#pragma_data_version), so always the same one is asked.
        """
        with translated(self.path):
            ((version,),) = await self._readers[0].execute_fetchall("PRAGMA data_version")
        return int(version)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Lend the writing connection for one transaction: committed at the end, or rolled back on any error."""
        async with self._writing:
            with translated(self.path):
                try:
                    await self._writer.execute_fetchall("BEGIN IMMEDIATE")
                    yield self._writer
                    await self._writer.commit()
                except BaseException:
                    # Does nothing where no transaction is open; shielded, as we may be here by cancellation.
                    await asyncio.shield(self._writer.rollback())
                    raise

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` with the writing connection as one transaction, in one journey to the connection's thread and back.

        Who is cancelled meanwhile is not left in doubt: CancelledError says that nothing was written. What could not
        be taken back any more is returned as usual, and the cancellation comes with the caller's next wait.
        """
        async with self._writing:
            with translated(self.path):
                write = _Write(work)
                try:
                    return await self._writer.run(write)
                except asyncio.CancelledError:
                    write.is_wanted = False
                    # Done in the same thread, this is done after it.
                    await outlast(asyncio.ensure_future(self._writer.run(_do_nothing)))
                    if not write.results:
                        raise
                    cancel_later()
                    return write.results[0]

    async def write_soon(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do the same in a transaction with others that ask for it about now: for what is done for every message."""
        return await self._gathering.write(work)

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Run one writing statement in a transaction of its own and return what it returns."""
        return await self.write(lambda writer: writer.execute(sql, parameters).fetchall())


def _read_one_moment(work: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
    if connection.in_transaction:
        connection.rollback()  # one before was broken off at its very end
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.rollback()


def _do_nothing(connection: sqlite3.Connection) -> None:
    pass


class _Clock:
    """Breaks off what a connection does once it has taken too long, again and again until it is stopped."""

    def __init__(self, reader: _Connection, seconds: float) -> None:
        self.is_over = False
        self._reader = reader
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(seconds, self._strike)

    def stop(self) -> None:
        self._timer.cancel()

    def _strike(self) -> None:
        self.is_over = True
        # Between two statements it has no effect (sqlite.org/c3ref/interrupt.html), so that it is repeated.
        self._reader.break_off()
        self._timer = self._loop.call_later(_STRIKE_SECONDS, self._strike)


async def _index_waiting(connection: aiosqlite.Connection) -> None:
    """Index the days of an older database, some in each transaction, so that it can be cut off anywhere."""
    while await has_waiting(connection):
        try:
            await connection.execute_fetchall("BEGIN IMMEDIATE")
            await index_some(connection)
            await connection.commit()
        except BaseException:
            await connection.rollback()
            raise


async def _connect(path: Path, busy_seconds: float) -> _Connection:
    # No isolation level: transactions begin and end where the code says so.
    connection = _Connection(lambda: sqlite3.connect(path, timeout=busy_seconds, isolation_level=None), 64)
    await connection
    try:
        await connection.executescript(_PRAGMAS)
        await connection.create_function("level", 1, level, deterministic=True)
    except BaseException:
        await connection.close()
        raise
    return connection


async def _set_wal(connection: aiosqlite.Connection, busy_seconds: float) -> None:
    """Switch to the write-ahead log, after migrating: so the main file always says whose it is.

    The switch needs the file for itself for a moment and does not wait for it as other statements do.
    """
    deadline = asyncio.get_running_loop().time() + busy_seconds
    while True:
        try:
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(0.02)


async def _close(connections: Sequence[aiosqlite.Connection]) -> None:
    for connection in connections:
        await connection.close()

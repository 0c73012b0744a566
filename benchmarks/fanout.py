"""Measures planning for everyone at once: who is due, which papers, rendered and promised, all in one pass.

    planner, a batch a transaction  ┐ the same rows, the same transactions
    executemany of those rows       ┘

Also measured: how long the loop was kept from others, and what memory it took.
"""

# ruff: noqa: S608 - statements are put together from this module's own constants only

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from statistics import quantiles
from time import perf_counter, thread_time
from typing import Any

from benchmarks.choosing import measure_choosing
from benchmarks.crowd import Crowd, fill
from benchmarks.frame import Pair, Row, clear_caches, make_row
from bot.app import open_store
from bot.delivery.planner import BATCH, Planner
from storage.sqlite import _PRAGMAS

CHANNELS, MEMBERS, GIVEN = 10_000, 100_000, 31_000_000
TARGET, LAG_TARGET, MEMORY_TARGET = 3.0, 1.0, 1.25
LAG_SECONDS = 0.020  # that the loop may be kept
_TICK, _LOOK = 0.002, 25  # seconds between looks at the lag, and looks at the lag between those at the memory
_TABLES = ("deliveries", "delivery_papers", "steps", "occasions")


@dataclass
class Watch:
    """What a ticking task saw of the loop and the process while something ran: seconds and bytes."""

    lags: list[float] = field(default_factory=list)  # how late each tick came
    held: list[float] = field(default_factory=list)  # how long the loop's thread worked between two ticks
    memory: list[int] = field(default_factory=list)


@asynccontextmanager
async def watch() -> AsyncIterator[Watch]:
    """Tick beside what is done inside."""
    seen = Watch()

    async def tick() -> None:
        while True:
            for _ in range(_LOOK):
                begun, worked = perf_counter(), thread_time()
                await asyncio.sleep(_TICK)
                seen.lags.append(perf_counter() - begun - _TICK)
                seen.held.append(thread_time() - worked)
            seen.memory.append(_measure_memory())

    task = asyncio.create_task(tick())
    await asyncio.sleep(_TICK)
    try:
        yield seen
    finally:
        seen.memory.append(_measure_memory())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _measure_memory() -> int:
    """Return the bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@dataclass
class Fanout:
    """A crowd, and the rows its planner made, kept in a file of their own so that the floor needs no memory."""

    crowd: Crowd
    rows: Path

    def clear(self) -> None:
        """Take back what was planned."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN")
            for table in _TABLES[1:]:
                connection.execute(f"DELETE FROM {table}")
            connection.execute("DELETE FROM deliveries WHERE planned_at >= ?", (self.crowd.now.isoformat(),))
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def keep(self) -> None:
        """Copy the rows that were planned."""
        self.rows.unlink(missing_ok=True)
        with closing(self._connect()) as connection:
            connection.execute("ATTACH ? AS kept", (str(self.rows),))
            connection.execute("PRAGMA kept.journal_mode = OFF")
            for table in _TABLES:
                condition = "planned_at >= ?" if table == "deliveries" else "? IS NOT NULL"
                query = f"CREATE TABLE kept.{table} AS SELECT * FROM main.{table} WHERE {condition}"
                connection.execute(query, (self.crowd.now.isoformat(),))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.crowd.path, isolation_level=None)
        connection.executescript(_PRAGMAS)
        return connection

    async def plan(self) -> tuple[float, Watch, int]:
        """Promise everything; return the seconds it took, what was seen meanwhile, and how many messages it makes."""
        self.clear()
        clear_caches()
        gc.freeze()  # as the bot does at start
        async with open_store(self.crowd.path) as store, watch() as seen:
            begun = perf_counter()
            planned = await Planner(store).plan_due(self.crowd.now)
            return perf_counter() - begun, seen, planned

    def write(self) -> float:
        """Store the very rows that were planned, a batch a transaction; return the seconds that took."""
        self.clear()
        seconds = 0.0
        with closing(self._connect()) as connection, closing(sqlite3.connect(self.rows)) as kept:
            for batch in self._read(kept):
                begun = perf_counter()
                connection.execute("BEGIN IMMEDIATE")
                for table, rows in batch.items():
                    if rows:
                        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
                connection.execute("COMMIT")
                seconds += perf_counter() - begun
        return seconds

    def _read(self, kept: sqlite3.Connection) -> Iterator[dict[str, list[Any]]]:
        """Yield the rows of as many deliveries as the planner's batches have, by table."""
        cursors = {
            table: groupby(kept.execute(f"SELECT * FROM {table} ORDER BY {key}"), lambda row, at=at: row[at])
            for table, key, at in (
                ("deliveries", "id", 0),
                ("delivery_papers", "delivery_id, position", 0),
                ("steps", "delivery_id, id", 1),
            )
        }
        waiting = {table: next(cursor, None) for table, cursor in cursors.items()}
        while waiting["deliveries"] is not None:
            batch: dict[str, list[Any]] = {table: [] for table in cursors}
            for _ in range(BATCH):
                current = waiting["deliveries"]
                if current is None:
                    break
                number = current[0]
                for table, cursor in cursors.items():
                    group = waiting[table]
                    if group is not None and group[0] == number:
                        batch[table] += group[1]
                        waiting[table] = next(cursor, None)
            yield batch


async def measure_fanout(
    source: Path,
    scratch: Path,
    size: str,
    repeats: int = 3,
    channels: int = CHANNELS,
    members: int = MEMBERS,
    given: int = GIVEN,
) -> list[Row]:
    """Fill a copy of a database of papers with a crowd and plan for all of it, next to the floors."""
    crowd = await asyncio.to_thread(fill, source, scratch / "crowd.db", channels, members, given)
    name = f"{crowd.recipients:,} recipients, {crowd.given / 1e6:.1f} M given"
    fanout = Fanout(crowd, scratch / "planned.db")
    rows = await measure_choosing(crowd, size, repeats)
    written, watches = list[Pair](), list[Watch]()
    for _ in range(repeats):
        seconds, seen, _ = await fanout.plan()
        watches.append(seen)
        await asyncio.to_thread(fanout.keep)
        written.append((await asyncio.to_thread(fanout.write), seconds))
    return [
        make_row(f"fan-out, {name}", size, written, TARGET, "s"),
        *rows,
        *_list_watched(size, watches),
    ]


def _list_watched(size: str, watches: Sequence[Watch]) -> list[Row]:
    """Return rows of the calmest run for the loop, as others' load adds to what they see, and of the first for memory.

    Memory is compared with what it was after the first tenth of the pass.
    """
    held = [(LAG_SECONDS, min(max(seen.held) for seen in watches))]
    late = [(LAG_SECONDS, min(quantiles(seen.lags, n=1000)[-1] for seen in watches))]
    memory = watches[0].memory
    early = max(memory[: max(1, len(memory) // 10)])
    grown = (early / 1e6, max(memory) / 1e6)
    return [
        make_row("fan-out, longest that the loop works in a row", size, held, LAG_TARGET),
        make_row("fan-out, how late the loop is, p99.9", size, late, LAG_TARGET),
        make_row("fan-out, most memory against the first tenth", size, [grown], MEMORY_TARGET, "MB"),
    ]

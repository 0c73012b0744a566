"""Keeps the days that were ingested, each with its papers: stored, replaced and read as a whole."""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime

import aiosqlite

from storage.editions import Prepared, find_changed, prepare, write_editions
from storage.errors import RejectedError
from storage.failures import REJECTED
from storage.files import write_files
from storage.index import TextIndex
from storage.models import Day, Edition, FileRecord
from storage.rows import DAY, day_from, format_date, format_plain, parse_time
from storage.sqlite import Database

DayList = list[Day]  # `list` is a method below
Arrivals = list[tuple[date, datetime]]


class Days:
    """The days facet of a Store."""

    def __init__(self, database: Database, index: TextIndex) -> None:
        self._database = database
        self._index = index

    async def put(
        self, editions: Sequence[Edition], files: Sequence[FileRecord], now: datetime
    ) -> list[Day | RejectedError]:
        """Store editions and what was seen of files, all in one transaction; return the days as now stored.

        A new day gets revision 1, a stored one is replaced and gets the next, one with the same content hash stays
        as it is. What a partial edition lacks of its day's papers stays. Each day is all or nothing: one that the
        database cannot hold is answered with a RejectedError in its place and changes nothing, the others are
        stored. Where any is rejected, no file is recorded, so that the next scan reads them again.
        """
        prepared = await asyncio.to_thread(self._prepare, editions, now)
        good = [item for item in prepared if isinstance(item, Prepared)]
        async with self._database.transaction() as writer:
            failed = await _write_each(writer, await find_changed(writer, good))
            if not failed and len(good) == len(prepared):
                await write_files(writer, files)
            stored = await _read_days(writer, [item.day for item in good])
        return [
            item if isinstance(item, RejectedError) else failed.get(id(item)) or stored[item.day] for item in prepared
        ]

    def _prepare(self, editions: Sequence[Edition], now: datetime) -> list[Prepared | RejectedError]:
        rows: list[Prepared | RejectedError] = []
        for edition in editions:
            try:
                rows.append(prepare(edition, self._index, now))
            except REJECTED as error:
                rows.append(_reject(edition.day.day.isoformat(), error))
        return rows

    async def get(self, day_or_slug: date | str) -> Day | None:
        """Return one day by its date, its ISO text or its slug; of days that share a slug, the newest."""
        name = day_or_slug.isoformat() if isinstance(day_or_slug, date) else day_or_slug
        rows = await self._database.fetch(
            f"SELECT {DAY} FROM days WHERE day = ?1 OR slug = ?1 ORDER BY day DESC LIMIT 1", (format_plain(name),)
        )
        return day_from(rows[0]) if rows else None

    async def latest(self) -> Day | None:
        """Return the newest day, None before the first."""
        newest = await self.list(limit=1)
        return newest[0] if newest else None

    async def oldest(self) -> date | None:
        """Return the first date of the oldest day, None before the first."""
        rows = await self._database.fetch("SELECT first_day FROM days ORDER BY day LIMIT 1")
        return date.fromisoformat(rows[0][0]) if rows else None

    async def count(self) -> int:
        """Return how many days are stored."""
        ((count,),) = await self._database.fetch("SELECT count(*) FROM days")
        return int(count)

    async def last_ingest(self) -> datetime | None:
        """Return when a day was last stored or replaced, None before the first."""
        ((moment,),) = await self._database.fetch("SELECT max(ingested_at) FROM days")
        return parse_time(moment)

    async def list(self, since: date | None = None, until: date | None = None, limit: int | None = None) -> DayList:
        """Return days newest first, both ends included."""
        rows = await self._database.fetch(
            f"SELECT {DAY} FROM days WHERE day BETWEEN ? AND ? ORDER BY day DESC LIMIT ?",
            (format_date(since or date.min), format_date(until or date.max), -1 if limit is None else max(limit, 0)),
        )
        return [day_from(row) for row in rows]

    async def newer(self, than: date | None, since: date) -> DayList:
        """Return the days after one day, if any is given, and not before another, oldest first."""
        rows = await self._database.fetch(
            f"SELECT {DAY} FROM days WHERE day > ? AND day >= ? ORDER BY day",
            (format_date(than) or "", format_date(since)),
        )
        return [day_from(row) for row in rows]

    async def arrivals(self, limit: int) -> Arrivals:
        """Return the newest days, at most `limit`, whose posts say when they were made: (day, that time)."""
        rows = await self._database.fetch(
            "SELECT day, generated_at FROM days WHERE generated_at IS NOT NULL ORDER BY day DESC LIMIT ?",
            (max(limit, 0),),
        )
        return [(date.fromisoformat(day), datetime.fromisoformat(made)) for day, made in rows]


async def _write_each(writer: aiosqlite.Connection, batch: Sequence[Prepared]) -> dict[int, RejectedError]:
    """Write all at once, or one by one where something in the batch cannot be stored."""
    failed: dict[int, RejectedError] = {}
    try:
        async with _savepoint(writer):
            await write_editions(writer, batch)
    except REJECTED:
        for item in batch:
            try:
                async with _savepoint(writer):
                    await write_editions(writer, [item])
            except REJECTED as error:
                failed[id(item)] = _reject(item.day, error)
    return failed


def _reject(day: str, error: Exception) -> RejectedError:
    rejected = RejectedError(f"{day} cannot be stored: {error}")
    rejected.__cause__ = error
    return rejected


@asynccontextmanager
async def _savepoint(writer: aiosqlite.Connection) -> AsyncIterator[None]:
    await writer.execute_fetchall("SAVEPOINT day")
    try:
        yield
    except REJECTED:
        await writer.execute_fetchall("ROLLBACK TO day")
        await writer.execute_fetchall("RELEASE day")
        raise
    await writer.execute_fetchall("RELEASE day")


async def _read_days(writer: aiosqlite.Connection, days: Sequence[str]) -> dict[str, Day]:
    sql = f"SELECT {DAY} FROM days WHERE day IN (SELECT value FROM json_each(?))"
    return {row[0]: day_from(row) for row in await writer.execute_fetchall(sql, (json.dumps(days),))}

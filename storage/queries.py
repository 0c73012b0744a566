"""Keeps questions whose answers have pages under a short key, since a button has no room for them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from storage.rows import format_plain, format_time
from storage.sqlite import Database

_FRESH = timedelta(days=1)


class Queries:
    """The queries facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, query: str, now: datetime) -> str:
        """Keep a question (JSON) and return its key, 16 characters that depend on the question alone.

        When it was last used is noted once a day at most: a write has to reach the disk.
        """
        key = hashlib.blake2b(query.encode(), digest_size=8).hexdigest()
        since = format_time(now - _FRESH)
        if await self._database.fetch("SELECT 1 FROM queries WHERE key = ? AND used_at > ?", (key, since)):
            return key
        await self._database.execute(
            "INSERT INTO queries (key, query, used_at) VALUES (?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET used_at = excluded.used_at",
            (key, query, format_time(now)),
        )
        return key

    async def get(self, key: str) -> str | None:
        """Return the question kept under `key`, None when it was never kept or has been pruned."""
        rows = await self._database.fetch("SELECT query FROM queries WHERE key = ?", (format_plain(key),))
        return str(rows[0][0]) if rows else None

    async def prune(self, before: datetime) -> int:
        """Delete questions last used before a time and return how many there were."""
        rows = await self._database.execute(
            "DELETE FROM queries WHERE used_at < ? RETURNING key", (format_time(before),)
        )
        return len(rows)

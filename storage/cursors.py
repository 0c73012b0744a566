"""Keeps where reading each source goes on: a position in its stream, an etag; what they mean is for the source."""

from __future__ import annotations

from datetime import datetime

from storage.rows import format_plain, format_time
from storage.sqlite import Database

_SET = """
INSERT INTO cursors (source, name, value, updated_at) VALUES (?, ?, ?, ?)
ON CONFLICT (source, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
"""


class Cursors:
    """The cursors facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, source: str, name: str) -> str | None:
        """Return the value that a source left under a name, None when there is none."""
        sql = "SELECT value FROM cursors WHERE source = ? AND name = ?"
        rows = await self._database.fetch(sql, (source, format_plain(name)))
        return str(rows[0][0]) if rows else None

    async def list(self, source: str) -> dict[str, str]:
        """Return all that a source left, by name."""
        sql = "SELECT name, value FROM cursors WHERE source = ? ORDER BY name"
        return dict(await self._database.fetch(sql, (source,)))

    async def set(self, source: str, name: str, value: str, now: datetime) -> None:
        """Keep a value under a name, in place of what was there."""
        await self._database.execute(_SET, (source, format_plain(name), format_plain(value), format_time(now)))

    async def delete(self, source: str, name: str) -> None:
        """Forget the value kept under a name."""
        await self._database.execute("DELETE FROM cursors WHERE source = ? AND name = ?", (source, format_plain(name)))

"""Keeps single values under a name, such as what was last installed elsewhere; what they mean is for others."""

from __future__ import annotations

from storage.rows import format_plain
from storage.sqlite import Database

RESTORED = "restored at"  # when the database was put back from a backup, and so may know less than was sent


class Facts:
    """The facts facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """Return the value kept under a name, None when there is none."""
        rows = await self._database.fetch("SELECT value FROM facts WHERE name = ?", (format_plain(name),))
        return str(rows[0][0]) if rows else None

    async def set(self, name: str, value: str) -> None:
        """Keep a value under a name, in place of what was there."""
        await self._database.execute(
            "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    async def delete(self, name: str) -> None:
        """Forget the value kept under a name."""
        await self._database.execute("DELETE FROM facts WHERE name = ?", (name,))

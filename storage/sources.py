"""Keeps how each source of posts fared when it was last asked; asking is for others."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from storage.models import SourceState
from storage.rows import format_time, parse_time
from storage.sqlite import Database

_RECORD = """
INSERT INTO sources (name, ok_at, failed_at, detail) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET ok_at = coalesce(excluded.ok_at, ok_at),
    failed_at = coalesce(excluded.failed_at, failed_at), detail = excluded.detail
"""

SourceList = list[SourceState]  # `list` is a method below


class Sources:
    """The sources facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, name: str, ok: bool, detail: str, now: datetime) -> None:
        """Record that a source was reached, or was not, and what there is to say of it."""
        moment = format_time(now)
        await self._database.execute(_RECORD, (name, moment if ok else None, None if ok else moment, detail))

    async def keep(self, names: Collection[str]) -> None:
        """Forget how all other sources fared: nobody asks them any more."""
        sql = "DELETE FROM sources WHERE name NOT IN (SELECT value FROM json_each(?))"
        await self._database.execute(sql, (json.dumps(list(names)),))

    async def list(self) -> SourceList:
        """Return the sources by name."""
        rows = await self._database.fetch("SELECT name, ok_at, failed_at, detail FROM sources ORDER BY name")
        return [SourceState(name, parse_time(ok), parse_time(failed), detail) for name, ok, failed, detail in rows]

"""Keeps why a digest came or did not, an occasion at a time, for the admin or member who asks."""

from __future__ import annotations

from datetime import datetime

from storage.rows import format_time
from storage.sqlite import Database

_RECORD = """
INSERT INTO occasions (subscription_id, occasion, reason, recorded_at)
SELECT id, ?, ?, ? FROM subscriptions WHERE id = ?
ON CONFLICT (subscription_id, occasion) DO UPDATE SET reason = excluded.reason, recorded_at = excluded.recorded_at
"""

_LAST = """
SELECT occasion, reason, recorded_at FROM occasions WHERE subscription_id = ?
ORDER BY recorded_at DESC, occasion DESC LIMIT 1
"""


class Occasions:
    """The occasions facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, subscription_id: int, occasion: str, reason: str, now: datetime) -> None:
        """Keep the reason (JSON) of an occasion in place of an earlier one; of a deleted subscription, nothing."""
        await self._database.execute(_RECORD, (occasion, reason, format_time(now), subscription_id))

    async def last(self, subscription_id: int) -> tuple[str, str, datetime] | None:
        """Return the occasion that was recorded last, its reason and when, None when there is none."""
        for occasion, reason, moment in await self._database.fetch(_LAST, (subscription_id,)):
            return occasion, reason, datetime.fromisoformat(moment)
        return None

    async def prune(self, before: datetime) -> int:
        """Delete what was recorded before a time and return how many occasions there were."""
        rows = await self._database.execute(
            "DELETE FROM occasions WHERE recorded_at < ? RETURNING occasion", (format_time(before),)
        )
        return len(rows)

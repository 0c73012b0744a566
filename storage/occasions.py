"""Keeps why a digest came or did not, an occasion at a time, for the admin or member who asks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

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


_LAST_OF_ALL = """
SELECT o.subscription_id, o.occasion, o.reason FROM json_each(?) AS w JOIN occasions AS o ON o.subscription_id = w.value
WHERE o.occasion = (SELECT n.occasion FROM occasions AS n WHERE n.subscription_id = w.value
                    ORDER BY n.recorded_at DESC, n.occasion DESC LIMIT 1)
"""

# Since the last digest that was planned, or found to have nothing in it.
_FIND_DROUGHTS = """
SELECT o.subscription_id, min(o.occasion) FROM occasions AS o
WHERE json_extract(o.reason, '$.kind') = 'no post'
  AND o.recorded_at > coalesce((SELECT max(planned_at) FROM deliveries AS d
                                WHERE d.subscription_id = o.subscription_id AND d.kind = 'digest'), '')
  AND o.recorded_at > coalesce((SELECT max(recorded_at) FROM occasions AS n
                                WHERE n.subscription_id = o.subscription_id
                                  AND json_extract(n.reason, '$.kind') <> 'no post'), '')
GROUP BY o.subscription_id HAVING count(*) >= ?
"""


class Occasions:
    """The occasions facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, subscription_id: int, occasion: str, reason: str, now: datetime) -> None:
        """Keep the reason (JSON) of an occasion in place of an earlier one; of a deleted subscription, nothing."""
        await self.record_all([(subscription_id, occasion, reason)], now)

    async def record_all(self, reasons: Sequence[tuple[int, str, str]], now: datetime) -> None:
        """Keep many reasons, each of a subscription's occasion, in one transaction."""
        moment = format_time(now)
        rows = [(occasion, reason, moment, number) for number, occasion, reason in reasons]
        await self._database.write(lambda writer: writer.executemany(_RECORD, rows))

    async def last(self, subscription_id: int) -> tuple[str, str, datetime] | None:
        """Return the occasion that was recorded last, its reason and when, None when there is none."""
        for occasion, reason, moment in await self._database.fetch(_LAST, (subscription_id,)):
            return occasion, reason, datetime.fromisoformat(moment)
        return None

    async def list_last(self, subscription_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Return the occasion recorded last and its reason for each subscription; those without are left out."""
        rows = await self._database.fetch(_LAST_OF_ALL, (json.dumps(list(subscription_ids)),))
        return {number: (occasion, reason) for number, occasion, reason in rows}

    async def find_droughts(self, days: int) -> dict[int, date]:
        """Return the subscriptions whose last due days, at least so many in a row, had no post; with the first."""
        rows = await self._database.fetch(_FIND_DROUGHTS, (days,))
        return {number: date.fromisoformat(occasion) for number, occasion in rows}

    async def prune(self, before: datetime) -> int:
        """Delete what was recorded before a time and return how many occasions there were."""
        rows = await self._database.execute(
            "DELETE FROM occasions WHERE recorded_at < ? RETURNING occasion", (format_time(before),)
        )
        return len(rows)

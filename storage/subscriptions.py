"""Keeps standing orders for digests; what is due, and what was sent for them, is for others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from storage.models import Subscription, Target
from storage.rows import format_date, format_lines, format_time, parse_date, parse_lines, parse_time
from storage.sqlite import Database
from storage.targets import add_target

_SELECT = """
SELECT s.id, t.kind, t.platform_id, s.categories, s.count, s.at, s.timezone, s.weekdays, s.created_at, s.created_edition
FROM subscriptions AS s JOIN targets AS t ON t.id = s.target_id
"""

_ADD = """
INSERT INTO subscriptions (target_id, categories, count, at, timezone, weekdays, created_at, created_edition)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
"""

_UPDATE = """
UPDATE subscriptions SET target_id = ?, categories = ?, count = ?, at = ?, timezone = ?, weekdays = ?,
                         created_at = ?, created_edition = ?
WHERE id = ? RETURNING id
"""

_WITHDRAW = """
UPDATE deliveries SET state = 'failed', last_error = 'subscription removed', finished_at = ?
WHERE subscription_id = ? AND state = 'pending'
"""

SubscriptionList = list[Subscription]  # `list` is a method below


class Subscriptions:
    """The subscriptions facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, subscription: Subscription) -> Subscription:
        """Store a new subscription and return it with its id, which is never used again."""
        async with self._database.transaction() as writer:
            target = await add_target(writer, subscription.target)
            ((number,),) = await writer.execute_fetchall(_ADD, (target, *_values(subscription)))
        return replace(subscription, id=number)

    async def get(self, subscription_id: int) -> Subscription | None:
        """Return one subscription, None when there is none with this id."""
        rows = await self._database.fetch(f"{_SELECT} WHERE s.id = ?", (subscription_id,))
        return _subscription_from(rows[0]) if rows else None

    async def list(self, target: Target | None = None) -> SubscriptionList:
        """Return all subscriptions, or one target's, oldest first."""
        where = "" if target is None else "WHERE t.kind = ? AND t.platform_id = ?"
        names = () if target is None else (target.kind, target.id)
        rows = await self._database.fetch(f"{_SELECT} {where} ORDER BY s.id", names)
        return [_subscription_from(row) for row in rows]

    async def update(self, subscription: Subscription) -> bool:
        """Replace the stored subscription that has this one's id; return whether there was one."""
        async with self._database.transaction() as writer:
            target = await add_target(writer, subscription.target)
            values = (target, *_values(subscription), subscription.id)
            return bool(await writer.execute_fetchall(_UPDATE, values))

    async def delete(self, subscription_id: int, now: datetime) -> bool:
        """Delete a subscription and withdraw what is still to be sent for it; return whether there was one.

        What its target was given, and the record of what was sent, stay.
        """
        async with self._database.transaction() as writer:
            await writer.execute_fetchall(_WITHDRAW, (format_time(now), subscription_id))
            return bool(
                await writer.execute_fetchall("DELETE FROM subscriptions WHERE id = ? RETURNING id", (subscription_id,))
            )


def _values(subscription: Subscription) -> tuple[Any, ...]:
    return (
        *(format_lines(subscription.categories), subscription.count, subscription.at.isoformat()),
        *(subscription.timezone, json.dumps(subscription.weekdays)),
        *(format_time(subscription.created_at), format_date(subscription.created_edition)),
    )


def _subscription_from(row: Sequence[Any]) -> Subscription:
    number, kind, platform_id, categories, count, at, timezone, weekdays, created_at, created_edition = row
    return Subscription(
        target=Target(kind, platform_id),
        categories=parse_lines(categories),
        count=count,
        at=time.fromisoformat(at),
        timezone=timezone,
        weekdays=tuple(json.loads(weekdays)),
        created_at=parse_time(created_at),
        created_edition=parse_date(created_edition),
        id=number,
    )

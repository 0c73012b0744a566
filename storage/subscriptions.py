"""Keeps standing orders for digests; what is due, and what was sent for them, is for others."""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

import aiosqlite

from storage.models import Subscription, Target
from storage.rows import format_date, format_lines, format_time, parse_date, parse_lines, parse_time
from storage.sqlite import Database
from storage.targets import add_target

# In the order in which `_values` writes and `_subscription_from` reads them.
_COLUMNS = (
    *("categories", "count", "at", "timezone", "weekdays", "created_at", "created_edition", "only", "channel_kind"),
    *("guild_id", "created_by", "mention", "has_thread", "is_published", "tag", "has_quiet_line", "language"),
    *("paused_at", "pause_reason"),
)

_SELECT = f"""
SELECT s.id, t.kind, t.platform_id, {", ".join(f"s.{column}" for column in _COLUMNS)}
FROM subscriptions AS s JOIN targets AS t ON t.id = s.target_id
"""
_GET = f"{_SELECT} WHERE s.id = ?"

_COUNT = """
SELECT count(*) FROM subscriptions WHERE target_id = (SELECT id FROM targets WHERE kind = ? AND platform_id = ?)
"""

_ADD = f"""
INSERT INTO subscriptions (target_id, {", ".join(_COLUMNS)}) VALUES (?{", ?" * len(_COLUMNS)}) RETURNING id
"""

_UPDATE = f"""
UPDATE subscriptions SET target_id = ?, {", ".join(f"{column} = ?" for column in _COLUMNS)} WHERE id = ? RETURNING id
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
            return await _insert(writer, subscription)

    async def add_bounded(self, subscription: Subscription, most: int) -> Subscription | None:
        """Store a new subscription as `add` does where its target has fewer than `most`, else return None."""
        target = subscription.target
        async with self._database.transaction() as writer:
            ((count,),) = await writer.execute_fetchall(_COUNT, (target.kind, target.id))
            return await _insert(writer, subscription) if count < most else None

    async def get(self, subscription_id: int) -> Subscription | None:
        """Return one subscription, None when there is none with this id."""
        rows = await self._database.fetch(_GET, (subscription_id,))
        return _subscription_from(rows[0]) if rows else None

    async def list(self, target: Target | None = None, guild_id: str | None = None) -> SubscriptionList:
        """Return all subscriptions, or one target's, or one server's, oldest first."""
        wanted: dict[str, str] = {}
        if target is not None:
            wanted |= {"t.kind = ?": target.kind, "t.platform_id = ?": target.id}
        if guild_id is not None:
            wanted |= {"s.guild_id = ?": guild_id}
        where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
        rows = await self._database.fetch(f"{_SELECT} {where} ORDER BY s.id", tuple(wanted.values()))
        return [_subscription_from(row) for row in rows]

    async def update(self, subscription: Subscription) -> bool:
        """Replace the stored subscription that has this one's id; return whether there was one."""
        async with self._database.transaction() as writer:
            rows = await writer.execute_fetchall(_GET, (subscription.id,))
            if rows:
                await _replace(writer, subscription)
        return bool(rows)

    async def change(self, subscription_id: int, change: Callable[[Subscription], Subscription]) -> Subscription | None:
        """Replace a subscription by what `change` makes of it and return that, None when there is none.

        Nobody else writes in between, so of two changes at once neither is lost. What `change` raises is passed
        on, with nothing written; it must not be slow, and it cannot change the id.
        """
        async with self._database.transaction() as writer:
            for row in await writer.execute_fetchall(_GET, (subscription_id,)):
                changed = replace(change(_subscription_from(row)), id=subscription_id)
                await _replace(writer, changed)
                return changed
        return None

    async def delete(self, subscription_id: int, now: datetime) -> bool:
        """Delete a subscription and withdraw what is still to be sent for it; return whether there was one.

        What its target was given, and the record of what was sent, stay.
        """
        async with self._database.transaction() as writer:
            await writer.execute_fetchall(_WITHDRAW, (format_time(now), subscription_id))
            return bool(
                await writer.execute_fetchall("DELETE FROM subscriptions WHERE id = ? RETURNING id", (subscription_id,))
            )


async def _insert(writer: aiosqlite.Connection, subscription: Subscription) -> Subscription:
    target = await add_target(writer, subscription.target, subscription.guild_id)
    ((number,),) = await writer.execute_fetchall(_ADD, (target, *_values(subscription)))
    return replace(subscription, id=number)


async def _replace(writer: aiosqlite.Connection, subscription: Subscription) -> None:
    target = await add_target(writer, subscription.target, subscription.guild_id)
    await writer.execute_fetchall(_UPDATE, (target, *_values(subscription), subscription.id))


def _values(subscription: Subscription) -> tuple[Any, ...]:
    s = subscription
    return (
        *(format_lines(s.categories), s.count, s.at.isoformat(), s.timezone, json.dumps(s.weekdays)),
        *(format_time(s.created_at), format_date(s.created_edition), s.only, s.channel_kind, s.guild_id, s.created_by),
        *(s.mention, s.has_thread, s.is_published, s.tag, s.has_quiet_line, s.language),
        *(format_time(s.paused_at), s.pause_reason),
    )


def _subscription_from(row: Sequence[Any]) -> Subscription:
    number, kind, platform_id, *values = row
    stored = dict(zip(_COLUMNS, values, strict=True))
    return Subscription(
        target=Target(kind, platform_id),
        categories=parse_lines(stored.pop("categories")),
        at=time.fromisoformat(stored.pop("at")),
        weekdays=tuple(json.loads(stored.pop("weekdays"))),
        created_at=parse_time(stored.pop("created_at")),
        created_edition=parse_date(stored.pop("created_edition")),
        has_thread=bool(stored.pop("has_thread")),
        is_published=bool(stored.pop("is_published")),
        has_quiet_line=bool(stored.pop("has_quiet_line")),
        paused_at=parse_time(stored.pop("paused_at")),
        **stored,  # the others are kept as they are, under their own names
        id=number,
    )

"""Keeps standing orders for digests; what is due, and what was sent for them, is for others."""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, time
from functools import lru_cache
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
    *("paused_at", "pause_reason", "told_at", "check_since"),
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

_ASK_CHECKS = """
UPDATE subscriptions SET check_since = ?
WHERE check_since IS NULL AND target_id IN (SELECT id FROM targets WHERE kind <> 'page')
"""
_HAS_UNSENT = """
EXISTS (SELECT 1 FROM deliveries AS d WHERE d.subscription_id = s.id AND d.state IN ('pending', 'sending', 'uncertain'))
"""

# What waits for a subscription that goes on need not wait for its next try.
_WAKE = "UPDATE deliveries SET retry_at = NULL WHERE subscription_id = ? AND state = 'pending'"

_WITHDRAW = """
UPDATE deliveries SET state = 'failed', last_error = 'subscription removed', finished_at = ?
WHERE subscription_id = ? AND state = 'pending'
"""

Clock = tuple[time, tuple[int, ...], str]
SubscriptionList = list[Subscription]  # `list` is a method below
ClockList = list[Clock]


class Subscriptions:
    """The subscriptions facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed: set[int] = set()

    async def add(self, subscription: Subscription) -> Subscription:
        """Store a new subscription and return it with its id, which is never used again."""
        async with self._database.transaction() as writer:
            added = await _insert(writer, subscription)
        self._note(added)
        return added

    async def add_bounded(self, subscription: Subscription, most: int) -> Subscription | None:
        """Store a new subscription as `add` does where its target has fewer than `most`, else return None."""
        target = subscription.target
        async with self._database.transaction() as writer:
            ((count,),) = await writer.execute_fetchall(_COUNT, (target.kind, target.id))
            added = await _insert(writer, subscription) if count < most else None
        self._note(added)
        return added

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

    async def first(self) -> Subscription | None:
        """Return the oldest subscription, None when there is none."""
        rows = await self._database.fetch(f"{_SELECT} ORDER BY s.id LIMIT 1")
        return _subscription_from(rows[0]) if rows else None

    async def list_clocks(self) -> ClockList:
        """Return the hours, weekdays and zones at which any subscription is due, each once."""
        rows = await self._database.fetch("SELECT DISTINCT at, timezone, weekdays FROM subscriptions")
        return [(time.fromisoformat(at), tuple(json.loads(weekdays)), zone) for at, zone, weekdays in rows]

    async def list_of_clock(self, clock: Clock, after: int, limit: int) -> SubscriptionList:
        """Return the subscriptions with an hour, weekdays and zone by id, the first `limit` after an id."""
        at, weekdays, zone = clock
        where = "s.at = ? AND s.timezone = ? AND s.weekdays = ? AND s.id > ? ORDER BY s.id LIMIT ?"
        asked = (at.isoformat(), zone, json.dumps(weekdays), after, limit)
        return await self._database.fetch_as(_subscription_from, f"{_SELECT} WHERE {where}", asked)

    async def list_paused(self, reasons: Collection[str]) -> SubscriptionList:
        """Return the subscriptions that are paused for any of these reasons, oldest first."""
        where = "s.paused_at IS NOT NULL AND s.pause_reason IN (SELECT value FROM json_each(?)) ORDER BY s.id"
        rows = await self._database.fetch(f"{_SELECT} WHERE {where}", (json.dumps(list(reasons)),))
        return [_subscription_from(row) for row in rows]

    async def list_unchecked(self) -> SubscriptionList:
        """Return the subscriptions whose target's history is to be read before anything more is sent, by id."""
        rows = await self._database.fetch(f"{_SELECT} WHERE s.check_since IS NOT NULL ORDER BY s.id")
        return [_subscription_from(row) for row in rows]

    async def list_to_check(self, kind: str, due: Collection[int]) -> SubscriptionList:
        """Return those of them, of one kind of target, that have something unsent, or are among the ids of `due`."""
        where = (
            f"s.check_since IS NOT NULL AND t.kind = ? AND (s.id IN (SELECT value FROM json_each(?)) OR {_HAS_UNSENT})"
        )
        rows = await self._database.fetch(f"{_SELECT} WHERE {where} ORDER BY s.id", (kind, json.dumps(list(due))))
        return [_subscription_from(row) for row in rows]

    async def ask_checks(self, since: datetime) -> None:
        """Have the history of every channel and conversation read, from a time on, before more is sent there."""
        await self._database.execute(_ASK_CHECKS, (format_time(since),))

    def take_changed(self) -> set[int]:
        """Return the ids of what was added or changed here since this was asked last."""
        changed, self._changed = self._changed, set()
        return changed

    async def update(self, subscription: Subscription) -> bool:
        """Replace the stored subscription that has this one's id; return whether there was one."""
        async with self._database.transaction() as writer:
            rows = await writer.execute_fetchall(_GET, (subscription.id,))
            if rows:
                await _replace(writer, subscription)
        self._note(subscription if rows else None)
        return bool(rows)

    async def change(self, subscription_id: int, change: Callable[[Subscription], Subscription]) -> Subscription | None:
        """Replace a subscription by what `change` makes of it and return that, None when there is none.

        Nobody else writes in between, so of two changes at once neither is lost. What `change` raises is passed
        on, with nothing written; it must not be slow, and it cannot change the id.
        """
        changed = None
        async with self._database.transaction() as writer:
            for row in await writer.execute_fetchall(_GET, (subscription_id,)):
                known = _subscription_from(row)
                changed = replace(change(known), id=subscription_id)
                await _replace(writer, changed)
                if known.is_paused and not changed.is_paused:
                    await writer.execute_fetchall(_WAKE, (subscription_id,))
        self._note(changed)
        return changed

    async def delete(self, subscription_id: int, now: datetime) -> bool:
        """Delete a subscription and withdraw what is still to be sent for it; return whether there was one.

        What its target was given, and the record of what was sent, stay.
        """
        async with self._database.transaction() as writer:
            await writer.execute_fetchall(_WITHDRAW, (format_time(now), subscription_id))
            return bool(
                await writer.execute_fetchall("DELETE FROM subscriptions WHERE id = ? RETURNING id", (subscription_id,))
            )

    def _note(self, changed: Subscription | None) -> None:
        if changed is not None and changed.id is not None:
            self._changed.add(changed.id)


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
        *(format_time(s.paused_at), s.pause_reason, format_time(s.told_at), format_time(s.check_since)),
    )


def _subscription_from(row: Sequence[Any]) -> Subscription:
    number, kind, platform_id, categories, count, at, timezone, weekdays, created_at, created_edition, *rest = row
    only, channel_kind, guild_id, created_by, mention, has_thread, is_published, tag, has_quiet_line, *rest = rest
    language, paused_at, pause_reason, told_at, check_since = rest
    return Subscription(
        target=Target(kind, platform_id),
        categories=_parse_categories(categories),
        count=count,
        at=_parse_clock(at),
        timezone=timezone,
        weekdays=_parse_weekdays(weekdays),
        created_at=parse_time(created_at),
        created_edition=parse_date(created_edition),
        only=only,
        channel_kind=channel_kind,
        guild_id=guild_id,
        created_by=created_by,
        mention=mention,
        has_thread=bool(has_thread),
        is_published=bool(is_published),
        tag=tag,
        has_quiet_line=bool(has_quiet_line),
        language=language,
        paused_at=parse_time(paused_at),
        pause_reason=pause_reason,
        told_at=parse_time(told_at),
        check_since=parse_time(check_since),
        id=number,
    )


# Of a hundred thousand subscriptions most say one of few things, and which share a value need less memory.
_parse_categories = lru_cache(maxsize=1024)(parse_lines)


@lru_cache(maxsize=256)
def _parse_clock(text: str) -> time:
    return time.fromisoformat(text)


@lru_cache(maxsize=128)
def _parse_weekdays(text: str) -> tuple[int, ...]:
    return tuple(json.loads(text))

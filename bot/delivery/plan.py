"""Turns what is due into promises: which papers, in which messages, frozen as they will be sent.

due subscription ─► editions it has not had ─► papers ─► messages ─► promises, all parts in one transaction
                      └► none yet                └► none: the reason is kept for /digest why
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from bot.answers.digests import choose_of_days, find_digest
from bot.delivery.due import DAYS_BACK, choose_occasion, find_due
from bot.delivery.identity import find_identity
from bot.digest.schedule import Due, find_last
from bot.digest.selection import Digest
from bot.messages.digest import Part, render_parts, render_quiet
from bot.messages.language import speak
from bot.messages.message import Message
from bot.messages.summary import render_heading, render_reason
from storage.errors import StorageError
from storage.models import Day, Delivery, Subscription
from storage.store import Store

Clock = tuple[time, tuple[int, ...], str]
_THREAD_NAME = 100  # characters: https://discord.com/developers/docs/resources/channel#channel-object
_log = logging.getLogger(__name__)


async def plan(
    store: Store,
    subscription: Subscription,
    occasion: str,
    now: datetime,
    days: Sequence[Day] | None = None,
    *,
    is_silent: bool = False,
) -> tuple[list[Delivery], str]:
    """Choose a digest of some days, the newest alone unless told, and promise it; return its parts, or the reason.

    An occasion is planned once: asked again, the parts are those of the first time. Days without anything for it
    are one quiet line where that is wanted. A request, which names no days, gets the reason as its answer.
    """
    known = await _find_planned(store, subscription, occasion)
    if known:
        return known, ""
    with speak(subscription.language):
        digest = await (find_digest(store, subscription) if days is None else choose_of_days(store, subscription, days))
        if not digest.papers and (days is None or not subscription.has_quiet_line):
            return [], render_reason(digest)
        await store.deliveries.add(_make_parts(digest, subscription, occasion, is_silent=is_silent), now)
    return await _find_planned(store, subscription, occasion), ""


async def _find_planned(store: Store, subscription: Subscription, occasion: str) -> list[Delivery]:
    found = await store.deliveries.list(subscription.id, occasion=occasion)
    return sorted(found, key=lambda delivery: delivery.part)


def _make_parts(digest: Digest, subscription: Subscription, occasion: str, *, is_silent: bool) -> list[Delivery]:
    subscription_id = subscription.id or 0

    def find_marker(part: int) -> str:
        return find_identity(subscription.target, subscription_id, occasion, part)

    parts = render_parts(digest, find_marker, is_silent=is_silent) or [Part(render_quiet(digest, find_marker(1)), ())]
    return [
        Delivery(
            subscription_id=subscription_id,
            target=subscription.target,
            occasion=occasion,
            editions=tuple(day.day for day in digest.days),
            papers=tuple(appearance.paper.arxiv_id for appearance in part.papers),
            payload=json.dumps(_freeze(part.message, digest, subscription, number)),
            part=number,
        )
        for number, part in enumerate(parts, 1)
    ]


def _freeze(message: Message, digest: Digest, subscription: Subscription, part: int) -> dict[str, Any]:
    """Return all that sending one part needs, so that a retry sends the same whatever has changed since.

    `post` begins a forum's post, `thread` is opened under the message, `publish` comes after it.
    """
    name = render_heading(digest)[:_THREAD_NAME]
    is_first, is_forum = part == 1, subscription.channel_kind == "forum"
    return {
        "message": message.to_payload(),
        "post": {"name": name, "tags": [subscription.tag] if subscription.tag else []}
        if is_forum and is_first
        else None,
        "thread": name if subscription.has_thread and is_first and not is_forum else None,
        "publish": subscription.is_published and subscription.channel_kind == "announcement",
    }


class Planner:
    """Promises what is due, deciding from the database each time, so that a restart forgets nothing.

    What it remembers only spares it from looking twice at a subscription for which nothing has changed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[int, int] = {}
        self._broken: dict[int, object] = {}

    async def plan_due(self, now: datetime) -> int:
        """Promise every subscription that is due the editions it has not had; return how many got something.

        One that is due and finds no post is looked at again when posts change, until its next due moment.
        """
        days = await self._store.days.list(limit=DAYS_BACK)
        posts = tuple((day.day, day.revision) for day in days)
        lasts: dict[Clock, Due | None] = {}
        planned = 0
        for subscription in await self._store.subscriptions.list():
            number = subscription.id or 0
            try:
                due = find_due(subscription, _find_last(subscription, lasts, now))
                seen = hash((subscription, due, posts))
                if due is not None and self._seen.get(number) != seen:
                    planned += await self._plan_one(subscription, due, days, now)
                    self._seen[number] = seen
            except StorageError:
                raise
            except Exception:  # one that can't be made, an unknown zone, must not keep the others waiting
                if self._broken.get(number) != (subscription, posts):
                    _log.exception("the digest of subscription %s could not be made", number)
                self._broken[number] = (subscription, posts)
        return planned

    async def _plan_one(self, subscription: Subscription, due: Due, days: Sequence[Day], now: datetime) -> bool:
        number, name = subscription.id or 0, due.day.isoformat()
        for occasion_name in (name, f"catch-up:{name}"):
            if await self._store.deliveries.list(number, occasion=occasion_name, limit=1):
                return False
        empty = await self._find_empty(number)
        covered = empty | await self._store.deliveries.find_covered(number)
        occasion = choose_occasion(subscription, due, days, covered)
        if occasion is None:
            await self._record(number, name, {"kind": "no post"}, empty, now)
            return False
        late = occasion.is_catch_up
        ordered = replace(subscription, mention=None) if late else subscription
        parts, reason = await plan(self._store, ordered, occasion.name, now, occasion.days, is_silent=late)
        if not parts:
            empty |= {day.day for day in occasion.days}
            await self._record(number, name, {"kind": "nothing", "reason": reason}, empty, now)
        return bool(parts)

    async def _record(self, number: int, name: str, reason: dict[str, Any], empty: set[date], now: datetime) -> None:
        editions = [day.isoformat() for day in sorted(empty)[-DAYS_BACK:]]
        await self._store.occasions.record(number, name, json.dumps({**reason, "editions": editions}), now)

    async def _find_empty(self, number: int) -> set[date]:
        """Return the editions that had nothing for a subscription: it had its turn with them, and missed nothing."""
        last = await self._store.occasions.last(number)
        return set() if last is None else {date.fromisoformat(day) for day in json.loads(last[1]).get("editions", ())}


def _find_last(subscription: Subscription, lasts: dict[Clock, Due | None], now: datetime) -> Due | None:
    """Return the last due moment of a subscription's clock, worked out once for all that share it."""
    clock = (subscription.at, subscription.weekdays, subscription.timezone)
    if clock not in lasts:
        lasts[clock] = find_last(*clock, now)
    return lasts[clock]

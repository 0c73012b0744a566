"""Finds, for many digests at once, whether a post is there that they have not had, and which wait for their history.

A time at which a digest is due says little where there is nothing for it to bring.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from bot.digest.schedule import find_last
from storage.models import Delivery, Subscription
from storage.store import Store

DAYS_BACK = 7  # an edition that is older than that beside the newest one is no news any more
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_UNSENT = ("pending", "sending", "uncertain")


async def find_fresh(store: Store, subscriptions: Sequence[Subscription]) -> set[int]:
    """Return the ids of those for which a post is stored now that they have not had, as planning would find."""
    days = [day.day for day in await store.days.list(limit=DAYS_BACK)]
    numbers = [one.id or 0 for one in subscriptions]
    if not days or not numbers:
        return set()
    first = days[0] - timedelta(days=DAYS_BACK - 1)
    covered = await store.deliveries.find_all_covered(numbers, first)
    empty = {number: _list_empty(reason) for number, (_, reason) in (await store.occasions.list_last(numbers)).items()}
    fresh = set()
    for one in subscriptions:
        number, after = one.id or 0, max(find_beginning(one) or date.min, first - timedelta(days=1))
        had = covered.get(number, set()) | empty.get(number, set())
        if any(day > after and day not in had for day in days):
            fresh.add(number)
    return fresh


async def find_held(store: Store, subscriptions: Sequence[Subscription], now: datetime) -> set[int]:
    """Return the ids of those that have something to send, but whose target's history is to be read first."""
    unchecked = [one for one in subscriptions if one.check_since is not None and not one.is_paused]
    if not unchecked:
        return set()
    last = await store.deliveries.last([one.id or 0 for one in unchecked])
    fresh = await find_fresh(store, unchecked)
    return {
        one.id or 0
        for one in unchecked
        if (one.id in fresh and is_due(one, last.get(one.id or 0), now)) or await _has_unsent(store, one)
    }


def is_due(subscription: Subscription, last: Delivery | None, now: datetime) -> bool:
    """Tell whether a digest's time has come since its last promise, or since it was made."""
    due = find_last(subscription.at, subscription.weekdays, subscription.timezone, now)
    since = (last.planned_at if last else None) or subscription.created_at or _BEGINNING
    return due is not None and due.moment > since


def find_beginning(subscription: Subscription) -> date | None:
    """Return the last day that a digest is not sent: the newest when it was made, or hardly before it was made."""
    if subscription.created_edition is None and subscription.created_at is not None:
        return subscription.created_at.date() - timedelta(days=2)
    return subscription.created_edition


async def _has_unsent(store: Store, subscription: Subscription) -> bool:
    for state in _UNSENT:
        if await store.deliveries.list(subscription.id, state, limit=1):
            return True
    return False


def _list_empty(reason: str) -> set[date]:
    """Return the editions in which planning found nothing, of a reason as it is kept."""
    return {date.fromisoformat(day) for day in json.loads(reason).get("editions", ())}

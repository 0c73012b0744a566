"""Decides, from values alone, whether a subscription is due and for which editions; sending is others' work.

due moment passed? ─► an edition it has not had? ─► an occasion with its editions
     └► not yet              └► wait: it goes out when the post comes, until the next due moment
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from bot.digest.schedule import Due, find_last
from storage.models import Day, Subscription

CATCH_UP = "catch-up:"  # before the date in the name of an occasion that some of should have come earlier
DAYS_BACK = 7  # an edition that is older than that beside the newest one is no news any more


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time a subscription is to be sent something: its name, and the days it covers, oldest first.

    `is_catch_up`: some of it should have come on an earlier occasion. The name is the scheduled local date, or
    `catch-up:` and that date.
    """

    name: str
    days: tuple[Day, ...]
    is_catch_up: bool = False


def find_due(subscription: Subscription, last: Due | None) -> Due | None:
    """Return the last due moment of its clock, None for a subscription that rests, or was only made after it."""
    if last is None or subscription.is_paused:
        return None
    if subscription.created_at is not None and last.moment <= subscription.created_at:
        return None
    return last


def choose_occasion(
    subscription: Subscription, due: Due, days: Sequence[Day], covered: Collection[date], *, is_late: bool = False
) -> Occasion | None:
    """Return what is to be sent for a due moment, None while no edition is there that it has not had.

    `days` are the stored ones in any order, `covered` those that earlier deliveries of it covered. `is_late`: nobody
    looked at the due moment when it came, so whatever there is should have come then.
    """
    missing = [day for day in find_recent(subscription, days) if day.day not in covered]
    if not missing:
        return None
    is_catch_up = is_late or _missed(subscription, due, missing)
    name = due.day.isoformat()
    return Occasion(f"{CATCH_UP}{name}" if is_catch_up else name, tuple(missing), is_catch_up)


def find_recent(subscription: Subscription, days: Sequence[Day]) -> list[Day]:
    """Return the days a subscription may be due, oldest first.

    Newer than the newest one when it was made; of a subscription made when there was none, those from the day
    before on. At most seven days back from the newest.
    """
    if not days:
        return []
    first = max(day.day for day in days) - timedelta(days=DAYS_BACK - 1)
    after = subscription.created_edition
    if after is None and subscription.created_at is not None:
        after = subscription.created_at.date() - timedelta(days=2)
    found = [day for day in days if day.day >= first and (after is None or day.day > after)]
    return sorted(found, key=lambda day: day.day)


def _missed(subscription: Subscription, due: Due, missing: Sequence[Day]) -> bool:
    """Tell whether the oldest of several missing editions was made before the due moment before this one."""
    previous = _find_previous(subscription.at, subscription.weekdays, subscription.timezone, due.moment)
    if previous is None or (subscription.created_at is not None and previous.moment <= subscription.created_at):
        return False
    made = missing[0].generated_at or missing[0].ingested_at
    return made is not None and made <= previous.moment


@lru_cache(maxsize=256)  # of many that are due at once
def _find_previous(at: time, weekdays: tuple[int, ...], timezone: str, moment: datetime) -> Due | None:
    return find_last(at, weekdays, timezone, moment - timedelta(seconds=1))

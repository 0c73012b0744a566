"""How well digests arrive, in figures of the last 30 days, and what stands in their way now.

due      messages of digests that were promised
sent     of these, those that are there
doubled  those that were found more than once where they were looked for
lost     given up on for a reason that was not their target's: what its admins or members decided is no loss

One that may have arrived, which is still looked for, is neither sent nor lost nor doubled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.answers.progress import find_pause
from storage.store import Store

PERIOD = timedelta(days=30)
SECOND_COPY = "second copy"  # the fact that says when others were last found to answer with this token
COPY_IS_NEWS = timedelta(days=1)
# Errors that are the target's own: permissions taken away, channels deleted, what Discord refuses of its settings.
_BY_TARGET = frozenset(
    {"permission", "channel gone", "DMs closed", "refused", "paused", "subscription removed", "message deleted"}
)


@dataclass(frozen=True, slots=True)
class Reliability:
    """How digests fared in PERIOD, in messages; `failures` are those given up on by error."""

    due: int
    sent: int
    doubled: int
    lost: int
    uncertain: int
    failures: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands in the way of digests now.

    How many messages wait, since when the oldest is due, until when no direct message is sent, and when another copy
    of the bot was last noticed, if that is news.
    """

    waiting: int = 0
    oldest: datetime | None = None
    dms_until: datetime | None = None
    copied_at: datetime | None = None


async def find_reliability(store: Store, now: datetime) -> Reliability:
    """Find how digests fared in the last 30 days."""
    since = now - PERIOD
    counts, failures = await store.deliveries.count_states(since), await store.deliveries.count_failures(since)
    return Reliability(
        due=sum(counts.values()),
        sent=counts["sent"],
        doubled=await store.deliveries.count_doubled(since),
        lost=count_lost(failures),
        uncertain=counts["uncertain"],
        failures=tuple(failures.items()),
    )


def count_lost(failures: dict[str, int]) -> int:
    """Return how many of those given up on, counted by error, were lost."""
    return sum(count for error, count in failures.items() if error not in _BY_TARGET)


async def find_trouble(store: Store, now: datetime) -> Trouble:
    """Find what stands in the way of digests now."""
    return Trouble(
        waiting=await store.deliveries.count_waiting(),
        oldest=await store.deliveries.find_oldest_waiting(),
        dms_until=await find_pause(store, now),
        copied_at=await find_copy(store, now),
    )


async def find_copy(store: Store, now: datetime) -> datetime | None:
    """Return when another copy of the bot was last noticed, None when that was a day ago or never."""
    try:
        noticed = datetime.fromisoformat(await store.facts.get(SECOND_COPY) or "")
        return noticed if now - noticed < COPY_IS_NEWS else None
    except (ValueError, TypeError):
        return None

"""The doctor's look at what was promised: digests that wait too long or may have arrived, and what holds all back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.answers.progress import find_pause
from bot.answers.reliability import find_copy
from bot.findings import Finding
from storage.models import Delivery
from storage.store import Store

LATE = timedelta(minutes=15)
LOOKED_AT = 1000  # messages that wait, the oldest: more say nothing new


async def examine_delivery(store: Store, now: datetime) -> list[Finding]:
    """Check that what was promised is sent; the first finding is always there, the others where something is wrong."""
    found = [await _check_waiting(store, now)]
    if uncertain := await store.deliveries.list(state="uncertain", limit=LOOKED_AT):
        found.append(_explain_uncertain(uncertain))
    if held := await store.subscriptions.list_unchecked():
        detail = f"{len(held):,} digests wait until it is read, after a backup or a pause"
        found.append(Finding("history", None, detail, "give the bot Read Message History where /digest list names it"))
    if until := await find_pause(store, now):
        detail = f"paused until {until:%Y-%m-%d %H:%M} UTC: Discord objected to them"
        found.append(Finding("direct messages", False, detail, "see whether Discord wrote to the application's owner"))
    if noticed := await find_copy(store, now):
        detail = f"another one answered with this token at {noticed:%Y-%m-%d %H:%M} UTC"
        found.append(Finding("second copy", False, detail, "stop it, or reset the token (Bot, Reset Token)"))
    return found


async def _check_waiting(store: Store, now: datetime) -> Finding:
    """Check that nothing waits for long, but for what is paused or to be checked first."""
    going = {one.id for one in await store.subscriptions.list() if not one.is_paused and one.check_since is None}
    waiting = [
        delivery
        for state in ("pending", "sending")
        for delivery in await store.deliveries.list(state=state, limit=LOOKED_AT, kind="digest")
        if delivery.subscription_id in going
    ]
    late = [delivery for delivery in waiting if now - _find_due(delivery, now) > LATE]
    if late:
        return _explain_late(late, now)
    return Finding("digests", True, f"{len(waiting):,} waiting, none for long" if waiting else "none is waiting")


def _find_due(delivery: Delivery, now: datetime) -> datetime:
    """Return since when a message is to be sent: one that was promised anew only since then."""
    return max((moment for moment in (delivery.due_at, delivery.planned_at) if moment), default=now)


def _explain_late(late: Sequence[Delivery], now: datetime) -> Finding:
    minutes = max((now - _find_due(delivery, now)).total_seconds() for delivery in late) / 60
    errors = sorted({delivery.last_error for delivery in late if delivery.last_error})
    detail = f"{len(late):,} waiting for up to {minutes:,.0f} minutes"
    if not errors:
        return Finding(
            "digests", False, f"{detail}, never tried", "does the bot run? `hotpapers run`; else see its log"
        )
    return Finding("digests", False, f"{detail}: {', '.join(errors)}", "`hotpapers deliveries --state pending`")


def _explain_uncertain(uncertain: Sequence[Delivery]) -> Finding:
    """Return how many messages nobody knows of; where history can't be read, that is what is missing."""
    where = sorted({delivery.target.id for delivery in uncertain if delivery.last_error == "permission"})
    detail = f"{len(uncertain):,} may have arrived: Discord's answer was lost"
    what_to_do = "the bot looks for them; `hotpapers deliveries --state uncertain`"
    if where:
        what_to_do = f"give the bot Read Message History in channel {', '.join(where[:5])}"
    return Finding("uncertain digests", False, detail, what_to_do)

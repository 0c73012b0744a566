"""The doctor's look at what was promised: digests that wait too long or may have arrived, and what holds all back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.answers.progress import find_pause
from bot.answers.prospects import find_held
from bot.answers.reliability import find_copy
from bot.findings import Finding
from bot.sending import GAP, SEEN
from storage.models import Delivery, Subscription
from storage.store import Store

LATE = timedelta(minutes=15)
LOOKED_AT = 1000  # messages that wait, the oldest: more say nothing new


async def examine_delivery(store: Store, now: datetime) -> list[Finding]:
    """Check that what was promised is sent; the first finding is always there, the others where something is wrong."""
    found = [await _check_waiting(store, now)]
    if uncertain := await store.deliveries.list(state="uncertain", limit=LOOKED_AT):
        found.append(_explain_uncertain(uncertain))
    if unchecked := await store.subscriptions.list_unchecked():
        found.append(await _explain_unchecked(store, unchecked, now))
    if until := await find_pause(store, now):
        detail = f"paused until {until:%Y-%m-%d %H:%M} UTC: Discord objected to them"
        found.append(Finding("direct messages", False, detail, "see whether Discord wrote to the application's owner"))
    if noticed := await find_copy(store, now):
        detail = f"another one answered with this token at {noticed:%Y-%m-%d %H:%M} UTC"
        found.append(Finding("second copy", False, detail, "stop it, or reset the token (Bot, Reset Token)"))
    return found


async def _explain_unchecked(store: Store, unchecked: Sequence[Subscription], now: datetime) -> Finding:
    """Return how many digests' channels are to be read first: it takes a running bot, and the right to read them."""
    seen = await store.facts.get(SEEN)
    is_running = seen is not None and now - datetime.fromisoformat(seen) < GAP
    held = await find_held(store, unchecked, now)
    if is_running and held:
        detail = f"{len(held):,} {_name(held)} until it is read, after a backup or a pause"
        return Finding("history", None, detail, "give the bot Read Message History where /digest list names it")
    detail = f"to be read before the next digest of {len(unchecked):,}, after a backup or a pause"
    return Finding("history", None, detail, "" if is_running else "they are read when the bot runs: `hotpapers run`")


def _name(held: Collection[int]) -> str:
    return "digest waits" if len(held) == 1 else "digests wait"


async def _check_waiting(store: Store, now: datetime) -> Finding:
    """Check that nothing waits for long, but for what is paused or to be checked first."""
    known = await store.subscriptions.list()
    going = {one.id for one in known if not one.is_paused and one.check_since is None}
    paused = {one.id for one in known if one.is_paused}
    unsent = [
        delivery
        for state in ("pending", "sending")
        for delivery in await store.deliveries.list(state=state, limit=LOOKED_AT, kind="digest")
    ]
    waiting = [delivery for delivery in unsent if delivery.subscription_id in going]
    held = sum(delivery.subscription_id in paused for delivery in unsent)
    late = [delivery for delivery in waiting if now - _find_due(delivery, now) > LATE]
    if late:
        return _explain_late(late, now)
    said = f"{len(waiting):,} waiting, none for long" if waiting else "none is waiting"
    return Finding("digests", True, f"{said}; {held:,} held back as their digest is paused" if held else said)


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

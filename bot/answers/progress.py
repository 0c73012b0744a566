"""Finds what is stored of how far a subscription's last digest has come: its promise, and whether it is due again.

What follows from it, and how it is said, is for others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.answers.digests import choose_of_days, find_digest
from bot.answers.prospects import find_beginning, find_fresh, is_due
from bot.digest.schedule import find_last
from bot.messages.summary import render_reason
from storage.models import Day, Delivery, Step, Subscription
from storage.store import Store

DMS_PAUSED = "dms paused"  # the fact that says until when nobody is written to directly, as Discord objected
_OPEN = ("pending", "sending", "uncertain")


@dataclass(frozen=True, slots=True)
class Progress:
    """What is stored of a digest: the newest day and the last promise, of which `covers` says that it has that day.

    `last` is the first of the promise's `parts` that is not sent, or the first of all. `is_due` says that the
    digest's time has come since that promise; `is_stale` that there is no new post for it; `is_told` that the
    promise is what there is to tell. `recorded` is why the newest day had nothing for it, and when that was found;
    `is_broken` that the digest that is due could not be made; `is_before` that the newest day was there before the
    digest was set up or went on, and so never was for it; `has_post` that there is one it has not had.
    """

    newest: Day | None
    parts: tuple[Delivery, ...]
    covers: bool
    is_due: bool
    is_stale: bool
    recorded: tuple[str, datetime] | None = None
    is_broken: bool = False
    steps: tuple[Step, ...] = ()
    is_before: bool = False
    has_post: bool = True

    @property
    def last(self) -> Delivery | None:
        """The part that tells how the last promise fares."""
        return choose_telling(self.parts) if self.parts else None

    @property
    def is_told(self) -> bool:
        """Whether the last promise is what there is to tell, and not that another one is due."""
        last = self.last
        if last is None:
            return False
        if last.state in ("pending", "sending") or (last.state == "uncertain" and not self.is_due):
            return True
        return not self.is_stale and (not self.is_due if last.state == "failed" else self.covers)

    @property
    def is_waiting(self) -> bool:
        """Whether something is to be sent as soon as it can be."""
        last = self.last
        return self.is_due or (last is not None and last.state in ("pending", "sending"))


@dataclass(frozen=True, slots=True)
class _Record:
    """What planning noted last of a subscription: of which occasion, and the editions that had nothing for it."""

    occasion: str
    kind: str
    reason: str
    editions: tuple[str, ...]
    moment: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """How many papers a digest has, or would have; `nothing` is why none, `caught_up` of how many posts it makes up."""

    count: int
    nothing: str = ""
    moment: datetime | None = None
    caught_up: int = 0


def choose_telling(parts: tuple[Delivery, ...]) -> Delivery:
    """Return the part of a promise that tells how it fares: the first that is not sent, or the first of all."""
    return next((part for part in parts if part.state != "sent"), parts[0])


async def find_parts(store: Store, last: Delivery) -> tuple[Delivery, ...]:
    """Return all parts of what was promised together, in order."""
    parts = await store.deliveries.list(last.subscription_id, occasion=last.occasion)
    return tuple(sorted(parts, key=lambda part: part.part)) or (last,)


async def find_progress(store: Store, subscription: Subscription, now: datetime) -> Progress:
    """Find how far the last digest of a subscription has come."""
    number = subscription.id or 0
    newest, last = await store.days.latest(), (await store.deliveries.last([number])).get(number)
    parts = await find_parts(store, last) if last else ()
    due = find_last(subscription.at, subscription.weekdays, subscription.timezone, now)
    has_come = is_due(subscription, last, now)
    record = await _find_record(store, number)
    is_this = record is not None and due is not None and record.occasion == due.day.isoformat()
    is_empty = record is not None and newest is not None and newest.day.isoformat() in record.editions
    is_found_empty = is_this and is_empty and record is not None and record.kind == "nothing"
    covered = await store.deliveries.find_covered(number)
    is_new = newest is not None and _is_new(newest, subscription, covered)
    is_new &= is_found_empty or not is_empty  # what had nothing on an earlier occasion is no news on this one
    is_first = newest is not None and newest.day == subscription.created_edition and newest.day not in covered
    return Progress(
        newest,
        parts,
        covers=newest is not None and last is not None and newest.day in last.editions,
        is_due=has_come,
        is_stale=newest is None or (has_come and not is_new),
        recorded=(record.reason, record.moment) if record is not None and is_found_empty else None,
        is_broken=has_come and is_this and record is not None and record.kind == "broken",
        steps=await _list_steps(store, parts),
        is_before=is_first and not is_empty,
        has_post=bool(await find_fresh(store, [subscription])),
    )


def _is_new(newest: Day, subscription: Subscription, covered: set[date]) -> bool:
    """Tell whether a post is one that the subscription may be sent: made after it, or hardly before."""
    begun = find_beginning(subscription)
    return newest.day not in covered and (begun is None or newest.day > begun)


async def _find_record(store: Store, number: int) -> _Record | None:
    found = await store.occasions.last(number)
    if found is None:
        return None
    occasion, text, moment = found
    kept = json.loads(text)
    return _Record(occasion, kept.get("kind", ""), kept.get("reason", ""), tuple(kept.get("editions", ())), moment)


async def _list_steps(store: Store, parts: tuple[Delivery, ...]) -> tuple[Step, ...]:
    sent = [part for part in parts if part.state == "sent"]
    return tuple([step for part in sent for step in await store.steps.list(part.id or 0)])


async def find_choice(store: Store, subscription: Subscription, progress: Progress) -> Choice:
    """Return what papers the digest has that there is to tell of, or would have of the newest day, or why none."""
    if progress.is_told and progress.parts:
        return await _describe_promise(store, subscription, progress)
    if progress.is_stale:
        return Choice(0)
    digest = await find_digest(store, subscription)
    if progress.recorded and not progress.covers:  # its turn with this day is over, whatever it would find now
        reason, moment = progress.recorded
        return Choice(0, render_reason(digest) or reason, moment)
    return Choice(len(digest.papers), render_reason(digest))


async def _describe_promise(store: Store, subscription: Subscription, progress: Progress) -> Choice:
    first, count = progress.parts[0], sum(len(part.papers) for part in progress.parts)
    caught_up = len(first.editions) if first.occasion.startswith("catch-up:") else 0
    choice = Choice(count, moment=first.planned_at, caught_up=caught_up)
    if count:
        return choice
    days = [day for one in first.editions if (day := await store.days.get(one.isoformat()))]
    return replace(choice, nothing=render_reason(await choose_of_days(store, subscription, days)))


async def find_pause(store: Store, now: datetime) -> datetime | None:
    """Return until when all direct messages are paused, None when they are not."""
    kept = await store.facts.get(DMS_PAUSED)
    try:
        until = datetime.fromisoformat(json.loads(kept)["until"]) if kept else None
    except (ValueError, KeyError, TypeError):
        return None
    return until if until is not None and until > now else None

"""Decides, from the database each time, which subscriptions are due, so that a restart forgets nothing.

    tick ─► an hour came, posts changed, or subscriptions did? ─► those it concerns, in batches ─► promised
              └► nothing did: nothing is read but the last few days

What it remembers only spares it from looking twice where nothing has changed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.delivery.breath import Breath, leave_old_alone
from bot.delivery.due import CATCH_UP, DAYS_BACK, choose_occasion, find_due
from bot.delivery.plan import Order, Promised, Shared, promise
from bot.digest.schedule import Due, find_last, find_next
from bot.messages.language import speak
from bot.messages.summary import render_reason
from storage.models import Day, Subscription
from storage.store import Store
from storage.subscriptions import Clock

BATCH = 500  # subscriptions promised in one transaction
GRACE = timedelta(hours=1)  # after its hour a digest that nobody looked at is a catch-up
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Hand:
    """Where a clock stands: its last due moment, the next, and the posts that were there when all of it was planned."""

    last: Due | None
    turns_at: datetime | None
    posts: object = None


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at what is due: the last days' posts and the time, as they are for all that it finds."""

    days: Sequence[Day]
    now: datetime
    shared: Shared


class Planner:
    """Promises what is due to some kinds of targets: channel, member or page."""

    def __init__(self, store: Store, recipients: Sequence[str] = ("channel", "member")) -> None:
        self._store, self._recipients = store, recipients
        self._hands: dict[Clock, _Hand] = {}
        self._broken: set[Clock] = set()
        self.unchecked: set[int] = set()  # subscriptions that something is due, but whose history is to be read first
        self._is_new = True

    async def plan_due(self, now: datetime) -> int:
        """Promise every subscription that is due the editions it has not had; return in how many messages.

        One that is due and finds no post is looked at again when posts change, until its next due moment.
        """
        days = await self._store.days.list(limit=DAYS_BACK)
        posts = tuple((day.day, day.revision) for day in days)
        look = _Look(days, now, Shared(self._store))
        changed = self._store.subscriptions.take_changed()
        try:
            if changed or self._is_new:
                await self._learn_clocks()
            planned = 0
            with leave_old_alone():
                for clock, hand in self._hands.items():
                    turned = self._turn(clock, hand, now)
                    if hand.last is not None and (turned or hand.posts != posts):
                        planned += await self._plan_clock(clock, hand.last, look)
                    hand.posts = posts
                return planned + await self._plan_changed(changed, look)
        except BaseException:
            self._is_new, self._hands = True, {}  # nothing is known to be planned
            raise

    async def _learn_clocks(self) -> None:
        known = await self._store.subscriptions.list_clocks()
        self._hands = {clock: self._hands.get(clock) or _Hand(None, None) for clock in known}
        self._is_new = False

    def _turn(self, clock: Clock, hand: _Hand, now: datetime) -> bool:
        """Bring a clock to a time; return whether its last due moment is another one now."""
        if hand.turns_at is not None and now < hand.turns_at and (hand.last is None or hand.last.moment <= now):
            return False
        before = hand.last
        try:
            hand.last, following = find_last(*clock, now), find_next(*clock, now)
            hand.turns_at = following.moment if following else None
        except Exception:  # a zone that is no more must not keep the others waiting
            if clock not in self._broken:
                _log.exception("no due time can be found for %s", clock)
            self._broken.add(clock)
            hand.last = None
        return hand.last != before

    async def _plan_clock(self, clock: Clock, due: Due, look: _Look) -> int:
        planned, after = 0, 0
        while batch := await self._store.subscriptions.list_of_clock(clock, after, BATCH):
            planned += await self._plan_batch([(one, due) for one in batch], look)
            after = batch[-1].id or 0
        return planned

    async def _plan_changed(self, numbers: set[int], look: _Look) -> int:
        planned = 0
        for number in sorted(numbers):
            subscription = await self._store.subscriptions.get(number)
            if subscription is None:
                continue
            hand = self._hands.get((subscription.at, subscription.weekdays, subscription.timezone))
            if hand is not None and hand.last is not None:
                planned += await self._plan_batch([(subscription, hand.last)], look)
        return planned

    async def _plan_batch(self, pairs: Sequence[tuple[Subscription, Due]], look: _Look) -> int:
        due = [(one, last) for one, last in pairs if one.target.kind in self._recipients and find_due(one, last)]
        due = await _leave_out_planned(self._store, due)
        if not due:
            return 0
        facts = await _find_facts(self._store, [one.id or 0 for one, _ in due], look.days)
        orders, waiting, breath = [], [], Breath()
        for subscription, last in due:
            number, name = subscription.id or 0, last.day.isoformat()
            order = _make_order(subscription, last, look.days, facts, look.now)
            if order is not None and subscription.check_since is not None:
                self.unchecked.add(number)
            elif order is not None:
                orders.append(order)
            elif number not in facts.reasons or facts.reasons[number][0] != name:
                waiting.append((number, name, _format("no post", facts.empty.get(number, set()))))
            if breath.is_due():
                await breath.take()
        made = await promise(self._store, orders, look.now, look.shared)
        reasons = [*waiting, *_list_reasons(orders, made, facts)]
        if reasons:
            await self._store.occasions.record_all(reasons, look.now)
        return sum(promised.parts for promised in made)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is stored of subscriptions by id: which editions they had, which had nothing, and the last reason."""

    covered: dict[int, set[date]]
    empty: dict[int, set[date]]
    reasons: dict[int, tuple[str, str]]


async def _leave_out_planned(store: Store, due: Sequence[tuple[Subscription, Due]]) -> list[tuple[Subscription, Due]]:
    """Return those whose occasion was not planned yet, under either of its names."""
    names = {last.day.isoformat() for _, last in due}
    occasions = [*names, *(f"{CATCH_UP}{name}" for name in names)]
    planned = await store.deliveries.find_planned([one.id or 0 for one, _ in due], occasions) if due else set()
    return [(one, last) for one, last in due if one.id not in planned]


async def _find_facts(store: Store, numbers: Sequence[int], days: Sequence[Day]) -> _Facts:
    first = min((day.day for day in days), default=date.max)
    reasons = await store.occasions.list_last(numbers)
    return _Facts(
        covered=await store.deliveries.find_all_covered(numbers, first),
        empty={
            number: {date.fromisoformat(day) for day in json.loads(reason).get("editions", ())}
            for number, (_, reason) in reasons.items()
        },
        reasons=reasons,
    )


def _make_order(
    subscription: Subscription, due: Due, days: Sequence[Day], facts: _Facts, now: datetime
) -> Order | None:
    number = subscription.id or 0
    covered = facts.covered.get(number, set()) | facts.empty.get(number, set())
    # A post that came late finds the reason that was recorded at the hour; without one, nobody was there to look.
    was_there = facts.reasons.get(number, ("", ""))[0] == due.day.isoformat()
    is_late = not was_there and now - due.moment > GRACE
    occasion = choose_occasion(subscription, due, days, covered, is_late=is_late)
    if occasion is None:
        return None
    late = occasion.is_catch_up
    stored = [day.ingested_at for day in occasion.days if day.ingested_at is not None]
    return Order(
        replace(subscription, mention=None) if late else subscription,
        occasion.name,
        occasion.days,
        max([due.moment, *stored]),
        is_late=late,
    )


def _list_reasons(orders: Sequence[Order], made: Sequence[Promised], facts: _Facts) -> list[tuple[int, str, str]]:
    """Return what to keep of what came of orders: why there was nothing, or that there is something after all."""
    reasons = []
    for order, promised in zip(orders, made, strict=True):
        digest = promised.digest
        number, name = order.subscription.id or 0, order.occasion.removeprefix(CATCH_UP)
        empty = facts.empty.get(number, set())
        if digest is None:
            reasons.append((number, name, _format("broken", empty)))
        elif not digest.papers:
            with speak(order.subscription.language):
                reason = render_reason(digest)
            days = empty | {day.day for day in order.days}
            reasons.append((number, name, _format("nothing", days, reason=reason)))
        elif number in facts.reasons and facts.reasons[number][0] == name:
            reasons.append((number, name, _format("planned", empty)))
    return reasons


def _format(kind: str, empty: set[date], **more: str) -> str:
    """Return a reason as it is kept; it carries the editions that had nothing, as those were not missed."""
    return json.dumps({"kind": kind, **more, "editions": [day.isoformat() for day in sorted(empty)[-DAYS_BACK:]]})

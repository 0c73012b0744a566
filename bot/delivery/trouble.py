"""Looks after digests in trouble: lets go on what has access again, and tells who runs them, once, what is wrong.

    paused by itself ─► told once ─► access is back ─► goes on, what it missed comes as one catch-up
                                └──► nobody knows why ─► tried again after a while, and after longer ones

That a digest pauses is the outbox's decision; what was removed from a server, or left it, is `answers.guilds`' work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.answers.access import find_site, is_ready
from bot.answers.desk import Desk
from bot.answers.venue import SEND_IN_THREADS, Venue
from bot.delivery.droughts import Droughts
from bot.delivery.telling import Teller
from bot.delivery.transport import CHANNEL_GONE, NO_PERMISSION
from bot.messages.alerts import render_paused, render_uncertain
from bot.messages.message import Message
from storage.models import Delivery, Subscription, Target
from storage.store import Store

FAILING = "failing"
BY_ITSELF = (NO_PERMISSION, CHANNEL_GONE, FAILING)  # reasons for which a digest pauses that nobody paused
FIRST_WAIT, LONGEST_WAIT = timedelta(hours=1), timedelta(days=1)
ASKED_AT_ONCE = 20  # members that Discord is asked about in one check
_Groups = dict[tuple[str, str, Target | None], list[Subscription]]
_log = logging.getLogger(__name__)


class Troubles:
    """Checks on all digests; `clock` gives aware UTC times, `owner_ids` are of the people the bot belongs to."""

    def __init__(
        self,
        store: Store,
        venue: Venue,
        clock: Callable[[], datetime],
        owner_ids: Callable[[], Collection[int]] = frozenset,
    ) -> None:
        self._store, self._venue, self._clock = store, venue, clock
        self._desk = Desk(store, venue)
        self._teller = Teller(store, venue)
        self._droughts = Droughts(store, venue, self._teller, owner_ids)
        self._barred: set[tuple[int | None, datetime | None]] = set()  # pauses during which access was seen missing
        self._uncertain: set[tuple[int, str]] = set()  # occasions that were told, or have nobody to be told

    async def check(self) -> None:
        """Resume what has access again and tell what was not told yet; to be called now and then, while connected."""
        now = self._clock()
        paused = await self._find_paused()
        await self._resume(paused, now)
        await self._tell_paused([one for one in paused if one.told_at is None], now)
        await self._tell_uncertain(now)
        await self._droughts.tell(now)
        await self._teller.redirect(now)

    async def _find_paused(self) -> list[Subscription]:
        """Return the channels' digests that paused by themselves, in the servers that can be seen now."""
        known = await self._store.subscriptions.list_paused(BY_ITSELF)
        return [one for one in known if one.target.kind == "channel" and self._venue.is_present(one.guild_id or "")]

    async def _resume(self, paused: Sequence[Subscription], now: datetime) -> None:
        """Let go on what can; the edition it began after stays, so that what it missed comes as one catch-up."""
        for one in paused:
            if self._can_go_on(one, now):
                await self._store.subscriptions.change(one.id or 0, partial(_unpause, paused_at=one.paused_at))
                _log.info("digest %s goes on, which was paused: %s", one.id, one.pause_reason)
        self._barred &= {(one.id, one.paused_at) for one in paused}

    def _can_go_on(self, one: Subscription, now: datetime) -> bool:
        """Tell whether access is back; where it never seemed missing, Discord refused all the same: that takes time."""
        site, pause = find_site(self._desk, one), (one.id, one.paused_at)
        lacks_threads = one.channel_kind == "forum" and SEND_IN_THREADS in site.missing
        if lacks_threads or not is_ready(one, site):
            self._barred.add(pause)
            return False
        return pause in self._barred or one.paused_at is None or now - one.paused_at >= _find_wait(one)

    async def _tell_paused(self, untold: Sequence[Subscription], now: datetime) -> None:
        for (_, reason, listener), group in (await self._group(untold)).items():
            first = group[0]
            if listener is not None:
                language = await self._teller.find_language(first)
                since = f"{first.paused_at:%Y%m%dT%H%M%S}"
                render = partial(self._render_paused, reason, group)
                await self._teller.tell(listener, first, f"{reason}:{since}", render, now, language=language)
            for one in reversed(group):  # the first last: until then the notice is found to be there already
                await self._store.subscriptions.change(one.id or 0, lambda known: replace(known, told_at=now))

    async def _group(self, untold: Sequence[Subscription]) -> _Groups:
        """Return digests by server, reason and whom to tell, of so many as may be asked about now."""
        asked: dict[tuple[str | None, str | None], Target | None] = {}
        groups: _Groups = {}
        for one in sorted(untold, key=lambda one: (one.guild_id or "", one.id or 0)):
            known = (one.guild_id, one.created_by)
            if known not in asked and len(asked) == ASKED_AT_ONCE:
                break
            if known not in asked:
                asked[known] = await self._teller.find_listener(one)
            groups.setdefault((one.guild_id or "", one.pause_reason or "", asked[known]), []).append(one)
        return groups

    def _render_paused(self, reason: str, group: Sequence[Subscription], marker: str) -> Message:
        lacking = {one.target.id: find_site(self._desk, one).missing for one in group}
        return render_paused(reason, lacking, group[0].id or 0, marker)

    async def _tell_uncertain(self, now: datetime) -> None:
        """Tell of digests that may have arrived, in channels whose history can't be read."""
        stuck = [one for one in await self._store.deliveries.list(state="uncertain", kind="digest") if _is_stuck(one)]
        occasions = {(one.subscription_id, one.occasion): one for one in stuck}
        self._uncertain &= set(occasions)
        left = [one for key, one in occasions.items() if key not in self._uncertain]
        for one in left[:ASKED_AT_ONCE]:
            subscription = await self._store.subscriptions.get(one.subscription_id)
            if subscription is None or self._venue.is_present(subscription.guild_id or ""):
                self._uncertain.add((one.subscription_id, one.occasion))
                if subscription is not None:
                    await self._tell_one_uncertain(subscription, one, now)

    async def _tell_one_uncertain(self, subscription: Subscription, stuck: Delivery, now: datetime) -> None:
        what = f"uncertain:{stuck.occasion}"
        if await self._teller.was_told(subscription, what):
            return
        listener = await self._teller.find_listener(subscription)
        if listener is not None:
            language = await self._teller.find_language(subscription)
            render = partial(render_uncertain, stuck.target.id, stuck.subscription_id)
            await self._teller.tell(listener, subscription, what, render, now, language=language)


def _find_wait(one: Subscription) -> timedelta:
    """Return how long a digest rests that Discord refuses for no reason to be seen: an hour, longer the longer it
    has been in trouble, a day at most.
    """
    since = one.paused_at - one.told_at if one.paused_at and one.told_at else FIRST_WAIT
    return min(max(since, FIRST_WAIT), LONGEST_WAIT)


def _unpause(known: Subscription, paused_at: datetime | None) -> Subscription:
    """Return a digest that goes on, unless somebody paused it or changed it in between."""
    is_same = known.pause_reason in BY_ITSELF and known.paused_at == paused_at
    return replace(known, paused_at=None, pause_reason=None) if is_same else known


def _is_stuck(delivery: Delivery) -> bool:
    """Tell whether it stays unknown if a digest arrived: a channel's history can't be read."""
    return delivery.target.kind == "channel" and delivery.last_error == NO_PERMISSION

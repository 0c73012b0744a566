"""Tells of droughts, several due days in a row without a post: each server's admins once, and the bot's owner once.

A drought is named by the newest post before it, so the next one is told again. Members' own digests wait in silence.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from bot.answers.venue import Venue
from bot.delivery.telling import OWNER, Teller
from bot.digest.layout import is_made_here
from bot.digest.timetable import find_expected
from bot.messages.alerts import render_drought, render_owner_drought
from storage.models import Day, Subscription, Target
from storage.store import Store

DRY_DAYS = 3  # due days in a row
LOOK_EVERY = timedelta(minutes=10)
SERVERS_AT_ONCE, LOOKED_AT_ONCE = 20, 200  # in one check: servers told, digests read
TOLD_OWNER = "drought told"  # a fact: which one the owner was told of
_log = logging.getLogger(__name__)


class Droughts:
    """Finds who waits for a post in vain and tells them, a few servers at a time."""

    def __init__(
        self, store: Store, venue: Venue, teller: Teller, owner_ids: Callable[[], Collection[int]] = frozenset
    ) -> None:
        self._store, self._venue, self._teller, self._owner_ids = store, venue, teller, owner_ids
        self._name = ""
        self._dry: set[int] = set()  # the digests in drought when it was last looked
        self._handled: set[int] = set()
        self._waiting: list[int] = []
        self._look_at: datetime | None = None

    async def tell(self, now: datetime) -> None:
        """Tell who was not told of the present drought; looks for such only now and then."""
        newest = await self._store.days.latest()
        name = newest.day.isoformat() if newest else "none"
        if name != self._name:
            self._name, self._dry, self._handled, self._waiting = name, set(), set(), []
        if self._look_at is None or now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            await self._look(newest, now)
        await self._tell_some(newest, now)

    async def _look(self, newest: Day | None, now: datetime) -> None:
        is_all = _has_all(newest, now)
        found = {} if is_all else await self._store.occasions.find_droughts(DRY_DAYS)
        self._dry = {number for number, first in found.items() if _is_before(newest, first)}
        self._waiting = sorted(self._dry - self._handled, reverse=True)
        if self._dry:
            await self._tell_owner(newest, now)

    async def _tell_some(self, newest: Day | None, now: datetime) -> None:
        told, looked = 0, 0
        while self._waiting and told < SERVERS_AT_ONCE and looked < LOOKED_AT_ONCE:
            number, looked = self._waiting.pop(), looked + 1
            known = await self._store.subscriptions.get(number)
            if known is None or known.target.kind != "channel" or not known.guild_id:
                self._handled.add(number)
            elif number not in self._handled and self._venue.is_present(known.guild_id):
                told += await self._tell_server(known.guild_id, newest, now)

    async def _tell_server(self, guild_id: str, newest: Day | None, now: datetime) -> bool:
        """Tell one server, unless it was told of this drought; return whether it was not."""
        known = [one for one in await self._store.subscriptions.list(guild_id=guild_id) if one.target.kind == "channel"]
        dry = [one for one in known if one.id in self._dry]
        self._handled |= {one.id for one in dry if one.id is not None}
        waiting, what = [one for one in dry if not one.is_paused], f"no post:{self._name}"
        if not waiting or any([await self._teller.was_told(one, what) for one in known]):
            return False
        listener = await self._find_listener(waiting)
        if listener is not None:
            render = partial(render_drought, _get_day(newest), [one.target.id for one in waiting], waiting[0].id or 0)
            language = await self._teller.find_language(waiting[0])
            await self._teller.tell(listener, waiting[0], what, render, now, language=language)
        return True

    async def _find_listener(self, waiting: Sequence[Subscription]) -> Target | None:
        """Return the first person in charge of any of a server's digests, else the server's system channel."""
        found: Target | None = None
        for one in {one.created_by: one for one in waiting}.values():
            found = await self._teller.find_listener(one)
            if found is not None and found.kind == "member":
                break
        return found

    async def _tell_owner(self, newest: Day | None, now: datetime) -> None:
        """Tell who runs the bot: in the log, and in the conversations they have with it."""
        if await self._store.facts.get(TOLD_OWNER) == self._name:
            return
        known = await self._store.subscriptions.get(min(self._dry))
        for owner_id in sorted(self._owner_ids()) if known else ():
            owner = Target("member", str(owner_id))
            if known and await self._teller.is_known(owner):
                render = partial(render_owner_drought, _get_day(newest), len(self._dry), known.id or 0)
                await self._teller.tell(owner, known, f"no post:{self._name}{OWNER}{owner_id}", render, now)
        since = f"since that of {newest.day}" if newest else "yet"
        _log.warning("no post has come %s: %s digests wait; check POSTS_SOURCE", since, len(self._dry))
        await self._store.facts.set(TOLD_OWNER, self._name)


def _get_day(newest: Day | None) -> date | None:
    return newest.day if newest else None


def _has_all(newest: Day | None, now: datetime) -> bool:
    """Tell whether every live post is there that could be: a long weekend with a holiday of arXiv's is no drought."""
    return newest is not None and is_made_here(newest.front_matter) and newest.day >= find_expected(now)


def _is_before(newest: Day | None, first: date) -> bool:
    """Tell whether the newest post came before a drought began: one that has just come ends it, once it is planned.

    Of a corrected one only the correction's time is known.
    """
    return newest is None or newest.ingested_at is None or newest.revision > 1 or newest.ingested_at.date() <= first

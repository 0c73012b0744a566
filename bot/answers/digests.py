"""Digests on demand: what a subscription would get for a day, and a whole day's ranking."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from typing import Any

from bot.digest.selection import Digest, Pool, Shelf, choose_from, make_shelf, pick_pool
from bot.errors import UserError
from bot.messages.digest import render_digest
from bot.messages.lists import PAPERS_PER_PAGE
from bot.messages.message import Message
from bot.messages.notices import render_day_gone, render_notice
from bot.messages.rankings import render_day
from bot.messages.summary import render_reason
from bot.messages.wording import format_day
from storage.models import Day, Edition, Subscription, Target
from storage.store import Store

# The share of a day's papers that is hot: a place and no score, so that it outlives a change of source.
HOT_SHARES = {"hot": 0.25, "very hot": 0.10}
MOST_POOLS = 5_000  # choices of days and filters that are kept for others with the same


async def find_day(store: Store, name: str) -> Day:
    """Return a stored day by its date, its slug, or "latest"; UserError when there is none."""
    day = await (store.days.latest() if name == "latest" else store.days.get(name))
    if day is None:
        newest = await store.days.latest()
        if newest is None:
            raise UserError("No post of {day} is stored. No day has been ingested yet.", day=name[:60])
        raise UserError("No post of {day} is stored. The newest is {newest}.", day=name[:60], newest=newest.day)
    return day


async def find_edition(store: Store, day: Day) -> Edition:
    """Return a day with all its papers by rank."""
    return Edition(day, tuple(await store.papers.of_day(day.day)))


async def find_digest(store: Store, subscription: Subscription, day: date | None = None) -> Digest:
    """Choose what a subscription would get of one day, the newest unless told, and record nothing."""
    known = await (store.days.get(day) if day else store.days.latest())
    return await choose_of_days(store, subscription, [known] if known else [])


async def choose_of_days(store: Store, subscription: Subscription, days: Sequence[Day]) -> Digest:
    """Choose what a subscription would get of these days together."""
    chooser = Chooser(store)
    pool = await chooser.find_pool(subscription, days)
    given = await store.deliveries.given(subscription.target, pool.ids)
    return await chooser.choose(subscription, pool, given)


class Chooser:
    """Chooses digests for many subscriptions; what those with the same days and filters share is found once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._editions: dict[date, Edition] = {}
        self._shelves: dict[tuple[date, ...], Shelf] = {}
        self._pools: dict[tuple[Any, ...], Pool] = {}
        self._newest: date | None = None

    async def find_pool(self, subscription: Subscription, days: Sequence[Day]) -> Pool:
        """Return what a subscription chooses from, of these days."""
        dates = tuple([day.day for day in days])
        key = (dates, frozenset(subscription.categories), subscription.only)
        if key not in self._pools:
            if dates not in self._shelves:
                self._shelves[dates] = make_shelf([await self._find_edition(day) for day in days])
            while len(self._pools) >= MOST_POOLS:
                del self._pools[next(iter(self._pools))]
            share = HOT_SHARES.get(subscription.only)
            self._pools[key] = pick_pool(self._shelves[dates], subscription.categories, share)
        return self._pools[key]

    async def choose(
        self, subscription: Subscription, pool: Pool, given: Set[str], *, is_catch_up: bool = False
    ) -> Digest:
        """Choose from a pool what a subscription's target was not given."""
        newest = None if pool.days else await self._find_newest()  # to say why there is nothing
        return choose_from(pool, subscription, given, newest, is_catch_up=is_catch_up)

    async def _find_edition(self, day: Day) -> Edition:
        if day.day not in self._editions:
            self._editions[day.day] = await find_edition(self._store, day)
        return self._editions[day.day]

    async def _find_newest(self) -> date | None:
        if self._newest is None:
            latest = await self._store.days.latest()
            self._newest = latest.day if latest else None
        return self._newest


async def answer_page(store: Store, target: Target, day: date | None) -> list[Message]:
    """Answer what a page is posted for a day, the newest unless told; nothing where there are no days."""
    if await store.days.latest() is None:
        return []
    return await answer_digest(store, Subscription(target), day)


async def answer_digest(store: Store, subscription: Subscription, day: date | None = None) -> list[Message]:
    """Answer a digest's messages as they would be sent; when it is empty, the reason in their place."""
    digest = await find_digest(store, subscription, day)
    return render_digest(digest) or [render_notice(render_reason(digest))]


async def answer_day(store: Store, day: date, page: int) -> Message:
    """Answer a page (from 1) of a day's whole ranking."""
    known = await store.days.get(day)
    if known is None:
        return render_day_gone(format_day(day))
    papers = await store.papers.of_day(day, (), PAPERS_PER_PAGE + 1, (page - 1) * PAPERS_PER_PAGE)
    return render_day(known, papers[:PAPERS_PER_PAGE], page=page, has_more=len(papers) > PAPERS_PER_PAGE)

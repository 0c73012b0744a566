"""Digests on demand: what a subscription would get for a day, and a whole day's ranking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.digest.selection import Digest, choose_digest
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

# The share of the last days' appearances that is hot: a rank and no score, so that it outlives a change of source.
HOT_SHARES = {"hot": 0.25, "very hot": 0.10}
HOT_DAYS = 30


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
    editions = [await find_edition(store, day) for day in days]
    ids = [paper.paper.arxiv_id for edition in editions for paper in edition.papers]
    given = await store.deliveries.given(subscription.target, ids)
    newest = await store.days.latest()
    if newest is None:
        return choose_digest(subscription, editions, given)
    at_least = await _find_least_score(store, subscription.only, newest.day)
    return choose_digest(subscription, editions, given, newest.day, at_least=at_least)


async def _find_least_score(store: Store, only: str, newest: date) -> float | None:
    """Return the score from which papers are hot or very hot, None where all are wanted."""
    share = HOT_SHARES.get(only)
    return await store.papers.score_at(share, newest - timedelta(days=HOT_DAYS - 1), newest) if share else None


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

"""Digests on demand: what a subscription would get for a day, and a whole day's ranking."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.digest.selection import Digest, choose_digest
from bot.errors import UserError
from bot.messages.digest import render_digest
from bot.messages.lists import PAPERS_PER_PAGE
from bot.messages.message import Message
from bot.messages.notices import render_day_gone, render_notice, render_subscribed
from bot.messages.rankings import render_day
from bot.messages.summary import render_reason
from bot.messages.wording import format_day
from storage.models import Day, Edition, Subscription, Target
from storage.store import Store

MEMBER_COUNT = 5  # papers in a member's own digest
MAX_CATEGORIES = 25


async def find_day(store: Store, name: str) -> Day:
    """Return a stored day by its date, its slug, or "latest"; UserError when there is none."""
    day = await (store.days.latest() if name == "latest" else store.days.get(name))
    if day is None:
        newest = await store.days.latest()
        hint = f" The newest is {newest.day}." if newest else " No day has been ingested yet."
        raise UserError(f"No post of {name[:60]} is stored.{hint}")
    return day


async def find_edition(store: Store, day: Day) -> Edition:
    """Return a day with all its papers by rank."""
    return Edition(day, tuple(await store.papers.of_day(day.day)))


async def find_digest(store: Store, subscription: Subscription, day: date | None = None) -> Digest:
    """Choose what a subscription would get of one day, the newest unless told, and record nothing."""
    known = await (store.days.get(day) if day else store.days.latest())
    editions = [await find_edition(store, known)] if known else []
    ids = [paper.paper.arxiv_id for edition in editions for paper in edition.papers]
    given = await store.deliveries.given(subscription.target, ids)
    newest = await store.days.latest()
    return choose_digest(subscription, editions, given, newest.day if newest else None)


async def answer_digest(store: Store, subscription: Subscription, day: date | None) -> list[Message]:
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


async def answer_subscribe(store: Store, target: Target, categories: tuple[str, ...]) -> Message:
    """Add categories (none: all of arXiv) to a member's one digest, or begin it; answer what it is now."""
    known = await store.subscriptions.list(target)
    if known:
        subscription = replace(known[0], categories=_join(known[0].categories, categories))
        await store.subscriptions.update(subscription)
    else:
        newest = await store.days.latest()
        subscription = Subscription(target, categories, MEMBER_COUNT, created_edition=newest.day if newest else None)
        await store.subscriptions.add(subscription)
    return render_subscribed(subscription)


def _join(known: tuple[str, ...], added: tuple[str, ...]) -> tuple[str, ...]:
    """Return all categories together; all of arXiv holds every other."""
    joined = tuple(dict.fromkeys((*known, *added))) if known and added else ()
    if len(joined) > MAX_CATEGORIES:
        raise UserError(f"A digest has at most {MAX_CATEGORIES} categories.")
    return joined

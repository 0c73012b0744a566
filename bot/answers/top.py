"""The hottest papers of a period: what was asked, what the store has, and the page that shows it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date

from bot.answers.options import find_first_day
from bot.errors import UserError
from bot.messages.lists import PAPERS_PER_PAGE
from bot.messages.message import Message
from bot.messages.rankings import render_top
from storage.models import Appearance
from storage.store import Store


@dataclass(frozen=True, slots=True)
class TopQuery:
    """A ranking: a period (day, week, month, year, all) that ends with `until`, in any of the categories."""

    period: str
    until: date
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Top:
    """The papers of a ranking, hottest first, with the days it covers, both included."""

    first: date
    last: date
    papers: tuple[Appearance, ...]
    has_more: bool
    is_mixed: bool = False  # scored on two scales, so ranked by the place within each day


async def find_newest(store: Store) -> date:
    """Return the newest ingested day, from which periods count back; UserError when there is none."""
    latest = await store.days.latest()
    if latest is None:
        raise UserError("There are no posts yet. Bring some in with `hotpapers ingest FOLDER`, or set POSTS_SOURCE.")
    return latest.day


async def find_top(store: Store, query: TopQuery, limit: int = PAPERS_PER_PAGE, offset: int = 0) -> Top:
    """Find a stretch of a ranking: each paper once, by its best appearance in the period."""
    since = find_first_day(query.period, query.until)
    is_mixed = await store.papers.is_mixed(since, query.until)
    papers = await store.papers.top(since, query.until, query.categories, limit + 1, offset)
    first = since or await store.days.oldest() or query.until
    return Top(first, query.until, tuple(papers[:limit]), len(papers) > limit, is_mixed)


async def answer_top(store: Store, query: TopQuery, page: int, key: str) -> Message:
    """Answer a page (from 1) of a ranking; without the key that it is kept under it has no other pages."""
    return show_top(query, await find_top(store, query, PAPERS_PER_PAGE, (page - 1) * PAPERS_PER_PAGE), page, key)


def show_top(query: TopQuery, top: Top, page: int, key: str) -> Message:
    """Show a page of a ranking that was found."""
    return render_top(
        top.papers,
        first=top.first,
        last=top.last,
        period=query.period,
        categories=query.categories,
        key=key,
        page=page,
        has_more=top.has_more and bool(key),
        is_mixed=top.is_mixed,
    )


def encode_query(query: TopQuery) -> str:
    """Write a ranking as JSON, to be kept for the pages around this one."""
    return json.dumps(asdict(query), default=str, sort_keys=True)


def decode_query(text: str) -> TopQuery:
    """Read what `encode_query` wrote."""
    values = json.loads(text)
    return TopQuery(values["period"], date.fromisoformat(values["until"]), tuple(values["categories"]))

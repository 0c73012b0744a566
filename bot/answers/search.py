"""Papers by words: what was asked, what the store finds, and the page that shows it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from bot.answers.values import MAX_CHOICE, MAX_CHOICES, Choice
from bot.digest.identifier import parse_identifier
from bot.digest.latex import render_readable
from bot.errors import UserError
from bot.messages.limits import cut_units, measure
from bot.messages.lists import PAPERS_PER_PAGE
from bot.messages.message import Message
from bot.messages.paper import render_paper
from bot.messages.rankings import render_search
from storage.errors import SlowError
from storage.models import Appearance
from storage.store import Store

_MIN_WORDS = 2  # characters before titles are worth suggesting


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search: words that must all be there, and filters that narrow it; dates include both ends."""

    words: str
    categories: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    author: str = ""


async def find_papers(
    store: Store, query: SearchQuery, limit: int = PAPERS_PER_PAGE, offset: int = 0
) -> tuple[list[Appearance], bool]:
    """Find a stretch of a search, best first, and whether there is more; an id or address finds its paper."""
    arxiv_id = parse_identifier(query.words)
    if arxiv_id and (history := await store.papers.history(arxiv_id)):
        return history[:1], False
    author = query.author or None
    try:
        found = await store.search.find(
            query.words, query.categories, query.since, query.until, author, limit + 1, offset
        )
    except SlowError as error:
        raise UserError("This search takes too long. Add a rarer word, a category or dates.") from error
    return found[:limit], len(found) > limit


async def answer_search(store: Store, query: SearchQuery, page: int, key: str) -> Message:
    """Answer a page (from 1) of a search; an arXiv id or address is answered with the paper itself.

    Without the key that the search is kept under it has no other pages.
    """
    arxiv_id = parse_identifier(query.words)
    if arxiv_id and (history := await store.papers.history(arxiv_id)):
        return render_paper(history)
    found = await find_papers(store, query, PAPERS_PER_PAGE, (page - 1) * PAPERS_PER_PAGE)
    return show_search(query, *found, page, key)


def show_search(query: SearchQuery, papers: Sequence[Appearance], has_more: bool, page: int, key: str) -> Message:
    """Show a page of a search that was found."""
    return render_search(
        query.words,
        papers,
        words=tuple(query.words.split()),
        categories=query.categories,
        since=query.since,
        until=query.until,
        author=query.author,
        key=key,
        page=page,
        has_more=has_more and bool(key),
    )


async def complete_search(store: Store, text: str) -> list[Choice]:
    """Suggest what was typed, then titles whose value is the paper's id."""
    typed = cut_units(" ".join(text.split()), MAX_CHOICE)
    choices = [Choice(typed, typed)] if typed else []
    if len(typed) >= _MIN_WORDS:
        try:
            titles = await store.search.complete(typed, MAX_CHOICES - 1)
        except SlowError:
            titles = []
        choices += [Choice(_cut(render_readable(title)) or arxiv_id, arxiv_id) for arxiv_id, title in titles]
    return choices


def _cut(title: str) -> str:
    title = " ".join(title.split())
    return title if measure(title) <= MAX_CHOICE else cut_units(title, MAX_CHOICE - 1).rstrip() + "…"


def encode_query(query: SearchQuery) -> str:
    """Write a search as JSON, to be kept for the pages around this one."""
    return json.dumps(asdict(query), default=str, sort_keys=True)


def decode_query(text: str) -> SearchQuery:
    """Read what `encode_query` wrote."""
    values = json.loads(text)
    since, until = (date.fromisoformat(values[key]) if values[key] else None for key in ("since", "until"))
    return SearchQuery(values["words"], tuple(values["categories"]), since, until, values["author"])

"""What anybody may ask about papers: rankings, searches, details, categories, help; and the pages of the answers.

Each of these answers can be saved or shown to everyone, where that is possible.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.answers import digests, search, top
from bot.answers.desk import Desk
from bot.answers.options import parse_categories, parse_day, parse_period
from bot.answers.search import SearchQuery, answer_search, find_papers, show_search
from bot.answers.status import answer_status
from bot.answers.top import TopQuery, answer_top, find_top, show_top
from bot.answers.values import Caller, Reply
from bot.digest.identifier import find_identifiers, parse_identifier
from bot.errors import UserError
from bot.messages.actions import DayPage, OpenDay, OpenPaper, QuestionAction, SearchPage, TopPage
from bot.messages.extras import add_buttons
from bot.messages.language import say
from bot.messages.lists import Row, render_papers
from bot.messages.message import Message
from bot.messages.notices import render_categories, render_help, render_no_posts, render_paper_gone
from bot.messages.paper import render_paper
from bot.messages.sharing import render_save_button, render_share_button
from storage.errors import LockedError

_LATELY_DAYS = 30
_MOST_MENTIONED = 10
_NEEDS_POSTS = ("top", "search", "categories")


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer, and what would show it again."""

    message: Message
    action: QuestionAction | None = None


async def run(name: str, options: Mapping[str, str], desk: Desk, caller: Caller) -> Message:
    """Answer a command that asks something."""
    if name in _NEEDS_POSTS:
        latest = await desk.store.days.latest()
        if latest is None:
            return render_no_posts(for_owner=caller.is_owner)
        match name:
            case "top":
                return add_choices(await _ask_top(options, latest.day, desk, caller), caller)
            case "search":
                return add_choices(await _ask_search(options, latest.day, desk, caller), caller)
            case "categories":
                return await _show_categories(latest.day, desk)
    match name:
        case "paper":
            return add_choices(await _show_paper(parse_identifier(options.get("id", "")), None, desk), caller)
        case "status":
            return await answer_status(desk, caller)
    return render_help(desk.venue.list_commands() if desk.venue else None, for_admins=caller.place.is_admin)


async def press(action: QuestionAction, desk: Desk, caller: Caller) -> Reply:
    """Answer a button; turning a page replaces the message it is on, unless that is everyone's."""
    shown = await show(action, desk, caller)
    return Reply(add_choices(shown, caller), replaces=isinstance(action, DayPage | TopPage | SearchPage))


async def show(action: QuestionAction, desk: Desk, caller: Caller) -> Shown:
    """Answer what a button opens, without the choices that depend on who asks."""
    match action:
        case OpenPaper(arxiv_id, day):
            return await _show_paper(arxiv_id, day, desk)
        case OpenDay(day):
            return Shown(await digests.answer_day(desk.store, day, 1), DayPage(day, 1))
        case DayPage(day, page):
            return Shown(await digests.answer_day(desk.store, day, page), action)
        case TopPage(key, page):
            query = top.decode_query(await _find_query(desk, key))
            return Shown(await answer_top(desk.store, query, page, key), action)
        case SearchPage(key, page):
            question = search.decode_query(await _find_query(desk, key))
            return Shown(await answer_search(desk.store, question, page, key), action)


async def answer_mentioned(desk: Desk, text: str, caller: Caller) -> Message:
    """Answer with the papers that a text links to: one with its details, several as a list."""
    ids = find_identifiers(text)[:_MOST_MENTIONED]
    if not ids:
        raise UserError("This message has no arXiv links. /search finds papers by their words.")
    if len(ids) == 1:
        return add_choices(await _show_paper(ids[0], None, desk), caller)
    histories = [await desk.store.papers.history(arxiv_id) for arxiv_id in ids]
    rows = [Row(number, history[0]) for number, history in enumerate((h for h in histories if h), 1)]
    missing = [arxiv_id for arxiv_id, history in zip(ids, histories, strict=True) if not history]
    links = ", ".join(f"[{arxiv_id}](https://arxiv.org/abs/{arxiv_id})" for arxiv_id in missing)
    notes = [say("not stored here: {links}", links=links)] if missing else []
    nothing = say("None of them has been hot here yet.")
    return render_papers(say("Papers in this message"), notes, rows, when_empty=nothing)


def add_choices(shown: Shown, caller: Caller) -> Message:
    """Add the buttons to save and to share, where they can be used."""
    buttons = []
    if isinstance(shown.action, OpenPaper):
        buttons.append(render_save_button(shown.action))
    if shown.action and caller.place.can_share:
        buttons.append(render_share_button(shown.action))
    return add_buttons(shown.message, buttons)


async def _ask_top(options: Mapping[str, str], newest: date, desk: Desk, caller: Caller) -> Shown:
    period, categories = parse_period(options.get("period", "")), parse_categories(options.get("category", ""))
    query = TopQuery(period, newest, categories)
    # Side by side: that a question is kept has to reach the disk, which may take longer than to answer it.
    key, found = await asyncio.gather(_keep_query(desk, top.encode_query(query), caller), find_top(desk.store, query))
    return Shown(show_top(query, found, 1, key), TopPage(key) if key else None)


async def _ask_search(options: Mapping[str, str], newest: date, desk: Desk, caller: Caller) -> Shown:
    words = " ".join(options.get("query", "").split())
    if not words:
        raise UserError("Say what to look for: words, a name, or an arXiv id.")
    arxiv_id = parse_identifier(words)
    if arxiv_id and (shown := await _show_paper(arxiv_id, None, desk)).action:
        return shown
    query = SearchQuery(
        words,
        parse_categories(options.get("category", "")),
        parse_day(options.get("since", ""), newest),
        author=" ".join(options.get("author", "").split()),
    )
    keeping = _keep_query(desk, search.encode_query(query), caller)
    key, found = await asyncio.gather(keeping, find_papers(desk.store, query))
    return Shown(show_search(query, *found, 1, key), SearchPage(key) if key else None)


async def _show_paper(arxiv_id: str | None, day: date | None, desk: Desk) -> Shown:
    if arxiv_id is None:
        raise UserError("That is no arXiv id. One looks like 2104.04767 or math/0309136; a link works too.")
    history = await desk.store.papers.history(arxiv_id)
    if not history:
        return Shown(render_paper_gone(arxiv_id))
    return Shown(render_paper(history, day=day), OpenPaper(arxiv_id, day))


async def _show_categories(last: date, desk: Desk) -> Message:
    first = last - timedelta(days=_LATELY_DAYS - 1)
    counts = await desk.store.papers.category_counts(first, last)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return render_categories(ranked, first, last)


async def _keep_query(desk: Desk, query: str, caller: Caller) -> str:
    """Keep a question for its pages and return its key; "" while another process holds the database."""
    try:
        return await desk.store.queries.put(query, now=caller.now)
    except LockedError:
        return ""


async def _find_query(desk: Desk, key: str) -> str:
    query = await desk.store.queries.get(key)
    if query is None:
        raise UserError("This answer is too old to turn its pages. Ask again with /top or /search.")
    return query

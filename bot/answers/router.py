"""Every question in one place: commands by name, buttons by custom id, completion by option.

    run(name, options) ─┐
    press(custom_id)  ──┼─► the answer's own module ─► Message
    complete(option)  ──┘

Discord's commands, the preview page and its buttons all come through here, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from bot.answers import digests, search, top
from bot.answers.options import ALL, DEFAULT_PERIOD, PERIODS, parse_categories, parse_day, parse_period
from bot.answers.search import MAX_CHOICES, SearchQuery, answer_search, complete_search
from bot.answers.top import TopQuery, answer_top, find_newest
from bot.answers.values import Caller, Choice, Command, Option, Reply
from bot.digest.identifier import parse_identifier
from bot.digest.taxonomy import find_categories
from bot.errors import UserError
from bot.messages.custom_id import DayPage, GetByDM, OpenDay, OpenPaper, SearchPage, TopPage, decode
from bot.messages.message import Message
from bot.messages.notices import (
    render_categories,
    render_error,
    render_help,
    render_old_button,
    render_paper_gone,
)
from bot.messages.paper import render_paper
from storage.models import Day, Subscription
from storage.store import Store

_CATEGORY = Option("category", "An arXiv category or archive, such as cs.CV or stat", completes=True)
COMMANDS = (
    Command(
        "top",
        "The papers people shared most",
        (
            _CATEGORY,
            Option(
                "period",
                f"How far back from the newest post, {DEFAULT_PERIOD} unless you say",
                choices=tuple(Choice(name, name) for name in (*PERIODS, ALL)),
            ),
        ),
    ),
    Command(
        "search",
        "Find papers by words in title, abstract or authors",
        (
            Option("query", "Words to find, or an arXiv id or link", required=True, completes=True),
            _CATEGORY,
            Option("since", "Only papers hot since then: 2021-04-13, 2021-04, 30 days"),
            Option("author", "Only papers by an author of this name"),
        ),
    ),
    Command(
        "paper",
        "One paper: abstract, the posts that made it hot, its history",
        (Option("id", "An arXiv id or link", required=True, completes=True),),
    ),
    Command("categories", "Which subjects there are, and how much was hot in each lately"),
    Command("help", "What this bot does and how to ask it"),
)
_LATELY_DAYS = 30


class Answers:
    """Answers over one store. What a person asked wrongly is answered too, with what to do."""

    commands = COMMANDS

    def __init__(self, store: Store) -> None:
        self._store = store

    async def run(self, name: str, options: Mapping[str, str], caller: Caller) -> Message:
        """Answer a command; options are text by name, those left out are missing."""
        try:
            match name:
                case "top":
                    return await self._top(options, caller)
                case "search":
                    return await self._search(options, caller)
                case "paper":
                    return await self._paper(parse_identifier(options.get("id", "")))
                case "categories":
                    return await self._categories()
                case "help":
                    return render_help()
            raise UserError("There is no such command. Try /help.")
        except UserError as error:
            return render_error(str(error))

    async def press(self, custom_id: str, caller: Caller) -> Reply:
        """Answer a button of any message ever sent; paging replaces the message it is on."""
        try:
            return await self._press(custom_id, caller)
        except UserError as error:
            return Reply(render_error(str(error)))

    async def _press(self, custom_id: str, caller: Caller) -> Reply:
        match decode(custom_id):
            case OpenPaper(arxiv_id, day):
                return Reply(await self._paper(arxiv_id, day))
            case OpenDay(day):
                return Reply(await digests.answer_day(self._store, day, 1))
            case DayPage(day, page):
                return Reply(await digests.answer_day(self._store, day, page), replaces=True)
            case TopPage(key, page):
                query = top.decode_query(await self._find_query(key))
                return Reply(await answer_top(self._store, query, page, caller.now), replaces=True)
            case SearchPage(key, page):
                question = search.decode_query(await self._find_query(key))
                return Reply(await answer_search(self._store, question, page, caller.now), replaces=True)
            case GetByDM() as order:
                return Reply(await self._subscribe(order, caller))
        return Reply(render_old_button())

    async def complete(self, name: str, option: str, text: str, caller: Caller) -> list[Choice]:
        """Suggest at most 25 values for what was typed so far of an option; never an error."""
        match name, option:
            case _, "category":
                return [Choice(one.label, one.id) for one in find_categories(text, MAX_CHOICES)]
            case ("search", "query") | ("paper", "id"):
                return await complete_search(self._store, text)
        return []

    async def digest(self, day: date | None, caller: Caller) -> list[Message]:
        """Answer what the caller's place is posted for a day, the newest unless told."""
        if await self._store.days.latest() is None:
            return []
        return await digests.answer_digest(self._store, Subscription(caller.target), day)

    async def days(self) -> list[Day]:
        """Return every ingested day, newest first."""
        return await self._store.days.list()

    async def _top(self, options: Mapping[str, str], caller: Caller) -> Message:
        period, categories = parse_period(options.get("period", "")), parse_categories(options.get("category", ""))
        query = TopQuery(period, await find_newest(self._store), categories)
        return await answer_top(self._store, query, 1, caller.now)

    async def _search(self, options: Mapping[str, str], caller: Caller) -> Message:
        newest = await find_newest(self._store)
        words = " ".join(options.get("query", "").split())
        if not words:
            raise UserError("Say what to look for: words, a name, or an arXiv id.")
        query = SearchQuery(
            words,
            parse_categories(options.get("category", "")),
            parse_day(options.get("since", ""), newest),
            author=" ".join(options.get("author", "").split()),
        )
        return await answer_search(self._store, query, 1, caller.now)

    async def _paper(self, arxiv_id: str | None, day: date | None = None) -> Message:
        if arxiv_id is None:
            raise UserError("That is no arXiv id. One looks like 2104.04767 or math/0309136; a link works too.")
        history = await self._store.papers.history(arxiv_id)
        return render_paper(history, day=day) if history else render_paper_gone(arxiv_id)

    async def _categories(self) -> Message:
        last = await find_newest(self._store)
        first = last - timedelta(days=_LATELY_DAYS - 1)
        counts = await self._store.papers.category_counts(first, last)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return render_categories(ranked, first, last)

    async def _subscribe(self, order: GetByDM, caller: Caller) -> Message:
        categories = order.categories
        if order.subscription_id is not None:
            known = await self._store.subscriptions.get(order.subscription_id)
            if known is None:
                raise UserError("That digest is no longer there. Use the button of a newer one.")
            categories = known.categories
        return await digests.answer_subscribe(self._store, caller.target, categories or ())

    async def _find_query(self, key: str) -> str:
        query = await self._store.queries.get(key)
        if query is None:
            raise UserError("This answer is too old to turn its pages. Ask again with /top or /search.")
        return query

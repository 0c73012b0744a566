"""What the pages of papers are, in words: a ranking over a period, a search, a whole day; and what to try
when one of them is empty. How a page looks is `lists`' work, what is on it the store's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.messages.actions import DayPage, SearchPage, TopPage
from bot.messages.language import format_integer, say, say_count
from bot.messages.lists import PAPERS_PER_PAGE, Page, Row, render_papers
from bot.messages.message import Message
from bot.messages.safe import render_name, render_prose
from bot.messages.summary import render_missing
from bot.messages.wording import format_date, format_filter, format_span
from storage.models import Appearance, Day


def render_top(
    papers: Sequence[Appearance],
    *,
    first: date,
    last: date,
    period: str,
    categories: Sequence[str] = (),
    key: str,
    page: int = 1,
    has_more: bool = False,
    from_newest: bool = True,
    is_mixed: bool = False,
) -> Message:
    """Return a page of the hottest papers from `first` to `last`; `period` is day, week, month, year or all.

    `from_newest` says that the period counts back from the newest day stored, which may not be today.
    `key` finds the ranking again for the pages around this one, see `TopPage`. `is_mixed` says that older days are
    counted in retweets and later ones live, and papers are ranked by their places within their days.
    """
    names = _render_categories(categories)
    heading = say("Top papers · {period}", period=_render_period(period))
    back = say(", back from the newest post") if from_newest and period != "all" else ""
    notes = [f"{format_span(first, last)}{back} · {names}", *_number_page(page)]
    if is_mixed:
        notes.append(say("retweets and live counts don't compare: ranked by the place within each day"))
    pages = Page(
        page,
        TopPage(key, page - 1) if page > 1 else None,
        TopPage(key, page + 1) if has_more else None,
    )
    when_empty = (
        say("No papers of {names} in these days. Try a longer period, or all of arXiv.", names=names)
        if categories
        else say("No papers in these days. Try a longer period.")
    )
    return render_papers(
        heading,
        notes,
        _number_rows(papers, page, with_day=first != last),
        page=pages,
        when_empty=_say_past_the_end() if page > 1 else when_empty,
    )


def render_search(
    query: str,
    papers: Sequence[Appearance],
    *,
    words: Sequence[str],
    categories: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    author: str = "",
    key: str,
    page: int = 1,
    has_more: bool = False,
) -> Message:
    """Return a page of what a search found, best first; `words` are those to show in bold.

    `key` finds the search again for the pages around this one, see `SearchPage`.
    """
    asked = render_prose(" ".join(query.split()), 80) or say("everything")
    filters = _render_filters(categories, since, until, author)
    pages = Page(
        page,
        SearchPage(key, page - 1) if page > 1 else None,
        SearchPage(key, page + 1) if has_more else None,
    )
    when_empty = (
        say("Nothing found for “{asked}”. Try fewer or shorter words, or search without filters.", asked=asked)
        if filters
        else say("Nothing found for “{asked}”. Try fewer or shorter words, or a name or a category.", asked=asked)
    )
    return render_papers(
        say("Search · {asked}", asked=asked),
        [*filters, *_number_page(page)],
        _number_rows(papers, page, with_day=True),
        page=pages,
        words=words,
        names=(author,),
        when_empty=_say_past_the_end() if page > 1 else when_empty,
    )


def render_day(day: Day, papers: Sequence[Appearance], *, page: int = 1, has_more: bool = False) -> Message:
    """Return a page of one day's whole ranking, numbered as the day ranks them."""
    pages = Page(
        page,
        DayPage(day.day, page - 1) if page > 1 else None,
        DayPage(day.day, page + 1) if has_more else None,
    )
    return render_papers(
        say("Hot papers · {days}", days=format_span(day.first_day, day.day)),
        [
            say_count(day.paper_count, "{n} paper, hottest first", "{n} papers, hottest first"),
            *render_missing([day]),
            *_number_page(page),
        ],
        [Row(appearance.rank, appearance, with_day=False) for appearance in papers],
        page=pages,
        when_empty=_say_past_the_end() if page > 1 else say("The post of this day has no papers. Try the day before."),
    )


def _number_rows(papers: Sequence[Appearance], page: int, *, with_day: bool) -> list[Row]:
    before = (page - 1) * PAPERS_PER_PAGE
    return [Row(before + index, appearance, with_day) for index, appearance in enumerate(papers, start=1)]


def _number_page(page: int) -> list[str]:
    return [say("page {n}", n=format_integer(page))] if page > 1 else []


def _say_past_the_end() -> str:
    return say("That was the last page. Go back to the one before.")


def _render_period(period: str) -> str:
    known = {
        "day": say("day"),
        "week": say("week"),
        "month": say("month"),
        "year": say("year"),
        "all": say("all days"),
    }
    return known.get(period) or render_name(period, 20)


def _render_categories(categories: Sequence[str]) -> str:
    return format_filter([render_name(category, 24) for category in categories])


def _render_filters(categories: Sequence[str], since: date | None, until: date | None, author: str) -> list[str]:
    """Return the note that says what a search was narrowed to, none when it was not."""
    parts = [
        _render_categories(categories) if categories else "",
        say("since {date}", date=format_date(since)) if since else "",
        say("until {date}", date=format_date(until)) if until else "",
        say("by {author}", author=render_name(author, 60)) if author else "",
    ]
    note = " · ".join(filter(None, parts))
    return [note] if note else []

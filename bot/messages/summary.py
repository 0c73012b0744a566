"""What a digest is, in a line each: the days, how many papers of which categories, or why there are none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from bot.digest.layout import find_missing
from bot.digest.selection import Digest
from bot.messages.language import format_integer, get_language, say, say_count
from bot.messages.safe import render_name
from bot.messages.wording import format_day, format_filter, format_list, format_span, render_source
from storage.models import Day


def render_heading(digest: Digest) -> str:
    """Return a digest's name without markdown: "Hot papers · Tue 13 Apr 2021"; several days as a span."""
    if digest.days:
        first, last = min(day.first_day for day in digest.days), max(day.day for day in digest.days)
        return _render_days(first, last, get_language())
    return say("Hot papers · {days}", days=format_day(digest.papers[0].day)) if digest.papers else say("Hot papers")


@lru_cache(maxsize=32)  # the same for all who get a day's digest; the language spoken is there to tell them apart
def _render_days(first: date, last: date, language: str) -> str:
    return say("Hot papers · {days}", days=format_span(first, last))


def render_summary(digest: Digest) -> str:
    """Return what a digest holds: "Top 10 of 21 · all of arXiv", "Catch-up over 3 posts · top 10 of 63 · cs.CV"."""
    return " · ".join([_render_count(digest), render_categories(digest), *render_missing(digest.days)])


def render_missing(days: Iterable[Day]) -> list[str]:
    """Return the note that the posts of some days lack sources, as [] or one text: "without Bluesky"."""
    names = dict.fromkeys(name for day in days for name in find_missing(day.front_matter))
    shown = format_list([render_source(name, 24) for name in list(names)[:4]])
    return [say("without {names}", names=shown)] if names else []


def _render_count(digest: Digest) -> str:
    shown, total, days = len(digest.papers), max(digest.total, len(digest.papers)), len(digest.days)
    has_more_days = days > 1 or digest.is_catch_up
    if shown == total:
        count = say_count(shown, "{n} paper", "{n} papers")
    elif has_more_days:
        count = say("top {shown} of {total}", shown=shown, total=format_integer(total))
    else:
        count = say("Top {shown} of {total}", shown=shown, total=format_integer(total))
    if digest.is_catch_up:
        return say_count(days, "Catch-up over {n} post · {papers}", "Catch-up over {n} posts · {papers}", papers=count)
    return say("{days} posts · {papers}", days=days, papers=count) if has_more_days else count


def render_reason(digest: Digest) -> str:
    """Return why a digest has no papers, as the end of a sentence: "no new post since Tue 13 Apr 2021"."""
    reason = digest.reason
    if reason is None:
        return ""
    if reason.kind == "no post":
        return say("no new post since {day}", day=format_day(reason.since)) if reason.since else say("no post yet")
    if reason.kind == "empty post":
        return (
            say("the post of {day} has no papers", day=format_day(reason.since)) if reason.since else say("no papers")
        )
    if reason.kind == "no match":
        names = render_categories(digest)
        return say_count(reason.count, "none of {n} paper in {names}", "none of {n} papers in {names}", names=names)
    if reason.kind == "not hot":
        return say_count(reason.count, "the only paper is not hot enough", "none of {n} hot enough")
    return say_count(reason.count, "the only paper already posted", "all {n} papers already posted")


def render_categories(digest: Digest) -> str:
    """Return the digest's choice of categories, harmless: "all of arXiv", "cs.CV, cs.LG"."""
    return format_filter([render_name(name, 24) for name in digest.subscription.categories])

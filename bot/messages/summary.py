"""What a digest is, in a line each: the days, how many papers of which categories, or why there are none."""

from __future__ import annotations

from bot.digest.selection import Digest
from bot.messages.safe import render_name
from bot.messages.wording import format_day, format_filter, format_number_of, format_span


def render_heading(digest: Digest) -> str:
    """Return a digest's name without markdown: "Hot papers · Tue 13 Apr 2021"; several days as a span."""
    if digest.days:
        first, last = min(day.first_day for day in digest.days), max(day.day for day in digest.days)
        return f"Hot papers · {format_span(first, last)}"
    return f"Hot papers · {format_day(digest.papers[0].day)}" if digest.papers else "Hot papers"


def render_summary(digest: Digest) -> str:
    """Return what a digest holds: "Top 10 of 21 · all of arXiv", "Catch-up over 3 posts · top 10 of 63 · cs.CV"."""
    shown, total = len(digest.papers), max(digest.total, len(digest.papers))
    count = f"Top {shown} of {total:,}" if shown < total else format_number_of(shown, "paper")
    if len(digest.days) > 1:
        count = f"Catch-up over {len(digest.days)} posts · {count.lower()}"
    return f"{count} · {render_categories(digest)}"


def render_reason(digest: Digest) -> str:
    """Return why a digest has no papers, as the end of a sentence: "no new post since Tue 13 Apr 2021"."""
    reason = digest.reason
    if reason is None:
        return ""
    if reason.kind == "no post":
        return f"no new post since {format_day(reason.since)}" if reason.since else "no post yet"
    if reason.kind == "empty post":
        return f"the post of {format_day(reason.since)} has no papers" if reason.since else "no papers"
    if reason.kind == "no match":
        return f"none of {format_number_of(reason.count, 'paper')} in {render_categories(digest)}"
    return "the only paper already posted" if reason.count == 1 else f"all {reason.count:,} papers already posted"


def render_categories(digest: Digest) -> str:
    """Return the digest's choice of categories, harmless: "all of arXiv", "cs.CV, cs.LG"."""
    return format_filter([render_name(name, 24) for name in digest.subscription.categories])

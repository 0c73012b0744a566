"""A paper's details: everything about it on one page that always fits. Finding the paper is others' work.

### title                          linked to arXiv
authors · categories by name
abstract                           in full; cut only when it would not fit, and then says so
the posts that made it hot         at most three
its days in the ranking · how its score came about
[arXiv] [PDF]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from discord import ui

from bot.digest.latex import render_readable
from bot.messages.buttons import render_link_button
from bot.messages.figures import format_change, format_formula, format_heat, format_live_counts
from bot.messages.language import format_integer, say, say_count
from bot.messages.limits import TEXT, measure
from bot.messages.message import Message
from bot.messages.rows import (
    URL_LIMIT,
    render_author,
    render_category_id,
    render_link,
    render_title_link,
    take_abstract,
)
from bot.messages.safe import render_link_text, render_name, render_prose
from bot.messages.wording import format_category, format_date, format_moment
from storage.models import Appearance, Mention, Paper

AUTHORS = 10
CATEGORIES = 8
DAYS = 6
_TITLE_LIMIT = 300
_NO_LIMIT = 100_000  # more than what is taken of an abstract can become
# How many posts, and characters of each, from what is wanted to what always leaves room for an abstract.
_POSTS = ((3, 280), (3, 200), (3, 140), (2, 80), (1, 80), (0, 0))
_POSTS_WHEN_CUT, _ABSTRACT_AT_LEAST = 140, 600  # an abstract that is cut anyway takes no more from the posts
_STATUS_URL = re.compile(
    r"https://(?:www\.|mobile\.)?(?:twitter|x)\.com/[A-Za-z0-9_]{1,20}/status/[0-9]{1,20}"
    r"|https://bsky\.app/profile/[A-Za-z0-9._:-]{1,253}/post/[A-Za-z0-9._~-]{1,100}"
)


def render_paper(history: Sequence[Appearance], *, day: date | None = None) -> Message:
    """Return a paper's details from its appearances, newest first, at least one.

    Counts and posts are those of `day` when the paper was in that day's ranking, else the newest.
    """
    shown = next((appearance for appearance in history if appearance.day == day), history[0])
    head, foot = _render_head(shown.paper), _render_foot(history, shown)
    abstract, posts = _choose_body(shown, TEXT - measure(head) - measure(foot))
    children: list[ui.Item[Any]] = [ui.TextDisplay(head), ui.TextDisplay(abstract)]
    if posts:
        children += [ui.Separator(), ui.TextDisplay(posts)]
    children += [ui.Separator(), ui.TextDisplay(foot)]
    if len(shown.paper.abs_url) <= URL_LIMIT:
        children.append(_render_links(shown.paper))
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*children))
    return Message(view=view)


def _render_head(paper: Paper) -> str:
    lines = [
        f"### {render_title_link(paper, _TITLE_LIMIT)}",
        _render_authors(paper),
        "-# " + " · ".join(_render_categories(paper)) if paper.categories else "",
    ]
    return "\n".join(filter(None, lines))


def _render_authors(paper: Paper) -> str:
    """Return up to 10 authors, then "and 37 more on arXiv"."""
    names = ", ".join(filter(None, map(render_author, paper.authors[:AUTHORS])))
    more = len(paper.authors) - AUTHORS
    if more <= 0:
        return names
    link = render_link(say("{n} more on arXiv", n=format_integer(more)), paper)
    return say("{names}, and {more}", names=names, more=link)


def _render_categories(paper: Paper) -> list[str]:
    names = [_render_category(category) for category in paper.categories[:CATEGORIES]]
    more = len(paper.categories) - CATEGORIES
    return [*names, say("{n} more", n=format_integer(more))] if more > 0 else names


def _render_category(category: str) -> str:
    """Return "Machine Learning (cs.LG)", for names repeat between archives; an unknown one as it is printed."""
    name, id = format_category(category), render_category_id(category)
    return id if name == category else f"{render_name(name, 60)} ({id})"


def _choose_body(shown: Appearance, room: int) -> tuple[str, str]:
    """Return the abstract and the posts; posts are cut first, the abstract only when that is not enough."""
    printed = render_prose(render_readable(take_abstract(shown.paper)), _NO_LIMIT)
    abstract = printed or say("The post has no abstract of this paper; its page on arXiv has.")
    for shown_posts, limit in _POSTS:
        posts = _render_mentions(shown.mentions, shown_posts, limit)
        left = room - measure(posts)
        if measure(abstract) <= left:
            return abstract, posts
        if limit <= _POSTS_WHEN_CUT and left >= _ABSTRACT_AT_LEAST:
            break
    return _cut_abstract(shown.paper, left), posts


def _cut_abstract(paper: Paper, room: int) -> str:
    """Return as much of an abstract as fits `room`, and where the rest is.

    What makes text harmless may make it longer, and some letters measure two: a first cut can be too long.
    """
    readable, rest = render_readable(take_abstract(paper)), _render_cut(paper)
    limit = room = room - measure(rest)
    text = render_prose(readable, limit)
    while measure(text) > room and limit > 1:
        limit = max(limit - (measure(text) - room), 1)
        text = render_prose(readable, limit)
    return text + rest


def _render_cut(paper: Paper) -> str:
    return "\n" + say("-# cut to fit; {link}", link=render_link(say("the whole abstract is on arXiv"), paper))


def _render_mentions(mentions: Sequence[Mention], count: int, limit: int) -> str:
    """Return the first posts, each with who wrote it, and how many more there are; "" without any."""
    posts = [_render_mention(mention, limit) for mention in mentions[:count]]
    more = len(mentions) - count
    if more > 0:
        left_out = say_count(more, "-# {n} post not shown", "-# {n} posts not shown")
        posts.append(f"-# {say('{n} more', n=format_integer(more))}" if posts else left_out)
    return "\n".join(posts)


def _render_mention(mention: Mention, limit: int) -> str:
    author = render_link_text(mention.author or say("someone"), 50)
    # A link only to what is surely one post: the address comes from the same file as the words do.
    who = f"[{author}]({mention.url})" if _STATUS_URL.fullmatch(mention.url) else author
    handle = f"@{render_name(mention.handle, 30)}" if mention.handle else ""
    when = format_date(mention.date) if mention.date else ""
    quote = render_prose(mention.text, limit, lines=True)
    lines = [f"> {line}" for line in quote.splitlines() if line.strip()]
    return "\n".join([" · ".join(filter(None, (f"**{who}**", handle, when))), *lines])


def _render_foot(history: Sequence[Appearance], shown: Appearance) -> str:
    if shown.is_live:
        return "\n".join([*_render_history(history), *_render_live(shown)])
    published = say(", as published {moment}", moment=format_moment(shown.observed_at)) if shown.observed_at else ""
    lines = [
        *_render_history(history),
        say("-# score {formula}", formula=render_name(format_formula(shown), 160)) + published,
    ]
    if shown.count("retweets") is not None:
        lines.append(
            say("-# the source counts a post every time it finds it: the score ranks papers, it is no head count")
        )
    return "\n".join(lines)


def _render_live(shown: Appearance) -> list[str]:
    """Return the counts of a live score, how they make it, and what it says."""
    counted = say(", counted {moment}", moment=format_moment(shown.observed_at)) if shown.observed_at else ""
    lines = [
        f"-# {render_name(format_live_counts(shown), 200)}{counted}",
        say("-# score {formula}", formula=render_name(format_formula(shown), 160)),
        say("-# each number is how rare so much is at its source: 1 is one paper in ten, 2 one in a hundred"),
    ]
    if shown.breakdown and shown.breakdown.is_provisional:
        lines.append(say("-# provisional: a source has too few papers yet to compare with"))
    return lines


def _render_history(history: Sequence[Appearance]) -> list[str]:
    """Return the paper's days in the ranking, newest first, each with what changed since the one before."""
    lines = [_render_return(later, earlier) for later, earlier in pairwise(history)]
    lines.append(_render_place(history[-1]))
    more = len(lines) - DAYS
    earlier = say_count(more, "and {n} earlier day", "and {n} earlier days")
    return [*lines[:DAYS], earlier] if more > 0 else lines


def _render_return(later: Appearance, earlier: Appearance) -> str:
    """Return a day on which a paper came back, with what changed where that can be said: not between two scales."""
    place = _render_place(later)
    if later.is_live or earlier.is_live:
        return say("{place}, back", place=place)
    return say("{place}, back with {change}", place=place, change=format_change(later.score - earlier.score))


def _render_place(appearance: Appearance) -> str:
    return say(
        "#{rank} on {date} · {score}",
        rank=appearance.rank,
        date=format_date(appearance.day),
        score=format_heat(appearance.score, appearance.breakdown),
    )


def _render_links(paper: Paper) -> ui.ActionRow[Any]:
    buttons = [render_link_button("arXiv", paper.abs_url)]
    if paper.pdf_url:
        buttons.append(render_link_button("PDF", paper.pdf_url))
    return ui.ActionRow(*buttons)

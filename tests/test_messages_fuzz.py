"""Whatever strangers write: every message fits Discord's limits, and nothing in it acts.

HOTPAPERS_FUZZ says how many examples of each kind are tried.
"""

from __future__ import annotations

import os
from datetime import date

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.messages.digest import render_parts
from bot.messages.message import Message
from bot.messages.paper import render_paper
from bot.messages.rankings import render_day, render_search, render_top
from bot.messages.terminal import render_digest_text
from storage.models import Appearance, Mention, Paper
from tests.discord_rules import find_live_markup, find_violations, get_texts
from tests.papers import DAY, make_day, make_digest

PIECES = st.sampled_from(
    [
        *(
            "@everyone",
            "@here",
            "<@1>",
            "<@&2>",
            "<#3>",
            "<:a:4>",
            "<t:5:R>",
            "</top:6>",
            "<id:home>",
            "||",
            "```",
            "`",
        ),
        *(
            "**",
            "*",
            "__",
            "_",
            "~~",
            "~",
            "[",
            "](",
            ")",
            "](https://evil.example)",
            "https://evil.example",
            "http://",
        ),
        *(
            "hxxp://",
            "<https://evil.example>",
            "<a@evil.example>",
            "discord.gg/x",
            "\\",
            "\\\\",
            "$",
            "$x^2$",
            "\\alpha",
        ),
        *(
            "{\\em x}",
            "\\url{https://evil.example}",
            "\n",
            "\n# ",
            "\n- ",
            "\n> ",
            "\n>>> ",
            "\n-# ",
            "\n1. ",
            "\r",
            "\t",
        ),
        *(
            "\u202e",
            "\u2066",
            "\u200b",
            "\u200d",
            "\ufeff",
            "\x00",
            "\x1b[2J",
            "e" + "\u0301" * 40,
            "😀",
            "👩‍👩‍👧",
            "🇩🇪",
        ),
        *("漢字", "ﷺ", "𝔸", "\ud800", "w" * 300, "a b " * 200, "graph", " ", "(", "%", "&lt;@1&gt;", "＠everyone"),
    ]
)
HOSTILE = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=30).map("".join)
COUNTS = st.integers(0, 10**12)
DAYS = st.dates(date(1991, 8, 1), date(2999, 12, 31))
IDS = st.sampled_from(["2104.04767", "0704.0001", "math/0309136", "cond-mat.dis-nn/0611800", "a" * 900 + "/0309136"])
MENTIONS = st.builds(
    Mention,
    author=HOSTILE,
    handle=HOSTILE,
    url=st.one_of(st.just("https://twitter.com/a/status/1"), HOSTILE),
    date=st.none() | DAYS,
    lang=st.none(),
    text=HOSTILE,
)
PAPERS = st.builds(
    Paper,
    arxiv_id=IDS,
    version=st.none(),
    title=HOSTILE,
    authors=st.lists(HOSTILE, max_size=12).map(tuple),
    categories=st.lists(st.one_of(st.sampled_from(["cs.CV", "astro-ph.CO"]), HOSTILE), max_size=12).map(tuple),
    abstract=HOSTILE,
    has_pdf=st.booleans(),
)
APPEARANCES = st.builds(
    Appearance,
    paper=PAPERS,
    day=DAYS,
    rank=st.integers(1, 999_999),
    observed_at=st.none() | st.datetimes(),
    engagement=st.lists(st.tuples(st.sampled_from(["retweets", "favorites", "up_votes"]), COUNTS), max_size=3).map(
        tuple
    ),
    score=st.floats() | COUNTS.map(float),
    mentions=st.lists(MENTIONS, max_size=5).map(tuple),
)
EXAMPLES = int(os.environ.get("HOTPAPERS_FUZZ", "20"))  # of each kind of message; a long run takes thousands
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking papers takes minutes and helps little
FUZZ = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)


def check(message: Message) -> None:
    """Assert that Discord takes a message and that nothing in it acts."""
    payload = message.to_payload()
    assert find_violations(payload) == []
    assert [found for text in get_texts(payload) for found in find_live_markup(text)] == []


@FUZZ
@given(st.lists(APPEARANCES, max_size=12), st.lists(HOSTILE, max_size=25), st.integers(0, 10**6))
def test_any_digest_fits(papers: list[Appearance], categories: list[str], total: int) -> None:
    """Digests of hostile papers and filters come in parts that fit, with every paper in one of them."""
    digest = make_digest(papers, total=total, categories=categories)
    for message in [part.message for part in render_parts(digest, lambda number: "m" * 22)]:
        check(message)
    render_digest_text(digest, width=40)


@FUZZ
@given(st.lists(APPEARANCES, max_size=12), HOSTILE, HOSTILE, st.integers(1, 99_999), st.booleans())
def test_any_page_fits(papers: list[Appearance], query: str, author: str, page: int, has_more: bool) -> None:
    """Pages of hostile papers, found by hostile words, fit and do nothing."""
    words = ("graph", *query.split())
    check(render_search(query, papers, words=words, author=author, key="k", page=page, has_more=has_more))
    check(render_top(papers, first=DAY, last=DAY, period=query, categories=(author,), key="k", page=page))
    check(render_day(make_day(), papers, page=page, has_more=has_more))


@FUZZ
@given(st.lists(APPEARANCES, min_size=1, max_size=9), st.integers(1, 40))
def test_any_details_fit(history: list[Appearance], times: int) -> None:
    """Details of hostile papers, many times longer than any real one, fit and do nothing."""
    check(render_paper(history))
    check(render_paper(history * times, day=history[-1].day))

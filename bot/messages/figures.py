"""Numbers as people read them, in the language being spoken: compact counts, exact ones, changes, and how a
score came about, a published one or a live one.
"""

from __future__ import annotations

import math
from functools import lru_cache

from bot.digest.counts import format_line
from bot.digest.heat import TOP_PERCENT, WEIGHTS, find_top_percent, get_short
from bot.messages.language import format_digits, get_language, say
from storage.models import Appearance, Breakdown

_BILLION, _MILLION, _THOUSAND = 1_000_000_000, 1_000_000, 1_000
_UP = 0.9995  # 999,500 and more reads 1M, not 1000k

_TOO_LONG = 1e15  # from here on a number is written 1e+15: it is a mistake, and its digits would fill a page


def format_count(value: float) -> str:
    """Return a count in at most five characters: 847, 6.8k, 11.3k, 124k, 1.2M; a dash for what is no number."""
    if not math.isfinite(value):
        return "–"
    if value < 0:
        return "−" + format_count(-value)
    if value >= _TOO_LONG:
        return f"{value:.0e}"
    if value >= _BILLION * _UP:
        return say("{number}B", number=format_tenths(value / _BILLION))
    if value >= _MILLION * _UP:
        return say("{number}M", number=format_tenths(value / _MILLION))
    if value >= _THOUSAND * _UP:
        return say("{number}k", number=format_tenths(value / _THOUSAND))
    return format_tenths(value)


def format_tenths(value: float) -> str:
    """Return a number with one decimal below 100 unless that is a zero: 11.3, 12, 124."""
    if value >= 99.95:
        return format_digits(f"{value:,.0f}")
    return format_digits(f"{value:.1f}".removesuffix(".0"))


def format_exact(value: float) -> str:
    """Return a number with every digit and thousands separated: 11,313; one decimal at most."""
    if not math.isfinite(value):
        return "–"
    if abs(value) >= _TOO_LONG:
        return f"{value:.0e}"
    return format_digits(f"{value:,.1f}".removesuffix(".0").replace("-", "−"))


def format_change(value: float) -> str:
    """Return a difference with its sign: +412, −30, +1.2k."""
    return format_count(value) if value < 0 else "+" + format_count(value)


def format_heat(score: float, breakdown: Breakdown | None = None) -> str:
    """Return how hot a paper is in a few words: "11.3k" of a published score, "hf 41 ▲ top 4 %, hn 120" of a live one.

    A live score, which has a breakdown, says nothing by itself; its sources do, the one that counts most first.
    """
    parts = breakdown.parts if breakdown else ()
    if not parts:
        return format_count(score)
    texts = [f"{get_short(part.source)} {format_count(part.count)}" for part in parts]
    percent = find_top_percent(parts[0])
    if percent <= TOP_PERCENT:
        texts[0] += say(" ▲ top {percent} %", percent=format_tenths(percent))
    return ", ".join(texts)


def format_live(appearance: Appearance) -> str:
    """Return a live score in full: "1.65 = 1.40 (hf 41) + 0.3 × 0.83 (hn 120)"; "" for a published one."""
    breakdown = appearance.breakdown
    if breakdown is None or not breakdown.parts:
        return ""
    terms = [
        f"{format_digits(f'{part.heat:.2f}')} ({get_short(part.source)} {format_exact(part.count)})"
        for part in breakdown.parts
    ]
    weight = format_digits(f" + {WEIGHTS.others:g} × ")
    return f"{format_digits(f'{appearance.score:.2f}')} = {weight.join(terms)}"


def format_live_counts(appearance: Appearance) -> str:
    """Return all live counts: "bluesky: 12 reposts, 80 likes (5 posts) · hf: 41 upvotes"."""
    return " · ".join(format_line(appearance.engagement, format_exact, format_metric))


def format_formula(appearance: Appearance) -> str:
    """Return how a score came about: "11,313 = 11,274 retweets + 39 favorites".

    A score that is not the sum of its counts is given beside them: "7.5 (30 upvotes, 2 comments)".
    """
    if appearance.is_live:
        return format_live(appearance)
    counts = [f"{format_exact(value)} {format_metric(metric)}" for metric, value in appearance.engagement]
    score = format_exact(appearance.score)
    if not counts:
        return score
    if sum(value for _, value in appearance.engagement) == appearance.score:
        return f"{score} = {' + '.join(counts)}"
    return f"{score} ({', '.join(counts)})"


def format_metrics(appearances: tuple[Appearance, ...]) -> str:
    """Return what the figure beside each paper adds up: "retweets + favorites", or "score as published".

    Live ones are counts by source, and how rare the first is there.
    """
    live = {appearance.is_live for appearance in appearances}
    if live == {True}:
        return say("counts by source, ▲ its share of 90 days")
    if len(live) > 1:
        return say("retweets + favorites, or live counts")
    metrics = {tuple([metric for metric, _ in appearance.engagement]) for appearance in appearances}
    if len(metrics) != 1 or () in metrics:
        return say("score as published")
    return _format_sum(metrics.pop(), get_language())


@lru_cache(maxsize=32)  # sources count few things; the language spoken is there to tell them apart
def _format_sum(metrics: tuple[str, ...], language: str) -> str:
    return " + ".join(map(format_metric, metrics))


def format_metric(metric: str) -> str:
    """Return what a source counted in the reader's words; as the source names it where we have none."""
    known = {
        "retweets": say("retweets"),
        "favorites": say("favorites"),
        "upvotes": say("upvotes"),
        "comments": say("comments"),
        "comment": say("comment"),
        "upvote": say("upvote"),
        "points": say("points"),
        "point": say("point"),
        "likes": say("likes"),
        "like": say("like"),
        "reposts": say("reposts"),
        "repost": say("repost"),
        "quotes": say("quotes"),
        "quote": say("quote"),
        "posts": say("posts"),
        "post": say("post"),
    }
    return known.get(metric, metric)

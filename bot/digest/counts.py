"""The lines of a paper that say how hot it is: read into counts, score and time, and written back.

    - retweets: 11274, favorites: 39 (04/14/2021 11:53:41)                      as published until 2022
    - bluesky: 12 reposts, 80 likes (5 posts) | hf: 41 upvotes | hn: 120 points, 44 comments (2026-11-20T21:00:00Z)
    - hot: 1.6481 (hf 41 ▲ top 4 %, hn 120; 1.3979 + 0.3 × 0.8339; weights 1)   live counts, and their score

The score of live counts cannot be worked out from them, since it depends on what other papers had, so it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from bot.digest.heat import BLUESKY, METRICS, SHORT, WEIGHTS, estimate, format_parts, get_short
from bot.digest.ranking import add_counts
from storage.models import Appearance, Breakdown, Part

# What the line of counts begins with.
MARKS = ("- retweets:", *(f"- {short}:" for short in SHORT.values()))
HOT = "- hot:"
_TIME = "%m/%d/%Y %H:%M:%S"
_ISO = "%Y-%m-%dT%H:%M:%SZ"
_PUBLISHED = re.compile(r"- retweets: ([0-9]{1,12}), favorites: ([0-9]{1,12})(?: \((.*)\))?\s*")
_TIME_PARTS = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\s+([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})")
_COUNT = r"[0-9]{1,12} [a-z]+"
_SOURCE = rf"[a-z]+: {_COUNT}(?:, {_COUNT})*(?: \([0-9]{{1,12}} posts?\))?"
_LIVE = re.compile(rf"- ({_SOURCE}(?: \| {_SOURCE})*)(?: \(([0-9]{{4}}-[^()]*)\))?\s*")
_COUNTS = re.compile(r"([0-9]+) ([a-z]+)")
_HEAT = r"[0-9]\.[0-9]{4}"
_HOT = re.compile(
    rf"- hot: ([0-9]{{1,2}}\.[0-9]{{4}}) \(([^;()]+); ({_HEAT}(?: \+ [0-9.]{{1,8}} × {_HEAT})*); "
    r"weights ([0-9]{1,6})(, provisional)?\)\s*"
)
_PART = re.compile(r"([a-z]+) ([0-9]{1,12})(?: ▲ top [0-9.]{1,5} %)?")
_SOURCES = {short: source for source, short in SHORT.items()}


class Counts(NamedTuple):  # one for every paper of every post, and a tuple is made three times as fast
    """What a paper's lines say: counts as (metric, value) pairs, when they were counted, the score and its parts."""

    engagement: tuple[tuple[str, int], ...]
    observed_at: datetime | None
    score: float
    breakdown: Breakdown | None = None


def parse_counts(line: str) -> Counts | None:
    """Read a line of counts, published or live; None when it is damaged. A live score is estimated from it."""
    if published := _PUBLISHED.fullmatch(line):
        return make_published(published[1], published[2], published[3])
    live = _LIVE.fullmatch(line)
    if live is None:
        return None
    try:
        engagement = tuple(_parse_live(live[1]))
    except ValueError:
        return None
    heat = estimate(engagement) if len(dict(engagement)) == len(engagement) else None
    return Counts(engagement, _parse_iso(live[2]), heat.score, heat.breakdown) if heat else None


def make_published(retweets: str, favorites: str, time: str | None) -> Counts:
    """Return published counts, whose sum is the score, given as they are printed."""
    pairs = (("retweets", int(retweets)), ("favorites", int(favorites)))
    return Counts(pairs, _parse_time(time), add_counts(pairs))


def _parse_live(text: str) -> Iterator[tuple[str, int]]:
    """Yield the counts of all sources; ValueError for a source or a count that is not known."""
    for part in text.split(" | "):
        short, _, counts = part.partition(": ")
        if short not in _SOURCES:
            raise ValueError(short)
        source = _SOURCES[short]
        names = (*METRICS[source], "posts") if source == BLUESKY else METRICS[source]
        for value, word in _COUNTS.findall(counts):
            yield f"{source}.{_find_name(word, names)}", int(value)


def _find_name(word: str, names: tuple[str, ...]) -> str:
    """Return which metric a word names, in the singular too."""
    return names[names.index(word if word in names else f"{word}s")]


@lru_cache(maxsize=256)  # papers of a post tend to share it
def _parse_time(text: str | None) -> datetime | None:
    """Read a time in `_TIME`; strptime, which takes seven times as long, is left out."""
    parts = _TIME_PARTS.fullmatch(text or "")
    if not parts:
        return None
    month, day, year, hour, minute, second = map(int, parts.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _parse_iso(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", _ISO).replace(tzinfo=UTC)
    except ValueError:
        return None


def parse_score(line: str) -> tuple[float, Breakdown] | None:
    """Read the line of a live score; None when it is damaged."""
    match = _HOT.fullmatch(line)
    parts = [_PART.fullmatch(part) for part in match[2].split(", ")] if match else []
    if match is None or not all(part and part[1] in _SOURCES for part in parts):
        return None
    heats = re.findall(_HEAT, match[3])
    if len(heats) != len(parts):
        return None
    made = [Part(_SOURCES[part[1]], int(part[2]), float(heat)) for part, heat in zip(parts, heats, strict=True) if part]
    return float(match[1]), Breakdown(int(match[4]), tuple(made), bool(match[5]))


def format_counts(appearance: Appearance) -> str:
    """Write a paper's counts, and the score under them where they are live, as lines without an end."""
    if appearance.breakdown is None:
        time = f" ({appearance.observed_at:{_TIME}})" if appearance.observed_at else ""
        return f"- {', '.join(f'{metric}: {value}' for metric, value in appearance.engagement)}{time}"
    time = f" ({appearance.observed_at:{_ISO}})" if appearance.observed_at else ""
    counts = " | ".join(format_line(appearance.engagement))
    return f"- {counts}{time}\n{_format_score(appearance.score, appearance.breakdown)}"


def format_line(
    engagement: Iterable[tuple[str, int]], number: Callable[[float], str] = str, word: Callable[[str], str] = str
) -> list[str]:
    """Write live counts, a text for each source: "bluesky: 12 reposts, 80 likes (5 posts)".

    `number` writes a count and `word` what is counted, given in English, one or many.
    """
    sources: dict[str, dict[str, str]] = {}
    for name, value in engagement:
        source, _, metric = name.partition(".")
        text = f"{number(value)} {word(metric[:-1] if value == 1 else metric)}"
        sources.setdefault(source, {})[metric] = text
    return [_format_source(source, texts) for source, texts in sources.items()]


def _format_source(source: str, texts: dict[str, str]) -> str:
    posts = f" ({texts.pop('posts')})" if "posts" in texts else ""
    return f"{get_short(source)}: {', '.join(texts.values())}{posts}"


def _format_score(score: float, breakdown: Breakdown) -> str:
    first, *others = (f"{part.heat:.4f}" for part in breakdown.parts)
    heats = "".join(f" + {WEIGHTS.others:g} × {heat}" for heat in others)
    provisional = ", provisional" if breakdown.is_provisional else ""
    return (
        f"{HOT} {score:.4f} ({format_parts(breakdown.parts)}; {first}{heats}; weights {breakdown.version}{provisional})"
    )

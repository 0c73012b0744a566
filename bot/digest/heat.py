"""How hot a paper is from live counts: one score over several sources, each measured against its own papers.

    items of a source ─► engagement e ─► F, its place among the source's papers ─► h = -log10(1 - F), 3 at most
                                                  hot = the largest h + 0.3 × the sum of the others

So a score says how rare such attention is, whatever it is counted in. What a source did not say is missing and is
not zero: it adds nothing. All weights are in one table. Reading the counts and keeping them is left to others.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from storage.models import Breakdown, Part

BLUESKY, HUGGINGFACE, HACKERNEWS = "bluesky", "huggingface", "hackernews"
# The sources that count attention, in the order of a post's line, with their short names there.
SHORT = {BLUESKY: "bluesky", HUGGINGFACE: "hf", HACKERNEWS: "hn"}
# What each counts, in the order printed.
METRICS: Mapping[str, tuple[str, ...]] = {
    BLUESKY: ("reposts", "likes", "quotes"),
    HUGGINGFACE: ("upvotes",),
    HACKERNEWS: ("points", "comments"),
}
_COUNTED: Mapping[str, tuple[str, ...]] = {**METRICS, HACKERNEWS: ("points",)}  # comments are shown, not scored


@dataclass(frozen=True, slots=True)
class Weights:
    """Every number of the score; change one and the version with it.

    `start` holds for each source how hot an engagement is, as (engagement, h), while fewer than `observations` papers
    of the last `days` days are known of it; between two points log(1 + engagement) decides.
    """

    version: int
    most: float  # the largest h of a source: one paper in a thousand
    others: float  # what the sum of the others counts beside the largest
    days: int
    observations: int
    start: Mapping[str, tuple[tuple[float, float], ...]]


# Hugging Face: -log10(1 - mid-rank share) of 9,581 papers of its daily lists, May 2024 to August 2026 (half had 5
# upvotes or fewer, one in ten 29 or more, one in a hundred 77). The other two are rough guesses on the careful side,
# as nothing of the kind is published: links to arXiv are mostly seen by nobody, one in a hundred by very many.
WEIGHTS = Weights(
    version=1,
    most=3.0,
    others=0.3,
    days=90,
    observations=500,
    start={
        HUGGINGFACE: (
            *((0, 0.013), (1, 0.056), (2, 0.117), (3, 0.171), (5, 0.269), (7, 0.352), (10, 0.459), (14, 0.594)),
            *((20, 0.755), (30, 1.025), (41, 1.296), (50, 1.47), (75, 1.988), (100, 2.343), (150, 2.96), (200, 3.0)),
        ),
        HACKERNEWS: ((0, 0.1), (1, 0.3), (3, 0.5), (10, 0.8), (50, 1.1), (100, 1.4), (200, 1.8), (400, 2.4), (1000, 3)),
        BLUESKY: ((0, 0.1), (1, 0.25), (3, 0.45), (10, 0.8), (30, 1.2), (100, 1.8), (300, 2.4), (1000, 3)),
    },
)
VERSION = WEIGHTS.version
_DECIMALS = 4
_MOST_PRINTED = 10**12 - 1  # more is a mistake, and no post could say it


@dataclass(frozen=True, slots=True)
class Counted:
    """One post, story or page of votes about a paper: who made it, and its counts, those that are known."""

    key: str
    metrics: Mapping[str, int]
    author: str = ""


@dataclass(frozen=True, slots=True)
class Heat:
    """A paper's live score, how it came about, and the counts as a post prints them."""

    score: float
    breakdown: Breakdown
    engagement: tuple[tuple[str, int], ...]


Items = Mapping[str, Sequence[Counted]]  # by source


def find_engagement(source: str, items: Iterable[Counted]) -> float | None:
    """Return how much attention a source's items show, None when none of their counts is known.

    Bluesky: likes, reposts and quotes of all posts; where two authors or more posted, one counts for at most half of
    the sum. Hugging Face: upvotes. Hacker News: points, without the one that every story begins with.
    """
    known = _keep_known(source, items)
    if not known:
        return None
    if source == BLUESKY:
        return _add_authors(known)
    if source == HACKERNEWS:
        return float(sum(max(item.metrics["points"] - 1, 0) for item in known))
    return float(max(item.metrics["upvotes"] for item in known))  # one page of votes, whatever days it was listed on


def _add_authors(items: Sequence[Counted]) -> float:
    sums: Counter[str] = Counter()
    for item in items:
        sums[item.author] += sum(item.metrics.get(metric, 0) for metric in _COUNTED[BLUESKY])
    most = sum(sums.values()) / 2 if len(sums) > 1 else math.inf
    return float(sum(min(value, most) for value in sums.values()))


def _keep_known(source: str, items: Iterable[Counted]) -> list[Counted]:
    """Keep the items with a count that is scored, each once: sources tell of one again and again."""
    each = {item.key: item for item in items}
    return [item for item in each.values() if any(metric in item.metrics for metric in _COUNTED[source])]


def list_counts(items: Items) -> tuple[tuple[str, int], ...]:
    """Return the counts of a paper's items as (metric, value) pairs in the order a post prints them.

    A metric is the source's name, a dot and what it counts: bluesky.likes. A sum that nobody said is not there.
    """
    return tuple(pair for source in SHORT for pair in _list_source(source, _keep_known(source, items.get(source, ()))))


def _list_source(source: str, known: Sequence[Counted]) -> list[tuple[str, int]]:
    add = max if source == HUGGINGFACE else sum
    pairs = []
    for metric in METRICS[source]:
        values = [item.metrics[metric] for item in known if metric in item.metrics]
        if values and (metric != "quotes" or any(values)):  # most posts are quoted by nobody
            pairs.append((f"{source}.{metric}", min(max(add(values), 0), _MOST_PRINTED)))
    return [*pairs, (f"{source}.posts", len(known))] if pairs and source == BLUESKY else pairs


def find_share(engagement: float, population: Sequence[float]) -> float:
    """Return F, the share of a source's papers with less engagement, those with as much counting half.

    `population` is sorted, of the papers in the last `WEIGHTS.days` days, the paper itself among them, not empty.
    """
    return (bisect_left(population, engagement) + bisect_right(population, engagement)) / 2 / len(population)


def find_heat(source: str, engagement: float, population: Sequence[float]) -> tuple[float, bool]:
    """Return h, from 0 to 3, and whether it is provisional: read off the start curve for want of papers."""
    if len(population) < WEIGHTS.observations:
        return round(_read_curve(WEIGHTS.start[source], engagement), _DECIMALS), True
    left = 1 - find_share(engagement, population)
    heat = WEIGHTS.most if left <= 10**-WEIGHTS.most else min(WEIGHTS.most, -math.log10(left))
    return round(abs(heat), _DECIMALS), False


def _read_curve(curve: Sequence[tuple[float, float]], engagement: float) -> float:
    for (low, cold), (high, hot) in pairwise(curve):
        if engagement < high:
            way = (math.log1p(max(engagement, low)) - math.log1p(low)) / (math.log1p(high) - math.log1p(low))
            return cold + way * (hot - cold)
    return curve[-1][1]


def score(items: Items, populations: Mapping[str, Sequence[float]]) -> Heat | None:
    """Score one paper; None when no source has a count of it.

    `populations` are by source as `find_share` takes them; one that is missing is empty.
    """
    parts, provisional = [], False
    for source in SHORT:
        known = _keep_known(source, items.get(source, ()))
        engagement = find_engagement(source, known)
        if engagement is None:
            continue
        heat, guessed = find_heat(source, engagement, populations.get(source, ()))
        parts.append(Part(source, _find_count(source, known), heat))
        provisional |= guessed
    if not parts:
        return None
    ranked = tuple(sorted(parts, key=lambda part: -part.heat))
    return Heat(add_parts(ranked), Breakdown(VERSION, ranked, provisional), list_counts(items))


def _find_count(source: str, known: Sequence[Counted]) -> int:
    """Return the count by which people know a source: upvotes, points, all that was done to posts."""
    pairs = dict(_list_source(source, known))
    return sum(pairs.get(f"{source}.{metric}", 0) for metric in _COUNTED[source])


def add_parts(parts: Iterable[Part]) -> float:
    """Return the score of its parts: the hottest, and 0.3 of each other."""
    heats = sorted((part.heat for part in parts), reverse=True)
    return round(heats[0] + WEIGHTS.others * sum(heats[1:]), _DECIMALS)


def estimate(engagement: Iterable[tuple[str, int]]) -> Heat | None:
    """Score a paper from printed counts alone, by the start curves; None when none of them is live."""
    metrics: dict[str, dict[str, int]] = {source: {} for source in SHORT}
    for name, value in engagement:
        source, _, metric = name.partition(".")
        if metric in METRICS.get(source, ()):
            metrics[source][metric] = value
    items = {source: [Counted(source, values)] for source, values in metrics.items()}
    return score(items, {})


def get_short(source: str) -> str:
    """Return the short name of a source: hf; one that is not known as it is."""
    return SHORT.get(source, source)


def find_top_percent(part: Part) -> float:
    """Return the share of a source's papers that are at least as hot, in percent: 4, or 0.3 below one."""
    percent = 100 * 10**-part.heat
    return float(round(percent)) if percent >= 1 else max(round(percent, 1), 0.1)


TOP_PERCENT = 50  # beyond, there is nothing to boast of


def format_parts(parts: Sequence[Part]) -> str:
    """Write what a score is made of: "hf 41 ▲ top 4 %, hn 120", the source that counts most first."""
    texts = [f"{get_short(part.source)} {part.count}" for part in parts]
    if parts and (percent := find_top_percent(parts[0])) <= TOP_PERCENT:
        texts[0] += f" ▲ top {percent:g} %"
    return ", ".join(texts)

"""Scores every paper of a day from what was just counted, measured against what its sources had in 90 days.

    items by paper ─┐
                    ├─► digest.heat ─► Score, hottest first
    populations ────┘   (trailing 90 days of each source, out of the store)

A source that is missing is in neither: missing is not zero. Keeping the scores is for `collecting`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.digest.heat import SHORT, WEIGHTS, Counted, find_engagement, score
from bot.sources.source import Item, Reading
from storage.live_models import Score
from storage.observations import Counts
from storage.store import Store

ByPaper = dict[str, list[Counted]]


async def find_scores(
    store: Store, readings: Mapping[str, Reading], since: datetime, until: datetime, now: datetime
) -> list[Score]:
    """Score all papers that something made from `since` to `until` is about, as counted in these readings."""
    counted = {
        source: group_items(item for item in readings[source].items if _is_within(item, since, until))
        for source in SHORT
        if source in readings
    }
    populations = {source: await find_population(store, source, until, now) for source in counted}
    return await asyncio.to_thread(score_papers, counted, populations, now)


async def find_population(store: Store, source: str, until: datetime, now: datetime) -> list[float]:
    """Return how much attention each paper of a source found in the 90 days before, sorted."""

    def measure(items: Sequence[Counts]) -> float | None:
        return find_engagement(source, [Counted(one.key, one.metrics, one.author) for one in items])

    found = await store.observations.measure(source, until - timedelta(days=WEIGHTS.days), now, measure)
    return sorted(value for value in found if value is not None)


def group_items(items: Iterable[Item]) -> ByPaper:
    """Return what was counted by the paper it is about; an item may be about several."""
    by_paper: ByPaper = defaultdict(list)
    for item in items:
        for arxiv_id in item.arxiv_ids:
            by_paper[arxiv_id].append(Counted(item.key, item.metrics, item.author))
    return dict(by_paper)


def score_papers(
    counted: Mapping[str, ByPaper], populations: Mapping[str, Sequence[float]], now: datetime
) -> list[Score]:
    """Score papers, hottest first; those without a count have no score."""
    scores = []
    for arxiv_id in {arxiv_id for of_source in counted.values() for arxiv_id in of_source}:
        items = {source: of_source[arxiv_id] for source, of_source in counted.items() if arxiv_id in of_source}
        if heat := score(items, populations):
            scores.append(Score(arxiv_id, heat.score, heat.breakdown, heat.engagement, now))
    return sorted(scores, key=lambda one: (-one.score, one.arxiv_id))


def _is_within(item: Item, since: datetime, until: datetime) -> bool:
    """Tell whether an item was made in a time; one that does not say when it was is."""
    return item.created_at is None or since <= item.created_at <= until

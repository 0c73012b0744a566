"""Chooses a digest for one subscription from the editions it is due; what it was given before is left out.

editions ─► matching the filters ─► best appearance each ─► not given before ─► the first `count`
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.digest.ranking import choose_best
from bot.digest.taxonomy import find_topics
from storage.models import Appearance, Day, Edition, Subscription


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a digest has no papers: nothing is due since a day, the posts are empty, none of `count`
    papers matches the filters, or all `count` that match were given before.
    """

    kind: Literal["no post", "empty post", "no match", "all given"]
    count: int = 0
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """What one subscription gets: the days covered (oldest first) and the papers in the order shown.

    `total` counts the papers of those days that match the filters, given before or not; `reason` says why
    `papers` is empty and is None when it is not.
    """

    subscription: Subscription
    days: tuple[Day, ...]
    papers: tuple[Appearance, ...]
    total: int
    reason: Reason | None = None


def choose_digest(
    subscription: Subscription, editions: Sequence[Edition], given: Container[str], newest: date | None = None
) -> Digest:
    """Choose the hottest papers that the subscription's target has not been given by any of its digests.

    `editions` are those due; `given` holds arXiv ids; `newest` is the newest day known, for the reason.
    """
    days = tuple(sorted((edition.day for edition in editions), key=lambda day: day.day))
    everything = choose_best([paper for edition in editions for paper in edition.papers])
    matching = [paper for paper in everything if _matches(paper, subscription.categories)]
    fresh = [paper for paper in matching if paper.paper.arxiv_id not in given]
    papers = tuple(fresh[: subscription.count])
    reason = None if papers else _find_reason(days, len(everything), len(matching), newest)
    return Digest(subscription, days, papers, len(matching), reason)


def _matches(paper: Appearance, categories: Sequence[str]) -> bool:
    return not categories or not set(categories).isdisjoint(find_topics(paper.paper.categories))


def _find_reason(days: Sequence[Day], papers: int, matching: int, newest: date | None) -> Reason:
    if not days:
        return Reason("no post", since=newest)
    if not papers:
        return Reason("empty post", since=days[-1].day)
    return Reason("all given", matching) if matching else Reason("no match", papers)

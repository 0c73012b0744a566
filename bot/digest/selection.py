"""Chooses a digest for one subscription from the editions it is due; what it was given before is left out.

editions ─► best appearance each ─► in the categories ─► hot enough ─► not given before ─► the first `count`
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Literal

from bot.digest.ranking import Place, choose_best_of, find_places
from bot.digest.taxonomy import find_topics
from storage.models import Appearance, Day, Edition, Subscription


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a digest has no papers: nothing is due since a day, the posts are empty, none of `count`
    papers is in the categories, none of the `count` that are is hot enough, or all `count` that match
    were given before.
    """

    kind: Literal["no post", "empty post", "no match", "not hot", "all given"]
    count: int = 0
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """What one subscription gets: the days covered (oldest first) and the papers in the order shown.

    `total` counts the papers of those days that match the filters, given before or not; `reason` says why
    `papers` is empty and is None when it is not. `is_catch_up`: it should have come earlier.
    """

    subscription: Subscription
    days: tuple[Day, ...]
    papers: tuple[Appearance, ...]
    total: int
    reason: Reason | None = None
    is_catch_up: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """What all subscriptions with the same days and filters choose from: the papers that match, hottest first.

    `days` are those covered, oldest first, `ids` the papers' arXiv ids; `found` and `matching` count the papers there,
    and in the categories.
    """

    days: tuple[Day, ...]
    papers: tuple[Appearance, ...]
    ids: tuple[str, ...]
    found: int
    matching: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """The papers of some days (oldest first), each once and hottest first; where each stood in its day; its topics."""

    days: tuple[Day, ...]
    papers: tuple[Appearance, ...]
    places: tuple[Place, ...]
    topics: tuple[frozenset[str], ...]


def choose_digest(
    subscription: Subscription,
    editions: Sequence[Edition],
    given: Set[str],
    newest: date | None = None,
    *,
    share: float | None = None,
) -> Digest:
    """Choose the hottest papers that the subscription's target has not been given by any of its digests.

    `editions` are those due; `given` holds arXiv ids; `newest` is the newest day known, for the reason;
    `share` is the part of each day's papers that is hot enough, 0.25 for the top quarter, None when every one is.
    """
    return choose_from(find_pool(editions, subscription.categories, share), subscription, given, newest)


def find_pool(editions: Sequence[Edition], categories: Sequence[str], share: float | None = None) -> Pool:
    """Return what there is to choose from: papers in the categories, among the hottest `share` of their own days.

    It is a place and no score, so that it means the same whatever a day's scores are counted in.
    """
    return pick_pool(make_shelf(editions), categories, share)


def make_shelf(editions: Sequence[Edition]) -> Shelf:
    """Return the papers of some days, each as it was hottest."""
    days = tuple(sorted((edition.day for edition in editions), key=lambda day: day.day))
    places = find_places(editions)
    papers = tuple(choose_best_of(editions, places))
    return Shelf(
        days,
        papers,
        tuple([places[paper.day, paper.paper.arxiv_id] for paper in papers]),
        tuple([frozenset(find_topics(paper.paper.categories)) for paper in papers]),
    )


def pick_pool(shelf: Shelf, categories: Sequence[str], share: float | None = None) -> Pool:
    """Return what there is to choose from on a shelf, as `find_pool` does."""
    wanted, rows = frozenset(categories), zip(shelf.papers, shelf.places, shelf.topics, strict=True)
    matching = [(paper, place) for paper, place, topics in rows if not wanted or not wanted.isdisjoint(topics)]
    hot = tuple([paper for paper, place in matching if share is None or place.is_within(share)])
    ids = tuple([paper.paper.arxiv_id for paper in hot])
    return Pool(shelf.days, hot, ids, len(shelf.papers), len(matching))


def choose_from(
    pool: Pool,
    subscription: Subscription,
    given: Set[str],
    newest: date | None = None,
    *,
    is_catch_up: bool = False,
) -> Digest:
    """Choose from a pool as `choose_digest` does from editions."""
    papers = pool.papers[: subscription.count]
    if not given.isdisjoint(pool.ids[: subscription.count]):
        fresh = (paper for paper, arxiv_id in zip(pool.papers, pool.ids, strict=True) if arxiv_id not in given)
        papers = tuple(islice(fresh, subscription.count))
    hot = len(pool.papers)
    reason = None if papers else _find_reason(pool.days, (pool.found, pool.matching, hot), newest)
    return Digest(subscription, pool.days, papers, hot, reason, is_catch_up)


def _find_reason(days: Sequence[Day], counts: tuple[int, int, int], newest: date | None) -> Reason:
    """Return which step left nothing; `counts` are of the papers there, those in the categories, and the hot ones."""
    papers, matching, hot = counts
    if not days:
        return Reason("no post", since=newest)
    if not papers:
        return Reason("empty post", since=days[-1].day)
    if not matching:
        return Reason("no match", papers)
    return Reason("all given", hot) if hot else Reason("not hot", matching)

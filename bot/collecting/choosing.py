"""Chooses the papers of a post from what is known of them; pure, asking and keeping are elsewhere.

scored, hottest first ─► printed before, withdrawn, replaced, other categories, without a title: left out
                      ─► announced in the last 7 days ─► hot, 30 at most; where they are fewer than 3, the best 3
                      ─► announced before ─► hot: a section of its own
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.digest import calendar
from bot.sources.freshness import rank_identifier
from storage.live_models import Announcement, Score
from storage.models import Paper

HOT = 1.0  # one paper in ten of the source it is hottest at
MOST, LEAST, MOST_OLDER = 30, 3, 10  # papers of a post; the last in the section of older ones
DAYS = 7  # of announcements that a post is made of: people find a paper a median of two days late, one in ten six


@dataclass(frozen=True, slots=True)
class Window:
    """The announcements that a post is about: those in the evenings from `since` to `until` (US Eastern)."""

    since: date
    until: date

    @classmethod
    def before(cls, day: date) -> Window:
        """Return the window that ends with the announcement of a day."""
        return cls(day - timedelta(days=DAYS - 1), day)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of papers by id: their texts, when they were announced, which are out of the question.

    `new` and `crossed` are the days of arXiv's announcements since the window began, `before` are those announced
    earlier; `replaced` were announced as nothing but replacements; `submitted` is when the first version came.
    `newest_before` is the greatest id that arXiv had announced before the window, None when none is known.
    """

    papers: Mapping[str, Paper] = field(default_factory=dict)
    new: Mapping[str, date] = field(default_factory=dict)
    crossed: Mapping[str, date] = field(default_factory=dict)
    before: Collection[str] = frozenset()
    replaced: Collection[str] = frozenset()
    submitted: Mapping[str, datetime] = field(default_factory=dict)
    withdrawn: Collection[str] = frozenset()
    printed: Collection[str] = frozenset()
    newest_before: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The papers of a post, hottest first: those of the last days, and older ones."""

    recent: tuple[Score, ...] = ()
    older: tuple[Score, ...] = ()


def choose(scores: Sequence[Score], known: Known, window: Window, categories: Collection[str]) -> Chosen:
    """Choose from scores, hottest first; papers of no category at all are taken, since nobody knows theirs."""
    usable = [one for one in scores if _is_usable(one.arxiv_id, known, categories)]
    places = [(one, find_place(one.arxiv_id, known, window)) for one in usable]
    recent = [one for one, place in places if place == 0]
    hot = [one for one in recent if one.score >= HOT]
    older = [one for one, place in places if place < 0 and one.score >= HOT]
    return Chosen(tuple((hot if len(hot) >= LEAST else recent[:LEAST])[:MOST]), tuple(older[:MOST_OLDER]))


def is_enough(chosen: Chosen, least_score: float) -> bool:
    """Tell whether papers with scores up to `least_score` can't change what was chosen."""
    return len(chosen.recent) >= MOST or (least_score < HOT and len(chosen.recent) >= LEAST)


def _is_usable(arxiv_id: str, known: Known, categories: Collection[str]) -> bool:
    paper = known.papers.get(arxiv_id)
    if paper is None or not paper.title or arxiv_id in known.withdrawn or arxiv_id in known.printed:
        return False
    return arxiv_id not in known.replaced and (
        not paper.categories or any(name in categories for name in paper.categories)
    )


def find_place(arxiv_id: str, known: Known, window: Window) -> int:
    """Return where a paper's announcement is: in the window (0), before (-1) or after it (1).

    arXiv's announcement of it as new says so; else when it was submitted, when it was announced in another category,
    and at last its id, as ids only grow.
    """
    day = known.new.get(arxiv_id)
    if day is None and arxiv_id in known.before:
        return -1
    if day is None and (submitted := known.submitted.get(arxiv_id)):
        day = calendar.find_submitted(submitted).day
    if day is None:
        day = known.crossed.get(arxiv_id)
    return _compare(day, window) if day else _guess_place(arxiv_id, known, window)


def _compare(day: date, window: Window) -> int:
    return (day > window.until) - (day < window.since)


def _guess_place(arxiv_id: str, known: Known, window: Window) -> int:
    """Place a paper by its id alone: against the greatest one known, else by its month."""
    if known.newest_before:
        return 0 if rank_identifier(arxiv_id) > rank_identifier(known.newest_before) else -1
    year, month, _ = rank_identifier(arxiv_id)
    return 0 if (year, month) >= (window.since.year, window.since.month) else -1


def split_announcements(announcements: Sequence[Announcement]) -> tuple[dict[str, date], dict[str, date], set[str]]:
    """Return when papers were announced as new and in other categories, and which were only replaced.

    The announcements are in the order of their days, as the store has them.
    """
    days: dict[str, dict[str, date]] = {"new": {}, "cross": {}, "replace": {}, "replace-cross": {}}
    for one in announcements:
        days[one.kind].setdefault(one.paper.arxiv_id, one.announced_on)
    replaced = (days["replace"].keys() | days["replace-cross"].keys()) - days["new"].keys() - days["cross"].keys()
    return days["new"], days["cross"], replaced

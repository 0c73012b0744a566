"""Finds out what choosing has to know of the hottest papers: what the store has, and what arXiv says when asked.

    scores, hottest first ─► a hundred ─► ask arXiv ─► keep ─► choose ─► enough? ─► Picked
                              ▲                                            │ no
                              └────────────────────────────────────────────┘

Without arXiv's answer papers are chosen by what announcements and other sources say of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.collecting.choosing import HOT, Chosen, Known, Window, choose, is_enough, split_announcements
from bot.errors import SourceError
from bot.sources.arxiv_query import Found
from storage.candidates import ARXIV
from storage.live_models import Score
from storage.models import Paper
from storage.store import Store

AT_ONCE, MOST_ROUNDS = 100, 5  # papers of a question; questions for a post
_AHEAD = timedelta(days=60)  # what a window that is long past has behind it


class Details(Protocol):
    """Knows papers by id; arXiv's query API is that."""

    async def find(self, arxiv_ids: Iterable[str]) -> Found:
        """Return the records of papers; SourceError when there is no answer at all."""


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen, with the papers' texts by id; `trouble` is why arXiv's details are lacking, "" when not."""

    chosen: Chosen
    papers: Mapping[str, Paper]
    trouble: str = ""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Asked:
    """What arXiv was found to say so far."""

    submitted: dict[str, datetime] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    trouble: str = ""


async def pick(
    store: Store,
    details: Details | None,
    scores: Sequence[Score],
    window: Window,
    categories: Collection[str],
    now: datetime,
) -> Picked:
    """Choose the papers of a post out of scores, hottest first; `details` is None when arXiv is not to be asked."""
    known = await _find_known(store, [one.arxiv_id for one in scores], window)
    left = [one for one in scores if one.arxiv_id not in known.printed and one.arxiv_id not in known.withdrawn]
    asked, chosen = _Asked(), Chosen()
    for end in range(AT_ONCE, (MOST_ROUNDS + 1) * AT_ONCE, AT_ONCE):
        ids = [one.arxiv_id for one in left[:end]]
        if details and not asked.trouble:
            await _ask(store, details, ids[end - AT_ONCE :], asked, now)
        known = replace(
            known,
            papers=await store.candidates.get(ids),
            withdrawn=await store.candidates.withdrawn(ids),
            submitted=asked.submitted,
        )
        chosen = choose(left[:end], known, window, categories)
        if end >= len(left) or is_enough(chosen, left[end].score):
            break
    unknown = [one.arxiv_id for one in left if one.score >= HOT and one.arxiv_id not in known.papers]
    if unknown and len(left) <= end:
        asked.notes.append(f"hot, but left out, since no source says what it is: {', '.join(unknown[:5])}")
    if left and not known.papers:
        asked.trouble = asked.trouble or "no source that was asked knows their titles"
    return Picked(chosen, known.papers, asked.trouble, tuple(asked.notes))


async def _find_known(store: Store, arxiv_ids: Sequence[str], window: Window) -> Known:
    """Return what the store knows of papers, without their texts."""
    candidates = store.candidates
    announced = await candidates.announced(window.since, window.until + _AHEAD)
    new, crossed, _ = split_announcements(announced)
    *_, replaced = split_announcements([one for one in announced if one.announced_on <= window.until])
    first = await candidates.first_days(arxiv_ids)
    return Known(
        new=new,
        crossed=crossed,
        before=frozenset(arxiv_id for arxiv_id, day in first.items() if day < window.since),
        replaced=replaced,
        withdrawn=await candidates.withdrawn(arxiv_ids),
        printed=await candidates.printed(arxiv_ids, window.until),
        newest_before=await candidates.greatest(window.since),
    )


async def _ask(store: Store, details: Details, arxiv_ids: Sequence[str], asked: _Asked, now: datetime) -> None:
    """Ask arXiv about papers and keep what it says; a version is part of no paper's identity."""
    try:
        found = await details.find(arxiv_ids)
    except SourceError as error:
        asked.trouble = str(error)
        return
    records = found.records
    await store.candidates.put(ARXIV, [replace(one.paper, version=None) for one in records.values()], now)
    await store.candidates.withdraw([name for name, one in records.items() if one.is_withdrawn], now)
    asked.submitted |= {name: one.published for name, one in records.items() if one.published}
    asked.notes += found.notes

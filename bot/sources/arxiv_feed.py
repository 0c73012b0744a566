"""arXiv's announcements, from its Atom feeds: small groups of categories, asked in turn, and how far to trust each.

    categories ──► groups ──► ask ──► 304: nothing since       ┌─► full (2,000) or refused: halve the group, ask again
                               └────► feed ────────────────────┤
                                                               └─► fresh? ──► announcements, merged over all feeds
                                                                    └─ a category repeats old ids: left out, noted

A feed of 2,000 entries is cut off, and new papers are what it lacks, since arXiv lists replacements first. What a
feed says is `announced`'s to read; what is remembered from one reading to the next is given in and out, others keep it.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from bot.digest import calendar
from bot.digest.taxonomy import ARCHIVES, CATEGORIES
from bot.digest.zones import get_zone
from bot.errors import SourceError
from bot.sources.announced import Feed, RefusedError, merge_announcements, parse_feed
from bot.sources.feeds import MAX_BYTES
from bot.sources.freshness import FeedMemory, Validator, find_stale, leave_out_stale, remember_feeds
from bot.sources.future import forget_future, refuse_future
from bot.sources.source import Reading
from bot.sources.wire import Pace, Wire
from storage.models import Paper

ARXIV_SECONDS = 3.0  # one request in three seconds, one connection: https://info.arxiv.org/help/api/tou.html
MOST_ENTRIES = 2_000  # of one feed; arxiv-feed, feed/database.py
GROUP_SIZE = 8  # about 1,000 entries on most days; where they are more, a group is halved
ALONE = ("cs.LG", "cs.AI", "cs.CV", "cs.CL")  # hundreds of entries each on any day
MAX_FAILURES = 3  # in a row; the rest is not asked then
_NAME = re.compile(r"[A-Za-z-]{1,12}(?:\.[A-Za-z-]{1,20})?")


@dataclass(slots=True)
class _Round:
    """What has been read so far: feeds by the group they are of, none later than `latest`, and what went wrong."""

    latest: date
    feeds: dict[str, Feed] = field(default_factory=dict)
    unchanged: dict[str, Validator] = field(default_factory=dict)
    validators: dict[str, Validator] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class ArxivFeed:
    """The source named arxiv. `memory` is what it knows of earlier readings; keep it once its Reading is kept."""

    name = "arxiv"

    def __init__(
        self, wire: Wire, base: str, categories: Iterable[str], pace: Pace, memory: FeedMemory | None = None
    ) -> None:
        self._wire, self._base, self._pace = wire, base.rstrip("/"), pace
        self._groups = plan_groups(categories)
        self.memory = memory or FeedMemory()

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return what arXiv's feeds announce now, if it is of these days (US Eastern or UTC, both included).

        A feed that has not changed since the last reading adds nothing; one dated later than tomorrow is refused.
        SourceError when no feed could be read, or all repeat what they announced before.
        """
        latest = max(until, calendar.get_day(now) + timedelta(days=1))
        self.memory = forget_future(self.memory, latest)
        done = await self._ask_all(latest)
        if not done.feeds and not done.unchanged and done.failures:
            raise SourceError(done.failures[0])
        stale = find_stale(done.feeds, self.memory.marks)
        notes = [*done.failures, *done.notes, *(note for feed in done.feeds.values() for note in feed.notes)]
        notes += _explain_stale(stale, done.feeds)
        late = _explain_late(done, now)
        notes += late
        kept = leave_out_stale(done.feeds, stale)
        if stale and not kept and not done.unchanged:
            raise SourceError("; ".join(notes))
        # What was stale or failed is asked for again without a validator.
        validators = {path: one for path, one in done.validators.items() if path not in stale}
        self.memory = remember_feeds(self.memory, done.unchanged | validators, kept)
        reading = _build_reading(kept, since - timedelta(days=1), until, notes)
        return replace(reading, is_partial=bool(done.failures or done.notes or stale or late))

    async def _ask_all(self, latest: date) -> _Round:
        """Ask for every group, those halved that are too large or refused; give up when arXiv does not answer."""
        done, waiting, row = _Round(latest), deque(self._groups), 0
        while waiting:
            group = waiting.popleft()
            halves = [group[: len(group) // 2], group[len(group) // 2 :]] if len(group) > 1 else []
            try:
                is_whole = await self._ask(group, done, can_halve=bool(halves))
                row = 0
            except RefusedError as error:
                is_whole, row = False, 0
                if not halves:
                    done.failures.append(str(error))
            except SourceError as error:
                is_whole, row = True, row + 1
                done.failures.append(str(error))
            if not is_whole:
                waiting.extendleft(reversed(halves))
            if row == MAX_FAILURES and waiting:
                names = "+".join(name for group in waiting for name in group)
                done.failures.append(f"arXiv's feeds of {names} were not asked for, since it does not answer")
                break
        return done

    async def _ask(self, group: Sequence[str], done: _Round, *, can_halve: bool) -> bool:
        """Ask for one feed; return False when it is full and is to be asked for in halves."""
        path = "+".join(group)
        known = self.memory.validators.get(path, Validator())
        asked = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
        answer = await self._wire.get(
            f"{self._base}/atom/{path}",
            headers={name: value for name, value in asked.items() if value},
            pace=self._pace,
            accept=(200, 304, 400),
            limit=MAX_BYTES,
            seconds=60,
        )
        if answer.status == 304:
            done.unchanged[path] = known
            return True
        name = f"arXiv's feed of {path}"
        feed = await asyncio.to_thread(parse_feed, answer.body, name)
        if answer.status == 400:
            raise RefusedError(f"{name} is refused by arXiv; check ARXIV_CATEGORIES")
        if feed.entry_count >= MOST_ENTRIES:
            if can_halve:
                return False
            done.notes.append(f"{name} is cut off at {MOST_ENTRIES:,} entries, so new papers may be missing")
        feed = done.feeds[path] = refuse_future(feed, name, done.latest)
        etag, modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
        if etag or modified:
            done.validators[path] = Validator(etag, modified, feed.day)
        return True


def plan_groups(categories: Iterable[str], size: int = GROUP_SIZE) -> list[tuple[str, ...]]:
    """Return the groups to ask for: archives as their categories, the busiest alone, the others `size` at a time.

    SourceError for what cannot be a category's name; whether it is one, arXiv says.
    """
    names: dict[str, None] = {}
    for category in categories:
        if not _NAME.fullmatch(category):
            raise SourceError(f"arXiv has no category {category[:40]!r}; check ARXIV_CATEGORIES")
        whole = category in ARCHIVES and category not in CATEGORIES
        names |= dict.fromkeys(
            [id for id, one in CATEGORIES.items() if category in one.archives] if whole else [category]
        )
    alone = [(name,) for name in ALONE if name in names]
    rest = [name for name in names if name not in ALONE]
    return alone + [tuple(rest[start : start + size]) for start in range(0, len(rest), size)]


def _explain_stale(stale: Mapping[str, Mapping[str, str]], feeds: Mapping[str, Feed]) -> list[str]:
    return [
        f"arXiv's feed of {path}, dated {feeds[path].day}, repeats what was announced before "
        f"({', '.join(f'{category} up to {newest}' for category, newest in sorted(old.items()))}); "
        "that is left out and asked for again"
        for path, old in stale.items()
    ]


def _explain_late(done: _Round, now: datetime) -> list[str]:
    """Say what is missing of the announcement that the feeds should have since midnight (US Eastern)."""
    today = calendar.get_day(now)
    due = calendar.find_last(datetime.combine(today, time(), get_zone(calendar.EASTERN)))
    days = {path: feed.day for path, feed in done.feeds.items()}
    days |= {path: known.day for path, known in done.unchanged.items()}
    notes = [
        f"arXiv's feed of {path} is still that of {day}" for path, day in days.items() if day and day < due.feed_day
    ]
    is_empty = done.feeds and not done.unchanged and not any(feed.entry_count for feed in done.feeds.values())
    if is_empty and due.feed_day == today:
        notes.append(f"arXiv's feeds are empty, though papers were due on {due.day:%A} evening")
    return notes


def _build_reading(feeds: Mapping[str, Feed], since: date, until: date, notes: Iterable[str]) -> Reading:
    merged = merge_announcements(one for feed in feeds.values() for one in feed.announcements)
    found = tuple(one for one in merged if since <= one.announced_on <= until)
    papers: dict[str, Paper] = {one.paper.arxiv_id: one.paper for one in found}
    withdrawn = frozenset(id for feed in feeds.values() for id in feed.withdrawn if id in papers)
    return Reading(tuple(papers.values()), found, withdrawn=withdrawn, notes=tuple(notes))

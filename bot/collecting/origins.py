"""Fits sources to the store: each is told when its Reading has been kept, and remembers only then where it was.

    Origin.read ──► Reading ──► kept in the store ──► Origin.confirm: etags, cursors, when it was asked

arXiv's feeds are asked with what is remembered of them; Hacker News is asked once a day; before Bluesky's posts are
counted, what of them was not heard yet is listened to.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from bot.collecting.hearing import Ear
from bot.digest import calendar
from bot.errors import SourceError
from bot.sources.arxiv_feed import ArxivFeed
from bot.sources.bluesky import Bluesky
from bot.sources.freshness import format_memory, parse_memory
from bot.sources.source import Reading, Source
from storage.store import Store

ASKED = "asked"
DAY = timedelta(hours=20)  # between two questions "a day": the moments of two days may be an hour or two apart
_MEMORY = "memory"
_BACK = timedelta(days=30)


class Origin(Source, Protocol):
    """A source that keeps something from one reading to the next."""

    async def confirm(self, now: datetime) -> None:
        """Be told that all of the last Reading was kept."""


class Plain:
    """A source that has nothing to remember."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name = source.name

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return what the source does."""
        return await self._source.read(since, until, now)

    async def confirm(self, now: datetime) -> None:
        """Do nothing."""


class Announcements:
    """arXiv's feeds, with the memory of what they were when they were last read."""

    def __init__(self, feed: ArxivFeed, store: Store) -> None:
        self._feed, self._store = feed, store
        self.name = feed.name

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return what the feeds announce, of whatever day: they say it once, and are then asked for what is newer.

        They are late if they lack what was announced by `until`: a post of last week misses nothing of today. On days
        for which arXiv builds no feeds, they are rightly empty, and so they are judged by such a day itself.
        """
        self._feed.memory = parse_memory(await self._store.cursors.get(self.name, _MEMORY) or "")
        today = now.astimezone(UTC).date()
        days = min(since, today - _BACK), max(until, today + timedelta(days=1))
        has_feeds = calendar.find_pause(calendar.get_day(now) - timedelta(days=1)) is None
        judged = min(now, datetime.combine(until, time.min, UTC)) if has_feeds else now
        return await self._feed.read(*days, judged)

    async def confirm(self, now: datetime) -> None:
        """Keep the memory: a feed that says "not changed" from now on has been kept."""
        await self._store.cursors.set(self.name, _MEMORY, format_memory(self._feed.memory), now)


class Daily:
    """A source that is asked once a day; in between, for the same days, what is kept of its answer is the answer."""

    def __init__(self, source: Source, store: Store) -> None:
        self._source, self._store = source, store
        self.name = source.name
        self._asked: tuple[date, date] | None = None

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return what the source says, or said a short while ago."""
        self._asked = None
        if await self._has_asked(since, until, now):
            start, end = datetime.combine(since, time.min, UTC), datetime.combine(until, time.max, UTC)
            return Reading(items=tuple(await self._store.observations.newest(self.name, start, min(end, now))))
        reading = await self._source.read(since, until, now)
        self._asked = None if reading.is_partial else (since, until)
        return reading

    async def confirm(self, now: datetime) -> None:
        """Keep what was asked and when."""
        if self._asked:
            value = json.dumps([now.isoformat(), *(day.isoformat() for day in self._asked)])
            await self._store.cursors.set(self.name, ASKED, value, now)

    async def _has_asked(self, since: date, until: date, now: datetime) -> bool:
        try:
            at, first, last = json.loads(await self._store.cursors.get(self.name, ASKED) or "[]")
            moment, days = datetime.fromisoformat(at), (date.fromisoformat(first), date.fromisoformat(last))
        except ValueError:
            return False
        return timedelta(0) <= now - moment < DAY and days[0] <= since and until <= days[1]


class Heard:
    """Bluesky: what was not heard of its stream yet is heard first, for a bounded while, then posts are counted."""

    def __init__(self, bluesky: Bluesky, ear: Ear) -> None:
        self._bluesky, self._ear = bluesky, ear
        self.name = bluesky.name

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return the posts of these days with their counts; what is wrong with the stream is said of what it costs."""
        await self._ear.catch_up(now)
        try:
            return await self._bluesky.read(since, until, now)
        except SourceError as error:
            trouble = self._ear.listener.hearing.trouble
            raise SourceError(f"{error}; its stream {trouble}" if trouble else str(error)) from None

    async def confirm(self, now: datetime) -> None:
        """Do nothing: the listener keeps its own place in the stream."""

"""Keeps what is heard on Bluesky in the store, and listens for a bounded while when nobody listens all the time.

    Listener ─► StoreSink ─► observations, cursors: where listening is, and which times it missed ─► find_heard

While the bot runs its listener hears everything as it comes. `collect` on its own lets Jetstream repeat up to 36 hours
of it, for LISTEN_SECONDS at most; what was not heard by then is said of the post.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from bot.sources.bluesky import NAME, STALE, Heard
from bot.sources.jetstream import FLUSH_SECONDS, REPLAY, Listener
from bot.sources.jetstream_event import parse_time_us
from bot.sources.source import Item
from storage.observations import KEPT_DAYS
from storage.store import Store

LISTEN_SECONDS = 300.0  # of one collect; 36 hours of posts take about this long on a good line
CONNECT_SECONDS = 30.0  # without any connection, after which Bluesky is missing
QUIET_SECONDS = 15.0  # without a single event on a live connection: there are no more
_CURSOR, _GAP = "cursor", "gap "
_BEFORE = timedelta(days=8)  # what a first start has missed is told of so long before it: no post looks further back
_STEP_SECONDS = 0.1


class StoreSink:
    """The store, as a Listener gives to it."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._began: datetime | None = None

    async def get_cursor(self) -> int | None:
        """Return the cursor saved last; None before the first, and for what is no cursor."""
        cursor = await _get_cursor(self._store)
        self._began = self._clock() - REPLAY if cursor is None else None
        return cursor

    async def find(self, uris: Collection[str]) -> Collection[str]:
        """Return those of these posts that are kept."""
        return await self._store.observations.find(NAME, uris)

    async def delete(self, uris: Sequence[str]) -> None:
        """Forget posts."""
        await self._store.observations.delete(NAME, uris, self._clock())

    async def add(self, posts: Sequence[Item]) -> None:
        """Keep posts."""
        await self._store.observations.add(NAME, posts)

    async def save_cursor(self, us: int) -> None:
        """Keep the cursor; with the first one, that nothing was heard before."""
        if self._began is not None:
            await self.note_gap(self._began - _BEFORE, self._began)
            self._began = None
        await self._store.cursors.set(NAME, _CURSOR, str(us), self._clock())

    async def note_gap(self, since: datetime, until: datetime) -> None:
        """Keep that nothing was heard in a time; forget what no post looks back to any more."""
        now = self._clock()
        for name, (_, ended) in (await _list_gaps(self._store)).items():
            if ended < now - timedelta(days=KEPT_DAYS):
                await self._store.cursors.delete(NAME, name)
        await self._store.cursors.set(NAME, f"{_GAP}{since.isoformat()}", until.isoformat(), now)


async def find_heard(store: Store) -> Heard | None:
    """Return up to when Bluesky was heard and what of it was missed, None when nobody has listened yet."""
    cursor = await _get_cursor(store)
    if cursor is None:
        return None
    gaps = sorted((await _list_gaps(store)).values())
    return Heard(parse_time_us(cursor), tuple(gaps))


async def _get_cursor(store: Store) -> int | None:
    text = await store.cursors.get(NAME, _CURSOR) or ""
    return int(text) if text.isdecimal() and len(text) == 16 else None  # microseconds since 1970, from 2001 on


async def _list_gaps(store: Store) -> dict[str, tuple[datetime, datetime]]:
    kept = await store.cursors.list(NAME)
    return {
        name: (datetime.fromisoformat(name.removeprefix(_GAP)), datetime.fromisoformat(value))
        for name, value in kept.items()
        if name.startswith(_GAP)
    }


class Ear:
    """A listener that either listens all the time (`listen`) or, when nobody does, up to now (`catch_up`)."""

    def __init__(
        self,
        listener: Listener,
        store: Store,
        *,
        most_seconds: float = LISTEN_SECONDS,
        connect_seconds: float = CONNECT_SECONDS,
        quiet_seconds: float = QUIET_SECONDS,
    ) -> None:
        self.listener = listener
        self._store = store
        self._most, self._connect, self._quiet = most_seconds, connect_seconds, quiet_seconds
        self._is_listening = False

    async def listen(self) -> None:
        """Listen until cancelled."""
        self._is_listening = True
        try:
            await self.listener.run()
        finally:
            self._is_listening = False

    async def catch_up(self, now: datetime) -> None:
        """Wait until what was said by `now` is heard and kept, or as long as that may take; listen if nobody does yet.

        That it was not enough, `find_heard` tells.
        """
        if await self._has_kept(now):
            return
        if self._is_listening:  # another task does, and keeps what it heard every few seconds
            await self._wait(None, now)
            for _ in range(int(2 * FLUSH_SECONDS / _STEP_SECONDS)):
                if await self._has_kept(now):
                    break
                await asyncio.sleep(_STEP_SECONDS)
            return
        listening = asyncio.create_task(self.listen())
        try:
            await self._wait(listening, now)
        finally:
            listening.cancel()
            await asyncio.wait([listening])
        if not listening.cancelled():
            listening.result()

    async def _has_kept(self, now: datetime) -> bool:
        heard = await find_heard(self._store)
        return heard is not None and heard.until > now - STALE

    async def _wait(self, listening: asyncio.Task[None] | None, now: datetime) -> None:
        """Wait until there is no more to hear by `now`."""
        loop, hearing = asyncio.get_running_loop(), self.listener.hearing
        began = loop.time()
        newest, moved_at = hearing.heard_until, began
        while not (listening and listening.done()) and loop.time() - began < self._most:
            await asyncio.sleep(_STEP_SECONDS)
            if hearing.heard_until != newest:
                newest, moved_at = hearing.heard_until, loop.time()
            patience = self._quiet if hearing.connections else self._connect
            if (newest and newest >= now) or loop.time() - moved_at >= patience:
                return

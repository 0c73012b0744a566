"""Listens to Jetstream, Bluesky's public stream, for posts that link to papers; it runs as long as the bot does.

    connect, a few seconds before the cursor ─► frames ─► Changes ─► every few seconds: sink.delete, add, save_cursor
       ▲                                          │                                │ not possible now: kept, tried
       └── back-off with jitter ◄── closed, silent, refused, too large             ▼ again; when full, frames wait

Where the sink keeps what it is given is for others, and so is how often the posts were liked (bluesky.py).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import aiohttp
from yarl import URL

from bot.sources.bluesky_record import COLLECTION
from bot.sources.jetstream_event import Changes, format_time_us, parse_event, parse_time_us
from bot.sources.source import Item
from bot.sources.wire import find_contact, format_agent, parse_retry_after
from storage.errors import StorageError

REPLAY = timedelta(hours=36)  # that Jetstream can repeat
REWIND = timedelta(seconds=5)  # before the newest event: cursors are times, and servers' clocks differ a little
FLUSH_SECONDS = 5.0
CONNECT_SECONDS, HEARTBEAT_SECONDS, CLOSE_SECONDS = 30.0, 30.0, 2.0
SILENT_SECONDS = 300.0  # Bluesky has posts every second: a stream so long without any is broken
STEADY_SECONDS = 30.0  # a connection that held so long was a good one
FIRST_PAUSE, LONGEST_PAUSE, LONGEST_WAIT = 1.0, 60.0, 600.0  # seconds; the last is the most a server may ask for
MOST_BYTES = 2_000_000  # of a frame; records of a repository have at most one million
_WORST_SKIP = 12  # 2^12 seconds are left out at most for one frame that is too large
_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Keeps what was heard. A method that can't now raises StorageError, and is asked again with all it was given."""

    async def get_cursor(self) -> int | None:
        """Return the cursor saved last, None before the first."""

    async def find(self, uris: Collection[str]) -> Collection[str]:
        """Return those of these posts that are kept; of the many that are deleted on Bluesky, it is hardly any."""

    async def delete(self, uris: Sequence[str]) -> None:
        """Forget posts."""

    async def add(self, posts: Sequence[Item]) -> None:
        """Keep posts by their at-uri (`key`), in place of what was kept of them: they may come more than once."""

    async def save_cursor(self, us: int) -> None:
        """Keep the cursor (microseconds since 1970) of what was given so far."""

    async def note_gap(self, since: datetime, until: datetime) -> None:
        """Keep that nothing was heard in a time, and will not be."""


@dataclass(slots=True)
class Hearing:
    """How listening goes: for the owner's eyes, and for an alarm when it has been silent for long."""

    connected_at: datetime | None = None  # None while it is not
    heard_until: datetime | None = None  # the time of the newest event
    connections: int = 0
    refused: int = 0  # frames that were no events
    trouble: str = ""  # why it is not connected, empty while it is


class _BrokenError(Exception):
    """A connection that ended or never was, and how long the server asks to wait (seconds)."""

    def __init__(self, cause: str, wait: float = 0.0) -> None:
        super().__init__(cause)
        self.wait = min(wait, LONGEST_WAIT)


class Listener:
    """Listens at a URL for a sink; without a cursor it begins `first` ago. Times and chance may be a test's own."""

    def __init__(
        self,
        url: str,
        sink: Sink,
        *,
        first: timedelta = REPLAY,
        proxy: Callable[[str], str | None] = lambda url: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        flush_seconds: float = FLUSH_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
        changes: Changes | None = None,
    ) -> None:
        self.hearing = Hearing()
        self._url, self._sink, self._first, self._proxy = URL(url), sink, first, proxy
        self._now, self._sleep, self._chance = now, sleep, chance
        self._flush_seconds, self._silent_seconds = flush_seconds, silent_seconds
        self._changes = Changes() if changes is None else changes
        self._room = asyncio.Event()
        self._newest: int | None = None  # microseconds of the newest event, or of the cursor that was kept
        self._saved: int | None = None
        self._too_large = 0  # frames in a row that were, with nothing heard between

    async def run(self) -> None:
        """Listen until cancelled; what was heard by then is given to the sink."""
        agent = {"User-Agent": format_agent(find_contact())}
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(headers=agent, timeout=timeout) as session:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._keep())
                    await self._listen(session)
            finally:
                await self._flush()

    async def _listen(self, session: aiohttp.ClientSession) -> None:
        """Connect again and again; pauses get longer while connections do not hold."""
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._begin()
                await self._follow(session)
            except (_BrokenError, StorageError) as error:
                held = self.hearing.connected_at and asyncio.get_running_loop().time() - began >= STEADY_SECONDS
                failures = 1 if held else failures + 1
                self._report(str(error), failures)
                pause = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 16), LONGEST_PAUSE) * (1 + self._chance()) / 2
                await self._sleep(pause + (error.wait if isinstance(error, _BrokenError) else 0.0))

    def _report(self, cause: str, failures: int) -> None:
        """Say why the stream broke, loudly only when that goes on."""
        self.hearing.connected_at, self.hearing.trouble = None, cause
        level = logging.WARNING if failures == 3 else logging.INFO
        _log.log(level, "%s: %s; listening goes on from there", self._url.host, cause)

    async def _begin(self) -> None:
        """Ask once where listening ended."""
        if self._newest is None:
            self._newest = self._saved = await self._sink.get_cursor()

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        """Hear one connection out, which ends with _BrokenError whatever happens."""
        cursor, gap = self._choose_cursor()
        socket = await self._connect(session, cursor)
        try:
            self.hearing.connected_at, self.hearing.trouble = self._now(), ""
            self.hearing.connections += 1
            if gap:
                await self._note(gap, cursor)
            self._newest = cursor if self._newest is None else self._newest
            while True:
                await self._hear(socket)
        finally:
            await socket.close()

    def _choose_cursor(self) -> tuple[int, int | None]:
        """Return where to begin and, when what is not heard yet is too old to be repeated, where it began."""
        now = self._now()
        oldest = format_time_us(now - REPLAY)
        if self._newest is None:
            return format_time_us(now - min(self._first, REPLAY)), None
        if self._newest < oldest:
            return oldest, self._newest
        if self._too_large:  # going back would meet the same frame; where it is, only its size told
            return self._newest + 1 + (2 ** min(self._too_large - 1, _WORST_SKIP) - 1) * 1_000_000, None
        return max(self._newest - REWIND // timedelta(microseconds=1), oldest), None

    async def _note(self, gap: int, cursor: int) -> None:
        since, until = parse_time_us(gap), parse_time_us(cursor)
        told = "posts on Bluesky from %s to %s were missed: the stream can't repeat them"
        _log.warning(told, *(f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (since, until)))
        await self._sink.note_gap(since, until)
        self._newest = max(cursor, self._newest or cursor)

    async def _connect(self, session: aiohttp.ClientSession, cursor: int) -> aiohttp.ClientWebSocketResponse:
        query = {"wantedCollections": COLLECTION, "cursor": str(cursor), "maxMessageSizeBytes": str(MOST_BYTES)}
        address = self._url.update_query(query)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await session.ws_connect(
                    address,
                    heartbeat=HEARTBEAT_SECONDS,
                    max_msg_size=MOST_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                    proxy=self._proxy(str(self._url)),
                )
        except TimeoutError:
            raise _BrokenError("did not answer in time") from None
        except aiohttp.WSServerHandshakeError as error:
            wait = parse_retry_after(error.headers.get("Retry-After") if error.headers else None, self._now())
            raise _BrokenError(f"answered {error.status}", wait) from None
        except (aiohttp.ClientError, OSError) as error:
            raise _BrokenError(f"could not be reached ({type(error).__name__})") from None

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Take one frame; while the sink is behind, the stream has to wait."""
        while self._changes.is_full:
            self._room.clear()
            await self._room.wait()
        try:
            async with asyncio.timeout(self._silent_seconds):
                message = await socket.receive()
        except TimeoutError:
            raise _BrokenError(f"sent nothing for {self._silent_seconds:.0f} seconds") from None
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            self._take(message.data)
        elif message.type == aiohttp.WSMsgType.ERROR:
            raise self._explain(message.data)
        else:
            raise _BrokenError(f"closed the stream (code {socket.close_code})")

    def _explain(self, error: object) -> _BrokenError:
        if isinstance(error, aiohttp.WebSocketError) and error.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
            self._too_large += 1
            return _BrokenError(f"sent more than {MOST_BYTES:,} bytes at once, which is left out")
        return _BrokenError(f"broke the stream off ({type(error).__name__})")

    def _take(self, frame: str | bytes) -> None:
        try:
            event = parse_event(frame)
        except ValueError:
            self.hearing.refused += 1
            return
        # A clock that is ahead must not carry the cursor over what is still to come.
        moment = min(event.time_us, format_time_us(self._now()))
        if self._newest is None or moment > self._newest:
            self._newest, self._too_large = moment, 0
            self.hearing.heard_until = parse_time_us(moment)
        self._changes.take(event)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._flush_seconds)
            await self._flush()

    async def _flush(self) -> None:
        """Give the sink all that waits, then the cursor behind it; what it can't take now waits on."""
        changes, newest = self._changes.list(), self._newest
        try:
            left_out = [uri for uri, item in changes.items() if item is None]
            if left_out and (known := await self._sink.find(left_out)):
                await self._sink.delete(sorted(known))
            if posts := [item for item in changes.values() if item is not None]:
                await self._sink.add(posts)
            if newest is not None and newest != self._saved:
                await self._sink.save_cursor(newest)
                self._saved = newest
        except StorageError as error:
            _log.warning("posts heard on Bluesky could not be kept yet: %s", error)
            return
        self._changes.drop(changes)
        if not self._changes.is_full:
            self._room.set()

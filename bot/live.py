"""Makes posts by itself while the program runs: what is done when, out of live sources. How is `collecting`'s work.

    listen to Bluesky all the time
    every minute ─► a post due that is not made? ─► collect ─► readers have it ─► is it to be pushed? ─► push
                 ├► arXiv has announced? ─► read that in the night: its feeds have it for a day
                 └► who is silent? ─► figures

Of several programs over one database one does it, until it ends. Whatever fails is tried again after a while; what is
stored goes out meanwhile as ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.collecting.collection import NothingError, Outcome, Sources, collect
from bot.collecting.gathering import gather_announcements
from bot.collecting.hearing import find_heard
from bot.collecting.pushing import Publisher, Pusher
from bot.collecting.silence import NAMES, find_silences
from bot.digest import calendar
from bot.digest.plural import count
from bot.digest.timetable import find_moment, find_newest
from bot.errors import SourceError, UserError
from bot.health import Metrics
from bot.polling import poll
from bot.scheduler import Scheduler
from bot.sources.folder import Folder
from storage.candidates import ARXIV
from storage.errors import LockedError, StorageError
from storage.lock import hold_lock
from storage.store import Store

TICK_SECONDS, PUSH_SECONDS = 60.0, 15.0
AGAIN = timedelta(minutes=30)  # after which a source that failed is asked again
FEEDS_AFTER = timedelta(hours=4, minutes=30)  # arXiv's announcement: its feeds are built at midnight, four hours after
MOST_TOLD = 300  # characters of a cause
_log = logging.getLogger(__name__)


@dataclass
class Live:
    """The live work over one store, while it is entered; `clock` gives aware UTC times.

    `open_sources` lends the sources; `folder` is where posts are written; `publisher` is where they are pushed to.
    `trouble` says why the post that is due could not be made here and when that is tried again, "" when it could.
    """

    store: Store
    database: Path
    folder: Path
    open_sources: Callable[[], AbstractAsyncContextManager[Sources]]
    clock: Callable[[], datetime]
    publisher: Publisher | None = None
    metrics: Metrics | None = None
    trouble: str = field(default="", init=False)
    _held: AsyncExitStack = field(default_factory=AsyncExitStack, init=False)
    _sources: Sources | None = field(default=None, init=False)
    _listening: asyncio.Task[None] | None = field(default=None, init=False)
    _made: date | None = field(default=None, init=False)
    _refused: str = field(default="", init=False)
    _read: date | None = field(default=None, init=False)
    _collect_at: datetime | None = field(default=None, init=False)
    _read_at: datetime | None = field(default=None, init=False)

    async def __aenter__(self) -> Self:
        """Begin, unless another program does it: then once that has ended."""
        try:
            await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self.folder} can't be a folder of posts ({error.strerror}): look at it.") from error
        await self.store.sources.keep(NAMES)
        self._pusher = Pusher(self.store, self.publisher, self.folder) if self.publisher else None
        await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, what was heard being kept, and close all connections; jobs have ended by now."""
        self._sources = None
        await self._held.aclose()

    def describe(self) -> str:
        """Return what is done, for whoever starts it."""
        newest = find_newest(self.clock())
        following = calendar.find_next(calendar.find_moment(newest))
        due = find_moment(following.day)
        told = f"Posts are made here from live sources, in {self.folder}: that of {newest} if it is not there yet, "
        pushed = f"; they are pushed to {self.publisher}" if self.publisher else ""
        return f"{told}that of {following.day} from {due:%Y-%m-%d %H:%M} UTC on{pushed}."

    def add_jobs(self, scheduler: Scheduler, read_seconds: float) -> None:
        """Have all of it done again and again; changes by hand in the folder are read every so often."""
        now = self.clock()
        scheduler.add("make posts", self.make, TICK_SECONDS, now)
        scheduler.add("push posts", self.push, PUSH_SECONDS, now)
        scheduler.add("measure sources", self.measure, TICK_SECONDS, now)
        scheduler.add("read posts", self._read_folder, read_seconds, now)

    async def make(self) -> None:
        """Make the post that is due, and read what arXiv announced, if that is not done yet."""
        if not await self._begin():
            return
        self._listen()
        await self._collect()
        await self._read_announcements()

    async def push(self) -> None:
        """Push what is not pushed yet."""
        if self._pusher and self._sources:
            waiting = await self._pusher.push(self.clock())
            if self.metrics:
                self.metrics.posts_unpushed.set(waiting)

    async def measure(self) -> None:
        """Bring the figures of sources up to date."""
        if self.metrics is None:
            return
        now = self.clock()
        silent = {one.name for one in await find_silences(self.store, now)}
        for state in await self.store.sources.list():
            self.metrics.note_source(state.name, state.ok_at, state.name in silent)
        if heard := await find_heard(self.store):
            self.metrics.bluesky_heard_timestamp_seconds.set(heard.until.timestamp())

    async def _begin(self) -> bool:
        """Take the right to make posts and open the sources, unless that is done or another program has it."""
        if self._sources is not None:
            return True
        async with AsyncExitStack() as stack:
            try:
                stack.enter_context(hold_lock(self.database, "makes posts by itself for", ".live.lock"))
            except (LockedError, StorageError) as error:
                _log.debug("no posts are made here: %s", error)
                return False
            self._sources = await stack.enter_async_context(self.open_sources())
            stack.push_async_callback(self._stop_listening)
            self._held = stack.pop_all()
        return True

    def _listen(self) -> None:
        """Begin to listen; should listening ever end by an error of ours, begin anew."""
        ear = self._sources.ear if self._sources else None
        if ear is None or (self._listening and not self._listening.done()):
            return
        if self._listening and not self._listening.cancelled() and (error := self._listening.exception()):
            _log.error("listening to Bluesky ended and begins anew", exc_info=error)
        self._listening = asyncio.create_task(ear.listen())

    async def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._listening
            self._listening = None

    async def _collect(self) -> None:
        now = self.clock().replace(microsecond=0)
        day = find_newest(now)
        if day == self._made or self._sources is None or (self._collect_at is not None and now < self._collect_at):
            return
        try:
            async with self._lend(self._sources) as sources:
                outcome = await collect(self.store, sources, day, self.folder, now)
        except LockedError:
            return  # somebody does it by hand
        except UserError as error:
            if str(error) != self._refused:
                _log.warning("no post of %s is made here: %s", day, error)
            self._refused = str(error)
            self._put_off(day, error, now)
            return
        except (SourceError, StorageError) as error:
            self._put_off(day, error, now)
            _log.warning("%s Trying again in %g minutes.", error, AGAIN.total_seconds() / 60)
            return
        except Exception as error:  # an error of ours: asking all sources again each minute would not mend it
            self._put_off(day, error, now)
            told = "the post of %s could not be made: %s; trying again in %g minutes"
            _log.error(told, day, error, AGAIN.total_seconds() / 60, exc_info=error)
            return
        else:
            self._tell(outcome)
        self._made, self._collect_at, self._refused, self.trouble = day, None, "", ""

    @asynccontextmanager
    async def _lend(self, sources: Sources) -> AsyncIterator[Sources]:
        """Lend the sources for one piece of work; LockedError while another program asks its own for this database."""
        with hold_lock(self.database, "makes posts for", ".collect.lock"):
            try:
                yield sources
            finally:
                await sources.rest()

    def _put_off(self, day: date, error: Exception, now: datetime) -> None:
        """Try a day's post again after a while, and have in a sentence why."""
        cause = str(error) or type(error).__name__
        if isinstance(error, NothingError):
            cause = "nothing could be counted"
            if error.missing:
                cause += f", since sources can't be reached or have nothing: {', '.join(error.missing)}"
        cause = cause if len(cause) <= MOST_TOLD else f"{cause[: MOST_TOLD - 1]}…"
        self._collect_at = now + AGAIN
        again = f"It is tried again at {self._collect_at:%Y-%m-%d %H:%M} UTC."
        self.trouble = f"The post of {day} could not be made: {cause.rstrip('.')}. {again}"

    def _tell(self, outcome: Outcome) -> None:
        if outcome.status != "written" or outcome.post is None:
            return
        if self.metrics:
            self.metrics.note_ingest(self.clock())
        for note in outcome.notes:
            _log.info("%s", note)
        papers = count(len(outcome.post.papers), "paper")
        without = "".join(f"; without {name} ({cause})" for name, cause in outcome.missing.items())
        part = f"; of {', '.join(outcome.incomplete)} only a part" if outcome.incomplete else ""
        _log.info("made the post of %s: %s%s%s", outcome.day, papers, without, part)

    async def _read_announcements(self) -> None:
        """Read the announcement in force, from half past midnight (US Eastern) on, until it is there.

        Who collected just now has asked the same feeds.
        """
        now = self.clock()
        mailing = calendar.find_last(now - FEEDS_AFTER)
        if mailing.day == self._read or self._sources is None or (self._read_at is not None and now < self._read_at):
            return
        if not await self._has_read(mailing.day):
            if await self._has_asked(now):
                return
            try:
                async with self._lend(self._sources) as sources:
                    await gather_announcements(self.store, sources.origins, now)
            except LockedError:
                return  # who collects asks for them
        if await self._has_read(mailing.day):
            self._read, self._read_at = mailing.day, None
        else:
            self._read_at = now + AGAIN

    async def _has_asked(self, now: datetime) -> bool:
        """Tell whether arXiv's feeds were asked a short while ago, by whomever."""
        states = [one for one in await self.store.sources.list() if one.name == ARXIV]
        moments = [at for one in states for at in (one.ok_at, one.failed_at) if at]
        return any(timedelta(0) <= now - at < AGAIN for at in moments)

    async def _has_read(self, day: date) -> bool:
        last = await self.store.candidates.last_day()
        return last is not None and last >= day

    async def _read_folder(self) -> None:
        """Take up what was changed by hand; this is no source of news, and not recorded as one."""
        await poll(self.store, Folder(self.folder), self.clock, is_recorded=False)

"""The preview's work behind the page, from start to stop: reading posts, planning and sending the page's digests.

    read posts ─► plan what the page is due ─► send it ─► the page shows it

The same scheduler, planner and outbox as the running bot's, for the page's subscriptions alone: those of channels
and members stay the bot's, which leaves the page's alone in turn. Of several previews over one database one sends.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.answers.page import PAGE, READER
from bot.delivery.corrections import correct
from bot.delivery.due import DAYS_BACK
from bot.delivery.outbox import Outbox
from bot.delivery.page_transport import PageTransport
from bot.delivery.planner import Planner
from bot.live import Live
from bot.polling import poll
from bot.scheduler import Scheduler
from bot.sources.address import Address
from bot.sources.places import make_posts
from storage.errors import LockedError, StorageError
from storage.lock import hold_lock
from storage.models import Subscription
from storage.store import Store

KIND = PAGE.kind
SEND_SECONDS = 1.0  # somebody is looking at the countdown
READ_SECONDS = 10.0  # somebody who puts a post into the folder wants to see it; unchanged files cost next to nothing
STOP_SECONDS = 3.0
ELSEWHERE = "Another preview is open on this database. Digests arrive there; this page shows them too."


@dataclass
class Showing:
    """The page's digests over one store, while it is entered; `clock` gives aware UTC times.

    `source` is where posts are read from every so often, None for nowhere. `trouble` is why nothing is sent from
    here, "" when it is: another preview does, until it ends, or this system has no locks. `live` makes the posts.
    """

    store: Store
    database: Path
    source: Address | None
    clock: Callable[[], datetime]
    read_seconds: float = READ_SECONDS
    send_seconds: float = SEND_SECONDS
    trouble: str = ""
    live: Live | None = None

    def __post_init__(self) -> None:
        self._scheduler, self._planner = Scheduler(), Planner(self.store, recipients=(KIND,))
        self._outbox = Outbox(self.store, {KIND: PageTransport()}, self.clock)
        self._lock, self._has_lock, self._is_settled = ExitStack(), False, False
        self._known: list[Subscription] = []
        self._posts: object = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Begin."""
        self._take_lock()
        now = self.clock()
        if posts := make_posts(self.source, self.database):
            read = partial(poll, self.store, posts, self.clock)
            seconds = self.read_seconds if posts.is_remote else min(self.read_seconds, READ_SECONDS)
            self._scheduler.add("read posts", read, seconds, now + timedelta(seconds=seconds))
        if self.live:
            await self._stack.enter_async_context(self.live)
            self.live.add_jobs(self._scheduler, min(self.read_seconds, READ_SECONDS))
        self._scheduler.add("send digests", self._send, self.send_seconds, now)
        self._scheduler.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what is in hand, then let another preview send."""
        await self._scheduler.stop(STOP_SECONDS)
        await self._stack.aclose()
        self._lock.close()

    def find_trouble(self) -> str:
        """Return what the reader of the page should know: why nothing is sent from here, or no post was made."""
        return " ".join(filter(None, (self.trouble, self.live.trouble if self.live else "")))

    async def _send(self) -> None:
        """Plan and send what the page is due; the one who may begins with what a crash may have left."""
        if not self._take_lock():
            return
        await self._outbox.recover(at_start=not self._is_settled)
        self._is_settled = True
        await self._notice_changes()
        await self._planner.plan_due(self.clock())
        await self._correct()
        await self._outbox.send_pending(KIND)
        await self._outbox.follow()

    async def _correct(self) -> None:
        """Follow posts that were corrected, once after each change of the posts."""
        posts = tuple((day.day, day.revision) for day in await self.store.days.list(limit=DAYS_BACK))
        if posts != self._posts:
            is_done = await correct(self.store, self.clock(), (KIND,))
            self._posts = posts if is_done else None

    async def _notice_changes(self) -> None:
        """Plan anew when the page's subscriptions changed: a planner hears of its own process' changes only."""
        known = [one for target in (PAGE, READER) for one in await self.store.subscriptions.list(target)]
        if known != self._known:
            self._planner, self._known = Planner(self.store, recipients=(KIND,)), known

    def _take_lock(self) -> bool:
        """Take the right to send to the page, unless it is held already, here or by another preview."""
        if not self._has_lock:
            self.trouble = self._try_lock()
            self._has_lock = not self.trouble
        return self._has_lock

    def _try_lock(self) -> str:
        # Another lock than the bot's, which may run from the same database and sends to others.
        name = self.database.with_name(f"{self.database.stem}.preview{self.database.suffix}")
        try:
            self._lock.enter_context(hold_lock(name))
        except LockedError:
            return ELSEWHERE
        except StorageError as error:
            return str(error)
        return ""

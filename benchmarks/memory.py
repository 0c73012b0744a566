"""Measures resident memory: idle, and after a day of questions, posts and digests with the clock turned by hand.

    an hour: (a post changes) ─► ingest ─► correct · plan ─► send · 40 questions     24 times, in a process of its own

Store, answers, planner and outbox are the bot's own; what is sent goes nowhere. SQLite's caches of pages fill up to
their bound as a database grows, over weeks: to tell that from what grows without end, the database is one of thousands
of made-up papers, larger than the caches, and all of it is read before the first hour. Half a day fills the others.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import resource
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.frame import Row, make_row
from benchmarks.library import get_database
from benchmarks.posts import copy_samples
from benchmarks.startup import REQUIRED
from bot.answers.desk import Desk
from bot.answers.router import Answers
from bot.answers.values import Caller
from bot.app import open_store
from bot.delivery.corrections import correct
from bot.delivery.outbox import Outbox
from bot.delivery.planner import Planner
from bot.delivery.transport import Posted, Sent
from bot.ingest import ingest
from storage.models import Subscription, Target
from storage.sqlite import CACHE_KIB
from storage.sqlite import READERS as READING
from storage.store import Store

TARGET = 1.05
HOURS, WARM_HOURS, READERS, QUESTIONS, CORRECT_HOURS = 24, 12, 96, 40, 6
PAPERS = 8_000
_WORDS = (
    "learning",
    "graph",
    "transformer",
    "neural network",
    "diffusion",
    "vision language",
    "speech",
    "2104",
    "bert",
)


async def measure_memory(scratch: Path) -> list[Row]:
    """Measure in a process of its own, so that what other measures keep is no part of it."""
    pages = int(await _run("-c", f"{REQUIRED}; print(open('/proc/self/statm').read().split()[1])"))
    packages = pages * resource.getpagesize() / 1e6
    database = await get_database(scratch, PAPERS)
    idle, before, after = json.loads(await _run("-m", "benchmarks.memory", str(database)))
    return [
        make_row("resident memory idle, against the packages alone", "process", [(packages, idle)], None, "MB"),
        make_row(f"resident memory after {HOURS} hours", f"{READERS} readers", [(before, after)], TARGET, "MB"),
    ]


async def _run(*arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    written, _ = await process.communicate()
    return written


@dataclass
class Nowhere:
    """A transport that takes everything and keeps nothing."""

    sent: int = 0

    async def open_dm(self, member_id: str) -> str:
        """Return a conversation for every member."""
        return f"9{member_id}"

    async def send(self, channel_id: str, body: Mapping[str, Any], nonce: str) -> Sent:
        """Count a message."""
        self.sent += 1
        return Sent(channel_id, str(self.sent))

    async def post(self, forum_id: str, name: str, tags: tuple[str, ...], body: Mapping[str, Any]) -> Sent:
        """Count a forum post."""
        return await self.send(forum_id, body, name)

    async def edit(self, sent: Sent, body: Mapping[str, Any]) -> None:
        """Edit nothing."""

    async def publish(self, sent: Sent) -> None:
        """Publish nothing."""

    async def open_thread(self, sent: Sent, name: str) -> None:
        """Open nothing."""

    async def list_messages(self, channel_id: str, since: datetime, until: datetime) -> list[Posted]:
        """Find nothing."""
        return []

    async def list_posts(self, forum_id: str, since: datetime, until: datetime) -> list[Posted]:
        """Find nothing."""
        return []


@dataclass
class Life:
    """A bot whose hours pass when told to; `posts` is its folder of posts, `clock` its time."""

    store: Store
    posts: Path
    readers: int = READERS
    questions: int = QUESTIONS
    correct_hours: int = CORRECT_HOURS
    clock: datetime = datetime(2021, 4, 15, tzinfo=UTC)
    transport: Nowhere = field(default_factory=Nowhere)
    answered: int = 0

    def __post_init__(self) -> None:
        transports = {"channel": self.transport, "member": self.transport}
        self._planner = Planner(self.store)
        self._outbox = Outbox(self.store, transports, lambda: self.clock)
        self._answers = Answers(Desk(self.store))
        self._random = Random(0)

    async def begin(self) -> None:
        """Read the posts and take the orders: for every hour of the day as many."""
        await self._read()
        days = await self.store.days.list()
        self.clock = datetime.combine(days[0].day, time(23, 30), UTC) + timedelta(days=1)
        for number in range(self.readers):
            order = Subscription(
                Target("channel", str(1000 + number)),
                count=5,
                at=time(number % 24, number % 60),
                created_at=self.clock - timedelta(days=1),
                created_edition=days[1].day if len(days) > 1 else None,
            )
            await self.store.subscriptions.add(order)

    async def pass_hour(self) -> None:
        """Let an hour pass with all that comes in it."""
        self.clock += timedelta(hours=1)
        if self.clock.hour % self.correct_hours == 0:
            self._correct_post()
        await self._read()
        await correct(self.store, self.clock)
        await self._planner.plan_due(self.clock)
        await self._outbox.recover(at_start=False)
        await self._outbox.send_pending("channel")
        await self._outbox.follow()
        for number in range(self.questions):
            await self._ask(number)

    async def _read(self) -> None:
        report = await ingest(self.store, [self.posts], lambda: self.clock)
        assert not report.has_failed

    def _correct_post(self) -> None:
        """Give the first paper of the newest post a title with the time, so that the post is another one."""
        path = max(self.posts.glob("*.md"))
        text, title = path.read_text(encoding="utf-8"), f"# 1. At {self.clock:%d %H} "
        path.write_text(re.sub(r"^# 1\. (?:At \d+ \d+ )?", title, text, count=1, flags=re.MULTILINE), encoding="utf-8")

    async def _ask(self, number: int) -> None:
        words = self._random.choice(_WORDS)
        options: tuple[tuple[str, dict[str, str]], ...] = (
            ("top", {"period": self._random.choice(("day", "week", "month", "all"))}),
            ("search", {"query": words}),
            ("categories", {}),
            ("help", {}),
        )
        caller = Caller(Target("member", str(number)), self.clock)
        name, values = options[number % len(options)]
        await self._answers.run(name, values, caller)
        await self._answers.complete("search", "query", words[:3], caller)
        self.answered += 1


async def live(
    life: Life, look: Callable[[], float], hours: int = HOURS, warm_hours: int = WARM_HOURS
) -> tuple[float, float]:
    """Return what `look` says once the caches are full, and so many hours later."""
    await life.begin()
    for _ in range(warm_hours):
        await life.pass_hour()
    before = look()
    for _ in range(hours):
        await life.pass_hour()
    return before, look()


async def read_pages(store: Store) -> None:
    """Have every connection read the whole database, which leaves its cache of pages full."""
    await asyncio.gather(*(store.find_damage() for _ in range(READING)))
    await store._database.execute("PRAGMA quick_check")  # on the connection that writes


def get_resident() -> float:
    """Return this process' resident memory in MB (man 5 proc, statm)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def main(database: Path) -> None:
    """Print MB as JSON: idle, before, after; the database is changed."""
    assert database.stat().st_size / 1024 > CACHE_KIB / (READING + 1), "the caches are larger than the database"
    with tempfile.TemporaryDirectory(prefix="memory-") as scratch:
        posts = copy_samples(Path(scratch) / "posts", copies=1)
        async with open_store(database) as store:
            idle = get_resident()
            await read_pages(store)
            life = Life(store, posts)
            before, after = await live(life, get_resident)
            assert life.transport.sent >= READERS, life.transport.sent
    print(json.dumps([idle, before, after]))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

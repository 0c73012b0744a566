"""A Discord full of readers, and the bot's database with a digest ordered for each of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bot.app import SAMPLES, get_now, open_store
from bot.ingest import ingest
from storage.models import Subscription, Target
from storage.store import Store
from tests.discord_server import Channel, Guild, Message, World
from tests.discord_server.state import ANNOUNCEMENT, FORUM, TEXT

CHANNELS_PER_SERVER = 40
PAPER = re.compile(r"arxiv\.org/abs/([^)\s>]+)")
LONG = 25  # papers, in several messages
# How many of a hundred readers are of each kind.
_SHARES = {"text": 34, "long": 8, "thread": 10, "news": 14, "forum": 12, "member": 16, "second": 6}


@dataclass(eq=False)
class Town:
    """The world, where the bot's files are, and who ordered what; `corrections` counts those made to the posts."""

    world: World
    folder: Path
    orders: list[Subscription] = field(default_factory=list)
    corrections: int = 0

    @property
    def path(self) -> Path:
        """The bot's database."""
        return self.folder / "bot.db"

    @property
    def posts(self) -> Path:
        """The folder that the bot reads its posts from."""
        return self.folder / "posts"

    def correct(self) -> None:
        """Correct the title of the first paper of every post, so that each message with one has to be edited."""
        self.corrections += 1
        for path in sorted(self.posts.glob("*.md")):
            text = path.read_text(encoding="utf-8")
            new = re.sub(r"^# 1\. (?:Corrected \d+ )?", f"# 1. {self._mark()}", text, count=1, flags=re.MULTILINE)
            path.write_text(new, encoding="utf-8")

    def find_uncorrected(self) -> list[Message]:
        """Return the bot's messages with a paper that was corrected, but not as it is now."""
        if not self.corrections:
            return []
        texts = [path.read_text(encoding="utf-8").split("\n# 1. ")[1] for path in self.posts.glob("*.md")]
        papers = [found[1] for text in texts if (found := PAPER.search(text))]
        mine = [one for one in self.world.messages.values() if one.author is self.world.bot]
        expected = {one.id: sum(f"/{paper})" in one.content for paper in papers) for one in mine}
        return [one for one in mine if one.content.count(self._mark()) != expected[one.id]]

    def _mark(self) -> str:
        return f"Corrected {self.corrections} "

    @property
    def direct(self) -> frozenset[str]:
        """The channels of the bot's conversations with members."""
        return frozenset(str(one.id) for one in self.world.dms.values())

    def list_channels(self, kind: int) -> list[Channel]:
        """Return the channels of one kind that digests go to."""
        wanted = {order.target.id for order in self.orders}
        return [one for one in self.world.channels.values() if one.kind == kind and str(one.id) in wanted]


class _Builder:
    """Adds readers one by one, a new server when the last one is full."""

    def __init__(self, world: World, store: Store, rng: Random) -> None:
        self.world, self.store, self.rng = world, store, rng
        self._guild: Guild | None = None
        self._count = 0

    def _add_channel(self, kind: int, **more: Any) -> Channel:
        if self._guild is None or self._count % CHANNELS_PER_SERVER == 0:
            self._guild = self.world.add_guild(f"Lab {len(self.world.guilds) + 1}")
        self._count += 1
        return self.world.add_channel(self._guild, f"papers-{self._count}", kind, **more)

    async def _add(self, channel: Channel, count: int, order: Subscription, **more: Any) -> Subscription:
        guild = channel.guild
        made = {"count": count, "guild_id": str(guild.id) if guild else None, **more}
        target = Target("channel", str(channel.id))
        return await self.store.subscriptions.add(replace(order, target=target, **made))

    async def add(self, kind: str, order: Subscription) -> list[Subscription]:
        """Add one reader of a kind; a second digest for one channel comes with the first."""
        few = self.rng.randint(3, 8)
        if kind == "member":
            return [await self._add_member(few, order)]
        if kind == "news":
            news = self._add_channel(ANNOUNCEMENT)
            is_long = self.rng.random() < 0.2
            return [await self._add(news, LONG if is_long else few, order, channel_kind="announcement",
                                    is_published=True, has_thread=self.rng.random() < 0.3)]  # fmt: skip
        if kind == "forum":
            forum = self._add_channel(FORUM, tags=["Papers", "Else"], requires_tag=True)
            is_long = self.rng.random() < 0.3
            return [await self._add(forum, LONG if is_long else few, order, channel_kind="forum",
                                    tag=str(forum.tags[0].id))]  # fmt: skip
        channel = self._add_channel(TEXT)
        first = await self._add(channel, LONG if kind == "long" else few, order, has_thread=kind == "thread")
        return [first, await self._add(channel, 4, order)] if kind == "second" else [first]

    async def _add_member(self, count: int, order: Subscription) -> Subscription:
        """Add a member whose conversation is known: digests never open one."""
        if not self.world.guilds:
            self._add_channel(TEXT)
        user = self.world.add_user(f"reader-{len(self.world.users)}")
        self.world.add_member(next(iter(self.world.guilds.values())), user)
        target = Target("member", str(user.id))
        made = await self.store.subscriptions.add(replace(order, target=target, count=count, channel_kind="dm"))
        await self.store.members.set_channel(target, str(self.world.get_dm(user).id))
        return made


async def build_town(folder: Path, digests: int, rng: Random) -> Town:
    """Make a town of so many digests, of every kind, all due the moment the bot starts."""
    town, now = Town(World(), folder), get_now()
    shutil.copytree(SAMPLES, town.posts)
    async with open_store(town.path) as store:
        before = await _read_posts(store, town.posts)
        builder = _Builder(town.world, store, rng)
        for kind in _draw_kinds(digests, rng):
            at = time(rng.randrange(24), rng.randrange(60))
            order = Subscription(Target("channel", ""), at=at, created_at=now - timedelta(days=1, hours=12),
                                 created_edition=before)  # fmt: skip
            town.orders += await builder.add(kind, order)
    return town


async def build_street(folder: Path, dues: list[datetime]) -> Town:
    """Make a town of text channels with one digest each, due at given moments to come."""
    town, now = Town(World(), folder), get_now()
    shutil.copytree(SAMPLES, town.posts)
    async with open_store(town.path) as store:
        before = await _read_posts(store, town.posts)
        builder = _Builder(town.world, store, Random(0))
        for due in dues:
            order = Subscription(Target("channel", ""), at=due.time(), count=5, created_at=now - timedelta(hours=1),
                                 created_edition=before)  # fmt: skip
            town.orders += await builder.add("text", order)
    return town


async def _read_posts(store: Store, posts: Path) -> date:
    """Store the posts; return the day before the first of them, so that all of them are due."""
    await ingest(store, [posts], get_now)
    return min(day.day for day in await store.days.list()) - timedelta(days=1)


def _draw_kinds(digests: int, rng: Random) -> Iterator[str]:
    """Yield kinds of readers until they have so many digests; every kind is among the first."""
    made, first = 0, list(_SHARES)
    while made < digests:
        kind = first.pop() if first else rng.choices(list(_SHARES), list(_SHARES.values()))[0]
        made += 2 if kind == "second" else 1
        yield kind

"""One run of real bots through a storm: started, killed at named points, started again, and left to finish in calm.

start ─► storm: faults, gateway drops ─► kill -9 ─┐ ─► calm ─► wait ─► stop ─► audit
  ▲                                               │
  └───────────────────────────────────────────────┘
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any

from benchmarks.audit import Audit, audit, count_open, find_waiting
from benchmarks.storm import POINTS, Storm, shake
from benchmarks.town import Town
from tests.bot_process import BotProcess
from tests.discord_server import Pace, Server
from tests.discord_server.permissions import READ_MESSAGE_HISTORY
from tests.discord_server.state import TEXT

LIFE_SECONDS = 25.0  # after which a bot is killed wherever it is, if its point has not come
LINGER_SECONDS = 30.0  # in the storm after the last start, unless all is done before
REST_SECONDS = 6.0  # of watching whether something more comes, once all is sent
UNREADABLE = 0.2  # of the text channels


@dataclass
class Run:
    """One run: its town, its storm, the bots it started; `bound` is when it gives up waiting, in seconds."""

    town: Town
    server: Server
    storm: Storm
    make: Callable[..., BotProcess] = BotProcess
    environment: dict[str, str] = field(default_factory=dict)
    bound: float = 600.0
    bots: list[BotProcess] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.began = monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return monotonic() - self.began

    async def start(self) -> BotProcess:
        """Start a bot at once, without waiting for it."""
        environment = {"POSTS_SOURCE": str(self.town.posts), **self.environment}
        bot = self.make(self.server, self.town.folder, **environment)
        await bot.start(wait=False)
        self.bots = [*self.bots[-1:], bot]
        return bot

    async def end(self, bot: BotProcess) -> None:
        """Note how a bot that has ended did; forget what the gateway keeps for it."""
        with suppress(TimeoutError):
            await bot.wait(20)
        for line in bot.find_errors():
            self.errors[line[24:140]] += 1
        gateway = self.server.gateway
        await self.server.until(lambda: not gateway.connected, 3)
        gateway.sessions.clear()
        self.server.requests.clear()
        self.server.refusals.clear()

    async def stop(self) -> None:
        """Ask the last bot to stop, as an operator would, once it listens: all may have been done before it started."""
        bot = self.bots[-1]
        with suppress(AssertionError, TimeoutError):
            await bot.until("connected as", 60)
        if not bot.is_running:
            self.troubles.append(f"the bot ended by itself:\n{bot.output[-3000:]}")
        elif await bot.stop() != 0:
            self.troubles.append(f"the bot did not stop cleanly:\n{bot.output[-3000:]}")
        await self.end(bot)

    async def live_and_die(self, point: str, quota: int) -> None:
        """Start a bot and kill it at a point, or where it is when that does not come."""
        bot = await self.start()
        self.storm.arm(point, quota, bot.cut)
        happened = self.storm.happened
        identifies, began = self.server.gateway.identifies, monotonic()
        while not happened.is_set() and bot.is_running:
            if point == "connected" and self.server.gateway.identifies > identifies:
                await asyncio.sleep(self.storm.rng.choice((0, 0.05, 0.5)))
                self.storm.kill(point)
            elif point == "any moment" and self.storm.has_asked_enough:
                await asyncio.sleep(self.storm.rng.uniform(0, 0.1))
                self.storm.kill(point)
            elif monotonic() - began > LIFE_SECONDS:
                self.storm.kill("any moment")
            with suppress(TimeoutError):
                await asyncio.wait_for(happened.wait(), 0.02)
        if not happened.is_set():
            self.storm.note("", "ended by itself")
            self.troubles.append(f"the bot ended by itself:\n{bot.output[-3000:]}")
        await self.end(bot)

    def count_messages(self) -> int:
        """Return how many messages the bot has written so far."""
        world = self.town.world
        return sum(one.author is world.bot for one in world.messages.values())

    def audit(self) -> Audit:
        """Compare the channels with the database."""
        return audit(self.town, self.server.violations)

    async def wait_for_all(self, seconds: float = math.inf) -> bool:
        """Wait until nothing is to be promised, sent, looked up or done any more; tell whether that came."""
        clean, ends = 0, min(self.bound, self.seconds + seconds)
        while self.seconds < ends:
            town = self.town
            is_done = not (count_open(town.path) or find_waiting(town.path, town.orders) or town.find_uncorrected())
            clean = clean + 1 if is_done else 0
            if clean > 1:
                return True
            if not self.bots[-1].is_running:
                return False
            await asyncio.sleep(0.5)
        return False


@asynccontextmanager
async def open_run(town: Town, storm: Storm, *, pace: Pace | None = None, **more: Any) -> AsyncIterator[Run]:
    """Run a Discord for a town; whatever happens, no bot is left running."""
    async with Server(town.world, pace=pace) as server:
        run = Run(town, server, storm, **more)
        storm.break_over(server)
        try:
            yield run
        finally:
            for bot in run.bots:
                await bot.kill()


async def survive(
    run: Run,
    points: Sequence[str],
    deliveries: int,
    *,
    corrects: bool = False,
    unreadable: bool = False,
    linger: float = LINGER_SECONDS,
    rest: float = REST_SECONDS,
) -> Audit:
    """Kill the bot at each of some points in the storm, let it finish in calm, and compare everything.

    `corrects`: the posts are corrected half way and again before the last start.
    """
    storm = run.storm
    shaking = asyncio.create_task(shake(run.server, storm))
    if unreadable:
        hide_history(run)
    try:
        for number, point in enumerate(points):
            share = max(0, deliveries - run.count_messages()) / (len(points) - number)
            quota = 0 if point == "looking" else int(share * storm.rng.uniform(0.2, 1.4))
            if corrects and number == len(points) // 2:
                run.town.correct()
            if run.seconds < run.bound:
                await run.live_and_die(point, quota)
        if corrects:
            run.town.correct()
        await run.start()
        if unreadable:
            await heal_history(run)
        await run.wait_for_all(linger)
        storm.calm()
        if not await run.wait_for_all():
            run.troubles.append(f"after {run.seconds:.0f} s not all is done: {dict(count_open(run.town.path))}")
        await asyncio.sleep(rest)
        await run.stop()
    finally:
        storm.calm()
        shaking.cancel()
        await asyncio.gather(shaking, return_exceptions=True)
    return run.audit()


def choose_points(kills: int, rng: Random) -> list[str]:
    """Return where to kill: every named point again and again, the order by chance; the first is never a look."""
    points: list[str] = []
    while len(points) < kills:
        points += rng.sample(POINTS, len(POINTS))
    points = points[:kills]
    if points and points[0] == "looking":  # nothing is to be looked up yet
        points.append(points.pop(0))
    return points


def hide_history(run: Run) -> None:
    """Take Read Message History away in some channels, where answers are then lost."""
    channels = run.town.list_channels(TEXT)
    for channel in run.storm.rng.sample(channels, max(1, int(len(channels) * UNREADABLE))):
        channel.deny(run.town.world.bot, READ_MESSAGE_HISTORY)
        run.storm.unreadable.add(str(channel.id))


async def heal_history(run: Run) -> None:
    """Let answers get lost and lookups fail for a while; then give the permission back."""
    ends = run.seconds + 60
    while run.seconds < min(ends, run.bound):
        await asyncio.sleep(1)
        waiting = count_open(run.town.path)
        if waiting["uncertain"] and set(waiting) == {"uncertain"}:
            break
    run.storm.struck["uncertain while unreadable"] = count_open(run.town.path)["uncertain"]
    for number in sorted(run.storm.unreadable):
        channel = run.town.world.channels[int(number)]
        channel.allow(run.town.world.bot, READ_MESSAGE_HISTORY)
        run.server.update_channel(channel)
    run.storm.unreadable.clear()

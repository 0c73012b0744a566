"""The running bot: what its parts are to each other, from start to stop. How each works is theirs.

connect ─► jobs: read posts, tidy up
   │              └► health page, if wanted
   └─► asked to stop ─► no new jobs ─► answers in hand end ─► disconnect
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import discord

from bot import __version__
from bot.answers.desk import Desk, Limits
from bot.answers.guilds import Guilds
from bot.answers.limiter import Limiter
from bot.answers.router import Answers
from bot.client import Address, Client, UnreachableError, redirect
from bot.commands.callers import Callers
from bot.commands.overrides import Overrides
from bot.commands.respond import Responder
from bot.delivery.breaker import Breaker
from bot.delivery.discord_transport import DiscordTransport
from bot.delivery.outbox import AT_ONCE
from bot.delivery.pace import LANES, Pace
from bot.delivery.silences import Silences
from bot.delivery.telling import Teller
from bot.digest.clock import complete_timezones
from bot.digest.latex import render_readable
from bot.digest.plural import count
from bot.doctor_discord import CLOCK_SECONDS
from bot.errors import ConfigError
from bot.health import Metrics, serve_health
from bot.live import Live
from bot.messages.safe import render_prose
from bot.polling import SOURCE, poll
from bot.scheduler import Scheduler
from bot.sending import Sending
from bot.settings import Settings
from bot.sources.places import make_posts
from bot.sources.posts import Posts
from storage.observations import KEPT_DAYS
from storage.store import Store

SHUTDOWN_SECONDS = 10.0
JOB_SECONDS = 3.0  # of these for jobs in hand
LONGEST_PAUSE_SECONDS = 60.0  # between two attempts to reach Discord at start
TIDY_SECONDS = 24 * 3600.0
WATCH_SECONDS = 300.0  # between two looks at who is silent
QUERY_DAYS = 30  # a pager's question is kept so long after its last use
Say = Callable[[str], object]
_log = logging.getLogger(__name__)


@dataclass
class Bot:
    """One bot over one store, until it is asked to stop; `clock` gives aware UTC times, `live` makes its posts."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]
    say: Say
    live: Live | None = None

    def __post_init__(self) -> None:
        self.posts = make_posts(self.settings.posts_source, self.settings.database)
        self.metrics = Metrics()
        if self.live:
            self.live.metrics = self.metrics
        self.scheduler = Scheduler()
        self.sending: Sending | None = None
        self.guilds = Guilds(self.store, self.clock)
        self.client = Client(
            self.store,
            self.guilds,
            self._make_responder,
            guild_id=self.settings.discord_guild_id,
            proxy=self.settings.discord_proxy,
        )

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping` is set, then finish what is in hand; ConfigError when Discord refuses the token."""
        await self._say_plan()
        reaching = asyncio.create_task(self._reach())
        await asyncio.wait({reaching, asyncio.ensure_future(stopping.wait())}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            reaching.cancel()
            return
        self._say_clock(reaching.result())
        self._warm_up()
        async with self.client, AsyncExitStack() as stack:
            if self.live:
                await stack.enter_async_context(self.live)
            else:
                await self.store.sources.keep((SOURCE,))
            work = [asyncio.create_task(self._connect()), asyncio.create_task(stopping.wait())]
            if self.settings.health_port:
                page = serve_health(self.settings.health_port, self.check, self.metrics, self.say)
                work.append(asyncio.create_task(page))
            self._start_jobs()
            try:
                done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                await self._stop(work)

    async def check(self) -> dict[str, str]:
        """Return what is wrong by part: gateway, database, scheduler; "ok" where nothing is."""
        self.metrics.gateway_connected.set(self.client.is_ready())
        self.metrics.guilds.set(len(self.client.guilds))
        return {
            "gateway": "ok" if self.client.is_ready() else "not connected",
            "database": await self._check_database(),
            "scheduler": "ok" if self.scheduler.is_running else "not running",
        }

    async def _connect(self) -> None:
        try:
            await self.client.start(self.settings.discord_token)
        except discord.LoginFailure:
            raise ConfigError(
                "DISCORD_TOKEN was refused by Discord. Copy a new one from your application's page, Bot, Reset Token."
            ) from None

    async def _stop(self, work: list[asyncio.Task[Any]]) -> None:
        """Take no new work, let the answers in hand end, disconnect; within SHUTDOWN_SECONDS."""
        await self.scheduler.stop(JOB_SECONDS)
        with suppress(TimeoutError):
            await self.client.finish(SHUTDOWN_SECONDS - JOB_SECONDS - 2)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

    async def _check_database(self) -> str:
        try:
            await asyncio.wait_for(self.store.get_schema(), 2)
        except Exception as error:
            return type(error).__name__
        return "ok"

    def _warm_up(self) -> None:
        """Load the tables that the first answer would else wait for: zones, LaTeX, characters."""
        complete_timezones("+1", self.clock())
        render_prose(render_readable("$\\alpha$ \\'e"), 100)
        gc.freeze()  # what is there by now stays; looking through all of it again and again would keep everyone waiting

    async def _make_responder(self, client: Client) -> Responder:
        settings = self.settings
        pace, breaker = Pace(settings.sends_per_second), Breaker(settings.invalid_requests_limit)
        transports = {
            lane: DiscordTransport(client.http, pace.lane(lane), breaker.lane(lane), self.metrics.note_rate_limited)
            for lane in LANES
        }
        at_once = min(AT_ONCE, 5 * settings.sends_per_second)  # who waits long for a turn is sent away
        self.sending = sending = Sending(
            self.store, transports, client.venue, self.clock, self.metrics, lambda: client.owner_ids, at_once
        )
        await sending.start()
        sending.add_jobs(self.scheduler, self.client.is_ready)
        if self.live:
            silences = Silences(self.store, Teller(self.store, client.venue), lambda: client.owner_ids, self.clock())
            self.scheduler.add("watch sources", partial(self._watch, silences), WATCH_SECONDS, self.clock())
        limits = Limits(settings.max_categories, settings.max_digests_per_channel, settings.max_saved_papers)
        overrides = Overrides(client.http, client.application_id or 0, lambda: client.venue.command_ids.get("digest"))
        return Responder(
            Answers(Desk(self.store, client.venue, sending.outbox, limits)),
            Callers(overrides, client.owner_ids),
            Limiter(settings.requests_per_minute, 60),
            self.clock,
            self.metrics.note_command,
        )

    def _start_jobs(self) -> None:
        if self.posts is not None:
            read = partial(self._read_posts, self.posts)
            self.scheduler.add("read posts", read, self.settings.poll_seconds, self.clock())
        if self.live is not None:
            self.live.add_jobs(self.scheduler, self.settings.poll_seconds)
        self.scheduler.add("tidy up", self._tidy, TIDY_SECONDS, self.clock())
        self.scheduler.start()

    async def _read_posts(self, posts: Posts) -> None:
        if await poll(self.store, posts, self.clock) is not None:
            self.metrics.note_ingest(self.clock())

    async def _watch(self, silences: Silences) -> None:
        if self.client.is_ready():
            await silences.tell(self.clock())

    async def _tidy(self) -> None:
        """Forget what was only kept for a while: old questions and records, servers that were left."""
        await self.store.queries.prune(self.clock() - timedelta(days=QUERY_DAYS))
        before = self.clock() - timedelta(days=self.settings.keep_records_days)
        await self.store.deliveries.prune(before)
        await self.store.occasions.prune(before)
        counted_before = self.clock() - timedelta(days=KEPT_DAYS)
        await self.store.observations.prune(counted_before)
        await self.store.candidates.prune(counted_before)
        forgotten = await self.guilds.forget(self.settings.keep_server_days)
        if forgotten:
            _log.info("forgot %s servers that were left", forgotten)

    async def _reach(self) -> datetime | None:
        """Find Discord, however long that takes: after a power cut the network may come up last."""
        address, pause = Address(self.settings.discord_api_base, self.settings.discord_proxy), 1.0
        while True:
            try:
                return await redirect(address)
            except UnreachableError as error:
                self.say(f"{error}: check network and proxy. Trying again in {pause:g} s.")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _say_clock(self, theirs: datetime | None) -> None:
        """Say when this machine's clock is off: digests would be late or early by as much."""
        seconds = (self.clock() - theirs).total_seconds() if theirs else 0.0
        if abs(seconds) > CLOCK_SECONDS:
            self.say(f"This machine's clock is {seconds:+.0f} s off Discord's: set it, or digests come at wrong times.")

    async def _say_plan(self) -> None:
        """Say what the bot will do, and what is missing for it."""
        settings = self.settings
        newest, days = await self.store.days.latest(), await self.store.days.count()
        self.say(
            f"Hot Papers {__version__} · database {settings.database} · {count(days, 'day')}"
            + (f", newest {newest.day}" if newest else "")
        )
        if self.posts is not None:
            self.say(f"Posts are read from {self.posts} every {settings.poll_seconds:g} s.")
        elif self.live is not None:
            self.say(self.live.describe())
        else:
            self.say("No posts are read: POSTS_SOURCE is not set. Digests wait until `hotpapers ingest` brings some.")
        if self.live is None and settings.posts_push:
            self.say("Nothing is pushed to POSTS_PUSH: only posts made here are, with POSTS_SOURCE=live.")
        where = f"server {settings.discord_guild_id} only" if settings.discord_guild_id else "every server and DM"
        self.say(f"Commands are installed in {where}. Stop with Ctrl-C.")

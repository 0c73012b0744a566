"""Measures what delivering costs: the real outbox and transport against bare POSTs of the same bodies, in CPU time.

claim ─► discord.py ─► the server for tests, in a process of its own ─► mark     ┐ the same messages
aiohttp's post ──────► the same                                                 ┘ at the same pace
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time
from typing import Any

import aiohttp
import discord

from benchmarks.corpus import Corpus
from benchmarks.frame import Row, make_row
from bot.app import get_now, open_store
from bot.delivery.breaker import Breaker
from bot.delivery.discord_transport import DiscordTransport
from bot.delivery.identity import find_identity
from bot.delivery.outbox import Outbox
from bot.delivery.pace import Pace
from bot.delivery.planner import Planner
from bot.delivery.shared import name_of
from bot.settings import Settings
from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.discord_server import Server, World
from tests.discord_server.sample_bot import redirect

MESSAGES, TARGET = 1_000, 2.5
_CREATED = datetime(2007, 4, 3, 10, 0, tzinfo=UTC)


def _serve(line: Connection, channels: int) -> None:
    """Be Discord in this process, until told to end."""

    async def run() -> None:
        world = World()
        guild = world.add_guild()
        made = [world.add_channel(guild, f"channel-{number}") for number in range(channels)]
        async with Server(world) as server:
            line.send((server.base, world.token, [str(one.id) for one in made]))
            await asyncio.to_thread(line.recv)

    asyncio.run(run())


@contextmanager
def open_discord(channels: int) -> Iterator[tuple[str, str, list[str]]]:
    """Run a Discord beside this process; its address, the bot's token and the ids of so many channels."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, channels), daemon=True)
    process.start()
    try:
        yield ours.recv()
        ours.send(None)
        process.join(10)
    finally:
        process.kill()


async def measure_mailing(scratch: Path, messages: int = MESSAGES, repeats: int = 1) -> list[Row]:
    """Send so many messages both ways, each to a channel of its own; return the CPU time of this process."""
    pace = Settings().sends_per_second
    pairs = []
    for number in range(repeats):
        with open_discord(messages) as (base, token, channels):
            await redirect(base)
            async with open_store(scratch / f"mailing-{number}.db") as store:
                planned = await _plan(store, channels)
                floor = await _post(base, token, planned, pace)
                pairs.append((floor, await _deliver(store, token, len(planned), pace)))
    return [make_row(f"delivery of {messages:,} messages, CPU time", f"{pace}/s", pairs, TARGET, "s")]


async def _plan(store: Store, channels: Sequence[str]) -> list[Delivery]:
    """Promise a digest to each channel."""
    await store.days.put(list(Corpus().editions(100)), [], _CREATED)
    for channel in channels:
        target = Target("channel", channel)
        await store.subscriptions.add(
            Subscription(target, count=8, created_at=_CREATED, created_edition=date(2007, 4, 2), guild_id="1")
        )
    await Planner(store).plan_due(datetime(2007, 4, 4, 9, 0, tzinfo=UTC))
    return await store.deliveries.list()


async def _post(base: str, token: str, planned: Sequence[Delivery], pace: int) -> float:
    """Post the bodies as they are; return the seconds of CPU time."""
    lane = Pace(pace).lane("channel")
    # A nonce of its own, or the server would give this message back when the bot sends it.
    bodies = [(one.target.id, _make_body(one)) for one in planned]
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {token}"}) as session:

        async def send(channel: str, body: dict[str, Any]) -> None:
            await lane.wait()
            async with session.post(f"{base}/channels/{channel}/messages", json=body) as response:
                response.raise_for_status()
                await response.json()

        begun = process_time()
        await asyncio.gather(*(send(*one) for one in bodies))
        return process_time() - begun


def _make_body(one: Delivery) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(one.payload)["message"]
    return {**message, "nonce": find_identity(*name_of(one))[::-1], "enforce_nonce": True}


async def _deliver(store: Store, token: str, count: int, pace: int) -> float:
    """Deliver all that is promised; return the seconds of CPU time."""
    lanes, breaker = Pace(pace), Breaker()
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(token)
        transport = DiscordTransport(client.http, lanes.lane("channel"), breaker.lane("channel"))
        now = datetime(2007, 4, 4, 9, 0, tzinfo=UTC)
        begin = get_now()
        outbox = Outbox(store, {"channel": transport}, lambda: now + (get_now() - begin))
        begun = process_time()
        await outbox.send_pending("channel")
        seconds = process_time() - begun
    sent = await store.deliveries.list(state="sent")
    if len(sent) != count:
        raise RuntimeError(f"{len(sent)} of {count} messages were sent")
    return seconds

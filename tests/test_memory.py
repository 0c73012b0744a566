"""The bot runs for years: what it sends and answers must not stay in its memory."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import get_now, open_store
from bot.delivery.outbox import Outbox
from bot.delivery.transport import Sent
from bot.ingest import ingest
from bot.running import Bot
from bot.settings import Settings
from storage.models import Subscription, Target
from tests.bot_process import SAMPLES
from tests.discord_server import Server, World

DIGESTS = 400
ALLOWED_BYTES = 600  # for each, caches that fill included: a view kept by discord.py would be 11,600


@pytest.fixture
async def running(tmp_path: Path, discord_address: None) -> AsyncIterator[tuple[Server, Bot]]:
    """A bot in this very process, on a server with one member, the samples read."""
    world = World()
    world.add_guild(members=[world.add_user("ada")])
    async with Server(world) as server, open_store(tmp_path / "bot.db") as store:
        await ingest(store, [SAMPLES], get_now)
        settings = Settings(discord_token=world.token, discord_api_base=server.base, requests_per_minute=100_000)
        bot, stopping = Bot(settings, store, get_now, lambda text: None), asyncio.Event()
        work = asyncio.create_task(bot.run(stopping))
        assert await server.connected()
        await bot.client.wait_until_ready()
        yield server, bot
        stopping.set()
        await asyncio.wait_for(work, 15)


async def test_discord_py_keeps_no_view_and_no_form(running: tuple[Server, Bot]) -> None:
    """Answers, pages, panels and forms come back by their custom ids: discord.py has nothing to remember."""
    server, bot = running
    ada = next(user for user in server.world.users.values() if user.name == "ada")
    for _ in range(5):
        top = await server.run_command(ada, "top", {"period": "all"})
        await server.press(ada, top, "Next ›")
        await server.press(ada, top, "11")
        await server.run_command(ada, "subscribe", {"category": "cs.CL"})
        panel = await server.run_command(ada, "subscriptions")
        form = await server.press(ada, panel, "Type a time…")
        assert form.modal is not None
        await server.submit(ada, form, {"value": "9:30"})
    kept = bot.client._connection._view_store
    assert (kept._views, kept._modals, kept._synced_message_views, kept._dynamic_items) == ({}, {}, {}, {})
    assert server.violations == [] and server.unanswered == []


class Silence:
    """A transport that sends nowhere and keeps nothing."""

    sent = 0

    async def open_dm(self, member_id: str) -> str:
        return member_id

    async def send(self, channel_id: str, body: Mapping[str, Any], nonce: str) -> Sent:
        self.sent += 1
        return Sent(channel_id, str(self.sent))

    async def post(self, forum_id: str, name: str, tags: tuple[str, ...], body: Mapping[str, Any]) -> Sent:
        return await self.send(forum_id, body, name)

    async def find(self, channel_id: str, marker: str, since: datetime) -> Sent | None:
        return None

    async def publish(self, sent: Sent) -> None:
        """Nothing is published."""

    async def open_thread(self, sent: Sent, name: str) -> None:
        """No thread is opened."""


async def test_digests_sent_leave_nothing_behind(tmp_path: Path) -> None:
    """A digest to each of a hundred thousand channels takes no more memory than one to a few."""
    async with open_store(tmp_path / "bot.db") as store:
        await ingest(store, [SAMPLES], get_now)
        transport = Silence()
        outbox = Outbox(store, {"channel": transport}, get_now)

        async def send(numbers: range) -> None:
            for number in numbers:
                one = await store.subscriptions.add(Subscription(Target("channel", str(number)), count=1))
                assert (await outbox.send(one, f"now:{number}", get_now())).state == "sent"

        await send(range(100, 200))  # caches fill
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        await send(range(200, 200 + DIGESTS))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert transport.sent == 100 + DIGESTS
    assert (after - before) / DIGESTS < ALLOWED_BYTES

"""The promises of the running bot: the real program and the real discord.py against the Discord for tests."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.bot_process import Place, Start, wait_for_posts
from tests.discord_server import Channel, Server

QUESTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("top", {}, "Top papers · week"),
    ("top", {"category": "cs.CV", "period": "all"}, "Top papers"),
    ("search", {"query": "learning"}, "Search"),
    ("search", {"query": "learning", "category": "cs", "since": "30 days", "author": "a"}, "Search"),
    ("saved", {}, "Saved"),
    ("categories", {}, "Categories"),
    ("help", {}, "Hot papers"),
    ("status", {}, "newest post"),
    ("subscriptions", {}, ""),
]


@pytest.mark.parametrize("where", ["server", "DM", "on their own account"])
async def test_every_question_is_answered_everywhere(server: Server, place: Place, start: Start, where: str) -> None:
    """In a server, alone with the bot, and as an app of one's own in a foreign server: the right private answer."""
    bot = await start()
    await wait_for_posts(bot)
    channel: Channel = place.general
    user = place.ada
    if where == "DM":
        channel = place.world.get_dm(place.ada)
    elif where == "on their own account":
        user = place.world.add_user("eve", installed=True)
        channel = place.world.add_guild("Elsewhere", members=[user], installed=False).get_channel("general")
    for name, options, expected in QUESTIONS:
        answer = await server.run_command(user, name, options, channel=channel)
        assert answer.ephemeral, (name, answer)
        assert expected in answer.text, (name, answer)
        assert answer.milliseconds < 3000


async def test_a_second_tap_at_once_changes_nothing(server: Server, place: Place, start: Start) -> None:
    """Save says saved, sharing shows one message, removing it is no error: however quick the second tap."""
    bot = await start()
    await wait_for_posts(bot)
    paper = await server.run_command(place.ada, "paper", {"id": "2009.10795"})
    saved = await asyncio.gather(*(server.press(place.ada, paper, "Save") for _ in range(2)))
    assert all("saved" in answer.text.lower() for answer in saved), saved
    await asyncio.gather(*(server.press(place.ada, paper, "Show to everyone") for _ in range(2)))
    (shared,) = server.messages(place.general)
    await asyncio.gather(*(server.press(place.ada, shared, "Remove") for _ in range(2)))
    assert server.messages(place.general) == []


async def test_a_role_that_is_deleted_is_not_pinged(server: Server, place: Place, start: Start) -> None:
    """The digest goes on without the ping."""
    role = place.world.add_role(place.guild, "readers", mentionable=True)
    bot = await start()
    await wait_for_posts(bot)
    panel = await server.run_command(place.admin, "digest add", {"channel": place.general, "mention": role})
    assert f"<@&{role.id}>" in panel.text
    server.delete_role(place.guild, role)
    async with asyncio.timeout(10):  # what becomes of a server is noted beside the answers
        while f"<@&{role.id}>" in panel.text:
            panel = await server.run_command(place.admin, "digest edit")
    await server.press(place.admin, panel, "Post it now")
    assert f"<@&{role.id}>" not in server.messages(place.general)[-1]["content"]


async def test_a_slow_answer_says_first_that_it_takes_a_moment(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """While another process holds the database a change waits for it, and Discord hears of that in time."""
    bot = await start()
    await wait_for_posts(bot)
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asked = asyncio.create_task(server.run_command(place.ada, "subscribe", {"category": "cs.CL"}))
        await asyncio.sleep(1.5)
        assert not asked.done()
        other.execute("ROLLBACK")
    answer = await asked
    assert answer.deferred and answer.ephemeral and answer.milliseconds < 3000
    assert "Your first digest" in answer.text

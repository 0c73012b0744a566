"""The promises about trouble in the real bot: a member whose messages are closed is told so after their next answer."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.bot_process import Place, Start, wait_for_posts
from tests.discord_server import Answer, Server
from tests.discord_server.message_rules import find_texts


def pause(folder: Path, reason: str) -> None:
    """Pause all digests as the bot does by itself."""
    with closing(sqlite3.connect(folder / "bot.db")) as connection, connection:
        connection.execute(
            "UPDATE subscriptions SET paused_at = '2021-04-14T09:00:00+00:00', pause_reason = ?, told_at = NULL",
            (reason,),
        )


async def find_news(answer: Answer) -> list[str]:
    """Return what was said after an answer, which comes a moment later."""
    for _ in range(50):
        if answer.followups:
            break
        await asyncio.sleep(0.02)
    assert all(one["flags"] & 64 for one in answer.followups)
    return ["\n".join(text for text in find_texts(one) if text) for one in answer.followups]


async def test_closed_messages_are_told_after_the_next_answer(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """Whatever the member asks, anywhere, once and privately, with a way to go on; their answer comes as ever."""
    await wait_for_posts(await start())
    await server.run_command(place.ada, "subscribe", {"category": "cs.CL"})
    pause(tmp_path, "DMs closed")
    other = await server.run_command(place.bob, "top")
    answer = await server.run_command(place.ada, "top", channel=place.news)
    assert "Hot papers" in answer.text or "Top" in answer.text, answer
    (news,) = await find_news(answer)
    assert "paused" in news and "Privacy Settings" in news
    assert await find_news(await server.run_command(place.ada, "top")) == []
    assert await find_news(other) == []
    panel = await server.run_command(place.ada, "subscriptions")
    resumed = await server.press(place.ada, panel, "Resume")
    assert "Paused since" not in resumed.text, resumed


async def test_settings_say_it_themselves(server: Server, place: Place, start: Start, tmp_path: Path) -> None:
    """Whoever opens their settings reads it there, and not a second time."""
    await wait_for_posts(await start())
    await server.run_command(place.ada, "subscribe", {"category": "cs.CL"})
    pause(tmp_path, "DMs closed")
    panel = await server.run_command(place.ada, "subscriptions")
    assert "Paused since" in panel.text and await find_news(panel) == []

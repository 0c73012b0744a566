"""The promises of the process: how it starts, what stops it, how it ends, and what it bears from Discord's side."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from tests.bot_process import ROOT, BotProcess, Place, Start, wait_for_posts
from tests.discord_server import Fault, Server
from tests.discord_server.permissions import SEND_MESSAGES
from tests.posts import make_entry, make_post


async def run_command_line(server: Server, folder: Path, *words: str, **environment: str) -> tuple[int | None, str]:
    """Run a command of the program beside the bot; return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": server.world.token,
            "DISCORD_API_BASE": server.base,
            "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
            **environment,
        },
        stdout=PIPE,
        stderr=STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, printed.decode()


def find_free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def test_a_bot_without_network_waits_for_it(server: Server, tmp_path: Path) -> None:
    """Where nothing answers it says so and tries again, as after a power cut; asked to stop meanwhile, it stops."""
    base = f"http://127.0.0.1:{find_free_port()}/api/v10"
    bot = BotProcess(server, tmp_path, DISCORD_API_BASE=base)
    await bot.start(wait=False)
    await bot.until("Trying again in 2 s")
    assert await bot.stop() == 0
    assert "Traceback" not in bot.output and bot.find_errors() == []


async def test_what_is_wrong_at_start_is_said_with_exit_code_2(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """No token, a wrong one, something else at the address, a second bot on one database: words, and no token."""
    secret = "wrong.token.of-nobody"  # noqa: S105
    cases = [
        ({"DISCORD_TOKEN": ""}, "DISCORD_TOKEN is not set"),
        ({"DISCORD_TOKEN": "no token at all"}, "DISCORD_TOKEN is not valid"),
        ({"DISCORD_TOKEN": secret}, "DISCORD_TOKEN was refused"),
        ({"DISCORD_API_BASE": f"{server.origin}/elsewhere/api/v10"}, "is not Discord: check DISCORD_API_BASE"),
    ]

    async def fail(environment: dict[str, str], said: str) -> None:
        bot = BotProcess(server, tmp_path / said.split()[-1], **environment)
        (tmp_path / said.split()[-1]).mkdir()
        await bot.start(wait=False)
        assert await bot.wait() == 2, bot.output
        assert said in bot.output and "Traceback" not in bot.output, bot.output
        assert secret not in bot.output and "no token at all" not in bot.output

    await asyncio.gather(*(fail(*case) for case in cases))
    assert len(server.violations) == 1  # the address where nothing is
    server.violations.clear()
    first = await start()
    second = BotProcess(server, tmp_path)
    await second.start(wait=False)
    assert await second.wait() in (1, 2)
    assert f"Another process (pid {first.pid})" in second.output and "Traceback" not in second.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_within_ten_seconds_with_the_answer_in_hand_given(
    server: Server, place: Place, start: Start, number: int
) -> None:
    """Asked to stop while an answer waits for Discord, the bot gives the answer, then ends with exit code 0."""
    bot = await start()
    await bot.until("new or changed post")
    panel = await server.run_command(place.admin, "digest add", {"channel": place.general})
    server.faults.append(Fault("/channels/[0-9]+/messages$", "POST", hang_seconds=1.5))
    pressed = asyncio.create_task(server.press(place.admin, panel, "Post it now"))
    await server.until(lambda: server.faults[0].struck)
    assert await bot.stop(number, seconds=10) == 0, bot.output
    answer = await pressed
    assert "✓ Posted" in answer.text and len(server.messages(place.general)) == 1


async def test_lines_that_break_and_answers_that_come_too_late_are_nobodys_error(
    server: Server, place: Place, start: Start
) -> None:
    """After a cut line, a request to reconnect and a lost session it answers; 10062, 40060 and 500 end nothing."""
    bot = await start()
    await bot.until("new or changed post")

    async def answers() -> None:
        answer = await server.run_command(place.ada, "help")
        assert answer.ephemeral and "Hot papers" in answer.text.replace("Papers", "papers")

    resumes, identifies = server.gateway.resumes, server.gateway.identifies
    await server.gateway.drop()
    assert await server.until(lambda: server.gateway.resumes > resumes, 20)
    await answers()
    server.gateway.ask_to_reconnect()
    assert await server.until(lambda: server.gateway.resumes > resumes + 1, 20)
    await answers()
    server.gateway.invalidate()
    assert await server.until(lambda: server.gateway.identifies > identifies, 30)
    await answers()
    for code, status in ((10062, 404), (40060, 400)):
        body = {"message": "over", "code": code}
        server.faults.append(Fault("/callback$", "POST", when="after", status=status, body=body))
        await server.run_command(place.ada, "top")
    server.faults.append(Fault("/callback$", "POST", status=500, body={"message": "broken"}))
    await answers()
    assert bot.find_errors() == [], bot.output


async def test_another_copy_with_the_same_token_is_noticed(server: Server, place: Place, tmp_path: Path) -> None:
    """When somebody else answers one interaction after the other, the log and the owner's /status say so."""
    bot = BotProcess(server, tmp_path)
    await bot.start()
    try:
        await wait_for_posts(bot)
        for _ in range(5):
            body = {"message": "Interaction has already been acknowledged.", "code": 40060}
            server.faults.append(Fault("/callback$", "POST", when="after", status=400, body=body))
            await server.run_command(place.ada, "help")
        await bot.until("ERROR")
        assert [line.split("another copy")[-1][:8] for line in bot.find_errors()] == [" of this"], bot.output
        answer = await server.run_command(place.world.owner, "status")
        assert "another copy of this bot runs with its token" in answer.text
    finally:
        await bot.kill()


async def test_the_health_page_tells_how_it_is(server: Server, place: Place, start: Start) -> None:
    """/healthz has gateway, database and scheduler; /metrics counts the commands that were answered."""
    port = find_free_port()
    await start(HEALTH_PORT=str(port))
    await server.run_command(place.ada, "help")
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        async with session.get("/healthz") as page:
            assert page.status == 200
            assert await page.json() == {"gateway": "ok", "database": "ok", "scheduler": "ok"}
        async with session.get("/metrics") as page:
            assert 'hotpapers_commands_total{command="help",outcome="ok"} 1.0' in await page.text()


async def test_the_doctor_finds_what_is_missing_and_the_invitation_asks_for_no_more(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """With everything in place all is ok and the exit code 0; a missing permission is named, with exit code 1."""
    world, today = place.world, datetime.now(UTC)
    number = base64.urlsafe_b64encode(str(world.bot.id).encode()).decode().rstrip("=")
    world.token = f"{number}.test.token"
    posts = tmp_path / "posts"
    posts.mkdir()
    day = (today - timedelta(days=1)).date().isoformat()
    post = make_post(make_entry(), day=day, date=f"{today:%Y-%m-%dT%H:%M:%S}.Z")
    (posts / f"{day}---Hot-Papers.md").write_text(post)
    await start(POSTS_SOURCE=str(posts))
    await server.run_command(place.admin, "digest add", {"channel": place.general})
    code, printed = await run_command_line(server, tmp_path, "doctor", POSTS_SOURCE=str(posts))
    assert code == 0 and world.token not in printed, printed
    place.general.deny(world.bot, SEND_MESSAGES)
    code, printed = await run_command_line(server, tmp_path, "doctor", "--json", POSTS_SOURCE=str(posts))
    wrong = [one for one in json.loads(printed)["findings"] if one["is_ok"] is False]
    assert code == 1 and len(wrong) == 1 and "Send Messages" in wrong[0]["detail"], printed
    code, printed = await run_command_line(server, tmp_path, "invite")
    assert code == 0 and f"client_id={world.bot.id}" in printed and "permissions=309237713920" in printed
    _, printed = await run_command_line(server, tmp_path, "invite", "--no-threads")
    assert "permissions=68608" in printed

"""The promises of POSTS_SOURCE=live, with the real program: today's post is made, shown, told of and pushed."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import aiohttp
import pytest

from bot.app import get_now
from bot.collecting.post_file import name_file
from bot.digest.post import parse
from bot.digest.timetable import find_newest
from tests.bot_process import BotProcess, Place, Start
from tests.discord_server import Server
from tests.git_site import Site
from tests.live_world import World, name_paper, run_world

COUNTS = {"upvotes": {1: 100, 2: 75, 3: 41, 5: 2}, "points": {4: 200, 1: 10}, "likes": {2: 300}}


class Preview(BotProcess):
    """`make run` without a token."""

    command = ("-m", "bot", "run", "--or-preview")


async def test_a_bot_makes_todays_digest_and_shows_it(server: Server, place: Place, start: Start) -> None:
    """Started with nothing it asks all sources once, says when the next post comes, and posts this one on Discord."""
    world = World(find_newest(get_now()), range(1, 6), **COUNTS)
    async with run_world(world):
        bot = await start(POSTS_SOURCE="live", **world.find_env())
        await bot.until(f"made the post of {world.day}: 4 papers", 60)
        panel = await server.run_command(place.admin, "digest add", {"channel": place.general}, channel=place.general)
        assert "✓ Posted in" in (await server.press(place.admin, panel, "Post it now")).text
        why = await server.run_command(place.admin, "digest why", {"channel": place.general}, channel=place.general)
        assert await bot.stop() == 0
    (message,) = server.messages(place.general)
    assert f"About {name_paper(2)}" in str(message)
    assert "✓ source reached" in why.text and "it was made without" not in why.text
    assert f"that of {world.day} if it is not there yet" in bot.output
    assert [world.asked.count(name) for name in ("hn", "subscribe", "xrpc")] == [1, 1, 1]


# The program, killed where the post is in the store and not in its file.
_CUT = """
import os
from bot.collecting import collection
assert collection.write_post
collection.write_post = lambda *path, **options: os.kill(os.getpid(), 9)
from bot.cli import main
main()
"""


class CutBot(BotProcess):
    """A bot that a power cut ends before it writes its first post."""

    command = ("-c", _CUT, "run")


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
async def test_a_bot_that_was_killed_completes_its_post_and_pushes_it(
    server: Server, start: Start, tmp_path: Path
) -> None:
    """Killed between store and file, the next start writes the same post, asks nobody again, and pushes it once."""
    world, site = World(find_newest(get_now()), range(1, 6), **COUNTS), Site(tmp_path / "web")
    path = tmp_path / "posts" / name_file(world.day)
    async with run_world(world):
        environment = {"POSTS_SOURCE": "live", "POSTS_PUSH": f"{site.bare}#content/posts", **world.find_env()}
        cut = CutBot(server, tmp_path, **environment)
        await cut.start(wait=False)
        assert await cut.wait(60) == -signal.SIGKILL, cut.output
        assert not path.exists()
        asked = [one for one in world.asked if one != "subscribe"]
        bot = await start(**environment)
        await bot.until(f"pushed {world.day} to {site.bare}#content/posts", 90)
        assert await bot.stop() == 0
    assert [one for one in world.asked if one != "subscribe"] == asked
    assert len(parse(path.read_text()).papers) == 4
    assert site.run("show", f"main:content/posts/{path.name}", where=site.bare) == path.read_text().strip()
    assert site.run("rev-list", "--count", "main", where=site.bare) == "1"


async def test_the_page_shows_the_post_that_it_makes(server: Server, tmp_path: Path) -> None:
    """`make run` without a token and without a database: today's post is on the page, and no sample."""
    world = World(find_newest(get_now()), range(1, 6), **COUNTS)
    async with run_world(world), aiohttp.ClientSession() as session:
        page = Preview(server, tmp_path, DISCORD_TOKEN="", PREVIEW_PORT="0", POSTS_SOURCE="live", **world.find_env())
        try:
            await page.start(wait=False)
            await page.until("http://127.0.0.1:")
            await page.until(f"made the post of {world.day}", 60)
            address = page.output.partition("http://")[2].split("/")[0].split()[0]
            async with session.get(f"http://{address}/api/days") as answer:
                days = await answer.text()
            assert await page.stop() == 0, page.output
        finally:
            await page.kill()
    assert str(world.day) in days and "2021" not in days

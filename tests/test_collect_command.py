"""The promises of `hotpapers collect`: all sources together, over HTTP, out of the settings; output, exit codes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app import find_folder, get_now, open_sources, open_store
from bot.collecting.collection import collect
from bot.collecting.post_file import name_file
from bot.digest.post import parse
from bot.digest.timetable import find_newest
from bot.errors import ConfigError
from bot.settings import Settings
from storage.lock import hold_lock
from tests.collecting import DAY, NOW, list_ids
from tests.live_world import World, name_paper, run_world
from tests.test_cli import run

COUNTS = {"upvotes": {1: 100, 2: 75, 3: 41, 5: 2}, "points": {4: 200, 1: 10}, "likes": {2: 300}}


async def run_there(folder: Path, world: World, *arguments: str, code: int = 0, **env: str) -> Any:
    """Run the command in a folder while the world answers."""
    return await asyncio.to_thread(run, folder, "collect", *arguments, code=code, **world.find_env(), **env)


async def test_every_source_is_asked_and_the_post_has_them_all(tmp_path: Path) -> None:
    """Announcements, details, votes, stories and posts come together over HTTP; a second run asks for nothing."""
    world = World(DAY, range(1, 6), **COUNTS)
    async with run_world(world), open_store(tmp_path / "bot.db") as store:
        settings = world.find_settings(tmp_path)
        for status in ("written", "unchanged"):
            async with open_sources(settings, store, clock=lambda: NOW) as sources:
                assert sources.ear
                outcome = await collect(store, sources, DAY, tmp_path / "posts", NOW)
            assert outcome.status == status
    assert outcome.path == tmp_path / "posts" / name_file(DAY)
    post = parse(outcome.path.read_text())
    assert post == outcome.post
    assert list_ids(outcome) == [2, 1, 4, 3]
    assert dict(post.papers[0].engagement) == {
        "bluesky.reposts": 2, "bluesky.quotes": 1, "bluesky.likes": 300, "bluesky.posts": 1, "huggingface.upvotes": 75
    }  # fmt: skip
    assert (post.papers[0].paper.title, post.papers[0].mentions[0].text) == ("About 2611.00002", "Read this")
    assert outcome.missing == {}
    assert sorted(set(world.asked)) == ["api", "hf", "hn", "rss", "subscribe", "xrpc"]
    assert [world.asked.count(name) for name in ("rss", "api", "hn", "subscribe", "xrpc")] == [1, 1, 1, 1, 1]


async def test_arxiv_has_one_connection(tmp_path: Path) -> None:
    """Its feeds and its query API are two hosts, and none is kept open while the other is asked."""
    world, held, counts = World(DAY, range(1, 6), **COUNTS), set(), []

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.startswith(("/rss", "/api")):
            held.add(request.transport)
            counts.append(sum(not (one is None or one.is_closing()) for one in held))
        return await world.answer(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as feeds, run_world(world, answer), open_store(tmp_path / "bot.db") as store:
        settings = replace(world.find_settings(tmp_path), arxiv_rss_base=str(feeds.make_url("/rss")))
        async with open_sources(settings, store, ("arxiv", "huggingface"), clock=lambda: NOW) as sources:
            await collect(store, sources, DAY, tmp_path / "posts", NOW)
    assert counts == [1, 1]


async def test_people_and_programs_are_told_what_came_of_it(tmp_path: Path) -> None:
    """The result on standard output, how it goes on standard error; a source that fails is named and no failure."""
    world, asked = World(find_newest(get_now()), down={"hn"}, **COUNTS), ("--sources", "huggingface,hackernews")
    async with run_world(world):
        done = await run_there(tmp_path, world, *asked, "--json")
        again = await run_there(tmp_path, world, *asked)
    told, path = json.loads(done.stdout), tmp_path / "posts" / name_file(world.day)
    assert (told["day"], told["status"], told["path"], told["older"]) == (str(world.day), "written", str(path), 0)
    assert "answered 403" in told["missing"]["hackernews"]
    assert [paper["arxiv_id"] for paper in told["papers"]] == [name_paper(number) for number in (1, 2, 3)]
    assert [paper.paper.arxiv_id for paper in parse(path.read_text()).papers] == [name_paper(one) for one in (1, 2, 3)]
    assert list(path.parent.iterdir()) == [path]
    assert "huggingface: 4 entries about 4 papers" in done.stderr
    assert "hackernews is missing: " in done.stderr
    assert again.stdout.splitlines()[:2] == [f"{path}: 3 papers (unchanged)", "made without arxiv, hackernews, bluesky"]


async def test_when_all_fail_there_is_one_error_and_no_file(tmp_path: Path) -> None:
    """Exit code 1; what is said names every source, and there is nothing else to clear away."""
    world = World(find_newest(get_now()), down={"hn", "hf"})
    async with run_world(world):
        done = await run_there(tmp_path, world, "--sources", "huggingface,hackernews", code=1)
    error = done.stderr.splitlines()[-1]
    assert error.startswith(f"hotpapers: There is no post of {world.day}, since nothing could be counted")
    assert "huggingface: " in error
    assert "hackernews: " in error
    assert not (tmp_path / "posts").exists()


def test_a_day_without_an_announcement_is_no_failure(tmp_path: Path) -> None:
    """Thanksgiving and weekends: the reason, exit code 0, no request and no file."""
    assert (
        "arXiv announced nothing on 2025-11-27 (Thanksgiving)."
        in run(tmp_path, "collect", "--date", "2025-11-27").stdout
    )
    told = json.loads(run(tmp_path, "collect", "--date", "2026-11-14", "--json").stdout)
    assert (told["status"], told["path"]) == ("nothing", None)
    assert told["reason"] == "arXiv announced nothing on 2026-11-14 (weekend)"
    assert not (tmp_path / "posts").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--sources", "twitter"), "there is no source 'twitter'"),
        (("--sources", "arxiv"), "papers are ranked by what is counted"),
        (("--sources", ","), "papers are ranked by what is counted"),
        (("--date", "yesterday"), "does not match the format"),
        (("--date", "2999-01-02"), "scored 24 hours after arXiv's announcement"),
        (("--date", "0001-01-01"), "arXiv's first day was 1991-08-14"),
        (("--date", "1991-08-13"), "arXiv's first day was 1991-08-14"),
    ],
)
def test_what_can_not_be_asked_for_is_told(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2, and what to do instead."""
    assert told in run(tmp_path, "collect", *arguments, code=2).stderr


def test_a_file_of_others_is_kept(tmp_path: Path) -> None:
    """Asked for a day whose file somebody else wrote: exit code 2, no request."""
    path = tmp_path / "posts" / "2026-11-12---Hot-Papers.md"
    path.parent.mkdir()
    path.write_text("my own")
    assert "--overwrite" in run(tmp_path, "collect", "--date", "2026-11-12", code=2).stderr
    assert path.read_text() == "my own"


def test_two_do_not_make_posts_at_once(tmp_path: Path) -> None:
    """While one makes posts for a database a second one says so and leaves; delivering goes on meanwhile."""
    database = tmp_path / "hotpapers.db"
    with hold_lock(database), hold_lock(database, "makes posts for", ".collect.lock"):
        done = run(tmp_path, "collect", "--date", "2026-11-12", code=1)
    assert "already makes posts for" in done.stderr


@pytest.mark.parametrize("command", ["collect", "run", "preview"])
@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_folder_that_is_not_there_is_told_by_all_alike(tmp_path: Path, command: str, kind: str) -> None:
    """Whatever would make a database says in one line which folder lacks, and makes none."""
    folder = tmp_path / "data"
    if kind == "file":
        folder.write_text("mine")
    env = {
        "DATABASE_URL": f"sqlite:///{folder}/bot.db",
        "POSTS_SOURCE": "live",
        "DISCORD_TOKEN": "a.b.c",
    }
    done = run(tmp_path, command, code=1, **env)
    told = f"hotpapers: The folder {folder} does not exist: create it, or choose another place."
    assert done.stderr.splitlines()[-1] == told
    assert folder.is_file() == (kind == "file") == folder.exists()


def test_posts_go_where_they_are_read_from(tmp_path: Path) -> None:
    """The folder that POSTS_SOURCE names, if it is one; else the folder beside the database."""
    database = tmp_path / "data" / "bot.db"
    assert find_folder(Settings(database=database, posts_source=tmp_path)) == tmp_path
    for address in (None, "live", tmp_path / "missing"):
        assert find_folder(Settings(database=database, posts_source=address)) == tmp_path / "data" / "posts"  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["https_proxy", "all_proxy"])
async def test_a_proxy_that_can_not_be_used_is_told_before_anything_is_asked(tmp_path: Path, name: str) -> None:
    """The setting is named, without its value."""
    settings = Settings(database=tmp_path / "bot.db", proxies={name: "socks5://user:secret@127.0.0.1"})
    async with open_store(settings.database) as store:
        with pytest.raises(ConfigError, match=name.upper()) as error:
            async with open_sources(settings, store):
                pass
    assert "secret" not in str(error.value)


def test_days_are_those_of_the_calendar() -> None:
    """Without --date it is the newest day whose 24 hours are over."""
    assert find_newest(datetime(2026, 11, 29, 12, tzinfo=UTC)) == date(2026, 11, 25)  # Thanksgiving is not announced
    assert find_newest(NOW) - DAY == timedelta(0)

"""The promises of a repository as POSTS_SOURCE: the commands take it as they take a folder, and say what is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bot.app import get_now, open_store
from bot.doctor import examine
from bot.settings import Settings
from bot.sources.address import parse_repository
from tests.bot_process import Start
from tests.git_site import Site
from tests.test_cli import run

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A repository with two posts."""
    made = Site(tmp_path / "web")
    made.write("2021-04-13", "2021-04-14")
    made.push()
    return made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder to work in."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_repository_is_ingested(site: Site, home: Path) -> None:
    """By its address, or by POSTS_SOURCE without one; beside the database there is a clone, and nothing else."""
    address = f"{site.bare}#content/posts"
    assert "2 files: 2 new" in run(home, "ingest", address).stdout
    report = json.loads(run(home, "ingest", "--json", POSTS_SOURCE=f"file://{address}").stdout)
    assert (report["unchanged"], report["troubles"]) == (2, [])
    assert "Hot Papers 2021-04-14" in run(home, "day", "latest").stdout
    assert {path.name for path in home.iterdir()} <= {f"hotpapers.db{end}" for end in ("", "-wal", "-shm", ".git")}


def test_a_repository_that_is_away_is_said(site: Site, home: Path) -> None:
    """What was read stays, standard error says why there is no more, and the exit code is 1."""
    address = f"{site.bare}#content/posts"
    run(home, "ingest", address)
    site.bare.rename(site.folder / "away.git")
    result = run(home, "ingest", "--json", address, code=1)
    report = json.loads(result.stdout)
    assert report["unchanged"] == 2 and "no repository" in report["troubles"][0]
    result = run(home, "ingest", address, code=1)
    assert "no repository at that address" in result.stderr and "2 unchanged" in result.stdout
    assert "can't be read" in run(home, "ingest", f"{site.bare}.x.git#posts", code=1).stderr


def test_what_is_no_address_is_misuse(home: Path) -> None:
    """A trick, and live where there is nothing to read, end with exit code 2."""
    assert "remote helpers" in run(home, "ingest", "ext::sh -c 'touch x'", code=2).stderr
    assert "Missing argument" in run(home, "ingest", code=2, POSTS_SOURCE="live").stderr
    assert "POSTS_SOURCE is not valid" in run(home, "status", code=2, POSTS_SOURCE="ext::sh -c x").stderr
    assert list(home.iterdir()) == []


async def test_a_bot_follows_a_repository(site: Site, start: Start) -> None:
    """It reads what is there, and each push within POLL_SECONDS; while the repository is away it goes on."""
    bot = await start(POSTS_SOURCE=f"{site.bare}#content/posts", POLL_SECONDS="1")
    await bot.until("read 2 new or changed posts")
    assert f"Posts are read from {site.bare}#content/posts every 1 s." in bot.output
    away = site.bare.rename(site.folder / "away.git")
    await bot.until("what was read before stays")
    away.rename(site.bare)
    site.write("2021-04-15")
    site.push()
    await bot.until("read 1 new or changed post")
    assert await bot.stop() == 0


async def test_the_doctor_asks_the_repository(site: Site, home: Path) -> None:
    """It says when it can't be read, fetches nothing, and makes nothing."""
    settings = Settings(database=home / "bot.db", posts_source=parse_repository(f"{site.bare}#content/posts"))
    found = {one.name: one for one in await examine(settings, None, open_store, get_now)}
    assert found["posts"].detail == "none is stored"
    site.bare.rename(site.folder / "away.git")
    found = {one.name: one for one in await examine(settings, None, open_store, get_now)}
    assert found["posts"].is_ok is False and "no repository at that address" in found["posts"].detail
    assert list(home.iterdir()) == []

"""The promises of pushing posts: they arrive in one commit on top of what others pushed, or an error says why not."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.sources import git_publish
from bot.sources.address import parse_repository
from bot.sources.git import GitPosts
from tests.git_site import Site, serve
from tests.posts import make_entry, make_post

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A repository with one post and a page of the site's own."""
    made = Site(tmp_path / "web")
    made.write("2021-04-13")
    (made.work / "README.md").write_text("A site.\n")
    made.push()
    return made


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_publish, "FIRST_PAUSE", 0.05)


def write_post(folder: Path, day: str, title: str = "A Title") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{day}---Hot-Papers.md"
    path.write_text(make_post(make_entry(title=title), day=day))
    return path


def is_ours(raw: bytes) -> bool:
    """Tell whether a file is one of `write_post`'s, and not one that the site's author wrote or changed."""
    return b"Title\n" in raw and b"by hand" not in raw


def open_posts(site: Site, tmp_path: Path, name: str = "bot.db", address: str = "") -> GitPosts:
    return GitPosts(parse_repository(f"{address or site.bare}#content/posts"), tmp_path / name)


async def test_posts_arrive_in_one_commit(site: Site, tmp_path: Path) -> None:
    """Under their own names in the folder, with all else as it was, and they are read back as they were."""
    posts = open_posts(site, tmp_path)
    paths = [write_post(tmp_path / "out", day) for day in ("2026-11-20", "2026-11-21")]
    before = site.run("rev-parse", "HEAD", where=site.bare)
    commit = (await posts.publish(paths, "Hot Papers 2026-11-21", is_ours)).commit
    assert site.list() == [
        "README.md",
        "content/posts/2021-04-13---Hot-Papers.md",
        "content/posts/2026-11-20---Hot-Papers.md",
        "content/posts/2026-11-21---Hot-Papers.md",
    ]
    shown = site.run("log", "-1", "--format=%H %P %an %s", where=site.bare)
    assert shown == f"{commit} {before} Hot Papers Hot Papers 2026-11-21"
    found = await posts.find()
    with posts.open() as read:
        assert read(found.files[1]) == paths[0].read_text()


async def test_posts_that_are_there_make_no_commit(site: Site, tmp_path: Path) -> None:
    """Pushing once more, after a crash perhaps, changes nothing; a post that changed replaces the old one."""
    posts, path = open_posts(site, tmp_path), write_post(tmp_path / "out", "2026-11-21")
    published = await posts.publish([path], "one", is_ours)
    assert await posts.publish([path], "again", is_ours) == published
    assert await open_posts(site, tmp_path, "other.db").publish([path], "again", is_ours) == published
    write_post(tmp_path / "out", "2026-11-21", "Another Title")
    assert await posts.publish([path], "corrected", is_ours) != published
    assert site.run("rev-list", "--count", "HEAD", where=site.bare) == "3"


async def test_a_file_of_somebody_else_stays(site: Site, tmp_path: Path) -> None:
    """What has a post's name and is not ours, be it a folder or a link, is named and left; the others are pushed."""
    posts, folder = open_posts(site, tmp_path), site.work / "content" / "posts"
    paths = [write_post(tmp_path / "out", f"2026-11-{day}") for day in range(16, 22)]
    await posts.publish(paths[:2], "two", is_ours)
    site.run("pull", "-q", "origin", "main")
    for path, text in ((paths[1], paths[1].read_text() + "by hand\n"), (paths[2], "somebody else's")):
        (folder / path.name).write_text(text)
    (folder / paths[3].name).mkdir()
    (folder / paths[3].name / "index.md").write_text("a page")
    (folder / paths[4].name).symlink_to("2021-04-13---Hot-Papers.md")
    before = site.push(message="by hand")
    write_post(tmp_path / "out", "2026-11-16", "A Corrected Title")
    done = await posts.publish(paths, "all", is_ours)
    assert done.kept == tuple(path.name for path in paths[1:5])
    changed = site.run("diff", "--name-status", before, done.commit, where=site.bare).splitlines()
    assert changed == [f"M\tcontent/posts/{paths[0].name}", f"A\tcontent/posts/{paths[5].name}"]
    assert await posts.publish(paths, "again", is_ours) == done


async def test_a_file_in_place_of_the_folder_stays(site: Site, tmp_path: Path) -> None:
    """Where the folder is a link or a file of the site's own, nothing is pushed and the error says what to do."""
    (site.work / "out").symlink_to("content")
    commit = site.push()
    posts = GitPosts(parse_repository(f"{site.bare}#out/posts"), tmp_path / "bot.db")
    with pytest.raises(SourceError, match="a file is where the folder after the # should be"):
        await posts.publish([write_post(tmp_path / "made", "2026-11-21")], "x", is_ours)
    assert site.run("rev-parse", "HEAD", where=site.bare) == commit


async def test_what_others_push_meanwhile_stays(site: Site, tmp_path: Path) -> None:
    """Several push at once, and everybody's posts are there in the end."""
    bots = [open_posts(site, tmp_path, f"{number}.db") for number in range(4)]
    for bot in bots:
        await bot.find()
    site.write("2021-04-14")
    site.push()
    days = [f"2026-11-1{number}" for number in range(4)]
    paths = [write_post(tmp_path / "out", day) for day in days]
    await asyncio.gather(*(bot.publish([path], path.name, is_ours) for bot, path in zip(bots, paths, strict=True)))
    assert {f"content/posts/{path.name}" for path in paths} < set(site.list())
    assert "content/posts/2021-04-14---Hot-Papers.md" in site.list()
    assert site.run("rev-list", "--count", "HEAD", where=site.bare) == "6"
    assert site.run("rev-list", "--count", "--merges", "HEAD", where=site.bare) == "0"


async def test_the_tries_are_bounded(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody else is always faster, the error says so."""
    posts, path = open_posts(site, tmp_path), write_post(tmp_path / "out", "2026-11-21")
    original = git_publish._push
    tries = []

    async def overtake(*arguments: object) -> None:
        tries.append(1)
        site.push(message=f"faster {len(tries)}")
        await original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(git_publish, "_push", overtake)
    with pytest.raises(SourceError, match=f"could not be pushed: others pushed at the same time, {git_publish.TRIES}"):
        await posts.publish([path], "late", is_ours)
    assert len(tries) == git_publish.TRIES


async def test_an_empty_repository_gets_its_first_commit(tmp_path: Path) -> None:
    """The folder is made, and the posts are found there."""
    site = Site(tmp_path / "web")
    posts, path = open_posts(site, tmp_path), write_post(tmp_path / "out", "2026-11-21")
    await posts.publish([path], "the first", is_ours)
    assert site.list() == [f"content/posts/{path.name}"]
    assert len((await open_posts(site, tmp_path, "other.db").find()).files) == 1


async def test_posts_go_over_http_with_a_password(site: Site, tmp_path: Path) -> None:
    """A push is authorised as a fetch is; a wrong password is said once, and is in no message."""
    path = write_post(tmp_path / "out", "2026-11-21")
    site.run("config", "http.receivepack", "true", where=site.bare)
    async with serve(site, password="sw0rdfish") as web:  # noqa: S106 - made up
        posts = open_posts(site, tmp_path, address=web.url.replace("://", "://ada:sw0rdfish@"))
        await posts.publish([path], "over the web", is_ours)
        assert f"content/posts/{path.name}" in site.list()
        web.password = "another"  # noqa: S105 - made up
        before = len(web.requests)
        with pytest.raises(SourceError, match="it refuses access") as caught:
            await posts.publish([write_post(tmp_path / "out", "2026-11-22")], "refused", is_ours)
        assert "sw0rdfish" not in str(caught.value) and len(web.requests) - before <= 3


async def test_a_refused_push_is_said_once(site: Site, tmp_path: Path) -> None:
    """A rule of the server is no race: it is not tried again, and the words are ours."""
    path = write_post(tmp_path / "out", "2026-11-21")
    site.run("config", "http.receivepack", "true", where=site.bare)
    hook = site.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no posts on sundays >&2\nexit 1\n")
    hook.chmod(0o755)
    async with serve(site) as web:
        with pytest.raises(SourceError, match="its rules refuse this push"):
            await open_posts(site, tmp_path, address=web.url).publish([path], "refused", is_ours)
    assert site.run("rev-list", "--count", "HEAD", where=site.bare) == "1"


async def test_what_can_not_be_pushed_is_said(site: Site, tmp_path: Path) -> None:
    """No repository, a branch that is checked out, a file that is not there, two files of one name."""
    path = write_post(tmp_path / "out", "2026-11-21")
    with pytest.raises(SourceError, match="no repository at that address"):
        await open_posts(site, tmp_path, address=str(tmp_path / "nowhere")).publish([path], "x", is_ours)
    with pytest.raises(SourceError, match="checked out there"):
        await open_posts(site, tmp_path, address=str(site.work)).publish([path], "x", is_ours)
    with pytest.raises(SourceError, match=r"gone\.md: No such file"):
        await open_posts(site, tmp_path).publish([tmp_path / "gone.md"], "x", is_ours)
    with pytest.raises(SourceError, match="the same name"):
        await open_posts(site, tmp_path).publish([path, tmp_path / "other" / path.name], "x", is_ours)
    await open_posts(site, tmp_path).publish([path], "now it goes", is_ours)

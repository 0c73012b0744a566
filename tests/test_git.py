"""The promises of posts in a git repository: what is newest there is read, what is here is kept, nothing is run."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.digest.post import MAX_BYTES
from bot.errors import SourceError
from bot.ingest import ingest
from bot.sources import git_clone, git_program
from bot.sources.address import Repository, parse_repository
from bot.sources.git import GitPosts
from bot.sources.git_clone import choose_place, parse_refs
from bot.sources.git_program import GitError
from bot.sources.git_words import explain
from storage.store import Store
from tests.git_site import Site, serve

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A repository with two posts."""
    made = Site(tmp_path / "web")
    made.write("2021-04-13", "2021-04-14")
    made.push()
    return made


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a database would be, in a folder that the bot may write to."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "bot.db"


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[Path]:
    """A file that no attack may make."""
    path = tmp_path / "owned"
    yield path
    assert not path.exists()


def open_posts(address: str | Path, database: Path, folder: str = "content/posts") -> GitPosts:
    return GitPosts(parse_repository(f"{address}#{folder}" if folder else str(address)), database)


async def read_names(posts: GitPosts) -> list[str]:
    """Find the posts, read each, and return their names; there may be no trouble."""
    found = await posts.find()
    assert found.trouble == ""
    with posts.open() as read:
        for file in found.files:
            assert read(file).startswith("---\n")
    return [file.path.rpartition("/")[2].removesuffix("---Hot-Papers.md") for file in found.files]


@pytest.mark.parametrize("form", ["{bare}", "file://{bare}", "{work}", "{work}/.git"])
async def test_posts_are_read_at_the_newest_commit(form: str, site: Site, database: Path) -> None:
    """From a path or a file URL, bare or not; what was pushed since the last look is there at the next."""
    posts = open_posts(form.format(bare=site.bare, work=site.work), database)
    assert await read_names(posts) == ["2021-04-13", "2021-04-14"]
    site.write("2021-04-15")
    (site.work / "content/posts/2021-04-13---Hot-Papers.md").unlink()
    site.push()
    assert await read_names(posts) == ["2021-04-14", "2021-04-15"]


async def test_a_post_is_ingested_once(site: Site, database: Path, store: Store) -> None:
    """Only a file whose content changed is read again, and its path is the address that people know."""
    posts = open_posts(site.bare, database)
    first = await ingest(store, [posts], lambda: NOW)
    assert [file.status for file in first.files] == ["new", "new"]
    assert first.files[0].path == f"{site.bare}#content/posts/2021-04-13---Hot-Papers.md"
    site.write("2021-04-14", papers=3)
    site.push()
    again = await ingest(store, [posts], lambda: NOW)
    assert [file.status for file in again.files] == ["unchanged", "updated"]
    assert await store.days.count() == 2


async def test_the_whole_repository_may_be_posts(site: Site, database: Path) -> None:
    """Without a folder all of it is looked through; what is hidden, no post, a link or elsewhere is left out."""
    (site.work / ".drafts").mkdir()
    site.write("2021-04-16", folder=".drafts")
    site.write("2021-04-15", folder="content/posts-of-others")
    (site.work / "content/posts/notes.txt").write_text("x")
    (site.work / "content/posts/link.md").symlink_to("/etc/passwd")
    site.push()
    assert await read_names(open_posts(site.bare, database, "")) == ["2021-04-15", "2021-04-13", "2021-04-14"]
    assert await read_names(open_posts(site.bare, database)) == ["2021-04-13", "2021-04-14"]
    one = "content/posts/2021-04-13---Hot-Papers.md"
    assert await read_names(open_posts(site.bare, database, one)) == ["2021-04-13"]


async def test_a_clone_is_shallow_and_has_no_files(site: Site, database: Path) -> None:
    """It is beside the database, for its owner only, has one commit, no hooks and nothing checked out."""
    for day in range(15, 19):
        site.write(f"2021-04-{day}")
        site.push()
    await open_posts(site.bare, database).find()
    place = choose_place(database, Repository(str(site.bare)))
    assert place.parent == database.with_name("bot.db.git") and place.name.startswith("site-")
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    log = site.run("--git-dir", str(place / "clone"), "log", "--oneline", "refs/hotpapers/newest")
    assert len(log.splitlines()) == 1
    assert not list(place.rglob("*.md")) and not (place / "clone" / "hooks").exists()


async def test_history_may_be_rewritten(site: Site, database: Path) -> None:
    """After a force-push, with nothing in common, what is there now is read."""
    posts = open_posts(site.bare, database)
    await posts.find()
    site.run("checkout", "-q", "--orphan", "anew")
    site.run("rm", "-rqf", ".")
    site.write("2022-01-01")
    site.run("add", "-A")
    site.run("commit", "-qm", "anew")
    site.run("push", "-qf", "origin", "anew:main")
    assert await read_names(posts) == ["2022-01-01"]


async def test_what_is_here_is_kept_while_the_repository_is_away(site: Site, database: Path) -> None:
    """Its posts are still listed and read, with the reason; when it is back, so is all that is new."""
    posts = open_posts(site.bare, database)
    await posts.find()
    away = site.bare.rename(site.folder / "away.git")
    found = await posts.find()
    assert len(found.files) == 2 and "no repository at that address" in found.trouble
    assert "no repository" in await posts.check()
    away.rename(site.bare)
    site.write("2021-04-15")
    site.push()
    assert len(await read_names(posts)) == 3
    assert await posts.check() == ""


async def test_a_repository_that_never_answered_is_an_error(tmp_path: Path, database: Path) -> None:
    """There is nothing to keep, and the error says which repository and why."""
    with pytest.raises(SourceError, match=r"nowhere\.git can't be read: there is no repository"):
        await open_posts(tmp_path / "nowhere.git", database).find()


async def test_a_branch_may_be_renamed(site: Site, database: Path) -> None:
    """The default branch is followed; where it leads nowhere, the only branch is taken, or the usual one."""
    posts = open_posts(site.bare, database)
    await posts.find()
    site.write("2021-04-15")
    site.run("checkout", "-qb", "trunk")
    site.push()
    site.run("branch", "-D", "main", where=site.bare)
    assert len(await read_names(posts)) == 3  # HEAD still names main
    site.run("symbolic-ref", "HEAD", "refs/heads/trunk", where=site.bare)
    site.write("2021-04-16")
    site.push()
    assert len(await read_names(posts)) == 4


def test_a_branch_is_chosen_as_people_would() -> None:
    """The default one, else the only one, else main or master; with several others the error says so."""
    one, two = "1" * 40, "2" * 40
    assert parse_refs("") is None
    assert parse_refs(f"ref: refs/heads/x\tHEAD\n{one}\tHEAD\n{two}\trefs/heads/y").ref == "refs/heads/x"  # type: ignore[union-attr]
    assert parse_refs(f"{one}\tHEAD\n{one}\trefs/heads/y").ref == "HEAD"  # type: ignore[union-attr]
    assert parse_refs(f"{one}\trefs/heads/y").commit == one  # type: ignore[union-attr]
    assert parse_refs(f"{one}\trefs/heads/y\n{two}\trefs/heads/master").commit == two  # type: ignore[union-attr]
    assert parse_refs(f"{one}\trefs/heads/-u\n{one}\trefs/heads/a:b\n{one}\trefs/heads/a b") is None
    with pytest.raises(GitError, match="several branches"):
        parse_refs(f"{one}\trefs/heads/x\n{two}\trefs/heads/y")


async def test_an_empty_repository_is_waited_for(tmp_path: Path, database: Path) -> None:
    """Nothing is wrong but that there is nothing; the first push is read."""
    site = Site(tmp_path / "web")
    posts = open_posts(site.bare, database)
    found = await posts.find()
    assert found.files == [] and "it is empty" in found.trouble
    site.write("2021-04-13")
    site.push()
    assert await read_names(posts) == ["2021-04-13"]


async def test_a_folder_that_vanishes_is_named(site: Site, database: Path) -> None:
    """There are no posts then, and the folder is what is wrong; when it is back, they are."""
    posts = open_posts(site.bare, database)
    assert len(await read_names(posts)) == 2
    site.run("mv", "content", "old")
    site.push()
    found = await posts.find()
    assert found.files == [] and "has no folder content/posts" in found.trouble
    site.run("mv", "old", "content")
    site.push()
    assert len(await read_names(posts)) == 2


async def test_a_huge_file_costs_only_itself(site: Site, database: Path, store: Store) -> None:
    """One that is no UTF-8, and one that is too large, fail alone."""
    (site.work / "content/posts/huge.md").write_bytes(b"x" * (MAX_BYTES + 1))
    (site.work / "content/posts/odd.md").write_bytes(b"\xff")
    site.push()
    report = await ingest(store, [open_posts(site.bare, database)], lambda: NOW)
    assert {file.path.rpartition("/")[2]: file.status for file in report.files} == {
        "2021-04-13---Hot-Papers.md": "new",
        "2021-04-14---Hot-Papers.md": "new",
        "huge.md": "failed",
        "odd.md": "failed",
    }


async def test_a_clone_has_a_bound(site: Site, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that would fill the disk, or lists without end, is left; time is bounded as well."""
    (site.work / "large").write_bytes(os.urandom(3_000_000))
    site.push()
    async with serve(site) as web:
        web.stalls = True
        monkeypatch.setattr(git_clone, "FETCH_SECONDS", 1.0)
        with pytest.raises(SourceError, match="longer than 1 seconds"):
            await open_posts(web.url, database).find()
    monkeypatch.setattr(git_program, "MOST_OUTPUT", 50)
    with pytest.raises(SourceError, match="more than 50 bytes"):
        await open_posts(site.bare, database).find()


async def test_a_pack_beyond_the_bound_is_broken_off(
    site: Site, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The growing clone is watched while git works."""
    async with serve(site) as web:
        posts = open_posts(web.url, database)
        await posts.find()
        site.write("2021-04-15")
        site.push()
        web.stalls = True
        monkeypatch.setattr(git_program, "MOST_KEPT", 10)
        found = await posts.find()
    assert "more than 10 bytes" in found.trouble and len(found.files) == 2


async def test_what_a_killed_git_left_is_swept(site: Site, database: Path) -> None:
    """Locks, half packs and a half-made clone are no obstacle at the next start."""
    posts = open_posts(site.bare, database)
    await posts.find()
    clone = choose_place(database, Repository(str(site.bare))) / "clone"
    left = [clone / "shallow.lock", clone / "objects/pack/tmp_pack_abc", clone / "refs/hotpapers/newest.lock"]
    for path in left:
        path.write_text("x")
    (clone.parent / "clone.part").mkdir()
    site.write("2021-04-15")
    site.push()
    assert len(await read_names(open_posts(site.bare, database))) == 3
    assert not any(path.exists() for path in left)


@pytest.mark.parametrize("damage", ["ref", "pack", "cut", "all"])
async def test_a_damaged_clone_is_made_anew(damage: str, site: Site, database: Path, store: Store) -> None:
    """Whatever happened to it, the second look at the latest has all posts again."""
    await open_posts(site.bare, database).find()
    clone = choose_place(database, Repository(str(site.bare))) / "clone"
    packs = list((clone / "objects/pack").glob("*.pack"))
    for path in packs:
        path.chmod(0o600)
    match damage:
        case "ref":
            (clone / "refs/hotpapers/newest").write_bytes(b"\0" * 41)
        case "pack":
            for path in packs:
                path.write_bytes(b"\0" * path.stat().st_size)
        case "cut":
            for path in (*packs, *(clone / "objects").glob("??/*")):
                path.unlink()
        case "all":
            (clone / "HEAD").unlink()
    for _ in range(2):
        try:
            report = await ingest(store, [open_posts(site.bare, database)], lambda: NOW)
        except SourceError:
            continue
    assert not report.has_failed
    assert len(await read_names(open_posts(site.bare, database))) == 2


PROGRAM = """
import asyncio, sys
from pathlib import Path
from bot.sources.address import parse_repository
from bot.sources.git import GitPosts
found = asyncio.run(GitPosts(parse_repository(sys.argv[1]), Path(sys.argv[2])).find())
print(len(found.files), found.trouble)
"""


def start_reading(url: str, database: Path) -> subprocess.Popen[str]:
    """Read a repository in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, str(database)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


async def test_a_clone_that_was_killed_halfway_is_completed(site: Site, database: Path) -> None:
    """kill -9 in the middle of the first fetch: the next start has all of it."""
    async with serve(site) as web:
        web.stalls = True
        reading = start_reading(f"{web.url}#content/posts", database)
        await asyncio.wait_for(web.stalled.wait(), 30)
        reading.kill()
        await asyncio.to_thread(reading.communicate)
        web.stalls = False
    # Its git may still be there, and ends with the server.
    async with serve(site) as web:
        address = web.url.rsplit("/", 1)[0]
        assert await read_names(open_posts(f"{address}/site.git", database)) == ["2021-04-13", "2021-04-14"]


async def test_two_processes_share_a_clone(site: Site, database: Path) -> None:
    """They begin at once, wait for each other, and both have all posts."""
    readings = [start_reading(f"{site.bare}#content/posts", database) for _ in range(3)]
    answers = await asyncio.gather(*(asyncio.to_thread(reading.communicate) for reading in readings))
    assert [answer[0].strip() for answer in answers] == ["2"] * 3


async def test_old_commits_are_forgotten(site: Site, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clone that has grown by many fetches is packed into one."""
    monkeypatch.setattr(git_clone, "MOST_PACKS", 3)
    posts = open_posts(site.bare, database)
    for day in range(1, 8):
        site.write(f"2021-05-{day:02}")
        (site.work / "large").write_bytes(os.urandom(100))
        site.run("config", "transfer.unpackLimit", "1")
        site.push()
        await posts.find()
    assert len(await read_names(posts)) == 9
    clone = choose_place(database, Repository(str(site.bare))) / "clone"
    assert len(list((clone / "objects/pack").glob("*.pack"))) <= 4


async def test_posts_come_over_http_with_a_password(
    site: Site, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The password reaches the server, and neither a list of processes, a file beside the database nor a message."""
    caplog.set_level("DEBUG")
    async with serve(site, password="sw0rd/fish") as web:  # noqa: S106 - made up
        address = web.url.replace("http://", "http://ada:sw0rd%2Ffish@")
        posts = open_posts(address, database)
        found = await posts.find()
        assert len(await read_names(posts)) == 2
        web.password = "another"  # noqa: S105 - made up
        refused = await posts.find()
        assert len(refused.files) == 2 and "it refuses access" in refused.trouble
        without = open_posts(web.url, database.with_name("other.db"))
        with pytest.raises(SourceError, match="it refuses access"):
            await without.find()
    said = f"{posts} {found} {refused} {caplog.text} {await posts.check()}"
    kept = b"".join(path.read_bytes() for path in database.parent.rglob("*") if path.is_file())
    for secret in ("sw0rd", "fish", "ada:", "ada@"):
        assert secret not in said and secret.encode() not in kept


async def test_arguments_hold_no_password(site: Site, database: Path, tmp_path: Path) -> None:
    """A git that writes down how it was called was told no password and no token of the bot's."""
    noted = tmp_path / "noted"
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\n{{ echo "$@"; env; }} >> {noted}\nexec {shutil.which("git")} "$@"\n')
    spy.chmod(0o755)
    outer = {"PATH": f"{spy.parent}:{os.environ['PATH']}", "DISCORD_TOKEN": "bot.token.secret", "GIT_DIR": "/nowhere"}
    async with serve(site, password="lovelace") as web:  # noqa: S106 - made up
        address = parse_repository(web.url.replace("http://", "http://ada:lovelace@"))
        assert len((await GitPosts(address, database, outer).find()).files) == 2
    text = noted.read_text()
    assert "fetch" in text and "bot.token.secret" not in text and "GIT_DIR" not in text
    assert all("lovelace" not in line for line in text.splitlines() if not line.startswith("HOTPAPERS_GIT_PASSWORD="))


@pytest.mark.parametrize("form", ["git@example.org:{bare}", "ssh://git@example.org:2222{bare}"])
async def test_ssh_asks_nobody_and_gives_up(form: str, site: Site, database: Path, tmp_path: Path) -> None:
    """It may not ask for a password, and a server that is silent is left; the user is in no message."""
    noted, ssh = tmp_path / "noted", tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(f'#!/bin/sh\necho "$@" >> {noted}\nfor last; do :; done\nexec sh -c "$last"\n')
    ssh.chmod(0o755)
    outer = {"PATH": f"{ssh.parent}:{os.environ['PATH']}"}
    posts = GitPosts(parse_repository(f"{form.format(bare=site.bare)}#content/posts"), database, outer)
    found = await posts.find()
    assert len(found.files) == 2 and found.trouble == "" and "git@" not in f"{posts} {found}"
    for line in noted.read_text().splitlines():
        assert "-oBatchMode=yes" in line and "-oConnectTimeout=" in line and "git@example.org" in line


async def test_a_server_that_knows_nothing_of_git_will_do(site: Site, database: Path) -> None:
    """Where a shallow clone can't be had, a whole one is made."""
    async with serve(site, dumb=True) as web:
        posts = open_posts(web.url, database)
        assert len(await read_names(posts)) == 2
        site.write("2021-04-15")
        site.push()
        site.run("update-server-info", where=site.bare)
        assert len(await read_names(posts)) == 3


async def test_no_program_of_the_repository_is_run(site: Site, database: Path, marker: Path) -> None:
    """Hooks, filters, submodules and links of a repository on this machine do nothing."""
    touch = f"#!/bin/sh\ntouch {marker}\n"
    for name in ("post-checkout", "post-merge", "pre-push", "reference-transaction", "post-receive", "pre-receive"):
        hook = site.bare / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(touch)
        hook.chmod(0o755)
    script = marker.with_name("script")
    script.write_text(touch)
    script.chmod(0o755)
    run = site.run
    run("config", "uploadpack.packObjectsHook", str(script), where=site.bare)
    run("config", "core.fsmonitor", str(script), where=site.bare)
    run("config", "filter.evil.smudge", f"touch {marker}", where=site.bare)
    (site.work / ".gitattributes").write_text("*.md filter=evil diff=evil\n*.md filter=lfs\n")
    (site.work / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = ext::touch {marker}\n')
    run("update-index", "--add", "--cacheinfo", f"160000,{run('rev-parse', 'HEAD')},x")
    run("commit", "-qm", "a submodule")
    run("-c", "core.hooksPath=/dev/null", "push", "-q", "origin", "HEAD")
    marker.unlink(missing_ok=True)  # the push above is the author's
    posts = open_posts(site.bare, database)
    assert len(await read_names(posts)) == 2
    post = marker.with_name("2021-04-20---Hot-Papers.md")
    post.write_text("x")
    await posts.publish([post], "a post", lambda raw: False)


async def test_no_program_of_the_users_configuration_is_run(site: Site, database: Path, marker: Path) -> None:
    """What git would read in the home folder is not read; what GIT_ variables say is not passed on."""
    home = marker.with_name("home")
    home.mkdir()
    script = home / "script"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[core]\n\thooksPath = {home}\n\tfsmonitor = {script}\n\tsshCommand = {script}\n\tgitProxy = {script}\n"
        f"[protocol]\n\tallow = always\n[credential]\n\thelper = {script}\n"
        f'[url "ext::{script} "]\n\tinsteadOf = {site.folder}\n[uploadpack]\n\tpackObjectsHook = {script}\n'
    )
    shutil.copy(script, home / "reference-transaction")
    outer = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_ALLOW_PROTOCOL": "ext",
        "GIT_ASKPASS": str(script),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.hooksPath",
        "GIT_CONFIG_VALUE_0": str(home),
        "GIT_EXTERNAL_DIFF": str(script),
        "GIT_PROXY_COMMAND": str(script),
        "GIT_TEMPLATE_DIR": str(home),
    }
    posts = GitPosts(Repository(str(site.bare), "content/posts"), database, outer)
    assert len((await posts.find()).files) == 2


@pytest.mark.parametrize("url", ["ext::touch {marker}", "ext::sh -c touch%20{marker}", "fd::3"])
async def test_a_remote_helper_is_never_called(url: str, database: Path, marker: Path) -> None:
    """Even an address that came past the reading of addresses is refused by git itself."""
    posts = GitPosts(Repository(url.format(marker=marker)), database)
    with pytest.raises(SourceError, match="not allowed"):
        await posts.find()


async def test_a_redirect_to_another_protocol_is_not_followed(site: Site, database: Path) -> None:
    """A repository on the web can't make git read one on this machine."""
    posts = GitPosts(Repository(f"http://127.0.0.1:9/{site.bare}"), database)
    with pytest.raises(SourceError, match="can't be reached"):
        await posts.find()
    assert git_program.make_environment(Repository("https://e.org/x"), database, {})["GIT_ALLOW_PROTOCOL"] == "https"


async def test_without_git_the_error_says_what_to_do(site: Site, database: Path, tmp_path: Path) -> None:
    """A machine without git, and one with a git too old."""
    bare = GitPosts(Repository(str(site.bare)), database, {"PATH": str(tmp_path / "empty")})
    with pytest.raises(SourceError, match=r"git is not installed.*install it"):
        await bare.find()
    assert "git is not installed" in await bare.check()
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.20.1\n")
    old.chmod(0o755)
    with pytest.raises(SourceError, match=r"git version 2\.20\.1 is too old"):
        await GitPosts(Repository(str(site.bare)), database, {"PATH": f"{tmp_path}:/usr/bin:/bin"}).find()


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("fatal: could not read Username for 'https://e.org': terminal prompts disabled", "refuses access"),
        ("git@e.org: Permission denied (publickey).", "refuses access"),
        ("Host key verification failed.\nfatal: Could not read from remote repository.", "host key"),
        ("fatal: unable to access 'https://e.org/': Could not resolve host: e.org", "can't be found"),
        ("fatal: transport 'ext' not allowed", "not allowed"),
        ("fatal: detected dubious ownership in repository at '/x'", "another user"),
        (
            "remote: \x1b[31mhello\x1b[0m\nfatal: odd\x07 https://ada:pw@e.org/x",
            "git says: fatal: odd  https://e.org/x",
        ),
        ("", "does not say why"),
    ],
)
def test_git_is_understood(said: str, meaning: str) -> None:
    """Its complaints are said in plain words, without what a terminal obeys and without users of URLs."""
    assert meaning in explain(said)


async def test_a_repository_of_another_user_may_be_read(site: Site, database: Path) -> None:
    """The one who runs the bot named the path, which is enough."""
    if os.getuid() != 0:
        pytest.skip("giving files to another user needs root")
    for path in (site.bare, *site.bare.rglob("*")):
        os.chown(path, 12345, 12345)
    assert len(await read_names(open_posts(site.bare, database))) == 2

"""Keeps a shallow copy of a repository's newest commit beside the database: objects only, no files, no hooks.

lock ─► sweep what a killed git left ─► which commit is the newest there? ─► the one we have: done
                                         │                                 └► another: fetch it, forget the old ones
                                         └► no answer: keep what there is, say why

One process at a time works on a clone; the lock is kept by git as well, so that one whose starter was killed still
holds it. A clone that git can't use any more is thrown away and made anew: everything in it is somewhere else, too.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SourceError
from bot.sources.address import Repository
from bot.sources.git_program import FETCH_SECONDS, REMOTE_SECONDS, Git, GitError

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]

REF = "refs/hotpapers/newest"
MOST_PACKS = 24  # each fetch of something new adds one
USUAL_BRANCHES = ("main", "master")
LOCK_SECONDS = 60.0
_LOCK_PAUSE = 0.1
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BRANCH = re.compile(r"refs/heads/[^\s~^:?*\[\\\x00-\x20\x7f-]+[^\s~^:?*\[\\\x00-\x20\x7f]*")
_LEFT = re.compile(r"tmp_.*|.*\.lock|.*\.keep|incoming-.*|quarantine-.*")


@dataclass(frozen=True, slots=True)
class Tip:
    """The newest commit of a repository, and the ref that leads there: its default branch, or HEAD."""

    commit: str
    ref: str


def choose_place(database: Path, repository: Repository) -> Path:
    """Return the folder for a repository's clone: in `<database>.git`, by its name and a hash of its address."""
    stem = re.sub(r"[^\w-]+", "-", repository.url.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")).strip("-")
    digest = hashlib.sha256(repository.url.encode("utf-8", "surrogateescape")).hexdigest()[:10]
    absolute = database.expanduser().absolute()
    return absolute.with_name(f"{absolute.name}.git") / f"{stem[:40] or 'posts'}-{digest}"


class Clone:
    """The copy of one repository at a place; `outer` is the environment of this process."""

    def __init__(self, repository: Repository, place: Path, outer: Mapping[str, str]) -> None:
        self.repository, self.place = repository, place
        self.objects = place / "clone"
        self._suspect = place / "suspect"
        self.git = Git(repository, place, outer)

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Hold the right to change the clone; SourceError when another process keeps it for long."""
        await self.git.prepare()
        if fcntl is None:
            raise SourceError(
                "This system has no file locks: posts in a repository need Linux, macOS or another POSIX."
            )
        handle = os.open(self.place / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            await self._lock(handle)
            self.git.lock = handle
            await self._clear_up()
            yield
        finally:
            self.git.lock = None
            os.close(handle)

    async def _lock(self, handle: int) -> None:
        for _ in range(int(LOCK_SECONDS / _LOCK_PAUSE)):
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            await asyncio.sleep(_LOCK_PAUSE)
        raise SourceError(f"{self.repository.name} is being read by another process; it is tried again later")

    async def _clear_up(self) -> None:
        """Take away what a killed git left, and a clone that was found to be damaged."""
        if self._suspect.exists():
            if not await self.is_sound():
                await self.throw_away()
            self._suspect.unlink(missing_ok=True)
        await asyncio.to_thread(_sweep, self.objects)

    async def throw_away(self) -> None:
        """Delete the clone."""
        await asyncio.to_thread(shutil.rmtree, self.objects, ignore_errors=True)

    def suspect(self) -> None:
        """Have the clone examined before its next use."""
        with suppress(OSError):
            self._suspect.touch()

    async def is_sound(self) -> bool:
        """Tell whether all of the commit that is here is here, and undamaged."""
        try:
            asked = ("fsck", "--no-dangling", "--no-progress", REF)
            await self.git.run(*asked, clone=self.objects, seconds=FETCH_SECONDS)
        except GitError:
            return False
        return await self.get_commit() is not None

    async def get_commit(self) -> str | None:
        """Return the commit that is here, None when there is none yet."""
        if not self.objects.is_dir():
            return None
        try:
            found = await self.git.run("rev-parse", "--verify", "--quiet", f"{REF}^{{commit}}", clone=self.objects)
        except GitError:
            return None
        return found.decode("ascii").strip()

    async def ask(self) -> Tip | None:
        """Return the newest commit of the repository there, None when it is empty; GitError when it can't be asked."""
        asked = ("ls-remote", "--quiet", "--symref", "--", self.repository.url, "HEAD", "refs/heads/*")
        return parse_refs((await self.git.run(*asked, seconds=REMOTE_SECONDS)).decode("utf-8", "replace"))

    async def update(self) -> Tip | None:
        """Bring the clone to the newest commit; None when the repository is empty; GitError when that can't be done."""
        tip = await self.ask()
        if tip is None or tip.commit == await self.get_commit():
            return tip
        try:
            await self._fetch(tip)
        except GitError:
            is_new = await self.get_commit() is None
            if not is_new and await self.is_sound():
                raise  # it is not for what is here
            await self.throw_away()
            if is_new:
                raise
            await self._fetch(tip)
        await self._tidy()
        return tip

    async def init(self) -> None:
        """Make an empty clone, at once or not at all, without the hooks that git would put into it."""
        made = self.place / "clone.part"
        await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)
        await self.git.run("init", "--quiet", "--bare", "--template=", "--", str(made))
        made.replace(self.objects)

    async def _fetch(self, tip: Tip) -> None:
        """Fetch one commit and nothing before it, or everything where the server can't tell them apart."""
        if not self.objects.is_dir():
            await self.init()
        asked = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--update-shallow")
        what = ("--", self.repository.url, f"+{tip.ref}:{REF}")
        try:
            await self.git.run(*asked, "--depth=1", *what, clone=self.objects, seconds=FETCH_SECONDS)
        except GitError as error:
            if "shallow" not in error.output:
                raise
            await self.git.run(*asked, *what, clone=self.objects, seconds=FETCH_SECONDS)

    async def _tidy(self) -> None:
        """Forget old commits when many have come together; what was replaced an hour ago somebody may be reading."""
        packs = len(list((self.objects / "objects" / "pack").glob("*.pack")))
        if packs > MOST_PACKS:
            with suppress(GitError):
                await self.git.run("gc", "--quiet", "--prune=1.hour.ago", clone=self.objects, seconds=FETCH_SECONDS)


def parse_refs(listing: str) -> Tip | None:
    """Read what `git ls-remote --symref` lists: the default branch, or the only or usual one; None for no branch.

    GitError when there are several and none of them is the default or a usual one.
    """
    commits: dict[str, str] = {}
    default = "HEAD"
    for line in listing.splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: ") and name == "HEAD" and _BRANCH.fullmatch(value[5:]):
            default = value[5:]
        elif _OID.fullmatch(value) and (name == "HEAD" or _BRANCH.fullmatch(name)):
            commits[name] = value
    if "HEAD" in commits:
        return Tip(commits["HEAD"], default)
    usual = [name for name in (f"refs/heads/{branch}" for branch in USUAL_BRANCHES) if name in commits]
    chosen = list(commits) if len(commits) == 1 else usual
    if commits and not chosen:
        raise GitError("it has several branches and no default one: set one there")
    return Tip(commits[chosen[0]], chosen[0]) if chosen else None


def _sweep(folder: Path) -> None:
    """Delete what git writes for the time of its work; nobody works on the clone now."""
    for where, folders, files in os.walk(folder):
        for name in filter(_LEFT.fullmatch, files):
            Path(where, name).unlink(missing_ok=True)
        for name in filter(_LEFT.fullmatch, list(folders)):
            shutil.rmtree(Path(where, name), ignore_errors=True)

"""Reads daily posts out of a git repository, as they are in its newest commit; nothing of it is ever checked out.

find ─► bring the clone to the newest commit ─► list the folder there ─► open ─► read each post by its content's name
         └► it can't be: list what is here, say why

A post is read from git's store, so that links, filters, hooks and submodules of the repository mean nothing.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from bot.digest.post import MAX_BYTES
from bot.errors import PostError, SourceError
from bot.sources.address import Repository
from bot.sources.folder import TOO_LARGE, decode_post
from bot.sources.git_clone import Clone, choose_place
from bot.sources.git_program import GitError
from bot.sources.git_publish import publish
from bot.sources.posts import Found, PostFile, Published

_FILES = ("100644", "100755", "100664")  # no links, no submodules


class GitPosts:
    """The posts in a folder of a repository; its clone is kept beside the database."""

    is_remote = True

    def __init__(self, repository: Repository, database: Path, environment: Mapping[str, str] | None = None) -> None:
        self._repository = repository
        self._environment = os.environ if environment is None else environment
        self._clone = Clone(repository, choose_place(database, repository), self._environment)
        self._names: dict[str, str] = {}  # of the contents of the files found last, by path

    def __str__(self) -> str:
        """Return the address, without user and password."""
        return str(self._repository)

    async def find(self) -> Found:
        """List the posts of the newest commit, or of the one that is here when there is no newer one to be had."""
        try:
            async with self._clone.hold():
                trouble = await self._update()
                files, missing = await self._list()
        except OSError as error:
            raise SourceError(
                f"{self._clone.place}: {error.strerror or error}; check the folder's permissions"
            ) from None
        return Found(files, trouble or missing)

    async def check(self) -> str:
        """Ask the repository for its newest commit, and fetch nothing."""
        with TemporaryDirectory(prefix="hotpapers-") as home:
            clone = Clone(self._repository, Path(home), self._environment)
            try:
                await clone.git.prepare()
                return "" if await clone.ask() else "it is empty"
            except (GitError, SourceError) as error:
                return str(error)

    async def publish(self, paths: Sequence[Path], message: str, is_ours: Callable[[bytes], bool]) -> Published:
        """Commit files to the folder, each under its own name, and push; a file there is replaced only if it is ours.

        What others push meanwhile stays. Files that are there already make no commit. SourceError when it can't be
        done; nothing is half done then, and it may be asked for again.
        """
        try:
            async with self._clone.hold():
                return await publish(self._clone, paths, message, is_ours)
        except OSError as error:
            raise SourceError(f"{error.filename or self._clone.place}: {error.strerror or error}") from None

    async def _update(self) -> str:
        """Bring the clone up to date; return why it is not, SourceError when there is nothing in it either."""
        try:
            if await self._clone.update() is not None:
                return ""
            cause, is_empty = "it is empty; posts are read once something is pushed to it", True
        except GitError as error:
            cause, is_empty = str(error), False
        if await self._clone.get_commit() is None and not is_empty:
            raise SourceError(f"{self._repository.name} can't be read: {cause}")
        return f"{self._repository.name} can't be read: {cause}; what was read before stays"

    async def _list(self) -> tuple[list[PostFile], str]:
        """Return the posts of the commit that is here, and what is wrong with the folder."""
        commit = await self._clone.get_commit()
        if commit is None:
            return [], ""
        folder = self._repository.folder
        asked = ("ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *([folder] if folder else []))
        try:
            listing = await self._clone.git.run(*asked, clone=self._clone.objects)
        except GitError as error:
            self._clone.suspect()
            raise SourceError(f"{self._repository.name} can't be read: {error}") from None
        self._names = {}
        files = [self._describe(*entry) for entry in parse_tree(listing, folder)]
        if listing or not folder:
            return files, ""
        return [], f"{self._repository.name} has no folder {folder} in commit {commit[:10]}: check what is after the #"

    def _describe(self, name: str, oid: str, size: int) -> PostFile:
        path = f"{self._repository.name}#{name}"
        self._names[path] = oid
        return PostFile(path, size, 0, int(oid[:15], 16))  # 60 bits are what fits, and plenty

    @contextmanager
    def open(self) -> Iterator[Callable[[PostFile], str]]:
        """Lend what reads a post; one git serves all that is read meanwhile."""
        git = subprocess.Popen(  # noqa: S603 - no argument is a stranger's
            ["git", "--git-dir", str(self._clone.objects), "cat-file", "--batch"],  # noqa: S607 - the user's own git
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._clone.git.environment,
            cwd="/",
        )
        assert git.stdin is not None and git.stdout is not None  # noqa: S101 - both are pipes
        given, taken = git.stdin, git.stdout
        try:
            yield lambda file: self._read(file, given, taken)
        finally:
            git.kill()
            git.communicate()

    def _read(self, file: PostFile, given: IO[bytes], taken: IO[bytes]) -> str:
        if file.size > MAX_BYTES:
            raise PostError(TOO_LARGE, path=file.path)
        try:
            given.write(self._names[file.path].encode() + b"\n")
            given.flush()
            answer = taken.readline().split()  # its name, "blob" and its size, or "missing"
            raw = taken.read(file.size + 1) if answer[1:] == [b"blob", b"%d" % file.size] else b""
        except (OSError, KeyError):
            raw = b""
        if len(raw) != file.size + 1:
            self._clone.suspect()
            raise PostError("cannot be read from the repository's copy; it is tried again", path=file.path)
        return decode_post(raw[:-1], file.path)


def parse_tree(listing: bytes, folder: str) -> Iterator[tuple[str, str, int]]:
    """Read what `git ls-tree -r -z -l` lists: path, content's name and size of each post, by path.

    As in a folder, what is hidden is left out; a link or a submodule is no post.
    """
    for entry in listing.split(b"\0"):
        facts, _, raw = entry.partition(b"\t")
        name = raw.decode("utf-8", "replace")
        below = name[len(folder) :] if name.startswith(f"{folder}/") else name
        mode, kind, oid, size = facts.decode("ascii", "replace").split() if facts.count(b" ") >= 3 else ("",) * 4
        is_post = name.endswith(".md") and not any(part.startswith(".") for part in below.split("/"))
        if mode in _FILES and kind == "blob" and is_post:
            yield name, oid, int(size) if size.isdecimal() else 0  # of one that is missing it is not known

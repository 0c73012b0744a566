"""Finds and reads daily posts in a folder and its subfolders, or in one file; parsing is left to others."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from operator import attrgetter
from pathlib import Path

from bot.digest.post import MAX_BYTES
from bot.errors import PostError, SourceError
from bot.sources.posts import Found, PostFile

TOO_LARGE = f"the file is larger than {MAX_BYTES:,} bytes"


class Folder:
    """A folder of posts on this machine, or one file."""

    is_remote = False

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        """Return the path."""
        return str(self._path)

    async def find(self) -> Found:
        """List the posts below the folder."""
        return Found(await asyncio.to_thread(find_posts, self._path))

    def open(self) -> AbstractContextManager[Callable[[PostFile], str]]:
        """Lend what reads a file."""
        return nullcontext(read_post)

    async def check(self) -> str:
        """Say when the path is not there, or may not be read."""
        needed = os.R_OK | os.X_OK if self._path.is_dir() else os.R_OK
        return "" if self._path.exists() and os.access(self._path, needed) else "it is not there, or may not be read"


def find_posts(root: Path) -> list[PostFile]:
    """List `*.md` files below a folder, or the one file named, by path; SourceError when there is neither.

    Hidden files and folders are left out, and so is every link that leads out of the folder.
    """
    try:
        name = os.path.realpath(root)
        if not os.path.isdir(name):  # noqa: PTH112 - of a Path each step costs as much as a file
            os.stat(name)  # noqa: PTH116 - a path that was named has to be there; one that was found may be gone by now
            return [_describe(name, Path(name))]
        found: list[PostFile] = []
        _walk(name, name, found)
    except OSError as error:
        raise SourceError(f"{root}: {error.strerror or error}; check the path and its permissions") from None
    return sorted(found, key=attrgetter("path"))


def _walk(folder: str, root: str, found: list[PostFile]) -> None:
    """Add the posts in a folder and those below it."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            is_post = name.endswith(".md")
            if is_post and entry.is_file(follow_symlinks=False):  # as nearly all are, and the scan knows without asking
                found.append(_describe(entry.path, entry))
            elif entry.is_dir(follow_symlinks=False):
                _walk(entry.path, root, found)
            elif is_post and not (entry.is_symlink() and _leaves(entry, root)):
                found.append(_describe(entry.path, entry))


def _leaves(link: os.DirEntry[str], root: str) -> bool:
    """Tell whether a link leads out of the root; one that leads nowhere is the reader's to report."""
    return not os.path.realpath(link.path).startswith(root + os.sep)


def _describe(path: str, file: os.DirEntry[str] | Path) -> PostFile:
    try:
        status = file.stat()
    except OSError:
        return PostFile(path, 0, 0, 0, is_regular=False)
    return PostFile(path, status.st_size, status.st_mtime_ns, status.st_ino, stat.S_ISREG(status.st_mode))


def read_post(file: PostFile) -> str:
    """Read a post as text with its own line ends; PostError when it is no file, too large or not UTF-8."""
    if not file.is_regular:
        raise PostError("not a file that can be read", path=file.path)
    if file.size > MAX_BYTES:
        raise PostError(TOO_LARGE, path=file.path)
    try:
        with open(file.path, "rb", buffering=0) as stream:  # noqa: PTH123 - a Path per file costs more than the read
            return decode_post(stream.read(), file.path)
    except OSError as error:
        raise PostError(f"cannot be read: {error.strerror or error}", path=file.path) from None


def decode_post(raw: bytes, path: str) -> str:
    """Decode a post's bytes as UTF-8; PostError names the line of the first byte that is not."""
    if len(raw) > MAX_BYTES:
        raise PostError(TOO_LARGE, path=path)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        cause = f"not text in UTF-8 (byte 0x{raw[error.start]:02x}); save it as UTF-8"
        raise PostError(cause, line, path) from None

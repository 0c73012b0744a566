"""What ingest asks of a place that has daily posts: which there are, and their text. How is each one's own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class PostFile(NamedTuple):  # a scan makes one for every file, and a tuple is made twice as fast
    """A file that should hold a post, with what says whether it changed: its size, mtime in nanoseconds and inode.

    A file of a repository has no mtime, and the content's own name in place of the inode.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    is_regular: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """The posts of a place, by path; `trouble` is why they may be older than they could be, "" when they are not."""

    files: list[PostFile]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing: the commit that has the files but for those `kept`, names of others' that are there."""

    commit: str
    kept: tuple[str, ...] = ()


class Posts(Protocol):
    """A place that has daily posts; `str` is how people see it."""

    @property
    def is_remote(self) -> bool:
        """Whether asking costs others something, and so is not done every few seconds."""

    async def find(self) -> Found:
        """List the posts there are now; SourceError when nothing is known of them."""

    def open(self) -> AbstractContextManager[Callable[[PostFile], str]]:
        """Lend what reads files that were found, for some of them; it raises PostError. It blocks: use a thread."""

    async def check(self) -> str:
        """Return why the place can't be read, "" when it can, changing nothing anywhere."""

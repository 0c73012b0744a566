"""Writes a post to its file, whole or not at all, and never over a file that is not as this program wrote it.

A post that was made here says so in its front matter, `generator: hotpapers 0.2.0 (sha256 …)`, with the beginning of
the hash of all its other lines: a file whose hash is right was written here and changed by nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from bot import __version__
from bot.digest.layout import GENERATOR, MADE
from bot.digest.post import DailyPost, format, parse
from bot.errors import UserError
from bot.sources.folder import Folder, find_posts
from bot.sources.posts import Found, PostFile
from storage.backup import put
from storage.errors import StorageError

_LINE = re.compile(rf"^{GENERATOR}: {MADE.pattern}\n", re.MULTILINE)


def name_file(day: date) -> str:
    """Return the name of a day's post."""
    return f"{day}---Hot-Papers.md"


def sign(post: DailyPost) -> DailyPost:
    """Return a settled post with the line that says who made it."""
    others = {key: value for key, value in post.front_matter.items() if key != GENERATOR}
    plain = replace(post, front_matter=others)
    made = f"hotpapers {__version__} (sha256 {_hash(format(plain))})"
    return replace(post, front_matter={**others, GENERATOR: made})


def is_untouched(text: str) -> bool:
    """Tell whether a file is as it was written here."""
    match = _LINE.search(text)
    return match is not None and match[1] == _hash(text[: match.start()] + text[match.end() :])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def check_file(path: Path, overwrite: bool) -> None:
    """Raise UserError when a file is there that must not be replaced."""
    known = _read(path)
    if known is not None and not overwrite and not is_untouched(known):
        raise UserError(
            f"{path} was not written by `hotpapers collect`, or was changed since: remove or rename it, or replace it "
            "with `hotpapers collect --overwrite`."
        )


class Neighbours(Folder):
    """The posts in the folder of a file, and the file itself if it is as it was written here."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.parent)
        self._own = path

    async def find(self) -> Found:
        """List them; none when there is no folder yet."""
        return Found(await asyncio.to_thread(self._find))

    def _find(self) -> list[PostFile]:
        found = find_posts(self._own.parent) if self._own.parent.is_dir() else []
        text = _read(self._own)
        is_own = text is not None and is_untouched(text)
        return [file for file in found if is_own or Path(file.path) != self._own]


def write_post(path: Path, post: DailyPost, *, overwrite: bool = False) -> bool:
    """Write a settled post; return False when the file is just this post already. It blocks: use a thread.

    A file that an older version wrote may word the line above the papers differently: it stays as it is signed.

    UserError when another file is in the way. StorageError when the disk fails, or what is read again is not the post.
    """
    text = format(post)
    known = _read(path)
    if known is not None and (known == text or (is_untouched(known) and parse(known) == post)):
        return False
    check_file(path, overwrite)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(text.encode("utf-8"))
        put(part, path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}): look at the folder and the disk.") from error
    finally:
        with suppress(OSError):  # where nothing can be written there is nothing to clear away
            part.unlink(missing_ok=True)
    again = _read(path)
    if again != text or parse(again) != post:
        raise StorageError(f"{path} reads differently from what was written: look at the disk.")
    return True


def _read(path: Path) -> str | None:
    """Return the text of a file, None when there is none; what is no text is nothing of ours."""
    try:
        if path.exists() and not path.is_file():  # reading a pipe would wait for whoever writes to it
            raise StorageError(f"{path} is no file: remove or rename it.")
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}): look at the folder.") from error

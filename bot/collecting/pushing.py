"""Pushes posts that were made here to somebody else's repository, each once; what fails is tried again, for ever.

    files made here, newer than the one pushed last ─► publish ─► the fact "pushed"
                                                        ├► SourceError: the fact "push trouble", a pause, again
                                                        └► somebody else's file is there: likewise, the others go

Posts are in the store and on their way to readers before this, and it holds nothing up.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.collecting.post_file import is_untouched, name_file
from bot.errors import SourceError
from bot.sources.posts import Published
from storage.store import Store

PUSHED, TROUBLE = "pushed", "push trouble"  # facts
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=1)
MOST = 30  # posts of one commit; of more, the newest
MOST_NAMED = 3  # files that are in the way
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)---Hot-Papers\.md")
_log = logging.getLogger(__name__)


class Publisher(Protocol):
    """Commits files to a place and pushes them; `str` is how people see it."""

    async def publish(self, paths: Sequence[Path], message: str, is_ours: Callable[[bytes], bool]) -> Published:
        """Push them, over files there only if they are ours; SourceError when it can't be done now."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """How far pushing has come: the newest post that is there, and since when and why it goes no further, if so."""

    day: date | None = None
    since: datetime | None = None
    trouble: str = ""


class Pusher:
    """Pushes what is in a folder to one place."""

    def __init__(self, store: Store, publisher: Publisher, folder: Path) -> None:
        self._store, self._publisher, self._folder = store, publisher, folder
        self._again_at: datetime | None = None
        self._pause = FIRST_PAUSE
        self._ahead: set[str] = set()  # names of posts that are there, newer than one that is not
        self._skipped: set[Path] = set()

    async def push(self, now: datetime) -> int:
        """Push what is not there yet, unless that failed a short while ago; return how many posts still wait."""
        last = await find_pushed(self._store, str(self._publisher))
        made, unreadable = await asyncio.to_thread(list_made, self._folder, last.day)
        self._note(unreadable)
        paths = [path for path in made if path.name not in self._ahead]
        if not paths and last.trouble:
            await self._settle()
        if not paths or (self._again_at is not None and now < self._again_at):
            return len(paths)
        paths = paths[-MOST:]
        try:
            done = await self._publisher.publish(paths, _describe(paths), _is_ours)
        except (SourceError, OSError) as error:
            await self._fail(str(error), now)
            return len(paths)
        there = [path for path in paths if path.name not in done.kept]
        await self._remember([path.name for path in made if path.name not in done.kept], min(done.kept, default="~"))
        if there:
            _log.info("pushed %s to %s, commit %s", ", ".join(_list_days(there)), self._publisher, done.commit[:10])
        if done.kept:
            await self._fail(self._explain(done.kept), now)
            return len(done.kept)
        await self._settle()
        return 0

    async def _remember(self, names: Sequence[str], first: str) -> None:
        """Keep that these are there: of what comes after the first that is not, for as long as this lives."""
        if newest := max((name[:10] for name in names if name < first), default=""):
            await self._store.facts.set(PUSHED, json.dumps({"to": str(self._publisher), "day": newest}))
        self._ahead = {name for name in names if name > first}

    def _explain(self, kept: Sequence[str]) -> str:
        """Say which files were not replaced, and how to go on with either."""
        more = f" and {len(kept) - MOST_NAMED} more" if len(kept) > MOST_NAMED else ""
        return (
            f"{', '.join(kept[:MOST_NAMED])}{more} is there already, not made here or changed by hand since, and is "
            f"not replaced: delete it there to have ours, or copy it over ours in {self._folder} to keep it"
        )

    async def _settle(self) -> None:
        await self._store.facts.delete(TROUBLE)
        self._again_at, self._pause = None, FIRST_PAUSE

    def _note(self, unreadable: Mapping[Path, str]) -> None:
        """Say which files are left out, each once while it can't be read."""
        for path in unreadable.keys() - self._skipped:
            _log.warning("%s is not pushed: %s", path, unreadable[path])
        self._skipped = set(unreadable)

    async def _fail(self, cause: str, now: datetime) -> None:
        """Say why, once for each cause, and wait, longer each time."""
        known = _parse(await self._store.facts.get(TROUBLE))
        if known.get("cause") != cause:
            _log.warning("the posts could not be pushed, which is tried again: %s", cause)
        since = known.get("since") or now.isoformat()
        await self._store.facts.set(TROUBLE, json.dumps({"since": since, "cause": cause}))
        self._again_at, self._pause = now + self._pause, min(2 * self._pause, LONGEST_PAUSE)


async def find_pushed(store: Store, place: str = "") -> Pushed:
    """Return how far pushing has come, to one place if it is named."""
    done, trouble = _parse(await store.facts.get(PUSHED)), _parse(await store.facts.get(TROUBLE))
    day = date.fromisoformat(done["day"]) if done and place in ("", done["to"]) else None
    since = datetime.fromisoformat(trouble["since"]) if trouble else None
    return Pushed(day, since, trouble.get("cause", ""))


def list_made(folder: Path, after: date | None) -> tuple[list[Path], dict[Path, str]]:
    """Return the posts of later days that were made here and changed by nobody, oldest first. It blocks.

    And what has the name of a post and can't be read, with the reason.
    """
    names = sorted(path.name for path in folder.glob("*.md") if _NAME.fullmatch(path.name)) if folder.is_dir() else []
    made, unreadable = [], {}
    for path in [folder / name for name in names if after is None or name > name_file(after)]:
        try:
            if not path.is_file():
                unreadable[path] = "it is no file"
            elif _is_ours(path.read_bytes()):
                made.append(path)
        except OSError as error:
            unreadable[path] = f"it can't be read ({error.strerror})"
    return made, unreadable


def _is_ours(raw: bytes) -> bool:
    return is_untouched(raw.decode("utf-8", "replace"))


def _describe(paths: Sequence[Path]) -> str:
    return f"Hot papers of {', '.join(_list_days(paths))}"


def _list_days(paths: Sequence[Path]) -> list[str]:
    return [path.name[:10] for path in paths]


def _parse(text: str | None) -> dict[str, str]:
    return dict(json.loads(text)) if text else {}

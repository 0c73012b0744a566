"""Reads what Jetstream sends and gathers what changes by it: posts that link to papers, and deletions.

    frame ─► parse_event ─► Event ─► Changes: each post once, as it was last ─► taken to a sink from time to time

Jetstream tells everything at least once, and again from a few seconds before after every break. Source of the forms:
https://docs.bsky.app/blog/jetstream. Listening and keeping are for others.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.sources.bluesky_record import (
    COLLECTION,
    bound_time,
    find_lang,
    find_papers,
    format_uri,
    format_url,
    get_dict,
    parse_json,
    parse_time,
)
from bot.sources.source import Item

MOST_PENDING = 20_000  # changes; the stream has to wait when so many are not kept yet
MOST_REMEMBERED = 10_000  # posts taken, and as many deleted; at Bluesky's pace (2026) a quarter of an hour
MOST_BACKDATED = timedelta(hours=36)  # a new post that claims to be older is taken as made when it was seen
BEGAN = datetime(2022, 11, 1, tzinfo=UTC)  # Bluesky's first posts; nothing there is older
# Most events are of posts about something else, and are not taken apart: a day and a half of them, which
# a first start hears at once, are millions. No key of a record can come before the event's own time.
_HINTS = ("xiv", "ar5iv", "huggingface", '"delete"', '"update"')
_TIME = re.compile(r'\s*\{\s*"did"\s*:\s*"[^"\\]{1,300}"\s*,\s*"time_us"\s*:\s*([0-9]{16})\s*,')
_FIRST_US, _LAST_US = 1_600_000_000_000_000, 4_100_000_000_000_000  # September 2020 to December 2099


@dataclass(frozen=True, slots=True)
class Event:
    """One event: when the server had it (microseconds since 1970) and, when it matters, of which post.

    A post has an item when it links to papers (now); without one it is not to be kept, and `is_deleted` says why.
    """

    time_us: int
    uri: str = ""
    item: Item | None = None
    is_deleted: bool = False


def parse_event(raw: str | bytes) -> Event:
    """Return what a frame says; ValueError when it is no event, as far as it has to be read to know.

    Events about anything but posts, and posts made without a link to a paper, have no uri. The item has no text: what
    may be quoted, and how a post is counted, is known only when it is looked up.
    """
    if time_us := _skim(raw):
        return Event(time_us)
    event = parse_json(raw)
    time_us = event.get("time_us") if isinstance(event, dict) else None
    if not isinstance(time_us, int) or isinstance(time_us, bool) or not _FIRST_US <= time_us <= _LAST_US:
        raise ValueError("no event: it has no time")
    commit = get_dict(event, "commit")
    if commit.get("collection") != COLLECTION or not isinstance(event, dict):
        return Event(time_us)
    did, rkey, operation = event.get("did"), commit.get("rkey"), commit.get("operation")
    uri = format_uri(did, rkey)
    if uri is None or operation not in ("create", "update", "delete"):
        return Event(time_us)
    if operation == "delete":
        return Event(time_us, uri, is_deleted=True)
    record = get_dict(commit, "record")
    papers = find_papers(record)
    if not papers:
        return Event(time_us, uri if operation == "update" else "")
    seen = parse_time_us(time_us)
    most = MOST_BACKDATED if operation == "create" else seen - BEGAN
    item = Item(
        key=uri,
        arxiv_ids=papers,
        metrics={},
        observed_at=seen,
        created_at=bound_time(parse_time(record.get("createdAt")), seen, most),
        url=format_url(str(did), str(rkey)),
        lang=find_lang(record),
        author=str(did),
    )
    return Event(time_us, uri, item)


def _skim(raw: str | bytes) -> int | None:
    """Return the time of an event that can't matter, None when it has to be read to know."""
    match = _TIME.match(raw) if isinstance(raw, str) else None
    if match is None or not isinstance(raw, str):
        return None
    plain, time_us = raw.lower(), int(match[1])
    return None if time_us < _FIRST_US or any(hint in plain for hint in _HINTS) else time_us


def parse_time_us(time_us: int) -> datetime:
    """Return microseconds since 1970 as a time in UTC, exactly."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)


def format_time_us(moment: datetime) -> int:
    """Return a time as microseconds since 1970, exactly."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class Changes:
    """What is to be kept and forgotten, each post once; its memory of what it has had is bounded."""

    def __init__(self, limit: int = MOST_PENDING, remembered: int = MOST_REMEMBERED) -> None:
        self._limit, self._remembered = limit, remembered
        self._pending: dict[str, Item | None] = {}
        self._taken: OrderedDict[str, int] = OrderedDict()
        self._deleted: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        """Return how many posts wait."""
        return len(self._pending)

    @property
    def is_full(self) -> bool:
        """Whether nothing more should come before some are kept."""
        return len(self._pending) >= self._limit

    def take(self, event: Event) -> None:
        """Take an event, unless it is known or its post was deleted: keys of posts are not used twice."""
        uri = event.uri
        if not uri or uri in self._deleted or event.time_us <= self._taken.get(uri, -1):
            return
        self._remember(self._deleted if event.is_deleted else self._taken, event)
        self._pending[uri] = event.item

    def _remember(self, memory: OrderedDict[str, int], event: Event) -> None:
        memory[event.uri] = event.time_us
        memory.move_to_end(event.uri)
        if len(memory) > self._remembered:
            memory.popitem(last=False)

    def list(self) -> dict[str, Item | None]:
        """Return the posts that wait by at-uri: with what to keep, or None for those to forget."""
        return dict(self._pending)

    def drop(self, kept: dict[str, Item | None]) -> None:
        """Let go of what has been kept, but for posts that have changed since it was listed."""
        for uri, item in kept.items():
            if uri in self._pending and self._pending[uri] is item:
                del self._pending[uri]

"""Asks Bluesky's public AppView how posts about papers are liked, and what of them may be shown.

    known posts (heard by jetstream.py) ─► without mirrors of arXiv ─► getPosts, 25 at a time ─► items with counts
                                                                             └─► not there any more: gone

Counting a post is not quoting it: of what its author or a moderator does not want shown to everyone, only the counts
are taken. Source: the lexicon app.bsky.feed.getPosts; https://atproto.com/guides/labels.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from bot.digest.plural import count
from bot.errors import SourceError
from bot.sources.bluesky_labels import is_bot, is_hidden
from bot.sources.bluesky_record import (
    MOST_NAME,
    MOST_TEXT,
    find_lang,
    find_papers,
    format_url,
    get_count,
    get_dict,
    get_list,
    get_text,
    parse_handle,
    parse_json,
    parse_time,
    parse_uri,
)
from bot.sources.mirrors import find_busy_authors, is_mirror
from bot.sources.source import Item, Reading
from bot.sources.wire import NEXT, Pace, Wire

NAME = "bluesky"
METRICS = {"likes": "likeCount", "reposts": "repostCount", "quotes": "quoteCount"}
MOST_URIS = 25  # of one call, says the lexicon
PACE_SECONDS = 0.11  # between calls; the AppView lets an address ask 3,000 times in five minutes
SETTLED = timedelta(hours=1)  # the AppView may not have a younger post yet: it is absent, but not gone
STALE = timedelta(hours=1)  # a cursor older than this means that nobody listens now
_log = logging.getLogger(__name__)
_FEW = 10  # posts; when more are asked for and none is there, it is the server that has forgotten


class Known(Protocol):
    """The posts that are known; the store's observations are that."""

    async def newest(self, source: str, since: datetime, until: datetime) -> Sequence[Item]:
        """Return a source's items made from `since` to `until`."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What of Bluesky's stream was heard: up to when, and which times before were missed for good."""

    until: datetime
    gaps: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer says of the posts asked for: those there, those absent; `refused` entries could not be read."""

    items: tuple[Item, ...] = ()
    absent: frozenset[str] = frozenset()
    mirrors: frozenset[str] = frozenset()  # authors
    refused: int = 0

    def __add__(self, other: Answered) -> Answered:
        """Return both as one."""
        return Answered(
            self.items + other.items,
            self.absent | other.absent,
            self.mirrors | other.mirrors,
            self.refused + other.refused,
        )


class Bluesky:
    """The source "bluesky". `heard` tells what was heard, None when nobody has listened yet."""

    def __init__(self, wire: Wire, base: str, known: Known, heard: Callable[[], Awaitable[Heard | None]]) -> None:
        root = base.rstrip("/")
        self._url = f"{root if root.endswith('/xrpc') else f'{root}/xrpc'}/app.bsky.feed.getPosts"
        self._host = urlsplit(self._url).netloc.rpartition("@")[2]
        self._wire, self._known, self._heard = wire, known, heard
        self._pace = Pace(PACE_SECONDS)

    @property
    def name(self) -> str:
        """Return the name."""
        return NAME

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return the posts of these days (UTC) with their counts now, and those that are gone.

        SourceError when the posts of these days were not heard, or not all that were could be asked for.
        """
        start = datetime.combine(since, time.min, UTC)
        end = min(datetime.combine(until, time.max, UTC), now)
        notes = missed = check_heard(await self._heard(), start, end)
        posts = await self._known.newest(NAME, start, end)
        wanted = choose_posts(posts)
        answered = await self._ask_all(wanted, now)
        if len(wanted) > _FEW and len(answered.absent) == len(wanted):
            raise SourceError(f"{self._host} has none of {len(wanted):,} posts that were made; {NEXT}")
        items = tuple(item for item in answered.items if item.author not in answered.mirrors)
        _log.info("Bluesky: %s heard, %s counted without mirrors of arXiv", count(len(posts), "post"), len(items))
        if answered.refused:
            notes = (*notes, f"posts on Bluesky that could not be read: {answered.refused:,}")
        gone = frozenset(key for key in answered.absent if _is_settled(wanted[key], now))
        return Reading(items=items, notes=notes, gone=gone, is_partial=bool(missed))

    async def _ask_all(self, wanted: Mapping[str, Item], now: datetime) -> Answered:
        keys, answered = list(wanted), Answered()
        for first in range(0, len(keys), MOST_URIS):
            asked = {key: wanted[key] for key in keys[first : first + MOST_URIS]}
            found = await self._ask(asked, now)
            if (
                found.refused >= len(asked) > 1 and not found.items
            ):  # the next would cost as many questions, for as little
                raise SourceError(f"{self._host} answered nothing that could be read about {len(asked)} posts; {NEXT}")
            answered += found
        return answered

    async def _ask(self, asked: Mapping[str, Item], now: datetime) -> Answered:
        """Ask for posts; when the server does not accept the question, ask for each half, to find out which it is."""
        params = [("uris", key) for key in asked]
        answer = await self._wire.get(self._url, params=params, pace=self._pace, accept=(200, 400))
        if answer.status == 200:
            try:
                return parse_posts(answer.body, asked, now)
            except ValueError:
                raise SourceError(f"{self._host} answered what is no list of posts; {NEXT}") from None
        if len(asked) == 1:
            return Answered(refused=1)
        keys = list(asked)
        half = len(keys) // 2
        one = await self._ask({key: asked[key] for key in keys[:half]}, now)
        return one + await self._ask({key: asked[key] for key in keys[half:]}, now)


def check_heard(heard: Heard | None, since: datetime, until: datetime) -> tuple[str, ...]:
    """Return what to say of the time in which posts were heard; SourceError when none of it was."""
    if heard is None:
        raise SourceError("Bluesky has not been listened to yet; its posts are heard while the bot runs")
    if heard.until < since:
        raise SourceError(
            f"Bluesky was heard until {_format(heard.until)} only; its posts are heard while the bot runs"
        )
    notes = [
        f"posts on Bluesky from {_format(began)} to {_format(ended)} were missed"
        for began, ended in heard.gaps
        if began < until and ended > since
    ]
    if until - heard.until > STALE:
        notes.append(f"Bluesky was heard until {_format(heard.until)} only")
    return tuple(notes)


def choose_posts(posts: Sequence[Item]) -> dict[str, Item]:
    """Return the posts to count by at-uri: those about papers whose author is not known to repeat arXiv's feeds."""
    busy = find_busy_authors(posts)
    return {
        post.key: post
        for post in posts
        if post.arxiv_ids
        and parse_uri(post.key)
        and post.author not in busy
        and not is_mirror(post.author, post.handle)
    }


def parse_posts(raw: bytes, asked: Mapping[str, Item], now: datetime) -> Answered:
    """Return what an answer of getPosts says of the posts asked for; ValueError when it is no such answer.

    A count that is absent or none at all is left out of the metrics: it is not zero.
    """
    body = parse_json(raw)
    if not isinstance(body, dict) or not isinstance(body.get("posts"), list):
        raise ValueError("no list of posts")
    items: dict[str, Item] = {}
    mirrors, met, refused = set(), set(), 0
    for view in get_list(body, "posts"):
        key = view.get("uri") if isinstance(view, dict) else None
        known = asked.get(key) if isinstance(key, str) else None
        if known is None or not isinstance(view, dict):
            refused += 1
        elif view.get("notFound") is not True:
            met.add(known.key)
            if view.get("blocked") is not True:
                items[known.key] = item = parse_post(view, known, now)
                if is_bot(view, item.author, now) or is_mirror(item.author, _find_handle(view, item.author)):
                    mirrors.add(item.author)
    absent = frozenset() if refused else frozenset(asked.keys() - met)  # what could not be read may be any of them
    return Answered(tuple(items.values()), absent, frozenset(mirrors), refused)


def parse_post(view: Mapping[str, object], known: Item, now: datetime) -> Item:
    """Return a post with its counts, its author and its text; without the last two when labels hide it."""
    did, rkey = parse_uri(known.key) or (known.author, "")
    record, author = get_dict(view, "record"), get_dict(view, "author")
    counts = {metric: get_count(view, field) for metric, field in METRICS.items()}
    made = [moment for moment in (parse_time(record.get("createdAt")), parse_time(view.get("indexedAt"))) if moment]
    item = replace(
        known,
        arxiv_ids=find_papers(record) or known.arxiv_ids,
        metrics={metric: count for metric, count in counts.items() if count is not None},
        observed_at=now,
        created_at=known.created_at or min(made, default=None),
        lang=find_lang(record) or known.lang,
        author=did,
    )
    if is_hidden(view, now):
        return replace(item, url=format_url(did, rkey), text="", handle="", name="")
    handle = _find_handle(view, did)
    name = get_text(author, "displayName", MOST_NAME) if author.get("did") == did else ""
    text = get_text(record, "text", MOST_TEXT)
    return replace(item, url=format_url(did, rkey, handle), text=text, handle=handle, name=name)


def _find_handle(view: Mapping[str, object], did: str) -> str:
    author = get_dict(view, "author")
    return parse_handle(author.get("handle")) if author.get("did") == did else ""


def _is_settled(post: Item, now: datetime) -> bool:
    return (post.created_at or post.observed_at) <= now - SETTLED


def _format(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

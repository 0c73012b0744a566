"""Hacker News: the stories that link to a paper on arXiv, with their points and comments, found by Algolia's search.

    one question ─► parse_stories ─► items; a page that is full (1,000 stories) ─► the same question, for older ones

How many points are engagement is for others to say. API: https://hn.algolia.com/api (it gives no more than 1,000 hits
to a question, whatever the page: https://github.com/algolia/hn-search/issues/230).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.errors import SourceError
from bot.sources.links import parse_link
from bot.sources.payload import (
    describe_value,
    format_complaints,
    parse_payload,
    read_counts,
    read_line,
    read_moment,
    read_object,
    refuse,
)
from bot.sources.source import Item, Reading
from bot.sources.wire import Pace, Wire

BASE = "https://hn.algolia.com/api/v1"
PAGE_SIZE = 1000
MOST_QUESTIONS = 5  # a reading; a week has a few hundred stories
PACE_SECONDS = 0.36  # 10,000 requests an hour from one address, as its documentation says
_METRICS = {"points": "points", "num_comments": "comments"}
_NAME = "Hacker News's list of stories"
_KEY = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Stories:
    """An answer of the search: the stories that link to papers, newest first.

    `rest_before` says that there may be more and from when (seconds since 1970, not included); None: these are all,
    or, with `is_cut`, nobody can say what the others are.
    """

    items: tuple[Item, ...]
    rest_before: int | None
    notes: tuple[str, ...]
    is_cut: bool = False


class HackerNews:
    """The source "hackernews"; `base` is the address of the search's API."""

    name = "hackernews"

    def __init__(self, wire: Wire, base: str = BASE) -> None:
        self._wire, self._url = wire, f"{base.rstrip('/')}/search_by_date"
        self._pace = Pace(PACE_SECONDS)

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return the stories of these days that link to papers; one question answers for all, unless they are many.

        How often to read (once a day is asked for) is the caller's to decide.
        """
        today = now.astimezone(UTC).date()
        if since > min(until, today):
            return Reading()
        start = _get_second(since)
        end = before = _get_second(until + timedelta(days=1)) if until < today else None
        items: dict[str, Item] = {}
        notes: list[str] = []
        is_partial = True
        for number in range(MOST_QUESTIONS):
            try:
                stories = await self._ask(start, before, now)
            except SourceError as error:
                if not number:
                    raise
                notes.append(f"Only the newest stories are known: {error}")
                break
            notes += stories.notes
            items |= {item.key: item for item in stories.items if _is_within(item, start, end)}
            if stories.rest_before is None or stories.rest_before <= start:
                is_partial = stories.is_cut
                break
            if before is not None and stories.rest_before >= before:
                notes.append(f"{_NAME} may be cut: the same came again")
                break
            before = stories.rest_before
        else:
            notes.append(f"{_NAME} may be cut: it is longer than {MOST_QUESTIONS} answers")
        return Reading(items=tuple(items.values()), notes=tuple(notes), is_partial=is_partial)

    async def _ask(self, start: int, before: int | None, now: datetime) -> Stories:
        """Ask for the stories from `start` to `before`, which is not included (seconds since 1970)."""
        params = {
            "query": "arxiv.org",
            "restrictSearchableAttributes": "url",
            "tags": "story",
            "hitsPerPage": str(PAGE_SIZE),
            "numericFilters": f"created_at_i>{start - 1}" + (f",created_at_i<{before}" if before is not None else ""),
        }
        return parse_stories((await self._wire.get(self._url, params=params, pace=self._pace)).body, now)


def parse_stories(body: bytes, now: datetime) -> Stories:
    """Parse an answer read at `now`; SourceError when it is no answer of the search, or no hit of it is one.

    Comments, polls and links to anything but a paper are left out; hits that can't be used are named in the notes.
    """
    answer = parse_payload(body, _NAME)
    hits = read_object(answer).get("hits")
    if not isinstance(hits, list):
        refuse(_NAME, "has no hits" if isinstance(answer, dict) else f"is {describe_value(answer)}, not an object")
    items: dict[str, Item] = {}
    complaints: list[str] = []
    for number, hit in enumerate(hits, 1):
        if not isinstance(hit, dict):
            complaints.append(f"hit {number} is {describe_value(hit)}, not an object")
        elif arxiv_id := _find_paper(hit):
            if key := _parse_key(hit.get("objectID")):
                items[key], wrong = _parse_item(key, arxiv_id, hit, now)
                complaints += (f"hit {number} (story {key}) has no usable {name}" for name in wrong)
            else:
                complaints.append(f"hit {number} has no usable objectID ({describe_value(hit.get('objectID'))})")
    if hits and not any(isinstance(hit, dict) for hit in hits):
        refuse(_NAME, f"has nothing that can be read: {complaints[0]}")
    notes = format_complaints(_NAME, complaints)
    if not _is_full(answer, len(hits)):
        return Stories(tuple(items.values()), None, notes)
    times = [made for hit in hits if (made := _parse_time(read_object(hit)))]
    rest_before = _get_second(min(times)) + 1 if times else None  # none of the same second is to be lost
    if not times:
        return Stories(tuple(items.values()), None, (*notes, f"{_NAME} may be cut"), is_cut=True)
    return Stories(tuple(items.values()), rest_before, notes)


def _parse_item(key: str, arxiv_id: str, hit: Mapping[str, object], now: datetime) -> tuple[Item, list[str]]:
    """Return a story, and the fields that hold something that is no count."""
    metrics, wrong = read_counts(hit, _METRICS)
    author = read_line(hit.get("author"))
    url = f"https://news.ycombinator.com/item?id={key}"
    title = read_line(hit.get("title"))
    made = _parse_time(hit)
    return Item(key, (arxiv_id,), metrics, now, made, url, title, author=author, handle=author), wrong


def _parse_key(value: object) -> str | None:
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and _KEY.fullmatch(text) else None


def _parse_time(hit: Mapping[str, object]) -> datetime | None:
    """Return when a hit was made; its two times are the same, and either can be absent."""
    seconds = hit.get("created_at_i")
    return (read_moment(seconds) if type(seconds) is int else None) or read_moment(hit.get("created_at"))


def _find_paper(hit: Mapping[str, object]) -> str | None:
    """Return the id of the paper that a story links to; None for other stories, comments and polls."""
    tags, url = hit.get("_tags"), hit.get("url")
    is_story = "story" in tags if isinstance(tags, list) else not (hit.get("comment_text") or hit.get("parent_id"))
    return parse_link(url) if is_story and isinstance(url, str) else None


def _is_full(answer: object, size: int) -> bool:
    """Tell whether there may be more hits than an answer has: pages can be smaller than they were asked to be."""
    values = read_object(answer)
    page_size, total = values.get("hitsPerPage"), values.get("nbHits")
    most = min(page_size, PAGE_SIZE) if type(page_size) is int and page_size > 0 else PAGE_SIZE
    return size >= most and not (type(total) is int and total <= size)


def _is_within(item: Item, start: int, end: int | None) -> bool:
    """Tell whether a story is of the days asked for, in case a server overlooks the filter; one without a time is."""
    return item.created_at is None or start <= item.created_at.timestamp() < (end or float("inf"))


def _get_second(moment: date) -> int:
    """Return the second since 1970 of a time, or of the start of a day in UTC."""
    if isinstance(moment, datetime):
        return int(moment.timestamp())
    return int(datetime.combine(moment, time(), UTC).timestamp())

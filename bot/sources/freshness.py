"""Whether a feed of arXiv's is fresh: ids of new papers rise from day to day, and one that was there is remembered.

    mark of a category: [ printed day ] [ newest id of that day ] [ newest of the days before ]
    a feed of a later day is held against the second, the same day's, read again, against the third

Pure; asking is `arxiv_feed`'s work. A memory is given in and out, others keep it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from bot.sources.announced import Feed
from bot.sources.source import Announcement

_ID = re.compile(r"(?:[a-z-]{1,12}(?:\.[A-Z]{2})?/)?([0-9]{2})(0[1-9]|1[0-2])\.?([0-9]{3,5})")


@dataclass(frozen=True, slots=True)
class Mark:
    """The greatest new id of a category: of the newest feed read (its printed day), and of all before that."""

    day: date
    newest: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Validator:
    """What a feed is asked with again (ETag, Last-Modified), and the day that was printed on it."""

    etag: str = ""
    modified: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class FeedMemory:
    """What one reading leaves for the next: a validator by feed, a mark by category."""

    validators: Mapping[str, Validator] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)


def rank_identifier(arxiv_id: str) -> tuple[int, int, int]:
    """Return a key that orders ids as arXiv gave them out: year, month, number; all zero for what is no id."""
    found = _ID.fullmatch(arxiv_id)
    if not found:
        return (0, 0, 0)
    year, month, number = map(int, found.groups())
    return (year + (1900 if year > 90 else 2000), month, number)


def find_stale(feeds: Mapping[str, Feed], marks: Mapping[str, Mark]) -> dict[str, dict[str, str]]:
    """Return the categories whose new papers are all old, by feed: with the greatest id that each serves.

    arXiv gives ids when it announces, so those of a category rise from one day to the next; one that serves
    yesterday's papers under today's date does not.
    """
    stale: dict[str, dict[str, str]] = {}
    for path, feed in feeds.items():
        for category, newest in _find_newest(feed).items():
            known = _get_known(marks.get(category), feed.day)
            if known and rank_identifier(newest) <= rank_identifier(known):
                stale.setdefault(path, {})[category] = newest
    return stale


def _get_known(mark: Mark | None, day: date | None) -> str:
    """Return the greatest id announced before a feed's day; the same day's feed may be read again and again."""
    if not mark or not day or day < mark.day:
        return ""
    return mark.newest if day > mark.day else mark.before


def _find_newest(feed: Feed) -> dict[str, str]:
    """Return the greatest new id of each category that is a new paper's primary one; ids of no month have no place."""
    newest: dict[str, str] = defaultdict(str)
    for one in feed.announcements:
        if one.kind == "new" and any(rank_identifier(one.paper.arxiv_id)):
            category = _get_category(one)
            newest[category] = max(newest[category], one.paper.arxiv_id, key=rank_identifier)
    return newest


def _get_category(one: Announcement) -> str:
    return one.paper.categories[0] if one.paper.categories else ""


def leave_out_stale(feeds: Mapping[str, Feed], stale: Mapping[str, Mapping[str, str]]) -> dict[str, Feed]:
    """Return the feeds without what is stale: a category's new papers, or a feed that has no others."""
    kept = {}
    for path, feed in feeds.items():
        old = stale.get(path, {})
        if old and old.keys() == _find_newest(feed).keys():
            continue
        fresh = tuple(one for one in feed.announcements if one.kind != "new" or _get_category(one) not in old)
        kept[path] = replace(feed, announcements=fresh)
    return kept


def remember_feeds(memory: FeedMemory, validators: Mapping[str, Validator], feeds: Mapping[str, Feed]) -> FeedMemory:
    """Return the memory with what these feeds add, and the validators to ask with next time."""
    marks = dict(memory.marks)
    for feed in feeds.values():
        for category, newest in _find_newest(feed).items():
            if feed.day:
                marks[category] = _advance(marks.get(category), feed.day, newest)
    return FeedMemory(dict(validators), marks)


def _advance(mark: Mark | None, day: date, newest: str) -> Mark:
    if not mark:
        return Mark(day, newest)
    if day < mark.day:
        return mark
    before = max(mark.before, mark.newest, key=rank_identifier) if day > mark.day else mark.before
    return Mark(day, newest if day > mark.day else max(newest, mark.newest, key=rank_identifier), before)


def format_memory(memory: FeedMemory) -> str:
    """Write a memory as JSON, for whoever keeps it."""
    kept = {
        "validators": {
            path: [one.etag, one.modified, one.day.isoformat() if one.day else ""]
            for path, one in memory.validators.items()
        },
        "marks": {name: [mark.day.isoformat(), mark.newest, mark.before] for name, mark in memory.marks.items()},
    }
    return json.dumps(kept, separators=(",", ":"), sort_keys=True)


def parse_memory(text: str) -> FeedMemory:
    """Read what `format_memory` wrote; anything else is an empty memory, with which everything is read anew."""
    try:
        kept = json.loads(text)
        validators = {
            str(path): Validator(str(etag), str(modified), date.fromisoformat(day) if day else None)
            for path, (etag, modified, day) in kept["validators"].items()
        }
        marks = {
            str(name): Mark(date.fromisoformat(day), str(newest), str(before))
            for name, (day, newest, before) in kept["marks"].items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return FeedMemory()
    return FeedMemory(validators, marks)

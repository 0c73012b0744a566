"""What an announcement feed of arXiv's says: the papers of a day, each new, cross-listed or replaced.

    guid oai:arXiv.org:2508.13167v1 · announce_type new · description "arXiv:… Announce Type: new Abstract: …"

Atom and RSS 2.0, as https://info.arxiv.org/help/rss_specifications.html describes them. Asking for feeds, and judging
whether they are fresh and whole, is `arxiv_feed`'s work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, get_args

from bot.digest import calendar
from bot.digest.authors import split_authors
from bot.digest.identifier import NAMED_PATTERN, PATTERN, normalise_identifier, parse_identifier
from bot.digest.withdrawal import is_withdrawn
from bot.errors import SourceError
from bot.sources.feeds import open_feed, read_line, refuse
from bot.sources.source import Announcement, Kind
from storage.models import Paper

KINDS: tuple[Kind, ...] = get_args(Kind)  # the strongest first: a paper new in one feed may be a cross in another
MAX_NOTES = 5
_GUID = re.compile(rf"oai:arxiv\.org:{NAMED_PATTERN}", re.IGNORECASE)
_PLAIN = re.compile(PATTERN, re.IGNORECASE)
_PREFIX = re.compile(
    rf"arXiv:\s*{NAMED_PATTERN}\s+Announce Type:\s*(?P<kind>[A-Za-z-]{{1,40}})(?:\s+Abstract:)?", re.IGNORECASE
)
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?")
_ERROR = "Feed error"
_FIRST_YEAR, _LAST_YEAR = 1991, 2199  # arXiv's first; a feed from beyond the last is a clock gone wrong


class RefusedError(SourceError):
    """arXiv says that it has no such feed: a category that does not exist."""


class _EntryError(Exception):
    """An entry that is no announcement; the message says why."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: the day printed on it (US Eastern), what it announces, how many entries it has, what is odd."""

    day: date | None
    announcements: tuple[Announcement, ...]
    entry_count: int
    withdrawn: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def parse_feed(body: bytes, name: str = "arXiv's feed") -> Feed:
    """Read a feed; SourceError begins with `name` when it is none, RefusedError when it is arXiv's word of an error.

    An entry that cannot be used is left out and noted, SourceError when there are only such; a paper that is there
    twice counts once, as its strongest kind.
    """
    feed, mended = open_feed(body, name)
    if read_line(feed.feed.get("title")).startswith(_ERROR):
        cause = _get_description(feed.feed).partition(". Valid")[0]
        raise RefusedError(f"{name} is refused by arXiv: {_shorten(cause)}; check ARXIV_CATEGORIES")
    day = _read_day(feed.feed) or next(filter(None, map(_read_day, feed.entries)), None)
    found: list[Announcement] = []
    odd: list[str] = []
    guessed = 0
    for number, entry in enumerate(feed.entries, 1):
        try:
            announcement, is_guess = _read_entry(entry, day)
        except _EntryError as error:
            odd.append(f"entry {number} is left out, {error}")
            continue
        found.append(announcement)
        guessed += is_guess
    if odd and not found:
        raise refuse(name, f"has nothing that can be read: {odd[0]}")
    notes = [*mended, *(f"{name}: {one}" for one in odd[:MAX_NOTES])]
    if len(odd) > MAX_NOTES:
        notes.append(f"{name}: {len(odd) - MAX_NOTES} more are left out")
    if untitled := [one.paper.arxiv_id for one in found if not one.paper.title]:
        notes.append(f"{name}: {len(untitled)} without a title ({', '.join(untitled[:MAX_NOTES])})")
    if guessed:
        notes.append(f"{name}: what is new is taken from the version where arXiv does not say it ({guessed})")
    withdrawn = frozenset(one.paper.arxiv_id for one in found if is_withdrawn(one.paper.abstract))
    return Feed(day, merge_announcements(found), len(feed.entries), withdrawn, tuple(notes))


def merge_announcements(found: Iterable[Announcement]) -> tuple[Announcement, ...]:
    """Return each paper's announcement of a day once, of its strongest kind, in the order they came."""
    kept: dict[tuple[str, date], Announcement] = {}
    for one in found:
        key = (one.paper.arxiv_id, one.announced_on)
        if key not in kept or KINDS.index(one.kind) < KINDS.index(kept[key].kind):
            kept[key] = one
    return tuple(kept.values())


def parse_guid(text: str) -> tuple[str, int | None] | None:
    """Return the id, as arXiv prints it, and the version in "oai:arXiv.org:2508.13167v1"; None for something else."""
    found = _GUID.fullmatch(text.strip()) or _PLAIN.fullmatch(text.strip())
    return _split_found(found) if found else None


def _split_found(found: re.Match[str]) -> tuple[str, int | None]:
    return normalise_identifier(found[1]), int(found[2]) if found[2] else None


def read_categories(entry: Any) -> tuple[str, ...]:
    """Return an entry's categories, the primary one first; what cannot be a category's id is left out."""
    terms = (read_line(tag.get("term")) for tag in entry.get("tags", []))
    return tuple(dict.fromkeys(term for term in terms if _CATEGORY.fullmatch(term)))


def _read_entry(entry: Any, day: date | None) -> tuple[Announcement, bool]:
    """Return what an entry announces, and whether its kind is a guess."""
    description = _get_description(entry)
    prefix = _PREFIX.match(description)
    arxiv_id, version = _read_id(entry, prefix)
    printed = _read_day(entry) or day
    if not printed:
        raise _EntryError(f"{arxiv_id} has no date")
    said = read_line(entry.get("arxiv_announce_type")) or (prefix["kind"] if prefix else "")
    kind: Kind | None = next((kind for kind in KINDS if kind == said.lower()), None)
    if said and not kind:
        raise _EntryError(f"{arxiv_id} is announced as something unknown: {_shorten(said)}")
    paper = Paper(
        arxiv_id=arxiv_id,
        version=version,
        title=read_line(entry.get("title")),
        authors=split_authors(_get_authors(entry)),
        categories=read_categories(entry),
        abstract=description[prefix.end() :].strip() if prefix else description,
    )
    guess: Kind = "new" if (version or 1) == 1 else "replace"
    return Announcement(paper, kind or guess, calendar.find_printed(printed).day), kind is None


def _read_id(entry: Any, prefix: re.Match[str] | None) -> tuple[str, int | None]:
    """Return the id and the version of an entry: its guid's, else those of its description, else its link's id."""
    found = parse_guid(str(entry.get("id", "")))
    linked = normalise_identifier(parse_identifier(str(entry.get("link", ""))) or "")
    if not found and prefix:
        found = _split_found(prefix)
    if not found and linked:
        found = linked, None
    if not found:
        raise _EntryError(f"it names no arXiv paper: {_shorten(read_line(entry.get('id')))}")
    if linked and linked != found[0]:
        raise _EntryError(f"it names {found[0]} and links to {linked}")
    return found


def _get_authors(entry: Any) -> str:
    """Return the authors' line; dc:creator is one, though nothing forbids one for each author."""
    names = [read_line(author.get("name")) for author in entry.get("authors", [])]
    return ", ".join(filter(None, names)) or read_line(entry.get("author"))


def _get_description(part: Any) -> str:
    return read_line(part.get("summary")) or read_line(part.get("subtitle"))


def _read_day(part: Any) -> date | None:
    """Return the day (US Eastern) of a feed's or an entry's own time, None when it has none that can be meant."""
    # feedparser's get would give the one for the other, with a warning, where only one is there.
    for key in ("published_parsed", "updated_parsed"):
        parsed = dict.get(part, key)
        if parsed and _FIRST_YEAR <= parsed[0] <= _LAST_YEAR:
            year, month, day, hour, minute, second = parsed[:6]
            return calendar.get_day(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC))
    return None


def _shorten(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:159]}…"

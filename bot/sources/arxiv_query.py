"""What arXiv's query API knows of chosen papers: asked by id, a hundred a call, and joined by id again.

    ids ──► pages of 100 ──► ask ──► 400, an id it refuses: drop it, ask again
                              ▲ └──► fewer than it says it has: ask again, a few times
                              └─────────────────────────────┘        ├──► still nothing at all: SourceError
                                                                     └──► records by id, what is missing

The API leaves out papers that do not exist without a word, so that nothing may be joined by position.
Rules: https://info.arxiv.org/help/api/user-manual.html.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.digest.authors import clean_author
from bot.digest.identifier import PATTERN, normalise_identifier, parse_identifier
from bot.digest.plural import count
from bot.digest.withdrawal import is_withdrawn
from bot.errors import SourceError
from bot.sources.announced import read_categories
from bot.sources.feeds import open_feed, read_line, refuse
from bot.sources.wire import Pace, Wire
from storage.models import Paper

MOST_IDS = 100  # of a call
MOST_BAD_IDS = 5  # dropped one by one from a page
MOST_EMPTY = 3  # answers that are not whole before what they lack counts as missing
_NAME = "arXiv's query API"
_ADDRESS = re.compile(rf"https?://(?:export\.)?arxiv\.org/abs/{PATTERN}", re.IGNORECASE)
_ERROR = re.compile(r"arxiv\.org/api/errors", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """One paper as the API has it: its newest version, when the first and this one came, whether it is withdrawn."""

    paper: Paper
    published: datetime | None = None
    updated: datetime | None = None
    comment: str = ""
    is_withdrawn: bool = False

    @property
    def primary_category(self) -> str:
        """The category it was submitted to; empty when the API does not say."""
        return self.paper.categories[0] if self.paper.categories else ""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its records, how many papers the API says there are, its words when it refuses the question."""

    records: tuple[Record, ...] = ()
    total: int | None = None
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of the papers asked for, by the ids they were asked by; `missing` ones arXiv does not have."""

    records: Mapping[str, Record] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class ArxivQuery:
    """Asks for papers by id; `pace` is the one that all of arXiv shares."""

    def __init__(self, wire: Wire, base: str, pace: Pace) -> None:
        self._wire, self._base, self._pace = wire, base.rstrip("/"), pace

    async def find(self, arxiv_ids: Iterable[str]) -> Found:
        """Return the records of papers; an id may have a version, then it is that one's.

        A page of a hundred that fails is noted and its papers are missing; SourceError when every page fails. One that
        is about none of several papers has failed: the API answers good questions so now and then.
        """
        wanted = list(dict.fromkeys(arxiv_ids))
        valid = [one for one in wanted if parse_identifier(one) and re.fullmatch(PATTERN, one)]
        records: dict[str, Record] = {}
        notes = [f"{_NAME} was not asked for {one[:60]!r}, which is no arXiv id" for one in wanted if one not in valid]
        failures: list[SourceError] = []
        pages = [valid[start : start + MOST_IDS] for start in range(0, len(valid), MOST_IDS)]
        for page in pages:
            try:
                found, said = await self._find_page(page)
            except SourceError as error:
                failures.append(error)
                notes.append(f"no details of {count(len(page), 'paper')}: {error}")
                continue
            records |= found
            notes += said
        if failures and len(failures) == len(pages):
            raise failures[0]
        return Found(records, tuple(one for one in wanted if one not in records), tuple(notes))

    async def _find_page(self, asked: Sequence[str]) -> tuple[dict[str, Record], list[str]]:
        """Ask for at most a hundred, without those it refuses, until the answer is whole or remains empty."""
        found: dict[str, Record] = {}
        left, notes, refused, empty = list(asked), [], 0, 0
        while left:
            page = await self._ask(left)
            if page.error:
                bad = _find_refused(page.error, left)
                refused += 1
                if not bad or refused > MOST_BAD_IDS:
                    raise refuse(_NAME, f"refuses the question: {page.error[:160]}")
                left.remove(bad)
                notes.append(f"{_NAME} refuses the id {bad}")
                continue
            notes += [note for note in page.notes if note not in notes]
            found |= join_records(left, page.records)
            empty += 1
            # An empty answer happens to good questions too; one that has less than its total is cut off.
            is_whole = bool(page.records) and len(page.records) >= (page.total or 0)
            if is_whole or len(found) == len(left):
                break
            if empty == MOST_EMPTY:
                if not found and len(left) > 1:
                    raise refuse(_NAME, f"has nothing about any of {len(left)} papers, asked {empty} times")
                if page.total or len(left) > 1:
                    papers = count(len(left), "paper")
                    notes.append(f"{_NAME} left out {len(left) - len(found)} of {papers}, asked {empty} times")
                break
        return found, notes

    async def _ask(self, arxiv_ids: Sequence[str]) -> Page:
        params = {"id_list": ",".join(arxiv_ids), "start": "0", "max_results": str(len(arxiv_ids))}
        answer = await self._wire.get(
            f"{self._base}/query", params=params, pace=self._pace, accept=(200, 400), seconds=60
        )
        page = await asyncio.to_thread(parse_page, answer.body)
        if answer.status == 400 and not page.error:
            raise refuse(_NAME, "refuses the question without a reason")
        return page


def parse_page(body: bytes, name: str = _NAME) -> Page:
    """Read an answer of the API; SourceError, which begins with `name`, when it is none.

    An entry that is no paper is left out and noted; one titled "Error" is the API's refusal, whatever the status.
    """
    feed, notes = open_feed(body, name)
    total = read_line(feed.feed.get("opensearch_totalresults"))
    records = []
    for number, entry in enumerate(feed.entries, 1):
        address = str(entry.get("id", ""))
        if _ERROR.search(address) or (read_line(entry.get("title")) == "Error" and not _ADDRESS.fullmatch(address)):
            return Page(error=read_line(entry.get("summary")) or "an error without words")
        if record := _read_record(entry, address):
            records.append(record)
        else:
            notes.append(f"{name}: entry {number} is left out, it is no paper: {address[:80]!r}")
    return Page(tuple(records), int(total[:9]) if total.isdecimal() else None, notes=tuple(notes))


def join_records(asked: Iterable[str], records: Iterable[Record]) -> dict[str, Record]:
    """Return the records by the ids they were asked by, which may have versions or a subject class (math.GT/…)."""
    by_id: dict[str, Record] = {}
    for record in records:
        plain = normalise_identifier(record.paper.arxiv_id)
        by_id[f"{plain}v{record.paper.version}"] = record
        newer = by_id.get(plain)
        if not newer or (newer.paper.version or 0) < (record.paper.version or 0):
            by_id[plain] = record
    keys = ((one, normalise_identifier(one)) for one in asked)
    return {one: by_id[key] for one, key in keys if key in by_id}


def _find_refused(error: str, asked: Sequence[str]) -> str | None:
    """Return the id that an error names: "incorrect id format for 2508.1316"."""
    words = {word.strip(".,;:'\"") for word in error.split()}
    return next((one for one in asked if one in words), None)


def _read_record(entry: Any, address: str) -> Record | None:
    found = _ADDRESS.fullmatch(address.strip())
    title = read_line(entry.get("title"))
    if not found or not title:
        return None
    abstract, comment = read_line(entry.get("summary")), read_line(entry.get("arxiv_comment"))
    authors = (clean_author(read_line(author.get("name"))) for author in entry.get("authors", []))
    primary = read_line(entry.get("arxiv_primary_category", {}).get("term"))
    categories = read_categories(entry)
    if primary in categories:
        categories = tuple(dict.fromkeys((primary, *categories)))
    paper = Paper(
        arxiv_id=normalise_identifier(found[1]),
        version=int(found[2]) if found[2] else None,
        title=title,
        authors=tuple(filter(None, authors)),
        categories=categories,
        abstract=abstract,
        has_pdf=any(link.get("title") == "pdf" for link in entry.get("links", [])),
    )
    return Record(
        paper,
        published=_read_time(entry, "published_parsed"),
        updated=_read_time(entry, "updated_parsed"),
        comment=comment,
        is_withdrawn=is_withdrawn(abstract, comment),
    )


def _read_time(entry: Any, key: str) -> datetime | None:
    parsed = dict.get(entry, key)  # feedparser's own get would give one time for the other
    if not parsed:
        return None
    year, month, day, hour, minute, second = parsed[:6]
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)

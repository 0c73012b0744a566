"""Keeps the papers that may come into a live post: what arXiv announced and withdrew, and what sources say of each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from storage.live_models import Announcement
from storage.models import Paper
from storage.rows import format_lines, format_plain, format_time, parse_lines
from storage.sqlite import Database

ARXIV = "arxiv"  # whose word on a paper counts most

_PUT = """
INSERT INTO candidates (arxiv_id, source, version, title, authors, categories, abstract, has_pdf, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (arxiv_id, source) DO UPDATE SET
    version = coalesce(excluded.version, version), title = coalesce(nullif(excluded.title, ''), title),
    authors = coalesce(nullif(excluded.authors, ''), authors),
    categories = coalesce(nullif(excluded.categories, ''), categories),
    abstract = coalesce(nullif(excluded.abstract, ''), abstract), has_pdf = excluded.has_pdf,
    seen_at = excluded.seen_at
"""
_ANNOUNCE = "INSERT INTO announcements (day, arxiv_id, kind, seen_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_WITHDRAW = "INSERT INTO withdrawn (arxiv_id, seen_at) VALUES (?, ?) ON CONFLICT DO NOTHING"

_GET = """
SELECT arxiv_id, version, title, authors, categories, abstract, has_pdf FROM candidates
WHERE arxiv_id IN (SELECT value FROM json_each(?)) ORDER BY arxiv_id, source <> ?, source
"""
_ANNOUNCED = "SELECT day, arxiv_id, kind FROM announcements WHERE day BETWEEN ? AND ? ORDER BY day, arxiv_id, kind"
_FIRST_DAYS = """
SELECT arxiv_id, min(day) FROM announcements
WHERE arxiv_id IN (SELECT value FROM json_each(?)) AND kind IN ('new', 'cross') GROUP BY arxiv_id
"""
_GREATEST = """
SELECT max(arxiv_id) FROM announcements
WHERE kind = 'new' AND arxiv_id GLOB '[0-9][0-9][01][0-9].*' AND substr(arxiv_id, 3, 2) BETWEEN '01' AND '12'
    AND substr(arxiv_id, 1, 4) <= ? AND day < ?
"""
_IN = "SELECT arxiv_id FROM {table} WHERE arxiv_id IN (SELECT value FROM json_each(?))"
_PRINTED = """
SELECT DISTINCT p.arxiv_id FROM papers AS p JOIN appearances AS a ON a.paper_id = p.id
WHERE p.arxiv_id IN (SELECT value FROM json_each(?)) AND a.day <> ?
"""


class Candidates:
    """The candidates facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, source: str, papers: Sequence[Paper], now: datetime) -> None:
        """Keep what a source says of papers; what it does not say anew stays as it was known."""
        async with self._database.transaction() as writer:
            await writer.executemany(_PUT, [_format_row(paper, source, now) for paper in papers])

    async def announce(self, announcements: Sequence[Announcement], now: datetime) -> None:
        """Keep what arXiv announced, with what it said of the papers."""
        moment = format_time(now)
        rows = [(a.announced_on.isoformat(), a.paper.arxiv_id, a.kind, moment) for a in announcements]
        async with self._database.transaction() as writer:
            await writer.executemany(_PUT, [_format_row(a.paper, ARXIV, now) for a in announcements])
            await writer.executemany(_ANNOUNCE, rows)

    async def withdraw(self, arxiv_ids: Iterable[str], now: datetime) -> None:
        """Keep that papers were withdrawn."""
        async with self._database.transaction() as writer:
            await writer.executemany(_WITHDRAW, [(arxiv_id, format_time(now)) for arxiv_id in arxiv_ids])

    async def get(self, arxiv_ids: Iterable[str]) -> dict[str, Paper]:
        """Return what is known of papers by id: what arXiv says, and what others do where it says nothing."""
        rows = await self._database.fetch(_GET, (_format_ids(arxiv_ids), ARXIV))
        return await asyncio.to_thread(_merge, rows)  # a week of announcements has tens of thousands

    async def announced(self, since: date, until: date) -> list[Announcement]:
        """Return what was announced in these days, both included, by day and id."""
        rows = await self._database.fetch(_ANNOUNCED, (since.isoformat(), until.isoformat()))
        papers = await self.get({arxiv_id for _, arxiv_id, _ in rows})
        return [Announcement(papers[arxiv_id], kind, date.fromisoformat(day)) for day, arxiv_id, kind in rows]

    async def last_day(self) -> date | None:
        """Return the newest day of which an announcement is kept, None for none."""
        ((day,),) = await self._database.fetch("SELECT max(day) FROM announcements")
        return date.fromisoformat(day) if day else None

    async def first_days(self, arxiv_ids: Iterable[str]) -> dict[str, date]:
        """Return for each paper the day on which it was first announced as new or in another category."""
        rows = await self._database.fetch(_FIRST_DAYS, (_format_ids(arxiv_ids),))
        return {arxiv_id: date.fromisoformat(day) for arxiv_id, day in rows}

    async def greatest(self, before: date) -> str | None:
        """Return the greatest id that was announced as new before a day; ids only grow, so new ones are greater.

        An id of a month that is none, or later than that day's, is a slip of arXiv's and has no place among them.
        """
        ((greatest,),) = await self._database.fetch(_GREATEST, (f"{before:%y%m}", before.isoformat()))
        return greatest if greatest is None else str(greatest)

    async def withdrawn(self, arxiv_ids: Iterable[str]) -> frozenset[str]:
        """Return which of the papers were withdrawn."""
        rows = await self._database.fetch(_IN.format(table="withdrawn"), (_format_ids(arxiv_ids),))
        return frozenset(arxiv_id for (arxiv_id,) in rows)

    async def printed(self, arxiv_ids: Iterable[str], day: date) -> frozenset[str]:
        """Return which of the papers a post of another day has: a later one when a day is made up for."""
        rows = await self._database.fetch(_PRINTED, (_format_ids(arxiv_ids), day.isoformat()))
        return frozenset(arxiv_id for (arxiv_id,) in rows)

    async def prune(self, before: datetime) -> int:
        """Delete what was last seen before a time and return how many rows; withdrawn papers stay withdrawn."""
        moment, pruned = (format_time(before),), 0
        async with self._database.transaction() as writer:
            for table in ("candidates", "announcements"):
                sql = f"DELETE FROM {table} WHERE seen_at < ? RETURNING 1"  # noqa: S608 - names of ours
                pruned += len(list(await writer.execute_fetchall(sql, moment)))
        return pruned


def _format_ids(arxiv_ids: Iterable[str]) -> str:
    return json.dumps([format_plain(arxiv_id) for arxiv_id in arxiv_ids])


def _format_row(paper: Paper, source: str, now: datetime) -> tuple[Any, ...]:
    texts = (paper.title, format_lines(paper.authors), format_lines(paper.categories), paper.abstract)
    plain = map(format_plain, texts)
    return (paper.arxiv_id, source, paper.version, *plain, paper.has_pdf, format_time(now))


def _paper_from(row: Sequence[Any]) -> Paper:
    arxiv_id, version, title, authors, categories, abstract, has_pdf = row
    return Paper(arxiv_id, version, title, parse_lines(authors), parse_lines(categories), abstract, bool(has_pdf))


def _merge(rows: Iterable[Sequence[Any]]) -> dict[str, Paper]:
    """Return a paper for each id, of rows with the best source first."""
    known: dict[str, Paper] = {}
    for row in rows:
        paper = _paper_from(row)
        known[paper.arxiv_id] = _complete(known[paper.arxiv_id], paper) if paper.arxiv_id in known else paper
    return known


def _complete(known: Paper, other: Paper) -> Paper:
    """Fill in from another source what the first does not say."""
    return Paper(
        known.arxiv_id,
        known.version if known.version is not None else other.version,
        known.title or other.title,
        known.authors or other.authors,
        known.categories or other.categories,
        known.abstract or other.abstract,
        known.has_pdf,
    )

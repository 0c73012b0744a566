"""Reads papers as they appeared: a day's ranking, one paper's history, the hottest of a period.

`top` reads as little as it can: a short stretch of days is read whole, a long one is met by walking the topic's
papers from the hottest down until enough of them fall into it. Of n papers in a topic that costs about
sqrt(limit × n) rows at worst when heat does not depend on the date.
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from storage.index import EVERYTHING
from storage.models import Appearance
from storage.places import find_top, is_mixed
from storage.rows import APPEARANCE, appearance_from, format_date, format_plain
from storage.sqlite import Database

_TOPIC = "topic_id = (SELECT id FROM topics WHERE name = ?)"
_HOTTEST = "score DESC, rank, arxiv_id, day DESC"
# The plus keeps SQLite from reading in the order of an index: then it reads the topic's days, by primary key.
_SHORT_ORDER = f"+{_HOTTEST}"

_REACH = "coalesce((SELECT reach(size) FROM topics WHERE name = ?), 0)"
_IS_SHORT = f"""
(SELECT count(*) FROM (SELECT 1 FROM topic_index WHERE {_TOPIC} AND day BETWEEN ? AND ? LIMIT 1 + {_REACH})) <= {_REACH}
"""

_READ = f"""
SELECT * FROM (SELECT appearance_id, score, rank, arxiv_id, day FROM topic_index
               WHERE {_TOPIC} AND day BETWEEN ? AND ? ORDER BY {{order}} LIMIT ?)
"""

_TOP = f"""
SELECT {APPEARANCE} FROM (SELECT * FROM ({{reads}}) ORDER BY {_HOTTEST} LIMIT ?) AS i
JOIN appearances AS a ON a.id = i.appearance_id
JOIN papers AS p ON p.id = a.paper_id
"""

_OF_DAY = f"""
SELECT {APPEARANCE} FROM appearances AS a JOIN papers AS p ON p.id = a.paper_id
WHERE a.day = ? {{filter}} ORDER BY a.rank LIMIT ? OFFSET ?
"""

_IN_TOPICS = """
AND EXISTS (SELECT 1 FROM topic_index AS i WHERE i.day = a.day AND i.appearance_id = a.id AND i.topic_id IN
            (SELECT id FROM topics WHERE name IN (SELECT value FROM json_each(?))))
"""

_COUNT_TOPICS = """
SELECT t.name, count(DISTINCT i.arxiv_id) FROM topics AS t JOIN topic_index AS i ON i.topic_id = t.id
WHERE i.day BETWEEN ? AND ? AND t.name <> ? GROUP BY t.id ORDER BY t.name
"""


def choose_best(appearances: Iterable[Appearance]) -> list[Appearance]:
    """Return the appearances hottest first, each paper once: by score, rank, arXiv id, then the newer day."""
    newest = sorted(appearances, key=lambda a: a.day, reverse=True)
    best: dict[str, Appearance] = {}
    for appearance in sorted(newest, key=lambda a: (-a.score, a.rank, a.paper.arxiv_id)):
        best.setdefault(appearance.paper.arxiv_id, appearance)
    return list(best.values())


class Papers:
    """The papers facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_day(
        self, day: date, topics: Iterable[str] = (), limit: int | None = None, offset: int = 0
    ) -> list[Appearance]:
        """Return a day's papers by rank, those in any of the topics (canonical categories or archives)."""
        wanted = tuple(topics)
        page = (-1 if limit is None else max(limit, 0), max(offset, 0))
        parameters = (day.isoformat(), *([json.dumps(wanted)] if wanted else []), *page)
        sql = _OF_DAY.format(filter=_IN_TOPICS if wanted else "")
        return [appearance_from(row) for row in await self._database.fetch(sql, parameters)]

    async def history(self, arxiv_id: str) -> list[Appearance]:
        """Return every appearance of a paper, newest first; none for an id that is not stored."""
        rows = await self._database.fetch(
            f"SELECT {APPEARANCE} FROM papers AS p JOIN appearances AS a ON a.paper_id = p.id "
            "WHERE p.arxiv_id = ? ORDER BY a.day DESC",
            (format_plain(arxiv_id),),
        )
        return [appearance_from(row) for row in rows]

    async def top(
        self,
        since: date | None = None,
        until: date | None = None,
        topics: Iterable[str] = (),
        limit: int = 10,
        offset: int = 0,
    ) -> list[Appearance]:
        """Return the hottest papers of a period (both ends included), each once, by its best appearance in it.

        Higher scores come first, ties by the rank in their file, then by arXiv id; a paper's equal best
        appearances are told apart by the newer day. With topics, papers in any of them.
        """
        if limit <= 0:
            return []
        start = max(offset, 0)
        names = tuple(dict.fromkeys(map(format_plain, topics))) or (EVERYTHING,)
        reads = [(name, format_date(since or date.min), format_date(until or date.max)) for name in names]
        short = await self._find_short(reads)
        count = start + limit + 2  # a paper may come twice: on two days, or in two topics
        while True:
            rows = await self._read_top(reads, short, count)
            best = choose_best(appearance_from(row) for row in rows)
            if len(best) >= start + limit or len(rows) < count:
                return best[start : start + limit]
            count *= 3

    async def _find_short(self, reads: Sequence[Sequence[Any]]) -> list[bool]:
        """Return for each (topic, first day, last day) whether it is quicker to read the period whole."""
        sql = "SELECT " + ", ".join([_IS_SHORT] * len(reads))
        rows = await self._database.fetch(sql, [value for read in reads for value in (*read, read[0], read[0])])
        return list(map(bool, rows[0]))

    async def _read_top(self, reads: Sequence[Sequence[Any]], short: Sequence[bool], count: int) -> list[Any]:
        orders = (_SHORT_ORDER if few else _HOTTEST for few in short)
        sql = _TOP.format(reads=" UNION ALL ".join(_READ.format(order=order) for order in orders))
        parameters = [value for read in reads for value in (*read, count)]
        return await self._database.fetch(sql, [*parameters, count])

    async def is_mixed(self, since: date | None = None, until: date | None = None) -> bool:
        """Tell whether a period's days are scored on both scales, live and as published: `top` is no ranking then."""
        return await is_mixed(self._database, since, until)

    async def top_by_place(
        self,
        since: date | None = None,
        until: date | None = None,
        topics: Iterable[str] = (),
        limit: int = 10,
        offset: int = 0,
    ) -> list[Appearance]:
        """Return the papers of a period that stood highest within their own days, see `places.find_top`."""
        return await find_top(self._database, since, until, topics, limit, offset)

    async def count(self) -> int:
        """Return how many papers appear on some day."""
        ((count,),) = await self._database.fetch("SELECT count(*) FROM papers WHERE current_id IS NOT NULL")
        return int(count)

    async def category_counts(self, since: date | None = None, until: date | None = None) -> dict[str, int]:
        """Return how many papers of a period each topic has; topics without any are left out."""
        period = (format_date(since or date.min), format_date(until or date.max))
        return dict(await self._database.fetch(_COUNT_TOPICS, (*period, EVERYTHING)))

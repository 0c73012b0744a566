"""Reads papers as they appeared: a day's ranking, one paper's history, the hottest of a period."""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import Any

from storage.index import EVERYTHING
from storage.models import Appearance
from storage.rankings import PERCENTILE, choose_scale, find_hottest
from storage.rows import APPEARANCE, appearance_from, format_date, format_plain
from storage.sqlite import Database

_DEADLINE_SECONDS = 10.0

_TOPIC = "topic_id = (SELECT id FROM topics WHERE name = ?)"

_OF_DAY = f"""
SELECT {APPEARANCE} FROM appearances AS a JOIN papers AS p ON p.id = a.paper_id
WHERE a.day = ? {{filter}} ORDER BY a.rank LIMIT ? OFFSET ?
"""

_IN_TOPICS = """
AND EXISTS (SELECT 1 FROM topic_index AS i WHERE i.day = a.day AND i.score = a.score AND i.rank = a.rank
            AND i.topic_id IN (SELECT id FROM topics WHERE name IN (SELECT value FROM json_each(?))))
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
        appearances are told apart by the newer day. Where some days are scored live and others as published, which
        don't compare, it is the percentile within its own day that counts: ties by the newer day, rank and arXiv id.
        With topics, papers in any of them.
        """
        if limit <= 0:
            return []
        names = tuple(dict.fromkeys(map(format_plain, topics))) or (EVERYTHING,)
        period = (since or date.min, until or date.max)

        def read(connection: sqlite3.Connection) -> list[Any]:
            scale = choose_scale(connection, *period)
            return find_hottest(connection, names, *period, limit, max(offset, 0), scale)

        return [appearance_from(row) for row in await self._database.run(read, _DEADLINE_SECONDS)]

    async def is_mixed(self, since: date | None = None, until: date | None = None) -> bool:
        """Tell whether a period's days are scored on both scales, so that `top` ranks by percentiles and not scores."""
        period = (since or date.min, until or date.max)
        scale = await self._database.run(lambda connection: choose_scale(connection, *period), _DEADLINE_SECONDS)
        return scale is PERCENTILE

    async def count(self) -> int:
        """Return how many papers appear on some day."""
        ((count,),) = await self._database.fetch("SELECT count(*) FROM papers WHERE current_id IS NOT NULL")
        return int(count)

    async def category_counts(self, since: date | None = None, until: date | None = None) -> dict[str, int]:
        """Return how many papers of a period each topic has; topics without any are left out."""
        period = (format_date(since or date.min), format_date(until or date.max))
        return dict(await self._database.fetch(_COUNT_TOPICS, (*period, EVERYTHING)))

"""Ranks papers of days that are scored on different scales: by their place within their own day, never by score.

A paper's place is counted among all of its day's papers (1 the hottest), and divided by how many these are.
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from storage.index import EVERYTHING
from storage.models import Appearance
from storage.rows import APPEARANCE, appearance_from, format_date, format_plain
from storage.sqlite import Database

_IS_MIXED = """
SELECT EXISTS (SELECT 1 FROM days WHERE day BETWEEN ?1 AND ?2 AND is_live)
   AND EXISTS (SELECT 1 FROM days WHERE day BETWEEN ?1 AND ?2 AND NOT is_live)
"""

_TOP = f"""
WITH placed AS (
    SELECT day, appearance_id, rank, arxiv_id,
        row_number() OVER (PARTITION BY day ORDER BY score DESC, rank) AS place,
        count(*) OVER (PARTITION BY day) AS size
    FROM topic_index WHERE topic_id = (SELECT id FROM topics WHERE name = ?1) AND day BETWEEN ?2 AND ?3
), wanted AS (
    SELECT DISTINCT p.*, CAST(p.place AS REAL) / p.size AS share FROM placed AS p
    JOIN topics AS t ON t.name IN (SELECT value FROM json_each(?4))
    JOIN topic_index AS i ON i.topic_id = t.id AND i.day = p.day AND i.appearance_id = p.appearance_id
), best AS (
    SELECT *, row_number() OVER (PARTITION BY arxiv_id ORDER BY share, day DESC) AS turn FROM wanted
)
SELECT {APPEARANCE} FROM (
    SELECT * FROM best WHERE turn = 1 ORDER BY share, day DESC, rank, arxiv_id LIMIT ?5 OFFSET ?6
) AS b
JOIN appearances AS a ON a.id = b.appearance_id
JOIN papers AS p ON p.id = a.paper_id
ORDER BY b.share, b.day DESC, b.rank, b.arxiv_id
"""


async def is_mixed(database: Database, since: date | None, until: date | None) -> bool:
    """Tell whether some of the days (both ends included) are scored live and others as published."""
    ((mixed,),) = await database.fetch(_IS_MIXED, (format_date(since or date.min), format_date(until or date.max)))
    return bool(mixed)


async def find_top(
    database: Database,
    since: date | None,
    until: date | None,
    topics: Iterable[str],
    limit: int,
    offset: int,
) -> list[Appearance]:
    """Return the papers in any of the topics that stood highest in their days, each once, by its best day.

    Of equal places the newer day comes first. Costs a look at every appearance of the days, a second for a million.
    """
    names = json.dumps([format_plain(topic) for topic in topics] or [EVERYTHING])
    period = (format_date(since or date.min), format_date(until or date.max))
    rows = await database.fetch(_TOP, (EVERYTHING, *period, names, max(limit, 0), max(offset, 0)))
    return [appearance_from(row) for row in rows]

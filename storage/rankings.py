"""Finds the hottest papers of a period: a long one by walking from the hottest of all, a short one by its days.

    long? ─► walk a while ─► enough of the period met? ─────────────────────────────────────► a page of papers
      └► short, or not met: each day's hottest ─► a score that enough papers reach ─► all that reach it ─┘

In each day, and in all of them together, a topic's papers are kept in the order of their heat. So neither how many
papers a day has matters, nor how heat changed over the years: reading a year costs a look or two per day. As scores
are compared, the days have to be scored on one scale; `places` ranks others.
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any

from storage.rows import APPEARANCE

_SHORT_DAYS = 60  # no walk is quicker than a look at each of so few days
_STEPS = 4  # of a walk, in the time that one day takes
_SPARE = 2  # times as many papers as wanted are looked at, a few of each day

_ENDS = "SELECT (SELECT min(day) FROM days), (SELECT max(day) FROM days)"
_TOPIC = "SELECT id, size FROM topics WHERE name = ?"

_ROW = "i.score, i.rank, i.arxiv_id, i.day, i.appearance_id"
_HOTTEST = "i.score DESC, i.rank, i.arxiv_id, i.day DESC"
_WALK = f"""
SELECT {_ROW} FROM (SELECT * FROM topic_index AS i WHERE topic_id = ? ORDER BY {_HOTTEST} LIMIT ?) AS i
WHERE i.day BETWEEN ? AND ? LIMIT ?
"""

# Where the n-th paper of each of m days reaches a score, n × m papers do: of the best m days, the worst decides.
# The plus keeps SQLite from reading the period whole, which it takes for quicker.
_READ = f"""
WITH tops AS MATERIALIZED (
    SELECT d.day, (SELECT score FROM topic_index AS i WHERE i.topic_id = ?1 AND i.day = d.day
                   ORDER BY i.score DESC LIMIT 1 OFFSET ?4 - 1) AS score
    FROM days AS d WHERE d.day BETWEEN ?2 AND ?3
),
reached AS MATERIALIZED (
    SELECT coalesce((SELECT score FROM tops ORDER BY score DESC LIMIT 1 OFFSET ?5 - 1), -9e999) AS score
)
SELECT {_ROW} FROM reached CROSS JOIN tops
CROSS JOIN topic_index AS i ON i.topic_id = ?1 AND i.day = +tops.day AND i.score >= reached.score
WHERE ?4 > 1 OR tops.score >= reached.score
ORDER BY {_HOTTEST} LIMIT ?6
"""

_APPEARANCES = f"""
SELECT {APPEARANCE} FROM json_each(?) AS j
CROSS JOIN appearances AS a ON a.id = j.value
JOIN papers AS p ON p.id = a.paper_id
ORDER BY j.key
"""


def find_hottest(
    connection: sqlite3.Connection, topics: Sequence[str], since: date, until: date, limit: int, offset: int
) -> list[Any]:
    """Return a page of a ranking as rows with the columns in `rows.APPEARANCE`: each paper once, the hottest first.

    In any of the topics; both days are included. Ties are told apart by rank, arXiv id and the newer day.
    """
    days, share = _measure_period(connection, since, until)
    if days <= 0:
        return []
    period = (since.isoformat(), until.isoformat())
    wanted = offset + limit
    count = wanted + 2  # a paper may have been hot on two days
    while True:
        lists = [_read_topic(connection, topic, period, days, share, count) for topic in topics]
        best = _merge(lists, count)
        if len(best) >= wanted or all(len(rows) < count for rows in lists):
            break
        count *= 3
    return read_page(connection, best[offset:wanted])


def read_page(connection: sqlite3.Connection, appearances: Sequence[int]) -> list[Any]:
    """Return the rows of some appearances with the columns in `rows.APPEARANCE`, in their order."""
    return connection.execute(_APPEARANCES, (json.dumps(appearances),)).fetchall()


def _merge(lists: Sequence[Sequence[Any]], count: int) -> list[int]:
    """Return the ids of each paper's best appearance among the hottest `count` of each topic, the hottest first."""
    rows = {row[-1]: row for rows in lists for row in rows}.values()
    newest = sorted(rows, key=lambda row: row[3], reverse=True)
    hottest = sorted(newest, key=lambda row: (-row[0], row[1], row[2]))
    if any(len(rows) == count for rows in lists):
        hottest = hottest[:count]  # below these, a topic of which no more were read may have others
    best: dict[str, int] = {}
    for _, _, arxiv_id, _, appearance in hottest:
        best.setdefault(arxiv_id, appearance)
    return list(best.values())


def _read_topic(
    connection: sqlite3.Connection, topic: str, period: tuple[str, str], days: int, share: float, count: int
) -> list[Any]:
    """Return the `count` hottest rows of a topic in a period, fewer when there are no more."""
    found = connection.execute(_TOPIC, (topic,)).fetchone()
    if found is None:
        return []
    topic_id, size = found
    steps = days * _STEPS
    if days > _SHORT_DAYS and count <= steps * share:
        rows = connection.execute(_WALK, (topic_id, steps, *period, count)).fetchall()
        if len(rows) == count or steps >= size:
            return rows
    place = math.ceil(_SPARE * count / days)
    return connection.execute(_READ, (topic_id, *period, place, math.ceil(count / place), count)).fetchall()


def _measure_period(connection: sqlite3.Connection, since: date, until: date) -> tuple[int, float]:
    """Return how many days a period has between the oldest post and the newest, and what share of that time it is."""
    ends = connection.execute(_ENDS).fetchone()
    if ends[0] is None:
        return 0, 0.0
    oldest, newest = (date.fromisoformat(day).toordinal() for day in ends)
    days = min(until.toordinal(), newest) - max(since.toordinal(), oldest) + 1
    return days, days / (newest - oldest + 1)

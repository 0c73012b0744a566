"""Finds the hottest papers of a period: a long one by walking from the hottest of all, a short one by its days.

    long? ─► walk a while ─► enough of the period met? ─────────────────────────────────────► a page of papers
      └► short, or not met: each day's hottest ─► a heat that enough papers reach ─► all that reach it ─┘

In each day, and in all of them together, a topic's papers are kept in the order of their heat. So neither how many
papers a day has matters, nor how heat changed over the years: reading a year costs a look or two per day. Heat is the
score where all days are scored on one scale; else it is the share of its own day's papers that are less hot.
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

from storage.rows import APPEARANCE

_SHORT_DAYS = 60  # no walk is quicker than a look at each of so few days
_STEPS = 4  # of a walk, in the time that one day takes
_SPARE = 2  # times as many papers as wanted are looked at, a few of each day

_ENDS = "SELECT (SELECT min(day) FROM days), (SELECT max(day) FROM days)"
_TOPIC = "SELECT id, size FROM topics WHERE name = ?"

_IS_MIXED = """
SELECT EXISTS (SELECT 1 FROM days WHERE day BETWEEN ?1 AND ?2 AND is_live AND paper_count > 0)
   AND EXISTS (SELECT 1 FROM days WHERE day BETWEEN ?1 AND ?2 AND NOT is_live AND paper_count > 0)
"""

_ROW = "i.{heat}, i.rank, i.arxiv_id, i.day, i.appearance_id"
_WALK = f"""
SELECT * FROM (SELECT {_ROW} FROM topic_index AS i WHERE i.topic_id = ? ORDER BY {{hottest}} LIMIT ?)
WHERE day BETWEEN ? AND ? LIMIT ?
"""

# Where the n-th paper of each of m days reaches a heat, n × m papers do: of the best m days, the worst decides.
# The pluses keep SQLite from reading the period whole, which it takes for quicker.
_READ = f"""
WITH tops AS MATERIALIZED (
    SELECT d.day, (SELECT {{heat}} FROM topic_index AS i WHERE i.topic_id = ?1 AND i.day = d.day
                   ORDER BY i.score DESC, i.rank LIMIT 1 OFFSET ?4 - 1) AS heat
    FROM days AS d WHERE d.day BETWEEN ?2 AND ?3
),
reached AS MATERIALIZED (
    SELECT coalesce((SELECT heat FROM tops ORDER BY heat DESC LIMIT 1 OFFSET ?5 - 1), -9e999) AS heat
)
SELECT {_ROW} FROM reached CROSS JOIN tops
CROSS JOIN topic_index AS i ON i.topic_id = ?1 AND i.day = +tops.day AND {{held}} >= reached.heat
WHERE ?4 > 1 OR tops.heat >= reached.heat
ORDER BY {{hottest}} LIMIT ?6
"""

_APPEARANCES = f"""
SELECT {APPEARANCE} FROM json_each(?) AS j
CROSS JOIN appearances AS a ON a.id = j.value
JOIN papers AS p ON p.id = a.paper_id
ORDER BY j.key
"""


class _Row(NamedTuple):
    """An appearance in a topic."""

    heat: float
    rank: int
    arxiv_id: str
    day: str
    appearance: int


class Scale(NamedTuple):
    """What heat is, a column of `topic_index`, and how equally hot papers are told apart, in SQL and as a sort key.

    `held` is the column where it is compared in a day: a plus says that its index is of no use there.
    """

    heat: str
    held: str
    hottest: str
    order: Callable[[_Row], tuple[Any, ...]]

    def write(self, statement: str) -> str:
        """Fill in a statement."""
        return statement.format(heat=self.heat, held=self.held, hottest=self.hottest)


# By rank, arXiv id and the newer day; by the newer day, rank and arXiv id.
SCORE = Scale(
    "score",
    "i.score",
    "i.score DESC, i.rank, i.arxiv_id, i.day DESC",
    lambda row: (-row.heat, row.rank, row.arxiv_id, -_count(row.day)),
)
PERCENTILE = Scale(
    "percentile",
    "+i.percentile",
    "i.percentile DESC, i.day DESC, i.rank, i.arxiv_id",
    lambda row: (-row.heat, -_count(row.day), row.rank, row.arxiv_id),
)


def choose_scale(connection: sqlite3.Connection, since: date, until: date) -> Scale:
    """Return by what papers of these days (both ends included) are compared: some may be scored live, others not."""
    ((is_mixed,),) = connection.execute(_IS_MIXED, (since.isoformat(), until.isoformat()))
    return PERCENTILE if is_mixed else SCORE


def find_hottest(
    connection: sqlite3.Connection,
    topics: Sequence[str],
    since: date,
    until: date,
    limit: int,
    offset: int,
    scale: Scale = SCORE,
) -> list[Any]:
    """Return a page of a ranking as rows with the columns in `rows.APPEARANCE`: each paper once, the hottest first.

    In any of the topics; both days are included.
    """
    days, share = _measure_period(connection, since, until)
    if days <= 0:
        return []
    period = (since.isoformat(), until.isoformat())
    wanted = offset + limit
    count = wanted + 2  # a paper may have been hot on two days
    while True:
        lists = [_read_topic(connection, scale, topic, period, days, share, count) for topic in topics]
        best = _merge(lists, count, scale)
        if len(best) >= wanted or all(len(rows) < count for rows in lists):
            break
        count *= 3
    return read_page(connection, best[offset:wanted])


def read_page(connection: sqlite3.Connection, appearances: Sequence[int]) -> list[Any]:
    """Return the rows of some appearances with the columns in `rows.APPEARANCE`, in their order."""
    return connection.execute(_APPEARANCES, (json.dumps(appearances),)).fetchall()


def _merge(lists: Sequence[Sequence[_Row]], count: int, scale: Scale) -> list[int]:
    """Return the ids of each paper's best appearance among the hottest `count` of each topic, the hottest first."""
    rows = {row.appearance: row for rows in lists for row in rows}.values()
    hottest = sorted(rows, key=scale.order)
    if any(len(rows) == count for rows in lists):
        hottest = hottest[:count]  # below these, a topic of which no more were read may have others
    best: dict[str, int] = {}
    for row in hottest:
        best.setdefault(row.arxiv_id, row.appearance)
    return list(best.values())


def _read_topic(
    connection: sqlite3.Connection,
    scale: Scale,
    topic: str,
    period: tuple[str, str],
    days: int,
    share: float,
    count: int,
) -> list[_Row]:
    """Return the `count` hottest rows of a topic in a period, fewer when there are no more."""
    found = connection.execute(_TOPIC, (topic,)).fetchone()
    if found is None:
        return []
    topic_id, size = found
    steps = days * _STEPS
    if days > _SHORT_DAYS and count <= steps * share:
        rows = connection.execute(scale.write(_WALK), (topic_id, steps, *period, count)).fetchall()
        if len(rows) == count or steps >= size:
            return list(map(_Row._make, rows))
    place = math.ceil(_SPARE * count / days)
    asked = (topic_id, *period, place, math.ceil(count / place), count)
    return list(map(_Row._make, connection.execute(scale.write(_READ), asked)))


def _count(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _measure_period(connection: sqlite3.Connection, since: date, until: date) -> tuple[int, float]:
    """Return how many days a period has between the oldest post and the newest, and what share of that time it is."""
    ends = connection.execute(_ENDS).fetchone()
    if ends[0] is None:
        return 0, 0.0
    oldest, newest = map(_count, ends)
    days = min(until.toordinal(), newest) - max(since.toordinal(), oldest) + 1
    return days, days / (newest - oldest + 1)

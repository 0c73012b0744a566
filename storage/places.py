"""Ranks papers of days that are scored on different scales: by their place within their own day, never by score.

    some days, the largest first ─► each one's first few ─► the page so far ─► which days could still have more of it?
                                         ▲                                      ├► none: done
                                         └──────────────────────────────────────┴► more of these, and more days

A paper's place is counted among all of its day's papers (1 the hottest), and divided by how many these are. Within a
day it follows the score, in whose order a topic's papers are kept, and no place is better than the first of a large
day: so little more is read than is shown.
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from storage.index import EVERYTHING
from storage.rankings import read_page

_SPARE = 2  # times as many papers as wanted are looked at first
_MORE = 4  # times as many days the next time, and of a day that could have more

_IS_MIXED = """
SELECT EXISTS (SELECT 1 FROM days WHERE day BETWEEN ?1 AND ?2 AND is_live)
   AND EXISTS (SELECT 1 FROM days WHERE day BETWEEN ?1 AND ?2 AND NOT is_live)
"""
_SIZES = """
SELECT day, paper_count FROM days WHERE paper_count > 0 AND day BETWEEN ? AND ? ORDER BY paper_count DESC, day DESC
"""
_TOPIC = "SELECT id FROM topics WHERE name = ?"

# The limits, one of which limits nothing, keep both in their order.
_FIRST = """
SELECT score, rank, arxiv_id, appearance_id FROM topic_index AS i
WHERE i.topic_id = ?1 AND i.day = d.value ORDER BY i.score DESC, i.rank LIMIT ?4
"""
_READ = f"""
SELECT d.value,
    (SELECT json_group_array(json_array(rank, arxiv_id, appearance_id)) FROM ({_FIRST})),
    (SELECT json_group_array(rank) FROM (
        SELECT rank FROM topic_index AS e
        WHERE e.topic_id = (SELECT id FROM topics WHERE name = ?2) AND e.day = d.value
            AND e.score >= (SELECT min(score) FROM ({_FIRST}))
        ORDER BY e.score DESC, e.rank LIMIT -1))
FROM json_each(?3) AS d
"""


class _Order(NamedTuple):
    """What papers are ordered by: the share of its day at least as hot, the newer day, the rank, the arXiv id."""

    share: float
    day_back: int
    rank: int
    arxiv_id: str


class _Pile(NamedTuple):
    """The first `depth` papers of a topic in a day."""

    depth: int
    topic: int
    day: str


def is_mixed(connection: sqlite3.Connection, since: date, until: date) -> bool:
    """Tell whether some of the days (both ends included) are scored live and others as published."""
    return bool(connection.execute(_IS_MIXED, (since.isoformat(), until.isoformat())).fetchone()[0])


def find_placed(
    connection: sqlite3.Connection, topics: Sequence[str], since: date, until: date, limit: int, offset: int
) -> list[Any]:
    """Return a page of the papers that stood highest in their days, as rows with the columns in `rows.APPEARANCE`.

    In any of the topics, each once, by its best day; both days are included. Of equal places the newer day comes first.
    """
    sizes = dict(connection.execute(_SIZES, (since.isoformat(), until.isoformat())))
    ids, unread, wanted = _find_topics(connection, topics), list(sizes), offset + limit
    depth = max(_SPARE * wanted // max(len(sizes), 1), 1)
    count = math.ceil(_SPARE * wanted / depth)
    found: dict[int, _Order] = {}
    best, last = list[int](), None
    ends = dict[_Pile, _Order]()  # of what was read last where there is more: what ended too late, does so for good
    while True:
        again = [pile for pile, end in ends.items() if last is None or end < last]
        fresh = [day for day in unread[:count] if last is None or _bound(day, sizes[day]) < last]
        if not (again or fresh):
            return read_page(connection, best[offset:wanted])
        piles = [pile._replace(depth=_MORE * pile.depth) for pile in again]
        piles += [_Pile(depth, topic, day) for topic in ids for day in fresh]
        ends = {}
        for pile, rows in _read_piles(connection, piles, sizes):
            found |= rows
            if len(rows) == pile.depth:
                ends[pile] = max(rows.values())
        unread = unread[len(fresh) :]
        count *= _MORE
        best = _choose_best(found)
        last = found[best[wanted - 1]] if len(best) >= wanted else None


def _find_topics(connection: sqlite3.Connection, topics: Sequence[str]) -> list[int]:
    """Return the ids of those topics that any paper has."""
    ids = [connection.execute(_TOPIC, (topic,)).fetchone() for topic in topics]
    return [row[0] for row in ids if row]


def _read_piles(
    connection: sqlite3.Connection, piles: Iterable[_Pile], sizes: Mapping[str, int]
) -> Iterator[tuple[_Pile, dict[int, _Order]]]:
    """Yield the papers of each pile: their orders by appearance."""
    for (depth, topic), some in groupby(sorted(piles), itemgetter(0, 1)):
        days = json.dumps([pile.day for pile in some])
        for day, papers, ranks in connection.execute(_READ, (topic, EVERYTHING, days, depth)):
            places = {rank: place for place, rank in enumerate(json.loads(ranks), 1)}
            back, size = -date.fromisoformat(day).toordinal(), sizes[day]
            yield (
                _Pile(depth, topic, day),
                {
                    appearance: _Order(places[rank] / size, back, rank, arxiv_id)
                    for rank, arxiv_id, appearance in json.loads(papers)
                },
            )


def _bound(day: str, size: int) -> _Order:
    """Return what no paper of a day can come before."""
    return _Order(1 / size, -date.fromisoformat(day).toordinal(), 0, "")


def _choose_best(found: Mapping[int, _Order]) -> list[int]:
    """Return each paper's best appearance, the best first."""
    best: dict[str, int] = {}
    for appearance, order in sorted(found.items(), key=itemgetter(1)):
        best.setdefault(order.arxiv_id, appearance)
    return list(best.values())

"""Measures rankings: the hottest papers of a period against finding one paper by its id through aiosqlite.

By score, and by percentile, as where some of the days are scored live and others as published.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, timedelta
from itertools import cycle, product
from pathlib import Path
from random import Random

import aiosqlite

from benchmarks.corpus import CATEGORIES
from benchmarks.frame import Contestant, Row, make_row, measure_pairs, measure_seconds
from bot.answers.options import ALL, PERIODS
from bot.answers.top import TopQuery, find_newest, find_top
from bot.app import open_store
from bot.messages.lists import PAPERS_PER_PAGE
from storage.store import Store

TARGET = 30.0
# All, the commonest, a rare one, an archive, several at once
TOPICS = ((), CATEGORIES[:1], CATEGORIES[-1:], ("cs",), (*CATEGORIES[:2], CATEGORIES[-1]))
FAR = 10 * PAPERS_PER_PAGE  # the eleventh page, too
_LOOKUPS = 500


async def measure_top(path: Path, size: str, repeats: int) -> list[Row]:
    """Measure each period in several categories, back from the newest day, from the middle and on a later page.

    The slowest of each period is kept.
    """
    async with open_store(path) as store, aiosqlite.connect(path) as connection:
        look_up = _make_lookup(connection, await _choose_ids(connection))
        newest, middle = await find_newest(store), await _find_middle(store)
        rows = []
        for period in (*PERIODS, ALL):
            rows.append(await _measure(store, look_up, f"top, {period}", size, period, (newest, middle), repeats))
        with _scored_live(path, middle):
            for period in (*list(PERIODS)[1:], ALL):  # a day has one scale
                name, until = f"top, {period}, of two scales", middle + timedelta(days=3)
                rows.append(await _measure(store, look_up, name, size, period, (until,), repeats))
        return rows


async def _measure(
    store: Store, look_up: Contestant, name: str, size: str, period: str, untils: Sequence[date], repeats: int
) -> Row:
    choices = [TopQuery(period, until, topics) for until, topics in product(untils, TOPICS)]
    asked = [*((query, 0) for query in choices), (choices[0], FAR)]
    measured = [await measure_pairs(look_up, _make_ranking(store, *one), repeats) for one in asked]
    return max([make_row(name, size, pairs, TARGET, "µs") for pairs in measured], key=lambda row: row.ratio)


@contextmanager
def _scored_live(path: Path, since: date) -> Iterator[None]:
    """Say meanwhile of the days from one on that they are scored live: a percentile is the same on either scale."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE days SET is_live = 1 WHERE day >= ?", (since.isoformat(),))
        try:
            yield
        finally:
            connection.execute("UPDATE days SET is_live = 0")


async def _choose_ids(connection: aiosqlite.Connection) -> list[str]:
    ((last,),) = await connection.execute_fetchall("SELECT max(id) FROM papers")
    random = Random(0)
    chosen = ",".join(str(random.randint(1, last)) for _ in range(_LOOKUPS))
    rows = await connection.execute_fetchall(f"SELECT arxiv_id FROM papers WHERE id IN ({chosen})")  # noqa: S608
    return [arxiv_id for (arxiv_id,) in rows]


async def _find_middle(store: Store) -> date:
    days = await store.days.list()
    return days[len(days) // 2].day


def _make_lookup(connection: aiosqlite.Connection, ids: list[str]) -> Contestant:
    following = cycle(ids)
    sql = "SELECT id, best_id FROM papers WHERE arxiv_id = ?"
    return lambda: measure_seconds(connection.execute_fetchall(sql, (next(following),)))


def _make_ranking(store: Store, query: TopQuery, offset: int) -> Contestant:
    return lambda: measure_seconds(find_top(store, query, offset=offset))

"""Measures rankings: the hottest papers of a period against finding one paper by its id through aiosqlite."""

from __future__ import annotations

from datetime import date
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
        untils = (await find_newest(store), await _find_middle(store))
        rows = []
        for period in (*PERIODS, ALL):
            choices = [TopQuery(period, until, topics) for until, topics in product(untils, TOPICS)]
            asked = [*((query, 0) for query in choices), (choices[0], FAR)]
            measured = [await measure_pairs(look_up, _make_ranking(store, *one), repeats) for one in asked]
            made = [make_row(f"top, {period}", size, pairs, TARGET, "µs") for pairs in measured]
            rows.append(max(made, key=lambda row: row.ratio))
    return rows


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

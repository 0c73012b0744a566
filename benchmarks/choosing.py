"""Measures choosing for everyone at once against a query for each recipient, and that both give the same papers.

    subscriptions that are due ─┬─► what all with the same filters choose from, once; of it what each was not given
                                └─► a query each, as a bot without any sharing asks

Who is due is known to both; nothing is rendered or stored.
"""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from time import perf_counter

from benchmarks.crowd import Crowd
from benchmarks.frame import Row, clear_caches, make_row
from bot.answers.digests import HOT_SHARES, Chooser
from bot.app import open_store
from bot.delivery.plan import Order, choose_all
from bot.delivery.planner import BATCH
from storage.store import Store

TARGET = 1 / 30
ASKED = 300  # recipients that are asked for one by one; the others would take as long
_NAIVE = """
SELECT p.arxiv_id FROM appearances AS a JOIN papers AS p ON p.id = a.paper_id
WHERE a.day IN (SELECT day FROM days WHERE day > :edition
                AND day NOT IN (SELECT e.value FROM deliveries AS d JOIN json_each(d.editions) AS e
                                WHERE d.subscription_id = :id AND d.state <> 'failed'))
  AND (:categories = '[]' OR EXISTS (SELECT 1 FROM json_each(a.topics) AS t JOIN json_each(:categories) AS c
                                     ON c.value = t.value))
  AND (:share IS NULL OR a.id IN (
        SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY day ORDER BY score DESC, rank) AS place,
                               count(*) OVER (PARTITION BY day) AS size FROM appearances WHERE day > :edition)
        WHERE place <= CAST(:share * size + 0.999999 AS INTEGER)))
  AND NOT EXISTS (SELECT 1 FROM given AS g WHERE g.paper_id = p.id AND g.target_id = :target)
  AND NOT EXISTS (SELECT 1 FROM deliveries AS d JOIN delivery_papers AS dp ON dp.delivery_id = d.id
                  WHERE d.target_id = :target AND d.state IN ('pending', 'sending', 'uncertain') AND dp.paper_id = p.id)
ORDER BY a.score DESC, a.rank LIMIT :count
"""
_RECIPIENTS = """
SELECT s.id, s.target_id AS target, s.count, s.created_edition AS edition, s.only AS wish,
       iif(s.categories = '', '[]', '["' || replace(s.categories, char(10), '","') || '"]') AS categories
FROM subscriptions AS s WHERE s.id % (SELECT max(1, max(id) / ?) FROM subscriptions) = 0
"""
Choices = dict[int, list[str]]  # arXiv ids by subscription


async def measure_choosing(crowd: Crowd, size: str, repeats: int) -> list[Row]:
    """Choose both ways for a crowd that nothing is promised to yet; RuntimeError when the papers differ."""
    pairs = []
    for _ in range(repeats):
        naive, expected = ask_each(crowd)
        seconds, chosen = await choose(crowd)
        if any(chosen[number] != papers for number, papers in expected.items()):
            raise RuntimeError("choosing for all at once and for each give other papers")
        pairs.append((naive, seconds))
    return [make_row(f"fan-out, choosing for {crowd.recipients:,} against a query each", size, pairs, TARGET, "s")]


def ask_each(crowd: Crowd) -> tuple[float, Choices]:
    """Ask for some recipients one by one; return the seconds all would take, and what they get."""
    with closing(sqlite3.connect(crowd.path)) as connection:
        connection.row_factory = sqlite3.Row
        asked = [dict(row) for row in connection.execute(_RECIPIENTS, (ASKED,))]
        connection.row_factory = None
        found, begun = {}, perf_counter()
        for one in asked:
            share = HOT_SHARES.get(one.pop("wish"))
            rows = connection.execute(_NAIVE, {**one, "share": share}).fetchall()
            found[one["id"]] = [arxiv_id for (arxiv_id,) in rows]
        return (perf_counter() - begun) / len(asked) * crowd.recipients, found


async def choose(crowd: Crowd) -> tuple[float, Choices]:
    """Choose for all in the planner's batches; return the seconds it took, and what they get."""
    clear_caches()
    gc.freeze()  # as the bot does at start
    seconds, chosen = 0.0, Choices()
    async with open_store(crowd.path) as store:
        chooser = Chooser(store)
        async for orders in _iterate_orders(crowd, store):
            begun = perf_counter()
            digests = await choose_all(store, orders, chooser)
            seconds += perf_counter() - begun
            for digest in digests:
                chosen[digest.subscription.id or 0] = [one.paper.arxiv_id for one in digest.papers]
    return seconds, chosen


async def _iterate_orders(crowd: Crowd, store: Store) -> AsyncIterator[list[Order]]:
    """Yield everyone's order for the newest day in batches, as the planner makes them of those that are due."""
    newest = await store.days.latest()
    days = (newest,) if newest else ()
    for clock in await store.subscriptions.list_clocks():
        after = 0
        while found := await store.subscriptions.list_of_clock(clock, after, BATCH):
            yield [Order(one, crowd.now.date().isoformat(), days, crowd.now) for one in found]
            after = found[-1].id or 0

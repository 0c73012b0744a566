"""Keeps what sources were found to say of papers, raw: public items, which papers they are about, and their counts.

    add ──► items, item_papers, counts (paper, source, item, metric, value, time) ──► newest ──► scores
    delete ─► gone, and not taken again while the source may still tell of it

What a count is worth is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from storage.live_models import Item, Observation
from storage.rows import format_plain, format_time, parse_time
from storage.sqlite import Database

# How long raw counts, posts and announcements are kept: scoring looks back 90 days, and a late look may need some more.
KEPT_DAYS = 120
T = TypeVar("T")
_MOST_SECONDS = 300.0  # for going through months of items

_PUT_ITEM = """
INSERT INTO items (source, key, url, text, lang, author, handle, name, created_at, began_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, coalesce(?9, ?10)
WHERE NOT EXISTS (SELECT 1 FROM gone_items WHERE source = ?1 AND key = ?2)
ON CONFLICT (source, key) DO UPDATE SET
    url = excluded.url, text = excluded.text, lang = excluded.lang,
    author = excluded.author, handle = excluded.handle, name = excluded.name,
    created_at = coalesce(excluded.created_at, created_at),
    began_at = coalesce(excluded.created_at, created_at, min(began_at, excluded.began_at))
"""
_CLEAR_PAPERS = """
DELETE FROM item_papers WHERE item_id = (SELECT id FROM items WHERE source = ? AND key = ?)
"""
_ADD_PAPER = "INSERT INTO item_papers (item_id, arxiv_id) SELECT id, ? FROM items WHERE source = ? AND key = ?"
_ADD_COUNT = """
INSERT INTO counts (item_id, metric, observed_at, value) SELECT id, ?, ?, ? FROM items WHERE source = ? AND key = ?
ON CONFLICT (item_id, metric, observed_at) DO UPDATE SET value = excluded.value
"""

_FIND = "SELECT key FROM items WHERE source = ? AND key IN (SELECT value FROM json_each(?))"
_DELETE = "DELETE FROM items WHERE source = ? AND key = ?"
_MARK_GONE = """
INSERT INTO gone_items (source, key, gone_at) VALUES (?, ?, ?)
ON CONFLICT (source, key) DO UPDATE SET gone_at = excluded.gone_at
"""

# One row an item; the newest count of a metric is the last in the order of the key.
_ITEM = """
SELECT i.source, i.key, i.url, i.text, i.lang, i.author, i.handle, i.name, i.created_at, i.began_at,
    (SELECT json_group_array(p.arxiv_id) FROM item_papers AS p WHERE p.item_id = i.id),
    (SELECT json_group_array(json_array(c.metric, c.value, c.observed_at)) FROM counts AS c
     WHERE c.item_id = i.id AND c.observed_at = (SELECT max(n.observed_at) FROM counts AS n
        WHERE n.item_id = c.item_id AND n.metric = c.metric AND n.observed_at <= ?1))
"""
_NEWEST = f"{_ITEM} FROM items AS i WHERE i.source = ?2 AND i.began_at BETWEEN ?3 AND ?1 ORDER BY i.began_at, i.key"
_OF_PAPERS = f"""{_ITEM}
FROM items AS i WHERE i.began_at <= ?1 AND i.id IN
    (SELECT item_id FROM item_papers WHERE arxiv_id IN (SELECT value FROM json_each(?2)))
ORDER BY i.source, i.began_at, i.key
"""  # noqa: S608 - put together from constants
_COUNTED = """
SELECT p.arxiv_id, i.key, i.author, c.metric, c.value
FROM items AS i JOIN item_papers AS p ON p.item_id = i.id JOIN counts AS c ON c.item_id = i.id
WHERE i.source = ?2 AND i.began_at BETWEEN ?3 AND ?1 AND c.observed_at = (SELECT max(n.observed_at) FROM counts AS n
    WHERE n.item_id = c.item_id AND n.metric = c.metric AND n.observed_at <= ?1)
ORDER BY p.arxiv_id, i.key
"""
_HISTORY = """
SELECT paper, source, item, metric, value, observed_at FROM observations WHERE paper = ?
ORDER BY observed_at, source, item, metric
"""

_PRUNE_COUNTS = "DELETE FROM counts WHERE observed_at < ?"
_PRUNE_ITEMS = """
DELETE FROM items WHERE began_at < ? AND NOT EXISTS (SELECT 1 FROM counts WHERE item_id = items.id) RETURNING id
"""
_PRUNE_GONE = "DELETE FROM gone_items WHERE gone_at < ?"


class Counts(NamedTuple):
    """An item's newest counts."""

    key: str
    author: str
    metrics: dict[str, int]


class Observations:
    """The observations facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, source: str, items: Sequence[Item]) -> None:
        """Keep items and the counts they had when they were read; every count stays beside the earlier ones.

        An item replaces what was known of it: a text that is no longer shown is no longer kept. Only its papers and
        when it was made stay where it does not say them. Deleted items are not taken again.
        """
        named = [(item, (source, format_plain(item.key))) for item in items]
        async with self._database.transaction() as writer:
            await writer.executemany(_PUT_ITEM, [(*key, *_format_item(item)) for item, key in named])
            await writer.executemany(_CLEAR_PAPERS, [key for item, key in named if item.arxiv_ids])
            links = [(paper, *key) for item, key in named for paper in dict.fromkeys(item.arxiv_ids)]
            await writer.executemany(_ADD_PAPER, _unique(links))
            await writer.executemany(_ADD_COUNT, [(*count, *key) for item, key in named for count in _list(item)])

    async def delete(self, source: str, keys: Collection[str], now: datetime) -> None:
        """Forget items and all their counts, and take none of them again until that is pruned."""
        names = [(source, format_plain(key)) for key in keys]
        async with self._database.transaction() as writer:
            await writer.executemany(_DELETE, names)
            await writer.executemany(_MARK_GONE, [(*name, format_time(now)) for name in names])

    async def find(self, source: str, keys: Collection[str]) -> frozenset[str]:
        """Return which of these items are kept."""
        rows = await self._database.fetch(_FIND, (source, json.dumps([format_plain(key) for key in keys])))
        return frozenset(key for (key,) in rows)

    async def newest(self, source: str, since: datetime, until: datetime) -> list[Item]:
        """Return a source's items made in a time, oldest first, each with its newest counts up to `until`.

        An item that was not counted yet has no metrics, and `observed_at` is then when it was made or first seen.
        """
        rows = await self._database.fetch(_NEWEST, (format_time(until), source, format_time(since)))
        return await asyncio.to_thread(lambda: [_item_from(row) for row in rows])  # there may be tens of thousands

    async def measure(
        self, source: str, since: datetime, until: datetime, measure: Callable[[list[Counts]], T]
    ) -> list[T]:
        """Return what `measure` makes of each paper: its items made in a time, with their newest counts up to `until`.

        Months of items are gone through a paper at a time, in a thread. Items that were never counted are not in it.
        """
        parameters = (format_time(until), source, format_time(since))

        def work(reader: sqlite3.Connection) -> list[T]:
            papers = groupby(reader.execute(_COUNTED, parameters), itemgetter(0))
            return [measure(_list_counts(rows)) for _, rows in papers]

        return await self._database.run(work, _MOST_SECONDS)

    async def of_papers(self, arxiv_ids: Iterable[str], until: datetime) -> dict[str, list[Item]]:
        """Return the items about any of these papers by source, as `newest` does, however old."""
        wanted = json.dumps([format_plain(arxiv_id) for arxiv_id in arxiv_ids])
        found: defaultdict[str, list[Item]] = defaultdict(list)
        for row in await self._database.fetch(_OF_PAPERS, (format_time(until), wanted)):
            found[row[0]].append(_item_from(row))
        return dict(found)

    async def history(self, arxiv_id: str) -> list[Observation]:
        """Return every count of a paper that is kept, in the order of time."""
        rows = await self._database.fetch(_HISTORY, (format_plain(arxiv_id),))
        return [Observation(a, b, c, d, n, datetime.fromisoformat(at)) for a, b, c, d, n, at in rows]

    async def prune(self, before: datetime) -> int:
        """Delete counts read, items made and deletions known before a time; return how many items.

        An item with counts that are kept stays. Scores, which came of them, stay.
        """
        moment = (format_time(before),)
        async with self._database.transaction() as writer:
            await writer.execute_fetchall(_PRUNE_COUNTS, moment)
            pruned = list(await writer.execute_fetchall(_PRUNE_ITEMS, moment))
            await writer.execute_fetchall(_PRUNE_GONE, moment)
        return len(pruned)


def _format_item(item: Item) -> tuple[Any, ...]:
    texts = (item.url, item.text, item.lang, item.author, item.handle, item.name)
    plain = [text if text is None else format_plain(text) for text in texts]
    return (*plain, format_time(item.created_at), format_time(item.observed_at))


def _unique(links: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return each link once: a batch may have an item twice."""
    return list(dict.fromkeys(links))


def _list(item: Item) -> list[tuple[Any, ...]]:
    return [(metric, format_time(item.observed_at), value) for metric, value in item.metrics.items()]


def _list_counts(rows: Iterable[Sequence[Any]]) -> list[Counts]:
    """Return the items of one paper out of a row for each metric, which come item by item."""
    items: dict[str, Counts] = {}
    for _, key, author, metric, value in rows:
        items.setdefault(key, Counts(key, author, {})).metrics[metric] = value
    return list(items.values())


def _item_from(row: Sequence[Any]) -> Item:
    _, key, url, text, lang, author, handle, name, created, began, papers, counts = row
    known = json.loads(counts)
    observed = max((moment for _, _, moment in known), default=began)
    return Item(
        key=key,
        arxiv_ids=tuple(json.loads(papers)),
        metrics={metric: value for metric, value, _ in known},
        observed_at=datetime.fromisoformat(observed),
        created_at=parse_time(created),
        url=url,
        text=text,
        lang=lang,
        author=author,
        handle=handle,
        name=name,
    )

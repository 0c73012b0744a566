"""Keeps the search index in step with the appearances, in the caller's transaction: what changed is taken out, put in.

    read what is indexed of the papers ─► (they change) ─► read again ─► write the difference

Everything is written in the order of the keys, because the full-text index begins a new part with each step back.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import aiosqlite

from storage.shelves import get_shelf, make_key
from storage.words import IN_TITLE, Description, describe

Texts = dict[int, tuple[Any, ...]]  # by key: paper, title, authors, abstract, topics
_DAYS_AT_ONCE = 50

_TEXTS = """
SELECT o.key, p.id, coalesce(a.readable_title, a.title), a.authors, coalesce(a.readable_abstract, a.abstract), a.topics
FROM papers AS p JOIN appearances AS o ON o.paper_id = p.id JOIN appearances AS a ON a.id = p.current_id
WHERE p.id IN (SELECT value FROM json_each(?)) AND o.key IS NOT NULL
"""

# The text of the newest day that prints an abstract is the paper's own; its best day is the hottest. A live score
# is never compared with a published one: it comes first.
_REFRESH_PAPERS = """
UPDATE papers SET
    current_id = (SELECT id FROM appearances WHERE paper_id = papers.id
                  ORDER BY trim(abstract) = '', day DESC LIMIT 1),
    best_id = (SELECT id FROM appearances WHERE paper_id = papers.id
               ORDER BY breakdown IS NULL, score DESC, rank, day DESC LIMIT 1)
WHERE id IN (SELECT value FROM json_each(?))
"""

_COUNT_WORDS = "INSERT INTO terms (term, df) VALUES (?, ?) ON CONFLICT DO UPDATE SET df = df + excluded.df"
_SET_LEVEL = "UPDATE terms SET level = level(df) WHERE term = ? AND level IS NOT level(df)"
_COUNT_PAPERS = "UPDATE shelves SET papers = papers + ?, words = words + ? WHERE shelf = ?"

_OF_DAYS = """
SELECT day, id FROM appearances WHERE day IN (SELECT value FROM json_each(?)) ORDER BY day, score DESC, rank
"""


@dataclass(slots=True)
class _Change:
    """What to write: rows to take out and to put in, in the order of keys, and what that adds to the counts."""

    gone: list[tuple[int, str]] = field(default_factory=list)
    come: list[tuple[int, str]] = field(default_factory=list)
    shelved: list[tuple[int, int, int, bytes]] = field(default_factory=list)
    rest: list[tuple[int, bytes]] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    shelves: Counter[tuple[int, str]] = field(default_factory=Counter)


async def read_texts(writer: aiosqlite.Connection, papers: str) -> Texts:
    """Return what is indexed of some papers (ids as JSON); call it before they change."""
    return {row[0]: row[1:] for row in await writer.execute_fetchall(_TEXTS, (papers,))}


async def reindex(writer: aiosqlite.Connection, papers: str, before: Texts) -> None:
    """Choose each paper's own text and best day anew and index it, given what was read before it changed."""
    await writer.execute_fetchall(_REFRESH_PAPERS, (papers,))
    change = await asyncio.to_thread(_compare, before, await read_texts(writer, papers))
    await _write(writer, change)


def rank_day(day: str, ranked: Sequence[Any]) -> list[tuple[int, Any]]:
    """Return the key for each of a day's papers, given the hottest first."""
    when = date.fromisoformat(day)
    return [(make_key(when, place, len(ranked)), item) for place, item in enumerate(ranked, 1)]


async def rank_days(writer: aiosqlite.Connection, days: Iterable[str]) -> None:
    """Give every appearance of some stored days its key."""
    rows = await writer.execute_fetchall(_OF_DAYS, (json.dumps(list(days)),))
    for day, of_day in groupby(rows, itemgetter(0)):
        keys = rank_day(day, [appearance for _, appearance in of_day])
        await writer.executemany("UPDATE appearances SET key = ? WHERE id = ?", keys)


async def has_waiting(writer: aiosqlite.Connection) -> bool:
    """Tell whether days wait to be indexed, as all of an older database do."""
    return bool(list(await writer.execute_fetchall("SELECT 1 FROM unindexed LIMIT 1")))


async def index_some(writer: aiosqlite.Connection) -> None:
    """Index the next of the days that wait for it."""
    rows = await writer.execute_fetchall("SELECT day FROM unindexed ORDER BY day LIMIT ?", (_DAYS_AT_ONCE,))
    days = json.dumps([day for (day,) in rows])
    ids = await writer.execute_fetchall(
        "SELECT DISTINCT paper_id FROM appearances WHERE day IN (SELECT value FROM json_each(?))", (days,)
    )
    papers = json.dumps([paper for (paper,) in ids])
    before = await read_texts(writer, papers)
    await rank_days(writer, json.loads(days))
    await reindex(writer, papers, before)
    await writer.execute_fetchall("DELETE FROM unindexed WHERE day IN (SELECT value FROM json_each(?))", (days,))


def _compare(before: Texts, after: Texts) -> _Change:
    change = _Change()
    for key, described in _describe_all({key: old for key, old in before.items() if after.get(key) != old}):
        change.gone.append((key, " ".join(described.tokens)))
        change.words.subtract(described.tokens)
        _count(change, key, -1, -described.length)
    for key, described in _describe_all({key: new for key, new in after.items() if before.get(key) != new}):
        change.come.append((key, " ".join(described.tokens)))
        change.shelved.append((key, after[key][0], described.length, described.repeated))
        change.rest.append((key, described.single))
        change.words.update(described.tokens)
        _count(change, key, 1, described.length)
    for rows in (change.gone, change.come, change.shelved, change.rest):
        rows.sort(key=_get_key)
    return change


_get_key: Callable[[Any], int] = itemgetter(0)


def _describe_all(texts: Texts) -> Iterator[tuple[int, Description]]:
    """Yield keys with what their papers are found by, paper by paper, as all keys of one have the same."""
    latest, described = None, None
    for key, row in sorted(texts.items(), key=itemgetter(1)):
        if described is None or row != latest:
            _, title, authors, abstract, topics = latest = row
            described = describe(title, authors, abstract, json.loads(topics))
        yield key, described


def _count(change: _Change, key: int, papers: int, words: int) -> None:
    change.shelves[get_shelf(key), "papers"] += papers
    change.shelves[get_shelf(key), "words"] += words


async def _write(writer: aiosqlite.Connection, change: _Change) -> None:
    if change.gone:
        await writer.executemany("INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)", change.gone)
        keys = [(key,) for key, _ in change.gone]
        await writer.executemany("DELETE FROM shelf WHERE key = ?", keys)
        await writer.executemany("DELETE FROM shelf_rest WHERE key = ?", keys)
    await writer.executemany("INSERT INTO shelf (key, paper_id, length, repeated) VALUES (?, ?, ?, ?)", change.shelved)
    await writer.executemany("INSERT INTO shelf_rest (key, single) VALUES (?, ?)", change.rest)
    await writer.executemany("INSERT INTO words (rowid, tokens) VALUES (?, ?)", change.come)
    counts = sorted((word, count) for word, count in change.words.items() if count)
    await writer.executemany(_COUNT_WORDS, counts)
    if change.gone:
        fewer = [(word,) for word, count in counts if count < 0]
        await writer.executemany("DELETE FROM terms WHERE term = ? AND df = 0", fewer)
    await writer.executemany(_SET_LEVEL, [(word,) for word, _ in counts if word[0] == IN_TITLE])
    shelves = sorted({shelf for shelf, _ in change.shelves})
    sums = [(change.shelves[shelf, "papers"], change.shelves[shelf, "words"], shelf) for shelf in shelves]
    await writer.executemany(_COUNT_PAPERS, sums)

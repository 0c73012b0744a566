"""Measures search: the store's answer against SQLite running the same full-text query in the same thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from tqdm import trange

from benchmarks.frame import Pair, Row, make_row
from bot.app import open_store
from storage.match import format_match
from storage.store import Store

TARGETS = {100_000: 2.0}  # by number of papers
LIMIT = 10
_MOST_WORDS = 3
_CACHE_KIB = 64 * 1024 // 3  # as much as each of the store's connections has

# The store's ranking written plainly: relevance by field, times engagement.
_FIND = """
SELECT p.arxiv_id FROM paper_text AS t JOIN papers AS p ON p.id = t.rowid WHERE paper_text MATCH ?
ORDER BY bm25(paper_text, 6.0, 3.0, 1.0, 0.0) * p.boost, p.arxiv_id DESC LIMIT ?
"""


async def measure_search(path: Path, papers: int, size: str, rounds: int, queries: int | None = None) -> list[Row]:
    """Measure the p50 over queries of one to three words, each asked of both, in several rounds."""
    chosen = choose_queries(path, queries or max(40, min(200, 20_000_000 // papers)))
    async with open_store(path) as store:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            await check_answers(store, connection, chosen)
            pairs = [await _measure_round(store, connection, chosen) for _ in trange(rounds, leave=False, disable=None)]
    return [make_row("search, p50, 1–3 words", size, pairs, TARGETS.get(papers))]


def choose_queries(path: Path, count: int, seed: int = 0) -> list[str]:
    """Return queries of words that some paper has in its title: as common and rare as in texts, and never in vain."""
    random = Random(seed)
    with closing(sqlite3.connect(path)) as connection:
        ((last,),) = connection.execute("SELECT max(id) FROM appearances")
        ids = [random.randint(1, last) for _ in range(count)]
        found = (connection.execute("SELECT title FROM appearances WHERE id = ?", (id,)).fetchone() for id in ids)
        titles = [row[0].split() for row in found if row]
    return [" ".join(random.sample(words, min(len(words), number % _MOST_WORDS + 1)))
            for number, words in enumerate(titles)]  # fmt: skip


async def check_answers(store: Store, connection: sqlite3.Connection, queries: Sequence[str]) -> None:
    """Make sure that both find the same papers in the same order; this also warms both up."""
    for query in queries:
        found = [appearance.paper.arxiv_id for appearance in await store.search.find(query, limit=LIMIT)]
        plain = [arxiv_id for (arxiv_id,) in connection.execute(_FIND, (format_match(query), LIMIT))]
        assert found == plain, f"floor and subject disagree on {query!r}"


async def _measure_round(store: Store, connection: sqlite3.Connection, queries: Sequence[str]) -> Pair:
    """Return the p50 of the floor and of the subject."""
    pairs = []
    for query in queries:
        start = perf_counter()
        connection.execute(_FIND, (format_match(query), LIMIT)).fetchall()
        middle = perf_counter()
        await store.search.find(query, limit=LIMIT)
        pairs.append((middle - start, perf_counter() - middle))
    floor, subject = map(median, zip(*pairs, strict=True))
    return floor, subject

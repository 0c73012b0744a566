"""Measures search by kinds of questions, its recall, completion and many searches at once, each against its floor.

The floor of a search is the full-text index alone: the rowids of a very common word's first 300 papers, by
`ORDER BY rowid`, in the same thread. Recall compares with every match ranked by the very same formula.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import aiosqlite

from benchmarks.frame import Pair, Row, make_row
from bot.app import open_store
from storage.hunt import find_rows
from storage.match import parse_question
from storage.rows import appearance_from
from storage.store import Store
from storage.ways import Period, Sizes

LIMIT = 10
AT_ONCE = 50
P50_TARGET, P99_TARGET, RECALL_TARGET, COMPLETION_TARGET, TOGETHER_TARGET = 6.0, 8.0, 0.98, 4.0, 1.0
_CACHE_KIB = 64 * 1024 // 3  # as much as each of the store's connections has
_FLOOR = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT 300"
_EVERYTHING = Sizes(small=1 << 40)
Filters = dict[str, Any]
Question = tuple[str, Filters]


class Vocabulary:
    """Words, authors and categories of a library, from very common to rare."""

    def __init__(self, connection: sqlite3.Connection, seed: int = 0) -> None:
        self.random = Random(seed)
        ((papers,),) = connection.execute("SELECT sum(papers) FROM shelves")
        terms = connection.execute("SELECT term, df FROM terms WHERE df > 2").fetchall()
        words = [(df, term) for term, df in terms if term[0].isalnum()]
        self.common = [term for _, term in sorted(words)[-30:]]
        self.mid = [term for df, term in words if 0.005 <= df / papers <= 0.02] or self.common
        self.rare = [term for df, term in words if df <= max(100, papers // 10_000)] or self.common
        self.authors = [term[1:] for _, term in sorted((df, term) for term, df in terms if term[0] == "=")[-200:]]
        self.titles = [term[1:] for term, _ in terms if term[0] == "^"]
        ((newest,),) = connection.execute("SELECT max(day) FROM days")
        self.newest = date.fromisoformat(newest)

    def make_classes(self, count: int) -> dict[str, list[Question]]:
        """Return questions of each kind."""
        kinds: dict[str, tuple[str, Callable[[], Filters]]] = {
            "common": ("c", dict), "mid": ("m", dict), "rare": ("r", dict),
            "2 common": ("cc", dict), "common and mid": ("cm", dict), "2 mid": ("mm", dict),
            "3 common": ("ccc", dict), "3 mixed": ("cmr", dict), "3 mid": ("mmm", dict),
            "common and 2 mid": ("cmm", dict),
            "with category": ("m", lambda: {"topics": (self.random.choice(("cs.LG", "math.AG", "cs")),)}),
            "common with category": ("c", lambda: {"topics": (self.random.choice(("cs.LG", "math.AG", "cs")),)}),
            "with author": ("c", lambda: {"author": self.random.choice(self.authors)}),
            **{f"last {days} days": ("c", lambda days=days: {"since": self.newest - timedelta(days=days - 1)})
               for days in (7, 30, 365)},
        }  # fmt: skip
        return {name: [(self._draw(letters), make()) for _ in range(count)] for name, (letters, make) in kinds.items()}

    def _draw(self, letters: str) -> str:
        lists = {"c": self.common, "m": self.mid, "r": self.rare}
        return " ".join(self.random.choice(lists[letter]) for letter in letters)


async def measure_search(path: Path, papers: int, size: str, rounds: int, queries: int | None = None) -> list[Row]:
    """Measure p50 by class, p99 of all, recall, completion and many searches at once."""
    count = queries or 20
    async with open_store(path) as store, aiosqlite.connect(path) as looker:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            vocabulary = Vocabulary(connection)
            classes = vocabulary.make_classes(count)
            pairs, seconds = [], list[float]()
            rows = []
            for name, questions in classes.items():
                found = [await _ask_all(store, connection, vocabulary.common, questions) for _ in range(rounds)]
                best = [min(times) for times in zip(*(subject for _, subject in found), strict=True)]
                pair = (min(median(floor) for floor, _ in found), median(best))
                rows.append(make_row(f"search, p50, {name}", size, [pair], P50_TARGET))
                pairs.append(pair)
                seconds += best
            p99 = quantiles(seconds, n=100)[-1]
            rows.append(make_row("search, p99 of all", size, [(pairs[0][1], p99)], P99_TARGET))
            rows.append(_measure_recall(connection, vocabulary, classes, size, 10 * count))
            rows.append(await _measure_together(store, connection, classes, size, rounds))
            rows.append(await _measure_completion(store, looker, connection, vocabulary, size))
    return rows


async def _ask_all(
    store: Store, connection: sqlite3.Connection, common: Sequence[str], questions: Sequence[Question]
) -> tuple[list[float], list[float]]:
    """Return the seconds of the floor and of each question, asked in turn."""
    floors, subjects = [], []
    for word, (words, filters) in zip(cycle(common), questions, strict=False):
        start = perf_counter()
        connection.execute(_FLOOR, (f'"{word}"',)).fetchall()
        middle = perf_counter()
        await store.search.find(words, limit=LIMIT, **filters)
        floors.append(middle - start)
        subjects.append(perf_counter() - middle)
    return floors, subjects


def _ask_here(connection: sqlite3.Connection, question: Question, sizes: Sizes = Sizes()) -> list[Any]:  # noqa: B008
    words, filters = question
    asked = parse_question(words, filters.get("topics", ()), filters.get("author"))
    assert asked is not None
    period = Period(filters["since"], date.max) if "since" in filters else None
    return find_rows(connection, asked, period, LIMIT, 0, sizes)


def _measure_recall(
    connection: sqlite3.Connection, vocabulary: Vocabulary, classes: dict[str, list[Question]], size: str, count: int
) -> Row:
    """Measure how many of the ten best of all matches are among the ten found."""
    asked = vocabulary.random.sample([question for questions in classes.values() for question in questions], count)
    hits = wanted = 0
    for question in asked:
        exact = {row[0] for row in _ask_here(connection, question, _EVERYTHING)}
        hits += len(exact & {row[0] for row in _ask_here(connection, question)})
        wanted += len(exact)
    pair = (float(wanted), float(hits))
    return make_row(f"search, recall@10, {count} questions", size, [pair], RECALL_TARGET, "hits", at_least=True)


async def _measure_together(
    store: Store, connection: sqlite3.Connection, classes: dict[str, list[Question]], size: str, rounds: int
) -> Row:
    """Measure how many searches a second there are when many come at once, against one after another in one thread."""
    questions = [questions[n % len(questions)] for n in range(4) for questions in classes.values()][:AT_ONCE]
    pairs: list[Pair] = []
    for _ in range(rounds):
        start = perf_counter()
        for question in questions:
            list(map(appearance_from, _ask_here(connection, question)))
        middle = perf_counter()
        await asyncio.gather(*(store.search.find(words, limit=LIMIT, **filters) for words, filters in questions))
        pairs.append((len(questions) / (middle - start), len(questions) / (perf_counter() - middle)))
    return make_row(f"search, {len(questions)} at once", size, pairs, TOGETHER_TARGET, "per s", at_least=True)


async def _measure_completion(
    store: Store, looker: aiosqlite.Connection, connection: sqlite3.Connection, vocabulary: Vocabulary, size: str
) -> Row:
    """Measure the p99 of completing beginnings of words of titles against the p99 of finding a paper by its id."""
    random = vocabulary.random
    ids = [arxiv_id for (arxiv_id,) in connection.execute("SELECT arxiv_id FROM papers LIMIT 1000")]
    floors, subjects = [], []
    for _ in range(300):
        word = random.choice(vocabulary.titles)
        typed = random.choice(["", f"{random.choice(vocabulary.common)} "]) + word[: random.randint(1, len(word))]
        start = perf_counter()
        await looker.execute_fetchall("SELECT id, best_id FROM papers WHERE arxiv_id = ?", (random.choice(ids),))
        middle = perf_counter()
        await store.search.complete(typed)
        floors.append(middle - start)
        subjects.append(perf_counter() - middle)
    pair = (quantiles(floors, n=100)[-1], quantiles(subjects, n=100)[-1])
    return make_row("completion, p99", size, [pair], COMPLETION_TARGET)

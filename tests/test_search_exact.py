"""Search against brute force: the same papers, the same order where all are ranked, nearly the same best elsewhere."""

from __future__ import annotations

import asyncio
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from storage.hunt import find_rows
from storage.match import parse_question
from storage.models import Appearance, Edition
from storage.store import Store
from storage.ways import Period, Sizes
from tests.builders import INDEX, NOW, TODAY, find_damage, make_appearance, make_edition

WORDS = [f"w{n:02d}" for n in range(60)]
NAMES = ["Ada", "Alan", "Grace", "Kurt", "Emmy", "Noether", "Hopper", "Turing", "Lovelace", "Gödel"]
TOPICS = ["cs.LG", "cs.CV", "stat.ML", "math.AG"]
SMALL, LARGE = Sizes(7, 4, 3, 0, 9), Sizes()
PATIENT = Sizes(7, 4, 3, 0, 100_000)  # where the texts decide
DAYS = 60


class Library:
    """Random papers over some days, with words as uneven as in texts; the same seed gives the same."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.weights = [1 / (n + 1) for n in range(len(WORDS))]
        self.number = 0

    def draw(self, count: int) -> list[str]:
        """Return words, the first of the list the most often."""
        return self.random.choices(WORDS, self.weights, k=count)

    def make_paper(self, number: int | None = None) -> Appearance:
        """Make a paper, anew or under the id of an earlier one."""
        self.number += number is None
        return make_appearance(
            f"2104.{self.number if number is None else number:05d}",
            float(int(self.random.paretovariate(0.9) * 20)),
            title="-".join(self.draw(2)) + " " + " ".join(self.draw(self.random.randint(1, 5))),
            authors=tuple(" ".join(self.random.sample(NAMES, 2)) for _ in range(self.random.randint(1, 3))),
            categories=tuple(self.random.sample(TOPICS, self.random.randint(1, 2))),
            abstract=" ".join(self.draw(self.random.randint(0, 40))),
        )

    def make_day(self, day: date, papers: int) -> Edition:
        """Make a day, on which some earlier papers come back."""
        numbers = self.random.sample(range(1, self.number + 1), min(self.number, papers // 4))
        made = [self.make_paper() for _ in range(papers)] + [self.make_paper(number) for number in numbers]
        made.sort(key=lambda a: -a.score)
        edition = make_edition(day, made, text=str(self.random.random()))
        return replace(edition, day=replace(edition.day, is_partial=self.random.random() < 0.1))


@dataclass(frozen=True)
class Book:
    """A paper as brute force sees it."""

    arxiv_id: str
    counts: dict[str, int]
    length: int
    texts: tuple[str, str, str]
    topics: frozenset[str]
    keys: dict[date, tuple[int, int, int]]  # by day: shelf, days before the year 9999, place


def split(text: str) -> list[str]:
    """Return the words of a text of these tests."""
    return re.findall(r"\w+", text.lower().replace("ö", "o"))


def read_books(path: Path) -> list[Book]:
    """Read every paper from what was printed alone."""
    books, places = [], {}
    with closing(sqlite3.connect(path)) as connection:
        for (day,) in connection.execute("SELECT day FROM days").fetchall():
            sql = "SELECT paper_id FROM appearances WHERE day = ? ORDER BY score DESC, rank"
            papers = [paper for (paper,) in connection.execute(sql, (day,))]
            for place, paper in enumerate(papers, 1):
                shelf = 7 - min(int(math.log2(len(papers) / place)), 7)
                key = (shelf, -date.fromisoformat(day).toordinal(), place)
                places.setdefault(paper, {})[date.fromisoformat(day)] = key
        sql = """SELECT p.id, p.arxiv_id, a.title, a.authors, a.abstract, a.categories FROM appearances AS a
                 JOIN papers AS p ON p.id = a.paper_id ORDER BY trim(a.abstract) <> '', a.day"""
        newest = {row[0]: row[1:] for row in connection.execute(sql)}
    for paper, (arxiv_id, title, authors, abstract, categories) in newest.items():
        fields = [split(text) for text in (title, authors, abstract)]
        counts: dict[str, int] = {}
        for field, weight in zip(fields, (6, 3, 1), strict=True):
            for word in field:
                counts[word] = counts.get(word, 0) + weight
        topics = frozenset(part for c in categories.split() for part in (c, c.split(".")[0]))
        length = sum(map(len, fields))
        books.append(Book(arxiv_id, counts, length, (title, authors, abstract), topics, places[paper]))
    return books


@dataclass(frozen=True)
class Asked:
    """A random question, as it is typed."""

    words: str
    topics: tuple[str, ...]
    author: str | None
    period: Period | None

    def fits(self, book: Book) -> bool:
        """Tell whether a paper fits, by reading all of it."""
        if not set(split(self.words)) <= book.counts.keys():
            return False
        for piece in (piece for piece in self.words.split() if "-" in piece):
            wanted = " " + " ".join(split(piece)) + " "
            if not any(wanted in f" {' '.join(split(text))} " for text in book.texts):
                return False
        persons = [split(person) for person in book.texts[1].split("\n")]
        for name in self.author.split(",") if self.author else ():
            parts = split(name)
            if not any(all(any(w == p or (len(p) == 1 and w[0] == p) for w in person) for p in parts)
                       for person in persons):  # fmt: skip
                return False
        if self.topics and not book.topics & set(self.topics):
            return False
        return bool(self.list_keys(book))

    def list_keys(self, book: Book) -> list[tuple[int, int, int]]:
        """Return where a paper stood on the days asked for."""
        return [
            key
            for day, key in book.keys.items()
            if self.period is None or self.period.since <= day <= self.period.until
        ]


def draw_question(library: Library) -> Asked:
    """Draw a question: common and rare words, half of them joined, and each filter now and then."""
    random = library.random
    words = random.sample(WORDS, random.randint(1, 3)) if random.random() < 0.5 else library.draw(random.randint(1, 3))
    text = ("-" if random.random() < 0.1 else " ").join(words)
    author = None
    if random.random() < 0.25:
        name = random.sample(NAMES, random.randint(1, 2))
        author = random.choice([" ".join(name), f"{name[0][0]}. {name[-1]}", ",".join(name), name[0][0]])
        text = "" if random.random() < 0.2 else text
    topics = tuple(random.sample([*TOPICS, "cs", "none"], random.randint(1, 2))) if random.random() < 0.3 else ()
    since = TODAY + timedelta(days=random.randint(-5, DAYS))
    period = Period(since, since + timedelta(days=random.choice([0, 6, 29, 364]))) if random.random() < 0.4 else None
    return Asked(text, topics, author, period)


class Brute:
    """Answers by reading everything."""

    def __init__(self, books: list[Book], first: date, last: date) -> None:
        self.books, self.first, self.last = books, first, last
        self.df = Counter(word for book in books for word in book.counts for _ in book.keys)
        self.shelves = Counter(key[0] for book in books for key in book.keys.values())
        self.size = sum(self.shelves.values())
        self.average = sum(book.length * len(book.keys) for book in books) / self.size

    def rank(self, asked: Asked) -> list[str]:
        """Rank every paper that fits, by the formula written plainly: bm25 × (1 + 0.2 ln(1 + papers / as hot ones))."""
        words = dict.fromkeys(split(asked.words))
        ranked = [
            (-self.weigh(book, key, words), key, book.arxiv_id)
            for book in self.books
            if asked.fits(book)
            for key in asked.list_keys(book)
        ]
        return list(dict.fromkeys(arxiv_id for *_, arxiv_id in sorted(ranked)))

    def weigh(self, book: Book, key: tuple[int, int, int], words: Iterable[str]) -> float:
        """Return an appearance's relevance, without the last digits, which depend on the order of adding up."""
        told = 0.0
        telling = [word for word in words if self.df[word] * 2 < self.size]
        for word in telling or words:
            idf = math.log((self.size - self.df[word] + 0.5) / (self.df[word] + 0.5)) if telling else 1.0
            told += idf * book.counts[word] * 2.2 / (book.counts[word] + 0.3 + 0.9 * book.length / self.average)
        hotter = sum(self.shelves[shelf] for shelf in range(key[0]))
        age = (self.last.toordinal() + key[1] + 1) / ((self.last - self.first).days + 1)
        as_hot = hotter + self.shelves[key[0]] * age
        return float(f"{told * (1 + 0.2 * math.log(1 + self.size / as_hot)):.9e}")


async def fill(path: Path, library: Library) -> None:
    """Store days in any order, replace some of them, shrink some, and take all papers from some."""
    days = [TODAY + timedelta(days=n) for n in range(DAYS)]
    library.random.shuffle(days)
    async with await Store.open(path, INDEX) as store:
        while days:
            batch = [days.pop() for _ in range(min(len(days), library.random.randint(1, 9)))]
            await store.days.put([library.make_day(day, library.random.randint(1, 14)) for day in batch], [], NOW)
        for _ in range(12):
            some = library.random.sample(range(DAYS), 3)
            editions = [library.make_day(TODAY + timedelta(days=n), library.random.choice([0, 3, 12])) for n in some]
            await store.days.put(editions, [], NOW)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that has changed a lot, without damage."""
    path = tmp_path_factory.mktemp("library") / "papers.db"
    asyncio.run(fill(path, Library(seed=5)))
    assert find_damage(path) == []
    return path


def ask(connection: sqlite3.Connection, asked: Asked, sizes: Sizes, limit: int, offset: int = 0) -> list[str]:
    """Return the ids that the store's search finds."""
    question = parse_question(asked.words, asked.topics, asked.author)
    if question is None:
        return []
    return [row[0] for row in find_rows(connection, question, asked.period, limit, offset, sizes)]


def read_all(path: Path) -> Brute:
    """Read the library from what was printed alone."""
    with closing(sqlite3.connect(path)) as connection:
        first, last = connection.execute("SELECT min(day), max(day) FROM days").fetchone()
    return Brute(read_books(path), date.fromisoformat(first), date.fromisoformat(last))


def test_a_small_library_is_ranked_as_brute_force_ranks_it(path: Path) -> None:
    """Every paper that fits, in the very order, over thousands of random questions with every filter."""
    library, brute, hits = Library(seed=6), read_all(path), 0
    with closing(sqlite3.connect(path)) as connection:
        for _ in range(600):
            asked = draw_question(library)
            expected = brute.rank(asked)
            assert ask(connection, asked, LARGE, 1000) == expected, asked
            hits += bool(expected)
    assert hits > 200


def test_papers_that_fit_are_ranked_among_those_that_fit(path: Path) -> None:
    """Where words or names have to stand together, the best of a large library are looked for among those that do."""
    library, brute, hits = Library(seed=8), read_all(path), 0
    with closing(sqlite3.connect(path)) as connection:
        for _ in range(300):
            asked = replace(draw_question(library), words="-".join(library.draw(2)))
            expected = brute.rank(asked)[:10]
            assert ask(connection, asked, PATIENT, 10) == expected, asked
            hits += len(expected) == 10
    assert hits > 20


def test_a_large_library_finds_the_same_papers_once_each(path: Path) -> None:
    """Ranked a stretch at a time, page after page brings each paper that fits once, whatever the words."""
    library, brute, paged = Library(seed=7), read_all(path), 0
    with closing(sqlite3.connect(path)) as connection:
        for _ in range(600):
            asked = draw_question(library)
            expected, found = brute.rank(asked), list[str]()
            while page := ask(connection, asked, SMALL, 40, len(found)):
                found += page
            assert sorted(found) == sorted(expected), asked
            paged += len(found) > 40
    assert paged > 20

"""The hottest papers of long and short periods, by either scale, where heat depends on the years: as by sorting all."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from storage.index import level
from storage.migrate import find_migrations
from storage.rankings import PERCENTILE, find_hottest

FIRST = date(2015, 1, 1)
DAYS = 900
TOPICS = ("", "cs", "cs.LG", "rare")
Row = tuple[int, str, float, int, str, frozenset[str]]  # appearance, day, score, rank, arXiv id, topics


def make_rows(rng: Random) -> list[Row]:
    """Make up papers whose heat grows a hundredfold, some days without any, papers that return, many equal scores."""
    rows: list[Row] = []
    known: list[str] = []
    for number in range(DAYS):
        if rng.random() < 0.1:
            continue
        day, growth = (FIRST + timedelta(days=number)).isoformat(), 100 ** (number / DAYS)
        fresh = [f"{number:04d}.{place:05d}" for place in range(rng.randint(1, 12))]
        ids = fresh + rng.sample(known, min(len(known), 2))
        known = [*known[-30:], *fresh]
        scores = sorted((float(int(growth * rng.paretovariate(1))) for _ in ids), reverse=True)
        for rank, (arxiv_id, score) in enumerate(zip(ids, scores, strict=True), 1):
            topics = {"", *rng.choices(TOPICS, (6, 4, 2, 0.03))}
            rows.append((len(rows) + 1, day, score, rank, arxiv_id, frozenset(topics)))
    return rows


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Return the appearances that are ranked."""
    return make_rows(Random(5))


@pytest.fixture(scope="module")
def connection(rows: list[Row]) -> Iterator[sqlite3.Connection]:
    """Return a database that holds them."""
    with open_filled(rows) as connection:
        yield connection


@contextmanager
def open_filled(rows: list[Row]) -> Iterator[sqlite3.Connection]:
    """Open a database of appearances, in today's schema and in memory."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, work in (("boost", float), ("level", level)):
            connection.create_function(name, 1, work, deterministic=True)
        for migration in find_migrations():
            connection.executescript(migration.sql)
        fill(connection, rows)
        yield connection


def fill(connection: sqlite3.Connection, rows: list[Row]) -> None:
    """Store appearances and what is derived of them."""
    connection.executemany(
        "INSERT INTO days (day, first_day, slug, title, source, content_hash, paper_count, ingested_at, revision, "
        "is_partial, front_matter) VALUES (?1, ?1, '', '', '', '', ?2, '', 1, 0, '{}')",
        Counter(row[1] for row in rows).items(),
    )
    papers = {arxiv_id: n for n, arxiv_id in enumerate(dict.fromkeys(row[4] for row in rows), 1)}
    connection.executemany("INSERT INTO papers (arxiv_id, id) VALUES (?, ?)", papers.items())
    connection.executemany(
        "INSERT INTO appearances (id, paper_id, day, rank, score, has_pdf, engagement, topics, categories, title, "
        "authors, abstract, mentions) VALUES (?, ?, ?, ?, ?, 0, '[]', '[]', '', '', '', '', '[]')",
        [(number, papers[arxiv_id], day, rank, score) for number, day, score, rank, arxiv_id, _ in rows],
    )
    percentiles = find_percentiles(rows)
    for topic_id, topic in enumerate(TOPICS, 1):
        of_topic = [row for row in rows if topic in row[5]]
        connection.execute("INSERT INTO topics VALUES (?, ?, ?)", (topic_id, topic, len(of_topic)))
        connection.executemany(
            "INSERT INTO topic_index (topic_id, appearance_id, day, score, rank, arxiv_id, percentile) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(topic_id, *row[:5], percentiles[row[0]]) for row in of_topic],
        )


def rank(rows: list[Row], topics: tuple[str, ...], since: date, until: date) -> list[tuple[str, str]]:
    """Return (arXiv id, day) of the period's papers by sorting all of them."""
    inside = [row for row in rows if since.isoformat() <= row[1] <= until.isoformat() and row[5] & set(topics)]
    newest = sorted(inside, key=lambda row: row[1], reverse=True)
    best: dict[str, str] = {}
    for _, day, _, _, arxiv_id, _ in sorted(newest, key=lambda row: (-row[2], row[3], row[4])):
        best.setdefault(arxiv_id, day)
    return list(best.items())


def find_percentiles(rows: list[Row]) -> dict[int, float]:
    """Return for each appearance what share of its day's papers are less hot."""
    sizes, met = Counter(row[1] for row in rows), Counter[str]()
    percentiles = {}
    for number, day, *_ in sorted(rows, key=lambda row: (row[1], -row[2], row[3])):
        met[day] += 1
        percentiles[number] = (sizes[day] - met[day]) / sizes[day]
    return percentiles


def place(rows: list[Row], topics: tuple[str, ...], since: date, until: date) -> list[tuple[str, str]]:
    """Return (arXiv id, day) of the period's papers by their percentile in their day, of equal ones the newer first."""
    percentiles = find_percentiles(rows)
    placed = [
        (-percentiles[number], -date.fromisoformat(day).toordinal(), rank, arxiv_id, day)
        for number, day, _, rank, arxiv_id, own in rows
        if since.isoformat() <= day <= until.isoformat() and own & set(topics)
    ]
    best: dict[str, str] = {}
    for *_, arxiv_id, day in sorted(placed):
        best.setdefault(arxiv_id, day)
    return list(best.items())


def show(found: list[Any]) -> list[tuple[str, str]]:
    """Return (arXiv id, day) of rows."""
    return [(row[0], row[7]) for row in found]


def test_any_period_and_topic_is_ranked_as_by_sorting(connection: sqlite3.Connection, rows: list[Row]) -> None:
    """From a day to all of them, hot years and cold ones, topics common and rare or several: the same pages."""
    rng = Random(1)
    lengths = (1, 2, 7, 30, 61, 200, 365, 2 * DAYS)
    choices = (("",), ("cs.LG",), ("rare",), ("cs", "rare"), ("cs", "cs.LG", "nope"), ("nope",))
    for days, topics, limit, offset in product(lengths, choices, (1, 11), (0, 10, 90)):
        until = FIRST + timedelta(days=rng.randint(-10, DAYS + 10))
        since = until - timedelta(days=days - 1)
        found = show(find_hottest(connection, topics, since, until, limit, offset))
        assert found == rank(rows, topics, since, until)[offset : offset + limit], (since, until, topics)


def test_any_period_and_topic_is_ranked_by_percentiles_as_by_sorting(
    connection: sqlite3.Connection, rows: list[Row]
) -> None:
    """However few of the days are read, their scores unseen: the same pages as by reading all."""
    rng = Random(2)
    choices = (("",), ("cs.LG",), ("rare",), ("cs", "rare"), ("nope", "cs"), ("nope",))
    for days, topics, limit, offset in product((1, 2, 7, 61, 365, 2 * DAYS), choices, (1, 11), (0, 10, 500)):
        until = FIRST + timedelta(days=rng.randint(-10, DAYS + 10))
        since = until - timedelta(days=days - 1)
        found = show(find_hottest(connection, topics, since, until, limit, offset, PERCENTILE))
        assert found == place(rows, topics, since, until)[offset : offset + limit], (since, until, topics)


def test_the_ends_of_time_are_days_as_others(connection: sqlite3.Connection, rows: list[Row]) -> None:
    """Without a first or last day all are meant."""
    found = show(find_hottest(connection, ("",), date.min, date.max, 20, 0))
    assert found == rank(rows, ("",), date.min, date.max)[:20]


def test_a_paper_that_leads_for_years_takes_one_place() -> None:
    """However often the hottest paper returns, those after it follow."""
    leader = [(n, (FIRST + timedelta(days=n)).isoformat(), 9e5 - n, 1, "lead", frozenset({""})) for n in range(1, 200)]
    others = [(200 + n, FIRST.isoformat(), 5.0, n, f"other {n}", frozenset({""})) for n in range(1, 4)]
    with open_filled([*leader, *others]) as connection:
        found = show(find_hottest(connection, ("",), date.min, date.max, 4, 0))
    assert [arxiv_id for arxiv_id, _ in found] == ["lead", "other 1", "other 2", "other 3"]

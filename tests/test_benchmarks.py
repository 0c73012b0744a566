"""The benchmarks run, and floor and subject do the same work; how fast they are is never tested."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.__main__ import measure
from benchmarks.frame import format_size, format_table, make_row, write_rows
from benchmarks.growth import compare_sizes
from benchmarks.ingest import TABLES, Archive, read_rows
from benchmarks.ingest import write_rows as store_rows
from benchmarks.library import get_database
from benchmarks.posts import copy_samples
from benchmarks.search import Vocabulary
from bot.answers.options import PERIODS
from bot.answers.top import TopQuery, find_newest, find_top
from bot.app import open_store
from storage.papers import choose_best

PAPERS = 300
# What differs between two runs over the same posts: when they were read and stored.
_TIMES = {"days": "ingested_at", "files": "scanned_ns"}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder of this module's own, so that the small database is made once."""
    return tmp_path_factory.mktemp("build")


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two copies of the samples."""
    return copy_samples(tmp_path_factory.mktemp("posts"), copies=2)


async def test_every_measure_gives_a_row_of_the_promised_shape(build: Path, posts: Path) -> None:
    """A run measures ingest, re-scan, search and every period of /top, each against a floor."""
    only = ("ingest", "rescan", "search", "top", "exact")  # the others start processes, or take a while
    rows = await measure([PAPERS], build, posts, repeats=2, only=only)
    names = [row.name for row in rows]
    assert len(set(names)) == len(names)
    assert {"full ingest", "re-scan, nothing changed", "search, p50, common"} <= set(names)
    assert {f"top, {period}" for period in (*PERIODS, "all")} <= set(names)
    for row in rows:
        assert row.value > 0
        assert row.floor > 0
        assert row.ratio > 0
        assert row.unit in ("s", "ms", "µs", "hits", "per s")
        reached = None if row.target is None else row.ratio >= row.target if row.at_least else row.ratio <= row.target
        assert row.ok == reached


def test_rows_are_written_as_a_list_of_objects(tmp_path: Path) -> None:
    """What reads the file later finds the eight keys in each row, and the very values of the table."""
    rows = [make_row("a", "100k", [(1.0, 3.0), (1.0, 2.0), (2.0, 8.0)], 3), make_row("b", "1M", [(1.0, 1.0)], None)]
    write_rows(rows, tmp_path / "build" / "bench.json")
    written = json.loads((tmp_path / "build" / "bench.json").read_text(encoding="utf-8"))
    names = ["name", "size", "value", "unit", "floor", "ratio", "target", "ok"]
    assert written == [{name: getattr(row, name) for name in names} for row in rows]
    assert "MISSED" not in format_table(rows)


def test_a_ratio_is_the_median_of_pairs() -> None:
    """One disturbed pair of three decides nothing, and a ratio above its target is said to miss it."""
    row = make_row("a", "1", [(1.0, 2.0), (1.0, 2.0), (1.0, 90.0)], 1.5)
    assert (row.ratio, row.ok) == (2.0, False)
    assert "MISSED" in format_table([row])


def test_growth_compares_the_same_search_at_two_sizes() -> None:
    """Three millions are held to twice the time of 100k, a million only reported; with one size there is no row."""
    name = "search, p50, common"
    rows = [make_row(name, size, [(1.0, seconds)], 6) for size, seconds in (("100k", 2.0), ("1M", 3.0), ("3M", 5.0))]
    assert [(row.size, row.ratio, row.ok) for row in compare_sizes(rows)] == [("1M", 1.5, None), ("3M", 2.5, False)]
    assert compare_sizes(rows[1:]) == []


def test_sizes_read_as_people_write_them() -> None:
    """Sizes are the ones that can be asked for on the command line."""
    assert [format_size(n) for n in (300, 100_000, 1_000_000, 3_000_000)] == ["300", "100k", "1M", "3M"]


async def test_the_floor_of_ingest_stores_the_same_rows(posts: Path, tmp_path: Path) -> None:
    """Ingest and the bare `executemany` leave the same rows, and full texts that agree with them."""
    archive = Archive(posts, tmp_path)
    await archive.prepare()
    archive.copy.write_bytes(archive.empty.read_bytes())
    store_rows(archive.copy, archive.rows)
    async with archive.fresh_store() as store:
        await archive.ingest(store)
    stored, floor = read_lasting(archive.full), read_lasting(archive.copy)
    assert stored == floor
    assert len(stored["appearances"]) >= 80
    for path in (archive.full, archive.copy):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")


def read_lasting(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return a database's rows, sorted, without what tells when they were stored."""
    rows = read_rows(path)
    with closing(sqlite3.connect(path)) as connection:
        for table in TABLES:
            columns = [column[1] for column in connection.execute(f"PRAGMA table_info({table})")]
            kept = [n for n, column in enumerate(columns) if column != _TIMES.get(table)]
            rows[table] = sorted((tuple(row[n] for n in kept) for row in rows[table]), key=repr)
    return rows


async def test_rankings_that_are_measured_are_right(build: Path) -> None:
    """What /top finds in the made-up papers is what reading and sorting the whole period finds."""
    async with open_store(await get_database(build, PAPERS)) as store:
        newest = await find_newest(store)
        everything = [a for day in await store.days.list() for a in await store.papers.of_day(day.day)]
        for period in (*PERIODS, "all"):
            top = await find_top(store, TopQuery(period, newest))
            within = [a for a in everything if top.first <= a.day <= top.last]
            assert list(top.papers) == choose_best(within)[: len(top.papers)]
            assert len(top.papers) > 3


async def test_a_database_is_made_once(build: Path) -> None:
    """A second run uses the papers of the first."""
    first = await get_database(build, PAPERS)
    made_at = first.stat().st_mtime_ns
    assert await get_database(build, PAPERS) == first
    assert first.stat().st_mtime_ns == made_at


async def test_questions_are_of_every_kind_and_find_papers(build: Path) -> None:
    """Words are drawn from the library itself, so that some papers are found, and all lengths are there."""
    path = await get_database(build, PAPERS)
    with closing(sqlite3.connect(path)) as connection:
        classes = Vocabulary(connection).make_classes(2)
    async with open_store(path) as store:
        found = [await store.search.find(words, **filters) for asked in classes.values() for words, filters in asked]
    assert {len(words.split()) for asked in classes.values() for words, _ in asked} == {1, 2, 3}
    assert any(found)

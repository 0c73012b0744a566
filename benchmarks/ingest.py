"""Measures ingest: a whole archive against SQLite storing the same rows, and a scan that finds nothing new.

The floor is given the finished rows. What is left is what SQLite itself costs: `executemany` into the same tables
and full-text indexes, one transaction, the same journal and durability.
"""

# ruff: noqa: S608 - names of tables are this module's own

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.frame import Contestant, Row, clear_caches, make_row, measure_pairs, measure_seconds
from bot.app import open_store
from bot.digest.latex import render_readable
from bot.digest.text import repair
from bot.ingest import Report, ingest
from bot.sources.folder import find_posts, read_post
from storage.store import Store
from storage.words import describe

INGEST_TARGET, RESCAN_TARGET, REPAIR_TARGET = 2.5, 5, 0.1
TABLES = ("days", "topics", "papers", "appearances", "topic_index", "files", "shelf", "shelf_rest", "terms")
_COLUMNS = {"words": "rowid, tokens"}
_TEXTS = """
SELECT o.key, coalesce(a.readable_title, a.title), a.authors, coalesce(a.readable_abstract, a.abstract), a.topics
FROM papers AS p JOIN appearances AS o ON o.paper_id = p.id JOIN appearances AS a ON a.id = p.current_id ORDER BY o.key
"""
Rows = dict[str, list[tuple[Any, ...]]]


class Archive:
    """A folder of posts, a scratch folder, and the rows that storing the posts makes."""

    def __init__(self, posts: Path, scratch: Path) -> None:
        self.posts = posts
        self.empty, self.full, self.copy = (scratch / name for name in ("empty.db", "full.db", "copy.db"))
        self.rows: Rows = {}
        self.files: list[str] = []

    async def prepare(self) -> None:
        """Make an empty database to start from, and learn the rows."""
        async with open_store(self.empty):
            pass
        async with self.fresh_store() as store:
            report = await self.ingest(store)
        self.files = [file.path for file in report.files]
        self.rows = read_rows(self.full)

    @asynccontextmanager
    async def fresh_store(self) -> AsyncIterator[Store]:
        """Open an empty store and clear what earlier runs left behind."""
        clear_caches()
        shutil.copy(self.empty, self.full)
        async with open_store(self.full) as store:
            yield store

    async def ingest(self, store: Store) -> Report:
        """Ingest the posts."""
        return await ingest(store, [self.posts], lambda: datetime.now(UTC))

    @property
    def size(self) -> str:
        """Say how much there is."""
        return f"{len(self.files)} posts, {len(self.rows['appearances'])} papers"


def read_rows(path: Path) -> Rows:
    """Return everything a database stores, by table; of the full texts, what was indexed."""
    with closing(sqlite3.connect(path)) as connection:
        tables = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
        texts = connection.execute(_TEXTS).fetchall()
    words = [(key, " ".join(describe(*fields, json.loads(topics)).tokens)) for key, *fields, topics in texts]
    return tables | {"words": words}


def write_rows(path: Path, rows: Rows) -> float:
    """Store rows in an empty database in one transaction; return the seconds it took."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        start = perf_counter()
        connection.execute("BEGIN")
        for table, values in rows.items():
            if values:
                columns = f" ({_COLUMNS[table]})" if table in _COLUMNS else ""
                marks = ", ".join("?" * len(values[0]))
                connection.executemany(f"INSERT INTO {table}{columns} VALUES ({marks})", values)
        connection.execute("COMMIT")
        return perf_counter() - start


async def measure_ingest(archive: Archive, repeats: int) -> list[Row]:
    """Measure a full ingest, then what share of it repairing and making text readable have."""

    async def store_rows() -> float:
        shutil.copy(archive.empty, archive.copy)
        return write_rows(archive.copy, archive.rows)

    async def ingest_posts() -> float:
        async with archive.fresh_store() as store:
            return await measure_seconds(archive.ingest(store))

    pairs = await measure_pairs(store_rows, ingest_posts, repeats)
    clean = [repair(read_post(file)).text for file in find_posts(archive.posts)]
    printed = [text for row in archive.rows["appearances"] for text in (row[11], row[14])]
    return [
        make_row("full ingest", archive.size, pairs, INGEST_TARGET),
        await _measure_share(
            "repair of clean text", archive, ingest_posts, lambda: [repair(t) for t in clean], REPAIR_TARGET
        ),
        await _measure_share(
            "share of it: LaTeX", archive, ingest_posts, lambda: [render_readable(t) for t in printed]
        ),
    ]


async def _measure_share(
    name: str, archive: Archive, whole: Contestant, part: Callable[[], object], target: float | None = None
) -> Row:
    async def run_part() -> float:
        clear_caches()
        start = perf_counter()
        part()
        return perf_counter() - start

    return make_row(name, archive.size, await measure_pairs(whole, run_part, 5), target)


async def measure_rescan(archive: Archive, repeats: int) -> list[Row]:
    """Measure a scan of posts that are all stored."""

    async def stat_files() -> float:
        start = perf_counter()
        for path in archive.files:
            os.stat(path)  # noqa: PTH116 - the floor is the bare call
        return perf_counter() - start

    async with archive.fresh_store() as store:
        await archive.ingest(store)

        async def scan() -> float:
            start = perf_counter()
            report = await archive.ingest(store)
            seconds = perf_counter() - start
            assert report.count("new") == report.count("updated") == 0, "the scan was to find nothing new"
            return seconds

        pairs = await measure_pairs(stat_files, scan, repeats)
    return [make_row("re-scan, nothing changed", archive.size, pairs, RESCAN_TARGET)]

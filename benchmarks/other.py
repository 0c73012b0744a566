"""Measures ingest against a general tool: markdown-to-sqlite, then a full-text index over what it stored."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from benchmarks.frame import Row, make_row, measure_pairs, measure_seconds
from benchmarks.ingest import Archive

TARGET = 1 / 8


async def measure_other(archive: Archive, scratch: Path, repeats: int) -> list[Row]:
    """Measure a full ingest against the tool; without the tool (the extra `bench`) there is no row."""
    try:
        from markdown_to_sqlite.cli import cli
        from sqlite_utils import Database
    except ImportError:
        print("markdown-to-sqlite is not measured: pip install -e '.[bench]'")
        return []
    database = scratch / "other.db"

    async def run_tool() -> float:
        database.unlink(missing_ok=True)
        start = perf_counter()
        cli.main([str(database), "posts", *archive.files], standalone_mode=False)
        stored = Database(database)
        stored["posts"].enable_fts(["title", "text"])
        stored.close()
        return perf_counter() - start

    async def ingest_posts() -> float:
        async with archive.fresh_store() as store:
            return await measure_seconds(archive.ingest(store))

    pairs = await measure_pairs(run_tool, ingest_posts, repeats)
    return [make_row("full ingest against markdown-to-sqlite", archive.size, pairs, TARGET)]

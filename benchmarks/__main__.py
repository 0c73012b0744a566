"""Runs every measure, prints the table and writes `build/bench.json`; a missed target is a finding, not a failure."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks.frame import Row, format_size, format_table, write_rows
from benchmarks.ingest import Archive, measure_ingest, measure_rescan
from benchmarks.library import get_database
from benchmarks.posts import choose_posts
from benchmarks.search import measure_search
from benchmarks.top import measure_top

BUILD = Path(__file__).parents[1] / "build"
SIZES = {"100k": 100_000, "1M": 1_000_000, "3M": 3_000_000}


async def measure(sizes: Sequence[int], build: Path, posts: Path | None = None, repeats: int = 15) -> list[Row]:
    """Return the rows of all measures; `sizes` are numbers of papers, `posts` a folder other than the usual one."""
    rows: list[Row] = []
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as scratch,
        tqdm(total=2 + 2 * len(sizes), desc="measuring", unit="part", disable=None) as bar,
    ):
        folder = Path(scratch)
        archive = Archive(posts or choose_posts(folder / "posts"), folder)
        await archive.prepare()
        for part in (measure_ingest(archive, repeats), measure_rescan(archive, repeats * 5)):
            rows += await part
            bar.update()
        for papers in sizes:
            path, size = await get_database(build, papers), format_size(papers)
            for part in (measure_search(path, papers, size, rounds=3), measure_top(path, papers, size, repeats)):
                rows += await part
                bar.update()
    return rows


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--size", action="append", choices=SIZES, help="how many made-up papers; repeat for several (default: 100k, 1M)"
    )
    parser.add_argument("--output", type=Path, default=BUILD / "bench.json", help="where the rows go as JSON")
    given = parser.parse_args()
    sizes = [SIZES[size] for size in dict.fromkeys(given.size or ("100k", "1M"))]
    rows = asyncio.run(measure(sizes, BUILD))
    print(format_table(rows))
    write_rows(rows, given.output)
    print(f"\nratio: the median of floor and subject side by side. Rows: {given.output}")


if __name__ == "__main__":
    main()

"""Runs the measures, prints the table, writes `build/bench.json` and draws the curves.

A missed target is a finding, not a failure; with --check a ratio that got worse is one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks.expected import accept, check
from benchmarks.frame import Row, format_size, format_table, read_rows, write_rows
from benchmarks.growth import compare_sizes
from benchmarks.ingest import Archive
from benchmarks.library import get_database
from benchmarks.measures import ONCE, SIZED, Library, Shop
from benchmarks.plot import draw
from benchmarks.posts import choose_posts

ROOT = Path(__file__).parents[1]
BUILD, PLOT, EXPECTED = ROOT / "build", ROOT / "docs" / "performance.svg", Path(__file__).parent / "expected.json"
SIZES = {"100k": 100_000, "1M": 1_000_000, "3M": 3_000_000}
USUAL = "1M"
NAMES = (*ONCE, *SIZED)


async def measure(
    sizes: Sequence[int], build: Path, posts: Path | None = None, repeats: int = 15, only: Collection[str] = NAMES
) -> list[Row]:
    """Return the rows of the measures named; `sizes` are numbers of papers, `posts` a folder other than the usual."""
    rows: list[Row] = []
    once, sized = ([name for name in names if name in only] for names in (ONCE, SIZED))
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as scratch,
        tqdm(total=len(once) + len(sized) * len(sizes), desc="measuring", unit="part", disable=None) as bar,
    ):
        folder = Path(scratch)
        if once:
            archive = Archive(posts or choose_posts(folder / "posts"), folder)
            await archive.prepare()
            shop = Shop(archive, folder, repeats)
        for name in once:
            rows += await ONCE[name](shop)
            bar.update()
        for papers in sizes if sized else ():
            library = Library(await get_database(build, papers), papers, format_size(papers), folder, repeats)
            for name in sized:
                rows += await SIZED[name](library)
                bar.update()
    return rows + compare_sizes(rows)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default=USUAL, help="the largest number of made-up papers (1M)")
    parser.add_argument("--only", action="append", choices=NAMES, help="one part of all; repeat for several")
    parser.add_argument("--output", type=Path, default=BUILD / "bench.json", help="where the rows go as JSON")
    parser.add_argument("--check", action="store_true", help="fail where a ratio is past what is expected by 30 %%")
    parser.add_argument("--accept", action="store_true", help="expect these ratios from now on")
    given = parser.parse_args()
    sizes = [papers for papers in SIZES.values() if papers <= SIZES[given.size]]
    rows = asyncio.run(measure(sizes, BUILD, only=given.only or NAMES))
    print(format_table(rows))
    if given.only and given.output.exists():
        rows = replace_rows(read_rows(given.output), rows)
    write_rows(rows, given.output)
    print(f"\nratio: the median of floor and subject side by side. Rows: {given.output}")
    if draw(rows, PLOT):
        print(f"Curves: {PLOT}")
    if given.accept:
        accept(rows, EXPECTED)
    if given.check:
        worse = check(rows, EXPECTED)
        print("\n".join(worse) or "No ratio is past what is expected by 30 %.")
        sys.exit(1 if worse else 0)


def replace_rows(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Return the rows of an earlier run with those measured anew in their places."""
    kept = {(row.name, row.size): row for row in old}
    return list((kept | {(row.name, row.size): row for row in new}).values())


if __name__ == "__main__":
    main()

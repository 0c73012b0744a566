"""Storing while being killed, and storing from several processes: nothing is lost, doubled or damaged."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import Random

from storage.store import Store
from tests.builders import INDEX, find_damage, make_days

ROOT = Path(__file__).parents[1]
KILLS = 10
DAYS = 60
PAPERS = 12
# Stores the days that are missing, or with "again" all of them, in batches, over and over.
WRITER = """
import asyncio, sys
from pathlib import Path
from storage.store import Store
from tests.builders import INDEX, NOW, make_days

async def write(path, first, last, forever):
    async with await Store.open(path, INDEX, busy_seconds=30) as store:
        print("ready", flush=True)
        while True:
            days = make_days(last, {papers})[first:]
            for start in range(0, len(days), 7):
                await store.days.put(days[start:start + 7], [], NOW)
            if not forever:
                return

asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "forever"))
"""


def start_writer(path: Path, first: int, last: int, mode: str) -> subprocess.Popen[str]:
    """Start a process that stores days, without waiting for it to do so."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER.replace("{papers}", str(PAPERS)), str(path), str(first), str(last), mode],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


async def count_papers(path: Path) -> dict[int, int]:
    """Return how many days have how many papers, by reading every one of them."""
    counts: dict[int, int] = {}
    async with await Store.open(path, INDEX) as store:
        for day in await store.days.list():
            papers = await store.papers.of_day(day.day)
            assert len(papers) == day.paper_count
            counts[len(papers)] = counts.get(len(papers), 0) + 1
    return counts


async def test_killed_at_any_moment_a_day_is_whole_or_absent(tmp_path: Path) -> None:
    """After kill -9 while storing and replacing, nothing is damaged and the next run completes the work."""
    path, rng = tmp_path / "papers.db", Random(1)
    for _ in range(KILLS):
        with start_writer(path, 0, DAYS, "forever") as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0, 0.3))
            process.kill()
        assert find_damage(path) == []
        assert set(await count_papers(path)) <= {PAPERS}
    with start_writer(path, 0, DAYS, "once") as process:
        assert process.wait(60) == 0
    assert find_damage(path) == []
    assert await count_papers(path) == {PAPERS: DAYS}


async def test_killed_while_being_created_a_database_opens_the_next_time(tmp_path: Path) -> None:
    """However early a first start is cut off, what it leaves is no obstacle to the next."""
    rng = Random(2)
    for number in range(KILLS):
        path = tmp_path / f"papers{number}.db"
        with start_writer(path, 0, 1, "forever") as process:
            deadline = time.monotonic() + 20
            while not path.exists() and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.03))
            process.kill()
        async with await Store.open(path, INDEX) as store:
            assert len(await store.days.list()) in (0, 1)
        assert find_damage(path) == []


async def test_two_processes_store_side_by_side(tmp_path: Path) -> None:
    """Processes that write at once wait for each other; every day of both is there, and a shared one once."""
    path = tmp_path / "papers.db"
    halves = [(0, DAYS // 2 + 5), (DAYS // 2 - 5, DAYS)]
    writers = [start_writer(path, first, last, "once") for first, last in halves]
    for process in writers:
        with process:
            assert process.wait(60) == 0
    assert find_damage(path) == []
    assert await count_papers(path) == {PAPERS: DAYS}
    assert len(make_days(DAYS)) == DAYS

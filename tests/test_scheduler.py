"""Jobs tick: at once, again and again, one at a time, whatever they raise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.scheduler import Scheduler

OFTEN = 0.01  # seconds


@pytest.fixture
async def scheduler() -> AsyncIterator[Scheduler]:
    """A scheduler that is stopped after the test."""
    scheduler = Scheduler()
    yield scheduler
    await scheduler.stop(1)


class Job:
    """Counts its runs, and those at once; fails while it is told to; waits for its gate."""

    def __init__(self) -> None:
        self.runs = self.running = self.most = 0
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self) -> None:
        self.runs += 1
        self.running += 1
        self.most = max(self.most, self.running)
        await self.gate.wait()
        self.running -= 1
        if self.fails:
            raise ValueError("on purpose")

    async def reach(self, runs: int) -> None:
        """Wait until it ran so often."""
        async with asyncio.timeout(10):
            while self.runs < runs:
                await asyncio.sleep(OFTEN / 2)


async def test_a_job_runs_at_once_and_again(scheduler: Scheduler) -> None:
    """The first run comes with the start, not an interval later, and others follow until it is stopped."""
    job, rare = Job(), Job()
    scheduler.add("often", job.__call__, OFTEN, datetime.now(UTC))
    scheduler.add("rare", rare.__call__, 3600, datetime.now(UTC))
    assert not scheduler.is_running
    scheduler.start()
    await asyncio.gather(job.reach(3), rare.reach(1))
    assert scheduler.is_running and rare.runs == 1
    await scheduler.stop(1)
    await scheduler.stop(1)  # twice is harmless
    await asyncio.sleep(0)
    runs = job.runs
    await asyncio.sleep(5 * OFTEN)
    assert (scheduler.is_running, job.runs) == (False, runs)


async def test_a_job_that_is_very_late_is_not_dropped(scheduler: Scheduler, caplog: pytest.LogCaptureFixture) -> None:
    """A process that stood still for an hour runs its jobs once, without a word, and goes on."""
    job = Job()
    scheduler.add("late", job.__call__, 3600, datetime.now(UTC) - timedelta(hours=1, minutes=-10))
    scheduler.start()
    await job.reach(1)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_one_run_at_a_time(scheduler: Scheduler) -> None:
    """A job that takes longer than its interval isn't begun a second time beside itself."""
    job, other = Job(), Job()
    job.gate.clear()
    scheduler.add("slow", job.__call__, OFTEN, datetime.now(UTC))
    scheduler.add("other", other.__call__, OFTEN, datetime.now(UTC))
    scheduler.start()
    await other.reach(5)
    assert job.runs == 1
    job.gate.set()
    await job.reach(3)
    assert job.most == 1


async def test_a_failing_job_is_logged_and_goes_on(scheduler: Scheduler, caplog: pytest.LogCaptureFixture) -> None:
    """What a job raises is in the log with its name, and the next tick comes all the same."""
    job = Job()
    job.fails = True
    scheduler.add("read posts", job.__call__, OFTEN, datetime.now(UTC))
    scheduler.start()
    await job.reach(3)
    assert "the job read posts failed" in caplog.text

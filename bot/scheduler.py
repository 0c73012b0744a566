"""Ticks: APScheduler starts each job when its time has come, one at a time; what a job does is one call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

Job = Callable[[], Coroutine[Any, Any, object]]  # an async function or a partial of one, so that it runs on the loop
_log = logging.getLogger(__name__)


class Scheduler:
    """Runs jobs every so many seconds, the first time at once, on the running event loop."""

    def __init__(self) -> None:
        # Jobs are late rather than left out: by default APScheduler drops what is a second late, with a log line.
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        # It warns of each tick that finds its job still running, which is as it should be; errors come from `_note`.
        quiet = logging.getLogger(f"{__name__}.ticks")
        quiet.setLevel(logging.ERROR)
        self._scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults, logger=quiet)
        self._scheduler.add_listener(_note, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._in_hand: set[asyncio.Task[Any] | None] = set()

    @property
    def is_running(self) -> bool:
        """Whether jobs are being started."""
        return bool(self._scheduler.running)

    def add(self, name: str, job: Job, seconds: float, now: datetime) -> None:
        """Run a job every `seconds`, beginning `now`."""
        self._scheduler.add_job(
            partial(self._run, job), "interval", seconds=seconds, id=name, name=name, next_run_time=now
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    async def stop(self, seconds: float) -> None:
        """Start no job any more; let those in hand end for at most so many seconds, then break them off."""
        if not self._scheduler.running:
            return
        self._scheduler.pause()
        await self._wait(seconds)
        self._scheduler.shutdown(wait=False)  # cancels what is left
        await self._wait(1)

    async def _wait(self, seconds: float) -> None:
        if left := {task for task in self._in_hand if task}:
            await asyncio.wait(left, timeout=seconds)

    async def _run(self, job: Job) -> None:
        """Do a job; one that is broken off, at the end, has not failed."""
        task = asyncio.current_task()
        self._in_hand.add(task)
        try:
            await job()
        except asyncio.CancelledError:
            _log.info("a job was broken off")
        finally:
            self._in_hand.discard(task)


def _note(event: JobExecutionEvent | Any) -> None:
    error = getattr(event, "exception", None)
    _log.error("the job %s %s", event.job_id, "failed" if error else "was left out", exc_info=error)

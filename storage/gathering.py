"""Commits together what several ask to be written at about the same time: of many small writes the commit is most.

    the first after a quiet time   at once
    others soon after it           together, once PAUSE_SECONDS have passed since the last commit

Each is whole or not made at all, and fails alone. What is written, and where, is for others.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from storage.cancelling import cancel_later, outlast
from storage.failures import translate

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
PAUSE_SECONDS = 0.05  # between commits: several times as long as one takes on a slow disk


@dataclass(eq=False, slots=True)
class _Asked:
    """Some writing that is asked for, and its answer to come."""

    work: Work[Any]
    answer: asyncio.Future[Any]


class Gathering:
    """Gathers the writes of one database; `write` makes one transaction of some work."""

    def __init__(self, path: Path, write: Callable[[Work[list[Any]]], Awaitable[list[Any]]]) -> None:
        self._path, self._write = path, write
        self._waiting: list[_Asked] = []
        self._committing: asyncio.Task[None] | None = None
        self._last = float("-inf")  # commit, on the loop's clock

    async def write(self, work: Work[T]) -> T:
        """Do `work` in a transaction with others' and return its result once it is committed.

        Who is cancelled meanwhile is not left in doubt: CancelledError says that nothing was written. What was begun
        is ended first, and returned as usual; the cancellation then comes with the caller's next wait.
        """
        asked = _Asked(work, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        try:
            result: T = await asyncio.shield(asked.answer)
        except asyncio.CancelledError:
            if asked in self._waiting:
                self._waiting.remove(asked)
                raise
            await outlast(asked.answer)
            if asked.answer.cancelled() or asked.answer.exception() is not None:
                raise
            cancel_later()
            result = asked.answer.result()
        return result

    async def _commit_all(self) -> None:
        """Commit until nobody waits."""
        time = asyncio.get_running_loop().time
        try:
            while self._waiting:
                await asyncio.sleep(self._last + PAUSE_SECONDS - time())
                asked, self._waiting = self._waiting, []
                await self._commit(asked)
                self._last = time()
        finally:
            self._committing = None
            for one in self._waiting:  # none, unless the loop ends
                one.answer.cancel()

    async def _commit(self, asked: list[_Asked]) -> None:
        try:
            answers = await self._write(lambda connection: [self._attempt(connection, one.work) for one in asked])
        except BaseException as error:
            for one in asked:
                _fail(one.answer, error)
            if not isinstance(error, Exception):
                raise
            return
        for one, (result, failure) in zip(asked, answers, strict=True):
            if failure is None:
                one.answer.set_result(result)
            else:
                _fail(one.answer, failure)

    def _attempt(self, connection: sqlite3.Connection, work: Work[Any]) -> tuple[Any, Exception | None]:
        """Do one work of several; what it wrote is taken back if it fails, and nothing else."""
        connection.execute("SAVEPOINT one")
        result, failure = None, None
        try:
            result = work(connection)
        except Exception as error:
            connection.execute("ROLLBACK TO one")
            failure = translate(error, self._path) if isinstance(error, sqlite3.Error) else error
        connection.execute("RELEASE one")
        return result, failure


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if isinstance(error, asyncio.CancelledError):
        answer.cancel()
    else:
        answer.set_exception(error)
        answer.exception()  # nobody may be waiting for it any more

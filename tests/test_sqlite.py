"""Writing in one journey, alone or with others: whole or not at all, and never in doubt, whoever goes away."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from random import Random
from threading import Event
from typing import Any

import pytest

from storage.errors import StorageError
from storage.store import Store

ADD = "INSERT INTO facts (name, value) VALUES (?, '')"


async def list_names(store: Store) -> list[str]:
    """Return the names of what was written."""
    return [name for (name,) in await store._database.fetch("SELECT name FROM facts ORDER BY name")]


class Door:
    """Some writing that stops half-way until it may go on."""

    def __init__(self, name: str) -> None:
        self.name, self.reached, self.is_open = name, asyncio.Event(), Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self, writer: sqlite3.Connection) -> str:
        writer.execute(ADD, (self.name,))
        self._loop.call_soon_threadsafe(self.reached.set)
        self.is_open.wait(10)
        return self.name


async def test_what_fails_half_way_leaves_nothing(store: Store) -> None:
    """An error takes back what was written before it, is one of ours, and the next write finds all in order."""

    def fail(writer: sqlite3.Connection) -> None:
        writer.execute(ADD, ("a",))
        writer.execute("INSERT INTO nothing VALUES (1)")

    with pytest.raises(StorageError):
        await store._database.write(fail)
    with pytest.raises(ZeroDivisionError):
        await store._database.write(lambda writer: (writer.execute(ADD, ("b",)), 1 / 0))
    await store._database.write(lambda writer: writer.execute(ADD, ("c",)))
    assert await list_names(store) == ["c"]


async def test_a_cancelled_write_is_taken_back(store: Store) -> None:
    """Who is cancelled while it is being written learns that nothing was, however often, and only once that is so."""
    door = Door("a")
    task = asyncio.create_task(store._database.write(door))
    await door.reached.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done()
    door.is_open.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await list_names(store) == []


async def test_one_that_waits_for_its_turn_never_begins(store: Store) -> None:
    """Cancelled before its turn, a write is never made; the one before it is."""
    door = Door("a")
    first = asyncio.create_task(store._database.write(door))
    await door.reached.wait()
    second = asyncio.create_task(store._database.write(Door("b")))
    await asyncio.sleep(0.01)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    door.is_open.set()
    assert await first == "a"
    assert await list_names(store) == ["a"]


async def test_one_that_is_done_says_so_and_is_cancelled_after(store: Store) -> None:
    """A cancellation that comes too late to take it back does not hide the result, and is not lost either."""
    database, results = store._database, list[str]()

    async def write() -> None:
        results.append(await database.write(lambda writer: (writer.execute(ADD, ("a",)), "done")[1]))
        await asyncio.sleep(0)
        results.append("went on")

    task = asyncio.create_task(write())
    run = database._writer.run

    async def run_and_be_cancelled(work: Any) -> Any:
        """Do it, and be cancelled before its answer is looked at."""
        await run(work)
        del database._writer.run  # type: ignore[method-assign]
        raise asyncio.CancelledError

    database._writer.run = run_and_be_cancelled  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await task
    assert results == ["done"]
    assert await list_names(store) == ["a"]


async def test_a_time_limit_is_told_apart_from_a_write(store: Store) -> None:
    """Under a time limit it is a TimeoutError that comes, and nothing was written."""
    door = Door("a")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            asyncio.get_running_loop().call_later(0.1, door.is_open.set)
            await store._database.write(door)
    assert await list_names(store) == []


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("is_soon", [False, True])
async def test_cancelled_at_any_moment_it_is_known(store: Store, seed: int, is_soon: bool) -> None:
    """Whoever got a result finds it written; whoever got an error, or none, finds nothing."""
    random, known = Random(seed), list[str]()
    ask = store._database.write_soon if is_soon else store._database.write
    broken = {f"{number:03d}" for number in random.sample(range(60), 10)}

    def insert(writer: sqlite3.Connection, name: str) -> str:
        writer.execute(ADD, (name,))
        if name in broken:
            writer.execute(random.choice((ADD, "SELECT ? FROM nothing")), (name,))
        return name

    async def write(name: str) -> None:
        known.append(await ask(partial(insert, name=name)))

    tasks = [asyncio.create_task(write(f"{number:03d}")) for number in range(60)]
    for task in random.sample(tasks, 30):
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)
        await asyncio.sleep(random.choice((0, 0, 0.001, 0.02)))
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert await list_names(store) == sorted(known)
    assert 20 <= len(known) <= 50 and not broken & set(known)
    assert all(end is None or isinstance(end, StorageError | asyncio.CancelledError) for end in ends)


async def test_many_at_once_are_committed_together(store: Store) -> None:
    """A hundred small writes that are asked for together take two commits, and each gets its own answer."""
    before = await store._database.get_version()
    asked = [store._database.write_soon(partial(insert_as, name=f"{number:03d}")) for number in range(100)]
    assert await asyncio.gather(*asked) == [f"{number:03d}" for number in range(100)]
    assert await list_names(store) == [f"{number:03d}" for number in range(100)]
    assert await store._database.get_version() - before <= 2


async def test_all_fail_when_the_commit_does(store: Store) -> None:
    """Where nothing can be written, each that asked is told, and what comes later finds all in order."""
    async with store._database.transaction() as writer:
        await writer.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON facts BEGIN SELECT RAISE(ROLLBACK, 'full'); END"
        )
    asked = [store._database.write_soon(partial(insert_as, name=name)) for name in "abc"]
    ends = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(end, StorageError) for end in ends)
    async with store._database.transaction() as writer:
        await writer.execute("DROP TRIGGER full")
    assert await store._database.write_soon(partial(insert_as, name="d")) == "d"
    assert await list_names(store) == ["d"]


def insert_as(writer: sqlite3.Connection, name: str) -> str:
    """Write a name and return it."""
    writer.execute(ADD, (name,))
    return name

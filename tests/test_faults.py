"""The promise that digests come exactly once, with the real program killed, starved and doubled in small."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random

from benchmarks.audit import Audit, count_open, read_rows, tell
from benchmarks.storm import POINTS, Storm
from benchmarks.survival import Run, open_run, survive
from benchmarks.town import build_town
from tests.bot_process import BotProcess, HurriedBot

SECONDS = 150.0  # until a run that hangs is given up
# Where the bot is killed, in towns at the same time, as most of a life is waiting.
STORMS = (("arrived", "connected", "any moment"), ("done", "looking"), ("answered", "looking", "any moment"))
CLIENT_SECONDS = 3.0  # what a HurriedBot gives a request


@asynccontextmanager
async def run_town(
    folder: Path,
    digests: int,
    seed: int,
    *,
    rate: float = 0.0,
    make: Callable[..., BotProcess] = HurriedBot,
    **env: str,
) -> AsyncIterator[Run]:
    """Run a town with its own Discord; `rate` of its requests are struck, none by what the bot may not forgive."""
    folder.mkdir(exist_ok=True)
    rng = Random(seed)
    town = await build_town(folder, digests, rng)
    storm = Storm(rng, rate=rate, hang_seconds=CLIENT_SECONDS + 0.5, hangs=2, direct=town.direct)
    async with open_run(town, storm, make=make, environment=env, bound=SECONDS) as run:
        yield run


async def finish(run: Run) -> None:
    """Let the bot that runs do the rest and stop, and find everything in order."""
    assert await run.wait_for_all(), (count_open(run.town.path), run.bots[-1].output)
    await asyncio.sleep(1)
    await run.stop()
    check(run, await asyncio.to_thread(run.audit))


def check(run: Run, found: Audit) -> None:
    """Find nothing lost, doubled, failed or left undone."""
    assert found.is_clean, tell(found, run.town.world, run.storm.log)
    assert run.troubles == [], run.troubles
    assert found.deliveries == found.messages > 0


async def wait_until(happened: Callable[[], object], seconds: float = SECONDS / 2) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.002)


def count_states(run: Run, state: str) -> int:
    """Return how many deliveries are in a state."""
    rows = read_rows(run.town.path, "SELECT state FROM deliveries")
    return sum(row["state"] == state for row in rows)


async def test_digests_come_exactly_once_whatever_is_killed_or_lost(tmp_path: Path) -> None:
    """Killed at each named point and at random, with every fault in between: none lost, doubled or given up."""
    struck: set[str] = set()

    async def weather(number: int, points: Sequence[str]) -> None:
        async with run_town(tmp_path / str(number), 20, number, rate=0.2) as run:
            check(run, await survive(run, points, 30, linger=4.0, rest=1.0))
            assert sum(run.storm.killed.values()) == len(points)
            struck.update(run.storm.struck)

    await asyncio.gather(*(weather(number, points) for number, points in enumerate(STORMS)))
    assert {point for points in STORMS for point in points} == set(POINTS)
    assert len(struck) > 5


async def kill_between_promise_and_request(folder: Path) -> None:
    """Claimed and never asked for, a digest is looked for after the restart, and sent once."""
    async with run_town(folder, 8, 5, SENDS_PER_SECOND="4") as run:
        bot = await run.start()
        await wait_until(lambda: count_unasked(run) > 1)
        bot.cut()
        await run.end(bot)
        assert count_unasked(run) > 0
        await run.start()
        await finish(run)
        check_that_the_audit_sees(run)


def count_unasked(run: Run) -> int:
    """Return how many deliveries are claimed beyond those whose message is there."""
    messages = run.count_messages()  # first: of those that come meanwhile none is counted
    return count_states(run, "sending") + count_states(run, "sent") - messages


def check_that_the_audit_sees(run: Run) -> None:
    """Do to the channels and rows what a worse bot would have done; each must be found."""
    first, second, third = (one for one in list(run.town.world.messages.values())[:3])
    run.town.world.add_message(first.channel, first.author, first.content, components=first.components)
    run.town.world.delete_message(second)
    with closing(sqlite3.connect(run.town.path)) as database:
        database.execute("UPDATE deliveries SET state = 'failed' WHERE message_id = ?", (str(third.id),))
        database.commit()
    found = run.audit().count()
    assert (found["doubled"], found["lost"], found["wrongly failed"]) == (1, 1, 1), found


async def start_a_second_bot(folder: Path) -> None:
    """Started by mistake while digests are sent, it says who has the database and ends with an error of its own."""
    async with run_town(folder, 12, 6, SENDS_PER_SECOND="5") as run:
        first = await run.start()
        await wait_until(run.count_messages)
        second = run.make(run.server, run.town.folder)
        await second.start(wait=False)
        try:
            assert await second.wait(30) == 1
        finally:
            await second.kill()
        assert f"Another process (pid {first.pid})" in second.output and "Traceback" not in second.output
        assert first.is_running
        await finish(run)


async def lock_the_database(folder: Path) -> None:
    """Another program holds the database, longer than the bot waits for it, in the middle of sending."""
    async with run_town(folder, 15, 7, SENDS_PER_SECOND="10") as run:
        await run.start()
        await wait_until(run.count_messages)
        with closing(sqlite3.connect(run.town.path, isolation_level=None, timeout=10)) as other:
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(6)
            other.execute("ROLLBACK")
        await finish(run)


async def fill_the_disk(folder: Path) -> None:
    """While nothing can be written nothing is claimed, what was just sent is found again, and then it goes on."""
    async with run_town(folder, 50, 8, SENDS_PER_SECOND="20") as run:
        bot = await run.start()
        await wait_until(run.count_messages)
        free = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, free[1]))
        await asyncio.sleep(3)
        sent = run.count_messages()
        await asyncio.sleep(2)
        assert run.count_messages() == sent  # what can't be noted isn't sent
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, free)
        await finish(run)


async def test_neither_a_twin_nor_a_lock_nor_a_full_disk_loses_or_doubles_any(tmp_path: Path) -> None:
    """Killed before it asked, started twice, kept from its database or out of space, it sends every digest once."""
    scenes = (kill_between_promise_and_request, start_a_second_bot, lock_the_database, fill_the_disk)
    await asyncio.gather(*(scene(tmp_path / scene.__name__) for scene in scenes))  # most of each is waiting

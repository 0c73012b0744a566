"""Backups are whole or not there, a restore leaves the old database or the new one, and a migration a way back."""

from __future__ import annotations

import asyncio
import os
import pty
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from storage.backup import SIDECARS, back_up, find_kept, verify
from storage.errors import CorruptError, LockedError, NewerSchemaError, StorageError
from storage.lock import hold_lock
from storage.migrate import find_migrations
from storage.models import Delivery, Subscription, Target
from storage.restore import MARGIN, restore
from storage.store import Store
from tests.builders import INDEX, NOW, find_damage, make_days
from tests.test_cli import run, run_json
from tests.test_interrupted import start_writer
from tests.test_migrate import make_schema_1, read_files

ROOT = Path(__file__).parents[1]
LATEST = len(find_migrations())
TARGET = Target("channel", "51")
LATER = NOW + timedelta(days=3)


async def make_database(path: Path, days: int = 3, **changed: object) -> Path:
    """Create a database with a few days and one subscription."""
    async with await Store.open(path, INDEX) as store:
        await store.days.put(make_days(days), [], NOW)
        await store.subscriptions.add(replace(Subscription(TARGET, created_at=NOW), **changed))  # type: ignore[arg-type]
    return path


async def count_days(path: Path) -> int:
    """Return how many days there are, having looked for damage."""
    async with await Store.open(path, INDEX) as store:
        days = await store.days.count()
    assert find_damage(path) == []
    return days


def ask(path: Path, sql: str) -> object:
    """Return the one value that a query gives."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchone()[0]


def names(folder: Path) -> set[str]:
    """Return what is in a folder."""
    return {file.name for file in folder.iterdir()}


# Backing up


async def test_a_backup_holds_what_the_database_does(tmp_path: Path) -> None:
    """The copy is one healthy file, for its owner alone; what it holds is said, and nothing is left beside it."""
    path = await make_database(tmp_path / "odd name? #1%.db", 4)
    contents = await back_up(path, tmp_path / "copy.db")
    assert (contents.schema, contents.days, contents.papers, contents.subscriptions) == (LATEST, 4, 20, 1)
    assert (contents.size, contents.known_at) == ((tmp_path / "copy.db").stat().st_size, NOW)
    assert names(tmp_path) == {path.name, "copy.db"}
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert verify(tmp_path / "copy.db") == contents
    assert names(tmp_path) == {path.name, "copy.db"}
    assert await count_days(tmp_path / "copy.db") == 4


async def test_what_an_open_database_committed_is_in_the_backup(tmp_path: Path) -> None:
    """While a bot has the database open, its log included, a copy has all that was committed; the bot works on."""
    async with await Store.open(tmp_path / "papers.db", INDEX) as store:
        await store.days.put(make_days(5), [], NOW)
        assert (tmp_path / "papers.db-wal").stat().st_size > 0
        async with store._database.transaction() as writer:
            await writer.execute("DELETE FROM days")
            assert (await back_up(store._database.path, tmp_path / "copy.db")).days == 5
        assert await store.days.count() == 0


async def test_a_backup_while_others_write_is_one_moment(tmp_path: Path) -> None:
    """Backups taken while another process stores without a pause end, and each is whole."""
    path = tmp_path / "papers.db"
    with start_writer(path, 0, 60, "forever") as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            for number in range(10):
                contents = await back_up(path, tmp_path / f"copy{number}.db")
                assert contents.papers == contents.days * 12
        finally:
            process.kill()
    for number in range(10):
        assert find_damage(tmp_path / f"copy{number}.db") == []


async def test_writing_between_two_steps_does_not_begin_the_copy_anew(tmp_path: Path) -> None:
    """Progress is told in pages and only grows, however often somebody writes meanwhile; nobody has to wait."""
    path, seen = await make_database(tmp_path / "papers.db"), list[tuple[int, int]]()

    def write(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) < 20:
            with closing(sqlite3.connect(path, timeout=0)) as connection:
                connection.execute("INSERT INTO facts VALUES (?, 'x')", (str(len(seen)),))
                connection.commit()

    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO facts VALUES ('big', CAST(zeroblob(12000000) AS TEXT))")
        connection.commit()
    await back_up(path, tmp_path / "copy.db", progress=write)
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]
    assert ask(tmp_path / "copy.db", "SELECT count(*) FROM facts") == 1


async def test_an_existing_file_is_replaced_only_when_told(tmp_path: Path) -> None:
    """A file that is there stays as it is, unless it may be overwritten."""
    path, copy = await make_database(tmp_path / "papers.db"), tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(StorageError, match="exists already"):
        await back_up(path, copy)
    assert copy.read_text() == "precious"
    assert (await back_up(path, copy, overwrite=True)).days == verify(copy).days == 3


@pytest.mark.parametrize("name", ["papers.db", "link.db", "hard.db", "papers.db-wal", "papers.db.lock", "folder"])
async def test_the_database_itself_is_no_place_for_its_backup(tmp_path: Path, name: str) -> None:
    """No name of the database, of what belongs to it or of a folder is written to, overwriting or not."""
    path = await make_database(tmp_path / "papers.db")
    (tmp_path / "link.db").symlink_to(path)
    (tmp_path / "hard.db").hardlink_to(path)
    (tmp_path / "folder").mkdir()
    before = read_files(tmp_path)
    with pytest.raises(StorageError, match=r"choose another file|is a folder"):
        await back_up(path, tmp_path / name, overwrite=True)
    assert read_files(tmp_path) == before


async def test_a_device_is_not_replaced(tmp_path: Path) -> None:
    """What is no file, such as a pipe, is left alone."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match="no place for a backup"):
        await back_up(await make_database(tmp_path / "papers.db"), tmp_path / "pipe", overwrite=True)
    assert (tmp_path / "pipe").is_fifo()


async def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder that is not there, or that nobody may write, is said with the file's name."""
    path = await make_database(tmp_path / "papers.db")
    with pytest.raises(StorageError, match=r"nowhere/copy.db cannot be written .*folder exists"):
        await back_up(path, tmp_path / "nowhere" / "copy.db")
    if Path("/proc/self").is_dir():  # even the superuser can make no file there
        with pytest.raises(StorageError, match=r"/proc/copy.db cannot be written"):
            await back_up(path, Path("/proc/copy.db"))
    with pytest.raises(StorageError, match="no database"):
        await back_up(tmp_path / "none.db", tmp_path / "copy.db")
    assert names(tmp_path) == {"papers.db"}


BACKING_UP = """
import asyncio, sys
from pathlib import Path
from storage.backup import back_up
asyncio.run(back_up(Path(sys.argv[1]), Path(sys.argv[2]), overwrite=True))
"""


async def test_a_full_disk_leaves_the_earlier_backup(tmp_path: Path) -> None:
    """When the file can't grow the error names it, the earlier backup is whole, and nothing else is left."""
    path = await make_database(tmp_path / "papers.db", 60)
    await back_up(path, tmp_path / "copy.db")

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    command = [sys.executable, "-c", BACKING_UP, str(path), str(tmp_path / "copy.db")]
    done = subprocess.run(command, cwd=ROOT, preexec_fn=fill, capture_output=True, text=True)
    assert "StorageError" in done.stderr and f"{tmp_path}/copy.db" in done.stderr.splitlines()[-1]
    assert names(tmp_path) == {"papers.db", "copy.db"}
    assert verify(tmp_path / "copy.db").days == 60


async def test_a_killed_backup_leaves_no_half_file_and_no_rubbish_for_ever(tmp_path: Path) -> None:
    """After kill -9 the name holds a whole backup or nothing; what is left of old ones goes with the next."""
    path, rng = await make_database(tmp_path / "papers.db", 60), Random(3)
    for _ in range(8):
        command = [sys.executable, "-c", BACKING_UP, str(path), str(tmp_path / "copy.db")]
        with subprocess.Popen(command, cwd=ROOT) as process:
            time.sleep(rng.uniform(0.1, 0.35))
            process.kill()
        if (tmp_path / "copy.db").exists():
            assert verify(tmp_path / "copy.db").days == 60
    left = tmp_path / ".copy.db.abc.part"
    left.write_bytes(b"x")
    for file in tmp_path.glob(".copy.db.*"):
        os.utime(file, (0, 0))
    await back_up(path, tmp_path / "copy.db", overwrite=True)
    assert names(tmp_path) == {"papers.db", "copy.db"}


async def test_a_backup_that_is_given_up_stops(tmp_path: Path) -> None:
    """Ctrl-C in the middle leaves no file under the name."""
    path = await make_database(tmp_path / "papers.db", 60)
    loop = asyncio.get_running_loop()
    work = asyncio.ensure_future(
        back_up(path, tmp_path / "copy.db", progress=lambda done, total: loop.call_soon_threadsafe(work.cancel))
    )
    with pytest.raises(asyncio.CancelledError):
        await work
    await loop.shutdown_default_executor()
    assert not list(tmp_path.glob(".copy*"))


async def test_a_damaged_database_is_not_taken_for_a_backup(tmp_path: Path) -> None:
    """A copy that is damaged is not kept: the earlier one stays, and the error names the database."""
    path = await make_database(tmp_path / "papers.db", 60)
    await back_up(path, tmp_path / "copy.db")
    damage(path)
    with pytest.raises(CorruptError, match=r"papers.db is damaged"):
        await back_up(path, tmp_path / "copy.db", overwrite=True)
    assert names(tmp_path) == {"papers.db", "copy.db"}
    assert verify(tmp_path / "copy.db").days == 60


def damage(path: Path) -> None:
    """Overwrite the middle of a file."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(20_000))


# What is no backup


@pytest.mark.parametrize("content", [b"", b"hello", os.urandom(9000), b"SQLite format 3\0" + b"\xff" * 5000])
async def test_what_is_no_backup_is_refused_and_nothing_happens(tmp_path: Path, content: bytes) -> None:
    """An empty file, text or noise: named, and neither it nor the database changes."""
    path, file = await make_database(tmp_path / "papers.db"), tmp_path / "copy.db"
    file.write_bytes(content)
    before = read_files(tmp_path)
    with pytest.raises(CorruptError, match=r"copy.db"):
        await restore(file, path, NOW)
    assert read_files(tmp_path) == before


async def test_other_newer_damaged_and_missing_backups_are_refused(tmp_path: Path) -> None:
    """Each is refused with its own reason, and the database stays as it is."""
    path, file = await make_database(tmp_path / "papers.db", 30), tmp_path / "copy.db"
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"copy.db does not exist"):
        await restore(file, path, NOW)
    with pytest.raises(StorageError, match="is a folder"):
        await restore(tmp_path, path, NOW)
    await back_up(path, file)
    whole = file.read_bytes()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerSchemaError, match="schema 99"):
        await restore(file, path, NOW)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CorruptError, match=r"copy.db is damaged"):
        await restore(file, path, NOW)
    file.write_bytes(whole)
    damage(file)
    with pytest.raises(CorruptError, match=r"copy.db is damaged"):
        await restore(file, path, NOW)
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE photos (x)")
    with pytest.raises(CorruptError, match="another program"):
        await restore(file, path, NOW)
    assert path.read_bytes() == before
    assert names(tmp_path) == {"papers.db", "copy.db"}


async def test_keys_that_lead_nowhere_are_damage(tmp_path: Path) -> None:
    """A file whose pages are sound and whose rows refer to rows that are not there is no backup."""
    file = await make_database(tmp_path / "copy.db")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM papers WHERE id = 1")
        connection.commit()
    with pytest.raises(CorruptError, match=r"a key in .* leads nowhere"):
        verify(file)


# Restoring


async def test_a_restore_brings_back_and_keeps_what_was_there(tmp_path: Path) -> None:
    """The database is what the backup held; the one before is beside it, with what was only in its log."""
    path = await make_database(tmp_path / "papers.db", 3)
    await back_up(path, tmp_path / "copy.db")
    await make_killed(path, 9)
    done = await restore(tmp_path / "copy.db", path, datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert done.kept == tmp_path / "papers.db.before-restore-20260101T120000Z"
    assert names(tmp_path) == {"papers.db", "copy.db", done.kept.name}
    assert await count_days(path) == done.contents.days == 3
    assert await count_days(done.kept) == 9


async def make_killed(path: Path, days: int) -> None:
    """Store more days in a database and leave it as kill -9 would: what is new is in its log only."""
    async with await Store.open(path, INDEX) as store:
        await store.days.put(make_days(days), [], NOW)
        left = {ending: Path(f"{path}{ending}").read_bytes() for ending in ("", "-wal")}
    for ending, content in left.items():
        Path(f"{path}{ending}").write_bytes(content)
    assert left["-wal"]


async def test_a_restore_needs_no_database(tmp_path: Path) -> None:
    """On a new machine there is none yet; a log that is left of one is kept out of the new one."""
    await back_up(await make_database(tmp_path / "papers.db"), tmp_path / "copy.db")
    await make_killed(tmp_path / "papers.db", 9)
    (tmp_path / "papers.db").unlink()
    done = await restore(tmp_path / "copy.db", tmp_path / "papers.db", NOW)
    assert done.kept and Path(f"{done.kept}-wal").exists()
    assert await count_days(tmp_path / "papers.db") == 3
    assert (await restore(tmp_path / "copy.db", tmp_path / "new.db", NOW)).kept is None
    assert await count_days(tmp_path / "new.db") == 3


@pytest.mark.parametrize("how", ["noise", "cut", "middle", "empty", "foreign"])
async def test_a_damaged_database_can_be_replaced(tmp_path: Path, how: str) -> None:
    """A backup is for when the database is broken: it comes back, and the broken one is kept as it was."""
    path = await make_database(tmp_path / "papers.db", 30)
    await back_up(path, tmp_path / "copy.db")
    if how == "middle":
        damage(path)
    elif how == "foreign":
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE photos (x)")
    else:
        path.write_bytes({"noise": os.urandom(9000), "cut": path.read_bytes()[:20_000], "empty": b""}[how])
    content = path.read_bytes()
    done = await restore(tmp_path / "copy.db", path, NOW)
    assert await count_days(path) == 30
    assert done.kept is not None
    if how in ("noise", "empty"):
        assert done.kept.read_bytes() == content
    assert not any(Path(f"{path}{ending}").exists() for ending in SIDECARS)


async def test_restoring_twice_in_a_second_keeps_both(tmp_path: Path) -> None:
    """No kept database is overwritten by the next one."""
    path = await make_database(tmp_path / "papers.db", 3)
    await back_up(path, tmp_path / "copy.db")
    first = await restore(tmp_path / "copy.db", path, NOW)
    second = await restore(tmp_path / "copy.db", path, NOW)
    assert first.kept != second.kept and first.kept and second.kept
    assert await count_days(first.kept) == await count_days(second.kept) == 3


async def test_each_subscription_is_to_be_looked_after(tmp_path: Path) -> None:
    """What was sent after the last thing that the backup knows is looked for; nothing else in it changes."""
    path = await make_database(tmp_path / "papers.db")
    async with await Store.open(path, INDEX) as store:
        (one,) = await store.subscriptions.list()
        assert one.id is not None
        promise = Delivery(one.id, TARGET, "2021-04-17", (), (), "{}")
        (number,) = await store.deliveries.add([promise], NOW + timedelta(days=1))
        assert await store.deliveries.claim(number, LATER)
        assert await store.deliveries.mark_sent(number, "51", "7", LATER + timedelta(seconds=1.5))
        before = await store.subscriptions.list(), await store.deliveries.list(), await store.days.list()
    contents = await back_up(path, tmp_path / "copy.db")
    assert contents.last_delivery == contents.known_at == LATER + timedelta(seconds=1.5)
    done = await restore(tmp_path / "copy.db", path, LATER + timedelta(days=9))
    assert done.check_since == LATER + timedelta(seconds=1.5) - MARGIN
    async with await Store.open(path, INDEX) as store:
        subscriptions = [replace(one, check_since=None) for one in await store.subscriptions.list()]
        assert (subscriptions, await store.deliveries.list(), await store.days.list()) == before
        assert [one.check_since for one in await store.subscriptions.list()] == [done.check_since]


async def test_a_backup_of_a_restored_database_looks_as_far_back(tmp_path: Path) -> None:
    """A mark that was still there when the backup was made is not replaced by a later one."""
    path = await make_database(tmp_path / "papers.db")
    first = await restore_copy(path, tmp_path / "one.db", NOW)
    async with await Store.open(path, INDEX) as store:
        await store.days.put(make_days(4), [], LATER)
    second = await restore_copy(path, tmp_path / "two.db", LATER)
    assert second > first
    async with await Store.open(path, INDEX) as store:
        assert [one.check_since for one in await store.subscriptions.list()] == [first]


async def restore_copy(path: Path, file: Path, now: datetime) -> datetime:
    """Back up, restore, and return since when is to be looked."""
    await back_up(path, file)
    return (await restore(file, path, now)).check_since


async def test_a_backup_that_knows_nothing_is_as_old_as_its_file(tmp_path: Path) -> None:
    """Without days, deliveries or a time of making, the file's own time is all there is; the future is not believed."""
    path = tmp_path / "papers.db"
    async with await Store.open(path, INDEX) as store:
        await store.subscriptions.add(Subscription(TARGET))
    await back_up(path, tmp_path / "copy.db")
    os.utime(tmp_path / "copy.db", (NOW.timestamp(), NOW.timestamp()))
    assert (await restore(tmp_path / "copy.db", path, LATER)).check_since == NOW - MARGIN
    assert (await restore(tmp_path / "copy.db", path, NOW - timedelta(days=1))).check_since < NOW - timedelta(days=1)


async def test_an_older_backup_is_migrated_and_itself_left_alone(tmp_path: Path) -> None:
    """A backup of an earlier release comes back in today's schema; the file stays as it is, without copies of it."""
    make_schema_1(tmp_path / "old.db")
    content = (tmp_path / "old.db").read_bytes()
    done = await restore(tmp_path / "old.db", tmp_path / "papers.db", NOW)
    assert (done.contents.schema, ask(tmp_path / "papers.db", "PRAGMA user_version")) == (1, LATEST)
    async with await Store.open(tmp_path / "papers.db", INDEX) as store:
        assert {one.check_since for one in await store.subscriptions.list()} == {done.check_since}
    assert (tmp_path / "old.db").read_bytes() == content
    assert names(tmp_path) == {"old.db", "papers.db"}


async def test_a_copy_of_a_running_database_can_be_restored_with_its_log(tmp_path: Path) -> None:
    """Files that were merely copied, the log beside them, are a backup too."""
    (tmp_path / "away").mkdir()
    copied = await make_database(tmp_path / "away" / "papers.db")
    await make_killed(copied, 9)
    assert (await restore(copied, tmp_path / "papers.db", NOW)).contents.days == 9
    assert await count_days(tmp_path / "papers.db") == 9


async def test_a_database_in_use_is_not_replaced(tmp_path: Path) -> None:
    """While any program has it open, such as an ingest, it stays; afterwards it can be replaced."""
    path = await make_database(tmp_path / "papers.db", 3)
    await back_up(path, tmp_path / "copy.db")
    async with await Store.open(path, INDEX) as store:
        await store.days.put(make_days(5), [], NOW)
        with pytest.raises(LockedError, match=r"papers.db is locked"):
            await restore(tmp_path / "copy.db", path, NOW)
        await store.days.put(make_days(6), [], NOW)
    assert await count_days(path) == 6
    assert names(tmp_path) == {"papers.db", "copy.db"}
    await restore(tmp_path / "copy.db", path, NOW)
    assert await count_days(path) == 3


async def test_a_link_to_a_database_stays_a_link(tmp_path: Path) -> None:
    """The database is replaced where it is, not where a link to it is."""
    (tmp_path / "data").mkdir()
    path, link = await make_database(tmp_path / "data" / "papers.db", 3), tmp_path / "papers.db"
    link.symlink_to(path)
    await back_up(link, tmp_path / "copy.db")
    await make_database(path, 5)
    done = await restore(tmp_path / "copy.db", link, NOW)
    assert link.is_symlink() and done.kept and done.kept.parent == path.parent
    assert await count_days(path) == 3
    with pytest.raises(StorageError, match="is the database itself"):
        await restore(path, link, NOW)


async def test_mode_and_owner_stay(tmp_path: Path) -> None:
    """Whoever could use the database before a restore can use it afterwards."""
    path = await make_database(tmp_path / "papers.db")
    path.chmod(0o640)
    if os.getuid() == 0:
        os.chown(path, 65534, 65534)
    await back_up(path, tmp_path / "copy.db")
    before = path.stat()
    done = await restore(tmp_path / "copy.db", path, NOW)
    assert done.kept
    for file in (path, done.kept):
        assert (file.stat().st_mode, file.stat().st_uid) == (before.st_mode, before.st_uid)


RESTORING = """
import asyncio, sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from storage.restore import restore

async def go(folder):
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    print("ready", flush=True)
    while True:
        for name in ("one.db", "two.db"):
            now += timedelta(seconds=1)
            done = await restore(folder / name, folder / "papers.db", now)
            if done.kept:
                done.kept.unlink()

asyncio.run(go(Path(sys.argv[1])))
"""


async def test_killed_at_any_moment_there_is_a_whole_database(tmp_path: Path) -> None:
    """After kill -9 in the midst of restoring, the database is the old one or the new one, and opens at once."""
    rng, seen = Random(4), set()
    await back_up(await make_database(tmp_path / "a", 20), tmp_path / "one.db")
    await back_up(await make_database(tmp_path / "b", 21), tmp_path / "two.db")
    shutil.copy(tmp_path / "one.db", tmp_path / "papers.db")
    for _ in range(12):
        command = [sys.executable, "-c", RESTORING, str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0, 0.15))
            process.send_signal(signal.SIGKILL)
        seen.add(await count_days(tmp_path / "papers.db"))
    assert seen <= {20, 21}


STEPPING = """
import asyncio, os, shutil, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from storage.restore import restore

EVENTS = ("open", "os.remove", "os.rename", "os.chmod", "sqlite3.connect", "shutil.copyfile", "tempfile.mkstemp")

def restore_until(folder, last):
    seen = 0

    def count(event, _):
        nonlocal seen
        seen += event in EVENTS
        if event in EVENTS and seen > last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    asyncio.run(restore(folder / "copy.db", folder / "papers.db", datetime(2026, 1, 1, tzinfo=timezone.utc)))
    os._exit(0)

start, code, last = Path(sys.argv[1]), -1, 0
while code:
    folder = start.with_name(f"{last:03d}")
    shutil.copytree(start, folder)
    child = os.fork()
    if not child:
        restore_until(folder, last)
    code, last = os.waitpid(child, 0)[1], last + 1
"""


async def test_killed_at_each_step_nothing_committed_is_lost(tmp_path: Path) -> None:
    """Killed at each file it opens, deletes or renames, a restore leaves all of the old database or all of the new."""
    start = tmp_path / "start"
    start.mkdir()
    path = await make_database(start / "papers.db", 2)
    await back_up(path, start / "copy.db")
    await make_database(path, 5)
    await make_killed(path, 9)
    subprocess.run([sys.executable, "-c", STEPPING, str(start)], cwd=ROOT, check=True)
    seen = [await count_days(folder / "papers.db") for folder in sorted(tmp_path.glob("[0-9]*"))]
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {9, 2} and len(seen) > 15


# Before a migration


async def test_an_older_database_is_kept_before_it_is_migrated(tmp_path: Path) -> None:
    """The copy has every byte of information in the old schema; a database of today's gets none."""
    path, kept = tmp_path / "papers.db", tmp_path / f"papers.db.before-schema-{LATEST}"
    make_schema_1(path)
    assert find_kept(path) == kept
    with closing(sqlite3.connect(path)) as connection:
        before = list(connection.iterdump())
    async with await Store.open(path, INDEX):
        pass
    assert find_kept(path) is None
    assert names(tmp_path) == {"papers.db", kept.name}
    with closing(sqlite3.connect(kept)) as connection:
        assert list(connection.iterdump()) == before
    stamp = kept.stat().st_mtime_ns
    async with await Store.open(path, INDEX):
        pass
    assert kept.stat().st_mtime_ns == stamp
    done = await restore(kept, path, NOW)
    assert done.contents.schema == 1


async def test_the_copy_is_of_the_oldest_schema(tmp_path: Path) -> None:
    """After a migration that got halfway the way back stays; a database that was put back and used is copied anew."""
    path, kept = tmp_path / "papers.db", tmp_path / f"papers.db.before-schema-{LATEST}"
    make_schema_1(path)
    async with await Store.open(path, INDEX):
        pass
    oldest = kept.read_bytes()
    with closing(sqlite3.connect(tmp_path / "half.db")) as connection:
        make_halfway(connection)
    shutil.copy(tmp_path / "half.db", path)
    async with await Store.open(path, INDEX):
        pass
    assert kept.read_bytes() == oldest
    path.unlink()
    make_schema_1(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM subscriptions")
        connection.commit()
    async with await Store.open(path, INDEX):
        pass
    assert verify(kept).subscriptions == 0


def make_halfway(connection: sqlite3.Connection) -> None:
    """Make a database of the second schema."""
    for migration in find_migrations()[:2]:
        connection.executescript(migration.sql)
    connection.execute("PRAGMA user_version = 2")
    connection.commit()


async def test_many_may_open_an_old_database_at_once(tmp_path: Path) -> None:
    """However many start together, the copy is of the old schema."""
    path = tmp_path / "papers.db"
    make_schema_1(path)
    stores = await asyncio.gather(*(Store.open(path, INDEX) for _ in range(5)))
    for store in stores:
        await store.close()
    assert verify(tmp_path / f"papers.db.before-schema-{LATEST}").schema == 1
    assert find_damage(path) == []


async def test_without_a_copy_nothing_is_migrated(tmp_path: Path) -> None:
    """When the copy can't be written, the error says what and why, and the database keeps its schema."""
    path = tmp_path / "papers.db"
    make_schema_1(path)
    (tmp_path / f"papers.db.before-schema-{LATEST}").mkdir()
    with pytest.raises(StorageError, match=rf"schema 1 and was not brought to schema {LATEST}.*is a folder"):
        await Store.open(path, INDEX)
    assert ask(path, "PRAGMA user_version") == 1


def test_a_full_disk_stops_a_migration_before_it_begins(tmp_path: Path) -> None:
    """With no space for the copy the command fails with one line, and the database is as it was."""
    make_schema_1(tmp_path / "hotpapers.db")
    command = f"ulimit -f 20; exec {sys.executable} -m bot status"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(["/bin/bash", "-c", command], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("hotpapers: ") and "was not brought to schema" in done.stderr
    assert names(tmp_path) == {"hotpapers.db"}
    assert ask(tmp_path / "hotpapers.db", "PRAGMA user_version") == 1


# The commands


async def test_backup_and_restore_by_command(tmp_path: Path) -> None:
    """A backup says what it holds, and a restore what it did; the database is that of the backup again."""
    await make_database(tmp_path / "hotpapers.db", 4)
    found = run_json(tmp_path, "backup", "copy.db")
    assert (found["days"], found["papers"], found["subscriptions"], found["last_delivery"]) == (4, 20, 1, None)
    assert found["size"] == (tmp_path / "copy.db").stat().st_size
    assert "exists already" in run(tmp_path, "backup", "copy.db", code=1).stderr
    assert "Backed up hotpapers.db to copy.db" in run(tmp_path, "backup", "copy.db", "--overwrite").stdout
    await make_database(tmp_path / "hotpapers.db", 7)
    told = run(tmp_path, "restore", "copy.db", "--yes").stdout
    assert all(
        text in told for text in ("days           4", "subscriptions  1", "before-restore-", "looks at what was")
    )
    assert run_json(tmp_path, "status")["days"] == 4


async def test_restore_refuses_what_it_cannot_ask(tmp_path: Path) -> None:
    """Without a terminal and --yes nothing is replaced; nor is it while a bot runs, or by a wrong file."""
    await make_database(tmp_path / "hotpapers.db")
    run(tmp_path, "backup", "copy.db")
    before = read_files(tmp_path)
    assert "--yes" in run(tmp_path, "restore", "copy.db", code=2).stderr
    assert "does not exist" in run(tmp_path, "restore", "none.db", "--yes", code=1).stderr
    with hold_lock(tmp_path / "hotpapers.db"):
        assert "already delivers" in run(tmp_path, "restore", "copy.db", "--yes", code=1).stderr
    after = read_files(tmp_path)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"hotpapers.db.lock"}


@pytest.mark.parametrize(("answer", "code", "days"), [("y\n", 0, 3), ("n\n", 1, 5), ("\n", 1, 5)])
async def test_restore_asks_at_a_terminal(tmp_path: Path, answer: str, code: int, days: int) -> None:
    """Only a yes replaces the database."""
    await make_database(tmp_path / "hotpapers.db", 3)
    run(tmp_path, "backup", "copy.db")
    await make_database(tmp_path / "hotpapers.db", 5)
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer.encode())
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", "bot", "restore", "copy.db"],
            cwd=tmp_path,
            env=env,
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert (done.returncode, run_json(tmp_path, "status")["days"]) == (code, days)
    assert ("Nothing was changed." in done.stdout) == (code == 1)


def test_migrate_says_where_the_copy_is(tmp_path: Path) -> None:
    """The command names the copy that it kept, and null when none was needed."""
    make_schema_1(tmp_path / "hotpapers.db")
    kept = str(tmp_path / f"hotpapers.db.before-schema-{LATEST}")
    assert run_json(tmp_path, "migrate")["backup"] == kept
    assert run_json(tmp_path, "migrate")["backup"] is None
    (tmp_path / "hotpapers.db").unlink()
    make_schema_1(tmp_path / "hotpapers.db")
    assert kept in run(tmp_path, "migrate").stdout


def test_a_backup_of_nothing_is_asked_wrongly(tmp_path: Path) -> None:
    """Without a database there is an error that says so, and no file."""
    assert "There is no database" in run(tmp_path, "backup", "copy.db", code=2).stderr
    assert list(tmp_path.iterdir()) == []

"""Puts a backup in the database's place; whatever cuts it off, the old database is usable or the new one is.

    verify ─► a copy beside the database, migrated ─► the old one kept under another name ─► renamed

What was sent after the backup is unknown to it, so every subscription is marked for a look at what its target was
sent since then; looking is for who delivers. The right to deliver has to be held by the caller.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.backup import SIDECARS, Contents, connect, copy_pages, open_backup, part_of, put, remove, verify
from storage.errors import CorruptError, StorageError
from storage.facts import RESTORED, Facts
from storage.failures import translate, translated
from storage.rows import format_time
from storage.sqlite import Database

MARGIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: `kept` is where the database went that was there, `check_since` what was set in the new."""

    contents: Contents
    kept: Path | None
    check_since: datetime


async def restore(file: Path, database: Path, now: datetime) -> Restored:
    """Make `database` what `file` holds, brought to today's schema; raise what `verify` does.

    The caller holds `lock.hold_lock(database)`. LockedError when another program has the database open; StorageError
    when there is not enough space or the folder can't be written. Blocks: nothing else runs beside it.
    """
    contents = verify(file)
    database = _check_place(database, file)
    check_since = _find_check_since(contents, file, now)
    with part_of(database) as part:
        _copy_in(file, part, database)
        await _bring_up(part, check_since, now)
        kept = _replace(part, database, now)
    return Restored(contents, kept, check_since)


def _check_place(database: Path, file: Path) -> Path:
    """Return where the database is, links followed; StorageError when that is the backup."""
    database = database.resolve()
    if database.exists() and file.samefile(database):
        raise StorageError(f"{file} is the database itself: choose a backup of it.")
    return database


def _find_check_since(contents: Contents, file: Path, now: datetime) -> datetime:
    """Return a time that nothing sent after the backup is older than."""
    known_at = contents.known_at or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return min(known_at, now) - MARGIN


def _copy_in(file: Path, part: Path, database: Path) -> None:
    with _naming(database), open_backup(file) as source:
        copy_pages(source, part)


async def _bring_up(part: Path, check_since: datetime, now: datetime) -> None:
    """Migrate the copy and mark it and its subscriptions; an earlier mark that is still there stays."""
    opened, since = await Database.open(part, keeps_old=False), format_time(check_since)
    try:
        await opened.execute("UPDATE subscriptions SET check_since = min(coalesce(check_since, ?), ?)", (since, since))
        await Facts(opened).set(RESTORED, format_time(now) or "")
    finally:
        await opened.close()


def _replace(part: Path, database: Path, now: datetime) -> Path | None:
    """Keep the database that is there, then rename the copy over it; return where it was kept."""
    with _naming(database), _own(database) as old:
        kept = _keep(database, old, now)
        _give_owner(part, database)
        # What is still beside it would be applied to the new one. Where SQLite can read the old one, it is in there.
        remove(database, *SIDECARS)
        put(part, database)
    return kept


@contextmanager
def _own(database: Path) -> Iterator[sqlite3.Connection | None]:
    """Lend the old database, all of it in its one file, locked for us alone; None for none or a damaged one."""
    if not database.exists() or not database.stat().st_size:
        yield None
        return
    with closing(connect(database, "mode=rw")) as connection:
        yield connection if _lock(connection, database) else None


def _lock(connection: sqlite3.Connection, database: Path) -> bool:
    """Lock an SQLite file until its connection is closed; False when it is damaged."""
    try:
        connection.execute("PRAGMA journal_mode = DELETE")  # refused while anybody else has it open
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if not isinstance(found := translate(error, database), CorruptError):
            raise found from error
        return False
    return True


def _keep(database: Path, old: sqlite3.Connection | None, now: datetime) -> Path | None:
    """Copy the old database, a damaged one file by file; return the copy's name, None when there is nothing."""
    there = [ending for ending in ("", *SIDECARS) if Path(f"{database}{ending}").exists()]
    if not there:
        return None
    kept = _name_kept(database, now)
    if old is not None:
        with suppress(CorruptError):
            _copy_whole(old, kept, database)
            return kept
    for ending in there:
        with part_of(Path(f"{kept}{ending}")) as part:
            shutil.copyfile(f"{database}{ending}", part)
            _give_owner(part, database)
            put(part, Path(f"{kept}{ending}"))
    return kept


def _copy_whole(old: sqlite3.Connection, kept: Path, database: Path) -> None:
    with part_of(kept) as part, translated(kept):
        copy_pages(old, part)
        _give_owner(part, database)
        put(part, kept)


def _name_kept(database: Path, now: datetime) -> Path:
    """Return a free name that says when: hotpapers.db.before-restore-20260101T120000Z."""
    stamp, number = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}", 1
    kept = database.with_name(f"{database.name}.before-restore-{stamp}")
    while kept.exists():
        number += 1
        kept = database.with_name(f"{database.name}.before-restore-{stamp}-{number}")
    return kept


def _give_owner(part: Path, database: Path) -> None:
    """Let the copy belong to whom the database does: who restores as root must not lock the bot out."""
    with suppress(FileNotFoundError, PermissionError):
        owned = database.stat()
        part.chmod(owned.st_mode & 0o777)
        os.chown(part, owned.st_uid, owned.st_gid)


@contextmanager
def _naming(database: Path) -> Iterator[None]:
    """Raise our errors for SQLite's and the system's."""
    try:
        with translated(database):
            yield
    except OSError as error:
        raise StorageError(f"{error.filename or database}: {error.strerror}. The database is as it was.") from error

"""Copies a database to a file that is whole or not there, while others use it, and says what such a file holds.

    a copy beside the destination ─► looked through ─► on the disk ─► renamed

Putting one back in its place is for `restore`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from storage.errors import CorruptError, StorageError
from storage.failures import translate, translated
from storage.migrate import APPLICATION_ID, check_file, find_migrations, is_at_rest, read_identity
from storage.rows import parse_date, parse_time

BUSY_SECONDS = 5.0
STEP_PAGES = 512  # 2 MB: nobody else waits longer than that takes
SIDECARS = ("-wal", "-shm", "-journal")
_STALE_SECONDS = 3600  # a copy in the making is written to all the time
Progress = Callable[[int, int], None]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database file of ours holds; `size` in bytes, `known_at` the time of the last thing it knows of."""

    schema: int
    size: int
    days: int
    first_day: date | None
    last_day: date | None
    papers: int
    subscriptions: int
    last_delivery: datetime | None
    known_at: datetime | None


async def back_up(database: Path, file: Path, *, overwrite: bool = False, progress: Progress | None = None) -> Contents:
    """Copy `database` as it is at this moment to `file`; `progress` gets pages done and in all, in a thread.

    Safe while others read and write. StorageError when `file` exists and is not to be overwritten, or can't be
    written; CorruptError when the database is damaged. `file` is then as it was.
    """
    return await _run(lambda stopping: _back_up(database, file, overwrite, progress, stopping))


def verify(file: Path) -> Contents:
    """Look through a backup and return what it holds; CorruptError, NewerSchemaError or StorageError say what is wrong.

    All its pages and keys are read. Nothing is changed, nor left beside it.
    """
    file = file.absolute()
    with _naming(file):
        if not file.exists():
            raise StorageError(f"{file} does not exist.")
        check_file(file, len(find_migrations()), BUSY_SECONDS)
        if not file.is_file() or not file.stat().st_size:
            raise CorruptError(f"{file} is empty: choose another backup.")
        with open_backup(file) as connection:
            return _examine(connection, file)


@contextmanager
def open_backup(file: Path) -> Iterator[sqlite3.Connection]:
    """Lend a connection that only reads, leaving the file as it is where that can be done."""
    with closing(connect(file, "mode=ro&immutable=1" if is_at_rest(file) else "mode=ro")) as connection:
        if _can_read(connection):
            yield connection
            return
    # Cut off in the middle of a write: that has to be rolled back before anyone can read.
    with closing(connect(file, "mode=rw")) as connection:
        yield connection


def _can_read(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
        return False
    return True


def find_kept(database: Path) -> Path | None:
    """Return where opening this database will leave a copy of it first, None when its schema is up to date."""
    if not database.is_file() or not database.stat().st_size:
        return None
    latest = len(find_migrations())
    check_file(database, latest, BUSY_SECONDS)
    with translated(database):
        _, version, _ = read_identity(database, BUSY_SECONDS)
    return name_kept(database, latest) if 1 <= version < latest else None


def name_kept(database: Path, latest: int) -> Path:
    """Return the name of the copy that is kept of a database before it gets schema `latest`."""
    database = database.resolve()
    return database.with_name(f"{database.name}.before-schema-{latest}")


async def keep_old(database: Path, version: int, latest: int) -> None:
    """Back up a database of schema `version` that is about to get schema `latest`; nothing for a new one.

    There is one such copy, and it is of the oldest schema: after a migration that got halfway, it is the way back.
    """
    if not 1 <= version < latest:
        return
    kept = name_kept(database, latest)
    with suppress(StorageError, OSError):
        if kept.stat().st_size and verify(kept).schema < version:
            return
    try:
        await _run(lambda stopping: _back_up(database, kept, True, None, stopping, version))
    except StorageError as error:
        raise type(error)(
            f"{database} has schema {version} and was not brought to schema {latest}, because the copy that is kept "
            f"of it first could not be made. {error}"
        ) from error
    _log.info("kept %s as it was before schema %s", kept, latest)


async def _run(work: Callable[[threading.Event], Contents]) -> Contents:
    """Run blocking work in a thread; a cancelled caller stops it."""
    stopping = threading.Event()
    try:
        return await asyncio.to_thread(work, stopping)
    finally:
        stopping.set()


def _back_up(
    database: Path,
    file: Path,
    overwrite: bool,
    progress: Progress | None,
    stopping: threading.Event,
    schema: int | None = None,
) -> Contents:
    """Copy, check and rename; of a database that has another schema than the one asked for by now, keep nothing."""
    if not database.is_file():
        raise StorageError(f"There is no database {database}.")
    file = _check_destination(database, file, overwrite)
    with part_of(file) as part, _naming(database, file):
        with closing(connect(database, "mode=rw")) as source:
            _check_identity(source, database)
            _check_space(source, file)
            copy_pages(source, part, progress, stopping)
        with closing(connect(part, "mode=ro")) as copy:
            contents = _examine(copy, database)
        if schema in (None, contents.schema):
            _check_destination(database, file, overwrite)
            put(part, file)
    return contents


def connect(path: Path, options: str) -> sqlite3.Connection:
    """Open an SQLite file that exists, by the options of its URI (sqlite.org/uri.html)."""
    # No isolation level: transactions begin and end where the code says so.
    uri = f"{path.absolute().as_uri()}?{options}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def copy_pages(
    source: sqlite3.Connection,
    part: Path,
    progress: Progress | None = None,
    stopping: threading.Event | None = None,
) -> None:
    """Copy what `source` is at this moment to `part`, as one file without a write-ahead log."""

    def note(status: int, remaining: int, total: int) -> None:
        if stopping is not None and stopping.is_set():
            raise StorageError("The copy was stopped.")
        if progress:
            progress(total - remaining, total)

    # One transaction for all steps: what others write meanwhile would else begin the copy anew, for ever.
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    with closing(sqlite3.connect(part, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous = OFF")  # `put` sees to it, once
        target.execute("PRAGMA journal_mode = OFF")
        source.backup(target, pages=STEP_PAGES, progress=note)
    source.execute("COMMIT")
    with closing(sqlite3.connect(part, isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def part_of(file: Path) -> Iterator[Path]:
    """Lend an empty file beside `file`, to become it by `put`; otherwise it is gone in the end."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")
    except OSError as error:
        raise StorageError(
            f"{file} cannot be written ({error.strerror}): check that its folder exists and may be written."
        ) from error
    os.close(handle)
    part = Path(name)
    try:
        _sweep(part, file)
        yield part
    finally:
        remove(part, "", *SIDECARS)


def put(part: Path, file: Path) -> None:
    """Give a finished file its name, in place of what had it, once all of it is on the disk."""
    try:
        _flush(part)
        part.replace(file)
        _flush(file.parent)
    except OSError as error:
        raise StorageError(f"{file} cannot be written ({error.strerror}): look at the disk.") from error


def remove(path: Path, *endings: str) -> None:
    """Delete the files whose names are a path and one of the endings, where they are there."""
    for ending in endings:
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(part: Path, file: Path) -> None:
    """Remove what earlier copies to the same file left when they were killed."""
    now = part.stat().st_mtime
    for other in file.parent.iterdir():
        if other.name.startswith(f".{file.name}.") and ".part" in other.suffix:
            with suppress(OSError):
                if now - other.stat().st_mtime > _STALE_SECONDS:
                    other.unlink()


def _check_destination(database: Path, file: Path, overwrite: bool) -> Path:
    """Return where the backup goes, links followed; StorageError for a place it must not go to."""
    file, database = file.resolve(), database.resolve()
    if file in (database, *(Path(f"{database}{ending}") for ending in (*SIDECARS, ".lock"))):
        raise StorageError(f"{file} belongs to the database itself: choose another file.")
    if file.is_dir():
        raise StorageError(f"{file} is a folder: name a file in it.")
    if file.exists():
        if not file.is_file() or file.samefile(database):
            raise StorageError(f"{file} is no place for a backup: choose another file.")
        if not overwrite:
            raise StorageError(f"{file} exists already: choose another name, or say that it may be overwritten.")
    return file


def _check_identity(source: sqlite3.Connection, database: Path) -> None:
    (application,) = source.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise CorruptError(f"{database} is not a database of this program.")


def _check_space(source: sqlite3.Connection, file: Path) -> None:
    needed, free = _measure(source), shutil.disk_usage(file.parent).free
    if free < needed:
        raise StorageError(
            f"Not enough space for {file}: {needed / 1e6:.1f} MB are needed and {free / 1e6:.1f} MB are free. "
            "Free some disk space, then try again."
        )


def _examine(connection: sqlite3.Connection, name: Path) -> Contents:
    """Read all pages and keys of a database file and count what is in it; errors call it `name`."""
    _check_identity(connection, name)
    damage = [text for (text,) in connection.execute("PRAGMA quick_check(1)") if text != "ok"]
    damage += [f"a key in {row[0]} leads nowhere" for row in connection.execute("PRAGMA foreign_key_check")]
    if damage:
        raise CorruptError(f"{name} is damaged: {damage[0]}.")
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    return Contents(schema, _measure(connection), *_count(connection))


def _measure(connection: sqlite3.Connection) -> int:
    (pages,), (page,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return int(pages) * int(page)


def _count(
    connection: sqlite3.Connection,
) -> tuple[int, date | None, date | None, int, int, datetime | None, datetime | None]:
    """Count what every schema has; all times are text in UTC, which sorts as they do."""
    days, first, last, read_at = connection.execute(
        "SELECT count(*), min(day), max(day), max(ingested_at) FROM days"
    ).fetchone()
    (papers,) = connection.execute("SELECT count(*) FROM papers WHERE current_id IS NOT NULL").fetchone()
    subscriptions, made_at = connection.execute("SELECT count(*), max(created_at) FROM subscriptions").fetchone()
    *known, sent_at = connection.execute(
        "SELECT max(planned_at), max(last_attempt_at), max(finished_at), "
        "max(CASE WHEN state = 'sent' THEN finished_at END) FROM deliveries"
    ).fetchone()
    known_at = max(filter(None, (read_at, made_at, *known)), default=None)
    return (
        *(days, parse_date(first), parse_date(last), papers, subscriptions),
        *(parse_time(sent_at), parse_time(known_at)),
    )


@contextmanager
def _naming(database: Path, file: Path | None = None) -> Iterator[None]:
    """Raise our errors for SQLite's and the system's: those of writing name `file`, all others `database`."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if file and code == sqlite3.SQLITE_FULL:
            raise StorageError(f"No space left for {file}: free some disk space, then try again.") from error
        if file and code == sqlite3.SQLITE_IOERR:
            raise StorageError(f"{file} cannot be written ({error}): look at the disk and its quotas.") from error
        found = translate(error, database)
        if file is None and isinstance(found, CorruptError):
            raise CorruptError(f"{database} is damaged or not a database ({error}): choose another backup.") from error
        raise found from error
    except OSError as error:
        raise StorageError(f"{error.filename or file or database}: {error.strerror}.") from error

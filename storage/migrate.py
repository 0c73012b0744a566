"""Looks at a database file before it is used and brings its schema up to date, a numbered file at a time.

    missing or empty ─► run every file        ours, older ─► run the files after its version
    ours, newer ─► NewerSchemaError           another program's, or damaged ─► CorruptError

A file's statements and the version bump share one transaction, so a migration happened or did not.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from storage.errors import CorruptError, NewerSchemaError, StorageError
from storage.failures import translated

APPLICATION_ID = 0x48507072
MIGRATIONS = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file, `0001_initial.sql`: it takes the schema from version 0 to version 1."""

    version: int
    name: str
    sql: str


def find_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """Read the migration files in order; raise StorageError when a number is missing or used twice."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        number, _, name = path.stem.partition("_")
        found.append(Migration(int(number), name, path.read_text(encoding="utf-8")))
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise StorageError(f"The migrations in {folder} are not numbered 1, 2, 3 …: reinstall the program.")
    return found


def check_file(path: Path, latest: int, busy_seconds: float) -> None:
    """Raise unless `path` can become or is our database, of schema `latest` at most; change nothing in it."""
    try:
        if path.is_dir():
            raise StorageError(f"{path} is a folder: name a file in it.")
        if not path.parent.is_dir():
            raise StorageError(f"The folder {path.parent} does not exist: create it, or choose another place.")
        if not path.exists() or path.stat().st_size == 0:
            return
        with translated(path):
            application, version, tables = read_identity(path, busy_seconds)
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    if application != APPLICATION_ID and (application or version or tables):
        raise CorruptError(f"{path} is the database of another program. Nothing was changed; choose another file.")
    if version > latest:
        raise NewerSchemaError(
            f"{path} has schema {version}, this program knows schemas up to {latest}: update the program."
        )


def read_identity(path: Path, busy_seconds: float) -> tuple[int, int, int]:
    """Return an SQLite file's application id, schema version and number of tables; leave nothing beside it."""
    try:
        return _query_identity(path, "mode=ro&immutable=1" if is_at_rest(path) else "mode=ro", busy_seconds)
    except sqlite3.OperationalError as error:
        # A write that was cut off has to be rolled back before anyone can read, and that takes a writer.
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
    return _query_identity(path, "mode=rw", busy_seconds)


def is_at_rest(path: Path) -> bool:
    """Tell whether a database with a write-ahead log was closed cleanly and is open nowhere.

    Reading one in the usual way would leave files beside it; byte 18 of the header says that it has such a log
    (sqlite.org/fileformat.html).
    """
    with path.open("rb") as file:
        header = file.read(20)
    return header[18:19] == b"\x02" and not Path(f"{path}-wal").exists()


def _query_identity(path: Path, options: str, busy_seconds: float) -> tuple[int, int, int]:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, timeout=busy_seconds)
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    finally:
        connection.close()
    return application, version, tables


async def migrate(connection: aiosqlite.Connection, migrations: list[Migration]) -> list[str]:
    """Run the migrations that `connection`'s database lacks and return their names; leave it as it was on error."""
    done = []
    for migration in migrations:
        # The common case takes no lock; the version is read again inside it, as two processes may start at once.
        if await get_version(connection) < migration.version and await _apply(connection, migration):
            done.append(migration.name)
    return done


async def get_version(connection: aiosqlite.Connection) -> int:
    """Return the schema version, 0 for a new database."""
    rows = list(await connection.execute_fetchall("PRAGMA user_version"))
    return int(rows[0][0])


async def _apply(connection: aiosqlite.Connection, migration: Migration) -> bool:
    try:
        await connection.execute_fetchall("BEGIN IMMEDIATE")
        wanted = await get_version(connection) < migration.version
        for statement in split_statements(migration.sql) if wanted else ():
            await connection.execute_fetchall(statement)
        if wanted:
            await connection.execute_fetchall(f"PRAGMA user_version = {migration.version}")
        await connection.commit()
    except BaseException:
        await connection.rollback()
        raise
    return wanted


def split_statements(sql: str) -> Iterator[str]:
    """Yield a script's statements one by one; `executescript` would commit the transaction we hold."""
    statement = ""
    for piece in re.split(r"(?<=;)", sql):
        statement += piece
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        raise StorageError(f"A migration ends in the middle of a statement: {statement.strip()[:60]}")

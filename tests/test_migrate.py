"""Opening a database: new, old, newer, damaged, another program's, unreachable, and by two at once."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import aiosqlite
import pytest

from storage.errors import CorruptError, NewerSchemaError, RejectedError, StorageError
from storage.migrate import APPLICATION_ID, Migration, find_migrations, get_version, migrate, split_statements
from storage.models import Subscription, Target
from storage.store import Store
from tests.builders import INDEX, NOW, find_damage, make_days


async def make_database(path: Path, days: int = 3) -> None:
    """Create a database with a few days in it."""
    async with await Store.open(path, INDEX) as store:
        await store.days.put(make_days(days), [], NOW)


def read_files(folder: Path) -> dict[str, bytes]:
    """Return all that is in a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def ask(path: Path, sql: str) -> object:
    """Return the one value that a query gives."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchone()[0]


async def test_a_new_database_says_whose_it_is_and_which_version(tmp_path: Path) -> None:
    """A database we make carries our application id, the newest schema version and the write-ahead log."""
    await make_database(tmp_path / "papers.db")
    assert ask(tmp_path / "papers.db", "PRAGMA application_id") == APPLICATION_ID
    assert ask(tmp_path / "papers.db", "PRAGMA user_version") == len(find_migrations())
    assert ask(tmp_path / "papers.db", "PRAGMA journal_mode") == "wal"


async def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    """What was stored is there the next time, and one file is all that is left behind."""
    path = tmp_path / "odd name? #1%.db"
    await make_database(path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    async with await Store.open(path, INDEX) as store:
        assert len(await store.days.list()) == 3


async def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    """An empty file, as a failed start may leave, is as good as none."""
    path = tmp_path / "papers.db"
    path.touch()
    await make_database(path)
    assert find_damage(path) == []


async def test_many_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    """Of several that start together one migrates, and all of them can work."""
    path = tmp_path / "papers.db"
    stores = await asyncio.gather(*(Store.open(path, INDEX) for _ in range(5)))
    days = make_days(5)
    await asyncio.gather(*(s.days.put([d], [], NOW) for s, d in zip(stores, days, strict=True)))
    assert [len(await store.days.list()) for store in stores] == [5] * 5
    for store in stores:
        await store.close()
    assert find_damage(path) == []


# Migrations


async def test_a_migration_runs_once_for_two_at_once(tmp_path: Path) -> None:
    """A migration that would do harm if it ran twice does not, though two see that it is due."""
    path = tmp_path / "papers.db"
    steps = [
        Migration(1, "make", "CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0);"),
        Migration(2, "count", "UPDATE counter SET n = n + 1;"),
    ]
    connections = [await aiosqlite.connect(path, isolation_level=None) for _ in range(4)]
    try:
        done = await asyncio.gather(*(migrate(connection, steps) for connection in connections))
    finally:
        for connection in connections:
            await connection.close()
    assert sorted(name for names in done for name in names) == ["count", "make"]
    assert ask(path, "SELECT n FROM counter") == 1


async def test_a_migration_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    """Neither a failed migration's statements nor its version stay; what ran before it does."""
    path = tmp_path / "papers.db"
    steps = [
        Migration(1, "good", "CREATE TABLE one (x);"),
        Migration(2, "bad", "CREATE TABLE two (x); INSERT INTO two VALUES (1); INSERT INTO nowhere VALUES (1);"),
    ]
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            await migrate(connection, steps)
        assert await get_version(connection) == 1
        tables = await connection.execute_fetchall("SELECT name FROM sqlite_schema")
    assert list(tables) == [("one",)]


def test_migrations_are_numbered_without_gaps(tmp_path: Path) -> None:
    """A missing or repeated number is an error, not a schema that depends on luck."""
    assert [m.version for m in find_migrations()] == list(range(1, len(find_migrations()) + 1))
    (tmp_path / "0001_a.sql").touch()
    (tmp_path / "0003_c.sql").touch()
    with pytest.raises(StorageError, match="numbered"):
        find_migrations(tmp_path)


def test_statements_are_split_where_they_end() -> None:
    """Semicolons in text, comments and triggers end no statement; a cut-off script is an error."""
    script = "-- a; b\nINSERT INTO t VALUES (';');\nCREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;\n"
    assert [s.strip().splitlines()[-1] for s in split_statements(script)] == script.splitlines()[1:]
    with pytest.raises(StorageError, match="middle"):
        list(split_statements("SELECT 1; SELECT"))


# A schema that was released


def make_schema_1(path: Path) -> None:
    """Make a database as the first release left it, filled by plain SQL in every table that is carried over."""
    with closing(sqlite3.connect(path)) as connection:
        for name, count in (("boost", 1), ("reach", 1)):
            connection.create_function(name, count, float, deterministic=True)
        connection.executescript(find_migrations()[0].sql)
        connection.executescript(SCHEMA_1_ROWS)
        connection.execute("PRAGMA user_version = 1")
        connection.commit()


SCHEMA_1_ROWS = """
INSERT INTO days VALUES ('2021-04-13', '2021-04-13', 'hot', 'Hot', NULL, 'a.md', 'x', 1, '2021-04-14T00:00:00+00:00',
                         1, 0, '{}');
INSERT INTO papers VALUES (1, '2104.00001', 1, 1, 1.9), (2, '2104.00002', NULL, NULL, 1.0);
INSERT INTO appearances VALUES (1, 1, '2021-04-13', 1, 100.0, NULL, NULL, 1, '[["retweets",100]]', '["","cs"]', 'cs',
                                'On testing', NULL, 'Ada', 'We test.', NULL, '[]');
INSERT INTO topics VALUES (1, '', 1), (2, 'cs', 1);
INSERT INTO topic_index VALUES (1, '2021-04-13', 1, 100.0, 1, '2104.00001'),
                               (2, '2021-04-13', 1, 100.0, 1, '2104.00001');
INSERT INTO paper_text (rowid, title, authors, abstract, topics) SELECT * FROM searchable;
INSERT INTO title_text (rowid, title) SELECT id, title FROM searchable;
INSERT INTO queries VALUES ('k', '{}', '2021-04-14T00:00:00+00:00');
INSERT INTO targets VALUES (1, 'channel', '51'), (2, 'member', '52'), (3, 'page', 'preview');
INSERT INTO subscriptions VALUES (1, 1, '', 10, '09:00:00', 'UTC', '[0]', '2021-04-01T00:00:00+00:00', '2021-04-01'),
                                 (2, 2, 'cs.LG', 5, '21:30:00', 'Asia/Tokyo', '[1, 2]', NULL, NULL),
                                 (3, 3, '', 5, '09:00:00', 'UTC', '[]', NULL, NULL),
                                 (9, 3, '', 5, '09:00:00', 'UTC', '[]', NULL, NULL);
DELETE FROM subscriptions WHERE id = 9;
INSERT INTO deliveries VALUES
    (4, 1, 1, 'old', 1, 1, 'sent', '["2021-04-13"]', 'one', '51', '7', 1, NULL, '2021-04-14T00:00:00+00:00',
     '2021-04-14T00:01:00+00:00', '2021-04-14T00:02:00+00:00', '2021-04-14T00:03:00+00:00'),
    (5, 8, 2, 'new', 1, 2, 'uncertain', '["2021-04-13"]', 'two', NULL, NULL, 3, 'why', '2021-04-14T00:00:00+00:00',
     NULL, NULL, NULL);
INSERT INTO delivery_papers VALUES (4, 1, 1), (4, 2, 2), (5, 1, 1);
INSERT INTO given VALUES (1, 1, '2021-04-14T00:03:00+00:00'), (2, 1, '2021-04-14T00:03:00+00:00');
"""


def find_columns(path: Path) -> dict[str, str]:
    """Return the columns of each table, without the parts that the full text is made of."""
    with closing(sqlite3.connect(path)) as connection:
        sql = (
            "SELECT m.name, group_concat(c.name) FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c "
            "WHERE m.type = 'table' AND m.name NOT LIKE '%_text%' AND c.name <> 'boost' GROUP BY m.name"
        )
        return dict(connection.execute(sql).fetchall())


def read_columns(path: Path, columns: dict[str, str]) -> dict[str, list[object]]:
    """Return the rows of those columns; of the numbers given out, only those that were given out before."""
    with closing(sqlite3.connect(path)) as connection:
        only = {"sqlite_sequence": "WHERE name = 'subscriptions'"}
        return {
            table: connection.execute(f"SELECT {names} FROM {table} {only.get(table, '')}").fetchall()
            for table, names in columns.items()
        }


async def test_a_database_of_the_first_schema_keeps_all_it_had(tmp_path: Path) -> None:
    """Every row of the first schema is there afterwards, in the same columns, and every key and index holds."""
    path = tmp_path / "papers.db"
    make_schema_1(path)
    columns = find_columns(path)
    before = read_columns(path, columns)
    async with await Store.open(path, INDEX):
        pass
    assert read_columns(path, columns) == before
    assert all(before[table] for table in columns if table not in ("files", "sqlite_sequence"))
    assert find_damage(path) == []
    assert ask(path, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'new%'") == 0


async def test_what_the_first_schema_kept_works_on(tmp_path: Path) -> None:
    """Subscriptions have the defaults of what they lacked, deliveries go on, and no number is used again."""
    path = tmp_path / "papers.db"
    make_schema_1(path)
    async with await Store.open(path, INDEX) as store:
        channel, member, page = await store.subscriptions.list()
        assert [s.channel_kind for s in (channel, member, page)] == ["text", "dm", "page"]
        assert page == Subscription(Target("page", "preview"), count=5, weekdays=(), channel_kind="page", id=3)
        assert await store.deliveries.given(channel.target, ["2104.00001", "2104.00002"]) == {
            "2104.00001",
            "2104.00002",
        }
        assert await store.deliveries.mark_sent(5, "52", "8", NOW)
        sent, found = await store.deliveries.list(state="sent")
        assert (sent.papers, sent.finished_at and sent.finished_at.minute) == (("2104.00001", "2104.00002"), 3)
        assert (found.papers, found.attempts, found.generation) == (("2104.00001",), 3, 2)
        made = await store.subscriptions.add(Subscription(member.target))
        assert made.id == 10
        assert await store.deliveries.add([replace(sent, subscription_id=10, occasion="x")], NOW) == [6]
        await store.members.delete_all(member.target, NOW)
        assert [d.id for d in await store.deliveries.list()] == [4]


async def test_deleting_a_delivery_deletes_its_papers_in_a_migrated_database(tmp_path: Path) -> None:
    """The tables that were made anew refer to one another, and not to what they replaced."""
    path = tmp_path / "papers.db"
    make_schema_1(path)
    async with await Store.open(path, INDEX) as store:
        await store._database.execute("DELETE FROM deliveries WHERE id = 4")
        assert await store._database.fetch("SELECT delivery_id FROM delivery_papers") == [(5,)]
        with pytest.raises(RejectedError):
            await store._database.execute("INSERT INTO delivery_papers VALUES (4, 1, 1)")


# Files that are refused


async def refuse(path: Path, kind: type[StorageError], match: str) -> None:
    """Check that opening is refused, that no byte of the file changes and that no other appears beside it."""
    before = read_files(path.parent)
    with pytest.raises(kind, match=match):
        await Store.open(path, INDEX, busy_seconds=0.2)
    assert read_files(path.parent) == before


async def test_a_newer_schema_is_refused_with_both_versions(tmp_path: Path) -> None:
    """A database of a newer program is left alone; the message says what it has and what we know."""
    path = tmp_path / "papers.db"
    await make_database(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    await refuse(path, NewerSchemaError, rf"schema 99.*up to {len(find_migrations())}")


@pytest.mark.parametrize("content", [b"hello", b"\0" * 5000, os.urandom(9000), b"SQLite format 3\0" + b"\xff" * 5000])
async def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    """A text file, zeros, noise or a broken header: said to be damaged, untouched."""
    path = tmp_path / "papers.db"
    path.write_bytes(content)
    await refuse(path, CorruptError, "damaged or not a database")


async def test_a_truncated_database_is_refused(tmp_path: Path) -> None:
    """A database cut off in the middle, as by a full disk while copying, is refused and left as it is."""
    path = tmp_path / "papers.db"
    await make_database(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    await refuse(path, CorruptError, "damaged")


@pytest.mark.parametrize(
    "pragma", ["PRAGMA application_id = 7", "PRAGMA user_version = 1", "PRAGMA journal_mode = WAL"]
)
async def test_another_programs_database_is_refused(tmp_path: Path, pragma: str) -> None:
    """A healthy database that is not ours gets no tables of ours, whether or not it says whose it is."""
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(pragma)
        connection.execute("CREATE TABLE photos (x)")
        connection.commit()
    await refuse(path, CorruptError, "another program")


async def test_a_path_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    """A missing folder, a folder in the file's place and a place that cannot be written name the problem."""
    with pytest.raises(StorageError, match=r"nowhere does not exist: create it"):
        await Store.open(tmp_path / "nowhere" / "papers.db", INDEX)
    with pytest.raises(StorageError, match="is a folder"):
        await Store.open(tmp_path, INDEX)
    if Path("/proc/self").is_dir():  # even the superuser can make no file there
        with pytest.raises(StorageError, match="permissions"):
            await Store.open(Path("/proc/papers.db"), INDEX)

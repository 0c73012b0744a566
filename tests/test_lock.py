"""One process delivers from a database, and the right to do so ends with the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import LockedError, StorageError
from storage.lock import hold_lock

ROOT = Path(__file__).parents[1]
HOLDER = """
import sys, time
from pathlib import Path
from storage.lock import hold_lock
with hold_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def start_holder(database: Path) -> subprocess.Popen[str]:
    """Start a process that holds the lock, and wait until it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    """While one process holds the lock, another gets an error with its number; after kill -9 the lock is free."""
    database = tmp_path / "papers.db"
    with start_holder(database) as process:
        try:
            with pytest.raises(LockedError, match=rf"pid {process.pid}\) already delivers"), hold_lock(database):
                pass
        finally:
            process.kill()
    with hold_lock(database):
        pass


def test_the_lock_is_the_databases_whatever_it_is_called(tmp_path: Path) -> None:
    """A link to a database leads to the same lock, and another database has its own."""
    (tmp_path / "papers.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "papers.db")
    with hold_lock(tmp_path / "papers.db"), hold_lock(tmp_path / "other.db"), pytest.raises(LockedError):
        hold_lock(tmp_path / "link.db").__enter__()
    with hold_lock(tmp_path / "link.db"):
        pass


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Where no lock file can be made, the error names it."""
    with (
        pytest.raises(StorageError, match="nowhere does not exist: create it"),
        hold_lock(tmp_path / "nowhere" / "papers.db"),
    ):
        pass


def test_a_disk_that_is_full_is_said(tmp_path: Path) -> None:
    """Where who holds the lock can't be written down, the error names the file, and the lock is not held."""
    database = tmp_path / "papers.db"
    (tmp_path / "papers.db.lock").symlink_to("/dev/full")
    with pytest.raises(StorageError, match=r"papers\.db\.lock cannot be written"), hold_lock(database):
        pass


def test_a_database_that_is_a_link_to_itself_is_said(tmp_path: Path) -> None:
    """One error, as for any other place without a database."""
    (tmp_path / "papers.db").symlink_to("papers.db")
    with pytest.raises(StorageError, match="leads to itself"), hold_lock(tmp_path / "papers.db"):
        pass

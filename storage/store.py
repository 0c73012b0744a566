"""The store as the bot sees it: one object whose facets each own a family of tables."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from storage.candidates import Candidates
from storage.cursors import Cursors
from storage.days import Days
from storage.deliveries import Deliveries
from storage.facts import Facts
from storage.files import Files
from storage.guilds import Guilds
from storage.index import TextIndex
from storage.members import Members
from storage.observations import Observations
from storage.occasions import Occasions
from storage.papers import Papers
from storage.queries import Queries
from storage.scores import Scores
from storage.search import Search
from storage.sources import Sources
from storage.sqlite import BUSY_SECONDS, Database
from storage.steps import Steps
from storage.subscriptions import Subscriptions

__all__ = ["Store", "TextIndex"]


class Store:
    """All that is kept, in one SQLite file: posts and papers, who wants what of them, and what was sent to whom."""

    def __init__(self, database: Database, index: TextIndex) -> None:
        self._database = database
        self.days = Days(database, index)
        self.papers = Papers(database)
        self.search = Search(database)
        self.files = Files(database)
        self.queries = Queries(database)
        self.subscriptions = Subscriptions(database)
        self.deliveries = Deliveries(database)
        self.steps = Steps(database)
        self.occasions = Occasions(database)
        self.members = Members(database)
        self.guilds = Guilds(database)
        self.sources = Sources(database)
        self.facts = Facts(database)
        self.candidates = Candidates(database)
        self.observations = Observations(database)
        self.scores = Scores(database)
        self.cursors = Cursors(database)

    @classmethod
    async def open(cls, path: Path, index: TextIndex, *, busy_seconds: float = BUSY_SECONDS) -> Self:
        """Open the database at `path`, creating or migrating it; no wait for a lock exceeds `busy_seconds`.

        Raise CorruptError, NewerSchemaError or LockedError, touching nothing, or StorageError for a path that
        cannot be used.
        """
        return cls(await Database.open(path, busy_seconds), index)

    async def get_schema(self) -> int:
        """Return the version of the database's schema."""
        ((version,),) = await self._database.fetch("PRAGMA user_version")
        return int(version)

    async def find_damage(self) -> list[str]:
        """Return what is wrong with the file's pages; reads all of them (sqlite.org/pragma.html#pragma_quick_check)."""
        return [str(text) for (text,) in await self._database.fetch("PRAGMA quick_check(5)") if text != "ok"]

    async def close(self) -> None:
        """Close the database."""
        await self._database.close()

    async def __aenter__(self) -> Self:
        """Return the open store."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the database."""
        await self.close()

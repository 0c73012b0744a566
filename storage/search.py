"""Finds papers by words and completes titles: `match` reads the words, `hunt` and `completion` the papers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date

from storage.completion import complete_title
from storage.hunt import find_rows
from storage.match import parse_question, split_beginning
from storage.models import Appearance
from storage.rows import appearance_from
from storage.sqlite import Database
from storage.ways import Period

DEADLINE_SECONDS = 2.0


class Search:
    """The search facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self,
        words: str,
        topics: Iterable[str] = (),
        since: date | None = None,
        until: date | None = None,
        author: str | None = None,
        limit: int = 10,
        offset: int = 0,
    ) -> list[Appearance]:
        """Return the papers with all the words, most relevant first, each by its best appearance in the dates.

        Any text is fine as `words`, `topics` and `author`; a question without a word in it finds nothing. Raise
        SlowError when it would take longer than `DEADLINE_SECONDS`.
        """
        question = parse_question(words, topics, author)
        if question is None or limit <= 0:
            return []
        period = None if since is None and until is None else Period(since or date.min, until or date.max)

        def read(connection: sqlite3.Connection) -> list[Appearance]:
            return list(map(appearance_from, find_rows(connection, question, period, limit, max(offset, 0))))

        return await self._database.run(read, DEADLINE_SECONDS)

    async def complete(self, prefix: str, limit: int = 25) -> list[tuple[str, str]]:
        """Return (arXiv id, title as printed) of papers whose title has the words, the last one unfinished."""
        words, beginning = split_beginning(prefix)
        if not (words or beginning) or limit <= 0:
            return []
        return await self._database.run(
            lambda connection: complete_title(connection, words, beginning, limit), DEADLINE_SECONDS
        )

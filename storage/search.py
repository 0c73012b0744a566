"""Finds papers by words and completes titles; how the words become a query is `match`'s part.

A paper is as relevant as its words (bm25: title over authors over abstract) times its engagement (`boost`).
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from storage.match import format_match, format_prefix
from storage.models import Appearance
from storage.rows import APPEARANCE, appearance_from, format_date
from storage.sqlite import Database

# Weights of title, authors, abstract and topics; bm25 is the lower the better, hence ascending.
_RELEVANCE = "bm25(paper_text, 6.0, 3.0, 1.0, 0.0) * p.boost"

_FIND = f"""
SELECT {APPEARANCE} FROM (
    SELECT p.id, p.arxiv_id, p.best_id, {_RELEVANCE} AS relevance
    FROM paper_text AS t JOIN papers AS p ON p.id = t.rowid
    WHERE paper_text MATCH ? ORDER BY relevance, p.arxiv_id DESC LIMIT ? OFFSET ?
) AS h
JOIN appearances AS a ON a.id = h.best_id
JOIN papers AS p ON p.id = h.id
ORDER BY h.relevance, h.arxiv_id DESC
"""

_IN_PERIOD = "SELECT {what} FROM appearances WHERE paper_id = p.id AND day BETWEEN ?2 AND ?3"

_FIND_WITHIN = f"""
SELECT {APPEARANCE} FROM (
    SELECT p.id, p.arxiv_id, {_RELEVANCE} AS relevance
    FROM paper_text AS t JOIN papers AS p ON p.id = t.rowid
    WHERE paper_text MATCH ?1 AND EXISTS ({_IN_PERIOD.format(what=1)})
    ORDER BY relevance, p.arxiv_id DESC LIMIT ?4 OFFSET ?5
) AS h
JOIN papers AS p ON p.id = h.id
JOIN appearances AS a ON a.id = ({_IN_PERIOD.format(what="id")} ORDER BY score DESC, rank, day DESC LIMIT 1)
ORDER BY h.relevance, h.arxiv_id DESC
"""

# The hottest of the newest matches: sorting every match of two letters would take as long as a search.
_COMPLETE = """
SELECT p.arxiv_id, a.title FROM (
    SELECT rowid FROM title_text WHERE title_text MATCH ? ORDER BY rowid DESC LIMIT 200
) AS t
JOIN papers AS p ON p.id = t.rowid
JOIN appearances AS a ON a.id = p.current_id
ORDER BY p.boost DESC, p.arxiv_id DESC LIMIT ?
"""


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

        Any text is fine as `words`, `topics` and `author`; a question without a word in it finds nothing.
        """
        match = format_match(words, topics, author)
        if match is None or limit <= 0:
            return []
        page = (limit, max(offset, 0))
        if since is None and until is None:
            rows = await self._database.fetch(_FIND, (match, *page))
        else:
            period = (format_date(since or date.min), format_date(until or date.max))
            rows = await self._database.fetch(_FIND_WITHIN, (match, *period, *page))
        return [appearance_from(row) for row in rows]

    async def complete(self, prefix: str, limit: int = 25) -> list[tuple[str, str]]:
        """Return (arXiv id, title as printed) of papers whose title has the words, the last one unfinished."""
        match = format_prefix(prefix)
        if match is None:
            return []
        return [(arxiv_id, title) for arxiv_id, title in await self._database.fetch(_COMPLETE, (match, max(limit, 0)))]

"""Suggests titles for unfinished text, hot ones first, by the commonest words that begin as it does."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from storage.match import format_match
from storage.words import IN_TITLE, find_words

_EXPANSIONS = 16  # words that a beginning is taken to mean
_LEVELS = json.dumps(list(range(40, 0, -1)))
_LAST = "\U0010ffff"
_MOST_READ = 100  # titles with all finished words that are read for one that begins so

_EXPAND = """
SELECT t.term FROM json_each(?) AS l CROSS JOIN terms AS t
WHERE t.level = l.value AND t.level IS NOT NULL AND t.term >= ? AND t.term < ? LIMIT ?
"""

_TITLES = """
SELECT p.arxiv_id, a.title, coalesce(a.readable_title, a.title)
FROM (SELECT rowid AS r FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ?) AS w
JOIN shelf AS s ON s.key = w.r
JOIN papers AS p ON p.id = s.paper_id
JOIN appearances AS a ON a.id = p.current_id
ORDER BY w.r
"""


def complete_title(
    connection: sqlite3.Connection, words: Sequence[str], beginning: str, limit: int
) -> list[tuple[str, str]]:
    """Return (arXiv id, title) of papers with all the words in the title and one that begins so, the hottest first.

    `words` are finished title words. The beginning stands for the commonest words of titles that have it; where
    there are few titles with the finished words, for any word.
    """
    if not beginning:
        return [row[:2] for row in connection.execute(_TITLES, (format_match(words), limit))]
    found: dict[str, str] = {}
    if words:
        rows = connection.execute(_TITLES, (format_match(words), _MOST_READ)).fetchall()
        found = {arxiv_id: title for arxiv_id, title, readable in rows
                 if any(word.startswith(beginning) for word in find_words(readable))}  # fmt: skip
        if len(found) >= limit or len(rows) < _MOST_READ:
            return list(found.items())[:limit]
    start = IN_TITLE + beginning
    meant = [term for (term,) in connection.execute(_EXPAND, (_LEVELS, start, start + _LAST, _EXPANSIONS))]
    if meant:
        rows = connection.execute(_TITLES, (format_match(words, meant), limit)).fetchall()
        found |= {arxiv_id: title for arxiv_id, title, _ in rows}
    return list(found.items())[:limit]

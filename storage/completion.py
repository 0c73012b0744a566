"""Suggests titles for unfinished text, hot ones first, by the commonest words that begin as it does."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from storage.match import format_match
from storage.words import IN_TITLE, LAST, find_words

_EXPANSIONS = 8  # words that a beginning is taken to mean
_LEVELS = json.dumps(list(range(40, 0, -1)))
_FEW = 5  # titles: with fewer, others are looked for
_MOST_READ = 50  # titles with all finished words that are read for one that begins so

_Title = tuple[str, str, str]  # arXiv id, title, readable title

_EXPAND = """
SELECT t.term, t.df FROM json_each(?) AS l CROSS JOIN terms AS t
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
    few of the titles with the finished words have those, the hottest of them are looked through for any other.
    """
    if not beginning:
        return [row[:2] for row in _find_titles(connection, format_match(words), limit)]
    start = IN_TITLE + beginning
    meant = connection.execute(_EXPAND, (_LEVELS, start, start + LAST, _EXPANSIONS)).fetchall()
    rows = _read_titles(connection, words, meant, limit)
    if words and len(rows) < _FEW and len(meant) == _EXPANSIONS:  # there may be more words that begin so
        some = _find_titles(connection, format_match(words), _MOST_READ)
        rows += [row for row in some if any(word.startswith(beginning) for word in find_words(row[-1]))]
    return list(dict.fromkeys((arxiv_id, title) for arxiv_id, title, _ in rows))[:limit]


def _read_titles(
    connection: sqlite3.Connection, words: Sequence[str], meant: Sequence[tuple[str, int]], limit: int
) -> list[_Title]:
    """Return titles with all the words and one of those meant, which come with how many papers have them."""
    either = [word for word, _ in meant]
    if not meant:
        return []
    if words and sum(papers for _, papers in meant) <= _MOST_READ:  # quicker than to look where lists of words meet
        rows = _find_titles(connection, format_match((), either), _MOST_READ)
        return [row for row in rows if set(words) <= set(map(IN_TITLE.__add__, find_words(row[-1])))]
    return _find_titles(connection, format_match(words, either), limit)


def _find_titles(connection: sqlite3.Connection, match: str, limit: int) -> list[_Title]:
    """Return the titles of the hottest papers that match, each paper once however many days it was on."""
    days = limit
    while True:
        rows = connection.execute(_TITLES, (match, days)).fetchall()
        found = list(dict.fromkeys(rows))
        if len(found) >= limit or len(rows) < days:
            return found[:limit]
        days *= 4

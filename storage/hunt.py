"""Walks through the papers that fit a question, the hottest first, and ranks a stretch of them at a time.

    a way to read ─► a stretch, in the order of keys ─► has all the words? ─► relevance ─► each paper once ─► the page
       (`ways`)              (`stretches`)                                                 (names, phrases)

Relevance is bm25 (title over authors over abstract; Robertson's k1 = 1.2, b = 0.75, as in SQLite) times how hot the
paper was (`Shelves.boosts`). Ranking all papers with a common word would mean reading all of them; as keys follow heat,
the best are nearly always in the first stretch. A small library is one stretch, so ranked exactly. Pages go on from
stretch to stretch, so nothing comes twice or is left out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from operator import mul
from typing import Any

from storage.match import Question
from storage.rows import APPEARANCE
from storage.stretches import Stretch, read_stretches
from storage.ways import Facts, Period, Sizes, read_facts
from storage.words import BY_AUTHOR, LAST, decode_weight

_K1, _B = 1.2, 0.75
_AT_ONCE = 20  # papers whose texts are read at once
_AGAIN = 5  # more keys than papers wanted, as some papers have several

_PAPERS = """
SELECT json_group_array(s.paper_id) FROM json_each(?) AS j CROSS JOIN shelf AS s ON s.key = j.value
"""

_TEXTS = """
SELECT s.paper_id, {columns}
FROM json_each(?) AS j
CROSS JOIN shelf AS s ON s.key = j.value
JOIN papers AS p ON p.id = s.paper_id
JOIN appearances AS a ON a.id = p.current_id
ORDER BY j.key
"""

_HAS_BEGINNING = "SELECT EXISTS (SELECT 1 FROM terms WHERE term >= ? AND term < ? AND df > 0)"

_ALL_TEXTS = "coalesce(a.readable_title, a.title), a.authors, coalesce(a.readable_abstract, a.abstract)"
_ONLY_AUTHORS = "'', a.authors, ''"  # a third of the time

_BEST = "p.best_id"
_BEST_WITHIN = """(
    SELECT id FROM appearances WHERE paper_id = p.id AND day BETWEEN ?2 AND ?3
    ORDER BY breakdown IS NULL, score DESC, rank, day DESC LIMIT 1
)"""
_APPEARANCES = f"""
SELECT {APPEARANCE} FROM json_each(?1) AS j
CROSS JOIN papers AS p ON p.id = j.value
JOIN appearances AS a ON a.id = {{best}}
ORDER BY j.key
"""  # noqa: S608 - of this package's own constants

USUAL = Sizes()


def find_rows(
    connection: sqlite3.Connection,
    question: Question,
    period: Period | None,
    limit: int,
    offset: int,
    sizes: Sizes = USUAL,
) -> list[Any]:
    """Return a page of a search as rows with the columns in `rows.APPEARANCE`."""
    facts = read_facts(connection, question)
    if not facts.size or not all(facts.df.get(word) for word in question.words):
        return []
    if not all(_has_initial(connection, initial) for initial in question.initials):  # else all would be read in vain
        return []
    found: dict[int, None] = {}
    for stretch in read_stretches(connection, question, period, facts, sizes):
        keys = rank(stretch, facts.weigh(question.told), facts)
        if _add_papers(connection, question, keys, found, offset + limit):
            break
    page = json.dumps([*found][offset : offset + limit])
    if period is None:
        return connection.execute(_APPEARANCES.format(best=_BEST), (page,)).fetchall()
    return connection.execute(_APPEARANCES.format(best=_BEST_WITHIN), (page, *period.texts)).fetchall()


def _has_initial(connection: sqlite3.Connection, initial: str) -> bool:
    """Tell whether any author's name has a word that begins so."""
    start = BY_AUTHOR + initial
    return bool(connection.execute(_HAS_BEGINNING, (start, start + LAST)).fetchone()[0])


def rank(stretch: Stretch, weights: Mapping[str, float], facts: Facts) -> list[int]:
    """Return the keys, the most relevant first, equally relevant ones in their order; `weights` by word."""
    steady, growing = _K1 * (1 - _B), _K1 * _B / facts.average
    norms = [steady + growing * length for length in stretch.lengths]
    told = [0.0] * len(norms)
    for word, weight in weights.items():
        idf, counts = weight * (_K1 + 1), map(_COUNT.__getitem__, stretch.letters[word])
        told = [sum_ + idf * n / (n + norm) for sum_, n, norm in zip(told, counts, norms)]  # noqa: B905
    relevance = list(map(mul, told, facts.shelves.boosts(stretch.keys)))
    return [stretch.keys[n] for n in sorted(range(len(norms)), key=relevance.__getitem__, reverse=True)]


_COUNT = {chr(n): decode_weight(chr(n)) for n in range(128)}


def _add_papers(
    connection: sqlite3.Connection, question: Question, keys: Sequence[int], found: dict[int, None], wanted: int
) -> bool:
    """Add the papers of the keys that have the words as they were asked for, each once; tell whether that is enough."""
    for papers in _read_fitting(connection, question, keys, wanted - len(found)):
        found |= dict.fromkeys(papers)
        if len(found) >= wanted:
            return True
    return False


def _read_fitting(
    connection: sqlite3.Connection, question: Question, keys: Sequence[int], wanted: int
) -> Iterator[list[int]]:
    at_once = _AT_ONCE if question.needs_texts else wanted + _AGAIN
    texts = _TEXTS.format(columns=_ALL_TEXTS if question.phrases else _ONLY_AUTHORS)
    for start in range(0, len(keys), at_once):
        some = json.dumps(keys[start : start + at_once])
        if question.needs_texts:
            yield [paper for paper, *fields in connection.execute(texts, (some,)) if question.fits(*fields)]
        else:
            ((papers,),) = connection.execute(_PAPERS, (some,)).fetchall()
            yield json.loads(papers)

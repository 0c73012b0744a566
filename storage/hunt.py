"""Walks through the papers that fit a question, the hottest first, and ranks a stretch of them at a time.

    the rarest words' papers ─► a stretch, in the order of keys ─► has all the words? in the dates? ─► relevance
           (full-text index)        (rowid, LIMIT: not all of them)        (the terms on the shelf)      ─► the page

Relevance is bm25 (title over authors over abstract; Robertson's k1 = 1.2, b = 0.75, as in SQLite) times how hot the
paper is (`Shelves.boost`). Ranking all papers with a common word would mean reading all of them; as keys follow heat,
the best are nearly always in the first stretch. A small library is one stretch, so ranked exactly. Pages go on from
stretch to stretch, so nothing comes twice or is left out.
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import compress
from operator import mul
from typing import Any

from storage.match import Question, format_initials, format_match
from storage.rows import APPEARANCE
from storage.shelves import Shelves, find_spans
from storage.words import ABSENT, BY_AUTHOR, WEIGHT_AT, decode_weight, encode_word

_SHARE = 0.8  # of all papers that have a word which is looked for on the shelf only
_MARGIN = 1.3  # times a stretch: what is expected to be so few papers is not narrowed any further
_ENOUGH = 0.8  # of a stretch
_K1, _B = 1.2, 0.75
_AT_ONCE = 20  # papers whose texts are read at once

_FACTS = """
SELECT
    (SELECT json_group_array(papers) FROM (SELECT papers FROM shelves ORDER BY shelf)),
    (SELECT sum(words) FROM shelves),
    (SELECT min(day) FROM days),
    (SELECT max(day) FROM days),
    (SELECT json_group_object(term, df) FROM terms WHERE term IN (SELECT value FROM json_each(?)))
"""

_ALL = "SELECT rowid AS r FROM words WHERE words MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?"
_WITHIN = """
SELECT w.rowid AS r FROM json_each(?) AS j CROSS JOIN words AS w
WHERE w.words MATCH ? AND w.rowid >= json_extract(j.value, '$[0]') AND w.rowid <= json_extract(j.value, '$[1]') LIMIT ?
"""
_GIVEN = "SELECT value AS r FROM json_each(?)"

_RETURNED = f"""
SELECT json_group_array(DISTINCT key) FROM returns
WHERE day BETWEEN ? AND ? AND NOT ({(1 << 22) - 1} - (key >> 20 & {(1 << 22) - 1})) BETWEEN ? AND ?
"""

_TEXTS = """
SELECT coalesce(a.readable_title, a.title), a.authors, coalesce(a.readable_abstract, a.abstract)
FROM json_each(?) AS j
JOIN shelf AS s ON s.key = j.value
JOIN papers AS p ON p.id = s.paper_id
JOIN appearances AS a ON a.id = p.current_id
ORDER BY j.key
"""

_BEST = "p.best_id"
_BEST_WITHIN = """(
    SELECT id FROM appearances WHERE paper_id = p.id AND day BETWEEN ?2 AND ?3
    ORDER BY breakdown IS NULL, score DESC, rank, day DESC LIMIT 1
)"""
_APPEARANCES = f"""
SELECT {APPEARANCE} FROM json_each(?1) AS j
JOIN shelf AS s ON s.key = j.value
JOIN papers AS p ON p.id = s.paper_id
JOIN appearances AS a ON a.id = {{best}}
ORDER BY j.key
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many papers to rank at once; and how many a library has that is small enough to rank all."""

    stretch: int = 300
    small: int = 10_000


USUAL = Sizes()


@dataclass(frozen=True, slots=True)
class Period:
    """The days a paper has to have appeared in, both ends included."""

    since: date
    until: date

    @property
    def texts(self) -> tuple[str, str]:
        """Both ends as they are stored."""
        return self.since.isoformat(), self.until.isoformat()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the whole library is like: its shelves, the mean length of a paper, how many papers have each word."""

    shelves: Shelves
    size: int
    average: float
    df: Mapping[str, int]

    def weigh(self, word: str) -> float:
        """Return how much a word tells (its inverse document frequency), never nothing."""
        df = self.df.get(word, 0)
        return max(1e-6, math.log((self.size - df + 0.5) / (df + 0.5)))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some papers in the order of keys: their lengths, and for each mark a letter per paper that says its weight."""

    keys: Sequence[int]
    lengths: Sequence[int]
    letters: Mapping[str, str]
    is_mixed: bool = False  # the keys are not in order


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
    found: list[int] = []
    for keys in _find_ranked(connection, question, period, facts, sizes):
        found += _check(connection, question, keys, offset + limit - len(found))
        if len(found) >= offset + limit:
            break
    page = json.dumps(found[offset : offset + limit])
    if period is None:
        return connection.execute(_APPEARANCES.format(best=_BEST), (page,)).fetchall()
    return connection.execute(_APPEARANCES.format(best=_BEST_WITHIN), (page, *period.texts)).fetchall()


def read_facts(connection: sqlite3.Connection, question: Question) -> Facts:
    """Read what is known about the library and the question's words."""
    marks = json.dumps([*question.words, *question.topics])
    papers, words, oldest, newest, df = connection.execute(_FACTS, (marks,)).fetchone()
    counts = json.loads(papers)
    days = [date.fromisoformat(day).toordinal() for day in (oldest or "0001-01-01", newest or "0001-01-01")]
    size = sum(counts)
    return Facts(Shelves(counts, *days), size, words / size if size else 1.0, json.loads(df))


def rank(stretch: Stretch, words: Iterable[str], facts: Facts) -> list[int]:
    """Return the keys, the most relevant paper first, equally relevant ones by key."""
    steady, growing = _K1 * (1 - _B), _K1 * _B / facts.average
    norms = [steady + growing * length for length in stretch.lengths]
    told = [0.0] * len(norms)
    for word in words:
        idf, letters = facts.weigh(word) * (_K1 + 1), stretch.letters[word]
        told = [sum_ + idf * (n := _WEIGHT[one]) / (n + norm) for sum_, one, norm in zip(told, letters, norms)]  # noqa: B905
    relevance = list(map(mul, told, facts.shelves.boosts(stretch.keys)))
    # Keys may be in any order where papers that came back were added; equals stay in the order they have here.
    keys = stretch.keys
    order = sorted(range(len(keys)), key=keys.__getitem__) if stretch.is_mixed else range(len(keys))
    return [keys[n] for n in sorted(order, key=relevance.__getitem__, reverse=True)]


_WEIGHT = {chr(n): decode_weight(chr(n)) for n in range(128)}


def _find_ranked(
    connection: sqlite3.Connection, question: Question, period: Period | None, facts: Facts, sizes: Sizes
) -> Iterator[list[int]]:
    """Yield the keys of papers with all the words and a topic, stretch by stretch, each ranked."""
    words = [word for word in question.words if word[0] != BY_AUTHOR]
    size = max(sizes.small, 1) if facts.size <= sizes.small else sizes.stretch
    for stretch in _read_stretches(connection, question, period, facts, size):
        yield rank(stretch, words, facts)


def _read_stretches(
    connection: sqlite3.Connection, question: Question, period: Period | None, facts: Facts, size: int
) -> Iterator[Stretch]:
    marks = (*question.words, *question.topics)
    match, at_once = _choose_match(question, facts, size)
    ready = [_read_returned(connection, question, period, marks)] if period else []
    after, has_more = -1, True
    while has_more:
        count = sum(len(stretch.keys) for stretch in ready)
        while has_more and count < size * _ENOUGH:
            read = _read(connection, _build_source(match, period, after, at_once), marks)
            has_more = len(read.keys) == at_once
            after = read.keys[-1] if read.keys else after
            ready.append(_keep_fitting(read, question))
            count += len(ready[-1].keys)
            if len(ready[-1].keys) * 8 < len(read.keys):  # what is common in all is rare with the other words
                match, at_once = _format_whole(question), size
        yield _join(ready, marks)
        ready = []


def _choose_match(question: Question, facts: Facts, size: int) -> tuple[str, int]:
    """Choose what to ask of the full-text index, and how many papers at once.

    Of a word that most papers have, or beside one that few have, the index reads a lot and leaves out little: it is
    looked for in the papers' terms.
    """
    groups: list[tuple[int, tuple[str, ...]]] = [(facts.df[word], (word,)) for word in question.words]
    groups.sort(key=_by_count)
    if not groups:
        return _format_whole(question), size
    if question.topics:
        groups.append((min(sum(facts.df.get(topic, 0) for topic in question.topics), facts.size), question.topics))
        groups.sort(key=_by_count)
    expected = float(facts.size)
    for number, (df, _) in enumerate(groups, 1):
        expected *= df / facts.size
        if expected <= size * _MARGIN:
            return " AND ".join(format_match((), group) for _, group in groups[:number]), math.ceil(size * _MARGIN) + 1
    share = 1.0
    while len(groups) > 1 and share * groups[-1][0] >= _SHARE * facts.size:
        share *= groups.pop()[0] / facts.size
    return " AND ".join(format_match((), group) for _, group in groups), math.ceil(size / share)


def _by_count(group: tuple[int, tuple[str, ...]]) -> int:
    return group[0]


def _format_whole(question: Question) -> str:
    whole = format_match(question.words, question.topics)
    # Names that are only initials are in no word: all words that begin so are looked for.
    initials = "" if question.words else format_initials(question.names)
    return " AND ".join(part for part in (whole, initials) if part)


def _build_source(match: str, period: Period | None, after: int, limit: int) -> tuple[str, tuple[Any, ...]]:
    if period is None:
        return _ALL, (match, after, limit)
    spans = [(max(first, after + 1), last) for first, last in find_spans(period.since, period.until) if last > after]
    return _WITHIN, (json.dumps(spans), match, limit)


def _read_returned(
    connection: sqlite3.Connection, question: Question, period: Period | None, marks: Sequence[str]
) -> Stretch:
    """Read the papers that appeared in the dates but have their keys from another day, as far as they fit."""
    if period is None:
        return Stretch([], [], dict.fromkeys(marks, ""))
    days = (period.since.toordinal(), period.until.toordinal())
    ((keys,),) = connection.execute(_RETURNED, (*period.texts, *days)).fetchall()
    return _keep_fitting(_read(connection, (_GIVEN, (keys,)), marks), question)


def _read(connection: sqlite3.Connection, source: tuple[str, tuple[Any, ...]], marks: Sequence[str]) -> Stretch:
    """Read papers' keys, lengths and letters as one row: fetching row by row takes twice as long."""
    sql, parameters = source
    codes = [encode_word(mark) for mark in marks]
    keys, lengths, *letters = connection.execute(_format_read(sql, len(marks)), (*codes, *parameters)).fetchone()
    texts = [text or "" for text in letters]
    return Stretch(json.loads(keys), json.loads(lengths), dict(zip(marks, texts, strict=True)))


@lru_cache(maxsize=256)
def _format_read(source: str, marks: int) -> str:
    letters = f", group_concat(coalesce(substr(s.terms, instr(s.terms, ?) + {WEIGHT_AT}, 1), '{ABSENT}'), '')" * marks
    return (
        f"SELECT json_group_array(m.r), json_group_array(coalesce(s.length, 0)){letters} "
        f"FROM ({source}) AS m LEFT JOIN shelf AS s ON s.key = m.r"
    )


def _keep_fitting(stretch: Stretch, question: Question) -> Stretch:
    """Keep the papers that have all the words and one of the topics."""
    fits = [True] * len(stretch.keys)
    for word in question.words:
        if ABSENT in stretch.letters[word]:
            fits = [fit and letter != ABSENT for fit, letter in zip(fits, stretch.letters[word], strict=True)]
    if question.topics:
        topical = {
            n for topic in question.topics for n, letter in enumerate(stretch.letters[topic]) if letter != ABSENT
        }
        if len(topical) < len(fits):
            fits = [fit and n in topical for n, fit in enumerate(fits)]
    if all(fits):
        return stretch
    return Stretch(
        list(compress(stretch.keys, fits)),
        list(compress(stretch.lengths, fits)),
        {mark: "".join(compress(letters, fits)) for mark, letters in stretch.letters.items()},
    )


def _join(stretches: Sequence[Stretch], marks: Sequence[str]) -> Stretch:
    if len(stretches) == 1:
        return stretches[0]
    return Stretch(
        [key for stretch in stretches for key in stretch.keys],
        [length for stretch in stretches for length in stretch.lengths],
        {mark: "".join(stretch.letters[mark] for stretch in stretches) for mark in marks},
        is_mixed=True,
    )


def _check(connection: sqlite3.Connection, question: Question, keys: Sequence[int], wanted: int) -> list[int]:
    """Return the first keys whose papers have the words as they were asked for."""
    if not question.phrases and not question.names:
        return list(keys[:wanted])
    found: list[int] = []
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        texts = connection.execute(_TEXTS, (json.dumps(some),)).fetchall()
        found += [key for key, text in zip(some, texts, strict=True) if question.fits(*text)]
        if len(found) >= wanted:
            break
    return found[:wanted]

"""Reads the papers that have a question's words, in the order of keys, some hundreds at a time, each as few letters.

A statement answers with one row: the keys, the lengths, and for each word a string with a letter per paper that says
what the word weighs in it. Fetching row by row takes twice as long, and holds the interpreter's lock.
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from storage.match import Question
from storage.shelves import DAY_OF_KEY, count_back
from storage.ways import Facts, Period, Sizes, Way, choose_titled, choose_way, choose_whole
from storage.words import BY_AUTHOR, OF_TOPIC, WEIGHT_AT, encode_word

_ENOUGH = 0.8  # of a stretch
_FEW = 8  # when only one of so many papers read fits, the estimate was wrong
_MOST_MORE = 4  # times a stretch that is read at once when what was read was not enough

_FOUND = "SELECT rowid AS r FROM words WHERE words MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?"
_FOUND_WITHIN = """
SELECT w.rowid AS r FROM json_each(?) AS j CROSS JOIN words AS w
WHERE w.words MATCH ? AND w.rowid >= json_extract(j.value, '$[0]') AND w.rowid <= json_extract(j.value, '$[1]') LIMIT ?
"""
_ALL_WITHIN = """
SELECT s.key AS r FROM json_each(?) AS j CROSS JOIN shelf AS s
WHERE s.key >= json_extract(j.value, '$[0]') AND s.key <= json_extract(j.value, '$[1]') LIMIT ?
"""
_LETTER = f"group_concat(substr(s.repeated, instr(s.repeated, ?{{n}}) + {WEIGHT_AT}, 1), '')"
_HAS = "(instr(s.repeated, ?{n}) OR instr(o.single, ?{n}))"
_HAS_MARK = "instr(o.single, ?{n})"
_KEYS = "json_group_array(s.key), json_group_array(s.length)"
_SHELF = "CROSS JOIN shelf AS s ON s.key = m.r"
_REST = " CROSS JOIN shelf_rest AS o ON o.key = s.key"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some papers in the order of keys: their lengths, and for each mark a letter per paper that says its weight."""

    keys: Sequence[int]
    lengths: Sequence[int]
    letters: Mapping[str, str]


def read_stretches(
    connection: sqlite3.Connection, question: Question, period: Period | None, facts: Facts, sizes: Sizes
) -> Iterator[Stretch]:
    """Yield what fits, all words and one of the topics, within the dates.

    A word in the title says much, so that few of the hottest papers and few of those that have it there are as good as
    many of the hottest: the first stretch is what is cheaper.
    """
    size = sizes.choose(facts.size, needs_texts=question.needs_texts)
    way, titled = choose_way(question, period, facts, size), None
    if size == sizes.stretch and not period and (found := choose_titled(question, facts, sizes.titled)):
        hottest = choose_way(question, period, facts, sizes.hottest)
        if hottest.cost + found.cost < way.cost:
            way, titled, size = hottest, found, sizes.hottest
    after: int | None = -1
    while after is not None:
        ready: list[Stretch] = []
        while after is not None and sum(len(stretch.keys) for stretch in ready) < size * _ENOUGH:
            count, after, stretch = _read(connection, way, question, facts, after)
            ready.append(stretch)
            if len(stretch.keys) * _FEW < count:
                way = choose_whole(question, period, size)
            else:
                way = replace(way, at_once=min(2 * way.at_once, max(way.at_once, _MOST_MORE * size)))
        if titled and after is not None:
            ready.append(_read(connection, titled, question, facts, after)[-1])
        yield _join(ready)
        titled = None


def _read(
    connection: sqlite3.Connection, way: Way, question: Question, facts: Facts, after: int
) -> tuple[int, int | None, Stretch]:
    """Read the next papers; return how many there were, the last key when there may be more, and those that fit."""
    weighed = tuple(facts.weigh(question.told))
    words = tuple(word for word in question.words if word not in way.asked)
    topics = tuple(topic for topic in question.topics if topic not in way.asked)
    marks = tuple(dict.fromkeys((*weighed, *words, *topics)))
    source = tuple(_list_parameters(way, facts, after))
    dates = (count_back(way.passing.until), count_back(way.passing.since)) if way.passing else ()
    statement = _format_read(
        _choose_source(way), len(source), bool(dates),
        *(tuple(marks.index(mark) for mark in some) for some in (weighed, words, topics)),
        tuple(n for n, mark in enumerate(marks) if mark[0] in (BY_AUTHOR, OF_TOPIC)),
    )  # fmt: skip
    parameters = (*source, *dates, *map(encode_word, marks))
    count, last, keys, lengths, *letters = connection.execute(statement, parameters).fetchone()
    texts = (text or "" for text in letters)
    stretch = Stretch(json.loads(keys), json.loads(lengths), dict(zip(weighed, texts, strict=True)))
    return count, last if count == way.at_once else None, stretch


def _list_parameters(way: Way, facts: Facts, after: int) -> Iterator[Any]:
    if way.within:
        yield json.dumps(facts.shelves.find_spans(way.within.since, way.within.until, after))
    if way.match:
        yield way.match
    if not way.within:
        yield after
    yield way.at_once


def _choose_source(way: Way) -> str:
    if way.within:
        return _FOUND_WITHIN if way.match else _ALL_WITHIN
    return _FOUND


@lru_cache(maxsize=256)
def _format_read(
    source: str,
    given: int,
    is_passing: bool,
    weighed: tuple[int, ...],
    words: tuple[int, ...],
    topics: tuple[int, ...],
    marks: tuple[int, ...],
) -> str:
    """Write the statement: `given` parameters are the source's, then come both dates, then words to weigh and look for.

    These are told by their place among the last; `marks` are those that no text has.
    """
    first = given + 2 * is_passing + 1
    columns = ", ".join([_KEYS, *(_LETTER.format(n=first + n) for n in weighed)])
    tests = [f"{DAY_OF_KEY} BETWEEN ?{given + 1} AND ?{given + 2}"] if is_passing else []
    tests += [(_HAS_MARK if n in marks else _HAS).format(n=first + n) for n in words]
    if topics:
        tests.append(f"({' OR '.join(_HAS_MARK.format(n=first + n) for n in topics)})")
    if not tests:
        return f"WITH m AS ({source}) SELECT count(*), max(m.r), {columns} FROM m {_SHELF}"
    return (
        f"WITH m AS MATERIALIZED ({source}) SELECT (SELECT count(*) FROM m), (SELECT max(r) FROM m), {columns} "
        f"FROM m {_SHELF}{_REST if words or topics else ''} WHERE {' AND '.join(tests)}"
    )


def _join(stretches: Sequence[Stretch]) -> Stretch:
    if len(stretches) == 1:
        return stretches[0]
    marks = stretches[-1].letters.keys() & stretches[0].letters.keys()
    return Stretch(
        [key for stretch in stretches for key in stretch.keys],
        [length for stretch in stretches for length in stretch.lengths],
        {mark: "".join(stretch.letters[mark] for stretch in stretches) for mark in marks},
    )

"""Chooses the way to the papers that fit a question: what to ask the index for, and what to look for on the shelf.

The index is quick at rare words, and at leaving out what is common in nothing else; what most of the papers read have
anyway is looked for on the shelf. Dates are stretches of keys on each shelf, worth a question each when the dates are
few and the word common; else papers of other days are passed over. The cheapest way by a rough estimate is taken;
a wrong one finds the same, only later.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from storage.match import Question, format_initials, format_match
from storage.shelves import Shelves
from storage.words import IN_TITLE

# Microseconds on a usual machine; only how they compare counts.
_OPEN, _OPEN_WORD = 110.0, 30.0  # a question to the index
_STEP, _TURN = 0.025, 0.1  # a paper that it passes for a word, and for the rarest of several
_FIND = 0.4  # one that it finds
_ROW, _LOOK = 2.3, 2.0  # a paper read and ranked, and each word looked for on the shelf
_MARGIN = 1.25  # where words are looked for, read as many more papers than are expected to be enough
_LEAST = 16

_FACTS = """
SELECT
    (SELECT json_group_array(papers) FROM (SELECT papers FROM shelves ORDER BY shelf)),
    (SELECT sum(words) FROM shelves),
    (SELECT min(day) FROM days),
    (SELECT max(day) FROM days),
    (SELECT json_group_object(term, df) FROM terms WHERE term IN (SELECT value FROM json_each(?)))
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many papers to rank at once: in the first stretch either the hottest, or fewer of them and some that have a
    word in the title; many where it takes the texts to say which of them fit, as the best are among those only. And how
    many a library has that is small enough to rank all.
    """

    stretch: int = 200
    hottest: int = 100
    titled: int = 50
    small: int = 10_000
    unsure: int = 5_000

    def choose(self, papers: int, *, needs_texts: bool) -> int:
        """Return how many of a library's papers to rank at once."""
        if papers <= self.small:
            return max(self.small, 1)
        return self.unsure if needs_texts else self.stretch


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
    """What the whole library is like: its shelves, a paper's mean length, in how many appearances each word is."""

    shelves: Shelves
    size: int
    average: float
    df: Mapping[str, int]

    def weigh(self, words: Iterable[str]) -> dict[str, float]:
        """Return how much each word tells (its inverse document frequency) where that is more than nothing.

        What half of all papers have tells nothing beside other words; where all words are such, all tell the same.
        """
        odds = {word: (self.size - (df := self.df.get(word, 0)) + 0.5) / (df + 0.5) for word in words}
        return {word: math.log(odd) for word, odd in odds.items() if odd > 1} or dict.fromkeys(odds, 1.0)


def read_facts(connection: sqlite3.Connection, question: Question) -> Facts:
    """Read what is known about the library and the question's words."""
    marks = json.dumps([*question.words, *question.topics, *map(IN_TITLE.__add__, question.told)])
    papers, words, oldest, newest, df = connection.execute(_FACTS, (marks,)).fetchone()
    days = [date.fromisoformat(day).toordinal() for day in (oldest or "0001-01-01", newest or "0001-01-01")]
    shelves = Shelves(tuple(json.loads(papers)), *days)
    size = shelves.size
    return Facts(shelves, size, words / size if size else 1.0, json.loads(df))


@dataclass(frozen=True, slots=True)
class Way:
    """What to ask the index for ("" for nothing: all papers of the dates), and how many papers to read at once.

    `asked` are the index words that need not be looked for: papers found have them. Dates are asked for shelf by shelf,
    or all dates, and papers of others passed over; both None for no dates.
    """

    match: str
    asked: frozenset[str]
    at_once: int
    within: Period | None = None
    passing: Period | None = None
    cost: float = 0.0


def choose_way(question: Question, period: Period | None, facts: Facts, wanted: int) -> Way:
    """Return the way that should be the quickest to so many papers."""
    groups = _group(question, facts)
    return _choose(groups, period, facts, wanted) if groups else choose_whole(question, period, wanted)


def choose_titled(question: Question, facts: Facts, wanted: int) -> Way | None:
    """Return the quickest way to papers that have the rarest word in their titles, None where there are none."""
    rarest = min(question.told, key=facts.df.__getitem__, default="")
    title = IN_TITLE + rarest
    if title not in facts.df:
        return None
    others = [group for group in _group(question, facts) if group.marks != (rarest,)]
    way = _choose([_Group(facts.df[title] / facts.size, (title,)), *others], None, facts, wanted)
    return replace(way, asked=way.asked | {rarest})


def _choose(groups: Sequence[_Group], period: Period | None, facts: Facts, wanted: int) -> Way:
    """Return the cheapest way for groups in the order in which they are to be asked for."""
    cost, is_within, number, found = min(_weigh_ways(groups, period, facts, wanted))
    asked = groups[:number]
    return Way(
        " AND ".join(format_match((), group.marks) for group in asked),
        frozenset(mark for group in asked for mark in group.marks),
        max(_LEAST, math.ceil(found) + 1),
        period if is_within else None,
        None if is_within else period,
        cost,
    )


def choose_whole(question: Question, period: Period | None, wanted: int) -> Way:
    """Return the way that asks the index for everything: where estimates were wrong, it reads nothing in vain."""
    words = question.words
    # Names that are only initials are in no word: all words that begin so are looked for.
    initials = "" if words else format_initials(question.names)
    match = " AND ".join(part for part in (format_match(words, question.topics), initials) if part)
    return Way(match, frozenset((*words, *question.topics)), wanted, within=period)


class _Group(NamedTuple):
    """A word, or topics of which one is enough, and the share of all papers that have it."""

    share: float
    marks: tuple[str, ...]


def _group(question: Question, facts: Facts) -> list[_Group]:
    """Return what a paper must have, the rarest first."""
    groups = [_Group(facts.df[word] / facts.size, (word,)) for word in question.words]
    if question.topics:
        either = sum(facts.df.get(topic, 0) for topic in question.topics) / facts.size
        groups.append(_Group(min(max(either, 1 / facts.size), 1.0), question.topics))
    return sorted(groups)


def _weigh_ways(
    groups: Sequence[_Group], period: Period | None, facts: Facts, wanted: int
) -> Iterator[tuple[float, bool, int, float]]:
    """Yield for each way its cost, whether it asks for the dates, how many groups, and how many papers it reads."""
    in_dates = max(facts.shelves.share(period.since, period.until), 1 / facts.size) if period else 1.0
    every = math.prod(group.share for group in groups)
    common, passed = 1.0, 0.0  # the share of papers that have all that is asked for; index entries passed by
    for number in range(len(groups) + 1):
        if number:
            common *= groups[number - 1].share
            passed += groups[number - 1].share * _STEP
        turns = groups[0].share * _TURN if number > 1 else 0.0
        fits = every / common
        opening = _OPEN + _OPEN_WORD * number if number else 0.0
        one = (passed + turns) / common + _FIND  # to find a paper
        near = _LOOK * (len(groups) - number) + _ROW * fits  # to read it
        here = facts.size * common
        if period:
            found = min(wanted / fits * (_MARGIN if fits < 1 else 1.0), here * in_dates)
            shelves = facts.shelves.count(found / (here * in_dates))
            yield opening * shelves + found * (one + near), True, number, found
        if number:
            found = min(wanted / (fits * in_dates) * (_MARGIN if fits * in_dates < 1 else 1.0), here)
            yield opening + found * (one + in_dates * near), False, number, found

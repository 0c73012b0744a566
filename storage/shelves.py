"""Where a paper stands among all papers, hot ones first: an order that no later paper changes.

A shelf holds the papers that were among the hottest half, quarter, eighth … of their day, whatever the scores were
counted in, so scores of different sources are never compared. On a shelf the newer day comes first. The key of an
appearance says all this in one number, the smaller the hotter: reading in the order of keys reads hot ones first.

    key = shelf (0 the hottest) · day, counted back · place in its day
    bits        3               ·      22           ·      13

Keys are made of the day alone and never renumbered: a day that is replaced makes new ones for its own papers only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate, repeat
from math import log1p, log2
from operator import rshift

SHELVES = 8
# The index keeps the difference from key to key: with places this short, two bytes are enough from day to day.
_PLACE_BITS, _DAY_BITS = 13, 22
_SHELF_AT = _PLACE_BITS + _DAY_BITS
_LAST_DAY = (1 << _DAY_BITS) - 1
_MOST_PLACES = (1 << _PLACE_BITS) - 1
_WARMTH = 0.2


def make_key(day: date, place: int, papers: int) -> int:
    """Return the key of the paper at a place (1 the hottest) among a day's papers; ValueError past 8,191 of them."""
    if not 1 <= place <= min(papers, _MOST_PLACES):
        raise ValueError(f"{papers:,} papers on {day}: a day can have {_MOST_PLACES:,}")
    shelf = SHELVES - min((papers // place).bit_length(), SHELVES)
    return shelf << _SHELF_AT | count_back(day) << _PLACE_BITS | place


def get_shelf(key: int) -> int:
    """Return the shelf of a key."""
    return key >> _SHELF_AT


# The day of a key `m.r` in a statement, counted back; `count_back` says the same of a date.
DAY_OF_KEY = f"(m.r >> {_PLACE_BITS} & {_LAST_DAY})"
# The place in its day of an appearance `a`.
PLACE_OF_KEY = f"(a.key & {_MOST_PLACES})"


def count_back(day: date) -> int:
    """Return a day as keys have it: the newer, the smaller."""
    return _LAST_DAY - day.toordinal()


@dataclass(frozen=True, slots=True)
class Shelves:
    """How many appearances there are on each shelf, and over how many days (`date.toordinal`) they came."""

    papers: tuple[int, ...]
    oldest: int
    newest: int

    @property
    def size(self) -> int:
        """How many there are in all."""
        return sum(self.papers)

    def share(self, since: date, until: date) -> float:
        """Return about what part of all came in some days, 0 to 1."""
        days = min(self.newest, until.toordinal()) - max(self.oldest, since.toordinal()) + 1
        return max(0, days) / (self.newest - self.oldest + 1)

    def count(self, part: float) -> float:
        """Return on about how many shelves the hottest part (0 to 1) of any papers is."""
        used = sum(map(bool, self.papers))
        return min(max(used + 1 + log2(max(part, 1e-9)), 1.0), used)

    def find_spans(self, since: date, until: date, after: int = -1) -> list[tuple[int, int]]:
        """Return for each shelf with papers, the hottest first, the first and last key of those days after a key."""
        newest, oldest = count_back(until), count_back(since)
        spans = [
            (shelf << _SHELF_AT | newest << _PLACE_BITS, shelf << _SHELF_AT | oldest << _PLACE_BITS | _MOST_PLACES)
            for shelf, papers in enumerate(self.papers)
            if papers and newest <= oldest
        ]
        return [(max(first, after + 1), last) for first, last in spans if last > after]

    def boosts(self, keys: Iterable[int]) -> list[float]:
        """Return what the relevance of each is multiplied by: 1.1 for the least, 4 for the hottest of millions.

        It grows with the logarithm of how many papers there are for each at least as hot, counted by shelves and
        on a shelf by days: 1 + 0.2 ln(1 + papers / those at least as hot). In the order of keys it never grows.
        """
        return list(map(_remember(self).__getitem__, map(rshift, keys, repeat(_PLACE_BITS))))


class _Boosts(dict[int, float]):
    """Boosts by shelf and day: questions meet the same hot days again and again."""

    def __init__(self, shelves: Shelves) -> None:
        super().__init__()
        self._papers, self._size = shelves.papers, shelves.size
        self._hotter = [*accumulate(shelves.papers, initial=0)]
        self._days = shelves.newest - shelves.oldest + 1
        self._back = shelves.newest + 1 - _LAST_DAY  # plus a key's day counted back: 1 for the newest day

    def __missing__(self, place: int) -> float:
        shelf, day = place >> _DAY_BITS, place & _LAST_DAY
        as_hot = self._hotter[shelf] + self._papers[shelf] / self._days * (day + self._back)
        boost = self[place] = 1 + _WARMTH * log1p(self._size / as_hot)
        return boost


@lru_cache(maxsize=2)  # one as it is, one as it was before something came in
def _remember(shelves: Shelves) -> _Boosts:
    return _Boosts(shelves)

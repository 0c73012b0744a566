"""Where a paper stands among all papers, hot ones first: an order that no later paper changes.

A shelf holds the papers that were among the hottest half, quarter, eighth … of their day, whatever the scores were
counted in, so scores of different sources are never compared. On a shelf the newer day comes first. A paper's key
says all this in one number, the smaller the hotter, so that reading in the order of the keys reads hot papers first:

    key = shelf (0 the hottest) · day, counted back · place in its day
    bits        3               ·      22           ·      20

Keys are made of the day alone and never renumbered: a day that is replaced makes new ones for its own papers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, groupby
from math import log1p

SHELVES = 8
_PLACE_BITS, _DAY_BITS = 20, 22
_SHELF_AT = _PLACE_BITS + _DAY_BITS
_LAST_DAY = (1 << _DAY_BITS) - 1
_MOST_PLACES = (1 << _PLACE_BITS) - 1
_WARMTH = 0.2


def make_key(day: date, place: int, papers: int) -> int:
    """Return the key of the paper at a place (1 the hottest) among a day's papers; OverflowError past a million."""
    if not 1 <= place <= min(papers, _MOST_PLACES):
        raise OverflowError(f"place {place} of {papers} on {day}")
    shelf = SHELVES - min((papers // place).bit_length(), SHELVES)
    return shelf << _SHELF_AT | (_LAST_DAY - day.toordinal()) << _PLACE_BITS | place


def get_shelf(key: int) -> int:
    """Return the shelf of a key."""
    return key >> _SHELF_AT


def find_spans(since: date, until: date) -> list[tuple[int, int]]:
    """Return for each shelf, the hottest first, the first and last key that a paper of those days can have."""
    newest, oldest = _LAST_DAY - until.toordinal(), _LAST_DAY - since.toordinal()
    return [
        (shelf << _SHELF_AT | newest << _PLACE_BITS, shelf << _SHELF_AT | oldest << _PLACE_BITS | _MOST_PLACES)
        for shelf in range(SHELVES)
        if newest <= oldest
    ]


@dataclass(frozen=True, slots=True)
class Shelves:
    """How many papers there are on each shelf, and over how many days (`date.toordinal`) they came."""

    papers: Sequence[int]
    oldest: int
    newest: int

    def boosts(self, keys: Sequence[int]) -> list[float]:
        """Return what the relevance of each paper is multiplied by: 1.1 for the least, 4 for the hottest of millions.

        It grows with the logarithm of how many papers there are for each at least as hot, counted by shelves and
        on a shelf by days: 1 + 0.2 ln(1 + papers / those at least as hot). In the order of keys it never grows.
        """
        size, days = sum(self.papers), self.newest - self.oldest + 1
        hotter = [*accumulate(self.papers, initial=0)]
        back = self.newest + 1 - _LAST_DAY  # plus a key's day counted back: how old it is, 1 for the newest day
        # A shelf at a time, and the shelf taken off in one step: numbers this large are slow.
        boosts: list[float] = []
        for shelf, on_shelf in groupby(keys, _SHELF_AT.__rrshift__):
            daily, ahead, first = self.papers[shelf] / days, hotter[shelf], (shelf << _DAY_BITS) - back
            boosts += [1 + _WARMTH * log1p(size / (ahead + daily * ((key >> _PLACE_BITS) - first))) for key in on_shelf]
        return boosts

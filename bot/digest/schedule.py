"""When a digest is due: local clock, weekdays and zone in, moments out.

    local date + clock ──fold=0──► moment (UTC)
      an hour that does not exist      moves forward by the gap
      an hour that exists twice        fires once, the first time
      a date that does not exist       is skipped

Reading what people type as clocks and zones is `clock`'s work; what to do about a due moment is others'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, takewhile

from bot.digest.zones import get_zone

MAX_DUES = 400  # a year of days and some
# Days around a UTC date to look at: zones reach a day either way, a gap moves forward by less than one, a week has
# seven, and the one scheduled date in it may be among those that do not exist.
_NEAR, _FAR = 3, 18
_NONE, _DAY = timedelta(0), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A due moment: the local date it is scheduled for, and the moment itself, aware and in UTC.

    A moment moved over midnight by a gap keeps the date it was scheduled for, its identity.
    """

    day: date
    moment: datetime


def find_next(at: time, weekdays: tuple[int, ...], timezone: str, after: datetime) -> Due | None:
    """Return the first due moment strictly after `after`.

    `weekdays` are of local dates, Monday is 0; `after` is aware, in UTC. None where no weekday is chosen or the
    calendar ends. UserError names an unknown zone.
    """
    dues = _find_dues(at, weekdays, get_zone(timezone), _list_days(after, -_NEAR, _FAR))
    return next((due for due in dues if due.moment > after), None)


def find_last(at: time, weekdays: tuple[int, ...], timezone: str, until: datetime) -> Due | None:
    """Return the last due moment at or before `until`; the rest is as for `find_next`."""
    dues = _find_dues(at, weekdays, get_zone(timezone), reversed(_list_days(until, -_FAR, _NEAR)))
    return next((due for due in dues if due.moment <= until), None)


def find_all(
    at: time, weekdays: tuple[int, ...], timezone: str, after: datetime, until: datetime, limit: int = MAX_DUES
) -> list[Due]:
    """Return the due moments after `after`, up to and with `until`, in order; of more than `limit` the last.

    The rest is as for `find_next`.
    """
    days = range(_list_days(after, -_NEAR, 0).start, _list_days(until, 0, _NEAR).stop)
    dues = (due for due in _find_dues(at, weekdays, get_zone(timezone), reversed(days)) if due.moment <= until)
    return list(islice(takewhile(lambda due: due.moment > after, dues), max(0, limit)))[::-1]


def _list_days(around: datetime, first: int, last: int) -> range:
    """Return the ordinals of the UTC dates so many days around a moment, inside the calendar."""
    middle = around.toordinal()
    return range(max(1, middle + first), min(date.max.toordinal(), middle + last) + 1)


def _find_dues(at: time, weekdays: tuple[int, ...], zone: tzinfo, ordinals: Iterable[int]) -> Iterator[Due]:
    clock = at.replace(tzinfo=None, fold=0)
    wanted = {weekday for weekday in weekdays if 0 <= weekday < 7}
    for ordinal in ordinals if wanted else ():
        if (ordinal - 1) % 7 in wanted:  # the calendar's first day is a Monday
            day = date.fromordinal(ordinal)
            moment = _find_moment(day, clock, zone)
            if moment:
                yield Due(day, moment)


def _find_moment(day: date, clock: time, zone: tzinfo) -> datetime | None:
    """Return the moment of a local date and clock in UTC; None if the zone skips that date, or the calendar ends.

    fold=0 reads a clock in a gap by the offset before it, which is forward by the gap, and a repeated one as the
    first. A gap of a day or more is a date line crossed: the day after keeps the clock for itself.
    """
    local = datetime.combine(day, clock, zone)
    try:
        moment = local.astimezone(UTC)
    except OverflowError:
        return None
    gap = (local.replace(fold=1).utcoffset() or _NONE) - (local.utcoffset() or _NONE)  # negative: it exists twice
    return moment if gap < _DAY else None

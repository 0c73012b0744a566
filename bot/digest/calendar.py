"""When arXiv announces papers: at 20:00 US Eastern, Sunday to Thursday, but for its holidays.

    freeze 14:00  Mon  Tue  Wed  Thu  Fri        a holiday has no freeze, so the announcement
                   │    │    │    │    └─► Sun    that would follow it is left out: Friday's
    20:00         Mon  Tue  Wed  Thu              is Sunday's
    feeds, dated  Tue  Wed  Thu  Fri      Mon

Rules: https://info.arxiv.org/help/availability.html; the dates are those of arXiv's own table of holidays. What is
said of it to people, and what the announcements hold, is for others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from bot.digest.zones import get_zone

EASTERN = "America/New_York"
ANNOUNCED_AT, FROZEN_AT = time(20), time(14)
_DAY = timedelta(days=1)
_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6

Reason = Literal[
    "weekend",
    "New Year's Day",
    "Martin Luther King Jr. Day",
    "Juneteenth",
    "Independence Day",
    "Labor Day",
    "Thanksgiving",
    "Christmas Day",
    "winter break",
    "staff day",
    "strike",
    "outage",
]

# The days without a freeze, as arXiv publishes them (arxiv-base, arxiv/db/arxiv_holidays_seed.sql), a year a line.
_SKIPPED = """
2003 12-25 12-26
2004 01-01 01-02 11-25 12-24 12-28 12-30
2005 11-24 12-27 12-29
2006 11-23 12-25 12-26
2007 01-01 11-22 12-24 12-25 12-31
2008 01-01 07-04 11-27 12-25 12-26 12-29 12-31
2009 01-01 07-08 11-26 12-25 12-28 12-29 12-31
2010 01-01 11-25 12-27 12-28 12-30 12-31
2011 11-24 12-26 12-27 12-28 12-30
2012 01-02 11-22 12-24 12-25 12-27 12-28
2013 01-01 11-28 12-25 12-26 12-31
2014 01-01 11-27 12-25 12-26 12-31
2015 01-01 11-26 12-25 12-29
2016 01-01 11-24 12-26 12-28
2017 03-14 11-13 11-23 12-25 12-27
2018 01-01 03-26 09-03 11-22 12-24 12-25 12-27
2019 01-01 01-21 09-02 11-07 11-28 12-25 12-26 12-30
2020 01-01 01-20 06-09 11-26 12-25 12-29 12-30
2021 01-01 10-20 11-25 12-24 12-28 12-30
2022 01-17 06-20 09-05 11-24 12-27 12-29
2023 01-16 06-14 06-19 07-04 08-17 09-04 11-23 12-25 12-27
2024 01-15 05-22 06-19 07-04 09-02 10-08 11-28 12-25 12-26 12-31
2025 01-01 01-20 06-19 07-04 07-06 09-01 11-27 12-25 12-30
2026 01-01 01-19 06-19 07-03 09-07 11-26 12-25 12-29 12-31
"""
_FIRST_YEAR, _LAST_YEAR = 2003, 2026
_ODD: dict[date, Reason] = {
    **dict.fromkeys(
        (date(2009, 7, 8), date(2017, 3, 14), date(2017, 11, 13), date(2018, 3, 26), date(2019, 11, 7)), "outage"
    ),
    **dict.fromkeys(
        (date(2021, 10, 20), date(2023, 6, 14), date(2023, 8, 17), date(2024, 5, 22), date(2024, 10, 8)), "staff day"
    ),
    date(2020, 6, 9): "strike",
}


@dataclass(frozen=True, slots=True)
class Mailing:
    """One announcement of arXiv's: the evening (US Eastern, Sunday to Thursday) and its moment, 20:00, in UTC."""

    day: date
    moment: datetime

    @property
    def feed_day(self) -> date:
        """The day that feeds and listings print on it: the one after, since they are built at midnight."""
        return self.day + _DAY


@dataclass(frozen=True, slots=True)
class Pause:
    """Why there is no announcement in the evening of a day; `is_certain` when arXiv's own list says so.

    Beyond that list only holidays are given that arXiv has kept in every year since 2023.
    """

    day: date
    reason: Reason
    is_certain: bool = True


def find_last(now: datetime) -> Mailing:
    """Return the announcement in force: the last one at or before `now` (aware)."""
    day = now.astimezone(_zone()).date()
    return next(mailing for mailing in _walk(day, -_DAY) if mailing.moment <= now)


def find_next(now: datetime) -> Mailing:
    """Return the first announcement after `now` (aware)."""
    day = now.astimezone(_zone()).date()
    return next(mailing for mailing in _walk(day, _DAY) if mailing.moment > now)


def find_printed(day: date) -> Mailing:
    """Return the announcement that feeds and listings dated `day` (US Eastern) are of."""
    return next(_walk(day - _DAY, -_DAY))


def find_moment(day: date) -> datetime:
    """Return when arXiv announces in the evening of a day (US Eastern), if it does, in UTC."""
    return _build(day).moment


def find_submitted(moment: datetime) -> Mailing:
    """Return the announcement of a paper that was submitted at a moment (aware): the first one whose freeze is later.

    Moderators may hold a paper back for days, so that it may have come later than this.
    """
    return next(mailing for mailing in _walk(get_day(moment), _DAY) if _find_freeze(mailing.day) > moment)


def find_between(since: date, until: date) -> list[Mailing]:
    """Return the announcements in the evenings of these days (US Eastern), both included, in order."""
    days = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return [_build(day) for day in days if find_pause(day) is None]


def find_pause(day: date) -> Pause | None:
    """Return why arXiv announces nothing in the evening of a day (US Eastern), None when it announces."""
    if day.weekday() in (_FRIDAY, _SATURDAY):
        return Pause(day, "weekend")
    frozen = (day - 2 * _DAY, day) if day.weekday() == _SUNDAY else (day,)
    reasons = [reason for one in frozen if (reason := _list_holidays(one.year).get(one))]
    return Pause(day, reasons[0], is_known(frozen[0])) if reasons else None


def is_known(day: date) -> bool:
    """Tell whether arXiv's list covers the day; beyond it a winter break or a staff day may be missing here."""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def get_day(moment: datetime) -> date:
    """Return the date of a moment (aware) in US Eastern time."""
    return moment.astimezone(_zone()).date()


def _walk(day: date, step: timedelta) -> Iterator[Mailing]:
    while True:
        if find_pause(day) is None:
            yield _build(day)
        day += step


def _find_freeze(day: date) -> datetime:
    """Return when the announcement in the evening of a day was closed: on Sunday, what came until Friday."""
    frozen = day - 2 * _DAY if day.weekday() == _SUNDAY else day
    return datetime.combine(frozen, FROZEN_AT, _zone()).astimezone(UTC)


def _build(day: date) -> Mailing:
    return Mailing(day, datetime.combine(day, ANNOUNCED_AT, _zone()).astimezone(UTC))


def _zone() -> ZoneInfo:
    return get_zone(EASTERN)


@cache
def _list_holidays(year: int) -> dict[date, Reason]:
    """Return the days without a freeze in a year, with their reasons."""
    if year < _FIRST_YEAR:
        return {}
    days = _list_usual(year) if year > _LAST_YEAR else _list_published().get(year, [])
    return {day: _name(day) for day in days}


@cache
def _list_published() -> dict[int, list[date]]:
    lines = (line.split() for line in _SKIPPED.split("\n") if line)
    return {int(year): [date.fromisoformat(f"{year}-{day}") for day in days] for year, *days in lines}


def _list_usual(year: int) -> list[date]:
    """Return the holidays that arXiv has kept each year since 2023, for one it has not published yet.

    Two of a fixed date move to Friday or Monday from a weekend, as federal ones do; Christmas Day does not. New
    Year's Day is not among them: in 2024 arXiv announced papers on it.
    """
    christmas = date(year, 12, 25)
    return [
        *([christmas] if christmas.weekday() < _SATURDAY else []),
        _find_weekday(year, 1, _MONDAY, 3),
        _observe(date(year, 6, 19)),
        _observe(date(year, 7, 4)),
        _find_weekday(year, 9, _MONDAY, 1),
        _find_weekday(year, 11, _THURSDAY, 4),
    ]


def _find_weekday(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _observe(day: date) -> date:
    return day + {_SATURDAY: -_DAY, _SUNDAY: _DAY}.get(day.weekday(), timedelta(0))


def _name(day: date) -> Reason:
    """Name a holiday by its date; the days off that have no fixed place are listed one by one."""
    names: dict[int, Reason] = {6: "Juneteenth", 7: "Independence Day", 9: "Labor Day", 11: "Thanksgiving"}
    if day in _ODD:
        return _ODD[day]
    if day.month == 1 and day.day <= 2:
        return "New Year's Day" if day.day == 1 else "winter break"
    if day.month == 12:
        return "Christmas Day" if day.day == 25 else "winter break"
    return names.get(day.month, "Martin Luther King Jr. Day")

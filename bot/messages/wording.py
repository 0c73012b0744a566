"""Dates, plurals and lists of things in words; English, independent of the machine's locale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_day(day: date) -> str:
    """Return a date with its weekday: Tue 13 Apr 2021."""
    return f"{_WEEKDAYS[day.weekday()]} {format_date(day)}"


def format_date(day: date) -> str:
    """Return a date without its weekday: 13 Apr 2021."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def format_span(first: date, last: date) -> str:
    """Return the days from `first` to `last` without saying anything twice: Fri 2 – Sun 4 Apr 2021."""
    if first >= last:
        return format_day(last)
    start = f"{_WEEKDAYS[first.weekday()]} {first.day}"
    if (first.year, first.month) != (last.year, last.month):
        start += f" {_MONTHS[first.month - 1]}"
    if first.year != last.year:
        start += f" {first.year}"
    return f"{start} – {format_day(last)}"


def format_moment(moment: datetime) -> str:
    """Return a UTC time to the minute: 14 Apr 2021, 11:53 UTC."""
    return f"{format_date(moment.date())}, {moment:%H:%M} UTC"


def format_number_of(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: 1 paper, 21 papers, 2 days."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def format_range(first: int, last: int) -> str:
    """Return two ends of a range of numbers, or the one number they are: 1–10, 7."""
    return f"{first}–{last}" if first < last else str(first)


def format_filter(categories: Sequence[str], shown: int = 4) -> str:
    """Return a choice of categories: "all of arXiv", "cs.CV, cs.LG", at most `shown` and then "+21"."""
    if not categories:
        return "all of arXiv"
    more = f" +{len(categories) - shown}" if len(categories) > shown else ""
    return ", ".join(categories[:shown]) + more


def format_list(names: Sequence[str]) -> str:
    """Return names as a sentence has them: "Mon", "Mon and Tue", "Mon, Tue and Wed"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def format_weekdays(weekdays: Sequence[int]) -> str:
    """Return when in the week, for the days 0 (Monday) to 6: "every day", "Mon to Fri", "Sat and Sun"."""
    days = sorted(set(weekdays) & set(range(7)))
    if len(days) == 7:
        return "every day"
    if days == [0, 1, 2, 3, 4]:
        return "Mon to Fri"
    return format_list([_WEEKDAYS[day] for day in days])

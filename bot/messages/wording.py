"""Dates, lists and choices in words, in the language being spoken and independent of the machine's locale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.digest.layout import ANNOUNCEMENT
from bot.digest.taxonomy import render_category
from bot.messages.language import say
from bot.messages.safe import render_name


def format_day(day: date) -> str:
    """Return a date with its weekday: Tue 13 Apr 2021."""
    return say("{weekday} {date}", weekday=get_weekdays()[day.weekday()], date=format_date(day))


def format_date(day: date) -> str:
    """Return a date without its weekday: 13 Apr 2021."""
    return f"{format_day_of_year(day)} {day.year}"


def format_day_of_year(day: date) -> str:
    """Return a date without its year: 13 Apr."""
    return say("{day} {month}", day=day.day, month=_get_months()[day.month - 1])


def get_weekdays() -> list[str]:
    """Return the short names of the days of the week, Monday first."""
    return say("Mon Tue Wed Thu Fri Sat Sun").split()


def _get_months() -> list[str]:
    return say("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()


def format_span(first: date, last: date) -> str:
    """Return the days from `first` to `last` without saying anything twice: Fri 2 – Sun 4 Apr 2021."""
    if first >= last:
        return format_day(last)
    if first.year != last.year:
        start = format_date(first)
    elif first.month != last.month:
        start = format_day_of_year(first)
    else:
        start = say("{day}", day=first.day)
    weekday = get_weekdays()[first.weekday()]
    return f"{say('{weekday} {date}', weekday=weekday, date=start)} – {format_day(last)}"


def format_moment(moment: datetime) -> str:
    """Return a UTC time to the minute: 14 Apr 2021, 11:53 UTC."""
    return f"{format_date(moment.date())}, {moment:%H:%M} UTC"


def format_range(first: int, last: int) -> str:
    """Return two ends of a range of numbers, or the one number they are: 1–10, 7."""
    return f"{first}–{last}" if first < last else str(first)


def format_filter(categories: Sequence[str], shown: int = 4) -> str:
    """Return a choice of categories: "all of arXiv", "cs.CV, cs.LG", at most `shown` and then "+21"."""
    if not categories:
        return say("all of arXiv")
    more = f" +{len(categories) - shown}" if len(categories) > shown else ""
    return ", ".join(categories[:shown]) + more


def format_category(id: str) -> str:
    """Return a category's official name, which has no translation; an archive's as all of it."""
    name = render_category(id)
    archive = name.removeprefix("all of ")
    return name if archive == name else say("all of {archive}", archive=archive)


def format_list(names: Sequence[str]) -> str:
    """Return names as a sentence has them: "Mon", "Mon and Tue", "Mon, Tue and Wed"."""
    if len(names) < 2:
        return "".join(names)
    return say("{names} and {last}", names=", ".join(names[:-1]), last=names[-1])


def render_source(name: str, limit: int) -> str:
    """Return what a post was made without, in at most `limit` code points unless it is arXiv's announcement."""
    return say("arXiv's announcement") if name == ANNOUNCEMENT else render_name(name, limit)


def format_weekdays(weekdays: Sequence[int]) -> str:
    """Return when in the week, for the days 0 (Monday) to 6: "every day", "Mon to Fri", "Sat and Sun"."""
    days = sorted(set(weekdays) & set(range(7)))
    if len(days) == 7:
        return say("every day")
    if days == [0, 1, 2, 3, 4]:
        return say("Mon to Fri")
    return format_list([get_weekdays()[day] for day in days])


def render_coming(when: str, *, has_post: bool) -> str:
    """Return when a digest comes, given as Discord shows it; without a post for it, that it waits for one."""
    return when if has_post else say("{when}, once a new post is there", when=when)


def render_moment(moment: datetime) -> str:
    """Return a time that Discord shows in each reader's own zone: in full, and how far away."""
    seconds = int(moment.timestamp())
    return f"<t:{seconds}:F> (<t:{seconds}:R>)"

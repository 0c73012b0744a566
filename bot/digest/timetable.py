"""When the post of a day can be made, and why some days have none: 24 hours after arXiv's announcement of that evening.

    announcement of a day, 20:00 US Eastern ─► 24 h, in which people find its papers ─► its post

Which evenings have one is `calendar`'s knowledge; that there is a post is for others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.digest import calendar

SCORED_AFTER = timedelta(hours=24)  # the announcement
MADE_WITHIN = timedelta(hours=2)  # from when a post can be made


@dataclass(frozen=True, slots=True)
class Quiet:
    """A day on which arXiv announces nothing; `is_today` where whoever asks does so on that day (US Eastern)."""

    day: date
    reason: calendar.Reason
    is_today: bool


def find_moment(day: date) -> datetime:
    """Return when the papers announced in the evening of a day are scored, in UTC."""
    return calendar.find_moment(day) + SCORED_AFTER


def find_due(now: datetime) -> date:
    """Return the newest day whose papers may be scored now, an arXiv day or not."""
    day = calendar.get_day(now)
    while find_moment(day) > now:
        day -= timedelta(days=1)
    return day


def find_newest(now: datetime) -> date:
    """Return the newest day that has a post, or can have one now."""
    return calendar.find_last(now - SCORED_AFTER).day


def find_expected(now: datetime) -> date:
    """Return the newest day whose post should be there by now, made by itself."""
    return find_newest(now - MADE_WITHIN)


def find_quiet(now: datetime, *, has_post: bool) -> tuple[Quiet, ...]:
    """Return why there is no post now, if arXiv's calendar is why, and that today is a holiday of arXiv's.

    That nothing is announced on Fridays and Saturdays is said only where it is the reason.
    """
    today, due = calendar.get_day(now), find_due(now)
    found = []
    if not has_post and (pause := calendar.find_pause(due)):
        found.append(Quiet(due, pause.reason, due == today))
    pause = calendar.find_pause(today)
    if pause and pause.reason != "weekend" and today != due:
        found.append(Quiet(today, pause.reason, True))
    return tuple(found)

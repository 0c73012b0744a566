"""Reads the options of commands: words a person typed become values, or an error that says what is accepted."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.digest.taxonomy import parse_category
from bot.errors import UserError

PERIODS = {"day": 1, "week": 7, "month": 30, "year": 365}
ALL = "all"
DEFAULT_PERIOD = "week"  # the day is the digest people just read
_AGO = re.compile(r"([0-9]{1,4})\s*(d|days?|w|weeks?|m|months?|y|years?)(?:\s+ago)?", re.IGNORECASE)
_DAYS_OF = {"d": 1, "w": 7, "m": 30, "y": 365}
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?")


def parse_period(text: str) -> str:
    """Return one of day, week, month, year, all; week when nothing was said."""
    period = text.strip().lower() or DEFAULT_PERIOD
    if period not in (*PERIODS, ALL):
        raise UserError("A period is one of {periods} or {all}.", periods=", ".join(PERIODS), all=ALL)
    return period


def parse_categories(text: str) -> tuple[str, ...]:
    """Return the canonical categories of a list such as "cs.CV, stat"; empty for none."""
    parts = (part for part in re.split(r"[,;]", text) if part.strip())
    return tuple(dict.fromkeys(parse_category(part) for part in parts))


def parse_day(text: str, newest: date) -> date | None:
    """Return a day from "2021-04-13", "2021-04", "2021", "30 days" or "2w" (back from `newest`); None for none."""
    text = text.strip()
    if not text:
        return None
    try:
        if ago := _AGO.fullmatch(text):
            return newest - timedelta(days=int(ago[1]) * _DAYS_OF[ago[2][0].lower()])
        if partial := _PARTIAL.fullmatch(text):
            return date(int(partial[1]), int(partial[2] or 1), 1)
        return date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UserError("A date looks like 2021-04-13, 2021-04, 2021 or 30 days.") from None


def find_first_day(period: str, last: date) -> date | None:
    """Return the first day of a period that ends with `last`; None for all days."""
    if period == ALL:
        return None
    return last - timedelta(days=min(PERIODS[period], last.toordinal()) - 1)

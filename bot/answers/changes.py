"""Changes one setting of a digest from what was chosen or typed: the settings that a member's and a channel's share.

Values in, a changed subscription out; storing it, and who may, is left to others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.answers.desk import Limits
from bot.answers.options import parse_categories
from bot.digest.clock import parse_clock, parse_timezone
from bot.digest.taxonomy import find_topics, parse_category
from bot.digest.zones import quote_typed
from bot.errors import UserError
from storage.models import Subscription

MOST_PAPERS = 25  # in one digest
ONLY = ("all", "hot", "very hot")
ALL_WORDS = frozenset({"", "all", "all of arxiv", "everything", "alles"})

_MAX_TYPED = 200
_WEEK = tuple(range(7))
_GROUPS = {
    **dict.fromkeys(("every day", "everyday", "daily", "all", "all days", "täglich", "jeden tag", "alle"), _WEEK),
    **dict.fromkeys(("weekdays", "workdays", "working days", "werktags", "wochentags"), _WEEK[:5]),
    **dict.fromkeys(("weekends", "weekend", "wochenende", "am wochenende"), _WEEK[5:]),
}
# English and German, in full: any beginning of at least two letters means the first day here that has it.
_DAYS = (
    *enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")),
    *enumerate(("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")),
    (2, "weds"),
    (5, "sonnabend"),
)
_RANGE = re.compile(r"\s*(?:[-–—]|\b(?:to|till|until|through|bis)\b)\s*")
_BETWEEN = re.compile(r"[\s,;/+&.]+")
_FILLERS = frozenset({"", "and", "und", "on", "am"})


def change(
    subscription: Subscription, setting: str, values: Sequence[str], limits: Limits, now: datetime
) -> Subscription:
    """Return the subscription with one setting changed: time, timezone, weekdays, count, categories or only.

    `values` are those chosen, or the one typed. UserError says what is accepted.
    """
    changer = _CHANGERS.get(setting)
    if changer is None:
        raise UserError("This digest has no such setting. Open it again with /subscriptions or /digest edit.")
    return changer(subscription, values, limits)


def add_categories(subscription: Subscription, categories: Sequence[str], limits: Limits) -> Subscription:
    """Return the subscription with more categories; all of arXiv (none) and archives take in what they cover.

    UserError where there are more than one digest may have.
    """
    known = subscription.categories
    joined = _drop_covered((*known, *categories)) if known and categories else ()
    return replace(subscription, categories=_check_number(joined, limits))


def remove_category(subscription: Subscription, category: str) -> Subscription:
    """Return the subscription without one of its categories; UserError when it is none of them, or the last."""
    rest = tuple(one for one in subscription.categories if one != category)
    if not subscription.categories:
        raise UserError("Your digest is over all of arXiv. Choose categories in /subscriptions, or stop it there.")
    if len(rest) == len(subscription.categories):
        names = ", ".join(subscription.categories)
        raise UserError("{category} is none of your digest's categories: {names}.", category=category, names=names)
    if not rest:
        raise UserError("{category} is all that is left of your digest. Try again to stop it.", category=category)
    return replace(subscription, categories=rest)


def find_covering(category: str, known: Sequence[str]) -> str | None:
    """Return the one of `known` that holds a category already: itself or its archive; None when none does."""
    return next((topic for topic in find_topics((category,)) if topic in known), None)


def parse_weekdays(text: str) -> tuple[int, ...]:
    """Return the days, 0 (Monday) to 6, of "every day", "weekdays", "mon wed fri", "mo-fr" or "Sa, So".

    English and German are understood. UserError for anything else, and for no day at all.
    """
    typed = " ".join(text[:_MAX_TYPED].casefold().split())
    if typed in _GROUPS:
        return _GROUPS[typed]
    words = [word for word in _BETWEEN.split(_RANGE.sub("-", typed)) if word not in _FILLERS]
    days = {day for word in words for day in _parse_days(word, text)}
    if not days:
        raise UserError("Choose at least one day of the week: every day, weekdays, mon wed fri.")
    return tuple(sorted(days))


def _parse_days(word: str, text: str) -> tuple[int, ...]:
    """Return the days of one word: a group, a day, or a stretch of days, which may go over Sunday."""
    if word in _GROUPS:
        return _GROUPS[word]
    first, _, last = word.partition("-")
    start, end = _find_day(first), _find_day(last or first)
    if start is None or end is None:
        raise UserError(
            "“{typed}” is no day of the week. Try every day, weekdays, mon wed fri, or mo-fr.", typed=quote_typed(text)
        )
    return tuple((start + step) % 7 for step in range((end - start) % 7 + 1))


def _find_day(word: str) -> int | None:
    return next((day for day, name in _DAYS if len(word) >= 2 and name.startswith(word)), None)


def _change_time(subscription: Subscription, values: Sequence[str], limits: Limits) -> Subscription:
    return replace(subscription, at=parse_clock(_take_one(values)))


def _change_timezone(subscription: Subscription, values: Sequence[str], limits: Limits) -> Subscription:
    return replace(subscription, timezone=parse_timezone(_take_one(values)))


def _change_weekdays(subscription: Subscription, values: Sequence[str], limits: Limits) -> Subscription:
    chosen = {int(value) for value in values if value in set("0123456")}
    is_chosen = bool(values) and len(chosen) == len(set(values))
    return replace(subscription, weekdays=tuple(sorted(chosen)) if is_chosen else parse_weekdays(" ".join(values)))


def _change_count(subscription: Subscription, values: Sequence[str], limits: Limits) -> Subscription:
    typed = _take_one(values).strip()
    count = int(typed) if re.fullmatch(r"[0-9]{1,3}", typed) else 0
    if not 1 <= count <= MOST_PAPERS:
        raise UserError("How many papers is a number from 1 to {most}.", most=MOST_PAPERS)
    return replace(subscription, count=count)


def _change_only(subscription: Subscription, values: Sequence[str], limits: Limits) -> Subscription:
    only = " ".join(re.split(r"[\s_-]+", _take_one(values).strip().casefold()))
    if only not in ONLY:
        raise UserError("How hot is one of all, hot or very hot.")
    return replace(subscription, only=only)


def _change_categories(subscription: Subscription, values: Sequence[str], limits: Limits) -> Subscription:
    return replace(subscription, categories=_check_number(_parse_list(values), limits))


def _parse_list(values: Sequence[str]) -> tuple[str, ...]:
    """Return the categories chosen, or those of the one text typed; none is all of arXiv."""
    if len(values) != 1:
        return tuple(dict.fromkeys(map(parse_category, values)))
    typed = " ".join(values[0].split())
    if typed.casefold() in ALL_WORDS:
        return ()
    try:
        return (parse_category(typed),)  # a name may have commas: "Distributed, Parallel, and Cluster Computing"
    except UserError:
        return parse_categories(typed)


def _drop_covered(categories: Sequence[str]) -> tuple[str, ...]:
    """Return categories once each, without those whose whole archive is among them."""
    return tuple(
        one
        for one in dict.fromkeys(categories)
        if not any(topic != one and topic in categories for topic in find_topics((one,)))
    )


def _check_number(categories: tuple[str, ...], limits: Limits) -> tuple[str, ...]:
    if len(categories) > limits.categories:
        raise UserError(
            "A digest has at most {most} categories, this would be {count}. "
            "Take some out, or choose a whole archive such as cs.",
            most=limits.categories,
            count=len(categories),
        )
    return categories


def _take_one(values: Sequence[str]) -> str:
    if not values:
        raise UserError("Nothing was chosen. Choose or type one value.")
    return values[0]


_CHANGERS: dict[str, Callable[[Subscription, Sequence[str], Limits], Subscription]] = {
    "time": _change_time,
    "timezone": _change_timezone,
    "weekdays": _change_weekdays,
    "count": _change_count,
    "only": _change_only,
    "categories": _change_categories,
}

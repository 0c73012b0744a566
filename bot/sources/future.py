"""What arXiv can't have announced yet: papers with an id of a month that is none or has not come, feeds of later days.

Ids and days are what a feed is held against from one day to the next, so that one slip of arXiv's, taken for true,
would make everything after it look old. `latest` is the last day that can be meant: that after today's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.errors import SourceError
from bot.sources.announced import MAX_NOTES, Feed
from bot.sources.feeds import refuse
from bot.sources.freshness import FeedMemory, Mark

_ID = re.compile(r"(?P<archive>[^/]+/)?(?P<year>[0-9]{2})(?P<month>0[1-9]|1[0-2]).*")


def is_possible(arxiv_id: str, latest: date) -> bool:
    """Tell whether an id can be given by a day: https://info.arxiv.org/help/arxiv_identifier.html has its month."""
    found = _ID.fullmatch(arxiv_id)
    if not found:
        return False
    year = int(found["year"])
    century = 1900 if found["archive"] and year > 90 else 2000  # the ids with an archive are those until 2007
    return (century + year, int(found["month"])) <= (latest.year, latest.month)


def refuse_future(feed: Feed, name: str, latest: date) -> Feed:
    """Return a feed without the papers that can't be announced yet, which are noted.

    SourceError, beginning with `name`, when it is of a later day, or has no other papers.
    """
    if feed.day and feed.day > latest:
        raise _explain_day(feed.day, name)
    kept = tuple(one for one in feed.announcements if is_possible(one.paper.arxiv_id, latest))
    if len(kept) == len(feed.announcements):
        return feed
    odd = _list_odd((one.paper.arxiv_id for one in feed.announcements), latest)
    if not kept:
        raise refuse(name, f"has only ids of months that are none or have not come: {odd}")
    note = f"{name}: what has an id of a month that is none or has not come is left out: {odd}"
    return replace(feed, announcements=kept, notes=(*feed.notes, note))


def _explain_day(day: date, name: str) -> SourceError:
    return refuse(name, f"is dated {day}, which has not come (if it has, set this computer's clock)")


def _list_odd(arxiv_ids: Iterable[str], latest: date) -> str:
    odd = [arxiv_id for arxiv_id in arxiv_ids if not is_possible(arxiv_id, latest)]
    more = f" and {len(odd) - MAX_NOTES:,} more" if len(odd) > MAX_NOTES else ""
    return ", ".join(odd[:MAX_NOTES]) + more


def forget_future(memory: FeedMemory, latest: date) -> FeedMemory:
    """Return a memory without what can't be: an older version, or a clock that was wrong, may have left that."""
    validators = {path: one for path, one in memory.validators.items() if not one.day or one.day <= latest}
    marks = {name: _mend(mark, latest) for name, mark in memory.marks.items() if mark.day <= latest}
    return FeedMemory(validators, {name: mark for name, mark in marks.items() if mark.newest})


def _mend(mark: Mark, latest: date) -> Mark:
    """Return a mark with the ids that can be; its newest is "" when none can."""
    before = mark.before if is_possible(mark.before, latest) else ""
    return replace(mark, before=before) if is_possible(mark.newest, latest) else Mark(mark.day, before)

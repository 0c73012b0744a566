"""Finds sources that have been silent for longer than their calendar allows; telling of it is for others.

arxiv                     no announcement that its calendar has, by noon of the day after
huggingface, hackernews,
bluesky's counts          nothing for two posts in a row; there is none to be made on weekends and holidays
bluesky's stream          no event for six hours: on Bluesky people write every second
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.collecting.hearing import find_heard
from bot.digest import calendar
from bot.digest.timetable import find_moment, find_newest
from storage.candidates import ARXIV
from storage.models import SourceState
from storage.store import Store

COUNTING = ("huggingface", "hackernews", "bluesky")
NAMES = (ARXIV, *COUNTING)
STREAM = "bluesky"
FEEDS_AFTER = timedelta(hours=16)  # the announcement; the feeds are built at midnight, four hours after it
ASKED_WITHIN = timedelta(hours=1)  # from when a post can be made
STREAM_SILENT = timedelta(hours=6)  # the stream repeats 36 hours, so that nothing is lost by then


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that says nothing: since when, None if it never said anything, and why as far as is known."""

    name: str
    since: datetime | None
    cause: str


async def find_silences(store: Store, now: datetime) -> tuple[Silence, ...]:
    """Find the sources that are silent, in the order of their names here; one that was never asked is not."""
    states = {one.name: one for one in await store.sources.list() if one.name in NAMES}
    found = [await _judge_arxiv(store, states.get(ARXIV), now)]
    stream = await _judge_stream(store, now)
    for name in COUNTING:
        judged = _judge_counts(states[name], now) if name in states else None
        found.append(judged or (stream if name == STREAM else None))
    return tuple(one for one in found if one)


async def _judge_arxiv(store: Store, state: SourceState | None, now: datetime) -> Silence | None:
    """Judge by what was announced: feeds that still have yesterday's list answer well, and are silent all the same."""
    expected, last = calendar.find_last(now - FEEDS_AFTER), await store.candidates.last_day()
    if state is None or (last is not None and last >= expected.day):
        return None
    cause = state.detail if state.has_failed else f"its feeds do not have the announcement of {expected.day}"
    return Silence(ARXIV, calendar.find_moment(last) if last else None, cause)


def _judge_counts(state: SourceState, now: datetime) -> Silence | None:
    newest = find_newest(now - ASKED_WITHIN)
    before = find_newest(find_moment(newest) - timedelta(seconds=1))
    is_heard = state.ok_at is not None and state.ok_at >= find_moment(before)
    return None if is_heard or not state.has_failed else Silence(state.name, state.ok_at, state.detail)


async def _judge_stream(store: Store, now: datetime) -> Silence | None:
    heard = await find_heard(store)
    if heard is None or heard.until > now - STREAM_SILENT:
        return None
    return Silence(STREAM, heard.until, "its stream of posts can't be heard")

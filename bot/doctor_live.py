"""Examines live posts: whether the newest is there, how each source fares, and whether posts are pushed.

Nothing is asked for it: what is known is what was found when sources were asked last.
"""

from __future__ import annotations

from datetime import date, datetime

from bot.collecting.hearing import find_heard
from bot.collecting.pushing import find_pushed
from bot.collecting.silence import NAMES, STREAM, find_silences
from bot.digest.timetable import find_expected, find_moment
from bot.findings import Finding
from bot.settings import Settings
from bot.sources.address import LIVE
from storage.models import SourceState
from storage.store import Store


async def examine_live(settings: Settings, store: Store, now: datetime) -> list[Finding]:
    """Say how each live source fares, if posts are made here, and how far they were pushed, if they are to be."""
    found = []
    if settings.posts_source == LIVE:
        states = {one.name: one for one in await store.sources.list()}
        silent = {one.name: one.cause for one in await find_silences(store, now)}
        heard = await find_heard(store)
        for name in NAMES:
            finding = _check_source(name, states.get(name), silent.get(name))
            told = f"; heard until {_format(heard.until)}" if heard and name == STREAM else ""
            found.append(Finding(finding.name, finding.is_ok, finding.detail + told, finding.what_to_do))
    return [*found, await _check_push(settings, store)] if settings.posts_push else found


def check_live_posts(newest: date | None, now: datetime) -> Finding:
    """Say whether the post is there that should be by now: none comes of weekends and arXiv's holidays."""
    expected = find_expected(now)
    if newest is None:
        return Finding("posts", False, "none is stored", "`hotpapers run` makes the newest, or `hotpapers collect`")
    detail = f"newest of {newest}, made here"
    if newest >= expected:
        return Finding("posts", True, detail)
    detail = f"{detail}; that of {expected} is missing since {_format(find_moment(expected))}"
    return Finding("posts", False, detail, "see the sources below, and whether `hotpapers run` is running")


def _check_source(name: str, state: SourceState | None, silent: str | None) -> Finding:
    title = f"source {name}"
    if state is None:
        return Finding(title, None, "was not asked yet")
    answered = f"last answered {_format(state.ok_at)}" if state.ok_at else "never answered"
    if silent is not None:
        return Finding(title, False, f"{answered}: {silent}", "posts are made without it; is it down, or blocked here?")
    if state.has_failed and state.failed_at:
        return Finding(title, None, f"{answered}; failed {_format(state.failed_at)}: {state.detail}")
    return Finding(title, True, f"{answered}: {state.detail}")


async def _check_push(settings: Settings, store: Store) -> Finding:
    """Say how far posts were pushed."""
    place, pushed = str(settings.posts_push), await find_pushed(store, str(settings.posts_push))
    if settings.posts_source != LIVE:
        return Finding("push", None, f"nothing is pushed to {place}: only posts made here are, with POSTS_SOURCE=live")
    done = f"newest of {pushed.day}" if pushed.day else "nothing yet"
    if pushed.trouble and pushed.since:
        detail = f"{done}, not since {_format(pushed.since)}: {pushed.trouble}"
        return Finding("push", False, detail, "it is tried again by itself; see POSTS_PUSH")
    return Finding("push", True if pushed.day else None, f"{done}, to {place}")


def _format(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"

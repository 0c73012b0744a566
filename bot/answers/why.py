"""Finds why a digest came or did not: what is known of each step on its way, and the first cause there is.

    paused, channel or permission missing ─► on its way, failed, uncertain ─► held back ─► source ─► post ─► papers
    ─► not due yet │ sent ─► and what followed it

Nothing is recorded for it: the answer follows from what is stored and what may be done in the channel now. What is
stored is `progress`' work, how it is said `messages.why`'s.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.answers.access import NEEDED_TO_POST, find_site
from bot.answers.desk import Desk
from bot.answers.progress import Progress, find_choice, find_pause, find_progress
from bot.answers.sending import DMS_CLOSED
from bot.answers.values import Caller
from bot.digest.layout import find_incomplete, find_missing, is_made_here
from bot.digest.schedule import find_next
from bot.digest.timetable import find_quiet
from bot.digest.zones import get_zone
from bot.messages.causes import Cause, Step, Why
from bot.messages.digest_panel import Site
from bot.messages.message import Message
from bot.messages.why import render_why
from storage.candidates import ARXIV
from storage.models import Delivery, Subscription
from storage.store import Store

_PAUSES: dict[str, Cause] = {
    "asked": "asked",
    "permission": "permission",
    "channel gone": "channel gone",
    DMS_CLOSED: "DMs closed",
    "left the server": "left the server",
}
_WAITING: tuple[Cause, ...] = ("source", "no post", "nothing new", "on its way", "checking")
_TRIED = timedelta(hours=20)  # what was given up on after so long had its day; a refusal comes with the first try


async def answer_why(subscription: Subscription, desk: Desk, caller: Caller) -> Message:
    """Answer why a digest came or did not, in words; who may ask was checked before."""
    return render_why(await find_why(desk, subscription, caller.now))


async def find_why(desk: Desk, subscription: Subscription, now: datetime) -> Why:
    """Find how the last digest of a subscription fared, and the first thing to know of it."""
    store, is_channel = desk.store, subscription.target.kind == "channel"
    progress = await find_progress(store, subscription, now)
    site = find_site(desk, subscription) if is_channel else Site()
    pause = await find_pause(store, now) if subscription.target.kind == "member" else None
    choice = await find_choice(store, subscription, progress)
    told = progress.last if progress.is_told else None
    why = Why(
        subscription,
        source=await _find_source(store),
        post=_find_post(progress),
        papers=Step(choice.count > 0, choice.moment),
        permission=_find_permission(subscription, site, progress, pause, now),
        sent=_find_sent(told),
        cause="sent",
        day=progress.newest.day if progress.newest else None,
        paper_count=choice.count,
        caught_up=choice.caught_up,
        nothing=choice.nothing,
        missing=site.missing,
        state=told.state if told else "",
        error=(told.last_error or "") if told else "",
        attempts=told.attempts if told else 0,
        sent_parts=sum(part.state == "sent" for part in progress.parts) if told else 0,
        retry_at=told.retry_at if told else None,
        follow_ups=progress.steps if progress.is_told else (),
        dms_until=pause,
        url=await _find_url(store, subscription, progress),
        next_at=_find_next(subscription, now),
        is_before=progress.is_before,
        has_post=progress.has_post,
        **await _find_live(store, progress, now),
    )
    cause = _find_obstacle(why, site) or _find_hold(why, progress) or _find_course(why, progress, now)
    return replace(why, cause=cause, is_waiting=progress.is_due and cause in _WAITING)


async def _find_source(store: Store) -> Step:
    """Return whether any source was reached when it was last asked; posts brought in by hand count too."""
    states = await store.sources.list()
    reached = [one.ok_at for one in states if one.ok_at and (one.failed_at is None or one.failed_at <= one.ok_at)]
    if reached:
        return Step(True, max(reached))
    failed = [one.failed_at for one in states if one.failed_at]
    ingested = await store.days.last_ingest()
    return Step(False, max(failed)) if failed else Step(ingested is not None, ingested)


def _find_post(progress: Progress) -> Step:
    """Return whether there is a post for the digest; with nothing due the newest is all there need be."""
    newest = progress.newest
    is_there = not progress.is_stale or (newest is not None and progress.is_told)
    return Step(is_there, newest.generated_at or newest.ingested_at) if newest else Step(False)


async def _find_live(store: Store, progress: Progress, now: datetime) -> dict[str, Any]:
    """Return what there is to say of posts that are made out of live sources: why none is there, what one lacks."""
    header = progress.newest.front_matter if progress.newest else {}
    if not is_made_here(header) and not any(one.name == ARXIV for one in await store.sources.list()):
        return {}
    return {
        "quiet": find_quiet(now, has_post=not progress.is_stale),
        "made_without": find_missing(header),
        "made_of_part": find_incomplete(header),
    }


def _find_permission(
    subscription: Subscription, site: Site, progress: Progress, pause: datetime | None, now: datetime
) -> Step:
    """Return whether a digest may be sent where it goes: in a channel as it is now, by DM as the last try showed."""
    last = progress.last
    if subscription.target.kind == "channel":
        return Step(site.is_there and not site.missing, now)
    if pause is not None:
        return Step(False, now)
    if subscription.pause_reason == DMS_CLOSED:
        return Step(False, subscription.paused_at)
    if last is not None and last.last_error == DMS_CLOSED:
        return Step(False, last.finished_at or last.last_attempt_at)
    return Step(True, last.finished_at if last and last.state == "sent" else None)


def _find_sent(told: Delivery | None) -> Step:
    if told is None:
        return Step(False)
    return Step(told.state == "sent", told.finished_at or told.last_attempt_at or told.planned_at)


async def _find_url(store: Store, subscription: Subscription, progress: Progress) -> str | None:
    """Return where the last message that was sent is; a page's is on the page."""
    if subscription.target.kind == "page":
        return None
    known = [part for part in progress.parts[:1] if part.state == "sent"]
    if not known:
        known = await store.deliveries.list(subscription.id or 0, "sent", limit=1, newest_first=True, kind="digest")
    sent = next((one for one in known if one.channel_id and one.message_id), None)
    if sent is None:
        return None
    return f"https://discord.com/channels/{subscription.guild_id or '@me'}/{sent.channel_id}/{sent.message_id}"


def _find_next(subscription: Subscription, now: datetime) -> datetime | None:
    due = find_next(subscription.at, subscription.weekdays, subscription.timezone, now)
    return None if subscription.is_paused or due is None else due.moment


def _find_obstacle(why: Why, site: Site) -> Cause | None:
    """Return what keeps the digest from being sent at all."""
    subscription = why.subscription
    if subscription.is_paused:
        return _PAUSES.get(subscription.pause_reason or "", "failing")
    if not site.is_there:
        return "channel gone"
    if set(NEEDED_TO_POST) & set(site.missing):
        return "permission"
    return "tag" if site.needs_tag and subscription.tag is None else None


def _find_hold(why: Why, progress: Progress) -> Cause | None:
    """Return what holds a digest back that is due or promised: all direct messages rest, or history is read first."""
    if not progress.is_waiting or (progress.is_stale and not progress.is_told):
        return None
    if why.subscription.check_since is not None:
        return "checking"
    return "DMs paused" if why.dms_until else None


def _find_course(why: Why, progress: Progress, now: datetime) -> Cause:
    """Return how far a digest has come that nothing keeps from being sent."""
    match why.state:
        case "pending" | "sending":
            return "retrying" if why.error else "on its way"
        case "uncertain":
            return "uncertain"
        case "failed":
            return _find_failure(why, progress.last)
    if progress.newest is None or progress.is_stale:
        return "no post" if why.source.is_ok else "source"
    if why.missing:  # it arrives, though not with all that it should have
        return "permission"
    if why.state == "sent":
        return _find_end(why)
    if progress.is_broken:
        return "broken"
    if progress.is_due:
        return "on its way" if why.papers.is_ok else "nothing new"
    return "not due" if _is_day(why.subscription, now) else "not today"


def _find_failure(why: Why, last: Delivery | None) -> Cause:
    if why.error == DMS_CLOSED:
        return "DMs closed"
    was_tried = last is not None and last.planned_at and last.finished_at and last.finished_at - last.planned_at
    return "late" if why.error == "too late" or (was_tried and was_tried >= _TRIED) else "failed"


def _find_end(why: Why) -> Cause:
    """Return what there is to know of a digest that was sent."""
    failed = [step for step in why.follow_ups if step.state == "failed"]
    if any(step.last_error == "message deleted" for step in failed):
        return "deleted"
    if failed:
        return "limping"
    return "sent" if why.papers.is_ok else "quiet"


def _is_day(subscription: Subscription, now: datetime) -> bool:
    """Tell whether today is one of a digest's days of the week, on its own clock."""
    return now.astimezone(get_zone(subscription.timezone)).weekday() in subscription.weekdays

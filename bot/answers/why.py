"""Finds why a digest came or did not: what is known of each step on its way, and the first cause there is.

    paused, channel or permission missing ─► sent, or failed ─► source ─► post ─► papers ─► not due yet

Nothing is recorded for it: the answer follows from what is stored and what may be done in the channel now. How it
is said is `messages.why`'s work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.answers.access import NEEDED_TO_POST, find_site
from bot.answers.desk import Desk
from bot.answers.digests import find_digest
from bot.answers.sending import DMS_CLOSED
from bot.answers.values import Caller
from bot.digest.schedule import find_last, find_next
from bot.messages.digest_panel import Site
from bot.messages.message import Message
from bot.messages.summary import render_reason
from bot.messages.why import Cause, Step, Why, render_why
from storage.models import Day, Delivery, Subscription
from storage.store import Store

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_PAUSES: dict[str, Cause] = {
    "asked": "asked",
    "permission": "permission",
    "channel gone": "channel gone",
    DMS_CLOSED: "DMs closed",
    "left the server": "left the server",
}
_WAITING: tuple[Cause, ...] = ("source", "no post", "nothing new", "on its way")


async def answer_why(subscription: Subscription, desk: Desk, caller: Caller) -> Message:
    """Answer why a digest came or did not, in words; who may ask was checked before."""
    return render_why(await find_why(desk, subscription, caller.now))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is stored of a digest: the newest day and the last promise, of which `covers` says that it has that day.

    `is_due` says that the digest's time has come since that promise; `is_stale` that there is no new post for it.
    """

    newest: Day | None
    last: Delivery | None
    covers: bool
    is_due: bool
    is_stale: bool


async def find_why(desk: Desk, subscription: Subscription, now: datetime) -> Why:
    """Find how the last digest of a subscription fared, and the first thing to know of it."""
    facts = await _find_facts(desk.store, subscription, now)
    site = find_site(desk, subscription) if subscription.target.kind == "channel" else Site()
    why = Why(
        subscription,
        source=await _find_source(desk.store),
        post=_find_post(facts),
        papers=Step(False),
        permission=_find_permission(subscription, site, facts, now),
        sent=_find_sent(facts),
        cause="sent",
        day=facts.newest.day if facts.newest else None,
        missing=site.missing,
        failure=_find_failure(facts),
        url=await _find_url(desk.store, subscription, facts),
        next_at=_find_next(subscription, now),
    )
    why = await _add_papers(why, facts, desk.store)
    cause = _find_obstacle(why, site) or _find_progress(why, facts)
    return replace(why, cause=cause, is_waiting=facts.is_due and cause in _WAITING)


async def _find_facts(store: Store, subscription: Subscription, now: datetime) -> _Facts:
    number = subscription.id or 0
    newest, last = await store.days.latest(), (await store.deliveries.last([number])).get(number)
    due = find_last(subscription.at, subscription.weekdays, subscription.timezone, now)
    since = (last.planned_at if last else None) or subscription.created_at or _BEGINNING
    is_due = due is not None and due.moment > since
    is_new = newest is not None and _is_new(newest, subscription, await store.deliveries.find_covered(number))
    covers = newest is not None and last is not None and newest.day in last.editions
    return _Facts(newest, last, covers, is_due, is_stale=newest is None or (is_due and not is_new))


def _is_new(newest: Day, subscription: Subscription, covered: set[date]) -> bool:
    begun = subscription.created_edition
    return newest.day not in covered and (begun is None or newest.day > begun)


async def _find_source(store: Store) -> Step:
    """Return whether any source was reached when it was last asked; posts brought in by hand count too."""
    states = await store.sources.list()
    reached = [one.ok_at for one in states if one.ok_at and (one.failed_at is None or one.failed_at <= one.ok_at)]
    if reached:
        return Step(True, max(reached))
    failed = [one.failed_at for one in states if one.failed_at]
    ingested = await store.days.last_ingest()
    return Step(False, max(failed)) if failed else Step(ingested is not None, ingested)


def _find_post(facts: _Facts) -> Step:
    """Return whether there is a post for the digest; with nothing due the newest is all there need be."""
    newest = facts.newest
    return Step(not facts.is_stale, newest.generated_at or newest.ingested_at) if newest else Step(False)


def _find_permission(subscription: Subscription, site: Site, facts: _Facts, now: datetime) -> Step:
    """Return whether a digest may be sent where it goes: in a channel as it is now, by DM as the last try showed."""
    last = facts.last
    if subscription.target.kind == "channel":
        return Step(site.is_there and not site.missing, now)
    if subscription.pause_reason == DMS_CLOSED:
        return Step(False, subscription.paused_at)
    if last is not None and last.last_error == DMS_CLOSED:
        return Step(False, last.finished_at)
    return Step(True, last.finished_at if last and last.state == "sent" else None)


def _find_sent(facts: _Facts) -> Step:
    last = facts.last
    if last is None or not facts.covers or facts.is_stale:
        return Step(False)
    return Step(last.state == "sent", last.finished_at or last.planned_at)


def _find_failure(facts: _Facts) -> str:
    """Return what sending the newest day said when it did not arrive."""
    last = facts.last
    if last is None or not facts.covers or facts.is_stale or last.state not in ("failed", "uncertain"):
        return ""
    return "uncertain" if last.state == "uncertain" else last.last_error or "outage"


async def _find_url(store: Store, subscription: Subscription, facts: _Facts) -> str | None:
    """Return where the last message that was sent is."""
    known = [facts.last] if facts.last and facts.last.state == "sent" else []
    if not known:
        known = await store.deliveries.list(subscription.id or 0, "sent", limit=1, newest_first=True)
    sent = next((one for one in known if one.channel_id and one.message_id), None)
    if sent is None:
        return None
    return f"https://discord.com/channels/{subscription.guild_id or '@me'}/{sent.channel_id}/{sent.message_id}"


def _find_next(subscription: Subscription, now: datetime) -> datetime | None:
    due = find_next(subscription.at, subscription.weekdays, subscription.timezone, now)
    return None if subscription.is_paused or due is None else due.moment


async def _add_papers(why: Why, facts: _Facts, store: Store) -> Why:
    """Return `why` with the papers that were chosen of the newest day, or would be now, or why none."""
    last = facts.last
    if facts.is_stale:
        return why
    if last is not None and facts.covers:
        parts = await store.deliveries.list(last.subscription_id, occasion=last.occasion)
        count = sum(len(part.papers) for part in parts)
        return replace(why, papers=Step(count > 0, last.planned_at), paper_count=count)
    digest = await find_digest(store, why.subscription)
    recorded = None if digest.papers else await store.occasions.last(why.subscription.id or 0)
    papers = Step(bool(digest.papers), recorded[2] if recorded else None)
    return replace(why, papers=papers, paper_count=len(digest.papers), nothing=render_reason(digest))


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


def _find_progress(why: Why, facts: _Facts) -> Cause:
    """Return how far a digest has come that nothing keeps from being sent."""
    if facts.newest is None or facts.is_stale:
        return "no post" if why.source.is_ok else "source"
    if why.failure:
        return "uncertain" if why.failure == "uncertain" else "DMs closed" if why.failure == DMS_CLOSED else "failed"
    if why.missing:  # it arrives, though not with all that it should have
        return "permission"
    if facts.covers:
        return "sent" if why.sent.is_ok else "on its way"
    if not facts.is_due:
        return "not due"
    return "on its way" if why.papers.is_ok else "nothing new"

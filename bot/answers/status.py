"""How the bot is doing: figures for whoever runs it, and for members what is new, what comes next, what arrives.

What due, sent, doubled and lost mean is said in `reliability`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from bot import __version__
from bot.answers.desk import Desk
from bot.answers.prospects import find_fresh
from bot.answers.records import format_time
from bot.answers.reliability import find_reliability, find_trouble
from bot.answers.values import Caller
from bot.collecting.hearing import find_heard
from bot.collecting.pushing import find_pushed
from bot.digest.schedule import find_next
from bot.messages.language import format_integer, say, say_count
from bot.messages.message import Message
from bot.messages.notices import render_notice
from bot.messages.safe import render_name
from bot.messages.terminal import clean
from bot.messages.troubles import render_trouble
from bot.messages.wording import format_day, render_coming, render_moment
from storage.models import SourceState, Subscription
from storage.store import Store

_NEXT_SHOWN = 10


async def find_status(store: Store, database: Path, size: int, now: datetime) -> dict[str, Any]:
    """Find the figures as a JSON object; `size` is the file's in bytes, days are null when there are none."""
    latest, oldest = await store.days.latest(), await store.days.oldest()
    heard, pushed = await find_heard(store), await find_pushed(store)
    return {
        "version": __version__,
        "database": str(database),
        "size": size,
        "schema": await store.get_schema(),
        "days": await store.days.count(),
        "first_day": oldest.isoformat() if oldest else None,
        "last_day": latest.day.isoformat() if latest else None,
        "papers": await store.papers.count(),
        "last_ingest": format_time(await store.days.last_ingest()),
        "subscriptions": len(await store.subscriptions.list()),
        "last_30_days": await _find_figures(store, now),
        "sources": [_format_source(one) for one in await store.sources.list()],
        "bluesky_heard_until": format_time(heard.until if heard else None),
        "pushed": pushed.day.isoformat() if pushed.day else None,
        "push_trouble": pushed.trouble or None,
    }


def _format_source(state: SourceState) -> dict[str, Any]:
    return {
        "name": state.name,
        "answered_at": format_time(state.ok_at),
        "failed_at": format_time(state.failed_at),
        "detail": state.detail,
    }


async def _find_figures(store: Store, now: datetime) -> dict[str, int]:
    fared = await find_reliability(store, now)
    return {"due": fared.due, "sent": fared.sent, "doubled": fared.doubled, "lost": fared.lost}


def render_status(found: dict[str, Any]) -> str:
    """Render the figures as lines for people."""
    lines = [
        f"Hot Papers {found['version']}",
        f"database       {found['database']} (schema {found['schema']}, {found['size'] / 1e6:.1f} MB)",
        f"days           {found['days']:,}"
        + (f" ({found['first_day']} to {found['last_day']})" if found["days"] else ""),
        f"papers         {found['papers']:,}",
        f"last change    {found['last_ingest'] or 'never: nothing has been ingested yet'}",
        f"subscriptions  {found['subscriptions']:,}",
        "last 30 days   " + ", ".join(f"{count:,} {name}" for name, count in found["last_30_days"].items()),
        *(f"source         {clean(_describe_source(one))}" for one in found["sources"]),
        *(
            [f"heard          Bluesky until {_shorten(found['bluesky_heard_until'])}"]
            if found["bluesky_heard_until"]
            else []
        ),
        *([f"pushed         posts up to {found['pushed']}"] if found["pushed"] else []),
        *([f"not pushed     {clean(found['push_trouble'])}"] if found["push_trouble"] else []),
    ]
    return "\n".join(lines)


def _describe_source(found: dict[str, Any]) -> str:
    answered, failed = found["answered_at"], found["failed_at"]
    told = f"{found['name']}, {f'answered {_shorten(answered)}' if answered else 'never answered'}"
    has_failed = failed and failed > (answered or "")
    return f"{told}; failed {_shorten(failed)}: {found['detail']}" if has_failed else told


def _shorten(moment: str) -> str:
    """Return a time of the figures to the minute: "2026-11-13 18:00 UTC"."""
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"


async def answer_status(desk: Desk, caller: Caller) -> Message:
    """Answer how the bot is doing: for everyone what is stored and what comes next here, for its owner more."""
    store = desk.store
    latest, changed = await store.days.latest(), await store.days.last_ingest()
    lines = [
        say("### Hot papers {version}", version=__version__),
        say("newest post: {day}", day=format_day(latest.day)) if latest else say("newest post: none yet"),
        say("last change: {moment}", moment=render_moment(changed)) if changed else "",
        *await _list_next(desk, caller),
        await _describe_reliability(desk.store, caller.now),
    ]
    if caller.is_owner:
        lines += await _describe_inside(desk, caller)
    return render_notice(*lines)


async def _describe_reliability(store: Store, now: datetime) -> str:
    fared = await find_reliability(store, now)
    return say(
        "last 30 days: {due} due, {sent} sent, {doubled} doubled, {lost} lost",
        due=format_integer(fared.due),
        sent=format_integer(fared.sent),
        doubled=format_integer(fared.doubled),
        lost=format_integer(fared.lost),
    )


async def _list_next(desk: Desk, caller: Caller) -> list[str]:
    """Return when the next digests come: of this channel, for admins of the whole server, else one's own.

    Not every member sees every channel.
    """
    guild, here = caller.place.guild_id, caller.place.channel_id
    known = await desk.store.subscriptions.list(None if guild else caller.target, guild)
    known = [one for one in known if not guild or caller.place.is_admin or one.target.id == here]
    dues = [(due, one) for one in known if not one.is_paused and (due := _find_next(one, caller.now))]
    dues.sort(key=lambda pair: pair[0])
    fresh = await find_fresh(desk.store, [one for _, one in dues[:_NEXT_SHOWN]])
    lines = [
        say(
            "next digest in {place}: {moment}",
            place=_render_place(one),
            moment=render_coming(render_moment(due), has_post=one.id in fresh),
        )
        for due, one in dues[:_NEXT_SHOWN]
    ]
    if more := len(dues) - _NEXT_SHOWN:
        lines += [say_count(more, "and {n} more", "and {n} more")] if more > 0 else []
    return lines or [say("next digest: none is set up here")]


def _find_next(subscription: Subscription, now: datetime) -> datetime | None:
    due = find_next(subscription.at, subscription.weekdays, subscription.timezone, now)
    return due.moment if due else None


def _render_place(subscription: Subscription) -> str:
    return f"<#{subscription.target.id}>" if subscription.target.kind == "channel" else say("your messages")


async def _describe_inside(desk: Desk, caller: Caller) -> list[str]:
    """Return what only the bot's owner needs: the queue, failures, what stands in the way, the sources."""
    lines = [say("### Inside"), *await _describe_queue(desk.store, caller.now)]
    for source in await desk.store.sources.list():
        reached = render_moment(source.ok_at) if source.ok_at else say("never")
        line = say("source {name}: reached {moment}", name=render_name(source.name, 60), moment=reached)
        lines.append(f"✗ {line}" if source.has_failed else line)
    if heard := await find_heard(desk.store):
        lines.append(say("Bluesky was heard until {moment}", moment=render_moment(heard.until)))
    if (await find_pushed(desk.store)).trouble:
        lines.append(say("✗ new posts can't be pushed: `hotpapers doctor` says why"))
    return lines


async def _describe_queue(store: Store, now: datetime) -> list[str]:
    """Return what waits, what was given up on and why, and what keeps digests from being sent now."""
    fared, trouble = await find_reliability(store, now), await find_trouble(store, now)
    waiting = say_count(trouble.waiting, "{n} message in the queue", "{n} messages in the queue")
    if trouble.oldest and trouble.oldest <= now:
        waiting = say("{waiting}, due since {moment}", waiting=waiting, moment=render_moment(trouble.oldest))
    lines = [waiting]
    if fared.uncertain:
        lines.append(say_count(fared.uncertain, "{n} may have arrived", "{n} may have arrived"))
    lines += [
        say("{n} given up on: {problem}", n=format_integer(count), problem=render_trouble(error))
        for error, count in fared.failures
    ]
    if trouble.dms_until:
        lines.append(say("✗ no direct messages until {moment}", moment=render_moment(trouble.dms_until)))
    if trouble.copied_at:
        moment = render_moment(trouble.copied_at)
        lines.append(
            say(
                "✗ another copy of this bot runs with its token: stop it, or reset the token. Seen {moment}",
                moment=moment,
            )
        )
    return lines

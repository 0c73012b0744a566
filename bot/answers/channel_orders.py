"""What is done with a channel's digest as a whole: begun, copied, moved, posted, let rest and go on.

Every step works within the caller's own server and returns what has become of the digest, with lines to say of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.answers.access import check_admin, find_channel, find_site, is_ready
from bot.answers.channel_changes import change_channel_digest, settle
from bot.answers.desk import Desk
from bot.answers.values import Caller
from bot.digest.arrivals import Arrivals, choose_hour, describe_arrivals
from bot.digest.clock import guess_timezone
from bot.digest.zones import get_zone
from bot.errors import UserError
from bot.messages.digest_notes import name_permissions, render_copies, render_full, render_outcome
from bot.messages.digest_panel import MOST_COPIES
from bot.messages.language import say, say_error
from bot.messages.safe import render_prose
from storage.models import Subscription, Target
from storage.store import Store

ARRIVALS_READ = 100  # posts whose arrival tells when they usually do
# The options of /digest add that set something: (option, setting), in an order in which each finds what it needs.
_SETTINGS = (
    ("categories", "categories"),
    ("timezone", "timezone"),
    ("days", "weekdays"),
    ("count", "count"),
    ("only", "only"),
    ("mention", "mention"),
    ("discussion_thread", "thread"),
)


def expect(changed: Subscription | None) -> Subscription:
    """Return a changed digest; UserError when it was removed in the meantime."""
    if changed is None:
        raise UserError("This digest was removed in the meantime. /digest list shows those there are.")
    return changed


async def find_arrivals(store: Store) -> Arrivals:
    """Return when the last posts arrived."""
    return describe_arrivals(await store.days.arrivals(ARRIVALS_READ))


async def add(options: Mapping[str, str], desk: Desk, caller: Caller) -> Subscription:
    """Store a digest as /digest add asks for it, with a default for whatever is left out."""
    guild_id = check_admin(caller)
    channel = find_channel(desk, guild_id, options.get("channel") or caller.place.channel_id or "")
    newest = await desk.store.days.latest()
    new = Subscription(
        Target("channel", channel.id),
        timezone=guess_timezone(caller.locale),
        created_at=caller.now,
        created_edition=newest.day if newest else None,
        created_by=caller.target.id,
        guild_id=guild_id,
        language=caller.server_language,
        channel_kind=channel.kind,
    )
    for option, setting in _SETTINGS:
        if option in options:
            new = change_channel_digest(new, setting, [options[option]], desk, caller.now)
    new = change_channel_digest(new, "tag", [options.get("tag", "")], desk, caller.now)
    return await _store(await _set_time(new, options, desk, caller), channel.name, desk)


async def _set_time(new: Subscription, options: Mapping[str, str], desk: Desk, caller: Caller) -> Subscription:
    """Return the digest with the time asked for, else the one by which most posts have arrived on its clock."""
    if "time" in options:
        return change_channel_digest(new, "time", [options["time"]], desk, caller.now)
    return replace(new, at=convert_hour(choose_hour(await find_arrivals(desk.store)), new.timezone, caller.now))


def convert_hour(hour: time, timezone: str, now: datetime) -> time:
    """Return an hour in UTC as the clock of a zone shows it today, the next full hour where that is none."""
    local = datetime.combine(now.astimezone(UTC).date(), hour, UTC).astimezone(get_zone(timezone))
    late = local + timedelta(minutes=-local.minute % 60)
    return time(late.hour)


async def _store(new: Subscription, name: str, desk: Desk) -> Subscription:
    most = desk.limits.digests_per_channel
    stored = await desk.store.subscriptions.add_bounded(new, most)
    if stored is None:
        raise UserError(
            "#{name} has {most} digests already, the most a channel may have. Change one with /digest edit.",
            name=name,
            most=most,
        )
    return stored


async def copy(subscription: Subscription, channel_ids: Sequence[str], desk: Desk, caller: Caller) -> list[str]:
    """Add the same digest to other channels; return a line for each, whether it is there and what it lacks."""
    wanted = [one for one in dict.fromkeys(channel_ids) if one.isascii() and one.isdecimal()][:MOST_COPIES]
    if not wanted:
        raise UserError("No channel was chosen. Choose one or more.")
    return render_copies([(one, await _copy_to(subscription, one, desk, caller)) for one in wanted])


async def _copy_to(subscription: Subscription, channel_id: str, desk: Desk, caller: Caller) -> str:
    """Add the same digest to one channel; return what stands in its way, "" when nothing does."""
    try:
        channel = find_channel(desk, check_admin(caller), channel_id)
        copied = settle(subscription, channel)
    except UserError as error:
        return render_prose(say_error(error), 400)
    known = await desk.store.subscriptions.list(copied.target)
    if any((one.categories, one.only) == (copied.categories, copied.only) for one in known):
        return say("it has this digest already")
    newest = await desk.store.days.latest()
    new = replace(
        copied,
        id=None,
        created_at=caller.now,
        created_by=caller.target.id,
        created_edition=newest.day if newest else None,
        paused_at=None,
        pause_reason=None,
        told_at=None,
        check_since=None,
    )
    stored = await desk.store.subscriptions.add_bounded(new, desk.limits.digests_per_channel)
    return _describe_copy(stored, desk)


def _describe_copy(stored: Subscription | None, desk: Desk) -> str:
    if stored is None:
        return render_full(desk.limits.digests_per_channel)
    missing = find_site(desk, stored).missing
    if not missing:
        return ""
    return say("added, but permissions are missing: {permissions}", permissions=name_permissions(missing))


async def move(
    subscription: Subscription, channel_id: str, desk: Desk, caller: Caller
) -> tuple[Subscription, list[str]]:
    """Let a digest go to another channel from now on, which also ends a pause for want of the old one."""
    channel = find_channel(desk, check_admin(caller), channel_id)
    known = await desk.store.subscriptions.list(Target("channel", channel.id))
    if channel.id != subscription.target.id and len(known) >= desk.limits.digests_per_channel:
        raise UserError("#{name} has as many digests as a channel may have. Remove one first.", name=channel.name)
    changed = await desk.store.subscriptions.change(subscription.id or 0, lambda latest: settle(latest, channel))
    return expect(changed), [say("Moved to {channel}.", channel=f"<#{channel.id}>")]


async def post(subscription: Subscription, request: str, desk: Desk, caller: Caller) -> tuple[Subscription, list[str]]:
    """Post a digest now, once for each request; what can't arrive is not tried."""
    if desk.sender is None:
        raise UserError("This page sends nothing. In Discord it would be posted in the channel.")
    site = find_site(desk, subscription)
    if not is_ready(subscription, site):
        return subscription, [say("✗ Not posted: see below what is missing.")]
    outcome = await desk.sender.send(subscription, f"now:{request}", caller.now)
    lines = render_outcome(subscription, outcome.state, outcome.reason, outcome.url, is_repeat=outcome.is_repeat)
    return await _reload(subscription, desk), lines


async def _reload(subscription: Subscription, desk: Desk) -> Subscription:
    """Return a digest as it is now: sending may have paused it."""
    return expect(await desk.store.subscriptions.get(subscription.id or 0))


async def pause(subscription: Subscription, desk: Desk, now: datetime) -> Subscription:
    """Let a digest rest as asked; one that rests already keeps its day and reason."""
    return expect(
        await desk.store.subscriptions.change(
            subscription.id or 0,
            lambda known: known if known.is_paused else replace(known, paused_at=now, pause_reason="asked"),
        )
    )


async def resume(subscription: Subscription, desk: Desk) -> tuple[Subscription, list[str]]:
    """Let a resting digest go on, unless what it rests for is still so."""
    if not is_ready(subscription, find_site(desk, subscription)):
        return subscription, [say("✗ It can't go on yet: see below what is missing.")]
    changed = await desk.store.subscriptions.change(
        subscription.id or 0, lambda known: replace(known, paused_at=None, pause_reason=None, told_at=None)
    )
    return expect(changed), [say("It goes on.") if subscription.is_paused else say("It was not paused.")]

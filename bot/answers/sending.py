"""Sends a member's digest on demand, pauses it and lets it go on: the steps that ordering and the settings share.

Whether direct messages are open is only ever known from sending one, so sending also pauses and resumes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.answers.desk import Desk
from bot.answers.values import Caller
from bot.answers.venue import Outcome
from bot.errors import UserError
from bot.messages.language import say
from bot.messages.orders import render_outcome
from bot.messages.subscriptions import draw_request
from storage.models import Subscription

DMS_CLOSED = "DMs closed"


def expect(changed: Subscription | None) -> Subscription:
    """Return a changed digest; UserError when it was removed in the meantime."""
    if changed is None:
        raise UserError("Your digest was removed in the meantime. /subscribe begins a new one.")
    return changed


async def send(
    subscription: Subscription, occasion: str, desk: Desk, caller: Caller
) -> tuple[Subscription, list[str], str | None]:
    """Send a digest now; return what has become of it, what to say, and where the message is.

    This is also how closed direct messages are found, and found open again.
    """
    if desk.sender is None:
        raise UserError("This page sends nothing. In Discord it would come by direct message.")
    outcome = await desk.sender.send(subscription, occasion, caller.now)
    lines = render_outcome(outcome.state, outcome.reason, is_first=occasion == "first", is_repeat=outcome.is_repeat)
    return await _follow(subscription, outcome, desk, caller.now), lines, outcome.url


async def _follow(subscription: Subscription, outcome: Outcome, desk: Desk, now: datetime) -> Subscription:
    """Pause a digest that cannot be sent because direct messages are closed; let it go on when they are open.

    What came of an earlier request proves nothing about now.
    """
    if outcome.is_repeat:
        return subscription
    if outcome.state == "failed" and outcome.reason == DMS_CLOSED:
        return await pause(subscription, DMS_CLOSED, desk, now)
    if outcome.state != "failed" and subscription.pause_reason == DMS_CLOSED:
        return await _unpause(subscription, desk)
    return subscription


async def resume(subscription: Subscription, desk: Desk, caller: Caller) -> tuple[Subscription, list[str], str | None]:
    """Let a digest go on, after the proof of a message where direct messages were closed."""
    if subscription.pause_reason == DMS_CLOSED and await desk.store.deliveries.list(
        subscription.id, "pending", limit=1, kind="digest"
    ):
        return await _unpause(subscription, desk), [say("Your digest goes on. What was held back comes now.")], None
    if subscription.pause_reason == DMS_CLOSED and desk.sender:
        # Another request than the button's in the panel shown afterwards, which is drawn from the same moment.
        return await send(subscription, f"now:c{draw_request(caller.now)}", desk, caller)
    return await _unpause(subscription, desk), [say("Your digest goes on.")], None


async def pause(subscription: Subscription, reason: str, desk: Desk, now: datetime) -> Subscription:
    """Pause a digest, which its member is told by the answer; one that is paused already keeps its day and reason."""

    def rest(known: Subscription) -> Subscription:
        told = replace(known, told_at=known.told_at or now)
        return told if known.is_paused else replace(told, paused_at=now, pause_reason=reason)

    return expect(await desk.store.subscriptions.change(subscription.id or 0, rest))


async def _unpause(subscription: Subscription, desk: Desk) -> Subscription:
    """Let a digest go on with what comes from now on: what it missed while paused was not wanted."""
    newest = await desk.store.days.latest()

    def unpause(known: Subscription) -> Subscription:
        edition = newest.day if newest else known.created_edition
        return replace(known, paused_at=None, pause_reason=None, told_at=None, created_edition=edition)

    return expect(await desk.store.subscriptions.change(subscription.id or 0, unpause))

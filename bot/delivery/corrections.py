"""Follows a post that was corrected after its digests were planned.

    all parts wait ─► planned anew      all are done with ─► those that look different are edited, without a ping
    some are on their way ─► later

An edit has as many messages as were sent: when the papers need more or fewer, the last says so and none is deleted.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.answers.digests import Chooser
from bot.delivery.due import CATCH_UP
from bot.delivery.freeze import Freezer
from bot.delivery.identity import find_identity
from bot.delivery.plan import list_parts
from bot.delivery.shared import name_of
from bot.delivery.transport import MESSAGE_GONE
from bot.digest.selection import Digest
from bot.messages.corrections import add_more, render_left_over
from bot.messages.language import speak
from storage.models import Day, Delivery, Step, Subscription
from storage.store import Store

_SILENT = 1 << 12  # https://discord.com/developers/docs/resources/message#message-object-message-flags
WINDOW = timedelta(days=7)  # in which a message that was sent is corrected
_log = logging.getLogger(__name__)


async def correct(store: Store, now: datetime, recipients: Collection[str] = ("channel", "member")) -> bool:
    """Plan anew, or edit, the digests of posts that were corrected; return False when some must wait for later."""
    is_done = True
    for subscription_id, occasion in await store.deliveries.list_outdated(now - WINDOW):
        subscription = await store.subscriptions.get(subscription_id)
        if subscription is None or subscription.target.kind not in recipients:
            continue
        try:
            is_done &= await _correct_one(store, subscription, occasion, now)
        except ValueError:  # one that can't be rendered must not keep the others from being corrected
            _log.exception("digest %s of subscription %s could not be corrected", occasion, subscription_id)
    return is_done


async def _correct_one(store: Store, subscription: Subscription, occasion: str, now: datetime) -> bool:
    async with store.deliveries.planning:
        parts = await list_parts(store, subscription.id or 0, occasion)
        days = [day for edition in parts[0].editions if (day := await store.days.get(edition)) is not None]
        digest = await _choose(store, subscription, parts, days)
        states = {part.state for part in parts}
        if states == {"pending"}:
            return await _replan(store, digest, parts, now)
        if states & {"pending", "sending", "uncertain"}:
            return False
        edits = _list_edits(digest, parts, await _find_gone(store, parts))
        revisions = [day.revision for day in days]
        await store.steps.correct(subscription.id or 0, occasion, revisions, edits, now)
    return True


async def _choose(store: Store, subscription: Subscription, parts: Sequence[Delivery], days: Sequence[Day]) -> Digest:
    """Choose the digest again, from what its target was not given by any other."""
    own = {paper for part in parts for paper in part.papers}
    chooser = Chooser(store)
    pool = await chooser.find_pool(subscription, days)
    given = await store.deliveries.given(subscription.target, pool.ids)
    digest = await chooser.choose(subscription, pool, given - own)
    return replace(digest, is_catch_up=parts[0].occasion.startswith(CATCH_UP))


async def _replan(store: Store, digest: Digest, parts: Sequence[Delivery], now: datetime) -> bool:
    """Promise the digest as it is now in place of what waits; one that would be empty stays as it was."""
    first = parts[0]
    if not digest.papers and not digest.subscription.has_quiet_line:
        revisions = [day.revision for day in digest.days]
        await store.steps.correct(first.subscription_id, first.occasion, revisions, (), now)
        return True
    is_silent = _is_silent(first)
    made = Freezer().freeze(
        _unping(digest, first), first.occasion, first.due_at, generation=first.generation, is_silent=is_silent
    )
    return await store.deliveries.replan(made, now)


def _list_edits(digest: Digest, parts: Sequence[Delivery], gone: set[int | None]) -> list[Step]:
    """Return the edits of the messages that were sent and look different now, but for those that are gone."""
    first = parts[0]
    made = Freezer().freeze(_unping(digest, first), first.occasion, first.due_at, generation=first.generation)
    edits = []
    for part in parts:
        if part.state != "sent" or part.id in gone:
            continue
        message, papers = _find_message(digest, made if digest.papers else [], part, parts)
        if _looks(message) != _looks(json.loads(part.payload)["message"]):
            edits.append(Step("edit", json.dumps(message), papers, part.id))
    return edits


async def _find_gone(store: Store, parts: Sequence[Delivery]) -> set[int | None]:
    """Return the ids of the parts whose message turned out to be deleted."""
    steps = [step for part in parts for step in await store.steps.list(part.id or 0)]
    return {step.delivery_id for step in steps if step.last_error == MESSAGE_GONE}


def _find_message(
    digest: Digest, made: Sequence[Delivery], part: Delivery, parts: Sequence[Delivery]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what a message is to show, with its papers: the new part of its number, or that there is none."""
    marker = find_identity(*name_of(part))
    with speak(digest.subscription.language):
        if part.part > len(made):
            return render_left_over(digest, marker).to_payload(), ()
        new = made[part.part - 1]
        message: dict[str, Any] = json.loads(new.payload)["message"]
        message = json.loads(json.dumps(message).replace(find_identity(*name_of(new)), marker))
        more = sum(len(one.papers) for one in made[len(parts) :]) if part.part == len(parts) else 0
        if more:
            message["content"] = add_more(message["content"], more)
    return message, new.papers


def _unping(digest: Digest, first: Delivery) -> Digest:
    """Return the digest with the ping its first message has, or without."""
    message = json.loads(first.payload)["message"]  # not known of what was recognised after a restore
    has_ping = bool(message and message["allowed_mentions"].get("roles"))
    subscription = digest.subscription if has_ping else replace(digest.subscription, mention=None)
    return replace(digest, subscription=subscription)


def _is_silent(part: Delivery) -> bool:
    return bool(json.loads(part.payload)["message"].get("flags", 0) & _SILENT)


def _looks(message: dict[str, Any] | None) -> object:
    """Return what can be seen of a message."""
    return message and (message.get("content"), message.get("components"))

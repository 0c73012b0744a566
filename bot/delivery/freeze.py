"""Freezes a chosen digest as it will be sent, so that a retry sends the same whatever has changed since.

Digests that differ in nothing but whom they are for are rendered once, with stand-ins for what differs: the marker
in every button, and the subscription's id in those that act on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.delivery.identity import find_identity
from bot.digest.selection import Digest
from bot.messages.digest import Part, render_parts, render_quiet
from bot.messages.language import speak
from bot.messages.summary import render_heading
from storage.models import Delivery, Step, Subscription

_THREAD_NAME = 100  # characters: https://discord.com/developers/docs/resources/channel#channel-object
_ANY_ID = 999_999_999_999_999_999  # as long as a custom id takes; no subscription's


@dataclass(frozen=True, slots=True)
class _Frozen:
    """One message with stand-ins, and the papers it gives."""

    payload: str
    papers: tuple[str, ...]
    steps: tuple[Step, ...]


class Freezer:
    """Makes promises of chosen digests."""

    def __init__(self) -> None:
        self._frozen: dict[Hashable, list[_Frozen]] = {}

    def freeze(
        self, digest: Digest, occasion: str, due_at: datetime | None, *, generation: int = 1, is_silent: bool = False
    ) -> list[Delivery]:
        """Return the parts of a digest as promises; the quiet line when it has no papers."""
        subscription = digest.subscription
        days = tuple((day.day, day.revision) for day in digest.days)
        papers = tuple((one.paper.arxiv_id, one.day) for one in digest.papers)
        key = (_shared(subscription), days, papers, digest.total, digest.reason, digest.is_catch_up, is_silent)
        if key not in self._frozen:
            self._frozen[key] = _freeze_all(replace(digest, subscription=_shared(subscription)), is_silent=is_silent)
        number = subscription.id or 0

        def name(part: int) -> str:
            return find_identity(subscription.target, number, occasion, part, generation)

        return [
            Delivery(
                subscription_id=number,
                target=subscription.target,
                occasion=occasion,
                editions=tuple(day.day for day in digest.days),
                revisions=tuple(day.revision for day in digest.days),
                papers=frozen.papers,
                payload=_fill(frozen.payload, part, number, name),
                part=part,
                generation=generation,
                due_at=due_at,
                steps=frozen.steps,
            )
            for part, frozen in enumerate(self._frozen[key], 1)
        ]


def _shared(subscription: Subscription) -> Subscription:
    """Return what a digest's looks depend on: nothing of when it is due or who made it, and not which target's."""
    return Subscription(
        target=replace(subscription.target, id="0"),
        categories=subscription.categories,
        count=subscription.count,
        only=subscription.only,
        channel_kind=subscription.channel_kind,
        mention=subscription.mention,
        has_thread=subscription.has_thread,
        is_published=subscription.is_published,
        tag=subscription.tag,
        has_quiet_line=subscription.has_quiet_line,
        language=subscription.language,
        id=_ANY_ID,
    )


def _any_marker(part: int) -> str:
    return f"{part:022d}"


def _fill(payload: str, part: int, subscription_id: int, name: Callable[[int], str]) -> str:
    """Put the real marker and id where the stand-ins are: at the end of custom ids."""
    payload = payload.replace(f":{_ANY_ID}~{_any_marker(part)}", f":{subscription_id}~{_any_marker(part)}")
    return payload.replace(f"~{_any_marker(part)}", f"~{name(part)}")


def _freeze_all(digest: Digest, *, is_silent: bool) -> list[_Frozen]:
    with speak(digest.subscription.language):
        parts = render_parts(digest, _any_marker, is_silent=is_silent)
        parts = parts or [Part(render_quiet(digest, _any_marker(1)), ())]
        return [_freeze(part, digest, number) for number, part in enumerate(parts, 1)]


def _freeze(part: Part, digest: Digest, number: int) -> _Frozen:
    name, subscription = render_heading(digest)[:_THREAD_NAME], digest.subscription
    is_first, is_forum = number == 1, subscription.channel_kind == "forum"
    tags = [subscription.tag] if subscription.tag else []
    frozen = {
        "message": part.message.to_payload(),
        "post": {"name": name, "tags": tags} if is_forum and is_first else None,
    }
    papers = tuple(appearance.paper.arxiv_id for appearance in part.papers)
    return _Frozen(json.dumps(frozen), papers, tuple(_list_steps(subscription, name, is_first=is_first)))


def _list_steps(subscription: Subscription, name: str, *, is_first: bool) -> list[Step]:
    """Return what follows a message: publishing in an announcement channel, a thread under the first part."""
    steps = []
    if subscription.is_published and subscription.channel_kind == "announcement":
        steps.append(Step("publish"))
    if subscription.has_thread and is_first and subscription.channel_kind != "forum":
        steps.append(Step("thread", json.dumps(name)))
    return steps

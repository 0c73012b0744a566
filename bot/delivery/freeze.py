"""Freezes a chosen digest as it will be sent, so that a retry sends the same whatever has changed since.

Digests that differ in nothing but whom they are for are rendered once, with stand-ins for what differs: the marker
in every button, and the subscription's id in those that act on it.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from bot.delivery.identity import find_identity
from bot.digest.selection import Digest
from bot.messages.digest import render_payloads, render_quiet
from bot.messages.language import speak
from bot.messages.summary import render_heading
from storage.models import Appearance, Delivery, Step, Subscription, Target

_THREAD_NAME = 100  # characters: https://discord.com/developers/docs/resources/channel#channel-object
MOST_KEPT = 4_000  # rendered digests that are kept, of about 4 kB each
_Form = tuple[tuple[str, ...], ...]  # a payload without its marker and id, which go between
_ANY_ID = 999_999_999_999_999_999  # as long as a custom id takes; no subscription's


@dataclass(frozen=True, slots=True)
class _Frozen:
    """One message with stand-ins, and the papers it gives."""

    payload: _Form
    papers: tuple[str, ...]
    editions: tuple[date, ...]
    revisions: tuple[int, ...]
    steps: tuple[Step, ...]


class Freezer:
    """Makes promises of chosen digests; `most` of those rendered are kept for others like them."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._frozen: dict[Hashable, list[_Frozen]] = {}

    def freeze(
        self, digest: Digest, occasion: str, due_at: datetime | None, *, generation: int = 1, is_silent: bool = False
    ) -> list[Delivery]:
        """Return the parts of a digest as promises; the quiet line when it has no papers."""
        target, number = digest.subscription.target, digest.subscription.id or 0
        return [
            Delivery(
                subscription_id=number,
                target=target,
                occasion=occasion,
                editions=frozen.editions,
                revisions=frozen.revisions,
                papers=frozen.papers,
                payload=_fill(frozen.payload, number, find_identity(target, number, occasion, part, generation)),
                part=part,
                generation=generation,
                due_at=due_at,
                steps=frozen.steps,
            )
            for part, frozen in enumerate(self._find(digest, is_silent=is_silent), 1)
        ]

    def _find(self, digest: Digest, *, is_silent: bool) -> list[_Frozen]:
        """Return a digest's messages with stand-ins, rendered when there are none like it.

        Those that were not asked for longest make room.
        """
        papers = tuple([(one.paper.arxiv_id, one.day) for one in digest.papers])
        days = tuple([(day.day, day.revision) for day in digest.days])
        words = (digest.total, digest.reason, digest.is_catch_up, is_silent)
        key = (_list_looks(digest.subscription), days, papers, words)
        frozen = self._frozen.pop(key, None)
        if frozen is None:
            frozen = _freeze_all(replace(digest, subscription=_share(digest.subscription)), is_silent=is_silent)
            while len(self._frozen) >= self._most:
                del self._frozen[next(iter(self._frozen))]
        self._frozen[key] = frozen  # the last now
        return frozen


# What a digest's looks depend on: nothing of when it is due or who made it, and not which target's it is.
_LOOKS = ("categories", "channel_kind", "mention", "has_thread", "is_published", "tag", "language")
_find_looks = attrgetter(*_LOOKS)


def _list_looks(subscription: Subscription) -> tuple[Hashable, ...]:
    return (subscription.target.kind, *_find_looks(subscription))


def _share(subscription: Subscription) -> Subscription:
    """Return a subscription that stands for all with the same looks."""
    looks = dict(zip(_LOOKS, _find_looks(subscription), strict=True))
    return Subscription(Target(subscription.target.kind, "0"), id=_ANY_ID, **looks)


def _any_marker(part: int) -> str:
    return f"{part:022d}"


def _cut(payload: str, part: int) -> _Form:
    """Take the stand-ins out, which are at the end of custom ids: between texts an id and marker, inside a marker."""
    marker = f"~{_any_marker(part)}"
    return tuple(tuple(text.split(marker)) for text in payload.split(f":{_ANY_ID}{marker}"))


def _fill(form: _Form, subscription_id: int, name: str) -> str:
    """Put the real marker and id where the stand-ins were."""
    marker = f"~{name}"
    return f":{subscription_id}{marker}".join([marker.join(texts) for texts in form])


def _freeze_all(digest: Digest, *, is_silent: bool) -> list[_Frozen]:
    with speak(digest.subscription.language):
        parts = render_payloads(digest, _any_marker, is_silent=is_silent)
        parts = parts or [(render_quiet(digest, _any_marker(1)).to_payload(), ())]
        return [_freeze(message, papers, digest, number) for number, (message, papers) in enumerate(parts, 1)]


def _freeze(message: dict[str, Any], papers: tuple[Appearance, ...], digest: Digest, number: int) -> _Frozen:
    name, subscription = render_heading(digest)[:_THREAD_NAME], digest.subscription
    is_first, is_forum = number == 1, subscription.channel_kind == "forum"
    tags = [subscription.tag] if subscription.tag else []
    frozen = {
        "message": message,
        "post": {"name": name, "tags": tags} if is_forum and is_first else None,
    }
    return _Frozen(
        payload=_cut(json.dumps(frozen), number),
        papers=tuple(appearance.paper.arxiv_id for appearance in papers),
        editions=tuple(day.day for day in digest.days),
        revisions=tuple(day.revision for day in digest.days),
        steps=tuple(_list_steps(subscription, name, is_first=is_first)),
    )


def _list_steps(subscription: Subscription, name: str, *, is_first: bool) -> list[Step]:
    """Return what follows a message: publishing in an announcement channel, a thread under the first part."""
    steps = []
    if subscription.is_published and subscription.channel_kind == "announcement":
        steps.append(Step("publish"))
    if subscription.has_thread and is_first and subscription.channel_kind != "forum":
        steps.append(Step("thread", json.dumps(name)))
    return steps

"""What the parts of sending share: who has a subscription in hand, where its messages go, and what a part is called."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakValueDictionary

from storage.models import Delivery, Target
from storage.store import Store

Note = Callable[[Delivery, str], None]


def ignore(delivery: Delivery, state: str) -> None:
    """Take note of nothing."""


class Hands:
    """A lock for each subscription something is being sent for; only those held are kept."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def find(self, subscription_id: int) -> asyncio.Lock:
        """Return a subscription's lock, to be kept by the caller as long as it is used."""
        return self._locks.setdefault(subscription_id, asyncio.Lock())


async def find_channel(store: Store, first: Delivery) -> str | None:
    """Return the channel an occasion's parts go to: the target's, or the forum post that the first part began.

    None for a member whose conversation was never opened.
    """
    if first.target.kind == "member":
        return await store.members.get_channel(first.target)
    return first.channel_id or first.target.id


def name_of(part: Delivery) -> tuple[Target, int, str, int, int]:
    """Return what the identity of a part is made of."""
    return part.target, part.subscription_id, part.occasion, part.part, part.generation

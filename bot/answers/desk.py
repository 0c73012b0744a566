"""What answers work with, and who may touch what: the store, the world outside, the limits, and one check.

Everything that acts on a stored subscription gets it from `find_own`, so that no button, form or option of
anyone else's can reach it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.answers.limiter import Limiter
from bot.answers.values import Caller
from bot.answers.venue import Sender, Venue
from bot.errors import UserError
from storage.models import Subscription, Target
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one member or channel may have: categories in a digest, digests in a channel, saved papers."""

    categories: int = 25
    digests_per_channel: int = 10
    saved_papers: int = 2000


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts an answer may need; without `venue` and `sender` (the preview page) nothing is sent."""

    store: Store
    venue: Venue | None = None
    sender: Sender | None = None
    limits: Limits = Limits()
    shared_by_member: Limiter = field(default_factory=lambda: Limiter(1, 60))
    shared_in_channel: Limiter = field(default_factory=lambda: Limiter(5, 600))


async def find_own(desk: Desk, subscription_id: int, caller: Caller) -> Subscription:
    """Return a subscription the caller may see and change: their own, or one of a server they run digests in.

    UserError, the same for one that is someone else's and one that is not there.
    """
    found = await desk.store.subscriptions.get(subscription_id)
    if found is not None and may_change(found, caller):
        return found
    raise UserError("This digest is no longer there. /subscriptions shows yours, /digest list this server's.")


async def find_explained(desk: Desk, subscription_id: int, caller: Caller) -> Subscription | None:
    """Return a channel's digest whose “Why?” the caller may press in a message that was pushed, None for any other.

    Everyone reads such a message where it was posted: in the digest's own channel, or where a notice about it went.
    By direct message it reaches who set the digest up, or who was sent a notice. More than why is not for them.
    """
    found, place = await desk.store.subscriptions.get(subscription_id), caller.place
    if found is None or found.target.kind != "channel":
        return None
    if place.guild_id is None:
        here, is_home = caller.target, found.created_by == caller.target.id
    else:
        here = Target("channel", place.channel_id or "")
        is_home = found.target == here
        if found.guild_id != place.guild_id:
            return None
    if is_home:
        return found
    notices = await desk.store.deliveries.list(subscription_id, kind="notice")
    return found if any(notice.target == here for notice in notices) else None


def may_change(subscription: Subscription, caller: Caller) -> bool:
    """Tell whether a subscription is the caller's own, or their server's and they run its digests."""
    if subscription.target.kind == "channel":
        place = caller.place
        return place.is_admin and place.guild_id is not None and subscription.guild_id == place.guild_id
    return subscription.target == caller.target

"""Tells whoever runs a server's digests something, as a delivery of its own, so that it comes once and is found again.

    who set the digest up, if still in charge there and known by a conversation ─► the server's system channel ─► nobody

A conversation is never opened for it. What there is to tell, and whether it was told before, is for others.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.answers.venue import SEND, VIEW, Venue
from bot.delivery.identity import find_identity
from bot.delivery.transport import DMS_CLOSED
from bot.messages.language import ENGLISH, speak
from bot.messages.message import Message
from storage.models import Delivery, Subscription, Target
from storage.store import Store

NOTICE, OWNER = "notice", ":owner "  # the kind of delivery; what is in the occasion of one to the bot's owner


@dataclass(frozen=True, slots=True)
class Teller:
    """Finds who is to be told, and promises them a notice; sending it is the outbox's work."""

    store: Store
    venue: Venue

    async def find_listener(self, subscription: Subscription) -> Target | None:
        """Return whom to tell of a channel's digest: who set it up, else the server's system channel, or None."""
        guild_id = subscription.guild_id or ""
        if subscription.created_by is not None:
            member = Target("member", subscription.created_by)
            if await self.is_known(member) and await self.venue.find_overseer(guild_id, member.id):
                return member
        return self._find_channel(guild_id)

    def _find_channel(self, guild_id: str) -> Target | None:
        channel = self.venue.find_system_channel(guild_id)
        return Target("channel", channel.id) if channel and {VIEW, SEND} <= channel.permissions else None

    async def is_known(self, member: Target) -> bool:
        """Tell whether there is a conversation with a member."""
        return await self.store.members.get_channel(member) is not None

    async def find_language(self, subscription: Subscription) -> str:
        """Return the language of the server a digest is in."""
        return await self.store.guilds.get_language(subscription.guild_id or "") or subscription.language

    async def was_told(self, subscription: Subscription, what: str) -> bool:
        """Tell whether there is a notice of this already, be it sent or not."""
        return bool(await self.store.deliveries.list(subscription.id, occasion=f"{NOTICE}:{what}", limit=1))

    async def tell(
        self,
        target: Target,
        subscription: Subscription,
        what: str,
        render: Callable[[str], Message],
        now: datetime,
        *,
        language: str = ENGLISH,
    ) -> None:
        """Promise a notice about a digest to a target, once for each `what`; `render` makes it with a marker."""
        number, occasion = subscription.id or 0, f"{NOTICE}:{what}"
        with speak(language):
            message = replace(render(find_identity(target, number, occasion, 1)), is_silent=target.kind == "channel")
        payload = json.dumps({"message": message.to_payload(), "post": None})
        notice = Delivery(number, target, occasion, (), (), payload, kind=NOTICE)
        await self.store.deliveries.add([notice], now)

    async def redirect(self, now: datetime) -> None:
        """Tell a server in its system channel what somebody in charge of it can't be told by direct message."""
        for known in await self.store.deliveries.list(state="pending", kind=NOTICE):
            if known.target.kind == "member" and known.last_error == DMS_CLOSED:
                if OWNER not in known.occasion:
                    await self._redirect_one(known, now)
                await self.store.deliveries.mark_failed(known.id or 0, DMS_CLOSED, now)

    async def _redirect_one(self, known: Delivery, now: datetime) -> None:
        subscription = await self.store.subscriptions.get(known.subscription_id)
        target = self._find_channel(subscription.guild_id or "") if subscription else None
        if target is not None:
            occasion = f"{known.occasion}:channel"
            former = find_identity(known.target, known.subscription_id, known.occasion, known.part, known.generation)
            payload = known.payload.replace(former, find_identity(target, known.subscription_id, occasion, 1))
            notice = Delivery(known.subscription_id, target, occasion, (), (), payload, kind=NOTICE)
            await self.store.deliveries.add([notice], now)

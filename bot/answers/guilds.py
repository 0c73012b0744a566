"""What becomes of a server's digests when the bot is removed, returns, or a channel goes.

removed ─► paused, kept for a while ─► returns: go on, without catching up on what was missed
                                   └─► forgotten after that while
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from storage.models import Subscription
from storage.store import Store

LEFT, CHANNEL_GONE = "left the server", "channel gone"


class Guilds:
    """The servers the bot is in; `clock` gives aware UTC times."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    async def compare(self, languages: Mapping[str, str]) -> None:
        """Take note of all servers there are (id → language): joined and left while nobody listened."""
        known = await self._store.guilds.list()
        for guild_id, language in languages.items():
            if guild_id not in known or known[guild_id] is not None:  # new, or it had been left
                await self.join(guild_id, language)
        for guild_id, left_at in known.items():
            if guild_id not in languages and left_at is None:
                await self.leave(guild_id)

    async def join(self, guild_id: str, language: str) -> None:
        """Remember a server; its digests, if it had any, go on with what comes from now on."""
        await self._store.guilds.join(guild_id, language, self._clock())
        newest = await self._store.days.latest()
        for known in await self._store.subscriptions.list(guild_id=guild_id):
            if known.pause_reason == LEFT and known.id is not None:
                await self._store.subscriptions.change(
                    known.id, lambda one: _resume(one, newest.day if newest else None)
                )

    async def leave(self, guild_id: str) -> None:
        """Note that the bot was removed from a server."""
        await self._pause(guild_id, LEFT, lambda one: True)
        await self._store.guilds.leave(guild_id, self._clock())  # last: until then a comparison does it all again

    async def lose_channel(self, guild_id: str, channel_id: str) -> None:
        """Pause the digests of a channel that was deleted."""
        await self._pause(guild_id, CHANNEL_GONE, lambda one: one.target.id == channel_id)

    async def lose_role(self, guild_id: str, role_id: str) -> None:
        """Let no digest ping a role that was deleted."""
        for known in await self._store.subscriptions.list(guild_id=guild_id):
            if known.mention == role_id and known.id is not None:
                await self._store.subscriptions.change(known.id, lambda one: replace(one, mention=None))

    async def check_channels(self, guild_id: str, channel_ids: Collection[str]) -> None:
        """Pause the digests of channels that were deleted while nobody listened."""
        await self._pause(guild_id, CHANNEL_GONE, lambda one: one.target.id not in channel_ids)

    async def forget(self, days: int) -> int:
        """Delete what is kept of servers that were left more than so many days ago; return how many."""
        return await self._store.guilds.prune(self._clock() - timedelta(days=days))

    async def _pause(self, guild_id: str, reason: str, is_meant: Callable[[Subscription], bool]) -> None:
        now = self._clock()
        for known in await self._store.subscriptions.list(guild_id=guild_id):
            if known.id is not None and known.target.kind == "channel" and not known.is_paused and is_meant(known):
                await self._store.subscriptions.change(
                    known.id, lambda one: replace(one, paused_at=now, pause_reason=reason)
                )


def _resume(subscription: Subscription, newest: date | None) -> Subscription:
    return replace(
        subscription,
        paused_at=None,
        pause_reason=None,
        told_at=None,
        created_edition=newest or subscription.created_edition,
    )

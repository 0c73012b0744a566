"""Whom a server lets run the admin commands besides those who may manage it (Server Settings → Integrations).

Discord applies these when a command is run, but not to the buttons of its answer, so they are looked up here:
https://discord.com/developers/docs/interactions/application-commands#permissions
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient

ROLE, USER, CHANNEL = 1, 2, 3
KEPT_SECONDS = 30.0
TIMEOUT_SECONDS = 2.0
_MOST_KEPT = 1000
_log = logging.getLogger(__name__)


class Overrides:
    """Looks a server's overrides of one command up; for typing, what is known from a little while ago will do."""

    def __init__(self, http: HTTPClient, application_id: int, find_command: Callable[[], int | None]) -> None:
        self._http, self._application_id, self._find_command = http, application_id, find_command
        self._kept: dict[int, tuple[float, list[dict[str, Any]]]] = {}

    async def allow(
        self,
        guild_id: int,
        channel_id: int | None,
        user_id: int,
        role_ids: Collection[int],
        *,
        may_be_old: bool = False,
    ) -> bool:
        """Tell whether a server allows a member the command although they may not manage it.

        `may_be_old`: as of at most KEPT_SECONDS ago, which is enough to suggest values but not to act.
        """
        entries = await self._find_entries(guild_id, may_be_old=may_be_old)
        return is_allowed(entries, guild_id, channel_id or 0, user_id, role_ids)

    async def _find_entries(self, guild_id: int, *, may_be_old: bool) -> list[dict[str, Any]]:
        until, entries = self._kept.get(guild_id, (0.0, []))
        if not may_be_old or until < time.monotonic():
            entries = await self._fetch(guild_id)
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[guild_id] = (time.monotonic() + KEPT_SECONDS, entries)
        return entries

    async def _fetch(self, guild_id: int) -> list[dict[str, Any]]:
        """Return the command's own overrides; none when there are none, or when Discord can't be asked."""
        command_id = self._find_command()
        if command_id is None:
            return []
        ask = self._http.get_application_command_permissions(self._application_id, guild_id, command_id)
        try:
            found: Any = await asyncio.wait_for(ask, TIMEOUT_SECONDS)
        except discord.NotFound:
            return []  # this server has changed nothing
        except (discord.HTTPException, TimeoutError, aiohttp.ClientError, OSError) as error:
            _log.warning("the overrides of server %s could not be read: %s", guild_id, type(error).__name__)
            return []
        return list(found["permissions"])


def is_allowed(
    entries: list[dict[str, Any]], guild_id: int, channel_id: int, user_id: int, role_ids: Collection[int]
) -> bool:
    """Tell whether overrides allow a member the command in a channel.

    A channel's entry, or the one of all channels (the server's id less one), must not forbid it; of the people,
    the member's own entry counts before those of their roles, and these before everyone's (the server's id).
    """
    rules = {(int(entry["id"]), entry["type"]): bool(entry["permission"]) for entry in entries}
    if not rules.get((channel_id, CHANNEL), rules.get((guild_id - 1, CHANNEL), True)):
        return False
    if (user_id, USER) in rules:
        return rules[user_id, USER]
    of_roles = [rules[role, ROLE] for role in role_ids if role != guild_id and (role, ROLE) in rules]
    return any(of_roles) if of_roles else rules.get((guild_id, ROLE), False)

"""The servers the bot is in, from what discord.py keeps of them: channels, roles, and the bot's permissions there."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import discord

from bot.answers.venue import (
    MENTION,
    OPEN_THREADS,
    READ_HISTORY,
    SEND,
    SEND_IN_THREADS,
    VIEW,
    Channel,
    Role,
)

TIMEOUT_SECONDS = 5.0
_log = logging.getLogger(__name__)
_KINDS = {
    discord.ChannelType.text: "text",
    discord.ChannelType.news: "announcement",
    discord.ChannelType.forum: "forum",
}


class DiscordVenue:
    """What answers may ask of Discord's servers; `command_ids` are those of the installed commands."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self.command_ids: dict[str, int] = {}

    def is_present(self, guild_id: str) -> bool:
        """Tell whether the bot is in a server and sees it now."""
        guild = self._find_guild(guild_id)
        return guild is not None and not guild.unavailable

    def find_channel(self, guild_id: str, channel_id: str) -> Channel | None:
        """Return a channel of a server, None when the bot can't see that there is one."""
        guild = self._find_guild(guild_id)
        found = guild.get_channel(int(channel_id)) if guild and channel_id.isdecimal() else None
        return None if guild is None or found is None else _describe(guild, found)

    def find_system_channel(self, guild_id: str) -> Channel | None:
        """Return the channel in which a server is told of what concerns all of it, None when it has none."""
        guild = self._find_guild(guild_id)
        found = guild.system_channel if guild else None
        return None if guild is None or found is None else _describe(guild, found)

    async def find_overseer(self, guild_id: str, member_id: str) -> bool:
        """Ask Discord whether somebody is a member of a server who owns or may manage it; no on any error."""
        guild = self._find_guild(guild_id)
        if guild is None or not member_id.isdecimal():
            return False
        try:
            member = await asyncio.wait_for(guild.fetch_member(int(member_id)), TIMEOUT_SECONDS)
        except discord.NotFound:
            return False  # they have left
        except (discord.HTTPException, TimeoutError, aiohttp.ClientError, OSError) as error:
            _log.warning("member %s of server %s could not be read: %s", member_id, guild_id, type(error).__name__)
            return False
        return member.guild_permissions.manage_guild

    def find_role(self, guild_id: str, role_id: str) -> Role | None:
        """Return a role of a server."""
        guild = self._find_guild(guild_id)
        role = guild.get_role(int(role_id)) if guild and role_id.isdecimal() else None
        return Role(str(role.id), role.name, role.is_default(), role.mentionable) if role else None

    def list_commands(self) -> dict[str, int]:
        """Return the ids Discord gave the commands, by name."""
        return self.command_ids

    def _find_guild(self, guild_id: str) -> discord.Guild | None:
        return self._client.get_guild(int(guild_id)) if guild_id.isdecimal() else None


def _describe(guild: discord.Guild, found: discord.abc.GuildChannel) -> Channel:
    tags = tuple((str(tag.id), tag.name) for tag in getattr(found, "available_tags", ()))
    return Channel(
        id=str(found.id),
        guild_id=str(guild.id),
        name=found.name,
        kind=_KINDS.get(found.type, found.type.name),
        permissions=_find_permissions(guild, found),
        tags=tags,
        needs_tag=isinstance(found, discord.ForumChannel) and found.flags.require_tag,
    )


def _find_permissions(guild: discord.Guild, channel: discord.abc.GuildChannel) -> frozenset[str]:
    if guild.me is None:
        return frozenset()
    allowed = channel.permissions_for(guild.me)
    names = {
        VIEW: allowed.view_channel,
        SEND: allowed.send_messages,
        READ_HISTORY: allowed.read_message_history,
        OPEN_THREADS: allowed.create_public_threads,
        SEND_IN_THREADS: allowed.send_messages_in_threads,
        MENTION: allowed.mention_everyone,
    }
    return frozenset(name for name, is_allowed in names.items() if is_allowed)

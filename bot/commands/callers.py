"""Who asks, read from an interaction: their language, the place, and what they and the app may do there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import discord

from bot.answers.values import Caller, Place
from bot.commands.overrides import Overrides
from bot.messages.language import choose_language
from storage.models import Target

Interaction = discord.Interaction[Any]
_THREADS = (discord.ChannelType.public_thread, discord.ChannelType.private_thread, discord.ChannelType.news_thread)


class Callers:
    """Makes callers of interactions; `owner_ids` are of the people the application belongs to."""

    def __init__(self, overrides: Overrides, owner_ids: frozenset[int] = frozenset()) -> None:
        self._overrides = overrides
        self.owner_ids = owner_ids

    async def find_caller(
        self, interaction: Interaction, now: datetime, *, for_admins: bool, is_typing: bool = False
    ) -> Caller:
        """Return who asks; whether the server lets one who may not manage it is looked up only `for_admins`.

        While somebody `is_typing` that may be as of some seconds ago.
        """
        is_admin = _may_manage(interaction) or (for_admins and await self._is_let(interaction, is_typing=is_typing))
        user = interaction.user
        return Caller(
            target=Target("member", str(user.id)),
            now=now,
            language=choose_language(str(interaction.locale)),
            locale=str(interaction.locale),
            server_language=choose_language(str(interaction.guild_locale) if interaction.guild_locale else None),
            place=find_place(interaction, is_admin=is_admin),
            is_owner=user.id in self.owner_ids,
        )

    async def _is_let(self, interaction: Interaction, *, is_typing: bool) -> bool:
        """Tell whether the server lets a member run /digest here without Manage Server."""
        if interaction.guild_id is None or not interaction.is_guild_integration():
            return False
        roles = [role.id for role in getattr(interaction.user, "roles", ())]
        return await self._overrides.allow(
            interaction.guild_id, interaction.channel_id, interaction.user.id, roles, may_be_old=is_typing
        )


def _may_manage(interaction: Interaction) -> bool:
    in_server = interaction.guild_id is not None and interaction.is_guild_integration()
    return in_server and interaction.permissions.manage_guild


def find_place(interaction: Interaction, *, is_admin: bool) -> Place:
    """Return where an interaction is, and what may be done there."""
    in_guild = interaction.guild_id is not None
    return Place(
        guild_id=str(interaction.guild_id) if in_guild else None,
        channel_id=_find_channel_id(interaction),
        can_share=_can_share(interaction),
        is_moderator=in_guild and interaction.permissions.manage_messages,
        is_admin=is_admin,
    )


def _can_share(interaction: Interaction) -> bool:
    """Tell whether both the app and the member may write here; alone with the bot there is nobody to show it to."""
    if interaction.guild_id is None:
        return interaction.context.private_channel
    everyone = [interaction.app_permissions, interaction.permissions]
    if not interaction.is_guild_integration() and not interaction.permissions.use_external_apps:
        return False
    if interaction.channel is not None and interaction.channel.type in _THREADS:
        return all(who.send_messages_in_threads for who in everyone)
    return all(who.send_messages for who in everyone)


def _find_channel_id(interaction: Interaction) -> str | None:
    """Return the channel an interaction is in: of a thread the one it belongs to, as digests go to channels."""
    parent = interaction.channel.parent_id if isinstance(interaction.channel, discord.Thread) else None
    found = parent or interaction.channel_id
    return str(found) if found else None

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
        """Return who asks; whether they may run the server's digests is looked up only `for_admins`.

        While somebody `is_typing` that may be as of some seconds ago.
        """
        is_admin = for_admins and await self._is_admin(interaction, is_typing=is_typing)
        user = interaction.user
        return Caller(
            target=Target("member", str(user.id)),
            now=now,
            language=choose_language(str(interaction.locale)),
            locale=str(interaction.locale),
            server_language=choose_language(str(interaction.guild_locale) if interaction.guild_locale else None),
            name=user.display_name,
            place=find_place(interaction, is_admin=is_admin),
            is_owner=user.id in self.owner_ids,
        )

    async def _is_admin(self, interaction: Interaction, *, is_typing: bool) -> bool:
        """Tell whether a member may run /digest here: by Manage Server, or as the server has overridden that."""
        if interaction.guild_id is None or not interaction.is_guild_integration():
            return False
        if interaction.permissions.manage_guild:
            return True
        roles = [role.id for role in getattr(interaction.user, "roles", ())]
        return await self._overrides.allow(
            interaction.guild_id, interaction.channel_id, interaction.user.id, roles, may_be_old=is_typing
        )


def find_place(interaction: Interaction, *, is_admin: bool) -> Place:
    """Return where an interaction is, and what may be done there."""
    in_guild = interaction.guild_id is not None
    return Place(
        guild_id=str(interaction.guild_id) if in_guild else None,
        channel_id=str(interaction.channel_id) if interaction.channel_id else None,
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

"""Makes discord.py commands of plain functions and the texts in `bot.answers.offers`: said once, used here.

A command's function gives the types of its options; description, descriptions of options, fixed choices and
which options complete while typed come from the offer of the same name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import AppCommandOptionType, ChannelType, app_commands

from bot.answers.offers import get_command
from bot.answers.values import Command
from bot.commands.callers import Interaction
from bot.commands.respond import Responder, is_over

EVERYWHERE = (
    app_commands.AppInstallationType(guild=True, user=True),
    app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
)
SERVERS = (
    app_commands.AppInstallationType(guild=True, user=False),
    app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
)
Callback = Callable[..., Awaitable[None]]


class PostableChannel(app_commands.Transformer):
    """A channel option that takes text, announcement and forum channels; the command gets the channel's id."""

    @property
    def type(self) -> AppCommandOptionType:
        """The kind of option Discord shows."""
        return AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[ChannelType]:
        """The kinds of channels Discord offers."""
        return [ChannelType.text, ChannelType.news, ChannelType.forum]

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> int:
        """Return the id of the channel chosen."""
        return int(value.id)


ChannelId = app_commands.Transform[int, PostableChannel]


def make_command(
    responder: Responder,
    name: str,
    callback: Callback,
    where: tuple[app_commands.AppInstallationType, app_commands.AppCommandContext] | None = EVERYWHERE,
) -> app_commands.Command[Any, ..., None]:
    """Return the command offered as `name` ("top", "digest add"); one inside a group has no `where` of its own."""
    offer = get_command(name)
    app_commands.describe(**{option.name: option.description for option in offer.options})(callback)
    fixed = {
        option.name: [app_commands.Choice(name=choice.name, value=choice.value) for choice in option.choices]
        for option in offer.options
        if option.choices
    }
    app_commands.choices(**fixed)(callback)
    installs, contexts = where or (None, None)
    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name=name.rpartition(" ")[2],
        description=offer.description,
        callback=callback,  # type: ignore[arg-type]  # any coroutine whose first parameter is the interaction
        allowed_installs=installs,
        allowed_contexts=contexts,
    )
    _add_completion(responder, command, offer)
    return command


def _add_completion(responder: Responder, command: app_commands.Command[Any, ..., None], offer: Command) -> None:
    for option in offer.options:
        if option.completes:
            command.autocomplete(option.name)(_make_completion(responder, offer.name, option.name))


def _make_completion(responder: Responder, name: str, option: str) -> Any:
    async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        filled = {key: value for key, value in interaction.namespace if key != option}
        choices = await responder.complete(interaction, name, option, str(typed), filled)
        try:  # answered here, as discord.py would log an interaction that is over as an error
            await interaction.response.autocomplete([app_commands.Choice(name=c.name, value=c.value) for c in choices])
        except discord.HTTPException as error:
            if not is_over(error):
                raise
        return []

    return complete

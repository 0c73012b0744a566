"""What Discord's client would let a member do: which command is offered where, which values fit its options. Pure."""

from __future__ import annotations

from typing import Any

from tests.discord_rules import measure
from tests.discord_server import permissions
from tests.discord_server.interactions import IN_BOT_DM, IN_GUILD, IN_PRIVATE, find_owners
from tests.discord_server.permissions import get_guild_permissions
from tests.discord_server.state import Channel, Guild, User, World

TEXT, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 3, 4, 5, 6, 7, 8, 9, 10, 11
MOST_TYPED = 6000


class NotOfferedError(AssertionError):
    """The member's client has no such command, button or value for them."""


def get_command(world: World, channel: Channel, name: str, kind: int) -> dict[str, Any]:
    """Return a registered command by its name (its first word, for slash commands), a server's own first."""
    root = name.split()[0] if kind == 1 else name
    scopes = [channel.guild.id, None] if channel.guild is not None else [None]
    for scope in scopes:
        for command in world.commands.get(scope, {}).values():
            if command["type"] == kind and command["name"] == root:
                return command
    raise NotOfferedError(f"no command {name!r} is registered")


def check_offer(world: World, user: User, channel: Channel, command: dict[str, Any]) -> None:
    """Refuse a command that a member does not see there: context, installation, permissions."""
    contexts = command.get("contexts")
    context = _get_context(channel)
    if context not in ([IN_GUILD, IN_BOT_DM] if contexts is None else contexts):
        raise NotOfferedError(f"/{command['name']} is not offered in context {context}")
    owners = find_command_owners(world, user, channel, command)
    if not owners:
        raise NotOfferedError(f"the app is not installed where /{command['name']} is asked for")
    bits = world.get_permissions(user, channel)
    if not bits & permissions.USE_APPLICATION_COMMANDS:
        raise NotOfferedError(f"{user.name} may not use commands in {channel.name}")
    if channel.guild is not None and "0" in owners and not _is_allowed(channel.guild, user, channel, command):
        raise NotOfferedError(f"{user.name} lacks the permission for /{command['name']}")


def find_command_owners(world: World, user: User, channel: Channel, command: dict[str, Any]) -> dict[str, str]:
    """Return through which installations a command is there."""
    kinds = command.get("integration_types") or [0]
    return {key: value for key, value in find_owners(world, user, channel).items() if int(key) in kinds}


def _get_context(channel: Channel) -> int:
    if channel.guild is not None:
        return IN_GUILD
    return IN_BOT_DM if len(channel.recipients) == 1 else IN_PRIVATE


def _is_allowed(guild: Guild, user: User, channel: Channel, command: dict[str, Any]) -> bool:
    """Tell whether a member may use a command: a server's own decisions first, then the command's default."""
    member = guild.members[user.id]
    bits = get_guild_permissions(guild, member)
    if bits == permissions.ALL:
        return True
    chosen = guild.overrides.get(int(command["id"]), {})
    if chosen.get(channel.id) is False:
        return False
    for ids in ([user.id], member.roles, [guild.id]):
        decisions = [chosen[one] for one in ids if one in chosen]
        if decisions:
            return any(decisions)
    default = command.get("default_member_permissions")
    return default is None or (int(default) != 0 and bits & int(default) == int(default))


def check_value(option: dict[str, Any], value: Any) -> None:
    """Refuse a value that a member could not have given for an option."""
    kind, name = option["type"], option["name"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != BOOLEAN):
        raise NotOfferedError(f"{name}: {value!r} is no value of type {kind}")
    choices = [choice["value"] for choice in option.get("choices") or []]
    if choices and value not in choices:
        raise NotOfferedError(f"{name}: {value!r} is none of {choices}")
    if kind == TEXT:
        _check_range(name, measure(value), option.get("min_length", 0), option.get("max_length", MOST_TYPED))
    if kind in (INTEGER, NUMBER):
        _check_range(name, value, option.get("min_value", -(2**53)), option.get("max_value", 2**53))
    if kind == CHANNEL and option.get("channel_types") and value.kind not in option["channel_types"]:
        raise NotOfferedError(f"{name}: channel {value.name} is of type {value.kind}")


def _check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise NotOfferedError(f"{name}: {value} is not between {least} and {most}")


_TYPES: dict[int, Any] = {
    TEXT: str,
    INTEGER: int,
    BOOLEAN: bool,
    NUMBER: int | float,
    **dict.fromkeys((USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT), object),
}

"""Permission bits and how roles and overwrites add up for a member in a channel, by Discord's documentation of
Permissions. Pure; what a missing permission is answered with belongs to the routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.discord_server.state import Channel, Guild, Member

ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
CREATE_PRIVATE_THREADS = 1 << 36
SEND_MESSAGES_IN_THREADS = 1 << 38
USE_EXTERNAL_APPS = 1 << 50

ALL = (1 << 53) - 1
EVERYONE = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS
    | USE_EXTERNAL_APPS
)
DIRECT = VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | READ_MESSAGE_HISTORY | USE_APPLICATION_COMMANDS
_NEED_SENDING = MENTION_EVERYONE | EMBED_LINKS | ATTACH_FILES
_THREADS = (10, 11, 12)


def get_guild_permissions(guild: Guild, member: Member) -> int:
    """Return the bits a member has in a guild before any channel's overwrites."""
    bits = guild.roles[guild.id].permissions
    for role_id in member.roles:
        bits |= guild.roles[role_id].permissions
    return ALL if member.user is guild.owner or bits & ADMINISTRATOR else bits


def get_permissions(guild: Guild, member: Member, channel: Channel) -> int:
    """Return the bits a member has in a channel; a thread has its parent's; none where it can't be seen."""
    bits = get_guild_permissions(guild, member)
    if bits == ALL:
        return bits
    place = guild.channels[channel.parent_id] if channel.kind in _THREADS and channel.parent_id else channel
    bits = _apply(bits, place, [guild.id])
    bits = _apply(bits, place, member.roles)
    bits = _apply(bits, place, [member.user.id])
    if not bits & VIEW_CHANNEL:
        return 0
    sends = bits & (SEND_MESSAGES_IN_THREADS if channel.kind in _THREADS else SEND_MESSAGES)
    return bits if sends else bits & ~_NEED_SENDING


def _apply(bits: int, channel: Channel, ids: list[int]) -> int:
    """Take away what the overwrites of these ids deny together, then add what they allow together."""
    chosen = [channel.overwrites[one] for one in ids if one in channel.overwrites]
    for overwrite in chosen:
        bits &= ~overwrite.deny
    for overwrite in chosen:
        bits |= overwrite.allow
    return bits

"""May the bot do that there? The one place that turns missing things and permissions into Discord's refusals."""

from __future__ import annotations

from tests.discord_server import permissions
from tests.discord_server.core import Core
from tests.discord_server.refusals import Refusal
from tests.discord_server.state import FORUM, THREADS, Channel, Guild, Message

_UNSPEAKABLE = (4, 14, FORUM, 16)


def get_guild(core: Core, guild_id: int) -> Guild:
    """Return a server the bot is in; 10004 for none, as a bot learns nothing of servers it is not in."""
    guild = core.world.guilds.get(guild_id)
    if guild is None or not guild.installed:
        raise Refusal.of(10004)
    return guild


def get_channel(core: Core, channel_id: int, needed: int = 0) -> Channel:
    """Return a channel the bot sees and has some permissions in: 10003, 50001 or 50013 otherwise."""
    channel = core.world.channels.get(channel_id)
    if channel is None:
        raise Refusal.of(10003)
    if channel.guild is not None and not channel.guild.installed:
        raise Refusal.of(50001)
    bits = core.world.get_permissions(core.world.bot, channel)
    if not bits & permissions.VIEW_CHANNEL:
        raise Refusal.of(50001)
    if bits & needed != needed:
        raise Refusal.of(50013)
    return channel


def get_speakable(core: Core, channel_id: int, extra: int = 0) -> Channel:
    """Return a channel the bot may write to: also 50008 in a forum, 50083 in an archive, 50007 for closed DMs."""
    channel = get_channel(core, channel_id)
    if channel.kind in _UNSPEAKABLE:
        raise Refusal.of(50008)
    thread = channel.kind in THREADS
    sending = permissions.SEND_MESSAGES_IN_THREADS if thread else permissions.SEND_MESSAGES
    get_channel(core, channel_id, sending | extra)
    if (
        thread
        and channel.locked
        and not core.world.get_permissions(core.world.bot, channel) & permissions.MANAGE_THREADS
    ):
        raise Refusal.of(50083)
    if channel.guild is None:
        check_dm(core, channel)
    return channel


def check_dm(core: Core, channel: Channel) -> None:
    """Refuse to write to someone with closed DMs (50007) or without a common server (50278)."""
    for user in channel.recipients:
        if not core.world.shares_guild(user):
            raise Refusal.of(50278)
        if not user.dms_open or user.bot:
            raise Refusal.of(50007)


def get_message(core: Core, channel: Channel, message_id: int) -> Message:
    """Return a message of a channel's history; 10008 for none."""
    if message_id not in channel.messages:
        raise Refusal.of(10008)
    return channel.messages[message_id]


def get_own_message(core: Core, channel: Channel, message_id: int) -> Message:
    """Return a message the bot wrote; 50005 for another's."""
    message = get_message(core, channel, message_id)
    if message.author is not core.world.bot:
        raise Refusal.of(50005)
    return message

"""What happens around the bot: invited, kicked, an outage, channels and messages that come, change and go."""

from __future__ import annotations

from tests.discord_server.core import Core
from tests.discord_server.payloads import format_channel, format_guild_create, format_role
from tests.discord_server.posts import delete_post
from tests.discord_server.state import Channel, Guild, Message, Role, User


class Happenings(Core):
    """Events of the world, told to the bot as the gateway does."""

    def invite(self, guild: Guild, bits: int = 0) -> None:
        """Add the bot to a server, with a role of its own."""
        guild.installed = True
        if self.world.bot.id not in guild.members:
            role = self.world.add_role(guild, self.world.bot.name, bits)
            self.world.add_member(guild, self.world.bot, [role])
        self.gateway.publish("GUILD_CREATE", format_guild_create(guild, self.world), guild=guild, intent=1)

    def kick(self, guild: Guild) -> None:
        """Remove the bot from a server; its role goes with it."""
        guild.installed = False
        guild.members.pop(self.world.bot.id, None)
        self.gateway.publish("GUILD_DELETE", {"id": str(guild.id)}, guild=guild, intent=1)

    def start_outage(self, guild: Guild) -> None:
        """Make a server unavailable, which is no kick."""
        guild.unavailable = True
        payload = {"id": str(guild.id), "unavailable": True}
        self.gateway.publish("GUILD_DELETE", payload, guild=guild, intent=1)

    def end_outage(self, guild: Guild) -> None:
        """Bring a server back."""
        guild.unavailable = False
        self.gateway.publish("GUILD_CREATE", format_guild_create(guild, self.world), guild=guild, intent=1)

    def add_guild_channel(self, guild: Guild, name: str, kind: int = 0) -> Channel:
        """Add a channel while the bot is connected."""
        channel = self.world.add_channel(guild, name, kind)
        self.publish_channel("CHANNEL_CREATE", channel, format_channel(channel))
        return channel

    def update_channel(self, channel: Channel) -> None:
        """Tell the bot that a channel, or who may do what there, has changed."""
        self.publish_channel("CHANNEL_UPDATE", channel, format_channel(channel))

    def update_role(self, guild: Guild, role: Role) -> None:
        """Tell the bot that a role has changed."""
        payload = {"guild_id": str(guild.id), "role": format_role(role)}
        self.gateway.publish("GUILD_ROLE_UPDATE", payload, guild=guild, intent=1)

    def delete_role(self, guild: Guild, role: Role) -> None:
        """Delete a role."""
        del guild.roles[role.id]
        for member in guild.members.values():
            member.roles = [one for one in member.roles if one != role.id]
        payload = {"guild_id": str(guild.id), "role_id": str(role.id)}
        self.gateway.publish("GUILD_ROLE_DELETE", payload, guild=guild, intent=1)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel of a server with its messages and threads."""
        guild = channel.guild
        if guild is None:
            raise ValueError("only a server's channel can be deleted")
        for gone in [channel, *(one for one in guild.channels.values() if one.parent_id == channel.id)]:
            del guild.channels[gone.id], self.world.channels[gone.id]
            for message in list(gone.messages.values()):
                self.world.delete_message(message)
        self.publish_channel("CHANNEL_DELETE", channel, format_channel(channel))

    def post(self, user: User, channel: Channel, content: str) -> Message:
        """Write a message as a member."""
        message = self.world.add_message(channel, user, content)
        self.publish_message("MESSAGE_CREATE", message)
        return message

    def delete_message(self, message: Message) -> None:
        """Delete a message as a moderator."""
        delete_post(self, message)

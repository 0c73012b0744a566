"""What exists in the pretended Discord: users, guilds, channels, messages, the application and its commands.

Values that change, without I/O: how they look as JSON is in `payloads`, who may change them is for the routes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.discord_server import permissions
from tests.discord_server.permissions import get_permissions

TEXT, DIRECT, GROUP, CATEGORY, ANNOUNCEMENT, FORUM = 0, 1, 3, 4, 5, 15
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
THREADS = (ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD)
EPHEMERAL, LOADING = 1 << 6, 1 << 7
EPOCH_MS = 1_420_070_400_000  # the first second of 2015, where Discord's ids begin


@dataclass(eq=False)
class User:
    """A person, or the bot; `installed` says that they have the app on their own account."""

    id: int
    name: str
    locale: str = "en-US"
    dms_open: bool = True
    installed: bool = False
    bot: bool = False


@dataclass(eq=False)
class Role:
    """A role of a guild; the one with the guild's id is @everyone."""

    id: int
    name: str
    permissions: int = 0
    mentionable: bool = False
    position: int = 0
    managed: bool = False


@dataclass(eq=False)
class Overwrite:
    """What a channel allows and denies one role (kind 0) or member (kind 1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(eq=False)
class Member:
    """A user in a guild, with the ids of their roles."""

    user: User
    roles: list[int] = field(default_factory=list)


@dataclass(eq=False)
class Tag:
    """A tag of a forum."""

    id: int
    name: str
    moderated: bool = False


class Mentions(NamedTuple):
    """Whom a message pings: user ids, role ids, everyone."""

    users: list[int]
    roles: list[int]
    everyone: bool


@dataclass(eq=False, repr=False)
class Message:
    """A message; one with `seen_by` is ephemeral and in no channel's history."""

    id: int
    channel: Channel
    author: User
    created: float
    kind: int = 0
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    nonce: str | None = None
    mentions: Mentions = field(default_factory=lambda: Mentions([], [], False))
    edited: float | None = None
    reference: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    seen_by: User | None = None
    thread: Channel | None = None
    deleted: bool = False


@dataclass(eq=False, repr=False)
class Channel:
    """A channel of a guild, a thread, or a direct or group conversation."""

    id: int
    kind: int = TEXT
    name: str = ""
    guild: Guild | None = None
    parent_id: int | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: list[User] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    requires_tag: bool = False
    applied_tags: list[int] = field(default_factory=list)
    owner_id: int | None = None
    archived: bool = False
    locked: bool = False
    archive_minutes: int = 1440
    messages: dict[int, Message] = field(default_factory=dict)

    def deny(self, whom: Role | User, bits: int) -> None:
        """Deny a role or member some permissions here."""
        self._get_overwrite(whom).deny |= bits

    def allow(self, whom: Role | User, bits: int) -> None:
        """Allow a role or member some permissions here, over what is denied less specifically."""
        overwrite = self._get_overwrite(whom)
        overwrite.allow, overwrite.deny = overwrite.allow | bits, overwrite.deny & ~bits

    def _get_overwrite(self, whom: Role | User) -> Overwrite:
        return self.overwrites.setdefault(whom.id, Overwrite(whom.id, int(isinstance(whom, User))))


@dataclass(eq=False, repr=False)
class Guild:
    """A server; `installed`: the app is in it; `overrides`: command id → {id of a role, user or channel: allowed}."""

    id: int
    name: str
    owner: User
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    installed: bool = True
    unavailable: bool = False
    system_channel_id: int | None = None
    overrides: dict[int, dict[int, bool]] = field(default_factory=dict)

    @property
    def everyone(self) -> Role:
        """The role everyone has."""
        return self.roles[self.id]

    def get_channel(self, name: str) -> Channel:
        """Return a channel by its name."""
        return next(channel for channel in self.channels.values() if channel.name == name)


class World:
    """Everything there is, and the one application under test; `clock` gives seconds since 1970."""

    def __init__(self, *, token: str = "test.token.of-the-bot", clock: Callable[[], float] = time.time) -> None:  # noqa: S107
        self.clock, self.token = clock, token
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.dms: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.uploads: dict[str, bytes] = {}
        self.commands: dict[int | None, dict[int, dict[str, Any]]] = {None: {}}
        self.privileged_intents = 0
        self._last_id = 0
        self.owner = self.add_user("owner")
        self.bot = self.add_user("hotpapers")
        self.bot.bot = True

    def add_id(self) -> int:
        """Return a new snowflake, later than every one before."""
        moment = int(self.clock() * 1000) - EPOCH_MS
        self._last_id = max(self._last_id + 1, moment << 22)
        return self._last_id

    def add_user(
        self, name: str = "ada", *, locale: str = "en-US", dms_open: bool = True, installed: bool = False
    ) -> User:
        """Add a person; `installed` puts the app on their own account."""
        user = User(self.add_id(), name, locale, dms_open, installed)
        self.users[user.id] = user
        return user

    def add_guild(
        self,
        name: str = "Lab",
        *,
        members: Iterable[User] = (),
        roles: dict[str, int] | None = None,
        channels: Iterable[str] = ("general",),
        owner: User | None = None,
        locale: str = "en-US",
        installed: bool = True,
        bot_permissions: int = 0,
    ) -> Guild:
        """Add a server with members, roles (name → permissions) and text channels, and the bot when installed."""
        guild = Guild(self.add_id(), name, owner or self.owner, locale, installed=installed)
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.EVERYONE)
        for user in (guild.owner, *members):
            self.add_member(guild, user)
        for role, bits in (roles or {}).items():
            self.add_role(guild, role, bits)
        if installed:
            managed = self.add_role(guild, self.bot.name, bot_permissions)
            managed.managed = True
            self.add_member(guild, self.bot, [managed])
        for channel in channels:
            self.add_channel(guild, channel)
        self.guilds[guild.id] = guild
        return guild

    def add_member(self, guild: Guild, user: User, roles: Iterable[Role] = ()) -> Member:
        """Add a user to a server."""
        guild.members[user.id] = member = Member(user, [role.id for role in roles])
        return member

    def add_role(self, guild: Guild, name: str, bits: int = 0, *, mentionable: bool = False) -> Role:
        """Add a role with some permissions to a server."""
        role = Role(self.add_id(), name, bits, mentionable, len(guild.roles))
        guild.roles[role.id] = role
        return role

    def add_channel(
        self, guild: Guild, name: str, kind: int = TEXT, *, tags: Iterable[str] = (), requires_tag: bool = False
    ) -> Channel:
        """Add a text, announcement or forum channel (with its tags) to a server."""
        channel = Channel(self.add_id(), kind, name, guild, requires_tag=requires_tag)
        channel.tags = [Tag(self.add_id(), tag) for tag in tags]
        guild.channels[channel.id] = self.channels[channel.id] = channel
        return channel

    def add_thread(self, parent: Channel, name: str, owner: User, kind: int, thread_id: int | None = None) -> Channel:
        """Add a thread under a channel or a post to a forum."""
        guild = parent.guild
        if guild is None:
            raise ValueError("a thread needs a channel of a server")
        thread = Channel(thread_id or self.add_id(), kind, name, guild, parent.id, owner_id=owner.id)
        guild.channels[thread.id] = self.channels[thread.id] = thread
        return thread

    def get_dm(self, user: User) -> Channel:
        """Return the bot's conversation with a user, the same one every time."""
        if user.id not in self.dms:
            self.dms[user.id] = self._add_conversation(DIRECT, [user])
        return self.dms[user.id]

    def add_private_channel(self, *users: User) -> Channel:
        """Add a conversation between people that the bot is no part of."""
        return self._add_conversation(GROUP if len(users) > 2 else DIRECT, list(users))

    def _add_conversation(self, kind: int, users: list[User]) -> Channel:
        channel = Channel(self.add_id(), kind, recipients=users)
        self.channels[channel.id] = channel
        return channel

    def add_message(
        self, channel: Channel, author: User, content: str = "", *, message_id: int | None = None, **fields: Any
    ) -> Message:
        """Add a message; one with `seen_by` stays out of the channel's history."""
        message = Message(message_id or self.add_id(), channel, author, self.clock(), content=content, **fields)
        self.messages[message.id] = message
        if message.seen_by is None:
            channel.messages[message.id] = message
        return message

    def delete_message(self, message: Message) -> None:
        """Delete a message; whoever holds it sees that it is gone."""
        message.deleted = True
        self.messages.pop(message.id, None)
        message.channel.messages.pop(message.id, None)

    def get_permissions(self, user: User, channel: Channel) -> int:
        """Return what a user may do in a channel; nothing where they are not."""
        if channel.guild is None:
            within = user in channel.recipients or (user is self.bot and len(channel.recipients) == 1)
            return permissions.DIRECT if within else 0
        member = channel.guild.members.get(user.id)
        return get_permissions(channel.guild, member, channel) if member else 0

    def shares_guild(self, user: User) -> bool:
        """Tell whether the bot may write to a user at all: a common server, or the app installed."""
        return user.installed or any(user.id in guild.members for guild in self.guilds.values() if guild.installed)


def format_time(seconds: float) -> str:
    """Return a moment as Discord writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def get_moment(snowflake: int) -> float:
    """Return when something was made, in seconds since 1970, by its id."""
    return ((snowflake >> 22) + EPOCH_MS) / 1000

"""One interaction from the click to the last follow-up: its payload, its two clocks, what the member got to see.

    open ──callback──► answered (message | deferred | update | modal | choices) ──follow-ups──► token runs out
      └──deadline──► unanswered (a late callback gets 10062)

Who may open which is `offers`; the requests that answer are in `callbacks`.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.discord_server import permissions
from tests.discord_server.payloads import format_channel, format_member, format_message, format_user
from tests.discord_server.refusals import Refusal
from tests.discord_server.state import LOADING, Channel, Guild, Message, User, World

PING, COMMAND, COMPONENT, COMPLETION, MODAL = 1, 2, 3, 4, 5
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL_SHOWN = 4, 5, 6, 7, 8, 9
IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2


@dataclass(eq=False, repr=False)
class Interaction:
    """What a member did, and all that the bot answered."""

    id: int
    kind: int
    user: User
    channel: Channel
    data: dict[str, Any]
    owners: dict[str, str]
    source: Message | None = None
    from_modal_of: Interaction | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    opened: float = field(default_factory=time.monotonic)
    answered: float | None = None
    answer: dict[str, Any] | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    touched: bool = False  # the original was edited, filled or deleted after the callback

    def __repr__(self) -> str:
        what = self.data.get("name") or self.data.get("custom_id")
        return f"<Interaction type={self.kind} {what!r} by {self.user.name}, answer {self.answer_kind}>"

    @property
    def guild(self) -> Guild | None:
        """The server it happened in, if any."""
        return self.channel.guild

    @property
    def answer_kind(self) -> int | None:
        """The type of the callback, None before it."""
        return None if self.answer is None else int(self.answer["type"])

    @property
    def settled(self) -> bool:
        """Whether the member sees a result: a deferred answer is none until it is filled."""
        if self.answer_kind in (DEFERRED, DEFERRED_UPDATE):
            return self.touched or bool(self.followups)
        return self.answer is not None

    @property
    def context(self) -> int:
        """Where it happened: a server, the bot's own conversation, another private one."""
        if self.guild is not None:
            return IN_GUILD
        return IN_BOT_DM if len(self.channel.recipients) == 1 else IN_PRIVATE

    def get_message(self, message_id: int | None) -> Message:
        """Return a message of this interaction by id, or the original for None; 10008 when there is none."""
        known = [self.original] if self.original is not None else []
        for message in known if message_id is None else [*known, *self.followups]:
            if not message.deleted and message_id in (None, message.id):
                return message
        raise Refusal.of(10008)


class Interactions:
    """All interactions by id and token, and those nobody answered in time."""

    def __init__(self, deadline_seconds: float, token_seconds: float) -> None:
        self.deadline_seconds, self.token_seconds = deadline_seconds, token_seconds
        self.all: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self.unanswered: list[Interaction] = []

    def add(self, interaction: Interaction) -> None:
        """Remember a new interaction."""
        self.all[interaction.id] = self._by_token[interaction.token] = interaction

    def mark_late(self, interaction: Interaction) -> bool:
        """Note an interaction as unanswered when it is; tell whether it was."""
        if interaction.answered is None:
            self.unanswered.append(interaction)
        return interaction.answered is None

    def get_open(self, interaction_id: int, token: str) -> Interaction:
        """Return an interaction that may be answered now; 10062 when unknown or late, 40060 when answered."""
        found = self.all.get(interaction_id)
        if found is None or found.token != token:
            raise Refusal.of(10062)
        if found.answered is not None:
            raise Refusal.of(40060)
        if time.monotonic() - found.opened > self.deadline_seconds:
            raise Refusal.of(10062)
        return found

    def get_answered(self, token: str) -> Interaction:
        """Return the interaction of a follow-up; 10015 before its callback, 50027 when its token ran out."""
        found = self._by_token.get(token)
        if found is None or found.answered is None:
            raise Refusal.of(10015)
        if time.monotonic() - found.opened > self.token_seconds:
            raise Refusal.of(50027)
        return found


def find_owners(world: World, user: User, channel: Channel) -> dict[str, str]:
    """Return through which installations the app is there: "0" the server's, "1" the member's own."""
    owners = {}
    if channel.guild is not None and channel.guild.installed:
        owners["0"] = str(channel.guild.id)
    elif channel.guild is None and world.dms.get(user.id) is channel:
        owners["0"] = "0"
    if user.installed:
        owners["1"] = str(user.id)
    return owners


def find_app_permissions(world: World, interaction: Interaction) -> int:
    """Return what the app may do where it was called."""
    guild = interaction.guild
    if guild is None:
        return permissions.DIRECT
    if guild.installed:
        return world.get_permissions(world.bot, interaction.channel)
    theirs = world.get_permissions(interaction.user, interaction.channel)
    speaks = bool(theirs & permissions.USE_EXTERNAL_APPS)
    return theirs & permissions.DIRECT if speaks else permissions.USE_APPLICATION_COMMANDS


def is_forced_private(interaction: Interaction, world: World) -> bool:
    """Tell whether an app that is only the member's own may not speak publicly there."""
    if interaction.guild is None or interaction.guild.installed:
        return False
    theirs = world.get_permissions(interaction.user, interaction.channel)
    return not theirs & permissions.USE_EXTERNAL_APPS


def format_interaction(interaction: Interaction, world: World) -> dict[str, Any]:
    """Return the payload of INTERACTION_CREATE."""
    channel, guild, user = interaction.channel, interaction.guild, interaction.user
    theirs = world.get_permissions(user, channel)
    found: dict[str, Any] = {
        "id": str(interaction.id),
        "application_id": str(world.bot.id),
        "type": interaction.kind,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "locale": user.locale,
        "channel_id": str(channel.id),
        "channel": format_channel(channel) | {"permissions": str(theirs)},
        "app_permissions": str(find_app_permissions(world, interaction)),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": interaction.owners,
        "context": interaction.context,
        "attachment_size_limit": 10 * 1024 * 1024,
    }
    if guild is None:
        found["user"] = format_user(user)
    else:
        found["guild_id"], found["guild_locale"] = str(guild.id), guild.locale
        found["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
        found["member"] = format_member(guild.members[user.id]) | {"permissions": str(theirs)}
    if interaction.source is not None:
        found["message"] = format_message(interaction.source, world)
    return found


def format_metadata(interaction: Interaction) -> dict[str, Any]:
    """Return what a message says about the interaction it answers."""
    found: dict[str, Any] = {
        "id": str(interaction.id),
        "type": interaction.kind,
        "user": format_user(interaction.user),
        "authorizing_integration_owners": interaction.owners,
    }
    if interaction.kind == COMPONENT and interaction.source is not None:
        found["interacted_message_id"] = str(interaction.source.id)
    if interaction.kind == MODAL and interaction.from_modal_of is not None:
        found["triggering_interaction_metadata"] = format_metadata(interaction.from_modal_of)
    return found


def is_loading(message: Message | None) -> bool:
    """Tell whether a message still only says that the bot is thinking."""
    return message is not None and bool(message.flags & LOADING) and not message.deleted

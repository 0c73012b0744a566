"""What answers may ask of the world outside: a server's channels and roles, and to have a digest sent.

Values and two small protocols, so that the answers need no Discord: its client and the delivery keep them, the
preview page has neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from storage.models import Subscription, Target

VIEW, SEND, READ_HISTORY = "View Channel", "Send Messages", "Read Message History"
OPEN_THREADS, SEND_IN_THREADS = "Create Public Threads", "Send Messages in Threads"
MENTION = "Mention All Roles"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel digests may go to: `kind` is text, announcement, forum or another word, which can't.

    `permissions` are the bot's there, of the names above. `tags` are a forum's (id, name) pairs. Names are
    strangers' text.
    """

    id: str
    guild_id: str
    name: str
    kind: str = "text"
    permissions: frozenset[str] = frozenset()
    tags: tuple[tuple[str, str], ...] = ()
    needs_tag: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """A server's role; anyone may ping one that `is_mentionable`."""

    id: str
    name: str
    is_everyone: bool = False
    is_mentionable: bool = False


class Venue(Protocol):
    """The servers the bot is in, as it knows them without asking Discord; only for an overseer it has to ask."""

    def is_present(self, guild_id: str) -> bool:
        """Tell whether the bot is in a server and sees it, which it does not during an outage of Discord's."""
        ...

    def find_channel(self, guild_id: str, channel_id: str) -> Channel | None: ...
    def find_system_channel(self, guild_id: str) -> Channel | None: ...
    def find_role(self, guild_id: str, role_id: str) -> Role | None: ...
    def list_commands(self) -> dict[str, int]: ...

    async def find_overseer(self, guild_id: str, member_id: str) -> bool:
        """Tell whether somebody is still a member of a server who may manage it; no when that can't be found out."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending a digest now.

    `state` is sent, nothing (there is nothing to give), failed or uncertain (it may have arrived); `reason`
    says why it was not sent: permission, channel gone, DMs closed, refused, outage; `url` leads to the first message.
    `is_repeat`: it had been sent for this very request before.
    """

    state: str
    reason: str = ""
    url: str | None = None
    is_repeat: bool = False


class Sender(Protocol):
    """Sends digests, once each."""

    async def send(self, subscription: Subscription, occasion: str, now: datetime) -> Outcome:
        """Choose and send a subscription's digest in answer to somebody's own request, named by the occasion.

        The same occasion never sends twice. A member's conversation is opened if it is not yet.
        """
        ...

    async def open_conversation(self, target: Target) -> None:
        """Begin to open the conversation with a member who just asked for something, for what there is to tell later.

        It is not waited for and never an error; one that is open already stays.
        """
        ...

"""What sending needs of the place messages go to: one small protocol, and the ways in which it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.messages.custom_id import decode_marker

NO_PERMISSION, CHANNEL_GONE, DMS_CLOSED = "permission", "channel gone", "DMs closed"
MESSAGE_GONE, REFUSED, LIMITED, OUTAGE = "message deleted", "refused", "rate limited", "outage"
QUARANTINED = "quarantined"  # the bot is held to be a spammer: that is about the bot, not about the target
HELD = "held back"  # by ourselves, before too many refusals get the bot banned: nothing was asked
TIMEOUT_SECONDS = 20.0  # of every call: what was asked longer ago has had its effect, or never will


class TransportError(Exception):
    """Sending failed; `kind` is one of the words above, `is_final` says that trying again changes nothing.

    `may_have_arrived`: the answer was lost, so the message may be there all the same.
    """

    def __init__(self, kind: str, detail: str, *, is_final: bool = False, may_have_arrived: bool = False) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail = kind, detail
        self.is_final, self.may_have_arrived = is_final, may_have_arrived


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message is now."""

    channel_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of ours that is there, with the custom ids of its buttons."""

    sent: Sent
    custom_ids: tuple[str, ...]

    @property
    def markers(self) -> frozenset[str]:
        """Return the markers in its custom ids: what it was sent for."""
        return frozenset(marker for custom_id in self.custom_ids if (marker := decode_marker(custom_id)))


class Transport(Protocol):
    """A place messages go to. Every call has a time limit and raises TransportError only."""

    async def open_dm(self, member_id: str) -> str:
        """Open the conversation with a member and return its channel's id."""
        ...

    async def send(self, channel_id: str, body: Mapping[str, Any], nonce: str) -> Sent:
        """Send a message; Discord gives back the one it has for a nonce it saw in the last few minutes."""
        ...

    async def post(self, forum_id: str, name: str, tags: tuple[str, ...], body: Mapping[str, Any]) -> Sent:
        """Begin a post in a forum with a message; `channel_id` of the result is the post's."""
        ...

    async def edit(self, sent: Sent, body: Mapping[str, Any]) -> None:
        """Put new words in place of a message's own, pinging nobody; MESSAGE_GONE when it was deleted."""
        ...

    async def publish(self, sent: Sent) -> None:
        """Publish an announcement to the channels that follow it; harmless when it is published already."""
        ...

    async def open_thread(self, sent: Sent, name: str) -> None:
        """Open a thread under a message; harmless when it has one."""
        ...

    async def list_messages(self, channel_id: str, since: datetime, until: datetime) -> list[Posted]:
        """Return all our own messages of a time, oldest first.

        Not being able to read them all is an error: what is not in the list was promised not to be there.
        """
        ...

    async def list_posts(self, forum_id: str, since: datetime, until: datetime) -> list[Posted]:
        """Return the first messages of our own posts in a forum; the rest is as for `list_messages`."""
        ...

"""What sending needs of the place messages go to: one small protocol, and the ways in which it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

NO_PERMISSION, CHANNEL_GONE, DMS_CLOSED = "permission", "channel gone", "DMs closed"
REFUSED, LIMITED, OUTAGE = "refused", "rate limited", "outage"
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
    """Where a message is now; `url` leads to it."""

    channel_id: str
    message_id: str


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

    async def find(self, channel_id: str, marker: str, since: datetime, until: datetime) -> Sent | None:
        """Find our own message whose buttons carry a marker among those of a time, None when it is not there.

        Not being able to read them all is an error: None is a promise that it is safe to send again.
        """
        ...

    async def find_post(self, forum_id: str, marker: str, since: datetime, until: datetime) -> Sent | None:
        """Find the post in a forum whose first message carries a marker; the rest is as for `find`."""
        ...

    async def publish(self, sent: Sent) -> None:
        """Publish an announcement to the channels that follow it; harmless when it is published already."""
        ...

    async def open_thread(self, sent: Sent, name: str) -> None:
        """Open a thread under a message; harmless when it has one."""
        ...

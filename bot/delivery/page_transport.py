"""Sends to the preview page, which reads its messages from the deliveries themselves: being marked sent is arriving.

So nothing is sent twice and nothing can be lost on the way, and there is no history to look anything up in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.delivery.transport import REFUSED, Posted, Sent, TransportError

CHANNEL = "page"


class PageTransport:
    """The page as a place for messages; a message's id there is its nonce."""

    async def open_dm(self, member_id: str) -> str:
        """Return where all of the page's messages are."""
        return CHANNEL

    async def send(self, channel_id: str, body: Mapping[str, Any], nonce: str) -> Sent:
        """Return where the message is once it is marked sent; the same nonce is the same message."""
        return Sent(CHANNEL, nonce)

    async def post(self, forum_id: str, name: str, tags: tuple[str, ...], body: Mapping[str, Any]) -> Sent:
        """Refuse: the page has no forums."""
        raise TransportError(REFUSED, "the page has no forums", is_final=True)

    async def edit(self, sent: Sent, body: Mapping[str, Any]) -> None:
        """Do nothing: the new words are shown once the edit is marked done."""

    async def publish(self, sent: Sent) -> None:
        """Do nothing: nobody follows the page."""

    async def open_thread(self, sent: Sent, name: str) -> None:
        """Do nothing: the page has no threads."""

    async def list_messages(self, channel_id: str, since: datetime, until: datetime) -> list[Posted]:
        """Return nothing: what is not marked sent is not on the page."""
        return []

    async def list_posts(self, forum_id: str, since: datetime, until: datetime) -> list[Posted]:
        """Return nothing: the page has no forums."""
        return []

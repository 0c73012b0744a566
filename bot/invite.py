"""The link with which an admin invites the bot, and what it asks for: the one table of permissions and their reasons.

Pure: what Discord makes of the link is Discord's, https://discord.com/developers/docs/topics/oauth2#bot-authorization-flow.
"""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple
from urllib.parse import urlencode

AUTHORIZE = "https://discord.com/oauth2/authorize"


class Permission(NamedTuple):
    """A permission by Discord's name, its bit, why the bot needs it, and whether only threads and forums do."""

    name: str
    bit: int
    why: str
    is_for_threads: bool = False


# Bits: https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
PERMISSIONS = (
    Permission("View Channel", 1 << 10, "to see the channels digests go to"),
    Permission("Send Messages", 1 << 11, "to post digests, and to begin posts in forums"),
    Permission(
        "Read Message History",
        1 << 16,
        "to find out, after an outage, whether a digest arrived, so that none is posted twice",
    ),
    Permission("Create Public Threads", 1 << 35, "to open a thread for discussion under a digest", is_for_threads=True),
    Permission(
        "Send Messages in Threads",
        1 << 38,
        "for the further parts of a digest in a forum post or thread",
        is_for_threads=True,
    ),
)


def add_permissions(*, threads: bool = True) -> int:
    """Return the bits the bot asks for together: 309237713920, or 68608 without threads and forums."""
    return sum(one.bit for one in PERMISSIONS if threads or not one.is_for_threads)


def render_invite(application_id: int, *, threads: bool = True) -> str:
    """Return the link that adds the bot and its commands to a server, asking for no more than it needs."""
    query = {
        "client_id": application_id,
        "scope": "bot applications.commands",
        "permissions": add_permissions(threads=threads),
    }
    return f"{AUTHORIZE}?{urlencode(query)}"


def find_application_id(token: str) -> int | None:
    """Return the id of the application a token is of, which its first part holds in base64; None for another text."""
    first = token.partition(".")[0]
    try:
        text = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(text) if text.isdigit() and 15 <= len(text) <= 20 else None

"""Routes of channels and their messages, direct conversations included."""

from __future__ import annotations

from typing import Any

from tests.discord_server import permissions
from tests.discord_server.access import get_channel, get_message, get_own_message, get_speakable
from tests.discord_server.bodies import Request
from tests.discord_server.core import Core
from tests.discord_server.payloads import format_channel, format_message
from tests.discord_server.posts import CROSSPOSTED, add_post, check_ephemeral, delete_post, edit_post, get_body
from tests.discord_server.refusals import Refusal
from tests.discord_server.state import ANNOUNCEMENT, Channel, Message

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"


def get_one_channel(core: Core, request: Request) -> Any:
    """GET a channel."""
    return format_channel(get_channel(core, request.get_id("channel_id")))


def create_message(core: Core, request: Request) -> Any:
    """POST a message; one with a nonce used within the window gives the first message again."""
    body = get_body(request.body)
    channel = get_speakable(core, request.get_id("channel_id"), _find_needed(body, request.files))
    known = _get_known(core, body)
    if known is None:
        check_ephemeral(core, body)
        known = add_post(core, channel, body, request.files)
        if known.nonce is not None:
            core.nonces[known.nonce] = known
    return format_message(known, core.world)


def _find_needed(body: dict[str, Any], files: dict[str, bytes]) -> int:
    needed = permissions.ATTACH_FILES if files else 0
    needed |= permissions.EMBED_LINKS if body.get("embeds") else 0
    return needed | (permissions.READ_MESSAGE_HISTORY if body.get("message_reference") else 0)


def _get_known(core: Core, body: dict[str, Any]) -> Message | None:
    """Return the message that an enforced nonce stands for; nonces are the author's, whatever the channel."""
    known = core.nonces.get(str(body.get("nonce"))) if body.get("enforce_nonce") else None
    recent = known is not None and core.world.clock() - known.created <= core.nonce_seconds
    return known if recent else None


def list_messages(core: Core, request: Request) -> Any:
    """GET messages, newest first; none without the permission to read history, as Discord has it."""
    channel = get_channel(core, request.get_id("channel_id"))
    limit = request.get_int("limit", 50, 1, 100)
    if not core.world.get_permissions(core.world.bot, channel) & permissions.READ_MESSAGE_HISTORY:
        return []
    chosen = _choose(sorted(channel.messages), request.query, limit)
    return [format_message(channel.messages[one], core.world) for one in sorted(chosen, reverse=True)]


def _choose(ids: list[int], query: dict[str, str], limit: int) -> list[int]:
    if "around" in query:
        middle, half = int(query["around"]), limit // 2
        older, newer = [one for one in ids if one < middle], [one for one in ids if one >= middle]
        return [*older[max(0, len(older) - half) :], *newer[: half + 1]][:limit]
    if "after" in query:
        return [one for one in ids if one > int(query["after"])][:limit]
    before = int(query.get("before", 1 << 63))
    return [one for one in ids if one < before][-limit:]


def get_one_message(core: Core, request: Request) -> Any:
    """GET one message, which needs the history."""
    channel = _get_readable(core, request)
    return format_message(get_message(core, channel, request.get_id("message_id")), core.world)


def _get_readable(core: Core, request: Request) -> Channel:
    channel = get_channel(core, request.get_id("channel_id"))
    if not core.world.get_permissions(core.world.bot, channel) & permissions.READ_MESSAGE_HISTORY:
        raise Refusal.of(50001)
    return channel


def edit_message(core: Core, request: Request) -> Any:
    """PATCH one of the bot's own messages, in a thread that is not archived."""
    channel = get_channel(core, request.get_id("channel_id"))
    message = get_own_message(core, channel, request.get_id("message_id"))
    if channel.archived:
        raise Refusal.of(50083)
    return format_message(edit_post(core, message, get_body(request.body), request.files), core.world)


def delete_message(core: Core, request: Request) -> None:
    """DELETE a message; another's needs Manage Messages."""
    channel = get_channel(core, request.get_id("channel_id"))
    message = get_message(core, channel, request.get_id("message_id"))
    if message.author is not core.world.bot:
        get_channel(core, channel.id, permissions.MANAGE_MESSAGES)
    delete_post(core, message)


def crosspost(core: Core, request: Request) -> Any:
    """POST a message of an announcement channel to its followers."""
    channel = get_channel(core, request.get_id("channel_id"), permissions.SEND_MESSAGES)
    message = get_message(core, channel, request.get_id("message_id"))
    if channel.kind != ANNOUNCEMENT:
        raise Refusal.of(50024)
    if message.author is not core.world.bot:
        get_channel(core, channel.id, permissions.MANAGE_MESSAGES)
    if message.flags & CROSSPOSTED:
        raise Refusal.of(40033)
    message.flags |= CROSSPOSTED
    core.publish_message("MESSAGE_UPDATE", message)
    return format_message(message, core.world)


def type_in(core: Core, request: Request) -> None:
    """POST that the bot is typing."""
    get_speakable(core, request.get_id("channel_id"))


def open_dm(core: Core, request: Request) -> Any:
    """POST to open a conversation with a user; whether they take messages shows when one is sent."""
    user = core.world.users.get(int(get_body(request.body).get("recipient_id") or 0))
    if user is None or user is core.world.bot:
        raise Refusal.of(50033)
    return format_channel(core.world.get_dm(user))


ROUTES = [
    ("GET", "/channels/{channel_id}", get_one_channel),
    ("POST", MESSAGES, create_message),
    ("GET", MESSAGES, list_messages),
    ("GET", MESSAGE, get_one_message),
    ("PATCH", MESSAGE, edit_message),
    ("DELETE", MESSAGE, delete_message),
    ("POST", MESSAGE + "/crosspost", crosspost),
    ("POST", "/channels/{channel_id}/typing", type_in),
    ("POST", "/users/@me/channels", open_dm),
]

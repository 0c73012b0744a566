"""Messages written, edited and deleted, whoever asks: a channel's route, an interaction's answer, a forum's post."""

from __future__ import annotations

import mimetypes
from typing import Any

from tests.discord_rules import find_violations
from tests.discord_server import permissions
from tests.discord_server.core import Core
from tests.discord_server.message_rules import SENDABLE, SUPPRESS_EMBEDS, check_message, find_mentions
from tests.discord_server.parts import store_components
from tests.discord_server.refusals import Problem, Refusal, check
from tests.discord_server.state import EPHEMERAL, LOADING, Channel, Mentions, Message, User

CROSSPOSTED, HAS_THREAD = 1 << 0, 1 << 5
REPLY = 19
_UNKNOWN_TO_RULES = ("unknown type 11", "unknown type 12", "unknown type 13", "empty content")  # component_rules knows


def add_post(
    core: Core,
    channel: Channel,
    body: dict[str, Any],
    files: dict[str, bytes],
    *,
    kind: int = 0,
    seen_by: User | None = None,
    metadata: dict[str, Any] | None = None,
    message_id: int | None = None,
) -> Message:
    """Check a body and write it as the bot's message; with `seen_by`, for one member's eyes only."""
    check_message(body, files)
    flags = (body.get("flags") or 0) & SENDABLE & ~EPHEMERAL | (EPHEMERAL if seen_by else 0)
    message = core.world.add_message(
        channel,
        core.world.bot,
        body.get("content") or "",
        embeds=[one | {"type": "rich"} for one in body.get("embeds") or []],
        flags=flags,
        kind=kind,
        nonce=None if body.get("nonce") is None else str(body["nonce"]),
        mentions=_find_mentions(core, channel, body),
        reference=_get_reference(channel, body),
        seen_by=seen_by,
        metadata=metadata,
        message_id=message_id,
    )
    message.attachments = _store(core, message, body, files)
    message.components = store_components(body.get("components") or [], message.attachments)
    message.kind = REPLY if message.reference and not kind else kind
    _note_violations(core, message)
    core.publish_message("MESSAGE_CREATE", message)
    return message


def edit_post(core: Core, message: Message, body: dict[str, Any], files: dict[str, bytes]) -> Message:
    """Check what a message would become, then change it; what the body doesn't name stays."""
    asked = body.get("flags")
    flags = message.flags if asked is None else message.flags & ~SUPPRESS_EMBEDS | asked & SENDABLE
    kept = {one["id"] for one in body["attachments"] or []} if "attachments" in body else None
    stay = [one for one in message.attachments if kept is None or one["id"] in {str(one) for one in kept}]
    merged: dict[str, Any] = {
        "content": message.content,
        "embeds": message.embeds,
        "components": message.components,
        "attachments": stay,
        "flags": flags & SENDABLE,
    }
    merged |= {key: body[key] for key in ("content", "embeds", "components", "allowed_mentions") if key in body}
    check_message(merged, files)
    message.content, message.embeds = merged["content"] or "", merged["embeds"] or []
    message.attachments = [*stay, *_store(core, message, body, files)]
    message.components = store_components(merged["components"] or [], message.attachments)
    message.mentions = _find_mentions(core, message.channel, merged)
    message.edited = message.edited if message.flags & LOADING else core.world.clock()
    message.flags = flags & ~LOADING
    _note_violations(core, message)
    core.publish_message("MESSAGE_UPDATE", message)
    return message


def _note_violations(core: Core, message: Message) -> None:
    """Check a message that was taken a second time, by the project's own reading of Discord's rules."""
    shown = {"content": message.content, "components": message.components, "flags": message.flags}
    lines = [line for line in find_violations(shown) if line not in _UNKNOWN_TO_RULES]
    core.violations += [f"message {message.id}: {line}" for line in lines]


def delete_post(core: Core, message: Message) -> None:
    """Delete a message and tell the gateway."""
    core.world.delete_message(message)
    if message.seen_by is None:
        guild = message.channel.guild
        payload = {"id": str(message.id), "channel_id": str(message.channel.id)}
        payload |= {} if guild is None else {"guild_id": str(guild.id)}
        core.gateway.publish("MESSAGE_DELETE", payload, guild=guild, intent=1 << 12 if guild is None else 1 << 9)


def _find_mentions(core: Core, channel: Channel, body: dict[str, Any]) -> Mentions:
    """Return whom a message really pings: @everyone and closed roles need a permission in servers."""
    found = find_mentions(body)
    if channel.guild is None:
        return Mentions(found.users, [], False)
    roles = channel.guild.roles
    may = bool(core.world.get_permissions(core.world.bot, channel) & permissions.MENTION_EVERYONE)
    known = [one for one in found.roles if one in roles and (may or roles[one].mentionable)]
    return Mentions(found.users, known, found.everyone and may)


def _get_reference(channel: Channel, body: dict[str, Any]) -> dict[str, Any] | None:
    asked = body.get("message_reference")
    if not asked:
        return None
    if int(asked["message_id"]) not in channel.messages and asked.get("fail_if_not_exists", True):
        check([Problem(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")])
    return {"type": 0, "channel_id": str(channel.id), "message_id": str(asked["message_id"])}


def _store(core: Core, message: Message, body: dict[str, Any], files: dict[str, bytes]) -> list[dict[str, Any]]:
    """Keep uploaded files and return them as attachments."""
    described = {one.get("filename"): one for one in body.get("attachments") or []}
    return [
        add_upload(core, message.channel.id, name, content, (described.get(name) or {}).get("description"))
        for name, content in files.items()
    ]


def add_upload(
    core: Core, channel_id: int, name: str, content: bytes, description: str | None = None
) -> dict[str, Any]:
    """Keep a file under an address of this server and return it as an attachment."""
    attachment_id = core.world.add_id()
    path = f"/attachments/{channel_id}/{attachment_id}/{name}"
    core.world.uploads[path] = content
    found: dict[str, Any] = {
        "id": str(attachment_id),
        "filename": name,
        "size": len(content),
        "url": core.origin + path,
        "proxy_url": core.origin + path,
        "content_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
    }
    return found | ({"description": description} if description else {})


def check_ephemeral(core: Core, body: dict[str, Any]) -> None:
    """Note a message that wants to be private where nothing is: outside an interaction."""
    if (body.get("flags") or 0) & EPHEMERAL:
        core.violations.append("ephemeral, but not an answer to an interaction")


def get_body(body: Any) -> dict[str, Any]:
    """Return a body that must be an object; refuse anything else."""
    if not isinstance(body, dict):
        raise Refusal(
            400, 50035, "Invalid Form Body", [Problem((), "DICT_TYPE_CONVERT", "Only dictionaries may be used")]
        )
    found: dict[str, Any] = body
    return found

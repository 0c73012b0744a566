"""Routes of threads: from a message, in a text channel, as a post of a forum; and finding them again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.discord_server import permissions
from tests.discord_server.access import get_channel, get_guild, get_message
from tests.discord_server.bodies import Request
from tests.discord_server.component_rules import find_length_problems
from tests.discord_server.core import Core
from tests.discord_server.message_rules import check_message
from tests.discord_server.payloads import format_channel, format_message
from tests.discord_server.posts import HAS_THREAD, add_post, get_body
from tests.discord_server.refusals import Problem, Refusal, check, nested
from tests.discord_server.replies import Reply
from tests.discord_server.state import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_THREAD,
    FORUM,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    THREADS,
    Channel,
    get_moment,
)

ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
MOST_TAGS = 5


def _find_problems(body: dict[str, Any]) -> Iterator[Problem]:
    yield from find_length_problems(body, "name", 1, 100, ())
    if (body.get("auto_archive_duration") or 1440) not in ARCHIVE_MINUTES:
        yield Problem(("auto_archive_duration",), "BASE_TYPE_CHOICES", f"Value must be one of {ARCHIVE_MINUTES}.")
    if len(body.get("applied_tags") or []) > MOST_TAGS:
        yield Problem(("applied_tags",), "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_TAGS} or fewer in length.")


def _add_thread(core: Core, parent: Channel, body: dict[str, Any], kind: int, thread_id: int | None = None) -> Channel:
    thread = core.world.add_thread(parent, body["name"], core.world.bot, kind, thread_id)
    thread.archive_minutes = body.get("auto_archive_duration") or thread.archive_minutes
    core.publish_channel("THREAD_CREATE", thread, format_channel(thread) | {"newly_created": True})
    return thread


def create_from_message(core: Core, request: Request) -> Any:
    """POST a thread under a message; its id is the message's."""
    body = get_body(request.body)
    channel = get_channel(core, request.get_id("channel_id"), permissions.CREATE_PUBLIC_THREADS)
    message = get_message(core, channel, request.get_id("message_id"))
    if channel.kind not in (TEXT, ANNOUNCEMENT):
        raise Refusal.of(50024)
    if message.thread is not None:
        raise Refusal.of(160004)
    check(_find_problems(body))
    kind = ANNOUNCEMENT_THREAD if channel.kind == ANNOUNCEMENT else PUBLIC_THREAD
    message.thread = _add_thread(core, channel, body, kind, message.id)
    message.flags |= HAS_THREAD
    core.publish_message("MESSAGE_UPDATE", message)
    return Reply(201, format_channel(message.thread))


def create_in_channel(core: Core, request: Request) -> Any:
    """POST a thread to a text channel, or a post with its first message to a forum."""
    body = get_body(request.body)
    channel = get_channel(core, request.get_id("channel_id"))
    if channel.kind == FORUM:
        return _create_forum_post(core, channel, body, request.files)
    if channel.kind not in (TEXT, ANNOUNCEMENT):
        raise Refusal.of(50024)
    kind = body.get("type") or PRIVATE_THREAD
    public = kind != PRIVATE_THREAD
    get_channel(core, channel.id, permissions.CREATE_PUBLIC_THREADS if public else permissions.CREATE_PRIVATE_THREADS)
    check(_find_problems(body))
    return Reply(201, format_channel(_add_thread(core, channel, body, kind)))


def _create_forum_post(core: Core, forum: Channel, body: dict[str, Any], files: dict[str, bytes]) -> Reply:
    files_needed = permissions.ATTACH_FILES if files else 0
    get_channel(core, forum.id, permissions.SEND_MESSAGES | files_needed)
    check(_find_problems(body))
    tags = _get_tags(core, forum, body)
    if not isinstance(body.get("message"), dict):
        check([Problem(("message",), "BASE_TYPE_REQUIRED", "This field is required")])
    with nested("message"):
        check_message(body["message"], files)
    thread = core.world.add_thread(forum, body["name"], core.world.bot, PUBLIC_THREAD)
    thread.applied_tags, thread.archive_minutes = tags, body.get("auto_archive_duration") or thread.archive_minutes
    core.publish_channel("THREAD_CREATE", thread, format_channel(thread) | {"newly_created": True})
    message = add_post(core, thread, body["message"], files, message_id=thread.id)  # a post has its message's id
    return Reply(201, format_channel(thread) | {"message": format_message(message, core.world)})


def _get_tags(core: Core, forum: Channel, body: dict[str, Any]) -> list[int]:
    asked = [int(tag) for tag in body.get("applied_tags") or []]
    known = {tag.id: tag for tag in forum.tags}
    if any(tag not in known for tag in asked):
        check([Problem(("applied_tags",), "UNKNOWN_TAG", "Unknown tag")])
    if forum.requires_tag and not asked:
        raise Refusal.of(40067)
    if any(known[tag].moderated for tag in asked):
        get_channel(core, forum.id, permissions.MANAGE_THREADS)
    return asked


def edit_thread(core: Core, request: Request) -> Any:
    """PATCH a thread of the bot's own, or any with Manage Threads; other channels are not for this bot."""
    body, thread = get_body(request.body), get_channel(core, request.get_id("channel_id"))
    if thread.kind not in THREADS or thread.owner_id != core.world.bot.id:
        needed = permissions.MANAGE_THREADS if thread.kind in THREADS else permissions.MANAGE_CHANNELS
        get_channel(core, thread.id, needed)
    thread.name = body.get("name", thread.name)
    thread.archived, thread.locked = body.get("archived", thread.archived), body.get("locked", thread.locked)
    core.publish_channel("THREAD_UPDATE", thread, format_channel(thread))
    return format_channel(thread)


def list_active(core: Core, request: Request) -> Any:
    """GET the threads of a server that are not archived and that the bot sees."""
    guild = get_guild(core, request.get_id("guild_id"))
    threads = [one for one in guild.channels.values() if one.kind in THREADS and not one.archived]
    return _format_threads(core, threads)


def list_archived(core: Core, request: Request) -> Any:
    """GET the public archived threads of a channel, the last archived first; needs its history.

    Here a thread's archive time is when it was made, as if nobody ever touched it.
    """
    channel = get_channel(core, request.get_id("channel_id"), permissions.READ_MESSAGE_HISTORY)
    limit = request.get_int("limit", 50, 2, 100)
    every = [] if channel.guild is None else channel.guild.channels.values()
    found = [one for one in every if one.parent_id == channel.id and one.archived]
    if "before" in request.query:
        before = datetime.fromisoformat(request.query["before"]).timestamp()
        found = [one for one in found if get_moment(one.id) < before]
    found.sort(key=lambda one: one.id, reverse=True)
    return _format_threads(core, found[:limit]) | {"has_more": len(found) > limit}


def _format_threads(core: Core, threads: list[Channel]) -> dict[str, Any]:
    seen = [one for one in threads if core.world.get_permissions(core.world.bot, one)]
    return {"threads": [format_channel(one) for one in seen], "members": [], "has_more": False}


ROUTES = [
    ("POST", "/channels/{channel_id}/messages/{message_id}/threads", create_from_message),
    ("POST", "/channels/{channel_id}/threads", create_in_channel),
    ("PATCH", "/channels/{channel_id}", edit_thread),
    ("GET", "/guilds/{guild_id}/threads/active", list_active),
    ("GET", "/channels/{channel_id}/threads/archived/public", list_archived),
]

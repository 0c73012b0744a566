"""Sends through discord.py's HTTP client: its waiting for rate limits, our time limit, our words for errors.

discord.py would repeat by itself what a 5xx answered. Here it may not: a repeat has to pass the pace, and a forum's
post, which has no nonce, may only be repeated once it was looked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.delivery.pace import Pace
from bot.delivery.transport import (
    CHANNEL_GONE,
    DMS_CLOSED,
    LIMITED,
    NO_PERMISSION,
    OUTAGE,
    REFUSED,
    TIMEOUT_SECONDS,
    Sent,
    TransportError,
)
from bot.messages.custom_id import decode_marker

PAGE, MOST_PAGES = 100, 5  # messages of a channel's history looked through for one of ours
MOST_POSTS = 50  # posts of a forum whose first messages are looked at
LONGEST_WAIT = TIMEOUT_SECONDS / 2  # for a rate limit: a longer one is an answer by itself
THREAD_MINUTES = 1440  # until an idle discussion is put away
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
_KINDS = {
    10003: CHANNEL_GONE,
    10004: CHANNEL_GONE,
    50001: NO_PERMISSION,
    50013: NO_PERMISSION,
    50007: DMS_CLOSED,
    50278: DMS_CLOSED,  # no server in common
}
_TOO_FAST = (20026, 40003)  # the bot is held to be a spammer; it opens conversations too fast
_UNKNOWN_MESSAGE = 10008
_DONE_ALREADY = (40033, 160004)  # crossposted already; a thread has been created for this message already


class DiscordTransport:
    """Sends as the bot that `http` is logged in as, no faster than `pace`."""

    def __init__(self, http: HTTPClient, pace: Pace) -> None:
        self._http, self._pace = http, pace

    async def open_dm(self, member_id: str) -> str:
        """Open the conversation with a member and return its channel's id."""
        made = await self._request(Route("POST", "/users/@me/channels"), {"recipient_id": member_id})
        return str(made["id"])

    async def send(self, channel_id: str, body: Mapping[str, Any], nonce: str) -> Sent:
        """Send a message; the nonce is enforced, so a repeat within minutes gives the first one back."""
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        sent = await self._request(route, {**body, "nonce": nonce, "enforce_nonce": True})
        return Sent(str(sent["channel_id"]), str(sent["id"]))

    async def post(self, forum_id: str, name: str, tags: tuple[str, ...], body: Mapping[str, Any]) -> Sent:
        """Begin a post in a forum with a message."""
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=forum_id)
        thread = await self._request(route, {"name": name, "applied_tags": list(tags), "message": dict(body)})
        return Sent(str(thread["id"]), str(thread["id"]))  # a post's first message has the post's id

    async def find(self, channel_id: str, marker: str, since: datetime, until: datetime) -> Sent | None:
        """Find our own message by the marker in its buttons; TransportError when the history can't all be read."""
        after, end = discord.utils.time_snowflake(since), discord.utils.time_snowflake(until, high=True)
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
        for number in range(MOST_PAGES):
            page = await self._request(route, None, params={"after": str(after), "limit": PAGE})
            for message in page:
                if marker in find_markers(message.get("components", ())):
                    return Sent(channel_id, str(message["id"]))
            if not page and number == 0:
                # Without the permission to read the history Discord's list is empty, as if nothing had been sent.
                await self._get_message(channel_id, str(after))
            after = max((int(message["id"]) for message in page), default=end)
            if len(page) < PAGE or after >= end:
                return None
        raise TransportError(OUTAGE, f"more than {MOST_PAGES * PAGE} messages to look through", is_final=True)

    async def find_post(self, forum_id: str, marker: str, since: datetime, until: datetime) -> Sent | None:
        """Find our own post by the marker in its first message: among the open ones, then those put away last."""
        forum = await self._request(Route("GET", "/channels/{channel_id}", channel_id=forum_id), None)
        first, last = discord.utils.time_snowflake(since), discord.utils.time_snowflake(until, high=True)
        active = Route("GET", "/guilds/{guild_id}/threads/active", guild_id=forum["guild_id"])
        archived = Route("GET", "/channels/{channel_id}/threads/archived/public", channel_id=forum_id)
        for route, more in ((active, {}), (archived, {"params": {"limit": PAGE}})):
            found = await self._request(route, None, **more)
            posts = [str(one["id"]) for one in found["threads"] if str(one["parent_id"]) == forum_id]
            posts = [post for post in posts if first <= int(post) <= last]
            if len(posts) > MOST_POSTS:
                raise TransportError(OUTAGE, f"more than {MOST_POSTS} posts to look through", is_final=True)
            for post in posts:
                message = await self._get_message(post, post)  # a post's first message has the post's id
                if message and marker in find_markers(message.get("components", ())):
                    return Sent(post, post)
        return None

    async def _get_message(self, channel_id: str, message_id: str) -> Any:
        """Return a message, None when it is not there; TransportError when the history may not be read."""
        path = "/channels/{channel_id}/messages/{message_id}"
        try:
            return await self._request(Route("GET", path, channel_id=channel_id, message_id=message_id), None)
        except TransportError as error:
            if _find_code(error) != _UNKNOWN_MESSAGE:
                raise
        return None

    async def publish(self, sent: Sent) -> None:
        """Publish an announcement to the channels that follow it."""
        path = "/channels/{channel_id}/messages/{message_id}/crosspost"
        await self._repeat(Route("POST", path, channel_id=sent.channel_id, message_id=sent.message_id), None)

    async def open_thread(self, sent: Sent, name: str) -> None:
        """Open a thread under a message."""
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        route = Route("POST", path, channel_id=sent.channel_id, message_id=sent.message_id)
        await self._repeat(route, {"name": name, "auto_archive_duration": THREAD_MINUTES})

    async def _repeat(self, route: Route, body: dict[str, Any] | None) -> None:
        """Ask for what may be done already."""
        try:
            await self._request(route, body)
        except TransportError as error:
            if _find_code(error) not in _DONE_ALREADY:
                raise

    async def _request(self, route: Route, body: dict[str, Any] | None, **more: Any) -> Any:
        await self._pace.wait()
        if body is not None:
            more["json"] = body
        request: Awaitable[Any] = self._http.request(route, raise_for_status=_refuse_repeats, **more)
        try:
            return await asyncio.wait_for(request, TIMEOUT_SECONDS)
        except discord.HTTPException as error:
            raise _classify(error) from error
        except discord.RateLimited as error:
            raise TransportError(LIMITED, f"for {error.retry_after:.0f} s") from error
        except TimeoutError as error:
            raise TransportError(OUTAGE, "no answer in time", may_have_arrived=True) from error
        except (aiohttp.ClientError, OSError) as error:
            # A connection that could not even be made took no message with it.
            lost = not isinstance(error, aiohttp.ClientConnectorError)
            raise TransportError(OUTAGE, type(error).__name__, may_have_arrived=lost) from error


async def _refuse_repeats(response: aiohttp.ClientResponse) -> None:
    """Raise for an answer that discord.py would repeat the request after, or wait long for."""
    if response.status >= 500:
        raise discord.DiscordServerError(response, await response.text())
    if response.status == 429 and _find_wait(response) > LONGEST_WAIT:
        await response.read()
        raise discord.RateLimited(_find_wait(response))


def _find_wait(response: aiohttp.ClientResponse) -> float:
    try:
        return float(response.headers.get("Retry-After", 0))
    except ValueError:  # a date, from something on the way
        return 2 * LONGEST_WAIT


def _classify(error: discord.HTTPException) -> TransportError:
    detail = f"HTTP {error.status}, code {error.code}"
    if error.code in _KINDS:
        return TransportError(_KINDS[error.code], detail, is_final=True)
    if error.status == 429 or error.code in _TOO_FAST:
        return TransportError(LIMITED, detail)
    if error.status >= 500:
        return TransportError(OUTAGE, detail, may_have_arrived=True)
    if not error.code:  # nothing about this message: a proxy on the way, Cloudflare, a token that was replaced
        return TransportError(OUTAGE, detail)
    kind = {403: NO_PERMISSION, 404: CHANNEL_GONE}.get(error.status, REFUSED)
    return TransportError(kind, detail, is_final=True)


def _find_code(error: TransportError) -> int:
    cause = error.__cause__
    return cause.code if isinstance(cause, discord.HTTPException) else 0


def find_markers(components: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the markers in a message's buttons."""
    return {marker for button in _walk(components) if (marker := decode_marker(str(button.get("custom_id", ""))))}


def _walk(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        yield component
        yield from _walk(component.get("components", ()))

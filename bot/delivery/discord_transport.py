"""Sends through discord.py's HTTP client: its waiting for a channel's limit, our time limit, our words for errors.

What goes out passes a Flight, which discord.py's own repeats can't go round: each has its turn at the pace and its
place in the breaker. A limit that Discord tells is waited for here if it is short; discord.py would do so beyond
every time limit, and a wait for its global limit that is broken off would block all its requests for ever.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.delivery.breaker import BreakerLane
from bot.delivery.flight import Flight, LimitedError
from bot.delivery.history import Message, Post, parse_message, parse_posts
from bot.delivery.pace import Lane
from bot.delivery.refusals import DONE_ALREADY, THREAD_ARCHIVED, DiscordError, classify
from bot.delivery.transport import LIMITED, MESSAGE_GONE, OUTAGE, TIMEOUT_SECONDS, Posted, Sent, TransportError

T = TypeVar("T")
PAGE, MOST_PAGES = 100, 20  # messages of a channel's history, or posts put away, that are looked through for ours
MOST_POSTS = 50  # posts of ours in a forum whose first messages are looked at
# Of discord.py's, one for each channel written to; looked through when there are more, and again when a quarter more
# came. From 256 on it would look through them itself at every new channel.
MOST_BUCKETS = 200
THREAD_MINUTES = 1440  # until an idle discussion is put away
_CONNECTING = aiohttp.ClientTimeout(total=None, connect=0.4 * TIMEOUT_SECONDS)
_SUPPRESS_EMBEDS = 1 << 2
# A connection that could not even be made took no message with it.
_UNCONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
_PATH = "/channels/{channel_id}/messages/{message_id}"


class DiscordTransport:
    """Sends as the bot that `http` is logged in as, in one lane of the pace and of the breaker.

    `note_rate_limited` is told of each 429.
    """

    def __init__(
        self, http: HTTPClient, turns: Lane, breaker: BreakerLane, note_rate_limited: Callable[[], None] = lambda: None
    ) -> None:
        self._http, self._turns, self._breaker, self._note = http, turns, breaker, note_rate_limited
        self._me: str | None = None
        self._enough_buckets = 0

    async def open_dm(self, member_id: str) -> str:
        """Open the conversation with a member and return its channel's id."""
        return await self._request(Route("POST", "/users/@me/channels"), _parse_id, {"recipient_id": member_id})

    async def send(self, channel_id: str, body: Mapping[str, Any], nonce: str) -> Sent:
        """Send a message; the nonce is enforced, so a repeat within minutes gives the first one back."""
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        return await self._request(route, _parse_sent, {**body, "nonce": nonce, "enforce_nonce": True})

    async def post(self, forum_id: str, name: str, tags: tuple[str, ...], body: Mapping[str, Any]) -> Sent:
        """Begin a post in a forum with a message."""
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=forum_id)
        made = await self._request(route, _parse_id, {"name": name, "applied_tags": list(tags), "message": dict(body)})
        return Sent(made, made)  # a post's first message has the post's id

    async def edit(self, sent: Sent, body: Mapping[str, Any]) -> None:
        """Put new words in place of a message's own, pinging nobody; a post that was put away is opened for it."""
        changed = {key: body[key] for key in ("content", "components") if key in body}
        changed["flags"] = body.get("flags", 0) & _SUPPRESS_EMBEDS  # no other can be changed
        changed["allowed_mentions"] = {"parse": []}
        route = _find_route("PATCH", _PATH, sent)
        try:
            await self._request(route, _ignore, changed)
        except DiscordError as error:
            if error.code != THREAD_ARCHIVED:
                raise
            thread = Route("PATCH", "/channels/{channel_id}", channel_id=sent.channel_id)
            await self._request(thread, _ignore, {"archived": False})
            await self._request(route, _ignore, changed)

    async def publish(self, sent: Sent) -> None:
        """Publish an announcement to the channels that follow it."""
        await self._repeat(_find_route("POST", _PATH + "/crosspost", sent))

    async def open_thread(self, sent: Sent, name: str) -> None:
        """Open a thread under a message."""
        body = {"name": name, "auto_archive_duration": THREAD_MINUTES}
        await self._repeat(_find_route("POST", _PATH + "/threads", sent), body)

    async def list_messages(self, channel_id: str, since: datetime, until: datetime) -> list[Posted]:
        """Return our own messages of a time, oldest first; TransportError when the history can't all be read."""
        after, end = discord.utils.time_snowflake(since), discord.utils.time_snowflake(until, high=True)
        me, found = await self._find_me(), []
        for _ in range(MOST_PAGES):
            page = await self._list_page(channel_id, after)
            if not page:
                # Without the permission to read the history Discord's list is empty, as if nothing had been sent.
                await self._get_message(channel_id, str(after))
            found += [one for one in page if one.author == me and one.number <= end]
            after = max((one.number for one in page), default=end)
            if len(page) < PAGE or after >= end:
                return [one.posted for one in sorted(found, key=lambda one: one.number)]
        raise TransportError(OUTAGE, f"more than {MOST_PAGES * PAGE} messages to look through", is_final=True)

    async def list_posts(self, forum_id: str, since: datetime, until: datetime) -> list[Posted]:
        """Return the first messages of our own posts of a time, of those put away too, as `list_messages` does."""
        first, last = discord.utils.time_snowflake(since), discord.utils.time_snowflake(until, high=True)
        me, posts = await self._find_me(), set[int]()
        async for post in self._iterate_posts(forum_id, since):
            if (post.owner, post.parent) == (me, forum_id) and first <= post.number <= last:
                posts.add(post.number)
        if len(posts) > MOST_POSTS:
            raise TransportError(OUTAGE, f"more than {MOST_POSTS} posts to look through", is_final=True)
        messages = [await self._get_message(str(post), str(post)) for post in sorted(posts)]
        return [message.posted for message in messages if message and message.author == me]

    async def _iterate_posts(self, forum_id: str, since: datetime) -> AsyncIterator[Post]:
        """Yield the posts of a forum's server that are open, then those of the forum put away since a time."""
        forum = Route("GET", "/channels/{channel_id}", channel_id=forum_id)
        guild_id = await self._request(forum, lambda found: str(found["guild_id"]))
        active = Route("GET", "/guilds/{guild_id}/threads/active", guild_id=guild_id)
        for post in (await self._request(active, parse_posts)).posts:
            yield post
        route = Route("GET", "/channels/{channel_id}/threads/archived/public", channel_id=forum_id)
        params: dict[str, str] = {"limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            page = await self._request(route, parse_posts, params=params)
            for post in page.posts:
                yield post
            if not page.has_more or page.earliest is None or page.earliest < since:
                return
            params["before"] = page.earliest.isoformat()
        raise TransportError(OUTAGE, f"more than {MOST_PAGES * PAGE} posts to look through", is_final=True)

    async def _list_page(self, channel_id: str, after: int) -> list[Message]:
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
        parse = lambda found: [parse_message(channel_id, one) for one in found]  # noqa: E731
        return await self._request(route, parse, params={"after": str(after), "limit": str(PAGE)})

    async def _get_message(self, channel_id: str, message_id: str) -> Message | None:
        """Return a message, None when it is not there; TransportError when the history may not be read."""
        try:
            return await self._request(
                _find_route("GET", _PATH, Sent(channel_id, message_id)), partial(parse_message, channel_id)
            )
        except TransportError as error:
            if error.kind != MESSAGE_GONE:
                raise
        return None

    async def _find_me(self) -> str:
        """Return our own user's id."""
        if self._me is None:
            self._me = await self._request(Route("GET", "/users/@me"), _parse_id)
        return self._me

    async def _repeat(self, route: Route, body: dict[str, Any] | None = None) -> None:
        """Ask for what may be done already."""
        try:
            await self._request(route, _ignore, body)
        except DiscordError as error:
            if error.code not in DONE_ALREADY:
                raise

    async def _request(
        self, route: Route, parse: Callable[[Any], T], body: Mapping[str, Any] | None = None, **more: Any
    ) -> T:
        """Ask within TIMEOUT_SECONDS and return what `parse` makes of the answer; TransportError when it fails."""
        if body is not None:
            more["json"] = body
        # Half of the time is for waiting, so that the other half is left for the answer.
        begin_by = asyncio.get_running_loop().time() + TIMEOUT_SECONDS / 2
        flight = Flight(self._turns, self._breaker, self._note, begin_by)
        try:
            return parse(await self._ask(flight, route, more))
        except discord.HTTPException as error:
            raise classify(error.status, error.code) from error
        except _UNCONNECTED as error:
            raise TransportError(OUTAGE, type(error).__name__) from error
        except (aiohttp.ClientError, OSError) as error:
            raise TransportError(OUTAGE, type(error).__name__, may_have_arrived=flight.is_out) from error
        except RuntimeError as error:  # the client was closed
            raise TransportError(OUTAGE, str(error), may_have_arrived=flight.is_out) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            detail = f"an answer that is not Discord's: {type(error).__name__}"
            raise TransportError(OUTAGE, detail, may_have_arrived=flight.is_out) from error
        finally:
            self._forget_buckets()

    def _forget_buckets(self) -> None:
        """Drop what discord.py remembers of channels whose limits are over; it keeps each for minutes.

        With 40 new channels a second it would look through 12,000 at every request.
        """
        buckets = self._http._buckets
        if len(buckets) <= max(MOST_BUCKETS, self._enough_buckets):
            return
        for key, bucket in list(buckets.items()):
            if not (bucket.outgoing or bucket._pending_requests) and (bucket.expires is None or bucket.is_expired()):
                del buckets[key]
        self._enough_buckets = len(buckets) + MOST_BUCKETS // 4

    async def _ask(self, flight: Flight, route: Route, more: dict[str, Any]) -> Any:
        more |= {"middlewares": (flight.pass_on,), "raise_for_status": flight.inspect}
        more |= {"timeout": _CONNECTING, "allow_redirects": False}
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                while True:
                    try:
                        return await self._http.request(route, **more)
                    except LimitedError as limit:
                        await flight.wait_out(limit)
        except _UNCONNECTED:  # of which one is a TimeoutError too
            raise
        except TimeoutError as error:
            if flight.answer is not None:  # discord.py waits until the channel may be written to again
                return json.loads(flight.answer) if flight.answer else None
            if flight.is_out:
                raise TransportError(OUTAGE, "no answer in time", may_have_arrived=True) from error
            raise TransportError(LIMITED, "no turn in time") from error


def _find_route(method: str, path: str, sent: Sent) -> Route:
    return Route(method, path, channel_id=sent.channel_id, message_id=sent.message_id)


def _ignore(answer: Any) -> None:
    pass


def _parse_id(found: Any) -> str:
    return str(found["id"])


def _parse_sent(found: Any) -> Sent:
    return Sent(str(found["channel_id"]), str(found["id"]))

"""Sending through discord.py's own HTTP client, against a Discord for tests that breaks on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

import bot.delivery.discord_transport as module
from bot.delivery.discord_transport import DiscordTransport
from bot.delivery.identity import find_identity
from bot.delivery.pace import Pace
from bot.delivery.transport import (
    CHANNEL_GONE,
    DMS_CLOSED,
    LIMITED,
    NO_PERMISSION,
    OUTAGE,
    REFUSED,
    Sent,
    TransportError,
)
from storage.models import Target
from tests.discord_server import Channel, Fault, Guild, Server, User, World
from tests.discord_server.permissions import READ_MESSAGE_HISTORY, SEND_MESSAGES, VIEW_CHANNEL
from tests.discord_server.sample_bot import redirect
from tests.discord_server.state import ANNOUNCEMENT, FORUM

NONCE = find_identity(Target("channel", "1"), 1, "2021-04-14", 1)
OTHER = find_identity(Target("channel", "1"), 1, "2021-04-15", 1)
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    """A world of one server with ada in it."""
    world = World()
    world.add_guild(members=[world.add_user("ada")])
    return world


@pytest.fixture
def ada(world: World) -> User:
    """A member."""
    return next(user for user in world.users.values() if user.name == "ada")


@pytest.fixture
def lab(world: World) -> Guild:
    """The server."""
    return next(iter(world.guilds.values()))


@pytest.fixture
def general(lab: Guild) -> Channel:
    """The server's channel."""
    return lab.get_channel("general")


@pytest.fixture
async def server(world: World) -> AsyncIterator[Server]:
    """The Discord for tests, whose rules were all kept."""
    async with Server(world) as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def transport(server: Server) -> AsyncIterator[DiscordTransport]:
    """A transport over a client that is logged in."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    await redirect(server.base)
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(server.world.token)
        yield DiscordTransport(client.http, Pace(10_000))
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


def make_body(marker: str = NONCE, text: str = "A digest") -> dict[str, Any]:
    """Make a message whose button carries a marker."""
    button = {"type": 2, "style": 2, "label": "Why?", "custom_id": f"h1:gy:1~{marker}"}
    return {"content": text, "components": [{"type": 1, "components": [button]}]}


def make_span() -> tuple[datetime, datetime]:
    """Return a span of time around now."""
    now = datetime.now(UTC)
    return now - HOUR, now + HOUR


async def fail(transport: DiscordTransport, channel: Channel | str) -> TransportError:
    """Send a message that can't be sent and return why."""
    number = channel if isinstance(channel, str) else str(channel.id)
    with pytest.raises(TransportError) as caught:
        await transport.send(number, make_body(), NONCE)
    return caught.value


# What it does


async def test_a_repeat_gives_the_first_message(server: Server, transport: DiscordTransport, general: Channel) -> None:
    """A message sent again with its nonce is the one that is there; another nonce is another message."""
    first, again = [await transport.send(str(general.id), make_body(), NONCE) for _ in range(2)]
    other = await transport.send(str(general.id), make_body(OTHER), OTHER)
    assert first == again != other
    assert [one["id"] for one in server.messages(general)] == [first.message_id, other.message_id]


async def test_a_conversation(server: Server, transport: DiscordTransport, world: World, ada: User) -> None:
    """A member's conversation is opened, the same one each time, and written to."""
    opened = {await transport.open_dm(str(ada.id)) for _ in range(2)}
    assert opened == {str(world.get_dm(ada).id)}
    await transport.send(opened.pop(), make_body(), NONCE)
    assert len(server.messages(world.get_dm(ada))) == 1


async def test_a_message_is_published_and_discussed_once(
    server: Server, transport: DiscordTransport, world: World, lab: Guild
) -> None:
    """Publishing and opening a thread again are harmless; other failures of theirs are told."""
    news = world.add_channel(lab, "news", ANNOUNCEMENT)
    sent = await transport.send(str(news.id), make_body(), NONCE)
    for _ in range(2):
        await transport.publish(sent)
        await transport.open_thread(sent, "Hot papers")
    (message,) = server.messages(news)
    assert message["thread"]["name"] == "Hot papers" and message["flags"] & 1
    with pytest.raises(TransportError, match="10008"):
        await transport.publish(Sent(str(news.id), "1"))


async def test_a_message_is_found_by_its_marker(
    server: Server, transport: DiscordTransport, ada: User, general: Channel
) -> None:
    """The marker finds the message pages into the history, and not outside the time asked for."""
    for _ in range(130):
        server.post(ada, general, "talk")
    sent = await transport.send(str(general.id), make_body(), NONCE)
    for _ in range(130):
        server.post(ada, general, "talk")
    since, until = make_span()
    assert await transport.find(str(general.id), NONCE, since, until) == sent
    assert await transport.find(str(general.id), OTHER, since, until) is None
    assert await transport.find(str(general.id), NONCE, until, until + HOUR) is None


async def test_a_long_history_is_not_read_for_ever(
    server: Server, transport: DiscordTransport, ada: User, general: Channel
) -> None:
    """Where more was said than is looked through nobody knows; what was said after the time doesn't count."""
    for _ in range(501):
        server.post(ada, general, "talk")
    since, until = make_span()
    with pytest.raises(TransportError, match="500 messages") as caught:
        await transport.find(str(general.id), NONCE, since, until)
    assert caught.value.is_final and not caught.value.may_have_arrived
    assert await transport.find(str(general.id), NONCE, since, since + timedelta(minutes=1)) is None


@pytest.mark.parametrize("permission", [READ_MESSAGE_HISTORY, VIEW_CHANNEL])
async def test_an_unreadable_history_is_not_an_empty_one(
    transport: DiscordTransport, world: World, general: Channel, permission: int
) -> None:
    """Discord lists no messages to who may not read them, which must not look like nothing was sent."""
    assert await transport.find(str(general.id), NONCE, *make_span()) is None
    await transport.send(str(general.id), make_body(), NONCE)
    general.deny(world.bot, permission)
    with pytest.raises(TransportError) as caught:
        await transport.find(str(general.id), NONCE, *make_span())
    assert caught.value.kind == NO_PERMISSION


async def test_a_post_is_begun_and_found(transport: DiscordTransport, world: World, lab: Guild, ada: User) -> None:
    """A post's id is its channel's; its marker finds it among the open posts of its forum and those put away."""
    forum = world.add_channel(lab, "papers", FORUM, tags=["daily"], requires_tag=True)
    elsewhere = world.add_channel(lab, "elsewhere", FORUM)
    tags = (str(forum.tags[0].id),)
    await transport.post(str(forum.id), "Tuesday", tags, make_body(OTHER))
    sent = await transport.post(str(forum.id), "Monday", tags, make_body())
    await transport.post(str(elsewhere.id), "Friday", (), make_body("elsewhere"))
    assert sent.channel_id == sent.message_id
    since, until = make_span()
    assert await transport.find_post(str(forum.id), NONCE, since, until) == sent
    assert await transport.find_post(str(forum.id), "elsewhere", since, until) is None
    assert await transport.find_post(str(forum.id), NONCE, until, until + HOUR) is None
    post = world.channels[int(sent.channel_id)]
    post.archived = True
    assert await transport.find_post(str(forum.id), NONCE, since, until) == sent
    post.messages.clear()  # a moderator deleted the first message
    assert await transport.find_post(str(forum.id), NONCE, since, until) is None
    forum.deny(world.bot, READ_MESSAGE_HISTORY)
    with pytest.raises(TransportError) as caught:
        await transport.find_post(str(forum.id), NONCE, since, until)
    assert caught.value.kind == NO_PERMISSION


async def test_a_forum_full_of_posts_is_not_looked_through(
    transport: DiscordTransport, world: World, lab: Guild, ada: User
) -> None:
    """Of too many posts nobody knows which is ours: that is told, and nothing is assumed."""
    forum = world.add_channel(lab, "papers", FORUM)
    for number in range(module.MOST_POSTS + 1):
        world.add_thread(forum, f"post {number}", ada, 11)
    with pytest.raises(TransportError, match="50 posts"):
        await transport.find_post(str(forum.id), NONCE, *make_span())


# What can go wrong


async def test_refusals_are_told_apart(
    transport: DiscordTransport, world: World, lab: Guild, ada: User, general: Channel
) -> None:
    """No permission, no channel, closed messages and bad payloads are final, each with its word."""
    general.deny(world.bot, SEND_MESSAGES)
    hidden = world.add_channel(lab, "hidden")
    hidden.deny(world.bot, VIEW_CHANNEL)
    ada.dms_open = False
    forum = world.add_channel(lab, "papers", FORUM)
    stranger = world.get_dm(world.add_user("stranger"))
    places = [general, hidden, "123456789", world.get_dm(ada), stranger, forum]
    errors = [await fail(transport, place) for place in places]
    assert [error.kind for error in errors] == [
        NO_PERMISSION,
        NO_PERMISSION,
        CHANNEL_GONE,
        DMS_CLOSED,
        DMS_CLOSED,
        REFUSED,
    ]
    assert all(error.is_final and not error.may_have_arrived for error in errors)


async def test_a_payload_that_is_refused(server: Server, transport: DiscordTransport, general: Channel) -> None:
    """50035 says that this message can never be sent."""
    body = {"message": "Invalid Form Body", "code": 50035, "errors": {}}
    server.faults.append(Fault("/messages", status=400, body=body))
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (REFUSED, True, False)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"message": "401: Unauthorized", "code": 0}),
        (403, "<html>blocked</html>"),
        (404, "<html>nothing here</html>"),
    ],
)
async def test_what_is_not_about_the_message_passes(
    server: Server, transport: DiscordTransport, general: Channel, status: int, body: Any
) -> None:
    """A proxy's page or a replaced token fails no digest for good: it did not arrive, and may the next time."""
    server.faults.append(Fault("/messages", status=status, body=body))
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (OUTAGE, False, False)


@pytest.mark.parametrize("code", [20026, 40003])
async def test_being_held_for_a_spammer_is_not_closed_messages(
    server: Server, transport: DiscordTransport, ada: User, code: int
) -> None:
    """A refusal that is about the bot says nothing about the member."""
    server.faults.append(Fault("/users/@me/channels", status=403, body={"message": "", "code": code}))
    with pytest.raises(TransportError) as caught:
        await transport.open_dm(str(ada.id))
    assert (caught.value.kind, caught.value.is_final) == (LIMITED, False)


async def test_limits_are_waited_for_or_told(server: Server, transport: DiscordTransport, general: Channel) -> None:
    """A short limit is waited out, a long one is an answer, and neither has sent anything."""
    server.faults.append(Fault.rate_limit(0.01, path="/messages"))
    await transport.send(str(general.id), make_body(), NONCE)
    server.faults.append(Fault.rate_limit(3600, path="/messages"))
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (LIMITED, False, False)
    assert len(server.messages(general)) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_error_of_the_server_may_hide_a_message(
    server: Server, transport: DiscordTransport, general: Channel, status: int
) -> None:
    """After a 5xx nobody knows; it is asked once, so that the outbox decides whether a repeat is safe."""
    fault = Fault("/messages", when="after", status=status, times=None)
    server.faults.append(fault)
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (OUTAGE, False, True)
    assert (fault.struck, len(server.messages(general))) == (1, 1)


@pytest.mark.parametrize("reset", [False, True])
async def test_a_lost_answer_may_hide_a_message(
    server: Server, transport: DiscordTransport, general: Channel, reset: bool
) -> None:
    """A line that is cut after the effect is an outage in which the message may have arrived."""
    server.faults.append(Fault("/messages", when="after", lost=not reset, reset=reset))
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (OUTAGE, False, True)
    first = await transport.send(str(general.id), make_body(), NONCE)
    assert [one["id"] for one in server.messages(general)] == [first.message_id]


async def test_a_hang_ends(
    server: Server, transport: DiscordTransport, general: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that doesn't come in time may have been lost on its way."""
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.05)
    server.faults.append(Fault("/messages", when="after", hang_seconds=1))
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (OUTAGE, False, True)


async def test_without_a_connection_nothing_arrives(
    server: Server, transport: DiscordTransport, general: Channel
) -> None:
    """Where nobody listens the message can't have been taken."""
    await server.stop()
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (OUTAGE, False, False)

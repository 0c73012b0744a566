"""Sending through discord.py's own HTTP client, against a Discord for tests that breaks on demand."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

import bot.delivery.discord_transport as module
from bot.delivery.breaker import Breaker
from bot.delivery.discord_transport import DiscordTransport
from bot.delivery.flight import Flight
from bot.delivery.identity import find_identity
from bot.delivery.pace import Pace
from bot.delivery.transport import (
    CHANNEL_GONE,
    DMS_CLOSED,
    HELD,
    LIMITED,
    MESSAGE_GONE,
    NO_PERMISSION,
    OUTAGE,
    QUARANTINED,
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


class Place:
    """A client that is logged in, and what its transports share."""

    def __init__(self, client: discord.Client) -> None:
        self.http = client.http
        self.pace, self.breaker = Pace(10_000), Breaker(limit=100)
        self.limits = 0

    def make_transport(self, lane: str = "channel") -> DiscordTransport:
        """Make the transport of a lane."""
        return DiscordTransport(self.http, self.pace.lane(lane), self.breaker.lane(lane), self.note)

    def note(self) -> None:
        """Count a 429."""
        self.limits += 1

    def count_used(self) -> dict[str, int]:
        """Return what the breaker has counted, without zeros."""
        return {kind: count for kind, count in self.breaker.describe()["used"].items() if count}


@pytest.fixture
async def place(server: Server) -> AsyncIterator[Place]:
    """A client that is logged in."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    await redirect(server.base)
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(server.world.token)
        yield Place(client)
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@pytest.fixture
def transport(place: Place) -> DiscordTransport:
    """The transport of the channels' lane."""
    return place.make_transport()


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


async def list_sent(transport: DiscordTransport, channel: Channel, *span: datetime) -> list[Sent]:
    """Return where our messages of a time are, of all hours without one."""
    return [one.sent for one in await transport.list_messages(str(channel.id), *(span or make_span()))]


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
    gone = Sent(str(news.id), "1")
    for call in (transport.publish(gone), transport.open_thread(gone, "Hot papers")):
        with pytest.raises(TransportError, match="10008") as caught:
            await call
        assert caught.value.kind == MESSAGE_GONE and caught.value.is_final


async def test_our_messages_are_listed(
    server: Server, transport: DiscordTransport, world: World, ada: User, general: Channel
) -> None:
    """Ours are found pages into the history, oldest first, with their markers; others' never."""
    for _ in range(130):
        server.post(ada, general, "talk")
    clock, sent = world.clock, [await transport.send(str(general.id), make_body(), NONCE)]
    world.clock = lambda: clock() + 1800
    sent += [await transport.send(str(general.id), make_body(OTHER), OTHER)]
    copy = world.add_message(general, ada, "A digest")
    copy.components = general.messages[int(sent[0].message_id)].components
    for _ in range(130):
        server.post(ada, general, "talk")
    since, until = make_span()
    found = await transport.list_messages(str(general.id), since, until)
    assert [one.sent for one in found] == sent
    assert [one.markers for one in found] == [{NONCE}, {OTHER}]
    assert await list_sent(transport, general, since, since + HOUR + HOUR / 4) == sent[:1]
    assert await list_sent(transport, general, until, until + HOUR) == []
    assert await list_sent(transport, general, since - HOUR, since) == []


async def test_a_long_history_is_not_read_for_ever(
    server: Server, transport: DiscordTransport, ada: User, general: Channel
) -> None:
    """Where more was said than is looked through nobody knows; what was said after the time doesn't count."""
    for _ in range(2001):
        server.post(ada, general, "talk")
    since, until = make_span()
    with pytest.raises(TransportError, match="2000 messages") as caught:
        await transport.list_messages(str(general.id), since, until)
    assert caught.value.is_final and not caught.value.may_have_arrived
    assert await list_sent(transport, general, since, since + timedelta(minutes=1)) == []


@pytest.mark.parametrize("permission", [READ_MESSAGE_HISTORY, VIEW_CHANNEL])
async def test_an_unreadable_history_is_not_an_empty_one(
    transport: DiscordTransport, world: World, general: Channel, permission: int
) -> None:
    """Discord lists no messages to who may not read them, which must not look like nothing was sent."""
    assert await list_sent(transport, general) == []
    sent = await transport.send(str(general.id), make_body(), NONCE)
    assert await list_sent(transport, general) == [sent]
    general.deny(world.bot, permission)
    with pytest.raises(TransportError) as caught:
        await transport.list_messages(str(general.id), *make_span())
    assert caught.value.kind == NO_PERMISSION


async def test_a_post_is_begun_and_found(transport: DiscordTransport, world: World, lab: Guild, ada: User) -> None:
    """A post's id is its channel's; ours are listed, of their forum and time, the open ones and those put away."""
    forum = world.add_channel(lab, "papers", FORUM, tags=["daily"], requires_tag=True)
    elsewhere = world.add_channel(lab, "elsewhere", FORUM)
    tags = (str(forum.tags[0].id),)
    sent = [
        await transport.post(str(forum.id), name, tags, make_body(nonce))
        for name, nonce in (("a", NONCE), ("b", OTHER))
    ]
    await transport.post(str(elsewhere.id), "Friday", (), make_body("elsewhere"))
    world.add_thread(forum, "hers", ada, 11)
    assert [one.channel_id for one in sent] == [one.message_id for one in sent]
    since, until = make_span()
    found = await transport.list_posts(str(forum.id), since, until)
    assert ([one.sent for one in found], [one.markers for one in found]) == (sent, [{NONCE}, {OTHER}])
    assert await transport.list_posts(str(forum.id), until, until + HOUR) == []
    post = world.channels[int(sent[0].channel_id)]
    post.archived = True
    assert [one.sent for one in await transport.list_posts(str(forum.id), since, until)] == sent
    post.messages.clear()  # a moderator deleted the first message
    assert [one.sent for one in await transport.list_posts(str(forum.id), since, until)] == sent[1:]
    forum.deny(world.bot, READ_MESSAGE_HISTORY)
    with pytest.raises(TransportError) as caught:
        await transport.list_posts(str(forum.id), since, until)
    assert caught.value.kind == NO_PERMISSION


async def test_posts_put_away_are_found_behind_others(
    server: Server, transport: DiscordTransport, world: World, lab: Guild, ada: User
) -> None:
    """A post of ours is found pages into those put away, and pages of older ones are not read for it."""
    forum = world.add_channel(lab, "papers", FORUM)
    clock, now = world.clock, world.clock()
    sent = await transport.post(str(forum.id), "Monday", (), make_body())
    for number in range(250):
        world.clock = lambda number=number: now + 60 + number
        world.add_thread(forum, "talk", ada, 11)
    world.clock = clock
    for thread in lab.channels.values():
        thread.archived = thread.parent_id == forum.id
    since, until = make_span()
    assert [one.sent for one in await transport.list_posts(str(forum.id), since, until)] == [sent]
    before = len(server.requests)
    assert await transport.list_posts(str(forum.id), since + 2 * HOUR, until + HOUR) == []
    assert len(server.requests) - before == 3  # the forum, what is open, and one page


async def test_a_forum_full_of_posts_is_not_looked_through(
    transport: DiscordTransport, world: World, lab: Guild, ada: User
) -> None:
    """Of too many posts nobody knows which is ours: that is told, and nothing is assumed. Others' don't count."""
    forum = world.add_channel(lab, "papers", FORUM)
    for number in range(module.MOST_POSTS + 1):
        world.add_thread(forum, f"post {number}", ada, 11)
    assert await transport.list_posts(str(forum.id), *make_span()) == []
    for number in range(module.MOST_POSTS + 1):
        world.add_thread(forum, f"post {number}", world.bot, 11)
    with pytest.raises(TransportError, match="50 posts") as caught:
        await transport.list_posts(str(forum.id), *make_span())
    assert caught.value.is_final


async def test_a_message_is_changed(server: Server, transport: DiscordTransport, lab: Guild, general: Channel) -> None:
    """An edit replaces words and buttons, hides embeds when it should, and pings nobody the first one pinged."""
    role = server.world.add_role(lab, "readers", mentionable=True)
    ping = {"content": f"<@&{role.id}> digest", "allowed_mentions": {"roles": [str(role.id)]}}
    sent = await transport.send(str(general.id), make_body() | ping, NONCE)
    suppressed, silent = 1 << 2, 1 << 12
    await transport.edit(sent, make_body(OTHER) | ping | {"flags": suppressed | silent, "nonce": "1"})
    (message,) = server.messages(general)
    assert (message["content"], message["flags"]) == (ping["content"], suppressed)
    assert message["mention_roles"] == []
    assert [one.markers for one in await transport.list_messages(str(general.id), *make_span())] == [{OTHER}]


async def test_a_deleted_message_is_not_changed(transport: DiscordTransport, world: World, general: Channel) -> None:
    """What a moderator deleted is told apart from a channel that is gone, and from another's message."""
    sent = await transport.send(str(general.id), make_body(), NONCE)
    world.delete_message(general.messages[int(sent.message_id)])
    others = Sent(str(general.id), str(world.add_message(general, world.owner, "talk").id))
    kinds = []
    for one in (sent, Sent("123456789", sent.message_id), others):
        with pytest.raises(TransportError) as caught:
            await transport.edit(one, make_body())
        kinds.append((caught.value.kind, caught.value.is_final))
    assert kinds == [(MESSAGE_GONE, True), (CHANNEL_GONE, True), (NO_PERMISSION, True)]


async def test_a_post_that_was_put_away_is_changed(
    server: Server, transport: DiscordTransport, world: World, lab: Guild
) -> None:
    """A post in the archive is opened for its correction."""
    forum = world.add_channel(lab, "papers", FORUM)
    sent = await transport.post(str(forum.id), "Monday", (), make_body())
    post = world.channels[int(sent.channel_id)]
    post.archived = True
    await transport.edit(sent, make_body(text="Corrected"))
    assert server.messages(post)[0]["content"] == "Corrected" and not post.archived


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
    assert (caught.value.kind, caught.value.is_final) == (QUARANTINED, False)


async def test_limits_are_waited_for_or_told(
    server: Server, place: Place, transport: DiscordTransport, general: Channel
) -> None:
    """A short limit is waited out, a long one is an answer, neither has sent anything, and each is counted."""
    server.faults.append(Fault.rate_limit(0.01, path="/messages"))
    await transport.send(str(general.id), make_body(), NONCE)
    assert (place.limits, place.count_used()) == (1, {"other": 1})
    server.faults.append(Fault.rate_limit(3600, path="/messages"))
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (LIMITED, False, False)
    assert (place.limits, place.count_used()) == (2, {"other": 2})
    assert len(server.messages(general)) == 1


async def test_a_limit_that_never_ends_is_asked_few_times(
    server: Server, place: Place, transport: DiscordTransport, general: Channel
) -> None:
    """Where Discord says to wait again and again it is not asked on and on."""
    fault = Fault.rate_limit(0, path="/messages", times=None)
    server.faults.append(fault)
    error = await fail(transport, general)
    assert (error.kind, error.may_have_arrived, fault.struck, place.limits) == (LIMITED, False, 3, 3)


async def test_a_shared_limit_is_nobodys_fault(
    server: Server, place: Place, transport: DiscordTransport, general: Channel
) -> None:
    """A limit shared with other bots counts as a limit, not towards the ban."""
    fault = Fault.rate_limit(0.01, path="/messages")
    fault.headers["X-RateLimit-Scope"] = "shared"
    server.faults.append(fault)
    await transport.send(str(general.id), make_body(), NONCE)
    assert (place.limits, place.count_used()) == (1, {})


async def test_a_limit_on_everything_holds_both_lanes(
    server: Server, place: Place, world: World, ada: User, general: Channel
) -> None:
    """After a global 429 nobody asks anything before its time is over, and then all arrives."""
    server.faults.append(Fault.rate_limit(1, path="/messages", everywhere=True))
    channels, members = place.make_transport(), place.make_transport("member")
    conversation = str(world.get_dm(ada).id)
    sending = asyncio.create_task(channels.send(str(general.id), make_body(), NONCE))
    while not place.limits:
        await asyncio.sleep(0.001)
    before = len(server.requests)
    others = asyncio.create_task(members.send(conversation, make_body(OTHER), OTHER))
    await asyncio.sleep(0.1)
    assert len(server.requests) == before
    await asyncio.gather(sending, others)
    assert (len(server.messages(general)), len(server.messages(world.get_dm(ada))), place.limits) == (1, 1, 1)


@pytest.mark.parametrize("headers", [{"Retry-After": "3600"}, {"Retry-After": "soon"}, {}])
async def test_a_ban_holds_everything(
    server: Server, place: Place, transport: DiscordTransport, general: Channel, headers: dict[str, str]
) -> None:
    """A 429 that is not Discord's own is of what stands before it, and is about all requests."""
    server.faults.append(
        Fault("/messages", status=429, body="<html>You are being rate limited</html>", headers=headers)
    )
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived, place.limits) == (LIMITED, False, False, 1)
    waiting = asyncio.create_task(place.pace.lane("member").wait())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    waiting.cancel()


async def test_no_turn_in_time(
    server: Server, place: Place, transport: DiscordTransport, general: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can't be asked in time is told, and has sent nothing, be it our pace that takes long or Discord's limit."""
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.5)
    place.pace.hold(0.6)
    error = await fail(transport, general)
    assert (error.kind, error.may_have_arrived, len(server.requests)) == (LIMITED, False, server_login(server))
    await asyncio.sleep(0.6)
    server.pace.routes["POST /channels/{channel_id}/messages"] = (1, 1.5)
    await transport.send(str(general.id), make_body(), NONCE)  # arrived, though discord.py waits until it may go on
    error = await fail(transport, general)
    assert (error.kind, error.may_have_arrived, len(server.messages(general))) == (LIMITED, False, 1)
    assert place.limits == 0


def server_login(server: Server) -> int:
    """Return how many requests logging in made."""
    return sum("/messages" not in request.template for request in server.requests)


# The breaker


async def test_refusals_hold_their_own_lane(
    server: Server, place: Place, world: World, ada: User, general: Channel
) -> None:
    """Members who refuse stop what goes to members, with nothing asked any more; channels go on."""
    members, channels = place.make_transport("member"), place.make_transport()
    ada.dms_open = False
    conversation = world.get_dm(ada)
    kinds = [(await fail(members, conversation)).kind for _ in range(35)]
    assert kinds == [DMS_CLOSED] * 30 + [HELD] * 5
    assert server.invalid_requests == 30
    place.pace.hold(0.2)  # nor is a turn waited for
    assert (await asyncio.wait_for(fail(members, conversation), 0.1)).kind == HELD
    await channels.send(str(general.id), make_body(), NONCE)
    assert (place.count_used(), place.breaker.describe()["held"]) == ({"member": 30}, ["member"])


async def test_many_at_once_go_over_no_budget(server: Server, place: Place, general: Channel) -> None:
    """However many are on their way when refusals begin, no more are made than there may be."""
    server.faults.append(Fault.rate_limit(3600, path="/messages", times=None))
    server.faults[0].hang_seconds = 0.02
    transports = [place.make_transport(), place.make_transport("member")]
    errors = await asyncio.gather(*(fail(transports[number % 2], general) for number in range(80)))
    assert {error.kind for error in errors} == {LIMITED, HELD}
    assert server.invalid_requests == place.count_used()["other"] == 40


async def test_a_refused_token_stops_everything(
    server: Server, place: Place, general: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    """After a 401 nothing is asked for a while, in no lane, and it is said once."""
    server.faults.append(Fault("/messages", status=401, body={"message": "401: Unauthorized", "code": 0}, times=None))
    members, channels = place.make_transport("member"), place.make_transport()
    errors = [await fail(one, general) for one in (channels, channels, members)]
    assert [error.kind for error in errors] == [OUTAGE, HELD, HELD]
    assert not any(error.is_final or error.may_have_arrived for error in errors)
    assert server.faults[0].struck == 1 and place.breaker.describe()["token_refused"]
    assert [record.levelname for record in caplog.records if "token" in record.message] == ["ERROR"]


# What is lost


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


@pytest.mark.parametrize("body", ["<html>welcome to this hotel's network</html>", "[1]", "", {"ok": True}])
async def test_an_answer_that_is_not_discords(
    server: Server, transport: DiscordTransport, general: Channel, body: Any
) -> None:
    """A good answer in a form that Discord's are not in says nothing about the message."""
    server.faults.append(Fault("/messages", when="after", status=200, body=body))
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (OUTAGE, False, True)


async def test_a_redirect_is_not_followed(server: Server, transport: DiscordTransport, general: Channel) -> None:
    """A page on the way that leads elsewhere gets no second request, and took no message."""
    headers = {"Location": "/elsewhere"}
    server.faults.append(Fault("/messages", status=302, body="moved", headers=headers))
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (OUTAGE, False, False)


@pytest.mark.parametrize(("method", "asked"), [("POST", 1), ("PATCH", 1), ("GET", 2)])
async def test_nothing_is_repeated_behind_our_back(place: Place, method: str, asked: int) -> None:
    """Where discord.py or aiohttp would send again after a cut line, only reading goes through, at the pace."""
    begin_by = asyncio.get_running_loop().time() + 5
    flight = Flight(place.pace.lane("channel"), place.breaker.lane("channel"), place.note, begin_by)
    seen = []

    async def cut(request: Any) -> Any:
        seen.append(request)
        raise ConnectionResetError(54, "reset")

    request: Any = SimpleNamespace(method=method)
    with pytest.raises(ConnectionResetError):
        await flight.pass_on(request, cut)
    with pytest.raises((ConnectionResetError, TransportError)) as caught:
        await flight.pass_on(request, cut)
    assert len(seen) == asked and flight.is_out
    assert asked == 2 or (isinstance(caught.value, TransportError) and caught.value.may_have_arrived)


async def test_a_closed_client_sends_nothing(place: Place, transport: DiscordTransport, general: Channel) -> None:
    """What is sent while the bot stops is an outage like others."""
    await place.http.close()
    error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (OUTAGE, False, False)


async def test_nobody_who_answers_the_line(
    server: Server, transport: DiscordTransport, general: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that can't be made in time, here for want of a TLS handshake, took no message."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setattr(module, "_CONNECTING", aiohttp.ClientTimeout(total=None, connect=0.1))
        monkeypatch.setattr(Route, "BASE", f"https://127.0.0.1:{mute.getsockname()[1]}/api/v10")
        error = await fail(transport, general)
    assert (error.kind, error.is_final, error.may_have_arrived) == (OUTAGE, False, False)


async def test_discord_py_forgets_channels(
    server: Server, place: Place, transport: DiscordTransport, world: World, lab: Guild, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits of channels written to long ago are not kept, those that still hold are."""
    monkeypatch.setattr(module, "MOST_BUCKETS", 10)
    server.pace.default = (10_000, 0.01)
    for number in range(30):
        channel = world.add_channel(lab, f"channel-{number}")
        await transport.send(str(channel.id), make_body(), NONCE)
        await asyncio.sleep(0.015)
    assert len(place.http._buckets) <= 12
    server.pace.default = (10_000, 60)
    for number in range(20):
        channel = world.add_channel(lab, f"other-{number}")
        await transport.send(str(channel.id), make_body(), NONCE)
    assert len(place.http._buckets) >= 20


async def test_many_channels_leave_little_behind(
    server: Server, place: Place, transport: DiscordTransport, world: World, lab: Guild
) -> None:
    """However many channels are written to, discord.py keeps few: so few that it never looks through them itself."""
    server.pace.default = (10_000, 0.05)
    most = 0
    for number in range(3 * module.MOST_BUCKETS):
        channel = world.add_channel(lab, f"channel-{number}")
        await transport.send(str(channel.id), make_body(), NONCE)
        most = max(most, len(place.http._buckets))
    assert module.MOST_BUCKETS <= most < 256
    assert len(place.http._bucket_hashes) < 5

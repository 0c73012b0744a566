"""Sending what was promised, on request and when it is due, through a Discord that refuses and fails."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from bot.delivery.outbox import Outbox
from bot.delivery.transport import (
    CHANNEL_GONE,
    DMS_CLOSED,
    LIMITED,
    NO_PERMISSION,
    OUTAGE,
    REFUSED,
    TransportError,
)
from storage.models import Target
from storage.store import Store
from tests.deliveries import (
    FIRST,
    MEMBER,
    Bot,
    add,
    list_nonces,
    make_post,
)
from tests.fakes import Clock, CrashError, FakeTransport, make_lost


async def test_a_request_sends_once_however_often_it_comes(
    store: Store, posts: None, outbox: Outbox, transport: FakeTransport, clock: Clock
) -> None:
    """Pressed twice at once and again later, a button sends one digest; later ones say that it was sent."""
    order = await add(store)
    outcomes = await asyncio.gather(*(outbox.send(order, "now:1", clock()) for _ in range(4)))
    clock.advance(hours=1)
    outcomes.append(await outbox.send(order, "now:1", clock()))
    assert [one.is_repeat for one in outcomes] == [False, True, True, True, True]
    assert {(one.state, one.url) for one in outcomes} == {("sent", "https://discord.com/channels/5/100/1")}
    assert transport.count() == 1
    again = await outbox.send(order, "now:2", clock())
    assert again.state == "nothing" and "already" in again.reason


async def test_only_a_request_opens_a_conversation(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A member's own request opens the conversation, once; a digest that is due never does."""
    await add(store, target=MEMBER, guild_id=None, channel_kind="dm")
    for _ in range(3):
        await running.tick()
        clock.advance(minutes=1)
    assert (transport.calls, await running.list_states()) == ([], ["pending"])
    order = await store.subscriptions.get(1)
    assert order is not None and order.pause_reason == DMS_CLOSED
    other = Target("member", "201")
    order = await add(store, target=other, guild_id=None, channel_kind="dm")
    outcome = await running.outbox.send(order, "first", clock())
    assert (outcome.state, outcome.url) == ("sent", "https://discord.com/channels/@me/dm201/1")
    await running.outbox.send(order, "now:2", clock())
    assert [call for call in transport.calls if call[0] == "open_dm"] == [("open_dm", "201")]


@pytest.mark.parametrize("call", ["open_dm", "send"])
async def test_closed_messages_are_told_to_who_asked(
    store: Store, posts: None, outbox: Outbox, transport: FakeTransport, clock: Clock, call: str
) -> None:
    """That direct messages are closed, found when opening or sending, is the outcome."""
    order = await add(store, target=MEMBER, channel_kind="dm")
    transport.before[call] = [TransportError(DMS_CLOSED, "50007", is_final=True)]
    outcome = await outbox.send(order, "first", clock())
    assert (outcome.state, outcome.reason, transport.count()) == ("failed", DMS_CLOSED, 0)


@pytest.mark.parametrize("kind", [NO_PERMISSION, CHANNEL_GONE, REFUSED])
async def test_what_can_never_arrive_fails_at_once(
    store: Store, posts: None, outbox: Outbox, transport: FakeTransport, clock: Clock, kind: str
) -> None:
    """A final refusal is not tried again, and its papers are free for the next request."""
    order = await add(store)
    transport.before["send"] = [TransportError(kind, "", is_final=True)]
    outcome = await outbox.send(order, "now:1", clock())
    assert (outcome.state, outcome.reason, len(transport.calls)) == ("failed", kind, 1)
    assert (await outbox.send(order, "now:2", clock())).state == "sent"


async def test_a_short_outage_is_not_noticed(
    store: Store, posts: None, outbox: Outbox, transport: FakeTransport, clock: Clock
) -> None:
    """What fails twice and then goes through was sent, once."""
    transport.before["send"] = [TransportError(OUTAGE, ""), TransportError(OUTAGE, "")]
    assert (await outbox.send(await add(store), "now:1", clock())).state == "sent"
    transport.after["send"] = [make_lost()]
    assert (await outbox.send(await add(store, target=Target("channel", "101")), "now:1", clock())).state == "sent"
    assert transport.count() == 2


async def test_who_asked_is_told_of_an_outage(
    store: Store, posts: None, outbox: Outbox, transport: FakeTransport, clock: Clock
) -> None:
    """A request that fails for good is not sent behind the asker's back later, and can be made again."""
    order = await add(store)
    transport.before["send"] = [TransportError(OUTAGE, "")] * 3
    assert (await outbox.send(order, "now:1", clock())).state == "failed"
    clock.advance(hours=1)
    await outbox.send_pending("channel")
    assert transport.count() == 0
    assert (await outbox.send(order, "now:2", clock())).state == "sent"


async def test_all_that_waits_is_sent(store: Store, posts: None, running: Bot, transport: FakeTransport) -> None:
    """Many subscriptions get their digests with different nonces; channels come before members."""
    member = await add(store, target=MEMBER, channel_kind="dm")
    await store.members.set_channel(MEMBER, "dm200")
    for number in range(40):
        await add(store, target=Target("channel", str(number + 1000)))
    await running.tick()
    assert transport.count() == 41 and len(set(list_nonces(transport))) == 41
    assert transport.calls[-1] == ("send", "dm200") and member.id == 1
    assert running.notes == ["sent"] * 41


async def test_what_is_paused_waits_and_what_is_removed_does_not(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A promise of a paused subscription is kept when it goes on; one of a removed subscription is withdrawn."""
    paused, removed = await add(store), await add(store, target=Target("channel", "101"))
    await running.planner.plan_due(clock())
    await store.subscriptions.update(replace(paused, paused_at=clock(), pause_reason="asked"))
    await store.subscriptions.delete(removed.id or 0, clock())
    await running.tick()
    assert (transport.count(), await running.list_states()) == (0, ["pending", "failed"])
    await store.subscriptions.update(paused)
    await running.tick()
    assert (list(transport.channels), await running.list_states()) == (["100"], ["sent", "failed"])


async def test_a_long_outage_loses_nothing(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """What can't be sent for an hour is tried again with growing pauses, also by a new process, and sent once."""
    await add(store)
    transport.before["send"] = [TransportError(OUTAGE, "refused")] * 3 * 8
    tries = []
    for _ in range(12 * 60):
        before = len(transport.calls)
        await running.tick()
        tries += [clock()] if len(transport.calls) > before else []
        clock.advance(seconds=5)
        running.start()
    pauses = [(after - before).total_seconds() for before, after in pairwise(tries)]
    assert pauses == sorted(pauses) and 8 <= len(tries) <= 10
    assert (transport.count(), await running.list_states()) == (1, ["sent"])


async def test_after_a_day_of_failing_it_is_left_to_the_next(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A digest that could not be sent for a day fails, and its papers come as a catch-up with the next."""
    await add(store)
    transport.before["send"] = [TransportError(OUTAGE, "refused")] * 3
    await running.tick()
    clock.advance(days=1, minutes=-1)
    await store.days.put([make_post(date(2021, 4, 15))], [], clock())
    clock.advance(minutes=1)
    await running.outbox.send_pending("channel")
    assert await running.list_states() == ["failed"]
    await running.tick()
    assert (await store.deliveries.list(state="sent"))[0].occasion == "catch-up:2021-04-16"


async def test_a_part_that_is_not_sent_holds_back_the_next(
    store: Store, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """The second part waits for the first, and comes after it; a first part that fails leaves it unsent."""
    await add(store, count=25)
    await store.days.put([make_post(FIRST), make_post(date(2021, 4, 14), 25)], [], clock())
    transport.before["send"] = [TransportError(OUTAGE, "")] * 3
    await running.tick()
    states = await running.list_states()
    assert set(states) == {"pending"} and len(states) > 1 and transport.count() == 0
    clock.advance(minutes=1)
    await running.tick()
    assert set(await running.list_states()) == {"sent"}
    order = [one.body["content"] for one in transport.channels["100"]]
    promised = [json.loads(one.payload)["message"]["content"] for one in await store.deliveries.list()]
    assert order == promised


async def test_one_digest_in_trouble_holds_nobody_up(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody thought of stops one digest only, and it is looked up and sent later."""
    for number in range(3):
        await add(store, target=Target("channel", str(number)))
    transport.before["send"] = [ValueError("unforeseen")]
    await running.tick()
    assert transport.count() == 2 and "could not be sent" in caplog.text
    clock.advance(minutes=1)
    for _ in range(3):
        await running.tick()
        clock.advance(seconds=30)
    assert transport.count() == 3 and set(await running.list_states()) == {"sent"}


@pytest.mark.parametrize("call", ["publish", "open_thread"])
@pytest.mark.parametrize("refusals", [1, 6])
async def test_what_follows_may_fail(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock, call: str, refusals: int
) -> None:
    """A digest that can't be published, or discussed, has arrived all the same; one refusal is not believed."""
    await add(store, channel_kind="announcement", is_published=True, has_thread=True)
    transport.before[call] = [TransportError(NO_PERMISSION, "", is_final=True)] * refusals
    for _ in range(8):
        await running.tick()
        assert (transport.count(), await running.list_states()) == (1, ["sent"])
        clock.advance(minutes=20)
    kinds = {"publish": "publish", "open_thread": "thread"}
    states = {step.kind: step.state for step in await store.steps.list(1)}
    assert states.pop(kinds[call]) == ("done" if refusals == 1 else "failed")
    assert set(states.values()) == {"done"}
    assert transport.calls.count((call, "1")) == min(refusals + 1, 6)


async def test_a_limit_is_not_pressed_against(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """What is over a limit is asked once and then rests: Discord bans who asks again and again."""
    await add(store)
    transport.before["send"] = [TransportError(LIMITED, "for 3600 s")]
    for _ in range(2):
        await running.tick()
    assert (len(transport.calls), await running.list_states()) == (1, ["pending"])
    clock.advance(seconds=12)
    await running.tick()
    assert (transport.count(), await running.list_states()) == (1, ["sent"])


async def test_a_forum_gets_a_post_with_its_parts(
    store: Store, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """The first part begins a post, tagged, the others follow inside it."""
    await add(store, count=25, channel_kind="forum", tag="9", has_thread=True)
    await store.days.put([make_post(FIRST), make_post(date(2021, 4, 14), 25)], [], clock())
    await running.tick()
    deliveries = await store.deliveries.list()
    (post,) = transport.channels
    assert {one.channel_id for one in deliveries} == {post}
    assert len(transport.channels[post]) == len(deliveries) > 1
    assert [call for call, _ in transport.calls] == ["post", *["send"] * (len(deliveries) - 1)]


@pytest.mark.parametrize("fault", [make_lost(), CrashError()])
@pytest.mark.parametrize("happened", [False, True])
async def test_a_forum_post_is_looked_for_before_it_is_repeated(
    store: Store,
    posts: None,
    running: Bot,
    transport: FakeTransport,
    clock: Clock,
    fault: BaseException,
    happened: bool,
) -> None:
    """A post has no nonce: a lost answer is not tried again until the post was not found by its marker."""
    await add(store, channel_kind="forum")
    (transport.after if happened else transport.before)["post"] = [fault]
    if isinstance(fault, CrashError):
        await running.die()
    else:
        await running.tick()
        assert await running.list_states() == ["uncertain"]
    for _ in range(3):
        clock.advance(seconds=20)
        await running.tick()
    assert (transport.count(), await running.list_states()) == (1, ["sent"])
    (found,) = await store.deliveries.list()
    assert found.channel_id == found.message_id == next(iter(transport.channels))

"""Lost answers and crashes: what may have arrived is found again, or sent again, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from bot.delivery.identity import find_identity
from bot.delivery.transport import (
    CHANNEL_GONE,
    NO_PERMISSION,
    TransportError,
)
from storage.store import Store
from tests.deliveries import (
    CHANNEL,
    FIRST,
    Bot,
    add,
    list_nonces,
    lose_answers,
    make_post,
)
from tests.fakes import Clock, CrashError, FakeTransport, make_lost


async def test_a_lost_answer_is_found_again(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A message whose answers were all lost is uncertain, then adopted, while running; its papers are given."""
    order = await add(store, has_thread=True)
    await lose_answers(running)
    assert (await running.list_states(), running.notes) == (["uncertain"], ["uncertain"])
    await running.tick()
    assert "list_messages" not in {call for call, _ in transport.calls}  # its request may still be on the way
    clock.advance(seconds=20)
    await running.tick()
    (found,) = await store.deliveries.list()
    assert (found.state, found.channel_id, found.message_id, transport.count()) == ("sent", "100", "1", 1)
    assert await store.deliveries.given(order.target, found.papers) == set(found.papers)
    assert ("open_thread", "1") in transport.calls and running.notes == ["uncertain", "sent"]


async def test_a_request_that_got_lost_is_made_again(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """What is not in the channel was not sent, and is sent again, once, with the same nonce."""
    await add(store)
    transport.before["send"] = [make_lost() for _ in range(3)]
    await running.tick()
    assert (await running.list_states(), transport.count()) == (["uncertain"], 0)
    clock.advance(seconds=20)
    for _ in range(3):
        await running.tick()
    assert (await running.list_states(), transport.count()) == (["sent"], 1)
    assert list_nonces(transport) == [find_identity(CHANNEL, 1, "2021-04-15", 1)]


async def test_a_refusal_after_a_lost_answer_proves_nothing(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """The first attempt may have arrived although the second was refused: it is looked up."""
    await add(store)
    transport.after["send"] = [make_lost()]
    transport.before["send"] = [None, TransportError(NO_PERMISSION, "", is_final=True)]
    await running.tick()
    assert await running.list_states() == ["uncertain"]
    clock.advance(seconds=20)
    await running.tick()
    assert (await running.list_states(), transport.count()) == (["sent"], 1)


async def test_what_cannot_be_looked_up_stays_uncertain_and_heals(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """Without the history nothing is sent again; it is asked for less and less often, and at a start at once."""
    await add(store)
    await lose_answers(running)
    transport.unreadable.add("100")
    for _ in range(12 * 60 * 6):
        clock.advance(seconds=5)
        await running.tick()
    looks = [call for call, _ in transport.calls if call == "list_messages"]
    assert (await running.list_states(), transport.count()) == (["uncertain"], 1) and 8 <= len(looks) <= 15
    transport.unreadable.clear()
    running.start()
    await running.outbox.recover(at_start=True)
    assert (await running.list_states(), transport.count()) == (["sent"], 1)


async def test_a_channel_that_is_gone_holds_no_message(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """What may have arrived in a channel that was deleted has failed, once that is said for longer than a day."""
    await add(store)
    await lose_answers(running)
    transport.before["list_messages"] = [TransportError(CHANNEL_GONE, "10003", is_final=True)] * 2
    clock.advance(minutes=1)
    await running.tick()
    assert await running.list_states() == ["uncertain"]
    clock.advance(days=1)
    await running.tick()
    assert (await running.list_states())[0] == "failed"


async def crash_before_sending(transport: FakeTransport) -> None:
    """Die after the claim, before anything reached Discord."""
    transport.before["send"] = [CrashError()]


async def crash_after_sending(transport: FakeTransport) -> None:
    """Die when the message is there, before that is marked."""
    transport.after["send"] = [CrashError()]


async def crash_between_parts(transport: FakeTransport) -> None:
    """Die after the first part, before the second reached Discord."""
    transport.before["send"] = [None, CrashError()]


async def crash_after_the_last_part(transport: FakeTransport) -> None:
    """Die when the second part is there, before that is marked."""
    transport.after["send"] = [None, CrashError()]


async def crash_before_publishing(transport: FakeTransport) -> None:
    """Die when the first part is there and not published."""
    transport.before["publish"] = [CrashError()]


@pytest.mark.parametrize("minutes", [0, 30])
@pytest.mark.parametrize(
    "crash",
    [
        crash_before_sending,
        crash_after_sending,
        crash_between_parts,
        crash_after_the_last_part,
        crash_before_publishing,
    ],
)
async def test_a_crash_neither_loses_nor_doubles(
    store: Store,
    running: Bot,
    transport: FakeTransport,
    clock: Clock,
    crash: Callable[[FakeTransport], Awaitable[None]],
    minutes: int,
) -> None:
    """Wherever the process dies, each part arrives once, published, also when Discord has forgotten the nonces."""
    await add(store, count=25, channel_kind="announcement", is_published=True)
    await store.days.put([make_post(FIRST), make_post(date(2021, 4, 14), 25)], [], clock())
    await crash(transport)
    with pytest.raises(CrashError):
        await running.tick()
    clock.advance(minutes=minutes, seconds=1)
    running.start()
    await running.outbox.recover(at_start=True)
    for _ in range(10):
        await running.tick()
        clock.advance(seconds=10)
    deliveries = await store.deliveries.list()
    assert {one.state for one in deliveries} == {"sent"}
    assert [one.id for one in transport.channels["100"]] == [one.message_id for one in deliveries]
    assert list_nonces(transport) == [find_identity(CHANNEL, 1, one.occasion, one.part) for one in deliveries]
    assert {place for call, place in transport.calls if call == "publish"} == {one.message_id for one in deliveries}


async def test_what_is_being_sent_is_not_taken_for_lost(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A sending that takes long is left alone by the recovery beside it."""
    order = await add(store)
    transport.gate = asyncio.Event()
    sending = asyncio.create_task(running.outbox.send(order, "now:1", clock()))
    while "sending" not in await running.list_states():
        await asyncio.sleep(0)
    clock.advance(minutes=5)
    await running.outbox.recover(at_start=False)
    assert await running.list_states() == ["sending"]
    transport.gate.set()
    assert ((await sending).state, transport.count()) == ("sent", 1)

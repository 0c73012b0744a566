"""Direct messages that Discord takes for spam: all of them pause, one is tried later, a restart changes nothing."""

from __future__ import annotations

import json

from bot.delivery.barrier import FACT, MOST_IN_A_ROW
from bot.delivery.transport import DMS_CLOSED, QUARANTINED, TransportError
from storage.models import Target
from storage.store import Store
from tests.deliveries import Bot, add
from tests.fakes import Clock, FakeTransport


async def add_members(store: Store, count: int) -> None:
    """Store members with digests whose conversations are known."""
    for number in range(count):
        target = Target("member", str(1000 + number))
        await add(store, target=target, guild_id=None, channel_kind="dm")
        await store.members.set_channel(target, f"dm{1000 + number}")


def count_sends(transport: FakeTransport) -> int:
    """Return how often sending was tried to members."""
    return sum(call == "send" and place.startswith("dm") for call, place in transport.calls)


async def test_one_refusal_as_a_spammer_pauses_all_direct_messages(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """Nobody's digest is lost or paused by it, channels go on, and after an hour one message is tried."""
    await add_members(store, 100)
    await add(store)
    transport.before["send"] = [None, *[TransportError(QUARANTINED, "20026", is_final=True)] * 60]
    await running.tick()
    tried = count_sends(transport)
    assert tried <= 32 and transport.channels["100"]
    running.start()
    await running.tick()
    assert count_sends(transport) == tried
    clock.advance(hours=1, seconds=1)
    await running.tick()
    assert count_sends(transport) == tried + 1  # refused again: twice as long
    assert json.loads(await store.facts.get(FACT) or "")["seconds"] == 7200
    transport.before.clear()
    clock.advance(hours=2, seconds=1)
    await running.tick()
    assert await store.facts.get(FACT) is None
    assert await running.list_states() == ["sent"] * 101
    assert not any(one.is_paused for one in await store.subscriptions.list())


async def test_so_many_closed_in_a_row_are_not_believed(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """When one member after the other refuses, it is about the bot: they are not told that theirs are closed."""
    await add_members(store, 100)
    transport.before["send"] = [TransportError(DMS_CLOSED, "50007", is_final=True)] * 60
    for _ in range(5):
        await running.tick()
        clock.advance(seconds=20)
    assert MOST_IN_A_ROW <= count_sends(transport) <= 52
    assert not any(one.is_paused for one in await store.subscriptions.list())
    assert await store.facts.get(FACT) is not None


async def test_some_closed_ones_are_just_closed(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A few members that refuse are paused, each for themselves, after a third try; the others get theirs."""
    await add_members(store, 30)
    closed = TransportError(DMS_CLOSED, "50007", is_final=True)
    transport.before["send"] = [closed if number % 10 == 0 else None for number in range(30)]
    await running.tick()
    transport.before["send"] = [closed] * 6
    for _ in range(2):
        clock.advance(seconds=30)
        await running.tick()
    paused = [one for one in await store.subscriptions.list() if one.pause_reason == DMS_CLOSED]
    assert (len(paused), transport.count(), await store.facts.get(FACT)) == (3, 27, None)

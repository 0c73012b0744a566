"""A database from before some messages were sent: their channels are read first, and nothing is sent twice."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery.transport import OUTAGE, TransportError
from storage.facts import RESTORED
from storage.models import Target
from storage.store import Store
from tests.builders import INDEX
from tests.deliveries import CHANNEL, FIRST, MEMBER, Bot, add, make_post
from tests.fakes import Clock, FakeTransport


async def go_on(store: Store, running: Bot, clock: Clock, days: int) -> None:
    """Let days pass, each with its post and its digest."""
    for _ in range(days):
        newest = await store.days.latest()
        clock.advance(days=1)
        await store.days.put([make_post((newest.day if newest else FIRST) + timedelta(days=1), 25)], [], clock())
        await running.tick()


async def restore(tmp_path: Path, backup: Path, clock: Clock, since: datetime) -> Store:
    """Open the backup as restoring does: everything is to be checked since its last moment."""
    path = tmp_path / "restored.db"
    shutil.copy(backup, path)
    store = await Store.open(path, INDEX)
    await store.subscriptions.ask_checks(since)
    await store.facts.set(RESTORED, clock().isoformat())
    return store


@pytest.fixture
async def backup(tmp_path: Path, store: Store) -> Path:
    """Where `keep` puts a copy."""
    return tmp_path / "backup.db"


async def keep(store: Store, backup: Path) -> None:
    """Copy the database as it is now."""
    await store._database._writer.execute("VACUUM INTO ?", (str(backup),))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"count": 25},
        {"channel_kind": "forum", "count": 25},
        {"target": MEMBER, "channel_kind": "dm", "guild_id": None},
    ],
    ids=["channel", "parts", "forum", "member"],
)
async def test_what_was_sent_after_the_backup_is_found(
    store: Store,
    posts: None,
    running: Bot,
    transport: FakeTransport,
    clock: Clock,
    tmp_path: Path,
    backup: Path,
    changes: dict[str, object],
) -> None:
    """Two days' digests that the backup does not know are recorded from their messages; the next one is new."""
    await add(store, **changes)
    await store.members.set_channel(MEMBER, "dm200")
    await running.tick()
    await keep(store, backup)
    since = clock()
    await go_on(store, running, clock, 2)
    sent = {(one.occasion, one.part): (one.message_id, one.papers) for one in await store.deliveries.list()}
    async with await restore(tmp_path, backup, clock, since) as restored:
        days = await store.days.list()
        editions = [make_post(day.day, 25) for day in days if day.day > date(2021, 4, 14)]
        await restored.days.put(editions, [], clock())
        again = Bot(restored, transport, clock)
        before = transport.count()
        for _ in range(3):
            await again.tick()
        assert transport.count() == before
        known = {(one.occasion, one.part): (one.message_id, one.papers) for one in await restored.deliveries.list()}
        assert known == sent
        assert not any(one.check_since for one in await restored.subscriptions.list())
        await go_on(restored, again, clock, 1)
        assert transport.count() > before and set(await again.list_states()) == {"sent"}


async def test_a_history_that_cannot_be_read_holds_back_after_a_restore(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock, tmp_path: Path, backup: Path
) -> None:
    """Rather nothing than twice: without the history nothing is sent, until it can be read."""
    await add(store)
    await keep(store, backup)
    since = clock()
    await running.tick()
    transport.unreadable.add(CHANNEL.id)
    async with await restore(tmp_path, backup, clock, since) as restored:
        again = Bot(restored, transport, clock)
        for _ in range(3):
            await again.tick()
            clock.advance(minutes=20)
        assert (transport.count(), await restored.deliveries.list()) == (1, [])
        transport.unreadable.clear()
        await again.tick()
        assert (transport.count(), await again.list_states()) == (1, ["sent"])


async def test_too_long_a_history_is_left_behind(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """Where more was written than can be read, what may have been sent is not sent again; the next post is."""
    await add(store)
    await store.subscriptions.ask_checks(clock() - timedelta(days=30))
    await store.facts.set(RESTORED, clock().isoformat())
    transport.before["list_messages"] = [TransportError(OUTAGE, "more than 2000 messages", is_final=True)]
    for _ in range(2):
        await running.tick()
    assert transport.count() == 0
    await go_on(store, running, clock, 1)
    assert transport.count() == 1


async def test_an_outage_delays_the_look_at_the_history(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """What could not be read for a moment is read soon after."""
    await add(store)
    await store.subscriptions.ask_checks(clock() - timedelta(days=1))
    transport.before["list_messages"] = [TransportError(OUTAGE, "HTTP 503")]
    await running.tick()
    assert transport.count() == 0
    clock.advance(seconds=20)
    for _ in range(2):
        await running.tick()
    assert transport.count() == 1


@pytest.mark.parametrize("is_readable", [True, False])
async def test_a_request_reads_the_history_first(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock, is_readable: bool
) -> None:
    """Who asks for a digest right after a restore gets what was not sent before it, or all where nobody can tell."""
    order = await add(store, count=3)
    await running.tick()
    await store._database.execute("DELETE FROM deliveries")
    await store._database.execute("DELETE FROM given")
    await store.subscriptions.ask_checks(clock())
    await store.facts.set(RESTORED, clock().isoformat())
    if not is_readable:
        transport.unreadable.add(CHANNEL.id)
    unchecked = await store.subscriptions.get(order.id or 0)
    assert unchecked is not None and unchecked.check_since is not None
    assert (await running.outbox.send(unchecked, "now:1", clock())).state == "sent"
    papers = (await store.deliveries.list(occasion="now:1"))[0].papers
    assert papers == (("2104.14003", "2104.14004") if is_readable else ("2104.14000", "2104.14001", "2104.14002"))


async def test_after_a_mere_pause_a_digest_is_worth_more(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """Where the bot was only down, a history that may not be read does not keep the catch-up from coming."""
    await add(store)
    await store.subscriptions.ask_checks(clock() - timedelta(days=2))
    transport.unreadable.add(CHANNEL.id)
    for _ in range(2):
        await running.tick()
    assert transport.count() == 1


async def test_papers_of_a_message_nobody_knows_are_given(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock, tmp_path: Path, backup: Path
) -> None:
    """A digest that somebody asked for after the backup gave its papers: they are not in the next one."""
    order = await add(store, count=3)
    await keep(store, backup)
    since = clock()
    await running.outbox.send(order, "now:abc", clock())
    async with await restore(tmp_path, backup, clock, since) as restored:
        await Bot(restored, transport, clock).tick()
        assert await restored.deliveries.given(CHANNEL, ["2104.14000"]) == {"2104.14000"}
        (delivery,) = await restored.deliveries.list()
        assert delivery.papers == ("2104.14003", "2104.14004")


async def test_a_copy_put_back_by_hand_is_noticed_where_something_is_due(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock, tmp_path: Path, backup: Path
) -> None:
    """A digest that came after the copy was made, though due before, is found; who is due nothing is not read."""
    late, quiet = await add(store), await add(store, target=Target("channel", "101"), categories=("cs.CL",))
    await keep(store, backup)
    since = clock()
    await store.days.put([make_post(date(2021, 4, 14), 7)], [], clock())
    await running.tick()
    sent = transport.count()
    path = tmp_path / "copied.db"
    shutil.copy(backup, path)
    async with await Store.open(path, INDEX) as copied:
        await copied.subscriptions.ask_checks(since)
        await copied.days.put([make_post(date(2021, 4, 14), 7)], [], clock())
        again = Bot(copied, transport, clock)
        clock.advance(minutes=10)
        for _ in range(3):
            await again.tick()
        assert transport.count() == sent
        assert [one.subscription_id for one in await copied.deliveries.list()] == [late.id]
        assert quiet.id == 2 and (await copied.deliveries.list())[0].revisions == (2,)

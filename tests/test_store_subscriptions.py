"""The store's contract for subscriptions: kept whole, bounded, and changed by many at once without loss."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import INDEX, NOW, TODAY, make_edition

CHANNEL = Target("channel", "123456789012345678")
MEMBER = Target("member", "123456789012345678")

FULL = Subscription(
    target=CHANNEL,
    categories=("cs.CV", "stat"),
    count=7,
    at=time(23, 5),
    timezone="Asia/Tokyo",
    weekdays=(0, 4),
    created_at=NOW,
    created_edition=TODAY,
    only="very hot",
    channel_kind="forum",
    guild_id="11",
    created_by="12",
    mention="13",
    has_thread=True,
    is_published=True,
    tag="14",
    has_quiet_line=True,
    language="ja",
    paused_at=NOW + timedelta(hours=1),
    pause_reason="channel gone",
    told_at=NOW + timedelta(hours=2),
    check_since=NOW + timedelta(hours=3),
)


def number_of(subscription: Subscription | None) -> int:
    """Return the id of a stored subscription."""
    assert subscription is not None
    assert subscription.id is not None
    return subscription.id


async def test_subscriptions_come_back_as_they_were(store: Store) -> None:
    """A subscription keeps every field, is changed as a whole, and is found by its target."""
    made = await store.subscriptions.add(FULL)
    other = await store.subscriptions.add(Subscription(MEMBER))
    assert not [f.name for f in fields(FULL) if f.name != "target" and getattr(made, f.name) == getattr(other, f.name)]
    assert await store.subscriptions.get(number_of(made)) == made == replace(FULL, id=made.id)
    assert await store.subscriptions.list() == [made, other]
    assert await store.subscriptions.list(MEMBER) == [other]
    changed = replace(other, id=made.id)
    assert await store.subscriptions.update(changed)
    assert await store.subscriptions.get(number_of(made)) == changed
    assert not await store.subscriptions.update(replace(changed, id=999))


async def test_an_update_of_nothing_stores_nothing(store: Store) -> None:
    """Updating what is gone neither brings it back nor keeps its target."""
    assert not await store.subscriptions.update(replace(FULL, id=5))
    assert await store.subscriptions.list() == []
    assert await store._database.fetch("SELECT * FROM targets") == []


async def test_subscriptions_are_found_by_server(store: Store) -> None:
    """A server's subscriptions are those of all its channels, and of no other server's."""
    first = await store.subscriptions.add(Subscription(CHANNEL, guild_id="1"))
    second = await store.subscriptions.add(Subscription(Target("channel", "5"), guild_id="1"))
    await store.subscriptions.add(Subscription(Target("channel", "6"), guild_id="2"))
    await store.subscriptions.add(Subscription(MEMBER))
    assert await store.subscriptions.list(guild_id="1") == [first, second]
    assert await store.subscriptions.list(CHANNEL, guild_id="1") == [first]
    assert await store.subscriptions.list(CHANNEL, guild_id="2") == []
    assert await store.subscriptions.list(guild_id="' OR 1=1 --") == []


def test_paused_means_since_some_time() -> None:
    """A subscription is paused as long as it says since when."""
    assert FULL.is_paused
    assert not replace(FULL, paused_at=None).is_paused


async def test_a_subscription_id_is_never_used_again(store: Store) -> None:
    """A deleted subscription's id stays unused, since messages are recognised by it."""
    first = number_of(await store.subscriptions.add(Subscription(CHANNEL)))
    assert await store.subscriptions.delete(first, NOW)
    assert not await store.subscriptions.delete(first, NOW)
    assert number_of(await store.subscriptions.add(Subscription(CHANNEL))) > first


async def test_a_target_has_no_more_subscriptions_than_allowed(store: Store) -> None:
    """The bound counts one target's subscriptions; what it refuses leaves no trace."""
    assert await store.subscriptions.add_bounded(Subscription(CHANNEL), 0) is None
    assert await store._database.fetch("SELECT * FROM targets") == []
    made = await store.subscriptions.add_bounded(FULL, 1)
    assert await store.subscriptions.add_bounded(FULL, 1) is None
    assert await store.subscriptions.list() == [made] == [replace(FULL, id=number_of(made))]
    assert await store.subscriptions.add_bounded(Subscription(MEMBER), 1)
    assert await store.subscriptions.add_bounded(FULL, 2)


async def test_the_bound_holds_for_two_programs_at_once(tmp_path: Path, store: Store) -> None:
    """However many add at once, no more than allowed succeed."""
    async with await Store.open(tmp_path / "papers.db", INDEX) as other:
        adding = [s.subscriptions.add_bounded(Subscription(CHANNEL), 3) for s in (store, other) for _ in range(6)]
        added = await asyncio.gather(*adding)
    assert len([subscription for subscription in added if subscription]) == 3
    assert len(await store.subscriptions.list(CHANNEL)) == 3


# Changing


async def test_changes_at_once_are_all_kept(tmp_path: Path, store: Store) -> None:
    """Of many changes made at the same time, here and by another program, each builds on the one before."""
    number = number_of(await store.subscriptions.add(Subscription(CHANNEL, count=0)))
    async with await Store.open(tmp_path / "papers.db", INDEX) as other:
        changes = [
            s.subscriptions.change(number, lambda known: replace(known, count=known.count + 1))
            for _ in range(10)
            for s in (store, other)
        ]
        changed = await asyncio.gather(*changes)
    assert sorted(known.count for known in changed if known) == list(range(1, 21))
    kept = await store.subscriptions.get(number)
    assert kept == Subscription(CHANNEL, count=20, id=number)


async def test_a_change_that_raises_changes_nothing(store: Store) -> None:
    """An error in a change reaches the caller as it is, and the store works on."""
    made = await store.subscriptions.add(FULL)

    def refuse(_: Subscription) -> Subscription:
        raise KeyError("too many categories")

    with pytest.raises(KeyError, match="too many"):
        await store.subscriptions.change(number_of(made), refuse)
    assert await store.subscriptions.list() == [made]


async def test_a_change_keeps_to_its_subscription(store: Store) -> None:
    """A change cannot reach another subscription by its id, and of one that is gone nothing is made."""
    first, second = await store.subscriptions.add(FULL), await store.subscriptions.add(FULL)
    changed = await store.subscriptions.change(number_of(first), lambda known: replace(known, id=second.id, count=1))
    assert changed == replace(first, count=1)
    assert await store.subscriptions.list() == [changed, second]
    assert await store.subscriptions.change(999, lambda known: known) is None


# Deleting


async def test_deleting_a_subscription_withdraws_what_is_unsent(store: Store) -> None:
    """Nothing goes out for a deleted subscription; what it sent stays on record and stays given."""
    await store.days.put([make_edition(TODAY, [("2104.00001", 1), ("2104.00002", 1)])], [], NOW)
    number = number_of(await store.subscriptions.add(Subscription(CHANNEL)))
    parts = [
        Delivery(number, CHANNEL, "2021-04-14", (TODAY,), (paper,), "{}", part)
        for part, paper in enumerate(("2104.00001", "2104.00002"), 1)
    ]
    sent, _ = await store.deliveries.add(parts, NOW)
    await store.deliveries.mark_sent(sent, "7", "8", NOW)
    await store.subscriptions.delete(number, NOW)
    assert [d.state for d in await store.deliveries.list()] == ["sent", "failed"]
    assert await store.deliveries.given(CHANNEL, ["2104.00001", "2104.00002"]) == {"2104.00001"}
    assert await store.deliveries.add([replace(parts[0], occasion="2021-04-15", papers=())], NOW) == []

"""The store's contract for members: what they save is theirs, and all of it can be deleted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import INDEX, NOW, TODAY, make_appearance, make_edition
from tests.traces import read_tables, use_everything

MEMBER = Target("member", "700000000000000001")
OTHER = Target("member", "700000000000000002")
CHANNEL = Target("channel", "700000000000000001")
YESTERDAY = TODAY - timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def papers(store: Store) -> None:
    """Two days, the first paper on both, hotter and with an abstract on the older one."""
    older = make_edition(YESTERDAY, [make_appearance("2104.00001", 90, title="Draft")])
    newer = make_edition(
        TODAY, [make_appearance("2104.00002", 50), make_appearance("2104.00001", 40, title="Final", abstract="")]
    )
    await store.days.put([older, newer], [], NOW)


async def list_saved(store: Store, target: Target = MEMBER, limit: int = 10, offset: int = 0) -> list[str]:
    """Return the ids of saved papers."""
    return [a.paper.arxiv_id for a in await store.members.saved(target, limit, offset)]


# Saving


async def test_papers_are_saved_once_and_listed_newest_first(store: Store) -> None:
    """Saving again is no news and moves nothing; the list goes by when each was saved, a page at a time."""
    assert await store.members.save(MEMBER, "2104.00001", NOW)
    assert await store.members.save(MEMBER, "2104.00002", NOW)
    assert not await store.members.save(MEMBER, "2104.00001", NOW + MINUTE)
    assert await list_saved(store) == ["2104.00002", "2104.00001"]
    assert await list_saved(store, limit=1, offset=1) == ["2104.00001"]
    assert await store.members.count_saved(MEMBER) == 2
    assert await store.members.is_saved(MEMBER, "2104.00001")


async def test_a_saved_paper_is_shown_as_it_appeared_last(store: Store) -> None:
    """Neither a hotter nor a fuller day before counts, and a later one does at once."""
    await store.members.save(MEMBER, "2104.00001", NOW)
    (shown,) = await store.members.saved(MEMBER, 10)
    assert (shown.day, shown.paper.title, shown.rank) == (TODAY, "Final", 2)
    later = make_edition(TODAY + timedelta(days=1), [make_appearance("2104.00001", 1, title="Again")])
    await store.days.put([later], [], NOW)
    assert await store.members.saved(MEMBER, 10) == list(later.papers)


async def test_what_is_saved_is_ones_own(store: Store) -> None:
    """Nobody sees or removes what another saved, be it a channel of the same number."""
    await store.members.save(MEMBER, "2104.00001", NOW)
    for stranger in (OTHER, CHANNEL):
        assert await list_saved(store, stranger) == []
        assert await store.members.count_saved(stranger) == 0
        assert not await store.members.is_saved(stranger, "2104.00001")
        assert not await store.members.unsave(stranger, "2104.00001")
    assert await store.members.unsave(MEMBER, "2104.00001")
    assert not await store.members.unsave(MEMBER, "2104.00001")
    assert await list_saved(store) == []


@pytest.mark.parametrize("name", ["9999.99999", "", "\ud800", "' OR 1=1 --"])
async def test_what_is_no_paper_cannot_be_saved(store: Store, name: str) -> None:
    """An unknown or hostile id is not saved, and leaves nothing behind."""
    assert not await store.members.save(MEMBER, name, NOW)
    assert not await store.members.is_saved(MEMBER, name)
    assert not await store.members.unsave(MEMBER, name)
    assert await store._database.fetch("SELECT * FROM targets") == []


async def test_a_saved_paper_that_left_every_day_is_counted_as_gone(store: Store) -> None:
    """What can no longer be shown is not listed nor counted with the rest; it can be removed, and may come back."""
    await store.members.save(MEMBER, "2104.00001", NOW)
    await store.members.save(MEMBER, "2104.00002", NOW)
    whole = make_edition(TODAY, [("2104.00002", 50), ("2104.00001", 40)])
    await store.days.put([make_edition(TODAY, [("2104.00001", 40)])], [], NOW)
    assert await list_saved(store) == ["2104.00001"]
    assert (await store.members.count_saved(MEMBER), await store.members.count_gone(MEMBER)) == (1, 1)
    assert await store.members.is_saved(MEMBER, "2104.00002")
    assert not await store.members.save(OTHER, "2104.00002", NOW)
    await store.days.put([whole], [], NOW)
    assert (await store.members.count_saved(MEMBER), await store.members.count_gone(MEMBER)) == (2, 0)
    await store.days.put([make_edition(TODAY, [("2104.00001", 40)])], [], NOW)
    assert await store.members.unsave(MEMBER, "2104.00002")
    assert await store.members.count_gone(MEMBER) == 0


async def test_a_paper_saved_twice_at_once_is_news_once(tmp_path: Path, store: Store) -> None:
    """Two presses, or two programs, and one of them saves."""
    async with await Store.open(tmp_path / "papers.db", INDEX) as other:
        saves = [s.members.save(MEMBER, "2104.00001", NOW) for _ in range(5) for s in (store, other)]
        assert sorted(await asyncio.gather(*saves)) == [False] * 9 + [True]
    assert await store.members.count_saved(MEMBER) == 1


# Channels


async def test_the_channel_for_direct_messages_is_kept(store: Store) -> None:
    """A member's channel is remembered, replaced by a later one, and nobody else's."""
    assert await store.members.get_channel(MEMBER) is None
    await store.members.set_channel(MEMBER, "55")
    await store.members.set_channel(MEMBER, "56")
    await store.members.set_channel(OTHER, "57")
    await store.subscriptions.add(Subscription(MEMBER))
    assert await store.members.get_channel(MEMBER) == "56"
    assert await store.members.get_channel(CHANNEL) is None


# Deleting


async def test_deleting_a_member_leaves_nothing_in_any_table(store: Store) -> None:
    """Every table is as it was before the member came, save for who set up a server's digest: that has no name."""
    await use_everything(store, OTHER)
    await use_everything(store, CHANNEL)
    digest = await store.subscriptions.add(Subscription(Target("channel", "1"), guild_id="9"))
    before = await read_tables(store)
    await use_everything(store, MEMBER)
    await store.subscriptions.update(replace(digest, created_by=MEMBER.id))
    during = await read_tables(store)
    kept = ("subscriptions", "deliveries", "delivery_papers", "given", "saved", "occasions", "targets")
    assert {name for name in before if before[name] != during[name]} == set(kept)
    await store.members.delete_all(MEMBER, NOW)
    assert await read_tables(store) == before
    await store.members.delete_all(MEMBER, NOW)
    assert await read_tables(store) == before


async def test_what_a_moved_subscription_sent_goes_with_its_member(store: Store) -> None:
    """What was sent elsewhere for a subscription that is now the member's is deleted as well."""
    order = await store.subscriptions.add(Subscription(OTHER))
    assert order.id is not None
    await store.deliveries.add([Delivery(order.id, OTHER, "1", (TODAY,), ("2104.00001",), "{}")], NOW)
    await store.subscriptions.update(replace(order, target=MEMBER))
    await store.members.delete_all(MEMBER, NOW)
    assert await store.deliveries.list() == []


async def test_a_deleted_members_numbers_are_not_used_again(store: Store) -> None:
    """What is still in hand for a deleted member is never taken for someone else's."""
    await use_everything(store, MEMBER)
    (order,) = await store.subscriptions.list()
    newest = (await store.deliveries.list())[-1].id
    assert order.id
    assert newest
    await store.members.delete_all(MEMBER, NOW)
    assert not await store.deliveries.mark_sent(newest, "1", "2", NOW)
    assert await store.deliveries.add([Delivery(order.id, MEMBER, "9", (TODAY,), (), "{}")], NOW) == []
    assert await store._database.fetch("SELECT * FROM targets") == []
    await use_everything(store, OTHER)
    assert [s.id for s in await store.subscriptions.list()] > [order.id]
    assert min(d.id or 0 for d in await store.deliveries.list()) > newest

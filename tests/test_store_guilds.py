"""The store's contract for servers and the small things: occasions, sources of posts, single values."""

from __future__ import annotations

from datetime import timedelta

from storage.models import Delivery, SourceState, Subscription, Target
from storage.store import Store
from tests.builders import NOW, TODAY, make_edition
from tests.traces import read_tables, use_everything

DAY = timedelta(days=1)
HERE, THERE = Target("channel", "51"), Target("channel", "52")
MEMBER = Target("member", "51")


# Servers


async def test_servers_come_and_go(store: Store) -> None:
    """A server is listed while the bot is in it and after it left; only a return is news."""
    assert not await store.guilds.join("1", "en", NOW)
    assert not await store.guilds.join("1", "en", NOW)
    await store.guilds.join("2", "ja", NOW)
    await store.guilds.leave("1", NOW)
    await store.guilds.leave("1", NOW + DAY)
    await store.guilds.leave("3", NOW)
    assert await store.guilds.list() == {"1": NOW, "2": None, "3": NOW}
    assert await store.guilds.join("1", "en", NOW + DAY)
    assert not await store.guilds.join("1", "en", NOW + DAY)
    assert await store.guilds.list() == {"1": None, "2": None, "3": NOW}


async def test_a_servers_language_is_its_digests_too(store: Store) -> None:
    """A language once set goes for all digests of the server, and outlasts leaving and coming back."""
    await store.guilds.join("1", "en", NOW)
    for target, guild in ((HERE, "1"), (THERE, "2"), (MEMBER, None)):
        await store.subscriptions.add(Subscription(target, guild_id=guild))
    await store.guilds.set_language("1", "de")
    assert [s.language for s in await store.subscriptions.list()] == ["de", "en", "en"]
    await store.guilds.leave("1", NOW)
    await store.guilds.join("1", "fr", NOW)
    assert await store.guilds.get_language("1") == "de"
    assert await store.guilds.get_language("2") is None


async def test_a_server_left_long_ago_is_forgotten_whole(store: Store) -> None:
    """Nothing of it stays in any table, not of a channel without digests either; other servers keep all of theirs."""
    await store.days.put([make_edition(TODAY, [("2104.00001", 2), ("2104.00002", 1)])], [], NOW)
    await use_everything(store, Target("channel", "61"))
    await use_everything(store, MEMBER)
    await store.guilds.join("9", "en", NOW)
    before = await read_tables(store)
    await store.guilds.join("1", "en", NOW)
    for target in (HERE, THERE):
        order = await store.subscriptions.add(Subscription(target, guild_id="1", created_by="3"))
        assert order.id is not None
        (sent,) = await store.deliveries.add([Delivery(order.id, target, "1", (TODAY,), ("2104.00001",), "{}")], NOW)
        await store.deliveries.mark_sent(sent, target.id, "2", NOW)
        await store.occasions.record(order.id, "1", "{}", NOW)
    await store.subscriptions.delete(order.id, NOW)
    await store.guilds.leave("1", NOW)
    assert await store.guilds.prune(NOW) == 0
    assert [s.target for s in await store.subscriptions.list(guild_id="1")] == [HERE]
    assert await store.guilds.prune(NOW + DAY) == 1
    assert await read_tables(store) == before
    assert await store.guilds.prune(NOW + DAY) == 0


async def test_a_server_that_took_the_bot_back_keeps_everything(store: Store) -> None:
    """Having left once is no reason to forget a server that the bot is in again."""
    await store.guilds.join("1", "en", NOW)
    order = await store.subscriptions.add(Subscription(HERE, guild_id="1"))
    await store.guilds.leave("1", NOW)
    await store.guilds.join("1", "en", NOW)
    assert await store.guilds.prune(NOW + DAY) == 0
    assert await store.subscriptions.list() == [order]


# Occasions, sources, facts


async def test_the_reason_of_the_last_occasion_is_kept(store: Store) -> None:
    """A later reason of an occasion replaces the earlier one; what was recorded last is told."""
    number = (await store.subscriptions.add(Subscription(HERE))).id
    other = (await store.subscriptions.add(Subscription(THERE))).id
    assert number
    assert other
    assert await store.occasions.last(number) is None
    await store.occasions.record(number, "2021-04-15", '{"reason": "no post"}', NOW)
    await store.occasions.record(number, "catch-up:2021-04-14", "{}", NOW + DAY)
    await store.occasions.record(other, "2021-04-16", "{}", NOW + 2 * DAY)
    assert await store.occasions.last(number) == ("catch-up:2021-04-14", "{}", NOW + DAY)
    await store.occasions.record(number, "2021-04-15", '{"reason": "sent"}', NOW + 2 * DAY)
    assert await store.occasions.last(number) == ("2021-04-15", '{"reason": "sent"}', NOW + 2 * DAY)


async def test_occasions_are_pruned_and_go_with_their_subscription(store: Store) -> None:
    """Old reasons go, later ones stay; a deleted subscription leaves none and is given none."""
    number = (await store.subscriptions.add(Subscription(HERE))).id
    assert number
    for days in range(3):
        await store.occasions.record(number, str(days), "{}", NOW + days * DAY)
    assert await store.occasions.prune(NOW + 2 * DAY) == 2
    assert await store.occasions.last(number) == ("2", "{}", NOW + 2 * DAY)
    await store.subscriptions.delete(number, NOW)
    await store.occasions.record(number, "3", "{}", NOW)
    assert await store._database.fetch("SELECT * FROM occasions") == []


async def test_a_source_tells_its_last_success_and_failure(store: Store) -> None:
    """Each source keeps both times, and what was said of it last."""
    await store.sources.record("git", True, "12 posts", NOW)
    await store.sources.record("folder", False, "no such folder", NOW)
    await store.sources.record("git", False, "timeout", NOW + DAY)
    assert await store.sources.list() == [
        SourceState("folder", None, NOW, "no such folder"),
        SourceState("git", NOW, NOW + DAY, "timeout"),
    ]
    await store.sources.record("git", True, "1 post", NOW + 2 * DAY)
    assert (await store.sources.list())[1] == SourceState("git", NOW + 2 * DAY, NOW + DAY, "1 post")


async def test_a_fact_is_kept_under_its_name(store: Store) -> None:
    """A value is there under its name alone until another takes its place."""
    assert await store.facts.get("commands") is None
    await store.facts.set("commands", "a1")
    await store.facts.set("commands", "b2 🎉")
    assert await store.facts.get("commands") == "b2 🎉"
    assert await store.facts.get("command") is None
    assert await store.facts.get("\ud800") is None

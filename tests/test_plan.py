"""Planning: what is due, decided from the store and promised once, frozen as it will be sent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import aiosqlite
import pytest

from bot.delivery.history import list_custom_ids
from bot.delivery.identity import find_identity
from bot.delivery.plan import plan
from bot.delivery.planner import Planner
from bot.messages.actions import StopDigest
from bot.messages.custom_id import decode
from storage.errors import LockedError
from storage.models import Delivery, Target
from storage.store import Store
from tests.builders import INDEX
from tests.deliveries import (
    CHANNEL,
    CREATED,
    FIRST,
    add,
    find_markers,
    list_reasons,
    make_post,
)
from tests.discord_rules import SUPPRESS_NOTIFICATIONS, find_violations
from tests.fakes import Clock


async def test_a_due_digest_is_promised_once(store: Store, posts: None, clock: Clock) -> None:
    """The same moment again, later moments of the day and a restarted planner promise nothing more."""
    await add(store)
    planner = Planner(store)
    assert [await planner.plan_due(clock()) for _ in range(2)] == [1, 0]
    clock.advance(hours=5)
    assert await Planner(store).plan_due(clock()) == 0
    (delivery,) = await store.deliveries.list()
    assert (delivery.occasion, delivery.editions, delivery.state) == ("2021-04-15", (date(2021, 4, 14),), "pending")


async def test_nothing_before_its_hour(store: Store, posts: None, clock: Clock) -> None:
    """A minute early nothing is promised; paused ones and those of others not even later."""
    await add(store)
    await add(store, target=Target("page", "1"))
    await add(store, paused_at=CREATED, pause_reason="asked")
    await add(store, check_since=CREATED)
    planner = Planner(store)
    assert await planner.plan_due(clock() - timedelta(minutes=1)) == 0
    assert await planner.plan_due(clock()) == 1
    assert [one.subscription_id for one in await store.deliveries.list()] == [1]
    assert await Planner(store, ("page",)).plan_due(clock()) == 1


async def test_a_late_post_goes_out_when_it_comes_and_once(store: Store, clock: Clock) -> None:
    """Without a post the reason is recorded; the post that comes at noon is promised then, a second one tomorrow."""
    await store.days.put([make_post(FIRST)], [], clock())
    order, planner = await add(store), Planner(store)
    assert await planner.plan_due(clock()) == 0
    assert await list_reasons(store, order) == {"occasion": "2021-04-15", "kind": "no post", "editions": []}
    clock.advance(hours=3)
    await store.days.put([make_post(date(2021, 4, 14))], [], clock())
    assert [await planner.plan_due(clock()) for _ in range(2)] == [1, 0]
    await store.days.put([make_post(date(2021, 4, 15))], [], clock())
    assert await planner.plan_due(clock()) == 0
    clock.advance(hours=21)
    assert await planner.plan_due(clock()) == 1
    assert [one.editions for one in await store.deliveries.list()] == [(date(2021, 4, 14),), (date(2021, 4, 15),)]


async def test_an_archive_sends_nothing(store: Store, posts: None, clock: Clock) -> None:
    """Years of old posts that are read later are nobody's digest."""
    await add(store)
    planner = Planner(store)
    await planner.plan_due(clock())
    await store.days.put([make_post(date(2021, 3, day)) for day in range(1, 29)], [], clock())
    assert await planner.plan_due(clock()) == 0
    clock.advance(days=1)
    assert await planner.plan_due(clock()) == 0


async def test_days_without_the_bot_are_caught_up_once_and_silently(store: Store, posts: None, clock: Clock) -> None:
    """After days down one digest holds the best of what was missed, marked so, and pings nobody."""
    await add(store, mention="77")
    await store.days.put([make_post(date(2021, 4, 14 + n)) for n in range(1, 4)], [], clock())
    clock.advance(days=3)
    for _ in range(2):
        await Planner(store).plan_due(clock())
    deliveries = await store.deliveries.list()
    assert {one.occasion for one in deliveries} == {"catch-up:2021-04-18"}
    assert deliveries[0].editions == tuple(date(2021, 4, 14 + n) for n in range(4))
    assert "77" not in deliveries[0].payload
    assert json.loads(deliveries[0].payload)["message"]["flags"] & SUPPRESS_NOTIFICATIONS


async def test_a_quiet_day_is_said_where_that_is_wanted(store: Store, clock: Clock) -> None:
    """One line with the reason, announced to nobody, carrying a mark like every message; once."""
    await add(store, categories=("cs.CL",), mention="77", has_quiet_line=True)
    await store.days.put([make_post(FIRST), make_post(date(2021, 4, 14))], [], clock())
    for _ in range(2):
        await Planner(store).plan_due(clock())
    (delivery,) = await store.deliveries.list()
    message = json.loads(delivery.payload)["message"]
    assert "none of 5 papers in cs.CL" in message["content"] and "77" not in delivery.payload
    assert message["flags"] & SUPPRESS_NOTIFICATIONS
    assert find_markers(message) and find_violations(message) == []
    assert (delivery.papers, delivery.editions) == ((), (date(2021, 4, 14),))


async def test_an_ordinary_digest_pings_its_role(store: Store, posts: None, clock: Clock) -> None:
    """The role is mentioned, and allowed to be, in the message that was promised."""
    await add(store, mention="77")
    await Planner(store).plan_due(clock())
    message = json.loads((await store.deliveries.list())[0].payload)["message"]
    assert "<@&77>" in message["content"] and "77" in json.dumps(message["allowed_mentions"])


async def test_a_digest_without_papers_is_no_missed_one(store: Store, clock: Clock) -> None:
    """An edition that had nothing for a subscription was its turn: the next digest is neither late nor silent."""
    order, planner = await add(store, categories=("cs.CL",), mention="77"), Planner(store)
    await store.days.put([make_post(FIRST), make_post(date(2021, 4, 14))], [], clock())
    assert await planner.plan_due(clock()) == 0
    reason = await list_reasons(store, order)
    assert (reason["kind"], reason["editions"]) == ("nothing", ["2021-04-14"]) and "cs.CL" in reason["reason"]
    clock.advance(days=1)
    assert await planner.plan_due(clock()) == 0  # no post at all, which must not make it forget
    clock.advance(days=1)
    await store.days.put([make_post(date(2021, 4, 16), category="cs.CL")], [], clock())
    assert await planner.plan_due(clock()) == 1
    (delivery,) = await store.deliveries.list()
    assert (delivery.occasion, delivery.editions) == ("2021-04-17", (date(2021, 4, 16),))


@pytest.mark.parametrize("name", ["2021-04-15", "catch-up:2021-04-15"])
async def test_an_occasion_is_one_under_either_name(store: Store, posts: None, clock: Clock, name: str) -> None:
    """Whether an occasion was planned as a catch-up or not, it is not planned again."""
    order = await add(store)
    await store.deliveries.add([Delivery(order.id or 0, CHANNEL, name, (FIRST,), (), "{}")], clock())
    assert await Planner(store).plan_due(clock()) == 0


async def test_one_that_cannot_be_planned_holds_nobody_up(
    store: Store, posts: None, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A zone that is no longer known stops only its own digest, and is logged once."""
    await add(store, timezone="Mars/Olympus")
    await add(store)
    planner = Planner(store)
    assert [await planner.plan_due(clock()) for _ in range(3)] == [1, 0, 0]
    assert len(caplog.records) == 1


async def test_what_is_promised_is_frozen(store: Store, posts: None, clock: Clock) -> None:
    """Parts carry their own papers in order and the message as it will be sent, whatever is corrected later."""
    order = await add(store, count=25)
    await store.days.put([make_post(date(2021, 4, 14), 25)], [], clock())
    parts, _ = await plan(store, order, "now:1", clock())
    assert [part.part for part in parts] == list(range(1, len(parts) + 1)) and len(parts) > 1
    papers = [paper for part in parts for paper in part.papers]
    assert papers == [f"2104.14{n:03d}" for n in range(25)]
    for part in parts:
        message = json.loads(part.payload)["message"]
        marker = find_identity(CHANNEL, order.id or 0, "now:1", part.part)
        assert marker in find_markers(message) and find_violations(message) == []
    await store.days.put([make_post(date(2021, 4, 14), 3, "cs.CL")], [], clock())
    assert (await plan(store, order, "now:1", clock()))[0] == parts


async def test_a_name_is_the_same_in_another_database(tmp_path: Path, store: Store, posts: None, clock: Clock) -> None:
    """Nonce and marker come from what the message is for; other rows before it change nothing."""
    order = await add(store)
    await plan(store, order, "now:1", clock())
    async with await Store.open(tmp_path / "other.db", INDEX) as other:
        await other.days.put([make_post(date(2021, 4, day)) for day in (12, 13, 14)], [], clock())
        again = await add(other)
        await plan(other, again, "now:0", clock())
        await other.deliveries.mark_failed(1, "", clock())
        await plan(other, again, "now:1", clock())
        found = (await other.deliveries.list(occasion="now:1"))[0]
    assert found.id != 1
    assert json.loads(found.payload) == json.loads((await store.deliveries.list())[0].payload)
    names = {
        find_identity(Target(kind, "1"), number, occasion, part, generation)
        for kind in ("channel", "member")
        for number in (1, 11)
        for occasion in ("2021-04-15", "catch-up:2021-04-15")
        for part in (1, 2)
        for generation in (1, 2)
    }
    assert len(names) == 32 and {len(name) for name in names} == {22}


# Many at once


async def test_what_is_alike_is_rendered_once_and_named_apart(store: Store, posts: None, clock: Clock) -> None:
    """Channels with the same filters get the same message, each with marks and ids of its own."""
    for number in range(3):
        await add(store, target=Target("channel", str(number + 500)), categories=("cs.LG",) * (number < 2))
    for number in range(2):
        await add(store, target=Target("member", str(number + 900)), guild_id=None, channel_kind="dm")
    await Planner(store).plan_due(clock())
    messages = [json.loads(one.payload)["message"] for one in await store.deliveries.list()]
    assert messages[0]["content"] == messages[1]["content"]
    for delivery, message in zip(await store.deliveries.list(), messages, strict=True):
        marker = find_identity(delivery.target, delivery.subscription_id, delivery.occasion, 1)
        assert find_markers(message) == {marker} and find_violations(message) == []
    actions = [decode(one) for message in messages for one in list_custom_ids(message["components"])]
    stops = [one.subscription_id for one in actions if isinstance(one, StopDigest)]
    assert stops == [4, 5]


async def test_two_digests_of_one_channel_share_nothing(store: Store, posts: None, clock: Clock) -> None:
    """Due in the same minute, the second gives what the first did not, and a third that finds nothing is silent."""
    for count in (2, 2, 5):
        await add(store, count=count)
    order = await add(store, count=5)
    await Planner(store).plan_due(clock())
    given = [one.papers for one in await store.deliveries.list()]
    assert given == [
        ("2104.14000", "2104.14001"),
        ("2104.14002", "2104.14003"),
        ("2104.14004",),
    ]
    assert (await list_reasons(store, order))["kind"] == "nothing"


async def test_a_request_and_a_due_digest_at_once_share_nothing(store: Store, posts: None, clock: Clock) -> None:
    """Whatever is chosen at the same time for one channel is chosen one after the other."""
    first, _ = await add(store, count=3), await add(store, count=3)
    await asyncio.gather(plan(store, first, "now:1", clock()), Planner(store).plan_due(clock()))
    papers = [paper for one in await store.deliveries.list() for paper in one.papers]
    assert sorted(papers) == [f"2104.14{number:03d}" for number in range(5)]


async def test_a_digest_whose_hour_is_moved_does_not_come_twice(store: Store, posts: None, clock: Clock) -> None:
    """An occasion is a local date: a later hour, or another zone, is the same day's digest."""
    order, planner = await add(store), Planner(store)
    assert await planner.plan_due(clock()) == 1
    await store.days.put([make_post(date(2021, 4, 15))], [], clock())
    await store.subscriptions.update(replace(order, at=time(10)))
    clock.advance(hours=1, minutes=1)
    assert await planner.plan_due(clock()) == 0
    clock.advance(days=1)
    assert await planner.plan_due(clock()) == 1


async def test_a_clock_that_jumps_promises_nothing_twice(store: Store, posts: None, clock: Clock) -> None:
    """Set back by a day, or forward and back again, a clock makes no digest come again."""
    await add(store)
    planner = Planner(store)
    planned = 0
    for hours in (0, -24, 24, 30, -30, -6, 6):
        clock.advance(hours=hours)
        planned += await planner.plan_due(clock())
    assert planned == 1 and len(await store.deliveries.list()) == 1


async def test_three_days_without_a_post_are_a_drought(store: Store, posts: None, clock: Clock) -> None:
    """Due days in a row without a post are counted from the first; a digest that comes ends it."""
    order, planner = await add(store), Planner(store)
    await planner.plan_due(clock())
    droughts = []
    for _ in range(4):
        clock.advance(days=1)
        await planner.plan_due(clock())
        droughts.append(await store.occasions.find_droughts(3))
    assert droughts == [{}, {}, {order.id: date(2021, 4, 16)}, {order.id: date(2021, 4, 16)}]
    await store.days.put([make_post(date(2021, 4, 19))], [], clock())
    assert await planner.plan_due(clock()) == 1
    assert await store.occasions.find_droughts(3) == {}


async def test_a_store_that_fails_is_asked_again(store: Store, posts: None, clock: Clock) -> None:
    """What could not be planned because the database was locked is planned at the next tick."""
    await add(store)
    planner = Planner(store)
    async with aiosqlite.connect(store._database.path) as other:
        await store._database._writer.execute("PRAGMA busy_timeout = 10")
        await other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedError):
            await planner.plan_due(clock())
        await other.rollback()
    assert await planner.plan_due(clock()) == 1


async def test_a_week_of_posts_is_no_catch_up(store: Store, posts: None, clock: Clock) -> None:
    """A weekly digest that comes at its hour holds several posts, pings and is not called late."""
    await add(store, weekdays=(clock().weekday(),), mention="77", created_edition=date(2021, 4, 8))
    await store.days.put([make_post(date(2021, 4, 12)), make_post(date(2021, 4, 11))], [], clock())
    await Planner(store).plan_due(clock())
    (delivery,) = await store.deliveries.list()
    content = json.loads(delivery.payload)["message"]["content"]
    assert (delivery.occasion, len(delivery.editions)) == ("2021-04-15", 4)
    assert "4 posts" in content and "Catch-up" not in content and "<@&77>" in content


async def test_a_weekly_digest_missed_by_days_is_a_silent_catch_up(store: Store, posts: None, clock: Clock) -> None:
    """What nobody looked at when its hour came is late, whatever its rhythm: marked so, and without a ping."""
    await add(store, weekdays=(clock().weekday(),), mention="77")
    clock.advance(days=3)
    await Planner(store).plan_due(clock())
    (delivery,) = await store.deliveries.list()
    message = json.loads(delivery.payload)["message"]
    assert delivery.occasion == "catch-up:2021-04-15"
    assert "Catch-up over 1 post" in message["content"] and "77" not in delivery.payload
    assert message["flags"] & SUPPRESS_NOTIFICATIONS


async def test_a_post_that_is_hours_late_is_no_catch_up(store: Store, clock: Clock) -> None:
    """Somebody was there at the hour, and the post was not: what comes then is the day's digest, with its ping."""
    await store.days.put([make_post(FIRST)], [], clock())
    await add(store, mention="77")
    planner = Planner(store)
    await planner.plan_due(clock())
    clock.advance(hours=7)
    await store.days.put([make_post(date(2021, 4, 14))], [], clock())
    await planner.plan_due(clock())
    (delivery,) = await store.deliveries.list()
    assert delivery.occasion == "2021-04-15" and "77" in delivery.payload

"""Digests exactly once: promised from a real store, sent through a faulty Discord, found again after every crash."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import bot.delivery.outbox as outbox_module
from bot.delivery.discord_transport import find_markers
from bot.delivery.identity import find_identity
from bot.delivery.outbox import Outbox
from bot.delivery.pace import Pace
from bot.delivery.plan import Planner, plan
from bot.delivery.transport import (
    CHANNEL_GONE,
    DMS_CLOSED,
    LIMITED,
    NO_PERMISSION,
    OUTAGE,
    REFUSED,
    TransportError,
)
from storage.models import Delivery, Edition, Subscription, Target
from storage.store import Store
from tests.builders import INDEX, make_appearance, make_edition
from tests.discord_rules import SUPPRESS_NOTIFICATIONS, find_violations
from tests.fakes import Clock, CrashError, FakeTransport, make_lost

FIRST = date(2021, 4, 13)  # the newest edition when the orders are made
CREATED = datetime(2021, 4, 14, 10, 0, tzinfo=UTC)
CHANNEL, MEMBER = Target("channel", "100"), Target("member", "200")
ORDER = Subscription(CHANNEL, at=time(9), created_at=CREATED, created_edition=FIRST, guild_id="5")


def make_post(day: date, papers: int = 5, category: str = "cs.LG") -> Edition:
    """Make a day's post, written at four the next morning."""
    made = datetime(day.year, day.month, day.day, 4, tzinfo=UTC) + timedelta(days=1)
    titled = [
        make_appearance(f"21{day:%m}.{day:%d}{n:03d}", 1000 - n, title=f"Study {n}", categories=(category,))
        for n in range(papers)
    ]
    edition = make_edition(day, titled)
    return replace(edition, day=replace(edition.day, generated_at=made))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Don't wait between the attempts of one sending."""
    monkeypatch.setattr(outbox_module, "PAUSE_SECONDS", 0)


@pytest.fixture
def clock() -> Clock:
    """The morning after the first edition that is due, at nine."""
    return Clock(datetime(2021, 4, 15, 9, 0, tzinfo=UTC))


@pytest.fixture
def transport(clock: Clock) -> FakeTransport:
    """A Discord without faults."""
    return FakeTransport(clock)


@pytest.fixture
async def posts(store: Store, clock: Clock) -> None:
    """The edition from before the order, and the one that is due."""
    await store.days.put([make_post(FIRST), make_post(date(2021, 4, 14))], [], clock())


@pytest.fixture
def outbox(store: Store, transport: FakeTransport, clock: Clock) -> Outbox:
    """The outbox of a running bot."""
    return Outbox(store, transport, clock)


class Bot:
    """What the running bot does each few seconds, and what it forgets when it dies."""

    def __init__(self, store: Store, transport: FakeTransport, clock: Clock) -> None:
        self.store, self.transport, self.clock = store, transport, clock
        self.start()

    def start(self) -> None:
        """Begin anew, with nothing but the store."""
        self.notes: list[str] = []
        self.planner = Planner(self.store)
        self.outbox = Outbox(self.store, self.transport, self.clock, self.notes.append)

    async def tick(self) -> None:
        """Do once what the job does."""
        await self.outbox.recover(at_start=False)
        await self.planner.plan_due(self.clock())
        await self.outbox.send_pending()

    async def die(self) -> None:
        """Run into the scripted crash, and start again a minute later."""
        with pytest.raises(CrashError):
            await self.tick()
        await asyncio.sleep(0)
        self.clock.advance(minutes=1)
        self.start()
        await self.outbox.recover(at_start=True)

    async def list_states(self) -> list[str]:
        """Return the state of every delivery, in the order planned."""
        return [one.state for one in await self.store.deliveries.list()]


@pytest.fixture
def running(store: Store, transport: FakeTransport, clock: Clock) -> Bot:
    """A running bot."""
    return Bot(store, transport, clock)


async def add(store: Store, **changes: Any) -> Subscription:
    """Store a subscription."""
    return await store.subscriptions.add(replace(ORDER, **changes))


async def list_reasons(store: Store, subscription: Subscription) -> dict[str, Any]:
    """Return the occasion recorded last, with its reason."""
    last = await store.occasions.last(subscription.id or 0)
    return {} if last is None else {"occasion": last[0], **json.loads(last[1])}


def list_nonces(transport: FakeTransport) -> list[str | None]:
    """Return the nonces of all messages."""
    return [one.nonce for posted in transport.channels.values() for one in posted]


# Planning


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
    """A minute early nothing is promised; paused ones and pages not even later."""
    await add(store)
    await add(store, target=Target("page", "1"))
    await add(store, paused_at=CREATED, pause_reason="asked")
    planner = Planner(store)
    assert await planner.plan_due(clock() - timedelta(minutes=1)) == 0
    assert await planner.plan_due(clock()) == 1
    assert [one.subscription_id for one in await store.deliveries.list()] == [1]


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
    assert find_markers(message["components"]) and find_violations(message) == []
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
        assert marker in find_markers(message["components"]) and find_violations(message) == []
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


# Sending on request


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
    await running.tick()
    assert (transport.calls, await running.list_states(), running.notes) == ([], ["failed"], ["failed"])
    order = await add(store, target=MEMBER, guild_id=None, channel_kind="dm")
    outcome = await running.outbox.send(order, "first", clock())
    assert (outcome.state, outcome.url) == ("sent", "https://discord.com/channels/@me/dm200/1")
    await running.outbox.send(order, "now:2", clock())
    assert [call for call in transport.calls if call[0] == "open_dm"] == [("open_dm", "200")]


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
    await outbox.send_pending()
    assert transport.count() == 0
    assert (await outbox.send(order, "now:2", clock())).state == "sent"


# Sending what is due


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
    transport.before["send"] = [TransportError(OUTAGE, "refused")] * 6
    await running.tick()
    clock.advance(days=1, minutes=-1)
    await store.days.put([make_post(date(2021, 4, 15))], [], clock())
    clock.advance(minutes=1)
    await running.outbox.send_pending()
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
async def test_what_follows_may_fail(
    store: Store, posts: None, running: Bot, transport: FakeTransport, call: str
) -> None:
    """A digest that can't be published, or discussed, has arrived all the same."""
    await add(store, channel_kind="announcement", is_published=True, has_thread=True)
    transport.before[call] = [TransportError(NO_PERMISSION, "", is_final=True)]
    await running.tick()
    assert (transport.count(), await running.list_states()) == (1, ["sent"])
    assert (call, "1") in transport.calls


async def test_a_limit_is_not_pressed_against(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """What is over a limit is asked once and then rests: Discord bans who asks again and again."""
    await add(store)
    transport.before["send"] = [TransportError(LIMITED, "for 3600 s")]
    for _ in range(2):
        await running.tick()
    assert (len(transport.calls), await running.list_states()) == (1, ["pending"])
    clock.advance(seconds=10)
    await running.tick()
    assert (transport.count(), await running.list_states()) == (1, ["sent"])


# Lost answers and crashes


async def lose_answers(running: Bot, call: str = "send") -> None:
    """Tick while every answer is lost after its effect."""
    running.transport.after[call] = [make_lost() for _ in range(3)]
    await running.tick()
    running.transport.after.clear()


async def test_a_lost_answer_is_found_again(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A message whose answers were all lost is uncertain, then adopted, while running; its papers are given."""
    order = await add(store, has_thread=True)
    await lose_answers(running)
    assert (await running.list_states(), running.notes) == (["uncertain"], ["uncertain"])
    await running.tick()
    assert "find" not in {call for call, _ in transport.calls}  # its request may still be on the way
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
    looks = [call for call, _ in transport.calls if call == "find"]
    assert (await running.list_states(), transport.count()) == (["uncertain"], 1) and 8 <= len(looks) <= 15
    transport.unreadable.clear()
    running.start()
    await running.outbox.recover(at_start=True)
    assert (await running.list_states(), transport.count()) == (["sent"], 1)


async def test_a_channel_that_is_gone_holds_no_message(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """What may have arrived in a channel that was deleted has failed."""
    await add(store)
    await lose_answers(running)
    transport.before["find"] = [TransportError(CHANNEL_GONE, "10003", is_final=True)]
    clock.advance(minutes=1)
    await running.tick()
    assert (await running.list_states(), transport.count()) == (["failed"], 1)


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


# Forums


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


# Pace


async def test_the_pace_spaces_requests_in_their_order() -> None:
    """Many at once are let through one by one, each a step after the one before; after a pause there is no wait."""
    loop, pace = asyncio.get_running_loop(), Pace(200)
    passed: list[tuple[int, float]] = []

    async def go(number: int) -> None:
        await pace.wait()
        passed.append((number, loop.time()))

    begun = loop.time()
    await asyncio.gather(*(go(number) for number in range(8)))
    assert [number for number, _ in passed] == list(range(8))
    assert passed[-1][1] - begun >= 7 / 200 - loop_resolution(loop)
    await asyncio.sleep(0.02)
    waiting = asyncio.create_task(go(8))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert waiting.done()


def loop_resolution(loop: asyncio.AbstractEventLoop) -> float:
    """Return how much too early a loop may wake a sleeper."""
    return float(getattr(loop, "_clock_resolution", 0.001)) + 0.001

"""Digests in trouble: they go on when access is back, whoever runs them is told once, and nobody else learns more."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Any

import pytest

from bot.answers.desk import Desk
from bot.answers.router import Answers
from bot.answers.values import Caller, Place
from bot.answers.venue import MENTION, OPEN_THREADS, READ_HISTORY, SEND, SEND_IN_THREADS, VIEW, Channel
from bot.delivery.droughts import LOOK_EVERY, SERVERS_AT_ONCE
from bot.delivery.identity import find_identity
from bot.delivery.outbox import Outbox
from bot.delivery.planner import Planner
from bot.delivery.silences import Silences
from bot.delivery.telling import Teller
from bot.delivery.transport import DMS_CLOSED, NO_PERMISSION, TransportError
from bot.delivery.trouble import ASKED_AT_ONCE, FIRST_WAIT, LONGEST_WAIT, Troubles
from bot.messages.actions import (
    Action,
    AskDigest,
    ChangeDigest,
    CopyDigest,
    OpenDay,
    OpenDigest,
    OpenWhy,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    ResumeDigest,
    SendDigest,
    StopDigest,
)
from bot.messages.alerts import (
    MOST_NAMED,
    render_back,
    render_dms_closed,
    render_drought,
    render_owner_drought,
    render_paused,
    render_silence,
    render_uncertain,
)
from bot.messages.custom_id import decode, decode_marker, encode
from bot.messages.language import LANGUAGES, speak
from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import make_edition
from tests.discord_rules import SUPPRESS_NOTIFICATIONS, find_violations, get_texts, walk
from tests.fakes import NOW, Clock, FakeSender, FakeTransport, FakeVenue

GUILD, ELSEWHERE = "1", "2"
PAPERS, FORUM, SYSTEM, OTHER = "20", "21", "22", "23"
ALL = frozenset({VIEW, SEND, READ_HISTORY, SEND_IN_THREADS})
ADMIN, CURATOR, MEMBER, OWNER = "700", "701", "702", "900"
DM = "dm700"
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    """A time that tests let go on."""
    return Clock()


@pytest.fixture
def venue() -> FakeVenue:
    """A server with a channel for digests, a forum, a system channel; both its admins are in charge."""
    channels = [
        Channel(PAPERS, GUILD, "papers", permissions=ALL),
        Channel(FORUM, GUILD, "forum", "forum", permissions=ALL),
        Channel(SYSTEM, GUILD, "welcome", permissions=ALL),
        Channel(OTHER, GUILD, "talk", permissions=ALL),
    ]
    overseers = {(GUILD, ADMIN), (GUILD, CURATOR)}
    return FakeVenue({one.id: one for one in channels}, system={GUILD: SYSTEM}, overseers=overseers)


@pytest.fixture
async def known_admin(store: Store) -> None:
    """The admin has a conversation with the bot."""
    await store.members.set_channel(Target("member", ADMIN), DM)


class Bot:
    """What looks after troubles in a running bot."""

    def __init__(self, store: Store, venue: FakeVenue, clock: Clock) -> None:
        self.store, self.venue, self.clock = store, venue, clock
        self.start()

    def start(self) -> None:
        """Begin anew, with nothing but the store."""
        self.troubles = Troubles(self.store, self.venue, self.clock, lambda: {int(OWNER)})

    async def check(self) -> None:
        """Do what is done twice a minute."""
        await self.troubles.check()

    def set_permissions(self, permissions: Collection[str], channel_id: str = PAPERS) -> None:
        """Let the bot do only so much in a channel."""
        channel = self.venue.channels[channel_id]
        self.venue.channels[channel_id] = replace(channel, permissions=frozenset(permissions))

    async def subscribe(self, channel_id: str = PAPERS, **changes: Any) -> Subscription:
        """Set a digest up."""
        order = Subscription(Target("channel", channel_id), at=time(9), guild_id=GUILD, created_by=ADMIN)
        order = replace(order, created_at=self.clock() - timedelta(days=9), created_edition=date(2021, 4, 5))
        return await self.store.subscriptions.add(replace(order, **changes))

    async def pause(self, order: Subscription, reason: str = "permission", **changes: Any) -> Subscription:
        """Let a digest pause by itself."""
        paused = {"paused_at": self.clock(), "pause_reason": reason, **changes}
        changed = await self.store.subscriptions.change(order.id or 0, lambda known: replace(known, **paused))
        assert changed is not None
        return changed

    async def get(self, order: Subscription) -> Subscription:
        """Return a digest as it is now."""
        found = await self.store.subscriptions.get(order.id or 0)
        assert found is not None
        return found

    async def list_notices(self) -> list[Delivery]:
        """Return what was told; each is a message that Discord takes, pings nobody and carries its marker."""
        found = [one for one in await self.store.deliveries.list() if one.kind == "notice"]
        for one in found:
            message = read(one)
            assert find_violations(message) == [] and message["allowed_mentions"] == {"parse": []}
            marker = find_identity(one.target, one.subscription_id, one.occasion, one.part, one.generation)
            assert [decode_marker(custom_id) for custom_id in list_ids(message)] == [marker]
            assert (one.papers, one.editions, json.loads(one.payload)["post"]) == ((), (), None)
        return found

    async def list_told(self) -> list[tuple[Target, str]]:
        """Return who was told what."""
        return [(one.target, "\n".join(get_texts(read(one)))) for one in await self.list_notices()]


def read(notice: Delivery) -> dict[str, Any]:
    """Return a notice's message."""
    return dict(json.loads(notice.payload)["message"])


def list_ids(message: dict[str, Any]) -> list[str]:
    """Return the custom ids of a message's buttons."""
    return [one["custom_id"] for one in walk(message["components"]) if "custom_id" in one]


@pytest.fixture
def bot(store: Store, venue: FakeVenue, clock: Clock) -> Bot:
    """The bot that is running."""
    return Bot(store, venue, clock)


# Going on


@pytest.mark.parametrize(
    ("reason", "lacking"),
    [("permission", {VIEW, READ_HISTORY}), ("permission", {SEND}), ("channel gone", set()), ("failing", set())],
)
async def test_a_digest_goes_on_as_soon_as_access_is_back(bot: Bot, reason: str, lacking: set[str]) -> None:
    """Not before, and what it missed meanwhile is still due: the edition it began after is as it was."""
    order = await bot.pause(await bot.subscribe(), reason)
    bot.set_permissions(lacking)
    await bot.check()
    assert (await bot.get(order)).pause_reason == reason
    bot.set_permissions(ALL)
    await bot.check()
    found = await bot.get(order)
    assert (found.is_paused, found.pause_reason, found.created_edition) == (False, None, order.created_edition)


async def test_a_forums_digest_needs_what_its_later_parts_need(bot: Bot) -> None:
    """Its posts go on in threads: without the permission for these it stays paused, without a needed tag too."""
    order = await bot.pause(await bot.subscribe(FORUM, channel_kind="forum"))
    forum = bot.venue.channels[FORUM]
    for lacking in (replace(forum, permissions=ALL - {SEND_IN_THREADS}), replace(forum, needs_tag=True)):
        bot.venue.channels[FORUM] = lacking
        await bot.check()
        assert (await bot.get(order)).is_paused
    bot.venue.channels[FORUM] = forum
    await bot.check()
    assert not (await bot.get(order)).is_paused


async def test_what_only_limps_does_not_keep_a_digest(bot: Bot) -> None:
    """Without the history or the right to ping it arrives all the same."""
    order = await bot.pause(await bot.subscribe())
    bot.set_permissions(())
    await bot.check()
    bot.set_permissions({VIEW, SEND})
    await bot.check()
    assert not (await bot.get(order)).is_paused


async def test_where_nothing_seems_missing_it_takes_longer_and_longer(bot: Bot) -> None:
    """Discord refused all the same: tried again after an hour, then after as long as it has lasted, a day at most."""
    order = await bot.pause(await bot.subscribe())
    begun = bot.clock()
    await bot.check()
    assert (await bot.get(order)).is_paused
    waits = []
    for _ in range(9):
        paused_at = bot.clock()
        while (await bot.get(order)).is_paused:
            bot.clock.advance(minutes=30)
            await bot.check()
        waits.append(bot.clock() - paused_at)
        await bot.pause(order)
    assert waits[0] == FIRST_WAIT and waits[-1] == LONGEST_WAIT
    assert waits == sorted(waits) and sum(waits, timedelta()) == bot.clock() - begun
    assert len(await bot.list_notices()) == 1


async def test_a_restart_does_not_hurry_what_nothing_seems_wrong_with(bot: Bot) -> None:
    """The wait follows from what is stored."""
    order = await bot.pause(await bot.subscribe())
    for _ in range(3):
        bot.start()
        await bot.check()
        assert (await bot.get(order)).is_paused
        bot.clock.advance(minutes=19)
    bot.clock.advance(minutes=3)
    await bot.check()
    assert not (await bot.get(order)).is_paused


@pytest.mark.parametrize("reason", ["asked", "left the server", DMS_CLOSED])
async def test_other_pauses_are_left_alone(bot: Bot, reason: str) -> None:
    """What an admin paused, what rests since the bot was removed, and a member's: none goes on, nobody is told."""
    mine = {"guild_id": None, "channel_kind": "dm", "target": Target("member", MEMBER)}
    order = await bot.subscribe(**(mine if reason == DMS_CLOSED else {}))
    paused = await bot.pause(order, reason)
    bot.clock.advance(days=2)
    await bot.check()
    assert await bot.get(order) == paused
    assert await bot.list_notices() == []


async def test_a_server_that_is_not_seen_is_let_be(bot: Bot) -> None:
    """During an outage of Discord's nothing goes on and nobody is told; afterwards both happen."""
    order = await bot.pause(await bot.subscribe())
    bot.set_permissions(())
    await bot.check()
    again = await bot.pause(await bot.subscribe())
    bot.venue.absent.add(GUILD)
    bot.set_permissions(ALL)
    await bot.check()
    assert (await bot.get(order)).is_paused and (await bot.get(again)).told_at is None
    bot.venue.absent.clear()
    await bot.check()
    assert (await bot.get(again)).told_at is not None


# Telling of a pause


async def test_who_set_it_up_is_told_once(bot: Bot, known_admin: None) -> None:
    """By direct message, with the channel, what is missing and a way to the reason; not again, nor after a restart."""
    order = await bot.pause(await bot.subscribe())
    bot.set_permissions({VIEW, MENTION})
    for _ in range(3):
        await bot.check()
        bot.start()
        bot.clock.advance(minutes=1)
    ((target, text),) = await bot.list_told()
    assert target == Target("member", ADMIN)
    for part in (f"<#{PAPERS}>", "**Send Messages**", "**Read Message History**", "by itself"):
        assert part in text, text
    (notice,) = await bot.list_notices()
    assert [decode(one) for one in list_ids(read(notice))] == [OpenWhy(order.id or 0)]
    assert not read(notice)["flags"] & SUPPRESS_NOTIFICATIONS
    assert (await bot.get(order)).told_at == bot.clock() - timedelta(minutes=3)


@pytest.mark.parametrize("why", ["no conversation", "no longer in charge", "their name was deleted"])
async def test_else_the_system_channel_is_told(bot: Bot, store: Store, why: str) -> None:
    """No conversation is opened for it; whoever left or lost their rights hears nothing; it is announced to nobody."""
    if why != "no conversation":
        await store.members.set_channel(Target("member", ADMIN), DM)
    if why == "no longer in charge":
        bot.venue.overseers.clear()
    await bot.pause(await bot.subscribe(created_by=None if why == "their name was deleted" else ADMIN))
    await bot.check()
    (notice,) = await bot.list_notices()
    assert notice.target == Target("channel", SYSTEM)
    assert read(notice)["flags"] & SUPPRESS_NOTIFICATIONS
    assert ADMIN not in notice.payload
    assert bool(bot.venue.asked) == (why == "no longer in charge")


@pytest.mark.parametrize("lacking", [{SEND}, {VIEW}, None])
async def test_where_nobody_can_be_told_it_is_not_tried_again(bot: Bot, lacking: set[str] | None) -> None:
    """Without a system channel, or the right to write there, only /digest list says it."""
    if lacking is None:
        bot.venue.system.clear()
    else:
        bot.set_permissions(ALL - lacking, SYSTEM)
    order = await bot.pause(await bot.subscribe())
    await bot.check()
    assert await bot.list_notices() == []
    assert (await bot.get(order)).told_at == bot.clock()


async def test_one_notice_names_all_channels(bot: Bot, known_admin: None) -> None:
    """What pauses for one reason is told in one notice to each, what pauses for another in another."""
    for channel in (PAPERS, OTHER, PAPERS):
        await bot.pause(await bot.subscribe(channel))
    await bot.pause(await bot.subscribe(FORUM, created_by=CURATOR))
    await bot.pause(await bot.subscribe("404"), "channel gone")
    await bot.check()
    told = await bot.list_told()
    assert [(target.id, text.count("<#")) for target, text in told] == [(ADMIN, 2), (SYSTEM, 1), (ADMIN, 1)]
    assert f"<#{PAPERS}>" in told[0][1] and f"<#{OTHER}>" in told[0][1]
    assert f"<#{FORUM}>" in told[1][1]
    assert "<#404>" in told[2][1] and "/digest edit" in told[2][1]


async def test_each_channel_is_named_with_what_it_lacks(bot: Bot, known_admin: None) -> None:
    """One notice has a line for the channels that lack the same, and says of none what only another lacks."""
    for channel in (PAPERS, OTHER, PAPERS):
        await bot.pause(await bot.subscribe(channel))
    bot.set_permissions(ALL - {SEND})
    bot.set_permissions(ALL - {READ_HISTORY}, OTHER)
    await bot.check()
    ((_, text),) = await bot.list_told()
    assert f"\n<#{PAPERS}>: **Send Messages**\n<#{OTHER}>: **Read Message History**" in text


async def test_a_crash_before_it_is_noted_tells_nobody_twice(bot: Bot, known_admin: None) -> None:
    """The notice is found to be there already."""
    first, second = [await bot.pause(await bot.subscribe(channel)) for channel in (PAPERS, OTHER)]
    await bot.check()
    for noted in ((first, second), (first,)):
        for one in noted:
            await bot.store.subscriptions.change(one.id or 0, lambda known: replace(known, told_at=None))
        bot.start()
        await bot.check()
    assert len(await bot.list_notices()) == 1


async def test_it_is_told_again_after_it_had_gone_well(bot: Bot, known_admin: None) -> None:
    """A digest that arrives ends the trouble; the next one is told anew."""
    order = await bot.pause(await bot.subscribe())
    bot.set_permissions(())
    await bot.check()
    bot.set_permissions(ALL)
    await bot.check()
    (number,) = await bot.store.deliveries.add([make_delivery(order)], bot.clock())
    await bot.store.deliveries.mark_sent(number, PAPERS, "1", bot.clock())
    bot.clock.advance(days=1)
    await bot.pause(order)
    await bot.check()
    assert len(await bot.list_notices()) == 2


def make_delivery(order: Subscription, occasion: str = "2021-04-14") -> Delivery:
    """Make a promise of a digest without papers."""
    return Delivery(order.id or 0, order.target, occasion, (), (), "{}")


async def test_a_server_is_told_in_its_language(bot: Bot, store: Store, known_admin: None) -> None:
    """Whoever set the digest up: what a server is told is in the language it chose."""
    await store.guilds.join(GUILD, "de", bot.clock())
    bot.set_permissions({VIEW})
    await bot.pause(await bot.subscribe())
    await bot.check()
    ((_, text),) = await bot.list_told()
    assert "Der tägliche Digest" in text and "Nachrichten senden" in text


async def test_many_are_asked_about_a_few_at_a_time(bot: Bot, store: Store) -> None:
    """Discord is asked about few members in one check, and about all in the end."""
    for number in range(ASKED_AT_ONCE + 5):
        member = str(1000 + number)
        await store.members.set_channel(Target("member", member), f"dm{member}")
        await bot.pause(await bot.subscribe(created_by=member))
    await bot.check()
    assert len(bot.venue.asked) == ASKED_AT_ONCE
    await bot.check()
    await bot.check()
    assert len(bot.venue.asked) == ASKED_AT_ONCE + 5
    assert not [one for one in await store.subscriptions.list() if one.told_at is None]


async def test_closed_messages_send_the_notice_to_the_system_channel(bot: Bot, store: Store, known_admin: None) -> None:
    """Once, under a name of its own; the conversation is tried no more."""
    await bot.pause(await bot.subscribe())
    await bot.check()
    (notice,) = await bot.list_notices()
    await store.deliveries.claim(notice.id or 0, bot.clock())
    await store.deliveries.mark_pending(notice.id or 0, DMS_CLOSED)
    for _ in range(2):
        await bot.check()
    former, redirected = await bot.list_notices()
    assert (former.state, former.last_error) == ("failed", DMS_CLOSED)
    assert (redirected.state, redirected.target) == ("pending", Target("channel", SYSTEM))
    assert get_texts(read(former)) == get_texts(read(redirected))


# Telling of what may have arrived


async def test_what_stays_uncertain_is_told_once(bot: Bot, store: Store, known_admin: None) -> None:
    """Only where the history can't be read, and once for each occasion; a lost answer alone is looked up first."""
    order = await bot.subscribe()
    ids = await store.deliveries.add([make_delivery(order), make_delivery(order, "2021-04-15")], bot.clock())
    for number, error in zip(ids, ("permission", "outage"), strict=True):
        await store.deliveries.claim(number, bot.clock())
        await store.deliveries.mark_uncertain(number, error, bot.clock())
    for _ in range(2):
        await bot.check()
        bot.start()
    ((target, text),) = await bot.list_told()
    assert target.id == ADMIN and f"<#{PAPERS}>" in text and "**Read Message History**" in text
    await store.deliveries.mark_uncertain(ids[1], "permission", bot.clock())
    await bot.check()
    assert len(await bot.list_notices()) == 2


async def test_nobody_to_tell_of_the_uncertain_is_asked_for_once(bot: Bot, store: Store) -> None:
    """While the bot runs, it is not looked for again each time."""
    await store.members.set_channel(Target("member", ADMIN), DM)
    bot.venue.overseers.clear()
    bot.venue.system.clear()
    (number,) = await store.deliveries.add([make_delivery(await bot.subscribe())], bot.clock())
    await store.deliveries.mark_uncertain(number, "permission", bot.clock())
    for _ in range(3):
        await bot.check()
    assert len(bot.venue.asked) == 1 and await bot.list_notices() == []


# Telling of silent sources


async def test_the_owner_is_told_once_of_a_silent_source_and_that_it_is_back(
    bot: Bot, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log and in the owner's conversation, across restarts, but not in the first hour; then it may be again."""
    await store.members.set_channel(Target("member", OWNER), "dm900")
    await bot.subscribe()
    teller = Teller(store, bot.venue)
    for _ in range(2):
        await store.sources.record("huggingface", False, "it answered 500", bot.clock())
        silences = Silences(store, teller, lambda: {int(OWNER)}, bot.clock())
        await silences.tell(bot.clock())
        bot.clock.advance(hours=2)
        await silences.tell(bot.clock())
        await silences.tell(bot.clock())
        again = Silences(store, teller, lambda: {int(OWNER)}, bot.clock() - 2 * HOUR)
        await again.tell(bot.clock())
        bot.clock.advance(days=3)
        await again.tell(bot.clock())
        await store.sources.record("huggingface", True, "", bot.clock())
        await again.tell(bot.clock())
        await again.tell(bot.clock())
        bot.clock.advance(days=9)
    told = await bot.list_told()
    assert {target.id for target, _ in told} == {OWNER}
    first, back = "Hugging Face has said nothing yet.", "Hugging Face is back."
    assert [text.split("\n")[0][: len(first)] for _, text in told][:2] == [first, back]
    assert len(told) == 4
    assert caplog.text.count("huggingface has said nothing") == 2 and caplog.text.count("huggingface is back") == 2


async def test_without_a_conversation_a_silent_source_is_in_the_log(
    bot: Bot, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is written to who did not begin, and nothing of it reaches a server."""
    await bot.subscribe()
    await store.sources.record("hackernews", False, "it answered 500", bot.clock())
    await Silences(store, Teller(store, bot.venue), lambda: {int(OWNER)}, bot.clock() - 2 * HOUR).tell(bot.clock())
    assert await bot.list_notices() == [] and "hackernews has said nothing yet: it answered 500" in caplog.text


# Telling of droughts


async def dry(bot: Bot, order: Subscription, days: int = 3) -> None:
    """Let due days in a row have no post, the last of them today."""
    for back in range(days, 0, -1):
        moment = bot.clock() - timedelta(days=back - 1)
        await bot.store.occasions.record(order.id or 0, moment.date().isoformat(), '{"kind": "no post"}', moment)


@pytest.fixture
async def newest(store: Store, clock: Clock) -> date:
    """The last post there is, of a week ago."""
    day = clock().date() - timedelta(days=7)
    await store.days.put([make_edition(day, [("2104.00001", 5)])], [], clock() - timedelta(days=6))
    return day


async def test_a_drought_is_told_once_to_each_server(
    bot: Bot, store: Store, known_admin: None, newest: date, caplog: pytest.LogCaptureFixture
) -> None:
    """Three due days without a post: one notice to each server, and the owner's log; two days are none yet."""
    orders = [await bot.subscribe(), await bot.subscribe(OTHER), await bot.subscribe("90", guild_id=ELSEWHERE)]
    bot.venue.channels["91"] = Channel("91", ELSEWHERE, "hall", permissions=ALL)
    bot.venue.system[ELSEWHERE] = "91"
    for order in orders[:2]:
        await dry(bot, order)
    await dry(bot, orders[2], days=2)
    for _ in range(3):
        await bot.check()
        bot.start()
    ((target, text),) = await bot.list_told()
    assert target.id == ADMIN and f"<#{PAPERS}>, <#{OTHER}>" in text and "Wed 7 Apr 2021" in text
    assert len([one for one in caplog.records if "no post has come" in one.message]) == 1
    bot.clock.advance(days=1)
    await dry(bot, orders[2])
    for _ in range(2):
        await bot.check()
        bot.clock.advance(minutes=11)
    assert [one.target.id for one in await bot.list_notices()] == [ADMIN, "91"]
    assert len([one for one in caplog.records if "no post has come" in one.message]) == 1


async def test_the_owner_is_told_where_there_is_a_conversation(bot: Bot, store: Store, newest: date) -> None:
    """Of all digests that wait, members' too, with a button that shows the newest post; a member is not told."""
    await store.members.set_channel(Target("member", OWNER), "dm900")
    mine = {"guild_id": None, "channel_kind": "dm", "created_by": None, "target": Target("member", MEMBER)}
    await dry(bot, await bot.subscribe())
    await dry(bot, await bot.subscribe(**mine))
    for _ in range(2):
        await bot.check()
        bot.start()
    notices = await bot.list_notices()
    assert sorted(one.target.id for one in notices) == sorted([OWNER, SYSTEM])
    (owners,) = [one for one in notices if one.target.id == OWNER]
    assert [decode(one) for one in list_ids(read(owners))] == [OpenDay(newest)]
    assert "2 digests" in read(owners)["content"] and "POSTS_SOURCE" in read(owners)["content"]
    await store.deliveries.claim(owners.id or 0, bot.clock())
    await store.deliveries.mark_pending(owners.id or 0, DMS_CLOSED)
    await bot.check()
    assert len(await bot.list_notices()) == 2  # and never goes to a server


async def test_the_next_drought_is_told_again(bot: Bot, store: Store, newest: date) -> None:
    """A post that comes ends it, though it is not planned yet; another three days later there is news again."""
    order = await bot.subscribe()
    await dry(bot, order)
    await bot.check()
    later = newest + timedelta(days=6)
    await store.days.put([make_edition(later, [("2104.00002", 5)])], [], bot.clock())
    bot.clock.advance(minutes=11)
    await bot.check()
    assert len(await bot.list_notices()) == 1
    (number,) = await store.deliveries.add([make_delivery(order)], bot.clock())
    await store.deliveries.mark_sent(number, PAPERS, "1", bot.clock())
    bot.clock.advance(days=4)
    await dry(bot, order)
    await bot.check()
    first, second = await bot.list_told()
    assert "7 Apr" in first[1] and "13 Apr" in second[1]


async def test_a_long_weekend_of_arxivs_is_no_drought(bot: Bot, store: Store) -> None:
    """Three days without a live post are none while arXiv announced nothing; with one that is missing they are."""
    thursday = make_edition(date(2021, 4, 8), [("2104.00001", 5)])
    header = {"generator": "hotpapers 0.2.0 (sha256 0123456789abcdef)"}
    day = replace(thursday.day, front_matter=header)
    await store.days.put([replace(thursday, day=day)], [], datetime(2021, 4, 10, 1, tzinfo=UTC))
    bot.clock.now = datetime(2021, 4, 12, 12, tzinfo=UTC)  # Monday: that of Sunday can be made in the night
    order = await bot.subscribe()
    await dry(bot, order)
    await bot.check()
    assert await bot.list_notices() == []
    bot.clock.advance(days=1)
    await bot.check()
    assert len(await bot.list_notices()) == 1


async def test_no_post_ever_is_a_drought_too(bot: Bot) -> None:
    """Where nothing was ever read, that is said."""
    await dry(bot, await bot.subscribe())
    await bot.check()
    ((_, text),) = await bot.list_told()
    assert "no post has come yet" in text


async def test_what_is_paused_does_not_wait_for_a_post(bot: Bot, newest: date) -> None:
    """Its server is told nothing of a drought."""
    order = await bot.subscribe()
    await dry(bot, order)
    await bot.pause(order, "asked")
    await bot.check()
    assert await bot.list_notices() == []


async def test_many_servers_are_told_a_few_at_a_time(bot: Bot, newest: date) -> None:
    """A source that is gone concerns all servers at once: all are told, some in each check."""
    for number in range(SERVERS_AT_ONCE + 3):
        guild, channel = f"5{number:02}", f"6{number:02}"
        bot.venue.channels[channel] = Channel(channel, guild, "hall", permissions=ALL)
        bot.venue.system[guild] = channel
        await dry(bot, await bot.subscribe(channel, guild_id=guild))
    await bot.check()
    assert len(await bot.list_notices()) == SERVERS_AT_ONCE
    bot.clock.now += LOOK_EVERY / 2
    await bot.check()
    assert len({one.target for one in await bot.list_notices()}) == SERVERS_AT_ONCE + 3


# Why, pressed by those who read a notice

FORBIDDEN: tuple[type[Action], ...] = (
    OpenDigest, PauseDigest, ResumeDigest, StopDigest, RemoveDigest, PreviewDigest, CopyDigest,
)  # fmt: skip
MARKER = "m" * 22


def make_caller(member: str = MEMBER, channel: str | None = PAPERS, guild: str | None = GUILD) -> Caller:
    """Make a caller who runs no digests."""
    return Caller(Target("member", member), Clock().now, place=Place(guild, channel))


async def press(bot: Bot, custom_id: str, caller: Caller) -> str:
    """Press a button; return what is answered, which is private and offers nothing to press."""
    desk = Desk(bot.store, bot.venue, FakeSender())
    reply = await Answers(desk).press(custom_id, caller)
    assert reply.message is not None and reply.form is None and not (reply.is_public or reply.replaces)
    payload = reply.message.to_payload()
    assert find_violations(payload) == [] and list_ids(payload) == []
    return "\n".join(get_texts(payload))


@pytest.mark.parametrize("place", ["the digest's channel", "the notice's channel", "the admin's conversation"])
async def test_why_is_answered_where_it_is_offered(bot: Bot, known_admin: None, place: str) -> None:
    """Any member in a channel that shows the button, and whoever set the digest up in their conversation, learn why."""
    if place == "the notice's channel":
        bot.venue.overseers.clear()
    order = await bot.pause(await bot.subscribe())
    bot.set_permissions({VIEW})
    await bot.check()
    (notice,) = await bot.list_notices()
    (custom_id,) = list_ids(read(notice))
    callers = {
        "the digest's channel": make_caller(),
        "the notice's channel": make_caller(channel=SYSTEM),
        "the admin's conversation": make_caller(ADMIN, DM, None),
    }
    text = await press(bot, custom_id, callers[place])
    assert f"<#{order.target.id}>" in text and "Send Messages" in text


@pytest.mark.parametrize(
    "caller",
    [
        make_caller(channel=OTHER),
        make_caller(channel=None),
        make_caller(guild=ELSEWHERE),
        make_caller(guild=ELSEWHERE, channel=SYSTEM),
        make_caller(guild=None, channel=PAPERS),
        make_caller(guild=None, channel=DM),
        make_caller(OWNER, "dm900", None),
    ],
)
async def test_why_is_answered_nowhere_else(bot: Bot, known_admin: None, caller: Caller) -> None:
    """Not in other channels, other servers, or others' conversations."""
    order = await bot.pause(await bot.subscribe())
    await bot.check()
    text = await press(bot, encode(OpenWhy(order.id or 0), MARKER), caller)
    assert "no longer there" in text


@pytest.mark.parametrize("caller", [make_caller(), make_caller(channel=SYSTEM), make_caller(ADMIN, DM, None)])
async def test_nothing_but_why_is_reached(bot: Bot, caller: Caller) -> None:
    """Whoever may ask why may do nothing else, and not even that from a settings panel, which has no marker."""
    order = await bot.pause(await bot.subscribe())
    await bot.check()
    number, before = order.id or 0, await bot.store.subscriptions.list()
    actions = [
        *(kind(number) for kind in FORBIDDEN),  # type: ignore[call-arg]
        RemoveDigest(number, is_sure=True),
        ChangeDigest(number, "count", "3"),
        AskDigest(number, "time"),
        SendDigest(number, "r1"),
    ]
    for action in actions:
        for marker in (MARKER, ""):
            assert "no longer there" in await press(bot, encode(action, marker), caller), action
    assert "no longer there" in await press(bot, encode(OpenWhy(number)), caller)
    assert await bot.store.subscriptions.list() == before


async def test_a_members_own_digest_is_explained_to_nobody_else(bot: Bot) -> None:
    """Not by any marker, in any place."""
    mine = {"guild_id": None, "channel_kind": "dm", "created_by": None, "target": Target("member", MEMBER)}
    order = await bot.subscribe(**mine)
    for caller in (make_caller(ADMIN, DM, None), make_caller(ADMIN), make_caller(ADMIN, MEMBER)):
        assert "no longer there" in await press(bot, encode(OpenWhy(order.id or 0), MARKER), caller)


# A conversation to be told in


async def test_setting_a_digest_up_opens_a_conversation(bot: Bot) -> None:
    """With who did it, as an answer to their own command, for a copy too; nothing else opens one."""
    sender = FakeSender()
    answers = Answers(Desk(bot.store, bot.venue, sender))
    caller = Caller(Target("member", ADMIN), bot.clock(), place=Place(GUILD, PAPERS, is_admin=True))
    for name in ("list", "edit", "pause", "preview", "post", "why"):
        await answers.run(f"digest {name}", {}, caller)
    assert sender.opened == []
    await answers.run("digest add", {}, caller)
    assert sender.opened == [caller.target]
    (order,) = await bot.store.subscriptions.list()
    await answers.press(encode(CopyDigest(order.id or 0)), caller, [OTHER])
    assert sender.opened == [caller.target] * 2


# A member whose direct messages are closed


async def test_a_member_is_told_once_that_their_digest_is_paused(bot: Bot, store: Store) -> None:
    """With the way to open them and to go on; nobody else hears of it, and those who know already neither."""
    mine = Subscription(Target("member", MEMBER), channel_kind="dm")
    order = await bot.pause(await store.subscriptions.add(mine), DMS_CLOSED)
    answers = Answers(Desk(store, bot.venue, FakeSender()))
    caller = make_caller()
    assert await answers.find_news(make_caller(ADMIN)) is None
    news = await answers.find_news(caller)
    assert news is not None
    payload = news.to_payload()
    assert "paused" in get_texts(payload)[0] and "Privacy Settings" in get_texts(payload)[0]
    number = order.id or 0
    assert [decode(one) for one in list_ids(payload)] == [ResumeDigest(number), OpenDigest(number)]
    assert find_violations(payload) == []
    await answers.note_told(caller)
    assert await answers.find_news(caller) is None
    assert (await bot.get(order)).told_at == caller.now


@pytest.mark.parametrize("action", [OpenDigest, OpenWhy, PauseDigest, StopDigest, ResumeDigest])
async def test_what_an_answer_says_is_no_news_after_it(bot: Bot, store: Store, action: type[Action]) -> None:
    """Who opens the settings, pauses or resumes learns it there."""
    mine = Subscription(Target("member", MEMBER), channel_kind="dm")
    order = await bot.pause(await store.subscriptions.add(mine), DMS_CLOSED)
    answers = Answers(Desk(store, bot.venue, FakeSender()))
    await answers.press(encode(action(order.id or 0)), make_caller())  # type: ignore[call-arg]
    assert await answers.find_news(make_caller()) is None


async def test_other_pauses_are_no_news(bot: Bot, store: Store) -> None:
    """A digest that goes on, or that its member paused, has nothing to be told of."""
    answers = Answers(Desk(store, bot.venue, FakeSender()))
    order = await store.subscriptions.add(Subscription(Target("member", MEMBER), channel_kind="dm"))
    assert await answers.find_news(make_caller()) is None
    await bot.pause(order, "asked")
    assert await answers.find_news(make_caller()) is None


# How it is said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_fits(language: str) -> None:
    """However many channels and permissions there are, Discord takes it; the channels beyond ten are counted."""
    channels = [str(10**18 + number) for number in range(40)]
    missing = [VIEW, SEND, READ_HISTORY, OPEN_THREADS, SEND_IN_THREADS]
    kinds = [some for size in range(5, -1, -1) for some in combinations(missing, size)]
    lacking = dict(zip(channels, kinds, strict=False))
    with speak(language):
        messages = [
            *(render_paused(reason, lacking, 10**17, MARKER) for reason in ("permission", "channel gone")),
            render_paused("permission", dict.fromkeys(channels, missing), 10**17, MARKER),
            render_paused("permission", dict.fromkeys(channels, ()), 1, MARKER),
            render_paused("failing", {channels[0]: ()}, 1, MARKER),
            render_uncertain(channels[0], 1, MARKER),
            render_drought(date(2021, 4, 13), channels, 1, MARKER),
            render_drought(None, channels, 1, MARKER),
            render_owner_drought(date(2021, 4, 13), 1, 1, MARKER),
            render_owner_drought(None, 12345, 1, MARKER),
            render_silence("Hacker News", None, 1, MARKER),
            render_silence("Bluesky", NOW, 1, MARKER),
            render_back("arXiv", 1, MARKER),
            render_dms_closed(1),
        ]
    for message in messages:
        payload = message.to_payload()
        assert find_violations(payload) == []
        assert payload["allowed_mentions"] == {"parse": []}
    assert all((message.content or "").count("<#") <= MOST_NAMED for message in messages)
    assert len({message.content for message in messages[:-1]}) == len(messages) - 1


# All together


async def test_a_channel_that_refuses_is_paused_told_and_caught_up(
    bot: Bot, store: Store, known_admin: None, newest: date
) -> None:
    """Refused again and again, it pauses and its admin gets one message; days later it brings all it missed at once."""
    await store.members.set_channel(Target("member", ADMIN), DM)
    transport = FakeTransport(bot.clock)
    outbox = Outbox(store, {"channel": transport, "member": transport}, bot.clock)
    planner = Planner(store)

    async def tick(minutes: int) -> None:
        await planner.plan_due(bot.clock())
        for recipient in ("channel", "member"):
            await outbox.send_pending(recipient)
        await bot.check()
        bot.clock.advance(minutes=minutes)

    order = await bot.subscribe(created_edition=newest, created_at=bot.clock() - HOUR)
    transport.before["send"] = [TransportError(NO_PERMISSION, "50013", is_final=True) for _ in range(6)]
    bot.set_permissions({VIEW})
    for back in (5, 4, 3):
        await store.days.put([make_edition(bot.clock().date() - timedelta(days=back), [(f"2104.1000{back}", 5)])], [],
                             bot.clock())  # fmt: skip
    while not (await bot.get(order)).is_paused:
        await tick(minutes=5)
        assert bot.clock() < Clock().now + timedelta(hours=3)
    for _ in range(5):
        await tick(minutes=6 * 60)
    assert [len(posted) for posted in transport.channels.values()] == [1]
    assert "Send Messages" in transport.channels[DM][0].body["content"]
    bot.set_permissions(ALL)
    for _ in range(3):
        await tick(minutes=1)
    (caught_up,) = transport.channels[PAPERS]
    assert "Catch-up over 3 posts" in caught_up.body["content"]
    assert len(transport.channels[DM]) == 1
    found = await bot.get(order)
    assert (found.is_paused, found.told_at) == (False, None)

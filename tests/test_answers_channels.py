"""A server's digests: set up, changed, posted and listed by its admins, and by nobody else through any path."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from bot.answers.access import find_missing
from bot.answers.channel_orders import convert_hour
from bot.answers.desk import Desk, Limits
from bot.answers.router import Answers
from bot.answers.values import Caller, Place, Reply
from bot.answers.venue import (
    MENTION,
    OPEN_THREADS,
    READ_HISTORY,
    SEND,
    SEND_IN_THREADS,
    VIEW,
    Channel,
    Outcome,
    Role,
)
from bot.digest.taxonomy import CATEGORIES
from bot.messages.actions import (
    Action,
    AskDigest,
    ChangeDigest,
    CopyDigest,
    DigestAction,
    DigestsPage,
    OpenDigest,
    OpenWhy,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    ResumeDigest,
    SendDigest,
    StopDigest,
)
from bot.messages.custom_id import decode, encode
from bot.messages.language import LANGUAGES
from bot.messages.message import Message
from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import NOW, make_appearance, make_edition
from tests.discord_rules import find_live_markup, find_violations, get_texts, walk
from tests.fakes import FakeSender, FakeVenue

GUILD, ELSEWHERE = "1", "2"
GENERAL, NEWS, FORUM, FREE_FORUM, VOICE, CLOSED, FOREIGN = "20", "21", "22", "23", "24", "25", "90"
FANS, QUIET = "50", "51"
ALL = frozenset({VIEW, SEND, READ_HISTORY, OPEN_THREADS, SEND_IN_THREADS})
MEMBER = Target("member", "700000000000000001")
ADMIN = Caller(MEMBER, NOW, locale="de", server_language="de", place=Place(GUILD, GENERAL, is_admin=True))
YESTERDAY = NOW.date() - timedelta(days=1)
HOSTILE = (
    "@everyone", "<@1>", "<@&50>", "x" * 6000, "\u202e", "", " ", "1; DROP TABLE", "{a}", "**x**", "\x00", "🦆" * 200,
    "-1", "0", "٣", "9" * 40, "[a](https://evil.example)", "\ud800", "None", "true",
)  # fmt: skip
ADD_OPTIONS = (
    "channel",
    "categories",
    "time",
    "timezone",
    "days",
    "count",
    "only",
    "mention",
    "discussion_thread",
    "tag",
)


@pytest.fixture
def venue() -> FakeVenue:
    """Two servers; in the first a channel of each kind and two roles."""
    channels = [
        Channel(GENERAL, GUILD, "general", permissions=ALL),
        Channel(NEWS, GUILD, "news", "announcement", ALL),
        Channel(FORUM, GUILD, "forum", "forum", ALL, (("900", "Papers"), ("901", "Else *and* <@1>")), needs_tag=True),
        Channel(FREE_FORUM, GUILD, "talk", "forum", ALL),
        Channel(VOICE, GUILD, "lounge", "voice", ALL),
        Channel(CLOSED, GUILD, "closed", permissions=frozenset({VIEW})),
        Channel(FOREIGN, ELSEWHERE, "foreign", permissions=ALL),
    ]
    roles = {
        (GUILD, FANS): Role(FANS, "fans", is_mentionable=True),
        (GUILD, QUIET): Role(QUIET, "quiet"),
        (GUILD, GUILD): Role(GUILD, "@everyone", is_everyone=True),
        (ELSEWHERE, "60"): Role("60", "theirs", is_mentionable=True),
    }
    return FakeVenue({channel.id: channel for channel in channels}, roles, {GUILD: "Here", ELSEWHERE: "There"})


@pytest.fixture
def sender() -> FakeSender:
    """What sends nothing."""
    return FakeSender()


@pytest.fixture
async def desk(store: Store, venue: FakeVenue, sender: FakeSender) -> Desk:
    """A desk with a post of twelve papers."""
    papers = [
        make_appearance(f"2104.{n:05}", 100 - n, categories=("cs.CV",) if n % 2 else ("cs.LG",)) for n in range(12)
    ]
    await store.days.put([make_edition(YESTERDAY, papers)], [], NOW)
    return Desk(store, venue, sender)


def read(message: Message | None) -> str:
    """Return all that a message says; Discord takes it, and strangers' markup in it is dead."""
    assert message is not None
    payload = message.to_payload()
    assert find_violations(payload) == []
    assert payload["allowed_mentions"] == {"parse": []}
    texts = get_texts(payload)
    ours = re.compile(r"<#\d+>|<@&?\d+>|<t:\d+:[FRDf]>|\]\(https://discord\.com/channels/[\d/@me]+\)")
    assert [find_live_markup(ours.sub("]", text)) for text in texts] == [[]] * len(texts)
    return "\n".join(texts)


def list_actions(message: Message | None) -> list[Action | None]:
    """Return what the buttons and selects of a message do."""
    assert message is not None
    ids = [one["custom_id"] for one in walk(message.to_payload()["components"]) if "custom_id" in one]
    return [decode(one) for one in ids]


async def run(desk: Desk, name: str, caller: Caller = ADMIN, **options: str) -> str:
    """Ask a command of /digest; return what is answered."""
    return read(await Answers(desk).run(f"digest {name}", options, caller))


async def press(desk: Desk, action: Action, *values: str, caller: Caller = ADMIN) -> Reply:
    """Press a button or choose in a select, by its custom id."""
    return await Answers(desk).press(encode(action), caller, values)


async def add(desk: Desk, **options: str) -> Subscription:
    """Set up a digest and return it as stored."""
    await run(desk, "add", **options)
    return (await desk.store.subscriptions.list())[-1]


async def get(desk: Desk, subscription: Subscription) -> Subscription:
    """Return a digest as it is stored now."""
    found = await desk.store.subscriptions.get(subscription.id or 0)
    assert found is not None
    return found


# Setting up


async def test_add_stores_a_digest_with_sensible_defaults(desk: Desk) -> None:
    """Without options: this channel, all of arXiv, ten papers, in the admin's zone, the server's language."""
    text = await run(desk, "add")
    (found,) = await desk.store.subscriptions.list()
    assert (found.target, found.guild_id, found.channel_kind) == (Target("channel", GENERAL), GUILD, "text")
    assert (found.categories, found.count, found.only, found.weekdays) == ((), 10, "all", tuple(range(7)))
    assert (found.timezone, found.at) == ("Europe/Berlin", time(14))  # 12:00 UTC, by when the one known post was there
    assert (found.created_by, found.created_at, found.created_edition) == (MEMBER.id, NOW, YESTERDAY)
    assert (found.language, found.mention, found.has_thread, found.is_published) == ("de", None, False, False)
    assert f"Digest for <#{GENERAL}>" in text
    assert f"set up by <@{MEMBER.id}>" in text


async def test_add_takes_every_option(desk: Desk) -> None:
    """What is typed in the options is what the digest has."""
    found = await add(
        desk, channel=FORUM, categories="cs.CV, stat", time="9pm", timezone="Tokyo", days="mon wed", count="3",
        only="very hot", mention=FANS, discussion_thread="off", tag="papers",
    )  # fmt: skip
    assert (found.target.id, found.channel_kind, found.tag) == (FORUM, "forum", "900")
    assert (found.categories, found.count, found.only) == (("cs.CV", "stat"), 3, "very hot")
    assert (found.at, found.timezone, found.weekdays) == (time(21), "Asia/Tokyo", (0, 2))
    assert (found.mention, found.has_thread) == (FANS, False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mention": GUILD}, "doesn't ping everyone"),
        ({"mention": "@here"}, "doesn't ping everyone"),
        ({"mention": "60"}, "not in this server"),
        ({"channel": VOICE}, "text, announcement and forum"),
        ({"channel": FOREIGN}, "I can't see that channel"),
        ({"channel": FORUM}, "Papers"),
        ({"channel": FORUM, "tag": "nope"}, "Papers"),
        ({"channel": FREE_FORUM, "tag": "nope"}, "has no tags"),
        ({"tag": "900"}, "no forum"),
        ({"channel": FORUM, "tag": "900", "discussion_thread": "on"}, "Leave the thread out"),
        ({"count": "0"}, "1 to 25"),
        ({"time": "25"}, "not a time of day"),
        ({"discussion_thread": "maybe"}, "on or off"),
    ],
)
async def test_add_refuses_what_cannot_be(desk: Desk, options: dict[str, str], said: str) -> None:
    """What is wrong is said in words of its own, and nothing is stored."""
    assert said in await run(desk, "add", **options)
    assert await desk.store.subscriptions.list() == []


async def test_a_channel_has_at_most_so_many_digests(desk: Desk) -> None:
    """The bound holds for commands at once, and for copies and moves."""
    small = replace(desk, limits=Limits(digests_per_channel=2))
    await asyncio.gather(*(Answers(small).run("digest add", {}, ADMIN) for _ in range(4)))
    assert len(await desk.store.subscriptions.list(Target("channel", GENERAL))) == 2
    assert "2 digests already" in await run(small, "add")
    other = await add(small, channel=NEWS, categories="math")
    assert "2 digests already" in read((await press(small, CopyDigest(other.id or 0), GENERAL)).message)
    assert "as many digests" in read((await press(small, ChangeDigest(other.id or 0, "channel"), GENERAL)).message)
    assert (await get(desk, other)).target.id == NEWS


async def test_the_panel_names_what_is_missing(desk: Desk) -> None:
    """Each permission the settings need and the bot lacks is named, and a role that can't be pinged."""
    text = await run(desk, "add", channel=CLOSED, mention=QUIET, discussion_thread="on")
    line = next(line for line in text.split("\n") if "Missing in" in line)
    for permission in (SEND, READ_HISTORY, OPEN_THREADS, SEND_IN_THREADS):
        assert f"**{permission}**" in line
    assert VIEW not in line
    assert f"<@&{QUIET}> can't be pinged" in text
    assert "✓ All permissions" in await run(desk, "add", mention=FANS, discussion_thread="on")


def test_missing_permissions_follow_from_the_settings() -> None:
    """Threads, forums and pings ask for more than a plain message does."""
    plain = Subscription(Target("channel", GENERAL))
    text, forum = Channel(GENERAL, GUILD, "a"), Channel(FORUM, GUILD, "b", "forum")
    assert find_missing(plain, text) == [VIEW, SEND, READ_HISTORY]
    assert find_missing(plain, forum) == [VIEW, SEND, READ_HISTORY, SEND_IN_THREADS]
    assert find_missing(replace(plain, has_thread=True), text)[3:] == [OPEN_THREADS, SEND_IN_THREADS]
    assert find_missing(plain, text, Role("5", "a"))[3:] == [MENTION]
    assert find_missing(plain, text, Role("5", "a", is_mentionable=True))[3:] == []
    assert find_missing(plain, replace(text, permissions=ALL)) == []


@pytest.mark.parametrize(
    ("zone", "at"),
    [("UTC", time(12)), ("Europe/Berlin", time(14)), ("Asia/Kolkata", time(18)), ("Pacific/Kiritimati", time(2))],
)
def test_the_default_time_is_a_full_hour_of_the_zone(zone: str, at: time) -> None:
    """12:00 UTC as the clock there shows it, the next full hour where that is half past."""
    assert convert_hour(time(12), zone, NOW) == at


async def test_the_panel_ends_with_a_preview_and_what_comes_next(desk: Desk) -> None:
    """The first papers, "Next" on everyone's own clock, and one button to post, of one request."""
    message = await Answers(desk).run("digest add", {"time": "9"}, ADMIN)
    text = read(message)
    assert text.index("Hot papers ·") < text.index("Next: <t:")
    assert "On testing" in text
    moment = int(datetime(2021, 4, 15, 7, tzinfo=NOW.tzinfo).timestamp())
    assert f"Next: <t:{moment}:F> (<t:{moment}:R>)" in text
    assert sum(isinstance(action, SendDigest) for action in list_actions(message)) == 1


# Changing


@pytest.mark.parametrize(
    ("setting", "values", "field", "expected"),
    [
        ("time", ("21:30",), "at", time(21, 30)),
        ("timezone", ("+2",), "timezone", "Etc/GMT-2"),
        ("weekdays", ("0", "6"), "weekdays", (0, 6)),
        ("count", ("25",), "count", 25),
        ("only", ("hot",), "only", "hot"),
        ("categories", ("cs.CV, stat",), "categories", ("cs.CV", "stat")),
        ("mention", (FANS,), "mention", FANS),
        ("mention", (), "mention", None),
        ("thread", ("on",), "has_thread", True),
        ("publish", ("on",), "is_published", True),
        ("quiet", ("on",), "has_quiet_line", True),
    ],
)
async def test_every_setting_changes(
    desk: Desk, setting: str, values: tuple[str, ...], field: str, expected: object
) -> None:
    """What is chosen or typed is stored, and the panel shows it in place."""
    digest = await add(desk, channel=NEWS)
    reply = await press(desk, ChangeDigest(digest.id or 0, setting), *values)
    assert reply.replaces
    assert f"Digest for <#{NEWS}>" in read(reply.message)
    assert getattr(await get(desk, digest), field) == expected


async def test_switches_turn_both_ways(desk: Desk) -> None:
    """Thread, publishing and quiet lines are off at first, and each button turns its own over and back."""
    digest = await add(desk, channel=NEWS)
    for wanted in ("on", "off"):
        reply = await press(desk, OpenDigest(digest.id or 0))
        switches = [
            action for action in list_actions(reply.message) if isinstance(action, ChangeDigest) and action.value
        ]
        assert [(action.setting, action.value) for action in switches] == [
            (setting, wanted) for setting in ("quiet", "thread", "publish")
        ]
        for action in switches:
            await press(desk, action)


async def test_only_what_the_channel_has_is_offered(desk: Desk) -> None:
    """A forum has tags and no threads of our own, only announcements are published."""
    forum = await add(desk, channel=FORUM, tag="900")
    text = await add(desk)
    settings = {
        digest.target.id: {
            action.setting
            for action in list_actions((await press(desk, OpenDigest(digest.id or 0))).message)
            if isinstance(action, ChangeDigest)
        }
        for digest in (forum, text)
    }
    assert "tag" in settings[FORUM]
    assert not {"thread", "publish"} & settings[FORUM]
    assert "thread" in settings[GENERAL]
    assert not {"tag", "publish"} & settings[GENERAL]
    for digest, setting in ((forum, "thread"), (text, "publish"), (text, "tag"), (forum, "tag")):
        value = {"tag": "none" if digest is forum else "900"}.get(setting, "on")
        assert not (await press(desk, ChangeDigest(digest.id or 0, setting, value))).replaces
        assert await get(desk, digest) == digest


async def test_a_ping_can_be_taken_back(desk: Desk) -> None:
    """The button beside the select ends it."""
    digest = await add(desk, mention=FANS)
    stop = ChangeDigest(digest.id or 0, "mention", "none")
    assert stop in list_actions((await press(desk, OpenDigest(digest.id or 0))).message)
    await press(desk, stop)
    assert (await get(desk, digest)).mention is None


async def test_forms_come_filled_in(desk: Desk) -> None:
    """Zone, time and categories are typed, what is set already being there; other settings have no form."""
    digest = await add(desk, categories="cs.CV")
    form = (await press(desk, AskDigest(digest.id or 0, "categories"))).form
    assert form is not None
    assert (form.value, form.action) == ("cs.CV", ChangeDigest(digest.id or 0, "categories"))
    assert (await press(desk, AskDigest(digest.id or 0, "mention"))).form is None


async def test_a_digest_is_copied_to_several_channels_at_once(desk: Desk) -> None:
    """Each channel has its result: there, there with something missing, or why not; nothing twice."""
    digest = await add(desk, categories="cs.CV", discussion_thread="on", mention=FANS)
    chosen = (GENERAL, NEWS, CLOSED, FREE_FORUM, FORUM, VOICE, FOREIGN)
    text = read((await press(desk, CopyDigest(digest.id or 0), *chosen)).message)
    lines = {
        channel: line for line in text.split("###")[0].split("\n") for channel in chosen if f"<#{channel}>" in line
    }
    assert [channel for channel in chosen if lines[channel].startswith("✓")] == [NEWS, FREE_FORUM]
    assert "Send Messages" in lines[CLOSED]
    assert "Papers" in lines[FORUM]
    stored = await desk.store.subscriptions.list(guild_id=GUILD)
    assert [one.target.id for one in stored] == [GENERAL, NEWS, CLOSED, FREE_FORUM]
    assert [one.has_thread for one in stored] == [True, True, True, False]
    assert {(one.categories, one.mention) for one in stored} == {(("cs.CV",), FANS)}
    await press(desk, CopyDigest(digest.id or 0), *chosen)
    assert len(await desk.store.subscriptions.list()) == 4


async def test_moving_ends_a_pause_for_want_of_the_channel(desk: Desk, venue: FakeVenue) -> None:
    """A digest whose channel was deleted says so, does not go on there, and does in another one."""
    digest = await add(desk, channel=NEWS)
    await press(desk, ChangeDigest(digest.id or 0, "publish", "on"))
    venue.channels.pop(NEWS)
    await desk.store.subscriptions.change(
        digest.id or 0, lambda one: replace(one, paused_at=NOW, pause_reason="channel gone")
    )
    assert "Move to another channel" in await run(desk, "edit", digest=str(digest.id))
    await press(desk, ResumeDigest(digest.id or 0))
    assert (await get(desk, digest)).is_paused
    reply = await press(desk, ChangeDigest(digest.id or 0, "channel"), GENERAL)
    moved = await get(desk, digest)
    assert (moved.target.id, moved.channel_kind, moved.is_published, moved.is_paused) == (GENERAL, "text", False, False)
    assert f"Moved to <#{GENERAL}>" in read(reply.message)


async def test_pausing_is_kept_and_ended(desk: Desk) -> None:
    """Pause says since when and how to go on, the command does as the button; resuming takes it back."""
    digest = await add(desk)
    assert "Paused since" in await run(desk, "pause")
    paused = await get(desk, digest)
    assert (paused.paused_at, paused.pause_reason) == (NOW, "asked")
    assert "It goes on." in await run(desk, "resume")
    assert await get(desk, digest) == digest
    assert "Paused since" in read((await press(desk, PauseDigest(digest.id or 0))).message)
    assert "Next: " in read((await press(desk, ResumeDigest(digest.id or 0))).message)


async def test_removing_asks_first(desk: Desk) -> None:
    """The command and the button ask; only the second button removes."""
    digest = await add(desk)
    message = await Answers(desk).run("digest remove", {}, ADMIN)
    assert "Remove the digest" in read(message)
    assert RemoveDigest(digest.id or 0, is_sure=True) in list_actions(message)
    assert (await press(desk, RemoveDigest(digest.id or 0))).replaces
    assert len(await desk.store.subscriptions.list()) == 1
    reply = await press(desk, RemoveDigest(digest.id or 0, is_sure=True))
    assert "is removed" in read(reply.message)
    assert await desk.store.subscriptions.list() == []
    assert "no longer there" in read((await press(desk, OpenDigest(digest.id or 0))).message)


# Posting


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome("sent", url="https://discord.com/channels/1/2/3"), "https://discord.com/channels/1/2/3"),
        (Outcome("nothing", "all 12 papers already posted"), "nothing to post now: all 12 papers already posted"),
        (Outcome("failed", "permission"), "a permission is missing"),
        (Outcome("failed", "channel gone"), "the channel is gone"),
        (Outcome("failed", "refused"), "refused the message"),
        (Outcome("failed", "outage"), "could not be reached"),
        (Outcome("uncertain", "outage"), "may have arrived"),
    ],
)
async def test_posting_says_what_came_of_it(desk: Desk, sender: FakeSender, outcome: Outcome, said: str) -> None:
    """Each outcome has words and keeps the panel."""
    digest = await add(desk)
    sender.outcomes = [outcome]
    reply = await press(desk, SendDigest(digest.id or 0, "abc"))
    text = read(reply.message)
    assert reply.replaces
    assert said in text
    assert "### Digest for" in text


async def test_a_double_tap_posts_once(desk: Desk, sender: FakeSender) -> None:
    """Two presses of one rendered button are one request; the second says that it was posted already."""
    await add(desk)
    [button] = [action for action in list_actions(await Answers(desk).run("digest edit", {}, ADMIN)) if
                isinstance(action, SendDigest)]  # fmt: skip
    first, second = [read((await press(desk, button)).message) for _ in range(2)]
    assert "✓ Posted in" in first
    assert "already" in second
    assert len(sender.sent) == 1


async def test_what_cannot_arrive_is_not_tried(desk: Desk, sender: FakeSender, venue: FakeVenue) -> None:
    """Without the permission, the channel or the forum's tag nothing is sent to Discord."""
    digests = [
        await add(desk, channel=CLOSED),
        await add(desk, channel=NEWS),
        await add(desk, channel=FORUM, tag="900"),
    ]
    venue.channels.pop(NEWS)
    await desk.store.subscriptions.change(digests[2].id or 0, lambda one: replace(one, tag=None))
    for digest in digests:
        assert "Not posted" in await run(desk, "post", digest=str(digest.id))
    assert sender.sent == []


async def test_a_preview_changes_nothing(desk: Desk, sender: FakeSender) -> None:
    """It is an answer of its own with the papers, and nothing is sent or given."""
    digest = await add(desk, categories="cs.CV")
    reply = await press(desk, PreviewDigest(digest.id or 0))
    assert not reply.replaces
    assert "a preview" in read(reply.message)
    assert read(reply.message) == await run(desk, "preview")
    assert sender.sent == []


# Finding


async def test_the_digest_meant_is_the_channels_then_the_servers(desk: Desk) -> None:
    """None is said, one is taken, several are offered with a button each that does what was asked."""
    assert "/digest add" in await run(desk, "edit")
    elsewhere = await add(desk, channel=NEWS)
    assert f"Digest for <#{NEWS}>" in await run(desk, "edit")
    here = await add(desk)
    assert f"Digest for <#{GENERAL}>" in await run(desk, "edit")
    more = await add(desk, categories="cs.CV")
    for name, action in (("edit", OpenDigest), ("pause", PauseDigest), ("remove", RemoveDigest), ("why", OpenWhy)):
        message = await Answers(desk).run(f"digest {name}", {}, ADMIN)
        assert "Which digest?" in read(message)
        assert list_actions(message) == [action(here.id or 0), action(more.id or 0)]
    assert f"Digest for <#{NEWS}>" in await run(desk, "edit", digest=str(elsewhere.id))
    assert f"Digest for <#{NEWS}>" in await run(desk, "edit", digest="#news")
    assert "no such digest" in await run(desk, "edit", digest="#general")


async def test_completion_offers_the_servers_digests(desk: Desk) -> None:
    """Labels say channel, filter and time, those of this channel first; what is typed narrows them."""
    await add(desk, channel=NEWS, time="9")
    await add(desk, categories="cs.CV", time="9")
    offers = await Answers(desk).complete("digest edit", "digest", "", ADMIN)
    assert [offer.name for offer in offers] == ["#general · cs.CV · 09:00", "#news · all of arXiv · 09:00"]
    assert [offer.value for offer in await Answers(desk).complete("digest edit", "digest", "NEWS", ADMIN)] == ["1"]


@pytest.mark.parametrize("count", [0, 1, 10, 11, 25])
async def test_the_list_shows_every_digest_once(desk: Desk, count: int) -> None:
    """Ten to a page, each with a button that opens it; a page too far is the last."""
    roomy = replace(desk, limits=Limits(digests_per_channel=99))
    for _ in range(count):
        await add(roomy)
    opened: list[int] = []
    page: DigestsPage | None = DigestsPage()
    while page:
        message = (await press(roomy, page)).message
        read(message)
        actions = list_actions(message)
        opened += [action.subscription_id for action in actions if isinstance(action, OpenDigest)]
        following = (one for one in actions if isinstance(one, DigestsPage) and one.page > page.page)
        page = next(following, None)
    assert opened == list(range(1, count + 1))
    assert read((await press(roomy, DigestsPage(999999))).message)
    if not count:
        assert "/digest add" in await run(desk, "list")


async def test_a_row_says_where_what_last_next_state_and_who(desk: Desk) -> None:
    """Channel, filter, a link to what was posted last, the next time, how it stands, who set it up."""
    digest = await add(desk, categories="cs.CV", only="hot", time="9")
    made = Delivery(digest.id or 0, digest.target, "2021-04-14", (YESTERDAY,), ("2104.00001",), "{}")
    (number,) = await desk.store.deliveries.add([made], NOW)
    await desk.store.deliveries.claim(number, NOW)
    await desk.store.deliveries.mark_sent(number, GENERAL, "777", NOW)
    broken = await add(desk, channel=CLOSED)
    text = await run(desk, "list")
    assert f"<#{GENERAL}> · **cs.CV** · only hot ones · 09:00" in text
    assert f"https://discord.com/channels/{GUILD}/{GENERAL}/777" in text
    assert "next: <t:" in text
    assert f"set up by <@{MEMBER.id}>" in text
    assert "✓ active" in text
    assert "✗ missing: **Send Messages** and **Read Message History**" in text
    await press(desk, PauseDigest(broken.id or 0))
    assert "✗ paused" in await run(desk, "list")


async def test_the_list_says_that_the_app_was_away(desk: Desk) -> None:
    """After a return that is a month old at most, where there are digests from before."""
    await add(desk)
    await desk.store.guilds.join(GUILD, "en", NOW - timedelta(days=9))
    assert "away" not in await run(desk, "list")
    await desk.store.guilds.leave(GUILD, NOW + timedelta(days=1))
    await desk.store.guilds.join(GUILD, "en", NOW + timedelta(days=2))
    later = replace(ADMIN, now=NOW + timedelta(days=3))
    assert "away until" in await run(desk, "list", later)
    assert "away" not in await run(desk, "list", replace(ADMIN, now=NOW + timedelta(days=40)))


# Who may


def list_digest_actions(number: int) -> list[DigestAction]:
    """Return one of each action on a digest."""
    return [
        OpenDigest(number),
        ChangeDigest(number, "count", "3"),
        ChangeDigest(number, "channel", GENERAL),
        AskDigest(number, "time"),
        CopyDigest(number),
        PauseDigest(number),
        ResumeDigest(number),
        StopDigest(number),
        RemoveDigest(number),
        RemoveDigest(number, is_sure=True),
        PreviewDigest(number),
        SendDigest(number, "abc"),
        OpenWhy(number),
    ]


STRANGERS = {
    "an admin elsewhere": replace(ADMIN, place=Place(ELSEWHERE, FOREIGN, is_admin=True, is_moderator=True)),
    "a member": replace(ADMIN, place=Place(GUILD, GENERAL, can_share=True, is_moderator=True)),
    "someone in a DM": replace(ADMIN, place=Place(None, "5", is_admin=True)),
    "the owner of the bot": replace(ADMIN, place=Place(GUILD, GENERAL), is_owner=True),
}


@pytest.mark.parametrize("who", STRANGERS)
async def test_nobody_else_reaches_a_digest(desk: Desk, sender: FakeSender, who: str) -> None:
    """No command, action or completion of another server's admin, or of a member, shows or changes anything."""
    digest, stranger = await add(desk, categories="cs.CV"), STRANGERS[who]
    for action in list_digest_actions(digest.id or 0):
        reply = await press(desk, action, NEWS, caller=stranger)
        assert reply.form is None
        assert "no longer there" in read(reply.message)
    for name in ("edit", "pause", "resume", "remove", "preview", "post", "why"):
        for options in ({}, {"digest": str(digest.id)}, {"digest": "#general"}, {"channel": GENERAL}):
            text = await run(desk, name, stranger, **options)
            assert "cs.CV" not in text
            assert GENERAL not in text
    assert await Answers(desk).complete("digest edit", "digest", "", stranger) == []
    assert "cs.CV" not in read((await press(desk, DigestsPage(), caller=stranger)).message)
    assert await desk.store.subscriptions.list() == [digest]
    assert sender.sent == []


async def test_an_admin_elsewhere_sets_up_nothing_here(desk: Desk) -> None:
    """Channels and roles of another server can't be named, by option or by select."""
    other = STRANGERS["an admin elsewhere"]
    for options in ({"channel": GENERAL}, {"mention": FANS}):
        await run(desk, "add", other, **options)
    assert await desk.store.subscriptions.list() == []
    await run(desk, "add", other)
    (theirs,) = await desk.store.subscriptions.list()
    assert theirs.guild_id == ELSEWHERE
    for action in (ChangeDigest(1, "channel"), CopyDigest(1)):
        await press(desk, action, GENERAL, caller=other)
    await press(desk, ChangeDigest(1, "mention"), FANS, caller=other)
    assert await desk.store.subscriptions.list() == [theirs]


async def test_a_members_own_digest_is_no_channels(desk: Desk) -> None:
    """/digest does not reach even the caller's own by DM."""
    mine = await desk.store.subscriptions.add(Subscription(MEMBER, channel_kind="dm"))
    for name in ("edit", "pause", "remove"):
        assert "no such digest" in await run(desk, name, digest=str(mine.id))
    assert await get(desk, mine) == mine


@pytest.mark.parametrize("option", ADD_OPTIONS)
async def test_hostile_options_of_add_do_no_harm(desk: Desk, option: str) -> None:
    """Whatever an option holds is refused or taken as text: an answer Discord takes, nothing live in it."""
    for value in HOSTILE:
        await run(desk, "add", **{option: value})


async def test_hostile_values_elsewhere_do_no_harm(desk: Desk) -> None:
    """The same for the other commands, for selects and forms, and for completion."""
    digest = await add(desk)
    settings = ("time", "timezone", "weekdays", "count", "only", "categories", "mention", "channel", "tag", "x")
    for value in HOSTILE:
        for name in ("edit", "pause", "resume", "remove", "preview", "post"):
            await run(desk, name, digest=value)
        await run(desk, "why", channel=value)
        for setting in (*settings, "thread", "publish", "quiet"):
            read((await press(desk, ChangeDigest(digest.id or 0, setting), value)).message)
        read((await press(desk, CopyDigest(digest.id or 0), value, value)).message)
        for offer in await Answers(desk).complete("digest edit", "digest", value, ADMIN):
            assert 1 <= len(offer.name) <= 100
    found = await get(desk, digest)
    assert (found.guild_id, found.mention, found.target.id) == (GUILD, None, GENERAL)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_largest_panel_and_list_fit(desk: Desk, venue: FakeVenue, language: str) -> None:
    """Long names, many categories and tags, everything on: still one message, in every language."""
    name = "<@1> **long** `name` " * 5
    tags = tuple((str(900 + n), f"{n} {name}"[:50]) for n in range(20))
    for channel in (FORUM, NEWS):
        venue.channels[channel] = replace(venue.channels[channel], name=name, tags=tags if channel == FORUM else ())
    caller = replace(ADMIN, language=language)
    many = ", ".join([one for one in CATEGORIES if one.startswith("cs.")][:25])
    for channel in (FORUM, NEWS):
        tag = {"tag": "900"} if channel == FORUM else {}
        options = {"channel": channel, "categories": many, "only": "very hot", "mention": QUIET, "timezone": "Tokyo"}
        read(await Answers(desk).run("digest add", {**options, **tag}, caller))
    await press(desk, ChangeDigest(2, "publish", "on"))
    venue.channels = {key: replace(one, permissions=frozenset()) for key, one in venue.channels.items()}
    for number in (1, 2):
        await press(desk, PauseDigest(number))
        read((await press(desk, OpenDigest(number), caller=caller)).message)
        read((await press(desk, OpenWhy(number), caller=caller)).message)
    for _ in range(9):
        await desk.store.subscriptions.add(replace(await get(desk, Subscription(Target("", ""), id=1)), id=None))
    read(await Answers(desk).run("digest list", {}, caller))
    for offer in await Answers(desk).complete("digest edit", "digest", "", caller):
        assert 1 <= len(offer.name) <= 100

"""A member's own digest: ordered, changed, stopped and sent on demand, and nobody else's reached."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from bot.answers import members
from bot.answers.desk import Desk, Limits, find_own
from bot.answers.members import answer_order, complete_unsubscribe, delete_data, run
from bot.answers.values import Caller, Place, Reply
from bot.answers.venue import Outcome
from bot.digest.taxonomy import CATEGORIES
from bot.errors import UserError
from bot.messages.actions import (
    Action,
    AskDigest,
    ChangeDigest,
    CopyDigest,
    DeleteData,
    GetByDM,
    GetSameByDM,
    OpenDigest,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    ResumeDigest,
    SendDigest,
    StopDigest,
)
from bot.messages.custom_id import decode
from bot.messages.message import Message
from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import NOW, make_appearance, make_edition
from tests.discord_rules import find_violations, get_texts, walk
from tests.fakes import FakeSender

MEMBER, OTHER = Target("member", "700000000000000001"), Target("member", "700000000000000002")
CALLER = Caller(MEMBER, NOW, locale="de")
CLOSED = Outcome("failed", "DMs closed")
MINUTE = timedelta(minutes=1)
LONGEST = sorted(CATEGORIES, key=lambda one: len(CATEGORIES[one].label))[-25:]
HOSTILE = ("@everyone", "<@1>", "x" * 6000, "\u202ecs.XX", "", "cs.CV; DROP TABLE", "{a}", "**cs**", "\x00", "🦆" * 200)


@pytest.fixture
def sender() -> FakeSender:
    """What sends nothing."""
    return FakeSender()


@pytest.fixture
async def desk(store: Store, sender: FakeSender) -> Desk:
    """A desk with two papers in store."""
    papers = [make_appearance("2104.00001", 90, categories=("cs.CV",)), make_appearance("2104.00002", 50)]
    await store.days.put([make_edition(NOW.date() - timedelta(days=1), papers)], [], NOW)
    return Desk(store, sender=sender)


def read(message: Message | None) -> str:
    """Return all that a message says; it must be one that Discord takes and that pings nobody."""
    assert message is not None
    payload = message.to_payload()
    assert find_violations(payload) == []
    text = "\n".join(get_texts(payload))
    assert not re.search(r"@everyone|<@", text)
    return text


def list_actions(message: Message | None) -> list[Action | None]:
    """Return what the buttons and selects of a message do."""
    assert message is not None
    ids = [one["custom_id"] for one in walk(message.to_payload()["components"]) if "custom_id" in one]
    return [decode(one) for one in ids]


async def subscribe(desk: Desk, category: str = "cs.CV", caller: Caller = CALLER) -> str:
    """Ask for a category; return what is answered."""
    return read(await run("subscribe", {"category": category}, desk, caller))


async def find(desk: Desk, target: Target = MEMBER) -> Subscription:
    """Return a member's one digest."""
    (found,) = await desk.store.subscriptions.list(target)
    return found


async def press(desk: Desk, action: Action, *values: str, caller: Caller = CALLER) -> Reply:
    """Press a button of a digest as the router would."""
    subscription = await find_own(desk, action.subscription_id, caller)  # type: ignore[union-attr]
    return await members.press(action, subscription, desk, caller, values)  # type: ignore[arg-type]


async def get_number(desk: Desk, category: str = "cs.CV") -> int:
    """Begin a digest and return its id."""
    await subscribe(desk, category)
    return (await find(desk)).id or 0


def at(moment: datetime) -> Caller:
    """Return the caller at another time."""
    return replace(CALLER, now=moment)


# Ordering


async def test_the_first_category_begins_a_digest_and_sends_it_at_once(desk: Desk, sender: FakeSender) -> None:
    """Five papers a day at nine in the zone of their language, as is said with the way to change it."""
    message = await run("subscribe", {"category": "computer vision and pattern recognition"}, desk, CALLER)
    found = await find(desk)
    assert (found.categories, found.count, found.at, found.timezone) == (("cs.CV",), 5, time(9), "Europe/Berlin")
    assert (found.channel_kind, found.language, found.weekdays) == ("dm", "en", tuple(range(7)))
    assert (found.created_at, found.created_edition) == (NOW, NOW.date() - timedelta(days=1))
    assert sender.sent == [(found, "first")]
    text = read(message)
    for said in ("first digest", "cs.CV", "5 papers", "09:00 (Europe/Berlin, now 14:00)", "guess", "Next: <t:"):
        assert said in text
    assert OpenDigest(found.id or 0) in list_actions(message)


async def test_another_category_is_added_to_the_same_digest(desk: Desk, sender: FakeSender) -> None:
    """There is one digest over all categories, and only the first one is sent at once."""
    await subscribe(desk)
    assert "Added to your digest: cs.LG" in await subscribe(desk, "cs.LG")
    assert (await find(desk)).categories == ("cs.CV", "cs.LG")
    assert len(sender.sent) == 1


@pytest.mark.parametrize(
    ("known", "category", "said"),
    [
        (("cs.CV",), "cs.CV", "cs.CV is in your digest already."),
        (("cs",), "cs.CV", "it has all of cs"),
        ((), "cs.CV", "all of arXiv"),
    ],
)
async def test_what_is_there_already_is_said_to_be(
    desk: Desk, known: tuple[str, ...], category: str, said: str
) -> None:
    """The same category, one of a chosen archive, and any under all of arXiv change nothing."""
    await answer_order(GetByDM(known), desk, CALLER)
    before = await find(desk)
    assert said in await subscribe(desk, category)
    assert await find(desk) == before


async def test_two_orders_at_once_begin_one_digest(desk: Desk, sender: FakeSender) -> None:
    """However fast someone types, there is one digest with both categories and one first message."""
    await asyncio.gather(*(subscribe(desk, one) for one in ("cs.CV", "cs.LG", "math.AG")))
    assert sorted((await find(desk)).categories) == ["cs.CV", "cs.LG", "math.AG"]
    assert [occasion for _, occasion in sender.sent] == ["first"]


async def test_a_digest_has_at_most_so_many_categories(desk: Desk) -> None:
    """The one too many is refused and the others stay."""
    small = replace(desk, limits=Limits(categories=1))
    await subscribe(small)
    with pytest.raises(UserError, match="at most 1"):
        await subscribe(small, "math.AG")
    assert (await find(desk)).categories == ("cs.CV",)


async def test_nothing_to_send_yet_is_said_with_the_reason_and_the_next_time(desk: Desk, sender: FakeSender) -> None:
    """A digest without a paper today is a digest all the same."""
    sender.outcomes = [Outcome("nothing", "no new post since Tue 13 Apr 2021")]
    text = await subscribe(desk)
    assert "nothing to send now: no new post since Tue 13 Apr 2021." in text
    assert "Next: <t:" in text
    assert not (await find(desk)).is_paused


@pytest.mark.parametrize("outcome", [Outcome("failed", "outage"), Outcome("uncertain"), Outcome("failed", "refused")])
async def test_a_failure_of_discords_keeps_the_digest_going(desk: Desk, sender: FakeSender, outcome: Outcome) -> None:
    """What may work the next time pauses nothing, and says what to do."""
    sender.outcomes = [outcome]
    assert "Send me one now" in await subscribe(desk)
    assert not (await find(desk)).is_paused


async def test_a_page_shows_the_digest_that_discord_would_bring(desk: Desk) -> None:
    """Without a sender everything but sending at once works."""
    page = replace(CALLER, target=Target("page", "preview"))
    quiet = replace(desk, sender=None)
    assert "this page shows it here" in await subscribe(quiet, "cs.CV", page)
    found = await find(desk, page.target)
    assert found.channel_kind == "page"
    with pytest.raises(UserError, match="sends nothing"):
        await press(quiet, SendDigest(found.id or 0, "1"), caller=page)


@pytest.mark.parametrize("name", ["subscribe", "unsubscribe"])
@pytest.mark.parametrize("typed", HOSTILE)
async def test_no_category_typed_does_harm(desk: Desk, name: str, typed: str) -> None:
    """A refusal or an answer, never an error, and never a digest that was not asked for."""
    await subscribe(desk, "math.AG")
    try:
        read(await run(name, {"category": typed}, desk, CALLER))
    except UserError as error:
        assert "<@" not in str(error)
        assert "\u202e" not in str(error)
    assert (await find(desk)).categories == ("math.AG",)


# Closed direct messages


async def test_closed_messages_pause_the_digest_and_say_how_to_open_them(desk: Desk, sender: FakeSender) -> None:
    """The order is kept, and the words are those of Discord's own settings."""
    sender.outcomes = [CLOSED]
    text = await subscribe(desk)
    for said in ("name of a server", "Privacy Settings", "Direct Messages", "/subscribe tries again"):
        assert said in text
    found = await find(desk)
    assert (found.paused_at, found.pause_reason) == (NOW, "DMs closed")


@pytest.mark.parametrize("way", ["subscribe", "resume", "send"])
async def test_open_messages_let_it_go_on(desk: Desk, sender: FakeSender, way: str) -> None:
    """Ordering again, resuming and sending now each try, as a new occasion, and what arrives ends the pause."""
    sender.outcomes = [CLOSED, CLOSED, Outcome("sent")]
    number = await get_number(desk)
    for minute in (1, 2):
        assert (await find(desk)).pause_reason == "DMs closed"
        caller = at(NOW + minute * MINUTE)
        if way == "subscribe":
            await subscribe(desk, caller=caller)
        elif way == "resume":
            read((await press(desk, ResumeDigest(number), caller=caller)).message)
        else:
            read((await press(desk, SendDigest(number, f"r{minute}"), caller=caller)).message)
    assert not (await find(desk)).is_paused
    assert len({occasion for _, occasion in sender.sent}) == 3


async def test_what_was_held_back_comes_instead_of_another(desk: Desk, sender: FakeSender) -> None:
    """Resuming sends no digest of its own where one still waits: that one is the proof, and has the papers."""
    number = await get_number(desk)
    await desk.store.subscriptions.change(
        number, lambda one: replace(one, paused_at=NOW, pause_reason="DMs closed", told_at=NOW)
    )
    held = Delivery(number, (await find(desk)).target, "2021-04-14", (date(2021, 4, 13),), (), "{}")
    await desk.store.deliveries.add([held], NOW)
    asked = len(sender.sent)
    assert "held back comes now" in read((await press(desk, ResumeDigest(number))).message)
    assert not (await find(desk)).is_paused and len(sender.sent) == asked
    assert [one.state for one in await desk.store.deliveries.list(number)] == ["pending"]


async def test_next_waits_for_a_post_that_is_not_there(desk: Desk) -> None:
    """Neither the answer to /subscribe nor the settings promise a digest for a post that was there before."""
    assert "once a new post is there" in read(await run("subscribe", {"category": "cs.CV"}, desk, CALLER))
    assert "once a new post is there" in read(await run("subscriptions", {}, desk, CALLER))
    await desk.store.days.put([make_edition(NOW.date(), [("2104.00009", 1)])], [], NOW)
    assert "once a new post is there" not in read(await run("subscriptions", {}, desk, CALLER))


async def test_what_came_of_an_older_request_proves_nothing(desk: Desk, sender: FakeSender) -> None:
    """A button of an old panel, pressed again, neither ends a pause nor begins one."""
    number = await get_number(desk)
    sender.outcomes = [CLOSED, Outcome("sent")]
    await press(desk, SendDigest(number, "closed"))
    await press(desk, SendDigest(number, "open"))
    await press(desk, SendDigest(number, "closed"))
    assert not (await find(desk)).is_paused
    sender.outcomes = [CLOSED]
    await press(desk, SendDigest(number, "closed2"))
    await press(desk, SendDigest(number, "open"))
    assert (await find(desk)).pause_reason == "DMs closed"


# From a digest in a channel


async def test_a_channels_digest_is_ordered_by_dm(desk: Desk) -> None:
    """The button's categories, or those of the channel's digest where they do not fit a button."""
    channel = await desk.store.subscriptions.add(Subscription(Target("channel", "5"), ("math.AG", "stat.ML")))
    read(await answer_order(GetByDM(("cs.CV",)), desk, CALLER))
    read(await answer_order(GetSameByDM(channel.id or 0), desk, CALLER))
    assert (await find(desk)).categories == ("cs.CV", "math.AG", "stat.ML")
    assert "All of these" in read(await answer_order(GetSameByDM(channel.id or 0), desk, CALLER))
    assert "all of arXiv" in read(await answer_order(GetByDM(()), desk, CALLER))
    assert (await find(desk)).categories == ()


# Leaving


async def test_a_category_is_taken_out(desk: Desk) -> None:
    """The rest stays; one that is not there is refused with those that are."""
    await subscribe(desk)
    await subscribe(desk, "cs.LG")
    assert "Taken out: cs.CV" in read(await run("unsubscribe", {"category": "cs.CV"}, desk, CALLER))
    with pytest.raises(UserError, match=r"none of your digest's categories: cs\.LG"):
        await run("unsubscribe", {"category": "cs.CV"}, desk, CALLER)
    assert (await find(desk)).categories == ("cs.LG",)


async def test_taking_out_the_last_category_removes_the_digest(desk: Desk) -> None:
    """It is said, with how to begin again; there is nothing to leave then."""
    await subscribe(desk)
    text = read(await run("unsubscribe", {"category": "cs.CV"}, desk, CALLER))
    assert "removed" in text
    assert "/subscribe" in text
    assert await desk.store.subscriptions.list(MEMBER) == []
    with pytest.raises(UserError, match="/subscribe"):
        await run("unsubscribe", {}, desk, CALLER)


async def test_leaving_everything_asks_first(desk: Desk) -> None:
    """Nothing is gone before the second button."""
    number = await get_number(desk)
    message = await run("unsubscribe", {}, desk, CALLER)
    assert "Remove your digest?" in read(message)
    assert RemoveDigest(number, is_sure=True) in list_actions(message)
    await find(desk)
    reply = await press(desk, RemoveDigest(number, is_sure=True))
    assert reply.replaces
    assert "removed" in read(reply.message)
    assert await desk.store.subscriptions.list(MEMBER) == []


async def test_only_ones_own_categories_are_offered_to_leave(desk: Desk) -> None:
    """By id or by name; nothing where there is no digest."""
    assert await complete_unsubscribe(desk, "", CALLER) == []
    await subscribe(desk)
    await subscribe(desk, "math.AG")
    assert [choice.value for choice in await complete_unsubscribe(desk, "", CALLER)] == ["cs.CV", "math.AG"]
    assert [choice.value for choice in await complete_unsubscribe(desk, "vision", CALLER)] == ["cs.CV"]
    assert await complete_unsubscribe(desk, "", replace(CALLER, target=OTHER)) == []


# The settings


async def test_the_settings_show_the_digest_and_change_in_place(desk: Desk) -> None:
    """Every choice and form answers with the settings as they are then."""
    number = await get_number(desk)
    await subscribe(desk, "cs.LG")
    changes = {
        "time": ("21:30",),
        "timezone": ("Asia/Tokyo",),
        "weekdays": ("0", "4"),
        "count": ("25",),
        "only": ("very hot",),
        "categories": ("cs.LG",),
    }
    for setting, values in changes.items():
        reply = await press(desk, ChangeDigest(number, setting), *values)
        assert reply.replaces
        text = read(reply.message)
    for said in ("**cs.LG**", "25 papers", "only very hot", "Mon and Fri at 21:30 (Asia/Tokyo, now 21:00)"):
        assert said in text
    found = await find(desk)
    assert (found.at, found.timezone, found.weekdays) == (time(21, 30), "Asia/Tokyo", (0, 4))


async def test_the_settings_fit_a_message_at_their_largest(desk: Desk) -> None:
    """With the longest 25 categories, a time between hours, a long zone and a pause, Discord takes them."""
    number = await get_number(desk)
    await press(desk, ChangeDigest(number, "categories"), *LONGEST)
    await press(desk, ChangeDigest(number, "time"), "9:07")
    await press(desk, ChangeDigest(number, "timezone"), "America/Argentina/Buenos_Aires")
    desk.sender.outcomes = [CLOSED]  # type: ignore[union-attr]
    await press(desk, SendDigest(number, "x"))
    message = await run("subscriptions", {}, desk, CALLER)
    text = read(message)
    assert all(one in text for one in LONGEST)
    assert "Privacy Settings" in text
    components = list(walk(message.to_payload()["components"]))
    picked = [option["value"] for one in components for option in one.get("options", []) if option.get("default")]
    assert picked == ["09:07", "America/Argentina/Buenos_Aires", *"0123456", "5", "all", *LONGEST]


@pytest.mark.parametrize("setting", ["time", "timezone", "categories"])
async def test_a_form_asks_for_what_is_typed(desk: Desk, setting: str) -> None:
    """It comes filled in and is sent as a change of the same setting."""
    number = await get_number(desk)
    form = (await press(desk, AskDigest(number, setting))).form
    assert form is not None
    assert form.action == ChangeDigest(number, setting)
    assert form.value in ("09:00", "Europe/Berlin", "cs.CV")
    assert all(0 < len(text) <= 45 for text in (form.title, form.label))
    before = await find(desk)
    await press(desk, form.action, form.value)
    assert await find(desk) == before
    form.render()


async def test_a_long_list_is_filled_in_whole(desk: Desk) -> None:
    """Sending the form unchanged must not drop any categories."""
    number = await get_number(desk)
    await press(desk, ChangeDigest(number, "categories"), *LONGEST)
    form = (await press(desk, AskDigest(number, "categories"))).form
    assert form is not None
    assert set(form.value.split(", ")) == set(LONGEST)
    assert len(form.value) <= form.limit
    assert form.render().to_dict()["components"][0]["component"]["value"] == form.value


@pytest.mark.parametrize("setting", ["time", "timezone", "weekdays", "count", "only", "categories", "mention", "x"])
@pytest.mark.parametrize("value", HOSTILE)
async def test_no_value_of_a_setting_does_harm(desk: Desk, setting: str, value: str) -> None:
    """A refusal, or settings that Discord takes."""
    number = await get_number(desk)
    try:
        read((await press(desk, ChangeDigest(number, setting), value)).message)
    except UserError as error:
        assert "\u202e" not in str(error)


async def test_what_only_channels_have_is_refused(desk: Desk) -> None:
    """A member's digest has no mention to set, no form for it, and no other channel to go to."""
    number = await get_number(desk)
    for action in (ChangeDigest(number, "mention", "1"), AskDigest(number, "mention"), CopyDigest(number)):
        with pytest.raises(UserError):
            await press(desk, action, "1")


async def test_pausing_and_resuming_are_shown(desk: Desk) -> None:
    """The pause has its day, its reason and its end; the next time is back after it."""
    number = await get_number(desk)
    paused = (await press(desk, PauseDigest(number))).message
    assert "as you asked" in read(paused)
    assert "Next:" not in read(paused)
    assert ResumeDigest(number) in list_actions(paused)
    assert (await find(desk)).pause_reason == "asked"
    resumed = (await press(desk, ResumeDigest(number))).message
    assert "Next: <t:" in read(resumed)
    assert PauseDigest(number) in list_actions(resumed)


async def test_stopping_acts_at_once_and_can_be_undone(desk: Desk) -> None:
    """The answer is a new one, as the digest that has the button must stay as it is."""
    number = await get_number(desk)
    reply = await press(desk, StopDigest(number))
    assert not reply.replaces
    read(reply.message)
    assert (await find(desk)).is_paused
    assert ResumeDigest(number) in list_actions(reply.message)
    await press(desk, ResumeDigest(number))
    assert not (await find(desk)).is_paused


async def test_ordering_again_ends_a_pause_that_was_asked_for(desk: Desk) -> None:
    """Whoever orders wants it; the answer says that it goes on."""
    await press(desk, PauseDigest(await get_number(desk)))
    assert "goes on" in await subscribe(desk, "cs.LG")
    assert not (await find(desk)).is_paused


async def test_sending_now_is_one_request_until_the_settings_are_shown_again(desk: Desk, sender: FakeSender) -> None:
    """Two taps on one button send once; the button of the answer sends anew, paused or not."""
    number = await get_number(desk)
    await press(desk, PauseDigest(number))
    panel = await run("subscriptions", {}, desk, CALLER)
    (button,) = (one for one in list_actions(panel) if isinstance(one, SendDigest))
    first = await press(desk, button, caller=at(NOW + MINUTE))
    assert "Sent:" in read(first.message)
    assert "sent already" in read((await press(desk, button, caller=at(NOW + MINUTE))).message)
    assert len(sender.sent) == 2
    (next_button,) = (one for one in list_actions(first.message) if isinstance(one, SendDigest))
    await press(desk, next_button)
    assert len(sender.sent) == 3
    assert (await find(desk)).pause_reason == "asked"


async def test_a_preview_shows_the_papers_and_sends_nothing(desk: Desk, sender: FakeSender) -> None:
    """It is a private answer of its own; an empty one says why."""
    number = await get_number(desk)
    reply = await press(desk, PreviewDigest(number))
    assert "2104.00001" in read(reply.message)
    assert "2104.00002" not in read(reply.message)
    assert not reply.replaces
    await press(desk, ChangeDigest(number, "categories"), "math.AG")
    assert "none of 2 papers" in read((await press(desk, PreviewDigest(number))).message)
    assert len(sender.sent) == 1


async def test_without_a_digest_the_settings_say_how_to_begin(desk: Desk) -> None:
    """One's data can be deleted there too, as saved papers need no digest."""
    message = await run("subscriptions", {}, desk, CALLER)
    assert "/subscribe" in read(message)
    assert DeleteData() in list_actions(message)


# Data, and whose it is


async def test_all_data_is_deleted_after_a_question(desk: Desk) -> None:
    """Digest, saved papers and all else of the member go, and only theirs."""
    await subscribe(desk)
    await subscribe(desk, caller=replace(CALLER, target=OTHER))
    await desk.store.members.save(MEMBER, "2104.00001", NOW)
    question = (await delete_data(False, desk, CALLER)).message
    assert "cannot be undone" in read(question)
    assert list_actions(question) == [DeleteData(is_sure=True)]
    await find(desk)
    text = read((await delete_data(True, desk, CALLER)).message)
    assert "Deleted" in text
    assert "1 saved paper" in text
    assert await desk.store.subscriptions.list(MEMBER) == []
    assert await desk.store.members.count_saved(MEMBER) == 0
    await find(desk, OTHER)
    read((await delete_data(True, desk, CALLER)).message)


@pytest.mark.parametrize(
    "action",
    [OpenDigest, PauseDigest, ResumeDigest, StopDigest, RemoveDigest, PreviewDigest, CopyDigest],
)
async def test_another_members_digest_is_out_of_reach(desk: Desk, action: type[Action]) -> None:
    """Neither its buttons nor a channel's order button reach it, not even for an admin, and it stays as it is."""
    number = await get_number(desk)
    before = await find(desk)
    other = replace(CALLER, target=OTHER, place=Place("1", "2", is_admin=True))
    with pytest.raises(UserError, match="no longer there"):
        await press(desk, action(number), caller=other)  # type: ignore[call-arg]
    with pytest.raises(UserError, match="no longer there"):
        await press(desk, ChangeDigest(number, "count", "1"), caller=other)
    with pytest.raises(UserError, match="no longer there"):
        await answer_order(GetSameByDM(number), desk, other)
    assert await find(desk) == before


async def test_the_digests_of_two_members_are_two(desk: Desk) -> None:
    """What one orders, leaves or is offered is not the other's."""
    await subscribe(desk)
    await subscribe(desk, "math.AG", replace(CALLER, target=OTHER))
    await run("unsubscribe", {"category": "math.AG"}, desk, replace(CALLER, target=OTHER))
    assert (await find(desk)).categories == ("cs.CV",)

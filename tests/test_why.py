"""Why a digest came or did not: five lines that are true, the first cause, and what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from bot.answers.desk import Desk
from bot.answers.router import Answers
from bot.answers.values import Caller, Place
from bot.answers.venue import READ_HISTORY, SEND, SEND_IN_THREADS, VIEW, Channel
from bot.answers.why import find_why
from bot.messages.actions import OpenWhy
from bot.messages.custom_id import encode
from bot.messages.language import LANGUAGES, speak
from bot.messages.why import render_lines, render_why
from storage.models import Delivery, Edition, Subscription, Target
from storage.models import Step as LaterStep
from storage.store import Store
from tests.builders import NOW, TODAY, make_appearance, make_edition
from tests.discord_rules import find_violations, get_texts
from tests.fakes import FakeVenue

GUILD, CHANNEL, FORUM = "1", "20", "22"
ALL = frozenset({VIEW, SEND, READ_HISTORY})
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ORDER = Subscription(
    Target("channel", CHANNEL), guild_id=GUILD, at=time(9), created_at=NOW - 9 * DAY, created_edition=TODAY - DAY
)
MEMBER = Target("member", "700000000000000001")
MINE = {"target": MEMBER, "guild_id": None, "channel_kind": "dm"}
Stage = Callable[[Store, FakeVenue], Awaitable[Subscription]]


@pytest.fixture
def venue() -> FakeVenue:
    """A server with a channel where all is allowed."""
    return FakeVenue({CHANNEL: Channel(CHANNEL, GUILD, "general", permissions=ALL)})


@pytest.fixture
def desk(store: Store, venue: FakeVenue) -> Desk:
    """A desk over nothing yet; now is 12:00, three hours after the digest's time."""
    return Desk(store, venue)


def make_post(day_offset: int = 0) -> Edition:
    """Return a post of two papers, of the day before now or so many days from there."""
    day = TODAY + day_offset * DAY
    ids = [f"21{5 + day_offset:02}.0000{n}" for n in (1, 2)]
    return make_edition(day, [make_appearance(one, 90) for one in ids])


async def begin(store: Store, posts: tuple[int, ...] = (0,), source: bool = True, **changes: object) -> Subscription:
    """Store posts, the source's state and a digest that is due: it was last looked at days ago."""
    await store.days.put([make_post(offset) for offset in posts], [], NOW)
    await store.sources.record("posts", source, "", NOW - HOUR)
    return await store.subscriptions.add(replace(ORDER, **changes))  # type: ignore[arg-type]


async def promise(store: Store, order: Subscription, planned: datetime, day_offset: int = 0, **changes: object) -> int:
    """Store the promise of a post's papers and take it in hand."""
    post = make_post(day_offset)
    papers = tuple(paper.paper.arxiv_id for paper in post.papers)
    made = Delivery(order.id or 0, order.target, f"{planned:%F %H}", (post.day.day,), papers, "{}")
    (number,) = await store.deliveries.add([replace(made, **changes)], planned)  # type: ignore[arg-type]
    await store.deliveries.claim(number, planned)
    return number


async def deliver(store: Store, order: Subscription, **changes: object) -> int:
    """Store that the newest post's papers were sent three hours ago."""
    number = await promise(store, order, NOW - 3 * HOUR, **changes)
    await store.deliveries.mark_sent(number, CHANNEL, "7", NOW - 3 * HOUR)
    return number


async def stage_asked(store: Store, venue: FakeVenue) -> Subscription:
    return await begin(store, paused_at=NOW - DAY, pause_reason="asked")


async def stage_left(store: Store, venue: FakeVenue) -> Subscription:
    return await begin(store, paused_at=NOW - DAY, pause_reason="left the server")


async def stage_channel_gone(store: Store, venue: FakeVenue) -> Subscription:
    venue.channels.clear()
    return await begin(store)


async def stage_permission(store: Store, venue: FakeVenue) -> Subscription:
    venue.channels[CHANNEL] = replace(venue.channels[CHANNEL], permissions=frozenset({VIEW}))
    return await begin(store)


async def stage_tag(store: Store, venue: FakeVenue) -> Subscription:
    venue.channels[FORUM] = Channel(
        FORUM, GUILD, "forum", "forum", ALL | {SEND_IN_THREADS}, (("900", "Papers"),), needs_tag=True
    )
    return await begin(store, target=Target("channel", FORUM), channel_kind="forum")


async def stage_no_post_ever(store: Store, venue: FakeVenue) -> Subscription:
    return await begin(store, posts=())


async def stage_no_new_post(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    await store.deliveries.mark_sent(await promise(store, order, NOW - DAY), CHANNEL, "7", NOW - DAY)
    return order


async def stage_back(store: Store, venue: FakeVenue) -> Subscription:
    """The app was removed before the hour, and came back after it: the post of that day was not for it."""
    order = await begin(store, posts=(-1, 0), created_edition=TODAY)
    await store.deliveries.mark_sent(await promise(store, order, NOW - DAY, -1), CHANNEL, "7", NOW - DAY)
    return order


async def stage_source(store: Store, venue: FakeVenue) -> Subscription:
    return await begin(store, source=False, posts=(-1,))


async def stage_no_match(store: Store, venue: FakeVenue) -> Subscription:
    return await begin(store, categories=("math",))


async def stage_not_hot(store: Store, venue: FakeVenue) -> Subscription:
    hot = [make_appearance(f"2101.{n:05}", 1000, categories=("math.CO",)) for n in range(18)]
    await store.days.put([make_edition(TODAY, [*hot, *make_post().papers])], [], NOW)
    return await begin(store, posts=(), categories=("cs.LG",), only="very hot")


async def stage_all_given(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    papers = [paper.paper.arxiv_id for paper in make_post().papers]
    await store.deliveries.mark_given(order.target, papers, NOW - DAY)
    return order


async def stage_refused(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    await store.deliveries.mark_failed(await promise(store, order, NOW - 3 * HOUR), "refused", NOW - 3 * HOUR)
    return order


async def stage_uncertain(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    await store.deliveries.mark_uncertain(await promise(store, order, NOW - 3 * HOUR), "outage", NOW - 3 * HOUR)
    return order


async def stage_in_hand(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    await promise(store, order, NOW - 3 * HOUR)
    return order


async def stage_not_due(store: Store, venue: FakeVenue) -> Subscription:
    return await begin(store, created_at=NOW - HOUR, created_edition=TODAY)


async def stage_late(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store, posts=(-1, 0), at=time(14))
    await store.deliveries.mark_sent(await promise(store, order, NOW - 22 * HOUR, -1), CHANNEL, "7", NOW - 22 * HOUR)
    return order


async def stage_sent(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    await store.deliveries.mark_sent(await promise(store, order, NOW - 3 * HOUR), CHANNEL, "7", NOW - 3 * HOUR)
    return order


async def stage_about_to_be_sent(store: Store, venue: FakeVenue) -> Subscription:
    return await begin(store)


async def stage_retrying(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    number = await promise(store, order, NOW - 3 * HOUR)
    await store.deliveries.mark_pending(number, "outage", NOW + HOUR / 6)
    return order


async def stage_refused_by_permission(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    await store.deliveries.mark_pending(await promise(store, order, NOW - 3 * HOUR), "permission", NOW + HOUR / 6)
    return order


async def stage_paused_by_itself(store: Store, venue: FakeVenue) -> Subscription:
    """Sending found that the permission was taken away, again and again."""
    venue.channels[CHANNEL] = replace(venue.channels[CHANNEL], permissions=frozenset({VIEW, READ_HISTORY}))
    order = await begin(store)
    await store.deliveries.mark_pending(await promise(store, order, NOW - 3 * HOUR), "permission", NOW + HOUR / 6)
    paused = replace(order, paused_at=NOW - HOUR, pause_reason="permission")
    await store.subscriptions.update(paused)
    return paused


async def stage_second_part_waits(store: Store, venue: FakeVenue) -> Subscription:
    order, planned = await begin(store), NOW - 3 * HOUR
    papers = [paper.paper.arxiv_id for paper in make_post().papers]
    parts = [
        Delivery(order.id or 0, order.target, "2021-04-14", (TODAY,), (paper,), "{}", part=part)
        for part, paper in enumerate(papers, 1)
    ]
    first, second = await store.deliveries.add(parts, planned)
    await store.deliveries.claim(first, planned)
    await store.deliveries.mark_sent(first, CHANNEL, "7", planned)
    await store.deliveries.claim(second, planned)
    await store.deliveries.mark_pending(second, "rate limited", NOW + HOUR / 6)
    return order


async def stage_unreadable(store: Store, venue: FakeVenue) -> Subscription:
    venue.channels[CHANNEL] = replace(venue.channels[CHANNEL], permissions=frozenset({VIEW, SEND}))
    order = await begin(store)
    await store.deliveries.mark_uncertain(await promise(store, order, NOW - 3 * HOUR), "permission", NOW - 3 * HOUR)
    return order


async def stage_too_late(store: Store, venue: FakeVenue) -> Subscription:
    """It comes on Mondays, and on this one it was tried in vain until Tuesday."""
    order, monday = await begin(store, posts=(-2, 0), weekdays=(0,)), NOW - 2 * DAY - 3 * HOUR
    await store.deliveries.mark_pending(await promise(store, order, monday, -2), "outage", monday + HOUR)
    await store.deliveries.expire("channel", NOW - DAY, monday + DAY)
    return order


async def stage_restored(store: Store, venue: FakeVenue) -> Subscription:
    return await begin(store, check_since=NOW - 2 * DAY)


async def stage_restored_unreadable(store: Store, venue: FakeVenue) -> Subscription:
    venue.channels[CHANNEL] = replace(venue.channels[CHANNEL], permissions=frozenset({VIEW, SEND}))
    return await begin(store, check_since=NOW - 2 * DAY)


async def stage_unpublished(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store, channel_kind="announcement", is_published=True)
    number = await deliver(store, order, steps=(LaterStep("publish"), LaterStep("thread", '"Hot papers"')))
    publish, _ = await store.steps.list(number)
    await store.steps.mark_failed(publish.id or 0, "permission", NOW)
    return order


async def stage_corrected(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    number = await deliver(store, order)
    edit = LaterStep("edit", "{}", (make_post().papers[0].paper.arxiv_id,), number)
    await store.steps.correct(order.id or 0, f"{NOW - 3 * HOUR:%F %H}", [2], [edit], NOW - HOUR)
    (step,) = await store.steps.list(number)
    await store.steps.mark_done(step.id or 0, NOW - HOUR)
    return order


async def stage_deleted(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    number = await deliver(store, order)
    edit = LaterStep("edit", "{}", (), number)
    await store.steps.correct(order.id or 0, f"{NOW - 3 * HOUR:%F %H}", [2], [edit], NOW - HOUR)
    (step,) = await store.steps.list(number)
    await store.steps.mark_failed(step.id or 0, "message deleted", NOW - HOUR)
    return order


async def stage_caught_up(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store, posts=(-2, -1, 0))
    days = tuple(TODAY + offset * DAY for offset in (-2, -1, 0))
    await deliver(store, order, occasion="catch-up:2021-04-14", editions=days)
    return order


async def stage_quiet(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store, categories=("math",), has_quiet_line=True)
    await deliver(store, order, papers=())
    return order


async def stage_other_weekday(store: Store, venue: FakeVenue) -> Subscription:
    """It is Wednesday; the digest comes on Mondays, and came."""
    order, monday = await begin(store, posts=(-2, 0), weekdays=(0,)), NOW - 2 * DAY - 3 * HOUR
    await store.deliveries.mark_sent(await promise(store, order, monday, -2), CHANNEL, "7", monday)
    return order


async def stage_nothing_found(store: Store, venue: FakeVenue) -> Subscription:
    """Planning found nothing in the post this morning; since then the settings were made wider."""
    order = await begin(store)
    reason = {"kind": "nothing", "reason": "none of 2 papers in math", "editions": [TODAY.isoformat()]}
    await store.occasions.record(order.id or 0, NOW.date().isoformat(), json.dumps(reason), NOW - 3 * HOUR)
    return order


async def stage_nothing_found_before(store: Store, venue: FakeVenue) -> Subscription:
    """Planning found nothing in the newest post yesterday, and no other has come since."""
    order = await begin(store, categories=("math",))
    reason = {"kind": "nothing", "reason": "none of 2 papers in math", "editions": [TODAY.isoformat()]}
    await store.occasions.record(order.id or 0, TODAY.isoformat(), json.dumps(reason), NOW - DAY)
    return order


async def stage_broken(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store)
    reason = json.dumps({"kind": "broken", "editions": []})
    await store.occasions.record(order.id or 0, NOW.date().isoformat(), reason, NOW - 3 * HOUR)
    return order


async def stage_dms_closed(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store, **MINE, paused_at=NOW - HOUR, pause_reason="DMs closed")
    await store.deliveries.mark_pending(await promise(store, order, NOW - 3 * HOUR), "DMs closed", NOW + HOUR)
    return order


async def stage_dms_refused_once(store: Store, venue: FakeVenue) -> Subscription:
    order = await begin(store, **MINE)
    await store.deliveries.mark_pending(await promise(store, order, NOW - 3 * HOUR), "DMs closed", NOW + HOUR)
    return order


async def stage_all_dms_paused(store: Store, venue: FakeVenue) -> Subscription:
    paused = {"at": NOW.isoformat(), "until": (NOW + HOUR).isoformat(), "seconds": 3600.0, "kind": "quarantined"}
    await store.facts.set("dms paused", json.dumps(paused))
    return await begin(store, **MINE)


# The stage, the cause, the signs of source, post, papers, permission and sent, and words that must be there.
SITUATIONS: list[tuple[Stage, str, str, str]] = [
    (stage_asked, "asked", "✓✓✓✓✗", "it is paused. **Resume**"),
    (stage_left, "left the server", "✓✓✓✓✗", "removed from the server"),
    (stage_channel_gone, "channel gone", "✓✓✓✗✗", "**Move to another channel**"),
    (stage_permission, "permission", "✓✓✓✗✗", "**Send Messages**"),
    (stage_tag, "tag", "✓✓✓✓✗", "wants a tag"),
    (stage_no_post_ever, "no post", "✓✗✗✓·", "no post yet"),
    (stage_no_new_post, "no post", "✓✗✗✓·", "no new post since Tue 13 Apr 2021"),
    (stage_source, "source", "✗✗✗✓✗", "Whoever runs this bot"),
    (stage_no_match, "nothing new", "✓✓✗✓·", "none of 2 papers in math"),
    (stage_not_hot, "nothing new", "✓✓✗✓·", "none of 2 hot enough"),
    (stage_all_given, "nothing new", "✓✓✗✓·", "all 2 papers already posted"),
    (stage_refused, "failed", "✓✓✓✓✗", "Discord refused the message"),
    (stage_uncertain, "uncertain", "✓✓✓✓✗", "look whether it is there"),
    (stage_in_hand, "on its way", "✓✓✓✓·", "within minutes"),
    (stage_about_to_be_sent, "on its way", "✓✓✓✓·", "within minutes"),
    (stage_not_due, "not due", "✓✓✓✓·", "not due yet"),
    (stage_late, "not due", "✓✓✓✓·", "not due yet"),
    (stage_sent, "sent", "✓✓✓✓✓", "all is well"),
    (
        stage_back,
        "no post",
        "✓✗✗✓·",
        "since this digest was set up or went on: that of Tue 13 Apr 2021 was there before",
    ),
    (stage_retrying, "retrying", "✓✓✓✓✗", "not sent yet: Discord could not be reached; tried once"),
    (stage_refused_by_permission, "retrying", "✓✓✓✓✗", "not sent yet: Discord said that a permission is missing"),
    (stage_paused_by_itself, "permission", "✓✓✓✗✗", "give this app **Send Messages** in the channel's settings; then"),
    (
        stage_second_part_waits,
        "retrying",
        "✓✓✓✓✗",
        "not sent yet: Discord asked for a pause; tried once · 1 part is there",
    ),
    (stage_unreadable, "uncertain", "✓✓✓✗✗", "Discord's answer was lost, and this app can't read"),
    (stage_too_late, "late", "✓✓✓✓✗", "not sent within a day: Discord could not be reached"),
    (stage_restored, "checking", "✓✓✓✓✗", "first reads what it posted meanwhile"),
    (stage_restored_unreadable, "checking", "✓✓✓✗✗", "give this app **Read Message History**"),
    (stage_unpublished, "limping", "✓✓✓✓✓", "✗ not published to followers: Discord said that a permission is missing"),
    (stage_corrected, "sent", "✓✓✓✓✓", "✓ changed since, as the post was corrected"),
    (stage_deleted, "deleted", "✓✓✓✓✓", "✗ the message was deleted since"),
    (stage_caught_up, "sent", "✓✓✓✓✓", "2 papers chosen, a catch-up over 3 posts"),
    (stage_quiet, "quiet", "✓✓✗✓✓", "none of 2 papers in math"),
    (stage_other_weekday, "not today", "✓✓✓✓·", "It comes Mon, and today is none of them"),
    (stage_nothing_found, "nothing new", "✓✓✗✓·", "none of 2 papers in math"),
    (stage_nothing_found_before, "no post", "✓✗✗✓·", "no new post since Tue 13 Apr 2021"),
    (stage_broken, "broken", "✓✓✓✓✗", "It could not be made"),
    (stage_dms_closed, "DMs closed", "✓✓✓✗✗", "Then press **Resume** in /subscriptions"),
    (stage_dms_refused_once, "retrying", "✓✓✓✗✗", "It is tried again by itself"),
    (stage_all_dms_paused, "DMs paused", "✓✓✓✗✗", "Discord stopped this app's direct messages for a while"),
]


@pytest.mark.parametrize(
    ("stage", "cause", "signs", "said"), SITUATIONS, ids=lambda value: getattr(value, "__name__", "")
)
async def test_the_first_true_cause_is_said(
    desk: Desk, store: Store, venue: FakeVenue, stage: Stage, cause: str, signs: str, said: str
) -> None:
    """Whatever keeps a digest from coming is found, with a sign on each of the five lines and what to do."""
    why = await find_why(desk, await stage(store, venue), NOW)
    lines = render_lines(why)
    assert why.cause == cause
    assert "".join(line[0] for line in lines[:5]) == signs
    assert said in "\n".join(lines)
    assert [line.split(":")[0] for line in lines[-2:]] == ["Next", "What to do"]


async def test_each_line_has_its_time(desk: Desk, store: Store, venue: FakeVenue) -> None:
    """When the source was reached, the post made, the papers chosen, the permission looked at, the digest sent."""
    lines = render_lines(await find_why(desk, await stage_sent(store, venue), NOW))
    times = [int(found) for line in lines[:5] for found in re.findall(r"<t:(\d+):f>", line)]
    expected = [NOW - HOUR, NOW, NOW - 3 * HOUR, NOW, NOW - 3 * HOUR]
    assert times == [int(moment.timestamp()) for moment in expected]
    assert f"https://discord.com/channels/{GUILD}/{CHANNEL}/7" in lines[4]
    assert "2 papers chosen" in lines[2]


async def test_next_is_when_it_can_be(desk: Desk, store: Store, venue: FakeVenue) -> None:
    """A digest that waits for its post goes out with it, a paused one not at all, any other at its time."""
    waiting = await find_why(desk, await stage_no_new_post(store, venue), NOW)
    assert render_lines(waiting)[5] == "Next: as soon as there is something to send"
    paused = replace(waiting, subscription=replace(waiting.subscription, paused_at=NOW, pause_reason="asked"))
    assert render_lines(paused)[5] == "Next: none while it is paused"
    tomorrow = int((NOW + 21 * HOUR).timestamp())
    with_post = replace(waiting, is_waiting=False, has_post=True)
    assert render_lines(with_post)[5] == f"Next: <t:{tomorrow}:F> (<t:{tomorrow}:R>)"
    assert render_lines(replace(with_post, has_post=False))[5].endswith(":R>), once a new post is there")


async def test_next_says_what_is_being_waited_for(desk: Desk, store: Store, venue: FakeVenue) -> None:
    """A digest that is retried names the time of the next attempt, one that is on its way minutes."""
    again = int((NOW + HOUR / 6).timestamp())
    assert render_lines(await find_why(desk, await stage_retrying(store, venue), NOW))[-2].startswith(
        f"Next: <t:{again}"
    )
    other = await store.subscriptions.add(replace(ORDER, target=Target("channel", FORUM)))
    venue.channels[FORUM] = Channel(FORUM, GUILD, "other", permissions=ALL)
    assert render_lines(await find_why(desk, other, NOW))[-2] == "Next: within minutes"


async def test_next_is_the_next_try_where_a_permission_is_missing(desk: Desk, store: Store, venue: FakeVenue) -> None:
    """A refusal that is retried says when, and not tomorrow's hour, though the cause is the permission."""
    venue.channels[CHANNEL] = replace(venue.channels[CHANNEL], permissions=frozenset({VIEW, READ_HISTORY}))
    why = await find_why(desk, await stage_refused_by_permission(store, venue), NOW)
    assert why.cause == "permission"
    assert render_lines(why)[-2].startswith(f"Next: <t:{int((NOW + HOUR / 6).timestamp())}:F>")


async def test_a_digest_that_came_promises_no_post(desk: Desk, store: Store, venue: FakeVenue) -> None:
    """Where the newest post was sent, the next time is for one that is not there yet."""
    why = await find_why(desk, await stage_sent(store, venue), NOW)
    assert render_lines(why)[-2].endswith("once a new post is there")
    assert not (await find_why(desk, await stage_not_due(store, venue), NOW)).has_post
    assert (await find_why(desk, await stage_late(store, venue), NOW)).has_post


async def test_all_direct_messages_go_on_when_the_pause_is_over(desk: Desk, store: Store, venue: FakeVenue) -> None:
    """A pause of all direct messages is said until it ends, and a damaged note of one is none."""
    order = await stage_all_dms_paused(store, venue)
    until = int((NOW + HOUR).timestamp())
    assert render_lines(await find_why(desk, order, NOW))[-2] == f"Next: <t:{until}:F> (<t:{until}:R>)"
    assert (await find_why(desk, order, NOW + HOUR)).cause == "on its way"
    for damaged in ("{}", "no JSON", '{"until": 7}', '{"until": "soon"}'):
        await store.facts.set("dms paused", damaged)
        assert (await find_why(desk, order, NOW)).cause == "on its way"


async def test_permissions_given_back_are_seen(desk: Desk, store: Store, venue: FakeVenue) -> None:
    """A digest paused for want of permissions says which are missing still, or that Resume is all it takes."""
    order = await begin(store, paused_at=NOW - DAY, pause_reason="permission")
    assert "**Resume** in /digest edit" in render_lines(await find_why(desk, order, NOW))[6]
    venue.channels[CHANNEL] = replace(venue.channels[CHANNEL], permissions=frozenset())
    assert "**View Channel**" in render_lines(await find_why(desk, order, NOW))[6]


async def test_what_only_limps_is_said_too(desk: Desk, store: Store, venue: FakeVenue) -> None:
    """A digest that arrives without all its permissions is told which to add."""
    venue.channels[CHANNEL] = replace(venue.channels[CHANNEL], permissions=frozenset({VIEW, SEND}))
    why = await find_why(desk, await stage_sent(store, venue), NOW)
    assert why.cause == "permission"
    assert "**Read Message History**" in render_lines(why)[6]


async def test_posts_brought_in_by_hand_need_no_source(desk: Desk, store: Store) -> None:
    """Where no source is asked, the last change of the posts stands for it; a source in trouble is not hidden."""
    await store.days.put([make_post()], [], NOW)
    order = await store.subscriptions.add(ORDER)
    assert (await find_why(desk, order, NOW)).source.is_ok
    await store.sources.record("posts", True, "", NOW - DAY)
    await store.sources.record("posts", False, "a secret path", NOW - HOUR)
    why = await find_why(desk, order, NOW)
    assert (why.source.is_ok, why.source.moment) == (False, NOW - HOUR)
    assert "secret" not in "\n".join(render_lines(why))


async def test_a_member_has_the_same_lines(desk: Desk, store: Store) -> None:
    """In their own words: direct messages in place of a channel, /subscriptions in place of /digest."""
    order = await begin(store, **MINE, paused_at=NOW - DAY, pause_reason="DMs closed")
    lines = render_lines(await find_why(desk, order, NOW))
    assert "".join(line[0] for line in lines[:5]) == "✓✓✓✗✗"
    assert "direct messages are closed" in lines[3]
    assert "/subscriptions" in lines[6]
    reply = await Answers(desk).press(encode(OpenWhy(order.id or 0)), Caller(MEMBER, NOW))
    assert reply.message is not None
    assert lines[3] in "\n".join(get_texts(reply.message.to_payload()))


async def test_the_command_and_the_button_say_the_same(desk: Desk, store: Store, venue: FakeVenue) -> None:
    """/digest why of a channel is what its panel's button answers."""
    order = await stage_no_match(store, venue)
    caller = Caller(MEMBER, NOW, place=Place(GUILD, "99", is_admin=True))
    asked = await Answers(desk).run("digest why", {"channel": CHANNEL}, caller)
    pressed = (await Answers(desk).press(encode(OpenWhy(order.id or 0)), caller)).message
    assert pressed is not None
    assert asked.to_payload() == pressed.to_payload()
    assert (
        "No digest goes"
        in get_texts((await Answers(desk).run("digest why", {"channel": "98"}, caller)).to_payload())[0]
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", [stage for stage, *_ in SITUATIONS])
async def test_discord_takes_every_answer(
    desk: Desk, store: Store, venue: FakeVenue, stage: Stage, language: str
) -> None:
    """Every situation makes a message within the rules, in each language."""
    order = await stage(store, venue)
    with speak(language):
        assert find_violations(render_why(await find_why(desk, order, NOW)).to_payload()) == []

"""The promises of /digest list about trouble: a digest that does not arrive says in its own line what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.answers.desk import Desk
from bot.answers.router import Answers
from bot.answers.values import Caller, Place
from bot.answers.venue import READ_HISTORY, SEND, VIEW, Channel
from bot.messages.language import LANGUAGES
from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import NOW, TODAY, make_edition
from tests.discord_rules import find_violations, get_texts
from tests.fakes import FakeVenue

GUILD, CHANNEL = "1", "20"
HOUR = timedelta(hours=1)
ORDER = Subscription(Target("channel", CHANNEL), guild_id=GUILD, created_at=NOW - 30 * HOUR)
Stage = Callable[[Store, FakeVenue], Awaitable[None]]


async def promise(store: Store, parts: int = 1, **changes: object) -> list[int]:
    """Store a digest's messages, the first of them in hand."""
    order = await store.subscriptions.add(replace(ORDER, **changes))  # type: ignore[arg-type]
    made = [Delivery(order.id or 0, order.target, "first", (), (), "{}", part=part) for part in range(1, parts + 1)]
    numbers = await store.deliveries.add(made, NOW - HOUR)
    await store.deliveries.claim(numbers[0], NOW - HOUR)
    return numbers


async def stage_sent(store: Store, venue: FakeVenue) -> None:
    (number,) = await promise(store)
    await store.deliveries.mark_sent(number, CHANNEL, "7", NOW)


async def stage_retrying(store: Store, venue: FakeVenue) -> None:
    (number,) = await promise(store)
    await store.deliveries.mark_pending(number, "outage", NOW + HOUR)


async def stage_tried_just_now(store: Store, venue: FakeVenue) -> None:
    (number,) = await promise(store)
    await store.deliveries.mark_pending(number, "rate limited", NOW - HOUR)


async def stage_second_part(store: Store, venue: FakeVenue) -> None:
    first, second = await promise(store, 2)
    await store.deliveries.mark_sent(first, CHANNEL, "7", NOW)
    await store.deliveries.claim(second, NOW)
    await store.deliveries.mark_uncertain(second, "outage", NOW)


async def stage_refused(store: Store, venue: FakeVenue) -> None:
    (number,) = await promise(store)
    await store.deliveries.mark_failed(number, "refused", NOW)


async def stage_unchecked(store: Store, venue: FakeVenue) -> None:
    await promise(store, check_since=NOW - HOUR)


async def stage_unchecked_at_rest(store: Store, venue: FakeVenue) -> None:
    (number,) = await promise(store, check_since=NOW - HOUR)
    await store.deliveries.mark_sent(number, CHANNEL, "7", NOW)


async def stage_paused(store: Store, venue: FakeVenue) -> None:
    venue.channels[CHANNEL] = replace(venue.channels[CHANNEL], permissions=frozenset({VIEW, READ_HISTORY}))
    await promise(store, paused_at=NOW, pause_reason="permission")


SITUATIONS: list[tuple[Stage, str]] = [
    (stage_sent, "✓ active"),
    (stage_retrying, f"✗ Discord could not be reached; tried again <t:{int((NOW + HOUR).timestamp())}:R>"),
    (stage_tried_just_now, "✗ Discord asked for a pause; it is being tried again"),
    (stage_second_part, "✗ nobody knows yet whether the last one arrived"),
    (stage_refused, "✗ Discord refused the message"),
    (stage_unchecked, "✗ what it posted before is read first"),
    (stage_unchecked_at_rest, "✓ active"),
    (stage_paused, "✗ paused, missing: **Send Messages**"),
]


async def list_digests(store: Store, venue: FakeVenue, language: str = "en") -> str:
    caller = Caller(Target("member", "5"), NOW, language, place=Place(GUILD, CHANNEL, is_admin=True))
    message = await Answers(Desk(store, venue)).run("digest list", {}, caller)
    assert find_violations(message.to_payload()) == []
    return "\n".join(get_texts(message.to_payload()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("stage", "said"), SITUATIONS, ids=lambda value: getattr(value, "__name__", ""))
async def test_a_digest_in_trouble_says_so_in_its_line(store: Store, stage: Stage, said: str, language: str) -> None:
    """Sent, retried, uncertain, refused, held back and paused digests are told apart, with the reason."""
    venue = FakeVenue({CHANNEL: Channel(CHANNEL, GUILD, "general", permissions=frozenset({VIEW, SEND, READ_HISTORY}))})
    await stage(store, venue)
    text = await list_digests(store, venue, language)
    assert (said in text) if language == "en" else (said[0] in text)


async def test_what_became_of_the_last_one_is_told_apart(store: Store) -> None:
    """One that is retried is not on its way, and one whose digest is paused is not sent."""
    venue = FakeVenue({CHANNEL: Channel(CHANNEL, GUILD, "general", permissions=frozenset({VIEW, SEND, READ_HISTORY}))})
    await stage_retrying(store, venue)
    assert "last: being retried" in await list_digests(store, venue)
    await promise(store)
    assert "last: on its way" in await list_digests(store, venue)
    await stage_paused(store, venue)
    assert "last: not sent yet" in await list_digests(store, venue)


@pytest.mark.parametrize("command", ["digest list", "digest edit", "status"])
async def test_next_says_that_a_post_is_to_come(store: Store, command: str) -> None:
    """The list, the panel and /status promise nothing for the next hour where each post was sent or there before."""
    venue = FakeVenue({CHANNEL: Channel(CHANNEL, GUILD, "general", permissions=frozenset({VIEW, SEND, READ_HISTORY}))})
    order = await store.subscriptions.add(replace(ORDER, created_edition=TODAY))
    caller = Caller(Target("member", "5"), NOW, place=Place(GUILD, CHANNEL, is_admin=True))

    async def says_so() -> bool:
        message = await Answers(Desk(store, venue)).run(command, {}, caller)
        return "once a new post is there" in "\n".join(get_texts(message.to_payload()))

    assert await says_so()  # there is none at all
    await store.days.put([make_edition(TODAY, [("2104.00001", 1)])], [], NOW)
    assert await says_so()  # it was there before
    await store.days.put([make_edition(TODAY + 24 * HOUR, [("2104.00002", 1)])], [], NOW)
    assert not await says_so()
    covered = Delivery(order.id or 0, order.target, "first", (TODAY + 24 * HOUR,), (), "{}")
    await store.deliveries.add([covered], NOW)
    assert await says_so()

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
from tests.builders import NOW
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

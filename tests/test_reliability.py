"""The promises of /status: what is due, sent, doubled and lost, and what stands in the way of digests now."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from bot.answers.copies import ENOUGH, Copies
from bot.answers.desk import Desk
from bot.answers.reliability import find_copy, find_reliability, find_trouble
from bot.answers.router import Answers
from bot.answers.status import find_status, render_status
from bot.answers.values import Caller
from bot.messages.language import LANGUAGES
from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import NOW
from tests.discord_rules import find_violations, get_texts

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CHANNEL, MEMBER = Target("channel", "20"), Target("member", "700000000000000001")


async def promise(store: Store, state: str, error: str = "", *, ago: timedelta = DAY, kind: str = "digest") -> int:
    """Store a message that was planned some time ago and has come to a state."""
    planned = NOW - ago
    known = await store.subscriptions.add(Subscription(CHANNEL, guild_id="1"))
    made = Delivery(known.id or 0, CHANNEL, "first", (), (), "{}", kind=kind, due_at=planned)
    (number,) = await store.deliveries.add([made], planned)
    if state != "pending":
        await store.deliveries.claim(number, planned)
    match state:
        case "sent":
            await store.deliveries.mark_sent(number, "20", str(number), planned)
        case "doubled":
            await store.deliveries.mark_sent(number, "20", str(number), planned, 2)
        case "failed":
            await store.deliveries.mark_failed(number, error, planned)
        case "uncertain":
            await store.deliveries.mark_uncertain(number, error, planned)
    return number


async def test_figures_are_of_digests_of_thirty_days(store: Store) -> None:
    """Notices and what is older count nowhere; what may have arrived is due, and neither sent nor lost."""
    for state in ("sent", "sent", "doubled", "pending", "sending"):
        await promise(store, state)
    await promise(store, "uncertain", "outage")
    await promise(store, "sent", ago=31 * DAY)
    await promise(store, "sent", kind="notice")
    await promise(store, "failed", "outage", kind="notice")
    fared = await find_reliability(store, NOW)
    assert (fared.due, fared.sent, fared.doubled, fared.lost, fared.uncertain) == (6, 3, 1, 0, 1)


@pytest.mark.parametrize("error", ["outage", "too late", "rate limited", "quarantined", "held back"])
async def test_given_up_on_for_our_own_reasons_is_lost(store: Store, error: str) -> None:
    """Whatever kept a digest from coming that neither admins nor members decided."""
    await promise(store, "failed", error)
    assert (await find_reliability(store, NOW)).lost == 1


@pytest.mark.parametrize("error", ["permission", "channel gone", "DMs closed", "refused", "paused"])
async def test_what_a_target_refuses_is_no_loss(store: Store, error: str) -> None:
    """A channel without permission, a deleted one, closed direct messages, a pause: no digest could have come."""
    await promise(store, "failed", error)
    fared = await find_reliability(store, NOW)
    assert (fared.lost, fared.failures) == (0, ((error, 1),))


async def test_a_removed_digest_loses_nothing(store: Store) -> None:
    """What still waited for a digest that is removed is withdrawn."""
    number = await promise(store, "pending")
    await store.subscriptions.delete(1, NOW)
    known = await store.deliveries.get(number)
    assert known is not None and known.state == "failed"
    assert (await find_reliability(store, NOW)).lost == 0


@pytest.mark.parametrize(("error", "lost"), [("refused", 0), ("too late", 3)])
async def test_parts_are_given_up_on_for_the_reason_of_the_first(store: Store, error: str, lost: int) -> None:
    """The later parts of a digest fail with the one before them, and count as it does."""
    known = await store.subscriptions.add(Subscription(CHANNEL, guild_id="1"))
    parts = [Delivery(known.id or 0, CHANNEL, "first", (), (), "{}", part=part) for part in (1, 2, 3)]
    first, *_ = await store.deliveries.add(parts, NOW)
    await store.deliveries.claim(first, NOW)
    await store.deliveries.mark_failed(first, error, NOW)
    fared = await find_reliability(store, NOW)
    assert (fared.failures, fared.lost) == (((error, 3),), lost)


async def test_what_expires_of_a_paused_digest_is_no_loss(store: Store) -> None:
    """Given up on after a day: a digest that was paused meanwhile is not lost, any other is."""
    await promise(store, "pending", ago=2 * DAY)
    paused = await store.subscriptions.add(Subscription(CHANNEL, paused_at=NOW - DAY, pause_reason="asked"))
    await store.deliveries.add([Delivery(paused.id or 0, CHANNEL, "first", (), (), "{}")], NOW - 2 * DAY)
    assert await store.deliveries.expire("channel", NOW - DAY, NOW) == 2
    fared = await find_reliability(store, NOW)
    assert (dict(fared.failures), fared.lost) == ({"paused": 1, "too late": 1}, 1)


async def test_what_waits_is_counted(store: Store) -> None:
    """The queue has all that is to be sent, of which the oldest is said."""
    await promise(store, "pending", ago=20 * MINUTE)
    await promise(store, "sending", ago=5 * MINUTE)
    await promise(store, "sent")
    trouble = await find_trouble(store, NOW)
    assert (trouble.waiting, trouble.oldest) == (2, NOW - 20 * MINUTE)


async def ask(store: Store, *, is_owner: bool = False, language: str = "en") -> str:
    message = await Answers(Desk(store)).run("status", {}, Caller(MEMBER, NOW, language=language, is_owner=is_owner))
    assert find_violations(message.to_payload()) == []
    return "\n".join(get_texts(message.to_payload()))


async def test_status_tells_everyone_how_digests_fare(store: Store) -> None:
    """One line with the four figures, and nothing of the inside."""
    await promise(store, "sent")
    await promise(store, "failed", "outage")
    text = await ask(store)
    assert "last 30 days: 2 due, 1 sent, 0 doubled, 1 lost" in text
    assert "queue" not in text and "given up" not in text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_status_tells_the_owner_what_is_wrong(store: Store, language: str) -> None:
    """Queue, what was given up on and why, a pause of all direct messages, another copy: in both languages."""
    await promise(store, "pending", ago=20 * MINUTE)
    await promise(store, "failed", "refused")
    await promise(store, "uncertain", "outage")
    await store.facts.set("dms paused", f'{{"until": "{(NOW + DAY).isoformat()}"}}')
    await store.facts.set("second copy", (NOW - MINUTE).isoformat())
    text = await ask(store, is_owner=True, language=language)
    assert text.count("✗") == 2
    if language == "en":
        assert "1 message in the queue, due since" in text
        assert "1 given up on: Discord refused the message" in text
        assert "1 may have arrived" in text
        assert "another copy of this bot runs with its token" in text


async def test_the_command_line_has_the_figures_too(store: Store, tmp_path: Path) -> None:
    """`hotpapers status` prints them, and has them in its JSON."""
    await promise(store, "doubled")
    found = await find_status(store, tmp_path / "papers.db", 1, NOW)
    assert found["last_30_days"] == {"due": 1, "sent": 1, "doubled": 1, "lost": 0}
    assert "1 due, 1 sent, 1 doubled, 0 lost" in render_status(found)


async def test_another_copy_is_noticed_from_many_answers(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """A few interactions that somebody else answered are chance, five in ten minutes are not: said once in the log."""
    copies = Copies(store)
    for number in range(ENOUGH - 1):
        await copies.note(NOW + number * MINUTE)
    await copies.note(NOW + 20 * MINUTE)
    assert await store.facts.get("second copy") is None
    for number in range(ENOUGH):
        await copies.note(NOW + 20 * MINUTE + number * timedelta(seconds=1))
    last = NOW + 20 * MINUTE
    assert await find_copy(store, last) is not None
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    noted = await store.facts.get("second copy")
    await copies.note(last + 30 * timedelta(seconds=1))
    assert await store.facts.get("second copy") == noted
    await copies.note(last + 2 * MINUTE)
    assert await store.facts.get("second copy") == (last + 2 * MINUTE).isoformat()
    assert len(caplog.records) == 1


async def test_a_copy_is_news_for_a_day(store: Store) -> None:
    """What was noticed a day ago, or is no time at all, is no warning any more."""
    await store.facts.set("second copy", (NOW - DAY).isoformat())
    assert await find_copy(store, NOW) is None
    await store.facts.set("second copy", (NOW - DAY + MINUTE).isoformat())
    assert await find_copy(store, NOW) == NOW - DAY + MINUTE
    for damaged in ("yesterday", "2021-04-14T12:00:00", ""):
        await store.facts.set("second copy", damaged)
        assert await find_copy(store, NOW) is None

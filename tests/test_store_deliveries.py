"""The store's contract for deliveries: promised once, in one hand at a time, and papers given to a target once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage.errors import RejectedError
from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import INDEX, NOW, TODAY, make_edition

CHANNEL = Target("channel", "123456789012345678")
MEMBER = Target("member", "123456789012345678")
PAPERS = ("2104.00001", "2104.00002", "2104.00003")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def orders(store: Store) -> None:
    """Two subscriptions of one channel, numbers 1 and 2, and three papers."""
    await store.days.put([make_edition(TODAY, [(arxiv_id, 1) for arxiv_id in PAPERS])], [], NOW)
    numbers = [(await store.subscriptions.add(Subscription(CHANNEL))).id for _ in range(2)]
    assert numbers == [1, 2]


def promise(
    subscription: int = 1, *papers: str, occasion: str = "2021-04-14", day: date = TODAY, part: int = 1
) -> Delivery:
    """Make a delivery of some papers."""
    return Delivery(subscription, CHANNEL, occasion, (day,), papers, '{"content": "Hi"}', part)


async def add(store: Store, *deliveries: Delivery) -> list[int]:
    """Store promises and return their ids."""
    return await store.deliveries.add(deliveries, NOW)


async def reach(store: Store, state: str, occasion: str, day: date = TODAY) -> int:
    """Plan a delivery for an occasion and bring it into a state."""
    (number,) = await add(store, promise(occasion=occasion, day=day))
    if state != "pending":
        await store.deliveries.claim(number, NOW)
    match state:
        case "sent":
            await store.deliveries.mark_sent(number, "7", "8", NOW)
        case "failed":
            await store.deliveries.mark_failed(number, "no permission", NOW)
        case "uncertain":
            await store.deliveries.mark_uncertain(number, "no answer", NOW)
    return number


STATES = ("pending", "sending", "sent", "failed", "uncertain")


# Promising


async def test_a_delivery_is_promised_once(store: Store) -> None:
    """Planning the same occasion again adds nothing and changes nothing of what was promised."""
    parts = [promise(1, "2104.00002", "2104.00001"), promise(1, part=2)]
    assert len(await add(store, *parts)) == 2
    assert await add(store, replace(parts[0], payload="other", papers=())) == []
    assert len(await add(store, replace(parts[0], subscription_id=2), replace(parts[0], occasion="catch-up"))) == 2
    stored = await store.deliveries.list(subscription_id=1, occasion="2021-04-14")
    assert [replace(d, id=None, planned_at=None) for d in stored] == parts
    assert {d.planned_at for d in stored} == {NOW}


async def test_two_plans_of_an_occasion_are_never_mixed(tmp_path: Path, store: Store) -> None:
    """Where two programs plan an occasion at once, all its parts are of one plan, however many each has."""
    plans = [[promise(1, paper, part=part) for part in range(1, n + 1)] for n, paper in enumerate(PAPERS, 1)]
    async with await Store.open(tmp_path / "papers.db", INDEX) as other:
        added = await asyncio.gather(*(s.deliveries.add(p, NOW) for p in plans for s in (store, other)))
    assert len([ids for ids in added if ids]) == 1
    stored = await store.deliveries.list()
    assert [replace(d, id=None, planned_at=None) for d in stored] in plans


async def test_a_delivery_is_stored_with_all_its_papers_or_not_at_all(store: Store) -> None:
    """One unknown paper, and neither that delivery nor those planned with it exist."""
    with pytest.raises(RejectedError):
        await add(store, promise(1, "2104.00001"), promise(2, "2104.00001", "9999.99999"))
    assert await store.deliveries.list() == []
    assert await store.deliveries.given(CHANNEL, ["2104.00001"]) == set()


async def test_nothing_is_promised_to_nobody(store: Store) -> None:
    """What is planned for a subscription while it is being deleted is not stored; the rest of the plan is."""
    await store.subscriptions.delete(1, NOW)
    assert len(await add(store, promise(1, "2104.00001"), promise(2, "2104.00002"))) == 1
    assert [d.subscription_id for d in await store.deliveries.list()] == [2]


# Asking


async def test_deliveries_are_found_by_what_is_asked(store: Store) -> None:
    """A list keeps to subscription, state and occasion, in either order, and stops at its limit."""
    numbers = [await reach(store, state, f"day {n}") for n, state in enumerate((*STATES, "pending"))]
    (other,) = await add(store, promise(2, occasion="day 1"))

    async def find(**asked: object) -> list[int | None]:
        return [d.id for d in await store.deliveries.list(**asked)]  # type: ignore[arg-type]

    assert await find() == [*numbers, other]
    assert await find(subscription_id=1, newest_first=True) == numbers[::-1]
    assert await find(newest_first=True, limit=2) == [other, numbers[-1]]
    assert await find(state="pending") == [numbers[0], numbers[-1], other]
    assert await find(state="pending", limit=1) == numbers[:1]
    for number, state in zip(numbers[1:5], STATES[1:], strict=True):
        assert await find(state=state) == [number]
    assert await find(occasion="day 1") == [numbers[1], other]
    assert await find(subscription_id=2, state="sending", occasion="day 1") == []
    assert await find(limit=0) == []


async def test_one_delivery_is_got_by_its_id(store: Store) -> None:
    """A delivery comes back as it is in the list; an unknown id is nothing."""
    (number,) = await add(store, promise(1, "2104.00003", "2104.00001"))
    assert [await store.deliveries.get(number)] == await store.deliveries.list()
    assert await store.deliveries.get(number + 1) is None


async def test_the_last_delivery_of_each_subscription_is_told(store: Store) -> None:
    """What was planned last counts, by its first part; a subscription without any is left out."""
    await add(store, promise(1), promise(1, part=2))
    newest, _, other = await add(
        store, promise(1, occasion="2021-04-15"), promise(1, occasion="2021-04-15", part=2), promise(2)
    )
    last = await store.deliveries.last([1, 2, 999])
    assert {number: delivery.id for number, delivery in last.items()} == {1: newest, 2: other}
    assert await store.deliveries.last([2]) == {2: last[2]}
    assert await store.deliveries.last([]) == {}


async def test_states_are_counted_since_a_time(store: Store) -> None:
    """Every state has a count, of what was planned since then."""
    for number, state in enumerate((*STATES, "sent")):
        await reach(store, state, f"day {number}")
    expected = {"pending": 1, "sending": 1, "sent": 2, "failed": 1, "uncertain": 1}
    assert await store.deliveries.count_states(NOW) == expected
    assert await store.deliveries.count_states(NOW + MINUTE) == dict.fromkeys(expected, 0)


async def test_what_failed_covers_no_edition(store: Store) -> None:
    """An edition is covered by what was sent or may still be, and is due again once that has failed."""
    days = {state: TODAY + timedelta(days=number) for number, state in enumerate(STATES)}
    numbers = {state: await reach(store, state, state, day) for state, day in days.items()}
    assert await store.deliveries.find_covered(1) == set(days.values()) - {days["failed"]}
    assert await store.deliveries.find_covered(2) == set()
    await store.deliveries.mark_failed(numbers["uncertain"], "not found", NOW)
    assert days["uncertain"] not in await store.deliveries.find_covered(1)


# Sending


async def test_a_delivery_is_in_one_hand_at_a_time(tmp_path: Path, store: Store) -> None:
    """Of all who claim a delivery at once one gets it, with its attempt counted."""
    (number,) = await add(store, promise(1, "2104.00001"))
    async with await Store.open(tmp_path / "papers.db", INDEX) as other:
        claims = await asyncio.gather(*(s.deliveries.claim(number, NOW) for _ in range(5) for s in (store, other)))
    (claimed,) = [claim for claim in claims if claim]
    assert claimed == await store.deliveries.get(number)
    assert (claimed.state, claimed.attempts, claimed.papers) == ("sending", 1, ("2104.00001",))
    assert claimed.first_attempt_at == claimed.last_attempt_at == NOW


async def test_only_what_is_pending_can_be_claimed(store: Store) -> None:
    """What is in hand, done with, uncertain or unknown is nobody's to send."""
    for state in STATES[1:]:
        assert await store.deliveries.claim(await reach(store, state, state), NOW) is None
    assert await store.deliveries.claim(999, NOW) is None


async def test_a_retry_is_another_attempt(store: Store) -> None:
    """What is handed back can be claimed again, and tells when it was tried first and last."""
    number = await reach(store, "sending", "day")
    assert await store.deliveries.mark_pending(number, "timeout")
    assert not await store.deliveries.mark_pending(number, "timeout")
    claimed = await store.deliveries.claim(number, NOW + MINUTE)
    assert claimed is not None
    assert (claimed.attempts, claimed.last_error) == (2, "timeout")
    assert (claimed.first_attempt_at, claimed.last_attempt_at) == (NOW, NOW + MINUTE)


async def test_what_is_handed_back_to_nobody_has_failed(store: Store) -> None:
    """A delivery in hand while its subscription was deleted is not tried again."""
    number = await reach(store, "sending", "day")
    await store.subscriptions.delete(1, NOW)
    assert not await store.deliveries.mark_pending(number, "timeout")
    delivery = await store.deliveries.get(number)
    assert delivery
    assert (delivery.state, delivery.last_error, delivery.finished_at) == ("failed", "timeout", NOW)


async def test_uncertain_is_not_the_end(store: Store) -> None:
    """A delivery nobody is certain of says so, and may be found sent, given up on, or tried again."""
    numbers = [await reach(store, "uncertain", f"day {n}") for n in range(3)]
    first = await store.deliveries.get(numbers[0])
    assert first
    assert (first.state, first.last_error, first.finished_at) == ("uncertain", "no answer", NOW)
    assert await store.deliveries.mark_sent(numbers[0], "7", "8", NOW)
    assert await store.deliveries.mark_failed(numbers[1], "not found", NOW)
    assert await store.deliveries.mark_pending(numbers[2], "not found")
    assert [d.state for d in await store.deliveries.list()] == ["sent", "failed", "pending"]
    assert [d.finished_at for d in await store.deliveries.list()] == [NOW, NOW, None]


async def test_what_is_settled_stays_so(store: Store) -> None:
    """A delivery that was sent or given up on is neither uncertain nor pending any more."""
    for state in ("sent", "failed"):
        number = await reach(store, state, state)
        before = await store.deliveries.get(number)
        assert not await store.deliveries.mark_uncertain(number, "no answer", NOW + MINUTE)
        assert not await store.deliveries.mark_pending(number, "timeout")
        assert await store.deliveries.get(number) == before


# Giving


async def test_given_papers_are_remembered_per_target(store: Store) -> None:
    """What a target was given is its own: not another's of the same number, and not lost when days are replaced."""
    await store.deliveries.mark_given(CHANNEL, ["2104.00001"], NOW)
    await store.deliveries.mark_given(CHANNEL, ["2104.00001"], NOW)
    await store.days.put([make_edition(TODAY, [("2104.00002", 1)])], [], NOW)
    assert await store.deliveries.given(CHANNEL, ["2104.00001", "2104.00002", "unknown", "\ud800"]) == {"2104.00001"}
    assert await store.deliveries.given(MEMBER, ["2104.00001"]) == set()
    with pytest.raises(RejectedError):
        await store.deliveries.mark_given(CHANNEL, ["9999.99999"], NOW)


async def test_papers_are_held_back_then_given(store: Store) -> None:
    """A promised paper is held back for its target alone, while in hand and in doubt too, and given once sent."""
    (number,) = await add(store, promise(1, "2104.00001"))
    assert await store.deliveries.given(CHANNEL, ["2104.00001"]) == {"2104.00001"}
    assert await store.deliveries.given(MEMBER, ["2104.00001"]) == set()
    await store.deliveries.claim(number, NOW)
    assert await store.deliveries.given(CHANNEL, ["2104.00001"]) == {"2104.00001"}
    await store.deliveries.mark_uncertain(number, "no answer", NOW)
    assert await store.deliveries.given(CHANNEL, ["2104.00001"]) == {"2104.00001"}
    assert await store.deliveries.mark_sent(number, "77", "88", NOW)
    assert not await store.deliveries.mark_sent(number, "77", "99", NOW)
    assert not await store.deliveries.mark_failed(number, "late", NOW)
    (sent,) = await store.deliveries.list(state="sent")
    assert (sent.channel_id, sent.message_id, sent.finished_at) == ("77", "88", NOW)
    assert await store.deliveries.given(CHANNEL, ["2104.00001"]) == {"2104.00001"}


async def test_papers_of_a_failed_delivery_are_free_again(store: Store) -> None:
    """Giving up on one delivery frees its papers, but none that another has promised or given."""
    failed, _ = await add(store, promise(1, *PAPERS), promise(2, "2104.00002"))
    await store.deliveries.mark_given(CHANNEL, ["2104.00003"], NOW)
    assert await store.deliveries.mark_failed(failed, "no permission", NOW)
    assert await store.deliveries.given(CHANNEL, PAPERS) == {"2104.00002", "2104.00003"}
    assert [d.last_error for d in await store.deliveries.list(state="failed")] == ["no permission"]

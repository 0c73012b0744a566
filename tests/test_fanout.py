"""Planning for many at once: what is shared changes nothing of what each gets."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from benchmarks.fanout import measure_fanout
from benchmarks.library import get_database
from bot.delivery.breath import leave_old_alone
from bot.delivery.freeze import Freezer
from bot.delivery.planner import Planner
from bot.digest.selection import Digest
from bot.messages.digest import render_parts, render_payloads
from storage.models import Delivery, Target
from storage.store import Store
from tests.builders import make_appearance, make_edition
from tests.deliveries import ORDER, add, make_post
from tests.fakes import Clock

DAY = date(2021, 4, 14)


def draw_digest(random: Random) -> Digest:
    """Draw a digest as odd as any."""
    papers = [
        make_appearance(
            f"2104.{random.randrange(99999):05d}",
            random.randrange(10**6),
            title="An *odd* title " * random.randint(1, 12),
            abstract="We show it. " * random.randint(0, 30),
            authors=tuple(["Ada Lovelace", "A_B"] * random.randint(0, 2)),
        )
        for _ in range(random.randint(1, 25))
    ]
    edition = make_edition(DAY, papers)
    kind = random.choice(("channel", "member"))
    order = replace(
        ORDER,
        target=Target(kind, str(random.randrange(10**17))),
        categories=tuple(random.sample(("cs.LG", "cs.CL", "math.ST", "hep-th"), random.randint(0, 4))),
        mention=random.choice((None, "77")),
        language=random.choice(("en", "de")),
        count=random.randint(1, 25),
        only=random.choice(("all", "hot")),
        channel_kind=random.choice(("text", "forum", "announcement")) if kind == "channel" else "dm",
        has_thread=random.random() < 0.5,
        has_quiet_line=random.random() < 0.5,
        id=random.randrange(1, 10**6),
    )
    return Digest(order, (edition.day,), edition.papers, len(papers) + random.randrange(40))


@pytest.mark.parametrize("seed", range(40))
def test_a_payload_is_that_of_the_message(seed: int) -> None:
    """What is promised without Discord's views is what the messages with them would be, byte for byte."""
    digest, name = draw_digest(Random(seed)), lambda part: f"m{part}"
    silent = bool(seed % 2)
    expected = [(part.message.to_payload(), part.papers) for part in render_parts(digest, name, is_silent=silent)]
    assert render_payloads(digest, name, is_silent=silent) == expected


@pytest.mark.parametrize("seed", range(5))
def test_sharing_what_is_rendered_changes_nothing(seed: int) -> None:
    """A freezer that has seen many others, and has room for few, promises what a new one does."""
    random = Random(seed)
    kept, digests = Freezer(most=3), [draw_digest(random) for _ in range(6)]
    for _ in range(30):
        digest = random.choice(digests)
        mine = replace(digest.subscription, target=replace(digest.subscription.target, id=str(random.randrange(10**9))))
        digest = replace(digest, subscription=replace(mine, id=random.randrange(1, 99), count=random.randint(1, 25)))
        assert kept.freeze(digest, "2021-04-15", None) == Freezer().freeze(digest, "2021-04-15", None)


@pytest.mark.parametrize("seed", range(6))
async def test_what_was_given_is_found_as_by_asking_one_by_one(store: Store, clock: Clock, seed: int) -> None:
    """For any targets and papers the answer is that of a look at each pair, held back ones included."""
    random = Random(seed)
    await store.days.put([make_post(DAY, 12)], [], clock())
    papers = [f"2104.14{number:03d}" for number in range(12)]
    targets = [Target(random.choice(("channel", "member")), str(number)) for number in range(30)]
    expected: set[tuple[Target, str]] = set()
    for target in random.sample(targets, 20):
        order = await store.subscriptions.add(replace(ORDER, target=target))
        chosen = random.sample(papers, random.randint(1, 4))
        if random.random() < 0.5:
            await store.deliveries.mark_given(target, chosen, clock())
            expected |= {(target, paper) for paper in chosen}
            continue
        promise = Delivery(order.id or 0, target, "2021-04-15", (DAY,), tuple(chosen), "{}")
        (number,) = await store.deliveries.add([promise], clock())
        state = random.choice(("pending", "sending", "uncertain", "sent", "failed"))
        if state != "pending":
            await store.deliveries.claim(number, clock())
        if state == "uncertain":
            await store.deliveries.mark_uncertain(number, "lost", clock())
        elif state == "sent":
            await store.deliveries.mark_sent(number, "1", "2", clock())
        elif state == "failed":
            await store.deliveries.mark_failed(number, "refused", clock())
        expected |= {(target, paper) for paper in chosen} if state != "failed" else set()
    for _ in range(20):
        some = random.sample(targets, random.randint(1, 30))
        asked = random.sample(papers, random.randint(0, 12))
        found = await store.deliveries.find_given(some, asked)
        pairs = {(target, paper) for target, known in found.items() for paper in known}
        assert pairs == {(target, paper) for target, paper in expected if target in some and paper in asked}


async def test_everyone_gets_what_they_would_alone(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches and for many at once, and of several digests of one target each gets what the others did not."""
    monkeypatch.setattr("bot.delivery.planner.BATCH", 3)
    posts = [make_post(DAY - timedelta(days=1), 8), make_post(DAY, 8, "cs.CL")]
    await store.days.put(posts, [], clock())
    orders = [
        await add(
            store, target=Target("channel", str(100 + number // 2)), count=3, categories=("cs",) * (number % 3 > 0)
        )
        for number in range(20)
    ]
    assert await Planner(store).plan_due(clock()) == 20
    given: dict[Target, list[str]] = {}
    for one in await store.deliveries.list():
        given.setdefault(one.target, []).extend(one.papers)
        assert json.loads(one.payload)["message"]["content"].count("arxiv.org/abs/") == 3
    hottest = [f"2104.14{number:03d}" for number in range(6)]
    assert given == {order.target: hottest for order in orders}


def test_garbage_of_old_age_waits_until_a_pass_is_over() -> None:
    """New garbage is collected meanwhile; after it, failed or not, all is as it was."""
    usual = gc.get_threshold()
    with pytest.raises(LookupError), leave_old_alone():
        assert gc.get_threshold()[0] == usual[0]
        assert min(gc.get_threshold()[1:]) > 1000 * max(usual)
        raise LookupError
    assert gc.get_threshold() == usual


async def test_the_benchmark_measures_what_it_says(tmp_path: Path) -> None:
    """A small crowd gives every row of fan-out."""
    source = await get_database(tmp_path, 300)
    rows = await measure_fanout(source, tmp_path, "300", 1, channels=10, members=50, given=2_000)
    assert len({row.name for row in rows}) == len(rows) == 5
    assert all(row.value > 0 and row.floor > 0 for row in rows)

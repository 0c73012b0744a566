"""A small bot for tests of delivery: a real store, planner and outbox over a Discord that fails as it is told to."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

import bot.delivery.outbox as outbox_module
from bot.delivery.corrections import correct
from bot.delivery.history import list_custom_ids
from bot.delivery.outbox import Outbox
from bot.delivery.planner import Planner
from bot.messages.custom_id import decode_marker
from storage.models import Edition, Subscription, Target
from storage.store import Store
from tests.builders import make_appearance, make_edition
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
    return Outbox(store, {"channel": transport, "member": transport}, clock)


class Bot:
    """What the running bot does each few seconds, and what it forgets when it dies."""

    def __init__(self, store: Store, transport: FakeTransport, clock: Clock) -> None:
        self.store, self.transport, self.clock = store, transport, clock
        self.start()

    def start(self) -> None:
        """Begin anew, with nothing but the store."""
        self.notes: list[str] = []
        self.planner = Planner(self.store)
        transports = {"channel": self.transport, "member": self.transport}
        self.outbox = Outbox(self.store, transports, self.clock, lambda delivery, state: self.notes.append(state))

    async def tick(self) -> None:
        """Do once what the jobs do."""
        await self.planner.plan_due(self.clock())
        for recipient in ("channel", "member"):
            await self.outbox.check_histories(recipient, self.planner.unchecked)
        await self.outbox.recover(at_start=False)
        await self.planner.plan_due(self.clock())
        await correct(self.store, self.clock())
        for recipient in ("channel", "member"):
            await self.outbox.send_pending(recipient)
        await self.outbox.follow()

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


async def lose_answers(running: Bot, call: str = "send") -> None:
    """Tick while every answer is lost after its effect."""
    running.transport.after[call] = [make_lost() for _ in range(3)]
    await running.tick()
    running.transport.after.clear()


async def list_reasons(store: Store, subscription: Subscription) -> dict[str, Any]:
    """Return the occasion recorded last, with its reason."""
    last = await store.occasions.last(subscription.id or 0)
    return {} if last is None else {"occasion": last[0], **json.loads(last[1])}


def find_markers(message: dict[str, Any]) -> set[str]:
    """Return the markers in a message's buttons."""
    return {marker for one in list_custom_ids(message["components"]) if (marker := decode_marker(one))}


def list_nonces(transport: FakeTransport) -> list[str | None]:
    """Return the nonces of all messages."""
    return [one.nonce for posted in transport.channels.values() for one in posted]

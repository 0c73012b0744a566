"""From a due moment to a message on Discord: what plans, sends, follows up and looks after it all, as jobs.

    plan ─► deliver to channels ─┬─► follow up
        └─► deliver to members ──┘
    read, reconcile: what may have arrived · look after: what is paused, who is to be told · measure

Each job only asks the database what there is to do, so any of them may be late, or be cut off anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

from bot.answers.venue import Venue
from bot.delivery.corrections import correct
from bot.delivery.due import DAYS_BACK
from bot.delivery.outbox import Outbox
from bot.delivery.planner import Planner
from bot.delivery.transport import Transport
from bot.delivery.trouble import Troubles
from bot.health import Metrics
from bot.scheduler import Job, Scheduler
from storage.models import Delivery
from storage.store import Store

TICK_SECONDS = 1.0
RECONCILE_SECONDS, LOOK_AFTER_SECONDS, MEASURE_SECONDS = 5.0, 30.0, 15.0
CORRECT_SOON, CORRECT_AGAIN = timedelta(seconds=10), timedelta(minutes=10)  # after some had to wait; in any case
SEEN = "seen running"  # the fact that says when the bot last ran
GAP = timedelta(minutes=1)  # without running, after which the database may be an older copy


class Sending:
    """All of delivery for one bot, through `transports` by kind of target.

    `clock` gives aware UTC times, `owner_ids` are the people the bot belongs to, `at_once` is as for an Outbox.
    """

    def __init__(
        self,
        store: Store,
        transports: Mapping[str, Transport],
        venue: Venue,
        clock: Callable[[], datetime],
        metrics: Metrics,
        owner_ids: Callable[[], Collection[int]],
        at_once: int,
    ) -> None:
        self._store, self._clock, self._metrics = store, clock, metrics
        self.outbox = Outbox(store, transports, clock, self._note, at_once)
        self._planner = Planner(store, tuple(transports))
        self._troubles = Troubles(store, venue, clock, owner_ids)
        self._posts: object = None
        self._correct_at = clock()

    async def start(self) -> None:
        """Take up what a former run left: what it had in hand, and what another copy may have sent since."""
        now = self._clock()
        seen = await self._store.facts.get(SEEN)
        if seen and now - datetime.fromisoformat(seen) > GAP:
            await self._store.subscriptions.ask_checks(datetime.fromisoformat(seen))
        await self.outbox.recover(at_start=True)

    def add_jobs(self, scheduler: Scheduler, is_connected: Callable[[], bool]) -> None:
        """Have all of it done again and again, while Discord is there."""
        jobs: dict[str, tuple[Job, float]] = {
            "plan": (self._plan, TICK_SECONDS),
            "deliver to channels": (partial(self.outbox.send_pending, "channel"), TICK_SECONDS),
            "deliver to members": (partial(self.outbox.send_pending, "member"), TICK_SECONDS),
            "follow up": (self.outbox.follow, TICK_SECONDS),
            "read channels": (partial(self._check_histories, "channel"), TICK_SECONDS),
            "read conversations": (partial(self._check_histories, "member"), TICK_SECONDS),
            "reconcile": (partial(self.outbox.recover, at_start=False), RECONCILE_SECONDS),
            "look after": (self._troubles.check, LOOK_AFTER_SECONDS),
            "measure": (self._measure, MEASURE_SECONDS),
        }
        for name, (job, seconds) in jobs.items():
            scheduler.add(name, partial(_run_if, is_connected, job), seconds, self._clock())

    async def _plan(self) -> None:
        planned = await self._planner.plan_due(self._clock())
        self._metrics.note_due(planned)
        days = await self._store.days.list(limit=DAYS_BACK)
        posts = tuple((day.day, day.revision) for day in days)
        now = self._clock()
        if posts != self._posts or now >= self._correct_at:
            is_done = await correct(self._store, now)
            self._posts, self._correct_at = posts, now + (CORRECT_AGAIN if is_done else CORRECT_SOON)

    async def _check_histories(self, recipient: str) -> None:
        await self.outbox.check_histories(recipient, self._planner.unchecked)

    async def _measure(self) -> None:
        now = self._clock()
        await self._store.facts.set(SEEN, now.isoformat())
        oldest = await self._store.deliveries.find_oldest_waiting()
        self._metrics.note_waiting(await self._store.deliveries.count_waiting())
        self._metrics.note_queue_age((now - oldest).total_seconds() if oldest else 0.0)

    def _note(self, delivery: Delivery, state: str) -> None:
        since = delivery.due_at or delivery.planned_at
        if delivery.kind != "digest":
            return
        if state == "sent" and since is not None:
            self._metrics.note_sent((self._clock() - since).total_seconds())
        else:
            self._metrics.note_digest(state)


async def _run_if(is_connected: Callable[[], bool], job: Job) -> None:
    if is_connected():
        await job()

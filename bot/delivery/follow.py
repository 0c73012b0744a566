"""Does to messages what comes after sending: publishes them, opens their threads, corrects them.

Each step can be repeated without harm, so one that a crash cut off is simply done again. A message that somebody
deleted stays deleted.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from bot.delivery.patience import WINDOW, find_pause
from bot.delivery.transport import CHANNEL_GONE, NO_PERMISSION, Sent, Transport, TransportError
from storage.models import Delivery, Step
from storage.store import Store

AT_ONCE = 16
BATCH = 200
MOST_REFUSALS = 6
_MAY_PASS = (NO_PERMISSION, CHANNEL_GONE)  # said once, these prove nothing
_log = logging.getLogger(__name__)


class Follower:
    """Does the steps of one store's deliveries through the transports, by kind of target."""

    def __init__(self, store: Store, transports: Mapping[str, Transport], clock: Callable[[], datetime]) -> None:
        self._store, self._transports, self._clock = store, transports, clock

    async def follow(self) -> None:
        """Do the steps that are ready, of each message in their order, until none is."""
        for recipient in self._transports:
            while steps := await self._store.steps.list_ready(recipient, self._clock(), BATCH):
                gate = asyncio.Semaphore(AT_ONCE)
                await asyncio.gather(*(self._do_in_turn(step, gate) for step in steps))

    async def finish(self, deliveries: Iterable[Delivery]) -> None:
        """Do the steps of some deliveries at once, for who waits for the answer."""
        gate = asyncio.Semaphore(1)
        for delivery in deliveries:
            for step in await self._store.steps.list(delivery.id or 0):
                if step.state == "pending":
                    await self._do_in_turn(step, gate)

    async def _do_in_turn(self, step: Step, gate: asyncio.Semaphore) -> None:
        async with gate:
            delivery = await self._store.deliveries.get(step.delivery_id or 0)
            if delivery is None or delivery.channel_id is None or delivery.message_id is None:
                await self._store.steps.mark_failed(step.id or 0, "not sent", self._clock())
                return
            await self._store.steps.begin(step.id or 0, self._clock())
            try:
                await self._do(step, delivery, Sent(delivery.channel_id, delivery.message_id))
            except TransportError as error:
                await self._mark(step, delivery, error)
            else:
                await self._store.steps.mark_done(step.id or 0, self._clock())

    async def _do(self, step: Step, delivery: Delivery, sent: Sent) -> None:
        transport, payload = self._transports[delivery.target.kind], json.loads(step.payload)
        if step.kind == "publish":
            await transport.publish(sent)
        elif step.kind == "thread":
            await transport.open_thread(sent, payload)
        else:
            await transport.edit(sent, payload)

    async def _mark(self, step: Step, delivery: Delivery, error: TransportError) -> None:
        """Leave a step for later, unless it can never be done, was refused too often or has been tried for a day."""
        now, number = self._clock(), step.id or 0
        is_late = step.planned_at is not None and now - step.planned_at >= WINDOW
        is_hopeless = error.is_final and (error.kind not in _MAY_PASS or step.attempts + 1 >= MOST_REFUSALS)
        _log.warning("%s message %s in channel %s: %s", step.kind, delivery.message_id, delivery.channel_id, error)
        if is_hopeless or is_late:
            await self._store.steps.mark_failed(number, error.kind, now)
        else:
            pause = find_pause(Step(step.kind, attempts=step.attempts + 1, id=step.id))
            await self._store.steps.mark_pending(number, error.kind, now + pause)

"""Finds out what arrived when nobody can tell: by the markers in our own messages where they were to arrive.

    sending, in nobody's hand ─┐ once its request   ┌─► found        sent: the message is ours
    uncertain ─────────────────┴► has ended: look ──┼─► not there    pending: sent again, by the same name
                                                    └─► unreadable   uncertain, looked up again later

After a restore the database knows less than was sent, so each target's history is read before anything is planned
for it: what is found there is recorded as sent.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.delivery.adopt import adopt
from bot.delivery.identity import find_identity
from bot.delivery.patience import WINDOW, is_ripe
from bot.delivery.plan import list_parts
from bot.delivery.shared import Hands, Note, find_channel, name_of
from bot.delivery.transport import CHANNEL_GONE, DMS_CLOSED, OUTAGE, Posted, Transport, TransportError
from storage.facts import RESTORED
from storage.models import Delivery, Subscription
from storage.store import Store

LOOK_AROUND = timedelta(minutes=15)  # before the first attempt and after the last, as clocks differ
AT_ONCE = 16  # histories being read at the same time
LOOK_AGAIN, LOOK_SOON = timedelta(minutes=10), timedelta(seconds=20)  # at a history that may not, or could not be read
_log = logging.getLogger(__name__)


class Reconciler:
    """Settles the deliveries of one store through the transports, by kind of target."""

    def __init__(
        self,
        store: Store,
        transports: Mapping[str, Transport],
        clock: Callable[[], datetime],
        hands: Hands,
        note: Note,
    ) -> None:
        self._store, self._transports, self._clock = store, transports, clock
        self._hands, self._note = hands, note
        self._looked: dict[int, datetime] = {}

    async def recover(self, *, at_start: bool) -> None:
        """Settle what may have arrived: a message found by its marker is ours, one that is not there is sent again.

        Such are lost answers and, as only one process delivers, whatever is in sending and in nobody's hand: after
        a crash, or when marking it failed. Each is looked up once its request can have no effect any more; what
        can't be looked up stays uncertain, and is looked up again at start and after pauses as long as it is old.
        """
        for state in ("sending", "uncertain"):
            for delivery in await self._store.deliveries.list(state=state):
                lock = self._hands.find(delivery.subscription_id)
                if lock.locked() or delivery.target.kind not in self._transports:
                    continue  # it is in hand, or others'
                async with lock:
                    known = await self._store.deliveries.get(delivery.id or 0)
                    if known and known.state == state and is_ripe(known, self._clock(), at_start=at_start):
                        await self._settle(known)

    async def _settle(self, delivery: Delivery) -> None:
        number, now = delivery.id or 0, self._clock()
        try:
            found = await self._look_up(delivery, now)
        except TransportError as error:
            # A channel that is gone took the message with it; but one refusal alone does not prove that it is.
            is_old = delivery.planned_at is not None and now - delivery.planned_at >= WINDOW
            is_gone = error.kind == CHANNEL_GONE and is_old
            mark = self._store.deliveries.mark_failed if is_gone else self._store.deliveries.mark_uncertain
            await mark(number, error.kind, now)
            return
        if not found:
            await self._store.deliveries.mark_pending(number, "not found, sent again")
            return
        if len(found) > 1:
            _log.error("delivery %s is in its channel %s times", number, len(found))
        sent = found[0].sent
        if await self._store.deliveries.mark_sent(number, sent.channel_id, sent.message_id, now, len(found)):
            self._note(delivery, "sent")

    async def _look_up(self, delivery: Delivery, now: datetime) -> list[Posted]:
        """Return the messages there are of a delivery, oldest first."""
        since = (delivery.first_attempt_at or now) - LOOK_AROUND
        until = (delivery.last_attempt_at or now) + LOOK_AROUND
        transport, marker = self._transports[delivery.target.kind], find_identity(*name_of(delivery))
        if json.loads(delivery.payload)["post"]:
            posted = await transport.list_posts(delivery.target.id, since, until)
        else:
            parts = await list_parts(self._store, delivery.subscription_id, delivery.occasion)
            channel = await find_channel(self._store, parts[0])
            if channel is None:
                raise TransportError(DMS_CLOSED, "the conversation is forgotten")
            posted = await transport.list_messages(channel, since, until)
        return [one for one in posted if marker in one.markers]

    async def check_histories(self, recipient: str, due: Collection[int]) -> None:
        """Read the history of targets of a kind that may have been sent more than is known, several at a time.

        Of those only that something is to be sent to: what waits already, or is due to the subscriptions `due`.
        """
        now = self._clock()
        unchecked = [
            one for one in await self._store.subscriptions.list_to_check(recipient, due) if self._is_due(one, now)
        ]
        gate = asyncio.Semaphore(AT_ONCE)

        async def check(subscription: Subscription) -> None:
            async with gate:
                await self.check_history(subscription, now)

        await asyncio.gather(*(check(one) for one in unchecked))

    def _is_due(self, subscription: Subscription, now: datetime) -> bool:
        looked = self._looked.get(subscription.id or 0)
        return looked is None or not timedelta(0) <= now - looked < LOOK_AGAIN

    async def check_history(self, subscription: Subscription, now: datetime) -> None:
        """Read the history of one target and record as sent what is found there; it stays unchecked if that fails."""
        number = subscription.id or 0
        async with self._hands.find(number):
            try:
                posted = await self._read_history(subscription, now)
            except TransportError as error:
                _log.warning("the history of subscription %s can't be read: %s", number, error)
                if not await self._may_go_on(subscription, error):
                    self._looked[number] = now if error.is_final else now - LOOK_AGAIN + LOOK_SOON
                    return
                posted = []
            adopted = await adopt(self._store, subscription, posted, now)
            if adopted:
                _log.info("subscription %s: %s messages were sent that were not known", number, adopted)
            await self._store.subscriptions.change(number, lambda known: replace(known, check_since=None))
            self._looked.pop(number, None)

    async def _read_history(self, subscription: Subscription, now: datetime) -> list[Posted]:
        target, since = subscription.target, (subscription.check_since or now) - LOOK_AROUND
        transport = self._transports[target.kind]
        if subscription.channel_kind == "forum":
            posts = await transport.list_posts(target.id, since, now)
            later = [await transport.list_messages(post.sent.channel_id, since, now) for post in posts]
            return [*posts, *(one for messages in later for one in messages)]
        is_member = target.kind == "member"
        channel = await self._store.members.get_channel(target) if is_member else target.id
        return await transport.list_messages(channel, since, now) if channel else []

    async def _may_go_on(self, subscription: Subscription, error: TransportError) -> bool:
        """Tell whether a subscription goes on though its history can't be read.

        After a mere pause of the bot, unlike after a restore, there is hardly anything to find: a digest that comes is
        worth more than the certainty. Where there is too much to read for ever, it goes on with what comes from now on.
        """
        restored, since = await self._store.facts.get(RESTORED), subscription.check_since
        if not restored or since is None or since > datetime.fromisoformat(restored):
            return error.is_final
        newest = await self._store.days.latest()
        if error.is_final and error.kind == OUTAGE and newest is not None:
            day = newest.day
            await self._store.subscriptions.change(
                subscription.id or 0, lambda known: replace(known, created_edition=day)
            )
            return True
        return False

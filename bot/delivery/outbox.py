"""Keeps promises: claims a delivery, sends it, and marks what came of it.

    claim ─► send ─► sent
               ├───► pending     it did not arrive, but may the next time: tried again with growing pauses
               ├───► failed      it can never arrive: no permission, channel gone, refused; or not for a day
               └───► uncertain   the answer was lost, so it may have arrived: it is looked up in the channel,
                                 and is ours if it is there and sent again if not

The nonce is the delivery's own, so a repeat within Discord's few minutes finds the first message instead of
making a second one. Parts are sent in order, and a part that is not sent holds back those after it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from bot.answers.venue import Outcome
from bot.delivery.identity import find_identity
from bot.delivery.patience import is_resting, is_ripe
from bot.delivery.plan import plan
from bot.delivery.transport import CHANNEL_GONE, DMS_CLOSED, LIMITED, Sent, Transport, TransportError
from storage.models import Delivery, Subscription, Target
from storage.store import Store

T = TypeVar("T")
ATTEMPTS = 3
PAUSE_SECONDS = 0.5  # before the second attempt; twice as long before the third
AT_ONCE = 32  # digests being sent at the same time: enough to keep the pace when Discord is slow
LOOK_AROUND = timedelta(minutes=15)  # before the first attempt and after the last, as clocks differ
WINDOW = timedelta(days=1)  # in which a digest is tried; later its papers are in the next one
_log = logging.getLogger(__name__)


class Outbox:
    """Sends subscriptions' digests through a transport, once per occasion; `clock` gives aware UTC times.

    `note` is told what became of each message: sent, failed or uncertain.
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        clock: Callable[[], datetime],
        note: Callable[[str], None] = lambda state: None,
    ) -> None:
        self._store, self._transport, self._clock, self._note = store, transport, clock, note
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()  # only those held are kept

    async def send(self, subscription: Subscription, occasion: str, now: datetime) -> Outcome:
        """Send a digest of the newest day on request; the same request never sends twice, however often it comes.

        Only here is a member's conversation opened: Discord bans bots that open many.
        """
        async with self._find_lock(subscription.id or 0):
            try:
                await self._open_dm(subscription.target)
            except TransportError as error:
                return Outcome("failed", error.kind)
            parts, reason = await plan(self._store, subscription, occasion, now)
            if not parts:
                return Outcome("nothing", reason)
            is_repeat = parts[0].state != "pending"
            return await self._send_parts(subscription, parts, is_repeat=is_repeat, is_request=True)

    async def send_pending(self) -> None:
        """Send all that is promised and waiting, each subscription's parts in order, several at a time.

        Channels come first: one stands for many readers, and there may be very many conversations.
        """
        waiting = await self._store.deliveries.list(state="pending")
        waiting.sort(key=lambda delivery: delivery.target.kind == "member")
        occasions = dict.fromkeys((delivery.subscription_id, delivery.occasion) for delivery in waiting)
        for delivery in waiting:
            if is_resting(delivery, self._clock()):
                occasions.pop((delivery.subscription_id, delivery.occasion), None)
        gate = asyncio.Semaphore(AT_ONCE)

        async def send_one(subscription_id: int, occasion: str) -> None:
            async with gate:
                try:
                    await self._send_occasion(subscription_id, occasion)
                except Exception:  # one digest that is in trouble must not keep the others waiting
                    _log.exception("digest %s of subscription %s could not be sent", occasion, subscription_id)

        await asyncio.gather(*(send_one(*key) for key in occasions))

    async def recover(self, *, at_start: bool) -> None:
        """Settle what may have arrived: a message found by its marker is ours, one that is not there is sent again.

        Such are lost answers and, as only one process delivers, whatever is in sending and in nobody's hand: after
        a crash, or when marking it failed. Each is looked up once its request can have no effect any more; what
        can't be looked up stays uncertain, and is looked up again at start and after pauses as long as it is old.
        """
        for state in ("sending", "uncertain"):
            for delivery in await self._store.deliveries.list(state=state):
                lock = self._find_lock(delivery.subscription_id)
                if lock.locked():
                    continue  # it is in hand
                async with lock:
                    known = await self._store.deliveries.get(delivery.id or 0)
                    if known and known.state == state and is_ripe(known, self._clock(), at_start=at_start):
                        await self._settle(known)

    async def _settle(self, delivery: Delivery) -> None:
        number, now = delivery.id or 0, self._clock()
        try:
            sent = await self._look_up(delivery, now)
        except TransportError as error:
            is_gone = error.kind == CHANNEL_GONE  # and the message with it
            mark = self._store.deliveries.mark_failed if is_gone else self._store.deliveries.mark_uncertain
            await mark(number, error.kind, now)
            return
        if sent is None:
            await self._store.deliveries.mark_pending(number, "not found, sent again")
        else:
            await self._finish(delivery, sent)

    async def _look_up(self, delivery: Delivery, now: datetime) -> Sent | None:
        since = (delivery.first_attempt_at or now) - LOOK_AROUND
        until = (delivery.last_attempt_at or now) + LOOK_AROUND
        marker = find_identity(*_name(delivery))
        if json.loads(delivery.payload)["post"]:
            return await self._transport.find_post(delivery.target.id, marker, since, until)
        parts = await self._list_parts(delivery.subscription_id, delivery.occasion)
        channel = await self._find_channel(parts)
        if channel is None:
            raise TransportError(DMS_CLOSED, "the conversation is forgotten")
        return await self._transport.find(channel, marker, since, until)

    async def _send_occasion(self, subscription_id: int, occasion: str) -> None:
        subscription = await self._store.subscriptions.get(subscription_id)
        if subscription is None or subscription.is_paused:
            return
        async with self._find_lock(subscription_id):
            parts = await self._list_parts(subscription_id, occasion)
            await self._send_parts(subscription, parts, is_repeat=False, is_request=False)

    async def _list_parts(self, subscription_id: int, occasion: str) -> list[Delivery]:
        parts = await self._store.deliveries.list(subscription_id, occasion=occasion)
        return sorted(parts, key=lambda part: part.part)

    def _find_lock(self, subscription_id: int) -> asyncio.Lock:
        return self._locks.setdefault(subscription_id, asyncio.Lock())

    async def _open_dm(self, target: Target) -> None:
        if target.kind == "member" and await self._store.members.get_channel(target) is None:
            await self._store.members.set_channel(target, await _insist(lambda: self._transport.open_dm(target.id)))

    async def _send_parts(
        self, subscription: Subscription, parts: Sequence[Delivery], *, is_repeat: bool, is_request: bool
    ) -> Outcome:
        for part in parts:
            if part.state == "pending":
                await self._send_part(part, await self._find_channel(parts), is_request=is_request)
            known = await self._store.deliveries.get(part.id or 0)
            if known is None or known.state != "sent":
                return Outcome(known.state if known else "failed", (known and known.last_error) or "", None, is_repeat)
        first = await self._store.deliveries.get(parts[0].id or 0)
        return Outcome("sent", url=_format_url(subscription, first) if first else None, is_repeat=is_repeat)

    async def _find_channel(self, parts: Sequence[Delivery]) -> str | None:
        """Return the channel a part goes to: the target's, or the forum post that the first part began."""
        target = parts[0].target
        if target.kind == "member":
            return await self._store.members.get_channel(target)
        first = await self._store.deliveries.get(parts[0].id or 0)
        return (first.channel_id if first else None) or target.id

    async def _send_part(self, part: Delivery, channel_id: str | None, *, is_request: bool) -> None:
        claimed = await self._store.deliveries.claim(part.id or 0, self._clock())
        if claimed is None:
            return
        try:
            sent = await self._send_frozen(claimed, channel_id)
        except TransportError as error:
            _log.warning("digest part %s of subscription %s was not sent: %s", part.part, part.subscription_id, error)
            await self._mark_unsent(claimed, error, is_request=is_request)
        else:
            await self._finish(claimed, sent)

    async def _send_frozen(self, part: Delivery, channel_id: str | None) -> Sent:
        if channel_id is None:
            raise TransportError(DMS_CLOSED, "no conversation was opened", is_final=True)
        frozen = json.loads(part.payload)
        post, message, nonce = frozen["post"], frozen["message"], find_identity(*_name(part))
        if post is None:
            return await _insist(lambda: self._transport.send(channel_id, message, nonce))
        begin = lambda: self._transport.post(channel_id, post["name"], tuple(post["tags"]), message)  # noqa: E731
        return await _insist(begin, repeats_lost=False)  # it has no nonce

    async def _mark_unsent(self, part: Delivery, error: TransportError, *, is_request: bool) -> None:
        """Mark what came of a part; who asked for it is told at once, and can ask again."""
        number, now = part.id or 0, self._clock()
        is_late = part.planned_at is not None and now - part.planned_at >= WINDOW
        if error.may_have_arrived:
            await self._store.deliveries.mark_uncertain(number, error.kind, now)
            self._note("uncertain")
        elif error.is_final or is_request or is_late:
            await self._store.deliveries.mark_failed(number, error.kind, now)
            self._note("failed")
        else:
            await self._store.deliveries.mark_pending(number, error.kind)

    async def _finish(self, part: Delivery, sent: Sent) -> None:
        """Do what follows a message that has arrived, then mark it.

        In this order, so that after a crash in between the message is found, and what follows it done again.
        """
        await self._follow_up(sent, json.loads(part.payload))
        if await self._store.deliveries.mark_sent(part.id or 0, sent.channel_id, sent.message_id, self._clock()):
            self._note("sent")

    async def _follow_up(self, sent: Sent, frozen: dict[str, Any]) -> None:
        """Publish, and open the thread; the digest itself has arrived, whatever comes of these."""
        try:
            if frozen["publish"]:
                await self._transport.publish(sent)
            if frozen["thread"]:
                await self._transport.open_thread(sent, frozen["thread"])
        except TransportError as error:
            _log.warning("message %s in channel %s: %s", sent.message_id, sent.channel_id, error)


def _name(part: Delivery) -> tuple[Target, int, str, int, int]:
    return part.target, part.subscription_id, part.occasion, part.part, part.generation


async def _insist(attempt: Callable[[], Awaitable[T]], *, repeats_lost: bool = True) -> T:
    """Try a few times what may succeed at once; a lost answer stays a lost answer in the last error.

    Discord counts each request over a limit, and bans who makes too many: those are for later.
    """
    is_lost = False
    for number in range(1, ATTEMPTS + 1):
        try:
            return await attempt()
        except TransportError as error:
            is_lost |= error.may_have_arrived
            is_pointless = error.is_final or error.kind == LIMITED or (is_lost and not repeats_lost)
            if is_pointless or number == ATTEMPTS:
                raise TransportError(
                    error.kind, error.detail, is_final=error.is_final, may_have_arrived=is_lost
                ) from error
        await asyncio.sleep(PAUSE_SECONDS * number)
    raise AssertionError("unreachable")


def _format_url(subscription: Subscription, first: Delivery) -> str | None:
    """Return the address of a message: https://discord.com/channels/server/channel/message, @me for a DM."""
    if first.channel_id is None or first.message_id is None:
        return None
    return f"https://discord.com/channels/{subscription.guild_id or '@me'}/{first.channel_id}/{first.message_id}"

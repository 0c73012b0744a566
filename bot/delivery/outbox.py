"""Keeps promises: claims a delivery, sends it, and marks what came of it.

    claim ─► send ─► sent
               ├───► pending     it did not arrive, but may the next time: tried again with growing pauses
               ├───► failed      it can never arrive: Discord refuses what it says; or not for a day
               └───► uncertain   the answer was lost, so it may have arrived: `reconcile` looks it up

The nonce is the delivery's own, so a repeat within Discord's few minutes finds the first message instead of
making a second one. Parts are sent in order, and a part that is not sent holds back those after it. What a refusal
means for the subscription is `trouble`'s to decide, what follows a message `follow`'s.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.answers.venue import Outcome
from bot.delivery.barrier import Barrier
from bot.delivery.follow import Follower
from bot.delivery.identity import find_identity
from bot.delivery.patience import WINDOW, find_pause
from bot.delivery.pausing import pause
from bot.delivery.plan import list_parts, plan
from bot.delivery.reconcile import Reconciler
from bot.delivery.shared import Hands, Note, find_channel, ignore, name_of
from bot.delivery.transport import (
    CHANNEL_GONE,
    DMS_CLOSED,
    HELD,
    LIMITED,
    NO_PERMISSION,
    QUARANTINED,
    Sent,
    Transport,
    TransportError,
)
from storage.models import Delivery, Ready, Subscription, Target
from storage.store import Store

T = TypeVar("T")
ATTEMPTS = 3
PAUSE_SECONDS = 0.5  # before the second attempt; twice as long before the third
AT_ONCE = 32  # enough to keep the pace when Discord is slow
IN_A_ROW = 4  # by the same task, which is cheaper than one for each; of members one, as any of them may be the last
LOOK_SECONDS = 1.0  # between looks for what became ready while others are being sent
# Attempts after which a target that refuses is left alone, until there is reason to try again.
_PATIENCE = {NO_PERMISSION: 6, CHANNEL_GONE: 6, DMS_CLOSED: 3}
_NOT_NOW = (LIMITED, HELD, QUARANTINED)
_log = logging.getLogger(__name__)


class Outbox:
    """Sends subscriptions' digests, once per occasion, to each kind of target there is a transport for.

    `transports` are by kind: channel, member, page. `clock` gives aware UTC times; `note` is told of each delivery
    that became sent, failed or uncertain, and of each that was asked for as due. `at_once` is how many digests are
    being sent at the same time.
    """

    def __init__(
        self,
        store: Store,
        transports: Mapping[str, Transport],
        clock: Callable[[], datetime],
        note: Note = ignore,
        at_once: int = AT_ONCE,
    ) -> None:
        self._store, self._transports, self._clock, self._note = store, transports, clock, note
        self._at_once = at_once
        self._hands = Hands()
        self._barrier = Barrier(store)
        self._reconciler = Reconciler(store, transports, clock, self._hands, note)
        self._follower = Follower(store, transports, clock)
        self._opening: set[asyncio.Task[None]] = set()

    async def send(self, subscription: Subscription, occasion: str, now: datetime) -> Outcome:
        """Send a digest of the newest day on request; the same request never sends twice, however often it comes.

        Only for requests is a member's conversation opened: Discord bans bots that open many. Where the history is to
        be read first it is; who asks gets their digest even if it can't be.
        """
        if subscription.check_since is not None:
            await self._reconciler.check_history(subscription, now)
        async with self._hands.find(subscription.id or 0):
            try:
                await self._open_dm(subscription.target)
            except TransportError as error:
                return Outcome("failed", error.kind)
            parts, reason = await plan(self._store, subscription, occasion, now)
            if not parts:
                return Outcome("nothing", reason)
            is_repeat = parts[0].state != "pending"
            for part in () if is_repeat else parts:
                self._note(part, "due")
            left, first = await self._send_parts(parts, is_request=True)
            if left is not None:
                return Outcome(left.state, left.last_error or "", None, is_repeat)
            if not is_repeat:
                await self._follower.finish(parts)
            return Outcome("sent", url=_format_url(subscription, first), is_repeat=is_repeat)

    async def open_conversation(self, target: Target) -> None:
        """Open a member's conversation in answer to their own command, so that they can be told of troubles later.

        It happens by itself, after the answer; should it fail they are told elsewhere.
        """

        async def attempt() -> None:
            try:
                await self._open_dm(target)
            except TransportError as error:
                _log.info("no conversation with member %s: %s", target.id, error)

        task = asyncio.create_task(attempt())
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def send_pending(self, recipient: str) -> None:
        """Send all that is promised to one kind of target and waiting, several at a time, until nothing is left.

        What becomes ready meanwhile is sent too. What waits for over a day is given up: its papers are in the next.
        """
        now = self._clock()
        await self._store.deliveries.expire(recipient, now - WINDOW, now)
        at_once = self._at_once if recipient != "member" else await self._barrier.find_width(now, self._at_once)
        if not at_once:
            return
        begun: set[int] = set()
        waiting: deque[Ready] = deque()
        sending: set[asyncio.Task[None]] = set()
        ended: asyncio.Queue[asyncio.Task[None]] = asyncio.Queue()
        try:
            while True:
                if not waiting:
                    waiting.extend(await self._list_ready(recipient, begun))
                while waiting and len(sending) < at_once:
                    most = 1 if recipient == "member" else IN_A_ROW
                    task = asyncio.create_task(self._send_some(waiting.popleft(), waiting, most))
                    task.add_done_callback(ended.put_nowait)
                    sending.add(task)
                if not sending or not at_once:
                    return
                done = await _take(ended, LOOK_SECONDS)
                sending.difference_update(done)
                for task in done:
                    task.result()
                if recipient == "member" and done:
                    at_once = await self._barrier.find_width(self._clock(), self._at_once)
        finally:
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)

    async def recover(self, *, at_start: bool) -> None:
        """Settle what may have arrived, as `reconcile` says."""
        await self._reconciler.recover(at_start=at_start)

    async def check_histories(self, recipient: str, due: Collection[int]) -> None:
        """Read what one kind of targets were sent that the database may not know of, as `reconcile` says."""
        await self._reconciler.check_histories(recipient, due)

    async def follow(self) -> None:
        """Do what is to be done to messages after they were sent, as `follow` says."""
        await self._follower.follow()

    async def _list_ready(self, recipient: str, begun: set[int]) -> list[Ready]:
        """Return what is ready and was not begun in this round."""
        ready = await self._store.deliveries.list_ready(recipient, self._clock(), IN_A_ROW * self._at_once)
        new = [one for one in ready if one.delivery_id not in begun]
        begun.update([one.delivery_id for one in new])
        return new

    async def _send_some(self, head: Ready, waiting: deque[Ready], most: int) -> None:
        """Send one occasion, then others that wait, so many in all."""
        await self._send_occasion(head)
        for _ in range(most - 1):
            if waiting:
                await self._send_occasion(waiting.popleft())

    async def _send_occasion(self, head: Ready) -> None:
        """Send an occasion's parts from one on, if nobody has them in hand."""
        try:
            async with self._hands.find(head.subscription_id):
                if head.is_only:
                    claimed = await self._store.deliveries.claim(head.delivery_id, self._clock())
                    if claimed is not None:
                        await self._send_claimed(claimed, await find_channel(self._store, claimed), is_request=False)
                    return
                parts = await list_parts(self._store, head.subscription_id, head.occasion)
                if parts:  # else they were deleted meanwhile, with all of their target's
                    await self._send_parts(parts, is_request=False)
        except Exception:  # one digest that is in trouble must not keep the others waiting
            _log.exception("digest %s of subscription %s could not be sent", head.occasion, head.subscription_id)

    async def _open_dm(self, target: Target) -> None:
        if target.kind == "member" and await self._store.members.get_channel(target) is None:
            transport = self._transports[target.kind]
            await self._store.members.set_channel(target, await _insist(lambda: transport.open_dm(target.id)))

    async def _send_parts(self, parts: Sequence[Delivery], *, is_request: bool) -> tuple[Delivery | None, Delivery]:
        """Send the parts that wait; return the first that is not sent then, if any, and the occasion's first part."""
        first = parts[0]
        for part in parts:
            known = part
            if part.state == "pending":
                known = await self._send_part(part, await find_channel(self._store, first), is_request=is_request)
            elif part.state != "sent":
                known = await self._look_again(part)
            if known.state != "sent":
                return known, first
            first = known if part is parts[0] else first
        return None, first

    async def _send_part(self, part: Delivery, channel_id: str | None, *, is_request: bool) -> Delivery:
        """Send a part if it still waits, and return it as it is then."""
        claimed = await self._store.deliveries.claim(part.id or 0, self._clock())
        sent = await self._send_claimed(claimed, channel_id, is_request=is_request) if claimed is not None else None
        if sent is None:
            return await self._look_again(part)
        return replace(part, state="sent", channel_id=sent.channel_id, message_id=sent.message_id, last_error=None)

    async def _send_claimed(self, part: Delivery, channel_id: str | None, *, is_request: bool) -> Sent | None:
        """Send a part that was claimed and mark what came of it; return where it is now, None when it was not sent."""
        try:
            sent = await self._send_frozen(part, channel_id)
        except TransportError as error:
            _log.warning("digest part %s of subscription %s was not sent: %s", part.part, part.subscription_id, error)
            await self._mark_unsent(part, error, is_request=is_request)
            return None
        if await self._store.deliveries.mark_sent(part.id or 0, sent.channel_id, sent.message_id, self._clock()):
            self._note(part, "sent")
        await self._barrier.note_sent(part)
        return sent

    async def _look_again(self, part: Delivery) -> Delivery:
        """Return a part as it is stored; one that is gone has failed."""
        return await self._store.deliveries.get(part.id or 0) or replace(part, state="failed", last_error="")

    async def _send_frozen(self, part: Delivery, channel_id: str | None) -> Sent:
        if channel_id is None:
            raise TransportError(DMS_CLOSED, "no conversation was opened", is_final=True)
        transport, frozen = self._transports[part.target.kind], json.loads(part.payload)
        post, message, nonce = frozen["post"], frozen["message"], find_identity(*name_of(part))
        if post is None:
            return await _insist(lambda: transport.send(channel_id, message, nonce))
        begin = lambda: transport.post(channel_id, post["name"], tuple(post["tags"]), message)  # noqa: E731
        return await _insist(begin, repeats_lost=False)  # it has no nonce

    async def _mark_unsent(self, part: Delivery, error: TransportError, *, is_request: bool) -> None:
        """Mark what came of a part; who asked for it is told at once, and can ask again."""
        number, now, deliveries = part.id or 0, self._clock(), self._store.deliveries
        if error.may_have_arrived:
            await deliveries.mark_uncertain(number, error.kind, now)
            self._note(part, "uncertain")
        elif is_request or (error.is_final and error.kind not in _PATIENCE and error.kind != QUARANTINED):
            await deliveries.mark_failed(number, error.kind, now)
            self._note(part, "failed")
        else:
            await deliveries.mark_pending(number, error.kind, now + find_pause(part))
            # Attempts that came to nothing for other reasons are none of the target's.
            is_again = part.last_error == error.kind and part.attempts >= _PATIENCE.get(error.kind, 0)
            if is_again and error.kind in _PATIENCE and part.kind == "digest":
                await pause(self._store, part.subscription_id, error.kind, now)
        await self._barrier.note_refusal(part, error, now)


async def _take(ended: asyncio.Queue[asyncio.Task[None]], seconds: float) -> list[asyncio.Task[None]]:
    """Return the tasks that ended, waiting so long for the first; asyncio.wait would look at all for each that does."""
    done: list[asyncio.Task[None]] = []
    try:
        async with asyncio.timeout(seconds):
            done.append(await ended.get())
    except TimeoutError:
        return done
    while not ended.empty():
        done.append(ended.get_nowait())
    return done


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
            is_pointless = error.is_final or error.kind in _NOT_NOW or (is_lost and not repeats_lost)
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

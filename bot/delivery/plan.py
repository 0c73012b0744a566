"""Turns what is due into promises: which papers, in which messages, frozen as they will be sent.

due subscriptions ─► editions they have not had ─► papers ─► messages ─► promises, a batch in one transaction
                      └► none yet                   └► none: the reason is kept for /digest why

Which subscriptions are due, and when to look, is `planner`'s work.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.answers.digests import Chooser
from bot.delivery.breath import Breath
from bot.delivery.freeze import Freezer
from bot.digest.selection import Digest, Pool
from bot.messages.language import speak
from bot.messages.summary import render_reason
from storage.models import Day, Delivery, Subscription
from storage.store import Store

_LOOK_FIRST = 100  # of a pool's papers, those asked after first: mostly enough for a digest
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """One digest to promise: whose, for which occasion, of which days; due since `due_at`.

    A late one is announced to nobody: whom it would have reached has long begun their day. A request, which is
    answered in words, gets no quiet line.
    """

    subscription: Subscription
    occasion: str
    days: tuple[Day, ...]
    due_at: datetime
    is_late: bool = False
    is_request: bool = False


@dataclass(frozen=True, slots=True)
class Promised:
    """What came of an order: the choice, None when it can't be made, and in how many messages it will come."""

    digest: Digest | None
    parts: int = 0


class Shared:
    """What orders promised together share: what there is to choose from, and what looks the same, is made once.

    It is of the posts as they were when it was made, so it is for one pass over those that are due.
    """

    def __init__(self, store: Store) -> None:
        self.chooser, self.freezer = Chooser(store), Freezer()


async def promise(store: Store, orders: Sequence[Order], now: datetime, shared: Shared | None = None) -> list[Promised]:
    """Choose and promise digests, all in one transaction; return what came of each.

    A choice without papers is promised only as the quiet line, where that is wanted. An occasion is promised
    once: of a second time nothing is stored.
    """
    if not orders:
        return []
    shared = shared or Shared(store)
    async with store.deliveries.planning:
        chosen = await choose_all(store, orders, shared.chooser)
        parts, made, breath = list[Delivery](), list[Promised](), Breath()
        for order, digest in zip(orders, chosen, strict=True):
            try:
                new = _freeze(shared.freezer, order, digest)
                parts += new
                made.append(Promised(digest, len(new)))
            except Exception:  # one that can't be rendered must not keep the others waiting
                _log.exception("the digest of subscription %s could not be made", order.subscription.id)
                made.append(Promised(None))
            if breath.is_due():
                await breath.take()
        await store.deliveries.add(parts, now)
    return made


async def choose_all(store: Store, orders: Sequence[Order], chooser: Chooser) -> list[Digest]:
    """Choose for each order; of several for one target each gets what those before it did not."""
    breath, pools = Breath(), list[Pool]()
    for order in orders:
        pools.append(await chooser.find_pool(order.subscription, order.days))
        if breath.is_due():
            await breath.take()
    looked = set[str]().union(*(ids[:_LOOK_FIRST] for ids in {pool.ids for pool in pools}))
    given = await store.deliveries.find_given((order.subscription.target for order in orders), looked)
    chosen = []
    for order, pool in zip(orders, pools, strict=True):
        target = order.subscription.target
        taken = given.setdefault(target, set())
        digest = await chooser.choose(order.subscription, pool, taken, is_catch_up=order.is_late)
        if _needs_more(digest, pool):
            taken |= await store.deliveries.given(target, pool.ids[_LOOK_FIRST:])
            digest = await chooser.choose(order.subscription, pool, taken, is_catch_up=order.is_late)
        taken.update([paper.paper.arxiv_id for paper in digest.papers])
        chosen.append(digest)
        if breath.is_due():
            await breath.take()
    return chosen


def _needs_more(digest: Digest, pool: Pool) -> bool:
    """Tell whether a choice has papers of which it was not asked whether they were given."""
    last = digest.papers[-1].paper.arxiv_id if digest.papers else None
    return last is not None and pool.ids.index(last) >= _LOOK_FIRST


def _freeze(freezer: Freezer, order: Order, digest: Digest) -> list[Delivery]:
    if not digest.papers and (order.is_request or not order.subscription.has_quiet_line):
        return []
    return freezer.freeze(digest, order.occasion, order.due_at, is_silent=order.is_late)


async def plan(store: Store, subscription: Subscription, occasion: str, now: datetime) -> tuple[list[Delivery], str]:
    """Promise a digest that somebody asked for, of the newest day; return its parts, or the reason for none.

    Asked again, the parts are those of the first time.
    """
    known = await list_parts(store, subscription.id or 0, occasion)
    if known:
        return known, ""
    newest = await store.days.latest()
    order = Order(subscription, occasion, (newest,) if newest else (), now, is_request=True)
    (promised,) = await promise(store, [order], now)
    if promised.digest is not None and not promised.parts:
        with speak(subscription.language):
            return [], render_reason(promised.digest)
    return await list_parts(store, subscription.id or 0, occasion), ""


async def list_parts(store: Store, subscription_id: int, occasion: str) -> list[Delivery]:
    """Return an occasion's parts in their order."""
    found = await store.deliveries.list(subscription_id, occasion=occasion)
    return sorted(found, key=lambda delivery: delivery.part)

"""Keeps what was promised to whom and what became of it, and so what a target must not be given again.

    pending ─► sending ─► sent        papers are held back while pending, sending or uncertain,
     ▲ │          ├─────► failed      given for good when sent, and free again when failed
     │ └──────────┴─────► uncertain
     └── to be tried again ──┘

Holding back follows from the states themselves; only what was given is a memory of its own, never pruned.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from storage import delivery_statements as sql
from storage.models import Delivery, Ready, Target
from storage.rows import delivery_from, format_time
from storage.sqlite import Database
from storage.targets import add_target, find_targets

DeliveryList = list[Delivery]  # `list` is a method below
ReadyList = list[Ready]
Ids = list[int]
Occasions = list[tuple[int, str]]
STATES = ("pending", "sending", "uncertain", "sent", "failed")


class Deliveries:
    """The deliveries facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Held from choosing papers to promising them, so that no two digests of a target choose the same.
        self.planning = asyncio.Lock()

    async def add(self, deliveries: Sequence[Delivery], now: datetime) -> Ids:
        """Store promises with their papers and steps, all in one transaction; return the new ids, in order.

        Planning twice promises once: of an occasion that its subscription has any part of nothing is stored,
        nor of a subscription that is gone. Raise RejectedError, storing none, when a paper is not in the store.
        """
        return await self._database.write(lambda writer: _add(writer, deliveries, now))

    async def replan(self, deliveries: Sequence[Delivery], now: datetime) -> bool:
        """Put other parts in the place of an occasion's, keeping when it was planned; False once any was claimed.

        `deliveries` are all the parts of one occasion. What was tried in vain may be replaced too: it did not arrive.
        """
        first = deliveries[0]
        key = (first.subscription_id, first.occasion)

        def replace(writer: sqlite3.Connection) -> bool:
            ((planned_at, others),) = writer.execute(sql.FIND_REPLACEABLE, key).fetchall()
            if planned_at is None or others:
                return False
            writer.execute(sql.DELETE_OCCASION, key)
            _add(writer, deliveries, datetime.fromisoformat(planned_at))
            return True

        return await self._database.write(replace)

    async def get(self, delivery_id: int) -> Delivery | None:
        """Return one delivery, None when there is none with this id."""
        rows = await self._database.fetch(f"{sql.SELECT} WHERE d.id = ?", (delivery_id,))
        return delivery_from(rows[0]) if rows else None

    async def list(
        self,
        subscription_id: int | None = None,
        state: str | None = None,
        occasion: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
        kind: str | None = None,
        target: Target | None = None,
    ) -> DeliveryList:
        """Return deliveries in the order they were planned, or in the reverse; of either the first `limit`."""
        asked = {
            "t.kind": target.kind if target else None,
            "t.platform_id": target.id if target else None,
            "d.subscription_id": subscription_id,
            "d.state": state,
            "d.occasion": occasion,
            "d.kind": kind,
        }
        wanted = {f"{name} = ?": value for name, value in asked.items() if value is not None}
        where = " AND ".join([*wanted, *([sql.IS_OPEN] if state in sql.OPEN else [])]) or "TRUE"
        query = f"{sql.SELECT} WHERE {where} ORDER BY d.id {'DESC' if newest_first else 'ASC'} LIMIT ?"
        rows = await self._database.fetch(query, (*wanted.values(), -1 if limit is None else max(limit, 0)))
        return [delivery_from(row) for row in rows]

    async def list_ready(self, recipient: str, now: datetime, limit: int) -> ReadyList:
        """Return what is to be sent next to one kind of target, oldest first: of each occasion the next part.

        Left out are those that rest, wait for a part before them, or whose subscription is paused or to be checked.
        """
        rows = await self._database.fetch(sql.LIST_READY, (recipient, format_time(now), limit))
        return [
            Ready(number, subscription, occasion, bool(is_only)) for number, subscription, occasion, is_only in rows
        ]

    async def last(self, subscription_ids: Sequence[int]) -> dict[int, Delivery]:
        """Return the first part of what was planned last for each subscription; those without any are left out."""
        rows = await self._database.fetch(sql.LAST, (json.dumps(subscription_ids),))
        return {delivery.subscription_id: delivery for delivery in map(delivery_from, rows)}

    async def count_states(self, since: datetime) -> dict[str, int]:
        """Return how many of the digests' parts planned at or after a time are in each state, 0 where none is."""
        rows = await self._database.fetch(sql.COUNT_STATES, (format_time(since),))
        return dict.fromkeys(STATES, 0) | dict(rows)

    async def count_failures(self, since: datetime) -> dict[str, int]:
        """Return how many of the digests' parts planned at or after a time were given up on, by their last error."""
        return dict(tuple(row) for row in await self._database.fetch(sql.COUNT_FAILURES, (format_time(since),)))

    async def count_waiting(self) -> int:
        """Return how many digests' parts are still to be sent."""
        ((count,),) = await self._database.fetch(sql.COUNT_WAITING)
        return int(count)

    async def count_doubled(self, since: datetime) -> int:
        """Return how many of the messages planned at or after a time were found more than once."""
        query = "SELECT count(*) FROM deliveries WHERE planned_at >= ? AND copies > 1"
        ((count,),) = await self._database.fetch(query, (format_time(since),))
        return int(count)

    async def find_oldest_waiting(self) -> datetime | None:
        """Return since when the oldest digest is due that is still to be sent, None when none is."""
        ((moment,),) = await self._database.fetch(sql.FIND_OLDEST_WAITING)
        return datetime.fromisoformat(moment) if moment else None

    async def find_covered(self, subscription_id: int) -> set[date]:
        """Return the editions that a subscription was sent, or is about to be: all but those of failed deliveries."""
        return (await self.find_all_covered([subscription_id], date.min)).get(subscription_id, set())

    async def find_all_covered(self, subscription_ids: Sequence[int], since: date) -> dict[int, set[date]]:
        """Return the same for many subscriptions, at least the editions since a day; those without are left out."""
        covered: dict[int, set[date]] = {}
        asked = (json.dumps(list(subscription_ids)), since.isoformat())
        for number, day in await self._database.fetch(sql.FIND_COVERED, asked):
            covered.setdefault(number, set()).add(date.fromisoformat(day))
        return covered

    async def find_planned(self, subscription_ids: Sequence[int], occasions: Collection[str]) -> set[int]:
        """Return which of these subscriptions have a delivery for any of these occasions."""
        asked = (json.dumps(list(subscription_ids)), json.dumps(list(occasions)))
        return {number for (number,) in await self._database.fetch(sql.FIND_PLANNED, asked)}

    async def list_outdated(self, since: datetime) -> Occasions:
        """Return (subscription, occasion) of the digests planned since a time whose posts were corrected after."""
        rows = await self._database.fetch(sql.LIST_OUTDATED, (format_time(since),))
        return [(number, occasion) for number, occasion in rows]

    async def claim(self, delivery_id: int, now: datetime) -> Delivery | None:
        """Take a pending delivery in hand, which counts as an attempt; None when it is not pending (any more)."""

        def take(writer: sqlite3.Connection) -> list[Any]:
            claimed = writer.execute(sql.CLAIM, (format_time(now), delivery_id)).fetchall()
            return writer.execute(f"{sql.SELECT} WHERE d.id = ?", (delivery_id,)).fetchall() if claimed else []

        return next(map(delivery_from, await self._database.write_soon(take)), None)

    async def mark_sent(
        self, delivery_id: int, channel_id: str, message_id: str, now: datetime, copies: int = 1
    ) -> bool:
        """Record the message that a delivery became, and its papers as given; return whether that was news.

        Whatever trouble its subscription had is over; should it come again, it will be told again.
        """
        moment = format_time(now)

        def mark(writer: sqlite3.Connection) -> bool:
            values = (channel_id, message_id, copies, moment, delivery_id)
            marked = writer.execute(sql.MARK_SENT, values).fetchall()
            for target, subscription, kind in marked:
                writer.execute(sql.GIVE_PAPERS, (target, moment, delivery_id))
                if kind == "digest":
                    writer.execute(sql.END_TROUBLE, (subscription,))
            return bool(marked)

        return await self._database.write_soon(mark)

    async def mark_failed(self, delivery_id: int, error: str, now: datetime) -> bool:
        """Give up on a delivery that is not sent and on the parts after it, freeing papers; return if it was news."""
        async with self._database.transaction() as writer:
            failed = list(await writer.execute_fetchall(sql.MARK_FAILED, (error, format_time(now), delivery_id)))
            for subscription, occasion, part in failed:
                await writer.execute_fetchall(sql.FAIL_LATER_PARTS, (format_time(now), subscription, occasion, part))
        return bool(failed)

    async def mark_uncertain(self, delivery_id: int, error: str, now: datetime) -> bool:
        """Record that nobody can tell whether a delivery arrived; return False when it is sent or given up on."""
        return bool(await self._database.execute(sql.MARK_UNCERTAIN, (error, format_time(now), delivery_id)))

    async def mark_pending(self, delivery_id: int, error: str, retry_at: datetime | None = None) -> bool:
        """Hand back what was in hand or uncertain, to be tried again at a time; return whether it will be.

        It will not in any other state, nor when its subscription is gone: then it has failed.
        """
        values = (error, format_time(retry_at), delivery_id)
        return list(await self._database.execute(sql.MARK_PENDING, values)) == [("pending",)]

    async def expire(self, recipient: str, before: datetime, now: datetime) -> int:
        """Give up on what was planned for one kind of target before a time and still waits; return how many."""
        return len(await self._database.execute(sql.EXPIRE, (format_time(now), recipient, format_time(before))))

    async def redeliver(self, delivery_id: int, payload: str, now: datetime) -> Delivery | None:
        """Promise a delivery that is done with once more, as its next generation; None for any other.

        `payload` carries that generation's marker. Its record of the former message is lost, the message stays; what
        followed that one follows the new one too.
        """
        async with self._database.transaction() as writer:
            values = (payload, format_time(now), delivery_id)
            redone = list(await writer.execute_fetchall(sql.REDELIVER, values))
            if redone:
                await writer.execute_fetchall(sql.REDO_STEPS, (delivery_id,))
        return await self.get(delivery_id) if redone else None

    async def prune(self, before: datetime) -> int:
        """Delete the records of what was planned before a time and is done with; return how many there were."""
        return len(await self._database.execute(sql.PRUNE, (format_time(before),)))

    async def mark_given(self, target: Target, arxiv_ids: Iterable[str], now: datetime) -> None:
        """Remember papers as given to a target, outside any delivery; ids must be of stored papers."""
        async with self._database.transaction() as writer:
            number = await add_target(writer, target)
            moment = format_time(now)
            await writer.executemany(sql.MARK_GIVEN, [(arxiv_id, number, moment) for arxiv_id in arxiv_ids])

    async def given(self, target: Target, among: Iterable[str]) -> set[str]:
        """Return which of these arXiv ids the target was given, or is about to be."""
        return (await self.find_given([target], among)).get(target, set())

    async def find_given(self, targets: Iterable[Target], among: Iterable[str]) -> dict[Target, set[str]]:
        """Return the same for many targets; those that were given none of them are left out."""
        asked: dict[str, dict[str, None]] = {}
        for target in targets:
            asked.setdefault(target.kind, {})[target.id] = None
        kinds = json.dumps({kind: list(ids) for kind, ids in asked.items()})
        found: dict[Target, set[str]] = {}
        for kind, platform_id, arxiv_id in await self._database.fetch(sql.GIVEN, (kinds, json.dumps(list(among)))):
            found.setdefault(Target(kind, platform_id), set()).add(arxiv_id)
        return found


def _add(writer: sqlite3.Connection, deliveries: Sequence[Delivery], now: datetime) -> Ids:
    new = _find_new(writer, deliveries)
    wanted = [d for d in deliveries if (d.subscription_id, d.occasion) in new]
    if not wanted:
        return []
    targets = find_targets(writer, {delivery.target for delivery in wanted})
    papers = _find_papers(writer, {paper for d in wanted for paper in d.papers})
    ((first,),) = writer.execute(sql.FIND_NEXT_ID).fetchall()
    numbered = list(enumerate(wanted, int(first)))
    notices = [(d.subscription_id, targets[d.target]) for d in wanted if d.kind == "notice"]
    if notices:
        writer.executemany(sql.ADOPT_CHANNEL, notices)
    moment = format_time(now)
    writer.executemany(sql.ADD, (sql.values_of(d, number, targets[d.target], moment) for number, d in numbered))
    writer.executemany(sql.ADD_PAPER, _list_papers(numbered, papers))
    steps = [(number, step.kind, step.payload, moment) for number, d in numbered for step in d.steps]
    if steps:
        writer.executemany(sql.ADD_STEP, steps)
    return [number for number, _ in numbered]


def _find_new(writer: sqlite3.Connection, deliveries: Iterable[Delivery]) -> set[tuple[int, str]]:
    pairs = dict.fromkeys((delivery.subscription_id, delivery.occasion) for delivery in deliveries)
    rows = writer.execute(sql.FIND_NEW, (json.dumps(list(pairs)),))
    return {(number, occasion) for number, occasion in rows}


def _find_papers(writer: sqlite3.Connection, arxiv_ids: Iterable[str]) -> dict[str, int]:
    rows = writer.execute(sql.FIND_PAPERS, (json.dumps(list(arxiv_ids)),))
    return dict(tuple(row) for row in rows)


def _list_papers(
    numbered: Iterable[tuple[int, Delivery]], papers: Mapping[str, int]
) -> Iterator[tuple[int, int, int | None]]:
    """Yield rows of the papers of deliveries; the database refuses one that is not stored, whose number is None."""
    for number, delivery in numbered:
        for position, arxiv_id in enumerate(delivery.papers, 1):
            yield number, position, papers.get(arxiv_id)

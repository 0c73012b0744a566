"""Keeps what was promised to whom and what became of it, and so what a target must not be given again.

    pending ─► sending ─► sent        papers are held back while pending, sending or uncertain,
     ▲ │          ├─────► failed      given for good when sent, and free again when failed
     │ └──────────┴─────► uncertain
     └── to be tried again ──┘

Holding back follows from the states themselves; only what was given is a memory of its own, never pruned.
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import aiosqlite

from storage.models import Delivery, Target
from storage.rows import DELIVERY, delivery_from, format_time
from storage.sqlite import Database
from storage.targets import TARGET, add_target

_ADD = """
INSERT INTO deliveries (subscription_id, target_id, occasion, part, generation, state, editions, payload, planned_at)
VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?)
ON CONFLICT (subscription_id, occasion, part) DO NOTHING RETURNING id
"""

# Of (subscription, occasion) pairs, those that may be promised: the subscription is there, the occasion is not.
_FIND_NEW = """
SELECT w.value FROM json_each(?) AS w JOIN subscriptions AS s ON s.id = json_extract(w.value, '$[0]')
WHERE NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d.subscription_id = s.id
                  AND d.occasion = json_extract(w.value, '$[1]'))
"""

_ADD_PAPER = """
INSERT INTO delivery_papers (delivery_id, position, paper_id) VALUES (?, ?, (SELECT id FROM papers WHERE arxiv_id = ?))
"""

_SELECT = f"SELECT {DELIVERY} FROM deliveries AS d JOIN targets AS t ON t.id = d.target_id"

# Said besides the state asked for, so that the index of the few open ones answers.
_IS_OPEN = "d.state IN ('pending', 'sending', 'uncertain')"
_OPEN = ("pending", "sending", "uncertain")
STATES = (*_OPEN, "sent", "failed")

_LAST = f"""{_SELECT}
WHERE d.id IN (SELECT (SELECT max(id) FROM deliveries WHERE subscription_id = w.value AND part = 1)
               FROM json_each(?) AS w)
"""

_FIND_COVERED = f"""
SELECT DISTINCT e.value FROM deliveries AS d JOIN json_each(d.editions) AS e
WHERE d.subscription_id = ? AND (d.state = 'sent' OR {_IS_OPEN})
"""

_CLAIM = """
UPDATE deliveries SET state = 'sending', attempts = attempts + 1, last_attempt_at = ?1,
                      first_attempt_at = coalesce(first_attempt_at, ?1)
WHERE id = ?2 AND state = 'pending' RETURNING id
"""

# One that is handed back after its subscription was deleted is withdrawn, as those are that waited then.
_IS_WANTED = "EXISTS (SELECT 1 FROM subscriptions AS s WHERE s.id = subscription_id)"

_MARK_PENDING = f"""
UPDATE deliveries SET state = iif({_IS_WANTED}, 'pending', 'failed'), last_error = ?,
                      finished_at = iif({_IS_WANTED}, NULL, last_attempt_at)
WHERE id = ? AND state IN ('sending', 'uncertain') RETURNING state
"""

_MARK_UNCERTAIN = """
UPDATE deliveries SET state = 'uncertain', last_error = ?, finished_at = ?
WHERE id = ? AND state IN ('pending', 'sending', 'uncertain') RETURNING id
"""

_MARK_SENT = """
UPDATE deliveries SET state = 'sent', channel_id = ?, message_id = ?, last_error = NULL, finished_at = ?
WHERE id = ? AND state <> 'sent' RETURNING target_id
"""

_GIVE_PAPERS = """
INSERT INTO given (paper_id, target_id, given_at) SELECT paper_id, ?, ? FROM delivery_papers WHERE delivery_id = ?
ON CONFLICT DO NOTHING
"""

_MARK_FAILED = """
UPDATE deliveries SET state = 'failed', last_error = ?, finished_at = ?
WHERE id = ? AND state IN ('pending', 'sending', 'uncertain') RETURNING id
"""

_MARK_GIVEN = """
INSERT INTO given (paper_id, target_id, given_at) VALUES ((SELECT id FROM papers WHERE arxiv_id = ?), ?, ?)
ON CONFLICT DO NOTHING
"""

_GIVEN = f"""
WITH target AS MATERIALIZED ({TARGET}),
     asked AS MATERIALIZED (SELECT id, arxiv_id FROM papers WHERE arxiv_id IN (SELECT value FROM json_each(?))),
     held AS MATERIALIZED (SELECT dp.paper_id FROM deliveries AS d JOIN delivery_papers AS dp ON dp.delivery_id = d.id
                           WHERE d.target_id = (SELECT id FROM target)
                           AND d.state IN ('pending', 'sending', 'uncertain'))
SELECT arxiv_id FROM asked
WHERE EXISTS (SELECT 1 FROM given AS g WHERE g.paper_id = asked.id AND g.target_id = (SELECT id FROM target))
   OR asked.id IN (SELECT paper_id FROM held)
"""

DeliveryList = list[Delivery]  # `list` is a method below
Ids = list[int]


class Deliveries:
    """The deliveries facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, deliveries: Sequence[Delivery], now: datetime) -> Ids:
        """Store promises with their papers, all in one transaction; return the new ids, in order.

        Planning twice promises once: of an occasion that its subscription has any part of nothing is stored,
        nor of a subscription that is gone. Raise RejectedError, storing none, when a paper is not in the store.
        """
        async with self._database.transaction() as writer:
            new = await _find_new(writer, deliveries)
            wanted = [d for d in deliveries if (d.subscription_id, d.occasion) in new]
            ids = [await _add_delivery(writer, delivery, now) for delivery in wanted]
        return [number for number in ids if number is not None]

    async def get(self, delivery_id: int) -> Delivery | None:
        """Return one delivery, None when there is none with this id."""
        rows = await self._database.fetch(f"{_SELECT} WHERE d.id = ?", (delivery_id,))
        return delivery_from(rows[0]) if rows else None

    async def list(
        self,
        subscription_id: int | None = None,
        state: str | None = None,
        occasion: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> DeliveryList:
        """Return deliveries in the order they were planned, or in the reverse; of either the first `limit`."""
        asked = {"d.subscription_id": subscription_id, "d.state": state, "d.occasion": occasion}
        wanted = {f"{name} = ?": value for name, value in asked.items() if value is not None}
        where = " AND ".join([*wanted, *([_IS_OPEN] if state in _OPEN else [])]) or "TRUE"
        sql = f"{_SELECT} WHERE {where} ORDER BY d.id {'DESC' if newest_first else 'ASC'} LIMIT ?"
        rows = await self._database.fetch(sql, (*wanted.values(), -1 if limit is None else max(limit, 0)))
        return [delivery_from(row) for row in rows]

    async def last(self, subscription_ids: Sequence[int]) -> dict[int, Delivery]:
        """Return the first part of what was planned last for each subscription; those without any are left out."""
        rows = await self._database.fetch(_LAST, (json.dumps(subscription_ids),))
        return {delivery.subscription_id: delivery for delivery in map(delivery_from, rows)}

    async def count_states(self, since: datetime) -> dict[str, int]:
        """Return how many of the deliveries planned at or after a time are in each state; states without any are 0."""
        sql = "SELECT state, count(*) FROM deliveries WHERE planned_at >= ? GROUP BY state"
        rows = await self._database.fetch(sql, (format_time(since),))
        return dict.fromkeys(STATES, 0) | dict(rows)

    async def find_covered(self, subscription_id: int) -> set[date]:
        """Return the editions that a subscription was sent, or is about to be: all but those of failed deliveries."""
        rows = await self._database.fetch(_FIND_COVERED, (subscription_id,))
        return {date.fromisoformat(day) for (day,) in rows}

    async def claim(self, delivery_id: int, now: datetime) -> Delivery | None:
        """Take a pending delivery in hand, which counts as an attempt; None when it is not pending (any more)."""
        async with self._database.transaction() as writer:
            claimed = await writer.execute_fetchall(_CLAIM, (format_time(now), delivery_id))
            rows = await writer.execute_fetchall(f"{_SELECT} WHERE d.id = ?", (delivery_id,)) if claimed else []
            return next(map(delivery_from, rows), None)

    async def mark_sent(self, delivery_id: int, channel_id: str, message_id: str, now: datetime) -> bool:
        """Record the message that a delivery became, and its papers as given; return whether that was news."""
        async with self._database.transaction() as writer:
            values = (channel_id, message_id, format_time(now), delivery_id)
            marked = list(await writer.execute_fetchall(_MARK_SENT, values))
            for (target,) in marked:
                await writer.execute_fetchall(_GIVE_PAPERS, (target, format_time(now), delivery_id))
        return bool(marked)

    async def mark_failed(self, delivery_id: int, error: str, now: datetime) -> bool:
        """Give up on a delivery that is not sent, freeing its papers; return whether that was news."""
        return bool(await self._database.execute(_MARK_FAILED, (error, format_time(now), delivery_id)))

    async def mark_uncertain(self, delivery_id: int, error: str, now: datetime) -> bool:
        """Record that nobody can tell whether a delivery arrived; return False when it is sent or given up on."""
        return bool(await self._database.execute(_MARK_UNCERTAIN, (error, format_time(now), delivery_id)))

    async def mark_pending(self, delivery_id: int, error: str) -> bool:
        """Hand back what was in hand or uncertain, to be tried again; return whether it will be.

        It will not in any other state, nor when its subscription is gone: then it has failed.
        """
        return list(await self._database.execute(_MARK_PENDING, (error, delivery_id))) == [("pending",)]

    async def mark_given(self, target: Target, arxiv_ids: Iterable[str], now: datetime) -> None:
        """Remember papers as given to a target, outside any delivery; ids must be of stored papers."""
        async with self._database.transaction() as writer:
            number = await add_target(writer, target)
            moment = format_time(now)
            await writer.executemany(_MARK_GIVEN, [(arxiv_id, number, moment) for arxiv_id in arxiv_ids])

    async def given(self, target: Target, among: Iterable[str]) -> set[str]:
        """Return which of these arXiv ids the target was given, or is about to be."""
        rows = await self._database.fetch(_GIVEN, (target.kind, target.id, json.dumps(list(among))))
        return {arxiv_id for (arxiv_id,) in rows}


async def _find_new(writer: aiosqlite.Connection, deliveries: Iterable[Delivery]) -> set[tuple[int, str]]:
    pairs = json.dumps([(delivery.subscription_id, delivery.occasion) for delivery in deliveries])
    rows = await writer.execute_fetchall(_FIND_NEW, (pairs,))
    return {(number, occasion) for number, occasion in (json.loads(pair) for (pair,) in rows)}


async def _add_delivery(writer: aiosqlite.Connection, delivery: Delivery, now: datetime) -> int | None:
    target = await add_target(writer, delivery.target)
    editions = json.dumps([day.isoformat() for day in delivery.editions])
    identity = (delivery.subscription_id, target, delivery.occasion, delivery.part, delivery.generation)
    for (number,) in await writer.execute_fetchall(_ADD, (*identity, editions, delivery.payload, format_time(now))):
        papers = [(number, position, arxiv_id) for position, arxiv_id in enumerate(delivery.papers, 1)]
        await writer.executemany(_ADD_PAPER, papers)
        return int(number)
    return None

"""Keeps what was promised to whom and what became of it, and so what a target must not be given again.

    pending ─► sending ─► sent        papers are held back while pending, sending or uncertain,
       │          ├─────► failed      given for good when sent, and free again when failed
       └──────────┴─────► uncertain

Holding back follows from the states themselves; only what was given is a memory of its own, never pruned.
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import aiosqlite

from storage.models import Delivery, Target
from storage.rows import format_time, parse_time
from storage.sqlite import Database
from storage.targets import TARGET, add_target

_ADD = """
INSERT INTO deliveries (subscription_id, target_id, occasion, part, generation, state, editions, payload, planned_at)
VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?)
ON CONFLICT (subscription_id, occasion, part) DO NOTHING RETURNING id
"""

_ADD_PAPER = """
INSERT INTO delivery_papers (delivery_id, position, paper_id) VALUES (?, ?, (SELECT id FROM papers WHERE arxiv_id = ?))
"""

_LIST = """
SELECT d.id, d.subscription_id, t.kind, t.platform_id, d.occasion, d.part, d.generation, d.state, d.editions, d.payload,
       d.channel_id, d.message_id, d.attempts, d.last_error,
       d.planned_at, d.first_attempt_at, d.last_attempt_at, d.finished_at,
       (SELECT json_group_array(arxiv_id) FROM (SELECT p.arxiv_id FROM delivery_papers AS dp
        JOIN papers AS p ON p.id = dp.paper_id WHERE dp.delivery_id = d.id ORDER BY dp.position))
FROM deliveries AS d JOIN targets AS t ON t.id = d.target_id
WHERE (?1 IS NULL OR d.subscription_id = ?1) AND (?2 IS NULL OR d.state = ?2)
ORDER BY d.id
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
        """Store promises with their papers, all in one transaction; return the new ids.

        One that is stored already (same subscription, occasion and part) stays as it was: planning twice
        promises once. Raise RejectedError, storing none, when a paper is not in the store.
        """
        async with self._database.transaction() as writer:
            ids = [await _add_delivery(writer, delivery, now) for delivery in deliveries]
        return [number for number in ids if number is not None]

    async def list(self, subscription_id: int | None = None, state: str | None = None) -> DeliveryList:
        """Return deliveries in the order they were planned."""
        return [_delivery_from(row) for row in await self._database.fetch(_LIST, (subscription_id, state))]

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


async def _add_delivery(writer: aiosqlite.Connection, delivery: Delivery, now: datetime) -> int | None:
    target = await add_target(writer, delivery.target)
    editions = json.dumps([day.isoformat() for day in delivery.editions])
    identity = (delivery.subscription_id, target, delivery.occasion, delivery.part, delivery.generation)
    for (number,) in await writer.execute_fetchall(_ADD, (*identity, editions, delivery.payload, format_time(now))):
        papers = [(number, position, arxiv_id) for position, arxiv_id in enumerate(delivery.papers, 1)]
        await writer.executemany(_ADD_PAPER, papers)
        return int(number)
    return None


def _delivery_from(row: Sequence[Any]) -> Delivery:
    number, subscription_id, kind, platform_id, occasion, part, generation, state, editions, payload, *rest = row
    channel_id, message_id, attempts, last_error, planned_at, first_attempt_at, last_attempt_at, finished_at, papers = (
        rest
    )
    return Delivery(
        subscription_id=subscription_id,
        target=Target(kind, platform_id),
        occasion=occasion,
        editions=tuple(date.fromisoformat(day) for day in json.loads(editions)),
        papers=tuple(json.loads(papers)),
        payload=payload,
        part=part,
        generation=generation,
        state=state,
        channel_id=channel_id,
        message_id=message_id,
        attempts=attempts,
        last_error=last_error,
        planned_at=parse_time(planned_at),
        first_attempt_at=parse_time(first_attempt_at),
        last_attempt_at=parse_time(last_attempt_at),
        finished_at=parse_time(finished_at),
        id=number,
    )

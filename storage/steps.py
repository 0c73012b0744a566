"""Keeps what is to be done to messages after they were sent: publish, open a thread, edit; each in its turn.

pending ─► done      a correction that comes while an edit waits takes that edit's place
   └─────► failed
"""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import aiosqlite

from storage.delivery_statements import FIND_PAPERS
from storage.models import Step
from storage.rows import format_time, parse_time
from storage.sqlite import Database

_SELECT = """
SELECT p.id, p.delivery_id, p.kind, p.payload, p.papers, p.state, p.attempts, p.last_error, p.planned_at
FROM steps AS p JOIN deliveries AS d ON d.id = p.delivery_id
"""

_LIST_READY = f"""{_SELECT}
WHERE p.state = 'pending' AND d.state = 'sent' AND d.recipient = ?1
  AND (p.retry_at IS NULL OR p.retry_at <= ?2 OR p.last_attempt_at > ?2)
  AND NOT EXISTS (SELECT 1 FROM steps AS b WHERE b.delivery_id = p.delivery_id AND b.id < p.id AND b.state = 'pending')
ORDER BY p.id LIMIT ?3
"""

_SET_REVISIONS = """
UPDATE deliveries SET revisions = ? WHERE subscription_id = ? AND occasion = ? AND kind = 'digest'
"""
_DROP_EDITS = """
DELETE FROM steps WHERE kind = 'edit' AND state = 'pending'
AND delivery_id IN (SELECT id FROM deliveries WHERE subscription_id = ? AND occasion = ?)
"""
_ADD_EDIT = "INSERT INTO steps (delivery_id, kind, payload, papers, planned_at) VALUES (?, 'edit', ?, ?, ?)"

_BEGIN = "UPDATE steps SET attempts = attempts + 1, last_attempt_at = ? WHERE id = ?"
_MARK = """
UPDATE steps SET state = ?, last_error = ?, retry_at = ?, finished_at = ? WHERE id = ? AND state = 'pending'
RETURNING delivery_id, kind, payload, papers
"""

_SHOW = "UPDATE deliveries SET payload = json_set(payload, '$.message', json(?)) WHERE id = ?"
_DROP_PAPERS = "DELETE FROM delivery_papers WHERE delivery_id = ?"
_ADD_PAPER = "INSERT INTO delivery_papers (delivery_id, position, paper_id) VALUES (?, ?, ?)"
_GIVE = """
INSERT INTO given (paper_id, target_id, given_at) SELECT dp.paper_id, d.target_id, ?
FROM delivery_papers AS dp JOIN deliveries AS d ON d.id = dp.delivery_id WHERE d.id = ? ON CONFLICT DO NOTHING
"""

StepList = list[Step]  # `list` is a method below


class Steps:
    """The steps facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, delivery_id: int) -> StepList:
        """Return the steps of one delivery in their order."""
        rows = await self._database.fetch(f"{_SELECT} WHERE p.delivery_id = ? ORDER BY p.id", (delivery_id,))
        return [_step_from(row) for row in rows]

    async def list_ready(self, recipient: str, now: datetime, limit: int) -> StepList:
        """Return what is to be done next to messages of one kind of target, oldest first: of each the next step."""
        rows = await self._database.fetch(_LIST_READY, (recipient, format_time(now), limit))
        return [_step_from(row) for row in rows]

    async def correct(
        self, subscription_id: int, occasion: str, revisions: Sequence[int], edits: Sequence[Step], now: datetime
    ) -> None:
        """Promise that an occasion's messages will be edited, and note the revisions its editions have then.

        Edits that still wait are replaced; those of messages that need none are dropped.
        """
        async with self._database.transaction() as writer:
            await writer.execute_fetchall(_SET_REVISIONS, (json.dumps(list(revisions)), subscription_id, occasion))
            await writer.execute_fetchall(_DROP_EDITS, (subscription_id, occasion))
            rows = [(edit.delivery_id, edit.payload, json.dumps(edit.papers), format_time(now)) for edit in edits]
            await writer.executemany(_ADD_EDIT, rows)

    async def begin(self, step_id: int, now: datetime) -> None:
        """Count an attempt."""
        await self._database.execute(_BEGIN, (format_time(now), step_id))

    async def mark_done(self, step_id: int, now: datetime) -> bool:
        """Record that a step is done; an edited message then shows the edit's papers, which are given with it."""
        async with self._database.transaction() as writer:
            values = ("done", None, None, format_time(now), step_id)
            marked = list(await writer.execute_fetchall(_MARK, values))
            for delivery_id, kind, payload, papers in marked:
                if kind == "edit":
                    await _show(writer, delivery_id, payload, json.loads(papers), now)
        return bool(marked)

    async def mark_failed(self, step_id: int, error: str, now: datetime) -> bool:
        """Give up on a step; those after it go on."""
        return bool(await self._database.execute(_MARK, ("failed", error, None, format_time(now), step_id)))

    async def mark_pending(self, step_id: int, error: str, retry_at: datetime) -> bool:
        """Leave a step for later."""
        return bool(await self._database.execute(_MARK, ("pending", error, format_time(retry_at), None, step_id)))


async def _show(
    writer: aiosqlite.Connection, delivery_id: int, payload: str, arxiv_ids: Sequence[str], now: datetime
) -> None:
    known = await writer.execute_fetchall(FIND_PAPERS, (json.dumps(list(arxiv_ids)),))
    papers: dict[str, int] = {arxiv_id: number for arxiv_id, number in known}  # noqa: C416 - a Row is no pair
    await writer.execute_fetchall(_SHOW, (payload, delivery_id))
    await writer.execute_fetchall(_DROP_PAPERS, (delivery_id,))
    rows = [(delivery_id, position, papers[one]) for position, one in enumerate(arxiv_ids, 1) if one in papers]
    await writer.executemany(_ADD_PAPER, rows)
    await writer.execute_fetchall(_GIVE, (format_time(now), delivery_id))


def _step_from(row: Sequence[Any]) -> Step:
    number, delivery_id, kind, payload, papers, state, attempts, last_error, planned_at = row
    return Step(
        kind=kind,
        payload=payload,
        papers=tuple(json.loads(papers)),
        delivery_id=delivery_id,
        state=state,
        attempts=attempts,
        last_error=last_error,
        planned_at=parse_time(planned_at),
        id=number,
    )

"""Holds all direct messages back when Discord seems to take the bot for a spammer, instead of trying them all.

    open ─► refused as a spammer, or so many in a row refuse ─► closed for some hours ─► one is tried
      ▲                                                              ▲                       │ refused again
      └──────────────────────── it arrived ◄─────────────────────────┴───────────────────────┘

Bots that went on were quarantined. Kept in the database under a name, so that a restart does not try again.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from typing import Any

from bot.delivery.transport import DMS_CLOSED, QUARANTINED, TransportError
from storage.models import Delivery
from storage.store import Store

FACT = "dms paused"
REST, LONGEST_REST = timedelta(hours=1), timedelta(hours=24)  # doubled each time it is refused again
MOST_IN_A_ROW = 20  # members that refuse one after the other before that is held to be about the bot
_log = logging.getLogger(__name__)


class Barrier:
    """Knows whether direct messages may be sent, and learns from what came of each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._refused: set[str] = set()  # the members that refused since the last message that arrived

    async def find_width(self, now: datetime, usual: int) -> int:
        """Return how many direct messages may be sent at once: 0 while closed, 1 to try whether it is over."""
        paused = await self._find()
        if paused is None:
            return usual
        return 0 if now < datetime.fromisoformat(paused["until"]) else 1

    async def note_sent(self, delivery: Delivery) -> None:
        """Learn that a message arrived."""
        if delivery.target.kind != "member":
            return
        self._refused.clear()
        if await self._find() is not None:
            await self._store.facts.delete(FACT)
            _log.warning("direct messages arrive again")

    async def note_refusal(self, delivery: Delivery, error: TransportError, now: datetime) -> None:
        """Learn that a message was refused."""
        if delivery.target.kind != "member":
            return
        if error.kind == DMS_CLOSED:
            self._refused.add(delivery.target.id)
        if error.kind == QUARANTINED or len(self._refused) >= MOST_IN_A_ROW:
            self._refused.clear()
            await self._close(error, now)

    async def _close(self, error: TransportError, now: datetime) -> None:
        known = await self._find()
        if known is not None and now < datetime.fromisoformat(known["until"]):
            return  # one of several that were on their way
        rest = min(2 * timedelta(seconds=known["seconds"]), LONGEST_REST) if known else REST
        paused = {"at": now.isoformat(), "until": (now + rest).isoformat(), "seconds": rest.total_seconds()}
        await self._store.facts.set(FACT, json.dumps(paused | {"kind": error.kind}))
        _log.error("all direct messages pause until %s: Discord refuses them (%s)", now + rest, error)

    async def _find(self) -> dict[str, Any] | None:
        kept = await self._store.facts.get(FACT)
        return dict(json.loads(kept)) if kept else None

"""Notices that another copy of the bot runs with the same token: it answers what this one is about to answer.

Discord says of an answer that somebody was faster (code 40060). Now and then that is an answer of our own that was
tried twice; many within minutes are another copy's.
"""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime, timedelta

from bot.answers.reliability import SECOND_COPY
from storage.store import Store

ENOUGH = 5
WITHIN = timedelta(minutes=10)
_BETWEEN_NOTES = timedelta(minutes=1)
_log = logging.getLogger(__name__)


class Copies:
    """Counts interactions that somebody else answered, and keeps it as a fact when there are many."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: deque[datetime] = deque(maxlen=ENOUGH)
        self._noted_at: datetime | None = None

    async def note(self, now: datetime) -> None:
        """Count one; of many keep when that was, at most once a minute, and say so in the log once."""
        self._seen.append(now)
        if len(self._seen) < ENOUGH or abs(now - self._seen[0]) > WITHIN:
            return
        if self._noted_at is None:
            _log.error("another copy of this bot answers with its token: stop that one, or reset the token")
        elif abs(now - self._noted_at) < _BETWEEN_NOTES:
            return
        self._noted_at = now
        await self._store.facts.set(SECOND_COPY, now.isoformat())

"""Says when somebody has asked often enough: so many times in so many seconds, per key, kept in memory only."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

_KEYS = 10_000  # more keys than this are cleared of those that are over


class Limiter:
    """Allows `most` events in any `seconds` for each key."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._span = most, timedelta(seconds=seconds)
        self._events: dict[str, deque[datetime]] = {}

    def find_wait(self, key: str, now: datetime) -> float:
        """Return how many seconds `key` has to wait, 0 when it may go on."""
        events = self._find_recent(key, now)
        if len(events) < self._most:
            return 0.0
        return (events[-self._most] + self._span - now).total_seconds()

    def add(self, key: str, now: datetime) -> None:
        """Count one event of `key`."""
        if len(self._events) >= _KEYS:
            for known in list(self._events):
                self._find_recent(known, now)
        self._events.setdefault(key, deque(maxlen=self._most)).append(now)

    def _find_recent(self, key: str, now: datetime) -> deque[datetime]:
        events = self._events.get(key, deque())
        while events and events[0] + self._span <= now:
            events.popleft()
        if not events:
            self._events.pop(key, None)
        return events

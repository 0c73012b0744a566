"""Stops asking before Discord stops answering: it bans an address that made too many requests in vain.

10,000 answers of 401, 403 or 429 within ten minutes get a ban, those of a limit shared with others excepted:
https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans

    channel  30 %   refusals (403) to channels          what fills its own budget stops its own lane only
    member   30 %   refusals to members
    other    40 %   429 and 401, which are about the bot: both lanes stop

The budgets are shares of our own limit, far below the ban, so that nothing ever goes over it. A lane that stopped goes
on when half of its budget is free again. After a 401 (the token was replaced) one request a minute is let through,
until one is answered otherwise. Counted is what deliveries ask; other requests are few.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from bot.delivery.transport import HELD, TransportError

WINDOW_SECONDS = 600.0
SHARES = {"channel": 0.3, "member": 0.3, "other": 0.4}
TOKEN_PAUSE_SECONDS = 60.0  # between two tries of a token that was refused
_SAYS = {"channel": "channels refuse", "member": "members refuse", "other": "Discord refuses"}
_log = logging.getLogger(__name__)


class Breaker:
    """Counts refusals by kind; `limit` is how many there may be in ten minutes, `clock` gives seconds."""

    def __init__(self, limit: int = 500, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._budgets = {kind: _Budget(kind, max(1, int(limit * share)), clock) for kind, share in SHARES.items()}
        self._token_until: float | None = None  # a refused token is not tried before

    def lane(self, name: str) -> BreakerLane:
        """Return the lane of "channel" or "member"; KeyError for any other."""
        return BreakerLane(self, self._budgets[name], self._budgets["other"])

    def describe(self) -> dict[str, Any]:
        """Return the limit, the refusals in ten minutes and what is held, by kind, and whether the token is refused."""
        return {
            "limit": self._limit,
            "used": {kind: budget.count() for kind, budget in self._budgets.items()},
            "held": [kind for kind, budget in self._budgets.items() if budget.is_held()],
            "token_refused": self._token_until is not None,
        }

    def check_token(self) -> None:
        """Raise HELD while a refused token is not to be tried."""
        if self._token_until is not None and self._clock() < self._token_until:
            raise TransportError(HELD, "Discord refuses the token")

    def try_token(self) -> None:
        """Let no other try a refused token before this one is answered, or is not in time."""
        if self._token_until is not None:
            self._token_until = self._clock() + TOKEN_PAUSE_SECONDS

    def note_token(self, *, is_refused: bool) -> None:
        """Note what was answered to the token; said once when it is refused, and once when it is taken again."""
        if is_refused and self._token_until is None:
            _log.error("Discord refuses the token (401): nothing is sent until it is taken again")
        elif not is_refused and self._token_until is not None:
            _log.warning("Discord takes the token again")
        self._token_until = self._clock() + TOKEN_PAUSE_SECONDS if is_refused else None


class BreakerLane:
    """The way of one kind of requests through the breaker: each is made `async with` it, so that none is too many."""

    def __init__(self, breaker: Breaker, own: _Budget, other: _Budget) -> None:
        self._breaker, self._own, self._other = breaker, own, other

    def check(self) -> None:
        """Raise TransportError(HELD) when nothing is to be asked now."""
        for budget in (self._own, self._other):
            if budget.is_held():
                raise TransportError(HELD, budget.describe())
        self._breaker.check_token()

    def note(self, status: int, scope: str | None = None) -> None:
        """Count an answer by its status, and for a 429 its X-RateLimit-Scope."""
        if status == 401 or (status == 429 and scope != "shared"):
            self._other.add()
        elif status == 403:
            self._own.add()
        if status != 429 and status < 500:
            self._breaker.note_token(is_refused=status == 401)

    async def __aenter__(self) -> None:
        """Wait until one more may be refused besides all that are on their way; TransportError(HELD) as `check`."""
        self.check()
        while not (self._own.has_room() and self._other.has_room()):
            await (self._own if not self._own.has_room() else self._other).freed()
            self.check()
        self._breaker.try_token()
        self._own.asking += 1
        self._other.asking += 1

    async def __aexit__(self, *error: object) -> None:
        """Let who waits see that this one has been answered."""
        self._own.leave()
        self._other.leave()


class _Budget:
    """How often one thing may be refused, and was, in the last ten minutes."""

    def __init__(self, kind: str, most: int, clock: Callable[[], float]) -> None:
        self._kind, self._most, self._clock = kind, most, clock
        self._times: deque[float] = deque(maxlen=most)
        self._is_held = False
        self._freed = asyncio.Event()
        self.asking = 0  # requests that are not answered yet

    def count(self) -> int:
        """Return the refusals of the last ten minutes."""
        while self._times and self._times[0] <= self._clock() - WINDOW_SECONDS:
            self._times.popleft()
        return len(self._times)

    def is_held(self) -> bool:
        """Tell whether it was used up, and half of it is not free again yet."""
        self._is_held = self._is_held and self.count() > self._most // 2
        return self._is_held

    def has_room(self) -> bool:
        """Tell whether one more may be asked even if all that are on their way are refused."""
        return self.count() + self.asking < self._most

    def add(self) -> None:
        """Count a refusal; said once when it was the last that may be."""
        self._times.append(self._clock())
        if self.count() >= self._most and not self.is_held():
            self._is_held = True
            _log.error("%s: held back until fewer are refused", self.describe())

    def leave(self) -> None:
        """Note that a request was answered, or never will be."""
        self.asking -= 1
        self._freed.set()

    async def freed(self) -> None:
        """Wait until a request is answered."""
        self._freed.clear()
        await self._freed.wait()

    def describe(self) -> str:
        """Return its state for people who run the bot."""
        return f"{_SAYS[self._kind]} too much ({self.count()} times in ten minutes)"

"""Spaces requests out evenly and fairly, as Discord bans those who come too fast and discord.py has no global limit.

    channel ─► ○○○○ ─┐
                     ├─► a turn every 1 / per_second seconds, none during a hold
    member ──► ○○○○ ─┘

Everyone waits in a lane, first come first served. Channels go first, but every fourth turn is a member's: a channel
waits for at most one member's message, however many of those there are, and members never wait for ever.
"""

from __future__ import annotations

import asyncio
from collections import deque

LANES = ("channel", "member")  # who goes first, first: a channel's digest stands for many readers
SHARE = 4  # of so many turns that both lanes wait for, the last is a member's
LAG_SECONDS = 0.1  # so much of waking up late is made up for; the limit of any second holds all the same


class Pace:
    """Gives turns to those who wait in its lanes: evenly spaced, never more than `per_second` in any second.

    What nobody used is gone: after a quiet time there is no burst.
    """

    def __init__(self, per_second: float) -> None:
        most = max(1, int(per_second))
        self._step, self._window = 1 / per_second, most / per_second
        self._recent: deque[float] = deque(maxlen=most)  # when the last turns were
        self._lanes = {name: Lane(self) for name in LANES}
        self._next = 0.0  # the earliest time of the next turn, on the loop's clock
        self._passed = 0  # turns that the first lane had before the second, which waited too
        self._timer: asyncio.TimerHandle | None = None

    def lane(self, name: str) -> Lane:
        """Return a lane, "channel" or "member"; KeyError for any other."""
        return self._lanes[name]

    def hold(self, seconds: float) -> None:
        """Let nobody go for so long, as after a limit of Discord's on everything: neither who waits nor who comes."""
        self._next = max(self._next, asyncio.get_running_loop().time() + seconds)

    def begin(self) -> None:
        """See to it that who waits gets a turn; the first after a quiet time gets it now."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._next = max(self._next, loop.time())
            self._timer = loop.call_at(self._find_next(), self._give)

    def pass_on(self) -> None:
        """Give a turn that was given and not used to who is next."""
        lane = self._choose()
        if lane is not None:
            lane.release()

    def _find_next(self) -> float:
        is_full = len(self._recent) == self._recent.maxlen
        return max(self._next, self._recent[0] + self._window) if is_full else self._next

    def _give(self) -> None:
        """Give the turn that is due, unless it was put off, and wake up for the next while anybody waits."""
        loop = asyncio.get_running_loop()
        now, self._timer = loop.time(), None
        lane = self._choose() if now >= self._find_next() else None
        if lane is not None:
            lane.release()
            self._recent.append(now)
            self._next = max(self._next, now - LAG_SECONDS) + self._step
        if any(lane.is_awaited() for lane in self._lanes.values()):
            self._timer = loop.call_at(self._find_next(), self._give)

    def _choose(self) -> Lane | None:
        waiting = [lane for lane in self._lanes.values() if lane.is_awaited()]
        if len(waiting) < 2:
            self._passed = 0
            return waiting[0] if waiting else None
        self._passed = (self._passed + 1) % SHARE
        return waiting[0] if self._passed else waiting[1]


class Lane:
    """The queue of those who wait for their turn in one lane of a pace."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._queue: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        """Return when it is this one's turn; who gives up waiting takes no turn from the others."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        self._pace.begin()
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._queue:
                self._queue.remove(turn)
            elif not turn.cancelled():  # it was given in the same moment
                self._pace.pass_on()
            raise

    def hold(self, seconds: float) -> None:
        """Let nobody go for so long, in no lane of the pace."""
        self._pace.hold(seconds)

    def is_awaited(self) -> bool:
        """Tell whether anybody waits here."""
        while self._queue and self._queue[0].done():
            self._queue.popleft()
        return bool(self._queue)

    def release(self) -> None:
        """Let the first go of those who wait."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return

"""One request on its way to Discord: its turn, its place in the breaker, and what is known of its answer.

discord.py decides when to ask and asks again by itself, out of everyone's sight. This sits inside it, at aiohttp's
door: whatever goes out, first or again, passes here.

    discord.py ─► wait for Discord's limit of the channel ─► pass_on ─► turn ─► breaker ─► out
        ▲                                                                                   │
        └── what is not an error ◄── inspect ◄──────────────────────────── answer counted ◄─┘
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from bot.delivery.breaker import BreakerLane
from bot.delivery.pace import Lane
from bot.delivery.refusals import classify
from bot.delivery.transport import LIMITED, OUTAGE, TransportError

TRIES = 3  # of a request that Discord limits
LONGEST_HOLD_SECONDS = 3600.0  # of everything, whatever an answer says


class LimitedError(Exception):
    """Discord says to wait so many seconds before this request, and with `is_global` before any."""

    def __init__(self, seconds: float, *, is_global: bool) -> None:
        super().__init__(f"wait for {seconds:.1f} s")
        self.seconds, self.is_global = seconds, is_global


class Flight:
    """One request; `begin_by` (of the loop's clock) is when it must be out, so that its answer can come in time.

    `is_out`: it may have reached Discord, and what came back, if anything, does not say that it had no effect.
    `answer`: the text of a good answer.
    """

    def __init__(
        self, turns: Lane, breaker: BreakerLane, note_rate_limited: Callable[[], None], begin_by: float
    ) -> None:
        self._turns, self._breaker, self._note = turns, breaker, note_rate_limited
        self._begin_by, self._tries = begin_by, 0
        self.is_out = False
        self.answer: str | None = None

    async def pass_on(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Let a request go when it is its turn, and count what is answered; TransportError when it may not go."""
        if self.is_out and request.method != "GET":  # a repeat of what may have been done
            raise TransportError(OUTAGE, "the line was cut", may_have_arrived=True)
        self._breaker.check()
        try:
            async with asyncio.timeout_at(self._begin_by):
                await self._turns.wait()
        except TimeoutError:
            raise TransportError(LIMITED, "no turn in time") from None
        async with self._breaker:
            return await self._send(request, handler)

    async def _send(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        self.is_out = True
        response = await handler(request)
        self._breaker.note(response.status, response.headers.get("X-RateLimit-Scope"))
        self.is_out = response.status < 300 or response.status >= 500
        return response

    async def inspect(self, response: ClientResponse) -> None:
        """Raise for an answer after which discord.py would ask again: LimitedError, TransportError for a 5xx."""
        if response.status < 300:
            self.answer = await response.text("utf-8")
        elif response.status >= 500:
            raise classify(response.status, 0)
        elif response.status == 429:
            self._note()
            raise self._read_limit(response, await response.text("utf-8", "replace"))

    def _read_limit(self, response: ClientResponse, text: str) -> LimitedError:
        """Read how long to wait; what is not from Discord itself is about all we ask, as a ban is."""
        try:
            found = json.loads(text)
            seconds, is_global = float(found["retry_after"]), bool(found.get("global"))
        except (ValueError, LookupError, TypeError, AttributeError):
            seconds, is_global = _parse_seconds(response.headers.get("Retry-After", "")), True
        seconds = min(max(seconds, 0.0), LONGEST_HOLD_SECONDS)
        if is_global:
            self._turns.hold(seconds)
        return LimitedError(seconds, is_global=is_global)

    async def wait_out(self, limit: LimitedError) -> None:
        """Wait until the request may be repeated; TransportError when that is too long, or was too often."""
        self._tries += 1
        if self._tries >= TRIES or asyncio.get_running_loop().time() + limit.seconds > self._begin_by:
            raise TransportError(LIMITED, f"for {limit.seconds:.0f} s") from limit
        if not limit.is_global:  # else the turns wait
            await asyncio.sleep(limit.seconds)


def _parse_seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # a date, or nothing
        return 60.0

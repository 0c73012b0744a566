"""Spaces requests out evenly, as Discord bans those who come too fast and discord.py has no global limit."""

from __future__ import annotations

import asyncio


class Pace:
    """Lets one through every 1 / `per_second` seconds, in the order they came."""

    def __init__(self, per_second: float) -> None:
        self._seconds = 1 / per_second
        self._next = 0.0

    async def wait(self) -> None:
        """Return when it is this one's turn."""
        loop = asyncio.get_running_loop()
        turn = max(self._next, loop.time())
        self._next = turn + self._seconds
        await asyncio.sleep(turn - loop.time())

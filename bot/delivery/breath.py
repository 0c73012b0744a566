"""Lets others go on while something long is worked out in the same loop: a question is answered in between."""

from __future__ import annotations

import asyncio

SECONDS = 0.004  # of work at a time


class Breath:
    """Measures how long the loop was kept, since it was made or the last breath that was taken."""

    def __init__(self) -> None:
        self._time = asyncio.get_running_loop().time
        self._since = self._time()

    def is_due(self) -> bool:
        """Tell whether the loop was kept for long."""
        return self._time() - self._since >= SECONDS

    async def take(self) -> None:
        """Let others go first."""
        await asyncio.sleep(0)
        self._since = self._time()

"""Lets others go on while something long is worked out in the same loop: a question is answered in between."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Of work at a time. Others wait for several of these: for a timer, for the wakening of who waits, for their own turn.
SECONDS = 0.002
_USUAL = gc.get_threshold()
_NEVER = 1_000_000_000


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


@contextmanager
def leave_old_alone() -> Iterator[None]:
    """Collect only new garbage meanwhile: to look through all that a long work keeps, over and over, keeps others.

    Of several at once the first that ends takes it back for all, which costs time and no more.
    """
    gc.set_threshold(_USUAL[0], _NEVER, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)

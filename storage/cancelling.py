"""What is done when somebody is cancelled who must not be in doubt about what was written."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any


async def outlast(work: asyncio.Future[Any]) -> None:
    """Wait until something has ended in whatever way, however often this is cancelled."""
    while not work.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([work])


def cancel_later() -> None:
    """Let a cancellation that came too late come again with the next wait, and be counted once."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
        task.cancel()

"""Leaves alone what Discord keeps refusing; when it goes on, and who is told, is `trouble`'s work."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from storage.store import Store

_log = logging.getLogger(__name__)


async def pause(store: Store, subscription_id: int, reason: str, now: datetime) -> None:
    """Pause a subscription by itself; one that is paused already keeps its day and reason."""
    await store.subscriptions.change(
        subscription_id,
        lambda known: known if known.is_paused else replace(known, paused_at=now, pause_reason=reason),
    )
    _log.warning("subscription %s is paused: %s", subscription_id, reason)

"""Tells the bot's owner when a live source has been silent for too long, once, and once more when it is back.

    silent beyond its calendar ─► told, remembered ─► back ─► told, forgotten

In the log always, and in the conversations that the owner has with the bot. Posts are made without it meanwhile.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial

from bot.collecting.silence import Silence, find_silences
from bot.delivery.telling import OWNER, Teller
from bot.digest.layout import NAMES
from bot.messages.alerts import render_back, render_silence
from bot.messages.message import Message
from storage.models import Subscription, Target
from storage.store import Store

TOLD = "silences told"  # a fact: when the owner was told of each, by source
AFTER_START = timedelta(hours=1)  # for what was not asked while the bot was away
_log = logging.getLogger(__name__)


class Silences:
    """Watches the sources of a bot that began at a time."""

    def __init__(self, store: Store, teller: Teller, owner_ids: Callable[[], Collection[int]], began: datetime) -> None:
        self._store, self._teller, self._owner_ids, self._began = store, teller, owner_ids, began

    async def tell(self, now: datetime) -> None:
        """Tell of silences that began, or are over, and were not told yet."""
        if now < self._began + AFTER_START:
            return
        told: dict[str, str] = json.loads(await self._store.facts.get(TOLD) or "{}")
        silent = {one.name: one for one in await find_silences(self._store, now)}
        for name in sorted({*told, *silent}):
            if name in silent and name not in told:
                told[name] = now.isoformat()
                await self._tell_silence(silent[name], told[name], now)
            elif name in told and name not in silent:
                await self._tell_back(name, told.pop(name), now)
            else:
                continue
            await self._store.facts.set(TOLD, json.dumps(told))

    async def _tell_silence(self, silence: Silence, moment: str, now: datetime) -> None:
        since = f"since {silence.since:%Y-%m-%d %H:%M} UTC" if silence.since else "yet"
        _log.warning("%s has said nothing %s: %s", silence.name, since, silence.cause)
        await self._tell_owners(
            f"silent:{silence.name}:{moment}", partial(render_silence, _name(silence.name), silence.since), now
        )

    async def _tell_back(self, name: str, moment: str, now: datetime) -> None:
        _log.warning("%s is back", name)
        await self._tell_owners(f"back:{name}:{moment}", partial(render_back, _name(name)), now)

    async def _tell_owners(self, what: str, render: Callable[[int, str], Message], now: datetime) -> None:
        for owner_id in sorted(self._owner_ids()):
            owner = Target("member", str(owner_id))
            about = await self._find_digest(owner)
            if about is not None and await self._teller.is_known(owner):
                told = partial(render, about.id or 0)
                await self._teller.tell(owner, about, f"{what}{OWNER}{owner_id}", told, now)

    async def _find_digest(self, owner: Target) -> Subscription | None:
        """Return a digest to tell it with, the owner's own if there is one; without any, nobody misses a post."""
        own = await self._store.subscriptions.list(owner)
        return own[0] if own else await self._store.subscriptions.first()


def _name(name: str) -> str:
    return NAMES.get(name, name)

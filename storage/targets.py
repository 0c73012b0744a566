"""Names the places digests go to by a small number, for the tables that have a row per target; forgets them whole."""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

import aiosqlite

from storage.models import Target

TARGET = "SELECT id FROM targets WHERE kind = ? AND platform_id = ?"

_ADD = """
INSERT INTO targets (kind, platform_id, guild_id) VALUES (?, ?, ?)
ON CONFLICT (kind, platform_id) DO UPDATE SET guild_id = excluded.guild_id
WHERE excluded.guild_id IS NOT NULL AND guild_id IS NOT excluded.guild_id
"""

_FIND = """
SELECT t.id, t.kind, t.platform_id FROM json_each(?) AS w
JOIN targets AS t ON t.kind = json_extract(w.value, '$[0]') AND t.platform_id = json_extract(w.value, '$[1]')
"""

_NUMBERS = "(SELECT value FROM json_each(?1))"

# Children before parents; the papers of a delivery and the occasions of a subscription go with them. What a
# subscription sent elsewhere, before it was moved here, goes too.
_FORGET = (
    f"DELETE FROM deliveries WHERE target_id IN {_NUMBERS}",
    f"DELETE FROM deliveries WHERE subscription_id IN (SELECT id FROM subscriptions WHERE target_id IN {_NUMBERS})",
    f"DELETE FROM given WHERE target_id IN {_NUMBERS}",
    f"DELETE FROM saved WHERE target_id IN {_NUMBERS}",
    f"DELETE FROM subscriptions WHERE target_id IN {_NUMBERS}",
    f"DELETE FROM targets WHERE id IN {_NUMBERS}",
)


async def add_target(writer: aiosqlite.Connection, target: Target, guild_id: str | None = None) -> int:
    """Return a target's number, giving it one when it is new; in the caller's transaction.

    A channel remembers the server it belongs to once that is known; a member belongs to none.
    """
    server = guild_id if target.kind == "channel" else None
    await writer.execute_fetchall(_ADD, (target.kind, target.id, server))
    ((number,),) = await writer.execute_fetchall(TARGET, (target.kind, target.id))
    return int(number)


def find_targets(writer: sqlite3.Connection, targets: Iterable[Target]) -> dict[Target, int]:
    """Return the numbers of many targets, giving one to each that is new; in the caller's transaction."""
    wanted = list(targets)
    asked = json.dumps([[target.kind, target.id] for target in wanted])
    found = {Target(kind, platform_id): number for number, kind, platform_id in writer.execute(_FIND, (asked,))}
    for target in wanted:
        if target not in found:
            writer.execute(_ADD, (target.kind, target.id, None))
            ((found[target],),) = writer.execute(TARGET, (target.kind, target.id)).fetchall()
    return found


async def forget_targets(writer: aiosqlite.Connection, numbers: Sequence[int]) -> None:
    """Delete targets with all that is kept of them, the ids of subscriptions and deliveries never to be used again."""
    for statement in _FORGET:
        await writer.execute_fetchall(statement, (json.dumps(list(numbers)),))

"""Names the places digests go to by a small number, for the tables that have a row per target."""

from __future__ import annotations

import aiosqlite

from storage.models import Target

TARGET = "SELECT id FROM targets WHERE kind = ? AND platform_id = ?"


async def add_target(writer: aiosqlite.Connection, target: Target) -> int:
    """Return a target's number, giving it one when it is new; in the caller's transaction."""
    names = (target.kind, target.id)
    await writer.execute_fetchall("INSERT INTO targets (kind, platform_id) VALUES (?, ?) ON CONFLICT DO NOTHING", names)
    ((number,),) = await writer.execute_fetchall(TARGET, names)
    return int(number)

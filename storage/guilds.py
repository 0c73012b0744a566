"""Keeps the servers that the bot is in or was in lately, and forgets the ones that it left for good."""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

from datetime import datetime

from storage.rows import format_time, parse_time
from storage.sqlite import Database
from storage.targets import forget_targets

_JOIN = """
INSERT INTO guilds (guild_id, language, joined_at) VALUES (?, ?, ?)
ON CONFLICT (guild_id) DO UPDATE SET left_at = NULL, joined_at = excluded.joined_at WHERE left_at IS NOT NULL
"""

# A server that was never seen to be joined may have left something too: what is recorded here gets pruned.
_LEAVE = """
INSERT INTO guilds (guild_id, language, joined_at, left_at) VALUES (?1, 'en', ?2, ?2)
ON CONFLICT (guild_id) DO UPDATE SET left_at = excluded.left_at WHERE left_at IS NULL
"""

_LEFT = "SELECT guild_id FROM guilds WHERE left_at < ?"


class Guilds:
    """The guilds facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def join(self, guild_id: str, language: str, now: datetime) -> bool:
        """Record that the bot is in a server; return whether it had left it.

        A server that is known keeps its language: it may have been chosen.
        """
        async with self._database.transaction() as writer:
            left = "SELECT 1 FROM guilds WHERE guild_id = ? AND left_at IS NOT NULL"
            had_left = bool(await writer.execute_fetchall(left, (guild_id,)))
            await writer.execute_fetchall(_JOIN, (guild_id, language, format_time(now)))
        return had_left

    async def leave(self, guild_id: str, now: datetime) -> None:
        """Record that the bot is no longer in a server; the time at which that was first known stays."""
        await self._database.execute(_LEAVE, (guild_id, format_time(now)))

    async def list(self) -> dict[str, datetime | None]:
        """Return the servers that are kept, each with when the bot left it, None while it is in there."""
        rows = await self._database.fetch("SELECT guild_id, left_at FROM guilds")
        return {guild_id: parse_time(left) for guild_id, left in rows}

    async def get_joined(self, guild_id: str) -> datetime | None:
        """Return when the bot was last seen to join a server, None for a server that is not kept."""
        rows = await self._database.fetch("SELECT joined_at FROM guilds WHERE guild_id = ?", (guild_id,))
        return parse_time(rows[0][0]) if rows else None

    async def prune(self, before: datetime) -> int:
        """Delete the servers that were left before a time, with all that is kept of their channels; return how many."""
        moment = (format_time(before),)
        async with self._database.transaction() as writer:
            targets = await writer.execute_fetchall(f"SELECT id FROM targets WHERE guild_id IN ({_LEFT})", moment)
            await forget_targets(writer, [number for (number,) in targets])
            return len(list(await writer.execute_fetchall("DELETE FROM guilds WHERE left_at < ? RETURNING 1", moment)))

    async def set_language(self, guild_id: str, language: str) -> None:
        """Set a server's language, for its digests too; one that is not kept has only its digests."""
        async with self._database.transaction() as writer:
            for table in ("guilds", "subscriptions"):
                sql = f"UPDATE {table} SET language = ? WHERE guild_id = ?"
                await writer.execute_fetchall(sql, (language, guild_id))

    async def get_language(self, guild_id: str) -> str | None:
        """Return a server's language, None for a server that is not kept."""
        rows = await self._database.fetch("SELECT language FROM guilds WHERE guild_id = ?", (guild_id,))
        return str(rows[0][0]) if rows else None

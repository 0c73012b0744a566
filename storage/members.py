"""Keeps what belongs to one member: saved papers and the channel for direct messages; deletes all of a member."""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

from datetime import datetime

from storage.models import Appearance, Target
from storage.rows import APPEARANCE, appearance_from, format_plain, format_time
from storage.sqlite import Database
from storage.targets import TARGET, add_target, forget_targets

_PAPER = "SELECT id FROM papers WHERE arxiv_id = ?"

_SAVE = """
INSERT INTO saved (target_id, paper_id, saved_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id
"""

_UNSAVE = f"DELETE FROM saved WHERE target_id = ({TARGET}) AND paper_id = ({_PAPER}) RETURNING id"

_IS_SAVED = f"SELECT 1 FROM saved WHERE target_id = ({TARGET}) AND paper_id = ({_PAPER})"

_SAVED = f"""
SELECT {APPEARANCE} FROM saved AS s JOIN papers AS p ON p.id = s.paper_id
JOIN appearances AS a ON a.id = (SELECT id FROM appearances WHERE paper_id = p.id ORDER BY day DESC LIMIT 1)
WHERE s.target_id = ({TARGET}) ORDER BY s.saved_at DESC, s.id DESC LIMIT ? OFFSET ?
"""

# Whether a paper is on any day still: one that is not cannot be shown.
_COUNT = f"""
SELECT count(*) FROM saved AS s JOIN papers AS p ON p.id = s.paper_id
WHERE s.target_id = ({TARGET}) AND (p.current_id IS NOT NULL) = ?
"""

# What names a member elsewhere: the digests set up for servers stay without the name.
_UNNAME = "UPDATE subscriptions SET created_by = NULL WHERE created_by = ?"


class Members:
    """The members facet of a Store; a member is the Target that personal digests go to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, target: Target, arxiv_id: str, now: datetime) -> bool:
        """Save a paper; return whether that was news: False when it was saved, or is on no stored day (any more)."""
        async with self._database.transaction() as writer:
            wanted = (format_plain(arxiv_id),)
            for (paper,) in await writer.execute_fetchall(f"{_PAPER} AND current_id IS NOT NULL", wanted):
                number = await add_target(writer, target)
                return bool(await writer.execute_fetchall(_SAVE, (number, paper, format_time(now))))
        return False

    async def unsave(self, target: Target, arxiv_id: str) -> bool:
        """Forget that a paper was saved; return whether it was."""
        return bool(await self._database.execute(_UNSAVE, (target.kind, target.id, format_plain(arxiv_id))))

    async def is_saved(self, target: Target, arxiv_id: str) -> bool:
        """Return whether a paper is saved, be it on a stored day or not."""
        return bool(await self._database.fetch(_IS_SAVED, (target.kind, target.id, format_plain(arxiv_id))))

    async def saved(self, target: Target, limit: int, offset: int = 0) -> list[Appearance]:
        """Return the papers saved last first, each as it appeared last.

        Saved papers that have since left every day cannot be shown and are left out, see `count_gone`.
        """
        page = (max(limit, 0), max(offset, 0))
        rows = await self._database.fetch(_SAVED, (target.kind, target.id, *page))
        return [appearance_from(row) for row in rows]

    async def count_saved(self, target: Target) -> int:
        """Return how many papers `saved` has in all."""
        return await self._count(target, is_shown=True)

    async def count_gone(self, target: Target) -> int:
        """Return how many saved papers have left every day; they are back when a day brings them back."""
        return await self._count(target, is_shown=False)

    async def _count(self, target: Target, is_shown: bool) -> int:
        ((count,),) = await self._database.fetch(_COUNT, (target.kind, target.id, is_shown))
        return int(count)

    async def set_channel(self, target: Target, channel_id: str) -> None:
        """Keep the channel that was opened for direct messages to a member."""
        async with self._database.transaction() as writer:
            number = await add_target(writer, target)
            await writer.execute_fetchall("UPDATE targets SET channel_id = ? WHERE id = ?", (channel_id, number))

    async def get_channel(self, target: Target) -> str | None:
        """Return the channel kept for a member, None when none was opened."""
        rows = await self._database.fetch(
            "SELECT channel_id FROM targets WHERE kind = ? AND platform_id = ?", (target.kind, target.id)
        )
        return rows[0][0] if rows else None

    async def delete_all(self, target: Target, now: datetime) -> None:
        """Delete all that is kept of a member; what is still to be sent is gone with it.

        That is subscriptions, saved papers, what was given, deliveries with their content, the channel for direct
        messages, what the member was allowed in servers, and the name under the digests set up for servers.
        """
        async with self._database.transaction() as writer:
            numbers = [number for (number,) in await writer.execute_fetchall(TARGET, (target.kind, target.id))]
            await forget_targets(writer, numbers)
            if target.kind == "member":
                await writer.execute_fetchall(_UNNAME, (target.id,))

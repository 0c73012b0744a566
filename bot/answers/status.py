"""What is stored, in figures: for whoever runs the bot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot import __version__
from bot.answers.records import format_time
from storage.store import Store


async def find_status(store: Store, database: Path, size: int) -> dict[str, Any]:
    """Find the figures as a JSON object; `size` is the file's in bytes, days are null when there are none."""
    latest, oldest = await store.days.latest(), await store.days.oldest()
    return {
        "version": __version__,
        "database": str(database),
        "size": size,
        "schema": await store.get_schema(),
        "days": await store.days.count(),
        "first_day": oldest.isoformat() if oldest else None,
        "last_day": latest.day.isoformat() if latest else None,
        "papers": await store.papers.count(),
        "last_ingest": format_time(await store.days.last_ingest()),
        "subscriptions": len(await store.subscriptions.list()),
    }


def render_status(found: dict[str, Any]) -> str:
    """Render the figures as lines for people."""
    lines = [
        f"Hot Papers {found['version']}",
        f"database       {found['database']} (schema {found['schema']}, {found['size'] / 1e6:.1f} MB)",
        f"days           {found['days']:,}"
        + (f" ({found['first_day']} to {found['last_day']})" if found["days"] else ""),
        f"papers         {found['papers']:,}",
        f"last change    {found['last_ingest'] or 'never: nothing has been ingested yet'}",
        f"subscriptions  {found['subscriptions']:,}",
    ]
    return "\n".join(lines)

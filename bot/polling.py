"""Reads the posts' source again and again, and keeps a record of whether it could be reached."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.errors import BotError
from bot.ingest import Report, ingest
from storage.errors import StorageError
from storage.store import Store

SOURCE = "posts"
_log = logging.getLogger(__name__)


async def poll(store: Store, path: Path, clock: Callable[[], datetime]) -> Report | None:
    """Ingest what is new at a path; None when it could not be read, which is recorded and logged."""
    try:
        report = await ingest(store, [path], clock)
    except (BotError, StorageError) as error:
        _log.warning("the posts could not be read: %s", error)
        await store.sources.record(SOURCE, False, str(error), clock())
        return None
    for file in report.files:
        if file.status in ("failed", "partial") and file.errors:
            line, cause = file.errors[0]
            _log.warning("%s:%s: %s", file.path, line, cause)
    new = report.count("new") + report.count("updated")
    if new:
        _log.info("read %s new or changed posts", new)
    await store.sources.record(SOURCE, True, f"{len(report.files)} files", clock())
    return report

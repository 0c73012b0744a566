"""Reads the posts' source again and again, and keeps a record of whether it could be reached."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from bot.digest.plural import count
from bot.errors import BotError
from bot.ingest import Report, ingest
from bot.sources.posts import Posts
from storage.errors import StorageError
from storage.store import Store

SOURCE = "posts"
_log = logging.getLogger(__name__)


async def poll(store: Store, posts: Posts, clock: Callable[[], datetime], *, is_recorded: bool = True) -> Report | None:
    """Ingest what is new; None when nothing could be read, or old posts only, which is logged, and recorded if so."""

    async def record(ok: bool, detail: str) -> None:
        if is_recorded:
            await store.sources.record(SOURCE, ok, detail, clock())

    try:
        report = await ingest(store, [posts], clock)
    except (BotError, StorageError) as error:
        _log.warning("the posts could not be read: %s", error)
        await record(False, str(error))
        return None
    for file in report.files:
        if file.status in ("failed", "partial") and file.errors:
            line, cause = file.errors[0]
            _log.warning("%s:%s: %s", file.path, line, cause)
    new = report.count("new") + report.count("updated")
    if new:
        _log.info("read %s", count(new, "new or changed post"))
    for trouble in report.troubles:
        _log.warning("%s", trouble)
        await record(False, trouble)
    if report.troubles:
        return None
    await record(True, count(len(report.files), "file"))
    return report

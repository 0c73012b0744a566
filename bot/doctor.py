"""Looks for what would keep the bot from working, and says what to do about it, a finding each.

    settings · database · disk · zone data · posts · sources · digests │ token ─► clock · intents · commands · rights

What needs Discord is asked through a Probe and skipped, saying so, once Discord can't be asked.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from pathlib import Path

from bot.digest.zones import has_zone
from bot.doctor_delivery import examine_delivery
from bot.doctor_discord import Probe, examine_discord
from bot.doctor_live import check_live_posts, examine_live
from bot.findings import Finding, render_findings
from bot.settings import Settings
from bot.sources.address import LIVE
from bot.sources.places import make_posts
from storage.errors import StorageError
from storage.models import Subscription
from storage.store import Store

__all__ = ["Finding", "Probe", "StoreOpener", "examine", "render_findings"]

OLD_DAYS = 4  # posts come a day or two after the last day they cover, and miss a day at times
FREE_BYTES = 200 * 1024 * 1024
_SAMPLE_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo")

StoreOpener = Callable[[Path], AbstractAsyncContextManager[Store]]


async def examine(
    settings: Settings, probe: Probe | None, store_opener: StoreOpener, clock: Callable[[], datetime]
) -> list[Finding]:
    """Check everything and return the findings in the order to read them; `probe` is None without a token.

    `clock` gives aware UTC times. A database that is not there is not made.
    """
    posts = make_posts(settings.posts_source, settings.database)
    trouble = await posts.check() if posts else ""
    subscriptions, newest, stored, live = await _examine_store(settings, store_opener, clock())
    return [
        check_settings(settings),
        *await examine_discord(settings, probe, subscriptions, clock),
        *stored,
        check_posts(settings, newest, clock(), trouble),
        *live,
        check_disk(settings.database),
        check_zones(subscriptions),
    ]


async def _examine_store(
    settings: Settings, opener: StoreOpener, now: datetime
) -> tuple[list[Subscription], date | None, list[Finding], list[Finding]]:
    """Return the subscriptions and the newest day that are stored, what to say of the database, and of live sources."""
    path = settings.database
    if not path.exists():
        what_to_do = "`hotpapers run` makes it, or `hotpapers ingest FOLDER`; else see DATABASE_URL"
        return [], None, [Finding("database", False, f"there is no {path} yet", what_to_do)], []
    try:
        async with opener(path) as store:
            findings = [await check_database(store, path), *await examine_delivery(store, now)]
            latest = await store.days.latest()
            live = await examine_live(settings, store, now)
            return await store.subscriptions.list(), latest.day if latest else None, findings, live
    except StorageError as error:
        return [], None, [Finding("database", False, str(error), "see DATABASE_URL")], []


def check_settings(settings: Settings) -> Finding:
    """Say which settings matter; that they can be read is known by now."""
    where = f"in server {settings.discord_guild_id} only" if settings.discord_guild_id else "everywhere"
    proxy = ", through a proxy" if settings.discord_proxy else ""
    return Finding("settings", True, f"commands {where}; Discord at {settings.discord_api_base}{proxy}")


async def check_database(store: Store, path: Path) -> Finding:
    """Check the whole file, which can take some seconds for a large one."""
    if damage := await store.find_damage():
        return Finding("database", False, f"{path} is damaged: {damage[0]}", "restore a backup of it")
    return Finding("database", True, f"{path}, schema {await store.get_schema()}, {_format_size(path)}, undamaged")


def _format_size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def check_posts(settings: Settings, newest: date | None, now: datetime, trouble: str = "") -> Finding:
    """Say whether posts can be read, `trouble` being why not, and how old the newest stored one is."""
    source = settings.posts_source
    if source == LIVE:
        return check_live_posts(newest, now)
    if trouble:
        what_to_do = "POSTS_SOURCE is a folder of daily posts, a file, or a git repository: see .env.example"
        return Finding("posts", False, f"{source} can't be read: {trouble}", what_to_do)
    if newest is None:
        what_to_do = "`hotpapers run` reads them" if source else "set POSTS_SOURCE, or `hotpapers ingest FOLDER`"
        return Finding("posts", False, "none is stored", what_to_do)
    age = (now.date() - newest).days
    detail = f"newest of {newest}, {_format_age(age)}, from {source or 'no POSTS_SOURCE'}"
    if source is None:
        return Finding("posts", None, detail, "set POSTS_SOURCE, or nothing new comes by itself")
    if age > OLD_DAYS:
        return Finding("posts", False, detail, f"look whether new posts still reach {source}")
    return Finding("posts", True, detail)


def _format_age(days: int) -> str:
    """Return how long ago a day was; one ahead of the clock may be today's already where the post is from."""
    named = {0: "today", 1: "1 day ago", -1: "tomorrow"}
    return named.get(days) or (f"{days:,} days ago" if days > 0 else f"in {-days:,} days")


def check_disk(database: Path) -> Finding:
    """Check the free space where the database is."""
    try:
        free = shutil.disk_usage(database.absolute().parent).free
    except OSError as error:
        return Finding("disk", False, f"{database.parent}: {error.strerror}", "see DATABASE_URL")
    detail = f"{free / 1e9:.1f} GB free for {database}"
    return Finding("disk", free >= FREE_BYTES, detail, "" if free >= FREE_BYTES else "free some space")


def check_zones(subscriptions: Sequence[Subscription]) -> Finding:
    """Check that the time zones of digests, and some usual ones, are known here."""
    wanted = {*_SAMPLE_ZONES, *(one.timezone for one in subscriptions)}
    unknown = sorted(zone for zone in wanted if not has_zone(zone))
    if unknown:
        return Finding("time zones", False, f"unknown here: {', '.join(unknown)}", "pip install --upgrade tzdata")
    return Finding("time zones", True, "known")

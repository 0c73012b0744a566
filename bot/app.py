"""The composition root: the one place where concrete parts meet. What they do is theirs."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.digest.latex import render_readable
from bot.digest.taxonomy import find_topics
from bot.errors import ConfigError
from bot.findings import Finding
from bot.ingest import Progress, Report, ingest
from bot.settings import Settings, find_proxy
from bot.sources.address import LIVE
from bot.sources.places import make_posts
from storage.lock import hold_lock, resolve
from storage.store import Store, TextIndex

if TYPE_CHECKING:
    from bot.collecting.collection import Outcome, Sources
    from bot.live import Live
    from bot.sources.wire import Pace

SAMPLES = Path(__file__).parents[1] / "samples"
SAMPLES_NOTICE = "These are the samples that come with the project. Set POSTS_SOURCE to show your own posts."
LIVE_NAMES = ("arxiv", "huggingface", "hackernews", "bluesky")
TURN_SECONDS = 0.0002
Say = Callable[[str], object]
Clock = Callable[[], datetime]


def get_now() -> datetime:
    """Return the time, aware and in UTC."""
    return datetime.now(UTC)


@contextmanager
def take_turns() -> Iterator[None]:
    """Let threads take turns more often than Python's every 5 ms, so that answers do not wait for an ingest.

    Whoever needs the interpreter waits this long while another thread computes, and an answer needs it a dozen times:
    from the loop to the database's thread, there with every statement, and back.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@asynccontextmanager
async def open_store(path: Path) -> AsyncIterator[Store]:
    """Open a database with what the bot knows of arXiv's topics and of LaTeX."""
    async with await Store.open(path, TextIndex(topics=find_topics, readable=render_readable)) as store:
        yield store


@asynccontextmanager
async def open_sources(
    settings: Settings, store: Store, names: Collection[str] = LIVE_NAMES, clock: Clock | None = None
) -> AsyncIterator[Sources]:
    """Lend the live sources of these names, put together: one wire for all of them, one pace for all of arXiv.

    ConfigError when a proxy that is set can't be used. Listening to Bluesky all the time (`ear.listen`) is for whoever
    runs all the time.
    """
    from bot.collecting.collection import Sources
    from bot.collecting.hearing import Ear, StoreSink, find_heard
    from bot.collecting.origins import Announcements, Daily, Heard, Origin, Plain
    from bot.sources.arxiv_feed import ARXIV_SECONDS, ArxivFeed
    from bot.sources.arxiv_query import ArxivQuery
    from bot.sources.bluesky import Bluesky
    from bot.sources.hackernews import HackerNews
    from bot.sources.huggingface import HuggingFace
    from bot.sources.jetstream import Listener
    from bot.sources.wire import Pace, Wire

    now, pace = clock or get_now, Pace(ARXIV_SECONDS, closes=True)
    find = partial(_find_proxy, settings)
    for url in (settings.arxiv_rss_base, settings.jetstream_url):
        find(url)
    async with Wire(proxy=find, now=now) as wire:
        ear = Ear(Listener(settings.jetstream_url, StoreSink(store, now), proxy=find, now=now), store)
        bluesky = Bluesky(wire, settings.bluesky_api_base, store.observations, partial(find_heard, store))
        origins: tuple[Origin, ...] = (
            Announcements(ArxivFeed(wire, settings.arxiv_rss_base, settings.arxiv_categories, pace), store),
            Plain(HuggingFace(wire, settings.hf_api_base)),
            Daily(HackerNews(wire, settings.hn_api_base), store),
            Heard(bluesky, ear),
        )
        query = ArxivQuery(wire, settings.arxiv_api_base, pace) if "arxiv" in names else None
        chosen = tuple(one for one in origins if one.name in names)
        try:
            categories, heard = frozenset(settings.arxiv_categories), ear if "bluesky" in names else None
            yield Sources(chosen, query, categories, heard, partial(_rest, pace))
        finally:
            await _rest(pace)


async def _rest(pace: Pace) -> None:
    """Wait for a turn and leave it, so that whoever asks arXiv next, in another process, is not too early."""
    async with pace.turn():
        pass


def _find_proxy(settings: Settings, url: str) -> str | None:
    """Return the proxy for a URL; websockets go through that of the web."""
    return find_proxy(settings.proxies, url.replace("ws", "http", 1) if url.startswith("ws") else url)


async def collect_day(
    settings: Settings, day: date | None, names: Collection[str], folder: Path | None, overwrite: bool, tell: Say
) -> Outcome:
    """Make and write the post of a day, the newest that may be made unless told; LockedError when others make one.

    Without a folder it is written to where posts are read from, if that is a folder, else to `posts` by the database.
    """
    from bot.collecting.collection import collect, explain_pause
    from bot.digest.timetable import find_due, find_newest

    now = get_now().replace(microsecond=0)
    place = folder or find_folder(settings)
    with hold_lock(settings.database, "makes posts for", ".collect.lock"):
        async with open_store(settings.database) as store, open_sources(settings, store, names) as sources:
            chosen = day or find_newest(now)
            outcome = await collect(store, sources, chosen, place, now, overwrite=overwrite, tell=tell)
    has_nothing_new = day is None and outcome.status == "unchanged"
    return replace(outcome, reason=explain_pause(find_due(now), now)) if has_nothing_new else outcome


def find_folder(settings: Settings) -> Path:
    """Return where posts made here are written: the folder they are read from, else `posts` beside the database."""
    source = settings.posts_source
    return source if isinstance(source, Path) and source.is_dir() else settings.database.parent / "posts"


def make_live(settings: Settings, store: Store) -> Live | None:
    """Put together what makes posts by itself; None unless POSTS_SOURCE is live."""
    if settings.posts_source != LIVE:
        return None
    from bot.live import Live

    publisher = None
    if settings.posts_push:
        from bot.sources.git import GitPosts

        publisher = GitPosts(settings.posts_push, settings.database)
    opener = partial(open_sources, settings, store, clock=get_now)
    return Live(store, settings.database, resolve(find_folder(settings)), opener, get_now, publisher)


async def run_preview(settings: Settings, say: Say, report: Callable[[Report], object], progress: Progress) -> None:
    """Ingest what there is to show, then serve the preview page and send it its digests until stopped."""
    async with _open_shown(settings, say, report, progress) as (store, database, notice):
        await _run_until_stopped(_show(settings, say, store, database, notice))


async def _show(settings: Settings, say: Say, store: Store, database: Path, notice: str | None) -> None:
    from bot.answers.desk import Desk
    from bot.answers.page import PageDigests
    from bot.answers.router import Answers  # discord.py's views take a third of a second to load
    from bot.preview.server import serve
    from bot.showing import Showing

    desk = Desk(store)
    live = make_live(settings, store)
    if live:
        say(live.describe())
    async with Showing(store, database, settings.posts_source, get_now, settings.poll_seconds, live=live) as showing:
        await serve(
            Answers(desk),
            clock=get_now,
            notice=notice,
            digests=PageDigests(desk),
            find_trouble=showing.find_trouble,
            host=settings.preview_host,
            port=settings.preview_port,
            say=say,
        )


async def run_bot(settings: Settings, say: Say) -> None:
    """Run the bot on Discord until stopped; LockedError when another one already runs from this database."""
    from bot.running import Bot

    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    with hold_lock(settings.database), take_turns():
        async with open_store(settings.database) as store:
            await Bot(settings, store, get_now, say, make_live(settings, store)).run(stopping)


async def examine_all(settings: Settings) -> list[Finding]:
    """Examine everything the bot needs, Discord included."""
    from bot.doctor import examine
    from bot.doctor_probe import DiscordProbe

    async with DiscordProbe(settings.discord_api_base, settings.discord_token, settings.discord_proxy) as probe:
        return await examine(settings, probe, open_store, get_now)


@asynccontextmanager
async def _open_shown(
    settings: Settings, say: Say, report: Callable[[Report], object], progress: Progress
) -> AsyncIterator[tuple[Store, Path, str | None]]:
    """Open the store to show, and say where and what it is: the user's own, or samples that are thrown away."""
    posts, is_live = make_posts(settings.posts_source, settings.database), settings.posts_source == LIVE
    if posts or is_live or settings.database.exists():
        async with open_store(settings.database) as store:
            if posts:
                report(await ingest(store, [posts], get_now, progress))
            if posts or is_live or await store.days.latest():
                yield store, settings.database, None
                return
    if not SAMPLES.is_dir():
        raise ConfigError("There are no posts to show: set POSTS_SOURCE to a folder of daily posts.")
    say(SAMPLES_NOTICE)
    with tempfile.TemporaryDirectory(prefix="hotpapers-") as folder:
        database = Path(folder) / "samples.db"
        async with open_store(database) as store:
            await ingest(store, [SAMPLES], get_now, progress)
            yield store, database, SAMPLES_NOTICE


async def _run_until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run until done, or until the process is asked to end: then cancel it and let it clean up."""
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, task.cancel)
    with suppress(asyncio.CancelledError):
        await task

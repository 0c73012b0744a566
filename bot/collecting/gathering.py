"""Asks all sources at once and keeps what they say; each fails alone, with the reason.

    origins ═══► read ─► keep: announcements, papers, withdrawals, items, what is gone ─► confirm ─► Gathered
            (in parallel)   ├► SourceError: missing
                            └► no item at all in a week: missing, since there always is something

Counts are kept raw, with their time; what they are worth is for `scoring`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.collecting.origins import Origin
from bot.digest.plural import count
from bot.errors import SourceError
from bot.sources.source import Reading
from storage.candidates import ARXIV
from storage.errors import StorageError
from storage.store import Store

SOURCE_SECONDS = 1_200.0  # for all questions to one source, with their pauses
Tell = Callable[[str], object]
_DAY = timedelta(days=1)
_RECENT = timedelta(days=7)  # of which every source has something
_DETAIL = 300  # characters of a cause that are recorded
_NOTHING = "it has nothing about these days"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What sources said, by name, and why others said nothing."""

    readings: Mapping[str, Reading] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything that is to be said of the readings, the source's name first."""
        return tuple(f"{name}: {note}" for name, reading in self.readings.items() for note in reading.notes)


async def gather(
    store: Store, origins: Sequence[Origin], since: date, until: date, now: datetime, tell: Tell = _log.info
) -> Gathered:
    """Read every source over the days from `since` to `until` (UTC) and keep what it says.

    `tell` is called with a line about each as it ends. StorageError when nothing can be kept.
    """
    tell(f"asking {', '.join(one.name for one in origins)}: this takes some minutes at most")
    reads = (_read(store, one, since, until, now, tell) for one in origins)
    ended = await asyncio.gather(*reads, return_exceptions=True)  # so that none goes on behind our back
    named = list(zip((one.name for one in origins), ended, strict=True))
    for _, one in named:
        if isinstance(one, BaseException):
            raise one
    readings = {name: one for name, one in named if isinstance(one, Reading)}
    return Gathered(readings, {name: one for name, one in named if isinstance(one, str)})


async def gather_announcements(
    store: Store, origins: Sequence[Origin], now: datetime, tell: Tell = _log.info
) -> Gathered:
    """Read and keep what arXiv announces now, if it is among these: its feeds have each announcement for a day only.

    Whoever does so every night dates the papers of a post by arXiv's word also when its feeds fail in the evening.
    """
    today = now.astimezone(UTC).date()
    chosen = [one for one in origins if one.name == ARXIV]
    return await gather(store, chosen, today - _DAY, today + _DAY, now, tell) if chosen else Gathered()


async def _read(store: Store, origin: Origin, since: date, until: date, now: datetime, tell: Tell) -> Reading | str:
    """Return what a source said, or why it said nothing."""
    try:
        async with asyncio.timeout(SOURCE_SECONDS):
            reading = await origin.read(since, until, now)
    except (SourceError, TimeoutError) as error:
        cause = str(error) or f"it took more than {SOURCE_SECONDS / 60:g} minutes"
    except StorageError:
        raise
    except Exception as error:  # a mistake of ours must not cost the other sources
        _log.exception("%s failed in a way that was not expected", origin.name)
        cause = f"an error that was not expected ({type(error).__name__})"
    else:
        await _keep(store, origin.name, reading, now)
        if reading.items or origin.name == ARXIV:  # which may say that nothing changed
            await origin.confirm(now)
            found = _describe(reading)
            await store.sources.record(origin.name, True, found, now)
            tell(f"{origin.name}: {found}")
            return reading
        cause = "; ".join((_NOTHING, *reading.notes))
        if until < now.astimezone(UTC).date() - _RECENT:  # that says nothing of how the source fares
            tell(f"{origin.name} is missing: {cause}")
            return cause
    await store.sources.record(origin.name, False, cause[:_DETAIL], now)
    tell(f"{origin.name} is missing: {cause}")
    return cause


async def _keep(store: Store, name: str, reading: Reading, now: datetime) -> None:
    """Keep a reading; repeating it changes nothing."""
    if reading.announcements:
        await store.candidates.announce(reading.announcements, now)
    elif reading.papers:
        await store.candidates.put(name, reading.papers, now)
    if reading.withdrawn:
        await store.candidates.withdraw(reading.withdrawn, now)
    if reading.items:
        await store.observations.add(name, reading.items)
    if reading.gone:
        await store.observations.delete(name, reading.gone, now)


def _describe(reading: Reading) -> str:
    if reading.announcements:
        return f"{count(len(reading.announcements), 'paper')} announced"
    papers = {arxiv_id for item in reading.items for arxiv_id in item.arxiv_ids}
    return f"{count(len(reading.items), 'entry', 'entries')} about {count(len(papers), 'paper')}"

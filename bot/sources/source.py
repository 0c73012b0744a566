"""What every source of facts about papers can be asked, and the values it answers with.

    Source.read(since, until, now) ──► Reading: papers, announcements, items with their metrics, what is missing

A source fails alone, with a SourceError: whoever asks goes on without it and says that it was missing. What is made
of the facts is for others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from storage.live_models import Announcement, Item
from storage.live_models import AnnouncementKind as Kind
from storage.models import Paper

__all__ = ["Announcement", "Item", "Kind", "Reading", "Source"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source answered; `notes` say plainly what is not whole: a list cut at its limit, refused entries.

    `is_partial` says that more than a few entries are lacking: a day, a feed, hours of a stream, the end of a list.
    `gone` are the keys of items that were known and that the source has no more: deleted, or taken down.
    """

    papers: tuple[Paper, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    items: tuple[Item, ...] = ()
    withdrawn: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())
    gone: frozenset[str] = frozenset()
    is_partial: bool = False


class Source(Protocol):
    """One source; `name` is how it is called in settings and notes: arxiv, huggingface, hackernews, bluesky."""

    @property
    def name(self) -> str:
        """Return the name."""

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return what there is about papers of these days, both included (UTC); raise SourceError when it can't."""

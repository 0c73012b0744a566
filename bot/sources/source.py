"""What every source of facts about papers can be asked, and the values it answers with.

    Source.read(since, until, now) ──► Reading: papers, announcements, items with their metrics, what is missing

A source fails alone, with a SourceError: whoever asks goes on without it and says that it was missing. What is made
of the facts is for others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from storage.models import Paper

Kind = Literal["new", "cross", "replace", "replace-cross"]


@dataclass(frozen=True, slots=True)
class Announcement:
    """That arXiv announced a paper on a day (of US Eastern time); `paper` may lack what the feed does not have."""

    paper: Paper
    kind: Kind
    announced_on: date


@dataclass(frozen=True, slots=True)
class Item:
    """Something public about papers: a post, a story, a page of votes. `key` is its identity at the source.

    `metrics` are its counts when it was read, e.g. {"likes": 12}; a metric that the source did not say is not in it
    (missing is not zero). `author` is an identity (a DID, a user name), `handle` and `name` what people see.
    """

    key: str
    arxiv_ids: tuple[str, ...]
    metrics: Mapping[str, int]
    observed_at: datetime
    created_at: datetime | None = None
    url: str = ""
    text: str = ""
    lang: str | None = None
    author: str = ""
    handle: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source answered. `notes` say in plain words what is not whole: a list cut at its limit, a refused entry.

    `gone` are the keys of items that were known and that the source has no more: deleted, or taken down.
    """

    papers: tuple[Paper, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    items: tuple[Item, ...] = ()
    withdrawn: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())
    gone: frozenset[str] = frozenset()


class Source(Protocol):
    """One source; `name` is how it is called in settings and notes: arxiv, huggingface, hackernews, bluesky."""

    @property
    def name(self) -> str:
        """Return the name."""

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return what there is about papers of these days, both included (UTC); raise SourceError when it can't."""

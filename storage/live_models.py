"""The values of live sources: what arXiv announced, what was counted where, and the scores that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from storage.models import Breakdown, Paper

AnnouncementKind = Literal["new", "cross", "replace", "replace-cross"]


@dataclass(frozen=True, slots=True)
class Announcement:
    """That arXiv announced a paper on a day (of US Eastern time); `paper` may lack what the feed does not have."""

    paper: Paper
    kind: AnnouncementKind
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


class Observation(NamedTuple):
    """One raw count: of a paper, at a source, in one of its items, when."""

    paper: str
    source: str
    item: str
    metric: str
    value: int
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    """A paper's live score on a day, whether that day's post printed it or not, and the counts it came of."""

    arxiv_id: str
    score: float
    breakdown: Breakdown
    engagement: tuple[tuple[str, int], ...] = ()
    scored_at: datetime | None = None

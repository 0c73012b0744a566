"""The shared vocabulary: frozen values that the parser makes, the store keeps and the messages show.

A value says what it is and nothing about where it lives; times are aware and in UTC, days are plain dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Mention:
    """A public post that shared a paper: who wrote it (`handle` without its @), where, when and what.

    `url` has no tracking query; `text` keeps its line breaks; `date` is the day printed under the post.
    """

    author: str
    handle: str
    url: str
    date: date | None
    lang: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What one post prints of a paper; `arxiv_id` has no version and is the paper's identity.

    `title` and `abstract` are as printed (raw LaTeX, double spaces); `categories` too, the primary one first.
    """

    arxiv_id: str
    version: int | None
    title: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    abstract: str
    has_pdf: bool = True

    @property
    def abs_url(self) -> str:
        """The paper's page on arXiv, built from the validated id."""
        return f"https://arxiv.org/abs/{self.arxiv_id}"

    @property
    def pdf_url(self) -> str | None:
        """The paper's PDF on arXiv, or None when the post named none."""
        return f"https://arxiv.org/pdf/{self.arxiv_id}" if self.has_pdf else None


@dataclass(frozen=True, slots=True)
class Part:
    """What one source adds to a live score: `count` as the source shows it, and how rare so much is there.

    `heat` is -log10 of the share of the source's papers that have as much, 0 to 3, with four decimals.
    """

    source: str
    count: int
    heat: float


@dataclass(frozen=True, slots=True)
class Breakdown:
    """How a live score came about: its sources, the hottest first, and the version of the weights.

    `is_provisional` says that a source was too young to be measured by itself, and a start curve stood in.
    """

    version: int
    parts: tuple[Part, ...]
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class Appearance:
    """A paper in one day's ranking: its place (1 is the hottest), its counts then, and who shared it.

    `engagement` is (metric, value) pairs in the order printed: (("retweets", 11274), ("favorites", 39)) as published,
    (("bluesky.reposts", 12), ("huggingface.upvotes", 41), …) with live counts, whose metrics begin with their source.
    `score` orders papers within one scale, higher is hotter. There are two scales, which are never compared: the sum
    of the counts as published, and the live one, which alone has a `breakdown`.
    """

    paper: Paper
    day: date
    rank: int
    observed_at: datetime | None
    engagement: tuple[tuple[str, int], ...]
    score: float
    mentions: tuple[Mention, ...] = ()
    breakdown: Breakdown | None = None

    @property
    def is_live(self) -> bool:
        """Whether the score is on the live scale."""
        return self.breakdown is not None

    def count(self, metric: str) -> int | None:
        """Return one metric's value, None when this source does not have it (missing is not zero)."""
        return dict(self.engagement).get(metric)


@dataclass(frozen=True, slots=True)
class Day:
    """One ingested daily post without its papers; `day` is the last date it covers and its identity.

    `front_matter` keeps the rest of the post's header (template, tags, unknown keys …) as JSON-like values.
    `content_hash` is of the repaired text; `revision` counts from 1; `source` names where the post came from.
    `is_partial` says that the post was damaged and papers of it were lost.
    """

    day: date
    first_day: date
    slug: str
    title: str
    generated_at: datetime | None
    source: str
    content_hash: str
    paper_count: int = 0
    ingested_at: datetime | None = None
    revision: int = 0
    is_partial: bool = False
    front_matter: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edition:
    """A day and its papers in rank order: the unit that is stored or replaced as a whole."""

    day: Day
    papers: tuple[Appearance, ...]

    @property
    def is_live(self) -> bool:
        """Whether its papers are scored on the live scale; those of one day share a scale."""
        return any(paper.is_live for paper in self.papers)


class FileRecord(NamedTuple):  # a scan reads one for every file, and a tuple is made three times as fast
    """What the last scan saw of one file, so that the next one need not read it again.

    `scanned_ns` is when it was read (unix time, nanoseconds); `outcome` is what the scan reported, as JSON.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    scanned_ns: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a digest goes: `kind` is channel, member or page; `id` is the platform's id for it, as text."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """A standing order for digests, a channel's or a member's alike.

    `categories` are canonical arXiv categories or archives, empty for all; `count` is the most papers;
    `at` is local wall-clock time in the IANA zone `timezone`; `weekdays` are 0 (Monday) to 6.
    `created_edition` is the newest edition when it was made: later ones are due. `only` is all, hot or very hot.

    `channel_kind` is text, announcement, forum, dm or page. `guild_id` is the server's id, `created_by` a member's,
    `mention` a role's and `tag` a forum tag's. `has_thread` opens a thread under each digest, `is_published` publishes
    it to the channel's followers, `has_quiet_line` says so when there is nothing new. `language` is a locale.
    `pause_reason` is asked, permission, channel gone, DMs closed, left the server or failing. `told_at` is when
    whoever runs it was told of its trouble; `check_since`, when it is set, asks for a look at what its target was
    sent since then, before anything more is.
    """

    target: Target
    categories: tuple[str, ...] = ()
    count: int = 10
    at: time = time(9, 0)
    timezone: str = "UTC"
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    created_at: datetime | None = None
    created_edition: date | None = None
    only: str = "all"
    channel_kind: str = "text"
    guild_id: str | None = None
    created_by: str | None = None
    mention: str | None = None
    has_thread: bool = False
    is_published: bool = False
    tag: str | None = None
    has_quiet_line: bool = False
    language: str = "en"
    paused_at: datetime | None = None
    pause_reason: str | None = None
    told_at: datetime | None = None
    check_since: datetime | None = None
    id: int | None = None

    @property
    def is_paused(self) -> bool:
        """Whether nothing is to be sent for it at present."""
        return self.paused_at is not None


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done to a message after it was sent: `kind` is publish, thread or edit.

    `payload` is JSON, for a thread its name, for an edit the message as it will be, with its `papers`. `state` is
    pending, done or failed.
    """

    kind: str
    payload: str = "null"
    papers: tuple[str, ...] = ()
    delivery_id: int | None = None
    state: str = "pending"
    attempts: int = 0
    last_error: str | None = None
    planned_at: datetime | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """The next part of an occasion to be sent, as little of it as is needed to begin; `is_only`: there is no other."""

    delivery_id: int
    subscription_id: int
    occasion: str
    is_only: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that was promised to a target, once per subscription, occasion and part.

    `papers` are arXiv ids in the order shown, `editions` the days covered and `revisions` theirs; `payload` is JSON
    and never changes between planning and sending; `steps` come after it and are given only to be stored. `kind` is
    digest or notice, `due_at` when it could have been sent first. `state` is pending, sending, sent, failed or
    uncertain; the rest says how sending went: `retry_at` is when to try again, `finished_at` when it was found sent,
    failed or uncertain, `copies` how many such messages were found.
    """

    subscription_id: int
    target: Target
    occasion: str
    editions: tuple[date, ...]
    papers: tuple[str, ...]
    payload: str
    part: int = 1
    generation: int = 1
    kind: str = "digest"
    revisions: tuple[int, ...] = ()
    due_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    state: str = "pending"
    channel_id: str | None = None
    message_id: str | None = None
    attempts: int = 0
    last_error: str | None = None
    planned_at: datetime | None = None
    first_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    retry_at: datetime | None = None
    finished_at: datetime | None = None
    copies: int = 1
    id: int | None = None


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source of posts fared: when it was last reached, when that last failed, and what was last said of it."""

    name: str
    ok_at: datetime | None
    failed_at: datetime | None
    detail: str

    @property
    def has_failed(self) -> bool:
        """Whether it was not reached when it was last asked."""
        return self.failed_at is not None and (self.ok_at is None or self.failed_at > self.ok_at)

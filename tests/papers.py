"""Builds papers, days and digests for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.digest.selection import Digest
from storage.models import Appearance, Breakdown, Day, Mention, Paper, Part, Subscription, Target

DAY = date(2021, 4, 13)
ABSTRACT = (
    "Planning on grids is slow when obstacles are many. We present a search that learns which cells to "
    "expand first, and show on three benchmarks that it needs half the time at equal path length. "
    "The code is public."
)
MENTION = Mention(
    author="Reader (one)",
    handle="reader_1",
    url="https://twitter.com/reader_1/status/1381786189611593731",
    date=DAY,
    lang="en",
    text="A planner that learns.\n\nWorth a look.",
)


def make_paper(
    rank: int = 1,
    *,
    arxiv_id: str | None = None,
    title: str = "Learning Where to Search",
    authors: Sequence[str] = ("Ada Lovelace", "Grace Hopper"),
    categories: Sequence[str] = ("cs.LG", "cs.AI"),
    abstract: str = ABSTRACT,
    counts: tuple[int, int] = (1200, 34),
    day: date = DAY,
    mentions: Sequence[Mention] = (MENTION,),
    has_pdf: bool = True,
) -> Appearance:
    """Return a paper in a day's ranking; the id follows from the rank unless given."""
    paper = Paper(arxiv_id or f"2104.{rank:05d}", None, title, tuple(authors), tuple(categories), abstract, has_pdf)
    engagement = (("retweets", counts[0]), ("favorites", counts[1]))
    observed_at = datetime(day.year, day.month, day.day, 11, 53, 41, tzinfo=UTC) + timedelta(days=1)
    return Appearance(paper, day, rank, observed_at, engagement, float(sum(counts)), tuple(mentions))


def make_live_paper(rank: int = 1, score: float = 1.6481, provisional: bool = False, **changes: Any) -> Appearance:
    """Return a paper with live counts: upvotes, points and posts."""
    parts = (Part("huggingface", 41, 1.3979), Part("hackernews", 1120, 0.8339))
    counts = (
        *(("bluesky.reposts", 0), ("bluesky.likes", 1), ("bluesky.posts", 1), ("huggingface.upvotes", 41)),
        *(("hackernews.points", 1120), ("hackernews.comments", 44)),
    )
    paper = make_paper(rank, **changes)
    return replace(paper, engagement=counts, score=score, breakdown=Breakdown(1, parts, provisional))


def make_day(day: date = DAY, papers: int = 21, first_day: date | None = None) -> Day:
    """Return an ingested day."""
    return Day(
        day=day,
        first_day=first_day or day,
        slug=f"hot-papers-{day}",
        title=f"Hot Papers {day}",
        generated_at=None,
        source="test",
        content_hash="",
        paper_count=papers,
        revision=1,
    )


def make_digest(
    papers: Sequence[Appearance],
    *,
    days: Sequence[Day] = (),
    total: int = 21,
    categories: Sequence[str] = (),
    id: int | None = 7,
) -> Digest:
    """Return a digest of these papers for a channel's subscription."""
    subscription = Subscription(Target("channel", "1"), tuple(categories), id=id)
    return Digest(subscription, tuple(days or [make_day()]), tuple(papers), total)

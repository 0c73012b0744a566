"""Makes a post out of what was chosen: papers with their counts, the posts on Bluesky that shared them, the header."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.collecting.details import Picked
from bot.collecting.post_file import sign
from bot.digest.heat import BLUESKY
from bot.digest.layout import INCOMPLETE, MISSING, OLDER
from bot.digest.post import DailyPost
from bot.digest.printing import settle
from bot.errors import PostError
from bot.sources.mirrors import is_mirror
from bot.sources.source import Item
from storage.live_models import Score
from storage.models import Appearance, Mention
from storage.store import Store

MOST_MENTIONS = 5  # of a paper
TAGS = ("arXiv", "Machine Learning", "Computer Science")


async def make_post(
    store: Store,
    day: date,
    picked: Picked,
    scored_at: datetime,
    since: datetime,
    until: datetime,
    missing: Sequence[str],
    incomplete: Sequence[str],
) -> tuple[DailyPost, tuple[str, ...]]:
    """Return the signed post of a day, as it will be read again, and what is to be said of papers it can't print.

    Quoted are posts made from `since` to `until`.
    """
    scores = (*picked.chosen.recent, *picked.chosen.older)
    items = await store.observations.of_papers([one.arxiv_id for one in scores], scored_at)
    quotable = [one for one in items.get(BLUESKY, []) if _is_quotable(one, since, until)]
    papers = [make_appearance(day, rank, one, picked, scored_at, quotable) for rank, one in enumerate(scores, 1)]
    header: dict[str, object] = {
        "template": "post",
        "category": "arXiv",
        "tags": list(TAGS),
        "description": f"Hot papers {day}",
        "socialImage": "/media/hot-papers.jpg",
        **({MISSING: list(missing)} if missing else {}),
        **({INCOMPLETE: list(incomplete)} if incomplete else {}),
    }
    post = DailyPost(
        slug=f"hot-papers-{day}",
        title=f"Hot Papers {day}",
        first_day=day,
        day=day,
        generated_at=scored_at.replace(microsecond=0),
        draft=False,
        front_matter=header,
        papers=(),
    )
    older = {one.arxiv_id for one in picked.chosen.older}
    return await asyncio.to_thread(_settle, post, papers, older)  # hostile papers take seconds


def make_appearance(
    day: date, rank: int, score: Score, picked: Picked, scored_at: datetime, items: Iterable[Item]
) -> Appearance:
    """Return a paper in the ranking; its address names no version, since the newest is the one to read."""
    about = [item for item in items if score.arxiv_id in item.arxiv_ids]
    return Appearance(
        paper=replace(picked.papers[score.arxiv_id], version=None, has_pdf=True),
        day=day,
        rank=rank,
        observed_at=scored_at,
        engagement=score.engagement,
        score=score.score,
        mentions=choose_mentions(about),
        breakdown=score.breakdown,
    )


def choose_mentions(items: Iterable[Item]) -> tuple[Mention, ...]:
    """Return the posts that found most attention, one of each author, as they are quoted."""
    first: dict[str, Item] = {}
    for item in sorted(items, key=lambda item: (-_count(item.metrics), item.key)):
        first.setdefault(item.author, item)
    return tuple(_make_mention(item) for item in list(first.values())[:MOST_MENTIONS])


def _count(metrics: Mapping[str, int]) -> int:
    return sum(metrics.values())


def _make_mention(item: Item) -> Mention:
    day = item.created_at.date() if item.created_at else None
    return Mention(item.name or item.handle, item.handle, item.url, day, item.lang, item.text)


def _is_quotable(item: Item, since: datetime, until: datetime) -> bool:
    """Tell whether a post may be shown (its author's name and text are kept then) and was counted."""
    is_shown = bool(item.text and item.handle and item.metrics) and not is_mirror(item.author, item.handle)
    return is_shown and item.created_at is not None and since <= item.created_at <= until


def _settle(post: DailyPost, papers: Sequence[Appearance], older: set[str]) -> tuple[DailyPost, tuple[str, ...]]:
    """Return the post with the papers that can be printed together, all of them if they can, and why others can't."""
    try:
        return _finish(post, papers, older), ()
    except PostError:
        made, notes = _finish(post, [], older), []
    fitting: list[Appearance] = []
    for paper in papers:
        try:
            made = _finish(post, [*fitting, paper], older)
            fitting.append(paper)
        except PostError as error:
            notes.append(f"{paper.paper.arxiv_id} is left out: {error.cause}")
    return made, tuple(notes)


def _finish(post: DailyPost, papers: Sequence[Appearance], older: set[str]) -> DailyPost:
    ranked = tuple(replace(paper, rank=rank) for rank, paper in enumerate(papers, 1))
    count = sum(paper.paper.arxiv_id in older for paper in ranked)
    header = {**post.front_matter, **({OLDER: count} if count else {})}
    # Signed before, too, so that what is settled has all its lines: a file may only be so large.
    return sign(settle(sign(replace(post, front_matter=header, papers=ranked))))

"""Finds the daily posts to measure with: the real ones beside the checkout, or copies of the samples."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.app import SAMPLES
from bot.digest.post import DailyPost, format, parse
from storage.models import Appearance

REAL = Path(__file__).parents[2] / "shared" / "posts"
COPIES = 50
_DAYS_APART = 31  # copies land in a month of their own
_LONG_AGO = 1_600_000_000  # unix time; a file just written would be read again by the next scan


def choose_posts(folder: Path) -> Path:
    """Return the folder of real posts, or `folder` filled with enough samples for the work to be measured."""
    return REAL if REAL.is_dir() else copy_samples(folder, COPIES)


def copy_samples(folder: Path, copies: int) -> Path:
    """Write each sample under so many other days, each copy with arXiv ids of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for sample in sorted(SAMPLES.glob("*.md")):
        post = parse(sample.read_bytes().decode())
        for number in range(copies):
            copy = _move(post, number)
            path = folder / f"{copy.slug}.md"
            path.write_bytes(format(copy).encode())
            os.utime(path, (_LONG_AGO, _LONG_AGO))
    return folder


def _move(post: DailyPost, number: int) -> DailyPost:
    """Return a post as if it were of a day that many months later."""
    day = post.day + timedelta(days=number * _DAYS_APART)
    slug, title = f"hot-papers-{day}", f"Hot Papers {day}"
    papers = tuple(_renumber(paper, number) for paper in post.papers)
    return replace(post, slug=slug, title=title, first_day=day, day=day, papers=papers)


def _renumber(appearance: Appearance, number: int) -> Appearance:
    month, _, serial = appearance.paper.arxiv_id.partition(".")
    if not serial:  # an old identifier such as math/0309136
        return appearance
    year, month = divmod(int(month[:2]) * 12 + int(month[2:]) - 1 + number, 12)
    return replace(appearance, paper=replace(appearance.paper, arxiv_id=f"{year:02d}{month + 1:02d}.{serial}"))

"""Papers and days as JSON objects, for programs: the shapes that `--json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from storage.models import Appearance, Breakdown, Day, Mention


def format_paper(appearance: Appearance) -> dict[str, Any]:
    """Return one paper as it appeared on its day; counts a source does not have are null.

    A live score, which compares with no published one, has its `counts` and how it came about: its `breakdown`.
    """
    paper = appearance.paper
    return {
        "arxiv_id": paper.arxiv_id,
        "version": paper.version,
        "title": paper.title,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "rank": appearance.rank,
        "retweets": appearance.count("retweets"),
        "favorites": appearance.count("favorites"),
        "score": int(appearance.score) if appearance.score.is_integer() else appearance.score,
        "observed_at": format_time(appearance.observed_at),
        "day": appearance.day.isoformat(),
        "abstract": paper.abstract,
        "abs_url": paper.abs_url,
        "pdf_url": paper.pdf_url,
        "mentions": [_format_mention(mention) for mention in appearance.mentions],
        **(_format_live(appearance, appearance.breakdown) if appearance.breakdown else {}),
    }


def _format_live(appearance: Appearance, breakdown: Breakdown) -> dict[str, Any]:
    parts = [{"source": part.source, "count": part.count, "heat": part.heat} for part in breakdown.parts]
    made = {"weights": breakdown.version, "provisional": breakdown.is_provisional, "parts": parts}
    return {"counts": dict(appearance.engagement), "breakdown": made}


def _format_mention(mention: Mention) -> dict[str, Any]:
    return {
        "author": mention.author,
        "handle": mention.handle,
        "url": mention.url,
        "date": mention.date.isoformat() if mention.date else None,
        "lang": mention.lang,
        "text": mention.text,
    }


def format_papers(papers: Sequence[Appearance]) -> dict[str, Any]:
    """Return a list of papers in its order."""
    return {"papers": [format_paper(paper) for paper in papers]}


def format_day(day: Day, papers: Sequence[Appearance]) -> dict[str, Any]:
    """Return a day and its papers by rank."""
    return {
        "slug": day.slug,
        "day": day.day.isoformat(),
        "first_day": day.first_day.isoformat(),
        "title": day.title,
        "generated_at": format_time(day.generated_at),
        "revision": day.revision,
        **format_papers(papers),
    }


def format_time(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, 2021-04-14T11:53:41Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None

"""Orders papers by how much people shared them. Pure; the numbers come from the posts, the rules are here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storage.models import Appearance

# The published posts rank by this sum. It was added up over many search hits of the same post, so it is
# inflated and a figure of its own kind: comparable between published posts, never with other scales.
PUBLISHED_METRICS = ("retweets", "favorites")


def add_counts(engagement: Iterable[tuple[str, int]]) -> float:
    """Return the score as published: retweets + favorites; metrics it does not know count nothing."""
    return float(sum(value for metric, value in engagement if metric in PUBLISHED_METRICS))


def rank(papers: Iterable[Appearance]) -> list[Appearance]:
    """Order papers by score, hottest first; equal scores keep the order of their post."""
    return sorted(papers, key=lambda paper: (-paper.score, paper.rank, paper.paper.arxiv_id))


def choose_best(appearances: Sequence[Appearance]) -> list[Appearance]:
    """Keep each paper's best appearance and order them: a paper seen on two days counts once."""
    best: dict[str, Appearance] = {}
    for appearance in rank(appearances):
        best.setdefault(appearance.paper.arxiv_id, appearance)
    return list(best.values())

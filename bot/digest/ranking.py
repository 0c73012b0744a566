"""Orders papers by how much people shared them. Pure; the numbers come from the posts, the rules are here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from storage.models import Appearance, Edition

# The published posts rank by this sum. It was added up over many search hits of the same post, so it is
# inflated and a figure of its own kind: comparable between published posts, never with other scales.
PUBLISHED_METRICS = ("retweets", "favorites")


def add_counts(engagement: Iterable[tuple[str, int]]) -> float:
    """Return the score as published: retweets + favorites; metrics it does not know count nothing."""
    return float(sum(value for metric, value in engagement if metric in PUBLISHED_METRICS))


def rank(papers: Iterable[Appearance]) -> list[Appearance]:
    """Order papers by score, hottest first; equal scores keep the order of their post."""
    return sorted(papers, key=lambda paper: (-paper.score, paper.rank, paper.paper.arxiv_id))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paper stands in its day: 1 the hottest, of so many papers; whatever the scores are counted in."""

    number: int
    papers: int

    @property
    def share(self) -> float:
        """The part of the day's papers that are at least as hot: 0.1 for the first of ten."""
        return self.number / self.papers

    def is_within(self, share: float) -> bool:
        """Tell whether it is among the hottest `share` of its day, rounded up: of ten papers and 0.25, the third is."""
        return self.number <= math.ceil(round(share * self.papers, 9))


def find_places(editions: Iterable[Edition]) -> dict[tuple[date, str], Place]:
    """Return each paper's place in each of the days, by day and arXiv id."""
    return {
        (edition.day.day, paper.paper.arxiv_id): Place(number, len(edition.papers))
        for edition in editions
        for number, paper in enumerate(rank(edition.papers), 1)
    }


def choose_best_of(editions: Sequence[Edition], places: Mapping[tuple[date, str], Place]) -> list[Appearance]:
    """Return each paper of some days once, hottest first: by score, or by place where the scores have two scales."""
    everything = [paper for edition in editions for paper in edition.papers]
    if len({edition.is_live for edition in editions if edition.papers}) < 2:
        return choose_best(everything)
    placed = sorted(everything, key=lambda a: (places[a.day, a.paper.arxiv_id].share, -a.day.toordinal(), a.rank))
    best: dict[str, Appearance] = {}
    for appearance in placed:
        best.setdefault(appearance.paper.arxiv_id, appearance)
    return list(best.values())


def choose_best(appearances: Sequence[Appearance]) -> list[Appearance]:
    """Keep each paper's best appearance and order them: a paper seen on two days counts once."""
    best: dict[str, Appearance] = {}
    for appearance in rank(appearances):
        best.setdefault(appearance.paper.arxiv_id, appearance)
    return list(best.values())

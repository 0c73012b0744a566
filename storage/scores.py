"""Keeps the live scores of each day with how they came about; scoring is for others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from storage.live_models import Score
from storage.rows import (
    format_breakdown,
    format_counts,
    format_plain,
    format_time,
    parse_breakdown,
    parse_json,
    parse_time,
)
from storage.sqlite import Database

_ADD = """
INSERT INTO scores (day, arxiv_id, score, breakdown, engagement, scored_at) VALUES (?, ?, ?, ?, ?, ?)
"""
_OF_DAY = """
SELECT arxiv_id, score, breakdown, engagement, scored_at FROM scores WHERE day = ? ORDER BY score DESC, arxiv_id
"""
_OF_PAPER = "SELECT day, arxiv_id, score, breakdown, engagement, scored_at FROM scores WHERE arxiv_id = ? ORDER BY day"


class Scores:
    """The scores facet of a Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, day: date, scores: Sequence[Score], now: datetime) -> None:
        """Keep the scores of a day in place of those it had."""
        async with self._database.transaction() as writer:
            await writer.execute_fetchall("DELETE FROM scores WHERE day = ?", (day.isoformat(),))
            await writer.executemany(_ADD, [_format_row(day, score, now) for score in scores])

    async def of_day(self, day: date) -> list[Score]:
        """Return a day's scores, hottest first; none for a day that was not scored."""
        return [_score_from(row) for row in await self._database.fetch(_OF_DAY, (day.isoformat(),))]

    async def of_paper(self, arxiv_id: str) -> dict[date, Score]:
        """Return a paper's scores by day, oldest first."""
        rows = await self._database.fetch(_OF_PAPER, (format_plain(arxiv_id),))
        return {date.fromisoformat(day): _score_from(rest) for day, *rest in rows}

    async def days(self, since: date, until: date) -> list[date]:
        """Return the days that were scored, both ends included, oldest first."""
        rows = await self._database.fetch(
            "SELECT DISTINCT day FROM scores WHERE day BETWEEN ? AND ? ORDER BY day",
            (since.isoformat(), until.isoformat()),
        )
        return [date.fromisoformat(day) for (day,) in rows]


def _format_row(day: date, score: Score, now: datetime) -> tuple[object, ...]:
    told = (format_breakdown(score.breakdown), format_counts(score.engagement))
    return (day.isoformat(), score.arxiv_id, score.score, *told, format_time(score.scored_at or now))


def _score_from(row: Sequence[str]) -> Score:
    arxiv_id, score, breakdown, engagement, scored_at = row
    known = parse_breakdown(breakdown)
    if known is None:
        raise ValueError(f"{arxiv_id} has a score that came of nothing")
    pairs = tuple((metric, value) for metric, value in parse_json(engagement))
    return Score(arxiv_id, float(score), known, pairs, parse_time(scored_at))

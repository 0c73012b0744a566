"""Writes editions: the printed rows, then all that is derived from them, in the caller's transaction.

    prepare (pure, off the loop) ─► unindex touched papers ─► replace the days' rows ─► index touched papers

Every step is one statement for the whole batch; awaiting per row is four times slower.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import aiosqlite

from storage.index import EVERYTHING, TextIndex
from storage.indexing import rank_day, rank_days, read_texts, reindex
from storage.models import Appearance, Edition
from storage.rows import format_breakdown, format_counts, format_json, format_lines, format_mentions, format_time
from storage.shelves import PLACE_OF_KEY

Row = tuple[Any, ...]

_PUT_DAY = """
INSERT INTO days (day, first_day, slug, title, generated_at, source, content_hash, ingested_at, revision, is_partial,
                  front_matter, is_live)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)
ON CONFLICT (day) DO UPDATE SET
    first_day = excluded.first_day, slug = excluded.slug, title = excluded.title,
    generated_at = excluded.generated_at, source = excluded.source, content_hash = excluded.content_hash,
    ingested_at = excluded.ingested_at, revision = days.revision + 1, is_partial = excluded.is_partial,
    front_matter = excluded.front_matter, is_live = excluded.is_live
"""

_ADD_APPEARANCE = """
INSERT INTO appearances (paper_id, day, rank, score, observed_at, version, has_pdf, engagement, topics, categories,
                         title, readable_title, authors, abstract, readable_abstract, mentions,
                         breakdown, key)
VALUES ((SELECT id FROM papers WHERE arxiv_id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_ADD_TOPICS = f"""
INSERT INTO topic_index (topic_id, day, appearance_id, score, rank, percentile, arxiv_id)
SELECT t.id, a.day, a.id, a.score, a.rank, (y.paper_count - {PLACE_OF_KEY}) * 1.0 / y.paper_count, p.arxiv_id
FROM json_each(?) AS d
JOIN days AS y ON y.day = d.value
JOIN appearances AS a ON a.day = d.value
JOIN papers AS p ON p.id = a.paper_id
JOIN json_each(a.topics) AS j
JOIN topics AS t ON t.name = j.value
"""  # noqa: S608 - of this package's own constants

_COUNT_TOPICS = """
UPDATE topics SET size = size {sign} (SELECT count(*) FROM topic_index AS i WHERE i.topic_id = topics.id
                                      AND i.day IN (SELECT value FROM json_each(?)))
"""

_CLEAR_TOPICS = """
DELETE FROM topic_index WHERE topic_id IN (SELECT id FROM topics) AND day IN (SELECT value FROM json_each(?))
"""

_COUNT_PAPERS = """
UPDATE days SET paper_count = (SELECT count(*) FROM appearances AS a WHERE a.day = days.day)
WHERE day IN (SELECT value FROM json_each(?))
"""

# What a partial edition leaves of its day may be all there is.
_TELL_LIVE = """
UPDATE days SET is_live = EXISTS (SELECT 1 FROM appearances AS a WHERE a.day = days.day AND a.breakdown IS NOT NULL)
WHERE day IN (SELECT value FROM json_each(?))
"""

_TOUCHED = """
SELECT paper_id FROM appearances WHERE day IN (SELECT value FROM json_each(?))
UNION SELECT id FROM papers WHERE arxiv_id IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One edition as rows; papers stored for the day that a partial one lacks stay."""

    day: str
    content_hash: str
    is_partial: bool
    is_live: bool
    day_row: Row
    appearances: list[Row]
    topics: frozenset[str]


def prepare(edition: Edition, index: TextIndex, now: datetime) -> Prepared:
    """Turn an edition into rows, the costly part of storing it; raise ValueError or TypeError on odd values."""
    day = edition.day
    name = day.day.isoformat()
    row = (
        *(name, day.first_day.isoformat(), day.slug, day.title, format_time(day.generated_at)),
        *(day.source, day.content_hash, format_time(now), day.is_partial, format_json(dict(day.front_matter))),
        edition.is_live,
    )
    topics = [tuple(dict.fromkeys((EVERYTHING, *index.topics(a.paper.categories)))) for a in edition.papers]
    rows = [_appearance_row(a, name, own, index) for a, own in zip(edition.papers, topics, strict=True)]
    rows = [(*row, key) for key, row in rank_day(name, sorted(rows, key=_get_heat))]
    return Prepared(name, day.content_hash, day.is_partial, edition.is_live, row, rows, frozenset().union(*topics))


def _appearance_row(appearance: Appearance, day: str, topics: tuple[str, ...], index: TextIndex) -> Row:
    paper = appearance.paper
    return (
        *(paper.arxiv_id, day, appearance.rank, appearance.score, format_time(appearance.observed_at)),
        *(paper.version, paper.has_pdf, format_counts(appearance.engagement), _format_topics(topics)),
        *(format_lines(paper.categories), paper.title, _readable(paper.title, index), format_lines(paper.authors)),
        *(paper.abstract, _readable(paper.abstract, index), format_mentions(appearance.mentions)),
        format_breakdown(appearance.breakdown),
    )


@lru_cache(maxsize=1024)  # papers share few sets of topics
def _format_topics(topics: tuple[str, ...]) -> str:
    return format_json(topics)


def _get_heat(row: Row) -> tuple[float, int]:
    return -row[3], row[2]


def _readable(text: str, index: TextIndex) -> str | None:
    readable = index.readable(text)
    return None if readable == text else readable


async def find_changed(writer: aiosqlite.Connection, batch: Sequence[Prepared]) -> list[Prepared]:
    """Return the editions that differ from what is stored: another process may have been quicker with the same."""
    days = json.dumps([edition.day for edition in batch])
    sql = "SELECT day, content_hash FROM days WHERE day IN (SELECT value FROM json_each(?))"
    stored = {(day, content_hash) for day, content_hash in await writer.execute_fetchall(sql, (days,))}
    return [edition for edition in batch if (edition.day, edition.content_hash) not in stored]


async def write_editions(writer: aiosqlite.Connection, batch: Sequence[Prepared]) -> None:
    """Store or replace the batch's days, which must differ; sqlite3 errors leave the caller to roll back."""
    days = json.dumps([edition.day for edition in batch])
    stored = await _column(writer, "SELECT day FROM days WHERE day IN (SELECT value FROM json_each(?))", days)
    touched = await _add_papers(writer, batch, days)
    before = await read_texts(writer, touched)
    await writer.executemany(_PUT_DAY, [edition.day_row for edition in batch])
    await _clear_days(writer, [edition for edition in batch if edition.day in set(stored)])
    await writer.executemany(_ADD_APPEARANCE, [row for edition in batch for row in edition.appearances])
    topics = frozenset().union(*(edition.topics for edition in batch))
    await writer.executemany(
        "INSERT INTO topics (name) VALUES (?) ON CONFLICT DO NOTHING", [(t,) for t in sorted(topics)]
    )
    if partial := [edition.day for edition in batch if edition.is_partial]:
        await _run(writer, (_TELL_LIVE,), json.dumps(partial))
        await rank_days(writer, partial)
    await _run(writer, (_COUNT_PAPERS, _ADD_TOPICS, _COUNT_TOPICS.format(sign="+")), days)
    await reindex(writer, touched, before)


async def _add_papers(writer: aiosqlite.Connection, batch: Sequence[Prepared], days: str) -> str:
    """Make a row for each new arXiv id; return the ids, as JSON, of all papers that the batch may change."""
    arxiv_ids = [row[0] for edition in batch for row in edition.appearances]
    await writer.executemany(
        "INSERT INTO papers (arxiv_id) VALUES (?) ON CONFLICT DO NOTHING", [(i,) for i in arxiv_ids]
    )
    return json.dumps(await _column(writer, _TOUCHED, days, json.dumps(arxiv_ids)))


async def _clear_days(writer: aiosqlite.Connection, replaced: Sequence[Prepared]) -> None:
    if not replaced:
        return
    days = json.dumps([edition.day for edition in replaced])
    await _run(writer, (_COUNT_TOPICS.format(sign="-"), _CLEAR_TOPICS), days)
    await writer.executemany("DELETE FROM appearances WHERE day = ?", [(e.day,) for e in replaced if not e.is_partial])
    for edition in replaced:
        if edition.is_partial:
            await _clear_reprinted(writer, edition)


async def _clear_reprinted(writer: aiosqlite.Connection, edition: Prepared) -> None:
    """Delete what the edition prints anew, and what is scored on another scale, as a day has one.

    A kept paper whose rank it gives away moves behind its last.
    """
    if edition.appearances:
        await writer.execute_fetchall(
            "DELETE FROM appearances WHERE day = ? AND (breakdown IS NOT NULL) <> ?", (edition.day, edition.is_live)
        )
    await writer.execute_fetchall(
        "DELETE FROM appearances WHERE day = ? AND paper_id IN "
        "(SELECT id FROM papers WHERE arxiv_id IN (SELECT value FROM json_each(?)))",
        (edition.day, json.dumps([row[0] for row in edition.appearances])),
    )
    kept = await writer.execute_fetchall("SELECT rank, id FROM appearances WHERE day = ? ORDER BY rank", (edition.day,))
    printed = {row[2] for row in edition.appearances}
    behind = max(printed | {rank for rank, _ in kept}, default=0)
    moved = [key for rank, key in kept if rank in printed]
    await writer.executemany("UPDATE appearances SET rank = ? WHERE id = ?", list(enumerate(moved, behind + 1)))


async def _run(writer: aiosqlite.Connection, statements: Iterable[str], *parameters: str) -> None:
    for statement in statements:
        await writer.execute_fetchall(statement, parameters)


async def _column(writer: aiosqlite.Connection, sql: str, *parameters: str) -> list[Any]:
    return [value for (value,) in await writer.execute_fetchall(sql, parameters)]

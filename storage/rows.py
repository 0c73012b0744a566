"""Turns values into what columns hold and rows back into values: the pairs that every table family shares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from storage.models import Appearance, Breakdown, Day, Delivery, Mention, Paper, Part, Target

# `a` is appearances and `p` papers in every query that reads an appearance.
APPEARANCE = (
    "p.arxiv_id, a.version, a.title, a.authors, a.categories, a.abstract, a.has_pdf, "
    "a.day, a.rank, a.observed_at, a.engagement, a.score, a.mentions, a.breakdown"
)
DAY = (
    "day, first_day, slug, title, generated_at, source, content_hash, paper_count, ingested_at, revision, "
    "is_partial, front_matter"
)
# `d` is deliveries and `t` targets.
DELIVERY = (
    "d.id, d.subscription_id, t.kind, t.platform_id, d.occasion, d.part, d.generation, d.kind, d.state, d.editions, "
    "d.revisions, d.payload, d.channel_id, d.message_id, d.attempts, d.last_error, d.copies, d.due_at, "
    "d.planned_at, d.first_attempt_at, d.last_attempt_at, d.retry_at, d.finished_at, "
    "(SELECT json_group_array(arxiv_id) FROM (SELECT p.arxiv_id FROM delivery_papers AS dp "
    "JOIN papers AS p ON p.id = dp.paper_id WHERE dp.delivery_id = d.id ORDER BY dp.position))"
)


# Made once: json.dumps makes an encoder per call when it is given options, and json.loads takes twice as long.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)
_DECODER = json.JSONDecoder()


def format_json(value: object) -> str:
    """Write a value as compact JSON; dates and times, which JSON lacks, become ISO text."""
    return _ENCODER.encode(value)


def parse_json(text: str) -> Any:
    """Read what `format_json` wrote."""
    return _DECODER.raw_decode(text)[0]


def format_time(moment: datetime | None) -> str | None:
    """Write an aware time in UTC, so that text compares as times do; refuse one without a zone."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()


def parse_time(text: str | None) -> datetime | None:
    """Read what `format_time` wrote."""
    return None if text is None else datetime.fromisoformat(text)


def format_date(day: date | None) -> str | None:
    """Write a date as ISO text."""
    return None if day is None else day.isoformat()


def parse_date(text: str | None) -> date | None:
    """Read what `format_date` wrote."""
    return None if text is None else date.fromisoformat(text)


def format_plain(text: str) -> str:
    """Drop lone surrogates, which SQLite cannot take: what is asked for is data, whatever it holds."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def format_lines(names: Iterable[str]) -> str:
    """Write names one a line; a break inside a name becomes a space, as names are lines by definition."""
    kept = list(names)
    text = "\n".join(kept)
    return text if text.splitlines() == kept else "\n".join(" ".join(name.splitlines()) for name in kept)


def parse_lines(text: str) -> tuple[str, ...]:
    """Read what `format_lines` wrote."""
    return tuple(text.split("\n")) if text else ()


def format_mentions(mentions: Iterable[Mention]) -> str:
    """Write posts in order as JSON rows."""
    return f"[{','.join(map(_format_mention, mentions))}]"


def _format_mention(mention: Mention) -> str:
    """Write one post as `format_json` would, which takes several times as long for so short a row."""
    texts = (mention.author, mention.handle, mention.url, format_date(mention.date), mention.lang, mention.text)
    return f"[{','.join(['null' if text is None else encode_basestring(text) for text in texts])}]"


def format_counts(engagement: Iterable[tuple[str, int]]) -> str:
    """Write (metric, value) pairs as JSON rows."""
    return f"[{','.join([f'[{encode_basestring(metric)},{value:d}]' for metric, value in engagement])}]"


def format_breakdown(breakdown: Breakdown | None) -> str | None:
    """Write how a live score came about as JSON, None for a published one."""
    if breakdown is None:
        return None
    parts = [(part.source, part.count, part.heat) for part in breakdown.parts]
    return format_json([breakdown.version, breakdown.is_provisional, parts])


def parse_breakdown(text: str | None) -> Breakdown | None:
    """Read what `format_breakdown` wrote."""
    if text is None:
        return None
    version, is_provisional, parts = parse_json(text)
    return Breakdown(version, tuple(Part(source, count, heat) for source, count, heat in parts), is_provisional)


def parse_mentions(text: str) -> tuple[Mention, ...]:
    """Read what `format_mentions` wrote."""
    if text == "[]":
        return ()
    rows = parse_json(text)
    return tuple(
        Mention(author, handle, url, parse_date(day), lang, body) for author, handle, url, day, lang, body in rows
    )


def appearance_from(row: Sequence[Any]) -> Appearance:
    """Make an Appearance of a row with the columns in `APPEARANCE`."""
    (
        arxiv_id,
        version,
        title,
        authors,
        categories,
        abstract,
        has_pdf,
        day,
        rank,
        observed,
        engagement,
        score,
        mentions,
        breakdown,
    ) = row
    return Appearance(
        paper=Paper(arxiv_id, version, title, parse_lines(authors), parse_lines(categories), abstract, bool(has_pdf)),
        day=date.fromisoformat(day),
        rank=rank,
        observed_at=parse_time(observed),
        engagement=tuple(map(tuple, parse_json(engagement))),
        score=score,
        mentions=parse_mentions(mentions),
        breakdown=parse_breakdown(breakdown),
    )


def day_from(row: Sequence[Any]) -> Day:
    """Make a Day of a row with the columns in `DAY`."""
    (
        day,
        first_day,
        slug,
        title,
        generated,
        source,
        content_hash,
        papers,
        ingested,
        revision,
        is_partial,
        front_matter,
    ) = row
    return Day(
        day=date.fromisoformat(day),
        first_day=date.fromisoformat(first_day),
        slug=slug,
        title=title,
        generated_at=parse_time(generated),
        source=source,
        content_hash=content_hash,
        paper_count=papers,
        ingested_at=parse_time(ingested),
        revision=revision,
        is_partial=bool(is_partial),
        front_matter=parse_json(front_matter),
    )


def delivery_from(row: Sequence[Any]) -> Delivery:
    """Make a Delivery of a row with the columns in `DELIVERY`."""
    number, subscription_id, target_kind, platform_id, occasion, part, generation, kind, state, *rest = row
    editions, revisions, payload, channel_id, message_id, attempts, last_error, copies, *times, papers = rest
    due_at, planned_at, first_attempt_at, last_attempt_at, retry_at, finished_at = map(parse_time, times)
    return Delivery(
        subscription_id=subscription_id,
        target=Target(target_kind, platform_id),
        occasion=occasion,
        editions=_parse_days(editions),
        papers=tuple(parse_json(papers)),
        payload=payload,
        part=part,
        generation=generation,
        kind=kind,
        revisions=_parse_revisions(revisions),
        due_at=due_at,
        state=state,
        channel_id=channel_id,
        message_id=message_id,
        attempts=attempts,
        last_error=last_error,
        planned_at=planned_at,
        first_attempt_at=first_attempt_at,
        last_attempt_at=last_attempt_at,
        retry_at=retry_at,
        finished_at=finished_at,
        copies=copies,
        id=number,
    )


@lru_cache(maxsize=64)  # those sent together are of the same few editions
def _parse_days(text: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in parse_json(text))


@lru_cache(maxsize=64)
def _parse_revisions(text: str) -> tuple[int, ...]:
    return tuple(parse_json(text))

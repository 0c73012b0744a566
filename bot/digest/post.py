"""The daily post, a day's ranked papers as markdown: repaired and parsed into a value, formatted back.

    text ──► repair ──► header ─┬─► day, title, …  ──► DailyPost
                                └─► body ──► entries ──► papers + problems

The whole file is refused with a PostError, or papers one by one; reading files and storing is left to others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from bot.digest import front_matter
from bot.digest.counts import MARKS
from bot.digest.entry import Edges, Problem, find_edges, find_lines, format_entry, pair, parse_entry
from bot.digest.front_matter import Header, format_header, parse_header
from bot.digest.layout import OLDER_HEADING, count_older, format_missing
from bot.digest.text import repair
from bot.errors import PostError
from storage.models import Appearance, Edition

MAX_BYTES = 5_000_000  # real posts have 20 to 120 KB
_LOST_REACH = 40_000  # characters; 3,000 authors fit
MAX_PAPERS = 5_000  # all of arXiv announces 500 to 1,000 a day
Spans = Sequence[tuple[int, int]]
_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_SECTION = f"{OLDER_HEADING}\n"
_HEADINGS = ("# ", _SECTION)
_BETWEEN = "\n\n\n\n\n"
_TEXT_KEYS = ("template", "category", "description", "socialImage")


@dataclass(frozen=True, slots=True)
class DailyPost:
    """A parsed post. `day` is the last date it covers; papers are in file order with their printed rank.

    `front_matter` holds the other keys it had, unknown ones too. What was wrong with the file, how it was
    repaired and the hash of its repaired text say nothing of its content: equality leaves them out.
    """

    slug: str
    title: str
    first_day: date
    day: date
    generated_at: datetime | None
    draft: bool
    front_matter: Mapping[str, Any]
    papers: tuple[Appearance, ...]
    problems: tuple[Problem, ...] = field(default=(), compare=False)
    repaired: str | None = field(default=None, compare=False)
    content_hash: str = field(default="", compare=False)

    @property
    def is_partial(self) -> bool:
        """Tell whether a paper of the file had to be refused."""
        return any(problem.refused for problem in self.problems)


def parse(text: str) -> DailyPost:
    """Repair and read a post; `text` is as in the file, line ends too. PostError refuses it whole."""
    _check_text(text)
    repaired = repair(text)
    plain = repaired.text.removeprefix("\ufeff").replace("\r\n", "\n")
    header = parse_header(plain)
    slug, title = front_matter.get_text(header, "slug"), front_matter.get_text(header, "title")
    first_day, day = _find_days(slug, title, header)
    papers, problems = _parse_papers(header, day)
    missing = [key for key in front_matter.KEYS if header.values.get(key) is None]
    if missing:
        problems.insert(0, Problem(header.source_line, f"the front matter lacks {', '.join(missing)}"))
    problems += [Problem(line, "damaged text, repaired by guess") for line in repaired.guessed_lines]
    return DailyPost(
        slug=slug or _format_slug(first_day, day),
        title=title or f"Hot Papers {day}",
        first_day=first_day,
        day=day,
        generated_at=front_matter.get_time(header, "date"),
        draft=front_matter.get_flag(header, "draft"),
        front_matter=_get_others(header),
        papers=tuple(papers),
        problems=tuple(problems),
        repaired=repaired.summary,
        content_hash=hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _check_text(text: str) -> None:
    # A character has at most four bytes: short text need not be encoded to know.
    if 4 * len(text) > MAX_BYTES and len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise PostError(f"the file is larger than {MAX_BYTES:,} bytes")
    if "\0" in text:
        raise PostError("NUL bytes: this is not a text file", text[: text.index("\0")].count("\n") + 1)


def _find_days(slug: str | None, title: str | None, header: Header) -> tuple[date, date]:
    """Return the first and last day covered, from the slug or else the title."""
    days = _parse_days(slug or "") or _parse_days(title or "")
    if not days:
        raise PostError("no day to be found in slug or title", header.source_line)
    if days[0] > days[-1]:
        raise PostError(f"the span of days runs backwards: {days[0]} to {days[-1]}", header.source_line)
    return days[0], days[-1]


def _parse_days(text: str) -> list[date]:
    try:
        return [date.fromisoformat(match) for match in _DAY.findall(text)]
    except ValueError:
        return []


def _get_others(header: Header) -> dict[str, Any]:
    """Return every key of the header that has no field of its own, types checked."""
    others = {key: front_matter.simplify(value) for key, value in header.values.items() if key not in front_matter.KEYS}
    texts = {key: front_matter.get_text(header, key) for key in _TEXT_KEYS}
    known = {**texts, "tags": front_matter.get_texts(header, "tags")}
    return {key: value for key, value in known.items() if value} | others


def _parse_papers(header: Header, day: date) -> tuple[list[Appearance], list[Problem]]:
    papers: list[Appearance] = []
    problems: list[Problem] = []
    ranks: set[int] = set()
    ids: set[str] = set()
    for text, line, edges in _split_entries(header.body, header.body_line):
        try:
            paper, notes = parse_entry(text, day, line, edges)
            if paper.rank in ranks:
                raise PostError(f"rank {paper.rank} is there twice", line)
            if paper.paper.arxiv_id in ids:
                raise PostError(f"paper {paper.paper.arxiv_id} is there twice", line)
            if papers and paper.is_live != papers[0].is_live:
                raise PostError("counted in another way than the papers before it: one post, one score", line)
        except PostError as error:
            problems.append(Problem(error.line, error.cause, refused=True))
            continue
        ranks.add(paper.rank)
        ids.add(paper.paper.arxiv_id)
        papers.append(paper)
        problems += notes
    return papers, problems


def _split_entries(body: str, first_line: int) -> Iterator[tuple[str, int, Edges]]:
    """Cut the body at its headings, and where a paper has lost its own; yield each part, its line and blockquotes."""
    edges = find_edges(body)
    line, position, at = first_line, 0, 0
    for start, end in pairwise([*_find_starts(body, pair(edges)), len(body)]):
        line += body.count("\n", position, start)
        position = start
        own = []
        while at < len(edges) and edges[at][1] <= end:
            first, last, closes = edges[at]
            at += 1
            if first >= start:
                own.append((first - start, last - start, closes))
        if not body.startswith(_SECTION, start):
            yield body[start:end], line, own


def _find_starts(body: str, quotes: Spans) -> list[int]:
    """Return where papers begin, and sections. What is inside a closed embed is a stranger's text, no heading."""
    headings = _drop_within((at for at in find_lines("#", body) if body.startswith(_HEADINGS, at)), quotes)
    # One look for lists, of which there are few: several for all that begins with counts take twice as long.
    engagements = _drop_within((at for at in find_lines("- ", body) if body.startswith(MARKS, at)), quotes)
    if max(len(headings), len(engagements)) > MAX_PAPERS:
        raise PostError(f"more than {MAX_PAPERS:,} papers in one post")
    marks = sorted([*((at, True) for at in headings), *((at, False) for at in engagements)])
    starts, has_heading = list(headings), False
    for at, is_heading in marks:
        if not is_heading and not has_heading:
            starts.append(_find_lost_start(body, at))
        has_heading = is_heading and not body.startswith(_SECTION, at)
    return sorted(set(starts))


def _drop_within(positions: Iterable[int], spans: Spans) -> list[int]:
    """Leave out the positions inside any span; both are in order."""
    kept, spans_left = [], iter([*spans, (float("inf"), float("inf"))])
    start, end = next(spans_left)
    for position in positions:
        while position >= end:
            start, end = next(spans_left)
        if position < start:
            kept.append(position)
    return kept


def _find_lost_start(body: str, engagement: int) -> int:
    """Guess where a paper without heading begins: two paragraphs (title, authors) above its counts, if near."""
    least = max(0, engagement - _LOST_REACH)
    authors = body.rfind("\n\n", least, max(0, engagement - 2))
    title = body.rfind("\n\n", least, max(0, authors - 2))
    return title + 2 if title >= 0 else least


def _format_slug(first_day: date, day: date) -> str:
    return f"hot-papers-{day}" if first_day == day else f"hot-papers-{first_day} - {day}"


def make_post(edition: Edition) -> DailyPost:
    """Return a stored day as the post it came from."""
    day = edition.day
    return DailyPost(
        slug=day.slug,
        title=day.title,
        first_day=day.first_day,
        day=day.day,
        generated_at=day.generated_at,
        draft=False,
        front_matter=day.front_matter,
        papers=edition.papers,
        content_hash=day.content_hash,
    )


def format(post: DailyPost) -> str:
    """Write a post exactly in the layout the real ones have."""
    values = {"title": post.title, "date": post.generated_at, "draft": post.draft, "slug": post.slug}
    header = format_header({**values, **post.front_matter})
    entries = [format_entry(paper) for paper in post.papers]
    if older := count_older(post.front_matter, len(entries)):
        entries.insert(len(entries) - older, OLDER_HEADING)
    body = _BETWEEN.join(filter(None, [format_missing(post.front_matter), *entries]))
    return f"{header}\n\n{body}\n\n\n\n" if body else f"{header}\n"

"""Hugging Face's Daily Papers: the papers people submitted on a day, with their upvotes, read as the raw JSON.

    each day, the newest first ─► pages of 100 until one is not full ─► parse_daily_papers
      └► papers and items, each as the list of the latest day has it

A day that can't be read is left out and named in a note; no day at all is a SourceError. Categories are arXiv's to say.
API: https://huggingface.co/docs/hub/api (its Python client makes "missing" of 0 upvotes, so it is not used).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from bot.digest.identifier import PATTERN, normalise_identifier
from bot.digest.late import compile_late
from bot.digest.plural import count
from bot.errors import SourceError
from bot.sources.payload import (
    describe_value,
    format_complaints,
    parse_payload,
    read_counts,
    read_line,
    read_list,
    read_moment,
    read_object,
    refuse,
)
from bot.sources.source import Item, Reading
from bot.sources.wire import Pace, Wire
from storage.models import Paper

BASE = "https://huggingface.co/api"
PAGE_SIZE = 100  # the most papers that are asked for at once
MOST_PAGES = 5  # a day; the busiest days on record had 50 papers
PACE_SECONDS = 0.6  # 500 requests in 5 minutes from one address: https://huggingface.co/docs/hub/rate-limits
_MOST_SILENT = 2  # days in a row without an answer, after which the rest is not asked for
_METRICS = {"upvotes": "upvotes"}  # numComments is 1 for a paper that nobody wrote about, so it says nothing
_IDENTIFIER = compile_late(PATTERN)


@dataclass(frozen=True, slots=True)
class DailyPapers:
    """A page of a day's list: `size` counts all its entries, also those that were refused, which the notes name."""

    size: int
    papers: tuple[Paper, ...]
    items: tuple[Item, ...]
    notes: tuple[str, ...]


class _NoAnswerError(SourceError):
    """Nothing came of a question, as opposed to an answer that is of no use."""


class HuggingFace:
    """The source "huggingface"; `base` is the address of its API."""

    name = "huggingface"

    def __init__(self, wire: Wire, base: str = BASE) -> None:
        self._wire, self._url = wire, f"{base.rstrip('/')}/daily_papers"
        self._pace = Pace(PACE_SECONDS)

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return the papers on the lists of these days; days that have not begun are not asked for (they answer 400).

        The newest is asked for first: it matters most, should the server fall silent. A day that can't be read is named
        in the notes; SourceError when no day could be read.
        """
        today = now.astimezone(UTC).date()
        collection = _Collection()
        silent = 0
        for day in reversed(_list_days(since, min(until, today))):
            if silent == _MOST_SILENT:
                collection.lost.append(f"{_name(day)} was not asked for, because the days after it had no answer")
                continue
            try:
                await self._read_day(day, now, collection)
                silent = 0
            except _NoAnswerError as error:
                silent += 1
                collection.lost.append(f"{_name(day)} is missing: {error}")
            except SourceError as error:
                silent = 0
                collection.lost.append(str(error))
        return collection.finish()

    async def _read_day(self, day: date, now: datetime, collection: _Collection) -> None:
        """Add a day's pages; exactly as many papers as were asked for may not be all of them."""
        seen: set[str] = set()
        for number in range(MOST_PAGES):
            try:
                page = await self._read_page(day, number, now)
            except SourceError as error:
                if not number:
                    raise
                collection.lost.append(f"Only {count(len(seen), 'paper')} of {day} known: {error}")
                return
            if page is None:
                collection.notes.append(f"{_name(day)} is not there yet")
                return
            collection.add(day, page)
            keys = {item.key for item in page.items}
            if page.size != PAGE_SIZE:
                return
            if keys <= seen:  # the same page again: the server does not turn pages
                break
            seen |= keys
        collection.lost.append(f"{_name(day)} may be cut at {len(seen)} papers")

    async def _read_page(self, day: date, number: int, now: datetime) -> DailyPapers | None:
        """Return a page of a day's list, None for a list that is not there yet: its day may begin later than ours."""
        params = {"date": day.isoformat(), "limit": str(PAGE_SIZE), "p": str(number)}
        try:
            answer = await self._wire.get(self._url, params=params, pace=self._pace, accept=(200, 400))
        except SourceError as error:
            raise _NoAnswerError(str(error)) from None
        if answer.status == 400:
            if number or day != now.astimezone(UTC).date():
                refuse(_name(day), "is missing: its date was answered with 400")
            return None
        return parse_daily_papers(answer.body, day, now)


@dataclass(slots=True)
class _Collection:
    """What has been read so far, pages of days' lists; of a paper that is there twice, the later day's counts."""

    pages: list[tuple[date, DailyPapers]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def add(self, day: date, page: DailyPapers) -> None:
        self.pages.append((day, page))
        self.notes += page.notes

    def finish(self) -> Reading:
        """Return the reading; SourceError when every day was lost."""
        if self.lost and not self.pages:
            raise SourceError(self.lost[0])
        papers: dict[str, Paper] = {}
        items: dict[str, Item] = {}
        for _, page in sorted(self.pages, key=lambda one: one[0]):  # the pages of a day stay in their order
            papers.update((paper.arxiv_id, paper) for paper in page.papers)
            items.update((item.key, item) for item in page.items if item.metrics or item.key not in items)
        notes = (*self.lost, *self.notes)
        return Reading(tuple(papers.values()), (), tuple(items.values()), notes=notes, is_partial=bool(self.lost))


def parse_daily_papers(body: bytes, day: date, now: datetime) -> DailyPapers:
    """Parse a page of a day's list, read at `now`; SourceError when it is no list, or no entry of it is one.

    Entries that can't be used, such as papers that are not on arXiv, are left out and named in the notes. `day` dates
    the items of entries that do not say when they were submitted.
    """
    entries = parse_payload(body, _name(day))
    if not isinstance(entries, list):
        refuse(_name(day), f"is {describe_value(entries)}, not a list")
    papers: dict[str, Paper] = {}
    items: dict[str, Item] = {}
    complaints: list[str] = []
    useless = 0
    for number, value in enumerate(entries, 1):
        entry = read_object(value)
        arxiv_id = read_object(entry.get("paper")).get("id")
        if not isinstance(arxiv_id, str):
            useless += 1
            complaints.append(f"entry {number} has no paper with an id (it is {describe_value(value)})")
        elif not (match := _IDENTIFIER.fullmatch(arxiv_id)):
            complaints.append(f"entry {number} is no paper of arXiv ({describe_value(arxiv_id)})")
        else:
            arxiv_id = normalise_identifier(match[1])
            items[arxiv_id], wrong = _parse_item(arxiv_id, entry, day, now)
            if paper := _parse_paper(arxiv_id, entry):
                papers[arxiv_id] = paper
            else:
                wrong.append("title")
            complaints += (f"entry {number} ({arxiv_id}) has no usable {name}" for name in wrong)
    if entries and useless == len(entries):
        refuse(_name(day), f"has nothing that can be read: {complaints[0]}")
    notes = format_complaints(_name(day), complaints)
    return DailyPapers(len(entries), tuple(papers.values()), tuple(items.values()), notes)


def _parse_item(arxiv_id: str, entry: Mapping[str, object], day: date, now: datetime) -> tuple[Item, list[str]]:
    """Return a paper's page of votes, and the fields that hold something that is no count."""
    paper = read_object(entry["paper"])
    metrics, wrong = read_counts(paper, _METRICS)
    submitted = read_moment(paper.get("submittedOnDailyAt")) or datetime.combine(day, time(), UTC)
    url = f"https://huggingface.co/papers/{arxiv_id}"
    return Item(arxiv_id, (arxiv_id,), metrics, now, submitted, url), wrong


def _parse_paper(arxiv_id: str, entry: Mapping[str, object]) -> Paper | None:
    """Return what the list says of a paper, its texts on one line each; None when it has no title."""
    paper = read_object(entry["paper"])
    title = read_line(paper.get("title")) or read_line(entry.get("title"))
    abstract = read_line(paper.get("summary")) or read_line(entry.get("summary"))
    names = (read_line(read_object(author).get("name")) for author in read_list(paper.get("authors")))
    return Paper(arxiv_id, None, title, tuple(filter(None, names)), (), abstract) if title else None


def _name(day: date) -> str:
    return f"Hugging Face's list of {day}"


def _list_days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]

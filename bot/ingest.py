"""Brings daily posts into the store: finds what changed, parses it, and writes it day by day.

    scan ─► seen before? ─► read + parse ─► which post of the day wins? ─► days.put, many in one transaction
              └► unchanged      └► failed                  └► unchanged

Each day is stored whole or not at all; a file that fails stops no other. An interrupted run is completed by
the next one, since a file counts as seen only in the transaction that stores its day.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Literal, NamedTuple

from bot.digest.post import DailyPost, parse
from bot.errors import PostError
from bot.sources.folder import Folder, decode_post
from bot.sources.posts import PostFile, Posts
from storage.errors import RejectedError
from storage.models import Day, Edition, FileRecord
from storage.store import Store

Status = Literal["new", "updated", "unchanged", "partial", "failed", "draft"]
Progress = Callable[[int, int], None]
Editions = dict[date, Edition]  # the days to write
BATCH_FILES = 256  # a transaction; fewer and larger ones are a fifth faster
CHUNK_FILES = 16  # between two steps of the progress bar
# A file written within this time of being read may change again with the same mtime.
RACY_NS = 2_000_000_000


class FileReport(NamedTuple):  # a scan makes one for every file, and a tuple is made twice as fast
    """What became of one file; `errors` are (line, cause), also for what did no harm to its day."""

    path: str
    status: Status
    papers: int = 0
    repaired: str | None = None
    errors: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What one ingest did, file by file in the order of the places given; `troubles` of places that gave old files."""

    files: tuple[FileReport, ...]
    troubles: tuple[str, ...] = ()

    def count(self, status: Status) -> int:
        """Return how many files ended with a status."""
        return sum(file.status == status for file in self.files)

    @property
    def repaired(self) -> int:
        """Return how many files had their text repaired."""
        return sum(file.repaired is not None for file in self.files)

    @property
    def has_failed(self) -> bool:
        """Tell whether anything was lost: a file, a paper of one, or what is new at a place that can't be read."""
        return bool(self.troubles) or any(file.status in ("failed", "partial") for file in self.files)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file after reading: its post, or the report that says why there is none."""

    file: PostFile
    scanned_ns: int
    post: DailyPost | None
    failure: FileReport | None = None


async def ingest(
    store: Store, places: Sequence[Path | Posts], now: Callable[[], datetime], progress: Progress | None = None
) -> Report:
    """Ingest every post of the places, of which a path is a folder; `progress` is called with (files done, in all).

    SourceError when a place cannot be listed at all; anything else wrong is in the report.
    """
    given = [Folder(place) if isinstance(place, Path) else place for place in places]
    found, troubles = await _find_all(given)
    files, left, reports = await asyncio.to_thread(_compare, found, await store.files.list())
    if left:
        run = _Run(store)
        for start in range(0, len(left), BATCH_FILES):
            batch = left[start : start + BATCH_FILES]
            reads: list[_Read] = []
            for chunk in range(0, len(batch), CHUNK_FILES):
                if progress:
                    progress(len(reports) + len(reads), len(files))
                for place, some in groupby(batch[chunk : chunk + CHUNK_FILES], itemgetter(0)):
                    reads += await asyncio.to_thread(_read_batch, place, [file for _, file in some], now)
            reports |= await run.store_batch(reads, now())
    if progress:
        progress(len(files), len(files))
    return Report(tuple([reports[file.path] for file in files]), troubles)


async def ingest_text(store: Store, raw: bytes, name: str, now: datetime) -> Report:
    """Ingest one post that is not a file, such as standard input; `name` is what reports call it."""
    read = _parse_safely(PostFile(name, len(raw), 0, 0), 0, partial(decode_post, raw, name))
    run = _Run(store)
    return Report(tuple((await run.store_batch([read], now, remember=False)).values()))


async def _find_all(places: Sequence[Posts]) -> tuple[list[tuple[Posts, list[PostFile]]], tuple[str, ...]]:
    """List the posts of each place, and what is wrong with places."""
    found = [(place, await place.find()) for place in places]
    return [(place, its.files) for place, its in found], tuple([its.trouble for _, its in found if its.trouble])


def _compare(
    found: Sequence[tuple[Posts, Sequence[PostFile]]], records: Mapping[str, FileRecord]
) -> tuple[list[PostFile], list[tuple[Posts, PostFile]], dict[str, FileReport]]:
    """Return all files, each once; those to read, with their places; and reports of those as the last scan left them.

    Runs in a thread of its own: there may be thousands. Of two places with one file the later has it.
    """
    owned = [(place, file) for place, files in found for file in files]
    if len(found) > 1:
        owned = list({file.path: (place, file) for place, file in owned}.values())
    pairs = [(file, records.get(file[0])) for _, file in owned]
    reports = {seen[0]: _report_seen(seen) for file, seen in pairs if seen is not None and _is_seen(file, seen)}
    left = [(place, file) for place, file in owned if file[0] not in reports]
    return [file for _, file in owned], left, reports


def _is_seen(file: PostFile, seen: FileRecord) -> bool:
    """Tell whether a file is as the last scan read it, and that scan came well after its last change."""
    # Both begin with path, size, mtime and inode.
    return seen[:4] == file[:4] and file.mtime_ns < seen.scanned_ns - RACY_NS


def _report_seen(record: FileRecord) -> FileReport:
    return FileReport(record.path, *_decode_outcome(record.outcome))


def _read_batch(place: Posts, files: Sequence[PostFile], now: Callable[[], datetime]) -> list[_Read]:
    """Read and parse some files; runs in a thread of its own, as parsing keeps a core busy."""
    reads = []
    with place.open() as read:
        for file in files:
            scanned_ns = int(now().timestamp() * 1e9)
            reads.append(_parse_safely(file, scanned_ns, partial(read, file)))
    return reads


def _parse_safely(file: PostFile, scanned_ns: int, read: Callable[[], str]) -> _Read:
    try:
        return _Read(file, scanned_ns, parse(read()))
    except PostError as error:
        return _Read(file, scanned_ns, None, FileReport(file.path, "failed", errors=((error.line, error.cause),)))


class _Run:
    """One ingest under way: the days known so far, and what each file did to them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._days: dict[date, Day] = {}

    async def store_batch(self, reads: Sequence[_Read], now: datetime, remember: bool = True) -> dict[str, FileReport]:
        """Write the days that changed and the files seen, together; return the reports by path."""
        await self._learn([read.post.day for read in reads if read.post])
        editions: Editions = {}
        reports: dict[str, FileReport] = {}
        records = []
        for read in reads:
            if read.post and read.post.day in editions:  # a second post of a day is a revision of its own
                reports |= await self._write(editions, [], now, reports)
                editions.clear()
            report = read.failure or self._take(read, editions)
            reports[read.file.path] = report
            if remember and report.status not in ("failed", "partial"):
                records.append(_make_record(read, report))
        return reports | await self._write(editions, records, now, reports)

    async def _learn(self, days: Sequence[date]) -> None:
        """Read what is stored of these days and those between; all there are would keep the loop from its answers."""
        for day in await self._store.days.list(min(days), max(days)) if days else ():
            self._days.setdefault(day.day, day)

    async def _write(
        self, editions: Editions, records: Sequence[FileRecord], now: datetime, reports: dict[str, FileReport]
    ) -> dict[str, FileReport]:
        """Write days and files; return the reports of those that the store would not have."""
        if not editions and not records:
            return {}
        stored = await self._store.days.put(list(editions.values()), records, now)
        failed = {}
        for edition, result in zip(editions.values(), stored, strict=True):
            if isinstance(result, RejectedError):
                path = edition.day.source
                failed[path] = reports[path]._replace(status="failed", errors=((1, str(result)),))
        return failed

    def _take(self, read: _Read, editions: Editions) -> FileReport:
        """Decide what one post does to its day, and add it to the editions to write."""
        post, path = read.post, read.file.path
        assert post is not None  # noqa: S101 - a read without a post is a failure
        notes = tuple((problem.line, problem.cause) for problem in post.problems)
        report = FileReport(path, "new", len(post.papers), post.repaired, notes)
        if post.draft:
            return report._replace(status="draft")
        known, day = self._days.get(post.day), _make_day(post, path)
        if known and known.content_hash == day.content_hash:
            report = report._replace(status="unchanged")
        elif known and known.source != path and not _is_better(day, known):
            note = f"not used: {known.source} holds the later post of {post.day}"
            report = report._replace(status="unchanged", errors=(*notes, (1, note)))
        else:
            editions[day.day] = Edition(day, post.papers)
            self._days[day.day] = day
            report = _report_change(report, day, known)
        return report._replace(status="partial") if post.is_partial else report


def _report_change(report: FileReport, day: Day, known: Day | None) -> FileReport:
    """Report a new or updated day, and which other post of it is no longer used."""
    if known and known.source != day.source:
        note = f"used instead of {known.source}, which is older or damaged"
        report = report._replace(errors=(*report.errors, (1, note)))
    return report._replace(status="updated") if known else report


def _is_better(day: Day, known: Day) -> bool:
    """Tell whether one post of a day is used in place of another: made later, or whole where that is damaged."""
    oldest = datetime.min.replace(tzinfo=UTC)
    quality = (day.generated_at or oldest, not day.is_partial)
    return quality > (known.generated_at or oldest, not known.is_partial)


def _make_day(post: DailyPost, source: str) -> Day:
    return Day(
        day=post.day,
        first_day=post.first_day,
        slug=post.slug,
        title=post.title,
        generated_at=post.generated_at,
        source=source,
        content_hash=post.content_hash,
        paper_count=len(post.papers),
        is_partial=post.is_partial,
        front_matter=post.front_matter,
    )


def _make_record(read: _Read, report: FileReport) -> FileRecord:
    file = read.file
    return FileRecord(file.path, file.size, file.mtime_ns, file.inode, read.scanned_ns, _encode_outcome(report))


def _encode_outcome(report: FileReport) -> str:
    """Write what the next scan reports of the file while it stays as it is."""
    outcome = {
        "draft": report.status == "draft",
        "papers": report.papers,
        "repaired": report.repaired,
        "errors": report.errors,
    }
    return json.dumps(outcome)


@lru_cache(maxsize=1024)  # most files say the same; parsing it again and again would take half of a scan
def _decode_outcome(text: str) -> tuple[Status, int, str | None, tuple[tuple[int, str], ...]]:
    outcome = json.loads(text)
    errors = tuple((line, cause) for line, cause in outcome["errors"])
    return "draft" if outcome["draft"] else "unchanged", outcome["papers"], outcome["repaired"], errors

"""Stand-ins for live sources: what each says is a value, and each can fail; no network, no waiting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.collecting.collection import Outcome, Sources, collect
from bot.digest.timetable import find_moment
from bot.errors import SourceError
from bot.sources.arxiv_query import Found, Record
from bot.sources.source import Announcement, Item, Kind, Reading
from storage.models import Paper
from storage.store import Store

DAY = date(2026, 11, 19)  # a Thursday
NOW = find_moment(DAY) + timedelta(minutes=5)  # the night to Saturday, in UTC
MADE = datetime(2026, 11, 20, 9, tzinfo=UTC)
CATEGORIES = frozenset({"cs.LG", "cs.CV"})


def make_paper(number: int, *, month: str = "2611", categories: tuple[str, ...] = ("cs.LG",), title: str = "") -> Paper:
    """Return a paper as its announcement has it."""
    return Paper(
        f"{month}.{number:05}", 1, title or f"Study {number}", ("Ada Lovelace",), categories, f"We study {number}."
    )


def announce(*numbers: int, day: date = DAY, kind: Kind = "new", **parts: object) -> list[Announcement]:
    """Return announcements of papers in the evening of a day."""
    return [Announcement(make_paper(number, **parts), kind, day) for number in numbers]  # type: ignore[arg-type]


def vote(number: int, upvotes: int, *, month: str = "2611", made: datetime = MADE, now: datetime = NOW) -> Item:
    """Return a paper's page of votes on Hugging Face; hot are 30 votes or more."""
    arxiv_id = f"{month}.{number:05}"
    return Item(arxiv_id, (arxiv_id,), {"upvotes": upvotes}, now, made, f"https://huggingface.co/papers/{arxiv_id}")


def tell_story(number: int, points: int, *, key: str = "") -> Item:
    """Return a story on Hacker News."""
    return Item(key or str(4_000_000 + number), (f"2611.{number:05}",), {"points": points, "comments": 3}, NOW, MADE)


def share(number: int, likes: int, *, who: str = "ada", text: str = "Worth a read") -> Item:
    """Return a post on Bluesky that was counted."""
    did = f"did:plc:{who:a<24}"
    return Item(
        key=f"at://{did}/app.bsky.feed.post/3k{number}",
        arxiv_ids=(f"2611.{number:05}",),
        metrics={"likes": likes, "reposts": 1, "quotes": 0},
        observed_at=NOW,
        created_at=MADE,
        url=f"https://bsky.app/profile/{who}.example/post/3k{number}",
        text=text,
        lang="en",
        author=did,
        handle=f"{who}.example" if text else "",
        name=who.title() if text else "",
    )


@dataclass
class FakeOrigin:
    """A source that says what it was told to, or fails."""

    name: str
    reading: Reading = field(default_factory=Reading)
    error: str = ""
    asked: list[tuple[date, date]] = field(default_factory=list)
    confirmed: int = 0

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        """Return the reading, or fail."""
        self.asked.append((since, until))
        if self.error:
            raise SourceError(self.error)
        return self.reading

    async def confirm(self, now: datetime) -> None:
        """Count."""
        self.confirmed += 1


@dataclass
class FakeDetails:
    """Knows the papers that it was given, or nothing at all."""

    records: dict[str, Record] = field(default_factory=dict)
    error: str = ""
    asked: list[list[str]] = field(default_factory=list)

    async def find(self, arxiv_ids: Iterable[str]) -> Found:
        """Return the records."""
        self.asked.append(list(arxiv_ids))
        if self.error:
            raise SourceError(self.error)
        known = {name: self.records[name] for name in self.asked[-1] if name in self.records}
        return Found(known, tuple(name for name in self.asked[-1] if name not in known))

    def add(self, paper: Paper, submitted: datetime, *, withdrawn: bool = False) -> None:
        """Know a paper."""
        self.records[paper.arxiv_id] = Record(paper, submitted, submitted, "", withdrawn)


class Newsroom:
    """All sources at once, with a store and a folder for posts; what is announced and counted is given by name."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.origins = {name: FakeOrigin(name) for name in ("arxiv", "huggingface", "hackernews", "bluesky")}
        self.details: FakeDetails | None = FakeDetails()
        self.told: list[str] = []

    def say(self, **readings: Reading) -> None:
        """Set what sources say."""
        for name, reading in readings.items():
            self.origins[name].reading = reading

    def fail(self, *names: str) -> None:
        """Let sources fail."""
        for name in names:
            self.origins[name].error = f"{name}.example answered 500"

    async def collect(
        self, day: date = DAY, now: datetime = NOW, folder: Path | None = None, **options: bool
    ) -> Outcome:
        """Make the post of a day."""
        sources = Sources(tuple(self.origins.values()), self.details, CATEGORIES)
        place = folder or self.folder
        return await collect(self.store, sources, day, place, now, tell=self.told.append, **options)

    @property
    def asked(self) -> int:
        """How often any source was asked."""
        return sum(len(origin.asked) for origin in self.origins.values()) + len(
            self.details.asked if self.details else []
        )


def list_ids(outcome: Outcome) -> list[int]:
    """Return the numbers of a post's papers, in order."""
    return [int(paper.paper.arxiv_id.partition(".")[2]) for paper in outcome.post.papers] if outcome.post else []


def count_all(outcome: Outcome) -> list[Mapping[str, int]]:
    """Return the counts of a post's papers."""
    return [dict(paper.engagement) for paper in outcome.post.papers] if outcome.post else []

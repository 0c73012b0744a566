"""Live posts while the program runs: made once, on arXiv's calendar, whatever fails; pushed, and watched."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.answers.desk import Desk
from bot.answers.status import find_status, render_status
from bot.answers.why import find_why
from bot.app import make_live
from bot.collecting import collection
from bot.collecting.collection import Sources, no_rest
from bot.collecting.post_file import is_untouched, name_file, sign
from bot.collecting.pushing import LONGEST_PAUSE, Pushed, find_pushed
from bot.collecting.silence import find_silences
from bot.digest.post import format as format_post
from bot.digest.post import parse
from bot.digest.timetable import Quiet, find_moment, find_quiet
from bot.doctor_live import check_live_posts, examine_live
from bot.errors import PostError, SourceError
from bot.health import Metrics
from bot.live import AGAIN, MOST_TOLD, Live
from bot.messages.language import speak
from bot.messages.summary import render_missing
from bot.messages.why import render_lines
from bot.settings import Settings
from bot.showing import Showing
from bot.sources.address import parse_repository
from bot.sources.posts import Published
from bot.sources.source import Reading
from storage.errors import LockedError, StorageError
from storage.lock import hold_lock
from storage.models import Subscription, Target
from storage.store import Store
from tests.collecting import CATEGORIES, DAY, MADE, NOW, Newsroom, announce, make_paper, vote
from tests.fakes import Clock
from tests.test_health import read_figures

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
VOTES = Reading(items=tuple(vote(number, 100 - number) for number in (1, 2, 3)))


@dataclass
class FakePublisher:
    """A repository that takes files, or says why not."""

    error: str = ""
    commits: list[list[str]] = field(default_factory=list)
    tries: int = 0
    others: dict[str, bytes] = field(default_factory=dict)

    def __str__(self) -> str:
        return "https://example.org/site.git"

    async def publish(self, paths: Sequence[Path], message: str, is_ours: Callable[[bytes], bool]) -> Published:
        self.tries += 1
        if self.error:
            raise SourceError(self.error)
        kept = tuple(path.name for path in paths if path.name in self.others and not is_ours(self.others[path.name]))
        self.commits.append([path.name for path in paths if path.name not in kept])
        return Published("0123456789abcdef", kept)


@pytest.fixture
def clock() -> Clock:
    """Five minutes after the post of DAY, a Thursday, can be made."""
    return Clock(NOW)


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Newsroom:
    """All sources, which have three hot papers."""
    room = Newsroom(store, tmp_path / "posts")
    room.say(arxiv=Reading(announcements=tuple(announce(1, 2, 3))), huggingface=VOTES)
    assert room.details
    for number in (1, 2, 3):
        room.details.add(make_paper(number), datetime(2026, 11, 19, 15, tzinfo=UTC))
    return room


class Work:
    """The live work over a store, without a scheduler."""

    def __init__(self, room: Newsroom, clock: Clock, publisher: FakePublisher | None = None) -> None:
        self.room, self.clock, self.metrics, self.opened = room, clock, Metrics(), 0
        self.rest: Callable[[], Awaitable[None]] = no_rest
        database = room.folder.parent / "papers.db"
        self.live = Live(room.store, database, room.folder, self.open, clock, publisher, self.metrics)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Sources]:
        """Lend the sources."""
        self.opened += 1
        yield Sources(tuple(self.room.origins.values()), self.room.details, CATEGORIES, None, self.rest)

    async def go_on(self, until: timedelta, step: timedelta = 5 * MINUTE) -> None:
        """Let time pass, with what is done every minute."""
        end = self.clock() + until
        while self.clock() < end:
            await self.live.make()
            self.clock.now += step

    def list_files(self) -> list[str]:
        """Return the posts that were written."""
        return sorted(path.name for path in self.room.folder.iterdir())


async def test_a_post_is_made_once_when_it_is_due(room: Newsroom, clock: Clock) -> None:
    """At once, then nobody is asked all weekend long; the next one not before its moment."""
    sunday = date(2026, 11, 22)
    async with (work := Work(room, clock)).live:
        await work.go_on(MINUTE)
        asked = room.asked
        assert work.list_files() == [name_file(DAY)]
        await work.go_on(timedelta(days=2), HOUR)  # Friday evening to Sunday evening
        assert room.asked == asked
        later = tuple(vote(number, 100, made=find_moment(sunday) - HOUR, now=find_moment(sunday)) for number in (5, 6))
        room.say(arxiv=Reading(announcements=tuple(announce(5, 6, day=sunday))), huggingface=Reading(items=later))
        clock.now = find_moment(sunday) - 10 * MINUTE
        await work.go_on(10 * MINUTE)
        assert work.list_files() == [name_file(DAY)]
        await work.go_on(MINUTE)
    assert work.list_files() == [name_file(DAY), name_file(sunday)]


async def test_a_night_without_sources_is_made_up_for(
    room: Newsroom, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """While none answers they are asked every half an hour, and said so; once one is back there is a post."""
    room.fail(*room.origins)
    async with (work := Work(room, clock)).live:
        await work.go_on(6 * HOUR)
        assert len(room.origins["huggingface"].asked) == 6 * HOUR / AGAIN
        assert work.list_files() == []
        room.origins["huggingface"].error = ""
        await work.go_on(AGAIN)
    assert work.list_files() == [name_file(DAY)]
    assert "Trying again in 30 minutes." in caplog.text
    day = await room.store.days.get(DAY)
    assert day and day.front_matter["missing"] == ["arxiv", "hackernews", "bluesky"]


@pytest.mark.parametrize("error", [PostError("a paper cannot be printed"), RuntimeError("out of luck")])
async def test_an_unexpected_error_is_no_reason_to_ask_each_minute(
    room: Newsroom, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whatever fails is told in a line and tried again after the usual pause; announcements are read meanwhile."""

    async def fail(*_: object) -> None:
        raise error

    async with (work := Work(room, clock)).live:
        with monkeypatch.context() as patch:
            patch.setattr(collection, "make_post", fail)
            await work.go_on(AGAIN, MINUTE)
        assert caplog.text.count(f"{DAY} could not be made: {error}; trying again in 30 minutes") == 1
        assert await room.store.candidates.last_day() == DAY
        await work.go_on(MINUTE)
        assert work.list_files() == [name_file(DAY)]


async def test_announcements_are_read_in_the_night(room: Newsroom, clock: Clock) -> None:
    """From half past midnight (US Eastern) on, every half an hour until they are there, and then not again."""
    arxiv = room.origins["arxiv"]
    async with (work := Work(room, clock)).live:
        await work.go_on(5 * MINUTE)
        clock.now = datetime(2026, 11, 23, 2, tzinfo=UTC)  # Sunday, an hour after the announcement
        before = len(arxiv.asked)
        await work.go_on(3 * HOUR)
        assert len(arxiv.asked) == before
        await work.go_on(2 * HOUR)
        assert len(arxiv.asked) == before + 3  # at 5:30, 6:00 and 6:30 UTC: they still have Thursday's
        room.say(arxiv=Reading(announcements=tuple(announce(11, 12, day=date(2026, 11, 22)))))
        await work.go_on(12 * HOUR)
        assert len(arxiv.asked) == before + 4
    assert await room.store.candidates.last_day() == date(2026, 11, 22)


async def test_a_restart_asks_nobody_for_what_is_there(room: Newsroom, clock: Clock) -> None:
    """What is made and read is known to the next run; a file that is gone meanwhile is written again."""
    async with (work := Work(room, clock)).live:
        await work.go_on(5 * MINUTE)
    asked = room.asked
    (room.folder / name_file(DAY)).unlink()
    async with (work := Work(room, clock)).live:
        await work.go_on(5 * MINUTE)
    assert (room.asked, work.list_files()) == (asked, [name_file(DAY)])


async def test_one_of_several_programs_makes_posts(room: Newsroom, clock: Clock) -> None:
    """The other one waits until it has ended; while somebody collects by hand, both wait."""
    async with (first := Work(room, clock)).live:
        async with (second := Work(room, clock)).live:
            await second.go_on(5 * MINUTE)
            assert room.asked == 0
            with hold_lock(room.folder.parent / "papers.db", "makes posts for", ".collect.lock"):
                await first.live.make()
                assert first.list_files() == []
        await first.go_on(5 * MINUTE)
    assert first.list_files() == [name_file(DAY)]


async def test_announcements_wait_while_somebody_collects(room: Newsroom, clock: Clock) -> None:
    """Feeds are not read in the night beside `hotpapers collect`, which asks arXiv as well; a minute later they are."""
    async with (work := Work(room, clock)).live:
        await work.go_on(5 * MINUTE)
        clock.now = datetime(2026, 11, 23, 6, tzinfo=UTC)
        before = room.asked
        with hold_lock(room.folder.parent / "papers.db", "makes posts for", ".collect.lock"):
            await work.go_on(HOUR)
            assert room.asked == before
        await work.go_on(MINUTE)
        assert len(room.origins["arxiv"].asked) == 2


async def test_sources_rest_before_another_may_ask(room: Newsroom, clock: Clock) -> None:
    """Collecting, and reading announcements, ends with the pause that arXiv wants, and has the lock until then."""
    database, rests = room.folder.parent / "papers.db", []

    async def rest() -> None:
        with pytest.raises(LockedError), hold_lock(database, "makes posts for", ".collect.lock"):
            pass
        rests.append(room.asked)

    work = Work(room, clock)
    work.rest = rest
    async with work.live:
        await work.go_on(5 * MINUTE)
        clock.now = datetime(2026, 11, 23, 6, tzinfo=UTC)
        await work.go_on(5 * MINUTE)
    assert rests == [5, 6]


async def test_feeds_are_not_asked_twice_at_once(room: Newsroom, clock: Clock) -> None:
    """A collection that failed has asked them, so that they are asked again after the usual pause."""
    room.fail(*room.origins)
    async with (work := Work(room, clock)).live:
        await work.go_on(6 * HOUR, MINUTE)
    assert len(room.origins["arxiv"].asked) == len(room.origins["huggingface"].asked) == 6 * HOUR / AGAIN


async def test_the_page_says_why_there_is_no_post(room: Newsroom, clock: Clock) -> None:
    """One sentence with the sources, and one with the next try; nothing before the first one, and once it is made."""
    room.fail(*room.origins)
    async with (work := Work(room, clock)).live:
        showing = Showing(room.store, room.folder.parent / "papers.db", None, clock, live=work.live)
        assert showing.find_trouble() == ""
        await work.go_on(AGAIN)
        assert showing.find_trouble() == (
            f"The post of {DAY} could not be made: nothing could be counted, since sources can't be reached or have "
            "nothing: arxiv, huggingface, hackernews, bluesky. It is tried again at 2026-11-21 01:35 UTC."
        )
        showing.trouble = "Another preview is open."
        assert showing.find_trouble().startswith("Another preview is open. The post of")
        room.origins["huggingface"].error = showing.trouble = ""
        await work.go_on(AGAIN)
        assert showing.find_trouble() == ""


async def test_a_trouble_of_the_page_is_short(room: Newsroom, clock: Clock) -> None:
    """Someone else's file in the post's place is told with what to do; a long cause is cut."""
    room.folder.mkdir()
    (room.folder / name_file(DAY)).write_text("mine")
    async with (work := Work(room, clock)).live:
        await work.go_on(MINUTE)
    assert "--overwrite" in work.live.trouble
    assert work.live.trouble.endswith("It is tried again at 2026-11-21 01:35 UTC.")
    assert len(work.live.trouble) < MOST_TOLD + 120


async def test_a_file_of_somebody_else_is_left_alone(
    room: Newsroom, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once that there is one, and nothing is asked; once it is gone the post is made."""
    room.folder.mkdir()
    (room.folder / name_file(DAY)).write_text("mine")
    await room.store.candidates.announce(announce(1), clock())
    async with (work := Work(room, clock)).live:
        await work.go_on(HOUR)
        assert (room.folder / name_file(DAY)).read_text() == "mine"
        assert room.asked == 0
        assert caplog.text.count("`hotpapers collect --overwrite`") == 1
        (room.folder / name_file(DAY)).unlink()
        await work.go_on(HOUR)
    assert is_untouched((room.folder / name_file(DAY)).read_text())


@pytest.mark.parametrize("kind", ["file", "loop"])
async def test_a_folder_that_can_not_be_is_told(room: Newsroom, clock: Clock, kind: str) -> None:
    """One error for people."""
    room.folder.symlink_to(room.folder.name) if kind == "loop" else room.folder.write_text("mine")
    with pytest.raises(StorageError, match="folder of posts"):
        async with Work(room, clock).live:
            pass
    if kind == "loop":
        with pytest.raises(StorageError, match="leads to itself"):
            make_live(Settings(database=room.folder.parent / "papers.db", posts_source="live"), room.store)


# Pushing


async def test_a_push_that_fails_is_tried_again_and_holds_nothing_up(
    room: Newsroom, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The post is there meanwhile; said once, counted, pushed when it can be, and then no more."""
    site = FakePublisher("it can't be reached")
    async with (work := Work(room, clock, site)).live:
        await work.go_on(5 * MINUTE)
        for _ in range(180):
            await work.live.push()
            clock.now += MINUTE
        assert work.list_files() == [name_file(DAY)]
        assert 5 <= site.tries <= 9
        assert caplog.text.count("it can't be reached") == 1
        assert read_figures(work.metrics)[("hotpapers_posts_unpushed",)] == 1
        assert (await find_pushed(room.store)).trouble == "it can't be reached"
        site.error = ""
        clock.now += LONGEST_PAUSE
        for _ in range(3):
            await work.live.push()
    assert site.commits == [[name_file(DAY)]]
    assert read_figures(work.metrics)[("hotpapers_posts_unpushed",)] == 0
    pushed = await find_pushed(room.store)
    assert (pushed.day, pushed.trouble, pushed.since) == (DAY, "", None)


async def test_only_what_was_made_here_is_pushed(room: Newsroom, clock: Clock) -> None:
    """Neither posts of others in the folder, nor those changed by hand, nor what was pushed before a restart."""
    site = FakePublisher()
    async with (work := Work(room, clock, site)).live:
        await work.go_on(5 * MINUTE)
        (room.folder / name_file(DAY - timedelta(days=1))).write_text("mine")
        made = room.folder / name_file(DAY)
        (room.folder / name_file(DAY + timedelta(days=1))).write_text(made.read_text() + "more\n")
        await work.live.push()
    async with (work := Work(room, clock, site)).live:
        await work.go_on(5 * MINUTE)
        await work.live.push()
    assert site.commits == [[name_file(DAY)]]


async def test_a_file_of_somebody_else_is_told_and_left(
    room: Newsroom, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The other posts are pushed once, the trouble names the file and what to do, and ends when that is done."""
    site, later = FakePublisher(others={name_file(DAY): b"mine"}), date(2026, 11, 22)
    async with (work := Work(room, clock, site)).live:
        await work.go_on(5 * MINUTE)
        made = (room.folder / name_file(DAY)).read_text()
        others = {**parse(made).front_matter, "slug": f"hot-papers-{later}"}
        post = sign(replace(parse(made), day=later, slug=f"hot-papers-{later}", front_matter=others))
        (room.folder / name_file(later)).write_text(format_post(post))
        for _ in range(180):
            await work.live.push()
            clock.now += MINUTE
        assert site.commits[0] == [name_file(later)] and not any(site.commits[1:])
        assert caplog.text.count(f"{name_file(DAY)} is there already") == 1
        pushed = await find_pushed(room.store)
        assert pushed.day is None and "delete it there to have ours, or copy it over ours in " in pushed.trouble
        assert read_figures(work.metrics)[("hotpapers_posts_unpushed",)] == 1
        site.others[name_file(DAY)] = made.encode()
        clock.now += LONGEST_PAUSE
        await work.live.push()
        await work.live.push()
    assert [commit for commit in site.commits if commit] == [[name_file(later)], [name_file(DAY)]]
    assert await find_pushed(room.store) == Pushed(later)
    assert read_figures(work.metrics)[("hotpapers_posts_unpushed",)] == 0


async def test_who_keeps_the_file_of_somebody_else_is_left_alone(room: Newsroom, clock: Clock) -> None:
    """With that file copied over ours there is nothing more to push, and no trouble."""
    site = FakePublisher(others={name_file(DAY): b"mine"})
    async with (work := Work(room, clock, site)).live:
        await work.go_on(5 * MINUTE)
        await work.live.push()
        assert (await find_pushed(room.store)).trouble
        (room.folder / name_file(DAY)).write_bytes(b"mine")
        await work.live.push()
    assert await find_pushed(room.store) == Pushed()


async def test_what_can_not_be_read_is_not_pushed(
    room: Newsroom, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A folder, a pipe and a link to nothing with names of posts: said once each, and the others are pushed."""
    site = FakePublisher()
    async with (work := Work(room, clock, site)).live:
        odd = [room.folder / name_file(DAY - timedelta(days=number)) for number in (1, 2, 3)]
        await work.go_on(5 * MINUTE)
        odd[0].mkdir()
        os.mkfifo(odd[1])
        odd[2].symlink_to("nowhere")
        for _ in range(3):
            await work.live.push()
            clock.now += MINUTE
    assert site.commits == [[name_file(DAY)]]
    assert [caplog.text.count(f"{path} is not pushed: it is no file") for path in odd] == [1, 1, 1]


async def test_pushing_that_fails_on_the_disk_waits_longer_each_time(room: Newsroom, clock: Clock) -> None:
    """As when the place can't be reached: not every few seconds."""

    class Broken(FakePublisher):
        async def publish(self, paths: Sequence[Path], message: str, is_ours: Callable[[bytes], bool]) -> Published:
            self.tries += 1
            raise OSError(5, "Input/output error")

    site = Broken()
    async with (work := Work(room, clock, site)).live:
        await work.go_on(5 * MINUTE)
        for _ in range(60):
            await work.live.push()
            clock.now += MINUTE
        assert 3 <= site.tries <= 6
        assert "Input/output error" in (await find_pushed(room.store)).trouble


# Silence


async def fail_at(room: Newsroom, name: str, *moments: datetime) -> None:
    """Let a source fail at these times."""
    for moment in moments:
        await room.store.sources.record(name, False, "it answered 500", moment)


async def test_a_source_is_silent_after_two_posts_without_it(room: Newsroom) -> None:
    """One may be bad luck; a weekend and Thanksgiving are none of them."""
    wednesday, thursday, sunday = (find_moment(date(2026, 11, day)) for day in (18, 19, 22))
    await room.store.sources.record("huggingface", True, "", wednesday)
    await fail_at(room, "huggingface", thursday)
    assert await find_silences(room.store, sunday) == ()
    await fail_at(room, "huggingface", sunday)
    assert await find_silences(room.store, sunday + MINUTE) == ()
    (silence,) = await find_silences(room.store, sunday + 2 * HOUR)
    assert (silence.name, silence.since, silence.cause) == ("huggingface", wednesday, "it answered 500")
    await room.store.sources.record("huggingface", True, "", sunday + 3 * HOUR)
    assert await find_silences(room.store, sunday + 4 * HOUR) == ()


@pytest.mark.parametrize(
    ("now", "is_silent"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), False),  # Sunday
        (datetime(2026, 11, 23, 12, tzinfo=UTC), False),  # Monday, 7:00 US Eastern
        (datetime(2026, 11, 23, 18, tzinfo=UTC), True),  # Monday, 13:00: Sunday's should be there
    ],
)
async def test_arxiv_is_silent_without_its_announcement(room: Newsroom, now: datetime, is_silent: bool) -> None:
    """Also when its feeds answer, and have the one before."""
    await room.store.candidates.announce(announce(1, day=DAY), NOW)
    await room.store.sources.record("arxiv", True, "1 papers announced", now)
    found = await find_silences(room.store, now)
    assert [one.name for one in found] == (["arxiv"] if is_silent else [])


async def test_arxiv_is_not_silent_on_holidays(room: Newsroom) -> None:
    """From Wednesday's announcement before Thanksgiving to Monday noon there is nothing to hear."""
    await room.store.candidates.announce(announce(1, day=date(2026, 11, 25)), NOW)
    await room.store.sources.record("arxiv", True, "", NOW)
    for hours in range(0, 4 * 24, 6):
        assert await find_silences(room.store, datetime(2026, 11, 26, 12, tzinfo=UTC) + hours * HOUR) == ()


async def test_a_stream_is_silent_after_hours(room: Newsroom) -> None:
    """Weekend or not: on Bluesky people write every second."""
    us = int(NOW.timestamp()) * 1_000_000
    await room.store.cursors.set("bluesky", "cursor", str(us), NOW)
    await room.store.sources.record("bluesky", True, "", NOW)
    assert await find_silences(room.store, NOW + 5 * HOUR) == ()
    (silence,) = await find_silences(room.store, NOW + 7 * HOUR)
    assert (silence.name, silence.since) == ("bluesky", NOW)


async def test_an_answer_with_nothing_in_it_is_silence(room: Newsroom, clock: Clock) -> None:
    """A source that knows of no paper in a week has not answered; figures say so for each."""
    async with (work := Work(room, clock)).live:
        await work.go_on(5 * MINUTE)
        await work.live.measure()
    states = {one.name: one for one in await room.store.sources.list()}
    assert states["huggingface"].ok_at == NOW
    assert (states["hackernews"].ok_at, states["hackernews"].failed_at) == (None, NOW)
    figures = read_figures(work.metrics)
    assert figures[("hotpapers_source_last_answer_timestamp_seconds", "huggingface")] == NOW.timestamp()
    assert figures[("hotpapers_source_silent", "huggingface")] == 0


async def test_who_was_asked_before_is_forgotten(room: Newsroom, clock: Clock) -> None:
    """How the folder fared that posts were read from says nothing any more."""
    await room.store.sources.record("posts", True, "", NOW)
    async with Work(room, clock).live:
        pass
    assert await room.store.sources.list() == []


# Why there is no post


@pytest.mark.parametrize(
    ("now", "has_post", "quiet"),
    [
        (datetime(2026, 11, 20, 15, tzinfo=UTC), True, []),  # Friday: there is a post of Wednesday
        (datetime(2026, 11, 22, 12, tzinfo=UTC), False, [Quiet(date(2026, 11, 20), "weekend", False)]),
        (datetime(2026, 11, 26, 15, tzinfo=UTC), True, [Quiet(date(2026, 11, 26), "Thanksgiving", True)]),
        (datetime(2026, 11, 28, 12, tzinfo=UTC), False, [Quiet(date(2026, 11, 26), "Thanksgiving", False)]),
        (datetime(2026, 11, 28, 12, tzinfo=UTC), True, []),
        (datetime(2026, 11, 25, 12, tzinfo=UTC), False, []),  # it is late for another reason
    ],
)
def test_the_calendar_says_why_there_is_no_post(now: datetime, has_post: bool, quiet: list[Quiet]) -> None:
    """The day whose post would be due, and today where it is a holiday."""
    assert list(find_quiet(now, has_post=has_post)) == quiet


# What the operator is told


async def test_the_doctor_says_how_sources_fare(room: Newsroom, clock: Clock) -> None:
    """Each by its name: what it said last, or why not; whether the newest post is there, and pushed."""
    settings = Settings(
        database=room.folder.parent / "papers.db",
        posts_source="live",
        posts_push=parse_repository("https://example.org/site.git"),
    )
    site = FakePublisher()
    room.fail("hackernews")
    async with (work := Work(room, clock, site)).live:
        await work.go_on(5 * MINUTE)
        await work.live.push()
        site.error = "it can't be reached"
        found = {one.name: one for one in await examine_live(settings, room.store, clock())}
        assert [found[f"source {name}"].is_ok for name in ("arxiv", "huggingface", "hackernews")] == [True, True, False]
        assert found["source hackernews"].detail == "never answered: hackernews.example answered 500"
        assert found["push"].detail == f"newest of {DAY}, to https://example.org/site.git"
        room.fail("huggingface")
        clock.now = find_moment(date(2026, 11, 23)) + 2 * HOUR
        for moment in (find_moment(date(2026, 11, 22)), find_moment(date(2026, 11, 23))):
            await fail_at(room, "huggingface", moment)
        found = {one.name: one for one in await examine_live(settings, room.store, clock())}
    assert found["source huggingface"].is_ok is False and found["source arxiv"].is_ok is False
    assert found["source bluesky"].is_ok is False
    assert check_live_posts(DAY, NOW).is_ok and check_live_posts(DAY, NOW + timedelta(days=2)).is_ok
    assert check_live_posts(DAY, find_moment(date(2026, 11, 22)) + 3 * HOUR).is_ok is False
    assert check_live_posts(None, NOW).is_ok is False
    (finding,) = await examine_live(replace(settings, posts_source=None), room.store, clock())
    assert "POSTS_SOURCE=live" in finding.detail


async def test_status_has_the_sources(room: Newsroom, clock: Clock, tmp_path: Path) -> None:
    """When each last answered or did not, up to when Bluesky was heard, what was pushed."""
    room.fail("hackernews")
    us = int(NOW.timestamp()) * 1_000_000
    await room.store.cursors.set("bluesky", "cursor", str(us), NOW)
    async with (work := Work(room, clock, FakePublisher())).live:
        await work.go_on(5 * MINUTE)
        await work.live.push()
    found = await find_status(room.store, tmp_path / "papers.db", 1, clock())
    assert [one["name"] for one in found["sources"]] == ["arxiv", "bluesky", "hackernews", "huggingface"]
    assert (found["bluesky_heard_until"], found["pushed"], found["push_trouble"]) == (
        "2026-11-21T01:05:00Z",
        str(DAY),
        None,
    )
    text = render_status(found)
    cause = "hackernews.example answered 500"
    assert f"source         hackernews, never answered; failed 2026-11-21 01:05 UTC: {cause}" in text
    assert "source         huggingface, answered 2026-11-21 01:05 UTC\n" in text
    assert "heard          Bluesky until 2026-11-21 01:05 UTC" in text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "arXiv announced nothing today (Thanksgiving)"), ("de", "arXiv kündigte heute nichts an (Thanksgiving)")],
)
async def test_why_says_that_arxiv_announced_nothing(room: Newsroom, clock: Clock, language: str, said: str) -> None:
    """On the holiday itself, on the days after whose post is missing for it, and not where there is one."""
    async with (work := Work(room, clock)).live:
        await work.go_on(5 * MINUTE)
    order = await room.store.subscriptions.add(
        Subscription(Target("page", "main"), at=time(9), created_at=NOW - timedelta(days=9), created_edition=DAY)
    )
    with speak(language):
        lines = [
            render_lines(await find_why(Desk(room.store), order, datetime(2026, 11, day, 15, tzinfo=UTC)))
            for day in (26, 28, 25)
        ]
    assert f"-# {said}" in lines[0]
    assert any("26" in line and "(Thanksgiving)" in line for line in lines[1])
    assert not any("arXiv" in line for line in lines[2])


@pytest.mark.parametrize(
    ("language", "said", "noted"),
    [
        ("en", "it was made without arXiv's announcement, Hacker News and Bluesky", "without arXiv's announcement, "),
        (
            "de",
            "sie kam ohne die Ankündigung von arXiv, Hacker News und Bluesky zustande",
            "ohne die Ankündigung von arXiv, ",
        ),
    ],
)
async def test_what_is_missing_of_arxiv_is_called_its_announcement(
    room: Newsroom, clock: Clock, language: str, said: str, noted: str
) -> None:
    """In either language, where a post is explained and in the header of a digest: the papers are arXiv's still."""
    room.fail("arxiv")
    assert room.details
    for number in range(1, 6):
        room.details.add(make_paper(number), MADE)
    async with (work := Work(room, clock)).live:
        await work.go_on(5 * MINUTE)
    order = Subscription(Target("page", "main"), at=time(9), created_at=NOW - timedelta(days=9))
    order = await room.store.subscriptions.add(replace(order, created_edition=DAY - timedelta(days=9)))
    day = await room.store.days.get(DAY)
    assert day
    with speak(language):
        assert f"-# {said}" in render_lines(await find_why(Desk(room.store), order, NOW + 12 * HOUR))
        assert render_missing([day])[0].startswith(noted)


async def test_why_says_what_a_post_was_made_without(room: Newsroom, clock: Clock) -> None:
    """The names of the sources that were missing, by a line under the post."""
    room.fail("hackernews", "bluesky")
    async with (work := Work(room, clock)).live:
        await work.go_on(5 * MINUTE)
    order = Subscription(Target("page", "main"), at=time(9), created_at=NOW - timedelta(days=9))
    order = await room.store.subscriptions.add(replace(order, created_edition=DAY - timedelta(days=9)))
    lines = render_lines(await find_why(Desk(room.store), order, NOW + 12 * HOUR))
    assert "-# it was made without Hacker News and Bluesky" in lines

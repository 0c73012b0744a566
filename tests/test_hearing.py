"""The memory of sources: what was heard is not lost between two runs, and nothing is asked more often than allowed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.collecting.gathering import Gathered, gather, gather_announcements
from bot.collecting.hearing import Ear, StoreSink, find_heard
from bot.collecting.origins import Announcements, Daily, Heard, Plain
from bot.sources.arxiv_feed import ArxivFeed
from bot.sources.bluesky import Bluesky
from bot.sources.bluesky import Heard as Span
from bot.sources.jetstream import Listener
from bot.sources.jetstream_event import parse_time_us
from bot.sources.source import Item, Reading
from bot.sources.wire import Pace, Wire
from storage.errors import StorageError
from storage.store import Store
from tests.arxiv import Said, build_entry, build_feed, run_site
from tests.jetstream import NOW, SECOND_US, FakeJetstream, Plan, ago, listen, make_event, serve, uri_of

DAY, WEEK = NOW.date(), timedelta(days=7)


def make_ear(store: Store, url: str, **seconds: float) -> Ear:
    """Return an ear that gives up soon."""
    clock = lambda: NOW  # noqa: E731
    listener = Listener(url, StoreSink(store, clock), now=clock, chance=lambda: 0.0, flush_seconds=0.01)
    return Ear(listener, store, **{"connect_seconds": 0.3, "quiet_seconds": 0.3, **seconds})


async def test_what_is_heard_is_kept_and_goes_on_where_it_ended(store: Store) -> None:
    """Posts, deletions and the cursor are in the store; a second listener asks for what came after."""
    jetstream = FakeJetstream()
    jetstream.tell(make_event("a", ago(hours=2), "2611.00001"), make_event("b", ago(hours=1), "2611.00002"))
    jetstream.tell(make_event("a", ago(minutes=50), operation="delete"))
    async with serve(jetstream), listen(jetstream, StoreSink(store, lambda: NOW)) as one:  # type: ignore[arg-type]
        await one.wait(lambda: one.listener.hearing.heard_until == parse_time_us(ago(minutes=50)))
    kept = await store.observations.newest("bluesky", NOW - WEEK, NOW)
    assert [item.key for item in kept] == [uri_of("b")]
    heard = await find_heard(store)
    assert heard and heard.until == parse_time_us(ago(minutes=50))
    assert await StoreSink(store, lambda: NOW).get_cursor() == ago(minutes=50)


async def test_what_a_first_start_can_not_hear_is_told(store: Store) -> None:
    """Jetstream repeats 36 hours: of a week, the days before were missed; once told, not again."""
    assert await find_heard(store) is None
    sink = StoreSink(store, lambda: NOW)
    assert await sink.get_cursor() is None
    await sink.save_cursor(ago(hours=30))
    await sink.save_cursor(ago(hours=1))
    began = NOW - timedelta(hours=36)
    assert await find_heard(store) == Span(parse_time_us(ago(hours=1)), ((began - timedelta(days=8), began),))


async def test_gaps_are_kept_as_long_as_anyone_looks_back(store: Store) -> None:
    """All that are within reach, in order; those of long ago are forgotten with the next."""
    for days in (200, 3, 9):
        sink = StoreSink(store, lambda: NOW)
        await sink.get_cursor()
        await StoreSink(store, lambda: NOW).note_gap(NOW - timedelta(days=days, hours=2), NOW - timedelta(days=days))
    await sink.save_cursor(ago(hours=1))
    heard = await find_heard(store)
    assert heard
    assert list(heard.gaps) == sorted(heard.gaps)
    ended = [until for _, until in heard.gaps]
    assert NOW - timedelta(days=200) not in ended
    assert {NOW - timedelta(days=3), NOW - timedelta(days=9)} <= set(ended)


@pytest.mark.parametrize("cursor", ["", "x", "-12", "1" * 40, "12.5"])
async def test_a_damaged_cursor_is_none(store: Store, cursor: str) -> None:
    """Listening begins as on a first start."""
    await store.cursors.set("bluesky", "cursor", cursor, NOW)
    assert await find_heard(store) is None
    assert await StoreSink(store, lambda: NOW).get_cursor() is None


async def test_who_has_not_listened_catches_up(store: Store) -> None:
    """Everything up to now is heard, and not a moment longer is listened."""
    jetstream = FakeJetstream(plans=[Plan(end="hang")])
    jetstream.tell(make_event("a", ago(hours=30), "2611.00001"), make_event("b", ago(hours=-1), "2611.00002"))
    async with serve(jetstream):
        await make_ear(store, jetstream.url, quiet_seconds=60).catch_up(NOW)
    assert len(await store.observations.newest("bluesky", NOW - WEEK, NOW + WEEK)) == 2
    heard = await find_heard(store)
    assert heard and heard.until == NOW


async def test_a_stream_that_ends_or_says_nothing_is_left(store: Store) -> None:
    """Listening ends by itself when no more comes, with what there was; nothing heard is not the same as no post."""
    jetstream = FakeJetstream(plans=[Plan(end="hang")])
    jetstream.tell(make_event("a", ago(hours=30), "2611.00001"))
    async with serve(jetstream):
        await make_ear(store, jetstream.url).catch_up(NOW)
    heard = await find_heard(store)
    assert heard and heard.until == parse_time_us(ago(hours=30))


async def test_a_stream_without_end_is_heard_for_a_while_only(store: Store) -> None:
    """A day and a half of posts that come slowly do not keep a post waiting for ever."""
    jetstream = FakeJetstream(plans=[Plan(end="hang")])
    jetstream.tell(*(make_event(f"a{number}", ago(hours=30) + number * SECOND_US, "2611.00001") for number in range(9)))
    async with serve(jetstream):
        await make_ear(store, jetstream.url, most_seconds=0.3, quiet_seconds=60).catch_up(NOW)
    assert await find_heard(store) is not None


async def test_nobody_listens_twice(store: Store) -> None:
    """While a listener runs, or was there a moment ago, no second one is begun."""
    await StoreSink(store, lambda: NOW).save_cursor(ago(minutes=10))
    await make_ear(store, "ws://127.0.0.1:9/subscribe", connect_seconds=600).catch_up(NOW)


async def test_who_listens_already_is_waited_for(store: Store) -> None:
    """What the listener still has to hear, and to keep, is waited for; there is no second connection."""
    jetstream = FakeJetstream(plans=[Plan(end="hang")])
    jetstream.tell(make_event("a", ago(hours=30), "2611.00001"))
    async with serve(jetstream):
        ear = make_ear(store, jetstream.url, quiet_seconds=60)
        listening = asyncio.create_task(ear.listen())
        while not ear.listener.hearing.connections:
            await asyncio.sleep(0.01)
        waiting = asyncio.create_task(ear.catch_up(NOW))
        await asyncio.wait([waiting], timeout=0.3)
        assert not waiting.done()
        jetstream.tell(make_event("b", ago(hours=-1), "2611.00002"))
        await asyncio.wait_for(waiting, 20)
        assert len(await store.observations.newest("bluesky", NOW - WEEK, NOW + WEEK)) == 2
        listening.cancel()
        await asyncio.wait([listening])
    assert len(jetstream.queries) == 1


async def test_a_stream_that_can_not_be_reached_costs_bluesky_only(store: Store) -> None:
    """Bluesky is missing with the reason, and the other source is read."""
    async with Wire(contact="") as wire:
        bluesky = Bluesky(wire, "http://127.0.0.1:9", store.observations, lambda: find_heard(store))
        heard = Heard(bluesky, make_ear(store, "ws://127.0.0.1:9/subscribe"))
        gathered = await gather(store, [heard, Plain(_Stories())], DAY - WEEK, DAY, NOW)
    assert "has not been listened to yet" in gathered.missing["bluesky"]
    assert "its stream could not be reached" in gathered.missing["bluesky"]
    assert list(gathered.readings) == ["hackernews"]
    states = {state.name: state for state in await store.sources.list()}
    assert (states["bluesky"].failed_at, states["hackernews"].ok_at) == (NOW, NOW)


@dataclass
class _Stories:
    """Counts how often it is asked."""

    points: int = 10
    is_partial: bool = False
    asked: list[tuple[date, date]] = field(default_factory=list)
    name: str = "hackernews"

    async def read(self, since: date, until: date, now: datetime) -> Reading:
        self.asked.append((since, until))
        made = datetime(2026, 11, 19, tzinfo=UTC)
        return Reading(
            items=(Item("1", ("2611.00001",), {"points": self.points}, now, made),), is_partial=self.is_partial
        )


async def test_hacker_news_is_asked_once_a_day(store: Store) -> None:
    """For the same days what is kept is the answer; the next day, or for more days, it is asked again."""
    stories = _Stories()
    first = await gather(store, [Daily(stories, store)], DAY - WEEK, DAY, NOW)
    again = await gather(store, [Daily(stories, store)], DAY - WEEK, DAY, NOW + timedelta(hours=5))
    assert len(stories.asked) == 1
    assert again.readings["hackernews"].items == first.readings["hackernews"].items
    await gather(store, [Daily(stories, store)], DAY - WEEK, DAY + timedelta(days=1), NOW + timedelta(hours=6))
    await gather(store, [Daily(stories, store)], DAY - WEEK, DAY, NOW + timedelta(hours=28))
    assert len(stories.asked) == 3


async def test_half_an_answer_is_no_answer_for_the_day(store: Store) -> None:
    """A list that was cut is asked for again, and so is one that could not be kept."""
    stories = _Stories(is_partial=True)
    for _ in range(2):
        await gather(store, [Daily(stories, store)], DAY - WEEK, DAY, NOW)
    await store.cursors.set("hackernews", "asked", "[1]", NOW)
    await gather(store, [Daily(replace(stories, is_partial=False), store)], DAY - WEEK, DAY, NOW)
    assert len(stories.asked) == 3


async def test_feeds_are_remembered_once_they_are_kept(store: Store) -> None:
    """A feed that could not be kept is read again; one that was is asked for with its etag."""
    day = date(2026, 3, 4)
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)

    def reply(asked: str, headers: dict[str, str]) -> Said:
        if headers.get("If-None-Match") == '"one"':
            return Said(b"", 304)
        return Said(build_feed([build_entry("2603.00001")], day), headers={"ETag": '"one"'})

    class Full:
        """A store whose disk is full."""

        cursors, sources = store.cursors, store.sources

        class candidates:  # noqa: N801 - it stands for the facet
            @staticmethod
            async def announce(*_: object) -> None:
                raise StorageError("the disk is full")

    async with run_site(reply) as site:
        feed = Announcements(ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0)), store)
        with pytest.raises(StorageError):
            await gather(Full(), [feed], day, day, now)  # type: ignore[arg-type]
        await gather(store, [feed], day, day, now)
        later = await gather(
            store, [Announcements(ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0)), store)], day, day, now
        )
    assert [one.paper.arxiv_id for one in await store.candidates.announced(date(2026, 3, 1), day)] == ["2603.00001"]
    assert [headers.get("If-None-Match") for headers in site.headers] == [None, None, '"one"']
    assert later.readings["arxiv"].announcements == ()


async def test_a_feed_is_kept_whatever_day_is_collected(store: Store) -> None:
    """A post of last week is made while the feed has today's papers: these are not lost for today's post."""
    day, now = date(2026, 3, 4), datetime(2026, 3, 4, 12, tzinfo=UTC)
    async with run_site(lambda asked, headers: Said(build_feed([build_entry("2603.00001")], day))) as site:
        feed = Announcements(ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0)), store)
        await gather(store, [feed], date(2026, 2, 18), date(2026, 2, 25), now)
    assert len(await store.candidates.announced(date(2026, 3, 3), date(2026, 3, 3))) == 1


async def test_announcements_alone_are_read_in_the_night(store: Store) -> None:
    """Only arXiv is asked, and told late when its feeds are those of the day before; without arXiv nobody is."""
    night, stories = datetime(2026, 3, 4, 7, tzinfo=UTC), _Stories()  # 02:00 US Eastern
    partial = []
    for day in (date(2026, 3, 4), date(2026, 3, 3)):
        async with run_site(lambda asked, headers, day=day: Said(build_feed([build_entry("2603.00001")], day))) as site:
            feed = Announcements(ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0)), store)
            gathered = await gather_announcements(store, [feed, Plain(stories)], night)
        partial.append(gathered.readings["arxiv"].is_partial)
    assert (partial, stories.asked) == ([False, True], [])
    assert await gather_announcements(store, [Plain(stories)], night) == Gathered()
    assert len(await store.candidates.announced(date(2026, 3, 3), date(2026, 3, 3))) == 1


async def test_a_feed_is_late_for_the_day_that_is_collected(store: Store) -> None:
    """Who makes up for a day lacks nothing of it when the feeds have that day; who makes the next day's post does."""
    now, day = datetime(2026, 3, 7, 2, tzinfo=UTC), date(2026, 3, 4)  # two announcements since then
    partial = []
    async with run_site(lambda asked, headers: Said(build_feed([build_entry("2603.00001")], day))) as site:
        for days in (2, 3):
            feed = Announcements(ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0)), store)
            evening = date(2026, 3, 1 + days)
            gathered = await gather(store, [feed], evening - WEEK, evening + timedelta(days=2), now)
            partial.append(gathered.readings["arxiv"].is_partial)
    assert partial == [False, True]


@pytest.mark.parametrize(
    ("evening", "now", "is_partial"),
    [
        (date(2026, 11, 19), datetime(2026, 11, 21, 15, tzinfo=UTC), False),  # Thursday's papers, on Saturday
        (date(2026, 11, 12), datetime(2026, 11, 21, 15, tzinfo=UTC), False),  # those of the week before
        (date(2026, 11, 25), datetime(2026, 11, 27, 15, tzinfo=UTC), False),  # the Friday after Thanksgiving
        (date(2026, 11, 18), datetime(2026, 11, 20, 15, tzinfo=UTC), True),  # an ordinary Friday
    ],
)
async def test_empty_feeds_are_judged_by_the_day_they_are_of(
    store: Store, evening: date, now: datetime, is_partial: bool
) -> None:
    """They are rightly empty on weekends and holidays, whichever day's post is made then."""
    async with run_site(lambda asked, headers: Said(build_feed([], now.date()))) as site:
        feed = Announcements(ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0)), store)
        gathered = await gather(store, [feed], evening - WEEK, evening + timedelta(days=2), now)
    assert (gathered.readings["arxiv"].is_partial, bool(gathered.notes)) == (is_partial, is_partial)


async def test_a_post_that_is_gone_is_forgotten(store: Store) -> None:
    """What the AppView has no more is deleted here, too."""

    class Gone:
        name = "bluesky"

        async def read(self, since: date, until: date, now: datetime) -> Reading:
            return Reading(gone=frozenset({uri_of("a")}))

    await store.observations.add("bluesky", [Item(uri_of("a"), ("2611.00001",), {"likes": 1}, NOW, NOW)])
    await gather(store, [Plain(Gone())], DAY, DAY, NOW)
    assert await store.observations.newest("bluesky", NOW - WEEK, NOW) == []

"""The preview page's own digests: subscribed, sent by the real planner and outbox, shown once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.answers.desk import Desk, Limits
from bot.answers.page import PAGE, READER, Arrived, FieldError, PageDigests, Standing
from bot.answers.values import Caller
from bot.delivery.page_transport import PageTransport
from bot.delivery.planner import Planner
from bot.delivery.transport import Sent, Transport, TransportError
from bot.digest.post import format, make_post
from bot.errors import UserError
from bot.showing import ELSEWHERE, Showing
from storage.models import Subscription, Target
from storage.store import Store
from tests.builders import INDEX, make_appearance, make_days, make_edition
from tests.discord_rules import find_violations, get_texts
from tests.fakes import Clock

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
FIELDS = {"categories": [""], "count": ["3"], "only": ["all"], "timezone": ["UTC"], "weekdays": list("0123456")}


@pytest.fixture
def clock() -> Clock:
    """A full minute a short while ago: the scheduler's own clock is the real one, and begins no job before its time."""
    return Clock(datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5))


@pytest.fixture
async def digests(store: Store, clock: Clock) -> PageDigests:
    """The page's digests over three days of five papers, which are years old, as a newcomer's are."""
    await store.days.put(make_days(3), [], clock())
    return PageDigests(Desk(store))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The path of the store."""
    return tmp_path / "papers.db"


async def subscribe(digests: PageDigests, clock: Clock, **changes: list[str]) -> Standing:
    """Send the form, for a digest in a minute unless said otherwise."""
    soon = f"{clock() + timedelta(minutes=1):%H:%M}"
    return await digests.subscribe(FIELDS | {"time": [soon]} | changes, Caller(READER, clock()))


async def list_standing(digests: PageDigests, clock: Clock) -> list[Standing]:
    """Return what is subscribed."""
    return await digests.list_standing(Caller(READER, clock()))


@asynccontextmanager
async def show(store: Store, database: Path, clock: Clock, source: Path | None = None) -> AsyncIterator[Showing]:
    """Send to the page, and read posts, as often as can be."""
    async with Showing(store, database, source, clock, read_seconds=0.1, send_seconds=0.05) as showing:
        yield showing


async def wait_for(digests: PageDigests, count: int) -> list[Arrived]:
    """Return the messages on the page once there are so many; a test that waits in vain fails after a while."""
    async with asyncio.timeout(10):
        while len(arrived := await digests.list_arrived()) < count:
            await asyncio.sleep(0.02)
    return arrived


# ── The transport ──


async def test_the_page_takes_a_message_by_being_marked_sent() -> None:
    """The same nonce is the same message, however often it is sent, and there is nothing to look up."""
    page: Transport = PageTransport()
    now = datetime.now(UTC)
    assert [await page.send("main", {"content": "x"}, "n1") for _ in range(2)] == [Sent("page", "n1")] * 2
    assert await page.list_messages("page", now, now) == await page.list_posts("page", now, now) == []
    with pytest.raises(TransportError) as refusal:
        await page.post("main", "name", (), {})
    assert refusal.value.is_final


# ── Subscribing ──


async def test_a_digest_begins_with_the_newest_post(digests: PageDigests, store: Store, clock: Clock) -> None:
    """A newcomer's archive gets no new post, so the page's first digest is the newest there is, at its next hour."""
    added = await subscribe(digests, clock, categories=["cs.LG"], weekdays=["5", "6", "0", "1", "2", "3", "4"])
    assert (added.state, added.next_at) == ("coming", clock() + timedelta(minutes=1))
    assert "cs.LG" in added.lines[0]
    assert await list_standing(digests, clock) == [added]
    (stored,) = await store.subscriptions.list()
    assert (stored.target, stored.channel_kind, stored.count, stored.weekdays) == (PAGE, "page", 3, EVERY_DAY)
    newest = await store.days.latest()
    assert newest is not None and stored.created_edition == newest.day - timedelta(days=1)


@pytest.mark.parametrize(
    ("field", "typed", "advice"),
    [
        ("categories", ["cs.XX"], "cs.XX"),
        ("count", ["26"], "from 1 to 25"),
        ("count", [""], "from 1 to 25"),
        ("only", ["tepid"], "one of all, hot"),
        ("time", ["25:00"], "not a time of day"),
        ("time", [], "Nothing was chosen"),
        ("timezone", ["Atlantis"], "no time zone"),
        ("weekdays", [], "at least one day"),
    ],
)
async def test_a_wrong_field_is_named(
    digests: PageDigests, store: Store, clock: Clock, field: str, typed: list[str], advice: str
) -> None:
    """A refusal says which field is meant and what would be right, and nothing is stored."""
    with pytest.raises(FieldError, match=advice) as refusal:
        await subscribe(digests, clock, **{field: typed})
    assert refusal.value.field == field
    assert await store.subscriptions.list() == []


async def test_a_page_has_as_many_digests_as_a_channel(store: Store, clock: Clock) -> None:
    """The limit of a channel holds for the page, in words; stopping one makes room, and twice is no error."""
    digests = PageDigests(Desk(store, limits=Limits(digests_per_channel=1)))
    added = await subscribe(digests, clock)
    with pytest.raises(UserError, match="1 digests already"):
        await subscribe(digests, clock)
    for _ in range(2):
        await digests.stop(added.id, Caller(READER, clock()))
    await subscribe(digests, clock)


async def test_the_page_reaches_its_own_digests_only(digests: PageDigests, store: Store, clock: Clock) -> None:
    """A channel's or a member's digest in the same database can't be seen, stopped or asked about on the page."""
    for target in (Target("channel", "1"), Target("member", "1")):
        other = await store.subscriptions.add(Subscription(target))
        await digests.stop(other.id or 0, Caller(READER, clock()))
        with pytest.raises(UserError, match="stopped"):
            await digests.explain(other.id or 0, Caller(READER, clock()))
    assert len(await store.subscriptions.list()) == 2
    assert await list_standing(digests, clock) == []


# ── What comes next ──


async def test_without_a_post_it_waits_for_one(store: Store, clock: Clock) -> None:
    """With nothing to send the page says why, and when at the earliest; once its hour has come, as soon as it can."""
    digests = PageDigests(Desk(store))
    added = await subscribe(digests, clock)
    assert (added.state, added.reason, added.next_at) == ("waiting", "no post yet", clock() + timedelta(minutes=1))
    clock.advance(minutes=1)
    (standing,) = await list_standing(digests, clock)
    assert (standing.state, standing.next_at) == ("waiting", None)


async def test_what_does_not_match_waits_too(digests: PageDigests, clock: Clock) -> None:
    """A post without anything for the digest is no reason to count down."""
    added = await subscribe(digests, clock, categories=["math.AG"])
    assert added.state == "waiting"
    assert "none of 5 papers" in added.reason


async def test_a_paused_digest_says_so(digests: PageDigests, store: Store, clock: Clock) -> None:
    """What is paused counts down to nothing."""
    paused = Subscription(READER, channel_kind="page", paused_at=clock(), pause_reason="asked")
    await store.subscriptions.add(paused)
    (standing,) = await list_standing(digests, clock)
    assert (standing.state, standing.is_own, standing.next_at) == ("paused", True, None)


# ── Arriving ──


async def test_a_digest_arrives_on_schedule_once(
    digests: PageDigests, store: Store, database: Path, clock: Clock
) -> None:
    """At its hour, not before, the digest is on the page: as Discord would get it, once, whatever happens after."""
    added = await subscribe(digests, clock, count=["4"])
    async with show(store, database, clock):
        clock.advance(seconds=59)
        await asyncio.sleep(0.3)
        assert await digests.list_arrived() == []
        clock.advance(seconds=1)
        (arrived,) = await wait_for(digests, 1)
        assert find_violations(arrived.payload) == []
        assert arrived.payload["content"].count("Study 2 of") == 4
        assert (arrived.at, arrived.is_continued) == (clock(), False)
        (standing,) = await list_standing(digests, clock)
        assert (standing.state, standing.next_at) == ("waiting", clock() + timedelta(days=1))
        why = await digests.explain(added.id, Caller(READER, clock()))
        assert "✓ sent" in "\n".join(get_texts(why.to_payload()))
    async with show(store, database, clock):
        await asyncio.sleep(0.3)
    await digests.stop(added.id, Caller(READER, clock()))
    assert await digests.list_arrived() == [arrived]


async def test_parts_stay_together_and_the_newest_digest_is_first(
    digests: PageDigests, store: Store, database: Path, clock: Clock
) -> None:
    """A digest in several messages reads in order; a later one stands above it."""
    day = make_days(4)[-1].day.day
    papers = [(f"2105.{number:05d}", 900 - number) for number in range(15)]
    await store.days.put([make_edition(day, papers)], [], clock())
    async with show(store, database, clock):
        await subscribe(digests, clock, count=["12"])
        clock.advance(minutes=1)
        assert [one.is_continued for one in await wait_for(digests, 2)] == [False, True]
        await subscribe(digests, clock, count=["3"])
        clock.advance(minutes=1)
        first, *others = await wait_for(digests, 3)
    assert first.payload["content"].count("On testing") == 3
    assert [one.is_continued for one in others] == [False, True]


async def test_what_a_crash_left_in_hand_is_shown_once(
    digests: PageDigests, store: Store, database: Path, clock: Clock
) -> None:
    """A delivery that was being sent when the preview died is on the page after the next start, and only once."""
    await subscribe(digests, clock)
    clock.advance(minutes=1)
    await Planner(store, recipients=("page",)).plan_due(clock())
    (promised,) = await store.deliveries.list()
    await store.deliveries.claim(promised.id or 0, clock())
    clock.advance(minutes=1)
    async with show(store, database, clock):
        await wait_for(digests, 1)
    assert [one.state for one in await store.deliveries.list()] == ["sent"]


async def test_the_bot_and_the_page_leave_each_others_digests_alone(
    digests: PageDigests, store: Store, database: Path, clock: Clock
) -> None:
    """Over one database the page's planner promises nothing to channels and members, and the bot's none to the page."""
    await subscribe(digests, clock)
    (mine,) = await store.subscriptions.list(PAGE)
    for kind in ("channel", "member"):
        await store.subscriptions.add(replace(mine, target=Target(kind, "1"), channel_kind="text", id=None))
    clock.advance(minutes=1)
    async with show(store, database, clock):
        await wait_for(digests, 1)
    assert {one.target.kind for one in await store.deliveries.list()} == {"page"}
    assert await Planner(store).plan_due(clock()) == 2
    assert len(await digests.list_arrived()) == 1


async def test_one_preview_sends_and_the_next_takes_over(
    digests: PageDigests, store: Store, database: Path, clock: Clock
) -> None:
    """Of two previews over a database the second says that the first sends, shows it all the same, and is its heir."""
    async with await Store.open(database, INDEX) as other, AsyncExitStack() as heir:
        there = PageDigests(Desk(other))
        async with show(store, database, clock) as first:
            second = await heir.enter_async_context(show(other, database, clock))
            assert (first.trouble, second.trouble) == ("", ELSEWHERE)
            await subscribe(there, clock)
            clock.advance(minutes=1)
            await wait_for(there, 1)
            assert second.trouble == ELSEWHERE
        await subscribe(there, clock)
        clock.advance(minutes=1)
        await wait_for(there, 2)
        assert second.trouble == ""


async def test_a_post_that_comes_late_is_read_and_sent(
    digests: PageDigests, store: Store, database: Path, clock: Clock, tmp_path: Path
) -> None:
    """A post put into the folder while the page is open goes out, when the digest's hour has passed already."""
    posts = tmp_path / "posts"
    posts.mkdir()
    await subscribe(digests, clock, time=[f"{clock() + timedelta(minutes=1):%H:%M}"])
    clock.advance(minutes=1)
    async with show(store, database, clock, posts):
        await wait_for(digests, 1)
        before = await digests.find_last_change()
        clock.advance(days=1)
        later = make_days(4)[-1]
        papers = [make_appearance("2106.00001", 50, day=later.day.day, title="A late one")]
        edition = make_edition(later.day.day, papers)
        (posts / "late.md").write_text(format(make_post(edition)))
        newest, _ = await wait_for(digests, 2)
    assert "A late one" in newest.payload["content"]
    assert await digests.find_last_change() != before


async def test_a_corrected_post_corrects_what_arrived(
    digests: PageDigests, store: Store, database: Path, clock: Clock
) -> None:
    """A digest on the page is put right where it is when its post is, and stays one."""
    newest = make_days(3)[-1]
    await subscribe(digests, clock)
    async with show(store, database, clock):
        clock.advance(minutes=1)
        (before,) = await wait_for(digests, 1)
        papers = [replace(one, paper=replace(one.paper, title="Put right")) for one in newest.papers]
        await store.days.put([make_edition(newest.day.day, papers)], [], clock())
        async with asyncio.timeout(10):
            while (arrived := await digests.list_arrived()) == [before]:
                await asyncio.sleep(0.02)
    assert [one.id for one in arrived] == [before.id]
    assert arrived[0].payload["content"].count("Put right") == 3

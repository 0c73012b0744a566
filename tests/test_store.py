"""The store's contract: days as a whole, papers over days, files, questions, and what goes wrong."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import CorruptError, LockedError, RejectedError, StorageError
from storage.models import Appearance, Edition, FileRecord, Mention, Paper
from storage.store import Store
from tests.builders import INDEX, NOW, TODAY, find_damage, make_appearance, make_days, make_edition

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


async def put(store: Store, *editions: Edition) -> list[object]:
    """Store editions without any files."""
    return list(await store.days.put(editions, [], NOW))


def ids(appearances: list[Appearance]) -> list[str]:
    """Return the papers' ids in order."""
    return [appearance.paper.arxiv_id for appearance in appearances]


async def dump(store: Store) -> object:
    """Return all that can be seen of days and papers, without what depends on when and how often they came."""
    days = [replace(day, revision=0, ingested_at=None) for day in await store.days.list()]
    papers = [await store.papers.of_day(day.day) for day in days]
    found = await store.search.find("study", limit=100)
    return days, papers, found, await store.papers.top(limit=100), await store.papers.category_counts()


# Days


async def test_edition_comes_back_as_it_was_put(store: Store) -> None:
    """Every field of a day, its papers and their mentions survives storing."""
    mention = Mention("Ada [b]", "ada", "https://example.org/1", TODAY, None, 'two\nlines, "quoted" 🎉')
    undated = Mention("", "x", "https://example.org/2", None, "ja", "日本語")
    paper = Paper(
        "math/0309136", 2, "A  $\\alpha$ `title`", ("Petar Veličković", "O'Neil"), ("math.CA", "cs"), "", False
    )
    appearance = Appearance(paper, TODAY, 1, NOW, (("retweets", 7), ("favorites", 2**40)), 7.5, (mention, undated))
    day = replace(
        make_edition(TODAY).day, first_day=YESTERDAY, front_matter={"tags": ["a"], "x": {"y": None}, "n": 1.5}
    )
    await put(store, Edition(day, (appearance,)))
    assert await store.days.get(TODAY) == replace(day, paper_count=1, revision=1, ingested_at=NOW)
    assert await store.papers.of_day(TODAY) == [appearance]


async def test_days_are_found_by_date_text_and_slug(store: Store) -> None:
    """A day answers to its date, its ISO text and its slug, and an unknown or hostile name to nothing."""
    await put(store, *make_days(2))
    for name in (TODAY, "2021-04-13", "hot-papers-2021-04-13"):
        day = await store.days.get(name)
        assert day and day.day == TODAY
    for name in ("", "nope", "2021-04-31", "\ud800", "\0", "' OR 1=1 --"):
        assert await store.days.get(name) is None


async def test_days_are_listed_newest_first_within_bounds(store: Store) -> None:
    """Listing goes back from the newest day, includes both ends and stops at the limit."""
    assert await store.days.latest() is None
    await put(store, *make_days(5))
    days = [TODAY + timedelta(days=n) for n in range(5)]
    assert [d.day for d in await store.days.list()] == days[::-1]
    assert [d.day for d in await store.days.list(since=days[1], until=days[3])] == days[3:0:-1]
    assert [d.day for d in await store.days.list(limit=2)] == [days[4], days[3]]
    latest = await store.days.latest()
    assert latest and latest.day == days[4]


async def test_newer_days_come_oldest_first(store: Store) -> None:
    """What is newer than one day is bounded by another, whichever of the two is later."""
    await put(store, *make_days(5))
    days = [TODAY + timedelta(days=n) for n in range(5)]
    assert [d.day for d in await store.days.newer(days[1], TODAY)] == days[2:]
    assert [d.day for d in await store.days.newer(TODAY, days[3])] == days[3:]
    assert [d.day for d in await store.days.newer(None, days[4])] == days[4:]
    assert await store.days.newer(days[4], TODAY) == []


async def test_arrivals_tell_when_posts_were_made(store: Store) -> None:
    """The newest days come with their times; a post that says none is passed over."""
    editions = [
        replace(edition, day=replace(edition.day, generated_at=None if n == 2 else NOW + timedelta(hours=n)))
        for n, edition in enumerate(make_days(4))
    ]
    await put(store, *editions)
    expected = [(TODAY + timedelta(days=n), NOW + timedelta(hours=n)) for n in (3, 1, 0)]
    assert await store.days.arrivals(10) == expected
    assert await store.days.arrivals(2) == expected[:2]


async def test_a_day_without_papers_is_kept(store: Store) -> None:
    """A post may hold no papers; its day exists all the same."""
    await put(store, make_edition(TODAY))
    day = await store.days.latest()
    assert day and (day.paper_count, day.revision) == (0, 1)
    assert await store.papers.of_day(TODAY) == []


async def test_replacing_a_day_removes_what_left_it(store: Store) -> None:
    """A replaced day has the next revision and only the papers of its new edition, everywhere."""
    await put(store, make_edition(TODAY, [("2104.00001", 9), ("2104.00002", 5)]))
    (day,) = await put(store, make_edition(TODAY, [("2104.00002", 7), ("2104.00003", 6)]))
    assert getattr(day, "revision", None) == 2
    assert ids(await store.papers.of_day(TODAY)) == ["2104.00002", "2104.00003"]
    assert ids(await store.papers.top()) == ["2104.00002", "2104.00003"]
    assert ids(await store.search.find("testing")) == ["2104.00002", "2104.00003"]
    assert await store.papers.history("2104.00001") == []
    assert [a.score for a in await store.papers.history("2104.00002")] == [7]


async def test_a_damaged_reissue_removes_no_paper(store: Store) -> None:
    """What a partial edition lacks stays stored; a paper whose rank is given away moves behind the others."""
    await put(store, make_edition(TODAY, [("2104.00001", 9), ("2104.00002", 5), ("2104.00003", 3)]))
    damaged = make_edition(TODAY, [("2104.00003", 8)])
    (day,) = await put(store, replace(damaged, day=replace(damaged.day, is_partial=True, content_hash="damaged")))
    ranked = [(a.rank, a.paper.arxiv_id, a.score) for a in await store.papers.of_day(TODAY)]
    assert ranked == [(1, "2104.00003", 8), (2, "2104.00002", 5), (3, "2104.00001", 9)]
    assert getattr(day, "paper_count", None) == 3
    await put(store, make_edition(TODAY, [("2104.00003", 8)]))
    assert ids(await store.papers.of_day(TODAY)) == ["2104.00003"]


@pytest.mark.parametrize(
    "papers",
    [
        [make_appearance(), make_appearance()],
        [make_appearance(title="half a \ud83c pair")],
        [replace(make_appearance(), score=float("nan"))],
        [replace(make_appearance(), paper=replace(make_appearance().paper, version=2**70))],
        [replace(make_appearance(), observed_at=datetime(2021, 1, 1))],
    ],
    ids=["a paper twice", "a lone surrogate", "not a number", "too large a number", "a time without a zone"],
)
async def test_one_bad_day_takes_no_other_with_it(store: Store, papers: list[Appearance]) -> None:
    """What the database cannot hold is rejected by name and changes nothing; the days around it are stored."""
    before, after = make_edition(YESTERDAY, [("2104.00008", 1)]), make_edition(TOMORROW, [("2104.00009", 1)])
    bad = make_edition(TODAY, papers)
    record = FileRecord("a.md", 1, 2, 3, 4, "{}")
    results = await store.days.put([before, bad, after], [record], NOW)
    assert [isinstance(result, RejectedError) for result in results] == [False, True, False]
    assert "2021-04-13" in str(results[1])
    assert [day.day for day in await store.days.list()] == [TOMORROW, YESTERDAY]
    assert await store.files.list() == {}


async def test_a_bad_reissue_leaves_the_stored_day(store: Store) -> None:
    """A day that cannot be replaced stays as it was, revision and all."""
    good = make_edition(TODAY, [("2104.00001", 9)])
    await put(store, good)
    await put(store, make_edition(TODAY, [("2104.00002", 1), ("2104.00002", 2)]))
    day = await store.days.latest()
    assert day and day.revision == 1
    assert await store.papers.of_day(TODAY) == list(good.papers)
    assert await store.papers.history("2104.00002") == []


async def test_two_editions_of_a_day_in_one_batch_apply_in_order(store: Store) -> None:
    """The later of two editions of a day replaces the earlier one."""
    await put(store, make_edition(TODAY, [("2104.00001", 9)]), make_edition(TODAY, [("2104.00002", 9)]))
    day = await store.days.latest()
    assert day and day.revision == 2
    assert ids(await store.papers.of_day(TODAY)) == ["2104.00002"]


def make_archive(rng: Random) -> list[Edition]:
    """Make random days whose papers return, with equal scores and missing abstracts among them."""
    days = {TODAY - timedelta(days=rng.randint(0, 60)) for _ in range(rng.randint(1, 12))}
    return [make_edition(day, [make_any(rng, n) for n in rng.sample(range(12), rng.randint(0, 8))]) for day in days]


def make_any(rng: Random, number: int) -> Appearance:
    """Make one of a dozen papers, as it looked on some day."""
    return make_appearance(
        f"2104.{number:05d}",
        rng.choice([1, 5, 5, 7, 30]),
        title=f"Study {number}, draft {rng.randint(1, 3)}",
        abstract=rng.choice(["", "Words."]),
        categories=tuple(rng.sample(["cs.LG", "cs.CV", "math.AG", "stat.ML"], rng.randint(1, 3))),
    )


async def store_all(editions: list[Edition], batch: int) -> object:
    """Store editions in a fresh database, some at a time, and return what it then holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "papers.db")
        async with await Store.open(path, INDEX) as store:
            for start in range(0, len(editions), batch):
                await put(store, *editions[start : start + batch])
            seen = await dump(store)
        assert find_damage(path) == []
        return seen


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_days_may_come_in_any_order_and_grouping(rng: Random) -> None:
    """However an archive is ingested, in whatever order and batches and over whatever drafts, the outcome is one."""
    editions = make_archive(rng)
    drafts = [make_edition(e.day.day, [make_any(rng, n) for n in rng.sample(range(12), 4)]) for e in editions]
    shuffled = rng.sample(editions, len(editions))
    outcome = asyncio.run(store_all(editions, 100))
    assert asyncio.run(store_all(shuffled, rng.randint(1, 3))) == outcome
    assert asyncio.run(store_all([*drafts, *shuffled], rng.randint(1, 3))) == outcome


# Papers


def rank_top(
    editions: list[Edition], since: date, until: date, topics: tuple[str, ...], start: int, end: int
) -> list[Appearance]:
    """Rank by brute force: sort every appearance of the period, keep each paper's first."""
    inside = [
        a
        for edition in editions
        for a in edition.papers
        if since <= a.day <= until and (not topics or set(topics) & set(INDEX.topics(a.paper.categories)))
    ]
    inside.sort(key=lambda a: (-a.score, a.rank, a.paper.arxiv_id, -a.day.toordinal()))
    best: dict[str, Appearance] = {}
    for appearance in inside:
        best.setdefault(appearance.paper.arxiv_id, appearance)
    return list(best.values())[start:end]


@given(st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_top_equals_brute_force(rng: Random) -> None:
    """The hottest papers of any period, topics and page are those that sorting everything finds."""
    editions = make_archive(rng)

    async def compare() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with await Store.open(Path(folder, "papers.db"), INDEX) as store:
                await put(store, *editions)
                for _ in range(25):
                    since, until = sorted(TODAY - timedelta(days=rng.randint(-2, 70)) for _ in range(2))
                    topics = tuple(rng.sample(["cs", "cs.LG", "cs.CV", "math", "stat.ML", "nope"], rng.randint(0, 3)))
                    limit, offset = rng.randint(1, 6), rng.choice([0, 0, 3])
                    expected = rank_top(editions, since, until, topics, offset, offset + limit)
                    assert await store.papers.top(since, until, topics, limit, offset) == expected

    asyncio.run(compare())


async def test_top_walks_past_a_paper_that_fills_the_list(store: Store) -> None:
    """A paper that leads on many days takes one place, and the others still follow."""
    days = [TODAY - timedelta(days=n) for n in range(60)]
    await put(store, *(make_edition(day, [("2104.00001", 1000 - n)]) for n, day in enumerate(days)))
    await put(store, make_edition(TODAY + timedelta(days=1), [("2104.00002", 3), ("2104.00003", 2)]))
    found = await store.papers.top(limit=3)
    assert ids(found) == ["2104.00001", "2104.00002", "2104.00003"]
    assert found[0].day == TODAY


async def test_top_of_nothing_is_empty(store: Store) -> None:
    """An empty store, an empty page, an unknown or hostile topic: no papers, no error."""
    assert await store.papers.top() == []
    await put(store, *make_days(1))
    assert await store.papers.top(limit=0) == []
    assert await store.papers.top(topics=("cs'; DROP TABLE days; --", "x" * 5000)) == []
    assert await store.papers.top(since=TODAY, until=YESTERDAY) == []


async def test_day_is_filtered_and_paged(store: Store) -> None:
    """A day's papers come by rank, those in any of the topics, a page at a time."""
    papers = [
        make_appearance(f"2104.0000{n}", 9 - n, categories=(c,)) for n, c in enumerate(["cs.LG", "math.AG", "cs.CV"])
    ]
    await put(store, make_edition(TODAY, papers))
    assert ids(await store.papers.of_day(TODAY, ("cs",))) == ["2104.00000", "2104.00002"]
    assert ids(await store.papers.of_day(TODAY, ("cs.LG", "math"))) == ["2104.00000", "2104.00001"]
    assert ids(await store.papers.of_day(TODAY, limit=1, offset=1)) == ["2104.00001"]
    assert await store.papers.of_day(YESTERDAY) == []


async def test_history_tells_every_day_newest_first(store: Store) -> None:
    """A paper that returns has its counts and text of each day."""
    first = make_edition(YESTERDAY, [make_appearance(score=5, title="Old title")])
    second = make_edition(TODAY, [make_appearance(score=3, title="New title", abstract="")])
    await put(store, first, second)
    assert await store.papers.history("2104.00001") == [*second.papers, *first.papers]
    assert await store.papers.history("\ud800") == []


async def test_categories_are_counted_by_paper(store: Store) -> None:
    """A paper counts once per topic of a period, however often it appeared in it."""
    await put(
        store, make_edition(YESTERDAY, [("2104.00001", 1)]), make_edition(TODAY, [("2104.00001", 2), ("2104.00002", 1)])
    )
    assert await store.papers.category_counts() == {"cs": 2, "cs.LG": 2}
    assert await store.papers.category_counts(until=YESTERDAY) == {"cs": 1, "cs.LG": 1}


async def test_metrics_and_mentions_can_be_asked_for_as_rows(store: Store) -> None:
    """Engagement and posts, which are kept as JSON, are open to questions about one metric or one author."""
    mention = Mention("Ada", "ada", "https://example.org/1", TODAY, "en", "Look")
    await put(store, make_edition(TODAY, [make_appearance(score=12, mentions=(mention,))]))
    database = store._database
    assert await database.fetch("SELECT value FROM engagement WHERE metric = 'retweets'") == [(12,)]
    assert await database.fetch("SELECT handle, text FROM mentions") == [("ada", "Look")]


# Files and queries


async def test_files_are_remembered_by_path(store: Store) -> None:
    """A file's record is replaced by a later one; a prefix selects a folder; names need not be UTF-8."""
    odd = FileRecord("b/\udcff.md", 1, 2, 2**64 - 1, 4, '{"papers": 3}')
    first, later = FileRecord("a/x.md", 1, 2, 3, 4, "{}"), FileRecord("a/x.md", 5, 6, 7, 8, "{}")
    await store.days.put([], [first], NOW)
    await store.files.put([later, odd])
    assert await store.files.list() == {"a/x.md": later, "b/\udcff.md": odd}
    assert await store.files.list("a/") == {"a/x.md": later}
    assert await store.files.list("a/x.md/") == {}


async def test_a_query_keeps_its_short_key(store: Store) -> None:
    """The same question has the same key, also elsewhere; using it again keeps it from being pruned."""
    key = await store.queries.put('{"words": "x"}', NOW)
    assert len(key) <= 16
    assert await store.queries.get(key) == '{"words": "x"}'
    assert await store.queries.put('{"words": "y"}', NOW) != key
    assert await store.queries.put('{"words": "x"}', NOW + timedelta(days=30)) == key
    assert await store.queries.prune(NOW + timedelta(days=1)) == 1
    assert await store.queries.get(key) == '{"words": "x"}'
    assert await store.queries.get("\ud800' OR 1=1") is None


async def test_a_query_asked_again_the_same_day_writes_nothing(store: Store) -> None:
    """Only once a day is noted that a question was used, and that is enough for it to be kept."""
    await store.queries.put("x", NOW)
    version = await store._database.get_version()
    await store.queries.put("x", NOW + timedelta(hours=23))
    assert await store._database.get_version() == version
    await store.queries.put("x", NOW + timedelta(hours=25))
    assert await store._database.get_version() != version


# Trouble


async def test_a_locked_database_is_an_error_in_bounded_time(tmp_path: Path) -> None:
    """A writer that another keeps waiting gives up with a clear error; reading goes on meanwhile."""
    path = tmp_path / "papers.db"
    async with await Store.open(path, INDEX, busy_seconds=0.1) as store, await Store.open(path, INDEX) as other:
        await put(store, *make_days(1))
        async with other._database.transaction():
            async with asyncio.timeout(5):
                with pytest.raises(LockedError, match="locked"):
                    await put(store, *make_days(2))
            assert len(await store.days.list()) == 1
        await put(store, *make_days(2))
        assert len(await store.days.list()) == 2


async def test_reads_do_not_wait_for_a_bulk_write(store: Store) -> None:
    """While a transaction is open, readers see the state before it."""
    await put(store, *make_days(1))
    async with store._database.transaction() as writer:
        await writer.execute_fetchall("DELETE FROM days")
        async with asyncio.timeout(5):
            assert len(await store.days.list()) == 1
        await writer.rollback()


async def test_a_full_disk_is_said_and_leaves_the_store_as_it_was(store: Store) -> None:
    """Running out of space rolls back, says so, and the store works on."""
    await put(store, *make_days(1))
    await store._database._writer.execute_fetchall("PRAGMA max_page_count = 60")
    with pytest.raises(StorageError, match="space"):
        await put(store, *make_days(300))
    assert len(await store.days.list()) == 1
    await store._database._writer.execute_fetchall("PRAGMA max_page_count = 100000")
    await put(store, *make_days(30))
    assert len(await store.days.list()) == 30


async def test_a_cancelled_write_leaves_nothing_behind(store: Store) -> None:
    """Cancelling a task in the middle of storing undoes it, and the next write goes through."""
    for delay in (0, 0.005, 0.02, 0.05):
        task = asyncio.create_task(put(store, *make_days(40)))
        await asyncio.sleep(delay)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(await store.days.list()) in (0, 40)
    await put(store, *make_days(3))
    assert len(await store.days.list()) in (3, 40)


async def test_writes_of_one_process_take_turns(store: Store) -> None:
    """Many tasks may write at once."""
    await asyncio.gather(*(put(store, edition) for edition in make_days(20)))
    assert len(await store.days.list()) == 20


async def test_damage_met_while_reading_is_said(tmp_path: Path) -> None:
    """Pages overwritten with rubbish lead to CorruptError, whichever of them is read."""
    path = tmp_path / "papers.db"
    async with await Store.open(path, INDEX) as store:
        await put(store, *make_days(30, 20))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096 * 8)
        file.write(b"\xa5" * (size - 4096 * 8))
    with pytest.raises(CorruptError, match="damaged"):
        async with await Store.open(path, INDEX) as store:
            await store.papers.top(limit=1000)
            await store.search.find("study", limit=1000)

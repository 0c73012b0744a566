"""What sources say of papers is kept raw, the newest found quickly, and forgotten when it must be; and two scales."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from random import Random

import aiosqlite
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.live_models import Announcement, Item, Observation, Score
from storage.migrate import find_migrations, migrate
from storage.models import Appearance, Breakdown, Edition, Paper, Part
from storage.observations import Counts
from storage.store import Store
from tests.builders import INDEX, TODAY, find_damage, make_appearance, make_edition

NOW = datetime(2026, 11, 20, 21, tzinfo=UTC)
EVENING = date(2026, 11, 19)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URI = "at://did:plc:abc/app.bsky.feed.post/3k"


def make_item(key: str = URI, *papers: str, at: datetime = NOW, **metrics: int) -> Item:
    """Make a post of an hour before it was counted."""
    return Item(
        key,
        papers or ("2611.00001",),
        metrics,
        at,
        at - HOUR,
        f"https://bsky.app/{key[-2:]}",
        "Look",
        "en",
        "did:plc:abc",
    )


def make_paper(number: int = 1, **changes: object) -> Paper:
    paper = Paper(f"2611.{number:05}", 1, "A Title", ("Ada",), ("cs.LG",), "We study.")
    return replace(paper, **changes)  # type: ignore[arg-type]


async def test_every_count_is_kept_and_the_newest_found(store: Store) -> None:
    """Counts stay beside the earlier ones; each metric's newest is the last that was said of it."""
    await store.observations.add("bluesky", [make_item(likes=3, reposts=1)])
    later = replace(make_item(likes=9), observed_at=NOW + HOUR)
    await store.observations.add("bluesky", [later])
    (newest,) = await store.observations.newest("bluesky", NOW - DAY, NOW + DAY)
    assert newest == replace(later, metrics={"likes": 9, "reposts": 1})
    (before,) = await store.observations.newest("bluesky", NOW - DAY, NOW)
    assert before == make_item(likes=3, reposts=1)
    assert await store.observations.history("2611.00001") == [
        Observation("2611.00001", "bluesky", URI, "likes", 3, NOW),
        Observation("2611.00001", "bluesky", URI, "reposts", 1, NOW),
        Observation("2611.00001", "bluesky", URI, "likes", 9, NOW + HOUR),
    ]


async def test_the_same_reading_twice_is_kept_once(store: Store) -> None:
    """What is told again, in a batch or after a break, changes nothing."""
    item = make_item(URI, "2611.00001", "2611.00002", likes=3)
    await store.observations.add("bluesky", [item, item])
    await store.observations.add("bluesky", [item])
    assert await store.observations.newest("bluesky", NOW - DAY, NOW) == [item]
    assert len(await store.observations.history("2611.00002")) == 1


async def test_an_item_is_kept_as_it_was_said_last(store: Store) -> None:
    """A text that is no longer shown is forgotten; papers and time stay until others are said."""
    await store.observations.add("bluesky", [make_item()])
    hidden = Item(URI, (), {"likes": 5}, NOW + HOUR)
    await store.observations.add("bluesky", [hidden])
    (known,) = await store.observations.newest("bluesky", NOW - DAY, NOW + DAY)
    assert known == replace(hidden, arxiv_ids=("2611.00001",), created_at=NOW - HOUR)
    await store.observations.add("bluesky", [make_item(URI, "2611.00009")])
    found = await store.observations.of_papers(["2611.00001", "2611.00009"], NOW + DAY)
    assert [item.arxiv_ids for item in found["bluesky"]] == [("2611.00009",)]


async def test_an_item_not_counted_yet_is_known(store: Store) -> None:
    """A post has no counts until they are asked for: missing is not zero."""
    await store.observations.add("bluesky", [make_item()])
    (known,) = await store.observations.newest("bluesky", NOW - DAY, NOW)
    assert (known.metrics, known.observed_at) == ({}, NOW - HOUR)


async def test_sources_are_kept_apart(store: Store) -> None:
    """A key means something at its own source only; papers have the items of all."""
    await store.observations.add("bluesky", [make_item("1", likes=3)])
    await store.observations.add("hackernews", [make_item("1", points=120)])
    await store.observations.delete("bluesky", ["1"], NOW)
    found = await store.observations.of_papers(["2611.00001", "\ud800"], NOW)
    assert {source: [item.metrics for item in items] for source, items in found.items()} == {
        "hackernews": [{"points": 120}]
    }


async def test_a_deleted_post_is_forgotten_and_not_taken_again(store: Store) -> None:
    """Whoever deletes a post takes its counts along, however often or out of turn the source tells of it."""
    await store.observations.delete("bluesky", ["never seen", URI], NOW)
    await store.observations.add("bluesky", [make_item(likes=3), make_item("at://other", likes=1)])
    await store.observations.delete("bluesky", ["at://other"], NOW)
    await store.observations.add("bluesky", [make_item("at://other", likes=2)])
    assert await store.observations.newest("bluesky", NOW - DAY, NOW) == []
    assert await store.observations.history("2611.00001") == []
    assert await store._database.fetch("SELECT * FROM counts") == []
    assert await store.observations.find("bluesky", [URI, "at://other"]) == frozenset()
    await store.observations.prune(NOW + HOUR)
    await store.observations.add("bluesky", [make_item(likes=3)])
    assert await store.observations.find("bluesky", [URI, "at://other"]) == {URI}
    assert len(await store.observations.newest("bluesky", NOW - DAY, NOW)) == 1


async def test_old_counts_are_pruned(store: Store) -> None:
    """What was counted before a time goes, and items with it that have nothing left."""
    old = make_item("at://old", at=NOW - 100 * DAY, likes=1)
    await store.observations.add("bluesky", [old, make_item("at://both", at=NOW - 100 * DAY, likes=1)])
    await store.observations.add("bluesky", [replace(make_item("at://both", likes=2), created_at=None)])
    assert await store.observations.prune(NOW - 90 * DAY) == 1
    assert [row.value for row in await store.observations.history("2611.00001")] == [2]
    assert await store._database.fetch("SELECT key FROM items") == [("at://both",)]


async def test_the_newest_counts_are_found_without_reading_all(store: Store) -> None:
    """The questions asked again and again go through keys, not through tables."""
    plans = [
        *await store._database.fetch(
            "EXPLAIN QUERY PLAN SELECT max(observed_at) FROM counts WHERE item_id = 1 AND metric = 'likes'"
        ),
        *await store._database.fetch("EXPLAIN QUERY PLAN SELECT id FROM items WHERE source = 'a' AND began_at > 'b'"),
        *await store._database.fetch("EXPLAIN QUERY PLAN SELECT item_id FROM item_papers WHERE arxiv_id = 'a'"),
    ]
    assert all("SEARCH" in plan[3] for plan in plans)


# Candidates


async def test_arxiv_has_the_first_word_on_a_paper(store: Store) -> None:
    """What arXiv says of a paper holds; others fill in what it did not say, in whatever order they come."""
    votes = make_paper(title="Their Title", categories=(), abstract="Theirs", authors=())
    await store.candidates.put("huggingface", [votes], NOW)
    assert await store.candidates.get(["2611.00001", "2611.00002"]) == {"2611.00001": votes}
    feed = make_paper(abstract="", version=2)
    await store.candidates.announce([Announcement(feed, "new", TODAY)], NOW)
    assert await store.candidates.get(["2611.00001"]) == {"2611.00001": make_paper(abstract="Theirs", version=2)}
    await store.candidates.put("arxiv", [make_paper(title="")], NOW)
    assert (await store.candidates.get(["2611.00001"]))["2611.00001"].title == "A Title"


async def test_announcements_are_found_by_day(store: Store) -> None:
    """What was announced in some days comes with its papers; a paper's first day is not that of its replacement."""
    said = [
        Announcement(make_paper(1), "new", EVENING),
        Announcement(make_paper(2), "cross", EVENING + DAY),
        Announcement(make_paper(1), "replace", EVENING + DAY),
        Announcement(make_paper(3), "replace", EVENING + DAY),
        Announcement(make_paper(arxiv_id="1234.56789"), "new", EVENING + DAY),  # of no month, so of no place among ids
    ]
    await store.candidates.announce([*said, *said], NOW)
    assert await store.candidates.announced(EVENING, EVENING) == said[:1]
    assert set(await store.candidates.announced(EVENING, EVENING + DAY)) == set(said)
    first = {"2611.00001": EVENING, "2611.00002": EVENING + DAY}
    assert await store.candidates.first_days([f"2611.{n:05}" for n in range(1, 5)]) == first
    assert await store.candidates.greatest(EVENING) is None
    assert await store.candidates.greatest(EVENING + 2 * DAY) == "2611.00001"


@pytest.mark.parametrize("odd", ["2613.01801", "9912.99999", "2612.00001"])
async def test_an_absurd_id_is_not_the_greatest(store: Store, odd: str) -> None:
    """One of a month that is none, or has not come by that day, has no place among the others."""
    said = [Announcement(make_paper(arxiv_id=one), "new", EVENING) for one in ("2611.00001", "2611.00002", odd)]
    await store.candidates.announce(said, NOW)
    assert await store.candidates.greatest(EVENING + 2 * DAY) == "2611.00002"


async def test_withdrawn_and_printed_papers_are_told(store: Store) -> None:
    """A withdrawn paper stays withdrawn, and one of another day's post is known; pruning forgets the rest."""
    await store.candidates.withdraw(["2611.00001", "2611.00001"], NOW)
    await store.candidates.announce([Announcement(make_paper(2), "new", TODAY)], NOW)
    assert await store.candidates.withdrawn(["2611.00001", "2611.00002"]) == {"2611.00001"}
    await store.days.put([make_edition(TODAY, [("2104.00001", 1)])], [], NOW)
    asked = ["2104.00001", "2611.00001"]
    assert await store.candidates.printed(asked, TODAY + DAY) == {"2104.00001"}
    assert await store.candidates.printed(asked, TODAY - DAY) == {"2104.00001"}
    assert await store.candidates.printed(asked, TODAY) == frozenset()
    assert await store.candidates.prune(NOW + HOUR) == 2
    assert await store.candidates.get(["2611.00002"]) == {}
    assert await store.candidates.withdrawn(["2611.00001"]) == {"2611.00001"}


async def test_counts_are_measured_paper_by_paper(store: Store) -> None:
    """Each paper with all its items of the time and their newest counts then; what was never counted is not there."""
    items = [
        Item("a", ("2611.00001", "2611.00002"), {"points": 1, "comments": 2}, NOW, NOW - HOUR),
        Item("b", ("2611.00001",), {"points": 3}, NOW, NOW - HOUR, author="ada"),
        Item("c", ("2611.00003",), {}, NOW, NOW - HOUR),
        Item("d", ("2611.00003",), {"points": 9}, NOW, NOW - 30 * DAY),
    ]
    await store.observations.add("hackernews", items)
    await store.observations.add("hackernews", [replace(items[0], metrics={"points": 5}, observed_at=NOW + HOUR)])
    await store.observations.add("bluesky", [replace(items[0], key="e")])
    for until, points in ((NOW, 1), (NOW + HOUR, 5)):
        found = await store.observations.measure("hackernews", NOW - DAY, until, tuple)
        one = Counts("a", "", {"points": points, "comments": 2})
        assert found == [(one, Counts("b", "ada", {"points": 3})), (one,)]


# Scores and cursors

BREAKDOWN = Breakdown(1, (Part("huggingface", 41, 1.3979), Part("hackernews", 120, 0.8339)), is_provisional=True)


async def test_scores_are_kept_with_how_they_came_about(store: Store) -> None:
    """A day's scores replace those it had, and each comes back with its parts, version and counts."""
    counts = (("huggingface.upvotes", 41), ("hackernews.points", 120))
    low, high = Score("2611.00002", 0.5, BREAKDOWN, counts, NOW), Score("2611.00001", 1.6481, BREAKDOWN, counts, NOW)
    await store.scores.put(TODAY, [low, replace(low, arxiv_id="2611.00003")], NOW)
    await store.scores.put(TODAY, [low, high], NOW)
    await store.scores.put(TODAY + DAY, [replace(high, scored_at=None)], NOW + DAY)
    assert await store.scores.of_day(TODAY) == [high, low]
    assert await store.scores.of_paper("2611.00001") == {TODAY: high, TODAY + DAY: replace(high, scored_at=NOW + DAY)}
    assert await store.scores.days(TODAY, TODAY + DAY) == [TODAY, TODAY + DAY]
    assert await store.scores.of_day(TODAY - DAY) == []


async def test_cursors_are_kept_by_source(store: Store) -> None:
    """Where a source goes on is replaced by a later place, and is nobody else's."""
    assert await store.cursors.get("bluesky", "cursor") is None
    for value in ("1", "2"):
        await store.cursors.set("bluesky", "cursor", value, NOW)
    await store.cursors.set("arxiv", "cs.LG", 'W/"etag"', NOW)
    assert await store.cursors.get("bluesky", "cursor") == "2"
    assert await store.cursors.list("arxiv") == {"cs.LG": 'W/"etag"'}
    await store.cursors.delete("arxiv", "cs.LG")
    assert await store.cursors.list("arxiv") == {}


# Two scales


def make_live(day: date, *papers: tuple[str, float]) -> Edition:
    """Make a day of papers with live scores."""
    breakdown = Breakdown(1, (Part("huggingface", 41, 1.4),))
    return make_edition(day, [make_appearance(*paper, day=day, breakdown=breakdown) for paper in papers])


OLD = f"""
INSERT INTO days VALUES
    ('{TODAY}', '{TODAY}', 'slug', 'Hot Papers', NULL, 'a.md', 'x', 1, '{NOW.isoformat()}', 1, 0, '{{}}');
INSERT INTO papers (id, arxiv_id, current_id, best_id) VALUES (1, '2104.00001', 1, 1);
INSERT INTO appearances
    (id, paper_id, day, rank, score, has_pdf, engagement, topics, categories, title, authors, abstract, mentions)
VALUES (1, 1, '{TODAY}', 1, 9.0, 1, '[["retweets",9]]', '["","cs.LG"]', 'cs.LG', 'Old', 'Ada', 'We.', '[]');
INSERT INTO topics VALUES (1, '', 1), (2, 'cs.LG', 1);
INSERT INTO topic_index (topic_id, day, score, rank, appearance_id, arxiv_id)
SELECT id, '{TODAY}', 9.0, 1, 1, '2104.00001' FROM topics;
INSERT INTO unindexed VALUES ('{TODAY}');
"""


async def test_a_live_score_comes_back_as_it_was(store: Store) -> None:
    """How a score came about is stored with the appearance; a published one has nothing of the kind."""
    live = make_live(TODAY + DAY, ("2611.00001", 1.4))
    published = make_edition(TODAY, [("2104.00001", 100)])
    await store.days.put([live, published], [], NOW)
    assert await store.papers.of_day(TODAY + DAY) == list(live.papers)
    assert (await store.papers.of_day(TODAY))[0].breakdown is None


async def test_a_paper_of_both_scales_is_shown_by_its_live_score(store: Store) -> None:
    """A hundred retweets are not more than a live score of 2: the two are not compared."""
    for day in (make_edition(TODAY, [("2104.00001", 100)]), make_live(TODAY + DAY, ("2104.00001", 2))):
        await store.days.put([day], [], NOW)
    (found,) = await store.search.find("testing")
    assert found.score == 2
    (within,) = await store.search.find("testing", since=TODAY, until=TODAY + DAY)
    assert within.score == 2


async def test_search_compares_places_not_scores(store: Store) -> None:
    """Of papers with the same words the live day's hottest comes before the coldest of thousands of retweets."""
    published = [(f"2104.{n:05}", 9000 - n) for n in range(16)]
    live = [(f"2611.{n:05}", 2 - n / 10) for n in range(16)]
    await store.days.put([make_edition(TODAY, published), make_live(TODAY + DAY, *live)], [], NOW)
    found = [paper.paper.arxiv_id for paper in await store.search.find("testing", limit=40)]
    assert set(found[:2]) == {"2611.00000", "2104.00000"}
    assert set(found[-16:]) == {arxiv_id for arxiv_id, _ in (*published[8:], *live[8:])}


@pytest.mark.parametrize("to_live", [True, False])
async def test_a_day_keeps_one_scale(store: Store, to_live: bool) -> None:
    """A damaged post counted in another way replaces the whole day; one without papers leaves all as it was."""
    papers = [("2104.00001", 3), ("2104.00002", 2), ("2104.00003", 1)]
    before, after = (make_edition(TODAY, papers), make_live(TODAY, *papers[1:]))
    if not to_live:
        before, after = make_live(TODAY, *papers), make_edition(TODAY, papers[1:])
    await store.days.put([before], [], NOW)
    await store.days.put([make_partial(make_edition(TODAY, text="nothing to read"))], [], NOW)
    assert await store.papers.of_day(TODAY) == list(before.papers)
    assert find_damage(store._database.path) == []
    await store.days.put([make_partial(after)], [], NOW)
    assert await store.papers.of_day(TODAY) == list(after.papers)
    assert find_damage(store._database.path) == []


def make_partial(edition: Edition) -> Edition:
    """Return an edition of which something was lost."""
    return replace(edition, day=replace(edition.day, is_partial=True))


@pytest.mark.parametrize(
    ("first", "last", "mixed"), [(-9, 9, True), (0, 1, True), (0, 0, False), (1, 9, False), (5, 9, False)]
)
async def test_a_period_of_both_scales_is_known(store: Store, first: int, last: int, mixed: bool) -> None:
    """Only days that are there count; all of one scale can be compared."""
    days = [make_edition(TODAY, [("2104.00001", 100)]), make_live(TODAY + DAY, ("2104.00002", 2))]
    await store.days.put(days, [], NOW)
    assert await store.papers.is_mixed(TODAY + first * DAY, TODAY + last * DAY) is mixed
    assert await store.papers.is_mixed() is True


async def test_a_day_without_papers_has_no_scale(store: Store) -> None:
    """Between live days, a day on which nothing was hot makes none of them incomparable."""
    live = make_live(TODAY + DAY, ("2104.00001", 3.0), ("2104.00002", 2.9))
    await store.days.put([live, make_edition(TODAY), make_live(TODAY - DAY, ("2104.00003", 0.1))], [], NOW)
    assert await store.papers.is_mixed() is False
    assert [paper.score for paper in await store.papers.top()] == [3.0, 2.9, 0.1]


def place_all(editions: list[Edition], topics: tuple[str, ...]) -> list[tuple[str, date]]:
    """Rank papers by place within their days, in plain Python."""
    placed = []
    for edition in editions:
        ranked = sorted(edition.papers, key=lambda a: (-a.score, a.rank))
        for place, a in enumerate(ranked, 1):
            if not topics or {c for name in a.paper.categories for c in (name, name.partition(".")[0])} & set(topics):
                placed.append((place / len(ranked), -a.day.toordinal(), a.rank, a.paper.arxiv_id, a))
    best: dict[str, Appearance] = {}
    for *_, arxiv_id, a in sorted(placed, key=lambda item: item[:4]):
        best.setdefault(arxiv_id, a)
    return [(arxiv_id, a.day) for arxiv_id, a in best.items()]


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_places_rank_days_of_two_scales(tmp_path_factory: pytest.TempPathFactory, rng: Random) -> None:
    """Whatever days of two scales hold, papers come by their place within their day, each once, page after page."""
    editions = []
    scales = [*rng.sample([None, BREAKDOWN], 2), *rng.choices([None, BREAKDOWN], k=rng.randint(0, 7))]
    for number, breakdown in enumerate(scales):
        day = TODAY + number * DAY
        ids = rng.sample(range(40), rng.choice([1, 3, 9, 35]))
        papers = [
            make_appearance(
                f"2104.{n:05}",
                rng.randint(1, 5),
                day=day,
                categories=(rng.choice(["cs.LG", "cs.CV", "math.CO"]),),
                breakdown=breakdown,
            )
            for n in ids
        ]
        editions.append(make_edition(day, papers))

    async def compare() -> None:
        async with await Store.open(tmp_path_factory.mktemp("places") / "papers.db", INDEX) as store:
            await store.days.put(editions, [], NOW)
            for topics in ((), ("cs",), ("cs.LG", "math.CO"), ("cs", "cs.LG")):
                expected = place_all(editions, topics)
                pages = [await store.papers.top(topics=topics, limit=4, offset=at) for at in range(0, 44, 4)]
                assert [(a.paper.arxiv_id, a.day) for page in pages for a in page] == expected
            middle = [edition for edition in editions if edition.day.day <= TODAY + 2 * DAY]
            found = await store.papers.top(TODAY, TODAY + 2 * DAY, limit=99)
            assert [(a.paper.arxiv_id, a.day) for a in found] == place_all(middle, ())

    asyncio.run(compare())


async def test_an_older_database_keeps_its_papers_as_published(tmp_path: Path) -> None:
    """A database of the schema before is brought up to date with nothing lost, and none of its scores is live."""
    path = tmp_path / "papers.db"
    async with aiosqlite.connect(path, isolation_level=None) as old:
        before = takewhile(lambda migration: migration.name != "live", find_migrations())
        await migrate(old, list(before))
        await old.executescript(OLD)
    async with await Store.open(path, INDEX) as store:
        (paper,) = await store.papers.of_day(TODAY)
        assert (paper.score, paper.engagement, paper.breakdown) == (9, (("retweets", 9),), None)
        assert await store.papers.is_mixed() is False
        await store.days.put([make_live(TODAY + DAY, ("2611.00001", 1.4))], [], NOW)
        assert await store.papers.is_mixed() is True
    assert find_damage(path) == []

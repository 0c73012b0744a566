"""Hacker News's stories: which are found to link to papers, with which counts, and what comes of faults."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.sources.hackernews import MOST_QUESTIONS, PAGE_SIZE, HackerNews, parse_stories
from tests.test_huggingface import JSON
from tests.web_server import FAULTS, HASTY, PATIENT, Handler, Web, send, serve

NOW = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
TODAY = NOW.date()
WEEK_AGO = TODAY - timedelta(days=6)
START = int(datetime(2026, 11, 14, tzinfo=UTC).timestamp())
URL = "https://arxiv.org/abs/2611.00001"


def make_hit(key: int = 49093051, seconds: int = START + 100, **more: object) -> dict[str, object]:
    """Return a story as the search has it since 2026."""
    return {
        "objectID": str(key),
        "story_id": key,
        "author": "a_reader",
        "title": "A planner that learns [pdf]",
        "url": URL,
        "created_at": datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "created_at_i": seconds,
        "points": 120,
        "num_comments": 44,
        "_tags": ["story", "author_a_reader", f"story_{key}"],
        **more,
    }


def parse_hits(*hits: object) -> list[tuple[str, tuple[str, ...], dict[str, int]]]:
    """Return the key, ids and counts of the stories found in hits."""
    stories = parse_stories(json.dumps({"hits": hits}).encode(), NOW)
    return [(item.key, item.arxiv_ids, dict(item.metrics)) for item in stories.items]


def answer_pages(choose: Callable[[int], object]) -> Handler:
    """Answer each question, counted from 0, with what is chosen: a response, or hits to send."""
    asked = iter(range(1000))

    async def answer(request: web.Request) -> web.StreamResponse:
        chosen = choose(next(asked))
        return chosen if isinstance(chosen, web.StreamResponse) else send({"hits": chosen, "hitsPerPage": PAGE_SIZE})

    return answer


def open_source(world: Web) -> HackerNews:
    """Return the source at a test's server."""
    return HackerNews(world.wire, world.base)


def test_recordings(shared: Path) -> None:
    """The recordings hold no link to arXiv and none is found; with one put in, each story and no poll is found."""
    found = 0
    for file in sorted((shared / "samples" / "hackernews").glob("*.json")):
        answer = json.loads(file.read_text("utf-8"))
        stories = parse_stories(file.read_bytes(), NOW)
        assert (stories.items, stories.notes) == ((), ())
        for number, hit in enumerate(answer["hits"]):
            hit["url"] = f"http://arxiv.org/pdf/1101.{number:04d}v1.pdf"
        items = {item.key: item for item in parse_stories(json.dumps(answer).encode(), NOW).items}
        told = {hit["objectID"]: hit for hit in answer["hits"] if hit["_tags"][0] == "story"}
        assert items.keys() == told.keys()
        for key, item in items.items():
            assert item.metrics == {"points": told[key]["points"], "comments": told[key]["num_comments"]}
            assert item.created_at == datetime.fromisoformat(told[key]["created_at"])
            assert item.text == told[key]["title"]
            assert item.url == f"https://news.ycombinator.com/item?id={key}"
            found += 1
    assert found == 6


def test_which_hits_are_stories_about_papers() -> None:
    """Comments, polls, other links and stories without a link are left out, silently; every form of link is taken."""
    comment = {"objectID": "7", "comment_text": "see", "parent_id": 1, "url": URL, "points": 5}
    hits = [
        make_hit(1),
        make_hit(2, url="http://arxiv.org/pdf/math.GT/0309136v2.pdf"),
        make_hit(3, url="https://www.alphaxiv.org/abs/2611.00003"),
        make_hit(4, url="https://notarxiv.org/abs/2611.00004"),
        make_hit(5, url=None),
        make_hit(6, _tags=["comment", "author_a"]),
        comment,
        {"objectID": "10", "parent_id": 1, "url": URL},
        make_hit(8, _tags=["pollopt"]),
        {"objectID": "9", "url": URL},
    ]
    assert parse_hits(*hits) == [
        ("1", ("2611.00001",), {"points": 120, "comments": 44}),
        ("2", ("math/0309136",), {"points": 120, "comments": 44}),
        ("3", ("2611.00003",), {"points": 120, "comments": 44}),
        ("9", ("2611.00001",), {}),
    ]
    assert parse_stories(json.dumps({"hits": hits}).encode(), NOW).notes == ()


@pytest.mark.parametrize(
    ("points", "metrics", "is_told"),
    [
        (0, {"points": 0, "comments": 44}, False),
        (1, {"points": 1, "comments": 44}, False),
        (None, {"comments": 44}, False),
        ("120", {"comments": 44}, True),
        (True, {"comments": 44}, True),
        (1.5, {"comments": 44}, True),
        (10**12, {"comments": 44}, True),
    ],
)
def test_counts(points: object, metrics: dict[str, int], is_told: bool) -> None:
    """A count that is null or no count is missing, never 0; only the latter is told."""
    stories = parse_stories(json.dumps({"hits": [make_hit(1, points=points)]}).encode(), NOW)
    assert stories.items[0].metrics == metrics
    told = "Hacker News's list of stories: hit 1 (story 1) has no usable points"
    assert stories.notes == ((told,) if is_told else ())


@pytest.mark.parametrize(
    ("fields", "second"),
    [
        ({"created_at_i": 1785295159, "created_at": "2026-07-29T03:19:19Z"}, 1785295159),
        ({"created_at_i": None, "created_at": "2026-07-29T03:19:19Z"}, 1785295159),
        ({"created_at_i": None, "created_at": "2026-07-29T03:19:19.000Z"}, 1785295159),
        ({"created_at_i": "1785295159", "created_at": None}, None),
        ({"created_at_i": "20260729", "created_at": None}, None),
        ({"created_at_i": 10**18, "created_at": "yesterday"}, None),
        ({"created_at_i": True, "created_at": 5.5}, None),
    ],
)
def test_times(fields: dict[str, object], second: int | None) -> None:
    """A story's time is read with and without milliseconds, from either field; one without a time has none."""
    (item,) = parse_stories(json.dumps({"hits": [make_hit(**fields)]}).encode(), NOW).items
    assert item.created_at == (None if second is None else datetime.fromtimestamp(second, UTC))


@pytest.mark.parametrize("key", [None, "", "x1", "1" * 30, 1.0, [], -4])
def test_a_story_without_an_identity(key: object) -> None:
    """It could not be told from others, so it is refused and told."""
    stories = parse_stories(json.dumps({"hits": [make_hit(objectID=key), make_hit(2)]}).encode(), NOW)
    assert [item.key for item in stories.items] == ["2"]
    assert "hit 1 has no usable objectID" in stories.notes[0]


def test_refused_hits() -> None:
    """What is no object is left out and told, the rest is read."""
    stories = parse_stories(json.dumps({"hits": ["{'title': 1}", make_hit(2)]}).encode(), NOW)
    assert [item.key for item in stories.items] == ["2"]
    assert stories.notes == ("Hacker News's list of stories: hit 1 is \"{'title': 1}\", not an object",)


async def test_one_question() -> None:
    """A window is one question: stories, by their address, from its first second on; what is older is left out."""
    hits = [make_hit(1), make_hit(2, START), make_hit(3, START - 1), make_hit(4, created_at=None, created_at_i=None)]
    async with serve(answer_pages(lambda number: hits)) as world:
        reading = await open_source(world).read(WEEK_AGO, TODAY, NOW)
    assert world.asked == [
        {
            "path": "/api/search_by_date",
            "query": "arxiv.org",
            "restrictSearchableAttributes": "url",
            "tags": "story",
            "hitsPerPage": "1000",
            "numericFilters": f"created_at_i>{START - 1}",
        }
    ]
    assert [item.key for item in reading.items] == ["1", "2", "4"]
    assert reading.papers == ()
    assert reading.notes == ()


async def test_days_that_are_over() -> None:
    """A window in the past ends with its last day."""
    hits = [make_hit(1, START + 86_400), make_hit(2, START + 86_399)]
    async with serve(answer_pages(lambda number: hits)) as world:
        reading = await open_source(world).read(WEEK_AGO, WEEK_AGO, NOW)
    assert world.asked[0]["numericFilters"] == f"created_at_i>{START - 1},created_at_i<{START + 86_400}"
    assert [item.key for item in reading.items] == ["2"]


async def test_days_to_come() -> None:
    """They are nothing to ask about."""
    async with serve(answer_pages(lambda number: [])) as world:
        reading = await open_source(world).read(TODAY + timedelta(days=1), date.max, NOW)
    assert (reading.items, world.asked) == ((), [])


def find_stories(stories: list[dict[str, object]], query: dict[str, str] | object) -> list[dict[str, object]]:
    """Return what the search has for a query, the newest 1,000."""
    filters = dict(query)["numericFilters"]  # type: ignore[call-overload]
    after = int(re.findall(r">(\d+)", filters)[0])
    before = int((re.findall(r"<(\d+)", filters) or ["9" * 12])[0])
    fit = [story for story in stories if after < int(str(story["created_at_i"])) < before]
    return sorted(fit, key=lambda story: -int(str(story["created_at_i"])))[:PAGE_SIZE]


@pytest.mark.parametrize(("count", "questions"), [(999, 1), (1000, 2), (2500, 3), (6000, 5)])
async def test_many_stories(count: int, questions: int) -> None:
    """The search ends at 1,000, so older ones are asked for by time, and none is lost even of the same second."""
    stories = [make_hit(number, START + number // 3) for number in range(count)]

    async def answer(request: web.Request) -> web.StreamResponse:
        return send({"hits": find_stories(stories, request.query)})

    async with serve(answer) as world:
        reading = await open_source(world).read(WEEK_AGO, TODAY, NOW)
    assert len(world.asked) == questions
    if questions < MOST_QUESTIONS:
        assert {item.key for item in reading.items} == {str(number) for number in range(count)}
        assert reading.notes == ()
    else:
        assert len(reading.items) > 4 * PAGE_SIZE
        assert reading.notes == ("Hacker News's list of stories may be cut: it is longer than 5 answers",)


async def test_smaller_pages() -> None:
    """A server that gives fewer at once than it was asked for is asked on, until it has told all."""
    stories = [make_hit(number, START + number) for number in range(50)]

    async def answer(request: web.Request) -> web.StreamResponse:
        found = find_stories(stories, request.query)
        return send({"hits": found[:20], "hitsPerPage": 20, "nbHits": len(found)})

    async with serve(answer) as world:
        reading = await open_source(world).read(WEEK_AGO, TODAY, NOW)
    assert len(reading.items) == 50
    assert len(world.asked) == 3
    assert reading.notes == ()


async def test_a_full_answer_that_is_all() -> None:
    """A thousand stories of a thousand need no second question."""
    answer = {"hits": [make_hit(number) for number in range(PAGE_SIZE)], "nbHits": PAGE_SIZE}
    async with serve(answer_pages(lambda number: send(answer))) as world:
        reading = await open_source(world).read(WEEK_AGO, TODAY, NOW)
    assert (len(reading.items), len(world.asked), reading.notes) == (PAGE_SIZE, 1, ())


async def test_a_server_without_a_filter() -> None:
    """The same full answer again ends the questions, and a note says that stories may be missing."""
    hits = [make_hit(number) for number in range(PAGE_SIZE)]
    async with serve(answer_pages(lambda number: hits)) as world:
        reading = await open_source(world).read(WEEK_AGO, TODAY, NOW)
    assert len(world.asked) == 2
    assert len(reading.items) == PAGE_SIZE
    assert reading.notes == ("Hacker News's list of stories may be cut: the same came again",)


async def test_a_full_answer_without_times() -> None:
    """Older ones can't be asked for, which is told."""
    hits = [make_hit(number, created_at=None, created_at_i=None) for number in range(PAGE_SIZE)]
    async with serve(answer_pages(lambda number: hits)) as world:
        reading = await open_source(world).read(WEEK_AGO, TODAY, NOW)
    assert len(world.asked) == 1
    assert reading.notes == ("Hacker News's list of stories may be cut",)


async def test_a_second_answer_that_fails() -> None:
    """What the first answer said stays, and the note says why there is no more."""
    hits = [make_hit(number) for number in range(PAGE_SIZE)]
    async with serve(answer_pages(lambda number: send(b"<p>", 200) if number else hits)) as world:
        reading = await open_source(world).read(WEEK_AGO, TODAY, NOW)
    assert len(reading.items) == PAGE_SIZE
    assert "Only the newest stories are known: Hacker News's list of stories is a web page" in reading.notes[0]


@pytest.mark.parametrize("fault", FAULTS)
async def test_faults(fault: str) -> None:
    """Whatever a server does, a reading ends in an error that names the source and the cause."""
    handler, cause = FAULTS[fault]
    async with serve(handler, HASTY if fault == "time-out" else PATIENT) as world:
        with pytest.raises(SourceError) as error:
            await open_source(world).read(WEEK_AGO, TODAY, NOW)
    assert re.match(r"127\.0\.0\.1:\d+ |Hacker News's list of stories ", str(error.value))
    assert cause in str(error.value)
    assert "arxiv" not in str(error.value)
    assert str(error.value).endswith("; it is asked again with the next post")


async def test_a_moment_of_trouble() -> None:
    """A server that asks for patience and then answers has cost nothing but the wait it asked for."""
    answers = [send(b"", 429, **{"Retry-After": "7"}), send(b"", 503), [make_hit(1)]]
    async with serve(answer_pages(lambda number: answers[number])) as world:
        reading = await open_source(world).read(WEEK_AGO, TODAY, NOW)
    assert len(reading.items) == 1
    assert reading.notes == ()
    assert sum(world.slept) >= 7


FIELDS = ("objectID", "author", "title", "created_at", "created_at_i", "points", "num_comments", "_tags", "story_id")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    JSON, st.dictionaries(st.sampled_from((*FIELDS, "url")), JSON), st.sampled_from(["answer", "hit", "fields"]), JSON
)
def test_anything(value: object, fields: dict[str, object], where: str, size: object) -> None:
    """Any JSON in any place gives stories that can be stored and printed, or the one kind of error."""
    hits = [value, make_hit(1)] if where == "hit" else [make_hit(2, **fields)]
    answer = value if where == "answer" else {"hits": hits, "hitsPerPage": size, "nbHits": size}
    try:
        stories = parse_stories(json.dumps(answer).encode(), NOW)
    except SourceError as error:
        assert "Hacker News's list of stories" in str(error)
        return
    for item in stories.items:
        (item.text + item.author).encode("utf-8")
        assert item.arxiv_ids == ("2611.00001",)
        assert all(type(count) is int and 0 <= count < 2**63 for count in item.metrics.values())
        assert item.created_at is None or item.created_at.tzinfo is UTC

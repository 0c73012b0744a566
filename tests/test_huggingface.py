"""Hugging Face's daily papers: what is read of recordings, and what comes of faults."""

from __future__ import annotations

import csv
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
from bot.sources.huggingface import MOST_PAGES, PACE_SECONDS, PAGE_SIZE, HuggingFace, parse_daily_papers
from tests.web_server import FAULTS, HASTY, PATIENT, Handler, Web, send, serve

DAY = date(2026, 8, 20)
NOW = datetime(2026, 8, 20, 21, 0, tzinfo=UTC)
BROKEN = ("2024-12-25", "2025-01-10")  # recordings that are no answers of the API


def make_entry(number: int = 1, upvotes: object = 3, **more: object) -> dict[str, object]:
    """Return an entry as the API has it, `more` being fields of its paper."""
    paper = {
        "id": f"2608.{number:05d}",
        "authors": [{"_id": "1", "name": "Ada  Lovelace", "hidden": False}, {"name": "Grace Hopper"}],
        "publishedAt": "2026-08-17T00:00:00.000Z",
        "submittedOnDailyAt": "2026-08-20T01:02:03.456Z",
        "title": "Learning\n  Where to Search",
        "summary": "Planning on grids\nis slow.",
        "upvotes": upvotes,
        **more,
    }
    return {"paper": paper, "title": paper["title"], "summary": paper["summary"], "numComments": 1}


def make_page(first: int, size: int) -> list[dict[str, object]]:
    """Return a list of different papers."""
    return [make_entry(number) for number in range(first, first + size)]


def answer_days(choose: Callable[[str, int], object]) -> Handler:
    """Answer each day and page with what is chosen for it: a response, or a value to send as JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        chosen = choose(request.query["date"], int(request.query["p"]))
        return chosen if isinstance(chosen, web.StreamResponse) else send(chosen)

    return answer


def open_source(world: Web) -> HuggingFace:
    """Return the source at a test's server."""
    return HuggingFace(world.wire, world.base)


def test_recordings(shared: Path) -> None:
    """Each recorded list gives the very papers, votes and texts that a plain look into its JSON finds."""
    files = sorted((shared / "samples" / "huggingface").glob("daily/*.json"))
    files += sorted((shared / "samples" / "huggingface").glob("*_papers*.json"))
    good = [file for file in files if file.stem not in BROKEN]
    assert len(good) > 15
    for file in good:
        raw = json.loads(file.read_text("utf-8"))
        day = date.fromisoformat(file.stem) if file.stem[0] == "2" else DAY
        page = parse_daily_papers(file.read_bytes(), day, NOW)
        assert page.size == len(raw)
        assert page.notes == ()
        assert [item.key for item in page.items] == [entry["paper"]["id"] for entry in raw]
        assert [item.metrics for item in page.items] == [{"upvotes": entry["paper"]["upvotes"]} for entry in raw]
        assert all(item.arxiv_ids == (item.key,) and item.observed_at == NOW for item in page.items)
        for paper, entry in zip(page.papers, raw, strict=True):
            assert paper.arxiv_id == entry["paper"]["id"]
            assert paper.title == re.sub(r"\s+", " ", entry["paper"]["title"]).strip()
            assert paper.abstract == re.sub(r"\s+", " ", entry["paper"]["summary"]).strip()
            assert list(paper.authors) == [author["name"] for author in entry["paper"]["authors"]]


def test_the_index_of_the_recordings(shared: Path) -> None:
    """What is read of the recorded days is what their index, made by others, says of them."""
    folder = shared / "samples" / "huggingface"
    expected: dict[str, dict[str, int]] = {}
    with (folder / "daily_index_580d.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            expected.setdefault(row["file_date"], {})[row["id"]] = int(row["upvotes"])
    compared = 0
    for file in folder.glob("daily/*.json"):
        if file.stem in expected and file.stem not in BROKEN:
            page = parse_daily_papers(file.read_bytes(), date.fromisoformat(file.stem), NOW)
            assert {item.key: item.metrics["upvotes"] for item in page.items} == expected[file.stem]
            assert all(
                item.created_at and item.created_at.date() == date.fromisoformat(file.stem) for item in page.items
            )
            compared += 1
    assert compared > 10


@pytest.mark.parametrize("day", BROKEN)
def test_broken_recordings(shared: Path, day: str) -> None:
    """A list of Python's representations and a list wrapped in an object are refused, and the error names the day."""
    body = (shared / "samples" / "huggingface" / "daily" / f"{day}.json").read_bytes()
    with pytest.raises(SourceError, match=f"Hugging Face's list of {day}"):
        parse_daily_papers(body, date.fromisoformat(day), NOW)


@pytest.mark.parametrize(
    ("upvotes", "metrics", "is_told"),
    [
        (0, {"upvotes": 0}, False),
        (41, {"upvotes": 41}, False),
        (None, {}, False),
        ("41", {}, True),
        (True, {}, True),
        (41.0, {}, True),
        (-1, {}, True),
        (10**30, {}, True),
        ([], {}, True),
    ],
)
def test_counts(upvotes: object, metrics: dict[str, int], is_told: bool) -> None:
    """No upvotes are a count of 0; what is missing or no count is missing, never 0; only the latter is told."""
    page = parse_daily_papers(json.dumps([make_entry(upvotes=upvotes)]).encode(), DAY, NOW)
    assert page.items[0].metrics == metrics
    assert page.notes == (
        (f"Hugging Face's list of {DAY}: entry 1 (2608.00001) has no usable upvotes",) if is_told else ()
    )


def test_a_missing_key() -> None:
    """A paper without votes, abstract, authors and date is on the list all the same."""
    body = json.dumps([{"paper": {"id": "2608.00001", "title": "A title"}}]).encode()
    page = parse_daily_papers(body, DAY, NOW)
    (paper,), (item,) = page.papers, page.items
    assert (paper.title, paper.abstract, paper.authors, paper.categories) == ("A title", "", (), ())
    assert item.metrics == {}
    assert item.created_at == datetime(2026, 8, 20, tzinfo=UTC)
    assert page.notes == ()


def test_texts() -> None:
    """Titles and abstracts come on one line, and what JSON can hold but a file in UTF-8 can't does not come along."""
    entry = make_entry(
        title="A\ud800 b\u0000\r\n  c\u2028d", summary=None, authors=[{"name": " X\nY "}, {"name": 1}, 2]
    )
    body = json.dumps([entry]).encode()
    (paper,) = parse_daily_papers(body, DAY, NOW).papers
    assert paper.title == "A� b c d"
    assert paper.authors == ("X Y",)
    paper.title.encode("utf-8")


def test_refused_entries() -> None:
    """What is not of arXiv or has no shape is left out and told, the rest is read."""
    entries = [
        make_entry(1),
        make_entry(id="https://arxiv.org/abs/2608.00002"),
        "{'paper': {}}",
        make_entry(id="2613.00001"),
        {"paper": None},
        make_entry(id="x" * 5000),
        make_entry(2, title=7),
    ]
    entries[-1]["title"] = None  # type: ignore[index]
    page = parse_daily_papers(json.dumps(entries).encode(), DAY, NOW)
    assert page.size == 7
    assert [paper.arxiv_id for paper in page.papers] == ["2608.00001"]
    assert [item.key for item in page.items] == ["2608.00001", "2608.00002"]
    assert page.notes == (
        f"Hugging Face's list of {DAY}: entry 2 is no paper of arXiv ('https://arxiv.org/abs/2608.00002'); "
        "entry 3 has no paper with an id (it is \"{'paper': {}}\"); "
        "entry 4 is no paper of arXiv ('2613.00001'); and 3 more",
    )


def test_old_ids() -> None:
    """An id of before 2007 is kept as the other sources have it, without its subject class."""
    page = parse_daily_papers(json.dumps([make_entry(id="math.GT/0309136")]).encode(), DAY, NOW)
    assert [paper.arxiv_id for paper in page.papers] == ["math/0309136"]
    assert [(item.key, item.arxiv_ids) for item in page.items] == [("math/0309136", ("math/0309136",))]


def test_only_papers_that_are_elsewhere() -> None:
    """A list whose papers are all not on arXiv is a list, with nothing in it for us."""
    page = parse_daily_papers(json.dumps([make_entry(id="hf-tech-report")]).encode(), DAY, NOW)
    assert (page.papers, page.items, len(page.notes)) == ((), (), 1)


async def test_every_day_is_asked_for_once() -> None:
    """Each day of the window is asked for, the newest first, none that has not begun, no faster than the API allows."""
    async with serve(answer_days(lambda day, page: [make_entry(int(day[-2:]))])) as world:
        reading = await open_source(world).read(DAY - timedelta(days=6), DAY + timedelta(days=3), NOW)
    assert [query["date"] for query in world.asked] == [f"2026-08-{day}" for day in range(20, 13, -1)]
    assert all(query["path"] == "/api/daily_papers" and query["limit"] == str(PAGE_SIZE) for query in world.asked)
    assert [item.key for item in reading.items] == [f"2608.000{day}" for day in range(14, 21)]
    assert {paper.title for paper in reading.papers} == {"Learning Where to Search"}
    assert reading.notes == ()
    assert len(world.slept) == 6
    assert all(PACE_SECONDS / 2 < wait <= PACE_SECONDS for wait in world.slept)


async def test_a_window_that_has_not_begun() -> None:
    """Days to come are nothing to ask about."""
    async with serve(answer_days(lambda day, page: [])) as world:
        reading = await open_source(world).read(DAY + timedelta(days=1), DAY + timedelta(days=3), NOW)
    assert (reading.items, reading.notes, world.asked) == ((), (), [])


@pytest.mark.parametrize(
    ("sizes", "asked", "cut"),
    [
        ([0], 1, None),
        ([99], 1, None),
        ([101], 1, None),
        ([100, 0], 2, None),
        ([100, 100, 30], 3, None),
        ([100] * 9, MOST_PAGES, 500),
    ],
)
async def test_pages(sizes: list[int], asked: int, cut: int | None) -> None:
    """A list goes on while a page has exactly as many papers as were asked for; a note says when it may be cut."""
    pages = [make_page(number * 100 + 1, size) for number, size in enumerate(sizes)]
    async with serve(answer_days(lambda day, page: pages[page])) as world:
        reading = await open_source(world).read(DAY, DAY, NOW)
    assert [query["p"] for query in world.asked] == [str(page) for page in range(asked)]
    assert len(reading.items) == sum(sizes[:asked])
    assert reading.notes == ((f"Hugging Face's list of {DAY} may be cut at {cut} papers",) if cut else ())


async def test_a_server_that_turns_no_pages() -> None:
    """The same full page again ends the questions, and the list may be cut."""
    async with serve(answer_days(lambda day, page: make_page(1, PAGE_SIZE))) as world:
        reading = await open_source(world).read(DAY, DAY, NOW)
    assert len(world.asked) == 2
    assert len(reading.items) == PAGE_SIZE
    assert reading.notes == (f"Hugging Face's list of {DAY} may be cut at 100 papers",)


async def test_a_second_page_that_fails() -> None:
    """What the first page said stays, and the note says where it was cut and why."""
    async with serve(answer_days(lambda day, page: send(b"", 500) if page else make_page(1, PAGE_SIZE))) as world:
        reading = await open_source(world).read(DAY, DAY, NOW)
    assert len(reading.items) == PAGE_SIZE
    (note,) = reading.notes
    assert note.startswith(f"Only 100 papers of {DAY} known: 127.0.0.1")
    assert "answered 500" in note


async def test_a_paper_on_two_days() -> None:
    """The later list's count holds, unless it has none."""
    votes: dict[str, list[object]] = {
        "2026-08-19": [make_entry(1, 5), make_entry(2, 6)],
        "2026-08-20": [make_entry(1, 9), make_entry(2, None)],
    }
    async with serve(answer_days(lambda day, page: votes[day])) as world:
        reading = await open_source(world).read(DAY - timedelta(days=1), DAY, NOW)
    assert {item.key: item.metrics for item in reading.items} == {
        "2608.00001": {"upvotes": 9},
        "2608.00002": {"upvotes": 6},
    }
    assert len(reading.papers) == 2


async def test_a_day_that_is_refused() -> None:
    """400 for today means that there is no list yet; for a day that was, that it is missing; for all, an error."""
    async with serve(answer_days(lambda day, page: send({"error": "x"}, 400) if day > "2026-08-18" else [])) as world:
        reading = await open_source(world).read(date(2026, 8, 18), DAY, NOW)
        assert reading.notes == (
            "Hugging Face's list of 2026-08-19 is missing: its date was answered with 400; "
            "it is asked again with the next post",
            "Hugging Face's list of 2026-08-20 is not there yet",
        )
        assert (await open_source(world).read(DAY, DAY, NOW)).notes == reading.notes[1:]
        with pytest.raises(SourceError, match="answered with 400"):
            await open_source(world).read(date(2026, 8, 19), date(2026, 8, 19), NOW)


async def test_every_day_is_refused() -> None:
    """That today's list may not be there yet is no answer about the days before: the source is missing as a whole."""
    async with serve(answer_days(lambda day, page: send({"error": "x"}, 400))) as world:
        with pytest.raises(SourceError, match="list of 2026-08-19 is missing: its date was answered with 400"):
            await open_source(world).read(DAY - timedelta(days=6), DAY, NOW)


@pytest.mark.parametrize("fault", FAULTS)
async def test_faults(fault: str) -> None:
    """Whatever a server does, a reading of it alone ends in an error that names the source and the cause."""
    handler, cause = FAULTS[fault]
    async with serve(handler, HASTY if fault == "time-out" else PATIENT) as world:
        with pytest.raises(SourceError) as error:
            await open_source(world).read(DAY, DAY, NOW)
    assert cause in str(error.value)
    assert str(error.value).startswith(f"Hugging Face's list of {DAY}")
    assert str(error.value).endswith("; it is asked again with the next post")
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_day_with_a_fault(fault: str) -> None:
    """The other days are read, and a note says which one is missing and why; who asks for an hour is left alone."""
    handler, cause = FAULTS[fault]
    lost = ["2026-08-19", "2026-08-18"] if fault == "429 for an hour" else ["2026-08-19"]

    async def answer(request: web.Request) -> web.StreamResponse:
        day = request.query["date"]
        return await handler(request) if day == "2026-08-19" else send([make_entry(int(day[-2:]))])

    async with serve(answer, HASTY if fault == "time-out" else PATIENT) as world:
        reading = await open_source(world).read(DAY - timedelta(days=2), DAY, NOW)
    kept = [day for day in ("2026-08-18", "2026-08-20") if day not in lost]
    assert [item.key for item in reading.items] == [f"2608.000{day[-2:]}" for day in kept]
    assert [note.split()[4].rstrip(",:") for note in reading.notes] == lost
    assert cause in reading.notes[0]
    assert all("asked to be left alone" in note for note in reading.notes[1:])


async def test_a_moment_of_trouble() -> None:
    """A server that asks for patience and then answers has cost nothing but the wait it asked for."""
    answers = [send(b"", 429, **{"Retry-After": "7"}), send(b"", 503), send([make_entry()])]
    async with serve(answer_days(lambda day, page: answers.pop(0))) as world:
        reading = await open_source(world).read(DAY, DAY, NOW)
    assert len(reading.items) == 1
    assert reading.notes == ()
    assert sum(world.slept) >= 7


async def test_a_server_that_is_down() -> None:
    """Two days without an answer are enough: the rest is not asked for, and named; it is never the newest."""
    async with serve(answer_days(lambda day, page: [] if day == "2026-08-14" else send(b"", 500))) as world:
        reading = await open_source(world).read(date(2026, 8, 10), date(2026, 8, 14), NOW)
    assert {query["date"] for query in world.asked} == {"2026-08-14", "2026-08-13", "2026-08-12"}
    assert [note[:33] for note in reading.notes] == [
        f"Hugging Face's list of 2026-08-{day}" for day in (13, 12, 11, 10)
    ]


async def test_a_server_that_stumbles() -> None:
    """Days without an answer that do not follow one another end nothing."""
    async with serve(answer_days(lambda day, page: send(b"", 500) if int(day[-2:]) % 2 else [])) as world:
        reading = await open_source(world).read(date(2026, 8, 11), date(2026, 8, 16), NOW)
    assert len({query["date"] for query in world.asked}) == 6
    assert len(reading.notes) == 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ("id", "authors", "publishedAt", "submittedOnDailyAt", "title", "summary", "upvotes")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(JSON | st.binary(), st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(["list", "entry", "fields"]))
def test_anything(value: object, fields: dict[str, object], where: str) -> None:
    """Any JSON in any place gives papers that can be stored and printed, or the one kind of error."""
    entries: object = [value, make_entry(1)] if where == "entry" else [make_entry(2, **fields)] if fields else value
    body = value if isinstance(value, bytes) and where == "list" else json.dumps(entries, default=repr).encode()
    try:
        page = parse_daily_papers(body, DAY, NOW)
    except SourceError as error:
        assert "Hugging Face's list of 2026-08-20" in str(error)
        return
    assert len(page.items) <= page.size
    for paper in page.papers:
        "".join((paper.title, paper.abstract, *paper.authors)).encode("utf-8")
        assert paper.title
        assert paper.title.splitlines() == [paper.title]
    for item in page.items:
        assert all(type(count) is int and 0 <= count < 2**63 for count in item.metrics.values())
        assert item.created_at is not None
        assert item.created_at.tzinfo is UTC

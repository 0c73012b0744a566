"""arXiv's query API: answers read to the paper, joined by id, asked again where they are not whole."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.sources.arxiv_feed import ARXIV_SECONDS, ArxivFeed
from bot.sources.arxiv_query import ArxivQuery, Found, join_records, parse_page
from bot.sources.wire import Pace
from tests.arxiv import Said, Site, build_answer, build_feed, build_record, build_refusal, read_independently, run_site


def list_recordings(shared: Path) -> list[tuple[Path, int]]:
    """Return the recorded answers with their statuses."""
    folder = shared / "samples" / "arxiv_api"
    index = {row["file"]: row["status"] for row in json.loads((folder / "index.json").read_text())}
    return [(path, index.get(path.name, 200)) for path in sorted(folder.glob("*.xml"))]


def test_each_recording_is_read_to_the_exact_papers(shared: Path) -> None:
    """Ids, versions, titles, abstracts, categories and authors are those an independent reader finds."""
    recordings = list_recordings(shared)
    assert len(recordings) > 20
    for path, status in recordings:
        body = path.read_bytes()
        page = parse_page(body)
        if status == 400:
            assert page.records == ()
            assert page.error == "incorrect id format for abc"
            continue
        entries = read_independently(body)
        assert page.notes == ()
        for record, entry in zip(page.records, entries, strict=True):
            paper = record.paper
            assert (paper.arxiv_id, paper.version) == (entry.arxiv_id, entry.version), path.name
            assert (paper.title, paper.abstract) == (entry.title, entry.abstract)
            assert set(paper.categories) == set(entry.categories)
            assert paper.categories[0] == record.primary_category == entry.categories[0]
            assert ", ".join(paper.authors) == entry.line
            assert record.published
            assert record.updated
            assert record.published <= record.updated


def test_a_recorded_paper_has_its_facts(shared: Path) -> None:
    """Times are UTC, the comment is kept, an affiliation is no part of a name, a title of "0" is a title."""
    folder = shared / "samples" / "arxiv_api"
    record = parse_page((folder / "id_astro-ph_0601001_s0_m100.xml").read_bytes()).records[0]
    assert record.published == datetime(2006, 1, 2, 14, 57, 58, tzinfo=UTC)
    assert record.comment.startswith("62 pages including 16 figures")
    assert record.paper.authors[-1] == "Andrzej Udalski"
    assert not record.is_withdrawn
    titles = [one.paper.title for path, _ in list_recordings(shared) for one in parse_page(path.read_bytes()).records]
    assert "0" in titles


def test_broken_feeds_never_crash(shared: Path) -> None:
    """Every feed of feedparser's own collection of broken ones is read or refused, and none names a paper."""
    for path in sorted((shared / "samples" / "feedparser").glob("*.xml")):
        try:
            assert parse_page(path.read_bytes()).records == ()
        except SourceError as error:
            assert "asked again" in str(error), path


def test_an_old_id_has_no_subject_class() -> None:
    """A paper is kept under one id, however the API prints it; a slip in its answer is mended and noted."""
    page = parse_page(build_answer([build_record("math.GT/0309136").replace("About", "R&D &nbsp; about")]))
    assert [record.paper.arxiv_id for record in page.records] == ["math/0309136"]
    assert page.records[0].paper.title == "R&D about math.GT/0309136"
    assert page.notes == ("arXiv's query API was damaged in 2 places and has been mended",)


def test_records_are_joined_by_id() -> None:
    """Order means nothing; a version asks for that one, no version for the newest; a subject class is no matter."""
    answer = build_answer([
        build_record("2603.00002"), build_record("2603.00001", version=1), build_record("2603.00001", version=3),
        build_record("math/0309136", version=2),
    ])  # fmt: skip
    asked = ["2603.00001", "2603.00001v1", "2603.00002", "math.GT/0309136", "2603.00009", "2603.00002v7"]
    found = join_records(asked, parse_page(answer).records)
    assert {one: (record.paper.arxiv_id, record.paper.version) for one, record in found.items()} == {
        "2603.00001": ("2603.00001", 3),
        "2603.00001v1": ("2603.00001", 1),
        "2603.00002": ("2603.00002", 1),
        "math.GT/0309136": ("math/0309136", 2),
    }


def test_the_primary_category_comes_first() -> None:
    """Wherever the primary category stands in the list, the paper has it first."""
    record = parse_page(build_answer([build_record("2603.00001", category="cs.LG")])).records[0]
    assert record.paper.categories == ("cs.LG", "stat.ML")
    assert record.paper.has_pdf


@pytest.mark.parametrize(
    "notice", [{"comment": "This paper has been withdrawn"}, {"abstract": "This paper is withdrawn."}]
)
def test_withdrawn_papers_are_marked(notice: dict[str, str]) -> None:
    """The notice counts in the comment and at the start of the abstract."""
    assert parse_page(build_answer([build_record("2603.00001", **notice)])).records[0].is_withdrawn


async def find(site: Site, *arxiv_ids: str) -> Found:
    return await ArxivQuery(site.wire, site.base, Pace(0)).find(arxiv_ids)


def answer_all(asked: str, headers: dict[str, str]) -> Said:
    return Said(build_answer(build_record(one) for one in reversed(asked.split(","))))


async def test_at_most_a_hundred_ids_are_asked_for_at_a_time() -> None:
    """Each id is asked for once, in pages, and every record is joined to its id."""
    ids = [f"2603.{number:05}" for number in range(1, 251)]
    async with run_site(answer_all) as site:
        found = await find(site, *ids, *ids[:50])
    assert [len(asked.split(",")) for asked in site.asked] == [100, 100, 50]
    assert {one: record.paper.arxiv_id for one, record in found.records.items()} == {one: one for one in ids}
    assert (found.missing, found.notes) == ((), ())


async def test_papers_that_are_left_out_are_missing() -> None:
    """The API says nothing about ids it does not know; an answer as long as its total is whole and asked for once."""
    async with run_site(lambda asked, headers: Said(build_answer([build_record("1707.08567")]))) as site:
        found = await find(site, "0808.05394", "1707.08567")
    assert found.missing == ("0808.05394",)
    assert list(found.records) == ["1707.08567"]
    assert len(site.asked) == 1


async def test_a_refused_id_is_dropped_and_the_others_asked_for_again() -> None:
    """HTTP 400 names the bad id; the page comes without it."""

    def reply(asked: str, headers: dict[str, str]) -> Said:
        return Said(build_refusal("2603.00002"), 400) if "2603.00002" in asked else answer_all(asked, headers)

    async with run_site(reply) as site:
        found = await find(site, "2603.00001", "2603.00002", "2603.00003")
    assert list(found.records) == ["2603.00001", "2603.00003"]
    assert found.missing == ("2603.00002",)
    assert found.notes == ("arXiv's query API refuses the id 2603.00002",)
    assert len(site.asked) == 2


async def test_refusals_have_an_end() -> None:
    """An error about no id of ours, or about one after the other, is an error after a few questions."""

    def refuse_first(asked: str, headers: dict[str, str]) -> Said:
        return Said(build_refusal(asked.split(",")[0]), 400)

    async with run_site(lambda asked, headers: Said(build_refusal("abc"), 400)) as site:
        with pytest.raises(SourceError, match="incorrect id format for abc"):
            await find(site, "2603.00001")
        assert len(site.asked) == 1
    async with run_site(refuse_first) as site:
        with pytest.raises(SourceError, match="refuses the question"):
            await find(site, *[f"2603.{number:05}" for number in range(1, 51)])
        assert len(site.asked) == 6


async def test_what_is_no_id_is_not_asked_for() -> None:
    """An id that would spoil its page is told before it does."""
    async with run_site(answer_all) as site:
        found = await find(site, "abc", "2603.00001", "https://arxiv.org/abs/2603.00002", "2603.00001,x", "")
    assert site.asked == ["2603.00001"]
    assert set(found.missing) == {"abc", "https://arxiv.org/abs/2603.00002", "2603.00001,x", ""}
    assert len(found.notes) == 4


async def test_an_empty_page_is_asked_for_again_a_few_times() -> None:
    """The API answers good questions with nothing now and then: then again; what it still lacks is noted."""
    answers = [build_answer([]), build_answer([build_record("2603.00001")], total=2)]

    def reply(asked: str, headers: dict[str, str]) -> Said:
        return Said(answers.pop(0)) if answers else answer_all(asked, headers)

    async with run_site(reply) as site:
        found = await find(site, "2603.00001", "2603.00002")
        assert len(site.asked) == 3
    assert set(found.records) == {"2603.00001", "2603.00002"}
    assert found.notes == ()
    async with run_site(lambda asked, headers: Said(build_answer([build_record("2603.00001")], total=2))) as site:
        found = await find(site, "2603.00001", "2603.00002")
        assert len(site.asked) == 3
    assert found.missing == ("2603.00002",)
    assert "left out 1 of 2 papers" in found.notes[0]


async def test_nothing_but_empty_pages_is_no_answer() -> None:
    """That none of several papers exists is not believed; of a single one it is. A page costs no other."""

    def reply(asked: str, headers: dict[str, str]) -> Said:
        return answer_all(asked, headers) if "2603.00150" in asked else Said(build_answer([]))

    async with run_site(reply) as site:
        with pytest.raises(SourceError, match="has nothing about any of 2 papers, asked 3 times"):
            await find(site, "2603.00001", "2603.00002")
        assert (await find(site, "2603.00001")).missing == ("2603.00001",)
        assert len(site.asked) == 6
        found = await find(site, *[f"2603.{number:05}" for number in range(1, 201)])
    assert (len(found.records), len(found.missing)) == (100, 100)
    assert found.notes[0].startswith("no details of 100 papers: arXiv's query API has nothing")


async def test_too_many_requests_are_waited_out() -> None:
    """HTTP 429 is plain text: it is asked again after what it says, and an error in the end."""
    answers = [Said(b"Rate exceeded.", 429, {"Retry-After": "7", "Content-Type": "text/plain"})]

    def reply(asked: str, headers: dict[str, str]) -> Said:
        return answers.pop() if answers else answer_all(asked, headers)

    async with run_site(reply) as site:
        assert list((await find(site, "2603.00001")).records) == ["2603.00001"]
        assert max(site.slept) >= 7
    async with run_site(lambda asked, headers: Said(b"Rate exceeded.", 429)) as site:
        with pytest.raises(SourceError, match="429"):
            await find(site, "2603.00001")
    async with run_site(lambda asked, headers: Said(b"Rate exceeded.")) as site:
        with pytest.raises(SourceError, match="the server said: Rate exceeded"):
            await find(site, "2603.00001")


async def test_a_page_that_fails_leaves_the_others() -> None:
    """Papers of a page that could not be had are missing, and why is noted."""

    def reply(asked: str, headers: dict[str, str]) -> Said:
        return Said(b"<html>oops</html>") if "2603.00150" in asked else answer_all(asked, headers)

    async with run_site(reply) as site:
        found = await find(site, *[f"2603.{number:05}" for number in range(1, 201)])
    assert (len(found.records), len(found.missing)) == (100, 100)
    assert found.notes[0].startswith("no details of 100 papers: arXiv's query API is a web page")


async def test_one_pace_is_shared_by_all_of_arxiv() -> None:
    """Feed and query take turns: each request waits three seconds after the one before, whoever asked."""

    def reply(asked: str, headers: dict[str, str]) -> Said:
        return Said(build_feed()) if asked.startswith("cs") else answer_all(asked, headers)

    pace, day = Pace(ARXIV_SECONDS), date(2026, 3, 4)
    async with run_site(reply) as site:
        query = ArxivQuery(site.wire, site.base, pace)
        await ArxivFeed(site.wire, site.base, ["cs.LG"], pace).read(day, day, datetime(2026, 3, 4, 12, tzinfo=UTC))
        await query.find(["2603.00001"])
        await query.find(["2603.00002"])
    assert [round(seconds) for seconds in site.slept] == [3, 3]


async def test_nothing_asked_is_nothing_found() -> None:
    """Without ids there is no request, since an empty list of ids would ask for everything."""
    async with run_site(answer_all) as site:
        assert await find(site) == Found()
    assert site.asked == []

"""The promises of the day's post: the right papers, once, whatever fails, and what was missing is said."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.collecting import collection
from bot.collecting.collection import Sources, collect, explain_pause
from bot.collecting.gathering import gather
from bot.collecting.post_file import is_untouched, name_file, write_post
from bot.digest.layout import GENERATOR
from bot.digest.post import format, parse
from bot.digest.timetable import find_due, find_moment, find_newest
from bot.errors import SourceError, UserError
from bot.ingest import ingest, ingest_text
from bot.sources.source import Reading
from storage.errors import StorageError
from storage.store import Store
from tests.builders import INDEX
from tests.collecting import (
    CATEGORIES,
    DAY,
    MADE,
    NOW,
    FakeDetails,
    FakeOrigin,
    Newsroom,
    announce,
    count_all,
    list_ids,
    make_paper,
    share,
    tell_story,
    vote,
)
from tests.posts import make_entry, make_post

NAMES = ("arxiv", "huggingface", "hackernews", "bluesky")
EARLIER = DAY - timedelta(days=20)


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Newsroom:
    """Four hot papers of the day (1 to 4), one that is not (5); all sources speak."""
    room = Newsroom(store, tmp_path / "posts")
    room.say(
        arxiv=Reading(announcements=tuple(announce(1, 2, 3, 4, 5))),
        huggingface=Reading(items=(vote(1, 100), vote(2, 75), vote(3, 41), vote(5, 2))),
        hackernews=Reading(items=(tell_story(4, 200), tell_story(1, 10))),
        bluesky=Reading(items=(share(1, 5), share(2, 300))),
    )
    return room


async def test_the_hot_papers_of_the_day_are_written(room: Newsroom) -> None:
    """Hottest first, each with all its counts, its score and the posts that shared it; the file reads as chosen."""
    outcome = await room.collect()
    assert outcome.path == room.folder / "2026-11-19---Hot-Papers.md"
    assert parse(outcome.path.read_text()) == outcome.post
    assert (outcome.status, outcome.missing, outcome.incomplete, outcome.older) == ("written", {}, (), 0)
    assert list_ids(outcome) == [2, 1, 4, 3]
    first = outcome.post.papers[0] if outcome.post else None
    assert first
    counts = (("bluesky.reposts", 1), ("bluesky.likes", 300), ("bluesky.posts", 1), ("huggingface.upvotes", 75))
    assert first.engagement == counts
    assert [mention.text for mention in first.mentions] == ["Worth a read"]
    assert first.observed_at == NOW
    assert first.paper == replace(make_paper(2), version=None)
    assert "retweets" not in outcome.path.read_text()
    assert [origin.confirmed for origin in room.origins.values()] == [1, 1, 1, 1]


async def test_a_post_has_the_header_that_posts_have(room: Newsroom) -> None:
    """Nothing of the front matter is lacking, and the day is arXiv's."""
    outcome = await room.collect()
    assert outcome.post and outcome.path
    assert parse(outcome.path.read_text()).problems == ()
    assert (outcome.post.day, outcome.post.slug) == (DAY, "hot-papers-2026-11-19")
    assert set(outcome.post.front_matter) == {
        *("template", "category", "tags", "description", "socialImage", "generator")
    }


async def test_the_same_day_twice_is_the_same_post(room: Newsroom, tmp_path: Path) -> None:
    """A day is scored once: later counts change nothing, and no source is asked again."""
    first = await room.collect()
    text, asked = first.path.read_text() if first.path else "", room.asked
    room.say(huggingface=Reading(items=(vote(5, 1000),)))
    again = await room.collect(now=NOW + timedelta(days=3))
    other = await room.collect(now=NOW + timedelta(days=3), folder=tmp_path / "other")
    assert (again.status, other.status, room.asked) == ("unchanged", "written", asked)
    assert other.path and other.path.read_text() == text == (first.path.read_text() if first.path else "")
    assert again.post == first.post


async def test_every_paper_is_scored_and_kept_with_how(room: Newsroom) -> None:
    """What a post does not print has a score too, and the raw counts stay."""
    await room.collect()
    scores = await room.store.scores.of_day(DAY)
    assert [score.arxiv_id[-1] for score in scores] == ["2", "1", "4", "3", "5"]
    assert all(score.breakdown.parts and score.scored_at == NOW for score in scores)
    assert [one.value for one in await room.store.observations.history("2611.00005")] == [2]


@pytest.mark.parametrize("name", NAMES)
async def test_each_source_fails_alone(room: Newsroom, name: str) -> None:
    """The post is made from the others and names the one; its counts of an earlier day stand in for nothing."""
    await room.store.observations.add("huggingface", [vote(1, 90)])
    room.fail(name)
    assert room.details
    for number in range(1, 6):
        room.details.add(make_paper(number), datetime(2026, 11, 19, 15, tzinfo=UTC))
    outcome = await room.collect()
    assert outcome.post and outcome.path
    assert outcome.post.front_matter["missing"] == [name]
    assert outcome.missing == {name: f"{name}.example answered 500"}
    assert "*Made without " in outcome.path.read_text()
    assert not any(metric.startswith(name) for counts in count_all(outcome) for metric in counts)
    again = await room.collect()
    assert (again.missing, again.status) == ({name: ""}, "unchanged")


@pytest.mark.parametrize("name", NAMES[1:])
async def test_a_source_with_nothing_at_all_is_missing(room: Newsroom, name: str) -> None:
    """An empty answer about a week is no count of zero: named as a failure is, and asked again."""
    room.say(**{name: Reading(notes=("its list of today is not there yet",))})
    outcome = await room.collect()
    cause = "it has nothing about these days; its list of today is not there yet"
    assert outcome.post and outcome.post.front_matter["missing"] == [name]
    assert outcome.missing == {name: cause}
    assert room.origins[name].confirmed == 0
    (state,) = (one for one in await room.store.sources.list() if one.name == name)
    assert (state.has_failed, state.detail) == (True, cause)


async def test_when_all_are_empty_the_causes_are_told(room: Newsroom) -> None:
    """No post is made of nothing, and each source is said to have nothing."""
    room.say(**dict.fromkeys(NAMES[1:], Reading()))
    with pytest.raises(SourceError, match="nothing was written") as error:
        await room.collect()
    assert all(f"{name}: it has nothing about these days" in str(error.value) for name in NAMES[1:])


async def test_without_arxiv_nothing_is_known_of_papers(room: Newsroom) -> None:
    """Papers that no source says anything of are left out; Hugging Face's own words do, and ids tell what is new."""
    room.fail("arxiv")
    assert room.details
    room.details.error = "export.arxiv.org answered 500"
    papers = (make_paper(1, categories=()), make_paper(2, categories=()), make_paper(9, month="2501", categories=()))
    votes = (vote(1, 100), vote(2, 75), vote(3, 41), vote(9, 400, month="2501"))
    room.say(huggingface=Reading(papers=papers, items=votes))
    outcome = await room.collect()
    assert (list_ids(outcome), outcome.older) == ([2, 1, 9], 1)
    assert outcome.missing.keys() == {"arxiv"}
    assert any("2611.00003" in note for note in outcome.notes)


async def test_ids_only_grow(room: Newsroom) -> None:
    """Where arXiv can't be asked, a paper that is not greater than those announced before the window is older."""
    room.details = None
    await room.store.candidates.announce(announce(3, day=DAY - timedelta(days=8)), NOW)
    papers = tuple(make_paper(number) for number in (1, 5, 6, 7))
    room.say(arxiv=Reading(announcements=tuple(announce(8))))
    room.say(huggingface=Reading(papers=papers, items=tuple(vote(number, 50) for number in (1, 5, 6, 7))))
    outcome = await room.collect()
    assert (list_ids(outcome), outcome.older) == ([5, 6, 7, 1], 1)


async def test_when_nothing_can_be_counted_nothing_is_written(room: Newsroom) -> None:
    """One error that names every cause; no file, no day, no score, and the next run does it all."""
    room.fail("huggingface", "hackernews", "bluesky")
    with pytest.raises(SourceError, match="nothing was written") as error:
        await room.collect()
    assert all(f"{name}.example answered 500" in str(error.value) for name in NAMES[1:])
    assert str(error.value).endswith("answered 500.")
    assert not room.folder.exists()
    assert await room.store.days.latest() is None
    assert await room.store.scores.of_day(DAY) == []
    for origin in room.origins.values():
        origin.error = ""
    assert (await room.collect()).status == "written"


async def test_what_is_cut_off_is_said(room: Newsroom) -> None:
    """A list at its limit, a feed of which half is stale: named in the post, with the notes in the report."""
    cut = room.origins["huggingface"].reading
    room.say(huggingface=replace(cut, is_partial=True, notes=("the list may be cut at 100 papers",)))
    outcome = await room.collect()
    assert outcome.post and outcome.path
    assert outcome.post.front_matter["incomplete"] == ["huggingface"]
    assert "*Of Hugging Face only a part could be read.*" in outcome.path.read_text()
    assert outcome.notes == ("huggingface: the list may be cut at 100 papers",)


async def test_a_feed_of_another_day_is_no_announcement_of_this_one(room: Newsroom) -> None:
    """Yesterday's feed under today's date makes arXiv missing; what the details say of papers still places them."""
    assert room.details
    room.say(arxiv=Reading(announcements=tuple(announce(90, day=DAY - timedelta(days=1)))))
    for number in (1, 2, 3, 4):
        room.details.add(make_paper(number), datetime(2026, 11, 18, 20, tzinfo=UTC))
    outcome = await room.collect()
    assert list_ids(outcome) == [2, 1, 4, 3]
    assert outcome.missing == {"arxiv": "its feeds do not have the announcement of 2026-11-19"}


async def test_who_comes_late_is_not_without_arxiv(room: Newsroom) -> None:
    """A first run after the feeds have moved on dates papers by when they were submitted, and says so."""
    assert room.details
    room.say(arxiv=Reading(announcements=tuple(announce(90, day=DAY + timedelta(days=3)))))
    for number in (1, 2, 3):
        room.details.add(make_paper(number), datetime(2026, 11, 18, 20, tzinfo=UTC))
    room.details.add(make_paper(4), datetime(2026, 11, 20, 20, tzinfo=UTC))  # after the freeze: of another day
    outcome = await room.collect()
    assert (list_ids(outcome), outcome.missing, outcome.incomplete) == ([2, 1, 3], {}, ("arxiv",))


async def test_who_comes_on_a_weekend_is_not_without_arxiv(room: Newsroom) -> None:
    """Saturday's feeds are rightly empty: Thursday's announcement was there for its day, as on any other."""
    assert room.details
    room.say(arxiv=Reading())
    for number in (1, 2, 3):
        room.details.add(make_paper(number), datetime(2026, 11, 18, 20, tzinfo=UTC))
    outcome = await room.collect(now=NOW + timedelta(hours=12))
    assert (list_ids(outcome), outcome.missing, outcome.incomplete) == ([2, 1, 3], {}, ("arxiv",))
    assert any("was not read while it was there" in note for note in outcome.notes)


async def test_a_source_that_is_not_to_be_asked_is_missing(room: Newsroom) -> None:
    """Whoever reads the post learns what it was made without, whoever decided that."""
    sources = Sources((room.origins["huggingface"],), room.details, CATEGORIES)
    for number in (1, 2, 3):
        room.details.add(make_paper(number), datetime(2026, 11, 18, 20, tzinfo=UTC))
    outcome = await collect(room.store, sources, DAY, room.folder, NOW)
    assert outcome.post
    assert outcome.post.front_matter["missing"] == ["arxiv", "hackernews", "bluesky"]
    assert outcome.missing["bluesky"] == "it was not to be asked"


async def test_a_day_long_past_says_nothing_of_a_source(room: Newsroom) -> None:
    """That nobody has anything about 1991 is no failure of theirs; that they have nothing of now is."""
    room.say(huggingface=Reading(), hackernews=Reading(), bluesky=Reading())
    with pytest.raises(SourceError, match="nothing was written"):
        await room.collect(date(1991, 8, 14))
    assert [one.name for one in await room.store.sources.list() if one.has_failed] == []
    with pytest.raises(SourceError, match="nothing was written"):
        await room.collect()
    assert {one.name for one in await room.store.sources.list() if one.has_failed} == set(NAMES[1:])


async def test_a_post_that_an_older_version_worded_stays(room: Newsroom) -> None:
    """The line above the papers had other words once: the file is the same post, and its signature stays right."""
    room.fail("hackernews")
    outcome = await room.collect()
    assert outcome.path and outcome.post
    header = {key: value for key, value in outcome.post.front_matter.items() if key != GENERATOR}
    made = format(replace(outcome.post, front_matter=header))
    worded = made.replace("*Made without Hacker News:", "*Without Hacker News:")
    mark = f"generator: hotpapers 0.1.9 (sha256 {hashlib.sha256(worded.encode()).hexdigest()[:16]})\n"
    old = worded.replace("\n---\n", f"\n{mark}---\n", 1)
    assert is_untouched(old)
    outcome.path.write_text(old)
    assert write_post(outcome.path, parse(old)) is False
    assert outcome.path.read_text() == old


async def test_what_was_read_before_is_there_when_arxiv_fails(room: Newsroom) -> None:
    """An announcement that was read in the night needs no feed in the evening."""
    feed = room.origins["arxiv"]
    await gather(room.store, [feed], DAY, DAY, NOW - timedelta(hours=19))
    room.fail("arxiv")
    outcome = await room.collect()
    assert (list_ids(outcome), outcome.missing) == ([2, 1, 4, 3], {})
    assert any("had been read before" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 20), "arXiv announced nothing on 2026-11-20 (weekend)"),
        (date(2026, 11, 21), "arXiv announced nothing today (weekend)"),
        (date(2026, 11, 26), "arXiv announces nothing on 2026-11-26 (Thanksgiving)"),
    ],
)
async def test_days_without_an_announcement_have_a_reason_and_no_post(room: Newsroom, day: date, reason: str) -> None:
    """Nothing is asked or written on weekends and holidays."""
    outcome = await room.collect(day, datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert (outcome.status, outcome.reason, outcome.path) == ("nothing", reason, None)
    assert (room.asked, room.folder.exists()) == (0, False)


def test_thanksgiving_is_told_on_the_day() -> None:
    """The evening of the day itself, wherever it is already tomorrow."""
    evening = datetime(2026, 11, 27, 2, tzinfo=UTC)
    assert explain_pause(date(2026, 11, 26), evening) == "arXiv announced nothing today (Thanksgiving)"
    assert explain_pause(DAY, evening) == ""


def test_a_day_is_due_a_day_after_its_announcement() -> None:
    """20:00 US Eastern on the next day, also where the clocks change between."""
    assert find_moment(DAY) == datetime(2026, 11, 21, 1, tzinfo=UTC)
    assert find_newest(NOW) == DAY
    assert find_newest(NOW - timedelta(minutes=6)) == date(2026, 11, 18)
    assert find_due(datetime(2026, 11, 22, 12, tzinfo=UTC)) == date(2026, 11, 20)
    assert find_newest(datetime(2026, 11, 22, 12, tzinfo=UTC)) == DAY
    assert find_moment(date(2026, 10, 29)) == datetime(2026, 10, 31, 0, tzinfo=UTC)


async def test_a_day_is_not_scored_early(room: Newsroom) -> None:
    """Before its 24 hours are over there is no post, and the error says from when on."""
    with pytest.raises(UserError, match="2026-11-21 01:00 UTC"):
        await room.collect(now=find_moment(DAY) - timedelta(seconds=1))
    assert room.asked == 0


async def test_a_paper_is_in_one_post_only(room: Newsroom) -> None:
    """What an earlier post printed is not in this one, wherever that post came from."""
    old = make_post(make_entry(1, arxiv_id="2611.00002"), day="2026-11-17")
    await ingest_text(room.store, old.encode(), "other.md", NOW)
    assert list_ids(await room.collect()) == [1, 4, 3]
    following = date(2026, 11, 22)
    room.say(arxiv=Reading(announcements=tuple(announce(6, 7, day=following))))
    room.say(huggingface=Reading(items=(vote(5, 60), vote(6, 50), vote(7, 40), vote(1, 500))))
    assert list_ids(await room.collect(following, find_moment(following))) == [5, 6, 7]


async def test_withdrawn_papers_are_left_out(room: Newsroom) -> None:
    """Whether the feed or the details say so; the next ones take their places."""
    assert room.details
    room.say(arxiv=replace(room.origins["arxiv"].reading, withdrawn=frozenset({"2611.00002"})))
    room.details.add(make_paper(1), MADE, withdrawn=True)
    assert list_ids(await room.collect()) == [4, 3, 5]


async def test_replaced_papers_are_not_new(room: Newsroom) -> None:
    """What arXiv announced as a replacement only is left out; a paper that is new and replaced since stays."""
    announced = (*announce(1, kind="replace"), *announce(2, 3, 4), *announce(2, kind="replace-cross"))
    room.say(arxiv=Reading(announcements=announced))
    assert list_ids(await room.collect()) == [2, 4, 3]


async def test_a_paper_announced_without_a_title_gets_it_elsewhere(room: Newsroom) -> None:
    """arXiv's details, or another source, say what it is called; where none does it is left out of the post."""
    nameless = [replace(one, paper=replace(one.paper, title="")) for one in announce(1, 2, 3, 4)]
    told = (replace(make_paper(1), title="Named by votes"),)
    room.say(arxiv=Reading(announcements=(*nameless, *announce(5))))
    room.say(huggingface=Reading(papers=told, items=(vote(1, 100), vote(2, 75), vote(5, 40))))
    room.say(hackernews=Reading(), bluesky=Reading())
    assert room.details
    room.details.add(make_paper(2, title="Named by arXiv"), MADE)
    outcome = await room.collect()
    assert outcome.post
    titles = {one.paper.arxiv_id: one.paper.title for one in outcome.post.papers}
    assert titles == {"2611.00001": "Named by votes", "2611.00002": "Named by arXiv", "2611.00005": "Study 5"}


async def test_other_categories_are_left_out(room: Newsroom) -> None:
    """A paper counts when any of its categories is wanted."""
    announced = (
        *announce(1, categories=("hep-th",)), *announce(2, categories=("hep-th", "cs.LG")), *announce(3, 4)
    )  # fmt: skip
    room.say(arxiv=Reading(announcements=announced))
    assert list_ids(await room.collect()) == [2, 4, 3]


async def test_a_quiet_day_has_the_best_three(room: Newsroom) -> None:
    """Where fewer than three are hot, the three hottest make the post."""
    room.say(huggingface=Reading(items=(vote(1, 41), vote(2, 9), vote(3, 8), vote(4, 7), vote(5, 6))))
    room.say(hackernews=Reading(), bluesky=Reading())
    assert list_ids(await room.collect()) == [1, 2, 3]


async def test_a_loud_day_has_thirty(room: Newsroom) -> None:
    """Of 31 hot papers the coldest is left for another day."""
    room.say(arxiv=Reading(announcements=tuple(announce(*range(1, 32)))))
    room.say(huggingface=Reading(items=tuple(vote(number, 200 - number) for number in range(1, 32))))
    room.say(hackernews=Reading(), bluesky=Reading())
    assert list_ids(await room.collect()) == list(range(1, 31))


async def test_an_old_paper_that_flares_up_has_a_section_of_its_own(room: Newsroom) -> None:
    """Hot ones announced long before follow after all others; those that are not hot are in no section."""
    assert room.details
    room.details.add(make_paper(7, month="2403"), datetime(2024, 3, 2, tzinfo=UTC))
    room.details.add(make_paper(8, month="2403"), datetime(2024, 3, 2, tzinfo=UTC))
    votes = room.origins["huggingface"].reading.items
    room.say(huggingface=Reading(items=(*votes, vote(7, 500, month="2403"), vote(8, 5, month="2403"))))
    outcome = await room.collect()
    assert outcome.path and outcome.post
    assert (list_ids(outcome), outcome.older, outcome.post.front_matter["older"]) == ([2, 1, 4, 3, 7], 1, 1)
    assert "\n## Older papers that are hot now\n" in outcome.path.read_text()


async def test_seven_days_of_announcements_count(room: Newsroom) -> None:
    """The first day of the window is in it, the day before is older, a later announcement waits for its day."""
    week = DAY - timedelta(days=6)
    announced = (*announce(1, day=week), *announce(2, day=week - timedelta(days=1)), *announce(3, 4))
    room.say(arxiv=Reading(announcements=(*announced, *announce(5, day=DAY + timedelta(days=3)))))
    room.say(huggingface=Reading(items=tuple(vote(number, 100 - number) for number in range(1, 6))))
    room.say(hackernews=Reading(), bluesky=Reading())
    outcome = await room.collect()
    assert (list_ids(outcome), outcome.older) == ([1, 3, 4, 2], 1)


async def test_a_cross_list_years_later_is_old(room: Newsroom) -> None:
    """When it was submitted says more than that it came into another category now."""
    assert room.details
    room.say(arxiv=Reading(announcements=(*announce(1, 2, 3), *announce(4, kind="cross"))))
    room.details.add(make_paper(4), datetime(2026, 9, 1, tzinfo=UTC))
    outcome = await room.collect()
    assert (list_ids(outcome), outcome.older) == ([2, 1, 3, 4], 1)


async def test_what_came_after_the_moment_does_not_count(room: Newsroom) -> None:
    """A run that is late counts what was there 24 hours after the announcement."""
    late = NOW + timedelta(days=1)
    room.say(
        huggingface=Reading(
            items=(vote(1, 100, now=late), vote(5, 900, made=find_moment(DAY) + timedelta(hours=2), now=late))
        )
    )
    assert 5 not in list_ids(await room.collect(now=late))


async def test_sources_are_measured_by_their_own_ninety_days(room: Newsroom) -> None:
    """With 500 papers known of a source a score is its place among them, and no longer provisional."""
    known = [vote(number, 10, made=NOW - timedelta(days=40), month="2610") for number in range(600)]
    ancient = [vote(number, 1000, made=NOW - timedelta(days=95), month="2608") for number in range(300)]
    await room.store.observations.add("huggingface", [*known, *ancient])
    room.say(hackernews=Reading(), bluesky=Reading())
    outcome = await room.collect()
    assert outcome.post
    assert [paper.score for paper in outcome.post.papers] == [3.0, 2.6049, 2.3831]  # 0.5, 1.5 and 2.5 of 604
    assert not any(paper.breakdown and paper.breakdown.is_provisional for paper in outcome.post.papers)


async def test_who_does_not_want_to_be_shown_is_counted_and_not_quoted(room: Newsroom) -> None:
    """A post without its text is in the counts only; of one author one post is quoted, of many the best five."""
    many = [share(1, likes, who=f"reader{likes}") for likes in range(2, 9)]
    room.say(
        bluesky=Reading(items=(share(2, 300, text=""), *many, share(9, 1), replace(many[-1], key=many[-1].key + "x")))
    )
    outcome = await room.collect()
    assert outcome.post
    quoted = {paper.paper.arxiv_id[-1]: [one.handle for one in paper.mentions] for paper in outcome.post.papers}
    assert quoted["2"] == []
    assert quoted["1"] == [f"reader{likes}.example" for likes in (8, 7, 6, 5, 4)]
    assert outcome.post.papers[0].count("bluesky.posts") in (1, 8)


async def test_hostile_texts_are_printed_so_that_they_read_the_same(room: Newsroom) -> None:
    """Whatever a title, an abstract or a post says, the file holds just the papers that were chosen."""
    title = "# 2. Not a heading\n- retweets: 1, favorites: 2 (x)"
    abstract = "<blockquote>\n\n# 9. X\n\n- hf: 3 upvotes\n\n## Older papers that are hot now"
    papers = [replace(one, paper=replace(one.paper, title=title, abstract=abstract)) for one in announce(1, 2, 3, 4)]
    room.say(arxiv=Reading(announcements=tuple(papers)), bluesky=Reading(items=(share(2, 300, text=abstract),)))
    outcome = await room.collect()
    assert outcome.path
    assert parse(outcome.path.read_text()) == outcome.post
    assert list_ids(outcome) == [2, 1, 4, 3]


async def test_papers_that_are_too_large_together_are_left_out_and_said(room: Newsroom) -> None:
    """A file has at most 5 MB: those that still fit are printed, small ones after large ones too."""
    numbers = range(1, 17)
    names = ("\N{GRINNING FACE}" * 200,) * 500
    papers = [
        replace(one, paper=replace(one.paper, authors=names)) if number < 16 else one
        for number, one in zip(numbers, announce(*numbers), strict=True)
    ]
    room.say(
        arxiv=Reading(announcements=tuple(papers)),
        huggingface=Reading(items=tuple(vote(number, 200 - number) for number in numbers)),
        **dict.fromkeys(("hackernews", "bluesky"), Reading()),
    )
    outcome = await room.collect()
    assert outcome.path
    assert outcome.post == parse(outcome.path.read_text())
    assert list_ids(outcome) == [*range(1, 13), 16]
    assert outcome.notes[-3:] == tuple(
        f"2611.{number:05} is left out: the file is larger than 5,000,000 bytes" for number in (13, 14, 15)
    )


@pytest.mark.parametrize("place", ["scores", "pick", "make_post", "_keep", "write_post"])
async def test_a_run_that_was_cut_off_is_completed_by_the_next(
    room: Newsroom, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was scored stays as it was, with what was missing then, though every source says something else now."""
    room.fail("hackernews")
    with monkeypatch.context() as patch, pytest.raises(_CutError):
        patch.setattr(*((type(room.store.scores), "put") if place == "scores" else (collection, place)), _cut)
        await room.collect()
    assert not room.folder.exists()
    room.origins["hackernews"].error = ""
    room.say(huggingface=Reading(items=(vote(1, 100), vote(2, 75), vote(3, 41), vote(5, 2000))))
    outcome = await room.collect(now=NOW + timedelta(hours=3))
    assert outcome.path and outcome.post
    assert (outcome.status, parse(outcome.path.read_text())) == ("written", outcome.post)
    if place == "scores":
        assert (list_ids(outcome), outcome.missing) == ([5, 2, 1, 4, 3], {})
    else:
        assert (list_ids(outcome), outcome.missing.keys()) == ([2, 1, 3], {"hackernews"})
        assert {paper.observed_at for paper in outcome.post.papers} == {NOW}
    assert await room.store.cursors.list("collected") == {}


async def test_a_file_that_was_half_written_is_none(room: Newsroom) -> None:
    """What a kill leaves beside the post is no post to anyone, and the next run writes the whole one."""
    first = await room.collect()
    assert first.path
    text = first.path.read_text()
    first.path.unlink()
    (room.folder / f".{name_file(DAY)}.1234.part").write_text(text[:200])
    assert (await room.collect()).status == "written"
    assert first.path.read_text() == text
    report = await ingest(room.store, [room.folder], lambda: NOW)
    assert [file.status for file in report.files] == ["unchanged"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "my own notes",
        lambda text: make_post(make_entry(), day=str(DAY)),
        lambda text: text.replace("Study 2", "Study two"),
        lambda text: text + "\n",
        lambda text: text.replace("generator: ", "generator: 1"),
        lambda text: "\udcff",
    ],
    ids=["text", "another's post", "edited", "a line more", "signed by another", "no text"],
)
async def test_files_of_others_are_never_overwritten(room: Newsroom, change: Callable[[str], str]) -> None:
    """Whatever was not written here, or was changed since, stays, unless overwriting is asked for."""
    path = (await room.collect()).path
    assert path
    text = path.read_text()
    theirs = change(text).encode("utf-8", "surrogateescape")
    path.write_bytes(theirs)
    with pytest.raises(UserError, match="--overwrite"):
        await room.collect()
    assert path.read_bytes() == theirs
    assert (await room.collect(overwrite=True)).status == "written"
    assert path.read_text() == text


async def test_a_file_in_the_way_is_found_before_anything_is_asked(room: Newsroom) -> None:
    """A day that could not be written is not scored."""
    room.folder.mkdir()
    (room.folder / name_file(DAY)).write_text("my own")
    with pytest.raises(UserError):
        await room.collect()
    assert room.asked == 0


async def test_a_file_outlives_its_database(room: Newsroom, tmp_path: Path) -> None:
    """A file that was written here and changed by nobody is the day's post, whatever became of the database."""
    first = await room.collect()
    assert first.path and is_untouched(first.path.read_text())
    async with await Store.open(tmp_path / "new.db", INDEX) as store:
        anew = Newsroom(store, room.folder)
        outcome = await anew.collect(now=NOW + timedelta(days=1))
    assert (outcome.status, outcome.post, anew.asked) == ("unchanged", first.post, 0)


async def test_posts_that_are_in_the_folder_are_earlier_ones(room: Newsroom) -> None:
    """A site's own posts, which nobody ingested, keep their papers; what is no post there is told and left alone."""
    room.folder.mkdir()
    (room.folder / "old.md").write_text(make_post(make_entry(1, arxiv_id="2611.00002"), day="2026-11-17"))
    (room.folder / "about.md").write_text("All about us")
    assert list_ids(await room.collect()) == [1, 4, 3]
    assert room.told[0] == f"1 post read from {room.folder}, 1 of the files there could not be"
    assert (room.folder / "about.md").read_text() == "All about us"


async def test_a_day_that_is_made_up_for_leaves_later_posts_their_papers(room: Newsroom) -> None:
    """Whatever the order in which days are made, a paper is in one post only."""
    later = make_post(make_entry(1, arxiv_id="2611.00002"), day="2026-11-23")
    await ingest_text(room.store, later.encode(), "later.md", NOW)
    assert list_ids(await room.collect()) == [1, 4, 3]


async def test_a_day_that_others_posted_is_theirs(room: Newsroom) -> None:
    """A post that was read from elsewhere is not replaced in the store either, unless asked for."""
    theirs = make_post(make_entry(), day=str(DAY), date="2026-11-20T11:53:41.Z")
    await ingest_text(room.store, theirs.encode(), "their/post.md", NOW)
    with pytest.raises(UserError, match=r"their/post\.md"):
        await room.collect()
    assert room.asked == 0
    assert list_ids(await room.collect(overwrite=True)) == [2, 1, 4, 3]


async def test_a_full_disk_is_told_and_nothing_is_left(room: Newsroom) -> None:
    """A folder that can't be written to is an error for people; the day is written by the next run."""
    room.folder.write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="cannot be"):
        await room.collect()
    room.folder.unlink()
    assert (await room.collect()).status == "written"


async def test_where_nothing_can_be_written_the_error_says_so(room: Newsroom) -> None:
    """What can't be cleared away does not hide why: here the name of the part is too long, and nothing else."""
    made = (await room.collect()).post
    assert made
    with pytest.raises(StorageError, match=r"cannot be written .*: look at the folder and the disk"):
        write_post(room.folder / f"{'x' * 250}.md", made)


async def test_a_pipe_in_the_place_of_the_post_is_told(room: Newsroom) -> None:
    """It is not waited for: nobody may ever write to it."""
    room.folder.mkdir()
    os.mkfifo(room.folder / name_file(DAY))
    with pytest.raises(StorageError, match="is no file: remove or rename it"):
        await room.collect()


async def test_a_folder_that_is_a_link_to_itself_is_told(room: Newsroom) -> None:
    """One error for people, before anything is asked."""
    room.folder.symlink_to(room.folder.name)
    with pytest.raises(StorageError, match="leads to itself"):
        await room.collect()
    assert room.asked == 0


async def test_an_edit_that_was_read_is_replaced_when_asked_for(room: Newsroom) -> None:
    """The post is as it was made, with what it was made without, from the scores of then."""
    room.fail("hackernews")
    path = (await room.collect()).path
    assert path
    text = path.read_text()
    path.write_text(text.replace("Study 2", "Study two"))
    await ingest(room.store, [room.folder], lambda: NOW)
    asked = len(room.origins["huggingface"].asked)
    again = await room.collect(overwrite=True)
    assert (again.status, path.read_text()) == ("written", text)
    assert again.missing.keys() == {"hackernews"}
    assert len(room.origins["huggingface"].asked) == asked
    assert (await room.collect(overwrite=True)).status == "unchanged"


async def test_there_is_no_post_while_nobody_knows_the_papers(room: Newsroom) -> None:
    """A day is not spent on an empty post: the scores are kept, and the next run tells what they are of."""
    room.fail("arxiv")
    assert room.details
    room.details.error = "export.arxiv.org answered 500"
    with pytest.raises(SourceError, match=r"no post of 2026-11-19 yet.*answered 500"):
        await room.collect()
    assert await room.store.days.latest() is None
    assert not room.folder.exists()
    asked = len(room.origins["huggingface"].asked)
    room.details = None
    with pytest.raises(SourceError, match="nobody says what its papers are"):
        await room.collect()
    room.details = FakeDetails()
    for number in (1, 2, 3):
        room.details.add(make_paper(number), datetime(2026, 11, 19, 15, tzinfo=UTC))
    assert list_ids(await room.collect()) == [2, 1, 3]
    assert len(room.origins["huggingface"].asked) == asked


async def test_a_post_without_papers_is_told(room: Newsroom) -> None:
    """Where all that people share is of other categories the day is empty, and said to be."""
    room.say(arxiv=Reading(announcements=tuple(announce(1, 2, 3, 4, 5, categories=("hep-th",)))))
    outcome = await room.collect()
    assert list_ids(outcome) == []
    assert any("no paper is in the post" in note for note in outcome.notes)


async def test_an_unexpected_error_costs_one_source_only(room: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in reading one source is logged with its trace, and the post is made from the others."""

    class Broken(FakeOrigin):
        async def read(self, since: date, until: date, now: datetime) -> Reading:
            raise KeyError("surprise")

    room.origins["hackernews"] = Broken("hackernews")
    outcome = await room.collect()
    assert outcome.missing == {"hackernews": "an error that was not expected (KeyError)"}
    assert "surprise" in caplog.text


async def test_sources_are_asked_at_the_same_time(room: Newsroom) -> None:
    """A slow source makes no other wait."""
    meeting = asyncio.Barrier(4)

    class Patient(FakeOrigin):
        async def read(self, since: date, until: date, now: datetime) -> Reading:
            async with asyncio.timeout(20):
                await meeting.wait()
            return await super().read(since, until, now)

    room.origins = {name: Patient(name, origin.reading) for name, origin in room.origins.items()}
    assert list_ids(await room.collect()) == [2, 1, 4, 3]


async def test_only_so_many_papers_are_looked_up(room: Newsroom) -> None:
    """A hundred at a time, and no more once the post can't change any more."""
    assert room.details
    room.say(arxiv=Reading(announcements=tuple(announce(*range(1, 400)))))
    room.say(huggingface=Reading(items=tuple(vote(number, 500 - number) for number in range(1, 400))))
    room.say(hackernews=Reading(), bluesky=Reading())
    for number in range(1, 90):
        room.details.add(make_paper(number), MADE, withdrawn=True)
    assert list_ids(await room.collect()) == list(range(90, 120))
    assert [len(asked) for asked in room.details.asked] == [100, 100]


class _CutError(BaseException):
    """The process ends here."""


def _cut(*_: object, **__: object) -> None:
    raise _CutError

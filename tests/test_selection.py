"""The promises of ranking and choosing: hottest first, each paper once, never twice to one target, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.digests import find_digest
from bot.digest.ranking import add_counts, choose_best, rank
from bot.digest.selection import choose_digest
from bot.messages.summary import render_reason
from storage.models import Appearance, Edition, Subscription, Target
from storage.store import Store
from tests.papers import make_day, make_live_paper, make_paper

CHANNEL = Subscription(Target("channel", "1"))
TUESDAY, WEDNESDAY = date(2021, 4, 13), date(2021, 4, 14)


def make_edition(day: date, *papers: Appearance) -> Edition:
    return Edition(make_day(day, len(papers)), papers)


def ids(papers: list[Appearance] | tuple[Appearance, ...]) -> list[str]:
    return [paper.paper.arxiv_id for paper in papers]


def test_the_score_is_the_published_sum() -> None:
    """Retweets and favorites count, metrics of other scales do not."""
    assert add_counts((("retweets", 10), ("favorites", 2), ("upvotes", 99))) == 12


def test_equal_scores_keep_the_order_of_their_post() -> None:
    """The higher score is first, and the lower rank among equals."""
    papers = [make_paper(3, counts=(5, 0)), make_paper(1, counts=(5, 0)), make_paper(2, counts=(9, 0))]
    assert [paper.rank for paper in rank(papers)] == [2, 1, 3]


def test_a_paper_seen_twice_counts_by_its_best_day() -> None:
    """Of two appearances the hotter one is kept, whichever came first."""
    cold, hot = make_paper(1, counts=(1, 0)), make_paper(1, counts=(8, 0), day=WEDNESDAY)
    other = make_paper(2, counts=(5, 0))
    assert choose_best([cold, other, hot]) == [hot, other]


def test_a_digest_is_the_hottest_papers_that_match() -> None:
    """Filters hold for categories and whole archives; the total counts what matched."""
    papers = [make_paper(n, categories=("cs.LG",) if n % 2 else ("math.CO",), counts=(100 - n, 0)) for n in range(1, 9)]
    digest = choose_digest(replace(CHANNEL, categories=("cs",), count=3), [make_edition(TUESDAY, *papers)], set())
    assert ([paper.rank for paper in digest.papers], digest.total, digest.reason) == ([1, 3, 5], 4, None)


def test_what_the_target_was_given_is_left_out() -> None:
    """A paper that the target got before, by whatever digest, gives its place to the next."""
    papers = [make_paper(n, counts=(100 - n, 0)) for n in range(1, 5)]
    digest = choose_digest(replace(CHANNEL, count=2), [make_edition(TUESDAY, *papers)], {"2104.00001"})
    assert ids(digest.papers) == ["2104.00002", "2104.00003"]


def test_several_editions_are_one_ranking() -> None:
    """A digest over some days covers them oldest first and ranks their papers together."""
    first = make_edition(TUESDAY, make_paper(1, counts=(5, 0)))
    second = make_edition(WEDNESDAY, make_paper(2, counts=(9, 0), day=WEDNESDAY))
    digest = choose_digest(CHANNEL, [second, first], set())
    assert [day.day for day in digest.days] == [TUESDAY, WEDNESDAY]
    assert ids(digest.papers) == ["2104.00002", "2104.00001"]


def test_an_empty_digest_says_why() -> None:
    """No post, an empty post, nothing in the categories and everything given before are told apart."""
    edition = make_edition(TUESDAY, make_paper(1), make_paper(2))
    math = replace(CHANNEL, categories=("math",))
    cases = [
        choose_digest(CHANNEL, [], set(), TUESDAY),
        choose_digest(CHANNEL, [make_edition(TUESDAY)], set()),
        choose_digest(math, [edition], set()),
        choose_digest(CHANNEL, [edition], {"2104.00001", "2104.00002"}),
    ]
    reasons = [(case.reason.kind, case.reason.count, case.reason.since) for case in cases if case.reason]
    assert reasons == [
        ("no post", 0, TUESDAY),
        ("empty post", 0, TUESDAY),
        ("no match", 2, None),
        ("all given", 2, None),
    ]
    assert all(not case.papers for case in cases)


def test_only_hot_papers_are_chosen() -> None:
    """A paper is in among the share of its day asked for; the total counts the hot ones in the categories."""
    papers = [make_paper(n, categories=("cs.LG",) if n % 2 else ("math.CO",), counts=(100 - n, 0)) for n in range(1, 9)]
    cs = replace(CHANNEL, categories=("cs",))
    digest = choose_digest(cs, [make_edition(TUESDAY, *papers)], {"2104.00001"}, share=5 / 8)
    assert ([paper.rank for paper in digest.papers], digest.total) == ([3, 5], 3)


def test_a_digest_that_is_not_hot_enough_says_so() -> None:
    """It counts those that match; what was given before is another reason, and so is what does not match."""
    papers = [make_paper(n, counts=(n, 0), categories=("cs.CV",) if n < 4 else ("cs.LG",)) for n in range(1, 5)]
    edition = make_edition(TUESDAY, *papers)
    none_hot = choose_digest(replace(CHANNEL, categories=("cs.CV",)), [edition], set(), share=0.25)
    given_before = choose_digest(CHANNEL, [edition], {"2104.00004"}, share=0.25)
    no_match = choose_digest(replace(CHANNEL, categories=("math",)), [edition], set(), share=0.25)
    reasons = [
        digest.reason and (digest.reason.kind, digest.reason.count) for digest in (none_hot, given_before, no_match)
    ]
    assert reasons == [("not hot", 3), ("all given", 1), ("no match", 4)]
    assert [render_reason(digest) for digest in (none_hot, given_before)] == [
        "none of 3 hot enough",
        "the only paper already posted",
    ]


def test_days_of_two_scales_are_ordered_by_place() -> None:
    """A digest over a day counted in retweets and a live one takes the first of each, then the second."""
    old = [make_paper(n, counts=(1000 * n, 0)) for n in range(1, 5)]
    live = [make_live_paper(n, float(n), arxiv_id=f"2611.0000{n}", day=WEDNESDAY) for n in range(1, 5)]
    editions = [make_edition(TUESDAY, *old), make_edition(WEDNESDAY, *live)]
    digest = choose_digest(CHANNEL, editions, set())
    assert ids(digest.papers) == [
        *("2611.00004", "2104.00004", "2611.00003", "2104.00003"),
        *("2611.00002", "2104.00002", "2611.00001", "2104.00001"),
    ]
    assert ids(choose_digest(CHANNEL, editions, set(), share=0.25).papers) == ["2611.00004", "2104.00004"]


def test_a_paper_of_two_scales_counts_by_its_better_place() -> None:
    """First of a live day beats second of a day with thousands of retweets, though the number is smaller."""
    old = [make_paper(1, counts=(9000, 0)), make_paper(2, counts=(8000, 0))]
    live = [make_live_paper(2, day=WEDNESDAY), make_live_paper(3, 0.5, day=WEDNESDAY)]
    digest = choose_digest(CHANNEL, [make_edition(TUESDAY, *old), make_edition(WEDNESDAY, *live)], set())
    assert [(a.paper.arxiv_id, a.day) for a in digest.papers] == [
        ("2104.00002", WEDNESDAY),
        ("2104.00001", TUESDAY),
        ("2104.00003", WEDNESDAY),
    ]


@pytest.mark.parametrize(("only", "count"), [("all", 21), ("hot", 6), ("very hot", 3)])
async def test_hot_is_a_place_within_the_day(store: Store, only: str, count: int) -> None:
    """The hottest quarter or tenth of the day itself, rounded up, however hot the days before were."""
    sizes = {TUESDAY - timedelta(days=30): (500, 9000), TUESDAY - timedelta(days=29): (20, 0), TUESDAY: (21, 100)}
    editions = [
        make_edition(
            day,
            *(
                make_paper(n, arxiv_id=f"21{day:%m%d}.{n:05}"[2:], counts=(base + n, 0), day=day)
                for n in range(1, size + 1)
            ),
        )
        for day, (size, base) in sizes.items()
    ]
    await store.days.put(editions, [], datetime(2021, 4, 14, tzinfo=UTC))
    digest = await find_digest(store, replace(CHANNEL, only=only, count=25))
    assert len(digest.papers) == count


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), max_size=40),
    st.sets(st.integers(1, 30)),
    st.integers(1, 12),
)
def test_any_digest_is_distinct_new_and_in_order(
    pairs: list[tuple[int, int]], given_before: set[int], count: int
) -> None:
    """Whatever the days hold, a digest has each paper once, none given before, never too many, hottest first."""
    papers = [make_paper(number, counts=(score, 0)) for number, score in pairs]
    before = {f"2104.{number:05d}" for number in given_before}
    digest = choose_digest(replace(CHANNEL, count=count), [make_edition(TUESDAY, *papers)], before)
    chosen = ids(digest.papers)
    assert len(chosen) == len(set(chosen)) <= count
    assert not before & set(chosen)
    assert [paper.score for paper in digest.papers] == sorted((p.score for p in digest.papers), reverse=True)
    assert bool(digest.papers) != bool(digest.reason)

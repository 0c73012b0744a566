"""The promises of the live score: it grows with attention, is bounded, treats equals alike, and missing is not zero."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.heat import (
    BLUESKY,
    HACKERNEWS,
    HUGGINGFACE,
    SHORT,
    VERSION,
    WEIGHTS,
    Counted,
    estimate,
    find_engagement,
    find_heat,
    find_share,
    format_parts,
    list_counts,
    score,
)
from storage.models import Part

counts = st.integers(0, 5000)
populations = st.lists(st.integers(0, 300).map(float), min_size=1, max_size=60).map(sorted)
posts = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.fixed_dictionaries({}, optional=dict.fromkeys(("likes", "reposts", "quotes"), counts)),
    ),
    max_size=6,
)


def make_posts(values: Sequence[tuple[str, Mapping[str, int]]]) -> list[Counted]:
    return [Counted(f"at://{number}", metrics, author) for number, (author, metrics) in enumerate(values)]


def calculate_share(value: float, population: Sequence[float]) -> float:
    """Calculate the mid-rank share as its definition says it, one by one."""
    return sum(1.0 if other < value else 0.5 if other == value else 0.0 for other in population) / len(population)


@given(counts.map(float), populations)
def test_a_share_is_the_papers_below_and_half_of_the_equals(value: float, population: list[float]) -> None:
    """The quick way counts what the definition counts."""
    assert find_share(value, population) == pytest.approx(calculate_share(value, population))


@given(st.lists(counts.map(float), min_size=5, max_size=9), st.lists(counts, min_size=2, max_size=5))
def test_heat_grows_with_engagement_and_stays_in_bounds(population: list[float], values: list[int]) -> None:
    """More is never colder, equal is equal, and no heat is below 0 or above 3, measured or read off a start curve."""
    for known in (sorted(population * 100), []):
        for source in SHORT:
            heats = [find_heat(source, value, known) for value in sorted(values)]
            assert [heat for heat, _ in heats] == sorted(heat for heat, _ in heats)
            assert all(0 <= heat <= 3 for heat, _ in heats)
            assert {guessed for _, guessed in heats} == {not known}


def test_heat_is_the_logarithm_of_how_rare_so_much_is() -> None:
    """Of a thousand different counts, one with a hundred at least as high has heat 1; the highest has 3 at most."""
    population = [float(value) for value in range(1000)]
    assert find_heat(HUGGINGFACE, 899.5, population) == (1.0, False)
    assert find_heat(HUGGINGFACE, 5000, population) == (3.0, False)
    assert find_heat(HUGGINGFACE, 0, population) == (round(-math.log10(1 - 0.0005), 4), False)
    assert find_heat(HUGGINGFACE, 7, [7.0] * 500) == (round(-math.log10(0.5), 4), False)


def test_too_few_papers_are_not_measured_against() -> None:
    """With 499 papers the start curve decides, and says so; with 500 the papers do."""
    few = [float(value) for value in range(499)]
    assert find_heat(HUGGINGFACE, 10, few) == (0.459, True)
    assert find_heat(HUGGINGFACE, 10, [*few, 499.0])[1] is False


@pytest.mark.parametrize("source", SHORT)
def test_start_curves_grow(source: str) -> None:
    """Each begins at nothing, rises with every point, and ends at the most there is."""
    curve = WEIGHTS.start[source]
    assert curve[0][0] == 0
    assert list(curve) == sorted(curve)
    assert [heat for _, heat in curve] == sorted({heat for _, heat in curve})
    assert curve[-1][1] == WEIGHTS.most


def test_the_start_curve_of_hugging_face_is_that_of_its_real_lists(shared: Path) -> None:
    """Its points are within a hundredth of what two years of daily lists say, but for the few hottest."""
    with (shared / "samples" / "huggingface" / "daily_index_580d.csv").open() as file:
        population = sorted(float(row["upvotes"]) for row in csv.DictReader(file) if row["upvotes"])
    assert len(population) == 9581
    for engagement, heat in WEIGHTS.start[HUGGINGFACE][:-2]:
        assert heat == pytest.approx(find_heat(HUGGINGFACE, engagement, population)[0], abs=0.01)


@given(posts)
def test_one_author_of_two_counts_for_at_most_half(values: list[tuple[str, dict[str, int]]]) -> None:
    """Engagement on Bluesky is the sum of likes, reposts and quotes, of each author no more than half of all."""
    known = [(author, metrics) for author, metrics in values if metrics]
    authors = {author for author, _ in known}
    sums = {name: sum(sum(metrics.values()) for author, metrics in known if author == name) for name in authors}
    total = sum(sums.values())
    expected = sum(min(value, total / 2) if len(authors) > 1 else value for value in sums.values())
    assert find_engagement(BLUESKY, make_posts(values)) == (expected if known else None)


def test_a_post_told_of_twice_counts_once() -> None:
    """Sources tell of the same post again, with newer counts."""
    twice = [Counted("at://1", {"likes": 5}, "a"), Counted("at://1", {"likes": 7}, "a")]
    assert find_engagement(BLUESKY, twice) == 7
    assert list_counts({BLUESKY: twice}) == (("bluesky.likes", 7), ("bluesky.posts", 1))


def test_points_and_upvotes_are_what_they_are() -> None:
    """A story's first point is its author's; a paper listed on two days has one page of votes."""
    assert (
        find_engagement(HACKERNEWS, [Counted("1", {"points": 120, "comments": 44}), Counted("2", {"points": 3})]) == 121
    )
    assert find_engagement(HACKERNEWS, [Counted("1", {"points": 0})]) == 0
    assert find_engagement(HUGGINGFACE, [Counted("a", {"upvotes": 9}), Counted("b", {"upvotes": 41})]) == 41


def test_missing_is_not_zero() -> None:
    """A source that said nothing has no part in the score; one that said 0 has."""
    nothing = {HACKERNEWS: [Counted("1", {"comments": 3})], BLUESKY: [Counted("at://1", {})], HUGGINGFACE: []}
    assert score(nothing, {}) is None
    assert list_counts(nothing) == ()
    zero = score({**nothing, HUGGINGFACE: [Counted("a", {"upvotes": 0})]}, {})
    assert zero is not None
    assert zero.breakdown.parts == (Part(HUGGINGFACE, 0, 0.013),)
    assert zero.engagement == (("huggingface.upvotes", 0),)


@given(st.dictionaries(st.sampled_from([*SHORT]), counts), st.integers(0, 600))
def test_a_score_is_the_hottest_part_and_a_third_of_the_others(values: dict[str, int], known: int) -> None:
    """The hottest source counts in full and comes first, each other for 0.3; the version goes with it."""
    metric = {BLUESKY: "likes", HUGGINGFACE: "upvotes", HACKERNEWS: "points"}
    items = {source: [Counted("1", {metric[source]: value}, "a")] for source, value in values.items()}
    heat = score(items, {source: [float(value) for value in range(known)] for source in SHORT})
    if heat is None:
        assert not values
        return
    heats = [part.heat for part in heat.breakdown.parts]
    assert heats == sorted(heats, reverse=True)
    assert {part.source: part.count for part in heat.breakdown.parts} == values
    assert heat.score == pytest.approx(max(heats) + 0.3 * (sum(heats) - max(heats)), abs=1e-4)
    assert (heat.breakdown.version, heat.breakdown.is_provisional) == (VERSION, known < 500)


def test_a_breakdown_is_shown_with_how_rare_its_first_source_is() -> None:
    """The source that counts most comes first and says its share, unless that is nothing to boast of."""
    assert format_parts([Part(HUGGINGFACE, 41, 1.4), Part(HACKERNEWS, 120, 1.2)]) == "hf 41 ▲ top 4 %, hn 120"
    assert format_parts([Part(BLUESKY, 900, 3.0)]) == "bluesky 900 ▲ top 0.1 %"
    assert format_parts([Part(HUGGINGFACE, 2, 0.117)]) == "hf 2"


def test_printed_counts_alone_are_estimated() -> None:
    """Where a post prints counts and no score, the start curves stand in and it is provisional."""
    heat = estimate((("huggingface.upvotes", 41), ("hackernews.points", 120), ("hackernews.comments", 44)))
    assert heat is not None
    assert (heat.score, heat.breakdown.is_provisional) == (round(1.5002 + 0.3 * 1.296, 4), True)
    assert estimate((("retweets", 10), ("favorites", 2))) is None


def test_the_page_has_the_weights() -> None:
    """docs/post-format.md has each number of the table, and its version, as the code does."""
    page = (Path(__file__).parents[1] / "docs" / "post-format.md").read_text("utf-8")
    for source, curve in WEIGHTS.start.items():
        points = ", ".join(f"{attention:g} → {heat:g}" for attention, heat in curve)
        assert f"| `{SHORT[source]}` | {points} |" in page
    assert f"Version {WEIGHTS.version} of the weights" in page
    assert f"fewer than {WEIGHTS.observations} papers of these {WEIGHTS.days} days" in page
    assert f"at most {WEIGHTS.most:g}: the first counts in full and each\n  other for {WEIGHTS.others:g};" in page

"""Numbers and dates as people read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.messages.figures import (
    format_change,
    format_count,
    format_exact,
    format_formula,
    format_heat,
    format_live_counts,
    format_metrics,
)
from bot.messages.language import speak
from bot.messages.wording import (
    format_filter,
    format_list,
    format_moment,
    format_range,
    format_span,
    format_weekdays,
)
from storage.models import Breakdown, Part
from tests.papers import make_live_paper, make_paper


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (847, "847"),
        (999, "999"),
        (999.96, "1k"),
        (1000, "1k"),
        (6757, "6.8k"),
        (11313, "11.3k"),
        (12000, "12k"),
        (123_456, "123k"),
        (999_949, "1M"),
        (999_500, "1M"),
        (999_450, "999k"),
        (1_234_567, "1.2M"),
        (10**12, "1,000B"),
        (1e300, "1e+300"),
        (0.75, "0.8"),
        (-30, "−30"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_counts_are_compact(value: float, shown: str) -> None:
    """A figure beside a title takes five characters or so, and never reads 1000k."""
    assert format_count(value) == shown


def test_changes_have_a_sign() -> None:
    """A change always says its direction."""
    assert [format_change(value) for value in (412, -30, 0, 1234.0)] == ["+412", "−30", "+0", "+1.2k"]
    exact = [format_exact(value) for value in (11313.0, -5, 0.25, float("nan"), -1e300)]
    assert exact == ["11,313", "−5", "0.2", "–", "-1e+300"]


def test_a_score_is_explained_by_its_counts() -> None:
    """The details show the sum when it is one, and only the parts when the score is made otherwise."""
    paper = make_paper(counts=(11274, 39))
    assert format_formula(paper) == "11,313 = 11,274 retweets + 39 favorites"
    assert format_formula(replace(paper, score=7.5)) == "7.5 (11,274 retweets, 39 favorites)"
    assert format_formula(replace(paper, engagement=())) == "11,313"


def test_a_live_paper_is_as_hot_as_its_sources_say() -> None:
    """A live score is shown by its sources, the hottest first with how rare that is; published ones as ever."""
    live = make_live_paper()
    assert format_heat(live.score, live.breakdown) == "hf 41 ▲ top 4 %, hn 1.1k"
    assert format_heat(11313) == "11.3k"
    assert format_formula(live) == "1.65 = 1.40 (hf 41) + 0.3 × 0.83 (hn 1,120)"
    assert format_live_counts(live) == (
        "bluesky: 0 reposts, 1 like (1 post) · hf: 41 upvotes · hn: 1,120 points, 44 comments"
    )
    cold = replace(live, breakdown=Breakdown(1, (Part("huggingface", 2, 0.117),)))
    assert format_heat(cold.score, cold.breakdown) == "hf 2"
    with speak("de"):
        assert format_heat(live.score, live.breakdown) == "hf 41 ▲ beste 4 %, hn 1,1k"
        assert format_formula(live) == "1,65 = 1,40 (hf 41) + 0,3 × 0,83 (hn 1.120)"
        assert format_live_counts(live) == (
            "bluesky: 0 Reposts, 1 Like (1 Beitrag) · hf: 41 Upvotes · hn: 1.120 Punkte, 44 Kommentare"
        )


def test_the_figure_is_named_after_what_it_adds_up() -> None:
    """A digest says what its figures are; papers counted differently have only their score in common."""
    paper = make_paper()
    assert format_metrics((paper, paper)) == "retweets + favorites"
    assert format_metrics((paper, replace(paper, engagement=(("upvotes", 1),)))) == "score as published"
    assert format_metrics(()) == "score as published"
    assert format_metrics((make_live_paper(),)) == "counts by source, ▲ its share of 90 days"
    assert format_metrics((make_live_paper(), paper)) == "retweets + favorites, or live counts"


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2021, 4, 13), date(2021, 4, 13), "Tue 13 Apr 2021"),
        (date(2021, 4, 2), date(2021, 4, 4), "Fri 2 – Sun 4 Apr 2021"),
        (date(2021, 3, 31), date(2021, 4, 2), "Wed 31 Mar – Fri 2 Apr 2021"),
        (date(2020, 12, 31), date(2021, 1, 2), "Thu 31 Dec 2020 – Sat 2 Jan 2021"),
    ],
)
def test_spans_say_nothing_twice(first: date, last: date, shown: str) -> None:
    """A span of days names its month and year once."""
    assert format_span(first, last) == shown


def test_words_for_ranges_and_lists() -> None:
    """Ranges, weekdays and categories read as in a sentence."""
    assert (format_range(1, 10), format_range(7, 7)) == ("1–10", "7")
    assert format_filter(()) == "all of arXiv"
    assert format_filter(("cs.CV", "cs.LG", "a", "b", "c")) == "cs.CV, cs.LG, a, b +1"
    assert format_list([]) == ""
    assert format_list(["Mon", "Tue", "Wed"]) == "Mon, Tue and Wed"
    weeks = [(0, 1, 2, 3, 4, 5, 6), (4, 3, 2, 1, 0), (6, 5), (2,)]
    assert [format_weekdays(week) for week in weeks] == ["every day", "Mon to Fri", "Sat and Sun", "Wed"]
    assert format_moment(datetime(2021, 4, 14, 11, 53, 41, tzinfo=UTC)) == "14 Apr 2021, 11:53 UTC"

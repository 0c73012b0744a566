"""When posts arrive, as the settings panel says and the first guess uses it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.arrivals import Arrivals, choose_hour, describe_arrivals
from bot.digest.post import parse

DAY = date(2026, 5, 4)


def arrive(*hours: float) -> Arrivals:
    """Describe posts of one day that arrived so many hours after its end."""
    return describe_arrivals((DAY, datetime(2026, 5, 5, tzinfo=UTC) + timedelta(hours=hour)) for hour in hours)


def test_the_real_posts(shared: Path) -> None:
    """Of the 67 undamaged posts 22 % existed by 09:00 UTC of the next day and 78 % by 12:00, the hour to choose."""
    files = [*(shared / "posts").glob("*.md"), *(shared / "posts" / "archive").glob("*.md")]
    posts = [parse(path.read_text(encoding="utf-8")) for path in files]
    arrivals = describe_arrivals((post.day, post.generated_at) for post in posts if post.generated_at)
    by = dict(arrivals.by)
    assert (arrivals.count, f"{by[9]:.0%}", f"{by[12]:.0%}") == (67, "22%", "78%")
    assert arrivals.median == timedelta(hours=9, minutes=39, seconds=23)
    assert choose_hour(arrivals) == time(12)


def test_no_posts_say_nothing() -> None:
    """Without arrivals there is no median and no share, and the usual hour is noon UTC."""
    assert describe_arrivals([]) == Arrivals(0, None, ())
    assert choose_hour(describe_arrivals([])) == time(12)


def test_an_hour_counts_what_arrived_on_it() -> None:
    """A post that arrives at 09:00:00 existed by 09:00; one a second later did not."""
    by = dict(arrive(9, 9 + 1 / 3600).by)
    assert (by[8], by[9], by[10]) == (0, 0.5, 1)


@pytest.mark.parametrize(
    ("hours", "chosen"),
    [
        ((7.5,), 8),
        ((1, 2, 3, 20), 3),  # three of four are enough
        ((1, 2, 30, 31), 2),  # never enough: the most there is
        ((-5, -4, -3, 1), 0),  # the same evening
        ((30, 40), 12),  # never the next day: no hour says anything
    ],
)
def test_the_earliest_hour_that_is_late_enough(hours: tuple[float, ...], chosen: int) -> None:
    """The hour is the first with three of four posts, else the first with as many as there will be."""
    assert choose_hour(arrive(*hours)) == time(chosen)


def test_the_calendars_ends() -> None:
    """A post of the last day there is can be described."""
    assert (
        describe_arrivals(
            [(date.max, datetime.max.replace(tzinfo=UTC)), (date.min, datetime(1, 1, 1, tzinfo=UTC))]
        ).count
        == 2
    )


@given(st.lists(st.floats(-48, 96), min_size=1))
def test_shares_only_grow(hours: list[float]) -> None:
    """Shares are between 0 and 1 and never fall, and the chosen hour is one of those described."""
    arrivals = arrive(*hours)
    shares = [share for _, share in arrivals.by]
    assert [hour for hour, _ in arrivals.by] == list(range(24))
    assert shares == sorted(shares) and 0 <= shares[0] <= shares[-1] <= 1
    assert choose_hour(arrivals).minute == 0

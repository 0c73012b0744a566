"""What is due: decided from values alone, by local clock, editions and what was covered before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.delivery.due import Occasion, choose_occasion, find_due, find_recent
from bot.digest.schedule import Due, find_last
from storage.models import Day, Subscription, Target

CREATED = datetime(2021, 4, 10, 12, 0, tzinfo=UTC)
DAILY = Subscription(
    Target("channel", "1"), at=time(9), created_at=CREATED, created_edition=date(2021, 4, 9), id=1, mention="7"
)


def make_day(day: int, made: datetime | None = None) -> Day:
    """Make the post of a day of April, written at four the next morning unless told."""
    covered = date(2021, 4, day)
    at = made or datetime(2021, 4, day, 4, tzinfo=UTC) + timedelta(days=1)
    return Day(covered, covered, f"d{day}", "Hot Papers", at, "test", "hash", 5)


def find_at(now: datetime, subscription: Subscription = DAILY) -> Due:
    """Return the last due moment of a clock."""
    due = find_last(subscription.at, subscription.weekdays, subscription.timezone, now)
    assert due is not None
    return due


def choose(day: int, posts: list[Day], covered: set[int] = frozenset(), order: Subscription = DAILY) -> Occasion | None:  # type: ignore[assignment]
    """Choose for nine o'clock on a day of April."""
    due = find_at(datetime(2021, 4, day, 9, tzinfo=UTC), order)
    return choose_occasion(order, due, posts, {date(2021, 4, number) for number in covered})


def test_an_hour_before_the_order_is_not_due() -> None:
    """Nothing is due for a moment at or before which the subscription was made."""
    assert find_due(DAILY, find_at(CREATED)) is None
    assert find_due(replace(DAILY, created_at=datetime(2021, 4, 11, 9, tzinfo=UTC)), find_at(CREATED)) is None
    due = find_at(datetime(2021, 4, 11, 9, tzinfo=UTC))
    assert find_due(DAILY, due) == due
    assert find_due(DAILY, None) is None


def test_what_rests_is_never_due() -> None:
    """Paused subscriptions have no due moments."""
    due = find_at(datetime(2021, 4, 11, 9, tzinfo=UTC))
    assert find_due(replace(DAILY, paused_at=CREATED, pause_reason="asked"), due) is None


def test_only_editions_newer_than_the_order_and_not_covered() -> None:
    """The newest edition at creation was the first digest's; what a delivery covered does not come again."""
    posts = [make_day(day) for day in (8, 9, 10, 11)]
    assert choose(11, posts[:2]) is None
    assert choose(11, posts[:3]) == Occasion("2021-04-11", (posts[2],))
    assert choose(12, posts, {10}) == Occasion("2021-04-12", (posts[3],))
    assert choose(12, posts, {10, 11}) is None


def test_an_archive_is_no_news() -> None:
    """Old posts that are stored late are never due, also where the order was made over an empty store."""
    archive = [make_day(day) for day in range(1, 10)]
    assert choose(11, archive) is None
    fresh = replace(DAILY, created_edition=None)
    assert find_recent(fresh, archive[:7]) == []
    assert [day.day.day for day in find_recent(fresh, archive)] == [9]
    assert find_recent(DAILY, []) == []


def test_at_most_seven_days_back_from_the_newest() -> None:
    """After a long silence what is older than a week beside the newest edition is left out."""
    posts = [make_day(day) for day in range(10, 29)]
    found = choose(29, list(reversed(posts)))
    assert found is not None
    assert [day.day.day for day in found.days] == list(range(22, 29))


def test_what_missed_its_hours_comes_once_and_says_so() -> None:
    """Several editions, of which some should have come earlier, are one catch-up named by the last due date."""
    posts = [make_day(day) for day in (10, 11, 12)]
    found = choose(13, posts)
    assert found == Occasion("catch-up:2021-04-13", tuple(posts), is_catch_up=True)


def test_a_post_that_missed_the_hours_is_in_the_next_digest() -> None:
    """An edition written after the last due moment comes with the next one, which is no catch-up for that."""
    posts = [make_day(10, datetime(2021, 4, 11, 9, 1, tzinfo=UTC)), make_day(11)]
    assert choose(12, posts) == Occasion("2021-04-12", tuple(posts))


def test_two_editions_before_the_first_due_moment_are_no_catch_up() -> None:
    """Nothing was missed by an order that has had no due moment before."""
    order = replace(DAILY, created_at=datetime(2021, 4, 11, 9, 30, tzinfo=UTC))
    found = choose(12, [make_day(10), make_day(11)], order=order)
    assert found is not None and not found.is_catch_up


@pytest.mark.parametrize("is_late", [False, True])
def test_a_weekly_digest_of_many_editions_is_no_catch_up(is_late: bool) -> None:
    """A week's editions are what a weekly digest is for; only what an earlier week should have had is missed."""
    weekly = replace(
        DAILY, weekdays=(4,), created_edition=date(2021, 4, 8), created_at=datetime(2021, 4, 9, tzinfo=UTC)
    )
    posts = [make_day(day) for day in range(16, 21)] + ([make_day(15)] if is_late else [])
    found = choose(23, posts, order=weekly)
    assert found is not None
    assert (found.is_catch_up, found.name) == (is_late, "catch-up:2021-04-23" if is_late else "2021-04-23")
    assert found.days[-1].day == date(2021, 4, 20)

"""When arXiv announces, and why it does not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.digest.calendar import (
    find_between,
    find_last,
    find_next,
    find_pause,
    find_printed,
    get_day,
    is_known,
)

WEEKEND = (4, 5)


def test_each_published_holiday_is_known_by_its_date_and_name(shared: Path) -> None:
    """Every date of arXiv's own table pauses its announcement, under a name that fits arXiv's note; no other does."""
    table = json.loads((shared / "arxiv_holidays.json").read_text())["freeze_skip_dates"]
    words = {
        "thanksgiving": "Thanksgiving", "mlk": "Martin Luther King Jr. Day", "juneteenth": "Juneteenth",
        "labor": "Labor Day", "4th": "Independence Day", "independence": "Independence Day",
        "outage": "outage", "glitch": "outage", "retreat": "staff day", "meeting": "staff day", "strike": "strike",
        "rsync": "outage",
    }  # fmt: skip
    frozen = set()
    for row in table:
        day = date.fromisoformat(row["date"])
        paused = day + timedelta(days=2) if day.weekday() == 4 else day
        frozen.add(paused)
        pause = find_pause(paused)
        assert pause, row
        assert pause.is_certain
        named = next((name for word, name in words.items() if word in row["note"].casefold()), None)
        assert pause.reason == named or (named is None and pause.day.month in (12, 1)), row
    for day in (
        date(2003, 12, 25) + timedelta(days=number) for number in range((date(2027, 1, 1) - date(2003, 12, 25)).days)
    ):
        if day.weekday() not in WEEKEND:
            assert (find_pause(day) is not None) == (day in frozen), day


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-11-26", "Thanksgiving"),
        ("2026-11-25", None),
        ("2026-11-27", "weekend"),
        ("2026-11-28", "weekend"),
        ("2026-11-29", None),
        ("2026-06-19", "weekend"),  # a Friday has no announcement of its own …
        ("2026-06-21", "Juneteenth"),  # … a holiday on it takes Sunday's
        ("2026-07-05", "Independence Day"),
        ("2026-12-27", "Christmas Day"),
        ("2026-12-28", None),
        ("2026-12-29", "winter break"),
        ("2026-12-31", "winter break"),
        ("2025-07-06", "Independence Day"),
        ("2024-10-08", "staff day"),
        ("2024-01-01", None),
        ("2020-06-09", "strike"),
    ],
)
def test_a_day_without_announcement_has_its_reason(day: str, reason: str | None) -> None:
    """Weekends, holidays and the Sunday after a Friday's holiday each say why."""
    pause = find_pause(date.fromisoformat(day))
    assert (pause.reason if pause else None) == reason


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2027-01-18", "Martin Luther King Jr. Day"),
        ("2027-06-20", "Juneteenth"),  # on a Saturday: Friday's freeze, so Sunday's announcement
        ("2027-07-05", "Independence Day"),
        ("2027-09-06", "Labor Day"),
        ("2027-11-25", "Thanksgiving"),
        ("2028-12-25", "Christmas Day"),
    ],
)
def test_years_not_published_yet_follow_the_rule_and_say_so(day: str, reason: str) -> None:
    """Holidays that arXiv keeps every year are foreseen, as uncertain; the rest of a later year is not known."""
    pause = find_pause(date.fromisoformat(day))
    assert pause
    assert (pause.reason, pause.is_certain) == (reason, False)
    assert not is_known(pause.day)
    assert find_pause(date(2027, 12, 29)) is None


def test_the_rule_agrees_with_what_arxiv_has_published() -> None:
    """The holidays that are foreseen were all kept in the years since 2023, so that none is made up."""
    from bot.digest import calendar

    for year in range(2023, 2027):
        assert set(calendar._list_usual(year)) <= set(calendar._list_published()[year])


@pytest.mark.parametrize(
    ("now", "last", "then"),
    [
        # winter: 20:00 is 01:00 UTC
        ("2026-03-04T00:59:59", "2026-03-03T01:00:00", "2026-03-04T01:00:00"),
        ("2026-03-04T01:00:00", "2026-03-04T01:00:00", "2026-03-05T01:00:00"),
        # clocks go forward on Sunday 8 March 2026, before that evening's announcement
        ("2026-03-07T12:00:00", "2026-03-06T01:00:00", "2026-03-09T00:00:00"),
        ("2026-03-09T00:00:00", "2026-03-09T00:00:00", "2026-03-10T00:00:00"),
        # clocks go back on Sunday 1 November 2026
        ("2026-10-31T12:00:00", "2026-10-30T00:00:00", "2026-11-02T01:00:00"),
        ("2026-11-02T00:30:00", "2026-10-30T00:00:00", "2026-11-02T01:00:00"),
        # Thanksgiving: Wednesday's remains in force until Sunday's
        ("2026-11-28T12:00:00", "2026-11-26T01:00:00", "2026-11-30T01:00:00"),
        # Christmas Day is a Friday, and takes Sunday's
        ("2026-12-27T12:00:00", "2026-12-25T01:00:00", "2026-12-29T01:00:00"),
    ],
)
def test_the_announcement_in_force_and_the_next_one(now: str, last: str, then: str) -> None:
    """At 20:00 US Eastern, in summer and winter and over both changes of clocks, one gives way to the next."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert find_last(moment).moment == datetime.fromisoformat(last).replace(tzinfo=UTC)
    assert find_next(moment).moment == datetime.fromisoformat(then).replace(tzinfo=UTC)


def test_a_fortnight_has_its_announcements() -> None:
    """Between two days are the evenings with an announcement, both ends included, and one day printed on each."""
    found = find_between(date(2026, 11, 22), date(2026, 12, 1))
    assert [mailing.day.isoformat() for mailing in found] == [
        "2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-29", "2026-11-30", "2026-12-01"
    ]  # fmt: skip
    assert [mailing.feed_day for mailing in found] == [mailing.day + timedelta(days=1) for mailing in found]
    assert find_between(date(2026, 11, 26), date(2026, 11, 28)) == []
    assert find_between(date(2026, 11, 26), date(2026, 11, 25)) == []


def test_the_day_printed_on_a_feed_names_its_announcement() -> None:
    """A feed is dated the day after; on a weekend or after a holiday it is of the announcement still in force."""
    assert find_printed(date(2026, 3, 4)).day == date(2026, 3, 3)
    assert find_printed(date(2026, 3, 9)).day == date(2026, 3, 8)
    assert find_printed(date(2026, 3, 7)).day == date(2026, 3, 5)
    assert find_printed(date(2026, 11, 27)).day == date(2026, 11, 25)


def test_a_day_is_one_of_us_eastern_time() -> None:
    """Midnight UTC is the evening before in New York."""
    assert get_day(datetime(2026, 3, 4, 4, 59, tzinfo=UTC)) == date(2026, 3, 3)
    assert get_day(datetime(2026, 7, 4, 4, 0, tzinfo=UTC)) == date(2026, 7, 4)

"""When digests are due: against a calculation of our own that scans the clocks of the world, and at their odd ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.digest.schedule import Due, find_all, find_last, find_next
from bot.errors import UserError

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
# Both ends of the world, offsets of quarter hours, summer times of 30 minutes and 2 hours, gaps that begin at
# midnight or swallow the end of a day, two changes within a month, and zones in which nothing ever happens.
ZONES = (
    "Pacific/Pago_Pago", "Pacific/Marquesas", "America/Anchorage", "America/Los_Angeles", "America/New_York",
    "America/St_Johns", "America/Havana", "America/Santiago", "America/Asuncion", "America/Nuuk",
    "America/Scoresbysund", "America/Sao_Paulo", "Antarctica/Troll", "Africa/Casablanca", "Africa/Cairo",
    "Europe/London", "Europe/Berlin", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati",
)  # fmt: skip
CLOCKS = (time(0), time(0, 30), time(2), time(2, 30), time(9), time(22, 15), time(23, 30))
YEARS = [(zone, 2024) for zone in ZONES] + [
    ("Pacific/Apia", 2011),  # 30 December is skipped
    ("Pacific/Kwajalein", 1993),  # 21 August is skipped
    ("Pacific/Kiritimati", 1994),  # 31 December is skipped
    ("America/St_Johns", 2006),  # changes at 00:01
    ("America/Toronto", 2026),
]
Segment = tuple[datetime, datetime, timedelta]


def scan_offsets(zone: str, year: int) -> list[Segment]:
    """Return the stretches of UTC (naive) around a year that have one offset, found by asking hour by hour."""
    info = ZoneInfo(zone)
    start, end = datetime(year, 1, 1) - timedelta(days=3), datetime(year + 1, 1, 1) + timedelta(days=3)

    def measure(moment: datetime) -> timedelta:
        return moment.replace(tzinfo=UTC).astimezone(info).utcoffset() or timedelta()

    segments, begun, at = [], start, start
    while at < end:
        later = at + timedelta(hours=1)
        if measure(at) != measure(later):
            change = next(
                at + timedelta(minutes=m) for m in range(61) if measure(at + timedelta(minutes=m)) != measure(at)
            )
            segments.append((begun, change, measure(at)))
            begun = change
        at = later
    return [*segments, (begun, end, measure(end))]


def expect_moment(segments: list[Segment], wall: datetime) -> datetime | None:
    """Return when a wall clock first shows a date and time, or would have shown it but for the gap; without fold."""
    for start, end, offset in segments:
        if start + offset <= wall < end + offset:
            return (wall - offset).replace(tzinfo=UTC)
    for (_, end, offset), (start, _, later) in pairwise(segments):
        if end + offset <= wall < start + later:
            day = datetime.combine(wall, time())
            skipped = end + offset <= day and day + timedelta(days=1) <= start + later
            return None if skipped else (wall - offset).replace(tzinfo=UTC)
    raise AssertionError(wall)


def expect_dues(segments: list[Segment], year: int, clock: time) -> list[Due]:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    moments = [(day, expect_moment(segments, datetime.combine(day, clock))) for day in days]
    return [Due(day, moment) for day, moment in moments if moment and day.year == year]


def follow(clock: time, zone: str, year: int) -> list[Due]:
    """Ask for one due after the other through a year of local dates, as a running bot does."""
    found: list[Due] = []
    due = find_next(clock, EVERY_DAY, zone, datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=3))
    while due and due.day.year <= year:
        found += [due] if due.day.year == year else []
        due = find_next(clock, EVERY_DAY, zone, due.moment)
    return found


@pytest.mark.parametrize(("zone", "year"), YEARS)
def test_a_year_of_days_is_right(zone: str, year: int) -> None:
    """Every date of a year is due at the moment a scan of the zone's clock gives, forwards and backwards."""
    segments = scan_offsets(zone, year)
    for clock in CLOCKS:
        expected = expect_dues(segments, year, clock)
        assert follow(clock, zone, year) == expected
        before = expected[0].moment - timedelta(microseconds=1)
        assert find_all(clock, EVERY_DAY, zone, before, expected[-1].moment) == expected
        for due, later in pairwise(expected):
            assert find_last(clock, EVERY_DAY, zone, later.moment - timedelta(microseconds=1)) == due


def test_minute_by_minute_over_changes() -> None:
    """Around both changes a clock fires when it first shows the time, and only then."""
    for zone, day in (("Europe/Berlin", date(2026, 10, 25)), ("Australia/Lord_Howe", date(2026, 4, 5))):
        start = datetime.combine(day, time(), UTC) - timedelta(days=2)
        minutes = [start + timedelta(minutes=n) for n in range(4 * 1440)]
        for clock in (time(1, 45), time(2), time(2, 30), time(3)):
            shown: dict[date, datetime] = {}
            for minute in minutes:
                wall = minute.astimezone(ZoneInfo(zone))
                if wall.time() == clock:
                    shown.setdefault(wall.date(), minute)
            dues = find_all(clock, EVERY_DAY, zone, start - timedelta(minutes=1), minutes[-1])
            assert [(due.day, due.moment) for due in dues] == list(shown.items())


@pytest.mark.parametrize(
    ("zone", "day", "clock", "moment"),
    [
        ("America/New_York", date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),  # 03:30 there
        ("America/New_York", date(2026, 3, 9), time(0), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 30), time(0), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Africa/Cairo", date(2024, 4, 26), time(0), datetime(2024, 4, 25, 22, tzinfo=UTC)),  # midnight is skipped
        ("Pacific/Kiritimati", date(2024, 2, 29), time(0), datetime(2024, 2, 28, 10, tzinfo=UTC)),
        ("Etc/GMT+12", date(2024, 2, 29), time(23, 59), datetime(2024, 3, 1, 11, 59, tzinfo=UTC)),
    ],
)
def test_known_moments(zone: str, day: date, clock: time, moment: datetime) -> None:
    """Moments anyone can look up: repeated, missing, at both ends of the world, on a leap day."""
    assert find_next(clock, EVERY_DAY, zone, moment - timedelta(seconds=1)) == Due(day, moment)


@pytest.mark.parametrize(
    ("zone", "skipped"), [("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Kwajalein", date(1993, 8, 21))]
)
def test_a_date_that_does_not_exist_is_skipped(zone: str, skipped: date) -> None:
    """A date a zone never had is not due at any hour, even for those who want that weekday only."""
    start = datetime.combine(skipped, time(), UTC) - timedelta(days=3)
    for hour in range(24):
        days = [due.day for due in find_all(time(hour), EVERY_DAY, zone, start, start + timedelta(days=6))]
        assert skipped not in days
        assert len(days) == len(set(days)) >= 5
        weekly = find_next(time(hour), (skipped.weekday(),), zone, start)
        assert weekly and weekly.day == skipped + timedelta(days=7)
        before = find_last(time(hour), (skipped.weekday(),), zone, start + timedelta(days=5))
        assert before and before.day == skipped - timedelta(days=7)


def test_after_is_exclusive_and_until_inclusive() -> None:
    """A due moment follows itself never, and is the last one at itself."""
    moment = datetime(2026, 5, 4, 7, tzinfo=UTC)
    due = Due(date(2026, 5, 4), moment)
    assert find_next(time(9), (0,), "Europe/Berlin", moment) == Due(date(2026, 5, 11), moment + timedelta(days=7))
    assert find_last(time(9), (0,), "Europe/Berlin", moment) == due
    assert find_all(time(9), (0,), "Europe/Berlin", moment - timedelta(days=7), moment) == [due]
    assert find_all(time(9), (0,), "Europe/Berlin", moment, moment) == []
    assert find_all(time(9), (0,), "Europe/Berlin", moment, moment - timedelta(days=30)) == []


def test_a_long_absence_keeps_the_last() -> None:
    """Of more dues than asked for the newest are returned, in order."""
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 5, 4, 12, tzinfo=UTC)
    dues = find_all(time(9), EVERY_DAY, "UTC", first, last, limit=3)
    assert [due.day for due in dues] == [date(2026, 5, 2), date(2026, 5, 3), date(2026, 5, 4)]
    assert find_all(time(9), EVERY_DAY, "UTC", first, last, limit=0) == []
    assert len(find_all(time(9), EVERY_DAY, "UTC", first, last)) == 400


def test_weekdays_are_those_of_the_local_date() -> None:
    """Monday in Auckland is still Sunday in UTC: the local date counts."""
    due = find_next(time(8), (0,), "Pacific/Auckland", datetime(2026, 7, 3, tzinfo=UTC))
    assert due == Due(date(2026, 7, 6), datetime(2026, 7, 5, 20, tzinfo=UTC))


def test_no_weekday_is_never_due() -> None:
    """Without a weekday, or with one no week has, nothing is due, however long the time asked for."""
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for weekdays in ((), (7,), (-1,)):
        assert find_next(time(9), weekdays, "UTC", first) is None
        assert find_last(time(9), weekdays, "UTC", last) is None
        assert find_all(time(9), weekdays, "UTC", first, last) == []


@pytest.mark.parametrize("name", ["Mars/Base", "", "Europe", "../../etc/passwd", "/etc/passwd", "zone.tab", "a\0b",
                                  "x" * 5000, "\ud800", ".", "Europe/Berlin/", "🕐"])  # fmt: skip
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    """What is no zone is a UserError, whatever the file system makes of its name."""
    now = datetime(2026, 5, 4, tzinfo=UTC)
    with pytest.raises(UserError, match="There is no time zone"):
        find_next(time(9), EVERY_DAY, name, now)
    with pytest.raises(UserError, match="There is no time zone"):
        find_all(time(9), (), name, now, now)


moments = st.datetimes(timezones=st.just(UTC))
recent = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
clocks = st.times()
zones = st.sampled_from([*ZONES, "Pacific/Kwajalein", "Asia/Manila", "Etc/GMT-14", "Etc/GMT+12", "UTC"])
weeks = st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days)))


@given(clocks, weeks, zones, moments)
@example(time(0), EVERY_DAY, "Etc/GMT-14", datetime.min.replace(tzinfo=UTC))
@example(time.max, EVERY_DAY, "Etc/GMT+12", datetime.max.replace(tzinfo=UTC))
@example(time.max, EVERY_DAY, "Etc/GMT-14", datetime.max.replace(tzinfo=UTC))
@example(time(0), EVERY_DAY, "Etc/GMT+12", datetime.min.replace(tzinfo=UTC))
def test_next_and_last_meet(clock: time, weekdays: tuple[int, ...], zone: str, moment: datetime) -> None:
    """At any moment of the calendar the next due is after it, the last not, and none lies between."""
    after, until = find_next(clock, weekdays, zone, moment), find_last(clock, weekdays, zone, moment)
    assert until is None or (until.moment <= moment and until.day.weekday() in weekdays)
    if after:
        assert after.moment > moment and after.day.weekday() in weekdays
        assert find_last(clock, weekdays, zone, after.moment) == after
        assert find_last(clock, weekdays, zone, after.moment - timedelta(microseconds=1)) == until
    if until:
        assert find_next(clock, weekdays, zone, until.moment) == after


@given(clocks, weeks, zones, recent, st.integers(0, 60))
def test_dues_only_ever_advance(clock: time, weekdays: tuple[int, ...], zone: str, start: datetime, days: int) -> None:
    """Dues of any stretch are strictly increasing, in date and in moment, and those `find_next` gives one by one."""
    end = start + timedelta(days=days)
    dues = find_all(clock, weekdays, zone, start, end)
    for due, later in pairwise(dues):
        assert due.day < later.day and due.moment < later.moment
        assert find_next(clock, weekdays, zone, due.moment) == later
    first = find_next(clock, weekdays, zone, start)
    assert dues[:1] == ([first] if first and first.moment <= end else [])
    assert all(due.moment.tzinfo is UTC for due in dues)

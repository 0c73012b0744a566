"""A year in fake time: the planner over a real store against a calculation of its own, in 24 zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.planner import Planner
from storage.models import Subscription, Target
from storage.store import Store
from tests.builders import make_appearance, make_edition

# With and without summer time, of both hemispheres, by half an hour, at both ends of the day, and one that skips
# a month's fasting (Casablanca).
ZONES = (
    *("Pacific/Pago_Pago", "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver"),
    *("America/New_York", "America/Santiago", "America/St_Johns", "America/Sao_Paulo", "Atlantic/Azores", "UTC"),
    *("Africa/Casablanca", "Europe/London", "Europe/Berlin", "Africa/Cairo", "Asia/Tehran", "Asia/Kolkata"),
    *("Asia/Kathmandu", "Asia/Shanghai", "Asia/Tokyo", "Australia/Lord_Howe", "Australia/Sydney"),
    *("Pacific/Auckland", "Pacific/Kiritimati"),
)
HOURS = (time(0), time(2), time(12), time(3), time(23), time(1))
WEEKDAYS = ((6,), (4, 6), (6, 0), (5,))  # clocks change on a Sunday, or a Friday
BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)  # with a leap day
STEP = timedelta(minutes=15)


def walk(zone: str, at: time, weekdays: tuple[int, ...]) -> Iterator[tuple[str, datetime]]:
    """Return each scheduled date with its moment, by walking through the year a quarter of an hour at a time."""
    place, seen, moment = ZoneInfo(zone), set[date](), BEGIN - timedelta(days=2)
    while moment < END:
        local = moment.astimezone(place)
        if local.time() >= at and local.date() not in seen:
            seen.add(local.date())
            if local.weekday() in weekdays and moment > BEGIN:
                yield local.date().isoformat(), moment
        moment += STEP


async def test_a_year_of_digests_in_every_zone(store: Store) -> None:
    """Each digest is promised once for each of its local dates, at its moment, and for no other; none is missed."""
    await store._database._writer.execute("PRAGMA synchronous = OFF")  # nothing here is cut off
    expected: dict[int, dict[str, datetime]] = {}
    for number, zone in enumerate(ZONES):
        at, weekdays = HOURS[number % len(HOURS)], WEEKDAYS[number % len(WEEKDAYS)]
        order = Subscription(
            Target("channel", str(100 + number)),
            count=1,
            at=at,
            timezone=zone,
            weekdays=weekdays,
            created_at=BEGIN,
            created_edition=date(2000, 1, 1),
        )
        known = await store.subscriptions.add(order)
        expected[known.id or 0] = dict(walk(zone, at, weekdays))
    planner, edition = Planner(store), 0
    for moment in sorted({moment for dues in expected.values() for moment in dues.values()}):
        while BEGIN + timedelta(hours=24 * edition - 36) <= moment:  # so often that each digest finds a new one
            edition += 1
            day = date(2000, 1, 1) + timedelta(days=edition)
            paper = make_appearance(f"2401.{edition:05d}", 10, title=f"Study {edition}")
            made = make_edition(day, [paper])
            written = BEGIN + timedelta(hours=24 * edition - 60)
            await store.days.put([replace(made, day=replace(made.day, generated_at=written))], [], written)
        await planner.plan_due(moment)
        await store._database.execute("UPDATE deliveries SET state = 'sent' WHERE state = 'pending'")
    found: dict[int, dict[str, datetime | None]] = {number: {} for number in expected}
    for one in await store.deliveries.list():
        name = one.occasion.removeprefix("catch-up:")
        assert name not in found[one.subscription_id]
        found[one.subscription_id][name] = one.planned_at
    assert found == expected

"""What people type for a time and a zone: understood, completed, guessed, or refused in words that help."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest import zone_table, zones
from bot.digest.clock import complete_clock, complete_timezones, guess_timezone, parse_clock, parse_timezone
from bot.errors import UserError

SUMMER = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
WINTER = datetime(2026, 1, 1, 12, 5, tzinfo=UTC)
# Abbreviations that are zones of their own as well, and mean a place to people.
LIVED_BY = {"EST", "MST", "HST", "CET", "MET", "EET", "WET"}
HOSTILE = [
    "x" * 4000, "9" * 4000, "\0", "9\x00", "Tokyo\x07", "a\nb", "../../etc/passwd", "/etc/passwd", "C:\\Windows", "٩",
    "９", "²", "٢١:٣٠", "+٢", "+２", "\u200f9", "9\u200e", "\u202eTokyo", "Tokyo\u2066", "\ud800", "{name}", "{0}",
    "%s", "@everyone", "<@1>", "`", "|" * 100, "🕐", "9:", ":", "+", "-", "", " ", "Etc/GMT-99", "+99", "+2:99",
    "right/UTC", "posix/Europe/Berlin", "localtime", "Factory", "zone.tab", "Europe", "Europe/", "a/" * 49, "(" * 100,
]  # fmt: skip


def find_labels(text: str, now: datetime = SUMMER) -> list[str]:
    return [label for label, _ in complete_timezones(text, now)]


def find_zones(text: str, now: datetime = SUMMER) -> list[str]:
    return [zone for _, zone in complete_timezones(text, now)]


@pytest.mark.parametrize(
    ("typed", "hour", "minute"),
    [
        ("9", 9, 0), ("09", 9, 0), ("0", 0, 0), ("23", 23, 0), ("9am", 9, 0), ("9 pm", 21, 0), ("9PM", 21, 0),
        ("9 p.m.", 21, 0), ("9 a. m.", 9, 0), ("9p", 21, 0), ("12am", 0, 0), ("12 pm", 12, 0), ("12:30am", 0, 30),
        ("21:30", 21, 30), ("21.30", 21, 30), ("9:05am", 9, 5), ("0930", 9, 30), ("930", 9, 30), ("2130", 21, 30),
        ("930pm", 21, 30), ("noon", 12, 0), ("Midnight", 0, 0), ("Mittag", 12, 0), ("mediodía", 12, 0),
        ("9 Uhr", 9, 0), ("9 Uhr 30", 9, 30), ("9:30 Uhr", 9, 30), ("21h30", 21, 30), ("21h", 21, 0),
        ("21\u00a0h\u00a030", 21, 30), ("9時", 9, 0), ("9時30分", 9, 30), ("9 o'clock", 9, 0), ("  9  ", 9, 0),
        ("00:00", 0, 0), ("23:59", 23, 59),
    ],
)  # fmt: skip
def test_times_people_type(typed: str, hour: int, minute: int) -> None:
    """The usual ways to write a time of day are all understood."""
    assert parse_clock(typed) == time(hour, minute)


@pytest.mark.parametrize("typed", ["24", "24:00", "9:60", "13pm", "0am", "9:5", "nine", "-9", "+9", "9:30:00", "1e1",
                                   "12345", "am", "9 9 9", *HOSTILE])  # fmt: skip
def test_no_time_is_refused_with_examples(typed: str) -> None:
    """Anything else is a UserError that says what would be understood, and repeats at most a harmless bit of it."""
    with pytest.raises(UserError, match="Type one such as 9, 9am, 21:30 or noon") as refusal:
        parse_clock(typed)
    assert_harmless(str(refusal.value))


def assert_harmless(message: str) -> None:
    assert len(message) <= 300
    assert message.isprintable()
    assert not re.search(r"[<>@`|\\*_#\[\]]|://|:\d*[^\W\d]\w*:", re.sub(r"[A-Z]\w+/[\w/+-]+", "", message)), message


def test_every_minute_reads_back() -> None:
    """Each time, as completion writes it, as am or pm and as four digits, is read back as itself."""
    for minute in range(1440):
        at = time(minute // 60, minute % 60)
        for written in (f"{at:%H:%M}", f"{at:%I:%M %p}", f"{at:%H%M}", f"{at:%Hh%M}"):
            assert parse_clock(written) == at, written
        assert complete_clock(f"{at:%H:%M}")[0] == f"{at:%H:%M}"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("9", ["09:00", "09:30", "21:00", "21:30"]),
        ("1", ["01:00", "01:30", "13:00", "13:30", "01:15", "01:45", "13:15", "13:45", "10:00", "11:00", "12:00"]),
        ("09", ["09:00", "09:30", "09:15"]),
        ("12", ["12:00", "12:30"]),
        ("9pm", ["21:00", "21:30", "21:15", "21:45"]),
        ("9:05", ["09:05", "21:05"]),
        ("21:", ["21:00", "21:30", "21:15", "21:45"]),
        ("21:3", ["21:30", "21:35", "21:31"]),
        ("9 Uhr", ["09:00", "09:30", "21:00"]),
        ("no", ["12:00"]),
        ("mid", ["12:00", "00:00"]),
        ("soon", []),
    ],
)
def test_times_complete(typed: str, first: list[str]) -> None:
    """What is typed completes to the likeliest times, full and half hours before others."""
    assert complete_clock(typed)[: len(first)] == first
    assert first or not complete_clock(typed)


def test_nothing_typed_offers_every_hour() -> None:
    """The list begins in the morning and has every hour once."""
    offered = complete_clock("")
    assert (offered[0], offered[-1], len(set(offered))) == ("06:00", "05:00", 24)
    assert complete_clock("", 3) == ["06:00", "07:00", "08:00"]
    assert complete_clock("9", 0) == complete_clock("", -1) == []


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("europe/berlin", "Europe/Berlin"), ("AMERICA/NEW_YORK", "America/New_York"), ("America/New York",
        "America/New_York"), ("america/port-au-prince", "America/Port-au-Prince"), ("Tokyo", "Asia/Tokyo"),
        ("new york", "America/New_York"), ("NYC", "America/New_York"), ("Zürich", "Europe/Zurich"),
        ("zurich", "Europe/Zurich"), ("São Paulo", "America/Sao_Paulo"), ("sao  paulo", "America/Sao_Paulo"),
        ("Ko\u0308ln", "Europe/Berlin"), ("København", "Europe/Copenhagen"), ("Łódź", "Europe/Warsaw"),
        ("İstanbul", "Europe/Istanbul"), ("東京", "Asia/Tokyo"), ("Москва", "Europe/Moscow"),
        ("San Juan", "America/Puerto_Rico"), ("Paris, France", "Europe/Paris"), ("Cambridge, MA", "America/New_York"),
        ("Cambridge, UK", "Europe/London"), ("Germany", "Europe/Berlin"), ("uk", "Europe/London"),
        ("Côte d’Ivoire", "Africa/Abidjan"), ("Samoa", "Pacific/Apia"), ("Japan", "Asia/Tokyo"),
        ("+2", "Etc/GMT-2"), ("UTC+2", "Etc/GMT-2"), ("utc +02:00", "Etc/GMT-2"), ("GMT-5", "Etc/GMT+5"),
        ("−3", "Etc/GMT+3"), ("+0", "UTC"), ("-00:00", "UTC"), ("+14", "Etc/GMT-14"), ("-12", "Etc/GMT+12"),
        ("+05:30", "Asia/Kolkata"), ("+5:45", "Asia/Kathmandu"), ("+0930", "Australia/Darwin"),
        ("-9:30", "Pacific/Marquesas"), ("-3:30", "America/St_Johns"), ("Etc/GMT-2", "Etc/GMT-2"),
        ("etc/gmt+12", "Etc/GMT+12"), ("CET", "Europe/Berlin"), ("est", "America/New_York"),
        ("PST", "America/Los_Angeles"), ("Pacific Time", "America/Los_Angeles"),
        ("Eastern Standard Time", "America/New_York"), ("JST", "Asia/Tokyo"), ("IST", "Asia/Kolkata"), ("utc", "UTC"),
        ("GMT", "UTC"), ("Z", "UTC"), ("Asia/Calcutta", "Asia/Kolkata"), ("us/eastern", "America/New_York"),
    ],
)  # fmt: skip
def test_zones_people_type(typed: str, zone: str) -> None:
    """Names in any case, former names, cities, countries, abbreviations and offsets are all understood."""
    assert parse_timezone(typed) == zone


@pytest.mark.parametrize("typed", ["+15", "-13", "+4:15", "-2:30", "Atlantis", *HOSTILE])
def test_no_zone_is_refused(typed: str) -> None:
    """Anything else is a UserError, and never another exception."""
    with pytest.raises(UserError) as refusal:
        parse_timezone(typed)
    assert_harmless(str(refusal.value))


def test_refusals_suggest_the_nearest() -> None:
    """A misspelling and a country of several clocks are answered with the zones that may be meant."""
    for typed, meant in (("Berlim", "Europe/Berlin"), ("USA", "America/New_York"), ("Toyko", "Asia/Tokyo")):
        with pytest.raises(UserError, match=rf"“{typed}”. Did you mean one of these: {meant}"):
            parse_timezone(typed)
    with pytest.raises(UserError, match="Type a city such as Tokyo, a zone such as Europe/Berlin, or an offset"):
        parse_timezone("")


def test_every_zone_of_this_machine_is_known() -> None:
    """Each zone's name, spelt as it is, gives a zone with the same clock through a year."""
    months = [datetime(2026, month, 15, 12, tzinfo=UTC) for month in range(1, 13)]
    for name in available_timezones() - LIVED_BY - {"Factory", "localtime", "posixrules"}:
        meant = parse_timezone(name)
        for at in months:
            clocks = at.astimezone(ZoneInfo(name)).replace(tzinfo=None), at.astimezone(ZoneInfo(meant))
            assert clocks[0] == clocks[1].replace(tzinfo=None), (name, meant)


def test_table_holds_only_zones() -> None:
    """Each zone in the table exists and is found by its name in small letters; nothing leads elsewhere."""
    known = set(re.findall(r"[A-Z][A-Za-z]+/[\w/-]+", zone_table.COUNTRIES)) | {"UTC"}
    for zone in known:
        assert parse_timezone(zone.lower()) == zone
    assert {*zone_table.LOCALES.values(), *zone_table.BROKEN_OFFSETS.values(), *zone_table.ABBREVIATIONS} <= known
    assert set(zones.list_most_used()) <= known and len(known) > 400
    assert len(zones.list_most_used()) == len(set(zones.list_most_used()))


def test_broken_offsets_are_standard_times() -> None:
    """The zone for an offset without whole hours has it for at least half of the year."""
    for minutes, name in zone_table.BROKEN_OFFSETS.items():
        offsets = [at.astimezone(ZoneInfo(name)).utcoffset() for at in (SUMMER, WINTER)]
        assert timedelta(minutes=minutes) in offsets


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("berlin", "Europe/Berlin"), ("ber", "Europe/Berlin"), ("new y", "America/New_York"), ("york",
        "America/New_York"), ("munich", "Europe/Berlin"), ("Zür", "Europe/Zurich"), ("germany", "Europe/Berlin"),
        ("united st", "America/New_York"), ("europe/", "Europe/Berlin"), ("calcut", "Asia/Kolkata"),
        ("EST", "America/New_York"), ("etc/gmt-2", "Etc/GMT-2"), ("toyko", "Asia/Tokyo"), ("Asia/Tok", "Asia/Tokyo"),
        ("dublin", "Europe/Dublin"), ("utc", "UTC"),
    ],
)  # fmt: skip
def test_zones_complete(typed: str, first: str) -> None:
    """The likeliest zone comes first: exact names, then beginnings, then middles, then near spellings."""
    assert find_zones(typed)[0] == first


def test_labels_tell_the_clock() -> None:
    """A label has the zone and its time now; fixed offsets have the sign people know; labels are read back."""
    assert find_labels("berlin")[0] == "Europe/Berlin, now 14:05"
    assert find_labels("berlin", WINTER)[0] == "Europe/Berlin, now 13:05"
    assert find_labels("+2")[-1] == "UTC+2, now 14:05"
    german = complete_timezones("berlin", SUMMER, label="{zone}, jetzt {clock}")[0][0]
    assert (german, parse_timezone(german)) == ("Europe/Berlin, jetzt 14:05", "Europe/Berlin")
    for typed in ("", "+2", "a", "new", "-"):
        assert all(parse_timezone(label) == zone for label, zone in complete_timezones(typed, SUMMER))


def test_an_offset_offers_who_has_it_now() -> None:
    """ "+2" is Berlin in summer and Athens in winter; always at the end, once, the zone that never changes."""
    assert find_zones("+2")[0] == "Europe/Berlin" and "Europe/Athens" not in find_zones("+2")
    assert find_zones("+2", WINTER)[0] == "Europe/Athens" and "Europe/Berlin" not in find_zones("+2", WINTER)
    assert find_zones("UTC+2").count("Etc/GMT-2") == 1 and find_zones("utc +2") == find_zones("+2")
    assert find_zones("+1")[-4:] == ["Etc/GMT-11", "Etc/GMT-12", "Etc/GMT-13", "Etc/GMT-14"]
    assert find_zones("+5:30")[0] == "Asia/Kolkata"
    assert find_zones("-")[0] == "Etc/GMT+1"
    for label, zone in complete_timezones("-5", SUMMER):
        assert SUMMER.astimezone(ZoneInfo(zone)).utcoffset() == timedelta(hours=-5), label


def test_nothing_typed_offers_the_world() -> None:
    """Before anything is typed a full list goes around the world, from west to east."""
    offsets = [SUMMER.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for zone in find_zones("")]
    assert len(offsets) == 25 and offsets == sorted(offsets)
    assert offsets[0] == timedelta(hours=-10) and offsets[-1] == timedelta(hours=12) and len(set(offsets)) >= 18
    assert len(complete_timezones("", SUMMER, 3)) == 3 and complete_timezones("b", SUMMER, 0) == []


# https://discord.com/developers/docs/reference#locales
LOCALES = (
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja "
    "zh-TW ko"
)


def test_every_locale_has_a_first_guess() -> None:
    """Each of Discord's locales leads to a zone; a region we don't know to its language's, anything else to UTC."""
    assert all(guess_timezone(locale) != "UTC" and ZoneInfo(guess_timezone(locale)) for locale in LOCALES.split())
    assert guess_timezone("en-US") == "America/New_York" and guess_timezone("es-419") == "America/Mexico_City"
    assert guess_timezone("de-AT") == "Europe/Berlin"
    assert [guess_timezone(locale) for locale in ("tlh", "", None, "../..", "en-AU")] == ["UTC"] * 5


@pytest.mark.parametrize("typed", HOSTILE)
def test_completion_survives_hostile_text(typed: str) -> None:
    """Whatever is typed, completion answers with valid choices or none."""
    assert_choices(typed)


def assert_choices(typed: str) -> None:
    choices = complete_timezones(typed, SUMMER)
    assert len(choices) <= 25 and len({zone for _, zone in choices}) == len(choices)
    assert all(0 < len(label) <= 100 and ZoneInfo(zone) for label, zone in choices)
    clocks = complete_clock(typed)
    assert len(clocks) <= 25 and len(set(clocks)) == len(clocks)
    assert all(f"{parse_clock(clock):%H:%M}" == clock for clock in clocks)


@given(st.one_of(st.text(), st.text("0123456789:.+-hapmUTCGM/ ", max_size=12)))
def test_any_text_is_read_or_refused(typed: str) -> None:
    """Any text at all gives a time or zone, or a UserError that is harmless to show; completion never fails."""
    for parse in (parse_clock, parse_timezone):
        try:
            parse(typed)
        except UserError as refusal:
            assert_harmless(str(refusal))
    assert_choices(typed)

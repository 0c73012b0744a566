"""Knows time zones by what people call them: names new and old, cities, countries, abbreviations, offsets.

The facts are in `zone_table`, the rules of each zone in the machine's zone files or else the tzdata package, read
once and kept. What is typed, refused and offered is `clock`'s work; when something is due, `schedule`'s.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo

from bot.digest import zone_table
from bot.digest.cut import cut_text
from bot.errors import UserError

UTC_NAME = "UTC"
FIXED_HOURS = range(-12, 15)  # the ends of the world's clocks, and of the database's fixed zones
MAX_QUOTED = 40
# Letters that have no decomposition, as people without them on the keyboard write them.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_SEPARATORS = re.compile(r"[\s_.,'’-]+")
_TIME = re.compile(r" (standard )?time$")
# An offset as people write it, folded text excepted: its sign matters. U+2212 is the minus of typesetting.
_OFFSET = re.compile(r"(?:utc|gmt)? ?([+\u2212-]) ?([0-9]{1,2})(?::?([0-9]{2}))?", re.I)
_FIXED = re.compile(r"Etc/GMT([+-])([0-9]{1,2})")
# Below these a name's last part is a place; below others (US, Australia …) it may be just "West".
_AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Europe/", "Indian/", "Pacific/")
_LOOSE = re.compile(r"(?<![0-9]):|:(?![0-9])|/(?=/)")  # colons outside a time, which make emoji; parts of ://
_NAME = re.compile(r"[A-Za-z]{2,20}(?:/[A-Za-z0-9_+-]{1,30}){1,2}")


@cache  # only zones that exist are kept, and there are some 600
def get_zone(name: str) -> ZoneInfo:
    """Return the rules of an IANA zone. UserError names the one that no zone file and no tzdata has."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # unknown, not a name at all, a folder, unreadable, too long
        raise UserError("There is no time zone “{name}”.", name=quote_typed(name)) from None


def has_zone(name: str) -> bool:
    """Tell whether this machine has a zone."""
    try:
        get_zone(name)
    except UserError:
        return False
    return True


def quote_typed(text: str) -> str:
    """Keep of what a stranger typed what clocks and zones are made of: nothing that could ping, link or format."""
    plain = unicodedata.normalize("NFC", text[: 4 * MAX_QUOTED])
    kept = "".join(char if char.isalnum() or char in "+-:,/" else " " for char in plain)
    return cut_text(" ".join(_LOOSE.sub(" ", kept).split()), MAX_QUOTED)


def render_zone(name: str) -> str:
    """Render a zone's name for people: as it is, but UTC+2 for Etc/GMT-2, whose sign is the other way round."""
    fixed = _FIXED.fullmatch(name)
    return f"UTC{'-' if fixed[1] == '+' else '+'}{fixed[2]}" if fixed else name


def parse_offset(text: str) -> int | None:
    """Return the minutes east of UTC of "+2", "UTC+05:30" or "gmt -5"; None for anything else."""
    found = _OFFSET.fullmatch(text)
    if not found or int(found[3] or 0) > 59:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return minutes if found[1] == "+" else -minutes


def find_fixed_zone(minutes: int) -> str | None:
    """Return the zone that is always so far east of UTC; without whole hours the one whose standard time it is."""
    hours, rest = divmod(minutes, 60)
    if rest:
        return zone_table.BROKEN_OFFSETS.get(minutes)
    return _format_fixed(hours) if hours in FIXED_HOURS else None


def _format_fixed(hours: int) -> str:
    return f"Etc/GMT{-hours:+d}" if hours else UTC_NAME


def find_zone(typed: str) -> str | None:
    """Return the zone that a name, former name, city, country or abbreviation means; None if none or several do.

    A city may be followed by its country ("Paris, France"), an abbreviation's word by "time" ("Pacific time"). A
    name that is younger than the table is found where this machine has it, spelt exactly.
    """
    folded = fold(typed)
    meant = _find_meanings().get(folded) or _find_meanings().get(_TIME.sub("", folded))
    return meant or _find_names().get(typed.casefold()) or _find_in_country(typed) or _find_exactly(typed)


def _find_in_country(typed: str) -> str | None:
    city, _, country = typed.partition(",")
    zone = _find_meanings().get(fold(city))
    names = {one.zone: one.names for one in _find_spellings()}
    return zone if zone and fold(country) in names[zone] else None


def _find_exactly(typed: str) -> str | None:
    # posix/ and right/ are copies of all zones, the latter with leap seconds
    return typed if _NAME.fullmatch(typed) and not typed.startswith(("posix/", "right/")) and has_zone(typed) else None


def find_zones(typed: str) -> list[str]:
    """Return the zones for what has been typed so far, the likeliest first: exact names, beginnings, middles.

    Of those that fit equally the most used come first. Failing all, those with the nearest spellings.
    """
    folded = fold(typed)
    if not folded:
        return []
    ranked = [(rank, one.zone) for one in _find_spellings() if (rank := _rank(one, folded)) is not None]
    ranked.sort(key=lambda entry: entry[0])  # a stable sort: equals stay most used first
    return [zone for _, zone in ranked] or _find_nearest(folded)


def find_fixed_zones(typed: str) -> list[str]:
    """Return the zones of whole hours for the beginning of an offset: +1, +10, +11 … for "+1" or "UTC+1"."""
    begun = typed.casefold().replace(" ", "").replace("\u2212", "-").removeprefix("utc").removeprefix("gmt")
    if not begun.startswith(("+", "-")):
        return []
    fixed = [_format_fixed(hours) for hours in sorted(FIXED_HOURS, key=abs) if hours]
    return [zone for zone in fixed if render_zone(zone).removeprefix(UTC_NAME).startswith(begun)]


def find_zones_at(minutes: int, now: datetime) -> list[str]:
    """Return those of the most used zones whose clocks are so far east of UTC at a moment, most used first."""
    return [zone for zone in list_most_used() if has_zone(zone) and _measure_offset(zone, now) == minutes]


def list_first_offered(now: datetime, limit: int) -> list[str]:
    """Return the zones most people live in, each clock once, from west to east at a moment."""
    known = [zone for zone in zone_table.FIRST_OFFERED.split() if has_zone(zone)]
    return sorted(known[:limit], key=lambda zone: _measure_offset(zone, now))


def list_most_used() -> list[str]:
    """Return the zones of most of the world's people, most used first."""
    return [*zone_table.FIRST_OFFERED.split(), *zone_table.MOST_USED.split()]


def fold(text: str) -> str:
    """Return text as it is compared: small letters without accents, words parted by one space."""
    bare = text.casefold()
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", bare).translate(_LETTERS)
        bare = "".join(char for char in plain if unicodedata.category(char) != "Mn")
    return _SEPARATORS.sub(" ", bare).strip()


def _measure_offset(name: str, moment: datetime) -> int:
    return (moment.astimezone(get_zone(name)).utcoffset() or timedelta()) // timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Spelling:
    """The ways one zone may be typed, folded, its own city first."""

    zone: str
    names: tuple[str, ...]


def _read_table(text: str) -> Iterator[tuple[str, str]]:
    for entry in text.split(";"):
        key, _, value = " ".join(entry.split()).partition(": ")
        yield key, value


def _read_countries() -> Iterator[tuple[list[str], list[str]]]:
    for names, zones in _read_table(zone_table.COUNTRIES):
        yield names.split(", "), zones.split()


def _read_former() -> Iterator[tuple[str, str]]:
    for zone, names in _read_table(zone_table.FORMER_NAMES):
        yield from ((zone, name) for name in names.split())


@cache  # built when something is first typed: most runs never need it
def _find_spellings() -> tuple[_Spelling, ...]:
    countries = list(_read_countries())
    listed = dict.fromkeys([*list_most_used(), *(zone for _, zones in countries for zone in zones)])
    names = {zone: [zone.rpartition("/")[2], zone] for zone in listed}
    for zone, cities in _read_table(zone_table.CITIES):
        names[zone] += cities.split(", ")
    for zone, name in _read_former():
        names[zone] += [name, name.rpartition("/")[2]] if name.startswith(_AREAS) else [name]
    for zone, abbreviations in zone_table.ABBREVIATIONS.items():
        names[zone] += abbreviations.split()
    for called, zones in countries:
        for zone in zones:
            names[zone] += called
    return tuple(_Spelling(zone, tuple(dict.fromkeys(map(fold, names[zone])))) for zone in listed)


@cache
def _find_names() -> dict[str, str]:
    """Return the zone for each name of the database in small letters, former names and fixed offsets too."""
    fixed = map(_format_fixed, FIXED_HOURS)
    names = {one.zone.casefold(): one.zone for one in _find_spellings()} | {zone.casefold(): zone for zone in fixed}
    return names | {name.casefold(): zone for zone, name in _read_former()}


@cache
def _find_meanings() -> dict[str, str]:
    """Return the one zone that each folded spelling means; of several the last kind listed here."""
    split = {name for name, _ in _read_table(zone_table.SPLIT_COUNTRIES)}
    pairs = [
        *((name.rpartition("/")[2], zone) for zone, name in _read_former() if name.startswith(_AREAS)),
        *((name, zones[0]) for called, zones in _read_countries() if called[0] not in split for name in called),
        *((one.zone.rpartition("/")[2], one.zone) for one in reversed(_find_spellings())),
        *((city, zone) for zone, cities in _read_table(zone_table.CITIES) for city in cities.split(", ")),
        *((one.zone, one.zone) for one in _find_spellings()),
        *((name, zone) for zone, name in _read_former()),
        *((word, zone) for zone, words in zone_table.ABBREVIATIONS.items() for word in words.split()),
    ]
    return {fold(spelling): zone for spelling, zone in pairs}


def _rank(spelling: _Spelling, typed: str) -> int | None:
    """Rank a zone for what was typed by the way it fits, lower is better; None if it doesn't."""
    names = spelling.names
    if typed in names:
        return 0
    if names[0].startswith(typed):
        return 1
    if any(name.startswith(typed) for name in names):
        return 2
    if any(f" {typed}" in name or f"/{typed}" in name for name in names):
        return 3
    return 4 if len(typed) >= 3 and any(typed in name for name in names) else None


def _find_nearest(typed: str) -> list[str]:
    by_name = {name: one.zone for one in reversed(_find_spellings()) for name in one.names}
    return list(dict.fromkeys(by_name[name] for name in get_close_matches(typed, by_name, 5, 0.7)))

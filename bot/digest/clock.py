"""What people type for a time of day and a time zone: reads it, completes it, makes a first guess.

    "9pm" ──► 21:00        "Zürich" ──► Europe/Zurich        "+2" ──► Etc/GMT-2 (written UTC+2)

Input is a stranger's, of any length and with any signs: what is not understood is a UserError that says what would
be. What a zone is called is `zones`' knowledge; when something is due is `schedule`'s.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from itertools import islice

from bot.digest import zone_table, zones
from bot.errors import UserError

MAX_TYPED = 100
MAX_CHOICES = 25  # Discord's limit of choices; names and values have at most 100 characters
LABEL = "{zone}, now {clock}"
FIRST_HOUR = 6  # where the list of hours begins when nothing has been typed
_SUGGESTED = 3

_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?: ?(?:[:.h]|uhr|時)? ?(?P<minute>[0-9]{2})分?)?"
    r" ?(?:(?P<half>[ap])(?:\.? ?m\.?)?|h|uhr|時|o['’]clock)?"
)
_WORDS = {
    "noon": time(12), "midday": time(12), "mittag": time(12), "midi": time(12), "mediodia": time(12),
    "midnight": time(0), "mitternacht": time(0), "minuit": time(0), "medianoche": time(0),
}  # fmt: skip
_SEPARATOR = re.compile(r" ?(?:[:.h]|uhr|時) ?")
_LABEL_END = re.compile(r", \w+ [0-9]{2}:[0-9]{2}$")


def parse_clock(text: str) -> time:
    """Return the time of day someone means, to the minute.

    Takes 9, 09, 0930, 21:30, 21.30, 9am, 9:05 p.m., "9 Uhr", "9 Uhr 30", 21h30, 9時, noon and midnight; hours go
    from 0 to 23, with am or pm from 1 to 12. UserError says so for anything else.
    """
    typed = _clean(text)
    found = _CLOCK.fullmatch(typed.casefold())
    meant = _read_clock(found) if found else _WORDS.get(zones.fold(typed))
    if meant is None:
        raise _refuse_clock(text)
    return meant


def _refuse_clock(text: str) -> UserError:
    quoted = zones.quote_typed(text)
    if not quoted:
        return UserError("That is not a time of day. Type one such as 9, 9am, 21:30 or noon.")
    return UserError("“{typed}” is not a time of day. Type one such as 9, 9am, 21:30 or noon.", typed=quoted)


def _read_clock(found: re.Match[str]) -> time | None:
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"]
    if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute)


def complete_clock(text: str, limit: int = MAX_CHOICES) -> list[str]:
    """Return at most `limit` times as "09:00" for what has been typed so far, the likeliest first.

    Nothing typed: every hour, from 06:00 on. "9" may be 09:00 or 21:00, on the hour or between; "9:05" is both too.
    """
    typed = _clean(text).casefold()
    if not typed and not text.strip():
        return [f"{(FIRST_HOUR + hour) % 24:02}:00" for hour in range(24)][: max(0, limit)]
    found = _CLOCK.fullmatch(typed)
    meant = _list_meant(found) if found else []
    words = [at for word, at in _WORDS.items() if typed and word.startswith(zones.fold(typed) or typed)]
    offers = dict.fromkeys([*meant, *words, *_list_begun(typed)])
    return [f"{at:%H:%M}" for at in offers][: max(0, limit)]


def _list_meant(found: re.Match[str]) -> list[time]:
    """Return what a whole time may mean: later that hour unless minutes are given, and twelve hours on."""
    first = _read_clock(found)
    if first is None:
        return []
    is_open = not found["half"] and 1 <= int(found["hour"]) <= 11 and not found["hour"].startswith("0")
    twins = [first, first.replace(hour=first.hour + 12)] if is_open else [first]
    if found["minute"]:
        return twins
    return [at.replace(minute=minute) for pair in ((0, 30), (15, 45)) for at in twins for minute in pair]


def _list_begun(typed: str) -> Iterator[time]:
    """Yield the times whose digits begin as typed, full hours first, then halves, quarters, fives and the rest."""
    begun = _SEPARATOR.sub(":", typed)
    if not begun[:1].isdigit():
        return
    colon = ":" if ":" in begun else ""
    for minute in sorted(range(60), key=lambda minute: [bool(minute % step) for step in (60, 30, 15, 5)]):
        for hour in range(24):
            if f"{hour}{colon}{minute:02}".startswith(begun) or f"{hour:02}{colon}{minute:02}".startswith(begun):
                yield time(hour, minute)


def parse_timezone(text: str) -> str:
    """Return the IANA name of the zone someone means.

    Takes IANA names in any case (a former name gives the present one), cities, countries with one clock,
    abbreviations (EST means New York, summer too), offsets, and what `complete_timezones` shows. An offset in whole
    hours, -12 to +14, is a zone without summer time (+2: Etc/GMT-2); of the others those are taken that are some
    zone's standard time (+5:30: Asia/Kolkata). UserError, with the nearest suggestions, for anything else.
    """
    typed = _clean_zone(text)
    offset = zones.parse_offset(typed)
    zone = zones.find_fixed_zone(offset) if offset is not None else zones.find_zone(typed) if typed else None
    if zone is None:
        raise _refuse_zone(text, typed)
    zones.get_zone(zone)  # this machine must have it as well
    return zone


def _refuse_zone(text: str, typed: str) -> UserError:
    quoted = zones.quote_typed(text)
    if not quoted:
        return UserError("Type a city such as Tokyo, a zone such as Europe/Berlin, or an offset such as +2.")
    if near := zones.find_zones(typed)[:_SUGGESTED]:
        return UserError(
            "There is no time zone “{name}”. Did you mean one of these: {zones}?", name=quoted, zones=", ".join(near)
        )
    return UserError(
        "There is no time zone “{name}”. Type a city such as Tokyo, a zone such as Europe/Berlin, "
        "or an offset such as +2.",
        name=quoted,
    )


def complete_timezones(text: str, now: datetime, limit: int = MAX_CHOICES, label: str = LABEL) -> list[tuple[str, str]]:
    """Return at most `limit` (label, zone) for what has been typed so far, the likeliest first.

    Nothing typed: the clocks most people live by, from west to east. An offset: the zones that have it at `now`
    (aware), then the one that always does. `label` is filled with the zone and its clock, "14:05"; labels have at
    most 100 characters, as Discord wants.
    """
    typed = _clean_zone(text)
    if typed:
        offers: Iterable[str] = _find_offers(typed, now, limit)
    else:
        offers = [] if text.strip() else zones.list_first_offered(now, limit)
    labelled = ((_format_label(zone, now, label), zone) for zone in dict.fromkeys(offers) if zones.has_zone(zone))
    return list(islice(labelled, max(0, limit)))


def _find_offers(typed: str, now: datetime, limit: int) -> list[str]:
    offset = zones.parse_offset(typed)
    if offset is not None:
        always = zones.find_fixed_zone(offset)
        found = zones.find_zones_at(offset, now)[: max(0, limit - 1)]
        return [*found, *([always] if always else []), *zones.find_fixed_zones(typed)]
    meant = zones.find_zone(typed)
    return [*([meant] if meant else []), *zones.find_zones(typed), *zones.find_fixed_zones(typed)]


def _format_label(zone: str, now: datetime, label: str) -> str:
    clock = f"{now.astimezone(zones.get_zone(zone)):%H:%M}"
    return label.format(zone=zones.render_zone(zone), clock=clock)[:MAX_TYPED]


def guess_timezone(locale: str | None) -> str:
    """Return the zone that most people with one of Discord's locales live in, a guess to start from; else UTC."""
    language = (locale or "").partition("-")[0]
    return zone_table.LOCALES.get(locale or "") or zone_table.LOCALES.get(language) or zones.UTC_NAME


def _clean_zone(text: str) -> str:
    return _LABEL_END.sub("", _clean(text))


def _clean(text: str) -> str:
    """Return what was typed on one line without spaces around; nothing if it is too long or has odd signs.

    Odd are control and direction signs, and digits other than 0 to 9: what looks like a time must be one.
    """
    line = text.replace("\u00a0", " ").replace("\u202f", " ").strip(" ")
    return line if len(line) <= MAX_TYPED and not any(map(_is_odd, line)) else ""


def _is_odd(char: str) -> bool:
    return not char.isprintable() or (not char.isascii() and unicodedata.category(char).startswith("N"))

"""What a button does, as a plain value, and its form in a custom id; the router elsewhere acts on it.

    h1:p:2104.04767:20210413~marker
    │  │ └ fields            └ whose message this is (optional)
    │  └ verb
    └ version of the form: an id of another version is still recognised as ours, though not read

State lives in the id, so a button works after any restart. What does not fit (a search with its filters) is
stored elsewhere under a short key, which the id carries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.messages.limits import CUSTOM_ID

_OURS = re.compile(r"h[0-9]{1,2}:[\x21-\x7d]*(?:~(?P<marker>[A-Za-z0-9_-]{1,22}))?", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_.,=+-]{1,60}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_PAGE = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_DAY = re.compile(r"[0-9]{8}", re.ASCII)
_ARXIV_ID = re.compile(
    r"[0-9]{4}\.[0-9]{4,5}|[A-Za-z-]{1,20}(?:\.[A-Za-z-]{1,20})?/[0-9]{7}", re.ASCII
)  # arXiv's identifier scheme, since April 2007 and before
_CATEGORY_GROUP = re.compile(r"[A-Za-z-]{1,20}(?:\.[A-Za-z-]{1,20})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """Show one paper's details, as it stood on `day` if that is known."""

    arxiv_id: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class OpenDay:
    """Show one day's whole ranking, in an answer of its own."""

    day: date


@dataclass(frozen=True, slots=True)
class DayPage:
    """Turn an answer that shows a day's ranking to another page (from 1)."""

    day: date
    page: int


@dataclass(frozen=True, slots=True)
class GetByDM:
    """Send the member who presses it the same papers every day.

    Either the `categories` themselves (empty for all of arXiv), which needs nothing kept, or, for a list
    too long for an id, the `subscription_id` whose categories are meant (`categories` is None then).
    """

    categories: tuple[str, ...] | None = ()
    subscription_id: int | None = None


@dataclass(frozen=True, slots=True)
class TopPage:
    """Show a page (from 1) of a ranking over a period; `key` says which, see `SearchPage`."""

    key: str
    page: int = 1


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Show a page (from 1) of a search; `key` (1–60 of A-Z a-z 0-9 _ . , = + -) finds its query and filters."""

    key: str
    page: int = 1


Action = OpenPaper | OpenDay | DayPage | GetByDM | TopPage | SearchPage


def encode(action: Action, marker: str = "") -> str:
    """Return the custom id of `action`, at most 100 characters (Discord's limit).

    `marker` (0–22 of A-Z a-z 0-9 _ -) lets a bot recognise its own message later. Raises ValueError for a
    value that would not come back from `decode` as it went in: a key with a space, too many categories.
    """
    custom_id = ":".join(("h1", *_format_fields(action))) + (f"~{marker}" if marker else "")
    if len(custom_id) > CUSTOM_ID or decode(custom_id) != action or decode_marker(custom_id) != marker:
        raise ValueError(f"no custom id can hold {action!r} with the marker {marker!r}")
    return custom_id


def decode(custom_id: str) -> Action | None:
    """Return what a button does, or None for an id that is not ours, is damaged or of another version."""
    match = _OURS.fullmatch(custom_id)
    if match is None or len(custom_id) > CUSTOM_ID:
        return None
    version, verb, *fields = custom_id.partition("~")[0].split(":")
    try:
        return _parse_fields(verb, fields) if version == "h1" else None
    except ValueError:
        return None


def decode_marker(custom_id: str) -> str | None:
    """Return the marker of an id of ours, whatever its version or verb: "" without one, None if not ours."""
    match = _OURS.fullmatch(custom_id)
    return None if match is None else match["marker"] or ""


def _format_fields(action: Action) -> tuple[str, ...]:
    match action:
        case OpenPaper(arxiv_id, day):
            return ("p", arxiv_id) if day is None else ("p", arxiv_id, _format_day(day))
        case OpenDay(day):
            return "d", _format_day(day)
        case DayPage(day, page):
            return "d", _format_day(day), str(page)
        case GetByDM(None, subscription_id):
            return "ms", str(subscription_id)
        case GetByDM(categories, None) if categories is not None:
            return "mc", _format_categories(categories)
        case TopPage(key, page):
            return "t", key, str(page)
        case SearchPage(key, page):
            return "s", key, str(page)
    raise ValueError(f"no custom id can hold {action!r}: it is not one thing to do")


def _parse_fields(verb: str, fields: list[str]) -> Action | None:
    match verb, fields:
        case "p", [arxiv_id]:
            return OpenPaper(_check(_ARXIV_ID, arxiv_id))
        case "p", [arxiv_id, day]:
            return OpenPaper(_check(_ARXIV_ID, arxiv_id), _parse_day(day))
        case "d", [day]:
            return OpenDay(_parse_day(day))
        case "d", [day, page]:
            return DayPage(_parse_day(day), int(_check(_PAGE, page)))
        case "mc", [categories]:
            return GetByDM(_parse_categories(categories))
        case "ms", [subscription_id]:
            return GetByDM(None, int(_check(_NUMBER, subscription_id)))
        case "t", [key, page]:
            return TopPage(_check(_KEY, key), int(_check(_PAGE, page)))
        case "s", [key, page]:
            return SearchPage(_check(_KEY, key), int(_check(_PAGE, page)))
    return None  # a verb of a later version: not ours to guess


def _format_categories(categories: tuple[str, ...]) -> str:
    """Write neighbours of one archive together, so that 20 of them fit: cs.CV, cs.LG → cs.CV.LG."""
    groups: list[str] = []
    for name in categories:
        archive, dot, sub = name.partition(".")
        if dot and groups and groups[-1].startswith(archive + "."):
            groups[-1] += "." + sub
        else:
            groups.append(name)
    return ",".join(groups)


def _parse_categories(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for group in text.split(",") if text else ():
        archive, *subs = _check(_CATEGORY_GROUP, group).split(".")
        names += [f"{archive}.{sub}" for sub in subs] or [archive]
    return tuple(names)


def _format_day(day: date) -> str:
    return day.isoformat().replace("-", "")


def _parse_day(text: str) -> date:
    return date.fromisoformat(_check(_DAY, text))


def _check(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(text)
    return text

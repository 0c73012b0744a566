"""Reads what servers send as JSON without trusting it: every value may be missing, of another type, or out of bounds.

What the values mean is for each source to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn

from bot.errors import SourceError
from bot.sources.wire import NEXT

LARGEST_COUNT = 10**9  # no paper has as many votes as this; SQLite and a post's line can take it
LONGEST_LINE = 20_000  # characters that are kept of a text
_LONGEST_NUMBER = 19  # digits
_TOLD = 3  # refused entries that a note describes
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff]")  # without those that are white space
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_payload(body: bytes, what: str) -> object:
    """Parse a body as JSON; SourceError says what it is of when it is no JSON (RFC 8259, so no NaN), or a bomb."""
    try:
        value: object = json.loads(body, parse_constant=_refuse_constant, parse_int=_parse_whole_number)
    except UnicodeDecodeError:
        refuse(what, "is not text in UTF-8")
    except RecursionError:
        refuse(what, "is nested too deeply")
    except ValueError as error:
        is_page = body.lstrip()[:1] == b"<"
        refuse(what, "is a web page, not JSON" if is_page else f"is not JSON ({error})")
    return value


def refuse(what: str, cause: str) -> NoReturn:
    """Raise a SourceError that says what is wrong with what, and what happens next."""
    raise SourceError(f"{what} {cause}; {NEXT}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no value")


def _parse_whole_number(digits: str) -> int:
    """Return -1, which is no count, for a number that is too long: Python refuses to read the longest ones."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else -1


def read_object(value: object) -> Mapping[str, object]:
    """Return a JSON object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def read_list(value: object) -> Sequence[object]:
    """Return a JSON array, an empty one for anything else."""
    return value if isinstance(value, list) else ()


def read_line(value: object) -> str:
    """Return a text on one line, each run of white space one blank; empty for anything that is no text.

    Control characters and halves of surrogate pairs, which JSON can hold and UTF-8 can't, are taken out or replaced.
    """
    if not isinstance(value, str):
        return ""
    text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", value[: 2 * LONGEST_LINE]))
    return " ".join(text.split())[:LONGEST_LINE].rstrip()


def read_moment(value: object) -> datetime | None:
    """Return the time that an ISO 8601 text or a number of seconds since 1970 says, in UTC; None for anything else."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        if type(value) is int:
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def read_counts(values: Mapping[str, object], fields: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    """Return the counts that `fields` (field → metric) names, and the fields that hold something that is no count.

    A field that is absent or null is missing: it has no count, and nothing is wrong with it.
    """
    counts: dict[str, int] = {}
    wrong: list[str] = []
    for name, metric in fields.items():
        match values.get(name):
            case None:
                continue
            case bool():
                wrong.append(name)
            case int(count) if 0 <= count <= LARGEST_COUNT:
                counts[metric] = count
            case _:
                wrong.append(name)
    return counts, wrong


def describe_value(value: object) -> str:
    """Describe a stranger's value for a note: a text quoted, short, on one line and in ASCII, else its JSON type."""
    if isinstance(value, str):
        return text if len(text := ascii(value[:50])) <= 40 else f"{text[:37]}…"
    return {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}.get(type(value), "a number")


def format_complaints(what: str, complaints: Sequence[str]) -> tuple[str, ...]:
    """Format what is wrong with entries as one note, none for none; of many the first are described."""
    if not complaints:
        return ()
    more = len(complaints) - _TOLD
    told = "; ".join(complaints[:_TOLD])
    return (f"{what}: {told}; and {more} more" if more > 0 else f"{what}: {told}",)

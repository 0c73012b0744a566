"""The YAML header of a daily post: read strictly and bounded, written back the way the posts have it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from bot.digest.late import compile_late
from bot.errors import PostError

KEYS = ("title", "date", "template", "draft", "slug", "category", "tags", "description", "socialImage")
_MAX_SIZE = 64 * 1024  # real headers have 400 characters
_MAX_DEPTH = 10
# A header whose lines cannot nest deeply and hold no alias: nearly every one. The others are checked by YAML's events.
_REST = r"[^\n\r\x85\u2028\u2029*\[{?]*"  # YAML breaks lines at five characters
_FLAT = compile_late(rf"(?: {{0,2}}(?:[\w-]+:|- (?![\s-])){_REST}\n|\n)*(?: {{0,2}}[\w-]+:{_REST})?")
# What nearly every header is made of: lines that mean the same to every reader of YAML, which takes ten times as long.
_LINE = compile_late(
    r"""(?P<key>[A-Za-z]\w{1,40}):(?:\ (?:
        "(?P<text>[ !#-\[\]-~]*)" | (?P<flag>true|false)
        | (?P<words>[A-Z][a-z]+(?:\ [A-Z][a-z]+)+(?:\ [0-9]{4}-[0-9]{2}-[0-9]{2}(?:\ -\ [0-9]{4}-[0-9]{2}-[0-9]{2})?)?)
        | (?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\.?Z
    ))?|[ ]{2}-\ "(?P<item>[ !#-\[\]-~]*)"|(?P<blank>)""",
    re.ASCII | re.VERBOSE,
)
_NUMBER = re.compile(r"[0-9]+")
_WORDS_OF_YAML = frozenset({"yes", "no", "on", "off", "true", "false", "null"})  # as keys these are no text
_PLAIN = re.compile(r"[A-Za-z][A-Za-z ]*(?: [0-9]{4}-[0-9]{2}-[0-9]{2}(?: - [0-9]{4}-[0-9]{2}-[0-9]{2})?)?")
_FRACTION_DOT = re.compile(r"\.(?=Z|$)")


@dataclass(frozen=True, slots=True)
class Header:
    """A post's header by key and as written, the body after it, and the file's lines where both begin."""

    values: Mapping[str, Any]
    source: str
    body: str
    source_line: int
    body_line: int


def parse_header(text: str) -> Header:
    """Split a post into header and body; PostError when there is none, or its YAML is bad or a bomb."""
    handler = YAMLHandler()
    start = len(text) - len(text.lstrip("\n"))
    if not handler.detect(text[start:]):
        raise PostError("no front matter: the file must begin with a line ---", 1)
    try:
        source, body = handler.split(text[start:])
    except ValueError:
        raise PostError("the front matter is not closed by a line ---", start + 1) from None
    if len(source) > _MAX_SIZE:
        raise PostError(f"the front matter is longer than {_MAX_SIZE:,} characters", start + 1)
    values = _load(handler, source, start + 1)
    return Header(values, source, body, start + 1, text[: len(text) - len(body)].count("\n") + 1)


def _load(handler: YAMLHandler, source: str, line: int) -> dict[str, Any]:
    try:
        values = _read_lines(source)
        if values is None:
            if not _FLAT.fullmatch(source):
                _check_events(source, line)
            values = handler.load(source)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        cause = getattr(error, "problem", None) or str(error)
        raise PostError(f"bad YAML: {cause}", line + (mark.line if mark else 0)) from None
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise PostError("the front matter must be a list of `key: value` lines", line)
    return values


def _read_lines(source: str) -> dict[str, Any] | None:
    """Read a header that has nothing but plain lines, exactly as YAML would; None for any other."""
    values: dict[str, Any] = {}
    items: list[str] | None = None  # of the key above
    for line in source.split("\n"):
        kind, key, value = _read_line(line)
        if kind == "item":
            if items is None:
                return None
            items.append(value)
        elif kind == "odd":
            return None
        elif kind != "blank":
            if items == [] or key in values:
                return None
            items = [] if kind == "key" else None
            values[key] = items if kind == "key" else value
    return values if values and items != [] else None


@lru_cache(maxsize=256)  # posts share most of these lines
def _read_line(line: str) -> tuple[str, str, Any]:
    """Return a line's kind, its key and its value; "odd" is whatever may mean something else to YAML."""
    match = _LINE.fullmatch(line)
    kind = match.lastgroup if match else None
    if match is None or kind is None:
        return "odd", "", None
    if kind in ("item", "blank"):
        return kind, "", match[kind]
    key, value = match["key"], _read_value(kind, match[kind])
    return ("odd", "", None) if value is None or key.lower() in _WORDS_OF_YAML else (kind, key, value)


def _read_value(kind: str, text: str) -> str | bool | datetime | None:
    """Return a line's value; None for a time that is none, as it is for YAML to say what that means here."""
    if kind == "time":
        try:
            year, month, day, hour, minute, second = map(int, _NUMBER.findall(text))
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            return None
    return text == "true" if kind == "flag" else text


def _check_events(source: str, line: int) -> None:
    """Refuse aliases (a few lines of them unfold to gigabytes) and nesting no post needs, before loading."""
    depth = 0
    for event in yaml.parse(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.AliasEvent):
            raise PostError("YAML aliases are not allowed here", line + _count_lines(event))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise PostError("the YAML is nested too deeply", line + _count_lines(event))


def _count_lines(event: yaml.Event) -> int:
    return event.start_mark.line if event.start_mark else 0


def get_text(header: Header, key: str) -> str | None:
    """Return a text value, None when it is missing or empty; PostError when it is of another type."""
    value = header.values.get(key)
    if value is None or isinstance(value, str):
        return value or None
    raise PostError(f"`{key}` must be text, not {type(value).__name__}", _find_line(header, key))


def get_flag(header: Header, key: str) -> bool:
    """Return a true/false value, False when it is missing; PostError when it is of another type."""
    value = header.values.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise PostError(f"`{key}` must be true or false", _find_line(header, key))


def get_texts(header: Header, key: str) -> list[str]:
    """Return a list of texts, empty when it is missing; PostError when it is anything else."""
    value = header.values.get(key)
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise PostError(f"`{key}` must be a list of texts", _find_line(header, key))


def get_time(header: Header, key: str) -> datetime | None:
    """Return a time in UTC, None when it is missing; `2021-04-14T11:53:41.Z` and ISO 8601 are times."""
    value = header.values.get(key)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(_FRACTION_DOT.sub("", value.strip()))
        except ValueError:
            value = ""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if value is None:
        return None
    try:
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        pass  # year 1 or 9999 with an offset
    raise PostError(f"`{key}` must be a time such as 2021-04-14T11:53:41Z", _find_line(header, key))


def simplify(value: Any) -> Any:
    """Return an unknown value as JSON could hold it: other types and keys become their text."""
    if isinstance(value, dict):
        return {str(key): simplify(item) for key, item in value.items()}
    if isinstance(value, list):
        return [simplify(item) for item in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _find_line(header: Header, key: str) -> int:
    """Return the line of the file that sets a key."""
    match = re.search(rf"^{re.escape(key)}\s*:", header.source, re.MULTILINE)
    return header.source_line + (header.source.count("\n", 0, match.start()) if match else 0)


def format_header(values: Mapping[str, Any]) -> str:
    """Write a header in the posts' own layout: known keys in their order, then any others."""
    lines = ["---"]
    for key in KEYS:
        if (value := values.get(key)) is not None and value != []:
            lines.append(_format_value(key, value))
    if extra := {key: value for key, value in values.items() if key not in KEYS}:
        lines.append(yaml.safe_dump(extra, allow_unicode=True, sort_keys=False).rstrip("\n"))
    return "\n".join([*lines, "", "---"])


def _format_value(key: str, value: Any) -> str:
    if key == "date":
        fraction = f"{value.microsecond:06d}".rstrip("0")
        return f"date: {value:%Y-%m-%dT%H:%M:%S}.{fraction}Z"
    if isinstance(value, bool):
        return f"{key}: {str(value).lower()}"
    if isinstance(value, list):
        return "\n".join([f"{key}:", *(f"  - {_quote(item)}" for item in value)])
    return f"{key}: {value if key == 'title' and _PLAIN.fullmatch(value) else _quote(value)}"


def _quote(text: str) -> str:
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=len(text) * 10 + 80).rstrip("\n")

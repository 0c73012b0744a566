"""One line per event on standard error, as text for people or JSON for machines; never a secret in it.

    log_event(log, "command", server=1, command="top", milliseconds=12)
        text   2026-01-05T09:00:00.000+00:00 INFO    bot.x: command server=1 command=top milliseconds=12
        json   {"time": …, "level": "INFO", "logger": "bot.x", "message": "command", "server": 1, …}

What is worth a line, and that no member's words are in it, is for those who log.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

HIDDEN = "[hidden]"
# Libraries that tell at INFO what we tell ourselves, in our own words.
_CHATTY = ("discord", "apscheduler", "aiohttp")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PLAIN = re.compile(r"[^\s\"=\\]+")
# What lets its holder speak as the bot, wherever it turns up: answers to interactions, headers, payloads, proxies.
# In a line of JSON the quotes of a text have a backslash before them.
_SECRETS = (
    (re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/\s?#\"'\\&,;)\]}>]+"), rf"\g<1>{HIDDEN}"),
    (re.compile(r"(\bBot )[\w-]+\.[\w-]+\.[\w-]+"), rf"\g<1>{HIDDEN}"),
    (re.compile(r"((?:\\?[\"'])token\\?[\"']\s*:\s*\\?[\"'])[^\"'\\]+"), rf"\g<1>{HIDDEN}"),
    (re.compile(r"(\w://)[^/\s@\"'\\]+(?=@)"), rf"\g<1>{HIDDEN}"),
)


def log_event(
    logger: logging.Logger,
    event: str,
    /,
    *,
    level: int = logging.INFO,
    error: BaseException | None = None,
    **fields: object,
) -> None:
    """Log one event with its fields; those that are None are left out, `error` adds its trace."""
    given = {name: value for name, value in fields.items() if value is not None}
    logger.log(level, event, exc_info=error, extra={"fields": given}, stacklevel=2)


class Redactor:
    """Takes secrets out of a text: those it was given, and what looks like a token in a URL, header or payload."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def clean(self, text: str) -> str:
        """Return the text without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern, kept in _SECRETS:
            text = pattern.sub(kept, text)
        return text


class TextFormatter(logging.Formatter):
    """Writes a record as one line for people, a trace indented below it: nothing in it can pass for another line."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        shown = [record.getMessage()]
        shown += [f"{name}={_format_value(value)}" for name, value in _get_fields(record).items()]
        line = f"{_format_time(record)} {record.levelname:<7} {record.name}: {_escape(' '.join(shown))}"
        trace = [f"    {_escape(row)}" for row in _format_trace(record).split("\n") if row]
        return self._redactor.clean("\n".join([line, *trace]))


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, message, its fields, and the trace if there is one."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        event: dict[str, Any] = {
            "time": _format_time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, value in _get_fields(record).items():
            event[f"{name}_" if name in event or name == "trace" else name] = value
        if trace := _format_trace(record):
            event["trace"] = trace
        return self._redactor.clean(json.dumps(event, default=str))


class SafeHandler(logging.StreamHandler[Any]):
    """Writes to standard error; a record that can't be written is named, without what is in it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say where a record could not be written, and why, in one line."""
        error = sys.exc_info()[0]
        name = error.__name__ if error else "unknown"
        with suppress(OSError, ValueError):  # standard error itself may be gone
            self.stream.write(f"a record of {record.name}, line {record.lineno}, could not be written: {name}\n")


def make_handler(format: str, secrets: Iterable[str] = (), stream: Any = None) -> logging.Handler:
    """Return a handler for a format, text or json, that writes to a stream (standard error) and hides secrets."""
    handler = SafeHandler(stream)
    redactor = Redactor(secrets)
    handler.setFormatter(JsonFormatter(redactor) if format == "json" else TextFormatter(redactor))
    return handler


def start_logging(level: str, format: str, secrets: Iterable[str] = ()) -> None:
    """Send every log record of this process to standard error; libraries only from WARNING on, unless at DEBUG."""
    logging.basicConfig(level=level, handlers=[make_handler(format, secrets)], force=True)
    for name in _CHATTY:
        quiet = logging.NOTSET if level == "DEBUG" else max(logging.WARNING, logging.getLevelNamesMapping()[level])
        logging.getLogger(name).setLevel(quiet)


def _get_fields(record: logging.LogRecord) -> dict[str, object]:
    fields = getattr(record, "fields", None)
    return fields if isinstance(fields, dict) else {}


def _format_time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _format_value(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _format_trace(record: logging.LogRecord) -> str:
    parts = ["".join(traceback.format_exception(record.exc_info[1]))] if record.exc_info else []
    return "\n".join([*parts, *([record.stack_info] if record.stack_info else [])]).rstrip("\n")


def _escape(text: str) -> str:
    """Return a text on one line, with what a terminal would obey made visible: a line break as \\n."""
    return _CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode(), text)

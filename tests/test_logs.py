"""The promises of the logs: one line per event, readable by people or machines, and never a secret in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import HIDDEN, log_event, make_handler, start_logging

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMA.GabcDE.very-secret-part_of-it"  # noqa: S105 - made up
ANSWER = "aW50ZXJhY3Rpb246MTAwMDow_very-long.token-of-an-answer"
FORMATS = ("text", "json")
log = logging.getLogger("tests.logs")


class Written:
    """A logger's handler that writes to memory."""

    def __init__(self, format: str, secrets: list[str]) -> None:
        self.stream = io.StringIO()
        self.handler = make_handler(format, secrets, self.stream)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


@pytest.fixture
def text() -> Iterator[Written]:
    yield from attach("text")


@pytest.fixture
def as_json() -> Iterator[Written]:
    yield from attach("json")


@pytest.fixture(params=FORMATS)
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    yield from attach(request.param)


def attach(format: str) -> Iterator[Written]:
    found = Written(format, [TOKEN, ""])
    log.addHandler(found.handler)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    yield found
    log.removeHandler(found.handler)
    log.propagate = True
    log.setLevel(logging.NOTSET)


def fail(text: str) -> None:
    raise ValueError(text)


def log_failure(text: str) -> None:
    try:
        fail(text)
    except ValueError as error:
        log_event(log, "command failed", level=logging.ERROR, error=error, reference="ab12")


def test_an_event_is_a_line_with_its_fields(text: Written, as_json: Written) -> None:
    """Fields are key=value in text, quoted where needed, and members in JSON; None is left out."""
    log_event(
        log, "command", server=81384788765712384, channel=None, command="digest add", milliseconds=12, outcome="ok"
    )
    (line,) = text.lines
    assert line.endswith(
        'INFO    tests.logs: command server=81384788765712384 command="digest add" milliseconds=12 outcome=ok'
    )
    event = json.loads(as_json.lines[0])
    assert event.pop("time")[:10] == line[:10]
    assert event == {
        "level": "INFO",
        "logger": "tests.logs",
        "message": "command",
        "server": 81384788765712384,
        "command": "digest add",
        "milliseconds": 12,
        "outcome": "ok",
    }


def test_a_field_can_not_stand_in_for_what_every_line_has(as_json: Written) -> None:
    """A field called as a part of the line keeps both."""
    log_event(log, "sent", message="12", logger="x", trace="y")
    event = json.loads(as_json.lines[0])
    assert (event["message"], event["logger"]) == ("sent", "tests.logs")
    assert (event["message_"], event["logger_"], event["trace_"]) == ("12", "x", "y")


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\x85", "\u2028", "\x0b"])
def test_nothing_logged_can_pass_for_another_line(breaks: str, written: Written) -> None:
    """A line break in a message, a field or an argument is shown as such and makes no line of its own."""
    forged = f"x{breaks}2026-01-01T00:00:00.000+00:00 INFO bot: all is well"
    log.warning("a %s", forged)
    log_event(log, forged, name=forged)
    assert len(written.lines) == 2


def test_terminal_controls_are_made_visible(text: Written) -> None:
    """An escape sequence is written, not obeyed."""
    log.warning("red \x1b[31m")
    log_failure("red \x1b[31m")
    assert "\x1b" not in text.stream.getvalue()
    assert r"red \x1b[31m" in text.lines[0]


def test_a_trace_stays_with_its_event(text: Written, as_json: Written) -> None:
    """In text its lines are indented below the event's, in JSON it is a member of it."""
    log_failure("first\n2026-01-01T00:00:00.000+00:00 INFO bot: all is well")
    head, *trace = text.lines
    assert head.endswith("ERROR   tests.logs: command failed reference=ab12")
    assert all(line.startswith("    ") for line in trace)
    assert any("ValueError: first" in line for line in trace)
    event = json.loads(as_json.lines[0])
    assert event["trace"].startswith("Traceback")
    assert event["reference"] == "ab12"


@pytest.mark.parametrize(
    "carrier",
    [
        "{token}",
        "login with {token}, or not",
        "{{'Authorization': 'Bot {token}'}}",
        "wss://gateway/?token={token}&v=10",
        '{{"op": 2, "d": {{"token": "{token}"}}}}',
    ],
)
def test_the_token_is_in_no_line(carrier: str, written: Written) -> None:
    """Whether in the message, an argument, a field, a trace or a stack: what is written has no token in it."""
    secret = carrier.format(token=TOKEN)
    log.warning(secret.replace("%", "%%"))
    log.warning("got %s and %r", secret, [secret])
    log_event(log, "asked", url=secret)
    log_failure(secret)
    assert len(written.lines) >= 4
    assert TOKEN not in written.stream.getvalue()
    assert "very-secret" not in written.stream.getvalue()
    assert HIDDEN in written.stream.getvalue()


@pytest.mark.parametrize(
    "secret",
    [
        f"POST https://discord.com/api/v10/webhooks/1000/{ANSWER} responded with 429",
        f"https://discord.com/api/v10/webhooks/1000/{ANSWER}/messages/@original?wait=true",
        f"/interactions/1000/{ANSWER}/callback",
        repr({"id": "1", "token": ANSWER, "type": 2}),
        json.dumps({"id": "1", "token": ANSWER, "type": 2}),
        f"Authorization: Bot other.{ANSWER}",
        f"cannot reach http://ada:{ANSWER}@proxy:3128",
    ],
)
def test_what_lets_others_answer_is_in_no_line(secret: str, written: Written) -> None:
    """Tokens that were never told to the log are found by where they stand: in a URL, a payload, a header."""
    log.warning(secret)
    log_event(log, "asked", url=secret)
    log_failure(secret)
    assert "very-long" not in written.stream.getvalue()
    assert "token-of-an-answer" not in written.stream.getvalue()
    if written.lines[0].startswith("{"):
        assert [json.loads(line)["level"] for line in written.lines] == ["WARNING", "INFO", "ERROR"]


def test_ids_and_addresses_are_kept(text: Written) -> None:
    """Only secrets are hidden: the rest of an address still says what was asked."""
    log.warning("POST https://discord.com/api/v10/webhooks/1000/%s/messages/7", ANSWER)
    log.warning("GET https://discord.com/api/v10/channels/1000/messages/7 from ada@example.org")
    assert f"/webhooks/1000/{HIDDEN}/messages/7" in text.lines[0]
    assert text.lines[1].endswith("GET https://discord.com/api/v10/channels/1000/messages/7 from ada@example.org")


def test_a_record_that_can_not_be_written_is_named_without_its_content(text: Written) -> None:
    """A wrong placeholder costs its own line only, and shows nothing of what was to be logged."""
    text.handler.handle(logging.LogRecord("tests.logs", logging.INFO, __file__, 12, "%d papers", (TOKEN,), None))
    log.warning("next")
    assert "tests.logs, line 12," in text.lines[0]
    assert "TypeError" in text.lines[0]
    assert text.lines[1].endswith("next")
    assert "very-secret" not in text.stream.getvalue()


@pytest.fixture
def restored() -> Iterator[None]:
    """Put logging back as it was found."""
    loggers = [logging.getLogger(name) for name in (None, "discord", "apscheduler", "aiohttp")]
    before = [(one, one.level, list(one.handlers)) for one in loggers]
    yield
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers


@pytest.mark.parametrize(
    ("level", "quiet"),
    [("INFO", logging.WARNING), ("WARNING", logging.WARNING), ("ERROR", logging.ERROR), ("DEBUG", logging.DEBUG)],
)
def test_libraries_speak_only_of_trouble(level: str, quiet: int, restored: None) -> None:
    """discord.py, APScheduler and aiohttp log from WARNING on; all of it at DEBUG, and never below our own level."""
    start_logging(level, "text", [TOKEN])
    assert logging.getLogger("bot.x").getEffectiveLevel() == logging.getLevelNamesMapping()[level]
    for name in ("discord.http", "apscheduler.scheduler", "aiohttp.access"):
        assert logging.getLogger(name).getEffectiveLevel() == quiet


def test_every_record_of_the_process_goes_through_the_filter(
    restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A library's warning reaches standard error without the token."""
    start_logging("INFO", "json", [TOKEN])
    logging.getLogger("discord.http").warning("401 for %s", TOKEN)
    logging.getLogger("discord.gateway").info("nothing of interest")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == f"401 for {HIDDEN}"

"""Values in JSON from strangers: what is taken of them, and how they are told of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.sources.payload import describe_value, format_complaints, parse_payload, read_line, read_moment


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2022-01-12T05:56:04.000Z", datetime(2022, 1, 12, 5, 56, 4, tzinfo=UTC)),
        ("2026-07-29T03:19:19Z", datetime(2026, 7, 29, 3, 19, 19, tzinfo=UTC)),
        ("2026-07-29T03:19:19+02:00", datetime(2026, 7, 29, 1, 19, 19, tzinfo=UTC)),
        ("2026-07-29T03:19:19", datetime(2026, 7, 29, 3, 19, 19, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+10:00", None),
        ("soon", None),
        (10**17, None),
        (-(10**17), None),
        (1.5, None),
        (True, None),
        (None, None),
    ],
)
def test_moments(value: object, moment: datetime | None) -> None:
    """A time is in UTC however it was written; what is no time, or none that can be, is none."""
    assert read_moment(value) == moment


def test_lines() -> None:
    """A text comes on one line, without what can't be written to a file, and of a bounded length."""
    assert read_line("a\x00\x1b[1m\u0085 b\t\n c\u2029\ud83d") == "a[1m b c �"
    assert read_line("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")) == "😀"
    assert len(read_line("x" * 10**6)) == 20_000
    assert read_line(7) == ""


def test_a_number_that_is_too_long() -> None:
    """A number that Python would refuse to read spoils neither the answer around it nor any count."""
    assert parse_payload(b'{"a": %s, "b": 1}' % (b"9" * 5000), "It") == {"a": -1, "b": 1}


def test_descriptions() -> None:
    """Whatever a stranger sent, what a note says of it is short and in ASCII but for its ellipsis."""
    assert describe_value("é\n") == r"'\xe9\n'"
    assert len(describe_value("\U0001f600" * 10**6)) <= 40
    assert [describe_value(value) for value in ({}, [], True, None, 1, 1.5)] == [
        "an object",
        "a list",
        "true or false",
        "null",
        "a number",
        "a number",
    ]


def test_many_complaints() -> None:
    """However much is wrong, it is told in one short note."""
    assert format_complaints("It", []) == ()
    assert format_complaints("It", ["a", "b", "c"]) == ("It: a; b; c",)
    assert format_complaints("It", [str(number) for number in range(1000)]) == ("It: 0; 1; 2; and 997 more",)

"""Counts things in English, for logs and the command line; what members read is counted by `bot.messages.language`."""

from __future__ import annotations


def count(number: int, one: str, many: str = "") -> str:
    """Return a number and its noun: "1 file", "2 entries"; `many` is `one` with an s unless given."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"

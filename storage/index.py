"""What makes a paper findable beyond its printed text, its topics and its readable text; and functions for SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

EVERYTHING = ""  # the topic that every paper belongs to


@dataclass(frozen=True, slots=True)
class TextIndex:
    """Two pure functions that the store is given, because what they know is not its own.

    `topics` turns a paper's categories into canonical category ids and their archives; `readable` turns a raw
    title or abstract (LaTeX) into the text a person would type to find it.
    """

    topics: Callable[[tuple[str, ...]], tuple[str, ...]]
    readable: Callable[[str], str]


def level(df: int) -> int:
    """Return the logarithm of how many papers a word is in, as a whole number: 1 for one, 2 for two and three."""
    return df.bit_length()

"""What makes a paper findable beyond its printed text, its topics and its readable text; and functions for SQL."""

from __future__ import annotations

import math
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


def reach(size: int) -> int:
    """Return up to how many of a topic's `size` rows it is quicker to read them than to look for the hottest.

    Reading m rows and sorting them takes about m steps; walking from the hottest row down until a dozen of them
    are among the m takes about 5 × size / m cheaper ones.
    """
    return math.isqrt(5 * size)


def level(df: int) -> int:
    """Return the logarithm of how many papers a word is in, as a whole number: 1 for one, 2 for two and three."""
    return df.bit_length()

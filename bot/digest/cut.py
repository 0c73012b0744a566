"""Cutting text to a length without tearing what a reader sees as one sign, or a word.

Lengths are Unicode code points, which is what Discord's limits count (its API is Python 3; stated by its staff
in discord-api-docs #1315). Grapheme boundaries follow the rules of Unicode's annex 29 as far as combining
marks, joined emoji, flags and Hangul go; escaping and markdown are not this module's business.
"""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
DANGLING = " \t\n,;:–—-(/"  # never left before an ellipsis
JOINER = "\u200d"
MAX_SIGN = 32  # code points; a longer run of marks is torn


def cut_text(text: str, limit: int, *, kept_share: float = 0.6) -> str:
    """Return text in at most `limit` code points, cut at a word and ended by `…`.

    A word is torn, between two signs, only where the text before it would fill less than `kept_share` of the
    limit. A no-break space is part of a word. The result is empty for a limit of 0 or less.
    """
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    end = find_boundary(text, limit - len(ELLIPSIS))
    if text[end] not in " \n":
        word = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
        end = word if word > 0 and word >= end * kept_share else end
    return text[:end].rstrip(DANGLING) + ELLIPSIS


def find_boundary(text: str, index: int) -> int:
    """Return the last position up to index where text may be parted without tearing a sign."""
    for at in range(index, max(index - MAX_SIGN, 0), -1):
        if at >= len(text) or is_boundary(text, at):
            return at
    return index if index >= MAX_SIGN else 0


def is_boundary(text: str, index: int) -> bool:
    """Tell whether a sign ends before the character at index."""
    before, after = text[index - 1], text[index]
    if is_extending(after) or before == JOINER or (before, after) == ("\r", "\n"):
        return False
    if is_flag(before) and is_flag(after):
        return count_flags(text, index) % 2 == 0
    return not (is_hangul_open(before) and "\u1160" <= after <= "\u11ff")


def is_extending(char: str) -> bool:
    """Tell whether a character belongs to the one before: marks, joiners, skin tones, tags."""
    if char < "\u0300":
        return False
    if unicodedata.category(char)[0] == "M":
        return True
    return char in "\u200c\u200d" or "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"


def is_flag(char: str) -> bool:
    """Tell whether a character is half of a flag."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def count_flags(text: str, index: int) -> int:
    """Return how many halves of flags stand in a row before index (at most 64 are looked at)."""
    count = 0
    while count < min(index, 64) and is_flag(text[index - 1 - count]):
        count += 1
    return count


def is_hangul_open(char: str) -> bool:
    """Tell whether a Hangul character can take further letters into its syllable."""
    return "\u1100" <= char <= "\u11ff" or "\uac00" <= char <= "\ud7a3"

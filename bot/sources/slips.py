"""Mends the small slips for which an XML parser gives up a whole feed: a stray character, a bare "&", an HTML entity.

What is well-formed stays as it is, and whether the rest has become so is for `feeds` to check: nothing is looked up
or declared here, so an entity stands for one character or for its own letters.
"""

from __future__ import annotations

import re
from html.entities import html5
from xml.sax.saxutils import escape

# Source: https://www.w3.org/TR/xml/#charsets
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]+")
_PART = re.compile(  # in the first three a "&" is just that, also where they never end
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)"
    r"|&(?!(?:amp|lt|gt|quot|apos);)(?:#0*[0-9]{1,9};|#x0*[0-9A-Fa-f]{1,8};|[A-Za-z][A-Za-z0-9]{0,40};)?",
    re.DOTALL,
)
_QUOTES = {'"': "&quot;", "'": "&apos;"}
_MOST, _SHARE = 20, 100  # slips; and one more in so many characters: beyond that it is, say, another encoding


class TooManyError(ValueError):
    """More is wrong with a text than slips."""


def mend_slips(text: str) -> tuple[str, int]:
    """Return the text of a feed without what XML cannot hold, other ampersands spelled out, and in how many places.

    TooManyError, before all are mended, where they are so many that the text would not be the one that was meant.
    """
    most = _MOST + len(text) // _SHARE
    kept = _ILLEGAL.sub("", text)
    slips = len(text) - len(kept)

    def mend(part: re.Match[str]) -> str:
        nonlocal slips
        mended = _mend_ampersand(part[0]) if part[0].startswith("&") else part[0]
        slips += mended != part[0]
        if slips > most:
            raise TooManyError
        return mended

    if slips > most:
        raise TooManyError
    return _PART.sub(mend, kept), slips


def _mend_ampersand(part: str) -> str:
    """Return an ampersand, alone or with the reference it begins, as XML has it."""
    if part.startswith("&#"):
        return part if _is_legal(part[2:-1]) else ""
    if character := html5.get(part[1:]):
        return escape(character, _QUOTES)
    return f"&amp;{part[1:]}"


def _is_legal(number: str) -> bool:
    """Tell whether XML can hold the character of a number, in decimal or, after an x, in hexadecimal digits."""
    digits = number.lstrip("x").lstrip("0") or "0"
    code = int(digits, 16 if number.startswith("x") else 10)
    return code <= 0x10FFFF and (code >= 0x20 or code in (9, 10, 13)) and not _ILLEGAL.match(chr(code))

"""Turns what people type into full-text queries; their words are data, so any input gives a valid one or none.

Words are taken apart here and quoted one by one, so no operator, column or wildcard of the query language
(sqlite.org/fts5.html) can come from outside. Parts that a hyphen or dot holds together stay neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from storage.index import topic_token

MOST_WORDS = 32
LONGEST_WORD = 64  # characters; longer ones are cut

_WORD = re.compile(r"[^\W_]+")
_NAMES = re.compile(r"[,;&\n]|\band\b", re.IGNORECASE)


def format_words(words: str) -> str | None:
    """Return a query for texts with all the words, None when there is nothing to look for."""
    phrases = [" ".join(parts) for parts in split_words(words)]
    return " AND ".join(f'"{phrase}"' for phrase in phrases) or None


def format_match(words: str, topics: Iterable[str] = (), author: str | None = None) -> str | None:
    """Return a query over title, authors, abstract and topics, None when it asks for nothing or cannot match.

    `author` may name several, apart by commas; the words of one name stand close together, an initial finds
    the full name. Words may be left out when there is an author, but not be all punctuation.
    """
    terms = []
    if words.strip():
        terms.append((wanted := format_words(words)) and f"{{title authors abstract}} : ({wanted})")
    if author is not None:
        terms.append(_format_author(author))
    if terms and (wanted_topics := tuple(topics)):
        terms.append(_format_topics(wanted_topics))
    if not terms or not all(terms):
        return None
    return " AND ".join(str(term) for term in terms)


def format_prefix(text: str) -> str | None:
    """Return a query for titles with all the words, of which the last may be unfinished."""
    words = [part for parts in split_words(text) for part in parts]
    if not words:
        return None
    unfinished = text[-1:].isalnum() and f'"{words.pop()}" *'
    return " AND ".join([*(f'"{word}"' for word in words), *([unfinished] if unfinished else [])])


def _format_topics(topics: Iterable[str]) -> str | None:
    tokens = (topic_token(topic) for topic in topics)
    known = [f'"{token}"' for token in tokens if token.isascii() and token.isalnum()]
    return f"topics : ({' OR '.join(known)})" if known else None


def _format_author(author: str) -> str | None:
    names = [[part for parts in split_words(name) for part in parts] for name in _NAMES.split(author[:1000])]
    terms = [_format_name(name) for name in names if name]
    return f"authors : ({' AND '.join(terms)})" if terms else None


def _format_name(parts: list[str]) -> str:
    quoted = [f'"{part}"' + (" *" if len(part) == 1 else "") for part in parts]
    return quoted[0] if len(quoted) == 1 else f"NEAR({' '.join(quoted)}, 3)"


def split_words(text: str) -> list[list[str]]:
    """Split text at white space, and each piece into its words; at most `MOST_WORDS` of them in all."""
    pieces, left = [], MOST_WORDS
    # Composed, so that a letter and its accent are one word character; bounded before any work.
    for piece in unicodedata.normalize("NFC", text[:4096]).split():
        words = [word[:LONGEST_WORD] for word in _WORD.findall(piece)][:left]
        left -= len(words)
        if words:
            pieces.append(words)
    return pieces

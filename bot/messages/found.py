"""Shows a searcher why a paper was found: the words in bold, and the piece of the abstract they are in.

Words are compared as the search compares them, without case and accents (velickovic finds Veličković). Which
papers are found is the store's work.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# A word with its combining marks. The underscore is left out: markdown gives it a meaning.
_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_MARK = re.compile(r"[\u0300-\u036f]")
_BEYOND_ASCII = re.compile(r"[^\W_\x00-\x7f]")
_OTHER_WORD = re.compile(r"(?<![^\W_])[a-zA-Z0-9]*[^\W_\x00-\x7f][^\W_]*")  # one with a letter beyond ASCII
_LEAD = 40  # characters of a snippet before the word found


def parse_words(words: Iterable[str]) -> frozenset[str]:
    """Return the words to look for, folded, out of whatever was typed (quotes, signs and operators dropped)."""
    return frozenset(fold(match[0]) for word in words for match in _WORD.finditer(word))


def fold(text: str) -> str:
    """Return `text` without case and accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def find_words(text: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield where one of the folded `words` is a word of `text`: start and end.

    Looking for each word is far quicker than folding all of the text's: only those with letters beyond ASCII are.
    """
    lowered = text.lower()
    if len(lowered) != len(text) or (not text.isascii() and _MARK.search(text)):
        yield from (match.span() for match in _WORD.finditer(text) if fold(match[0]) in words)
        return
    spans = {span for word in words if word.isascii() and word.isalnum() for span in _find_word(lowered, word)}
    if words and not text.isascii() and _BEYOND_ASCII.search(text):
        spans.update(match.span() for match in _OTHER_WORD.finditer(text) if fold(match[0]) in words)
    yield from sorted(spans)


def _find_word(text: str, word: str) -> Iterator[tuple[int, int]]:
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            yield start, end
        start = text.find(word, end)


def render_found(text: str, words: frozenset[str]) -> str:
    """Return text that is harmless already with the words found in bold, neighbours in one stretch.

    A word after a backslash stays as it is, for the backslash would take the first star.
    """
    pieces: list[str] = []
    done = 0
    for start, end in _join_neighbours(text, find_words(text, words)):
        if text[start - 1 : start] != "\\":
            pieces += [text[done:start], "**", text[start:end], "**"]
            done = end
    return "".join(pieces) + text[done:]


def _join_neighbours(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge spans with nothing or one space between them: `**a** **b**` reads worse than `**a b**`."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and text[joined[-1][1] : start] in ("", " "):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def choose_snippet(text: str, words: frozenset[str], limit: int) -> str:
    """Return about `limit` characters of one-line `text` around the first word found, "" if none is.

    The piece begins and ends at words; an ellipsis marks what is left out.
    """
    found = next(find_words(text, words), None)
    if found is None or limit <= 0:
        return ""
    start = 0 if found[0] <= _LEAD else _find_start(text, found[0])
    if len(text) - start <= limit:
        return ("…" if start else "") + text[start:]
    end = max(text.rfind(" ", start, start + limit), min(found[1], start + limit))
    return ("…" if start else "") + text[start:end].rstrip(" ,;:") + "…"


def _find_start(text: str, found: int) -> int:
    """Return the start of a word at most `_LEAD` characters before `found`."""
    space = text.find(" ", found - _LEAD, found)
    return found if space < 0 else space + 1

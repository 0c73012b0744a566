"""Takes texts apart into the words they are found by, and writes what a paper's words weigh in a few bytes.

The full-text index gets finished words, one a token, and never sees a text: so what is indexed, what is asked for and
what is checked afterwards are taken apart by the same rules. A word says what it is by its first character:

    graph  anywhere in title, authors or abstract     ^graph  in the title
    =ada   in an author's name                        _cs.LG  a topic

A paper's `terms` are a header, then six bytes a word: five of its hash and one that says how often it is there.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LONGEST_WORD = 64  # characters; longer ones are cut
IN_TITLE, BY_AUTHOR, OF_TOPIC = "^", "=", "_"

# How much a word counts in each field: title over authors over abstract.
TITLE_WEIGHT, AUTHORS_WEIGHT = 6, 3

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_CODE = 5  # bytes of a word's hash: two words in one paper share one once in 10 million papers
_ZERO, _MOST = 35, 90  # the character of a weight of 0, and the greatest weight
# What is read where a word is not in the terms, as `instr` then is 0.
ABSENT = "!"
_HEADER = ABSENT.encode() * _CODE
WEIGHT_AT = _CODE  # from the place of a word's hash in the terms to its weight


@dataclass(frozen=True, slots=True)
class Description:
    """What a paper is found by: its index words, each once; `terms` weighs them, `length` counts all there are."""

    tokens: frozenset[str]
    terms: bytes
    length: int


def fold(text: str) -> str:
    """Write text so that case, accents and compatibility forms make no difference."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()))


def find_words(text: str) -> list[str]:
    """Return a text's words in order, folded; letters and digits make words, all else parts them."""
    words = _WORD.findall(fold(text))
    return [word[:LONGEST_WORD] for word in words] if any(len(word) > LONGEST_WORD for word in words) else words


def topic_token(topic: str) -> str:
    """Return the index word of a topic; what no category is named like becomes one that no paper has."""
    plain = topic.replace(".", "_").replace("-", "_")
    return OF_TOPIC + (plain.lower() if plain.isascii() and plain.replace("_", "").isalnum() else "")


def describe(title: str, authors: str, abstract: str, topics: Iterable[str]) -> Description:
    """Take a paper apart; the texts as a person would read them, topics with their archives."""
    in_title, names, body = find_words(title), find_words(authors), find_words(abstract)
    weights = Counter(body)
    for word in in_title:
        weights[word] += TITLE_WEIGHT
    for word in names:
        weights[word] += AUTHORS_WEIGHT
    marks = ({BY_AUTHOR + word for word in names} | {topic_token(topic) for topic in topics}) - {OF_TOPIC}
    terms = b"".join([_HEADER, *[encode_word(word) + _WEIGHTS[n] for word, n in weights.items() if n <= _MOST],
                      *[encode_word(word) + _WEIGHTS[_MOST] for word, n in weights.items() if n > _MOST],
                      *[encode_word(mark) + _WEIGHTS[0] for mark in marks]])  # fmt: skip
    tokens = frozenset().union(weights, marks, (IN_TITLE + word for word in in_title))
    return Description(tokens, terms, len(in_title) + len(names) + len(body))


_WEIGHTS = [bytes([_ZERO + n]) for n in range(_MOST + 1)]


@lru_cache(maxsize=50_000)
def encode_word(token: str) -> bytes:
    """Return the bytes that stand for an index word in a paper's terms."""
    return hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=_CODE).digest()


def decode_weight(letter: str) -> int:
    """Return what a word weighs by the byte behind its hash; negative for a word that is not there."""
    return ord(letter) - _ZERO

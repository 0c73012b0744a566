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
from itertools import chain

LONGEST_WORD = 64  # characters; longer ones are cut
IN_TITLE, BY_AUTHOR, OF_TOPIC = "^", "=", "_"

# How much a word counts in each field: title over authors over abstract.
TITLE_WEIGHT, AUTHORS_WEIGHT = 6, 3

_WORD = re.compile(r"[^\W_]+")
_PLAIN = {n: chr(n).lower() if chr(n).isalnum() else " " for n in range(128)}  # of ASCII; ten times as fast
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

    tokens: list[str]
    terms: bytes
    length: int


def find_words(text: str) -> list[str]:
    """Return a text's words in order, so that case, accents and compatibility forms make no difference.

    Letters and digits make words, all else parts them.
    """
    if text.isascii():
        words = text.translate(_PLAIN).split()
    else:
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        words = _WORD.findall(_MARKS.sub("", folded))
    if words and len(max(words, key=len)) > LONGEST_WORD:
        return [word[:LONGEST_WORD] for word in words]
    return words


def topic_token(topic: str) -> str:
    """Return the index word of a topic; what no category is named like becomes one that no paper has."""
    plain = topic.replace(".", "_").replace("-", "_")
    return OF_TOPIC + (plain.lower() if plain.isascii() and plain.replace("_", "").isalnum() else "")


def describe(title: str, authors: str, abstract: str, topics: Iterable[str]) -> Description:
    """Take a paper apart; the texts as a person would read them, topics with their archives."""
    in_title, names, body = find_words(title), find_words(authors), find_words(abstract)
    weights = Counter(chain(body, in_title * TITLE_WEIGHT, names * AUTHORS_WEIGHT))
    marks = {BY_AUTHOR + word for word in names}
    marks.update(map(topic_token, topics))
    marks.discard(OF_TOPIC)
    # Most words are there once: what stands for those is looked up whole.
    once = [_once[word] for word, count in weights.items() if count == 1]
    often = [_once[word][:_CODE] + _WEIGHTS[min(n, _MOST)] for word, n in weights.items() if n > 1]
    terms = b"".join([_HEADER, *once, *often, *(_once[mark][:_CODE] + _WEIGHTS[0] for mark in marks)])
    if len(_once) > _MOST_CODES:
        _once.clear()
    tokens = [*weights, *marks, *{IN_TITLE + word for word in in_title}]
    return Description(tokens, terms, len(in_title) + len(names) + len(body))


def encode_word(token: str) -> bytes:
    """Return the bytes that stand for an index word in a paper's terms."""
    return hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=_CODE).digest()


class _Once(dict[str, bytes]):
    """What stands for words met lately that are there once: a hash each time would take as long as all else."""

    def __missing__(self, token: str) -> bytes:
        entry = self[token] = encode_word(token) + _WEIGHTS[1]
        return entry


_once = _Once()
_MOST_CODES = 100_000  # some 12 MB
_WEIGHTS = [bytes([_ZERO + n]) for n in range(_MOST + 1)]


def decode_weight(letter: str) -> int:
    """Return what a word weighs by the byte behind its hash; negative for a word that is not there."""
    return ord(letter) - _ZERO

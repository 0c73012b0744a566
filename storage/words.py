"""Takes texts apart into the words they are found by, and writes what a paper's words weigh in a few bytes.

The full-text index gets finished words, one a token, and never sees a text: so what is indexed, what is asked for and
what is checked afterwards are taken apart by the same rules. A word says what it is by its first character:

    graph  anywhere in title, authors or abstract     ^graph  in the title
    =ada   in an author's name                        _cs.LG  a topic

What a paper's words weigh is kept in two strings of bytes: `repeated` has a header, then six bytes a word, five of its
hash and one that says how often it is there; `single` has the five of each word that is there once, short words first,
as these are the common ones that are looked for there, after those of names and topics.
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
LAST = "\U0010ffff"  # after a beginning: what no longer begins so

# How much a word counts in each field: title over authors over abstract.
TITLE_WEIGHT, AUTHORS_WEIGHT = 6, 3

_WORD = re.compile(r"[^\W_]+")
_PLAIN = {n: chr(n).lower() if chr(n).isalnum() else " " for n in range(128)}  # of ASCII; ten times as fast
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_CODE = 5  # bytes of a word's hash: two words in one paper share one once in 10 million papers
_ZERO, _MOST = 35, 90  # the character of a weight of 0, and the greatest weight
# Where a word is not among the repeated, `instr` is 0, and what is read behind its five bytes is the header's end: the
# weight of what is there once; a place before it, of what is not there.
ABSENT = "!"
WEIGHT_AT = _CODE  # from the place of a word's hash among the repeated to its weight
_HEADER = ABSENT.encode() * (_CODE - 1) + bytes([_ZERO + 1])


@dataclass(frozen=True, slots=True)
class Description:
    """What a paper is found by: its index words, each once; its two strings of bytes; how many words it has."""

    tokens: list[str]
    repeated: bytes
    single: bytes
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
    marks = sorted({*map(BY_AUTHOR.__add__, names), *map(topic_token, topics)} - {OF_TOPIC})
    once = sorted([word for word, count in weights.items() if count == 1], key=len)
    repeated = [_code[word] + _WEIGHTS[min(n, _MOST)] for word, n in weights.items() if n > 1]
    single = b"".join(map(_code.__getitem__, chain(marks, once)))
    if len(_code) > _MOST_CODES:
        _code.clear()
    tokens = [*weights, *marks, *map(IN_TITLE.__add__, dict.fromkeys(in_title))]
    return Description(tokens, _HEADER + b"".join(repeated), single, len(in_title) + len(names) + len(body))


def encode_word(token: str) -> bytes:
    """Return the bytes that stand for an index word on the shelf."""
    return hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=_CODE).digest()


class _Codes(dict[str, bytes]):
    """The bytes of words met lately: a hash each time would take as long as all else."""

    def __missing__(self, token: str) -> bytes:
        code = self[token] = encode_word(token)
        return code


_code = _Codes()
_MOST_CODES = 20_000  # some 2.5 MB
_WEIGHTS = [bytes([_ZERO + n]) for n in range(_MOST + 1)]


def decode_weight(letter: str) -> int:
    """Return what a word weighs by its letter; negative for a word that is not there."""
    return ord(letter) - _ZERO

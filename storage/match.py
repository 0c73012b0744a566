"""Turns what people type into a question of index words; their text is data, so any input gives a valid one or none.

Words are taken apart here, the same way as those of papers, and quoted one by one, so no operator, column or wildcard
of the query language (sqlite.org/fts5.html) can come from outside. Parts that a hyphen or dot holds together have to
stand together, and the words of a name in one author's name: the index does not know that, the texts have to be read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.words import BY_AUTHOR, IN_TITLE, find_words, topic_token

MOST_WORDS = 32

_NAMES = re.compile(r"[,;&\n]|\band\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """What a paper must have: all the `words` (index words), one of the `topics`, each phrase, each name.

    A phrase and a name are folded words in order; a word of a single letter in a name is an initial.
    """

    words: tuple[str, ...]
    topics: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    names: tuple[tuple[str, ...], ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """The words that say how relevant a paper is; names only say whether it is."""
        return tuple(word for word in self.words if word[0] != BY_AUTHOR)

    @property
    def initials(self) -> tuple[str, ...]:
        """The names' words of a single letter."""
        return tuple(part for name in self.names for part in name if len(part) == 1)

    @property
    def needs_texts(self) -> bool:
        """Whether the words of a paper alone don't say that it fits."""
        return bool(self.phrases or self.names)

    def fits(self, title: str, authors: str, abstract: str) -> bool:
        """Tell whether a paper that has all the words has them as they were asked for."""
        fields = [f" {' '.join(find_words(text))} " for text in (title, authors, abstract)] if self.phrases else []
        persons = [find_words(author) for author in authors.split("\n")] if self.names else []
        return all(any(f" {' '.join(phrase)} " in field for field in fields) for phrase in self.phrases) and all(
            any(_is_named(person, name) for person in persons) for name in self.names
        )


def parse_question(words: str, topics: Iterable[str] = (), author: str | None = None) -> Question | None:
    """Read a search, None when it asks for nothing or cannot match.

    `author` may name several, apart by commas; an initial finds the full name. Words may be left out when there is
    an author, but not be all punctuation.
    """
    pieces = split_words(words)
    names = [] if author is None else _split_names(author)
    if not (pieces or names) or (words.strip() and not pieces) or (author is not None and not names):
        return None
    wanted = dict.fromkeys(word for piece in pieces for word in piece)
    surnames = dict.fromkeys(BY_AUTHOR + part for name in names for part in name if len(part) > 1)
    return Question(
        words=(*wanted, *surnames),
        topics=tuple(dict.fromkeys(map(topic_token, topics))),
        phrases=tuple(piece for piece in pieces if len(piece) > 1),
        names=tuple(name for name in names if len(name) > 1 or len(name[0]) == 1),
    )


def format_match(words: Iterable[str], topics: Sequence[str] = ()) -> str:
    """Write a query for papers with all the words and one of the topics."""
    terms = [f'"{word}"' for word in words]
    either = " OR ".join(f'"{topic}"' for topic in topics)
    return " AND ".join([*terms, *([f"({either})"] if either else [])])


def format_initials(names: Iterable[Sequence[str]]) -> str:
    """Write a query for papers with authors whose names have words that begin so."""
    return " AND ".join(f'"{BY_AUTHOR}{part}" *' for name in names for part in name)


def split_beginning(text: str) -> tuple[list[str], str]:
    """Return the title words of unfinished text that are finished, and the beginning of the last ("" for none)."""
    words = [word for piece in split_words(text) for word in piece]
    is_unfinished = unicodedata.normalize("NFC", text[-8:])[-1:].isalnum()
    beginning = words.pop() if words and is_unfinished else ""
    return [IN_TITLE + word for word in words], beginning


def split_words(text: str) -> list[tuple[str, ...]]:
    """Split text at white space, and each piece into its words; at most `MOST_WORDS` of them in all."""
    pieces, left = [], MOST_WORDS
    # Composed, so that a letter and its accent are one word character; bounded before any work.
    for piece in unicodedata.normalize("NFC", text[:4096]).split():
        words = tuple(find_words(piece)[:left])
        left -= len(words)
        if words:
            pieces.append(words)
    return pieces


def _split_names(author: str) -> list[tuple[str, ...]]:
    names = (tuple(part for piece in split_words(name) for part in piece) for name in _NAMES.split(author[:1000]))
    return [name for name in names if name][:MOST_WORDS]


def _is_named(person: Sequence[str], name: Sequence[str]) -> bool:
    return all(any(word == part or (len(part) == 1 and word.startswith(part)) for word in person) for part in name)

"""Knows arXiv's subjects: reads what people call them, finds those of a paper, completes what is typed.

A subject is a category ("cs.CV") or a whole archive ("cs"). The facts are in `taxonomy_table`; this module is
pure and leaves storing, counting and the wording of lists to others.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache

from bot.digest.taxonomy_table import (
    ALIASES,
    ARCHIVE_NAMES,
    CATEGORY_NAMES,
    EVERYDAY_WORDS,
    FORMER_ARCHIVES,
    MOST_USED,
)
from bot.errors import UserError, Words

MAX_ID_LENGTH = 40  # arXiv's longest id has 18 characters; beyond this it is not an id but somebody's text
MAX_TYPED_LENGTH = 100
FIRST_OFFERED = 14  # with the 11 whole archives they fill one completion list (Discord shows 25)
NEAR = 0.6  # the likeness from which a word counts as a misspelling of another: difflib's own default


@dataclass(frozen=True, slots=True)
class Category:
    """A subject one can choose: a category, or with `is_archive` all categories of an archive at once.

    `aliases` are other ids that mean the same (cs.SY for eess.SY, cmp-lg for cs.CL); `archives` are those
    that hold its papers, its own first.
    """

    id: str
    name: str
    archive: str
    archives: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    is_archive: bool = False

    @property
    def label(self) -> str:
        """The id and the name as one line, for lists and completion."""
        return f"{self.id} — {render_category(self.id)}"


def _build_category(id: str, name: str) -> Category:
    second_ids = [alias for alias, (_, real) in ALIASES.items() if real == id]
    former = [archive for archive, (_, heir) in FORMER_ARCHIVES.items() if heir == id]
    archives = tuple(dict.fromkeys(one.partition(".")[0] for one in (id, *second_ids)))
    return Category(id, name, archives[0], archives, (*second_ids, *former))


CATEGORIES: dict[str, Category] = {id: _build_category(id, name) for id, name in CATEGORY_NAMES.items()}
"""Every category by its real id; second ids and former archives are among the values' `aliases`."""

ARCHIVES: dict[str, Category] = {
    id: Category(id, name, id, (id,), is_archive=True) for id, name in ARCHIVE_NAMES.items()
}
"""Every archive by its id; those that are one category, such as quant-ph, are in `CATEGORIES` as well."""


def _find_choices() -> tuple[Category, ...]:
    """Return every choice once: the most used categories, the whole archives, then the rest by id."""
    first = [CATEGORIES[id] for id in MOST_USED[:FIRST_OFFERED]]
    whole = [archive for id, archive in ARCHIVES.items() if id not in CATEGORIES]
    return tuple({one.id: one for one in (*first, *whole, *CATEGORIES.values())}.values())


_CHOICES = _find_choices()
_USE = {id: place for place, id in enumerate(MOST_USED)}
_OTHER_IDS = {**ALIASES, **FORMER_ARCHIVES}
_REAL_IDS: dict[str, str] = {
    **{one.id.casefold(): one.id for one in _CHOICES},
    **{id.casefold(): real for id, (_, real) in _OTHER_IDS.items()},
}
# Of two subjects with one name the more used is entered last and stays: "machine learning" is cs.LG.
_IDS_BY_NAME: dict[str, str] = {
    **{name.casefold(): real for name, real in _OTHER_IDS.values()},
    **{
        one.name.casefold(): one.id
        for one in sorted(_CHOICES, key=lambda one: _USE.get(one.id, len(_USE)), reverse=True)
    },
}


def parse_category(text: str) -> str:
    """Return the real id of what someone calls a category or a whole archive.

    Takes ids in any case ("CS.cv"), second ids ("cs.SY"), archives past and present ("cs", "cmp-lg"), exact
    names and what `Category.label` shows. Raises UserError, with the nearest suggestions, for anything else.
    """
    typed = _fold(text.partition(" — ")[0])
    real = _REAL_IDS.get(typed) or _IDS_BY_NAME.get(typed.removeprefix("all of "))
    if real is None:
        raise _explain_unknown(text)
    return real


@lru_cache(maxsize=4096)  # papers share few sets of categories
def find_topics(categories: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a paper with these printed categories is to be found under: real ids, then their archives.

    A category with two ids belongs to the archives of both, whichever is printed: arXiv lists a paper in
    Systems and Control under cs and under eess, while posts print eess.SY alone. A category unknown here (a
    new one, a class of another scheme) stays as it is, cleaned and cut; it is never an error.
    """
    printed = [_clean(category, MAX_ID_LENGTH) for category in categories]
    ids = [_REAL_IDS.get(category.casefold(), category) for category in printed if category]
    archives = [archive for id in ids for archive in _find_archives(id)]
    return tuple(dict.fromkeys((*ids, *archives)))


def _find_archives(id: str) -> tuple[str, ...]:
    if id in CATEGORIES:
        return CATEGORIES[id].archives
    archive = id.partition(".")[0].casefold()
    return (archive,) if archive in ARCHIVES else ()  # cs.QQ, should arXiv ever add it, is computer science


def render_category(id: str) -> str:
    """Render the name of a category or archive; what arXiv doesn't know stays as it is, cleaned and cut."""
    real = _REAL_IDS.get(id.strip().casefold(), id)
    if real in CATEGORIES:
        return CATEGORIES[real].name
    return f"all of {ARCHIVES[real].name}" if real in ARCHIVES else _clean(id, MAX_ID_LENGTH)


@dataclass(frozen=True, slots=True)
class _Spelling:
    """The ways one choice may be typed, in lower case; `meanings` are everyday words and its rank in each."""

    ids: tuple[str, ...]
    name: str
    words: tuple[str, ...]
    meanings: dict[str, int]


def _build_spelling(category: Category) -> _Spelling:
    ids = tuple(id.casefold() for id in (category.id, *category.aliases))
    words = tuple(re.findall(r"\w+", render_category(category.id).casefold()))
    meant = {word: found for word, found in EVERYDAY_WORDS.items() if category.id in found}
    meanings = {word: found.index(category.id) for word, found in meant.items()}
    return _Spelling(ids, category.name.casefold(), words, meanings)


@cache  # built when something is first typed: most runs of the command line never need it
def _find_spellings() -> tuple[tuple[Category, _Spelling], ...]:
    return tuple((one, _build_spelling(one)) for one in _CHOICES)


def find_categories(text: str, limit: int = 25) -> list[Category]:
    """Return at most `limit` categories and archives for what has been typed so far, the likeliest first.

    Nothing typed: the most used, the whole archives, then the rest by id. Otherwise those whose id, name or
    everyday word ("nlp", "robots") it begins; failing those the nearest spellings, which may be none.
    """
    typed = _fold(text)
    if not typed:
        return list(_CHOICES[:limit])
    ranked = [(rank, one) for one, spelling in _find_spellings() if (rank := _rank(one, spelling, typed))]
    ranked.sort(key=lambda entry: entry[0])  # a stable sort: equals stay in the order of _CHOICES
    return [one for _, one in ranked[:limit]] or _find_nearest(typed, limit)


def _rank(category: Category, spelling: _Spelling, typed: str) -> tuple[int, int] | None:
    """Rank one choice for what was typed: the way it fits, then how well in that way; lower is better."""
    if typed in spelling.ids or typed == spelling.name:
        return 0, spelling.meanings.get(typed, 0)
    if typed in spelling.meanings:
        return 1, spelling.meanings[typed]
    if typed in (id.partition(".")[2] for id in spelling.ids):
        return 2, 0
    if category.id.casefold().startswith(typed):
        return 3, int(not category.is_archive)
    if by_words := _rank_words(spelling, typed):
        return by_words
    return (6, 0) if any(alias.startswith(typed) for alias in spelling.ids) else None


def _rank_words(spelling: _Spelling, typed: str) -> tuple[int, int] | None:
    starts = re.findall(r"\w+", typed)
    if "." in typed or not starts:
        return None
    if all(any(word.startswith(start) for word in spelling.words) for start in starts):
        return 4, int(not spelling.name.startswith(typed))
    if len(typed) >= 3 and any(word.startswith(typed) for word in spelling.meanings):
        return 4, 2
    return (5, 0) if len(typed) >= 3 and typed in spelling.name else None


def _find_nearest(typed: str, limit: int) -> list[Category]:
    """Return the choices spelt most like this (an id is only compared with ids), then the most used first."""
    matcher = SequenceMatcher(b=typed)
    near = []
    for one, spelling in _find_spellings():
        likeness = max(_measure_likeness(matcher, word) for word in _find_comparable(spelling, typed))
        if likeness >= NEAR:
            near.append((-likeness, _USE.get(one.id, len(_USE)), one))
    near.sort(key=lambda entry: entry[:2])
    return [one for _, _, one in near[:limit]]


def _find_comparable(spelling: _Spelling, typed: str) -> set[str]:
    if "." in typed:
        return set(spelling.ids)
    long_words = [word for word in spelling.words if len(word) >= 4]
    return {*spelling.ids, spelling.name[: len(typed)], *long_words, *spelling.meanings}


def _measure_likeness(matcher: SequenceMatcher[str], word: str) -> float:
    """Return how alike two spellings are, 0 where a cheaper upper bound already says that they are not."""
    matcher.set_seq1(word)
    return matcher.ratio() if matcher.real_quick_ratio() >= NEAR and matcher.quick_ratio() >= NEAR else 0.0


def _explain_unknown(text: str) -> UserError:
    quoted = _quote(text)
    if not quoted:
        return UserError(
            "That is not an arXiv category. Try an id such as cs.CV, a name such as Machine Learning, "
            "or an archive such as cs."
        )
    match [_explain(one) for one in find_categories(quoted, 3)]:
        case [one]:
            return UserError('No arXiv category "{typed}". Did you mean {one}?', typed=quoted, one=one)
        case [one, two]:
            return UserError(
                'No arXiv category "{typed}". Did you mean {one} or {two}?', typed=quoted, one=one, two=two
            )
        case [one, two, three]:
            return UserError(
                'No arXiv category "{typed}". Did you mean {one}, {two} or {three}?',
                typed=quoted,
                one=one,
                two=two,
                three=three,
            )
    return UserError(
        'No arXiv category "{typed}". Try an id such as cs.CV, a name such as Machine Learning, '
        "or an archive such as cs.",
        typed=quoted,
    )


def _explain(category: Category) -> str | Words:
    """Return an id and its name, which has no translation; "all of" has one."""
    if render_category(category.id) == category.name:
        return f"{category.id} ({category.name})"
    return Words("{id} (all of {archive})", {"id": category.id, "archive": category.name})


def _quote(text: str) -> str:
    """Keep of a stranger's words what ids and names are made of: nothing that could ping, link or format."""
    plain = unicodedata.normalize("NFC", text[:MAX_TYPED_LENGTH])
    return _clean("".join(char if char.isalnum() or char in ".-" else " " for char in plain), MAX_ID_LENGTH)


def _clean(text: str, limit: int) -> str:
    """Make one line of printable text of at most `limit` characters; an ellipsis ends it if it was longer."""
    visible = "".join(char for char in text[: limit * 4] if char.isprintable() or char.isspace())
    line = " ".join(visible.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _fold(text: str) -> str:
    return _clean(text, MAX_TYPED_LENGTH).casefold()

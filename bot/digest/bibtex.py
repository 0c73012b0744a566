r"""Papers as BibTeX, for a file that reference managers read and LaTeX may include.

    @misc{lovelace2021testing,
      title = {On testing {SAT} solvers in $O(n^2)$},
      …

Titles and names are strangers': whatever they hold, a field ends where we end it, and no command runs that does
more than set type. A title keeps its LaTeX as long as that can be said of it; else it is written as plain text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import count

from bot.digest import macros
from bot.digest.cut import cut_text
from bot.digest.latex import render_readable
from bot.digest.symbols import find_symbol
from storage.models import Paper

MAX_AUTHORS = 100  # names; of more the rest are "others", as BibTeX has it
MAX_TITLE, MAX_NAME = 1_000, 100  # characters

_COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
_SIGNS = frozenset("'`^\"~=.,;:!/-{}$%&#_ ")  # commands of one sign: accents, spaces, escapes
_TYPESETTING = frozenset().union(
    macros.TEXT_ARGUMENT,
    macros.PLAIN_ARGUMENT,
    macros.FUNCTIONS,
    macros.MATH_ACCENTS,
    macros.COMMAND_ACCENTS,
    macros.LIGATURES,
    macros.FRACTIONS,
    macros.BLACKBOARD,
    macros.ROOTS,
    macros.STACKS,
    macros.SIZES,
)
_FORMULA = re.compile(r"((?<!\\)\$[^$]*(?<!\\)\$)")
# What LaTeX would take for its own: everywhere, and outside formulas
_BARE, _BARE_PROSE = re.compile(r"(?<!\\)[%&#]"), re.compile(r"(?<!\\)[%&#_]")
_SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "%&#_$"},
}  # fmt: skip
_STOP_WORDS = frozenset(
    ("a", "an", "and", "are", "as", "at", "by", "for", "from", "in", "into", "is", "of", "on", "or", "the", "to", "via")
)
_NEW_ID, _OLD_ID = re.compile(r"([0-9]{2})[0-9]{2}\.[0-9]{4,5}"), re.compile(r"[A-Za-z.-]+/([0-9]{2})[0-9]{5}")
_FIRST_YEAR = 91  # arXiv began in 1991: identifiers of before 2000 have 91 to 99


def format_bibtex(papers: Sequence[Paper]) -> str:
    """Return a BibTeX file with an entry for each paper, in their order; keys are unique, of a-z, 0-9 and -."""
    keys = _list_keys(papers)
    return "\n".join(_format_entry(paper, key) for paper, key in zip(papers, keys, strict=True))


def find_year(arxiv_id: str) -> int | None:
    """Return the year an arXiv id was given in, None when it is none of arXiv's."""
    found = _NEW_ID.fullmatch(arxiv_id) or _OLD_ID.fullmatch(arxiv_id)
    if found is None:
        return None
    year = int(found[1])
    return year + (1900 if year >= _FIRST_YEAR else 2000)


def _format_entry(paper: Paper, key: str) -> str:
    year = find_year(paper.arxiv_id)
    fields = {
        "title": _format_title(paper.title) or f"arXiv {_keep_plain(paper.arxiv_id)}",
        "author": " and ".join(_list_authors(paper.authors)),
        "year": str(year) if year else "",
        "eprint": _keep_plain(paper.arxiv_id),
        "archivePrefix": "arXiv",
        "primaryClass": _keep_plain(next(iter(paper.categories), "")),
        "url": f"https://arxiv.org/abs/{_keep_plain(paper.arxiv_id)}",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{key},", *lines, "}", ""])


def _format_title(title: str) -> str:
    """Return a title on one line: its own LaTeX where that is harmless and whole, else plain text."""
    line = _clean(title)
    if len(line) > MAX_TITLE or not _is_sound(line):
        return _escape(cut_text(_clean(render_readable(line)), MAX_TITLE))
    parts = _FORMULA.split(line)  # formulas are the odd ones
    return "".join((_BARE if at % 2 else _BARE_PROSE).sub(r"\\\g<0>", part) for at, part in enumerate(parts))


def _is_sound(line: str) -> bool:
    """Tell whether LaTeX is whole and only sets type: braces and dollars in pairs, no command but known ones."""
    if "^^" in line or line.endswith("\\") or len(re.findall(r"(?<!\\)\$", line)) % 2:
        return False
    return _is_balanced(line) and all(_is_harmless(command) for command in _COMMAND.findall(line))


def _is_balanced(line: str) -> bool:
    """Tell whether braces are in pairs, as BibTeX counts them: those after a backslash too."""
    depth = 0
    for sign in line:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0


def _is_harmless(command: str) -> bool:
    if len(command) == 1 and not command.isalpha():
        return command in _SIGNS
    return command in _TYPESETTING or find_symbol(command) is not None


def _list_authors(authors: Sequence[str]) -> Iterator[str]:
    """Yield names as BibTeX reads them; one with an "and" or a comma in it is held together by braces."""
    for name in authors[:MAX_AUTHORS]:
        plain = _escape(cut_text(_clean(render_readable(name)), MAX_NAME))
        if plain:
            is_one = "," not in plain and not re.search(r"\b(?:and|others)\b", plain, re.IGNORECASE)
            yield plain if is_one else f"{{{plain}}}"
    if len(authors) > MAX_AUTHORS:
        yield "others"


def _escape(text: str) -> str:
    r"""Return plain text in LaTeX; braces, which BibTeX would count, become round brackets."""
    inert = text.replace("{", "(").replace("}", ")")
    return "".join(_SPECIAL.get(sign, sign) for sign in inert)


def _clean(text: str) -> str:
    """Return text on one line, without signs that cannot be seen."""
    seen = "".join(sign if sign.isprintable() or sign.isspace() else "" for sign in text[: 4 * MAX_TITLE])
    return " ".join(seen.split())


def _keep_plain(text: str) -> str:
    """Return what an id or a category is made of."""
    return re.sub(r"[^A-Za-z0-9./-]", "", text[:MAX_NAME])


# Keys


def _list_keys(papers: Sequence[Paper]) -> list[str]:
    """Return a key for each paper: lovelace2021testing, the next that would be the same lovelace2021testing-2."""
    keys: dict[str, None] = {}
    for paper in papers:
        key = _make_key(paper)
        numbered = (key if number == 1 else f"{key}-{number}" for number in count(1))
        keys[next(one for one in numbered if one not in keys)] = None
    return list(keys)


def _make_key(paper: Paper) -> str:
    names = _fold(next(iter(paper.authors), "")).split()
    words = [word for word in _fold(paper.title).split() if len(word) > 1 and word not in _STOP_WORDS]
    name, word = (names or ["arxiv"])[-1], next(iter(words), "")
    return f"{name[:30]}{find_year(paper.arxiv_id) or ''}{word[:30]}"


def _fold(text: str) -> str:
    """Return the words of a text in a-z and 0-9, others and accents left out."""
    plain = unicodedata.normalize("NFKD", render_readable(text[:MAX_TITLE])).casefold()
    bare = "".join(sign for sign in plain if unicodedata.category(sign) != "Mn")
    return " ".join(re.findall(r"[a-z0-9]+", bare.replace("'", "").replace("’", "")))

"""The authors of a paper as single names, from the one line that arXiv prints them in.

    "HESS Collaboration, A. Abramowski, J. Doe, Jr. (CERN, Geneva) and K. Bernl\\"ohr"
    ──► HESS Collaboration · A. Abramowski · J. Doe Jr. · K. Bernl\\"ohr

TeX stays as it is printed, `latex` makes it readable where names are shown. A name here has no comma, because posts
join names with one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BRACKET = re.compile(r"(?<!\\)([()])")
_COMMA = re.compile(r"(?<!\\)[,;:]")
_AND = re.compile(r"(?:^|\s+)(?:and|&|\\&)\s+")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV|VI{0,3}|Ph\.? ?D\.?|M\.? ?D\.?")
_GROUP = re.compile(r"\b(?:collaborations?|consortium|consortia|teams?|groups?|project)\b", re.IGNORECASE)
_OTHERS = re.compile(r"et\.? al\.?", re.IGNORECASE)


def split_authors(line: str) -> tuple[str, ...]:
    """Return the names in a line of authors, in order and without affiliations; nothing is an error."""
    names: list[str] = []
    for name in _split(_drop_affiliations(line)):
        if names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]} {name}"
        else:
            names.append(name)
    return tuple(names)


def clean_author(name: str) -> str:
    """Return one name, already told apart from others, on one line, without affiliation and without commas."""
    parts = _COMMA.split(_drop_affiliations(name.replace("\\,", " ")))
    return " ".join(" ".join(parts).split())


def _split(line: str) -> Iterator[str]:
    for part in _COMMA.split(line.replace("\\,", " ")):
        # What calls itself a collaboration may have an "and" in its name.
        names = [part] if _GROUP.search(part) else _AND.split(part)
        for name in names:
            if (clean := " ".join(name.split())) and not _OTHERS.fullmatch(clean):
                yield clean


def _drop_affiliations(line: str) -> str:
    """Leave out what stands in parentheses; of one that never closes, what comes before the next comma."""
    depth, kept = 0, []
    for part in _BRACKET.split(line):
        if part in ("(", ")"):
            depth = max(depth + (1 if part == "(" else -1), 0)
        elif not depth:
            kept.append(part)
    if depth:
        return re.sub(r"\([^,(]*", " ", line).replace(")", " ")
    return " ".join(kept)

"""What a live post says beside its papers: which sources were missing, and which papers are older ones.

All is in the front matter, under `missing` and `incomplete` (names of sources: nothing of these was read, or only a
part) and `older` (how many of the papers, the last ones), and for whoever reads the post also in its body, in a line
above the papers and as a heading between them; `arxiv` under `missing` is its announcement alone, which has no counts.
The parser takes neither line as part of a paper. `generator` says who made the post.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MISSING, INCOMPLETE, OLDER, GENERATOR = "missing", "incomplete", "older", "generator"
MADE = re.compile(r"hotpapers \S{1,40} \(sha256 ([0-9a-f]{16})\)")  # who made a post out of live sources
OLDER_HEADING = "## Older papers that are hot now"
ANNOUNCEMENT = "arXiv's announcement"
NAMES = {"arxiv": "arXiv", "huggingface": "Hugging Face", "hackernews": "Hacker News", "bluesky": "Bluesky"}
_MOST_NAMES, _MOST_LETTERS = 10, 40


def find_missing(front_matter: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a post was made without: sources by their own names, others as they are written, ANNOUNCEMENT."""
    arxiv = NAMES["arxiv"]
    return tuple(ANNOUNCEMENT if name == arxiv else name for name in _find_names(front_matter, MISSING))


def find_incomplete(front_matter: Mapping[str, object]) -> tuple[str, ...]:
    """Return the sources of which a post was made with a part only, by their own names."""
    return _find_names(front_matter, INCOMPLETE)


def is_made_here(front_matter: Mapping[str, object]) -> bool:
    """Tell whether a front matter is that of a post that this program made out of live sources, changed or not."""
    made = front_matter.get(GENERATOR)
    return isinstance(made, str) and MADE.fullmatch(made) is not None


def _find_names(front_matter: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = front_matter.get(key)
    names = [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
    return tuple(NAMES.get(name, name[:_MOST_LETTERS]) for name in names[:_MOST_NAMES])


def count_older(front_matter: Mapping[str, object], papers: int) -> int:
    """Return how many of a post's papers, the last ones, are older ones."""
    value = front_matter.get(OLDER)
    return min(value, papers) if isinstance(value, int) and value > 0 else 0


def format_missing(front_matter: Mapping[str, object]) -> str:
    """Write the line above the papers, "" when nothing was missing."""
    missing, part = (_tidy(find(front_matter)) for find in (find_missing, find_incomplete))
    counting = [name for name in missing if name != ANNOUNCEMENT]
    them = "it" if len(counting) == 1 else "these"
    told = [f"Made without {_join(counting)}: no counts of {them} are in it."] if counting else []
    if ANNOUNCEMENT in missing:
        told.append(f"Made without {ANNOUNCEMENT}: which papers are new is inferred from their dates or numbers.")
    told += [f"Of {_join(part)} only a part could be read."] if part else []
    return f"*{' '.join(told)}*" if told else ""


def _tidy(names: Sequence[str]) -> list[str]:
    return [" ".join(name.split()) for name in names]


def _join(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))

"""What a live post says beside its papers: which sources were missing, and which papers are older ones.

Both are in the front matter, under `missing` (names of sources) and `older` (how many of the papers, the last ones),
and for whoever reads the post also in its body, in a line above the papers and as a heading between them. The parser
takes neither line as part of a paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MISSING, OLDER = "missing", "older"
OLDER_HEADING = "## Older papers that are hot now"
NAMES = {"arxiv": "arXiv", "huggingface": "Hugging Face", "hackernews": "Hacker News", "bluesky": "Bluesky"}
_MOST_NAMES, _MOST_LETTERS = 10, 40


def find_missing(front_matter: Mapping[str, object]) -> tuple[str, ...]:
    """Return the sources that a post was made without, by their own names; others as they are written."""
    value = front_matter.get(MISSING)
    names = [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
    return tuple(NAMES.get(name, name[:_MOST_LETTERS]) for name in names[:_MOST_NAMES])


def count_older(front_matter: Mapping[str, object], papers: int) -> int:
    """Return how many of a post's papers, the last ones, are older ones."""
    value = front_matter.get(OLDER)
    return min(value, papers) if isinstance(value, int) and value > 0 else 0


def format_missing(front_matter: Mapping[str, object]) -> str:
    """Write the line above the papers, "" when no source was missing."""
    names = [" ".join(name.split()) for name in find_missing(front_matter)]
    return (
        f"*Made without {_join(names)}: no counts of {'it' if len(names) == 1 else 'these'} are in it.*"
        if names
        else ""
    )


def _join(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))

"""Digests and papers as plain text for a terminal: no markdown, wrapped to its width, no control characters.

What to print is chosen elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.digest.gist import choose_gist
from bot.digest.latex import render_readable
from bot.digest.selection import Digest
from bot.messages.figures import format_heat, format_metrics
from bot.messages.language import format_integer, say
from bot.messages.rows import take_abstract
from bot.messages.summary import render_heading, render_reason, render_summary
from storage.models import Appearance

_GIST_PAPERS, _GIST_LIMIT = 5, 220
_READ = 2_000  # characters of one value that can matter; real titles and gists have at most 300
_WIDE = ("W", "F")  # East Asian widths that take two cells (Unicode Annex 11)


def render_digest_text(digest: Digest, *, width: int = 80) -> str:
    """Return a digest as text lines of at most `width` cells; the reason when there is nothing in it."""
    lines = [render_heading(digest)]
    if not digest.papers:
        return "\n".join([*lines, *wrap(say("Nothing to post: {reason}.", reason=render_reason(digest)), width)])
    lines.append(render_summary(digest))
    with_gist = len(digest.papers) <= _GIST_PAPERS
    for number, appearance in enumerate(digest.papers, start=1):
        lines += ["", *render_paper_text(number, appearance, width=width, with_gist=with_gist)]
    return "\n".join([*lines, "", say("figure: {figure}", figure=clean(format_metrics(digest.papers)))])


def render_paper_text(number: int, appearance: Appearance, *, width: int = 80, with_gist: bool = False) -> list[str]:
    """Return one paper's lines: number and title, gist if asked for, then category, author, figure, address."""
    paper = appearance.paper
    label = f"{number:>2}  "
    authors = clean(render_readable(paper.authors[0])) if paper.authors else ""
    more = f" +{format_integer(len(paper.authors) - 1)}" if len(paper.authors) > 1 else ""
    parts = (clean("".join(paper.categories[:1])), authors + more, format_heat(appearance.score, appearance.breakdown))
    blocks = [clean(render_readable(paper.title)) or f"arXiv {paper.arxiv_id}"]
    if with_gist:
        blocks.append(clean(choose_gist(take_abstract(paper), _GIST_LIMIT)))
    blocks += [" · ".join(filter(None, parts)), paper.abs_url]
    lines = [line for block in blocks for line in wrap(block, width - len(label))]
    return [(" " * len(label) if index else label) + line for index, line in enumerate(lines)]


def clean(text: str) -> str:
    """Return `text` on one line, without what a terminal would obey: control and direction characters."""
    kept = (char for char in " ".join(text[:_READ].split()) if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return "".join(kept)


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield `text` in lines of at most `width` cells, broken at spaces, inside a word that is wider than one."""
    line = ""
    for word in re.findall(r"\S+", text):
        while measure_cells(word) > width:
            room = _count_fitting(word, width)
            yield from filter(None, (line, word[:room]))
            line, word = "", word[room:]
        joined = f"{line} {word}" if line else word
        if measure_cells(joined) > width:
            yield line
            joined = word
        line = joined
    if line:
        yield line


def measure_cells(text: str) -> int:
    """Return how many cells of a terminal `text` takes: two for wide letters, none for combining marks."""
    return sum(_measure_cell(char) for char in text)


def _measure_cell(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def _count_fitting(word: str, width: int) -> int:
    cells = 0
    for index, char in enumerate(word):
        cells += _measure_cell(char)
        if cells > width:
            return max(index, 1)
    return len(word)

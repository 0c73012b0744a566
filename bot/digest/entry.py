"""One paper of a daily post: its lines read into an appearance or refused, and written back.

# N. Title / authors / - retweets …, or live counts / - links … / - [cs.CV](…) | … / abstract / embedded posts
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from bot.digest.counts import HOT, MARKS, Counts, format_counts, make_published, parse_counts, parse_score
from bot.digest.identifier import PATTERN
from bot.digest.late import compile_late
from bot.digest.quote import format_quote, parse_quote
from bot.errors import PostError
from storage.models import Appearance, Mention, Paper

_HEADING = re.compile(r"# ([0-9]{1,6})\. +(\S.*)")
_LINKS = "- links:"
_ABS = re.compile(rf"\[abs\]\(https?://(?:www\.)?arxiv\.org/abs/{PATTERN}\)")
_PDF = re.compile(rf"\[pdf\]\(https?://(?:www\.)?arxiv\.org/pdf/{PATTERN}(?:\.pdf)?\)")
_CATEGORIES = re.compile(r"\s*^- (\[.*)$", re.MULTILINE)
CATEGORY = re.compile(r"\[([a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?)\]\(")
_QUOTE_EDGE = re.compile(r"<(/?)(?i:blockquote)\b")  # the flag only where needed: a plain `<` is quick to find
# The head of nearly every paper, from its heading to its categories, each line where it belongs.
_PLAIN_HEAD = compile_late(
    r"# ([0-9]{1,6})\. +(\S[^\n]*)\n\n((?!- )[^\n]+)\n\n"
    r"- retweets: ([0-9]{1,12}), favorites: ([0-9]{1,12}) \(([0-9/: ]+)\)\n\n"
    rf"- links: \[abs\]\(https://arxiv\.org/abs/{PATTERN}\)(?: \| \[pdf\]\(https://arxiv\.org/pdf/{PATTERN}\))?\n"
    r"- (\[[^\n]*)"
)
Edges = Sequence[tuple[int, int, bool]]  # of blockquotes' tags: where each begins and its name ends, whether it closes


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a line of a file; `refused` when a paper was lost to it."""

    line: int
    cause: str
    refused: bool = False


class Head(NamedTuple):
    """What stands above a paper's abstract; `end` is where that begins."""

    number: int
    title: str
    authors: tuple[str, ...]
    counts: Counts
    arxiv_id: str
    version: int | None
    has_pdf: bool
    categories: tuple[str, ...]
    end: int


def parse_entry(text: str, day: date, line: int = 1, edges: Edges | None = None) -> tuple[Appearance, list[Problem]]:
    """Read one paper's lines, heading first; PostError refuses it.

    `line` is the heading's in its file, `edges` the text's blockquotes where they have been found already.
    """
    problems: list[Problem] = []
    head = read_plain_head(text) or read_head(text, line, problems)
    edges = [edge for edge in (find_edges(text) if edges is None else edges) if edge[0] >= head.end]
    abstract, mentions = _parse_body(text, head.end, line, edges, problems)
    paper = Paper(head.arxiv_id, head.version, head.title, head.authors, head.categories, abstract, head.has_pdf)
    engagement, observed_at, score, breakdown = head.counts
    return Appearance(paper, day, head.number, observed_at, engagement, score, mentions, breakdown), problems


def read_plain_head(text: str) -> Head | None:
    """Read a head that has its lines in order and nothing wrong, exactly as `read_head` would; None for any other."""
    match = _PLAIN_HEAD.match(text)
    if match is None:
        return None
    number, title, authors, retweets, favorites, time, arxiv_id, version, pdf_id, _, categories = match.groups()
    counts = make_published(retweets, favorites, time)
    if counts.observed_at is None:
        return None
    return Head(
        *(int(number), title.strip(), _split_authors(authors), counts, arxiv_id),
        *(int(version) if version else None, pdf_id == arxiv_id, _split_categories(categories), match.end()),
    )


def read_head(text: str, line: int, problems: list[Problem]) -> Head:
    """Read what stands above a paper's abstract, finding each line by its mark; PostError refuses the paper."""
    heading = text.partition("\n")[0]
    match = _HEADING.fullmatch(heading.rstrip())
    if not match:
        raise PostError(f"a heading without a number: {heading[:60]!r}", line)
    below = len(heading)  # at the line's end, so that every line is found by the one before it
    counts_at, counts_line = _find_counts(text, below, line)
    counts = parse_counts(counts_line)
    if counts is None:
        raise PostError("the counts are not numbers", _line_at(text, counts_at, line))
    links_at, links = _find(_LINKS, text, below, "no line `- links: [abs](…)`", line)
    arxiv_id, version = _parse_id(links, _line_at(text, links_at, line))
    end = links_at + len(links)
    categories = _CATEGORIES.match(text, end)
    if not categories:
        problems.append(Problem(_line_at(text, end, line), "no categories"))
    if counts.observed_at is None:
        problems.append(Problem(_line_at(text, counts_at, line), "no time for the counts"))
    if counts.breakdown:
        counts = _read_score(text, (counts_at + len(counts_line), links_at), line, counts, problems)
    return Head(
        number=int(match[1]),
        title=match[2].strip(),
        authors=_split_authors(text[below:counts_at]),
        counts=counts,
        arxiv_id=arxiv_id,
        version=version,
        has_pdf=arxiv_id in [pdf for pdf, _ in _PDF.findall(links)],
        categories=_split_categories(categories[1]) if categories else (),
        end=categories.end() if categories else end,
    )


def _find_counts(text: str, below: int, line: int) -> tuple[int, str]:
    """Return where the first line of counts begins, published or live, and the line."""
    at = text.find("\n- ", below)  # nearly always it
    while at >= 0 and not text.startswith(MARKS, at + 1):
        at = text.find("\n- ", at + 1)
    if at < 0:
        raise PostError("no line `- retweets: N, favorites: N (time)`, nor one of live counts", line)
    return at + 1, _cut_line(text, at + 1)


def _read_score(text: str, span: tuple[int, int], line: int, counts: Counts, problems: list[Problem]) -> Counts:
    """Return live counts with the score between them and the links; the estimated one stays where that is damaged."""
    at = text.find(f"\n{HOT}", *span)
    if at < 0:
        return counts
    known = parse_score(_cut_line(text, at + 1))
    if known is None:
        problems.append(Problem(_line_at(text, at + 1, line), "the score cannot be read: estimated"))
        return counts
    return counts._replace(score=known[0], breakdown=known[1])


def _find(mark: str, text: str, below: int, cause: str, line: int) -> tuple[int, str]:
    """Return where the first line with a mark begins, and the line; PostError when there is none."""
    start = text.find(f"\n{mark}", below) + 1
    if not start:
        raise PostError(cause, line)
    return start, _cut_line(text, start)


def _cut_line(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start:end] if end >= 0 else text[start:]


def find_lines(mark: str, text: str) -> Iterator[int]:
    """Yield where lines begin with a mark; a regex with `^` is many times slower over a whole post."""
    if text.startswith(mark):
        yield 0
    at = text.find(f"\n{mark}")
    while at >= 0:
        yield at + 1
        at = text.find(f"\n{mark}", at + 1)


def _line_at(text: str, position: int, line: int) -> int:
    """Return the file's line of a position in a paper's text."""
    return line + text.count("\n", 0, position)


def _parse_id(links: str, line: int) -> tuple[str, int | None]:
    match = _ABS.search(links)
    if not match:
        raise PostError("no valid arXiv link", line)
    return match[1], int(match[2]) if match[2] else None


def _split_authors(text: str) -> tuple[str, ...]:
    return tuple([name for part in " ".join(text.split()).split(",") if (name := part.strip())])


@lru_cache(maxsize=256)
def _split_categories(line: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(CATEGORY.findall(line)))


def _parse_body(
    text: str, start: int, line: int, edges: Edges, problems: list[Problem]
) -> tuple[str, tuple[Mention, ...]]:
    """Read abstract and embedded posts; an embed that does not prove to be someone's post is left out."""
    if (open_at := _find_open(edges)) is not None:
        raise PostError("a blockquote is not closed", _line_at(text, open_at, line))
    mentions = []
    for first, last in pair(edges):
        if mention := _parse_embed(text, first, last):
            mentions.append(mention)
        else:
            problems.append(Problem(_line_at(text, first, line), "an embedded post without its link"))
    return text[start : edges[0][0] if edges else None].strip(), tuple(mentions)


def _parse_embed(text: str, first: int, last: int) -> Mention | None:
    """Read a blockquote, whose closing tag ends after its name whatever else may stand in it."""
    if text.startswith(">", last):
        return parse_quote(text, first, last + 1)
    return parse_quote(f"{text[first:last]}>")


def _find_open(edges: Edges) -> int | None:
    """Return where a blockquote opens that is not closed before the next one opens or the paper ends."""
    open_at: int | None = None
    for start, _, closes in edges:
        if not closes and open_at is not None:
            break
        open_at = None if closes else start
    return open_at


def find_edges(text: str) -> list[tuple[int, int, bool]]:
    """Return the opening and closing tags of blockquotes, in order."""
    return [(edge.start(), edge.end(), bool(edge[1])) for edge in _QUOTE_EDGE.finditer(text)]


def pair(edges: Edges) -> list[tuple[int, int]]:
    """Return (start, end) of every blockquote that is closed before another one opens, in order."""
    return [(first[0], last[1]) for first, last in pairwise(edges) if not first[2] and last[2]]


def format_entry(appearance: Appearance) -> str:
    """Write one paper in the posts' layout, without the blank lines after it."""
    paper = appearance.paper
    links = f"[abs]({paper.abs_url}{f'v{paper.version}' if paper.version else ''})"
    if paper.has_pdf:
        links += f" | [pdf]({paper.pdf_url}{f'v{paper.version}' if paper.version else ''})"
    categories = " | ".join(f"[{name}](https://arxiv.org/list/{name}/recent)" for name in paper.categories)
    head = f"# {appearance.rank}. {paper.title}\n\n{', '.join(paper.authors)}\n\n{format_counts(appearance)}\n\n"
    listing = f"- links: {links}\n" + (f"- {categories}\n" if categories else "")
    return "\n\n".join(
        [
            head + listing.rstrip("\n"),
            paper.abstract,
            *(format_quote(mention) for mention in appearance.mentions),
        ]
    )

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

from bot.digest.counts import HOT, MARKS, format_counts, parse_counts, parse_score
from bot.digest.identifier import PATTERN
from bot.digest.quote import format_quote, parse_quote
from bot.errors import PostError
from storage.models import Appearance, Breakdown, Mention, Paper

_HEADING = re.compile(r"# ([0-9]{1,6})\. +(\S.*)")
_LINKS = "- links:"
_ABS = re.compile(rf"\[abs\]\(https?://(?:www\.)?arxiv\.org/abs/{PATTERN}\)")
_PDF = re.compile(rf"\[pdf\]\(https?://(?:www\.)?arxiv\.org/pdf/{PATTERN}(?:\.pdf)?\)")
_CATEGORIES = re.compile(r"\s*^- (\[.*)$", re.MULTILINE)
CATEGORY = re.compile(r"\[([a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?)\]\(")
_QUOTE_EDGE = re.compile(r"<(/?)(?i:blockquote)\b")  # the flag only where needed: a plain `<` is quick to find


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a line of a file; `refused` when a paper was lost to it."""

    line: int
    cause: str
    refused: bool = False


def parse_entry(text: str, day: date, line: int) -> tuple[Appearance, list[Problem]]:
    """Read one paper's lines, heading first; PostError refuses it. `line` is the heading's in its file."""
    heading = text.partition("\n")[0]
    rest = text[len(heading) :]  # begins with a line's end, so that every line is found by the one before it
    match = _HEADING.fullmatch(heading.rstrip())
    if not match:
        raise PostError(f"a heading without a number: {heading[:60]!r}", line)
    problems: list[Problem] = []
    engagement_at, engagement = _find_counts(rest, line)
    counts = parse_counts(engagement)
    if counts is None:
        raise PostError("the counts are not numbers", _line_at(rest, engagement_at, line))
    links_at, links = _find(_LINKS, rest, "no line `- links: [abs](…)`", line)
    arxiv_id, version = _parse_id(links, _line_at(rest, links_at, line))
    end = links_at + len(links)
    categories = _CATEGORIES.match(rest, end)
    if not categories:
        problems.append(Problem(_line_at(rest, end, line), "no categories"))
    abstract, mentions = _parse_body(rest, categories.end() if categories else end, line, problems)
    paper = Paper(
        arxiv_id=arxiv_id,
        version=version,
        title=match[2].strip(),
        authors=_split_authors(rest[:engagement_at]),
        categories=_split_categories(categories[1]) if categories else (),
        abstract=abstract,
        has_pdf=arxiv_id in [pdf for pdf, _ in _PDF.findall(links)],
    )
    if counts.observed_at is None:
        problems.append(Problem(_line_at(rest, engagement_at, line), "no time for the counts"))
    score, breakdown = counts.score, counts.breakdown
    if breakdown:
        end = engagement_at + len(engagement)
        score, breakdown = _parse_score(rest[end:links_at], (score, breakdown), _line_at(rest, end, line), problems)
    number, observed_at = int(match[1]), counts.observed_at
    return Appearance(paper, day, number, observed_at, counts.engagement, score, mentions, breakdown), problems


def _find_counts(text: str, line: int) -> tuple[int, str]:
    """Return where the first line of counts begins, published or live, and the line."""
    at = text.find("\n- ")  # nearly always it
    while at >= 0 and not text.startswith(MARKS, at + 1):
        at = text.find("\n- ", at + 1)
    if at < 0:
        raise PostError("no line `- retweets: N, favorites: N (time)`, nor one of live counts", line)
    return at + 1, _cut_line(text, at + 1)


def _parse_score(
    text: str, estimated: tuple[float, Breakdown], line: int, problems: list[Problem]
) -> tuple[float, Breakdown]:
    """Read the score between the counts and the links; the estimated one where it is not there, or damaged."""
    at = text.find(f"\n{HOT}")
    if at < 0:
        return estimated
    known = parse_score(_cut_line(text, at + 1))
    if known is None:
        problems.append(Problem(line + text.count("\n", 0, at + 1), "the score cannot be read: estimated"))
    return known or estimated


def _find(mark: str, text: str, cause: str, line: int) -> tuple[int, str]:
    """Return where the first line with a mark begins, and the line; PostError when there is none."""
    start = text.find(f"\n{mark}") + 1
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


def _line_at(rest: str, position: int, line: int) -> int:
    """Return the file's line of a position in the text after the heading."""
    return line + rest.count("\n", 0, position)


def _parse_id(links: str, line: int) -> tuple[str, int | None]:
    match = _ABS.search(links)
    if not match:
        raise PostError("no valid arXiv link", line)
    return match[1], int(match[2]) if match[2] else None


def _split_authors(text: str) -> tuple[str, ...]:
    return tuple(name for part in " ".join(text.split()).split(",") if (name := part.strip()))


@lru_cache(maxsize=256)
def _split_categories(line: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(CATEGORY.findall(line)))


def _parse_body(text: str, start: int, line: int, problems: list[Problem]) -> tuple[str, tuple[Mention, ...]]:
    """Read abstract and embedded posts; an embed that does not prove to be someone's post is left out."""
    edges = list(_QUOTE_EDGE.finditer(text, start))
    if (open_at := _find_open(edges)) is not None:
        raise PostError("a blockquote is not closed", _line_at(text, open_at, line))
    mentions = []
    for first, last in _pair(edges):
        if mention := parse_quote(f"{text[first:last]}>"):  # the tag ends there whatever else may stand in it
            mentions.append(mention)
        else:
            problems.append(Problem(_line_at(text, first, line), "an embedded post without its link"))
    return text[start : edges[0].start() if edges else None].strip(), tuple(mentions)


def _find_open(edges: Sequence[re.Match[str]]) -> int | None:
    """Return where a blockquote opens that is not closed before the next one opens or the paper ends."""
    open_at: int | None = None
    for edge in edges:
        if not edge[1] and open_at is not None:
            break
        open_at = None if edge[1] else edge.start()
    return open_at


def find_quotes(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every blockquote that is closed before another one opens, in order."""
    return _pair(list(_QUOTE_EDGE.finditer(text)))


def _pair(edges: Sequence[re.Match[str]]) -> list[tuple[int, int]]:
    return [(first.start(), last.end()) for first, last in pairwise(edges) if not first[1] and last[1]]


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

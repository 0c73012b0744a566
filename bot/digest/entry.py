"""One paper of a daily post: its lines read into an appearance or refused, and written back.

# N. Title / authors / - retweets … / - links … / - [cs.CV](…) | … / abstract / embedded posts
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from bot.digest.identifier import PATTERN
from bot.digest.quote import format_quote, parse_quote
from bot.digest.ranking import add_counts
from bot.errors import PostError
from storage.models import Appearance, Mention, Paper

_HEADING = re.compile(r"# ([0-9]{1,6})\. +(\S.*)")
_ENGAGEMENT = re.compile(r"^- retweets:.*$", re.MULTILINE)
_COUNTS = re.compile(r"- retweets: ([0-9]{1,12}), favorites: ([0-9]{1,12})(?: \((.*)\))?\s*")
_LINKS = re.compile(r"^- links:.*$", re.MULTILINE)
_ABS = re.compile(rf"\[abs\]\(https?://(?:www\.)?arxiv\.org/abs/{PATTERN}\)")
_PDF = re.compile(rf"\[pdf\]\(https?://(?:www\.)?arxiv\.org/pdf/{PATTERN}(?:\.pdf)?\)")
_CATEGORIES = re.compile(r"\s*^- (\[.*)$", re.MULTILINE)
_CATEGORY = re.compile(r"\[([a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?)\]\(")
_QUOTE = re.compile(r"<blockquote\b.*?</blockquote>", re.DOTALL | re.IGNORECASE)
_QUOTE_EDGE = re.compile(r"<(/?)blockquote\b", re.IGNORECASE)
_TIME = "%m/%d/%Y %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a line of a file; `refused` when a paper was lost to it."""

    line: int
    cause: str
    refused: bool = False


def parse_entry(text: str, day: date, line: int) -> tuple[Appearance, list[Problem]]:
    """Read one paper's lines, heading first; PostError refuses it. `line` is the heading's in its file."""
    heading, _, rest = text.partition("\n")
    match = _HEADING.fullmatch(heading.rstrip())
    if not match:
        raise PostError(f"a heading without a number: {heading[:60]!r}", line)
    problems: list[Problem] = []
    engagement = _find(_ENGAGEMENT, rest, "no line `- retweets: N, favorites: N (time)`", line)
    counts = _COUNTS.fullmatch(engagement[0])
    if not counts:
        raise PostError("the counts are not numbers", _line_at(rest, engagement.start(), line))
    links = _find(_LINKS, rest, "no line `- links: [abs](…)`", line)
    arxiv_id, version = _parse_id(links[0], _line_at(rest, links.start(), line))
    categories = _CATEGORIES.match(rest, links.end())
    if not categories:
        problems.append(Problem(_line_at(rest, links.end(), line), "no categories"))
    abstract, mentions = _parse_body(rest, categories.end() if categories else links.end(), line, problems)
    paper = Paper(
        arxiv_id=arxiv_id,
        version=version,
        title=match[2].strip(),
        authors=_split_authors(rest[: engagement.start()]),
        categories=tuple(dict.fromkeys(_CATEGORY.findall(categories[1]))) if categories else (),
        abstract=abstract,
        has_pdf=any(pdf[1] == arxiv_id for pdf in _PDF.finditer(links[0])),
    )
    observed_at = _parse_time(counts[3])
    if observed_at is None:
        problems.append(Problem(_line_at(rest, engagement.start(), line), "no time for the counts"))
    pairs = (("retweets", int(counts[1])), ("favorites", int(counts[2])))
    number = int(match[1])
    return Appearance(paper, day, number, observed_at, pairs, add_counts(pairs), mentions), problems


def _find(pattern: re.Pattern[str], text: str, cause: str, line: int) -> re.Match[str]:
    match = pattern.search(text)
    if not match:
        raise PostError(cause, line)
    return match


def _line_at(rest: str, position: int, line: int) -> int:
    """Return the file's line of a position in the text after the heading."""
    return line + 1 + rest.count("\n", 0, position)


def _parse_id(links: str, line: int) -> tuple[str, int | None]:
    match = _ABS.search(links)
    if not match:
        raise PostError("no valid arXiv link", line)
    return match[1], int(match[2]) if match[2] else None


def _split_authors(text: str) -> tuple[str, ...]:
    names = (" ".join(name.split()) for name in text.split(","))
    return tuple(name for name in names if name)


def _parse_time(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _parse_body(text: str, start: int, line: int, problems: list[Problem]) -> tuple[str, tuple[Mention, ...]]:
    """Read abstract and embedded posts; an embed that does not prove to be someone's post is left out."""
    _check_quotes(text, start, line)
    first = _QUOTE_EDGE.search(text, start)
    mentions = []
    for quote in _QUOTE.finditer(text, start):
        if mention := parse_quote(quote[0]):
            mentions.append(mention)
        else:
            problems.append(Problem(_line_at(text, quote.start(), line), "an embedded post without its link"))
    return text[start : first.start() if first else None].strip(), tuple(mentions)


def _check_quotes(text: str, start: int, line: int) -> None:
    """Refuse a blockquote that is not closed before the next one opens or the paper ends."""
    open_at: int | None = None
    for edge in _QUOTE_EDGE.finditer(text, start):
        if not edge[1] and open_at is not None:
            break
        open_at = None if edge[1] else edge.start()
    if open_at is not None:
        raise PostError("a blockquote is not closed", _line_at(text, open_at, line))


def find_quotes(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every blockquote that is closed before another one opens, in order."""
    edges = list(_QUOTE_EDGE.finditer(text))
    return [(first.start(), second.end()) for first, second in pairwise(edges) if not first[1] and second[1]]


def format_entry(appearance: Appearance) -> str:
    """Write one paper in the posts' layout, without the blank lines after it."""
    paper = appearance.paper
    links = f"[abs]({paper.abs_url}{f'v{paper.version}' if paper.version else ''})"
    if paper.has_pdf:
        links += f" | [pdf]({paper.pdf_url}{f'v{paper.version}' if paper.version else ''})"
    time = f" ({appearance.observed_at:{_TIME}})" if appearance.observed_at else ""
    counts = ", ".join(f"{metric}: {value}" for metric, value in appearance.engagement)
    categories = " | ".join(f"[{name}](https://arxiv.org/list/{name}/recent)" for name in paper.categories)
    head = f"# {appearance.rank}. {paper.title}\n\n{', '.join(paper.authors)}\n\n- {counts}{time}\n\n"
    listing = f"- links: {links}\n" + (f"- {categories}\n" if categories else "")
    return "\n\n".join(
        [
            head + listing.rstrip("\n"),
            paper.abstract,
            *(format_quote(mention) for mention in appearance.mentions),
        ]
    )

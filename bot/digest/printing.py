"""Makes what strangers wrote fit for a post, so that reading the post gives exactly what was printed.

    papers ─► fit each (one line a title, no commas in a name, no heading or embed in an abstract) ─► format ─► parse
                                                                          └── until both are the same ◄──┘

Which papers a post has is decided elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from bot.digest.entry import CATEGORY
from bot.digest.post import DailyPost, format, parse
from bot.digest.quote import format_quote, parse_quote
from bot.errors import PostError
from storage.models import Appearance, Mention, Paper

_BLOCKQUOTE = re.compile(r"<(/?blockquote\b)", re.IGNORECASE)
_HIDDEN = ("Cc", "Cs")  # controls and halves of letters, which are no text
_START = "#- "  # of a heading, a list or counts
_MOST_TURNS = 4
_LIMITS = {"title": 1_000, "abstract": 20_000, "author": 200, "text": 3_000}  # arXiv and Bluesky take far less
_MOST_AUTHORS, _MOST_CATEGORIES = 5_000, 30


def settle(post: DailyPost) -> DailyPost:
    """Return the post as it will be read again: its text, formatted, parses to just this.

    PostError when a paper cannot be printed so that it is found again: an id that is none of arXiv's.
    """
    made = replace(post, papers=tuple(map(fit, post.papers)))
    for _ in range(_MOST_TURNS):
        again = parse(format(made))
        if again == made:
            return again
        lost = {paper.paper.arxiv_id for paper in made.papers} - {paper.paper.arxiv_id for paper in again.papers}
        if lost or again.is_partial:
            raise PostError(f"{', '.join(sorted(lost)) or 'a paper'} cannot be printed")
        made = again  # text that looked damaged was repaired, once and for all
    raise PostError("the post reads differently every time")


def fit(appearance: Appearance) -> Appearance:
    """Return a paper as a post can print it: its lines are lines, and nothing in them is taken for another part."""
    paper = appearance.paper
    mentions = [fitting for mention in appearance.mentions if (fitting := _fit_mention(mention))]
    return replace(
        appearance,
        paper=Paper(
            arxiv_id=paper.arxiv_id,
            version=paper.version,
            title=_fit_line(paper.title, _LIMITS["title"]) or f"arXiv {paper.arxiv_id}",
            authors=_fit_authors(paper.authors),
            categories=_fit_categories(paper.categories),
            abstract=_BLOCKQUOTE.sub(r"< \1", _fit_line(paper.abstract, _LIMITS["abstract"])).lstrip(_START),
            has_pdf=paper.has_pdf,
        ),
        observed_at=appearance.observed_at.replace(microsecond=0) if appearance.observed_at else None,
        mentions=tuple(mentions),
    )


def _fit_line(text: str, limit: int) -> str:
    """Return text on one line, without what is no text."""
    kept = "".join(" " if char.isspace() else char for char in text if char.isspace() or _is_text(char))
    return " ".join(kept.split())[:limit].rstrip()


def _is_text(char: str) -> bool:
    return unicodedata.category(char) not in _HIDDEN


def _fit_authors(names: tuple[str, ...]) -> tuple[str, ...]:
    fitting = [_fit_line(name.replace(",", " "), _LIMITS["author"]).lstrip(_START) for name in names[:_MOST_AUTHORS]]
    return tuple(filter(None, fitting))


def _fit_categories(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if CATEGORY.fullmatch(f"[{name}](")))[:_MOST_CATEGORIES]


def _fit_mention(mention: Mention) -> Mention | None:
    """Return a post as it can be embedded, None when its embed would not be known again."""
    lines = [_fit_line(line, _LIMITS["text"]) for line in mention.text.splitlines()]
    author = _fit_line(mention.author, _LIMITS["author"])
    fitting = replace(mention, author=author, text="\n".join(lines).strip()[: _LIMITS["text"]].rstrip())
    return parse_quote(format_quote(fitting).partition("\n<script")[0])

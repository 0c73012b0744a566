"""Makes what strangers wrote fit for a post, so that reading the post gives exactly what was printed.

    papers ─► fit each (one line a title, no commas in a name, no heading in an abstract, no HTML) ─► format ─► parse
                └───────────────────────────── until both are the same ◄───────────────────────────────────┘

Which papers a post has is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from itertools import accumulate

from bot.digest.entry import CATEGORY
from bot.digest.post import DailyPost, format, parse
from bot.digest.quote import format_quote, parse_quote
from bot.digest.text import repair
from bot.errors import PostError
from storage.models import Appearance, Mention, Paper

# Where a site's generator would begin a tag or a template, or have a link, an image or a link's definition: after these
# a space.
_ACTIVE = re.compile(r"<(?=[A-Za-z/!?])|\](?=[(:])|\{(?=[{%])")
_STRUCTURE = re.compile(r"^(#+|[-+*]|[0-9]{1,9}[.)]) ")  # a heading, a list or counts; `#P-hard` and `-1` are none
_FENCE = re.compile(r"^(?=```|~~~)(.)")  # would make code of all that follows
# Controls, of direction too, and halves of letters, which are no text; controls that are white space become it.
_HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_START = "#- "  # of what no name begins with
_MOST_TURNS = 8
_LIMITS = {"title": 1_000, "abstract": 20_000, "author": 200, "text": 3_000}  # arXiv and Bluesky take far less
_MOST_LETTERS = 100_000  # of all authors together; 5,000 of a collaboration have 70,000
_MOST_AUTHORS, _MOST_CATEGORIES = 5_000, 30


def settle(post: DailyPost) -> DailyPost:
    """Return the post as it will be read again: its text, formatted, parses to just this.

    PostError when a paper cannot be printed so that it is found again: an id that is none of arXiv's.
    """
    made = _fit_all(post)
    for _ in range(_MOST_TURNS):
        again = parse(format(made))
        if again == made:
            return again
        lost = {paper.paper.arxiv_id for paper in made.papers} - {paper.paper.arxiv_id for paper in again.papers}
        # Text that looks damaged is repaired when it is read, once and for all; what it is then has to fit, too.
        following = _fit_all(_mend(made, lost) if lost else again)
        if following == made or (again.is_partial and not lost):
            raise PostError(f"{', '.join(sorted(lost)) or 'a paper'} cannot be printed")
        made = following
    raise PostError("the post reads differently every time")


def _fit_all(post: DailyPost) -> DailyPost:
    return replace(post, papers=tuple(map(fit, post.papers)))


def _mend(post: DailyPost, lost: Collection[str]) -> DailyPost:
    """Repair the texts of some papers, each by itself: a title that is blank then is none."""
    return replace(post, papers=tuple(_repair(one) if one.paper.arxiv_id in lost else one for one in post.papers))


def _repair(appearance: Appearance) -> Appearance:
    paper = appearance.paper
    authors = tuple(repair(name).text for name in paper.authors)
    texts = replace(paper, title=repair(paper.title).text, authors=authors, abstract=repair(paper.abstract).text)
    return replace(appearance, paper=texts)


def fit(appearance: Appearance) -> Appearance:
    """Return a paper as a post can print it: its lines are lines, and nothing in them is taken for another part."""
    paper = appearance.paper
    mentions = [fitting for mention in appearance.mentions if (fitting := _fit_mention(mention))]
    return replace(
        appearance,
        paper=Paper(
            arxiv_id=paper.arxiv_id,
            version=paper.version,
            title=_fit_markup(paper.title, _LIMITS["title"]) or f"arXiv {paper.arxiv_id}",
            authors=_fit_authors(paper.authors),
            categories=_fit_categories(paper.categories),
            abstract=_fit_start(_fit_markup(paper.abstract, _LIMITS["abstract"])),
            has_pdf=paper.has_pdf,
        ),
        observed_at=appearance.observed_at.replace(microsecond=0) if appearance.observed_at else None,
        mentions=tuple(mentions),
    )


def _fit_start(text: str) -> str:
    """Return a paragraph that begins as one."""
    text = _FENCE.sub("\\1\N{NO-BREAK SPACE}", _STRUCTURE.sub("\\1\N{NO-BREAK SPACE}", text))
    return f"\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}{text[1:]}" if text.startswith(">") else text


def _fit_markup(text: str, limit: int) -> str:
    """Return text on one line that acts nowhere as HTML, as a link or as an image."""
    return _fit_line(_ACTIVE.sub(r"\g<0> ", _fit_line(text, len(text))), limit)


def _fit_line(text: str, limit: int) -> str:
    """Return text on one line, without what is no text."""
    return " ".join(_HIDDEN.sub("", text).split())[:limit].rstrip()


def _fit_authors(names: tuple[str, ...]) -> tuple[str, ...]:
    lines = (_fit_markup(name.replace(",", " "), _LIMITS["author"]).lstrip(_START) for name in names[:_MOST_AUTHORS])
    fitting = list(filter(None, lines))
    letters = accumulate(map(len, fitting))
    return tuple(name for name, so_far in zip(fitting, letters, strict=True) if so_far <= _MOST_LETTERS)


def _fit_categories(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if CATEGORY.fullmatch(f"[{name}](")))[:_MOST_CATEGORIES]


def _fit_mention(mention: Mention) -> Mention | None:
    """Return a post as it can be embedded, None when its embed would not be known again."""
    lines = [_fit_line(line, _LIMITS["text"]) for line in mention.text.splitlines()]
    author = _fit_line(mention.author, _LIMITS["author"])
    fitting = replace(mention, author=author, text="\n".join(lines).strip()[: _LIMITS["text"]].rstrip())
    return parse_quote(format_quote(fitting).partition("\n<script")[0])

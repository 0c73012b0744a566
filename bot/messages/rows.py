"""One paper in a line or two: its linked title, who wrote it, in what category, how hot. Pages use these lines."""

from __future__ import annotations

from collections.abc import Sequence

from bot.digest.latex import render_readable
from bot.messages.figures import format_heat
from bot.messages.language import format_integer
from bot.messages.safe import render_link_text, render_name
from storage.models import Appearance, Breakdown, Paper

NAME_LIMIT = 40  # characters of one author's name
ABSTRACT_READ = 16_000  # characters of an abstract that can matter here; arXiv takes 1,920
URL_LIMIT = 100  # characters; the longest that arXiv's ids make is 58


def take_abstract(paper: Paper) -> str:
    """Return as much of an abstract, as printed, as can matter for a message, so that hostile lengths cost nothing."""
    return paper.abstract[:ABSTRACT_READ]


def render_title(paper: Paper, limit: int) -> str:
    """Return a paper's title fit for a link's text, at most `limit` characters; its id when there is none."""
    title = " ".join(render_readable(paper.title[:ABSTRACT_READ]).split())
    return render_link_text(title or f"arXiv {paper.arxiv_id}", limit)


def render_title_link(paper: Paper, limit: int) -> str:
    """Return a paper's title as a link to its page on arXiv."""
    return render_link(render_title(paper, limit), paper)


def render_link(text: str, paper: Paper) -> str:
    """Return text that is safe in a link as one to the paper's page; as it is when the id is none of arXiv's."""
    return f"[{text}]({paper.abs_url})" if len(paper.abs_url) <= URL_LIMIT else text


def render_author(name: str, limit: int = NAME_LIMIT) -> str:
    """Return one author's name made readable and harmless, "" when nothing is left of it."""
    readable = render_readable(name).strip()
    return render_name(readable, limit) if readable else ""


def render_authors(authors: Sequence[str], shown: int) -> str:
    """Return the first `shown` authors and how many follow: "Serguei Popov +1"; "" without any."""
    names = [name for name in (render_author(author) for author in authors[:shown]) if name]
    more = len(authors) - shown
    if not names:
        return ""
    return ", ".join(names) + (f" +{format_integer(more)}" if more > 0 else "")


def render_category_id(category: str) -> str:
    """Return a category's id as printed, made harmless; arXiv's longest has 18 characters."""
    return render_name(category, 24) if category else ""


def render_byline(appearance: Appearance, authors: str, *more: str) -> str:
    """Return the small line under a title: "cs.CV · Sergei Belousov · 11.3k", parts that are empty left out."""
    return render_scored(appearance.paper, appearance.score, appearance.breakdown, authors, *more)


def render_scored(paper: Paper, score: float, breakdown: Breakdown | None, authors: str, *more: str) -> str:
    """Return the same for a paper with a score, published or live, wherever it had that."""
    category = render_category_id(next(iter(paper.categories), ""))
    return "-# " + " · ".join(filter(None, (category, authors, format_heat(score, breakdown), *more)))

"""Digests in a terminal: plain, within its width, obeying nothing that strangers wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.selection import Reason
from bot.messages.terminal import measure_cells, render_digest_text, render_paper_text, wrap
from tests.goldens import check_golden
from tests.papers import make_digest, make_paper


def test_a_digest_in_a_terminal() -> None:
    """Heading, count, and each paper with gist, byline and address, wrapped at 60 cells."""
    papers = [
        make_paper(1, title="Path Planning using Neural A* Search on $\\mathcal{O}(n^2)$ Grids of Many Kinds"),
        make_paper(2, title="深層学習による画像認識の研究と応用についての長い題名をもつ論文でございます", authors=()),
    ]
    text = render_digest_text(make_digest(papers), width=60)
    check_golden("digest_terminal.txt", text)
    assert all(measure_cells(line) <= 60 for line in text.split("\n"))


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        (Reason("no post", since=date(2021, 4, 13)), "Nothing to post: no new post since Tue 13 Apr 2021."),
        (Reason("no post"), "Nothing to post: no post yet."),
        (Reason("empty post", since=date(2021, 4, 13)), "Nothing to post: the post of Tue 13 Apr 2021 has no papers."),
        (Reason("no match", 21), "Nothing to post: none of 21 papers in cs.CR."),
        (Reason("all given", 21), "Nothing to post: all 21 papers already posted."),
        (Reason("all given", 1), "Nothing to post: the only paper already posted."),
    ],
)
def test_an_empty_digest_says_why(reason: Reason, shown: str) -> None:
    """Where there is nothing to post, the terminal has the reason."""
    digest = replace(make_digest([], categories=("cs.CR",)), reason=reason)
    assert render_digest_text(digest).split("\n")[-1] == shown


def test_a_terminal_obeys_nothing() -> None:
    """Escape sequences, direction changes and line breaks in strangers' text don't reach the terminal."""
    hostile = "a\x1b[2J\x07b\u202ec\x9bd\r\ne\u200bf"
    paper = make_paper(title=hostile, authors=[hostile], categories=[hostile], abstract=hostile)
    text = render_digest_text(make_digest([paper]))
    assert not set(text) & set("\x1b\x07\u202e\x9b\r\u200b")


@given(st.text(), st.integers(2, 40))
def test_wrapping_loses_no_letter_and_keeps_the_width(text: str, width: int) -> None:
    """Every letter is printed once, and no line is wider than asked."""
    lines = list(wrap(text, width))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(measure_cells(line) <= width for line in lines)


def test_endless_text_is_cut() -> None:
    """A title, name or abstract of any length costs no more lines than a long one."""
    endless = make_paper(title="👩\u200d" * 50_000, authors=("x" * 100_000,), abstract="🇩" * 100_000)
    assert len(render_paper_text(1, endless, with_gist=True)) < 200

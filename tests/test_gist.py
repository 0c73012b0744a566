"""The gist is one readable sentence that says what the paper does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.cut import cut_text
from bot.digest.gist import choose_gist, split_sentences

HOSTILE = ["$x+y$", "$", "We propose ", "e.g. ", ". ", "\\alpha ", "(", "a b ", "👨‍👩‍👧", "é", "。", "\n", "Fig. 2 "]


@pytest.mark.parametrize(
    ("abstract", "gist"),
    [
        ("Graphs are hard. We introduce GNNs, i.e. nets. They win.", "We introduce GNNs, i.e. nets."),
        ("Deep nets fail. In this work, a remedy is found. We show it.", "In this work, a remedy is found."),
        ("Deep nets fail. They fail often.", "Deep nets fail."),
        ("Old. Here we then finally show that A. B. Smith et al. Were right in Fig. 2.", None),
        ("X is slow. This paper studies $O(n^2)$ bounds.", "This paper studies O(n²) bounds."),
        ("Errors fell by 3.5 points. We\npropose\n  a cure.", "We propose a cure."),
        ("It rose by 2.5%. iNNK is a game. We present iNNK.", "We present iNNK."),
        ("一つ目の文です。二つ目の文です。", "一つ目の文です。"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_gist_states_the_contribution(abstract: str, gist: str | None) -> None:
    """The first sentence with "we introduce", "this paper" and the like is chosen, else the first."""
    found = choose_gist(abstract, 200)
    assert found == gist if gist is not None else found.startswith("Here we then finally show")


@pytest.mark.parametrize(
    "sentence",
    [
        "Methods, e.g. GANs, work as in Fig. 2 and Eq. (3).",
        "As J. R. Smith et al. Noted, i.e. In 2019, it is approx. 3.14 vs. 2.71.",
        "Is this 5.5 times better?",
        "The U.S. Census has i.i.d. Data with a Ph.D. Student.",
    ],
)
def test_abbreviations_end_no_sentence(sentence: str) -> None:
    """Abbreviations, initials and decimals do not split a sentence."""
    assert split_sentences(f"{sentence} Next one.") == [sentence, "Next one."]


def test_cut_at_a_word_with_an_ellipsis() -> None:
    """A long sentence is cut at a word and ends in an ellipsis."""
    assert choose_gist("We propose a very long method for graphs.", 30) == "We propose a very long method…"


def test_cut_never_inside_a_formula() -> None:
    """Whatever the limit, a formula is there whole or not at all."""
    text = "We show that the bound is $a + b + c + d$ for graphs of every kind."
    for limit in range(14, 70):
        gist = choose_gist(text, limit)
        assert len(gist) <= limit
        assert "a +" not in gist or "a + b + c + d" in gist
    plain = "We show that the running time is O(n log n) for graphs of every kind."
    assert choose_gist(plain, 41) == "We show that the running time is…"


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=5)), max_size=30), st.integers(0, 120))
def test_gist_of_anything_fits(parts: list[str], limit: int) -> None:
    """Any text gives one line within the limit, and no error."""
    gist = choose_gist("".join(parts), limit)
    assert len(gist) <= limit
    assert gist == " ".join(gist.split())


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.integers(0, 60))
def test_cut_text_fits(text: str, limit: int) -> None:
    """Cut text is within the limit, and text that fits stays as it is."""
    assert len(cut_text(text, limit)) <= limit
    assert cut_text(text, len(text)) == text


def test_real_abstracts_state_something(shared: Path) -> None:
    """Nearly every real abstract has a sentence on its contribution, and its gist is a sentence."""
    bodies = [
        part.split("<blockquote")[0].rsplit("/recent)\n", 1)[-1].strip()
        for path in sorted((shared / "posts").glob("*.md"))
        for part in path.read_text("utf-8").split("\n# ")[1:]
    ]
    gists = [choose_gist(body, 240) for body in bodies if body]
    assert len(gists) > 10
    assert all(20 <= len(gist) <= 240 for gist in gists)

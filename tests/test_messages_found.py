"""What a searcher sees of why a paper was found: words in bold and a piece of the abstract."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.found import _WORD, choose_snippet, find_words, fold, parse_words, render_found


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Graph attention", ["graph"], "**Graph** attention"),
        ("Petar Veličković", ["velickovic"], "Petar **Veličković**"),
        ("Velickovic", ["VELIČKOVIĆ"], "**Velickovic**"),
        ("Jose\u0301 here", ["josé"], "**Jose\u0301** here"),
        ("graphs are no graph", ["graph"], "graphs are no **graph**"),
        ("deep neural network", ["neural", "deep"], "**deep neural** network"),
        ("deep, neural", ["neural", "deep"], "**deep**, **neural**"),
        ("state-of-the-art", ['"state-of-the-art"'], "**state**-**of**-**the**-**art**"),
        ("snake_case", ["case"], "snake_**case**"),
        ("a \\alpha b", ["alpha"], "a \\alpha b"),
        ("深層学習", ["深層学習"], "**深層学習**"),
        ("anything", [], "anything"),
        ("anything", ["", "*", "🤖"], "anything"),
    ],
)
def test_words_found_are_bold(text: str, words: list[str], shown: str) -> None:
    """Whole words are bold as the search compares them; punctuation typed along changes nothing."""
    assert render_found(text, parse_words(words)) == shown


def test_a_snippet_is_around_the_first_word_found() -> None:
    """The piece begins shortly before the word, ends at a word, and says where it was cut."""
    text = "One two three. " * 20 + "Here a graph is drawn. " + "Four five six. " * 20
    snippet = choose_snippet(text, parse_words(["graph"]), 80)
    assert snippet.startswith("…")
    assert snippet.endswith("…")
    assert "Here a graph is drawn." in snippet
    assert len(snippet) <= 82


def test_a_snippet_at_the_start_or_end_has_no_ellipsis_there() -> None:
    """Nothing is said to be left out where nothing is."""
    assert choose_snippet("A graph.", parse_words(["graph"]), 80) == "A graph."
    assert choose_snippet("word " * 30 + "graph.", parse_words(["graph"]), 80).endswith("graph.")
    assert choose_snippet("no such word", parse_words(["graph"]), 80) == ""


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=4), st.integers(0, 100))
def test_any_text_and_words_do(text: str, words: list[str], limit: int) -> None:
    """Bold adds stars and nothing else; a snippet is a piece of the text, about as long as asked."""
    found = parse_words(words)
    assert render_found(text, found).replace("*", "") == text.replace("*", "")
    snippet = choose_snippet(text, found, limit)
    assert snippet.strip("…").strip() in text
    if " " in text[:limit]:
        assert len(snippet) <= limit + 302


PIECES = [
    *("a", "abc", "ABC", "graph", "Graph", " ", "_", "-", "é", "e\u0301", "\u0301"),
    *("İ", "ı", "ſ", "K", "ß", "ﬁ", "⑴", "1", "…"),
]


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.lists(st.sampled_from(PIECES), max_size=4))
def test_words_are_found_as_by_folding_each(text: str, typed: list[str]) -> None:
    """The quick ways to find words find those that folding every word of the text finds."""
    words = parse_words(typed)
    folded = [match.span() for match in _WORD.finditer(text) if fold(match[0]) in words]
    assert list(find_words(text, words)) == folded

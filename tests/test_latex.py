"""LaTeX becomes readable text, and what was readable stays."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.latex import render_readable

PIECES = [
    "$", "$$", "\\", "{", "}", "^", "_", "\\alpha", "\\frac", "\\sqrt[", "]", "\\'", "\\\"", "e", "\\(", "\\)", "\\[",
    "\\]", "\\begin{equation}", "\\end{equation}", "\\text{", "\\left.", "\\hat", "\\not", "\\cite[", "~", "--", "``",
    "''", " ", "x", "10", "\\%", "\\\\", "\\mathbb{R}", "é", "\n", "\\url{", "\\SI{", "C:\\x", "\\verb|", "日本", "&",
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"$\mathcal{O}(n^2)$", "O(n²)"),
        (r"\alpha", "α"),
        (r"{\em x}", "x"),
        (r"$10\%$ of 5\%", "10% of 5%"),
        (r"Jo\~ao, Fr\'echet, Fr\'{e}chet, na\"{\i}ve", "João, Fréchet, Fréchet, naïve"),
        (r"Erd\H{o}s, \L{}ukasz, S\o ren, \c{C}a, \v{C}ech", "Erdős, Łukasz, Søren, Ça, Čech"),
        (r"$2^{d/2}$ $x^{n}$ $10^{-36}$", "2^(d/2) xⁿ 10⁻³⁶"),
        (r"$A_{k,2}$ $a_{ij}$ $x_B$", "A_(k,2) aᵢⱼ x_B"),
        (r"$O(m\log^{2}m\log\log m)$", "O(m log² m log log m)"),
        (r"$\frac{1}{\sqrt{n}}$ $\frac{a+b}{2}$", "1/√n (a+b)/2"),
        (r"$\tilde{O}(\varepsilon^{-2})$", "Õ(ε⁻²)"),
        (r"$A\in\mathbb{R}^{n\times d}$", "A∈ℝ^(n × d)"),
        (r"$p\leq q$ $\sim 10^3$ $a \neq b$", "p ≤ q ∼10³ a ≠ b"),
        (r"\emph{a \textbf{b} $x^2$}", "a b x²"),
        (r"\url{https://a.b/c_d~e%20}", "https://a.b/c_d~e%20"),
        (r"\href{https://a.b}{code}", "code"),
        (r"shown in \cite{foo}.", "shown in [foo]."),
        (r"\emph{a}---b, 3\%--5\%, Fig.~2, ``q'' --flag", "a—b, 3%–5%, Fig. 2, “q” --flag"),
        (r"256$\times$256, $k$-NN, H$\alpha$", "256×256, k-NN, Hα"),
        (r"$\alpha$$\beta$ $$x^2$$ \(y_1\) \[z^3\]", "αβ x² y₁ z³"),
        (r"a {b, c} and {0,1}^n with \{d\}", "a {b, c} and {0,1}^n with {d}"),
        (r"{BERT} G{\"o}del FID{}=2", "BERT Gödel FID=2"),
        (r"f_\ast and D^{*+}_{s2}", "f_* and D*⁺ₛ₂"),
        (r"\ours{} and {\name} and \LaTeX", "ours and name and LaTeX"),
        (r"{\cal N}=2, $H_{\rm eff}$, 360{\deg}", "N=2, H_eff, 360°"),
        (r"\[1\] says \"so\"", '[1] says "so"'),
        (r"C:\Users\me", r"C:\Users\me"),
    ],
)
def test_golden(source: str, text: str) -> None:
    """Formulas, fonts, accents, ties, dashes, quotes and bare commands read as an author means them."""
    assert render_readable(source) == text


@pytest.mark.parametrize(
    "text",
    [
        "costs $4–5 million and $6 million more",
        "US$5m–US$10m, then A$7 and $100, $200 or $300",
        "$5-$10 per run (up to $1,000).",
        "from $5 to $10, a $ sign, $$$",
        "50% of snake_case and x^2, a~b? ``so'' -- (x)",
    ],
)
def test_prices_and_plain_text_stay(text: str) -> None:
    """Prices in dollars are no formulas; text without markup is the very same."""
    assert render_readable(text) == text


def test_prices_beside_formulas() -> None:
    """A price does not swallow the formula after it."""
    source = r"costs $4 million for $x^2$ and $\alpha$, \emph{not} $5"
    assert render_readable(source) == "costs $4 million for x² and α, not $5"


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=40).map("".join))
def test_anything_gives_text(source: str) -> None:
    """No input raises an error or grows beyond what its symbols need."""
    assert len(render_readable(source)) <= 8 * len(source) + 16


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="$\\{")))
def test_text_without_markup_is_returned_unchanged(text: str) -> None:
    """Text without `$`, `\\` or `{` is the same object."""
    assert render_readable(text) is text


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from([r"$x^2$", r"\alpha", r"\emph{so}", r"$\frac{a}{b}$", "word ", "é", " ", r"5\%", r"\'e", "--"])
    ).map("".join)
)
def test_rendering_twice_changes_nothing(source: str) -> None:
    """What is readable already stays as it is."""
    once = render_readable(source)
    assert render_readable(once) == once


@pytest.mark.parametrize(
    "unit",
    ["$", "{", "}", "\\", "$a ", "\\frac", "\\(", "$$a ", "\\sqrt[", "\\'", "\\'{", "\\hat{", "^{", "x_{", "\\text{$",
     "\\begin{equation}", "``", "\\verb|", "a~", "--", "textit{", "\\cite[", "\\left", "\\not", "{\\em "],
)  # fmt: skip
def test_time_and_depth_are_bounded(unit: str) -> None:
    """Deep nesting, unclosed groups and a megabyte of dollars end soon and without an error."""
    start = time.perf_counter()
    for size in (49_000, 1_000_000):
        render_readable(unit * (size // len(unit)))
    render_readable("{" * 20_000 + "x" + "}" * 20_000)
    assert time.perf_counter() - start < 8


def find_fields(folder: Path) -> list[str]:
    """Return the titles and abstracts of real posts, read without the project's parser."""
    fields: list[str] = []
    for path in sorted([*folder.glob("*.md"), *folder.glob("archive/*.md")]):
        for part in re.split(r"(?m)^# \d+\. ", path.read_text("utf-8"))[1:]:
            title, _, rest = part.partition("\n")
            fields += [title, rest.split("<blockquote")[0].rsplit("/recent)", 1)[-1].strip()]
    return fields


def test_real_fields_keep_no_markup(shared: Path) -> None:
    """Under 0.5 % of real titles and abstracts keep a raw command or a lone dollar that is no price."""
    fields = [text for text in find_fields(shared / "posts") if "$" in text or "\\" in text]
    rendered = [render_readable(text) for text in fields]
    raw = [text for text in rendered if "\\" in text or re.search(r"\$(?!\d)", text)]
    assert len(fields) >= 50
    assert len(raw) <= 0.005 * len(fields), raw[:5]
    assert all(render_readable(text) == text for text in rendered)


def test_real_words_stay(shared: Path) -> None:
    """Every word of real prose outside formulas and accents is still there."""
    word = re.compile(r"[^\W\d_]{3,}")
    markup = re.compile(r"(?s)(?<!\\)\$[^$]*\$\S*|\\\[.*?\\\]|\S*\\[^\w\s%&#_$,{}]\S*|\\[A-Za-z]+|\{\w\}\S*")
    for text in find_fields(shared / "posts"):
        before, after = word.findall(markup.sub(" ", text)), word.findall(render_readable(text))
        assert not Counter(before) - Counter(after), text

"""Strangers' text is inert in a message, stays readable and keeps within its limit."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.messages.characters import MARKS, MAY_BE_MARKS, render_visible
from bot.messages.safe import render_link_text, render_name, render_prose

HOSTILE_WORDS = """@everyone @here <@1> <@!23> <@&4> <#5> <t:1700000000:R> </top:12> <id:customize> <:x:1> <a:x:1>
<https://e.vil> <mail@x.yz> <tel:+123> <+123> http:// https:// HTTPS:// discord:// steam:// e.vil/x discord.gg/
discord.com/invite/abc :smile: :100: [a](http://b) [ ] ( ) ](  ** * _ __ ~~ ~ || | ` ``` > >>> # ## -# - + 1. 12)
\\ \\\\ < : / @ e everyone here $x$ a b 漢字 é ✨ ™ 👩‍🔬 🇩🇪 1️⃣ ❤️ می‌خواهم ＠everyone"""
HOSTILE = [
    *HOSTILE_WORDS.split(),
    "\n", "\r\n", " ", "\u2028", "\u200b", "\u200d", "\u202e", "\u2066", "\u0301", "\u0e47", "\u0489", "\ufe0f",
    "\u115f", "\u3164", "\u00ad", "\U000e0041", "\U0001f3f4", "\u3000", "\ud800", "\x00", "\x1b", "\u2800",
    "x" * 90, "\u0301" * 9, "ht", "tp://", "\ue000", "\U0001f3fd", "\U000e0101",
]  # fmt: skip

hostile_text = st.one_of(
    st.lists(st.sampled_from(HOSTILE), max_size=25).map("".join),
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=4)), max_size=20).map("".join),
    st.text(alphabet="@<>#:/[]()*_~`|\\-.1 \neher", max_size=60),
)
limits = st.integers(min_value=1, max_value=160)

LIVE = [
    re.compile(pattern)
    for pattern in (
        r"[*_~`|\[\]<]",  # every sign of inline markdown, and what tags begin with
        r"(?i)@(?:everyone|here)",
        r"[A-Za-z]:/{2}",
        r"(?i)discord(?:app)?\.(?:gg|com|new|gift)/",
        r":[a-z0-9_+-]+:",
        r"\]\(",
        r"(?m)^\s*(?:[#>+-]|\d+[.)](?:\s|$))",
    )
]
EMOJI = re.compile("[\u2600-\u2604\u2705\u2728\u2764\u2b50\ufe0f\u200d\u20e3\u2122\U0001f000-\U0001faff]")


def assert_clean(text: str, limit: int) -> None:
    """Fail for anything unseen, a flood of marks, an endless word, or too much text."""
    assert len(text) <= limit
    assert not re.search("[\u202a-\u202e\u2060-\u206f\u200b\u200e\u200f\u2028\u2029\u3164\u115f\u2800\xad]", text)
    for at, char in enumerate(text):
        assert char == "\n" or unicodedata.category(char) not in ("Cc", "Cs", "Co")
        if unicodedata.category(char) == "Cf" and char < "\U000e0000":
            assert 0 < at < len(text) - 1 and char in "\u200c\u200d"
    assert not re.search("[\u0300-\u036f\u0e47\u0489]{4}", text)
    assert not re.match("[\u0300-\u036f\u0e47\u0489]", text)
    assert not re.search(r"[\x21-\x7e]{165}", text)  # 80 characters, each perhaps with its backslash
    text.encode()


def assert_inert(text: str) -> None:
    """Fail if Discord would act on any part of a body; what a backslash precedes is a letter."""
    assert re.fullmatch(r"(?:[^\\]|\\[^0-9A-Za-z\s\\])*", text), "a backslash without its sign"
    unescaped = re.sub(r"\\.", "¤", text)
    for pattern in LIVE:
        assert not pattern.search(unescaped), pattern.pattern


@settings(max_examples=1000, deadline=None)
@given(hostile_text, limits, st.booleans())
@example("a\\", 2, False)
@example("hthttp://tp://x", 50, False)
@example("x" * 8 + "*" * 9, 10, False)
def test_prose_is_inert(text: str, limit: int, lines: bool) -> None:
    """No stranger's text acts in a message body, at a line's start or within our bold, cut or not."""
    prose = render_prose(text, limit, lines=lines)
    assert_clean(prose, limit)
    for placed in (prose, f"a {prose} b", f"x\n{prose}", prose + "@1>", prose + "x](http:"):
        assert_inert(placed.removesuffix("](http:"))
    assert lines or "\n" not in prose
    assert "\n\n\n" not in prose


@settings(max_examples=1000, deadline=None)
@given(hostile_text, limits)
def test_link_text_is_inert(text: str, limit: int) -> None:
    """No stranger's title ends, breaks or styles the link it stands in; there is always something to click."""
    label = render_link_text(text, limit)
    assert_clean(label, limit)
    assert label and "\n" not in label
    assert not re.search(r"[*_~`|\[\]<>\\]", label)
    assert not EMOJI.search(label)
    assert not re.match(r"(?:-?#{1,6}|[-+]|\d+\.)(?:\s|$)", label)
    for pattern in LIVE[1:-1]:
        assert not pattern.search(label), pattern.pattern
    link = f"[{label}](https://arxiv.org/abs/2104.04767)"
    assert re.fullmatch(r"\[[^\[\]]+\]\(https://arxiv\.org/abs/2104\.04767\)", link)


@settings(max_examples=600, deadline=None)
@given(hostile_text, limits)
@example("everyone", 40)
@example("here", 40)
@example("EVERYONE", 40)
def test_name_is_inert(text: str, limit: int) -> None:
    """No stranger's name acts, not even behind an @ of ours, and it is never blank."""
    name = render_name(text, limit)
    assert_clean(name, limit)
    assert_inert(name)
    assert name.strip() and "\n" not in name
    assert not re.match("everyone|here", name)
    assert "\u200c" not in name


@pytest.mark.parametrize(
    ("text", "link", "prose"),
    [
        ("Neural A* Search", "Neural A∗ Search", r"Neural A\* Search"),
        ("f_θ: a [survey] | part", "fˍθ: a ［survey］ ∣ part", r"f\_θ: a \[survey\] \| part"),
        ("see https://github.com/a/b.", "see github.com/a/b.", "see github.com/a/b."),
        ("join discord.gg/abc", "join discord․gg/abc", "join discord․gg/abc"),
        ("hi <@123> x", "hi ‹@123› x", "hi ‹@123> x"),
        ("a < b, p<0.05", "a ‹ b, p‹0.05", r"a \< b, p\<0.05"),
        ("1. First", "1․ First", r"1\. First"),
        ("# Title", "♯ Title", r"\# Title"),
        ("#MeToo", "#MeToo", r"\#MeToo"),
        ("C:\\temp", "C:∖temp", "C:∖temp"),
        ("a :smile: b", "a ꞉smile: b", r"a \:smile: b"),
        ("two  spaces\tand\nlines", "two spaces and lines", "two spaces and lines"),
        ("rocket 🚀 go", "rocket go", "rocket 🚀 go"),
        ("A ↔ B™ ❤️", "A ⟷ BTM ♡", "A ↔ B™ ❤️"),
        ("\u202eevil\u202c \u200bx", "evil x", "evil x"),
    ],
)
def test_golden(text: str, link: str, prose: str) -> None:
    """Known traps read well in a link and in a body."""
    assert render_link_text(text, 200) == link
    assert render_prose(text, 200) == prose


@pytest.mark.parametrize(
    "text",
    [
        "日本語　テスト、これは「試験」です。",
        "Petar Veličković, Ólafur Þór, Đặng Thị, Jose\u0301",
        "𝒪(n²) ≤ ∑ αᵢ·β⁻¹ ∈ ℝᵈ, λ→∞",
        "می‌خواهم",
        "क्‍ष हिन्दी",
        "မျှော်လင့်ချက် ཧཱུྃ ภาษาไทย 한국어",
        "葛󠄀城",
        "mAP@0.5 at 12:30, 50% (n = 3); it's #1 — “so”",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    """Undamaged text of any script is the same in a body and, without markdown's signs, in a link."""
    assert render_prose(text, 300) == text
    assert render_link_text(text, 300) == text


@pytest.mark.parametrize("text", ["👩‍🔬 ❤️ 1️⃣ 🇩🇪 👍🏽", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"])
def test_emoji_stay_whole_in_bodies(text: str) -> None:
    """Emoji keep their joiners, selectors and tags in a body, and vanish from a link."""
    assert render_prose(text, 100) == text
    assert render_link_text(text + " x", 100).removeprefix("♡ ") == "x"


def test_cut_splits_no_sign() -> None:
    """Cutting never parts an emoji, a letter from its accent, or a backslash from its sign."""
    family = "👨\u200d👩\u200d👧"
    for limit in range(1, 12):
        assert render_prose(family * 3, limit).removesuffix("…") in ("", family, family * 2)
        assert not re.search(r"\\…?$", render_prose("*" * 20, limit))
        assert re.fullmatch("(?:e\u0301)*…", render_prose("e\u0301" * 20, limit))


def test_lines_are_kept_and_each_is_inert() -> None:
    """A quoted post keeps its lines, one empty one at most, and none begins a list, header or quote."""
    text = "First\n\n\n\n- item\n  > quote\n1. one\n# head\r\nlast  "
    expected = "First\n\n\\- item\n\\> quote\n1\\. one\n\\# head\nlast"
    assert render_prose(text, 200, lines=True) == expected


def test_endless_word_gets_breaks() -> None:
    """A word of more than 80 characters gets a space; Japanese, which breaks anywhere, gets none."""
    assert max(map(len, render_visible("x" * 1000).split())) == 80
    assert render_visible("語" * 300) == "語" * 300


@pytest.mark.parametrize(
    "unit", ["\u200b", "\u0301", "<", "@", "http://", "[", "*", ":a", "👩\u200d", "\n", "🇩", "1. "]
)
def test_hostile_length_costs_little(unit: str) -> None:
    """A million hostile characters take no longer than a page of them."""
    text = unit * (1_000_000 // len(unit))
    start = time.perf_counter()
    for render in (render_prose, render_link_text, render_name):
        render(text, 500)
    assert time.perf_counter() - start < 6


def test_every_mark_is_where_marks_are_looked_for() -> None:
    """Text is passed over as having no combining marks only where there can be none."""
    marks = [char for char in map(chr, range(0x110000)) if unicodedata.category(char) in MARKS]
    assert len(marks) > 2000
    assert [char for char in marks if not MAY_BE_MARKS.search(char)] == []

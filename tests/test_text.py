"""The promises of text repair: damage is undone byte for byte, and undamaged text is left alone."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.text import repair

HOLES = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
BROWSER_1252 = "".join(chr(b) if b in HOLES else bytes([b]).decode("cp1252") for b in range(256))
DECODERS = {
    "latin-1": lambda raw: raw.decode("latin-1"),
    "windows-1252": lambda raw: codecs.charmap_decode(raw, "strict", BROWSER_1252)[0],
    "mac-roman": lambda raw: raw.decode("mac_roman"),
}
GOOD = "Petar Veličković, 李 明 — “naïve” 𝔸₁ × 日本語のテキスト 🙂‍↔️ and Jürgen\n"


@pytest.mark.parametrize("charset", DECODERS)
def test_one_wrong_decoding_is_undone(charset: str) -> None:
    """A text decoded once with the wrong charset comes back byte for byte, and is called repaired."""
    result = repair(DECODERS[charset](GOOD.encode()))
    assert (result.text, bool(result.summary), result.guessed_lines) == (GOOD, True, ())


@pytest.mark.parametrize("first", DECODERS)
@pytest.mark.parametrize("second", DECODERS)
def test_two_wrong_decodings_are_undone(first: str, second: str) -> None:
    """A text encoded twice comes back as well, whatever the two charsets were."""
    once = DECODERS[first](GOOD.encode())
    assert repair(DECODERS[second](once.encode())).text == GOOD


@pytest.mark.parametrize("text", [GOOD, "plain ASCII", "", "é", "ÄÖÜ äöü ß", "…… ② ×10⁻³", "Tomáš “A” – “B”’s"])
def test_undamaged_text_is_left_alone(text: str) -> None:
    """Text that was never damaged comes out as it went in, and is not called repaired."""
    result = repair(text)
    assert (result.text, result.summary) == (text, None)


def test_half_damaged_text_is_repaired_by_guess_and_said_so() -> None:
    """Where no reversal of the whole proves the damage, paragraphs are repaired and their lines named."""
    damaged = GOOD + "\n" + DECODERS["windows-1252"]("The “naïve” résumé".encode()) + "\n\n日本語\n"
    result = repair(damaged)
    assert "The “naïve” résumé" in result.text
    assert result.guessed_lines == (3,)
    assert result.summary == "guess"


def test_full_width_letters_and_curly_quotes_survive_a_guess() -> None:
    """A guess mends encoding only: it straightens no quotes and narrows no full-width letters."""
    damaged = "“ＡＢＣ” ﬁne\n\n" + DECODERS["latin-1"]("é".encode()) + " “ＡＢＣ”\n"
    assert repair(damaged).text.startswith("“ＡＢＣ” ﬁne\n\n")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    """No text makes repair fail, and what it returns is a text."""
    assert isinstance(repair(text).text, str)


def test_real_posts_are_unchanged_and_their_damaged_twins_restored(shared: Path) -> None:
    """Every real post is left alone; every twin in each charset, and each pair of them, is restored."""
    for path in sorted((shared / "posts").rglob("2*.md")):
        if path.parent.name == "garbled":
            continue
        good = path.read_bytes().decode()
        assert repair(good).text == good, path
        for decode in DECODERS.values():
            once = decode(good.encode())
            assert repair(once).text == good, path
        assert repair(DECODERS["latin-1"](DECODERS["windows-1252"](good.encode()).encode())).text == good


def test_posts_as_they_reached_us_equal_the_originals(shared: Path) -> None:
    """The files damaged in the wild come back as their originals where these are known."""
    for path in sorted((shared / "posts" / "garbled").glob("*.md")):
        result = repair(path.read_bytes().decode())
        assert (result.charsets, result.guessed_lines) == (("mac-roman",), ())
        original = shared / "posts" / path.name
        assert not original.exists() or result.text == original.read_bytes().decode()

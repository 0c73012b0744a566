"""Restores text whose UTF-8 was once decoded with the wrong charset; undamaged text stays itself.

A whole file that reverses strictly is proven and restored byte for byte; what does not is repaired by guess,
paragraph by paragraph, and reported as such. Reading files and reporting is left to others.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# The five bytes Python's cp1252 leaves out are C1 controls to a browser (WHATWG Encoding, windows-1252).
_WINDOWS_1252 = "".join(
    chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252") for byte in range(256)
)
# Proof is not unique, so the order matters: Mac Roman first would claim some files that are Latin-1.
_TABLES = {
    "latin-1": codecs.charmap_build("".join(map(chr, range(256)))),
    "windows-1252": codecs.charmap_build(_WINDOWS_1252),
    "mac-roman": codecs.charmap_build(bytes(range(256)).decode("mac_roman")),
}
_MAX_PASSES = 3  # twice-encoded files exist; a fourth pass has never been needed
_PARAGRAPH = re.compile(r"(\n\s*\n)")


def _letters(first: int, last: int) -> str:
    """Return a regex class of what the charsets make of the bytes first..last."""
    raw = bytes(range(first, last + 1))
    return f"[{re.escape(raw.decode('latin-1') + raw.decode('cp1252', 'ignore') + raw.decode('mac_roman'))}]"


# Mojibake shows a UTF-8 lead byte and a continuation byte as letters, a C1 control, or a letter replaced.
_SUSPECT = re.compile(f"{_letters(0xC2, 0xF4)}{_letters(0x80, 0xBF)}|\ufffd|[\x80-\x9f]")
_BLANK_ASCII = bytes([0x20] * 0x80) + bytes(range(0x80, 0x100))


@dataclass(frozen=True, slots=True)
class Repair:
    """Text after repair: the charsets reversed, outermost first, and the lines repaired only by guess."""

    text: str
    charsets: tuple[str, ...] = ()
    guessed_lines: tuple[int, ...] = ()

    @property
    def summary(self) -> str | None:
        """Say in a few words how the text was repaired, None when it needed none."""
        if self.guessed_lines:
            return "+".join((*self.charsets, "guess"))
        return "+".join(self.charsets) or None


def repair(text: str) -> Repair:
    """Undo wrong decodings of a whole file; `text` must have been read with `newline=""`."""
    charsets: list[str] = []
    runs = _find_runs(text)
    while len(charsets) < _MAX_PASSES and (charset := _find_charset(runs)):
        charsets.append(charset)
        text = _reverse(text, charset)
        runs = _find_runs(text)
    text, guessed_lines = _repair_paragraphs(text) if _SUSPECT.search(runs) else (text, ())
    return Repair(text, tuple(charsets), guessed_lines)


def _find_runs(text: str) -> str:
    """Return the different runs of letters beyond ASCII, apart by spaces.

    They decide all: ASCII is the same in every charset here, and a UTF-8 sequence never spans it. Most posts have
    few, which makes this 40 times faster than to look at all of the text.
    """
    if text.isascii():
        return ""
    raw = text.encode("utf-8", "surrogatepass").translate(_BLANK_ASCII)
    return b" ".join(dict.fromkeys(raw.split())).decode("utf-8", "surrogatepass")


def _find_charset(runs: str) -> str | None:
    """Return the first charset that reverses strictly, None for ASCII."""
    for charset in _TABLES if runs else ():
        try:
            _reverse(runs, charset)
        except UnicodeError:
            continue
        return charset
    return None


def _reverse(text: str, charset: str) -> str:
    raw, _ = codecs.charmap_encode(text, "strict", _TABLES[charset])
    return raw.decode("utf-8")


def _repair_paragraphs(text: str) -> tuple[str, tuple[int, ...]]:
    """Guess at each suspect paragraph; return the text and the first line of each one that changed."""
    from ftfy import fix_encoding  # its tables take 20 ms to load, and most files need none

    pieces, guessed, line = _PARAGRAPH.split(text), [], 1
    for index, piece in enumerate(pieces):
        if not piece.isascii() and _SUSPECT.search(piece) and (fixed := fix_encoding(piece)) != piece:
            pieces[index] = fixed
            guessed.append(line)
        line += piece.count("\n")
    return ("".join(pieces), tuple(guessed)) if guessed else (text, ())

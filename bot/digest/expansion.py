"""What LaTeX's commands turn into: one small function for each way of reading a command and its arguments.

The names are in `macros`, single symbols in `symbols`; tokens, groups and arguments are read by `markup`, which
calls `expand_command`. A command nobody knows becomes its own name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from bot.digest import macros
from bot.digest.spacing import Relation, Script, Word
from bot.digest.symbols import PREFIXES, find_symbol, render_blackboard, render_script

BINDING = re.compile(r"[-+/=\s±·×<>]")  # in a fraction's part these ask for brackets
ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}


class Source(Protocol):
    """What a command reads its arguments from (`markup.Reader`)."""

    math: bool

    def peek(self) -> str: ...
    def skip_space(self) -> None: ...
    def join_letter(self) -> None: ...
    def read_argument(self) -> str: ...
    def read_mode(self, *, math: bool) -> str: ...
    def read_single(self, token: str) -> str: ...
    def read_raw(self) -> str: ...
    def read_option(self) -> str: ...


def expand_command(source: Source, name: str) -> str:
    """Return the text of one command, having read its arguments; `name` has no backslash, may be a sign."""
    name = name.rstrip("*") or name
    if name.isalpha() and name.isascii():
        return (load_readers().get(name) or expand_symbol)(source, name)
    if name in macros.SIGN_ACCENTS:
        return expand_accent(source, macros.SIGN_ACCENTS[name], name)
    return macros.SIGNS.get(name, name)


def expand_symbol(source: Source, name: str) -> str:
    """Return a command that takes no argument: a symbol, a function's name, or one nobody knows."""
    if name in macros.LIGATURES and not source.math:
        source.skip_space()
    symbol = None if name in macros.FUNCTIONS else find_symbol(name)
    if symbol is None or (symbol.isascii() and len(symbol) > 1):
        return Word(symbol or name)
    if is_relation(symbol):
        return Relation(symbol)
    if symbol in "⟨⌈⌊∇∂" or name in ("lVert", "lvert") or (source.math and symbol.isalpha()):
        source.join_letter()
    return symbol


def is_relation(symbol: str) -> bool:
    """Tell whether a symbol stands between two things, as ≤, → and · do."""
    single = len(symbol) == 1 and symbol not in PREFIXES
    return single and (unicodedata.category(symbol) == "Sm" or symbol in "·∘⋆")


def expand_accent(source: Source, mark: str, otherwise: str) -> str:
    """Return the next letter with an accent; where no such letter exists, `otherwise` and what follows."""
    if source.peek().isspace() and not otherwise.isalpha():
        return otherwise
    base = source.read_argument()
    plain = {"ı": "i", "ȷ": "j"}.get(base[:1], base[:1])
    letter = unicodedata.normalize("NFC", plain + mark)
    return letter + base[1:] if plain.isalpha() and len(letter) == 1 else otherwise + base


def expand_math_accent(source: Source, name: str) -> str:
    """Return one sign with its accent; over several signs the accent is left out."""
    base = source.read_argument()
    return unicodedata.normalize("NFC", base + macros.MATH_ACCENTS[name]) if len(base) == 1 else base


def expand_plain(source: Source, name: str) -> str:
    """Return the argument of a command that only changes the font."""
    text = source.read_argument()
    is_word = name in ("operatorname", "mathrm") and source.math and len(text) > 1 and text[0].isalnum()
    return Word(text) if is_word else text


def expand_text(source: Source, _: str) -> str:
    """Return an argument that is prose, in a formula too."""
    text = source.read_mode(math=False)
    return Word(text) if source.math and len(text) > 1 else text


def expand_fraction(source: Source, name: str) -> str:
    """Return `a/b`, each part in brackets where it needs them."""
    top, bottom = source.read_argument(), source.read_argument()
    if "binom" in name:
        return f"({top} choose {bottom})"
    return Word(f"{bracket(top)}/{bracket(bottom)}")


def bracket(text: str) -> str:
    """Return a fraction's part, in brackets where it would be misread without."""
    text = text.strip()
    closed = text.startswith("(") and text.find(")") == len(text) - 1
    return f"({text})" if len(text) > 1 and not closed and BINDING.search(text) else text


def expand_root(source: Source, _: str) -> str:
    """Return `√2`, `√(x+1)` or `∛x`."""
    index, body = source.read_option(), source.read_argument().strip()
    sign = ROOTS.get(index) or render_script("^", index, followed=False) + "√"
    return sign + (body if len(body) == 1 or body.isdecimal() else f"({body})")


def expand_negation(source: Source, _: str) -> str:
    """Return the next sign struck through."""
    symbol = source.read_argument()
    struck = unicodedata.normalize("NFC", symbol[:1] + "\u0338") + symbol[1:]
    return Relation(struck) if symbol else ""


def expand_raw(source: Source, name: str) -> str:
    """Return a URL as it stands, or the text of a link."""
    text = source.read_raw()
    return (source.read_argument() or text) if name == "href" else text


def expand_citation(source: Source, _: str) -> str:
    """Return a citation's or reference's key in square brackets."""
    source.read_option()
    source.read_option()
    keys = source.read_raw()
    return f"[{keys}]" if keys else ""


def expand_footnote(source: Source, _: str) -> str:
    """Return a footnote in brackets where it stands."""
    note = source.read_mode(math=False).strip()
    return f" ({note})" if note else ""


def expand_quantity(source: Source, name: str) -> str:
    """Return siunitx's number and unit; an option between them stands before the number."""
    number = "" if name in ("si", "unit") else source.read_argument()
    prefix = source.read_option()
    unit = "" if name == "num" else source.read_argument()
    return f"{prefix}{number} {unit}".strip()


def expand_second(source: Source, _: str) -> str:
    """Return the second argument of a command whose first is a setting."""
    source.read_option()
    source.read_raw()
    return source.read_argument()


def expand_stack(source: Source, name: str) -> str:
    """Return the base of stacked signs, with what stands under it as a subscript."""
    extra, base = source.read_argument(), source.read_argument()
    return base + render_script("_", extra, followed=False) if name == "underset" else base


def expand_arrow(source: Source, name: str) -> str:
    """Return a long arrow without its label."""
    source.read_option()
    source.read_argument()
    return Relation("←" if "left" in name else "→")


def expand_declaration(source: Source, _: str) -> str:
    """Return nothing for a command that changes only how the rest looks."""
    source.skip_space()
    return ""


def expand_dropped(source: Source, name: str) -> str:
    """Return nothing for a command whose argument isn't for readers."""
    argument = source.read_raw()
    if name == "begin" and argument in ("array", "tabular"):
        source.read_raw()
    return ""


def expand_size(source: Source, _: str) -> str:
    """Return nothing for `\\left` and its like: the bracket follows by itself, unless it is `.` for none."""
    if source.peek().startswith("."):
        source.read_single(source.peek())
    return ""


def expand_high(source: Source, _: str) -> str:
    """Return a superscript of prose."""
    return Script(render_script("^", source.read_argument(), followed=False))


def expand_low(source: Source, _: str) -> str:
    """Return a subscript of prose."""
    return Script(render_script("_", source.read_argument(), followed=False))


def expand_blackboard(source: Source, _: str) -> str:
    """Return double-struck letters."""
    return render_blackboard(source.read_argument())


def expand_letter_accent(source: Source, name: str) -> str:
    """Return the letter under an accent that has a letter's name: `\\v{c}`."""
    return expand_accent(source, macros.COMMAND_ACCENTS[name], name)


@lru_cache(maxsize=1)
def load_readers() -> dict[str, Callable[[Source, str], str]]:
    """Return the function that reads each command with arguments."""
    groups = (
        (macros.TEXT_ARGUMENT, expand_text),
        (macros.PLAIN_ARGUMENT, expand_plain),
        (macros.BLACKBOARD, expand_blackboard),
        (macros.DECLARATIONS, expand_declaration),
        (macros.MATH_ACCENTS, expand_math_accent),
        (macros.FRACTIONS, expand_fraction),
        (macros.ROOTS, expand_root),
        (macros.NEGATIONS, expand_negation),
        (macros.RAW_ARGUMENT, expand_raw),
        (macros.CITATIONS, expand_citation),
        (macros.FOOTNOTES, expand_footnote),
        (macros.QUANTITIES, expand_quantity),
        (macros.SECOND_ARGUMENT, expand_second),
        (macros.STACKS, expand_stack),
        (macros.ARROWS, expand_arrow),
        (macros.DROPPED, expand_dropped),
        (macros.SIZES, expand_size),
        (macros.HIGH, expand_high),
        (macros.LOW, expand_low),
        (macros.COMMAND_ACCENTS, expand_letter_accent),
    )
    return {name: read for names, read in groups for name in names}

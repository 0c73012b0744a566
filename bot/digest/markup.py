"""A reader of LaTeX source, for formulas and for prose, that writes plain Unicode text.

It reads tokens, groups, arguments and scripts; what each command turns into is `expansion`'s work, where
formulas begin and end is `latex`'s. It never fails: an unclosed group is read as far as it goes, and below a
fixed depth groups are flattened, so time is linear and the stack bounded whatever comes in.

    source → tokens → Reader → pieces → text
                        ├ group, script, argument
                        └ command → expansion
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.digest.expansion import expand_command
from bot.digest.spacing import Rendered, Script, Space, join_pieces
from bot.digest.symbols import find_symbol, render_script

FORMULA_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}\[\]^_~&']|\s+|[^\\{}\[\]^_~&'\s]+|\\", re.DOTALL)
PROSE_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}\[\]^_]|\s+|[^\\{}\[\]^_\s]+(?:\s+[^\\{}\[\]^_\s]+)*|\\", re.DOTALL)
LETTER_COMMAND = re.compile(r"\\[A-Za-z]+")
# Names whose backslash got lost on the way, as in `{sim}750`; none is an English word one would put in braces
LOST_COMMANDS = frozenset({"approx", "sim", "times", "pm", "leq", "geq", "deg", "cdot", "rightarrow", "%"})
SIGNS = ("+", "-", "*", ",", "=", ":", "'")
MAX_DEPTH = 24
MAX_SCRIPT = 24  # tokens: outside formulas a longer braced script is not one
MAX_OPTION = 40  # tokens


def render_markup(tokens: Iterable[str], *, math: bool) -> str:
    """Return the tokens of a formula (`math`) or of prose as readable text."""
    return Reader(list(tokens), math).read_all()


class Reader:
    """One pass over tokens; `at` is the next one, `end` where the present group ends."""

    def __init__(self, tokens: list[str], math: bool) -> None:
        self.tokens, self.math = tokens, math
        self.pairs = find_pairs(tokens)
        self.at = self.depth = 0
        self.end = len(tokens)

    def read_all(self) -> str:
        """Read up to `end`."""
        pieces: list[str] = []
        while self.at < self.end:
            self.at += 1
            pieces.append(self.read_token(self.tokens[self.at - 1], pieces))
        return join_pieces(pieces)

    def read_token(self, token: str, before: list[str]) -> str:
        """Read one token and what belongs to it, given the pieces before."""
        if isinstance(token, Rendered):
            return token
        if token[0] == "\\":
            return expand_command(self, token[1:])
        if token[0] == "{":
            return self.read_group(self.at - 1, before)
        if token in ("^", "_") and (self.math or self.starts_script(before)):
            return self.read_script(token)
        if token.isspace():
            return Space(token)
        return self.read_sign(token) if self.math else token

    def read_sign(self, sign: str) -> str:
        """Return a formula's single sign, or a run of plain characters, as it is written in text."""
        if sign in ("&", "~"):
            return Space(" ")
        return "" if sign == "}" else sign.replace("'", "′")

    def read_group(self, opening: int, before: list[str]) -> str:
        """Read the group whose `{` is at `opening`; in prose, braces that are no markup stay."""
        closing = self.pairs.get(opening)
        if closing is None:
            return "" if self.math else "{"
        first = self.tokens[opening + 1]
        inner = self.read_range(opening + 1, closing)
        self.at = closing + 1
        if not self.math and inner in LOST_COMMANDS:
            return find_symbol(inner) or inner
        if self.math or first[0] == "\\" or self.is_wrapping(inner, before):
            return inner
        return "{" + inner + "}"

    def is_wrapping(self, inner: str, before: list[str]) -> bool:
        """Tell whether a group of prose only protects letters, as in `{BERT}`, `G{\\"o}del` `1{,}000` or `{}`."""
        last = before[-1] if before else ""
        if not inner or inner in SIGNS:
            return bool(last) and last[-1] not in " \n,({"
        touches = last[-1:].isalpha() and "/" not in last.split()[-1]  # a URL may end in a group
        word = inner.replace("-", "").isalnum()
        return word and (touches or self.peek()[:1].isalpha() or any(char.isupper() for char in inner))

    def read_range(self, start: int, end: int) -> str:
        """Read the tokens from start to end on their own; too deep, only strip their markup."""
        if self.depth >= MAX_DEPTH:
            return "".join(self.tokens[start:end]).translate({ord(char): None for char in "\\{}"})
        kept = self.at, self.end
        self.at, self.end, self.depth = start, end, self.depth + 1
        text = self.read_all()
        (self.at, self.end), self.depth = kept, self.depth - 1
        return text

    def peek(self) -> str:
        """Return the next token of the present group, or an empty string at its end."""
        return self.tokens[self.at] if self.at < self.end else ""

    def skip_space(self) -> None:
        """Go past white space."""
        while self.peek().isspace():
            self.at += 1

    def join_letter(self) -> None:
        """Go past white space when a letter follows it, as TeX does behind a symbol of a formula."""
        following = self.tokens[self.at + 1] if self.at + 1 < self.end else ""
        if self.math and self.peek().isspace() and following[:1].isalpha():
            self.at += 1

    def read_argument(self) -> str:
        """Read the next group, command or single character as an argument."""
        self.skip_space()
        token = self.peek()
        closing = self.pairs.get(self.at)
        if not token or token[0] == "}":
            return ""
        if token[0] == "{" and closing is not None:
            text = self.read_range(self.at + 1, closing)
            self.at = closing + 1
            return text
        return self.read_single(token)

    def read_mode(self, *, math: bool) -> str:
        """Read an argument as a formula or as prose, whatever stands around it."""
        kept, self.math = self.math, math
        text = self.read_argument()
        self.math = kept
        return text

    def read_single(self, token: str) -> str:
        """Read an argument without braces: a command with its own arguments, or the first character."""
        if len(token) > 1 and token[0] != "\\" and not isinstance(token, Rendered):
            self.tokens[self.at] = token[1:]
            return token[0]
        self.at += 1
        if token[0] != "\\" or isinstance(token, Rendered):
            return token
        if self.depth >= MAX_DEPTH:
            return token[1:]
        self.depth += 1
        text = expand_command(self, token[1:])
        self.depth -= 1
        return text

    def read_raw(self) -> str:
        """Take the group that follows directly as it stands, or nothing."""
        closing = self.pairs.get(self.at)
        if closing is None or closing >= self.end:
            return ""
        start, self.at = self.at + 1, closing + 1
        return "".join(self.tokens[start:closing])

    def read_option(self) -> str:
        """Read a `[…]` that follows directly, or nothing."""
        window = self.tokens[self.at : min(self.at + MAX_OPTION, self.end)]
        if self.peek() != "[" or "]" not in window:
            return ""
        closing = self.at + window.index("]")
        text = self.read_range(self.at + 1, closing)
        self.at = closing + 1
        return text

    def starts_script(self, before: list[str]) -> bool:
        """Tell whether a `^` or `_` in prose is one: behind a letter, digit or bracket, before a group."""
        previous = before[-1] if before else ""
        if previous in SIGNS and before[-2:-1] == ["^"]:
            previous = "0"  # as in D^+_{s1}
        if not (isinstance(previous, Script) or previous[-1:].isalnum() or previous[-1:] in (")", "]", "|")):
            return False
        closing = self.pairs.get(self.at)
        is_group = closing is not None and closing - self.at < MAX_SCRIPT
        return is_group or LETTER_COMMAND.fullmatch(self.peek()) is not None

    def read_script(self, mark: str) -> str:
        """Read what stands high (`^`) or low (`_`)."""
        text = self.read_mode(math=True)
        return Script(render_script(mark, text, followed=self.peek()[:1].isalnum()))


def find_pairs(tokens: list[str]) -> dict[int, int]:
    """Return the position of the closing brace for every opening one that has it."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token[0] == "{" and not isinstance(token, Rendered):
            opened.append(at)
        elif token[0] == "}" and opened and not isinstance(token, Rendered):
            pairs[opened.pop()] = at
    return pairs

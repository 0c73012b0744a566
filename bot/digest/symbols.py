"""What single LaTeX names stand for in Unicode: symbols, blackboard letters, scripts.

The tables are pylatexenc's and unicodeit's, asked one name or one character at a time; their converters of
whole strings are not used (they turn `2^{d/2}` into 2ᵈ/2 and `\\log` into łog). What both lack or get wrong is
listed here. Reading LaTeX source is `markup`'s work.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

OWN_SYMBOLS = {
    "R": "ℝ", "Z": "ℤ", "N": "ℕ", "Q": "ℚ", "C": "ℂ", "F": "𝔽", "E": "𝔼",
    "ast": "*", "star": "⋆", "cdot": "·", "bullet": "•", "mid": "|", "prime": "′", "colon": ":",
    "dots": "…", "dotsc": "…", "dotsb": "⋯", "dotsm": "⋯", "implies": "⟹", "iff": "⟺",
    "eps": "ε", "epsilon": "ε", "langle": "⟨", "rangle": "⟩", "hbar": "ħ", "leqslant": "≤", "geqslant": "≥",
    "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "Vert": "‖", "vert": "|",
    "deg": "°", "degree": "°", "arcdeg": "°", "arcmin": "′", "arcsec": "″", "micron": "μm",
    "square": "□", "Box": "□", "blacksquare": "■", "ddag": "‡", "ddagger": "‡",
    "backslash": "∖", "textbackslash": "∖", "setminus": "∖", "smallsetminus": "∖",
    "ie": "i.e.", "eg": "e.g.", "etal": "et al.", "etc": "etc.", "cf": "cf.", "wrt": "w.r.t.", "vs": "vs.",
    "textless": "<", "textgreater": ">", "lt": "<", "gt": ">", "textbar": "|", "textunderscore": "_",
    "textasciitilde": "~", "textasciicircum": "^", "textdollar": "$", "textpercent": "%",
    "textquotesingle": "'", "textquotedbl": '"', "textregistered": "®", "texttrademark": "™",
    "bmod": "mod", "mod": "mod", "i": "ı", "j": "ȷ", "solar": "☉", "odot": "⊙", "Re": "Re", "Im": "Im",
    "bigo": "O", "bigO": "O", "argmin": "argmin", "argmax": "argmax",
    "lbrack": "[", "rbrack": "]", "newline": " ", "par": " ", "quad": " ", "qquad": " ", "space": " ",
}  # fmt: skip

# unicodeit offers characters of other alphabets for these, which only look similar
MISLEADING_SCRIPTS = frozenset({"^V", "^.", "^<", "^>", "_<", "_>", "^∫", "^*"})
OWN_SCRIPTS = {"^V": "ⱽ", "^⊤": "ᵀ", "^θ": "ᶿ", "^−": "⁻", "_−": "₋"}
# These already stand high, so a superscript of them needs no mark
RAISED = frozenset("*∗⋆′″‴°†‡⊥⁎")
# Mathematical signs that stand before something, where the others stand between two things
PREFIXES = frozenset("∇∂∀∃∄¬∑∏∫∬∭∮∞√⊤⊥")


@lru_cache(maxsize=1)
def _load_unicodeit() -> tuple[dict[str, str], dict[str, str]]:
    from unicodeit.data import REPLACEMENTS, SUBSUPERSCRIPTS  # heavy: loaded when LaTeX is met

    scripts = {key: value for key, value in SUBSUPERSCRIPTS if key not in MISLEADING_SCRIPTS}
    return dict(REPLACEMENTS), scripts | OWN_SCRIPTS


@lru_cache(maxsize=1)
def _load_pylatexenc() -> Any:
    from pylatexenc.latex2text import get_default_latex_context_db  # heavy: loaded when LaTeX is met

    return get_default_latex_context_db()


@lru_cache(maxsize=2048)
def find_symbol(name: str) -> str | None:
    """Return the text a command such as `alpha` (no backslash, no arguments) stands for, or None."""
    if name in OWN_SYMBOLS:
        return OWN_SYMBOLS[name]
    spec = _load_pylatexenc().get_macro_spec(name)
    text = getattr(spec, "simplify_repl", None)
    if not isinstance(text, str) or "%" in text or "\\" in text or not text:
        text = _load_unicodeit()[0].get("\\" + name)
    return text if text and "\\" not in text else None


def render_blackboard(text: str) -> str:
    """Return text in double-struck letters, other characters as they are."""
    table = _load_unicodeit()[0]
    return "".join(table.get(f"\\mathbb{{{char}}}", char) for char in text)


def render_script(mark: str, text: str, *, followed: bool) -> str:
    """Return text as a superscript (mark `^`) or subscript (mark `_`), `^(d/2)` where Unicode has none.

    Small characters are used only when every character has one. `followed` says that a letter or digit comes
    right after, so that a bare `_B` would run into it.
    """
    text = text.strip()
    if not text:
        return ""
    if mark == "^" and (set(text) <= RAISED or text == "∘"):
        return text.replace("∘", "°")
    scripts = _load_unicodeit()[1]
    small = [scripts.get(mark + char, char if mark == "^" and char in RAISED else "") for char in text]
    if all(small) and (len(text) <= 3 or not text.isalpha()) and "(" not in text:
        return "".join(small)
    simple = len(text) == 1 or text.replace(".", "").isalnum()
    return f"{mark}{text}" if simple and not followed else f"{mark}({_strip_brackets(text)})"


def _strip_brackets(text: str) -> str:
    inner = text[1:-1]
    return inner if text[0] == "(" and text[-1] == ")" and not {"(", ")"} & set(inner) else text

"""LaTeX in titles and abstracts as text a person can read: `$\\mathcal{O}(n^2)$` becomes O(n²).

arXiv's titles and abstracts carry formulas between dollars, bare commands (`\\emph`, `\\'e`) and prices in
dollars; this module tells them apart and straightens the typography of the prose between. Reading the markup
itself is `markup`'s work. Text without `$`, `\\` or `{` is returned as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from bot.digest.markup import FORMULA_TOKEN, PROSE_TOKEN, render_markup
from bot.digest.spacing import Rendered

MAX_SOURCE = 50_000  # characters; arXiv's abstracts end at 1,920
MAX_FORMULA = 1_500
GLUE = "\u00a0"  # holds a formula together where text is cut
MAX_GLUED = 160

Kind = Literal["prose", "formula", "verbatim"]

ENVIRONMENT = r"\\begin\{(?P<env>(?:equation|align|displaymath|math|gather|eqnarray|multline)\*?)\}"
VERBATIM = r"(?P<path>[A-Za-z]:\\[\w\\.-]{2,})|\\(?:url|path|nolinkurl)\{(?P<url>[^{}]*)\}"
MARK = re.compile(rf"{VERBATIM}|{ENVIRONMENT}|\\.|\$+", re.DOTALL)
TO_DOLLAR = re.compile(r"[^\\$]*(?:\\.[^\\$]*)*", re.DOTALL)
CLOSINGS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
ESCAPED_SIGN = re.compile(r"\\[%$&#_{} ]")
MATH_SIGN = re.compile(r"\\[A-Za-z,;!]|[\^_=<>|]")
PROSE_COMMAND = re.compile(r"\\(?:emph|text(?:it|bf|sc|tt)|em|it|url|(?:eq)?ref|cite[a-z]*)(?![A-Za-z])")
COMMAND = re.compile(r"\\[A-Za-z]+\*?(?:\{[^{}]*\})?")
PROSE_WORD = re.compile(r"(?<![A-Za-z\\])[a-z]{3,}(?![A-Za-z(])")
TORN = re.compile(r"\\|[A-Za-z][\^_{]")

TIE = re.compile(r"(?<=[^\W\d_]|[.,;:)\]}])~(?=[\w(\\\[{]|$)|(?<=\d)~(?=[^\W\d_]|[\\\[(]|$)|^~(?=\w)")
BARE_COMMAND = re.compile(r"(?<![\\A-Za-z])(text(?:it|bf|sc|tt|sf|rm)|emph|sqrt|math(?:bb|bf|cal|rm)|frac)(?=\{)")
BARE_ENDS = tuple(f"{end}{{" for end in ("it", "bf", "sc", "tt", "sf", "rm", "emph", "sqrt", "bb", "cal", "frac"))
LONG_DASH, DASH = re.compile(r"(?<!-)---(?!-)"), re.compile(r"(?<![-\s])--(?!-)|(?<!-)--(?=[\s\d])")
SIGN = re.compile(r"[\\$]")
GAP = re.compile(r" (?<=\S ) +(?=\S)")  # the space first: it is quick to find
QUOTED = re.compile(r"``([^`]{1,400}?)''")
CODE = re.compile(r"\\verb\*?([|!+])([^|!+\n]{1,100})\1")


def render_readable(text: str) -> str:
    """Return a title or abstract with its LaTeX turned into readable Unicode text.

    Prices in dollars stay; whatever the input, no error is raised. Text of more than 50,000 characters, which
    nobody reads, is returned as it came.
    """
    return render_glued(text).replace(GLUE, " ") if has_markup(text) else text


def render_glued(text: str) -> str:
    """Do as `render_readable`, with no-break spaces inside short formulas, so that a cut can respect them."""
    return _render(text) if has_markup(text) else text


def has_markup(text: str) -> bool:
    """Tell whether text holds a character that LaTeX begins with and is of a length to be read."""
    return ("$" in text or "\\" in text or "{" in text) and len(text) <= MAX_SOURCE


@lru_cache(maxsize=2048)
def _render(text: str) -> str:
    tokens: list[str] = []
    source = CODE.sub(r"\2", text) if "\\verb" in text else text
    source = QUOTED.sub(r"“\1”", source) if "``" in source else source
    for kind, segment in split_formulas(source):
        if kind == "formula":
            tokens.append(Rendered(_render_formula(segment)))
        elif kind == "verbatim":
            tokens.append(Rendered(segment))
        else:
            tokens += PROSE_TOKEN.findall(straighten_prose(segment))
    rendered = render_markup(filter(None, tokens), math=False)
    has_gaps = rendered != text and "  " in rendered
    return GAP.sub(" ", rendered) if has_gaps else rendered


def _render_formula(source: str) -> str:
    text = " ".join(render_markup(FORMULA_TOKEN.findall(source), math=True).split())
    return text.replace(" ", GLUE) if len(text) <= MAX_GLUED else text


def straighten_prose(text: str) -> str:
    """Return prose with LaTeX's ties and dashes as characters, and lost backslashes put back."""
    # Looking for the sign first is far cheaper than trying a pattern at every letter.
    text = TIE.sub(" ", text) if "~" in text else text
    text = BARE_COMMAND.sub(r"\\\1", text) if "{" in text and any(end in text for end in BARE_ENDS) else text
    return DASH.sub("–", LONG_DASH.sub("—", text)) if "--" in text else text


def split_formulas(text: str) -> Iterator[tuple[Kind, str]]:
    """Yield the parts of text in order: prose, formulas without their marks, and URLs and paths as they are.

    Dollars that are prices stay within the prose.
    """
    start = at = 0
    missing: set[str] = set()
    while mark := find_mark(text, at):
        at = mark.end()
        verbatim = mark["path"] or mark["url"]
        body, end = (None, at) if verbatim else find_formula(text, mark, missing)
        if not verbatim and body is None and not is_stray(text, mark):
            continue
        yield "prose", text[start : mark.start()]
        if verbatim or body is not None:
            yield ("verbatim", verbatim) if verbatim else ("formula", body or "")
        start = at = end
    yield "prose", text[start:]


def find_mark(text: str, at: int) -> re.Match[str] | None:
    """Return the next mark of a formula, URL or path; every one holds a sign that is quick to find."""
    while sign := SIGN.search(text, at):
        start = sign.start()  # of a path, the drive's letter and colon come before it
        if mark := MARK.match(text, max(at, start - 2)) or MARK.match(text, start):
            return mark
        at = start + 1
    return None


def find_formula(text: str, mark: re.Match[str], missing: set[str]) -> tuple[str | None, int]:
    """Return the formula that begins at mark and where it ends, or None; `missing` collects absent closings."""
    opening, start = mark[0], mark.end()
    if opening == "$":
        body = TO_DOLLAR.match(text, start, start + MAX_FORMULA + 1)
        end = body.end() if body else start
        found = text[start:end] if text[end : end + 1] == "$" else ""
        return (found, end + 1) if is_formula(found, text[end + 1 : end + 2]) else (None, start)
    closing = f"\\end{{{mark['env']}}}" if mark["env"] else CLOSINGS.get(opening, "")
    if not closing or closing in missing:
        return None, start
    end = text.find(closing, start)
    if end < 0:
        missing.add(closing)
        return None, start
    found = text[start:end]
    accepted = len(found) <= MAX_FORMULA and (bool(mark["env"]) or is_formula(found, ""))
    if accepted and opening == "\\[":
        accepted = MATH_SIGN.search(found) is not None
    return (found, end + len(closing)) if accepted else (None, start)


def is_formula(body: str, after: str) -> bool:
    """Tell whether what stands between two dollars is a formula rather than prose between two prices.

    `after` is the character behind the closing dollar: a digit there makes it the next price.
    """
    if not body.strip() or len(body) > MAX_FORMULA:
        return False
    plain = PROSE_COMMAND.sub("", ESCAPED_SIGN.sub(" ", body))
    words = len(PROSE_WORD.findall(COMMAND.sub(" ", plain)))
    loose = body[0].isspace() or body[-1].isspace()
    if MATH_SIGN.search(plain):
        between_prices = loose and words > (0 if body[0].isdigit() else 1)
        return not between_prices and not (words > 2 and body[0] in ",.;:)0123456789")
    next_price = after.isdigit() and any(char.isalnum() for char in body)
    return not (next_price or (loose and len(body.strip()) > 2) or words > 2 or (words and body[0].isdigit()))


def is_stray(text: str, mark: re.Match[str]) -> bool:
    """Tell whether a dollar without a partner is a formula's torn-off end, not a price or a currency."""
    if mark[0] not in ("$", "$$"):
        return False
    return text[mark.start() - 1 : mark.start()] == "}" or TORN.match(text, mark.end()) is not None

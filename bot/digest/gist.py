"""The one sentence that says what a paper does, chosen from its abstract.

An abstract begins with the field's troubles; its contribution comes with "we introduce" or "this paper". This
module splits sentences, takes the first that says so (else the first) and shortens it. LaTeX is `latex`'s
work, making the text safe for Discord `messages`'.
"""

from __future__ import annotations

import re

from bot.digest.cut import ELLIPSIS, cut_text
from bot.digest.late import compile_late
from bot.digest.latex import render_glued

MAX_READ = 20_000  # characters of an abstract that are looked at
KEPT_SHARE = 0.1  # short rather than cut inside a formula
ADVERBS = r"(?:(?:\w+ly|also|first|here|then|thus|hence|now|next|therefore|instead|further)\s+){0,2}"
VERBS = (
    r"(?:introduc|propos|present|show|develop|describ|demonstrat|provid|prov|stud|investigat|explor|examin|analy[sz]"
    r"|address|tackl|design|build|built|deriv|establish|report|releas|construct|formulat|extend|review|survey"
    r"|devis|creat|argu|find|found|give|offer|present|consider|evaluat|compar|formaliz|formalis|propound|train"
    r"|outlin|revisit|characteri[sz]|identif|discuss|collect|conduct|contribut|aim|focus|unveil|suggest|advocat"
    r"|discover|leverag|introduce|apply|use|obtain|perform|implement|improv|generali[sz]|unif|reveal|observe)"
)
KINDS = (
    r"(?:paper|work|article|study|report|survey|review|thesis|dissertation|letter|note|tutorial|chapter|manuscript"
    r"|essay|monograph|position paper|technical report|white paper|contribution|project|document)"
)
CONTRIBUTION = compile_late(
    rf"\bwe\s+{ADVERBS}{VERBS}\w*\b"
    rf"|\b(?:this|the present|the current|our)\s+(?:\w+\s+)?{KINDS}\b(?!s)"
    r"|\b(?:is|are)\s+(?:introduced|proposed|presented|developed|described)\b",
    re.IGNORECASE,
)

END = re.compile(r"(?:[.!?]+[\"'”’)\]]*|…)(?=\s+\S)|[。！？]+[」』”）]*")
BEFORE_END = re.compile(r"[^\s(\[“\"]+$")
OPENER = re.compile(r"\((?:[ivx]{1,4}|[a-z])\)|[\"'“‘(\[*]*(?:[A-Z0-9]|[a-z]{1,4}[A-Z]|[^\x00-\x7f])")
ABBREVIATIONS = frozenset(
    """
    e.g i.e eg ie al cf vs viz resp approx ca fig figs eq eqs sec secs ref refs tab tabs thm lem prop def cor
    alg ch chap app dr mr mrs ms prof st no nos vol pp p ed eds jr sr inc ltd co dept univ et w.r.t a.k.a i.i.d
    s.t u.s u.k u.s.a ph.d m.sc b.sc d.c incl esp est max min avg mt ft op art
    """.split()  # noqa: SIM905
)


def choose_gist(abstract: str, limit: int) -> str:
    """Return the sentence of an abstract that states its contribution, in at most `limit` code points.

    LaTeX becomes readable text. Where no sentence says "we introduce", "this paper" and the like, it is the
    first one. A longer one is cut at a word and ends in `…`, never inside a formula; empty gives empty.
    """
    text = " ".join(part for part in re.split(r"[^\S\u00a0]+", render_glued(abstract[:MAX_READ])) if part)
    sentences = split_sentences(text)
    chosen = next((s for s in sentences if CONTRIBUTION.search(s)), sentences[0] if sentences else "")
    return " ".join(cut_sentence(chosen, limit).split())


def split_sentences(text: str) -> list[str]:
    """Return the sentences of running text; abbreviations, initials and decimals end none."""
    sentences, start = [], 0
    for end in END.finditer(text):
        if is_sentence_end(text, start, end):
            sentences.append(text[start : end.end()].strip())
            start = end.end()
    return [sentence for sentence in [*sentences, text[start:].strip()] if sentence]


def is_sentence_end(text: str, start: int, end: re.Match[str]) -> bool:
    """Tell whether a full stop, or its like, at `end` closes the sentence that began at `start`."""
    if end[0][0] in "。！？":
        return True
    following = text[end.end() : end.end() + 8].lstrip()
    if not OPENER.match(following):
        return False
    if end[0] != ".":
        return True
    before = BEFORE_END.search(text, max(start, end.start() - 24), end.start())
    word = before[0] if before else ""
    is_initial = len(word) == 1 and word.isalpha() and word.isupper() and word != "I"
    return not is_initial and word.lower() not in ABBREVIATIONS


def cut_sentence(sentence: str, limit: int) -> str:
    """Return a sentence cut to `limit`, stepping back before a bracket that the cut would leave open."""
    short = cut_text(sentence, limit, kept_share=KEPT_SHARE)
    if short == sentence:
        return sentence
    opened = find_open_bracket(short)
    if opened > 0 and opened >= len(short) // 2:
        return short[:opened].rstrip(" ,;:–—-(/") + ELLIPSIS
    return short


def find_open_bracket(text: str) -> int:
    """Return where the word begins that holds the last bracket left open, or -1."""
    opened: list[int] = []
    for at, char in enumerate(text):
        if char in "([":
            opened.append(at)
        elif char in ")]" and opened:
            opened.pop()
    return text.rfind(" ", 0, opened[0]) if opened else -1

"""Strangers' characters: which of them a reader can see, and which are emoji.

Here go invisible, controlling and reordering characters, floods of combining marks and endless words; what
stays is text as it was meant, in any script. Markdown, links and mentions are `safe`'s work.
"""

from __future__ import annotations

import re
import unicodedata

from bot.digest.cut import is_boundary
from bot.digest.late import compile_late

MAX_MARKS = {"M": 3, "Mc": 4}  # in a row on one letter: Tibetan, Hebrew and Burmese need as many
MARKS = {"Mn": "M", "Me": "M", "Mc": "Mc"}
# Where marks may be: none are among Greek's and Cyrillic's letters, nor among most of punctuation and signs.
MAY_BE_MARKS = re.compile("[\u0300-\u036f\u0483-\u1fff\u20d0-\u20ff\u2cef-\U0010ffff]")
MAX_RUN = 80  # characters without a place to break the line

ENDLESS = re.compile(rf"\S{{{MAX_RUN + 1},}}")
LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
BLANK = re.compile(r"[^\S\n\u3000]+")
GAP, WIDE_GAP = re.compile(r" {2,}"), re.compile(r"[ \u3000]*\u3000[ \u3000]*")

# Not seen: control, format and tag characters, fillers, variation selectors, private use, noncharacters
INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff"
    "\ue000-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
TAGGED_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"  # England, Wales …
UNSEEN = compile_late(f"{TAGGED_FLAG}|[{INVISIBLE}]")
# Letters of scripts that spell with joiners: Arabic and Persian, the Indic scripts, Burmese, Khmer, Mongolian
SPELT_WITH_JOINERS = compile_late(
    "[\u0620-\u06d3\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17d3\u1820-\u18aa]"
)
IDEOGRAPH = compile_late("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

PICTOGRAPH = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3"
    "\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2604\u260e\u2611\u2614\u2615\u2618\u261d"
    "\u2620\u2622\u2623\u2626\u262a\u262e\u262f\u2638-\u263a\u2640\u2642\u2648-\u2653\u265f\u2660\u2663\u2665"
    "\u2666\u2668\u267b\u267e\u267f\u2692-\u2697\u2699\u269b\u269c\u26a0\u26a1\u26a7\u26aa\u26ab\u26b0\u26b1"
    "\u26bd\u26be\u26c4\u26c5\u26c8\u26ce\u26cf\u26d1\u26d3\u26d4\u26e9\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd"
    "\u2702\u2705\u2708-\u270d\u270f\u2712\u2714\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c\u274e"
    "\u2753-\u2755\u2757\u2763\u2764\u2795-\u2797\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50"
    "\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
EMOJI = compile_late(
    f"{TAGGED_FLAG}|[0-9#*]\ufe0f?\u20e3|[{PICTOGRAPH}][\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]*"
)
PICTOGRAPHS = compile_late(f"[{PICTOGRAPH}]")
# Signs of text that may be drawn as emoji, and their nearest kin that never are
KIN = {
    "↔": "⟷", "↕": "⇕", "↖": "⇖", "↗": "⇗", "↘": "⇘", "↙": "⇙", "↩": "←", "↪": "→", "▪": "■", "▫": "□",
    "◻": "□", "◼": "■", "◽": "□", "◾": "■", "▶": "▷", "◀": "◁", "♾": "∞", "✔": "✓", "✖": "×", "✳": "∗",
    "✴": "∗", "❤": "♡", "♥": "♡", "♠": "♤", "♣": "♧", "♦": "♢", "➡": "→", "⬅": "←", "⬆": "↑", "⬇": "↓",
    "‼": "!!", "⁉": "!?", "™": "TM", "©": "(c)", "®": "(R)", "ℹ": "i", "Ⓜ": "M", "〰": "〜", "➕": "+",
    "➖": "−", "➗": "÷", "❗": "!", "❓": "?", "⭐": "★", "⭕": "○",
}  # fmt: skip


def render_visible(text: str, *, lines: bool = False) -> str:
    """Return text as its reader should see it, on one line unless `lines` keeps the breaks.

    Nothing invisible stays, but the joiners inside emoji and between letters of scripts that spell with them.
    Space runs shrink to one, empty lines to one, marks to three on a letter; endless words get a space.
    """
    if text.isascii() and text.isprintable():  # as nearly all is: no break, nothing to hide
        return ENDLESS.sub(_break_run, (GAP.sub(" ", text) if "  " in text else text).strip())
    text = BLANK.sub(" ", LINE_BREAK.sub("\n" if lines else " ", text))
    if not (text.isascii() and text.isprintable()):
        text = cap_marks(UNSEEN.sub(_keep_joiner, text))
    text = GAP.sub(" ", WIDE_GAP.sub("\u3000", text)) if "\u3000" in text else GAP.sub(" ", text)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in text.split("\n")))
    return ENDLESS.sub(_break_run, text.strip())


def drop_emoji(text: str) -> str:
    """Return text on one line without emoji; signs that may be drawn as one become their nearest kin."""
    if text.isascii():
        return text
    text = EMOJI.sub(lambda found: KIN.get(found[0].rstrip("\ufe0e\ufe0f"), ""), text)
    return render_visible(re.sub("[\ufe0e\ufe0f\u20e3]", "", text))


def cap_marks(text: str) -> str:
    """Return text with at most three combining marks in a row on a letter, and none without a letter."""
    if not MAY_BE_MARKS.search(text):
        return text
    out: list[str] = []
    counts = dict.fromkeys(MAX_MARKS, MAX_RUN)  # at the start there is no letter to carry a mark
    for char in text:
        kind = MARKS.get(unicodedata.category(char)) if char >= "\u0300" else None
        if kind:
            counts[kind] += 1
            if counts[kind] > MAX_MARKS[kind]:
                continue
        else:
            counts = dict.fromkeys(MAX_MARKS, MAX_RUN if char.isspace() else 0)
        out.append(char)
    return "".join(out)


def _keep_joiner(found: re.Match[str]) -> str:
    """Return an invisible character where it is part of a sign or a spelling, else nothing."""
    char = found[0]
    before, after = found.string[max(found.start() - 1, 0) : found.start()], found.string[found.end() : found.end() + 1]
    if len(char) > 1:
        return char
    if char in "\u200c\u200d" and SPELT_WITH_JOINERS.match(before) and SPELT_WITH_JOINERS.match(after):
        return char
    if char == "\u200d":
        joins = PICTOGRAPHS.match(before) or before == "\ufe0f"
        return char if joins and PICTOGRAPHS.match(after) else ""
    if char in "\ufe0e\ufe0f":
        return char if PICTOGRAPHS.match(before) or (before in "0123456789#*" and after == "\u20e3") else ""
    return char if "\U000e0100" <= char <= "\U000e01ef" and IDEOGRAPH.match(before) else ""


def _break_run(found: re.Match[str]) -> str:
    """Return an endless word with a space wherever 80 characters went by without a place to break."""
    run, out, since = found[0], [], 0
    for at, char in enumerate(run):
        since = 0 if breaks_anywhere(char) else since + 1
        if since > MAX_RUN and is_boundary(run, at):
            out.append(" ")
            since = 1
        out.append(char)
    return "".join(out)


def breaks_anywhere(char: str) -> bool:
    """Tell whether lines may break beside a character without a space: East Asian, Thai, Lao, Burmese, Khmer."""
    if char < "\u0e00":
        return False
    return unicodedata.east_asian_width(char) in "WF" or char <= "\u0eff" or "\u1000" <= char <= "\u17ff"

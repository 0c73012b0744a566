"""Strangers' text made inert: Discord draws it as letters, whatever it says and wherever we put it.

No mention, link, emoji code, markdown, header, list or quote of a title, abstract, name or post takes effect.
In message bodies Discord honours a backslash before a sign; inside a masked link it shows the backslash
(discord-api-docs #6185) and gives the link up at a URL (#7721), some emoji (#7510) or a leading `1. ` (#6565),
so there signs are exchanged for look-alikes. Backslashes of the text itself become `∖` everywhere: the only ones
left are ours. What can be seen at all is `characters`' work. Limits count Unicode code points, as Discord's API
does (#1315).
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.digest.cut import cut_text
from bot.messages.characters import drop_emoji, render_visible
from bot.messages.language import say

SCHEME = re.compile(
    r"(?:https?|ftps?|wss?|file|steam|discord|mailto|tel|sms|slack|spotify|vscode|javascript|data):/{2,}", re.I
)
LEFTOVER_SCHEME = re.compile(r":/{2,}")
# Discord draws its own links as cards, without a scheme too
INVITE = re.compile(r"(discord\w{0,16}|dis)\.(?=[a-z]{2,16}/)", re.I)
PING = re.compile(r"(?<=[@＠﹫])(?:everyone|here|silent)", re.I)
NAMED_PING = re.compile(r"^(?:everyone|here|silent|(?i:everyone|here|silent)$)")
SPELLING_JOINER = re.compile("\u200c|\u200d(?=[\u0600-\u18ff])")  # two names must not differ by these alone
CYRILLIC = str.maketrans("eEiI", "еЕіІ")
# <@1> <#1> <:x:1> <a:x:1> <t:1> </x:1> <id:x> <https://x> <mail@x> <tel:1> <+1>
TAG = re.compile(r"<(?=[@#:/+&!$]|[A-Za-z]{1,32}:|[^\s<>]{1,256}@)")

ESCAPED = re.compile(r"[*_~`|\[\]<]|(?<=\])\(|:(?=[\w+\-]{1,64}:)")
LINE_START = re.compile(r"^(?:(?=[#\-+>])|(\d{1,9})(?=[.)](?:\s|$)))", re.M)
LOOK_ALIKES = str.maketrans("*_~`|[]<>", "∗ˍ∼ˋ∣［］‹›")
CODE = re.compile(r":(?=[\w+\-]{1,64}:)")
LINK_START = {"#": "♯", "-": "‐", "+": "＋"}
LINK_MARKER = re.compile(r"^(?:([#\-+])(?=[#\s]|$)|(\d{1,9})\.(?=\s|$))")


def render_link_text(text: str, limit: int) -> str:
    """Return text for the inside of a masked link, `[…](our URL)`, in at most `limit` code points.

    One line, without emoji; signs of markdown become look-alikes (`A∗`), schemes of URLs are dropped. Where
    nothing remains it is "untitled", since an empty link is none.
    """
    visible = disarm(drop_emoji(render_visible(take_readable(text, limit))))
    marked = LINK_MARKER.sub(_exchange_marker, visible)
    inert = CODE.sub("꞉", marked.translate(LOOK_ALIKES))
    return cut_text(inert or say("untitled"), limit)


def render_prose(text: str, limit: int, *, lines: bool = False) -> str:
    """Return text for a message's body in at most `limit` code points, the backslashes we add included.

    It is inert at the start of a line, beside our markdown and inside it; not for the inside of a masked link.
    `lines` keeps line breaks, and at most one empty line in a row. Nothing visible gives an empty string.
    """
    return cut_escaped(escape(disarm(render_visible(take_readable(text, limit), lines=lines))), limit)


def render_name(text: str, limit: int) -> str:
    """Return an author's name or a handle for a message's body in at most `limit` code points.

    An `@` may be put before it: a handle `everyone` pings nobody. Nothing visible gives "unnamed".
    """
    return cut_escaped(_escape_name(take_readable(text, limit)) or say("unnamed"), limit)


@lru_cache(maxsize=512)  # digests name few categories and figures
def _escape_name(text: str) -> str:
    """Return a name inert and escaped, "" when nothing of it can be seen."""
    name = disarm(SPELLING_JOINER.sub("", render_visible(text)))
    return escape(NAMED_PING.sub(lambda found: found[0].translate(CYRILLIC), name))


def take_readable(text: str, limit: int) -> str:
    """Return as much of text as can matter for `limit` characters, so that hostile lengths cost nothing."""
    return text[: 20 * max(limit, 0) + 2_000]


def disarm(text: str) -> str:
    """Return text whose URLs, invites, mentions and tags are no more than words, by exchange alone."""
    text = text.replace("\\", "∖")
    if "://" in text:  # what follows a scheme may be a mark, a space or a list's sign: at a line's start now
        text = LEFTOVER_SCHEME.sub(":", render_visible(SCHEME.sub("", text), lines=True))
    # Looking for a sign that each of them has is far cheaper than trying a pattern at every letter.
    if "@" in text or "＠" in text or "﹫" in text:
        text = PING.sub(lambda found: found[0].translate(CYRILLIC), text)
    text = INVITE.sub(r"\1․", text) if "/" in text else text
    return TAG.sub("‹", text) if "<" in text else text


def escape(text: str) -> str:
    """Return text without backslashes of its own with one before each sign that Discord would act on."""
    return LINE_START.sub(r"\1\\", ESCAPED.sub(r"\\\g<0>", text))


def cut_escaped(text: str, limit: int) -> str:
    """Return escaped text cut to `limit`, no backslash left without its sign."""
    short = cut_text(text, limit)
    return short if short == text else short.replace("\\…", "…")


def _exchange_marker(found: re.Match[str]) -> str:
    return LINK_START[found[1]] if found[1] else f"{found[2]}․"

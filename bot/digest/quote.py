"""Embedded posts: reads the embed HTML of Twitter and Bluesky into mentions, and writes it back.

Nearly every embed has one plain shape that a pattern takes apart; whatever differs from it in the least is read by a
real HTML parser, with the same result.
"""

from __future__ import annotations

import html
import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.digest.late import compile_late
from storage.models import Mention

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_STATUS = re.compile(
    r"https?://(?:www\.|mobile\.)?(twitter|x)\.com/([A-Za-z0-9_]{1,20})/status/([0-9]{1,20})(?:[/?#].*)?"
)
_BLUESKY_HOME = "https://bsky.app"
_BLUESKY = re.compile(
    r"https://bsky\.app/profile/([A-Za-z0-9.-]{1,253}|did:[a-z]{1,10}:[A-Za-z0-9._:-]{1,200})"
    r"/post/([A-Za-z0-9._~-]{1,100})(?:[?#].*)?"
)  # handles and record keys: atproto.com/specs/handle, atproto.com/specs/record-key
_BYLINE = re.compile(r"\s*[—–-]?\s*(.*?)\s*\(@([A-Za-z0-9_]{1,20})\)\s*", re.DOTALL)
_BLUESKY_BYLINE = re.compile(r"\s*[—–-]?\s*(.*?)\s*\(@([A-Za-z0-9.-]{1,253})\)\s*", re.DOTALL)
_DATE = re.compile(r"([A-Z][a-z]+) ([0-9]{1,2}), ([0-9]{4})")
_SOURCE_BREAKS = re.compile(r"[\r\n]+")
_BREAK = "\v"  # stands for `<br>` in text, which holds no such character itself
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
# The shape of nearly every embed: a paragraph with its attributes, the byline, the link with its attributes and date.
# It closes whatever it opens, and a parser would find nothing to mend in it.
_ATTRIBUTES = r'(?: [a-z-]+="[^"<>&\r]*+")*+'
_LINK = r'<a(?: [a-z-]+="[^"<>]*+")*+>[^<]*+</a>'
_PLAIN = compile_late(
    rf"<blockquote{_ATTRIBUTES}>\s*<p({_ATTRIBUTES})>((?:[^<]++|<br>|{_LINK})*+)</p>"
    rf"([^<]*+)<a({_ATTRIBUTES})>([^<]*+)</a>\s*</blockquote>"
)
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
# Entities that mean the same to everyone, wherever they stand.
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#39": "'"} | {
    "nbsp": "\N{NO-BREAK SPACE}", "mdash": "—", "ndash": "–", "hellip": "…"
}  # fmt: skip
_ENTITY = compile_late(rf"&({'|'.join(_ENTITIES)});")
_ODD_ENTITY = compile_late(rf"&(?!(?:{'|'.join(_ENTITIES)});)")
_RTL = {"ar", "fa", "he", "iw", "ps", "ur", "yi"}
SCRIPT = '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'
BLUESKY_SCRIPT = '<script async src="https://embed.bsky.app/static/embed.js" charset="utf-8"></script>'


def parse_quote(text: str, start: int = 0, end: int | None = None) -> Mention | None:
    """Read the `<blockquote>` at a place in text.

    None when it names no author, or no post of Twitter's or Bluesky's to link to.
    """
    end = len(text) if end is None else end
    plain = _PLAIN.fullmatch(text, start, end)
    # A parser also changes two characters.
    is_odd = text.find("\r", start, end) >= 0 or text.find("\0", start, end) >= 0
    if plain is None or is_odd or _ODD_ENTITY.search(text, start, end):
        return parse_html(text[start:end])
    return _read_plain(plain)


def _read_plain(quote: re.Match[str]) -> Mention | None:
    attributes, text, rest, link_attributes, label = quote.groups()
    url = _find_url(_get_attribute(link_attributes, "href"))
    byline = _parse_byline(_unescape(rest), is_domain=_is_bluesky(url)) if url else None
    if url is None or byline is None:
        return None
    text = _join_lines(text.replace("<br>", _BREAK))
    if "<" in text:  # every one begins a tag here
        before, *pieces = text.split("<")
        text = before + "".join([piece[piece.index(">") + 1 :] for piece in pieces])
    text = _unescape(text).replace(_BREAK, "\n").strip()
    return Mention(*byline, url, _parse_date(_unescape(label)), _read_lang(attributes), text)


def _unescape(text: str) -> str:
    """Replace the entities that the plain shape may have."""
    return _ENTITY.sub(_read_entity, text) if "&" in text else text


def _read_entity(entity: re.Match[str]) -> str:
    return _ENTITIES[entity[1]]


def _find_url(href: str) -> str | None:
    """Return a post's address without what tracks its readers, None for any other address."""
    if status := _STATUS.fullmatch(href):
        return f"https://{status[1]}.com/{status[2]}/status/{status[3]}"
    post = _BLUESKY.fullmatch(href)
    return f"{_BLUESKY_HOME}/profile/{post[1]}/post/{post[2]}" if post else None


def _is_bluesky(url: str) -> bool:
    """Tell whose an address is that `_find_url` made."""
    return url.startswith(_BLUESKY_HOME)


def _get_attribute(attributes: str, name: str) -> str:
    """Return the value of the first attribute of a name, empty when there is none."""
    first = _ATTRIBUTE.match(attributes)  # nearly always the one
    if first and first[1] == name:
        return first[2]
    return next((value for key, value in _ATTRIBUTE.findall(attributes) if key == name), "")


@lru_cache(maxsize=64)  # there are few languages, and the same people share papers again and again
def _read_lang(attributes: str) -> str | None:
    return _check_lang(_get_attribute(attributes, "lang"))


def _check_lang(lang: str) -> str | None:
    return lang if _LANG.fullmatch(lang) else None


@lru_cache(maxsize=256)
def _parse_byline(rest: str, *, is_domain: bool) -> tuple[str, str] | None:
    """Return the name and the handle of an author, of "— Name (@handle)"; handles on Bluesky are domains."""
    byline = (_BLUESKY_BYLINE if is_domain else _BYLINE).fullmatch(" ".join(rest.split()))
    return (byline[1], byline[2]) if byline else None


def parse_html(source: str) -> Mention | None:
    """Read one `<blockquote>` with an HTML parser, which makes sense of whatever a browser would."""
    from selectolax.lexbor import LexborHTMLParser  # nearly every post is read without

    quote = LexborHTMLParser(source).css_first("blockquote")
    if quote is None:
        return None
    for node in quote.css("br"):
        node.replace_with(_BREAK)
    return _read_quote(quote)


def _read_quote(quote: LexborNode) -> Mention | None:
    link = _find_link(quote)
    url = _find_url(link.attributes.get("href") or "") if link else None
    if link is None or url is None:
        return None
    paragraph, label = _find_paragraph(quote), link.text()
    if not _ends_with_link(quote):
        link.remove()  # it may stand inside the paragraph
    text, lang = (
        (_parse_text(paragraph), _check_lang(paragraph.attributes.get("lang") or "")) if paragraph else ("", None)
    )
    byline = _parse_byline(_find_rest(quote, paragraph), is_domain=_is_bluesky(url))
    if byline is None:
        return None
    return Mention(*byline, url, _parse_date(label), lang, text)


def _find_link(quote: LexborNode) -> LexborNode | None:
    """Return the last link; nearly always it is the last child, which costs less to get than to search."""
    if _ends_with_link(quote):
        return quote.last_child
    links = quote.css("a")
    return links[-1] if links else None


def _ends_with_link(quote: LexborNode) -> bool:
    return quote.last_child is not None and quote.last_child.tag == "a"


def _find_paragraph(quote: LexborNode) -> LexborNode | None:
    first = quote.first_child
    return first if first and first.tag == "p" else quote.css_first("p")


def _find_rest(quote: LexborNode, paragraph: LexborNode | None) -> str:
    """Return the text outside paragraph and link: nearly always one piece between them, quicker got than cut out."""
    first = quote.first_child
    between = first.next if first and first.tag == "p" else None
    last = between.next if between and between.tag == "-text" else None
    if between and last and last.tag == "a" and last.next is None:
        return between.text_content or ""
    if quote.last_child and _ends_with_link(quote):
        quote.last_child.remove()
    if paragraph:
        paragraph.remove()
    return quote.text()


def _parse_text(paragraph: LexborNode) -> str:
    """Return the paragraph's text; only `<br>` breaks a line in HTML."""
    return _join_lines(paragraph.text()).replace(_BREAK, "\n").strip()


def _join_lines(text: str) -> str:
    """Make each line break of the source a space; few have any, and the pattern would be tried at every letter."""
    return _SOURCE_BREAKS.sub(" ", text) if "\n" in text or "\r" in text else text


@lru_cache(maxsize=256)
def _parse_date(label: str) -> date | None:
    match = _DATE.fullmatch(label.strip())
    if not match or match[1] not in _MONTHS:
        return None
    try:
        return date(int(match[3]), _MONTHS.index(match[1]) + 1, int(match[2]))
    except ValueError:
        return None


def format_quote(mention: Mention) -> str:
    """Write a mention as the embed it came from, script line included."""
    text = "<br>".join(html.escape(line) for line in mention.text.split("\n"))
    day = f"{_MONTHS[mention.date.month - 1]} {mention.date.day}, {mention.date.year}" if mention.date else ""
    direction = "rtl" if (mention.lang or "").split("-")[0] in _RTL else "ltr"
    lang = f' lang="{mention.lang}"' if mention.lang else ""
    post = _BLUESKY.fullmatch(mention.url)
    uri = f' data-bluesky-uri="at://{post[1]}/app.bsky.feed.post/{post[2]}"' if post else ""
    kind, tracking, script = (
        ("bluesky-embed", "embed", BLUESKY_SCRIPT) if post else ("twitter-tweet", "twsrc%5Etfw", SCRIPT)
    )
    return (
        f'<blockquote class="{kind}"{uri}><p{lang} dir="{direction}">{text}</p>'
        f"&mdash; {html.escape(mention.author)} (@{mention.handle}) "
        f'<a href="{mention.url}?ref_src={tracking}">{day}</a></blockquote>\n{script}'
    )

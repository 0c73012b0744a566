"""Embedded posts: reads Twitter's embed HTML with a real parser into mentions, and writes it back."""

from __future__ import annotations

import html
import re
from datetime import date

from selectolax.lexbor import LexborHTMLParser, LexborNode

from storage.models import Mention

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_STATUS = re.compile(
    r"https?://(?:www\.|mobile\.)?(twitter|x)\.com/([A-Za-z0-9_]{1,20})/status/([0-9]{1,20})(?:[/?#].*)?"
)
_BYLINE = re.compile(r"\s*[—–-]?\s*(.*?)\s*\(@([A-Za-z0-9_]{1,20})\)\s*", re.DOTALL)
_DATE = re.compile(r"([A-Z][a-z]+) ([0-9]{1,2}), ([0-9]{4})")
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_RTL = {"ar", "fa", "he", "iw", "ps", "ur", "yi"}
SCRIPT = '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'


def parse_quote(source: str) -> Mention | None:
    """Read one `<blockquote>`; None when it names no author or no status of Twitter's to link to."""
    quote = LexborHTMLParser(source).css_first("blockquote")
    links = quote.css("a") if quote else []
    status = _STATUS.fullmatch(links[-1].attributes.get("href") or "") if links else None
    if quote is None or status is None:
        return None
    paragraph, label = quote.css_first("p"), links[-1].text()
    links[-1].remove()
    text, lang = (_take_text(paragraph), _find_lang(paragraph)) if paragraph else ("", None)
    byline = _BYLINE.fullmatch(" ".join(quote.text().split()))
    if byline is None:
        return None
    url = f"https://{status[1]}.com/{status[2]}/status/{status[3]}"
    return Mention(byline[1], byline[2], url, _parse_date(label), lang, text)


def _take_text(paragraph: LexborNode) -> str:
    """Remove the paragraph from the quote and return its text; only `<br>` breaks a line in HTML."""
    for node in paragraph.css("br"):
        node.replace_with("\v")
    text = re.sub(r"[\r\n]+", " ", paragraph.text()).replace("\v", "\n")
    paragraph.remove()
    return text.strip()


def _find_lang(paragraph: LexborNode) -> str | None:
    lang = paragraph.attributes.get("lang") or ""
    return lang if _LANG.fullmatch(lang) else None


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
    return (
        f'<blockquote class="twitter-tweet"><p{lang} dir="{direction}">{text}</p>'
        f"&mdash; {html.escape(mention.author)} (@{mention.handle}) "
        f'<a href="{mention.url}?ref_src=twsrc%5Etfw">{day}</a></blockquote>\n{SCRIPT}'
    )

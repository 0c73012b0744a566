"""Opens Atom and RSS feeds safely: bounded, well-formed, without a DTD; what is in them is for each source to say.

    bytes ─► text ─► small slips mended ─► checked, as it will be read ─► feedparser

feedparser reads what is broken as well as it can, which would lose papers without a word, so a feed that is cut off or
is no feed is refused before it comes to that. feedparser is heavy and loaded with the first feed.
"""

from __future__ import annotations

import io
import re
from typing import Any
from xml.parsers import expat

from bot.errors import SourceError
from bot.sources.slips import TooManyError, mend_slips
from bot.sources.wire import NEXT

MAX_BYTES = 24_000_000  # 2,000 entries, arXiv's most, are about 5 MB
_DECLARED = re.compile(r"^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"'][^>]{0,200}\?>")
_PAGE = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_QUOTED = 80  # characters of what a server said instead of a feed


def open_feed(body: bytes, name: str) -> tuple[Any, list[str]]:
    """Return feedparser's reading of a feed, and a note when it was mended.

    SourceError, which begins with `name`, when it is not a whole feed.

    Text is as in the feed, without HTML being cleaned or links completed: arXiv's "<" is a sign of mathematics.
    """
    if len(body) > MAX_BYTES:
        raise refuse(name, f"is larger than {MAX_BYTES:,} bytes")
    try:
        text, slips = mend_slips(_decode(body, name))
    except TooManyError:
        raise refuse(name, "is damaged in too many places") from None
    if not text.lstrip().startswith("<"):
        said = read_line(text)[:_QUOTED] or "nothing"
        raise refuse(name, f"is not a feed; the server said: {said}")
    if _PAGE.match(text[:2000]):
        raise refuse(name, "is a web page instead of a feed")
    plain = _DECLARED.sub("", text.lstrip("\ufeff")).strip().encode()
    _check(plain, name)
    places = "one place" if slips == 1 else f"{slips:,} places"
    return _parse(plain, name), [f"{name} was damaged in {places} and has been mended"] if slips else []


def refuse(name: str, cause: str) -> SourceError:
    """Return the error that says what is wrong with a source's answer and what happens next."""
    return SourceError(f"{name} {cause}; {NEXT}")


def read_line(text: object) -> str:
    """Return text on one line, without spaces around it; nothing for what is not text."""
    return " ".join(text.split()) if isinstance(text, str) else ""


def _decode(body: bytes, name: str) -> str:
    """Decode a feed as it says it is encoded, by its mark or declaration, else as UTF-8."""
    encoding = "utf-8-sig"
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif not body.startswith(b"\xef\xbb\xbf") and (found := _DECLARED.match(body[:500].decode("latin-1"))):
        encoding = found[1]
    try:
        return body.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        raise refuse(name, f"is not text in {encoding.removesuffix('-sig')}") from None


def _check(xml: bytes, name: str) -> None:
    """Refuse what is not well-formed and whatever declares entities, which can grow without end."""

    def find_doctype(*declared: object) -> None:
        raise refuse(name, "declares a document type, which feeds do not need")

    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.StartDoctypeDeclHandler = find_doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        cause = expat.ErrorString(error.code)
        raise refuse(name, f"is cut off or damaged ({cause} in line {error.lineno})") from None


def _parse(xml: bytes, name: str) -> Any:
    import feedparser

    kind = {"content-type": "application/xml; charset=utf-8"}
    try:
        feed = feedparser.parse(
            io.BytesIO(xml), response_headers=kind, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # whatever a stranger's feed makes it stumble over
        raise refuse(name, f"could not be read ({type(error).__name__})") from None
    if not feed.version.startswith(("atom", "rss")):
        raise refuse(name, "is neither Atom nor RSS")
    return feed

"""Tells which paper a web address leads to, when it is one of arXiv or of a site that shows arXiv's papers.

Beside what `bot.digest.identifier` recognises, these are the addresses people have shared since the 1990s: mirrors,
PostScript and source, files beside a paper's HTML, and the folders that PDFs once lay in.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from bot.digest.identifier import PATTERN, normalise_identifier, parse_identifier
from bot.digest.late import compile_late

_HOST = compile_late(r"(?:(?:www|export|browse|lanl|xxx|[a-z]{2})\.)?arxiv\.org|xxx\.lanl\.gov")
_PATH = compile_late(rf"/(?:abs|pdf|html|format|ps|dvi|src|e-print)/+(?:arxiv:)?{PATTERN}(?!\w)", re.IGNORECASE)
_FOLDER = compile_late(  # /ftp/arxiv/papers/0704/0704.0001.pdf, /PS_cache/hep-th/pdf/9901/9901001v1.pdf
    r"/(?:ftp/([a-z-]+)/papers|PS_cache/([a-z-]+)/(?:pdf|ps))/[0-9]{4}/([0-9]{4}\.[0-9]{4,5}|[0-9]{7})(?:v[0-9]+)?\.",
    re.IGNORECASE,
)
_AFTER = " \t\r\n.,;:!?)]}>\"'»”’…"  # what a program that looks for links in a text may leave on them


def parse_link(url: str) -> str | None:
    """Return the arXiv id, without version, that a web address leads to; None when it leads elsewhere.

    The id comes as arXiv prints it; the address may have been cut a little late out of a text.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return None
    if not host or parts.scheme not in ("http", "https") or "\\" in url:  # which browsers read as the host's end
        return None
    path = unquote(parts.path)
    found = _parse_path(path) if _HOST.fullmatch(host) else parse_identifier(f"https://{host}{path.rstrip(_AFTER)}")
    return normalise_identifier(found) if found else None


def _parse_path(path: str) -> str | None:
    if match := _PATH.match(path):
        return match[1]
    if match := _FOLDER.match(path):
        archive, number = match[1] or match[2], match[3]
        return parse_identifier(number if "." in number else f"{archive}/{number}")
    return None

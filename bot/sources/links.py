"""Tells which paper a web address leads to, when it is one of arXiv or of a site that shows arXiv's papers.

Beside what `bot.digest.identifier` recognises, these are the addresses people have shared since the 1990s: mirrors,
PostScript and source, files beside a paper's HTML, and the folders that PDFs once lay in.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from bot.digest.identifier import PATTERN, parse_identifier
from bot.digest.late import compile_late

_HOST = compile_late(r"(?:(?:www|export|browse|lanl|xxx|[a-z]{2})\.)?arxiv\.org|xxx\.lanl\.gov")
_PATH = compile_late(rf"/(?:abs|pdf|html|format|ps|dvi|src|e-print)/+(?:arxiv:)?{PATTERN}(?!\w)", re.IGNORECASE)
_FOLDER = compile_late(  # /ftp/arxiv/papers/0704/0704.0001.pdf, /PS_cache/hep-th/pdf/9901/9901001v1.pdf
    r"/(?:ftp/([a-z-]+)/papers|PS_cache/([a-z-]+)/(?:pdf|ps))/[0-9]{4}/([0-9]{4}\.[0-9]{4,5}|[0-9]{7})(?:v[0-9]+)?\.",
    re.IGNORECASE,
)


def parse_link(url: str) -> str | None:
    """Return the arXiv id, without version, that a web address leads to; None when it leads elsewhere.

    Ids of before April 2007 come as arXiv prints them: the archive in lower case, no subject class (math.GT → math).
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "\\" in url:  # browsers read a backslash as the end of the host
        return None
    found = _parse_path(unquote(parts.path)) if _HOST.fullmatch(host) else parse_identifier(url)
    return _normalise(found) if found else None


def _parse_path(path: str) -> str | None:
    if match := _PATH.match(path):
        return match[1]
    if match := _FOLDER.match(path):
        archive, number = match[1] or match[2], match[3]
        return parse_identifier(number if "." in number else f"{archive}/{number}")
    return None


def _normalise(arxiv_id: str) -> str:
    archive, slash, number = arxiv_id.rpartition("/")
    return f"{archive.partition('.')[0].lower()}{slash}{number}"

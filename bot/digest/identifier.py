"""arXiv identifiers: recognised in their two forms, and found in the addresses people paste.

Rules: https://info.arxiv.org/help/arxiv_identifier.html (four digits after the dot until 2014, five since).
"""

from __future__ import annotations

import re

from bot.digest.late import compile_late

_NEW = r"[0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}"
_OLD = r"[a-z]{1,12}(?:-[a-z]{1,12}){0,2}(?:\.[A-Z]{2})?/[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3}"
_VERSION = r"(?:v([1-9][0-9]{0,3}))?"
PATTERN = rf"({_NEW}|{_OLD}){_VERSION}"  # groups: the id, its version
NAMED_PATTERN = rf"([0-9]{{4}}\.[0-9]{{4,5}}|{_OLD}){_VERSION}"  # where arXiv says that it is an id, of any month
_ADDRESS = (
    r"(?:https?://)?(?:www\.|export\.|browse\.)?"
    r"(?:arxiv\.org/(?:abs|pdf|html|format)|alphaxiv\.org/(?:abs|pdf|overview)|ar5iv\.(?:labs\.arxiv\.)?org/(?:abs|html)"
    r"|huggingface\.co/papers|(?:dx\.)?doi\.org/10\.48550/arxiv\.)/?"
    rf"{PATTERN}(?:\.pdf)?/?(?:[?#]\S*)?"
)
_DOI = rf"(?:doi:\s*)?10\.48550/arxiv\.{PATTERN}"
_FORMS = tuple(compile_late(form, re.IGNORECASE) for form in (rf"(?:arxiv:\s*)?{PATTERN}", _ADDRESS, _DOI))
_ANYWHERE = compile_late(rf"(?:{_ADDRESS}|{_DOI}|arxiv:\s{{0,3}}{PATTERN})", re.IGNORECASE)
_TEXT_READ = 8000  # characters of a text that are read; Discord's longest message has 4,000


def parse_identifier(text: str) -> str | None:
    """Return the arXiv id, without version, that a text is or points to; None when it is anything else.

    Taken are ids ("2104.04767v2", "arXiv:math/0309136") and addresses of arXiv, alphaXiv, ar5iv,
    Hugging Face and DOI.
    """
    text = text.strip()
    match = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    return match[1] if match else None


def normalise_identifier(arxiv_id: str) -> str:
    """Return an id as arXiv prints it: those of before April 2007 in lower case, no subject class (math.GT → math)."""
    archive, slash, number = arxiv_id.rpartition("/")
    return f"{archive.partition('.')[0].lower()}{slash}{number}"


def find_identifiers(text: str) -> list[str]:
    """Return the arXiv ids, without version, that a text links to or names as "arXiv:…", each once, in order."""
    found = (next(group for group in match.groups()[::2] if group) for match in _ANYWHERE.finditer(text[:_TEXT_READ]))
    return list(dict.fromkeys(found))

"""Whether a paper has been withdrawn, from what its abstract and its comment say.

arXiv has no field for it: a withdrawn paper gets a version whose comment, and often the abstract, says so
(https://info.arxiv.org/help/withdraw.html). Papers about something else that was withdrawn are no such papers.
"""

from __future__ import annotations

import re

_READ = 400  # characters of either; a notice comes first
_THING = r"(?:paper|article|manuscript|submission|preprint|work|note|letter|version|document|e-?print)"
_NOTICE = re.compile(
    rf"\W{{0,5}}(?:(?:this|the|our)\s+(?:\w+\s+)?{_THING}\s+(?:and\s+(?:\w+\s+){{1,2}})?)?"
    r"(?:has\s+been|have\s+been|is|was|being|had\s+to\s+be)?\s*(?:\w+\s+)?withdrawn\b"
    rf"|\W{{0,5}}(?:\w+\s+)?{_THING}\s+withdrawn\b"
    rf"|\W{{0,5}}(?:we|i|the\s+authors?)\s+(?:have\s+|has\s+)?withdr(?:aw|awn|ew)\s+(?:this|the|our|my)\s+{_THING}\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\bwithdrawn\b", re.IGNORECASE)
_ANOTHER = re.compile(
    r"(?:(?:earlier|previous|first|old|older|original)\s+versions?|versions?\s+\d+|\bv\d+)\s+"
    r"(?:\w+\s+){0,2}withdrawn|\bnot\s+(?:been\s+)?withdrawn"
    rf"|\b(?:a|the|of|my|our|replaces|supersedes)\s+withdrawn\s+(?:{_THING}|arxiv)|\bwithdrawn\s+arxiv:",
    re.IGNORECASE,
)


def is_withdrawn(abstract: str, comment: str = "") -> bool:
    """Tell whether a paper's abstract begins with a notice of withdrawal, or its comment holds one."""
    if _NOTICE.match(abstract[:_READ]) and not _ANOTHER.match(abstract[:_READ]):
        return True
    said = comment[:_READ]
    return bool(_WORD.search(said)) and not _ANOTHER.search(said)

"""What checks find, as values, and how they read: a line each, with what to do. What is checked is for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages.terminal import clean


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: all well (True), not (False, with what to do), or nothing to check or say (None)."""

    name: str
    is_ok: bool | None
    detail: str
    what_to_do: str = ""


def render_findings(findings: Sequence[Finding]) -> str:
    """Return a line for each finding: ok, !! with what to do, or -- where there is nothing to say of it."""
    marks = {True: "ok", False: "!!", None: "--"}
    width = max((len(finding.name) for finding in findings), default=0)
    return "\n".join(
        f"{marks[one.is_ok]}  {one.name:<{width}}  {clean(one.detail)}"
        + (f" → {clean(one.what_to_do)}" if one.what_to_do else "")
        for one in findings
    )

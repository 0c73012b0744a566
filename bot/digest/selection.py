"""Chooses a digest for one subscription from the editions it is due; what it was given before is left out."""

from __future__ import annotations

from dataclasses import dataclass

from storage.models import Appearance, Day, Subscription


@dataclass(frozen=True, slots=True)
class Digest:
    """What one subscription gets: the days covered (oldest first) and the papers in the order shown.

    `total` counts the papers of those days that match the filters, given before or not; `reason` says why
    `papers` is empty and is None when it is not.
    """

    subscription: Subscription
    days: tuple[Day, ...]
    papers: tuple[Appearance, ...]
    total: int
    reason: str | None = None

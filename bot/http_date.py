"""Reads the date that a server puts on its answers, to compare clocks with."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_http_date(text: str | None) -> datetime | None:
    """Return the time of a Date header (RFC 9110, 5.6.7), aware and in UTC; None when it is missing or unreadable."""
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment

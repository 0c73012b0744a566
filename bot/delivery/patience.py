"""Decides how long to wait before sending again, and before looking for what may have arrived.

Pauses follow from what the delivery itself records, so a restart forgets none; a clock that was set back ends them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.delivery.transport import TIMEOUT_SECONDS
from storage.models import Delivery

REST, LONGEST_REST = timedelta(seconds=10), timedelta(minutes=15)  # after a claim in vain; doubled each time
IN_FLIGHT = timedelta(seconds=TIMEOUT_SECONDS)  # a request may still have its effect so long after it was begun
LONGEST_LOOK = timedelta(hours=1)  # between two looks for a message in a channel that can't be read
_NONE = timedelta(0)


def is_resting(delivery: Delivery, now: datetime) -> bool:
    """Tell whether it is too soon to try a pending delivery again."""
    if delivery.last_attempt_at is None:
        return False
    rest = min(REST * (1 << max(0, min(delivery.attempts - 1, 10))), LONGEST_REST)
    return _NONE <= now - delivery.last_attempt_at < rest


def is_ripe(delivery: Delivery, now: datetime, *, at_start: bool) -> bool:
    """Tell whether to look now for what may have arrived: once its request has ended, then less and less often.

    The pause after a look is as long as the case was old then; at start there is none.
    """
    attempt = delivery.last_attempt_at or now - IN_FLIGHT
    if _NONE <= now - attempt < IN_FLIGHT:
        return False
    looked = delivery.finished_at or attempt
    return at_start or not (_NONE <= now - looked < min(looked - attempt, LONGEST_LOOK))

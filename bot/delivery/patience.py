"""Decides how long to wait before sending again, and before looking for what may have arrived.

Pauses follow from what the delivery itself records, so a restart forgets none; a clock that was set back ends them.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from bot.delivery.transport import TIMEOUT_SECONDS
from storage.models import Delivery, Step

REST, LONGEST_REST = timedelta(seconds=10), timedelta(minutes=15)  # after a claim in vain; doubled each time
JITTER = 0.2  # of a pause, either way, so that what failed together is not tried again together
IN_FLIGHT = timedelta(seconds=TIMEOUT_SECONDS)  # a request may still have its effect so long after it was begun
LONGEST_LOOK = timedelta(hours=1)  # between two looks for a message in a channel that can't be read
WINDOW = timedelta(
    hours=23
)  # in which a digest is tried: what is in vain by then is in the next day's, and not after it
_NONE = timedelta(0)


def find_pause(tried: Delivery | Step) -> timedelta:
    """Return how long to wait before the next attempt."""
    rest = min(REST * (1 << max(0, min(tried.attempts - 1, 10))), LONGEST_REST)
    return rest * random.Random(f"{tried.id}:{tried.attempts}").uniform(1 - JITTER, 1 + JITTER)  # noqa: S311


def is_ripe(delivery: Delivery, now: datetime, *, at_start: bool) -> bool:
    """Tell whether to look now for what may have arrived: once its request has ended, then less and less often.

    The pause after a look is as long as the case was old then; at start there is none.
    """
    attempt = delivery.last_attempt_at or now - IN_FLIGHT
    if _NONE <= now - attempt < IN_FLIGHT:
        return False
    looked = delivery.finished_at or attempt
    return at_start or not (_NONE <= now - looked < min(looked - attempt, LONGEST_LOOK))

"""How a digest fared, as values: the steps on its way and the first cause why it came or did not.

Finding them is `answers.why`'s work, saying them that of `why` and `advice` here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.digest.timetable import Quiet
from storage.models import Step as FollowUp
from storage.models import Subscription

Cause = Literal[
    # what keeps it from being sent at all
    "asked",
    "left the server",
    "channel gone",
    "permission",
    "DMs closed",
    "failing",
    "tag",
    # what it waits for
    "DMs paused",
    "checking",
    "source",
    "no post",
    "nothing new",
    "broken",
    "on its way",
    "retrying",
    "not today",
    "not due",
    # how it ended
    "failed",
    "late",
    "uncertain",
    "quiet",
    "deleted",
    "limping",
    "sent",
]


@dataclass(frozen=True, slots=True)
class Step:
    """Whether one step was taken, and when that was or was found out, if it is known."""

    is_ok: bool
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """How the last digest of a subscription fared, step by step; `cause` is the first thing to know of it.

    `day` is the newest post's, `paper_count` how many papers were chosen of it, or would be, and `caught_up` of how
    many posts if it makes up for some; `nothing` is why none, the end of a harmless sentence. `missing` are
    permissions. `state` is the last promise's where it is what there is to tell, `error` what sending said,
    `retry_at` when it is tried again, `attempts` how often it was, `sent_parts` how many of its messages are there;
    `follow_ups` came after it. `dms_until` is when
    direct messages go on that are paused for everyone. `url` leads to the last message that was sent. `next_at` is
    the next time it is due, None of a paused one; `is_waiting` says that it is due already and goes out when it can.
    `is_before`: the newest post was there before the digest was set up or went on; `has_post`: there is one that it has
    not had. `quiet` are days on which arXiv announces nothing, of live posts; `made_without` are the sources that the
    newest post lacks, `made_of_part` those of which it has a part only.
    """

    subscription: Subscription
    source: Step
    post: Step
    papers: Step
    permission: Step
    sent: Step
    cause: Cause
    day: date | None = None
    paper_count: int = 0
    caught_up: int = 0
    nothing: str = ""
    missing: tuple[str, ...] = field(default=())
    state: str = ""
    error: str = ""
    attempts: int = 0
    sent_parts: int = 0
    retry_at: datetime | None = None
    follow_ups: tuple[FollowUp, ...] = field(default=())
    dms_until: datetime | None = None
    url: str | None = None
    next_at: datetime | None = None
    is_waiting: bool = False
    is_before: bool = False
    has_post: bool = True
    quiet: tuple[Quiet, ...] = field(default=())
    made_without: tuple[str, ...] = field(default=())
    made_of_part: tuple[str, ...] = field(default=())

    @property
    def is_retried(self) -> bool:
        """Whether it was tried in vain and is tried again by itself."""
        return self.state in ("pending", "sending") and bool(self.error)

    @property
    def is_channel(self) -> bool:
        """Whether it goes to a server's channel."""
        return self.subscription.target.kind == "channel"

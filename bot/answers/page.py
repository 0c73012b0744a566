"""The preview page's own digests: subscribed by a form, listed with what comes next, stopped, and shown as they arrive.

    form ─► the same checks as a channel's settings ─► subscription ─► (delivery) ─► arrived

The page has digests of its own as a channel has, and one of whoever looks at it as a member has by DM. When they
come is the delivery's business; here is what is said of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Literal

from bot.answers.changes import change
from bot.answers.desk import Desk
from bot.answers.digests import find_digest
from bot.answers.values import Caller
from bot.answers.why import answer_why
from bot.digest.schedule import find_last, find_next
from bot.digest.selection import Digest, Reason
from bot.errors import UserError
from bot.messages.message import Message
from bot.messages.subscriptions import describe
from bot.messages.summary import render_reason
from storage.models import Day, Delivery, Subscription, Target

PAGE = Target("page", "main")
READER = Target("page", "preview")
SETTINGS = ("categories", "count", "only", "time", "timezone", "weekdays")
MOST_ARRIVED = 20  # messages shown, the newest

State = Literal["coming", "on its way", "waiting", "paused"]


class FieldError(UserError):
    """A form was filled in wrongly; `field` names the setting, the words are those of any other refusal."""

    def __init__(self, field: str, error: UserError) -> None:
        super().__init__(error.text, **error.values)
        self.field = field


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription of the page: `lines` say what it is, harmless; `is_own` that Discord would bring it by DM.

    Coming: it has something for `next_at`. Waiting: it has nothing yet, for the `reason`, and goes out no sooner than
    `next_at`, or as soon as it can where that is None.
    """

    id: int
    lines: tuple[str, ...]
    is_own: bool
    state: State
    next_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that arrived: `payload` is what Discord would have got; `is_continued` follows its digest's first."""

    id: int
    payload: dict[str, Any]
    at: datetime | None
    is_continued: bool


class PageDigests:
    """The page's digests over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._store = desk, desk.store

    async def subscribe(self, values: Mapping[str, Sequence[str]], caller: Caller) -> Standing:
        """Add a digest with the settings typed or chosen, beginning with the newest post; FieldError names a wrong one.

        A channel's begins with the post after that, but a newcomer's archive may never get one.
        """
        newest = await self._store.days.latest()
        wanted = Subscription(
            PAGE,
            created_at=caller.now,
            created_edition=newest.day - timedelta(days=1) if newest else None,
            channel_kind="page",
            language=caller.language,
        )
        for setting in SETTINGS:
            try:
                wanted = change(wanted, setting, values.get(setting, ()), self._desk.limits, caller.now)
            except UserError as error:
                raise FieldError(setting, error) from error
        most = self._desk.limits.digests_per_channel
        added = await self._store.subscriptions.add_bounded(wanted, most)
        if added is None:
            raise UserError("This page has {most} digests already. Stop one of them first.", most=most)
        return await self._describe(added, newest, caller.now)

    async def list_standing(self, caller: Caller) -> list[Standing]:
        """Return the page's subscriptions, oldest first, then the one that Discord would send by DM."""
        newest = await self._store.days.latest()
        known = [one for target in (PAGE, READER) for one in await self._store.subscriptions.list(target)]
        return [await self._describe(one, newest, caller.now) for one in known]

    async def list_arrived(self) -> list[Arrived]:
        """Return the messages that arrived: the newest digest first, its parts in order."""
        found = [
            delivery
            for target in (PAGE, READER)
            for delivery in await self._store.deliveries.list(
                state="sent", target=target, newest_first=True, limit=MOST_ARRIVED
            )
        ]
        found.sort(key=lambda one: one.id or 0, reverse=True)  # a digest's parts are stored together
        digests = [list(parts)[::-1] for _, parts in groupby(found, lambda one: (one.subscription_id, one.occasion))]
        return [_show(part) for parts in digests if parts[0].part == 1 for part in parts]

    async def stop(self, subscription_id: int, caller: Caller) -> None:
        """Remove a subscription of the page; what arrived stays. One that is gone already is no error."""
        if await self._find(subscription_id) is not None:
            await self._store.subscriptions.delete(subscription_id, caller.now)

    async def explain(self, subscription_id: int, caller: Caller) -> Message:
        """Answer why a digest came or did not; UserError when it was stopped."""
        subscription = await self._find(subscription_id)
        if subscription is None:
            raise UserError("This digest was stopped in the meantime.")
        return await answer_why(subscription, self._desk, caller)

    async def find_last_change(self) -> datetime | None:
        """Return when a post was last stored, None where there is none."""
        return await self._store.days.last_ingest()

    async def _find(self, subscription_id: int) -> Subscription | None:
        found = await self._store.subscriptions.get(subscription_id)
        return found if found is not None and found.target in (PAGE, READER) else None

    async def _describe(self, subscription: Subscription, newest: Day | None, now: datetime) -> Standing:
        number, is_own = subscription.id or 0, subscription.target == READER
        lines = tuple(describe(subscription, now))
        if subscription.is_paused:
            return Standing(number, lines, is_own, "paused")
        last = (await self._store.deliveries.last([number])).get(number)
        reason = await self._find_lack(subscription, newest)
        is_due = _is_due(subscription, last, now)
        if (last is not None and last.state in ("pending", "sending")) or (is_due and not reason):
            return Standing(number, lines, is_own, "on its way")
        due = None if is_due else find_next(subscription.at, subscription.weekdays, subscription.timezone, now)
        state: State = "waiting" if reason else "coming"
        return Standing(number, lines, is_own, state, due.moment if due else None, reason)

    async def _find_lack(self, subscription: Subscription, newest: Day | None) -> str:
        """Return why there is nothing to send yet, the end of a sentence; "" when there is something."""
        covered = await self._store.deliveries.find_covered(subscription.id or 0)
        begun = subscription.created_edition
        if newest is None or newest.day in covered or (begun is not None and newest.day <= begun):
            since = newest.day if newest else None
            return render_reason(Digest(subscription, (), (), 0, Reason("no post", since=since)))
        return render_reason(await find_digest(self._store, subscription))


def _is_due(subscription: Subscription, last: Delivery | None, now: datetime) -> bool:
    """Tell whether a subscription's time has come since it was made, and nothing was planned for it yet."""
    due = find_last(subscription.at, subscription.weekdays, subscription.timezone, now)
    if due is None or (subscription.created_at is not None and due.moment <= subscription.created_at):
        return False
    return last is None or not last.occasion.endswith(due.day.isoformat())


def _show(part: Delivery) -> Arrived:
    payload = json.loads(part.payload)["message"]
    return Arrived(part.id or 0, payload, part.finished_at, is_continued=part.part > 1)

"""Recognises our own messages from a history, for a database that was restored from before they were sent.

A message's marker says which delivery it is, if the occasion can be guessed: the scheduled dates since the backup,
and what the database itself still has open. Its buttons say which papers it gave, of which days.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.delivery.due import CATCH_UP
from bot.delivery.identity import find_identity
from bot.delivery.shared import name_of
from bot.delivery.transport import Posted
from bot.digest.schedule import find_all
from bot.messages.actions import OpenDay, OpenPaper
from bot.messages.custom_id import decode
from storage.models import Delivery, Subscription
from storage.store import Store

PARTS, GENERATIONS = 8, 3  # more than any digest has: 25 papers in tens, and their redeliveries
BACK = timedelta(days=2)  # before the time looked from: an occasion is planned at its hour, or when its post comes
UNKNOWN = json.dumps({"message": None, "post": None})


async def adopt(store: Store, subscription: Subscription, posted: Sequence[Posted], now: datetime) -> int:
    """Record as sent what messages turn out to be; return how many of them were news.

    The papers of a pushed message that can't be told apart, such as one that was asked for, are given all the same.
    """
    known = await store.deliveries.list(subscription.id)
    found = _recognise(subscription, known, posted, now)
    new: dict[str, list[tuple[Delivery, Posted]]] = {}
    for delivery, one in found:
        if delivery.id is None:
            new.setdefault(delivery.occasion, []).append((await _describe(store, delivery, one), one))
        else:
            await store.deliveries.mark_sent(delivery.id, one.sent.channel_id, one.sent.message_id, now)
    for pairs in new.values():
        numbers = await store.deliveries.add([delivery for delivery, _ in pairs], now)
        for number, (_, one) in zip(numbers, pairs, strict=False):
            await store.deliveries.mark_sent(number, one.sent.channel_id, one.sent.message_id, now)
    ours = {id(one) for _, one in found}
    for one in posted:
        if one.markers and id(one) not in ours:
            await store.deliveries.mark_given(subscription.target, await _list_papers(store, one), now)
    return len(found)


def _recognise(
    subscription: Subscription, known: Sequence[Delivery], posted: Iterable[Posted], now: datetime
) -> list[tuple[Delivery, Posted]]:
    names = {find_identity(*name_of(one)): one for one in known if one.state != "sent"}
    taken = {(one.occasion, one.part) for one in known}
    for identity, guess in _guess(subscription, now):
        if (guess.occasion, guess.part) not in taken:
            names.setdefault(identity, guess)
    pairs = [(names.pop(marker, None), one) for one in posted for marker in one.markers]
    return [(delivery, one) for delivery, one in pairs if delivery is not None]


def _guess(subscription: Subscription, now: datetime) -> Iterator[tuple[str, Delivery]]:
    since = (subscription.check_since or now) - BACK
    dues = find_all(subscription.at, subscription.weekdays, subscription.timezone, since, now)
    names = [name for due in dues for name in (due.day.isoformat(), f"{CATCH_UP}{due.day}")]
    for occasion in ("first", *names):
        for part in range(1, PARTS + 1):
            for generation in range(1, GENERATIONS + 1):
                guess = Delivery(subscription.id or 0, subscription.target, occasion, (), (), UNKNOWN, part, generation)
                yield find_identity(*name_of(guess)), guess


async def _describe(store: Store, guess: Delivery, posted: Posted) -> Delivery:
    """Return a guessed delivery with what its message's buttons tell of it, as far as that is stored."""
    actions = [decode(custom_id) for custom_id in posted.custom_ids]
    days = [one.day for one in actions if isinstance(one, OpenPaper | OpenDay) and one.day is not None]
    covered = await store.days.list(min(days), max(days)) if days else []
    papers = tuple(await _list_papers(store, posted))
    covered = sorted(covered, key=lambda day: day.day)
    # As the posts are now: whether they were corrected since the message is not known, but it follows the next time.
    revisions = tuple(day.revision for day in covered)
    return replace(guess, editions=tuple(day.day for day in covered), revisions=revisions, papers=papers)


async def _list_papers(store: Store, posted: Posted) -> list[str]:
    """Return the stored ones of the papers a message has buttons for."""
    actions = [decode(custom_id) for custom_id in posted.custom_ids]
    ids = dict.fromkeys(one.arxiv_id for one in actions if isinstance(one, OpenPaper))
    return [one for one in ids if await store.papers.history(one)]

"""The operator's commands about what was sent: list the deliveries, and deliver one once more.

They are part of the command line in `cli`. Sending is the running bot's work.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from bot import output
from bot.errors import UserError
from bot.operating import AS_JSON, run
from bot.settings import Settings
from storage.models import Delivery, Subscription
from storage.store import Store

STATES = ("pending", "sending", "sent", "failed", "uncertain")
_HEADINGS = (
    *(
        "id",
        "subscription",
        "target",
        "occasion",
        "part",
        "state",
        "attempts",
        "last error",
        "planned",
        "finished",
        "link",
    ),
)


@click.command()
@click.option(
    "--subscription",
    "number",
    type=click.IntRange(1, 10**18),
    metavar="N",
    help="Only those of the digest with this number.",
)
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="How many at most.")
@AS_JSON
@click.pass_obj
def deliveries(settings: Settings, number: int | None, state: str | None, limit: int, as_json: bool) -> None:
    """List what was sent and what is to be sent, a line for each message, the newest first.

    A digest's number is in the column "subscription". Times are in UTC.
    """

    async def work(store: Store) -> list[dict[str, Any]]:
        found = await store.deliveries.list(number, state, limit=limit, newest_first=True)
        known = {one.id: one for one in await store.subscriptions.list()}
        return [describe_delivery(one, known.get(one.subscription_id)) for one in found]

    rows = run(settings, work)
    if as_json:
        output.print_json({"deliveries": rows})
    else:
        output.say(_render_table(rows) if rows else _explain_empty(number, state))


@click.command()
@click.argument("number", type=click.IntRange(1, 10**18), metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.pass_obj
def redeliver(settings: Settings, number: int, yes: bool) -> None:
    """Deliver one message once more, as `hotpapers deliveries` lists it by ID.

    For one that was deleted, or given up on. The same message is sent again: one that is still there stays, so
    that it is there twice, and is corrected no more. Of a digest in several parts only this one is sent, at the end.
    The bot sends it at its next look, which is within seconds where it runs.
    """
    delivery, subscription, parts = run(settings, lambda store: _find_done(store, number))
    output.say(_render_question(delivery, subscription, parts))
    if not yes and not _confirm():
        output.say("Nothing was changed.")
        return
    run(settings, lambda store: _redeliver(store, delivery))
    after = "once its digest goes on: that is paused" if subscription.is_paused else "at its next look"
    output.say(f"Delivery {number} is to be sent once more. The bot sends it {after}; it need not be restarted.")


COMMANDS: tuple[click.Command, ...] = (deliveries, redeliver)


def describe_delivery(delivery: Delivery, subscription: Subscription | None) -> dict[str, Any]:
    """Return one delivery as a JSON object; its link needs the subscription, which knows the server."""
    return {
        "id": delivery.id,
        "subscription": delivery.subscription_id,
        "kind": delivery.kind,
        "target": f"{delivery.target.kind}:{delivery.target.id}",
        "occasion": delivery.occasion,
        "part": delivery.part,
        "generation": delivery.generation,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "last_error": delivery.last_error,
        "papers": list(delivery.papers),
        "due_at": _format(delivery.due_at),
        "planned_at": _format(delivery.planned_at),
        "retry_at": _format(delivery.retry_at),
        "finished_at": _format(delivery.finished_at),
        "link": _find_link(delivery, subscription),
    }


def _format(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _find_link(delivery: Delivery, subscription: Subscription | None) -> str | None:
    kind = delivery.target.kind
    guild = "@me" if kind == "member" else subscription.guild_id if subscription and kind == "channel" else None
    if not (guild and delivery.channel_id and delivery.message_id):
        return None
    return f"https://discord.com/channels/{guild}/{delivery.channel_id}/{delivery.message_id}"


def _render_table(rows: Sequence[Mapping[str, Any]]) -> str:
    from bot.messages.terminal import clean

    cells = [_HEADINGS, *(tuple(clean(cell) for cell in _list_cells(row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return "\n".join(line.rstrip() for line in lines)


def _list_cells(row: Mapping[str, Any]) -> list[str]:
    names = (
        *("id", "subscription", "target", "occasion", "part", "state", "attempts", "last_error", "planned_at"),
        *("finished_at", "link"),
    )
    values = [row[name] for name in names]
    return ["-" if value is None else _shorten(str(value)) for value in values]


def _shorten(text: str) -> str:
    """Return a UTC time without the zone that all of them have."""
    return text.removesuffix("+00:00").replace("T", " ") if text.endswith("+00:00") else text


def _explain_empty(number: int | None, state: str | None) -> str:
    which = " ".join(filter(None, (f"of digest {number}" if number else "", f"that is {state}" if state else "")))
    if which:
        return f"No delivery {which}. `hotpapers deliveries` lists all."
    return "Nothing was sent yet, nor is to be: a digest's first message is listed here when its time has come."


async def _find_done(store: Store, number: int) -> tuple[Delivery, Subscription, int]:
    """Return a delivery that may be sent once more, its subscription, and of how many parts it is one.

    UserError says why one may not.
    """
    delivery = await store.deliveries.get(number)
    if delivery is None:
        raise UserError(f"There is no delivery {number}. `hotpapers deliveries` lists those there are.")
    if delivery.state in ("pending", "sending"):
        raise UserError(f"Delivery {number} is still on its way ({delivery.state}): the bot sends it by itself.")
    subscription = await store.subscriptions.get(delivery.subscription_id)
    if subscription is None:
        raise UserError(f"Delivery {number} belongs to a digest that was removed: there is nobody to send it to.")
    if json.loads(delivery.payload).get("message") is None:
        raise UserError(
            f"What delivery {number} said is not known here: it was recognised after a restore. It can't be sent "
            "again; /digest edit has “Post it now”, /subscriptions “Send me one now”."
        )
    parts = await store.deliveries.list(delivery.subscription_id, occasion=delivery.occasion)
    return delivery, subscription, len(parts)


async def _redeliver(store: Store, delivery: Delivery) -> None:
    """Promise the same message with its next generation's marker, without which it would pass for the former one."""
    from bot.delivery.identity import find_identity

    name = (delivery.target, delivery.subscription_id, delivery.occasion, delivery.part)
    old, new = (find_identity(*name, delivery.generation + step) for step in (0, 1))
    known = await store.deliveries.get(delivery.id or 0)
    if known is None or (known.generation, known.state) != (delivery.generation, delivery.state):
        raise UserError(f"Delivery {delivery.id} has changed in the meantime. Look at it again.")
    if old not in known.payload:
        raise UserError(
            f"Delivery {delivery.id} has no mark by which it would be found again: it can't be redelivered."
        )
    from bot.app import get_now

    if await store.deliveries.redeliver(delivery.id or 0, known.payload.replace(old, new), get_now()) is None:
        raise UserError(f"Delivery {delivery.id} has changed in the meantime. Look at it again.")


def _render_question(delivery: Delivery, subscription: Subscription, parts: int) -> str:
    from bot.messages.terminal import clean

    message = json.loads(delivery.payload).get("message") or {}
    first = next(iter(str(message.get("content") or "").splitlines()), "")
    link = _find_link(delivery, subscription)
    lines = [
        f"Delivery {delivery.id}: part {delivery.part} of {delivery.occasion} "
        f"for {delivery.target.kind} {delivery.target.id}, {_count_papers(delivery)}, {delivery.state}",
        f"  {clean(first)}" if first else "",
        f"  {link}" if link else "",
        {
            "sent": "It was sent. That message stays, if nobody deleted it: then it will be there twice.",
            "uncertain": "It may have arrived: look first. If it is there, it will be there twice.",
            "failed": f"It was given up on: {delivery.last_error or 'unknown'}.",
        }[delivery.state],
        "" if delivery.state == "failed" else "The records forget the old message: it is corrected no more.",
        f"It is one of {parts} parts: only this one is sent again, at the end of the channel." if parts > 1 else "",
    ]
    return "\n".join(filter(None, lines))


def _count_papers(delivery: Delivery) -> str:
    count = len(delivery.papers)
    return "1 paper" if count == 1 else f"{count} papers"


def _confirm() -> bool:
    """Ask, and return the answer; UserError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise UserError("There is no terminal to ask at. Add --yes to send it once more without being asked.")
    return click.confirm("Send it once more?", default=False)

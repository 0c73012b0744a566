"""A server's digests: /digest add, list, edit, pause, resume, remove, preview, post and why, and their panel.

    /digest edit [digest] ─► the one meant ──► its panel ─► a choice, a button ─► done ─► the panel anew
                          └► several: choose ┘

Only for who may set up digests in the server asked from, and only for that server's. How a setting changes is
`channel_changes`' work, what is done with a digest as a whole `channel_orders`'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.answers import channel_orders as orders
from bot.answers.access import check_admin, find_site
from bot.answers.channel_changes import change_channel_digest
from bot.answers.desk import Desk, may_change
from bot.answers.digests import find_digest
from bot.answers.progress import choose_telling, find_parts
from bot.answers.prospects import find_fresh, find_held
from bot.answers.values import MAX_CHOICE, MAX_CHOICES, Caller, Choice, Reply
from bot.answers.why import answer_why
from bot.digest.cut import cut_text
from bot.errors import UserError
from bot.messages.actions import (
    AskDigest,
    ChangeDigest,
    CopyDigest,
    DigestAction,
    OpenDigest,
    OpenWhy,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    ResumeDigest,
    SendDigest,
    StopDigest,
)
from bot.messages.characters import render_visible
from bot.messages.controls import render_form
from bot.messages.digest_list import DIGESTS_PER_PAGE, DigestRow, render_choice, render_digests
from bot.messages.digest_notes import render_removed
from bot.messages.digest_panel import render_panel
from bot.messages.language import say
from bot.messages.message import Message
from bot.messages.orders import render_preview, render_remove_question
from bot.messages.subscriptions import draw_request
from bot.messages.wording import format_filter
from storage.models import Delivery, Subscription

BACK_IS_NEWS_DAYS = 30
_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


async def run(name: str, options: Mapping[str, str], desk: Desk, caller: Caller) -> Message:
    """Answer a command of /digest, named without it."""
    check_admin(caller)
    if name == "add":
        added = await orders.add(options, desk, caller)
        await _open_conversation(desk, caller)
        return await _show_panel(added, desk, caller, [say("Done: this is the new digest.")])
    if name == "list":
        return await answer_list(desk, caller, 1)
    meant = await _find_meant(name, options, desk, caller)
    if len(meant) > 1:
        return render_choice(name, await _make_rows(meant, desk, caller.now), now=caller.now)
    return await _run_one(name, meant[0], desk, caller)


async def _run_one(name: str, subscription: Subscription, desk: Desk, caller: Caller) -> Message:
    match name:
        case "edit":
            return await _show_panel(subscription, desk, caller)
        case "pause":
            paused = await orders.pause(subscription, desk, caller.now)
            return await _show_panel(paused, desk, caller)
        case "resume":
            resumed, lines = await orders.resume(subscription, desk)
            return await _show_panel(resumed, desk, caller, lines)
        case "remove":
            return render_remove_question(subscription, caller.now)
        case "preview":
            return render_preview(await find_digest(desk.store, subscription))
        case "post":
            request = f"c{draw_request(caller.now)}"  # another than the button's in the panel shown below it
            posted, lines = await orders.post(subscription, request, desk, caller)
            return await _show_panel(posted, desk, caller, lines)
        case "why":
            return await answer_why(subscription, desk, caller)
    raise UserError("There is no such command. Try /help.")


async def press(
    action: DigestAction, subscription: Subscription, desk: Desk, caller: Caller, values: Sequence[str]
) -> Reply:
    """Act on a digest of the caller's server; what is done in its panel shows it anew."""
    check_admin(caller)
    match action:
        case OpenDigest():
            return await _replace_panel(subscription, desk, caller)
        case ChangeDigest(_, setting, value):
            return await _change(subscription, setting, [value] if value else values, desk, caller)
        case AskDigest(_, setting):
            return Reply(form=render_form(subscription, setting))
        case CopyDigest():
            copied = await orders.copy(subscription, values, desk, caller)
            await _open_conversation(desk, caller)
            return await _replace_panel(subscription, desk, caller, copied)
        case PauseDigest() | StopDigest():
            return await _replace_panel(await orders.pause(subscription, desk, caller.now), desk, caller)
        case ResumeDigest():
            resumed, lines = await orders.resume(subscription, desk)
            return await _replace_panel(resumed, desk, caller, lines)
        case RemoveDigest(number, is_sure):
            if is_sure:
                await desk.store.subscriptions.delete(number, caller.now)
                return Reply(render_removed(subscription), replaces=True)
            return Reply(render_remove_question(subscription, caller.now), replaces=True)
        case PreviewDigest():
            return Reply(render_preview(await find_digest(desk.store, subscription)))
        case SendDigest(_, request):
            posted, lines = await orders.post(subscription, request, desk, caller)
            return await _replace_panel(posted, desk, caller, lines)
        case OpenWhy():
            return Reply(await answer_why(subscription, desk, caller))


async def _open_conversation(desk: Desk, caller: Caller) -> None:
    """Begin to open the conversation with who sets a digest up: should it fail one day, they are told there.

    Only their own command is a reason to do so: Discord stops bots that open conversations unasked.
    """
    if desk.sender is not None and caller.target.kind == "member":
        await desk.sender.open_conversation(caller.target)


async def answer_list(desk: Desk, caller: Caller, page: int) -> Message:
    """Answer a page (from 1) of the digests of the caller's server; the last one for a page after it."""
    guild_id = check_admin(caller)
    known = await _list_known(desk, guild_id)
    page = max(1, min(page, -(-len(known) // DIGESTS_PER_PAGE)))
    shown = known[(page - 1) * DIGESTS_PER_PAGE : page * DIGESTS_PER_PAGE]
    back_since = await _find_return(desk, guild_id, shown, caller.now)
    return render_digests(
        await _make_rows(shown, desk, caller.now), len(known), page, now=caller.now, back_since=back_since
    )


async def complete_digest(desk: Desk, text: str, caller: Caller) -> list[Choice]:
    """Suggest the server's digests that have what was typed in their label, those of the channel asked from first."""
    place = caller.place
    if place.guild_id is None or not place.is_admin:
        return []
    known = await _list_known(desk, place.guild_id)
    known.sort(key=lambda one: one.target.id != place.channel_id)
    labels = [(_make_label(one, desk), one) for one in known]
    typed = text.strip().casefold()
    found = [Choice(label, str(one.id)) for label, one in labels if typed in label.casefold()]
    return found[:MAX_CHOICES]


def _make_label(subscription: Subscription, desk: Desk) -> str:
    """Return a digest in plain text: "#papers · cs.CV, cs.LG · 09:00"."""
    guild_id, target = subscription.guild_id or "", subscription.target
    channel = desk.venue.find_channel(guild_id, target.id) if desk.venue else None
    name = cut_text(render_visible(channel.name), 50) if channel else target.id
    return cut_text(f"#{name} · {format_filter(subscription.categories)} · {subscription.at:%H:%M}", MAX_CHOICE)


async def _list_known(desk: Desk, guild_id: str) -> list[Subscription]:
    known = await desk.store.subscriptions.list(guild_id=guild_id)
    return [one for one in known if one.target.kind == "channel"]


async def _find_meant(name: str, options: Mapping[str, str], desk: Desk, caller: Caller) -> list[Subscription]:
    """Return the one digest a command is about, or several to choose from; UserError when there is none."""
    if typed := options.get("digest", "").strip():
        return [await _find_named(typed, desk, caller)]
    known = await _list_known(desk, check_admin(caller))
    if not known:
        raise UserError("There are no digests in this server yet. /digest add begins one.")
    channel_id = options.get("channel") or caller.place.channel_id
    here = [one for one in known if one.target.id == channel_id]
    if not here and options.get("channel"):
        raise UserError("No digest goes to that channel. /digest list shows which go where, /digest add begins one.")
    return here or known


async def _find_named(typed: str, desk: Desk, caller: Caller) -> Subscription:
    """Return the server's digest of an id or of the one label that has what was typed."""
    by_label = [] if _ID.fullmatch(typed) else await complete_digest(desk, typed, caller)
    text = by_label[0].value if len(by_label) == 1 else typed
    found = await desk.store.subscriptions.get(int(text)) if _ID.fullmatch(text) else None
    if found is None or found.target.kind != "channel" or not may_change(found, caller):
        raise UserError("There is no such digest in this server. Choose one of those suggested, or see /digest list.")
    return found


async def _make_rows(known: Sequence[Subscription], desk: Desk, now: datetime) -> list[DigestRow]:
    shown = known[:DIGESTS_PER_PAGE]
    last = await desk.store.deliveries.last([one.id for one in shown if one.id is not None])
    last = {number: choose_telling(await find_parts(desk.store, one)) for number, one in last.items()}
    fresh, held = await find_fresh(desk.store, shown), await find_held(desk.store, shown, now)
    rows = [_make_row(one, last.get(one.id or 0), desk) for one in known]
    return [replace(row, has_post=row.subscription.id in fresh, is_held=row.subscription.id in held) for row in rows]


def _make_row(subscription: Subscription, last: Delivery | None, desk: Desk) -> DigestRow:
    site = find_site(desk, subscription)
    return DigestRow(subscription, last, site.is_there, site.missing)


async def _find_return(desk: Desk, guild_id: str, known: Sequence[Subscription], now: datetime) -> datetime | None:
    """Return when the app came back to a server whose digests it had been removed from, if that is news."""
    joined = await desk.store.guilds.get_joined(guild_id)
    if joined is None or joined < now - timedelta(days=BACK_IS_NEWS_DAYS):
        return None
    return joined if any(one.created_at and one.created_at < joined for one in known) else None


async def _change(subscription: Subscription, setting: str, values: Sequence[str], desk: Desk, caller: Caller) -> Reply:
    if setting == "channel":
        moved, lines = await orders.move(subscription, values[0] if values else "", desk, caller)
        return await _replace_panel(moved, desk, caller, lines)
    changed = await desk.store.subscriptions.change(
        subscription.id or 0, lambda known: change_channel_digest(known, setting, values, desk, caller.now)
    )
    return await _replace_panel(orders.expect(changed), desk, caller)


async def _replace_panel(subscription: Subscription, desk: Desk, caller: Caller, notes: Sequence[str] = ()) -> Reply:
    return Reply(await _show_panel(subscription, desk, caller, notes), replaces=True)


async def _show_panel(subscription: Subscription, desk: Desk, caller: Caller, notes: Sequence[str] = ()) -> Message:
    return render_panel(
        subscription,
        find_site(desk, subscription),
        await find_digest(desk.store, subscription),
        await orders.find_arrivals(desk.store),
        now=caller.now,
        notes=notes,
        has_post=bool(await find_fresh(desk.store, [subscription])),
    )

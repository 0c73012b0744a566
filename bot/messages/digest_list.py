"""A server's digests as a list: what goes where, the last and the next, how each stands, and a button to each.

Components of a full page: 1 container + 1 head + 10 × 3 (section, text, button) + 3 (pager) = 35 of 40
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from discord import ui

from bot.digest.schedule import find_next
from bot.messages.actions import (
    Action,
    DigestsPage,
    OpenDigest,
    OpenWhy,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    ResumeDigest,
    SendDigest,
)
from bot.messages.buttons import render_button, render_pager
from bot.messages.digest_notes import NO, YES, name_permissions
from bot.messages.language import say, say_count
from bot.messages.message import Message
from bot.messages.notices import render_notice
from bot.messages.safe import render_name
from bot.messages.subscriptions import draw_request
from bot.messages.troubles import render_trouble
from bot.messages.wording import format_filter, render_coming
from storage.models import Delivery, Subscription

DIGESTS_PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One digest of the list, with the part that tells how the last one fared, and what its channel lacks.

    `has_post`: there is a post that it has not had; `is_held`: what it has to send waits until its channel was read.
    """

    subscription: Subscription
    last: Delivery | None = None
    is_there: bool = True
    missing: tuple[str, ...] = ()
    has_post: bool = True
    is_held: bool = False


def render_digests(
    rows: Sequence[DigestRow], total: int, page: int, *, now: datetime, back_since: datetime | None = None
) -> Message:
    """Return a page (from 1) of a server's digests, `total` in all.

    `back_since` is when the app returned to the server after it had been removed, if that is news.
    """
    if not rows:
        return render_notice(
            say("### Digests in this server"),
            say("None yet."),
            say("/digest add posts the hottest papers to a channel every day."),
        )
    notes = [say_count(total, "-# {n} digest", "-# {n} digests")]
    if back_since:
        day = f"<t:{int(back_since.timestamp())}:D>"
        notes.append(say("-# This app was away until {day}. Digests went on then, without catching up.", day=day))
    has_more = page * DIGESTS_PER_PAGE < total
    pager = render_pager(DigestsPage(page - 1) if page > 1 else None, DigestsPage(page + 1) if has_more else None)
    return _render(say("### Digests in this server"), notes, rows, pager, now, OpenDigest, say("Open"))


def render_choice(name: str, rows: Sequence[DigestRow], *, now: datetime) -> Message:
    """Return the digests to choose from for a command such as "pause", each with a button that does it.

    The first ten; `digest` of the command reaches the others.
    """
    labels: dict[str, tuple[str, Callable[[int], Action]]] = {
        "pause": (say("Pause"), PauseDigest),
        "resume": (say("Resume"), ResumeDigest),
        "remove": (say("Remove"), RemoveDigest),
        "preview": (say("Preview"), PreviewDigest),
        "post": (say("Post it now"), lambda number: SendDigest(number, draw_request(now))),
        "why": (say("Why?"), OpenWhy),
    }
    label, make_action = labels.get(name, (say("Open"), OpenDigest))
    left = len(rows) - DIGESTS_PER_PAGE
    more = say("-# The option “digest” has {n} more.", n=left) if left > 0 else ""
    return _render(say("### Which digest?"), [more], rows, None, now, make_action, label)


def _render(
    heading: str,
    notes: Sequence[str],
    rows: Sequence[DigestRow],
    pager: ui.ActionRow[Any] | None,
    now: datetime,
    make_action: Callable[[int], Action],
    label: str,
) -> Message:
    children: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(filter(None, [heading, *notes])))]
    for row in rows[:DIGESTS_PER_PAGE]:
        button = render_button(label, make_action(row.subscription.id or 0))
        children.append(ui.Section(_render_row(row, now), accessory=button))
    if pager:
        children.append(pager)
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*children))
    return Message(view=view)


def _render_row(row: DigestRow, now: datetime) -> str:
    """Return one digest: channel · filter, then last · next · state · who set it up."""
    subscription = row.subscription
    names = [render_name(name, 24) for name in subscription.categories]
    hot = {"hot": say("only hot ones"), "very hot": say("only very hot ones")}.get(subscription.only)
    first = [f"<#{subscription.target.id}>", f"**{format_filter(names)}**", hot, f"{subscription.at:%H:%M}"]
    who = say("set up by {member}", member=f"<@{subscription.created_by}>") if subscription.created_by else ""
    second = [_render_last(row), _render_next(row, now), _render_state(row, now), who]
    return f"{' · '.join(filter(None, first))}\n-# {' · '.join(filter(None, second))}"


def _render_last(row: DigestRow) -> str:
    last = row.last
    moment = (last.finished_at or last.planned_at) if last else None
    if last is None or moment is None:
        return say("nothing posted yet")
    when = f"<t:{int(moment.timestamp())}:R>"
    if last.state == "sent" and last.channel_id and last.message_id:
        url = f"https://discord.com/channels/{row.subscription.guild_id}/{last.channel_id}/{last.message_id}"
        return say("last: [posted]({url}) {when}", url=url, when=when)
    match last.state:
        case "sent":
            return say("last: posted {when}", when=when)
        case "failed":
            return say("last: failed {when}", when=when)
        case "uncertain":
            return say("last: may have arrived {when}", when=when)
    if row.subscription.is_paused:
        return say("last: not sent yet")
    return say("last: being retried") if last.last_error else say("last: on its way")


def _render_next(row: DigestRow, now: datetime) -> str:
    subscription = row.subscription
    due = find_next(subscription.at, subscription.weekdays, subscription.timezone, now)
    if subscription.is_paused or due is None:
        return ""
    when = f"<t:{int(due.moment.timestamp())}:R>"
    return say("next: {when}", when=render_coming(when, has_post=row.has_post))


def _render_state(row: DigestRow, now: datetime) -> str:
    trouble = _name_trouble(row, now)
    return f"{NO} {trouble}" if trouble else f"{YES} {say('active')}"


def _name_trouble(row: DigestRow, now: datetime) -> str:
    """Return what is wrong with a digest now, the gravest first, "" when all is well."""
    subscription, last = row.subscription, row.last
    if subscription.is_paused:
        return _name_pause(subscription.pause_reason, row.missing)
    if not row.is_there:
        return say("its channel is gone")
    if row.missing:
        return say("missing: {permissions}", permissions=name_permissions(row.missing))
    if row.is_held:
        return say("what it posted before is read first")
    return _name_mishap(last, now) if last else ""


def _name_mishap(last: Delivery, now: datetime) -> str:
    """Return what became of the last digest where it is not sent and not simply on its way."""
    problem = render_trouble(last.last_error or "")
    match last.state:
        case "pending" | "sending" if last.last_error:
            if last.retry_at and last.retry_at > now:
                when = f"<t:{int(last.retry_at.timestamp())}:R>"
                return say("{problem}; tried again {when}", problem=problem, when=when)
            return say("{problem}; it is being tried again", problem=problem)
        case "uncertain":
            return say("nobody knows yet whether the last one arrived: Discord's answer was lost")
        case "failed":
            return problem
    return ""


def _name_pause(reason: str | None, missing: Sequence[str]) -> str:
    match reason:
        case "permission" if missing:
            return say("paused, missing: {permissions}", permissions=name_permissions(missing))
        case "asked":
            return say("paused")
        case "permission":
            return say("paused: permissions were missing")
        case "channel gone":
            return say("paused: its channel is gone")
        case "left the server":
            return say("paused: this app was removed from the server")
    return say("paused: posting failed")

"""A member's own digest as they see it: what it holds, when it comes, its settings, and all that can be done about it.

    what was done               Components at most: 1 container + 1 text + 6 × 2 selects + 3 rows of buttons
    what, how many, when        with 2, 5 and 2 of them = 26, and 4 for the lines and links added = 30 of 40
    Next · last
    time ▾ zone ▾ days ▾ …
    [Type a time] [Type a zone] …

What a choice does is decided elsewhere; how it is reported, by `orders`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from discord import ui

from bot.digest.clock import guess_timezone
from bot.digest.schedule import find_next
from bot.messages import controls
from bot.messages.actions import (
    AskDigest,
    DeleteData,
    OpenWhy,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    ResumeDigest,
    SendDigest,
)
from bot.messages.buttons import render_button
from bot.messages.language import say, say_count
from bot.messages.message import Message
from bot.messages.safe import render_name
from bot.messages.wording import format_filter, format_weekdays, render_coming, render_moment
from storage.models import Delivery, Subscription

_SHOWN_CATEGORIES = 25


def render_panel(
    subscription: Subscription,
    last: Delivery | None,
    *,
    now: datetime,
    locale: str = "en-US",
    notes: Sequence[str] = (),
    why: Sequence[str] = (),
    has_post: bool = True,
) -> Message:
    """Return the settings of a member's digest; `last` is what was planned last for it, if anything.

    `notes` say what was just done, `why` how the last digest fared: harmless lines. `has_post`: there is a post for
    the next. The guess of a zone comes from Discord's `locale`. Sending from this panel counts as one request, until
    the panel is rendered again.
    """
    lines = [
        *notes,
        say("### Your digest"),
        *describe(subscription, now),
        render_next(subscription, now, has_post=has_post),
        _render_last(last),
        *why,
    ]
    selects = [
        controls.render_time_select(subscription),
        controls.render_zone_select(subscription, now, [guess_timezone(locale)]),
        controls.render_weekday_select(subscription),
        controls.render_count_select(subscription),
        controls.render_only_select(subscription),
        controls.render_category_select(subscription),
    ]
    view = ui.LayoutView(timeout=None)
    children: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(filter(None, lines))), *filter(None, selects)]
    view.add_item(ui.Container(*children, *_render_rows(subscription, now)))
    return Message(view=view)


def _render_rows(subscription: Subscription, now: datetime) -> list[ui.ActionRow[Any]]:
    number = subscription.id or 0
    turn = (
        render_button(say("Resume"), ResumeDigest(number), primary=True)
        if subscription.is_paused
        else render_button(say("Pause"), PauseDigest(number))
    )
    typed = [
        render_button(say("Type a time…"), AskDigest(number, "time")),
        render_button(say("Type a zone…"), AskDigest(number, "timezone")),
        render_button(say("Type categories…"), AskDigest(number, "categories")),
    ]
    acting = [
        turn,
        render_button(say("Send me one now"), SendDigest(number, draw_request(now))),
        render_button(say("Preview"), PreviewDigest(number)),
        render_button(say("Why?"), OpenWhy(number)),
    ]
    ending = [
        render_button(say("Remove"), RemoveDigest(number)),
        render_button(say("Delete my data"), DeleteData()),
    ]
    return [ui.ActionRow(*row) for row in (typed, acting, ending)]


def draw_request(now: datetime) -> str:
    """Return the name of one request to send now: 11 letters and digits that follow from the time, to the millisecond.

    With the digest's id, which a `SendDigest` has as well, it is the same for every press of one rendered button.
    """
    return f"{int(now.timestamp() * 1000):011x}"


def describe(subscription: Subscription, now: datetime) -> list[str]:
    """Return what a digest holds and when it comes, as harmless lines."""
    names = [render_name(name, 24) for name in subscription.categories]
    hot = {"hot": say("only hot ones"), "very hot": say("only very hot ones")}.get(subscription.only)
    papers = say_count(subscription.count, "{n} paper at most", "{n} papers at most")
    when = say(
        "{weekdays} at {time} ({zone})",
        weekdays=format_weekdays(subscription.weekdays),
        time=f"{subscription.at:%H:%M}",
        zone=controls.format_zone(subscription.timezone, now),
    )
    return [
        f"**{format_filter(names, _SHOWN_CATEGORIES)}**",
        " · ".join(filter(None, (papers, hot, when))),
    ]


def render_next(subscription: Subscription, now: datetime, *, has_post: bool) -> str:
    """Return when a member's digest comes next, or why it does not: harmless lines; `has_post`: there is one for it."""
    if subscription.is_paused:
        return render_pause(subscription)
    due = find_next(subscription.at, subscription.weekdays, subscription.timezone, now)
    return say("Next: {moment}", moment=render_coming(render_moment(due.moment), has_post=has_post)) if due else ""


def render_pause(subscription: Subscription) -> str:
    """Return since when a member's digest is paused, why, and what to do: harmless lines."""
    since = f"<t:{int(subscription.paused_at.timestamp())}:D>" if subscription.paused_at else ""
    match subscription.pause_reason:
        case "asked":
            return say("Paused since {day}, as you asked. **Resume** lets it go on.", day=since)
        case "DMs closed":
            closed = say("Paused since {day}: this app may not write to you.", day=since)
            return f"{closed}\n{render_how_to_open()} {say('Then press **Resume**.')}"
    return say("Paused since {day}: sending it failed. **Resume** tries again.", day=since)


def render_how_to_open() -> str:
    """Return how a member lets the app write to them, in Discord's own words."""
    return say(
        "To open your direct messages: click the name of a server you share with this app, choose "
        "**Privacy Settings**, and turn **Direct Messages** on."
    )


def _render_last(last: Delivery | None) -> str:
    if last is None:
        return ""
    moment = last.finished_at or last.planned_at
    when = f"<t:{int(moment.timestamp())}:R>" if moment else ""
    match last.state:
        case "sent":
            link = f" · [{say('open it')}](https://discord.com/channels/@me/{last.channel_id}/{last.message_id})"
            has_link = last.channel_id and last.message_id and last.target.kind != "page"
            return say("Last: sent {when}", when=when) + (link if has_link else "")
        case "failed":
            return say("Last: could not be sent, {when}", when=when)
        case "uncertain":
            return say("Last: it may have arrived, {when}", when=when)
    return say("Last: on its way")

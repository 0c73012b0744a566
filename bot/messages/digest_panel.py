"""A channel's digest as an admin sees it: what it posts, when, what is missing for that, and all that can be set.

    what was done               Components at most: 1 container + 2 texts + 8 × 2 selects + 4 rows of buttons
    what, how many, when        with 3, 4, 4 and 2 of them = 36 of 40
    ✓ or ✗ permissions
    time ▾ days ▾ how many ▾ how hot ▾  [Type a time…] [Type a zone…] [Type categories…]
    role ▾ also in ▾ move to ▾ tag ▾    [Thread: off] …
    what it would post, Next
    [Post it now] [Preview] …

What a choice does is decided elsewhere; how it is reported, by `digest_notes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from discord import ui

from bot.digest.arrivals import Arrivals
from bot.digest.schedule import find_next
from bot.digest.selection import Digest
from bot.messages import controls
from bot.messages.actions import (
    AskDigest,
    ChangeDigest,
    CopyDigest,
    DigestsPage,
    OpenWhy,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    ResumeDigest,
    SendDigest,
)
from bot.messages.buttons import Button, render_button
from bot.messages.digest_notes import render_arrivals, render_paused, render_problems
from bot.messages.language import say
from bot.messages.message import Message
from bot.messages.rows import render_title_link
from bot.messages.safe import render_name
from bot.messages.selects import MOST_OPTIONS, Pick, render_channel_select, render_role_select, render_select
from bot.messages.subscriptions import describe, draw_request
from bot.messages.summary import render_heading, render_reason, render_summary
from bot.messages.wording import render_coming, render_moment
from storage.models import Subscription

MOST_COPIES = 10  # channels at once
NONE = "none"  # the value of no tag and no role; ids are digits
_SHOWN_PAPERS, _TITLE_LIMIT = 3, 120


@dataclass(frozen=True, slots=True)
class Site:
    """What a digest finds where it goes: whether the channel `is_there`, and the permissions `missing` in it.

    `tags` are a forum's (id, name) pairs, names being strangers' text; `needs_tag` says that a post must have one.
    `has_role` says that the role to ping is there. What is missing for the ping alone is `cannot_ping`.
    """

    is_there: bool = True
    missing: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    needs_tag: bool = False
    has_role: bool = False
    cannot_ping: bool = False


def render_panel(
    subscription: Subscription,
    site: Site,
    digest: Digest,
    arrivals: Arrivals,
    *,
    now: datetime,
    notes: Sequence[str] = (),
    has_post: bool = True,
) -> Message:
    """Return the settings of a channel's digest; `digest` is what it would post now, `notes` what was just done.

    `has_post`: there is a post that it has not had. Sending from this panel counts as one request, until the panel is
    rendered again.
    """
    head = [*notes, *_render_head(subscription, site, now), render_arrivals(arrivals, subscription, now)]
    foot = [*_render_preview(digest), _render_next(subscription, now, has_post)]
    children: list[ui.Item[Any]] = [
        ui.TextDisplay("\n".join(filter(None, head))),
        *_render_when_and_what(subscription),
        *_render_where_and_how(subscription, site),
        ui.TextDisplay("\n".join(filter(None, foot))),
        *_render_actions(subscription, now),
    ]
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*children))
    return Message(view=view)


def _render_head(subscription: Subscription, site: Site, now: datetime) -> list[str]:
    channel = f"<#{subscription.target.id}>"
    return [
        say("### Digest for {channel}", channel=channel),
        *describe(subscription, now),
        " · ".join(filter(None, _list_ways(subscription, site))),
        *render_problems(subscription, site.is_there, site.missing, site.cannot_ping, _find_tag_names(site)),
        _render_origin(subscription),
    ]


def _list_ways(subscription: Subscription, site: Site) -> list[str]:
    """Return how the digest is posted, each setting that is on in a few words."""
    role = f"<@&{subscription.mention}>" if site.has_role else say("a role that is gone")
    tag = dict(site.tags).get(subscription.tag or "")
    return [
        say("pings {role}", role=role) if subscription.mention else "",
        say("opens a thread") if subscription.has_thread else "",
        say("published to followers") if subscription.is_published else "",
        say("tag {tag}", tag=render_name(tag, 40)) if tag else "",
        say("says when there is nothing new") if subscription.has_quiet_line else "",
    ]


def _find_tag_names(site: Site) -> list[str]:
    """Return the tags to choose from where one must be chosen, harmless."""
    return [render_name(name, 40) for _, name in site.tags] if site.needs_tag else []


def _render_origin(subscription: Subscription) -> str:
    """Return who set the digest up and when, as far as that is kept."""
    if subscription.created_by is None:
        return ""
    member = f"<@{subscription.created_by}>"
    if subscription.created_at is None:
        return say("-# set up by {member}", member=member)
    day = f"<t:{int(subscription.created_at.timestamp())}:D>"
    return say("-# set up by {member}, {day}", member=member, day=day)


def _render_when_and_what(subscription: Subscription) -> list[ui.Item[Any]]:
    number = subscription.id or 0
    return [
        controls.render_time_select(subscription),
        controls.render_weekday_select(subscription),
        controls.render_count_select(subscription),
        controls.render_only_select(subscription),
        ui.ActionRow(
            render_button(say("Type a time…"), AskDigest(number, "time")),
            render_button(say("Type a zone…"), AskDigest(number, "timezone")),
            render_button(say("Type categories…"), AskDigest(number, "categories")),
        ),
    ]


def _render_where_and_how(subscription: Subscription, site: Site) -> list[ui.Item[Any]]:
    number = subscription.id or 0
    items: list[ui.Item[Any] | None] = [
        render_role_select(ChangeDigest(number, "mention"), say("Ping a role…")),
        render_channel_select(CopyDigest(number), say("Also post this in…"), most=MOST_COPIES),
        render_channel_select(ChangeDigest(number, "channel"), say("Move to another channel…")),
        _render_tag_select(subscription, site),
        ui.ActionRow(*_render_switches(subscription)),
    ]
    return [item for item in items if item is not None]


def _render_tag_select(subscription: Subscription, site: Site) -> ui.ActionRow[Any] | None:
    """Return the select of a forum's tag; None where there are no tags."""
    none = [] if site.needs_tag else [Pick(say("No tag"), NONE, subscription.tag is None)]
    picks = [*none, *(Pick(name or "?", tag, tag == subscription.tag) for tag, name in site.tags)]
    if not site.tags:
        return None
    return render_select(ChangeDigest(subscription.id or 0, "tag"), picks[:MOST_OPTIONS], say("Tag of its posts"))


def _render_switches(subscription: Subscription) -> list[Button]:
    """Return the settings that are on or off, those that the kind of channel has."""
    buttons = [
        _render_switch(
            subscription, "quiet", subscription.has_quiet_line, say("Quiet days: a line"), say("Quiet days: silent")
        )
    ]
    if subscription.channel_kind != "forum":  # where each digest is a post, and so a thread, already
        buttons.append(
            _render_switch(subscription, "thread", subscription.has_thread, say("Thread: on"), say("Thread: off"))
        )
    if subscription.channel_kind == "announcement":
        buttons.append(
            _render_switch(subscription, "publish", subscription.is_published, say("Publish: on"), say("Publish: off"))
        )
    if subscription.mention:
        buttons.append(render_button(say("Stop pinging"), ChangeDigest(subscription.id or 0, "mention", NONE)))
    return buttons


def _render_switch(subscription: Subscription, setting: str, is_on: bool, on: str, off: str) -> Button:
    """Return a button that says how a setting stands and turns it over."""
    action = ChangeDigest(subscription.id or 0, setting, "off" if is_on else "on")
    return render_button(on if is_on else off, action, primary=is_on)


def _render_preview(digest: Digest) -> list[str]:
    """Return what would be posted now in a few lines: the first papers, or why there are none."""
    if not digest.papers:
        return [say("-# Nothing would be posted now: {reason}.", reason=render_reason(digest))]
    shown = digest.papers[:_SHOWN_PAPERS]
    return [
        f"**{render_heading(digest)}**",
        f"-# {render_summary(digest)}",
        *(f"**{place}** {render_title_link(one.paper, _TITLE_LIMIT)}" for place, one in enumerate(shown, 1)),
        "-# …" if len(digest.papers) > len(shown) else "",
    ]


def _render_next(subscription: Subscription, now: datetime, has_post: bool) -> str:
    """Return when the digest goes out next; of a paused one why it does not, and what to do."""
    if subscription.is_paused:
        return render_paused(subscription)
    due = find_next(subscription.at, subscription.weekdays, subscription.timezone, now)
    if due is None:
        return ""
    later = say("-# Not before then: if the post is late, it goes out when the post arrives.")
    coming = render_coming(render_moment(due.moment), has_post=has_post)
    return f"{say('Next: {moment}', moment=coming)}\n{later}"


def _render_actions(subscription: Subscription, now: datetime) -> list[ui.Item[Any]]:
    number = subscription.id or 0
    turn = (
        render_button(say("Resume"), ResumeDigest(number))
        if subscription.is_paused
        else render_button(say("Pause"), PauseDigest(number))
    )
    return [
        ui.ActionRow(
            render_button(say("Post it now"), SendDigest(number, draw_request(now)), primary=True),
            render_button(say("Preview"), PreviewDigest(number)),
            render_button(say("Why?"), OpenWhy(number)),
            turn,
        ),
        ui.ActionRow(
            render_button(say("All digests"), DigestsPage()), render_button(say("Remove"), RemoveDigest(number))
        ),
    ]

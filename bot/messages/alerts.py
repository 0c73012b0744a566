"""What whoever runs a digest is told of its trouble, once, and what a member is told whose messages are closed.

A notice may end up in a channel that everyone reads, so it names no one and says only what is and what to do. Who is
told, and when, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from discord import ui

from bot.messages.actions import Action, OpenDay, OpenDigest, OpenWhy, ResumeDigest
from bot.messages.buttons import add_rows, render_button
from bot.messages.digest_notes import name_permissions
from bot.messages.extras import add_buttons
from bot.messages.language import say, say_count
from bot.messages.message import Message
from bot.messages.notices import render_notice
from bot.messages.subscriptions import render_how_to_open
from bot.messages.wording import format_day, render_moment

MOST_NAMED = 10  # channels in one notice


def render_paused(reason: str, lacking: Mapping[str, Sequence[str]], subscription_id: int, marker: str) -> Message:
    """Return that the digests of some channels of one server paused by themselves, and what lets them go on.

    `reason` is the pause's, `lacking` the permissions known to be missing in each of the channels, by its id.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for channel_id, missing in lacking.items():
        groups.setdefault(tuple(missing) if reason == "permission" else (), []).append(channel_id)
    if len(groups) < 2:
        lines = [_render_trouble(reason, _name_channels(ids), missing) for missing, ids in groups.items()]
    else:
        lines = _render_lacks(groups)
    return _render(lines, say("Why?"), OpenWhy(subscription_id), marker)


def _render_lacks(groups: Mapping[tuple[str, ...], Sequence[str]]) -> list[str]:
    """Return what is missing where, a line for each that lacks the same, of the first ten channels in all."""
    lines = [
        say(
            "The daily digest can't be posted in these channels, as this app lacks permissions there. It is paused, "
            "and goes on by itself once their settings, Permissions, allow it."
        )
    ]
    left = MOST_NAMED
    for missing, channel_ids in groups.items():
        channels = ", ".join(f"<#{one}>" for one in channel_ids[:left])
        lacks = name_permissions(missing) if missing else say("Discord said that a permission is missing")
        lines += [f"{channels}: {lacks}"] if channels else []
        left -= min(left, len(channel_ids))
    more = sum(map(len, groups.values())) - MOST_NAMED
    return [*lines, say("{n} more", n=more)] if more > 0 else lines


def _render_trouble(reason: str, channels: str, missing: Sequence[str]) -> str:
    match reason:
        case "permission" if missing:
            return say(
                "The daily digest can't be posted in {channels}: this app lacks {permissions} there. It is paused, and "
                "goes on by itself once the channel's settings, Permissions, allow it.",
                channels=channels,
                permissions=name_permissions(missing),
            )
        case "permission":
            return say(
                "The daily digest can't be posted in {channels}: Discord says that this app lacks a permission. It is "
                "paused, and tried again from time to time. See the channel's settings, Permissions.",
                channels=channels,
            )
        case "channel gone":
            return say(
                "The daily digest for {channels} is paused: the channel is gone, or this app can't see it. Move the "
                "digest with /digest edit, or remove it with /digest remove.",
                channels=channels,
            )
    return say(
        "The daily digest for {channels} is paused: posting it failed again and again. It is tried again from time "
        "to time; /digest edit shows its settings.",
        channels=channels,
    )


def render_uncertain(channel_id: str, subscription_id: int, marker: str) -> Message:
    """Return that a digest may have arrived or not, as the channel's history can't be read, and what clears it up."""
    line = say(
        "A digest for {channel} may or may not have arrived: Discord's answer was lost, and this app can't look, as it "
        "lacks {permissions} there. Once it is given, this clears up by itself, and nothing comes twice.",
        channel=f"<#{channel_id}>",
        permissions=name_permissions(["Read Message History"]),
    )
    return _render([line], say("Why?"), OpenWhy(subscription_id), marker)


def render_drought(newest: date | None, channel_ids: Sequence[str], subscription_id: int, marker: str) -> Message:
    """Return that no post has come for the digests of some channels on several days in a row."""
    channels = _name_channels(channel_ids)
    line = (
        say(
            "Nothing new for {channels}: no post has come since that of {day}. The digest waits, and comes by itself "
            "with the next post. There is nothing to do here.",
            channels=channels,
            day=format_day(newest),
        )
        if newest
        else say(
            "Nothing new for {channels}: no post has come yet. The digest waits, and comes by itself with the first "
            "one. There is nothing to do here.",
            channels=channels,
        )
    )
    return _render([line], say("Why?"), OpenWhy(subscription_id), marker)


def render_owner_drought(newest: date | None, count: int, subscription_id: int, marker: str) -> Message:
    """Return to who runs the bot that no post has come for days, how many digests wait, and where to look."""
    said = say("No post has come since that of {day}.", day=format_day(newest)) if newest else say("No post came yet.")
    waiting = say_count(
        count,
        "{n} digest had nothing to give on its last three days.",
        "{n} digests had nothing to give on their last three days.",
    )
    advice = say("See to POSTS_SOURCE: `hotpapers doctor` says whether it can be reached and what it holds.")
    label, action = (say("The newest post"), OpenDay(newest)) if newest else (say("Why?"), OpenWhy(subscription_id))
    return _render([f"{said} {waiting}", advice], label, action, marker)


def render_silence(source: str, since: datetime | None, subscription_id: int, marker: str) -> Message:
    """Return to who runs the bot that a live source says nothing for too long, and where to look."""
    said = (
        say("{source} has said nothing since {moment}.", source=source, moment=render_moment(since))
        if since
        else say("{source} has said nothing yet.", source=source)
    )
    meanwhile = say("Posts are made without it meanwhile, and say so.")
    advice = say("`hotpapers doctor` says why. You are told when it is back.")
    return _render([f"{said} {meanwhile}", advice], say("Why?"), OpenWhy(subscription_id), marker)


def render_back(source: str, subscription_id: int, marker: str) -> Message:
    """Return to who runs the bot that a source which was silent is back."""
    return _render([say("{source} is back.", source=source)], say("Why?"), OpenWhy(subscription_id), marker)


def render_dms_closed(subscription_id: int) -> Message:
    """Return to a member, privately, that their digest is paused for want of a way to them, and how to open one."""
    buttons = [
        render_button(say("Resume"), ResumeDigest(subscription_id), primary=True),
        render_button(say("Settings"), OpenDigest(subscription_id)),
    ]
    return add_buttons(
        render_notice(
            say("**Your daily digest is paused:** Discord refused this app's direct messages to you."),
            f"{render_how_to_open()} {say('Then press **Resume**.')}",
        ),
        buttons,
    )


def _render(lines: Sequence[str], label: str, action: Action, marker: str) -> Message:
    view = ui.View(timeout=None)
    add_rows(view, [[render_button(label, action, marker)]])
    return Message(view=view, content="\n".join(lines))


def _name_channels(channel_ids: Sequence[str]) -> str:
    """Return channels as Discord links them, the first ten of many."""
    distinct = list(dict.fromkeys(channel_ids))
    left = len(distinct) - MOST_NAMED
    more = [say("{n} more", n=left)] if left > 0 else []
    return ", ".join([*(f"<#{one}>" for one in distinct[:MOST_NAMED]), *more])

"""What there is to say of a channel's digest in a line: what was done, what is missing, why it rests, what to do.

All lines are harmless: names of ours, ids of Discord's, and strangers' text that was made so before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from bot.digest.arrivals import ENOUGH, Arrivals, choose_hour
from bot.digest.zones import get_zone
from bot.messages.actions import DigestsPage
from bot.messages.buttons import render_button
from bot.messages.extras import add_buttons
from bot.messages.language import say, say_count
from bot.messages.message import Message
from bot.messages.notices import render_notice
from bot.messages.wording import format_list
from storage.models import Subscription

YES, NO, NOT_YET = "✓", "✗", "·"


def name_permissions(names: Sequence[str]) -> str:
    """Return permissions as Discord's own settings call them, in bold, as a list in a sentence."""
    words = {
        "View Channel": say("View Channel"),
        "Send Messages": say("Send Messages"),
        "Read Message History": say("Read Message History"),
        "Create Public Threads": say("Create Public Threads"),
        "Send Messages in Threads": say("Send Messages in Threads"),
        "Mention All Roles": say("Mention All Roles"),
    }
    return format_list([f"**{words.get(name, name)}**" for name in names])


def render_missing(channel_id: str, missing: Sequence[str]) -> str:
    """Return which permissions are missing in a channel and where to give them, or that none is."""
    channel = f"<#{channel_id}>"
    if not missing:
        return say("{sign} All permissions are there in {channel}.", sign=YES, channel=channel)
    return say(
        "{sign} Missing in {channel}: {permissions}. Give them to this app in the channel's settings, Permissions.",
        sign=NO,
        channel=channel,
        permissions=name_permissions(missing),
    )


def render_problems(
    subscription: Subscription, is_there: bool, missing: Sequence[str], cannot_ping: bool, tags: Sequence[str]
) -> list[str]:
    """Return what stands in a digest's way, or that nothing does; `tags` are those of which one must be chosen."""
    channel_id = subscription.target.id
    if not is_there:
        return [
            say("{sign} The channel is gone, or this app can't see it. Move the digest to another channel.", sign=NO)
        ]
    lines = [render_missing(channel_id, missing)]
    if cannot_ping:
        lines.append(
            say(
                "{sign} {role} can't be pinged: let everyone mention it in the role's settings, or give this app "
                "{permission} in {channel}.",
                sign=NO,
                role=f"<@&{subscription.mention}>",
                permission=name_permissions(["Mention All Roles"]),
                channel=f"<#{channel_id}>",
            )
        )
    if tags and subscription.tag is None:
        lines.append(say("{sign} This forum wants a tag: choose one of {tags}.", sign=NO, tags=format_list(tags)))
    return lines


def render_arrivals(arrivals: Arrivals, subscription: Subscription, now: datetime) -> str:
    """Return by when posts usually arrive on the digest's clock, and how many are there at its own time."""
    if not arrivals.count:
        return ""
    shares, usual = dict(arrivals.by), choose_hour(arrivals).hour
    if shares[usual] < ENOUGH:
        return ""  # there is no usual hour
    own = _find_own_hour(subscription, now)
    said = say(
        "-# Posts usually arrive by {time}: {percent} % of the last {count} had.",
        time=_format_local(usual, subscription, now),
        percent=round(100 * shares[usual]),
        count=arrivals.count,
    )
    if own == usual:
        return said
    mine = say("By {time} it was {percent} %.", time=f"{subscription.at:%H:%M}", percent=round(100 * shares[own]))
    return f"{said} {mine}"


def _format_local(hour: int, subscription: Subscription, now: datetime) -> str:
    moment = datetime.combine(now.astimezone(UTC).date(), time(hour), UTC)
    return f"{moment.astimezone(get_zone(subscription.timezone)):%H:%M}"


def _find_own_hour(subscription: Subscription, now: datetime) -> int:
    """Return the hour in UTC that the digest's own time is in today."""
    zone = get_zone(subscription.timezone)
    return datetime.combine(now.astimezone(zone).date(), subscription.at, zone).astimezone(UTC).hour


def render_paused(subscription: Subscription) -> str:
    """Return since when and why a channel's digest rests, and what lets it go on."""
    day = f"<t:{int(subscription.paused_at.timestamp())}:D>" if subscription.paused_at else ""
    match subscription.pause_reason:
        case "asked":
            return say("Paused since {day}. **Resume** lets it go on.", day=day)
        case "permission":
            return say("Paused since {day}: permissions were missing. Give them, then press **Resume**.", day=day)
        case "channel gone":
            return say("Paused since {day}: its channel is gone. **Move to another channel** lets it go on.", day=day)
        case "left the server":
            return say("Paused since {day}: this app was removed from the server. **Resume** lets it go on.", day=day)
    return say("Paused since {day}: posting it failed again and again. **Resume** tries again.", day=day)


def render_outcome(
    subscription: Subscription, state: str, reason: str, url: str | None, *, is_repeat: bool = False
) -> list[str]:
    """Return what came of posting a digest now, as sending says it, and what to do."""
    channel = f"<#{subscription.target.id}>"
    link = f" · [{say('open it')}]({url})" if url else ""
    match state:
        case "sent" if is_repeat:
            return [say("{sign} Posted in {channel} already", sign=YES, channel=channel) + link]
        case "sent":
            return [say("{sign} Posted in {channel}", sign=YES, channel=channel) + link]
        case "nothing":
            return [say("There is nothing to post now: {reason}.", reason=reason or say("no paper fits"))]
        case "failed":
            return [f"{NO} {render_failure(reason)}"]
    return [say("It may have arrived: look into {channel}. If it is not there, post it again.", channel=channel)]


def render_failure(reason: str) -> str:
    """Return in words why Discord did not take a message, and what to do."""
    match reason:
        case "permission":
            return say("Discord says that a permission is missing. Give this app what is named below, then try again.")
        case "channel gone":
            return say("Discord says that the channel is gone. Move the digest to another channel.")
        case "DMs closed":
            return say("Discord says that this app may not write to you.")
        case "refused":
            return say("Discord refused the message. Look at the settings, the tag of a forum first; then try again.")
        case "rate limited":
            return say("Discord asked for a pause. Try again in some minutes.")
    return say("Discord could not be reached. Try again in some minutes.")


def render_copies(results: Sequence[tuple[str, str]]) -> list[str]:
    """Return what came of adding a digest to other channels: (channel id, harmless words of what is wrong or "")."""
    return [
        f"{NO} <#{channel}>: {problem}"
        if problem
        else f"{YES} {say('Also in {channel} now.', channel=f'<#{channel}>')}"
        for channel, problem in results
    ]


def render_removed(subscription: Subscription) -> Message:
    """Return that a channel's digest is gone."""
    said = say("The digest for {channel} is removed.", channel=f"<#{subscription.target.id}>")
    buttons = [render_button(say("All digests"), DigestsPage())]
    return add_buttons(render_notice(said, say("-# What it posted stays. /digest add begins a new one.")), buttons)


def render_full(most: int) -> str:
    """Return that a channel has as many digests as it may."""
    return say_count(
        most,
        "it has {n} digest already, the most a channel may have",
        "it has {n} digests already, the most a channel may have",
    )

"""Changes one setting of a channel's digest: those that a member's lacks, as mention, thread and tag; and the channel.

Values in, a changed subscription out; storing it, and who may, is left to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.answers.access import find_channel, find_role
from bot.answers.changes import change
from bot.answers.desk import Desk
from bot.answers.venue import Channel
from bot.errors import UserError
from bot.messages.digest_panel import NONE
from storage.models import Subscription, Target

_ON, _OFF = ("on", "true", "yes", "1"), ("off", "false", "no", "0", "")
_LIFTED = ("channel gone", "permission", "failing")  # pauses that a move to another channel ends


def change_channel_digest(
    subscription: Subscription, setting: str, values: Sequence[str], desk: Desk, now: datetime
) -> Subscription:
    """Return a channel's digest with one setting changed; `values` are those chosen, or the one typed.

    mention, thread, publish, quiet and tag are its own, the others are `changes`'. UserError says what is accepted.
    """
    value = values[0] if values else ""
    match setting:
        case "mention":
            return replace(subscription, mention=_find_mention(desk, subscription, value))
        case "thread":
            return _set_thread(subscription, parse_switch(value))
        case "publish":
            return _set_published(subscription, parse_switch(value))
        case "quiet":
            return replace(subscription, has_quiet_line=parse_switch(value))
        case "tag":
            channel = find_channel(desk, subscription.guild_id or "", subscription.target.id)
            return replace(subscription, tag=find_tag(channel, value))
    return change(subscription, setting, values, desk.limits, now)


def parse_switch(text: str) -> bool:
    """Return whether "on", "off" or another word for them is on; UserError for anything else."""
    word = text.strip().casefold()
    if word not in (*_ON, *_OFF):
        raise UserError("This setting is on or off.")
    return word in _ON


def find_tag(channel: Channel, text: str) -> str | None:
    """Return the id of the tag that a forum has under this id or name, None for none.

    UserError names the tags there are, also where a tag is needed and none is given.
    """
    typed = text.strip()
    if typed.casefold() in ("", NONE):
        _require_no_tag(channel)
        return None
    if channel.kind != "forum":
        raise UserError("Only a forum's posts have tags; #{name} is no forum.", name=channel.name)
    by_id = [tag for tag, _ in channel.tags if tag == typed]
    by_name = [tag for tag, name in channel.tags if name.strip().casefold() == typed.casefold()]
    found = next(iter([*by_id, *by_name]), None)
    if found is None:
        raise _refuse_tag(channel)
    return found


def _require_no_tag(channel: Channel) -> None:
    if channel.kind == "forum" and channel.needs_tag:
        raise UserError(
            "#{name} wants a tag for every post. Choose one with /digest add, option tag: {tags}.",
            name=channel.name,
            tags=_list_tags(channel),
        )


def _refuse_tag(channel: Channel) -> UserError:
    if not channel.tags:
        return UserError("#{name} has no tags. Leave the tag out.", name=channel.name)
    return UserError("#{name} has no such tag. It has: {tags}.", name=channel.name, tags=_list_tags(channel))


def _list_tags(channel: Channel) -> str:
    return ", ".join(name for _, name in channel.tags)


def settle(subscription: Subscription, channel: Channel) -> Subscription:
    """Return a digest as it is in another channel: without what that kind of channel has not, and no longer paused
    for what was wrong with the old one. UserError when it can't be there as it is.
    """
    tag = subscription.tag if subscription.target.id == channel.id else None
    is_lifted = subscription.pause_reason in _LIFTED
    return replace(
        subscription,
        target=Target("channel", channel.id),
        channel_kind=channel.kind,
        guild_id=channel.guild_id,
        tag=find_tag(channel, tag or ""),
        has_thread=subscription.has_thread and channel.kind != "forum",
        is_published=subscription.is_published and channel.kind == "announcement",
        paused_at=None if is_lifted else subscription.paused_at,
        pause_reason=None if is_lifted else subscription.pause_reason,
        told_at=None if is_lifted else subscription.told_at,
    )


def _find_mention(desk: Desk, subscription: Subscription, role_id: str) -> str | None:
    if role_id.strip().casefold() in ("", NONE):
        return None
    return find_role(desk, subscription.guild_id or "", role_id).id


def _set_thread(subscription: Subscription, is_on: bool) -> Subscription:
    if is_on and subscription.channel_kind == "forum":
        raise UserError("In a forum each digest is a post, which people can discuss already. Leave the thread out.")
    return replace(subscription, has_thread=is_on)


def _set_published(subscription: Subscription, is_on: bool) -> Subscription:
    if is_on and subscription.channel_kind != "announcement":
        raise UserError("Only an announcement channel's messages can be published to followers.")
    return replace(subscription, is_published=is_on)

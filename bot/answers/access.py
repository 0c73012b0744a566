"""Who may set up a server's digests, and what a digest may do in a channel: which permissions are missing for it.

All of it within one server: a channel or role of another one is not found.
"""

from __future__ import annotations

from bot.answers.desk import Desk
from bot.answers.values import Caller
from bot.answers.venue import MENTION, OPEN_THREADS, READ_HISTORY, SEND, SEND_IN_THREADS, VIEW, Channel, Role, Venue
from bot.errors import UserError
from bot.messages.digest_panel import Site
from storage.models import Subscription

POSTABLE = ("text", "announcement", "forum")
NEEDED_TO_POST = (VIEW, SEND)  # without them nothing arrives; without the others something is left out
_EVERYONE = ("everyone", "here")


def check_admin(caller: Caller) -> str:
    """Return the id of the server whose digests the caller may set up; UserError says who may."""
    guild_id = caller.place.guild_id
    if guild_id is None:
        raise UserError("A channel's digest is set up in its server. Ask there, or use /subscribe for one of your own.")
    if not caller.place.is_admin:
        raise UserError(
            "This needs the permission Manage Server. An admin can allow /digest for you too: "
            "Server Settings, Integrations, this app."
        )
    return guild_id


def find_venue(desk: Desk) -> Venue:
    """Return what is known of servers; UserError on a page that knows none."""
    if desk.venue is None:
        raise UserError("This page knows no channels. In Discord they would be set up here.")
    return desk.venue


def find_channel(desk: Desk, guild_id: str, channel_id: str) -> Channel:
    """Return a channel of a server that digests may go to; UserError says which those are."""
    channel = find_venue(desk).find_channel(guild_id, channel_id)
    if channel is None:
        raise UserError(
            "I can't see that channel: threads have no digests, and others need this app's View Channel. "
            "Choose a text, announcement or forum channel."
        )
    if channel.kind not in POSTABLE:
        raise UserError("Digests go to text, announcement and forum channels; #{name} is none.", name=channel.name)
    return channel


def find_role(desk: Desk, guild_id: str, role_id: str) -> Role:
    """Return a server's role that a digest may ping; UserError for everyone, and for one that is not there."""
    role = find_venue(desk).find_role(guild_id, role_id)
    is_everyone = role_id == guild_id or role_id.strip().lstrip("@").casefold() in _EVERYONE
    if is_everyone or (role is not None and role.is_everyone):
        raise UserError("A digest doesn't ping everyone. Choose a role for those who want it.")
    if role is None:
        raise UserError("That role is not in this server. Choose another one.")
    return role


def find_missing(subscription: Subscription, channel: Channel, role: Role | None = None) -> list[str]:
    """Return the permissions that the bot lacks for a digest in a channel, all that its settings ask for.

    `role` is the one it pings: only one that not everyone may ping asks for more.
    """
    needed = [VIEW, SEND, READ_HISTORY]
    if channel.kind == "forum":
        needed.append(SEND_IN_THREADS)
    elif subscription.has_thread:
        needed += [OPEN_THREADS, SEND_IN_THREADS]
    if role is not None and not role.is_mentionable:
        needed.append(MENTION)
    return [permission for permission in needed if permission not in channel.permissions]


def find_site(desk: Desk, subscription: Subscription) -> Site:
    """Return what a digest finds where it goes."""
    venue, guild_id = find_venue(desk), subscription.guild_id or ""
    channel = venue.find_channel(guild_id, subscription.target.id)
    if channel is None:
        return Site(is_there=False)
    role = venue.find_role(guild_id, subscription.mention) if subscription.mention else None
    missing = find_missing(subscription, channel, role)
    return Site(
        missing=tuple(permission for permission in missing if permission != MENTION),
        tags=channel.tags,
        needs_tag=channel.needs_tag,
        has_role=role is not None,
        cannot_ping=MENTION in missing,
    )


def is_ready(subscription: Subscription, site: Site) -> bool:
    """Tell whether Discord would take a digest there at all."""
    lacks_tag = site.needs_tag and subscription.tag is None
    return site.is_there and not lacks_tag and not set(NEEDED_TO_POST) & set(site.missing)

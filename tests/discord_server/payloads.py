"""How things look as JSON: users, members, roles, channels, guilds, messages and the application. Pure."""

from __future__ import annotations

from typing import Any

from tests.discord_server.permissions import get_guild_permissions
from tests.discord_server.state import (
    DIRECT,
    FORUM,
    GROUP,
    THREADS,
    Channel,
    Guild,
    Member,
    Message,
    Role,
    User,
    World,
    format_time,
    get_moment,
)

JOINED = "2024-01-01T00:00:00+00:00"
REQUIRE_TAG = 1 << 4


def format_user(user: User) -> dict[str, Any]:
    """Return a user as others see them."""
    return {
        "id": str(user.id),
        "username": user.name,
        "discriminator": "0",
        "global_name": None if user.bot else user.name.title(),
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
        **({"bot": True} if user.bot else {}),
    }


def format_me(user: User) -> dict[str, Any]:
    """Return the bot as it sees itself."""
    return format_user(user) | {"mfa_enabled": True, "locale": user.locale, "verified": True, "email": None}


def format_member(member: Member, *, with_user: bool = True) -> dict[str, Any]:
    """Return a member of a guild."""
    found = {
        "roles": [str(one) for one in member.roles],
        "joined_at": JOINED,
        "premium_since": None,
        "nick": None,
        "avatar": None,
        "banner": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    return found | {"user": format_user(member.user)} if with_user else found


def format_role(role: Role) -> dict[str, Any]:
    """Return a role."""
    return {
        "id": str(role.id),
        "name": role.name,
        "description": None,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.managed,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def format_channel(channel: Channel) -> dict[str, Any]:
    """Return a channel, a thread or a conversation."""
    base: dict[str, Any] = {"id": str(channel.id), "type": channel.kind, "flags": 0}
    base["last_message_id"] = str(max(channel.messages)) if channel.messages else None
    if channel.kind in (DIRECT, GROUP) or channel.guild is None:
        people = {"recipients": [format_user(user) for user in channel.recipients]}
        return base | people | ({"name": None, "icon": None, "owner_id": "0"} if channel.kind == GROUP else {})
    base |= {"guild_id": str(channel.guild.id), "name": channel.name, "rate_limit_per_user": 0}
    base["parent_id"] = None if channel.parent_id is None else str(channel.parent_id)
    return base | (_format_thread(channel) if channel.kind in THREADS else _format_place(channel))


def _format_place(channel: Channel) -> dict[str, Any]:
    found: dict[str, Any] = {
        "position": 0,
        "topic": None,
        "nsfw": False,
        "permission_overwrites": [
            {"id": str(one.id), "type": one.kind, "allow": str(one.allow), "deny": str(one.deny)}
            for one in channel.overwrites.values()
        ],
    }
    if channel.kind == FORUM:
        found["flags"] = REQUIRE_TAG if channel.requires_tag else 0
        found["default_reaction_emoji"] = None
        found["available_tags"] = [
            {"id": str(tag.id), "name": tag.name, "moderated": tag.moderated, "emoji_id": None, "emoji_name": None}
            for tag in channel.tags
        ]
    return found


def _format_thread(channel: Channel) -> dict[str, Any]:
    return {
        "owner_id": str(channel.owner_id),
        "message_count": len(channel.messages),
        "total_message_sent": len(channel.messages),
        "member_count": 1,
        "applied_tags": [str(tag) for tag in channel.applied_tags],
        "thread_metadata": {
            "archived": channel.archived,
            "locked": channel.locked,
            "auto_archive_duration": channel.archive_minutes,
            "archive_timestamp": format_time(get_moment(channel.id)),
            "create_timestamp": format_time(get_moment(channel.id)),
        },
    }


def format_guild(guild: Guild) -> dict[str, Any]:
    """Return a guild as REST gives it."""
    nothing = ("icon", "description", "splash", "discovery_splash", "banner", "afk_channel_id", "vanity_url_code")
    channels = (
        "widget_channel_id",
        "rules_channel_id",
        "public_updates_channel_id",
        "safety_alerts_channel_id",
        "incidents_data",
    )
    zeros = ("verification_level", "default_message_notifications", "explicit_content_filter", "nsfw_level")
    return dict.fromkeys((*nothing, *channels, "application_id", "home_header", "incidents_data")) | {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner.id),
        "preferred_locale": guild.locale,
        "roles": [format_role(role) for role in guild.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        **dict.fromkeys((*zeros, "mfa_level", "premium_tier", "premium_subscription_count", "system_channel_flags"), 0),
        "region": "",
        "nsfw": False,
        "owner": False,
        "afk_timeout": 300,
        "widget_enabled": False,
        "premium_progress_bar_enabled": False,
        "system_channel_id": str(guild.system_channel_id) if guild.system_channel_id else None,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
    }


def format_guild_create(guild: Guild, world: World) -> dict[str, Any]:
    """Return a guild as the gateway brings it: with its channels, threads and the bot's own member."""
    places = guild.channels.values()
    return format_guild(guild) | {
        "joined_at": JOINED,
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [format_member(guild.members[world.bot.id])],
        "channels": [format_channel(one) for one in places if one.kind not in THREADS],
        "threads": [format_channel(one) for one in places if one.kind in THREADS and not one.archived],
        **{key: [] for key in ("presences", "voice_states", "stage_instances", "guild_scheduled_events")},
        "soundboard_sounds": [],
    }


def format_partial_guild(guild: Guild, world: World) -> dict[str, Any]:
    """Return a guild as a list of one's own guilds has it."""
    bits = get_guild_permissions(guild, guild.members[world.bot.id])
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "banner": None,
        "owner": False,
        "permissions": str(bits),
        "features": [],
    }


def format_message(message: Message, world: World) -> dict[str, Any]:
    """Return a message."""
    users, roles, everyone = message.mentions
    found = {
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "author": format_user(message.author),
        "type": message.kind,
        "content": message.content,
        "timestamp": format_time(message.created),
        "edited_timestamp": None if message.edited is None else format_time(message.edited),
        "tts": False,
        "pinned": False,
        "mention_everyone": everyone,
        "mentions": [format_user(world.users[one]) for one in users if one in world.users],
        "mention_roles": [str(one) for one in roles],
        "attachments": message.attachments,
        "embeds": message.embeds,
        "components": message.components,
        "flags": message.flags,
    }
    if message.nonce is not None:
        found["nonce"] = message.nonce
    if message.reference is not None:
        found["message_reference"] = message.reference
    if message.thread is not None:
        found["thread"] = format_channel(message.thread)
    if message.metadata is not None:
        app = str(world.bot.id)
        found |= {"interaction_metadata": message.metadata, "application_id": app, "webhook_id": app}
    return found


def format_application(world: World) -> dict[str, Any]:
    """Return the application, whose id is its bot's."""
    return {
        "id": str(world.bot.id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": format_user(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "max_participants": None,
        "owner": format_user(world.owner),
        "approximate_guild_count": sum(guild.installed for guild in world.guilds.values()),
        "approximate_user_install_count": sum(user.installed for user in world.users.values()),
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}},
    }

"""Routes of servers, users, the bot itself, its application and the gateway's address."""

from __future__ import annotations

from typing import Any

from tests.discord_server.access import get_guild
from tests.discord_server.bodies import Request
from tests.discord_server.core import Core
from tests.discord_server.payloads import (
    format_application,
    format_channel,
    format_guild,
    format_me,
    format_member,
    format_partial_guild,
    format_role,
    format_user,
)
from tests.discord_server.refusals import Refusal
from tests.discord_server.state import THREADS


def get_gateway(core: Core, request: Request) -> Any:
    """GET the gateway's address."""
    return {"url": core.gateway.url}


def get_gateway_bot(core: Core, request: Request) -> Any:
    """GET the gateway's address and what may still be started today."""
    left = max(0, 1000 - core.gateway.identifies)
    limit = {"total": 1000, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": core.gateway.url, "shards": 1, "session_start_limit": limit}


def get_me(core: Core, request: Request) -> Any:
    """GET the bot."""
    return format_me(core.world.bot)


def get_user(core: Core, request: Request) -> Any:
    """GET a user."""
    user = core.world.users.get(request.get_id("user_id"))
    if user is None:
        raise Refusal.of(10013)
    return format_user(user)


def get_application(core: Core, request: Request) -> Any:
    """GET the application."""
    return format_application(core.world)


def list_guilds(core: Core, request: Request) -> Any:
    """GET the bot's servers, by id."""
    after, limit = int(request.query.get("after", 0)), request.get_int("limit", 200, 1, 200)
    mine = [guild for one, guild in sorted(core.world.guilds.items()) if guild.installed and one > after]
    return [format_partial_guild(guild, core.world) for guild in mine[:limit]]


def get_one_guild(core: Core, request: Request) -> Any:
    """GET a server."""
    guild = get_guild(core, request.get_id("guild_id"))
    counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
    return format_guild(guild) | (counts if request.query.get("with_counts", "").lower() in ("1", "true") else {})


def list_channels(core: Core, request: Request) -> Any:
    """GET a server's channels without its threads."""
    guild = get_guild(core, request.get_id("guild_id"))
    return [format_channel(one) for one in guild.channels.values() if one.kind not in THREADS]


def list_roles(core: Core, request: Request) -> Any:
    """GET a server's roles."""
    return [format_role(role) for role in get_guild(core, request.get_id("guild_id")).roles.values()]


def get_member(core: Core, request: Request) -> Any:
    """GET a member of a server, the bot itself as @me."""
    guild = get_guild(core, request.get_id("guild_id"))
    asked = request.params["user_id"]
    member = guild.members.get(core.world.bot.id if asked == "@me" else request.get_id("user_id"))
    if member is None:
        raise Refusal.of(10007)
    return format_member(member)


def leave(core: Core, request: Request) -> None:
    """DELETE the bot from a server."""
    guild = get_guild(core, request.get_id("guild_id"))
    guild.installed = False
    guild.members.pop(core.world.bot.id, None)
    core.gateway.publish("GUILD_DELETE", {"id": str(guild.id)}, guild=guild, intent=1)


ROUTES = [
    ("GET", "/gateway", get_gateway),
    ("GET", "/gateway/bot", get_gateway_bot),
    ("GET", "/users/@me", get_me),
    ("GET", "/users/@me/guilds", list_guilds),
    ("DELETE", "/users/@me/guilds/{guild_id}", leave),
    ("GET", "/users/{user_id}", get_user),
    ("GET", "/applications/@me", get_application),
    ("GET", "/oauth2/applications/@me", get_application),
    ("GET", "/guilds/{guild_id}", get_one_guild),
    ("GET", "/guilds/{guild_id}/channels", list_channels),
    ("GET", "/guilds/{guild_id}/roles", list_roles),
    ("GET", "/guilds/{guild_id}/members/{user_id}", get_member),
]

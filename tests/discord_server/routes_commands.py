"""Routes of application commands, global and of one server, with ids that stay while name and type do."""

from __future__ import annotations

from typing import Any

from tests.discord_server.access import get_guild
from tests.discord_server.bodies import Request
from tests.discord_server.command_rules import CHAT, find_command_problems, find_command_set_problems
from tests.discord_server.core import Core
from tests.discord_server.posts import get_body
from tests.discord_server.refusals import Problem, Refusal, check
from tests.discord_server.replies import Reply
from tests.discord_server.state import Guild

GLOBAL = "/applications/{application_id}/commands"
LOCAL = "/applications/{application_id}/guilds/{guild_id}/commands"
Commands = dict[int, dict[str, Any]]


def _get_commands(core: Core, request: Request) -> tuple[Commands, int | None]:
    if request.get_id("application_id") != core.world.bot.id:
        raise Refusal.of(50001)
    guild_id = get_guild(core, request.get_id("guild_id")).id if "guild_id" in request.params else None
    return core.world.commands.setdefault(guild_id, {}), guild_id


def _get_one(core: Core, request: Request) -> tuple[Commands, int]:
    commands, command_id = _get_commands(core, request)[0], request.get_id("command_id")
    if command_id not in commands:
        raise Refusal.of(10063)
    return commands, command_id


def _find_same(commands: Commands, body: dict[str, Any]) -> int | None:
    wanted = (body.get("type") or CHAT, body.get("name"))
    return next((one for one, known in commands.items() if (known["type"], known["name"]) == wanted), None)


def _complete(core: Core, body: dict[str, Any], command_id: int, guild_id: int | None) -> dict[str, Any]:
    """Return a command as stored: what was sent, with Discord's defaults, an id and a version."""
    bits = body.get("default_member_permissions")
    only_guilds = guild_id is not None or body.get("dm_permission") is False
    return {
        "options": [],
        "nsfw": False,
        "integration_types": [0],
        "contexts": [0] if only_guilds else None,
        **{key: value for key, value in body.items() if value is not None},
        "default_member_permissions": None if bits is None else str(bits),
        "description": body.get("description") or "",
        "type": body.get("type") or CHAT,
        "id": str(command_id),
        "application_id": str(core.world.bot.id),
        "version": str(core.world.add_id()),
        **({} if guild_id is None else {"guild_id": str(guild_id)}),
    }


def list_commands(core: Core, request: Request) -> Any:
    """GET all commands; translations only when asked for."""
    commands, _ = _get_commands(core, request)
    if request.query.get("with_localizations", "").lower() in ("1", "true"):
        return list(commands.values())
    return [{key: one[key] for key in one if not key.endswith("_localizations")} for one in commands.values()]


def overwrite(core: Core, request: Request) -> Any:
    """PUT the whole set: same name and type keep their id, what is missing goes."""
    commands, guild_id = _get_commands(core, request)
    bodies = request.body
    if not isinstance(bodies, list):
        check([Problem((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")])
    check(find_command_set_problems(bodies))
    kept = [(body, _find_same(commands, body) or core.world.add_id()) for body in bodies]
    core.world.commands[guild_id] = {one: _complete(core, body, one, guild_id) for body, one in kept}
    return list(core.world.commands[guild_id].values())


def create(core: Core, request: Request) -> Any:
    """POST a command; one of the same name and type is replaced and keeps its id."""
    commands, guild_id = _get_commands(core, request)
    body = get_body(request.body)
    check(find_command_problems(body))
    same = _find_same(commands, body)
    command_id = same or core.world.add_id()
    others = [known for one, known in commands.items() if one != command_id]
    check(find_command_set_problems([*others, body]))
    commands[command_id] = _complete(core, body, command_id, guild_id)
    return Reply(200 if same else 201, commands[command_id])


def get_command(core: Core, request: Request) -> Any:
    """GET one command."""
    commands, command_id = _get_one(core, request)
    return commands[command_id]


def edit(core: Core, request: Request) -> Any:
    """PATCH one command."""
    commands, command_id = _get_one(core, request)
    merged = commands[command_id] | get_body(request.body)
    check(find_command_problems(merged))
    guild_id = int(merged["guild_id"]) if "guild_id" in merged else None
    commands[command_id] = _complete(core, merged, command_id, guild_id)
    return commands[command_id]


def delete(core: Core, request: Request) -> None:
    """DELETE one command."""
    commands, command_id = _get_one(core, request)
    del commands[command_id]


def list_permissions(core: Core, request: Request) -> Any:
    """GET what a server's admins decided about every command."""
    guild = get_guild(core, request.get_id("guild_id"))
    return [_format_permissions(core, guild.id, one) for one in guild.overrides]


def get_permissions(core: Core, request: Request) -> Any:
    """GET what a server's admins decided about one command; 10066 when nothing."""
    guild, command_id = get_guild(core, request.get_id("guild_id")), request.get_id("command_id")
    if command_id not in guild.overrides:
        raise Refusal.of(10066)
    return _format_permissions(core, guild.id, command_id)


def _format_permissions(core: Core, guild_id: int, command_id: int) -> dict[str, Any]:
    guild = core.world.guilds[guild_id]
    chosen = guild.overrides[command_id].items()
    listed = [{"id": str(one), "type": _get_kind(guild, one), "permission": may} for one, may in chosen]
    ids = {"id": str(command_id), "application_id": str(core.world.bot.id), "guild_id": str(guild_id)}
    return ids | {"permissions": listed}


def _get_kind(guild: Guild, one: int) -> int:
    """Return 1 for a role, 2 for a member, 3 for a channel or all of them, whose id is the server's less one."""
    return 1 if one in guild.roles else 2 if one in guild.members else 3


ROUTES = [
    (method, base + tail, handler)
    for base in (GLOBAL, LOCAL)
    for method, tail, handler in (
        ("GET", "", list_commands),
        ("PUT", "", overwrite),
        ("POST", "", create),
        ("GET", "/{command_id}", get_command),
        ("PATCH", "/{command_id}", edit),
        ("DELETE", "/{command_id}", delete),
    )
] + [("GET", LOCAL + "/permissions", list_permissions), ("GET", LOCAL + "/{command_id}/permissions", get_permissions)]

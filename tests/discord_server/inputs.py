"""What a member puts in, as Discord sends it: options of commands, fields of modals, and the things they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.discord_rules import measure
from tests.discord_server.component_rules import LABEL, ROW, SELECTS, STRING_SELECT, TEXT_INPUT, UPLOAD
from tests.discord_server.core import Core
from tests.discord_server.offers import BOOLEAN, INTEGER, NUMBER, TEXT, NotOfferedError, check_value
from tests.discord_server.payloads import format_channel, format_member, format_message, format_role, format_user
from tests.discord_server.posts import add_upload
from tests.discord_server.state import Channel, Message, Role, User

_NESTED = (1, 2)
_PLAIN = (TEXT, INTEGER, BOOLEAN, NUMBER)
RADIO, CHECKBOXES, CHECKBOX = 21, 22, 23


@dataclass(frozen=True)
class Upload:
    """A file a member gives."""

    name: str
    content: bytes


class Resolved:
    """Collects the users, roles, channels, messages and files that values name, by their ids."""

    def __init__(self, core: Core, channel: Channel) -> None:
        self._core, self._channel = core, channel
        self._found: dict[str, dict[str, Any]] = {}

    def add(self, thing: Any) -> str:
        """Add a thing and return its id."""
        if isinstance(thing, Upload):
            stored = add_upload(self._core, self._channel.id, thing.name, thing.content)
            return self._put("attachments", stored["id"], stored)
        if isinstance(thing, User):
            return self._add_user(thing)
        if isinstance(thing, Role):
            return self._put("roles", str(thing.id), format_role(thing))
        if isinstance(thing, Channel):
            bits = self._core.world.get_permissions(self._core.world.bot, thing)
            return self._put("channels", str(thing.id), format_channel(thing) | {"permissions": str(bits)})
        if isinstance(thing, Message):
            return self._put("messages", str(thing.id), format_message(thing, self._core.world))
        raise NotOfferedError(f"{thing!r} can't be chosen")

    def _add_user(self, user: User) -> str:
        guild = self._channel.guild
        if guild is not None and user.id in guild.members:
            bits = self._core.world.get_permissions(user, self._channel)
            member = format_member(guild.members[user.id], with_user=False) | {"permissions": str(bits)}
            self._put("members", str(user.id), member)
        return self._put("users", str(user.id), format_user(user))

    def _put(self, group: str, key: str, value: dict[str, Any]) -> str:
        self._found.setdefault(group, {})[key] = value
        return key

    def to_json(self) -> dict[str, Any]:
        """Return the `resolved` part of an interaction's data, nothing when there is nothing in it."""
        return {"resolved": self._found} if self._found else {}


def build_options(
    command: dict[str, Any],
    name: str,
    values: dict[str, Any],
    resolved: Resolved,
    *,
    focused: str | None = None,
    anyway: bool = False,
) -> list[dict[str, Any]]:
    """Return the options of a slash command, nested for its sub-commands; `focused` is being typed."""
    words = name.split()[1:]
    definitions = command.get("options") or []
    if words:
        inner = next((one for one in definitions if one["name"] == words[0] and one["type"] in _NESTED), None)
        if inner is None:
            raise NotOfferedError(f"/{name} has no part {words[0]!r}")
        deeper = " ".join(words)
        options = build_options(inner, deeper, values, resolved, focused=focused, anyway=anyway)
        return [{"name": inner["name"], "type": inner["type"], "options": options}]
    if any(one["type"] in _NESTED for one in definitions):
        raise NotOfferedError(f"/{name} needs one of {[one['name'] for one in definitions]}")
    return _build_values(definitions, values, resolved, focused=focused, anyway=anyway)


def _build_values(
    definitions: list[dict[str, Any]], values: dict[str, Any], resolved: Resolved, *, focused: str | None, anyway: bool
) -> list[dict[str, Any]]:
    known = {one["name"]: one for one in definitions}
    if unknown := values.keys() - known.keys():
        raise NotOfferedError(f"no such options: {sorted(unknown)}; there are {sorted(known)}")
    missing = [one for one in known if known[one].get("required") and one not in values]
    if missing and focused is None and not anyway:
        raise NotOfferedError(f"required: {missing}")
    built = []
    for option, value in values.items():
        if option != focused and not anyway:
            check_value(known[option], value)
        plain = known[option]["type"] in _PLAIN
        one = {"name": option, "type": known[option]["type"], "value": value if plain else resolved.add(value)}
        built.append(one | ({"focused": True} if option == focused else {}))
    return built


def build_choice(select: dict[str, Any], values: list[Any], resolved: Resolved) -> list[str]:
    """Return the values of a select: of a list, its values or labels; of users, roles, channels, the things."""
    if not select.get("min_values", 1) <= len(values) <= select.get("max_values", 1):
        raise NotOfferedError(f"{select['custom_id']} takes {select.get('min_values')} to {select.get('max_values')}")
    if select["type"] != STRING_SELECT:
        return [resolved.add(value) for value in values]
    return [_get_choice(select["options"], value) for value in values]


def _get_choice(options: list[dict[str, Any]], value: str) -> str:
    for option in options:
        if value in (option["value"], option["label"]):
            return str(option["value"])
    raise NotOfferedError(f"{value!r} is none of {[option['value'] for option in options]}")


def build_fields(modal: dict[str, Any], values: dict[str, Any], resolved: Resolved) -> list[dict[str, Any]]:
    """Return a filled modal's components; fields are named by custom id or label, others keep what is in them."""
    left = dict(values)
    built = []
    for number, part in enumerate(modal["components"], 1):
        base = {"type": part["type"], "id": part.get("id") or number}
        if part["type"] == LABEL:
            field = part["component"]
            base["component"] = _fill(field, part["label"], left, resolved)
        elif part["type"] == ROW:
            base["components"] = [_fill(one, one.get("label") or "", left, resolved) for one in part["components"]]
        built.append(base)
    if left:
        raise NotOfferedError(f"the modal has no fields {sorted(left)}")
    return built


def _fill(field: dict[str, Any], label: str, values: dict[str, Any], resolved: Resolved) -> dict[str, Any]:
    key = field["custom_id"] if field["custom_id"] in values else label
    given = key in values
    value: Any = values.pop(key) if given else None
    base = {"type": field["type"], "id": field.get("id") or 0, "custom_id": field["custom_id"]}
    if field["type"] == TEXT_INPUT:
        return base | {"value": _check_text(field, value if given else field.get("value") or "")}
    if field["type"] in (RADIO, CHECKBOX):
        return base | {"value": bool(value) if field["type"] == CHECKBOX else value}
    if field["type"] in SELECTS and given:
        return base | {"values": build_choice(field, value, resolved)}
    if field["type"] in SELECTS:
        return base | {"values": [one["value"] for one in field.get("options") or [] if one.get("default")]}
    chosen = [resolved.add(one) for one in value or []] if field["type"] == UPLOAD else list(value or [])
    return base | {"values": chosen}


def _check_text(field: dict[str, Any], text: str) -> str:
    least = field.get("min_length") or (1 if field.get("required", True) else 0)
    if not least <= measure(text) <= (field.get("max_length") or 4000) and (text or field.get("required", True)):
        raise NotOfferedError(f"{field['custom_id']}: {least} to {field.get('max_length')} characters")
    return text

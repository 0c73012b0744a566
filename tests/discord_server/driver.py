"""What members do: run commands, complete options, press, choose, fill in; each returns what they get to see."""

from __future__ import annotations

from typing import Any

from tests.discord_server.answers import Answer
from tests.discord_server.component_rules import BUTTON, LINK, SELECTS, walk
from tests.discord_server.core import Core
from tests.discord_server.inputs import Resolved, build_choice, build_fields, build_options
from tests.discord_server.interactions import (
    COMMAND,
    COMPLETION,
    COMPONENT,
    DEFERRED,
    MODAL,
    Interaction,
    find_owners,
)
from tests.discord_server.offers import NotOfferedError, check_offer, find_command_owners, get_command
from tests.discord_server.state import Channel, Message, User

CHAT_COMMAND, MESSAGE_COMMAND = 1, 3
Shown = Message | Answer | dict[str, Any]


class Driver(Core):
    """The members' side. `anyway` sends what their client would not offer; `seconds` is how long to wait."""

    async def run_command(
        self,
        user: User,
        name: str,
        values: dict[str, Any] | None = None,
        *,
        channel: Channel | None = None,
        anyway: bool = False,
        seconds: float = 10.0,
    ) -> Answer:
        """Run a slash command ("digest add") with option values: texts, numbers, or things of the world."""
        place = channel or self.get_place(user)
        command = get_command(self.world, place, name, CHAT_COMMAND)
        if not anyway:
            check_offer(self.world, user, place, command)
        resolved = Resolved(self, place)
        options = build_options(command, name, values or {}, resolved, anyway=anyway)
        data = self._describe(command) | {"options": options} | resolved.to_json()
        return await self._send(COMMAND, user, place, data, self._find_owners(user, place, command), seconds=seconds)

    async def run_message_command(
        self, user: User, name: str, message: Shown, *, anyway: bool = False, seconds: float = 10.0
    ) -> Answer:
        """Run a command from a message's context menu."""
        target = self.get_message(user, message)
        command = get_command(self.world, target.channel, name, MESSAGE_COMMAND)
        if not anyway:
            check_offer(self.world, user, target.channel, command)
        resolved = Resolved(self, target.channel)
        data = self._describe(command) | {"target_id": resolved.add(target)} | resolved.to_json()
        owners = self._find_owners(user, target.channel, command)
        return await self._send(COMMAND, user, target.channel, data, owners, seconds=seconds)

    async def complete(
        self,
        user: User,
        name: str,
        option: str,
        typed: str,
        values: dict[str, Any] | None = None,
        *,
        channel: Channel | None = None,
        seconds: float = 10.0,
    ) -> list[dict[str, Any]]:
        """Type into an option and return the choices offered; `values` are the options already filled in."""
        place = channel or self.get_place(user)
        command = get_command(self.world, place, name, CHAT_COMMAND)
        check_offer(self.world, user, place, command)
        resolved = Resolved(self, place)
        options = build_options(command, name, (values or {}) | {option: typed}, resolved, focused=option)
        data = self._describe(command) | {"options": options} | resolved.to_json()
        owners = self._find_owners(user, place, command)
        return (await self._send(COMPLETION, user, place, data, owners, seconds=seconds)).choices

    async def press(self, user: User, message: Shown, button: str, *, seconds: float = 10.0) -> Answer:
        """Press a button, named by its custom id or its label."""
        shown = self.get_message(user, message)
        found = _get_component(shown, button, (BUTTON,))
        if found["style"] == LINK:
            raise NotOfferedError(f"{button!r} is a link")
        data = {"custom_id": found["custom_id"], "component_type": BUTTON, "id": found["id"]}
        return await self._send_component(user, shown, data, seconds)

    async def choose(
        self, user: User, message: Shown, select: str, values: list[Any], *, seconds: float = 10.0
    ) -> Answer:
        """Choose in a select, named by its custom id or placeholder: values or labels, or users, roles, channels."""
        shown = self.get_message(user, message)
        found = _get_component(shown, select, SELECTS)
        resolved = Resolved(self, shown.channel)
        chosen = build_choice(found, values, resolved)
        data = {"custom_id": found["custom_id"], "component_type": found["type"], "id": found["id"], "values": chosen}
        return await self._send_component(user, shown, data | resolved.to_json(), seconds)

    async def submit(self, user: User, modal: Answer, values: dict[str, Any], *, seconds: float = 10.0) -> Answer:
        """Fill in the modal an answer opened, by custom ids or labels, and send it."""
        opened, shown = modal.interaction, modal.modal
        if shown is None or opened.user is not user:
            raise NotOfferedError(f"no modal is open for {user.name}")
        resolved = Resolved(self, opened.channel)
        fields = build_fields(shown, values, resolved)
        data = {"custom_id": shown["custom_id"], "components": fields} | resolved.to_json()
        place, source = opened.channel, opened.source
        return await self._send(
            MODAL, user, place, data, opened.owners, source=source, from_modal_of=opened, seconds=seconds
        )

    def get_place(self, user: User) -> Channel:
        """Return where a member is when a test doesn't say: the first channel of their first server, else their DM."""
        for guild in self.world.guilds.values():
            if user.id in guild.members and guild.channels:
                return next(iter(guild.channels.values()))
        return self.world.get_dm(user)

    def get_message(self, user: User, message: Shown) -> Message:
        """Return a message a member sees; others' private ones and deleted ones they don't."""
        if isinstance(message, Answer):
            message = message.original or {"id": "0"}
        found = message if isinstance(message, Message) else self.world.messages.get(int(message["id"]))
        if found is None or found.deleted:
            raise NotOfferedError("the message is gone")
        if found.seen_by not in (None, user) or not self.world.get_permissions(user, found.channel):
            raise NotOfferedError(f"{user.name} does not see the message")
        return found

    def _describe(self, command: dict[str, Any]) -> dict[str, Any]:
        found = {"id": command["id"], "name": command["name"], "type": command["type"]}
        return found | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})

    def _find_owners(self, user: User, channel: Channel, command: dict[str, Any]) -> dict[str, str]:
        return find_command_owners(self.world, user, channel, command)

    async def _send_component(self, user: User, message: Message, data: dict[str, Any], seconds: float) -> Answer:
        metadata = message.metadata or {}
        owners = metadata.get("authorizing_integration_owners") or find_owners(self.world, user, message.channel)
        return await self._send(COMPONENT, user, message.channel, data, owners, source=message, seconds=seconds)

    async def _send(
        self,
        kind: int,
        user: User,
        channel: Channel,
        data: dict[str, Any],
        owners: dict[str, str],
        *,
        source: Message | None = None,
        from_modal_of: Interaction | None = None,
        seconds: float,
    ) -> Answer:
        """Send an interaction and wait until the member sees its result, or nothing will come any more."""
        opened = Interaction(self.world.add_id(), kind, user, channel, data, owners, source, from_modal_of)
        self.open_interaction(opened)
        await self.until(lambda: opened.settled or opened in self.unanswered, seconds)
        if opened.answer_kind == DEFERRED and not opened.settled:
            self.interactions.unanswered.append(opened)
        return Answer(opened, self.world)


def _get_component(message: Message, name: str, kinds: tuple[int, ...]) -> dict[str, Any]:
    every = [one for one in walk(message.components) if one["type"] in kinds]
    found = [one for one in every if one.get("custom_id") == name]
    found = found or [one for one in every if name in (one.get("label"), one.get("placeholder"))]
    if len(found) != 1:
        names = [one.get("label") or one.get("custom_id") for one in every]
        raise NotOfferedError(f"{len(found)} components are called {name!r}; there are {names}")
    if found[0].get("disabled"):
        raise NotOfferedError(f"{name!r} is disabled")
    return found[0]

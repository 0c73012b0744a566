"""The page's questions as HTTP: days, a day's channel, commands, completion, presses and search as one types.

Every answer is a message's own Discord payload in a small JSON envelope; what it says is `bot.answers`' work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from aiohttp import web

from bot.answers.values import Caller, Choice, Command, Reply
from bot.errors import UserError
from bot.messages.message import Message
from bot.preview.command_line import format_example, parse_command
from storage.models import Day, Target

PAGE = Target("page", "preview")
MAX_TEXT = 4000  # characters of a typed command; Discord's own limit for a message is the same with a boost
MAX_SUGGESTIONS = 5  # beside the results of a search
MAX_CUSTOM_ID = 100  # https://discord.com/developers/docs/components/reference


class Answers(Protocol):
    """The answers this page asks for; the router of `bot.answers` is one."""

    @property
    def commands(self) -> Sequence[Command]: ...
    async def run(self, name: str, options: Mapping[str, str], caller: Caller) -> Message: ...
    async def press(self, custom_id: str, caller: Caller) -> Reply: ...
    async def complete(self, name: str, option: str, text: str, caller: Caller) -> list[Choice]: ...
    async def digest(self, day: date | None, caller: Caller) -> list[Message]: ...
    async def days(self) -> list[Day]: ...


class Api:
    """The handlers under /api, over one `Answers`; `clock` gives aware UTC times."""

    def __init__(self, answers: Answers, clock: Callable[[], datetime], notice: str | None) -> None:
        self.answers, self.clock, self.notice = answers, clock, notice

    def routes(self) -> list[web.RouteDef]:
        """Return every route of the page's API."""
        return [
            web.get("/api/days", self.get_days),
            web.get("/api/channel", self.get_channel),
            web.get("/api/commands", self.get_commands),
            web.get("/api/complete", self.get_choices),
            web.get("/api/search", self.get_search),
            web.post("/api/command", self.run_command),
            web.post("/api/press", self.press_button),
        ]

    async def get_days(self, request: web.Request) -> web.Response:
        """Answer the ingested days, newest first, and which data this is."""
        days = [
            {"day": each.day.isoformat(), "first_day": each.first_day.isoformat(), "papers": each.paper_count}
            for each in await self.answers.days()
        ]
        return respond({"days": days, "notice": self.notice})

    async def get_channel(self, request: web.Request) -> web.Response:
        """Answer the messages the channel gets for a day, `?day=2021-04-13`; the newest without it."""
        caller = self._caller()
        messages = await self.answers.digest(parse_day(request.query.get("day")), caller)
        return respond({"messages": [envelop(message, caller) for message in messages]})

    async def get_commands(self, request: web.Request) -> web.Response:
        """Answer the commands on offer with their options, for the command box."""
        return respond({"commands": [describe(command) for command in self.answers.commands]})

    async def get_choices(self, request: web.Request) -> web.Response:
        """Answer the suggestions for an option's value: `?command=&option=&text=`."""
        command, option, text = (get_text(request.query, key) for key in ("command", "option", "text"))
        if not any(
            each.name == option for known in self.answers.commands if known.name == command for each in known.options
        ):
            raise UserError("There is no such option.")
        choices = await self.answers.complete(command, option, text, self._caller())
        return respond({"choices": format_choices(choices)})

    async def get_search(self, request: web.Request) -> web.Response:
        """Answer a search as it is typed, `?q=`: the message that /search would give, and what it may become."""
        caller, words = self._caller(), get_text(request.query, "q").strip()
        if not words:
            raise UserError("Type what to look for.")
        message = await self.answers.run("search", {"query": words}, caller)
        choices = await self.answers.complete("search", "query", words, caller)
        offers = [choice for choice in choices if choice.value != words][:MAX_SUGGESTIONS]
        return respond(envelop(message, caller) | {"choices": format_choices(offers)})

    async def run_command(self, request: web.Request) -> web.Response:
        """Answer a typed command, `{"text": "/top period:week"}`."""
        caller, body = self._caller(), await read_object(request)
        name, options = parse_command(get_text(body, "text"), self.answers.commands)
        message = await self.answers.run(name, options, caller)
        return respond(envelop(message, caller) | {"command": name, "options": options})

    async def press_button(self, request: web.Request) -> web.Response:
        """Answer a pressed button, `{"custom_id": …}`: an edit of its message, or a new private one."""
        caller, body = self._caller(), await read_object(request)
        reply = await self.answers.press(get_text(body, "custom_id", MAX_CUSTOM_ID), caller)
        if reply.message is None:
            raise UserError("This works on Discord only.")
        return respond(envelop(reply.message, caller) | {"replaces": reply.replaces})

    def _caller(self) -> Caller:
        return Caller(PAGE, self.clock())


def respond(value: Mapping[str, Any]) -> web.Response:
    """Return a JSON response that nothing keeps."""
    return web.json_response(value, headers={"Cache-Control": "no-store"})


def envelop(message: Message, caller: Caller) -> dict[str, Any]:
    """Return a message as the page takes it: the very payload for Discord, and when it was made."""
    return {"payload": message.to_payload(), "at": caller.now.isoformat()}


def describe(command: Command) -> dict[str, Any]:
    """Return a command as JSON, with a line that runs."""
    options = [
        {
            "name": option.name,
            "description": option.description,
            "required": option.required,
            "completes": option.completes,
            "choices": format_choices(option.choices),
        }
        for option in command.options
    ]
    return {
        "name": command.name,
        "description": command.description,
        "options": options,
        "example": format_example(command),
    }


def format_choices(choices: Iterable[Choice]) -> list[dict[str, str]]:
    """Return choices as JSON."""
    return [{"name": choice.name, "value": choice.value} for choice in choices]


def parse_day(text: str | None) -> date | None:
    """Return the day of `2021-04-13`, None of nothing; raise UserError for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UserError("A day looks like 2021-04-13.") from None


def get_text(values: Mapping[str, Any], key: str, limit: int = MAX_TEXT) -> str:
    """Return the text under a key; raise UserError when it is missing, not text or too long."""
    value = values.get(key)
    if not isinstance(value, str):
        raise UserError(f"“{key}” is missing.")
    if len(value) > limit:
        raise UserError(f"That is {len(value):,} characters; at most {limit:,} fit.")
    return value.encode("utf-8", "replace").decode()  # JSON can smuggle half an emoji in


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return a request's JSON object; raise UserError for any other body."""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise UserError("The request is not JSON.") from None
    if not isinstance(body, dict):
        raise UserError("The request is not a JSON object.")
    return body

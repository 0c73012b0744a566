"""The page's questions as HTTP: days, a day's channel, commands, completion, presses and search as one types.

Every answer is a message's own Discord payload in a small JSON envelope; what it says is `bot.answers`' work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from aiohttp import web

from bot.answers.values import Caller, Choice, Command, Reply
from bot.errors import UserError
from bot.messages.message import Message
from bot.preview.command_line import format_example, parse_command
from bot.preview.requests import READER, envelop, format_choices, get_text, read_object, respond
from storage.models import Day

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
    """The handlers under /api, over one `Answers`; `clock` gives aware UTC times.

    `has_schedule` says that the page has digests of its own, under /api/schedule.
    """

    def __init__(
        self, answers: Answers, clock: Callable[[], datetime], notice: str | None, *, has_schedule: bool = False
    ) -> None:
        self.answers, self.clock, self.notice, self.has_schedule = answers, clock, notice, has_schedule

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
        return respond({"days": days, "notice": self.notice, "schedule": self.has_schedule})

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
        return Caller(READER, self.clock())


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


def parse_day(text: str | None) -> date | None:
    """Return the day of `2021-04-13`, None of nothing; raise UserError for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UserError("A day looks like 2021-04-13.") from None

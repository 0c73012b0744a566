"""The page's own digests as HTTP: subscribe, what comes next, what arrived, why, stop.

The page asks for the state every other second; what arrived is sent again only when it changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from bot.answers.page import Arrived, FieldError, Standing
from bot.answers.values import Caller, Choice
from bot.errors import UserError
from bot.messages.message import Message
from bot.preview.requests import READER, envelop, format_choices, get_text, read_object, respond

COMPLETED = ("categories", "time", "timezone")
MAX_VALUES = 10  # of one setting; the days of a week are seven


class Completion(Protocol):
    """Suggestions for the values of options; the router of `bot.answers` has them."""

    async def complete(self, name: str, option: str, text: str, caller: Caller) -> list[Choice]: ...


class Digests(Protocol):
    """The page's digests; `bot.answers.page` has them."""

    async def subscribe(self, values: Mapping[str, Sequence[str]], caller: Caller) -> Standing: ...
    async def list_standing(self, caller: Caller) -> list[Standing]: ...
    async def list_arrived(self) -> list[Arrived]: ...
    async def stop(self, subscription_id: int, caller: Caller) -> None: ...
    async def explain(self, subscription_id: int, caller: Caller) -> Message: ...
    async def find_last_change(self) -> datetime | None: ...


class ScheduleApi:
    """The handlers under /api/schedule; `find_trouble` says why nothing is sent or made here, "" when it is."""

    def __init__(
        self, digests: Digests, completion: Completion, clock: Callable[[], datetime], find_trouble: Callable[[], str]
    ) -> None:
        self._digests, self._completion = digests, completion
        self._clock, self._find_trouble = clock, find_trouble

    def routes(self) -> list[web.RouteDef]:
        """Return every route of the page's schedule."""
        return [
            web.get("/api/schedule", self.get_state),
            web.get("/api/schedule/complete", self.get_choices),
            web.get("/api/schedule/why", self.get_why),
            web.post("/api/schedule/subscribe", self.subscribe),
            web.post("/api/schedule/stop", self.stop),
        ]

    async def get_state(self, request: web.Request) -> web.Response:
        """Answer what is subscribed and, where it is not `?known=`, what arrived; with the server's time."""
        caller = self._caller()
        arrived = [_format_arrived(one) for one in await self._digests.list_arrived()]
        tag = hashlib.sha256(json.dumps(arrived).encode()).hexdigest()[:16]
        changed = await self._digests.find_last_change()
        return respond(
            {
                "now": caller.now.isoformat(),
                "trouble": self._find_trouble(),
                "posts": changed.isoformat() if changed else None,
                "standing": [_format_standing(one) for one in await self._digests.list_standing(caller)],
                "tag": tag,
                "arrived": None if request.query.get("known") == tag else arrived,
            }
        )

    async def get_choices(self, request: web.Request) -> web.Response:
        """Answer the suggestions for a field of the form: `?field=&text=`."""
        field, text = get_text(request.query, "field"), get_text(request.query, "text")
        if field not in COMPLETED:
            raise UserError("There is no such field.")
        choices = await self._completion.complete("digest add", field, text, self._caller())
        return respond({"choices": format_choices(choices)})

    async def get_why(self, request: web.Request) -> web.Response:
        """Answer why a digest came or did not: `?id=`."""
        caller, typed = self._caller(), get_text(request.query, "id", 18)
        if not (typed.isascii() and typed.isdigit()):
            raise UserError("There is no such digest.")
        return respond(envelop(await self._digests.explain(int(typed), caller), caller))

    async def subscribe(self, request: web.Request) -> web.Response:
        """Add a digest to the page: `{"categories": ["cs.CV"], "time": ["9:00"], …}`; a refusal names its field."""
        body = await read_object(request)
        values = {key: _get_values(body, key) for key in body}
        try:
            added = await self._digests.subscribe(values, self._caller())
        except FieldError as error:
            return web.json_response({"error": str(error), "field": error.field}, status=400)
        return respond({"added": _format_standing(added)})

    async def stop(self, request: web.Request) -> web.Response:
        """Remove a digest from the page: `{"id": 1}`."""
        number = (await read_object(request)).get("id")
        if type(number) is not int or not 0 <= number < 2**63:
            raise UserError("There is no such digest.")
        await self._digests.stop(number, self._caller())
        return respond({})

    def _caller(self) -> Caller:
        return Caller(READER, self._clock())


def _get_values(body: Mapping[str, Any], key: str) -> list[str]:
    values = body[key]
    if not isinstance(values, list) or len(values) > MAX_VALUES:
        raise UserError(f"“{key[:20]}” is not a list of values.")
    return [get_text({key: value}, key) for value in values]


def _format_standing(standing: Standing) -> dict[str, Any]:
    return asdict(standing) | {"next_at": standing.next_at.isoformat() if standing.next_at else None}


def _format_arrived(arrived: Arrived) -> dict[str, Any]:
    return asdict(arrived) | {"at": arrived.at.isoformat() if arrived.at else None}

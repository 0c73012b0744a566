"""Routes that answer an interaction: its callback, then its webhook for the original answer and follow-ups."""

from __future__ import annotations

import time
from typing import Any

from tests.discord_server.bodies import Request
from tests.discord_server.command_rules import find_choices_problems
from tests.discord_server.component_rules import find_modal_problems
from tests.discord_server.core import Core
from tests.discord_server.interactions import (
    CHOICES,
    COMMAND,
    COMPLETION,
    COMPONENT,
    DEFERRED,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
    MODAL_SHOWN,
    UPDATE,
    Interaction,
    format_metadata,
    is_forced_private,
    is_loading,
)
from tests.discord_server.payloads import format_message
from tests.discord_server.posts import add_post, delete_post, edit_post, get_body
from tests.discord_server.refusals import Problem, Refusal, check, nested
from tests.discord_server.state import EPHEMERAL, LOADING, Message, User

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
CHAT_REPLY, MENU_REPLY = 20, 23
MOST_FOLLOWUPS = 5  # of an app that is only the member's own
_ALLOWED = {
    COMMAND: (MESSAGE, DEFERRED, MODAL_SHOWN),
    COMPONENT: (MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL_SHOWN),
    COMPLETION: (CHOICES,),
    MODAL: (MESSAGE, DEFERRED),
}


def answer(core: Core, request: Request) -> Any:
    """POST the one callback of an interaction: within the deadline (10062), once (40060), of a fitting type."""
    body = get_body(request.body)
    found = core.interactions.get_open(request.get_id("interaction_id"), request.params["interaction_token"])
    kind, data = int(body.get("type") or 0), body.get("data") or {}
    allowed = _ALLOWED[found.kind]
    if found.kind == MODAL and found.source is not None:
        allowed = (*allowed, DEFERRED_UPDATE, UPDATE)
    if kind not in allowed:
        check([Problem(("type",), "BASE_TYPE_CHOICES", f"Value must be one of {allowed}.")])
    _apply(core, found, kind, data, request.files)
    found.answer, found.answered = body, time.monotonic()
    if request.query.get("with_response", "").lower() in ("1", "true"):
        return _format_response(core, found)
    return None


def _apply(core: Core, found: Interaction, kind: int, data: dict[str, Any], files: dict[str, bytes]) -> None:
    if kind == MESSAGE:
        found.original = _write(core, found, data, files)
    elif kind == DEFERRED:
        found.original = _write_loading(core, found, data)
    elif kind == DEFERRED_UPDATE:
        found.original = found.source
    elif kind == UPDATE and found.source is not None:
        found.original = _update_source(core, found.source, data, files)
    elif kind == CHOICES:
        check(find_choices_problems(data.get("choices") or [], ("data", "choices")))
    elif kind == MODAL_SHOWN:
        check(find_modal_problems(data))


def _update_source(core: Core, source: Message, data: dict[str, Any], files: dict[str, bytes]) -> Message:
    if source.deleted:
        raise Refusal.of(10008)
    with nested("data"):
        return edit_post(core, source, data, files)


def _get_reader(core: Core, found: Interaction, data: dict[str, Any]) -> User | None:
    private = (data.get("flags") or 0) & EPHEMERAL or is_forced_private(found, core.world)
    return found.user if private else None


def _write(core: Core, found: Interaction, data: dict[str, Any], files: dict[str, bytes]) -> Message:
    kind = {COMMAND: CHAT_REPLY if found.data.get("type") == 1 else MENU_REPLY}.get(found.kind, 0)
    reader = _get_reader(core, found, data)
    metadata = format_metadata(found)
    with nested("data"):
        return add_post(core, found.channel, data, files, kind=kind, seen_by=reader, metadata=metadata)


def _write_loading(core: Core, found: Interaction, data: dict[str, Any]) -> Message:
    reader = _get_reader(core, found, data)
    flags = LOADING | (EPHEMERAL if reader else 0)
    metadata = format_metadata(found)
    return core.world.add_message(
        found.channel, core.world.bot, flags=flags, kind=CHAT_REPLY, seen_by=reader, metadata=metadata
    )


def _format_response(core: Core, found: Interaction) -> dict[str, Any]:
    interaction: dict[str, Any] = {"id": str(found.id), "type": found.kind}
    response: dict[str, Any] = {"interaction": interaction}
    message = found.original
    if message is not None:
        interaction["response_message_id"] = str(message.id)
        interaction["response_message_loading"] = is_loading(message)
        interaction["response_message_ephemeral"] = bool(message.flags & EPHEMERAL)
    if found.answer_kind in (MESSAGE, DEFERRED, UPDATE) and message is not None:
        kind = UPDATE if found.answer_kind == UPDATE else MESSAGE  # the specification knows no other resources
        response["resource"] = {"type": kind, "message": format_message(message, core.world)}
    return response


def _get_interaction(core: Core, request: Request) -> Interaction:
    if request.get_id("webhook_id") != core.world.bot.id:
        raise Refusal.of(10015)
    return core.interactions.get_answered(request.params["webhook_token"])


def follow_up(core: Core, request: Request) -> Any:
    """POST another message; the first one after a deferred answer takes its place, private or not as deferred."""
    found, body = _get_interaction(core, request), get_body(request.body)
    if is_loading(found.original) and found.original is not None:
        found.touched = True
        return format_message(edit_post(core, found.original, body, request.files), core.world)
    if "0" not in found.owners and len(found.followups) >= MOST_FOLLOWUPS:
        raise Refusal.of(40094)
    message = add_post(
        core,
        found.channel,
        body,
        request.files,
        seen_by=_get_reader(core, found, body),
        metadata=format_metadata(found),
    )
    found.followups.append(message)
    return format_message(message, core.world)


def _get_message(core: Core, request: Request) -> tuple[Interaction, Message]:
    found = _get_interaction(core, request)
    return found, found.get_message(request.get_id("message_id") if "message_id" in request.params else None)


def get_one(core: Core, request: Request) -> Any:
    """GET the original answer or a follow-up."""
    return format_message(_get_message(core, request)[1], core.world)


def edit(core: Core, request: Request) -> Any:
    """PATCH the original answer, which fills a deferred one, or a follow-up."""
    found, message = _get_message(core, request)
    edit_post(core, message, get_body(request.body), request.files)
    found.touched = True
    return format_message(message, core.world)


def delete(core: Core, request: Request) -> None:
    """DELETE the original answer or a follow-up."""
    found, message = _get_message(core, request)
    delete_post(core, message)
    found.touched = True


ROUTES = [
    ("POST", CALLBACK, answer),
    ("POST", WEBHOOK, follow_up),
] + [
    (method, f"{WEBHOOK}/messages/{which}", handler)
    for which in ("@original", "{message_id}")
    for method, handler in (("GET", get_one), ("PATCH", edit), ("DELETE", delete))
]

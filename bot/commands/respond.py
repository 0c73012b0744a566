"""How an answer reaches who asked: at once, or after saying that it takes a moment; and what they see when it fails.

    ask ─► ready in time ─► the answer
        └► not yet ───────► "thinking" ─► the answer

Discord waits three seconds for the first sign (https://discord.com/developers/docs/interactions/receiving-and-responding)
and shows one answer only; an interaction that is over, or answered already, is nobody's error.
"""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from time import perf_counter
from typing import Any

import discord

from bot.answers.limiter import Limiter
from bot.answers.router import Answers
from bot.answers.values import Caller, Choice, Reply
from bot.commands.callers import Callers, Interaction
from bot.logs import log_event
from bot.messages.actions import DigestAction, DigestsPage
from bot.messages.custom_id import decode
from bot.messages.language import choose_language, say, speak
from bot.messages.message import Message
from bot.messages.notices import render_error, render_notice
from storage.errors import LockedError
from storage.models import Target

DEFER_SECONDS = 1.0  # what takes longer says so first; Discord gives up after three
_TAKEN = 40060  # answered already
_OVER = (10062, _TAKEN, 10015, 50027)  # unknown or expired interaction, answered already, its token is over
_log = logging.getLogger(__name__)


class Responder:
    """Answers interactions; `clock` gives aware UTC times, `note` is told of each command's name, seconds, outcome."""

    def __init__(
        self,
        answers: Answers,
        callers: Callers,
        limiter: Limiter,
        clock: Callable[[], datetime],
        note: Callable[[str, float, str], None] = lambda command, seconds, outcome: None,
    ) -> None:
        self._answers, self._callers, self._limiter, self._clock, self._note = answers, callers, limiter, clock, note
        self._telling: set[str] = set()  # members being told their news
        self.in_hand: set[asyncio.Task[Any] | None] = set()

    async def run(self, interaction: Interaction, name: str, options: Mapping[str, object]) -> None:
        """Answer a slash command; options that were left out are None."""
        texts = {key: str(value) for key, value in options.items() if value is not None}

        async def answer() -> Reply:
            is_admin = name.startswith("digest ")
            caller = await self._callers.find_caller(interaction, self._clock(), for_admins=is_admin)
            return Reply(await self._answers.run(name, texts, caller))

        await self._answer(interaction, name, answer)

    async def show_papers(self, interaction: Interaction, text: str) -> None:
        """Answer with the papers a message links to."""

        async def answer() -> Reply:
            caller = await self._callers.find_caller(interaction, self._clock(), for_admins=False)
            return Reply(await self._answers.find_papers(text, caller))

        await self._answer(interaction, "show papers", answer)

    async def press(self, interaction: Interaction) -> None:
        """Answer a button, a select or a form of ours."""
        data: Any = interaction.data or {}
        custom_id, values = str(data.get("custom_id", "")), find_values(data)
        action = decode(custom_id)
        is_admin = isinstance(action, DigestAction | DigestsPage)

        async def answer() -> Reply:
            caller = await self._callers.find_caller(interaction, self._clock(), for_admins=is_admin)
            return await self._answers.press(custom_id, caller, values)

        await self._answer(interaction, type(action).__name__ if action else "old button", answer)

    async def refuse(self, interaction: Interaction, error: Exception) -> None:
        """Answer what failed before it reached an answer of ours."""
        await self._fail(interaction, "command", error)

    async def complete(
        self, interaction: Interaction, name: str, option: str, text: str, options: Mapping[str, object]
    ) -> list[Choice]:
        """Suggest values for an option; none rather than an error."""
        if self._limiter.find_wait(f"typing {interaction.user.id}", self._clock()):
            return []
        self._limiter.add(f"typing {interaction.user.id}", self._clock())
        texts = {key: str(getattr(value, "id", value)) for key, value in options.items() if value is not None}
        try:
            is_admin = name.startswith("digest ")
            caller = await self._callers.find_caller(interaction, self._clock(), for_admins=is_admin, is_typing=True)
            return await self._answers.complete(name, option, text, caller, texts)
        except Exception:
            _log.exception("completing %s of /%s failed", option, name)
            return []

    async def _answer(
        self, interaction: Interaction, name: str, answer: Callable[[], Coroutine[Any, Any, Reply]]
    ) -> None:
        hand = asyncio.current_task()  # which finds the answer, sends it, and then the news
        self.in_hand.add(hand)
        try:
            if await self._answer_measured(interaction, name, answer):
                await self._tell_news(interaction)
        finally:
            self.in_hand.discard(hand)

    async def _answer_measured(
        self, interaction: Interaction, name: str, answer: Callable[[], Coroutine[Any, Any, Reply]]
    ) -> bool:
        """Answer, and note how that went; return whether a message was sent."""
        started, outcome, reply = perf_counter(), "ok", Reply()
        task = asyncio.ensure_future(self._limit(interaction, answer))
        try:
            done, _ = await asyncio.wait({task}, timeout=DEFER_SECONDS)
            if not done:
                await defer(interaction)
            reply = await task
            await send(interaction, reply)
        except Exception as error:
            outcome = "over" if is_over(error) else "failed"
            await self._note_copy(error)
            if outcome == "failed":
                await self._fail(interaction, name, error)
        finally:
            seconds = perf_counter() - started
            self._note(name, seconds, outcome)
            log_event(
                _log,
                "command",
                server=interaction.guild_id,
                channel=interaction.channel_id,
                command=name,
                milliseconds=round(seconds * 1000),
                outcome=outcome,
            )
        return outcome == "ok" and reply.message is not None

    async def _tell_news(self, interaction: Interaction) -> None:
        """Tell a member, after their answer, what they must know of their own digest; it can wait for another time."""
        try:
            caller = Caller(
                Target("member", str(interaction.user.id)),
                self._clock(),
                language=choose_language(str(interaction.locale)),
            )
            key = caller.target.id
            if key in self._telling or (news := await self._answers.find_news(caller)) is None:
                return
            self._telling.add(key)
            try:
                await interaction.followup.send(view=_close(news), ephemeral=True)
                await self._answers.note_told(caller)
            finally:
                self._telling.discard(key)
        except Exception as error:
            _log.warning("a member's news could not be said: %s", type(error).__name__)

    async def _note_copy(self, error: Exception) -> None:
        """Take note of an interaction that somebody else had answered: of many, another copy of the bot."""
        if not isinstance(error, discord.HTTPException) or error.code != _TAKEN:
            return
        try:
            await self._answers.note_copy(self._clock())
        except Exception as another:
            _log.warning("another copy could not be noted: %s", type(another).__name__)

    async def _limit(self, interaction: Interaction, answer: Callable[[], Coroutine[Any, Any, Reply]]) -> Reply:
        """Answer, unless this member has asked a great deal in the last minute."""
        key, now = str(interaction.user.id), self._clock()
        if wait := self._limiter.find_wait(key, now):
            with speak(choose_language(str(interaction.locale))):
                return Reply(
                    render_notice(say("Slowly, please. Ask again in {seconds} seconds.", seconds=round(wait + 0.5)))
                )
        self._limiter.add(key, now)
        return await answer()

    async def _fail(self, interaction: Interaction, name: str, error: Exception) -> None:
        """Tell who asked that it failed, and the log why; both carry the same reference.

        A database that others hold is no fault of ours: it only takes longer.
        """
        reference, is_busy = secrets.token_hex(4), isinstance(error, LockedError)
        if is_busy:
            _log.warning("/%s found the database locked", name)
        else:
            _log.error("/%s failed (reference %s)", name, reference, exc_info=error)
        with speak(choose_language(str(interaction.locale))):
            if is_busy:
                message = render_error(say("The database is busy with something else. Try again in a minute."))
            else:
                problem = say("Something went wrong here, and that is not your fault. Try again in a minute.")
                message = render_error(problem, reference=reference)
        try:
            await send(interaction, Reply(message))
        except Exception as another:
            if not is_over(another):
                _log.warning("the failure %s could not be said: %s", reference, type(another).__name__)


def is_over(error: BaseException) -> bool:
    """Tell whether an interaction had ended already, or was answered by somebody else."""
    if isinstance(error, discord.InteractionResponded):
        return True
    return isinstance(error, discord.HTTPException) and error.code in _OVER


async def defer(interaction: Interaction) -> None:
    """Say that it takes a moment: privately, and for a button without changing its message."""
    if not interaction.response.is_done():
        is_command = interaction.type is discord.InteractionType.application_command
        await interaction.response.defer(ephemeral=True, thinking=is_command)


async def send(interaction: Interaction, reply: Reply) -> None:
    """Send what came of an interaction, whether it was deferred or not."""
    if reply.form is not None:
        await _send_form(interaction, reply)
    elif reply.deletes:
        await defer(interaction)
        with suppress(discord.NotFound):  # another press was faster
            await interaction.delete_original_response()
    elif reply.message is not None:
        await _send_message(interaction, reply, reply.message)
    else:
        await defer(interaction)


async def _send_form(interaction: Interaction, reply: Reply) -> None:
    if reply.form is None or interaction.response.is_done():  # a form can only be the first answer
        await interaction.followup.send(
            view=_close(render_notice(say("That took too long. Press again."))), ephemeral=True
        )
        return
    form = reply.form.render()
    form.stop()  # forms come back by their custom id; discord.py need not remember them
    await interaction.response.send_modal(form)


async def _send_message(interaction: Interaction, reply: Reply, message: Message) -> None:
    view, is_deferred = _close(message), interaction.response.is_done()
    files = _make_files(message)
    if reply.replaces and interaction.message is not None and interaction.message.flags.ephemeral:
        edit: Any = interaction.edit_original_response if is_deferred else interaction.response.edit_message
        await edit(view=view, attachments=files)
    elif not is_deferred:
        await interaction.response.send_message(view=view, ephemeral=not reply.is_public, files=files)
    elif interaction.type is discord.InteractionType.application_command and not reply.is_public:
        await interaction.edit_original_response(view=view, attachments=files)
    else:
        await interaction.followup.send(view=view, ephemeral=not reply.is_public, files=files)


def _close(message: Message) -> Any:
    """Return a message's view such that discord.py does not keep it: its buttons come back by their custom ids."""
    if message.view is not None:
        message.view.stop()
    return message.view


def _make_files(message: Message) -> Sequence[discord.File]:
    attachment = message.attachment
    return [discord.File(io.BytesIO(attachment.content), attachment.name)] if attachment else []


def find_values(data: Mapping[str, Any]) -> list[str]:
    """Return what was chosen in a select or typed in a form."""
    if "values" in data:
        return [str(value) for value in data["values"]]
    found: list[str] = []
    for part in data.get("components", ()):
        inner = part.get("component") or part
        found += [str(inner["value"])] if "value" in inner else find_values(inner)
    return found

"""Every question in one place: commands by name, buttons, selects and forms by custom id, completion by option.

    run(name, options) ────────┐
    press(custom_id, values) ──┼─► the answer's own module ─► Message or Reply
    complete(option, text) ────┘

Discord's commands, the preview page and its buttons all come through here, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.answers import channels, completion, digests, members, questions, saved, sharing
from bot.answers.copies import Copies
from bot.answers.desk import Desk, find_explained, find_own
from bot.answers.offers import QUESTIONS
from bot.answers.values import Caller, Choice, Command, Reply
from bot.answers.why import answer_why
from bot.errors import UserError
from bot.messages.actions import (
    Action,
    DeleteData,
    DigestAction,
    DigestsPage,
    GetByDM,
    GetSameByDM,
    OpenCopy,
    OpenWhy,
    QuestionAction,
    RemoveShared,
    SavedAction,
    Share,
)
from bot.messages.custom_id import decode, decode_marker
from bot.messages.language import speak
from bot.messages.message import Message
from bot.messages.notices import render_old_button, render_refusal
from storage.models import Day


class Answers:
    """Answers from one desk. What a person asked wrongly is answered too, with what to do."""

    commands: Sequence[Command] = QUESTIONS

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._copies = Copies(desk.store)

    async def run(self, name: str, options: Mapping[str, str], caller: Caller) -> Message:
        """Answer a command; options are text by name, those left out are missing."""
        with speak(caller.language):
            try:
                return await self._run(name, options, caller)
            except UserError as error:
                return render_refusal(error)

    async def press(self, custom_id: str, caller: Caller, values: Sequence[str] = ()) -> Reply:
        """Answer a button, select or form of any message ever sent; `values` are those chosen or typed."""
        with speak(caller.language):
            try:
                action = decode(custom_id)
                if isinstance(action, OpenWhy) and decode_marker(custom_id):  # only what is pushed has a marker
                    explained = await find_explained(self._desk, action.subscription_id, caller)
                    if explained is not None:
                        return Reply(await answer_why(explained, self._desk, caller))
                return Reply(render_old_button()) if action is None else await self._press(action, caller, values)
            except UserError as error:
                return Reply(render_refusal(error))

    async def complete(
        self, name: str, option: str, text: str, caller: Caller, options: Mapping[str, str] | None = None
    ) -> list[Choice]:
        """Suggest at most 25 values for what was typed so far of an option; never an error.

        `options` are the command's other options as filled in so far.
        """
        with speak(caller.language):
            return await completion.complete(self._desk, name, option, text, caller, options or {})

    async def find_papers(self, text: str, caller: Caller) -> Message:
        """Answer with the papers whose arXiv ids or links are in a text."""
        with speak(caller.language):
            try:
                return await questions.answer_mentioned(self._desk, text, caller)
            except UserError as error:
                return render_refusal(error)

    async def find_news(self, caller: Caller) -> Message | None:
        """Return what a member has not been told of their own digest and must know, None when there is nothing."""
        with speak(caller.language):
            return await members.find_news(self._desk, caller)

    async def note_told(self, caller: Caller) -> None:
        """Remember that a member was told their news."""
        await members.note_told(self._desk, caller)

    async def digest(self, day: date | None, caller: Caller) -> list[Message]:
        """Answer what the caller's place is posted for a day, the newest unless told."""
        return await digests.answer_page(self._desk.store, caller.target, day)

    async def days(self) -> list[Day]:
        """Return every ingested day, newest first."""
        return await self._desk.store.days.list()

    async def note_copy(self, now: datetime) -> None:
        """Take note that somebody else had answered what was to be answered here."""
        await self._copies.note(now)

    async def _run(self, name: str, options: Mapping[str, str], caller: Caller) -> Message:
        match name:
            case "top" | "search" | "paper" | "categories" | "help" | "status":
                return await questions.run(name, options, self._desk, caller)
            case "saved":
                return await saved.answer_saved(self._desk, caller, 1)
            case "subscribe" | "unsubscribe" | "subscriptions":
                return await members.run(name, options, self._desk, caller)
        if name.startswith("digest "):
            return await channels.run(name.removeprefix("digest "), options, self._desk, caller)
        raise UserError("There is no such command. Try /help.")

    async def _press(self, action: Action, caller: Caller, values: Sequence[str]) -> Reply:
        if isinstance(action, QuestionAction):
            return await questions.press(action, self._desk, caller)
        if isinstance(action, SavedAction):
            return await saved.press(action, self._desk, caller, values)
        if isinstance(action, DigestAction):
            subscription = await find_own(self._desk, action.subscription_id, caller)
            press = channels.press if subscription.target.kind == "channel" else members.press
            return await press(action, subscription, self._desk, caller, values)
        match action:
            case Share(shown):
                return await sharing.share(shown, self._desk, caller)
            case OpenCopy(shown):
                return Reply((await questions.press(shown, self._desk, caller)).message)
            case RemoveShared(member):
                return sharing.remove(str(member), caller)
            case GetByDM() | GetSameByDM():
                return Reply(await members.answer_order(action, self._desk, caller))
            case DeleteData(is_sure):
                return await members.delete_data(is_sure, self._desk, caller)
            case DigestsPage(page):
                return Reply(await channels.answer_list(self._desk, caller, page), replaces=True)

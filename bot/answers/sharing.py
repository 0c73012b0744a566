"""Shows a private answer to everyone: who may, how often, and who may take it away again."""

from __future__ import annotations

import math

from bot.answers.desk import Desk
from bot.answers.questions import show
from bot.answers.values import Caller, Reply
from bot.errors import UserError
from bot.messages.actions import QuestionAction
from bot.messages.language import speak
from bot.messages.sharing import render_shared


async def share(action: QuestionAction, desk: Desk, caller: Caller) -> Reply:
    """Answer with the message for everyone, in the place's own language.

    At most one a minute per member, and five in ten minutes per channel; UserError says how long to wait.
    """
    channel = caller.place.channel_id
    if not caller.place.can_share or channel is None:
        raise UserError("You or this app may not write here, so it stays between us. Try in another channel.")
    _check_wait(desk, caller, channel)
    desk.shared_by_member.add(caller.target.id, caller.now)  # before anything is awaited: a second tap comes at once
    desk.shared_in_channel.add(channel, caller.now)
    with speak(caller.server_language if caller.place.guild_id else caller.language):
        shown = await show(action, desk, caller)
        if shown.action is None:
            return Reply(shown.message)
        message = render_shared(shown.message, shown.action, caller.target.id)
    return Reply(message, is_public=True)


def _check_wait(desk: Desk, caller: Caller, channel: str) -> None:
    if wait := desk.shared_by_member.find_wait(caller.target.id, caller.now):
        raise UserError("You just showed something. Wait {seconds} seconds, please.", seconds=math.ceil(wait))
    if wait := desk.shared_in_channel.find_wait(channel, caller.now):
        minutes = math.ceil(wait / 60)
        raise UserError("This channel was shown a lot just now. Wait {minutes} min, please.", minutes=minutes)


def remove(member_id: str, caller: Caller) -> Reply:
    """Delete a shared answer, for who shared it and for moderators."""
    if caller.target.id != member_id and not caller.place.is_moderator:
        raise UserError("Only who shared this, or a moderator, can remove it.")
    return Reply(deletes=True)

"""What callers and answers exchange: the commands on offer, who asks, and what a press gives back.

Plain values with no behaviour: Discord's commands, the preview page and the command line all speak them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.messages.message import Message
from storage.models import Target


@dataclass(frozen=True, slots=True)
class Choice:
    """One value an option may take: `name` is shown, `value` is sent."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Option:
    """One named value of a command; `choices` are the only values when there are any.

    `completes` says that values are suggested while the person types.
    """

    name: str
    description: str
    required: bool = False
    choices: tuple[Choice, ...] = ()
    completes: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command and its options, in the order shown."""

    name: str
    description: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and when: `now` is an aware time in UTC."""

    target: Target
    now: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What pressing a button gives: a new private answer, or an edit of the message pressed."""

    message: Message
    replaces: bool = False

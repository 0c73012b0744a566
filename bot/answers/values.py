"""What callers and answers exchange: the commands on offer, who asks, and what a press gives back.

Plain values with no behaviour: Discord's commands, the preview page and the command line all speak them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.messages.form import Form
from bot.messages.language import ENGLISH
from bot.messages.message import Message
from storage.models import Target

# How many choices Discord takes, and how long a choice's name and value may be:
# https://discord.com/developers/docs/interactions/application-commands#autocomplete
MAX_CHOICES, MAX_CHOICE = 25, 100


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
class Place:
    """Where something is asked, and what may be done there.

    `guild_id` is None outside servers. `can_share` says that both the app and the member may write there,
    `is_moderator` that the member may delete others' messages, `is_admin` that Discord let them run an admin
    command here just now, or that they may manage the server.
    """

    guild_id: str | None = None
    channel_id: str | None = None
    can_share: bool = False
    is_moderator: bool = False
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, where and when: `now` is an aware time in UTC.

    `language` is one of ours, `locale` the one Discord reports; `server_language` is the server's, for what
    everyone sees. `is_owner`: of the bot itself.
    """

    target: Target
    now: datetime
    language: str = ENGLISH
    locale: str = "en-US"
    server_language: str = ENGLISH
    place: Place = Place()
    is_owner: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a press, a choice or a form gives: a message, or a form to fill in, or neither when it deletes.

    A message is a new private answer; or the new state of the one acted on (`replaces`); or, `is_public`, one
    for everyone. `deletes`: the message acted on goes.
    """

    message: Message | None = None
    replaces: bool = False
    is_public: bool = False
    deletes: bool = False
    form: Form | None = None

"""Stand-ins for the parts a test does not want for real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from discord import ButtonStyle, ui

from bot.answers.values import Caller, Choice, Command, Option, Reply
from bot.answers.venue import Channel, Outcome, Role
from bot.delivery.history import list_custom_ids
from bot.delivery.transport import MESSAGE_GONE, NO_PERMISSION, OUTAGE, Sent, TransportError
from bot.delivery.transport import Posted as Found
from bot.errors import UserError
from bot.messages.custom_id import decode_marker
from bot.messages.message import Message
from storage.models import Day, Subscription, Target

NOW = datetime(2021, 4, 14, 9, 0, tzinfo=UTC)
PERIODS = tuple(Choice(name.title(), name) for name in ("day", "week", "month", "year", "all"))
COMMANDS = (
    Command(
        "top",
        "The hottest papers of a period",
        (
            Option("category", "An arXiv category such as cs.CL", completes=True),
            Option("period", "How far back to look", choices=PERIODS),
        ),
    ),
    Command(
        "search",
        "Find papers by title, abstract or author",
        (
            Option("query", "Words to look for", required=True, completes=True),
            Option("category", "An arXiv category such as cs.CL", completes=True),
            Option("since", "The first day, such as 2021-04-01"),
        ),
    ),
)
TITLES = (
    "MobileStyleGAN: A Lightweight Convolutional Neural Network for High-Fidelity Image Synthesis",
    "Voting-based probabilistic consensuses and their applications in distributed ledgers",
    "Representation Learning for Networks in Biology and Medicine: Advancements and Opportunities",
    "Neural A∗ Search: Planning by a learned guidance map",
    "Large-Scale Self- and Semi-Supervised Learning for Speech Translation",
    "深層学習による数式の読み取りと O(n²) の壁",
    "How Transferable are Reasoning Patterns in Visual Question Answering?",
    "Learning from Pebbles: Small Rocks, Big Slopes",
    "Pay Attention to What You Skip",
    "Sorting Letters by Weight and Other Post-Office Algorithms",
)


def make_days(*days: date, papers: int = 21) -> list[Day]:
    """Return ingested days, in the order given."""
    return [Day(day, day, f"hot-papers-{day}", f"Hot Papers {day}", NOW, "test", "hash", papers) for day in days]


def make_digest(day: date) -> Message:
    """Return a pushed digest of ten papers with its rows of buttons."""
    lines = [f"### Hot papers · {day:%a} {day.day} {day:%b %Y}", "-# Top 10 of 21 · all of arXiv"]
    for rank, title in enumerate(TITLES, 1):
        lines.append(f"**{rank}** [{title}](https://arxiv.org/abs/2104.{4766 + rank:05})")
        lines.append(f"-# cs.CV · Sergei Belousov +{rank} · {12 - rank}.3k")
    lines.append("-# 1–10: abstract, only you see it · titles: arXiv · figure: retweets + favorites")
    view = ui.View(timeout=None)
    for rank in range(1, 11):
        view.add_item(ui.Button(label=str(rank), custom_id=f"paper:{rank}", row=(rank - 1) // 5))
    view.add_item(ui.Button(label="All 21 papers", custom_id="all:1", style=ButtonStyle.primary, row=2))
    view.add_item(ui.Button(label="Get this by DM", custom_id="slow", row=2))
    return Message(view, "\n".join(lines))


def make_list(heading: str, page: int = 1) -> Message:
    """Return a private list of papers with paging, as Components V2."""
    box = ui.Container(accent_colour=0xF0532D)
    box.add_item(ui.TextDisplay(f"### {heading}\n-# Back from 13 Apr 2021 · page {page} of 3"))
    box.add_item(ui.Separator())
    for rank, title in enumerate(TITLES[:5], 5 * page - 4):
        text = f"**{rank}** [{title}](https://arxiv.org/abs/2104.{rank:05})\n-# cs.CV · Serguei Popov · 6.8k"
        details = ui.Button(label="Details", custom_id=f"paper:{rank}")
        box.add_item(ui.Section(ui.TextDisplay(text), accessory=details))
    pages = ui.ActionRow()
    pages.add_item(ui.Button(label="Previous", custom_id=f"all:{page - 1}", disabled=page == 1))
    pages.add_item(ui.Button(label="Next", custom_id=f"all:{page + 1}", disabled=page == 3))
    box.add_item(pages)
    return Message(ui.LayoutView(timeout=None).add_item(box))


def make_details(rank: str) -> Message:
    """Return a paper's private details."""
    box = ui.Container(accent_colour=0x5865F2)
    box.add_item(ui.TextDisplay(f"### {rank}. {TITLES[0]}\nSergei Belousov\n-# Computer Vision · Image Processing"))
    box.add_item(ui.TextDisplay("Small networks can draw faces too. This one does so on a telephone. " * 6))
    box.add_item(ui.Separator())
    box.add_item(ui.TextDisplay("> A telephone that dreams, at last.\n-# [AK · @ak](https://x.com/ak/status/1)"))
    links = ui.ActionRow()
    links.add_item(ui.Button(label="arXiv", url="https://arxiv.org/abs/2104.04767"))
    links.add_item(ui.Button(label="PDF", url="https://arxiv.org/pdf/2104.04767"))
    links.add_item(ui.Button(label="Follow", custom_id="follow", style=ButtonStyle.success))
    links.add_item(ui.Button(label="Hide", custom_id="fail", style=ButtonStyle.danger))
    box.add_item(links)
    return Message(ui.LayoutView(timeout=None).add_item(box))


@dataclass
class FakeAnswers:
    """Answers from fixed values, remembering what it was asked.

    Pressing `fail` raises, `slow` waits until `gate` is set; a search for "slow" does too, for "boom" raises.
    """

    ingested: list[Day] = field(default_factory=lambda: make_days(date(2021, 4, 13), date(2021, 4, 12)))
    commands: tuple[Command, ...] = COMMANDS
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    extra: dict[date, Message] = field(default_factory=dict)
    asked: list[tuple[object, ...]] = field(default_factory=list)

    async def run(self, name: str, options: Mapping[str, str], caller: Caller) -> Message:
        """Answer with a list whose heading repeats the question."""
        self.asked.append((name, dict(options), caller))
        query = options.get("query", "")
        if query == "boom":
            raise RuntimeError("a secret path /srv/private.db")
        if query == "slow":
            await self.gate.wait()
        return make_list(f"Results for {query}" if query else f"Top of the {options.get('period', 'day')}")

    async def press(self, custom_id: str, caller: Caller) -> Reply:
        """Page in place, open details, wait or fail, as the custom id says."""
        self.asked.append(("press", custom_id, caller))
        kind, _, value = custom_id.partition(":")
        if kind == "fail":
            raise RuntimeError("a secret path /srv/private.db")
        if kind == "slow":
            await self.gate.wait()
        if kind == "all":
            return Reply(make_list("All 21 papers", int(value)), replaces=caller.now >= NOW and value != "1")
        return Reply(make_details(value or "1"))

    async def complete(self, name: str, option: str, text: str, caller: Caller) -> list[Choice]:
        """Suggest titles or categories that hold the text."""
        self.asked.append(("complete", name, option, text))
        offers = TITLES if option == "query" else ("cs.CL", "cs.CV", "stat.ML")
        return [Choice(each, each) for each in offers if text.strip().lower() in each.lower()]

    async def digest(self, day: date | None, caller: Caller) -> list[Message]:
        """Return the digest of a day it has, in two parts where a second one was set."""
        days = [each.day for each in self.ingested]
        if not days or (day and day not in days):
            raise UserError(f"No posts of {day} are ingested.")
        chosen = day or days[0]
        return [make_digest(chosen), *([self.extra[chosen]] if chosen in self.extra else [])]

    async def days(self) -> list[Day]:
        """Return the days it was given."""
        return self.ingested


@dataclass
class FakeSender:
    """Sends nothing: remembers what it was to send, and answers with `outcomes` in their order, the last for ever.

    An occasion of a digest that was sent is not sent again: the outcome is repeated.
    """

    outcomes: list[Outcome] = field(default_factory=lambda: [Outcome("sent", url="https://discord.com/channels/1/2/3")])
    sent: list[tuple[Subscription, str]] = field(default_factory=list)
    known: dict[tuple[int | None, str], Outcome] = field(default_factory=dict)
    opened: list[Target] = field(default_factory=list)

    async def send(self, subscription: Subscription, occasion: str, now: datetime) -> Outcome:
        """Remember the digest and return the next outcome."""
        key = (subscription.id, occasion)
        if key in self.known:
            return replace(self.known[key], is_repeat=True)
        self.sent.append((subscription, occasion))
        self.known[key] = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return self.known[key]

    async def open_conversation(self, target: Target) -> None:
        """Remember with whom a conversation was opened."""
        self.opened.append(target)


@dataclass
class FakeVenue:
    """Servers as values: channels by id, roles by (server, role) id, commands by name.

    `system` are the servers' system channels, `overseers` (server, member) ids, `absent` servers that can't be seen.
    What it was asked of members is in `asked`.
    """

    channels: dict[str, Channel] = field(default_factory=dict)
    roles: dict[tuple[str, str], Role] = field(default_factory=dict)
    commands: dict[str, int] = field(default_factory=dict)
    system: dict[str, str] = field(default_factory=dict)
    overseers: set[tuple[str, str]] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def is_present(self, guild_id: str) -> bool:
        """Tell whether a server can be seen."""
        return guild_id not in self.absent

    def find_system_channel(self, guild_id: str) -> Channel | None:
        """Return a server's system channel."""
        return self.find_channel(guild_id, self.system.get(guild_id, ""))

    async def find_overseer(self, guild_id: str, member_id: str) -> bool:
        """Tell whether a member is one of those in charge of a server."""
        self.asked.append((guild_id, member_id))
        return (guild_id, member_id) in self.overseers

    def find_channel(self, guild_id: str, channel_id: str) -> Channel | None:
        """Return a channel that is in this server."""
        channel = self.channels.get(channel_id)
        return channel if channel and channel.guild_id == guild_id else None

    def find_role(self, guild_id: str, role_id: str) -> Role | None:
        """Return a role of this server."""
        return self.roles.get((guild_id, role_id))

    def list_commands(self) -> dict[str, int]:
        """Return the ids of the commands."""
        return self.commands


class CrashError(BaseException):
    """The process dies here: nothing that would handle an error may handle this."""


@dataclass
class Clock:
    """A time that only goes on when it is told to."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, **delta: float) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)


@dataclass(frozen=True)
class Posted:
    """A message in a fake channel."""

    id: str
    body: Mapping[str, Any]
    nonce: str | None
    at: datetime


@dataclass
class FakeTransport:
    """Discord as channels full of messages, which remembers nonces for five minutes.

    `before` and `after` hold errors by call ("send", "post", "edit", "list_messages", …), raised in their order before
    or after the call had its effect; None lets one pass. Channels in `unreadable` show no history; messages in
    `deleted` were there once.
    """

    clock: Callable[[], datetime]
    channels: dict[str, list[Posted]] = field(default_factory=dict)
    before: dict[str, list[BaseException | None]] = field(default_factory=dict)
    after: dict[str, list[BaseException | None]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    deleted: set[Sent] = field(default_factory=set)
    forums: dict[str, str] = field(default_factory=dict)  # of a post, the forum it is in
    calls: list[tuple[str, str]] = field(default_factory=list)
    gate: asyncio.Event | None = None  # sending waits for it

    async def open_dm(self, member_id: str) -> str:
        """Open a conversation, whose id is the member's with a prefix."""
        self._begin("open_dm", member_id)
        return f"dm{member_id}"

    async def send(self, channel_id: str, body: Mapping[str, Any], nonce: str) -> Sent:
        """Send a message, or find the recent one with this nonce."""
        if self.gate:
            await self.gate.wait()
        self._begin("send", channel_id)
        posted = self.channels.setdefault(channel_id, [])
        recent = [one for one in posted if one.nonce == nonce and self.clock() - one.at < timedelta(minutes=5)]
        if not recent:
            posted.append(Posted(str(len(posted) + 1), body, nonce, self.clock()))
        self._end("send")
        return Sent(channel_id, (recent or posted[-1:])[0].id)

    async def post(self, forum_id: str, name: str, tags: tuple[str, ...], body: Mapping[str, Any]) -> Sent:
        """Begin a post in a forum: a channel of its own."""
        self._begin("post", forum_id)
        post = f"post{len(self.channels) + 1}"
        self.forums[post] = forum_id
        self.channels[post] = [Posted(post, body, None, self.clock())]
        self._end("post")
        return Sent(post, post)

    async def edit(self, sent: Sent, body: Mapping[str, Any]) -> None:
        """Replace what a message says."""
        self._begin("edit", sent.message_id)
        self._check_there(sent)
        posted = self.channels[sent.channel_id]
        place = next(place for place, one in enumerate(posted) if one.id == sent.message_id)
        posted[place] = replace(posted[place], body=body)
        self._end("edit")

    async def publish(self, sent: Sent) -> None:
        """Remember that a message is published."""
        self._begin("publish", sent.message_id)
        self._check_there(sent)
        self._end("publish")

    async def open_thread(self, sent: Sent, name: str) -> None:
        """Remember that a message has a thread."""
        self._begin("open_thread", sent.message_id)
        self._check_there(sent)
        self._end("open_thread")

    async def list_messages(self, channel_id: str, since: datetime, until: datetime) -> list[Found]:
        """List a channel's messages of a time."""
        self._begin("list_messages", channel_id)
        return self._list(channel_id, since, until)

    async def list_posts(self, forum_id: str, since: datetime, until: datetime) -> list[Found]:
        """List the first messages of a forum's posts of a time."""
        self._begin("list_posts", forum_id)
        if forum_id in self.unreadable:
            raise TransportError(NO_PERMISSION, "no history", is_final=True)
        posts = [post for post, forum in self.forums.items() if forum == forum_id]
        return [one for post in posts for one in self._list(post, since, until) if one.sent.message_id == post]

    def _list(self, channel_id: str, since: datetime, until: datetime) -> list[Found]:
        if channel_id in self.unreadable:
            raise TransportError(NO_PERMISSION, "no history", is_final=True)
        there = [one for one in self.channels.get(channel_id, ()) if since <= one.at <= until]
        listed = [Found(Sent(channel_id, one.id), list_custom_ids(one.body.get("components", ()))) for one in there]
        return [one for one in listed if one.sent not in self.deleted]

    def _check_there(self, sent: Sent) -> None:
        is_posted = any(one.id == sent.message_id for one in self.channels.get(sent.channel_id, ()))
        if not is_posted or sent in self.deleted:
            raise TransportError(MESSAGE_GONE, "no such message", is_final=True)

    def count(self) -> int:
        """Return how many messages there are in all channels."""
        return sum(len(posted) for posted in self.channels.values())

    def _begin(self, call: str, place: str) -> None:
        self.calls.append((call, place))
        self._raise_next(self.before, call)

    def _end(self, call: str) -> None:
        self._raise_next(self.after, call)

    def _raise_next(self, errors: dict[str, list[BaseException | None]], call: str) -> None:
        error = errors[call].pop(0) if errors.get(call) else None
        if error is not None:
            raise error


def make_lost() -> TransportError:
    """Return the error of an answer that was lost."""
    return TransportError(OUTAGE, "no answer in time", may_have_arrived=True)


def find_markers(components: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the markers in a message's buttons."""
    return {marker for custom_id in list_custom_ids(components) if (marker := decode_marker(custom_id))}

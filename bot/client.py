"""The bot's connection to Discord: what it asks for, which commands it installs, and what it hears of its servers.

What is answered is decided in `bot.answers`, how an answer is sent in `bot.commands`. discord.py is told to keep
as little as it can: servers, channels and roles, for permissions; no members, no messages, no views.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.answers.guilds import Guilds
from bot.commands.digests import make_digest_group
from bot.commands.questions import make_message_command, make_order_commands, make_question_commands
from bot.commands.respond import Responder, is_over
from bot.commands.translator import CommandTranslator
from bot.commands.venue import DiscordVenue
from bot.errors import BotError, ConfigError
from bot.http_date import parse_http_date
from bot.messages.language import choose_language
from storage.store import Store

COMMANDS_FACT = "installed commands"
TIMEOUT_SECONDS = 10.0
_PRESSED = (discord.InteractionType.component, discord.InteractionType.modal_submit)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where Discord is: the base of its REST API, and the proxy to reach it through."""

    base: str
    proxy: str | None = None


async def redirect(address: Address) -> datetime | None:
    """Point discord.py's REST, webhooks and gateway at an address; return what time it is there, if it says so.

    UnreachableError when nothing answers, ConfigError when it is not Discord that does. `Route.BASE` moves REST
    alone: a client that never asks for /gateway connects to DEFAULT_GATEWAY.
    """
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{address.base}/gateway", proxy=address.proxy) as response,
        ):
            gateway, theirs = URL((await response.json())["url"]), response.headers.get("Date")
    except (ValueError, KeyError, TypeError, aiohttp.ContentTypeError):
        raise ConfigError(f"What answers at {address.base} is not Discord: check DISCORD_API_BASE.") from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise UnreachableError(f"Discord can't be reached at {address.base} ({type(error).__name__})") from None
    Route.BASE = address.base
    DiscordWebSocket.DEFAULT_GATEWAY = gateway
    return parse_http_date(theirs)


class UnreachableError(BotError):
    """Nothing answers where Discord should be."""


class Client(discord.Client):
    """The bot on Discord. `make_responder` is called once it is logged in, with the client."""

    def __init__(
        self,
        store: Store,
        guilds: Guilds,
        make_responder: Callable[[Client], Awaitable[Responder]],
        *,
        guild_id: int | None = None,
        proxy: str | None = None,
    ) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody asks for voice here
        super().__init__(
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            proxy=proxy,
        )
        self._store, self._known, self._make_responder, self._guild_id = store, guilds, make_responder, guild_id
        self.tree: app_commands.CommandTree[Client] = app_commands.CommandTree(self)
        self.tree.error(self._note_failure)
        logging.getLogger(app_commands.tree.__name__).addFilter(_is_news)
        self.venue = DiscordVenue(self)
        self.responder: Responder | None = None
        self._noting: set[asyncio.Task[Any] | None] = set()
        self._present: set[int] | None = None  # the servers noted as those the bot is in, None before the comparison
        self.owner_ids: frozenset[int] = frozenset()

    async def setup_hook(self) -> None:
        """Prepare everything that needs the login, before the first event comes."""
        self.owner_ids = find_owner_ids(await self.application_info())
        self.responder = await self._make_responder(self)
        for command in (*make_question_commands(self.responder), *make_order_commands(self.responder)):
            self.tree.add_command(command)
        self.tree.add_command(make_digest_group(self.responder))
        self.tree.add_command(make_message_command(self.responder))
        await self.tree.set_translator(CommandTranslator())
        self.venue.command_ids = await self._install_commands()

    async def _install_commands(self) -> dict[str, int]:
        """Install the commands where their definitions changed since the last time; return their ids by name."""
        guild = discord.Object(self._guild_id) if self._guild_id else None
        definitions = [await find_definition(command, self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps(definitions, sort_keys=True).encode()).hexdigest()
        wanted = {"application": self.application_id, "server": self._guild_id, "hash": digest}
        installed = json.loads(await self._store.facts.get(COMMANDS_FACT) or "{}")
        if {key: installed.get(key) for key in wanted} == wanted:
            return dict(installed["ids"])
        if guild is not None:
            self.tree.copy_global_to(guild=guild)
        try:
            ids = {command.name: command.id for command in await self.tree.sync(guild=guild)}
            await self._clear_former(installed)
        except discord.HTTPException as error:
            _log.error(
                "the commands could not be installed (HTTP %s, code %s): %s", error.status, error.code, error.text
            )
            return dict(installed.get("ids", {}))
        await self._store.facts.set(COMMANDS_FACT, json.dumps(wanted | {"ids": ids}))
        _log.info("installed %s commands %s", len(ids), "in one server" if guild else "everywhere")
        return ids

    async def _clear_former(self, installed: dict[str, Any]) -> None:
        """Take back the commands of a server they were installed in alone, or members would see all of them twice."""
        former = installed.get("server")
        if former and former != self._guild_id and installed.get("application") == self.application_id:
            self.tree.clear_commands(guild=discord.Object(former))
            await self.tree.sync(guild=discord.Object(former))

    async def on_ready(self) -> None:
        """Compare the servers Discord names with those known: one may have been left while nobody listened."""
        self._present = {guild.id for guild in self.guilds}
        with self._note():
            await self._known.compare({str(guild.id): _choose_language(guild) for guild in self.guilds})
            for guild in self.guilds:
                if not guild.unavailable:
                    await self._known.check_channels(str(guild.id), {str(channel.id) for channel in guild.channels})
        _log.info("connected as %s, in %s servers", self.user, len(self.guilds))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Remember a server, or take up again what it had."""
        await self._welcome(guild)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Note a server that is back from an outage, or new: discord.py takes one for the other by a flag's absence."""
        await self._welcome(guild)

    async def _welcome(self, guild: discord.Guild) -> None:
        if self._present is None or guild.id in self._present:
            return
        self._present.add(guild.id)
        with self._note():
            await self._known.join(str(guild.id), _choose_language(guild))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that the bot was removed; discord.py does not call this for an outage."""
        if self._present is not None:
            self._present.discard(guild.id)
        with self._note():
            await self._known.leave(str(guild.id))

    async def on_guild_update(self, before: discord.Guild, after: discord.Guild) -> None:
        """Follow a server that changes its language."""
        if before.preferred_locale != after.preferred_locale:
            with self._note():
                await self._store.guilds.set_language(str(after.id), _choose_language(after))

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Let no digest ping a role that is gone."""
        with self._note():
            await self._known.lose_role(str(role.guild.id), str(role.id))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Pause the digests of a channel that is gone."""
        with self._note():
            await self._known.lose_channel(str(channel.guild.id), str(channel.id))

    @contextmanager
    def _note(self) -> Iterator[None]:
        """Keep the task that writes down what happened to a server, so that the bot does not end in the middle."""
        task = asyncio.current_task()
        self._noting.add(task)
        try:
            yield
        finally:
            self._noting.discard(task)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer presses, choices and forms; commands go through the tree.

        All three come back by their custom id alone, so that every message ever sent keeps working: discord.py's
        DynamicItem would rebuild the whole message for each press, and has nothing for forms. An id that is none of
        ours is answered too: it is of a message this application sent, and nobody else will.
        """
        if interaction.type in _PRESSED and self.responder:
            await self.responder.press(interaction)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what failed in an event; the connection goes on."""
        _log.exception("handling %s failed", event_method)

    async def _note_failure(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        """Answer what failed before a command of ours was reached: one that is gone, or options that do not fit."""
        cause = getattr(error, "original", error)
        if self.responder and not is_over(cause):
            await self.responder.refuse(interaction, cause)

    async def finish(self, seconds: float) -> None:
        """Let the answers and notes in hand end, for at most so many seconds, then close the connection."""
        in_hand = {task for task in self._noting | (self.responder.in_hand if self.responder else set()) if task}
        if in_hand:
            await asyncio.wait(in_hand, timeout=seconds / 2)
        await asyncio.wait_for(self.close(), seconds / 2)


async def find_definition(command: Any, tree: app_commands.CommandTree[Any]) -> dict[str, Any]:
    """Return a command as Discord will be told of it, in all languages."""
    translator = tree.translator
    definition = await command.get_translated_payload(tree, translator) if translator else command.to_dict(tree)
    return dict(definition)


def find_owner_ids(application: discord.AppInfo) -> frozenset[int]:
    """Return the ids of the people an application belongs to: its owner, or the members of its team."""
    if application.team is not None:
        return frozenset(member.id for member in application.team.members)
    return frozenset({application.owner.id})


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether what discord.py logs is an error: completions that nobody waits for any more are none."""
    error = record.exc_info[1] if record.exc_info else None
    return error is None or not is_over(getattr(error, "original", error))


def _choose_language(guild: discord.Guild) -> str:
    return choose_language(guild.preferred_locale.value)

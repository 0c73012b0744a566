"""The commands anybody may use, wherever the app is: questions about papers, and one's own digest."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.answers.offers import SHOW_PAPERS
from bot.commands.callers import Interaction
from bot.commands.offering import EVERYWHERE, make_command
from bot.commands.respond import Responder

Commands = list[app_commands.Command[Any, ..., None]]


def make_question_commands(responder: Responder) -> Commands:
    """Return /top, /search, /paper, /saved, /categories, /help and /status."""

    async def top(interaction: Interaction, category: str | None = None, period: str | None = None) -> None:
        await responder.run(interaction, "top", {"category": category, "period": period})

    async def search(
        interaction: Interaction,
        query: str,
        category: str | None = None,
        since: str | None = None,
        author: str | None = None,
    ) -> None:
        options = {"query": query, "category": category, "since": since, "author": author}
        await responder.run(interaction, "search", options)

    async def paper(interaction: Interaction, id: str) -> None:
        await responder.run(interaction, "paper", {"id": id})

    async def saved(interaction: Interaction) -> None:
        await responder.run(interaction, "saved", {})

    async def categories(interaction: Interaction) -> None:
        await responder.run(interaction, "categories", {})

    async def help(interaction: Interaction) -> None:
        await responder.run(interaction, "help", {})

    async def status(interaction: Interaction) -> None:
        await responder.run(interaction, "status", {})

    return [
        make_command(responder, each.__name__, each) for each in (top, search, paper, saved, categories, help, status)
    ]


def make_order_commands(responder: Responder) -> Commands:
    """Return /subscribe, /unsubscribe and /subscriptions."""

    async def subscribe(interaction: Interaction, category: str) -> None:
        await responder.run(interaction, "subscribe", {"category": category})

    async def unsubscribe(interaction: Interaction, category: str | None = None) -> None:
        await responder.run(interaction, "unsubscribe", {"category": category})

    async def subscriptions(interaction: Interaction) -> None:
        await responder.run(interaction, "subscriptions", {})

    return [make_command(responder, each.__name__, each) for each in (subscribe, unsubscribe, subscriptions)]


def make_message_command(responder: Responder) -> app_commands.ContextMenu:
    """Return the command in a message's own menu."""

    async def show_papers(interaction: Interaction, message: discord.Message) -> None:
        await responder.show_papers(interaction, read_message(message))

    installs, contexts = EVERYWHERE
    return app_commands.ContextMenu(
        name=SHOW_PAPERS, callback=show_papers, allowed_installs=installs, allowed_contexts=contexts
    )


def read_message(message: discord.Message) -> str:
    """Return every text of a message in which a link may be: its own, its embeds', its components'."""
    texts = [message.content]
    for embed in message.embeds:
        texts += [embed.url or "", embed.title or "", embed.description or ""]
    for component in message.components:
        texts += _read_component(component)
    texts += [text for forwarded in message.message_snapshots for text in (forwarded.content,)]
    return "\n".join(texts)


def _read_component(component: Any) -> list[str]:
    texts = [text for text in (getattr(component, "content", None), getattr(component, "url", None)) if text]
    for child in getattr(component, "children", ()):
        texts += _read_component(child)
    accessory = getattr(component, "accessory", None)
    return texts + (_read_component(accessory) if accessory else [])

"""/digest: the commands for a server's own digests, for who may manage it unless the server says otherwise."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.answers.offers import DIGEST_GROUP
from bot.commands.callers import Interaction
from bot.commands.offering import SERVERS, ChannelId, make_command
from bot.commands.respond import Responder


def make_digest_group(responder: Responder) -> app_commands.Group:
    """Return /digest with its commands."""
    installs, contexts = SERVERS
    group = app_commands.Group(
        name="digest",
        description=DIGEST_GROUP,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=installs,
        allowed_contexts=contexts,
    )

    async def add(
        interaction: Interaction,
        channel: ChannelId | None = None,
        categories: str | None = None,
        time: str | None = None,
        timezone: str | None = None,
        days: str | None = None,
        count: app_commands.Range[int, 1, 25] | None = None,
        only: str | None = None,
        mention: discord.Role | None = None,
        discussion_thread: bool | None = None,
        tag: str | None = None,
    ) -> None:
        options = {
            "channel": channel,
            "categories": categories,
            "time": time,
            "timezone": timezone,
            "days": days,
            "count": count,
            "only": only,
            "mention": mention.id if mention else None,
            "discussion_thread": None if discussion_thread is None else "on" if discussion_thread else "off",
            "tag": tag,
        }
        await responder.run(interaction, "digest add", options)

    async def list(interaction: Interaction) -> None:
        await responder.run(interaction, "digest list", {})

    async def edit(interaction: Interaction, digest: str | None = None) -> None:
        await responder.run(interaction, "digest edit", {"digest": digest})

    async def pause(interaction: Interaction, digest: str | None = None) -> None:
        await responder.run(interaction, "digest pause", {"digest": digest})

    async def resume(interaction: Interaction, digest: str | None = None) -> None:
        await responder.run(interaction, "digest resume", {"digest": digest})

    async def remove(interaction: Interaction, digest: str | None = None) -> None:
        await responder.run(interaction, "digest remove", {"digest": digest})

    async def preview(interaction: Interaction, digest: str | None = None) -> None:
        await responder.run(interaction, "digest preview", {"digest": digest})

    async def post(interaction: Interaction, digest: str | None = None) -> None:
        await responder.run(interaction, "digest post", {"digest": digest})

    async def why(interaction: Interaction, channel: ChannelId | None = None) -> None:
        await responder.run(interaction, "digest why", {"channel": channel})

    for each in (add, list, edit, pause, resume, remove, preview, post, why):
        group.add_command(make_command(responder, f"digest {each.__name__}", each, where=None))
    return group

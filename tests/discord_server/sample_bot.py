"""A small real bot: one of each thing the server must carry. `python -m tests.discord_server.sample_bot BASE TOKEN`.

`redirect` is all it takes to point discord.py at another address.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
from typing import Any

import aiohttp
import discord
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

TOPICS = ("cs.CV vision", "cs.CL language", "stat.ML learning")


async def redirect(base: str) -> None:
    """Point discord.py's REST, webhooks and interactions at a base address, and its gateway at what that names."""
    async with aiohttp.ClientSession() as session, session.get(f"{base}/gateway") as response:
        gateway = (await response.json())["url"]
    Route.BASE = base
    DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway)


class Page(ui.DynamicItem[ui.Button[Any]], template=r"page:(?P<number>\d+)"):
    """A button that lives in its custom id."""

    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label=f"Page {number}", custom_id=f"page:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: re.Match[str]) -> Page:
        return cls(int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.edit_message(view=make_page(self.number))


def make_page(number: int) -> ui.LayoutView:
    """Return page `number` of nothing much."""
    view = ui.LayoutView(timeout=None)
    row: ui.ActionRow[Any] = ui.ActionRow(Page(number + 1))
    view.add_item(ui.Container(ui.TextDisplay(f"This is page {number}"), row))
    return view


class Question(ui.Modal, title="A question"):
    """A modal with a text and a select."""

    word: ui.Label[Any] = ui.Label(text="Word", component=ui.TextInput(custom_id="word", max_length=20))
    colour: ui.Label[Any] = ui.Label(
        text="Colour",
        component=ui.Select(custom_id="colour", options=[discord.SelectOption(label="Red", value="r")]),
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        word: Any = self.word.component
        colour: Any = self.colour.component
        await interaction.response.send_message(f"{word.value} {colour.values}", ephemeral=True)


class Panel(ui.View):
    """A select of channels, one of texts and a button that opens a modal."""

    @ui.select(cls=ui.ChannelSelect, custom_id="channel", channel_types=[discord.ChannelType.text])
    async def channel(self, interaction: discord.Interaction[Any], select: Any) -> None:
        await interaction.response.edit_message(content=f"chosen {select.values[0].id}")

    @ui.select(custom_id="day", options=[discord.SelectOption(label="Monday", value="1")])
    async def day(self, interaction: discord.Interaction[Any], select: Any) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"day {select.values}")

    @ui.button(label="Ask me", custom_id="ask")
    async def ask(self, interaction: discord.Interaction[Any], button: Any) -> None:
        await interaction.response.send_modal(Question())


class SampleBot(discord.Client):
    """The bot; `failures` collects what its commands ran into, as Discord's codes."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), max_messages=None, chunk_guilds_at_startup=False)
        self.tree = app_commands.CommandTree(self)
        self.failures: list[int] = []
        self.left: list[int] = []
        self.tree.error(self.note)
        add_commands(self.tree)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Page)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify again without discord.py's pause of five seconds."""

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.left.append(guild.id)

    async def note(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        cause = getattr(error, "original", error)
        self.failures.append(getattr(cause, "code", -1))


def add_commands(tree: app_commands.CommandTree[Any]) -> None:
    """Add every command to a tree."""
    commands: tuple[app_commands.Command[Any, ..., None], ...] = (top, where, echo, panel, send, file, mistake, slow)
    for command in commands:
        tree.add_command(command)
    tree.add_command(app_commands.ContextMenu(name="Count words", callback=count_words))
    digest = app_commands.Group(
        name="digest",
        description="Digests",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )
    digest.add_command(add)
    tree.add_command(digest)


@app_commands.command(description="A page of papers")
@app_commands.describe(category="Which", period="How far back")
@app_commands.choices(period=[app_commands.Choice(name="Week", value="week")])
async def top(interaction: discord.Interaction[Any], category: str | None = None, period: str = "week") -> None:
    await interaction.response.defer(ephemeral=True)
    await asyncio.sleep(0.02)
    await interaction.followup.send(view=make_page(1), ephemeral=True)


@top.autocomplete("category")
async def complete_category(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=one, value=one.split()[0]) for one in TOPICS if typed in one]


@app_commands.command(description="Where am I")
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def where(interaction: discord.Interaction[Any]) -> None:
    owners = [interaction.is_guild_integration(), interaction.is_user_integration()]
    text = f"{interaction.context.to_array()} {owners} {interaction.locale} {interaction.guild_locale} "
    speaks = interaction.app_permissions.send_messages
    await interaction.response.send_message(text + f"{type(interaction.user).__name__} {speaks}")


@app_commands.command(description="Say what was given")
@app_commands.describe(text="t", number="n", ratio="r", member="m", role="r", place="p", document="d")
async def echo(
    interaction: discord.Interaction[Any],
    text: str,
    number: app_commands.Range[int, 1, 9],
    ratio: float,
    sure: bool,
    member: discord.Member,
    role: discord.Role,
    place: discord.TextChannel,
    document: discord.Attachment,
) -> None:
    content = (await document.read()).decode()
    found = f"{text} {number} {ratio} {sure} {member.name} {role.name} {place.name} {content}"
    await interaction.response.send_message(found, allowed_mentions=discord.AllowedMentions.none())


@app_commands.command(description="Open a panel")
async def panel(interaction: discord.Interaction[Any]) -> None:
    await interaction.response.send_message("Choose", view=Panel(timeout=60), ephemeral=True)


@app_commands.command(description="Send the bot's own message")
async def send(
    interaction: discord.Interaction[Any], to: discord.TextChannel, text: str, nonce: str | None = None
) -> None:
    await interaction.response.defer(ephemeral=True)
    more: dict[str, Any] = {} if nonce is None else {"nonce": nonce}
    first, second = await to.send(text, **more), await to.send(text, **more)
    await interaction.edit_original_response(content=f"{first.id == second.id}")


@app_commands.command(description="A file")
async def file(interaction: discord.Interaction[Any]) -> None:
    sent = discord.File(io.BytesIO(b"@article{x}"), "saved.bib")
    view = ui.LayoutView()
    view.add_item(ui.TextDisplay("Here")).add_item(ui.File(sent))
    await interaction.response.send_message(view=view, file=sent)
    await interaction.followup.send("And plainly", file=discord.File(io.BytesIO(b"x"), "x.txt"))


@app_commands.command(description="Break a rule")
async def mistake(interaction: discord.Interaction[Any], kind: str) -> None:
    if kind == "twice":
        await interaction.response.send_message("once")
        await interaction.client.http.request(
            Route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback"),
            json={"type": 4, "data": {"content": "twice"}},
        )
    elif kind == "dm":
        await interaction.response.defer(ephemeral=True)
        await interaction.user.send("psst")
    elif kind == "large":
        view = ui.LayoutView()
        for number in range(40):
            view.add_item(ui.TextDisplay(str(number)))
        parts: list[Any] = [*view.to_components(), {"type": 10, "content": "one too many"}]  # type: ignore[no-untyped-call]
        route = Route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback")
        data = {"components": parts, "flags": 1 << 15}
        await interaction.client.http.request(route, json={"type": 4, "data": data})


@app_commands.command(description="Answer too late")
async def slow(interaction: discord.Interaction[Any], seconds: float) -> None:
    await asyncio.sleep(seconds)
    await interaction.response.send_message("sorry")


@app_commands.command(name="add", description="Add a digest")
async def add(interaction: discord.Interaction[Any], channel: discord.TextChannel) -> None:
    await interaction.response.send_message(f"added {channel.name}", ephemeral=True)


async def count_words(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    await interaction.response.send_message(f"{len(message.content.split())} words", ephemeral=True)


async def run(base: str, token: str) -> None:
    """Run the bot until its process is ended."""
    await redirect(base)
    async with SampleBot() as bot:
        await bot.start(token)


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:3]))

"""The promises about servers: who may run their digests there and who may not, and what becomes of them when a
channel, the server or the bot goes away and comes back, in the real bot."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from tests.bot_process import BotProcess, Place, Start
from tests.discord_server import Answer, Fault, Guild, Message, NotOfferedError, Server, User
from tests.discord_server.interactions import COMPONENT, Interaction

COMMANDS = ("add", "list", "edit", "pause", "resume", "remove", "preview", "post", "why")
BUTTONS = (
    "Type a time…",
    "Quiet days: silent",
    "Thread: off",
    "Post it now",
    "Preview",
    "Why?",
    "Pause",
    "All digests",
)


async def begin(start: Start, folder: Path, **environment: str) -> BotProcess:
    """Start a bot and wait until it has read the samples, which a folder's first one does."""
    is_first = not (folder / "bot.db").exists()
    bot = await start(folder, **environment)
    if is_first:
        await bot.until("new or changed post")
    return bot


def show_publicly(server: Server, panel: Answer, channel: Any = None) -> Message:
    """Return a message everyone sees with the buttons of a private panel, as nobody but a forger has it."""
    shown = panel.original
    assert shown is not None
    where = channel or shown.channel
    return server.world.add_message(where, server.world.bot, flags=shown.flags & ~64, components=shown.components)


def forge_form(server: Server, opened: Answer, user: User) -> Answer:
    """Return somebody else's form as if it had been opened for this user."""
    theirs = opened.interaction
    forged = Interaction(server.world.add_id(), COMPONENT, user, theirs.channel, {}, theirs.owners, None, None)
    forged.answer = theirs.answer
    return Answer(forged, server.world)


async def until_listed(server: Server, place: Place, text: str) -> None:
    """Ask for the list until it has a text: what happens to a server is noted beside the answers."""
    async with asyncio.timeout(10):
        while text not in (await server.run_command(place.admin, "digest list")).text:
            await asyncio.sleep(0.05)


def read_state(folder: Path) -> list[tuple[Any, ...]]:
    """Return all that is stored of subscriptions."""
    with sqlite3.connect(folder / "bot.db") as connection:
        return connection.execute("SELECT * FROM subscriptions ORDER BY id").fetchall()


async def test_no_path_lets_a_member_run_a_servers_digests(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """Not the commands, not an admin's buttons, selects and forms, not from a DM or another server: nothing changes."""
    elsewhere = Place(place.world)
    await begin(start, tmp_path)
    panel = await server.run_command(place.admin, "digest add", {"channel": place.general, "time": "7"})
    (digest,) = await server.complete(place.admin, "digest edit", "digest", "")
    form = await server.press(place.admin, panel, "Type a time…")
    before = read_state(tmp_path)
    public = show_publicly(server, panel)
    for name in COMMANDS:
        options = {} if name in ("add", "list", "why") else {"digest": digest["value"]}
        for asker, channel in ((place.ada, place.general), (place.admin, place.world.get_dm(place.admin))):
            try:
                await server.run_command(asker, f"digest {name}", options, channel=channel)
            except NotOfferedError:
                refused = await server.run_command(asker, f"digest {name}", options, channel=channel, anyway=True)
                assert "Manage Server" in refused.text or "in its server" in refused.text, (name, refused)
            else:
                raise AssertionError(f"/digest {name} was offered")
    for button in BUTTONS:
        refused = await server.press(place.ada, public, button)
        assert refused.ephemeral and refused.modal is None, (button, refused)
        assert "no longer there" in refused.text or "Manage Server" in refused.text, (button, refused)
    chosen: list[tuple[str, list[Any]]] = [
        ("Time", ["08:00"]),
        ("Days of the week", ["0"]),
        ("How many papers", ["1"]),
        ("How hot", ["hot"]),
        ("Ping a role…", [next(one for one in place.guild.roles.values() if one.name == "admins")]),
        ("Also post this in…", [place.news]),
        ("Move to another channel…", [place.news]),
    ]
    for select, values in chosen:
        refused = await server.choose(place.ada, public, select, values)
        assert refused.ephemeral and "no longer there" in refused.text, (select, refused)
    refused = await server.submit(place.ada, forge_form(server, form, place.ada), {"value": "9"})
    assert "no longer there" in refused.text, refused
    own = show_publicly(server, panel, place.world.get_dm(place.admin))
    assert "no longer there" in (await server.press(place.admin, own, "Pause")).text
    theirs = show_publicly(server, panel, elsewhere.general)
    for button in ("Pause", "Post it now", "Preview", "Why?"):
        refused = await server.press(elsewhere.admin, theirs, button)
        assert "no longer there" in refused.text, (button, refused)
    for name in ("edit", "pause", "remove", "post"):
        refused = await server.run_command(elsewhere.admin, f"digest {name}", {"digest": digest["value"]}, anyway=True)
        assert "no such digest" in refused.text or "no digests in this server" in refused.text, (name, refused)
    assert await server.complete(elsewhere.admin, "digest edit", "digest", "") == []
    refused = await server.run_command(elsewhere.admin, "digest add", {"channel": place.general}, anyway=True)
    assert "can't see that channel" in refused.text, refused
    assert read_state(tmp_path) == before and not server.messages(place.news)


async def test_a_server_decides_who_else_may_run_its_digests(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """A role the server allows /digest may use commands and buttons; without the permission neither, at once."""
    role = place.world.add_role(place.guild, "curators")
    place.guild.members[place.ada.id].roles.append(role.id)
    await begin(start, tmp_path)
    command = next(int(key) for key, one in place.world.commands[None].items() if one["name"] == "digest")
    place.guild.overrides[command] = {role.id: True}
    panel = await server.run_command(place.ada, "digest add", {"channel": place.general})
    assert f"set up by <@{place.ada.id}>" in panel.text, panel
    panel = await server.press(place.ada, panel, "Pause")
    assert "Paused since" in panel.text
    assert await server.complete(place.ada, "digest edit", "digest", "")
    place.guild.overrides[command] = {role.id: True, place.general.id: False}
    assert "no longer there" in (await server.press(place.ada, panel, "Resume")).text
    del place.guild.overrides[command]
    assert "no longer there" in (await server.press(place.ada, panel, "Resume")).text
    assert "Manage Server" in (await server.run_command(place.ada, "digest list", anyway=True)).text
    place.guild.overrides[command] = {place.ada.id: True}
    assert "It goes on." in (await server.press(place.ada, panel, "Resume")).text


async def test_digests_speak_the_servers_language_and_answers_the_members(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """In a German server a digest is German, while who set it up reads English; a member's own answers are German."""
    place.guild.locale = "de"
    await begin(start, tmp_path)
    panel = await server.run_command(place.admin, "digest add", {"channel": place.general})
    panel = await server.press(place.admin, panel, "Post it now")
    assert "✓ Posted in" in panel.text
    (message,) = server.messages(place.general)
    assert "24. Sept. 2020" in message["content"] and "Hot papers ·" not in message["content"].replace(
        "papers", "Paper"
    )
    assert "Manage Server" not in (await server.run_command(place.bob, "digest list", anyway=True)).text.split("\n")[0]


async def test_a_deleted_channel_pauses_its_digests_until_they_are_moved(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """List, panel and why say that the channel is gone, also when it went while the bot was off; moving goes on."""
    bot = await begin(start, tmp_path)
    doomed = server.add_guild_channel(place.guild, "doomed")
    later = server.add_guild_channel(place.guild, "later")
    panel = await server.run_command(place.admin, "digest add", {"channel": doomed, "time": "7"})
    await server.run_command(place.admin, "digest add", {"channel": later, "time": "8"})
    server.delete_channel(doomed)
    await until_listed(server, place, "✗ paused: its channel is gone")
    listed = await server.run_command(place.admin, "digest list")
    assert listed.text.count("✗ paused: its channel is gone") == 1, listed
    (gone, _) = await server.complete(place.admin, "digest edit", "digest", "")
    panel = await server.run_command(place.admin, "digest edit", {"digest": gone["value"]})
    assert "its channel is gone" in panel.text and "Move to another channel" in panel.text, panel
    assert "Not posted" in (await server.press(place.admin, panel, "Post it now")).text
    assert "can't go on yet" in (await server.press(place.admin, panel, "Resume")).text
    assert "the channel is gone" in (await server.press(place.admin, panel, "Why?")).text
    panel = await server.choose(place.admin, panel, "Move to another channel…", [place.news])
    assert f"Moved to <#{place.news.id}>" in panel.text and "Next: <t:" in panel.text, panel
    assert await bot.stop() == 0
    server.delete_channel(later)
    await begin(start, tmp_path)
    listed = await server.run_command(place.admin, "digest list")
    assert listed.text.count("✗ paused: its channel is gone") == 1 and listed.text.count("✓ active") == 1, listed


async def test_settings_outlive_a_kick_for_a_while_and_an_outage_changes_nothing(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """Removed and invited again, online or not, digests go on without catching up, and the list says so."""
    other = Place(place.world)
    bot = await begin(start, tmp_path)
    for one in (place, other):
        await server.run_command(one.admin, "digest add", {"channel": one.general})

    def count_paused() -> int:
        with sqlite3.connect(tmp_path / "bot.db") as connection:
            found = connection.execute("SELECT count(*) FROM subscriptions WHERE paused_at IS NOT NULL").fetchone()
            return int(found[0])

    server.start_outage(place.guild)
    await server.run_command(other.admin, "digest list")  # answered after what was told before it
    assert count_paused() == 0
    server.end_outage(place.guild)
    assert "✓ active" in (await server.run_command(place.admin, "digest list")).text
    server.kick(place.guild)
    await server.run_command(other.admin, "digest list")
    assert await bot.stop() == 0
    assert count_paused() == 1
    server.kick(other.guild)
    server.invite(place.guild)
    bot = await begin(start, tmp_path)
    assert count_paused() == 1  # the other one's, found by comparing
    listed = await server.run_command(place.admin, "digest list")
    assert "was away until" in listed.text and "without catching up" in listed.text and "✓ active" in listed.text, (
        listed
    )
    server.invite(other.guild)
    await until_listed(server, other, "✓ active")
    listed = await server.run_command(other.admin, "digest list")
    assert "was away until" in listed.text and "✓ active" in listed.text, listed
    server.kick(other.guild)
    await server.run_command(place.admin, "digest list")
    assert await bot.stop() == 0
    bot = await begin(start, tmp_path, KEEP_SERVER_DAYS="0")
    await bot.until("forgot 1 servers")
    server.invite(other.guild)
    assert "None yet" in (await server.run_command(other.admin, "digest list")).text
    assert "✓ active" in (await server.run_command(place.admin, "digest list")).text


def list_installed(server: Server, guild: Guild | None = None) -> set[str]:
    """Return the names of the commands installed everywhere, or in one server."""
    return {one["name"] for one in server.world.commands.get(guild.id if guild else None, {}).values()}


async def test_commands_are_installed_only_when_they_changed(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """Once, not again at the next start; in another server when the setting moves, and then nowhere twice."""
    other = place.world.add_guild("Other")

    def count() -> int:
        return sum(one.method == "PUT" and one.template.endswith("/commands") for one in server.requests)

    bot = await begin(start, tmp_path)
    assert count() == 1 and "digest" in list_installed(server)
    ids = sorted(place.world.commands[None])
    assert await bot.stop() == 0
    bot = await begin(start, tmp_path)
    assert count() == 1 and sorted(place.world.commands[None]) == ids
    helped = await server.run_command(place.ada, "help")
    assert f"</top:{next(key for key in ids if place.world.commands[None][key]['name'] == 'top')}>" in helped.text
    assert await bot.stop() == 0
    bot = await begin(start, tmp_path, DISCORD_GUILD_ID=str(place.guild.id))
    assert "digest" in list_installed(server, place.guild)
    assert await bot.stop() == 0
    await begin(start, tmp_path, DISCORD_GUILD_ID=str(other.id))
    assert "digest" in list_installed(server, other) and list_installed(server, place.guild) == set()


async def test_a_digest_that_is_due_is_posted_once_even_when_the_power_goes(
    server: Server, place: Place, start: Start, tmp_path: Path
) -> None:
    """The bot dies after Discord has the message and before it knows: after the restart there is still only one."""
    bot = await begin(start, tmp_path)
    await server.run_command(place.admin, "digest add", {"channel": place.general})
    await server.run_command(place.admin, "digest add", {"channel": place.news})
    assert await bot.stop() == 0

    def make_due(channel_id: int) -> None:
        with sqlite3.connect(tmp_path / "bot.db") as connection:
            connection.execute(
                "UPDATE subscriptions SET created_at = '2020-09-20T00:00:00+00:00', created_edition = '2020-09-22' "
                "WHERE target_id = (SELECT id FROM targets WHERE platform_id = ?)",
                (str(channel_id),),
            )

    make_due(place.general.id)
    server.faults.append(Fault(f"/channels/{place.general.id}/messages$", "POST", when="after", hang_seconds=30))
    bot = await begin(start, tmp_path)
    assert await server.until(lambda: server.messages(place.general), 15)
    await bot.kill()
    server.faults.clear()
    make_due(place.news.id)
    await begin(start, tmp_path)
    assert await server.until(lambda: server.messages(place.news), 15)  # so all that is due has been looked at
    (message,) = server.messages(place.general)
    assert "24 Sep 2020" in message["content"]

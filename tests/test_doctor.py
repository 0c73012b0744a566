"""The promises of the doctor: what is well is said so, and what is not is named with what to do about it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.answers.offers import COMMANDS, SHOW_PAPERS
from bot.doctor import Finding, check_posts, examine, render_findings
from bot.doctor_discord import CHANNELS_CHECKED, Application, ProbeError, check_clock, check_intents
from bot.doctor_probe import DiscordProbe
from bot.invite import PERMISSIONS, add_permissions, find_application_id, render_invite
from bot.sending import SEEN
from bot.settings import Settings
from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import INDEX, make_edition
from tests.discord_server import Channel, Fault, Guild, Server, World
from tests.discord_server import permissions as bits
from tests.discord_server.state import FORUM

NOW = datetime(2021, 4, 14, 12, 0, tzinfo=UTC)


def get_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_store(path: Path) -> AsyncIterator[Store]:
    async with await Store.open(path, INDEX) as store:
        yield store


@dataclass
class Site:
    """A bot's home and its Discord."""

    server: Server
    guild: Guild
    settings: Settings

    @property
    def world(self) -> World:
        return self.server.world

    async def subscribe(self, channel: Channel | str, **more: object) -> None:
        number = channel if isinstance(channel, str) else str(channel.id)
        wanted = Subscription(Target("channel", number), guild_id=str(self.guild.id))
        async with open_store(self.settings.database) as store:
            await store.subscriptions.add(replace(wanted, **more))

    async def examine(
        self, *, clock: Callable[[], datetime] = get_now, token: str | None = None, seconds: float = 5.0
    ) -> dict[str, Finding]:
        """Examine with the real probe, without its pauses; return the findings by name."""
        pauses: list[float] = []

        async def pause(seconds: float) -> None:
            pauses.append(seconds)

        token = self.settings.discord_token if token is None else token
        base = self.settings.discord_api_base
        async with DiscordProbe(base, token, timeout_seconds=seconds, pause=pause) as probe:
            found = await examine(replace(self.settings, discord_token=token), probe, open_store, clock)
        assert max(pauses, default=0) <= 5
        assert token == "" or token not in render_findings(found)
        return {one.name: one for one in found}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A bot with one server, its commands installed, today's post stored, and nothing wrong."""
    world = World()
    guild = world.add_guild(channels=("papers", "other"))
    names = [*dict.fromkeys(command.name.split()[0] for command in COMMANDS), SHOW_PAPERS]
    world.commands[None] = {number: {"id": str(number), "name": name} for number, name in enumerate(names, 1)}
    (tmp_path / "posts").mkdir()
    async with open_store(tmp_path / "papers.db") as store:
        await store.days.put([make_edition(get_now().date() - timedelta(days=1), [("2104.00001", 9)])], [], NOW)
    async with Server(world) as server:
        yield Site(
            server,
            guild,
            Settings(
                database=tmp_path / "papers.db",
                posts_source=tmp_path / "posts",
                discord_token=world.token,
                discord_api_base=server.base,
            ),
        )
        assert server.violations == []


async def test_all_is_well(site: Site) -> None:
    """Every part is checked and said to be well, each on a line of its own."""
    papers = site.guild.get_channel("papers")
    await site.subscribe(papers)
    found = await site.examine()
    assert {name: one.is_ok for name, one in found.items()} == {
        **dict.fromkeys(("settings", "token", "clock", "intents", "commands", f"channel {papers.id}"), True),
        **dict.fromkeys(("database", "digests", "posts", "disk", "time zones"), True),
    }
    assert "hotpapers" in found["token"].detail
    assert all(line.startswith("ok  ") for line in render_findings(list(found.values())).splitlines())


async def test_without_a_token_the_rest_is_checked(site: Site) -> None:
    """It says where to get one; database and posts are looked at all the same, and Discord is not asked."""
    found = await site.examine(token="")
    assert found["token"].is_ok is False
    assert "https://discord.com/developers/applications" in found["token"].what_to_do
    assert found["database"].is_ok is True
    assert site.server.requests == []


async def test_a_wrong_token_is_asked_for_once(site: Site) -> None:
    """Discord's refusal is told from an outage, and not asked for again: it counts towards a ban."""
    found = await site.examine(token="some.other.token-of-a-bot")  # noqa: S106 - made up
    assert found["token"].is_ok is False
    assert "refuses" in found["token"].detail
    assert found["discord"].is_ok is None
    assert site.server.invalid_requests == 1


async def test_a_server_that_is_down_is_not_the_tokens_fault(site: Site) -> None:
    """Nobody listens: what to look at is named, and the rest is checked."""
    await site.server.stop()
    found = await site.examine()
    assert found["token"].is_ok is False
    assert "no answer" in found["token"].detail
    assert "HTTPS_PROXY" in found["token"].what_to_do
    assert found["posts"].is_ok is True


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=502, body="Bad Gateway", times=2),
        Fault(reset=True, times=2),
        Fault(hang_seconds=0.5, times=2),
        Fault.rate_limit(60, times=2),
    ],
    ids=["502", "reset", "slow", "429"],
)
async def test_a_hiccup_is_tried_again(site: Site, fault: Fault) -> None:
    """Two failures of any kind in a row change nothing about the findings."""
    site.server.faults.append(fault)
    found = await site.examine(seconds=0.2)
    assert fault.struck == 2
    assert found["token"].is_ok is True


async def test_an_outage_ends(site: Site) -> None:
    """What never answers is asked three times and no more."""
    fault = Fault(status=503, body="down", times=None)
    site.server.faults.append(fault)
    found = await site.examine()
    assert (fault.struck, found["token"].is_ok) == (3, False)
    assert "503" in found["token"].detail


@pytest.mark.parametrize("body", ["<html>Sign in to this network</html>", "[]", "{}", "null"])
async def test_an_answer_of_somebody_else_is_no_crash(site: Site, body: str) -> None:
    """A page that is not Discord's, in place of any answer, is said to be that."""
    site.server.faults.append(Fault(status=200, body=body, times=None))
    found = await site.examine()
    assert "not Discord's" in found["token"].detail


async def test_a_missing_permission_is_named_by_channel(site: Site) -> None:
    """What a channel denies is named by Discord's names; its neighbour is well."""
    papers, other = site.guild.get_channel("papers"), site.guild.get_channel("other")
    papers.deny(site.guild.everyone, bits.SEND_MESSAGES | bits.READ_MESSAGE_HISTORY)
    await site.subscribe(papers)
    await site.subscribe(other)
    found = await site.examine()
    assert found[f"channel {papers.id}"].detail == "missing: Send Messages, Read Message History"
    assert found[f"channel {other.id}"].is_ok is True
    line = next(line for line in render_findings(list(found.values())).splitlines() if str(papers.id) in line)
    assert line.startswith("!!  ")
    assert "→" in line


async def test_what_a_digest_needs_depends_on_it(site: Site) -> None:
    """A thread under each digest and posts in a forum need more than messages do."""
    papers = site.guild.get_channel("papers")
    forum = site.world.add_channel(site.guild, "forum", FORUM)
    for channel in (papers, forum):
        channel.deny(site.guild.everyone, bits.CREATE_PUBLIC_THREADS | bits.SEND_MESSAGES_IN_THREADS)
    await site.subscribe(papers)
    assert (await site.examine())[f"channel {papers.id}"].is_ok is True
    await site.subscribe(papers, has_thread=True)
    await site.subscribe(forum, channel_kind="forum")
    found = await site.examine()
    assert "Create Public Threads" in found[f"channel {papers.id}"].detail
    assert found[f"channel {forum.id}"].detail == "missing: Send Messages in Threads"


async def test_roles_and_overwrites_add_up_as_discord_says(site: Site) -> None:
    """In every combination of them the probe finds what the server itself goes by."""
    world, guild = site.world, site.guild
    me = guild.members[world.bot.id]
    helper = world.add_role(guild, "helper", bits.CREATE_PUBLIC_THREADS)
    me.roles.append(helper.id)
    guild.everyone.permissions = bits.VIEW_CHANNEL | bits.SEND_MESSAGES
    wanted = bits.SEND_MESSAGES | bits.READ_MESSAGE_HISTORY | bits.SEND_MESSAGES_IN_THREADS
    channels = []
    for number in range(16):
        channel = world.add_channel(guild, f"c{number}")
        if number & 1:
            channel.deny(guild.everyone, wanted)
        if number & 2:
            channel.allow(helper, bits.SEND_MESSAGES)
        if number & 4:
            channel.deny(guild.roles[me.roles[0]], bits.SEND_MESSAGES | bits.CREATE_PUBLIC_THREADS)
        if number & 8:
            channel.allow(world.bot, bits.READ_MESSAGE_HISTORY)
            channel.deny(world.bot, bits.CREATE_PUBLIC_THREADS)
        channels.append(channel)
    async with DiscordProbe(site.server.base, world.token) as probe:
        for channel in channels:
            actual = world.get_permissions(world.bot, channel)
            names = {one.name for one in PERMISSIONS if actual & one.bit}
            assert await probe.get_channel_permissions(str(channel.id)) == names
        helper.permissions |= bits.ADMINISTRATOR
    async with DiscordProbe(site.server.base, world.token) as probe:
        assert len(await probe.get_channel_permissions(str(channels[5].id))) == len(PERMISSIONS)


async def test_channels_that_are_gone_or_hidden_are_told_apart(site: Site) -> None:
    """A deleted channel and one the bot can't see each have their own words."""
    hidden = site.guild.get_channel("other")
    hidden.deny(site.guild.everyone, bits.VIEW_CHANNEL)
    await site.subscribe("1000000000000000000")
    await site.subscribe(hidden)
    found = await site.examine()
    assert found["channel 1000000000000000000"].detail == "it was deleted"
    assert "/digest list" in found["channel 1000000000000000000"].what_to_do
    assert found[f"channel {hidden.id}"].is_ok is False
    assert "can't see" in found[f"channel {hidden.id}"].detail


async def test_only_so_many_channels_are_asked_for(site: Site) -> None:
    """The rest is counted; paused and personal digests have no channel to ask for."""
    for number in range(CHANNELS_CHECKED + 7):
        await site.subscribe(str(10**18 + number))
    await site.subscribe(site.guild.get_channel("papers"), paused_at=NOW, pause_reason="asked")
    await site.subscribe(str(10**18))  # a second digest of a channel asks no second time
    async with open_store(site.settings.database) as store:
        await store.subscriptions.add(Subscription(Target("member", "5"), channel_kind="dm"))
    found = await site.examine()
    assert sum(name.startswith("channel ") for name in found) == CHANNELS_CHECKED
    assert found["channels"].detail == "7 more were not checked"


async def test_once_nobody_answers_no_more_is_asked(site: Site) -> None:
    """An outage in the middle costs one channel's tries, not fifty channels'."""
    for number in range(5):
        await site.subscribe(str(10**18 + number))
    fault = Fault(path="^/channels/", status=500, body="down", times=None)
    site.server.faults.append(fault)
    found = await site.examine()
    assert fault.struck == 3
    assert found["channel 1000000000000000000"].is_ok is None
    assert found["channels"].detail == "4 more were not checked"


async def test_installed_commands_are_compared(site: Site) -> None:
    """What is missing and what is not ours is named; those of one server are looked for there."""
    commands = site.world.commands[None]
    commands[1]["name"] = "former"
    found = await site.examine()
    assert found["commands"].is_ok is False
    assert found["commands"].detail == "missing: top; not ours: former"
    site.settings = replace(site.settings, discord_guild_id=site.guild.id)
    assert "missing" in (await site.examine())["commands"].detail
    site.world.commands[site.guild.id] = commands | {1: {"id": "1", "name": "top"}}
    assert (await site.examine())["commands"].is_ok is True
    site.settings = replace(site.settings, discord_guild_id=site.guild.id + 1)
    assert "DISCORD_GUILD_ID" in (await site.examine())["commands"].what_to_do


async def test_a_clock_that_is_off_is_found(site: Site) -> None:
    """Compared with Discord's own, either way, by how much."""
    found = await site.examine(clock=lambda: get_now() + timedelta(minutes=2))
    assert found["clock"].is_ok is False
    assert "ahead of" in found["clock"].detail
    assert check_clock(NOW, NOW - timedelta(seconds=6)).detail == "6 s behind Discord's"
    assert check_clock(NOW, NOW + timedelta(seconds=5)).is_ok is True
    assert check_clock(None, NOW).is_ok is None


def test_no_privileged_intent_is_needed() -> None:
    """One that is allowed without need is named, and no fault."""
    assert check_intents(1 << 19 | 1 << 14) == Finding(
        "intents", True, "none needed; allowed without need: Server Members, Message Content"
    )
    assert check_intents(1 << 23).detail == "no privileged one is needed"


async def test_a_database_that_is_not_there_is_not_made(site: Site) -> None:
    """Looking changes nothing."""
    site.settings = replace(site.settings, database=site.settings.database.with_name("none.db"))
    found = await site.examine()
    assert found["database"].is_ok is False
    assert "hotpapers run" in found["database"].what_to_do
    assert not site.settings.database.exists()
    assert found["channels"].is_ok is None


async def test_a_damaged_database_is_found(site: Site) -> None:
    """Neither broken pages nor another file in its place end in anything but a finding."""
    path = site.settings.database
    with closing(sqlite3.connect(path)) as connection:
        ((size,),) = connection.execute("PRAGMA page_size")
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'given_target'")
    raw = bytearray(path.read_bytes())
    raw[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(raw)
    assert "damaged" in (await site.examine())["database"].detail
    path.write_text("not a database at all " * 400)
    assert (await site.examine())["database"].is_ok is False


async def test_posts_that_stopped_coming_are_found(site: Site, tmp_path: Path) -> None:
    """A source that can't be read, one without new posts, and none at all each have their own words."""
    late = await site.examine(clock=lambda: get_now() + timedelta(days=9))
    assert late["posts"].is_ok is False
    assert "10 days ago" in late["posts"].detail
    for age, said in ((1, "1 day ago"), (0, "today"), (-1, "tomorrow"), (-2, "in 2 days")):
        assert f", {said}, from" in check_posts(site.settings, NOW.date(), NOW + timedelta(days=age)).detail
    site.settings = replace(site.settings, posts_source=None)
    assert (await site.examine())["posts"].is_ok is None
    site.settings = replace(site.settings, posts_source=tmp_path / "nowhere")
    assert "POSTS_SOURCE" in (await site.examine())["posts"].what_to_do
    site.settings = replace(site.settings, posts_source=tmp_path / "posts", database=tmp_path / "new.db")
    async with open_store(tmp_path / "new.db"):
        pass
    assert (await site.examine())["posts"].detail == "none is stored"


async def promise(site: Site, minutes: int, **order: object) -> int:
    """Promise a digest that is due since some minutes."""
    planned = get_now() - timedelta(minutes=minutes)
    async with open_store(site.settings.database) as store:
        known = await store.subscriptions.add(replace(Subscription(Target("channel", "20")), **order))
        made = Delivery(known.id or 0, known.target, f"{known.id}", (), (), "{}", due_at=planned)
        (number,) = await store.deliveries.add([made], planned)
    return number


async def test_digests_that_wait_too_long_are_found(site: Site) -> None:
    """Digests that are due for more than a quarter of an hour are counted, with what Discord said; paused ones not."""
    await promise(site, 600, paused_at=NOW, pause_reason="asked")
    held = "1 held back as their digest is paused"
    assert (await site.examine(token=""))["digests"] == Finding("digests", True, f"none is waiting; {held}")
    await promise(site, 10)
    assert (await site.examine(token=""))["digests"].detail == f"1 waiting, none for long; {held}"
    number = await promise(site, 40)
    found = (await site.examine(token=""))["digests"]
    assert (found.is_ok, found.detail) == (False, "1 waiting for up to 40 minutes, never tried")
    assert "does the bot run?" in found.what_to_do
    async with open_store(site.settings.database) as store:
        await store.deliveries.claim(number, get_now())
        await store.deliveries.mark_pending(number, "outage", get_now())
    assert (await site.examine(token=""))["digests"].detail == "1 waiting for up to 40 minutes: outage"


async def test_digests_nobody_knows_of_are_found(site: Site) -> None:
    """What may have arrived is counted; where the history can't be read, the channel and the permission are named."""
    number = await promise(site, 1)
    async with open_store(site.settings.database) as store:
        await store.deliveries.claim(number, get_now())
        await store.deliveries.mark_uncertain(number, "outage", get_now())
    found = (await site.examine(token=""))["uncertain digests"]
    assert (found.is_ok, "1 may have arrived" in found.detail) == (False, True)
    async with open_store(site.settings.database) as store:
        await store.deliveries.mark_uncertain(number, "permission", get_now())
    found = (await site.examine(token=""))["uncertain digests"]
    assert found.what_to_do == "give the bot Read Message History in channel 20"


async def test_digests_that_wait_for_their_history_are_named(site: Site) -> None:
    """After a backup was restored, those whose channel is still to be read are counted, and are not late.

    Only where the bot runs, and something waits all the same, is it the permission.
    """
    number = await promise(site, 600, check_since=NOW, created_edition=date(2100, 1, 1))
    found = await site.examine(token="")
    assert (found["history"].is_ok, found["digests"].is_ok) == (None, True)
    assert "when the bot runs" in found["history"].what_to_do
    async with open_store(site.settings.database) as store:
        await store.facts.set(SEEN, get_now().isoformat())
    assert "Read Message History" in (await site.examine(token=""))["history"].what_to_do
    async with open_store(site.settings.database) as store:
        await store.deliveries.claim(number, get_now())
        await store.deliveries.mark_sent(number, "20", "7", get_now())
    assert (await site.examine(token=""))["history"].what_to_do == ""


async def test_what_holds_all_back_is_found(site: Site) -> None:
    """Another copy with the same token, if that was lately, and a pause of all direct messages that is not over."""
    now = get_now()
    async with open_store(site.settings.database) as store:
        await store.facts.set("second copy", (now - timedelta(hours=2)).isoformat())
        await store.facts.set("dms paused", json.dumps({"until": (now + timedelta(hours=1)).isoformat()}))
    found = await site.examine(token="")
    assert (found["second copy"].is_ok, found["direct messages"].is_ok) == (False, False)
    assert "reset the token" in found["second copy"].what_to_do
    async with open_store(site.settings.database) as store:
        await store.facts.set("second copy", (now - timedelta(days=2)).isoformat())
        await store.facts.set("dms paused", json.dumps({"until": (now - timedelta(hours=1)).isoformat()}))
    assert not {"second copy", "direct messages"} & set(await site.examine(token=""))


async def test_a_zone_that_is_unknown_here_is_named(site: Site) -> None:
    """A digest whose zone this machine lacks would not come."""
    await site.subscribe(site.guild.get_channel("papers"), timezone="Mars/Olympus")
    found = await site.examine()
    assert found["time zones"].detail == "unknown here: Mars/Olympus"


class Odd:
    """A probe whose application has a hostile name."""

    async def get_application(self) -> Application:
        return Application("1", "x\x1b[31m\nok  database")

    async def list_commands(self, application_id: str, guild_id: int | None) -> frozenset[str]:
        raise ProbeError("no answer")

    async def get_channel_permissions(self, channel_id: str) -> frozenset[str]:
        raise ProbeError("no answer")


async def test_strangers_words_stay_on_their_line(tmp_path: Path) -> None:
    """A name with line breaks and terminal controls makes no finding of its own."""
    settings = Settings(database=tmp_path / "none.db", discord_token="a.b.c")  # noqa: S106 - made up
    text = render_findings(await examine(settings, Odd(), open_store, lambda: NOW))
    assert "\x1b" not in text
    assert [line[4:] for line in text.splitlines() if line.startswith("ok  database")] == []


def test_the_invitation_asks_for_what_is_needed_and_no_more() -> None:
    """The permissions are the documented sums; both scopes are in the link."""
    assert add_permissions() == 309237713920
    assert add_permissions(threads=False) == 68608
    start = "https://discord.com/oauth2/authorize?client_id=81384788765712384&scope=bot+applications.commands"
    assert render_invite(81384788765712384) == f"{start}&permissions=309237713920"
    assert render_invite(81384788765712384, threads=False) == f"{start}&permissions=68608"
    assert all(one.why and one.bit.bit_count() == 1 for one in PERMISSIONS)


@pytest.mark.parametrize(
    ("token", "found"),
    [
        ("MTAwMDAwMDAwMDAwMDAwMDAwMA.GabcDE.x", 1000000000000000000),
        ("ODEzODQ3ODg3NjU3MTIzODQ.a.b", 81384788765712384),
        ("test.token.of-the-bot", None),
        ("", None),
        ("é.a.b", None),
        ("MTIz.a.b", None),
    ],
)
def test_a_token_names_its_application(token: str, found: int | None) -> None:
    """The link needs no network: the first part of a token is the id; other texts have none."""
    assert find_application_id(token) == found


def test_the_setup_guide_has_every_permission() -> None:
    """docs/setup.md names each permission, its reason and both sums as the code has them."""
    text = (Path(__file__).parents[1] / "docs" / "setup.md").read_text()
    for one in PERMISSIONS:
        assert f"| {one.name} | {one.why} |" in text
    assert str(add_permissions()) in text
    assert str(add_permissions(threads=False)) in text

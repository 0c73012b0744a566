"""The promises to who sets up a server's digests: every option, button, select and form of /digest, in the real bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.bot_process import Place, run_bots, run_server
from tests.discord_server import Answer, Channel, Server, World
from tests.discord_server.permissions import SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, VIEW_CHANNEL
from tests.discord_server.state import CATEGORY

POSTED = "Hot papers · Thu 24 Sep 2020"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A Discord with one bot for all tests here, which has read the samples; each test invites it to its own server."""
    async with run_server(Place(World())) as server, run_bots(server, tmp_path_factory.mktemp("bot")) as start:
        bot = await start()
        await bot.until("new or changed post")
        yield server


@pytest.fixture
def place(server: Server) -> Place:
    """A server, with an admin of its own, that the bot does not know of yet."""
    return Place(server.world)


async def add(server: Server, place: Place, channel: Channel, **options: Any) -> Answer:
    """Add a digest as the admin and return its panel."""
    panel = await server.run_command(place.admin, "digest add", {"channel": channel, **options})
    assert panel.ephemeral and "new digest" in panel.text, panel
    return panel


def find_select(answer: Answer, ending: str) -> str:
    """Return the custom id of the one select whose id ends so."""
    (found,) = [one for one in answer.selects if one.endswith(ending)]
    return found


def list_labels(buttons: list[Any]) -> list[str]:
    """Return the labels of a message's rows of buttons."""
    return [button["label"] for row in buttons for button in row["components"]]


async def test_every_option_of_add_is_taken_and_shown(server: Server, place: Place) -> None:
    """Filter, time, zone, days, number, heat, role and thread come back in the panel, with the next time."""
    readers = place.world.add_role(place.guild, "readers", mentionable=True)
    server.invite(place.guild)
    panel = await add(
        server,
        place,
        place.general,
        categories="cs.LG, stat",
        time="9am",
        timezone="Tokyo",
        days="weekdays",
        count=5,
        only="hot",
        mention=readers,
        discussion_thread=True,
    )
    for part in ("cs.LG", "stat", "09:00", "Asia/Tokyo", "5 papers", f"pings <@&{readers.id}>", "opens a thread"):
        assert part in panel.text, (part, panel)
    for part in (
        f"<#{place.general.id}>",
        "✓ All permissions",
        "Next: <t:",
        f"set up by <@{place.admin.id}>",
        "arrive",
    ):
        assert part in panel.text, (part, panel)
    here = await server.run_command(place.admin, "digest add", {}, channel=place.news)
    assert f"### Digest for <#{place.news.id}>" in here.text and "Publish: off" in here.buttons, here
    forum = await add(server, place, place.forum, tag="papers")
    assert "tag Papers" in forum.text and not [one for one in forum.buttons if "Thread" in one], forum


async def test_options_complete_while_they_are_typed(server: Server, place: Place) -> None:
    """Zones come with their clock, times in full, a forum's tags, categories by name, and the server's digests."""
    server.invite(place.guild)
    await add(server, place, place.general, categories="cs.CV", time="7")

    async def complete(option: str, typed: str, command: str = "digest add", **values: Any) -> list[dict[str, Any]]:
        return await server.complete(place.admin, command, option, typed, values)

    assert {"09:00", "21:00"} <= {one["value"] for one in await complete("time", "9")}
    zones = await complete("timezone", "berl")
    assert zones[0]["value"] == "Europe/Berlin" and "now " in zones[0]["name"]
    assert "Africa/Cairo" in [one["value"] for one in await complete("timezone", "+2")]
    assert "weekdays" in [one["value"] for one in await complete("days", "we")]
    assert [one["value"] for one in await complete("categories", "stat, computer vis")] == ["stat, cs.CV"]
    assert [one["name"] for one in await complete("tag", "", channel=place.forum)] == ["Papers", "Else"]
    assert [one["name"] for one in await complete("tag", "pap", channel=place.forum)] == ["Papers"]
    (digest,) = await complete("digest", "", "digest edit")
    assert digest["name"] == "#general · cs.CV · 07:00"
    panel = await server.run_command(place.admin, "digest edit", {"digest": digest["value"]})
    assert "07:00" in panel.text


async def test_wrong_values_are_named_and_nothing_is_added(server: Server, place: Place) -> None:
    """Each option that does not fit says what would; @everyone is never pinged, a forum names its tags."""
    heading = place.world.add_channel(place.guild, "heading", CATEGORY)
    server.invite(place.guild)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"time": "25:99"}, "not a time of day"),
        ({"timezone": "Nowhereland"}, "Nowhereland"),
        ({"days": "someday"}, "no day of the week"),
        ({"categories": "cs.XX"}, "cs.XX"),
        ({"only": "lukewarm"}, "How hot is one of"),
        ({"count": 26}, "1 to 25"),
        ({"mention": place.guild.everyone}, "doesn't ping everyone"),
        ({"tag": "Papers"}, "Only a forum's posts have tags"),
        ({"channel": place.forum}, "Papers, Else"),
        ({"channel": place.forum, "tag": "Cats"}, "no such tag. It has: Papers, Else"),
        ({"channel": place.forum, "tag": "Papers", "discussion_thread": True}, "Leave the thread out"),
        ({"channel": heading}, "text, announcement and forum channels"),
    ]
    for options, said in wrong:
        answer = await server.run_command(place.admin, "digest add", options, anyway=True)
        assert answer.ephemeral and said in answer.text, (options, answer)
    assert "None yet" in (await server.run_command(place.admin, "digest list")).text


async def test_every_setting_of_the_panel_can_be_changed(server: Server, place: Place) -> None:
    """Each select, switch and form changes the one panel in its place, and a wrong word leaves it as it was."""
    readers = place.world.add_role(place.guild, "readers")
    server.invite(place.guild)
    panel = await add(server, place, place.news)
    chosen: list[tuple[str, list[Any], str]] = [
        (":time", ["21:00"], "21:00"),
        (":weekdays", ["0", "2"], "Mon"),
        (":count", ["3"], "3 papers"),
        (":only", ["very hot"], "very hot"),
        (":mention", [readers], f"pings <@&{readers.id}>"),
    ]
    for setting, values, shown in chosen:
        panel = await server.choose(place.admin, panel, find_select(panel, setting), values)
        assert panel.updated and shown in panel.text, (setting, panel)
    assert f"✗ <@&{readers.id}> can't be pinged" in panel.text and "**Mention All Roles**" in panel.text
    readers.mentionable = True
    server.update_role(place.guild, readers)
    for button, shown in (
        ("Quiet days: silent", "says when there is nothing new"),
        ("Thread: off", "opens a thread"),
        ("Publish: off", "published to followers"),
    ):
        panel = await server.press(place.admin, panel, button)
        assert panel.updated and shown in panel.text, (button, panel)
    assert "can't be pinged" not in panel.text
    panel = await server.press(place.admin, panel, "Stop pinging")
    assert "pings" not in panel.text
    for button, typed, shown in (
        ("Type a time…", "half past", "not a time of day"),
        ("Type a zone…", "Atlantis", "Atlantis"),
        ("Type categories…", "cs.XX", "cs.XX"),
    ):
        form = await server.press(place.admin, panel, button)
        assert form.modal is not None
        refused = await server.submit(place.admin, form, {"value": typed})
        assert refused.ephemeral and not refused.updated and shown in refused.text, refused
    for button, typed, shown in (
        ("Type a time…", "6:45", "06:45"),
        ("Type a zone…", "Kathmandu", "Asia/Kathmandu"),
        ("Type categories…", "cs.CL, math", "cs.CL"),
        ("Type categories…", "all", "all of arXiv"),
    ):
        panel = await server.submit(place.admin, await server.press(place.admin, panel, button), {"value": typed})
        assert panel.updated and shown in panel.text, (button, panel)
    assert "06:45" in panel.text and "21:00" not in panel.text


async def test_one_panel_serves_several_channels_and_names_what_each_lacks(server: Server, place: Place) -> None:
    """Other channels get the same digest at once; what the app may not do there is named, and ✓ once it may."""
    bot, closed = place.world.bot, place.world.add_channel(place.guild, "closed")
    closed.deny(bot, SEND_MESSAGES)
    place.forum.deny(bot, SEND_MESSAGES_IN_THREADS)
    place.forum.requires_tag = False
    server.invite(place.guild)
    panel = await add(server, place, place.general)
    panel = await server.choose(
        place.admin, panel, "Also post this in…", [place.news, closed, place.forum, place.general]
    )
    assert f"✓ Also in <#{place.news.id}> now." in panel.text, panel
    assert f"✗ <#{closed.id}>: added, but permissions are missing: **Send Messages**" in panel.text
    assert f"✗ <#{place.forum.id}>: added, but permissions are missing: **Send Messages in Threads**" in panel.text
    assert f"✗ <#{place.general.id}>: it has this digest already" in panel.text
    found = await server.run_command(place.admin, "digest edit", {}, channel=closed)
    assert f"✗ Missing in <#{closed.id}>: **Send Messages**" in found.text
    refused = await server.press(place.admin, found, "Post it now")
    assert "✗ Not posted" in refused.text and not server.messages(closed)
    assert "Send Messages" in (await server.run_command(place.admin, "digest list")).text
    why = await server.run_command(place.admin, "digest why", {"channel": closed})
    assert "✗ permission missing: **Send Messages**" in why.text, why
    closed.allow(bot, SEND_MESSAGES)
    server.update_channel(closed)
    panel = await server.press(place.admin, found, "Post it now")
    assert "✓ Posted" in panel.text and "✓ All permissions" in panel.text and len(server.messages(closed)) == 1
    closed.deny(bot, VIEW_CHANNEL)
    server.update_channel(closed)
    panel = await server.run_command(place.admin, "digest edit", {}, channel=closed)
    assert "**View Channel**" in panel.text, panel
    away = await server.run_command(
        place.admin, "digest add", {"channel": place.world.add_guild().get_channel("general")}
    )
    assert "can't see that channel" in away.text


async def test_post_now_posts_once_however_often_it_is_tapped(server: Server, place: Place) -> None:
    """Taps of one button post once and count as given: the next one posts other papers, or says why there is none."""
    server.invite(place.guild)
    panel = await add(server, place, place.general, count=10)
    taps = await asyncio.gather(*(server.press(place.admin, panel, "Post it now") for _ in range(4)))
    assert all("Posted in" in tap.text for tap in taps), taps
    assert len(server.messages(place.general)) == 1
    first = server.messages(place.general)[0]["content"]
    assert POSTED in first and "Top 10 of 11" in first
    panel = await server.run_command(place.admin, "digest post")
    second = server.messages(place.general)[1]["content"]
    assert len(server.messages(place.general)) == 2 and "**2**" not in second
    title = second.split("**1** ")[1].split("]")[0]
    assert title not in first
    panel = await server.press(place.admin, panel, "Post it now")
    assert "There is nothing to post now" in panel.text and len(server.messages(place.general)) == 2


async def test_a_long_digest_comes_in_parts_and_pings_once(server: Server, place: Place) -> None:
    """More than ten papers are two messages: the role is pinged by the first alone, and one thread is opened."""
    readers = place.world.add_role(place.guild, "readers", mentionable=True)
    server.invite(place.guild)
    panel = await add(server, place, place.general, count=25, mention=readers, discussion_thread=True)
    panel = await server.press(place.admin, panel, "Post it now")
    first, second = server.messages(place.general)
    assert first["mention_roles"] == [str(readers.id)] and second["mention_roles"] == []
    assert f"<@&{readers.id}>" not in second["content"] and "**11**" in second["content"]
    assert "All 11 papers" in list_labels(second["components"])
    assert first["thread"]["name"].startswith(POSTED) and "thread" not in second


async def test_announcements_are_published_only_where_that_is_wanted(server: Server, place: Place) -> None:
    """Publishing is off until it is switched on; then followers get the message."""
    server.invite(place.guild)
    panel = await add(server, place, place.news, count=3)
    panel = await server.press(place.admin, panel, "Post it now")
    panel = await server.press(place.admin, panel, "Publish: off")
    await server.press(place.admin, panel, "Post it now")
    quiet, loud = server.messages(place.news)
    assert not quiet["flags"] & 1 and loud["flags"] & 1


async def test_a_forum_gets_a_post_with_its_tag(server: Server, place: Place) -> None:
    """A digest in a forum begins a post named after it, under the tag chosen, and its parts stay within it."""
    server.invite(place.guild)
    panel = await add(server, place, place.forum, tag="Papers", count=25)
    panel = await server.choose(place.admin, panel, find_select(panel, ":tag"), ["Else"])
    assert "tag Else" in panel.text
    panel = await server.press(place.admin, panel, "Post it now")
    assert "✓ Posted" in panel.text, panel
    (post,) = [one for one in place.guild.channels.values() if one.parent_id == place.forum.id]
    assert post.name.startswith(POSTED) and post.applied_tags == [place.forum.tags[1].id]
    assert len(server.messages(post)) == 2


async def test_commands_mean_the_one_digest_or_let_choose(server: Server, place: Place) -> None:
    """With none they say how to begin, with one they act at once, with several they ask which, each by a button."""
    server.invite(place.guild)
    names = ("edit", "pause", "resume", "remove", "preview", "post", "why")
    for name in names:
        assert "/digest add begins one" in (await server.run_command(place.admin, f"digest {name}")).text
    await add(server, place, place.general, count=2)

    async def run(name: str, **options: Any) -> Answer:
        return await server.run_command(place.admin, f"digest {name}", options)

    assert "### Digest for" in (await run("edit")).text
    assert "a preview: only you see it" in (await run("preview")).text
    assert "Paused since" in (await run("pause")).text
    assert "✗ paused" in (await run("list")).text
    assert "it is paused" in (await run("why")).text
    assert "It goes on." in (await run("resume")).text
    assert "It was not paused" in (await run("resume")).text
    assert "✓ Posted" in (await run("post")).text
    why = (await run("why")).text
    assert why.count("✓") == 5 and "Next: <t:" in why and "What to do: nothing" in why, why
    listed = await run("list")
    assert "last: [posted](" in listed.text and "✓ active" in listed.text and "set up by" in listed.text

    await add(server, place, place.general, categories="cs.CV", time="8")
    for name, label in zip(names, ("Open", "Pause", "Resume", "Remove", "Preview", "Post it now", "Why?"), strict=True):
        asked = await run(name)
        assert "### Which digest?" in asked.text and asked.buttons == [label] * 2, asked
        ids = [row["accessory"]["custom_id"] for row in asked.message["components"][0]["components"][1:]]  # type: ignore[index]
        done = await server.press(place.admin, asked, ids[1])
        assert done.ephemeral and ("cs.CV" in done.text or "Why the digest" in done.text), (name, done)
    (chosen,) = await server.complete(place.admin, "digest pause", "digest", "cs.CV")
    assert "Paused since" in (await run("pause", digest=chosen["value"])).text
    assert "no such digest" in (await run("pause", digest="#general")).text  # two have that in their label
    assert "no such digest" in (await run("pause", digest="99999")).text
    other = await server.run_command(place.admin, "digest why", {"channel": place.news})
    assert "No digest goes to that channel" in other.text


async def test_every_button_of_the_panel_does_its_work(server: Server, place: Place) -> None:
    """Preview, why, pause and resume, the list and back, and removing, which asks first and can be taken back."""
    server.invite(place.guild)
    panel = await add(server, place, place.general)
    preview = await server.press(place.admin, panel, "Preview")
    assert preview.ephemeral and not preview.updated and "a preview" in preview.text
    details = await server.press(place.admin, preview, "1")
    assert details.ephemeral and "arxiv.org/abs/2009.11243" in details.text
    why = await server.press(place.admin, panel, "Why?")
    assert "It is not due yet" in why.text or "not due yet" in why.text, why
    panel = await server.press(place.admin, panel, "Pause")
    assert "Paused since" in panel.text and "Next:" not in panel.text
    panel = await server.press(place.admin, panel, "Resume")
    assert "It goes on." in panel.text and "Next:" in panel.text
    listed = await server.press(place.admin, panel, "All digests")
    panel = await server.press(place.admin, listed, "Open")
    asked = await server.press(place.admin, panel, "Remove")
    assert asked.buttons == ["Remove it", "Pause", "Keep it"] and "Remove the digest for" in asked.text
    panel = await server.press(place.admin, asked, "Keep it")
    assert "### Digest for" in panel.text
    asked = await server.press(place.admin, panel, "Remove")
    panel = await server.press(place.admin, asked, "Pause")
    asked = await server.run_command(place.admin, "digest remove")
    assert asked.buttons == ["Remove it", "Keep it"]
    gone = await server.press(place.admin, asked, "Remove it")
    assert "is removed" in gone.text
    late = await server.press(place.admin, panel, "Resume")
    assert "no longer there" in late.text, late
    assert "None yet" in (await server.press(place.admin, gone, "All digests")).text


async def test_a_channel_has_ten_digests_at_most(server: Server, place: Place) -> None:
    """The eleventh is refused by /digest add, by copying and by moving; the list turns its pages."""
    server.invite(place.guild)
    topics = ["cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.NE", "cs.RO", "cs.SI", "cs.IR", "cs.HC", "cs.CR"]
    for topic in topics:
        panel = await add(server, place, place.general, categories=topic)
    full = await server.run_command(place.admin, "digest add", {"categories": "stat"})
    assert "10 digests already" in full.text and "digest for" not in full.text, full
    panel = await add(server, place, place.news, categories="stat")
    panel = await server.choose(place.admin, panel, "Also post this in…", [place.general])
    assert "10 digests already" in panel.text, panel
    refused = await server.choose(place.admin, panel, "Move to another channel…", [place.general])
    assert "as many digests as a channel may have" in refused.text
    listed = await server.run_command(place.admin, "digest list")
    assert "11 digests" in listed.text and listed.buttons.count("Open") == 10, listed
    (forward,) = [one for one in listed.buttons if "›" in one]
    last = await server.press(place.admin, listed, forward)
    assert last.updated and last.buttons.count("Open") == 1 and "stat" in last.text

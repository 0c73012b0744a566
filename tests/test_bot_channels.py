"""The promises of a server's digests, from the running bot to the Discord for tests and back."""

from __future__ import annotations

from tests.bot_process import Place, Start, wait_for_posts
from tests.discord_server import Answer, Server


async def test_an_admin_sets_up_digests_from_discord_alone(server: Server, place: Place, start: Start) -> None:
    """Added, changed in its panel, copied, posted once, listed, explained, removed: each answer private and right."""
    await wait_for_posts(await start())
    admin = place.admin
    panel = await server.run_command(admin, "digest add", {"time": "9", "timezone": "Tokyo"}, channel=place.general)
    assert panel.ephemeral
    assert f"Digest for <#{place.general.id}>" in panel.text
    panel = await server.choose(admin, panel, "How many papers", ["3"])
    assert "3 papers at most" in panel.text
    panel = await server.choose(admin, panel, "Ping a role…", [next(iter(place.guild.roles.values()))])
    assert "doesn't ping everyone" in panel.text
    panel = await server.run_command(admin, "digest edit", {}, channel=place.general)
    form = await server.press(admin, panel, "Type a zone…")
    panel = await server.submit(admin, form, {"value": "Europe/Berlin"})
    assert "Europe/Berlin" in panel.text
    panel = await server.choose(admin, panel, "Also post this in…", [place.news, place.forum])
    assert f"✓ Also in <#{place.news.id}> now." in panel.text
    assert "Papers, Else" in panel.text
    await check_posting(server, place, panel)


async def check_posting(server: Server, place: Place, panel: Answer) -> None:
    """Post from the panel, see it in the list and in why, and remove the digest."""
    admin = place.admin
    first = await server.press(admin, panel, "Post it now")
    assert "✓ Posted in" in first.text
    listed = await server.run_command(admin, "digest list", {}, channel=place.general)
    assert "[posted](https://discord.com/channels/" in listed.text
    assert "2 digests" in listed.text
    why = await server.run_command(admin, "digest why", {"channel": place.general}, channel=place.general)
    assert [line[0] for line in why.text.split("\n")[1:6]] == ["✓"] * 5
    question = await server.press(admin, first, "Remove")
    assert "is removed" in (await server.press(admin, question, "Remove it")).text


async def test_a_forum_is_posted_to_with_its_tag(server: Server, place: Place, start: Start) -> None:
    """The tag completes, is needed where the forum needs one, and comes with the post."""
    await wait_for_posts(await start())
    options = {"channel": place.forum}
    refused = await server.run_command(place.admin, "digest add", options, channel=place.general)
    assert "Papers, Else" in refused.text
    panel = await server.run_command(place.admin, "digest add", {**options, "tag": "papers"}, channel=place.general)
    panel = await server.choose(place.admin, panel, "Tag of its posts", ["Else"])
    assert "tag Else" in panel.text
    assert "✓ Posted in" in (await server.press(place.admin, panel, "Post it now")).text

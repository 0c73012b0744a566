"""What members do with the running bot: every command, option, button, select, form and refusal, end to end."""

from __future__ import annotations

import asyncio
import copy
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.locales.de import TEXTS
from tests.bot_process import BotProcess, Place, run_bots, run_server, wait_for_posts
from tests.discord_rules import find_live_markup
from tests.discord_server import Answer, Channel, Guild, Message, NotOfferedError, Server, User, World
from tests.discord_server.component_rules import BUTTON, LINK, SELECTS, walk
from tests.discord_server.permissions import (
    MANAGE_MESSAGES,
    SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS,
    USE_EXTERNAL_APPS,
)
from tests.discord_server.state import EPHEMERAL, PUBLIC_THREAD

pytestmark = pytest.mark.asyncio(loop_scope="module")
KNOWN = "2009.10795"
TITLE = "Dataset Cartography"
SHARE, NEXT, PREVIOUS = "Show to everyone", "Next ›", "‹ Previous"
MENU = "Show papers in this message"
PAPER_LINK = re.compile(r"\]\(https://arxiv\.org/abs/([0-9.]+)\)")


class Stage:
    """A Discord with the bot in it, for every test of this module; each brings members and channels of its own."""

    def __init__(self, place: Place, server: Server, bot: BotProcess, folder: Path) -> None:
        self.place, self.server, self.bot = place, server, bot
        self.world, self.guild, self.database = place.world, place.guild, folder / "bot.db"

    def add_member(self, name: str = "carol", *, locale: str = "en-US", guild: Guild | None = None) -> User:
        """Add somebody to the server."""
        user = self.world.add_user(name, locale=locale)
        self.world.add_member(guild or self.guild, user)
        return user

    def add_channel(self, name: str = "papers") -> Channel:
        """Add a text channel nobody has used yet."""
        return self.server.add_guild_channel(self.guild, name)

    async def run(self, user: User, name: str, channel: Channel | None = None, **options: Any) -> Answer:
        """Run a command; only the member sees the answer."""
        answer = await self.server.run_command(user, name, options, channel=channel or self.place.general)
        assert answer.ephemeral, answer
        return answer

    async def open_paper(self, user: User, channel: Channel | None = None) -> Answer:
        """Open the details of a paper."""
        return await self.run(user, "paper", channel, id=KNOWN)

    async def type_into(self, user: User, panel: Answer, button: str, typed: str) -> Answer:
        """Fill in the form a button opens."""
        return await self.server.submit(user, await self.server.press(user, panel, button), {"value": typed})

    def read_dms(self, user: User) -> list[dict[str, Any]]:
        """Return what the bot wrote to a member."""
        return self.server.messages(self.world.get_dm(user))

    def ask(self, statement: str, *values: object) -> list[Any]:
        """Read from the bot's database."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            return database.execute(statement, values).fetchall()

    def find_digest(self, user: User) -> dict[str, Any]:
        """Return a member's digest as it is stored, an empty one when there is none."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            found = database.execute(
                "SELECT s.* FROM subscriptions AS s JOIN targets AS t ON t.id = s.target_id"
                " WHERE t.kind = 'member' AND t.platform_id = ?",
                (str(user.id),),
            ).fetchall()
        assert len(found) <= 1
        return dict(found[0]) if found else {}

    def find_traces(self, text: str) -> list[str]:
        """Return the tables and columns of the database in which a text is."""
        tables = [
            name for (name,) in self.ask("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'words'")
        ]
        return [
            f"{table}.{column}"
            for table in tables
            for _, column, *_ in self.ask(f"PRAGMA table_info('{table}')")
            if self.ask(f'SELECT 1 FROM "{table}" WHERE instr(CAST("{column}" AS TEXT), ?)', text)
        ]


@asynccontextmanager
async def open_stage(folder: Path, **environment: str) -> AsyncIterator[Stage]:
    """Start a Discord and a bot that has read the samples; both must end without a complaint."""
    place = Place(World())
    async with run_server(place) as server, run_bots(server, folder) as start:
        bot = await start(**environment)
        await wait_for_posts(bot)
        yield Stage(place, server, bot, folder)
        assert not any(message.mentions.users for message in find_own(place.world))


def find_own(world: World) -> list[Message]:
    """Return the messages of the bot that are still there, the private ones too."""
    return [message for message in world.messages.values() if message.author is world.bot]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The one stage of this module."""
    async with open_stage(tmp_path_factory.mktemp("members")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def spotless(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test: Discord's rules kept, all answered, no error and no member's words logged, nobody pinged."""
    stage: Stage | None = request.getfixturevalue("stage") if "stage" in request.fixturenames else None
    yield
    if stage is not None:
        assert stage.server.violations == []
        assert stage.server.unanswered == []
        assert stage.bot.find_errors() == []
        assert [one for one in find_own(stage.world) if any(one.mentions)] == []
        assert [word for word in (stage.world.token, "xylophonic", "alchemy") if word in stage.bot.output] == []


# Asking


async def test_top_ranks_every_period(stage: Stage) -> None:
    """/top names the range of each period, week unless told; pages turn forward and back in place."""
    ada = stage.add_member()
    for period, said in [("day", "day"), ("week", "week"), ("month", "month"), ("year", "year"), ("all", "all days")]:
        answer = await stage.run(ada, "top", period=period)
        assert f"Top papers · {said}" in answer.text
        assert "24 Sep 2020" in answer.text
    assert "Top papers · week" in (await stage.run(ada, "top")).text
    first = await stage.run(ada, "top", period="all")
    before = first.text
    second = await stage.server.press(ada, first, NEXT)
    assert second.updated
    assert not set(PAPER_LINK.findall(before)) & set(PAPER_LINK.findall(second.text))
    assert (await stage.server.press(ada, second, PREVIOUS)).text == before
    refused = await stage.server.run_command(ada, "top", {"period": "fortnight"}, anyway=True)
    assert "A period is one of" in refused.text


async def test_top_takes_categories_by_id_and_by_name(stage: Stage) -> None:
    """A category completes from part of its name, is taken as id or archive, and a wrong one is told what to try."""
    ada = stage.add_member()
    choices = await stage.server.complete(ada, "top", "category", "vision")
    assert choices[0]["value"] == "cs.CV"
    for category, said in [(choices[0]["value"], "cs.CV"), ("cs", "cs"), ("machine learning", "cs.LG")]:
        answer = await stage.run(ada, "top", category=category, period="all")
        assert said in answer.text.splitlines()[0] + answer.text.splitlines()[1], answer.text
    assert "cs.CV" in (await stage.run(ada, "top", category="cs.VC")).text
    refused = await stage.run(ada, "top", category="alchemy of lead")
    assert "No arXiv category" in refused.text
    assert "alchemy of lead" in refused.text


async def test_search_finds_by_words_and_filters(stage: Stage) -> None:
    """Found words are visible, each filter narrows, and finding nothing says what to try."""
    ada = stage.add_member()
    everything = PAPER_LINK.findall((await stage.run(ada, "search", query="learning")).text)
    marked = await stage.run(ada, "search", query="learning")
    assert "**learning**" in marked.text.lower()
    for filters in ({"category": "cs.CV"}, {"since": "2020-09-24"}, {"author": "Xavier Garcia"}, {"since": "2 days"}):
        narrowed = PAPER_LINK.findall((await stage.run(ada, "search", query="learning", **filters)).text)
        assert 0 < len(narrowed) < len(everything), filters
    assert "Nothing found for “xylophonic”" in (await stage.run(ada, "search", query="xylophonic")).text
    assert "A date looks like" in (await stage.run(ada, "search", query="learning", since="once upon")).text
    assert "No arXiv category" in (await stage.run(ada, "search", query="learning", category="zzz zzz")).text
    assert "Say what to look for" in (await stage.run(ada, "search", query="   ")).text


async def test_search_completes_what_was_typed_first(stage: Stage) -> None:
    """The first choice is what was typed, then come titles of at most 100 characters that stand for their papers."""
    ada = stage.add_member()
    typed, *titles = await stage.server.complete(ada, "search", "query", "deep")
    assert typed == {"name": "deep", "value": "deep"}
    assert titles
    assert all(len(one["name"]) <= 100 and re.fullmatch(r"[0-9.]+", one["value"]) for one in titles)
    assert await stage.server.complete(ada, "search", "query", "") == []
    opened = await stage.run(ada, "search", query=titles[0]["value"])
    assert opened.text.startswith("### [" + titles[0]["name"].rstrip("…")[:40])
    since = await stage.server.complete(ada, "search", "since", "30", {"query": "deep"})
    assert {"value": "30 days", "name": "30 days, since 25 Aug 2020"} in since
    assert (await stage.server.complete(ada, "search", "category", "comput", {"query": "a"}))[0]["value"]
    assert (await stage.server.complete(ada, "paper", "id", "cartography"))[1]["value"] == KNOWN


async def test_ids_and_links_go_straight_to_the_paper(stage: Stage) -> None:
    """/search and /paper take an id and every usual address of a paper; what is none is told what is one."""
    ada = stage.add_member()
    for typed in (
        KNOWN,
        f"arXiv:{KNOWN}v2",
        f"https://arxiv.org/abs/{KNOWN}",
        f"https://arxiv.org/pdf/{KNOWN}v1.pdf",
        f"https://doi.org/10.48550/arXiv.{KNOWN}",
        f"https://www.alphaxiv.org/abs/{KNOWN}",
        f"https://huggingface.co/papers/{KNOWN}",
    ):
        for answer in (await stage.run(ada, "search", query=typed), await stage.run(ada, "paper", id=typed)):
            assert answer.text.startswith(f"### [{TITLE}"), typed
            assert "Save" in answer.buttons
    assert "That is no arXiv id" in (await stage.run(ada, "paper", id="a nice paper")).text
    unknown = await stage.run(ada, "paper", id="1706.03762")
    assert "no longer stored here" in unknown.text or "not stored here" in unknown.text
    assert "Save" not in unknown.buttons


async def test_a_search_turns_its_pages(stage: Stage) -> None:
    """Pages of a search turn forward and back in the same answer, and numbers go on."""
    ada = stage.add_member()
    first = await stage.run(ada, "search", query="a")
    before = first.text
    second = await stage.server.press(ada, first, NEXT)
    assert second.updated
    assert "page 2" in second.text
    assert "**11**" in second.text
    opened = await stage.server.press(ada, second, "11")
    assert not opened.updated
    assert "Save" in opened.buttons
    assert (await stage.server.press(ada, second, PREVIOUS)).text == before


async def test_a_pager_on_a_message_for_everyone_gives_others_their_own_copy(stage: Stage) -> None:
    """A shared ranking has no pager; whoever opens it gets a private one of their own and the shared one stays."""
    ada, bob, channel = stage.add_member(), stage.add_member("dora"), stage.add_channel()
    private = await stage.run(ada, "search", channel, query="a")
    shared = await stage.server.press(ada, private, SHARE)
    assert not shared.ephemeral
    assert NEXT not in shared.buttons
    before = shared.text
    own = await stage.server.press(bob, shared, "Open my own copy")
    assert own.ephemeral
    assert NEXT in own.buttons
    turned = await stage.server.press(bob, own, NEXT)
    assert "page 2" in turned.text
    assert shared.text == before
    assert "Save" in (await stage.server.press(bob, shared, "1")).buttons


async def test_categories_and_help_tell_what_there_is(stage: Stage) -> None:
    """/categories counts lately's papers; /help names commands by Discord's ids, so that they can be clicked."""
    ada = stage.add_member()
    listed = await stage.run(ada, "categories")
    assert "### Categories" in listed.text
    assert "**cs.CV** Computer Vision and Pattern Recognition · " in listed.text
    helped = await stage.run(ada, "help")
    mentioned = dict(re.findall(r"</([a-z ]+):(\d+)>", helped.text))
    installed = {one["name"]: str(one["id"]) for one in stage.world.commands[None].values()}
    assert {"top", "search", "saved", "subscribe", "subscriptions"} <= mentioned.keys()
    assert all(installed[name.split()[0]] == number for name, number in mentioned.items())


async def test_status_tells_the_owner_more(stage: Stage) -> None:
    """/status names version and newest post to everyone; queue, failures and sources are the owner's."""
    told = await stage.run(stage.add_member(), "status")
    assert "newest post: Thu 24 Sep 2020" in told.text
    assert "### Inside" not in told.text
    inside = await stage.run(stage.world.owner, "status")
    assert "### Inside" in inside.text
    assert "in the queue" in inside.text
    assert "source " in inside.text


async def test_papers_in_a_message(stage: Stage) -> None:
    """The message command opens one linked paper, lists several, reads embeds, and says when there is no link."""
    ada, channel = stage.add_member(), stage.add_channel()

    async def show(content: str = "", **fields: Any) -> Answer:
        message = stage.world.add_message(channel, ada, content, **fields)
        answer = await stage.server.run_message_command(ada, MENU, message)
        assert answer.ephemeral
        return answer

    assert "has no arXiv links" in (await show("good morning @everyone")).text
    one = await show(f"look: https://arxiv.org/abs/{KNOWN}!")
    assert one.text.startswith(f"### [{TITLE}")
    assert {"Save", SHARE} <= set(one.buttons)
    several = await show(f"https://arxiv.org/abs/{KNOWN} or https://arxiv.org/pdf/2009.08319, arXiv:1706.03762")
    assert "Papers in this message" in several.text
    assert PAPER_LINK.findall(several.text).count(KNOWN) == 1
    assert "not stored here: [1706.03762](https://arxiv.org/abs/1706.03762)" in several.text
    assert "Save" in (await stage.server.press(ada, several, "2")).buttons
    embed = {"type": "rich", "title": "x", "description": f"https://huggingface.co/papers/{KNOWN}"}
    assert (await show("", embeds=[embed])).text.startswith(f"### [{TITLE}")
    linked = embed | {"description": "", "url": f"https://arxiv.org/abs/{KNOWN}"}
    assert (await show("", embeds=[linked])).text.startswith(f"### [{TITLE}")
    shared = await stage.server.press(ada, one, SHARE)
    again = await stage.server.run_message_command(ada, MENU, shared)
    assert again.text.startswith(f"### [{TITLE}")


# Sharing and saving


async def test_sharing_names_the_sharer_and_can_be_taken_back(stage: Stage) -> None:
    """Everyone sees who shared, nobody is pinged; the sharer and moderators can remove it, others can't."""
    ada, bob, channel = stage.add_member(), stage.add_member("dora"), stage.add_channel()
    shared = await stage.server.press(ada, await stage.open_paper(ada, channel), SHARE)
    assert not shared.ephemeral
    assert f"Shared by <@{ada.id}>" in shared.text
    refused = await stage.server.press(bob, shared, "Remove")
    assert refused.ephemeral
    assert "Only who shared this, or a moderator, can remove it." in refused.text
    assert len(stage.server.messages(channel)) == 1
    await stage.server.press(ada, shared, "Remove")
    assert stage.server.messages(channel) == []

    dora = stage.add_member("eve")
    moderators = stage.world.add_role(stage.guild, "moderators", MANAGE_MESSAGES)
    stage.guild.members[bob.id].roles.append(moderators.id)
    shared = await stage.server.press(dora, await stage.open_paper(dora, channel), SHARE)
    await stage.server.press(bob, shared, "Remove")
    assert stage.server.messages(channel) == []


async def test_sharing_has_limits(stage: Stage) -> None:
    """One a minute per member and five in ten minutes per channel; each limit says how long to wait."""
    channel, members = stage.add_channel(), [stage.add_member(f"m{number}") for number in range(6)]
    for member in members[:5]:
        shared = await stage.server.press(member, await stage.open_paper(member, channel), SHARE)
        assert not shared.ephemeral
    again = await stage.server.press(members[0], await stage.open_paper(members[0], channel), SHARE)
    assert re.search(r"You just showed something\. Wait \d+ seconds", again.text)
    full = await stage.server.press(members[5], await stage.open_paper(members[5], channel), SHARE)
    assert "This channel was shown a lot just now." in full.text
    assert len(stage.server.messages(channel)) == 5
    elsewhere = await stage.server.press(members[5], await stage.open_paper(members[5], stage.add_channel()), SHARE)
    assert not elsewhere.ephemeral


async def test_sharing_is_offered_only_where_both_may_write(stage: Stage) -> None:
    """Without Send Messages of the member or the app there is no button, in threads without that of threads."""
    ada, everyone = stage.add_member(), stage.guild.everyone
    member_only, app_only, thread_only = stage.add_channel(), stage.add_channel(), stage.add_channel()
    quiet = stage.add_channel()
    app_only.deny(ada, SEND_MESSAGES)
    member_only.deny(stage.world.bot, SEND_MESSAGES)
    thread_only.deny(everyone, SEND_MESSAGES)
    quiet.deny(everyone, SEND_MESSAGES_IN_THREADS)
    for channel in (app_only, member_only, thread_only):
        stage.server.update_channel(channel)
        assert SHARE not in (await stage.open_paper(ada, channel)).buttons
        assert SHARE not in (await stage.run(ada, "top", channel)).buttons
    thread = stage.world.add_thread(thread_only, "a talk", ada, PUBLIC_THREAD)
    shared = await stage.server.press(ada, await stage.open_paper(ada, thread), SHARE)
    assert not shared.ephemeral
    assert SHARE in (await stage.open_paper(ada, quiet)).buttons
    silent = stage.world.add_thread(quiet, "a silent talk", ada, PUBLIC_THREAD)
    assert SHARE not in (await stage.open_paper(ada, silent)).buttons
    assert SHARE not in (await stage.open_paper(ada, stage.world.get_dm(ada))).buttons


async def test_sharing_asks_again_when_it_happens(stage: Stage) -> None:
    """A button kept from when one could still write does not get around what was forbidden since."""
    ada, channel = stage.add_member(), stage.add_channel()
    kept = await stage.open_paper(ada, channel)
    channel.deny(ada, SEND_MESSAGES)
    refused = await stage.server.press(ada, kept, SHARE)
    assert refused.ephemeral
    assert "You or this app may not write here" in refused.text
    assert stage.server.messages(channel) == []


async def test_sharing_with_an_app_of_ones_own(stage: Stage) -> None:
    """In a foreign server it needs the permission for external apps; in a private conversation nothing."""
    eve, fay = stage.world.add_user("eve", installed=True), stage.world.add_user("fay")
    abroad = stage.world.add_guild("Abroad", members=[eve], installed=False)
    channel = abroad.get_channel("general")
    shared = await stage.server.press(eve, await stage.open_paper(eve, channel), SHARE)
    assert not shared.ephemeral
    channel.deny(abroad.everyone, USE_EXTERNAL_APPS)
    assert SHARE not in (await stage.open_paper(eve, channel)).buttons
    gus = stage.world.add_user("gus", installed=True)
    talk = stage.world.add_private_channel(gus, fay)
    shared = await stage.server.press(gus, await stage.open_paper(gus, talk), SHARE)
    assert not shared.ephemeral
    await stage.server.press(gus, shared, "Remove")
    assert stage.server.messages(talk) == []


async def test_saved_papers_are_paged_removed_and_exported(stage: Stage) -> None:
    """Saving has a way back; the list turns pages, gives papers up by a select, and goes into a BibTeX file."""
    ada = stage.add_member()
    empty = await stage.run(ada, "saved")
    assert "None yet." in empty.text
    assert empty.buttons == []
    first = await stage.run(ada, "top", period="all")
    ids = PAPER_LINK.findall(first.text)
    ids += PAPER_LINK.findall((await stage.server.press(ada, first, NEXT)).text)
    for arxiv_id in ids[:12]:
        saved = await stage.server.press(ada, await stage.run(ada, "paper", id=arxiv_id), "Save")
        assert "Saved. /saved shows your list." in saved.text
    dropped = await stage.server.press(ada, saved, "Undo")
    assert dropped.updated
    assert "Removed from your saved papers." in dropped.text
    assert "Saved." in (await stage.server.press(ada, dropped, "Save again")).text
    again = await stage.server.press(ada, await stage.run(ada, "paper", id=ids[0]), "Save")
    assert "You saved this before." in again.text

    page = await stage.run(ada, "saved")
    assert "12 papers" in page.text
    assert PAPER_LINK.findall(page.text) == ids[2:12][::-1]
    second = await stage.server.press(ada, page, NEXT)
    assert PAPER_LINK.findall(second.text) == ids[:2][::-1]
    left = await stage.server.choose(ada, second, "Remove from the list", ids[:2])
    assert left.updated
    assert PAPER_LINK.findall(left.text) == ids[2:12][::-1]
    assert "Save" in (await stage.server.press(ada, left, "1")).buttons
    exported = await stage.server.press(ada, left, "BibTeX file")
    assert exported.ephemeral
    assert exported.message is not None
    (attachment,) = exported.message["attachments"]
    text = next(body for path, body in stage.world.uploads.items() if attachment["url"].endswith(path)).decode()
    assert attachment["filename"] == "saved.bib"
    assert text.count("@") >= 10
    assert all(arxiv_id in text for arxiv_id in ids[2:12])
    assert not any(arxiv_id in text for arxiv_id in ids[:2])
    await stage.server.choose(ada, left, "Remove from the list", ids[2:12])
    assert "None yet." in left.text


# A digest of one's own


async def test_subscribing_sends_the_first_digest(stage: Stage) -> None:
    """The first digest comes at once by DM; its buttons open papers, the whole day, and stop it with a way back."""
    ada = stage.add_member()
    done = await stage.run(ada, "subscribe", category="cs.CL")
    assert "Your first digest is in your direct messages." in done.text
    assert "America/New_York" in done.text
    assert "guess" in done.text
    (digest,) = stage.read_dms(ada)
    labels = [one["label"] for one in walk(digest["components"]) if one["type"] == BUTTON]
    opened = await stage.server.press(ada, digest, "1")
    assert "Save" in opened.buttons
    assert SHARE not in opened.buttons
    everything = next(label for label in labels if label.startswith("All "))
    whole = await stage.server.press(ada, digest, everything)
    assert len(PAPER_LINK.findall(whole.text)) == 10
    assert "**11**" in (await stage.server.press(ada, whole, NEXT)).text
    stopped = await stage.server.press(ada, digest, "Stop these")
    assert "Stopped." in stopped.text
    assert stage.find_digest(ada)["paused_at"]
    settings = await stage.server.press(ada, stopped, "Undo")
    assert "Your digest goes on." in settings.text
    assert stage.find_digest(ada)["paused_at"] is None
    again = await stage.server.press(ada, digest, "Stop these")
    assert "### Your digest" in (await stage.server.press(ada, again, "Settings")).text


async def test_closed_direct_messages_pause_and_are_explained(stage: Stage) -> None:
    """Closed DMs pause the digest and say how to open them; once they are open, resuming sends it."""
    ada = stage.add_member()
    ada.dms_open = False
    refused = await stage.run(ada, "subscribe", category="cs.CV")
    assert "I may not write to you" in refused.text
    assert "Privacy Settings" in refused.text
    panel = await stage.run(ada, "subscriptions")
    assert "this app may not write to you" in panel.text
    still = await stage.server.press(ada, panel, "Resume")
    assert "may not write to you" in still.text
    assert stage.find_digest(ada)["paused_at"]
    assert stage.read_dms(ada) == []
    ada.dms_open = True
    resumed = await stage.server.press(ada, panel, "Resume")
    assert "Sent" in resumed.text
    assert stage.find_digest(ada)["paused_at"] is None
    assert len(stage.read_dms(ada)) == 1

    bob = stage.add_member("dora")
    bob.dms_open = False
    await stage.run(bob, "subscribe", category="cs.CV")
    bob.dms_open = True
    again = await stage.run(bob, "subscribe", category="cs.CV")
    assert "Sent" in again.text
    assert len(stage.read_dms(bob)) == 1


async def test_one_digest_over_all_categories(stage: Stage) -> None:
    """Subscribing again adds to the one digest; a category in it already, or an archive over it, says so."""
    ada = stage.add_member()
    await stage.run(ada, "subscribe", category="cs.CL")
    assert "cs.CL is in your digest already." in (await stage.run(ada, "subscribe", category="cs.CL")).text
    assert "Added to your digest: cs.CV." in (await stage.run(ada, "subscribe", category="cs.CV")).text
    assert "Did you mean cs.CV" in (await stage.run(ada, "subscribe", category="vision")).text
    assert "Added to your digest: stat" in (await stage.run(ada, "subscribe", category="stat")).text
    covered = await stage.run(ada, "subscribe", category="stat.ML")
    assert "it has all of" in covered.text
    assert "No arXiv category" in (await stage.run(ada, "subscribe", category="nothing at all")).text
    assert len(stage.read_dms(ada)) == 1
    found = await stage.server.complete(ada, "unsubscribe", "category", "")
    assert [one["value"] for one in found] == ["cs.CL", "cs.CV", "stat"]


async def test_unsubscribing(stage: Stage) -> None:
    """One category goes, the last one takes the digest with it, all of them only after a question."""
    ada = stage.add_member()
    assert "You have no digest." in (await stage.run(ada, "unsubscribe")).text
    assert "You have no digest." in (await stage.run(ada, "unsubscribe", category="cs.CL")).text
    await stage.run(ada, "subscribe", category="cs.CL")
    await stage.run(ada, "subscribe", category="cs.CV")
    assert "none of your digest's categories" in (await stage.run(ada, "unsubscribe", category="stat")).text
    assert "Taken out: cs.CV." in (await stage.run(ada, "unsubscribe", category="cs.CV")).text
    asked = await stage.run(ada, "unsubscribe")
    assert "Remove your digest?" in asked.text
    assert "### Your digest" in (await stage.server.press(ada, asked, "Keep it")).text
    assert stage.find_digest(ada)
    paused = await stage.server.press(ada, await stage.run(ada, "unsubscribe"), "Pause")
    assert "Paused since" in paused.text
    gone = await stage.server.press(ada, await stage.run(ada, "unsubscribe"), "Remove it")
    assert "Your digest is removed." in gone.text
    assert stage.find_digest(ada) == {}
    await stage.run(ada, "subscribe", category="cs.CL")
    assert "was the last one" in (await stage.run(ada, "unsubscribe", category="cs.CL")).text
    assert stage.find_digest(ada) == {}


async def test_every_select_of_the_settings(stage: Stage) -> None:
    """Time, zone, days, number, heat and categories are set where they are shown, and the panel shows them at once."""
    ada = stage.add_member()
    for category in ("cs.CL", "cs.CV", "stat"):
        await stage.run(ada, "subscribe", category=category)
    panel = await stage.run(ada, "subscriptions")
    for select, values, said, column, stored in [
        ("Time", ["07:00"], "at 07:00", "at", "07:00"),
        ("Time zone", ["Europe/London"], "Europe/London, now", "timezone", "Europe/London"),
        ("Days of the week", ["Mon", "Wed"], "Mon", "weekdays", "0"),
        ("How many papers", ["12"], "12 papers at most", "count", "12"),
        ("How hot", ["Only hot ones"], "only hot ones", "only", "hot"),
        ("Categories to keep", ["cs.CL", "stat"], "**cs.CL, stat**", "categories", "stat"),
    ]:
        changed = await stage.server.choose(ada, panel, select, values)
        assert changed.updated, select
        assert said in changed.text, (select, changed.text)
        assert stored in str(stage.find_digest(ada)[column]), select
    assert "cs.CV" not in panel.text


async def test_every_form_of_the_settings(stage: Stage) -> None:
    """Time, zone and categories can be typed as people write them; what is none is refused in words of its own."""
    ada = stage.add_member()
    await stage.run(ada, "subscribe", category="cs.CL")
    panel = await stage.run(ada, "subscriptions")
    time, zone, categories = "Type a time…", "Type a zone…", "Type categories…"
    for button, typed, said in [
        (time, "9pm", "at 21:00"),
        (time, "21:30", "at 21:30"),
        (time, "7", "at 07:00"),
        (zone, "Tokyo", "Asia/Tokyo"),
        (zone, "Europe/Berlin", "Europe/Berlin"),
        (zone, "+2", "+02:00"),
        (categories, "cs.CV, stat", "**cs.CV, stat**"),
        (categories, "all", "**all of arXiv**"),
        (categories, "Machine Learning", "**cs.LG"),
    ]:
        changed = await stage.type_into(ada, panel, button, typed)
        assert changed.updated, typed
        assert said in changed.text.replace("UTC+2", "+02:00"), (typed, changed.text)
    before = stage.find_digest(ada)
    for button, typed, said in [
        (time, "25:99", "is not a time of day"),
        (time, "sometime", "“sometime” is not a time of day"),
        (zone, "Nowhereland", "There is no time zone “Nowhereland”"),
        (categories, "cs.CV, alchemy", 'No arXiv category "alchemy"'),
    ]:
        refused = await stage.type_into(ada, panel, button, typed)
        assert refused.ephemeral
        assert not refused.updated
        assert said in refused.text, refused.text
    assert stage.find_digest(ada) == before


async def test_sending_one_now_is_safe_under_double_taps(stage: Stage) -> None:
    """Two taps on one button send one message; the button of the settings shown next sends another."""
    ada = stage.add_member()
    await stage.run(ada, "subscribe", category="cs.CL")
    panel = await stage.run(ada, "subscriptions")
    await stage.type_into(ada, panel, "Type categories…", "all")
    assert len(stage.read_dms(ada)) == 1
    taps = [stage.server.press(ada, panel, "Send me one now") for _ in range(2)]
    answers = await asyncio.gather(*taps)
    assert len(stage.read_dms(ada)) == 2
    assert all("look into your direct messages" in answer.text for answer in answers)
    sent = await stage.server.press(ada, panel, "Send me one now")
    assert "Sent: look into" in sent.text
    assert len(stage.read_dms(ada)) == 3
    given = [PAPER_LINK.findall(str(message)) for message in stage.read_dms(ada)]
    flat = [arxiv_id for ids in given for arxiv_id in ids]
    assert len(flat) == len(set(flat))


async def test_pausing_previewing_and_asking_why(stage: Stage) -> None:
    """The panel pauses and resumes, shows what would come, and tells in five lines how the last one fared."""
    ada = stage.add_member()
    none = await stage.run(ada, "subscriptions")
    assert "You have no digest yet." in none.text
    await stage.run(ada, "subscribe", category="cs.CL")
    panel = await stage.run(ada, "subscriptions")
    assert "Last: sent" in panel.text
    paused = await stage.server.press(ada, panel, "Pause")
    assert "Paused since" in paused.text
    resumed = await stage.server.press(ada, paused, "Resume")
    assert "Your digest goes on." in resumed.text
    preview = await stage.server.press(ada, panel, "Preview")
    assert not preview.updated
    assert "There is nothing to send now" in preview.text or "a preview: only you see it" in preview.text
    why = await stage.server.press(ada, panel, "Why?")
    assert why.updated
    assert why.text.count("✓") + why.text.count("✗") == 5, why.text
    assert "What to do:" in why.text
    question = await stage.server.press(ada, panel, "Remove")
    removed = await stage.server.press(ada, question, "Remove it")
    assert "Your digest is removed." in removed.text
    (digest,) = stage.read_dms(ada)
    assert "no longer there" in (await stage.server.press(ada, digest, "Stop these")).text


async def test_deleting_ones_data_leaves_nothing(stage: Stage) -> None:
    """After "Delete everything" no table of the database holds the member's id or their conversation's."""
    ada, channel = stage.add_member(), stage.add_channel()
    stage.guild.members[ada.id].roles += stage.guild.members[stage.place.admin.id].roles
    await stage.server.press(ada, await stage.open_paper(ada), "Save")
    await stage.run(ada, "subscribe", category="cs.CL")
    await stage.run(ada, "search", query="learning by a member")
    await stage.run(ada, "digest add", channel)
    conversation = str(stage.world.get_dm(ada).id)
    assert stage.find_traces(str(ada.id))
    panel = await stage.run(ada, "subscriptions")
    question = await stage.server.press(ada, panel, "Delete my data")
    assert "This cannot be undone." in question.text
    assert stage.find_digest(ada)
    deleted = await stage.server.press(ada, question, "Delete everything")
    assert "Nothing about you is kept any more." in deleted.text
    assert "1 saved paper" in deleted.text
    assert stage.find_traces(str(ada.id)) == []
    assert stage.find_traces(conversation) == []
    assert "You have no digest yet." in (await stage.run(ada, "subscriptions")).text
    (digest,) = stage.read_dms(ada)
    assert "no longer there" in (await stage.server.press(ada, digest, "Stop these")).text
    assert stage.find_traces(str(ada.id)) == []


async def test_a_channels_digest_can_be_had_by_dm(stage: Stage) -> None:
    """Under a channel's digest anyone gets private details, and its categories as a digest of their own."""
    ada, admin, channel = stage.add_member(), stage.place.admin, stage.add_channel()
    added = await stage.run(admin, "digest add", channel, categories="cs.CL, stat")
    await stage.server.press(admin, added, "Post it now")
    (posted,) = stage.server.messages(channel)
    details = await stage.server.press(ada, posted, "1")
    assert details.ephemeral
    assert "Save" in details.buttons
    ordered = await stage.server.press(ada, posted, "Get this by DM")
    assert ordered.ephemeral
    assert "Your first digest is in your direct messages." in ordered.text
    assert "**cs.CL, stat**" in ordered.text
    assert len(stage.read_dms(ada)) == 1
    assert "already" in (await stage.server.press(ada, posted, "Get this by DM")).text


# Whose is whose


def copy_to(stage: Stage, channel: Channel, message: Any) -> Message:
    """Put a copy of a message where everyone can press its buttons."""
    shown = copy.deepcopy({key: message[key] for key in ("content", "components")})
    return stage.world.add_message(channel, stage.world.bot, **shown, flags=message["flags"] & ~EPHEMERAL)


async def press_all(stage: Stage, user: User, message: Message) -> list[tuple[str, Answer]]:
    """Press every button and choose in every select of a message, each as it was first; return what came of each."""
    first = copy.deepcopy(message.components)
    came = []
    for one in walk(first):
        message.components = copy.deepcopy(first)
        if one["type"] == BUTTON and one["style"] != LINK:
            came.append((one["custom_id"], await stage.server.press(user, message, one["custom_id"])))
        elif one["type"] in SELECTS:
            chosen = [one["options"][0]["value"]]
            came.append((one["custom_id"], await stage.server.choose(user, message, one["custom_id"], chosen)))
    return came


async def test_nobody_reaches_anothers_digest(stage: Stage) -> None:
    """Another member's buttons, selects and forms, pressed all the same, change and show nothing of theirs."""
    ada, eve, channel = stage.add_member(), stage.add_member("eve"), stage.add_channel()
    await stage.run(ada, "subscribe", category="cs.CL")
    await stage.run(ada, "subscribe", category="hep-th")
    await stage.server.press(ada, await stage.open_paper(ada), "Save")
    panel, question = await stage.run(ada, "subscriptions"), await stage.run(ada, "unsubscribe")
    stopped = await stage.server.press(ada, stage.read_dms(ada)[0], "Stop these")
    await stage.server.press(ada, stopped, "Undo")
    saved, asked = await stage.run(ada, "saved"), await stage.server.press(ada, panel, "Delete my data")
    before = stage.find_digest(ada)
    with pytest.raises(NotOfferedError):
        await stage.server.press(eve, panel, "Pause")
    number, pressed = before["id"], 0
    for shown in (panel.message, question.message, saved.message, asked.message, stage.read_dms(ada)[0]):
        for custom_id, answer in await press_all(stage, eve, copy_to(stage, channel, shown)):
            assert "hep-th" not in answer.text
            if re.fullmatch(rf"h1:g\w:{number}\b.*", custom_id):
                assert "This digest is no longer there." in answer.text, custom_id
                pressed += 1
    assert pressed >= 15
    await stage.run(eve, "subscribe", category="cs.CV")
    form = await stage.server.press(eve, await stage.run(eve, "subscriptions"), "Type a time…")
    assert form.modal is not None
    form.modal["custom_id"] = f"h1:gc:{number}:time"
    assert "no longer there" in (await stage.server.submit(eve, form, {"value": "3:33"})).text
    assert stage.find_digest(ada) == before
    assert len(stage.read_dms(ada)) == 1
    assert KNOWN in (await stage.run(ada, "saved")).text


async def test_old_and_foreign_buttons_are_answered(stage: Stage) -> None:
    """A custom id of another version, damaged, or of a paper that is gone says so instead of failing."""
    ada, channel = stage.add_member(), stage.add_channel()
    ours = ("h0:p:2009.10795", "h2:whatever:1", "h1:zz:1", "h1:p:nonsense", "h1:s:nosuchkey", "h1:g:999999")
    for custom_id in (*ours, "h1:p:1706.03762:20170612", "top:week:2", "💥", "a" * 100):
        button = {"type": BUTTON, "id": 2, "style": 2, "label": "old", "custom_id": custom_id}
        row = {"type": 1, "id": 1, "components": [button]}
        message = stage.world.add_message(channel, stage.world.bot, "old", components=[row])
        answer = await stage.server.press(ada, message, custom_id)
        assert answer.ephemeral, custom_id
        assert re.search("another version|too old|no longer", answer.text), (custom_id, answer.text)
        assert "reference" not in answer.text


# Languages


def find_english(answer: Answer) -> list[str]:
    """Return the English texts in an answer that have a German translation."""
    components = walk((answer.message or {}).get("components", []))
    labels = [one.get("label") or one.get("placeholder") or "" for one in components]
    shown = "\n".join([answer.text, *labels])
    plain = [text for text, german in TEXTS.items() if len(text) > 7 and "{" not in text and text not in german]
    return [text for text in plain if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", shown)]


async def test_a_german_member_gets_german(stage: Stage) -> None:
    """Private answers, refusals, forms and the DM digest are in the member's language, in an English server too."""
    bob, channel = stage.add_member("bob", locale="de"), stage.add_channel()
    asked: list[Answer] = []
    for name, options in [
        ("top", {}),
        ("top", {"category": "unfug"}),
        ("search", {"query": "learning"}),
        ("search", {"query": "xylophonic"}),
        ("search", {"query": "a", "since": "gestern"}),
        ("paper", {"id": KNOWN}),
        ("paper", {"id": "unfug"}),
        ("paper", {"id": "1706.03762"}),
        ("saved", {}),
        ("categories", {}),
        ("help", {}),
        ("status", {}),
        ("subscriptions", {}),
        ("unsubscribe", {}),
        ("subscribe", {"category": "cs.CL"}),
        ("subscribe", {"category": "cs.CL"}),
        ("subscribe", {"category": "cs.CV"}),
        ("unsubscribe", {"category": "stat"}),
        ("unsubscribe", {"category": "cs.CV"}),
        ("unsubscribe", {}),
        ("subscriptions", {}),
        ("saved", {}),
    ]:
        answer = await stage.run(bob, name, channel, **options)
        assert find_english(answer) == [], (name, options)
        asked.append(answer)
    panel = asked[-2]
    assert "### Dein Digest" in panel.text
    assert "Europe/Berlin" in panel.text
    details = await stage.open_paper(bob, channel)
    for pressed in ("Speichern", "Allen zeigen"):
        came = await stage.server.press(bob, details, pressed)
        assert came.ephemeral == (pressed == "Speichern")
    assert "Shared by" in came.text
    assert find_english(await stage.server.press(bob, details, "Allen zeigen")) == []
    form = await stage.server.press(bob, panel, "Uhrzeit eingeben …")
    assert form.modal is not None
    assert form.modal["title"] == "Wann er kommt"
    assert "ist keine Uhrzeit" in (await stage.server.submit(bob, form, {"value": "irgendwann"})).text
    (digest,) = stage.read_dms(bob)
    assert "Top 5 von" in digest["content"]
    for custom_id, answer in await press_all(stage, bob, stage.server.get_message(bob, digest)):
        assert find_english(answer) == [], custom_id
    plain = stage.world.add_message(channel, bob, "nichts")
    assert "keine arXiv-Links" in (await stage.server.run_message_command(bob, MENU, plain)).text
    kept = stage.server.get_message(bob, panel)
    for custom_id, answer in await press_all(stage, bob, kept):
        assert find_english(answer) == [], custom_id


async def test_what_everyone_sees_is_in_the_servers_language(stage: Stage) -> None:
    """An English member who shares in a German server shares German; their private answers stay English."""
    ada = stage.world.add_user("ada")
    abroad = stage.world.add_guild("Labor", members=[ada], locale="de")
    stage.server.invite(abroad)
    channel = abroad.get_channel("general")
    private = await stage.open_paper(ada, channel)
    assert "Save" in private.buttons
    shared = await stage.server.press(ada, private, SHARE)
    assert f"Geteilt von <@{ada.id}>" in shared.text
    assert "Für mich öffnen" in shared.buttons
    own = await stage.server.press(ada, shared, "Für mich öffnen")
    assert "Save" in own.buttons


# Bounds, hostility, restarts


async def test_bounds_are_settings_with_words_of_their_own(tmp_path: Path) -> None:
    """The cooldown and the number of categories say what is wrong, per member, in their language."""
    async with open_stage(tmp_path, REQUESTS_PER_MINUTE="3", MAX_CATEGORIES="2") as stage:
        ada, bob = stage.add_member(), stage.place.bob
        for category in ("cs.CL", "cs.CV"):
            await stage.run(ada, "subscribe", category=category)
        assert "2 categories" in (await stage.run(ada, "subscribe", category="stat")).text
        assert re.search(r"Slowly, please\. Ask again in \d+ seconds\.", (await stage.run(ada, "top")).text)
        assert "Top-Paper" in (await stage.run(bob, "top")).text
        for _ in range(2):
            await stage.run(bob, "help")
        assert re.search(r"Langsam, bitte\. Frag in \d+ Sekunden", (await stage.run(bob, "help")).text)
        button = copy_to(stage, stage.place.general, stage.read_dms(ada)[0])
        assert "Langsam, bitte" in (await stage.server.press(bob, button, "1")).text


HOSTILE = [
    "@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</top:1>", "<t:0:R>", "<id:browse>", "<a:x:1>", "<:x:1>",
    "[free](https://evil.example)", "https://evil.example/@everyone", "discord.gg/abc", "<https://evil.example>",
    "mailto:a@b.c <a@b.c>", "**bold", "__under", "~~gone", "||spoiler", "```", "`", "# loud", "-# small", "> quote",
    ">>> all", "1. list", "* [ ] x", "\u202eevil\u202c", "\u200b", "\u2066x", "\x00", "\x1b[31mred", "\n\n\n# x", " ",
    "\u3164", "e\u0301" * 300, "a" * 6000, "💥" * 3000, "𝕬" * 50, "' OR 1=1 --", '"', "NEAR(a b)", "title:x", "a AND",
    "OR", "NOT", "*", "-", "^", "(", "a* b*", "%", "_", "{", "}", "{typed}", "{0}", "%s", "../../etc/passwd",
    "$(reboot)", "<script>alert(1)</script>", "null", "None", "0", "-1", "1e309", "9999999999 days", "9999 years",
    "0000-00-00", "9999-99", "2020-02-30", "٣ days", "2104.0476٧", "hep-th/99999999", "arXiv:",
    "https://arxiv.org/abs/", "https://arxiv.org/abs/../../x", "10.48550/arXiv.@everyone", "cs.", ".", "cs.CV,cs.CV",
    ",,,,", "all", "h1:p:2009.10795", "~", "\\", "\\@everyone", "\\<@1>", "]( https://evil.example )",
    "](https://evil.example)", "\ufeff", "ＡＢＣ", "İ", "ß" * 200, "ﷺ" * 100, "\r\n", "\t", "\u2028", "x\u0000y",
    "&lt;@1&gt;", "@\u200beveryone",
]  # fmt: skip
OPTIONS = [
    ("top", "category", {}),
    ("top", "period", {}),
    ("search", "query", {}),
    ("search", "category", {"query": "learning"}),
    ("search", "since", {"query": "learning"}),
    ("search", "author", {"query": "learning"}),
    ("paper", "id", {}),
    ("unsubscribe", "category", {}),
    ("subscribe", "category", {}),
]


async def test_hostile_options_do_nothing(stage: Stage) -> None:
    """Whatever is typed into any option or form: an answer without markup, ping or error."""
    assert len(HOSTILE) >= 100
    found: list[Any] = []
    for name, option, others in OPTIONS:
        member = stage.add_member("mallory")
        await stage.run(member, "subscribe", category="cs.CL")
        for number, value in enumerate(HOSTILE):
            if number % 40 == 39:
                member = stage.add_member("mallory")
            options = others | {option: value}
            answer = await stage.server.run_command(member, name, options, anyway=True)
            assert answer.ephemeral, (name, option, value)
            shown = re.sub(r"<t:\d+:[FRD]>", "", answer.text)  # our own clocks
            found += [(name, option, value, live) for live in find_live_markup(shown)]
            if "Something went wrong" in answer.text:
                found.append((name, option, value, "failed"))
    assert found == []


async def test_hostile_typing_completes_to_what_discord_takes(stage: Stage) -> None:
    """Whatever is being typed, completion answers within Discord's limits."""
    for name, option, others in OPTIONS:
        if option in ("period", "author"):
            continue
        for start in range(0, len(HOSTILE), 10):  # more at once would be late on a busy machine
            member, values = stage.add_member("mallory"), HOSTILE[start : start + 10]
            typing = (stage.server.complete(member, name, option, value, others) for value in values)
            for choices in await asyncio.gather(*typing):
                assert len(choices) <= 25
                assert all(1 <= len(one["name"]) <= 100 and 1 <= len(one["value"]) <= 100 for one in choices)


async def test_hostile_forms_do_nothing(stage: Stage) -> None:
    """What is typed into the settings' forms is checked like everything else."""
    found: list[Any] = []
    for number, button in enumerate(("Type a time…", "Type a zone…", "Type categories…")):
        member = stage.add_member("mallory")
        await stage.run(member, "subscribe", category="cs.CL")
        panel = await stage.run(member, "subscriptions")
        for value in HOSTILE[number::3]:
            answer = await stage.type_into(member, panel, button, value[:50])
            shown = re.sub(r"<t:\d+:[FRD]>|\[open it\]\(\S+\)", "", answer.text)
            found += [(button, value, live) for live in find_live_markup(shown)]
            if "Something went wrong" in answer.text:
                found.append((button, value, "failed"))
    assert found == []


def is_final(custom_id: str) -> bool:
    """Tell whether pressing this takes away what others act on."""
    return custom_id.startswith(("h1:k:1", "h1:gx:")) and custom_id.endswith(":1")


async def test_every_button_works_after_a_power_cut(tmp_path: Path) -> None:
    """After kill -9 and a new start every button and select of every message ever sent does what it did."""
    place = Place(World())
    async with run_server(place) as server, run_bots(server, tmp_path) as start:
        bot = await start()
        await wait_for_posts(bot)
        stage = Stage(place, server, bot, tmp_path)
        await send_everything(stage)
        await bot.kill()
        sent = [(message, copy.deepcopy(message.components)) for message in find_own(place.world)]
        stage.bot = await start()
        presses = [
            (message, components, one)
            for message, components in sent
            for one in walk(components)
            if (one["type"] == BUTTON and one["style"] != LINK and not one.get("disabled")) or one["type"] in SELECTS
        ]
        assert len(presses) >= 80
        verbs = set()
        for message, components, one in sorted(presses, key=lambda press: is_final(press[2]["custom_id"])):
            message.components, message.deleted = copy.deepcopy(components), False
            place.world.messages[message.id] = message
            user = message.seen_by or (message.channel.recipients or [place.ada])[0]
            if one["type"] == BUTTON:
                answer = await server.press(user, message, one["custom_id"])
            elif "options" in one:
                answer = await server.choose(user, message, one["custom_id"], [one["options"][0]["value"]])
            else:
                thing = stage.place.news if one["type"] == 8 else next(iter(place.guild.roles.values()))
                answer = await server.choose(user, message, one["custom_id"], [thing])
            assert answer.answered
            verbs.add(one["custom_id"].split(":")[1])
            said = (one["custom_id"], answer.text)
            assert not re.search("another version|too old|Something went wrong", answer.text), said
            assert is_final(one["custom_id"]) or "no longer" not in answer.text, said
        assert {"p", "d", "dp", "t", "s", "v", "u", "vp", "vr", "vx", "x", "xo", "xr", "k", "mc"} <= verbs
        assert {"g", "gc", "ga", "gp", "gr", "gs", "gx", "gv", "gn", "gy"} <= verbs


async def send_everything(stage: Stage) -> None:
    """Have the bot send every kind of message with something to press."""
    server, ada, admin = stage.server, stage.place.ada, stage.place.admin
    first = await stage.run(ada, "top", period="all")
    for arxiv_id in PAPER_LINK.findall(first.text):
        details = await stage.run(ada, "paper", id=arxiv_id)
        await server.press(ada, details, "Save")
    other = await stage.run(ada, "search", query="a")
    arxiv_id = PAPER_LINK.findall((await server.press(ada, other, NEXT)).text)[0]
    another = await server.press(ada, await stage.run(ada, "paper", id=arxiv_id), "Save")
    await server.press(ada, await server.press(ada, another, "Undo"), "Save again")
    for number in ("1", "2"):
        await server.press(ada, await server.press(ada, await stage.run(ada, "search", query="the"), number), "Save")
    await stage.run(ada, "saved")
    await server.press(ada, await server.press(ada, await stage.run(ada, "saved"), NEXT), PREVIOUS)
    await server.press(ada, details, SHARE)
    await stage.run(ada, "subscribe", category="cs.CL")
    await server.press(ada, stage.read_dms(ada)[0], "Stop these")
    await stage.run(ada, "unsubscribe")
    await server.press(ada, await stage.run(ada, "subscriptions"), "Delete my data")
    await server.press(ada, await stage.run(ada, "subscriptions"), "Resume")
    everything = [one["label"] for one in walk(stage.read_dms(ada)[0]["components"]) if one["type"] == BUTTON]
    await server.press(ada, stage.read_dms(ada)[0], next(label for label in everything if label.startswith("All ")))
    added = await server.run_command(admin, "digest add", {"categories": "cs.CV"}, channel=stage.place.general)
    await server.press(admin, added, "Post it now")
    assert len(server.messages(stage.place.general)) >= 2

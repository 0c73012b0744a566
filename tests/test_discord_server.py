"""The Discord for tests, end to end: the real client logs in, is used by members, and every rule bites."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from tests.discord_server import (
    Answer,
    Fault,
    Guild,
    NotOfferedError,
    Pace,
    Server,
    Upload,
    User,
    World,
    read_specification,
)
from tests.discord_server.permissions import (
    MANAGE_GUILD,
    MANAGE_THREADS,
    MENTION_EVERYONE,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS,
    USE_EXTERNAL_APPS,
    VIEW_CHANNEL,
)
from tests.discord_server.sample_bot import SampleBot, redirect
from tests.discord_server.state import ANNOUNCEMENT, FORUM, TEXT, Channel

SPECIFICATION = Path(__file__).parents[1].parent / "shared" / "discord" / "openapi.json"
Start = Callable[..., Awaitable[SampleBot]]


@pytest.fixture
def world() -> World:
    """A world of one server, Lab, with ada in it."""
    world = World()
    world.add_guild(members=[world.add_user("ada", locale="de")])
    return world


@pytest.fixture
def ada(world: World) -> User:
    """A member of Lab."""
    return next(user for user in world.users.values() if user.name == "ada")


@pytest.fixture
def lab(world: World) -> Guild:
    """The server."""
    return next(iter(world.guilds.values()))


@pytest.fixture
def general(lab: Guild) -> Channel:
    """Lab's channel."""
    return lab.get_channel("general")


@pytest.fixture
async def server(world: World) -> AsyncIterator[Server]:
    """The server on loopback, checking against Discord's specification where that is at hand."""
    specification = read_specification(SPECIFICATION) if SPECIFICATION.exists() else None
    async with Server(world, specification=specification) as server:
        yield server
        for request in server.requests:
            answer = request.method, request.template, request.status, request.answer
            assert specification is None or specification.find_answer_violations(*answer) == []


@pytest.fixture
async def start(server: Server, discord_address: None) -> AsyncIterator[Start]:
    """Starts a real bot against the server; it is closed after the test."""
    async with AsyncExitStack() as stack:

        async def begin(**options: Any) -> SampleBot:
            await redirect(server.base)
            bot = await stack.enter_async_context(SampleBot(**options))
            running = asyncio.create_task(bot.start(server.world.token))
            stack.push_async_callback(_finish, bot, running)
            assert await server.connected()
            return bot

        yield begin


async def _finish(bot: SampleBot, running: asyncio.Task[None]) -> None:
    await bot.close()
    await asyncio.wait_for(running, 5)


class Raw:
    """The bot's REST requests made by hand, for what discord.py would never send."""

    def __init__(self, server: Server, session: aiohttp.ClientSession) -> None:
        self._server, self._session = server, session

    async def send(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """Send a request and return status and JSON."""
        headers = {"Authorization": f"Bot {token or self._server.world.token}", "User-Agent": "DiscordBot (test, 1)"}
        more = {} if body is None else {"json": body}
        async with self._session.request(method, self._server.base + path, headers=headers, **more) as response:
            return response.status, await response.json() if response.status != 204 else None


@pytest.fixture
async def raw(server: Server) -> AsyncIterator[Raw]:
    """Requests by hand."""
    async with aiohttp.ClientSession() as session:
        yield Raw(server, session)


def assert_clean(server: Server) -> None:
    """Assert that the bot kept every rule and answered everything."""
    assert (server.violations, server.unanswered, server.refusals) == ([], [], [])


# The real client, used by members


async def test_a_deferred_private_page_and_its_persistent_button(server: Server, start: Start, ada: User) -> None:
    """A member sees a deferred answer filled, privately, and its button turns the page in place."""
    await start()
    answer = await server.run_command(ada, "top", {"period": "week"})
    assert (answer.text, answer.deferred, answer.ephemeral, answer.buttons) == (
        "This is page 1",
        True,
        True,
        ["Page 2"],
    )
    assert 0 < answer.milliseconds < 1000
    turned = await server.press(ada, answer, "Page 2")
    assert turned.updated and answer.text == turned.text == "This is page 2"
    assert (await server.press(ada, answer, "page:3")).text == "This is page 3"
    assert server.messages(answer.interaction.channel) == []
    assert_clean(server)


async def test_completion_offers_what_the_bot_answers(server: Server, start: Start, ada: User) -> None:
    """Typing into an option shows the bot's choices, also before required options are filled in."""
    await start()
    assert await server.complete(ada, "top", "category", "vis") == [{"name": "cs.CV vision", "value": "cs.CV"}]
    assert_clean(server)


async def test_every_type_of_option_reaches_the_bot(server: Server, start: Start, ada: User, lab: Guild) -> None:
    """Texts, numbers, truth values, members, roles, channels and files all arrive as what they are."""
    await start()
    given = {"text": "hi", "number": 3, "ratio": 0.5, "sure": True, "member": ada, "role": lab.everyone}
    things = {"place": lab.get_channel("general"), "document": Upload("a.txt", b"content")}
    answer = await server.run_command(ada, "echo", given | things)
    assert answer.text == "hi 3 0.5 True ada @everyone general content"
    assert answer.message is not None and answer.message["mention_everyone"] is False
    assert server.messages(lab.get_channel("general")) == [answer.message]
    assert_clean(server)


async def test_selects_and_a_modal(server: Server, start: Start, ada: User, general: Channel) -> None:
    """Selects of channels and texts, a deferred update, and a modal with a text and a select work as in the client."""
    await start()
    panel = await server.run_command(ada, "panel")
    assert panel.selects == ["channel", "day"]
    assert (await server.choose(ada, panel, "channel", [general])).text == f"chosen {general.id}"
    day = await server.choose(ada, panel, "day", ["Monday"])
    assert day.deferred and day.updated and panel.text == "day ['1']"
    modal = await server.press(ada, panel, "Ask me")
    assert modal.modal is not None and modal.modal["title"] == "A question"
    said = await server.submit(ada, modal, {"Word": "blue", "colour": ["Red"]})
    assert (said.text, said.ephemeral) == ("blue ['r']", True)
    assert_clean(server)


async def test_a_message_command_reads_a_members_message(
    server: Server, start: Start, ada: User, general: Channel
) -> None:
    """A command on a message gets its text although the bot has no intent to read messages."""
    await start()
    message = server.post(ada, general, "three small words")
    answer = await server.run_message_command(ada, "Count words", message)
    assert (answer.text, answer.ephemeral) == ("3 words", True)
    assert_clean(server)


async def test_a_file_is_stored_and_served(server: Server, start: Start, ada: User) -> None:
    """A file is attached, shown by a component, fetched from its address, and comes with a follow-up too."""
    await start()
    answer = await server.run_command(ada, "file")
    assert answer.message is not None
    (attached,) = answer.message["attachments"]
    assert (attached["filename"], attached["size"]) == ("saved.bib", 11)
    async with aiohttp.ClientSession() as session, session.get(attached["url"]) as response:
        assert await response.read() == b"@article{x}"
    assert await server.until(lambda: answer.followups)
    assert [one["filename"] for one in answer.followups[0]["attachments"]] == ["x.txt"]
    assert_clean(server)


async def test_the_app_goes_where_its_member_takes_it(
    server: Server, start: Start, world: World, ada: User, lab: Guild
) -> None:
    """Contexts, installations, languages and the app's own permissions are right in every kind of place."""
    await start()
    bob, eve = world.add_user("bob", installed=True, locale="ja"), world.add_user("eve")
    elsewhere = world.add_guild("Elsewhere", members=[bob], installed=False, locale="fr")
    closed = world.add_channel(elsewhere, "closed")
    closed.deny(elsewhere.everyone, USE_EXTERNAL_APPS)
    open_channel = elsewhere.get_channel("general")
    mute = world.add_channel(lab, "mute")
    mute.deny(world.bot, SEND_MESSAGES)

    async def ask(user: User, channel: Channel | None = None) -> Answer:
        return await server.run_command(user, "where", channel=channel)

    assert (await ask(ada)).text == "[0] [True, False] de en-US Member True"
    assert (await ask(ada, mute)).text == "[0] [True, False] de en-US Member False"
    assert (await ask(ada, world.get_dm(ada))).text == "[1] [False, False] de None User True"
    assert (await ask(bob, world.add_private_channel(bob, eve))).text == "[2] [False, True] ja None User True"
    public, private = await ask(bob, open_channel), await ask(bob, closed)
    assert public.text == "[0] [False, True] ja fr Member True"
    assert (public.ephemeral, private.ephemeral) == (False, True)
    with pytest.raises(NotOfferedError, match="not installed"):
        await ask(eve, world.add_private_channel(eve, bob))
    assert_clean(server)


async def test_admin_commands_are_for_admins_unless_the_server_says_so(
    server: Server, start: Start, world: World, ada: User, lab: Guild, general: Channel
) -> None:
    """A default permission hides a command from members, a server's own decision shows it, and DMs never have it."""
    await start()
    with pytest.raises(NotOfferedError, match="lacks the permission"):
        await server.run_command(ada, "digest add", {"channel": general})
    assert (await server.run_command(lab.owner, "digest add", {"channel": general})).text == "added general"
    with pytest.raises(NotOfferedError, match="context 1"):
        await server.run_command(ada, "digest add", {"channel": general}, channel=world.get_dm(ada))
    digest = next(one for one in world.commands[None].values() if one["name"] == "digest")
    lab.overrides[int(digest["id"])] = {ada.id: True}
    assert (await server.run_command(ada, "digest add", {"channel": general})).text == "added general"
    chief = world.add_user("chief")
    world.add_member(lab, chief, [world.add_role(lab, "admin", MANAGE_GUILD)])
    assert (await server.run_command(chief, "digest add", {"channel": general})).text == "added general"
    assert_clean(server)


async def test_a_member_is_held_to_what_the_client_offers(
    server: Server, start: Start, world: World, ada: User
) -> None:
    """Unknown commands, wrong values, others' private answers and pressed links don't reach the bot."""
    await start()
    answer, bob = await server.run_command(ada, "top"), world.add_user("bob")
    attempts: list[tuple[str, dict[str, Any], str]] = [
        ("nothing", {}, "no command"),
        ("top", {"period": "century"}, "none of"),
        ("top", {"else": 1}, "no such options"),
        ("slow", {}, "required"),
        ("slow", {"seconds": "1"}, "no value"),
    ]
    for name, values, complaint in attempts:
        with pytest.raises(NotOfferedError, match=complaint):
            await server.run_command(ada, name, values)
    with pytest.raises(NotOfferedError, match="does not see"):
        await server.press(bob, answer, "Page 2")
    with pytest.raises(NotOfferedError, match="0 components"):
        await server.press(ada, answer, "Page 9")
    assert_clean(server)


async def test_a_real_process_logs_in_answers_and_comes_back(server: Server, ada: User) -> None:
    """A bot in a process of its own works the same, and after being killed its old buttons work in the next one."""

    async def spawn() -> asyncio.subprocess.Process:
        arguments = ["-m", "tests.discord_server.sample_bot", server.base, server.world.token]
        root = Path(__file__).parents[1]
        return await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=root)

    first = await spawn()
    assert await server.connected()
    answer = await server.run_command(ada, "top")
    ids = set(server.world.commands[None])
    first.kill()
    await first.wait()
    assert await server.until(lambda: not server.gateway.connected)
    second = await spawn()
    try:
        assert await server.connected()
        assert (await server.press(ada, answer, "Page 2")).text == "This is page 2"
        assert set(server.world.commands[None]) == ids, "the same commands keep their ids"
    finally:
        second.kill()
        await second.wait()
    assert_clean(server)


# The rules bite


async def test_a_second_answer_is_refused(server: Server, start: Start, ada: User) -> None:
    """Answering an interaction twice is 40060, and the member keeps the first answer."""
    bot = await start()
    answer = await server.run_command(ada, "mistake", {"kind": "twice"})
    assert await server.until(lambda: bot.failures)
    assert (bot.failures, answer.text) == ([40060], "once")


async def test_a_late_answer_is_refused_and_noted(server: Server, start: Start, ada: User) -> None:
    """An answer after the deadline is 10062, and the interaction counts as unanswered."""
    bot = await start()
    server.interactions.deadline_seconds = 0.1
    answer = await server.run_command(ada, "slow", {"seconds": 0.3})
    assert await server.until(lambda: bot.failures)
    assert (bot.failures, answer.answered, server.unanswered) == ([10062], False, [answer.interaction])


async def test_a_token_runs_out(server: Server, start: Start, ada: User, raw: Raw) -> None:
    """After its fifteen minutes an interaction's webhook is closed; before its callback it isn't open yet."""
    await start()
    answer = await server.run_command(ada, "top")
    path = f"/webhooks/{server.world.bot.id}/{answer.interaction.token}"
    assert (await raw.send("GET", path + "/messages/@original"))[0] == 200
    server.interactions.token_seconds = 0.0
    assert (await raw.send("POST", path, {"content": "late"}))[1]["code"] == 50027
    assert (await raw.send("POST", f"/webhooks/{server.world.bot.id}/none", {"content": "x"}))[1]["code"] == 10015


async def test_41_components_are_refused(server: Server, start: Start, ada: User) -> None:
    """A message with more than 40 components is 50035, a violation, and leaves the interaction unanswered."""
    server.interactions.deadline_seconds = 0.3
    bot = await start()
    answer = await server.run_command(ada, "mistake", {"kind": "large"})
    assert bot.failures == [50035] and not answer.answered
    assert "cannot exceed 40" in server.violations[0]


async def test_closed_dms_are_refused(server: Server, start: Start, ada: User) -> None:
    """A message to someone who takes none is 50007; opening the conversation was still allowed."""
    ada.dms_open = False
    bot = await start()
    asked = asyncio.create_task(server.run_command(ada, "mistake", {"kind": "dm"}, seconds=0.3))
    assert await server.until(lambda: bot.failures)
    assert bot.failures == [50007]
    assert (await asked).message is None and server.unanswered != [], "deferred and never finished"


async def test_a_nonce_is_used_once(server: Server, start: Start, ada: User, general: Channel) -> None:
    """Two messages with one enforced nonce are one message; after the window they are two."""
    await start()
    same = await server.run_command(ada, "send", {"to": general, "text": "hi", "nonce": "a"})
    assert (same.text, len(server.messages(general))) == ("True", 1)
    server.nonce_seconds = -1.0
    other = await server.run_command(ada, "send", {"to": general, "text": "hi", "nonce": "b"})
    assert (other.text, len(server.messages(general))) == ("False", 3)
    assert_clean(server)


@pytest.mark.parametrize(
    ("denied", "code"), [(SEND_MESSAGES, 50013), (VIEW_CHANNEL, 50001)], ids=["can't send", "can't see"]
)
async def test_missing_permissions_are_refused(
    server: Server, start: Start, world: World, ada: User, general: Channel, denied: int, code: int
) -> None:
    """Without Send Messages a message is 50013, without View Channel 50001."""
    general.deny(world.bot, denied)
    bot = await start()
    asked = asyncio.create_task(server.run_command(ada, "send", {"to": general, "text": "hi"}, seconds=0.3))
    assert await server.until(lambda: bot.failures)
    assert (bot.failures, server.messages(general)) == ([code], [])
    assert await asked


async def test_a_wrong_body_is_refused_with_its_places(server: Server, raw: Raw, general: Channel) -> None:
    """What is wrong in a body comes back nested, by keys and indexes."""
    button = {"type": 2, "style": 1, "label": "x" * 81, "custom_id": "a"}
    body = {"content": "x", "components": [{"type": 1, "components": [button]}]}
    status, answer = await raw.send("POST", f"/channels/{general.id}/messages", body)
    assert (status, answer["code"]) == (400, 50035)
    problem = answer["errors"]["components"]["0"]["components"]["0"]["label"]["_errors"][0]
    assert problem == {"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be between 0 and 80 in length."}
    assert len(server.violations) == 1


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"content": ""}, "empty message"),
        ({"content": "x" * 2001}, "between 0 and 2000"),
        ({"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "y"}]}, "with components v2"),
        ({"content": "x", "components": [{"type": 10, "content": "y"}]}, "must be one of"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "y" * 4001}]}, "4000"),
        ({"content": "x", "nonce": "n" * 26}, "between 0 and 25"),
        ({"content": "x", "flags": 1 << 7}, "can't be set"),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "mutually exclusive"),
        ({"content": "x", "embeds": [{"title": "y" * 257}]}, "between 0 and 256"),
        ({"flags": 1 << 15, "components": [{"type": 13, "file": {"url": "attachment://a"}}]}, "not attached"),
        ({"content": "x", "components": [{"type": 1, "components": [{"type": 2, "style": 5, "label": "y"}]}]}, "url"),
        ({"content": "x", "flags": 64}, "not an answer to an interaction"),
    ],
)
async def test_messages_keep_discords_limits(
    server: Server, raw: Raw, general: Channel, body: dict[str, Any], complaint: str
) -> None:
    """Every limit of a message that is broken is a violation."""
    await raw.send("POST", f"/channels/{general.id}/messages", body)
    assert complaint in "\n".join(server.violations)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": "Top"}, "is invalid"),
        ({"name": "x" * 33}, "between 1 and 32"),
        ({"name_localizations": {"de": "nach oben"}}, "is invalid"),
        ({"name_localizations": {"xx": "top"}}, "not one of Discord's"),
        ({"description": ""}, "required"),
        ({"description": "x" * 101}, "between 1 and 100"),
        ({"contexts": [0, 3]}, "contexts"),
        ({"integration_types": []}, "integration_types"),
        ({"options": [{"type": 3, "name": f"o{n}", "description": "d"} for n in range(26)]}, "25 or fewer"),
        ({"options": [{"type": 3, "name": "o", "description": "d"}] * 2}, "unique"),
        (
            {
                "options": [
                    {"type": 3, "name": "a", "description": "d"},
                    {"type": 3, "name": "b", "description": "d", "required": True},
                ]
            },
            "come first",
        ),
        (
            {
                "options": [
                    {"type": 3, "name": "a", "description": "d"} | {"choices": [{"name": "x" * 101, "value": "y"}]}
                ]
            },
            "between 1 and 100",
        ),
    ],
)
async def test_commands_keep_discords_limits(server: Server, raw: Raw, change: dict[str, Any], complaint: str) -> None:
    """Every limit of a command that is broken refuses the whole set."""
    path = f"/applications/{server.world.bot.id}/commands"
    good: dict[str, Any] = {"name": "top", "description": "d", "type": 1}
    assert (await raw.send("PUT", path, [good]))[0] == 200
    assert (await raw.send("PUT", path, [good | change]))[1]["code"] == 50035
    assert complaint in "\n".join(server.violations)
    assert [one["name"] for one in server.world.commands[None].values()] == ["top"]


async def test_commands_can_be_kept_one_by_one(server: Server, raw: Raw, lab: Guild) -> None:
    """A server's command is created, read, changed and deleted, and keeps its id when it is created again."""
    path = f"/applications/{server.world.bot.id}/guilds/{lab.id}/commands"
    status, made = await raw.send("POST", path, {"name": "a", "description": "d"})
    again = await raw.send("POST", path, {"name": "a", "description": "e"})
    assert (status, again[0], again[1]["id"], again[1]["description"]) == (201, 200, made["id"], "e")
    one = f"{path}/{made['id']}"
    assert (await raw.send("PATCH", one, {"description": "f"}))[1]["version"] != made["version"]
    assert (await raw.send("GET", path))[1][0]["description"] == "f"
    assert (await raw.send("DELETE", one))[0] == 204
    assert (await raw.send("GET", one))[1]["code"] == 10063


async def test_unknown_routes_and_wrong_tokens(server: Server, raw: Raw) -> None:
    """A route Discord lacks is a violation; a wrong token is 401."""
    assert (await raw.send("GET", "/nothing"))[0] == 404
    assert server.violations == ["GET /api/v10/nothing: no such route"]
    assert (await raw.send("GET", "/users/@me", token="wrong"))[0] == 401  # noqa: S106


# Channels by hand


async def test_history_is_read_by_pages(server: Server, raw: Raw, ada: User, general: Channel) -> None:
    """before, after and around give what lies there, newest first; without the permission to read, nothing."""
    ids = [str(server.post(ada, general, str(number)).id) for number in range(10)]
    path = f"/channels/{general.id}/messages"

    async def read(query: str) -> list[int]:
        return [ids.index(message["id"]) for message in (await raw.send("GET", f"{path}?{query}"))[1]]

    assert await read("limit=3") == [9, 8, 7]
    assert await read(f"limit=3&before={ids[5]}") == [4, 3, 2]
    assert await read(f"limit=3&after={ids[5]}") == [8, 7, 6]
    assert await read(f"limit=3&around={ids[5]}") == [6, 5, 4]
    assert (await raw.send("GET", f"{path}?limit=101"))[0] == 400
    general.deny(server.world.bot, READ_MESSAGE_HISTORY)
    assert await read("limit=3") == []
    assert (await raw.send("GET", f"{path}/{ids[0]}"))[1]["code"] == 50001


async def test_what_is_not_understood_is_a_violation(server: Server, raw: Raw, general: Channel) -> None:
    """A body that no rule was made for is refused and noted, and never breaks the server."""
    path = f"/channels/{general.id}/messages"
    assert (await raw.send("POST", path, {"components": {"type": 1}}))[0] == 400
    assert (await raw.send("POST", path, ["x"]))[0] == 400
    assert (await raw.send("GET", path + "?before=x"))[0] == 400
    assert len(server.violations) == 3 and server.messages(general) == []


async def test_messages_are_edited_and_deleted_by_their_author(
    server: Server, raw: Raw, ada: User, general: Channel
) -> None:
    """The bot changes its own messages, not others'; what is gone is 10008."""
    path = f"/channels/{general.id}/messages"
    mine = (await raw.send("POST", path, {"content": "a"}))[1]["id"]
    theirs = server.post(ada, general, "b").id
    edited = (await raw.send("PATCH", f"{path}/{mine}", {"content": "c"}))[1]
    assert edited["content"] == "c" and edited["edited_timestamp"] is not None
    assert (await raw.send("PATCH", f"{path}/{theirs}", {"content": "c"}))[1]["code"] == 50005
    assert (await raw.send("DELETE", f"{path}/{theirs}"))[1]["code"] == 50013
    assert (await raw.send("DELETE", f"{path}/{mine}"))[0] == 204
    assert (await raw.send("PATCH", f"{path}/{mine}", {"content": "c"}))[1]["code"] == 10008
    v2 = {"flags": 1 << 15, "components": [{"type": 10, "content": "d"}]}
    plain = (await raw.send("POST", path, {"content": "a"}))[1]["id"]
    assert (await raw.send("PATCH", f"{path}/{plain}", v2))[1]["code"] == 50035
    assert (await raw.send("PATCH", f"{path}/{plain}", v2 | {"content": None}))[1]["content"] == ""


async def test_what_the_bot_can_look_up(server: Server, raw: Raw, world: World, ada: User, lab: Guild) -> None:
    """Servers, channels, roles, members, threads and decisions on commands are found; what is missing has its code."""
    bot, here = world.bot.id, f"/guilds/{lab.id}"
    general, hidden = lab.get_channel("general"), world.add_guild("Hidden", installed=False)
    command = (await raw.send("POST", f"/applications/{bot}/commands", {"name": "a", "description": "d"}))[1]["id"]
    lab.overrides[int(command)] = {lab.id: False, ada.id: True, general.id: True}
    thread = (await raw.send("POST", f"/channels/{general.id}/threads", {"name": "t", "type": 11}))[1]["id"]
    assert (await raw.send("PATCH", f"/channels/{thread}", {"archived": True}))[0] == 200

    found = {
        path: await raw.send("GET", path)
        for path in (
            *("/gateway", "/gateway/bot", "/users/@me", f"/users/{ada.id}", "/applications/@me"),
            *("/oauth2/applications/@me", "/users/@me/guilds", here, f"{here}?with_counts=true"),
            *(f"{here}/channels", f"{here}/roles", f"{here}/members/@me", f"{here}/members/{ada.id}"),
            *(f"{here}/threads/active", f"/channels/{general.id}/threads/archived/public"),
            *(f"/channels/{general.id}", f"/channels/{thread}"),
            f"/applications/{bot}{here}/commands/{command}/permissions",
        )
    }
    assert {path: status for path, (status, _) in found.items() if status != 200} == {}
    assert [one["id"] for one in found[f"/channels/{general.id}/threads/archived/public"][1]["threads"]] == [thread]
    assert [one["name"] for one in found["/users/@me/guilds"][1]] == ["Lab"]
    decided = found[f"/applications/{bot}{here}/commands/{command}/permissions"][1]["permissions"]
    assert {(one["type"], one["permission"]) for one in decided} == {(1, False), (2, True), (3, True)}
    for path, code in [
        (f"/guilds/{hidden.id}", 10004),
        (f"{here}/members/1", 10007),
        ("/users/1", 10013),
        ("/channels/1", 10003),
        (f"/channels/{hidden.get_channel('general').id}", 50001),
        (f"/applications/{bot}{here}/commands/1/permissions", 10066),
    ]:
        assert (await raw.send("GET", path))[1]["code"] == code, path
    assert server.violations == []


async def test_direct_conversations(server: Server, raw: Raw, world: World, ada: User) -> None:
    """A conversation is opened once; strangers without a common server can't be written to."""
    opened = [(await raw.send("POST", "/users/@me/channels", {"recipient_id": str(ada.id)}))[1] for _ in range(2)]
    assert opened[0]["id"] == opened[1]["id"] == str(world.get_dm(ada).id)
    stranger = world.add_user("stranger")
    channel = (await raw.send("POST", "/users/@me/channels", {"recipient_id": str(stranger.id)}))[1]["id"]
    path = f"/channels/{channel}/messages"
    assert (await raw.send("POST", path, {"content": "hi"}))[1]["code"] == 50278
    stranger.installed = True
    assert (await raw.send("POST", path, {"content": "hi"}))[0] == 200
    assert (await raw.send("POST", "/users/@me/channels", {"recipient_id": "1"}))[1]["code"] == 50033


async def test_forums_threads_and_announcements(server: Server, raw: Raw, world: World, lab: Guild) -> None:
    """A forum wants its tag, a message has one thread, only an announcement is published, and only once."""
    forum = world.add_channel(lab, "papers", FORUM, tags=["daily"], requires_tag=True)
    news = world.add_channel(lab, "news", ANNOUNCEMENT)
    post = {"name": "Monday", "message": {"content": "hello"}}
    assert (await raw.send("POST", f"/channels/{forum.id}/threads", post))[1]["code"] == 40067
    tagged = post | {"applied_tags": [str(forum.tags[0].id)]}
    status, thread = await raw.send("POST", f"/channels/{forum.id}/threads", tagged)
    assert (status, thread["message"]["id"]) == (201, thread["id"])
    assert (await raw.send("POST", f"/channels/{forum.id}/messages", {"content": "x"}))[1]["code"] == 50008
    assert (await raw.send("POST", f"/channels/{thread['id']}/messages", {"content": "x"}))[0] == 200
    assert len((await raw.send("GET", f"/guilds/{lab.id}/threads/active"))[1]["threads"]) == 1
    said = (await raw.send("POST", f"/channels/{news.id}/messages", {"content": "x"}))[1]["id"]
    path = f"/channels/{news.id}/messages/{said}"
    assert [(await raw.send("POST", path + "/crosspost"))[0] for _ in range(2)] == [200, 400]
    codes = [(await raw.send("POST", path + "/threads", {"name": "talk"}))[1].get("code") for _ in range(2)]
    assert codes == [None, 160004]
    world.add_channel(lab, "text", TEXT)
    assert server.violations == []


async def test_threads_have_permissions_of_their_own(world: World, lab: Guild, general: Channel) -> None:
    """In a thread the parent's overwrites count, and sending needs Send Messages in Threads."""
    thread = world.add_thread(general, "t", world.bot, 11)
    general.deny(lab.everyone, SEND_MESSAGES)
    assert world.get_permissions(world.bot, thread) & SEND_MESSAGES_IN_THREADS
    general.deny(world.bot, SEND_MESSAGES_IN_THREADS)
    assert not world.get_permissions(world.bot, thread) & SEND_MESSAGES_IN_THREADS
    general.deny(world.bot, VIEW_CHANNEL)
    assert world.get_permissions(world.bot, thread) == 0
    general.allow(world.bot, VIEW_CHANNEL | MANAGE_THREADS)
    assert world.get_permissions(world.bot, thread) & MANAGE_THREADS


@pytest.mark.parametrize(
    ("text", "allowed", "expected"),
    [
        ("@everyone", None, (0, 0, False)),
        ("<@{ada}> <@&{role}>", None, (1, 0, False)),
        ("<@{ada}> <@&{open}>", None, (1, 1, False)),
        ("<@{ada}> <@&{open}>", {"parse": []}, (0, 0, False)),
        ("<@{ada}> <@&{open}>", {"parse": [], "roles": ["{open}"]}, (0, 1, False)),
    ],
)
async def test_only_allowed_mentions_ping(
    server: Server, raw: Raw, ada: User, lab: Guild, general: Channel, text: str, allowed: Any, expected: Any
) -> None:
    """Who is pinged follows allowed_mentions, roles' openness and the bot's permission for @everyone."""
    role, opened = server.world.add_role(lab, "closed"), server.world.add_role(lab, "open", mentionable=True)
    ids = {"ada": ada.id, "role": role.id, "open": opened.id}
    body: dict[str, Any] = {"content": text.format(**ids)}
    if allowed is not None:
        roles = [one.format(**ids) for one in allowed.get("roles", [])]
        body["allowed_mentions"] = allowed | ({"roles": roles} if roles else {})
    sent = (await raw.send("POST", f"/channels/{general.id}/messages", body))[1]
    assert (len(sent["mentions"]), len(sent["mention_roles"]), sent["mention_everyone"]) == expected
    assert server.violations == []


async def test_everyone_is_pinged_only_with_leave_and_intent(
    server: Server, raw: Raw, world: World, general: Channel
) -> None:
    """@everyone needs the bot's permission and the message's own allowed_mentions."""
    path, body = f"/channels/{general.id}/messages", {"content": "@everyone"}
    assert (await raw.send("POST", path, body))[1]["mention_everyone"] is False
    general.allow(world.bot, MENTION_EVERYONE)
    assert (await raw.send("POST", path, body))[1]["mention_everyone"] is True
    assert (await raw.send("POST", path, body | {"allowed_mentions": {"parse": []}}))[1]["mention_everyone"] is False


# The gateway


async def test_a_dropped_line_is_resumed_without_loss(server: Server, start: Start, ada: User) -> None:
    """What happens while the bot is away reaches it when it resumes; a lost session begins anew."""
    await start()
    await server.gateway.drop()
    assert await server.until(lambda: not server.gateway.connected)
    answer = await server.run_command(ada, "top")
    assert (answer.text, server.gateway.resumes, server.gateway.identifies) == ("This is page 1", 1, 1)
    server.gateway.ask_to_reconnect()
    assert await server.until(lambda: server.gateway.resumes == 2)
    server.gateway.invalidate()
    assert await server.until(lambda: server.gateway.identifies == 2, 15)
    assert (await server.run_command(ada, "top")).text == "This is page 1"
    assert_clean(server)


async def test_a_kick_is_told_from_an_outage(server: Server, start: Start, lab: Guild) -> None:
    """An outage doesn't make the bot leave a server, a kick does, and an invitation brings it back."""
    bot = await start()
    await bot.wait_until_ready()
    server.start_outage(lab)
    server.end_outage(lab)
    server.kick(lab)
    for _ in range(200):
        if bot.left:
            break
        await asyncio.sleep(0.01)
    assert bot.left == [lab.id]
    server.invite(lab)
    server.delete_channel(lab.get_channel("general"))
    channel = server.add_guild_channel(lab, "new")
    for _ in range(200):
        if bot.get_channel(channel.id):
            break
        await asyncio.sleep(0.01)
    assert [one.name for one in bot.guilds[0].text_channels] == ["new"]


async def test_a_wrong_token_or_intent_is_refused(server: Server, discord_address: None) -> None:
    """REST refuses a wrong token at login, the gateway an intent that isn't granted."""
    await redirect(server.base)
    async with SampleBot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.start("wrong")
    async with discord.Client(intents=discord.Intents.all()) as client:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(server.world.token)


async def talk(server: Server, *payloads: dict[str, Any], seconds: float = 0.3) -> list[Any]:
    """Say something to the gateway by hand; return what it said, and the code it closed with, if it did."""
    heard: list[Any] = []
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.gateway.url}?v=10") as line:
        for payload in payloads:
            await line.send_json(payload)
        try:
            while True:
                message = await line.receive(seconds)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return [*heard, message.data]
                heard.append(message.json())
        except TimeoutError:
            return heard


def identify(server: Server, intents: int = 1, **more: Any) -> dict[str, Any]:
    """Return an IDENTIFY payload."""
    return {"op": 2, "d": {"token": server.world.token, "intents": intents, "properties": {}, **more}}


async def test_the_gateway_closes_with_discords_codes(server: Server) -> None:
    """Wrong tokens, intents, shards, ops and a second IDENTIFY each have their code."""
    assert (await talk(server, identify(server, token="x")))[-1] == 4004  # noqa: S106
    assert (await talk(server, identify(server, 1 << 1)))[-1] == 4014
    assert (await talk(server, identify(server, -1)))[-1] == 4013
    assert (await talk(server, identify(server, shard=[2, 2])))[-1] == 4010
    assert (await talk(server, identify(server), identify(server)))[-1] == 4005
    assert (await talk(server, {"op": 3, "d": {}}))[-1] == 4003
    assert (await talk(server, {"op": 99}))[-1] == 4001
    assert (await talk(server, {"op": 1, "d": None}))[1:] == [{"op": 11}]


async def test_messages_come_only_by_intent(server: Server, ada: User, general: Channel) -> None:
    """Without its intent no message comes; without the one for content it comes covered."""

    async def hear(intents: int) -> list[str]:
        listening = asyncio.create_task(talk(server, identify(server, intents)))
        before = server.gateway.identifies
        assert await server.until(lambda: server.gateway.identifies > before)
        server.post(ada, general, "secret")
        return [one["d"]["content"] for one in await listening if one.get("t") == "MESSAGE_CREATE"]

    server.world.privileged_intents = 1 << 15
    assert await hear(1) == []
    assert await hear(1 | 1 << 9) == [""]
    assert await hear(1 | 1 << 9 | 1 << 15) == ["secret"]


async def test_a_gateway_that_is_ill(server: Server) -> None:
    """On demand the gateway stops answering heartbeats, or lets nobody in."""
    server.gateway.muted = True
    assert [one["op"] for one in await talk(server, {"op": 1, "d": None})] == [10]
    server.gateway.refuses = True
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await talk(server)


async def test_the_bot_learns_of_changed_permissions(
    server: Server, start: Start, world: World, lab: Guild, general: Channel
) -> None:
    """A changed channel or role reaches the client's own calculation of what it may do."""
    bot = await start()
    await bot.wait_until_ready()
    guild = bot.guilds[0]

    async def see(permission: str, wanted: bool) -> bool:
        for _ in range(200):
            channel = guild.get_channel(general.id)
            if channel is not None and getattr(channel.permissions_for(guild.me), permission) is wanted:
                return True
            await asyncio.sleep(0.01)
        return False

    assert await see("send_messages", True)
    general.deny(world.bot, SEND_MESSAGES)
    server.update_channel(general)
    assert await see("send_messages", False)
    role = lab.roles[lab.members[world.bot.id].roles[0]]
    role.permissions = MANAGE_THREADS
    server.update_role(lab, role)
    assert await see("manage_threads", True)


async def test_shards_get_their_own_servers(server: Server, world: World, lab: Guild) -> None:
    """Of two shards only one has a server."""
    held = [await talk(server, identify(server, shard=[number, 2])) for number in range(2)]
    guilds = [[one["d"]["id"] for one in heard if one.get("t") == "GUILD_CREATE"] for heard in held]
    assert sorted(guilds) == [[], [str(lab.id)]]


# Faults


async def test_an_answer_is_lost_after_its_effect(server: Server, raw: Raw, general: Channel) -> None:
    """A lost answer leaves the message there; a reset before the effect leaves nothing."""
    path = f"/channels/{general.id}/messages"
    server.faults += [Fault(path="/messages", method="POST", when="after", lost=True), Fault("/messages", reset=True)]
    with pytest.raises(aiohttp.ClientError):
        await raw.send("POST", path, {"content": "never"})
    assert server.messages(general) == []
    with pytest.raises(aiohttp.ClientError):
        await raw.send("POST", path, {"content": "kept"})
    assert [one["content"] for one in server.messages(general)] == ["kept"]
    assert (await raw.send("POST", path, {"content": "fine"}))[0] == 200


async def test_the_client_waits_out_a_limit_and_an_error(
    server: Server, start: Start, ada: User, general: Channel
) -> None:
    """discord.py takes a 429 and a hang of this server for what they are and goes on by itself."""
    await start()
    limit = Fault.rate_limit(0.2, path="/channels/.*/messages", everywhere=True)
    slow = Fault("/channels/.*/messages", hang_seconds=0.1)
    server.faults += [limit, slow]
    answer = await server.run_command(ada, "send", {"to": general, "text": "hi"})
    assert (answer.text, limit.struck, slow.struck, len(server.messages(general))) == ("False", 1, 1, 2)
    assert_clean(server)


async def test_limits_are_counted_like_discord_counts(world: World, general: Channel) -> None:
    """With strict limits the sixth message to a channel in five seconds is a 429 that says how long to wait."""
    async with Server(world, pace=Pace.strict()) as server, aiohttp.ClientSession() as session:
        raw = Raw(server, session)
        path = f"/channels/{general.id}/messages"
        found = [await raw.send("POST", path, {"content": "x"}) for _ in range(6)]
    assert [status for status, _ in found] == [200] * 5 + [429]
    assert 4 < found[-1][1]["retry_after"] <= 5 and found[-1][1]["global"] is False
    assert len(server.messages(general)) == 5


async def test_the_server_goes_away_and_comes_back(server: Server, raw: Raw, general: Channel) -> None:
    """An outage is a stop and a start on the same port; the world is still there."""
    path, port = f"/channels/{general.id}/messages", int(server.origin.rsplit(":")[-1])
    await raw.send("POST", path, {"content": "before"})
    await server.stop()
    with pytest.raises(aiohttp.ClientError):
        await raw.send("GET", path)
    await server.start(port)
    assert [one["content"] for one in (await raw.send("GET", path))[1]] == ["before"]


async def test_a_silent_bot_is_noted(server: Server, ada: User, world: World) -> None:
    """With nobody there a command counts as unanswered after the deadline, and says so."""
    world.commands[None][1] = {"id": "1", "name": "top", "type": 1, "description": "d", "options": []}
    server.interactions.deadline_seconds = 0.05
    answer = await server.run_command(ada, "top")
    assert not answer.answered and server.unanswered == [answer.interaction]
    with pytest.raises(AssertionError, match="never answered"):
        print(answer.milliseconds)

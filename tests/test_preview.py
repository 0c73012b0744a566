"""The preview page's server, without a browser."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from datetime import date

import pytest
from aiohttp import ClientSession, TCPConnector
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.desk import Desk
from bot.answers.page import PageDigests
from bot.answers.values import Command
from bot.errors import ConfigError, UserError
from bot.preview.command_line import format_example, parse_command
from bot.preview.guard import is_own_host
from bot.preview.server import create_app, serve, start
from storage.errors import CorruptError
from storage.models import Day, Delivery, Subscription, Target
from storage.store import Store
from tests.builders import make_days as make_editions
from tests.fakes import COMMANDS, NOW, TITLES, FakeAnswers, make_digest

Client = TestClient  # shorter in signatures


@pytest.fixture
def answers() -> FakeAnswers:
    """Two days of answers."""
    return FakeAnswers()


@pytest.fixture
async def client(answers: FakeAnswers) -> AsyncIterator[Client]:
    """The server over the answers, on a free port."""
    app = create_app(answers, clock=lambda: NOW, notice="Sample posts.", timeout_seconds=0.2)
    async with TestClient(TestServer(app)) as client:
        yield client


async def send(client: Client, path: str, body: object, **headers: str) -> tuple[int, dict[str, object]]:
    """Post as the page does; return the status and the JSON."""
    origin = str(client.make_url("/")).rstrip("/")
    response = await client.post(
        path, data=json.dumps(body), headers={"Origin": origin, "Content-Type": "application/json"} | headers
    )
    return response.status, await response.json()


# ── The command line ──


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/top", ("top", {})),
        ("  /TOP  ", ("top", {})),
        ("/top category:cs.CV period:week", ("top", {"category": "cs.CV", "period": "week"})),
        ("/top Period: Week", ("top", {"period": "week"})),
        ("/search graph neural networks", ("search", {"query": "graph neural networks"})),
        ("/search query:graph neural networks", ("search", {"query": "graph neural networks"})),
        (
            "/search category:cs.LG query:graph  nets since:2021-01-01",
            ("search", {"category": "cs.LG", "query": "graph  nets", "since": "2021-01-01"}),
        ),
        (
            '/search category:"cs.LG" graph nets',
            ("search", {"category": "cs.LG", "query": "graph nets"}),
        ),
        ('/search graph "since: then" nets', ("search", {"query": 'graph "since: then" nets'})),
        ('/search query:"since:then and now"', ("search", {"query": "since:then and now"})),
        ('/search query:"open quote', ("search", {"query": '"open quote'})),
        ("/search title:x NEAR( *", ("search", {"query": "title:x NEAR( *"})),
        ("/search x category:", ("search", {"query": "x"})),
    ],
)
def test_a_typed_command_gives_its_options(text: str, expected: tuple[str, dict[str, str]]) -> None:
    """Options may stand anywhere, values hold spaces, and loose words are the first required option's."""
    assert parse_command(text, COMMANDS) == expected


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("hello", "/search query:graph neural networks"),
        ("", "slash"),
        ("/serch x", "Did you mean /search?"),
        ("/zzz", "/top or /search"),
        ("/search", "For example: /search query:graph neural networks"),
        ('/search query:""', "needs query"),
        ("/top period:fortnight", "day, week, month, year, all"),
        ("/top categry:cs.CV", "Did you mean category:"),
        ("/top something", "category:, period:"),
        ("/top period:day period:week", "twice"),
    ],
)
def test_a_wrong_command_says_what_to_type(text: str, advice: str) -> None:
    """A line that cannot run is refused with a sentence that holds the way out."""
    with pytest.raises(UserError) as refusal:
        parse_command(text, COMMANDS)
    assert advice in str(refusal.value)


def test_a_command_without_options_says_so() -> None:
    """Words after a command that takes none are refused, not lost."""
    with pytest.raises(UserError, match="takes no options"):
        parse_command("/about us", [Command("about", "What this is")])


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_a_command_runs(command: Command) -> None:
    """What the page offers to try is accepted as it stands."""
    assert parse_command(format_example(command), COMMANDS)[0] == command.name


@given(st.text())
def test_any_line_is_a_command_or_refused(text: str) -> None:
    """Whatever is typed, the parser answers or refuses in words: it never fails."""
    for line in (text, f"/search {text}", f"/top category:{text}"):
        try:
            name, options = parse_command(line, COMMANDS)
        except UserError as refusal:
            assert str(refusal)
        else:
            assert name in ("top", "search")
            assert all(value for value in options.values())


# ── The API ──


async def test_days_tell_which_data_is_shown(client: Client) -> None:
    """The day list comes newest first with the notice about where the posts are from."""
    body = await (await client.get("/api/days")).json()
    assert [each["day"] for each in body["days"]] == ["2021-04-13", "2021-04-12"]
    assert body["notice"] == "Sample posts."


async def test_the_channel_shows_the_payload_for_discord(client: Client) -> None:
    """A day's channel is the very payload, the newest day without a choice."""
    chosen = await (await client.get("/api/channel", params={"day": "2021-04-12"})).json()
    assert chosen["messages"] == [{"payload": make_digest(date(2021, 4, 12)).to_payload(), "at": NOW.isoformat()}]
    newest = await (await client.get("/api/channel")).json()
    assert "13 Apr 2021" in newest["messages"][0]["payload"]["content"]


@pytest.mark.parametrize("day", ["yesterday", "2021-13-45", "2020-01-01"])
async def test_a_day_that_is_not_there_is_refused_in_words(client: Client, day: str) -> None:
    """A wrong or missing day is the asker's mistake and is said as such."""
    response = await client.get("/api/channel", params={"day": day})
    assert response.status == 400
    assert (await response.json())["error"]


async def test_commands_come_with_an_example(client: Client) -> None:
    """The command box learns names, options and choices from the answers alone."""
    body = await (await client.get("/api/commands")).json()
    top, search = body["commands"]
    assert search["example"] == "/search query:graph neural networks"
    assert top["options"][1]["choices"][1] == {"name": "Week", "value": "week"}


async def test_a_command_runs_with_its_options(client: Client, answers: FakeAnswers) -> None:
    """A typed line reaches the answers parsed, with the page's own target and the clock's time."""
    status, body = await send(client, "/api/command", {"text": "/top period:week"})
    assert (status, body["command"], body["options"]) == (200, "top", {"period": "week"})
    name, options, caller = answers.asked[-1]
    assert (name, options) == ("top", {"period": "week"})
    assert (caller.target.kind, caller.target.id, caller.now) == ("page", "preview", NOW)


async def test_a_press_edits_or_answers(client: Client) -> None:
    """A press says whether its message replaces the one pressed."""
    assert (await send(client, "/api/press", {"custom_id": "all:2"}))[1]["replaces"] is True
    assert (await send(client, "/api/press", {"custom_id": "paper:1"}))[1]["replaces"] is False


async def test_search_as_you_type_is_the_search_command(client: Client, answers: FakeAnswers) -> None:
    """The field asks exactly what /search would ask; no words is refused."""
    body = await (await client.get("/api/search", params={"q": " style "})).json()
    assert body["payload"]["components"]
    assert [each["name"] for each in body["choices"]] == [TITLES[0]]
    assert answers.asked[0][:2] == ("search", {"query": "style"})
    assert (await client.get("/api/search", params={"q": " "})).status == 400


async def test_completion_offers_the_answers_choices(client: Client) -> None:
    """Suggestions come from the answers, for options that exist only."""
    known = {"command": "top", "option": "category", "text": "cs"}
    body = await (await client.get("/api/complete", params=known)).json()
    assert [each["value"] for each in body["choices"]] == ["cs.CL", "cs.CV"]
    assert (await client.get("/api/complete", params=known | {"option": "nonsense"})).status == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/command", {}),
        ("/api/command", []),
        ("/api/command", {"text": 7}),
        ("/api/command", {"text": "/search " + "x" * 4000}),
        ("/api/press", {"custom_id": "x" * 101}),
        ("/api/press", {"custom_id": None}),
    ],
)
async def test_a_malformed_post_is_refused_in_words(client: Client, path: str, body: object) -> None:
    """A body of the wrong shape or length gets a sentence, not a trace."""
    status, answer = await send(client, path, body)
    assert status == 400
    assert set(answer) == {"error"}


async def test_half_an_emoji_is_made_whole(client: Client, answers: FakeAnswers) -> None:
    """JSON can carry a lone surrogate; the answers only ever see text that encodes."""
    status, _ = await send(client, "/api/command", {"text": "/search \ud83d x"})
    assert status == 200
    assert answers.asked[-1][1] == {"query": "? x"}


# ── The page's own digests ──


@pytest.fixture
async def scheduled(store: Store, answers: FakeAnswers) -> AsyncIterator[Client]:
    """The server with digests of the page's own, over two days; another preview sends them."""
    await store.days.put(make_editions(2), [], NOW)
    digests = PageDigests(Desk(store))
    app = create_app(answers, clock=lambda: NOW, digests=digests, find_trouble=lambda: "Sent elsewhere.")
    async with TestClient(TestServer(app)) as client:
        yield client


FORM = {
    "categories": ["cs.LG"],
    "count": ["3"],
    "only": ["all"],
    "time": ["10:00"],
    "timezone": ["UTC"],
    "weekdays": ["0", "2"],
}


async def test_a_page_without_digests_of_its_own_says_so(client: Client, scheduled: Client) -> None:
    """The page learns with the days whether there is a schedule; without one its addresses are not there."""
    assert (await (await client.get("/api/days")).json())["schedule"] is False
    assert (await client.get("/api/schedule")).status == 404
    assert (await (await scheduled.get("/api/days")).json())["schedule"] is True


async def test_the_schedule_tells_all_that_the_page_shows(scheduled: Client) -> None:
    """The time of the server, who sends, when posts changed last, what is subscribed, and what arrived."""
    status, body = await send(scheduled, "/api/schedule/subscribe", FORM)
    assert (status, body["added"]["next_at"]) == (200, "2021-04-14T10:00:00+00:00")  # type: ignore[index]
    state = await (await scheduled.get("/api/schedule")).json()
    assert (state["now"], state["trouble"], state["posts"]) == (NOW.isoformat(), "Sent elsewhere.", NOW.isoformat())
    assert state["standing"] == [body["added"]]
    assert state["arrived"] == []


async def test_what_arrived_is_sent_again_when_it_changed(scheduled: Client, store: Store) -> None:
    """Asked every other second, the server repeats the messages only to a page that does not have them."""
    before = await (await scheduled.get("/api/schedule")).json()
    same = await (await scheduled.get("/api/schedule", params={"known": before["tag"]})).json()
    assert same["arrived"] is None
    added = await store.subscriptions.add(Subscription(Target("page", "main")))
    payload = json.dumps({"message": {"content": "Here", "components": []}, "post": None})
    promise = Delivery(added.id or 0, added.target, "2021-04-14", (date(2021, 4, 13),), (), payload)
    (number,) = await store.deliveries.add([promise], NOW)
    assert (await (await scheduled.get("/api/schedule", params={"known": before["tag"]})).json())["arrived"] is None
    await store.deliveries.mark_sent(number, "page", "1", NOW)
    after = await (await scheduled.get("/api/schedule", params={"known": before["tag"]})).json()
    (arrived,) = after["arrived"]
    assert (arrived["payload"]["content"], arrived["at"]) == ("Here", NOW.isoformat())


async def test_a_refusal_names_the_field_of_the_form(scheduled: Client) -> None:
    """What was filled in wrongly is said with its field, so that the page can show it there."""
    status, body = await send(scheduled, "/api/schedule/subscribe", FORM | {"timezone": ["Atlantis"]})
    assert (status, body["field"]) == (400, "timezone")
    assert "Atlantis" in str(body["error"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("subscribe", []),
        ("subscribe", {"categories": "cs.LG"}),
        ("subscribe", {"categories": [7]}),
        ("subscribe", {"categories": ["x" * 4001]}),
        ("subscribe", {"weekdays": ["0"] * 11}),
        ("subscribe", {}),
        ("stop", {}),
        ("stop", {"id": "1"}),
        ("stop", {"id": True}),
        ("stop", {"id": 2**63}),
    ],
)
async def test_a_malformed_form_is_refused_in_words(scheduled: Client, store: Store, path: str, body: object) -> None:
    """A body that no form of ours sends gets a sentence, and changes nothing."""
    status, answer = await send(scheduled, f"/api/schedule/{path}", body)
    assert status == 400
    assert answer["error"]
    assert await store.subscriptions.list() == []


@pytest.mark.parametrize("number", ["", "x", "1.5", "²", "9" * 19])
async def test_why_needs_a_number(scheduled: Client, number: str) -> None:
    """What is no number of a digest is refused in words."""
    assert (await scheduled.get("/api/schedule/why", params={"id": number})).status == 400


async def test_a_digest_is_explained_and_stopped(scheduled: Client, store: Store) -> None:
    """Why? answers as on Discord; after Stop it is gone, and Why? says so."""
    _, body = await send(scheduled, "/api/schedule/subscribe", FORM)
    number = body["added"]["id"]  # type: ignore[index]
    why = await (await scheduled.get("/api/schedule/why", params={"id": number})).json()
    assert "Why your digest came" in json.dumps(why["payload"])
    assert (await send(scheduled, "/api/schedule/stop", {"id": number}))[0] == 200
    assert await store.subscriptions.list() == []
    assert (await scheduled.get("/api/schedule/why", params={"id": number})).status == 400


async def test_the_forms_fields_complete_as_the_admins_options(scheduled: Client, answers: FakeAnswers) -> None:
    """Suggestions are those of /digest add; other fields have none."""
    body = await (await scheduled.get("/api/schedule/complete", params={"field": "categories", "text": "cs"})).json()
    assert [each["value"] for each in body["choices"]] == ["cs.CL", "cs.CV"]
    assert answers.asked == [("complete", "digest add", "categories", "cs")]
    assert (await scheduled.get("/api/schedule/complete", params={"field": "mention", "text": ""})).status == 400


@pytest.mark.parametrize("path", ["subscribe", "stop"])
async def test_another_sites_form_is_refused(scheduled: Client, path: str) -> None:
    """No other page in the browser can subscribe this one, or stop its digests."""
    assert (await send(scheduled, f"/api/schedule/{path}", FORM, Origin="https://evil.test"))[0] == 403


# ── Defence ──


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "10.0.0.7", "[::1", ""])
async def test_another_host_name_is_refused(client: Client, host: str) -> None:
    """A name that was rebound to the loopback address gets nothing, not even the page."""
    for path in ("/", "/api/days", "/static/app.js"):
        assert (await client.get(path, headers={"Host": host})).status == 421


@pytest.mark.parametrize(
    ("header", "configured", "own"),
    [
        ("localhost:8080", "127.0.0.1", True),
        ("127.0.0.1:8080", "127.0.0.1", True),
        ("[::1]:8080", "127.0.0.1", True),
        ("papers.example:80", "papers.example", True),
        ("192.168.1.5:8080", "::", True),
        ("papers.example", "::", False),
        ("192.168.1.5", "127.0.0.1", False),
    ],
)
def test_loopback_and_configured_names_are_own(header: str, configured: str, own: bool) -> None:
    """Only loopback names, the configured host, or any address when listening on all, are answered."""
    assert is_own_host(header, configured) is own


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
async def test_a_forged_post_is_refused(client: Client, headers: dict[str, str], status: int) -> None:
    """Another site's page can neither post here nor sneak JSON in as a form."""
    assert (await send(client, "/api/command", {"text": "/top"}, **headers))[0] == status


async def test_a_large_body_is_refused(client: Client) -> None:
    """A body over the limit is turned away with a short answer."""
    status, body = await send(client, "/api/command", {"text": "x" * 20_000})
    assert status == 413
    assert set(body) == {"error"}


async def test_a_failure_shows_a_reference_and_logs_the_trace(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """The page learns nothing of an unexpected error but a reference, found in the log with the trace."""
    with caplog.at_level(logging.ERROR):
        status, body = await send(client, "/api/press", {"custom_id": "fail"})
    assert status == 500
    assert set(body) == {"error", "reference"}
    assert "private.db" not in json.dumps(body)
    assert str(body["reference"]) in caplog.text
    assert "private.db" in caplog.text


async def test_a_slow_answer_times_out(client: Client) -> None:
    """An answer that takes too long is given up, in words."""
    status, body = await send(client, "/api/press", {"custom_id": "slow"})
    assert status == 504
    assert "too long" in str(body["error"])


async def test_a_storage_error_is_told() -> None:
    """What is wrong with the database is for its owner to read, on the page as well."""

    class Broken(FakeAnswers):
        async def days(self) -> list[Day]:
            raise CorruptError("hotpapers.db is damaged")

    async with TestClient(TestServer(create_app(Broken(), clock=lambda: NOW))) as client:
        response = await client.get("/api/days")
        assert response.status == 503
        assert await response.json() == {"error": "hotpapers.db is damaged"}


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e/server.py",
        "/static//etc/passwd",
        "/static/",
        "/static/nothing.js",
    ],
)
async def test_no_path_leads_out_of_the_pages_files(answers: FakeAnswers, path: str) -> None:
    """Only the page's own files are served, whatever the path looks like on the wire."""
    runner, port = await start(create_app(answers, clock=lambda: NOW), "127.0.0.1", 0)
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        status = (await reader.readline()).split()[1]
        rest = await reader.read()
        writer.close()
        await writer.wait_closed()
    finally:
        await runner.cleanup()
    assert status == b"404"
    assert b"import" not in rest
    assert b"root:" not in rest


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/api/days", "/api/nothing", "/api/press"])
async def test_every_response_is_locked_down(client: Client, path: str) -> None:
    """Each response, failures too, carries the strict policy, no sniffing, no framing and no cookie."""
    response = await client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    assert "aiohttp" not in response.headers["Server"]


async def test_files_are_revalidated(client: Client) -> None:
    """A browser asks whether a file changed, and gets no body when it did not."""
    first = await client.get("/static/app.css")
    assert first.content_type == "text/css"
    again = await client.get("/static/app.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


# ── Serving ──


async def test_a_taken_port_moves_to_the_next_and_says_so(answers: FakeAnswers) -> None:
    """When the port is taken the page is served on a later one, both said; stopping frees it."""
    said: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        task = asyncio.create_task(serve(answers, clock=lambda: NOW, port=port, say=said.append))
        while len(said) < 2:
            assert not task.done(), task.exception()
            await asyncio.sleep(0.01)
        url = said[1].split()[3]
        async with ClientSession(connector=TCPConnector(force_close=True)) as session:
            assert (await session.get(url)).status == 200
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert said[0].startswith(f"Port {port} is taken")
    assert not url.endswith(f":{port}/")


async def test_an_address_of_another_machine_is_refused_in_words(answers: FakeAnswers) -> None:
    """A host that is not this machine's names the settings to change."""
    with pytest.raises(ConfigError, match="PREVIEW_HOST"):
        await start(create_app(answers, clock=lambda: NOW), "192.0.2.1", 0)

"""Posts about papers are counted as Bluesky counts them, and shown only where their authors want to be seen."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.sources.bluesky import MOST_URIS, Bluesky, Heard, parse_posts
from bot.sources.bluesky_record import find_papers, parse_uri
from bot.sources.mirrors import KNOWN_DIDS, MOST_PAPERS_A_DAY, find_busy_authors, is_mirror
from bot.sources.source import Item, Reading
from bot.sources.wire import Wire
from tests.jetstream import AUTHOR, NOW, uri_of
from tests.odd_values import odd, odd_lists, odd_parts

DAY = date(2026, 11, 20)
NOW_HEARD = Heard(NOW)
MIRRORS = (
    "csai-bot", "cslg-bot", "mathph-bot", "quantph-bot", "statml-bot", "condmatquantgas-bt", "eesssy-bot", "cssy-bot",
    "physicsaccph-bot", "arxiv-cs-cl", "krxiv-quant-ph", "astroarxiv", "arxiv-sound", "arxivecongnbot",
    "paperposterbot",
)  # fmt: skip
MADE = datetime(2026, 11, 20, 9, tzinfo=UTC)


def make_post(rkey: str, *papers: str, author: str = AUTHOR, made: datetime = MADE) -> Item:
    """Return a post as it was heard."""
    key = uri_of(rkey, author)
    return Item(key, papers or ("2611.00001",), {}, made, made, author=author, lang="en")


def make_view(post: Item, **parts: Any) -> dict[str, Any]:
    """Return what the AppView says of a post."""
    return {
        "uri": post.key,
        "cid": "bafyrei",
        "author": {"did": post.author, "handle": "ada.example", "displayName": "Ada", "labels": []},
        "record": {"$type": "app.bsky.feed.post", "text": "Read this", "createdAt": "2026-11-20T09:00:00Z"},
        "likeCount": 5,
        "repostCount": 2,
        "quoteCount": 1,
        "replyCount": 9,
        "indexedAt": "2026-11-20T09:00:01Z",
        "labels": [],
        **parts,
    }


def parse(*views: object, posts: Sequence[Item]) -> dict[str, Item]:
    """Return what is made of views of posts, by at-uri."""
    raw = json.dumps({"posts": views}).encode()
    return {item.key: item for item in parse_posts(raw, {post.key: post for post in posts}, NOW).items}


def read_snapshots(shared: Path) -> list[dict[str, Any]]:
    """Return every post in the recorded answers, with identities in place of the numbers that stand for them."""
    text = (shared / "samples/bluesky/appview_test_snapshots.json").read_text()
    thread = (shared / "samples/bluesky/pysdk_thread_view_post_with_embed_media.json").read_text()
    text = re.sub(r'"user\((\d+)\)"', r'"did:plc:user\1"', text)
    return [*find_views(json.loads(text)), *find_views(json.loads(thread))]


def find_views(value: Any) -> Iterator[dict[str, Any]]:
    """Find posts anywhere; each gets the at-uri of its author."""
    if isinstance(value, dict):
        if {"uri", "author", "record", "indexedAt"} <= value.keys():
            rkey = re.sub(r"\W", "", value["uri"].rpartition("/")[2])
            yield {**value, "uri": uri_of(rkey, value["author"]["did"])}
        for inner in value.values():
            yield from find_views(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from find_views(inner)


def test_every_recorded_post_is_read_as_a_second_reader_reads_it(shared: Path) -> None:
    """Counts, authors, texts and times of the AppView's own answers come out as they are in there."""
    views = read_snapshots(shared)
    for view in views:
        post = replace(make_post("x", author=view["author"]["did"]), key=view["uri"], created_at=None, lang=None)
        [item] = parse(view, posts=[post]).values()
        counts = {"likes": "likeCount", "reposts": "repostCount", "quotes": "quoteCount"}
        assert item.metrics == {metric: view[key] for metric, key in counts.items() if key in view}
        assert (item.text, item.handle) == (view["record"]["text"], view["author"]["handle"])
        assert item.name == view["author"].get("displayName", "")
        assert item.lang == next(iter(view["record"].get("langs", [])), None)
        times = (view["record"]["createdAt"], view["indexedAt"])
        assert item.created_at == min(datetime.fromisoformat(text) for text in times)
        assert item.url == f"https://bsky.app/profile/{item.handle}/post/{view['uri'].rpartition('/')[2]}"
    assert len(views) == 100


@dataclass
class AppView:
    """An AppView of our own: answers with the views it has, or as told."""

    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    answer: Callable[[list[str]], web.Response | None] = lambda uris: None

    async def get_posts(self, request: web.Request) -> web.Response:
        """Answer one question."""
        uris = request.query.getall("uris")
        self.asked.append(uris)
        assert set(request.query) == {"uris"}
        if (told := self.answer(uris)) is not None:
            return told
        return web.json_response({"posts": [self.views[uri] for uri in uris if uri in self.views]})


@dataclass
class Memory:
    """The posts that are known."""

    posts: list[Item]

    async def newest(self, source: str, since: datetime, until: datetime) -> list[Item]:
        """Return those made in a time."""
        assert source == "bluesky"
        return [post for post in self.posts if since <= (post.created_at or post.observed_at) <= until]


@asynccontextmanager
async def serve(appview: AppView) -> AsyncIterator[str]:
    """Let an AppView be reached; its base has no /xrpc."""
    app = web.Application()
    app.router.add_get("/xrpc/app.bsky.feed.getPosts", appview.get_posts)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def read(appview: AppView, posts: list[Item], *, heard: Heard | None = NOW_HEARD, path: str = "") -> Reading:
    """Read a day from an AppView."""

    async def sleep(seconds: float) -> None: ...

    async def get_heard() -> Heard | None:
        return heard

    async with serve(appview) as base, Wire(sleep=sleep) as wire:
        return await Bluesky(wire, base + path, Memory(posts), get_heard).read(DAY, DAY, NOW)


def make_views(posts: Sequence[Item], **parts: Any) -> dict[str, dict[str, Any]]:
    """Return a view of each post."""
    return {post.key: make_view(post, **parts) for post in posts}


@pytest.mark.parametrize("path", ["", "/", "/xrpc", "/xrpc/"])
async def test_posts_are_asked_for_twenty_five_at_a_time(path: str) -> None:
    """Each known post of the days is asked for once, whatever form the base has, and gets its counts."""
    posts = [make_post(f"p{number}", author=f"did:plc:a{number}") for number in range(60)]
    other = make_post("old", made=MADE - timedelta(days=1))
    appview = AppView(make_views([*posts, other]))
    reading = await read(appview, [*posts, other], path=path)
    assert [len(uris) for uris in appview.asked] == [MOST_URIS, MOST_URIS, 10]
    assert [item.key for item in reading.items] == [post.key for post in posts]
    assert {tuple(item.metrics.items()) for item in reading.items} == {(("likes", 5), ("reposts", 2), ("quotes", 1))}
    assert all(item.observed_at == NOW and item.created_at == MADE for item in reading.items)
    assert (reading.gone, reading.notes) == (frozenset(), ())


async def test_a_post_that_is_not_there_is_gone_and_not_zero() -> None:
    """A deleted post is named as gone; a new one may not be there yet, and what is blocked is neither."""
    here, deleted, blocked = make_post("a"), make_post("b"), make_post("c")
    new, missing = make_post("d", made=NOW - timedelta(minutes=5)), make_post("e")
    appview = AppView(make_views([here]))
    appview.views[blocked.key] = {"uri": blocked.key, "blocked": True, "author": {"did": AUTHOR}}
    appview.views[missing.key] = {"uri": missing.key, "notFound": True}
    reading = await read(appview, [here, deleted, blocked, new, missing])
    assert [item.key for item in reading.items] == [here.key]
    assert reading.gone == {deleted.key, missing.key}


async def test_a_server_that_has_forgotten_everything_deletes_nothing() -> None:
    """When none of many posts is there the server is at fault, not the posts' authors."""
    posts = [make_post(f"p{number}", author=f"did:plc:a{number}") for number in range(30)]
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:\d+ has none of 30 posts"):
        await read(AppView(), posts)


async def test_nothing_known_asks_nothing() -> None:
    """A day without posts is read without a question."""
    appview = AppView()
    assert await read(appview, []) == Reading()
    assert not appview.asked


@pytest.mark.parametrize(
    ("count", "kept"), [(0, True), (7, True), (None, False), (-1, False), ("7", False), (True, False), (1.5, False)]
)
def test_a_count_that_is_none_is_missing_and_not_zero(count: object, kept: bool) -> None:
    """Only whole numbers from zero on are counts."""
    post = make_post("a")
    [item] = parse(make_view(post, likeCount=count), posts=[post]).values()
    assert item.metrics == {"likes": count, "reposts": 2, "quotes": 1} if kept else {"reposts": 2, "quotes": 1}
    [item] = parse({key: value for key, value in make_view(post).items() if "Count" not in key}, posts=[post]).values()
    assert item.metrics == {}


def label(value: str, source: str = "did:plc:moderation", **parts: Any) -> dict[str, Any]:
    """Return a label."""
    return {"src": source, "uri": "at://x", "val": value, "cts": "2026-11-01T00:00:00Z", **parts}


@pytest.mark.parametrize("value", ["!no-unauthenticated", "!hide", "porn", "graphic-media", "spam", "!takedown"])
@pytest.mark.parametrize("place", ["post", "author", "record"])
def test_who_is_not_to_be_shown_is_counted_but_not_quoted(value: str, place: str) -> None:
    """With such a label on it, its author or by itself, a post has counts and neither text nor name nor handle."""
    post = make_post("a")
    view = make_view(post)
    if place == "record":
        view["record"]["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": value}]}
    else:
        (view if place == "post" else view["author"])["labels"] = [label(value)]
    [item] = parse(view, posts=[replace(post, text="as it was", handle="ada.example", name="Ada")]).values()
    assert (item.text, item.handle, item.name) == ("", "", "")
    assert item.url == f"https://bsky.app/profile/{AUTHOR}/post/a"
    assert item.metrics == {"likes": 5, "reposts": 2, "quotes": 1}


@pytest.mark.parametrize(
    "labels",
    [
        [label("cool-person")],
        [label("!hide", neg=True)],
        [label("!hide"), label("!hide", neg=True)],
        [label("!hide", exp="2026-11-19T00:00:00Z")],
        [label("bot")],
        ["!hide", None, {"val": ["!hide"]}],
    ],
)
def test_labels_not_in_force_or_of_no_concern_hide_nothing(labels: list[Any]) -> None:
    """A label taken back, past its time or about something else leaves the post as it is."""
    post = make_post("a")
    [item] = parse(make_view(post, labels=labels), posts=[post]).values()
    assert (item.text, item.handle, item.name) == ("Read this", "ada.example", "Ada")


@pytest.mark.parametrize(
    ("handle", "shown"),
    [
        ("Ada.Example", "ada.example"),
        ("handle.invalid", ""),
        ("not a handle", ""),
        ("ada.example/../../x", ""),
        ("x" * 300 + ".example", ""),
        (None, ""),
    ],
)
def test_a_post_is_found_by_handle_or_by_identity(handle: object, shown: str) -> None:
    """A handle that is none is not shown, and the link has the DID instead."""
    post = make_post("3kabc")
    [item] = parse(make_view(post, author={"did": AUTHOR, "handle": handle}), posts=[post]).values()
    assert (item.handle, item.url) == (shown, f"https://bsky.app/profile/{shown or AUTHOR}/post/3kabc")


def test_a_post_of_someone_else_lends_no_name() -> None:
    """An answer that mixes up authors does not put words into anyone's mouth."""
    post = make_post("a")
    author = {"did": "did:plc:other", "handle": "eve.example", "displayName": "Eve"}
    [item] = parse(make_view(post, author=author), posts=[post]).values()
    assert (item.author, item.handle, item.name) == (AUTHOR, "", "")


def test_an_edit_that_was_not_heard_shows_in_the_papers() -> None:
    """The record as it is now says which papers a post is about."""
    post = make_post("a", "2611.00001")
    record = {"embed": {"external": {"uri": "https://arxiv.org/abs/2611.00002"}}}
    [item] = parse(make_view(post, record=record), posts=[post]).values()
    assert item.arxiv_ids == ("2611.00002",)


@pytest.mark.parametrize(
    "handle", [*(f"{name}.bsky.social" for name in MIRRORS), "arxiv-cslg-bot.mastoxiv.page.ap.brid.gy"]
)
async def test_mirrors_of_arxiv_are_listed_out(handle: str) -> None:
    """An account that is known to post every paper is not counted, beside one that is."""
    mirror, person = make_post("m", author="did:plc:mirror"), make_post("p")
    views = make_views([person]) | make_views([mirror], author={"did": "did:plc:mirror", "handle": handle})
    reading = await read(AppView(views), [mirror, person])
    assert [item.key for item in reading.items] == [person.key]
    assert not reading.gone
    appview = AppView(views)
    await read(appview, [replace(mirror, handle=handle), person])
    assert appview.asked == [[person.key]]


@pytest.mark.parametrize(
    "handle",
    ["ada.example", "neuripsbot.example", "csai-bot.example", "math-bot.bsky.social", "arxiv.org", "arx.iv", ""],
)
def test_people_are_not_taken_for_mirrors(handle: str) -> None:
    """A name that only sounds like a bot's is anyone's."""
    assert not is_mirror("did:plc:x", handle)


async def test_known_identities_and_avowed_bots_are_listed_out() -> None:
    """A mirror is known by its DID before it is asked for, and a bot by what it says of itself only."""
    known = make_post("k", author=next(iter(KNOWN_DIDS)))
    avowed, accused = make_post("a", author="did:plc:avowed"), make_post("b", author="did:plc:accused")
    author = {"did": "did:plc:avowed", "labels": [label("bot", "did:plc:avowed")]}
    other = {"did": "did:plc:accused", "labels": [label("bot", "did:plc:someone")]}
    appview = AppView(make_views([known]) | make_views([avowed], author=author) | make_views([accused], author=other))
    reading = await read(appview, [known, avowed, accused])
    assert appview.asked == [[avowed.key, accused.key]]
    assert [item.key for item in reading.items] == [accused.key]


def test_who_posts_more_papers_a_day_than_anyone_reads_is_a_mirror() -> None:
    """It is distinct papers of one day that count, not posts."""
    papers = [f"2611.{number:05}" for number in range(MOST_PAPERS_A_DAY + 1)]
    many = [make_post(paper, paper, author="did:plc:many") for paper in papers]
    few = [replace(post, author="did:plc:few") for post in many[1:]]
    same = [make_post(f"s{number}", author="did:plc:same") for number in range(50)]
    days = [
        make_post(f"d{number}", f"2611.{number:05}", author="did:plc:days", made=MADE - timedelta(hours=number))
        for number in range(20)
    ]
    assert find_busy_authors([*many, *few, *same, *days]) == {"did:plc:many"}


async def test_one_post_that_the_server_does_not_accept_costs_no_other() -> None:
    """A question refused for one of its posts is asked in parts; the refused one is named and nobody is gone."""
    posts = [make_post(f"p{number}", author=f"did:plc:a{number}") for number in range(25)]
    bad = posts[7].key
    refuse = web.json_response
    appview = AppView(make_views(posts), answer=lambda uris: refuse({}, status=400) if bad in uris else None)
    reading = await read(appview, posts)
    assert {item.key for item in reading.items} == {post.key for post in posts} - {bad}
    assert reading.notes == ("posts on Bluesky that could not be read: 1",)
    assert not reading.gone
    assert len(appview.asked) <= 11


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda uris: web.Response(text="<html>"), "no list of posts"),
        (lambda uris: web.json_response([]), "no list of posts"),
        (lambda uris: web.json_response({"posts": {}}), "no list of posts"),
        (lambda uris: web.Response(body=b"\xff" * 9), "no list of posts"),
        (lambda uris: web.Response(text="[" * 100_000), "no list of posts"),
        (lambda uris: web.json_response({"error": "InvalidRequest"}, status=400), "nothing that could be read"),
        (lambda uris: web.Response(status=403), "answered 403"),
        (lambda uris: web.Response(status=500), "answered 500"),
    ],
)
async def test_a_broken_answer_is_an_error_that_names_the_server(
    answer: Callable[[list[str]], web.Response], words: str
) -> None:
    """Whatever the AppView sends, the source fails alone and says so."""
    posts = [make_post(f"p{number}", author=f"did:plc:a{number}") for number in range(60)]
    appview = AppView(answer=answer)
    with pytest.raises(SourceError, match=rf"^127\.0\.0\.1:\d+ .*{words}"):
        await read(appview, posts)
    assert len(appview.asked) <= 2 * MOST_URIS


async def test_entries_that_are_none_are_counted_and_nobody_is_gone_by_them() -> None:
    """With entries that can't be read, or were not asked for, nothing says that a post is deleted."""
    here, away = make_post("a"), make_post("b")
    views = [None, 5, {"uri": ["x"]}, make_view(make_post("z")), make_view(here), make_view(here)]
    appview = AppView(answer=lambda uris: web.json_response({"posts": views}))
    reading = await read(appview, [here, away])
    assert [item.key for item in reading.items] == [here.key]
    assert (reading.gone, reading.notes) == (frozenset(), ("posts on Bluesky that could not be read: 4",))


@pytest.mark.parametrize(
    ("heard", "error", "notes"),
    [
        (None, "has not been listened to yet", ()),
        (Heard(datetime(2026, 11, 19, 12, tzinfo=UTC)), "until 2026-11-19 12:00 UTC only", ()),
        (Heard(NOW - timedelta(minutes=2)), None, ()),
        (Heard(NOW - timedelta(hours=8)), None, ("Bluesky was heard until 2026-11-20 13:00 UTC only",)),
        (
            Heard(NOW, ((MADE - timedelta(days=3), MADE - timedelta(days=2)), (MADE, MADE + timedelta(hours=1)))),
            None,
            ("posts on Bluesky from 2026-11-20 09:00 UTC to 2026-11-20 10:00 UTC were missed",),
        ),
    ],
)
async def test_what_was_not_heard_is_missing_and_not_zero(
    heard: Heard | None, error: str | None, notes: tuple[str, ...]
) -> None:
    """Days that nobody listened to are an error, part of a day is noted."""
    post = make_post("a")
    if error:
        with pytest.raises(SourceError, match=error):
            await read(AppView(make_views([post])), [post], heard=heard)
    else:
        reading = await read(AppView(make_views([post])), [post], heard=heard)
        assert (len(reading.items), reading.notes) == (1, notes)


def make_answers() -> st.SearchStrategy[Any]:
    """Return answers of getPosts in which any part may be something else, or absent."""
    times = odd("2026-11-20T09:00:00Z", "2026-01-01T00:00:00Z")
    labels = odd_lists(odd_parts({"src": odd(AUTHOR), "val": odd("!hide", "bot", "x"), "exp": times}))
    author = odd_parts({"did": odd(AUTHOR), "handle": odd("ada.example"), "displayName": odd("A"), "labels": labels})
    record = odd_parts({"text": odd("Read\ud800 this"), "createdAt": times, "langs": odd_lists(odd("en"))})
    counts = {name: odd(5) for name in ("likeCount", "repostCount", "quoteCount")}
    parts = {"uri": odd(uri_of("a"), uri_of("b")), "author": author, "record": record, "labels": labels, **counts}
    return odd_parts({"posts": odd_lists(odd_parts({**parts, "indexedAt": times}))})


@settings(max_examples=150, deadline=None)
@given(make_answers())
def test_wrong_types_anywhere_in_an_answer_are_no_reason_to_fail(value: object) -> None:
    """Whatever an answer holds, it is read or refused; what is read could be stored."""
    posts = {post.key: post for post in (make_post("a"), make_post("b"))}
    try:
        answered = parse_posts(json.dumps(value).encode(), posts, NOW)
    except ValueError:
        return
    for item in answered.items:
        assert item.key in posts
        assert all(type(count) is int and count >= 0 for count in item.metrics.values())
        "\n".join([item.text, item.handle, item.name, item.url, item.lang or ""]).encode()
    assert not answered.absent & {item.key for item in answered.items}


@pytest.mark.parametrize("name", ["pysdk_post_record.json", "pysdk_feed_record.json", "pysdk_like_record.json"])
def test_recorded_records_are_read(shared: Path, name: str) -> None:
    """A post's at-uri is one, a like's or a feed's is not, and none of these is about a paper."""
    recorded = json.loads((shared / "samples/bluesky" / name).read_text())
    assert (parse_uri(recorded["uri"]) is not None) == ("post" in name)
    assert find_papers(recorded["value"]) == ()

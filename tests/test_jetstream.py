"""What Bluesky's stream tells about papers is heard whole and once, whatever becomes of the connection."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sources.bluesky_record import COLLECTION, find_papers, parse_time
from bot.sources.jetstream import MOST_BYTES, REPLAY
from bot.sources.jetstream_event import BEGAN, Changes, Event, format_time_us, parse_event, parse_time_us
from bot.sources.source import Item
from tests.jetstream import (
    AUTHOR,
    NOW,
    NOW_US,
    SECOND_US,
    FakeJetstream,
    MemorySink,
    Plan,
    ago,
    listen,
    make_event,
    serve,
    uri_of,
)
from tests.odd_values import odd, odd_lists, odd_parts

RECORDINGS = ("jetstream_golden_v1.jsonl", "jetstream_corpus_expected_v1.jsonl")
LINK = "app.bsky.richtext.facet#link"
NUMBER = re.compile(r"\d{4}\.\d{5}")


def read_frames(shared: Path, *, with_papers: bool) -> list[str]:
    """Return the recorded frames, or the same with a paper's address in place of every address that posts link to."""
    frames = [line for name in RECORDINGS for line in (shared / "samples/bluesky" / name).read_text().splitlines()]
    if not with_papers:
        return frames
    count = iter(range(1, 10_000))
    return [re.sub(r'"uri":"https?://[^"]*"', lambda _: f'"uri":"https://arxiv.org/abs/2607.{next(count):05}v1"', one)
            for one in frames]  # fmt: skip


def find_links(value: Any) -> Iterator[str]:
    """Find links as someone would who knows nothing of posts: any "uri" that is a web address, wherever it is."""
    if isinstance(value, dict):
        if isinstance(value.get("uri"), str) and value["uri"].startswith("http"):
            yield value["uri"]
        for inner in value.values():
            yield from find_links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from find_links(inner)


@pytest.mark.parametrize("with_papers", [False, True])
def test_every_recorded_event_is_read_as_a_second_reader_reads_it(shared: Path, with_papers: bool) -> None:
    """Times, deletions and posts about papers are those that are in the recordings, and nothing else is."""
    frames = read_frames(shared, with_papers=with_papers)
    posts = deletions = 0
    for frame in frames:
        event, known = parse_event(frame), json.loads(frame)
        commit = known.get("commit", {})
        uri = f"at://{known['did']}/app.bsky.feed.post/{commit.get('rkey')}"
        assert event.time_us == known["time_us"]
        if commit.get("collection") != "app.bsky.feed.post":
            assert event == Event(known["time_us"])
        elif commit["operation"] == "delete":
            deletions += 1
            assert event == Event(known["time_us"], uri, is_deleted=True)
        else:
            papers = {found[0] for link in find_links(commit["record"]) if (found := NUMBER.search(link))}
            assert (event.uri == uri) == bool(papers)
            posts += check_post(event.item, papers, known) if papers else 0
    assert (len(frames), deletions) == (162, 1)
    assert posts == (5 if with_papers else 0)


def check_post(item: Item | None, papers: set[str], known: dict[str, Any]) -> int:
    record = known["commit"]["record"]
    assert item is not None
    assert set(item.arxiv_ids) == papers
    assert item.author == known["did"]
    assert item.lang == next(iter(record.get("langs", [])), None)
    assert item.created_at == datetime.fromisoformat(record["createdAt"])
    assert item.observed_at == datetime.fromtimestamp(known["time_us"] / 1e6, UTC)
    assert item.url == f"https://bsky.app/profile/{known['did']}/post/{known['commit']['rkey']}"
    assert (item.text, item.metrics) == ("", {})
    return 1


def link(uri: object) -> dict[str, Any]:
    """Return a record with a link in a facet."""
    return {"facets": [{"features": [{"$type": LINK, "uri": uri}]}]}


@pytest.mark.parametrize(
    ("uri", "paper"),
    [
        ("https://arxiv.org/abs/2611.01234", "2611.01234"),
        ("https://www.arxiv.org/pdf/2611.01234v3.pdf#page=2", "2611.01234"),
        ("HTTPS://ArXiv.org/abs/2611.01234?context=cs.LG", "2611.01234"),
        ("https://export.arxiv.org/html/2611.01234v1/", "2611.01234"),
        ("https://arxiv.org/abs/math/0309136", "math/0309136"),
        ("https://doi.org/10.48550/arXiv.2611.01234", "2611.01234"),
        ("https://www.alphaxiv.org/abs/2611.01234", "2611.01234"),
        ("https://huggingface.co/papers/2611.01234", "2611.01234"),
        ("https://arxiv.org/abs/2611.01234).", "2611.01234"),
        ("https://arxiv.org/abs/2611.01234%20", "2611.01234"),
        ("https://arxiv.org/abs/2611.01234…", "2611.01234"),
        ("https://www.alphaxiv.org/abs/2611.01234).", "2611.01234"),
        ("https://arxiv.org/abs/math.GT/0309136v1", "math/0309136"),
        ("http://lanl.arxiv.org/abs/2611.01234", "2611.01234"),
        ("https://de.arxiv.org/ps/2611.01234", "2611.01234"),
        ("https://arxiv.org/e-print/2611.01234", "2611.01234"),
        ("https://arxiv.org/html/2611.01234/x1.png", "2611.01234"),
        ("https://arxiv.org/list/cs.LG/new", None),
        ("https://huggingface.co/datasets/2611.01234", None),
        ("https://notarxiv.org/abs/2611.01234", None),
        ("https://arxiv.org.example/abs/2611.01234", None),
        ("https://arxiv.org/abs/2611.012345678", None),
        ("https://arxiv.org/abs/2613.01234", None),
        ("at://arxiv.org/abs/2611.01234", None),
        ("2611.01234", None),
        ("arXiv:2611.01234", None),
        ("https://arxiv.org/abs/" + "2611.01234" * 1_000, None),
    ],
)
def test_a_link_is_a_papers_when_its_address_has_the_id(uri: str, paper: str | None) -> None:
    """arXiv in its forms and the sites that name papers by arXiv's ids count; likenesses do not."""
    assert find_papers(link(uri)) == ((paper,) if paper else ())


def test_links_are_in_facets_and_cards_and_not_in_the_text() -> None:
    """A card beside a quoted post counts, a picture's or the quoted post's address does not, nor does the cut text."""
    card = {"$type": "app.bsky.embed.external", "external": {"uri": "https://arxiv.org/abs/2611.00002", "title": ""}}
    both = {
        "$type": "app.bsky.embed.recordWithMedia",
        "media": card,
        "record": {"record": {"uri": "at://x", "cid": "y"}},
    }
    assert find_papers({"embed": card}) == ("2611.00002",)
    assert find_papers({"embed": both}) == ("2611.00002",)
    assert find_papers({**link("https://arxiv.org/abs/2611.00001"), "embed": card}) == ("2611.00001", "2611.00002")
    assert find_papers({**link("https://arxiv.org/abs/2611.00002"), "embed": card}) == ("2611.00002",)
    assert find_papers({"text": "https://arxiv.org/abs/2611.00001"}) == ()
    tag = {"features": [{"$type": "app.bsky.richtext.facet#tag", "uri": "https://arxiv.org/abs/2611.00001"}]}
    assert find_papers({"facets": [tag]}) == ()


@pytest.mark.parametrize(
    ("claimed", "operation", "made"),
    [
        ("2026-11-20T20:00:00.000Z", "create", "2026-11-20T20:00:00Z"),
        ("2026-11-20T22:00:00.5+02:00", "create", "2026-11-20T20:00:00.5Z"),
        ("2031-01-01T00:00:00Z", "create", None),
        ("1970-01-01T00:00:00Z", "create", None),
        ("2026-11-01T00:00:00Z", "create", None),
        ("2026-11-01T00:00:00Z", "update", "2026-11-01T00:00:00Z"),
        ("1970-01-01T00:00:00Z", "update", None),
        ("yesterday", "create", None),
        ("0001-01-01T00:00:00+14:00", "create", None),
        ("2026-W47-5T20:00:00Z", "create", None),
    ],
)
def test_a_post_is_as_old_as_it_says_within_reason(claimed: str, operation: str, made: str | None) -> None:
    """Nobody's program can put a post into the future or far back: then the time the server had it counts."""
    event = parse_event(json.dumps(make_event("a", NOW_US, "2611.00001", operation=operation, created=claimed)))
    assert event.item is not None
    assert event.item.created_at == (datetime.fromisoformat(made) if made else NOW)


@pytest.mark.parametrize(
    "frame",
    [
        b"\x28\xb5\x2f\xfd\x00\xff", "", "null", "[]", "{", "{}", '{"time_us": "5"}', '{"time_us": true}',
        '{"time_us": -1}', '{"time_us": 1e15}', '{"time_us": ' + "9" * 30 + "}", '{"time_us": ' + "9" * 9_000 + "}",
        "[" * 100_000, b'{"time_us": 1779719009132431, "kind": "\xff"}',
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused(frame: str | bytes) -> None:
    """Garbage is a ValueError, never another error."""
    with pytest.raises(ValueError):
        parse_event(frame)


def test_times_are_exact() -> None:
    """A microsecond is not lost on the way to a time and back."""
    for us in (NOW_US, NOW_US + 1, 1_779_719_009_132_431):
        assert format_time_us(parse_time_us(us)) == us


def make_events() -> st.SearchStrategy[Any]:
    """Return events of posts in which any part may be something else, or absent."""
    uris = odd("https://arxiv.org/abs/2611.00001", "https://arxiv.org/abs/\udfff", "https://", "https://[::1", "at://")
    links = odd_parts({"$type": odd(LINK, "x"), "uri": uris})
    facets = odd_parts({"features": odd_lists(links), "index": odd({"byteStart": 0})})
    cards = odd_parts({"external": odd_parts({"uri": uris})})
    record = odd_parts(
        {
            "createdAt": odd("2026-11-20T20:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "\ud800"),
            "langs": odd_lists(odd("en", "de-CH", "\ud800")),
            "facets": odd_lists(facets),
            "embed": odd_parts({"external": odd_parts({"uri": uris}), "media": cards}),
        }
    )
    operations = odd("create", "create", "update", "delete")
    commit = {"collection": odd(COLLECTION), "operation": operations, "rkey": odd("3k", "\ud800"), "record": record}
    return odd_parts({"did": odd(AUTHOR, "did:web:x"), "time_us": odd(NOW_US, 10**30), "commit": odd_parts(commit)})


@settings(max_examples=200, deadline=None)
@given(make_events())
def test_wrong_types_anywhere_are_no_reason_to_fail(value: object) -> None:
    """Whatever a record holds, an event is read or refused; what is read could be stored."""
    try:
        event = parse_event(json.dumps(value))
    except ValueError:
        return
    if event.item:
        item = event.item
        assert (item.key, bool(item.arxiv_ids)) == (event.uri, True)
        "\n".join([item.key, item.url, item.lang or "", *item.arxiv_ids]).encode()
        assert BEGAN <= (item.created_at or NOW) <= item.observed_at


@given(st.text(max_size=40) | st.sampled_from(["9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z"]))
def test_times_of_any_kind_are_read_or_not(text: str) -> None:
    """A time is in UTC or None."""
    assert (moment := parse_time(text)) is None or moment.utcoffset() == timedelta(0)


def take(changes: Changes, *events: dict[str, Any]) -> dict[str, bool]:
    """Take events; return which posts are to be kept."""
    for event in events:
        changes.take(parse_event(json.dumps(event)))
    return {uri: item is not None for uri, item in changes.list().items()}


def test_a_deleted_post_stays_deleted_whatever_comes_after() -> None:
    """A deletion counts also when it comes before the post, and when all is told again."""
    create = make_event("a", NOW_US, "2611.00001")
    delete = make_event("a", NOW_US + 5, operation="delete")
    assert take(Changes(), create, delete) == {uri_of("a"): False}
    assert take(Changes(), delete, create) == {uri_of("a"): False}
    assert take(Changes(), create, delete, create, delete, create) == {uri_of("a"): False}


def test_a_post_is_kept_as_it_was_last() -> None:
    """An edit replaces a post, or takes it out when its link is gone; an old event does not undo it."""
    create = make_event("a", NOW_US, "2611.00001")
    edit = make_event("a", NOW_US + 5, "2611.00002", operation="update")
    changes = Changes()
    take(changes, create, edit, create)
    assert [item.arxiv_ids for item in changes.list().values() if item] == [("2611.00002",)]
    assert take(changes, make_event("a", NOW_US + 9, operation="update")) == {uri_of("a"): False}


def test_memory_of_what_was_heard_is_bounded() -> None:
    """However much is heard and kept, only so much is remembered."""
    changes = Changes(limit=10, remembered=50)
    for number in range(1_000):
        operation = "delete" if number % 2 else "create"
        take(changes, make_event(str(number), NOW_US + number, "2611.00001", operation=operation))
        if changes.is_full:
            changes.drop(changes.list())
        assert len(changes) <= 10
    assert len(changes._taken) == len(changes._deleted) == 50


def test_what_changed_while_it_was_kept_is_kept_again() -> None:
    """Letting go of what has been stored does not lose an edit that came meanwhile."""
    changes = Changes()
    take(changes, make_event("a", NOW_US, "2611.00001"), make_event("b", NOW_US, "2611.00001"))
    stored = changes.list()
    take(changes, make_event("a", NOW_US + 1, "2611.00002", operation="update"))
    changes.drop(stored)
    assert changes.list().keys() == {uri_of("a")}


def make_story(count: int) -> FakeJetstream:
    """Return a stream of so many seconds with a post about a paper in each, every third deleted soon after."""
    jetstream = FakeJetstream()
    for number in range(count):
        at = NOW_US - (count - number) * SECOND_US
        jetstream.tell(make_event(f"p{number}", at, f"2611.{number:05}"))
        jetstream.tell(make_event(f"q{number}", at + 1))  # about something else
        if number % 3 == 0:
            jetstream.tell(make_event(f"p{number}", at + 2, operation="delete"))
    return jetstream


def expect_story(count: int) -> set[str]:
    """Return which posts of the story are there at the end."""
    return {uri_of(f"p{number}") for number in range(count) if number % 3}


async def test_a_stream_is_heard_whole_in_spite_of_everything() -> None:
    """Refusals, cut connections, garbage, repeated and binary frames, odd order: each post is kept once."""
    jetstream = make_story(60)
    early = make_event("late", jetstream.events[69][0], operation="delete")
    jetstream.events.insert(70, (early["time_us"], json.dumps(early)))
    jetstream.tell(make_event("late", ago(seconds=1), "2611.09999"))
    jetstream.events.insert(30, (ago(seconds=50), jetstream.events[0][1]))
    jetstream.events.append((ago(seconds=1), jetstream.events[-2][1].encode()))  # type: ignore[union-attr]
    garbage = ["", "null", "{", '{"time_us":{}}', "\ud7ff" * 10, b"\x00\xff", b"", "[" * 50_000]
    jetstream.plans = [
        Plan(status=503),
        Plan(frames=20, end="drop", extra=garbage),
        Plan(frames=0, end="close"),
        Plan(status=429, retry_after="7"),
        Plan(frames=33, end="close", extra=garbage),
        Plan(frames=1, end="drop"),
        Plan(frames=50, end="drop"),
    ]
    async with serve(jetstream), listen(jetstream, MemorySink()) as listening:
        await listening.wait(lambda: listening.sink.cursor == ago(seconds=1) + 1)
    assert listening.sink.posts.keys() == expect_story(60)
    assert len(listening.sink.added) == len(set(listening.sink.added))
    assert listening.listener.hearing.refused == 2 * len(garbage)
    assert {key for query in jetstream.queries for key in query} == {
        "wantedCollections",
        "cursor",
        "maxMessageSizeBytes",
    }
    assert set(map(tuple, jetstream.collections)) == {("app.bsky.feed.post",)}
    assert {agent.partition("/")[0] for agent in jetstream.agents} == {"hotpapers"}
    assert listening.pauses[3] >= 7


async def test_listening_resumes_a_little_before_the_cursor() -> None:
    """After a break the last seconds are asked for again, and without a cursor what the stream can still tell."""
    jetstream = make_story(30)
    jetstream.plans = [Plan(frames=40, end="drop")]
    async with serve(jetstream), listen(jetstream, MemorySink()) as listening:
        await listening.wait(lambda: listening.sink.cursor == ago(seconds=1) + 1)
    first, second = (int(query["cursor"]) for query in jetstream.queries)
    assert first == ago(hours=36)
    assert second == jetstream.events[39][0] - 5 * SECOND_US
    assert not listening.sink.gaps
    async with serve(jetstream), listen(jetstream, MemorySink(cursor=listening.sink.cursor)) as later:
        await later.wait(lambda: later.listener.hearing.heard_until or later.listener.hearing.connections)
    assert int(jetstream.queries[-1]["cursor"]) == ago(seconds=6) + 1


async def test_what_is_too_old_to_be_repeated_is_noted(caplog: pytest.LogCaptureFixture) -> None:
    """A cursor older than the stream remembers begins where that begins; the time between is kept, and logged."""
    jetstream, sink = make_story(5), MemorySink(cursor=ago(hours=50))
    async with serve(jetstream), listen(jetstream, sink) as listening:
        await listening.wait(lambda: sink.posts.keys() == expect_story(5))
    assert int(jetstream.queries[0]["cursor"]) == ago(hours=36)
    assert sink.gaps == [(NOW - timedelta(hours=50), NOW - REPLAY)]
    began, ended = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in sink.gaps[0])
    assert f"from {began} to {ended} were missed" in caplog.text


@pytest.mark.parametrize("at", [0, 30])
async def test_a_frame_that_is_too_large_is_left_out(at: int) -> None:
    """A frame beyond the limit does not fill the memory, nor is it asked for without end: what follows is heard."""
    jetstream = make_story(30)
    time_us = jetstream.events[at][0]
    jetstream.events.insert(at, (time_us, json.dumps({"time_us": time_us, "text": "x" * (MOST_BYTES + 1)})))
    async with serve(jetstream), listen(jetstream, MemorySink(cursor=ago(seconds=31))) as listening:
        await listening.wait(lambda: listening.sink.cursor == ago(seconds=1) + 1)
    missed = expect_story(30) - listening.sink.posts.keys()
    assert missed <= {uri_of(f"p{number}") for number in range(at // 7 * 3, at // 7 * 3 + 3)}
    assert listening.listener.hearing.connections < 10


async def test_a_sink_that_fails_for_a_while_loses_nothing_and_the_stream_waits() -> None:
    """While nothing can be kept no more is read than fits, and the cursor stays; later all is kept."""
    jetstream, sink = FakeJetstream(), MemorySink(fails=True)
    padding = "x" * 20_000
    for number in range(600):
        event = make_event(f"p{number}", ago(seconds=600 - number), f"2611.{number:05}")
        event["commit"]["record"]["text"] = padding
        jetstream.tell(event)
    async with serve(jetstream), listen(jetstream, sink, changes=Changes(limit=25)) as listening:
        await listening.wait(lambda: sink.failures > 20)
        assert len(listening.listener._changes) == 25
        assert jetstream.sent < 600
        assert sink.cursor is None
        sink.fails = False
        await listening.wait(lambda: len(sink.posts) == 600)
    assert sink.most <= 25


async def test_deletions_of_what_was_never_kept_leave_no_trace() -> None:
    """Of all the posts that are deleted on Bluesky, the sink is told only of its own."""
    jetstream = FakeJetstream()
    jetstream.tell(make_event("a", ago(seconds=9), "2611.00001"))
    jetstream.tell(*(make_event(f"x{number}", ago(seconds=8), operation="delete") for number in range(100)))
    async with serve(jetstream), listen(jetstream, MemorySink()) as listening:
        await listening.wait(lambda: listening.sink.posts)
        await listening.wait(lambda: len(listening.sink.asked) == 100)
        jetstream.tell(make_event("a", ago(seconds=1), operation="delete"))
        await listening.wait(lambda: not listening.sink.posts)
    assert listening.sink.deleted == [uri_of("a")]


async def test_a_silent_stream_is_opened_again() -> None:
    """A connection that says nothing for long is given up."""
    jetstream = FakeJetstream()
    async with serve(jetstream), listen(jetstream, MemorySink(), silent_seconds=0.05) as listening:
        await listening.wait(lambda: len(jetstream.queries) >= 3)
    assert "nothing" in listening.listener.hearing.trouble or listening.listener.hearing.connected_at


async def test_pauses_grow_while_connections_do_not_hold() -> None:
    """A server that refuses is asked less and less often, at most once a minute and as it asks itself."""
    jetstream = FakeJetstream(plans=[Plan(status=500)] * 9 + [Plan(status=429, retry_after="9999")])
    async with serve(jetstream), listen(jetstream, MemorySink()) as listening:
        await listening.wait(lambda: listening.listener.hearing.connections)
    assert listening.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 660]


async def test_a_clock_that_is_ahead_does_not_skip_what_comes() -> None:
    """An event from the future leaves the cursor at the present."""
    jetstream, sink = FakeJetstream(), MemorySink()
    jetstream.tell(make_event("a", NOW_US + 10**12, "2611.00001"))
    async with serve(jetstream), listen(jetstream, sink) as listening:
        await listening.wait(lambda: sink.cursor)
    assert sink.cursor == NOW_US
    assert listening.listener.hearing.heard_until == NOW


async def test_what_was_heard_is_kept_when_listening_ends() -> None:
    """Stopping the bot loses nothing that has come in since the last writing."""
    jetstream, sink = make_story(5), MemorySink()
    async with serve(jetstream), listen(jetstream, sink, flush_seconds=3_600) as listening:
        await listening.wait(lambda: listening.listener.hearing.heard_until == parse_time_us(ago(seconds=1) + 1))
        assert not sink.posts
    assert sink.posts.keys() == expect_story(5)
    assert sink.cursor == ago(seconds=1) + 1

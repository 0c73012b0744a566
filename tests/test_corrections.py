"""Corrected posts: what waits is planned anew, what was sent is edited in place, silently, for a week."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from bot.delivery.transport import NO_PERMISSION, OUTAGE, Sent, TransportError
from storage.models import Delivery, Edition
from storage.store import Store
from tests.builders import make_appearance
from tests.deliveries import CHANNEL, FIRST, Bot, add, find_markers, make_post
from tests.discord_rules import find_violations
from tests.fakes import Clock, FakeTransport, make_lost

DAY = date(2021, 4, 14)


def make_corrected(title: str = "Corrected study", papers: int = 5) -> Edition:
    """Make the day's post again, its first paper under another title."""
    post = make_post(DAY, papers)
    first = make_appearance(post.papers[0].paper.arxiv_id, 2000, title=title, categories=("cs.LG",))
    return replace(post, papers=(replace(first, day=DAY, rank=1), *post.papers[1:]))


async def put(store: Store, clock: Clock, *editions: Edition) -> None:
    """Store editions, in place of those of their days."""
    hashed = [replace(one, day=replace(one.day, content_hash=repr(one.papers))) for one in editions]
    await store.days.put(hashed, [], clock())


async def list_contents(store: Store) -> list[str]:
    """Return what each promised message says."""
    return [json.loads(one.payload)["message"]["content"] for one in await store.deliveries.list()]


async def get_only(store: Store) -> Delivery:
    """Return the one delivery there is."""
    (delivery,) = await store.deliveries.list()
    return delivery


async def test_what_waits_is_planned_anew(store: Store, running: Bot, transport: FakeTransport, clock: Clock) -> None:
    """A correction that comes before the message is sent is in it, under the same name; nothing is edited."""
    await add(store)
    await put(store, clock, make_post(FIRST), make_post(DAY))
    transport.before["send"] = [TransportError(OUTAGE, "")] * 3
    await running.tick()
    await put(store, clock, make_corrected())
    clock.advance(minutes=1)
    await running.tick()
    delivery = await get_only(store)
    assert "Corrected study" in transport.channels["100"][0].body["content"]
    assert (delivery.state, delivery.revisions, transport.count()) == ("sent", (2,), 1)
    assert "edit" not in {call for call, _ in transport.calls}


async def test_what_was_sent_is_edited_once(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """The message itself changes, without a ping and with its marker; then it rests, also after a restart."""
    await add(store, mention="77")
    await running.tick()
    await put(store, clock, make_corrected())
    for _ in range(3):
        await running.tick()
        running.start()
    delivery, (message,) = await get_only(store), transport.channels["100"]
    assert "Corrected study" in message.body["content"] and find_violations(dict(message.body)) == []
    assert [call for call, _ in transport.calls] == ["send", "edit"]
    assert find_markers(dict(message.body)) and json.loads(delivery.payload)["message"] == message.body
    assert (await store.steps.list(delivery.id or 0))[0].state == "done"


async def test_an_edit_gives_what_it_adds(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A paper that a correction brings into a digest is given with it, and is in no other digest of the channel."""
    await add(store, count=2)
    await running.tick()
    post = make_post(DAY)
    new = replace(make_appearance("2104.99999", 5000, title="New", categories=("cs.LG",)), day=DAY, rank=9)
    await put(store, clock, replace(post, papers=(*post.papers, new)))
    await running.tick()
    assert (await get_only(store)).papers == ("2104.99999", "2104.14000")
    assert await store.deliveries.given(CHANNEL, ["2104.99999", "2104.14001"]) == {"2104.99999", "2104.14001"}


async def test_a_correction_that_changes_nothing_here_edits_nothing(
    store: Store, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A digest of other papers than those that were corrected is left alone, and is not looked at for ever."""
    await add(store, categories=("cs.CL",))
    other = make_appearance("2104.77777", 1, title="Words", categories=("cs.CL",))
    mixed = replace(make_post(DAY), papers=(*make_post(DAY).papers, replace(other, day=DAY, rank=9)))
    await put(store, clock, make_post(FIRST), mixed)
    await running.tick()
    await put(store, clock, replace(mixed, papers=(*make_corrected().papers, mixed.papers[-1])))
    await running.tick()
    assert [call for call, _ in transport.calls] == ["send"]
    assert await store.deliveries.list_outdated(clock()) == []


async def test_fewer_parts_say_so_and_more_find_no_room(
    store: Store, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """Messages are neither deleted nor added: a part too many says that it is none, the last that there is more."""
    await add(store, count=25)
    await put(store, clock, make_post(FIRST), make_post(DAY, 20))
    await running.tick()
    before = len(transport.channels["100"])
    await put(store, clock, make_post(DAY, 4))
    await running.tick()
    contents = [one.body["content"] for one in transport.channels["100"]]
    assert len(contents) == before > 1
    assert "Study 0" in contents[0] and all("no longer part of it" in one for one in contents[1:])
    assert all(find_violations(dict(one.body)) == [] for one in transport.channels["100"])


async def test_more_papers_than_messages(store: Store, running: Bot, transport: FakeTransport, clock: Clock) -> None:
    """A digest that grows beyond its one message says at its end how many papers are missing."""
    await add(store, count=25)
    await put(store, clock, make_post(FIRST), make_post(DAY, 3))
    await running.tick()
    await put(store, clock, make_post(DAY, 20))
    await running.tick()
    (message,) = transport.channels["100"]
    assert "corrected: 10 more papers" in message.body["content"] and find_violations(dict(message.body)) == []
    assert len((await get_only(store)).papers) == 10


async def test_a_message_that_was_deleted_stays_deleted(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """What a moderator removed is not posted again, and is left alone by the next correction too."""
    await add(store)
    await running.tick()
    transport.deleted.add(Sent("100", "1"))
    await put(store, clock, make_corrected())
    for _ in range(3):
        await running.tick()
        clock.advance(hours=1)
    (step,) = await store.steps.list((await get_only(store)).id or 0)
    assert (step.state, step.last_error) == ("failed", "message deleted")
    await put(store, clock, make_corrected("Once more"))
    await running.tick()
    assert [call for call, _ in transport.calls] == ["send", "edit"]


async def test_after_a_week_nothing_is_corrected(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A correction that comes a week late leaves the message as it is."""
    await add(store)
    await running.tick()
    clock.advance(days=7, minutes=1)
    await put(store, clock, make_corrected())
    await running.tick()
    assert "edit" not in {call for call, _ in transport.calls}


async def test_what_may_have_arrived_is_settled_before_it_is_corrected(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """A correction while the first answer is lost becomes an edit, once the message was found."""
    await add(store)
    transport.after["send"] = [make_lost() for _ in range(3)]
    await running.tick()
    await put(store, clock, make_corrected())
    await running.tick()
    assert "edit" not in {call for call, _ in transport.calls}
    clock.advance(seconds=20)
    for _ in range(2):
        await running.tick()
    assert transport.count() == 1 and "Corrected study" in transport.channels["100"][0].body["content"]


async def test_an_edit_that_fails_is_tried_again_and_a_newer_one_takes_its_place(
    store: Store, posts: None, running: Bot, transport: FakeTransport, clock: Clock
) -> None:
    """An outage delays an edit; a second correction meanwhile is the one that is made; a refusal ends it."""
    await add(store)
    await running.tick()
    transport.before["edit"] = [TransportError(OUTAGE, "")]
    await put(store, clock, make_corrected("First correction"))
    await running.tick()
    await put(store, clock, make_corrected("Second correction"))
    await running.tick()
    assert "Second correction" in transport.channels["100"][0].body["content"]
    assert [call for call, _ in transport.calls] == ["send", "edit", "edit"]
    transport.before["edit"] = [TransportError(NO_PERMISSION, "", is_final=True)] * 6
    await put(store, clock, make_corrected("Third correction"))
    for _ in range(8):
        await running.tick()
        clock.advance(hours=1)
    assert [one.state for one in await store.steps.list(1)] == ["done", "failed"]

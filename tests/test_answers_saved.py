"""The papers a member saved: kept once, shown a page at a time, taken out, given as a file, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.answers.desk import Desk, Limits
from bot.answers.saved import answer_saved, press
from bot.answers.values import Caller
from bot.errors import UserError
from bot.messages.actions import Action, ExportSaved, RemoveSaved, Save, SavedAction, SavedPage, Unsave
from bot.messages.custom_id import decode
from bot.messages.message import Message
from storage.models import Target
from storage.store import Store
from tests.builders import NOW, TODAY, make_appearance, make_edition
from tests.discord_rules import find_live_markup, find_violations, get_texts, walk

CALLER = Caller(Target("member", "700000000000000001"), NOW)
OTHER = replace(CALLER, target=Target("member", "700000000000000002"))
IDS = [f"2104.{number:05}" for number in range(25)]
HOSTILE = "@everyone [x](https://evil.example) **" + "🦆 \u202e" * 400


@pytest.fixture
async def desk(store: Store) -> Desk:
    """A desk with 25 papers in store, the last with a hostile title."""
    papers = [make_appearance(one, 100 - place, title=f"Study {place}") for place, one in enumerate(IDS)]
    papers[-1] = make_appearance(IDS[-1], 1, title=HOSTILE, authors=(HOSTILE,))
    await store.days.put([make_edition(TODAY, papers)], [], NOW)
    return Desk(store)


def read(message: Message | None) -> str:
    """Return all that a message says; it must be one that Discord takes and no title may act in."""
    assert message is not None
    payload = message.to_payload()
    assert find_violations(payload) == []
    texts = get_texts(payload)
    assert [found for text in texts for found in find_live_markup(text)] == []
    return "\n".join(texts)


def list_actions(message: Message | None) -> list[Action | None]:
    """Return what the buttons and selects of a message do."""
    assert message is not None
    ids = [one["custom_id"] for one in walk(message.to_payload()["components"]) if "custom_id" in one]
    return [decode(one) for one in ids]


async def act(desk: Desk, action: SavedAction, *values: str, caller: Caller = CALLER) -> Message:
    """Press a button or choose in a select; return the answer."""
    message = (await press(action, desk, caller, values)).message
    assert message is not None
    return message


async def save_all(desk: Desk) -> None:
    """Save every paper, the first one first."""
    for minute, one in enumerate(IDS):
        await act(desk, Save(one), caller=replace(CALLER, now=NOW + timedelta(minutes=minute)))


async def list_saved(desk: Desk, caller: Caller = CALLER) -> list[str]:
    """Return the ids of what is saved, last first."""
    return [appearance.paper.arxiv_id for appearance in await desk.store.members.saved(caller.target, 100)]


async def test_a_paper_is_saved_once_with_a_way_back(desk: Desk) -> None:
    """Saving again says so and changes nothing; Undo takes it out in the same answer, with a way forth."""
    saved = await act(desk, Save(IDS[0]))
    assert "/saved shows your list" in read(saved)
    assert list_actions(saved) == [Unsave(IDS[0])]
    assert "before" in read(await act(desk, Save(IDS[0])))
    assert await list_saved(desk) == [IDS[0]]
    undone = await press(Unsave(IDS[0]), desk, CALLER, ())
    assert undone.replaces
    assert list_actions(undone.message) == [Save(IDS[0])]
    read(undone.message)
    assert await list_saved(desk) == []


async def test_saving_answers_privately_and_leaves_the_details_alone(desk: Desk) -> None:
    """The button is on an answer that stays as it is, or on one that is everyone's."""
    reply = await press(Save(IDS[0]), desk, CALLER, ())
    assert not reply.replaces
    assert not reply.is_public


async def test_a_paper_that_is_gone_cannot_be_saved(desk: Desk) -> None:
    """A year-old button of a paper that is not stored any more says where to read it."""
    assert "or no longer" in read(await act(desk, Save("1912.00001")))
    assert await list_saved(desk) == []


async def test_there_is_room_for_so_many(desk: Desk) -> None:
    """The one too many is refused; what is saved already is still said to be, and removing makes room."""
    small = replace(desk, limits=Limits(saved_papers=2))
    for one in IDS[:2]:
        await act(small, Save(one))
    with pytest.raises(UserError, match="2 papers"):
        await act(small, Save(IDS[2]))
    assert "before" in read(await act(small, Save(IDS[0])))
    await act(small, Unsave(IDS[0]))
    await act(small, Save(IDS[2]))
    assert await list_saved(desk) == [IDS[2], IDS[1]]


async def test_saved_papers_are_shown_last_first_ten_to_a_page(desk: Desk) -> None:
    """Each page fits Discord's limits with its pager, its select and its button, hostile titles included."""
    await save_all(desk)
    first = await answer_saved(desk, CALLER, 1)
    text = read(first)
    assert "25 papers" in text
    assert text.index("evil") < text.index("Study 23") < text.index("Study 15")
    assert "Study 14" not in text
    assert {SavedPage(2), RemoveSaved(1), ExportSaved()} <= set(list_actions(first))
    middle = await act(desk, SavedPage(2))
    assert "**11** " in read(middle)
    assert {SavedPage(1), SavedPage(3), RemoveSaved(2)} <= set(list_actions(middle))
    last = await act(desk, SavedPage(3))
    assert "Study 0" in read(last)
    assert SavedPage(4) not in list_actions(last)
    assert read(await act(desk, SavedPage(999))) == read(last)


async def test_an_empty_list_says_how_to_fill_it(desk: Desk) -> None:
    """There is nothing to remove or to export then, and exporting says so."""
    message = await answer_saved(desk, CALLER, 1)
    assert "Save" in read(message)
    assert list_actions(message) == []
    with pytest.raises(UserError, match="not saved any"):
        await act(desk, ExportSaved())


async def test_chosen_papers_are_taken_out_and_the_page_is_shown_again(desk: Desk) -> None:
    """Several at once; a page that is no longer there gives the last one; strange values do nothing."""
    await save_all(desk)
    options = next(
        one["options"]
        for one in walk((await answer_saved(desk, CALLER, 3)).to_payload()["components"])
        if "options" in one
    )
    assert [option["label"] for option in options] == [f"Study {number}" for number in (4, 3, 2, 1, 0)]
    reply = await press(RemoveSaved(3), desk, CALLER, [*(option["value"] for option in options), "x", "\x00"])
    assert reply.replaces
    assert "page 2" in read(reply.message)
    assert await list_saved(desk) == IDS[:4:-1]


async def test_papers_that_are_gone_are_said_to_be(desk: Desk) -> None:
    """They are counted, not shown, and the rest stays."""
    await act(desk, Save(IDS[0]))
    await act(desk, Save(IDS[1]))
    await desk.store.days.put([make_edition(TODAY, [make_appearance(IDS[1], 5)], "revised")], [], NOW)
    text = read(await answer_saved(desk, CALLER, 1))
    assert "1 paper, " in text
    assert "1 more is not stored" in text


async def test_the_export_is_a_file_with_every_paper(desk: Desk) -> None:
    """BibTeX in UTF-8, shown in the answer by the name it is attached under."""
    await save_all(desk)
    message = await act(desk, ExportSaved())
    assert "25 saved papers" in read(message)
    assert message.attachment is not None
    assert message.attachment.name == "saved.bib"
    text = message.attachment.content.decode()
    assert text.count("\n@misc{") + text.startswith("@misc{") == 25
    assert "\u202e" not in text
    files = [one["file"]["url"] for one in walk(message.to_payload()["components"]) if "file" in one]
    assert files == ["attachment://saved.bib"]


async def test_what_one_saves_is_nobody_elses(desk: Desk) -> None:
    """Another member's buttons for the same papers act on their own list."""
    await act(desk, Save(IDS[0]))
    await act(desk, Unsave(IDS[0]), caller=OTHER)
    await act(desk, RemoveSaved(1), IDS[0], caller=OTHER)
    assert await list_saved(desk) == [IDS[0]]
    assert await list_saved(desk, OTHER) == []
    with pytest.raises(UserError):
        await act(desk, ExportSaved(), caller=OTHER)

"""The promises of the answers: whatever is asked or pressed gets a message that Discord takes, and the right one."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answers.desk import Desk
from bot.answers.offers import QUESTIONS
from bot.answers.options import find_first_day, parse_categories, parse_day, parse_period
from bot.answers.router import Answers
from bot.answers.values import Caller
from bot.app import open_store
from bot.digest.identifier import parse_identifier
from bot.errors import UserError
from bot.ingest import ingest
from bot.messages.actions import GetByDM, GetSameByDM, OpenDay, OpenPaper, SearchPage, TopPage
from bot.messages.custom_id import encode
from bot.messages.message import Message
from storage.models import Edition, Target
from storage.store import Store
from tests.discord_rules import find_violations
from tests.papers import make_day, make_live_paper

SAMPLES = Path(__file__).parents[1] / "samples"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CALLER = Caller(Target("page", "reader"), NOW)
NEWEST = datetime(2020, 9, 24, tzinfo=UTC).date()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the samples in it; tests work on copies."""
    path = tmp_path_factory.mktemp("filled") / "samples.db"

    async def fill() -> None:
        async with open_store(path) as store:
            await ingest(store, [SAMPLES], lambda: NOW)

    asyncio.run(fill())
    return path


@pytest.fixture
async def store(filled: Path, tmp_path: Path) -> AsyncIterator[Store]:
    shutil.copy(filled, tmp_path / "copy.db")
    async with open_store(tmp_path / "copy.db") as opened:
        yield opened


@pytest.fixture
def answers(store: Store) -> Answers:
    return Answers(Desk(store))


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from walk(item)


def read(message: Message) -> str:
    """Return all text of a message that Discord takes."""
    payload = message.to_payload()
    assert find_violations(payload) == []
    return "\n".join(
        [payload.get("content", ""), *(item["content"] for item in walk(payload["components"]) if "content" in item)]
    )


def buttons(message: Message) -> dict[str, str]:
    """Return the custom id of each button by its label."""
    found = walk(message.to_payload()["components"])
    return {item["label"]: item["custom_id"] for item in found if item.get("type") == 2 and "custom_id" in item}


async def test_top_over_two_scales_ranks_by_place_and_says_so(store: Store, answers: Answers) -> None:
    """Once live days follow published ones, a period over both is ranked by place within the day; others as ever."""
    day = date(2020, 9, 25)
    papers = tuple(make_live_paper(n, 4.0 - n, arxiv_id=f"2009.1000{n}", title=f"Live {n}", day=day) for n in (1, 2, 3))
    await store.days.put([Edition(replace(make_day(day), content_hash="live"), papers)], [], NOW)
    message = read(await answers.run("top", {"period": "all"}, CALLER))
    assert "ranked by the place within each day" in message
    assert "hf 41 ▲ top 4 %" not in message.partition("**2**")[0]  # the first of many before the first of three
    assert "don't compare" not in read(await answers.run("top", {"period": "day"}, CALLER))
    assert "Live 1" in read(await answers.run("top", {"period": "day"}, CALLER))


async def test_top_is_a_page_of_the_hottest(answers: Answers) -> None:
    """The header says the range, the papers come hottest first, and a button opens each."""
    message = await answers.run("top", {"period": "all"}, CALLER)
    assert "17 – Thu 24 Sep 2020 · all of arXiv" in read(message)
    assert list(buttons(message))[:10] == [str(number) for number in range(1, 11)]
    scores = re.findall(r" · ([0-9.]+k?) · [0-9]+ Sep 2020", read(message))
    assert len(scores) == 10


async def test_pages_turn_forth_and_back(answers: Answers) -> None:
    """Next and previous replace the message, and going back shows the first page again."""
    first = await answers.run("top", {"period": "all"}, CALLER)
    forth = next(id for label, id in buttons(first).items() if "Next" in label)
    second = await answers.press(forth, CALLER)
    back = next(id for label, id in buttons(second.message).items() if "Prev" in label)
    again = await answers.press(back, CALLER)
    assert second.replaces and again.replaces
    assert "page 2" in read(second.message)
    assert again.message.to_payload() == first.to_payload()


async def test_search_finds_and_pages(answers: Answers) -> None:
    """A common word fills a page, and its next page has other papers."""
    first = await answers.run("search", {"query": "the"}, CALLER)
    forth = [id for label, id in buttons(first).items() if "Next" in label]
    assert forth, read(first)
    second = await answers.press(forth[0], CALLER)
    titles = [set(re.findall(r"arxiv\.org/abs/([^)]+)", read(message))) for message in (first, second.message)]
    assert titles[0] and titles[1] and not titles[0] & titles[1]


@pytest.mark.parametrize(
    "query", ["2009.09796", "https://arxiv.org/pdf/{id}v2", "arXiv:{id}", "https://huggingface.co/papers/{id}"]
)
async def test_an_identifier_goes_straight_to_the_paper(answers: Answers, store: Store, query: str) -> None:
    """An id or a link of any of the usual places answers with the paper's details."""
    (hottest,) = await store.papers.top(limit=1)
    text = read(
        await answers.run(
            "search", {"query": query.replace("2009.09796", "{id}").format(id=hottest.paper.arxiv_id)}, CALLER
        )
    )
    assert "as published" in text
    assert hottest.paper.abs_url in text


async def test_the_digests_buttons_answer(answers: Answers) -> None:
    """Every button of a posted digest opens what it says: details, the whole day, an order by DM."""
    (message,) = await answers.digest(None, CALLER)
    pressed = {label: await answers.press(id, CALLER) for label, id in buttons(message).items()}
    assert all(not reply.replaces for reply in pressed.values())
    assert "as published" in read(pressed["1"].message)
    assert "11 papers, hottest first" in read(
        next(reply.message for label, reply in pressed.items() if label.startswith("All"))
    )
    assert "your digest" in read(pressed["Get this by DM"].message)


async def test_a_days_pages_turn_in_place(answers: Answers) -> None:
    """The whole day opens an answer of its own; its pages, the first one too, replace it."""
    (digest,) = await answers.digest(None, CALLER)
    opened = await answers.press(buttons(digest)["All 11 papers"], CALLER)
    forth = next(id for label, id in buttons(opened.message).items() if "Next" in label)
    second = await answers.press(forth, CALLER)
    back = next(id for label, id in buttons(second.message).items() if "Prev" in label)
    again = await answers.press(back, CALLER)
    assert (opened.replaces, second.replaces, again.replaces) == (False, True, True)
    assert again.message.to_payload() == opened.message.to_payload()


async def test_getting_it_by_dm_adds_to_the_one_digest_a_member_has(answers: Answers, store: Store) -> None:
    """A second order adds its categories to the first; all of arXiv holds every other."""
    await answers.press(encode(GetByDM(("cs.CV",))), CALLER)
    await answers.press(encode(GetByDM(("cs.CV", "stat"))), CALLER)
    (subscription,) = await store.subscriptions.list(CALLER.target)
    assert (subscription.categories, subscription.count, subscription.created_edition) == (("cs.CV", "stat"), 5, NEWEST)
    await answers.press(encode(GetByDM(())), CALLER)
    (subscription,) = await store.subscriptions.list(CALLER.target)
    assert subscription.categories == ()


async def test_what_the_place_was_given_is_not_posted_again(answers: Answers, store: Store) -> None:
    """A digest leaves out the papers its target has been given."""
    (message,) = await answers.digest(None, CALLER)
    given_ids = re.findall(r"arxiv\.org/abs/([^)]+)", read(message))
    await store.deliveries.mark_given(CALLER.target, given_ids, now=NOW)
    (rest,) = await answers.digest(None, CALLER)
    left = re.findall(r"arxiv\.org/abs/([^)]+)", read(rest))
    assert len(left) == 1 and not set(left) & set(given_ids)
    await store.deliveries.mark_given(CALLER.target, left, now=NOW)
    assert "all 11 papers already posted" in read((await answers.digest(None, CALLER))[0])


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("top", {"category": "cs.CZ"}, "Did you mean"),
        ("top", {"period": "fortnight"}, "A period is one of"),
        ("top", {"category": "econ"}, "Try a longer period"),
        ("search", {"query": " "}, "Say what to look for"),
        ("search", {"query": "zzzzz"}, "Nothing found"),
        ("search", {"query": "x", "since": "soon"}, "A date looks like"),
        ("paper", {"id": "hello"}, "That is no arXiv id"),
        ("paper", {"id": "2104.04767"}, "or no longer"),
        ("categories", {}, "cs.LG"),
        ("help", {}, "/search"),
        ("dance", {}, "no such command"),
    ],
)
async def test_every_question_gets_a_sentence(
    answers: Answers, name: str, options: dict[str, str], expected: str
) -> None:
    """What cannot be answered says what to do instead; nothing raises."""
    assert expected in read(await answers.run(name, options, CALLER))


@pytest.mark.parametrize(
    ("custom_id", "expected"),
    [
        (encode(OpenPaper("2104.99999")), "or no longer"),
        (encode(OpenDay(datetime(1999, 1, 1, tzinfo=UTC).date())), "no longer stored"),
        (encode(TopPage("0123456789abcdef", 2)), "too old"),
        (encode(SearchPage("0123456789abcdef", 2)), "too old"),
        (encode(GetSameByDM(99)), "no longer there"),
        ("h1:zz:1", "another version"),
        ("someone-elses", "another version"),
        ("", "another version"),
    ],
)
async def test_an_old_button_says_so(answers: Answers, custom_id: str, expected: str) -> None:
    """A button whose paper, day, search or digest is gone, or that we cannot read, has an answer of its own."""
    assert expected in read((await answers.press(custom_id, CALLER)).message)


async def test_completion_leads_with_what_was_typed(answers: Answers, store: Store) -> None:
    """The first suggestion is the typed text, then titles whose value is the id; all within Discord's limits."""
    (hottest,) = await store.papers.top(limit=1)
    typed = hottest.paper.title.split()[0][:5]
    choices = await answers.complete("search", "query", typed, CALLER)
    assert choices[0].value == typed
    assert hottest.paper.arxiv_id in [choice.value for choice in choices]
    assert len(choices) <= 25 and all(1 <= len(choice.name) <= 100 and len(choice.value) <= 100 for choice in choices)
    assert (await answers.complete("top", "category", "vision", CALLER))[0].value == "cs.CV"
    assert await answers.complete("top", "period", "w", CALLER) == []


async def test_an_empty_store_says_how_to_begin(tmp_path: Path) -> None:
    """Before the first post there is no digest; questions say so, and to whom the bot belongs how to bring posts in."""
    async with open_store(tmp_path / "empty.db") as empty:
        answers = Answers(Desk(empty))
        assert await answers.digest(None, CALLER) == []
        assert await answers.days() == []
        for name, options in (("top", {}), ("search", {"query": "x"}), ("categories", {})):
            said = read(await answers.run(name, options, CALLER))
            assert "come by themselves" in said and "hotpapers" not in said
            assert "`hotpapers ingest FOLDER`" in read(await answers.run(name, options, replace(CALLER, is_owner=True)))


HOSTILE = st.text(max_size=200) | st.sampled_from(
    ["@everyone", "<@1>", "[a](http://x)", "NEAR(", 'col:"', "*", "\0", "😀" * 90]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=HOSTILE, category=HOSTILE, since=HOSTILE, author=HOSTILE)
async def test_any_words_are_answered(answers: Answers, words: str, category: str, since: str, author: str) -> None:
    """No option value raises, breaks a limit of Discord's, or comes back as a ping."""
    asked = [
        {"query": words},
        {"query": "learning", "author": author},
        {"query": words, "category": category, "since": since},
    ]
    for options in asked:
        text = read(await answers.run("search", options, CALLER))
        assert not re.search(r"@(everyone|here)|<[@#:/]", text)
    assert len(await answers.complete("search", "query", words, CALLER)) <= 25
    read((await answers.press(words[:100], CALLER)).message)


def test_options_read_what_people_type() -> None:
    """Periods, categories and dates come in the forms people use."""
    assert (parse_period(""), parse_period(" Month ")) == ("week", "month")
    assert parse_categories("cs.cv, CS.SY;stat") == ("cs.CV", "eess.SY", "stat")
    days = [parse_day(text, NEWEST) for text in ("2020-09-18", "2020-09", "2020", "7 days", "1w", "1 day ago", "")]
    assert [str(day) for day in days] == [
        *("2020-09-18", "2020-09-01", "2020-01-01", "2020-09-17", "2020-09-17", "2020-09-23", "None")
    ]
    with pytest.raises(UserError):
        parse_day("9999 years", NEWEST)


def test_a_period_counts_back_from_its_last_day() -> None:
    """A week is the last day and the six before it; all has no first day."""
    assert [str(find_first_day(period, NEWEST)) for period in ("day", "week", "all")] == [
        "2020-09-24",
        "2020-09-18",
        "None",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2104.04767", "2104.04767"),
        ("arXiv:2104.04767v3", "2104.04767"),
        ("https://arxiv.org/abs/math/0309136v1", "math/0309136"),
        ("arxiv.org/pdf/2104.04767.pdf", "2104.04767"),
        ("https://doi.org/10.48550/arXiv.2104.04767", "2104.04767"),
        ("https://www.alphaxiv.org/abs/2104.04767", "2104.04767"),
        ("https://huggingface.co/papers/2104.04767", "2104.04767"),
        ("https://evil.example/abs/2104.04767", None),
        ("2113.04767", None),
        ("attention is all you need", None),
    ],
)
def test_identifiers_are_found_in_what_people_paste(text: str, expected: str | None) -> None:
    """Ids and addresses of the usual places are known; anything else is words."""
    assert parse_identifier(text) == expected


def test_commands_keep_discords_limits() -> None:
    """Names and descriptions are within what Discord registers; required options come first."""
    for command in QUESTIONS:
        assert re.fullmatch(r"[a-z]{1,32}", command.name) and len(command.description) <= 100
        required = [option.required for option in command.options]
        assert required == sorted(required, reverse=True)
        assert all(
            re.fullmatch(r"[a-z]{1,32}", option.name) and len(option.description) <= 100 for option in command.options
        )

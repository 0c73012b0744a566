"""Every real post beside the checkout, rendered: within Discord's limits and as short as agreed."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from bot.digest.post import parse
from bot.digest.text import repair
from bot.messages.digest import render_digest, render_parts
from bot.messages.message import Message
from bot.messages.paper import render_paper
from bot.messages.rankings import render_day, render_search
from storage.models import Appearance
from tests.discord_rules import find_live_markup, find_violations, get_texts, measure
from tests.papers import make_day, make_digest

PHONE_COLUMNS = 44  # letters of Discord's text font in a line of a 390-pixel phone, about


@pytest.fixture(scope="module")
def days(shared: Path) -> list[tuple[Appearance, ...]]:
    """The papers of every real post, a post each."""
    paths = sorted(path for path in (shared / "posts").rglob("*.md") if path.name != "README.md")
    return [parse(repair(path.read_bytes().decode("utf-8")).text).papers for path in paths]


def count_phone_lines(content: str) -> int:
    """Return how many lines a phone takes for a message's content, links shown by their text."""
    shown = re.sub(r"\]\(\S*?\)", "", content)
    return sum(max(1, -(-len(line) // PHONE_COLUMNS)) for line in shown.split("\n"))


def check(message: Message) -> None:
    """Assert that Discord takes a message and that nothing in it acts."""
    payload = message.to_payload()
    assert find_violations(payload) == []
    assert [found for text in get_texts(payload) for found in find_live_markup(text)] == []


def test_every_digest_of_ten_is_one_message(days: list[tuple[Appearance, ...]]) -> None:
    """The ten hottest of each real day are one message of at most 1,800 characters and 40 phone lines."""
    longest, tallest = 0, 0
    for papers in filter(None, days):
        day = make_day(papers[0].day, len(papers))
        digest = make_digest(papers[:10], days=[day], total=len(papers))
        messages = [part.message for part in render_parts(digest, lambda number: "m" * 22)]
        assert len(messages) == 1
        check(messages[0])
        longest = max(longest, measure(messages[0].content or ""))
        tallest = max(tallest, count_phone_lines(messages[0].content or ""))
    print(f"longest {longest} characters, tallest {tallest} phone lines")
    assert longest <= 1800
    assert tallest <= 40


def test_every_digest_of_five_has_its_gists(days: list[tuple[Appearance, ...]]) -> None:
    """Five papers a day with a sentence each are one message, whatever the day."""
    longest = 0
    for papers in filter(None, days):
        messages = render_digest(make_digest(papers[:5], total=len(papers)))
        assert len(messages) == 1
        check(messages[0])
        longest = max(longest, measure(messages[0].content or ""))
    print(f"longest {longest} characters")
    assert longest <= 2000


def test_every_whole_day_and_search_fits(days: list[tuple[Appearance, ...]]) -> None:
    """All pages of each real day fit, as a ranking and as what a search found."""
    for papers in filter(None, days):
        for start in range(0, len(papers), 10):
            page = start // 10 + 1
            check(render_day(make_day(papers[0].day), papers[start : start + 10], page=page, has_more=True))
            check(render_search("we", papers[start : start + 10], words=("we",), key="k", page=page, has_more=True))


def test_every_paper_shows_its_whole_abstract(days: list[tuple[Appearance, ...]]) -> None:
    """The details of every real paper with all its days fit, none with its abstract cut."""
    history: dict[str, dict[object, Appearance]] = defaultdict(dict)
    for papers in days:
        for appearance in papers:
            history[appearance.paper.arxiv_id][appearance.day] = appearance
    cut, longest = 0, 0
    for appearances in history.values():
        message = render_paper(sorted(appearances.values(), key=lambda each: each.day, reverse=True))
        check(message)
        texts = get_texts(message.to_payload())
        longest = max(longest, sum(map(measure, texts)))
        cut += "cut to fit" in texts[1]
    print(f"{len(history)} papers, longest {longest} characters, {cut} abstracts cut")
    assert cut == 0

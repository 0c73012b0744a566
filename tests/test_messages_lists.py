"""Pages of papers: rankings, searches and whole days, full, empty and at their limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.messages.actions import DayPage, OpenPaper, SearchPage, TopPage
from bot.messages.custom_id import decode
from bot.messages.lists import Page, Row, render_papers
from bot.messages.message import Message
from bot.messages.rankings import render_day, render_search, render_top
from bot.messages.summary import render_summary
from tests.discord_rules import find_live_markup, find_violations, get_texts, measure, walk
from tests.goldens import check_golden, format_payload
from tests.papers import DAY, MENTION, make_day, make_digest, make_live_paper, make_paper

FIRST = date(2021, 4, 7)
GRAPH = make_paper(
    4,
    arxiv_id="1710.10903",
    title="Graph Attention Networks over Grâphs",
    authors=("Guillem Cucurull", "Petar Veličković", "Yoshua Bengio"),
    abstract="Much work has been done on the topic of convolution, and here is more of it. " * 3
    + "We stack layers in which nodes attend over a graph's neighbourhoods with $O(n^2)$ cost. "
    + "And then a tail that is long enough to be cut off somewhere after many more words. " * 4,
)


def get_text(message: Message) -> str:
    """Return all that a message shows."""
    return "\n".join(get_texts(message.to_payload()))


def get_actions(message: Message) -> list[object]:
    """Return what a message's buttons do."""
    every = walk(message.to_payload()["components"])
    return [decode(one["custom_id"]) for one in every if "custom_id" in one]


def test_a_ranking_says_its_days_and_pages() -> None:
    """A page of /top shows range, filter and page; every paper its number, day and button; and both pagers."""
    papers = [make_paper(rank, title=f"Paper {rank}", counts=(5000 // rank, rank)) for rank in range(1, 11)]
    message = render_top(
        papers, first=FIRST, last=DAY, period="week", categories=("cs.LG",), key="k1", page=2, has_more=True
    )
    check_golden("top_page.txt", format_payload(message.to_payload()))
    assert find_violations(message.to_payload()) == []
    assert get_text(message).startswith(
        "### Top papers · week\n-# Wed 7 – Tue 13 Apr 2021, back from the newest post · cs.LG\n-# page 2\n**11** ["
    )
    assert get_actions(message)[-2:] == [TopPage("k1", 1), TopPage("k1", 3)]
    assert get_actions(message)[0] == OpenPaper("2104.00001", DAY)


def test_a_page_leaves_room_in_discords_forty_components() -> None:
    """A full page with both pagers counts 36 components, so a row to share it can be added."""
    papers = [make_paper(rank) for rank in range(1, 11)]
    message = render_top(papers, first=FIRST, last=DAY, period="week", key="k", page=2, has_more=True)
    assert len(list(walk(message.to_payload()["components"]))) == 36


def test_a_ranking_over_two_scales_says_how_it_is_made() -> None:
    """Retweets and live counts are side by side, each in its own words, and the page says what their order is."""
    papers = [make_live_paper(1), make_paper(2)]
    message = render_top(papers, first=FIRST, last=DAY, period="all", key="k", is_mixed=True)
    text = get_text(message)
    assert "\n-# retweets and live counts don't compare: ranked by the place within each day\n" in text
    assert " · hf 41 ▲ top 4 %, hn 1.1k · " in text
    assert " · 1.2k · " in text
    assert text.endswith("figure: retweets + favorites, or live counts")
    assert find_violations(message.to_payload()) == []
    assert "don't compare" not in get_text(render_top(papers, first=FIRST, last=DAY, period="all", key="k"))


def test_a_day_says_what_its_post_was_made_without() -> None:
    """A source that was missing is named, as it is in a digest."""
    day = replace(make_day(), front_matter={"missing": ["bluesky", "<@1>"]})
    text = get_text(render_day(day, [make_live_paper()]))
    assert "without Bluesky and " in text
    assert find_live_markup(text) == []
    assert "without" not in get_text(render_day(make_day(), [make_paper()]))
    summary = render_summary(make_digest([make_live_paper()], days=[day], total=1))
    assert summary.startswith("1 paper · all of arXiv · without Bluesky and ")


def test_the_first_and_only_page_has_no_pager() -> None:
    """Buttons that lead nowhere are not there."""
    message = render_top([make_paper()], first=FIRST, last=DAY, period="all", key="k")
    assert get_actions(message) == [OpenPaper("2104.00001", DAY)]
    assert get_text(message).startswith("### Top papers · all days\n")


def test_a_search_shows_why_it_found() -> None:
    """Words found are bold in title, abstract and author, whatever their case and accents."""
    message = render_search(
        "graph velickovic", [GRAPH, make_paper()], words=("graph", "velickovic"), key="k9", has_more=True
    )
    check_golden("search_page.txt", format_payload(message.to_payload()))
    text = get_text(message)
    assert "[**Graph** Attention Networks over Grâphs](" in text
    assert "over a **graph**" in text
    assert "Guillem Cucurull, Petar **Veličković** +1" in text
    assert get_actions(message)[-1] == SearchPage("k9", 2)
    assert find_violations(message.to_payload()) == []


def test_an_author_asked_for_is_bold_only_among_authors() -> None:
    """The author filter does not paint words of titles."""
    paper = make_paper(title="Hopper: a Machine", authors=("Ada Lovelace", "Grace Hopper", "Alan Turing"))
    message = render_search("machine", [paper], words=("machine",), author="hopper", key="k")
    assert "[Hopper: a **Machine**](" in get_text(message)
    assert "Ada Lovelace, Grace **Hopper** +1" in get_text(message)


def test_search_filters_are_said() -> None:
    """What a search was narrowed to is shown above its results."""
    message = render_search(
        "x", [make_paper()], words=("x",), categories=("cs.CV",), since=FIRST, until=DAY, author="Ada", key="k"
    )
    assert "-# cs.CV · since 7 Apr 2021 · until 13 Apr 2021 · by Ada" in get_text(message)


def test_empty_pages_say_what_to_try() -> None:
    """Nothing found is an answer with a way on, different with filters, without, and past the end."""
    texts = [
        get_text(render_search("graph", [], words=("graph",), key="k")),
        get_text(render_search("graph", [], words=("graph",), categories=("cs.CR",), key="k")),
        get_text(render_search("graph", [], words=("graph",), key="k", page=3)),
        get_text(render_top([], first=FIRST, last=DAY, period="day", categories=("cs.CR",), key="k")),
        get_text(render_top([], first=FIRST, last=DAY, period="all", key="k")),
        get_text(render_day(make_day(papers=0), [])),
    ]
    check_golden("empty_pages.txt", "\n\n".join(texts))
    assert all("Try" in text or "Go back" in text for text in texts)


def test_a_day_is_numbered_as_it_ranks() -> None:
    """The whole day keeps its own ranks, says how many there are, and pages by day."""
    papers = [make_paper(rank) for rank in range(11, 21)]
    message = render_day(make_day(), papers, page=2, has_more=True)
    check_golden("day_page.txt", format_payload(message.to_payload()))
    assert "**11** [" in get_text(message)
    assert get_actions(message)[-2:] == [DayPage(DAY, 1), DayPage(DAY, 3)]


def test_the_longest_papers_fit() -> None:
    """Ten papers with endless titles, names and abstracts are one page within Discord's limits."""
    papers = [
        make_paper(
            rank,
            title="graph " * 300,
            authors=["Graph " * 50, "Graph " * 90],
            categories=["cond-mat.dis-nn"],
            abstract="graph " * 3000,
            mentions=[MENTION] * 10,
        )
        for rank in range(1, 11)
    ]
    message = render_search("graph " * 600, papers, words=("graph",), author="graph " * 99, key="k" * 60, page=9)
    assert find_violations(message.to_payload()) == []


def test_a_search_cuts_no_shorter_than_needed() -> None:
    """Usual titles keep their snippets of usual length: room is used before anything is cut."""
    papers = [make_paper(rank, title=f"Learning {rank}", abstract="learn " + "abcdefg " * 60) for rank in range(1, 11)]
    message = render_search("learn", papers, words=("learn",), key="k")
    assert sum(measure(text) for text in get_texts(message.to_payload())) > 2500


def test_a_paper_listed_twice_is_shown_twice_with_one_button() -> None:
    """One custom id twice would make Discord refuse the page."""
    message = render_papers("Papers", [], [Row(1, make_paper()), Row(2, make_paper())], page=Page())
    assert get_actions(message) == [OpenPaper("2104.00001", DAY)]
    assert find_violations(message.to_payload()) == []


def test_a_query_does_nothing() -> None:
    """What a member typed is shown as text: no ping, no header, no link, no open spoiler."""
    for query in ("# @everyone ||x", "[a](https://evil.example) ```", "<@123> <t:1:R> **", "*" * 500, "\n-# hi"):
        for papers in ([], [make_paper()]):
            message = render_search(query, papers, words=tuple(query.split()), author=query, key="k")
            assert find_violations(message.to_payload()) == []
            assert [find_live_markup(text) for text in get_texts(message.to_payload())] == [[]] * (2 + len(papers))

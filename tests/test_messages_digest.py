"""Pushed digests: their shape, their parts, their buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.digest.selection import Digest, Reason
from bot.messages.actions import GetByDM, GetSameByDM, OpenDay, OpenPaper, OpenWhy
from bot.messages.custom_id import decode, decode_marker
from bot.messages.digest import render_digest, render_parts, render_quiet
from bot.messages.message import Message
from storage.models import Appearance, Breakdown, Part, Subscription, Target
from tests.discord_rules import find_live_markup, find_violations, get_texts, walk
from tests.goldens import check_golden, format_json, format_payload
from tests.papers import ABSTRACT, DAY, make_day, make_digest, make_live_paper, make_paper

TITLES = (
    "Path Planning using Neural A* Search",
    "A  Title with   Double Spaces",
    "Counting $\\mathcal{O}(n^2)$ Steps in _Snake_ Games",
    "On [Brackets], |Pipes| and `Ticks`",
    "See https://example.org for a Title with a Link",
)


def make_papers(count: int, **values: object) -> list[Appearance]:
    """Return papers whose titles, authors and counts differ."""
    return [
        make_paper(
            rank,
            title=TITLES[rank % 5],
            authors=[f"Author {number}" for number in range(rank % 4)],
            counts=(20000 // rank, rank),
            **values,  # type: ignore[arg-type]
        )
        for rank in range(1, count + 1)
    ]


def get_labels(message: Message) -> list[list[str]]:
    """Return the labels of a message's buttons, row by row."""
    rows = message.to_payload()["components"]
    return [[button["label"] for button in row["components"]] for row in rows]


def test_a_day_of_21_papers_has_the_shape_agreed() -> None:
    """Ten of 21 papers are one message: header, count and filter, two lines a paper, what the numbers do."""
    [message] = render_digest(make_digest(make_papers(10)))
    check_golden("digest_21.txt", format_payload(message.to_payload()))
    check_golden("digest_21.json", format_json(message.to_payload()))
    lines = (message.content or "").split("\n")
    assert lines[:2] == ["### Hot papers · Tue 13 Apr 2021", "-# Top 10 of 21 · all of arXiv"]
    assert lines[-1] == "-# 1–10: abstract, only you see it · titles: arXiv · figure: retweets + favorites"
    assert get_labels(message) == [list("12345"), ["6", "7", "8", "9", "10"], ["All 21 papers", "Get this by DM"]]
    assert find_violations(message.to_payload()) == []


def test_a_star_in_a_title_stays_a_star() -> None:
    """Neural A* Search neither turns the rest into italics nor shows a backslash."""
    [message] = render_digest(make_digest([make_paper(title="Path Planning using Neural A* Search")], total=1))
    check_golden("digest_neural_a_star.txt", format_payload(message.to_payload()))
    title = (message.content or "").split("[")[1].split("]")[0]
    assert "*" not in title
    assert "\\" not in title


def test_five_papers_get_a_gist_each() -> None:
    """A short digest has a sentence on every paper: the one that says what is new."""
    [message] = render_digest(make_digest(make_papers(5), categories=("cs.CV", "cs.LG"), total=5))
    check_golden("digest_5_gists.txt", format_payload(message.to_payload()))
    assert (message.content or "").count("We present a search that learns which cells to expand first") == 5
    assert "-# 5 papers · cs.CV, cs.LG" in (message.content or "")


def test_six_papers_get_no_gist() -> None:
    """From six papers on, titles alone keep the digest short."""
    [message] = render_digest(make_digest(make_papers(6)))
    assert "We present" not in (message.content or "")


def test_over_ten_papers_come_in_parts() -> None:
    """25 papers are three messages; each has its own numbers, the last the digest's own buttons."""
    messages = render_digest(make_digest(make_papers(25), total=40))
    check_golden("digest_25_parts.txt", "\n\n".join(format_payload(one.to_payload()) for one in messages))
    numbers = [[label for row in get_labels(one) for label in row if label.isdigit()] for one in messages]
    assert [len(each) for each in numbers] == [10, 10, 5]
    assert [label for each in numbers for label in each] == [str(number) for number in range(1, 26)]
    assert [get_labels(one)[-1][-1] == "Get this by DM" for one in messages] == [False, False, True]
    assert all(find_violations(one.to_payload()) == [] for one in messages)


def test_over_2000_characters_come_in_parts() -> None:
    """Ten papers with the longest titles don't fit one message: none is lost, none is over the limit."""
    papers = [make_paper(rank, title="word " * 200, authors=["Name " * 30]) for rank in range(1, 11)]
    messages = render_digest(make_digest(papers))
    assert len(messages) > 1
    assert sum((one.content or "").count("https://arxiv.org/abs/") for one in messages) == 10
    assert all(find_violations(one.to_payload()) == [] for one in messages)


def test_long_gists_are_shortened_before_a_second_part() -> None:
    """Five papers with long abstracts still make one message."""
    abstract = "We propose " + "a very long sentence about many different things that never ends " * 20
    assert len(render_digest(make_digest(make_papers(5, abstract=abstract)))) == 1


def test_an_empty_abstract_has_no_gist() -> None:
    """A paper without an abstract takes its two lines and no empty third."""
    [message] = render_digest(make_digest([make_paper(abstract="")], total=1))
    assert "\n\n" not in (message.content or "")
    assert len((message.content or "").split("\n")) == 5


def test_equal_scores_of_one_paper_are_shown_as_they_came_about() -> None:
    """A paper that was shown before is shown anew when it has the same score of other counts, or of none."""
    live = make_live_paper(score=2.0)
    other = replace(live, breakdown=Breakdown(1, (Part("bluesky", 92, 2.0),)))
    shown = [render_digest(make_digest([one]))[0].content or "" for one in (live, other, replace(live, breakdown=None))]
    assert ["hf 41 ▲" in text for text in shown] == [True, False, False]
    assert ["bluesky 92 ▲" in text for text in shown] == [False, True, False]
    assert " · 2\n" in shown[2]


def test_no_papers_make_no_message() -> None:
    """An empty digest sends nothing."""
    assert render_digest(make_digest([])) == []


def test_a_quiet_line_says_why_and_carries_the_marker() -> None:
    """A day with nothing new is one small line, silent, whose every button has the marker; the first says why."""
    digest = replace(make_digest([], total=0), reason=Reason("no match", 21))
    message = render_quiet(digest, "d-42")
    check_golden("digest_quiet.txt", format_payload(message.to_payload()))
    ids = [one["custom_id"] for one in walk(message.to_payload()["components"]) if "custom_id" in one]
    assert [decode(custom_id) for custom_id in ids] == [OpenWhy(7), OpenDay(DAY), GetByDM()]
    assert {decode_marker(custom_id) for custom_id in ids} == {"d-42"}
    assert find_violations(message.to_payload()) == []


def test_a_quiet_line_without_a_post_has_its_button_too() -> None:
    """Where there is no day to open, and for a member, there still is a button to know the message by."""
    subscription = Subscription(Target("member", "5"), ("math",), id=9)
    digest = Digest(subscription, (), (), 0, Reason("no post", since=DAY))
    message = render_quiet(digest, "d-42")
    assert get_labels(message) == [["Why?", "Stop these"]]
    assert find_violations(message.to_payload()) == []


def test_a_catch_up_says_what_it_covers() -> None:
    """Several days are shown as a span, with a button to each day's ranking."""
    days = [make_day(date(2021, 4, 2), 9, date(2021, 4, 1)), make_day(date(2021, 4, 4), 12)]
    [message] = render_digest(replace(make_digest(make_papers(3), days=days), is_catch_up=True))
    check_golden("digest_catch_up.txt", format_payload(message.to_payload()))
    lines = (message.content or "").split("\n")
    assert lines[0] == "### Hot papers · Thu 1 – Sun 4 Apr 2021"
    assert lines[1] == "-# Catch-up over 2 posts · top 3 of 21 · all of arXiv"
    [usual] = render_digest(make_digest(make_papers(3), days=days))
    assert (usual.content or "").split("\n")[1] == "-# 2 posts · top 3 of 21 · all of arXiv"
    assert get_labels(message)[-1] == ["All of 2 Apr", "All of 4 Apr", "Get this by DM"]


def test_one_post_of_several_days_is_no_catch_up() -> None:
    """A post that spans a weekend shows the span and one button for all of it."""
    day = make_day(date(2021, 4, 4), 12, date(2021, 4, 2))
    [message] = render_digest(make_digest(make_papers(1), days=[day], total=12))
    assert (message.content or "").startswith(
        "### Hot papers · Fri 2 – Sun 4 Apr 2021\n-# Top 1 of 12 · all of arXiv\n"
    )
    assert get_labels(message)[-1] == ["All 12 papers", "Get this by DM"]


def test_buttons_say_what_they_open() -> None:
    """Numbers open that paper as of its day, the rest the day and an order of the same categories."""
    [part] = render_parts(
        make_digest(make_papers(2), categories=("stat.ML", "cs.CV")), lambda number: f"d-{41 + number}"
    )
    message = part.message
    ids = [one["custom_id"] for one in walk(message.to_payload()["components"]) if "custom_id" in one]
    assert [decode(custom_id) for custom_id in ids] == [
        OpenPaper("2104.00001", DAY),
        OpenPaper("2104.00002", DAY),
        OpenDay(DAY),
        GetByDM(("cs.CV", "stat.ML")),
    ]
    assert {decode_marker(custom_id) for custom_id in ids} == {"d-42"}


def test_too_many_categories_are_ordered_by_subscription() -> None:
    """An order whose categories don't fit an id refers to the subscription, and is left out without one."""
    names = [f"cond-mat.other-{letter}" for letter in "abcdefghijklmnopqrstuvwxy"]
    [message] = render_digest(make_digest(make_papers(1), categories=names))
    [unsaved] = render_digest(make_digest(make_papers(1), categories=names, id=None))
    last = list(walk(message.to_payload()["components"]))[-1]
    assert decode(last["custom_id"]) == GetSameByDM(7)
    assert get_labels(unsaved)[-1] == ["All 21 papers"]


def test_a_paper_listed_twice_has_one_button() -> None:
    """One custom id twice would make Discord refuse the whole message."""
    [message] = render_digest(make_digest([make_paper(1), make_paper(1)]))
    assert get_labels(message)[0] == ["1"]
    assert find_violations(message.to_payload()) == []


def test_a_bad_marker_is_refused() -> None:
    """A marker that would not be recognised later is a mistake of the caller's and is said so."""
    with pytest.raises(ValueError, match="marker"):
        render_parts(make_digest(make_papers(1)), lambda number: "no spaces, please")


def test_an_id_that_is_none_of_arxivs_gets_no_link_and_no_button() -> None:
    """A damaged id cannot break the digest that it is in."""
    papers = [make_paper(1, arxiv_id="a" * 3000 + "/0611800"), make_paper(2)]
    [message] = render_digest(make_digest(papers))
    assert get_labels(message)[0] == ["2"]
    assert find_violations(message.to_payload()) == []


def test_strangers_words_do_nothing() -> None:
    """Pings, links, spoilers and headers in titles, names and abstracts are text in a digest."""
    hostile = "# @everyone <@1> <#2> ||x ```y [z](https://evil.example) \u202e discord.gg/a"
    papers = [make_paper(1, title=hostile, authors=[hostile], categories=[hostile], abstract=hostile + ABSTRACT)]
    [message] = render_digest(make_digest(papers, total=1))
    assert [find_live_markup(text) for text in get_texts(message.to_payload())] == [[]]

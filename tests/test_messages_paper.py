"""A paper's details: everything about it, always within Discord's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.messages.message import Message
from bot.messages.paper import render_paper
from storage.models import Appearance, Mention
from tests.discord_rules import find_live_markup, find_violations, get_texts, measure, walk
from tests.goldens import check_golden, format_json, format_payload
from tests.papers import DAY, MENTION, make_live_paper, make_paper


def get_text(message: Message) -> str:
    """Return all that a message shows."""
    return "\n".join(get_texts(message.to_payload()))


def make_history(days: int, **values: object) -> list[Appearance]:
    """Return a paper's appearances on so many days, newest first."""
    return [
        make_paper(
            number, arxiv_id="2104.00001", day=DAY - timedelta(number), counts=(2000 - 7 * number, number), **values
        )  # type: ignore[arg-type]
        for number in range(1, days + 1)
    ]


def test_the_details_of_a_paper() -> None:
    """Title, ten authors and the rest as a number, categories by name, abstract, posts, history, score."""
    mentions = [replace(MENTION, author=f"Reader {number}", handle=f"reader_{number}") for number in range(5)]
    earlier = make_paper(3, arxiv_id="2104.04767", counts=(800, 22), day=date(2021, 4, 13))
    newest = make_paper(
        7,
        arxiv_id="2104.04767",
        title="Path Planning using Neural A* Search",
        authors=[f"Author Number{number}" for number in range(1, 48)],
        counts=(1212, 22),
        day=date(2021, 4, 15),
        mentions=mentions,
    )
    message = render_paper([newest, earlier])
    check_golden("paper.txt", format_payload(message.to_payload()))
    check_golden("paper.json", format_json(message.to_payload()))
    text = get_text(message)
    assert "Author Number10, and [37 more on arXiv](https://arxiv.org/abs/2104.04767)" in text
    assert "-# Machine Learning (cs.LG) · Artificial Intelligence (cs.AI)" in text
    assert "-# 2 more" in text
    assert "#7 on 15 Apr 2021 · 1.2k, back with +412\n#3 on 13 Apr 2021 · 822" in text
    assert "1,234 = 1,212 retweets + 22 favorites, as published 16 Apr 2021, 11:53 UTC" in text
    assert find_violations(message.to_payload()) == []


def test_the_day_asked_for_is_the_one_shown() -> None:
    """A button of an old digest shows the counts and posts of its day, an unknown day the newest."""
    old = make_paper(2, arxiv_id="2104.1", day=DAY - timedelta(9), counts=(10, 5), mentions=())
    new = make_paper(1, arxiv_id="2104.1", day=DAY, counts=(70, 7))
    history = [replace(one, paper=replace(one.paper, arxiv_id="2104.00001")) for one in (new, old)]
    assert "score 15 = 10 retweets" in get_text(render_paper(history, day=old.day))
    assert "score 77 = 70 retweets" in get_text(render_paper(history, day=date(1999, 1, 1)))
    assert "Reader" not in get_text(render_paper(history, day=old.day))


def test_an_abstract_that_fits_is_whole() -> None:
    """arXiv's longest abstracts (1,920 characters) are shown in full beside three long posts."""
    abstract = "We show that this sentence is not shortened at all. " * 36 + "The end."
    mentions = [replace(MENTION, text="A post that goes on. " * 50)] * 10
    message = render_paper(make_history(9, abstract=abstract, mentions=mentions, authors=["A. Middling Name"] * 60))
    assert "The end." in get_text(message)
    assert "cut to fit" not in get_text(message)
    assert find_violations(message.to_payload()) == []


def test_an_abstract_that_cannot_fit_says_so() -> None:
    """10,000 characters are cut, with a link to the rest, and use the room there is."""
    message = render_paper(make_history(60, abstract="A word after another " * 500, mentions=[MENTION] * 30))
    text = get_text(message)
    assert "cut to fit; [the whole abstract is on arXiv](https://arxiv.org/abs/2104.00001)" in text
    assert "and 54 earlier days" in text
    assert find_violations(message.to_payload()) == []
    assert sum(map(measure, get_texts(message.to_payload()))) > 3900


@pytest.mark.parametrize("letter", ["a", "a ", "*", "_ ", "\\", "$", "\n", "𝔸", "😀 ", "漢", "[", "<", "e\u0301"])
def test_extremes_fit(letter: str) -> None:
    """Endless abstracts, 3,000 authors, 30 posts, 60 days: always one message, whatever the letters."""
    mention = Mention(letter * 400, letter * 400, "https://x.com/" + letter * 400, DAY, None, letter * 4000)
    history = [
        make_paper(
            10**6 - number,
            arxiv_id="cond-mat.dis-nn/0611800",
            title=letter * 3000,
            abstract=letter * 10000,
            authors=[letter * 200] * 3000,
            categories=[letter * 100] * 300,
            counts=(10**12, 10**12),
            day=DAY - timedelta(number),
            mentions=[mention] * 30,
        )
        for number in range(60)
    ]
    message = render_paper(history)
    assert find_violations(message.to_payload()) == []
    assert [find_live_markup(text) for text in get_texts(message.to_payload()) if find_live_markup(text)] == []


def test_an_empty_paper_is_shown() -> None:
    """No title, author, category, abstract, post or PDF: what is missing is left out or said."""
    bare = make_paper(title="", authors=(), categories=(), abstract="", mentions=(), has_pdf=False)
    message = render_paper([replace(bare, observed_at=None, engagement=())])
    check_golden("paper_bare.txt", format_payload(message.to_payload()))
    assert find_violations(message.to_payload()) == []
    assert [one["label"] for one in walk(message.to_payload()["components"]) if one["type"] == 2] == ["arXiv"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/status/1",
        "https://twitter.com.evil.example/a/status/1",
        "https://twitter.com@evil.example/a/status/1",
        "http://twitter.com/a/status/1",
        "javascript:alert(1)",
        "https://twitter.com/a/status/1) [x](https://evil.example",
        "https://twitter.com/a/status/1\n",
        "",
    ],
)
def test_only_a_post_is_linked(url: str) -> None:
    """A post whose address is not exactly a status of twitter.com or x.com is shown without a link."""
    text = get_text(render_paper([make_paper(mentions=[replace(MENTION, url=url)])]))
    assert "**Reader (one)**" in text
    assert "evil" not in text
    assert find_live_markup(text) == []


def test_posts_do_nothing() -> None:
    """A post's words are text in a quote: no ping, header, list, link, spoiler or open fence."""
    hostile = "# hi @everyone\n- item\n> quote\n||x ```py\n[a](https://evil.example) <@1>\n1. one\n-# small\n\u202eabc"
    mention = replace(MENTION, author=hostile, handle="everyone", text=hostile)
    message = render_paper([make_paper(mentions=[mention] * 4, abstract=hostile, title=hostile, authors=[hostile])])
    assert find_violations(message.to_payload()) == []
    assert [find_live_markup(text) for text in get_texts(message.to_payload()) if find_live_markup(text)] == []


def test_a_live_paper_says_what_was_counted_and_how_rare_that_is() -> None:
    """Counts by source, the score as their sum, and that it is provisional; retweets are not spoken of."""
    message = render_paper([make_live_paper(2, provisional=True)])
    text = get_text(message)
    check_golden("paper_live.txt", format_payload(message.to_payload()))
    assert (
        "bluesky: 0 reposts, 1 like (1 post) · hf: 41 upvotes · hn: 1,120 points, 44 comments, counted 14 Apr" in text
    )
    assert "-# score 1.65 = 1.40 (hf 41) + 0.3 × 0.83 (hn 1,120)" in text
    assert "-# provisional" in text
    assert "retweets" not in text
    assert "-# provisional" not in get_text(render_paper([make_live_paper(2)]))
    assert find_violations(message.to_payload()) == []


def test_live_and_published_scores_are_never_compared() -> None:
    """A paper that comes back on the other scale has no difference to tell."""
    old = make_paper(3, arxiv_id="2104.00001", counts=(800, 22))
    live = make_live_paper(1, arxiv_id="2104.00001", day=DAY + timedelta(9))
    later = make_live_paper(2, score=2.0, arxiv_id="2104.00001", day=DAY + timedelta(12))
    text = get_text(render_paper([later, live, old]))
    assert "#2 on 25 Apr 2021 · hf 41 ▲ top 4 %, hn 1.1k, back\n#1 on 22 Apr 2021" in text
    assert "hn 1.1k, back\n#3 on 13 Apr 2021 · 822" in text


def test_a_post_of_bluesky_is_linked() -> None:
    """Posts that are embedded in live posts lead to where they were written."""
    mention = replace(MENTION, handle="ada.bsky.social", url="https://bsky.app/profile/did:plc:abc/post/3kxyz")
    text = get_text(render_paper([make_live_paper(mentions=[mention])]))
    assert "(https://bsky.app/profile/did:plc:abc/post/3kxyz)** · @ada.bsky.social" in text


def test_the_history_of_a_fall_and_a_standstill() -> None:
    """A paper back with fewer or equal counts says so with its sign."""
    papers = [make_paper(1, counts=(count, 0), day=DAY + timedelta(index)) for index, count in enumerate((50, 50, 20))]
    text = get_text(render_paper(papers[::-1]))
    assert "#1 on 15 Apr 2021 · 20, back with −30\n#1 on 14 Apr 2021 · 50, back with +0\n#1 on 13 Apr 2021 · 50" in text

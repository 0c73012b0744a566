"""The promises of live posts: every count and score is read, damage costs only what it damaged, and back again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.digest.heat import BLUESKY, HACKERNEWS, HUGGINGFACE, Counted, score
from bot.digest.post import DailyPost, format, parse
from bot.digest.post import make_post as make_stored
from bot.digest.printing import settle
from bot.errors import PostError
from bot.ingest import ingest_text
from storage.models import Appearance, Breakdown, Edition, Mention, Paper, Part
from storage.store import Store
from tests.posts import make_entry, make_post

ANNOUNCED = "Made without arXiv's announcement: which papers are new is inferred from their dates or numbers."
LINE = "bluesky: 12 reposts, 80 likes (5 posts) | hf: 41 upvotes | hn: 120 points, 44 comments (2026-11-20T21:00:00Z)"
SCORE = "hot: 2.0481 (hf 41 ▲ top 4 %, bluesky 92, hn 120; 1.3979 + 0.3 × 1.3333 + 0.3 × 0.8339; weights 1)"
DAY, NOON = date(2026, 11, 20), datetime(2026, 11, 20, 21, tzinfo=UTC)
MENTION = Mention(
    "Ada", "ada.bsky.social", "https://bsky.app/profile/did:plc:abc123/post/3kxyz", DAY, "en", "Look\n\nhere"
)


def make_live(
    number: int = 1, arxiv_id: str = "2611.00001", counts: str = f"{LINE}\n- {SCORE}", **parts: object
) -> str:
    return make_entry(number, arxiv_id=arxiv_id, counts=counts, quotes=(), **parts)  # type: ignore[arg-type]


def make_paper(number: int = 1, **changes: object) -> Appearance:
    """Make a paper as the collector would choose it."""
    heat = score({HUGGINGFACE: [Counted("a", {"upvotes": 41})], HACKERNEWS: [Counted("1", {"points": 120})]}, {})
    assert heat is not None
    paper = Paper(
        f"2611.{number:05}", 1, "A Title", ("Ada Lovelace", "Grace Hopper"), ("cs.LG", "math.CO"), "We study."
    )
    made = Appearance(paper, DAY, number, NOON, heat.engagement, heat.score, (MENTION,), heat.breakdown)
    return replace(made, **changes)  # type: ignore[arg-type]


def make_daily(*papers: Appearance, **front_matter: object) -> DailyPost:
    values = {
        "template": "post",
        "category": "arXiv",
        "tags": ["arXiv", "Bluesky"],
        "description": "x",
        "socialImage": "y",
    }
    return DailyPost(
        f"hot-papers-{DAY}", f"Hot Papers {DAY}", DAY, DAY, NOON, False, {**values, **front_matter}, papers
    )


def test_live_counts_are_read() -> None:
    """Every count has its source in its name, and score, parts and time come from the lines."""
    post = parse(make_post(make_live(), day=str(DAY)))
    (paper,) = post.papers
    assert post.problems == ()
    assert paper.engagement == (
        *(("bluesky.reposts", 12), ("bluesky.likes", 80), ("bluesky.posts", 5), ("huggingface.upvotes", 41)),
        *(("hackernews.points", 120), ("hackernews.comments", 44)),
    )
    parts = (Part(HUGGINGFACE, 41, 1.3979), Part(BLUESKY, 92, 1.3333), Part(HACKERNEWS, 120, 0.8339))
    assert (paper.score, paper.breakdown, paper.observed_at) == (2.0481, Breakdown(1, parts), NOON)
    assert (paper.is_live, paper.count("retweets"), paper.count("huggingface.upvotes")) == (True, None, 41)


def test_counts_without_a_score_are_estimated() -> None:
    """The line of counts alone is a post too; its score is provisional."""
    post = parse(make_post(make_live(counts=LINE)))
    (paper,) = post.papers
    assert post.problems == ()
    assert paper.breakdown is not None
    assert paper.breakdown.is_provisional
    assert paper.score > max(part.heat for part in paper.breakdown.parts)
    assert parse(format(post)) == post


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("bluesky: 1 repost, 1 like (1 post)", (("reposts", 1), ("likes", 1), ("posts", 1))),
        ("bluesky: 0 reposts, 2 likes, 1 quote (2 posts)", (("reposts", 0), ("likes", 2), ("quotes", 1), ("posts", 2))),
        ("hf: 1 upvote", (("upvotes", 1),)),
        ("hn: 1 point", (("points", 1),)),
        ("hn: 1 point, 1 comment", (("points", 1), ("comments", 1))),
    ],
)
def test_one_is_singular(line: str, pairs: tuple[tuple[str, int], ...]) -> None:
    """Counts of one are read, and written the same."""
    post = parse(make_post(make_live(counts=f"{line} (2026-11-20T21:00:00Z)")))
    assert tuple((metric.partition(".")[2], value) for metric, value in post.papers[0].engagement) == pairs
    assert f"\n- {line} (2026-11-20T21:00:00Z)\n" in format(post)


@pytest.mark.parametrize(
    "line",
    [
        "hf: many upvotes",
        "hf: -1 upvotes",
        "hf: 4,100 upvotes",
        "hf: 41 likes",
        "hf: 41 upvotes (3 posts) | hf: 41 upvotes",
        "hf: 41 upvotes | mastodon: 3 boosts",
        "hf: 41 upvotes |",
        "hf: 41 upvotes, retweets: 3",
        "hf: 41",
        "bluesky: (5 posts)",
        "hn: 44 comments",
        "hf: 9999999999999 upvotes",
    ],
)
def test_damaged_counts_cost_only_their_paper(line: str) -> None:
    """A line that cannot be right refuses the paper, with its place; those around it are kept."""
    text = make_post(make_live(), make_live(2, "2611.00002", line), make_live(3, "2611.00003"))
    post = parse(text)
    assert [paper.rank for paper in post.papers] == [1, 3]
    (problem,) = post.problems
    assert (problem.refused, problem.cause) == (True, "the counts are not numbers")
    assert text.split("\n")[problem.line - 1] == f"- {line}"


def test_a_damaged_score_is_estimated_and_said() -> None:
    """The counts still hold, so that the paper stays; a time that is none is said as for published counts."""
    text = make_post(make_live(counts=f"{LINE}\n- hot: very"), make_live(2, "2611.00002", "hf: 3 upvotes"))
    post = parse(text)
    assert [problem.cause for problem in post.problems] == [
        "the score cannot be read: estimated",
        "no time for the counts",
    ]
    assert text.split("\n")[post.problems[0].line - 1] == "- hot: very"
    assert [paper.is_live for paper in post.papers] == [True, True]


def test_a_paper_that_lost_its_heading_costs_only_itself() -> None:
    """Live counts without a heading above them begin a paper of their own, which is refused."""
    lost = make_live(2, "2611.00002").replace("# 2. A Title\n\n", "A Title\n\n")
    post = parse(make_post(make_live(), lost, make_live(3, "2611.00003")))
    assert [paper.rank for paper in post.papers] == [1, 3]
    assert post.is_partial


def test_one_post_has_one_scale() -> None:
    """Retweets among live counts are refused: no paper could be ranked among the others."""
    post = parse(make_post(make_live(), make_entry(2), make_live(3, "2611.00003")))
    assert [paper.rank for paper in post.papers] == [1, 3]
    assert "one post, one score" in post.problems[0].cause


def test_a_live_post_is_written_as_it_is_read() -> None:
    """Sections, what was missing and posts of Bluesky come back exactly, byte for byte and value for value."""
    post = make_daily(*(make_paper(number) for number in range(1, 5)), older=2, missing=["bluesky", "hackernews"])
    text = format(post)
    assert parse(text) == post
    assert format(parse(text)) == text
    assert text.count("\n## Older papers that are hot now\n") == 1
    assert text.index("# 2. ") < text.index("## Older papers") < text.index("# 3. ")
    assert "\n*Made without Bluesky and Hacker News: no counts of these are in it.*\n" in text
    assert 'data-bluesky-uri="at://did:plc:abc123/app.bsky.feed.post/3kxyz"' in text
    assert parse(text).problems == ()


def test_a_section_is_part_of_no_paper() -> None:
    """The heading of older papers ends the paper above it, even one that ends with its abstract."""
    papers = [make_paper(number, mentions=()) for number in (1, 2)]
    again = parse(format(make_daily(*papers, older=1)))
    assert [paper.paper.abstract for paper in again.papers] == ["We study."] * 2
    only_older = make_daily(*papers, older=2)
    assert parse(format(only_older)) == only_older


def test_a_lost_heading_after_a_section_is_not_lost_silently() -> None:
    """The first of the older papers is refused when its heading is damaged, as any other is."""
    text = format(make_daily(*(make_paper(number) for number in (1, 2, 3)), older=2))
    post = parse(text.replace("# 2. A Title", "A Title"))
    assert [paper.rank for paper in post.papers] == [1, 3]
    assert post.is_partial


def test_a_day_without_papers_says_what_was_missing() -> None:
    """A post with nothing in it keeps its note."""
    post = make_daily(missing=["arxiv"])
    assert parse(format(post)) == post
    assert f"*{ANNOUNCED}*" in format(post)


def test_what_is_missing_of_arxiv_is_its_announcement() -> None:
    """arXiv has no counts: that its announcement is missing, and what that means, is said beside the others."""
    text = format(make_daily(make_paper(1), missing=["arxiv", "hackernews"], incomplete=["bluesky"]))
    said = "Made without Hacker News: no counts of it are in it."
    assert f"\n*{said} {ANNOUNCED} Of Bluesky only a part could be read.*\n" in text


def test_a_post_with_other_words_above_its_papers_still_reads() -> None:
    """The line is for people: one that an older version wrote changes nothing of what is read."""
    post = make_daily(make_paper(1), missing=["arxiv"])
    assert parse(format(post).replace(ANNOUNCED, "Made without arXiv: no counts of it are in it.")) == post


HOSTILE = (
    *("# 1. Heading", "## Older papers that are hot now", "- hf: 3 upvotes", "- retweets: 1, favorites: 2", "---"),
    *("# ", "#", "-", "```", "~~~", ">", "1. ", "{{", "\u202e", "â€¨", "<", "b>", "]", "(x)", "[x]: y"),
    *("<blockquote>", "</blockquote>", "<BLOCKQUOTE", "- links: [abs](x)", "- [cs.CV](x)", "Ã©tude", "Ð¿Ñ€", "\ufffd"),
    *(
        "a, b",
        "\n",
        "\r\n",
        "\u2028",
        "\x85",
        "\0",
        "\ud800",
        "é",
        "日本",
        " ",
        "$x$",
        "&amp;",
        '"',
        "<br>",
        "(@a.b)",
        "—",
        "word",
    ),
)
hostile = st.lists(st.sampled_from(HOSTILE), max_size=6).map("".join)


@settings(max_examples=300, deadline=None)
@given(hostile, st.lists(hostile, max_size=3), hostile, hostile, hostile, st.lists(hostile, max_size=2))
@example("Ã©", ["Ã©"], "Ã©", "", "", [])
def test_whatever_strangers_write_a_post_reads_as_what_was_chosen(
    title: str, authors: list[str], abstract: str, name: str, said: str, categories: list[str]
) -> None:
    """No title, name, abstract or post can add, lose or change a paper; what is settled is read again exactly."""
    wild = Paper("2611.00002", None, title, tuple(authors), ("cs.LG", *categories), abstract)
    papers = (make_paper(1), replace(make_paper(2), paper=wild, mentions=(replace(MENTION, author=name, text=said),)))
    post = settle(make_daily(*papers, make_paper(3), older=1))
    assert parse(format(post)) == post
    assert not post.is_partial
    assert [(a.paper.arxiv_id, a.rank, a.score, a.breakdown) for a in post.papers] == [
        (f"2611.0000{n}", n, papers[0].score, papers[0].breakdown) for n in (1, 2, 3)
    ]


def make_wild(number: int = 1, **texts: object) -> Appearance:
    """Make a paper with texts of its own, and nobody's post."""
    made = make_paper(number, mentions=())
    return replace(made, paper=replace(made.paper, **texts))  # type: ignore[arg-type]


def test_tags_of_two_papers_make_no_embed() -> None:
    """What one title opens and another closes takes no paper with it."""
    papers = (make_wild(1, title="A <blockquote b"), make_wild(2, title="B </blockquote> c"))
    post = settle(make_daily(*papers, make_wild(3, authors=("</BLOCKQUOTE>",))))
    assert [paper.paper.title for paper in post.papers] == ["A < blockquote b", "B < /blockquote> c", "A Title"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("<script>alert(1)</script>", "< script>alert(1)< /script>"),
        ("a<!-- b --> <?php <b", "a< !-- b --> < ?php < b"),
        ("![x](//e) [y](javascript:z) [1]: z", "![x] (//e) [y] (javascript:z) [1] : z"),
        ("<\x07b> ]\ud800(c)", "< b> ] (c)"),
        ("$a<b$ and c < d <= e <3", "$a< b$ and c < d <= e <3"),
        ("{{< x >}} {% raw %} ${{\\bf x}}$ {a}", "{ {< x >}} { % raw %} ${ {\\bf x}}$ {a}"),
        ("a \u202eb\u2066c", "a bc"),
    ],
)
def test_nothing_of_strangers_acts_on_a_site(text: str, printed: str) -> None:
    """No title, name or abstract has HTML, a link or an image; comparisons and formulas stay what they are."""
    (made,) = settle(make_daily(make_wild(title=text, authors=(text,), abstract=text))).papers
    assert (made.paper.title, made.paper.authors, made.paper.abstract) == (printed, (printed,), printed)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        *((text, text) for text in ("#P-hard problems are hard", "-1 is small", "--- and more", "# ")),
        *(("# of parameters", "#\xa0of parameters"), ("- hf: 3 upvotes", "-\xa0hf: 3 upvotes")),
        *(("* a", "*\xa0a"), ("+ a", "+\xa0a"), ("1. a", "1.\xa0a"), ("12) a", "12)\xa0a"), ("> a", "\u203a a")),
        *(("``` a", "`\xa0`` a"), ("~~~~x", "~\xa0~~~x"), ("`a` ~~b~~ *c*", "`a` ~~b~~ *c*")),
        *(("# # 2. Fake", "#\xa0# 2. Fake"), ("- [cs.CV](x)", "-\xa0[cs.CV] (x)")),
        ("## Older papers that are hot now", "##\xa0Older papers that are hot now"),
        ("â€¨ ## Older papers that are hot now", "##\xa0Older papers that are hot now"),
    ],
)
@pytest.mark.parametrize("categories", [(), ("cs.LG",)])
def test_an_abstract_keeps_its_sign(text: str, printed: str, categories: tuple[str, ...]) -> None:
    """What looks like a heading or a list is none, and loses nothing, damaged or not."""
    made = settle(make_daily(make_wild(1, abstract=text, categories=categories), make_wild(2))).papers[0].paper
    assert (made.abstract, made.categories) == (printed.strip(), categories)


@pytest.mark.parametrize("title", ["", "â€¨", "\x07", "â€¨ â€¨"])
@pytest.mark.parametrize("other", ["Plain", "Ж"])
def test_a_title_that_repairs_to_nothing_is_the_id(title: str, other: str) -> None:
    """Damage that was only white space costs no paper, also in a post that is repaired by guess."""
    post = settle(make_daily(make_wild(1, title=other), make_wild(2, title=title)))
    assert [paper.paper.title for paper in post.papers] == [other, "arXiv 2611.00002"]


def test_endless_authors_are_cut() -> None:
    """A real collaboration is printed whole; three lists of five thousand long names are still one post."""
    real = tuple(f"Author {number:05}" for number in range(5_000))
    hostile = ("é" * 200,) * 5_000
    post = settle(make_daily(make_wild(1, authors=real), *(make_wild(number, authors=hostile) for number in (2, 3, 4))))
    assert [len(paper.paper.authors) for paper in post.papers] == [5_000, 500, 500, 500]


def test_what_cannot_be_printed_is_an_error() -> None:
    """A paper whose id is none of arXiv's would be lost: whoever makes the post is told, and which."""
    with pytest.raises(PostError, match="nonsense cannot be printed"):
        settle(make_daily(replace(make_paper(), paper=replace(make_paper().paper, arxiv_id="nonsense"))))


@pytest.mark.parametrize(
    "url", ["https://example.org/post/1", "https://bsky.app/profile/a b/post/1", "javascript:alert(1)"]
)
def test_a_post_that_could_not_be_found_again_is_left_out(url: str) -> None:
    """Only posts of Twitter and Bluesky can be embedded."""
    post = settle(make_daily(make_paper(mentions=(replace(MENTION, url=url), MENTION))))
    assert post.papers[0].mentions == (MENTION,)


async def test_a_stored_live_day_is_the_post_it_came_from(store: Store) -> None:
    """Counts, scores, sections and notes survive the database, byte for byte; a change of a score alone is a change."""
    text = format(settle(make_daily(*(make_paper(number) for number in range(1, 4)), older=1, missing=["bluesky"])))
    (report,) = (await ingest_text(store, text.encode(), "post.md", NOON)).files
    assert (report.status, report.papers, report.errors) == ("new", 3, ())
    day = await store.days.get(DAY)
    assert day is not None
    stored = make_stored(Edition(day, tuple(await store.papers.of_day(DAY))))
    assert format(stored) == text
    again = text.replace("hot: 1.", "hot: 2.")
    (report,) = (await ingest_text(store, again.encode(), "post.md", NOON)).files
    assert report.status == "updated"
    assert [paper.score for paper in await store.papers.of_day(DAY)] == [paper.score for paper in parse(again).papers]

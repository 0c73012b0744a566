"""The promises of the post format: every field is read, damage costs only what it damaged, and back again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.post import DailyPost, format, parse
from bot.errors import PostError
from storage.models import Mention
from tests.posts import QUOTE, make_entry, make_post

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("2*.md"))


def refusals(post: DailyPost) -> list[str]:
    return [problem.cause for problem in post.problems if problem.refused]


def test_every_field_of_a_paper_is_read() -> None:
    """A paper's title, authors, id, counts, time, categories, abstract and mentions come from its lines."""
    (paper,) = parse(make_post(make_entry())).papers
    assert (paper.rank, paper.paper.title, paper.paper.arxiv_id) == (1, "A Title", "2104.04767")
    assert paper.paper.authors == ("Ada Lovelace", "Grace Hopper")
    assert (paper.count("retweets"), paper.count("favorites"), paper.score) == (10, 2, 12)
    assert paper.observed_at == datetime(2021, 4, 14, 11, 53, 41, tzinfo=UTC)
    assert (paper.paper.categories, paper.paper.abstract) == (("cs.CV",), "We study things.")
    assert paper.mentions == (
        Mention(
            "Reader (one)",
            "reader_1",
            "https://twitter.com/reader_1/status/1381786189611593731",
            date(2021, 4, 13),
            "en",
            "Worth reading & sharing\ntwice",
        ),
    )


def test_the_header_is_read() -> None:
    """Day, slug, title and time have their fields; other keys are kept out of the way."""
    post = parse(make_post(make_entry(), extra="mood: good"))
    assert (post.day, post.first_day, post.slug) == (date(2021, 4, 13),) * 2 + ("hot-papers-2021-04-13",)
    assert post.generated_at == datetime(2021, 4, 14, 11, 53, 41, tzinfo=UTC)
    assert (post.front_matter["mood"], post.front_matter["template"], post.draft) == ("good", "post", False)
    assert post.problems == ()


def test_a_post_over_several_days_belongs_to_the_last() -> None:
    """The day of a span is its last date, and its first is kept."""
    post = parse(make_post(day="2021-04-02 - 2021-04-04"))
    assert (post.first_day, post.day, post.papers) == (date(2021, 4, 2), date(2021, 4, 4), ())


@pytest.mark.parametrize(
    ("printed", "arxiv_id", "version"),
    [
        ("2104.04767v2", "2104.04767", 2),
        ("0704.0001", "0704.0001", None),
        ("math/0309136", "math/0309136", None),
        ("math.CA/0611800v2", "math.CA/0611800", 2),
    ],
)
def test_every_form_of_id_is_known(printed: str, arxiv_id: str, version: int | None) -> None:
    """New and old ids are read, the version apart, and links are built from the id alone."""
    (entry,) = parse(make_post(make_entry(arxiv_id=printed))).papers
    assert (entry.paper.arxiv_id, entry.paper.version) == (arxiv_id, version)
    assert entry.paper.abs_url == f"https://arxiv.org/abs/{arxiv_id}"


def test_a_missing_pdf_and_an_empty_abstract_are_kept_as_such() -> None:
    """Neither is an error: the paper has no PDF link and no abstract."""
    entry = make_entry(links="[abs](https://arxiv.org/abs/2104.04767)", abstract="")
    (paper,) = parse(make_post(entry)).papers
    assert (paper.paper.pdf_url, paper.paper.abstract, len(paper.mentions)) == (None, "", 1)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("# 1. A paper\n", "no front matter"),
        ("", "no front matter"),
        ("---\ntitle: x\n", "not closed"),
        ("---\ntitle: [x\n---\n", "bad YAML"),
        ("---\ndate: 2021-02-30\nslug: hot-papers-2021-04-13\n---\n", "bad YAML"),
        ("---\ntitle: 7\nslug: hot-papers-2021-04-13\n---\n", "`title` must be text"),
        ("---\ndraft: maybe\nslug: hot-papers-2021-04-13\n---\n", "`draft` must be true or false"),
        ("---\ntags: arXiv\nslug: hot-papers-2021-04-13\n---\n", "`tags` must be a list"),
        ("---\ndate: soon\nslug: hot-papers-2021-04-13\n---\n", "`date` must be a time"),
        ("---\n- a\n- b\n---\n", "list of `key: value`"),
        ("---\na: &a [x]\nb: [*a, *a]\nslug: hot-papers-2021-04-13\n---\n", "aliases"),
        ("---\na: " + "[" * 5000 + "]" * 5000 + "\n---\n", "nested too deeply"),
        ("---\ntitle: Hot Papers\n---\n", "no day"),
        ("---\nslug: hot-papers-2021-13-45\n---\n", "no day"),
        ("---\nslug: hot-papers-2021-04-04 - 2021-04-02\n---\n", "backwards"),
        (make_post(make_entry(title="a\0b")), "NUL"),
        (make_post("- retweets: 1\n" * 200_000), "more than 5,000 papers"),
        (make_post(make_entry(abstract="é" * 2_600_000)), "larger than"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(text: str, cause: str) -> None:
    """Each such file raises one error that says why."""
    with pytest.raises(PostError, match=cause.replace("`", ".")):
        parse(text)


def test_errors_name_the_line() -> None:
    """A refusal points at the line of the file, in the header and in the body."""
    with pytest.raises(PostError) as error:
        parse('---\ntitle: "x"\ndraft: 3\nslug: hot-papers-2021-04-13\n---\n')
    assert error.value.line == 3
    text = make_post(make_entry(), make_entry(2, arxiv_id="2104.00002", counts="retweets: many, favorites: 2"))
    (problem,) = parse(text).problems
    assert text.split("\n")[problem.line - 1].startswith("- retweets: many")


@pytest.mark.parametrize(
    ("damaged", "cause"),
    [
        (make_entry(2).replace("# 2. ", "# "), "without a number"),
        (make_entry(1, arxiv_id="2104.00002"), "rank 1 is there twice"),
        (make_entry(2, arxiv_id="2104.04767"), "paper 2104.04767 is there twice"),
        (make_entry(2, arxiv_id="2104.00002", counts="retweets: 1,000, favorites: 2"), "not numbers"),
        (make_entry(2, arxiv_id="2104.00002", counts="retweets: -3, favorites: 2"), "not numbers"),
        (make_entry(2, links="[abs](https://example.org/abs/2104.00002)"), "no valid arXiv link"),
        (make_entry(2, arxiv_id="2113.00002"), "no valid arXiv link"),
        (make_entry(2, arxiv_id="2104.00002", quotes=(QUOTE.replace("</blockquote>", ""),)), "not closed"),
        (make_entry(2, arxiv_id="2104.00002").replace("# 2. A Title\n\n", "A Title\n\n"), "without a number"),
    ],
)
def test_a_damaged_paper_costs_only_itself(damaged: str, cause: str) -> None:
    """One paper is refused with its cause; those before and after it are kept whole."""
    before, after = make_entry(), make_entry(3, "After", "2104.00003")
    post = parse(make_post(before, damaged, after))
    assert [paper.rank for paper in post.papers] == [1, 3]
    assert [paper.paper.abstract for paper in post.papers] == ["We study things."] * 2
    assert [len(paper.mentions) for paper in post.papers] == [1, 1]
    assert post.is_partial
    assert len(refusals(post)) == 1
    assert cause in refusals(post)[0]


def test_missing_keys_are_reported_by_name_and_cost_nothing() -> None:
    """A header that lacks keys is used, and says which."""
    post = parse("---\nslug: hot-papers-2021-04-13\n---\n\n" + make_entry())
    assert post.problems[0].cause.startswith("the front matter lacks title, date, template")
    assert (len(post.papers), post.is_partial) == (1, False)


def test_a_heading_inside_an_embedded_post_is_not_a_paper() -> None:
    """What strangers write in a quote cannot start a paper of its own."""
    quote = QUOTE.replace("twice", "\n# 9. Fake\n- retweets: 1\n")
    (paper,) = parse(make_post(make_entry(quotes=(quote,)))).papers
    assert "# 9. Fake" in paper.mentions[0].text


def test_links_are_built_from_the_id_not_taken_from_the_file() -> None:
    """A hostile link text or target never reaches the value."""
    links = "[abs](https://arxiv.org/abs/2104.04767) | [pdf](javascript:alert(1))"
    (paper,) = parse(make_post(make_entry(links=links))).papers
    assert (paper.paper.abs_url, paper.paper.pdf_url) == ("https://arxiv.org/abs/2104.04767", None)


def test_an_embed_that_links_elsewhere_is_left_out_and_reported() -> None:
    """Only a status of a real platform address makes a mention."""
    quote = QUOTE.replace("https://twitter.com/reader_1/status/1", "https://evil.example/status/1")
    post = parse(make_post(make_entry(quotes=(quote,))))
    assert (post.papers[0].mentions, post.is_partial) == ((), False)
    assert "without its link" in post.problems[0].cause


def test_line_ends_and_byte_order_marks_do_not_matter() -> None:
    """A file saved on another system reads the same."""
    text = make_post(make_entry())
    assert parse("\ufeff" + text.replace("\n", "\r\n")) == parse(text)


def test_a_damaged_copy_is_the_same_post() -> None:
    """A post whose charset was mistaken equals the good one, and its hash says so too."""
    good = make_post(make_entry(authors="Petar Veličković", abstract="“naïve”"))
    damaged = good.encode().decode("mac_roman")
    assert parse(damaged) == parse(good)
    assert parse(damaged).content_hash == parse(good).content_hash
    assert (parse(damaged).repaired, parse(good).repaired) == ("mac-roman", None)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_samples_round_trip(path: Path) -> None:
    """A post that is formatted and parsed again is the same post."""
    post = parse(path.read_bytes().decode())
    assert len(post.papers) >= 10
    assert post.problems == ()
    assert parse(format(post)) == post


TITLES = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80)


@settings(max_examples=200, deadline=None)
@given(TITLES.filter(lambda text: text.strip()), st.sampled_from(["", "mood: [1, 2]", "note: '---'"]))
def test_any_title_round_trips(title: str, extra: str) -> None:
    """Whatever a title holds, formatting and parsing give it back."""
    post = parse(make_post(make_entry(title=title), extra=extra))
    assert parse(format(post)) == post


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_escapes_as_another_error(data: st.DataObject) -> None:
    """Cut, spliced or sprinkled with anything, a file is read or refused with a PostError, never a crash."""
    text = make_post(make_entry(), make_entry(2, arxiv_id="2104.00002"), make_entry(3, arxiv_id="2104.00003"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        junk = data.draw(st.sampled_from(["", "\n", "---\n", "# ", "<blockquote", "</blockquote>", "\\x00", "[", "&"]))
        text = text[:at] + junk + text[data.draw(st.integers(at, min(len(text), at + 200))) :]
    try:
        post = parse(text)
    except PostError:
        return
    assert len({paper.paper.arxiv_id for paper in post.papers}) == len(post.papers)
